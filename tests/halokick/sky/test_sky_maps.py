"""Maps of haloes: published and independent values, closed sums, symmetries, and other routes to the same pixel."""

import sys

import astropy.units as u
import healpy
import numpy as np
import pytest
from astropy.wcs import WCS
from scipy.integrate import quad

from halokick.daughters.density_grid import MeridianGrid
from halokick.errors import ConvergenceError, InputError, UnitError
from halokick.halo.profiles import NFWProfile, PlummerProfile, ZhaoProfile
from halokick.sky.healpix_map import healpix_d_map, healpix_map
from halokick.sky.jfactor import d_factor, differential_j_factor, j_factor
from halokick.sky.map_progress import blocks
from halokick.sky.solid_density import AxisymmetricDensity, EllipsoidalDensity, TriaxialDensity, line_product
from halokick.sky.solid_view import j_sky
from halokick.sky.viewpoint import Viewpoint, polar
from halokick.sky.wcs_grid import WcsGrid
from halokick.sky.wcs_map import wcs_d_map, wcs_map
from halokick.units import attach

RHO = u.Msun / u.kpc**3
GALAXY = ZhaoProfile(gamma=1.2, r_s=20 * u.kpc, rho_s=6.9108657e6 * RHO)
"""94 km/s at 1 kpc; the last digits such that the whole sky is the 2.49241e23 of the independent calculation."""
SUN = {"distance": "8.2 kpc", "r_max": "390 kpc"}
DRACO = NFWProfile(r_s=1 * u.kpc, rho_s=5.3e7 * RHO)


@pytest.fixture(scope="module")
def galaxy():
    return healpix_map(GALAXY, nside=64, **SUN)


def test_published_pixels_of_the_galaxy(galaxy):
    # an independent calculation, with polygons of 32 points an edge in the central pixel; to the digits it was given
    assert galaxy.total.value == pytest.approx(2.49241e23, rel=2e-6)
    assert galaxy.per_pixel.value.max() == pytest.approx(9.143610e21, rel=2e-6)
    assert healpix_map(GALAXY, nside=32, **SUN).per_pixel.value.max() == pytest.approx(1.36118e22, rel=4e-6)
    # its 2.85361e22 at nside 8 is low by 1.8e-5, as polygons of 8 points are on edges that long (next test)
    assert healpix_map(GALAXY, nside=8, **SUN).per_pixel.value.max() == pytest.approx(2.85366e22, rel=2e-6)


def test_polygons_tend_to_the_edges():
    """J of the brightest pixel of nside 8 with its edges replaced by chords in the (theta, psi) plane."""
    ours = healpix_map(GALAXY, nside=8, **SUN)
    best = int(np.argmax(ours.values.value))
    x, w = np.polynomial.legendre.leggauss(8)

    def polygon(step):
        corners = healpy.boundaries(8, best, step=step, nest=True).T
        theta, psi = np.arccos(corners[:, 0]), np.arctan2(corners[:, 1], corners[:, 2])
        # chords that end at the centre are radial
        theta = np.where(theta < 1e-7, 0.0, theta)
        a, b = theta * np.cos(psi), theta * np.sin(psi)
        t = 0.5 * (x + 1)
        X = a[:, None] + (np.roll(a, -1) - a)[:, None] * t
        Y = b[:, None] + (np.roll(b, -1) - b)[:, None] * t
        turn = (X * (np.roll(b, -1) - b)[:, None] - Y * (np.roll(a, -1) - a)[:, None]) / (X * X + Y * Y)
        inside = j_factor(GALAXY, angle=np.hypot(X, Y) * u.rad, **SUN).value / (2 * np.pi)
        return abs(np.sum(inside * turn * 0.5 * w))

    # from 8 points an edge to 32 the error falls sixteenfold, to 1e-6
    coarse, fine = (polygon(step) / ours.per_pixel[best].value - 1 for step in (8, 32))
    assert coarse == pytest.approx(-1.8e-5, rel=0.1)
    # beside our own 1e-7
    assert fine == pytest.approx(coarse / 16, abs=2e-7)


