"""Boosts against published fits, printed tables with kicks, and a direct double integral."""

import astropy.units as u
import numpy as np
import pytest
from scipy.integrate import quad

from halokick.errors import InputError
from halokick.halo.concentration import Moline2017, SanchezCondePrada2014
from halokick.halo.profiles import NFWProfile
from halokick.halo.virial import FlatCosmology
from halokick.sky.nfw_suppression import NFW_SUPPRESSION
from halokick.sky.published_boosts import moline_boost, sanchez_conde_prada_boost
from halokick.sky.subhalo_relations import PEAK, HeldBelow, field_relation, largest_circular_speed, luminosity
from halokick.sky.substructure import SubhaloPopulation, substructure_boost

KMS = u.km / u.s
RELATION = field_relation(FlatCosmology("70 km s-1 Mpc-1", 0.3))  # h = 0.7, that of the printed numbers
MASSES = np.array([1e15, 1e12, 1e10, 1e8, 1e6]) * u.Msun


def boost(mass, kick, **changes):
    return substructure_boost(mass, kick, SubhaloPopulation(**({"relation": RELATION} | changes)))


def test_luminosity_and_v_max_are_those_of_the_profile():
    mass = 3e9 * u.Msun
    c = RELATION.concentration(mass)
    radius = RELATION.definition.radius(mass)
    mu = np.log1p(c) - c / (1 + c)
    halo = NFWProfile(r_s=radius / c, rho_s=mass / (4 * np.pi * (radius / c) ** 3 * mu))

    def squared(ln_r):
        r = np.exp(ln_r)
        return 4 * np.pi * r**3 * halo.density(r * u.kpc).value ** 2

    r_s = (radius / c).value
    exact = sum(
        quad(squared, a, b, epsrel=1e-12)[0] for a, b in ((-25, np.log(r_s)), (np.log(r_s), np.log(radius.value)))
    )
    assert luminosity(mass, RELATION).to_value("Msun2 kpc-3") == pytest.approx(exact, rel=1e-8)
    x = np.geomspace(2.0, 2.4, 4001)
    speed = np.sqrt(4.30091727e-6 * halo.mass(x * r_s * u.kpc).value / (x * r_s))
    assert largest_circular_speed(mass, RELATION).value == pytest.approx(np.max(speed), rel=1e-7)
    x = np.linspace(2.1, 2.2, 200001)
    assert np.max((np.log1p(x) - x / (1 + x)) / x) == pytest.approx(PEAK, rel=1e-11)


def test_two_levels_are_the_published_boost():
    found = boost(MASSES, "0 km/s", alpha=2.0).boost
    assert found == pytest.approx([34.5, 14.79, 7.08, 3.61, 1.96], rel=2e-3)  # printed digits
    # the published polynomial is a fit to such sums: within 6 per cent from 1e6 to 1e15 Msun
    assert found == pytest.approx(sanchez_conde_prada_boost(MASSES), rel=0.06)
    assert boost(MASSES, "0 km/s", alpha=2.0, levels=1).boost[0] < 0.8 * sanchez_conde_prada_boost(MASSES[0])


def test_published_fits_at_printed_masses():
    assert sanchez_conde_prada_boost(MASSES) == pytest.approx([35.2, 14.76, 6.88, 3.54, 2.08], rel=2e-3)
    assert moline_boost("1e12 Msun") == pytest.approx(5.11, rel=1e-3)
    assert moline_boost("1e12 Msun", 2.0) == pytest.approx(25.7, rel=2e-3)


@pytest.mark.parametrize(
    ("mass", "alpha", "printed"),
    [
        (1e12, 2.0, [14.79, 0.795, 0.354, 0.235, 0.148, 0.0669, 0.0331]),
        (1e12, 1.9, [3.001, 0.829, 0.494, 0.370, 0.261, 0.135, 0.0727]),
        (1e10, 2.0, [7.083, 0.341, 0.132, 0.0783, 0.0417, 0.0128]),
        (1e10, 1.9, [2.069, 0.472, 0.236, 0.154, 0.0895, 0.0301]),
        (1e8, 1.9, [1.487, 0.239, 0.0812, 0.0394, 0.0147]),
    ],
)
def test_printed_boosts_with_a_kick(mass, alpha, printed):
    kicks = np.array([0, 1, 5, 10, 20, 54, 109])[: len(printed)] * KMS
    # three digits, and the cubic through 19 nodes of S they were made with: up to 6e-3 against ours
    assert boost(mass * u.Msun, kicks, alpha=alpha).boost == pytest.approx(printed, rel=7e-3)


def test_smallest_subhaloes_matter_without_a_kick_only():
    least = ("1e-6 Msun", "1e-3 Msun", "1 Msun", "1e6 Msun")
    found = np.array([boost("1e12 Msun", [0, 10] * KMS, least=m).boost for m in least])
    assert found[:, 0] == pytest.approx([3.00, 2.41, 1.79, 0.68], rel=6e-3)  # three digits
    # S at 10 km/s is 1e-16 for 1e6 Msun
    assert found[:, 1] == pytest.approx(np.full(4, found[0, 1]), rel=1e-6)


