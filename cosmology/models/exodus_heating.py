r"""How hot the decays make the relics: zeta's temperature, and the largest m_X for which it stays frozen out.

Unwin (2012), Sect. 2.3. A decay at rest gives zeta the momentum p; thermalised among themselves, zetas of mass m have
:math:`\frac32 T = \langle p^2\rangle/2m`. Above T of about m/25 a weak-scale cross-section would make zetas again, so
that their number would not be that of the baryons.
"""

import numpy as np
from scipy.optimize import brentq

from cosmology import units
from cosmology.errors import InputError
from cosmology.models.exodus_sectors import check_states, scaled_k2
from cosmology.models.exodus_widths import _open_masses
from cosmology.particle_input import checked_positive
from cosmology.thermodynamics import _entropy

HEATING_FORMS = ("relativistic", "momentum", "first_order", "printed", "rounded")
"""tuple of str : how T_relic is calculated, see `relic_temperature`."""

FROZEN_OUT = 1 / 25
"""float : T_relic/m_zeta up to which zeta counts as frozen out, an order of magnitude: Eq. (2.10)."""

_MOST = 1e4


def relic_momentum(mass, relic_mass, visible_mass):
    r"""Momentum of the products of a decay at rest, Quantity [energy].

    .. math:: p^2 = \frac{[m_X^2 - (m_b+m_\zeta)^2][m_X^2 - (m_b-m_\zeta)^2]}{4 m_X^2}

    Parameters
    ----------
    mass, relic_mass, visible_mass : Quantity [mass]
        Of X, zeta and the baryon (or lepton).

    Raises
    ------
    InputError
        A decay that is closed.
    """
    return units.attach(np.sqrt(_momentum_squared(*_open_masses(mass, relic_mass, visible_mass))), "energy")


def relic_temperature(mass, relic_mass, visible_mass, form="relativistic"):
    r"""Temperature of the zetas after the decays, before they cool with the expansion.

    ================  =============================================================================
    form              T_relic
    ================  =============================================================================
    ``relativistic``  (2/3) of the mean kinetic energy :math:`\sqrt{p^2+m_\zeta^2} - m_\zeta`
    ``momentum``      :math:`p^2/3m_\zeta`: Eq. (2.9) with the exact p
    ``first_order``   :math:`m_b[m_X^2-(m_b+m_\zeta)^2]/3(m_b+m_\zeta)^2`, its limit just above threshold
    ``printed``       Eq. (2.10), :math:`[m_X^2-(m_b+m_\zeta)^2]/6m_\zeta`: a term p^2 of the same order dropped
    ``rounded``       Eq. (2.11), :math:`\mathrm{GeV}\,[m_X^2/(m_b+m_\zeta)^2 - 1]`: a factor 1.2 dropped too
    ================  =============================================================================

    The printed one is too hot by (m_b + m_zeta)^2/(2 m_b m_zeta) just above threshold, 3.6 for 1 and 5 GeV.

    Parameters
    ----------
    mass, relic_mass, visible_mass : Quantity [mass]
    form : str
        One of `HEATING_FORMS`.

    Returns
    -------
    Quantity [temperature]
    """
    return units.attach(_temperature(*_open_masses(mass, relic_mass, visible_mass), _checked(form)), "temperature")


def heaviest_parent(relic_mass, visible_mass, form="relativistic", largest=FROZEN_OUT):
    """Largest m_X for which T_relic/m_zeta stays below a number, Quantity [mass].

    Parameters
    ----------
    relic_mass, visible_mass : Quantity [mass]
        The second may be zero in the two forms that need no threshold expansion.
    form : str
        One of `HEATING_FORMS`.
    largest : float
    """
    _checked(form)
    zeta = checked_positive(relic_mass, "mass", "relic_mass")
    other = units.to_internal(visible_mass, "mass", "visible_mass")
    checked_positive(largest, "dimensionless", "largest")
    if other < 0 or (form == "first_order" and other == 0):
        raise InputError(f"visible_mass = {visible_mass}; it is not negative, and positive for the first order")
    low = (zeta + other) * (1 + 1e-12)
    excess = lambda m: _temperature(m, zeta, other, form) / zeta - largest  # noqa: E731
    if not excess(low) < 0 < excess(_MOST * low):
        raise InputError(
            f"largest = {largest}; T_relic/m_zeta is from {excess(low) + largest:.2g} to "
            f"{excess(_MOST * low) + largest:.2g} for m_X up to {_MOST:g} times its products"
        )
    return units.attach(brentq(excess, low, _MOST * low, xtol=1e-12), "mass")


def thermal_yield(relic_temperature, relic_mass, visible_temperature, states=2.0, *, sectors):
    r"""Zetas per visible entropy that a bath at T_relic would hold in equilibrium, :math:`n_\mathrm{eq}/s`.

    Far below the asymmetry, no cross-section whatsoever can spoil the number of zetas; the rule T < m/25 is the same
    demand for weak-scale ones.

    Parameters
    ----------
    relic_temperature : Quantity [temperature]
    relic_mass : Quantity [mass]
    visible_temperature : Quantity [temperature]
        When X decays.
    states : float
    sectors : Sectors
    """
    hot = checked_positive(relic_temperature, "temperature", "relic_temperature")
    m = checked_positive(relic_mass, "mass", "relic_mass")
    x = np.minimum(m / hot, 700.0)
    number = check_states(states) * m**2 * hot / (2 * np.pi**2) * scaled_k2(x) * np.exp(-x)
    return float(number / _entropy(sectors.dof._temperature(visible_temperature), sectors.dof))


def photons_needed(temperature, mass, baryons_per_photon):
    r"""Energy that a plasma of a temperature holds in photons, over what decays of X can give: far above 1.

    Decays free at most m_X per baryon, which is m_X/2.7T photons, and there are 1/eta of them per baryon: decays of X
    cannot reheat a cold visible sector by themselves, against a remark of Unwin (2012), Sect. 3; the entropy has to
    come from elsewhere.
    """
    hot = checked_positive(temperature, "temperature", "temperature")
    eta = checked_positive(baryons_per_photon, "dimensionless", "baryons_per_photon")
    return float(2.7 * hot / (checked_positive(mass, "mass", "mass") * eta))


def _momentum_squared(m, zeta, other):
    return (m**2 - (other + zeta) ** 2) * (m**2 - (other - zeta) ** 2) / (4 * m**2)


def _temperature(m, zeta, other, form):
    above = m**2 - (other + zeta) ** 2
    if form == "relativistic":
        p2 = _momentum_squared(m, zeta, other)
        return 2 / 3 * p2 / (np.sqrt(p2 + zeta**2) + zeta)
    if form == "momentum":
        return _momentum_squared(m, zeta, other) / (3 * zeta)
    if form == "first_order":
        return other * above / (3 * (other + zeta) ** 2)
    return above / (6 * zeta) if form == "printed" else above / (other + zeta) ** 2


def _checked(form):
    if form not in HEATING_FORMS:
        raise InputError(f"form = {form!r}; choose one of {', '.join(HEATING_FORMS)}")
    return form
