"""Numerical tools of the kick-speed laws: Gauss rules of any measure, and a law known only by its values.

Speeds are floats in km/s here. Nothing in this file knows where a law comes from.
"""

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.special import expit

_STEP, _REACH = 0.1, 3.2
_T = np.arange(-round(_REACH / _STEP), round(_REACH / _STEP) + 1) * _STEP
_PANEL_X = expit(np.pi * np.sinh(_T))
_PANEL_W = _STEP * np.pi * np.cosh(_T) * _PANEL_X * (1 - _PANEL_X)
_PANEL_W = _PANEL_W / np.sum(_PANEL_W)
"""tanh-sinh rule on [0, 1]: integrable logarithms and powers at either end cost no accuracy."""

_ORDER = 12
_LOCAL, _LOCAL_W = np.polynomial.legendre.leggauss(_ORDER)
_PROJECT = (np.arange(_ORDER) + 0.5)[:, None] * np.polynomial.legendre.legvander(_LOCAL, _ORDER - 1).T * _LOCAL_W
_HALVINGS = 20
_CELLS = 16


def gauss_rule(points, weights, nodes):
    r"""Gauss rule of a discrete measure: integrates every polynomial up to degree 2 `nodes` - 1 as the measure does.

    Lanczos' process on the diagonal matrix of the points, with full reorthogonalisation, gives the Jacobi matrix of
    the measure; its eigenvalues are the nodes and the squared first components of its eigenvectors the weights, which
    are therefore positive (Golub & Welsch 1969; Gautschi 2004, "Orthogonal Polynomials", sec. 2.2.3).

    Parameters
    ----------
    points, weights : ndarray, shape (n,)
        The measure; weights not negative.
    nodes : int

    Returns
    -------
    points, weights : ndarray, shape (nodes,) or fewer if the measure has fewer points; the weights sum to 1.
    """
    weights = weights / np.sum(weights)
    points, weights = points[weights > 0], weights[weights > 0]
    if points.size <= nodes:
        order = np.argsort(points)
        return points[order], weights[order]
    scale = np.max(np.abs(points))
    basis = np.empty((nodes, points.size))
    diagonal, side = np.empty(nodes), np.empty(nodes)
    basis[0] = np.sqrt(weights)
    used = nodes
    for j in range(nodes):
        rest = points / scale * basis[j]
        diagonal[j] = rest @ basis[j]
        for _ in range(2):  # the second pass removes what rounding left of the first
            rest = rest - (basis[: j + 1] @ rest) @ basis[: j + 1]
        side[j] = np.sqrt(rest @ rest)
        if side[j] < 1e-13:  # the measure has no more distinct points
            used = j + 1
            break
        if j + 1 < nodes:
            basis[j + 1] = rest / side[j]
    found, vectors = eigh_tridiagonal(diagonal[:used], side[: used - 1])
    found_weights = vectors[0] ** 2
    return found * scale, found_weights / np.sum(found_weights)


def panel_rule(edges):
    """Nodes and weights of the integral over [edges[0], edges[-1]], split at every edge (tanh-sinh in each panel)."""
    start, width = edges[:-1, None], np.diff(edges)[:, None]
    return (start + width * _PANEL_X).ravel(), (width * _PANEL_W).ravel()


def merge_edges(edges, lowest, highest):
    """Sorted distinct edges inside [lowest, highest], both ends included; those too close to tell apart are joined."""
    inside = np.unique(np.clip(np.concatenate([np.ravel(edges), [lowest, highest]]), lowest, highest))
    keep = np.concatenate([[True], np.diff(inside) > 1e-12 * highest])
    merged = inside[keep]
    merged[-1] = highest
    return merged


