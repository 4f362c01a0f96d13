"""Any kick-speed law, given as a table."""

from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.decay.kick_base import LARGEST_SPEED, ContinuousKick, checked_count, set_fields
from halokick.decay.speed_law import gauss_rule
from halokick.errors import InputError
from halokick.units import Quantity


@dataclass(frozen=True, eq=False)
class TabulatedKick(ContinuousKick):
    """Any kick-speed distribution, as a table: P(k) linear between the points, zero outside, normalised here.

    Parameters
    ----------
    speed : Quantity [speed], shape (n,)
        Strictly increasing, from 0 to 0.1 c, n >= 2.
    pdf_values : array or Quantity [1/speed], shape (n,)
        Relative heights, not negative and not all zero.

    Raises
    ------
    InputError
        A table that is no distribution.
    """

    speed: Quantity
    pdf_values: np.ndarray

    def __post_init__(self):
        # copies: the caller may go on changing the arrays that were given
        k = np.array(units.to_internal(self.speed, "speed", "speed"), ndmin=1)
        heights = self.pdf_values
        if getattr(heights, "unit", None) is not None and not heights.unit.is_equivalent(""):
            heights = heights * units.attach(1.0, "speed")
        p = np.array(units.to_internal(heights, "dimensionless", "pdf_values (times a speed)"), ndmin=1)
        if k.ndim != 1 or k.size < 2 or k.shape != p.shape:
            raise InputError(f"speed and pdf_values have shapes {k.shape} and {p.shape}; give two lists of one length")
        if k[0] < 0 or np.any(np.diff(k) <= 0) or k[-1] > LARGEST_SPEED:
            raise InputError(f"speed runs from {k[0]:.6g} to {k[-1]:.6g} km/s; it must increase from >= 0 to <= 0.1 c")
        if np.any(p < 0) or not np.any(p > 0):
            raise InputError("pdf_values must not be negative, and not all zero: remove or correct those points")
        pieces = 0.5 * (p[1:] + p[:-1]) * np.diff(k)
        heights, p = p, p / np.sum(pieces)
        below = np.concatenate([[0.0], np.cumsum(pieces / np.sum(pieces))])
        speed = units.attach(k, "speed")
        for array in (k, heights, p, below, speed):
            array.setflags(write=False)
        set_fields(self, speed=speed, pdf_values=heights, _k=k, _p=p, _below=below)

    @property
    def label(self):
        """Short name for tables and legends."""
        return f"table of {self._k.size}, up to {self._k[-1]:.4g} km/s"

    def to_config(self):
        """Law and arguments, as text and numbers."""
        return {
            "law": "tabulated",
            "speed": [f"{float(k)!r} km / s" for k in self._k],
            "pdf_values": [float(p) for p in self.pdf_values],
        }

    def _rule(self, nodes):
        x, w = np.polynomial.legendre.leggauss(2 * nodes + 1)  # exact for P(k) k^(4 nodes - 2) on each piece
        start, width = self._k[:-1, None], np.diff(self._k)[:, None]
        k = (start + 0.5 * width * (1 + x)).ravel()
        squares, weights = gauss_rule(k**2, (width * w).ravel() * self._pdf(k), nodes)
        return np.sqrt(squares), weights

    def sample(self, n, rng):
        """Random speeds; see `KickDistribution.sample`."""
        share = rng.random(checked_count(n, "n", 0))
        piece = np.clip(np.searchsorted(self._below, share, side="right") - 1, 0, self._k.size - 2)
        width = np.diff(self._k)[piece]
        low, rise = self._p[piece], np.diff(self._p)[piece] / width
        rest = share - self._below[piece]
        # the root of low t + rise t^2/2 = rest that stays finite for a flat piece
        root = np.sqrt(np.maximum(low**2 + 2 * rise * rest, 0.0))
        step = np.divide(2 * rest, low + root, out=np.zeros_like(rest), where=low + root > 0)
        return self._k[piece] + np.clip(step, 0.0, width)

    @property
    def max_speed(self):
        """Quantity [speed] : largest kick."""
        return units.attach(self._breaks[-1], "speed")

    @property
    def _breaks(self):
        return self._k

    def _piece(self, speed):
        return np.clip(np.searchsorted(self._k, speed, side="right") - 1, 0, self._k.size - 2)

    def _pdf(self, speed):
        return np.interp(speed, self._k, self._p, left=0.0, right=0.0)

    def _cdf(self, speed):
        inside = np.clip(speed, self._k[0], self._k[-1])
        piece = self._piece(inside)
        part = 0.5 * (inside - self._k[piece]) * (self._p[piece] + self._pdf(inside))
        return np.clip(self._below[piece] + part, 0.0, 1.0)

    def _inverse_tail(self, speed):
        k, p = self._k, self._p
        slope = np.diff(p) / np.diff(k)
        level = p[:-1] - slope * k[:-1]

        def from_to(piece, low, high):
            # a table that starts at rest with P > 0 has a logarithm there, which a panel rule never touches
            low = np.maximum(low, 1e-300)
            return slope[piece] * (high - low) + level[piece] * np.log(high / low)

        pieces = np.arange(k.size - 1)
        above = np.append(np.cumsum(from_to(pieces, k[:-1], k[1:])[::-1])[::-1], 0.0)
        inside = np.clip(speed, k[0], k[-1])
        piece = self._piece(inside)
        return from_to(piece, inside, k[piece + 1]) + above[piece + 1]
