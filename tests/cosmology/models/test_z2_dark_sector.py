"""The Z2-related dark sector as a model: from a run file to yields and conditions; planes of its parameters."""

import pickle

import numpy as np
import pytest

from cosmology import InputError, ParticleModel, UnitError, constants, read_model
from cosmology.degrees_of_freedom import degrees_of_freedom
from cosmology.models import MODELS, HasAnnotations
from cosmology.models.z2_dark_sector import Z2DarkSector
from cosmology.models.z2_potential import BENCHMARK_DOWN, BENCHMARK_UP, BaryonParent, DarkQuarks, Links
from cosmology.models.z2_reheaton import Reheaton
from cosmology.models.z2_scan import (
    DARK_ATOMS,
    DINEUTRONS,
    RADIATION,
    TOO_EARLY,
    TOO_LATE,
    allowed_masses,
    confinement_curves,
    nuclei_edges,
    nuclei_map,
    reheating_map,
    reheating_thresholds,
)
from cosmology.units import Quantity
from halokick.study.config import parse_config
from halokick.study.run import run

STAR = {"name": "z2_dark_sector", "reheaton_mass": "700 GeV", "reheaton_coupling": "10 eV"}
WORKING = STAR | {"reheaton_mass": "300 GeV", "reheaton_coupling": "3 eV"}
SECTIONS = {
    "working": WORKING,
    "paper": STAR | {"channels": "paper"},
    "all keys": WORKING
    | {
        "dark_reheaton_coupling": "2 eV",
        "dark_vev": "800 GeV",
        "parent_mass": "2 TeV",
        "alpha_phase": 1.0,
        "annihilation": "phase",
        "epsilon": 1e-10,
        "decay": "colours",
        "cp_phase": 0.1,
        "coupling_difference": 0.0775,
        "up_yukawa": 5e-5,
        "down_yukawa": 1e-5,
        "bottom_ratio": 1.1,
        "portal": 0.1,
        "gauge_coupling": 0.03,
        "gauge_mass": "300 GeV",
        "lowest_reheating_temperature": "4 MeV",
        "g_star": "borsanyi",
    },
    "given": WORKING | {"sigma_v": "1.5e-15 GeV-2", "cp_asymmetry": 0.02, "pion": "charged"},
}


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(MODELS, "z2_dark_sector", Z2DarkSector)


def point(key, **more):
    return read_model(SECTIONS[key] | more)


def answers(model):
    return {one.name: one for one in model.constraints()}


@pytest.mark.parametrize("key", SECTIONS)
def test_a_section_and_a_model_say_the_same(key):
    model = point(key)
    again = read_model(model.to_config())
    assert again == model
    assert again.to_config() == model.to_config()
    copy = pickle.loads(pickle.dumps(model))
    assert copy == model
    assert copy.delta_n_eff() == model.delta_n_eff()
    assert isinstance(model, ParticleModel)
    assert isinstance(model, HasAnnotations)
    assert None not in model.summary().values()
    assert model.yields().kick is None


def test_a_point_with_all_channels_works():
    model = point("working")
    assert model.excluded_by() == ()
    assert model.baryon_yield == pytest.approx(constants.BARYON_YIELD, rel=1e-9)
    assert model.cp_asymmetry < model.parent.largest_asymmetry
    # Eq. (9): the ratio of densities is that of masses, but for parents that freeze out at T' > T
    numbers = model.dark_baryon_yield / model.baryon_yield
    assert numbers == pytest.approx(1, abs=0.05)
    assert model.omega_h2 / 0.12 == pytest.approx(1, abs=0.05)
    assert model.yields().daughter_asymmetry == model.dark_baryon_yield
    assert model.yields().daughter_mass.to_value("GeV") == pytest.approx(5.3 * 0.93957)


