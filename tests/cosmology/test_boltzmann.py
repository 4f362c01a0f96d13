"""Does the driver solve known systems, stiff ones too, and does it fail loudly?"""

import pickle

import numpy as np
import pytest

from cosmology.boltzmann import YieldHistory, evolve
from cosmology.errors import ConvergenceError, InputError


def test_a_decay_chain_against_its_closed_form():
    # dY/dln x = -k x Y: Y = exp(-k (x - x0)); the daughters of two such decays follow Bateman's formula
    k1, k2 = 0.7, 3.0

    def rhs(x, y):
        return x * np.array([-k1 * y[0], k1 * y[0] - k2 * y[1]])

    history = evolve(rhs, {"first": 1.0, "second": 1e-12}, (1e-6, 8.0), at=[0.5, 2, 8.0], rtol=1e-9)
    x = history.x
    assert history.yields["first"] == pytest.approx(np.exp(-k1 * x), rel=1e-5)  # start at 1e-6 instead of 0
    bateman = k1 / (k2 - k1) * (np.exp(-k1 * x) - np.exp(-k2 * x))
    assert history.yields["second"] == pytest.approx(bateman, rel=1e-5)


def test_annihilation_alone_against_its_closed_form():
    # dY/dln x = -(c/x) Y^2: 1/Y = 1/Y0 + c (1/x0 - 1/x); 1e12 expansion rates at the start
    history = evolve(lambda x, y: -1e12 / x * y**2, {"pairs": 1.0}, (1.0, 1e4), rtol=1e-9)
    assert history.final["pairs"] == pytest.approx(1 / (1 + 1e12 * (1 - 1e-4)), rel=1e-7)  # rtol times steps


def test_a_species_in_equilibrium_follows_it_at_any_rate():
    # relaxation with 1e14 expansion rates to e^-x: the lag is x/1e14
    history = evolve(lambda x, y: -1e14 * (y - np.exp(-x)), {"bound": np.exp(-1)}, (1.0, 300.0))
    assert history.yields["bound"] == pytest.approx(np.exp(-history.x), rel=1e-6)  # rtol of ln Y, times its size


def test_the_asymmetry_is_conserved_through_freeze_out_to_1e_10():
    # particle and antiparticle solved for separately; their equations differ in nothing that knows of A
    rate, asymmetry = 5e11, 1e-10

    def equilibrium(x):
        return 2e-3 * x**1.5 * np.exp(-x)

    def rhs(x, y):
        return np.full(2, -rate / x * (y[0] * y[1] - equilibrium(x) ** 2))

    rare = equilibrium(5.0) ** 2 / (asymmetry / 2 + np.hypot(asymmetry / 2, equilibrium(5.0)))
    start = {"particle": rare + asymmetry, "antiparticle": rare}
    # both signed, for a Runge-Kutta method keeps linear invariants of the variables that it works in
    history = evolve(rhs, start, (5.0, 200.0), signed=dict.fromkeys(start, 1e-12), rtol=1e-8)
    difference = history.yields["particle"] - history.yields["antiparticle"]
    # A is 1e-6 of the yields at the start: the rounding of their difference is 1e-10 of A there
    assert difference == pytest.approx(asymmetry, rel=1e-10, abs=4e-16 * start["particle"])
    assert 0 < history.final["antiparticle"] < 0.5 * asymmetry


def test_a_signed_species_may_start_at_zero_and_change_sign():
    # dD/dln x = x (e^-x - e^-2x 3/2): D = -e^-x + 3/4 e^-2x + const, starts downwards, ends above zero
    history = evolve(
        lambda x, y: x * np.array([np.exp(-x) - 1.5 * np.exp(-2 * x)]), {"d": 0.0}, (1e-8, 50), signed={"d": 1.0}
    )
    assert history.yields["d"].min() < -0.08
    assert history.final["d"] == pytest.approx(0.25, rel=1e-6)  # rtol, and the start at 1e-8


@pytest.mark.parametrize(
    "arguments",
    [
        ({"a": 0.0}, (1, 2)),
        ({"a": -1.0}, (1, 2)),
        ({"a": np.nan}, (1, 2)),
        ({}, (1, 2)),
        ({"a": 1.0}, (0, 2)),
        ({"a": 1.0}, (2, 2)),
    ],
)
def test_starts_without_meaning_are_refused(arguments):
    with pytest.raises(InputError):
        evolve(lambda x, y: -y, *arguments)
    with pytest.raises(InputError, match="among the species"):
        evolve(lambda x, y: -y, {"a": 1.0}, (1, 2), signed={"b": 1.0})


def test_what_cannot_be_solved_is_an_error():
    with pytest.raises(ConvergenceError, match="left the range"):
        evolve(lambda x, y: -1000 * y, {"a": 1.0}, (1.0, 10.0))
    # blows up at x = e; no method gets past that
    with pytest.raises(ConvergenceError):
        evolve(lambda x, y: y**2, {"a": 1.0}, (1.0, 10.0), signed={"a": 1.0})
    with pytest.raises(ConvergenceError):
        evolve(lambda x, y: np.where(x > 2, np.nan, -y), {"a": 1.0}, (1.0, 10.0))


def test_histories_are_frozen_records():
    history = evolve(lambda x, y: -y, {"a": 1.0}, (1.0, 10.0), g_star="borsanyi")
    assert isinstance(history, YieldHistory)
    assert history.g_star == "borsanyi"
    assert np.array_equal(pickle.loads(pickle.dumps(history)).yields["a"], history.yields["a"])
    more = history.with_yields(b=2 * history.yields["a"])
    assert set(more.yields) == {"a", "b"}
    assert set(history.yields) == {"a"}
    with pytest.raises(ValueError, match="read-only"):
        history.x[0] = 3
    with pytest.raises(TypeError):
        history.yields["a"] = 3
