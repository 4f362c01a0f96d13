"""Tables of forces for an orbit integrator, from potentials and densities known as functions of place."""

import numpy as np

from halokick.halo.exponential_disk import thickening
from halokick.halo.force_panels import aligned, first_cell, octave_points, refinement
from halokick.halo.force_sources import ThinDisk
from halokick.kernels.multipole import CELL_BITS as SOLID_BITS
from halokick.kernels.multipole import ROWS as SOLID_ROWS
from halokick.kernels.multipole import Solid, columns, pairs
from halokick.kernels.plane_table import COLUMNS, ROWS, Plane

_INSIDE = 1 - 2.0**-50
"""Just below the upper end of the last cell."""

XI_NODES, ZETA_NODES = 12, 14
"""Points to an octave of R^2 + d^2 and of |z| + e at which disks are asked."""
SOLID_NODES = 14
"""Points to an octave of r^2 at which triaxial members are asked."""
SOLID_LOWEST, SOLID_OCTAVES = -26, 70
"""Octaves of r^2 [kpc^2] of a table of multipoles: from 1e-4 to 4e6 kpc."""
ANGLES = 20
"""Points in cos(theta), and in phi, of one octant: harmonics up to degree 38 do not disturb lower ones."""

_NOISE = 1e-14
"""Of a potential: harmonics below this are rounding errors."""


class PlaneSamples:
    """Potentials of disks at the nodes of octaves of xi = R^2 + d^2 and zeta = |z| + e: what their tables are made of.

    Parameters
    ----------
    sources : list
        Each a `ThinDisk`, or anything with ``potential(x, y, z)`` [(km/s)^2].
    d_log, e_log : int
        log2 of d and e [kpc], over which the table softens its centre and its plane.
    reach : int
        log2 of the radius that it ends at [kpc].
    """

    def __init__(self, sources, d_log, e_log, reach):
        self.d2, self.e, self.reach = 4.0**d_log, 2.0**e_log, reach
        self._xi_low, self._zeta_low = 2 * d_log, e_log
        xi = octave_points(2 * d_log, 2 * (reach - d_log) + 1, XI_NODES)
        zeta = octave_points(e_log, reach - e_log + 1, ZETA_NODES)
        big_r, heights = np.sqrt(xi - self.d2), zeta - self.e
        self.values = 0.0
        for source in sources:
            self.values = self.values + self._sample(source, big_r, heights)

    def _sample(self, source, big_r, heights):
        across, along = big_r.ravel(), heights.ravel()
        x, z = (grid.ravel() for grid in np.meshgrid(across, along, indexing="ij"))
        value = source.potential(x, np.zeros_like(x), z).reshape(len(across), len(along))
        if isinstance(source, ThinDisk) and source.thickness > 0:
            ends = self.e * 2.0 ** np.arange(heights.shape[0] + 1) - self.e
            value = value @ thickening(heights, ends, source.thickness).T
        return value.reshape(*big_r.shape, *heights.shape)

    def table(self, xi_bits, zeta_bits):
        """`Plane` with 2^bits cells to an octave along each axis."""
        by_xi = refinement(XI_NODES, xi_bits, ROWS - 1)
        by_zeta = refinement(ZETA_NODES, zeta_bits, COLUMNS - 1)
        blocks = np.einsum("cim,omqn,djn->ocqdij", by_xi, self.values, by_zeta, optimize=True)
        octaves, xi_cells, zeta_octaves, zeta_cells = blocks.shape[:4]
        return Plane(
            d2=self.d2,
            e=self.e,
            xi_bits=xi_bits,
            zeta_bits=zeta_bits,
            xi_first=first_cell(self._xi_low, xi_bits),
            zeta_first=first_cell(self._zeta_low, zeta_bits),
            zeta_cells=zeta_octaves * zeta_cells,
            reach=self.reach,
            xi_end=2.0 ** (self._xi_low + octaves) * _INSIDE,
            zeta_end=2.0 ** (self._zeta_low + zeta_octaves) * _INSIDE,
            table=aligned(blocks.reshape(octaves * xi_cells * zeta_octaves * zeta_cells, ROWS * COLUMNS)),
        )


class SolidSamples:
    """A triaxial potential over an octant of every sphere: what its multipoles are projected from.

    Parameters
    ----------
    potential : callable
        Of x, y, z [kpc], even in each of them [(km/s)^2].
    edge : float
        Radius at which derivatives jump, put between two cells [kpc].
    """

    def __init__(self, potential, edge=1.0):
        x, w = np.polynomial.legendre.leggauss(ANGLES)
        cosine, weight = 0.5 * (1 + x), 0.5 * w
        phi = 0.5 * np.pi * (np.arange(ANGLES) + 0.5) / ANGLES
        sine = np.sqrt(1 - cosine**2)
        self._x = (sine[:, None] * np.cos(phi)).ravel()
        self._y = (sine[:, None] * np.sin(phi)).ravel()
        self._weight = np.sqrt(np.repeat(weight, ANGLES) / ANGLES)
        z = np.repeat(cosine, ANGLES)
        self._stretch = edge**-2.0
        self._s = octave_points(SOLID_LOWEST, SOLID_OCTAVES, SOLID_NODES)
        r = np.sqrt(self._s.ravel() / self._stretch)[:, None]
        value = potential((r * self._x).ravel(), (r * self._y).ravel(), (r * z).ravel())
        self._value = value.reshape(-1, len(z)) * self._weight

    def table(self, order):
        """`Solid` of harmonics up to degree 2 order."""
        # orthogonal polynomials of rising degree are the even harmonics: projections on them do not mix
        ranked = sorted(range(len(pairs(order))), key=lambda k: sum(pairs(order)[k]))
        shapes = np.stack([self._x ** (2 * a) * self._y ** (2 * b) for a, b in pairs(order)], axis=1)
        basis, factor = np.linalg.qr(shapes[:, ranked] * self._weight[:, None])
        moments = self._value @ basis
        # near the centre of a core high harmonics are rounding noise, which their many terms would magnify
        moments[np.abs(moments) < _NOISE * np.abs(moments[:, :1])] = 0.0
        fitted = np.empty_like(moments)
        fitted[:, ranked] = np.linalg.solve(factor, moments.T).T
        values = fitted.reshape(SOLID_OCTAVES, SOLID_NODES, -1)
        cells = np.einsum("cin,onq->ociq", refinement(SOLID_NODES, SOLID_BITS, SOLID_ROWS - 1), values)
        table = np.zeros((SOLID_OCTAVES << SOLID_BITS, SOLID_ROWS, columns(order)))
        table[..., : fitted.shape[1]] = cells.reshape(len(table), SOLID_ROWS, -1)
        return Solid(
            order=order,
            stretch=self._stretch,
            first=first_cell(SOLID_LOWEST, SOLID_BITS),
            low=2.0**SOLID_LOWEST,
            high=2.0 ** (SOLID_LOWEST + SOLID_OCTAVES) * _INSIDE,
            table=aligned(table),
        )
