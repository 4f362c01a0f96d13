r"""Orbits of given radial action and angular momentum in the field of a live halo, 64 of them at a time.

Where the field changes slowly an orbit keeps J_r = (1/pi) int v_r dr and L, and only its energy has to be found again.
With the change of the potential averaged along the old orbit, dE = <dPhi>, that is done to first order in the change
(dJ_r = 0 means just that), and Newton's rule with dJ_r/dE = T / 2 pi does the rest: J_r is a convex function of E, so
that from the second step on Newton comes down to the root from above. On the orbit, ln r = l_m - l_d cos(theta), and
the midpoint rule in theta converges exponentially, as both inverse square roots are gone. The weights of its points,
dt / d(theta), are kept: they say how long an orbit stays where.
"""

from typing import NamedTuple

import numpy as np

from halokick.kernels.compiled import kernel
from halokick.kernels.elementary import logarithm
from halokick.kernels.lanes import LANES
from halokick.kernels.log_rows import from_middle, locate, look_ups
from halokick.kernels.vectors import EIGHT

NODES = 32
"""Points of the midpoint rule."""
WAITING, FRESH, BOUND, ESCAPED, LOST = 0.0, 1.0, 2.0, 3.0, 4.0
"""States of an orbit: not born yet; its action not yet known; on its orbit; unbound when born; no orbit found."""

# rows of the work space; the first ones are kept from one field to the next
ENERGY = 0
"""v^2/2 + Phi(r) - Phi(0) [km2/s2]."""
MOMENTUM2 = ENERGY + LANES
"""L^2 [kpc2 km2/s2]."""
ACTION = MOMENTUM2 + LANES
"""J_r that the orbit must have [kpc km/s]."""
ROOT = ACTION + LANES
"""ln r of the pericentre, and in the next row of the apocentre."""
HALF = ROOT + 2 * LANES
"""Half of the radial period [kpc/(km/s)]."""
STATE = HALF + LANES
PASSING = STATE + LANES
"""dt / d(theta) at the points."""
KEPT = PASSING + NODES * LANES
"""Size of what is kept of 64 orbits."""
_ROOTS = 2 * LANES
_ENERGY2 = KEPT
_SQUARE2 = _ENERGY2 + _ROOTS
_LIVE = _SQUARE2 + _ROOTS
_PLACE = _LIVE + _ROOTS
_VALUE = _PLACE + _ROOTS
_RISE = _VALUE + _ROOTS
_CURVE = _RISE + _ROOTS
_INVERSE2 = _CURVE + _ROOTS
_NODE = _INVERSE2 + _ROOTS
"""ln r of what is looked up."""
_MIDDLE = _NODE + _ROOTS
_WIDTH = _MIDDLE + LANES
_SUM = _WIDTH + LANES
_FOUND = _SUM + LANES
WORK = _FOUND + LANES
"""Four more rows, for other kernels."""
SIZE = WORK + 4 * LANES

_INWARD = 200
"""Cells below the first edge: seven powers of ten below the field's own range."""
_MOST_STEPS, _MOST_NEWTON = 40, 25
_SETTLED = 1e-5
"""Relative step in 1/r^2 after which a turning point is known to 1e-10."""
_FARTHEST = -0.97
_NARROW = 1e-4
"""Half width in ln r below which an orbit is an epicycle, to the square of this."""
ACCURACY = 1e-6
"""Largest error of J_r over J_r + L that is left."""
TURN = np.pi / NODES
_COS, _SIN = np.cos(TURN * (np.arange(NODES) + 0.5)), np.sin(TURN * (np.arange(NODES) + 0.5))


class OrbitField(NamedTuple):
    """A `LiveField` in rows of eight: the quintic of Phi - Phi(0) over a cell of ln r, and 1/r^2 in its middle."""

    first: float
    """ln of the radius at which the table begins."""
    step: float
    """Width of a cell in ln r."""
    ceiling: float
    """Phi - Phi(0) at the last edge: an orbit of more energy counts as unbound."""
    table: np.ndarray
    """Shape (cells, 8)."""


