import numpy as np
import pytest
from scipy.integrate import solve_ivp

from halokick.daughters.density_bins import new_histogram, shells
from halokick.kernels.changing_forces import NO_GROWTH, Growth
from halokick.kernels.follow import (
    DONE,
    REFINEMENTS,
    STUCK,
    TOO_MANY_STEPS,
    Judge,
    Outcome,
    Particles,
    Settings,
    follow,
)
from halokick.kernels.follow_batch import conserved, follow_batch
from halokick.kernels.forces import Forces

EDGES = np.linspace(0.0, 2.0, 21)
GRID = shells(EDGES)
NOWHERE = np.empty((1, 0))
# (v0/core)^2 = 1: an oscillator of unit frequency up to r^2/core^2
CORE2 = 1e16
OMEGA = np.array([1.0, 1.3, 0.7])
OSCILLATOR = Forces(logs=np.array([[CORE2, CORE2, OMEGA[1] ** 2, OMEGA[2] ** 2]]))
KEPLER = Forces(disks=np.array([[1.0, 0.0, 0.0]]))
HALO = Forces(disks=np.array([[1.0, 0.3, 0.04], [3.0, 0.0, 1.0]]))
BAR = Forces(disks=HALO.disks, logs=np.array([[0.5, 0.1, 1.6, 2.0]]), spin=0.8, phase=0.3)


def run(forces, states, duration, step_tolerance=1e-9, *, growth=NO_GROWTH, samples=0, rate=0.0, most_steps=100_000,
        begins=0.0, grid=GRID, order=None):  # fmt: skip
    states = np.array(states, dtype=float, ndmin=2)
    n = len(states)
    particles = Particles(
        states,
        np.full(n, begins),
        np.full(n, duration),
        np.full(n, 1 / duration),
        np.linspace(0.1, 0.9, n),
        np.zeros(n, dtype=np.int64),
    )
    outcome = Outcome(np.full((n, 6), np.nan), np.zeros(n, dtype=np.int64), np.full(n, -1))
    histogram = new_histogram(grid, 1)
    order = np.arange(n) if order is None else np.array(order)
    settings = Settings(step_tolerance, samples, rate, most_steps, 0)
    judge = Judge(0.0, np.zeros(n), np.ones(n), np.zeros(n), np.zeros(n, dtype=np.int64))
    follow(forces, growth, (grid, grid), particles, order, settings, judge, (histogram, NOWHERE), outcome)
    return outcome, histogram


def random_states(n, seed=1):
    rng = np.random.default_rng(seed)
    return np.hstack([rng.normal(size=(n, 3)), rng.normal(size=(n, 3))])


def test_oscillators_end_where_sines_and_cosines_say():
    states, t = random_states(200), 50.0
    outcome, _ = run(OSCILLATOR, states, t, 1e-12)
    x, v = states[:, :3], states[:, 3:]
    cosine, sine = np.cos(OMEGA * t), np.sin(OMEGA * t)
    exact = np.hstack([x * cosine + v * sine / OMEGA, v * cosine - x * OMEGA * sine])
    # ten periods of some ten steps, each to 1e-12
    np.testing.assert_allclose(outcome.ends, exact, rtol=0, atol=2e-10)
    assert np.all(outcome.completion == DONE)


def test_a_kepler_orbit_of_high_eccentricity_comes_back_after_its_period():
    e, a = 0.95, 1.0
    start = [a * (1 + e), 0, 0, 0, np.sqrt((1 - e) / (1 + e) / a), 0]
    outcome, _ = run(KEPLER, start, 10 * 2 * np.pi, 1e-12)
    # ten passages of the pericentre, which stretch an error along the orbit
    np.testing.assert_allclose(outcome.ends[0], start, rtol=0, atol=2e-8)


def test_a_smaller_tolerance_gives_smaller_errors_and_more_steps():
    states = random_states(64)
    errors, steps = [], []
    for tolerance in (1e-4, 1e-6, 1e-8):
        outcome, _ = run(HALO, states, 20.0, tolerance)
        before, after = (conserved(HALO, s, np.zeros(64)) for s in (states, outcome.ends))
        errors.append(np.median(np.abs(after - before)))
        steps.append(outcome.steps.sum())
    assert errors[0] > 30 * errors[1] > 900 * errors[2]
    assert steps[0] < steps[1] < steps[2]


