"""The two engines of live haloes against each other: they share the start and the grid of the field, nothing else."""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick import constants
from halokick.live.nbody import live_nbody
from halokick.live.orbit_iteration import orbit_iteration
from halokick.live.start import live_start

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


def test_daughters_on_their_way_out_agree():
    """Kicks of three times the peak: nearly all daughters inside 3 r_s are a stream, in N-body while decays go on."""
    profile = hk.NFWProfile(r_s=1 * u.kpc, rho_s=1 / (4 * np.pi * constants.G) * u.Msun / u.kpc**3)
    df = hk.ErgodicDF(hk.Halo(hk.TruncatedProfile(profile, r_t=10 * u.kpc)))
    start = live_start(df, hk.FixedKick(3 * 0.461 * u.km / u.s), 16384, 1)
    # the last time has no decays after it, and is not for this
    particles = live_nbody(start, df, lifetime=150.0, times=[60.0, 100.0], window=40.0)
    orbits = orbit_iteration(start, df, lifetime=150.0, times=[0, 60.0])
    ours, theirs = orbits.moments[1].daughters.merged(20), particles.moments[0].daughters.merged(20)
    edges = particles.edges[::20]
    inside = np.flatnonzero((edges[:-1] > 0.2) & (edges[1:] < 5)) + 1
    # 14 to 300 of them at any time, renewed 5 to 40 times in the window: 12, 5, 3 per cent
    for name in ("mass", "radial", "radial_square", "tangential_square"):
        mine, his = getattr(ours, name)[inside], getattr(theirs, name)[inside]
        np.testing.assert_allclose(mine[1:], his[1:], rtol=0.1)
        np.testing.assert_allclose(mine[0], his[0], rtol=0.2)
    # a mean velocity that is a third to most of their speed
    assert np.all(ours.radial[inside] > 0.3 * np.sqrt(ours.radial_square * ours.mass)[inside])
