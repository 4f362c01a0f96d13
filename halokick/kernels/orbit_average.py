"""Turning points of an orbit in a spherical field, and the time average of the kicked distribution along it."""

import numpy as np

from halokick.kernels.compiled import kernel
from halokick.kernels.field import kinetic, locate, polynomial, radius_at, vc2_at
from halokick.kernels.kick import kicked

_CIRCULAR = 1e-4
"""Orbits narrower than this in ln r count as circular; <h> then errs by its square."""


@kernel
def log_pericentre(field, depth, binding, momentum2, lo, hi):
    """ln r_p, the inner root of 2(psi - E) r^2 = L^2, between `lo` (no orbit there) and `hi` (on the orbit).

    ln(2(psi - E) r^2 / L^2) is concave and rises with slope 2 at small r: Newton from the left converges without
    overshoot. L <= sqrt(2 depth) r_p gives the starting point.
    """
    l = 0.5 * np.log(momentum2 / (2.0 * depth))
    lo = max(lo, l)
    l = lo
    for _ in range(80):
        energy = kinetic(field, l, depth, binding)
        if energy <= 0.0:
            hi = l
            l = 0.5 * (lo + hi)
            continue
        residual = 2.0 * l + np.log(2.0 * energy / momentum2)
        if residual > 0.0:
            hi = l
        else:
            lo = l
        new = l - residual / (2.0 - vc2_at(field, l) / energy)
        if not (new > lo and new < hi):
            new = 0.5 * (lo + hi)
        if abs(new - l) < 1e-14 * (1.0 + abs(l)) or hi - lo < 1e-15 * (1.0 + abs(l)):
            return new
        l = new
    return l


@kernel
def log_apocentre(field, depth, binding, momentum2, lo, hi):
    """ln r_a, the outer root, between `lo` (on the orbit) and `hi` = ln r_e. Newton on v_r^2 from the right."""
    l = hi
    for _ in range(80):
        centrifugal = momentum2 * np.exp(-2.0 * l)
        residual = 2.0 * kinetic(field, l, depth, binding) - centrifugal
        if residual > 0.0:
            lo = l
        else:
            hi = l
        new = l + residual / (2.0 * (vc2_at(field, l) - centrifugal))
        if not (new > lo and new < hi):
            new = 0.5 * (lo + hi)
        if abs(new - l) < 1e-14 * (1.0 + abs(l)) or hi - lo < 1e-15 * (1.0 + abs(l)):
            return new
        l = new
    return l


@kernel
def kicked_average(field, table, k, depth, binding, momentum2, l_p, l_a, nodes):
    r"""g(E, L) = <h>, the time average of h(r, v) over one radial period of a bound orbit.

    ln r = (l_p + l_a)/2 + (l_a - l_p)/2 sin(theta): the midpoint rule in theta removes both inverse square roots.
    """
    if l_a - l_p < _CIRCULAR:
        i, t = locate(field, 0.5 * (l_p + l_a))
        v = np.sqrt(2.0 * max(kinetic(field, 0.5 * (l_p + l_a), depth, binding), 0.0))
        return kicked(table, polynomial(field.phi[i], t), polynomial(field.psi[i], t), v, k)
    n = nodes * int(np.ceil((l_a - l_p) / 8.0))
    middle = 0.5 * (l_p + l_a)
    half = 0.5 * (l_a - l_p)
    turn = np.pi / n
    s, c = np.sin(-0.5 * np.pi + 0.5 * turn), np.cos(-0.5 * np.pi + 0.5 * turn)
    ds, dc = np.sin(turn), np.cos(turn)
    total = 0.0
    time = 0.0
    for _ in range(n):
        i, t = locate(field, middle + half * s)
        phi = polynomial(field.phi[i], t)
        psi = polynomial(field.psi[i], t)
        if i < field.half:
            energy = depth - phi
        else:
            energy = psi - binding
        r = radius_at(field, i, t)
        radial2 = 2.0 * energy - momentum2 / (r * r)
        if radial2 > 0.0:
            weight = r * c / np.sqrt(radial2)
            time += weight
            total += weight * kicked(table, phi, psi, np.sqrt(2.0 * energy), k)
        s, c = s * dc + c * ds, c * dc - s * ds
    return total / time
