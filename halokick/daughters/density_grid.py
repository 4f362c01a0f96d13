"""Densities that are not spherical, on rings of (R, z) or boxes of (x, y, z): what orbits in any potential leave.

A cell knows the mass deposited in it. Between cells, the ratio of this mass to that of a smooth spherical density in
the same cell is interpolated, so that neither cusps nor the widths of cells do harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np

from halokick import units
from halokick.daughters.cell_means import means, volumes
from halokick.errors import InputError
from halokick.kernels.deposit import RING_COLUMNS
from halokick.kernels.solid_view import BOXES, RINGS, Ratios, ratios

_COSINE, _COSINE_WEIGHT = np.polynomial.legendre.leggauss(64)
_AZIMUTH = 2 * np.pi * (np.arange(64) + 0.5) / 64
"""Directions of a mean over a sphere."""
_PARTS = 8
"""Parts that are kept for errors of what is made of a grid, which they give to a quarter."""


class DensityGrid:
    """What `MeridianGrid` and `BoxGrid` share: masses of cells, and their ratio to a spherical reference between them.

    The ratio is interpolated linearly between the middles of cells (in R: between the mean radii of rings), and
    constant from there to the centre, the axis and the borders.

    Attributes
    ----------
    _axes : tuple of str
        Names of the attributes that hold edges.
    _kind : str
        As `cell_means` calls it.
    """

    _axes = ()
    _kind = ""

    def __post_init__(self):
        for name in self._axes:
            object.__setattr__(self, name, units.quantity(getattr(self, name), "length", name).copy())
        for name in ("moments", "settings"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        shape = tuple(len(one) - 1 for one in self._edges)
        for name in ("cell_density", "cell_error"):
            values = units.to_internal(getattr(self, name), "density", name)
            if np.shape(values) != shape or np.any(values < 0):
                raise InputError(f"{name} has shape {np.shape(values)}; {shape} numbers, none negative, are needed")
            object.__setattr__(self, name, units.attach(values, "density"))
        for array in (*(getattr(self, name) for name in self._axes), self.cell_density, self.cell_error):
            array.setflags(write=False)
        if self.cell_parts is not None:
            parts = np.array(units.to_internal(self.cell_parts, "density", "cell_parts"), dtype=float)
            if parts.ndim != len(shape) + 1 or parts.shape[1:] != shape or len(parts) < 2:
                raise InputError(f"cell_parts has shape {parts.shape}; at least two densities of shape {shape}")
            object.__setattr__(self, "cell_parts", units.attach(parts, "density"))
            self.cell_parts.setflags(write=False)

    def __reduce__(self):
        # read-only views do not pickle
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return _rebuild, (type(self), {k: dict(v) if isinstance(v, Mapping) else v for k, v in values.items()})

    @classmethod
    def _from_sums(cls, edges, sums, reference, settings):
        sums = np.asarray(sums, dtype=float)
        named = dict(zip(cls._axes, edges, strict=True))
        floats = [units.to_internal(one, "length", name) for name, one in named.items()]
        shape = tuple(len(one) - 1 for one in floats)
        if sums.ndim != len(shape) + 2 or sums.shape[2:] != shape or len(sums) not in (1, len(RING_COLUMNS)):
            raise InputError(f"sums have shape {sums.shape}; (1 or {len(RING_COLUMNS)} columns, blocks, *{shape})")
        blocks = sums.shape[1]
        if blocks < 2:
            raise InputError("sums have one block; errors need at least two, better thirty")
        volume = volumes(floats, cls._kind)
        masses = sums[0]
        total = masses.sum(axis=0)
        variance = blocks / (blocks - 1) * np.sum((masses - total / blocks) ** 2, axis=0)
        return cls(
            **named,
            cell_density=units.attach(total / volume, "density"),
            cell_error=units.attach(np.sqrt(variance) / volume, "density"),
            reference=reference,
            moments=_velocities(sums.sum(axis=1)) if len(sums) > 1 else {},
            settings=settings or {},
            cell_parts=units.attach(_few(masses) / volume, "density"),
        )

    @property
    def r_max(self):
        """Radius of the largest sphere around the centre inside the grid: Quantity [length]."""
        return units.attach(self._reach, "length")

    @property
    def cell_volumes(self):
        """Exact volumes of the cells, both halves of a folded axis counted: Quantity [kpc3], shape of the cells."""
        return volumes(self._edges, self._kind) * units.attach(1.0, "length") ** 3

    def mass(self):
        """Mass in all cells: Quantity [mass]."""
        return units.attach(np.sum(self._masses), "mass")

    def without_parts(self):
        """The same density from all but one of its independent parts, for each of them: tuple, empty without parts.

        What is made of the density has the standard error of a jackknife, the root of (p - 1)/p times the sum of its
        squared deviations from its mean over these p. Cells are not independent of each other: one orbit visits many.
        """
        if self.cell_parts is None:
            return ()
        parts = np.asarray(units.to_internal(self.cell_parts, "density"))
        total, count = parts.sum(axis=0), len(parts)
        # samples that were taken back leave their rounding, which may be negative
        rest = np.maximum((total - parts) * count / (count - 1), 0.0)
        return tuple(replace(self, cell_density=units.attach(one, "density"), cell_parts=None) for one in rest)

    def spherical_average(self, r):
        """Mean of the density over spheres.

        Parameters
        ----------
        r : Quantity [length], any shape
            Up to `r_max`.

        Returns
        -------
        Quantity [density], shape of `r`
        """
        radius = np.asarray(units.to_internal(r, "length", "r"))
        if np.any(radius <= 0) or np.any(radius > self._reach * (1 + 1e-12)):
            raise InputError(f"r = {r} must lie above zero and inside the grid's r_max = {self.r_max:.6g}")
        ratio = np.array([self._mean_ratio(one) for one in radius.ravel()]).reshape(radius.shape)
        return units.attach(ratio * self._reference_density(radius), "density")

    def _mean_ratio(self, radius):
        sine = np.sqrt(1 - _COSINE**2)
        azimuth = np.zeros(1) if self._kind == "rings" else _AZIMUTH
        x, y = (radius * np.outer(sine, turn(azimuth)) for turn in (np.cos, np.sin))
        z = np.broadcast_to(radius * _COSINE[:, None], x.shape)
        return 0.5 * _COSINE_WEIGHT @ self._ratio(self._ratios, x, y, z).mean(axis=1)

    def _interpolated(self, grid, x, y, z):
        x, y, z = np.broadcast_arrays(x, y, z)
        r = np.sqrt(x**2 + y**2 + z**2)
        if np.any(r == 0):
            raise InputError("the density is not given at the centre itself, where the reference may be infinite")
        return units.attach(self._ratio(grid, x, y, z) * self._reference_density(r), "density")

    @staticmethod
    def _ratio(grid, x, y, z):
        return ratios(grid, *(np.array(q, dtype=float).ravel() for q in (x, y, z))).reshape(np.shape(x))

    def _reference_density(self, radius):
        density = self.reference.density(units.attach(radius, "length"))
        return np.asarray(units.to_internal(density, "density", "reference.density(r)"))

    @cached_property
    def _edges(self):
        edges = []
        for name in self._axes:
            one = np.asarray(units.to_internal(getattr(self, name), "length", name))
            if one.ndim != 1 or len(one) < 3 or np.any(np.diff(one) <= 0):
                raise InputError(f"{name} = {one}; at least three increasing lengths are needed")
            if one[0] > 0 or one[-1] <= 0 or (name == "R_edges" and one[0] < 0):
                raise InputError(f"{name} = {one}; a grid must hold the centre, and R begins at zero")
            edges.append(one)
        return edges

    @cached_property
    def _reach(self):
        return float(min(min(one[-1], -one[0] if one[0] < 0 else np.inf) for one in self._edges))

    @cached_property
    def _masses(self):
        return np.asarray(units.to_internal(self.cell_density, "density")) * volumes(self._edges, self._kind)

    @cached_property
    def _reference_means(self):
        return means(self._reference_density, self._edges, self._kind)

    def _ratios_of(self, cell_values):
        """The kernel's record of these densities over the reference."""
        values = np.asarray(units.to_internal(cell_values, "density"))
        known = self._reference_means > 0
        if np.any(values[~known] > 0):
            raise InputError("the reference density is zero in cells that hold mass; give one that reaches as far")
        ratio = np.divide(values, self._reference_means, out=np.zeros_like(values), where=known)
        nodes = [0.5 * (one[1:] + one[:-1]) for one in self._edges]
        if self._kind == "rings":
            R = self._edges[0]
            nodes[0] = 2 / 3 * np.diff(R**3) / np.diff(R**2)
        counts = [len(one) for one in nodes] + [0] * (3 - len(nodes))
        kind = RINGS if self._kind == "rings" else BOXES
        return Ratios(kind, *counts, np.concatenate(nodes), np.ascontiguousarray(ratio).ravel())

    @cached_property
    def _ratios(self):
        return self._ratios_of(self.cell_density)

    @cached_property
    def _error_ratios(self):
        return self._ratios_of(self.cell_error)

    def _inside(self, values, k, name):
        q = np.asarray(units.to_internal(values, "length", name))
        one = self._edges[k]
        low = one[0] if one[0] < 0 else -one[-1]
        # lengths in other units may round to a little more than the border
        if np.any(q < low * (1 + 1e-12)) or np.any(q > one[-1] * (1 + 1e-12)):
            raise InputError(f"{name} = {values} lies outside the grid, which goes from {low:.6g} to {one[-1]:.6g} kpc")
        return q


