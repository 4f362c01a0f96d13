"""The sky of densities that are not spherical: closed forms, symmetries, spherical limits, and Monte Carlo."""

import numpy as np
import pytest
from astropy import units as u

from halokick import units
from halokick.daughters.cell_means import means
from halokick.daughters.density_grid import BoxGrid, MeridianGrid
from halokick.errors import ConvergenceError, InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile, PlummerProfile
from halokick.sky.jfactor import d_factor, differential_d_factor, differential_j_factor, j_factor
from halokick.sky.solid_view import d_sky, j_sky
from halokick.sky.viewpoint import Viewpoint

DENSITY = u.Msun / u.kpc**3
NFW = NFWProfile(r_s="20 kpc", rho_s="6e6 Msun/kpc3")
PLUMMER = PlummerProfile(r_s="1 kpc", rho_s="1 Msun/kpc3")
FLATTENING = 0.6
SUN = Viewpoint.sun("8.2 kpc", "20.8 pc")


def flattened(x, y, z):
    """A Plummer sphere of scale 1 kpc, squeezed."""
    return (1 + x**2 + y**2 + (z / FLATTENING) ** 2) ** -2.5


def flattened_grid(count, box=False, turned=0.0):
    """The same by its values in the middle of cells, good to second order; of a bar along x if it is a box."""
    edges = np.sinh(np.linspace(0, 4, count + 1))
    if not box:
        R, z = 0.5 * (edges[1:] + edges[:-1]), 0.5 * (edges[1:] + edges[:-1])
        R = 2 / 3 * np.diff(edges**3) / np.diff(edges**2)
        ratio = flattened(R[:, None], 0, z) / (1 + R[:, None] ** 2 + z**2) ** -2.5
        values = ratio * means(lambda r: (1 + r * r) ** -2.5, [edges, edges], "rings")
        return MeridianGrid(edges * u.kpc, edges * u.kpc, values * DENSITY, 0 * values * DENSITY, PLUMMER)
    both = np.concatenate([-edges[:0:-1], edges])
    x, y, z = (0.5 * (e[1:] + e[:-1]) for e in (both, both, edges))
    x, y, z = x[:, None, None], y[:, None], z
    along = x * np.cos(turned) - y * np.sin(turned)
    across = x * np.sin(turned) + y * np.cos(turned)
    ratio = flattened(along, z, across) / (1 + x**2 + y**2 + z**2) ** -2.5
    values = ratio * means(lambda r: (1 + r * r) ** -2.5, [both, both, edges], "boxes")
    return BoxGrid(*(e * u.kpc for e in (both, both, edges)), values * DENSITY, 0 * values * DENSITY, PLUMMER)


def along_line(o, n, r_max, squared):
    """Integral of the flattened density (or its square) from o along n to the sphere r_max: an elementary one.

    Along a line 1 + m^2 is a parabola D (1 + t^2), so that powers -5/2 and -5 of it have elementary integrals.
    """
    scale = np.array([1, 1, FLATTENING])
    a, b, c = np.sum((n / scale) ** 2, -1), np.sum(n * o / scale**2, -1), 1 + np.sum((o / scale) ** 2, -1)
    depth = c - b**2 / a
    middle = -np.sum(n * o, -1)
    end = middle + np.sqrt(r_max**2 - o @ o + middle**2)
    ends = [(s + b / a) * np.sqrt(a / depth) for s in (np.zeros_like(end), end)]
    if squared:

        def primitive(t):
            q = 1 + t * t
            return t / (8 * q**4) + 7 * t / (48 * q**3) + 35 * t / (192 * q**2) + 35 * (t / q + np.arctan(t)) / 128

        return depth**-5 * np.sqrt(depth / a) * (primitive(ends[1]) - primitive(ends[0]))
    sines = [t / np.sqrt(1 + t * t) for t in ends]
    first, last = (q - q**3 / 3 for q in sines)
    return depth**-2.5 * np.sqrt(depth / a) * (last - first)


