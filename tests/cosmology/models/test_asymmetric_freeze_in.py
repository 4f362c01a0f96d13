"""Asymmetric freeze-in as a model: what follows from a point, what unitarity leaves, run files, answers and errors."""

import pickle

import numpy as np
import pytest
from scipy.special import kv

from cosmology import MODELS, InputError, ParticleModel, read_model
from cosmology.boltzmann import evolve
from cosmology.constants import BARYON_YIELD
from cosmology.degrees_of_freedom import ConstantDegreesOfFreedom
from cosmology.errors import UnitError
from cosmology.models.asymmetric_freeze_in import AsymmetricFreezeIn
from cosmology.models.asymmetric_freeze_in_hidden import Losp, temperature_ratio
from cosmology.models.asymmetric_freeze_in_history import (
    collisions,
    decay_history,
    unitary_asymmetry,
    unitary_history,
)
from cosmology.models.asymmetric_freeze_in_limits import nucleosynthesis
from cosmology.models.asymmetric_freeze_in_mediators import GivenWidth, Mediator, OperatorDecay, YukawaDecay
from cosmology.models.asymmetric_freeze_in_rates import closed_form_yield
from cosmology.models.asymmetric_freeze_in_sphalerons import DirectBaryons, GivenFactor, Superpartners
from cosmology.thermodynamics import _hubble, equilibrium_yield

HUNDRED = ConstantDegreesOfFreedom(100.0)
SECTION = {"name": "asymmetric_freeze_in", "mass": "500 GeV", "coupling": 1e-9}


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(MODELS, AsymmetricFreezeIn.name, AsymmetricFreezeIn)


def mediator(**changes):
    return Mediator(**{"mass": "500 GeV", "decay": YukawaDecay(1e-9), "epsilon": -1e-3} | changes)


def model(**changes):
    given = {"mediators": mediator(epsilon=None)}
    return AsymmetricFreezeIn(**given | changes)


# -- yields and asymmetries --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("antiparticle", "kinds"), [("distinct", 2), ("itself", 1)])
def test_equation_4_1_and_what_counts_as_one_particle(antiparticle, kinds):
    one = mediator(antiparticle=antiparticle, states=3)
    made = decay_history(one, g_star=HUNDRED).final
    assert made["particles"] == pytest.approx(kinds * closed_form_yield(one.width, one.mass, 100, states=3), rel=1e-6)
    assert made["asymmetry"] == pytest.approx(-1e-3 * made["particles"], rel=1e-12)


def test_the_sum_over_mediators_is_signed():
    first, second = mediator(), mediator(mass="700 GeV", epsilon=4e-4)
    parts = [AsymmetricFreezeIn(mediators=one) for one in (first, second)]
    both = AsymmetricFreezeIn(mediators=(first, second))
    assert both.asymmetry == pytest.approx(parts[0].asymmetry + parts[1].asymmetry, rel=1e-12)
    assert parts[0].asymmetry < 0 < parts[1].asymmetry
    assert both.particles == pytest.approx(parts[0].particles + parts[1].particles, rel=1e-12)


def test_inverse_decays_against_an_adaptive_solver():
    one = mediator(decay=YukawaDecay(1e-7), epsilon=0.1)  # strong enough for inverse decays to matter
    integral = collisions(one, g_star=HUNDRED)
    ours = decay_history(one, inverse_decays="same temperature", relic_states=2, integral=integral)
    width = one.width.to_value("GeV")
    full = equilibrium_yield("500 GeV", "0 GeV", 2, g_star=HUNDRED)

    def rhs(x, values):
        source = 2 * width * float(integral._rate(np.array([x]))[0])
        return np.array([source * (1 - values[0] / (2 * full)), 0.1 * source - source / 2 * values[1] / full])

    start = {"particles": 0.0, "asymmetry": 0.0}
    size = {"particles": 1e-3, "asymmetry": 1e-4}
    solved = evolve(rhs, start, (1e-3, 60.0), signed=size)
    for name in start:
        # constant Y_eq makes our steps exact; the rest is the solver's
        assert ours.final[name] == pytest.approx(solved.final[name], rel=1e-5)
    assert ours.final["particles"] < 0.9 * decay_history(one, integral=integral).final["particles"]


def test_inverse_decays_of_feeble_couplings_change_less_than_a_per_cent():
    answers = {one.name: one for one in model().constraints()}
    assert answers["inverse decays"].value < 1e-3


