"""Relative speeds at single radii: an independent calculation, moments without pairs, a brute-force Monte Carlo."""

import astropy.units as u
import numpy as np
import pytest

from halokick.constants import SPEED_OF_LIGHT, G
from halokick.decay.kicks import FixedKick
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import GeneralisedNFWProfile, HernquistProfile, NFWProfile, PlummerProfile
from halokick.sky.jfactor import j_factor
from halokick.sky.relative_speed import relative_speed
from halokick.sky.speed_factors import BreitWigner, InverseSpeed, PWave, SWave, UserFactor
from halokick.sky.velocity_j import target_speeds

KMS = u.km / u.s
RADII = [0.01, 0.1, 1, 5] * u.kpc
# k: density over the parents', <v2^2>, beta of the daughters; <v^2>, <v^4>, <1/v> of pairs, at RADII. G = M = a = 1.
TABLE = {
    0.3: [
        (0.337608, 0.171210, 0.0571, 0.250680, 0.135737, 3.005591),
        (0.808819, 0.273962, 0.0174, 0.535260, 0.505486, 1.958188),
        (0.857898, 0.258132, -0.0003, 0.518664, 0.419850, 1.871450),
        (0.815212, 0.096791, 0.0096, 0.193635, 0.057576, 3.042538),
    ],
    0.6: [
        (0.091204, 0.376836, 0.0970, 0.456307, 0.324256, 1.889828),
        (0.385155, 0.366402, 0.1250, 0.627700, 0.657668, 1.748002),
        (0.563267, 0.260079, 0.1044, 0.520611, 0.425248, 1.872394),
        (0.507503, 0.090304, 0.4031, 0.187148, 0.054523, 3.110546),
    ],
}


def kick(k):
    return FixedKick(k * KMS)


@pytest.fixture(scope="module")
def hernquist():
    """G M = a = 1 in km/s and kpc."""
    return ErgodicDF(Halo(HernquistProfile(r_s=1 * u.kpc, rho_s=u.Msun / u.kpc**3 / (2 * np.pi * G))))


@pytest.fixture(scope="module")
def dwarf():
    return ErgodicDF(Halo(NFWProfile(r_s=1 * u.kpc, rho_s=5.3e7 * u.Msun / u.kpc**3)))


@pytest.mark.parametrize("k", sorted(TABLE))
def test_kicked_hernquist_halo(hernquist, k):
    local = relative_speed(hernquist, kick(k), radii=RADII)
    density, square, beta, *pair = np.array(TABLE[k]).T
    # the independent calculation converges to 6e-5 in <v^2> and is rounded to six digits
    assert (local.second_density / hernquist.profile.density(RADII)).value == pytest.approx(density, rel=1e-5)
    own = local.radial_dispersion**2 + 2 * local.tangential_dispersion**2
    assert own.value == pytest.approx(square, rel=8e-5)
    assert local.anisotropy == pytest.approx(beta, abs=1e-4)
    for found, expected in zip((local.mean_square, local.mean_fourth, local.mean_inverse), pair, strict=True):
        # the largest difference, 1.05e-4, is in <v^4> at 0.01; ours stays within 3e-6 if all nodes double
        assert found.value == pytest.approx(expected, rel=1.2e-4)
    assert local.norm == pytest.approx(1, abs=2e-6)


def test_plummer_pairs_at_every_radius():
    # <v^2> = psi, <v^4> = (65/42) psi^2, <1/v> = 1.3428127/sqrt(psi): tables of f hold 1e-9, the constant eight digits
    df = ErgodicDF(Halo(PlummerProfile(r_s=1 * u.kpc, rho_s=1e8 * u.Msun / u.kpc**3)))
    radii = np.geomspace(1e-3, 30, 6) * u.kpc
    local, psi = relative_speed(df, radii=radii), df.halo.relative_potential(radii).value
    assert local.mean_square.value == pytest.approx(psi, rel=2e-8)
    assert local.mean_fourth.value == pytest.approx(65 / 42 * psi**2, rel=2e-8)
    assert local.mean_inverse.value == pytest.approx(1.3428127 / np.sqrt(psi), rel=5e-8)


def test_bins_of_speed_in_a_shell(hernquist):
    # shell 0.9 to 1.1, ten bins of v_rel from 0 to 2: an independent calculation, four decimals
    expected = [0.0247, 0.1409, 0.2564, 0.2692, 0.1876, 0.0889, 0.0273, 0.0047, 0.0003, 0]
    x, w = np.polynomial.legendre.leggauss(4)
    r = 1 + 0.1 * x
    local = relative_speed(hernquist, kick(0.6), radii=r * u.kpc)
    v = (0.2 * np.arange(10)[:, None] + 0.1 * (1 + x)).ravel()
    weight = w * r**2 * (local.first_density * local.second_density).value
    pdf = weight @ local.pdf(v * KMS).value / np.sum(weight)
    assert 0.1 * pdf.reshape(10, 4) @ w == pytest.approx(expected, abs=6e-5)


