"""Pairs that can annihilate when freeze-out has left some antiparticles, before and while B' decays."""

from dataclasses import dataclass

import numpy as np

from cosmology.errors import InputError


@dataclass(frozen=True)
class RemainingPairs:
    r"""Pair factor as decays go on, counting what freeze-out left.

    .. math:: P = 2\,\frac{y_{L'}y_{\bar L'} + y_{B'}y_{\bar B'}}{(\sum y)^2}, \qquad
        y_{\bar L'}(t) = \bar y_{L'} + y_{B'}(1 - e^{-\Gamma t}), \quad
        y_{L'}(t) = y_{L'} + \bar y_{B'}(1 - e^{-\Gamma t})

    for masses of L' and B' that are equal up to the small splitting, and annihilation too rare to remove particles.
    Without remainders this is `cosmology.build_up.pair_factor`; with a ratio r = 0.01 it begins near 0.01 instead of
    zero, which is what the CMB sees of slow decays. B' does not annihilate with anti-L'.

    Parameters
    ----------
    parents, antiparents, daughters, antidaughters : float
        Initial yields of B', anti-B', L' and anti-L' in any common unit.
    """

    parents: float
    antiparents: float
    daughters: float
    antidaughters: float

    def __post_init__(self):
        values = self.parents, self.antiparents, self.daughters, self.antidaughters
        if not all(np.isfinite(value) and value >= 0 for value in values) or sum(values) <= 0:
            raise InputError(f"yields {values}; none may be negative, and not all zero")

    def shares(self):
        """Number of each kind over that of all, a dict."""
        total = self._total
        return {key: value / total for key, value in vars(self).items()}

    def antiparticle_share(self, exponent):
        """Share of anti-L' and anti-B' in all particles after a time t, `exponent` = Gamma t."""
        gone = -np.expm1(-np.asarray(exponent, dtype=float))
        share = (self.antidaughters + self.parents * gone + self.antiparents * (1 - gone)) / self._total
        return float(share) if share.ndim == 0 else share

    def __call__(self, exponent):
        """Pair factor after a time t, `exponent` = Gamma t >= 0 (a number or an array)."""
        exponent = np.asarray(exponent, dtype=float)
        if not np.all(exponent >= 0):
            raise InputError(f"Gamma t = {exponent}; it is not negative")
        gone, left = -np.expm1(-exponent), np.exp(-exponent)
        daughters = (self.daughters + self.antiparents * gone) * (self.antidaughters + self.parents * gone)
        factor = 2 * (daughters + self.parents * self.antiparents * left**2) / self._total**2
        return float(factor) if factor.ndim == 0 else factor

    @property
    def _total(self):
        return self.parents + self.antiparents + self.daughters + self.antidaughters
