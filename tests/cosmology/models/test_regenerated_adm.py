"""Regenerated asymmetric dark matter: numbers of Hardy, Lasenby & Unwin (2014) through the model, and its errors."""

import tomllib

import numpy as np
import pytest
from astropy import units as u

from cosmology import (
    MODELS,
    ConstantAnnihilation,
    ContactDecay,
    EarlyHistory,
    FromAsymmetries,
    FromMass,
    GivenDecay,
    HasAnnihilation,
    HasRemainingPairs,
    InputError,
    ParticleModel,
    PseudoscalarChannel,
    RegeneratedADM,
    TakesOrigin,
    UnitError,
    VectorPairChannel,
    composite_splitting,
    light_width,
)
from cosmology.build_up import pair_factor
from cosmology.constants import BARYON_YIELD, DARK_MATTER_OMEGA_H2
from cosmology.limits import cosmic_age
from halokick.decay.kicks import MatrixElementKick, TabulatedKick
from halokick.study.config_decay import DecaySection
from halokick.study.config_section import read_section

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
STRONG = ConstantAnnihilation(sigma_v="1e-23 cm3/s")  # leaves no antiparticles


def section(**changes):
    keys = tomllib.loads(BENCHMARK) | changes
    return {key: value for key, value in keys.items() if value is not None}


def model(**changes):
    parts = {
        "source": FromMass("10 GeV"),
        "splitting": "10 MeV",
        "decay": ContactDecay("1.155e7 GeV"),
        "annihilation": STRONG,
    }
    return RegeneratedADM(**parts | changes)


def answer(point, name, **options):
    (found,) = (one for one in point.constraints(**options) if one.name.startswith(name))
    return found


@pytest.fixture(scope="module")
def reference():
    return RegeneratedADM.from_config(section())


def test_the_model_keeps_the_promises_of_every_model(reference):
    assert MODELS["regenerated_adm"] is RegeneratedADM
    assert isinstance(reference, ParticleModel)
    assert isinstance(reference, HasAnnihilation)
    assert isinstance(reference, HasRemainingPairs)
    assert isinstance(reference, TakesOrigin)


@pytest.mark.parametrize(("ratios", "mass"), [((0.25, 0.25), 10.066), ((1.0, 1.0), 2.516), ((0.4, 0.1), 10.066)])
def test_mass_from_asymmetries(ratios, mass):
    # (2.1) with the Planck density ratio: 5.03 GeV over the sum of the ratios
    point = model(source=FromAsymmetries(*ratios), splitting="1 MeV")
    assert point.daughter_mass.to_value("GeV") == pytest.approx(mass, rel=3e-4)  # constants agree to 2e-4


@pytest.mark.parametrize("sign", [1, -1])
def test_two_ways_to_one_point(sign, reference):
    parent, daughter = reference.abundance.parent, reference.abundance.daughter
    source = FromAsymmetries.per_entropy(sign * parent.asymmetry, sign * daughter.asymmetry)
    again = model(source=source, annihilation=reference.annihilation)
    assert again.daughter_mass.to_value("GeV") == pytest.approx(10, rel=1e-6)  # root in the freeze-out
    assert again.abundance.daughter.ratio == pytest.approx(daughter.ratio, rel=1e-4)
    assert np.sign(again.yields().parent_asymmetry) == sign
    assert again.yields().daughter_asymmetry == pytest.approx(sign * daughter.asymmetry, rel=1e-12)


def test_both_species_are_all_dark_matter(reference):
    for point in (reference, model(source=FromAsymmetries(0.3, 0.1)), model(source=FromMass("5 GeV", 3.0))):
        assert point.abundance.omega_h2 == pytest.approx(DARK_MATTER_OMEGA_H2, rel=1e-6)  # the root of freeze-out
        record = point.yields()
        assert record.parent_share + record.daughter_share == pytest.approx(1, abs=1e-12)
        assert (record.parent_mass - record.daughter_mass).to_value("MeV") == pytest.approx(10, rel=1e-9)
    # three B' for each L', of nearly equal mass
    assert point.abundance.parent_share == pytest.approx(0.75, abs=1e-3)


