"""Monte Carlo daughters against quadrature, against conservation, and against themselves on other threads."""

import astropy.units as u
import numba
import numpy as np
import pytest

import halokick as hk
from halokick.daughters.follow import follow_orbits
from halokick.decay.history import DecayHistory
from halokick.decay.kicks import FixedKick, PhaseSpaceKick
from halokick.errors import ConvergenceError, InputError, UnitError

BINS = np.geomspace(0.02, 400, 41) * u.kpc
N = 200_000
KM_S = u.km / u.s


@pytest.fixture(scope="module")
def df():
    return hk.ErgodicDF(hk.Halo(hk.ZhaoProfile(gamma=1.2, r_s=20 * u.kpc, rho_s=6.911e6 * u.Msun / u.kpc**3)))


@pytest.fixture(scope="module")
def nfw():
    return hk.ErgodicDF(hk.Halo(hk.NFWProfile(r_s=1 * u.kpc, rho_s=5.3e7 * u.Msun / u.kpc**3)))


def bin_means(profile, daughters, bins):
    """Mass-weighted mean over each bin of a ratio known as a function of radius."""
    x, w = np.polynomial.legendre.leggauss(6)
    edges = np.log(bins.to_value(u.kpc))
    log_r = 0.5 * (edges[:-1, None] + edges[1:, None]) + 0.5 * np.diff(edges)[:, None] * x
    weight = w * profile.density(np.exp(log_r) * u.kpc).value * np.exp(3 * log_r)
    return np.sum(daughters.ratio(np.exp(log_r) * u.kpc) * weight, axis=1) / np.sum(weight, axis=1)


def ratios(daughters):
    """Ratio in each bin, and its standard error."""
    parent = daughters.parent.density(daughters.radius)
    return (daughters.total_density / parent).to_value(""), (daughters.error_density / parent).to_value("")


@pytest.mark.parametrize("speed", [25, 109, 300])
def test_density_is_that_of_phase_mixing(df, speed):
    kick = FixedKick(speed * KM_S)
    orbits = follow_orbits(df, kick, BINS, n=N, seed=1, within=200 * u.kpc)
    mixed = hk.phase_mix(df, kick, np.geomspace(0.019, 410, 60) * u.kpc, within=200 * u.kpc)
    ratio, error = ratios(orbits)
    deviation = (ratio - bin_means(df.profile, mixed, BINS)) / error
    # fixed seed. Bins share orbits, so chi-square is broader than that of 40 free ones: 4 of its sigmas at most
    assert np.sum(deviation**2) < 40 + 4 * np.sqrt(80)
    assert np.max(np.abs(deviation)) < 4
    assert np.max(error[8:] / ratio[8:]) < 0.08
    share = orbits.settings["bound_fraction_error"]
    assert abs(orbits.bound_fraction - hk.bound_fraction(df, kick, 200 * u.kpc)) < 4 * share
    # dispersions by time against by quadrature, where bins are well filled
    r = orbits.radius[20:]
    for ours, theirs in zip(orbits.velocity_dispersion(r), mixed.velocity_dispersion(r), strict=True):
        np.testing.assert_allclose((ours / theirs).to_value(""), 1, rtol=0.025)  # 3 sigma of 0.8 %


def test_share_bound_at_birth_is_the_closed_one(df):
    kick = FixedKick(300 * KM_S)
    orbits = follow_orbits(df, kick, BINS, n=N, seed=2)
    mixed = hk.phase_mix(df, kick, np.geomspace(0.019, 410, 30) * u.kpc)
    r = orbits.radius[5:]
    # 2500 births or more in a bin: 0.01; quadrature at the centre, not over the bin: 0.005
    np.testing.assert_allclose(orbits.bound_fraction_at(r), mixed.bound_fraction_at(r), atol=0.04)


def test_distribution_of_kicks_is_sampled(df):
    kick = PhaseSpaceKick(3, 150 * KM_S)
    bins = np.geomspace(0.5, 100, 9) * u.kpc
    orbits = follow_orbits(df, kick, bins, n=N, seed=3)
    mixed = hk.phase_mix(df, kick, np.geomspace(0.4, 110, 20) * u.kpc)
    ratio, error = ratios(orbits)
    deviation = (ratio - bin_means(df.profile, mixed, bins)) / error
    assert np.max(np.abs(deviation)) < 4  # 4 sigma, fixed seed


