"""The radii at which a method tabulates its answer, and the edge beyond which there is none."""

import itertools

import numpy as np

from halokick import units
from halokick.errors import InputError

_INNER, _OUTER, _PER_DECADE = 1e-4, 30.0, 14
_INSIDE_EDGE = 0.999
_STEEP, _FINE = 4.0, 1e-5
"""Slope of the parents from which their density is to be followed between radii, to this relative error."""
_FORGOTTEN = 60.0
"""E-folds from where they are that steep, after which no daughter that counts follows the parents any more."""
_MOST = 12
_TRIAL = 0.005


def tabulated(df, radii, outer_cut):
    """Radii [kpc] of the table, and ln of the outermost zero-velocity radius that daughters may have.

    Parameters
    ----------
    df : ErgodicDF
    radii : Quantity [length] or None
        Increasing. None: 14 per decade from 1e-4 to 30 scale radii, or to the edge where there is one; more where the
        parents end steeply.
    outer_cut : Quantity [length] or None
        Daughters with zero-velocity radius outside are left out: bound, but without the time to turn back.

    Returns
    -------
    radius : ndarray
    log_out : float
    edge : float or None
        Radius of the cut, where there is one [kpc].
    """
    halo = df.halo
    edge = None
    if halo.energy_cut is not None:
        edge = units.to_internal(halo.energy_cut, "length")
    if outer_cut is not None:
        cut = one_radius(outer_cut, "outer_cut", halo)
        edge = cut if edge is None else min(edge, cut)
    log_out = float(halo._edges[-1]) if edge is None else float(np.log(edge))
    if radii is None:
        scale = df.profile._scale_radius
        last = _OUTER * scale if edge is None else _INSIDE_EDGE * edge
        # the density of a truncated halo underflows far outside: stop where parents end
        last = min(last, float(np.exp(df._log_outermost)) * _INSIDE_EDGE)
        start = 0.9 * last if edge is not None and last < edge else last
        count = max(int(np.ceil(_PER_DECADE * np.log10(start / (_INNER * scale)))) + 1, 16)
        radius = np.geomspace(_INNER * scale, start, count)
        if start < last:
            # the density falls to zero within the last tenth before a cut
            radius = np.concatenate([radius, edge * (1 - np.geomspace(1 - start / edge, 1 - last / edge, 12)[1:])])
        return _refined(df.profile, radius), log_out, edge
    radius = np.atleast_1d(np.asarray(units.to_internal(radii, "length", "radii"), dtype=float))
    if radius.ndim != 1 or len(radius) < 4 or np.any(np.diff(radius) <= 0) or radius[0] <= 0:
        raise InputError(
            f"radii = {radii} must be at least four positive, increasing lengths, for example "
            "np.geomspace(0.01, 200, 60) * u.kpc"
        )
    if edge is not None and radius[-1] >= edge:
        raise InputError(
            f"radii reach {radius[-1]:.6g} kpc, but daughters end at the cut, {edge:.6g} kpc; stop inside it"
        )
    if radius[-1] >= np.exp(df._log_outermost):
        raise InputError(
            f"radii reach {radius[-1]:.6g} kpc, but the parents end at {np.exp(df._log_outermost):.6g} kpc; stop inside"
        )
    halo._log_radius(units.attach(radius[[0, -1]], "length"), "radii")
    return radius, log_out, edge


def one_radius(value, name, halo):
    """One radius [kpc] inside the range in which the halo is tabulated; beyond it tables mean nothing.

    Raises
    ------
    InputError
        No single number, or outside.
    """
    radius = units.to_internal(value, "length", name)
    low, high = halo._range
    if np.ndim(radius) != 0 or not low < radius < high:
        raise InputError(f"{name} = {value}; one radius between {low:.3g} and {high:.3g} kpc is needed")
    return radius


def _refined(profile, radius):
    """More radii in cells of a table in which a cubic through ln rho would miss where the parents end.

    It errs by h^4/384 times the fourth derivative, in cells of width h.
    """
    edges = np.log(radius)
    log_r = np.linspace(edges[0], edges[-1], int(np.ceil((edges[-1] - edges[0]) / _TRIAL)) + 1)
    ln_rho, slope, change = profile._log_density(log_r)
    fourth = np.abs(np.gradient(np.gradient(change, log_r), log_r))
    steep = slope > _STEEP
    if not np.any(steep):
        return radius
    fourth[~steep | (ln_rho < ln_rho[np.argmax(steep)] - _FORGOTTEN)] = 0.0
    worst = np.array([np.max(fourth[(log_r >= a) & (log_r <= b)], initial=0.0) for a, b in itertools.pairwise(edges)])
    parts = np.clip(np.ceil(np.diff(edges) * (worst / (384 * _FINE)) ** 0.25), 1, _MOST).astype(int)
    if np.all(parts == 1):
        return radius
    inner = [
        np.linspace(a, b, n, endpoint=False)[1:] for (a, b), n in zip(itertools.pairwise(edges), parts, strict=True)
    ]
    return np.sort(np.concatenate([radius, np.exp(np.concatenate(inner))]))
