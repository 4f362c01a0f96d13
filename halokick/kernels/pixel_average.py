"""Averages over pixels of the sky, of any shape, from the integral towards the centre along every position angle.

With polar coordinates (theta, phi) about a centre, I(theta, phi) = int_0^theta J sin(theta') dtheta', Green's theorem
turns the integral of J over a pixel into that of I dphi along its edge: exact whether or not the centre is inside, on
an edge or in a corner. For pixels beyond a hemisphere it is the integral from the opposite point that is regular.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from halokick.kernels.compiled import kernel

POINTS = 5
"""On every edge, at the abscissae `edge_abscissae`: edges are polynomials of degree 4 through them."""
DEGREE = 8
_STENCIL = 6
"""Columns of position angle that one interpolation uses."""
_NEAR, _FAR = 4.0, 25.0
"""Distances from the centre in pixel sizes: nearer edges are cut into panels, farther ones need fewer nodes."""
_TOUCHING = 1e-12
"""Radians: an edge this near to the centre passes through it."""
_WHOLE = 10.0
"""Of w: a table that ends before is of a halo that does."""
_CHUNK = 256


class ConeTable(NamedTuple):
    """I(theta, phi) in cells of w = ln tan(theta/2), for columns of phi at equal distances around the circle.

    `cell` holds, for each cell and column, the coefficients in t = -1..1 of the integral from the cell's lower edge;
    `inside` the integral from the centre to that edge and `outside` from there to the opposite point. Below the first
    edge I goes as exp(rise w). A spherical density has one column.
    """

    edges: np.ndarray
    cell: np.ndarray
    inside: np.ndarray
    outside: np.ndarray
    rise: float


@kernel
def _column(table, k, t, m, far):
    c = table.cell[k, m]
    p = c[DEGREE]
    for j in range(DEGREE - 1, -1, -1):
        p = p * t + c[j]
    return table.outside[k, m] - p if far else table.inside[k, m] + p


@kernel
def _place(table, w, hint):
    """Cell, place in the cell (-1 to 1), and the factors of the power laws below the first edge and beyond the last.

    `hint` is a cell that is likely to be it.
    """
    edges = table.edges
    low, high = 0, edges.shape[0] - 1
    if edges[hint] < w < edges[hint + 1]:
        return hint, 2.0 * (w - edges[hint]) / (edges[hint + 1] - edges[hint]) - 1.0, 1.0, 1.0
    if w <= edges[0]:
        return 0, -1.0, np.exp(table.rise * (w - edges[0])), 1.0
    if w >= edges[high]:
        return high - 1, 1.0, 1.0, np.exp(2.0 * (edges[high] - w))
    while high - low > 1:
        middle = (low + high) // 2
        if w >= edges[middle]:
            low = middle
        else:
            high = middle
    return low, 2.0 * (w - edges[low]) / (edges[low + 1] - edges[low]) - 1.0, 1.0, 1.0


@kernel
def _log_tangent(f, l, u):
    """w = ln tan(theta/2) of a direction that is not the centre itself."""
    across = np.sqrt(l * l + u * u)
    return np.log(across / (1.0 + f) if f > 0.0 else (1.0 - f) / across)


@kernel
def _cell_of(table, f, l, u):
    """Cell of a direction."""
    if l == 0.0 and u == 0.0:
        return 0
    return _place(table, _log_tangent(f, l, u), 0)[0]


@kernel
def cumulative(table, f, l, u, far, hint):
    """I at the direction (f, l, u), or the integral from there to the opposite point if `far`."""
    if l == 0.0 and u == 0.0:
        return 0.0
    k, t, before, beyond = _place(table, _log_tangent(f, l, u), hint)
    columns = table.cell.shape[1]
    if columns == 1:
        value = _column(table, k, t, 0, far)
    else:
        x = np.arctan2(l, u) / (2.0 * np.pi) * columns
        if x < 0.0:
            x += columns
        i = int(x)
        s = x - i
        value = 0.0
        for a in range(_STENCIL):
            weight = 1.0
            for b in range(_STENCIL):
                if b != a:
                    weight *= (s + 2.0 - b) / (a - b)
            value += weight * _column(table, k, t, (i + a - 2 + columns) % columns, far)
    # what the power laws do not describe: the other end's integral hardly changes there
    if far:
        return value * beyond
    return value * before


@kernel
def cumulatives(table, theta, phi):
    """I at angles from the centre and position angles (from up to left), both of shape (n,)."""
    out = np.empty(theta.shape[0])
    for i in range(theta.shape[0]):
        sine = np.sin(theta[i])
        out[i] = cumulative(table, np.cos(theta[i]), sine * np.sin(phi[i]), sine * np.cos(phi[i]), False, 0)
    return out


@kernel
def _rule(table, edge, low, high, far, hint, shift, cap, x, w):
    """Integrals of (I - shift) dphi and of (1 -+ cos(theta) - cap) dphi over a part of an edge, by one Gauss rule."""
    total = 0.0
    area = 0.0
    for j in range(x.shape[0]):
        t = low + (high - low) * x[j]
        f, l, u = edge[0, 4], edge[1, 4], edge[2, 4]
        dl, du = 0.0, 0.0
        for i in range(3, -1, -1):
            dl = dl * t + l
            du = du * t + u
            f = f * t + edge[0, i]
            l = l * t + edge[1, i]
            u = u * t + edge[2, i]
        square = l * l + u * u
        turn = (high - low) * w[j] * (l * du - u * dl) / square
        total += turn * (cumulative(table, f, l, u, far, hint) - shift)
        area += turn * (square / (1.0 - f if far else 1.0 + f) - cap)
    return total, area


@kernel
def _nearest(edge):
    """Place on the edge nearest to the centre (or the point opposite), its distance, and the length per unit of t."""
    f0, l0, u0 = 0.0, 0.0, 0.0
    f1, l1, u1 = 0.0, 0.0, 0.0
    for i in range(4, -1, -1):
        f0, l0, u0 = -f0 + edge[0, i], -l0 + edge[1, i], -u0 + edge[2, i]
        f1, l1, u1 = f1 + edge[0, i], l1 + edge[1, i], u1 + edge[2, i]
    bf, bl, bu = 0.5 * (f1 - f0), 0.5 * (l1 - l0), 0.5 * (u1 - u0)
    length = bf * bf + bl * bl + bu * bu
    if length == 0.0:
        return 0.0, np.sqrt(l0 * l0 + u0 * u0), 0.0
    best = min(max(-0.5 * ((l0 + l1) * bl + (u0 + u1) * bu) / length, -1.0), 1.0)
    # edges are nearly straight, so that the slope of the chord serves for Newton's method
    for _ in range(4):
        l, u, dl, du = edge[1, 4], edge[2, 4], 0.0, 0.0
        for i in range(3, -1, -1):
            dl, du = dl * best + l, du * best + u
            l, u = l * best + edge[1, i], u * best + edge[2, i]
        best = min(max(best - (l * dl + u * du) / length, -1.0), 1.0)
    l, u = edge[1, 4], edge[2, 4]
    for i in range(3, -1, -1):
        l, u = l * best + edge[1, i], u * best + edge[2, i]
    return best, np.sqrt(l * l + u * u), np.sqrt(length)


@kernel
def _along(table, edge, far, hint, shift, cap, distant, x, w, few_x, few_w):
    """The integrals of `_rule` over one edge."""
    if distant:
        return _rule(table, edge, -1.0, 1.0, far, hint, shift, cap, few_x, few_w)
    nearest, distance, speed = _nearest(edge)
    if speed == 0.0:
        return 0.0, 0.0
    if distance > 4.0 * speed:
        return _rule(table, edge, -1.0, 1.0, far, hint, shift, cap, x, w)
    total = 0.0
    area = 0.0
    for side in range(2):
        end = 1.0 if side == 0 else -1.0
        step = max(distance, _TOUCHING) / speed
        start = 0.0
        # through the centre itself the position angle jumps, where I is zero
        if distance < _TOUCHING:
            start = step
        reach = abs(end - nearest)
        while start < reach:
            stop = start + step
            if stop > 0.7 * reach:
                stop = reach
            part = _rule(table, edge, nearest + end * start, nearest + end * stop, far, hint, shift, cap, x, w)
            total += end * part[0]
            area += end * part[1]
            start = stop
            step *= 2.0
    return total, area


@kernel
def _polynomials(points, inverse, edge):
    """Coefficients of one edge from its points, shape (3, POINTS)."""
    for c in range(3):
        for i in range(POINTS):
            total = 0.0
            for j in range(POINTS):
                total += inverse[i, j] * points[j, c]
            edge[c, i] = total


@kernel
def pixel_sum(table, outline, inverse, edge, x, w, few_x, few_w):
    """Integral of J over a pixel, and its solid angle; `outline` has its edges in order, shape (edges, POINTS, 3).

    NaN for a pixel of which not all of the edge is on the sky.
    """
    n = outline.shape[0]
    f, l, u = 0.0, 0.0, 0.0
    for e in range(n):
        f += outline[e, 0, 0]
        l += outline[e, 0, 1]
        u += outline[e, 0, 2]
    norm = np.sqrt(f * f + l * l + u * u)
    if not norm > 0.0:
        return np.nan, np.nan
    f, l, u = f / norm, l / norm, u / norm
    far = f < 0.0
    size = 0.0
    for e in range(n):
        a, b, c = outline[e, 0, 0] - f, outline[e, 0, 1] - l, outline[e, 0, 2] - u
        size = max(size, 2.0 * np.sqrt(a * a + b * b + c * c))
    across = np.sqrt(l * l + u * u)
    distant = across > _FAR * size
    shift, cap = 0.0, 0.0
    hint = _cell_of(table, f, l, u)
    if across > _NEAR * size:
        # the closed integral of dphi is zero, so that any constant may be taken off before it costs digits
        shift = cumulative(table, f, l, u, far, hint)
        cap = across * across / (1.0 - f if far else 1.0 + f)
    total = 0.0
    area = 0.0
    for e in range(n):
        _polynomials(outline[e], inverse, edge)
        part = _along(table, edge, far, hint, shift, cap, distant, x, w, few_x, few_w)
        total += part[0]
        area += part[1]
    if area < 0.0:
        total, area = -total, -area
    # beyond the edge of a halo that has one nothing but rounding is left
    last = table.edges[table.edges.shape[0] - 1]
    if last < _WHOLE and np.arctan2(across, f) - size > 2.0 * np.arctan(np.exp(last)):
        total = 0.0
    return max(total, 0.0), area


@kernel(parallel=True)
def outlined_pixels(table, outlines, inverse, x, w, few_x, few_w):
    """`pixel_sum` of pixels with outlines of shape (pixels, edges, POINTS, 3), about the centre: forward, left, up."""
    n = outlines.shape[0]
    total = np.empty(n)
    area = np.empty(n)
    for chunk in prange((n + _CHUNK - 1) // _CHUNK):
        edge = np.empty((3, POINTS))
        for i in range(chunk * _CHUNK, min(n, (chunk + 1) * _CHUNK)):
            total[i], area[i] = pixel_sum(table, outlines[i], inverse, edge, x, w, few_x, few_w)
    return total, area


@kernel(parallel=True)
def gridded_pixels(table, corners, between, inverse, x, w, few_x, few_w):
    """`pixel_sum` of the pixels of a grid, from its corners alone: shape (rows + 5, columns + 5, 3), about the centre.

    Two rows and columns of corners around the grid are known too: points on an edge are interpolated between the six
    corners of its line that are nearest, with the weights `between` of shape (POINTS, 6).
    """
    rows = corners.shape[0] - 5
    columns = corners.shape[1] - 5
    total = np.empty((rows, columns))
    area = np.empty((rows, columns))
    for r in prange(rows):
        outline = np.zeros((4, POINTS, 3))
        edge = np.empty((3, POINTS))
        for c in range(columns):
            for k in range(3):
                # corners are what they are
                outline[0, 0, k] = outline[3, POINTS - 1, k] = corners[r + 2, c + 2, k]
                outline[1, 0, k] = outline[0, POINTS - 1, k] = corners[r + 2, c + 3, k]
                outline[2, 0, k] = outline[1, POINTS - 1, k] = corners[r + 3, c + 3, k]
                outline[3, 0, k] = outline[2, POINTS - 1, k] = corners[r + 3, c + 2, k]
                for j in range(1, POINTS - 1):
                    low, high, left, right = 0.0, 0.0, 0.0, 0.0
                    for i in range(6):
                        weight = between[j, i]
                        low += weight * corners[r + 2, c + i, k]
                        high += weight * corners[r + 3, c + i, k]
                        left += weight * corners[r + i, c + 2, k]
                        right += weight * corners[r + i, c + 3, k]
                    outline[0, j, k] = low
                    outline[1, j, k] = right
                    outline[2, POINTS - 1 - j, k] = high
                    outline[3, POINTS - 1 - j, k] = left
            total[r, c], area[r, c] = pixel_sum(table, outline, inverse, edge, x, w, few_x, few_w)
    return total, area