def test_both_samplings_agree(df):
    bins = np.geomspace(2, 100, 9) * u.kpc
    kick = FixedKick(109 * KM_S)
    stratified, mass = (
        ratios(follow_orbits(df, kick, bins, n=N, seed=4, sampling=name, sample_within=1000 * u.kpc))
        for name in ("stratified", "mass")
    )
    deviation = (stratified[0] - mass[0]) / np.hypot(stratified[1], mass[1])
    assert np.max(np.abs(deviation)) < 4  # 4 sigma, fixed seed


def test_zero_kick_returns_the_parents(df):
    ratio, error = ratios(follow_orbits(df, FixedKick(1e-3 * KM_S), BINS, n=N, seed=5))
    assert np.max(np.abs(ratio - 1) / error) < 4  # 4 sigma, fixed seed


def test_errors_are_those_of_repeated_runs(df):
    bins = np.geomspace(0.3, 100, 6) * u.kpc
    runs = [ratios(follow_orbits(df, FixedKick(109 * KM_S), bins, n=4000, seed=seed)) for seed in range(60)]
    scatter = np.std([ratio for ratio, _ in runs], axis=0, ddof=1)
    stated = np.mean([error for _, error in runs], axis=0)
    # the scatter of 60 runs is itself uncertain by 9 %; heavy-tailed weights double that in the innermost bin
    np.testing.assert_allclose(scatter / stated, 1, atol=0.4)


def test_mass_is_the_bound_mass(nfw):
    # with a cut all bound daughters lie inside it: their mass is the bound share of the parents'
    cut = hk.ErgodicDF(hk.Halo(nfw.profile, energy_cut=6 * u.kpc))
    kick = FixedKick(20 * KM_S)
    bins = np.geomspace(5e-3, 6, 31) * u.kpc  # inside lies 1e-5 of the mass
    orbits = follow_orbits(cut, kick, bins, n=N, seed=6, within=6 * u.kpc)
    from_bins = np.sum(ratios(orbits)[0] * np.diff(bin_masses(cut, bins))) / bin_masses(cut, bins)[-1]
    assert from_bins == pytest.approx(orbits.bound_fraction, abs=3e-3)  # 3 sigma of two samples that share particles
    assert abs(orbits.bound_fraction - hk.bound_fraction(cut, kick, 6 * u.kpc)) < 4e-3
    assert orbits.edge == 6 * u.kpc


def bin_masses(df, bins):
    x, w = np.polynomial.legendre.leggauss(12)
    edges = np.log(bins.value)
    log_r = 0.5 * (edges[:-1, None] + edges[1:, None]) + 0.5 * np.diff(edges)[:, None] * x
    shells = df.density(np.exp(log_r) * u.kpc).value * np.exp(3 * log_r) * np.diff(edges)[:, None]
    return np.concatenate([[0], np.cumsum(2 * np.pi * np.sum(w * shells, axis=1))])


def test_outer_cut_is_that_of_phase_mixing(nfw):
    kick = FixedKick(15 * KM_S)
    bins = np.geomspace(0.05, 5.5, 9) * u.kpc
    orbits = follow_orbits(nfw, kick, bins, n=N, seed=7, outer_cut=6 * u.kpc)
    mixed = hk.phase_mix(nfw, kick, np.geomspace(0.04, 5.9, 24) * u.kpc, outer_cut=6 * u.kpc)
    ratio, error = ratios(orbits)
    assert np.max(np.abs(ratio - bin_means(nfw.profile, mixed, bins)) / error) < 4  # 4 sigma, fixed seed


def test_mixing_is_complete_inside_130_kpc_after_13_8_gyr(df):
    bins = np.geomspace(2, 130, 13) * u.kpc
    kick = FixedKick(109 * KM_S)
    history = DecayHistory("1000 Gyr")
    aged = ratios(follow_orbits(df, kick, bins, n=N, seed=8, history=history))
    mixed = ratios(follow_orbits(df, kick, bins, n=N, seed=9))
    deviation = (aged[0] - mixed[0]) / np.hypot(aged[1], mixed[1])
    assert np.max(np.abs(deviation)) < 4  # 4 sigma, fixed seed
    np.testing.assert_allclose(aged[0] / mixed[0], 1, atol=0.03)


