"""Live haloes of constant actions against exact scaling, circular shells, phase mixing, conservation and N-body.

Units: r_s = 1 kpc and 4 pi G rho_s r_s^2 = 1 (km/s)^2, so that the circular speed peaks at 0.461 km/s.
"""

from dataclasses import replace

import astropy.units as u
import numba
import numpy as np
import pytest

import halokick as hk
from halokick import constants
from halokick.errors import ConvergenceError, InputError
from halokick.live import orbit_populations
from halokick.live.grid import live_grid
from halokick.live.orbit_iteration import OrbitState, orbit_iteration
from halokick.live.start import live_start

G = constants.G
V_MAX = 0.46137
SLOW = 1e7
"""An age beside which any flight out of the halo is short."""
AGE = 270.0


@pytest.fixture(scope="module")
def df():
    profile = hk.NFWProfile(r_s=1 * u.kpc, rho_s=1 / (4 * np.pi * G) * u.Msun / u.kpc**3)
    return hk.ErgodicDF(hk.Halo(hk.TruncatedProfile(profile, r_t=10 * u.kpc)))


@pytest.fixture(scope="module")
def start_of(df):
    made = {}

    def start(speed, n=4096, seed=1):
        if (speed, n, seed) not in made:
            made[speed, n, seed] = live_start(df, hk.FixedKick(speed * V_MAX * u.km / u.s), n, seed)
        return made[speed, n, seed]

    return start


def mass_at(output, moment, r, species="total"):
    sums = getattr(output.moments[moment], species)
    return np.exp(np.interp(np.log(r), np.log(output.edges), np.log(np.maximum(sums.enclosed, 1e-300))))


def ratio(output, r, moment=1):
    return mass_at(output, moment, r) / mass_at(output, 0, r)


@pytest.fixture(scope="module")
def emptied(df, start_of):
    """Half of the halo decays to what leaves at once."""
    return orbit_iteration(start_of(40.0, 8192), df, times=[0, SLOW], lifetime=SLOW / np.log(2), steps=8)


R = np.array([0.03, 0.1, 0.3, 1, 3, 8])


def test_halo_that_loses_half_slowly_is_the_same_halo_twice_as_wide(df, emptied):
    exact = 0.5 * df.profile.mass(0.5 * R * u.kpc).to_value(u.Msun)
    error = mass_at(emptied, 1, R) / exact - 1
    # N = 8192, inside 0.03: 150 orbits, 2 per cent of sampling; then 1, 1, 0.5, 0.5, 0.2
    assert np.all(np.abs(error) < [0.04, 0.02, 0.01, 0.006, 0.005, 0.002])
    # speeds fall by half
    for moment, factor in ((0, 1.0), (1, 0.5)):
        total = emptied.moments[moment].total
        assert emptied.moments[moment].bound_mass / emptied.moments[0].bound_mass == pytest.approx(factor, abs=1e-9)
        kinetic = emptied.moments[moment].kinetic / emptied.moments[0].kinetic
        assert kinetic == pytest.approx(factor**3, rel=2e-3)
        # virial equilibrium, with what 0.1 per cent of noise in M do to it
        virial = -2 * emptied.moments[moment].kinetic / emptied.moments[moment].potential_energy
        assert virial == pytest.approx(1, abs=3e-3)
        assert np.all(total.mass >= 0)


def test_parents_that_lose_all_their_mass_do_the_same_without_a_daughter(df, start_of, emptied):
    faint = orbit_iteration(start_of(0.3, 8192), df, times=[0, SLOW], lifetime=SLOW / np.log(2), mass_loss=1.0, steps=8)
    # two ways to the same field, each converged to 1e-3
    np.testing.assert_allclose(mass_at(faint, 1, R), mass_at(emptied, 1, R), rtol=2e-3)


def test_more_steps_do_not_move_the_answer(df, start_of):
    kick = start_of(1.3)
    coarse, fine = (
        orbit_iteration(kick, df, times=[0, AGE], lifetime=AGE, steps=steps, tolerance=3e-4) for steps in (8, 16)
    )
    # second order: 3e-3 between 8 and 16 steps, 1e-3 between 16 and 32 (and where few orbits are left, single ones)
    np.testing.assert_allclose(ratio(coarse, R[1:]), ratio(fine, R[1:]), rtol=1e-2)
    # the balance of energies closes at the same rate, with what the field's tolerance leaves
    assert fine.energy_error < 1e-3
    assert coarse.energy_error < 4e-3