class SpeedLaw:
    r"""A speed distribution from values of :math:`P(k)/k`, as Legendre series on panels that crowd at every edge.

    Parameters
    ----------
    edges : ndarray
        Ends of the support and every speed where the law is not smooth [km/s].
    over_speed : callable
        P(k)/k for an array of speeds, in any normalisation; called inside the panels, never on an edge.
    pieces : int
        Least number of equal panels over the whole support.

    Attributes
    ----------
    total : float
        The integral of P before it was divided by it: tells the caller how well the panels resolve the law.
    """

    def __init__(self, edges, over_speed, pieces=1):
        self._edges = _graded(edges, pieces)
        self._half = 0.5 * np.diff(self._edges)
        middle = 0.5 * (self._edges[1:] + self._edges[:-1])
        self.nodes = middle + self._half * _LOCAL[:, None]
        self.node_weights = self._half * _LOCAL_W[:, None]
        values = np.asarray(over_speed(self.nodes.ravel()), dtype=float).reshape(self.nodes.shape)
        self.total = float(np.sum(self.node_weights * self.nodes * values))
        values = values / self.total
        self._density = values * self.nodes
        self._pdf_series = _PROJECT @ self._density
        self._cdf_series, self._cdf_start = self._primitive(self._pdf_series)
        self._tail_series, self._tail_start = self._primitive(_PROJECT @ values)
        self._grid = self._inversion_grid()

    def _primitive(self, series):
        raised = np.polynomial.legendre.legint(series, lbnd=-1, axis=0) * self._half
        steps = np.polynomial.legendre.legval(1.0, raised)
        return raised, np.concatenate([[0.0], np.cumsum(steps)])

    def _inversion_grid(self):
        fractions = np.linspace(0, 1, _CELLS, endpoint=False)
        speeds = (self._edges[:-1, None] + 2 * self._half[:, None] * fractions).ravel()
        speeds = np.append(speeds, self._edges[-1])
        return speeds, np.maximum.accumulate(self.cdf(speeds))

    def _local(self, speed):
        inside = np.clip(speed, self._edges[0], self._edges[-1])
        panel = np.clip(np.searchsorted(self._edges, inside, side="right") - 1, 0, len(self._half) - 1)
        return panel, (inside - self._edges[panel]) / self._half[panel] - 1

    def _sum(self, series, panel, local):
        return np.polynomial.legendre.legval(local, series[:, panel], tensor=False)

    def pdf(self, speed):
        """P(k) [s/km]; zero outside the support."""
        panel, local = self._local(speed)
        inside = (speed >= self._edges[0]) & (speed <= self._edges[-1])
        return np.where(inside, np.maximum(self._sum(self._pdf_series, panel, local), 0.0), 0.0)

    def cdf(self, speed):
        """Share of speeds below `speed`."""
        panel, local = self._local(speed)
        return np.clip(self._cdf_start[panel] + self._sum(self._cdf_series, panel, local), 0.0, 1.0)

    def inverse_tail(self, speed):
        """Integral of P(k)/k from `speed` upwards [s/km]."""
        panel, local = self._local(speed)
        below = self._tail_start[panel] + self._sum(self._tail_series, panel, local)
        return np.maximum(self._tail_start[-1] - below, 0.0)

    def moment(self, power):
        """Mean of k^power."""
        return float(np.sum(self.node_weights * self._density * self.nodes**power))

    def quantile(self, share):
        """Speed below which a given share lies: Newton's method inside a bracket, bisection where it would leave it."""
        speeds, below = self._grid
        cell = np.clip(np.searchsorted(below, share, side="right") - 1, 0, len(speeds) - 2)
        low, high = speeds[cell], speeds[cell + 1]
        k = 0.5 * (low + high)
        open_ones = np.arange(k.size)
        for _ in range(60):
            here, lower, upper = k[open_ones], low[open_ones], high[open_ones]
            excess = self.cdf(here) - share[open_ones]
            lower, upper = np.where(excess < 0, here, lower), np.where(excess < 0, upper, here)
            slope = self.pdf(here)
            step = np.divide(excess, slope, out=np.full_like(here, np.inf), where=slope > 0)
            guess = here - step
            new = np.where((guess > lower) & (guess < upper), guess, 0.5 * (lower + upper))
            k[open_ones], low[open_ones], high[open_ones] = new, lower, upper
            open_ones = open_ones[np.abs(new - here) > 1e-12 * self._edges[-1]]
            if open_ones.size == 0:
                break
        return k


def _graded(edges, pieces):
    """Panels that halve towards every edge, so that a logarithm or a root there is resolved too."""
    edges = np.asarray(edges, dtype=float)
    near = 0.5 ** np.arange(_HALVINGS, 0, -1)
    fractions = np.concatenate([near, 1 - near[-2::-1]])
    inner = (edges[:-1, None] + np.diff(edges)[:, None] * fractions).ravel()
    equal = np.linspace(edges[0], edges[-1], pieces + 1)
    return merge_edges(np.concatenate([edges, inner, equal]), edges[0], edges[-1])