@pytest.mark.parametrize(
    ("mass", "sigma", "ratio"), [("10 GeV", "2e-25 cm3/s", 0.02960), ("5 GeV", "3e-25 cm3/s", 0.01102)]
)
def test_freeze_out_ratio(mass, sigma, ratio):
    point = model(source=FromMass(mass), splitting="1 keV", annihilation=ConstantAnnihilation(sigma_v=sigma))
    assert point.abundance.daughter.ratio == pytest.approx(ratio, rel=0.06)  # 1-2 per cent in sigma, of r = e^(-4)
    assert answer(point, "symmetric").excluded


@pytest.mark.parametrize(("ratio", "sigma"), [(0.01, 2.549e-25), (0.05, 1.761e-25), (0.001, 3.840e-25)])
def test_relic_line_of_figure_2(reference, ratio, sigma):
    assert reference.relic_line(ratio).sigma_v.to_value("cm3/s") == pytest.approx(sigma, rel=0.015)  # g* sets


def test_on_the_relic_line_the_remainder_is_the_largest_allowed(reference):
    line = reference.relic_line().sigma_v
    on = model(splitting="1 keV", annihilation=ConstantAnnihilation(sigma_v=line), decay=GivenDecay("100 Gyr"))
    assert on.abundance.daughter.ratio == pytest.approx(0.01, rel=1e-2)  # share changes with the splitting


def test_coupling_of_the_relic_line(reference):
    assert reference.annihilation.coupling == pytest.approx(0.1067, abs=1e-4)  # its digits


def test_annihilation_too_weak_is_excluded_by_the_density():
    point = model(annihilation=ConstantAnnihilation(sigma_v="2e-26 cm3/s"))
    assert point.abundance.daughter.ratio == 1
    assert "dark matter density" in point.excluded_by()
    assert point.yields().daughter_asymmetry == 0


def test_width_and_lifetime():
    width = model(decay=ContactDecay("1e7 GeV")).width.to_value("GeV")
    assert width == pytest.approx(2.688e-42 * 0.9985, rel=5e-4)  # (A.5), and exact kinematics; their digits
    assert model().lifetime.to_value("Gyr") == pytest.approx(13.79, rel=5e-3)  # three digits of the scale, to the 4th
    heavy = model(decay=ContactDecay("1e7 GeV", ("2 MeV", "0 MeV"))).width
    assert float(heavy / light_width("10 MeV", "1e7 GeV")) == pytest.approx(0.823, abs=1e-3)
    mediator = model(decay=ContactDecay.from_mediator("1e6 GeV", (0.1, 0.1))).width.to_value("GeV")
    assert mediator == pytest.approx(width, rel=1e-12)


def test_composite_splitting_makes_a_model():
    point = RegeneratedADM.from_config(section(splitting=None, confinement_scale="5 GeV", splitting_coupling=1))
    assert point.splitting.to_value("MeV") == pytest.approx(31.7, abs=0.05)
    assert point.splitting == composite_splitting(1, "5 GeV")


def read_decay(law):
    """The kick as a run file's [decay] section, read by the halo side."""

    def text(value):
        if not hasattr(value, "unit"):
            return list(value) if isinstance(value, tuple) else value
        return (
            [f"{v!r} {value.unit}" for v in value.value.tolist()]
            if value.ndim
            else f"{float(value.value)!r} {value.unit}"
        )

    table = {"law": law.law} | {key: text(value) for key, value in law.parameters.items()}
    result, problems = read_section(DecaySection, table)
    assert not problems
    return result


def test_the_halo_side_reads_the_kick_of_massless_partners(reference):
    decay = read_decay(reference.kick)
    kick = MatrixElementKick(decay.n_bodies, decay.max_speed[0], decay.weight)
    exact = reference.kick_spectrum
    assert kick.mean_speed.to_value("km/s") == pytest.approx(exact.mean_speed.to_value("km/s"), rel=2e-6)  # v^2/c^2
    ratio = kick.rms_speed.to_value("km/s") / exact.max_speed.to_value("km/s")
    assert ratio == pytest.approx(np.sqrt(1.5 / 3.5), rel=2e-6)  # Beta(3/2, 2)
    assert exact.max_speed.to_value("km/s") == pytest.approx(299.8, rel=1e-3)  # Dm/m_L', next order Dm/m