def test_what_happens_to_a_particle_does_not_depend_on_its_company():
    states = random_states(300)
    together, _ = run(HALO, states, 5.0)
    backwards, _ = run(HALO, states, 5.0, order=np.arange(300)[::-1])
    alone, _ = run(HALO, states, 5.0, order=[137])
    np.testing.assert_array_equal(together.ends, backwards.ends)
    np.testing.assert_array_equal(together.steps, backwards.steps)
    np.testing.assert_array_equal(together.ends[137], alone.ends[137])
    assert np.isnan(alone.ends[0, 0])


def test_the_time_in_shells_of_a_radial_oscillator_is_an_arcsine():
    isotropic = Forces(logs=np.array([[CORE2, CORE2, 1.0, 1.0]]))
    n = 1024
    rng = np.random.default_rng(3)
    phase = rng.uniform(0, 2 * np.pi, n)
    states = np.zeros((n, 6))
    states[:, 2], states[:, 5] = 1.5 * np.cos(phase), -1.5 * np.sin(phase)
    _, histogram = run(isotropic, states, 200 * np.pi, 1e-8, samples=2)
    share = histogram[0, : len(EDGES) - 1] / n
    exact = np.diff(2 / np.pi * np.arcsin(np.minimum(EDGES / 1.5, 1.0)))
    assert share.sum() == pytest.approx(1, abs=1e-12)
    # an orbit has some 4000 samples, evenly spread: its error of a bin is below 2/4000. All take the same steps
    np.testing.assert_allclose(share, exact, rtol=0, atol=5e-4)


def test_weights_grow_with_the_age_as_asked_for():
    # a particle at rest at the centre of an oscillator, counted in one bin
    inner = shells(np.array([0.0, 1.0]))
    rate, t = 0.7, 5.0
    states = [[1e-3, 0, 0, 0, 1e-3, 0]]
    _, histogram = run(OSCILLATOR, states, t, 1e-6, samples=64, rate=rate, grid=inner)
    exact = np.expm1(rate * t) / (rate * t)
    # 64 places in every step of about a radian: midpoints of 1/64
    assert histogram[0, 0] == pytest.approx(exact, rel=1e-3)


def test_a_turning_potential_conserves_the_jacobi_integral_and_not_the_energy():
    states = random_states(100)
    outcome, _ = run(BAR, states, 20.0, 1e-10)
    jacobi = [conserved(BAR, s, np.full(100, t)) for s, t in ((states, 0.0), (outcome.ends, 20.0))]
    np.testing.assert_allclose(jacobi[1], jacobi[0], rtol=0, atol=1e-7)
    momentum = [s[:, 0] * s[:, 4] - s[:, 1] * s[:, 3] for s in (states, outcome.ends)]
    assert np.median(np.abs(momentum[1] - momentum[0])) > 0.02


