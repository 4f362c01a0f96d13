"""Parents drawn from f(E), exactly: radius from the cumulative mass, speed by rejection; and the daughters they bear.

All random numbers are functions of (key, particle): see `counter_random`. Streams: 0 radius and directions, 1 speed, 2
kick.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from halokick.kernels.compiled import kernel
from halokick.kernels.counter_random import units_of
from halokick.kernels.distribution import f_of
from halokick.kernels.field import locate, polynomial

BLOCK = 1024
"""Particles per task of the parallel loops."""
_TRIALS = 256
"""Pairs of trials of a speed. About two in five are accepted; the proposals are checked to keep it so."""
_GRID_POINTS = 240
_GRID_DECADES = 8.0
_ENVELOPE_POINTS = 64
NOT_ACCEPTED, ABOVE_ENVELOPE = 0, 1
"""Columns of the count of failures."""


class ParentTable(NamedTuple):
    """Where parents are drawn, in cells of l = ln r. A radius comes from one of two laws, mixed with known weights.

    The first is the parents' own mass, thinned out at large radii by 1 / (1 + r `thinning`); the second is uniform in
    l between `uniform_from` and `uniform_to`.
    """

    edges: np.ndarray
    """ln r at the cell edges, shape (cells + 1,)."""
    cumulative: np.ndarray
    """Share of the (thinned) mass inside each edge, shape (cells + 1,), from 0 to 1."""
    rise: np.ndarray
    """t (c0 + c1 t + ... + c5 t^5): share of the cell's mass inside its coordinate t, shape (cells, 6)."""
    thinning: float
    """Inverse radius of the thinning [1/kpc]; 0 for none."""
    mass_scale: float
    """(Thinned mass) / (mass) of the whole table."""
    uniform_share: float
    uniform_from: float
    uniform_to: float
    shape: np.ndarray
    """Of the proposed speeds in each cell, see `_proposed`."""
    envelope: np.ndarray
    """Upper bound of f x^2 dx/du in each cell."""


@kernel
def _proposed(shape, u):
    """x = v / v_max from a number u in (0, 1), and dx/du: density 1/(1 + x/a)^2, with a / (1 - a) about the `shape`.

    A tail of 1/x^2 is heavier than that of the speeds in any cusp or truncated halo, so the acceptance stays above a
    fifth where a uniform x would have almost none.
    """
    slack = 1.0 - (1.0 - shape) * u
    return shape * u / slack, shape / (slack * slack)


@kernel
def _depths(field, phi, psi, half2):
    """psi(0) - E and E of kinetic energy `half2` at a place, each with its digits."""
    if phi < psi:
        return phi + half2, field.psi0 - (phi + half2)
    return field.psi0 - (psi - half2), psi - half2


@kernel
def _place(field, l):
    i, t = locate(field, l)
    return polynomial(field.phi[i], t), polynomial(field.psi[i], t)


@kernel
def _weighted_f(field, table, phi, psi, v_max, x):
    """x^2 f at speed x v_max."""
    v = x * v_max
    depth, binding = _depths(field, phi, psi, 0.5 * v * v)
    return x * x * f_of(table, depth, binding)


@kernel
def _fastest(table, psi):
    """Speed of the least bound parent."""
    return np.sqrt(max(2.0 * (psi - table.binding_cut), 0.0))


@kernel
def _logarithmic(a):
    """Point number a of a grid of x = v / v_max from 1 down to where parents are at rest."""
    return 10.0 ** (-_GRID_DECADES * (a + 0.5) / _GRID_POINTS)


@kernel(parallel=True)
def speed_envelope(field, table, edges, margin):
    """`shape` and `envelope` of a `ParentTable`: the largest value found in each cell, times `margin`.

    The shape is where a logarithmic interval of speed holds most parents. The bound is looked for at three radii of
    each cell, on a grid uniform in u and on one uniform in ln x, which resolves cold cusps too.
    """
    n = edges.shape[0] - 1
    shape = np.empty(n)
    envelope = np.empty(n)
    for j in prange(n):
        phi, psi = _place(field, 0.5 * (edges[j] + edges[j + 1]))
        v_max = _fastest(table, psi)
        most = 0.0
        peak = 1.0
        for a in range(_GRID_POINTS):
            x = _logarithmic(a)
            value = x * _weighted_f(field, table, phi, psi, v_max, x)
            if value > most:
                most = value
                peak = x
        highest = 0.0
        for side in range(3):
            # the very edge may be the radius at which all speeds vanish
            l = edges[j] + (edges[j + 1] - edges[j]) * min(0.5 * side, 0.999)
            phi, psi = _place(field, l)
            v_max = _fastest(table, psi)
            for a in range(_ENVELOPE_POINTS + 1):
                u = min((a + 0.5) / _ENVELOPE_POINTS, 1.0 - 1e-9)
                x, slope = _proposed(peak, u)
                highest = max(highest, slope * _weighted_f(field, table, phi, psi, v_max, x))
            for a in range(_GRID_POINTS):
                x = _logarithmic(a)
                slope = (peak + (1.0 - peak) * x) ** 2 / peak
                highest = max(highest, slope * _weighted_f(field, table, phi, psi, v_max, x))
        shape[j] = peak
        envelope[j] = margin * highest
    return shape, envelope


