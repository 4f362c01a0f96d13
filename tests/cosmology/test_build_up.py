"""Do antiparticles build up as the coupled system says, with its closed forms as limits?"""

import numpy as np
import pytest
from astropy import units as u
from scipy.integrate import solve_ivp

from cosmology.build_up import (
    annihilation_threshold,
    annihilation_without_decay,
    build_up,
    build_up_without_annihilation,
    pair_factor,
)
from cosmology.errors import InputError, UnitError

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
    assert mine[1] - mine[2] - mine[0] == pytest.approx(0.4 - 0.1 - 1.0, rel=1e-12)


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


def test_pair_factors():
    # equal yields: 1/2 when all have decayed, 0.316 after one lifetime
    assert pair_factor(np.inf) == 0.5
    assert pair_factor(1.0) == pytest.approx(0.316, abs=5e-4)
    # definition 2 n_L n_Lbar m^2/rho^2 with the densities of the coupled system
    found = build_up(0.7 * AGE, 1 / AGE, HALF, 0.3 * HALF, "0 cm3/s")
    by_hand = 2 * found.daughters * found.antidaughters / (1.3 * HALF) ** 2
    assert pair_factor(0.7, 1.0, 0.3) == pytest.approx(by_hand.to_value(""), rel=1e-8)  # tolerance of the solver
    assert pair_factor(np.array([1e-12]), 2, 2) == pytest.approx([0.5e-12], rel=1e-9)


def test_refusals():
    for call in (
        lambda: build_up("-1 s", "1 1/s", HALF, HALF, "0 cm3/s"),
        lambda: build_up("1 s", "1 1/s", -HALF, HALF, "0 cm3/s"),
        lambda: build_up("1 s", [1, 2] / u.s, HALF, HALF, "0 cm3/s"),
        lambda: pair_factor(-1.0),
        lambda: pair_factor(1.0, -1, 1),
        lambda: pair_factor(1.0, 0, 0),
        lambda: annihilation_threshold("0 cm-3", AGE),
    ):
        with pytest.raises(InputError):
            call()
    with pytest.raises(UnitError):
        build_up(1.0, "1 1/s", HALF, HALF, "0 cm3/s")
