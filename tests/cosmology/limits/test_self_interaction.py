"""Is sigma_T/m compared at the speed at which it was limited?"""

import pytest
from astropy import constants as si
from astropy import units as u

from cosmology.errors import InputError, UnitError
from cosmology.limits import annihilation_ceiling, self_scattering_limit


def test_one_square_centimetre_per_gram_is_17_8_barn_at_ten_gev():
    limit = self_scattering_limit()
    assert (limit.bound() * 10 * u.GeV / si.c**2).to_value("barn") == pytest.approx(17.8, abs=0.05)  # printed digits
    found = limit.check(cross_section_per_mass=4578 * u.GeV**-3, velocity="1000 km/s")
    assert found.excess == pytest.approx(1.0, rel=1e-4)  # 4578 GeV^-3 has four digits


def test_a_cross_section_at_another_speed_says_nothing():
    result = self_scattering_limit("clusters").check(cross_section_per_mass="100 cm2/g", velocity="30 km/s")
    assert result.status == "not applicable"
    assert self_scattering_limit("dwarfs").check(cross_section_per_mass="100 cm2/g", velocity="30 km/s").excluded


def test_a_function_of_speed_is_asked_at_the_speed_of_the_limit():
    def rutherford(velocity):
        return 100 * u.cm**2 / u.g * (30 * u.km / u.s / velocity) ** 4

    assert self_scattering_limit("dwarfs").check(cross_section_per_mass=rutherford).excluded
    assert self_scattering_limit("clusters").check(cross_section_per_mass=rutherford).satisfied
    own = self_scattering_limit("bullet", "0.5 cm2/g", velocity="3000 km/s", source="a paper")
    assert own.check(cross_section_per_mass=rutherford).value.to_value("cm2/g") == pytest.approx(1e-6, rel=1e-9)


def test_the_speed_behind_the_printed_annihilation_ceiling():
    # Hardy, Lasenby & Unwin (2014): 0.04 barn c at 10 GeV; 1 cm^2/g gives it at 673 km/s (17.8 barn has three digits)
    found = annihilation_ceiling("10 GeV", "673 km/s")
    assert (found / si.c).to_value("barn") == pytest.approx(0.04, rel=2e-3)
    other = annihilation_ceiling("10 GeV", "960 km/s", "0.7 cm2/g")
    assert (other / si.c).to_value("barn") == pytest.approx(0.04, rel=3e-3)


def test_units_and_systems():
    with pytest.raises(UnitError, match="cross_section_per_mass"):
        self_scattering_limit().check(cross_section_per_mass=1.0)
    with pytest.raises(InputError, match="velocity and source"):
        self_scattering_limit("groups")