LIVE = {
    # v_k / V_max, Gamma t0: M / M0 inside 0.1, 0.3, 1, 3, 8 by N-body with 65 000 particles
    (0.65, 0.3): (0.761, 0.847, 0.896, 0.918, 0.934),
    (0.65, 1.0): (0.438, 0.612, 0.735, 0.791, 0.829),
    (1.3, 0.3): (0.520, 0.586, 0.677, 0.746, 0.803),
    (1.3, 1.0): (0.100, 0.137, 0.219, 0.336, 0.452),
    (3.0, 0.3): (0.423, 0.443, 0.496, 0.569, 0.652),
    # here periods grow like (1 - x)^-2 past what is slow: N-body has 0.052 0.059 0.082 inside r_s, 4 to 6 per cent
    # less; the three inner numbers are another program's orbits of constant actions
    (3.0, 1.0): (0.054, 0.062, 0.085, 0.132, 0.208),
}


@pytest.mark.parametrize(("speed", "decays"), LIVE)
def test_masses_are_those_of_a_live_n_body_run(df, start_of, speed, decays):
    output = orbit_iteration(start_of(speed, 16384), df, times=[0, AGE], lifetime=AGE / decays)
    # noise of both, up to 0.8 per cent of drift of the N-body, printed to 0.001
    relative = np.array([0.035, 0.025, 0.02, 0.015, 0.015])
    found = ratio(output, np.array([0.1, 0.3, 1, 3, 8]))
    assert np.all(np.abs(found - LIVE[speed, decays]) < relative * LIVE[speed, decays] + 6e-4)
    assert output.settings["states"][1]["LOST"]["number"] == 0


def test_bound_share_at_half_decayed(df, start_of):
    # live N-body of 33 000 particles with a lifetime of 200, then rest
    for speed, bound in ((0.65, 0.962), (1.3, 0.736), (3.0, 0.500)):
        output = orbit_iteration(start_of(speed), df, times=[0, SLOW], lifetime=SLOW / np.log(2), steps=8)
        share = output.moments[1].bound_mass / output.moments[0].bound_mass
        # 0.003 of noise each; at 1.3 V_max N-body falls by 0.005 from a lifetime of 50 to one of 200
        assert share == pytest.approx(bound, abs=0.01)


def test_without_a_kick_nothing_changes(df, start_of):
    output = orbit_iteration(start_of(1e-6), df, times=[0, 100, AGE], lifetime=AGE, steps=4)
    # at the end every orbit carries its daughter's weight: only the convergence to 1e-3 is left
    np.testing.assert_allclose(ratio(output, R, 2), 1, atol=2e-3)
    # in between only some have one: noise of 4000 births, at 0.03 of 100
    assert np.all(np.abs(ratio(output, R, 1) - 1) < [0.08, 0.03, 0.015, 0.01, 0.01, 0.005])
    assert output.moments[2].escaped_mass == 0
    assert output.energy_error < 2e-3


def test_first_decays_are_those_of_a_fixed_potential(df, start_of):
    kick = hk.FixedKick(0.65 * V_MAX * u.km / u.s)
    share = 1e-3
    output = orbit_iteration(start_of(0.65, 16384), df, times=[0, SLOW], lifetime=-SLOW / np.log1p(-share), steps=1)
    r = np.array([0.1, 0.3, 1, 3, 8])
    mixed = hk.phase_mix(df, kick, np.geomspace(1e-3, 60, 40) * u.kpc)
    found = mass_at(output, 1, r, "daughters") / share / mass_at(output, 0, r)
    expected = (mixed.mass(r * u.kpc) / df.profile.mass(r * u.kpc)).to_value("")
    # sampling: 2, 1, 0.5, 0.5, 0.5 per cent; the halo itself has moved by up to 2e-3
    assert np.all(np.abs(found / expected - 1) < [0.04, 0.02, 0.012, 0.01, 0.01])
    # velocity dispersions too
    shells = output.moments[1].daughters.merged(20)
    edges = output.edges[::20]
    inner = np.flatnonzero((edges > 0.2) & (edges < 3))
    for i in inner:
        sigma = np.sqrt(shells.radial_square[i + 1] / shells.mass[i + 1])
        log_r = np.linspace(np.log(edges[i]), np.log(edges[i + 1]), 21)
        at = np.exp(0.5 * (log_r[1:] + log_r[:-1])) * u.kpc
        weight = mixed.density(at).value * at.value**3
        theirs = np.sqrt(np.sum(weight * mixed.velocity_dispersion(at)[0].value ** 2) / weight.sum())
        assert sigma == pytest.approx(theirs, rel=0.03)  # 1 per cent of sampling


