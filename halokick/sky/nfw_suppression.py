r"""Suppression of the signal of a whole NFW halo: one curve for every halo, in the kick over V_max.

.. math:: S(\kappa) = \frac{\int\rho\,\rho_k\,dV}{\int\rho^2\,dV}, \qquad \kappa = v_k/V_\max

of an infinite halo, integrated over r < 10 r_s. NFW haloes differ by units only, so kappa is all S depends on.
A tidal cut matters where little is left: by a factor of three at S = 1e-4, not above S = 0.1.
"""

import numpy as np
from scipy.interpolate import CubicSpline

from halokick import units
from halokick.daughters.bound_fraction import bound_fraction
from halokick.daughters.phase_mixing import spike_radius
from halokick.decay.kicks import FixedKick
from halokick.errors import InputError
from halokick.sky.dwarf_grid import NoCut, phase_mixed_ratio
from halokick.sky.signal_units import plain_numbers
from halokick.sky.subhalo_relations import PEAK

ESCAPE = np.sqrt(2 / PEAK)
"""Escape speed from the centre of an infinite NFW halo over V_max: 3.0414. Nothing stays at twice this."""
_OUTER = 10.0
_INNERMOST = 1e-7


class SuppressionTable:
    r"""A suppression as a function of :math:`\kappa = v_k/V_\max`; call it with floats or arrays.

    ln(-ln S) is a cubic spline in ln kappa, and a straight line outside the nodes: 1 - S is a power law for slow kicks.
    Zero beyond twice the escape speed from the centre, one at kappa = 0.

    Parameters
    ----------
    kappa : ndarray, shape (n,)
        Rising, above 0.
    suppression : ndarray, shape (n,)
        Between 0 and 1, neither included.
    bound : ndarray, shape (n,), optional
        Share of the daughters born inside 10 r_s that stay in the halo.
    """

    def __init__(self, kappa, suppression, bound=None):
        self._kappa, self._s = np.array(kappa, dtype=float), np.array(suppression, dtype=float)
        self._curve = _Curve(self._kappa, self._s, "suppression")
        self._bound = None if bound is None else _Curve(self._kappa, np.array(bound, dtype=float), "bound")

    def __repr__(self):
        return f"SuppressionTable({len(self._kappa)} kicks, {self._kappa[0]:g} to {self._kappa[-1]:g} V_max)"

    @property
    def kappa(self):
        """Nodes in v_k/V_max, ndarray."""
        return self._kappa.copy()

    @property
    def suppression(self):
        """S at the nodes, ndarray."""
        return self._s.copy()

    def __call__(self, kappa):
        """S at v_k/V_max >= 0, any shape."""
        return self._curve(kappa)

    def bound_share(self, kappa):
        """Share of the daughters born inside 10 r_s that stay in the halo.

        Raises
        ------
        InputError
            The table was made without it.
        """
        if self._bound is None:
            raise InputError(f"{self!r} was made without bound shares; use solve_nfw_suppression")
        return self._bound(kappa)

    def steepness(self, kappa):
        """Dln S/dln kappa, zero or less: how much of a spread in V_max reaches the signal."""
        kappa = np.asarray(kappa, dtype=float)
        step = 1e-4
        with np.errstate(divide="ignore", invalid="ignore"):
            rise = np.log(self(kappa * np.exp(step)) / self(kappa * np.exp(-step)))
        return rise / (2 * step)


class _Curve:
    def __init__(self, kappa, values, name):
        if kappa.ndim != 1 or len(kappa) < 4 or kappa.shape != values.shape or not np.all(np.diff(kappa) > 0):
            raise InputError(f"{name}: {values.shape} values on {kappa.shape} kicks; give four or more, rising")
        if kappa[0] <= 0 or np.any(values <= 0) or np.any(values >= 1):
            raise InputError(f"{name}: kicks must be above 0, and values between 0 and 1 without those")
        self._ends = np.log(kappa[[0, -1]])
        self._spline = CubicSpline(np.log(kappa), np.log(-np.log(values)))
        self._slopes = self._spline(self._ends, 1)

    def __call__(self, kappa):
        kappa = plain_numbers(kappa, "kappa")
        if np.any(~(kappa >= 0)):
            raise InputError(f"kappa = {kappa} must be zero or more: it is a kick speed over V_max")
        inside = (kappa > 0) & (kappa < 2 * ESCAPE)
        log = np.log(np.where(inside, kappa, 1.0))
        near = np.clip(log, *self._ends)
        low, high = (np.minimum(log - self._ends[0], 0.0), np.maximum(log - self._ends[1], 0.0))
        exponent = self._spline(near) + self._slopes[0] * low + self._slopes[1] * high
        return np.where(inside, np.exp(-np.exp(exponent)), np.where(kappa == 0, 1.0, 0.0))[()]


