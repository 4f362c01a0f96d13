"""Dwarfs in gravity that follows their decays: closed forms, the fixed potential, and N-body by another code."""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick.daughters.bound_fraction import bound_fraction
from halokick.decay.kicks import FixedKick, PhaseSpaceKick, TwoBodyKick
from halokick.errors import InputError
from halokick.sky.dwarf_grid import phase_mixed_ratio
from halokick.sky.dwarfs import suppress_dwarfs
from halokick.sky.live_dwarf_grid import LiveDaughterGrid, _continue, measure_live_error, solve_live_grid
from halokick.sky.live_dwarf_halo import LiveNFW, SoftCut
from halokick.sky.tides import milky_way_halo, tidal_radius

KMS = u.km / u.s
V_MAX = 0.46137  # of the NFW halo cut at 10 r_s, in V0
CUT = np.array([10.0])
ONE = np.eye(1)


def history(share, **options):
    return hk.DecayHistory(-13.8 * u.Gyr / np.log1p(-share), age=13.8 * u.Gyr, **options)


def coarse(share):
    return solve_live_grid(history(share), kicks=10, truncations=(10.0, 10.0, 1), n=8192)


@pytest.fixture(scope="module")
def grid():
    """Lifetime equal to the age, but for rounding."""
    return coarse(0.632)


def responses(grid, kick, x):
    partner, daughter = grid.responses(np.array([[kick]]), CUT, np.asarray(x)[None], ONE)
    return partner[0, 0], daughter[0, 0]


def squares(grid, x):
    """Weight of each radius in the volume integral of rho^2 before decays, for steps in ln r."""
    return x**3 * (grid.parent(CUT, x[None])[0] / (x * (1 + x) ** 2)) ** 2


def j_of_all(grid, kick):
    """Integral of rho^2 of all dark matter from 0.02 r_s to 0.1, 1, 8, over that before decays."""
    found = []
    share = grid.settings["decayed_share"]
    for last in (0.1, 1.0, 8.0):
        x = np.exp(np.linspace(np.log(0.02), np.log(last), 400))
        partner, daughter = responses(grid, kick, x)
        weight = squares(grid, x)
        found.append(np.sum(weight * ((1 - share) * partner + share * daughter) ** 2) / np.sum(weight))
    return found


@pytest.mark.parametrize(("kick", "wanted"), [(0.65, [0.183, 0.407, 0.435]), (1.3, [0.010, 0.029, 0.042])])
def test_j_agrees_with_an_independent_n_body_code(grid, kick, wanted):
    # 65,536 particles, 1 to 5 per cent by seeds and smoothing, printed to three digits; 8192 orbits here another 3
    found, wanted = np.array(j_of_all(grid, kick * V_MAX)), np.array(wanted)
    assert np.all(np.abs(found - wanted) < 0.05 * wanted + 5e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("kick", "wanted"), [(0.65, [0.565, 0.724, 0.739]), (1.3, [0.268, 0.374, 0.399])])
def test_j_agrees_with_n_body_where_a_quarter_has_decayed(kick, wanted):
    assert j_of_all(coarse(0.259), kick * V_MAX) == pytest.approx(wanted, rel=0.03)  # as above, and less has changed


def test_rare_decays_are_those_in_a_fixed_potential():
    few = solve_live_grid(history(1e-3), kicks=4, truncations=(10.0, 10.0, 1))
    x = np.geomspace(0.02, 9.0, 60)
    df = SoftCut().reference(10.0)
    for i in (1, 2):
        # at a node, so that nothing is interpolated in the kick
        speed = few.kicks[i] * float(SoftCut().fastest(10.0))
        partner, daughter = responses(few, speed, x)
        exact = phase_mixed_ratio(df, speed * np.ones(1) * KMS, x * u.kpc)[0]
        weight = squares(few, x)
        # a share of 1e-3 moves J by up to 6e-3; the rest is sampling, more where fewer daughters are left
        assert np.sum(weight * partner**2) / np.sum(weight) == pytest.approx(1, abs=8e-3)
        assert np.sum(weight * daughter) / np.sum(weight * exact) == pytest.approx(1, abs=0.03)
        bound = bound_fraction(df, FixedKick(speed * KMS), 25 * u.kpc)
        assert few.bound_fraction(np.array([[speed]]), CUT)[0, 0] == pytest.approx(bound, abs=0.01)


