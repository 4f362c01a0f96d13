"""Random numbers that are a function of (key, particle, draw): the counter-based generator Philox4x64-10.

A kernel that takes its numbers from arrays drawn outside needs ten of them per particle, unused ones included, and one
that draws from a generator with a state gives other particles for every number of threads. Here a random number is
plain arithmetic on a counter that names what it is for, so that particle i of a seed is the same particle to the bit,
whatever the number of threads, the size of a chunk, or the number of particles asked for.

Salmon, Moraes, Dror & Shaw (2011, SC11), "Parallel random numbers: as easy as 1, 2, 3", Sec. 3.3; passes BigCrush.
NumPy's `Philox` is the same function, which the tests use.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from halokick.kernels.compiled import kernel

_MULTIPLY_0 = np.uint64(0xD2E7470EE14C6C93)
_MULTIPLY_1 = np.uint64(0xCA5A826395121157)
_RAISE_0 = np.uint64(0x9E3779B97F4A7C15)
_RAISE_1 = np.uint64(0xBB67AE8584CAA73B)
_ROUNDS = 10
_DROPPED = np.uint64(12)
_SPACING = 2.0**-52
ZERO = np.uint64(0)
"""Fourth word of every counter in our kernels; NumPy's generators with the same key begin at one."""


@intrinsic
def _high_product(typingctx, x, y):
    """The upper 64 bits of the product of two unsigned 64-bit integers."""

    def emit(context, builder, signature, arguments):
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), emit


@kernel
def philox(c0, c1, c2, c3, key0, key1):
    """Four random words from a counter of four words and a key of two, all unsigned 64-bit integers."""
    for _ in range(_ROUNDS):
        high0 = _high_product(_MULTIPLY_0, c0)
        low0 = _MULTIPLY_0 * c0
        high1 = _high_product(_MULTIPLY_1, c2)
        low1 = _MULTIPLY_1 * c2
        c0, c1, c2, c3 = high1 ^ c1 ^ key0, low1, high0 ^ c3 ^ key1, low0
        key0 += _RAISE_0
        key1 += _RAISE_1
    return c0, c1, c2, c3


@kernel
def unit(word):
    """A number in the open interval (0, 1) from the upper 52 bits of a word: the half makes it never 0, never 1."""
    return (np.float64(word >> _DROPPED) + 0.5) * _SPACING


@kernel
def units_of(key, particle, draw, stream):
    """Four independent numbers in (0, 1) for draw number `draw` of a particle, in a stream of its own purpose."""
    a, b, c, d = philox(np.uint64(draw), np.uint64(particle), np.uint64(stream), ZERO, key[0], key[1])
    return unit(a), unit(b), unit(c), unit(d)
