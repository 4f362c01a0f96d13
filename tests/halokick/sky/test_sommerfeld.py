"""Sommerfeld factors: limits, published numbers of an independent calculation, the Schroedinger equation."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from halokick.constants import SPEED_OF_LIGHT
from halokick.errors import InputError
from halokick.sky.sommerfeld import Coulomb, Hulthen, hulthen_s

C = SPEED_OF_LIGHT


def b_of(epsilon_phi):
    return np.pi**2 * epsilon_phi / 6


@pytest.mark.parametrize(
    ("e", "epsilon_phi", "expected"),
    [
        (1e-3, 1, 14.73302),
        (1e-3, 6 / np.pi**2, 1000003),
        (1e-3, 6 / (4 * np.pi**2), 250012.9),
        (0.035, 5, 1.517885),
        (0.035, 0.5, 103.8891),
        (1, 0.01, 3.281567),
        (10, 0.1, 1.164883),
        (0.1, 1e-4, 31.41593),
    ],
)
def test_hulthen_s_wave(e, epsilon_phi, expected):
    # an independent calculation to seven digits
    assert hulthen_s(e, b_of(epsilon_phi)) == pytest.approx(expected, rel=5e-7)


@pytest.mark.parametrize(
    ("e", "epsilon_phi", "expected"),
    [(0.035, 0.5, 5.553), (0.1, 0.05, 592.6), (1, 0.01, 4.075), (0.3, 0.3, 10.58), (0.1, 1, 2.261)],
)
def test_hulthen_p_wave(e, epsilon_phi, expected):
    # an independent calculation to four digits
    alpha = 0.01
    v = 2 * alpha * e
    s = Hulthen.scaled(alpha, epsilon_phi, "p").of(f"{v * C} km/s")
    assert s / v**2 == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize(("e", "epsilon_phi", "l"), [(0.3, 0.3, 0), (0.035, 0.5, 0), (0.3, 0.3, 1), (0.1, 0.05, 1)])
def test_hulthen_against_the_radial_equation(e, epsilon_phi, l):
    # u'' + [e^2 + V - l(l+1) (delta e^(-delta r/2)... )] u = 0 with lengths in 1/(alpha m): potential and centrifugal
    # term of Hulthen's form; S is the ratio of |u/r^(l+1)|^2 at the origin with and without force, both normalised far
    # outside. solve_ivp's tolerance 1e-11 over tens of wavelengths leaves below 1e-7
    delta = np.pi**2 * epsilon_phi / 6

    def barrier(r):
        return l * (l + 1) * delta**2 * np.exp(-delta * r) / (-np.expm1(-delta * r)) ** 2

    def force(r):
        return delta * np.exp(-delta * r) / -np.expm1(-delta * r)

    def amplitude(strength):
        def rise(r, y):
            return [y[1], (barrier(r) - strength * force(r) - e * e) * y[0]]

        # series u = r^(l+1) (1 + c1 r), with the first correction of force and barrier
        start, end = 1e-5, 60 / delta
        slope = -strength / (2 * (l + 1))
        first = start ** (l + 1) * (1 + slope * start)
        second = start**l * ((l + 1) + (l + 2) * slope * start)
        y = solve_ivp(rise, (start, end), [first, second], rtol=1e-11, atol=0, method="DOP853").y[:, -1]
        return y[0] ** 2 + (y[1] / e) ** 2

    ratio = amplitude(0.0) / amplitude(1.0)
    alpha = 0.01
    v = 2 * alpha * e
    s = Hulthen.scaled(alpha, epsilon_phi, "sp"[l]).of(f"{v * C} km/s") / v ** (2 * l)
    # starting the series at 1e-5 costs 1e-10; the rest is the solver
    assert s == pytest.approx(ratio, rel=1e-6)


def test_both_forms_of_the_s_wave_meet_where_the_sign_of_d_changes():
    b = b_of(0.2)
    e = np.sqrt(b) * (1 + np.array([-1e-9, 1e-9]))  # D = 0 at e^2 = b
    low, high = hulthen_s(e, b)
    assert low == pytest.approx(high, rel=1e-8)


@pytest.mark.parametrize("alpha", [0.001, 0.1])
def test_light_mediators_give_coulomb(alpha):
    v = np.geomspace(1e-3, 1, 7) * C
    speeds = [f"{x} km/s" for x in v]
    # corrections are of the relative order epsilon_phi/e^2
    light = 1e-9 * (v[0] / C / (2 * alpha)) ** 2
    assert Hulthen.scaled(alpha, light).of(speeds) == pytest.approx(Coulomb(alpha).of(speeds), rel=1e-8)
    p = Hulthen.scaled(alpha, light, "p").of(speeds) / (v / C) ** 2
    assert p == pytest.approx(Coulomb(alpha).of(speeds) * (1 + (alpha * C / v) ** 2), rel=1e-8)


def test_the_coulomb_limit_is_that_of_v_rel():
    # 2 pi alpha c/v_rel: neither pi alpha c/v_rel nor 4 pi alpha c/v_rel
    assert Coulomb(0.01).of("1e-3 km/s") == pytest.approx(2 * np.pi * 0.01 * C / 1e-3, rel=1e-14)


def test_coulomb_repulsion_is_small_and_never_negative():
    weak = Coulomb(-0.01).of(["1 km/s", "3000 km/s"])
    x = 2 * np.pi * 0.01 * C / 3000
    assert weak[0] == 0
    assert weak[1] == pytest.approx(x / np.expm1(x), rel=1e-14)


def test_no_force_is_no_factor():
    assert Hulthen.scaled(1e-9, 1.0).of("1000 km/s") == pytest.approx(1, abs=1e-5)  # pi alpha c/v
    assert Hulthen(0.01, "1 GeV", "1e9 GeV").of("10 km/s") == pytest.approx(1, abs=1e-7)


def test_saturation_off_resonance_and_none_on_it():
    off, on = Hulthen.scaled(0.01, 1.0), Hulthen.scaled(0.01, 6 / np.pi**2)
    slow = ["1e-6 km/s", "1e-3 km/s"]
    assert off.of(slow)[0] == pytest.approx(off.of(slow)[1], rel=1e-8)
    assert on.of(slow)[0] / on.of(slow)[1] == pytest.approx(1e6, rel=1e-6)


def test_unitarity_cuts_with_a_warning():
    mass, strength = 100.0, 3e-26
    factor = Hulthen(0.01, f"{mass} GeV", f"{0.01 * mass * 6 / np.pi**2} GeV", cap=f"{strength} cm3/s")
    free = Hulthen(0.01, factor.mass, factor.mediator_mass)
    (edge,) = factor.sharp_speeds
    with pytest.warns(UserWarning, match="unitarity"):
        cut = factor.of([f"{edge * x} km/s" for x in (0.01, 0.1)])
    # sigma v = 4 pi (hbar c)^2 c/(m^2 v/c) = 4 pi/m^2 x 1.16733e-17 cm^3/s c/v, from hbar c = 0.1973269804 GeV fm
    hbar_c, c = 0.1973269804e-13, 2.99792458e10
    limit = 4 * np.pi * hbar_c**2 * c / mass**2 / (np.array([0.01, 0.1]) * edge / C) / strength
    assert cut == pytest.approx(limit, rel=1e-9)
    assert factor.of(f"{2 * edge} km/s") == free.of(f"{2 * edge} km/s")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Coulomb(0.0), "SWave"),
        (lambda: Coulomb(np.inf), "finite"),
        (lambda: Hulthen(-0.1, "1 GeV", "1 GeV"), "attraction"),
        (lambda: Hulthen(0.1, "1 GeV", "0 GeV"), "Coulomb"),
        (lambda: Hulthen(0.1, "1 GeV", "1 GeV", wave="d"), "wave"),
        (lambda: Hulthen(0.1, "1 GeV", "1 GeV", wave="p", cap="1e-26 cm3/s"), "s-wave"),
        (lambda: Hulthen(0.1, "1 GeV", "1 GeV", cap="0 cm3/s"), "positive"),
    ],
)
def test_what_is_refused(make, said):
    with pytest.raises(InputError, match=said):
        make()
