r"""The brightness of a halo, summed from the centre outwards along every position angle: what pixel averages need.

.. math:: I(\theta, \psi) = \int_0^\theta \frac{dJ}{d\Omega}(\theta', \psi)\,\sin\theta'\,d\theta'

The variable is w = ln tan(theta/2), in which cusps of any steepness are smooth; cells are halved until the brightness
between their nodes is known.
"""

import numpy as np

from halokick.errors import ConvergenceError
from halokick.kernels.pixel_average import DEGREE, ConeTable, cumulatives

_DEGREE = DEGREE - 1
"""Of the brightness, one below that of its integral."""
_NODES = np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1))[::-1]
_INVERSE = np.linalg.inv(np.vander(_NODES, _DEGREE + 1, increasing=True))
_CHECKS = np.array([-0.78, 0.06, 0.9])
_HALVINGS = 14
_SHARE = 1e-2
"""Of the tolerance: a cell that is wrong by this share of all that lies inside it may be."""
_FAILED = 1e-3
"""Share of what lies inside by which a cell may be wrong after all halvings: more, and nothing is returned."""
_MANY = 1000
"""Cells at which a noisy brightness is followed no further."""
_UPPER = 16.0
"""Upper end of w: 5e-7 rad from the point opposite to the centre, beyond which the brightness is constant."""


def cone_table(lines, *, smallest, largest=np.pi, step=0.5, columns=1, tolerance=1e-9):
    r"""Tabulate I(theta, psi).

    Parameters
    ----------
    lines : callable (theta, psi) -> ndarray
        Brightness in internal units at angles from the centre and position angles [rad], arrays of one shape.
    smallest, largest : float
        Angles [rad]: below the first the brightness goes as the power of theta that it has there,

        .. math:: I = \frac{J\,\theta^2}{2 - p},\qquad J \propto \theta^{-p},

        with p from its first two values; beyond the second it is zero.
    step : float
        Largest cell in w.
    columns : int
        Position angles, at equal distances; one for a spherical density.
    tolerance : float
        Relative error of the brightness at which a cell is not halved any more.

    Returns
    -------
    ConeTable

    Raises
    ------
    ConvergenceError
        The brightness is too rough, or too steep at the centre to be integrated.
    """
    w_first = np.log(np.tan(0.5 * smallest))
    w_last = _UPPER if largest >= np.pi else np.log(np.tan(0.5 * largest))
    psi = 2 * np.pi * np.arange(columns) / columns

    def graded(w):
        """Brightness times sin^2(theta), of which the integral over w is I; shape (*w.shape, columns)."""
        theta = 2 * np.arctan(np.exp(w))
        at, around = np.broadcast_arrays(theta[..., None], psi)
        return lines(at, around) * np.sin(at) ** 2

    start, rise = _analytic_start(graded, w_first)
    edges = np.linspace(w_first, w_last, int(np.ceil((w_last - w_first) / step)) + 1)
    done = []
    low, high = edges[:-1], edges[1:]
    for halvings in range(_HALVINGS + 1):
        cells = _Cells(low, high, graded)
        done.append(cells)
        off, size, share = cells.errors(graded, _inside(done, start))
        bad = (off > tolerance * size) & (share > _SHARE * tolerance)
        if not np.any(bad):
            break
        if halvings == _HALVINGS or sum(len(one.low) for one in done) + np.sum(bad) > _MANY:
            worst = int(np.argmax(share))
            if share[worst] < _FAILED:
                break
            raise ConvergenceError(
                f"the brightness is too rough {2 * np.degrees(np.arctan(np.exp(cells.low[worst]))):.3g} deg from the "
                "centre to be integrated over pixels; smooth the table of the density that it comes from"
            )
        middle = 0.5 * (cells.low[bad] + cells.high[bad])
        low, high = np.concatenate([cells.low[bad], middle]), np.concatenate([middle, cells.high[bad]])
        cells.keep(~bad)
    end = 0.5 * graded(np.array([w_last]))[0] if largest >= np.pi else np.zeros(columns)
    return _table(done, start, rise, end)


def finer(values, columns, axis=1):
    """Values at more position angles, by the Fourier series through those known; an even number of them."""
    known = values.shape[axis]
    waves = np.fft.rfft(values, axis=axis)
    # the wave that changes sign from column to column is known as a cosine alone
    last = [slice(None)] * values.ndim
    last[axis] = known // 2
    waves[tuple(last)] *= 0.5
    return np.fft.irfft(waves, n=columns, axis=axis) * (columns / known)


