"""The two engines of live haloes against each other: they share the start and the grid of the field, nothing else."""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick import constants
from halokick.daughters.live_nbody import live_nbody
from halokick.daughters.live_start import live_start
from halokick.daughters.orbit_iteration import orbit_iteration

R = np.array([0.1, 0.3, 1, 3, 8])
AGE = 100.0


@pytest.fixture(scope="module")
def runs():
    """Kicks of the peak of the circular speed, half of the lifetime; the same N-body without decays; orbits."""
    profile = hk.NFWProfile(r_s=1 * u.kpc, rho_s=1 / (4 * np.pi * constants.G) * u.Msun / u.kpc**3)
    df = hk.ErgodicDF(hk.Halo(hk.TruncatedProfile(profile, r_t=10 * u.kpc)))
    start = live_start(df, hk.FixedKick(0.461 * u.km / u.s), 8192, 5)
    decays = live_nbody(start, df, lifetime=2 * AGE, times=[AGE])
    control = live_nbody(start, df, lifetime=np.inf, times=[AGE])
    orbits = orbit_iteration(start, df, lifetime=2 * AGE, times=[0, AGE])
    return decays.moments[0], control.moments[0], orbits, decays.edges


def inside(moment, edges, r=R, species="total"):
    return np.exp(np.interp(np.log(r), np.log(edges), np.log(getattr(moment, species).enclosed)))


def test_masses_agree(runs):
    decays, control, orbits, edges = runs
    by_particles = inside(decays, edges) / inside(control, edges)
    by_orbits = inside(orbits.moments[1], orbits.edges) / inside(orbits.moments[0], orbits.edges)
    # which daughters are where: 3 per cent of the mass inside 0.1, with 300 particles; then 2, 1, 1, 1. Orbits with
    # periods above 50, outside 3, are not mixed
    assert np.all(np.abs(by_particles / by_orbits - 1) < [0.06, 0.04, 0.02, 0.02, 0.02])


def test_parents_spread_alike(runs):
    decays, control, orbits, edges = runs
    by_particles = inside(decays, edges, species="parents") / inside(control, edges)
    by_orbits = inside(orbits.moments[1], orbits.edges, species="parents") / inside(orbits.moments[0], orbits.edges)
    assert np.all(np.abs(by_particles / by_orbits - 1) < [0.06, 0.04, 0.02, 0.02, 0.02])  # as above


def test_velocities_agree(runs):
    decays, _, orbits, edges = runs
    for species in ("parents", "daughters"):
        ours, theirs = (getattr(moment, species).merged(14) for moment in (orbits.moments[1], decays))
        merged = edges[::14]
        middle = np.flatnonzero((merged[:-1] > 0.2) & (merged[1:] < 5)) + 1
        for name in ("radial_square", "tangential_square"):
            mine = getattr(ours, name)[middle] / ours.mass[middle]
            his = getattr(theirs, name)[middle] / theirs.mass[middle]
            # 500 particles in a shell, random along their orbits: 4 per cent in v^2, three of them; twice for daughters
            np.testing.assert_allclose(mine, his, rtol=0.12 if species == "parents" else 0.2)
