"""Exodus as a model: from a run file to yields and windows, its four variants, and as the origin of another model."""

import pickle

import numpy as np
import pytest

from cosmology import InputError, ParticleModel, UnitError, constants, read_model
from cosmology.models import MODELS, HasAnnotations
from cosmology.models.exodus import Exodus
from cosmology.models.exodus_routes import SPHALERON_SHARE, VARIANTS, Asymmetric, BaryonViolating, LeptonViolating
from cosmology.models.exodus_sectors import OBSERVED_ASYMMETRY, Sectors
from cosmology.models.exodus_transfer import remaining_share
from cosmology.models.exodus_widths import GivenLifetime, SquarkDecay
from cosmology.relic import mass_from_asymmetry
from halokick.study.config import parse_config
from halokick.study.run import run

COMMON = {"name": "exodus", "mass": "6.5 GeV", "sigma_v": "1e-7 GeV-2"}
SECTIONS = {
    "b_violating": COMMON | {"variant": "b_violating", "ratio": 6.0, "lifetime": "0.1 s"},
    "operator": COMMON | {"variant": "b_violating", "coupling": 1.0, "operator_scale": "1 TeV"},
    "l_violating": COMMON
    | {"variant": "l_violating", "mass": "5 TeV", "coupling": 1.3e-8, "ratio": 14.0, "majorana_mass": "1e-6 GeV"},
    "bino": COMMON
    | {
        "variant": "bino",
        "mass": "11 GeV",
        "relic_mass": "5 GeV",
        "visible_mass": "1 GeV",
        "coupling": 1.0,
        "operator_scale": "1e4 GeV",
        "squark_mass": "1.5 TeV",
        "reheat_temperature": "100 MeV",
    },
    "asymmetric": COMMON
    | {
        "variant": "asymmetric",
        "lifetime": "0.1 s",
        "charge": 3.0,
        "relic_sigma_v": "1e-6 GeV-2",
        "g_star": "borsanyi",
    },
}


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(MODELS, "exodus", Exodus)


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
    assert copy.relic_yield == model.relic_yield
    assert isinstance(model, ParticleModel)
    assert isinstance(model, HasAnnotations)
    assert None not in model.summary().values()
    assert model.yields().lifetime.value == np.inf
    assert model.yields().kick is None


def test_a_colder_genesis_sector_works():
    model = point("b_violating")
    assert model.excluded_by() == ()
    assert model.relic_yield / model.baryon_yield == pytest.approx(1, abs=0.01)
    # one zeta for each baryon: (Omega_DM/Omega_b) m_p, less the freeze-in
    alone = mass_from_asymmetry(model.asymmetry)
    expected = alone.value / (1 + model.freeze_in)
    assert model.required_relic_mass.value == pytest.approx(expected, rel=1e-5)  # steps of the history
    assert model.baryon_yield == pytest.approx(constants.BARYON_YIELD, rel=1e-12)
    assert model.thermal_share < 1e-10  # zetas are far from being made again


@pytest.mark.parametrize("mass", ["6.1 GeV", "7.2 GeV"])
@pytest.mark.parametrize("lifetime", ["1e-5 s", "1e-3 s", "0.9 s"])
def test_the_window_of_the_paper_is_closed_at_equal_temperatures(mass, lifetime):
    model = point("b_violating", ratio=1.0, mass=mass, lifetime=lifetime)
    assert answers(model)["zetas from thermal X"].excluded
    assert set(model.excluded_by()) == {"zetas from thermal X", "dark matter density"}
    assert "closes the window" in " ".join(one.statement for one in model.annotations())


def test_history_conserves_baryons_and_its_end_is_the_yield():
    model = point("b_violating", ratio=1.0)
    past = model.history
    total = past.yields["asymmetry"] + past.yields["net baryons"]
    assert total == pytest.approx(np.full(total.shape, model.asymmetry), rel=1e-8)
    assert past.final["net baryons"] == pytest.approx(model.baryon_yield, rel=1e-8)
    assert past.final["baryons"] - past.final["antibaryons"] == pytest.approx(model.baryon_yield, rel=1e-8)
    # long before, pairs of baryons outnumber their asymmetry; at the end antibaryons are gone
    start = np.searchsorted(past.x, 5.0)
    assert past.yields["antibaryons"][start] > 1e6 * past.yields["net baryons"][start]
    assert past.final["antibaryons"] < 1e-30
    assert np.all(np.diff(past.time) > 0)
    share = remaining_share("10 MeV", model.width, model.mass)
    at = np.interp(np.log(0.01), np.log(past.temperature.value[::-1]), past.yields["asymmetry"][::-1]) / model.asymmetry
    assert at == pytest.approx(share, abs=2e-4)  # linear between steps of 0.05 in ln T


