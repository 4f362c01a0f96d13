"""Do spectra hold two photons and all the energy?"""

from itertools import pairwise

import numpy as np
import pytest
from astropy import units as u
from scipy.integrate import quad

from cosmology.errors import InputError, UnitError
from cosmology.limits import PhotonLine, TwoPhotonSpectrum


@pytest.mark.parametrize("power", [1, 2, 3])
def test_two_photons_share_the_splitting(power):
    spectrum = TwoPhotonSpectrum("7.2 MeV", power)
    assert quad(spectrum.density, 0, 7.2)[0] == pytest.approx(2.0, rel=1e-10)  # quadrature of a polynomial
    assert quad(lambda e: e * spectrum.density(e), 0, 7.2)[0] == pytest.approx(7.2, rel=1e-10)
    assert spectrum.count(1.0, 3.0) == pytest.approx(quad(spectrum.density, 1, 3)[0], rel=1e-10)
    assert spectrum.count(0.0, 100.0) == pytest.approx(2.0, rel=1e-14)


def test_phase_space_sampled_by_hand():
    # two photons beside a heavy particle, which takes any momentum: d^3k1/E1 d^3k2/E2, of which E1 + E2 near Delta m
    rng = np.random.default_rng(1)
    first, second = np.linalg.norm(rng.uniform(-1, 1, size=(2, 2_000_000, 3)), axis=-1)
    kept = np.abs(first + second - 1.0) < 0.05
    share_of_first, weight = (first / (first + second))[kept], 1.0 / (first * second)[kept]
    found = weight[np.abs(share_of_first - 0.5) > 0.2].sum() / weight.sum() / 2
    # five sigma of 1.4e4 points, by their weights: 5 sqrt(0.43 * 0.57 / 1.4e4) / 2
    assert TwoPhotonSpectrum(1 * u.MeV).count(0, 0.3) / 2 == pytest.approx(found, abs=1.1e-2)


@pytest.mark.parametrize(("daughter", "splitting"), [(10.0, 0.1), (1.0, 1.0), (1.0, 3.0), (0.01, 3.0)])
@pytest.mark.parametrize("power", [1, 2, 3])
def test_daughters_that_recoil_by_the_dalitz_plot(daughter, splitting, power):
    # at a photon energy E the other has energies up to that of a boundary, and dN is (q^2)^(p-1) dE dE'
    parent = daughter + splitting
    spectrum = TwoPhotonSpectrum(splitting * u.GeV, power, parent * u.GeV)
    top = (parent**2 - daughter**2) / (2 * parent)
    assert spectrum.maximum == pytest.approx(top * 1e3, rel=1e-12)

    def at(energy):
        other = parent * (top - energy) / (parent - 2 * energy)
        return (daughter**2 - parent**2 + 2 * parent * (energy + other)) ** power

    edges = top * np.array([0, 0.1, 0.3, 0.6, 0.9, 0.99, 0.999, 1])
    parts = np.array([quad(at, a, b, epsabs=0, epsrel=1e-10)[0] for a, b in pairwise(edges)])
    found = spectrum.count(edges[:-1] * 1e3, edges[1:] * 1e3)
    assert found == pytest.approx(2 * parts / parts.sum(), rel=1e-8, abs=1e-12)
    assert quad(spectrum.density, 0, spectrum.maximum, limit=200)[0] == pytest.approx(2, rel=1e-6)
    rest = TwoPhotonSpectrum("1 MeV", power), TwoPhotonSpectrum("1 MeV", power, "1e5 GeV")
    assert rest[1].count(0.2, 0.3) == pytest.approx(rest[0].count(0.2, 0.3), rel=1e-7)  # splitting over mass, 1e-8


def test_line_energy_by_momentum_conservation():
    parent, gap = 10.0, 1.0
    daughter = parent - gap
    line = PhotonLine(gap * u.GeV, parent * u.GeV)
    assert line.maximum == pytest.approx((parent**2 - daughter**2) / (2 * parent) * 1e3, rel=1e-14)
    assert line.count(900.0, 1000.0) == 1.0
    assert line.count(950.0, 1000.0) == 1.0  # a line at an edge is counted once
    assert line.count(900.0, 950.0) == 0.0


def test_wrong_arguments_are_refused():
    with pytest.raises(UnitError, match="splitting"):
        TwoPhotonSpectrum(7.2)
    with pytest.raises(InputError, match="power"):
        TwoPhotonSpectrum("7.2 MeV", 4)
    with pytest.raises(InputError, match="not below the parent mass"):
        TwoPhotonSpectrum("11 GeV", 1, "10 GeV")
    with pytest.raises(InputError, match="parent"):
        PhotonLine("11 GeV", "10 GeV")