# -- unitarity ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("visible_width", [1e-15, 1e-13])
def test_the_mediator_and_what_it_leaves_against_an_adaptive_solver(visible_width):
    one = mediator(decay=GivenWidth("1e-17 GeV"), epsilon=0.1)
    integral = collisions(one, g_star=HUNDRED)
    ours = unitary_history(one, visible_width, integral=integral)
    width = 1e-17

    def equilibrium(x):
        return 45 * 2 * x**2 * kv(2, x) / (4 * np.pi**4 * 100)

    def rhs(x, values):
        lag = values[0] - equilibrium(x)
        per_width = integral._rate(np.array([x]))[0] / equilibrium(x)  # J K_1/(H K_2)
        return np.array([-(width + visible_width) * per_width * lag, 2 * 0.1 * width * per_width * lag])

    start = {"mediator": equilibrium(1e-3), "asymmetry": 0.0}
    solved = evolve(rhs, start, (1e-3, 60.0), signed={"mediator": 1e-5, "asymmetry": 1e-8}, rtol=1e-6)
    # steps of 0.08 in ln x, linear in Y_eq
    assert ours.final["asymmetry"] == pytest.approx(solved.final["asymmetry"], rel=2e-3)


def test_leading_order_transfer_cancels_with_the_mediator_in_equilibrium():
    one = mediator()
    decays = decay_history(one, g_star=HUNDRED).final["asymmetry"]
    left = {width: unitary_asymmetry(one, width, g_star=HUNDRED) for width in (1e-12, 1e-9, 1e-6, 1.0)}
    for width, value in left.items():
        # like H/Gamma_t: what remains is epsilon Br Y_B(relativistic), in the limit of x = 0
        whole = equilibrium_yield("5e5 GeV", "500 GeV", 2, g_star=HUNDRED)
        total = width + one.width.to_value("GeV")
        assert value == pytest.approx(-1e-3 * 2 * one.width.to_value("GeV") / total * whole, rel=1e-12)
        followed = unitary_history(one, width, g_star=HUNDRED).final["asymmetry"]
        assert followed == pytest.approx(value, rel=1e-9)
    per_expansion = _hubble(500.0, HUNDRED)
    # int x^3 K_1 dx = 3 pi/2 and x^2 K_2 -> 2
    assert left[1.0] / decays == pytest.approx(4 / (3 * np.pi) * per_expansion, rel=1e-5)
    assert left[1.0] / decays < 1e-12


def test_a_mediator_out_of_equilibrium_hands_over_its_number():
    one = mediator(decay=GivenWidth("1e-15 GeV"))
    made = unitary_history(one, 0.0, g_star=HUNDRED).final
    whole = equilibrium_yield("5e5 GeV", "500 GeV", 2, g_star=HUNDRED)
    assert made["asymmetry"] == pytest.approx(-1e-3 * 2 * whole, rel=1e-9)


def test_unitarity_balances_all_transfers_between_two_sectors():
    # S of one total charge, visible and hidden states of one energy; S of the opposite charge is its transpose by CPT
    rng = np.random.default_rng(7)
    visible, hidden, portal = 4, 3, 1e-3
    generator = rng.normal(size=(7, 7)) + 1j * rng.normal(size=(7, 7))
    generator = generator + generator.conj().T
    generator[:visible, visible:] *= portal
    generator[visible:, :visible] *= portal
    values, vectors = np.linalg.eigh(generator)
    s = (vectors * np.exp(1j * values)) @ vectors.conj().T
    into, anti = np.abs(s[visible:, :visible]) ** 2, np.abs(s[:visible, visible:].T) ** 2
    channels = into - anti
    assert np.abs(channels).max() > 0.05 * into.max()  # single channels violate CP at leading order
    assert abs(channels.sum()) < 1e-9 * into.sum()  # equal populations: the sum over them does not
    unequal = channels @ np.array([1.0, 1.0, 1.0, 0.5])  # one state out of equilibrium
    assert np.abs(unequal.sum()) > 1e-3 * into.sum()
    assert hidden == len(channels)


def test_the_default_says_that_scattering_is_left_out():
    point = model(visible_width="1 GeV")
    assert [one.name for one in point.annotations()] == ["unitarity"]
    assert point.excluded_by() == ("unitarity",)
    assert abs(point.unitary_asymmetry / point.asymmetry) < 1e-12
    free = model(
        mediators=mediator(epsilon=None, decay=GivenWidth("1e-15 GeV")), transfer="unitary", visible_width="1e-16 GeV"
    )
    assert free.asymmetry == pytest.approx(free.unitary_asymmetry, rel=1e-12)
    assert free.annotations() == ()


# -- the model ---------------------------------------------------------------------------------------------------------


