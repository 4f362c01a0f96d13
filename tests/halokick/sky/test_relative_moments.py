"""Moments of relative speeds against closed forms of Gaussian populations, isotropic and not."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erf

from halokick.kernels.relative_speed import kicked_pairs
from halokick.sky import relative_moments as moments
from halokick.sky.speed_nodes import Part, SpeedNodes, unit_gauss

TOP = 12.0


def gaussian(radial, tangential, spike=0.7):
    """Density 1 of dispersions sigma_r, sigma_t, split at `spike` like daughters: one row."""
    z, wz = unit_gauss(64)
    mu, wmu = unit_gauss(64)
    low = spike * (1 - z**4)
    high = spike + (TOP - spike) * z**4
    speed = np.concatenate([low, high])
    step = np.concatenate([spike * 4 * z**3 * wz, (TOP - spike) * 4 * z**3 * wz])
    exponent = mu**2 / radial**2 + (1 - mu**2) / tangential**2
    f = np.exp(-0.5 * np.multiply.outer(speed**2, exponent)) / ((2 * np.pi) ** 1.5 * radial * tangential**2)
    weight = 4 * np.pi * speed**2 * step * (f @ wmu)
    along = 4 * np.pi * speed**2 * step * (f @ (wmu * mu**2))
    rows = [row[None, :] for row in (speed, weight, along, step)]
    part = Part(1.0, np.array([spike]), np.array([TOP]), z, *rows)
    return SpeedNodes(*rows[:3], (part,))


def inverse(radial, tangential):
    """<1/v> of a Gaussian of relative dispersions sqrt(2) times these: mean over direction of 1/width in it."""
    s = [np.sqrt(2) * x for x in (radial, tangential)]

    def integrand(x):
        return 1 / (x**2 / s[0] ** 2 + (1 - x**2) / s[1] ** 2)

    return 2 / np.sqrt(2 * np.pi) / (s[0] * s[1] ** 2) * quad(integrand, 0, 1)[0]


def test_maxwellian_pairs():
    nodes = gaussian(1.0, 1.0)
    # sums over 128 nodes hold 1e-10
    assert moments.mean_square(nodes, nodes)[0] == pytest.approx(6, rel=1e-10)
    assert moments.mean_fourth(nodes, nodes)[0] == pytest.approx(60, rel=1e-10)
    assert moments.mean_inverse_kicked(nodes)[0] == pytest.approx(1 / np.sqrt(np.pi), rel=1e-8)


def test_fourth_moment_of_anisotropic_pairs():
    nodes = gaussian(1.3, 0.8)
    # Gaussian with dispersions sqrt(2) larger: sum of x^4 and x^2 y^2
    r, t = 2 * 1.3**2, 2 * 0.8**2
    assert moments.mean_square(nodes, nodes)[0] == pytest.approx(r + 2 * t, rel=1e-10)
    assert moments.mean_fourth(nodes, nodes)[0] == pytest.approx(3 * r * r + 8 * t * t + 4 * r * t, rel=1e-10)


def test_pairs_of_unlike_populations():
    one, two = gaussian(1.0, 1.0), gaussian(0.5, 0.9)
    r, t = 1 + 0.25, 1 + 0.81
    assert moments.mean_square(one, two)[0] == pytest.approx(r + 2 * t, rel=1e-10)
    assert moments.mean_fourth(one, two)[0] == pytest.approx(3 * r * r + 8 * t * t + 4 * r * t, rel=1e-10)


@pytest.mark.parametrize(("radial", "tangential", "left"), [(1.05, 1.0, 1e-7), (1.25, 0.95, 1e-4)])
def test_inverse_speed_of_anisotropic_pairs(radial, tangential, left):
    nodes = gaussian(radial, tangential)
    # l = 4 and beyond are left out, of the order beta^4: 6e-8 and 6e-5 measured, where l = 2 is 2e-4 and 5e-3
    found = moments.mean_inverse_kicked(nodes)[0]
    assert found == pytest.approx(inverse(radial, tangential), rel=left)


def test_distribution_of_maxwellian_pairs():
    nodes = gaussian(1.0, 1.0)
    v = np.geomspace(0.01, 10, 40)[None, :]
    arrays = (nodes.speed, nodes.weight, nodes.quadrupole, *moments.pair_tables(nodes))
    found = kicked_pairs(*arrays, v, *unit_gauss(24))[0]
    exact = v[0] ** 2 * np.exp(-(v[0] ** 2) / 4) / (2 * np.sqrt(np.pi))
    # cubics through 512 points of the cumulative integral: 1e-8 of the largest value
    assert found == pytest.approx(exact, abs=2e-8, rel=1e-6)


def test_distribution_of_anisotropic_pairs():
    radial, tangential = 1.1, 0.95
    nodes = gaussian(radial, tangential)
    v = np.linspace(0.1, 6, 30)[None, :]
    arrays = (nodes.speed, nodes.weight, nodes.quadrupole, *moments.pair_tables(nodes))
    found = kicked_pairs(*arrays, v, *unit_gauss(24))[0]
    r, t = 2 * radial**2, 2 * tangential**2
    # |v| of an anisotropic Gaussian: the mean over directions is an error function
    x = v[0] * np.sqrt(0.5 / r - 0.5 / t + 0j)
    mean = np.real(np.sqrt(np.pi) * erf(x) / (2 * x)) * np.exp(-(v[0] ** 2) / (2 * t))
    exact = 4 * np.pi * v[0] ** 2 / ((2 * np.pi) ** 1.5 * np.sqrt(r) * t) * mean
    # l >= 4 left out: beta^4 = 4e-3 of a term of itself 1e-2
    assert found == pytest.approx(exact, abs=3e-5)
    isotropic = kicked_pairs(nodes.speed, nodes.weight, 0 * nodes.weight, *arrays[3:], v, *unit_gauss(24))[0]
    assert np.max(np.abs(isotropic - exact)) > 20 * np.max(np.abs(found - exact))
