"""Are limits from the photons of the decay those of bins that may not be overfilled?"""

import numpy as np
import pytest
from astropy import units as u
from scipy.integrate import dblquad
from scipy.special import lambertw

from cosmology.errors import InputError
from cosmology.limits import PhotonLine, TwoPhotonSpectrum, cosmic_age, decay_photon_limit, photon_observation
from cosmology.limits.base import OutsideValidity
from cosmology.limits.decay_photons import COMPONENTS, _extragalactic

MODEL = {"parent_mass": 10 * u.GeV, "share": 0.5}
# Gamma t_0 for 10 GeV, half of the dark matter, phase space, Galactic part; splittings in MeV
TABLE = {
    0.1: (2.40e-3, 4.71e-5, None),
    1.0: (1.85e-4, 2.00e-5, 3.81e-5),
    3.0: (1.07e-3, 1.08e-5, 6.13e-6),
    7.2: (5.6e-3, 2.56e-5, 9.94e-7),
    10.0: (1.06e-2, 4.36e-5, 6.40e-7),
}


def exponent(instrument, photons, components=("galactic",)):
    bound = decay_photon_limit(instrument, components).bound(photons=photons, **MODEL)
    return (bound * cosmic_age()).to_value("")


@pytest.mark.parametrize("splitting", TABLE)
def test_table_of_limits(splitting):
    photons = TwoPhotonSpectrum(splitting * u.MeV)
    heao, integral, comptel = TABLE[splitting]
    # the table leaves out exp(-Gamma t_0), which is 1.1 % at the last HEAO entry, and has two or three digits
    linear = [x * np.exp(-x) for x in [exponent("HEAO-1", photons)]]
    assert linear == pytest.approx([heao], rel=1e-2)
    assert exponent("INTEGRAL", photons) == pytest.approx(integral, rel=4e-3)
    if comptel is not None:
        assert exponent("COMPTEL", photons) == pytest.approx(comptel, rel=4e-3)


def test_below_the_instrument_it_is_not_applicable():
    photons = TwoPhotonSpectrum("0.1 MeV")
    result = decay_photon_limit("COMPTEL").check(width="1e-18 1/s", photons=photons, **MODEL)
    assert result.status == "not applicable"
    assert "0.77 MeV" in result.reason


def test_one_bin_by_hand():
    # two-body line of 3 MeV in COMPTEL's fourth bin, 2.560 to 3.939 MeV: 1.93e-3 (3.14e-3) MeV/cm2/s/sr
    allowed = (1.93e-3 + 2 * 1.21e-3) * (1 / 2.560 - 1 / 3.939)
    column = photon_observation("COMPTEL").region.d_average.to_value("GeV/cm2")
    linear = allowed * 4 * np.pi * 10.0 / (0.5 * column)  # Gamma exp(-Gamma t_0) [1/s]
    found = decay_photon_limit("COMPTEL").bound(photons=PhotonLine("3 MeV", "10 GeV"), **MODEL)
    assert found.to_value("1/s") == pytest.approx(linear, rel=1e-5)  # exp(-Gamma t_0): 2e-6


def test_extragalactic_photons_against_the_integral_over_energy():
    # int dE int dz dN/dE'((1+z)E) / H(z), the other way to write it; no radiation there: 2e-4
    low, high, splitting = 2.206, 2.413, 10.0
    photons = TwoPhotonSpectrum(splitting * u.MeV)
    hubble_today = 67.4 / 3.0856775814913673e19
    rho = 0.1200 * 1.05367e-5
    other = dblquad(
        lambda z, e: photons.density(e * (1 + z)) / np.sqrt(0.315 * (1 + z) ** 3 + 0.685),
        low,
        high,
        0,
        lambda e: splitting / e - 1,
    )[0]
    column, _ = _extragalactic(photons, np.array([low]), np.array([high]))
    assert column.sum() == pytest.approx(other * rho * 2.99792458e10 / hubble_today, rel=1e-3)


