r"""Turning points and time along radial orbits, for many orbits at once: a cosine series of each.

With l = ln r = l_m - l_d cos(eta), an orbit passes d(eta) in dt = r l_d sin(eta) d(eta) / v_r, an even and periodic
function of eta whose nearest singularities lie far from the real axis: in ln r neither a cusp nor a small pericentre
makes it less smooth. Sixteen points give c_k of dt/d(eta) = sum_k c_k cos(k eta), and the time since pericentre is
c_0 eta + sin(eta) sum_k (c_k / k) U_{k-1}(cos(eta)), with no need of eta but in the first term. The last coefficients
tell what is missing. Two more series hold dt v_r^2 and dt / r^2.
"""

import numpy as np
from numba import types
from numba.extending import intrinsic

from halokick.kernels.compiled import kernel
from halokick.kernels.elementary import logarithm
from halokick.kernels.lanes import LANES
from halokick.kernels.log_rows import from_middle, locate, look_ups
from halokick.kernels.vectors import EIGHT, Memory

ROOTS = 2 * LANES
"""Turning points of the orbits in one work space: first all pericentres, then all apocentres."""
FEW, MANY = 16, 32
"""Points, and terms of a series."""

# rows of the flat work space S, see `lanes`
DEPTH, BINDING, MOMENTUM2 = 0, ROOTS, 2 * ROOTS
"""psi(0) - E, E and L^2, once for each turning point."""
ROOT = MOMENTUM2 + ROOTS
"""ln r of the turning points."""
_LIVE = ROOT + ROOTS
_PLACE = _LIVE + ROOTS
_VALUE = _PLACE + ROOTS
_RISE = _VALUE + ROOTS
_CURVE = _RISE + ROOTS
_INVERSE2 = _CURVE + ROOTS
"""What is read from the table: place in the cell, the entry with its derivatives, and 1/r^2."""
BORN = _INVERSE2 + ROOTS
"""ln r at birth."""
MIDDLE = BORN + LANES
INVERSE_WIDTH = MIDDLE + LANES
_NODE = INVERSE_WIDTH + LANES
TRUSTED = _NODE + LANES
SERIES = TRUSTED + LANES
"""Three times MANY rows: coefficients c_0 and c_k / k of dt, dt v_r^2 and dt / r^2."""
ONE_SERIES = MANY * LANES
NEXT = SERIES + 3 * ONE_SERIES

_MOST_STEPS = 40
_SETTLED = 1e-7
"""Relative step in 1/r^2 after which a turning point is known to 1e-14, as steps shrink at least with their square."""
_FARTHEST = -0.97
"""Largest relative fall of 1/r^2 in one step."""
_NARROW = 2e-3
"""Width in ln r below which rounding would be seen."""
_TAIL, _TAIL_OF_MEANS = 2e-8, 1e-6
"""Share of the last three terms above which a series is not to be trusted."""
_ETA = np.pi * np.concatenate([(np.arange(FEW) + 0.5) / FEW, (np.arange(MANY) + 0.5) / MANY])
_COS, _SIN = np.cos(_ETA), np.sin(_ETA)
"""At the points of the short series, then at those of the long one."""


@kernel
def lane_table(field):
    """Table of a `Field` in rows of eight, one for each cell.

    First the quintic of psi(0) - psi(r), or of -psi(r) from cell `half` on, then 1/r^2 in the middle of the cell.
    """
    cells = field.phi.shape[0]
    table = np.zeros((cells, EIGHT))
    for i in range(cells):
        for power in range(6):
            table[i, power] = field.phi[i, power] if i < field.half else -field.psi[i, power]
        table[i, 6] = np.exp(-2.0 * (field.l0 + (i + 0.5) * field.step))
    return table


_look_up, _look_up_curve = look_ups(_PLACE, _VALUE, _RISE, _CURVE, _INVERSE2)