def test_large_charge_raises_the_mass():
    # section 8: linear in Q
    one, ten = (point("b_violating", charge=charge, mass="100 GeV") for charge in (1.0, 10.0))
    assert ten.relic_mass.value == pytest.approx(10 * one.relic_mass.value, rel=1e-12)
    assert ten.asymmetry == pytest.approx(one.asymmetry / 10, rel=1e-9)


def test_baryons_of_early_decays_are_shared_by_sphalerons():
    late = point("b_violating", mass="6.5 GeV", lifetime="0.1 s", asymmetry=1e-10)
    assert late.baryon_yield == pytest.approx(1e-10, rel=1e-9)
    early = BaryonViolating(decay=GivenLifetime("1e-14 s"))
    assert early.baryons(1.0) == pytest.approx(28 / 79)
    model = Exodus(mass="5 TeV", sigma_v="1e-7 GeV-2", route=early, asymmetry=1e-10, relic_mass="100 GeV")
    assert model.baryon_yield == pytest.approx(28 / 79 * 1e-10, rel=1e-9)


def test_lepton_number_has_to_decay_before_sphalerons_stop():
    model = point("l_violating")
    found = answers(model)
    assert found["decay before sphalerons stop"].satisfied
    assert found["decay before sphalerons stop"].bound.to_value("s") == pytest.approx(
        2.4e-11, rel=0.02
    )  # 1e-10 printed
    assert found["depletion before sphalerons stop"].satisfied
    assert found["oscillation of X"].satisfied
    # the paper's own condition is passed by a mass with which X has long oscillated away
    heavy = answers(point("l_violating", majorana_mass="2e-3 GeV"))
    assert heavy["Majorana mass"].satisfied
    assert heavy["oscillation of X"].excluded
    late = point("l_violating", coupling=1e-9)
    assert answers(late)["decay before sphalerons stop"].excluded
    kept = remaining_share("100 GeV", late.width, late.mass, sectors=late.sectors)
    # baryons are made of what has decayed by then alone
    assert late.asymmetry * SPHALERON_SHARE * (1 - kept) == pytest.approx(constants.BARYON_YIELD, rel=1e-9)
    three = {key: SECTIONS["l_violating"][key] for key in SECTIONS["l_violating"] if key != "majorana_mass"}
    loops = {"messenger_scale": "1e6 GeV", "neutrino_mass": "0.01 eV", "majorana_operator_scale": "1e4 GeV"}
    assert read_model(three | loops).route.majorana_mass.value == pytest.approx(2.0e-3, rel=0.01)
    assert not answers(read_model(three))["oscillation of X"].applicable
    light = answers(point("l_violating", mass="1 TeV"))["depletion before sphalerons stop"]
    assert light.excluded == (light.value.value < 100)


def test_bino_meets_all_its_conditions_nowhere():
    # the reference point of (3.3) lies above the bound from heating; below it X decays during nucleosynthesis
    found = answers(point("bino"))
    assert found["heating of the relics"].excluded
    assert found["light elements"].satisfied
    light = answers(point("bino", mass="6.5 GeV"))
    assert light["heating of the relics"].satisfied
    assert light["light elements"].excluded
    assert light["light elements"].value.to_value("s") == pytest.approx(5e4, rel=0.06)
    assert found["no thermal binos"].bound.to_value("GeV") == pytest.approx(0.2)
    assert found["visible sector colder than X"].excluded  # R = 1
    assert "cannot heat" in " ".join(one.statement for one in point("bino").annotations())
    with pytest.raises(InputError, match="a bino annihilates in the p-wave"):
        Exodus(
            mass="11 GeV",
            sigma_v="1e-7 GeV-2",
            relic_sigma_v="1e-9 GeV-2",
            route=VARIANTS["bino"](decay=SquarkDecay(1, "1e4 GeV", "1.5 TeV")),
        )


