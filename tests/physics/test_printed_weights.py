"""Eqs. (C.4) and (C.6) as printed lose particles; with the right Jacobian they do not.

A slow twin of the phase mixing for the Hernquist halo, from closed forms alone (psi = 1/(1+x) / 2 in V0^2), that takes
the weight of the orbit average as an argument. Hardy, Lasenby & Unwin (2014) print the weight v / sqrt(r^2 v^2 - L^2);
changing variables from velocity to (E, L^2) in their Eq. (C.3) gives 1 / (r sqrt(r^2 v^2 - L^2)) = 1 / (r^2 |v_r|).
"""

import astropy.units as u
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.interpolate import CubicSpline

import halokick as hk

KPC = u.kpc


def _psi(x):
    return 0.5 / (1 + x)


def _f(e):
    """Hernquist (1990), Eq. (17), for psi(0) = 1/2, without its constant factor."""
    q = np.sqrt(2 * e)
    p = 1 - q * q
    return (3 * np.arcsin(q) + q * np.sqrt(p) * (1 - 2 * q * q) * (8 * q**4 - 8 * q * q - 3)) / p**2.5


def _cumulative():
    """F(E) as a spline of ln F against ln(E / (1/2 - E))."""
    u_grid = np.linspace(-7, 12, 400)
    e = 0.5 / (1 + np.exp(-u_grid))
    x, w = np.polynomial.legendre.leggauss(8)
    nodes = 0.5 * (e[:-1, None] + e[1:, None]) + 0.5 * np.diff(e)[:, None] * x
    pieces = 0.5 * np.diff(e) * (_f(nodes) @ w)
    # below, where the closed form loses its digits, f ~ E^(5/2)
    first = _f(e[0]) * e[0] / 3.5
    spline = CubicSpline(u_grid, np.log(first + np.concatenate([[0], np.cumsum(pieces)])))

    def evaluate(energy):
        inside = np.clip(energy, e[0], e[-1])
        tail = np.where(energy < e[0], np.maximum(energy, 0) / e[0], 1.0) ** 3.5
        return np.exp(spline(np.log(inside / (0.5 - inside)))) * tail

    return evaluate


def _bound_share(kick, weight):
    """Mass of g(E, L) = p / V over the mass of the parents, with orbit averages weighted by weight(r, v) dr / v_r."""
    cumulative = _cumulative()
    y, wy = np.polynomial.legendre.leggauss(48)
    y, wy = 0.5 * (1 + y), 0.5 * wy
    edges = np.log([1e-4, 1e-2, 0.1, 0.3, 1, 3, 10, 100, 1e4])
    node, weight_e = np.polynomial.legendre.leggauss(24)
    log_e = (edges[:-1, None] + np.diff(edges)[:, None] * 0.5 * (1 + node)).ravel()
    d_log_e = (np.diff(edges)[:, None] * 0.5 * weight_e).ravel()
    theta = np.pi * ((np.arange(96) + 0.5) / 96 - 0.5)
    daughters = 0.0
    for log_radius, step in zip(log_e, d_log_e, strict=True):
        x_e = np.exp(log_radius)
        energy = _psi(x_e)
        # circular orbit: 2 (psi - E) = M / x, M = x^2 / (1 + x)^2 / 2
        low, high = np.log(x_e) - 3, np.log(x_e)
        for _ in range(60):
            mid = 0.5 * (low + high)
            x = np.exp(mid)
            low, high = (low, mid) if 2 * (_psi(x) - energy) < 0.5 * x / (1 + x) ** 2 else (mid, high)
        x_c = np.exp(low)
        l2_c = 2 * (_psi(x_c) - energy) * x_c**2
        fraction = y**3  # L = L_c y^3: nearly radial orbits carry the steepest g
        l2 = l2_c * fraction**2
        d_l2 = l2_c * 6 * y**5 * wy
        inner = _root(energy, l2, np.full_like(l2, np.log(x_c) - 30), np.full_like(l2, np.log(x_c)), rising=True)
        outer = _root(energy, l2, np.full_like(l2, np.log(x_c)), np.full_like(l2, log_radius), rising=False)
        ln_x = 0.5 * (inner + outer)[:, None] + 0.5 * (outer - inner)[:, None] * np.sin(theta)
        x = np.exp(ln_x)
        v2 = 2 * (_psi(x) - energy)
        radial2 = np.maximum(v2 - l2[:, None] / x**2, 1e-300)
        time = x * np.cos(theta) / np.sqrt(radial2) * 0.5 * (outer - inner)[:, None] * np.pi / 96
        v = np.sqrt(v2)
        h = (cumulative(_psi(x) - 0.5 * (v - kick) ** 2) - cumulative(_psi(x) - 0.5 * (v + kick) ** 2)) / (2 * v * kick)
        w = time * weight(x, v)
        g = np.sum(w * h, axis=1) / np.sum(w, axis=1)
        period = np.sum(time, axis=1)  # pericentre to apocentre; dV = 8 pi^2 period dE dL^2
        slope = 0.5 * x_e / (1 + x_e) ** 2  # -dE / dln r_e
        daughters += step * slope * np.sum(d_l2 * g * period)
    parents = quad(lambda t: np.exp(3 * t) * np.exp(-t) / (1 + np.exp(t)) ** 3, -30, 30)[0] / (8 * np.pi**2) * 4 * np.pi
    # normalise f: rho(x) = 4 pi int f v dE at one radius
    norm = 4 * np.pi * quad(lambda e: _f(e) * np.sqrt(2 * (_psi(1.0) - e)), 0, _psi(1.0), epsrel=1e-10)[0] * 8
    return daughters / parents / norm


def _root(energy, l2, low, high, rising):
    low, high = low.copy(), high.copy()
    for _ in range(70):
        mid = 0.5 * (low + high)
        x = np.exp(mid)
        on_orbit = 2 * (_psi(x) - energy) * x * x > l2
        move_low = on_orbit != rising
        low = np.where(move_low, mid, low)
        high = np.where(move_low, high, mid)
    return 0.5 * (low + high)


@pytest.mark.parametrize(("kick", "right", "printed"), [(0.3, 0.7080, 0.6729), (0.6, 0.3135, 0.2430)])
def test_only_the_corrected_weights_conserve_particles(kick, right, printed):
    halo = hk.Halo(hk.HernquistProfile(r_s=1 * KPC, rho_s=1e9 * u.Msun / KPC**3))
    born = hk.bound_fraction(hk.ErgodicDF(halo), hk.FixedKick(kick * halo.v0), 1e8 * KPC)
    corrected = _bound_share(kick, lambda r, v: np.ones_like(r))
    as_printed = _bound_share(kick, lambda r, v: r * v)
    # the twin stops at 1e4 scale radii and 24 energies a panel: 4e-4
    assert corrected == pytest.approx(born, abs=5e-4)
    assert corrected == pytest.approx(right, abs=5e-4)
    assert as_printed == pytest.approx(printed, abs=2e-3)
    assert born - as_printed > 0.03
