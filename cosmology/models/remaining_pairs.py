"""Pairs that can annihilate when freeze-out has left some antiparticles, before and while B' decays."""

from dataclasses import dataclass

import numpy as np

from cosmology.build_up import checked_mass_ratio
from cosmology.errors import InputError


@dataclass(frozen=True)
class RemainingPairs:
    r"""Pair factor as decays go on, counting what freeze-out left.

    .. math:: P = 2\,\frac{y_{L'}y_{\bar L'} + \mu\,y_{B'}y_{\bar B'}}{\left[y_{L'} + y_{\bar L'}
        + \mu\,(y_{B'} + y_{\bar B'})\right]^2}, \qquad \mu = \frac{m_{B'}}{m_{L'}}, \quad
        y_{\bar L'}(t) = \bar y_{L'} + y_{B'}(1 - e^{-\Gamma t}), \quad
        y_{L'}(t) = y_{L'} + \bar y_{B'}(1 - e^{-\Gamma t})

    for annihilation too rare to remove particles, and as strong between B' as between L': the injected power,
    :math:`2\langle\sigma v\rangle(m_{L'}n_{L'}n_{\bar L'} + m_{B'}n_{B'}n_{\bar B'})`, is
    :math:`P\rho^2\langle\sigma v\rangle/m_{L'}` with the density of the same time. Without remainders this is
    `cosmology.build_up.pair_factor`; with a ratio r = 0.01 it begins near 0.01 instead of zero, which is what the CMB
    sees of slow decays. B' does not annihilate with anti-L'.

    Parameters
    ----------
    parents, antiparents, daughters, antidaughters : float
        Initial yields of B', anti-B', L' and anti-L' in any common unit.
    mass_ratio : float
        mu, 1 or more.
    """

    parents: float
    antiparents: float
    daughters: float
    antidaughters: float
    mass_ratio: float = 1.0

    def __post_init__(self):
        values = self._yields
        if not all(np.isfinite(value) and value >= 0 for value in values) or sum(values) <= 0:
            raise InputError(f"yields {values}; none may be negative, and not all zero")
        object.__setattr__(self, "mass_ratio", float(checked_mass_ratio(self.mass_ratio)))

    def shares(self):
        """Number of each kind over that of all, a dict."""
        names = "parents", "antiparents", "daughters", "antidaughters"
        return {name: value / self._total for name, value in zip(names, self._yields, strict=True)}

    def antiparticle_share(self, exponent):
        """Share of anti-L' and anti-B' in the number of all particles after a time t, `exponent` = Gamma t."""
        gone = -np.expm1(-np.asarray(exponent, dtype=float))
        share = (self.antidaughters + self.parents * gone + self.antiparents * (1 - gone)) / self._total
        return float(share) if share.ndim == 0 else share

    def kicked_share(self, exponent):
        """Share of the annihilation, by energy, of pairs with at least one particle from a decay.

        Parameters
        ----------
        exponent : float or array
            Gamma t.

        Returns
        -------
        float or ndarray
            From 0 to 1; 0 too where nothing annihilates.
        """
        exponent = np.asarray(exponent, dtype=float)
        primordial = self.daughters * self.antidaughters
        parents = self.mass_ratio * self.parents * self.antiparents * np.exp(-2 * exponent)
        gone = -np.expm1(-exponent)
        # product of sums less that of the primordial: written out, for few decays the difference is small
        kicked = gone * (self.daughters * self.parents + self.antiparents * (self.antidaughters + self.parents * gone))
        total = primordial + parents + kicked
        share = np.divide(kicked, total, out=np.zeros(np.shape(total)), where=total > 0)
        return float(share) if share.ndim == 0 else share

    def __call__(self, exponent):
        """Pair factor after a time t, `exponent` = Gamma t >= 0 (a number or an array)."""
        exponent = np.asarray(exponent, dtype=float)
        if not np.all(exponent >= 0):
            raise InputError(f"Gamma t = {exponent}; it is not negative")
        gone, left = -np.expm1(-exponent), np.exp(-exponent)
        daughters = (self.daughters + self.antiparents * gone) * (self.antidaughters + self.parents * gone)
        parents = self.mass_ratio * self.parents * self.antiparents * left**2
        mass = self._total + (self.mass_ratio - 1) * (self.parents + self.antiparents) * left
        factor = 2 * (daughters + parents) / mass**2
        return float(factor) if factor.ndim == 0 else factor

    @property
    def _yields(self):
        return self.parents, self.antiparents, self.daughters, self.antidaughters

    @property
    def _total(self):
        return sum(self._yields)