def test_small_losses_expand_the_halo_by_the_slope_of_its_mass(df, start_of):
    share = 0.01
    output = orbit_iteration(
        start_of(40.0, 8192), df, times=[0, SLOW], lifetime=-SLOW / np.log1p(-share), steps=2, tolerance=3e-5
    )
    r = np.array([0.1, 0.3, 1, 3])
    mass = df.profile.mass(r * u.kpc).value
    slope = 4 * np.pi * r**3 * df.profile.density(r * u.kpc).value / mass
    found = -np.log(ratio(output, r) / (1 - share)) / share
    # of the slope of a sampled halo: 3 per cent; the next order in x: 1 per cent
    np.testing.assert_allclose(found, slope, rtol=0.06)


@pytest.fixture(scope="module")
def circular(df, start_of):
    """A start on circular orbits."""
    start = start_of(0.3)
    gm = constants.G * df.halo.enclosed_mass(start.radius * u.kpc).value
    return replace(start, speed=np.sqrt(gm / start.radius), cosine=np.zeros(len(start)))


def test_circular_shells_contract_around_growing_stars_as_blumenthal_said(df, circular):
    grid = live_grid(df)
    edges = np.exp(grid.log_low + grid.step * np.arange(len(grid.gm)))
    stars = 0.1 * edges**2 / (edges + 0.2) ** 2
    before = orbit_iteration(circular, df, times=[0], lifetime=np.inf)
    after = orbit_iteration(circular, df, times=[0], lifetime=np.inf, baryons_gm=stars)
    initial = np.array([0.1, 0.3, 1, 3])
    halo = G * df.profile.mass(initial * u.kpc).to_value(u.Msun)
    # r_f [M(r_i) + M_b(r_f)] = r_i M(r_i), Blumenthal et al. (1986), Eq. (1), with no stars before
    final = initial.copy()
    for _ in range(200):
        final = 0.5 * (final + initial * halo / (halo + np.interp(final, edges, stars)))
    # the same shells hold the same orbits; radii err by the table's linear masses, 0.3 per cent, twice that in mass
    np.testing.assert_allclose(mass_at(after, 0, final), mass_at(before, 0, initial), rtol=0.012)
    assert np.all(final < [0.055, 0.18, 0.76, 2.7])


def test_halo_that_grows_without_decays_ends_as_the_halo(df, start_of):
    start = start_of(0.65)
    order = np.argsort(np.argsort(start.radius))
    # from inside outward: a tenth is there at the beginning
    activation = np.maximum(order / len(start) - 0.1, 0.0) / 0.9 * AGE
    grown = orbit_iteration(start, df, times=[0, 0.5 * AGE, AGE], lifetime=np.inf, activation=activation, steps=24)
    whole = orbit_iteration(start, df, times=[0], lifetime=np.inf)
    # both converged to 1e-3
    np.testing.assert_allclose(mass_at(grown, 2, R), mass_at(whole, 0, R), rtol=2e-3)
    active = np.array([start.mass[activation <= time].sum() for time in (0, 0.5 * AGE, AGE)])
    found = [moment.total.mass.sum() for moment in grown.moments]
    np.testing.assert_allclose(found, active, rtol=1e-6)
    assert grown.settings["states"][0]["WAITING"]["number"] > 0.8 * len(start)
    # orbits were wider in the shallower well of then
    assert mass_at(grown, 0, R[2]) < mass_at(whole, 0, R[2])


