"""A density, or the product of two, tabulated in ln r for the line-of-sight kernels, to a measured accuracy."""

import numpy as np

from halokick import units
from halokick.daughters.result import Daughters
from halokick.errors import ConvergenceError, InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.profiles import as_profile
from halokick.kernels.line_of_sight import DEGREE, RadialTable

INNER, OUTER = 1e-12, 1e13
"""Ends of the table in scale radii; power laws with the slopes found there continue it."""
_STEPS = ((1 / 4, 3e-10), (1 / 16, 1e-9), (1 / 64, 1e-7), (1 / 256, 1e-5))
"""Cells of ln r, and the error that lets one stop there: that of a cell, over the integral of r^2 f dr inside it.

Closed forms and smooth tables stop at the first or second; an edge or a noisy table needs the third. Beyond the last
it has failed.
"""
_LARGEST = 600.0
"""Of ln(r^3 f): below the largest float, with room for sums."""
_NODES = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
_INVERSE = np.linalg.inv(np.vander(_NODES, DEGREE + 1, increasing=True))
_CHECKS = np.array([-0.89, -0.35, 0.1, 0.72])
_GAUSS_X, _GAUSS_W = np.polynomial.legendre.leggauss(12)


def radial_table(first, second=None, r_max=None):
    """Tabulate ln f, f = rho_1 rho_2 (or rho_1 alone), over 25 decades in radius or up to `r_max`.

    Parameters
    ----------
    first, second : anything with ``density(r)``
        With `second` left out, f is the density of `first`.
    r_max : Quantity [length], optional
        Where f ends. Left out: the smallest ``r_max`` that `first` and `second` carry, else infinity.

    Returns
    -------
    RadialTable
        In kpc and Msun; for the kernels.

    Raises
    ------
    InputError
        `r_max` is not positive or lies beyond what a profile knows, or f is not positive somewhere inside it.
    ConvergenceError
        f is too rough in ln r for the table.
    """
    sources = [_Source(thing) for thing in (first, second) if thing is not None]
    outer = _outer_radius(sources, r_max)
    l0 = np.log(max(source.first for source in sources))
    l1 = np.log(min(outer, *(source.last for source in sources)))
    if l1 - l0 < 1:
        raise InputError(
            f"r_max = {outer:.3g} kpc lies within {np.exp(l0):.3g} kpc of the centre, in the innermost power law; "
            "give a larger r_max"
        )

    def ln_f(log_r):
        return sum(source.ln_density(log_r) for source in sources)

    for step, accepted in _STEPS:
        edges = np.linspace(l0, l1, int(np.ceil((l1 - l0) / step)) + 1)
        coefficients = _fit(ln_f, edges)
        error, place = _error(ln_f, edges, coefficients)
        if error <= accepted:
            break
    else:
        raise ConvergenceError(
            f"the density is too rough near r = {np.exp(place):.4g} kpc to be integrated (error {error:.1e}, allowed "
            f"{accepted}): smooth the table it comes from, or end it there with r_max"
        )
    return _complete(edges, coefficients, outer)


class _Source:
    """What the table needs of one profile: ln density at ln r, the radii where that is known, and a scale."""

    def __init__(self, thing):
        own = getattr(thing, "r_max", None)
        self.r_max = np.inf if own is None else units.to_internal(own, "length", "r_max", finite=False)
        mixed = thing if isinstance(thing, Daughters) else None
        parents = thing.parent if mixed else thing
        if isinstance(parents, ErgodicDF):
            # a df is tabulated over its halo's radii, and knows no particles outside an energy cut
            profile = parents.profile
            self.first = 1.001 * parents.halo._range[0]
            if parents.halo.energy_cut is not None:
                self.r_max = min(self.r_max, units.to_internal(parents.halo.energy_cut, "length"))
        else:
            profile = as_profile(parents)
            self.first = INNER * profile._scale_radius
        self.last = OUTER * profile._scale_radius
        # daughters interpolate their ratio to the parents, which as_profile's spline of the density would lose
        sampled = mixed is not None or isinstance(parents, ErgodicDF)
        self.ln_density = _sampled(thing) if sampled else lambda log_r: profile._log_density(log_r)[0]