@kernel(contract=True, lent=True)
def _turning_points(field, table, S, I):
    """Move all of ROOT, which hold ln of radii on or near the orbit, to the turning points; the number not settled.

    P = 2(psi - E) - L^2 x is concave in x = 1/r^2. Each step goes to the outer root of its parabola on its own side:
    from inside the orbit and from outside, whatever the eccentricity.
    """
    l0 = field.l0
    per_cell = 1.0 / field.step
    last = float(field.phi.shape[0] - 1)
    l_half = field.l0 + field.half * field.step
    for l in range(ROOTS):
        S[_LIVE + l] = 1.0
    live = ROOTS
    for _ in range(_MOST_STEPS):
        locate(S, I, _PLACE, ROOT, ROOTS, l0, per_cell, last)
        for l in range(0, ROOTS, EIGHT):
            _look_up_curve(table, S, I, l)
        live = 0
        for l in range(ROOTS):
            x = S[_INVERSE2 + l] * from_middle(S[_PLACE + l], field.step)
            energy = S[DEPTH + l] if S[ROOT + l] < l_half else -S[BINDING + l]
            vc2 = S[_RISE + l] * per_cell
            centrifugal = S[MOMENTUM2 + l] * x
            p = 2.0 * (energy - S[_VALUE + l]) - centrifugal
            a = vc2 - centrifugal
            # half of the second derivative in ln x; d(vc2)/dl = 2 _CURVE / step^2
            b = -0.5 * (vc2 + S[_CURVE + l] * per_cell * per_cell)
            square = a * a - 4.0 * p * b
            root = np.sqrt(square if square > 0.0 else 0.0)
            step = -2.0 * p / (a + (root if l >= LANES else -root))
            step = step if step > _FARTHEST else _FARTHEST
            S[ROOT + l] -= 0.5 * S[_LIVE + l] * logarithm(1.0 + step)
            S[_LIVE + l] = S[_LIVE + l] if abs(step) > _SETTLED else 0.0
        for l in range(ROOTS):
            live += 1 if S[_LIVE + l] != 0.0 else 0
        if live == 0:
            break
    return live


@kernel(contract=True, lent=True)
def find_turning_points(field, table, S, I):
    """From DEPTH, BINDING, MOMENTUM2 and the first LANES of ROOT = ln r to both turning points, in ROOT.

    Where none is found they are no numbers.
    """
    l0 = field.l0
    per_cell = 1.0 / field.step
    last = float(field.phi.shape[0] - 1)
    l_half = field.l0 + field.half * field.step
    locate(S, I, _PLACE, ROOT, LANES, l0, per_cell, last)
    for l in range(0, LANES, EIGHT):
        _look_up(table, S, I, l)
    for l in range(LANES):
        S[ROOT + LANES + l] = S[ROOT + l]
        S[DEPTH + LANES + l] = S[DEPTH + l]
        S[BINDING + LANES + l] = S[BINDING + l]
        S[MOMENTUM2 + LANES + l] = S[MOMENTUM2 + l]
    for l in range(LANES):
        # farther in the speed is higher: the pericentre lies within v_t / v of the radius
        energy = S[DEPTH + l] if S[ROOT + l] < l_half else -S[BINDING + l]
        x = S[_INVERSE2 + l] * from_middle(S[_PLACE + l], field.step)
        tangential = S[MOMENTUM2 + l] * x / (2.0 * (energy - S[_VALUE + l]))
        S[ROOT + l] += 0.5 * logarithm(tangential if tangential < 1.0 else 1.0)
    _turning_points(field, table, S, I)
    for l in range(ROOTS):
        S[ROOT + l] += 0.0 / (1.0 - S[_LIVE + l])