def test_centre_inside_a_pixel():
    # at (0.3, 0.2) deg: the pixel that holds the centre, and its neighbour to the north, an independent 9.4488e21
    sky = healpix_map(GALAXY, nside=64, centre=("0.3 deg", "0.2 deg"), **SUN)
    holder = healpy.ang2pix(64, 0.3, 0.2, lonlat=True, nest=True)
    assert np.argmax(sky.per_pixel.value) == holder
    assert np.sort(sky.per_pixel.value)[-2] == pytest.approx(9.4488e21, rel=6e-6)
    # the holder: all within 0.04 deg by shells, the rest by fine pixels' middles
    fine = 16384
    sub = np.arange(holder * 256**2, (holder + 1) * 256**2)
    v = np.array(healpy.pix2vec(fine, sub, nest=True)).T
    away = np.degrees(2 * np.arcsin(0.5 * np.linalg.norm(v - healpy.ang2vec(0.3, 0.2, lonlat=True), axis=1)))
    outside = away[away > 0.04]
    rest = differential_j_factor(GALAXY, angle=outside * u.deg, **SUN).value.sum() * healpy.nside2pixarea(fine)
    near_edge = differential_j_factor(GALAXY, angle=0.04 * u.deg, **SUN).value
    within = j_factor(GALAXY, angle=0.04 * u.deg, **SUN).value
    # middles decide on which side of the circle a pixel is: noise of the square root of the pixels along it
    noise = 0.5 * np.sqrt(2 * np.pi * 0.04 / 0.00358) * near_edge * healpy.nside2pixarea(fine)
    assert abs(within + rest - sky.per_pixel.value.max()) < 4 * noise
    assert noise < 4e-3 * within


@pytest.mark.parametrize("centre", [("0 deg", "0 deg"), ("86.4 deg", "34.7 deg"), ("10 deg", "-90 deg")])
def test_the_sky_adds_up(centre):
    sky = healpix_map(GALAXY, nside=64, centre=centre, **SUN)
    whole = j_factor(GALAXY, angle="180 deg", **SUN).value
    assert sky.total.value == pytest.approx(whole, rel=1e-9)
    # rings around the poles are cut differently, so neighbours' edges cancel but for 1e-10
    assert sky.map_total.value == pytest.approx(whole, rel=1e-9)


def test_parents_are_the_sum_of_their_children(galaxy):
    coarse = healpix_map(GALAXY, nside=32, **SUN)
    children = galaxy.per_pixel.reshape(-1, 4).sum(axis=1)
    # polynomials through twice the length: measured 2e-9 beside the poles
    np.testing.assert_allclose(children.value, coarse.per_pixel.value, rtol=1e-8)


def test_pixels_are_the_integral_of_lines():
    # against Gauss rules in longitude and latitude, of a pixel near the centre and of one behind the Sun
    sky = wcs_map(GALAXY, size=("360 deg", "180 deg"), pixel="20 deg", projection="CAR", **SUN)
    x, w = np.polynomial.legendre.leggauss(40)
    for row, column in ((5, 9), (2, 15)):
        l = np.radians(170 - 20 * column + 10 * x)
        b = np.radians(-80 + 20 * row + 10 * x)[:, None]
        line = differential_j_factor(GALAXY, angle=np.arccos(np.cos(b) * np.cos(l)) * u.rad, **SUN).value
        exact = np.radians(10) ** 2 * w @ (line * np.cos(b)) @ w
        # edges are polynomials over 20 degrees: measured 1e-7
        assert sky.per_pixel[row, column].value == pytest.approx(exact, rel=1e-6)


