"""Splittings: the composite estimate, Hardy, Lasenby & Unwin (2014), Eq. (4.4), and what is refused."""

import numpy as np
import pytest

from cosmology import units
from cosmology.errors import InputError, UnitError
from cosmology.mass_splitting import composite_coupling, composite_splitting, mass_splitting, parent_mass_of


@pytest.mark.parametrize(("coupling", "splitting"), [(1.0, 31.7e-3), (0.3, 2.85e-3)])
def test_equation_4_4(coupling, splitting):
    # g^2 5 GeV / 16 pi^2, by hand to three digits
    assert composite_splitting(coupling, "5 GeV").to_value("GeV") == pytest.approx(splitting, rel=2e-3)


def test_composite_splitting_and_coupling_are_inverse():
    g = np.array([0.01, 0.3, 2.0])
    assert composite_coupling(composite_splitting(g, "5 GeV"), "5 GeV") == pytest.approx(g, rel=1e-13)  # rounding


def test_splitting_of_two_masses_and_back():
    parent = parent_mass_of("10 GeV", "7.2 MeV")
    # rounding of the difference of numbers 1400 times larger
    assert mass_splitting(parent, "10 GeV").to_value("MeV") == pytest.approx(7.2, rel=1e-12)


@pytest.mark.parametrize("daughter", ["10 GeV", "11 GeV"])
def test_a_daughter_as_heavy_as_its_parent_is_refused(daughter):
    with pytest.raises(InputError, match=r"heavier than its daughter"):
        mass_splitting("10 GeV", daughter)


def test_strong_couplings_and_bare_numbers_are_refused():
    with pytest.raises(InputError, match=r"sqrt\(4 pi\)"):
        composite_splitting(3.6, "5 GeV")
    with pytest.raises(InputError, match="coupling for a splitting"):
        composite_coupling("1 GeV", "5 GeV")
    with pytest.raises(InputError, match="positive"):
        composite_splitting(1.0, "0 GeV")
    with pytest.raises(UnitError):
        composite_splitting(1.0, 5.0)


def test_units_do_not_matter():
    one, other = composite_splitting(1.0, "5 GeV"), composite_splitting(1.0, "5e9 eV")
    assert units.to_internal(one, "energy") == pytest.approx(units.to_internal(other, "energy"), rel=1e-14)
