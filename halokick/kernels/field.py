"""A spherical gravitational field as tables on a uniform grid of l = ln(r/kpc): what every orbit kernel reads.

Depths are counted from the centre, phi(r) = psi(0) - psi(r), and from infinity, psi(r); both are kept, because either
one alone loses all its digits in a difference at the other end. Every table row holds the six coefficients of a quintic
in the cell's own coordinate t in [0, 1).
"""

from typing import NamedTuple

import numpy as np

from halokick.kernels.compiled import kernel


class Field(NamedTuple):
    """Tables of one spherical field; see the module. Speeds squared in (km/s)^2, radii in kpc."""

    l0: float
    """ln of the innermost tabulated radius."""
    step: float
    """Cell width in ln r."""
    radius: np.ndarray
    """Radius of each cell's inner edge, shape (cells + 1,)."""
    phi: np.ndarray
    """psi(0) - psi(r), shape (cells, 6)."""
    psi: np.ndarray
    """psi(r), shape (cells, 6)."""
    vc2: np.ndarray
    """Circular speed squared, G M(<r) / r, shape (cells, 6)."""
    psi0: float
    """psi(0) = phi(infinity); finite (a cusp of slope 2 is counted from the innermost radius)."""
    half: int
    """First cell in which psi is the smaller of the two depths, and so the one that keeps its digits."""


@kernel
def locate(field, l):
    """Cell number and place t inside the cell; beyond the grid the end cells are used at their edge."""
    x = (l - field.l0) / field.step
    i = int(np.floor(x))
    if i < 0:
        return 0, 0.0
    if i >= field.phi.shape[0]:
        return field.phi.shape[0] - 1, 1.0
    return i, x - i


@kernel
def polynomial(row, t):
    """Quintic in t with coefficients `row`."""
    return row[0] + t * (row[1] + t * (row[2] + t * (row[3] + t * (row[4] + t * row[5]))))


@kernel
def radius_at(field, i, t):
    """r = exp(l) inside cell i, from the cell's edge and a Taylor series (steps are below 0.05: error under 1e-16)."""
    y = t * field.step
    e = 1.0 + y * (1.0 + y * (1 / 2 + y * (1 / 6 + y * (1 / 24 + y * (1 / 120 + y * (1 / 720 + y / 5040))))))
    return field.radius[i] * e


@kernel
def phi_at(field, l):
    """psi(0) - psi(r)."""
    i, t = locate(field, l)
    return polynomial(field.phi[i], t)


@kernel
def psi_at(field, l):
    """psi(r)."""
    i, t = locate(field, l)
    return polynomial(field.psi[i], t)


@kernel
def vc2_at(field, l):
    """G M(<r) / r."""
    i, t = locate(field, l)
    return polynomial(field.vc2[i], t)


@kernel
def kinetic(field, l, depth, binding):
    """v^2/2 at r of an orbit given by depth = psi(0) - E and binding = E; negative outside its zero-velocity radius."""
    i, t = locate(field, l)
    if i < field.half:
        return depth - polynomial(field.phi[i], t)
    return polynomial(field.psi[i], t) - binding


@kernel
def log_radius_of_energy(field, depth, binding):
    """ln of the zero-velocity radius: psi(r_e) = E. Bisection to the cell, then safeguarded Newton inside it.

    Energies beyond the tables give the ends of the grid.
    """
    n = field.phi.shape[0]
    inside = depth < binding
    lo, hi = 0, n
    while hi - lo > 1:
        mid = (lo + hi) // 2
        if inside:
            deeper = field.phi[mid, 0] <= depth
        else:
            deeper = field.psi[mid, 0] >= binding
        if deeper:
            lo = mid
        else:
            hi = mid
    t_lo, t_hi, t = 0.0, 1.0, 0.5
    for _ in range(60):
        if inside:
            residual = polynomial(field.phi[lo], t) - depth
        else:
            residual = binding - polynomial(field.psi[lo], t)
        if residual > 0.0:
            t_hi = t
        else:
            t_lo = t
        new = t - residual / (polynomial(field.vc2[lo], t) * field.step)
        if not (new >= t_lo and new <= t_hi):
            new = 0.5 * (t_lo + t_hi)
        if abs(new - t) < 1e-15:
            t = new
            break
        t = new
    return field.l0 + (lo + t) * field.step


@kernel
def log_circular_radius(field, depth, binding, l_e):
    """ln of the radius of the circular orbit of this energy: v^2 = G M / r. Bisection in ln r below the radius r_e."""
    hi = l_e
    lo = hi - 1.0
    while lo > field.l0 and 2.0 * kinetic(field, lo, depth, binding) < vc2_at(field, lo):
        hi = lo
        lo -= 1.0
    for _ in range(40):
        mid = 0.5 * (lo + hi)
        if 2.0 * kinetic(field, mid, depth, binding) < vc2_at(field, mid):
            hi = mid
        else:
            lo = mid
    return 0.5 * (lo + hi)


@kernel
def log_radii_of_energies(field, depth, binding):
    """`log_radius_of_energy` for arrays."""
    out = np.empty(depth.shape[0])
    for j in range(depth.shape[0]):
        out[j] = log_radius_of_energy(field, depth[j], binding[j])
    return out