VIEWS = {
    "inside": Viewpoint.sun("3 kpc", "100 pc"),
    "face-on": Viewpoint.outside("200 kpc", "0 deg"),
    "inclined": Viewpoint.outside("100 kpc", "50 deg"),
}


@pytest.mark.parametrize("view", VIEWS)
def test_lines_through_an_ellipsoid_are_the_closed_form(view):
    view = VIEWS[view]
    d = view.distance.to_value(u.kpc)
    alpha = np.array([1e-3, 0.1, 0.4, 1.0, 3.0]) / d
    psi = np.array([0.0, 0.7, 2.0, 4.0, 6.0])
    n, o = view._directions(alpha, psi), view.position.to_value(u.kpc)
    for sky, squared in ((d_sky, False), (j_sky, True)):
        errors = []
        for count in (20, 40, 80):
            grid = flattened_grid(count)
            lines = sky(grid, viewpoint=view).at(alpha * u.rad, psi * u.rad)
            unit = units.attach(1.0, "differential_j_factor" if squared else "differential_d_factor")
            exact = along_line(o, n, grid.r_max.to_value(u.kpc), squared) * unit
            errors.append(np.sqrt(np.mean((lines / exact - 1).value ** 2)))
        # second order of the interpolation
        assert errors[1] < 0.35 * errors[0]
        assert errors[2] < 0.35 * errors[1] < 0.006


def test_face_on_the_sky_is_that_of_the_column_density():
    # from far away: column 4/3 q (1 + R^2)^-2, without end
    view = Viewpoint.outside("1 Mpc", "0 deg")
    R = np.array([0.2, 1.0, 2.0])
    found = d_sky(flattened_grid(60), viewpoint=view).profile(R / 1000 * u.rad)
    expected = 4 / 3 * FLATTENING * (1 + R**2) ** -2 * units.attach(1.0, "differential_d_factor")
    # the grid, and its end at 27 kpc
    np.testing.assert_allclose((found / expected).value, 1, rtol=3e-3)


def test_a_bar_is_seen_as_its_turned_copy():
    # one grid holds the long ellipsoid along x and is turned by the viewpoint, the other holds it turned
    turn = 0.5
    straight = j_sky(flattened_grid(24, box=True), viewpoint=Viewpoint.sun("8 kpc", "50 pc", azimuth=turn * u.rad))
    turned = j_sky(flattened_grid(24, box=True, turned=-turn), viewpoint=Viewpoint.sun("8 kpc", "50 pc"))
    l, b = [-10, -3, 4, 12] * u.deg, [1, -2, 3, -4] * u.deg
    # the interpolation of both
    np.testing.assert_allclose((straight.toward(l, b) / turned.toward(l, b)).value, 1, rtol=0.03)
    # and a bar is not the same to both sides
    assert np.abs(straight.toward("10 deg", "1 deg") / straight.toward("-10 deg", "1 deg") - 1) > 0.1


def nfw_grid(box=False, reference=NFW, count=25):
    edges = [np.concatenate([[0.0], np.geomspace(0.02 * (25 / count) ** 2, 60, count)])] * (3 if box else 2)
    kind, maker = ("boxes", BoxGrid) if box else ("rings", MeridianGrid)
    values = means(lambda r: NFW.density(r * u.kpc).value, edges, kind) * DENSITY
    return maker(*(e * u.kpc for e in edges), values, 0 * values, reference)


ANGLES = [0.1, 5.0, 60.0, 180.0] * u.deg