def test_a_turning_potential_agrees_with_equations_of_motion_in_its_own_frame():
    state = np.array([1.0, 0.2, 0.3, -0.2, 0.9, 0.1])
    t, spin = 7.0, BAR.spin

    def rates(_, s):
        x, v = s[:3], s[3:]
        a = np.zeros(3)
        for gm, long, b2 in BAR.disks:
            root = np.sqrt(x[2] ** 2 + b2)
            d = (x[0] ** 2 + x[1] ** 2 + (long + root) ** 2) ** 1.5
            a -= gm / d * np.array([x[0], x[1], x[2] * (long + root) / root])
        v2, core2, p, q = BAR.logs[0]
        a -= v2 * np.array([x[0], p * x[1], q * x[2]]) / (x[0] ** 2 + p * x[1] ** 2 + q * x[2] ** 2 + core2)
        a += spin**2 * np.array([x[0], x[1], 0]) + 2 * spin * np.array([v[1], -v[0], 0])
        return np.concatenate([v, a])

    def rotated(s, angle, sign):
        c, n = np.cos(angle), np.sin(angle)
        turn = np.array([[c, n, 0], [-n, c, 0], [0, 0, 1]])
        turn = turn if sign > 0 else turn.T
        return np.concatenate([turn @ s[:3], turn @ s[3:]])

    inside = rotated(state, BAR.phase, 1)
    inside[3:] -= spin * np.array([-inside[1], inside[0], 0])
    end = solve_ivp(rates, (0, t), inside, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
    end[3:] += spin * np.array([-end[1], end[0], 0])
    outcome, _ = run(BAR, state, t, 1e-11)
    # both integrators to about 1e-10 over a few periods
    np.testing.assert_allclose(outcome.ends[0], rotated(end, BAR.phase + spin * t, -1), rtol=0, atol=1e-8)


def test_a_turning_potential_starts_its_clock_where_told():
    state, t = [1.0, 0.2, 0.3, -0.2, 0.9, 0.1], 3.0
    first, _ = run(BAR, state, t, 1e-11)
    second, _ = run(BAR, first.ends, t, 1e-11, begins=t)
    both, _ = run(BAR, state, 2 * t, 1e-11)
    np.testing.assert_allclose(second.ends, both.ends, rtol=0, atol=1e-8)


def test_a_growing_potential_agrees_with_another_integrator():
    # amplitude 1 + 0.3 t^2 in one cell of length 5
    growth = Growth(5.0, np.array([[1.0, 0.0, 0.3 * 25.0, 0.0]]))
    state, t = np.array([1.0, 0.5, -0.3, 0.1, 0.4, 0.6]), 4.0

    def rates(time, s):
        return np.concatenate([s[3:], -(1 + 0.3 * time**2) * OMEGA**2 * s[:3]])

    exact = solve_ivp(rates, (0, t), state, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
    outcome, _ = run(OSCILLATOR, state, t, 1e-11, growth=growth)
    np.testing.assert_allclose(outcome.ends[0], exact, rtol=0, atol=1e-8)


def test_a_particle_that_gets_no_further_is_named_and_does_not_stop_the_others():
    states = random_states(100)
    states[17] = np.nan
    outcome, _ = run(HALO, states, 5.0)
    assert outcome.completion[17] in (STUCK, TOO_MANY_STEPS)
    assert np.count_nonzero(outcome.completion != DONE) == 1
    few, _ = run(HALO, random_states(100), 5.0, most_steps=20)
    assert np.count_nonzero(few.completion == TOO_MANY_STEPS) > 50
    assert few.steps.max() <= 20


def batch(states, duration, step_tolerance, tolerance, *, chosen=None, most_steps=100_000):
    n = len(states)
    particles = Particles(
        states,
        np.zeros(n),
        np.full(n, duration),
        np.ones(n),
        np.linspace(0.1, 0.9, n),
        np.zeros(n, dtype=np.int64),
    )
    outcome = Outcome(np.empty((n, 6)), np.zeros(n, dtype=np.int64), np.full(n, -1))
    error, scale = np.full(n, np.nan), np.abs(conserved(HALO, states, np.zeros(n)))
    histogram = new_histogram(GRID, 1)
    chosen = np.ones(n, dtype=bool) if chosen is None else chosen
    settings = Settings(step_tolerance, 2, 0.0, most_steps, REFINEMENTS)
    histograms = histogram, NOWHERE
    follow_batch(
        HALO, NO_GROWTH, (GRID, GRID), particles, chosen, settings, tolerance, scale, histograms, outcome, error
    )
    return outcome, error, histogram


def test_every_particle_is_delivered_to_the_tolerance_asked_for():
    states = random_states(256)
    loose, first, _ = batch(states, 20.0, 1e-3, 0.0)
    assert np.max(first) > 1e-4
    strict, errors, _ = batch(states, 20.0, 1e-3, 1e-6)
    assert np.max(errors) <= 1e-6
    assert np.all(strict.completion == DONE)
    # those that were good enough at once are the same
    np.testing.assert_array_equal(strict.ends[first <= 1e-6], loose.ends[first <= 1e-6])


def test_samples_of_those_followed_again_are_taken_back():
    states = random_states(256)
    tolerance = 1e-4
    first = batch(states, 20.0, 1e-3, 0.0)[1]
    good = first <= tolerance
    assert 20 < np.count_nonzero(~good) < 236
    again = batch(states, 20.0, 1e-3, tolerance)[2]
    # the second tolerance of a step is enough for all of the others
    parts = batch(states, 20.0, 1e-3, 0.0, chosen=good)[2] + batch(states, 20.0, 5e-5, 0.0, chosen=~good)[2]
    assert np.all(batch(states, 20.0, 5e-5, 0.0, chosen=~good)[1][~good] <= tolerance)
    # adding and subtracting the same numbers leaves their rounding
    np.testing.assert_allclose(again, parts, rtol=0, atol=1e-9)


def test_whoever_does_not_arrive_leaves_no_samples():
    states = random_states(64)
    outcome, _, histogram = batch(states, 20.0, 1e-6, 1e-6, most_steps=150)
    arrived = outcome.completion == DONE
    assert 0 < np.count_nonzero(arrived) < 64
    alone = batch(states, 20.0, 1e-6, 1e-6, chosen=arrived)[2]
    np.testing.assert_allclose(histogram, alone, rtol=0, atol=1e-10)
