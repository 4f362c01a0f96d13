"""Integrated orbits against the exact path, galpy's integrator, conservation, symmetries and themselves."""

import warnings
from functools import reduce
from operator import add

import astropy.units as u
import numba
import numpy as np
import pytest
from galpy import potential as galpy
from galpy.orbit import Orbit

import halokick as hk
from halokick.daughters import integrated_sums
from halokick.daughters.integrated import IntegratedChunks
from halokick.errors import ConvergenceError, InputError
from halokick.kernels.follow import STUCK

KPC, KMS, GYR = u.kpc, u.km / u.s, u.Gyr
SCALES = {"ro": 8 * KPC, "vo": 220 * KMS}
TIME = (10 * GYR).to_value(KPC / KMS)
PROFILE = hk.TruncatedProfile(hk.NFWProfile(r_s=16 * KPC, rho_s=1e7 * u.Msun / KPC**3), r_t=200 * KPC, power=2)
DF = hk.ErgodicDF(hk.Halo(PROFILE))
BINS = np.geomspace(3, 200, 13) * KPC
KICK = hk.FixedKick(100 * KMS)
MASS = {"sampling": "mass", "seed": 1}


def in_potential(potential):
    return hk.ErgodicDF(hk.Halo(PROFILE, potential=potential, **SCALES))


@pytest.fixture(scope="module")
def flat():
    """Parents in a flattened halo, which they do not quite fit."""
    return in_potential(galpy.TriaxialNFWPotential(amp=4.8, a=2.0, b=1.0, c=0.7))


def followed(df, kick=KICK, bins=BINS, **others):
    return hk.follow_orbits(df, kick, bins, **{"path": "integrated", "duration": 10 * GYR, "n": 20_000} | MASS | others)


def pulls(one, other):
    """Differences of two ratios to the parents over their errors."""
    r = one.radius
    errors = [(d.error_density / d.parent.density(r)).to_value("") for d in (one, other)]
    return (one.ratio(r) - other.ratio(r)) / np.hypot(*errors)


def scatter_is_that_of_chance(pull):
    # fixed seeds; shells share orbits, so that chi-square is broader than that of free ones: 5 of its sigmas
    assert np.sum(pull**2) < len(pull) + 5 * np.sqrt(2 * len(pull))
    assert np.max(np.abs(pull)) < 4


@pytest.mark.parametrize("lifetime", ["1e6 Gyr", "4 Gyr"])
def test_in_a_spherical_potential_the_answer_is_that_of_quadrature(lifetime):
    history = hk.DecayHistory(lifetime=lifetime, age="10 Gyr")
    ours = followed(DF, history=history, duration=None, n=40_000)
    exact = hk.follow_orbits(DF, KICK, BINS, n=400_000, seed=2, history=history)
    assert exact.settings.get("path") != "integrated"
    scatter_is_that_of_chance(pulls(ours, exact))
    assert ours.bound_fraction == pytest.approx(
        exact.bound_fraction, abs=4 * ours.settings["bound_fraction_error"] + 1e-9
    )
    for one, other in zip(ours.velocity_dispersion(ours.radius), exact.velocity_dispersion(ours.radius), strict=True):
        # 3 sigma of the 1 % of the innermost shells
        np.testing.assert_allclose((one / other).to_value(""), 1, rtol=0.05)


def test_parents_without_a_kick_stay_as_they_are_in_their_own_potential():
    ours = followed(DF, n=40_000)
    density = ours.parent.density(ours.radius)
    pull = ((ours.control - density) / ours.control_error).to_value("")
    # density at the centre of a shell beside the mean in it: exact by construction, so chance is all
    scatter_is_that_of_chance(pull)
    exact = hk.follow_orbits(DF, KICK, BINS, n=400_000, seed=3)
    ratio = exact.ratio(ours.radius)
    error = np.hypot(ours.kick_ratio_error, (exact.error_density / density).to_value(""))
    # the exact path mixes fully, which 10 Gyr do inside 60 kpc
    inner = ours.radius < 60 * KPC
    scatter_is_that_of_chance(((ours.kick_ratio - ratio) / error)[inner])
    # like draws: the ratio is known better than its parts would have it
    parts = np.hypot(ours.error_density / ours.total_density, ours.control_error / ours.control).to_value("")
    assert np.median(ours.kick_ratio_error / ours.kick_ratio / parts) < 0.9


