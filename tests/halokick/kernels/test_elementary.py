"""Functions for lanes against those of NumPy, in the ranges they are made for."""

import numpy as np
import pytest

from halokick.kernels.elementary import SLOW, arc_cosine, exponential, logarithm, mean_decay, slow_mean_decay


def test_exponential():
    for x in np.linspace(-700, 700, 5001):
        assert exponential(x) == pytest.approx(np.exp(x), rel=1e-15)
    assert exponential(-1e9) == exponential(-700.0)


def test_logarithm():
    # f^9 of a mantissa within a half octave of 1: 3e-8
    for x in np.geomspace(1e-300, 1e300, 5001):
        assert logarithm(x) == pytest.approx(np.log(x), abs=3e-8)
    for y in np.geomspace(1e-12, 1e-3, 100):
        assert logarithm(1 + y) == pytest.approx(np.log(1 + y), rel=1e-14)
        assert logarithm(1 - y) == pytest.approx(np.log(1 - y), rel=1e-14)


def test_inverse_cosine():
    for x in np.linspace(-1, 1, 5001):
        assert arc_cosine(x) == pytest.approx(np.arccos(x), abs=2e-14)
    assert arc_cosine(1.0) == 0.0
    assert arc_cosine(-1.0) == np.pi


def test_mean_of_a_decay():
    for y in np.geomspace(1e-20, 1e5, 3001):
        assert mean_decay(y) == pytest.approx(-np.expm1(-y) / y, rel=5e-14)
        if y <= SLOW:
            assert slow_mean_decay(y) == pytest.approx(-np.expm1(-y) / y, rel=3e-12)
    assert mean_decay(0.0) == 1.0
