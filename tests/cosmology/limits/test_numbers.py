"""Limits that are one number, and the two of the microwave background, against their definition and publication."""

import math

import pytest

from cosmology.limits.base import LimitResult
from cosmology.limits.densities import DARK_MATTER_DENSITY, DARK_RADIATION
from cosmology.limits.numbers import AtLeast, AtMost
from cosmology.units import Quantity

ABOUT = {"name": "a", "source": "b", "validity": "c", "applies_to": "d", "observable": "x"}


@pytest.mark.parametrize(
    ("limit", "value", "satisfied", "excess"),
    [
        (AtMost, "1 s", True, 0.5),
        (AtMost, "2000 ms", True, 1.0),
        (AtMost, "3 s", False, 1.5),
        (AtLeast, "3 s", True, 2 / 3),
        (AtLeast, "1 s", False, 2.0),
    ],
)
def test_a_number_is_on_its_side_of_the_bound_or_not(limit, value, satisfied, excess):
    answer = limit(**ABOUT, limit=Quantity(2, "s")).check(value=Quantity(value))
    assert isinstance(answer, LimitResult)
    assert answer.satisfied is satisfied
    assert answer.excess == pytest.approx(excess, rel=1e-14)
    assert answer.observable == "x"


def test_silence_has_a_reason_and_keeps_the_value_that_is_known():
    limit = AtLeast(**ABOUT, limit=Quantity(2, "s"))
    assert limit.silent("why").satisfied is None
    told = limit.silent("why", Quantity(3, "s"))
    assert (told.reason, told.value, told.bound) == ("why", Quantity(3, "s"), None)


def test_what_planck_allows():
    # Planck 2018 VI: Table 2, Omega_c h2 = 0.1200 +- 0.0012; Eq. (67b), N_eff = 2.99 +0.34 -0.33 (95 %)
    assert math.isclose(DARK_MATTER_DENSITY.bound(), 0.1224, rel_tol=1e-12)
    assert math.isclose(DARK_RADIATION.bound(), 3.33 - 3.044, rel_tol=1e-12)
    assert DARK_MATTER_DENSITY.check(value=0.12).satisfied
    assert DARK_RADIATION.check(value=1.0).excluded
