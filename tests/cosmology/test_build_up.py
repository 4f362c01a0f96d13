"""Do antiparticles build up as the coupled system says, with its closed forms as limits?"""

import numpy as np
import pytest
from astropy import units as u
from scipy.integrate import quad, solve_ivp

from cosmology.build_up import (
    annihilation_threshold,
    annihilation_without_decay,
    build_up,
    build_up_comoving,
    build_up_without_annihilation,
    pair_factor,
)
from cosmology.errors import InputError, UnitError
from cosmology.scale_factor import FlatExpansion, RadiationEra

AGE = 4.352e17 * u.s
HALF = 0.015 / u.cm**3


def cm3(density):
    return density.to_value("cm-3")


def test_published_point_of_the_coupled_system():
    # n_B = n_L = 0.015 cm^-3, Gamma t = 1, <sigma v> = 1e-16 cm^3/s: four digits of an independent solution
    found = build_up(AGE, 1 / AGE, HALF, HALF, "1e-16 cm3/s")
    densities = [cm3(found.parents), cm3(found.daughters), cm3(found.antidaughters)]
    assert densities == pytest.approx([0.005518, 0.012345, 0.006827], abs=6e-7)


@pytest.mark.parametrize("strength", [1e-18, 1e-16, 1e-13, 1e-10])
def test_the_three_equations_one_by_one(strength):
    gamma, sigma = 3.0, strength * 0.015 * 4.352e17  # per age, per start density
    start = [1.0, 0.4, 0.1]

    def rhs(_, n):
        return [-gamma * n[0], -sigma * n[1] * n[2], gamma * n[0] - sigma * n[1] * n[2]]

    times = np.array([0.01, 0.3, 1.0, 2.0])
    twin = solve_ivp(rhs, (0, 2), start, method="BDF", rtol=1e-9, atol=1e-16, t_eval=times).y
    found = build_up(times * AGE, gamma / AGE, HALF, 0.4 * HALF, strength * u.cm**3 / u.s, antidaughters=0.1 * HALF)
    mine = np.array([cm3(one) / 0.015 for one in (found.parents, found.daughters, found.antidaughters)])
    assert mine == pytest.approx(twin, rel=1e-6, abs=1e-9)  # tolerance of the twin
    # B' - L' number
    assert mine[1] - mine[2] - mine[0] == pytest.approx(0.4 - 0.1 - 1.0, rel=1e-10)  # Newton's iterations


def test_the_last_daughters_are_counted_with_their_own_precision():
    # all L' meet anti-L', which are ten times as many: n_L e^(-<sigma v> int n_Lbar dt), far below rounding of the sum
    found = build_up([0, 1, 4] * AGE, "0 1/s", "0 cm-3", 0.1 * HALF, "1e-15 cm3/s", antidaughters=HALF)
    closed = annihilation_without_decay([0, 1, 4] * AGE, HALF, 0.1 * HALF, "1e-15 cm3/s")
    assert cm3(closed)[2] < 1e-11 * 0.015
    # absolute tolerance of the solver, 1e-16 of the sum; relative one over 24 e-folds
    assert cm3(found.daughters) == pytest.approx(cm3(closed), rel=1e-7, abs=1e-15 * 0.015)


def test_without_annihilation_it_is_the_closed_form():
    times = [1e-9, 0.01, 1, 5] * AGE
    found = build_up(times, 1 / AGE, HALF, HALF, "0 cm3/s")
    closed = build_up_without_annihilation(times, 1 / AGE, HALF)
    assert cm3(found.antidaughters) == pytest.approx(cm3(closed), rel=1e-8)  # tolerance of the solver
    # linear until Gamma t is about 1
    assert cm3(closed)[:2] == pytest.approx(0.015 * np.array([1e-9, 0.01]), rel=6e-3)
    assert cm3(found.daughters) == pytest.approx(0.015, rel=1e-9)


@pytest.mark.parametrize("others", [0.4, 1.0, 1.7])
def test_without_decay_it_is_the_closed_form(others):
    arguments = (others * HALF, HALF, "1e-16 cm3/s")
    closed = annihilation_without_decay([0, 0.5, 3] * AGE, *arguments)
    found = build_up([0, 0.5, 3] * AGE, "0 1/s", "0 cm-3", *arguments[::2], antidaughters=HALF)
    assert cm3(found.antidaughters) == pytest.approx(cm3(closed), rel=1e-8)  # tolerance of the solver


