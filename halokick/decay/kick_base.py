"""What every kick-speed distribution can do, whatever its law."""

from abc import ABC, abstractmethod

import numpy as np

from halokick import units
from halokick.constants import SPEED_OF_LIGHT
from halokick.decay.speed_law import gauss_rule, merge_edges, panel_rule
from halokick.errors import InputError

LARGEST_SPEED = 0.1 * SPEED_OF_LIGHT
"""Fastest kick accepted, 0.1 c [km/s].

Velocities of parent and kick are added as Galileo did and daughters keep the parent's weight. At 0.1 c the first is
wrong by (v/c)^2/2 = 0.5 per cent in energy and the second by 10 per cent in mass (a kick v costs the daughter about
v/c of its mass); no galaxy or cluster holds daughters a tenth as fast.
"""


class KickDistribution(ABC):
    r"""Distribution P(k) of the speed that a decay gives to the daughter, in the parent's rest frame; isotropic.

    The daughters' density is linear in P(k), so an answer for a distribution is the sum of answers for single speeds,
    :math:`\rho[P] = \sum_i w_i\,\rho(k_i)`, with the nodes and weights of `quadrature`.

    Notes
    -----
    Kicks above 0.1 c are refused: the halo is treated without relativity and with daughters as heavy as the parents.

    Attributes
    ----------
    max_speed : Quantity [speed]
        Largest kick.
    """

    max_speed: units.Quantity  # an argument of some laws and computed by others, so not a property here

    @property
    @abstractmethod
    def label(self):
        """str : short name for tables and legends."""

    def quadrature(self, nodes=16, below=None):
        """Speeds and weights that stand for this distribution.

        A Gauss rule in the variable k^2, in which the density of daughters is smooth: exact for every polynomial in
        k^2 up to degree 2 `nodes` - 1.

        Parameters
        ----------
        nodes : int
            Largest number of speeds; a distribution of one speed answers with one.
        below : Quantity [speed], optional
            Leave out faster kicks; the weights then sum to their share ``cdf(below)``. No kick above twice the central
            escape speed leaves its daughter bound, so for bound daughters a rule below that speed is exact in
            principle, and converges where a rule over a much longer range does not.

        Returns
        -------
        speeds : ndarray [km/s], ascending; empty if all kicks are faster than `below`
        weights : ndarray, positive, summing to 1 (or to the share kept)
        """
        nodes = checked_count(nodes, "nodes", 1)
        if below is None:
            return self._rule(nodes)
        top = units.to_internal(below, "speed", "below")
        if np.ndim(top) != 0 or not top > 0:
            raise InputError(f"below = {below}; one positive speed is needed")
        if top >= self._breaks[-1]:
            return self._rule(nodes)
        if top <= self._breaks[0] or not self._cdf(np.asarray(top)) > 0:
            return np.empty(0), np.empty(0)
        return self._rule_below(nodes, top)

    @abstractmethod
    def _rule(self, nodes):
        """Gauss rule of the whole distribution: speeds [km/s] and weights."""

    @abstractmethod
    def _rule_below(self, nodes, top):
        """Gauss rule of the kicks below `top` [km/s], which lies inside the support."""

    @abstractmethod
    def sample(self, n, rng):
        """Random speeds.

        Parameters
        ----------
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        ndarray [km/s], shape (n,)
        """

    @abstractmethod
    def to_config(self):
        """Everything needed to build this distribution again, as a dict of text, numbers and lists."""

    @abstractmethod
    def _cdf(self, speed):
        """Share below `speed` [km/s], ndarray to ndarray."""

    @abstractmethod
    def _inverse_tail(self, speed):
        """Mean of 1/k over kicks faster than `speed`, counting the others as zero [s/km]."""

    @abstractmethod
    def _expectation(self, function, breaks=()):
        """Mean of function(k); `breaks` are speeds where it is not smooth [km/s]."""

    @property
    @abstractmethod
    def _breaks(self):
        """Ends of the support and speeds where the law is not smooth [km/s], ascending."""

    @property
    @abstractmethod
    def mean_speed(self):
        """Quantity [speed] : mean of k."""

    @property
    @abstractmethod
    def rms_speed(self):
        """Quantity [speed] : root of the mean of k^2."""

    def cdf(self, speed):
        """Share of decays with a kick of at most `speed`.

        Parameters
        ----------
        speed : Quantity [speed], any shape

        Returns
        -------
        float or ndarray, shape of `speed`
        """
        below = self._cdf(np.asarray(units.to_internal(speed, "speed", "speed")))
        return float(below) if np.ndim(below) == 0 else below

    def __eq__(self, other):
        return type(self) is type(other) and self.to_config() == other.to_config()

    def __hash__(self):
        return hash(repr(self.to_config()))