def test_asymmetric_dark_matter_hands_its_asymmetry_on():
    model = point("asymmetric")
    record = model.yields()
    # one zeta more than anti-zeta for each baryon, whatever Q is
    assert record.daughter_asymmetry == pytest.approx(constants.BARYON_YIELD, rel=1e-8)
    assert record.g_star == "borsanyi"
    assert model.pair_factor < 1e-3  # annihilation has left no anti-zetas
    early = point("asymmetric", relic_sigma_v="0 GeV-2")
    assert early.relic_yield == pytest.approx(early.asymmetry * (1 + early.freeze_in), rel=1e-3)
    assert early.pair_factor > 0.4
    assert point("b_violating").pair_factor == 1.0
    assert point("b_violating").yields().daughter_asymmetry == 0


def test_as_origin_of_another_model():
    taker = {"name": "regenerated_adm", "splitting": "1 MeV", "lifetime": "100 Gyr", "annihilation": "constant"}
    taker |= {"sigma_v": "1e-23 cm3/s"}
    made = read_model(taker | {"origin": SECTIONS["asymmetric"] | {"parent_part": 0.25}})
    assert made.origin().parent_asymmetry == pytest.approx(constants.BARYON_YIELD / 4, rel=1e-8)
    assert read_model(made.to_config()) == made
    with pytest.raises(InputError, match="neither may be zero"):  # zeta is its own antiparticle
        read_model(taker | {"origin": SECTIONS["b_violating"]})
    with pytest.raises(InputError, match=r"origin\.lifetme: no such key; did you mean lifetime"):
        read_model(taker | {"origin": SECTIONS["asymmetric"] | {"lifetme": "1 s"}})


def test_a_run_file_names_it():
    lines = [f"{key} = {value!r}".replace("'", '"') for key, value in SECTIONS["b_violating"].items()]
    config = parse_config("[model]\n" + "\n".join(lines) + "\n")
    assert parse_config(config.to_toml()) == config
    result = run(config).model
    assert result.name == "exodus"
    assert result.kick is None
    assert result.summary["excluded_by"] == "nothing"


def test_zetas_that_annihilate_meet_the_cmb():
    # s-wave to visible particles strong enough to help is excluded; hidden ones are not asked
    helps = {"ratio": 1.0, "relic_sigma_v": "1e-8 GeV-2"}
    hidden = answers(point("b_violating", **helps))
    assert hidden["zetas from thermal X"].satisfied
    assert not hidden["Planck 2018"].applicable
    assert answers(point("b_violating", relic_final_state="ee", **helps))["Planck 2018"].excluded
    # decays as early as 1e-5 s are followed by annihilation of the zetas that matter
    assert answers(point("b_violating", lifetime="1e-5 s", **helps))["annihilation of late zetas"].excluded


def test_a_hidden_sector_with_light_particles_is_dark_radiation():
    model = point("b_violating", ratio=1.0, genesis_g_star=10.0)
    g_s = model.sectors.dof.g_s(model.mass)
    # 4/7 of each degree of freedom counts as a neutrino of the same temperature, g_s = 10.75
    assert model.sectors.delta_n_eff(model.mass) == pytest.approx(4 / 7 * 10 * (10.75 / g_s) ** (4 / 3), rel=1e-12)
    assert answers(model)["dark radiation"].excluded
    assert answers(point("b_violating", genesis_g_star=10.0))["dark radiation"].satisfied


