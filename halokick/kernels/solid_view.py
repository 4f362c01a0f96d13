"""Lines of sight through densities that are not spherical: a spherical density times a ratio known on a grid.

The ratio is interpolated linearly between nodes, in (R, z) or in (x, y, z), and constant outside the first and last
nodes. A line is cut where it crosses a node, so that the integrand is smooth in every piece. What the central ratio
alone would give is known in closed form elsewhere (`line_of_sight`); here is the rest, in which no cusp is left.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from halokick.kernels.compiled import kernel
from halokick.kernels.line_of_sight import value

EVERYWHERE, RINGS, BOXES = 0, 1, 2
"""Kinds of ratios: 1 everywhere; known on nodes in R and z; on nodes in x, y and z."""
_PANEL = 0.5
"""Longest piece of a line, in the variable y of r = b cosh(y)."""
_SHORT = 0.1
"""Pieces as short as this take the rule of fewer nodes."""
_NEAREST = 1e-10
"""Of the observer's distance: lines that pass nearer to the centre are integrated as if they passed there."""


class Ratios(NamedTuple):
    """Ratios on nodes.

    `nodes` holds those of all axes one after the other, in numbers `first`, `second` and `third`, at least two of each
    axis; `values` the ratios, last axis fastest. An axis without sign has its nodes above zero alone and counts on both
    sides.
    """

    kind: int
    first: int
    second: int
    third: int
    nodes: np.ndarray
    values: np.ndarray


@kernel
def _interval(nodes, at, count, q):
    """Lower node of the interval that holds `q`, 0 to count - 2; -1 before the first, count - 1 after the last node."""
    low, high = -1, count
    while high - low > 1:
        middle = (low + high) // 2
        if q >= nodes[at + middle]:
            low = middle
        else:
            high = middle
    return low


@kernel
def _share(nodes, at, count, i, q):
    """Share of interval `i` that lies below `q`; outside the nodes the nearest of them counts."""
    if i < 0:
        return 0.0
    if i > count - 2:
        return 1.0
    return (q - nodes[at + i]) / (nodes[at + i + 1] - nodes[at + i])


@kernel
def _cell(grid, x, y, z):
    """Intervals of the three axes in which a place lies."""
    nodes = grid.nodes
    n1, n2, n3 = grid.first, grid.second, grid.third
    if grid.kind == EVERYWHERE:
        return 0, 0, 0
    if grid.kind == RINGS:
        zz = z if nodes[n1] < 0.0 else abs(z)
        return _interval(nodes, 0, n1, np.sqrt(x * x + y * y)), _interval(nodes, n1, n2, zz), 0
    xx = x if nodes[0] < 0.0 else abs(x)
    yy = y if nodes[n1] < 0.0 else abs(y)
    zz = z if nodes[n1 + n2] < 0.0 else abs(z)
    return _interval(nodes, 0, n1, xx), _interval(nodes, n1, n2, yy), _interval(nodes, n1 + n2, n3, zz)


@kernel
def _ratio_in(grid, i, j, m, x, y, z):
    """The ratio at a place, given its cell."""
    if grid.kind == EVERYWHERE:
        return 1.0
    nodes = grid.nodes
    values = grid.values
    n1, n2, n3 = grid.first, grid.second, grid.third
    if grid.kind == RINGS:
        s = _share(nodes, 0, n1, i, np.sqrt(x * x + y * y))
        t = _share(nodes, n1, n2, j, z if nodes[n1] < 0.0 else abs(z))
        k = min(max(i, 0), n1 - 2) * n2 + min(max(j, 0), n2 - 2)
        low = values[k] + t * (values[k + 1] - values[k])
        k += n2
        high = values[k] + t * (values[k + 1] - values[k])
        return low + s * (high - low)
    s = _share(nodes, 0, n1, i, x if nodes[0] < 0.0 else abs(x))
    t = _share(nodes, n1, n2, j, y if nodes[n1] < 0.0 else abs(y))
    u = _share(nodes, n1 + n2, n3, m, z if nodes[n1 + n2] < 0.0 else abs(z))
    k = (min(max(i, 0), n1 - 2) * n2 + min(max(j, 0), n2 - 2)) * n3 + min(max(m, 0), n3 - 2)
    low = _between(values, k, n3, t, u)
    return low + s * (_between(values, k + n2 * n3, n3, t, u) - low)


@kernel
def _between(values, k, n3, t, u):
    """Interpolation over the face of a box that begins at entry `k`."""
    low = values[k] + u * (values[k + 1] - values[k])
    k += n3
    high = values[k] + u * (values[k + 1] - values[k])
    return low + t * (high - low)


@kernel
def ratio(grid, x, y, z):
    """The ratio at one place."""
    i, j, m = _cell(grid, x, y, z)
    return _ratio_in(grid, i, j, m, x, y, z)


@kernel
def _cut_by_planes(cuts, n, nodes, at, count, o, d):
    """Append to `cuts` where a coordinate o + s d passes a node; the new number of cuts."""
    if d == 0.0:
        return n
    folded = nodes[at] >= 0.0
    for k in range(at, at + count):
        cuts[n] = (nodes[k] - o) / d
        n += 1
        if folded:
            cuts[n] = (-nodes[k] - o) / d
            n += 1
    return n


