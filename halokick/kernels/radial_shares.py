r"""Time that orbits spend in bins, from their series, and where daughters of any age are in them.

Bins are taken in groups of eight, each with a record of its own, a row of R. Ages a up to t0 have density
Gamma e^{Gamma (a - t0)} / (1 - e^{-Gamma t0}). The phase is the time since pericentre in (0, P); a daughter of age a is
at its phase of birth plus a. Between the phase of birth, that of the oldest, and the ends, each phase is passed equally
often, so that its probability is a sum over passages, a geometric series, times e^{Gamma phase}. Counted back from the
end of a piece, no term of it can overflow.
"""

import numpy as np
from numba import types
from numba.extending import intrinsic

from halokick.kernels.compiled import kernel
from halokick.kernels.elementary import SLOW, arc_cosine, arc_cosine_of, exponential, mean_decay, slow_mean_decay
from halokick.kernels.lanes import LANES
from halokick.kernels.radial_lanes import BORN, FEW, INVERSE_WIDTH, MANY, MIDDLE, NEXT, ONE_SERIES, SERIES
from halokick.kernels.vectors import EIGHT, Memory, Vector

# what a record holds: at edges, with the first edge of the next group in a ninth place
_EDGE = 0
"""ln r."""
_TIME = _EDGE + EIGHT
"""Time since pericentre, and after it the integrals of v_r^2 and 1/r^2 over it."""
_SHARE = _TIME + 3 * 2 * EIGHT
"""Probability of being nearer to the centre, up to a constant."""
DEPOSIT = _SHARE + 2 * EIGHT
"""Sums over orbits of the four rows of deposits, in bins."""
RECORD = DEPOSIT + 4 * EIGHT

# more rows of S
COSINE = NEXT
"""v_r / v at birth."""
HALF = COSINE + LANES
"""Half of the radial period; the integrals of v_r^2 and of 1/r^2 over it follow."""
_BIRTH = HALF + 3 * LANES
_FIRST_END = _BIRTH + LANES
_SECOND_END = _FIRST_END + LANES
"""Phases at which the first and the second piece end."""
_DENSITY = _SECOND_END + LANES
"""Probability per phase at the end of each of the three pieces."""
_INSIDE = _DENSITY + 3 * LANES
"""Probability of a phase before the end of each piece."""
_SUMS = _INSIDE + 3 * LANES
SIZE = _SUMS + 4 * LANES


