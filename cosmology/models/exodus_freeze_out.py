r"""When anti-X leaves equilibrium, when it stops annihilating, and when it has fallen below the asymmetry.

Unwin (2012), Sect. 2, solved numerically with the real g*(T), beside the paper's orders of magnitude. In equilibrium
:math:`n_{\bar X} \propto e^{-2m/T}` falls at the rate (2m/T)H. It departs when annihilation is as slow as that, and is
depleted further, ever more slowly, until annihilation is as slow as the expansion. The paper's Eq. (2.2) is the first
condition without its 2 and with eta held fixed, which is no constant: only the asymmetry per entropy is.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from cosmology import constants, units
from cosmology.errors import InputError
from cosmology.models.exodus_equations import START
from cosmology.models.exodus_sectors import (
    HUBBLE_COEFFICIENT,
    OBSERVED_ASYMMETRY,
    Sectors,
    check_states,
    log_equilibrium_yield,
    one_quantity,
    split,
)
from cosmology.particle_input import checked_positive
from cosmology.thermodynamics import _entropy, _hubble, cosmic_time
from cosmology.units import Quantity

PAPER_ETA = 6.2e-10
"""float : asymmetry per photon of today in Unwin (2012)."""

CRITICAL_SHARE = 0.01
"""float : of anti-X in the asymmetry at the critical temperature."""

FREEZE_OUT_CONDITIONS = ("departure", "quench")
"""tuple of str : when anti-X leaves equilibrium, and when annihilation is slower than the expansion."""

CRITICAL_FORMS = ("exact", "dimensionless", "printed")
"""tuple of str : definition with K_2 and g*(T); Eq. (2.5) over s^2 as it should be; Eq. (2.5) as printed, GeV = 1."""

_LATEST_X = 500.0  # Y_eq^2 is e^-1000 there


@dataclass(frozen=True)
class Moment:
    """A moment of the history.

    Attributes
    ----------
    temperature : Quantity [temperature]
        Of the visible bath.
    genesis_temperature : Quantity [temperature]
        Of the hidden bath.
    x : float
        m_X/T_gen.
    sectors : Sectors
    """

    temperature: Quantity
    genesis_temperature: Quantity
    x: float
    sectors: Sectors

    @property
    def time(self):
        """Time since the beginning, Quantity [time]; an `InputError` after the radiation era."""
        return cosmic_time(self.temperature, g_star=self.sectors.dof)


def freeze_out(mass, sigma_v, *, asymmetry=OBSERVED_ASYMMETRY, condition="departure", states=1.0, sectors=None):
    r"""When annihilation of anti-X ends, by one of two conditions.

    .. math:: sY_X\langle\sigma v\rangle = 2\,\frac{m}{T_\mathrm{gen}}\,H \quad(\text{departure}), \qquad
        sY_X\langle\sigma v\rangle = H \quad(\text{quench})

    Parameters
    ----------
    mass : Quantity [mass]
    sigma_v : Quantity [sigma_v]
        s-wave.
    asymmetry : float
        Delta, per entropy.
    condition : {"departure", "quench"}
    states : float
    sectors : Sectors, optional

    Returns
    -------
    Moment

    Raises
    ------
    InputError
        Annihilation that never was fast enough, or that goes on until today.
    """
    if condition not in FREEZE_OUT_CONDITIONS:
        raise InputError(f"condition = {condition!r}; choose one of {', '.join(FREEZE_OUT_CONDITIONS)}")
    sectors = Sectors() if sectors is None else sectors
    _, m = one_quantity(mass, "mass", "mass")
    _, sigma = one_quantity(sigma_v, "sigma_v", "sigma_v")
    _check_asymmetry(asymmetry)
    check_states(states)

    def excess(log_x):
        x = np.exp(log_x)
        hot = np.asarray(sectors.ratio * m / x)
        more = split(asymmetry, np.exp(log_equilibrium_yield(x, hot, states, sectors)))[0]
        steepness = 2 * x if condition == "departure" else 1.0
        return float(np.log(_entropy(hot, sectors.dof) * more * sigma / (steepness * _hubble(hot, sectors.dof))))

    ends = np.log([START, sectors.ratio * m / sectors.dof._lowest / 1.0001])
    if excess(ends[0]) <= 0 or excess(ends[1]) >= 0:
        early = excess(ends[0]) <= 0
        said = f"it was never fast: X had no equilibrium at x = {START}" if early else "it is still fast today"
        raise InputError(f"sigma_v = {sigma_v}: {said}; annihilation has to begin in equilibrium and to end")
    return _moment(m, float(np.exp(brentq(excess, *ends, xtol=1e-12))), sectors)


def estimated_freeze_out(mass, sigma_v, *, eta=PAPER_ETA, g=100.0):
    r"""Unwin (2012), Eqs. (2.3) and (4.2): :math:`T_{FO} = [1.66\sqrt g\,m/(M_{Pl}\,\eta\,\sigma)]^{1/2}`.

    An order of magnitude: `freeze_out` solves the condition. Quantity [temperature].

    Parameters
    ----------
    mass : Quantity [mass]
    sigma_v : Quantity [sigma_v]
    eta : float
        Asymmetry per photon of today.
    g : float
        Constant degrees of freedom.
    """
    m = checked_positive(mass, "mass", "mass")
    sigma = checked_positive(sigma_v, "sigma_v", "sigma_v")
    eta, g = checked_positive(eta, "dimensionless", "eta"), checked_positive(g, "dimensionless", "g")
    squared = HUBBLE_COEFFICIENT * np.sqrt(g) * m / (constants.PLANCK_MASS * eta * sigma)
    return units.attach(np.sqrt(squared), "temperature")


def critical_moment(mass, *, asymmetry=OBSERVED_ASYMMETRY, share=CRITICAL_SHARE, states=1.0, sectors=None):
    r"""When anti-X in equilibrium has fallen to a share f of the asymmetry: :math:`Y_\mathrm{eq}^2 = f(1+f)\Delta^2`.

    Parameters
    ----------
    mass : Quantity [mass]
    asymmetry : float
    share : float
        f.
    states : float
    sectors : Sectors, optional

    Returns
    -------
    Moment
        The start of histories, x = 0.02, if a cold hidden sector never held more.
    """
    sectors = Sectors() if sectors is None else sectors
    _, m = one_quantity(mass, "mass", "mass")
    _check_asymmetry(asymmetry)
    share = checked_positive(share, "dimensionless", "share")
    return _moment(m, float(_critical_x(np.array([m]), asymmetry, check_states(states), sectors, share)[0]), sectors)


def critical_temperature(mass, *, form="exact", eta=PAPER_ETA, g=100.0, **options):
    r"""Temperature below which anti-X in equilibrium is less than a hundredth of the asymmetry: Fig. 4.

    ``"exact"``: `critical_moment`, hidden temperature. The other two are for the record,

    .. math:: \frac{2\pi^2}{45}g\,T^3\,\frac{m^3}{\eta}e^{-2m/T} = \frac{\eta}{100} \quad(\text{printed}), \qquad
        \frac{(m/T)^3}{(2\pi^2/45)\,g}\,\frac{e^{-2m/T}}{\eta} = \frac{\eta}{100} \quad(\text{dimensionless}).

    Unwin (2012), Eq. (2.5), multiplies by the entropy density where it has to be divided by: its left side has the
    dimension of energy to the sixth. Near 5 to 10 GeV the forms agree by chance; for 100 GeV they give masses of 4.5,
    2.65 and, exactly, 2.37 TeV.

    Parameters
    ----------
    mass : Quantity [mass], any shape
    form : {"exact", "dimensionless", "printed"}
    eta, g : float
        Asymmetry per photon of today; constant degrees of freedom of the two estimates.
    **options
        `asymmetry`, `share`, `states` and `sectors` of `critical_moment`, for the exact form.

    Returns
    -------
    Quantity [temperature], shape of `mass`
    """
    if form not in CRITICAL_FORMS:
        raise InputError(f"form = {form!r}; choose one of {', '.join(CRITICAL_FORMS)}")
    m = np.asarray(checked_positive(mass, "mass", "mass"))
    if form == "exact":
        sectors = options.get("sectors") or Sectors()
        asymmetry, share = options.get("asymmetry", OBSERVED_ASYMMETRY), options.get("share", CRITICAL_SHARE)
        _check_asymmetry(asymmetry)
        unknown = sorted(set(options) - {"asymmetry", "share", "states", "sectors"})
        if unknown:
            raise InputError(f"options {unknown}; there are asymmetry, share, states, sectors")
        x = _critical_x(m.ravel(), asymmetry, check_states(options.get("states", 1.0)), sectors, share)
        return units.attach(m / x.reshape(m.shape), "temperature")
    if options:
        raise InputError(f"options {sorted(options)} belong to form = 'exact'")
    entropy = 2 * np.pi**2 / 45 * g
    if form == "printed":
        level, power = np.log(entropy * m**6 / (eta**2 * CRITICAL_SHARE)), -3
    else:
        level, power = np.log(np.full(m.shape, 1 / (entropy * eta**2 * CRITICAL_SHARE))), 3
    x = _bisect(lambda x: level + power * np.log(x) - 2 * x, np.full(m.shape, 1.5), _LATEST_X)
    return units.attach(m / x, "temperature")


def expansion_time(temperature, ratio=1.0, *, g=100.0):
    r"""Unwin (2012), Eq. (2.6): :math:`t^* \sim M_{Pl}/(1.66\sqrt g\,T_\mathrm{vis}^2)`, Quantity [time].

    With T_vis = R T_gen that is :math:`R^{-2}`; the last expression of (2.6) has :math:`R^{+2}`, against the paper's
    own remark that a colder genesis sector is depleted earlier. It is 1/H; the time is half of that, and
    `critical_moment(...).time` has it exactly.

    Parameters
    ----------
    temperature : Quantity [temperature]
        T_gen.
    ratio : float
        R.
    g : float
    """
    hot = ratio * checked_positive(temperature, "temperature", "temperature")
    return units.attach(constants.PLANCK_MASS / (HUBBLE_COEFFICIENT * np.sqrt(g) * hot**2), "time")


def estimated_depletion_time(mass, *, g=100.0):
    """Unwin (2012), Eq. (2.8): `expansion_time` with a critical temperature of m/30, Quantity [time]."""
    return expansion_time(units.attach(checked_positive(mass, "mass", "mass") / 30, "temperature"), g=g)


def _critical_x(masses, asymmetry, states, sectors, share=CRITICAL_SHARE):
    """x at which the equilibrium of anti-X is a share of the asymmetry, ndarray of the shape of masses [GeV]."""
    target = np.log(share * (1 + share)) + 2 * np.log(asymmetry)

    def above(x):
        hot = np.clip(sectors.ratio * masses / x, sectors.dof._lowest, sectors.dof._highest)
        return 2 * log_equilibrium_yield(x, hot, states, sectors) - target

    return _bisect(above, np.full(np.shape(masses), START), _LATEST_X)


def _bisect(function, low, high):
    """Where a falling function of x passes zero, by elements; an end if it does not."""
    low, high = np.log(low), np.full(np.shape(low), np.log(high))
    for _ in range(50):
        middle = (low + high) / 2
        above = function(np.exp(middle)) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.exp((low + high) / 2)


def _moment(mass, x, sectors):
    hidden = mass / x
    return Moment(units.attach(sectors.ratio * hidden, "temperature"), units.attach(hidden, "temperature"), x, sectors)


def _check_asymmetry(asymmetry):
    if np.ndim(asymmetry) or not np.isfinite(asymmetry) or asymmetry <= 0:
        raise InputError(f"asymmetry = {asymmetry!r}; (n - nbar)/s of X is one positive number, like 8.8e-11")
