"""Ultraviolet freeze-in as one model: what follows from a point, run files there and back, what can be wrong.

Equation numbers are those of Asadi, Moore, Morrissey & Shamma (2025).
"""

import pickle
import tomllib
from dataclasses import replace

import numpy as np
import pytest

from cosmology import MODELS, InputError, ParticleModel, UnitError, read_model
from cosmology.constants import BARYON_YIELD
from cosmology.degrees_of_freedom import ConstantDegreesOfFreedom
from cosmology.limits.base import NOT_APPLICABLE
from cosmology.models.uv_freeze_in import UVFreezeIn
from cosmology.models.uv_freeze_in_choices import Choices
from cosmology.models.uv_freeze_in_couplings import BENCHMARKS, GeneralNeutrinos, TwoNeutrinos
from cosmology.models.uv_freeze_in_sink import DarkSink
from cosmology.units import Quantity

POINT = """
name = "uv_freeze_in"
phases = "B1"
mass = "1e11 GeV"
dark_coupling = 0.5
mass_over_reheating = 30
"""
GENERAL = """
name = "uv_freeze_in"
masses = ["1e11 GeV", "2e11 GeV", "5e11 GeV"]
lepton_couplings = [["1e-3+5e-3j", "2e-3", "0"], ["4e-3", "1e-3j", "1e-3"], ["1e-3", "-2e-3", "3e-3"]]
dark_couplings = ["0.3+0.2j", "0.4", "0.1-0.2j"]
reheating_temperature = "4e9 GeV"
"""


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(MODELS, UVFreezeIn.name, UVFreezeIn)


def section(text=POINT, **changes):
    keys = tomllib.loads(text) | changes
    return {key: value for key, value in keys.items() if value is not None}


def problems(found):
    with pytest.raises(InputError) as caught:
        read_model(found)
    return str(caught.value)


@pytest.fixture(scope="module")
def point():
    return UVFreezeIn.from_config(section())


# -- one point ---------------------------------------------------------------------------------------------------------


def test_it_is_a_particle_model(point):
    assert isinstance(point, ParticleModel)
    assert point == UVFreezeIn.benchmark("B1", mass="1e11 GeV", dark_coupling=0.5)


def test_baryons_and_chi_follow_from_the_charges(point):
    assert point.baryons == pytest.approx(28 / 79 * point.b_minus_l, rel=1e-14)  # (42)
    assert point.chi_asymmetry == pytest.approx(2 * point.dark_lepton, rel=1e-14)  # chi has L_x = 1/2
    assert replace(point, choices=Choices(dark_charge="paper")).chi_asymmetry == pytest.approx(point.dark_lepton)


def test_one_dark_species_is_handed_over(point):
    record = point.yields()
    assert (record.parent_mass, record.parent_share, record.decays_late) == (None, 0.0, False)
    assert record.daughter_mass == point.chi_mass
    assert record.daughter_asymmetry == point.chi_asymmetry > 0
    assert record.model == "uv_freeze_in"
    # all of the dark matter, all of it asymmetric: m Y = Omega rho_c/s_0
    assert record.daughter_mass.to_value("GeV") * record.daughter_asymmetry == pytest.approx(4.373e-10, rel=1e-3)


def test_asymmetries_serve_another_model(point):
    later = {
        "name": "regenerated_adm",
        "splitting": "1 MeV",
        "lifetime": "100 Gyr",
        "annihilation": "constant",
        "sigma_v": "1e-23 cm3/s",
        "origin": section(),
    }
    found = read_model(later)
    assert found.origin().daughter_asymmetry == pytest.approx(point.chi_asymmetry / 2)
    assert found.daughter_mass.to_value("GeV") == pytest.approx(point.chi_mass.to_value("GeV"), rel=2e-3)
    assert read_model(found.to_config()) == found


