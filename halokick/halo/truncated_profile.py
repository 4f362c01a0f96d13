"""A halo with an exponentially cut outside, as tides leave it."""

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.halo.profile_base import DensityProfile, positive, positive_factor

_MAX_LN_EXPONENT = 69.0
"""The fall is followed to ln rho = -1e30; its slope squared is then still a float."""


class TruncatedProfile(DensityProfile):
    r"""Any profile times an exponential cut, :math:`\rho(r)\,\exp[-(r/r_t)^p]`.

    Parameters
    ----------
    profile : DensityProfile
    r_t : Quantity [length] or str
        Truncation radius.
    power : float
        The exponent p, above 0 and at most 20: 1 is a gentle cut, 2 a Gaussian, more a sharp edge.

    Raises
    ------
    InputError
        `profile` is no DensityProfile, or a value lies outside its range.
    """

    _fields = (("profile", None), ("r_t", "length"), ("power", "dimensionless"))

    def __init__(self, profile, r_t, power=2.0):
        if not isinstance(profile, DensityProfile):
            raise InputError(
                f"TruncatedProfile: profile = {profile!r} is not a DensityProfile; pass it through as_profile first"
            )
        power = positive(power, "dimensionless", "power", "TruncatedProfile")
        if power > 20:
            raise InputError(
                f"TruncatedProfile: power = {power:g} is above 20, an edge too sharp to integrate over; use at most 20"
            )
        self._set(profile=profile, r_t=positive(r_t, "length", "r_t", "TruncatedProfile"), power=power)

    @property
    def profile(self):
        """The profile before the cut."""
        return self._profile

    @property
    def r_t(self):
        """Truncation radius, Quantity [length]."""
        return units.attach(self._r_t, "length")

    @property
    def power(self):
        """Exponent of the cut."""
        return self._power

    @property
    def _scale_radius(self):
        return min(self._profile._scale_radius, self._r_t)

    @property
    def _inner_slope(self):
        return self._profile._inner_slope

    _outer_slope = np.inf

    def _log_density(self, log_r):
        ln_rho, s, s_prime = self._profile._log_density(log_r)
        cut = np.exp(np.minimum(self._power * (log_r - np.log(self._r_t)), _MAX_LN_EXPONENT))
        return ln_rho - cut, s + self._power * cut, s_prime + self._power**2 * cut

    def scaled(self, factor):
        """The same shape with its density multiplied by `factor` (a positive number)."""
        return TruncatedProfile(self._profile.scaled(positive_factor(factor)), self.r_t, self._power)
