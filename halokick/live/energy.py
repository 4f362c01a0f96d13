"""Energies and bound mass of a spherical halo from masses inside edges."""

import numpy as np

from halokick import constants
from halokick.kernels.live_field import LiveField, fields_at, write_field

_MOST_ROUNDS = 500


def field_of_gm(grid, gm):
    """A field with this G M on the edges of another."""
    field = LiveField(grid.log_low, grid.step, np.ascontiguousarray(gm, dtype=float), np.zeros(len(gm)))
    write_field(field)
    return field


def depth_of(field):
    """Phi(infinity) - Phi(0) of a field."""
    return float(field.phi[-1] + field.gm[-1] * np.exp(-(field.log_low + field.step * (len(field.gm) - 1))))


def masses_inside(grid, radius, mass):
    """Mass of particles inside each edge [Msun]."""
    return np.cumsum(np.bincount(cells_of(grid, radius), mass, len(grid.gm) + 1))[:-1]


def cells_of(grid, radius):
    """Number of edges inside each radius."""
    place = np.floor((np.log(radius) - grid.log_low) / grid.step).astype(int) + 1
    return np.clip(place, 0, len(grid.gm))


def potential_energy(grid, mass, fixed_gm):
    r"""W [Msun km2/s2] of particles with this `mass` inside the edges, and of them in the field of fixed masses.

    .. math:: W = -\int \frac{G M}{r}\,dM + \int \Phi_\mathrm{fixed}\,dM

    The first is the exact self-energy of a mass that is spread evenly over ln r in every cell; what is inside the
    first edge or outside the last one is left out.
    """
    own = field_of_gm(grid, constants.G * mass)
    energy = -float(np.sum(np.diff(mass) / grid.step * np.diff(own.phi)))
    if np.any(fixed_gm):
        fixed = field_of_gm(grid, fixed_gm)
        phi = fixed.phi - depth_of(fixed)
        energy += float(np.sum(np.diff(mass) * 0.5 * (phi[1:] + phi[:-1])))
    return energy


def bound_mass(grid, radius, speed2, mass, fixed_gm):
    """Mass of the particles that the bound mass alone, and the fixed masses, hold together [Msun].

    Particles with v^2/2 above the depth of the potential are taken away, with their gravity, until none is left that
    could leave. Each round can only take more away, so this ends.
    """
    cells = cells_of(grid, radius)
    bound = np.ones(len(mass), dtype=bool)
    for _ in range(_MOST_ROUNDS):
        inside = np.cumsum(np.bincount(cells[bound], mass[bound], len(grid.gm) + 1))[:-1]
        field = field_of_gm(grid, constants.G * inside + fixed_gm)
        still = bound & (0.5 * speed2 < depth_of(field) - fields_at(field, radius)[1])
        if np.array_equal(still, bound):
            break
        bound = still
    return float(mass[bound].sum())
