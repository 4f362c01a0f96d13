"""The analytic shapes of haloes: the double power laws of Zhao with their named members, Einasto, and Burkert."""

import numpy as np
from scipy import special

from halokick.errors import InputError
from halokick.halo.profile_base import ScaledProfile, positive, scalar

_MAX_LN_EXPONENT = 69.0
"""An exponential fall is followed to ln rho = -e^69 = -1e30; its slope squared is then still a float."""


class ZhaoProfile(ScaledProfile):
    r"""Double power law of Zhao (1996, MNRAS 278, 488, Eq. 1).

    .. math:: \rho(r) = \rho_s\, x^{-\gamma}\,(1 + x^{\alpha})^{-(\beta-\gamma)/\alpha}, \qquad x = r/r_s

    Parameters
    ----------
    alpha : float
        Sharpness of the bend, above 0.
    beta : float
        Outer slope, above `gamma`. The mass is finite above 3, the potential above 2.
    gamma : float
        Inner slope, 0 or more and below 3. A distribution function needs at most 2 (the potential is finite below 2).
    r_s : Quantity [length] or str
        Scale radius, where the slope is (beta + gamma)/2.
    rho_s : Quantity [density] or str
        Density scale; mass or energy density ("0.4 GeV/cm3").

    Raises
    ------
    UnitError
        `r_s` or `rho_s` without a unit, or with a wrong one.
    InputError
        A value outside these ranges, or not finite.
    """

    _fields = (
        ("alpha", "dimensionless"),
        ("beta", "dimensionless"),
        ("gamma", "dimensionless"),
        ("r_s", "length"),
        ("rho_s", "density"),
    )

    def __init__(self, alpha=1.0, beta=3.0, gamma=1.0, *, r_s, rho_s):
        self._set_zhao(alpha, beta, gamma, r_s, rho_s)

    def _set_zhao(self, alpha, beta, gamma, r_s, rho_s):
        owner = type(self).__name__
        alpha = positive(alpha, "dimensionless", "alpha", owner)
        beta = scalar(beta, "dimensionless", "beta", owner)
        gamma = scalar(gamma, "dimensionless", "gamma", owner)
        if not 0 <= gamma < 3:
            raise InputError(
                f"{owner}: inner slope gamma = {gamma:g} is outside 0 <= gamma < 3: a negative one has a hole in the "
                "centre, 3 or more an infinite mass there; choose gamma in that range"
            )
        if beta <= gamma:
            raise InputError(
                f"{owner}: outer slope beta = {beta:g} is not above the inner slope gamma = {gamma:g}; "
                "choose a beta larger than gamma (NFW: 3 and 1)"
            )
        self._set(
            alpha=alpha,
            beta=beta,
            gamma=gamma,
            r_s=positive(r_s, "length", "r_s", owner),
            rho_s=positive(rho_s, "density", "rho_s", owner),
        )

    @property
    def alpha(self):
        """Sharpness of the bend."""
        return self._alpha

    @property
    def beta(self):
        """Outer slope."""
        return self._beta

    @property
    def gamma(self):
        """Inner slope."""
        return self._gamma

    @property
    def _inner_slope(self):
        return self._gamma

    @property
    def _outer_slope(self):
        return self._beta

    def _log_density(self, log_r):
        log_x = log_r - np.log(self._r_s)
        z = self._alpha * log_x
        step = self._beta - self._gamma
        outside = special.expit(z)  # x^alpha / (1 + x^alpha)
        ln_rho = np.log(self._rho_s) - self._gamma * log_x - step / self._alpha * np.logaddexp(0.0, z)
        return ln_rho, self._gamma + step * outside, step * self._alpha * outside * special.expit(-z)

    def _mass(self, radius):
        if self._beta <= 3:
            return super()._mass(radius)  # the incomplete beta function needs beta > 3
        z = self._alpha * (np.log(radius) - np.log(self._r_s))
        p, q = (3 - self._gamma) / self._alpha, (self._beta - 3) / self._alpha
        inside, outside = special.expit(z), special.expit(-z)
        # far out, count from infinity: 1 - y keeps the digits that y has lost
        share = np.where(outside < 0.1, 1 - special.betainc(q, p, outside), special.betainc(p, q, inside))
        return _unit_mass(self) * share * special.beta(p, q) / self._alpha


