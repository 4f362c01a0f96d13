"""A density, or the product of two, tabulated in ln r for the line-of-sight kernels, to a measured accuracy.

Daughters, and densities times <S>, enter as their ratio to the parents, which may be noisy or zero in places, times the
parents' smooth density.
"""

from collections import Counter

import numpy as np

from halokick import units
from halokick.daughters.result import Daughters
from halokick.errors import ConvergenceError, InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.profiles import as_profile
from halokick.kernels.line_of_sight import DEGREE, RadialTable
from halokick.sky.weighted_density import WeightedDensity

INNER, OUTER = 1e-12, 1e13
"""Ends of the table in scale radii; power laws with the slopes found there continue it."""
_STEPS = ((1 / 4, 3e-10), (1 / 16, 1e-9), (1 / 64, 1e-7), (1 / 256, 1e-4))
"""Cells of ln r, and the error that lets one stop there: that of a cell, over the integral of r^2 f dr inside it.

Closed forms and smooth tables stop at the first or second; an edge or a noisy table needs the third. Beyond the last
it has failed.
"""
_EMPTY = 1e-2
"""Share of the mean factor below which the centre counts as empty."""
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
    sources = [_Source(first)] + ([] if second is None else [_Source(second)])
    outer = _outer_radius(sources, r_max)
    l0 = np.log(max(source.first for source in sources))
    l1 = np.log(min(outer, *(source.last for source in sources)))
    if l1 - l0 < 1:
        raise InputError(
            f"r_max = {outer:.3g} kpc lies within {np.exp(l0):.3g} kpc of the centre, in the innermost power law; "
            "give a larger r_max"
        )

    # parents and their daughters share the parents' density, which can be costly
    shared = {source.smooth: source.ln_density for source in sources}
    times = Counter(source.smooth for source in sources)

    def ln_f(log_r):
        return sum(times[smooth] * ln_density(log_r) for smooth, ln_density in shared.items())

    def factor(log_r):
        product = np.ones_like(log_r)
        for source in sources:
            product *= source.ratio(log_r)
        return product

    for step, accepted in _STEPS:
        edges = np.linspace(l0, l1, int(np.ceil((l1 - l0) / step)) + 1)
        cells = _Cells(edges, ln_f, factor)
        error, place = cells.error(ln_f, factor)
        if error <= accepted:
            break
    else:
        raise ConvergenceError(
            f"the density is too rough near r = {np.exp(place):.4g} kpc to be integrated (error {error:.1e}, allowed "
            f"{accepted}): smooth the table it comes from, or end it there with r_max"
        )
    return cells.table(outer)


class _Source:
    """What the table needs of one profile: ln density and ratio at ln r, and the radii where they are known."""

    def __init__(self, thing):
        own = getattr(thing, "r_max", None)
        self.r_max = np.inf if own is None else units.to_internal(own, "length", "r_max", finite=False)
        self.ratio = np.ones_like
        parents = thing
        if isinstance(thing, (Daughters, WeightedDensity)):
            parents = thing.parent
            self.ratio = lambda log_r: np.asarray(thing.ratio(units.attach(np.exp(log_r), "length")))
        self.smooth = id(parents)
        if isinstance(parents, ErgodicDF):
            # a df is tabulated over its halo's radii, and knows no particles outside an energy cut
            profile = parents.profile
            self.first = 1.001 * parents.halo._range[0]
            if parents.halo.energy_cut is not None:
                self.r_max = min(self.r_max, units.to_internal(parents.halo.energy_cut, "length"))
            self.ln_density = _sampled(parents)
        else:
            profile = as_profile(parents)
            self.first = INNER * profile._scale_radius
            self.ln_density = lambda log_r: profile._log_density(log_r)[0]
        self.last = OUTER * profile._scale_radius


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


