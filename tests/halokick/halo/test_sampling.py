"""Particles drawn from f against the Jeans equation, the mass profile, isotropy, and themselves on other threads."""

import astropy.units as u
import numba
import numpy as np
import pytest
from scipy.stats import kstest

import halokick as hk
from halokick.errors import InputError, UnitError
from halokick.halo.sampling import masses_between

SCALE = {"r_s": 20 * u.kpc, "rho_s": 6.911e6 * u.Msun / u.kpc**3}
WITHIN = 300 * u.kpc


@pytest.fixture(scope="module")
def df():
    return hk.ErgodicDF(hk.Halo(hk.ZhaoProfile(gamma=1.2, **SCALE)))


@pytest.fixture(scope="module")
def sample(df):
    return df.sample(2_000_000, 11, within=WITHIN)


def test_dispersion_is_that_of_the_jeans_equation(df, sample):
    r = sample.radius
    part = np.stack([(sample.radial_velocity / df.halo.velocity_dispersion(r)).to_value("")]) ** 2
    tangential = 0.5 * (sample.tangential_speed / df.halo.velocity_dispersion(r)).to_value("") ** 2
    for low, high in ((2, 30), (30, 80), (80, 160), (160, 300)):
        inside = np.asarray((r > low * u.kpc) & (r < high * u.kpc))
        for squares in (part[0][inside], tangential[inside]):
            error = squares.std() / np.sqrt(inside.sum()) / 2  # of sigma, not of its square
            bias = np.sqrt(squares.mean()) - 1
            assert abs(bias) < 4 * error
            assert abs(bias) < 2e-3


def test_isotropic_dispersion_in_every_shell_at_the_promised_accuracy(df, sample):
    # all three directions together: 0.6e6 particles per shell know sigma to 0.05 %
    squares = (sample.speed**2 / df.halo.velocity_dispersion(sample.radius) ** 2 / 3).to_value("")
    for inside in np.array_split(np.argsort(sample.radius.value), 4):
        bias = np.sqrt(squares[inside].mean()) - 1
        assert abs(bias) < 4 * squares[inside].std() / np.sqrt(len(inside)) / 2
        assert abs(bias) < 2e-3


def test_radii_follow_the_mass(df, sample):
    def share(r):
        return (df.profile.mass(r * u.kpc) / df.profile.mass(WITHIN)).to_value("")

    # fixed seed; a false alarm in 1000
    assert kstest(sample.radius.value[:200_000], share).pvalue > 1e-3


def test_speeds_follow_their_distribution_at_a_radius(df, sample):
    r = sample.radius.value
    speeds = sample.speed.value[(r > 8.0) & (r < 8.2)]
    grid = np.linspace(0, df.halo.escape_speed(8.1 * u.kpc).value, 4001)
    density = df.speed_distribution(8.1 * u.kpc, grid * u.km / u.s).value
    cumulative = np.concatenate([[0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(grid))])
    # fixed seed; the shell is 2 % wide, and speeds change by 0.1 % across it
    assert kstest(speeds, lambda v: np.interp(v, grid, cumulative)).pvalue > 1e-3


def test_directions_are_isotropic(sample):
    n = len(sample)
    for vectors, lengths in ((sample.position, sample.radius), (sample.velocity, sample.speed)):
        unit = (vectors / lengths[:, None]).to_value("")
        # the mean of each component is 0 and of each product delta_ij / 3; 5 sigma of 9 numbers
        assert np.all(np.abs(unit.mean(axis=0)) < 5 * np.sqrt(1 / 3 / n))
        assert np.all(np.abs(unit.T @ unit / n - np.eye(3) / 3) < 5 * 0.3 / np.sqrt(n))
    assert abs(np.mean(sample.radial_velocity / sample.speed).value) < 5 * np.sqrt(1 / 3 / n)


def test_same_particles_for_any_number_of_threads(df):
    samples = []
    before = numba.get_num_threads()
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            samples.append(df.sample(20_000, 5, within=WITHIN))
    finally:
        numba.set_num_threads(before)
    assert np.array_equal(samples[0].position, samples[1].position)
    assert np.array_equal(samples[0].velocity, samples[1].velocity)


