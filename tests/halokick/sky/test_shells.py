"""Sums over shells against the line-of-sight integrals of the same product of densities."""

import astropy.units as u
import numpy as np
import pytest

from halokick.errors import InputError
from halokick.halo.profiles import GeneralisedNFWProfile, NFWProfile
from halokick.sky.jfactor import differential_j_factor, j_factor
from halokick.sky.shells import shells

RHO = u.Msun / u.kpc**3
NFW = NFWProfile(r_s=1 * u.kpc, rho_s=1e8 * RHO)
STEEP = GeneralisedNFWProfile(gamma=1.3, r_s=1 * u.kpc, rho_s=1e8 * RHO)


def total(profile, shape, d, degrees, r_max, *, power=4.0, edge=1.0):
    log_r, weight = shells(
        shape, d, np.radians(degrees), r_max, nodes=24, inner_nodes=24, inner_power=power, inner_edge=edge
    )
    return weight @ profile.density(np.exp(log_r) * u.kpc).value ** 2 * (RHO**2 * u.kpc)


@pytest.mark.parametrize("degrees", [0.5, 20, 60, 90, 120, 180])
@pytest.mark.parametrize("d", [80.0, 3.0])
def test_cones(d, degrees):
    expected = j_factor(NFW, distance=d * u.kpc, angle=degrees * u.deg, r_max=30 * u.kpc)
    found = ratio(total(NFW, "cone", d, degrees, 30.0), expected)
    assert found == pytest.approx(1, abs=3e-9)  # next to d the share of a shell is a logarithm: 1e-9


@pytest.mark.parametrize(
    ("d", "degrees"), [(80.0, 0.5), (80.0, 10.0), (3.0, 1.0), (3.0, 60.0), (3.0, 90.0), (3.0, 150.0)]
)
def test_directions(d, degrees):
    expected = differential_j_factor(NFW, distance=d * u.kpc, angle=degrees * u.deg, r_max=30 * u.kpc)
    found = ratio(total(NFW, "direction", d, degrees, 30.0), expected)
    assert found == pytest.approx(1, abs=1e-8)  # 24 nodes on arms of up to 6 e-foldings


def test_a_ball_of_closed_form():
    # int rho^2 dV of NFW is (4 pi/3) rho_s^2 r_s^3 [1 - (1 + x)^-3]
    d, angle = 80.0, 0.5
    x = d * np.sin(np.radians(angle))
    exact = 4 * np.pi / 3 * 1e16 * (1 - (1 + x) ** -3) / d**2
    assert total(NFW, "sphere", d, angle, 30.0).value == pytest.approx(exact, rel=1e-12)
    assert total(NFW, "sphere", d, angle, 0.1).value == pytest.approx(4 * np.pi / 3 * 1e16 * (1 - 1.1**-3) / d**2)


def test_a_steep_cusp_over_many_decades():
    expected = j_factor(STEEP, distance=80 * u.kpc, angle=0.5 * u.deg, r_max=30 * u.kpc)
    found = ratio(total(STEEP, "cone", 80.0, 0.5, 30.0, power=18.0, edge=1e-10), expected)
    assert found == pytest.approx(1, abs=1e-9)


def ratio(value, expected):
    """Of an internal sum [Msun^2/kpc^5] and a J-factor [GeV^2/cm^5]: 1 Msun^2 kpc^-5 = 4.447553e6 GeV^2 cm^-5."""
    gev = ((1 * u.Msun) ** 2 / u.kpc**5).to(u.kg**2 / u.cm**5) * (1 * u.kg).to_value(u.GeV, u.mass_energy()) ** 2
    assert gev.value == pytest.approx(4.447553e6, rel=2e-7)
    return value.value * gev.value / expected.value


def test_a_line_of_sight_that_misses():
    for degrees in (30.0, 120.0):
        with pytest.raises(InputError, match="misses"):
            total(NFW, "direction", 80.0, degrees, 30.0)