@kernel
def _cut_by_cylinders(cuts, n, nodes, count, ox, oy, dx, dy):
    """Append to `cuts` where the distance from the axis passes a node, and where it is least."""
    across = dx * dx + dy * dy
    if across == 0.0:
        return n
    middle = -(ox * dx + oy * dy) / across
    nearest = (ox * dy - oy * dx) ** 2 / across
    cuts[n] = middle
    n += 1
    for k in range(count):
        left = nodes[k] * nodes[k] - nearest
        if left > 0.0:
            half = np.sqrt(left / across)
            cuts[n] = middle - half
            cuts[n + 1] = middle + half
            n += 2
    return n


@kernel
def _cut_by_nodes(cuts, n, grid, ox, oy, oz, dx, dy, dz):
    """Append to `cuts` where the line passes any node of `grid`; the new number of cuts."""
    nodes = grid.nodes
    n1, n2, n3 = grid.first, grid.second, grid.third
    if grid.kind == RINGS:
        n = _cut_by_cylinders(cuts, n, nodes, n1, ox, oy, dx, dy)
        n = _cut_by_planes(cuts, n, nodes, n1, n2, oz, dz)
    elif grid.kind == BOXES:
        n = _cut_by_planes(cuts, n, nodes, 0, n1, ox, dx)
        n = _cut_by_planes(cuts, n, nodes, n1, n2, oy, dy)
        n = _cut_by_planes(cuts, n, nodes, n1 + n2, n3, oz, dz)
    return n


@kernel
def line_residual(table, one, two, centre, ox, oy, oz, dx, dy, dz, x, w, few_x, few_w):
    """Integral of f(r) (ratio one times ratio two, less `centre`) ds from the observer to the sphere `table.r_max`.

    The observer is at (ox, oy, oz) and looks along the unit vector (dx, dy, dz). As in `line_of_sight` the variable is
    y, with b sinh(y) the distance from the point nearest to the centre.
    """
    middle = -(ox * dx + oy * dy + oz * dz)
    px = ox + middle * dx
    py = oy + middle * dy
    pz = oz + middle * dz
    b = np.sqrt(px * px + py * py + pz * pz)
    b = max(b, _NEAREST * np.sqrt(ox * ox + oy * oy + oz * oz))
    r_end = table.r_max
    if r_end == np.inf:
        r_end = np.exp(table.l0 + table.step * table.ln_f.shape[0])
    if b >= r_end:
        return 0.0
    half = np.sqrt((r_end - b) * (r_end + b))
    if middle + half <= 0.0:
        return 0.0
    y_from = np.arcsinh(max(-middle, -half) / b)
    y_to = np.arcsinh(half / b)
    panels = int(np.ceil((y_to - y_from) / _PANEL))
    cuts = np.empty(panels + 4 + 2 * (one.nodes.shape[0] + two.nodes.shape[0]))
    n = _cut_by_nodes(cuts, 0, one, px, py, pz, dx, dy, dz)
    n = _cut_by_nodes(cuts, n, two, px, py, pz, dx, dy, dz)
    for k in range(n):
        cuts[k] = min(max(np.arcsinh(cuts[k] / b), y_from), y_to)
    for k in range(panels + 1):
        cuts[n + k] = y_from + (y_to - y_from) * k / panels
    n += panels + 1
    cuts[:n].sort()
    total = 0.0
    for k in range(n - 1):
        width = cuts[k + 1] - cuts[k]
        if width < 1e-13:
            continue
        short = width < _SHORT
        # all of the piece lies in one cell
        y = cuts[k] + 0.5 * width
        s = b * np.sinh(y)
        i1, j1, m1 = _cell(one, px + s * dx, py + s * dy, pz + s * dz)
        i2, j2, m2 = _cell(two, px + s * dx, py + s * dy, pz + s * dz)
        part = 0.0
        for j in range(few_x.shape[0] if short else x.shape[0]):
            y = cuts[k] + width * (few_x[j] if short else x[j])
            s = b * np.sinh(y)
            r = b * np.cosh(y)
            sx = px + s * dx
            sy = py + s * dy
            sz = pz + s * dz
            excess = _ratio_in(one, i1, j1, m1, sx, sy, sz) * _ratio_in(two, i2, j2, m2, sx, sy, sz) - centre
            if excess != 0.0:
                part += (few_w[j] if short else w[j]) * excess * value(table, r) * r
        total += width * part
    return total


@kernel(parallel=True)
def line_residuals(table, one, two, centre, observer, direction, x, w, few_x, few_w):
    """`line_residual` for directions of shape (lines, 3)."""
    out = np.empty(direction.shape[0])
    for i in prange(direction.shape[0]):
        out[i] = line_residual(
            table,
            one,
            two,
            centre,
            observer[0],
            observer[1],
            observer[2],
            direction[i, 0],
            direction[i, 1],
            direction[i, 2],
            x,
            w,
            few_x,
            few_w,
        )
    return out


@kernel
def ratios(grid, x, y, z):
    """`ratio` at places of shape (n,)."""
    out = np.empty(x.shape[0])
    for i in range(x.shape[0]):
        out[i] = ratio(grid, x[i], y[i], z[i])
    return out
