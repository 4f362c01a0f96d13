"""Phase-mixed daughters: recomputed tables, conservation, limits, and their velocities."""

import astropy.units as u
import numba
import numpy as np
import pytest

import halokick as hk
from halokick.errors import InputError

KPC, KMS = u.kpc, u.km / u.s
FIGURE_3 = hk.ZhaoProfile(gamma=1.2, r_s=20 * KPC, rho_s=6.911e6 * u.Msun / KPC**3)
DEGREE = 8.2 * np.pi / 180
RADII = np.array([0.05, DEGREE, 3 * DEGREE, 1, 10 * DEGREE, 4, 8.2, 20, 60, 200]) * KPC
GRID = np.geomspace(0.01, 200, 60) * KPC


@pytest.fixture(scope="module")
def parents():
    return hk.ErgodicDF(hk.Halo(FIGURE_3))


# rho_L / rho_parent in the halo of Fig. 3 of Hardy, Lasenby & Unwin (2014), full g(E, L), from an independent code
FULL = {
    10: [0.97905, 0.99074, 0.99589, 0.99764, 0.99808, 0.99877, 0.99896, 0.99901, 0.99881, 0.99792],
    25: [0.87171, 0.94266, 0.97443, 0.98532, 0.98805, 0.99236, 0.99354, 0.99385, 0.99257, 0.98714],
    54: [0.49315, 0.74469, 0.88308, 0.93245, 0.94492, 0.96471, 0.97018, 0.97166, 0.96603, 0.94271],
    76: [0.28739, 0.53886, 0.77483, 0.86848, 0.89255, 0.93099, 0.94171, 0.94474, 0.93436, 0.89253],
    109: [0.14270, 0.30914, 0.57128, 0.73987, 0.78622, 0.86187, 0.88339, 0.88996, 0.87167, 0.80117],
    163: [0.05725, 0.13730, 0.30177, 0.48445, 0.56257, 0.71059, 0.75566, 0.77170, 0.74349, 0.63817],
    218: [0.02692, 0.06736, 0.15996, 0.28169, 0.34597, 0.52819, 0.60019, 0.63039, 0.60068, 0.48120],
    300: [0.01016, 0.02602, 0.06490, 0.12145, 0.15426, 0.27486, 0.36163, 0.41592, 0.39836, 0.29635],
    400: [0.00322, 0.00832, 0.02121, 0.04092, 0.05284, 0.10034, 0.14395, 0.19576, 0.20446, 0.15383],
}
# bound fraction born at 0.1, 1, 8.2, 50, 200 kpc, and by mass inside 200 kpc
BOUND = {
    54: [1.0000, 1.0000, 0.9999, 0.9991, 0.9935, 0.9979],
    109: [1.0000, 0.9999, 0.9989, 0.9894, 0.9421, 0.9800],
    163: [1.0000, 0.9995, 0.9946, 0.9577, 0.8140, 0.9288],
    218: [0.9999, 0.9983, 0.9826, 0.8880, 0.6110, 0.8327],
    300: [0.9994, 0.9920, 0.9341, 0.7013, 0.2796, 0.6223],
    400: [0.9968, 0.9610, 0.7848, 0.3941, 0.0437, 0.3477],
}
# daughters' over parents' mass inside 1.43, 8.2, 50, 200 kpc
MASS = {
    109: [0.692, 0.855, 0.882, 0.859],
    218: [0.256, 0.526, 0.612, 0.575],
    300: [0.110, 0.287, 0.396, 0.371],
    400: [0.037, 0.108, 0.187, 0.185],
}


@pytest.mark.parametrize("speed", FULL)
def test_density_ratios_of_figure_three(parents, speed):
    daughters = hk.phase_mix(parents, hk.FixedKick(speed * KMS), GRID)
    # the table has five decimals, and its radii (degrees at 8.2 kpc) four digits: that moves 0.03 in ln by 3e-5
    np.testing.assert_allclose(daughters.ratio(RADII), FULL[speed], atol=6e-5)
    assert np.max(daughters.error_density / daughters.total_density) < 1e-5


@pytest.mark.parametrize("speed", BOUND)
def test_bound_fractions_of_figure_three(parents, speed):
    kick = hk.FixedKick(speed * KMS)
    daughters = hk.phase_mix(parents, kick, [0.1, 1, 8.2, 50, 200] * KPC, within=200 * KPC)
    # four decimals in the table, one unit of rounding of rho_s
    np.testing.assert_allclose(daughters.bound_at_birth, BOUND[speed][:5], atol=1.1e-4)
    assert daughters.bound_fraction == pytest.approx(BOUND[speed][5], abs=1.1e-4)


