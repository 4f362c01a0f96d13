"""Does a limit answer satisfied, excluded or not applicable, and say by what?"""

import pytest
from astropy import units as u

from cosmology.errors import InputError, UnitError
from cosmology.limits import (
    MILKY_WAY_SATELLITES,
    PLANCK_2018,
    PerturbativeAnnihilation,
    check_all,
    lat_dwarfs,
    self_scattering_limit,
)
from cosmology.limits.base import OutsideValidity, measure

LIMITS = (
    PLANCK_2018,
    lat_dwarfs("mumu"),
    PerturbativeAnnihilation(),
    self_scattering_limit(),
    MILKY_WAY_SATELLITES,
)
POINT = {"mass": 10 * u.GeV, "pair_factor": 0.5, "channel": "mumu"}


def test_an_excluded_point_is_a_result_that_says_by_what():
    result = PLANCK_2018.check(sigma_v="2.55e-25 cm3/s", **POINT)
    assert result.excluded
    assert result.satisfied is False
    assert (result.name, result.convention) == ("Planck 2018", "self-conjugate")
    assert "1807.06209" in result.source
    assert result.excess == pytest.approx(2.55e-25 / 3.06e-26, rel=5e-3)  # the printed bound has three digits
    assert "excluded" in str(result)
    assert "Planck 2018" in str(result)


def test_outside_the_table_is_not_applicable_and_never_a_number():
    result = lat_dwarfs("bb").check(sigma_v="1e-20 cm3/s", mass="5.9 GeV", pair_factor=1.0)
    assert not result.applicable
    assert not result.excluded
    assert result.satisfied is None
    assert result.bound is None
    assert result.excess is None
    assert "6 to 1000 GeV" in result.reason
    with pytest.raises(OutsideValidity, match="outside the published range"):
        lat_dwarfs("bb").bound(mass="1001 GeV", pair_factor=1.0)


def test_many_limits_take_what_they_need_from_one_point():
    results = check_all(LIMITS, sigma_v="1e-26 cm3/s", cross_section_per_mass="2 cm2/g", **POINT)
    assert [one.status for one in results] == ["satisfied", "satisfied", "satisfied", "excluded", "not applicable"]
    assert "needs lifetime, kick_speed, share" in results[-1].reason


def test_a_slip_in_a_name_is_refused():
    with pytest.raises(InputError, match="mas"):
        check_all(LIMITS, mas="10 GeV")


def test_a_lower_limit_is_satisfied_above():
    point = {"kick_speed": "20 km/s", "share": 1.0}
    assert MILKY_WAY_SATELLITES.check(lifetime="19 Gyr", **point).satisfied
    short = MILKY_WAY_SATELLITES.check(lifetime="9 Gyr", **point)
    assert short.excluded
    assert short.excess == pytest.approx(2.0, rel=1e-9)  # 18 Gyr over 9 Gyr, rounding


@pytest.mark.parametrize("bad", [20.0, "20", "20 GeV"])
def test_speeds_without_the_right_unit_are_refused(bad):
    with pytest.raises(UnitError, match="kick"):
        measure(bad, "km/s", "kick", "20 km/s")


def test_negative_and_infinite_speeds_are_refused():
    for bad in (-1.0, 0.0, float("inf"), float("nan")):
        with pytest.raises(InputError, match="positive"):
            measure(bad * u.km / u.s, "km/s", "kick", "20 km/s")
