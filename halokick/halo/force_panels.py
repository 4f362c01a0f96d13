"""Functions known at a few points of every octave of their argument, and from them the cells of a force table.

Over an octave, functions that vary as powers are polynomials to many digits: a singularity at zero lies so far off that
Chebyshev interpolation in n points errs by about 5.8^-n. So a potential is asked at these points only, however many
cells the table then has.
"""

import functools

import numpy as np
from numpy.polynomial import chebyshev


@functools.cache
def nodes(count):
    """Chebyshev points in (0, 1), rising."""
    return 0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)


@functools.cache
def _coefficients(count):
    """Matrix from values at the nodes to Chebyshev coefficients."""
    return np.linalg.inv(chebyshev.chebvander(2 * nodes(count) - 1, count - 1))


def interpolation(count, places):
    """Matrix from values at the nodes to values at `places` in [0, 1], shape (places, count)."""
    return chebyshev.chebvander(2 * np.asarray(places) - 1, count - 1) @ _coefficients(count)


@functools.cache
def integration(count):
    """Matrix from values at the nodes to integrals from 0 to each node, and to 1 (last row)."""
    rows = []
    for k in range(count):
        rows.append(chebyshev.chebint(np.eye(count)[k], lbnd=-1))
    ends = np.append(2 * nodes(count) - 1, 1.0)
    # the octave is half as long as the interval of Chebyshev polynomials
    return 0.5 * chebyshev.chebvander(ends, count) @ np.array(rows).T @ _coefficients(count)


def roughness(values):
    """Size of the last three Chebyshev coefficients of every octave over that of its largest value."""
    tail = np.abs(values @ _coefficients(values.shape[-1]).T)[..., -3:].max(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return tail / np.abs(values).max(axis=-1)


@functools.cache
def refinement(count, bits, degree):
    """Matrices from values at an octave's n nodes to polynomials of its 2^bits cells, (cells, degree + 1, n)."""
    places = nodes(degree + 1)
    inverse = np.linalg.inv(np.vander(places, degree + 1, increasing=True))
    cells = 1 << bits
    return np.array([inverse @ interpolation(count, (cell + places) / cells) for cell in range(cells)])


def octave_points(lowest, octaves, count):
    """Arguments at the nodes of octaves from 2^lowest, shape (octaves, count)."""
    return 2.0 ** (lowest + np.arange(octaves))[:, None] * (1 + nodes(count))


def first_cell(lowest, bits):
    """Number of the cell that begins at 2^lowest: the leading bits of that double."""
    return (1023 + lowest) << bits


def aligned(array):
    """A copy that begins where a line of the processor's memory does, so that a row takes as few of them as it can."""
    flat = np.empty(array.size + 8)
    start = (-flat.ctypes.data % 64) // 8
    copy = flat[start : start + array.size].reshape(array.shape)
    copy[...] = array
    return copy
