"""Orbits that galpy follows for us against those of our kernels, and what it is asked for."""

from dataclasses import replace

import astropy.units as u
import numpy as np
import pytest
from galpy import potential as galpy

import halokick as hk
from halokick.daughters.galpy_orbits import GalpyOrbits, steady_spin
from halokick.daughters.integrated import IntegratedChunks
from halokick.errors import InputError
from halokick.halo.force_field import force_field
from halokick.kernels.follow import INACCURATE, STUCK

KPC, KMS, GYR = u.kpc, u.km / u.s, u.Gyr
SCALES = {"ro": 8 * KPC, "vo": 220 * KMS}
TIME = (2 * GYR).to_value(KPC / KMS)
UNIT = 8 / 220
"""galpy's time [kpc/(km/s)]."""
PROFILE = hk.TruncatedProfile(hk.NFWProfile(r_s=16 * KPC, rho_s=1e7 * u.Msun / KPC**3), r_t=200 * KPC, power=2)
KICK = hk.FixedKick(100 * KMS)
BINS = np.geomspace(5, 160, 6) * KPC
NFW = galpy.NFWPotential(amp=4.8, a=2.0)
FLAT = galpy.TriaxialNFWPotential(amp=4.8, a=2.0, b=1.0, c=0.7)
BAR = galpy.SolidBodyRotationWrapperPotential(pot=galpy.TriaxialNFWPotential(amp=4.8, a=2.0, b=0.7, c=0.8), omega=0.5)


def chunks_in(potential, **others):
    df = hk.ErgodicDF(hk.Halo(PROFILE, potential=potential, **SCALES))
    given = {"n": 1024, "seed": 1, "sampling": "mass", "duration": 2 * GYR, "field_tolerance": 1e-4} | others
    return IntegratedChunks(df, KICK, BINS, **given)


def both(potential, **others):
    """Orbits by kernels, orbits of the same field by galpy, and states of daughters."""
    chunks = chunks_in(potential, **others)
    field = replace(chunks.field, way="galpy", why="to compare", forces=None)
    theirs = GalpyOrbits(chunks._df.halo, field, chunks._integration)
    return chunks._orbits, theirs, chunks._draw(0, 512, 0)[1]


@pytest.mark.parametrize("potential", [NFW, FLAT, BAR], ids=["round", "flat", "bar"])
def test_ends_and_energies_are_those_of_the_kernels(potential):
    ours, theirs, states = both(potential, tolerance=1e-8, field_tolerance=3e-6)
    begins = np.linspace(0, 0.5 * TIME, len(states))
    durations = np.linspace(0.1 * TIME, 0.5 * TIME, len(states))
    one, two = (orbits.advance(states, begins, durations)[0] for orbits in (ours, theirs))
    distance = np.linalg.norm(one - two, axis=1) / np.linalg.norm(one, axis=1)
    # the error of the tables, over a few orbits
    assert np.quantile(distance, 0.95) < 1e-4
    np.testing.assert_allclose(ours.binding(states), theirs.binding(states), rtol=0, atol=0.3)
    assert ours.judged_by == theirs.judged_by
    assert not theirs.changes


