"""Densities of daughters where parents end steeply: between radii, in bins, before an edge, and inside the first."""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick.daughters.reference import Reference
from halokick.errors import InputError

KPC, KMS, RHO = u.kpc, u.km / u.s, u.Msun / u.kpc**3
NFW = hk.NFWProfile(r_s=20 * KPC, rho_s=6.9e6 * RHO)
KICK = hk.FixedKick(100 * KMS)


def truncated(power):
    return hk.ErgodicDF(hk.Halo(hk.TruncatedProfile(NFW, 50 * KPC, power)))


@pytest.fixture(scope="module")
def gentle():
    return truncated(2)


@pytest.fixture(scope="module")
def steep():
    return truncated(6)


def test_density_between_radii_outside_a_steep_end_equals_a_direct_solution(steep):
    daughters = hk.phase_mix(steep, KICK)
    between = np.array([30.0, 45.0, 63.0, 81.0, 97.0, 118.0]) * KPC
    direct = hk.phase_mix(steep, KICK, between).total_density
    # measured 7e-5, the cubic between default radii; parents fall by e^-170 from the third radius to the last
    np.testing.assert_allclose((daughters.density(between) / direct).to_value(""), 1, atol=3e-4)
    parents = steep.profile.density(between)
    np.testing.assert_allclose(daughters.ratio(between), (daughters.density(between) / parents).to_value(""))


def test_no_daughter_is_lost_or_made_in_a_halo_that_ends_steeply():
    df = truncated(4)
    daughters = hk.phase_mix(df, hk.FixedKick(30 * KMS))
    born = df.profile.total_mass * hk.bound_fraction(df, daughters.kick, 240 * KPC)
    # measured 1e-6, the cubic between radii
    assert (daughters.mass(daughters.r_max) / born).to_value("") == pytest.approx(1, abs=1e-5)


def test_orbits_and_phase_mixing_agree_where_the_parents_are_gone(gentle):
    bins = np.geomspace(10, 200, 16) * KPC
    orbits = hk.follow_orbits(gentle, KICK, bins, n=60_000, seed=1)
    mixed = hk.phase_mix(gentle, KICK, orbits.radius)
    off = (orbits.total_density / mixed.total_density).to_value("") - 1
    error = (orbits.error_density / mixed.total_density).to_value("")
    # 4 sigma, fixed seed, and what one slope of 6 in bins of 0.2 in ln r leaves where daughters fall as r^-4 to r^-8
    assert np.all(np.abs(off) < 4 * error + 0.03)
    # the last bin holds 1e-5 parents per daughter: their mean ratio would give 0.3 of the density
    assert gentle.profile.density(orbits.radius[-1]) < 1e-4 * orbits.total_density[-1]


def test_orbits_stay_positive_between_the_last_bin_and_an_outer_cut():
    df = hk.ErgodicDF(hk.Halo(NFW))
    orbits = hk.follow_orbits(df, KICK, np.geomspace(2, 200, 20) * KPC, n=60_000, seed=1, outer_cut=200 * KPC)
    mixed = hk.phase_mix(df, KICK, np.geomspace(2, 199.9, 60) * KPC, outer_cut=200 * KPC)
    near = np.array([180.0, 190.0, 196.0, 199.0]) * KPC
    # a share of 0.02 of scatter, and the mean over the last bin beside the value at its centre
    np.testing.assert_allclose((orbits.density(near) / mixed.density(near)).to_value(""), 1, atol=0.15)
    assert orbits.density(200 * KPC) == 0


@pytest.mark.parametrize(
    "profile",
    [
        hk.PlummerProfile(r_s=5 * KPC, rho_s=2e7 * RHO),
        hk.BurkertProfile(r_s=5 * KPC, rho_s=2e7 * RHO),
        hk.HernquistProfile(r_s=2 * KPC, rho_s=2e7 * RHO),
        hk.JaffeProfile(r_s=20 * KPC, rho_s=7e6 * RHO),
    ],
    ids=["plummer", "burkert", "hernquist", "jaffe"],
)
def test_mass_inside_the_first_radius_is_that_of_the_profile(profile):
    daughters = hk.phase_mix(hk.ErgodicDF(hk.Halo(profile)), hk.FixedKick(1 * KMS), np.geomspace(20, 60, 12) * KPC)
    parents = daughters.mass(50 * KPC) / daughters.retained_mass_fraction(50 * KPC)
    # measured 2e-7: the cubic of ln mass between nodes
    assert (parents / profile.mass(50 * KPC)).to_value("") == pytest.approx(1, abs=2e-6)
    assert 0 < daughters.retained_mass_fraction(50 * KPC) <= 1.001


def test_mass_that_cannot_be_continued_inwards_is_refused():
    radius = np.geomspace(1, 100, 20) * KPC
    rising = hk.JaffeProfile(r_s=20 * KPC, rho_s=7e6 * RHO)
    daughters = hk.Daughters(
        method="phase_mixing",
        parent=rising,
        kick=KICK,
        radius=radius,
        components={"bound": rising.density(radius) * (radius / (1 * KPC)).to_value("") ** -1.5},
        error_density=0 * rising.density(radius),
        dispersion={},
        bound_at_birth=np.ones(20),
        bound_fraction=1.0,
        reference_radius=10 * KPC,
    )
    with pytest.raises(InputError, match="rises inward"):
        daughters.mass(10 * KPC)


def test_reference_is_the_parents_unless_they_are_steep():
    log_r = np.log([0.01, 1.0, 30.0, 100.0])
    exact = Reference(NFW, np.log(0.01), np.log(100))
    assert exact.is_parent
    np.testing.assert_array_equal(exact.density(log_r), NFW.density(np.exp(log_r) * KPC).value)
    bounded = Reference(hk.TruncatedProfile(NFW, 30 * KPC, 8), np.log(0.01), np.log(100))
    assert not bounded.is_parent
    fine = np.linspace(np.log(0.01), np.log(100), 400)
    slope = -np.gradient(np.log(bounded.density(fine)), fine)
    assert np.max(slope) < 6.01
    # the bound of the slope takes 1.6 per cent off a slope of 2
    np.testing.assert_allclose(slope[10:200], NFW.slope(np.exp(fine[10:200]) * KPC), rtol=0.02)


def test_mass_of_the_reference_is_its_integral():
    cut = Reference(hk.TruncatedProfile(NFW, 30 * KPC, 8), np.log(1), np.log(60), np.log(60))
    edges = np.log([1.0, 5.0, 20.0, 60.0])
    fine = np.linspace(edges[0], edges[-1], 200_001)
    shells = 4 * np.pi * cut.density(fine) * np.exp(3 * fine)
    total = np.sum(0.5 * (shells[1:] + shells[:-1]) * np.diff(fine))
    # Gauss against the trapezoid; the root at the edge costs 1e-8
    assert cut.masses(edges).sum() == pytest.approx(total, rel=1e-6)