def test_the_middle_is_good_enough_far_away(galaxy):
    # what taking the brightness of the middle for the mean costs, by distance from the centre in pixels
    middles = healpy.pix2vec(64, np.arange(12 * 64**2), nest=True)[0]
    away = np.arccos(np.clip(middles, -1, 1))
    plain = differential_j_factor(GALAXY, angle=away * u.rad, **SUN).value
    off = np.abs(plain / galaxy.values.value - 1)
    size = np.sqrt(healpy.nside2pixarea(64))
    # measured: 40 per cent in the four pixels at the centre, 0.5 per cent at 5, 1.3e-3 beyond 10
    assert off[away < size].max() > 0.3
    assert off[(away > 4.5 * size) & (away < 5.5 * size)].max() < 0.01
    assert off[away > 10 * size].max() < 2e-3


def test_maps_of_decay_have_the_mass():
    sky = healpix_d_map(GALAXY, nside=16, **SUN)
    assert sky.values.unit == u.Unit("GeV cm-2 sr-1")
    assert not sky.is_annihilation
    # as in `test_the_sky_adds_up`
    assert sky.map_total.value == pytest.approx(d_factor(GALAXY, angle="180 deg", **SUN).value, rel=1e-9)
    flat = wcs_d_map(GALAXY, size="20 deg", pixel="1 deg", **SUN)
    at = d_factor(GALAXY, angle="10 deg", **SUN)
    assert flat.map_total > at


def test_grids_of_any_kind_agree():
    # one square degree of a dwarf, of its pixels' sums: planes of two projections, their frames, and HEALPix
    centre = ("86.4 deg", "34.7 deg")
    disk = j_factor(DRACO, distance="81.55 kpc", angle="2 deg").value
    parts = healpix_map(DRACO, distance="81.55 kpc", centre=centre, nside=1024, region="2 deg").map_total.value
    # ragged edges: 190 pixels along the circle where J is 1/600 of its mean
    assert parts == pytest.approx(disk, rel=2e-4)
    tan, car = (
        wcs_map(DRACO, distance="81.55 kpc", centre=centre, size="4 deg", pixel="0.08 deg", projection=name)
        for name in ("TAN", "CAR")
    )
    # a CAR pixel is narrower by cos b; the pixel with the centre is the brightest in both
    assert np.argmax(tan.values.value) in (25 * 50 + 25, 25 * 50 + 24, 24 * 50 + 25, 24 * 50 + 24)
    narrower = (car.solid_angle[25, 25] / tan.solid_angle[25, 25]).value
    assert narrower == pytest.approx(np.cos(np.radians(34.7)), rel=1e-3)
    assert tan.map_total.value > disk > car.map_total.value * 0.98


def test_beyond_the_halo_there_is_nothing():
    sky = healpix_map(DRACO, distance="81.55 kpc", r_max="5.86 kpc", nside=32)
    away = np.degrees(np.arccos(np.clip(healpy.pix2vec(32, np.arange(12 * 32**2), nest=True)[0], -1, 1)))
    # the edge is seen at 4.12 deg, pixels have sides of 1.8 deg
    assert np.all(sky.values[away > 9] == 0)
    assert np.all(sky.values >= 0)
    assert np.all(sky.values[away < 3] > 0)


def test_published_map_of_a_dwarf():
    # an independent calculation: 41 x 41 pixels of 0.05 deg, cut at 5.86 kpc: log10 J of the map 18.87936
    sky = wcs_map(
        DRACO, distance="81.55 kpc", r_max="5.86 kpc", centre=("260.05 deg", "57.92 deg"), frame="icrs",
        size="2.05 deg", pixel="0.05 deg",
    )  # fmt: skip
    assert sky.values.shape == (41, 41)
    assert np.log10(sky.map_total.value) == pytest.approx(18.87936, abs=6e-6)
    assert np.log10(sky.total.value) == pytest.approx(18.8946, abs=6e-5)


