"""Line-of-sight integrals of f(r), a density or a product of two, along one direction and within a cone.

The observer is at distance d from the centre and looks at the angle theta from it; b = d sin(theta) is the impact
parameter of the line. Along a line the variable is y, with distance from the tangent point b sinh(y), so r = b cosh(y)
and ds = r dy: the integrand is then smooth on the scale of one e-folding however small b is. Within a cone the
integral runs over shells, with the part of dV/l^2 that each shell has inside the cone known in closed form.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from halokick.kernels.compiled import kernel

DEGREE = 7
_NEGLIGIBLE = 1e-16


class RadialTable(NamedTuple):
    """f on equal cells of ln r, with what lies inside and outside each cell edge.

    f is the exponential of one polynomial times another, `ln_f` and `factor`, both of degree `DEGREE` in t = -1..1 in
    every cell: ln f of something smooth, times a ratio that may be rough or zero. Power laws continue it on both sides.
    `inside[i]` is the integral of r^2 f dr up to edge i, `outside[i]` that of f dr from edge i to `r_max`.
    """

    l0: float
    step: float
    ln_f: np.ndarray
    factor: np.ndarray
    inside: np.ndarray
    outside: np.ndarray
    slope_inner: float
    slope_outer: float
    r_max: float


@kernel
def value(table, r):
    """f(r)."""
    x = (np.log(r) - table.l0) / table.step
    n = table.ln_f.shape[0]
    i = int(min(max(x, 0.0), n - 1.0))
    t = 2.0 * (min(max(x, 0.0), float(n)) - i) - 1.0
    c = table.ln_f[i]
    g = table.factor[i]
    ln_f = c[DEGREE]
    factor = g[DEGREE]
    for j in range(DEGREE - 1, -1, -1):
        ln_f = ln_f * t + c[j]
        factor = factor * t + g[j]
    if x < 0.0:
        ln_f -= table.slope_inner * x * table.step
    elif x > n:
        ln_f -= table.slope_outer * (x - n) * table.step
    return factor * np.exp(ln_f)


@kernel
def _outside(table, r):
    """Upper bound of the integral of f dr from r outwards: its value at the cell edge below r."""
    x = (np.log(r) - table.l0) / table.step
    if x <= 0.0:
        return np.inf
    return table.outside[min(int(x), table.ln_f.shape[0])]


@kernel
def _arm(table, b, y_from, y_to, x, w):
    """Integral of f ds over y_from < y < y_to, 0 <= y_from."""
    total = 0.0
    panels = int(np.ceil(y_to - y_from))
    for p in range(panels):
        start = y_from + (y_to - y_from) * (p / panels)
        width = (y_to - y_from) / panels
        for j in range(x.shape[0]):
            r = b * np.cosh(start + width * x[j])
            total += width * w[j] * value(table, r) * r
        end = start + width
        # what is left is at most outside(r) r / sqrt(r^2 - b^2)
        if _outside(table, b * np.cosh(end)) < _NEGLIGIBLE * total * np.tanh(end):
            return total
    return total


@kernel
def _through_centre(table, r, x, w):
    """Integral of f dr from the centre to r."""
    if r <= 0.0:
        return 0.0
    l_first = min(table.l0, np.log(r))
    r_first = np.exp(l_first)
    total = value(table, r_first) * r_first / (1.0 - table.slope_inner)
    length = np.log(r) - l_first
    panels = int(np.ceil(length))
    for p in range(panels):
        for j in range(x.shape[0]):
            s = np.exp(l_first + length * (p + x[j]) / panels)
            total += length / panels * w[j] * value(table, s) * s
    return total


@kernel
def line_integral(table, d, theta, x, w):
    """Integral of f ds along the line at angle theta: from the observer to where the line leaves r_max.

    At theta = 0 the line runs through the centre, where f must rise less steeply than 1/r.
    """
    sine = np.sin(theta)
    cosine = np.cos(theta)
    b = d * sine
    r_end = table.r_max
    beyond = 0.0
    if r_end == np.inf:
        r_end = max(np.exp(table.l0 + table.step * table.ln_f.shape[0]), 10.0 * d)
        beyond = value(table, r_end) * r_end / (table.slope_outer - 1.0)
    if theta == 0.0:
        return _through_centre(table, min(d, r_end), x, w) + _through_centre(table, r_end, x, w) + beyond
    # from the edge or outside it, only directions towards the halo meet it
    if b >= r_end or (cosine <= 0.0 and d >= r_end):
        return 0.0
    y_end = np.arcsinh(np.sqrt((r_end - b) * (r_end + b)) / b)
    y_observer = np.arcsinh(np.abs(cosine) / sine)
    if cosine > 0.0:
        near = min(y_observer, y_end)
        return _arm(table, b, 0.0, near, x, w) + _arm(table, b, 0.0, y_end, x, w) + beyond
    if y_observer >= y_end:
        return 0.0
    return _arm(table, b, y_observer, y_end, x, w) + beyond


@kernel
def _ball(table, d, r_to, x, w, xg, wg):
    """Sum over whole shells inside r_to <= d: integral of r f ln[(d + r)/(d - r)] dr."""
    if r_to <= 0.0:
        return 0.0
    # far inside d the weight is 2r/d, and the table knows the integral of r^2 f up to its cell edges
    l_to = np.log(r_to)
    edge = np.floor((min(l_to - 1e-12, np.log(1e-6 * d)) - table.l0) / table.step)
    edge = min(edge, float(table.ln_f.shape[0]))
    if edge < 0.0:
        r_first = min(np.exp(table.l0), r_to)
        l_first = np.log(r_first)
        total = 2.0 / d * value(table, r_first) * r_first**3 / (3.0 - table.slope_inner)
    else:
        l_first = table.l0 + table.step * edge
        total = 2.0 / d * table.inside[int(edge)]
    length = l_to - l_first
    if length <= 0.0:
        return total
    last = min(1.0, length)
    for j in range(xg.shape[0]):
        r = r_to * np.exp(-last * xg[j])
        gap = d - r_to - r_to * np.expm1(-last * xg[j])
        total += last * wg[j] * value(table, r) * r * r * np.log((d + r) / gap)
    rest = length - last
    panels = int(np.ceil(rest))
    for p in range(panels):
        width = rest / panels
        for j in range(x.shape[0]):
            r = np.exp(l_first + width * (p + x[j]))
            total += width * w[j] * value(table, r) * r * r * 2.0 * np.arctanh(r / d)
    return total


@kernel
def _weight_near(d, r, q, sine, cosine):
    """ln[(d + r) l_- / ((d - r) l_+)] for a shell b < r < d, whose cap nearest and cap farthest are in the cone.

    l_+- = d cos(theta) +- q are the distances at which the cone's edge meets the shell. Written without differences.
    """
    share = d * sine * sine * (d * d * cosine + r * q) / ((r * cosine + q) * (d * d * cosine * cosine + r * r))
    return 2.0 * np.arctanh(share)


@kernel
def _weight_far(d, r, b, q, versine, cosine):
    """ln[(d + r) / (d cos(theta) + q)] for a shell r > d around the observer. Written without differences."""
    return np.log1p((d * versine + b * b / (r + q)) / (d * cosine + q))


@kernel
def _caps(table, d, theta, inner, x, w, xg, wg):
    """Sum over shells that a cone of half-angle theta < 90 degrees cuts: r > b if `inner`, else r > d alone."""
    sine = np.sin(theta)
    cosine = np.cos(theta)
    b = d * sine
    versine = 2.0 * np.sin(0.5 * theta) ** 2
    r_end = table.r_max
    beyond = 0.0
    if r_end == np.inf:
        r_end = max(np.exp(table.l0 + table.step * table.ln_f.shape[0]), 1e12 * d)
        beyond = d * versine * value(table, r_end) * r_end / (table.slope_outer - 1.0)
    if b >= r_end:
        return 0.0
    y_end = np.arcsinh(np.sqrt((r_end - b) * (r_end + b)) / b)
    y_d = np.arcsinh(cosine / sine)
    total = 0.0
    if inner:
        y_to = min(y_d, y_end)
        last = min(1.0, y_to)
        rest = y_to - last
        panels = int(np.ceil(rest))
        for p in range(panels):
            width = rest / panels
            for j in range(x.shape[0]):
                y = width * (p + x[j])
                r = b * np.cosh(y)
                q = b * np.sinh(y)
                total += width * w[j] * value(table, r) * r * q * _weight_near(d, r, q, sine, cosine)
            # r times the weight stays below 4 b^2/d while the cone is narrow
            bound = 4.0 * b * sine * _outside(table, b * np.cosh(width * (p + 1)))
            if sine * sine < 0.5 and bound < _NEGLIGIBLE * total:
                return total
        # at a right angle this stretch is empty and its weight infinite
        for j in range(xg.shape[0] if last > 1e-12 else 0):
            y = y_to - last * xg[j]
            r = b * np.cosh(y)
            q = b * np.sinh(y)
            total += last * wg[j] * value(table, r) * r * q * _weight_near(d, r, q, sine, cosine)
    if y_d >= y_end:
        return total
    first = min(1.0, y_end - y_d)
    for j in range(xg.shape[0]):
        y = y_d + first * xg[j]
        r = b * np.cosh(y)
        q = b * np.sinh(y)
        total += first * wg[j] * value(table, r) * r * q * _weight_far(d, r, b, q, versine, cosine)
    rest = y_end - y_d - first
    panels = int(np.ceil(rest))
    for p in range(panels):
        width = rest / panels
        for j in range(x.shape[0]):
            y = y_d + first + width * (p + x[j])
            r = b * np.cosh(y)
            q = b * np.sinh(y)
            total += width * w[j] * value(table, r) * r * q * _weight_far(d, r, b, q, versine, cosine)
        r = b * np.cosh(y_d + first + width * (p + 1))
        # beyond 2d the weight is below 2 d versine / r
        if r > 2.0 * d and 4.0 * d * versine * _outside(table, r) < _NEGLIGIBLE * total:
            return total
    return total + beyond


@kernel
def _whole(table, d, x, w, xg, wg):
    """Sum over all shells, whole: the integral over the full sky."""
    r_end = table.r_max
    beyond = 0.0
    if r_end == np.inf:
        r_end = max(np.exp(table.l0 + table.step * table.ln_f.shape[0]), 1e12 * d)
        beyond = 2.0 * d * value(table, r_end) * r_end / (table.slope_outer - 1.0)
    total = _ball(table, d, min(d, r_end), x, w, xg, wg)
    if d >= r_end:
        return total
    length = np.log(r_end / d)
    first = min(1.0, length)
    for j in range(xg.shape[0]):
        r = d * np.exp(first * xg[j])
        total += first * wg[j] * value(table, r) * r * r * np.log((r + d) / (d * np.expm1(first * xg[j])))
    rest = length - first
    panels = int(np.ceil(rest))
    for p in range(panels):
        width = rest / panels
        for j in range(x.shape[0]):
            r = d * np.exp(first + width * (p + x[j]))
            total += width * w[j] * value(table, r) * r * r * 2.0 * np.arctanh(d / r)
        r = d * np.exp(first + width * (p + 1))
        if r > 2.0 * d and 4.0 * d * _outside(table, r) < _NEGLIGIBLE * total:
            return total
    return total + beyond


@kernel
def cone_integral(table, d, theta, x, w, xg, wg):
    r"""Integral of f over the cone of half-angle theta around the centre, with dV/l^2.

    With the law of cosines l dl = d r sin(chi) dchi, so a shell contributes (2 pi/d) r f(r) Lambda(r) dr, where Lambda
    is the integral of dl/l over the part of the shell inside the cone: own derivation. A cone wider than a hemisphere
    is the full sky less the cone around the opposite direction. Lambda has a logarithm at r = d, exactly so for the
    full sky and nearly so for cones close to a hemisphere: the nodes `xg` crowd towards it.
    """
    if theta <= 0.0:
        return 0.0
    if theta <= 0.5 * np.pi:
        b = d * np.sin(theta)
        total = _ball(table, d, min(b, table.r_max), x, w, xg, wg) + _caps(table, d, theta, True, x, w, xg, wg)
    else:
        total = _whole(table, d, x, w, xg, wg)
        if theta < np.pi:
            total -= _caps(table, d, np.pi - theta, False, x, w, xg, wg)
    return 2.0 * np.pi / d * total


@kernel
def cone_nodes(d, theta, r_max, x, w, radius, weight):
    """Fill `radius` and `weight` so that sum(weight f(radius)) is the integral of f over a narrow cone within r_max.

    The same shells as `cone_integral` with a fixed number of nodes, three times that of `x`: inside b, from b to d or
    r_max, and beyond d. For functions of which many share one geometry. theta below 90 degrees, f shallower than r^-3.
    """
    n = x.shape[0]
    sine = np.sin(theta)
    cosine = np.cos(theta)
    b = d * sine
    r_to = min(b, r_max)
    for j in range(n):
        # r ~ x^3 spreads the nodes over decades while r^2 f dr, the share of a cusp, stays smooth
        r = r_to * x[j] ** 3
        radius[j] = r
        weight[j] = w[j] * 3.0 * r_to * x[j] ** 2 * r * 2.0 * np.arctanh(r / d)
    y_end = 0.0
    if r_max > b:
        y_end = np.arcsinh(np.sqrt((r_max - b) * (r_max + b)) / b)
    y_d = np.arcsinh(cosine / sine)
    versine = 2.0 * np.sin(0.5 * theta) ** 2
    y_mid = min(y_d, y_end)
    for j in range(n):
        y = y_mid * x[j]
        q = b * np.sinh(y)
        radius[n + j] = b * np.cosh(y)
        weight[n + j] = w[j] * y_mid * radius[n + j] * q * _weight_near(d, radius[n + j], q, sine, cosine)
        y = y_mid + (y_end - y_mid) * x[j]
        q = b * np.sinh(y)
        radius[2 * n + j] = b * np.cosh(y)
        far = _weight_far(d, radius[2 * n + j], b, q, versine, cosine)
        # radius times q is r dr/dy, as above
        weight[2 * n + j] = w[j] * (y_end - y_mid) * radius[2 * n + j] * q * far
    for j in range(3 * n):
        weight[j] *= 2.0 * np.pi / d


@kernel(parallel=True)
def cones_nodes(d, theta, r_max, x, w):
    """`cone_nodes` for arrays of distance, angle and r_max of one length: radii and weights, shape (length, nodes)."""
    radius = np.empty((d.shape[0], 3 * x.shape[0]))
    weight = np.empty((d.shape[0], 3 * x.shape[0]))
    for i in prange(d.shape[0]):
        cone_nodes(d[i], theta[i], r_max[i], x, w, radius[i], weight[i])
    return radius, weight


@kernel(parallel=True)
def line_integrals(table, d, theta, x, w):
    """`line_integral` for every pair of distance and angle, shape of `theta`."""
    out = np.empty(theta.shape[0])
    for i in prange(theta.shape[0]):
        out[i] = line_integral(table, d[i], theta[i], x, w)
    return out


@kernel(parallel=True)
def cone_integrals(table, d, theta, x, w, xg, wg):
    """`cone_integral` for every pair of distance and angle, shape of `theta`."""
    out = np.empty(theta.shape[0])
    for i in prange(theta.shape[0]):
        out[i] = cone_integral(table, d[i], theta[i], x, w, xg, wg)
    return out
