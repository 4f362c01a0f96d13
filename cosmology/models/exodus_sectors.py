r"""Two baths at different temperatures: the visible one sets entropy and expansion, the hidden one the X particles.

Unwin (2012), "Exodus": an asymmetry of X is made in a hidden genesis sector of temperature T_gen, the visible one has
T_vis = R T_gen. Here R stays what it is; underscored functions take and give powers of GeV.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import kve

from cosmology import units
from cosmology.degrees_of_freedom import DEFAULT, DegreesOfFreedom, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.particle_input import checked_positive
from cosmology.thermodynamics import _entropy

PHOTONS_PER_CUBE = 0.24358805
r"""float : :math:`n_\gamma/T^3 = 2\zeta(3)/\pi^2`."""

HUBBLE_COEFFICIENT = float(np.sqrt(8 * np.pi**3 / 90))
r"""float : 1.66 of :math:`H = 1.66\sqrt{g}\,T^2/M_\mathrm{Pl}`, for the Planck mass that is not reduced."""

OBSERVED_ASYMMETRY = 6.2e-10 / 7.08
r"""float : :math:`\Delta = (n - \bar n)/s` for the paper's eta = 6.2e-10 of today, with s/n_gamma of today."""

_LATE = 1e4  # x above which Bessel functions are replaced by their expansions
_LARGEST_RATIO, _SMALLEST_RATIO = 1e4, 1e-4


@dataclass(frozen=True)
class WithHiddenBath(DegreesOfFreedom):
    """Degrees of freedom of the visible bath, and the hidden bath's energy counted with them.

    Parameters
    ----------
    visible : DegreesOfFreedom
    hidden : float
        What the hidden bath adds to g_rho of the visible temperature, its own degrees of freedom over R^4. Entropy is
        the visible one alone, to which yields refer.
    """

    visible: DegreesOfFreedom
    hidden: float

    @property
    def name(self):
        """Name of the visible degrees of freedom."""
        return self.visible.name

    @property
    def label(self):
        """The visible label, with what is added."""
        return f"{self.visible.label} + hidden {self.hidden:.4g}"

    @property
    def _lowest(self):
        return self.visible._lowest

    @property
    def _highest(self):
        return self.visible._highest

    @property
    def _corners(self):
        return self.visible._corners

    def _g_rho(self, temperature):
        return self.visible._g_rho(temperature) + self.hidden

    def _g_s(self, temperature):
        return self.visible._g_s(temperature)

    def _entropy_slope(self, temperature):
        return self.visible._entropy_slope(temperature)

    def _all(self, temperature):
        g_rho, g_s, slope = self.visible._all(temperature)
        return g_rho + self.hidden, g_s, slope


@dataclass(frozen=True)
class Sectors:
    r"""The two baths, with a ratio of temperatures that does not change.

    .. math:: H^2 = \frac{8\pi}{3 M_\mathrm{Pl}^2}\,\frac{\pi^2}{30}
        \left(g_\rho + g_\mathrm{gen}/R^4\right)T_\mathrm{vis}^4

    Parameters
    ----------
    ratio : float
        R = T_vis/T_gen, from 1e-4 to 1e4.
    genesis_g_star : float
        g_gen, degrees of freedom of the hidden bath; 0 leaves its energy out, as the paper does for R of 1 and above.
    g_star : str or DegreesOfFreedom
        Of the visible bath.

    Raises
    ------
    InputError
        A ratio out of range, degrees of freedom that are negative, or an unknown `g_star`.
    """

    ratio: float = 1.0
    genesis_g_star: float = 0.0
    g_star: str | DegreesOfFreedom = DEFAULT

    def __post_init__(self):
        degrees_of_freedom(self.g_star)
        ratio = units.to_internal(self.ratio, "dimensionless", "ratio")
        if np.ndim(ratio) or not _SMALLEST_RATIO <= ratio <= _LARGEST_RATIO:
            raise InputError(
                f"ratio = {self.ratio}; T_vis/T_gen is one number from {_SMALLEST_RATIO:g} to {_LARGEST_RATIO:g}"
            )
        hidden = units.to_internal(self.genesis_g_star, "dimensionless", "genesis_g_star")
        if np.ndim(hidden) or hidden < 0:
            raise InputError(f"genesis_g_star = {self.genesis_g_star}; it is one number, 0 or more")
        object.__setattr__(self, "ratio", float(ratio))
        object.__setattr__(self, "genesis_g_star", float(hidden))

    @cached_property
    def dof(self):
        """Degrees of freedom that the expansion sees, a `DegreesOfFreedom`."""
        visible = degrees_of_freedom(self.g_star)
        if self.genesis_g_star == 0:
            return visible
        return WithHiddenBath(visible, self.genesis_g_star / self.ratio**4)

    def delta_n_eff(self, temperature):
        r"""Extra neutrinos that the hidden bath amounts to if its particles stay light.

        .. math:: \Delta N_\mathrm{eff} = \frac47\,\frac{g_\mathrm{gen}}{R^4}\left(\frac{10.75}{g_s(T)}\right)^{4/3}

        Both entropies are conserved, each by itself, from the visible temperature T (Quantity) on, where the ratio
        is R.
        """
        g_s = self.dof.g_s(temperature)
        return 4 / 7 * self.genesis_g_star / self.ratio**4 * (10.75 / g_s) ** (4 / 3)


