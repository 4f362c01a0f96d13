"""Looking up a table of polynomials in ln r: the cells of many lanes, their rows, eight at a time, and 1/r^2."""

from numba import types
from numba.extending import intrinsic

from halokick.kernels.bits import bits_of
from halokick.kernels.compiled import kernel
from halokick.kernels.vectors import EIGHT, Memory, horner, transposed

_ROUND = 1.5 * 2.0**52
"""Added to a number and taken away again, it leaves the nearest integer."""
_ROUND_BITS = 0x4338000000000000


@kernel(contract=True, lent=True)
def locate(S, I, place, row, count, first, per_cell, last):
    """Rows of the table in I, and places in them in the row `place` of S, of ln r in the row `row`.

    Beyond the table the end cells are used at their edge.
    """
    for l in range(count):
        x = (S[row + l] - first) * per_cell
        # in this order, no number at all becomes 0, and reads no memory that is not the table's
        x = x if x > 0.0 else 0.0
        cell = (x - 0.5 + _ROUND) - _ROUND
        cell = cell if cell < last else last
        t = x - cell
        S[place + l] = t if t < 1.0 else 1.0
        I[l] = (bits_of(cell + _ROUND) - _ROUND_BITS) * EIGHT


@kernel(contract=True, lent=True)
def from_middle(t, step):
    """exp(-2 step (t - 1/2)): 1/r^2 at a place of a cell over that in its middle."""
    y = (1.0 - 2.0 * t) * step
    return 1.0 + y * (1.0 + y * (1 / 2 + y * (1 / 6 + y * (1 / 24 + y * (1 / 120 + y / 720)))))


def look_ups(place, value, rise, curve, inverse2):
    """Two ways to look up rows of eight: six coefficients of a cell, and 1/r^2 in its middle.

    The arguments are the rows of the work space S with the places in the cells, and where to write the value, its first
    and half its second derivative per cell, and 1/r^2. I holds the rows of the table. The first function writes value
    and 1/r^2, the second all four.
    """

    def rows_of(context, builder, signature, arguments):
        l = arguments[3]
        table, S, I = (Memory(context, builder, signature.args[k], arguments[k]) for k in range(3))
        rows = transposed([table.vector(I.integer(l, k), 0) for k in range(EIGHT)])
        return S, rows, S.vector(l, place)

    @intrinsic
    def look_up(typingctx, table, S, I, l):
        def emit(context, builder, signature, arguments):
            S, rows, t = rows_of(context, builder, signature, arguments)
            S.write(horner(rows[:6], t), arguments[3], value)
            S.write(rows[6], arguments[3], inverse2)
            return context.get_dummy_value()

        return types.void(table, S, I, types.int64), emit

    @intrinsic
    def look_up_curve(typingctx, table, S, I, l):
        def emit(context, builder, signature, arguments):
            S, rows, t = rows_of(context, builder, signature, arguments)
            at = first = second = rows[5]
            for power in (4, 3, 2):
                at = at * t + rows[power]
                first = first * t + at
                second = second * t + first
            at = at * t + rows[1]
            first = first * t + at
            S.write(at * t + rows[0], arguments[3], value)
            S.write(first, arguments[3], rise)
            S.write(second, arguments[3], curve)
            S.write(rows[6], arguments[3], inverse2)
            return context.get_dummy_value()

        return types.void(table, S, I, types.int64), emit

    return look_up, look_up_curve
