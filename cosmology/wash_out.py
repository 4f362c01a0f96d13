r"""Wash-out of the asymmetries by the interaction that lets the parent decay.

The operator :math:`(B'L')(N_1N_2)/\Lambda^2` breaks :math:`\eta_{B'} + \eta_{L'}` and conserves their difference. Its
scatterings are fastest early, so the temperature T_1 from which the asymmetry exists must not be too high. Equations
(A.n) are those of Hardy, Lasenby & Unwin (2014), arXiv:1402.4500, appendix A, with its reduced Planck mass.

Two conditions for a safe asymmetry are offered by name. `PrintedCondition` is the paper's
:math:`T^3 \gtrsim 10^{-3}\,\Delta m^5/(\Gamma M_\mathrm{Pl})` for "multiple e-folds". `DerivedCondition` is what
(A.9)-(A.11) give: the printed number corresponds to 0.02 to 0.05 e-folds, as if the factor :math:`\sqrt{g_*}Y_{N_1}`
had been left out, and forbids temperatures that are allowed.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import zeta

from cosmology import constants, units
from cosmology.degrees_of_freedom import DEFAULT, DegreesOfFreedom, degrees_of_freedom
from cosmology.errors import ConvergenceError, InputError

COEFFICIENTS = {"paper": 10.0, "derived": 80 / 3}
"""dict : C' by name. The paper says O(10). Derived: six crossings of the operator with Boltzmann statistics, both
chiralities, helicity-summed squared amplitudes s^2 (two annihilation-like) and t^2 (four scattering-like), and each
event changes the sum by 2."""

N_NUMBERS = ("violated", "conserved")
"""tuple of str : whether the light N's number changes fast, or is conserved because their helicity is."""

_WIDTH_FACTOR = 120 * np.pi**3  # (A.5): Gamma = Dm^5/(120 pi^3 Lambda^4)
_SIGMA = 3 / (32 * np.pi)  # (A.7)
_DOWN = 14.0  # e-folds of T: the rest is exp(-42)


@dataclass(frozen=True)
class PrintedCondition:
    """The paper's condition: the asymmetry is lost for T^3 above `number` times Dm^5/(Gamma M_Pl)."""

    number: float = 1e-3

    def _threshold(self, temperature):
        return np.full(np.shape(temperature), float(self.number))


@dataclass(frozen=True)
class DerivedCondition:
    """The condition that (A.9)-(A.11) give: at most `e_folds` of the asymmetry's sum are lost.

    Parameters
    ----------
    e_folds : float
        W that is allowed.
    coefficient : {"derived", "paper"} or float
        C', see `COEFFICIENTS`.
    g_star : str or DegreesOfFreedom
    """

    e_folds: float = 1.0
    coefficient: str | float = "derived"
    g_star: str | DegreesOfFreedom = DEFAULT

    def _threshold(self, temperature):
        reach = _reach(np.asarray(temperature, dtype=float), None, degrees_of_freedom(self.g_star))
        return self.e_folds / (_coefficient(self.coefficient) * reach)


CONDITIONS = {"paper": PrintedCondition, "derived": DerivedCondition}
"""dict : conditions for a safe asymmetry, by name."""


def scattering_sigma_v(temperature, scale, *, constant=1.0):
    r"""Thermal average of one scattering, (A.6) and (A.7): :math:`\langle\sigma v\rangle = 3CT^2/(32\pi\Lambda^4)`.

    From :math:`\sigma = C E^4/(8E^2\,8\pi\Lambda^4)` and the massless Boltzmann average
    :math:`\langle s v\rangle = 24T^2` with s = 4E^2.

    Parameters
    ----------
    temperature : Quantity [temperature]
    scale : Quantity [energy]
        Lambda.
    constant : float
        C, of order 1.

    Returns
    -------
    Quantity [volume/time]
    """
    temperature = _positive(temperature, "temperature", "temperature")
    scale = _positive(scale, "energy", "scale")
    return units.attach(constant * _SIGMA * temperature**2 / scale**4, "sigma_v")


def wash_out_constant(temperature, sigma_v, *, coefficient="derived"):
    r"""Constant of (A.9) from the cross-section, (A.10): :math:`\lambda = (4\pi/\sqrt{90})C'T_1M_\mathrm{Pl}\sigma_1`.

    (A.9) is :math:`d\ln(\eta_{B'} + \eta_{L'})/dx = -(\lambda/x^4)\sqrt{g_*}Y_{N_1}`, x = T_1/T, for g_s = g_rho.

    Parameters
    ----------
    temperature : Quantity [temperature]
        T_1.
    sigma_v : Quantity [volume/time]
        sigma_1, the average (A.7) at T_1 with C = 1.
    coefficient : {"derived", "paper"} or float
        C', see `COEFFICIENTS`.

    Returns
    -------
    float or ndarray
    """
    temperature = _positive(temperature, "temperature", "temperature")
    sigma = _positive(sigma_v, "sigma_v", "sigma_v")
    prefactor = 4 * np.pi / np.sqrt(90) * constants.REDUCED_PLANCK_MASS
    return _plain(_coefficient(coefficient) * prefactor * temperature * sigma)


