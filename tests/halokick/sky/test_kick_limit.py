"""Draws of dwarfs under several closures, and limits with kicks where the answer is known otherwise."""

import astropy.units as u
import numpy as np
import pytest

from halokick.daughters.phase_mixing import phase_mix
from halokick.decay.kicks import FixedKick, TabulatedKick
from halokick.errors import InputError
from halokick.halo.concentration import Extrapolated, SanchezCondePrada2014
from halokick.halo.df import ErgodicDF
from halokick.halo.dwarf_closure import nfw_from_dispersion
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile
from halokick.halo.virial import FlatCosmology
from halokick.sky.catalogue import builtin_catalogue
from halokick.sky.dwarf_closures import DwarfClosure, DwarfDraws, draw_dwarf, standard_closures
from halokick.sky.dwarf_grid import NoCut, solve_daughter_grid
from halokick.sky.flux import DistinctSpecies
from halokick.sky.jfactor import j_factor
from halokick.sky.kick_limit import kick_limits
from halokick.sky.likelihood_profile import GaussianProfile
from halokick.sky.linear_suppression import InCone, WholeHalo
from halokick.sky.nfw_suppression import NFW_SUPPRESSION
from halokick.sky.stacking import Target, stacked_limit
from halokick.sky.subhalo_relations import largest_circular_speed

KMS = u.km / u.s
PROFILE = GaussianProfile(1e-7 * u.Unit("GeV2 cm-2 s-1"))
KICKS = [FixedKick(5 * KMS), FixedKick(30 * KMS)]


class Plain:
    """An s-wave: <S> = 1."""

    name = "s"

    def average(self, kick_speed, v_max):
        return np.ones(np.broadcast_shapes(kick_speed.shape, v_max.shape))


class Square(Plain):
    name = "V_max squared"

    def average(self, kick_speed, v_max):
        return super().average(kick_speed, v_max) * v_max.value**2


@pytest.fixture(scope="module")
def catalogue():
    return builtin_catalogue()


@pytest.fixture(scope="module")
def drawn(catalogue):
    names = ("Draco", "Segue 1", "Fornax")
    return [[draw_dwarf(catalogue[name], closure, draws=60) for name in names] for closure in standard_closures()]


def made(name, closure, log10_j, v_max):
    """Draws that are given."""
    n = len(v_max)
    return DwarfDraws(
        name,
        closure,
        np.asarray(log10_j, dtype=float),
        np.asarray(v_max, dtype=float) * KMS,
        np.ones(n) * u.kpc,
        np.ones(n) * 1e7 * u.Msun / u.kpc**3,
        np.full(n, 80.0) * u.kpc,
        np.full(n, 5.0),
        0.5 * u.deg,
    )


def test_draws_belong_to_their_halo(drawn):
    for row in drawn:
        draw = row[0]
        halo = NFWProfile(r_s=draw.r_s[7], rho_s=draw.rho_s[7])
        x = np.linspace(2.1, 2.2, 201) * draw.r_s[7]
        speed = np.sqrt(4.30091727e-6 * halo.mass(x).value / x.value)
        assert draw.v_max[7].value == pytest.approx(np.max(speed), rel=1e-6)
        edge = draw.tidal_ratio[7] * draw.r_s[7]
        j = j_factor(halo, distance=draw.distance[7], angle=0.5 * u.deg, r_max=edge).value
        assert 10 ** draw.log10_j[7] == pytest.approx(j, rel=1e-6)  # twenty Gauss nodes a segment


def test_cap_keeps_the_measured_mass(catalogue, drawn):
    dwarf = catalogue["Draco"]
    free, capped = drawn[1][0], drawn[2][0]
    moved = free.v_max > 40 * KMS
    assert 0.1 < np.mean(moved) < 1
    assert np.all(capped.v_max[moved] == 40 * KMS)
    assert np.all(capped.r_s[~moved] == free.r_s[~moved])
    i = int(np.argmax(moved))
    radius = dwarf.half_light_radius * (4 / 3) * (free.distance[i] / dwarf.distance)
    one, other = (NFWProfile(r_s=d.r_s[i], rho_s=d.rho_s[i]).mass(radius).value for d in (free, capped))
    assert other == pytest.approx(one, rel=1e-12)
    with pytest.raises(InputError, match="below the circular speed"):
        draw_dwarf(dwarf, DwarfClosure("low", largest_v_max="12 km/s"), draws=20)


