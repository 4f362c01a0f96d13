"""Amplitudes of growing potentials against a published history, and against what was asked for."""

import re

import astropy.units as u
import numpy as np
import pytest
from astropy.cosmology import FlatLambdaCDM

from halokick.errors import InputError, UnitError
from halokick.halo.growth import AmplitudeGrowth, WechslerGrowth, as_growth
from halokick.kernels.changing_forces import amplitude

DURATION = (10 * u.Gyr).to_value(u.kpc / (u.km / u.s))


@pytest.mark.parametrize("formation", [0.15, 0.3, 0.6])
def test_haloes_grow_as_wechsler_and_others_found(formation):
    universe = FlatLambdaCDM(H0=67 * u.km / u.s / u.Mpc, Om0=0.31, Tcmb0=0)
    growth = WechslerGrowth(
        formation_scale_factor=formation, hubble_constant=67 * u.km / u.s / u.Mpc, matter_density=0.31
    )
    z = np.array([1.5, 1.0, 0.5, 0.1])
    since = 10 * u.Gyr - universe.lookback_time(z)
    found = growth.relative(since.to_value(u.kpc / (u.km / u.s)), DURATION)
    # both closed forms of the same universe: rounding, and radiation's absence
    np.testing.assert_allclose(found, np.exp(-2 * formation * z), rtol=1e-6)


def test_the_kernels_table_is_the_function_over_its_value_today():
    growth = AmplitudeGrowth(lambda t: 3 + np.sin(float(t / (2 * u.Gyr))) + float(t / (5 * u.Gyr)) ** 2)
    table = growth._table(DURATION)
    for share in (0.0, 0.1234, 0.5, 0.87, 1.0):
        t = 10 * share
        exact = (3 + np.sin(t / 2) + (t / 5) ** 2) / (3 + np.sin(5) + 4)
        # cubic spline of 2048 cells
        assert amplitude(table, share * DURATION) == pytest.approx(exact, rel=1e-9)
    assert amplitude(table, 2 * DURATION) == pytest.approx(1, abs=1e-12)


def test_scale_of_an_amplitude_does_not_matter():
    one, other = (AmplitudeGrowth(lambda t, s=s: s * (1 + float(t / u.Gyr)))._table(DURATION) for s in (1, 1e12))
    np.testing.assert_allclose(one.table, other.table, rtol=0, atol=1e-13)


def test_growth_is_known_by_name_by_formula_or_as_it_is():
    assert as_growth(None) is None
    assert as_growth("wechsler_2002") == WechslerGrowth()
    mine = AmplitudeGrowth(np.cos)
    assert as_growth(mine) is mine
    assert as_growth(np.cos) == mine
    assert mine.label == "cos"
    assert "0.3" in WechslerGrowth().label
    with pytest.raises(InputError, match="wechsler_2002"):
        as_growth("linear")


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (lambda t: float(t / u.Gyr) - 3, "no positive number at 0"),
        (lambda t: np.nan, "no positive number"),
        (lambda t: 1e-5 + float(t / u.Gyr), "at least is needed for parents to be bound"),
        (lambda t: t, "is no number"),
        (lambda t: 1.0 + (t > 3 * u.Gyr), "changes too fast"),
    ],
)
def test_amplitudes_that_hold_no_halo_are_refused(function, complaint):
    with pytest.raises(InputError, match=complaint):
        AmplitudeGrowth(function)._table(DURATION)


@pytest.mark.parametrize("duration", [13.8, 13.4, 13.2])
@pytest.mark.parametrize("growth", [WechslerGrowth(), WechslerGrowth(formation_scale_factor=0.6, matter_density=0.25)])
def test_a_halo_is_not_older_than_its_universe_and_the_duration_that_is_told_is_allowed(growth, duration):
    if growth.formation_scale_factor == 0.6:
        duration += 0.7  # a universe of 14.2 Gyr
    with pytest.raises(InputError, match=r"universe is 1[34]\.\d* Gyr old|at least is needed") as refused:
        growth._table((duration * u.Gyr).to_value(u.kpc / (u.km / u.s)))
    told = re.search(r'duration="([\d.]+) Gyr"', str(refused.value))[1]
    longest = (float(told) * u.Gyr).to_value(u.kpc / (u.km / u.s))
    assert growth._table(longest).table[0, 0] >= 1e-3
    # and a tenth of a Gyr more is not: the number is no guess
    with pytest.raises(InputError, match="Gyr are allowed"):
        growth._table(longest + (0.1 * u.Gyr).to_value(u.kpc / (u.km / u.s)))


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"formation_scale_factor": 0.01}, "formation_scale_factor"),
        ({"matter_density": True}, "matter_density"),
        ({"hubble_constant": -70 * u.km / u.s / u.Mpc}, "hubble_constant"),
        ({"amplitude": np.cos}, "amplitude of its own"),
    ],
)
def test_arguments_that_are_not_allowed_are_named(values, complaint):
    with pytest.raises(InputError, match=complaint):
        WechslerGrowth(**values)


def test_expansion_needs_a_unit():
    with pytest.raises(UnitError):
        WechslerGrowth(hubble_constant=70.0)
    with pytest.raises(InputError, match="function"):
        AmplitudeGrowth(2.0)
