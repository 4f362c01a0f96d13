"""Edges of pixels as the kernels want them: points on each edge, and the rules by which they are integrated over."""

import numpy as np

from halokick.kernels.pixel_average import POINTS

ABSCISSAE = -np.cos(np.pi * np.arange(POINTS) / (POINTS - 1))
"""Of the points on an edge, from -1 to 1."""
INVERSE = np.ascontiguousarray(np.linalg.inv(np.vander(ABSCISSAE, POINTS, increasing=True)))


def _gauss(nodes):
    x, w = np.polynomial.legendre.leggauss(nodes)
    return 0.5 * (x + 1), 0.5 * w


RULES = (INVERSE, *_gauss(8), *_gauss(3))
"""Last arguments of the kernels: from points to polynomials, and Gauss rules for near and far edges."""


def _between():
    """Lagrange's weights of six equidistant corners for the points of the edge in their middle."""
    nodes = np.arange(-2, 4)
    at = 0.5 * (ABSCISSAE + 1)
    others = [np.delete(nodes, i) for i in range(6)]
    return np.stack([np.prod((at[:, None] - o) / (n - o), axis=1) for n, o in zip(nodes, others, strict=True)], axis=1)


BETWEEN = np.ascontiguousarray(_between())


def frame(lon, lat, position_angle=0.0):
    """Unit vectors forward, left and up of an observer who looks at (lon, lat), rows in the frame of the map.

    Left is where longitude grows and up is north, turned by the position angle from north towards left [rad].
    """
    c, s = np.cos(lon), np.sin(lon)
    forward = np.array([np.cos(lat) * c, np.cos(lat) * s, np.sin(lat)])
    left = np.array([-s, c, 0.0])
    up = np.cross(forward, left)
    cosine, sine = np.cos(position_angle), np.sin(position_angle)
    axes = np.array([forward, cosine * left - sine * up, cosine * up + sine * left])
    # a coordinate that is zero but for rounding would put a corner at the centre beside it
    return np.where(np.abs(axes) < 1e-16, 0.0, axes)


def directions(lon, lat):
    """Unit vectors of shape (..., 3) of longitudes and latitudes [rad]."""
    cosine = np.cos(lat)
    return np.stack([cosine * np.cos(lon), cosine * np.sin(lon), np.sin(lat)], axis=-1)


def grid_corners(first, last, width):
    """Pixel coordinates of the corners of rows `first` to `last`, and of two more on every side; shape (rows, columns).

    They are what `gridded_pixels` wants, where a projection is smooth on the scale of a pixel.
    """
    x, y = np.arange(-2, width + 3) - 0.5, np.arange(first - 2, last + 3) - 0.5
    return np.broadcast_arrays(x, y[:, None])


def grid_places(first, last, width):
    """Pixel coordinates, from -1/2 on, of all points of rows `first` to `last` of a grid with `width` columns.

    Returns
    -------
    x, y : ndarray, shape (edges of rows, points along a row)
        Along the lower edges of the rows, one row of edges more than there are rows of pixels.
    x, y : ndarray, shape (rows, points up a column, columns + 1)
        Up the left edges of the pixels, between their corners.
    """
    inner = 0.5 * (ABSCISSAE[:-1] + 1)
    along = np.append((np.arange(width)[:, None] + inner).ravel(), width) - 0.5
    rows = np.arange(first, last + 1) - 0.5
    x, y = np.broadcast_arrays(along, rows[:, None])
    up = (np.arange(first, last)[:, None] + inner[1:]) - 0.5
    columns = np.arange(width + 1) - 0.5
    right, above = np.broadcast_arrays(columns, up[:, :, None])
    return (x, y), (right, above)


def grid_outlines(along, up):
    """Outlines of pixels, shape (rows, columns, 4, POINTS, 3), from the directions of the points of `grid_places`."""
    n = POINTS - 1
    rows, columns = up.shape[0], up.shape[2] - 1
    index = n * np.arange(columns)[:, None] + np.arange(POINTS)
    level = along[:, index]
    corners = along[:, ::n]
    rising = np.concatenate([corners[:-1, None], up, corners[1:, None]], axis=1).transpose(0, 2, 1, 3)
    out = np.empty((rows, columns, 4, POINTS, 3))
    out[:, :, 0] = level[:-1]
    out[:, :, 1] = rising[:, 1:]
    out[:, :, 2] = level[1:, :, ::-1]
    out[:, :, 3] = rising[:, :-1, ::-1]
    return out
