"""Many orbits of a live halo: put in place, kicked off their parents' orbits, carried to a new field, added up to mass.

Mass inside each edge of ln r is a sum of ramps. Between two points of an orbit its mass is spread evenly over ln r, so
that the enclosed mass is continuous and piecewise linear in everything; a ramp begins anywhere and is kept by its slope
and its place in a cell, two numbers to add, however many edges it covers. Orbits are cut in 64 chunks, each with sums
of its own, added in the order of the chunks: the same bytes on any number of threads.
"""

from typing import NamedTuple

import numpy as np

from halokick.kernels.compiled import kernel
from halokick.kernels.lanes import LANES
from halokick.kernels.live_orbits import (
    ACTION,
    BOUND,
    ENERGY,
    ESCAPED,
    FRESH,
    HALF,
    KEPT,
    LOST,
    MOMENTUM2,
    NODES,
    PASSING,
    ROOT,
    SIZE,
    STATE,
    TURN,
    WORK,
    potential_at,
    settle,
    shift_energies,
)

CHUNKS = 64
_KNOT = WORK
"""Place of the last knot, in cells; then of the next one; then the slope of the ramp between them."""
_NEXT = _KNOT + LANES
_SLOPE = _NEXT + LANES
_DEPOSIT_WIDTH = 0.4
"""Smallest half width of what is deposited, in cells: narrower orbits are spread so far."""
_APART = 1e-3
"""Least distance of knots, in cells."""
_KNOTS = -np.cos(np.pi * np.arange(NODES + 1) / NODES)


class Births(NamedTuple):
    """When, where and how daughters are born, one row for each, in the order of birth."""

    parent: np.ndarray
    """Number of the parent's orbit."""
    phase: np.ndarray
    """Share of the half period from pericentre to apocentre that has passed."""
    kick: np.ndarray
    """Speed [km/s]; cosine about the radius and azimuth about the tangential velocity follow."""
    cosine: np.ndarray
    azimuth: np.ndarray
    way: np.ndarray
    """1 or -1: whether the parent moves outward or inward."""
    energy: np.ndarray
    """Written: the kinetic energy that each one gains, and in a second row its v^2/2 + Phi - Phi(infinity) [km2/s2]."""


