"""Quiet start: particles against the profile and f(E) from which they come."""

from dataclasses import fields

import astropy.units as u
import numpy as np
import pytest
from scipy.stats import kstest

import halokick as hk
from halokick.errors import InputError
from halokick.live.start import kick_speeds_of_shares, live_start

N = 1 << 15


@pytest.fixture(scope="module")
def df():
    profile = hk.NFWProfile(r_s=20 * u.kpc, rho_s=6.9e6 * u.Msun / u.kpc**3)
    return hk.ErgodicDF(hk.Halo(hk.TruncatedProfile(profile, r_t=200 * u.kpc)))


@pytest.fixture(scope="module")
def start(df):
    return live_start(df, hk.FixedKick(100 * u.km / u.s), N, seed=1)


def test_mass_inside_radii_is_that_of_the_profile(df, start):
    radii = np.array([0.05, 0.1, 0.3, 1.0, 3.0, 8.0]) * 20
    inside = np.array([start.mass[start.radius < r].sum() for r in radii])
    exact = df.halo.enclosed_mass(radii * u.kpc).value
    # one random particle in 680 (the innermost radius holds 680) is 1.5e-3; a random start errs by N_in^-1/2 = 4e-2
    assert inside == pytest.approx(exact, rel=1e-3)
    assert start.mass.sum() == pytest.approx(start.total_mass, rel=1e-12)


def test_total_mass_is_that_of_the_profile(df, start):
    # the mass at 40 truncation radii is all there is
    assert start.total_mass == pytest.approx(df.profile.mass(8000 * u.kpc).to_value("Msun"), rel=1e-9)


def test_weights_put_particles_into_the_centre(df, start):
    share = np.mean(start.radius < 2.0)
    equal = live_start(df, hk.FixedKick(100 * u.km / u.s), 1 << 13, seed=1, power=0.0)
    assert 0.03 < share < 0.05
    by_mass = df.halo.enclosed_mass(2 * u.kpc).value / start.total_mass
    # 2^13 equal particles, evenly spread: one of the 28 inside more or less
    assert np.mean(equal.radius < 2.0) == pytest.approx(by_mass, rel=0.06)
    assert np.ptp(equal.mass) == pytest.approx(0.0, abs=1e-9 * equal.mass[0])


def test_speeds_have_the_distribution_of_f(df, start):
    """Share of the parents below each speed, by quadrature of v^2 f, is uniform in every shell."""
    for r in (2.0, 20.0, 150.0):
        near = np.abs(np.log(start.radius / r)) < 0.04
        top = df.halo.escape_speed(r * u.kpc).to_value("km/s")
        grid = np.linspace(0, 1, 2001)[1:-1] * top
        density = df.speed_distribution(r * u.kpc, grid * u.km / u.s).to_value("s/km")
        inside = np.cumsum(density) * (grid[1] - grid[0])
        speed = start.speed[near] * top / df.halo.escape_speed(start.radius[near] * u.kpc).to_value("km/s")
        found = kstest(np.interp(speed, grid, inside / inside[-1]), "uniform")
        # evenly spread numbers lie closer than random ones; 60 to 900 particles in a shell
        assert near.sum() > 60
        assert found.statistic < 1.36 / np.sqrt(near.sum())


def test_dispersion_is_that_of_the_jeans_equation(df, start):
    for r in (2.0, 20.0, 100.0):
        near = np.abs(np.log(start.radius / r)) < 0.1
        sigma = np.sqrt(np.average(start.speed[near] ** 2, weights=start.mass[near]) / 3)
        jeans = df.velocity_dispersion(r * u.kpc).to_value("km/s")
        # 500 to 3500 particles: v^2 errs by 0.8 / sqrt(N) if random; 0.6 per cent measured
        assert sigma == pytest.approx(jeans, rel=0.015)