class _NamedZhaoProfile(ZhaoProfile):
    """A member of the family with its exponents fixed."""

    _fields = (("r_s", "length"), ("rho_s", "density"))
    _exponents = (1.0, 3.0, 1.0)

    def __init__(self, *, r_s, rho_s):
        self._set_zhao(*self._exponents, r_s, rho_s)


class NFWProfile(_NamedZhaoProfile):
    r"""Navarro, Frenk & White (1997, ApJ 490, 493, Eq. 1): :math:`\rho = \rho_s\,x^{-1}(1+x)^{-2}`.

    :math:`M = 4\pi\rho_s r_s^3\,[\ln(1+x) - x/(1+x)]`.
    """

    def _mass(self, radius):
        return _unit_mass(self) * nfw_mass_function(np.asarray(radius) / self._r_s)


class GeneralisedNFWProfile(ZhaoProfile):
    r"""NFW with a free inner slope, :math:`\rho = \rho_s\,x^{-\gamma}(1+x)^{\gamma-3}`."""

    _fields = (("gamma", "dimensionless"), ("r_s", "length"), ("rho_s", "density"))

    def __init__(self, gamma, *, r_s, rho_s):
        self._set_zhao(1.0, 3.0, gamma, r_s, rho_s)


class HernquistProfile(_NamedZhaoProfile):
    r"""Hernquist (1990, Eq. 2): :math:`\rho = \rho_s\,x^{-1}(1+x)^{-3}`, mass :math:`2\pi\rho_s r_s^3`."""

    _exponents = (1.0, 4.0, 1.0)

    def _mass(self, radius):
        y = 1 / (1 + self._r_s / np.asarray(radius))
        return 0.5 * _unit_mass(self) * y**2


class JaffeProfile(_NamedZhaoProfile):
    r"""Jaffe (1983, Eq. 2): :math:`\rho = \rho_s\,x^{-2}(1+x)^{-2}`, total mass :math:`4\pi\rho_s r_s^3`."""

    _exponents = (1.0, 4.0, 2.0)

    def _mass(self, radius):
        return _unit_mass(self) / (1 + self._r_s / np.asarray(radius))


class PlummerProfile(_NamedZhaoProfile):
    r"""Plummer (1911, MNRAS 71, 460): :math:`\rho = \rho_s\,(1+x^2)^{-5/2}`, total mass :math:`4\pi\rho_s r_s^3/3`."""

    _exponents = (2.0, 5.0, 0.0)

    def _mass(self, radius):
        return _unit_mass(self) / 3 / np.hypot(1.0, self._r_s / np.asarray(radius)) ** 3


class CoredIsothermalProfile(_NamedZhaoProfile):
    r"""Pseudo-isothermal sphere, :math:`\rho = \rho_s\,(1+x^2)^{-1}`, core radius `r_s`.

    Mass and potential are infinite, so it needs a truncation before it can be given a distribution function.
    :math:`M = 4\pi\rho_s r_s^3\,(x - \arctan x)` (Begeman, Broeils & Sanders 1991, MNRAS 249, 523).
    """

    _exponents = (2.0, 2.0, 0.0)

    def _mass(self, radius):
        x = np.asarray(radius, dtype=float) / self._r_s
        small = np.minimum(x, 0.3)
        series = sum((-1) ** (k + 1) * small ** (2 * k + 1) / (2 * k + 1) for k in range(1, 15))
        return _unit_mass(self) * np.where(x < 0.3, series, x - np.arctan(x))


