r"""What the paper leaves out: zetas from decays of X and anti-X while both are abundant, and the ways out.

At T of about m_X/3 there are some 1e8 times more X and anti-X than the asymmetry. The few of them that decay then
make zetas which stay, and baryons whose sum is zero: freeze-in,

.. math:: Y_\zeta^{FI} = 2 g_X\,\frac{135}{8\pi^3\cdot1.66}\,
    \frac{M_\mathrm{Pl}\Gamma}{m_X^2\,g_s\sqrt{g_\rho}\,R^5}

for constant g. If it is to be below a share f of the asymmetry, X has to live long: 9 s for 10 GeV and f = 0.1 at equal
temperatures, so that the window of Unwin (2012), 1e-5 s to 1 s at 5 to 10 GeV, is closed. It opens for a colder genesis
sector (R^5), for heavier X, or where zetas annihilate before the late decays.
"""

import numpy as np
from scipy.optimize import brentq

from cosmology import constants, units
from cosmology.errors import InputError
from cosmology.models.exodus_equations import START, ExpansionTable, SelfConjugateRelic, solve
from cosmology.models.exodus_sectors import (
    HUBBLE_COEFFICIENT,
    OBSERVED_ASYMMETRY,
    Sectors,
    check_states,
    log_equilibrium_yield,
    one_quantity,
    time_dilation,
)
from cosmology.particle_input import checked_positive
from cosmology.thermodynamics import _RADIATION_ONLY, _hubble

LARGEST_SHARE = 0.1
"""float : f, zetas of thermal X over the asymmetry that are accepted."""

FREEZE_IN_COEFFICIENT = 135 / (8 * np.pi**3 * HUBBLE_COEFFICIENT)
"""float : 0.3278 of the closed form."""

_LAST = 60.0
_RATIOS = (1.0, 9e3)
_MASSES = (1e-3, 1e12)  # GeV
_STRONGEST = 1e-2  # GeV^-2


def freeze_in_yield(width, mass, states=1.0, *, sectors=None):
    r"""Zetas per entropy from decays of X and anti-X in equilibrium, by quadrature with the real g*(T).

    .. math:: Y^{FI}_\zeta = \int \frac{J\Gamma}{H}\,\frac{K_1}{K_2}\,2Y_\mathrm{eq}\,d\ln x

    Parameters
    ----------
    width : Quantity [width]
    mass : Quantity [mass], any shape
    states : float
    sectors : Sectors, optional

    Returns
    -------
    float or ndarray, of the common shape
    """
    sectors = Sectors() if sectors is None else sectors
    m = np.asarray(checked_positive(mass, "mass", "mass"))
    per_width = _per_width(m.ravel(), check_states(states), sectors).reshape(m.shape)
    found = checked_positive(width, "width", "width") * per_width
    return float(found) if np.ndim(found) == 0 else found


def constant_g_yield(width, mass, g_rho, g_s, states=1.0, ratio=1.0):
    """The same for constant g: the closed form, float or ndarray."""
    m, rate = checked_positive(mass, "mass", "mass"), checked_positive(width, "width", "width")
    for name, value in (("g_rho", g_rho), ("g_s", g_s), ("ratio", ratio)):
        checked_positive(value, "dimensionless", name)
    scale = 2 * check_states(states) * FREEZE_IN_COEFFICIENT * constants.PLANCK_MASS
    return scale * rate / (m**2 * g_s * np.sqrt(g_rho) * ratio**5)


def lifetime_needed(mass, *, asymmetry=OBSERVED_ASYMMETRY, share=LARGEST_SHARE, states=1.0, sectors=None):
    """Shortest lifetime for which zetas of thermal X are below a share of the asymmetry, Quantity [time].

    Parameters
    ----------
    mass : Quantity [mass], any shape
    asymmetry, share, states : float
    sectors : Sectors, optional
    """
    sectors = Sectors() if sectors is None else sectors
    m = np.asarray(checked_positive(mass, "mass", "mass"))
    per_width = _per_width(m.ravel(), check_states(states), sectors).reshape(m.shape)
    return units.attach(per_width / _few(share, asymmetry), "time")


def ratio_needed(mass, lifetime, *, asymmetry=OBSERVED_ASYMMETRY, share=LARGEST_SHARE, states=1.0, sectors=None):
    """Smallest R = T_vis/T_gen from 1 on for which a lifetime is long enough, float."""
    sectors = Sectors() if sectors is None else sectors
    _, m = one_quantity(mass, "mass", "mass")
    _, tau = one_quantity(lifetime, "time", "lifetime")
    few = _few(share, asymmetry)

    def excess(log_ratio):
        here = Sectors(float(np.exp(log_ratio)), sectors.genesis_g_star, sectors.g_star)
        return float(np.log(_per_width(np.array([m]), check_states(states), here)[0] / (few * tau)))

    if excess(0.0) <= 0:
        return 1.0
    if excess(np.log(_RATIOS[1])) > 0:
        raise InputError(f"lifetime = {lifetime} is too short for mass = {mass} at any ratio up to {_RATIOS[1]:g}")
    return float(np.exp(brentq(excess, *np.log(_RATIOS), xtol=1e-10)))


