"""Integrals over a density law given as ln rho(ln r): enclosed mass, and the pressure of the isotropic Jeans equation.

Gauss-Legendre in cells of ln r, Gauss-Laguerre inside the innermost cell; beyond the outermost one, a power law.
"""

from typing import NamedTuple

import numpy as np

from halokick import constants
from halokick.errors import InputError

INNER, OUTER = 1e-9, 1e13
"""Tabulated range in units of the scale radius."""
STEP = 0.025
"""Cell width in ln r: eight nodes then integrate even a cut-off exp(-(r/r_t)^20) to 1e-13."""

_GAUSS_X, _GAUSS_W = np.polynomial.legendre.leggauss(8)
_GAUSS_T = 0.5 * (1 + _GAUSS_X)
_GAUSS_W = 0.5 * _GAUSS_W
_LAGUERRE_X, _LAGUERRE_W = np.polynomial.laguerre.laggauss(16)


class MassTable(NamedTuple):
    """Enclosed mass [Msun] at the edges of uniform cells in ln(r/kpc)."""

    edges: np.ndarray
    mass: np.ndarray


def table(log_density, scale_radius, name):
    """Cumulative mass of `log_density(ln r) -> (ln rho, s, s')` from the centre.

    Raises
    ------
    InputError
        The density rises inward as r^-3 or steeper.
    """
    cells = int(np.ceil(np.log(OUTER / INNER) / STEP))
    edges = np.log(scale_radius * INNER) + STEP * np.arange(cells + 1)
    inside = _central_mass(log_density, edges[:1], name)
    shells = _shell_mass(log_density, edges[:-1], STEP)
    return MassTable(edges, np.concatenate([inside, inside + np.cumsum(shells)]))


def enclosed_mass(log_density, mass_table, radius):
    """M(<r) [Msun] for any positive radii [kpc]."""
    edges, mass = mass_table
    log_r = np.log(np.asarray(radius, dtype=float))
    inside_table = np.clip(log_r, edges[0], edges[-1])
    cell = np.minimum(((inside_table - edges[0]) / STEP).astype(int), len(edges) - 2)
    width = inside_table - edges[cell]
    inside = mass[cell] + _shell_mass(log_density, edges[cell], width)
    below = log_r < edges[0]
    if np.any(below):
        inside = np.where(below, _central_mass(log_density, np.where(below, log_r, edges[0]), "this profile"), inside)
    beyond = log_r > edges[-1]
    if np.any(beyond):
        inside = np.where(beyond, mass[-1] + _power_law_shell(log_density, edges[-1], log_r), inside)
    return inside


def isotropic_dispersion_squared(profile, radius):
    r"""One-dimensional velocity dispersion squared [(km/s)^2] of an isotropic, self-gravitating profile.

    The Jeans equation, rho sigma^2 = int_r^inf rho G M / r'^2 dr' (Binney & Tremaine 2008, Eq. 4.216 with beta = 0).
    """
    start = np.log(radius)
    stop = max(start, np.log(profile._scale_radius)) + np.log(OUTER)
    cells = int(np.ceil((stop - start) / STEP))
    nodes = start + STEP * (np.arange(cells)[:, None] + _GAUSS_T).ravel()
    ln_rho, s, _ = profile._log_density(nodes)
    ln_here = profile._log_density(np.array([start]))[0][0]
    weights = STEP * np.tile(_GAUSS_W, cells)
    mass = profile._mass(np.exp(nodes))
    speed_squared = constants.G * mass / np.exp(nodes)
    relative = np.exp(np.minimum(ln_rho - ln_here, 700.0))
    mass_slope = 4 * np.pi * np.exp(ln_rho[-1] + 3 * nodes[-1]) / mass[-1]
    tail = relative[-1] * speed_squared[-1] / (s[-1] + 1 - mass_slope)
    return float(np.sum(weights * relative * speed_squared) + tail)


def _shell_mass(log_density, start, width):
    """Mass between `start` and `start + width` (ln r), widths of at most one cell."""
    width = np.asarray(width, dtype=float)
    nodes = np.asarray(start)[..., None] + width[..., None] * _GAUSS_T
    ln_rho = log_density(nodes.ravel())[0].reshape(nodes.shape)
    return width * (4 * np.pi * np.exp(ln_rho + 3 * nodes) @ _GAUSS_W)


def _central_mass(log_density, log_r, name):
    """Mass inside each radius, from nodes spread inward over the local e-folds of the mass: exact for a power law."""
    log_r = np.asarray(log_r)
    ln_rho, s, _ = log_density(log_r)
    if np.any(s >= 3):
        raise InputError(
            f"{name}: the density rises inward as r^-{np.max(s):.4g}, so the mass diverges at the centre; "
            "a halo needs an inner slope below 3"
        )
    nodes = log_r[..., None] - _LAGUERRE_X / (3 - s)[..., None]
    growth = log_density(nodes.ravel())[0].reshape(nodes.shape) + 3 * nodes - (ln_rho + 3 * log_r)[..., None]
    return 4 * np.pi * np.exp(ln_rho + 3 * log_r) / (3 - s) * (np.exp(growth + _LAGUERRE_X) @ _LAGUERRE_W)


def _power_law_shell(log_density, log_start, log_r):
    ln_rho, s, _ = log_density(np.array([log_start]))
    front = 4 * np.pi * np.exp(ln_rho[0] + 3 * log_start)
    length = np.maximum(log_r - log_start, 0.0)
    index = 3 - s[0]
    return front * (length if abs(index) < 1e-12 else np.expm1(np.minimum(index * length, 600.0)) / index)