def test_annihilation_matters_above_one_per_density_and_age():
    # rho_L = 0.15 GeV/cm^3 of 10 GeV particles: 1.53e-16 cm^3/s
    assert annihilation_threshold(HALF, AGE).to_value("cm3/s") == pytest.approx(1.53e-16, rel=2e-3)


@pytest.mark.parametrize("strength", [0, 1e-16, 1e-13])
def test_an_expansion_that_stands_still_is_the_local_system(strength):
    def still(time):
        return np.full(np.shape(time), 0.3)

    arguments = (2 / AGE, HALF, 0.4 * HALF, strength * u.cm**3 / u.s)
    times = [0.0, 0.1, 1, 3] * AGE
    local = build_up(times, *arguments, antidaughters=0.2 * HALF)
    found = build_up_comoving(times + 0.01 * AGE, *arguments, still, start=0.01 * AGE, antidaughters=0.2 * HALF)
    for name in ("parents", "daughters", "antidaughters"):
        mine, other = cm3(getattr(found, name)), cm3(getattr(local, name))
        assert mine == pytest.approx(other, rel=1e-8, abs=1e-14 * 0.015)  # tolerance of the solvers
        assert cm3(getattr(found.physical, name)) == pytest.approx(mine, rel=1e-14)


BACKGROUNDS = {
    # start, end, densities at the start that make <sigma v> n t ten
    "today": (FlatExpansion(), 1e13 * u.s, AGE, 1e6),
    "matter and radiation": (FlatExpansion(radiation_density=9.2e-5), 1e12 * u.s, AGE, 1e7),
    "radiation": (RadiationEra(), 1.0 * u.s, 1e8 * u.s, 1e19),
}


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_comoving_numbers_are_conserved(name):
    law, start, end, density = BACKGROUNDS[name]
    parents, daughters, rare = np.array([1.0, 0.7, 0.1]) * density / u.cm**3
    times = np.geomspace(start.value, end.value, 9) * u.s
    found = build_up_comoving(
        times, 0.3 / start, parents, daughters, "1e-18 cm3/s", law, start=start, antidaughters=rare
    )
    numbers = np.array([cm3(one) / density for one in (found.parents, found.daughters, found.antidaughters)])
    assert np.all(numbers >= 0)
    # B' - L' number, and B' by their decay law
    assert numbers[1] - numbers[2] - numbers[0] == pytest.approx(0.7 - 0.1 - 1.0, abs=1e-10)
    assert numbers[0] == pytest.approx(np.exp(-0.3 * ((times - start) / start).to_value("")), rel=1e-10)
    # something annihilates, so that this is not the empty statement
    assert numbers[2, -1] < 0.8 * (0.1 + 1)


def test_comoving_form_without_annihilation_is_the_closed_form():
    # n_Lbar a^3 = n_B a^3 (1 - exp(-Gamma t)): Hardy, Lasenby & Unwin (2014), Sect. 2
    start = 1e13 * u.s
    times = start + [0, 1e-6, 0.01, 1, 5] * AGE
    found = build_up_comoving(times, 1 / AGE, HALF, HALF, "0 cm3/s", FlatExpansion(), start=start)
    closed = build_up_without_annihilation(times - start, 1 / AGE, HALF)
    assert cm3(found.antidaughters) == pytest.approx(cm3(closed), rel=1e-8)  # tolerance of the solver
    dilution = (FlatExpansion()(times) / FlatExpansion()(start)) ** 3
    assert cm3(found.physical.antidaughters) == pytest.approx(cm3(closed) / dilution, rel=1e-8)
    assert found.scale_factor**3 == pytest.approx(dilution, rel=1e-13)


