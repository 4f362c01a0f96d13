"""Astropy's CODATA 2018 and IAU 2015 values are the judge of ours, which are written out to be fixed for ever."""

import astropy.constants.astropyconst40 as codata2018
import astropy.units as u
import pytest
from astropy.constants import iau2015
from astropy.cosmology import Planck18

from halokick import constants


def test_is_g_codata_over_the_nominal_solar_mass():
    # GM_sun is exact by IAU 2015 B3; G carries 2.2e-5, but as a number it is defined to be CODATA's.
    solar_mass = iau2015.GM_sun / codata2018.G
    g = codata2018.G.to_value(u.kpc * (u.km / u.s) ** 2 / u.kg) * solar_mass.to_value(u.kg)
    # our value is written to ten digits
    assert constants.G == pytest.approx(g, rel=2e-10)


def test_does_g_m_give_the_exact_solar_parameter():
    gm = constants.G * u.kpc * (u.km / u.s) ** 2
    assert gm.to_value(u.m**3 / u.s**2) == pytest.approx(1.3271244e20, rel=2e-10)


def test_is_the_time_unit_a_kiloparsec_over_a_kilometre_per_second():
    assert (u.kpc / (u.km / u.s)).to(u.Gyr) == pytest.approx(constants.GYR_PER_TIME_UNIT, rel=1e-15)  # a few roundings


def test_is_the_speed_of_light_exact():
    assert codata2018.c.to_value(u.km / u.s) == constants.SPEED_OF_LIGHT


def test_is_the_age_of_the_universe_that_of_planck():
    # 13.787 +- 0.020 Gyr for TT,TE,EE+lowE+lensing+BAO, which the paper rounds to 13.8
    assert Planck18.age(0).to_value(u.Gyr) == pytest.approx(constants.AGE_OF_UNIVERSE_GYR, abs=0.02)
