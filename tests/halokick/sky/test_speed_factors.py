"""Factors of the annihilation cross-section: power laws, the pole, user's functions, particle models."""

import astropy.units as u
import numpy as np
import pytest

from cosmology.annihilation import VectorPairAnnihilation, hulthen_sommerfeld, vector_coupling
from cosmology.models import RegeneratedADM
from cosmology.pseudoscalar import PseudoscalarResonance
from halokick.constants import SPEED_OF_LIGHT
from halokick.errors import InputError, UnitError
from halokick.sky.sommerfeld import Hulthen
from halokick.sky.speed_factors import (
    BreitWigner,
    CrossSection,
    DWave,
    InverseSpeed,
    PWave,
    SWave,
    UserFactor,
    factor_of_model,
)

SPEEDS = [1, 10, 300] * u.km / u.s
B = SPEEDS.value / SPEED_OF_LIGHT
MODEL = {
    "name": "regenerated_adm",
    "daughter_mass": "10 GeV",
    "splitting": "10 MeV",
    "operator_scale": "1.155e7 GeV",
    "annihilation": "vector_pair",
    "sigma_v": "2.549e-25 cm3/s",
    "mediator_mass": "0.05 GeV",
}


@pytest.mark.parametrize(
    ("factor", "expected"), [(SWave(), B**0), (PWave(), B**2), (DWave(), B**4), (InverseSpeed(), 1 / B)]
)
def test_power_laws_in_v_rel_over_c(factor, expected):
    assert factor.of(SPEEDS) == pytest.approx(expected, rel=1e-14)
    assert factor.of("0.001 pc/yr") > 0  # any unit of speed


def test_saturation_of_the_inverse_speed():
    factor = InverseSpeed(saturation="10 km/s")
    assert factor.of(SPEEDS) == pytest.approx(1 / np.array([B[1], B[1], B[2]]), rel=1e-14)
    assert factor.sharp_speeds == (10.0,)


def test_the_pole_is_where_and_as_high_as_it_should_be():
    factor = BreitWigner.at("30 km/s", 1e-3)
    assert factor.pole.to_value("km/s") == pytest.approx(30, rel=1e-14)
    assert factor.of(factor.pole) == pytest.approx(1e6 + 1, rel=1e-9)  # rounding of 1e-16 over gamma/delta
    assert factor.of("1e-6 km/s") == pytest.approx(1, rel=1e-12)
    # half the height where b^2/4 - delta = gamma
    half = 2 * SPEED_OF_LIGHT * np.sqrt(factor.delta + factor.gamma)
    assert factor.of(half * u.km / u.s) == pytest.approx(0.5e6 + 0.5, rel=1e-9)
    assert BreitWigner(-1e-6, 1e-7).pole is None


def test_the_pole_from_masses():
    factor = BreitWigner.from_masses("50 GeV", "100.001 GeV", "1 keV")
    assert factor.delta == pytest.approx((100.001 / 100) ** 2 - 1, rel=1e-10)  # of a difference of 2e-5
    assert factor.gamma == pytest.approx(100.001 * 1e-6 / 4 / 2500, rel=1e-14)


def test_a_process_with_a_pole_is_that_pole():
    # an s-wave through a pole: Breit and Wigner times a slow function of energy
    process = PseudoscalarResonance("20 GeV", "40.0001 GeV", 0.01, 1e-3)
    factor, pole = CrossSection(process), BreitWigner.from_masses("20 GeV", "40.0001 GeV", process.width)
    assert factor.sharp_speeds == pytest.approx(pole.sharp_speeds)
    assert factor.of(SPEEDS) == pytest.approx(pole.of(SPEEDS), rel=3e-6)  # (300 km/s / c)^2 = 1e-6


def test_a_users_function_and_its_kinks():
    factor = UserFactor(lambda b: np.sqrt(b), edges=("3 km/s",))
    assert factor.of(SPEEDS) == pytest.approx(np.sqrt(B), rel=1e-15)
    assert factor.sharp_speeds == (3.0,)


