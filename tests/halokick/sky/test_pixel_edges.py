"""Closed integrals around pixels: solid angles, smooth brightness and cusps in closed form, wherever the centre is."""

import healpy
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from scipy.integrate import quad

from halokick.errors import InputError
from halokick.kernels.healpix_pixels import nested_pixels, outlines
from halokick.kernels.pixel_average import outlined_pixels
from halokick.sky.catalogue import builtin_catalogue
from halokick.sky.cone_integral import cone_table
from halokick.sky.pixel_edges import ABSCISSAE, RULES, directions, frame, grid_outlines, grid_places
from halokick.sky.sky_frames import centre_in
from halokick.sky.wcs_grid import wcs_grid

UNIFORM = cone_table(lambda theta, psi: np.ones_like(theta), smallest=1e-9)
DIPOLE = cone_table(lambda theta, psi: 2 + np.cos(theta), smallest=1e-9)
CENTRES = [(0.0, 0.0), (0.3, 0.2), (1.0, 0.9), (200.0, -70.0), (45.0, 90.0), (0.0, -90.0)]
"""A corner of four pixels, none, the inside of a polar cap, the poles [deg]."""


def healpix(table, nside, lon, lat, turn=0.0):
    pixels = np.arange(12 * nside**2)
    axes = frame(np.radians(lon), np.radians(lat), turn)
    return nested_pixels(table, nside, pixels, max(1, 16 // nside), axes, ABSCISSAE, *RULES)


@pytest.mark.parametrize("nside", [1, 4, 16, 32])
def test_edges_are_those_of_the_library(nside):
    pixels = np.arange(12 * nside**2)
    axes = np.eye(3)
    ours = outlines(nside, pixels, 4, axes, ABSCISSAE)[:, :, 0]
    theirs = healpy.boundaries(nside, pixels, step=4, nest=True).transpose(0, 2, 1)
    # both have four points an edge and go around alike; the library begins at the northern corner, we at the southern
    np.testing.assert_allclose(ours, np.roll(theirs, -8, axis=1), atol=1e-14)


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("nside", [1, 2, 16])
def test_healpix_areas_are_equal(nside, centre):
    # exact but for the polynomials of the edges, worst in the second ring around a pole: measured 2.1e-9
    np.testing.assert_allclose(healpix(UNIFORM, nside, *centre), 4 * np.pi / (12 * nside**2), rtol=5e-9)


@pytest.mark.parametrize("centre", CENTRES)
def test_the_sky_is_the_sum_of_its_pixels(centre):
    table = cone_table(lambda theta, psi: np.sin(0.5 * theta) ** -1.4, smallest=1e-9)
    # int sin(theta/2)^-1.4 dOmega = 8 pi/(2 - 1.4); edges of neighbours cancel, but for rings around the poles that are
    # cut differently: measured 2e-10
    assert healpix(table, 16, *centre).sum() == pytest.approx(8 * np.pi / 0.6, rel=1e-9)


def test_smooth_brightness_is_the_vector_area():
    # mean of 2 + cos(theta) over a pixel is 2 + its mean direction along the centre's: against fine pixels' middles
    nside = 8
    ours = healpix(DIPOLE, nside, 33.0, 21.0) / healpy.nside2pixarea(nside)
    middle = directions(np.radians(33.0), np.radians(21.0))

    def means(fine):
        v = np.array(healpy.pix2vec(fine, np.arange(12 * fine**2), nest=True))
        return 2 + (middle @ v).reshape(-1, (fine // nside) ** 2).mean(axis=1)

    # middles stand for their pixels to second order, 1.7e-6 at nside 512; without it the fourth is left, worst at the
    # poles: measured 6e-8
    np.testing.assert_allclose(ours, (4 * means(512) - means(256)) / 3, rtol=2e-7)


def flat_square(power, low, high):
    """Integral of r^-power over the square (low, high) x (low, high), corner or middle at the origin, flat."""
    corner = 2 * quad(lambda a: np.cos(a) ** (power - 2), 0, np.pi / 4, epsrel=1e-13)[0] / (2 - power)
    return corner * (high ** (2 - power) * (1 if low == 0 else 4))


def grid_sums(table, size, pixel, projection="TAN", centre=(0.0, 0.0), at=(0.0, 0.0)):
    """Sums and solid angles of a grid around `centre`, of a halo at `at` [deg]."""
    grid = wcs_grid(*np.radians(centre), size=size, pixel=pixel, frame="galactic", projection=projection)
    axes = frame(*np.radians(at))
    parts = []
    for x, y in grid_places(0, grid.shape[0], grid.shape[1]):
        lon, lat = grid.directions(x.ravel(), y.ravel())
        parts.append((directions(lon, lat) @ axes.T).reshape(*x.shape, 3))
    found = outlined_pixels(table, grid_outlines(*parts).reshape(-1, 4, 5, 3), *RULES)
    return grid, [one.reshape(grid.shape) for one in found]


@pytest.mark.parametrize("power", [0.0, 1.0, 1.4, 1.9])
@pytest.mark.parametrize("centre", [(0.0, 0.0), (120.0, -35.0)])
def test_cusps_in_the_middle_and_in_the_corner(power, centre):
    table = cone_table(lambda theta, psi: theta**-power, smallest=1e-9)
    h = np.radians(0.01)
    _, (odd, _) = grid_sums(table, "0.05 deg", "0.01 deg", centre=centre, at=centre)
    _, (even, _) = grid_sums(table, "0.04 deg", "0.01 deg", centre=centre, at=centre)
    # the pixels are flat to (3e-4 rad)^2
    assert odd[2, 2] == pytest.approx(flat_square(power, -h / 2, h / 2), rel=1e-7)
    # next to theta^-2, a tenth of the integral is inside 1e-14 rad, where corners are rounded: measured 6e-6
    np.testing.assert_allclose(even[1:3, 1:3], flat_square(power, 0, h), rtol=1e-7 if power < 1.9 else 1e-5)


@pytest.mark.parametrize("power", [1.0, 1.4, 1.9])
@pytest.mark.parametrize("off", [1e-14, 1e-9, 1e-5, 1e-3])
def test_cusps_beside_an_edge_lose_nothing(power, off):
    table = cone_table(lambda theta, psi: theta**-power, smallest=1e-9)
    _, (sums, _) = grid_sums(table, "0.04 deg", "0.02 deg", at=(off, 0.0137))
    _, (one, _) = grid_sums(table, "0.04 deg", "0.04 deg", at=(off, 0.0137))
    # one pixel with the centre well inside it: the parts of the plane do not depend on where they are cut
    assert sums.sum() == pytest.approx(one[0, 0], rel=1e-8)


def test_cells_of_longitude_and_latitude_are_closed_forms():
    # CAR pixels: solid angle dl (sin b2 - sin b1), mean of the direction along l = b = 0 from dl and db
    grid, (sums, area) = grid_sums(DIPOLE, ("360 deg", "180 deg"), "4 deg", "CAR")
    b = np.radians(np.arange(-90, 91, 4))
    l = np.radians(180 - np.arange(0, 361, 4))
    exact = np.diff(np.sin(b))[:, None] * -np.diff(l)
    along = np.diff(b / 2 + np.sin(2 * b) / 4)[:, None] * -np.diff(np.sin(l))
    # edges are polynomials over 0.07 rad: measured 2e-10 of a cell at the pole
    np.testing.assert_allclose(area, exact, rtol=1e-9)
    np.testing.assert_allclose(sums, 2 * exact + along, rtol=2e-9)
    assert grid.shape == (45, 90)


def test_solid_angle_of_a_plane_s_square():
    # TAN: the solid angle of a square of half-width a seen from the centre is 4 arcsin(a^2/(1 + a^2))
    _, (_, area) = grid_sums(UNIFORM, "60 deg", "2 deg")
    a = np.radians(30)
    # polynomials over 0.035 rad
    assert area.sum() == pytest.approx(4 * np.arcsin(a * a / (1 + a * a)), rel=1e-10)


def test_pixels_off_the_sky_are_no_numbers():
    _, (sums, area) = grid_sums(UNIFORM, ("360 deg", "180 deg"), "10 deg", "AIT")
    assert np.isnan(sums[0, 0])
    assert np.isnan(area[-1, -1])
    assert np.isfinite(sums[9, 18])


def test_the_frame_is_right_handed_for_those_who_look():
    forward, left, up = frame(np.radians(20), np.radians(30))
    np.testing.assert_allclose(np.cross(forward, left), up, atol=1e-15)
    # left is growing longitude, up is growing latitude
    step = directions(np.radians(20.001), np.radians(30)) - forward
    assert step @ left > 0.99 * np.linalg.norm(step)
    # turned by 90 degrees, up is where left was
    np.testing.assert_allclose(frame(np.radians(20), np.radians(30), np.pi / 2)[2], left, atol=1e-15)


def test_galactic_coordinates_are_astropy_s():
    dwarf = builtin_catalogue()["Draco"]
    exact = SkyCoord(dwarf.ra, dwarf.dec, frame="icrs").galactic
    # frames of the catalogue of 1997 and of FK5 differ by some milliarcseconds
    np.testing.assert_allclose(np.degrees(centre_in("galactic", dwarf)), [exact.l.deg, exact.b.deg], atol=3e-5)
    assert centre_in("icrs", dwarf) == pytest.approx((dwarf.ra.to_value("rad"), dwarf.dec.to_value("rad")))


@pytest.mark.parametrize(
    ("frame_name", "centre", "said"),
    [
        ("fk5", ("0 deg", "0 deg"), "galactic, icrs"),
        ("icrs", ("0 deg", "91 deg"), "-90 and 90"),
        ("icrs", "0 deg", "longitude and latitude"),
    ],
)
def test_wrong_centres_are_refused(frame_name, centre, said):
    with pytest.raises(InputError, match=said):
        centre_in(frame_name, centre)
