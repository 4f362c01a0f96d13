"""Kick of two prompt decays in a row."""

from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.decay.kick_base import ContinuousKick, KickDistribution, checked_speed, set_fields
from halokick.decay.speed_law import SpeedLaw, gauss_rule, merge_edges
from halokick.errors import ConvergenceError, InputError

_EQUAL_PANELS = 8
_MOST_EDGES = 12
_AGREEMENT = 1e-7


@dataclass(frozen=True, eq=False)
class CascadeKick(ContinuousKick):
    r"""Two kicks at once: the daughter of the first decay decays promptly, in a direction that knows nothing of it.

    The two velocities add as vectors with an isotropic angle between them. Two fixed speeds give

    .. math:: P(k) = \frac{k}{2k_1k_2}, \qquad |k_1-k_2| \le k \le k_1+k_2,

    and distributions are averaged over both,
    :math:`P(k)/k = \langle [G_2(|k-k_1|) - G_2(k+k_1)]/(2k_1) \rangle_1` with :math:`G_2(z) = \int_z^\infty P_2/k_2`.
    Prompt means before the intermediate particle has moved through the halo. A cascade may itself be a step.

    Parameters
    ----------
    first, second : KickDistribution
        Each in the rest frame of the particle that decays; their order does not matter.

    Raises
    ------
    InputError
        A step that is no kick distribution or has no kick, or speeds that add to more than 0.1 c.
    ConvergenceError
        The convolution does not keep the number of particles to 1e-7.
    """

    first: KickDistribution
    second: KickDistribution

    def __post_init__(self):
        for name in ("first", "second"):
            step = getattr(self, name)
            if not isinstance(step, KickDistribution):
                raise InputError(f"{name} = {step!r} is not a kick distribution, such as FixedKick('54 km/s')")
            if step._breaks[-1] <= 0:
                raise InputError(f"{name} has no kick at all; leave that step out")
        edges = _edges_of_sum(self.first._breaks, self.second._breaks)
        checked_speed(units.attach(edges[-1], "speed"), "largest speed of both steps together")
        law = SpeedLaw(edges, self._over_speed, pieces=_EQUAL_PANELS)
        if abs(law.total - 1) > _AGREEMENT:
            raise ConvergenceError(
                f"the sum of both kicks keeps {law.total:.9f} of the particles; one step is too sharply tabulated. "
                "Smooth its table, or give the sum itself as a TabulatedKick"
            )
        set_fields(self, _edges=edges, _law=law)

    def _over_speed(self, speeds):
        kinks = self.second._breaks
        return np.array([self._over_one_speed(k, kinks) for k in speeds])

    def _over_one_speed(self, k, kinks):
        tail = self.second._inverse_tail
        breaks = np.concatenate([[k], np.abs(k - kinks), k + kinks])
        return self.first._expectation(lambda k1: (tail(np.abs(k - k1)) - tail(k + k1)) / (2 * k1), breaks)

    @property
    def label(self):
        """Short name for tables and legends."""
        return f"cascade ({self.first.label}) + ({self.second.label})"

    def to_config(self):
        """Law and arguments, as text and numbers."""
        return {"law": "cascade", "first": self.first.to_config(), "second": self.second.to_config()}

    def _rule(self, nodes):
        k1, w1 = self.first._rule(nodes)
        k2, w2 = self.second._rule(nodes)
        mu, w3 = np.polynomial.legendre.leggauss(nodes)
        a, b = k1[:, None, None], k2[None, :, None]
        squares = (a - b) ** 2 + 2 * a * b * (1 + mu)
        weights = w1[:, None, None] * w2[None, :, None] * w3
        # odd powers of mu average out, so the product rule is exact in k^2 as far as its parts are
        squares, weights = gauss_rule(squares.ravel(), weights.ravel(), nodes)
        return np.sqrt(np.maximum(squares, 0.0)), weights

    def sample(self, n, rng):
        """Random speeds: `n` of the first step, `n` of the second, then `n` angles are drawn, in this order."""
        k1, k2 = self.first.sample(n, rng), self.second.sample(n, rng)
        mu = rng.uniform(-1.0, 1.0, size=k1.size)
        return np.sqrt((k1 - k2) ** 2 + 2 * k1 * k2 * (1 + mu))

    @property
    def mean_speed(self):
        """Mean of k, Quantity [speed]."""
        return units.attach(self._law.moment(1), "speed")

    @property
    def rms_speed(self):
        """Root of the mean of k^2, Quantity [speed]."""
        return np.hypot(self.first.rms_speed, self.second.rms_speed)

    @property
    def max_speed(self):
        """Quantity [speed] : largest kick."""
        return units.attach(self._breaks[-1], "speed")

    @property
    def _breaks(self):
        return self._edges

    def _pdf(self, speed):
        return self._law.pdf(speed)

    def _cdf(self, speed):
        return self._law.cdf(speed)

    def _inverse_tail(self, speed):
        return self._law.inverse_tail(speed)


def _edges_of_sum(first, second):
    """Support and kinks of the sum; a long table counts with its ends only, its kinks being smoothed by the sum."""
    lowest = max(0.0, first[0] - second[-1], second[0] - first[-1])
    highest = first[-1] + second[-1]
    one, two = (b if len(b) <= _MOST_EDGES else b[[0, -1]] for b in (first, second))
    kinks = np.concatenate([np.abs(one[:, None] - two).ravel(), (one[:, None] + two).ravel()])
    return merge_edges(kinks[kinks > lowest], lowest, highest)