def test_hulthen_here_and_in_cosmology_are_one():
    tree = VectorPairAnnihilation("10 GeV", "0.05 GeV", vector_coupling("2.549e-25 cm3/s", "10 GeV", "0.05 GeV"))
    alpha = tree.coupling**2 / (4 * np.pi)
    mine = Hulthen(alpha, "10 GeV", "0.05 GeV").of(SPEEDS)
    assert mine == pytest.approx(hulthen_sommerfeld(SPEEDS, "10 GeV", "0.05 GeV", tree.coupling), rel=1e-11)


def test_a_particle_model_plugs_in():
    model = RegeneratedADM.from_config(MODEL | {"enhancement": "hulthen"})
    factor = factor_of_model(model)
    strength = factor.reference * factor.of(SPEEDS)
    direct = model.annihilation.process(model.daughter_mass).sigma_v(SPEEDS)
    assert strength.to_value("cm3/s") == pytest.approx(direct.to_value("cm3/s"), rel=1e-14)
    # the reference is the tree-level one, which belongs to S = 1
    hulthen = Hulthen(model.annihilation.coupling**2 / (4 * np.pi), model.daughter_mass, "0.05 GeV")
    assert factor.of(SPEEDS) == pytest.approx(hulthen.of(SPEEDS), rel=1e-11)


def test_a_model_with_a_pole_plugs_in():
    keys = {"annihilation": "pseudoscalar", "mediator_mass": "20.5 GeV", "coupling": 0.1, "quark_coupling": 1.0}
    model = RegeneratedADM.from_config({key: MODEL[key] for key in MODEL if key != "sigma_v"} | keys)
    factor = factor_of_model(model)
    process = model.annihilation.process(model.daughter_mass, model.parent_mass)
    assert factor.reference == process.at_rest()
    assert len(factor.sharp_speeds) > 10
    assert factor.of(SPEEDS) == pytest.approx((process.sigma_v(SPEEDS) / process.at_rest()).to_value(""), rel=1e-13)


def test_a_model_whose_cross_section_is_constant_is_an_s_wave():
    assert factor_of_model(RegeneratedADM.from_config(MODEL)) == SWave()


def test_a_model_of_any_other_package():
    class Process:
        def sigma_v(self, speed):
            return 1e-26 * u.cm**3 / u.s * (1 + (speed / (100 * u.km / u.s)).to_value("") ** 2)

    class Answer:
        depends_on_speed = True
        process = Process()

    class Model:
        def halo_annihilation(self):
            return Answer()

    assert factor_of_model(Model()).of("100 km/s") == pytest.approx(2, rel=1e-14)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: SWave().of("0 km/s"), "positive"),
        (lambda: InverseSpeed("0 km/s"), "saturation"),
        (lambda: BreitWigner(1e-6, 0), "gamma"),
        (lambda: BreitWigner(np.nan, 1), "delta"),
        (lambda: BreitWigner.from_masses("0 GeV", "1 GeV", "1 GeV"), "positive"),
        (lambda: UserFactor(3), "function"),
        (lambda: UserFactor(lambda b: -b).of("1 km/s"), "negative or not finite"),
        (lambda: UserFactor(lambda b: 1.0).of(SPEEDS), "shape"),
        (lambda: CrossSection(3), "sigma_v"),
        (lambda: factor_of_model(3), "halo_annihilation"),
    ],
)
def test_what_is_refused(make, said):
    with pytest.raises(InputError, match=said):
        make()


def test_a_bare_speed_is_refused():
    with pytest.raises(UnitError, match="v_rel"):
        PWave().of(10.0)


def test_a_model_that_does_not_say_how_is_refused():
    class Model:
        def halo_annihilation(self):
            return type("Answer", (), {"depends_on_speed": True})()

    with pytest.raises(InputError, match="depends on speed"):
        factor_of_model(Model())
