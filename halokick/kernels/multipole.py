"""A triaxial member of a potential: even multipoles, written so that forces take no angle and no root.

An even harmonic of degree l is a polynomial of degree l/2 in the squares of the direction's components, which sum to 1.
So, with p = x^2 / r^2, q = y^2 / r^2 and s = r^2, a sum of all of them up to l = 2n is Phi = sum over a + b <= n of
G_ab(s) p^a q^b: one radial table for each of the (n + 1)(n + 2)/2 pairs, all of which stand side by side in a cell.
Forces are the exact gradient.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numba.extending import intrinsic

from halokick.kernels.bits import bits_of, double_of
from halokick.kernels.compiled import kernel
from halokick.kernels.lanes import ACCELERATION, LANES, POSITION, WORK
from halokick.kernels.vectors import EIGHT, Memory, horner, transposed, value_and_slope

CELL_BITS = 3
"""2^3 cells to an octave of s."""
ROWS = 6
"""Coefficients of each table in a cell: powers 0 to 5."""
_SHIFT = 52 - CELL_BITS
_MASK = (1 << _SHIFT) - 1
_ONE = 0x3FF0000000000000
_CELLS = float(1 << CELL_BITS)
_X, _Y, _Z = POSITION, POSITION + LANES, POSITION + 2 * LANES
_AX, _AY, _AZ = ACCELERATION, ACCELERATION + LANES, ACCELERATION + 2 * LANES
_T, _DT, _P, _Q = WORK, WORK + LANES, WORK + 2 * LANES, WORK + 3 * LANES
_FS, _FP, _FQ, _INVERSE = WORK + 4 * LANES, WORK + 5 * LANES, WORK + 6 * LANES, WORK + 7 * LANES

_TINY = 1e-290  # keeps directions at the centre finite


class Solid(NamedTuple):
    """Polynomials of degree five in the bits of s = stretch r^2, for each pair a, b with a + b <= order.

    Below the first cell and above the last the functions G_ab are constant.
    """

    order: int
    """Largest a + b: half the largest degree of a harmonic. 2, 4, 6 or 8."""
    stretch: float
    """Puts an edge of the matter, where derivatives jump, between two cells: it is there that s is a power of two."""
    first: int
    """Number of the first cell."""
    low: float
    """Smallest s of the table."""
    high: float
    """Largest s of the table, inside the last cell."""
    table: np.ndarray
    """Coefficients of G_ab, shape (cells, 6, columns), columns in the order of `pairs`, filled up to whole eights."""


def pairs(order):
    """The pairs (a, b) in the order of the columns."""
    return [(a, b) for a in range(order + 1) for b in range(order + 1 - a)]


def columns(order):
    """Columns of a table: whole eights."""
    return -(-len(pairs(order)) // EIGHT) * EIGHT


EMPTY_SOLID = Solid(0, 1.0, 0, 1.0, 1.0, np.empty((0, ROWS, EIGHT)))


@kernel(contract=True, lent=True)
def add_solid(solid, S, I):
    """Add minus the gradient of the expansion for all lanes."""
    stretch = solid.stretch
    first = solid.first
    low = solid.low
    high = solid.high
    block = solid.table.shape[1] * solid.table.shape[2]
    for l in range(LANES):
        x2 = S[_X + l] * S[_X + l]
        y2 = S[_Y + l] * S[_Y + l]
        s = x2 + y2 + S[_Z + l] * S[_Z + l]
        inverse = 1.0 / (s + _TINY)
        S[_INVERSE + l] = inverse
        S[_P + l] = x2 * inverse
        S[_Q + l] = y2 * inverse
        s = s * stretch
        # in this order, no number at all becomes `low`, and reads no memory that is not the table's
        s = s if s > low else low
        bits = bits_of(s if s < high else high)
        I[l] = ((bits >> _SHIFT) - first) * block
        S[_T + l] = (double_of((bits & _MASK) | _ONE) - 1.0) * _CELLS
        S[_DT + l] = double_of((2046 - (bits >> 52)) << 52) * (2.0 * _CELLS * stretch)
    if solid.order == 2:
        for l in range(0, LANES, EIGHT):
            _look_up_2(solid.table, S, I, l)
    elif solid.order == 4:
        for l in range(0, LANES, EIGHT):
            _look_up_4(solid.table, S, I, l)
    elif solid.order == 6:
        for l in range(0, LANES, EIGHT):
            _look_up_6(solid.table, S, I, l)
    else:
        for l in range(0, LANES, EIGHT):
            _look_up_8(solid.table, S, I, l)
    for l in range(LANES):
        inverse = 2.0 * S[_INVERSE + l]
        f = S[_DT + l] * S[_FS + l] - inverse * (S[_P + l] * S[_FP + l] + S[_Q + l] * S[_FQ + l])
        S[_AX + l] -= (f + inverse * S[_FP + l]) * S[_X + l]
        S[_AY + l] -= (f + inverse * S[_FQ + l]) * S[_Y + l]
        S[_AZ + l] -= f * S[_Z + l]


def _look_up(order):
    """Vector code for one order: derivatives of the sum in t, p and q, into FS, FP and FQ."""
    width = columns(order)
    column = {pair: k for k, pair in enumerate(pairs(order))}

    def emit(context, builder, signature, arguments):
        l = arguments[3]
        table, S, I = (Memory(context, builder, signature.args[k], arguments[k]) for k in range(3))
        places = [(I.integer(l, k), S.repeated(l, _T + k)) for k in range(EIGHT)]
        values, slopes = [], []
        for start in range(0, width, EIGHT):
            both = [
                value_and_slope([table.vector(block, width * power + start) for power in range(ROWS)], t)
                for block, t in places
            ]
            values += transposed([value for value, _ in both])
            slopes += transposed([slope for _, slope in both])
        p, q = S.vector(l, _P), S.vector(l, _Q)
        powers = range(order + 1)
        slope = horner([horner([slopes[column[a, b]] for b in range(order + 1 - a)], q) for a in powers], p)
        by_p = [horner([values[column[a, b]] for b in range(order + 1 - a)], q) * a for a in powers[1:]]
        by_q = [horner([values[column[a, b]] * b for b in range(1, order + 1 - a)], q) for a in powers[:-1]]
        S.write(slope, l, _FS)
        S.write(horner(by_p, p), l, _FP)
        S.write(horner(by_q, p), l, _FQ)
        return context.get_dummy_value()

    @intrinsic
    def look_up(typingctx, table, S, I, l):
        return types.void(table, S, I, types.int64), emit

    return look_up


_look_up_2, _look_up_4, _look_up_6, _look_up_8 = (_look_up(order) for order in (2, 4, 6, 8))


@kernel(lent=True)
def solid_potential(solid, x, y, z):
    """Potential at one point."""
    s = x * x + y * y + z * z
    p, q = x * x / (s + _TINY), y * y / (s + _TINY)
    s = s * solid.stretch
    s = s if s > solid.low else solid.low
    bits = bits_of(s if s < solid.high else solid.high)
    block = solid.table[(bits >> _SHIFT) - solid.first]
    t = (double_of((bits & _MASK) | _ONE) - 1.0) * _CELLS
    total = 0.0
    column = 0
    power_p = 1.0
    for a in range(solid.order + 1):
        power = power_p
        for _ in range(solid.order + 1 - a):
            value = 0.0
            for row in range(ROWS - 1, -1, -1):
                value = value * t + block[row, column]
            total += value * power
            power *= q
            column += 1
        power_p *= p
    return total