@pytest.mark.parametrize("speed", MASS)
def test_mass_that_stays_inside(parents, speed):
    daughters = hk.phase_mix(parents, hk.FixedKick(speed * KMS), GRID)
    ratio = daughters.retained_mass_fraction([1.43, 8.2, 50, 200] * KPC)
    np.testing.assert_allclose(ratio, MASS[speed], atol=1.1e-3)  # three decimals in the table


def test_uniform_ball_of_kicks(parents):
    # a three-body decay fills a uniform ball of velocities up to v_max = 109 km/s
    daughters = hk.phase_mix(parents, hk.PhaseSpaceKick(3, max_speed=109 * KMS), GRID)
    ratio = daughters.ratio([DEGREE, 10 * DEGREE, 8.2] * KPC)
    np.testing.assert_allclose(ratio, [0.50371, 0.86931, 0.92894], atol=3e-5)  # five decimals, as above


def _shells(first, last):
    """Gauss radii and weights of int dr 4 pi r^2 from 0 to `last`, finer towards the edge."""
    x, w = np.polynomial.legendre.leggauss(12)
    edges = np.log(np.concatenate([first * np.array([1, 1e2, 1e3, 1e4]), last * np.array([0.03, 0.3, 0.9, 0.999, 1])]))
    nodes = 0.5 * (edges[:-1, None] + edges[1:, None]) + 0.5 * np.diff(edges)[:, None] * x
    radii = np.exp(nodes).ravel()
    return radii, 4 * np.pi * radii**3 * (0.5 * np.diff(edges)[:, None] * w).ravel()


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_daughters_are_conserved(share):
    # the mass of all daughters turning back inside a cut = what is born with such energies: no orbits on one side
    profile = hk.HernquistProfile(r_s=1 * KPC, rho_s=1e9 * u.Msun / KPC**3)
    halo = hk.Halo(profile)
    df = hk.ErgodicDF(halo)
    kick = hk.FixedKick(share * halo.v0)
    cut = 100 * KPC
    born = hk.bound_fraction(df, kick, 1e8 * KPC, outer_cut=cut) * profile.mass(1e8 * KPC)
    radii, volume = _shells(1e-4, 100.0)
    daughters = hk.phase_mix(df, kick, radii * KPC, outer_cut=cut)
    total = np.sum(volume * daughters.total_density.value)
    assert total / born.value == pytest.approx(1, rel=2e-6)  # quadrature in radius and energy
    # and through the interpolated record, whose nodes are 14 a decade
    assert (hk.phase_mix(df, kick, outer_cut=cut).mass(cut) / born).to_value("") == pytest.approx(1, rel=5e-5)


@pytest.mark.parametrize(("share", "known"), [(0.3, 0.7080), (0.6, 0.3135)])
def test_bound_fraction_of_a_hernquist_halo(share, known):
    halo = hk.Halo(hk.HernquistProfile(r_s=1 * KPC, rho_s=1e9 * u.Msun / KPC**3))
    fraction = hk.bound_fraction(hk.ErgodicDF(halo), hk.FixedKick(share * halo.v0), 1e8 * KPC)
    assert fraction == pytest.approx(known, abs=6e-5)  # four decimals


def test_no_kick_returns_the_parents(parents):
    daughters = hk.phase_mix(parents, hk.FixedKick(1e-3 * KMS), GRID[::6])
    # at 0.01 kpc the parents' dispersion is about 50 km/s; corrections go as (kick / dispersion)^2
    np.testing.assert_allclose(daughters.ratio(GRID[::6]), 1, atol=2e-5)


def test_kick_far_above_escape_leaves_nothing(parents):
    daughters = hk.phase_mix(parents, hk.FixedKick(1300 * KMS), GRID[::6])
    assert np.all(daughters.total_density.value == 0)
    assert daughters.bound_fraction == 0


def test_inner_density_follows_the_asymptote():
    # shells of the halo each give a constant inside: rho ~ r^(1 - gamma) for gamma > 1, a core for gamma < 1
    for gamma, low, high in [(1.2, 0.20, 0.22), (1.4, 0.395, 0.405), (0.5, -0.002, 0.002)]:
        profile = hk.ZhaoProfile(gamma=gamma, r_s=20 * KPC, rho_s=6.911e6 * u.Msun / KPC**3)
        daughters = hk.phase_mix(
            hk.ErgodicDF(hk.Halo(profile)), hk.FixedKick(300 * KMS), np.geomspace(1e-5, 10, 60) * KPC
        )
        slope = daughters.slope([2e-5, 5e-5] * KPC)
        assert np.all((slope > low) & (slope < high)), (gamma, slope)


