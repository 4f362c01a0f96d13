"""The radii at which a method tabulates its answer, and the edge beyond which there is none."""

import numpy as np

from halokick import units
from halokick.errors import InputError

_INNER, _OUTER, _PER_DECADE = 1e-4, 30.0, 14
_INSIDE_EDGE = 0.999


def tabulated(df, radii, outer_cut):
    """Radii [kpc] of the table, and ln of the outermost zero-velocity radius that daughters may have.

    Parameters
    ----------
    df : ErgodicDF
    radii : Quantity [length] or None
        Increasing. None: 14 per decade from 1e-4 to 30 scale radii, or to the edge where there is one.
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
        cut = units.to_internal(outer_cut, "length", "outer_cut")
        low, high = halo._range
        if not low < cut < high:
            raise InputError(f"outer_cut = {outer_cut} must lie between {low:.3g} and {high:.3g} kpc")
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
        return radius, log_out, edge
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
