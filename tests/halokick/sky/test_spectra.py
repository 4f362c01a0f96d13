"""Spectra in closed form against their integrals by other means, and their refusals."""

import astropy.units as u
import numpy as np
import pytest
from scipy.special import erfc

from halokick.errors import InputError, UnitError
from halokick.sky.spectra import BoxSpectrum, LineSpectrum, MixedSpectrum, PowerLawSpectrum

GEV = u.GeV
M = 50 * GEV


def incomplete_gamma_minus_half(z):
    """Gamma(-1/2, z) by its recursion from Gamma(1/2, z)."""
    return 2 * (np.exp(-z) / np.sqrt(z) - np.sqrt(np.pi) * erfc(np.sqrt(z)))


def test_power_with_exponential_is_an_incomplete_gamma_function():
    found = PowerLawSpectrum(1.5, 8.0).photons([0.05, 1.0, 20.0] * GEV, M, mass=M)
    low = np.array([0.001, 0.02, 0.4])
    exact = np.sqrt(8) * (incomplete_gamma_minus_half(8 * low) - incomplete_gamma_minus_half(8.0))
    assert found == pytest.approx(exact, rel=1e-12)


def test_pure_power_is_exact():
    spectrum = PowerLawSpectrum(1.5, 0.0, 0.5)
    assert spectrum.energy(0.5 * GEV, 32 * GEV, mass=M).value == pytest.approx(50 * (0.8 - 0.1), rel=1e-13)
    assert spectrum.differential(12.5 * GEV, mass=M).value == pytest.approx(0.5 * 8 / 50, rel=1e-14)


def test_nothing_has_more_energy_than_the_mass():
    assert PowerLawSpectrum().differential([49.9, 50.1] * GEV, mass=M)[1] == 0
    assert PowerLawSpectrum().photons(60 * GEV, 70 * GEV, mass=M) == 0
    assert BoxSpectrum().photons(1e-9 * GEV, 500 * GEV, mass=M) == pytest.approx(4, rel=1e-9)


def test_box_is_flat_and_counts_itself():
    box = BoxSpectrum(0.2, 0.8, 4.0)
    assert box.differential([5, 25, 45] * GEV, mass=M).value == pytest.approx([0, 4 / 0.6 / 50, 0], rel=1e-14)
    assert box.photons(20 * GEV, 30 * GEV, mass=M) == pytest.approx(4 * 0.2 / 0.6, rel=1e-13)
    assert box.energy(1 * GEV, M, mass=M).to_value(GEV) == pytest.approx(100, rel=1e-13)


def test_line_is_counted_once_by_bins_that_meet_there():
    line = LineSpectrum(2.0, 0.5)
    edges = np.array([10.0, 25.0, 40.0]) * GEV
    assert line.photons(edges[:-1], edges[1:], mass=M) == pytest.approx([2, 0], abs=0)
    assert line.energy(edges[0], edges[1], mass=M).to_value(GEV) == 50
    assert LineSpectrum().photons(1 * GEV, M, mass=M) == 2
    with pytest.raises(InputError, match="no dN/dE"):
        line.differential(25 * GEV, mass=M)


def test_mixture_is_the_weighted_sum():
    mixed = MixedSpectrum([(0.25, PowerLawSpectrum()), (0.5, LineSpectrum()), (0.25, BoxSpectrum())])
    one = PowerLawSpectrum().photons(1 * GEV, M, mass=M)
    assert mixed.photons(1 * GEV, M, mass=M) == pytest.approx(0.25 * one + 1 + 0.25 * 4 * 0.98, rel=1e-13)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: PowerLawSpectrum(1.5, 0.0, 2.0), "carries 4 m"),
        (lambda: PowerLawSpectrum(1.5, -1.0), "cut zero or more"),
        (lambda: BoxSpectrum(0.5, 0.2), "0 <= low < high"),
        (lambda: BoxSpectrum(0.5, 1.0, 4.0), "more energy"),
        (lambda: LineSpectrum(2.0, 1.5), "place"),
        (lambda: LineSpectrum(3.0, 1.0), "more energy"),
        (lambda: MixedSpectrum([(0.9, BoxSpectrum()), (0.2, BoxSpectrum())]), "sum to 1"),
        (lambda: MixedSpectrum([]), "positive"),
        (lambda: BoxSpectrum().photons(2 * GEV, 1 * GEV, mass=M), "rising order"),
        (lambda: BoxSpectrum().photons(0 * GEV, 1 * GEV, mass=M), "above zero"),
        (lambda: BoxSpectrum().photons(1 * GEV, 2 * GEV, mass=[1, 2] * GEV), "one mass"),
    ],
)
def test_nonsense_is_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()


def test_bare_numbers_are_refused():
    with pytest.raises(UnitError, match="no unit"):
        BoxSpectrum().photons(1.0, 2 * GEV, mass=M)


def test_a_line_is_not_lost_between_units():
    """2.007 TeV is 2007 GeV but for rounding, and one of two bins that meet there has the line."""
    line = LineSpectrum()
    for gev in range(1001, 2100, 2):
        energy, mass = f"{gev / 1000} TeV", f"{gev} GeV"
        for edge, at in ((energy, mass), (mass, energy)):
            assert line.photons("1 GeV", edge, mass=at) == 2
            assert line.photons(edge, "10 TeV", mass=at) == 0
            assert BoxSpectrum(number=2).differential(edge, mass=at).value == pytest.approx(2 / gev, rel=1e-12)