def test_rescaled_asymmetries_are_those_of_fig_8(point):
    rescaled = replace(point, asymmetries="rescaled")
    assert rescaled.baryons == pytest.approx(BARYON_YIELD, rel=1e-12)
    assert rescaled.chi_asymmetry / point.chi_asymmetry == pytest.approx(BARYON_YIELD / point.baryons, rel=1e-12)
    few = UVFreezeIn.benchmark("B1", mass="1e10 GeV", dark_coupling=0.5)
    assert replace(few, asymmetries="rescaled").baryons == few.baryons < BARYON_YIELD


def test_given_mass_of_chi_decides_the_abundance(point):
    half = replace(point, sink=DarkSink(chi_mass=point.chi_mass / 2))
    assert half.yields().daughter_mass == point.chi_mass / 2
    assert half.relic.omega_h2[0] == pytest.approx(0.06, rel=1e-6)
    double = replace(point, sink=DarkSink(chi_mass=2 * point.chi_mass))
    assert "dark matter density" in double.excluded_by()


def test_relativistic_freeze_out_gives_a_reason_and_no_number(point):
    found = replace(
        point,
        sink=DarkSink(mediator_ratio=1e5),
        neutrinos=TwoNeutrinos.benchmark("B4", mass="1e9 GeV", dark_coupling=1.0),
        reheating_temperature="3e7 GeV",
    )
    with pytest.raises(InputError, match=r"relativistic .* Or give chi_mass"):
        _ = found.chi_mass
    summary = found.summary()
    assert "relativistic" in summary["no_chi_relic"]
    assert not {"chi_mass", "chi_omega_h2"} & set(summary)
    density = next(one for one in found.constraints() if one.name == "dark matter density")
    assert density.status == NOT_APPLICABLE
    assert "relativistic" in density.reason


def test_limits_answer_and_never_raise(point):
    answers = {one.name: one for one in point.constraints()}
    assert answers["dark radiation"].value.value == pytest.approx(point.delta_n_eff)
    assert answers["neutrino mass"].satisfied  # saturated, so rounding must not exclude it
    assert answers["neutrino mass"].value.to_value("eV") == pytest.approx(0.07, rel=1e-12)
    assert answers["baryon asymmetry"].satisfied
    assert point.excluded_by() == ()
    heavy = replace(
        point, neutrinos=replace(point.neutrinos, lepton_coupling=0.02), sink=DarkSink(coupling=0.3, chi_mass="1 GeV")
    )
    assert "neutrino mass" in heavy.excluded_by()
    few = UVFreezeIn.benchmark("B1", mass="1e10 GeV", dark_coupling=0.3)
    assert "baryon asymmetry" in few.excluded_by()


def test_dark_radiation_of_the_hottest_dark_sector_is_seen():
    hot = TwoNeutrinos(
        mass="1e8 GeV", alpha=np.pi / 2 + 0.001, beta=-np.pi / 4, dark_coupling=0.1, lepton_ratio=np.sqrt(3)
    )
    found = UVFreezeIn(neutrinos=hot, reheating_temperature="4e6 GeV", sink=DarkSink(chi_mass="1 GeV"))
    assert found.xi == pytest.approx(0.89, abs=5e-3)
    assert 0.15 < found.delta_n_eff < 0.3  # beyond future limits of 0.06, within today's


def test_heavy_neutrinos_of_37(point):
    assert point.heavy_neutrinos == pytest.approx(4.17e-14, rel=1e-3)
    assert point.heavy_neutrinos < 1e-3 * point.b_minus_l


def test_summary_holds_quantities_and_text(point):
    summary = point.summary()
    assert all(isinstance(one, (str, Quantity)) for one in summary.values())
    assert summary["chi_mass"] == point.chi_mass
    assert summary["excluded_by"] == "nothing"
    assert "xi_low" not in summary


def test_error_band_goes_over_the_readings():
    one = UVFreezeIn.benchmark("B1", mass="1e11 GeV", dark_coupling=0.5, error_band="choices")
    band, summary = one.choices_band(), one.summary()
    assert band["readings"] == (16, 16, 16)
    for name in ("xi", "baryon_yield", "chi_asymmetry", "chi_mass", "delta_n_eff"):
        low, own, high = band[name]
        assert low <= own <= high
        assert (summary[f"{name}_low"], summary[f"{name}_high"]) == (low, high)
    # without the sum over flavours xi is lower by 3^(1/4), Eq. (31)
    assert band["xi"][0] == pytest.approx(band["xi"][1] / 3**0.25, rel=2e-3)
    assert band["chi_asymmetry"][0] < band["chi_asymmetry"][1] / 2 * 1.001


