"""Expansions in basis functions against galpy's, point by point, and against Hernquist's sphere."""

import numpy as np
import pytest
from galpy.potential import SCFPotential

from halokick.halo.scf_potential import scf_potential


@pytest.mark.filterwarnings("ignore:'where' used without 'out'")
def test_a_sum_over_all_degrees_and_orders_is_that_of_galpy():
    rng = np.random.default_rng(2)
    shape = (4, 5, 5)
    cosines, sines = rng.normal(size=shape), rng.normal(size=shape)
    allowed = np.arange(5)[None, :, None] >= np.arange(5)[None, None, :]
    # high orders of associated Legendre functions are large: small coefficients keep all terms alike
    weight = allowed / np.array([1.0, 1.0, 3.0, 15.0, 105.0])
    cosines, sines = cosines * weight, sines * weight
    potential = SCFPotential(Acos=cosines, Asin=sines, a=1.3)
    x, y, z = rng.normal(size=(3, 30)) * 2
    expected = [potential(np.hypot(a, b), c, phi=np.arctan2(b, a)) for a, b, c in zip(x, y, z, strict=True)]
    # rounding in sums whose terms cancel
    got = potential._amp * scf_potential(potential._Acos, potential._Asin, 1.3, x, y, z)
    np.testing.assert_allclose(got, expected, rtol=1e-10)


def test_the_first_function_is_hernquists_sphere():
    x = np.geomspace(1e-4, 1e4, 9)
    zero = np.zeros_like(x)
    one = np.ones((1, 1, 1))
    got = scf_potential(one, 0 * one, 2.0, x, zero, zero)
    np.testing.assert_allclose(got, -np.sqrt(4 * np.pi) / (x + 2.0), rtol=1e-13)