def test_closing_with_the_mean_relation_extrapolates_wildly(catalogue):
    relation = Extrapolated(SanchezCondePrada2014(FlatCosmology("70 km s-1 Mpc-1", 0.3)))
    for name, printed in (("Draco", 53), ("Segue 1", 103), ("Tucana II", 8.9)):
        halo = nfw_from_dispersion(catalogue[name].dispersion, catalogue[name].half_light_radius, relation)
        assert largest_circular_speed(halo.virial_mass, relation).value == pytest.approx(
            printed, rel=7e-3
        )  # two digits


def test_measured_j_takes_the_place_of_the_drawn_one(drawn):
    moved = drawn[0][0].with_measured_j(10**18.83 * u.Unit("GeV2 cm-5"), 0.12)
    assert np.median(moved.log10_j) == pytest.approx(18.83, abs=1e-12)
    assert moved.j_width_dex == pytest.approx(0.12, rel=1e-12)
    assert np.all(np.argsort(moved.log10_j) == np.argsort(drawn[0][0].log10_j))


def test_draws_without_spread_are_a_plain_stack():
    rows = [
        [made("a", c, np.full(20, 18.5), np.full(20, 25.0)), made("b", c, np.full(20, 18.0), np.full(20, 9.0))]
        for c in "xy"
    ]
    found = kick_limits(rows, [PROFILE] * 2, KICKS, [Plain(), Square()], linear=WholeHalo(), pairs=DistinctSpecies())
    stack = [
        Target("a", 10**18.5 * u.Unit("GeV2 cm-5"), 0, PROFILE),
        Target("b", 1e18 * u.Unit("GeV2 cm-5"), 0, PROFILE),
    ]
    s = NFW_SUPPRESSION(np.array([[5 / 25, 5 / 9], [30 / 25, 30 / 9]]))
    exact = stacked_limit(stack, s, pairs=DistinctSpecies()).value
    assert found.sigma_v.shape == (2, 2, 2)
    for c in (0, 1):
        assert found.sigma_v[c, 0].value == pytest.approx(exact, rel=1e-9)
        weighted = stacked_limit(stack, s * np.array([625, 81]), pairs=DistinctSpecies()).value
        assert found.sigma_v[c, 1].value == pytest.approx(weighted, rel=1e-9)
    assert found.ratio[0, 0] == pytest.approx(exact / stacked_limit(stack, pairs=DistinctSpecies()).value, rel=1e-9)


def test_spreads_of_j_and_s_add_up():
    # J as V_max^4: the width of log10 J S is that of log10 J times 1 + |dln S/dln kappa|/4
    v_max = 25 * 10 ** np.linspace(-0.02, 0.02, 201)
    log_j = 18.5 + 4 * np.log10(v_max / 25)
    rows = [[made("a", c, log_j, v_max)] for c in "xy"]
    kicks = [FixedKick(25 * k * KMS) for k in (1, 1.5, 2, 2.5)]
    found = kick_limits(rows, [PROFILE], kicks, [Plain()], linear=WholeHalo())
    steep = NFW_SUPPRESSION.steepness(np.array([1, 1.5, 2, 2.5]))
    own = rows[0][0].j_width_dex
    # curvature of ln S over the spread
    assert found.width_dex[0, 0, :, 0] / own == pytest.approx(1 - steep / 4, rel=2e-3)
    assert found.width_dex[0, 0, 2, 0] / own == pytest.approx(2.0, abs=0.05)  # doubled at kappa = 2


def test_kicks_of_many_speeds_are_summed():
    rows = [[made("a", c, np.full(20, 18.5), np.full(20, 25.0))] for c in "xy"]
    speed = np.linspace(5, 30, 40)
    spread = TabulatedKick(speed * KMS, np.ones(40) / 25 / KMS)
    found = kick_limits(rows, [PROFILE], [spread], [Plain()], linear=WholeHalo())
    z, w = np.polynomial.legendre.leggauss(40)
    mean = 0.5 * np.sum(w * NFW_SUPPRESSION((17.5 + 12.5 * z) / 25))
    assert found.ratio[0, 0, 0] == pytest.approx(1 / mean, rel=1e-5)  # the kick's own quadrature