@pytest.mark.parametrize(
    ("projection", "size", "centre"),
    [
        ("TAN", "40 deg", ("3 deg", "70 deg")),
        ("CAR", "30 deg", ("0.2 deg", "0.1 deg")),
        ("ZEA", "60 deg", ("0 deg", "0 deg")),
    ],
)
def test_edges_between_corners_are_the_edges(projection, size, centre, monkeypatch):
    pixels = {"centre": centre, "size": size, "pixel": "1 deg", "projection": projection, **SUN}
    quick = wcs_map(GALAXY, **pixels)
    # with points on every edge instead of its neighbours' corners
    monkeypatch.setattr(WcsGrid, "is_smooth", False)
    slow = wcs_map(GALAXY, **pixels)
    # sixth differences over six degrees: measured 3e-11
    np.testing.assert_allclose(quick.values.value, slow.values.value, rtol=2e-10)
    np.testing.assert_allclose(quick.solid_angle.value, slow.solid_angle.value, rtol=2e-10)


def test_own_wcs_is_filled_as_it_is():
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.crpix = ["RA---SIN", "DEC--SIN"], [260.0, 57.9], [8.0, 5.0]
    wcs.wcs.cdelt = [-0.1, 0.1]
    wcs.array_shape = (9, 15)
    sky = wcs_map(DRACO, distance="81.55 kpc", centre=("260 deg", "57.9 deg"), wcs=wcs)
    assert sky.values.shape == (9, 15)
    assert np.unravel_index(np.argmax(sky.values), (9, 15)) == (4, 7)
    with pytest.raises(InputError, match="leave out size"):
        wcs_map(DRACO, distance="81.55 kpc", wcs=wcs, size="1 deg")
    wcs.array_shape = None
    with pytest.raises(InputError, match="array_shape"):
        wcs_map(DRACO, distance="81.55 kpc", wcs=wcs)


# -- densities that are not spherical ----------------------------------------------------------------------------------


def directions_of(sky, l, b):
    return healpy.ang2pix(sky.grid.nside, l, b, lonlat=True, nest=True)


TRIAXIAL = EllipsoidalDensity(GALAXY, (1.15, 0.95, 0.9154))


@pytest.mark.parametrize(
    ("l", "b", "published"), [(30, 10, 1.06712), (330, 10, 1.06712), (30, -10, 1.06712), (0, 45, 1.05311)]
)
def test_published_triaxial_lines(l, b, published):
    theta, psi = polar(*np.radians([[float(l)], [float(b)]]))
    lines = line_product((TRIAXIAL, TRIAXIAL), None, Viewpoint.sun("8.2 kpc"), 300.0)
    sphere = differential_j_factor(GALAXY, distance="8.2 kpc", angle=theta * u.rad, r_max="300 kpc")
    ratio = (attach(lines(theta, psi), "differential_j_factor") / sphere).value
    # an independent calculation, to its digits; at (0, 45) it is 1.053116 here
    assert ratio == pytest.approx(published, abs=7e-6)


def test_triaxial_pixels_are_means_of_lines(galaxy):
    sky = healpix_map(TRIAXIAL, nside=64, **SUN)
    assert sky.map_total.value == pytest.approx(sky.total.value, rel=1e-9)
    pixels = [directions_of(sky, l, b) for l, b in ((30, 10), (330, 10), (30, -10), (330, -10))]
    # mirror images: 1e-6 of the columns
    np.testing.assert_allclose(sky.values[pixels].value, sky.values[pixels[0]].value, rtol=1e-6)
    lines = line_product((TRIAXIAL, TRIAXIAL), None, Viewpoint.sun("8.2 kpc"), 390.0)
    for pixel in (pixels[0], directions_of(sky, 4.1, 0.7)):
        sub = np.arange(pixel * 64**2, (pixel + 1) * 64**2)
        lon, lat = healpy.pix2ang(64 * 64, sub, nest=True, lonlat=True)
        away = (np.radians(lon) + np.pi) % (2 * np.pi) - np.pi
        mean = attach(lines(*polar(away, np.radians(lat))), "differential_j_factor").value.mean()
        # middles of 4096 parts of a pixel 4 sizes from the centre: 1/24 (1.4/4)^2/4096
        assert sky.values[pixel].value == pytest.approx(mean, rel=3e-6)


