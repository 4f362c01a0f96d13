"""Field tables and their inversions against the closed forms of an NFW halo."""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick import constants
from halokick.kernels import field as kernels

RHO = 1e7
HALO = hk.Halo(hk.NFWProfile(r_s=1 * u.kpc, rho_s=RHO * u.Msun / u.kpc**3))
V02 = 4 * np.pi * constants.G * RHO
X = np.geomspace(1e-6, 1e6, 200)


def _psi(x):
    return V02 * np.log1p(x) / x


def test_depths_are_exact_from_both_ends():
    field = HALO._field
    psi = np.array([kernels.psi_at(field, np.log(x)) for x in X])
    phi = np.array([kernels.phi_at(field, np.log(x)) for x in X])
    np.testing.assert_allclose(psi, _psi(X), rtol=1e-12)  # quintic Hermite, step 0.025
    # 1 - ln(1+x)/x by its series inside, where the difference cancels
    series = X / 2 - X**2 / 3 + X**3 / 4 - X**4 / 5 + X**5 / 6 - X**6 / 7
    expected = V02 * np.where(X < 1e-2, series, 1 - np.log1p(X) / X)
    # the power law assumed inside 1e-9 scale radii leaves 2e-12 at 1e-6
    np.testing.assert_allclose(phi, expected, rtol=5e-12)


def test_circular_speed_squared_is_exact():
    vc2 = np.array([kernels.vc2_at(HALO._field, np.log(x)) for x in X[X > 1e-3]])
    x = X[X > 1e-3]
    # the closed form loses three digits at 1e-3
    np.testing.assert_allclose(vc2, V02 * (np.log1p(x) - x / (1 + x)) / x, rtol=1e-9)


def test_zero_velocity_radius_inverts_the_potential_everywhere():
    field = HALO._field
    for x in X:
        depth, binding = kernels.phi_at(field, np.log(x)), kernels.psi_at(field, np.log(x))
        assert kernels.log_radius_of_energy(field, depth, binding) == pytest.approx(np.log(x), abs=1e-12)


def test_circular_radius_solves_its_equation():
    field = HALO._field
    for x_e in (1e-3, 1.0, 1e3):
        l_e = np.log(x_e)
        depth, binding = kernels.phi_at(field, l_e), kernels.psi_at(field, l_e)
        l_c = kernels.log_circular_radius(field, depth, binding, l_e)
        x = np.exp(l_c)
        speed2 = 2 * (_psi(x) - _psi(x_e))
        assert speed2 == pytest.approx(
            V02 * (np.log1p(x) - x / (1 + x)) / x, rel=1e-7
        )  # the closed form cancels at 1e-3


def test_radii_are_exponentials_to_the_last_digits():
    field = HALO._field
    for l in np.random.default_rng(1).uniform(-15, 20, 100):
        i, t = kernels.locate(field, l)
        assert kernels.radius_at(field, i, t) == pytest.approx(np.exp(l), rel=1e-13)  # rounding of l - l0