@kernel
def _cell_of(values, x):
    """Index of the cell of increasing `values` that holds x, the first or last one where x lies outside."""
    lo, hi = 0, values.shape[0] - 1
    while hi - lo > 1:
        middle = (lo + hi) // 2
        if values[middle] <= x:
            lo = middle
        else:
            hi = middle
    return lo


@kernel
def _rise(row, t):
    """Share of the cell's mass inside t, and its derivative."""
    share = t * (row[0] + t * (row[1] + t * (row[2] + t * (row[3] + t * (row[4] + t * row[5])))))
    slope = row[0] + t * (
        2.0 * row[1] + t * (3.0 * row[2] + t * (4.0 * row[3] + t * (5.0 * row[4] + t * 6.0 * row[5])))
    )
    return share, slope


@kernel
def log_radius_of_share(parents, share):
    """Cell and ln r inside which lies a share of the (thinned) mass. Safeguarded Newton in the cell."""
    j = _cell_of(parents.cumulative, share)
    target = (share - parents.cumulative[j]) / (parents.cumulative[j + 1] - parents.cumulative[j])
    lo, hi = 0.0, 1.0
    t = target
    for _ in range(60):
        value, slope = _rise(parents.rise[j], t)
        if value > target:
            hi = t
        else:
            lo = t
        new = t - (value - target) / slope
        if not (new >= lo and new <= hi):
            new = 0.5 * (lo + hi)
        if abs(new - t) < 1e-15:
            t = new
            break
        t = new
    return j, parents.edges[j] + t * (parents.edges[j + 1] - parents.edges[j])


@kernel
def log_radii_of_shares(parents, share):
    """`log_radius_of_share` for arrays."""
    out = np.empty(share.shape[0])
    for i in range(share.shape[0]):
        out[i] = log_radius_of_share(parents, share[i])[1]
    return out


@kernel
def _draw_radius(parents, choice, u):
    """Cell, ln r, and weight: probability by mass over the probability with which this radius was drawn."""
    if parents.uniform_share == 0.0 and parents.thinning == 0.0:
        j, l = log_radius_of_share(parents, u)
        return j, l, 1.0
    if choice < parents.uniform_share:
        l = parents.uniform_from + u * (parents.uniform_to - parents.uniform_from)
        j = _cell_of(parents.edges, l)
    else:
        j, l = log_radius_of_share(parents, u)
    width = parents.edges[j + 1] - parents.edges[j]
    thinned = _rise(parents.rise[j], (l - parents.edges[j]) / width)[1] / width
    thinned *= parents.cumulative[j + 1] - parents.cumulative[j]
    drawn = (1.0 - parents.uniform_share) * thinned
    if l >= parents.uniform_from and l <= parents.uniform_to:
        drawn += parents.uniform_share / (parents.uniform_to - parents.uniform_from)
    by_mass = thinned * (1.0 + np.exp(l) * parents.thinning) * parents.mass_scale
    return j, l, by_mass / drawn


@kernel
def _draw_speed(field, table, parents, j, phi, psi, key, particle):
    """Speed from v^2 f(psi - v^2/2), and how often it failed: see `NOT_ACCEPTED`, `ABOVE_ENVELOPE`."""
    v_max = _fastest(table, psi)
    if v_max == 0.0:
        return 0.0, 0, 0
    above = 0
    for trial in range(_TRIALS):
        u1, h1, u2, h2 = units_of(key, particle, trial, 1)
        for _ in range(2):
            x, slope = _proposed(parents.shape[j], u1)
            value = slope * _weighted_f(field, table, phi, psi, v_max, x)
            if value > parents.envelope[j]:
                above = 1
            if h1 * parents.envelope[j] < value:
                return x * v_max, 0, above
            u1, h1 = u2, h2
    return 0.0, 1, above


@kernel
def _direction(out, i, length, u1, u2):
    """Write a vector of this length and a random direction."""
    cosine = 2.0 * u1 - 1.0
    sine = 2.0 * np.sqrt(u1 * (1.0 - u1))
    angle = 2.0 * np.pi * u2
    out[i, 0] = length * sine * np.cos(angle)
    out[i, 1] = length * sine * np.sin(angle)
    out[i, 2] = length * cosine