def with_columns(table, columns):
    """The table at more position angles, by Fourier series."""
    cell, inside, outside = (
        np.ascontiguousarray(finer(one, columns)) for one in (table.cell, table.inside, table.outside)
    )
    return table._replace(cell=cell, inside=inside, outside=outside)


def integral_within(table, theta):
    """Mean of I over position angles, at angles [rad] up to pi: the integral over the cone, over 2 pi."""
    theta = np.atleast_1d(np.asarray(theta, dtype=float))
    columns = table.cell.shape[1]
    psi = 2 * np.pi * np.arange(columns) / columns
    at, around = (one.ravel() for one in np.broadcast_arrays(theta[:, None], psi))
    return cumulatives(table, at.copy(), around.copy()).reshape(-1, columns).mean(axis=1)


def whole_sky(table):
    """Integral over the whole sky, internal units."""
    return 2 * np.pi * float(np.mean(table.inside[0] + table.outside[0]))


def _analytic_start(graded, w):
    """I at the first edge, column by column, and the power of tan(theta/2) with which it rises there."""
    first, second = graded(np.array([w, w + 0.25]))
    if not np.all(first > 0):
        return np.zeros_like(first), 2.0
    rise = float(np.log(np.mean(second) / np.mean(first)) / 0.25)
    if rise <= 1e-6:
        raise ConvergenceError(
            f"towards the centre the brightness rises as theta^-{2 - rise:.4g}, so that its integral over a pixel is "
            "infinite or next to it (it is finite below theta^-2); use a shallower profile or one with a core"
        )
    return first / rise, rise


class _Cells:
    """Brightness in cells of w as polynomials, one for each column."""

    def __init__(self, low, high, graded):
        self.low, self.high = low, high
        values = graded(0.5 * (low + high)[:, None] + 0.5 * (high - low)[:, None] * _NODES)
        # shape (cells, columns, coefficients)
        self.brightness = np.einsum("ij,kjm->kmi", _INVERSE, values)

    @property
    def integral(self):
        powers = np.arange(_DEGREE + 1)
        moments = np.where(powers % 2 == 0, 1.0 / (powers + 1), 0.0)
        return (self.high - self.low)[:, None] * (self.brightness @ moments)

    def errors(self, graded, inside):
        """Error of the brightness in each cell, its size, and the integral's error as a share of what is inside."""
        half = 0.5 * (self.high - self.low)
        w = 0.5 * (self.low + self.high)[:, None] + half[:, None] * _CHECKS
        found = np.einsum("ki,jmi->jkm", np.vander(_CHECKS, _DEGREE + 1, increasing=True), self.brightness)
        true = graded(w)
        off = np.mean(np.max(np.abs(found - true), axis=1), axis=1)
        within = np.interp(self.high, *inside)
        share = np.divide(2 * half * off, within, out=np.zeros_like(off), where=within > 0)
        return off, np.mean(np.min(true, axis=1), axis=1), share

    def keep(self, good):
        self.low, self.high, self.brightness = self.low[good], self.high[good], self.brightness[good]


def _joined(done):
    low, high = (np.concatenate([getattr(one, name) for one in done]) for name in ("low", "high"))
    order = np.argsort(low)
    brightness = np.concatenate([one.brightness for one in done])[order]
    integral = np.concatenate([one.integral for one in done])[order]
    return low[order], high[order], brightness, integral


def _inside(done, start):
    """Upper edges and the mean of I there."""
    _, high, _, integral = _joined(done)
    return high, np.mean(start) + np.cumsum(np.mean(integral, axis=1))


def _table(done, start, rise, end):
    low, high, brightness, integral = _joined(done)
    powers = np.arange(1, _DEGREE + 2)
    half = 0.5 * (high - low)[:, None, None]
    cell = np.zeros((*integral.shape, DEGREE + 1))
    cell[..., 1:] = half * brightness / powers
    cell[..., 0] = -np.sum(cell[..., 1:] * (-1.0) ** powers, axis=-1)
    inside = start + np.concatenate([np.zeros((1, len(start))), np.cumsum(integral, axis=0)[:-1]])
    outside = end + np.cumsum(integral[::-1], axis=0)[::-1]
    return ConeTable(
        edges=np.append(low, high[-1]),
        cell=np.ascontiguousarray(cell),
        inside=np.ascontiguousarray(inside),
        outside=np.ascontiguousarray(outside),
        rise=rise,
    )
