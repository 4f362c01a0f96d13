"""How bright the sky around a halo is, whatever its shape, in the form that pixel averages need."""

from typing import NamedTuple

import numpy as np

from halokick import units
from halokick.daughters.density_grid import DensityGrid
from halokick.errors import ConvergenceError, InputError
from halokick.kernels.line_of_sight import line_integrals
from halokick.kernels.pixel_average import ConeTable
from halokick.sky.cone_integral import cone_table, finer, whole_sky, with_columns
from halokick.sky.radial_table import radial_table
from halokick.sky.solid_density import is_solid, line_product
from halokick.sky.solid_view import d_sky, j_sky
from halokick.sky.speed_weight import speed_weight, weighted
from halokick.sky.viewpoint import Viewpoint

_CLOSE = 1e-6
"""As in `halokick.sky.jfactor`: slopes this near to a diverging one count as diverging."""
_LINE = tuple(np.polynomial.legendre.leggauss(16))
_SMOOTH = (0.5 * (_LINE[0] + 1), 0.5 * _LINE[1])
_SMALLEST = {"sphere": 1e-10, "function": 1e-8, "grid": 1e-6}
"""Angles [rad] inside which the brightness is the power law that it has there."""
_STEP = {"function": 0.5, "grid": 1.0}
"""Largest cells of ln tan(theta/2)."""
_COLUMNS = (16, 32, 64, 128, 256)
"""Position angles at which lines through solid densities are integrated."""
_FINER = 8
"""Position angles in the table for each of them, by Fourier series."""
_ROUND = {"function": 1e-6, "grid": 1e-2}
"""Relative error of the Fourier series at which there are enough; grids of cells have kinks, and know no better."""
_LUMPY = 5e-2
"""The largest error accepted, of grids with noise in their cells."""
_TRIALS = np.geomspace(1e-5, 3.0, 20)
"""Angles [rad] at which that error is measured."""


class Brightness(NamedTuple):
    """The sky around the centre of a halo.

    Attributes
    ----------
    table : ConeTable
        In internal units, about the centre.
    dimension : str
        ``"j_factor"`` or ``"d_factor"``.
    total : float
        Integral over the whole sky, internal units.
    distance, r_max : float
        Of the observer from the centre, and where the halo ends [kpc].
    error : float
        Of the interpolation between position angles, relative, rms; zero for a spherical density.
    """

    table: ConeTable
    dimension: str
    total: float
    distance: float
    r_max: float
    error: float


def brightness(densities, *, dimension, distance=None, viewpoint=None, r_max=None, speed_factor=None):
    """The sky of one density, or of the product of two.

    Parameters
    ----------
    densities : tuple
        One (D-factor) or two (J-factor) of: anything with ``density(r)``, `MeridianGrid`, `BoxGrid`, `SolidDensity`.
    dimension : str
        ``"j_factor"`` or ``"d_factor"``.
    distance, viewpoint : Quantity [length], Viewpoint
        One of them; a distance alone stands for the Sun in the plane z = 0 where the density is not spherical.
    r_max : Quantity [length], optional
    speed_factor : callable or (radii, values), optional

    Returns
    -------
    Brightness
    """
    viewpoint = _viewpoint(distance, viewpoint)
    weight = None if speed_factor is None else speed_weight(speed_factor)
    solid = [one for one in densities if is_solid(one)]
    if not solid:
        return _sphere(densities, dimension, viewpoint, r_max, weight)
    kind = "grid" if any(isinstance(one, DensityGrid) for one in solid) else "function"
    if all(isinstance(one, DensityGrid) for one in solid):
        view = d_sky(*densities, viewpoint=viewpoint, r_max=r_max) if dimension == "d_factor" else None
        view = view or j_sky(*densities, viewpoint=viewpoint, r_max=r_max)
        outer = float(units.to_internal(view.r_max, "length", finite=False))
        if weight is not None:
            view._table = weighted(view._table, weight)
        scale = units.attach(1.0, f"differential_{dimension}").value

        def lines(theta, psi):
            return view.at(*(units.attach(q, "angle") for q in (theta, psi))).value / scale

    else:
        outer = _solid_end(densities, r_max)
        lines = line_product(densities, weight, viewpoint, outer)
    return _solid(lines, dimension, viewpoint, outer, kind)


