"""A density, or the product of two, tabulated in ln r for the line-of-sight kernels, to a measured accuracy."""

import numpy as np

from halokick import units
from halokick.daughters.result import Daughters
from halokick.errors import ConvergenceError, InputError
from halokick.halo.profiles import as_profile
from halokick.kernels.line_of_sight import DEGREE, RadialTable

INNER, OUTER = 1e-9, 1e13
"""Ends of the table in scale radii; power laws with the slopes found there continue it."""
_STEPS = (1 / 4, 1 / 16, 1 / 64, 1 / 256)
_WANTED, _ACCEPTED = 1e-11, 1e-5
"""Error of a cell's share of the integral of r^2 f dr inside it: where refining stops, and where it has failed."""
_NODES = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
_INVERSE = np.linalg.inv(np.vander(_NODES, DEGREE + 1, increasing=True))
_CHECKS = np.array([-0.89, -0.35, 0.1, 0.72])
_GAUSS_X, _GAUSS_W = np.polynomial.legendre.leggauss(12)


def radial_table(first, second=None, r_max=None):
    """Tabulate ln f, f = rho_1 rho_2 (or rho_1 alone), over 22 decades in radius or up to `r_max`.

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
    sources = [_source(thing) for thing in (first, second) if thing is not None]
    outer = _outer_radius(sources, r_max)
    l0 = np.log(INNER * max(source.scale for source in sources))
    l1 = min(np.log(OUTER * min(source.scale for source in sources)), np.log(outer))
    if l1 - l0 < 1:
        raise InputError(
            f"r_max = {outer:.3g} kpc lies within {np.exp(l0):.3g} kpc of the centre, in the innermost power law; "
            "give a larger r_max"
        )

    def ln_f(log_r):
        return sum(source.ln_density(log_r) for source in sources)

    for step in _STEPS:
        edges = np.linspace(l0, l1, int(np.ceil((l1 - l0) / step)) + 1)
        coefficients = _fit(ln_f, edges)
        error, place = _error(ln_f, edges, coefficients)
        if error < _WANTED:
            break
    if error > _ACCEPTED:
        raise ConvergenceError(
            f"the density is too rough near r = {np.exp(place):.4g} kpc to be integrated (error {error:.1e}, allowed "
            f"{_ACCEPTED}): smooth the table it comes from, or end it there with r_max"
        )
    return _complete(edges, coefficients, outer)


class _source:
    """What the table needs of one profile: ln density at ln r, a scale radius, and where it ends."""

    def __init__(self, thing):
        self.r_max = getattr(thing, "r_max", None)
        # daughters interpolate their ratio to the parents, which as_profile's spline of the density would lose
        if isinstance(thing, Daughters):
            self.scale = as_profile(thing.parent)._scale_radius
            self.ln_density = lambda log_r: _ln_sampled(thing, log_r)
        else:
            profile = as_profile(thing)
            self.scale = profile._scale_radius
            self.ln_density = lambda log_r: profile._log_density(log_r)[0]


def _ln_sampled(thing, log_r):
    density = units.to_internal(thing.density(units.attach(np.exp(log_r), "length")), "density", "density(r)")
    with np.errstate(divide="ignore"):
        return np.log(density)


def _outer_radius(sources, r_max):
    known = [
        units.to_internal(source.r_max, "length", "r_max", finite=False)
        for source in sources
        if source.r_max is not None
    ]
    limit = min(known, default=np.inf)
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
    """Integral of r^power f dln r over each cell, free of overflow for any amplitude of f."""
    middle, half = 0.5 * (edges[:-1] + edges[1:]), 0.5 * np.diff(edges)
    log_r = middle[:, None] + half[:, None] * _GAUSS_X
    return half * (np.exp(_polynomial(coefficients, _GAUSS_X) + power * log_r) @ _GAUSS_W)


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