@pytest.mark.parametrize("box", [False, True])
def test_a_spherical_density_is_seen_as_ever(box):
    grid = nfw_grid(box)
    for sky, cone, line in ((j_sky, j_factor, differential_j_factor), (d_sky, d_factor, differential_d_factor)):
        seen = sky(grid, viewpoint=SUN)
        here = {"distance": SUN.distance, "angle": ANGLES, "r_max": grid.r_max}
        # nothing is left to the grid but rounding
        np.testing.assert_allclose(seen.within(ANGLES), cone(NFW, **here), rtol=1e-8)
        np.testing.assert_allclose(seen.profile(ANGLES), line(NFW, **here), rtol=1e-8)
        np.testing.assert_allclose(seen.at(ANGLES, "33 deg"), line(NFW, **here), rtol=1e-8)


def test_with_a_poor_reference_it_is_seen_within_the_interpolation_error():
    # a core for a reference: all of the cusp is in the grid
    core = PlummerProfile(r_s="20 kpc", rho_s="6e6 Msun/kpc3")
    angles = [1.0, 10.0, 90.0] * u.deg
    exact = j_factor(NFW, distance=SUN.distance, angle=angles, r_max="60 kpc")
    errors = []
    for count in (12, 24, 48):
        seen = j_sky(nfw_grid(reference=core, count=count), NFW, viewpoint=SUN)
        errors.append(np.max(np.abs((seen.within(angles) / exact).value - 1)))
    # second order in the cells' size
    assert errors[1] < 0.4 * errors[0]
    assert errors[2] < 0.4 * errors[1] < 0.02


@pytest.mark.parametrize(("theta", "away"), [(3, 5), (5, 3), (4, 4), (20, 170), (120, 90)])
def test_cones_beside_the_centre_are_plain_sums_over_lines(theta, away):
    seen = j_sky(PLUMMER, viewpoint=SUN)
    theta_rad, away_rad = np.deg2rad(theta), np.deg2rad(away)
    x, w = np.polynomial.legendre.leggauss(200)
    beta, psi = 0.5 * theta_rad * (1 + x), 2 * np.pi * (np.arange(200) + 0.5) / 200
    cosine = np.cos(beta)[:, None] * np.cos(away_rad) + np.sin(beta)[:, None] * np.sin(away_rad) * np.cos(psi)
    alpha = np.arccos(np.clip(cosine, -1, 1))
    lines = differential_j_factor(PLUMMER, distance=SUN.distance, angle=alpha * u.rad)
    expected = np.pi * theta_rad * np.sum(w * np.sin(beta) * np.mean(lines, axis=1)) * u.sr
    # in any direction, for a sphere; the square root at the ends of arcs
    for l, b in ((away, 0), (0, -away if away < 90 else away - 180)):
        if b == 0 or away < 90:
            found = seen.within(theta * u.deg, l=l * u.deg, b=b * u.deg)
            assert (found / expected).to_value("") == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(("theta", "l", "b"), [(1, 0.5, 0.3), (2, 2, 0), (30, 10, -50), (100, 30, 60)])
def test_a_cone_and_its_complement_are_the_whole_sky(theta, l, b):
    core = PlummerProfile(r_s="20 kpc", rho_s="6e6 Msun/kpc3")
    seen = j_sky(nfw_grid(reference=core, count=16), NFW, viewpoint=SUN)
    cone = seen.within(theta * u.deg, l * u.deg, b * u.deg)
    rest = seen.within((180 - theta) * u.deg, (l + 180) * u.deg, -b * u.deg)
    # 1e-3 of each is promised
    assert ((cone + rest) / seen.within("180 deg")).value == pytest.approx(1, abs=2e-3)


def test_noise_is_no_obstacle_to_a_tolerance_that_suits_it():
    grid = flattened_grid(20)
    noisy = grid.cell_density * np.exp(0.1 * np.random.default_rng(3).normal(size=grid.cell_density.shape))
    grid = MeridianGrid(grid.R_edges, grid.z_edges, noisy, 0.1 * noisy, PLUMMER)
    seen = d_sky(grid, viewpoint=VIEWS["inside"])
    cones = [seen.within("15 deg", tolerance=one).value for one in (1e-2, 1e-3)]
    assert cones[0] == pytest.approx(cones[1], rel=1e-2)
    with pytest.raises(ConvergenceError, match="larger tolerance"):
        seen.within("15 deg", tolerance=1e-12)