def test_the_two_sets_of_channels_disagree_on_the_benchmark_and_say_so():
    paper, complete = point("paper"), point("paper", channels="complete")
    assert paper.excluded_by() == ()
    assert complete.excluded_by() == ("dark radiation",)
    assert paper.delta_n_eff("sudden") == pytest.approx(0.184, abs=5e-4)
    assert complete.delta_n_eff("sudden") == pytest.approx(3.7, abs=0.05)
    assert paper.delta_n_eff() == pytest.approx(0.160, abs=0.004)
    assert complete.delta_n_eff() > 3
    for model in (paper, complete):
        (note,) = model.annotations()
        assert "excluded" in note.statement


def test_a_heavier_dark_scale_saves_the_benchmark():
    assert point("paper", channels="complete", dark_vev="1.7 TeV").delta_n_eff() < 0.284


def test_baryons_of_couplings_and_their_dilution():
    model = point("working", cp_phase=float(np.pi / 4))
    assert model.cp_asymmetry == pytest.approx(0.0255, abs=5e-5)
    total = model.baryon_yield / (1 + model.evolution.entropy_ratio)
    assert total == pytest.approx(model.cp_asymmetry * model.parent_yields[0] / model.dilution, rel=1e-6)
    assert "baryon density" in model.excluded_by()  # too many
    assert model.required_cp_asymmetry / model.cp_asymmetry == pytest.approx(
        constants.BARYON_YIELD / model.baryon_yield
    )
    few = point("working", kappa=0.3)
    assert few.cp_asymmetry == few.parent.largest_asymmetry
    assert "baryon density" in few.excluded_by()


def test_parents_of_both_sectors():
    model = point("paper", sigma_v="1e-15 GeV-2")
    visible, dark = model.parent_yields
    assert visible == pytest.approx(8.12e-8, rel=0.015)
    # thresholds have made the dark bath 3 per cent warmer
    assert dark / visible == pytest.approx(1.04, abs=0.01)
    same = Z2DarkSector(
        reheaton=Reheaton("700 GeV", "10 eV"),
        parent=BaryonParent(sigma_v="1e-15 GeV-2"),
        g_star=degrees_of_freedom("constant", g_rho=100.0),
    )
    assert same.parent_yields == pytest.approx((8.03e-8, 8.03e-8), rel=1e-3)
    with pytest.raises(InputError, match="cannot be written"):
        same.to_config()


def test_conditions_are_named_with_value_bound_and_equation():
    found = answers(point("all keys"))
    assert len(found) == 20
    for one in found.values():
        assert one.applicable
        assert one.value is not None
        assert one.bound is not None
        assert "Eq" in one.source or "Sect" in one.source or "our" in one.source
    assert found["dark radiation"].bound == 0.284
    assert "Eq. (42)" in found["no bound dineutrons"].source
    missing = answers(point("working"))
    assert missing["reheating temperature"].satisfied is None
    assert missing["sectors apart: shared gauge boson"].satisfied is None


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"reheaton_coupling": "0.03 eV"}, "reheaton decays before nucleosynthesis"),
        ({"reheaton_coupling": "400 eV"}, "reheaton dominates before it decays"),
        ({"reheaton_coupling": "9 eV"}, "dark radiation"),
        ({"reheaton_coupling": "0.1 eV", "lowest_reheating_temperature": "4 MeV"}, "reheating temperature"),
        ({"epsilon": 5e-14}, "parents decay before nucleosynthesis"),
        ({"epsilon": 1e-7}, "parents decay after freeze-out"),
        ({"epsilon": 2e-8}, "wash-out has ended"),
        ({"epsilon": 2e-8}, "sphalerons have stopped"),
        ({"confinement_ratio": 8.0}, "dark matter density"),
        ({"electron_ratio": 20.0}, "dark neutron is the lightest dark baryon"),
        ({"electron_ratio": 20.0}, "dark protons decay before dark nuclei form"),
        ({"down_yukawa": BENCHMARK_UP}, "dark protons decay before dark nuclei form"),
        ({"down_yukawa": BENCHMARK_UP}, "dark atoms"),
        ({"up_yukawa": 1.2e-4}, "no bound dineutrons"),
        ({"up_yukawa": 2e-9, "down_yukawa": 1e-9}, "self-scattering"),
        ({"portal": 0.3}, "Higgs mixing"),
        ({"portal": 12.0, "reheaton_mass": "1200 GeV"}, "sectors apart: Higgs portal"),
        ({"gauge_coupling": 1.0, "gauge_mass": "300 GeV"}, "sectors apart: shared gauge boson"),
    ],
)
def test_an_excluded_point_says_by_what(changes, name):
    model = point("working", **changes)
    assert name in model.excluded_by()
    assert model.summary()["excluded_by"].count(name) == 1


