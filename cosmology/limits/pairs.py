"""How many pairs can annihilate, against the self-conjugate dark matter for which limits are published.

Annihilation needs one L' and one anti-L', which B' decays build up. Energy is set free at the rate P rho^2 <sigma v>/m,
where self-conjugate dark matter has P = 1, so that a published limit on <sigma v> is weaker by 1/P here. This factor,
1/2 for equal numbers even after all parents have decayed, is not mentioned by Hardy, Lasenby & Unwin (2014).
"""

from dataclasses import dataclass

import numpy as np

from cosmology import units
from cosmology.build_up import checked_mass_ratio, pair_factor
from cosmology.errors import InputError
from cosmology.limits.base import DIRAC, SELF_CONJUGATE, OutsideValidity, positive

PUBLISHED = {SELF_CONJUGATE: 1.0, DIRAC: 0.5}
"""dict : convention of a published limit -> the pair factor that it was published for."""


@dataclass(frozen=True)
class PairBuildUp:
    r"""Pair factor as decays go on, :math:`P = 2 y_L y_B (1 - e^{-\Gamma t})/(y_B + y_L)^2` for equal masses.

    `cosmology.build_up.pair_factor` has the formula for any masses. For annihilation too rare to remove particles
    (<sigma v> n_L t << 1); then the anti-L' are n_B (1 - exp(-Gamma t)), as Hardy, Lasenby & Unwin (2014) have it.

    Parameters
    ----------
    parent_yield, daughter_yield : float
        y_B and y_L, the initial yields of B' and L' in any common unit: only their ratio enters.
    mass_ratio : float
        m_B'/m_L', 1 or more.
    """

    parent_yield: float = 1.0
    daughter_yield: float = 1.0
    mass_ratio: float = 1.0

    def __post_init__(self):
        for name in ("parent_yield", "daughter_yield"):
            positive(getattr(self, name), name)
        object.__setattr__(self, "mass_ratio", float(checked_mass_ratio(self.mass_ratio)))

    def __call__(self, exponent):
        """Pair factor after a time t, `exponent` = Gamma t >= 0 (a number or an array)."""
        return pair_factor(exponent, self.parent_yield, self.daughter_yield, self.mass_ratio)


def pair_factor_at(pair_factor, width, time):
    """Pair factor at a time, from a number or from a function of Gamma t.

    Parameters
    ----------
    pair_factor : float or callable
        P itself (0 <= P <= 1), or a function of Gamma t such as `PairBuildUp`.
    width : Quantity [width] or None
        Decay width Gamma; needed by a function.
    time : Quantity [time]

    Returns
    -------
    float

    Raises
    ------
    InputError
        P outside [0, 1], or a function without a width.
    OutsideValidity
        P = 0: nothing annihilates, so nothing is limited.
    """
    if callable(pair_factor):
        if width is None:
            raise InputError("pair_factor is a function of Gamma t: give the width too")
        rate = units.to_internal(width, "width", "width")
        pair_factor = pair_factor(rate * units.to_internal(time, "time", "time"))
    if np.ndim(pair_factor) or not 0.0 <= pair_factor <= 1.0:
        raise InputError(f"pair_factor = {pair_factor} must be between 0 (no pairs) and 1 (self-conjugate)")
    if pair_factor == 0.0:
        raise OutsideValidity("no pairs (P = 0): nothing annihilates")
    return float(pair_factor)