def test_the_cusp_of_an_ellipsoid_is_shared_out():
    # four pixels around the centre, against one that holds it: the parts do not depend on where they are cut
    halves = wcs_map(TRIAXIAL, size="1 deg", pixel="0.5 deg", **SUN)
    whole = wcs_map(TRIAXIAL, size="1 deg", pixel="1 deg", **SUN)
    assert halves.map_total.value == pytest.approx(whole.map_total.value, rel=1e-7)


def test_oblate_lines_are_adaptive_quadrature():
    q = 0.7
    solid = AxisymmetricDensity(
        lambda R, z: GALAXY.density(q ** (1 / 3) * np.sqrt(R**2 + (z / q) ** 2)), r_max=300 * u.kpc
    )
    sky = healpix_map(solid, distance="8.2 kpc", nside=4096, region=("0 deg", "90 deg", "0.02 deg"))
    sphere = healpix_map(
        GALAXY, distance="8.2 kpc", nside=4096, r_max="300 kpc", region=("0 deg", "90 deg", "0.02 deg")
    )

    def integral(m):
        rho = lambda s: GALAXY.density(m(s) * u.kpc).value ** 2  # noqa: E731
        return quad(rho, 0, np.sqrt(300**2 - 8.2**2), points=[5, 20], limit=400, epsrel=1e-10)[0]

    exact = integral(lambda s: q ** (1 / 3) * np.hypot(8.2, s / q)) / integral(lambda s: np.hypot(8.2, s))
    # straight up; a disk of 0.02 deg differs by 1e-7, interpolation between position angles by 1e-6
    assert (sky.map_total / sphere.map_total).value == pytest.approx(exact, rel=2e-6)


def test_equal_axes_are_a_sphere(galaxy):
    sky = healpix_map(EllipsoidalDensity(GALAXY, (1, 1, 1)), nside=64, **SUN)
    # two quadratures: 1e-7 is asked of the numerical one
    np.testing.assert_allclose(sky.values.value, galaxy.values.value, rtol=2e-7)


def test_far_away_the_shape_does_not_matter():
    # the volume integral of rho^2 is that of the sphere where abc = 1; next order (5 kpc/1e4 kpc)^2
    turn = np.linalg.qr(np.random.default_rng(3).standard_normal((3, 3)))[0]
    solid = EllipsoidalDensity(PlummerProfile(r_s="1 kpc", rho_s="1e8 Msun/kpc3"), (2.0, 1.0, 0.5), turn)
    view = Viewpoint.outside("1e4 kpc", "63 deg", "20 deg")
    sky = wcs_map(solid, viewpoint=view, r_max="300 kpc", size="0.05 deg", pixel="0.01 deg", position_angle="33 deg")
    sphere = j_factor(solid.profile, distance="1e4 kpc", angle="180 deg").value
    # and the errors of columns, 1e-6, and of cells, 1e-7
    assert sky.total.value == pytest.approx(sphere, rel=2e-6)


def test_position_angle_turns_the_sky():
    solid = TriaxialDensity(
        lambda x, y, z: 1e7 * RHO * (1 + (x**2 + y**2 + 4 * z**2) / u.kpc**2) ** -2.5, r_max=200 * u.kpc
    )
    view = Viewpoint.outside("100 kpc", "90 deg")
    pixels = {"viewpoint": view, "size": "1.1 deg", "pixel": "0.1 deg"}
    flat, upright = wcs_map(solid, **pixels), wcs_map(solid, position_angle="90 deg", **pixels)
    # flattened along the map's vertical, then along its horizontal; the map is of eleven pixels around the centre
    assert flat.values[5, 2] > 1.5 * flat.values[2, 5]
    np.testing.assert_allclose(upright.values.value, flat.values.value.T, rtol=1e-6)


