r"""Time that one orbit spends between given radii, whatever its shape and however sharp the field's features.

An orbit of energy E and angular momentum L passes dl of l = ln r in dt = r dl / v_r. On either side of the middle of
its radial range, l = l_p + y^2 or l = l_a - y^2 takes the inverse root at the turning point away, and Gauss-Legendre
nodes in y between consecutive bin edges give the time in each bin to about 1e-9 of the period. v_r^2 / y^2 loses its
digits in two places. Next to a turning point it is the slope of v_r^2 halfway to it, up to y^4. On a narrow orbit
G = r^2 v_r^2 = (l - l_p)(l - l_a) G[l_p, l_a, l], whose divided difference is half the second derivative of G at the
mean of its three arguments, up to the square of the width.
"""

import numpy as np

from halokick.kernels.compiled import kernel
from halokick.kernels.field import kinetic, locate, log_radius_of_energy, polynomial, radius_at, vc2_at
from halokick.kernels.orbit_average import log_apocentre, log_pericentre

_NARROW = 2e-3
"""Width in ln r below which v_r^2 is taken from the divided difference."""
_NEAR = 1e-4
"""Distance from a turning point, in widths, below which v_r^2 is taken from its slope."""
_CIRCULAR = 1e-9
"""Width that every orbit is given at least, in ln r."""
_PANEL = 0.5
"""Longest panel in y."""
_SHORT, _WIDE = 0.02, 1.0
"""Four nodes serve a panel whose square is below this share of the orbit's width, or of 1 if it is wider."""
_FOUR_X, _FOUR_W = np.polynomial.legendre.leggauss(4)
_EIGHT_X, _EIGHT_W = np.polynomial.legendre.leggauss(8)


@kernel
def _curvature(field, depth, binding, l):
    """Half the second derivative in l of G = 2 (psi - E) r^2 - L^2, negative on an orbit."""
    i, t = locate(field, l)
    row = field.vc2[i]
    vc2 = polynomial(row, t)
    rise = row[1] + t * (2.0 * row[2] + t * (3.0 * row[3] + t * (4.0 * row[4] + t * 5.0 * row[5])))
    return np.exp(2.0 * l) * (4.0 * kinetic(field, l, depth, binding) - 4.0 * vc2 - rise / field.step)


@kernel
def _arc(field, depth, binding, momentum2, l_p, l_a, a, b):
    """Time from l = a to b >= a, and its products with v_r^2 and 1/r^2; both ends in the same half of the orbit."""
    inner = a + b < l_p + l_a
    start = np.sqrt(max(a - l_p if inner else l_a - b, 0.0))
    stop = np.sqrt(max(b - l_p if inner else l_a - a, 0.0))
    width = l_a - l_p
    panels = 1 + int((stop - start) / _PANEL)
    short = (stop - start) ** 2 < _SHORT * min(width, _WIDE)
    nodes, weights = (_FOUR_X, _FOUR_W) if short else (_EIGHT_X, _EIGHT_W)
    half = 0.5 * (stop - start) / panels
    time, radial, inverse2 = 0.0, 0.0, 0.0
    for panel in range(panels):
        middle = start + (2 * panel + 1) * half
        for j in range(nodes.shape[0]):
            y = middle + half * nodes[j]
            y2 = y * y
            l = l_p + y2 if inner else l_a - y2
            i, t = locate(field, l)
            r = radius_at(field, i, t)
            inverse_r2 = 1.0 / (r * r)
            if width < _NARROW:
                curvature = _curvature(field, depth, binding, (l_p + l_a + l) / 3.0)
                radial2 = -y2 * (width - y2) * curvature * inverse_r2
            elif y2 < _NEAR * width:
                turn = 0.5 * (l + (l_p if inner else l_a))
                radial2 = 2.0 * y2 * abs(momentum2 * np.exp(-2.0 * turn) - vc2_at(field, turn))
            else:
                if i < field.half:
                    energy = depth - polynomial(field.phi[i], t)
                else:
                    energy = polynomial(field.psi[i], t) - binding
                radial2 = 2.0 * energy - momentum2 * inverse_r2
            part = weights[j] * r * y / np.sqrt(radial2)
            time += part
            radial += part * radial2
            inverse2 += part * inverse_r2
    scale = 2.0 * half
    return time * scale, radial * scale, inverse2 * scale


@kernel
def between(field, depth, binding, momentum2, l_p, l_a, a, b):
    """`_arc` for any a <= b; parts outside the orbit count nothing."""
    a = max(a, l_p)
    b = min(b, l_a)
    if not a < b:
        return 0.0, 0.0, 0.0
    middle = 0.5 * (l_p + l_a)
    if b <= middle or a >= middle:
        return _arc(field, depth, binding, momentum2, l_p, l_a, a, b)
    t1, r1, i1 = _arc(field, depth, binding, momentum2, l_p, l_a, a, middle)
    t2, r2, i2 = _arc(field, depth, binding, momentum2, l_p, l_a, middle, b)
    return t1 + t2, r1 + r2, i1 + i2


