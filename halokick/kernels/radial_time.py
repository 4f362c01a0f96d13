r"""Daughters spread over their orbits: the time that each spends between given radii, with no trajectory.

Most orbits are done many at a time, by a cosine series of dt (`radial_lanes`, `radial_shares`). The few whose series
is not to be trusted, because they are nearly circular or pass something that is not smooth, are done one by one with
Gauss-Legendre nodes between the edges (`radial_arcs`).
"""

import numpy as np
from numba import prange

from halokick.kernels.compiled import kernel
from halokick.kernels.lanes import LANES
from halokick.kernels.radial_arcs import deposit_aged_arcs, deposit_mixed_arcs
from halokick.kernels.radial_lanes import (
    BINDING,
    BORN,
    DEPTH,
    FEW,
    MANY,
    MOMENTUM2,
    ROOT,
    ROOTS,
    TRUSTED,
    fill_series,
    find_turning_points,
    lane_table,
)
from halokick.kernels.radial_shares import (
    COSINE,
    DEPOSIT,
    SIZE,
    deposit_orbit,
    edge_records,
    fill_ages,
    fill_halves,
)
from halokick.kernels.sampling import BLOCK
from halokick.kernels.vectors import EIGHT

SUM, SQUARES, RADIAL, TANGENTIAL = 0, 1, 2, 3
"""Rows of the deposits: sum of weights, of their squares, and of weights times v_r^2 and v_t^2."""


@kernel(lent=True)
def _load(S, l, births, i):
    """Put a daughter into a lane."""
    S[DEPTH + l] = births.depth[i]
    S[BINDING + l] = births.binding[i]
    S[MOMENTUM2 + l] = births.momentum2[i]
    S[BORN + l] = births.log_r[i]
    S[COSINE + l] = births.cosine[i]


@kernel(lent=True)
def _turn(field, table, births, binding_out, begin, stop, S, I, members, low, high):
    """Bound daughters from `begin` to `stop`, and ln of their turning points; how many there are."""
    count = 0
    for i in range(begin, stop):
        if births.binding[i] <= binding_out:
            continue
        members[count] = i
        count += 1
    for at in range(0, count, LANES):
        lanes = min(LANES, count - at)
        for l in range(LANES):
            # lanes to spare repeat the first daughter
            i = members[at + (l if l < lanes else 0)]
            _load(S, l, births, i)
            S[ROOT + l] = births.log_r[i]
        find_turning_points(field, table, S, I)
        for l in range(lanes):
            low[at + l] = S[ROOT + l]
            high[at + l] = S[ROOT + LANES + l]
    return count


@kernel(lent=True)
def _keep_reaching(edges, members, low, high, count):
    """Leave out orbits that lie outside all bins; how many are left."""
    kept = 0
    for j in range(count):
        # an orbit without turning points stays
        if low[j] >= edges[-1] or high[j] <= edges[0]:
            continue
        members[kept] = members[j]
        low[kept] = low[j]
        high[kept] = high[j]
        kept += 1
    return kept


@kernel(lent=True)
def _fill(field, table, terms, births, members, low, high, lanes, S, I):
    """The series of the first `lanes` orbits."""
    for l in range(LANES):
        j = l if l < lanes else 0
        _load(S, l, births, members[j])
        S[ROOT + l] = low[j]
        S[ROOT + LANES + l] = high[j]
    fill_series(field, table, terms, S, I)
    fill_halves(S)


@kernel(lent=True)
def _spread(field, table, terms, births, members, low, high, count, rate, age, S, I, R):
    """Add to R all orbits whose series can be trusted; how many are left, which come first in `members`."""
    left = 0
    for at in range(0, count, LANES):
        lanes = min(LANES, count - at)
        _fill(field, table, terms, births, members[at:], low[at:], high[at:], lanes, S, I)
        if age > 0.0:
            fill_ages(S, terms, rate, age)
        for l in range(lanes):
            i, l_p, l_a = members[at + l], low[at + l], high[at + l]
            if S[TRUSTED + l] == 1.0:
                deposit_orbit(S, l, terms, R, births.weight[i], births.momentum2[i], l_p, l_a, rate, age)
            else:
                members[left] = i
                low[left] = l_p
                high[left] = l_a
                left += 1
    return left


@kernel(lent=True)
def _unload(R, deposits):
    """Add the deposits of all groups."""
    for j in range(deposits.shape[1]):
        for q in range(4):
            deposits[q, j] += R[j // EIGHT, DEPOSIT + q * EIGHT + j % EIGHT]


@kernel
def _deposit_block(field, table, births, begin, stop, binding_out, edges, rate, age, deposits):
    """Add the daughters from `begin` to `stop` to deposits (4, bins); how many failed."""
    S, I, R = np.zeros(SIZE), np.zeros(ROOTS, dtype=np.int64), edge_records(edges)
    members, low, high = np.empty(stop - begin, dtype=np.int64), np.empty(stop - begin), np.empty(stop - begin)
    count = _turn(field, table, births, binding_out, begin, stop, S, I, members, low, high)
    count = _keep_reaching(edges, members, low, high, count)
    for terms in (FEW, MANY):
        count = _spread(field, table, terms, births, members, low, high, count, rate, age, S, I, R)
    _unload(R, deposits)
    times = np.zeros((3, edges.shape[0] - 1))
    failed = 0
    for j in range(count):
        if age > 0.0:
            failed += deposit_aged_arcs(field, births, members[j], edges, times, deposits, rate, age)
        else:
            failed += deposit_mixed_arcs(field, births, members[j], edges, times, deposits)
    return failed


@kernel(parallel=True)
def orbit_deposits(field, births, binding_out, edges, rate, age):
    """Daughters bound deeper than `binding_out`, spread over their orbits: shape (4, bins), and how many orbits failed.

    With `age` = 0 each gives a bin its weight times the share of the radial period spent there. With `age` > 0 they
    were born over that time at a decay rate `rate` > 0, and are where they are today: each gives a bin the probability
    of being there, given where it was born and averaged over when; inside a bin v_r^2 and v_t^2 count with their mean
    over one passage. Sums run in a fixed order, whatever the number of threads.
    """
    n = births.log_r.shape[0]
    blocks = (n + BLOCK - 1) // BLOCK
    deposits = np.zeros((blocks, 4, edges.shape[0] - 1))
    failed = np.zeros(blocks, dtype=np.int64)
    table = lane_table(field)
    for block in prange(blocks):
        begin, stop = block * BLOCK, min(n, (block + 1) * BLOCK)
        failed[block] = _deposit_block(
            field, table, births, begin, stop, binding_out, edges, rate, age, deposits[block]
        )
    return deposits, failed
