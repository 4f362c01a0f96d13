"""Relative speeds at one radius: closed forms of a Plummer sphere, and three kernels that judge each other."""

from itertools import pairwise

import astropy.units as u
import numpy as np
import pytest
from scipy.integrate import quad

from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile, PlummerProfile
from halokick.kernels.relative_nodes import parent_nodes
from halokick.kernels.relative_speed import cubic_at, inverse_speeds, linear_pairs, unkicked_pairs
from halokick.sky.speed_nodes import unit_gauss

RHO = u.Msun / u.kpc**3
LOG_R = np.log([0.1, 1.0, 5.0])
GAUSS = unit_gauss(12)


@pytest.fixture(scope="module")
def plummer():
    return ErgodicDF(Halo(PlummerProfile(r_s=1 * u.kpc, rho_s=1e8 * RHO)))


def local(df, log_r=LOG_R):
    r = np.exp(log_r) * u.kpc
    nodes = parent_nodes(df.halo._field, df._table, log_r, df._log_outermost, *unit_gauss(160))
    return df.profile.density(r).value, df.halo.relative_potential(r).value, nodes


def plummer_pdf(v):
    """P(v) of two Plummer particles for psi = 1, f ~ (1 - v^2/2)^(7/2), by adaptive quadrature over one speed."""
    norm = 1 / quad(lambda x: 4 * np.pi * x * x * (1 - x * x / 2) ** 3.5, 0, np.sqrt(2))[0]

    def cumulative(x):
        return norm * np.maximum(1 - x * x / 2, 0) ** 4.5 / 4.5

    def integrand(x):
        return x * norm * (1 - x * x / 2) ** 3.5 * (cumulative(v - x) - cumulative(min(v + x, np.sqrt(2))))

    edges = sorted({0.0, np.sqrt(2), *(x for x in (v, np.sqrt(2) - v) if 0 < x < np.sqrt(2))})
    parts = (quad(integrand, a, b, epsabs=1e-13, epsrel=1e-11)[0] for a, b in pairwise(edges))
    return 8 * np.pi**2 * v * sum(parts)


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0, 1.4, 2.0, 2.5])
def test_distribution_of_a_plummer_sphere(plummer, share):
    rho, psi, (speed, weight) = local(plummer)
    v = (share * np.sqrt(psi))[:, None]
    expected = plummer_pdf(share) / np.sqrt(psi)
    field, table = plummer.halo._field, plummer._table
    # the tables of f and F hold 1e-9; fixed Gauss rules 1e-8 of the largest P
    assert unkicked_pairs(field, table, LOG_R, v, *GAUSS)[:, 0] / rho**2 == pytest.approx(expected, rel=1e-6, abs=1e-8)
    by_nodes = linear_pairs(field, table, LOG_R, speed, weight, v)[:, 0] / rho**2
    assert by_nodes == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_inverse_speed_of_a_plummer_sphere(plummer):
    rho, psi, (speed, weight) = local(plummer)
    found = inverse_speeds(plummer.halo._field, plummer._table, LOG_R, speed, weight, *GAUSS) / rho**2
    assert found * np.sqrt(psi) == pytest.approx(1.3428127, rel=5e-8)  # independent calculation, eight digits


def test_no_pair_is_faster_than_twice_the_escape_speed(plummer):
    psi = local(plummer)[1]
    v = 2 * np.sqrt(2 * psi)[:, None] * np.array([0.999, 1.0, 1.5])
    p = unkicked_pairs(plummer.halo._field, plummer._table, LOG_R, v, *GAUSS)
    assert np.all(p[:, 0] > 0)
    assert np.all(p[:, 1:] == 0)


def test_slow_pairs_of_a_cold_cusp():
    # v -> 0: P -> 4 pi v^2 int f^2 d^3v / rho^2, by scipy from f itself, where speeds span three decades
    df = ErgodicDF(Halo(NFWProfile(r_s=1 * u.kpc, rho_s=5.3e7 * RHO)))
    log_r = np.log([1e-5])
    core = np.sqrt(2 * df.halo._look_up(df.halo._field.phi, log_r))
    v = 1e-4 * core[:, None]
    psi = df.halo.relative_potential(1e-5 * u.kpc)

    def integrand(x):
        speed = core[0] * np.sinh(x)
        f = df.f(psi - (0.5 * speed**2) * u.km**2 / u.s**2).value
        return 4 * np.pi * speed**2 * f**2 * core[0] * np.cosh(x)

    expected = 4 * np.pi * v[0, 0] ** 2 * quad(integrand, 0, 6, epsrel=1e-9)[0]
    found = unkicked_pairs(df.halo._field, df._table, log_r, v, *GAUSS)[0, 0]
    assert found == pytest.approx(expected, rel=1e-7)  # next order v^2/core^2 = 1e-8, and beyond sinh(6) nothing


def test_cubics_keep_their_end_values():
    knots = np.array([0.0, 1.0, 3.0])
    rows = np.array([[0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]])
    assert [cubic_at(knots, rows, x) for x in (-1.0, 0.5, 2.0, 3.0, 9.0)] == [0.0, 0.5, 2.0, 5.0, 5.0]