def test_same_particles_in_a_longer_sample(df):
    short, long = (df.sample(n, 5, within=WITHIN) for n in (777, 5000))
    assert np.array_equal(short.position, long.position[:777])
    assert np.array_equal(short.velocity, long.velocity[:777])


def test_a_seed_and_its_sequence_are_the_same_and_other_seeds_are_not(df):
    first, same, other = (df.sample(10, seed, within=WITHIN) for seed in (3, np.random.SeedSequence(3), 4))
    assert np.array_equal(first.position, same.position)
    assert not np.any(first.position == other.position)


def test_virial_theorem_of_a_whole_halo():
    # 2 K + W = 0, and a Plummer sphere has W = -3 pi G M^2 / (32 b): <v^2> = 3 pi G M / (32 b)
    profile = hk.PlummerProfile(r_s=2 * u.kpc, rho_s=1e8 * u.Msun / u.kpc**3)
    halo = hk.Halo(profile)
    sample = hk.ErgodicDF(halo).sample(400_000, 1)
    squares = sample.speed.value**2
    mass = 4 / 3 * np.pi * 1e8 * 8
    expected = 3 * np.pi * hk.constants.G * mass / (32 * 2)
    assert abs(squares.mean() - expected) < 4 * squares.std() / np.sqrt(len(sample))
    assert sample.particle_mass.value * len(sample) == pytest.approx(mass, rel=1e-9)


def test_an_energy_cut_leaves_nobody_beyond_it():
    halo = hk.Halo(hk.NFWProfile(r_s=1 * u.kpc, rho_s=1e8 * u.Msun / u.kpc**3), energy_cut=6 * u.kpc)
    df = hk.ErgodicDF(halo)
    sample = df.sample(200_000, 2)
    assert sample.within == 6 * u.kpc
    assert np.all(sample.radius < 6 * u.kpc)
    assert np.all(sample.speed < halo.escape_speed(sample.radius))
    edges = np.log(np.concatenate([[1e-8], np.geomspace(0.01, 6, 60)]))
    share = np.concatenate([[0], np.cumsum(masses_between(df, edges))])
    share /= share[-1]
    # the thinned-out edge included; the table of shares is interpolated in ln r
    pvalue = kstest(np.log(sample.radius.value), lambda l: np.interp(l, edges, share)).pvalue
    fine = np.log(np.geomspace(5.5, 6, 12))
    counts = np.histogram(np.log(sample.radius.value), fine)[0]
    expected = masses_between(df, fine) / sample.particle_mass.value
    assert np.sum((counts - expected) ** 2 / expected) < 11 + 4 * np.sqrt(22)  # chi-square of 11 bins, 4 sigma
    assert pvalue > 1e-6


def test_mass_between_radii_is_the_closed_one():
    profile = hk.NFWProfile(**SCALE)
    df = hk.ErgodicDF(hk.Halo(profile))
    r = np.geomspace(1e-3, 1e3, 7) * u.kpc
    # six Gauss nodes in pieces of a tenth in ln r
    np.testing.assert_allclose(masses_between(df, np.log(r.value)), np.diff(profile.mass(r).value), rtol=1e-10)


def test_impossible_requests_are_refused(df):
    with pytest.raises(InputError, match=r"no finite mass .*give within"):
        df.sample(10, 1)
    with pytest.raises(InputError, match="n = 0"):
        df.sample(0, 1, within=WITHIN)
    with pytest.raises(InputError, match="n = '1e6'"):
        df.sample("1e6", 1, within=WITHIN)
    for seed in (None, -1, 1.5, "a", True):
        with pytest.raises(InputError, match="give an integer that is not negative"):
            df.sample(10, seed, within=WITHIN)
    with pytest.raises(UnitError, match="has no unit"):
        df.sample(10, 1, within=300)
    with pytest.raises(InputError, match="one radius of at least"):
        df.sample(10, 1, within=1e-9 * u.kpc)
    with pytest.raises(ValueError, match="read-only"):
        df.sample(10, 1, within=WITHIN).position[0, 0] = 0 * u.kpc
