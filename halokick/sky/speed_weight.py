"""A factor of radius on the product of two densities: the mean of a particle model's S(v) at each place."""

import numpy as np
from scipy.interpolate import PchipInterpolator

from halokick import units
from halokick.errors import ConvergenceError, InputError
from halokick.kernels.line_of_sight import DEGREE

_NODES = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
_INVERSE = np.linalg.inv(np.vander(_NODES, DEGREE + 1, increasing=True))
_CHECKS = np.array([-0.89, 0.1, 0.72])
_ROUGH = 1e-3
_SAMPLED = 4096
"""Radii at which a slow function is asked at most at once."""


def speed_weight(factor):
    """Make a function of radii in kpc of what the user gave.

    Parameters
    ----------
    factor : callable of Quantity [length], or (radii, values)
        Dimensionless and not negative. A table is interpolated in logarithms, monotonically, and goes on as the power
        laws of its ends.

    Returns
    -------
    callable
        Of an ndarray [kpc].

    Raises
    ------
    InputError
        Neither a function nor a table of increasing radii and positive values.
    """
    if callable(factor):

        def of_radius(r):
            values = factor(units.attach(r, "length"))
            values = np.asarray(units.to_internal(values, "dimensionless", "speed_factor(r)"))
            if np.any(values < 0):
                raise InputError("speed_factor(r) is negative somewhere; it multiplies a rate, so it cannot be")
            return np.broadcast_to(values, np.shape(r))

        return of_radius
    try:
        radii, values = factor
    except (TypeError, ValueError) as error:
        raise InputError(
            f"speed_factor = {factor!r}; give a function of radius, or a pair of radii and values"
        ) from error
    r = np.asarray(units.to_internal(radii, "length", "speed_factor[0]"))
    values = np.asarray(units.to_internal(values, "dimensionless", "speed_factor[1]"))
    if r.ndim != 1 or r.shape != values.shape or len(r) < 2 or np.any(np.diff(r) <= 0) or r[0] <= 0:
        raise InputError("the radii of speed_factor must be positive and increase, with one value for each")
    if np.any(values <= 0):
        raise InputError("the values of speed_factor must be positive: its logarithm is interpolated")
    curve = PchipInterpolator(np.log(r), np.log(values), extrapolate=False)
    slopes, ends = curve.derivative()(np.log(r[[0, -1]])), np.log(r[[0, -1]])
    levels = np.log(values[[0, -1]])

    def of_table(radius):
        log_r = np.log(radius)
        log_s = curve(np.clip(log_r, *ends))
        log_s = np.where(log_r < ends[0], levels[0] + slopes[0] * (log_r - ends[0]), log_s)
        return np.exp(np.where(log_r > ends[1], levels[1] + slopes[1] * (log_r - ends[1]), log_s))

    return of_table


def weighted(table, weight):
    """A `RadialTable` multiplied by a function of radius [kpc].

    Raises
    ------
    ConvergenceError
        The function is too rough in ln r for the cells of the table.
    """
    cells = len(table.ln_f)
    middle = table.l0 + table.step * (np.arange(cells) + 0.5)

    def at(t):
        r = np.exp(middle[:, None] + 0.5 * table.step * t)
        values = np.concatenate([weight(part) for part in np.array_split(r.ravel(), 1 + r.size // _SAMPLED)])
        return values.reshape(r.shape) * (table.factor @ np.vander(t, DEGREE + 1, increasing=True).T)

    factor = np.ascontiguousarray(at(_NODES) @ _INVERSE.T)
    true = at(_CHECKS)
    off = np.max(np.abs(factor @ np.vander(_CHECKS, DEGREE + 1, increasing=True).T - true), axis=1)
    size = np.maximum(np.max(np.abs(true), axis=1), np.finfo(float).tiny)
    if np.any(off > _ROUGH * size):
        worst = int(np.argmax(off / size))
        raise ConvergenceError(
            f"speed_factor is too rough near r = {np.exp(middle[worst]):.3g} kpc; give a smooth table in ln r"
        )
    return _with_ends(table, factor)


def _with_ends(table, factor):
    """The table with the new factor: integrals and power laws at both ends made again."""
    x, w = np.polynomial.legendre.leggauss(12)
    powers = np.vander(x, DEGREE + 1, increasing=True).T
    f = (factor @ powers) * np.exp(np.minimum(table.ln_f @ powers, 690.0))
    middle = table.l0 + table.step * (np.arange(len(factor)) + 0.5)
    ln_r = middle[:, None] + 0.5 * table.step * x
    first, slope_inner = _end(table, factor, 0, -1.0)
    last, slope_outer = _end(table, factor, -1, 1.0)
    edges = table.l0 + table.step * np.array([0.0, len(factor)])
    integrals = [0.5 * table.step * ((f * np.exp(np.minimum(k * ln_r, 690.0))) @ w) for k in (3, 1)]
    inside = np.concatenate([[0.0], np.cumsum(integrals[0])])
    inside += first * np.exp(3 * edges[0]) / (3 - slope_inner) if slope_inner < 3 else np.inf
    outside = np.concatenate([np.cumsum(integrals[1][::-1])[::-1], [0.0]])
    if np.isinf(table.r_max):
        outside += last * np.exp(edges[1]) / (slope_outer - 1) if slope_outer > 1 else np.inf
    return table._replace(
        factor=factor, inside=inside, outside=outside, slope_inner=float(slope_inner), slope_outer=float(slope_outer)
    )


def _end(table, factor, i, t):
    powers = t ** np.arange(DEGREE + 1)
    rises = np.arange(1, DEGREE + 1) * t ** np.arange(DEGREE)
    value = factor[i] @ powers
    slope = table.ln_f[i, 1:] @ rises + (factor[i, 1:] @ rises / value if value > 0 else 0.0)
    return value * np.exp(table.ln_f[i] @ powers), -2 * slope / table.step