class _Cells:
    """Polynomials of ln f and of the factor in every cell, and integrals over them."""

    def __init__(self, edges, ln_f, factor):
        self.edges = edges
        self.middle, self.half = 0.5 * (edges[:-1] + edges[1:]), 0.5 * np.diff(edges)
        values = ln_f(self._at(_NODES))
        if not np.all(np.isfinite(values)):
            i = int(np.argmin(np.all(np.isfinite(values), axis=1)))
            raise InputError(
                f"the density is not positive and finite near r = {np.exp(self.middle[i]):.4g} kpc; if it ends there, "
                "give r_max inside that radius"
            )
        if np.max(values + 3 * self.middle[:, None]) > _LARGEST:
            i = int(np.argmax(values[:, -1] + 3 * self.middle))
            raise InputError(
                f"the density, continued to r = {np.exp(self.middle[i]):.4g} kpc, would overflow: its slope at the end "
                "of its table is too steep; extend the table, or give r_max"
            )
        self.ln_f = np.ascontiguousarray(values @ _INVERSE.T)
        self.factor = np.ascontiguousarray(factor(self._at(_NODES)) @ _INVERSE.T)

    def _at(self, t):
        return self.middle[:, None] + self.half[:, None] * t

    def _integrals(self, power, factor):
        """Integral of r^power factor f dln r over each cell."""
        ln_f = np.minimum(_polynomial(self.ln_f, _GAUSS_X) + power * self._at(_GAUSS_X), _LARGEST)
        return self.half * ((_polynomial(factor, _GAUSS_X) * np.exp(ln_f)) @ _GAUSS_W)

    def error(self, ln_f, factor):
        """Largest error of a cell, as a share of the integral of r^2 f dr up to it, and where it is."""
        if not np.any(self.factor):
            # daughters of which none stays: zero everywhere, without an error
            return 0.0, self.middle[0]
        places = self._at(_CHECKS)
        grown = np.exp(np.clip(_polynomial(self.ln_f, _CHECKS) - ln_f(places), -50, 50))
        off = np.max(np.abs(grown * _polynomial(self.factor, _CHECKS) - factor(places)), axis=1)
        whole = self._integrals(3, _constant(len(off)))
        inside, smooth = np.cumsum(self._integrals(3, self.factor)), np.cumsum(whole)
        # where next to nothing is left inside, what the mean factor would leave there
        share = whole / np.maximum(inside, _EMPTY * smooth * inside[-1] / smooth[-1])
        worst = int(np.argmax(off * share))
        return off[worst] * share[worst], self.middle[worst]

    def table(self, outer):
        first, slope_inner = self._end(0, -1.0)
        last, slope_outer = self._end(-1, 1.0)
        inside = np.concatenate([[0.0], np.cumsum(self._integrals(3, self.factor))])
        # a cusp of slope 3 or more has infinite mass inside any radius; jfactor refuses it
        inside += first * np.exp(3 * self.edges[0]) / (3 - slope_inner) if slope_inner < 3 else np.inf
        outside = np.concatenate([np.cumsum(self._integrals(1, self.factor)[::-1])[::-1], [0.0]])
        if np.isinf(outer):
            outside += last * np.exp(self.edges[-1]) / (slope_outer - 1) if slope_outer > 1 else np.inf
        return RadialTable(
            l0=float(self.edges[0]),
            step=float(2 * self.half[0]),
            ln_f=self.ln_f,
            factor=self.factor,
            inside=inside,
            outside=outside,
            slope_inner=float(slope_inner),
            slope_outer=float(slope_outer),
            r_max=float(outer),
        )

    def _end(self, i, t):
        """Value of f and -dln f/dln r at one end of the table."""
        at = np.array([t])
        ln_f, factor = (_polynomial(c[i : i + 1 or None], at)[0, 0] for c in (self.ln_f, self.factor))
        rise, turn = (_polynomial(_derivative(c[i : i + 1 or None]), at)[0, 0] for c in (self.ln_f, self.factor))
        slope = -(rise + (turn / factor if factor > 0 else 0.0)) / self.half[i]
        return factor * np.exp(ln_f), slope


def _polynomial(coefficients, t):
    return coefficients @ np.vander(t, coefficients.shape[1], increasing=True).T


def _derivative(coefficients):
    return coefficients[:, 1:] * np.arange(1, coefficients.shape[1])


def _constant(cells):
    return np.eye(1, DEGREE + 1).repeat(cells, axis=0)
