"""From a density law (and any extra mass) to the tables of a spherical field: cumulate, check, interpolate.

With l = ln r, M = int 4 pi rho r^3 dl, Q(r) = int_0^r 4 pi G rho r^2 dl and v_c^2 = G M / r, the two depths are
phi = Q - v_c^2 and psi = v_c^2 + (Q(inf) - Q): sums, or differences of unlike numbers, so both keep their digits.
Derivatives in l are exact (phi' = v_c^2, dln M/dl = m = 4 pi rho r^3 / M, m' = m (3 - s - m)), so each cell is a
quintic Hermite polynomial.
"""

import numpy as np
from scipy.interpolate import PPoly, make_interp_spline

from halokick import constants
from halokick.errors import InputError
from halokick.kernels.distribution import Tracer
from halokick.kernels.field import Field

INNER, OUTER = 1e-9, 1e13
"""Tabulated range in units of the profile's scale radius: integrals down to E = 0 reach enormous radii."""
STEP = 0.025
"""Cell width in ln r: quintic Hermite cells then err by less than 1e-11 even for a core, where phi rises as r^2."""

_STEEP = 10.0
"""E-folds of density in a cell from which its asymptotic dispersion is used, good to 1e-4 there."""
_GAUSS_X, _GAUSS_W = np.polynomial.legendre.leggauss(8)
_GAUSS_T = 0.5 * (1 + _GAUSS_X)
_GAUSS_W = 0.5 * _GAUSS_W


def grid(profile):
    """Cell edges in ln r for this profile."""
    cells = int(np.ceil(np.log(OUTER / INNER) / STEP))
    return np.log(profile._scale_radius * INNER) + STEP * np.arange(cells + 1)


def hermite_rows(value, first, second):
    """Quintic coefficients of every cell from values and derivatives in ln r at the edges."""
    a0, b0, c0 = value[:-1], STEP * first[:-1], STEP**2 * second[:-1]
    a1, b1, c1 = value[1:], STEP * first[1:], STEP**2 * second[1:]
    jump = a1 - a0
    rows = np.empty((len(a0), 6))
    rows[:, 0] = a0
    rows[:, 1] = b0
    rows[:, 2] = 0.5 * c0
    rows[:, 3] = 10 * jump - 6 * b0 - 4 * b1 - 1.5 * c0 + 0.5 * c1
    rows[:, 4] = -15 * jump + 8 * b0 + 7 * b1 + 1.5 * c0 - c1
    rows[:, 5] = 6 * jump - 3 * (b0 + b1) - 0.5 * (c0 - c1)
    return rows


def spline_rows(edges, value):
    """Quintic coefficients of every cell from a quintic spline through the edge values."""
    pieces = PPoly.from_spline(make_interp_spline(edges, value, k=5))
    which = np.clip(np.searchsorted(pieces.x, 0.5 * (edges[:-1] + edges[1:])) - 1, 0, pieces.c.shape[1] - 1)
    # the spline's own breaks lie further apart near both ends: Taylor-expand its piece at each cell's edge
    offset = edges[:-1] - pieces.x[which]
    rows = np.zeros((len(edges) - 1, 6))
    coefficients = pieces.c[::-1, which]
    for power in range(6):
        for j in range(power, 6):
            choose = np.prod(np.arange(j - power + 1, j + 1)) / max(np.prod(np.arange(1, power + 1)), 1)
            rows[:, power] += coefficients[j] * choose * offset ** (j - power)
        rows[:, power] *= STEP**power
    return rows


def _halo_mass(profile, edges):
    """Edge values of mass, m, m', and the integral Q of 4 pi G rho r^2 dl from the centre and from infinity."""
    ln_rho, s, _ = profile._log_density(edges)
    inner = s[0]
    if inner >= 3:
        raise InputError(
            f"{profile!r}: the density rises inward as r^-{inner:.3g}, so the mass diverges; below 3 needed"
        )
    nodes = edges[:-1, None] + STEP * _GAUSS_T
    ln_rho_nodes = profile._log_density(nodes.ravel())[0].reshape(nodes.shape)
    four_pi = 4 * np.pi
    shell_mass = STEP * (four_pi * np.exp(ln_rho_nodes + 3 * nodes)) @ _GAUSS_W
    shell_q = STEP * (four_pi * constants.G * np.exp(ln_rho_nodes + 2 * nodes)) @ _GAUSS_W
    density = np.exp(ln_rho)
    radius = np.exp(edges)
    mass = four_pi * density[0] * radius[0] ** 3 / (3 - inner) + np.concatenate([[0.0], np.cumsum(shell_mass)])
    centre = four_pi * constants.G * density[0] * radius[0] ** 2
    # a slope of 2 has no finite centre: count from where the tables begin
    q_in = (centre / (2 - inner) if inner < 2 else 2 * constants.G * mass[0] / radius[0]) + np.concatenate(
        [[0.0], np.cumsum(shell_q)]
    )
    outer = s[-1]
    tail = four_pi * constants.G * density[-1] * radius[-1] ** 2 / (outer - 2) if outer > 2 else 0.0
    q_out = np.concatenate([np.cumsum(shell_q[::-1])[::-1], [0.0]]) + tail
    m = four_pi * density * radius**3 / mass
    return mass, m, m * (3 - s - m), q_in, q_out


