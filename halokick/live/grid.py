"""The grid of ln r on which live haloes know their mass, and the masses at the start."""

import numpy as np

from halokick import constants
from halokick.errors import InputError
from halokick.halo.sampling import masses_between
from halokick.kernels.live_field import edges_of, new_field

_LOW, _HIGH = 1e-3, 1e5
"""Ends in scale radii. The inner one softens the field, and lies far inside where particles resolve it."""


def live_grid(df):
    """An empty `LiveField` for the haloes that begin as this one."""
    scale = df.profile._scale_radius
    return new_field(_LOW * scale, _HIGH * scale)


def initial_gm(df, grid, fixed_gm=None):
    """G M(<r) of the parents and of the fixed masses at the edges of a grid [kpc km2/s2].

    Parameters
    ----------
    df : ErgodicDF
    grid : LiveField
    fixed_gm : ndarray, optional
        In place of the masses that the halo of `df` has beside the parents.

    Raises
    ------
    InputError
        `fixed_gm` is no enclosed mass on this grid.
    """
    edges = np.log(edges_of(grid))
    parents = np.cumsum(masses_between(df, np.append(df.halo._edges[0], edges))) * constants.G
    if fixed_gm is None:
        if df.halo._extra_mass is None:
            return parents, np.zeros(len(edges))
        fixed_gm = df.halo._look_up(df.halo._field.vc2, edges) * np.exp(edges)
        if df.halo.potential is None:
            return parents, fixed_gm - parents
        # a given potential holds the parents' own mass; rounding may leave less than nothing of the rest
        return parents, np.maximum.accumulate(np.maximum(fixed_gm - parents, 0.0))
    fixed_gm = np.asarray(fixed_gm, dtype=float)
    if fixed_gm.shape != edges.shape or not np.all(np.isfinite(fixed_gm)):
        raise InputError(f"baryons_gm of shape {fixed_gm.shape}; finite G M at the {len(edges)} edges is needed")
    if fixed_gm[0] < 0 or np.any(np.diff(fixed_gm) < 0):
        raise InputError("baryons_gm falls with radius; it is the mass inside each edge, times G")
    return parents, fixed_gm