@kernel(contract=True, lent=True)
def fill_series(field, table, terms, S, I):
    """SERIES of all orbits, of FEW or MANY `terms`, from DEPTH, BINDING, MOMENTUM2 and both turning points in ROOT.

    cos(eta) = (MIDDLE - ln r) INVERSE_WIDTH. TRUSTED is 1 where a series is as good as it should be, and 0 elsewhere.
    """
    l0 = field.l0
    per_cell = 1.0 / field.step
    last = float(field.phi.shape[0] - 1)
    l_half = field.l0 + field.half * field.step
    for l in range(LANES):
        S[MIDDLE + l] = 0.5 * (S[ROOT + LANES + l] + S[ROOT + l])
        S[INVERSE_WIDTH + l] = 0.5 * (S[ROOT + LANES + l] - S[ROOT + l])
    points = 0 if terms == FEW else FEW
    for j in range(terms):
        cosine, sine = _COS[points + j], _SIN[points + j]
        for l in range(LANES):
            S[_NODE + l] = S[MIDDLE + l] - S[INVERSE_WIDTH + l] * cosine
        locate(S, I, _PLACE, _NODE, LANES, l0, per_cell, last)
        for l in range(0, LANES, EIGHT):
            _look_up(table, S, I, l)
        row = SERIES + j * LANES
        for l in range(LANES):
            x = S[_INVERSE2 + l] * from_middle(S[_PLACE + l], field.step)
            energy = S[DEPTH + l] if S[_NODE + l] < l_half else -S[BINDING + l]
            radial2 = 2.0 * (energy - S[_VALUE + l]) - S[MOMENTUM2 + l] * x
            time = sine * S[INVERSE_WIDTH + l] / np.sqrt(radial2 * x)
            S[row + l] = time
            S[row + ONE_SERIES + l] = time * radial2
            S[row + 2 * ONE_SERIES + l] = time * x
    for l in range(0, LANES, EIGHT):
        for q in range(3):
            if terms == FEW:
                _to_few(S, SERIES + q * ONE_SERIES + l)
            else:
                _to_many(S, SERIES + q * ONE_SERIES + l)
    for l in range(LANES):
        width = S[INVERSE_WIDTH + l]
        S[INVERSE_WIDTH + l] = 1.0 / width
        good = 1.0 if width > 0.5 * _NARROW else 0.0
        S[TRUSTED + l] = good if _tail(S, SERIES + l, terms) <= _TAIL else 0.0
    for q in (1, 2):
        for l in range(LANES):
            tail = _tail(S, SERIES + q * ONE_SERIES + l, terms)
            S[TRUSTED + l] = S[TRUSTED + l] if tail <= _TAIL_OF_MEANS else 0.0


@kernel(contract=True, lent=True)
def _tail(S, first, terms):
    """Last three coefficients of a series over the whole."""
    last = first + (terms - 1) * LANES
    return (abs(S[last]) + abs(S[last - LANES]) + abs(S[last - 2 * LANES])) / (np.pi * S[first])


def _cosine_sums(values):
    """sum_j f_j cos(pi k (j + 1/2) / n) for k from 0 to n - 1: even k are those of half the length."""
    n = len(values)
    if n == 1:
        return values
    sums = [None] * n
    sums[0::2] = _cosine_sums([values[j] + values[n - 1 - j] for j in range(n // 2)])
    differences = [values[j] + values[n - 1 - j] * -1.0 for j in range(n // 2)]
    for k in range(1, n, 2):
        angles = np.pi * k * (np.arange(n // 2) + 0.5) / n
        total = differences[0] * float(np.cos(angles[0]))
        for difference, angle in zip(differences[1:], angles[1:], strict=True):
            total = total + difference * float(np.cos(angle))
        sums[k] = total
    return sums


def _series_of(terms):
    """An intrinsic for this number of terms."""

    @intrinsic
    def to_series(typingctx, S, first):
        """Put c_0 and c_k / k of the cosine series in place of its values at all points, for eight lanes."""

        def emit(context, builder, signature, arguments):
            S = Memory(context, builder, signature.args[0], arguments[0])
            sums = _cosine_sums([S.vector(arguments[1], j * LANES) for j in range(terms)])
            for k, total in enumerate(sums):
                S.write(total * ((2.0 if k else 1.0) / (terms * max(k, 1))), arguments[1], k * LANES)
            return context.get_dummy_value()

        return types.void(S, types.int64), emit

    return to_series


_to_few, _to_many = _series_of(FEW), _series_of(MANY)