def test_growing_longitude_is_left():
    # a cloud at l = +20 deg: x = -8.2 + s cos l, y = s sin l
    cloud = np.array([-8.2 + 8 * np.cos(np.radians(20)), 8 * np.sin(np.radians(20)), 0.0])

    def density(x, y, z):
        square = (x.value - cloud[0]) ** 2 + (y.value - cloud[1]) ** 2 + (z.value - cloud[2]) ** 2
        return 1e7 * RHO * (1 + square) ** -2.5

    sky = healpix_d_map(TriaxialDensity(density, r_max=30 * u.kpc), distance="8.2 kpc", nside=16)
    brightest = healpy.pix2ang(16, int(np.argmax(sky.values.value)), nest=True, lonlat=True)
    # pixels of nside 16 are four degrees wide
    assert brightest[0] == pytest.approx(20, abs=3)
    assert abs(brightest[1]) < 3


def test_densities_on_grids_are_seen_as_by_lines():
    edges = np.sinh(np.linspace(0, 3, 9))
    middle = 0.5 * (edges[1:] + edges[:-1])
    plummer = PlummerProfile(r_s="1 kpc", rho_s="1e7 Msun/kpc3")
    values = 1e7 * (1 + middle[:, None] ** 2 + (middle / 0.6) ** 2) ** -2.5
    grid = MeridianGrid(edges * u.kpc, edges * u.kpc, values * RHO, 0 * values * RHO, plummer)
    view = Viewpoint.sun("8.2 kpc", "20.8 pc")
    sky = healpix_map(grid, viewpoint=view, nside=8, speed_factor=lambda r: np.full(r.shape, 2.0))
    seen = j_sky(grid, viewpoint=view)
    # the ratio is linear in cells, so that brightness has kinks: measured 2e-5 of the sky and 7e-4 of the pixel
    assert sky.total.value == pytest.approx(2 * seen.within("180 deg").value, rel=1e-3)
    fine = 8 * 16
    pixel = healpy.ang2pix(8, 30, 20, lonlat=True, nest=True)
    lon, lat = healpy.pix2ang(fine, np.arange(pixel * 256, (pixel + 1) * 256), nest=True, lonlat=True)
    mean = seen.toward(lon * u.deg, lat * u.deg).mean()
    assert sky.values[pixel].value == pytest.approx(2 * mean.value, rel=2e-3)


# -- particle factors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["function", "table"])
def test_a_power_of_radius_is_another_profile(form):
    # rho^2 (r/r_s)^0.4 is the product with the profile whose slopes are less by 0.4
    other = ZhaoProfile(beta=2.6, gamma=0.8, r_s=20 * u.kpc, rho_s=GALAXY.rho_s)
    if form == "function":
        factor = lambda r: (r / (20 * u.kpc)) ** 0.4  # noqa: E731
    else:
        r = np.geomspace(0.01, 100, 5) * u.kpc
        factor = (r, (r / (20 * u.kpc)) ** 0.4)
    sky = healpix_map(GALAXY, nside=16, speed_factor=factor, speed_model="r^0.4", **SUN)
    # both tables of the product are good to 1e-9
    np.testing.assert_allclose(sky.values.value, healpix_map(GALAXY, other, nside=16, **SUN).values.value, rtol=1e-8)
    assert sky.facts["S_MODEL"][0] == "r^0.4"