def _sampled(thing):
    def ln_density(log_r):
        density = units.to_internal(thing.density(units.attach(np.exp(log_r), "length")), "density", "density(r)")
        with np.errstate(divide="ignore"):
            return np.log(density)

    return ln_density


def _outer_radius(sources, r_max):
    limit = min(source.r_max for source in sources)
    if r_max is None:
        return limit
    outer = units.to_internal(r_max, "length", "r_max", finite=False)
    if np.ndim(outer) != 0 or not outer > 0:
        raise InputError(f"r_max = {r_max} must be one positive radius (or infinity)")
    if outer > limit * (1 + 1e-12):
        raise InputError(
            f"r_max = {r_max} lies beyond {limit:.6g} kpc, where one of the densities ends; give a smaller r_max, or "
            "leave it out to integrate as far as both are known"
        )
    return min(outer, limit)


def _fit(ln_f, edges):
    middle, half = 0.5 * (edges[:-1] + edges[1:]), 0.5 * np.diff(edges)
    values = ln_f(middle[:, None] + half[:, None] * _NODES)
    if not np.all(np.isfinite(values)):
        i = int(np.argmin(np.all(np.isfinite(values), axis=1)))
        raise InputError(
            f"the density is not positive and finite near r = {np.exp(middle[i]):.4g} kpc; if it ends there, give "
            "r_max inside that radius"
        )
    if np.max(values + 3 * middle[:, None]) > _LARGEST:
        i = int(np.argmax(values[:, -1] + 3 * middle))
        raise InputError(
            f"the density, continued to r = {np.exp(middle[i]):.4g} kpc, would overflow: its slope at the end of its "
            "table is too steep; extend the table, or give r_max"
        )
    return np.ascontiguousarray(values @ _INVERSE.T)


def _error(ln_f, edges, coefficients):
    """Largest error of a cell, as a share of the integral of r^2 f dr up to it, and where it is."""
    middle, half = 0.5 * (edges[:-1] + edges[1:]), 0.5 * np.diff(edges)
    exact = ln_f(middle[:, None] + half[:, None] * _CHECKS)
    off = np.max(np.abs(np.expm1(np.clip(_polynomial(coefficients, _CHECKS) - exact, -50, 50))), axis=1)
    cells = _cell_integrals(edges, coefficients, 3)
    share = cells / np.cumsum(cells)
    worst = int(np.argmax(off * share))
    return off[worst] * share[worst], middle[worst]


def _polynomial(coefficients, t):
    return coefficients @ np.vander(t, DEGREE + 1, increasing=True).T


def _cell_integrals(edges, coefficients, power):
    """Integral of r^power f dln r over each cell."""
    middle, half = 0.5 * (edges[:-1] + edges[1:]), 0.5 * np.diff(edges)
    log_r = middle[:, None] + half[:, None] * _GAUSS_X
    return half * (np.exp(np.minimum(_polynomial(coefficients, _GAUSS_X) + power * log_r, _LARGEST)) @ _GAUSS_W)


def _complete(edges, coefficients, outer):
    half = 0.5 * (edges[1] - edges[0])
    orders = np.arange(DEGREE + 1)
    slope_inner = -float(np.sum(orders * (-1.0) ** (orders + 1) * coefficients[0])) / half
    slope_outer = -float(np.sum(orders * coefficients[-1])) / half
    first = np.exp(_polynomial(coefficients[:1], np.array([-1.0]))[0, 0])
    last = np.exp(_polynomial(coefficients[-1:], np.array([1.0]))[0, 0])
    inside = np.concatenate([[0.0], np.cumsum(_cell_integrals(edges, coefficients, 3))])
    # a cusp of slope 3 or more has infinite mass inside any radius; jfactor refuses it
    inside += first * np.exp(3 * edges[0]) / (3 - slope_inner) if slope_inner < 3 else np.inf
    lines = _cell_integrals(edges, coefficients, 1)
    outside = np.concatenate([np.cumsum(lines[::-1])[::-1], [0.0]])
    if np.isinf(outer):
        outside += last * np.exp(edges[-1]) / (slope_outer - 1) if slope_outer > 1 else np.inf
    return RadialTable(
        l0=float(edges[0]),
        step=float(2 * half),
        ln_f=coefficients,
        inside=inside,
        outside=outside,
        slope_inner=slope_inner,
        slope_outer=slope_outer,
        r_max=float(outer),
    )