@kernel
def edge_records(edges):
    """Records of all groups, with no deposits."""
    n = edges.shape[0]
    groups = (n + EIGHT - 1) // EIGHT
    R = np.zeros((groups, RECORD))
    for j in range(groups * EIGHT):
        R[j // EIGHT, _EDGE + j % EIGHT] = edges[j] if j < n else np.inf
    return R


@kernel(contract=True, lent=True)
def fill_halves(S):
    """HALF of all orbits."""
    for q in range(3):
        for l in range(LANES):
            S[HALF + q * LANES + l] = np.pi * S[SERIES + q * ONE_SERIES + l]


@kernel(contract=True, lent=True)
def fill_ages(S, terms, rate, age):
    """The three pieces of every orbit, from SERIES, HALF, BORN = ln r and COSINE at birth."""
    _births(S, terms)
    total = rate / -np.expm1(-rate * age)
    for l in range(LANES):
        period = 2.0 * S[HALF + l]
        start = S[_BIRTH + l] if S[COSINE + l] >= 0.0 else period - S[_BIRTH + l]
        whole = np.floor(age / period)
        rest = age - whole * period
        stop = start + rest
        wrapped = stop >= period
        stop = stop - period if wrapped else stop
        passages = whole * mean_decay(rate * period * whole) / mean_decay(rate * period)
        more = total * (1.0 + exponential(-rate * period) * passages)
        fewer = total * passages
        at_start = fewer * exponential(-rate * rest)
        first_end = stop if wrapped else start
        second_end = start if wrapped else stop
        first = more if wrapped else at_start
        second = at_start if wrapped else more
        third = (more if wrapped else fewer) * exponential(-rate * stop)
        S[_FIRST_END + l] = first_end
        S[_SECOND_END + l] = second_end
        S[_DENSITY + l] = first
        S[_DENSITY + LANES + l] = second
        S[_DENSITY + 2 * LANES + l] = third
        inside = first * first_end * mean_decay(rate * first_end)
        S[_INSIDE + l] = inside
        length = second_end - first_end
        inside += second * length * mean_decay(rate * length)
        S[_INSIDE + LANES + l] = inside
        length = period - second_end
        S[_INSIDE + 2 * LANES + l] = inside + third * length * mean_decay(rate * length)


@kernel(contract=True, lent=True)
def _births(S, terms):
    """Time between pericentre and birth, whichever the direction."""
    for l in range(LANES):
        x = (S[MIDDLE + l] - S[BORN + l]) * S[INVERSE_WIDTH + l]
        x = x if x < 1.0 else 1.0
        x = x if x > -1.0 else -1.0
        S[_SUMS + l] = 2.0 * x
        S[_SUMS + LANES + l] = 0.0
        S[_SUMS + 2 * LANES + l] = 1.0
        S[_SUMS + 3 * LANES + l] = 0.0
        S[_BIRTH + l] = np.sqrt((1.0 - x) * (1.0 + x))
        S[_FIRST_END + l] = S[SERIES + l] * arc_cosine(x)
    for k in range(1, terms):
        row = SERIES + k * LANES
        for l in range(LANES):
            now = S[_SUMS + 2 * LANES + l]
            S[_SUMS + 3 * LANES + l] += S[row + l] * now
            S[_SUMS + 2 * LANES + l] = S[_SUMS + l] * now - S[_SUMS + LANES + l]
            S[_SUMS + LANES + l] = now
    for l in range(LANES):
        S[_BIRTH + l] = S[_FIRST_END + l] + S[_BIRTH + l] * S[_SUMS + 3 * LANES + l]


def _times_of(terms):
    """An intrinsic for this number of terms."""

    @intrinsic
    def times(typingctx, S, l, record):
        """Times since pericentre of orbit l at the edges of a group, and the integrals over them."""

        def emit(context, builder, signature, arguments):
            l = arguments[1]
            S = Memory(context, builder, signature.args[0], arguments[0])
            record = Memory(context, builder, signature.args[2], arguments[2])
            x = (S.repeated(l, MIDDLE) - record.vector(0, _EDGE)) * S.repeated(l, INVERSE_WIDTH)
            # cos(eta), or -1 or 1 outside the orbit
            x = x.chosen_above(-1.0, x, -1.0)
            x = x.chosen_above(1.0, 1.0, x)
            sums = [S.repeated(l, SERIES + q * ONE_SERIES + LANES) for q in range(3)]
            double = x * 2.0
            before, now = 1.0, double
            for k in range(2, terms):
                for q in range(3):
                    sums[q] = S.repeated(l, SERIES + q * ONE_SERIES + k * LANES) * now + sums[q]
                before, now = now, double * now - before
            sine = ((1.0 - x) * (x + 1.0)).root()
            eta = arc_cosine_of(x)
            for q in range(3):
                record.write(eta * S.repeated(l, SERIES + q * ONE_SERIES) + sine * sums[q], 0, _TIME + 2 * q * EIGHT)
            return context.get_dummy_value()

        return types.void(S, types.int64, record), emit

    return times


_times_few, _times_many = _times_of(FEW), _times_of(MANY)


@kernel(contract=True, lent=True)
def _mixed_shares(S, l, R):
    """Phases are equally probable."""
    inverse = 1.0 / S[HALF + l]
    for e in range(EIGHT):
        R[_SHARE + e] = R[_TIME + e] * inverse


@kernel(contract=True, lent=True)
def _piece(phase, ends, values):
    """The one of three values that belongs to the piece of a phase."""
    return values[0] if phase < ends[0] else (values[1] if phase < ends[1] else values[2])


@kernel(contract=True, lent=True)
def _aged_shares(S, l, R, rate):
    """Probability of a phase before that of passing each edge outward, less that before passing it inward."""
    period = 2.0 * S[HALF + l]
    ends = S[_FIRST_END + l], S[_SECOND_END + l], period
    density = S[_DENSITY + l], S[_DENSITY + LANES + l], S[_DENSITY + 2 * LANES + l]
    inside = S[_INSIDE + l], S[_INSIDE + LANES + l], S[_INSIDE + 2 * LANES + l]
    if rate * period < SLOW:
        for e in range(EIGHT):
            out = R[_TIME + e]
            left = _piece(out, ends, ends) - out
            share = _piece(out, ends, inside) - _piece(out, ends, density) * left * slow_mean_decay(rate * left)
            back = period - out
            left = _piece(back, ends, ends) - back
            share -= _piece(back, ends, inside) - _piece(back, ends, density) * left * slow_mean_decay(rate * left)
            R[_SHARE + e] = share
        return
    lifetime = 1.0 / rate
    for e in range(EIGHT):
        out = R[_TIME + e]
        passed = lifetime * (1.0 - exponential(rate * (out - _piece(out, ends, ends))))
        share = _piece(out, ends, inside) - _piece(out, ends, density) * passed
        back = period - out
        passed = lifetime * (1.0 - exponential(rate * (back - _piece(back, ends, ends))))
        R[_SHARE + e] = share - (_piece(back, ends, inside) - _piece(back, ends, density) * passed)


@intrinsic
def _deposit(typingctx, record, weight, momentum2):
    """Add the shares of the bins of a group."""

    def emit(context, builder, signature, arguments):
        record = Memory(context, builder, signature.args[0], arguments[0])
        weight, momentum2 = (Vector.repeated(builder, number) for number in arguments[1:])
        time, radial, inverse2, share = (
            record.vector(0, row + 1) - record.vector(0, row)
            for row in (_TIME, _TIME + 2 * EIGHT, _TIME + 4 * EIGHT, _SHARE)
        )
        share = time.chosen_above(0.0, share, 0.0) * weight
        share = share.chosen_above(0.0, share, 0.0)
        per_time = share / time.chosen_above(0.0, time, 1.0)
        for row, part in enumerate((share, share * share, per_time * radial, per_time * momentum2 * inverse2)):
            place = DEPOSIT + row * EIGHT
            record.write(record.vector(0, place) + part, 0, place)
        return context.get_dummy_value()

    return types.void(record, types.float64, types.float64), emit


@kernel(contract=True, lent=True)
def _groups(R, l_p, l_a):
    """Number of the first group whose bins the orbit reaches, and the number after the last one."""
    groups = R.shape[0]
    end = groups
    while end > 1 and R[end - 1, _EDGE] >= l_a:
        end -= 1
    first = 0
    while first < end - 1 and R[first + 1, _EDGE] <= l_p:
        first += 1
    return first, end


@kernel(contract=True, lent=True)
def deposit_orbit(S, l, terms, R, weight, momentum2, l_p, l_a, rate, age):
    """Add an orbit in lane l to the deposits in R: its weight times the probability of being in each bin."""
    first, end = _groups(R, l_p, l_a)
    # the apocentre stands in the ninth place of the outermost group
    for q in range(3):
        R[end - 1, _TIME + 2 * EIGHT * q + EIGHT] = S[HALF + q * LANES + l]
    R[end - 1, _SHARE + EIGHT] = 0.0 if age > 0.0 else 1.0
    for group in range(end - 1, first - 1, -1):
        record = R[group]
        if terms == FEW:
            _times_few(S, l, record)
        else:
            _times_many(S, l, record)
        if age > 0.0:
            _aged_shares(S, l, record, rate)
        else:
            _mixed_shares(S, l, record)
        _deposit(record, weight, momentum2)
        if group > 0:
            for q in range(3):
                R[group - 1, _TIME + 2 * EIGHT * q + EIGHT] = record[_TIME + 2 * EIGHT * q]
            R[group - 1, _SHARE + EIGHT] = record[_SHARE]
