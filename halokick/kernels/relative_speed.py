r"""Relative speeds of pairs at one radius.

The density of unkicked particles on the sphere |v1 - v2| = v around a partner's velocity is the kick kernel with v in
the place of the kick. So the distribution of relative speeds of a pair with one isotropic member is

    rho_1 rho_2 P(v; r) = 4 pi v^2 sum_j W_j h(r, v_j; v)

over the partner's nodes (`relative_nodes`), whatever the partner's anisotropy: own derivation. For two anisotropic
members the angle between the velocities is expanded in Legendre polynomials; l = 0 and l = 2 are here.
"""

import numpy as np
from numba import prange

from halokick.kernels.compiled import kernel
from halokick.kernels.distribution import cumulative_of, f_of
from halokick.kernels.field import locate, polynomial
from halokick.kernels.kick import kicked


@kernel(parallel=True)
def linear_pairs(field, table, log_r, speed, weight, v):
    """rho_1 rho_2 P(v; r) at the relative speeds v[radius, :], for partners with nodes speed[radius, :]."""
    n, m = v.shape
    out = np.empty((n, m))
    for flat in prange(n * m):
        a = flat // m
        b = flat % m
        i, t = locate(field, log_r[a])
        phi = polynomial(field.phi[i], t)
        psi = polynomial(field.psi[i], t)
        total = 0.0
        for j in range(speed.shape[1]):
            if weight[a, j] > 0.0:
                total += weight[a, j] * kicked(table, phi, psi, speed[a, j], v[a, b])
        out[a, b] = 4.0 * np.pi * v[a, b] ** 2 * total
    return out


@kernel
def _energy(table, phi, psi, half2):
    """Depth and binding energy of v^2/2 = half2, each from the side that keeps its digits."""
    if phi < psi:
        depth = phi + half2
        return depth, table.psi0 - depth
    binding = psi - half2
    return table.psi0 - binding, binding


@kernel
def _slower(table, phi, psi, v, start, stop, x, wx):
    """Integral of u f(u) [F(max(v - u, u)) - F(v + u)] du over start < u < stop."""
    core = np.sqrt(2.0 * phi)
    low = np.arcsinh(start / core)
    length = np.arcsinh(stop / core) - low
    panels = int(np.ceil(length)) + 1
    total = 0.0
    for p in range(panels):
        for j in range(x.shape[0]):
            y = low + length * (p + x[j]) / panels
            u = core * np.sinh(y)
            depth, binding = _energy(table, phi, psi, 0.5 * u * u)
            partner = max(v - u, u)
            deep, deep_binding = _energy(table, phi, psi, 0.5 * partner * partner)
            far, far_binding = _energy(table, phi, psi, 0.5 * (u + v) ** 2)
            rise = cumulative_of(table, deep, deep_binding) - cumulative_of(table, far, far_binding)
            total += wx[j] * core * np.cosh(y) * u * f_of(table, depth, binding) * rise
    return total * length / panels


@kernel(parallel=True)
def unkicked_pairs(field, table, log_r, v, x, wx):
    """rho^2 P(v; r) of two unkicked particles at v[radius, :], as twice the pairs of a slower and a faster one.

    Both speeds then have an integrand that is smooth in ln u however cold the cusp is, with one break at v/2.
    """
    n, m = v.shape
    out = np.zeros((n, m))
    for flat in prange(n * m):
        a = flat // m
        w = v[a, flat % m]
        i, t = locate(field, log_r[a])
        phi = polynomial(field.phi[i], t)
        psi = polynomial(field.psi[i], t)
        top = np.sqrt(2.0 * max(psi - table.binding_cut, 0.0))
        if w >= 2.0 * top:
            continue
        total = _slower(table, phi, psi, w, max(w - top, 0.0), 0.5 * w, x, wx)
        total += _slower(table, phi, psi, w, 0.5 * w, top, x, wx)
        out[a, flat % m] = (4.0 * np.pi) ** 2 * w * total
    return out