def test_the_halo_side_reads_the_kick_of_partners_with_mass():
    point = model(decay=ContactDecay("1e7 GeV", ("2 MeV", "3 MeV")))
    decay = read_decay(point.kick)
    kick = TabulatedKick(decay.speed, decay.pdf)
    exact = point.kick_spectrum.mean_speed.to_value("km/s")
    assert kick.mean_speed.to_value("km/s") == pytest.approx(exact, rel=1e-5)  # straight lines between 401 points


def test_pair_factor(reference):
    strong = model(decay=GivenDecay(cosmic_age()))
    assert strong.pair_factor() == pytest.approx(0.316, abs=5e-4)
    x = np.array([0.0, 1e-3, 1.0, 30.0])
    assert strong.pairs(x) == pytest.approx(pair_factor(x, 1, 1, strong.pairs.mass_ratio), abs=1e-9)
    # what freeze-out left: r/(1 + r)^2/2 from each species before decays, and one half when all has decayed
    r = reference.abundance.daughter.ratio
    assert reference.pairs(0.0) == pytest.approx(r / (1 + r) ** 2, rel=1e-2)  # r of B' differs a little
    assert reference.pairs(60.0) == pytest.approx(0.5, abs=1e-6)


def test_pairs_without_number_change():
    pairs = model(annihilation=ConstantAnnihilation(sigma_v="2e-25 cm3/s")).pairs
    assert sum(pairs.shares().values()) == pytest.approx(1, abs=1e-14)
    # B' - L' number is conserved: B' + anti-L' and L' + anti-B' each keep their number
    before = pairs.shares()
    assert pairs.antiparticle_share(80.0) == pytest.approx(before["parents"] + before["antidaughters"], abs=1e-12)


def test_local_build_up_with_annihilation():
    point = model(
        annihilation=ConstantAnnihilation(sigma_v="1e-16 cm3/s"), decay=GivenDecay(cosmic_age()), splitting="1 eV"
    )
    found = point.local_build_up("0.3 GeV/cm3")
    numbers = [getattr(found, key).to_value("cm-3") for key in ("parents", "daughters", "antidaughters")]
    assert numbers == pytest.approx([0.005518, 0.012345, 0.006827], abs=1e-6)  # digits of the numbers


@pytest.mark.parametrize(("condition", "temperature"), [("paper", 3.006), ("derived", 8.0)])
def test_wash_out_by_name(condition, temperature):
    early = EarlyHistory(asymmetry_temperature="50 GeV", wash_out=condition)
    found = model(early=early, decay=GivenDecay(cosmic_age())).wash_out
    assert found.highest_temperature.to_value("TeV") == pytest.approx(temperature, rel=3e-3)  # their digits
    assert found.condition == condition
    assert found.g_star == "saikawa_shirai"


def test_wash_out_excludes_a_hot_asymmetry():
    hot = model(early=EarlyHistory(asymmetry_temperature="16 TeV"))
    assert hot.wash_out.e_folds == pytest.approx(8, rel=0.01)  # one at 8.0 TeV, rising as its cube
    assert answer(hot, "wash-out").excluded
    conserved = model(early=EarlyHistory(asymmetry_temperature="16 TeV", n_number="conserved")).wash_out
    assert conserved.remaining_share == pytest.approx(2 / 3, abs=1e-6)
    assert answer(model(), "wash-out").status == "not applicable"
    assert answer(model(), "wash-out").bound.to_value("TeV") == pytest.approx(8.0, rel=3e-3)


def test_an_operator_too_weak_for_any_temperature():
    weak = model(decay=ContactDecay("1e22 GeV"))
    assert weak.light_partners is None
    assert "no temperature" in answer(weak, "wash-out").reason
    assert not {"delta_n_eff", "wash_out_highest_temperature"} & set(weak.summary())
    with pytest.raises(InputError, match="asymmetry_temperature reaches"):
        model(early=EarlyHistory(asymmetry_temperature="1e17 GeV"))


