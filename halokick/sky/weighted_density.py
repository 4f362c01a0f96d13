"""A density times the mean of a factor of the relative speed, as a profile for every J-factor."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import PchipInterpolator, make_interp_spline

from halokick import units

_CROWDED = 1 / 3
"""Nodes that are so much closer than the ones before are there for a steep fall: splines through both would ring."""
_DEGREE = 5


@dataclass(frozen=True, eq=False)
class WeightedDensity:
    """Density of annihilation partners times <S>(r); whatever takes a density takes it.

    What is interpolated in ln r is its logarithm over the parents' density, which takes cusps and the fall to a cut
    away: by a quintic spline where nodes are evenly spaced, monotonically in between where they crowd before an edge.

    Attributes
    ----------
    radius : Quantity [length], shape (n,)
    values : Quantity [density], shape (n,)
        Not negative; radii without pairs are left out.
    r_max : Quantity [length]
        Nothing is left outside, unless it is the last radius.
    factor : str
    parent : object
        With ``density(r)``.
    """

    radius: object
    values: object
    r_max: object
    factor: str
    parent: object

    def density(self, r):
        """Density times <S>: Quantity [density], shape of `r`; power laws times the parents' beyond the table."""
        radius = np.asarray(units.to_internal(r, "length", "r"))
        ratio = self.ratio(r)
        some = ratio > 0
        # where nothing is left any radius will do
        return units.attach(ratio * self._parents(np.where(some, radius, self._nodes[0])), "density")

    def ratio(self, r):
        """What this is over the parents' density: ndarray, shape of `r`."""
        radius = np.asarray(units.to_internal(r, "length", "r"))
        if self._curve is None:
            return np.zeros(radius.shape)
        return np.where(radius < self._end, self._curve(np.log(radius)), 0.0)

    def _parents(self, radius):
        return np.asarray(units.to_internal(self.parent.density(units.attach(radius, "length")), "density"))

    @cached_property
    def _nodes(self):
        return np.asarray(units.to_internal(self.radius, "length"))

    @cached_property
    def _end(self):
        end = float(units.to_internal(self.r_max, "length", finite=False))
        return end if end > self._nodes[-1] else np.inf

    @cached_property
    def _curve(self):
        values = np.asarray(units.to_internal(self.values, "density", finite=False))
        some = values > 0
        if np.count_nonzero(some) < 2:
            return None
        r = self._nodes[some]
        return _Curve(np.log(r), np.log(values[some] / self._parents(r)))


class _Curve:
    """exp of a function of ln r through nodes; the power laws of its ends go on outside."""

    def __init__(self, log_r, log_values):
        steps = np.diff(log_r)
        crowded = np.flatnonzero(steps[1:] < _CROWDED * steps[:-1])
        even = crowded[0] + 2 if len(crowded) else len(log_r)
        self._monotone = PchipInterpolator(log_r, log_values)
        self._join = log_r[even - 1] if even > _DEGREE else -np.inf
        self._smooth = make_interp_spline(log_r[:even], log_values[:even], k=_DEGREE) if even > _DEGREE else None
        self._first, self._last = log_r[0], log_r[-1]

    def __call__(self, log_r):
        inside = np.clip(log_r, self._first, self._last)
        value = self._at(inside)
        slopes = self._slope(self._first), self._slope(self._last)
        return np.exp(value + np.where(log_r < self._first, slopes[0], slopes[1]) * (log_r - inside))

    def _at(self, log_r):
        monotone = self._monotone(log_r)
        if self._smooth is None:
            return monotone
        return np.where(log_r <= self._join, self._smooth(np.minimum(log_r, self._join)), monotone)

    def _slope(self, log_r):
        if self._smooth is not None and log_r <= self._join:
            return float(self._smooth(log_r, 1))
        return float(self._monotone(log_r, 1))