def test_factors_of_ellipsoids_are_of_the_ellipsoidal_radius():
    solid = EllipsoidalDensity(GALAXY, (1.1, 1.0, 0.9))
    pixels = {"size": "20 deg", "pixel": "4 deg", **SUN}
    # there a power is again another profile
    other = EllipsoidalDensity(ZhaoProfile(beta=2.6, gamma=0.8, r_s=20 * u.kpc, rho_s=GALAXY.rho_s), (1.1, 1.0, 0.9))
    powered = wcs_map(solid, speed_factor=lambda r: (r / (20 * u.kpc)) ** 0.4, **pixels)
    # the same lines in the same cells
    np.testing.assert_allclose(powered.values.value, wcs_map(solid, other, **pixels).values.value, rtol=1e-12)


@pytest.mark.parametrize(
    ("factor", "error", "said"),
    [
        (3.0, InputError, "function of radius"),
        (lambda r: -np.ones(r.shape), InputError, "negative"),
        (([1, 2] * u.kpc, [0.0, 1.0]), InputError, "positive"),
        (([2, 1] * u.kpc, [1.0, 1.0]), InputError, "increase"),
        (lambda r: r, UnitError, "dimensionless"),
        (lambda r: 1 + (np.sin(1e4 * np.log(r.value)) > 0), ConvergenceError, "too rough"),
    ],
)
def test_wrong_factors_are_refused(factor, error, said):
    with pytest.raises(error, match=said):
        healpix_map(GALAXY, nside=4, speed_factor=factor, **SUN)


# -- what is asked for -------------------------------------------------------------------------------------------------


def test_orders_and_regions_are_parts_of_one_sky(galaxy):
    ring = healpix_map(GALAXY, nside=64, order="ring", **SUN)
    np.testing.assert_array_equal(ring.values[healpy.nest2ring(64, np.arange(12 * 64**2))], galaxy.values)
    part = healpix_map(GALAXY, nside=64, region=("10 deg", "5 deg", "7 deg"), **SUN)
    np.testing.assert_array_equal(part.values, galaxy.values[part.grid.pixels])
    away = healpy.rotator.angdist(healpy.pix2ang(64, part.grid.pixels, nest=True, lonlat=True), [10, 5], lonlat=True)
    assert np.degrees(away.max()) <= 7
    # all pixels of the disk: 150 square degrees, ragged by the pixels along its edge
    assert len(part.values) == pytest.approx(
        2 * np.pi * (1 - np.cos(np.radians(7))) * 12 * 64**2 / (4 * np.pi), rel=0.05
    )


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"nside": 12}, InputError, "power of two"),
        ({"nside": 64.0}, InputError, "power of two"),
        ({"nside": 1024}, InputError, "give region"),
        ({"order": "spiral"}, InputError, "nested, ring"),
        ({"frame": "fk5"}, InputError, "galactic, icrs"),
        ({"region": "200 deg"}, InputError, "180 degrees"),
        ({"region": 3.0}, UnitError, "no unit"),
        ({"distance": None}, InputError, "give distance"),
        ({"viewpoint": Viewpoint.sun("8 kpc")}, InputError, "give distance"),
        ({"distance": None, "viewpoint": "8 kpc"}, InputError, "a Viewpoint is needed"),
        ({"first": ZhaoProfile(gamma=1.5, r_s="20 kpc", rho_s="1e7 Msun/kpc3")}, InputError, "below r"),
        ({"first": AxisymmetricDensity(lambda R, z: 1 / R)}, InputError, "need r_max"),
    ],
)
def test_wrong_maps_are_refused(wrong, error, said):
    asked = {"first": GALAXY, "distance": "8.2 kpc", "nside": 4} | wrong
    with pytest.raises(error, match=said):
        healpix_map(asked.pop("first"), **asked)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pixel": None}, "size and pixel"),
        ({"pixel": "0 deg"}, "positive angles"),
        ({"projection": "XYZ"}, "not known"),
        ({"wcs": "TAN", "size": None, "pixel": None}, "an astropy WCS is needed"),
    ],
)
def test_wrong_grids_are_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        wcs_map(GALAXY, **({"size": "1 deg", "pixel": "0.1 deg", **SUN} | wrong))