def test_extragalactic_photons_matter_most_for_heao():
    gain = {
        (one, gap): exponent(one, TwoPhotonSpectrum(gap * u.MeV))
        / exponent(one, TwoPhotonSpectrum(gap * u.MeV), COMPONENTS)
        for one, gap in (("HEAO-1", 0.1), ("HEAO-1", 10.0), ("INTEGRAL", 1.0), ("INTEGRAL", 7.0), ("COMPTEL", 7.0))
    }
    # isotropic over Galactic: c rho t_0 (a few tenths) = 1e22 GeV/cm^2, as D; COMPTEL and INTEGRAL see the bulge
    assert 1.1 < gain["HEAO-1", 0.1] < 1.4
    assert 8.0 < gain["HEAO-1", 10.0] < 15.0
    for key in (("INTEGRAL", 1.0), ("INTEGRAL", 7.0), ("COMPTEL", 7.0)):
        assert 1.03 < gain[key] < 1.41


@pytest.mark.parametrize(
    ("instrument", "splitting", "gain"),
    [("HEAO-1", 0.1, 1.20), ("HEAO-1", 10.0, 11.1), ("INTEGRAL", 10.0, 1.58), ("COMPTEL", 7.0, 1.12)],
)
def test_gain_from_extragalactic_photons_by_a_plain_integral(instrument, splitting, gain):
    # bin by bin, in redshift, without the code's panels; the best bin may be another one
    spectrum = TwoPhotonSpectrum(splitting * u.MeV)
    observation = photon_observation(instrument)
    hubble = 67.4 / 3.0856775814913673e19 * np.sqrt(0.315)
    rho, light = 0.1200 * 1.05367e-5, 2.99792458e10
    column = observation.region.d_average.to_value("GeV/cm2")
    z = np.expm1(np.linspace(0, np.log(1e4), 20_001))
    steps = np.gradient(np.log1p(z))
    rate = hubble * np.sqrt((1 + z) ** 3 + 0.685 / 0.315 + 9.2e-5 / 0.315 * (1 + z) ** 4)
    best = [0.0, 0.0]
    for low, high, allowed in zip(observation.low, observation.high, observation.allowed, strict=True):
        near = column * spectrum.count(low, high)
        far = rho * light * np.sum(spectrum.count(low * (1 + z), high * (1 + z)) / rate * steps)
        best = [max(best[0], near / allowed), max(best[1], (near + far) / allowed)]
    assert best[1] / best[0] == pytest.approx(gain, rel=1e-2)  # three digits, and exp(-Gamma t_0)
    photons = TwoPhotonSpectrum(splitting * u.MeV)
    linear = [x * np.exp(-x) for x in (exponent(instrument, photons), exponent(instrument, photons, COMPONENTS))]
    # decays of earlier times are more by exp(Gamma (t_0 - t)), for HEAO at 10 MeV by up to 1e-3
    assert linear[0] / linear[1] == pytest.approx(best[1] / best[0], rel=5e-3)


def test_a_distant_line_is_a_power_of_the_age_when_matter_rules():
    # seen in [E_0/(1+z2), E_0/(1+z1)): c n int dz/((1+z) H), in closed form with H = H_0 sqrt(Omega_m) (1+z)^1.5
    line = PhotonLine("10 MeV", "1000 GeV")
    z1, z2 = 15.0, 20.0
    low, high = line.maximum / (1 + z2), line.maximum / (1 + z1)
    column, _ = _extragalactic(line, np.array([low]), np.array([high]))
    per_hubble = (2 / 3) * ((1 + z1) ** -1.5 - (1 + z2) ** -1.5) / np.sqrt(0.315)
    expected = 0.1200 * 1.05367e-5 * 2.99792458e10 * 3.0856775814913673e19 / 67.4 * per_hubble
    # radiation slows the clock by 0.3 % there, the cosmological constant by 0.03 %
    assert column.sum() == pytest.approx(expected, rel=5e-3)


