"""Places and directions against astropy's Galactocentric frame and school geometry."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import Galactic, Galactocentric, SkyCoord

from halokick.errors import InputError, UnitError
from halokick.sky.viewpoint import Viewpoint, polar


def places(view, l, b, distance):
    """Where one comes to from the observer, in kpc."""
    n = view._directions(*polar(np.deg2rad(l), np.deg2rad(b)))
    return view.position.to_value(u.kpc) + distance[:, None] * n


def test_the_sun_sees_what_astropy_says():
    rng = np.random.default_rng(1)
    l, b, s = rng.uniform(0, 360, 50), rng.uniform(-90, 90, 50), rng.uniform(0.1, 20, 50)
    centre = SkyCoord(0 * u.deg, 0 * u.deg, frame=Galactic()).icrs
    # the roll that makes astropy's north that of the Galactic coordinates is its default
    frame = Galactocentric(galcen_coord=centre, galcen_distance=8.2 * u.kpc, z_sun=300 * u.pc, roll=0 * u.deg)
    expected = SkyCoord(l * u.deg, b * u.deg, s * u.kpc, frame=Galactic()).transform_to(frame).cartesian.xyz
    found = places(Viewpoint.sun("8.2 kpc", "300 pc"), l, b, s)
    # astropy's roll is given to about 1e-5 rad
    np.testing.assert_allclose(found.T, expected.to_value(u.kpc), atol=2e-4)


def test_a_bar_turns_with_its_azimuth():
    l, b, s = np.array([10.0, 90.0]), np.array([0.0, 20.0]), np.array([7.0, 1.0])
    straight = places(Viewpoint.sun("8 kpc", "20 pc"), l, b, s)
    turned = places(Viewpoint.sun("8 kpc", "20 pc", azimuth="-27 deg"), l, b, s)
    np.testing.assert_allclose(np.hypot(*turned.T[:2]), np.hypot(*straight.T[:2]), rtol=1e-12)
    np.testing.assert_allclose(turned[:, 2], straight[:, 2], rtol=1e-12)
    angle = np.arctan2(turned[:, 1], turned[:, 0]) - np.arctan2(straight[:, 1], straight[:, 0])
    np.testing.assert_allclose(np.cos(angle - np.deg2rad(27)), 1, rtol=1e-12)


def test_the_near_end_of_the_galactic_bar_is_at_positive_longitudes():
    # the place (-3, 0, 0) kpc of the bar's frame, seen from the Sun
    view = Viewpoint.sun("8 kpc", azimuth="-27 deg")
    n = np.array([-3.0, 0, 0]) - view.position.to_value(u.kpc)
    forward, left, _ = view.axes @ n
    assert left > 0
    # nearer than the centre
    assert 0 < forward < 8


@pytest.mark.parametrize(
    ("inclination", "position", "up"),
    [("0 deg", (0, 0, 70), (-1, 0, 0)), ("90 deg", (70, 0, 0), (0, 0, 1)), ("180 deg", (0, 0, -70), (1, 0, 0))],
)
def test_face_on_and_edge_on(inclination, position, up):
    view = Viewpoint.outside("70 kpc", inclination)
    np.testing.assert_allclose(view.position.to_value(u.kpc), position, atol=1e-12)
    np.testing.assert_allclose(view.axes[2], up, atol=1e-12)


@pytest.mark.parametrize("azimuth", ["0 deg", "77 deg"])
def test_axes_are_a_frame_in_which_left_is_left(azimuth):
    for view in (Viewpoint.sun("8 kpc", "1 kpc", azimuth), Viewpoint.outside("8 kpc", "30 deg", azimuth)):
        np.testing.assert_allclose(view.axes @ view.axes.T, np.eye(3), atol=1e-14)
        forward, left, up = view.axes
        np.testing.assert_allclose(np.cross(up, forward), left, atol=1e-14)
        # straight ahead is the centre, which is in the frame's origin
        np.testing.assert_allclose(view.position.to_value(u.kpc) + 8 * forward, 0, atol=1e-12)
        assert view.distance.to_value(u.kpc) == pytest.approx(8)


def test_polar_angles_are_those_of_great_circles():
    l, b = np.deg2rad([[0.3], [100.0], [-10.0]]), np.deg2rad([-80.0, 0.0, 1e-7])
    alpha, psi = polar(l, b)
    np.testing.assert_allclose(np.cos(alpha), np.cos(l) * np.cos(b), atol=1e-15)
    np.testing.assert_allclose(np.sin(alpha) * np.cos(psi), np.sin(b) + 0 * l, atol=1e-15)
    assert polar(0.0, 1e-9)[0] == pytest.approx(1e-9, rel=1e-12)


def test_bad_places_are_refused():
    with pytest.raises(InputError, match="positive"):
        Viewpoint.sun("-8 kpc")
    with pytest.raises(InputError, match="height"):
        Viewpoint.sun("8 kpc", "9 kpc")
    with pytest.raises(InputError, match="positive"):
        Viewpoint.outside([1, 2] * u.kpc, "0 deg")
    with pytest.raises(UnitError):
        Viewpoint.sun(8)