def test_pairs_from_very_early_decays_do_not_survive():
    early, late = (
        model(annihilation=ConstantAnnihilation(sigma_v="1e-21 cm3/s"), decay=GivenDecay(t)) for t in ("1 s", "1 Gyr")
    )
    found = answer(early, "decay after freeze-out")
    assert found.excluded
    # T = 1.56 MeV g^(-1/4) at 1 s, so s = 3.9e32 cm^-3, times Y = 2.18e-11 and 1e-21 cm^3
    assert float(found.value) == pytest.approx(8.5, rel=0.03)  # T^3 for a constant g*
    assert answer(late, "decay after freeze-out").satisfied
    assert "radiation era" in answer(model(decay=GivenDecay("1e-42 s")), "decay after").reason


def test_light_partners():
    early = {"partner_decoupling": "3 TeV"}
    found = model(early=EarlyHistory(**early), g_star="borsanyi").light_partners
    assert found.delta_n_eff == pytest.approx(2 * 0.0469, rel=2e-3)  # their digits
    assert answer(model(early=EarlyHistory(**early)), "dark radiation").satisfied
    decay = ContactDecay("1e7 GeV", ("1 MeV", "0 MeV"))
    heavy = model(decay=decay, early=EarlyHistory(**early), g_star="borsanyi")  # a warning would fail here
    assert heavy.light_partners.omega_h2 == pytest.approx(1081, rel=1e-3)
    assert answer(heavy, "light relic").excluded
    assert answer(heavy, "dark radiation").status == "not applicable"
    unstable = model(decay=decay, early=EarlyHistory(partner_fate="unstable"))
    assert answer(unstable, "light relic").status == "not applicable"
    unknown = model(decay=GivenDecay("100 Gyr", power=0))
    assert unknown.light_partners is None
    assert unknown.wash_out is None
    assert "partner_decoupling" in answer(unknown, "dark radiation").reason


@pytest.mark.parametrize(("name", "limit"), [("CMB 2013", 1.13e-25), ("Planck 2018", 3.06e-26)])
def test_cmb_closes_early_decay_with_muons(name, limit):
    point = model(annihilation=ConstantAnnihilation(sigma_v="2.549e-25 cm3/s"), decay=GivenDecay("1e10 s"))
    found = answer(point, name)
    assert found.bound.to_value("cm3/s") == pytest.approx(limit, rel=1e-2)  # interpolation of f_eff
    assert found.excluded


def test_limits_of_late_decay_follow_the_pairs():
    # Gamma t_0 = 1e-3, muons, no kick to speak of: the pair factor alone
    point = model(splitting="0.1 MeV", decay=GivenDecay(1000 * cosmic_age()))
    assert answer(point, "LAT dwarfs").bound.to_value("cm3/s") == pytest.approx(7.53e-23, rel=1e-2)
    assert answer(point, "Planck 2018").bound.to_value("cm3/s") == pytest.approx(4.24e-19, rel=2e-2)


def test_dwarfs_need_daughters_that_stay(reference):
    assert "leave dwarfs" in answer(reference, "LAT dwarfs").reason
    free = model(splitting="0.1 MeV", annihilation=reference.annihilation)
    weaker = answer(reference, "LAT dwarfs", dwarf_suppression=0.1)
    assert weaker.applicable
    read_back = float(weaker.bound / answer(free, "LAT dwarfs").bound) * reference.pair_factor() / free.pair_factor()
    assert read_back == pytest.approx(10, rel=1e-10)
    four = RegeneratedADM.from_config(section(final_state="VV->4mu"))
    assert "no table" in answer(four, "LAT dwarfs").reason
    assert answer(four, "Planck 2018").applicable


