"""How orbits are integrated: what a user may choose, judged once, and the potential made ready for it."""

from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.daughters.density_bins import boxes, rings, shells
from halokick.daughters.density_grid import BoxGrid, MeridianGrid
from halokick.errors import InputError
from halokick.halo.force_field import force_field
from halokick.halo.growth import as_growth

_LOOSEST, _STRICTEST = 1e-2, 1e-11
"""Errors of energy that may be asked for: rounding over many orbits allows no smaller ones."""
_DEFAULT_AGE = "13.8 Gyr"
_FLAT = 0.05
"""Half of the places where forces are judged are brought closer to the plane by this factor, where disks are."""
MOST_STEPS = 10_000_000
"""After which an orbit is given up."""
_SHORTEST = 1 / 500
"""Lifetime over age: below, nearly all weight would lie in the last few steps."""


@dataclass(frozen=True)
class RingBins:
    """Bins of R and z for a `MeridianGrid`.

    Parameters
    ----------
    R_edges, z_edges : Quantity [length]
        Increasing, those of R from zero on. z from zero on: both sides of the plane are added up.
    moments : bool
        Keep rotation and dispersions too.
    """

    R_edges: object
    z_edges: object
    moments: bool = False

    def _kernel_grid(self):
        return rings(*_floats(R_edges=self.R_edges, z_edges=self.z_edges), moments=self.moments)

    def _record(self, sums, reference, settings):
        return MeridianGrid.from_sums(self.R_edges, self.z_edges, sums, reference, settings)


@dataclass(frozen=True)
class BoxBins:
    """Bins of x, y and z for a `BoxGrid`; edges from zero on add up both sides.

    In a triaxial potential x is along its long axis in the plane (or that of a `LogarithmicHaloPotential` in it), also
    while that turns: the frame of a bar.

    Parameters
    ----------
    x_edges, y_edges, z_edges : Quantity [length]
        Increasing.
    moments : bool
        Keep rotation and dispersions too.
    """

    x_edges: object
    y_edges: object
    z_edges: object
    moments: bool = False

    def _kernel_grid(self):
        edges = _floats(x_edges=self.x_edges, y_edges=self.y_edges, z_edges=self.z_edges)
        return boxes(*edges, moments=self.moments)

    def _record(self, sums, reference, settings):
        return BoxGrid.from_sums(self.x_edges, self.y_edges, self.z_edges, sums, reference, settings)


def _floats(**edges):
    return [np.asarray(units.to_internal(value, "length", name), dtype=float) for name, value in edges.items()]


@dataclass(frozen=True)
class Integration:
    """What was asked for, as floats; made by `plan_integration`."""

    tolerance: float
    field_tolerance: float
    samples: int
    control: bool
    time: float
    rate: float
    grid: object
    growth: object
    grids: tuple
    """Of the kernels: shells with moments, and rings or boxes (the shells again if there are none)."""


def plan_integration(plan, *, tolerance, field_tolerance, samples, control, duration, grid, growth):
    """Judge the arguments of `follow_orbits` that the integration adds to a `plan`.

    Raises
    ------
    InputError
        Numbers or types that are not allowed.
    """
    tolerance = _number(tolerance, "tolerance", _STRICTEST, _LOOSEST)
    field_tolerance = _number(field_tolerance, "field_tolerance", 1e-10, 1e-2)
    if isinstance(samples, bool) or not isinstance(samples, (int, np.integer)) or not 1 <= samples <= 1000:
        raise InputError(f"samples = {samples!r}; a whole number of places per step, 1 to 1000, is needed")
    if grid is not None and not isinstance(grid, (RingBins, BoxBins)):
        raise InputError(f"grid = {grid!r}; RingBins(R_edges, z_edges) or BoxBins(x_edges, y_edges, z_edges) is needed")
    growth = as_growth(growth)
    if plan.age > 0 and duration is not None:
        raise InputError("give history, whose age says how long orbits are followed, or duration, not both")
    time = plan.age
    if time == 0:
        time = units.to_internal(_DEFAULT_AGE if duration is None else duration, "time", "duration")
        if np.ndim(time) != 0 or not 0 < time < np.inf:
            raise InputError(f"duration = {duration}; one positive time is needed")
    if growth is None and plan.rate * time * _SHORTEST > 1:
        raise InputError(
            f"history: the lifetime is less than {_SHORTEST:g} of the age, so all daughters are as old as the halo; "
            "integration would count the ends of orbits only. Give a longer lifetime, or duration without history"
        )
    in_shells = shells(np.exp(plan.log_edges), moments=True)
    return Integration(
        tolerance=tolerance,
        field_tolerance=field_tolerance,
        samples=int(samples),
        control=bool(control),
        time=float(time),
        rate=plan.rate if plan.rate * time > 1e-9 else 0.0,
        grid=grid,
        growth=growth,
        grids=(in_shells, in_shells if grid is None else grid._kernel_grid()),
    )


def _number(value, name, low, high):
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not low <= value <= high:
        raise InputError(f"{name} = {value!r}; a number between {low:g} and {high:g} is needed")
    return float(value)


def field_of(halo, integration, places):
    """The halo's true potential, judged where particles go: at these places (n, 3) [kpc], half near the plane."""
    flat = places.copy()
    flat[::2, 2] *= _FLAT
    scales = {}
    if halo._extra_mass is not None:
        scales = {
            "ro": units.attach(halo._extra_mass.ro, "length"),
            "vo": units.attach(halo._extra_mass.vo, "speed"),
        }
    span = (0.0, integration.time)
    return force_field(halo, tolerance=integration.field_tolerance, points=flat, span=span, **scales)