def test_cone_of_the_whole_halo_is_the_whole_halo():
    grid = solve_daughter_grid(NoCut(), kicks=7, truncations=(1.0, 20.0, 4), radii=10)
    draw = made("a", "x", [18.0] * 3, [25.0] * 3)
    far = DwarfDraws(**{**draw.__dict__, "tidal_ratio": np.full(3, 10.0), "distance": np.full(3, 1e4) * u.kpc})
    v0 = np.sqrt(4 * np.pi * 4.30091727e-6 * 1e7)
    kick = np.array([0.0, 0.3, 1.0, 2.0]) * 0.4649909628 * v0 * KMS
    found = InCone(grid).of(kick, far)
    # seven kicks and ten radii instead of sixteen and twenty-four: 8e-3 as measured
    assert found[1] == pytest.approx(NFW_SUPPRESSION(np.array([0, 0.3, 1, 2])), rel=2e-2)
    # half a degree at 80 kpc is 0.7 r_s: the cone integral over daughters solved for this halo
    near = DwarfDraws(**{**far.__dict__, "distance": np.full(3, 80.0) * u.kpc})
    halo = NFWProfile(r_s="1 kpc", rho_s="1e7 Msun/kpc3")
    daughters = phase_mix(ErgodicDF(Halo(halo)), FixedKick(kick[2]), np.geomspace(1e-4, 10, 40) * u.kpc)
    view = {"distance": 80 * u.kpc, "angle": 0.5 * u.deg, "r_max": 10 * u.kpc}
    exact = (j_factor(halo, daughters, **view) / j_factor(halo, **view)).value
    assert InCone(grid).of(kick, near)[0, 2] == pytest.approx(exact, rel=2e-2)
    assert exact < 0.95 * NFW_SUPPRESSION(1.0)


def test_limits_of_real_dwarfs_get_weaker_and_closures_differ(drawn):
    found = kick_limits(drawn, [PROFILE] * 3, KICKS, [Plain()], linear=WholeHalo())
    assert found.closures == tuple(closure.name for closure in standard_closures())
    assert np.all(found.ratio[:, :, 1] > found.ratio[:, :, 0])
    assert np.all(found.ratio[:, :, 0] > 1)
    low, high = found.band
    assert np.all(high / low > 1.2)
    assert low.shape == (1, 2)


def test_nothing_left_is_no_limit():
    rows = [[made("a", c, [18.0] * 20, [10.0] * 20)] for c in "xy"]
    found = kick_limits(rows, [PROFILE], [FixedKick(80 * KMS)], [Plain()], linear=WholeHalo())
    assert np.all(np.isinf(found.sigma_v.value))
    assert np.all(np.isneginf(found.log10_j))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"draws": slice(0, 1)}, "two closures or more"),
        ({"profiles": [PROFILE]}, "1 likelihood profiles for 3"),
        ({"kicks": []}, "is empty"),
        ({"models": []}, "is empty"),
        ({"swap": True}, "different dwarfs"),
        ({"other": True}, "other than DwarfDraws"),
    ],
)
def test_nonsense_is_refused(drawn, changes, words):
    rows = list(drawn[changes.get("draws", slice(0, 3))])
    if "swap" in changes:
        rows[1] = rows[1][::-1]
    if "other" in changes:
        rows[1] = [1, 2, 3]
    with pytest.raises(InputError, match=words):
        kick_limits(
            rows,
            changes.get("profiles", [PROFILE] * 3),
            changes.get("kicks", KICKS),
            changes.get("models", [Plain()]),
            linear=WholeHalo(),
        )


def test_closures_and_grids_are_checked(catalogue, drawn):
    with pytest.raises(InputError, match="not a ConcentrationMassRelation"):
        DwarfClosure("x", relation="Moline")
    with pytest.raises(InputError, match="10 draws or more"):
        draw_dwarf(catalogue["Draco"], DwarfClosure("x"), draws=2)
    with pytest.raises(InputError, match="not a DaughterGrid"):
        InCone("grid")
    with pytest.raises(InputError, match="must be positive"):
        drawn[0][0].with_measured_j(1e19 * u.Unit("GeV2 cm-5"), 0.0)
    flat = made("a", "x", [18.0] * 12, [10.0] * 12)
    with pytest.raises(InputError, match="no spread"):
        flat.with_measured_j(1e19 * u.Unit("GeV2 cm-5"), 0.1)