def test_halo_is_in_virial_equilibrium(df, start):
    kinetic = 0.5 * start.mass @ start.speed**2
    psi = df.halo.relative_potential(start.radius * u.kpc).to_value("km2/s2")
    # W = -1/2 sum m psi; 1e-4 measured, of evenly spread particles
    assert 2 * kinetic / (0.5 * start.mass @ psi) == pytest.approx(1.0, abs=5e-4)


def test_directions_and_fates_are_even_and_independent(start):
    n = len(start)
    for values in ((start.cosine + 1) / 2, start.u_decay, (start.kick_cosine + 1) / 2,
                   start.kick_azimuth / (2 * np.pi), start.spare):  # fmt: skip
        assert np.all((values > 0) & (values < 1))
        # in every one of 64 equal parts the same number, as Sobol' points promise
        assert np.all(np.bincount((values * 64).astype(int), minlength=64) == n // 64)
    table = [start.cosine, start.u_decay, start.kick_cosine, start.kick_azimuth, start.spare, np.log(start.radius)]
    off = np.corrcoef(table) - np.eye(len(table))
    assert np.max(np.abs(off)) < 1e-2  # random ones: 3 / sqrt(N) = 1.7e-2


@pytest.mark.parametrize(
    "kick",
    [
        hk.PhaseSpaceKick(n_bodies=3, max_speed=100 * u.km / u.s),
        hk.PhaseSpaceKick(n_bodies=5, max_speed=100 * u.km / u.s),
        hk.CascadeKick(hk.FixedKick(60 * u.km / u.s), hk.FixedKick(25 * u.km / u.s)),
    ],
    ids=["three bodies", "five bodies", "cascade"],
)
def test_kick_speeds_invert_their_law(kick):
    share = (np.arange(4000) + 0.5) / 4000
    speed = kick_speeds_of_shares(kick, share)
    # the last piece of the table is a straight line: (1 / 2048 / 64)^2 where the density is finite
    assert kick.cdf(speed * u.km / u.s) == pytest.approx(share, abs=1e-8)
    assert np.mean(speed**2) == pytest.approx(kick.rms_speed.to_value("km/s") ** 2, rel=1e-4)  # midpoint rule


def test_one_speed_is_one_speed():
    assert np.all(kick_speeds_of_shares(hk.FixedKick(54 * u.km / u.s), np.linspace(0.01, 0.99, 5)) == 54.0)


def test_seed_fixes_every_number(df, start):
    again = live_start(df, hk.FixedKick(100 * u.km / u.s), N, seed=1)
    other = live_start(df, hk.FixedKick(100 * u.km / u.s), 2000, seed=2)
    for item in fields(start):
        if isinstance(getattr(start, item.name), np.ndarray):
            assert np.array_equal(getattr(start, item.name), getattr(again, item.name))
    assert not np.array_equal(start.radius[:2000], other.radius)


def test_arrays_cannot_be_changed(start):
    with pytest.raises(ValueError, match="read-only"):
        start.radius[0] = 1.0


def test_what_is_no_start_is_refused(df):
    kick = hk.FixedKick(100 * u.km / u.s)
    with pytest.raises(InputError, match="at least 1000"):
        live_start(df, kick, 10, seed=1)
    with pytest.raises(InputError, match="seed"):
        live_start(df, kick, 2000, seed=-1)
    with pytest.raises(InputError, match="power"):
        live_start(df, kick, 2000, seed=1, power=3.0)
    infinite = hk.NFWProfile(r_s=20 * u.kpc, rho_s=6.9e6 * u.Msun / u.kpc**3)
    with pytest.raises(InputError, match="no finite mass"):
        live_start(hk.ErgodicDF(hk.Halo(infinite)), kick, 2000, seed=1)
    with pytest.raises(InputError, match="TruncatedProfile"):
        live_start(hk.ErgodicDF(hk.Halo(infinite, energy_cut=200 * u.kpc)), kick, 2000, seed=1)