def test_answer_does_not_depend_on_the_units_of_the_input(parents):
    other = hk.ErgodicDF(
        hk.Halo(hk.ZhaoProfile(gamma=1.2, r_s=2e4 * u.pc, rho_s=(6.911e6 * u.Msun / KPC**3).to(u.kg / u.m**3)))
    )
    kick = hk.FixedKick(109 * KMS)
    here = hk.phase_mix(parents, kick, GRID[::6]).density(8.2 * KPC)
    there = hk.phase_mix(other, hk.FixedKick(1.09e5 * u.m / u.s), GRID[::6].to(u.lyr)).density(8200 * u.pc)
    assert (there / here).to_value("") == pytest.approx(1, rel=1e-9)  # rounding of the conversions


def test_speed_distribution_integrates_to_one_and_gives_the_dispersion(parents):
    kick = hk.FixedKick(218 * KMS)
    top = parents.halo.escape_speed(8.2 * KPC)
    # the cold spike and the edge at which no parent reaches leave kinks: a fine trapezoid, good to its step squared
    speed = np.linspace(0, 1, 1200) * top
    p = hk.speed_distribution(parents, kick, 8.2 * KPC, speed)
    assert np.trapezoid(p, speed).to_value("") == pytest.approx(1, abs=2e-5)
    radial, tangential = hk.phase_mix(parents, kick, GRID).velocity_dispersion(8.2 * KPC)
    mean_square = np.trapezoid(p * speed**2, speed).to_value(KMS**2)
    moments = (radial**2 + 2 * tangential**2).to_value(KMS**2)
    assert mean_square == pytest.approx(moments, rel=3e-4)  # dispersions are interpolated between 60 radii


def test_large_kicks_leave_radial_orbits_outside(parents):
    daughters = hk.phase_mix(parents, hk.FixedKick(400 * KMS), GRID)
    assert daughters.anisotropy(0.02 * KPC) < 0.2
    assert daughters.anisotropy(150 * KPC) > 0.7


def test_mixed_daughters_solve_the_anisotropic_jeans_equation(parents):
    # d(rho s_r^2)/dr + 2 beta rho s_r^2 / r = -rho G M / r^2 must hold for any steady g(E, L)
    radii = np.geomspace(5, 12, 80) * KPC
    daughters = hk.phase_mix(parents, hk.FixedKick(218 * KMS), radii)
    rho = daughters.total_density.value
    radial = daughters.dispersion["radial"].value ** 2
    tangential = daughters.dispersion["tangential"].value ** 2
    log_r = np.log(radii.value)
    pressure = np.gradient(rho * radial, log_r, edge_order=2)
    pull = -rho * parents.halo.circular_speed(radii).value ** 2
    balance = (pressure + 2 * rho * (radial - tangential)) / pull
    np.testing.assert_allclose(balance[5:-5], 1, atol=2e-4)  # second-order difference, step 0.011


def test_outer_cut_removes_what_turns_back_outside(parents):
    kick = hk.FixedKick(218 * KMS)
    radii = np.geomspace(0.1, 190, 24) * KPC
    whole = hk.phase_mix(parents, kick, radii)
    cut = hk.phase_mix(parents, kick, radii, outer_cut=200 * KPC)
    ratio = (cut.total_density / whole.total_density).value
    assert ratio[0] > 0.99 > ratio[-1]
    assert cut.density(250 * KPC).value == 0
    assert cut.bound_fraction < whole.bound_fraction


@pytest.mark.parametrize(
    "radii",
    [[1, 2] * KPC, [1, 3, 2, 4] * KPC, [0, 1, 2, 3] * KPC, [1, 2, 3, 1e20] * KPC],
    ids=["few", "unsorted", "zero", "far"],
)
def test_radii_that_make_no_table_are_refused(parents, radii):
    with pytest.raises(InputError, match="radii"):
        hk.phase_mix(parents, hk.FixedKick(109 * KMS), radii)


def test_density_outside_the_table_is_refused(parents):
    daughters = hk.phase_mix(parents, hk.FixedKick(109 * KMS), GRID[::6])
    with pytest.raises(InputError, match="outside the tabulated daughters"):
        daughters.density(300 * KPC)


def test_things_that_are_no_parents_or_no_kick_are_refused(parents):
    with pytest.raises(InputError, match="a kick distribution is needed"):
        hk.phase_mix(parents, 54 * KMS)
    with pytest.raises(InputError, match="parents are an ErgodicDF"):
        hk.phase_mix(parents.halo, hk.FixedKick(54 * KMS))
    with pytest.raises(InputError, match=r"ErgodicDF\(Halo\(profile\)\)"):
        hk.ErgodicDF(FIGURE_3)


def test_answer_is_the_same_to_the_bit_for_any_number_of_threads(parents):
    found = []
    for threads in (1, numba.config.NUMBA_NUM_THREADS):
        numba.set_num_threads(threads)
        found.append(hk.phase_mix(parents, hk.FixedKick(109 * KMS), GRID[::4]))
    assert np.array_equal(found[0].total_density, found[1].total_density)
    assert np.array_equal(found[0].bound_at_birth, found[1].bound_at_birth)