class ContinuousKick(KickDistribution):
    """A kick-speed distribution that has a density P(k), as every decay to three or more bodies has."""

    def pdf(self, speed):
        """Probability density P(k) per kick speed.

        Parameters
        ----------
        speed : Quantity [speed], any shape

        Returns
        -------
        Quantity [1/speed], shape of `speed`; zero outside the support
        """
        density = self._pdf(np.asarray(units.to_internal(speed, "speed", "speed")))
        return density / units.attach(1.0, "speed")

    @abstractmethod
    def _pdf(self, speed):
        """P(k) [s/km], ndarray to ndarray."""

    def _rule_below(self, nodes, top):
        edges = merge_edges(self._breaks, self._breaks[0], top)
        x, w = np.polynomial.legendre.leggauss(2 * nodes + 40)  # more than the Gauss rule of k^2 can make use of
        speeds = (edges[:-1, None] + 0.5 * np.diff(edges)[:, None] * (1 + x)).ravel()
        weights = (0.5 * np.diff(edges)[:, None] * w).ravel() * self._pdf(speeds)
        squares, weights = gauss_rule(speeds**2, weights, nodes)
        return np.sqrt(squares), weights * float(self._cdf(np.asarray(top)))

    def _expectation(self, function, breaks=()):
        own = self._breaks
        speeds, weights = panel_rule(merge_edges(np.concatenate([own, np.ravel(breaks)]), own[0], own[-1]))
        return float(np.sum(weights * self._pdf(speeds) * function(speeds)))

    @property
    def mean_speed(self):
        """Mean of k, Quantity [speed]."""
        return units.attach(self._expectation(lambda k: k), "speed")

    @property
    def rms_speed(self):
        """Root of the mean of k^2, Quantity [speed]."""
        return units.attach(np.sqrt(self._expectation(lambda k: k**2)), "speed")


def checked_speed(value, name, *, lowest_allowed=False):
    """A kick speed [km/s] between 0 and 0.1 c; exactly 0 only where `lowest_allowed`.

    Raises
    ------
    InputError
        Negative or too fast, or zero where that is no kick.
    """
    speed = units.to_internal(value, "speed", name)
    if np.ndim(speed) != 0:
        raise InputError(f"{name} = {value} is a list; a kick distribution takes one speed. Make one per speed")
    if speed < 0 or (speed == 0 and not lowest_allowed):
        raise InputError(f"{name} = {speed:.6g} km/s; a kick speed is positive")
    if speed > LARGEST_SPEED:
        raise InputError(
            f"{name} = {speed:.6g} km/s = {speed / SPEED_OF_LIGHT:.3g} c; kicks up to 0.1 c are allowed, because the "
            "halo is treated without relativity and with daughters as heavy as their parents. Daughters this fast "
            "stay in no halo: make the mass splitting smaller, or count these decays as lost"
        )
    return float(speed)


def checked_count(value, name, least):
    """A whole number not below `least`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"{name} = {value!r}; a whole number of at least {least} is needed")
    return int(value)


def set_fields(instance, **fields):
    """Fill a frozen dataclass while it is being made."""
    for name, value in fields.items():
        object.__setattr__(instance, name, value)


def as_text(value):
    """A scalar Quantity as text that reads back to the same number, such as "54.0 km / s"."""
    return f"{float(value.value)!r} {value.unit}"