@pytest.mark.parametrize(
    ("splitting", "name", "limit"), [("10 MeV", "COMPTEL", 6.40e-7), ("1 MeV", "INTEGRAL", 2.00e-5)]
)
def test_photons_of_the_decay(splitting, name, limit):
    visible = model(splitting=splitting, decay=GivenDecay("1e5 Gyr", power=0, photons="pair"))
    found = answer(visible, name)
    assert (found.bound * cosmic_age()).to_value("") == pytest.approx(limit, rel=2e-2)  # digits, and m_B' of 10.01
    hidden = {one.name.split(",")[0] for one in model().constraints()}
    assert not hidden & {"HEAO-1", "INTEGRAL", "COMPTEL", "EGRET", "Fermi"}


def test_self_scattering_goes_from_repulsive_to_half_attractive():
    channel = VectorPairChannel(coupling=0.36, mediator_mass="40 MeV")
    alike, opposite = (channel.potential("10 GeV", kind) for kind in ("repulsive", "attractive"))
    young = model(annihilation=channel, decay=GivenDecay("1e6 Gyr")).self_scattering("30 km/s")
    repulsive = alike.transfer_per_mass("30 km/s").to_value("cm2/g")
    assert young.to_value("cm2/g") == pytest.approx(repulsive, rel=1e-3)  # 1e-5 of the pairs attract
    old = model(annihilation=channel, decay=GivenDecay("1e10 s")).self_scattering("30 km/s")
    mean = (alike.transfer_per_mass("30 km/s") + opposite.transfer_per_mass("30 km/s")) / 2
    assert old.to_value("cm2/g") == pytest.approx(mean.to_value("cm2/g"), rel=1e-3)  # shares of 1/2 up to Dm/m
    # at this coupling and 30 km/s, 1 and 0.1 cm^2/g belong to V of 23 and 50 MeV
    assert 0.1 < repulsive < 1
    point = model(annihilation=channel, decay=GivenDecay("1e6 Gyr"), self_scattering_limit="0.2 cm2/g")
    assert answer(point, "self-scattering, dwarfs").excluded
    assert answer(point, "self-scattering, clusters").satisfied
    assert answer(model(), "self-scattering, dwarfs").status == "not applicable"
    tiny = VectorPairChannel(coupling=0.36, mediator_mass="1 eV")
    assert "partial waves" in answer(model(annihilation=tiny), "self-scattering, clusters").reason


def test_pseudoscalar_resonance():
    channel = PseudoscalarChannel(coupling=0.01, mediator_mass="21 GeV", quark_coupling=0.14, f_eff=0.35)
    point = model(splitting="0.1 MeV", annihilation=channel)
    assert point.abundance.daughter.ratio == pytest.approx(4.87e-4, rel=0.1)  # 1 per cent in sigma, of r = e^(-7.6)
    assert point.abundance.parent.ratio == 0
    assert point.sigma_v.to_value("cm3/s") == pytest.approx(1.054e-29, rel=1e-3)
    assert answer(point, "Planck 2018").satisfied
    assert answer(point, "LAT dwarfs").satisfied
    assert point.halo_annihilation().depends_on_speed
    assert {one.name for one in point.annotations()} >= {"contact operator with quarks", "light mediator"}
    coupled = PseudoscalarChannel(
        coupling=0.5, mediator_mass="21 GeV", quark_coupling=0.14, parent_annihilation="same", f_eff=0.35
    )
    assert model(splitting="0.1 MeV", annihilation=coupled).abundance.parent.ratio > 0


def test_sommerfeld_factor_by_name():
    parts = {"coupling": 0.3545, "mediator_mass": "0.5 GeV"}  # alpha = 0.01
    tree = model(annihilation=VectorPairChannel(**parts))
    enhanced = model(annihilation=VectorPairChannel(**parts, enhancement="hulthen"))
    # 1.52 at a relative speed of 7e-4 c, which is near the mean in a halo; saturated below m_V/m
    assert float(enhanced.sigma_v / tree.sigma_v) == pytest.approx(1.52, rel=2e-2)
    assert enhanced.annihilation.depends_on_speed
    assert not tree.annihilation.depends_on_speed