def test_both_kicked(hernquist):
    local = relative_speed(hernquist, kick(0.6), radii=RADII, pairs="quadratic")
    # an independent calculation, four digits: with the isotropic formula <v^4> would be 0.05162 at 5 kpc
    assert local.mean_fourth[3].value == pytest.approx(0.05236, abs=5e-6)
    square = 2 * (local.radial_dispersion**2 + 2 * local.tangential_dispersion**2)
    assert local.mean_square.value == pytest.approx(square.value, rel=1e-12)
    # distribution and moments are different sums; left is what cubics and 24 nodes leave
    assert local.norm == pytest.approx(1, abs=2e-5)
    assert local.average(PWave()) * SPEED_OF_LIGHT**2 == pytest.approx(local.mean_square.value, rel=2e-5)
    assert local.average(InverseSpeed()) / SPEED_OF_LIGHT == pytest.approx(local.mean_inverse.value, rel=2e-5)


@pytest.mark.parametrize("pairs", ["unkicked", "linear"])
def test_the_distribution_has_the_moments_calculated_without_it(dwarf, pairs):
    # radii from far inside the cusp, where speeds spread over three decades, to the outskirts
    local = relative_speed(dwarf, kick(20), radii=np.geomspace(1e-4, 20, 9) * u.kpc, pairs=pairs)
    # largest near 5e-3 scale radii, where nodes and cubics cross over: 5e-6 and 2e-5
    assert local.norm == pytest.approx(1, abs=1e-5)
    assert local.average(PWave()) * SPEED_OF_LIGHT**2 == pytest.approx(local.mean_square.value, rel=4e-5)
    assert local.average(InverseSpeed()) / SPEED_OF_LIGHT == pytest.approx(local.mean_inverse.value, rel=1e-5)
    assert local.average(SWave()) == pytest.approx(1, abs=1e-12)


def test_no_kick_is_the_limit_of_a_small_one(dwarf):
    radii = np.geomspace(0.1, 10, 4) * u.kpc
    none, small = relative_speed(dwarf, radii=radii), relative_speed(dwarf, kick(0.1), radii=radii)
    assert none.pairs == "unkicked"
    v = np.linspace(1, 100, 7) * KMS
    # (0.1/15)^2 of the dispersion inside, times a few
    assert small.pdf(v).value == pytest.approx(none.pdf(v).value, rel=5e-4, abs=1e-7)
    assert none.mean_square.value == pytest.approx(6 * dwarf.velocity_dispersion(radii).value ** 2, rel=1e-8)


def test_a_narrow_pole_at_a_radius(hernquist):
    local = relative_speed(hernquist, kick(0.6), radii=RADII)
    pole = BreitWigner.at(0.8 * KMS, 1e-4)
    b = 0.8 / SPEED_OF_LIGHT
    narrow = 2 * np.pi * pole.delta**2 / pole.gamma * local.pdf(0.8 * KMS).value * SPEED_OF_LIGHT / b
    # tails: of the order of the width over the pole's distance, 1e-4, times 1/P
    assert local.average(pole) == pytest.approx(narrow, rel=3e-3)


def test_weighted_profiles_serve_every_j_factor(dwarf):
    # profile and target are two ways to integrate over the halo
    local = relative_speed(dwarf, kick(20), radii=np.geomspace(1e-4, 30, 60) * u.kpc)
    target = target_speeds(dwarf, kick(20), distance=80 * u.kpc, angle=0.5 * u.deg)
    for factor in (SWave(), PWave(), InverseSpeed()):
        found = j_factor(dwarf.profile, local.weighted(factor), distance=80 * u.kpc, angle=0.5 * u.deg)
        # the table of 11 radii per decade: below 1e-6 measured
        assert (found / target.j_factor(factor)).to_value("") == pytest.approx(1, abs=1e-6)


def test_central_slopes():
    # rho^2 <1/v> of an unkicked cusp rises as r^-(2 gamma + (2 - gamma)/2), for gamma = 1.4 faster than any J endures;
    # with the kick <1/v> tends to a constant and rho_1 rho_2 to r^(1 - 2 gamma), slowly
    df = ErgodicDF(Halo(GeneralisedNFWProfile(gamma=1.4, r_s=20 * u.kpc, rho_s=6.9e6 * u.Msun / u.kpc**3)))
    radii = np.array([1e-6, 1e-5, 1e-4, 1e-3]) * u.kpc

    def slope(local):
        product = local.first_density * local.second_density * local.mean_inverse
        return -np.diff(np.log(product.value))[0] / np.log(10)

    assert slope(relative_speed(df, radii=radii)) == pytest.approx(3.1, abs=1e-4)
    local = relative_speed(df, kick(300), radii=radii)
    assert slope(local) == pytest.approx(1.8, abs=0.01)  # 1.79 in an independent calculation
    assert local.mean_inverse[0].value == pytest.approx(local.mean_inverse[1].value, rel=0.01)