@kernel
def place(orbits, field, radius, radial, tangential):
    """Put fresh orbits through given radii with given velocities in rows of `orbits`."""
    for i in range(radius.shape[0]):
        _place(orbits[i // LANES], i % LANES, field, np.log(radius[i]), radial[i], tangential[i], radius[i])


@kernel(lent=True)
def _place(row, lane, field, l, radial, tangential, r):
    square = radial * radial + tangential * tangential
    energy = 0.5 * square + potential_at(field, l)
    row[ENERGY + lane] = energy
    row[MOMENTUM2 + lane] = (r * tangential) ** 2
    # farther in the speed is higher: the pericentre lies within v_t / v of the radius
    row[ROOT + lane] = l + 0.5 * np.log(max(tangential * tangential / square, 1e-12))
    row[ROOT + LANES + lane] = l
    row[STATE + lane] = FRESH if energy < field.ceiling else ESCAPED
    return energy


@kernel
def bear(orbits, parents, field, infinity, births, first, end):
    """Daughters `first` to `end` from the present orbits of their parents; `infinity` is Phi(infinity) - Phi(0)."""
    for i in range(first, end):
        _bear(orbits[i // LANES], i % LANES, parents, field, infinity, births, i)


@kernel(lent=True)
def _bear(row, lane, parents, field, infinity, births, i):
    mother = births.parent[i]
    births.energy[0, i] = 0.0
    births.energy[1, i] = 0.0
    if parents[mother // LANES, STATE + mother % LANES] != BOUND:
        row[STATE + lane] = LOST
        row[MOMENTUM2 + lane] = np.inf
        return
    l, radial, tangential, before = kicked(parents, mother, field, births, i)
    energy = _place(row, lane, field, l, radial, tangential, np.exp(l))
    births.energy[0, i] = 0.5 * (radial * radial + tangential * tangential - before)
    births.energy[1, i] = energy - infinity


@kernel(lent=True)
def kicked(parents, mother, field, births, i):
    """Birth `i`, off a bound orbit: ln r, radial and tangential velocity after the kick, and v^2 before it."""
    orbit, at = parents[mother // LANES], mother % LANES
    target = births.phase[i] * orbit[HALF + at] / TURN
    j = 0
    while j < NODES - 1 and target > orbit[PASSING + j * LANES + at]:
        target -= orbit[PASSING + j * LANES + at]
        j += 1
    theta = TURN * (j + min(target / orbit[PASSING + j * LANES + at], 1.0))
    low, high = orbit[ROOT + at], orbit[ROOT + LANES + at]
    l = 0.5 * (low + high) - 0.5 * (high - low) * np.cos(theta)
    tangential = np.sqrt(orbit[MOMENTUM2 + at]) * np.exp(-l)
    before = 2.0 * (orbit[ENERGY + at] - potential_at(field, l))
    radial = births.way[i] * np.sqrt(max(before - tangential * tangential, 0.0))
    before = radial * radial + tangential * tangential
    kick = births.kick[i]
    across = kick * np.sqrt(max(1.0 - births.cosine[i] ** 2, 0.0))
    radial += kick * births.cosine[i]
    along = tangential + across * np.cos(births.azimuth[i])
    return l, radial, np.hypot(along, across * np.sin(births.azimuth[i])), before


@kernel(nogil=True)
def relax(orbits, weight, live, field, change, low, sums, first, end):
    """Carry those of the first `live` orbits that are in chunks `first` to `end` to the field; add up mass and number.

    `change` is the table of the change of Phi since the orbits were found. Sums of ramps that begin in each cell of
    ln r from `low` on: mass times slope, number times slope, and both times place. Shape of `sums`, which begin at
    zero: (chunks, cells, 4).
    """
    blocks = (live + LANES - 1) // LANES
    for chunk in range(first, end):
        S, I = np.zeros(SIZE), np.zeros(2 * LANES, dtype=np.int64)
        for block in range(chunk * blocks // CHUNKS, (chunk + 1) * blocks // CHUNKS):
            _carry(orbits[block], field, change, S, I)
            count = min(LANES, live - block * LANES)
            _deposit(S, I, weight[block * LANES : block * LANES + LANES], count, field.step, low, sums[chunk])


@kernel(lent=True)
def _carry(kept, field, change, S, I):
    for k in range(KEPT):
        S[k] = kept[k]
    if change.shape[0] > 0:
        shift_energies(field, change, S, I)
    settle(field, S, I)
    for k in range(KEPT):
        kept[k] = S[k]


@kernel(contract=True, lent=True)
def _share(S, j, l):
    """Time between two knots, to the fourth order: the midpoint rule and its first correction, over TURN."""
    here = S[PASSING + j * LANES + l]
    before = S[PASSING + (j - 1 if j > 0 else 0) * LANES + l]
    after = S[PASSING + (j + 1 if j < NODES - 1 else NODES - 1) * LANES + l]
    return here + (before - 2.0 * here + after) / 24.0


@kernel(contract=True, lent=True)
def _knot(S, k, step, low, row):
    """Places of knot `k` of all orbits, in cells, none before the first cell."""
    knot = _KNOTS[k]
    least = k * _APART
    for l in range(LANES):
        middle = 0.5 * (S[ROOT + LANES + l] + S[ROOT + l])
        width = 0.5 * (S[ROOT + LANES + l] - S[ROOT + l])
        width = width if width > _DEPOSIT_WIDTH * step else _DEPOSIT_WIDTH * step
        u = (middle + width * knot - low) / step
        S[row + l] = u if u > least else least


@kernel(contract=True, lent=True)
def _deposit(S, I, weight, count, step, low, sums):
    cells = sums.shape[0]
    for l in range(LANES):
        S[_SLOPE + l] = 0.0
    _knot(S, 0, step, low, _KNOT)
    for k in range(NODES + 1):
        if k < NODES:
            _knot(S, k + 1, step, low, _NEXT)
        for l in range(count):
            if S[STATE + l] == BOUND and weight[l] > 0.0:
                u = S[_KNOT + l]
                i = int(u)
                new = 0.0
                if k < NODES:
                    new = _share(S, k, l) * TURN / (S[HALF + l] * (S[_NEXT + l] - u))
                if i < cells:
                    slope = new - S[_SLOPE + l]
                    moment = slope * (u - i)
                    sums[i, 0] += weight[l] * slope
                    sums[i, 1] += slope
                    sums[i, 2] += weight[l] * moment
                    sums[i, 3] += moment
                S[_SLOPE + l] = new
        for l in range(LANES):
            S[_KNOT + l] = S[_NEXT + l]


@kernel(nogil=True)
def shell_sums(orbits, weight, live, field, edges, sums, first, end):
    """Mass, number, m v_r^2 and m v_t^2 of the first `live` orbits in the shells of `edges` = ln r, for some chunks.

    Shape of `sums`, which begin at zero: (chunks, 4, edges + 1), inside the first edge, between edges, outside the last
    one.
    """
    blocks = (live + LANES - 1) // LANES
    for chunk in range(first, end):
        for block in range(chunk * blocks // CHUNKS, (chunk + 1) * blocks // CHUNKS):
            row = orbits[block]
            for l in range(min(LANES, live - block * LANES)):
                w = weight[block * LANES + l]
                if row[STATE + l] == BOUND and w > 0.0:
                    _shells_of(row, l, w, field, edges, sums[chunk])


@kernel(lent=True)
def _shells_of(S, l, weight, field, edges, sums):
    middle = 0.5 * (S[ROOT + LANES + l] + S[ROOT + l])
    width = 0.5 * (S[ROOT + LANES + l] - S[ROOT + l])
    spread = max(width, _DEPOSIT_WIDTH * field.step)
    shell = np.searchsorted(edges, middle - spread)
    for j in range(NODES):
        time = _share(S, j, l) * TURN / S[HALF + l]
        # what varies along the orbit, and not the time alone, is best weighted by the plain midpoint rule
        plain = S[PASSING + j * LANES + l] * TURN / S[HALF + l]
        node = middle - width * np.cos(TURN * (j + 0.5))
        tangential2 = S[MOMENTUM2 + l] * np.exp(-2.0 * node)
        radial2 = max(2.0 * (S[ENERGY + l] - potential_at(field, node)) - tangential2, 0.0)
        start, end = middle + spread * _KNOTS[j], middle + spread * _KNOTS[j + 1]
        at = start
        while at < end:
            to = end
            if shell < edges.shape[0] and edges[shell] < end:
                to = edges[shell]
            part = (to - at) / (end - start)
            sums[0, shell] += weight * time * part
            sums[1, shell] += time * part
            sums[2, shell] += weight * plain * part * radial2
            sums[3, shell] += weight * plain * part * tangential2
            at = to
            if to < end:
                shell += 1
            elif shell < edges.shape[0] and edges[shell] == end:
                shell += 1


@kernel
def states_of(orbits, live):
    """States of the first `live` orbits."""
    out = np.empty(live)
    for i in range(live):
        out[i] = orbits[i // LANES, STATE + i % LANES]
    return out


@kernel
def actions_of(orbits, live):
    """Radial actions, angular momenta, energies and periods of the first `live` orbits, shape (4, live)."""
    out = np.empty((4, live))
    for i in range(live):
        row, l = orbits[i // LANES], i % LANES
        out[0, i] = row[ACTION + l]
        out[1, i] = np.sqrt(row[MOMENTUM2 + l])
        out[2, i] = row[ENERGY + l]
        out[3, i] = 2.0 * row[HALF + l]
    return out
