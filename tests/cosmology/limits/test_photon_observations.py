"""Are regions, columns and intensities those of the analyses?"""

from functools import cache

import numpy as np
import pytest
from scipy.integrate import quad

from cosmology.errors import InputError
from cosmology.limits import photon_observation, sky_region
from cosmology.limits.photon_observations import heao_intensity

# solid angle [sr], int D dOmega and int J dOmega in R0 rho0 and R0 rho0^2, D average [GeV/cm^2]
REGIONS = {
    "HEAO-1": (2.343, 3.86, 2.16, 1.297e22),
    "INTEGRAL": (0.5421, 3.64, 18.45, 5.290e22),
    "COMPTEL": (1.4327, 6.81, 23.08, 3.738e22),
    "EGRET": (6.585, 12.93, 10.9, 1.545e22),
    "Fermi": (10.82, 21.85, 22.0, 1.589e22),
}
R0, R_S, RHO0, CM_PER_KPC, R_MAX = 8.5, 20.0, 0.3, 3.0856775814913673e21, 200.0


def column(psi, power):
    """int (rho/rho0)^power ds / R0 at an angle from the centre: s = R0 cos psi + d sinh w, which flattens the cusp."""
    d = R0 * np.sin(psi)
    start, end = np.arcsinh(-1.0 / np.tan(psi)), np.arcsinh(np.sqrt(R_MAX**2 - d**2) / d)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    norm, total = (R0 / R_S) * (1 + R0 / R_S) ** 2, 0.0
    for a, b in zip(np.linspace(start, end, 9)[:-1], np.linspace(start, end, 9)[1:], strict=True):
        w = a + 0.5 * (b - a) * (1 + nodes)
        x = d * np.cosh(w) / R_S
        total += 0.5 * (b - a) * np.sum(weights * (norm / (x * (1 + x) ** 2)) ** power * d * np.cosh(w))
    return total / R0


@cache
def columns(power):
    psi = np.geomspace(1e-7, np.pi * (1 - 1e-9), 1200)
    return psi, np.log([column(one, power) for one in psi])


def integrate(region, power):
    """int column dOmega: Gauss-Legendre in l and sin b, cells cut at the axes and finer towards the centre."""
    psi, table = columns(power)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    cuts = np.array([0.0, 1e-4, 1e-3, 1e-2, 0.05, 0.2, 0.6, 1.2, 2.0, np.pi, 4.5, 2 * np.pi])
    cuts = np.concatenate([-cuts[::-1], cuts])

    def grid(low, high):
        edges = np.unique(np.concatenate([[low, high], cuts[(cuts > low) & (cuts < high)]]))
        half = 0.5 * np.diff(edges)[:, None]
        return (edges[:-1, None] + half * (1 + nodes)).ravel(), (half * weights).ravel()

    total = 0.0
    for low, high in region.longitudes:
        l, weight_l = grid(np.radians(low), np.radians(high))
        for south, north in region.latitudes:
            s, weight_s = grid(np.sin(np.radians(south)), np.sin(np.radians(north)))
            c = np.sqrt(1 - s**2)  # cos b
            across = np.arctan2(np.hypot(c * np.sin(l[:, None]), s), c * np.cos(l[:, None]))
            total += weight_l @ np.exp(np.interp(np.log(across), np.log(psi), table)) @ weight_s
    return total


@pytest.mark.parametrize("name", REGIONS)
def test_columns_by_quadrature(name):
    region = sky_region(name)
    solid_angle, d_integral, j_integral, d_average = REGIONS[name]
    sr = region.solid_angle.to_value("sr")
    assert sr == pytest.approx(solid_angle, rel=3e-4)  # printed digits
    found_d, found_j = integrate(region, 1), integrate(region, 2)
    assert [found_d, found_j] == pytest.approx([d_integral, j_integral], rel=4e-3)  # printed digits, and their cut
    length = R0 * RHO0 * CM_PER_KPC
    # the packaged averages have four digits
    assert region.d_average.to_value("GeV/cm2") == pytest.approx(found_d / sr * length, rel=1e-3)
    assert region.j_average.to_value("GeV2/cm5") == pytest.approx(found_j / sr * length * RHO0, rel=1e-3)
    assert region.d_average.to_value("GeV/cm2") == pytest.approx(d_average, rel=1e-3)


def test_heao_branches_meet_and_fall_as_fitted():
    # Gruber et al. (1999): continuous at 60 keV to the digits of the fit
    assert heao_intensity(60 * (1 - 1e-9)) == pytest.approx(heao_intensity(60.0), rel=2e-3)
    ratio = heao_intensity(20.0) / heao_intensity(40.0)
    assert ratio == pytest.approx(2**0.29 * np.exp(20 / 41.13), rel=1e-12)