@pytest.mark.parametrize(("axes", "rotation"), [((1, 1), None), ((1, -1, 1), None), ((1, 1, 1), np.ones((3, 3)))])
def test_wrong_ellipsoids_are_refused(axes, rotation):
    with pytest.raises(InputError, match="needed"):
        EllipsoidalDensity(GALAXY, axes, rotation)


def test_without_healpy_the_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "healpy", None)
    with pytest.raises(InputError, match=r"pip install 'halokick\[maps\]'"):
        healpix_map(GALAXY, nside=4, order="ring", **SUN)
    # what needs no lists of pixels needs no healpy
    assert np.all(healpix_map(GALAXY, nside=4, **SUN).values > 0)


def test_progress_begins_after_two_seconds():
    now, heard = iter([0.0, 1.0, 1.9, 2.1, 2.5]), []
    parts = list(blocks(35, lambda done, total: heard.append((done, total)), size=10, clock=lambda: next(now)))
    assert [(one.start, one.stop) for one in parts] == [(0, 10), (10, 20), (20, 30), (30, 35)]
    assert heard == [(30, 35), (35, 35)]


def test_a_centre_may_be_one_quantity_and_a_map_says_what_it_is():
    profile = NFWProfile(r_s="20 kpc", rho_s="7e6 Msun/kpc3")
    here = {"distance": "8.2 kpc", "size": "2 deg", "pixel": "0.5 deg", "r_max": "100 kpc"}
    one, two = (wcs_map(profile, centre=centre, **here) for centre in ([3, -1] * u.deg, ("3 deg", "-1 deg")))
    np.testing.assert_array_equal(one.values, two.values)
    assert repr(one).startswith("SkyMap(16 pixels of WcsGrid, J of the map ")


@pytest.mark.parametrize("inclination", ["0 deg", "60 deg"])
@pytest.mark.parametrize("height", [0.3, 0.1])
def test_a_thin_disc_has_its_mass(inclination, height):
    """Lines of sight cross it within a few per cent of their length."""

    def disc(radius, z):
        return 1e7 * np.exp(-radius.to_value("kpc") / 3 - np.abs(z.to_value("kpc")) / height) * RHO

    view = Viewpoint.outside("8000 kpc", inclination)
    seen = wcs_d_map(AxisymmetricDensity(disc, 60 * u.kpc), viewpoint=view, size="1 deg", pixel="0.05 deg")
    mass = 4 * np.pi * 9 * height * 1e7
    # the whole mass at one distance; a disc of 3 kpc at 8 Mpc is (R/d)^2 from that, the Fourier series 1e-5
    assert seen.total.value == pytest.approx(attach(mass / 8000**2, "d_factor").value, rel=3e-5)


def test_a_density_without_end_of_detail_is_refused():
    def rough(radius, z):
        return (1e6 + 1e6 * (np.floor(1e7 * (radius + z).to_value("kpc")) % 2)) * RHO

    lines = line_product([AxisymmetricDensity(rough)], None, Viewpoint.outside("50 kpc", "60 deg"), 10.0)
    with pytest.raises(ConvergenceError, match="too rough"):
        lines(np.array([0.05]), np.array([0.3]))


def test_maps_that_no_memory_holds_or_that_repeat_the_sky():
    with pytest.raises(InputError, match="pixels"):
        wcs_map(DRACO, distance="80 kpc", size="180 deg", pixel="0.0001 deg")
    with pytest.raises(InputError, match="more than once around"):
        wcs_map(DRACO, distance="80 kpc", size="720 deg", pixel="5 deg", projection="CAR")
    with pytest.raises(InputError, match="pixels"):
        healpix_map(DRACO, distance="80 kpc", nside=2**16, region="180 deg")
    with pytest.raises(InputError, match="position_angle"):
        healpix_map(DRACO, distance="80 kpc", nside=4, position_angle=[1, 2] * u.deg)