def test_structure_limits_use_the_share_of_the_parents():
    point = model(splitting="1 MeV", decay=GivenDecay("5 Gyr"))
    found = answer(point, "Milky Way satellites (DES")
    speed = point.kick_spectrum.rms_speed.to_value("km/s")
    assert speed == pytest.approx(29.98 * np.sqrt(1.5 / 3.5), rel=1e-3)
    assert found.status == ("excluded" if 20 <= speed <= 40 else "not applicable")
    slow = model(splitting="1.5 MeV", decay=GivenDecay("5 Gyr"))
    assert answer(slow, "Milky Way satellites (DES").excluded
    assert answer(model(splitting="1.5 MeV", decay=GivenDecay("500 Gyr")), "Milky Way satellites (DES").satisfied


def test_what_is_handed_to_halos(reference):
    record, annihilation = reference.yields(), reference.halo_annihilation()
    assert record.decays_late
    assert record.lifetime == reference.lifetime
    assert record.kick is reference.kick
    assert record.g_star == "saikawa_shirai"
    assert reference.decayed_share("1 Gyr") == pytest.approx(0.0697, rel=1e-2)  # 1/13.83
    assert annihilation.sigma_v.to_value("cm3/s") == pytest.approx(2.549e-25, rel=1e-12)
    assert not annihilation.depends_on_speed
    assert reference.origin() is None


def test_summary_has_units_and_says_what_excludes(reference):
    summary = reference.summary()
    words = {key for key, value in summary.items() if isinstance(value, str)}
    assert words == {"model", "g_star", "annihilation", "kick_law", "wash_out_condition", "excluded_by"}
    assert all(isinstance(value, u.Quantity) for key, value in summary.items() if key not in words)
    assert float(summary["parent_ratio"] + summary["daughter_ratio"]) == pytest.approx(0.50, abs=0.01)
    assert summary["excluded_by"] == ", ".join(reference.excluded_by())
    assert model(decay=GivenDecay("1 Gyr", power=0)).summary()["excluded_by"]


def test_the_set_of_g_star_is_a_choice():
    other = model(g_star="borsanyi", annihilation=ConstantAnnihilation(sigma_v="2.549e-25 cm3/s"))
    assert other.yields().g_star == other.abundance.g_star == other.summary()["g_star"] == "borsanyi"
    assert other.relic_line(0.01).sigma_v.to_value("cm3/s") == pytest.approx(2.549e-25, rel=0.012)  # table of 2016


def test_bad_input_in_python():
    with pytest.raises(InputError, match="opposite signs"):
        FromAsymmetries(0.5, -0.5)
    with pytest.raises(InputError, match="not zero"):
        FromAsymmetries(0.0, 0.5)
    with pytest.raises(InputError, match="positive value each"):
        FromMass("10 GeV", -1)
    with pytest.raises(UnitError, match="splitting"):
        model(splitting=0.01)
    with pytest.raises(UnitError, match="daughter_mass"):
        FromMass(10)
    with pytest.raises(InputError, match="FromAsymmetries or FromMass"):
        model(source="10 GeV")
    with pytest.raises(InputError, match="never in equilibrium"):
        model(annihilation=ConstantAnnihilation(sigma_v="1e-36 cm3/s"))
    with pytest.raises(InputError, match="two masses"):
        ContactDecay("1e7 GeV", ("1 MeV",))
    with pytest.raises(InputError, match="two numbers"):
        ContactDecay.from_mediator("1e7 GeV", 0.1)
    with pytest.raises(InputError, match="decay_power"):
        GivenDecay("1 Gyr", power=3, photons="pair")
    with pytest.raises(InputError, match="photons"):
        GivenDecay("1 Gyr", photons="some")
    with pytest.raises(InputError, match="wash_out"):
        EarlyHistory(wash_out="printed")
    with pytest.raises(InputError, match="final_state"):
        ConstantAnnihilation(sigma_v="1e-25 cm3/s", final_state="gluons")


def test_an_asymmetry_that_cannot_be_the_dark_matter_is_refused():
    # a weak V leaves too much at every mass above its own
    weak = VectorPairChannel(coupling=0.02, mediator_mass="9 GeV")
    with pytest.raises(InputError, match=r"lighter than the annihilating particle|make it stronger"):
        model(source=FromAsymmetries.per_entropy(BARYON_YIELD / 4, BARYON_YIELD / 4), annihilation=weak)