def test_heao_bins_hold_the_photons_of_the_curve():
    observation = photon_observation("HEAO-1")
    whole = sum(quad(lambda kev: heao_intensity(kev) / kev, *ends)[0] for ends in ((3, 60), (60, 500)))
    assert sum(observation.observed) == pytest.approx(whole, rel=1e-8)
    assert (observation.low[0], observation.high[-1]) == pytest.approx((3e-3, 0.5), rel=1e-12)


def test_first_and_last_bins_of_the_tables():
    # E^2 dPhi/dE = 3.04e-3 (5.60e-3 at its upper end) MeV/cm2/s/sr from 0.770 to 1.150 MeV, COMPTEL, in arXiv:1309.4091
    comptel = photon_observation("COMPTEL")
    width = 1 / 0.770 - 1 / 1.150
    assert comptel.allowed[0] == pytest.approx((3.04e-3 + 2 * 2.56e-3) * width, rel=1e-12)
    assert (len(comptel.low), comptel.high[-1]) == (9, 27.6)
    integral = photon_observation("INTEGRAL")
    assert (len(integral.low), integral.low[0], integral.high[-1]) == (19, 0.0203, 2.413)
    fermi = photon_observation("Fermi")
    assert (len(fermi.low), fermi.low[0], fermi.high[-1]) == (14, 153.0, 94970.0)


# first energy, then upper end of the bin, E^2 dPhi/dE dOmega and its upper one-sigma end in 1e-3 MeV/cm2/s/sr
SPECTRA = {
    "COMPTEL": (
        0.770,
        "1.150 3.04 5.60  1.704 3.01 4.58  2.560 4.13 5.70  3.939 1.93 3.14  5.625 1.22 1.98  8.395 1.08 1.80 "
        "11.2 1.43 1.80  15.7 1.58 2.03  27.6 .962 1.52",
    ),
    "INTEGRAL": (
        0.0203,
        ".02715 6.96 7.32  .0367 4.71 4.90  .0493 3.56 3.72  .0667 1.13 1.65  .0901 2.54 2.88  .1212 1.90 2.32 "
        ".1646 3.03 3.66  .2213 3.27 4.31  .2992 5.16 6.08  .4043 8.20 9.72  .5183 15.8 18.7  .7347 5.41 8.83 "
        ".993 5.11 7.29  1.182 11.8 15.3  1.407 5.56 9.35  1.606 14.2 18.0  1.823 9.62 14.4  2.206 10.7 14.6 "
        "2.413 9.89 16.9",
    ),
    "Fermi": (
        153.0,
        "277 4.02 4.25  437 4.06 4.28  689 3.46 3.62  1085 3.30 3.51  1710 2.94 3.19  2703 2.42 2.70  4245 1.87 2.15 "
        "6643 1.43 1.67  10540 .968 1.16  16660 .799 .954  26160 .668 .797  41500 .560 .672  65610 .435 .521 "
        "94970 .356 .427",
    ),
}


@pytest.mark.parametrize("name", SPECTRA)
def test_every_bin_of_the_published_spectra(name):
    # Essig et al. (arXiv:1309.4091), Bouchet et al. (arXiv:1107.0200): photons of a flat E^2 dPhi/dE over the bin
    first, text = SPECTRA[name]
    high, intensity, upper = np.array(text.split(), dtype=float).reshape(-1, 3).T
    low = np.append(first, high[:-1])
    observation = photon_observation(name)
    width = 1 / low - 1 / high
    assert (observation.low, observation.high) == (tuple(low), tuple(high))
    assert observation.observed == pytest.approx(1e-3 * intensity * width, rel=1e-12)
    assert observation.allowed == pytest.approx(1e-3 * (intensity + 2 * (upper - intensity)) * width, rel=1e-12)


def test_heao_fit_in_its_constants():
    # Gruber et al. (1999): keV/cm2/s/sr/keV
    assert heao_intensity(10.0) == pytest.approx(7.877 * 10**-0.29 * np.exp(-10 / 41.13), rel=1e-12)
    above = 0.0259 * 2**-5.5 + 0.504 * 2**-1.58 + 0.0288 * 2**-1.05
    assert heao_intensity(120.0) == pytest.approx(above, rel=1e-12)
    observation = photon_observation("HEAO-1")
    # 10 per cent upper error: observed plus two of them
    assert np.array(observation.allowed) / observation.observed == pytest.approx(1.2, rel=1e-12)


@pytest.mark.parametrize("name", REGIONS)
def test_bins_follow_each_other(name):
    observation = photon_observation(name)
    assert observation.low[1:] == observation.high[:-1]
    assert np.all(observation.allowed > np.array(observation.observed))


def test_unknown_instruments_are_refused():
    with pytest.raises(InputError, match="COMPTEL"):
        sky_region("XMM")
