"""The drawing kernels: an exact inverse, a bound that is checked, weights that average to one."""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick.halo.sampling import key_of, parent_table
from halokick.kernels.sampling import ABOVE_ENVELOPE, NOT_ACCEPTED, draw_births, draw_parents, log_radii_of_shares

RHO = 1e7 * u.Msun / u.kpc**3
SCALE = {"r_s": 20 * u.kpc, "rho_s": RHO}


@pytest.fixture(scope="module")
def df():
    return hk.ErgodicDF(hk.Halo(hk.ZhaoProfile(gamma=1.2, **SCALE)))


def test_radius_of_a_share_is_the_inverse_of_the_closed_mass():
    profile = hk.HernquistProfile(**SCALE)
    parents, _ = parent_table(hk.ErgodicDF(hk.Halo(profile)), np.log(1000.0))
    share = np.concatenate([np.geomspace(1e-14, 0.5, 200), 1 - np.geomspace(1e-6, 0.5, 200)])
    r = np.exp(log_radii_of_shares(parents, share)) * u.kpc
    closed = (profile.mass(r) / profile.mass(1000 * u.kpc)).to_value("")
    # quintic in cells of 0.025; the mass left out inside 1e-9 scale radii is 1e-18
    np.testing.assert_allclose(closed, share, rtol=1e-10, atol=2e-18)


@pytest.mark.parametrize(
    "profile",
    [
        hk.JaffeProfile(**SCALE),
        hk.PlummerProfile(**SCALE),
        hk.BurkertProfile(**SCALE),
        hk.EinastoProfile(alpha=0.17, **SCALE),
        hk.TruncatedProfile(hk.NFWProfile(**SCALE), r_t=100 * u.kpc),
    ],
    ids=lambda p: type(p).__name__,
)
def test_bound_of_the_speeds_is_never_exceeded(profile):
    df = hk.ErgodicDF(hk.Halo(profile))
    low, high = np.log(1e-6), np.log(500.0)
    parents, _ = parent_table(df, high, uniform_share=0.7, uniform=(low, high))
    failures = draw_births(df.halo._field, df._table, parents, key_of(4), 0, np.full(100_000, 30.0))[1].sum(axis=0)
    assert failures[NOT_ACCEPTED] == 0
    assert failures[ABOVE_ENVELOPE] == 0


def test_a_bound_that_is_too_low_is_reported(df):
    parents, _ = parent_table(df, np.log(300.0), margin=0.8)
    failures = draw_parents(df.halo._field, df._table, parents, key_of(1), 20_000)[2].sum(axis=0)
    assert failures[ABOVE_ENVELOPE] > 0


def test_a_bound_that_no_speed_reaches_is_reported(df):
    parents, _ = parent_table(df, np.log(300.0), margin=1e9)
    failures = draw_parents(df.halo._field, df._table, parents, key_of(1), 1000)[2].sum(axis=0)
    assert failures[NOT_ACCEPTED] > 900


def test_weights_average_to_one_and_restore_the_mass_profile(df):
    within = 4e4
    parents, mass = parent_table(df, np.log(within), thinning=1 / 400, uniform_share=0.5, uniform=(-5.0, 7.0))
    n = 400_000
    births, _ = draw_births(df.halo._field, df._table, parents, key_of(2), 0, np.full(n, 50.0))
    assert mass == pytest.approx(df.profile.mass(within * u.kpc).to_value(u.Msun), rel=1e-9)
    for radius in (0.05, 1.0, 20.0, 400.0, within):
        inside = births.weight * (births.log_r < np.log(radius))
        expected = (df.profile.mass(radius * u.kpc) / df.profile.mass(within * u.kpc)).to_value("")
        assert abs(inside.mean() - expected) < 4 * inside.std() / np.sqrt(n)  # 4 sigma, fixed seed


def test_energy_after_the_kick_is_the_mean_of_parent_plus_kick(df):
    # <v_new^2> = <v^2> + k^2 for isotropic kicks: energies fall by k^2/2 on average
    parents, _ = parent_table(df, np.log(300.0))
    n, k = 200_000, 80.0
    arguments = (df.halo._field, df._table, parents, key_of(3), 0)
    births, _ = draw_births(*arguments, np.full(n, k))
    unkicked, _ = draw_births(*arguments, np.zeros(n))
    change = unkicked.binding - births.binding
    assert abs(change.mean() - 0.5 * k * k) < 4 * change.std() / np.sqrt(n)  # 4 sigma, fixed seed
    radial2 = births.cosine**2
    assert abs(radial2.mean() - 1 / 3) < 4 * radial2.std() / np.sqrt(n)
