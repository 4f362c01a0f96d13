"""Turning points and orbit averages in a Hernquist halo, where both have closed forms or slow twins."""

import astropy.units as u
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

import halokick as hk
from halokick.kernels import field as fields
from halokick.kernels.kick import kicked
from halokick.kernels.orbit_average import kicked_average, log_apocentre, log_pericentre

HALO = hk.Halo(hk.HernquistProfile(r_s=1 * u.kpc, rho_s=1e8 * u.Msun / u.kpc**3))
DF = hk.ErgodicDF(HALO)
V02 = HALO.v0.value**2


def _psi(x):
    return 0.5 * V02 / (1 + x)


def _orbit(x_e, share):
    """Depth, binding, L^2 and turning points of the orbit with L = share * L_c and zero-velocity radius x_e."""
    field = HALO._field
    l_e = np.log(x_e)
    depth, binding = fields.phi_at(field, l_e), fields.psi_at(field, l_e)
    l_c = fields.log_circular_radius(field, depth, binding, l_e)
    momentum2 = share**2 * np.exp(2 * l_c) * fields.vc2_at(field, l_c)
    l_p = log_pericentre(field, depth, binding, momentum2, field.l0, l_c)
    l_a = log_apocentre(field, depth, binding, momentum2, l_c, l_e)
    return depth, binding, momentum2, l_p, l_a, np.exp(l_c)


@pytest.mark.parametrize("x_e", [1e-2, 1.0, 30.0])
@pytest.mark.parametrize("share", [1e-5, 0.01, 0.5, 0.99, 0.99999])
def test_turning_points_are_roots(x_e, share):
    _, _, momentum2, l_p, l_a, x_c = _orbit(x_e, share)

    def radial(x):
        return 2 * (_psi(x) - _psi(x_e)) - momentum2 / x**2

    inner = brentq(radial, x_c * 1e-9, x_c, xtol=1e-300, rtol=1e-14)
    outer = brentq(radial, x_c, x_e, xtol=1e-300, rtol=1e-14)
    # near-circular roots are ill-conditioned: rounding 1e-15 over the width
    tolerance = 1e-11 / max(1 - share, 1e-5) ** 0.5
    assert l_p == pytest.approx(np.log(inner), abs=tolerance)
    assert l_a == pytest.approx(np.log(outer), abs=tolerance)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_orbit_average_equals_adaptive_quadrature(share):
    x_e, k = 2.0, 0.3 * np.sqrt(V02)
    depth, binding, momentum2, l_p, l_a, _ = _orbit(x_e, share)
    field, table = HALO._field, DF._table
    fast = kicked_average(field, table, k, depth, binding, momentum2, l_p, l_a, 64)
    inner, outer = np.exp(l_p), np.exp(l_a)
    middle, half = 0.5 * (inner + outer), 0.5 * (outer - inner)

    def at(theta, with_h):
        x = middle + half * np.sin(theta)
        radial2 = 2 * (_psi(x) - _psi(x_e)) - momentum2 / x**2
        if radial2 <= 0:
            return 0.0
        v = np.sqrt(2 * (_psi(x) - _psi(x_e)))
        value = kicked(table, 0.5 * V02 - _psi(x), _psi(x), v, k) if with_h else 1.0
        return half * np.cos(theta) / np.sqrt(radial2) * value

    edge = np.pi / 2 - 1e-5
    slow = quad(at, -edge, edge, args=(True,), limit=400)[0] / quad(at, -edge, edge, args=(False,), limit=400)[0]
    # quad stops 1e-5 short of both turning points, where v_r is rounding
    assert fast == pytest.approx(slow, rel=1e-5)


def test_circular_orbits_see_one_speed():
    depth, binding, momentum2, l_p, l_a, x_c = _orbit(1.0, 1.0)
    k = 0.2 * np.sqrt(V02)
    v = np.sqrt(momentum2) / x_c
    one = kicked(DF._table, 0.5 * V02 - _psi(x_c), _psi(x_c), v, k)
    average = kicked_average(HALO._field, DF._table, k, depth, binding, momentum2, l_p, l_a, 24)
    assert average == pytest.approx(one, rel=1e-7)  # width of the orbit squared


def test_kicked_distribution_is_the_mean_over_directions():
    x, w = np.polynomial.legendre.leggauss(200)
    psi, v, k = _psi(0.5), 0.3 * np.sqrt(V02), 0.25 * np.sqrt(V02)
    energy = psi - 0.5 * (v * v + k * k + 2 * v * k * x)
    slow = 0.5 * np.sum(w * DF.f(energy * u.km**2 / u.s**2).value)
    fast = kicked(DF._table, 0.5 * V02 - psi, psi, v, k)
    assert fast == pytest.approx(slow, rel=1e-9)  # tables of F
    # and for a vanishing kick it is f itself
    still = kicked(DF._table, 0.5 * V02 - psi, psi, v, 1e-9)
    assert still == pytest.approx(DF.f((psi - 0.5 * v * v) * u.km**2 / u.s**2).value, rel=1e-9)
