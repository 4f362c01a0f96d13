"""Looking up a table of polynomials in ln r for eight lanes at a time, and what it gives besides: 1/r^2."""

from numba import types
from numba.extending import intrinsic

from halokick.kernels.vectors import EIGHT, Memory, horner, transposed


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