def _viewpoint(distance, viewpoint):
    if (distance is None) == (viewpoint is None):
        raise InputError(
            "give distance, of the observer from the halo's centre, or viewpoint, for a density that is not spherical; "
            f"given were distance = {distance}, viewpoint = {viewpoint}"
        )
    if viewpoint is None:
        return Viewpoint.sun(distance)
    if not isinstance(viewpoint, Viewpoint):
        raise InputError(f"viewpoint = {viewpoint!r}; a Viewpoint is needed, such as Viewpoint.sun('8.2 kpc')")
    return viewpoint


def _sphere(densities, dimension, viewpoint, r_max, weight):
    table = radial_table(*densities, r_max=r_max)
    if weight is not None:
        table = weighted(table, weight)
    if np.isinf(table.r_max) and table.slope_outer < 1 + _CLOSE:
        raise InputError(
            f"the integrand falls only as r^-{table.slope_outer:.3g}, so a line of sight without end gives infinity; "
            "give r_max, for example the virial radius"
        )
    if table.slope_inner > 3 - _CLOSE:
        raise InputError(
            f"the integrand rises as r^-{table.slope_inner:.3g} towards the centre, so its volume integral is infinite "
            "(it is finite below r^-3); use a shallower profile, one with a core, or a factor that saturates"
        )
    d = viewpoint._distance

    def lines(theta, psi):
        flat = np.ascontiguousarray(theta, dtype=float).ravel()
        return line_integrals(table, np.full(len(flat), d), flat, *_SMOOTH).reshape(np.shape(theta))

    cone = cone_table(lines, smallest=_SMALLEST["sphere"], largest=_largest(d, table.r_max))
    return Brightness(cone, dimension, whole_sky(cone), d, float(table.r_max), 0.0)


def _solid(lines, dimension, viewpoint, outer, kind):
    d = viewpoint._distance
    largest = _largest(d, outer)
    for columns in _COLUMNS:
        error = _roughness(lines, columns, _TRIALS[largest > _TRIALS])
        if error < _ROUND[kind]:
            break
    if error > _LUMPY:
        raise ConvergenceError(
            f"the brightness around circles about the centre is too rough (error {error:.1e} with {columns} position "
            "angles); use wider cells, more daughters, or a smoother density"
        )
    cone = cone_table(
        lines,
        smallest=_SMALLEST[kind],
        largest=largest,
        step=_STEP[kind],
        columns=columns,
        tolerance=max(1e-7, 0.1 * error),
    )
    cone = with_columns(cone, _FINER * columns)
    return Brightness(cone, dimension, whole_sky(cone), d, outer, float(error))


def _roughness(lines, columns, theta):
    """Relative error of the Fourier series through `columns` position angles, its rms half-way between them."""
    psi = 2 * np.pi * np.arange(2 * columns) / (2 * columns)
    at, around = (one.copy() for one in np.broadcast_arrays(theta[:, None], psi))
    values = lines(at, around)
    off = np.sqrt(np.mean((finer(values[:, ::2], 2 * columns) - values)[:, 1::2] ** 2, axis=1))
    return np.max(off / np.maximum(np.mean(values, axis=1), np.finfo(float).tiny))


def _largest(distance, r_max):
    """Angle at which the halo's edge is seen from outside."""
    return np.arcsin(r_max / distance) if r_max < distance else np.pi


def _solid_end(densities, r_max):
    limits = [one.r_max for one in densities if getattr(one, "r_max", None) is not None]
    limit = min((float(units.to_internal(one, "length", "r_max", finite=False)) for one in limits), default=np.inf)
    if r_max is None:
        if np.isinf(limit):
            raise InputError("densities given as functions of place need r_max, the radius at which the halo ends")
        return limit
    outer = units.to_internal(r_max, "length", "r_max")
    if np.ndim(outer) != 0 or not 0 < outer <= limit * (1 + 1e-12):
        raise InputError(f"r_max = {r_max} must be one positive radius, within {limit:.6g} kpc, where a density ends")
    return float(outer)
