"""The ergodic distribution function f(E) and its cumulative F(E) as tables, and the quadrature that makes them."""

from typing import NamedTuple

import numpy as np
from numba import prange

from halokick.kernels.bits import evaluate
from halokick.kernels.compiled import kernel
from halokick.kernels.field import locate, polynomial, vc2_at


class Tracer(NamedTuple):
    """Density of the parents on the cells of a `Field`: ln rho, s = -dln rho/dln r, and q = s(s - 1 + m) - ds/dln r.

    m = dln M/dln r of all the gravitating mass. With D = drho/dpsi = rho s / v_c^2 follows -dD/dln r = rho q / v_c^2.
    """

    ln_rho: np.ndarray
    slope: np.ndarray
    curvature: np.ndarray


class DistributionTable(NamedTuple):
    """f and F against depth where E is large, against E where it is small; see `kernels.bits`.

    Parents with depth above `depth_cut` (zero-velocity radius outside the cut) do not exist: there f = 0, and
    `offset` = F at the cut is taken off F.
    """

    first_depth: int
    f_depth: np.ndarray
    cumulative_depth: np.ndarray
    first_binding: int
    f_binding: np.ndarray
    cumulative_binding: np.ndarray
    psi0: float
    depth_cut: float
    binding_cut: float
    offset: float


@kernel
def f_of(table, depth, binding):
    """f(E) of the parents; zero for unbound energies and beyond the cut."""
    if binding <= table.binding_cut:
        return 0.0
    if depth < binding:
        return evaluate(table.f_depth, table.first_depth, depth)
    return evaluate(table.f_binding, table.first_binding, binding)


@kernel
def cumulative_of(table, depth, binding):
    """F(E), the integral of f from the least bound parent to E."""
    if binding <= table.binding_cut:
        return 0.0
    if depth < binding:
        return evaluate(table.cumulative_depth, table.first_depth, depth) - table.offset
    return evaluate(table.cumulative_binding, table.first_binding, binding) - table.offset


@kernel
def _tracer_at(field, tracer, l):
    i, t = locate(field, l)
    beyond = l - (field.l0 + field.step * field.phi.shape[0])
    rho = np.exp(polynomial(tracer.ln_rho[i], t) - max(beyond, 0.0) * polynomial(tracer.slope[i], t))
    vc2 = polynomial(field.vc2[i], t) * np.exp(-max(beyond, 0.0))
    return rho / vc2, polynomial(tracer.slope[i], t), polynomial(tracer.curvature[i], t)


@kernel
def _potential_difference(field, l_e, phi_e, psi_e, l):
    """psi(r_e) - psi(r) for r > r_e, from whichever table keeps the digits; Kepler beyond the grid."""
    i, t = locate(field, l)
    if i < field.half:
        return polynomial(field.phi[i], t) - phi_e
    beyond = l - (field.l0 + field.step * field.phi.shape[0])
    return psi_e - polynomial(field.psi[i], t) * np.exp(-max(beyond, 0.0))


@kernel(parallel=True)
def eddington(field, tracer, l_e, step, t_max):
    """f and F at the energies of zero-velocity radii exp(l_e), without the factor 1/(sqrt(8) pi^2).

    r = r_e exp(t^2) turns both integrands into even analytic functions of t, for which the trapezoid converges
    exponentially. There is no boundary term: densities that fall no faster than 1/r are refused earlier.
    """
    n = l_e.shape[0]
    f = np.empty(n)
    cumulative = np.empty(n)
    nodes = int(t_max / step) + 1
    for j in prange(n):
        i, t0 = locate(field, l_e[j])
        phi_e = polynomial(field.phi[i], t0)
        psi_e = polynomial(field.psi[i], t0)
        base, slope, curvature = _tracer_at(field, tracer, l_e[j])
        inverse_root = 2.0 / np.sqrt(vc2_at(field, l_e[j]))
        sum_f = 0.5 * inverse_root * base * curvature
        sum_c = 0.5 * inverse_root * base * slope * vc2_at(field, l_e[j])
        for a in range(1, nodes):
            t = a * step
            l = l_e[j] + t * t
            base, slope, curvature = _tracer_at(field, tracer, l)
            if base == 0.0:
                break
            root = 2.0 * t / np.sqrt(_potential_difference(field, l_e[j], phi_e, psi_e, l))
            i, x = locate(field, l)
            beyond = l - (field.l0 + field.step * field.phi.shape[0])
            vc2 = polynomial(field.vc2[i], x) * np.exp(-max(beyond, 0.0))
            sum_f += root * base * curvature
            sum_c += root * base * slope * vc2
        f[j] = sum_f * step
        cumulative[j] = sum_c * step
    return f, cumulative
