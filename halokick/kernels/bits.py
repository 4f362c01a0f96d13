"""Piecewise polynomials whose cell is read off the bits of a double: a logarithmic grid without a logarithm.

Each octave of x holds 2^5 equal cells. The exponent and the first five mantissa bits are the cell number, the rest of
the mantissa is the place inside it. A power law then has the same relative error at every scale: with degree five it
is about 2 (2^-5 / 4)^6, below 1e-12.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from halokick.kernels.compiled import kernel

CELL_BITS = 5
_SHIFT = 52 - CELL_BITS
_MASK = (1 << _SHIFT) - 1
_ONE = 0x3FF0000000000000
_CELLS = float(1 << CELL_BITS)


@intrinsic
def bits_of(typingctx, x):
    """The 64 bits of a double, as an integer."""

    def emit(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), emit


@intrinsic
def double_of(typingctx, bits):
    """The double that has these 64 bits."""

    def emit(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), emit


@kernel
def evaluate(table, first, x):
    """Value at x > 0 of a table made by `fit_nodes`; 0 below its first cell, the last cell continued above it."""
    bits = bits_of(x)
    i = (bits >> _SHIFT) - first
    if i < 0:
        return 0.0
    t = (double_of((bits & _MASK) | _ONE) - 1.0) * _CELLS
    if i >= table.shape[0]:
        i = table.shape[0] - 1
        t = 1.0
    c = table[i]
    return c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * c[5]))))


def cell_edges(lowest, highest):
    """Number of the first cell, and the lower edges of all cells (plus the end), covering [lowest, highest]."""
    first = int(np.float64(lowest).view(np.int64) >> _SHIFT)
    last = int(np.float64(highest).view(np.int64) >> _SHIFT)
    edges = (np.arange(first, last + 2, dtype=np.int64) << _SHIFT).view(np.float64)
    return first, edges


_NODES = 0.5 - 0.5 * np.cos(np.pi * (np.arange(6) + 0.5) / 6)
_INVERSE = np.linalg.inv(np.vander(_NODES, 6, increasing=True))


def fit_nodes(edges):
    """The six Chebyshev points of every cell at which a function has to be known, shape (cells, 6)."""
    return edges[:-1, None] + np.diff(edges)[:, None] * _NODES


def fit(values):
    """Polynomial coefficients of every cell from values at `fit_nodes`, shape (cells, 6)."""
    return np.ascontiguousarray(values @ _INVERSE.T)