@kernel
def orbit_field(field):
    """Table of a `LiveField`; the Taylor series of its closed form is cut where it reaches 1e-9 of a cell's rise."""
    edges = field.gm.shape[0]
    h = field.step
    table = np.zeros((_INWARD + edges - 1, EIGHT))
    first = field.log_low - _INWARD * h
    for cell in range(table.shape[0]):
        l = first + cell * h
        table[cell, 6] = np.exp(-2.0 * l - h)
        if cell < _INWARD:
            # homogeneous: Phi ~ r^2
            term = field.phi[0] * np.exp(2.0 * (l - field.log_low))
            for k in range(6):
                table[cell, k] = term
                term *= 2.0 * h / (k + 1)
            continue
        i = cell - _INWARD
        table[cell, 0] = field.phi[i]
        # dPhi/dt = h / r (gm + rise t) exp(-h t)
        term = h * np.exp(-l)
        rise = field.gm[i + 1] - field.gm[i]
        for k in range(5):
            table[cell, k + 1] += term * field.gm[i] / (k + 1)
            if k < 4:
                table[cell, k + 2] += term * rise / (k + 2)
            term *= -h / (k + 1)
    return OrbitField(first, h, field.phi[edges - 1], table)


@kernel(contract=True, lent=True)
def potential_at(field, l):
    """Phi - Phi(0) at ln r, one number; at the ends beyond them."""
    x = (l - field.first) / field.step
    x = x if x > 0.0 else 0.0
    last = field.table.shape[0] - 1
    i = int(x) if x < last else last
    t = x - i if x - i < 1.0 else 1.0
    row = field.table[i]
    return row[0] + t * (row[1] + t * (row[2] + t * (row[3] + t * (row[4] + t * row[5]))))


_look_up, _look_up_curve = look_ups(_PLACE, _VALUE, _RISE, _CURVE, _INVERSE2)


@kernel(contract=True, lent=True)
def _turning_points(field, S, I):
    """Move ROOT of all live lanes from anywhere near the orbit to its turning points.

    2(E - Phi) - L^2 x is concave in x = 1/r^2 whatever the masses. Each step goes to the root, on its own side, of the
    parabola that touches it. Where there is no orbit both end at the radius where it lacks least.
    """
    per_cell = 1.0 / field.step
    last = float(field.table.shape[0] - 1)
    first = field.first
    for l in range(LANES):
        live = 1.0 if S[STATE + l] == BOUND or S[STATE + l] == FRESH else 0.0
        for side in range(0, _ROOTS, LANES):
            S[_LIVE + side + l] = live
            S[_ENERGY2 + side + l] = S[ENERGY + l]
            S[_SQUARE2 + side + l] = S[MOMENTUM2 + l]
    for _ in range(_MOST_STEPS):
        locate(S, I, _PLACE, ROOT, _ROOTS, first, per_cell, last)
        for l in range(0, _ROOTS, EIGHT):
            _look_up_curve(field.table, S, I, l)
        live = 0
        for l in range(_ROOTS):
            centrifugal = S[_SQUARE2 + l] * S[_INVERSE2 + l] * from_middle(S[_PLACE + l], field.step)
            vc2 = S[_RISE + l] * per_cell
            p = 2.0 * (S[_ENERGY2 + l] - S[_VALUE + l]) - centrifugal
            a = vc2 - centrifugal
            b = -0.5 * (vc2 + S[_CURVE + l] * per_cell * per_cell)
            square = a * a - 4.0 * p * b
            root = np.sqrt(square if square > 0.0 else 0.0)
            step = -2.0 * p / (a + (root if l >= LANES else -root))
            # without a root: to the top of the parabola
            step = step if square > 0.0 else -0.5 * a / b
            step = step if step > _FARTHEST else _FARTHEST
            step = step if step < 10.0 else 10.0
            moved = S[ROOT + l] - 0.5 * S[_LIVE + l] * logarithm(1.0 + step)
            S[ROOT + l] = moved if moved > first else first
            settled = abs(step) <= _SETTLED or (moved <= first and step > 0.0)
            S[_LIVE + l] = 0.0 if settled else S[_LIVE + l]
        for l in range(_ROOTS):
            live += 1 if S[_LIVE + l] != 0.0 else 0
        if live == 0:
            break


