"""The grid of daughters: its interpolation with an analytic stand-in for the solver, and the real solver's numbers."""

import astropy.units as u
import numpy as np
import pytest

from halokick.daughters.bound_fraction import bound_fraction
from halokick.decay.kicks import FixedKick
from halokick.errors import InputError
from halokick.sky.dwarf_grid import EnergyCut, NoCut, measure_error, solve_daughter_grid

# Draco-like NFW halo: r_s = 1 kpc, rho_s = 5.3e7 Msun/kpc^3, 81.55 kpc away; V0 = 53.52 km/s, r_t = 5.8626 kpc
V0, TIDAL = 53.52, 5.8626
SPHERE = 81.55 * np.sin(np.deg2rad(0.5))
KICK = np.array([1, 5, 10, 20, 30, 50, 75, 100.0])
# from an independent code: full phase mixing of the infinite halo, and with parents and daughters cut at r_t
LINEAR = [0.99741, 0.95248, 0.85193, 0.59525, 0.35585, 0.08390, 6.064e-3, 1.319e-4]
QUADRATIC = [0.99501, 0.91506, 0.74879, 0.39078, 0.14997, 8.993e-3, 4.862e-5, 2.216e-8]
BOUND = [1.0, 0.99969, 0.99684, 0.96678, 0.87498, 0.49486, 0.0860, 3.08e-3]
LINEAR_CUT = [0.99727, 0.95154, 0.84978, 0.59082, 0.34985, 0.07763, 4.046e-3, 3.76e-5]


def stand_in(df, speeds, radii):
    """A smooth ratio much like the true one: a power of what is left to the last kick, lower in the centre."""
    cut = df.halo.energy_cut
    fastest = EnergyCut().fastest(cut.value) if cut is not None else np.sqrt(2)
    share = (speeds.value / fastest)[:, None]
    x = radii.value
    return (1 - share / 2) ** 3 / (1 + 3 * share**2 / (0.3 + x**0.5))


@pytest.fixture(scope="module")
def cut_grid():
    return solve_daughter_grid(EnergyCut(), stand_in, kicks=9, truncations=(3.0, 9.0, 4), radii=14)


@pytest.fixture(scope="module")
def infinite_grid():
    return solve_daughter_grid(NoCut())


def test_interpolation_returns_the_solver_s_function(cut_grid, rng):
    n = 40
    cut = np.exp(rng.uniform(np.log(3.0), np.log(9.0), n))
    share = rng.uniform(0, 1.7, (n, 5))
    x = np.exp(rng.uniform(np.log(1e-4), np.log(0.93), (n, 12))) * np.minimum(cut[:, None], 1.0)
    kick = share * EnergyCut().fastest(cut)[:, None]
    exact = (1 - share[..., None] / 2) ** 3 / (1 + 3 * share[..., None] ** 2 / (0.3 + x[:, None] ** 0.5))
    # cubic splines with nine kicks, and cells of 0.9 in ln r
    assert cut_grid.ratio(kick, cut, x) == pytest.approx(exact, rel=3e-2)
    finer = solve_daughter_grid(EnergyCut(), stand_in, kicks=17, truncations=(3.0, 9.0, 4), radii=20)
    # with cells half as wide the fourth-order error falls tenfold
    assert finer.ratio(kick, cut, x) == pytest.approx(exact, rel=3e-3)


def test_ratio_ends_where_no_parent_can_keep_its_daughter(cut_grid):
    cut = np.array([5.0])
    fastest = EnergyCut().fastest(cut)
    kick = fastest[:, None] * np.array([[1.75, 1.9, 1.99, 2.0, 7.0]])
    ratio = cut_grid.ratio(kick, cut, np.array([[0.1]]))[0, :, 0]
    # beyond the last solved kick the stand-in's power of (1 - share/2), three, goes on; nine kicks give it to a tenth
    power = np.log(ratio[1:3] / ratio[0]) / np.log((1 - np.array([1.9, 1.99]) / 2) / 0.125)
    assert power == pytest.approx([3, 3], rel=0.15)
    assert np.all(ratio[3:] == 0)
    assert np.all(cut_grid.bound_fraction(kick, cut)[0, 3:] == 0)


def test_zero_kick_returns_the_parents(cut_grid):
    x = np.geomspace(1e-5, 4, 20)[None]
    assert cut_grid.ratio(np.zeros((1, 1)), np.array([5.0]), x)[0, 0] == pytest.approx(np.ones(20), abs=1e-12)
    assert cut_grid.bound_fraction(np.zeros((1, 1)), np.array([5.0]))[0, 0] == pytest.approx(1, abs=1e-9)