@dataclass(frozen=True, eq=False)
class MeridianGrid(DensityGrid):
    """An axisymmetric density on rings.

    Attributes
    ----------
    R_edges : Quantity [length], shape (n + 1,)
        From zero on.
    z_edges : Quantity [length], shape (m + 1,)
        From zero on, if the density is symmetric about the plane z = 0 (each cell then counts on both sides); or of
        both signs.
    cell_density, cell_error : Quantity [density], shape (n, m)
        Deposited mass over the exact volume of the cell, and its standard error.
    reference : anything with ``density(r)``
        Smooth, spherical, known at all radii of the grid; the parents' profile for daughters.
    moments : mapping of str to Quantity [speed], shape (n, m)
        ``"v_phi"`` and the dispersions ``"sigma_R"``, ``"sigma_z"``, ``"sigma_phi"``, where they were kept.
    settings : mapping
    cell_parts : Quantity [density], shape (p, n, m), or None
        What independent parts of the sample add to the density, for errors of what is made of it.
    """

    R_edges: object
    z_edges: object
    cell_density: object
    cell_error: object
    reference: object
    moments: Mapping = field(default_factory=dict)
    settings: Mapping = field(default_factory=dict)
    cell_parts: object = None

    _axes = ("R_edges", "z_edges")
    _kind = "rings"

    @classmethod
    def from_sums(cls, R_edges, z_edges, sums, reference, settings=None):
        """Make the record from independent blocks of deposits.

        Parameters
        ----------
        R_edges, z_edges : Quantity [length]
        sums : float array, shape (1 or 5, blocks, n, m)
            As `halokick.daughters.density_bins.sums_of` gives them, times the mass of a sample of unit weight [Msun].
            The blocks add up to the whole; their scatter gives the error.
        reference, settings
            As for the attributes.

        Returns
        -------
        MeridianGrid
        """
        return cls._from_sums((R_edges, z_edges), sums, reference, settings)

    def density(self, R, z):
        """Density at cylindrical coordinates.

        Parameters
        ----------
        R, z : Quantity [length]
            Broadcast against each other; anywhere in the grid but in the centre itself.

        Returns
        -------
        Quantity [density], broadcast shape
        """
        return self._interpolated(self._ratios, *self._place(R, z))

    def error(self, R, z):
        """Standard error of `density`, as it is in the cells around: Quantity [density], broadcast shape."""
        return self._interpolated(self._error_ratios, *self._place(R, z))

    def _place(self, R, z):
        R, z = self._inside(R, 0, "R"), self._inside(z, 1, "z")
        if np.any(R < 0):
            raise InputError(f"R = {R} kpc; distances from the axis are not negative")
        return R, np.zeros(()), z


