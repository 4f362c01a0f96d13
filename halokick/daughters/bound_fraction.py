"""Which share of the daughters stays bound, from where they are born; needs no orbits."""

import numpy as np

from halokick import units
from halokick.daughters.kick_nodes import bound_nodes, check_parents_and_kick
from halokick.daughters.radii import one_radius
from halokick.errors import InputError
from halokick.kernels.parents import bound_density, parent_moments

_NODES = np.polynomial.legendre.leggauss(96)
_X, _W = 0.5 + 0.5 * _NODES[0], 0.5 * _NODES[1]
_SHELL_X, _SHELL_W = np.polynomial.legendre.leggauss(8)


def bound_share(df, kick, log_r, log_out):
    """Share of the daughters born at each ln radius that stays bound inside exp(log_out); and the parents' density."""
    halo = df.halo
    binding_out = float(halo._look_up(halo._field.psi, log_out)) if log_out < halo._edges[-1] else 0.0
    speeds, weights = bound_nodes(df, kick)
    bound = sum(
        weight * bound_density(halo._field, df._table, float(k), log_r, df._log_outermost, binding_out, _X, _W)
        for k, weight in zip(speeds, weights, strict=True)
    )
    parents = parent_moments(halo._field, df._table, log_r, df._log_outermost, _X, _W)[0]
    return bound / parents, parents


def bound_fraction(df, kick, within, outer_cut=None):
    r"""Share of the daughters born inside a radius that stays bound.

    At birth radius r a parent of speed v' has a bound daughter for the share
    :math:`b = \frac12\left(1 + \mathrm{clip}\left[\frac{2\psi - v'^2 - v_k^2}{2 v' v_k}, -1, 1\right]\right)` of the
    kick directions; b is averaged over :math:`f v'^2` and then over the parents' mass. "Bound" means inside the
    energy cut or `outer_cut` where there is one. The total of an infinite halo of logarithmic mass is zero for any
    kick, so a radius is always needed.

    Parameters
    ----------
    df : ErgodicDF
    kick : KickDistribution
    within : Quantity [length], scalar or array
    outer_cut : Quantity [length], optional

    Returns
    -------
    ndarray, shape of `within`

    Raises
    ------
    InputError
        A radius outside the range in which the halo is tabulated, or a list of outer cuts.
    """
    check_parents_and_kick(df, kick)
    radius = np.asarray(units.to_internal(within, "length", "within"))
    low, high = df.halo._range
    if not np.all((radius > low) & (radius < high)):
        raise InputError(f"within = {within}; radii between {low:.3g} and {high:.3g} kpc are needed")
    log_out = float(df.halo._log_cut)
    if outer_cut is not None:
        log_out = min(log_out, float(np.log(one_radius(outer_cut, "outer_cut", df.halo))))
    return np.array([_within(df, kick, x, log_out) for x in radius.ravel()]).reshape(radius.shape)[()]


def _within(df, kick, radius, log_out):
    last = min(np.log(radius), df._log_outermost)
    first = np.log(df.profile._scale_radius * 1e-7)
    cells = max(int(np.ceil((last - first) / 0.5)), 4)
    edges = np.linspace(first, last, cells + 1)
    x = (0.5 * (edges[:-1, None] + edges[1:, None]) + 0.5 * np.diff(edges)[:, None] * _SHELL_X).ravel()
    weight = (0.5 * np.diff(edges)[:, None] * _SHELL_W).ravel()
    share, parents = bound_share(df, kick, x, log_out)
    mass = weight * parents * np.exp(3 * x)
    return float(np.sum(share * mass) / np.sum(mass))