class EinastoProfile(ScaledProfile):
    r"""Einasto profile, :math:`\rho = \rho_s\exp\{-(2/\alpha)\,[x^{\alpha} - 1]\}`.

    `r_s` is the radius of slope 2, where the density is `rho_s` (Navarro et al. 2004, MNRAS 349, 1039, Eq. 5). The mass
    is :math:`4\pi\rho_s r_s^3\,e^{2/\alpha}\,\alpha^{-1}(2/\alpha)^{-3/\alpha}\,\gamma(3/\alpha,\,2x^{\alpha}/\alpha)`.

    Parameters
    ----------
    alpha : float
        Above 0.02 and at most 10; haloes in simulations have about 0.17.
    r_s : Quantity [length] or str
    rho_s : Quantity [density] or str
    """

    _fields = (("alpha", "dimensionless"), ("r_s", "length"), ("rho_s", "density"))
    _inner_slope = 0.0
    _outer_slope = np.inf

    def __init__(self, alpha=0.17, *, r_s, rho_s):
        owner = type(self).__name__
        alpha = positive(alpha, "dimensionless", "alpha", owner)
        if not 0.02 <= alpha <= 10:
            # below, the profile is a power law over the whole numerical range; above, a sphere with an edge
            raise InputError(f"{owner}: alpha = {alpha:g} is outside 0.02 to 10; simulated haloes have about 0.17")
        self._set(
            alpha=alpha, r_s=positive(r_s, "length", "r_s", owner), rho_s=positive(rho_s, "density", "rho_s", owner)
        )

    @property
    def alpha(self):
        """How fast the slope changes: s = 2 x^alpha."""
        return self._alpha

    def _log_density(self, log_r):
        s = 2 * np.exp(np.minimum(self._alpha * (log_r - np.log(self._r_s)), _MAX_LN_EXPONENT))
        return np.log(self._rho_s) - (s - 2) / self._alpha, s, self._alpha * s

    def _mass(self, radius):
        index = 3 / self._alpha
        log_x = np.log(radius) - np.log(self._r_s)
        argument = 2 / self._alpha * np.exp(np.minimum(self._alpha * log_x, _MAX_LN_EXPONENT))
        ln_front = 2 / self._alpha - index * np.log(2 / self._alpha) + special.gammaln(index) - np.log(self._alpha)
        return _unit_mass(self) * np.exp(ln_front) * special.gammainc(index, argument)


class BurkertProfile(ScaledProfile):
    r"""Burkert (1995, ApJ 447, L25, Eq. 2): :math:`\rho = \rho_s\,(1+x)^{-1}(1+x^2)^{-1}`, core radius `r_s`.

    :math:`M = 2\pi\rho_s r_s^3\,[\ln(1+x) + \tfrac12\ln(1+x^2) - \arctan x]`.

    Parameters
    ----------
    r_s : Quantity [length] or str
    rho_s : Quantity [density] or str
        Central density.
    """

    _fields = (("r_s", "length"), ("rho_s", "density"))
    _inner_slope = 0.0
    _outer_slope = 3.0

    def __init__(self, *, r_s, rho_s):
        owner = type(self).__name__
        self._set(r_s=positive(r_s, "length", "r_s", owner), rho_s=positive(rho_s, "density", "rho_s", owner))

    def _log_density(self, log_r):
        z = log_r - np.log(self._r_s)
        one, two = special.expit(z), special.expit(2 * z)
        ln_rho = np.log(self._rho_s) - np.logaddexp(0.0, z) - np.logaddexp(0.0, 2 * z)
        return ln_rho, one + 2 * two, one * special.expit(-z) + 4 * two * special.expit(-2 * z)

    def _mass(self, radius):
        x = np.asarray(radius, dtype=float) / self._r_s
        small = np.minimum(x, 0.3)
        # the closed form cancels to third order in a core
        series = sum(small ** (4 * k + 3) / (4 * k + 3) - small ** (4 * k + 4) / (4 * k + 4) for k in range(8))
        closed = 0.5 * (np.log1p(x) + np.log(np.hypot(1.0, x)) - np.arctan(x))
        return _unit_mass(self) * np.where(x < 0.3, series, closed)


def nfw_mass_function(x):
    r""":math:`m(x) = \ln(1+x) - x/(1+x)`, without the cancellation at small x."""
    x = np.asarray(x, dtype=float)
    y = x / (1 + x)
    small = np.minimum(y, 0.1)
    series = sum(small**k / k for k in range(2, 19))
    return np.where(y < 0.1, series, np.log1p(x) - y)


def _unit_mass(profile):
    return 4 * np.pi * profile._rho_s * profile._r_s**3