def test_samplings_agree_and_default_bins_begin_where_orbits_are_affordable():
    ours = followed(DF, bins=None, sampling="stratified", n=8000)
    assert ours.settings["bins"][0] >= 0.16 * KPC * (1 - 1e-12)
    assert ours.settings["bins"][-1] == 480 * KPC
    exact = hk.follow_orbits(DF, KICK, ours.settings["bins"], n=200_000, seed=2)
    inner = ours.radius < 60 * KPC
    scatter_is_that_of_chance(pulls(ours, exact)[inner])


def test_orbits_end_where_those_of_galpy_do():
    """Kicked particles in a bulge, a disk and a halo, 10 Gyr: relative distances of the end points."""
    milky_way = galpy.MWPotential2014
    chunks = IntegratedChunks(
        in_potential(milky_way), hk.FixedKick(50 * KMS), BINS, n=256, duration=10 * GYR, tolerance=1e-10, **MASS
    )
    states = chunks._draw(0, 256, 0)[1]
    states = states[chunks._binding(states) > 0]
    ends, completion = chunks._orbits.advance(states, 0.0, TIME)
    assert len(states) > 200
    assert np.all(completion == 0)
    x, y, z, v_x, v_y, v_z = states.T
    big_r = np.hypot(x, y)
    start = [
        big_r / 8, (x * v_x + y * v_y) / big_r / 220, (x * v_y - y * v_x) / big_r / 220, z / 8, v_z / 220,
        np.arctan2(y, x),
    ]  # fmt: skip
    times = np.array([0.0, TIME * 220 / 8])
    with warnings.catch_warnings():
        # that galpy uses C
        warnings.simplefilter("ignore")
        orbits = Orbit(np.stack(start, axis=1), ro=8.0, vo=220.0)
        orbits.turn_physical_off()
        orbits.integrate(times, reduce(add, milky_way), method="dop853_c", rtol=1e-12, atol=1e-12, progressbar=False)
    theirs = 8 * np.stack([orbits.x(times[-1]), orbits.y(times[-1]), orbits.z(times[-1])], axis=1)
    distance = np.linalg.norm(ends[:, :3] - theirs, axis=1) / np.linalg.norm(theirs, axis=1)
    # forces agree to 1e-11; energies, here and there, to 1e-10; phases gain a hundred times that over many orbits
    assert np.quantile(distance, 0.99) < 1e-6
    forces = chunks.field.errors["total"]
    assert forces.p99 < 1e-10


def test_a_kick_of_nothing_changes_nothing(flat):
    ours = followed(flat, hk.FixedKick(0 * KMS), n=4000, bins=BINS[4:])
    # the same draws and the same steps, but added up in other batches
    np.testing.assert_allclose(ours.kick_ratio, 1, rtol=0, atol=1e-9)
    small = followed(flat, hk.FixedKick(1 * KMS), n=4000, bins=BINS[4:])
    assert np.max(np.abs(small.kick_ratio - 1)) < 0.1
    assert np.all(np.abs(small.kick_ratio - 1) < 5 * small.kick_ratio_error + 1e-3)


def test_drift_of_parents_in_a_potential_they_do_not_fit_is_told(flat):
    ours = followed(flat)
    drift = (ours.control / ours.parent.density(ours.radius)).to_value("") - 1
    (line,) = [line for line in ours.report() if "without a kick" in line]
    assert f"{np.median(np.abs(drift)):.1%}" in line
    # the ratio to the control leaves it out; that to the parents does not
    np.testing.assert_allclose(ours.kick_ratio, ours.ratio(ours.radius) / (1 + drift), rtol=1e-9)


