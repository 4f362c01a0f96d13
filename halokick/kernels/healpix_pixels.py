"""HEALPix pixels by their edges: where a point of a base pixel lies on the sphere, and averages over nested pixels.

The projection is that of Gorski et al. (2005, ApJ 622, 759), Sections 4 and 5.
"""

import numpy as np
from numba import prange

from halokick.kernels.compiled import kernel
from halokick.kernels.pixel_average import POINTS, pixel_sum

_CHUNK = 256
_MOST = 16
"""Pieces of an edge, at most."""
_ROUND = 40
"""Nearness of a pole at which edges are cut: a piece of the edge i rings away is 1/(2i + 1) of this at most."""


@kernel
def _direction(face, x, y, axes, out):
    """Unit vector of the place (x, y), both 0 to 1, of base pixel `face`, in the frame of the rows of `axes`."""
    row = face // 4
    # distance from the north pole, in base pixels, and twice the longitude of the face's middle, in quadrants
    ring = row + 2.0 - x - y
    middle = 2.0 * (face % 4) + (1.0 if row != 1 else 0.0)
    if ring < 1.0 or ring > 3.0:
        width = ring if ring < 1.0 else 4.0 - ring
        rest = width * width / 3.0
        z = 1.0 - rest if ring < 1.0 else rest - 1.0
        across = width * np.sqrt((2.0 - rest) / 3.0)
        # at a pole itself every longitude is as good
        azimuth = middle + ((x - y) / width if width > 1e-15 else 0.0)
    else:
        z = (2.0 - ring) * 2.0 / 3.0
        across = np.sqrt((1.0 - z) * (1.0 + z))
        azimuth = middle + (x - y)
    longitude = 0.25 * np.pi * azimuth
    vx, vy = across * np.cos(longitude), across * np.sin(longitude)
    for c in range(3):
        out[c] = axes[c, 0] * vx + axes[c, 1] * vy + axes[c, 2] * z


@kernel
def _corner(nside, pixel):
    """Base pixel of a nested pixel and the place in it, in pixels: every second bit is of x, the others of y."""
    face = pixel // (nside * nside)
    rest = pixel - face * nside * nside
    x, y = 0, 0
    bit = 1
    while rest > 0:
        if rest & 1:
            x += bit
        if rest & 2:
            y += bit
        rest >>= 2
        bit *= 2
    return face, x, y


@kernel
def _outline(nside, pixel, axes, abscissae, outline):
    """Points on the edges of a nested pixel, counter-clockwise; each edge in as many pieces as `outline` has room."""
    face, ix, iy = _corner(nside, pixel)
    pieces = outline.shape[0] // 4
    for side in range(4):
        for piece in range(pieces):
            for j in range(POINTS):
                share = (piece + 0.5 * (1.0 + abscissae[j])) / pieces
                # corners are the same floats for both edges that meet in them, and for all pixels
                if j == 0:
                    share = piece / pieces
                elif j == POINTS - 1:
                    share = (piece + 1) / pieces
                if side == 0:
                    x, y = ix + share, iy + 0.0
                elif side == 1:
                    x, y = ix + 1.0, iy + share
                elif side == 2:
                    x, y = ix + 1.0 - share, iy + 1.0
                else:
                    x, y = ix + 0.0, iy + 1.0 - share
                _direction(face, x / nside, y / nside, axes, outline[side * pieces + piece, j])


@kernel
def _pieces(nside, pixel, pieces):
    """Pieces of a pixel's edges: more near the poles, where edges turn within a pixel on every scale."""
    face, ix, iy = _corner(nside, pixel)
    row = face // 4
    if row == 1:
        return pieces
    rings = 2 * nside - ix - iy - 2 if row == 0 else ix + iy
    return min(max(pieces, _ROUND // (2 * max(rings, 1) + 1)), _MOST)


@kernel
def outlines(nside, pixels, pieces, axes, abscissae):
    """Edges of nested pixels, shape (pixels, 4 pieces, POINTS, 3)."""
    out = np.empty((pixels.shape[0], 4 * pieces, POINTS, 3))
    for i in range(pixels.shape[0]):
        _outline(nside, pixels[i], axes, abscissae, out[i])
    return out


@kernel(parallel=True)
def nested_pixels(table, nside, pixels, pieces, axes, abscissae, inverse, x, w, few_x, few_w):
    """Integrals of J over nested pixels, of which the edges are cut into `pieces` or more.

    `axes` are forward, left and up about the centre of the halo, as rows in the frame of the grid.
    """
    n = pixels.shape[0]
    total = np.empty(n)
    for chunk in prange((n + _CHUNK - 1) // _CHUNK):
        room = np.empty((4 * _MOST, POINTS, 3))
        edge = np.empty((3, POINTS))
        for i in range(chunk * _CHUNK, min(n, (chunk + 1) * _CHUNK)):
            outline = room[: 4 * _pieces(nside, pixels[i], pieces)]
            _outline(nside, pixels[i], axes, abscissae, outline)
            total[i] = pixel_sum(table, outline, inverse, edge, x, w, few_x, few_w)[0]
    return total