def solve_nfw_suppression(kappa=None, *, radii=32):
    """Phase-mix the daughters of an NFW halo for a list of kicks; the packaged `NFW_SUPPRESSION` was made by this.

    Parameters
    ----------
    kappa : sequence of float, optional
        Kick speeds over V_max, above 0 and at most 5.25; those of `NFW_SUPPRESSION` if left out (half a minute).
    radii : int
        Gauss nodes in ln r on either side of the radius that a particle kicked from rest in the centre just reaches,
        where the daughters' density bends (of r_s, where there is none).

    Returns
    -------
    SuppressionTable
    """
    kappa = np.array([row[0] for row in _SOLVED] if kappa is None else kappa, dtype=float)
    df = NoCut().reference(_OUTER)
    speeds = units.attach(kappa * np.sqrt(PEAK), "speed")  # V0 is 1 km/s here
    left = [_share_left(df, speed, *np.polynomial.legendre.leggauss(radii)) for speed in speeds]
    bound = [bound_fraction(df, FixedKick(speed), units.attach(_OUTER, "length")) for speed in speeds]
    return SuppressionTable(kappa, left, bound)


def _share_left(df, speed, z, w):
    bend = spike_radius(df.halo._field, float(units.to_internal(speed, "speed")))
    ends = np.log([_INNERMOST, _OUTER])
    edges = np.insert(ends, 1, bend if ends[0] < bend < ends[1] else 0.0)
    half = 0.5 * np.diff(edges)[:, None]
    x = np.exp(edges[:-1, None] + half * (1 + z)).ravel()
    weight = (half * w).ravel() * x / (1 + x) ** 4
    ratio = phase_mixed_ratio(df, units.attach([units.to_internal(speed, "speed")], "speed"), units.attach(x, "length"))
    # the parents in closed form, so that those inside the first radius are not lost
    return float(ratio[0] @ weight) * 3 / (1 - (1 + _OUTER) ** -3)


# kappa, S, bound share
_SOLVED = (
    (0.02, 0.99932, 0.9999995),
    (0.035, 0.9981154, 0.9999975),
    (0.05, 0.9964119, 0.9999926),
    (0.075, 0.9925888, 0.9999741),
    (0.1, 0.9876634, 0.9999362),
    (0.15, 0.9749264, 0.9997687),
    (0.2, 0.9588598, 0.9994163),
    (0.25, 0.9399526, 0.9987956),
    (0.3, 0.9186065, 0.9978159),
    (0.4, 0.869952, 0.9943903),
    (0.5, 0.8152875, 0.9883363),
    (0.6, 0.7566281, 0.9788541),
    (0.7, 0.69571, 0.9652077),
    (0.8, 0.6340277, 0.9467818),
    (0.9, 0.5728511, 0.9231311),
    (1, 0.5132354, 0.894019),
    (1.125, 0.4421884, 0.8499669),
    (1.25, 0.376138, 0.7979173),
    (1.375, 0.3159034, 0.7389505),
    (1.5, 0.2619354, 0.6746129),
    (1.625, 0.2143776, 0.6067791),
    (1.75, 0.1731272, 0.5374837),
    (1.875, 0.1378952, 0.4687459),
    (2, 0.1082599, 0.4024091),
    (2.125, 0.08371422, 0.3400138),
    (2.25, 0.06370438, 0.2827182),
    (2.375, 0.04766118, 0.2312691),
    (2.5, 0.03502356, 0.1860214),
    (2.75, 0.01785913, 0.1139584),
    (3, 0.008412149, 0.0641811),
    (3.25, 0.003659876, 0.03282956),
    (3.5, 0.001464871, 0.01523101),
    (3.75, 0.0005336644, 0.006385849),
    (4, 0.0001739862, 0.002395953),
    (4.25, 4.951521e-05, 0.0007905602),
    (4.5, 1.185782e-05, 0.0002230177),
    (4.75, 2.258988e-06, 5.140781e-05),
    (5, 3.123692e-07, 8.977803e-06),
    (5.25, 2.659529e-08, 1.035671e-06),
)
NFW_SUPPRESSION = SuppressionTable(*np.array(_SOLVED).T)
"""SuppressionTable : made by `solve_nfw_suppression()`; between its kicks 2e-5 of S for S > 1e-5, 1e-3 below."""
