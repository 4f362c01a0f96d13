"""Is f_eff the energy-weighted mean of Slatyer's curves (arXiv:1506.03811)?"""

import numpy as np
import pytest
from scipy.integrate import quad

from cosmology.errors import InputError
from cosmology.limits import f_eff, f_eff_from_spectra
from cosmology.limits.base import OutsideValidity
from cosmology.limits.energy_deposition import flat_michel_spectrum, michel_spectrum
from cosmology.limits.tables import packaged_columns

MASSES = (1.0, 5.0, 10.0, 50.0)
# computed independently from the same figure, three digits
EXPECTED = {
    "ee": (0.410, 0.628, 0.619, 0.456),
    "mumu": (0.187, 0.186, 0.209, 0.181),
    "VV->4mu": (0.225, 0.175, 0.195, 0.194),
}


@pytest.mark.parametrize("channel", EXPECTED)
def test_values_by_channel(channel):
    found = [f_eff(channel, f"{mass} GeV") for mass in MASSES]
    # half a unit of the third digit, and the digits kept of the curves
    assert found == pytest.approx(EXPECTED[channel], abs=7e-4)


def test_electrons_beat_muons_by_less_than_three_at_ten_gev():
    # Hardy, Lasenby & Unwin (2014): channels differ by less than 3
    assert f_eff("ee", "10 GeV") / f_eff("mumu", "10 GeV") == pytest.approx(2.96, abs=0.01)  # rounding of the ratio


@pytest.mark.parametrize("spectrum", [michel_spectrum, flat_michel_spectrum])
def test_spectra_hold_one_electron(spectrum):
    assert quad(spectrum, 0, 1)[0] == pytest.approx(1.0, rel=1e-8)  # quadrature


def test_muons_give_seven_twentieths_to_electrons():
    assert quad(lambda x: x * michel_spectrum(x), 0, 1)[0] == pytest.approx(0.35, rel=1e-9)
    # evenly spread muon energies: the mean is half of it
    assert quad(lambda x: x * flat_michel_spectrum(x), 0, 1)[0] == pytest.approx(0.175, rel=1e-8)


def test_quadrature_against_another():
    energy, share = packaged_columns("deposition_electrons")
    mass = 10.0

    def integrand(log_x):
        x = np.exp(log_x)
        return x**2 * michel_spectrum(x) * np.interp(np.log(x * mass), np.log(energy), share)

    corners = np.log(energy[energy < mass] / mass)
    other = sum(quad(integrand, a, b)[0] for a, b in zip(corners, [*corners[1:], 0.0], strict=True))
    assert f_eff("mumu", "10 GeV") == pytest.approx(other, rel=1e-9)  # both quadratures


def test_own_spectra_reproduce_the_channel_and_photons_count_half_of_pairs():
    assert f_eff_from_spectra("10 GeV", positrons=michel_spectrum) == pytest.approx(f_eff("mumu", "10 GeV"), rel=1e-14)
    # two photons evenly spread in energy, and e+ e-, carry the same energy 2m in all
    flat = f_eff_from_spectra("0.1 GeV", photons=lambda x: np.full_like(x, 4.0))
    energy, share = packaged_columns("deposition_photons")
    x = (np.arange(200000) + 0.5) / 200000
    mean = np.mean(2.0 * x * np.interp(np.log(x * 0.1), np.log(energy), share))
    assert flat == pytest.approx(mean, rel=1e-5)  # midpoint rule


def test_lines_are_the_curves():
    energy, share = packaged_columns("deposition_photons")
    assert f_eff("gammagamma", f"{energy[7]} GeV") == pytest.approx(share[7], rel=1e-12)


def test_outside_the_curves_nothing_is_said():
    for channel, mass in (("ee", "6000 GeV"), ("mumu", "0.5 GeV"), ("VV->4mu", "6 TeV"), ("gammagamma", "1 keV")):
        with pytest.raises(OutsideValidity):
            f_eff(channel, mass)


def test_hadrons_are_refused():
    with pytest.raises(InputError, match="give f_eff itself"):
        f_eff("bb", "10 GeV")
