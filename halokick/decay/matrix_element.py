"""Kick of an n-body decay whose amplitude is not constant."""

from dataclasses import dataclass

import numpy as np
from scipy.special import roots_jacobi

from halokick import units
from halokick.decay.kick_base import ContinuousKick, as_text, checked_count, checked_speed, set_fields
from halokick.decay.kick_laws import checked_bodies
from halokick.decay.speed_law import SpeedLaw, gauss_rule
from halokick.errors import ConvergenceError, InputError
from halokick.units import Quantity

_RULE_NODES = 200
_AGREEMENT = 1e-6
_EQUAL_PANELS = 32
_TRACE_POINTS = 33


@dataclass(frozen=True, eq=False)
class MatrixElementKick(ContinuousKick):
    r"""n-body phase space weighted with a squared amplitude that depends on the partners' invariant mass q.

    .. math:: P(v) \propto v^2\,x^{n-3}\,W(x), \qquad x = q^2/q^2_\mathrm{max} = 1 - (v/v_\mathrm{max})^2,

    where :math:`W = |\mathcal M|^2` averaged over everything but q, and :math:`q_\mathrm{max}=M-m` belongs to a
    daughter at rest. Massless partners, leading order in :math:`v_\mathrm{max}/c` (from Hardy, Lasenby & Unwin 2014,
    Eqs. (B.1)-(B.4)). :math:`W = x^j` gives the law of `PhaseSpaceKick` with j more bodies.

    Parameters
    ----------
    n_bodies : int
        Number of decay products, the daughter included; 3 or more.
    max_speed : Quantity [speed]
        Largest speed of the daughter (`two_body_speed` gives it from the masses), up to 0.1 c.
    weight : sequence of float, or callable
        W(x): coefficients c_0 + c_1 x + c_2 x^2 + ..., or a function of an array of x in (0, 1). Any normalisation.
        Only coefficients can be read back from a stored result; of a function its values are stored.

    Raises
    ------
    InputError
        W negative, not finite, or zero everywhere.
    ConvergenceError
        W is too sharp to be integrated; tabulate P(k) and use `TabulatedKick`.
    """

    n_bodies: int
    max_speed: Quantity
    weight: object

    def __post_init__(self):
        bodies = checked_bodies(self.n_bodies)
        top = checked_speed(self.max_speed, "max_speed")
        weight = self.weight
        if not callable(weight):
            if np.size(weight) == 0 or np.ndim(weight) > 1:
                raise InputError(f"weight = {weight!r}; give a list of coefficients c_0, c_1, ..., or a function of x")
            weight = tuple(np.atleast_1d(units.to_internal(weight, "dimensionless", "weight")).tolist())
        set_fields(self, n_bodies=bodies, max_speed=units.attach(top, "speed"), _top=top, weight=weight)
        # the largest of many values sets the size of what rounding may leave below zero
        set_fields(self, _largest=float(np.max(self._raw(np.linspace(0, 1, 2049)[1:-1]))))
        if not self._largest > 0:
            raise InputError("weight is zero or negative for every q^2; an amplitude squared is positive somewhere")
        rule, finer = self._measure(_RULE_NODES), self._measure(2 * _RULE_NODES)
        law = SpeedLaw(np.array([0.0, top]), self._over_speed, pieces=_EQUAL_PANELS)
        for other in (np.sum(rule[1]), law.total / top**3 * 2):
            if abs(other / np.sum(finer[1]) - 1) > _AGREEMENT:
                raise ConvergenceError(
                    f"weight varies too sharply with q^2/q^2_max: two integrals of it differ by more than "
                    f"{_AGREEMENT:g}. Tabulate P(k) finely and use TabulatedKick"
                )
        set_fields(self, _law=law)

    def _raw(self, x):
        values = self.weight(x) if callable(self.weight) else np.polynomial.polynomial.polyval(x, self.weight)
        values = np.broadcast_to(np.asarray(values, dtype=float), x.shape)
        if not np.all(np.isfinite(values)):
            raise InputError("weight is not finite somewhere in 0 < q^2/q^2_max < 1; an amplitude squared is finite")
        return values

    def _weight(self, x):
        values = self._raw(x)
        if np.any(values < -1e-12 * self._largest):
            worst = float(x.ravel()[np.argmin(values)])
            raise InputError(
                f"weight is negative at q^2/q^2_max = {worst:.4g}; an amplitude squared never is: correct the weight"
            )
        return np.maximum(values, 0.0)

    def _over_speed(self, speed):
        x = 1 - (speed / self._top) ** 2
        return speed * x ** (self.n_bodies - 3) * self._weight(x)

    def _measure(self, nodes):
        """(v/v_max)^2 and weights of the law as a discrete measure."""
        t, w = roots_jacobi(nodes, self.n_bodies - 3, 0.5)
        scale = 0.5 ** (self.n_bodies - 1.5)
        return 0.5 * (1 + t), scale * w * self._weight(0.5 * (1 - t))

    @property
    def label(self):
        """Short name for tables and legends."""
        return f"{self.n_bodies}-body with amplitude, up to {self._top:.4g} km/s"

    def to_config(self):
        """Law and arguments, as text and numbers."""
        config = {"law": "matrix_element", "n_bodies": self.n_bodies, "max_speed": as_text(self.max_speed)}
        if not callable(self.weight):
            return {**config, "weight": list(self.weight)}
        x = (np.arange(_TRACE_POINTS) + 0.5) / _TRACE_POINTS
        name = getattr(self.weight, "__qualname__", type(self.weight).__qualname__)
        trace = {"function": name, "x": x.tolist(), "values": self._weight(x).tolist()}
        return {**config, "weight": trace}

    def _rule(self, nodes):
        squares, weights = gauss_rule(*self._measure(_RULE_NODES + nodes), nodes)
        return self._top * np.sqrt(squares), weights

    def sample(self, n, rng):
        """Random speeds; see `KickDistribution.sample`."""
        return self._law.quantile(rng.random(checked_count(n, "n", 0)))

    @property
    def mean_speed(self):
        """Mean of k, Quantity [speed]."""
        return units.attach(self._law.moment(1), "speed")

    @property
    def rms_speed(self):
        """Root of the mean of k^2, Quantity [speed]."""
        return units.attach(np.sqrt(self._law.moment(2)), "speed")

    @property
    def _breaks(self):
        return np.array([0.0, self._top])

    def _pdf(self, speed):
        inside = (speed > 0) & (speed < self._top)
        k = np.where(inside, speed, 0.5 * self._top)
        return np.where(inside, k * self._over_speed(k) / self._law.total, 0.0)

    def _cdf(self, speed):
        return self._law.cdf(speed)

    def _inverse_tail(self, speed):
        return self._law.inverse_tail(speed)
