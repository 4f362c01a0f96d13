"""Do the bath's expansion, entropy, age and equilibrium densities follow their definitions?"""

from itertools import pairwise

import numpy as np
import pytest
from astropy import constants as si
from astropy import units as u
from scipy.integrate import quad
from scipy.special import zeta

from cosmology import constants, thermodynamics
from cosmology.degrees_of_freedom import ConstantDegreesOfFreedom, degrees_of_freedom
from cosmology.errors import InputError, UnitError

IDEAL = ConstantDegreesOfFreedom(106.75)


def test_hubble_rate_is_friedmanns_equation_in_si_units():
    temperature = 3 * u.GeV
    mass_density = thermodynamics.energy_density(temperature, g_star="borsanyi") / si.c**2
    friedmann = np.sqrt(8 * np.pi * si.G / 3 * mass_density).to_value("1/s")
    # Newton's constant: 2.2e-5, the Planck mass here is from the same CODATA
    assert thermodynamics.hubble_rate(temperature, g_star="borsanyi").to_value("1/s") == pytest.approx(
        friedmann, rel=1e-6
    )


def test_hubble_rate_with_the_planck_mass_that_is_not_reduced():
    # 1.660 sqrt(g) T^2/M_Pl, Kolb & Turner
    expected = np.sqrt(8 * np.pi**3 / 90) * np.sqrt(106.75) / constants.PLANCK_MASS
    hubble = thermodynamics.hubble_rate("1 GeV", g_star=IDEAL)
    assert (hubble * si.hbar).to_value("GeV") == pytest.approx(expected, rel=1e-6)  # digits of the two masses


def test_entropy_and_photons_of_today():
    today = constants.CMB_TEMPERATURE * u.GeV
    # Particle Data Group: 2891.2 and 410.73 cm^-3; neutrinos of N_eff = 3.045 instead of 3 move s by 0.5 per cent
    assert thermodynamics.entropy_density(today, g_star="borsanyi").to_value("cm-3") == pytest.approx(2891.2, rel=5e-3)
    assert thermodynamics.photon_density(today).to_value("cm-3") == pytest.approx(410.73, rel=2e-5)


def test_the_age_is_half_the_expansion_time_for_constant_g():
    for temperature in ("1e-6 GeV", "5 GeV", "1e15 GeV"):
        time = thermodynamics.cosmic_time(temperature, g_star=IDEAL)
        hubble = thermodynamics.hubble_rate(temperature, g_star=IDEAL)
        assert (time * hubble).to_value("") == pytest.approx(0.5, rel=1e-12)  # closed form


@pytest.mark.parametrize("g_star", ["saikawa_shirai", "borsanyi"])
def test_the_age_by_another_quadrature(g_star):
    dof = degrees_of_freedom(g_star)

    def rate(log_t):
        t = np.exp(log_t)
        return (1 + dof.entropy_slope(t * u.GeV) / 3) / thermodynamics.hubble_rate(t * u.GeV, g_star=dof).value

    # the fit's two forms meet at 0.12 GeV; the table's interpolation bends at its entries
    corners = np.log([0.1, 0.12, 0.14125375446, 0.158489319246, 0.251188643151, 0.316227766017, 1.0, 10.0])
    corners = np.append(corners, np.log(0.1) + 8)
    pairs = pairwise(corners)
    expected = sum(quad(rate, low, high, epsrel=1e-8)[0] for low, high in pairs)
    # what is left out above is exp(-16)
    assert thermodynamics.cosmic_time("0.1 GeV", g_star=g_star).to_value("s") == pytest.approx(expected, rel=2e-6)


def test_neutrino_decoupling_takes_place_after_a_second():
    # textbook: t = 0.74 s (T/MeV)^-2 for g = 10.6 (the usual 1.32 s is for g = 3.36)
    assert thermodynamics.cosmic_time("1 MeV").to_value("s") == pytest.approx(0.74, rel=0.02)


