"""Normalisations against closed forms, round trips and published numbers."""

import numpy as np
import pytest
from astropy import units as u

from halokick import constants, units
from halokick.errors import InputError, UnitError
from halokick.halo.normalisation import normalise, wolf_mass
from halokick.halo.profiles import (
    CoredIsothermalProfile,
    EinastoProfile,
    HernquistProfile,
    NFWProfile,
    PlummerProfile,
    TabulatedProfile,
    TruncatedProfile,
    ZhaoProfile,
)
from halokick.halo.virial import (
    PLANCK_2018,
    BryanNormanOverdensity,
    CriticalOverdensity,
    FlatCosmology,
    MatterOverdensity,
)

CUSP = ZhaoProfile.shape(alpha=1, beta=3, gamma=1.2, r_s="20 kpc")
NFW = NFWProfile.shape(r_s="20 kpc")


def test_galactic_halo_of_94_km_s_has_its_known_density():
    halo = normalise(CUSP, dispersion="94 km/s", radius="1 kpc")
    # recomputed independently to the four digits given
    assert halo.rho_s.value == pytest.approx(6.911e6, rel=1e-4)
    local = halo.density("8.2 kpc").to(u.GeV / u.cm**3, u.mass_energy())
    assert local.value == pytest.approx(0.4121, abs=5e-5)


def test_dispersion_of_plummer_is_the_textbook_one():
    # Binney & Tremaine 2008, Eq. 4.93c: sigma^2 = G M / (6 sqrt(r^2 + b^2))
    halo = normalise(PlummerProfile.shape(r_s="2 kpc"), dispersion="30 km/s", radius="3 kpc")
    total = 30**2 * 6 * np.hypot(2, 3) / constants.G
    assert halo.total_mass.value == pytest.approx(total, rel=1e-12)  # quadrature


def test_dispersion_of_hernquist_is_the_textbook_one():
    # Hernquist 1990, Eq. 10, at r = a: sigma^2 = (G M / 12 a) [12 * 8 ln 2 - (25 + 52 + 42 + 12)/2]
    halo = normalise(HernquistProfile.shape(r_s="5 kpc"), dispersion="50 km/s", radius="5 kpc")
    bracket = 96 * np.log(2) - 131 / 2
    assert halo.total_mass.value == pytest.approx(2500 * 12 * 5 / (constants.G * bracket), rel=1e-12)


def test_dispersion_of_the_isothermal_sphere_far_out():
    # rho -> rho_s r_s^2 / r^2, so sigma^2 -> 2 pi G rho_s r_s^2; the core still counts as r_s/r
    halo = normalise(CoredIsothermalProfile.shape(r_s="1 pc"), dispersion="100 km/s", radius="1000 kpc")
    expected = 1e4 / (2 * np.pi * constants.G * 1e-6)
    assert halo.rho_s.value == pytest.approx(expected, rel=3e-6)


@pytest.mark.parametrize("shape", [NFW, NFWProfile(r_s="20 kpc", rho_s="1 Msun/kpc3"), CUSP])
def test_every_normalisation_is_met(shape):
    assert normalise(shape, rho_s="7e6 Msun/kpc3").rho_s.value == pytest.approx(7e6, rel=1e-14)
    halo = normalise(shape, mass="1e11 Msun", radius="30 kpc")
    assert halo.mass("30 kpc").value == pytest.approx(1e11, rel=1e-13)
    halo = normalise(shape, local_density="0.4 GeV/cm3", radius="8.2 kpc")
    assert halo.density("8.2 kpc").to_value(u.GeV / u.cm**3, u.mass_energy()) == pytest.approx(0.4, rel=1e-13)
    halo = normalise(shape, virial_mass="1e12 Msun")
    assert halo.mass(CriticalOverdensity().radius("1e12 Msun")).value == pytest.approx(1e12, rel=1e-13)
    halo = normalise(shape, line_of_sight_dispersion="9.55 km/s", half_light_radius="193 pc")
    mass, radius = wolf_mass("9.55 km/s", "193 pc")
    assert halo.mass(radius).value == pytest.approx(mass.value, rel=1e-13)


