"""Fluxes against a printed closed form, and the ways of counting pairs against each other."""

import astropy.units as u
import numpy as np
import pytest
from scipy.special import erfc

from halokick.errors import InputError, UnitError
from halokick.sky.flux import (
    DistinctSpecies,
    SelfConjugate,
    SharesOfDarkMatter,
    differential_flux,
    energy_flux,
    photon_flux,
)
from halokick.sky.spectra import LineSpectrum, PowerLawSpectrum

GEV = u.GeV
POINT = {
    "sigma_v": 3e-26 * u.cm**3 / u.s,
    "mass": 50 * GEV,
    "j_factor": 10**18.87936 * u.GeV**2 / u.cm**5,
    "spectrum": PowerLawSpectrum(1.5, 8.0),
    "pairs": DistinctSpecies(),
}


def test_flux_of_a_power_with_exponential():
    # Gamma(-1/2, z) in closed form
    gamma = [2 * (np.exp(-z) / np.sqrt(z) - np.sqrt(np.pi) * erfc(np.sqrt(z))) for z in (0.16, 8.0)]
    exact = 3e-26 * 10**18.87936 / (4 * np.pi * 2500) * np.sqrt(8) * (gamma[0] - gamma[1])
    found = photon_flux(1 * GEV, 50 * GEV, **POINT)
    assert found.unit == u.Unit("cm-2 s-1")
    assert found.value == pytest.approx(exact, rel=1e-12)
    assert found.value == pytest.approx(4.5713e-11, rel=1.1e-5)  # the digits of a known value


def test_integrated_fluxes_are_integrals_of_the_differential_one():
    z, w = np.polynomial.legendre.leggauss(60)
    half = 0.5 * np.log(50)
    energy = np.exp(half * (1 + z))
    each = half * w * energy * differential_flux(energy * GEV, **POINT).to_value("GeV-1 cm-2 s-1")
    assert photon_flux(1 * GEV, 50 * GEV, **POINT).value == pytest.approx(np.sum(each), rel=1e-12)
    found = energy_flux(1 * GEV, 50 * GEV, **POINT).to_value("GeV cm-2 s-1")
    assert found == pytest.approx(np.sum(each * energy), rel=1e-12)


def test_flux_of_a_line_is_its_photons():
    point = POINT | {"spectrum": LineSpectrum(2.0)}
    exact = 2 * 3e-26 * 10**18.87936 / (4 * np.pi * 2500)
    assert photon_flux(49 * GEV, 50 * GEV, **point).value == pytest.approx(exact, rel=1e-14)


def test_ways_of_counting_pairs_agree_on_one_gas():
    # particles and antiparticles in equal number: J of the pair is a quarter of that of all
    def flux(pairs, share):
        return photon_flux(1 * GEV, 50 * GEV, **(POINT | {"pairs": pairs, "j_factor": share * POINT["j_factor"]})).value

    assert flux(SharesOfDarkMatter(), 1.0) == pytest.approx(flux(DistinctSpecies(), 0.25), rel=1e-14)
    # P against self-conjugate dark matter
    for shares in (SharesOfDarkMatter(), SharesOfDarkMatter(0.7, 0.2)):
        assert flux(shares, 1.0) / flux(SelfConjugate(), 1.0) == pytest.approx(shares.pair_factor, rel=1e-14)
    assert SharesOfDarkMatter().pair_factor == 0.5


def test_quantities_of_any_unit_go_in():
    other = POINT | {"sigma_v": "3e-32 m3/s", "mass": "0.05 TeV", "j_factor": POINT["j_factor"].to("TeV2 m-5")}
    found = differential_flux(1e4 * u.MeV, **other).value
    assert found == pytest.approx(differential_flux(10 * GEV, **POINT).value, rel=1e-13)


def test_shapes_broadcast():
    j = np.array([[1.0], [2.0]]) * POINT["j_factor"]
    assert differential_flux([1, 2, 3] * GEV, **(POINT | {"j_factor": j})).shape == (2, 3)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"sigma_v": 3e-26}, UnitError, "no unit"),
        ({"sigma_v": 3e-26 * u.cm**2}, UnitError, "cross-section times speed"),
        ({"sigma_v": "much"}, UnitError, "is not a quantity"),
        ({"sigma_v": -1 * u.cm**3 / u.s}, InputError, "below 0"),
        ({"j_factor": np.inf * u.GeV**2 / u.cm**5}, InputError, "not a finite J-factor"),
        ({"mass": 0 * GEV}, InputError, "above zero"),
        ({"pairs": "distinct"}, InputError, "SelfConjugate"),
        ({"spectrum": 3.0}, InputError, "not a Spectrum"),
    ],
)
def test_nonsense_is_refused(changes, error, words):
    with pytest.raises(error, match=words):
        photon_flux(1 * GEV, 2 * GEV, **(POINT | changes))


def test_shares_that_exceed_the_dark_matter_are_refused():
    with pytest.raises(InputError, match="at most 1"):
        SharesOfDarkMatter(0.7, 0.7)
