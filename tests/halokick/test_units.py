"""Astropy's own conversions, and closed forms in other unit systems, are the judge of the units door."""

import astropy.units as u
import numpy as np
import pytest
from astropy import constants as const
from hypothesis import given
from hypothesis import strategies as st

from halokick import constants, units
from halokick.errors import HaloKickError, InputError, UnitError

# dimension, a text in units that are not the internal ones, its value in internal units
EXAMPLES = [
    ("length", "8200 pc", 8.2),
    ("speed", "54000 m/s", 54.0),
    ("mass", "1e12 Msun", 1e12),
    ("density", "6 Msun/pc3", 6e9),
    ("surface_density", "10 Msun/pc2", 1e7),
    ("time", "0.9777922216807892 Gyr", 1.0),
    ("rate", "1.0227121650456951 1/Gyr", 1.0),
    ("potential", "1e6 m2/s2", 1.0),
    ("angle", "180 deg", np.pi),
    ("solid_angle", "3 sr", 3.0),
    ("phase_space_density", "1 Msun kpc-3 km-3 s3", 1.0),
    ("energy", "1 TeV", 1000.0),
    ("dimensionless", "0.25", 0.25),
]


@pytest.mark.parametrize(("dimension", "text", "value"), EXAMPLES)
def test_does_text_reach_internal_units(dimension, text, value):
    # one rounding per factor of the unit
    assert units.to_internal(text, dimension) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(("dimension", "text", "value"), EXAMPLES)
def test_does_attach_undo_to_internal(dimension, text, value):
    back = units.attach(value, dimension)
    assert back.to_value(u.Quantity(text).unit) == pytest.approx(u.Quantity(text).value, rel=1e-14)


@given(st.floats(1e-200, 1e200), st.sampled_from([example[0] for example in EXAMPLES]))
def test_is_a_round_trip_exact_to_rounding(value, dimension):
    # a handful of roundings of 2.2e-16
    assert units.to_internal(units.attach(value, dimension), dimension) == pytest.approx(value, rel=1.6e-15)


@pytest.mark.parametrize("dimension", [name for name, *_ in EXAMPLES if name != "dimensionless"])
@pytest.mark.parametrize("bare", [3.0, 3, np.array([1.0, 2.0]), "3.0", [1.0, 2.0], 3 * u.dimensionless_unscaled])
def test_is_a_bare_number_refused(dimension, bare):
    with pytest.raises(UnitError, match="r_s"):
        units.to_internal(bare, dimension, "r_s")


@pytest.mark.parametrize("wrong", ["3 km/s", 3 * u.Msun, "3 GeV", "3 deg"])
def test_is_another_dimension_refused_with_what_it_should_have_been(wrong):
    with pytest.raises(UnitError, match=r"r_s = .*length.*'8\.2 kpc'"):
        units.to_internal(wrong, "length", "r_s")


@pytest.mark.parametrize("text", ["", "kpc kpc kpc2 x", "8.2 parrots", "eight kpc"])
def test_is_text_that_is_no_quantity_refused(text):
    with pytest.raises(UnitError, match="distance"):
        units.quantity(text, "length", "distance")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_are_values_without_meaning_refused(value):
    with pytest.raises(InputError, match="finite length"):
        units.to_internal([value, 1.0] * u.kpc, "length", "r")


def test_may_a_radius_to_infinity_pass_where_it_is_asked_for():
    assert units.to_internal(np.inf * u.kpc, "length", "r", finite=False) == np.inf
    with pytest.raises(InputError):
        units.to_internal(np.nan * u.kpc, "length", "r", finite=False)


def test_are_unit_errors_type_errors_and_ours():
    assert issubclass(UnitError, TypeError)
    assert issubclass(UnitError, HaloKickError)


def test_does_a_list_of_texts_become_an_array():
    speeds = units.to_internal(["25 km/s", "54000 m/s"], "speed", "kick_speed")
    assert speeds.tolist() == [25.0, 54.0]


def test_is_every_item_of_a_list_checked():
    with pytest.raises(UnitError, match="kick_speed"):
        units.to_internal(["25 km/s", 54], "speed", "kick_speed")


def test_is_the_local_density_in_energy_units_the_textbook_one():
    # 1 Msun/pc^3 = 37.96 GeV/cm^3 (c^2 understood), so 0.4 GeV/cm^3 is about 0.01054 Msun/pc^3.
    expected = (0.4 * u.GeV / u.cm**3 / const.c**2).to_value(u.Msun / u.kpc**3)
    assert units.to_internal("0.4 GeV/cm3", "density") == pytest.approx(expected, rel=1e-14)
    # four figures are quoted
    assert units.to_internal("37.96 GeV/cm3", "density") == pytest.approx(1e9, rel=1e-3)


def test_is_a_mass_taken_as_energy_too():
    assert units.to_internal((1 * u.Msun) * const.c**2, "mass") == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize(
    ("dimension", "internal", "shown"),
    [
        ("j_factor", u.Msun**2 / u.kpc**5 * const.c**4, u.GeV**2 / u.cm**5),
        ("d_factor", u.Msun / u.kpc**2 * const.c**2, u.GeV / u.cm**2),
        ("differential_j_factor", u.Msun**2 / u.kpc**5 * const.c**4 / u.sr, u.GeV**2 / u.cm**5 / u.sr),
        ("differential_d_factor", u.Msun / u.kpc**2 * const.c**2 / u.sr, u.GeV / u.cm**2 / u.sr),
    ],
)
def test_do_line_of_sight_integrals_leave_in_particle_units(dimension, internal, shown):
    attached = units.attach([1.0, 2.0], dimension)
    assert attached.unit == shown
    assert attached.value == pytest.approx([(1 * internal).to_value(shown), (2 * internal).to_value(shown)], rel=1e-14)


def test_is_the_dynamical_time_of_the_solar_circle_the_same_in_si():
    # 2 pi r/v through internal units and through SI.
    period = units.attach(
        2 * np.pi * units.to_internal("8.2 kpc", "length") / units.to_internal("232 km/s", "speed"), "time"
    )
    expected = 2 * np.pi * (8.2 * u.kpc).to(u.m) / (232e3 * u.m / u.s)
    assert period.to_value(u.s) == pytest.approx(expected.to_value(u.s), rel=1e-14)


def test_does_gravity_need_no_factor_between_internal_units():
    # The escape speed from the Sun's surface, 617.7 km/s, from G in internal units.
    radius = units.to_internal(const.R_sun, "length")
    speed = units.attach(np.sqrt(2 * constants.G / radius), "speed")
    # limited by astropy's solar mass, which rounds GM/G
    assert speed.to_value(u.m / u.s) == pytest.approx(
        np.sqrt(2 * const.GM_sun / const.R_sun).to_value(u.m / u.s), rel=1e-9
    )


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)])
def test_is_the_shape_kept(shape):
    stripped = units.to_internal(np.ones(shape) * u.pc, "length")
    assert np.shape(stripped) == shape
    assert isinstance(stripped, float) == (shape == ())
    assert units.attach(stripped, "length").shape == shape


def test_is_an_unknown_dimension_an_error_of_the_programmer():
    with pytest.raises(KeyError):
        units.quantity("1 kpc", "lenght")
