"""An axisymmetric member of a potential as a table in R and z; its force is the exact gradient of the table."""

from typing import NamedTuple

import numpy as np
from numba import types
from numba.extending import intrinsic

from halokick.kernels.bits import bits_of, double_of
from halokick.kernels.compiled import kernel
from halokick.kernels.lanes import ACCELERATION, LANES, POSITION, WORK
from halokick.kernels.vectors import EIGHT, Memory, horner, transposed, value_and_slope

_ONE = 0x3FF0000000000000
_X, _Y, _Z = POSITION, POSITION + LANES, POSITION + 2 * LANES
_AX, _AY, _AZ = ACCELERATION, ACCELERATION + LANES, ACCELERATION + 2 * LANES
_U, _V, _FU, _FV = WORK, WORK + LANES, WORK + 2 * LANES, WORK + 3 * LANES
ROWS, COLUMNS = 6, EIGHT
"""Coefficients of one cell: of powers 0 to 5 of the place along R^2, 0 to 7 of the place along |z|."""
_BLOCK = ROWS * COLUMNS


class Plane(NamedTuple):
    """Polynomials in the bits of xi = R^2 + d2 and zeta = |z| + e, one block of 6 x 8 coefficients to a cell.

    Both sides of the plane have one table in |z|, so a disk with a cusp there loses nothing. Beyond r = 2^reach a
    point is brought back by a power of two, and its potential falls by the same: exact for a monopole.
    """

    d2: float
    """Added to R^2 [kpc^2]."""
    e: float
    """Added to |z| [kpc]."""
    xi_bits: int
    """2^xi_bits cells to an octave of xi."""
    zeta_bits: int
    """2^zeta_bits cells to an octave of zeta."""
    xi_first: int
    """Number of the first cell along xi."""
    zeta_first: int
    """Number of the first cell along zeta."""
    zeta_cells: int
    """Cells along zeta, which are contiguous."""
    reach: int
    """log2 of the radius up to which the table serves [kpc]."""
    xi_end: float
    """Largest xi of the table, inside the last cell."""
    zeta_end: float
    """Largest zeta."""
    table: np.ndarray
    """Coefficients of the potential [(km/s)^2], shape (cells, 48): that of u^i v^j at 8 i + j."""


EMPTY_PLANE = Plane(1.0, 1.0, 0, 0, 0, 0, 0, 0, 1.0, 1.0, np.empty((0, _BLOCK)))


@kernel(contract=True, lent=True)
def add_plane(plane, S, I):
    """Add minus the gradient of the table for all lanes."""
    d2 = plane.d2
    e = plane.e
    xi_shift = 52 - plane.xi_bits
    xi_mask = (1 << xi_shift) - 1
    xi_cells = float(1 << plane.xi_bits)
    xi_first = plane.xi_first
    zeta_shift = 52 - plane.zeta_bits
    zeta_mask = (1 << zeta_shift) - 1
    zeta_cells = float(1 << plane.zeta_bits)
    zeta_first = plane.zeta_first
    across = plane.zeta_cells
    reach = 1021 + 2 * plane.reach
    xi_end = plane.xi_end
    zeta_end = plane.zeta_end
    for l in range(LANES):
        x = S[_X + l]
        y = S[_Y + l]
        z = S[_Z + l]
        square = x * x + y * y
        halvings = max((bits_of(square + z * z) >> 52) - reach, 0) >> 1
        f = double_of((1023 - halvings) << 52)
        xi = square * (f * f) + d2
        # in this order, no number at all becomes the end, and reads no memory that is not the table's
        bits = bits_of(xi if xi < xi_end else xi_end)
        cell = ((bits >> xi_shift) - xi_first) * across
        S[_U + l] = (double_of((bits & xi_mask) | _ONE) - 1.0) * xi_cells
        S[_FU + l] = double_of((2046 - (bits >> 52)) << 52) * (xi_cells * 2.0) * (f * f * f)
        zeta = abs(z) * f + e
        bits = bits_of(zeta if zeta < zeta_end else zeta_end)
        I[l] = (cell + (bits >> zeta_shift) - zeta_first) * _BLOCK
        S[_V + l] = (double_of((bits & zeta_mask) | _ONE) - 1.0) * zeta_cells
        slope = double_of((2046 - (bits >> 52)) << 52) * zeta_cells * (f * f)
        # in the plane the forces of both sides cancel
        S[_FV + l] = slope if z > 0.0 else (-slope if z < 0.0 else 0.0)
    for l in range(0, LANES, EIGHT):
        _look_up(plane.table, S, I, l)
    for l in range(LANES):
        S[_AX + l] -= S[_FU + l] * S[_X + l]
        S[_AY + l] -= S[_FU + l] * S[_Y + l]
        S[_AZ + l] -= S[_FV + l]


@intrinsic
def _look_up(typingctx, table, S, I, l):
    """Multiply FU and FV by the derivatives of block I of the table in u and v, for eight lanes from l."""

    def emit(context, builder, signature, arguments):
        l = arguments[3]
        table, S, I = (Memory(context, builder, signature.args[k], arguments[k]) for k in range(3))
        values, slopes = [], []
        for k in range(EIGHT):
            block = I.integer(l, k)
            rows = [table.vector(block, COLUMNS * power) for power in range(ROWS)]
            value, slope = value_and_slope(rows, S.repeated(l, _U + k))
            values.append(value)
            slopes.append(slope)
        v = S.vector(l, _V)
        S.write(S.vector(l, _FU) * horner(transposed(slopes), v), l, _FU)
        derivative = [power * column for power, column in enumerate(transposed(values)) if power > 0]
        S.write(S.vector(l, _FV) * horner(derivative, v), l, _FV)
        return context.get_dummy_value()

    return types.void(table, S, I, types.int64), emit


@kernel(lent=True)
def plane_potential(plane, x, y, z):
    """Potential at one point."""
    square = x * x + y * y
    halvings = max((bits_of(square + z * z) >> 52) - (1021 + 2 * plane.reach), 0) >> 1
    f = double_of((1023 - halvings) << 52)
    i, u = _place(square * (f * f) + plane.d2, plane.xi_end, plane.xi_bits, plane.xi_first)
    j, v = _place(abs(z) * f + plane.e, plane.zeta_end, plane.zeta_bits, plane.zeta_first)
    block = plane.table[i * plane.zeta_cells + j]
    total = 0.0
    for row in range(ROWS - 1, -1, -1):
        inner = 0.0
        for column in range(COLUMNS - 1, -1, -1):
            inner = inner * v + block[COLUMNS * row + column]
        total = total * u + inner
    return total * f


@kernel(lent=True)
def _place(value, end, cell_bits, first):
    """Cell, and place within it in [0, 1), of a value."""
    shift = 52 - cell_bits
    bits = bits_of(value if value < end else end)
    return (bits >> shift) - first, (double_of((bits & ((1 << shift) - 1)) | _ONE) - 1.0) * float(1 << cell_bits)