@kernel(parallel=True)
def draw_parents(field, table, parents, key, n):
    """Positions and velocities of particles 0 to n - 1 of a key, each (n, 3), and the failures, shape (blocks, 2)."""
    position = np.empty((n, 3))
    velocity = np.empty((n, 3))
    blocks = (n + BLOCK - 1) // BLOCK
    failures = np.zeros((blocks, 2), dtype=np.int64)
    for block in prange(blocks):
        for i in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            u, a, b, choice = units_of(key, i, 0, 0)
            c, d, _, _ = units_of(key, i, 1, 0)
            j, l, _ = _draw_radius(parents, choice, u)
            phi, psi = _place(field, l)
            v, rejected, above = _draw_speed(field, table, parents, j, phi, psi, key, i)
            failures[block, NOT_ACCEPTED] += rejected
            failures[block, ABOVE_ENVELOPE] += above
            _direction(position, i, np.exp(l), a, b)
            _direction(velocity, i, v, c, d)
    return position, velocity, failures


class Births(NamedTuple):
    """Daughters at birth, one entry each; depth = psi(0) - E and binding = E, which is negative if unbound."""

    log_r: np.ndarray
    depth: np.ndarray
    binding: np.ndarray
    momentum2: np.ndarray
    """L^2 [kpc^2 km^2/s^2]."""
    cosine: np.ndarray
    """v_r / v."""
    weight: np.ndarray
    """Expectation 1; see `ParentTable`."""


@kernel(parallel=True)
def draw_births(field, table, parents, key, first, kick):
    """Daughters of the parents `first`, `first` + 1, ... of a key, with these kick speeds; and failures (blocks, 2).

    The kick's direction is random, and so is the sum's: v_new^2 = v^2 + k^2 + 2 v k mu with mu and v_r/v_new uniform.
    """
    n = kick.shape[0]
    log_r, depth, binding = np.empty(n), np.empty(n), np.empty(n)
    momentum2, cosine, weight = np.empty(n), np.empty(n), np.empty(n)
    blocks = (n + BLOCK - 1) // BLOCK
    failures = np.zeros((blocks, 2), dtype=np.int64)
    for block in prange(blocks):
        for i in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            u, _, _, choice = units_of(key, first + i, 0, 0)
            kick_u, radial_u, _, _ = units_of(key, first + i, 0, 2)
            j, log_r[i], weight[i] = _draw_radius(parents, choice, u)
            phi, psi = _place(field, log_r[i])
            v, rejected, above = _draw_speed(field, table, parents, j, phi, psi, key, first + i)
            failures[block, NOT_ACCEPTED] += rejected
            failures[block, ABOVE_ENVELOPE] += above
            k = kick[i]
            speed2 = (v - k) ** 2 + 4.0 * v * k * kick_u
            depth[i], binding[i] = _depths(field, phi, psi, 0.5 * speed2)
            cosine[i] = 2.0 * radial_u - 1.0
            momentum2[i] = np.exp(2.0 * log_r[i]) * speed2 * 4.0 * radial_u * (1.0 - radial_u)
    return Births(log_r, depth, binding, momentum2, cosine, weight), failures


@kernel(parallel=True)
def draw_kicked(field, table, parents, key, first, kick):
    """Parents `first`, `first` + 1, ... of a key, and what the kicks make of them; and failures, shape (blocks, 2).

    Returns places, velocities before and after the kick, each (n, 3), and weights of expectation 1. Radius, speed and
    weight of a parent are those of `draw_births`; the direction of its kick is not, for which the sum of the two
    velocities was all that counted.
    """
    n = kick.shape[0]
    position, velocity, kicked = np.empty((n, 3)), np.empty((n, 3)), np.empty((n, 3))
    weight = np.empty(n)
    blocks = (n + BLOCK - 1) // BLOCK
    failures = np.zeros((blocks, 2), dtype=np.int64)
    for block in prange(blocks):
        for i in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            u, a, b, choice = units_of(key, first + i, 0, 0)
            c, d, _, _ = units_of(key, first + i, 1, 0)
            e, g, _, _ = units_of(key, first + i, 0, 2)
            j, l, weight[i] = _draw_radius(parents, choice, u)
            phi, psi = _place(field, l)
            v, rejected, above = _draw_speed(field, table, parents, j, phi, psi, key, first + i)
            failures[block, NOT_ACCEPTED] += rejected
            failures[block, ABOVE_ENVELOPE] += above
            _direction(position, i, np.exp(l), a, b)
            _direction(velocity, i, v, c, d)
            _direction(kicked, i, kick[i], e, g)
            for axis in range(3):
                kicked[i, axis] += velocity[i, axis]
    return position, velocity, kicked, weight, failures