def test_band_leaves_out_readings_in_which_the_sectors_thermalise():
    # single flavours are cooler, so that a point may be valid in them alone
    single = Choices(flavours="single")
    hot = TwoNeutrinos(
        mass="1e8 GeV", alpha=np.pi / 2 + 0.001, beta=-np.pi / 4, dark_coupling=0.13, lepton_ratio=np.sqrt(3)
    )
    with pytest.raises(InputError, match="xi = T_x/T would reach 1"):
        UVFreezeIn(neutrinos=hot, reheating_temperature="4e6 GeV")
    found = UVFreezeIn(
        neutrinos=hot, reheating_temperature="4e6 GeV", choices=single, sink=DarkSink(chi_mass="1 GeV")
    ).choices_band()
    assert found["readings"] == (8, 8, 16)


def test_quantum_statistics_are_off_unless_asked_for(point):
    quantum = replace(point, choices=Choices(statistics="quantum"))
    assert point.choices.statistics == "boltzmann"
    assert quantum.baryons != point.baryons
    # rates change by 2 to 8 per cent in both directions, xi with their fourth root
    assert quantum.baryons == pytest.approx(point.baryons, rel=0.1)
    assert quantum.xi == pytest.approx(point.xi, rel=0.02)


# -- run files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "found",
    [
        section(),
        section(
            phases=None, alpha=-2.0, beta=0.7, lepton_coupling=1e-3, mass_ratio=2.5, lepton_ratio=1.0, dark_ratio=2
        ),
        section(mass_over_reheating=None, reheating_temperature="1e9 GeV", largest_neutrino_mass="0.06 eV"),
        section(sink_coupling=0.5, mediator_ratio=3, chi_mass="1 GeV", equilibrium="exact", g_star="borsanyi"),
        section(identical_pairs="paper", flavours="single", energy_transfer="paper", dark_charge="paper"),
        section(statistics="quantum", asymmetries="rescaled", error_band="choices", omega_h2=0.06),
        section(GENERAL),
    ],
)
def test_a_section_and_a_model_say_the_same(found):
    one = read_model(found)
    again = read_model(one.to_config())
    assert again == one
    assert again.to_config() == one.to_config()
    assert again.xi == one.xi
    assert pickle.loads(pickle.dumps(one)) == one


def test_section_names_what_it_means():
    one = read_model(section(GENERAL))
    assert isinstance(one.neutrinos, GeneralNeutrinos)
    assert one.neutrinos.lepton_couplings[0][0] == 1e-3 + 5e-3j
    assert one.mass_over_reheating == pytest.approx(25)
    assert (read_model(section()).neutrinos.alpha, read_model(section()).neutrinos.beta) == BENCHMARKS["B1"]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (section(mass=None), "mass: missing; two heavy neutrinos need it"),
        (section(phases=None), "phases: missing; two heavy neutrinos need it, or alpha and beta"),
        (section(phases=None, alpha=0.1), "beta: missing"),
        (section(alpha=0.1), "phases: given more than once, by phases, alpha"),
        (section(mass_over_reheating=None), "reheating: missing; give reheating_temperature or mass_over_reheating"),
        (section(reheating_temperature="1e9 GeV"), "reheating: given more than once"),
        (section(dark_couplin=1), "dark_couplin: no such key; did you mean dark_coupling?"),
        (section(mass="1e11"), "mass"),
        (section(phases="B9"), "phases = 'B9'; allowed: 'B1', 'B2', 'B3', 'B4'"),
        (section(flavours="all"), "flavours = 'all'; allowed: 'summed', 'single'"),
        (section(masses=["1e11 GeV"]), "mass: belongs to two heavy neutrinos"),
        (section(GENERAL, dark_couplings=None), "dark_couplings: missing"),
        (section(GENERAL, lepton_couplings=[["1"]]), "lepton_couplings has 1 rows; one for each of 3 flavours"),
        (section(GENERAL, dark_couplings=["a lot"]), "complex numbers are needed"),
        (section(GENERAL, dark_couplings=0.3), "a list is needed"),
        (section(GENERAL, masses=[1e11]), "has no unit"),
        ({"name": "uv_freeze_in"}, "neutrinos: missing; give phases, mass, dark_coupling or alpha, beta"),
    ],
)
def test_each_error_of_a_section(found, said):
    assert said in problems(found)


