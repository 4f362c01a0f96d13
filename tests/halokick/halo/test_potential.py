"""Potentials, masses and speeds against closed forms, published numbers and galpy."""

import astropy.units as u
import numpy as np
import pytest
from galpy.potential import (
    HernquistPotential,
    LogarithmicHaloPotential,
    MiyamotoNagaiPotential,
    MWPotential2014,
    TriaxialNFWPotential,
    vesc,
)
from scipy.integrate import quad
from scipy.special import hyp2f1

import halokick as hk
from halokick import constants
from halokick.errors import InputError, UnitError

KPC, KMS = u.kpc, u.km / u.s
MILKY_WAY = hk.ZhaoProfile(gamma=1.2, r_s=20 * KPC, rho_s=6.911e6 * u.Msun / KPC**3)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 1.2, 1.5, 1.9])
def test_generalised_nfw_mass_and_potential_equal_their_closed_forms(gamma):
    rho, r_s = 1e7, 5.0
    halo = hk.Halo(hk.ZhaoProfile(gamma=gamma, r_s=r_s * KPC, rho_s=rho * u.Msun / KPC**3))
    x = np.array([1e-5, 1e-3, 0.1, 1.0, 10.0, 1e3])
    mass = x ** (3 - gamma) / (3 - gamma) * hyp2f1(3 - gamma, 3 - gamma, 4 - gamma, -x)
    y = x / (1 + x)
    psi = mass / x + (1 - y ** (2 - gamma)) / (2 - gamma)
    v02 = 4 * np.pi * constants.G * rho * r_s**2
    # Gauss cells and quintic interpolation: 1e-12; hyp2f1 itself is good to about 1e-13
    np.testing.assert_allclose(halo.enclosed_mass(x * r_s * KPC).value, 4 * np.pi * rho * r_s**3 * mass, rtol=1e-11)
    np.testing.assert_allclose(halo.relative_potential(x * r_s * KPC).value, v02 * psi, rtol=1e-11)
    np.testing.assert_allclose(halo.escape_speed(x * r_s * KPC).value, np.sqrt(2 * v02 * psi), rtol=1e-11)


def test_milky_way_halo_of_figure_three():
    halo = hk.Halo(MILKY_WAY)
    # five digits are quoted for V0 and v_circ, four for the escape speeds
    assert halo.v0.to_value(KMS) == pytest.approx(386.534, abs=0.02)
    assert halo.circular_speed(8.2 * KPC).to_value(KMS) == pytest.approx(164.79, abs=0.01)
    np.testing.assert_allclose(
        halo.escape_speed([1e-6, 1, 8.2, 50, 200] * KPC).to_value(KMS), [611.2, 595.9, 537.4, 403.2, 274.8], atol=0.06
    )
    assert halo.velocity_dispersion(1 * KPC).to_value(KMS) == pytest.approx(94, abs=0.001)


def test_hernquist_dispersion_equals_its_closed_form():
    gm, a = 1e5, 2.0
    rho_s = gm / constants.G / (2 * np.pi * a**3)
    halo = hk.Halo(hk.HernquistProfile(r_s=a * KPC, rho_s=rho_s * u.Msun / KPC**3))
    x = np.array([0.01, 0.1, 1.0, 5.0])
    # Hernquist (1990), Eq. (10)
    sigma2 = (
        gm
        / (12 * a)
        * (12 * x * (1 + x) ** 3 * np.log((1 + x) / x) - x / (1 + x) * (25 + 52 * x + 42 * x**2 + 12 * x**3))
    )
    # the closed form cancels: 1e-9 at x = 5
    np.testing.assert_allclose(halo.velocity_dispersion(x * a * KPC).value ** 2, sigma2, rtol=1e-8)


def test_dispersion_at_the_end_of_a_truncated_halo_solves_the_jeans_equation():
    # where the density falls by up to 1e6 in a hundredth of the radius, and underflows soon after
    nfw = hk.NFWProfile(r_s=20 * KPC, rho_s=9e6 * u.Msun / KPC**3)
    halo = hk.Halo(hk.TruncatedProfile(nfw, r_t=200 * KPC))
    for r, tolerance in ((500.0, 1e-7), (2000.0, 1e-7), (4000.0, 3e-4), (2e4, 3e-4)):

        def pressure(t, r=r):
            # in e-folds t of the truncation, whose mass is all inside
            x = np.sqrt(r**2 + t * 200.0**2)
            fall = (r / x) * ((20 + r) / (20 + x)) ** 2
            return fall * float(halo.circular_speed(x * KPC).value) ** 2 / x * 200.0**2 / (2 * x) * np.exp(-t)

        expected = quad(pressure, 0, 60, epsabs=0, epsrel=1e-10)[0]
        # far out the dispersion is an expansion in 1/slope, whose next term is of this size
        assert halo.velocity_dispersion(r * KPC).value ** 2 == pytest.approx(expected, rel=tolerance)