def test_boost_is_the_nested_integral():
    kick, alpha, norm = 7.0, 1.9, 0.03

    def signal(ln_m):
        mass = np.exp(ln_m) * u.Msun
        kappa = kick / largest_circular_speed(mass, RELATION).value
        return luminosity(mass, RELATION).value * float(NFW_SUPPRESSION(kappa))

    def inside(ln_m, level):
        if level == 0:
            return 0.0
        low = np.log(1e5)  # below it S is nothing at this kick

        def integrand(l):
            return norm * np.exp((l - ln_m) * (1 - alpha)) * (signal(l) + inside(l, level - 1))

        x, w = np.polynomial.legendre.leggauss(24)
        half = 0.5 * (ln_m - low)
        return half * sum(weight * integrand(low + half * (1 + node)) for node, weight in zip(x, w, strict=True))

    ln_host = np.log(1e9)
    direct = inside(ln_host, 2) / signal(ln_host)
    found = boost("1e9 Msun", kick * KMS, least="1e5 Msun").boost
    assert found == pytest.approx(direct, rel=3e-4)  # 24 Gauss nodes where S rises from nothing


def test_scatter_of_concentration_raises_the_mean():
    plain, scattered = (boost("1e12 Msun", "0 km/s", scatter_dex=s).boost for s in (0.0, 0.14))
    # L ~ c^2.3 at small masses: exp((2.3 ln 10 x 0.14)^2/2) = 1.32 for each of two levels, which hardly matter
    assert scattered / plain == pytest.approx(np.exp((2.3 * np.log(10) * 0.14) ** 2 / 2), rel=0.01)


def test_floor_is_the_share_that_subhaloes_owe_to_passing_daughters():
    population = SubhaloPopulation(alpha=2.0, relation=RELATION)
    result = substructure_boost("1e12 Msun", [0, 20, 3000] * KMS, population)
    f = result.subhalo_share
    assert f == pytest.approx(np.full(3, 0.012 * np.log(1e18)), rel=1e-10)  # the integral of dm/m
    assert result.bound_share[0] == 1
    assert result.floor[0] == pytest.approx(f[0] * (1 - f[0]), rel=1e-12)
    assert result.bound_share[2] == 0
    assert result.floor[2] == f[2]
    assert result.floor[0] < result.floor[1] < result.floor[2]
    assert np.isnan(result.boost[2])
    assert result.suppression[2] == 0
    mass_share = SubhaloPopulation(relation=RELATION)
    exact = 0.03 * (1 - 1e-18**0.1) / 0.1
    assert substructure_boost("1e12 Msun", "0 km/s", mass_share).subhalo_share == pytest.approx(exact, rel=1e-8)


def test_concentrated_subhaloes_of_moline_boost_more():
    cosmology = FlatCosmology("70 km s-1 Mpc-1", 0.3)
    near, far = (HeldBelow(Moline2017(x, cosmology), "1e-6 Msun", "1e16 Msun") for x in (0.1, 1.0))

    def found(relation, alpha, levels):
        population = SubhaloPopulation(alpha=alpha, relation=relation, levels=levels)
        return substructure_boost("1e12 Msun", "0 km/s", population, host_relation=RELATION).boost

    for alpha in (1.9, 2.0):
        # the published boost is an average over the places of subhaloes
        assert found(far, alpha, 1) < moline_boost("1e12 Msun", alpha) < found(near, alpha, 2)
        assert found(far, alpha, 2) > boost("1e12 Msun", "0 km/s", alpha=alpha).boost


def test_held_relation_is_the_relation_above_and_level_below():
    relation = SanchezCondePrada2014()
    held = HeldBelow(relation, "1e3 Msun")
    assert held.concentration("1e5 Msun") == relation.concentration("1e5 Msun")
    assert held.concentration("1e-12 Msun") == relation.concentration("1e3 Msun")
    with pytest.raises(InputError, match="outside 0 to"):
        held.concentration("1e17 Msun")
    # where the polynomial turns
    low = field_relation().concentration([1e-10, 1e-9, 1e-8, 1e-6] * u.Msun)
    assert low[0] == pytest.approx(low[1], rel=1e-4)
    assert low[1] > low[2] > low[3]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: SubhaloPopulation(alpha=1.95), "give norm"),
        (lambda: SubhaloPopulation(alpha=3.5), "outside 1 to 3"),
        (lambda: SubhaloPopulation(levels=0), "1 .subhaloes. or more"),
        (lambda: SubhaloPopulation(least="0 Msun"), "must be positive"),
        (lambda: SubhaloPopulation(scatter_dex=-0.1), "zero or more"),
        (lambda: SubhaloPopulation(relation="Moline"), "not a ConcentrationMassRelation"),
        (lambda: HeldBelow("Moline", "1 Msun"), "not a ConcentrationMassRelation"),
        (lambda: substructure_boost("1e-7 Msun", "1 km/s"), "above the smallest subhalo"),
        (lambda: substructure_boost("1e7 Msun", "-1 km/s"), "negative"),
        (lambda: substructure_boost("1e7 Msun", "1 km/s", host_relation=RELATION), "one mass definition"),
        (lambda: moline_boost("1e12 Msun", 1.8), "1.9, 2.0"),
        (lambda: moline_boost("1e17 Msun"), "outside"),
    ],
)
def test_nonsense_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()