def test_a_point_that_makes_what_is_observed():
    point = model(relic_sigma_v="1e-9 GeV-2")
    assert point.baryon_yield == pytest.approx(BARYON_YIELD, rel=1e-12)
    assert point.relic_omega_h2 == pytest.approx(0.12, rel=1e-4)
    assert point.asymmetry < 0  # B - L + X is conserved and c positive: baryons come with anti-X
    assert point.excluded_by() == ()
    record = point.yields()
    assert record.daughter_asymmetry == point.asymmetry
    assert record.parent_mass is None
    assert not record.decays_late


@pytest.mark.parametrize(
    ("changes", "excluded"),
    [
        ({"relic_sigma_v": "1e-16 GeV-2"}, "remaining pairs"),  # never in equilibrium
        ({"mediators": mediator(decay=YukawaDecay(1e-4))}, "sectors apart"),  # more than equilibrium
        ({"mediators": mediator(epsilon=1e-9), "relic_sigma_v": "1e-3 GeV-2"}, "baryons"),
        ({"relic_mass": "1e10 GeV", "relic_sigma_v": "1e-9 GeV-2"}, "dark matter density"),
    ],
)
def test_excluded_points_are_answers(changes, excluded):
    point = model(**changes)
    point.summary()
    point.yields()
    assert excluded in point.excluded_by()


def test_masses_are_those_of_the_formulae_if_all_is_made_in_time():
    early = model(sphaleron_temperature="1 GeV")
    assert early.share_in_time == pytest.approx(1, rel=1e-6)
    # the two differ by the observed Y_B and Omega_b h^2, which are known apart
    assert early.relic_mass.to_value("GeV") == pytest.approx(early.mass_of_formula.to_value("GeV"), rel=3e-3)
    late = model()
    assert late.share_in_time == pytest.approx(0.63, abs=0.01)
    assert late.relic_mass < early.relic_mass
    direct = model(conversion=DirectBaryons())
    assert direct.relic_mass.to_value("GeV") == pytest.approx(direct.mass_of_formula.to_value("GeV"), rel=3e-3)


def test_a_negative_factor_makes_particles():
    point = model(conversion=GivenFactor(-0.05))
    assert point.asymmetry > 0
    assert point.baryon_yield == pytest.approx(BARYON_YIELD)


def test_temperature_ratio_against_the_closed_form():
    point = AsymmetricFreezeIn(mediators=mediator(), g_star=HUNDRED)
    assert point.temperature_ratio == pytest.approx(temperature_ratio(point.particles), rel=1e-6)
    # real g*: the closed form with g of T = m/5
    real = AsymmetricFreezeIn(mediators=mediator())
    g_s = 101.0
    assert real.temperature_ratio == pytest.approx(temperature_ratio(real.particles, g_s=g_s), rel=0.01)


def test_operators_heat_by_scattering():
    decay = OperatorDecay("2e10 GeV")
    point = model(mediators=mediator(decay=decay), reheating_temperature="1 TeV", conversion=DirectBaryons())
    # T_R = 2 m; decays count for two states of B and of anti-B; g* runs, and decays miss what is above T_R
    assert point.scattered == pytest.approx(13.6 * 2 * point.particles / 4, rel=0.15)
    answers = {one.name: one for one in point.constraints()}
    assert answers["decays over scattering"].satisfied
    hot = model(mediators=mediator(decay=decay), reheating_temperature="1e5 GeV", conversion=DirectBaryons())
    assert {one.name: one for one in hot.constraints()}["decays over scattering"].excluded


def test_late_losp():
    early = model(losp=Losp(mass="100 GeV", coupling=1e-8, left=1e-10))
    assert early.losp_decay["temperature"].to_value("GeV") == pytest.approx(18.0, abs=0.05)
    assert early.losp_density == 0  # X is hot enough to annihilate
    late = model(losp=Losp(mass="100 GeV", coupling=1e-10, left=1e-10))
    assert late.losp_density / 0.12 == pytest.approx(1e-10 / abs(late.asymmetry), rel=1e-3)
    assert "symmetric X of the LOSP" in late.excluded_by()


def test_hidden_hadrons_and_light_elements():
    assert nucleosynthesis("2e4 s", 1e-3).excluded
    assert nucleosynthesis("2e4 s", 1e-3, 0.05).satisfied
    assert not nucleosynthesis("1e3 s", 1.0).applicable