@pytest.mark.parametrize("potential", [FLAT, BAR], ids=["flat", "bar"])
@pytest.mark.parametrize("rate", [0.0, 4.0])
def test_histograms_are_those_of_the_kernels(potential, rate):
    edges = np.linspace(0, 60, 4) * KPC
    history = hk.DecayHistory(lifetime=2 * GYR / rate, age=2 * GYR) if rate else None
    given = {"history": history, "duration": None} if rate else {}
    ours, theirs, states = both(potential, grid=hk.BoxBins(edges, edges, edges), samples=4, tolerance=1e-5, **given)
    chosen = ours.binding(states) > 0
    blocks = np.arange(len(states)) // 64
    weights = np.linspace(0.5, 1.5, len(states))
    runs = []
    for orbits in (ours, theirs):
        first, second = orbits._integration.grids
        cells = 27 * second.columns
        histograms = np.zeros((8, first.first.bins * first.columns)), np.zeros((1, cells))
        runs.append(orbits.follow(states, chosen, weights, blocks, histograms))
    one, two = (run.histograms for run in runs)
    # of 64 daughters in each block, at different times on the same orbits
    np.testing.assert_allclose(one[0].reshape(8, -1, 4)[..., 0], two[0].reshape(8, -1, 4)[..., 0], rtol=0, atol=1.5)
    total = [h[0].reshape(8, -1, 4).sum(axis=0) for h in (one, two)]
    # a hundred daughters pass the innermost shell: one per cent of noise
    np.testing.assert_allclose(total[0][:, 2:], total[1][:, 2:], rtol=0.03)
    np.testing.assert_allclose(one[1], two[1], rtol=0, atol=0.02 * one[1].sum())
    assert runs[1].followed == chosen.sum()
    assert np.nanmax(runs[1].error[chosen]) <= 1e-5
    assert np.all(runs[1].completion[chosen] == 0)


@pytest.mark.slow  # the halo of a tilted disk takes longer than its orbits
def test_a_potential_without_a_plane_is_followed_by_galpy_and_says_so():
    disk = galpy.MiyamotoNagaiPotential(amp=5.0, a=1.0, b=1.0)
    tilted = galpy.RotateAndTiltWrapperPotential(pot=disk, zvec=[0.0, np.sin(0.5), np.cos(0.5)])
    given = {"n": 8192, "seed": 1, "sampling": "mass", "duration": 1 * GYR, "tolerance": 1e-5}
    ours, upright = (
        hk.follow_orbits(hk.ErgodicDF(hk.Halo(PROFILE, potential=potential, **SCALES)), KICK, BINS, **given)
        for potential in (tilted, disk)
    )
    assert (ours.force_field["way"], upright.force_field["way"]) == ("galpy", "kernel")
    assert "symmetric in z" in ours.force_field["why"]
    assert ours.energy_error["judged_by"] == "energy"
    assert ours.energy_error["worst"] <= 1e-5
    # shells do not see a tilt, and parents are isotropic
    pull = (ours.kick_ratio - upright.kick_ratio) / np.hypot(ours.kick_ratio_error, upright.kick_ratio_error)
    assert np.max(np.abs(pull)) < 4


def test_a_potential_that_changes_is_one_that_grows():
    """A halo whose mass doubles, told to galpy, beside our growth by the same law."""
    growing = galpy.TimeDependentAmplitudeWrapperPotential(pot=NFW, A=lambda t: 1 + t * UNIT / TIME)
    told = []
    df = hk.ErgodicDF(hk.Halo(PROFILE, potential=growing, **SCALES))
    given = {"sampling": "mass", "duration": 2 * GYR, "progress": lambda *now: told.append(now)}
    daughters = hk.follow_orbits(df, KICK, BINS, n=2048, seed=1, **given)
    # chunks are small enough to see that something happens
    assert told == [(1, 2), (2, 2)]
    assert daughters.force_field["way"] == "galpy"
    assert "depends on time" in daughters.force_field["why"]
    assert daughters.energy_error["judged_by"] == "smaller steps"
    assert daughters.energy_error["judged"] == 1024
    assert daughters.energy_error["p99"] < 1e-5
    law = {"growth": lambda t: 1 + (t / (2 * GYR)).to_value("")}
    ours = chunks_in(2 * NFW, n=8192, **law)
    grown = ours.daughters([ours.sums(0)[0]])
    r = grown.radius
    errors = [(d.error_density / d.parent.density(r)).to_value("") for d in (daughters, grown)]
    assert np.max(np.abs(daughters.ratio(r) - grown.ratio(r)) / np.hypot(*errors)) < 4
    # bound to what is there today
    assert daughters.bound_fraction == pytest.approx(grown.bound_fraction, abs=0.01)