def test_no_kick_changes_nothing(grid):
    x = np.geomspace(1e-4, 10, 30)
    for found in responses(grid, 0.0, x):
        assert found == pytest.approx(np.ones(30), abs=1e-12)
    for found in responses(grid, 1e-3, np.geomspace(0.02, 10, 30)):
        # the deficit in the centre goes with the square of the kick: 1e-5 of the first node's
        assert found == pytest.approx(np.ones(30), abs=2e-3)
    assert grid.bound_fraction(np.array([[0.0]]), CUT)[0, 0] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("parent_share", [1.0, 0.5])
def test_partners_of_daughters_that_all_leave_expand_by_homology(parent_share):
    # each keeps its action: rho(r) = y^4 rho_0(y r) with a share y of all mass left, of which y is what did not decay
    halo = LiveNFW(SoftCut(), 10.0, FixedKick(1 * KMS), 0.632, parent_share=parent_share, n=8192)
    x = np.array([0.05, 0.1, 0.3, 1.0, 3.0, 5.0])
    found = halo.ratios(4.0, x)
    y = 1 - 0.632 * parent_share
    profile = halo.df.profile
    exact = np.asarray(y**3 * profile.density(y * x * u.kpc) / profile.density(x * u.kpc))
    # sampling with 8192 orbits: 2 per cent, 3 in the centre
    assert found.partner == pytest.approx(exact, rel=0.03)
    assert np.all(np.isnan(found.daughter))
    assert found.bound == pytest.approx(0, abs=1e-12)


def test_mass_lost_without_a_kick_expands_all_by_homology():
    # half of the mass of each of 0.632 of the particles goes to radiation: all orbits feel y = 1 - 0.316
    halo = LiveNFW(SoftCut(), 10.0, FixedKick(1 * KMS), 0.632, mass_loss=0.5, n=8192)
    x = np.array([0.05, 0.1, 0.3, 1.0, 3.0, 5.0])
    found = halo.ratios(0.0, x)
    y = 1 - 0.632 * 0.5
    profile = halo.df.profile
    exact = np.asarray(y**3 * profile.density(y * x * u.kpc) / profile.density(x * u.kpc))
    assert found.partner == pytest.approx(exact, rel=0.03)  # sampling, as above
    assert found.daughter == pytest.approx(0.5 * exact, rel=0.03)
    assert found.bound == pytest.approx(1, abs=1e-3)


def test_pairs_of_fast_daughters_are_those_of_homology_times_nothing(grid):
    x = np.array([0.1, 1.0, 5.0])
    fastest = float(SoftCut().fastest(10.0))
    partner, daughter = responses(grid, 2.01 * fastest, x)
    assert np.all(daughter == 0)
    y = 1 - 0.632
    profile = SoftCut().reference(10.0).profile
    exact = np.asarray(y**3 * profile.density(y * x * u.kpc) / profile.density(x * u.kpc))
    # the last solved kick, 1.21 escape speeds, keeps 1e-3 of the daughters; and the sampling of before
    assert partner == pytest.approx(exact, rel=0.03)


def test_signals_fall_with_the_kick_everywhere(grid):
    x = np.geomspace(1e-3, 10, 40)
    kicks = np.linspace(0.0, 2.6, 80)
    partner, daughter = (found[0] for found in grid.responses(kicks[None], CUT, x[None], np.eye(80)))
    weight = squares(grid, x)
    for signal in (partner * daughter, daughter**2, partner**2):
        assert np.all(np.diff(signal @ weight) <= 1e-6 * np.sum(weight))  # rounding where nothing changes any more
    bound = grid.bound_fraction(kicks[None], CUT)[0]
    assert np.all(np.diff(bound) <= 1e-9)


def test_escape_speed_of_the_soft_cut_is_the_halo_s_own():
    for cut in (1.0, 10.0, 70.0):
        own = SoftCut().reference(cut).halo.escape_speed(1e-9 * u.kpc).value
        assert SoftCut().fastest(cut) == pytest.approx(own, rel=1e-7)  # the halo's table
    assert SoftCut().fastest(np.array([1.0, 10.0])).shape == (2,)


def test_error_between_nodes_is_measured_and_small(grid):
    error = measure_live_error(grid, points=2, seed=3, fastest=0.4)
    # ten kicks instead of twelve, half the orbits
    assert np.all(error.exact > 0.1)
    assert np.max(np.abs(error.signal)) < 0.03
    assert np.max(np.abs(error.bound)) < 0.02


def test_all_kicks_have_the_shape_of_the_grid_s_law(grid):
    speeds, mixing = grid.kick_nodes([FixedKick(10 * KMS), TwoBodyKick("1 GeV", "0.9999 GeV")])
    assert speeds[0] == 10
    assert np.array_equal(mixing, np.eye(2))
    with pytest.raises(InputError, match="another shape"):
        grid.kick_nodes([PhaseSpaceKick(3, 10 * KMS)])


