"""The spherical member of a potential: a table of g = (1/r) dPhi/dr in s = r^2, so that a = -g x without a root."""

from typing import NamedTuple

import numpy as np
from numba import types
from numba.extending import intrinsic

from halokick.kernels.bits import bits_of, double_of
from halokick.kernels.compiled import kernel
from halokick.kernels.lanes import ACCELERATION, LANES, POSITION, WORK
from halokick.kernels.vectors import EIGHT, Memory, horner, transposed

CELL_BITS = 3
"""2^3 cells to an octave of s: with eight coefficients to a cell, a power law errs by 2 (2^-3 / 4)^8, 2e-12."""
_SHIFT = 52 - CELL_BITS
_MASK = (1 << _SHIFT) - 1
_ONE = 0x3FF0000000000000
_CELLS = float(1 << CELL_BITS)
_X, _Y, _Z = POSITION, POSITION + LANES, POSITION + 2 * LANES
_AX, _AY, _AZ = ACCELERATION, ACCELERATION + LANES, ACCELERATION + 2 * LANES
_T, _G = WORK, WORK + LANES


class Radial(NamedTuple):
    """Polynomials of degree seven in the bits of s = stretch r^2; constant below the first cell and above the last."""

    stretch: float
    """Puts an edge of the matter, where derivatives jump, between two cells: it is there that s is a power of two."""
    first: int
    """Number of the first cell."""
    low: float
    """Smallest s of the table."""
    high: float
    """Largest s of the table, inside the last cell."""
    g: np.ndarray
    """(1/r) dPhi/dr = G M(<r) / r^3 [(km/s/kpc)^2], shape (cells, 8)."""
    phi: np.ndarray
    """Potential [(km/s)^2], shape (cells, 8)."""


EMPTY_RADIAL = Radial(1.0, 0, 1.0, 1.0, np.empty((0, EIGHT)), np.empty((0, EIGHT)))


@kernel(contract=True, lent=True)
def write_radial(radial, S, I):
    """Write a = -g(r^2) x for all lanes, over what stood there: it comes first."""
    stretch = radial.stretch
    first = radial.first
    low = radial.low
    high = radial.high
    for l in range(LANES):
        s = S[_X + l] * S[_X + l] + S[_Y + l] * S[_Y + l] + S[_Z + l] * S[_Z + l]
        s = s * stretch
        # in this order, no number at all becomes `low`, and reads no memory that is not the table's
        s = s if s > low else low
        bits = bits_of(s if s < high else high)
        I[l] = ((bits >> _SHIFT) - first) * EIGHT
        S[_T + l] = (double_of((bits & _MASK) | _ONE) - 1.0) * _CELLS
    for l in range(0, LANES, EIGHT):
        _look_up(radial.g, S, I, l)
    for l in range(LANES):
        S[_AX + l] = -S[_G + l] * S[_X + l]
        S[_AY + l] = -S[_G + l] * S[_Y + l]
        S[_AZ + l] = -S[_G + l] * S[_Z + l]


@intrinsic
def _look_up(typingctx, table, S, I, l):
    """Rows I of the table at places T, for eight lanes from l, into G."""

    def emit(context, builder, signature, arguments):
        l = arguments[3]
        table, S, I = (Memory(context, builder, signature.args[k], arguments[k]) for k in range(3))
        rows = transposed([table.vector(I.integer(l, k), 0) for k in range(EIGHT)])
        S.write(horner(rows, S.vector(l, _T)), l, _G)
        return context.get_dummy_value()

    return types.void(table, S, I, types.int64), emit


@kernel(lent=True)
def radial_potential(radial, x, y, z):
    """Potential at one point."""
    s = (x * x + y * y + z * z) * radial.stretch
    s = s if s > radial.low else radial.low
    bits = bits_of(s if s < radial.high else radial.high)
    row = radial.phi[(bits >> _SHIFT) - radial.first]
    t = (double_of((bits & _MASK) | _ONE) - 1.0) * _CELLS
    total = 0.0
    for power in range(EIGHT - 1, -1, -1):
        total = total * t + row[power]
    return total