def test_every_problem_of_a_section_at_once():
    said = problems(section(mass=3, phases="B7", mediator_ratio="x", dark_coupling=None, sink_couplin=1))
    for part in ("mass = 3 has no unit", "phases = 'B7'", "mediator_ratio = 'x'", "dark_coupling: missing", "sink_cou"):
        assert part in said, said


# -- validity ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"reheating_temperature": "5e9 GeV"},
            "is M_1/20; at most M_1/25 = 4e\\+09 GeV is allowed, so that N are made",
        ),
        ({"reheating_temperature": "100 GeV"}, "at least 10 m_Z"),
        ({"sink": DarkSink(chi_mass="1e9 GeV")}, "at least 10 m_phi"),
        (
            {"neutrinos": TwoNeutrinos.benchmark("B1", mass="1e11 GeV", dark_coupling=3.5)},
            "xi = T_x/T would reach 1: Eq. \\(33\\) gives 1.01",
        ),
        ({"reheating_temperature": ["1e9 GeV", "2e9 GeV"]}, "one value is needed"),
        ({"asymmetries": "half"}, "allowed: 'computed', 'rescaled'"),
        ({"error_band": True}, "allowed: 'none', 'choices'"),
        ({"neutrinos": "B1"}, "give TwoNeutrinos or GeneralNeutrinos"),
        ({"sink": None}, "give DarkSink"),
        ({"choices": "paper"}, "give Choices"),
        ({"omega_h2": 0.0}, "omega_h2"),
        ({"g_star": "lattice"}, "g_star = 'lattice'"),
    ],
)
def test_points_at_which_the_equations_do_not_hold_are_refused(point, changes, said):
    with pytest.raises(InputError, match=said):
        replace(point, **changes)


def test_a_dark_sector_without_coupling_is_refused():
    alone = GeneralNeutrinos(masses=("1e11 GeV",), lepton_couplings=((1e-3,),) * 3, dark_couplings=(0.0,))
    with pytest.raises(InputError, match="no energy reaches the dark sector"):
        UVFreezeIn(neutrinos=alone, reheating_temperature="1e9 GeV")


def test_one_heavy_neutrino_leaves_a_symmetric_world():
    one = GeneralNeutrinos(masses=("1e11 GeV",), lepton_couplings=((1e-3,),) * 3, dark_couplings=(0.5j,))
    found = UVFreezeIn(neutrinos=one, reheating_temperature="3e9 GeV")
    scale = UVFreezeIn.benchmark("B1", mass="1e11 GeV", dark_coupling=0.5).b_minus_l
    assert abs(found.b_minus_l) < 1e-12 * scale  # rounding
    assert "baryon asymmetry" in found.excluded_by()
    assert float(found.relic.asymmetric_share[0]) < 1e-6
    assert found.evolve().sign_changes().size == 0
    assert "chi_mass" in found.summary()


def test_bare_numbers_are_refused(point):
    with pytest.raises(UnitError, match="reheating_temperature"):
        replace(point, reheating_temperature=1e9)


def test_degrees_of_freedom_that_no_section_can_name_are_refused_there(point):
    constant = replace(point, g_star=ConstantDegreesOfFreedom(90.0))
    assert constant.summary()["g_star"].startswith("constant")
    with pytest.raises(InputError, match="a section names one of"):
        constant.to_config()
