"""Drawn haloes against the relation itself, the dynamical mass, and brute-force Bayes."""

import astropy.units as u
import numpy as np
import pytest

from halokick.errors import InputError, UnitError
from halokick.halo.concentration import Duffy2008, Extrapolated, Moline2017, SanchezCondePrada2014
from halokick.halo.dwarf_closure import nfw_from_dispersion
from halokick.halo.normalisation import wolf_mass
from halokick.halo.profiles import NFWProfile
from halokick.sky.dwarf_halo import HaloMassFunction, concentration_scatter, draw_nfw_haloes

SIGMA, R_HALF = 9.55 * u.km / u.s, 193 * u.pc
RELATION = Extrapolated(Moline2017(0.4))


def test_every_draw_has_the_measured_mass():
    sigma = np.array([4.0, 9.0, 12.0]) * u.km / u.s
    haloes = draw_nfw_haloes(sigma, R_HALF, np.array([0.02, 0.5, 0.98]), RELATION)
    mass, radius = wolf_mass(sigma, R_HALF)
    for r_s, rho_s, wanted in zip(haloes.r_s, haloes.rho_s, mass, strict=True):
        found = NFWProfile(r_s=r_s, rho_s=rho_s).mass(radius)
        assert found.to_value(u.Msun) == pytest.approx(wanted.to_value(u.Msun), rel=1e-11)


def test_mass_and_concentration_belong_to_the_halo():
    haloes = draw_nfw_haloes(SIGMA, R_HALF, np.array([0.3]), RELATION)
    virial = haloes.r_s[0] * haloes.concentration[0]
    found = NFWProfile(r_s=haloes.r_s[0], rho_s=haloes.rho_s[0]).mass(virial)
    assert found.value == pytest.approx(haloes.virial_mass[0].value, rel=2e-4)  # c is interpolated in a table
    assert RELATION.definition.radius(haloes.virial_mass)[0].value == pytest.approx(virial.value, rel=2e-4)


def test_without_scatter_the_halo_on_the_relation_is_left():
    relation = SanchezCondePrada2014()
    exact = nfw_from_dispersion(SIGMA, R_HALF, relation)
    flat = HaloMassFunction(slope=0.0)
    drawn = draw_nfw_haloes(SIGMA, R_HALF, np.array([0.5]), relation, scatter_dex=2e-3, mass_function=flat)
    # a scatter of 0.002 dex in c is 0.014 dex in r_s along this family
    assert drawn.r_s[0].value == pytest.approx(exact.r_s.value, rel=0.02)
    assert drawn.rho_s[0].value == pytest.approx(exact.rho_s.value, rel=0.03)


@pytest.mark.parametrize("slope", [0.0, -0.9])
def test_odds_agree_with_brute_force(slope, rng):
    # masses and concentrations thrown by the prior, those kept that have the measured mass to two per cent
    n = 2_000_000
    ln_mass = rng.uniform(np.log(1e6), np.log(1.4e11), n)
    mass = np.exp(ln_mass)
    c = RELATION._concentration(mass) * 10 ** (0.16 * rng.normal(size=n))
    radius = np.asarray(RELATION.definition._radius(mass))
    wolf, half = (q.value for q in wolf_mass(SIGMA, R_HALF))

    def m(x):
        return np.log1p(x) - x / (1 + x)

    inside = mass * m(half * c / radius) / m(c)
    kept = np.abs(np.log(inside / wolf)) < 0.02
    weight = mass[kept] ** slope
    order = np.argsort(ln_mass[kept])
    cumulated = np.cumsum(weight[order]) / np.sum(weight)
    quantiles = np.array([0.16, 0.5, 0.84])
    brute = np.interp(quantiles, cumulated, ln_mass[kept][order])
    flat = HaloMassFunction(slope=slope)
    drawn = draw_nfw_haloes([9.55] * 3 * u.km / u.s, R_HALF, quantiles, RELATION, scatter_dex=0.16, mass_function=flat)
    effective = np.sum(weight) ** 2 / np.sum(weight**2)
    spread = 0.5 * (brute[2] - brute[0])
    # a quantile at one sigma errs by 1.5 spread/sqrt(n); four of those, and 0.02 for the width of the bin
    assert np.log(drawn.virial_mass.value) == pytest.approx(brute, abs=6 * spread / np.sqrt(effective) + 0.02)


def test_heavier_haloes_are_less_concentrated_along_the_quantiles():
    haloes = draw_nfw_haloes(np.full(9, 9.55) * u.km / u.s, R_HALF, np.linspace(0.1, 0.9, 9), RELATION)
    assert np.all(np.diff(haloes.virial_mass.value) > 0)
    assert np.all(np.diff(haloes.concentration) < 0)


def test_no_halo_is_heavier_than_allowed():
    top = HaloMassFunction(highest="1e9 Msun")
    haloes = draw_nfw_haloes(np.full(50, 9.55) * u.km / u.s, R_HALF, np.linspace(0, 1, 50), RELATION, mass_function=top)
    # one cell of the family
    assert np.max(haloes.virial_mass.value) < 1.1e9


def test_relation_that_does_not_reach_dwarfs_is_refused():
    with pytest.raises(InputError, match=r"Duffy2008.*likely haloes lie outside; use Extrapolated"):
        draw_nfw_haloes(SIGMA, R_HALF, np.array([0.5]), Duffy2008())


def test_bad_arguments_are_named():
    with pytest.raises(InputError, match="not a ConcentrationMassRelation"):
        draw_nfw_haloes(SIGMA, R_HALF, np.array([0.5]), "duffy")
    with pytest.raises(InputError, match="scatter_dex"):
        draw_nfw_haloes(SIGMA, R_HALF, np.array([0.5]), RELATION, scatter_dex=0.0)
    with pytest.raises(InputError, match="slope"):
        HaloMassFunction(slope=np.nan)
    with pytest.raises(UnitError, match="highest"):
        HaloMassFunction(highest=1e11)
    with pytest.raises(InputError, match="raise its highest mass"):
        draw_nfw_haloes(SIGMA, R_HALF, np.array([0.5]), RELATION, mass_function=HaloMassFunction(highest="1e5 Msun"))


def test_scatter_is_the_relation_s_own_where_it_has_one():
    assert concentration_scatter(SanchezCondePrada2014()) == 0.14
    assert concentration_scatter(RELATION) == 0.16
    assert concentration_scatter(RELATION, 0.2) == 0.2
