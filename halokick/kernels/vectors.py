"""Vector instructions for eight lanes at a time, written out where a compiler finds none: looking up a table.

Each lane needs another row of the table. Eight rows of eight numbers are read, one instruction each, and transposed:
what was one row for each lane is then one vector over lanes for each column. All else is arithmetic on such vectors,
as in a loop over lanes. The processor need not have vectors of this length: LLVM takes several shorter ones instead.
"""

from llvmlite import ir
from numba.core import cgutils

EIGHT = 8

_DOUBLE = ir.DoubleType()
_INTEGER = ir.IntType(64)
_VECTOR = ir.VectorType(_DOUBLE, EIGHT)
_UNDEFINED = ir.Constant(_VECTOR, ir.Undefined)
# a product and a sum may become one instruction, as with `kernel(contract=True)`
_FUSED = ("contract",)


class Vector:
    """Eight doubles in the making, with sums and products."""

    def __init__(self, builder, value):
        self._builder = builder
        self._value = value

    @classmethod
    def repeated(cls, builder, number):
        """One number eight times."""
        first = cls(builder, builder.insert_element(_UNDEFINED, number, ir.Constant(ir.IntType(32), 0)))
        return first.shuffled(first, [0] * EIGHT)

    def _of(self, other):
        if isinstance(other, Vector):
            return other._value
        return ir.Constant(_VECTOR, [float(other)] * EIGHT)

    def __add__(self, other):
        return Vector(self._builder, self._builder.fadd(self._value, self._of(other), flags=_FUSED))

    def __mul__(self, other):
        return Vector(self._builder, self._builder.fmul(self._value, self._of(other), flags=_FUSED))

    __radd__ = __add__
    __rmul__ = __mul__

    def __sub__(self, other):
        return Vector(self._builder, self._builder.fsub(self._value, self._of(other), flags=_FUSED))

    def __rsub__(self, other):
        return Vector(self._builder, self._builder.fsub(self._of(other), self._value, flags=_FUSED))

    def __truediv__(self, other):
        return Vector(self._builder, self._builder.fdiv(self._value, self._of(other)))

    def root(self):
        """The square root."""
        function = cgutils.get_or_insert_function(
            self._builder.module, ir.FunctionType(_VECTOR, [_VECTOR]), f"llvm.sqrt.v{EIGHT}f64"
        )
        return Vector(self._builder, self._builder.call(function, [self._value]))

    def chosen_above(self, bound, then, otherwise):
        """`then` where this vector is larger than the bound, `otherwise` elsewhere and where it is no number."""
        above = self._builder.fcmp_ordered(">", self._value, self._of(bound))
        return Vector(self._builder, self._builder.select(above, self._of(then), self._of(otherwise)))

    def shuffled(self, other, which):
        """The numbers `which` of this vector (0 to 7) and the other (8 to 15)."""
        mask = ir.Constant(ir.VectorType(ir.IntType(32), EIGHT), which)
        return Vector(self._builder, self._builder.shuffle_vector(self._value, other._value, mask))


class Memory:
    """The numbers of a flat array, read and written without a check."""

    def __init__(self, context, builder, array_type, array):
        self._builder = builder
        self._data = context.make_array(array_type)(context, builder, array).data

    def index(self, base, offset):
        """base + offset, both of them or one known when compiling."""
        if isinstance(base, int):
            return ir.Constant(_INTEGER, base + offset)
        return self._builder.add(base, ir.Constant(_INTEGER, offset))

    def _place(self, base, offset, kind):
        place = self._builder.gep(self._data, [self.index(base, offset)])
        return self._builder.bitcast(place, ir.PointerType(kind))

    def integer(self, base, offset):
        """One element of an array of integers."""
        return self._builder.load(self._place(base, offset, _INTEGER))

    def vector(self, base, offset):
        """Eight neighbours."""
        loaded = self._builder.load(self._place(base, offset, _VECTOR))
        loaded.align = 8
        return Vector(self._builder, loaded)

    def repeated(self, base, offset):
        """One number eight times."""
        return Vector.repeated(self._builder, self._builder.load(self._place(base, offset, _DOUBLE)))

    def write(self, vector, base, offset):
        """Put eight neighbours."""
        self._builder.store(vector._value, self._place(base, offset, _VECTOR)).align = 8


def transposed(rows):
    """Eight vectors whose number i is made of the numbers i of the eight given."""
    rows = list(rows)
    for width in (1, 2, 4):
        low = [j if not j & width else EIGHT + j - width for j in range(EIGHT)]
        high = [j + width if not j & width else EIGHT + j for j in range(EIGHT)]
        for i in range(EIGHT):
            if not i & width:
                a, b = rows[i], rows[i + width]
                rows[i], rows[i + width] = a.shuffled(b, low), a.shuffled(b, high)
    return rows


def horner(coefficients, argument):
    """Polynomial of the argument, lowest coefficient first; a coefficient may be a number."""
    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * argument + coefficient
    return total


def value_and_slope(coefficients, argument):
    """Polynomial of the argument, and its derivative."""
    value = slope = coefficients[-1]
    for coefficient in reversed(coefficients[1:-1]):
        value = value * argument + coefficient
        slope = slope * argument + value
    return value * argument + coefficients[0], slope
