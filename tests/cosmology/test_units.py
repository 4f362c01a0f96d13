"""Do units come off exactly, go back on unchanged, and is everything else refused?"""

import subprocess
import sys

import numpy as np
import pytest
from astropy import constants as si
from astropy import units as u

from cosmology import MODELS, units
from cosmology.errors import CosmologyError, InputError, UnitError

HBAR = si.hbar.to_value("GeV s")
HBAR_C = (si.hbar * si.c).to_value("GeV cm")
EXACT = {
    "energy": (3 * u.TeV, 3000.0),
    "mass": (1 * u.g, (1 * u.g * si.c**2).to_value("GeV")),
    "temperature": (1 * u.K, si.k_B.to_value("GeV/K")),
    "time": (1 * u.s, 1 / HBAR),
    "width": (1 / u.s, HBAR),
    "rate": (1 / u.s, HBAR),
    "length": (1 * u.cm, 1 / HBAR_C),
    "cross_section": (1 * u.cm**2, HBAR_C**-2),
    "sigma_v": (1 * u.cm**3 / u.s, HBAR_C**-3 * HBAR),
    "cross_section_per_mass": (1 * u.cm**2 / u.g, HBAR_C**-2 / (u.g * si.c**2).to_value(u.GeV)),
    "number_density": (1 / u.cm**3, HBAR_C**3),
    "energy_density": (1 * u.GeV / u.cm**3, HBAR_C**3),
    "speed": (1 * u.km / u.s, (1 * u.km / u.s / si.c).to_value(u.one)),
    "dimensionless": (0.5 * u.one, 0.5),
}


def test_every_dimension_is_tried_here():
    assert set(EXACT) == set(units._DIMENSIONS)


@pytest.mark.parametrize("dimension", EXACT)
def test_natural_units_from_hbar_and_c(dimension):
    quantity, exact = EXACT[dimension]
    assert units.to_internal(quantity, dimension) == pytest.approx(exact, rel=1e-14)  # rounding


@pytest.mark.parametrize("dimension", EXACT)
def test_round_trip(dimension):
    quantity = EXACT[dimension][0]
    stripped = units.to_internal(quantity, dimension)
    back = units.attach([stripped, 2 * stripped], dimension)
    assert units.to_internal(back, dimension) == pytest.approx([stripped, 2 * stripped], rel=1e-14)
    shown, others = units._DIMENSIONS[dimension][1:3]
    for unit in (shown, *others):
        assert units._natural(unit)[1] == units.power(dimension)
    if units.power(dimension) != 0:
        gev = 7.0 * u.GeV ** units.power(dimension)
        assert units.to_internal(gev, dimension) == pytest.approx(7.0, rel=1e-14)


def test_known_conversions():
    # Particle Data Group's table: (hbar c)^2 = 0.389379 GeV^2 mbarn
    assert units.attach(1.0, "cross_section").to_value("mbarn") == pytest.approx(0.389379, abs=5e-7)
    assert units.attach(1.0, "sigma_v").to_value("cm3/s") == pytest.approx(1.16733e-17, rel=3e-6)
    assert units.attach(1.0, "time").to_value("s") == pytest.approx(6.582119569e-25, rel=1e-10)  # CODATA 2022
    assert units.to_internal("1 cm2/g", "cross_section_per_mass") == pytest.approx(4578, abs=1)  # four digits
    assert units.to_internal("11604.518 K", "temperature") == pytest.approx(1e-9, rel=1e-8)  # 1 eV
    tau = units.to_internal("13.8 Gyr", "time")
    assert units.attach(1 / tau, "rate").to_value("1/Gyr") == pytest.approx(1 / 13.8, rel=1e-14)


def test_mass_density_counts_as_energy():
    density = 1e-24 * u.g / u.cm**3
    assert units.attach(units.to_internal(density, "energy_density"), "energy_density").to_value(
        "GeV/cm3"
    ) == pytest.approx((density * si.c**2).to_value("GeV/cm3"), rel=1e-14)


@pytest.mark.parametrize("dimension", sorted(set(EXACT) - {"dimensionless"}))
def test_bare_numbers_are_refused_with_the_unit_they_should_have(dimension):
    example = units._DIMENSIONS[dimension][3]
    for bare in (3.0, np.array([1.0, 2.0]), [1.0], "3"):
        with pytest.raises(UnitError, match=r"it is a|should be a") as refusal:
            units.to_internal(bare, dimension, "width_of_x")
        assert example in str(refusal.value)
        assert "width_of_x" in str(refusal.value)
    units.to_internal(example, dimension)  # the advice itself is accepted


def test_other_dimensions_are_refused():
    for value, dimension in [
        ("3 s", "energy"),
        ("3 kg", "energy"),
        ("3 K", "mass"),
        ("1 cm2", "sigma_v"),
        ("1 m", "time"),
    ]:
        with pytest.raises(UnitError, match="should be a"):
            units.to_internal(value, dimension)
    with pytest.raises(UnitError, match="not a quantity"):
        units.to_internal("ten GeV", "energy")
    with pytest.raises(UnitError):
        units.to_internal("1 GeV", "dimensionless")


def test_not_finite_is_refused_unless_allowed():
    with pytest.raises(InputError, match="not a finite"):
        units.to_internal(np.inf * u.s, "time")
    assert units.to_internal(np.inf * u.s, "time", finite=False) == np.inf
    with pytest.raises(InputError):
        units.to_internal(np.nan * u.s, "time", finite=False)


def test_text_lists_and_shapes():
    assert units.to_internal(["1 GeV", "1 TeV"], "mass") == pytest.approx([1, 1000])
    assert isinstance(units.to_internal("1 GeV", "mass"), float)
    assert units.to_internal(np.ones((2, 3)) * u.MeV, "energy").shape == (2, 3)
    assert units.to_internal(0.5, "dimensionless") == 0.5


def test_errors_share_a_base_and_the_table_of_models_is_a_dict():
    assert issubclass(UnitError, CosmologyError)
    assert issubclass(InputError, CosmologyError)
    assert isinstance(MODELS, dict)


def test_cosmology_does_not_import_halokick():
    code = "import sys, cosmology; sys.exit(any(name.split('.')[0] == 'halokick' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_grams_kiloparsecs_and_photons_in_powers_of_gev():
    assert units.to_internal(1.78266e-24 * u.g, "mass") == pytest.approx(1, rel=2e-6)  # six digits
    one = units.attach(1.0, "length").to_value("kpc")
    assert units.to_internal("3.08568e21 cm", "length") * one == pytest.approx(1, rel=2e-6)
    # 400 photons per cm^3 are (1.45e-10 MeV)^3; Hardy, Lasenby & Unwin (2014) round to 1e-10 MeV, which is 130
    densities = units.attach([1.45e-13**3, 1e-13**3], "number_density").to_value("cm-3")
    assert densities == pytest.approx([400, 130], rel=1e-2)  # three digits, cubed