def test_total_mass_of_hernquist_gives_its_density_scale():
    halo = normalise(HernquistProfile.shape(r_s="10 kpc"), mass="1e12 Msun", radius="inf kpc")
    assert halo.rho_s.value == pytest.approx(1e12 / (2 * np.pi * 1e3), rel=1e-14)


def test_other_profiles_are_normalised_as_they_stand():
    cut = TruncatedProfile(NFWProfile(r_s="20 kpc", rho_s="1 Msun/kpc3"), "100 kpc")
    assert normalise(cut, mass="1e12 Msun", radius="inf kpc").total_mass.value == pytest.approx(1e12, rel=1e-12)
    r = units.attach(np.geomspace(0.1, 1e4, 200), "length")
    plummer = PlummerProfile(r_s="2 kpc", rho_s="1 Msun/kpc3")
    table = normalise(TabulatedProfile(r, plummer.density(r)), dispersion="30 km/s", radius="3 kpc")
    twin = normalise(plummer, dispersion="30 km/s", radius="3 kpc")
    # the table's core is a power law of nearly zero slope inside 0.1 kpc
    assert table.density("3 kpc").value == pytest.approx(twin.density("3 kpc").value, rel=1e-6)


def test_draco_has_the_dynamical_mass_of_wolf_et_al():
    mass, radius = wolf_mass("9.55 km/s", "193 pc")
    assert mass.value == pytest.approx(930 * 9.55**2 * 193, rel=1e-14)
    assert radius.to_value("pc") == pytest.approx(4 / 3 * 193, rel=1e-14)
    # 930 is 4/G in these units, rounded
    assert mass.value == pytest.approx(4 * 9.55**2 * 0.193 / constants.G, rel=1e-4)


def test_virial_mass_and_concentration_give_both_scales():
    halo = normalise(NFWProfile.shape(), virial_mass="1e12 Msun", concentration=10)
    r_vir = CriticalOverdensity().radius("1e12 Msun")
    assert halo.r_s.value == pytest.approx(r_vir.value / 10, rel=1e-14)
    # rho_s = (200/3) rho_crit c^3 / [ln(1+c) - c/(1+c)]: Navarro, Frenk & White 1997, Eq. 2
    delta = 200 / 3 * 1000 / (np.log(11) - 10 / 11)
    assert halo.rho_s.value == pytest.approx(delta * PLANCK_2018.critical_density().value, rel=1e-13)
    einasto = normalise(EinastoProfile.shape(alpha=0.2), virial_mass="1e12 Msun", concentration=10)
    assert einasto.mass(r_vir).value == pytest.approx(1e12, rel=1e-13)


def test_critical_density_is_the_published_one():
    # PDG: 2.77536627e11 h^2 Msun Mpc^-3
    assert PLANCK_2018.critical_density().value == pytest.approx(277.53663 * 0.6736**2, rel=1e-4)
    assert PLANCK_2018.h == pytest.approx(0.6736, rel=1e-14)


def test_bryan_norman_overdensity_has_its_limits():
    critical = FlatCosmology("70 km s-1 Mpc-1", 1.0)
    ratio = BryanNormanOverdensity(cosmology=critical).mean_density / critical.critical_density()
    assert ratio.value == pytest.approx(18 * np.pi**2, rel=1e-13)  # Einstein-de Sitter
    # Bryan & Norman quote about 101 times critical for Omega_m = 0.3
    lambda_cdm = FlatCosmology("70 km s-1 Mpc-1", 0.3)
    ratio = BryanNormanOverdensity(cosmology=lambda_cdm).mean_density / lambda_cdm.critical_density()
    assert ratio.value == pytest.approx(101, abs=0.5)


