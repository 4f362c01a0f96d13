"""Populations as nodes in speed: the virial theorem, the daughters' density and anisotropy, sums over kick laws."""

import astropy.units as u
import numpy as np
import pytest

from halokick.constants import G
from halokick.daughters.phase_mixing import phase_mix
from halokick.decay.kicks import FixedKick, TabulatedKick
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import HernquistProfile
from halokick.sky.shells import shells
from halokick.sky.speed_nodes import kicked, unit_gauss, unkicked

RADII = np.array([0.01, 0.1, 1.0, 5.0])


@pytest.fixture(scope="module")
def hernquist():
    """G M = a = 1 in km/s and kpc."""
    return ErgodicDF(Halo(HernquistProfile(r_s=1 * u.kpc, rho_s=u.Msun / u.kpc**3 / (2 * np.pi * G))))


def log_out(df):
    return float(df.halo._edges[-1])


@pytest.mark.parametrize("k", [0.3, 0.6])
def test_virial_theorem_of_the_daughters(hernquist, k):
    # int rho <v^2> dV = int rho r dPhi/dr dV for any steady population; 1e-6 is the quadrature in radius, and what lies
    # outside 1e5 scale radii is below 1e-7
    log_r, weight = shells(
        "sphere", 2e5, np.arcsin(0.5), np.inf, nodes=1, inner_nodes=20, inner_power=4.0, inner_edge=k**2
    )
    nodes = kicked(hernquist, FixedKick(k * u.km / u.s), log_r, log_out(hernquist))
    r = np.exp(log_r)
    potential = weight @ (nodes.density * r / (1 + r) ** 2)
    assert weight @ nodes.moment(2) / potential == pytest.approx(1, abs=1e-6)
    assert weight @ (nodes.radial_square + 2 * nodes.tangential_square) / potential == pytest.approx(1, abs=1e-6)


def test_daughters_are_those_of_phase_mixing(hernquist):
    nodes = kicked(hernquist, FixedKick(0.6 * u.km / u.s), np.log(RADII), log_out(hernquist))
    mixed = phase_mix(hernquist, FixedKick(0.6 * u.km / u.s), RADII * u.kpc)
    assert nodes.density == pytest.approx(mixed.total_density.value, rel=1e-12)  # the same rule
    beta = 1 - nodes.tangential_square / nodes.radial_square
    assert beta == pytest.approx(mixed.anisotropy(RADII * u.kpc), abs=1e-12)


def test_unkicked_particles_are_isotropic_and_in_equilibrium(hernquist):
    nodes = unkicked(hernquist, np.log(RADII))
    r = RADII
    # dispersion of Hernquist's model in closed form (Hernquist 1990, Eq. 10)
    polynomial = 25 + 52 * r + 42 * r**2 + 12 * r**3
    sigma2 = r * (1 + r) ** 3 * np.log((1 + r) / r) - r / (12 * (1 + r)) * polynomial
    # the closed form cancels to 1e-11 of its terms at r = 5
    assert nodes.radial_square / nodes.density == pytest.approx(sigma2, rel=1e-7)
    assert nodes.tangential_square == pytest.approx(nodes.radial_square, rel=1e-12)


def test_kick_speeds_add(hernquist):
    # a narrow law beside its mean: the second derivative in k times the variance is left
    speed = np.linspace(0.299, 0.301, 11) * u.km / u.s
    law = TabulatedKick(speed, np.ones(11) / (u.km / u.s))
    narrow = kicked(hernquist, law, np.log(RADII), log_out(hernquist), order=(32, 8, 8), kick_nodes=3)
    single = kicked(hernquist, FixedKick(0.3 * u.km / u.s), np.log(RADII), log_out(hernquist), order=(32, 8, 8))
    assert len(narrow.parts) == 3
    assert narrow.density == pytest.approx(single.density, rel=1e-4)  # (0.0006/0.3)^2 and its factor of order ten
    assert narrow.moment(2) == pytest.approx(single.moment(2), rel=1e-4)


def test_cumulated_parts_are_integrals_over_speed(hernquist):
    nodes = kicked(hernquist, FixedKick(0.6 * u.km / u.s), np.log(RADII), log_out(hernquist))
    (part,) = nodes.parts
    knots, sums, slopes = part.cumulated(part.weight)
    assert sums[:, -1] == pytest.approx(nodes.density, rel=1e-12)
    # polynomials ripple by 2e-7 at most next to the spike, where g is singular
    assert np.all(np.diff(sums, axis=1) > -1e-6 * sums[:, -1:])
    # slope of the sum against its differences below the spike, to second order in their width
    row, some = 1, slice(60, 81)
    secant = np.diff(sums[row, some]) / np.diff(knots[row, some])
    mean = 0.5 * (slopes[row, some][1:] + slopes[row, some][:-1])
    assert secant == pytest.approx(mean, rel=2e-3)


def test_gauss_rule_on_the_unit_interval():
    x, w = unit_gauss(5)
    assert w @ x**9 == pytest.approx(0.1, rel=1e-14)
