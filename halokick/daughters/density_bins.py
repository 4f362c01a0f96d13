"""Bins for densities of daughters: shells, rings and boxes, as the kernels read them."""

import numpy as np

from halokick.errors import InputError
from halokick.kernels.deposit import BOXES, RING_COLUMNS, RINGS, SHELL_COLUMNS, SHELLS, Axis, Grid

_FEWEST_BITS, _MOST_BITS = 2, 12
_LONGEST = 4096
"""Cells per sign: as 32-bit integers, two such tables stay in the fastest memory."""
_SMALLEST, _LARGEST = 1e-140, 1e140
"""Of edges: squares of others leave the range of doubles."""


def shells(r_edges, moments=False):
    """Bins in the distance from the centre.

    Parameters
    ----------
    r_edges : float array, shape (bins + 1,)
        Increasing, not negative [kpc].
    moments : bool
        Keep sums over velocities besides the weights: see `halokick.kernels.deposit.SHELL_COLUMNS`.

    Returns
    -------
    Grid
    """
    return _grid(SHELLS, [_increasing(r_edges, signed=False)], len(SHELL_COLUMNS) if moments else 1)


def rings(R_edges, z_edges, moments=False):
    """Bins in R and z, or in R and the absolute value of z if `z_edges` begin at zero or above; else as `shells`."""
    edges = [_increasing(R_edges, signed=False), _increasing(z_edges)]
    return _grid(RINGS, edges, len(RING_COLUMNS) if moments else 1)


def boxes(x_edges, y_edges, z_edges, moments=False):
    """Bins in x, y and z, each by its absolute value if its edges begin at zero or above; else as `shells`."""
    edges = [_increasing(one) for one in (x_edges, y_edges, z_edges)]
    return _grid(BOXES, edges, len(RING_COLUMNS) if moments else 1)


def new_histogram(grid, blocks):
    """Zeros for `halokick.kernels.deposit.add_samples`, shape (blocks, bins times columns)."""
    return np.zeros((blocks, grid.columns * int(np.prod(_shape(grid)))))


def sums_of(grid, histogram):
    """The histogram by column, block and bin of every axis: a view, shape (columns, blocks, bins of each axis)."""
    return np.moveaxis(histogram.reshape(len(histogram), *_shape(grid), grid.columns), -1, 0)


def _shape(grid):
    return tuple(axis.bins for axis in (grid.first, grid.second, grid.third)[: 1 + grid.kind])


def _increasing(edges, signed=True):
    edges = np.array(edges, dtype=float)
    if edges.ndim != 1 or len(edges) < 2 or not np.all(np.isfinite(edges)) or np.any(np.diff(edges) <= 0):
        raise InputError(f"edges = {edges}; at least two finite, increasing numbers are needed")
    if edges[0] < 0 and not signed:
        raise InputError(f"edges = {edges}; distances from the centre or from the axis begin at zero or above")
    sizes = np.abs(edges[edges != 0])
    if sizes.min() < _SMALLEST or sizes.max() > _LARGEST:
        raise InputError(f"edges = {edges}; sizes between {_SMALLEST} and {_LARGEST}, or zero, are needed")
    return edges


def _grid(kind, edges, columns):
    compare, begin, axes = [], [], []
    for one in edges:
        axis, keys, table = _axis(one, sum(map(len, begin)), sum(map(len, compare)))
        axes.append(axis)
        compare.append(keys)
        begin.append(table)
    axes += [axes[0]] * (3 - len(axes))
    return Grid(kind, columns, np.concatenate(compare), np.concatenate(begin), *axes)


def _axis(edges, begin_at, compare_at):
    """The axis, its keys and its table of cells, to stand at the given places."""
    keys = np.copysign(edges**2, edges)
    best = None
    for bits in range(_FEWEST_BITS, _MOST_BITS + 1):
        shift = 52 - bits
        ends = _cell_ends(np.abs(keys[keys != 0]), shift)
        if best is not None and len(ends) > _LONGEST:
            break
        best = shift, ends, *_count_edges(keys, ends)
        if best[-1] == 1:
            break
    shift, ends, positive, negative, steps = best
    signed = bool(edges[0] < 0)
    axis = Axis(
        bins=len(edges) - 1,
        signed=int(signed),
        low=float(ends[0]),
        high=float(ends[-1]),
        shift=shift,
        begin_at=begin_at,
        negative_at=begin_at + len(positive) if signed else begin_at,
        compare_at=compare_at,
        steps=steps,
    )
    table = np.concatenate([positive, negative]) if signed else positive
    return axis, np.append(keys, np.nan), table.astype(np.int32)


def _cell_ends(sizes, shift):
    """Lower ends of all cells from the smallest of `sizes` to the one beyond the largest."""
    first, last = (int(np.float64(size).view(np.int64) >> shift) for size in (sizes.min(), sizes.max()))
    return (np.arange(first, last + 2, dtype=np.int64) << shift).view(np.float64)


def _count_edges(keys, ends):
    """Edges at or below the lower end of every cell, for keys of both signs; and the most that lie inside one cell."""
    # the first cell reaches down to zero, the last one up to infinity
    low, high = np.append(0.0, ends[1:]), np.append(ends[1:], np.inf)
    positive = np.searchsorted(keys, low, side="right")
    in_positive = np.searchsorted(keys, high, side="left") - positive
    # cells of negative keys have their lower end outside, their upper one inside, and none holds zero
    negative = np.searchsorted(keys, -high, side="right")
    in_negative = np.searchsorted(keys, np.append(-np.nextafter(0, 1), -low[1:]), side="right") - negative
    return positive, negative, int(max(in_positive.max(), in_negative.max(), 1))