def test_stars_add_their_spherical_average():
    disk = MiyamotoNagaiPotential(amp=6.8e10 * u.Msun, a=3 * KPC, b=0.28 * KPC, ro=8.0, vo=220.0)
    bare, dressed = hk.Halo(MILKY_WAY), hk.Halo(MILKY_WAY, baryons=disk)
    extra = dressed.enclosed_mass([1, 8, 50, 1000] * KPC) - bare.enclosed_mass([1, 8, 50, 1000] * KPC)
    # galpy's mass() is the flux of its radial force through the sphere: the same theorem, its own quadrature
    theirs = [disk.mass(r / 8.0, use_physical=False) * 220.0**2 * 8.0 / constants.G for r in (1.0, 8.0, 50.0, 1000.0)]
    np.testing.assert_allclose(extra.value, theirs, rtol=1e-5)


def test_a_spherical_galpy_potential_gives_galpys_escape_speed():
    potential = HernquistPotential(amp=2e12 * u.Msun, a=30 * KPC, ro=8.0, vo=220.0)
    halo = hk.Halo(MILKY_WAY, potential=potential)
    r = np.array([1.0, 8.0, 100.0])
    theirs = [vesc(potential, x / 8.0, use_physical=False) * 220.0 for x in r]
    # spline of ln M in steps of 0.1
    np.testing.assert_allclose(halo.escape_speed(r * KPC).value, theirs, rtol=1e-6)


def test_milky_way_2014_and_triaxial_potentials_are_taken():
    halo = hk.Halo(MILKY_WAY, potential=MWPotential2014, ro=8 * KPC, vo=220 * KMS)
    theirs = sum(part.mass(1.0, use_physical=False) for part in MWPotential2014) * 220.0**2 * 8.0 / constants.G
    # galpy integrates the disk's and the bulge's mass by its own quadrature
    assert halo.enclosed_mass(8 * KPC).value == pytest.approx(theirs, rel=1e-5)
    triaxial = TriaxialNFWPotential(amp=1e12 * u.Msun, a=16 * KPC, b=0.8, c=0.6, ro=8.0, vo=220.0)
    round_one = TriaxialNFWPotential(amp=1e12 * u.Msun, a=16 * KPC, b=1.0, c=1.0, ro=8.0, vo=220.0)
    assert hk.Halo(MILKY_WAY, potential=triaxial).circular_speed(8 * KPC) < hk.Halo(
        MILKY_WAY, potential=round_one
    ).circular_speed(8 * KPC)


def test_galpy_potentials_without_scales_are_refused():
    with pytest.raises(InputError, match="carries no physical scales"):
        hk.Halo(MILKY_WAY, baryons=MiyamotoNagaiPotential(normalize=1.0))


def test_infinite_escape_speeds_are_refused_unless_cut():
    isothermal = hk.CoredIsothermalProfile(r_s=1 * KPC, rho_s=1e8 * u.Msun / KPC**3)
    with pytest.raises(InputError, match="no orbit escapes"):
        hk.Halo(isothermal)
    assert np.isfinite(hk.Halo(isothermal, energy_cut=30 * KPC).escape_speed(1 * KPC))
    log_halo = LogarithmicHaloPotential(amp=1.0, ro=8.0, vo=220.0)
    with pytest.raises(InputError, match="no orbit escapes"):
        hk.Halo(MILKY_WAY, potential=log_halo)
    # v_esc to the cut in a logarithmic potential: v^2 = 2 v_c^2 ln(r_cut / r)
    halo = hk.Halo(MILKY_WAY, potential=log_halo, energy_cut=100 * KPC)
    assert halo.escape_speed(10 * KPC).to_value(KMS) == pytest.approx(220 * np.sqrt(2 * np.log(10)), rel=1e-6)


def test_cusps_steeper_than_two_are_refused():
    steep = hk.ZhaoProfile(gamma=2.3, r_s=1 * KPC, rho_s=1e8 * u.Msun / KPC**3)
    with pytest.raises(InputError, match="inner slope must not exceed 2"):
        hk.Halo(steep)


def test_radii_without_units_or_off_the_tables_are_refused():
    halo = hk.Halo(MILKY_WAY)
    with pytest.raises(UnitError, match=r"like '8\.2 kpc'"):
        halo.escape_speed(8.2)
    with pytest.raises(InputError, match="lies outside"):
        halo.escape_speed(1e20 * KPC)
    with pytest.raises(InputError, match="either potential"):
        hk.Halo(MILKY_WAY, potential=MWPotential2014, baryons=MWPotential2014)


def test_speed_scale_needs_scales():
    truncated = hk.Halo(hk.TruncatedProfile(MILKY_WAY, r_t=100 * KPC))
    with pytest.raises(InputError, match="no V0"):
        _ = truncated.v0


@pytest.mark.parametrize("key", ["potential", "baryons"])
def test_a_number_is_no_potential(key):
    with pytest.raises(InputError, match=f"{key} = 3.0 km2 / s2 is a number"):
        hk.Halo(MILKY_WAY, **{key: 3 * KMS**2})


def test_energy_cut_is_one_radius():
    with pytest.raises(InputError, match="one radius"):
        hk.Halo(MILKY_WAY, energy_cut=[50, 100] * KPC)
