"""A `LiveField` as quadratics in s = r^2 whose cells are read off the bits of s, for steps without a logarithm.

Thirty-two cells to an octave of s: 0.011 in ln r, a fifth of a cell of the field. All three nodes of a cell take their
values from the field itself, so force and potential are continuous; they differ from it where the mass has its kinks,
by up to 4e-4 and 5e-6. What a node needs of the field is linear in the field's numbers, and the weights never change: a
new table costs microseconds.
"""

from typing import NamedTuple

import numpy as np

from halokick.kernels.bits import CELL_BITS, bits_of, cell_edges, double_of
from halokick.kernels.compiled import kernel
from halokick.kernels.live_field import edges_of

SHIFT = 52 - CELL_BITS
MASK = (1 << SHIFT) - 1
ONE = 0x3FF0000000000000
CELLS = float(1 << CELL_BITS)
_INSIDE, _OUTSIDE = 2.0**-10, 2.0**12
"""The table reaches this far beyond both ends of the field, in s. A force that is wrong beyond it changes nothing."""


class Look(NamedTuple):
    """Quadratics on the cells of s: all that steps need."""

    first: int
    """Number of the first cell."""
    low: float
    high: float
    """Ends of the table in s [kpc2]; the upper one lies inside the last cell."""
    g: np.ndarray
    """(1/r) dPhi/dr = G M / r^3 [(km/s/kpc)^2], shape (cells, 4); the fourth column is padding."""
    phi: np.ndarray
    """Phi(r) - Phi(0) [km2/s2], in the same way."""


class LiveTable(NamedTuple):
    """The weights that make quadratics from a field."""

    look: Look
    cell: np.ndarray
    """Cell of the field for each of the 2 cells + 1 nodes."""
    share: np.ndarray
    """Place of a node between the edges of that cell, in ln r."""
    cube: np.ndarray
    """What the mass is multiplied with to give g: 1/r^3 from the field's first edge outwards."""
    from_phi: np.ndarray
    from_gm: np.ndarray
    from_rise: np.ndarray
    """Phi at a node is from_phi * phi + from_gm * gm + from_rise * (step of gm), all at the lower edge."""
    below: np.ndarray
    """For each edge of the field: the cell of s that holds it,"""
    part: np.ndarray
    """and the part of that cell, in ln r, which lies inside the edge."""


def new_table(field):
    """The table of a field's grid, not yet filled."""
    edges = edges_of(field)
    first, s = cell_edges(edges[0] ** 2 * _INSIDE, edges[-1] ** 2 * _OUTSIDE)
    nodes = np.empty(2 * len(s) - 1)
    nodes[::2], nodes[1::2] = s, 0.5 * (s[:-1] + s[1:])
    r = np.sqrt(nodes)
    last = len(edges) - 2
    place = (np.log(r) - field.log_low) / field.step
    cell = np.clip(np.floor(place).astype(np.int64), 0, last)
    share = np.clip(place - cell, 0.0, 1.0)
    inside, outside = place <= 0, place >= last + 1
    # int (gm + rise u / step) e^-u du / r_edge up to the node, u = ln(r / r_edge)
    u = share * field.step
    inverse = 1.0 / edges[cell]
    from_gm = -np.expm1(-u) * inverse
    from_rise = (-np.expm1(-u) - u * np.exp(-u)) * inverse / field.step
    # constant mass beyond the last edge
    far = np.where(outside, 1.0 / edges[-1] - 1.0 / r, 0.0)
    below = np.clip(np.searchsorted(s, edges**2, side="right") - 1, 0, len(s) - 2)
    return LiveTable(
        look=Look(
            first, float(s[0]), float(np.nextafter(s[-1], 0.0)), np.zeros((len(s) - 1, 4)), np.zeros((len(s) - 1, 4))
        ),
        cell=cell,
        share=np.where(inside, 0.0, share),
        cube=1.0 / np.maximum(r, edges[0]) ** 3,
        # phi of the innermost edge is that of a homogeneous ball
        from_phi=np.where(inside, nodes / edges[0] ** 2, 1.0),
        from_gm=np.where(inside, 0.0, from_gm + far),
        from_rise=np.where(inside, 0.0, from_rise + far),
        below=below,
        part=np.log(edges**2 / s[below]) / np.log(s[below + 1] / s[below]),
    )


@kernel
def _node(field, table, k):
    i = table.cell[k]
    gm = field.gm[i]
    rise = field.gm[i + 1] - gm
    phi = table.from_phi[k] * field.phi[i] + table.from_gm[k] * gm + table.from_rise[k] * rise
    return (gm + table.share[k] * rise) * table.cube[k], phi


@kernel
def write_table(field, table):
    """Fill the quadratics from a field, in place."""
    g, phi = table.look.g, table.look.phi
    g0, phi0 = _node(field, table, 0)
    for j in range(g.shape[0]):
        gm, phim = _node(field, table, 2 * j + 1)
        g1, phi1 = _node(field, table, 2 * j + 2)
        g[j, 0] = g0
        g[j, 1] = 4.0 * gm - 3.0 * g0 - g1
        g[j, 2] = 2.0 * (g0 + g1) - 4.0 * gm
        phi[j, 0] = phi0
        phi[j, 1] = 4.0 * phim - 3.0 * phi0 - phi1
        phi[j, 2] = 2.0 * (phi0 + phi1) - 4.0 * phim
        g0 = g1
        phi0 = phi1


@kernel(lent=True)
def place_of(look, s):
    """Cell of s = r^2, and the place inside it."""
    # in this order, no number at all becomes `low`
    s = s if s > look.low else look.low
    bits = bits_of(s if s < look.high else look.high)
    return (bits >> SHIFT) - look.first, (double_of((bits & MASK) | ONE) - 1.0) * CELLS


@kernel(lent=True)
def value_at(rows, i, t):
    """A quadratic, at the place that `place_of` gives."""
    return rows[i, 0] + t * (rows[i, 1] + t * rows[i, 2])


@kernel
def inside_edges(table, cells, out):
    """Sums inside each edge of the field, from sums in cells of s; the mass of a cell is spread evenly over ln r."""
    total = 0.0
    j = 0
    for i in range(table.below.shape[0]):
        while j < table.below[i]:
            total += cells[j]
            j += 1
        out[i] = total + table.part[i] * cells[j]
