"""A distribution of relative speeds on panels: a polynomial on each, and two powers of speed towards zero."""

import numpy as np

from halokick.sky.speed_nodes import unit_gauss

ORDER = 16
"""Gauss nodes of a panel, and of the polynomial through them."""
_LEGENDRE = np.polynomial.legendre
_X, _W = unit_gauss(ORDER)
_TO_COEFFICIENTS = np.linalg.inv(_LEGENDRE.legvander(2 * _X - 1, ORDER - 1))


def target_edges(largest, octaves, kicks):
    """Panel edges [km/s] for speeds of a whole target: octaves and half octaves, closer around the kick."""
    edges = [largest * 2.0**-j for j in range(3, octaves + 1)]
    edges += [largest * 2.0 ** (-0.5 * j) for j in range(6)]
    reach = range(1, 7) if len(kicks) == 1 else range(1, 2)
    for k in kicks:
        edges += [k] + [k * (1 + sign * 2.0**-j) for j in reach for sign in (-1, 1)]
    edges = np.unique([edge for edge in edges if edge <= largest])
    # a panel narrower than a thousandth resolves nothing more
    return edges[np.append(True, np.diff(edges) > 1e-3 * edges[1:])]


def panel_nodes(edges):
    """Gauss nodes and weights of all panels between `edges`, flat."""
    width = np.diff(edges)
    return (edges[:-1, None] + width[:, None] * _X).ravel(), (width[:, None] * _W).ravel()


class SpeedPanels:
    """P(v) between edges[0] and edges[-1] as polynomials; below, v^power of a cusp and v^2 of all that is warmer.

    The two terms share value and slope with the first polynomial.

    Parameters
    ----------
    edges : ndarray, shape (panels + 1,)
    values : ndarray, shape (panels * ORDER,)
        At `panel_nodes(edges)`.
    power : float
        Above -1.
    """

    def __init__(self, edges, values, power):
        self.edges = np.asarray(edges)
        self.power = float(power)
        self.coefficients = values.reshape(-1, ORDER) @ _TO_COEFFICIENTS.T
        self.first = float(_LEGENDRE.legval(-1.0, self.coefficients[0]))
        rise = 2 * _LEGENDRE.legval(-1.0, _LEGENDRE.legder(self.coefficients[0])) / (self.edges[1] - self.edges[0])
        self.cusp = 1.0
        if self.power < 1.99 and self.first > 0:
            self.cusp = (2 - self.edges[0] * rise / self.first) / (2 - self.power)
        v, w = panel_nodes(self.edges)
        z, wz = unit_gauss(2 * ORDER)
        # v = v_1 z^m makes v^(power - 1) and steeper factors regular
        m = np.clip(np.ceil(4 / (self.power + 1e-9)), 4, 40) if self.power > 0 else 40.0
        low = self.edges[0] * z**m
        low_weight = self.edges[0] * m * z ** (m - 1) * wz
        self.speeds = np.concatenate([low, v])
        self.weights = np.concatenate([low_weight * self._below(z**m), w * values])
        whole = np.sum(w.reshape(-1, ORDER) * values.reshape(-1, ORDER), axis=1)
        slow = self.first * self.edges[0] * (self.cusp / (self.power + 1) + (1 - self.cusp) / 3)
        self.cumulated = np.concatenate([[slow], whole]).cumsum()

    def _below(self, x):
        """P at x = v/edges[0] below 1."""
        return self.first * (self.cusp * x**self.power + (1 - self.cusp) * x * x)

    @property
    def total(self):
        """Integral of P over all speeds."""
        return self.cumulated[-1]

    def __call__(self, v):
        """P at speeds [km/s]; zero beyond the last edge."""
        v = np.asarray(v, dtype=float)
        i = np.clip(np.searchsorted(self.edges, v, side="right") - 1, 0, len(self.edges) - 2)
        low, high = self.edges[i], self.edges[i + 1]
        t = np.clip(2 * (v - low) / (high - low) - 1, -1, 1)
        inside = _clenshaw(self.coefficients, i, t)
        with np.errstate(divide="ignore"):
            below = self._below(np.clip(v / self.edges[0], 0.0, 1.0))
        return np.where(v >= self.edges[-1], 0.0, np.where(v < self.edges[0], below, inside))

    def integral(self, factor, sharp=()):
        """Integral of P(v) factor(v) dv; `sharp` are speeds between which the factor is smooth."""
        sharp = [edge for edge in sharp if 0 < edge < self.edges[-1]]
        if not sharp:
            return float(self.weights @ factor(self.speeds))
        edges = np.unique(np.concatenate([self.edges, sharp]))
        lowest = edges[0]
        v, w = panel_nodes(edges)
        total = float((w * self(v)) @ factor(v))
        z, wz = unit_gauss(2 * ORDER)
        m = 8
        v = lowest * z**m
        return total + float((lowest * m * z ** (m - 1) * wz * self(v)) @ factor(v))

    def quantile(self, share):
        """Speed below which a share of the pairs is."""
        target = share * self.total
        if target <= self.cumulated[0]:
            return float(self.edges[0] * (target / self.cumulated[0]) ** (1 / (self.power + 1)))
        i = int(np.clip(np.searchsorted(self.cumulated, target) - 1, 0, len(self.edges) - 2))
        low, high = self.edges[i], self.edges[i + 1]
        rise = _LEGENDRE.legint(self.coefficients[i], lbnd=-1) * 0.5 * (high - low)
        left, right, need = -1.0, 1.0, target - self.cumulated[i]
        for _ in range(60):
            middle = 0.5 * (left + right)
            if _LEGENDRE.legval(middle, rise) < need:
                left = middle
            else:
                right = middle
        return float(low + 0.5 * (left + 1) * (high - low))


def _clenshaw(coefficients, i, t):
    later, latest = np.zeros_like(t), np.zeros_like(t)
    for j in range(ORDER - 1, 0, -1):
        later, latest = (
            coefficients[i, j] + (2 * j + 1) / (j + 1) * t * later - (j + 1) / (j + 2) * latest,
            later,
        )
    return coefficients[i, 0] + t * later - 0.5 * latest
