"""The [model] section of a run file: there and back, and everything that can be wrong with it."""

import pickle
import tomllib

import pytest

from cosmology import InputError, RegeneratedADM

BENCHMARK = """
name = "regenerated_adm"
daughter_mass = "10 GeV"
splitting = "10 MeV"
operator_scale = "1.155e7 GeV"
annihilation = "vector_pair"
sigma_v = "2.549e-25 cm3/s"
mediator_mass = "5 GeV"
asymmetry_temperature = "50 GeV"
"""


def section(**changes):
    keys = tomllib.loads(BENCHMARK) | changes
    return {key: value for key, value in keys.items() if value is not None}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"daughter_mass": None, "parent_ratio": 0.3, "daughter_ratio": 0.2, "sigma_v": None, "coupling": 0.2},
        {
            "daughter_mass": None,
            "parent_asymmetry": -2e-11,
            "daughter_asymmetry": -1e-11,
            "sigma_v": None,
            "coupling": 0.2,
        },
        {"operator_scale": None, "decay_mediator_mass": "1e6 GeV", "decay_couplings": [0.1, 0.2]},
        {"operator_scale": None, "lifetime": "100 Gyr", "photons": "pair"},
        {"operator_scale": None, "width": "1e-42 GeV", "decay_power": 0},
        {"annihilation": "constant", "mediator_mass": None, "final_state": "bb", "f_eff": 0.35, "g_star": "borsanyi"},
        {
            "annihilation": "pseudoscalar",
            "sigma_v": None,
            "coupling": 0.01,
            "mediator_mass": "21 GeV",
            "quark_coupling": 0.14,
            "wash_out": "paper",
        },
        {"enhancement": "hulthen", "partner_masses": ["1 keV", "0 eV"], "partner_fate": "unstable"},
    ],
)
def test_a_section_and_a_model_say_the_same(changes):
    point = RegeneratedADM.from_config(section(**changes))
    again = RegeneratedADM.from_config(point.to_config())
    assert again == point
    assert again.to_config() == point.to_config()
    assert again.lifetime == point.lifetime
    assert pickle.loads(pickle.dumps(point)) == point


def test_every_problem_of_a_section_at_once():
    wrong = {
        "daughter_mas": "10 GeV",
        "splitting": 10.0,
        "operator_scale": "1e7 GeV",
        "lifetime": "1 Gyr",
        "photons": "pairs",
        "annihilation": "vector_pair",
        "quark_coupling": 0.1,
        "decay_power": 1.5,
    }
    with pytest.raises(InputError) as caught:
        RegeneratedADM.from_config(wrong)
    said = str(caught.value)
    for part in (
        "9 to correct",
        "did you mean daughter_mass?",
        "splitting = 10.0 has no unit",
        "did you mean pair?",
        "abundance: missing",
        "decay: given more than once, by operator_scale, lifetime",
        'quark_coupling: does not belong to annihilation = "vector_pair"',
        "mediator_mass: missing",
        "strength of annihilation: missing; give coupling or sigma_v",
        "whole number",
    ):
        assert part in said, said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"daughter_mass": None, "parent_ratio": 1}, "daughter_ratio: missing"),
        ({"operator_scale": None, "decay_mediator_mass": "1 TeV"}, "decay_couplings: missing"),
        ({"operator_scale": None, "decay_mediator_mass": "1 TeV", "decay_couplings": 0.1}, "a list of 2"),
        ({"decay_power": 1}, "goes with lifetime or width only"),
        ({"operator_scale": None, "lifetime": "1 Gyr", "partner_masses": ["1 eV", "1 eV"]}, "here the partners are"),
        (
            {"parents_per_daughter": 2, "daughter_mass": None, "parent_ratio": 1, "daughter_ratio": 1},
            "daughter_mass only",
        ),
        ({"annihilation": None}, "annihilation: missing"),
        ({"annihilation": "constant", "mediator_mass": None, "sigma_v": None}, "sigma_v: missing"),
        ({"daughter_mass": None, "parent_ratio": 1, "daughter_ratio": 1}, "give coupling"),
        ({"coupling": 0.1}, "given more than once"),
        ({"coupling": 4.0, "sigma_v": None}, "above which perturbation theory"),
        ({"sigma_v": "1e-18 cm3/s"}, "above sqrt"),
        ({"mediator_mass": "11 GeV", "sigma_v": None, "coupling": 0.1}, "lighter than the annihilating particle"),
        ({"coupling": "0.1", "sigma_v": None}, "a number is needed"),
        ({"coupling": True, "sigma_v": None}, "a number is needed"),
        ({"splitting": "-10 MeV"}, "the heavier one"),
        ({"splitting": "10 km"}, "should be a mass"),
        ({"partner_masses": ["6 MeV", "6 MeV"]}, "closed"),
        ({"asymmetry_temperature": "1e17 GeV"}, "is known from"),
        ({"f_eff": 1.5}, "f_eff = 1.5"),
        ({"largest_ratio": 2.0}, "largest_ratio"),
        ({"g_star": "constant"}, "g_star"),
        ({"photon": "none"}, "did you mean photons?"),
        ({"splitting": None, "confinement_scale": "5 GeV", "splitting_coupling": 5.0}, "above which perturbation"),
    ],
)
def test_each_error_of_a_section(changes, said):
    with pytest.raises(InputError, match=said):
        RegeneratedADM.from_config(section(**changes)).summary()


def test_a_section_is_a_table():
    with pytest.raises(InputError, match="section with keys"):
        RegeneratedADM.from_config("10 GeV")
