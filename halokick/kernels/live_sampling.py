"""Speeds of parents by inverting their cumulative distribution: smooth in the given numbers, so that these may be even.

Rejection would scramble a sequence of evenly spread numbers into a random one.
"""

import numpy as np
from numba import prange

from halokick.kernels.compiled import kernel
from halokick.kernels.distribution import f_of
from halokick.kernels.field import locate, polynomial

_PANELS = 24
_X = 0.5 + 0.5 * np.polynomial.legendre.leggauss(4)[0]
_W = 0.5 * np.polynomial.legendre.leggauss(4)[1]
_RISE = np.ascontiguousarray(np.linalg.inv(np.vander(_X, 4, increasing=True)) / np.arange(1, 5)[:, None])
"""From the values at a panel's nodes to the coefficients of t, t^2, t^3, t^4 of their integral."""
_PEAK_POINTS, _PEAK_STEP = 30, 10.0 ** (-6.0 / 30)
"""Speeds from the fastest down to a millionth of it, among which the most frequent one is looked for."""
_BLOCK = 1024
_BISECTIONS = 40


@kernel
def _law(field, table, phi, psi, fastest, x):
    """x^2 f at speed x `fastest`, and at the place with these depths."""
    half2 = 0.5 * (x * fastest) ** 2
    if phi < psi:
        return x * x * f_of(table, phi + half2, field.psi0 - (phi + half2))
    return x * x * f_of(table, field.psi0 - (psi - half2), psi - half2)


@kernel
def _rise(heights, j):
    """Coefficient of t^(j + 1) in the integral of the cubic through the four nodes of a panel."""
    return _RISE[j, 0] * heights[0] + _RISE[j, 1] * heights[1] + _RISE[j, 2] * heights[2] + _RISE[j, 3] * heights[3]


@kernel
def _speed(field, table, log_r, share, heights, inside):
    """The speed that a share of the parents at this radius does not reach; `heights` and `inside` are work space."""
    i, t = locate(field, log_r)
    phi, psi = polynomial(field.phi[i], t), polynomial(field.psi[i], t)
    fastest = np.sqrt(max(2.0 * (psi - table.binding_cut), 0.0))
    most, peak = 0.0, 1.0
    x = _PEAK_STEP**0.5
    for _ in range(_PEAK_POINTS):
        value = x * _law(field, table, phi, psi, fastest, x)
        if value > most:
            most = value
            peak = x
        x *= _PEAK_STEP
    # x = peak u / (1 - (1 - peak) u) spreads cold and warm speeds alike evenly over u
    inside[0] = 0.0
    for panel in range(_PANELS):
        total = 0.0
        for node in range(4):
            u = (panel + _X[node]) / _PANELS
            slack = 1.0 - (1.0 - peak) * u
            height = _law(field, table, phi, psi, fastest, peak * u / slack) * peak / (slack * slack)
            heights[panel, node] = height
            total += _W[node] * height
        inside[panel + 1] = inside[panel] + total
    target = share * inside[_PANELS]
    low, high = 0, _PANELS
    while high - low > 1:
        middle = (low + high) // 2
        if inside[middle] <= target:
            low = middle
        else:
            high = middle
    target -= inside[low]
    a, b, c, d = _rise(heights[low], 0), _rise(heights[low], 1), _rise(heights[low], 2), _rise(heights[low], 3)
    t_low, t_high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        t = 0.5 * (t_low + t_high)
        if t * (a + t * (b + t * (c + t * d))) > target:
            t_high = t
        else:
            t_low = t
    u = (low + 0.5 * (t_low + t_high)) / _PANELS
    return fastest * peak * u / (1.0 - (1.0 - peak) * u)


@kernel(parallel=True)
def speeds_of_shares(field, table, log_r, share):
    """Speeds at radii exp(`log_r`) below which lies a share of the parents there [km/s]."""
    n = log_r.shape[0]
    out = np.empty(n)
    for block in prange((n + _BLOCK - 1) // _BLOCK):
        heights, inside = np.empty((_PANELS, 4)), np.empty(_PANELS + 1)
        for i in range(block * _BLOCK, min(n, (block + 1) * _BLOCK)):
            out[i] = _speed(field, table, log_r[i], share[i], heights, inside)
    return out