@dataclass(frozen=True, eq=False)
class BoxGrid(DensityGrid):
    """A density on boxes, in the frame in which it is at rest (a bar's own).

    Attributes
    ----------
    x_edges, y_edges, z_edges : Quantity [length], shapes (n + 1,), (m + 1,), (k + 1,)
        From zero on, if the density is symmetric about the plane where that coordinate vanishes (each cell then counts
        on both sides); or of both signs.
    cell_density, cell_error : Quantity [density], shape (n, m, k)
    reference, moments, settings, cell_parts
        As for `MeridianGrid`.
    """

    x_edges: object
    y_edges: object
    z_edges: object
    cell_density: object
    cell_error: object
    reference: object
    moments: Mapping = field(default_factory=dict)
    settings: Mapping = field(default_factory=dict)
    cell_parts: object = None

    _axes = ("x_edges", "y_edges", "z_edges")
    _kind = "boxes"

    @classmethod
    def from_sums(cls, x_edges, y_edges, z_edges, sums, reference, settings=None):
        """Make the record from independent blocks of deposits: see `MeridianGrid.from_sums`."""
        return cls._from_sums((x_edges, y_edges, z_edges), sums, reference, settings)

    def density(self, x, y, z):
        """Density at x, y, z (Quantities [length], broadcast; not the centre itself): Quantity [density]."""
        return self._interpolated(self._ratios, *self._place(x, y, z))

    def error(self, x, y, z):
        """Standard error of `density`, as it is in the cells around: Quantity [density], broadcast shape."""
        return self._interpolated(self._error_ratios, *self._place(x, y, z))

    def _place(self, x, y, z):
        return [self._inside(q, k, name) for k, (q, name) in enumerate(zip((x, y, z), "xyz", strict=True))]


def _rebuild(cls, values):
    return cls(**values)


def _few(parts):
    """At most a few independent parts, by adding up neighbours: (p, ...) to (q, ...)."""
    if len(parts) <= _PARTS:
        return parts
    return np.add.reduceat(parts, np.arange(_PARTS) * len(parts) // _PARTS, axis=0)


def _velocities(sums):
    """Mean rotation and dispersions in every cell; NaN in empty ones."""
    weight, *rest = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        v_R2, v_z2, v_phi, v_phi2 = (np.where(weight > 0, one / weight, np.nan) for one in rest)
    found = {
        "v_phi": v_phi,
        "sigma_R": np.sqrt(v_R2),
        "sigma_z": np.sqrt(v_z2),
        "sigma_phi": np.sqrt(np.maximum(v_phi2 - v_phi**2, 0.0)),
    }
    return {name: units.attach(values, "speed") for name, values in found.items()}