def test_growth_keeps_circular_shells_at_constant_angular_momentum(df, circular):
    order = np.argsort(np.argsort(circular.radius))
    activation = np.where(order < len(circular) // 2, 0.0, AGE)
    grown = orbit_iteration(circular, df, times=[0, AGE], lifetime=np.inf, activation=activation, steps=1)
    # mass outside does not act: the inner half is where it will be, without a change
    r = np.array([0.1, 0.3])
    np.testing.assert_allclose(mass_at(grown, 0, r), mass_at(grown, 1, r), rtol=2e-3)


def test_decays_due_before_arrival_happen_on_arrival(df, start_of):
    start = start_of(40.0)
    activation = np.where(np.arange(len(start)) % 2 == 0, 0.0, 0.5 * SLOW)
    output = orbit_iteration(start, df, times=[0, SLOW], lifetime=SLOW / np.log(2), activation=activation, steps=8)
    here, late = start.mass[activation == 0].sum(), start.mass[activation > 0].sum()
    assert output.moments[0].bound_mass == pytest.approx(here, rel=1e-9)
    # all daughters leave: half of every parent is left, whenever it came
    assert output.moments[1].bound_mass == pytest.approx(0.5 * (here + late), rel=1e-9)
    assert output.moments[1].escaped_mass == pytest.approx(0.5 * (here + late), rel=1e-9)


def test_only_the_decaying_share_decays(df, start_of):
    whole = orbit_iteration(start_of(40.0), df, times=[0, SLOW], lifetime=SLOW / np.log(4 / 3), steps=6)
    half = orbit_iteration(start_of(40.0), df, times=[0, SLOW], lifetime=SLOW / np.log(2), decaying_share=0.5, steps=6)
    # a quarter of the mass goes either way
    np.testing.assert_allclose(mass_at(half, 1, R), mass_at(whole, 1, R), rtol=3e-3)


def test_stream_of_fast_daughters_fills_the_halo_at_the_rate_of_decay(df, start_of):
    speed, lifetime = 100 * V_MAX, 1e4
    output = orbit_iteration(start_of(100.0), df, times=[0, AGE], lifetime=lifetime, steps=2)
    decays = output.moments[1].parents.mass.sum() / lifetime
    # far outside the halo all daughters move outward at their speed
    shells = output.moments[1].daughters
    between = (output.edges[:-1] > 100) & (output.edges[1:] < 0.9 * AGE * speed)
    mass, width = shells.mass[1:-1][between], np.diff(output.edges)[between]
    # older ones left when decays were more frequent by t / tau; speeds are spread by 1 per cent
    age = 0.5 * (output.edges[1:] + output.edges[:-1])[between] / speed
    np.testing.assert_allclose(mass, decays * width / speed * np.exp(age / lifetime), rtol=5e-3)
    assert np.all(shells.radial[1:-1][between] > 0.99 * speed * mass)


def test_answer_is_the_same_on_any_number_of_threads(df, start_of, monkeypatch):
    monkeypatch.setattr(orbit_populations, "_SHARED", 0)
    answers = []
    before = numba.get_num_threads()
    for threads in (1, 2):
        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
        output = orbit_iteration(start_of(1.3), df, times=[0, AGE], lifetime=AGE, steps=3)
        answers.append(b"".join(array.tobytes() for array in output.moments[1].total.arrays))
    numba.set_num_threads(before)
    assert answers[0] == answers[1]


def test_result_says_how_it_was_made(df, start_of):
    seen = []
    output = orbit_iteration(
        start_of(0.65), df, times=[0, 50, AGE], lifetime=AGE, steps=4, progress=lambda *now: seen.append(now)
    )
    nodes = output.settings["steps"] + 1
    assert seen == [(i + 1, nodes) for i in range(nodes)]
    assert output.settings["corrections"][0] >= 10
    assert max(output.settings["correction_errors"]) < 1e-3
    for moment, states in zip(output.moments, output.settings["states"], strict=True):
        assert set(states) == {state.name for state in OrbitState}
        assert sum(state["number"] for state in states.values()) == 2 * 4096
        # what is bound, has escaped and waits is all there is
        masses = sum(states[name]["mass"] for name in ("BOUND", "ESCAPED"))
        decayed = -np.expm1(-moment.time / AGE)
        # at 50 the number of births is not quite its mean
        assert masses / output.moments[0].bound_mass == pytest.approx(1, abs=2e-3), decayed
        assert moment.decayed_share == pytest.approx(decayed)


def test_failures_speak(df, start_of):
    start = start_of(0.65)
    for wrong in ({"lifetime": 0.0}, {"times": [2.0, 1.0]}, {"times": []}, {"mass_loss": 1.5}, {"steps": 0},
                  {"decaying_share": -0.1}, {"tolerance": 1.0}, {"activation": np.zeros(3)},
                  {"baryons_gm": np.ones(4)}):  # fmt: skip
        with pytest.raises(InputError):
            orbit_iteration(start, df, **({"times": [0, 1.0], "lifetime": 10.0} | wrong))
    # nothing left but exp(-30) of the parents, on orbits exp(30) times as wide
    with pytest.raises(ConvergenceError, match=r"earlier|steps"):
        orbit_iteration(start_of(40.0), df, times=[0, SLOW], lifetime=SLOW / 30, steps=20)
    nobody = np.full(len(start), 2 * AGE)
    with pytest.raises(ConvergenceError, match="orbits"):
        orbit_iteration(start, df, times=[0, AGE], lifetime=AGE, activation=nobody)