def test_fast_decays_are_over():
    photons = TwoPhotonSpectrum("7.2 MeV")
    limit = decay_photon_limit("COMPTEL")
    low, high = ((edge * cosmic_age()).to_value("") for edge in limit.excluded_widths(photons=photons, **MODEL))
    # x exp(-x) is the same at both ends: the two branches of Lambert's function
    assert low == pytest.approx(-lambertw(-high * np.exp(-high), 0).real, rel=1e-8)
    point = {"photons": photons, **MODEL}
    assert limit.check(width=0.5 * low / cosmic_age(), **point).satisfied
    assert limit.check(width=2.0 * low / cosmic_age(), **point).excluded
    assert limit.check(width=0.9 * high / cosmic_age(), **point).excluded
    late = limit.check(width=1.1 * high / cosmic_age(), **point)
    assert late.satisfied
    assert "over too early" in late.reason


def test_more_powers_of_q2_keep_photons_in_the_middle():
    # at 7.2 MeV, where COMPTEL's strongest bin is about Delta m/2, p = 3 has more photons there than p = 1
    found = [exponent("COMPTEL", TwoPhotonSpectrum("7.2 MeV", p)) for p in (1, 2, 3)]
    assert found == sorted(found, reverse=True)
    # and far below Delta m fewer: HEAO at 10 MeV, photons ~ (E/Delta m)^(p+1)
    low = [exponent("HEAO-1", TwoPhotonSpectrum("10 MeV", p)) for p in (1, 3)]
    assert low[0] < low[1]


def test_another_halo_scales_the_galactic_part():
    photons = TwoPhotonSpectrum("3 MeV")
    limit = decay_photon_limit("COMPTEL")
    twice = limit.with_d_average(2 * limit.d_average)
    bounds = [one.bound(photons=photons, **MODEL).to_value("1/s") for one in (limit, twice)]
    assert bounds[0] / bounds[1] == pytest.approx(2.0, rel=1e-5)  # exp(-Gamma t_0): 6e-6


def test_gev_photons_meet_fermi_and_egret():
    # 300 MeV and 5 GeV lines: D ~ 1.5e22 GeV/cm2 gives Gamma ~ 4 pi m_B I dE/(f_B D)
    for instrument, gap in (("EGRET", 0.3), ("Fermi", 5.0)):
        photons = PhotonLine(gap * u.GeV, "100 GeV")
        observation = photon_observation(instrument)
        i = np.searchsorted(observation.high, photons.maximum, side="right")
        column = observation.region.d_average.to_value("GeV/cm2")
        expected = 4 * np.pi * 100 * observation.allowed[i] / (0.5 * column)
        found = decay_photon_limit(instrument).bound(photons=photons, parent_mass="100 GeV", share=0.5)
        assert found.to_value("1/s") == pytest.approx(expected, rel=1e-3)  # exp(-Gamma t_0)


def test_where_nothing_is_excluded_the_point_is_satisfied():
    # parents so heavy, hence few, that even all of them leave too few photons
    point = {"photons": TwoPhotonSpectrum("10 MeV"), "parent_mass": "1e6 GeV", "share": 0.5}
    limit = decay_photon_limit("HEAO-1")
    result = limit.check(width="1e-18 1/s", **point)
    assert result.satisfied
    assert result.bound is None
    with pytest.raises(OutsideValidity, match="no width is excluded"):
        limit.bound(**point)


def test_unknown_parts_are_refused():
    with pytest.raises(InputError, match="components"):
        decay_photon_limit("COMPTEL", ("halo",))
    with pytest.raises(InputError, match="share"):
        decay_photon_limit("COMPTEL").bound(photons=TwoPhotonSpectrum("3 MeV"), parent_mass="10 GeV", share=1.5)