def test_degenerate_sectors_are_no_error():
    model = point("paper", dark_vev="246 GeV")
    assert "dark radiation" in model.excluded_by()
    assert answers(model)["Higgs mixing"].satisfied is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dark_vev": "200 GeV"}, "dark_vev = 200"),
        ({"reheaton_mass": "250.5 GeV"}, "at the threshold 2 m_h"),
        ({"reheaton_coupling": "-1 eV"}, "reheaton_coupling = -1"),
        ({"alpha": -0.5}, "alpha = -0.5"),
        ({"kappa": 5.0}, "kappa = 5.0"),
        ({"epsilon": -1e-11}, "epsilon = -1e-11"),
        ({"portal": -0.1}, "portal = -0.1"),
        ({"up_yukawa": 1e-5, "down_yukawa": 2e-5}, "down_yukawa = 2e-05 is above"),
        ({"heavy_mass": "2 TeV"}, "heavy_mass > parent_mass > light_mass"),
        ({"parent_mass": "400 GeV", "light_mass": "100 GeV"}, "dark Higgs bosons of 509"),
        ({"confinement_ratio": 5.0, "coupling_difference": 0.05}, "give only one of them"),
        ({"cp_phase": 0.2, "cp_asymmetry": 0.01}, "give only one of them"),
        ({"cp_phase": 2.0}, "cp_phase = 2.0"),
        ({"gauge_coupling": 0.1}, "needs both"),
        ({"annihilation": "phase", "scalar_mass": "6 TeV", "alpha_phase": 1.0}, "through a pole"),
        ({"uv_scale": "1 TeV"}, "fall in this order"),
        ({"channels": "most"}, "allowed: 'complete', 'paper'"),
        ({"reheaton_mas": "700 GeV"}, "did you mean reheaton_mass"),
        ({"lowest_reheating_temperature": "-4 MeV"}, "lowest_reheating_temperature = -4"),
    ],
)
def test_what_has_no_meaning_gets_one_clear_message(changes, message):
    with pytest.raises(InputError, match=message) as caught:
        point("working", **changes)
    assert len(str(caught.value).splitlines()) <= 2


def test_missing_keys_and_bare_numbers():
    with pytest.raises(InputError, match="reheaton_mass: missing"):
        read_model({"name": "z2_dark_sector", "reheaton_coupling": "10 eV"})
    with pytest.raises(UnitError, match="dark_vev"):
        Z2DarkSector(reheaton=Reheaton("700 GeV", "10 eV"), dark_vev=1000.0)
    with pytest.raises(InputError, match="give a Reheaton"):
        Z2DarkSector(reheaton="700 GeV")
    with pytest.raises(InputError, match="'evolved', 'sudden'"):
        point("working").delta_n_eff("exact")


def test_confinement_from_couplings():
    quarks = DarkQuarks(coupling_difference=0.0775)
    assert quarks.ratio(1000 / 246) == pytest.approx(5.3, rel=2e-3)
    assert DarkQuarks().ratio(2.0) == 5.3
    assert Links().portal == 0
    assert pytest.approx((6e-5, 2e-5), rel=0.02) == (BENCHMARK_UP, BENCHMARK_DOWN)


def test_a_run_file_names_it():
    lines = [f"{key} = {value!r}".replace("'", '"') for key, value in SECTIONS["all keys"].items()]
    config = parse_config("[model]\n" + "\n".join(lines) + "\n")
    assert parse_config(config.to_toml()) == config
    result = run(config).model
    assert result.name == "z2_dark_sector"
    assert result.kick is None
    assert "channels" in result.summary


