r"""Moments of relative speeds, and tables for pairs of two kicked members: no sum over pairs is needed for either."""

import numpy as np
from scipy.interpolate import CubicHermiteSpline, PchipInterpolator

from halokick.kernels.relative_speed import inverse_speeds
from halokick.sky.speed_nodes import unit_gauss

_INVERSE_NODES = 12


def mean_square(first, second):
    r"""rho_1 rho_2 <v^2> = rho_1 rho_2 (<v_1^2> + <v_2^2>): no net streaming in either."""
    return first.moment(2) * second.density + first.density * second.moment(2)


def mean_fourth(first, second):
    r"""rho_1 rho_2 <v^4>, exact for any anisotropy.

    .. math:: \langle v^4\rangle = \langle v_1^4\rangle + \langle v_2^4\rangle + 2\langle v_1^2\rangle\langle v_2^2
              \rangle + 4(\sigma_{1r}^2\sigma_{2r}^2 + 2\sigma_{1t}^2\sigma_{2t}^2)
    """
    cross = 4 * (first.radial_square * second.radial_square + 2 * first.tangential_square * second.tangential_square)
    ends = first.moment(4) * second.density + first.density * second.moment(4)
    return ends + 2 * first.moment(2) * second.moment(2) + cross


def mean_inverse(df, log_r, second):
    r"""rho_1 rho_2 <1/v> of unkicked particles with a population: :math:`4\pi\sum_j (W_j/v_j)\int_0^{v_j} F\,dv`."""
    x, wx = unit_gauss(_INVERSE_NODES)
    return inverse_speeds(df.halo._field, df._table, log_r, second.speed, second.weight, x, wx)


def mean_inverse_kicked(nodes):
    r"""rho^2 <1/v> of two kicked populations of one kind, with l = 0 and l = 2.

    .. math:: \frac{1}{|v_1-v_2|} = \sum_l \frac{v_<^l}{v_>^{l+1}}P_l(\cos\gamma)
    """
    total = np.zeros(len(nodes.speed))
    for power, weights in ((0, nodes.weight), (2, nodes.quadrupole)):
        inside, outside = (_cumulative(nodes, weights, exponent) for exponent in (power, -power - 1))
        for a in range(len(total)):
            used = nodes.weight[a] > 0
            v = nodes.speed[a, used]
            low, high = inside[a](v), outside[a].whole - outside[a](v)
            total[a] += np.sum(weights[a, used] * (low * v ** (-power - 1.0) + high * v**power))
    return total


def pair_tables(nodes):
    """Cubics in speed for `kernels.relative_speed.kicked_pairs`: knots, potential and shape, one row per radius."""
    potential = _cumulative(nodes, nodes.weight, -1)
    n = len(potential)
    size = max(len(table.x) for table in potential)
    knots = np.empty((n, size))
    rows = np.zeros((2, n, size - 1, 4))
    shape = _shapes(nodes, [table.x for table in potential])
    for a in range(n):
        used = len(potential[a].x)
        knots[a, :used] = potential[a].x
        # spare cells beyond the last knot are never reached: speeds stop there
        knots[a, used:] = potential[a].x[-1] * (1 + 1e-12 * np.arange(1, size - used + 1))
        for row, table in enumerate((potential[a], shape[a])):
            rows[row, a, : used - 1] = table.c.T
            rows[row, a, used - 1 :, 3] = table(table.x[-1])
    return knots, rows[0], rows[1]


class _Curve(CubicHermiteSpline):
    """A cubic through a cumulative integral, and the integral over all speeds."""

    def __init__(self, x, y, slope):
        super().__init__(x, y, slope)
        self.whole = float(y[-1])


def _cumulative(nodes, weights, power):
    """Per radius, a curve of the integral of n(u) u^power (n of `weights`) from zero speed to u."""
    start, tables = 0, []
    for part in nodes.parts:
        stop = start + part.speed.shape[1]
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.where(part.weight > 0, weights[:, start:stop] * part.speed ** float(power), 0.0)
        tables.append(part.cumulated(values))
        start = stop
    curves = []
    for a in range(len(nodes.speed)):
        single = [_hermite(knots[a], sums[a], slopes[a]) for knots, sums, slopes in tables]
        if len(single) == 1:
            curves.append(single[0])
            continue
        x = np.unique(np.concatenate([curve.x for curve in single]))
        inside = [np.minimum(x, curve.x[-1]) for curve in single]
        y = sum(curve(u) for curve, u in zip(single, inside, strict=True))
        slope = sum(np.where(x < curve.x[-1], curve(u, 1), 0.0) for curve, u in zip(single, inside, strict=True))
        curves.append(_Curve(x, y, slope))
    return curves


def _hermite(knots, sums, slopes):
    # neighbours closer than rounding, and the halves without length, would make cells of zero width
    keep = np.append(True, np.diff(np.maximum.accumulate(knots)) > 1e-12 * knots[-1])
    x, y, slope = knots[keep], sums[keep], slopes[keep]
    secant = np.diff(y) / np.diff(x)
    missing = np.isnan(slope)
    slope[missing] = np.append(secant, secant[-1])[missing]
    return _Curve(x, y, slope)


def _shapes(nodes, knots):
    """Per radius, b_2(u)/u^2 at the knots of the potential, as a monotone cubic through the nodes."""
    out = []
    for a in range(len(nodes.speed)):
        total = np.zeros(len(knots[a]))
        start = 0
        for part in nodes.parts:
            stop = start + part.speed.shape[1]
            used = part.step[a] > 0
            v = part.speed[a, used]
            value = nodes.quadrupole[a, start:stop][used] / (part.step[a, used] * v * v)
            order = np.argsort(v)
            v, value = v[order], value[order]
            apart = np.append(True, np.diff(v) > 1e-12 * v[-1])
            curve = PchipInterpolator(v[apart], value[apart], extrapolate=False)
            total += np.nan_to_num(curve(np.clip(knots[a], v[0], v[-1]))) * (knots[a] <= part.top[a])
            start = stop
        out.append(PchipInterpolator(knots[a], total))
    return out