def test_cones_anywhere_against_monte_carlo():
    grid = flattened_grid(30)
    view, rng, count = VIEWS["inside"], np.random.default_rng(11), 200_000
    seen = d_sky(grid, viewpoint=view)
    for theta, l, b in ((0.3, 0.0, 0.0), (0.4, 0.2, -0.5), (0.25, 0.6, 0.3)):
        # even in solid angle, and in the distance to where the sphere ends
        cosine, psi = 1 - rng.random(count) * (1 - np.cos(theta)), 2 * np.pi * rng.random(count)
        sine = np.sqrt(1 - cosine**2)
        forward = np.array([np.cos(b) * np.cos(l), np.cos(b) * np.sin(l), np.sin(b)])
        left = np.array([-np.sin(l), np.cos(l), 0.0])
        up = np.cross(forward, left)
        local = cosine[:, None] * forward + sine[:, None] * (np.cos(psi)[:, None] * left + np.sin(psi)[:, None] * up)
        n, o = local @ view.axes, view.position.to_value(u.kpc)
        middle = -n @ o
        end = middle + np.sqrt(grid.r_max.to_value(u.kpc) ** 2 - o @ o + middle**2)
        s = end * rng.random(count)
        x, y, z = (o + s[:, None] * n).T * u.kpc
        parts = grid.density(np.hypot(x, y), z).value * end * 2 * np.pi * (1 - np.cos(theta))
        mean, error = parts.mean(), parts.std() / np.sqrt(count)
        found = (seen.within(theta * u.rad, l * u.rad, b * u.rad) / units.attach(1.0, "d_factor")).value
        assert abs(found - mean) < 4 * error < 0.06 * mean


def test_north_is_south_and_left_is_right_from_the_plane():
    seen = j_sky(flattened_grid(20), NFW, viewpoint=Viewpoint.sun("3 kpc"))
    l, b = [3, 40, 170] * u.deg, [2, 10, -60] * u.deg
    np.testing.assert_allclose(seen.toward(l, b), seen.toward(l, -b), rtol=1e-9)
    np.testing.assert_allclose(seen.toward(l, b), seen.toward(-l, b), rtol=1e-9)
    # a flattened halo is brighter along the plane
    assert seen.toward("20 deg", "0 deg") > 1.2 * seen.toward("0 deg", "20 deg")


def test_the_profile_is_the_mean_of_lines():
    seen = j_sky(flattened_grid(20), viewpoint=VIEWS["inclined"])
    psi = np.arange(720) * 0.5 * u.deg
    for angle in ([0.1, 0.5, 2.0] * u.kpc / (100 * u.kpc)) * u.rad:
        found = seen.profile(angle, tolerance=1e-4)
        assert (found / np.mean(seen.at(angle, psi))).value == pytest.approx(1, rel=1e-4)


def test_the_whole_sky_is_the_derivative_summed():
    seen = j_sky(flattened_grid(20), viewpoint=VIEWS["inside"])
    x, w = np.polynomial.legendre.leggauss(40)
    # two rings between cones around the centre
    for low, high in ((0.05, 0.2), (0.5, 0.8)):
        angle = 0.5 * (low + high) + 0.5 * (high - low) * x
        lines = seen.profile(angle * u.rad, tolerance=1e-4)
        ring = np.pi * (high - low) * np.sum(w * np.sin(angle) * lines) * u.sr
        cones = seen.within([low, high] * u.rad, tolerance=1e-4)
        assert (ring / (cones[1] - cones[0])).to_value("") == pytest.approx(1, abs=1e-3)  # 1e-4 of each cone


