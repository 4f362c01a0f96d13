"""The gravitational field of an orbit integrator: every member of a potential, for all lanes of a work space at once.

A member is one of five things: a radial table, in which all spherical members are merged; a disk of Miyamoto and
Nagai; a logarithmic potential; a table in the plane of R and z, for any other axisymmetric potentials; an expansion in
even multipoles, for a triaxial one. Absent members are empty and cost a comparison, so that one compiled kernel serves
every combination.

Each force is a loop that finds the cell of every lane from the bits of a double, a loop of look-ups and a loop that
adds: the first and last have neither branches nor dependences, and run on eight lanes at a time.
"""

from typing import NamedTuple

import numpy as np

from halokick.kernels.analytic_members import add_disks, add_logs, disks_potential, logs_potential
from halokick.kernels.compiled import kernel
from halokick.kernels.lanes import ACCELERATION, LANES, POSITION, STEP
from halokick.kernels.multipole import EMPTY_SOLID, Solid, add_solid, solid_potential
from halokick.kernels.plane_table import EMPTY_PLANE, Plane, add_plane, plane_potential
from halokick.kernels.radial_member import EMPTY_RADIAL, Radial, radial_potential, write_radial


class Forces(NamedTuple):
    """All members of one potential. Lengths in kpc, speeds in km/s."""

    radial: Radial = EMPTY_RADIAL
    """Sum of the spherical members."""
    disks: np.ndarray = np.empty((0, 3))
    """G M, a, b^2 of each Miyamoto-Nagai disk; a Kuzmin disk has b = 0."""
    logs: np.ndarray = np.empty((0, 4))
    """v0^2, core^2, 1/p^2, 1/q^2 of each logarithmic potential."""
    plane: Plane = EMPTY_PLANE
    """Sum of the other axisymmetric members."""
    solid: Solid = EMPTY_SOLID
    """Sum of the other triaxial members."""
    spin: float = 0.0
    """Pattern speed of the frame in which `logs` and `solid` are at rest, and positions are given [km/s/kpc]."""
    phase: float = 0.0
    """Angle of that frame at t = 0."""
    growth: np.ndarray = np.empty(0)
    """Samples of the amplitude in time; empty where it is constant."""


@kernel(contract=True, lent=True)
def accelerate(forces, S, I):
    """Write the acceleration of all members at the work space's positions, in a fixed order, over what stood there.

    `S` and `I` are a work space of `kernels.lanes`; the rows `WORK` of `S` and the first row of `I` are used up.
    """
    if forces.radial.g.shape[0] > 0:
        write_radial(forces.radial, S, I)
    else:
        for l in range(3 * LANES):
            S[ACCELERATION + l] = 0.0
    if forces.disks.shape[0] > 0:
        add_disks(forces.disks, S)
    if forces.logs.shape[0] > 0:
        add_logs(forces.logs, S)
    if forces.plane.table.shape[0] > 0:
        add_plane(forces.plane, S, I)
    if forces.solid.table.shape[0] > 0:
        add_solid(forces.solid, S, I)


@kernel(contract=True, lent=True)
def potential_at(forces, x, y, z):
    """Potential of all members at one point, in the frame of `forces` [(km/s)^2]."""
    total = 0.0
    if forces.radial.g.shape[0] > 0:
        total += radial_potential(forces.radial, x, y, z)
    if forces.disks.shape[0] > 0:
        total += disks_potential(forces.disks, x, y, z)
    if forces.logs.shape[0] > 0:
        total += logs_potential(forces.logs, x, y, z)
    if forces.plane.table.shape[0] > 0:
        total += plane_potential(forces.plane, x, y, z)
    if forces.solid.table.shape[0] > 0:
        total += solid_potential(forces.solid, x, y, z)
    return total


@kernel
def potential(forces, x, y, z):
    """`potential_at` for the points of three arrays."""
    out = np.empty(x.shape[0])
    for j in range(x.shape[0]):
        out[j] = potential_at(forces, x[j], y[j], z[j])
    return out


@kernel
def accelerations(forces, points):
    """Accelerations [km2/s2/kpc] at points [kpc], both of shape (n, 3), in the frame of `forces`."""
    out = np.empty(points.shape)
    S = np.zeros(STEP)
    I = np.zeros(LANES, dtype=np.int64)
    for start in range(0, points.shape[0], LANES):
        for l in range(LANES):
            for c in range(3):
                S[POSITION + c * LANES + l] = points[min(start + l, points.shape[0] - 1), c]
        accelerate(forces, S, I)
        for l in range(min(LANES, points.shape[0] - start)):
            for c in range(3):
                out[start + l, c] = S[ACCELERATION + c * LANES + l]
    return out
