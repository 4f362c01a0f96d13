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


@pytest.mark.parametrize("name", REGIONS)
def test_bins_follow_each_other(name):
    observation = photon_observation(name)
    assert observation.low[1:] == observation.high[:-1]
    assert np.all(observation.allowed > np.array(observation.observed))


def test_unknown_instruments_are_refused():
    with pytest.raises(InputError, match="COMPTEL"):
        sky_region("XMM")