def test_spherical_pairs_have_a_sky_too():
    seen = j_sky(NFW, viewpoint=SUN)
    assert np.isinf(seen.r_max)
    np.testing.assert_allclose(seen.within(ANGLES), j_factor(NFW, distance=SUN.distance, angle=ANGLES), rtol=1e-12)


def test_the_halo_ends_where_the_first_of_the_densities_does():
    parents = ErgodicDF(Halo(NFW, energy_cut="40 kpc"))
    assert j_sky(nfw_grid(), parents, viewpoint=SUN).r_max == 40 * u.kpc


def test_what_makes_no_sense_is_refused():
    grid = flattened_grid(20)
    with pytest.raises(InputError, match="Viewpoint"):
        j_sky(grid, viewpoint="8 kpc")
    with pytest.raises(InputError, match="outside the grid"):
        j_sky(grid, viewpoint=SUN, r_max="100 kpc")
    seen = j_sky(grid, NFW, viewpoint=SUN)
    with pytest.raises(InputError, match="centre"):
        seen.toward("0 deg", "0 deg")
    with pytest.raises(InputError, match="latitudes"):
        seen.toward("0 deg", "91 deg")
    with pytest.raises(InputError, match="0 deg"):
        seen.within("-1 deg")
    with pytest.raises(InputError, match="one direction"):
        seen.within("1 deg", l=[1, 2] * u.deg)
    # through a core one may look
    assert j_sky(grid, viewpoint=SUN).toward("0 deg", "0 deg") > 0


def drawn_grid(seed, edges, orbits=320, places=30, blocks=16):
    """A Plummer sphere by circular orbits in random planes, each seen at many places: cells are not independent."""
    rng = np.random.default_rng(seed)
    radius = 1 / np.sqrt(rng.random(orbits) ** (-2 / 3) - 1)
    axes = np.linalg.qr(rng.normal(size=(orbits, 3, 2)))[0]
    turn = 2 * np.pi * rng.random((orbits, places, 1))
    x = radius[:, None, None] * (np.cos(turn) * axes[:, None, :, 0] + np.sin(turn) * axes[:, None, :, 1])
    sums = np.empty((1, blocks, len(edges) - 1, len(edges) - 1))
    for b, one in enumerate(np.split(x, blocks)):
        R, z = np.hypot(one[..., 0], one[..., 1]).ravel(), np.abs(one[..., 2]).ravel()
        sums[0, b] = np.histogram2d(R, z, [edges, edges])[0] * (4 * np.pi / 3) / (orbits * places)
    return MeridianGrid.from_sums(edges * u.kpc, edges * u.kpc, sums, PLUMMER)


def test_the_error_of_a_cone_is_the_scatter_between_samples():
    edges = np.sinh(np.linspace(0, 3.5, 9))
    angle = [20, 60] * u.deg
    found, errors = [], []
    for seed in range(24):
        view = j_sky(PLUMMER, drawn_grid(seed, edges), viewpoint=Viewpoint.sun("3 kpc"))
        found.append(view.within(angle, tolerance=0.03).value)
        errors.append(view.error_within(angle, tolerance=0.03).value)
    scatter, error = np.std(found, axis=0, ddof=1), np.sqrt(np.mean(np.square(errors), axis=0))
    # a scatter from 24 samples is known to 15 %, and eight parts give each error to 27 %, their mean to 5 %
    np.testing.assert_allclose(error / scatter, 1, atol=3 * 0.16)
    # they scatter around the sphere's; 24 means, three standard errors
    true = j_factor(PLUMMER, distance="3 kpc", angle=angle, r_max=view.r_max).value
    assert np.all(np.abs(np.mean(found, axis=0) - true) < 3 * scatter / np.sqrt(24) + 0.03 * true)


def test_an_error_needs_parts():
    view = j_sky(PLUMMER, flattened_grid(8), viewpoint=Viewpoint.sun("3 kpc"))
    with pytest.raises(InputError, match="cell_parts"):
        view.error_within("10 deg")