@kernel
def _inverse_density(field, table, l, speed, x, wx):
    """Integral of f1 / |v1 - v2| over v1, at |v2| = `speed`: (4 pi/v2) times the integral of F from 0 to v2.

    By parts from Newton's shells in velocity space, since f v dv = -dF. v = c sinh(u) with c^2 = 2 phi is smooth
    however deep in a cusp r is.
    """
    i, t = locate(field, l)
    phi = polynomial(field.phi[i], t)
    psi = polynomial(field.psi[i], t)
    core = np.sqrt(2.0 * phi)
    top = np.arcsinh(speed / core)
    panels = int(np.ceil(top)) + 1
    total = 0.0
    for p in range(panels):
        for a in range(x.shape[0]):
            u = top * (p + x[a]) / panels
            depth, binding = _energy(table, phi, psi, phi * np.sinh(u) ** 2)
            if binding > table.binding_cut:
                total += top / panels * wx[a] * core * np.cosh(u) * cumulative_of(table, depth, binding)
    return 4.0 * np.pi * total / speed


@kernel(parallel=True)
def inverse_speeds(field, table, log_r, speed, weight, x, wx):
    """rho_1 rho_2 <1/v> of unkicked particles with partners of nodes (speed, weight), at every radius."""
    n = log_r.shape[0]
    out = np.zeros(n)
    for a in prange(n):
        for j in range(speed.shape[1]):
            if weight[a, j] > 0.0:
                out[a] += weight[a, j] * _inverse_density(field, table, log_r[a], speed[a, j], x, wx)
    return out


@kernel
def _cell(knots, u):
    """Index of the interval of ascending `knots` that holds u."""
    lo = 0
    hi = knots.shape[0] - 1
    while hi - lo > 1:
        mid = (lo + hi) // 2
        if knots[mid] <= u:
            lo = mid
        else:
            hi = mid
    return lo


@kernel
def cubic_at(knots, rows, u):
    """Piecewise cubic with rows of coefficients in u - knot, highest power first; its end values beyond the knots."""
    u = min(max(u, knots[0]), knots[knots.shape[0] - 1])
    i = _cell(knots, u)
    t = u - knots[i]
    return ((rows[i, 0] * t + rows[i, 1]) * t + rows[i, 2]) * t + rows[i, 3]


@kernel(parallel=True)
def kicked_pairs(speed, weight, quadrupole, knots, potential, shape, v, x, wx):
    r"""rho_1 rho_2 P(v; r) of a kicked population (the second) with any other, at the relative speeds v[radius, :].

    The first is given by nodes with weight W and W <P_2(cos alpha)> (`quadrupole`), the second by piecewise cubics in
    its speed u: `potential`, the integral of n(u)/u from 0, and `shape`, b_2(u)/u^2 with b_2 = n <P_2>. Then

        l = 0:  (v/2) sum_j (W_j/v_j) [potential(v_j + v) - potential(|v_j - v|)],
        l = 2:  (5/2) v^2 sum_j a_2j int dx shape(u) P_2(mu),  u^2 = v_j^2 + v^2 + 2 v_j v x,  mu = (v_j + v x)/u.
    """
    n, m = v.shape
    out = np.empty((n, m))
    for flat in prange(n * m):
        a = flat // m
        b = flat % m
        w = v[a, b]
        top = knots[a, knots.shape[1] - 1]
        even = 0.0
        second = 0.0
        for j in range(speed.shape[1]):
            s = speed[a, j]
            if not weight[a, j] > 0.0 or np.abs(s - w) >= top:
                continue
            rise = cubic_at(knots[a], potential[a], s + w) - cubic_at(knots[a], potential[a], np.abs(s - w))
            even += weight[a, j] / s * rise
            if quadrupole[a, j] == 0.0:
                continue
            # x from -1 up to where u reaches its largest value, at which the population may end abruptly
            reach = min(1.0, (top * top - (s - w) ** 2) / (4.0 * s * w))
            part = 0.0
            for i in range(x.shape[0]):
                share = reach * x[i]
                u = np.sqrt((s - w) ** 2 + 4.0 * s * w * share)
                if u > 0.0:
                    mu = (s - w + 2.0 * w * share) / u
                    part += 2.0 * reach * wx[i] * (1.5 * mu * mu - 0.5) * cubic_at(knots[a], shape[a], u)
            second += quadrupole[a, j] * part
        out[a, b] = 0.5 * w * even + 2.5 * w * w * second
    return out
