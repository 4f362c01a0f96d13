"""Exponential, logarithm and inverse cosine from sums and products alone, so that loops over lanes become vectors.

A call into a library is made for one number at a time. These have no branch and no table: a range reduced by the bits
of a double, then a polynomial.
"""

import numpy as np

from halokick.kernels.bits import bits_of, double_of
from halokick.kernels.compiled import kernel
from halokick.kernels.vectors import horner

_ROUND = 1.5 * 2.0**52
"""Added and taken away again, it leaves the nearest integer; the sum's last bits are that integer."""
_PER_OCTAVE = 1.0 / np.log(2.0)
_LN2_HIGH, _LN2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10
"""ln 2 in two parts, the first of them short enough to be multiplied without rounding."""
_SMALLEST = -700.0
_HALF_OCTAVE = 0x3FE6A09E667F3BCD
"""Bits of the root of 1/2."""
SLOW = 0.1
"""Largest y of `slow_mean_decay`."""
# asin(w) / w in powers of w^2 up to w^2 = 1/2, through Chebyshev points
_DEGREE = 15
_POINTS = 0.25 * (1.0 - np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1)))
_FITTED = np.polynomial.Polynomial.fit(_POINTS, np.arcsin(np.sqrt(_POINTS)) / np.sqrt(_POINTS), _DEGREE, [0.0, 0.5])
_ARCSINE = tuple(float(c) for c in _FITTED.convert().coef)


@kernel(contract=True, lent=True)
def exponential(x):
    """exp(x) for x up to 700, to 1e-15; below -700 as at -700."""
    x = x if x > _SMALLEST else _SMALLEST
    shifted = x * _PER_OCTAVE + _ROUND
    octaves = shifted - _ROUND
    y = (x - octaves * _LN2_HIGH) - octaves * _LN2_LOW
    e = 1 / 362880 + y * (1 / 3628800 + y * (1 / 39916800 + y / 479001600))
    e = 1 / 120 + y * (1 / 720 + y * (1 / 5040 + y * (1 / 40320 + y * e)))
    e = 1.0 + y * (1.0 + y * (1 / 2 + y * (1 / 6 + y * (1 / 24 + y * e))))
    return double_of(bits_of(e) + (bits_of(shifted) << 52))


@kernel(contract=True, lent=True)
def logarithm(x):
    """ln x for x > 0, to 3e-8, and to 1e-15 next to 1: for steps and first guesses."""
    octaves = (bits_of(x) - _HALF_OCTAVE) >> 52
    m = double_of(bits_of(x) - (octaves << 52))
    f = (m - 1.0) / (m + 1.0)
    f2 = f * f
    series = 2.0 * f * (1.0 + f2 * (1 / 3 + f2 * (1 / 5 + f2 / 7)))
    # the number of octaves as a double, by way of its bits
    return series + (double_of(octaves + 0x4338000000000000) - _ROUND) * 0.6931471805599453


@kernel(contract=True, lent=True)
def arc_cosine(x):
    """acos(x) for x from -1 to 1, to 1e-14."""
    c = _ARCSINE
    w2 = 0.5 * (1.0 - abs(x))
    high = c[12] + w2 * (c[13] + w2 * (c[14] + w2 * c[15]))
    high = c[8] + w2 * (c[9] + w2 * (c[10] + w2 * (c[11] + w2 * high)))
    high = c[4] + w2 * (c[5] + w2 * (c[6] + w2 * (c[7] + w2 * high)))
    near = 2.0 * np.sqrt(w2) * (c[0] + w2 * (c[1] + w2 * (c[2] + w2 * (c[3] + w2 * high))))
    return near if x > 0.0 else np.pi - near


@kernel(contract=True, lent=True)
def mean_decay(y):
    """(1 - exp(-y)) / y for y >= 0, to 1e-14."""
    small = 1.0 - y * (1 / 2 - y * (1 / 6 - y * (1 / 24 - y * (1 / 120 - y * (1 / 720 - y * (1 / 5040 - y / 40320))))))
    large = (1.0 - exponential(-y)) / (y if y > SLOW else SLOW)
    return large if y > SLOW else small


@kernel(contract=True, lent=True)
def slow_mean_decay(y):
    """`mean_decay` for y up to `SLOW`, to 3e-12."""
    return 1.0 - y * (1 / 2 - y * (1 / 6 - y * (1 / 24 - y * (1 / 120 - y * (1 / 720 - y / 5040)))))


def arc_cosine_of(x):
    """`arc_cosine` of a `Vector`."""
    square = 0.5 - x.chosen_above(0.0, x, x * -1.0) * 0.5
    fourth = square * square
    series = horner(_ARCSINE[0::2], fourth) + square * horner(_ARCSINE[1::2], fourth)
    near = square.root() * 2.0 * series
    return x.chosen_above(0.0, near, np.pi - near)
