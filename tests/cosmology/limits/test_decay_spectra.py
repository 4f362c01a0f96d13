"""Do spectra hold two photons and all the energy?"""

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
    with pytest.raises(InputError, match="parent"):
        PhotonLine("11 GeV", "10 GeV")