@pytest.mark.parametrize("others", [0.4, 1.0])
def test_comoving_form_without_decay_is_the_closed_form_in_another_clock(others):
    # matter: int (a_start/a)^3 dt = t1 (1 - t1/t), so annihilation freezes out; equal numbers are the symmetric case
    start, law = 1e13 * u.s, FlatExpansion(matter_density=1.0)
    times = [1.0, 3, 100, 1e4] * start
    arguments = (others * 1e5 / u.cm**3, 1e5 / u.cm**3, "1e-18 cm3/s")
    found = build_up_comoving(times, "0 1/s", "0 cm-3", *arguments[::2], law, start=start, antidaughters=arguments[1])
    closed = annihilation_without_decay(start * (1 - start / times), *arguments)
    assert cm3(found.antidaughters) == pytest.approx(cm3(closed), rel=3e-7)  # a(t) is interpolated to 2e-8, cubed
    assert cm3(closed)[-1] / 1e5 == pytest.approx({0.4: 0.7, 1.0: 0.5}[others], rel=0.1)


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_comoving_form_against_physical_densities_that_dilute(name):
    # dn/dt + 3 H n, three equations in ln a with H(a); another method and other variables
    law, start, end, density = BACKGROUNDS[name]
    gamma, sigma = 0.3 / start.value, 1e-18
    a = law([start.value, end.value] * u.s)
    grid = np.geomspace(start.value, end.value, 2001)
    log_a, log_t = np.log(law(grid * u.s)), np.log(grid)

    def rhs(x, y):  # y: logarithm of time, and ln of n for the three
        hubble = 1 / (np.exp(y[0]) * np.interp(x, log_a, np.gradient(log_t, log_a)))
        parents, daughters, anti = y[1:]
        pairs = sigma * daughters * anti
        change = np.array([-gamma * parents, -pairs, gamma * parents - pairs])
        return np.concatenate([[1 / (hubble * np.exp(y[0]))], change / hubble - 3 * y[1:]])

    begin = np.array([1.0, 0.7, 0.1]) * density
    run = solve_ivp(
        rhs,
        np.log(a),
        [np.log(start.value), *begin],
        method="LSODA",
        rtol=1e-9,
        atol=1e-13 * begin[2] * (a[0] / a[1]) ** 3,
    )
    parents, daughters, rare = begin / u.cm**3
    found = build_up_comoving(
        end, gamma / u.s, parents, daughters, "1e-18 cm3/s", law, start=start, antidaughters=rare
    ).physical
    mine = [cm3(one) for one in (found.parents, found.daughters, found.antidaughters)]
    # H from differences of 2000 points of a(t)
    assert mine == pytest.approx(run.y[1:, -1], rel=3e-4)


def test_few_parents_among_many_daughters_by_quadrature():
    # n_L then stays as it is, and the equation is linear: each anti-L' survives with exp(-<sigma v> int n_L dt)
    start, gamma, few = 1e13 * u.s, 3e-18, 1e-9
    density, sigma, law = 1e5, 1e-15, FlatExpansion(matter_density=1.0)
    rate = sigma * density * 1e13  # expected meetings of one anti-L' at the start, of which 1 - t1/t come to pass

    def made(log_t):
        t = np.exp(log_t)
        survival = np.exp(-rate * (1 / t - 1e-4))
        return gamma * 1e13 * t * np.exp(-gamma * 1e13 * (t - 1)) * survival

    expected = quad(made, 0, np.log(1e4), epsabs=0, epsrel=1e-10, limit=300)[0]
    found = build_up_comoving(
        1e4 * start, gamma / u.s, few * density / u.cm**3, density / u.cm**3, sigma * u.cm**3 / u.s, law, start=start
    )
    # absolute tolerance 1e-16 of all particles is 1e-7 of the few; a(t) to 6e-8
    assert cm3(found.antidaughters) / (few * density) == pytest.approx(expected, rel=1e-6)
    assert 0.1 < expected < 0.95 * (1 - np.exp(-0.3))  # of 0.26 made, some are lost


def test_pair_factors():
    # equal yields: 1/2 when all have decayed, 0.316 after one lifetime
    assert pair_factor(np.inf) == 0.5
    assert pair_factor(1.0) == pytest.approx(0.316, abs=5e-4)
    # definition 2 n_L n_Lbar m^2/rho^2 with the densities of the coupled system
    found = build_up(0.7 * AGE, 1 / AGE, HALF, 0.3 * HALF, "0 cm3/s")
    by_hand = 2 * found.daughters * found.antidaughters / (1.3 * HALF) ** 2
    assert pair_factor(0.7, 1.0, 0.3) == pytest.approx(by_hand.to_value(""), rel=1e-8)  # tolerance of the solver
    assert pair_factor(np.array([1e-12]), 2, 2) == pytest.approx([0.5e-12], rel=1e-9)


