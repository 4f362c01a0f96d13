"""Potentials of exponential disks: closed forms, limits, and two integrals against each other."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import i0, i1, k0, k1

from halokick.halo.exponential_disk import thick_force, thickening, thin_potential


def test_in_its_plane_a_thin_disk_has_freemans_potential():
    big_r = np.geomspace(1e-3, 100.0, 30)
    y = big_r / 2
    expected = -np.pi * big_r * (i0(y) * k1(y) - i1(y) * k0(y))
    # the double-exponential rule
    np.testing.assert_allclose(thin_potential(big_r, 0 * big_r, 1.0), expected, rtol=1e-11)


@pytest.mark.parametrize("z", [0.01, 0.3, 5.0])
def test_on_its_axis_a_thin_disk_is_a_sum_of_rings(z):
    rings, _ = quad(lambda a: a * np.exp(-a) / np.hypot(a, z), 0, 60, epsabs=0, epsrel=1e-12, points=(z, 1), limit=200)
    np.testing.assert_allclose(thin_potential(np.zeros(1), np.array([z]), 1.0), -2 * np.pi * rings, rtol=1e-9)


def test_far_away_a_disk_is_a_point_of_its_mass():
    # M = 2 pi Sigma_0 h^2, and a quadrupole of order (h / r)^2
    far = thin_potential(np.array([1e4]), np.array([2e4]), 2.0) * np.hypot(1e4, 2e4)
    np.testing.assert_allclose(far, -2 * np.pi * 4, rtol=1e-6)


def test_lengths_scale():
    big_r, z = np.array([0.3, 2.0, 9.0]), np.array([1.0, 0.01, 3.0])
    np.testing.assert_allclose(thin_potential(3 * big_r, 3 * z, 3.0), 3 * thin_potential(big_r, z, 1.0), rtol=1e-12)


def test_thickness_averages_over_heights():
    """A potential that is a known function of z: its mean over exp(-|z|/h) is found by parts."""
    ends = 0.01 * 2.0 ** np.arange(16) - 0.01
    t = 0.5 - 0.5 * np.cos(np.pi * (np.arange(14) + 0.5) / 14)
    heights = ends[:-1, None] + np.diff(ends)[:, None] * t
    h = 0.4
    averaged = thickening(heights, ends, h) @ np.exp(-heights.ravel())
    z = heights.ravel()
    # convolution of exp(-|z|) with exp(-|z|/h) / 2h
    expected = (np.exp(-z) - h * np.exp(-z / h)) / (1 - h**2)
    inside = z < 200
    np.testing.assert_allclose(averaged[inside], expected[inside], atol=1e-10)


def test_the_bessel_integral_of_a_thick_disk_tends_to_the_thin_one():
    big_r, z = np.array([0.05, 0.2]), np.array([0.4, 1.5])
    force = thick_force(big_r, z, 1.0, 1e-4)
    step = 1e-3

    def slope(r_step, z_step):
        ahead = thin_potential(big_r + r_step, z + z_step, 1.0)
        return -(ahead - thin_potential(big_r - r_step, z - z_step, 1.0)) / (2 * step)

    # differences of second order over 1e-3 of the scale length; thickness of order 1e-4 squared
    np.testing.assert_allclose(force[:, 0], slope(step, 0), rtol=1e-4)
    np.testing.assert_allclose(force[:, 1], slope(0, step), rtol=1e-4)
