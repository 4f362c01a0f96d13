import astropy.units as u
import numpy as np
import pytest

from halokick.errors import InputError
from halokick.halo.profiles import HernquistProfile, NFWProfile
from halokick.live.limits import circular_shell_correction, one_body_homology

KPC = u.kpc
NFW = NFWProfile(r_s=2 * KPC, rho_s=1e7 * u.Msun / KPC**3)
R = np.geomspace(1e-3, 200, 400) * KPC


def test_homology_keeps_the_circular_orbits_actions():
    # r M(<r) of the shell that holds a given share of the mass is constant: the radius grows as the mass falls
    share = 0.37
    mass, _ = one_body_homology(NFW, share, R / (1 - share))
    np.testing.assert_allclose(mass * R / (1 - share), NFW.mass(R) * R, rtol=1e-12)


def test_homology_density_is_the_derivative_of_its_mass():
    step = 1e-4
    up, down = (one_body_homology(NFW, 0.6, R * np.exp(s * step))[0] for s in (1, -1))
    slope = (up - down) / (2 * step)
    # central difference: step^2 / 6 of the third derivative
    np.testing.assert_allclose(slope / (4 * np.pi * R**3), one_body_homology(NFW, 0.6, R)[1], rtol=1e-8)


def test_a_cusp_loses_density_as_the_cube_of_what_is_left():
    _, density = one_body_homology(NFW, 0.5, 1e-6 * KPC)
    # next order of the cusp: r / r_s
    assert float(density / NFW.density(1e-6 * KPC)) == pytest.approx(0.5**3, rel=2e-6)


def test_circular_shells_that_lose_their_mass_expand_homologously():
    share = 0.55
    moved = circular_shell_correction(R, NFW.mass(R), (1 - share) * NFW.mass(R))
    exact, _ = one_body_homology(NFW, share, moved.radius)
    np.testing.assert_allclose(moved.mass, exact, rtol=1e-12)


def test_shells_in_the_field_of_fixed_stars_keep_their_angular_momentum():
    stars = HernquistProfile(r_s=0.5 * KPC, rho_s=3e8 * u.Msun / KPC**3)
    left = 0.4 * NFW.mass(R)
    moved = circular_shell_correction(R, NFW.mass(R), left, stars.mass(R))
    inside = moved.radius < R[-1]
    now = moved.radius * (left + stars.mass(moved.radius))
    # the stars' mass is interpolated linearly over 0.031 in ln r: 0.031^2 / 8 times 4 where it grows as r^2
    np.testing.assert_allclose(now[inside], (R * (NFW.mass(R) + stars.mass(R)))[inside], rtol=4.8e-4)


def test_heavy_stars_hold_the_shells_where_they_are():
    stars = 1e6 * NFW.mass(R)
    moved = circular_shell_correction(R, NFW.mass(R), 0.1 * NFW.mass(R), stars)
    np.testing.assert_allclose(moved.radius, R, rtol=1e-6)


def test_crossing_shells_are_refused():
    before = NFW.mass(R)
    left = before * np.where(R < 1 * KPC, 0.01, 1.0)
    with pytest.raises(InputError, match=r"shells cross near 0\.9"):
        circular_shell_correction(R, before, left)


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(InputError, match="columns of equal length"):
        circular_shell_correction(R, NFW.mass(R)[1:], NFW.mass(R))


@pytest.mark.parametrize("share", [-0.1, 1.0, 1.5, np.array([0.1, 0.2])])
def test_a_share_outside_its_range_is_refused(share):
    with pytest.raises(InputError, match="share"):
        one_body_homology(NFW, share, 1 * KPC)