# -- run files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"epsilon": -3e-4, "relic_mass": "1.6 GeV", "relic_sigma_v": "1e-9 GeV-2", "statistics": "fermi"},
        {"loop_size": 0.1, "phase": -0.1, "visible_width": "1 GeV"},
        {"mass": ["500 GeV", "700 GeV"], "epsilon": [-1e-3, 2e-4], "antiparticle": "itself"},
        {"conversion": "superpartners", "light": ["left_squarks"], "flavours": [1, 0, 0], "higgsinos": 2},
        {"conversion": "broken_phase", "doublets": 2, "g_star": "borsanyi"},
        {"conversion": "direct", "losp_mass": "100 GeV", "losp_coupling": 1e-8},
        {"conversion": "given", "sphaleron_factor": -0.05, "reheating_temperature": "2 TeV"},
    ],
)
def test_a_section_and_a_model_say_the_same(more):
    point = read_model(SECTION | more)
    assert isinstance(point, ParticleModel)
    again = read_model(point.to_config())
    assert again.to_config() == point.to_config()
    assert again.yields() == point.yields()
    assert again == point
    _ = point.histories
    assert pickle.loads(pickle.dumps(point)) == point


def test_operator_section():
    section = {"name": "asymmetric_freeze_in", "mass": "500 GeV", "operator_scale": "2e10 GeV"}
    with pytest.raises(InputError, match="reheating_temperature: missing"):
        read_model(section)
    point = read_model(section | {"reheating_temperature": "1 TeV", "vacuum_value": "174 GeV"})
    assert read_model(point.to_config()) == point


def test_it_is_an_origin_of_asymmetries():
    section = {"name": "regenerated_adm", "splitting": "1 MeV", "lifetime": "100 Gyr", "annihilation": "constant"}
    point = read_model(section | {"sigma_v": "1e-23 cm3/s", "origin": SECTION})
    made = read_model(SECTION).asymmetry
    assert point.origin().parent_asymmetry == pytest.approx(made / 2, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"coupling": None}, ["width: missing; give coupling or width or operator_scale"]),
        ({"widht": "1 GeV"}, ["widht: no such key; did you mean width?"]),
        ({"width": "1 GeV"}, ["width: given more than once, by coupling, width"]),
        ({"mass": 500}, ["mass = 500 has no unit"]),
        ({"light": ["squarks"]}, ["light = ['squarks']; allowed: a list of left_squarks", "belongs to conversion"]),
        ({"epsilon": 3.0}, ["epsilon = 3.0; it is a share of the decays"]),
        ({"phase": 0.1}, ["loop_size: missing"]),
        ({"mass": ["1 GeV", "2 GeV"], "epsilon": [0.1]}, ["mass has 2, epsilon has 1"]),
        ({"transfer": "both"}, ["allowed: 'decays', 'unitary'"]),
        ({"transfer": "unitary"}, ["visible_width: missing"]),
        ({"conversion": "given"}, ["sphaleron_factor: missing"]),
        ({"conversion": "direct", "doublets": 1}, ["doublets: belongs to conversion"]),
        ({"losp_mass": "100 GeV"}, ["losp_coupling: missing"]),
        ({"vacuum_value": "174 GeV"}, ["vacuum_value: belongs to operator_scale"]),
        ({"coupling": 1e-14}, ["none will do"]),
        ({"coupling": -1.0}, ["above 0"]),
        ({"statistics": "maxwell"}, ["'boltzmann', 'fermi', 'bose'"]),
    ],
)
def test_bad_sections_get_one_message(changes, said):
    section = {key: value for key, value in (SECTION | changes).items() if value is not None}
    with pytest.raises(InputError) as caught:
        read_model(section)
    for one in said:
        assert one in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mediators": ()}, "give a Mediator"),
        ({"mediators": (mediator(), mediator(epsilon=None))}, "give one for each, or none"),
        ({"conversion": 0.3}, "allowed"),
        ({"omega_h2": -1}, "one positive number"),
        ({"hidden_g_star": 0}, "positive"),
        ({"losp": 3}, "allowed"),
    ],
)
def test_bad_models_get_one_message(changes, said):
    with pytest.raises(InputError, match=said):
        model(**changes)


def test_bare_numbers_are_refused():
    with pytest.raises(UnitError, match="unit"):
        mediator(mass=500)
    with pytest.raises(UnitError, match="unit"):
        model(relic_mass=1.6)


def test_summary_holds_quantities_and_text():
    point = model(visible_width="1 GeV", losp=Losp(mass="100 GeV", coupling=1e-8), relic_sigma_v="1e-9 GeV-2")
    summary = point.summary()
    assert all(isinstance(value, str) or hasattr(value, "unit") for value in summary.values())
    assert summary["excluded_by"] == "unitarity"
    assert Superpartners().factor == pytest.approx(8 / 23)