def build_field(edges, profile=None, extra_mass=None):
    """Tables of the field of `profile` plus `extra_mass(edges)`, which gives ln M and its two derivatives in ln r.

    Either may be absent. Also returns dln M/dln r of the sum at the edges.
    """
    radius = np.exp(edges)
    vc2 = np.zeros_like(edges)
    phi = np.zeros_like(edges)
    psi = np.zeros_like(edges)
    rise = np.zeros_like(edges)  # G dM/dl / r and its derivative, summed over the components
    curve = np.zeros_like(edges)
    if profile is not None:
        mass, m, m_prime, q_in, q_out = _halo_mass(profile, edges)
        own = constants.G * mass / radius
        vc2 += own
        rise += own * m
        curve += own * (m_prime + m * m)
        phi += q_in - own
        psi += own + q_out
    if extra_mass is not None:
        ln_mass, m, m_prime = extra_mass(edges)
        own = constants.G * np.exp(ln_mass) / radius
        nodes = edges[:-1, None] + STEP * _GAUSS_T
        own_nodes = constants.G * np.exp(extra_mass(nodes.ravel())[0].reshape(nodes.shape) - nodes)
        steps = STEP * own_nodes @ _GAUSS_W
        inner = m[0] - 1
        phi += (own[0] / inner if inner > 0 else own[0]) + np.concatenate([[0.0], np.cumsum(steps)])
        tail = own[-1] / (1 - m[-1]) if m[-1] < 0.999 else own[-1]
        psi += tail + np.concatenate([np.cumsum(steps[::-1])[::-1], [0.0]])
        vc2 += own
        rise += own * m
        curve += own * (m_prime + m * m)
    m = rise / vc2
    m_prime = curve / vc2 - m * m
    psi0 = phi[len(phi) // 2] + psi[len(psi) // 2]
    field = Field(
        l0=float(edges[0]),
        step=STEP,
        radius=radius,
        phi=hermite_rows(phi, vc2, vc2 * (m - 1)),
        psi=hermite_rows(psi, -vc2, -vc2 * (m - 1)),
        vc2=hermite_rows(vc2, vc2 * (m - 1), vc2 * ((m - 1) ** 2 + m_prime)),
        psi0=float(psi0),
        half=int(np.searchsorted(phi, 0.5 * psi0)),
    )
    return field, m


def build_tracer(edges, profile, m):
    """Tables of the parents' density for the Eddington inversion in a field with dln M/dln r = m."""
    ln_rho, s, s_prime = profile._log_density(edges)
    return Tracer(
        ln_rho=hermite_rows(ln_rho, -s, -s_prime),
        slope=spline_rows(edges, s),
        curvature=spline_rows(edges, s * (s - 1 + m) - s_prime),
    )


def spherical_velocity_dispersion(field, tracer, edges):
    """Edge values of the isotropic one-dimensional dispersion squared: rho sigma^2 = int_r^inf rho v_c^2 dl."""
    powers = _GAUSS_T[None, :] ** np.arange(6)[:, None]
    ln_rho = tracer.ln_rho @ powers
    ln_here = tracer.ln_rho[:, :1]
    # relative to each cell's own density, so that truncated haloes do not underflow
    steps = STEP * (np.exp(ln_rho - ln_here) * (field.vc2 @ powers)) @ _GAUSS_W
    fall = np.exp(np.minimum(np.diff(tracer.ln_rho[:, 0]), 700.0))
    slope = tracer.slope[-1].sum()
    sigma2 = np.empty(len(edges))
    sigma2[-1] = field.vc2[-1].sum() / (slope + 1)
    last = np.exp(tracer.ln_rho[-1].sum() - tracer.ln_rho[-1, 0])
    for j in range(len(edges) - 2, -1, -1):
        ratio = fall[j] if j < len(fall) else last
        sigma2[j] = steps[j] + ratio * sigma2[j + 1]
    # where the density falls by many e-folds in a cell, nodes do not see it: v_c^2 / s and its change over one 1/s
    steep = np.flatnonzero(tracer.slope[:, 0] * STEP > _STEEP)
    slope, speed2 = tracer.slope[steep], field.vc2[steep]
    change = (speed2[:, 1] / speed2[:, 0] - slope[:, 1] / slope[:, 0]) / STEP
    sigma2[steep] = speed2[:, 0] / slope[:, 0] * (1 + change / slope[:, 0])
    return sigma2