def test_pair_factor_of_unequal_masses():
    # by hand: mu = 3/2, equal yields, half decayed: rho = (0.75 + 1 + 0.5) m_L', P = 2 x 1 x 0.5/2.25^2 = 16/81
    assert pair_factor(np.log(2), mass_ratio=1.5) == pytest.approx(16 / 81, rel=1e-14)
    # two parents for three daughters, mu = 2, a quarter decayed: rho = 3 + 3 + 0.5, P = 2 x 3 x 0.5/6.5^2 = 12/169
    assert pair_factor(-np.log(0.75), 2, 3, 2) == pytest.approx(12 / 169, rel=1e-14)
    # all decayed: the parents' mass does not count any more; equal masses are the default
    assert pair_factor(np.inf, mass_ratio=7.0) == 0.5
    x = np.array([1e-9, 0.3, 4.0])
    assert np.array_equal(pair_factor(x, 2, 3, 1.0), pair_factor(x, 2, 3))
    # first order in the splitting: -2 delta times the parents' share of what is there
    delta = 1e-6
    left = 2 * np.exp(-x) / 5
    assert pair_factor(x, 2, 3, 1 + delta) / pair_factor(x, 2, 3) - 1 == pytest.approx(-2 * delta * left, rel=1e-5)


def test_pair_factor_is_that_of_the_energy_set_free():
    # 2 m_L' per annihilation: d rho/dt = -2 m_L' <sigma v> n_L n_Lbar, found from the coupled system's own change
    mass_b, mass_l, sigma = 13.0, 10.0, 1e-16 * u.cm**3 / u.s
    times = [0.5 - 1e-4, 0.5, 0.5 + 1e-4] * AGE
    found = build_up(times, 1 / AGE, HALF, 0.4 * HALF, sigma)
    by_decay = -np.gradient(cm3(found.parents), times.value)[1] * (mass_b - mass_l)  # to light partners
    density = mass_b * cm3(found.parents) + mass_l * (cm3(found.daughters) + cm3(found.antidaughters))
    freed = -np.gradient(density, times.value)[1] - by_decay
    n_l, n_bar = cm3(found.daughters)[1], cm3(found.antidaughters)[1]
    power = 2 * n_l * n_bar * mass_l**2 / density[1] ** 2 * density[1] ** 2 * 1e-16 / mass_l  # P rho^2 <sigma v>/m
    assert freed == pytest.approx(power, rel=1e-5)  # differences over 2e-4 of the age
    # without annihilation of numbers the same P is the closed one
    free = build_up(0.5 * AGE, 1 / AGE, HALF, 0.4 * HALF, "0 cm3/s")
    rho = mass_b * cm3(free.parents) + mass_l * (cm3(free.daughters) + cm3(free.antidaughters))
    by_hand = 2 * cm3(free.daughters) * cm3(free.antidaughters) * mass_l**2 / rho**2
    assert pair_factor(0.5, 1.0, 0.4, 1.3) == pytest.approx(by_hand, rel=1e-8)  # tolerance of the solver


def test_refusals():
    for call in (
        lambda: build_up("-1 s", "1 1/s", HALF, HALF, "0 cm3/s"),
        lambda: build_up("1 s", "1 1/s", -HALF, HALF, "0 cm3/s"),
        lambda: build_up("1 s", [1, 2] / u.s, HALF, HALF, "0 cm3/s"),
        lambda: pair_factor(-1.0),
        lambda: pair_factor(1.0, -1, 1),
        lambda: pair_factor(1.0, 0, 0),
        lambda: pair_factor(1.0, mass_ratio=0.999),
        lambda: pair_factor(1.0, mass_ratio=np.inf),
        lambda: build_up_comoving("1 s", "1 1/s", HALF, HALF, "0 cm3/s", FlatExpansion(), start="2 s"),
        lambda: build_up_comoving("1 s", "1 1/s", HALF, HALF, "0 cm3/s", FlatExpansion(), start="0 s"),
        lambda: build_up_comoving("2 s", "1 1/s", HALF, HALF, "0 cm3/s", lambda t: 0.0 * t.value, start="1 s"),
        lambda: annihilation_threshold("0 cm-3", AGE),
    ):
        with pytest.raises(InputError):
            call()
    with pytest.raises(UnitError):
        build_up(1.0, "1 1/s", HALF, HALF, "0 cm3/s")