@kernel(contract=True, lent=True)
def _passages(field, S, I):
    """HALF and PASSING of all orbits from ENERGY, MOMENTUM2 and ROOT, and their actions in _SUM."""
    per_cell = 1.0 / field.step
    last = float(field.table.shape[0] - 1)
    for l in range(LANES):
        S[_MIDDLE + l] = 0.5 * (S[ROOT + LANES + l] + S[ROOT + l])
        S[_WIDTH + l] = 0.5 * (S[ROOT + LANES + l] - S[ROOT + l])
        S[HALF + l] = 0.0
        S[_SUM + l] = 0.0
    for j in range(NODES):
        cosine, sine = _COS[j], _SIN[j]
        for l in range(LANES):
            S[_NODE + l] = S[_MIDDLE + l] - S[_WIDTH + l] * cosine
        locate(S, I, _PLACE, _NODE, LANES, field.first, per_cell, last)
        for l in range(0, LANES, EIGHT):
            _look_up(field.table, S, I, l)
        row = PASSING + j * LANES
        for l in range(LANES):
            x = S[_INVERSE2 + l] * from_middle(S[_PLACE + l], field.step)
            radial2 = 2.0 * (S[ENERGY + l] - S[_VALUE + l]) - S[MOMENTUM2 + l] * x
            time = sine * S[_WIDTH + l] / np.sqrt(radial2 * x)
            S[row + l] = time
            S[HALF + l] += TURN * time
            S[_SUM + l] += TURN / np.pi * time * radial2
    _epicycles(field, S, I)


@kernel(contract=True, lent=True)
def _epicycles(field, S, I):
    """Narrow orbits, and energies too low for any: J_r = v_r^2 / (2 kappa) at the middle, which may be negative."""
    per_cell = 1.0 / field.step
    narrow = 0
    for l in range(LANES):
        narrow += 1 if S[_WIDTH + l] < _NARROW else 0
    if narrow == 0:
        return
    locate(S, I, _PLACE, _MIDDLE, LANES, field.first, per_cell, float(field.table.shape[0] - 1))
    for l in range(0, LANES, EIGHT):
        _look_up_curve(field.table, S, I, l)
    for l in range(LANES):
        if S[_WIDTH + l] < _NARROW:
            x = S[_INVERSE2 + l] * from_middle(S[_PLACE + l], field.step)
            vc2 = S[_RISE + l] * per_cell
            kappa = np.sqrt((2.0 * vc2 + 2.0 * S[_CURVE + l] * per_cell * per_cell) * x)
            radial2 = 2.0 * (S[ENERGY + l] - S[_VALUE + l]) - S[MOMENTUM2 + l] * x
            S[_SUM + l] = 0.5 * radial2 / kappa
            S[HALF + l] = np.pi / kappa
            for j in range(NODES):
                S[PASSING + j * LANES + l] = 1.0 / kappa


