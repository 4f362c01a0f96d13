"""Nodes in speed: their sums are the moments that other kernels give, and their steps measure speed."""

import astropy.units as u
import numpy as np
import pytest

from halokick.daughters.phase_mixing import spike_radius
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile, PlummerProfile
from halokick.kernels.phase_mixing import daughter_moments
from halokick.kernels.relative_nodes import daughter_nodes, parent_nodes
from halokick.sky.speed_nodes import unit_gauss

RHO = u.Msun / u.kpc**3
ORDER = (24, 8, 8)
LOG_R = np.log([1e-3, 0.1, 1.0, 7.0])


@pytest.fixture(scope="module")
def nfw():
    return ErgodicDF(Halo(NFWProfile(r_s=1 * u.kpc, rho_s=5.3e7 * RHO)))


@pytest.mark.parametrize("k", [5.0, 40.0])
def test_sums_are_the_moments_of_phase_mixing(nfw, k):
    field, log_out = nfw.halo._field, float(nfw.halo._edges[-1])
    rule = (*unit_gauss(ORDER[0]), *unit_gauss(ORDER[1]), ORDER[2])
    spike = spike_radius(field, k)
    speed, weight, radial, _ = daughter_nodes(field, nfw._table, k, LOG_R, spike, log_out, *rule)
    density, radial_square, tangential_square = daughter_moments(field, nfw._table, k, LOG_R, spike, log_out, *rule)
    # the same rule in another order of summation
    assert np.sum(weight, axis=1) == pytest.approx(density, rel=1e-13)
    assert np.sum(radial * speed**2, axis=1) == pytest.approx(radial_square, rel=1e-12)
    assert np.sum((weight - radial) * speed**2, axis=1) == pytest.approx(tangential_square, rel=1e-12)


def test_steps_cover_all_bound_speeds(nfw):
    field, log_out = nfw.halo._field, float(nfw.halo._edges[-1])
    rule = (*unit_gauss(48), *unit_gauss(4), 4)
    speed, _, _, step = daughter_nodes(field, nfw._table, 40.0, LOG_R, spike_radius(field, 40.0), log_out, *rule)
    escape = nfw.halo.escape_speed(np.exp(LOG_R) * u.kpc).value
    # sum dv and sum 3 v^2 dv; 48 nodes per side leave 2e-6 at the smallest radius
    assert np.sum(step, axis=1) == pytest.approx(escape, rel=1e-5)
    assert np.sum(3 * speed**2 * step, axis=1) == pytest.approx(escape**3, rel=1e-5)


def test_the_unkicked_of_a_plummer_sphere():
    df = ErgodicDF(Halo(PlummerProfile(r_s=1 * u.kpc, rho_s=1e8 * RHO)))
    speed, weight = parent_nodes(df.halo._field, df._table, LOG_R, df._log_outermost, *unit_gauss(160))
    density = df.profile.density(np.exp(LOG_R) * u.kpc).value
    psi = df.halo.relative_potential(np.exp(LOG_R) * u.kpc).value
    assert np.sum(weight, axis=1) == pytest.approx(density, rel=1e-9)
    # f ~ E^(7/2): <v^2> = psi/2 and <v^4> = 5 psi^2/14; the tables of f hold 1e-9
    assert np.sum(weight * speed**2, axis=1) / density == pytest.approx(psi / 2, rel=1e-8)
    assert np.sum(weight * speed**4, axis=1) / density == pytest.approx(5 * psi**2 / 14, rel=1e-8)