@pytest.mark.parametrize("g_star", ["saikawa_shirai", "borsanyi"])
def test_the_temperature_at_a_time_is_the_inverse(g_star):
    temperatures = [3e-7, 1e-3, 0.2, 50, 1e9] * u.GeV
    times = thermodynamics.cosmic_time(temperatures, g_star=g_star)
    back = thermodynamics.temperature_at(times, g_star=g_star)
    assert back.to_value("GeV") == pytest.approx(temperatures.value, rel=1e-10)  # tolerance of the root
    with pytest.raises(InputError, match="radiation era"):
        thermodynamics.temperature_at("1e13 s", g_star=g_star)


@pytest.mark.parametrize("x", [1e-7, 0.05, 0.19, 0.21, 1, 8, 30])
@pytest.mark.parametrize(("statistics", "sign"), [("boltzmann", 0), ("fermi", 1), ("bose", -1)])
def test_equilibrium_density_is_the_integral_over_momenta(statistics, sign, x):
    def occupied(q):
        energy = np.hypot(q, x)
        return q**2 * np.exp(-energy) / (1 + sign * np.exp(-energy))

    expected = quad(occupied, 0, 60 + x, epsabs=0, epsrel=1e-11, limit=400)[0] * 3 / (2 * np.pi**2)
    density = thermodynamics.equilibrium_density("1 GeV", x * u.GeV, 3, statistics=statistics).to_value("cm-3")
    one = (1 * u.GeV / (si.hbar * si.c)).to_value("1/cm") ** 3
    assert density / one == pytest.approx(expected, rel=1e-9)  # quad, near the Bose peak


def test_massless_limits_with_zeta_functions():
    def density(statistics):
        return thermodynamics._equilibrium_density(2.0, 0.0, 1.0, statistics) / (8 / np.pi**2)

    assert density("boltzmann") == pytest.approx(1, rel=1e-14)
    assert density("bose") == pytest.approx(zeta(3), rel=1e-12)
    assert density("fermi") == pytest.approx(0.75 * zeta(3), rel=1e-12)


def test_equilibrium_yield_of_cold_particles():
    # 0.145 (g/g_s) x^(3/2) e^-x (1 + 15/(8x)): Kolb & Turner; the next order of K_2 is 105/(128 x^2)
    x = 40.0
    expected = 45 / (4 * np.pi**4) * np.sqrt(np.pi / 2) * 2 / 106.75 * x**1.5 * np.exp(-x) * (1 + 15 / (8 * x))
    found = thermodynamics.equilibrium_yield("1 GeV", "40 GeV", 2, g_star=IDEAL)
    assert found == pytest.approx(expected, rel=6e-4)
    # far below the smallest number it is zero, without a warning
    assert thermodynamics.equilibrium_yield("1 GeV", "4000 GeV", 2) == 0


def test_refusals():
    for call in (
        lambda: thermodynamics.hubble_rate("1e-9 GeV"),
        lambda: thermodynamics.cosmic_time("1e17 GeV"),
        lambda: thermodynamics.entropy_density("1e-14 GeV"),
        lambda: thermodynamics.equilibrium_density("1 GeV", "1 GeV", 2, statistics="maxwell"),
        lambda: thermodynamics.equilibrium_density("1 GeV", "1 GeV", 0),
        lambda: thermodynamics.equilibrium_density("-1 GeV", "1 GeV", 2),
        lambda: thermodynamics.hubble_rate("1 GeV", g_star="none"),
    ):
        with pytest.raises(InputError):
            call()
    with pytest.raises(UnitError):
        thermodynamics.hubble_rate(1.0)


@pytest.mark.parametrize("g_star", ["saikawa_shirai", "borsanyi"])
def test_the_ends_of_the_ranges_are_inside(g_star):
    # 1e-8 GeV through kilograms and back is one digit less
    for end in ("1e-8 GeV", "10 eV", "1e16 GeV", "1e7 PeV"):
        time = thermodynamics.cosmic_time(end, g_star=g_star)
        assert thermodynamics.temperature_at(time, g_star=g_star).to_value("GeV") == pytest.approx(
            u.Quantity(end).to_value("GeV"), rel=1e-10
        )
    for end in ("1e-13 GeV", "1e-4 eV", "1e16 GeV"):
        assert degrees_of_freedom(g_star).g_s(end) > 3.9
    with pytest.raises(InputError, match="1e-08 GeV matter counts"):
        thermodynamics.cosmic_time("9.99e-9 GeV", g_star=g_star)
