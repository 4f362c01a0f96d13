"""From orbits that were integrated to entries of records: control, errors, what was left out, grids and their sky."""

import math

import numpy as np

from halokick import units
from halokick.daughters.followed import FollowedDaughters
from halokick.daughters.result import Daughters
from halokick.errors import ConvergenceError
from halokick.sky.jfactor import j_factor
from halokick.sky.solid_view import j_sky
from halokick.sky.viewpoint import Viewpoint
from halokick.study.orbit_result import GridRecord, LostRecord

_NUMBERS_KEPT = 20
_OF_NOISE, _FINEST, _COARSEST = 0.1, 1e-3, 3e-2
"""Lines of sight are summed to this share of a cell's error, within bounds."""
_PER_DECADE, _INNERMOST = 40, 0.1
"""Radii of a grid's spherical average, the first a share of the innermost cell: it is constant from there on."""


def followed_entries(found):
    """Entries of a `DaughterRecord` that only integrated orbits have: dict, empty for other daughters."""
    if not isinstance(found, FollowedDaughters):
        return {}
    return {
        "control": found.control,
        "control_error": found.control_error,
        "kick_ratio": found.kick_ratio,
        "kick_ratio_error": found.kick_ratio_error,
        # without a single orbit to judge, errors are not numbers, and left out
        "energy_error": {key: value for key, value in found.energy_error.items() if _is_something(value)},
        "failed": tuple(
            LostRecord(reason, len(which), np.array(which[:_NUMBERS_KEPT], dtype=np.int64))
            for reason, which in found.failed.items()
        ),
        "force_field": _field(found.force_field),
        "report": tuple(found.report()),
        "grid": _grid(found.grid),
        "control_grid": _grid(found.control_grid),
    }


def _is_something(value):
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _field(field):
    """`ForceField.to_dict` with each member as a line of text."""
    members = tuple(f"{name}: {how}" + (f" ({why})" if why else "") for name, how, why in field["members"])
    return {key: value for key, value in field.items() if value is not None} | {"members": members}


def _grid(grid):
    if grid is None:
        return None
    return GridRecord(
        kind=grid._kind,
        edges={name.removesuffix("_edges"): getattr(grid, name) for name in grid._axes},
        density=grid.cell_density,
        error=grid.cell_error,
        parent=units.attach(grid._reference_means, "density"),
    )


def grid_sky(observer, found):
    """J-factors of the parents and the daughters on their grid: entries of a `SkyRecord`, empty without a grid.

    Cones are around the centre, the sphere inside the grid is the halo's end, and each is given beside its ratio to
    what the same grid gives if it is averaged over spheres first. Grids too noisy for their own statistical errors have
    no number, and a text that says why.

    Parameters
    ----------
    observer : ObserverSection
    found : sequence of Daughters
    """
    if not all(getattr(one, "grid", None) is not None for one in found):
        return {}
    turn = {} if observer.azimuth is None else {"azimuth": observer.azimuth}
    viewpoint = Viewpoint.sun(observer.distance, **turn)
    r_max = found[0].grid.r_max if observer.r_max is None else min(observer.r_max, found[0].grid.r_max)
    angles, rows, errors, ratios, problems = units.quantity(observer.angles, "angle"), [], [], [], []
    for one in found:
        solid, error_of = np.full((2, len(angles)), np.nan)
        sphere = j_factor(one.parent, _averaged(one), distance=observer.distance, angle=angles, r_max=r_max)
        view = j_sky(one.parent, one.grid, viewpoint=viewpoint, r_max=r_max)
        tolerance = _tolerance(one.grid)
        for i, angle in enumerate(angles):
            try:
                solid[i] = view.within(angle, tolerance=tolerance).to_value(sphere.unit)
                error_of[i] = view.error_within(angle, tolerance=tolerance).to_value(sphere.unit)
            except ConvergenceError as error:
                problems.append(f"{one.kick.label}, {angle:.6g}: {error}")
        rows.append(solid)
        errors.append(error_of)
        ratios.append(solid / sphere.value)
    return {
        "j_pair_grid": np.stack(rows) * sphere.unit,
        "j_pair_grid_error": np.stack(errors) * sphere.unit,
        "grid_over_sphere": np.stack(ratios),
        "grid_r_max": r_max,
        "grid_problems": tuple(problems),
    }


def _tolerance(grid):
    """A share of the typical error of a cell, cells counted by what they add to the J-factor."""
    density = np.asarray(units.to_internal(grid.cell_density, "density"))
    error = np.asarray(units.to_internal(grid.cell_error, "density"))
    signal = density * grid._reference_means * np.asarray(grid.cell_volumes)
    total = signal.sum()
    if total == 0:
        return _COARSEST
    relative = np.divide(error, density, out=np.zeros_like(error), where=density > 0)
    return float(np.clip(_OF_NOISE * np.sum(relative * signal) / total, _FINEST, _COARSEST))


def _averaged(found):
    """The daughters on a grid, averaged over spheres."""
    grid = found.grid
    reach = float(units.to_internal(grid.r_max, "length"))
    first = _INNERMOST * min(float(np.min(np.abs(one[one != 0]))) for one in grid._edges)
    radius = np.geomspace(first, reach, int(_PER_DECADE * np.log10(reach / first)) + 2)
    radius[-1] = reach
    radius = units.attach(radius, "length")
    density = grid.spherical_average(radius)
    return Daughters(
        method=found.method,
        parent=found.parent,
        kick=found.kick,
        radius=radius,
        components={"bound": density},
        error_density=0 * density,
        dispersion={},
        bound_at_birth=np.ones(len(radius)),
        bound_fraction=found.bound_fraction,
        reference_radius=found.reference_radius,
    )