def test_particles_are_kicked_by_the_law_of_the_grid():
    law = PhaseSpaceKick(3, 30 * KMS)
    halo = LiveNFW(SoftCut(), 10.0, law, 0.5, n=4096)
    kicks = halo._unit * law.rms_speed.value
    # quadratures of the law against evenly spread particles: 1/n
    assert np.sqrt(np.mean(kicks**2)) == pytest.approx(law.rms_speed.value, rel=1e-3)
    assert np.mean(kicks < 15) == pytest.approx(law.cdf(15 * KMS), abs=1e-3)


def stand_in():
    """Tables of a power of the radius and an exponential of the root of the kick, which all interpolations keep."""
    kicks, cuts, n = np.linspace(0, 1.1, 9) ** 2, np.geomspace(1, 70, 5), 9
    ln_x = np.array([np.linspace(np.log(1e-3), np.log(cut), n) for cut in cuts])
    shape = np.sqrt(kicks)[:, None, None] * (0.2 * ln_x - 2)
    return LiveDaughterGrid(
        SoftCut(), FixedKick(1 * KMS), kicks, cuts, 0.5 * shape, shape, -np.sqrt(kicks)[:, None] * np.ones(5)
    )


def test_cones_of_a_dwarf_hold_both_changed_densities():
    dwarf = hk.builtin_catalogue()["Draco"]
    kick, grid = FixedKick(12 * KMS), stand_in()

    class Passing:
        def density(self, r):
            return np.full(np.shape(r), 1e4) * u.Msun / u.kpc**3

    result = suppress_dwarfs(dwarf, [kick], grid=grid, draws=400, angles=0.5 * u.deg, host_daughters=[Passing()])[0]
    # the dwarf of the medians, which is not one of the draws, by the adaptive table of lines of sight
    parent = hk.NFWProfile(r_s=result.r_s[1], rho_s=result.rho_s[1])
    scale = float(result.r_s[1].value)
    v0 = float(result.max_circular_speed[1].value) / 0.464992
    cut = tidal_radius(parent, milky_way_halo(), dwarf.galactocentric_distance)
    ratio = np.array([float((cut / result.r_s[1]).to_value(""))])

    class Changed:
        def __init__(self, which):
            self.which = which

        def density(self, r):
            x = np.atleast_1d(r.to_value("kpc") / scale).ravel()
            rho = parent.density(r) * np.reshape(grid.parent(ratio, x[None]), np.shape(r))
            if self.which is None:
                return rho
            found = grid.responses(np.array([[12 / v0]]), ratio, x[None], ONE)[self.which]
            return rho * np.reshape(found, np.shape(r))

    line = {"distance": dwarf.distance, "angle": 0.5 * u.deg, "r_max": cut}
    before = hk.j_factor(Changed(None), **line)
    pair, own = hk.j_factor(Changed(0), Changed(1), **line) / before, hk.j_factor(Changed(1), **line) / before
    # medians of haloes of all sizes against the halo of medians: a few per cent; a forgotten factor would be 30
    assert result.linear[0, 0, 1] == pytest.approx(float(pair), rel=0.06)
    assert result.quadratic[0, 0, 1] == pytest.approx(float(own), rel=0.06)
    density = (1e4 * u.Msun / u.kpc**3).to(u.GeV / u.cm**3, u.mass_energy())
    floor = density * hk.d_factor(Changed(0), **line) / before
    assert result.floor[0, 0, 1] == pytest.approx(float(floor.to_value("")), rel=0.1)
    assert result.settings["truncation"] == "soft cut"


def test_rows_without_daughters_go_on_as_exponentials_of_the_kick():
    speeds = np.array([0.0, 0.2, 0.5, 0.9, 1.2])
    table = np.array([[0.0], [-1.0], [-2.5], [np.nan], [np.nan]])
    _continue(speeds, table)
    assert table[:, 0] == pytest.approx([0, -1, -2.5, -4.5, -6])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"history": "20 Gyr"}, "DecayHistory"),
        ({"kicks": 3}, "four of the first two"),
        ({"history": hk.DecayHistory(np.inf * u.Gyr)}, "between nothing and 0.98"),
        ({"history": hk.DecayHistory("2 Gyr")}, "between nothing and 0.98"),
    ],
)
def test_bad_arguments_are_named(change, message):
    arguments = {"history": history(0.5)} | change
    with pytest.raises(InputError, match=message):
        solve_live_grid(arguments.pop("history"), **arguments)
