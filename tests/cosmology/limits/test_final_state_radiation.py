"""Does the limit without tables come out, about a hundred times above those of the dwarfs?"""

import numpy as np
import pytest
from astropy import units as u

from cosmology.limits import final_state_radiation_limit, lat_dwarfs
from cosmology.limits.final_state_radiation import radiated_photons


def test_limits_at_ten_gev():
    limit = final_state_radiation_limit()
    found = [limit.bound(mass="10 GeV", channel=one, pair_factor=0.5).to_value("cm3/s") for one in ("mumu", "ee")]
    # computed before with J to 0.1 % and alpha = 1/137; 1.5 % covers two printed digits
    assert found == pytest.approx([1.07e-23, 4.4e-24], rel=1.5e-2)
    dwarfs = lat_dwarfs("mumu").bound(mass="10 GeV", pair_factor=0.5).to_value("cm3/s")
    assert 50 < found[0] / dwarfs < 200


def test_photon_number_in_closed_form_at_small_x():
    # x << 1: (2 alpha/pi) (ln(4 m^2/m_l^2) - 1) ln(high/low), next order x
    m, lepton = 10.0, 0.1056583755
    found = radiated_photons("mumu", m * u.GeV, 0.1 * u.MeV, 1 * u.MeV)
    expected = 2 / (np.pi * 137.035999) * (np.log(4 * m**2 / lepton**2) - 1) * np.log(10.0)
    assert found == pytest.approx(expected, rel=2e-4)


def test_photon_number_with_the_whole_spectrum():
    # dN/dE = (alpha/pi m) (1 + (1 - x)^2)/x [ln(4 m^2 (1 - x)/m_l^2) - 1], by the midpoint rule in ln x
    m, lepton = 10.0, 0.1056583755
    for low, high in ((0.3, 2.0), (2.0, 9.0)):
        log_x = np.log(low / m) + (np.arange(200_000) + 0.5) / 200_000 * np.log(high / low)
        x = np.exp(log_x)
        per_log = (1 + (1 - x) ** 2) * (np.log(4 * m**2 * (1 - x) / lepton**2) - 1) / (137.035999 * np.pi)
        expected = np.mean(per_log) * np.log(high / low)
        assert radiated_photons("mumu", m * u.GeV, low * u.GeV, high * u.GeV) == pytest.approx(expected, rel=1e-6)


def test_no_negative_photons_at_the_end_of_the_spectrum():
    # beyond the zero of the bracket nothing is counted: 1e-5 below E = m
    assert radiated_photons("mumu", 10 * u.GeV, 9.9999 * u.GeV, 20 * u.GeV) == 0.0
    whole = radiated_photons("ee", 10 * u.GeV, 1 * u.GeV, 10 * u.GeV)
    pieces = [radiated_photons("ee", 10 * u.GeV, a * u.GeV, b * u.GeV) for a, b in ((1, 4), (4, 10))]
    assert sum(pieces) == pytest.approx(whole, rel=1e-8)


def test_heavy_leptons_are_not_applicable():
    point = {"sigma_v": "1e-20 cm3/s", "mass": "10 GeV", "pair_factor": 0.5}
    assert final_state_radiation_limit().check(channel="tautau", **point).status == "not applicable"
    assert final_state_radiation_limit().check(channel="mumu", **point).excluded
