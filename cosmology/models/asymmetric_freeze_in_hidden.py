r"""The hidden sector that freeze-in heats: its temperature, its annihilation, and the decay of what freezes out above.

Hall, March-Russell & West (2010), Eqs. (5.2) to (5.4). Decays to massless bodies give X half the energy of B, 2.5 T per
X in the mean for constant g, so that

.. math:: \frac{T_X}{T} = \left[\frac{10}{3}\,\frac{g_s}{g_X}\,\frac{\eta}{\epsilon}\right]^{1/4} .
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from cosmology import relic, units
from cosmology.asymmetric_freeze_out import FixedAsymmetry, freeze_out, required_sigma_v
from cosmology.degrees_of_freedom import DEFAULT, DegreesOfFreedom, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models.asymmetric_freeze_in_bounds import yukawa_width
from cosmology.models.exodus_sectors import check_states, one_quantity
from cosmology.particle_input import checked_coupling, checked_positive
from cosmology.thermodynamics import _hubble
from cosmology.units import Quantity

LARGEST_REMAINDER = 0.1
"""float : X and anti-X beyond the asymmetry, 2 Y(anti-X), over it that count as annihilated."""


def temperature_ratio(particles, hidden_g_star=10.0, g_s=100.0):
    r"""T_X/T of a hidden bath that freeze-in made, for constant g; float.

    Parameters
    ----------
    particles : float
        Yield of X and anti-X together, eta/epsilon.
    hidden_g_star : float
        g_X, of all hidden particles that are light.
    g_s : float
        Of the visible bath.
    """
    total = np.asarray(checked_positive(particles, "dimensionless", "particles"))
    return (10 / 3 * g_s / check_states(hidden_g_star) * total) ** 0.25


def printed_temperature_ratio(epsilon, hidden_g_star=10.0, g=100.0):
    """Eq. (5.2) as printed, 0.05 (1e-3/eps)^(1/4) (10/g_X)^(1/4) (g/100)^(1/4)."""
    epsilon, g = checked_positive(epsilon, "dimensionless", "epsilon"), checked_positive(g, "dimensionless", "g")
    return 0.05 * (1e-3 / epsilon * 10 / check_states(hidden_g_star) * g / 100) ** 0.25


def decay_temperature(width, *, condition="expansion", g_star=DEFAULT):
    r"""Visible temperature at which a particle at rest decays, Quantity [temperature].

    Parameters
    ----------
    width : Quantity [width]
        For a Yukawa coupling see `asymmetric_freeze_in_bounds.yukawa_width`.
    condition : {"expansion", "time"}
        Gamma = H, or Gamma = 2H, when a lifetime has passed since the beginning.
    g_star : str or DegreesOfFreedom
    """
    factors = {"expansion": 1.0, "time": 2.0}
    if condition not in factors:
        raise InputError(f"condition = {condition!r}; allowed: {', '.join(map(repr, factors))}")
    dof = degrees_of_freedom(g_star)
    rate = np.log(one_quantity(width, "width", "width")[1] / factors[condition])
    low, high = np.log(dof._lowest), np.log(dof._highest)

    def excess(log_t):
        return float(np.log(_hubble(np.exp(log_t), dof)) - rate)

    if excess(low) > 0 or excess(high) < 0:
        raise InputError(f"width = {width}; the expansion rate has this size at no temperature at which g* is known")
    return units.attach(np.exp(brentq(excess, low, high, xtol=1e-12)), "temperature")


def printed_decay_temperature(mass, coupling, g=100.0):
    r"""Eq. (5.3), :math:`15.5\,\mathrm{GeV}(m/100)^{1/2}(\lambda/10^{-8})(g/100)^{-1/4}`, Quantity.

    With the power of g that follows from H; printed is +1/4, and Eq. (5.4), which has no g left, needs -1/4.
    """
    m = checked_positive(mass, "mass", "mass")
    return units.attach(15.5 * np.sqrt(m / 100) * coupling / 1e-8 * (g / 100) ** -0.25, "temperature")


def printed_hidden_temperature(mass, coupling, epsilon, hidden_g_star=10.0):
    r"""Eq. (5.4), :math:`770\,\mathrm{MeV}(m/100)^{1/2}(\lambda/10^{-8})(10^{-3}/\epsilon)^{1/4}(g_X/10)^{-1/4}`.

    With the power of g_X that Eqs. (5.2) and (5.3) give; printed is +1/4. Quantity [temperature].
    """
    m = checked_positive(mass, "mass", "mass")
    return units.attach(
        0.77 * np.sqrt(m / 100) * coupling / 1e-8 * (1e-3 / epsilon * 10 / hidden_g_star) ** 0.25, "temperature"
    )


@dataclass(frozen=True)
class SeenFromHidden(DegreesOfFreedom):
    r"""The visible bath in terms of a colder hidden temperature T', both entropies conserved by themselves.

    Then :math:`s/T'^3` does not change: g_s is the constant :math:`g_s(T_0)/\xi_0^3`, and g_rho is
    :math:`g_\rho(T)(T/T')^4` with T of that T'. Freeze-out of a particle with T' is the usual one with these.

    Parameters
    ----------
    visible : DegreesOfFreedom
    ratio : float
        xi_0 = T'/T at `temperature`.
    temperature : float
        T_0 [GeV], visible.
    hidden : float
        Degrees of freedom of the hidden bath itself, for its energy.
    """

    visible: DegreesOfFreedom
    ratio: float
    temperature: float
    hidden: float = 0.0
    _spline: CubicSpline = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        log_t = np.linspace(np.log(self.visible._lowest), np.log(self.visible._highest), 3000)
        log_hidden = log_t + np.log(self.visible._g_s(np.exp(log_t)) / self._entropy) / 3
        object.__setattr__(self, "_spline", CubicSpline(*_ascending(log_hidden, log_t)))

    name = "seen from the hidden sector"

    @property
    def label(self):
        """The visible label with the ratio."""
        return f"{self.visible.label}, hidden at T'/T = {self.ratio:.4g} at {self.temperature:.4g} GeV"

    @property
    def _entropy(self):
        return float(self.visible._g_s(self.temperature)) / self.ratio**3

    @property
    def _lowest(self):
        return float(np.exp(self._spline.x[0]))

    @property
    def _highest(self):
        return float(np.exp(self._spline.x[-1]))

    def _visible_temperature(self, temperature):
        return np.exp(self._spline(np.log(temperature)))

    def _g_rho(self, temperature):
        hot = self._visible_temperature(temperature)
        return self.visible._g_rho(hot) * (hot / temperature) ** 4 + self.hidden

    def _g_s(self, temperature):
        return np.full(np.shape(temperature), self._entropy)

    def _entropy_slope(self, temperature):
        return np.zeros(np.shape(temperature))


def hidden_relic(mass, sigma_v, asymmetry, baths, states=1.0):
    """What annihilation in a colder sector leaves of X and anti-X, an `AsymmetricRelic`.

    Parameters
    ----------
    mass : Quantity [mass]
    sigma_v : Quantity [sigma_v]
        s-wave, of X with anti-X, at the hidden temperature.
    asymmetry : float
        Absolute, per visible entropy.
    baths : SeenFromHidden
    states : float
        g_X of the particle.
    """
    return freeze_out(mass, sigma_v, FixedAsymmetry(asymmetry), g=states, g_star=baths)


def hidden_sigma_v(mass, asymmetry, baths, states=1.0, remainder=LARGEST_REMAINDER):
    """<sigma v> with which symmetric X over the asymmetry falls to `remainder`, Quantity [sigma_v].

    1.3e-10 GeV^-2 for 1.62 GeV, one state and a sector 20 times colder.
    """
    share = checked_positive(remainder, "dimensionless", "remainder")
    ratio = share / (2 + share)  # anti-X over X, for 2 anti-X = share (X - anti-X)
    return required_sigma_v(mass, ratio, FixedAsymmetry(asymmetry), g=states, g_star=baths).sigma_v


@dataclass(frozen=True, kw_only=True)
class Losp:
    """The lightest visible superpartner: it freezes out and decays to X late, through the portal alone.

    Parameters
    ----------
    mass : Quantity [mass]
    coupling : float
        lambda of its decay, of width lambda^2 m/8 pi.
    left : float
        Yield at freeze-out, both kinds together.
    """

    mass: Quantity
    coupling: float
    left: float = 0.0

    def __post_init__(self):
        object.__setattr__(self, "mass", one_quantity(self.mass, "mass", "losp_mass")[0])
        for name, value in (("losp_coupling", self.coupling), ("losp_yield", self.left)):
            size = units.to_internal(value, "dimensionless", name)
            if np.ndim(size) or size < 0 or (name == "losp_coupling" and size == 0):
                raise InputError(f"{name} = {value}; one number is needed, not negative, and a coupling above 0")
        object.__setattr__(self, "coupling", float(checked_coupling(self.coupling, "losp_coupling")))
        object.__setattr__(self, "left", float(self.left))

    @property
    def width(self):
        """Quantity [width]."""
        return yukawa_width(self.coupling, self.mass)

    def late_density(self, relic_mass):
        """Density of the symmetric X that decays after hidden freeze-out add, one each: Omega h^2, float."""
        return relic.omega_h2(relic_mass, self.left)


def _ascending(log_hidden, log_t):
    """Pairs with rising hidden temperature; a fit of g_s that falls too fast somewhere is bridged."""
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(log_hidden)) > 0])
    return log_hidden[rising], log_t[rising]
