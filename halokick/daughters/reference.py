r"""What densities of daughters are compared with between tabulated radii: the parents' density, made nowhere steep.

Daughters fill the outskirts of a truncated halo, where parents end: :math:`\rho_k/\rho` then rises by hundreds of
e-folds, and neither interpolates between radii nor is constant inside a bin. Where the parents fall faster than any
daughters do, they are therefore replaced by a fall of bounded slope.
"""

import itertools

import numpy as np
from scipy.interpolate import make_interp_spline

from halokick import units

_STEEP = 5.0
"""Slope -dln rho/dln r up to which the parents themselves are the reference; NFW has 3, unbounded energies 4."""
_STEEPEST, _SHARPNESS = 6.0, 4
"""Bound of the slope elsewhere, s / (1 + (s/6)^4)^(1/4): a bend as wide as the radii of a table resolve."""
_STEP = 0.01
_NODES, _PIECE = 8, 0.05
_X, _W = np.polynomial.legendre.leggauss(_NODES)
_FALL = 2.5
"""Of edges, per e-fold in r: what an outer cut leaves over what it leaves far inside is then even to a fifth in the
last e-fold for kicks from 20 to 100 km/s in NFW, Hernquist and Burkert haloes, mostly to a tenth."""
_NEAREST = 1e-3
"""In ln r: closer to an edge the parents' density, its fall taken off, goes on as a power law."""


def edge_fall(log_r, log_edge):
    """How a density of particles of bounded energy ends at an edge: as the 3/2 power of the distance; 1 far inside."""
    if np.isinf(log_edge):
        return np.ones(np.shape(log_r))
    return (-np.expm1(-_FALL * np.maximum(log_edge - log_r, 0.0))) ** 1.5


class Reference:
    """A smooth density to which that of daughters has a slowly varying ratio.

    Parameters
    ----------
    parent : anything with ``density(r)``
    log_low, log_high : float
        Where it is needed, ln(r/kpc).
    log_edge : float
        Where daughters end; infinite without a cut.
    parents_end : bool
        Whether the parents' own density ends there.

    Attributes
    ----------
    is_parent : bool
        Whether it is the parents' density, up to the fall before the edge if only daughters end there.
    """

    def __init__(self, parent, log_low, log_high, log_edge=np.inf, *, parents_end=False):
        self._parent, self._log_low = parent, float(log_low)
        self._log_edge, self._parents_end = float(log_edge), bool(parents_end) and np.isfinite(log_edge)
        last = min(float(log_high), self._log_edge - _NEAREST)
        log_r = np.linspace(self._log_low, last, max(int(np.ceil((last - self._log_low) / _STEP)), 8) + 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_density = np.log(self._parents(log_r))
            if self._parents_end:
                log_density -= np.log(edge_fall(log_r, self._log_edge))
            slope = -np.diff(log_density) / np.diff(log_r)
        # a density that underflows falls as steeply as any
        slope = np.where(np.isnan(slope), np.inf, slope)
        self.is_parent = bool(np.max(slope) <= _STEEP)
        if not self.is_parent:
            bounded = _STEEPEST / (1 + (_STEEPEST / np.maximum(np.abs(slope), 1e-9)) ** _SHARPNESS) ** (1 / _SHARPNESS)
            steps = np.copysign(bounded, slope) * np.diff(log_r)
            values = log_density[0] - np.concatenate([[0.0], np.cumsum(steps)])
            self._spline, self._last = make_interp_spline(log_r, values, k=3), last

    def _parents(self, log_r):
        return np.asarray(units.to_internal(self._parent.density(units.attach(np.exp(log_r), "length")), "density"))

    def density(self, log_r):
        """The reference [Msun/kpc^3] at ln(r/kpc); that of the parents inside its range."""
        log_r = np.asarray(log_r, dtype=float)
        if self.is_parent:
            density = self._parents(log_r)
            return density if self._parents_end else density * edge_fall(log_r, self._log_edge)
        beyond = np.maximum(log_r - self._last, 0.0)
        here = np.clip(log_r, self._log_low, self._last)
        density = np.exp(self._spline(here) + self._spline(self._last, 1) * beyond)
        inside = log_r < self._log_low
        if np.any(inside):
            density = np.array(density)
            density[inside] = self._parents(log_r[inside])
            if self._parents_end:
                density[inside] /= edge_fall(log_r[inside], self._log_edge)
        return density * edge_fall(log_r, self._log_edge)

    def masses(self, log_edges):
        """Mass of the reference between consecutive ln radii [Msun]."""
        out = np.empty(len(log_edges) - 1)
        for j, (low, high) in enumerate(itertools.pairwise(log_edges)):
            ends = np.linspace(low, high, int(np.ceil((high - low) / _PIECE)) + 1)
            half = 0.5 * np.diff(ends)[:, None]
            nodes = ends[:-1, None] + half * (1 + _X)
            out[j] = np.sum(half * _W * self.density(nodes.ravel()).reshape(nodes.shape) * np.exp(3 * nodes))
        return 4 * np.pi * out
