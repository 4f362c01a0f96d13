"""Is the record that models hand over complete, consistent and unchangeable?"""

import dataclasses
import pickle

import pytest
from astropy import units as u

from cosmology.errors import InputError, UnitError
from cosmology.yields import KickLaw, Yields

FULL = {
    "model": "regenerated_adm",
    "g_star": "saikawa_shirai",
    "daughter_mass": "10 GeV",
    "daughter_asymmetry": 2e-11,
    "daughter_share": 0.5,
    "parent_mass": "10.01 GeV",
    "parent_asymmetry": 2e-11,
    "parent_share": 0.5,
    "lifetime": "4e17 s",
    "kick": KickLaw("two_body", {"parent_mass": 10.01 * u.GeV, "daughter_mass": 10 * u.GeV}),
}


def test_a_full_record_holds_quantities():
    record = Yields(**FULL)
    assert record.parent_mass.to_value("GeV") == pytest.approx(10.01, rel=1e-14)
    assert record.lifetime.to_value("s") == pytest.approx(4e17, rel=1e-14)
    assert record.kick.parameters["daughter_mass"] == 10 * u.GeV
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.lifetime = 1 * u.s
    with pytest.raises(TypeError):
        record.kick.parameters["daughter_mass"] = 1 * u.GeV


def test_records_travel_between_processes():
    record = Yields(**FULL)
    assert pickle.loads(pickle.dumps(record)) == record


def test_without_a_late_decay_all_dark_matter_is_primordial():
    record = Yields(model="exodus", g_star="none", daughter_mass=5 * u.GeV, daughter_asymmetry=-9e-11)
    assert (record.parent_share, record.daughter_share, record.parent_mass, record.kick) == (0, 1, None, None)
    assert record.lifetime.value == float("inf")
    assert not record.decays_late


def test_two_species_may_both_be_stable():
    record = Yields(**{**FULL, "lifetime": "inf s", "kick": None})
    assert (record.parent_share, record.daughter_share) == (0.5, 0.5)
    assert not record.decays_late
    assert Yields(**FULL).decays_late


def test_quantities_stay_to_the_last_digit():
    assert Yields(**{**FULL, "lifetime": 20.5 * u.Gyr}).lifetime.value == 20.5


@pytest.mark.parametrize(
    "change",
    [
        {"daughter_share": 0.6},
        {"parent_share": -0.5, "daughter_share": 1.5},
        {"parent_mass": None},
        {"parent_mass": "9 GeV"},
        {"parent_share": 0.0, "daughter_share": 1.0},
        {"parent_share": 0, "daughter_share": 1, "parent_mass": None, "lifetime": "inf s", "kick": None},
        {"lifetime": "0 s"},
        {"daughter_mass": [1, 2] * u.GeV},
        {"daughter_asymmetry": float("nan")},
        {"kick": "two_body"},
    ],
)
def test_what_does_not_fit_together_is_refused(change):
    with pytest.raises(InputError):
        Yields(**{**FULL, **change})


def test_bare_numbers_and_unknown_laws_are_refused():
    with pytest.raises(UnitError):
        Yields(**{**FULL, "lifetime": 4e17})
    with pytest.raises(InputError, match="two_body"):
        KickLaw("three_body")
