"""Histograms of many particles at once: in shells, in rings of (R, z), or in boxes; without a logarithm or a search.

The bins of an axis are known by the squares of their edges. The bits of the square of a coordinate name a cell of a
logarithmic grid, and a table tells in which bin that cell begins. Cells are made so small that at most one edge lies
in each, if that can be had with a table of moderate length: one comparison then settles the bin.
"""

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from halokick.kernels.bits import bits_of, double_of
from halokick.kernels.compiled import kernel
from halokick.kernels.lanes import LANES, POSITION, WORK

SHELLS, RINGS, BOXES = 0, 1, 2
"""Bins in r; in R and z; in x, y and z."""
SHELL_COLUMNS = ("weight", "v_r", "v_r2", "v_t2")
"""Sums of a shell: of the weights, and of weights times velocities."""
RING_COLUMNS = ("weight", "v_R2", "v_z2", "v_phi", "v_phi2")
"""Sums of a ring or a box."""

_KEY = WORK
_CELL = WORK + 3 * LANES
_INVERSE = WORK + 6 * LANES


class Axis(NamedTuple):
    """One coordinate q cut into bins.

    The key of q is q^2, on a signed axis with the sign of q. The keys of the edges, and NaN (beyond which nothing lies)
    behind the last, begin in `Grid.compare` at `compare_at`. The numbers of edges at or below the lower end of every
    cell begin in `Grid.begin` at `begin_at`, for negative keys at `negative_at`. `low` and `high` are the lower ends of
    the first and of the last cell, `shift` the bits below those that name a cell, `steps` the most edges in one cell.
    """

    bins: int
    signed: int
    low: float
    high: float
    shift: int
    begin_at: int
    negative_at: int
    compare_at: int
    steps: int


class Grid(NamedTuple):
    """Bins of one, two or three axes (the others are not read); one type, so that one machine code serves all kinds.

    Each bin has `columns` sums next to each other: one, or as many as the names in SHELL_COLUMNS or RING_COLUMNS.
    """

    kind: int
    columns: int
    compare: np.ndarray
    begin: np.ndarray
    first: Axis
    second: Axis
    third: Axis


@kernel(lent=True)
def _cell(low, high, shift, s):
    """Cell of the positive key `s`, counted from zero; NaN falls in the last."""
    t = low if s < low else s
    t = t if t < high else high
    return (bits_of(t) >> shift) - (bits_of(low) >> shift)


@kernel(lent=True)
def _bin(compare, begin, at, steps, place, s):
    """Bin of the key `s` whose cell has its entry at `place`: -1 below all edges, the number of bins above them."""
    above = np.uint64(begin[np.uint64(place)])
    above = above + np.uint64(1) if s >= compare[np.uint64(at) + above] else above
    for _ in range(1, steps):
        above = above + np.uint64(1) if s >= compare[np.uint64(at) + above] else above
    return above - np.uint64(1)


@kernel(lent=True)
def find(grid, axis, q):
    """Bin that holds the coordinate `q`, lower edge included; -1 outside all bins."""
    s = q * q
    place = _cell(axis.low, axis.high, axis.shift, s) + axis.begin_at
    if axis.signed == 1 and q < 0.0:
        place += axis.negative_at - axis.begin_at
        s = -s
    j = _bin(grid.compare, grid.begin, axis.compare_at, axis.steps, place, s)
    return np.int64(j) if j < np.uint64(axis.bins) else np.int64(-1)


@kernel(lent=True)
def _find_cells(axis, S, row):
    """For all lanes: turn the coordinates in _KEY + row of `S` into keys, and write where their cells have entries."""
    low = axis.low
    high = axis.high
    shift = axis.shift
    positive_at = axis.begin_at
    negative_at = axis.negative_at if axis.signed == 1 else positive_at
    sign = -1.0 if axis.signed == 1 else 1.0
    for l in range(LANES):
        q = S[_KEY + row + l]
        s = q * q
        S[_KEY + row + l] = sign * s if q < 0.0 else s
        place = negative_at if q < 0.0 else positive_at
        # integers travel through the rows of doubles as bits
        S[_CELL + row + l] = double_of(_cell(low, high, shift, s) + place)