def test_infinite_age_is_mixing_and_no_age_is_birth(df):
    bins = np.geomspace(1, 200, 9) * u.kpc
    kick = FixedKick(109 * KM_S)
    mixed = ratios(follow_orbits(df, kick, bins, n=20_000, seed=10))[0]
    old = DecayHistory("1e12 Gyr", age="1e9 Gyr")
    # same particles: what is left is period / age
    aged = ratios(follow_orbits(df, kick, bins, n=20_000, seed=10, history=old))[0]
    np.testing.assert_allclose(aged, mixed, rtol=1e-4)
    young = follow_orbits(df, kick, bins, n=20_000, seed=10, history=DecayHistory("1 Gyr", age="1e-8 Gyr"))
    ratio, error = ratios(young)
    # not moved: the parents, but for those that are unbound
    np.testing.assert_allclose(ratio, young.bound_fraction_at(young.radius), atol=4 * error.max())


def test_same_bits_for_any_number_of_threads(df):
    answers = []
    before = numba.get_num_threads()
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            for history in (None, DecayHistory("10 Gyr")):
                answers.append(follow_orbits(df, FixedKick(109 * KM_S), BINS, n=140_000, seed=1, history=history))
    finally:
        numba.set_num_threads(before)
    for one, two in (answers[0::2], answers[1::2]):
        assert np.array_equal(one.total_density, two.total_density)
        assert np.array_equal(one.error_density, two.error_density)
        assert one.bound_fraction == two.bound_fraction


def test_progress_counts_chunks(df):
    seen = []
    follow_orbits(
        df, FixedKick(50 * KM_S), np.geomspace(1, 100, 6) * u.kpc, n=140_000, seed=1, progress=lambda *x: seen.append(x)
    )
    assert seen == [(1, 2), (2, 2)]


def test_too_few_daughters_to_quote_an_error_are_refused(df):
    with pytest.raises(ConvergenceError, match="effective daughters of 2000 decays"):
        follow_orbits(df, FixedKick(590 * KM_S), BINS, n=2000, seed=1)


def test_impossible_requests_are_refused(df):
    kick = FixedKick(50 * KM_S)
    for arguments, message in (
        ({"n": 1}, "n = 1;"),
        ({"seed": None}, "seed = None"),
        ({"sampling": "random"}, "allowed are 'stratified', 'mass'"),
        ({"bins": [1, 2, 3] * u.kpc}, "at least five positive, increasing"),
        ({"bins": [1, 2, 3, 5, 4] * u.kpc}, "at least five positive, increasing"),
        ({"bins": [1e-12, 2, 3, 4, 5] * u.kpc}, "bins begin at"),
        ({"outer_cut": 100 * u.kpc}, "bins reach 400 kpc"),
        ({"outer_cut": 1e-30 * u.kpc}, "outer_cut = "),
        ({"sample_within": 100 * u.kpc}, "inside the last bin"),
        ({"within": 1e9 * u.kpc}, "no larger than"),
        ({"history": 13.8 * u.Gyr}, "a DecayHistory is needed"),
    ):
        with pytest.raises(InputError, match=message):
            follow_orbits(df, kick, **{"bins": BINS, "n": 1000, "seed": 1, **arguments})
    with pytest.raises(InputError, match="a kick distribution is needed"):
        follow_orbits(df, 50 * KM_S, n=1000, seed=1)
    with pytest.raises(UnitError, match="has no unit"):
        follow_orbits(df, kick, [1, 2, 3, 4, 5], n=1000, seed=1)


def test_default_bins_begin_where_errors_can_be_trusted():
    profile = hk.ZhaoProfile(gamma=1.2, r_s=20 * u.kpc, rho_s=6.911e6 * u.Msun / u.kpc**3)
    df = hk.ErgodicDF(hk.Halo(profile))
    few = hk.follow_orbits(df, hk.FixedKick(100 * u.km / u.s), n=1000, seed=1)
    many = hk.follow_orbits(df, hk.FixedKick(100 * u.km / u.s), n=50_000, seed=1)
    assert few.radius[0] > many.radius[0]
    assert np.all(few.settings["effective_number"] >= 5)
    assert few.settings["bins"][0] > 0.02 * u.kpc
