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


# every second point of the figure, three digits of the energy
ELECTRONS = (
    (1e-5, 0.305), (7.26e-5, 0.275), (6.2e-4, 0.154), (1.06e-3, 0.184), (3.07e-3, 0.636), (9.02e-3, 0.935),
    (2.64e-2, 0.993), (0.077, 0.925), (0.130, 0.827), (0.224, 0.705), (0.384, 0.560), (0.658, 0.435), (1.114, 0.403),
    (1.898, 0.484), (3.255, 0.581), (5.582, 0.640), (9.453, 0.626), (16.2, 0.557), (27.8, 0.489), (47.7, 0.457),
    (80.7, 0.441), (138, 0.409), (5849, 0.412),
)  # fmt: skip
PHOTONS = (
    (1e-5, 0.75), (7.33e-5, 0.679), (6.15e-4, 0.216), (1.05e-3, 0.144), (3.08e-3, 0.317), (9.05e-3, 0.611),
    (2.69e-2, 0.719), (0.0772, 0.721), (0.133, 0.687), (0.229, 0.629), (0.385, 0.547), (0.662, 0.451), (1.116, 0.363),
    (1.94, 0.328), (3.27, 0.344), (5.58, 0.393), (9.71, 0.428), (28.2, 0.394), (47.5, 0.337), (81.8, 0.396),
    (141, 0.434), (5933, 0.412),
)  # fmt: skip


@pytest.mark.parametrize(("table", "rows"), [("deposition_electrons", ELECTRONS), ("deposition_photons", PHOTONS)])
def test_curves_of_the_figure(table, rows):
    energy, share = packaged_columns(table)
    found = np.interp(np.log([one[0] for one in rows]), np.log(energy), share)
    # third digit, and what rounding the energy to three digits moves where the curve is steep
    assert found == pytest.approx([one[1] for one in rows], abs=1.2e-3)


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