@kernel(contract=True, lent=True)
def shift_energies(field, change, S, I):
    """Add the mean of `change`, a table of the change of Phi, along each orbit to its energy."""
    per_cell = 1.0 / field.step
    last = float(field.table.shape[0] - 1)
    for l in range(LANES):
        S[_MIDDLE + l] = 0.5 * (S[ROOT + LANES + l] + S[ROOT + l])
        S[_WIDTH + l] = 0.5 * (S[ROOT + LANES + l] - S[ROOT + l])
        S[_SUM + l] = 0.0
    for j in range(NODES):
        cosine = _COS[j]
        for l in range(LANES):
            S[_NODE + l] = S[_MIDDLE + l] - S[_WIDTH + l] * cosine
        locate(S, I, _PLACE, _NODE, LANES, field.first, per_cell, last)
        for l in range(0, LANES, EIGHT):
            _look_up(change, S, I, l)
        for l in range(LANES):
            S[_SUM + l] += S[PASSING + j * LANES + l] * S[_VALUE + l]
    for l in range(LANES):
        moved = S[ENERGY + l] + S[_SUM + l] * TURN / S[HALF + l]
        top = field.ceiling - 0.5 * abs(field.ceiling - S[ENERGY + l])
        moved = moved if moved < field.ceiling else top
        S[ENERGY + l] = moved if S[STATE + l] == BOUND else S[ENERGY + l]


@kernel(contract=True, lent=True)
def settle(field, S, I):
    """Bring all orbits to the energies at which they have their actions; fresh ones are told theirs.

    On return PASSING, HALF and ROOT are those of an orbit whose action errs by `ACCURACY` at most. An orbit for which
    that cannot be had is LOST, until the next field.
    """
    for l in range(LANES):
        if S[STATE + l] == LOST:
            _start_again(field, S, l)
    for _ in range(_MOST_NEWTON):
        _turning_points(field, S, I)
        _passages(field, S, I)
        open_lanes = 0
        for l in range(LANES):
            fresh = S[STATE + l] == FRESH
            S[ACTION + l] = S[_SUM + l] if fresh else S[ACTION + l]
            S[STATE + l] = BOUND if fresh else S[STATE + l]
            lacking = S[ACTION + l] - S[_SUM + l]
            moved = S[ENERGY + l] + lacking * np.pi / S[HALF + l]
            top = 0.5 * (S[ENERGY + l] + field.ceiling)
            moved = moved if moved < top else top
            good = abs(lacking) <= ACCURACY * (S[ACTION + l] + np.sqrt(S[MOMENTUM2 + l]))
            S[_FOUND + l] = 1.0 if good else 0.0
            S[ENERGY + l] = moved if S[STATE + l] == BOUND else S[ENERGY + l]
        for l in range(LANES):
            open_lanes += 1 if S[STATE + l] == BOUND and S[_FOUND + l] == 0.0 else 0
        if open_lanes == 0:
            break
    for l in range(LANES):
        unsettled = S[_FOUND + l] == 0.0 or S[_LIVE + l] != 0.0 or S[_LIVE + LANES + l] != 0.0
        S[STATE + l] = LOST if S[STATE + l] == BOUND and unsettled else S[STATE + l]


@kernel(contract=True, lent=True)
def _start_again(field, S, l):
    """Put a lost orbit on the epicycle of its action about the circular orbit of its L; it stays lost without one."""
    low, high = field.first, field.first + field.step * field.table.shape[0]
    for _ in range(60):
        middle = 0.5 * (low + high)
        x = (middle - field.first) / field.step
        i = int(x) if x < field.table.shape[0] - 1 else field.table.shape[0] - 1
        t = x - i
        row = field.table[i]
        rise = row[1] + t * (2.0 * row[2] + t * (3.0 * row[3] + t * (4.0 * row[4] + t * 5.0 * row[5])))
        if rise / field.step * np.exp(2.0 * middle) < S[MOMENTUM2 + l]:
            low = middle
        else:
            high = middle
    r2 = np.exp(2.0 * low)
    energy = potential_at(field, low) + 0.5 * S[MOMENTUM2 + l] / r2 + S[ACTION + l] * np.sqrt(S[MOMENTUM2 + l]) / r2
    circular = potential_at(field, low) + 0.5 * S[MOMENTUM2 + l] / r2
    if circular < field.ceiling:
        energy = energy if energy < field.ceiling else 0.5 * (circular + field.ceiling)
        S[ENERGY + l] = energy
        S[ROOT + l] = low
        S[ROOT + LANES + l] = low
        S[STATE + l] = BOUND