def test_moments():
    model = point("b_violating", ratio=1.0, asymmetry=OBSERVED_ASYMMETRY)
    assert model.freeze_out().x < model.freeze_out("quench").x
    assert model.critical_moment.time < model.lifetime
    assert model.summary()["relics_per_parent"].value == pytest.approx(1 + model.freeze_in, rel=1e-5)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"name": "exodus"}, ("variant: missing", "mass: missing", "sigma_v: missing")),
        (COMMON | {"variant": "b_violatng"}, ("did you mean b_violating?",)),
        (COMMON | {"variant": "b_violating"}, ("lifetime: missing; give lifetime, or coupling",)),
        (SECTIONS["b_violating"] | {"coupling": 1.0}, ("coupling: gives the lifetime again",)),
        (SECTIONS["b_violating"] | {"majorana_mass": "1 eV"}, ('belongs to variant = "l_violating"',)),
        (SECTIONS["bino"] | {"relic_sigma_v": "1e-9 GeV-2"}, ("annihilates in the p-wave",)),
        (SECTIONS["l_violating"] | {"messenger_scale": "1 TeV"}, ("majorana_mass: given more than once",)),
        (SECTIONS["b_violating"] | {"mass": "6.5"}, ("has no unit",)),
        (SECTIONS["b_violating"] | {"ratio": 1e9}, ("ratio = 1000000000.0; T_vis/T_gen is one number",)),
        (SECTIONS["b_violating"] | {"charge": -1.0}, ("charge = -1.0; Q of X lies above 0",)),
        (SECTIONS["b_violating"] | {"mass": "5 GeV"}, ("X cannot decay; raise mass",)),
        (SECTIONS["b_violating"] | {"sigma_v": "1e-30 GeV-2"}, ("is not in equilibrium; above",)),
        (SECTIONS["b_violating"] | {"lifetime": "1e12 s"}, ("which allows lifetimes up to",)),
        (SECTIONS["b_violating"] | {"asymmetry": 0.0}, ("lies above 0 and below 1",)),
        (SECTIONS["b_violating"] | {"states": 0}, ("a positive number of internal states",)),
        (SECTIONS["l_violating"] | {"coupling": 1e-14, "ratio": 1.0}, ("too few for those observed",)),
        (SECTIONS["b_violating"] | {"coupling": 9.0, "lifetime": 3}, ("lifetime = 3 has no unit",)),
    ],
)
def test_each_error_of_a_section(section, said):
    with pytest.raises(InputError) as caught:
        read_model(section)
    for words in said:
        assert words in str(caught.value)


def test_refusals_of_the_class():
    route = BaryonViolating(decay=GivenLifetime("1 s"))
    with pytest.raises(UnitError, match=r"mass = 6\.5 has no unit"):
        Exodus(mass=6.5, sigma_v="1e-7 GeV-2", route=route)
    with pytest.raises(InputError, match="give a Route"):
        Exodus(mass="6.5 GeV", sigma_v="1e-7 GeV-2", route="b_violating")
    with pytest.raises(
        InputError, match='the variant "asymmetric" takes GivenLifetime or DirectDecay or OperatorDecay'
    ):
        Asymmetric(decay=SquarkDecay(1, "1e4 GeV", "1.5 TeV"))
    with pytest.raises(InputError, match="relic_final_state = 'light'; allowed: hidden"):
        Exodus(mass="6.5 GeV", sigma_v="1e-7 GeV-2", route=route, relic_final_state="light")
    assert LeptonViolating(decay=GivenLifetime("1 s")).baryons(0.5) == pytest.approx(14 / 79)
    assert Sectors().dof.label == "saikawa_shirai"


@pytest.mark.parametrize(("ratio", "hidden"), [(1.0, 0.0), (0.1, 10.0), (0.05, 100.0), (0.02, 100.0)])
def test_every_x_has_decayed_in_the_end_whichever_bath_rules(ratio, hidden):
    # a hidden bath of energy g_gen/R^4 shortens times at a visible temperature by its root, here up to a factor of 2e3
    section = COMMON | {"variant": "b_violating", "lifetime": "1e-3 s", "asymmetry": 1e-10, "mass": "1 TeV"}
    model = Exodus.from_config(section | {"ratio": ratio, "genesis_g_star": hidden, "sigma_v": "1e-4 GeV-2"})
    assert model.history.final["asymmetry"] < 1e-15 * model.asymmetry  # e^-45
    assert model.history.time[-1].to_value("s") > 40e-3
    # zetas are made by X of the asymmetry and by thermal X, of which nothing else is lost: an integral for each
    assert model.relic_yield / model.asymmetry == pytest.approx(1 + model.freeze_in + 2 * model.residue, rel=2e-3)
