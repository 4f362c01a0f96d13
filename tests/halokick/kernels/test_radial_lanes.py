"""Turning points of many orbits at once against those of one, and how often a series does."""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick.kernels.lanes import LANES
from halokick.kernels.radial_arcs import turning_points
from halokick.kernels.radial_lanes import (
    BINDING,
    DEPTH,
    FEW,
    MANY,
    MOMENTUM2,
    ROOT,
    ROOTS,
    TRUSTED,
    fill_series,
    find_turning_points,
    lane_table,
)
from halokick.kernels.radial_shares import SIZE

PROFILES = {
    "cusp": hk.NFWProfile(r_s=16 * u.kpc, rho_s=1e7 * u.Msun / u.kpc**3),
    "steep cusp": hk.ZhaoProfile(gamma=1.9, r_s=20 * u.kpc, rho_s=1e6 * u.Msun / u.kpc**3),
    "core": hk.PlummerProfile(r_s=3 * u.kpc, rho_s=2e7 * u.Msun / u.kpc**3),
}


def lanes_of(name, rng):
    """LANES isotropic directions at radii from 0.01 to 1000 kpc, with speeds below that of escape."""
    field = hk.Halo(PROFILES[name])._field
    log_r = rng.uniform(np.log(0.01), np.log(1000.0), LANES)
    cell = ((log_r - field.l0) / field.step).astype(int)
    powers = ((log_r - field.l0) / field.step - cell)[:, None] ** np.arange(6)
    phi, psi = (np.sum(rows[cell] * powers, axis=1) for rows in (field.phi, field.psi))
    half2 = psi * rng.uniform(0.01, 0.99, LANES)
    cosine = rng.uniform(-1, 1, LANES)
    S, I = np.zeros(SIZE), np.zeros(ROOTS, dtype=np.int64)
    S[DEPTH : DEPTH + LANES] = phi + half2
    S[BINDING : BINDING + LANES] = psi - half2
    S[MOMENTUM2 : MOMENTUM2 + LANES] = 2 * half2 * np.exp(2 * log_r) * (1 - cosine**2)
    S[ROOT : ROOT + LANES] = log_r
    return field, log_r, S, I


@pytest.mark.parametrize("name", PROFILES)
def test_turning_points_are_those_of_one_orbit(name, rng):
    field, log_r, S, I = lanes_of(name, rng)
    find_turning_points(field, lane_table(field), S, I)
    for l in range(LANES):
        state = S[DEPTH + l], S[BINDING + l], S[MOMENTUM2 + l]
        low, high = turning_points(field, *state, log_r[l])
        # rounding of E and L^2, times the inverse of the slope of v_r^2
        assert S[ROOT + l] == pytest.approx(low, abs=1e-10)
        assert S[ROOT + LANES + l] == pytest.approx(high, abs=1e-10)


@pytest.mark.parametrize("name", PROFILES)
def test_nearly_all_orbits_have_a_series_that_can_be_trusted(name, rng):
    # one in 64 of isotropic directions may be hard for the short series, none for the long one
    field, _, S, I = lanes_of(name, rng)
    table = lane_table(field)
    find_turning_points(field, table, S, I)
    fill_series(field, table, FEW, S, I)
    assert S[TRUSTED : TRUSTED + LANES].mean() > 0.7
    fill_series(field, table, MANY, S, I)
    assert S[TRUSTED : TRUSTED + LANES].mean() == 1.0


def test_orbits_that_are_nearly_circular_are_left_to_another_way(rng):
    field, _, S, I = lanes_of("cusp", rng)
    table = lane_table(field)
    find_turning_points(field, table, S, I)
    S[ROOT + LANES : ROOT + 2 * LANES] = S[ROOT : ROOT + LANES] + 1e-3
    fill_series(field, table, MANY, S, I)
    assert not S[TRUSTED : TRUSTED + LANES].any()


def test_daughters_on_no_orbit_have_no_turning_points(rng):
    field, _, S, I = lanes_of("cusp", rng)
    S[MOMENTUM2 : MOMENTUM2 + LANES : 2] = np.nan
    find_turning_points(field, lane_table(field), S, I)
    roots = S[ROOT : ROOT + ROOTS].reshape(2, LANES)
    assert np.isnan(roots[:, ::2]).all()
    assert np.isfinite(roots[:, 1::2]).all()
