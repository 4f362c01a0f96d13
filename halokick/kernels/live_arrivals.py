"""Where on its orbit a particle is, and where it is on another orbit of the same phase.

The phase is the share of the half period between pericentre and apocentre that has passed; between two points of an
orbit (see `kernels.live_orbits`) time is linear in theta, so that going there and back is exact.
"""

import numpy as np

from halokick.kernels.compiled import kernel
from halokick.kernels.lanes import LANES
from halokick.kernels.live_orbits import ENERGY, HALF, MOMENTUM2, NODES, PASSING, ROOT, TURN, potential_at


@kernel
def phases_at(orbits, radius):
    """Phases, 0 to 1, at radii on the first orbits."""
    out = np.empty(radius.shape[0])
    for i in range(radius.shape[0]):
        row, l = orbits[i // LANES], i % LANES
        low, high = row[ROOT + l], row[ROOT + LANES + l]
        cosine = 0.0
        if high > low:
            cosine = (low + high - 2.0 * np.log(radius[i])) / (high - low)
        theta = np.arccos(min(max(cosine, -1.0), 1.0)) / TURN
        last = min(int(theta), NODES - 1)
        passed = (theta - last) * row[PASSING + last * LANES + l]
        for j in range(last):
            passed += row[PASSING + j * LANES + l]
        out[i] = min(passed * TURN / row[HALF + l], 1.0)
    return out


@kernel
def places_at(orbits, field, phase, first):
    """Radius, |v_r| and v_t at phases on the orbits from number `first` on, shape (3, n)."""
    n = phase.shape[0]
    out = np.empty((3, n))
    for i in range(n):
        row, at = orbits[(first + i) // LANES], (first + i) % LANES
        target = phase[i] * row[HALF + at] / TURN
        j = 0
        while j < NODES - 1 and target > row[PASSING + j * LANES + at]:
            target -= row[PASSING + j * LANES + at]
            j += 1
        theta = TURN * (j + min(target / row[PASSING + j * LANES + at], 1.0))
        low, high = row[ROOT + at], row[ROOT + LANES + at]
        l = 0.5 * (low + high) - 0.5 * (high - low) * np.cos(theta)
        tangential2 = row[MOMENTUM2 + at] * np.exp(-2.0 * l)
        out[0, i] = np.exp(l)
        out[1, i] = np.sqrt(max(2.0 * (row[ENERGY + at] - potential_at(field, l)) - tangential2, 0.0))
        out[2, i] = np.sqrt(tangential2)
    return out
