"""Is a(t) that of Friedmann's equation and of conserved entropy?"""

import numpy as np
import pytest
from astropy import units as u
from astropy.cosmology import FlatLambdaCDM

from cosmology import constants
from cosmology.degrees_of_freedom import ConstantDegreesOfFreedom, degrees_of_freedom
from cosmology.errors import InputError, UnitError
from cosmology.limits import cosmic_age
from cosmology.scale_factor import FlatExpansion, RadiationEra
from cosmology.thermodynamics import cosmic_time

STEPS = 2e-8  # cubic interpolation over steps of 0.05 in ln a


def test_closed_forms():
    hubble = (67.4 * u.km / u.s / u.Mpc).to("1/s")
    t = np.geomspace(1e10, 1e18, 40) * u.s
    x = (hubble * t).to_value(u.one)
    # matter and a cosmological constant
    closed = (0.315 / 0.685) ** (1 / 3) * np.sinh(1.5 * np.sqrt(0.685) * x) ** (2 / 3)
    assert FlatExpansion()(t) == pytest.approx(closed, rel=STEPS)
    # one species: (3/2 H0 t)^(2/3) and (2 H0 t)^(1/2)
    assert FlatExpansion(hubble, 1.0)(t) == pytest.approx((1.5 * x) ** (2 / 3), rel=STEPS)
    assert FlatExpansion(hubble, 0.0, 1.0)(t) == pytest.approx(np.sqrt(2 * x), rel=STEPS)
    # matter with radiation: H0 t = (2/3 m^2) [(m a - 2 r) sqrt(m a + r) + 2 r^(3/2)]
    m, r = 1 - 1e-4, 1e-4
    a = FlatExpansion(hubble, m, r)(t[12:])
    # the two terms cancel for a far below r/m
    assert (2 / (3 * m**2)) * ((m * a - 2 * r) * np.sqrt(m * a + r) + 2 * r**1.5) == pytest.approx(x[12:], rel=1e-6)


def test_standard_universe_by_another_code_and_by_the_limits_age():
    other = FlatLambdaCDM(H0=67.4, Om0=0.315, Tcmb0=2.7255, Neff=3.046)
    radiation = float(other.Ogamma0 + other.Onu0)
    law = FlatExpansion(radiation_density=radiation)
    z = np.array([0.0, 1.0, 9.0, 600.0, 1090.0, 1e5])
    # quadrature and constants of that code, whose quadrature fails at 1e5
    assert law(other.age(z[:-1])) == pytest.approx(1 / (1 + z[:-1]), rel=2e-6)
    assert law(cosmic_age(z)) == pytest.approx(1 / (1 + z), rel=2e-6)
    assert law.hubble_rate(0.1).to_value("1/s") == pytest.approx(other.H(9).to_value("1/s"), rel=1e-7)  # parsec
    # 13.79 Gyr, and 9.2e-5 for photons and neutrinos
    assert radiation == pytest.approx(9.2e-5, rel=5e-3)
    assert law("13.79 Gyr") == pytest.approx(1, abs=3e-4)  # its digits


def test_bath_of_constant_g_and_its_joint_with_friedmann():
    ideal = ConstantDegreesOfFreedom(106.75)
    law = RadiationEra(ideal)
    t = cosmic_time([1e3, 1.0, 1e-6] * u.GeV, g_star=ideal)
    # a T constant: a = (s0/s)^(1/3)
    expected = constants.CMB_TEMPERATURE / np.array([1e3, 1.0, 1e-6]) * (43 / 11 / 106.75) ** (1 / 3)
    assert law(t) == pytest.approx(expected, rel=5e-5)  # s0 of three neutrinos, printed digits
    assert law(4 * t) / law(t) == pytest.approx([2, 2, 2], rel=1e-7)  # a ~ t^(1/2)


@pytest.mark.parametrize("g_star", ["saikawa_shirai", "borsanyi"])
def test_entropy_in_a_comoving_volume_is_conserved(g_star):
    dof = degrees_of_freedom(g_star)
    temperature = np.array([900.0, 33.0, 1.07, 0.17, 2e-2, 3.3e-4, 1e-5, 1.3e-8])
    a = RadiationEra(g_star)(cosmic_time(temperature * u.GeV, g_star=g_star))
    entropy = 2 * np.pi**2 / 45 * dof._g_s(temperature) * temperature**3
    # steps of 0.05 across the QCD transition and electron-positron annihilation
    assert entropy * a**3 == pytest.approx(constants.ENTROPY_DENSITY, rel=2e-5)


def test_the_two_laws_meet_in_the_radiation_era():
    # at 1e6 s the bath is photons and neutrinos, and matter adds 1e-3 to the energy. Neutrinos: N_eff = 3.046 in 9.2e-5
    # and 3 in the entropy, which is 1 per cent in their half of the radiation and a quarter of that in a
    law = FlatExpansion("67.4 km/(s Mpc)", 0.315, 9.2e-5)
    assert law("1e6 s") / RadiationEra()("1e6 s") == pytest.approx(1, abs=3e-3)


def test_refusals():
    for call in (
        lambda: FlatExpansion("0 1/s"),
        lambda: FlatExpansion(matter_density=-0.1),
        lambda: FlatExpansion(matter_density=0.9, radiation_density=0.2),
        lambda: FlatExpansion(matter_density=0.0),
        lambda: FlatExpansion()("1e30 s"),
        lambda: FlatExpansion()("0 s"),
        lambda: RadiationEra()("1e17 s"),
        lambda: RadiationEra("none")("1 s"),
    ):
        with pytest.raises(InputError):
            call()
    with pytest.raises(UnitError):
        FlatExpansion()(1e17)
    with pytest.raises(UnitError):
        FlatExpansion(67.4)
