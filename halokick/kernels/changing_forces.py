"""Forces that change with time: a frame that turns steadily, as that of a bar, and an amplitude that grows.

Particles keep their places in a frame at rest, where a Nystrom pair may be used: in the turning one forces would depend
on velocities. Places are turned before the forces are asked for, and turned back after.
"""

from typing import NamedTuple

import numpy as np

from halokick.kernels.compiled import kernel
from halokick.kernels.forces import accelerate
from halokick.kernels.lanes import ACCELERATION, LANES, POSITION


class Growth(NamedTuple):
    """Amplitude of all forces: a cubic in the share of a cell, for each of equal cells in time; 1 without cells."""

    step: float
    """Length of a cell [kpc/(km/s)]; the first begins at 0."""
    table: np.ndarray
    """Coefficients, shape (cells, 4); the last cell is continued by its end."""


NO_GROWTH = Growth(1.0, np.empty((0, 4)))


@kernel(lent=True)
def amplitude(growth, time):
    """The amplitude at one time."""
    if growth.table.shape[0] == 0:
        return 1.0
    x = min(max(time / growth.step, 0.0), float(growth.table.shape[0]))
    i = min(int(x), growth.table.shape[0] - 1)
    t = x - i
    table = growth.table
    return table[i, 0] + t * (table[i, 1] + t * (table[i, 2] + t * table[i, 3]))


@kernel(contract=True, lent=True)
def turn(S, row, cosine, sine, sign):
    """Turn the vectors in three rows from `row` on about the z axis, by minus the angle (sign 1) or by it (-1)."""
    for l in range(LANES):
        c = S[cosine + l]
        s = sign * S[sine + l]
        x = S[row + l]
        y = S[row + LANES + l]
        S[row + l] = c * x + s * y
        S[row + LANES + l] = c * y - s * x


@kernel(contract=True, lent=True)
def find_angles(spin, phase, share, S, clock, length, cosine, sine):
    """Cosine and sine of the frame's angle at a share of each lane's step."""
    for l in range(LANES):
        angle = phase + spin * (S[clock + l] + share * S[length + l])
        S[cosine + l] = np.cos(angle)
        S[sine + l] = np.sin(angle)


@kernel(contract=True, lent=True)
def accelerate_at(forces, growth, share, S, I, clock, length, cosine):
    """`accelerate` at a share of each lane's step; the rows are those of times, steps, and two of space for angles."""
    turns = forces.spin != 0.0 or forces.phase != 0.0
    if turns:
        sine = cosine + LANES
        find_angles(forces.spin, forces.phase, share, S, clock, length, cosine, sine)
        turn(S, POSITION, cosine, sine, 1.0)
    accelerate(forces, S, I)
    if turns:
        turn(S, ACCELERATION, cosine, sine, -1.0)
        turn(S, POSITION, cosine, sine, -1.0)
    if growth.table.shape[0] > 0:
        for l in range(LANES):
            factor = amplitude(growth, S[clock + l] + share * S[length + l])
            S[ACCELERATION + l] *= factor
            S[ACCELERATION + LANES + l] *= factor
            S[ACCELERATION + 2 * LANES + l] *= factor