def test_parents_left_by_the_cut(cut_grid):
    # the df between the nodes of the grid, solved afresh
    cut = 5.3
    x = np.geomspace(1e-3, 0.9 * cut, 30)
    df = EnergyCut().reference(cut)
    exact = np.asarray(df.density(x * u.kpc) / df.profile.density(x * u.kpc))
    # the spline in ln r of 14 points
    assert cut_grid.parent(np.array([cut]), x[None])[0] == pytest.approx(exact, abs=2e-3)


def test_measured_error_is_small_for_the_same_solver_and_finds_a_different_one(cut_grid):
    same = measure_error(cut_grid, stand_in, points=4)
    assert np.max(np.abs(same.signal)) < 5e-3
    other = measure_error(cut_grid, lambda *arguments: 1.1 * stand_in(*arguments), points=4)
    # the grid is 1/1.1 of it, and its square 1/1.21
    assert (1 + other.signal) / (1 + same.signal) == pytest.approx(1 / 1.1, rel=1e-9)
    assert (1 + other.signal_squared) / (1 + same.signal_squared) == pytest.approx(1 / 1.21, rel=1e-9)


def test_last_possible_kick_is_the_escape_speed_twice(cut_grid):
    # the halo's own escape speed near the centre, where psi falls short of psi(0) by x/2
    df = EnergyCut().reference(4.0)
    assert df.halo.escape_speed(1e-8 * u.kpc).value == pytest.approx(EnergyCut().fastest(4.0), rel=1e-7)


def test_bound_fraction_at_a_node_is_that_of_the_halo(cut_grid):
    # the public function, with its own quadrature over birth radii; at the edge the two differ by a few 1e-5
    cut = cut_grid.truncations[1]
    kick = FixedKick(cut_grid.kicks[5] * EnergyCut().fastest(cut) * u.km / u.s)
    exact = bound_fraction(EnergyCut().reference(cut), kick, cut * (1 - 1e-6) * u.kpc)
    assert np.exp(cut_grid.ln_bound[5, 1]) == pytest.approx(exact, rel=1e-4)


def test_too_few_nodes_are_refused():
    with pytest.raises(InputError, match="needs four of each"):
        solve_daughter_grid(kicks=3)


def suppression(grid, kick, power):
    """Ratio of the volume integrals in the sphere that subtends half a degree: Gauss-Legendre in ln r."""
    z, w = np.polynomial.legendre.leggauss(60)
    first = np.log(1e-6)
    log_x = first + 0.5 * (z + 1) * (np.log(SPHERE) - first)
    x = np.exp(log_x)[None]
    cut = np.array([TIDAL])
    rho = grid.parent(cut, x)[0] / (x[0] * (1 + x[0]) ** 2)
    weight = w * np.exp(3 * log_x) * rho**2
    ratio = grid.ratio(kick[None] / V0, cut, x)[0]
    return ratio**power @ weight / np.sum(weight)


def test_draco_like_suppression_agrees_with_an_independent_code(infinite_grid):
    # the grid's measured error: 1e-3 while a tenth of the signal is left, 2e-2 in its last traces
    assert suppression(infinite_grid, KICK[:6], 1) == pytest.approx(LINEAR[:6], rel=2e-3)
    assert suppression(infinite_grid, KICK[:6], 2) == pytest.approx(QUADRATIC[:6], rel=5e-3)
    assert suppression(infinite_grid, KICK[6:], 1) == pytest.approx(LINEAR[6:], rel=2e-2)
    assert suppression(infinite_grid, KICK[6:], 2) == pytest.approx(QUADRATIC[6:], rel=5e-2)


def test_draco_like_bound_fraction_agrees_with_an_independent_code(infinite_grid):
    bound = infinite_grid.bound_fraction(KICK[None] / V0, np.array([TIDAL]))[0]
    assert bound == pytest.approx(BOUND, abs=5e-4)  # the grid's measured error


@pytest.mark.slow
def test_tidally_cut_suppression_agrees_with_an_independent_code():
    grid = solve_daughter_grid(EnergyCut())
    assert suppression(grid, KICK[:6], 1) == pytest.approx(LINEAR_CUT[:6], rel=3e-3)  # as above
    assert suppression(grid, KICK[6:], 1) == pytest.approx(LINEAR_CUT[6:], rel=3e-2)
    error = measure_error(grid, points=12, seed=4)
    bright = error.exact > 0.1
    assert np.max(np.abs(error.signal[bright])) < 3e-3
    assert np.max(np.abs(error.signal)) < 3e-2
    assert np.max(np.abs(error.bound)) < 1e-3
