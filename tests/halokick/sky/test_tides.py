"""Tidal radii against closed forms, point masses and a published solution."""

import astropy.units as u
import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from halokick.constants import G
from halokick.errors import InputError
from halokick.halo.potential import Halo
from halokick.halo.profiles import HernquistProfile, NFWProfile, PlummerProfile, ZhaoProfile
from halokick.sky.tides import jacobi_level, milky_way_halo, nfw_tidal_ratio, tidal_radius

RHO = u.Msun / u.kpc**3


def test_draco_like_halo_in_the_milky_way():
    # an independent solution, given as 5.86 kpc
    draco = NFWProfile(r_s=1 * u.kpc, rho_s=5.3e7 * RHO)
    assert tidal_radius(draco, milky_way_halo(), 81.55 * u.kpc).to_value(u.kpc) == pytest.approx(5.86, abs=0.005)


def test_milky_way_halo_has_the_dispersion_it_is_named_for():
    # 94 km/s at 1 kpc and 164.79 km/s at 8.2 kpc; the density scale is rounded to four digits
    halo = Halo(milky_way_halo())
    assert halo.velocity_dispersion(1 * u.kpc).value == pytest.approx(94, rel=1e-4)
    assert halo.circular_speed(8.2 * u.kpc).value == pytest.approx(164.79, rel=1e-4)


def test_solution_satisfies_the_equation():
    host = milky_way_halo()
    distance = np.array([20.0, 100.0, 300.0]) * u.kpc
    for satellite in (
        NFWProfile(r_s=0.3 * u.kpc, rho_s=2e8 * RHO),
        HernquistProfile(r_s=1 * u.kpc, rho_s=1e8 * RHO),
        PlummerProfile(r_s=1 * u.kpc, rho_s=1e8 * RHO),
    ):
        r_t = tidal_radius(satellite, host, distance)
        again = distance * (satellite.mass(r_t) / (3 * host.mass(distance))).to_value(1) ** (1 / 3)
        assert r_t.to_value(u.kpc) == pytest.approx(again.to_value(u.kpc), rel=1e-9)  # root finder and mass


def test_nfw_shortcut_agrees_with_the_general_root():
    # the same halo under another name takes the slow way
    nfw = NFWProfile(r_s=1 * u.kpc, rho_s=5.3e7 * RHO)
    zhao = ZhaoProfile(1, 3, 1, r_s=1 * u.kpc, rho_s=5.3e7 * RHO)
    for distance in (1, 30, 80, 1000) * u.kpc:
        fast, slow = (tidal_radius(halo, milky_way_halo(), distance).value for halo in (nfw, zhao))
        assert fast == pytest.approx(slow, rel=1e-10)


@pytest.mark.parametrize("x", [1e-6, 1e-2, 0.5, 7.0, 1e3, 1e7])
def test_nfw_ratio_inverts_the_mean_density(x):
    mass = np.log1p(x) - x / (1 + x) if x > 1e-3 else x**2 / 2 - 2 * x**3 / 3 + 3 * x**4 / 4
    # at 1e-6 the judge is its own series, good to 1e-12
    assert float(nfw_tidal_ratio(1.0, mass / x**3)) == pytest.approx(x, rel=1e-9)


def test_compact_satellite_obeys_the_point_mass_formula():
    host = HernquistProfile(r_s=0.1 * u.kpc, rho_s=1e12 * RHO)
    small = HernquistProfile(r_s=1e-6 * u.kpc, rho_s=1e20 * RHO)
    ratio = (small.total_mass / (3 * host.mass(100 * u.kpc))).to_value(1)
    # all but 2 r_s/r_t of a Hernquist sphere is inside r_t
    assert tidal_radius(small, host, 100 * u.kpc).value == pytest.approx(100 * ratio ** (1 / 3), rel=1e-4)


def test_baryons_of_a_host_halo_are_counted():
    class Heavier:
        def enclosed_mass(self, r):
            return 8 * milky_way_halo().mass(r)

    small = HernquistProfile(r_s=1e-4 * u.kpc, rho_s=1e16 * RHO)
    alone, with_baryons = (tidal_radius(small, host, 50 * u.kpc).value for host in (milky_way_halo(), Heavier()))
    # a point mass: eight times the host halves the radius
    assert alone / with_baryons == pytest.approx(2, rel=1e-3)


def test_satellite_less_dense_than_its_host_is_refused():
    cored = PlummerProfile(r_s=1 * u.kpc, rho_s=1e5 * RHO)
    with pytest.raises(InputError, match="tide takes it apart"):
        tidal_radius(cored, milky_way_halo(), 10 * u.kpc)


def test_jacobi_level_is_the_saddle_of_the_corotating_potential():
    # two point masses on a circular orbit, m/M = 1e-9: the saddle between them, searched for numerically
    host, m, d = 1e12, 1e3, 50.0
    omega2 = G * (host + m) / d**3
    barycentre = d * m / (host + m)
    r_t = d * (m / (3 * host)) ** (1 / 3)

    def level(s):
        # effective potential at s towards the host, less that of host and rotation at the satellite
        def outer(x):
            return -G * host / x - 0.5 * omega2 * (x - barycentre) ** 2

        return -G * m / s + outer(d - s) - outer(d)

    saddle = minimize_scalar(
        lambda s: -level(s), bounds=(0.3 * r_t, 3 * r_t), method="bounded", options={"xatol": 1e-9}
    )
    satellite = HernquistProfile(r_s=1e-9 * u.kpc, rho_s=m / (2 * np.pi * 1e-27) * RHO)
    ours = jacobi_level(satellite, r_t * u.kpc)
    # next order in (m/3M)^(1/3) = 7e-4, rounding in a difference of host terms 1e-3
    assert ours.value == pytest.approx(saddle.fun, rel=3e-3)


def test_distance_must_be_positive():
    with pytest.raises(InputError, match="positive"):
        tidal_radius(NFWProfile(r_s=1 * u.kpc, rho_s=5.3e7 * RHO), milky_way_halo(), 0 * u.kpc)