@kernel(lent=True)
def _find_cells_of_squares(axis, S, row):
    """As `_find_cells` for an axis without sign, of which S holds the squares already."""
    low = axis.low
    high = axis.high
    shift = axis.shift
    at = axis.begin_at
    for l in range(LANES):
        S[_CELL + row + l] = double_of(_cell(low, high, shift, S[_KEY + row + l]) + at)


@intrinsic
def _add_four(typingctx, histogram, at, a, b, c, d):
    """Add four numbers to neighbours in a histogram, counted through all its rows: read and written as one."""

    def emit(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        four = ir.VectorType(ir.DoubleType(), 4)
        place = builder.bitcast(builder.gep(data, [arguments[1]]), four.as_pointer())
        added = ir.Constant(four, ir.Undefined)
        for k in range(4):
            added = builder.insert_element(added, arguments[2 + k], ir.Constant(ir.IntType(32), k))
        builder.store(builder.fadd(builder.load(place, align=8), added), place, align=8)
        return context.get_dummy_value()

    return types.void(histogram, types.int64, *[types.float64] * 4), emit


@kernel(lent=True)
def _invert(S, about_axis):
    """Write 1/r or 1/R; 0 where they are infinite."""
    for l in range(LANES):
        x = S[POSITION + l]
        y = S[POSITION + LANES + l]
        z = 0.0 if about_axis else S[POSITION + 2 * LANES + l]
        s = x * x + y * y + z * z
        S[_INVERSE + l] = 1.0 / np.sqrt(s) if s > 0.0 else 0.0


@kernel(lent=True)
def add_samples(grid, histogram, S, I, velocity, weight, block):
    """Add one sample of each particle to the histogram of its block. Spoils the rows WORK of `S`, and no other.

    Parameters
    ----------
    grid : Grid
    histogram : float array, shape (blocks, bins times columns)
        In each row the bins of the last axis run fastest, then the columns. On the axis (in the centre)
        v_R (v_r) means v_x, and v_phi v_y.
    S, I : float and integer array
        Work spaces. Positions are in the rows POSITION.
    velocity : int
        Place in `S` of the rows v_x, v_y, v_z; not read with one column.
    weight : int
        Place in `S` of the weights; zero leaves a particle out.
    block : int
        Place in `I` of the rows of the histogram that the particles add to.
    """
    if grid.columns > 1:
        _invert(S, grid.kind != SHELLS)
    if grid.kind == SHELLS:
        for l in range(LANES):
            x = S[POSITION + l]
            y = S[POSITION + LANES + l]
            z = S[POSITION + 2 * LANES + l]
            S[_KEY + l] = x * x + y * y + z * z
        _find_cells_of_squares(grid.first, S, 0)
        _add_to_shells(grid, histogram, S, I, velocity, weight, block)
    elif grid.kind == RINGS:
        for l in range(LANES):
            x = S[POSITION + l]
            y = S[POSITION + LANES + l]
            S[_KEY + l] = x * x + y * y
        for l in range(LANES):
            S[_KEY + LANES + l] = S[POSITION + 2 * LANES + l]
        _find_cells_of_squares(grid.first, S, 0)
        _find_cells(grid.second, S, LANES)
        _add_to_rings(grid, histogram, S, I, velocity, weight, block)
    else:
        for l in range(3 * LANES):
            S[_KEY + l] = S[POSITION + l]
        _find_cells(grid.first, S, 0)
        _find_cells(grid.second, S, LANES)
        _find_cells(grid.third, S, 2 * LANES)
        _add_to_boxes(grid, histogram, S, I, velocity, weight, block)


@kernel(lent=True)
def _bin_of(compare, begin, at, steps, S, row, l):
    return _bin(compare, begin, at, steps, bits_of(S[_CELL + row + l]), S[_KEY + row + l])


@kernel(lent=True)
def _add_to_shells(grid, histogram, S, I, velocity, weight, block):
    compare = grid.compare
    begin = grid.begin
    at = grid.first.compare_at
    steps = grid.first.steps
    bins = np.uint64(grid.first.bins)
    columns = np.uint64(grid.columns)
    row = np.uint64(histogram.shape[1])
    if columns == np.uint64(1):
        for l in range(LANES):
            j = _bin_of(compare, begin, at, steps, S, 0, l)
            w = S[weight + l]
            # -1 without a sign is larger than any bin
            if j < bins and w != 0.0:
                histogram[np.uint64(I[block + l]), j] += w
        return
    for l in range(LANES):
        j = _bin_of(compare, begin, at, steps, S, 0, l)
        w = S[weight + l]
        if j < bins and w != 0.0:
            b = np.uint64(I[block + l])
            vx = S[velocity + l]
            vy = S[velocity + LANES + l]
            vz = S[velocity + 2 * LANES + l]
            inverse = S[_INVERSE + l]
            outward = S[POSITION + l] * vx + S[POSITION + LANES + l] * vy + S[POSITION + 2 * LANES + l] * vz
            v_r = outward * inverse if inverse > 0.0 else vx
            j *= columns
            tangential2 = max(vx * vx + vy * vy + vz * vz - v_r * v_r, 0.0)
            _add_four(histogram, np.int64(b * row + j), w, w * v_r, w * v_r * v_r, w * tangential2)


@kernel(lent=True)
def _add_about_axis(histogram, b, j, w, S, velocity, l):
    """Add the moments of a ring or a box whose sum of weights is in column `j`."""
    x = S[POSITION + l]
    y = S[POSITION + LANES + l]
    vx = S[velocity + l]
    vy = S[velocity + LANES + l]
    vz = S[velocity + 2 * LANES + l]
    inverse = S[_INVERSE + l]
    v_R = (x * vx + y * vy) * inverse if inverse > 0.0 else vx
    v_phi = (x * vy - y * vx) * inverse if inverse > 0.0 else vy
    histogram[b, j + np.uint64(1)] += w * v_R * v_R
    histogram[b, j + np.uint64(2)] += w * vz * vz
    histogram[b, j + np.uint64(3)] += w * v_phi
    histogram[b, j + np.uint64(4)] += w * v_phi * v_phi


@kernel(lent=True)
def _add_to_rings(grid, histogram, S, I, velocity, weight, block):
    compare = grid.compare
    begin = grid.begin
    at_R = grid.first.compare_at
    at_z = grid.second.compare_at
    steps_R = grid.first.steps
    steps_z = grid.second.steps
    bins_R = np.uint64(grid.first.bins)
    bins_z = np.uint64(grid.second.bins)
    columns = np.uint64(grid.columns)
    for l in range(LANES):
        i = _bin_of(compare, begin, at_R, steps_R, S, 0, l)
        j = _bin_of(compare, begin, at_z, steps_z, S, LANES, l)
        w = S[weight + l]
        if i < bins_R and j < bins_z and w != 0.0:
            b = np.uint64(I[block + l])
            n = (i * bins_z + j) * columns
            histogram[b, n] += w
            if columns > np.uint64(1):
                _add_about_axis(histogram, b, n, w, S, velocity, l)


@kernel(lent=True)
def _add_to_boxes(grid, histogram, S, I, velocity, weight, block):
    compare = grid.compare
    begin = grid.begin
    at_x = grid.first.compare_at
    at_y = grid.second.compare_at
    at_z = grid.third.compare_at
    steps_x = grid.first.steps
    steps_y = grid.second.steps
    steps_z = grid.third.steps
    bins_x = np.uint64(grid.first.bins)
    bins_y = np.uint64(grid.second.bins)
    bins_z = np.uint64(grid.third.bins)
    columns = np.uint64(grid.columns)
    for l in range(LANES):
        i = _bin_of(compare, begin, at_x, steps_x, S, 0, l)
        j = _bin_of(compare, begin, at_y, steps_y, S, LANES, l)
        k = _bin_of(compare, begin, at_z, steps_z, S, 2 * LANES, l)
        w = S[weight + l]
        if i < bins_x and j < bins_y and k < bins_z and w != 0.0:
            b = np.uint64(I[block + l])
            n = ((i * bins_y + j) * bins_z + k) * columns
            histogram[b, n] += w
            if columns > np.uint64(1):
                _add_about_axis(histogram, b, n, w, S, velocity, l)