def entropy_per_photon(temperature, *, g_star=DEFAULT):
    r"""Entropy per photon, :math:`s/n_\gamma = 1.80\,g_s`: 7 is its value of today only (Unwin 2012, Sect. 2).

    Parameters
    ----------
    temperature : Quantity [temperature]
    g_star : str or DegreesOfFreedom

    Returns
    -------
    float or ndarray
    """
    return 2 * np.pi**2 / 45 / PHOTONS_PER_CUBE * degrees_of_freedom(g_star).g_s(temperature)


def equilibrium_densities(temperature, mass, asymmetry, states=1.0, *, sectors=None):
    r"""Densities of X and anti-X in equilibrium with each other, at any temperature.

    .. math:: n_X n_{\bar X} = n_\mathrm{eq}^2, \qquad n_\mathrm{eq} = \frac{g_X m^2 T}{2\pi^2}\,K_2(m/T), \qquad
        n_X - n_{\bar X} = s\,\Delta

    with T of the hidden bath; Unwin (2012), Eq. (2.1) is the limit m/T >> 1. The chemical potential is
    :math:`\mu/T = \sinh^{-1}(\Delta s/2 n_\mathrm{eq})`.

    Parameters
    ----------
    temperature : Quantity [temperature]
        Of the visible bath.
    mass : Quantity [mass]
    asymmetry : float
        Delta, per visible entropy.
    states : float
        g_X, internal states of X, and of anti-X.
    sectors : Sectors, optional

    Returns
    -------
    particles, antiparticles : Quantity [number_density]
    potential : float or ndarray
        mu/T_gen.
    """
    sectors = Sectors() if sectors is None else sectors
    hot = sectors.dof._temperature(temperature)
    m = checked_positive(mass, "mass", "mass")
    check_states(states)
    if np.any(np.asarray(units.to_internal(asymmetry, "dimensionless", "asymmetry")) < 0):
        raise InputError(f"asymmetry = {asymmetry}; call the more abundant one X, so that it is not negative")
    entropy = _entropy(hot, sectors.dof)
    pairs = np.exp(log_equilibrium_yield(m * sectors.ratio / hot, hot, states, sectors))
    more, fewer = split(asymmetry, pairs)
    potential = np.arcsinh(asymmetry / (2 * np.maximum(pairs, np.finfo(float).tiny)))
    return units.attach(more * entropy, "number_density"), units.attach(fewer * entropy, "number_density"), potential


def estimated_antiparticles(temperature, mass, asymmetry_per_photon):
    r"""Density of anti-X by the order of magnitude :math:`(m^3/\eta)\,e^{-2m/T}`, Unwin (2012), Eq. (2.4).

    The coefficient left out is :math:`g_X^2/(8\pi^3\cdot 0.2436)`, 1/60.4 for one state. Quantity [number_density].
    """
    hot = checked_positive(temperature, "temperature", "temperature")
    m = checked_positive(mass, "mass", "mass")
    eta = checked_positive(asymmetry_per_photon, "dimensionless", "asymmetry_per_photon")
    return units.attach(m**3 / eta * np.exp(-2 * m / hot), "number_density")


def split(asymmetry, equilibrium):
    """Yields of particles and antiparticles from an asymmetry, not negative, and the yield without one.

    The rarer one is the square of `equilibrium` over the other: as a difference it would lose all digits.
    """
    more = asymmetry / 2 + np.hypot(asymmetry / 2, equilibrium)
    return more, equilibrium * (equilibrium / more)


def log_equilibrium_yield(x, hot, states, sectors):
    """ln(n_eq/s) at x = m/T_gen and visible temperatures `hot` [GeV]: n_eq = g x^2 K_2(x) T_gen^3/(2 pi^2)."""
    entropy = 2 * np.pi**2 / 45 * sectors.dof._g_s(hot)  # over T_vis^3
    return np.log(states / (2 * np.pi**2) * x**2 * scaled_k2(x) / entropy) - x - 3 * np.log(sectors.ratio)


def scaled_k2(x):
    """e^x K_2(x), an expansion above 1e4."""
    x = np.asarray(x, dtype=float)
    near = kve(2, np.minimum(x, _LATE))
    far = np.sqrt(np.pi / (2 * x)) * (1 + 15 / (8 * x) + 105 / (128 * x**2))
    return np.where(x > _LATE, far, near)


def time_dilation(x):
    r"""Mean of m/E in a thermal gas, :math:`K_1(x)/K_2(x)`: slower decay of moving particles; 1 - 3/(2x) above 1e4."""
    x = np.asarray(x, dtype=float)
    safe = np.minimum(x, _LATE)
    return np.where(x > _LATE, 1 - 1.5 / x + 1.875 / x**2, kve(1, safe) / kve(2, safe))


def check_states(states):
    """Number of internal states, positive, or an `InputError`."""
    if isinstance(states, bool) or np.ndim(states) or not np.isfinite(states) or states <= 0:
        raise InputError(f"states = {states!r}; a positive number of internal states is needed, like 1 or 2")
    return float(states)


def one_quantity(value, dimension, name):
    """One positive Quantity in the unit that users read, and its size in powers of GeV."""
    size = checked_positive(value, dimension, name)
    if np.ndim(size):
        raise InputError(f"{name} = {value}; one value is needed")
    return units.attach(size, dimension), size