def test_threads_and_the_order_of_chunks_make_no_difference(flat, monkeypatch):
    monkeypatch.setattr("halokick.daughters.kernel_orbits.KernelOrbits.largest_chunk", 2048)
    monkeypatch.setattr("halokick.daughters.kernel_orbits.KernelOrbits.largest_batch", 512)
    grid = hk.RingBins(np.linspace(0, 100, 6) * KPC, np.linspace(0, 100, 6) * KPC)

    def run(order, threads, seed=1):
        chunks = IntegratedChunks(
            flat, KICK, BINS[5:], n=4096, sampling="mass", seed=seed, duration=2 * GYR, grid=grid, tolerance=1e-5
        )
        before = numba.get_num_threads()
        numba.set_num_threads(threads)
        try:
            sums = {i: chunks.sums(i)[0] for i in order}
        finally:
            numba.set_num_threads(before)
        return chunks.daughters([sums[i] for i in range(len(chunks))])

    one, two, other = run((0, 1), 1), run((1, 0), min(2, numba.config.NUMBA_NUM_THREADS)), run((0, 1), 1, seed=2)
    for name in ("error_density", "control", "kick_ratio", "kick_ratio_error"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    np.testing.assert_array_equal(one.total_density, two.total_density)
    np.testing.assert_array_equal(one.grid.cell_density, two.grid.cell_density)
    assert np.all(one.total_density != other.total_density)


def test_orbits_that_cannot_be_followed_are_named_and_left_out(flat, monkeypatch):
    chunks = IntegratedChunks(flat, KICK, BINS[5:], n=4096, duration=2 * GYR, tolerance=1e-5, **MASS)
    whole = chunks.daughters([chunks.sums(0)[0]])
    follow = chunks._orbits.follow

    def losing(which):
        def partly(states, chosen, weights, *rest):
            keep = chosen.copy()
            keep[which] = False
            run = follow(states, keep, weights, *rest)
            run.completion[which] = STUCK
            return run

        return partly

    monkeypatch.setattr(chunks._orbits, "follow", losing([17, 400]))
    ours = chunks.daughters([chunks.sums(0)[0]])
    assert ours.failed["daughter: steps became too small"] == (17, 400)
    assert ours.failed["control: steps became too small"] == (17, 400)
    assert "2" in next(line for line in ours.report() if line.startswith("left out, daughter"))
    assert 0 < np.max(np.abs(ours.total_density / whole.total_density - 1)) < 0.05
    monkeypatch.setattr(chunks._orbits, "follow", losing(np.arange(20)))
    with pytest.raises(ConvergenceError, match=r"40 orbits of 3.*steps became too small.*decays 0, 1, 2, 3, 4"):
        chunks.daughters([chunks.sums(0)[0]])


def test_the_quantiles_of_errors_are_those_of_all_errors():
    sums = integrated_sums.IntegratedSums.nothing(2, 2, 8, 0, 2, 1.0)
    errors = np.geomspace(1e-12, 1e-7, 999)
    n = len(errors)
    run = integrated_sums.Run(np.zeros((n, 6)), np.zeros(n, int), errors, np.ones(n, bool), n, 0, ())
    sums = sums.with_orbits(0, run, None, np.ones(n), np.ones(n, int), np.ones(n, bool))
    # rounded up to a fiftieth of a decade
    for share in (0.5, 0.99):
        assert 1 <= sums.quantile_of_errors(share) / np.quantile(errors, share) < 1.06
    assert sums.quantile_of_errors(1.0) == sums.worst == 1e-7
    assert np.isnan(integrated_sums.IntegratedSums.nothing(2, 2, 8, 0, 2, 1.0).quantile_of_errors(0.5))


@pytest.mark.parametrize("kind", ["rings", "boxes"])
def test_a_grid_holds_what_the_shells_hold(kind):
    edges = np.concatenate([np.linspace(0, 40, 17), np.geomspace(46, 200, 11)]) * KPC
    grid = hk.RingBins(edges, edges) if kind == "rings" else hk.BoxBins(edges, edges, edges)
    bins = np.array([0.1, 5, 10, 20, 40, 80, 140, 200]) * KPC
    ours = followed(DF, bins=bins, grid=grid, n=16_384, duration=4 * GYR, tolerance=1e-5)
    middle = ours.radius[2:-1]
    average = ours.grid.spherical_average(middle)
    # cells of 2.5 kpc and up in a ratio that hardly varies; the same orbits, so that chance is nearly the same
    np.testing.assert_allclose((average / ours.density(middle)).to_value(""), 1, rtol=0.03)
    # mass inside the sphere by shells, and in the cells that the sphere contains and touches
    volumes = ours.grid.cell_volumes
    assert ours.grid.mass().to_value(u.Msun) == pytest.approx(
        (ours.grid.cell_density * volumes).sum().to_value(u.Msun), rel=1e-12
    )
    control = ours.control_grid.spherical_average(middle)
    np.testing.assert_allclose((control / PROFILE.density(middle)).to_value(""), 1, rtol=0.06)


def test_all_mass_of_the_bound_is_in_a_grid_that_holds_all():
    edges = np.concatenate([np.linspace(0, 100, 5), [400, 4000, 40_000, 4e5]]) * KPC
    ours = followed(
        DF, grid=hk.RingBins(edges, edges), bins=BINS[5:], n=4096, duration=1 * GYR, tolerance=1e-5, within=500 * KPC
    )
    parents = PROFILE.mass(4e5 * KPC).to_value(u.Msun)
    control = ours.control_grid.mass().to_value(u.Msun)
    # sampled by mass: all weights are one
    assert control == pytest.approx(parents, rel=1e-6)
    assert ours.grid.mass().to_value(u.Msun) / parents == pytest.approx(1 - ours.settings["unbound"] / 4096, rel=1e-9)


def test_a_bar_keeps_the_jacobi_integral_and_its_frame():
    inner = galpy.TriaxialNFWPotential(amp=4.8, a=2.0, b=0.7, c=0.8)
    bar = galpy.SolidBodyRotationWrapperPotential(pot=inner, omega=5 * 8 / 220)
    edges = np.linspace(0, 40, 9) * KPC
    ours = followed(
        in_potential(bar), grid=hk.BoxBins(edges, edges, edges), n=16_384, duration=4 * GYR, field_tolerance=1e-4
    )
    assert ours.force_field["way"] == "kernel"
    assert ours.energy_error["judged_by"] == "jacobi"
    assert ours.energy_error["worst"] <= 1e-6
    assert ours.force_field["spin"] == pytest.approx(5, rel=1e-9)
    assert "Jacobi" in ours.report()[0]

    def ratio(grid):
        """Mass nearer to the x axis over that nearer to the y axis, and its error."""
        mass = (grid.cell_density * grid.cell_volumes).to_value(u.Msun).sum(axis=2)
        error = (grid.cell_error * grid.cell_volumes).to_value(u.Msun)
        spread = np.sqrt(np.sum(error**2, axis=2))
        x, y = np.tril(mass, -1).sum(), np.triu(mass, 1).sum()
        relative = [
            np.sqrt(np.sum(part(spread, k) ** 2)) / total for part, k, total in ((np.tril, -1, x), (np.triu, 1, y))
        ]
        return x / y, np.hypot(*relative) * x / y

    elongation, error = ratio(ours.control_grid)
    assert elongation > 1 + 4 * error
    # three turns: in the frame at rest nothing would be left of it


def test_a_constant_amplitude_is_no_growth():
    still = followed(DF, bins=BINS[3:], n=40_000)
    grown = followed(DF, bins=BINS[3:], n=40_000, growth=lambda t: 7.0, seed=2)
    assert grown.energy_error["judged_by"] == "smaller steps"
    assert 0 < grown.energy_error["judged"] < grown.energy_error["followed"] == 40_000
    assert grown.energy_error["p99"] < 1e-6
    scatter_is_that_of_chance(pulls(still, grown))
    drift = (grown.control - PROFILE.density(grown.radius)) / grown.control_error
    scatter_is_that_of_chance(drift.to_value(""))


def test_slow_growth_contracts_a_harmonic_core_by_the_fourth_root():
    """The action E/omega of an oscillator is an adiabatic invariant, so r goes as omega^(-1/2)."""
    core = hk.PlummerProfile(r_s=50 * KPC, rho_s=3e7 * u.Msun / KPC**3)
    df = hk.ErgodicDF(hk.Halo(core))

    def growing(t):
        # from 1 to 16 with no slope at either end
        x = float(t / (10 * GYR))
        return 16 ** (x * x * (3 - 2 * x))

    chunks = IntegratedChunks(df, KICK, n=256, seed=1, duration=10 * GYR, growth=growing)
    rng = np.random.default_rng(4)
    omega = np.sqrt(4 * np.pi / 3 * hk.constants.G * 3e7)
    radius = 0.05
    states = radius * np.hstack([rng.normal(size=(200, 3)), omega * rng.normal(size=(200, 3))])
    start = chunks._orbits.started(states)
    # equilibrium with an amplitude of a sixteenth: speeds are a fourth
    np.testing.assert_allclose(start[:, 3:], states[:, 3:] / 4, rtol=1e-12)
    ends, completion = chunks._orbits.advance(start, 0.0, TIME)
    assert np.all(completion == 0)

    def action(s, omega):
        return (0.5 * np.sum(s[:, 3:] ** 2, axis=1) + 0.5 * omega**2 * np.sum(s[:, :3] ** 2, axis=1)) / omega

    # 40 radians and more in the time of growth: the invariant is kept to 1e-3; the core is harmonic to (r/50 kpc)^2
    np.testing.assert_allclose(action(ends, omega), action(start, omega / 4), rtol=5e-3)
    size = [np.sqrt(np.mean(s[:, :3] ** 2 + s[:, 3:] ** 2 / o**2)) for s, o in ((start, omega / 4), (ends, omega))]
    assert size[1] / size[0] == pytest.approx(16**-0.25, rel=1e-3)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"tolerance": 1e-14}, "tolerance = 1e-14; a number between"),
        ({"field_tolerance": True}, "field_tolerance = True; a number between"),
        ({"samples": 0}, "samples = 0; a whole number"),
        ({"grid": np.linspace(0, 1, 3)}, "grid = .*RingBins"),
        ({"growth": "linear"}, "growth = 'linear'; "),
        ({"duration": 0 * GYR}, "duration = 0.0 Gyr; one positive time"),
        ({"history": hk.DecayHistory(lifetime="5 Gyr")}, "not both"),
        ({"history": hk.DecayHistory(lifetime="0.01 Gyr"), "duration": None}, "lifetime is less than 0.002 of the age"),
        ({"n": 60}, "n = 60; more than 64 decays"),
        ({"n": 400, "grid": hk.RingBins([0, 1, 2] * KPC, [0, 1, 2] * KPC)}, "n = 400; more than 512 decays"),
        ({"n": 2.0}, "n = 2.0; a whole number of decays"),
        ({"sampling": "random"}, "sampling = 'random'; allowed are"),
    ],
)
def test_bad_arguments_are_named(arguments, complaint):
    given = {"n": 1000, "duration": 10 * GYR} | MASS | arguments
    with pytest.raises(InputError, match=complaint):
        IntegratedChunks(DF, KICK, BINS, **given)


def test_chunks_and_sums_are_counted():
    chunks = IntegratedChunks(DF, KICK, BINS, n=1000, duration=1 * GYR, **MASS)
    assert len(chunks) == 1
    with pytest.raises(InputError, match="chunk = 1; these 1000 decays have chunks 0 to 0"):
        chunks.sums(1)
    with pytest.raises(InputError, match="sums of 2 chunks; the 1000 decays have 1"):
        chunks.daughters([None, None])


def test_too_few_daughters_in_a_shell_that_was_asked_for_are_refused():
    with pytest.raises(ConvergenceError, match="effective daughters of 500 decays"):
        followed(DF, bins=np.geomspace(0.01, 100, 12) * KPC, n=500, duration=1 * GYR)
