r"""Signal of an NFW halo for any factor S(v_rel), from distributions of relative speeds that serve every halo.

In units of V_max the J-weighted distribution of relative speeds of an infinite NFW halo depends on
:math:`\kappa = v_k/V_\max` alone. So a few dozen solutions give

.. math:: \frac{J_S(v_k)}{J_s(0)} = S_{lin}(\kappa)\,\langle S\rangle, \qquad
          \langle S\rangle = \int P_J(u; \kappa)\,S(u V_\max)\,du

for every halo and factor. For a power of v_rel this is the power of V_max times a function of kappa; saturation, poles
and resonances have speeds of their own, and depend on both.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.interpolate import PchipInterpolator

from halokick import units
from halokick.decay.kicks import FixedKick
from halokick.errors import InputError
from halokick.sky.dwarf_grid import NoCut
from halokick.sky.nfw_suppression import NFW_SUPPRESSION
from halokick.sky.speed_factors import SpeedFactor
from halokick.sky.subhalo_relations import PEAK
from halokick.sky.velocity_j import target_speeds

_OUTER = 10.0
_KAPPA = (0.0, 0.01, 0.03, 0.07, 0.15, 0.3, 0.5, 0.75, 1.0, 1.4, 1.8, 2.3, 2.8, 3.3, 4.0, 5.0)
_SOFT = 0.01
"""In V_max: between kicks ln <S> is a monotone cubic in ln(1 + kappa/0.01), as slow pairs change first."""
_FAR = 1e4
_PER_EFOLD = 12
"""Nodes in ln V_max, for factors with speeds of their own."""


@dataclass(frozen=True, eq=False)
class NFWSpeeds:
    """Relative speeds in an NFW halo for a list of kicks; made by `solve_nfw_speeds`.

    Attributes
    ----------
    kappa : ndarray, shape (k,)
        Kick speeds over V_max, from 0.
    records : tuple of RelativeSpeed
        One for each, of a halo with V_max = 0.465 km/s.
    """

    kappa: np.ndarray
    records: tuple

    def average(self, factor, v_max):
        """<S> at every node of `kappa`, for one V_max.

        Parameters
        ----------
        factor : SpeedFactor
        v_max : Quantity [speed], scalar

        Returns
        -------
        ndarray, shape (k,)

        Raises
        ------
        InputError
            The mean is infinite without a kick.
        """
        scale = units.to_internal(v_max, "speed", "v_max") / np.sqrt(PEAK)
        if not scale > 0:
            raise InputError(f"v_max = {v_max} must be positive")
        return np.array([record.average(_Scaled(factor, scale)) for record in self.records])


def solve_nfw_speeds(kappa=_KAPPA):
    """Distributions of relative speeds of an NFW halo inside 10 r_s: half a second for each kick on two cores.

    Parameters
    ----------
    kappa : sequence of float
        Kick speeds over V_max, rising from 0.

    Returns
    -------
    NFWSpeeds
    """
    kappa = np.array(kappa, dtype=float)
    if len(kappa) < 4 or kappa[0] != 0 or not np.all(np.diff(kappa) > 0):
        raise InputError(f"kappa = {kappa}; give four or more kicks that rise from 0")
    df = NoCut().reference(_OUTER)
    sphere = {
        "distance": units.attach(_FAR, "length"),
        "angle": units.attach(np.arcsin(_OUTER / _FAR), "angle"),
        "shape": "sphere",
    }
    records = [target_speeds(df, None, pairs="unkicked", **sphere)]
    for k in kappa[1:]:
        records.append(target_speeds(df, FixedKick(units.attach(k * np.sqrt(PEAK), "speed")), **sphere))
    return NFWSpeeds(kappa, tuple(records))


@cache
def nfw_speeds():
    """The distributions of `solve_nfw_speeds`, solved once in a session: about ten seconds on two cores."""
    return solve_nfw_speeds()


class SpeedModel:
    """A factor of the cross-section as every limit needs it: J_S(v_k)/J_s(0) of NFW haloes.

    Parameters
    ----------
    factor : SpeedFactor
    name : str, optional
        The factor's own text if left out.
    speeds : NFWSpeeds, optional
        `nfw_speeds` if left out.
    """

    def __init__(self, factor, name=None, *, speeds=None):
        if not isinstance(factor, SpeedFactor):
            raise InputError(f"factor = {factor!r} is not a SpeedFactor; give e.g. SWave() or PWave()")
        self._factor = factor
        self._speeds = nfw_speeds() if speeds is None else speeds
        self._name = repr(factor) if name is None else str(name)
        self._rows = {}

    def __repr__(self):
        return f"SpeedModel({self._name})"

    @property
    def name(self):
        """What the model is called in results."""
        return self._name

    def suppression(self, kick_speed, v_max):
        """J_S of the whole halo with the kick, over J of an s-wave without: S_lin <S>; arguments as for `average`."""
        kick, top = (np.asarray(units.to_internal(v, "speed")) for v in (kick_speed, v_max))
        return self.average(kick_speed, v_max) * NFW_SUPPRESSION(kick / top)

    def average(self, kick_speed, v_max):
        """<S> of the pairs that are left, in NFW haloes.

        Parameters
        ----------
        kick_speed : Quantity [speed], any shape
        v_max : Quantity [speed], broadcast with `kick_speed`

        Returns
        -------
        ndarray

        Raises
        ------
        InputError
            A negative kick, a V_max that is not positive, or a mean that is infinite without a kick.
        """
        kick = np.asarray(units.to_internal(kick_speed, "speed", "kick_speed"))
        top = np.asarray(units.to_internal(v_max, "speed", "v_max"))
        if np.any(kick < 0) or np.any(top <= 0):
            raise InputError(f"kick_speed = {kick_speed}, v_max = {v_max}; kicks are zero or more, V_max above zero")
        kick, top = np.broadcast_arrays(kick, top)
        return self._average(kick / top, top)[()]

    def _average(self, kappa, v_max):
        # a lattice that is the same for all dwarfs, so that each of its points is integrated once
        place = np.log(v_max.ravel()) * _PER_EFOLD
        first, last = int(np.floor(np.min(place))) - 1, int(np.floor(np.max(place))) + 2
        rows = [self._row(k) for k in range(first, last + 1)]
        nodes = np.log1p(self._speeds.kappa / _SOFT)
        along = np.minimum(np.log1p(kappa / _SOFT), nodes[-1])
        with np.errstate(divide="ignore"):
            ln_s = np.maximum(np.log(np.array(rows)), -700.0)
        along_kappa = PchipInterpolator(nodes, ln_s, axis=1)(along.ravel())
        weights = _cubic_weights(last - first + 1, place - first)
        return np.exp(np.einsum("pv,vp->p", weights, along_kappa)).reshape(kappa.shape)

    def _row(self, k):
        """<S> at the nodes of kappa, for V_max = exp(k/12) km/s."""
        if k not in self._rows:
            v_max = units.attach(np.exp(k / _PER_EFOLD), "speed")
            self._rows[k] = self._speeds.average(self._factor, v_max)
        return self._rows[k]


class _Scaled(SpeedFactor):
    """A factor whose speeds are given in another unit: S(scale v)."""

    def __init__(self, factor, scale):
        self._factor, self._scale = factor, scale

    def __repr__(self):
        return repr(self._factor)

    @property
    def sharp_speeds(self):
        """Those of the factor, in that unit."""
        return tuple(speed / self._scale for speed in self._factor.sharp_speeds)

    def _of(self, b):
        return self._factor._of(b * self._scale)


def _cubic_weights(number, place):
    """Weights (points, nodes) of Lagrange cubics through the four nodes 0, 1, ... around each place."""
    first = np.clip(np.floor(place).astype(int) - 1, 0, number - 4)
    t = place - first
    weights = np.zeros((len(place), number))
    rows = np.arange(len(place))
    for j in range(4):
        others = [i for i in range(4) if i != j]
        weights[rows, first + j] = np.prod([(t - i) / (j - i) for i in others], axis=0)
    return weights
