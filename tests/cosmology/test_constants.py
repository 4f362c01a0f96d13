"""Do the constants agree with CODATA, with each other, and with the physics that ties them together?"""

import numpy as np
import pytest
from astropy import constants as si
from astropy import units as u
from scipy.special import zeta

from cosmology import constants, units


def test_planck_and_proton_mass_against_codata():
    planck = (np.sqrt(si.hbar * si.c / si.G) * si.c**2).to_value("GeV")
    assert constants.PLANCK_MASS == pytest.approx(planck, rel=5e-7)  # seven digits, G known to 2e-5
    assert constants.REDUCED_PLANCK_MASS * np.sqrt(8 * np.pi) == pytest.approx(planck, rel=5e-7)
    assert constants.PROTON_MASS == pytest.approx((si.m_p * si.c**2).to_value("GeV"), rel=1e-9)


@pytest.mark.parametrize(
    ("name", "value", "dimension"),
    [
        ("CMB_TEMPERATURE", 2.7255 * u.K, "temperature"),
        ("PHOTON_DENSITY", 410.73 / u.cm**3, "number_density"),
        ("ENTROPY_DENSITY", 2891.2 / u.cm**3, "number_density"),
        ("HUBBLE_100", 100 * u.km / u.s / u.Mpc, "rate"),
        ("CRITICAL_DENSITY_PER_H2", 1.05367e-5 * u.GeV / u.cm**3, "energy_density"),
    ],
)
def test_powers_of_gev_against_the_published_units(name, value, dimension):
    assert getattr(constants, name) == pytest.approx(units.to_internal(value, dimension), rel=5e-7)  # seven digits


def test_critical_density_is_the_friedmann_one():
    friedmann = 3 * constants.HUBBLE_100**2 * constants.REDUCED_PLANCK_MASS**2
    assert constants.CRITICAL_DENSITY_PER_H2 == pytest.approx(friedmann, rel=2e-5)  # G


def test_photons_and_entropy_are_those_of_a_black_body():
    t = constants.CMB_TEMPERATURE
    assert constants.PHOTON_DENSITY == pytest.approx(2 * zeta(3) / np.pi**2 * t**3, rel=2e-5)  # printed digits
    entropy = 2 * np.pi**2 / 45 * (2 + 7 / 8 * 6 * 4 / 11) * t**3  # three neutrinos, instant decoupling
    assert constants.ENTROPY_DENSITY == pytest.approx(entropy, rel=5e-5)


def test_baryon_numbers_belong_together():
    eta = (
        constants.BARYON_OMEGA_H2
        * constants.CRITICAL_DENSITY_PER_H2
        / (constants.PROTON_MASS * constants.PHOTON_DENSITY)
    )
    assert constants.BARYON_TO_PHOTON == pytest.approx(eta, rel=3e-3)  # mean mass per baryon, with helium
    in_entropy = constants.BARYON_TO_PHOTON * constants.PHOTON_DENSITY / constants.ENTROPY_DENSITY
    assert constants.BARYON_YIELD == pytest.approx(in_entropy, rel=1e-3)  # three digits
    assert constants.ENTROPY_DENSITY / constants.PHOTON_DENSITY == pytest.approx(7.039, abs=1e-3)  # textbook ratio


def test_yield_of_all_dark_matter():
    # m Y = 4.37e-10 GeV for Omega h^2 = 0.12, the usual conversion; 2.3e-4 is its rounding
    found = constants.DARK_MATTER_OMEGA_H2 * constants.CRITICAL_DENSITY_PER_H2 / constants.ENTROPY_DENSITY
    assert found == pytest.approx(4.373e-10, rel=2.3e-4)


def test_baryons_per_photon_from_their_density():
    # Omega_b h^2 = 0.0224 of proton masses: 6.12e-10, three digits
    number = 0.0224 * constants.CRITICAL_DENSITY_PER_H2 / constants.PROTON_MASS
    assert number / constants.PHOTON_DENSITY == pytest.approx(6.12e-10, rel=1e-3)