@pytest.mark.slow
def test_brute_force(rng):
    """Particles drawn from f, kicked and followed by leapfrog in Hernquist's force; pairs at random in shells."""
    halo = ErgodicDF(Halo(HernquistProfile(r_s=1 * u.kpc, rho_s=u.Msun / u.kpc**3 / (2 * np.pi * G))))
    n = 60_000
    drawn = halo.sample(n, seed=5)
    x, v = drawn.position.to_value("kpc"), drawn.velocity.to_value("km/s")
    calm_r, calm = np.linalg.norm(x, axis=1), v.copy()
    direction = rng.normal(size=(n, 3))
    v = v + 0.6 * direction / np.linalg.norm(direction, axis=1)[:, None]
    bound = 0.5 * np.sum(v**2, axis=1) < 1 / (1 + calm_r)
    x, v = x[bound], v[bound]

    def pull(x):
        r = np.linalg.norm(x, axis=1)
        return -x / (r * (1 + r) ** 2)[:, None]

    step, found = 0.05, {0.1: [], 1.0: [], 5.0: []}
    a = pull(x)
    for i in range(2400):
        v += 0.5 * step * a
        x += step * v
        a = pull(x)
        v += 0.5 * step * a
        if i >= 1200 and i % 100 == 0:
            r = np.linalg.norm(x, axis=1)
            for radius, kept in found.items():
                kept.append(v[np.abs(r / radius - 1) < 0.1])
    local = relative_speed(halo, kick(0.6), radii=[0.1, 1, 5, 6] * u.kpc)
    for i, radius in enumerate((0.1, 1.0, 5.0)):
        second = np.concatenate(found[radius])
        first = calm[np.abs(calm_r / radius - 1) < 0.1]
        pairs = 400_000
        speed = np.linalg.norm(
            first[rng.integers(len(first), size=pairs)] - second[rng.integers(len(second), size=pairs)], axis=1
        )
        moments = {2: local.mean_square, 4: local.mean_fourth, -1: local.mean_inverse}
        for power, expected in moments.items():
            value = speed ** float(power)
            # the smaller of the two samples sets the error; a shell of 10 per cent adds below one per cent
            error = np.std(value) * (1 / np.sqrt(len(first)) + 1 / np.sqrt(len(second) / 12)) / np.mean(value)
            assert np.mean(value) == pytest.approx(expected[i].value, rel=3 * error + 0.01)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"pairs": "both"}, "pairs"), ({"kick": 0.3}, "kick"), ({"df": 3}, "df")],
)
def test_what_is_refused(hernquist, arguments, said):
    values = {"df": hernquist, "kick": kick(0.3), "radii": RADII} | arguments
    with pytest.raises(InputError, match=said):
        relative_speed(values.pop("df"), values.pop("kick"), **values)


def test_the_record_says_which_speed(hernquist):
    local = relative_speed(hernquist, kick(0.3), radii=RADII)
    assert "v_rel" in repr(local)
    assert not local.norm.flags.writeable
    weighted = local.weighted(UserFactor(lambda b: 2 + 0 * b))
    assert weighted.values.value == pytest.approx(2 * local.second_density.value, rel=1e-12)


@pytest.fixture(scope="module")
def cut():
    profile = NFWProfile(r_s=1 * u.kpc, rho_s=5e7 * u.Msun / u.kpc**3)
    return ErgodicDF(Halo(profile, energy_cut=5.09 * u.kpc))


@pytest.mark.parametrize("speed", [None, 8.0])
def test_a_narrow_pole_in_a_halo_that_is_cut(cut, speed):
    # near the cut no pair reaches the pole: <S> falls from 170 to 1 in a tenth of the radius, and the density to zero
    one = None if speed is None else FixedKick(speed * u.km / u.s)
    pole = BreitWigner.at(10 * u.km / u.s, 0.01)
    local = relative_speed(cut, one)
    line = {"distance": 80 * u.kpc, "angle": 0.5 * u.deg}
    found = j_factor(cut, local.weighted(pole), **line)
    # target: its own radii, and no interpolation of <S>; 5e-7 and 3e-6 measured
    assert (found / target_speeds(cut, one, **line).j_factor(pole)).to_value("") == pytest.approx(1, abs=1e-5)


def test_a_weighted_density_keeps_between_its_nodes(cut):
    local = relative_speed(cut)
    weighted = local.weighted(BreitWigner.at(10 * u.km / u.s, 0.01))
    values, radius = weighted.values.value, weighted.radius.value
    outer = radius[:-1] > 1
    between = weighted.density(np.sqrt(radius[1:] * radius[:-1]) * u.kpc).value[outer]
    assert np.all(between < values[:-1][outer])
    assert np.all(between > values[1:][outer])
    assert weighted.density(radius * u.kpc).value == pytest.approx(values, rel=1e-12)
    assert np.array_equal(weighted.density([5.09, 6, 100] * u.kpc).value, [0, 0, 0])


def test_pairs_without_partners_weigh_nothing(cut):
    local = relative_speed(cut, FixedKick(900 * u.km / u.s))
    weighted = local.weighted(SWave())
    assert np.array_equal(weighted.density([0.01, 1, 7] * u.kpc).value, [0, 0, 0])
    assert j_factor(cut, weighted, distance=80 * u.kpc, angle=0.5 * u.deg).value == 0