def wash_out_constant_from_width(temperature, width, splitting, *, coefficient="derived"):
    r"""Constant of (A.9) from the decay width, (A.11): :math:`3\pi^3\sqrt{5/2}\,C'T_1^3M_\mathrm{Pl}\Gamma/\Delta m^5`.

    Parameters
    ----------
    temperature : Quantity [temperature]
        T_1.
    width : Quantity [energy or 1/time]
        Gamma of the parent.
    splitting : Quantity [mass]
        Dm = m_B' - m_L'.
    coefficient : {"derived", "paper"} or float
        C', see `COEFFICIENTS`.

    Returns
    -------
    float or ndarray
    """
    strength = _strength(*_inputs(temperature, width, splitting))
    return _plain(3 * np.pi**3 * np.sqrt(2.5) * _coefficient(coefficient) * strength)


def e_folds(temperature, width, splitting, *, coefficient="derived", g_star=DEFAULT, down_to=None):
    r"""E-folds W by which the sum of the asymmetries is washed out, integrated with the real g*(T).

    .. math:: W = \int_{T_2}^{T_1} \frac{J}{H}\, C' n_{N_1}\langle\sigma v\rangle\, d\ln T, \qquad
        n_{N_1} = \frac{3\zeta(3)}{2\pi^2}T^3

    with J = 1 + (1/3) d ln g_s/d ln T and (A.5), (A.7), (A.8); n counts both helicities of one N. For constant g* this
    is :math:`\lambda\sqrt{g_*}Y_{N_1}/3`, which for 106.75 is 1.976 C' T^3 M_Pl Gamma/Dm^5. Massless particles: good
    for temperatures far above all masses; W is made near the upper end.

    Parameters
    ----------
    temperature : Quantity [temperature], any shape
        T_1, from which the asymmetry exists.
    width : Quantity [energy or 1/time]
        Gamma of the parent.
    splitting : Quantity [mass]
        Dm = m_B' - m_L'.
    coefficient : {"derived", "paper"} or float
        C', see `COEFFICIENTS`.
    g_star : str or DegreesOfFreedom
    down_to : Quantity [temperature]
        T_2, below T_1; zero if not given. An array follows the wash-out along T.

    Returns
    -------
    float or ndarray
    """
    temperature, width, splitting = _inputs(temperature, width, splitting)
    dof = degrees_of_freedom(g_star)
    if down_to is not None:
        down_to = _positive(down_to, "temperature", "down_to")
        if np.any(down_to > temperature):
            raise InputError(f"down_to = {down_to} GeV lies above temperature = {temperature} GeV")
    reach = _reach(temperature, down_to, dof)
    return _plain(_coefficient(coefficient) * reach * _strength(temperature, width, splitting))


def remaining_share(e_folds, *, n_number="violated"):
    r"""Share of :math:`\eta_{B'} + \eta_{L'}` that is left after W e-folds.

    With fast violation of N number, :math:`e^{-W}`: B' and L' end with opposite asymmetries. When N are so light
    that their helicity is conserved, and nothing else changes their number, the operator only shares the asymmetry
    between four species, and :math:`\frac23 + \frac13 e^{-3W}` is left.

    Parameters
    ----------
    e_folds : float or array
        W.
    n_number : {"violated", "conserved"}

    Returns
    -------
    float or ndarray
    """
    w = np.asarray(e_folds, dtype=float)
    if not np.all(w >= 0):
        raise InputError(f"e_folds = {e_folds}; they are not negative")
    if n_number not in N_NUMBERS:
        raise InputError(f"n_number = {n_number!r}; known are {', '.join(N_NUMBERS)}")
    return _plain(np.exp(-w) if n_number == "violated" else 2 / 3 + np.exp(-3 * w) / 3)