def test_it_is_the_origin_of_another_model():
    taker = {"name": "regenerated_adm", "splitting": "2 MeV", "lifetime": "20 Gyr", "annihilation": "constant"}
    taker |= {"sigma_v": "1e-23 cm3/s", "final_state": "mumu"}
    made = read_model(taker | {"origin": SECTIONS["working"]})
    assert made.origin().daughter_asymmetry == pytest.approx(point("working").dark_baryon_yield / 2)
    assert read_model(made.to_config()) == made
    with pytest.raises(InputError, match=r"origin\.dark_vev = 100"):
        read_model(taker | {"origin": SECTIONS["working"] | {"dark_vev": "100 GeV"}})


def test_the_plane_of_figure_3_agrees_with_points():
    mass, coupling = Quantity([300.0, 700.0], "GeV"), Quantity([0.05, 5.0, 10.0, 500.0], "eV")
    for channels in ("paper", "complete"):
        plane = reheating_map(mass, coupling, channels=channels)
        for i in range(2):
            for j in (1, 2):
                one = Z2DarkSector(reheaton=Reheaton(mass[i], coupling[j], channels=channels))
                assert plane.delta_n_eff[i, j] == pytest.approx(one.delta_n_eff("sudden"), rel=1e-12)
                assert plane.width[i, j].to_value("GeV") == pytest.approx(one.width.to_value("GeV"), rel=1e-12)
        assert not plane.passed[TOO_LATE][:, 0].any()
        assert not plane.passed[TOO_EARLY][:, 3].any()
        assert plane.passed[TOO_EARLY][:, :3].all()
    assert list(plane.passed[RADIATION][1]) == [False] * 4
    assert plane.allowed()[0, 1] == plane.passed[RADIATION][0, 1]


def test_planes_refuse_what_has_no_meaning():
    with pytest.raises(InputError, match="one list of values each"):
        reheating_map(Quantity([[1.0]], "GeV"), "1 eV")
    with pytest.raises(InputError, match="dark_vev"):
        reheating_map("300 GeV", "1 eV", dark_vev="100 GeV")
    with pytest.raises(InputError, match="'complete', 'paper'"):
        allowed_masses("300 GeV", channels="all")
    with pytest.raises(InputError, match="'printed', 'exact'"):
        nuclei_map(1e-5, 1e-5, form="best")


def test_marks_and_edges_of_the_figures():
    marks = reheating_thresholds()
    assert [round(one.to_value("GeV"), 1) for one in marks.values()] == [250.5, 509.1, 1018.3]
    ratio, slope = confinement_curves("1 TeV", [0.0, 0.1])
    assert ratio[:, 0] == pytest.approx([1.366, 7.86], abs=5e-3)
    assert slope == pytest.approx(17.50, abs=5e-3)
    smallest, largest = nuclei_edges([1.0])
    assert smallest == pytest.approx([0.304], abs=5e-4)
    assert largest == pytest.approx(2.53, abs=5e-3)
    allowed, least = allowed_masses(Quantity([300.0, 700.0], "GeV"))
    assert list(allowed) == [True, False]
    assert least[0] == pytest.approx(0.011, rel=0.02)


def test_the_plane_of_figure_5():
    axis = np.geomspace(3e-6, 3e-4, 30)
    printed, exact = (nuclei_map(axis, axis, form=form) for form in ("printed", "exact"))
    # the dark proton is not the lighter one anywhere that is allowed
    assert (printed.splitting[printed.allowed()].to_value("MeV") > 0).all()
    assert (printed.passed[DARK_ATOMS] != exact.passed[DARK_ATOMS]).mean() < 0.02
    total = axis[:, None] + axis
    assert (printed.passed[DINEUTRONS] == (total < 2.5269 * (BENCHMARK_UP + BENCHMARK_DOWN) / 2)).all()
    star = nuclei_map(BENCHMARK_UP, BENCHMARK_DOWN)
    assert star.allowed().all()