def test_mass_definitions_invert_and_order():
    for definition in (CriticalOverdensity(), MatterOverdensity(), BryanNormanOverdensity(redshift=1.0)):
        assert definition.mass(definition.radius("1e12 Msun")).value == pytest.approx(1e12, rel=1e-13)
    ratio = MatterOverdensity().mean_density / CriticalOverdensity().mean_density
    assert ratio.value == pytest.approx(0.3153, rel=1e-14)
    # matter takes over: (1+z)^3
    deep = MatterOverdensity(redshift=9.0).mean_density / MatterOverdensity().mean_density
    assert deep.value == pytest.approx(1000, rel=1e-12)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "none given"),
        ({"rho_s": "1 Msun/kpc3", "mass": "1 Msun"}, "rho_s and mass"),
        ({"mass": "1e12 Msun"}, "radius missing"),
        ({"rho_s": "1 Msun/kpc3", "radius": "1 kpc"}, "radius not understood"),
        ({"vcirc": "220 km/s"}, "none given"),
        ({"mass": "0 Msun", "radius": "1 kpc"}, "mass"),
        ({"mass": "1 Msun", "radius": "-1 kpc"}, "radius"),
        ({"mass": "1e12 Msun", "radius": "inf kpc"}, "infinite total mass"),
        ({"dispersion": "-1 km/s", "radius": "1 kpc"}, "dispersion"),
        ({"local_density": "0.4 GeV/cm3", "radius": "0 kpc"}, "radius"),
        ({"line_of_sight_dispersion": "0 km/s", "half_light_radius": "1 kpc"}, "line_of_sight_dispersion"),
        ({"virial_mass": "1e12 Msun", "concentration": 10}, "already"),
        ({"virial_mass": "1e12 Msun", "definition": "200c"}, "MassDefinition"),
    ],
)
def test_unclear_normalisations_are_refused(given, words):
    with pytest.raises(InputError, match=words):
        normalise(NFW, **given)


def test_incomplete_shapes_are_refused():
    with pytest.raises(InputError, match="scale radius"):
        normalise(NFWProfile.shape(), rho_s="1 Msun/kpc3")
    with pytest.raises(InputError, match="neither"):
        normalise("nfw", rho_s="1 Msun/kpc3")
    with pytest.raises(InputError, match="has its scale radius"):
        normalise(NFWProfile(r_s="1 kpc", rho_s="1 Msun/kpc3"), virial_mass="1e12 Msun", concentration=10)
    with pytest.raises(InputError, match="no rho_s of its own"):
        normalise(TruncatedProfile(NFWProfile(r_s="1 kpc", rho_s="1 Msun/kpc3"), "9 kpc"), rho_s="1 Msun/kpc3")
    with pytest.raises(InputError, match="falls too slowly"):
        normalise(ZhaoProfile.shape(beta=0.9, gamma=0, r_s="1 kpc"), dispersion="1 km/s", radius="1 kpc")
    with pytest.raises(UnitError):
        normalise(NFW, rho_s=7e6)


def test_impossible_universes_are_refused():
    with pytest.raises(InputError, match="omega_m"):
        FlatCosmology("70 km s-1 Mpc-1", 1.2)
    with pytest.raises(InputError, match="hubble_constant"):
        FlatCosmology("-70 km s-1 Mpc-1", 0.3)
    with pytest.raises(InputError, match="redshift"):
        CriticalOverdensity(redshift=-0.5)
    with pytest.raises(InputError, match="factor"):
        MatterOverdensity(factor=0)
    with pytest.raises(InputError, match="not positive"):
        CriticalOverdensity().radius("-1 Msun")
    with pytest.raises(InputError, match="not positive"):
        CriticalOverdensity().mass("0 kpc")
    with pytest.raises(InputError, match="upper limit"):
        wolf_mass("0 km/s", "100 pc")
