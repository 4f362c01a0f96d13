"""The brightness summed outwards from the centre: the cone formula over shells, closed forms, and its ends."""

import astropy.units as u
import numpy as np
import pytest
from scipy.integrate import quad

from halokick.errors import ConvergenceError
from halokick.halo.profiles import NFWProfile, PlummerProfile, TabulatedProfile, TruncatedProfile, ZhaoProfile
from halokick.sky.brightness import brightness
from halokick.sky.cone_integral import cone_table, integral_within, whole_sky
from halokick.sky.jfactor import d_factor, j_factor
from halokick.units import attach

RHO = u.Msun / u.kpc**3
ANGLES = np.radians([1e-4, 1e-3, 0.01, 0.3, 2, 20, 60, 90, 120, 175, 179.9, 180])


@pytest.mark.parametrize("gamma", [0.0, 0.4, 1.0, 1.2, 1.45])
def test_sums_of_lines_are_the_sums_of_shells(gamma):
    profile = ZhaoProfile(gamma=gamma, r_s=20 * u.kpc, rho_s=6.9e6 * RHO)
    sky = brightness((profile, profile), dimension="j_factor", distance="8.2 kpc", r_max="390 kpc")
    cone = j_factor(profile, distance="8.2 kpc", angle=ANGLES * u.rad, r_max="390 kpc").value
    lines = attach(2 * np.pi * integral_within(sky.table, ANGLES), "j_factor").value
    # each within 1e-9 of the truth; measured difference 2e-10
    np.testing.assert_allclose(lines, cone, rtol=1e-9)
    assert attach(sky.total, "j_factor").value == pytest.approx(cone[-1], rel=1e-9)


@pytest.mark.parametrize("r_max", [0.5, 20.0, 80.0, 500.0])
def test_sums_from_outside_end_with_the_halo(r_max):
    profile = NFWProfile(r_s=1 * u.kpc, rho_s=5.3e7 * RHO)
    sky = brightness((profile,), dimension="d_factor", distance="80 kpc", r_max=r_max * u.kpc)
    edge = np.arcsin(min(r_max / 80, 1.0))
    angles = np.append(edge * np.array([1e-4, 0.1, 0.7, 0.99]), np.pi)
    cone = d_factor(profile, distance="80 kpc", angle=angles * u.rad, r_max=r_max * u.kpc).value
    # the edge is a square root (a step for the observer on it), halved towards until its share is 1e-11
    np.testing.assert_allclose(
        attach(2 * np.pi * integral_within(sky.table, angles), "d_factor").value, cone, rtol=1e-9
    )


def test_plummer_seen_from_afar_is_the_closed_form():
    # D of a Plummer sphere at distance D: surface density M b^2/(pi (b^2 + R^2)^2), so M/(D^2) R^2/(R^2 + b^2)
    profile = PlummerProfile(r_s="1 kpc", rho_s="1e7 Msun/kpc3")
    sky = brightness((profile,), dimension="d_factor", distance="1e6 kpc")
    theta = np.array([1e-8, 1e-7, 1e-6, 5e-6])
    mass = profile.total_mass.to_value("Msun")
    R = theta * 1e6
    # lines and planes of sight differ by (R/D)^2 = 3e-11, the tail beyond by b/D = 1e-6 of what is at R = D
    np.testing.assert_allclose(
        2 * np.pi * integral_within(sky.table, theta), mass / 1e12 * R**2 / (R**2 + 1), rtol=1e-9
    )


@pytest.mark.parametrize("power", [0.0, 1.0, 1.4, 1.9])
def test_power_law_start(power):
    # J = q^-p with q = tan(theta/2), and sin(theta) dtheta = 4 q dq/(1 + q^2)^2
    table = cone_table(lambda theta, psi: np.tan(0.5 * theta) ** -power, smallest=1e-6, largest=2.0)
    for theta in (1e-9, 1e-3, 1.0, 2.0):
        q = np.tan(0.5 * theta)
        # u = q^(2-p) takes the singularity away
        exact = quad(lambda v: 4 / (2 - power) / (1 + v ** (2 / (2 - power))) ** 2, 0, q ** (2 - power), epsrel=1e-12)[
            0
        ]
        # the start J theta^2/(2 - p) with a measured p: below 1e-6 rad, off by its curvature of 1e-12
        assert integral_within(table, theta)[0] == pytest.approx(exact, rel=1e-9)


def test_columns_are_sums_of_their_own():
    table = cone_table(
        lambda theta, psi: 1 + 0.5 * np.sin(theta) * np.cos(psi), smallest=1e-5, columns=8, tolerance=1e-10
    )
    theta = np.array([0.1, 1.0, 2.5, np.pi])
    np.testing.assert_allclose(integral_within(table, theta), 1 - np.cos(theta), rtol=1e-9)
    assert whole_sky(table) == pytest.approx(4 * np.pi, rel=1e-10)
    # column 0 looks to psi = 0, where the primitive of sin^2 is added
    column = table.inside[:, 0]
    at = 2 * np.arctan(np.exp(table.edges[:-1]))
    exact = 1 - np.cos(at) + 0.5 * (at / 2 - np.sin(2 * at) / 4)
    # the power law of the start is that of the mean column: off by 1e-5 of the 5e-11 inside 1e-5 rad
    np.testing.assert_allclose(column, exact, rtol=1e-8, atol=1e-15)


def test_too_steep_a_centre_is_refused():
    with pytest.raises(ConvergenceError, match="infinite or next to it"):
        cone_table(lambda theta, psi: theta**-2.1, smallest=1e-6)


def test_rough_tables_are_integrated_within_their_noise():
    # a table with one per cent of noise from bin to bin: sums of lines against sums of shells, two quadratures
    r = np.geomspace(1e-3, 300, 60)
    rng = np.random.default_rng(7)
    smooth = ZhaoProfile(gamma=1.0, r_s=20 * u.kpc, rho_s=1e7 * RHO)
    table = TabulatedProfile(r * u.kpc, smooth.density(r * u.kpc) * (1 + 0.01 * rng.standard_normal(60)))
    sky = brightness((table, table), dimension="j_factor", distance="8.2 kpc", r_max="300 kpc")
    angles = np.radians([0.1, 1, 10, 90, 180])
    cone = j_factor(table, distance="8.2 kpc", angle=angles * u.rad, r_max="300 kpc").value
    # the brightness has kinks of its third derivative at every bin, followed with 1000 cells: measured 4e-7
    np.testing.assert_allclose(
        attach(2 * np.pi * integral_within(sky.table, angles), "j_factor").value, cone, rtol=1e-6
    )


def test_soft_edges_are_followed():
    profile = TruncatedProfile(NFWProfile(r_s=1 * u.kpc, rho_s=5.3e7 * RHO), r_t=5.86 * u.kpc, power=4)
    sky = brightness((profile, profile), dimension="j_factor", distance="81.55 kpc", r_max="40 kpc")
    angles = np.radians([0.01, 0.5, 3.0, 20.0])
    cone = j_factor(profile, distance="81.55 kpc", angle=angles * u.rad, r_max="40 kpc").value
    # as above: two quadratures of 1e-9
    np.testing.assert_allclose(
        attach(2 * np.pi * integral_within(sky.table, angles), "j_factor").value, cone, rtol=1e-9
    )