@kernel
def turning_points(field, depth, binding, momentum2, l):
    """ln of pericentre and apocentre of the bound orbit that passes l."""
    l_e = max(log_radius_of_energy(field, depth, binding), l)
    l_a = log_apocentre(field, depth, binding, momentum2, l, l_e)
    l_p = log_pericentre(field, depth, binding, momentum2, field.l0, l)
    if l_a - l_p < _CIRCULAR:
        middle = 0.5 * (l_p + l_a)
        return middle - 0.5 * _CIRCULAR, middle + 0.5 * _CIRCULAR
    return l_p, l_a


@kernel
def _bin_times(field, depth, binding, momentum2, l_p, l_a, edges, times):
    """Fill rows of `times` (time of one passage, its products with v_r^2 and v_t^2) for the bins from j to k - 1.

    Returns j, k, the time from pericentre to the first edge, and the time from pericentre to apocentre.
    """
    bins = edges.shape[0] - 1
    first = int(np.searchsorted(edges, l_p)) - 1
    last = int(np.searchsorted(edges, l_a))
    below = 0.0
    if first < 0:
        below = between(field, depth, binding, momentum2, l_p, l_a, l_p, edges[0])[0]
        first = 0
    above = 0.0
    if last > bins:
        above = between(field, depth, binding, momentum2, l_p, l_a, edges[bins], l_a)[0]
        last = bins
    total = below
    for j in range(first, last):
        time, radial, inverse2 = between(field, depth, binding, momentum2, l_p, l_a, edges[j], edges[j + 1])
        times[0, j] = time
        times[1, j] = radial
        times[2, j] = momentum2 * inverse2
        total += time
    return first, last, below, total + above


@kernel
def deposit_mixed_arcs(field, births, i, edges, times, deposits):
    """Add daughter `i` to deposits (4, bins): its weight times the share of the period in each bin; 1 if it failed."""
    depth, binding, momentum2 = births.depth[i], births.binding[i], births.momentum2[i]
    l_p, l_a = turning_points(field, depth, binding, momentum2, births.log_r[i])
    first, last, _, half = _bin_times(field, depth, binding, momentum2, l_p, l_a, edges, times)
    if not (half > 0.0 and half < np.inf):
        return 1
    weight = births.weight[i] / half
    for j in range(first, last):
        share = weight * times[0, j]
        deposits[0, j] += share
        deposits[1, j] += share * share
        deposits[2, j] += weight * times[1, j]
        deposits[3, j] += weight * times[2, j]
    return 0


@kernel
def _visits(p1, p2, start, stop, rest, period, whole, rate, age):
    r"""Share of the daughter's possible ages at which its phase lies between p1 and p2 (times since pericentre).

    Ages a up to t0 = `age` have density Gamma e^{Gamma (a - t0)} / (1 - e^{-Gamma t0}). Between the starting phase,
    the final one, and the ends, each piece is passed `whole` times, or once more if within the `rest` after the last
    whole period. The passages are a geometric series, summed in closed form.
    """
    total = 0.0
    p = p1
    for _ in range(3):
        q = p2
        if start > p and start < q:
            q = start
        if stop > p and stop < q:
            q = stop
        length = q - p
        age_first = p - start
        if age_first < 0.0:
            age_first += period
        passages = whole + 1.0 if age_first + 0.5 * length < rest else whole
        if passages > 0.0 and length > 0.0:
            age_last = age_first + (passages - 1.0) * period + length
            series = np.expm1(-rate * period * passages) / np.expm1(-rate * period)
            total += np.exp(rate * (age_last - age)) * np.expm1(-rate * length) / np.expm1(-rate * age) * series
        p = q
        if p >= p2:
            break
    return total


@kernel
def deposit_aged_arcs(field, births, i, edges, times, deposits, rate, age):
    """As `deposit_mixed_arcs`: its weight times the probability of being in each bin today."""
    depth, binding, momentum2 = births.depth[i], births.binding[i], births.momentum2[i]
    l_p, l_a = turning_points(field, depth, binding, momentum2, births.log_r[i])
    first, last, below, half = _bin_times(field, depth, binding, momentum2, l_p, l_a, edges, times)
    if not (half > 0.0 and half < np.inf):
        return 1
    period = 2.0 * half
    start = between(field, depth, binding, momentum2, l_p, l_a, l_p, births.log_r[i])[0]
    if births.cosine[i] < 0.0:
        start = period - start
    whole = np.floor(age / period)
    rest = age - whole * period
    stop = start + rest
    if stop >= period:
        stop -= period
    p = below
    for j in range(first, last):
        q = p + times[0, j]
        share = _visits(p, q, start, stop, rest, period, whole, rate, age)
        share += _visits(period - q, period - p, start, stop, rest, period, whole, rate, age)
        share *= births.weight[i]
        p = q
        if times[0, j] > 0.0:
            deposits[0, j] += share
            deposits[1, j] += share * share
            deposits[2, j] += share * times[1, j] / times[0, j]
            deposits[3, j] += share * times[2, j] / times[0, j]
    return 0