def highest_temperature(width, splitting, condition="derived"):
    """Temperature T_1 from which the asymmetry may exist at most.

    Parameters
    ----------
    width : Quantity [energy or 1/time]
    splitting : Quantity [mass]
    condition : {"derived", "paper"} or PrintedCondition or DerivedCondition

    Returns
    -------
    Quantity [temperature]
    """
    condition = _condition(condition)
    width, splitting = _positive(width, "width", "width"), _positive(splitting, "mass", "splitting")
    scale = np.asarray(splitting**5 / (width * constants.REDUCED_PLANCK_MASS))
    temperature = np.cbrt(scale * 1e-2)
    for _ in range(60):  # the threshold hardly depends on T, so this converges at once
        old, temperature = temperature, np.cbrt(scale * condition._threshold(temperature))
        if np.all(np.abs(temperature / old - 1) < 1e-12):
            return units.attach(temperature, "temperature")
    raise ConvergenceError(
        f"no temperature found for width = {width} GeV, splitting = {splitting} GeV; report the case"
    )


def least_splitting(width, temperature, condition="derived"):
    """Smallest Dm for which an asymmetry that exists from `temperature` on survives; larger ones are safer.

    Parameters
    ----------
    width : Quantity [energy or 1/time]
    temperature : Quantity [temperature]
    condition : {"derived", "paper"} or PrintedCondition or DerivedCondition

    Returns
    -------
    Quantity [mass]
    """
    width, temperature = _positive(width, "width", "width"), _positive(temperature, "temperature", "temperature")
    threshold = _condition(condition)._threshold(temperature)
    return units.attach((temperature**3 * constants.REDUCED_PLANCK_MASS * width / threshold) ** 0.2, "mass")


def largest_width(splitting, temperature, condition="derived"):
    """Largest decay width for which an asymmetry that exists from `temperature` on survives.

    Parameters
    ----------
    splitting : Quantity [mass]
    temperature : Quantity [temperature]
    condition : {"derived", "paper"} or PrintedCondition or DerivedCondition

    Returns
    -------
    Quantity [energy]
    """
    splitting = _positive(splitting, "mass", "splitting")
    temperature = _positive(temperature, "temperature", "temperature")
    threshold = _condition(condition)._threshold(temperature)
    return units.attach(threshold * splitting**5 / (temperature**3 * constants.REDUCED_PLANCK_MASS), "width")


def _reach(temperature, down_to, dof):
    """W over C' T^3 M_Pl Gamma/Dm^5, by quadrature in ln T."""
    dof._require(temperature)
    low = np.maximum(temperature * np.exp(-_DOWN), dof._lowest) if down_to is None else dof._require(down_to, "down_to")
    temperature, low = np.broadcast_arrays(np.asarray(temperature, dtype=float), np.asarray(low, dtype=float))
    node, weight = np.polynomial.legendre.leggauss(6)
    panels = int(np.ceil(8 * _DOWN))
    edges = np.linspace(0, 1, panels + 1)
    place = (edges[:-1, None] + (node + 1) / 2 / panels).ravel()
    share = np.tile(weight / 2 / panels, panels)
    span = np.log(temperature / low)[..., None]
    here = low[..., None] * np.exp(span * place)
    g_rho, _, slope = dof._all(here)
    density = 1.5 * zeta(3) / np.pi**2
    # rate/H over (T/T_1)^3 T_1^3 M_Pl Gamma/Dm^5
    factor = density * _SIGMA * _WIDTH_FACTOR * np.sqrt(90) / np.pi
    integrand = factor * (1 + slope / 3) / np.sqrt(g_rho) * (here / temperature[..., None]) ** 3
    return np.sum(integrand * share * span, axis=-1)


def _strength(temperature, width, splitting):
    return temperature**3 * constants.REDUCED_PLANCK_MASS * width / splitting**5


def _inputs(temperature, width, splitting):
    return (
        _positive(temperature, "temperature", "temperature"),
        _positive(width, "width", "width"),
        _positive(splitting, "mass", "splitting"),
    )


def _condition(condition):
    if isinstance(condition, str) and condition in CONDITIONS:
        return CONDITIONS[condition]()
    if not isinstance(condition, tuple(CONDITIONS.values())):
        raise InputError(f"condition = {condition!r}; known are {', '.join(CONDITIONS)}, or an object of those classes")
    return condition


def _coefficient(coefficient):
    value = COEFFICIENTS.get(coefficient) if isinstance(coefficient, str) else coefficient
    if value is None or not (np.isscalar(value) and 0 < value < np.inf):
        raise InputError(f"coefficient = {coefficient!r}; known are {', '.join(COEFFICIENTS)}, or a positive number")
    return float(value)


def _positive(value, dimension, name):
    value = units.to_internal(value, dimension, name)
    if np.any(np.asarray(value) <= 0):
        raise InputError(f"{name} = {value} in powers of GeV; it must be positive")
    return value


def _plain(values):
    return float(values) if np.ndim(values) == 0 else values