def test_output_in_physical_units_changes_nothing():
    plain = galpy.TimeDependentAmplitudeWrapperPotential(pot=NFW, A=lambda t: 1 + t * UNIT / TIME)
    inner = galpy.NFWPotential(amp=4.8, a=2.0, ro=8.0, vo=220.0)
    physical = galpy.TimeDependentAmplitudeWrapperPotential(
        pot=inner, A=lambda t: 1 + t * UNIT / TIME, ro=8.0, vo=220.0
    )
    assert physical._roSet
    ends = []
    for potential in (plain, physical):
        chunks = chunks_in(potential)
        states = chunks._draw(0, 64, 0)[1]
        ends.append(chunks._orbits.advance(states, np.zeros(64), np.full(64, TIME))[0])
    np.testing.assert_array_equal(*ends)


def field_in(*members):
    field = force_field([*members], tolerance=1e-3, **SCALES)
    return replace(field, forces=None)


def test_the_frame_in_which_a_potential_is_at_rest_is_found():
    turning = galpy.TriaxialNFWPotential(amp=1.0, a=2.0, b=0.7, c=0.8)
    slow = galpy.SolidBodyRotationWrapperPotential(pot=turning, omega=0.3)
    growing = galpy.TimeDependentAmplitudeWrapperPotential(pot=NFW, A=lambda t: 1 + 0.01 * t)
    passing = galpy.GaussianAmplitudeWrapperPotential(pot=NFW, to=TIME / UNIT / 2, sigma=1.0)
    assert steady_spin(field_in(NFW, turning), TIME) == 0.0
    assert steady_spin(field_in(BAR, NFW), TIME) == pytest.approx(0.5 / UNIT, rel=1e-12)
    assert steady_spin(field_in(BAR, slow), TIME) is None
    assert steady_spin(field_in(growing), TIME) is None
    assert steady_spin(field_in(passing, NFW), TIME) is None


def test_the_x_axis_of_a_bar_is_its_long_one():
    turned = galpy.SolidBodyRotationWrapperPotential(
        pot=galpy.TriaxialNFWPotential(amp=4.8, a=2.0, b=0.7, c=0.8), omega=0.5, pa=0.4
    )
    for bar, angle in ((BAR, 0.0), (turned, 0.4)):
        ours, theirs, _ = both(bar)
        assert ours._field.phase == pytest.approx(angle, abs=1e-6)
        assert theirs._phase == pytest.approx(angle, abs=1e-6)


def test_orbits_that_galpy_does_not_finish_are_left_out(monkeypatch):
    _, theirs, states = both(NFW)
    tracks = theirs._tracks

    def spoiled(states, times, tolerance):
        found, good = tracks(states, times, tolerance)
        found[0] = np.nan
        good[0] = False
        found[1, -1] *= 1.01
        return found, good

    monkeypatch.setattr(theirs, "_tracks", spoiled)
    chosen = np.ones(len(states), dtype=bool)
    grids = theirs._integration.grids
    histograms = np.zeros((1, grids[0].first.bins * grids[0].columns)), np.zeros((1, 0))
    blocks = np.zeros(len(states), dtype=np.int64)
    run = theirs.follow(states, chosen, np.ones(len(states)), blocks, histograms)
    # whoever is first and second of those followed again is spoiled again
    assert set(run.completion) == {0, STUCK, INACCURATE}
    assert np.count_nonzero(run.completion) == 2
    assert run.repeated == 2
    _, completion = theirs.advance(states, np.zeros(len(states)), np.full(len(states), TIME))
    assert list(np.flatnonzero(completion)) == [0]


def test_potentials_that_galpy_has_no_compiled_code_for_are_named():
    shell = galpy.SphericalShellPotential(amp=0.3, a=1.0)
    with pytest.raises(InputError, match="no compiled code for SphericalShellPotential"):
        _ = chunks_in(NFW + shell)._orbits


def test_growth_is_for_kernels_only():
    growing = galpy.TimeDependentAmplitudeWrapperPotential(pot=NFW, A=lambda t: 1 + 0.01 * t)
    with pytest.raises(InputError, match="wrap its members"):
        _ = chunks_in(growing, growth="wechsler_2002")._orbits