def mass_needed(lifetime, *, asymmetry=OBSERVED_ASYMMETRY, share=LARGEST_SHARE, states=1.0, sectors=None):
    """Smallest m_X for which a lifetime is long enough, Quantity [mass]."""
    sectors = Sectors() if sectors is None else sectors
    _, tau = one_quantity(lifetime, "time", "lifetime")
    few = _few(share, asymmetry)

    def excess(log_mass):
        per_width = _per_width(np.array([np.exp(log_mass)]), check_states(states), sectors)[0]
        return float(np.log(per_width / (few * tau)))

    low, high = np.log(_MASSES[0]), np.log(_MASSES[1])
    if excess(high) > 0 or excess(low) < 0:
        raise InputError(
            f"lifetime = {lifetime}; no mass from {_MASSES[0]:g} to {_MASSES[1]:g} GeV is the limit for it"
        )
    return units.attach(np.exp(brentq(excess, low, high, xtol=1e-10)), "mass")


def relic_sigma_v_needed(
    mass, lifetime, sigma_v, *, asymmetry=OBSERVED_ASYMMETRY, share=LARGEST_SHARE, states=1.0, sectors=None
):
    """Smallest <sigma v> of zetas, s-wave and its own antiparticles, that removes the early ones in time.

    The whole system is solved: zetas at the end over the asymmetry are to be below 1 + share.

    Parameters
    ----------
    mass : Quantity [mass]
    lifetime : Quantity [time]
    sigma_v : Quantity [sigma_v]
        Of X with anti-X.
    asymmetry, share, states : float
    sectors : Sectors, optional

    Returns
    -------
    Quantity [sigma_v]
        Zero where none is needed.
    """
    sectors = Sectors() if sectors is None else sectors
    _, m = one_quantity(mass, "mass", "mass")
    _, tau = one_quantity(lifetime, "time", "lifetime")
    _, sigma = one_quantity(sigma_v, "sigma_v", "sigma_v")
    _few(share, asymmetry)
    end = last_temperature(tau, sectors)
    table = ExpansionTable(np.array([m]), sectors, check_states(states), end, floor=_RADIATION_ONLY)

    def excess(relic_sigma):
        found = solve(table, np.array([1 / tau]), sigma, asymmetry, SelfConjugateRelic, relic_sigma, every_step=False)
        return float(np.log(found.relic[-1, 0, 0] / ((1 + share) * asymmetry)))

    if excess(0.0) <= 0:
        return units.attach(0.0, "sigma_v")
    if excess(_STRONGEST) > 0:
        raise InputError(
            f"no <sigma v> of zetas up to {_STRONGEST:g} GeV^-2 helps at mass = {mass}, lifetime = {lifetime}"
        )
    root = brentq(lambda log: excess(np.exp(log)), np.log(1e-16), np.log(_STRONGEST), xtol=1e-4)
    return units.attach(np.exp(root), "sigma_v")


def last_temperature(lifetime, sectors):
    """Visible temperature [GeV] at which at least 45 lifetimes [1/GeV] have passed, for any visible g* up to 107.

    The energy of a hidden bath counts too: where it rules, times at a visible temperature are far shorter.
    """
    g_rho = 107 + sectors.genesis_g_star / sectors.ratio**4
    return float(np.sqrt(constants.PLANCK_MASS / (2 * HUBBLE_COEFFICIENT * np.sqrt(g_rho) * 45 * lifetime)))


def _few(share, asymmetry):
    """Zetas of thermal X per entropy that are accepted: a positive share of a positive asymmetry."""
    share, asymmetry = (
        checked_positive(one, "dimensionless", name) for one, name in ((share, "share"), (asymmetry, "asymmetry"))
    )
    return share * asymmetry


def _per_width(masses, states, sectors):
    """Freeze-in yield per width [1/GeV], ndarray of the shape of masses [GeV]."""
    edges = np.linspace(np.log(START), np.log(_LAST), 41)
    node, weight = np.polynomial.legendre.leggauss(5)
    half = np.diff(edges)[:, None] / 2
    log_x = (edges[:-1, None] + half * (node + 1)).ravel()[:, None]
    x = np.exp(log_x)
    hot = sectors.ratio * masses / x
    sectors.dof._require(hot, "visible temperature")
    slope = 1 + sectors.dof._entropy_slope(hot) / 3
    yields = np.exp(log_equilibrium_yield(x, hot, states, sectors))
    return np.sum(
        (half * weight).ravel()[:, None] * slope * time_dilation(x) * 2 * yields / _hubble(hot, sectors.dof), 0
    )
