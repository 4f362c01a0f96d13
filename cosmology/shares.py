r"""Masses and mass shares of two asymmetric species, from their asymmetries.

The parent B' and the daughter L' of almost equal masses together are the dark matter:
:math:`m_{B'}\eta_{B'} + m_{L'}\eta_{L'} = (\Omega_\mathrm{DM}/\Omega_b)\,m_p\eta_B`.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import constants, relic, units
from cosmology.errors import InputError
from cosmology.units import Quantity


@dataclass(frozen=True)
class MassesAndShares:
    """Masses and mass shares before the decays. Arrays have the common shape of the arguments.

    Attributes
    ----------
    parent_mass, daughter_mass : Quantity [mass]
        m_B', m_L'.
    parent_share, daughter_share : float or ndarray
        f_B, f_L, with sum 1.
    parent_asymmetry, daughter_asymmetry : float or ndarray
        (n - nbar)/s, signed.
    """

    parent_mass: Quantity
    daughter_mass: Quantity
    parent_share: float
    daughter_share: float
    parent_asymmetry: float
    daughter_asymmetry: float


def masses_and_shares(parent_ratio, daughter_ratio, *, splitting=0.0, omega_ratio=None):
    r"""Masses from the dark matter's density, Hardy, Lasenby & Unwin (2014), Eq. (2.1) and text.

    With :math:`\eta_{B'} = b\,\eta_B`, :math:`\eta_{L'} = l\,\eta_B` and :math:`m_{B'} = (1 + \delta)m_{L'}`,

    .. math:: m_{L'} = \frac{(\Omega_\mathrm{DM}/\Omega_b)\,m_p}{(1 + \delta) b + l} .

    One species with the baryons' asymmetry weighs 5 GeV (4.69 for a density ratio of 5); the paper's estimate "around
    5 GeV" is that, and two species with that asymmetry each weigh half of it.

    Parameters
    ----------
    parent_ratio, daughter_ratio : float or array
        b and l, in units of eta_B, of the same sign.
    splitting : float, or Quantity [mass]
        delta = m_B'/m_L' - 1, or the difference m_B' - m_L'.
    omega_ratio : float
        Omega_DM/Omega_b; Planck's if not given.

    Returns
    -------
    MassesAndShares

    Raises
    ------
    InputError
        Asymmetries of opposite signs, no asymmetry, a negative splitting, or one larger than the density allows.
    """
    parent_ratio, daughter_ratio = (np.asarray(value, dtype=float) for value in (parent_ratio, daughter_ratio))
    _same_sign(parent_ratio, daughter_ratio)
    target = units.to_internal(relic.baryon_density_ratio(omega_ratio), "mass")
    parents, daughters = np.abs(parent_ratio), np.abs(daughter_ratio)
    if isinstance(splitting, (Quantity, str)):
        difference = np.asarray(units.to_internal(splitting, "mass", "splitting"))
        daughter = (target - difference * parents) / (parents + daughters)
        if np.any(difference < 0) or np.any(daughter <= 0):
            raise InputError(
                f"splitting = {splitting}; m_B' - m_L' is not negative, and parents alone must not exceed the density"
            )
        parent = daughter + difference
    else:
        relative = np.asarray(splitting, dtype=float)
        if not np.all((relative >= 0) & np.isfinite(relative)):
            raise InputError(f"splitting = {splitting}; m_B'/m_L' - 1 is not negative: B' decays to L'")
        daughter = target / ((1 + relative) * parents + daughters)
        parent = (1 + relative) * daughter
    parent_share = np.clip(parent * parents / target, 0.0, 1.0)
    return MassesAndShares(
        parent_mass=units.attach(parent, "mass"),
        daughter_mass=units.attach(daughter, "mass"),
        parent_share=_plain(parent_share),
        daughter_share=_plain(1 - parent_share),
        parent_asymmetry=_plain(parent_ratio * constants.BARYON_YIELD),
        daughter_asymmetry=_plain(daughter_ratio * constants.BARYON_YIELD),
    )


def asymmetry_sum_for_mass(mass, *, omega_ratio=None):
    """Sum (eta_B' + eta_L')/eta_B that makes two species of equal mass the dark matter: 0.50 for 10 GeV.

    Parameters
    ----------
    mass : Quantity [mass]
    omega_ratio : float
        Omega_DM/Omega_b; Planck's if not given.

    Returns
    -------
    float or ndarray
    """
    mass = units.to_internal(mass, "mass", "mass")
    if np.any(np.asarray(mass) <= 0):
        raise InputError(f"mass = {mass} GeV; it must be positive")
    return _plain(units.to_internal(relic.baryon_density_ratio(omega_ratio), "mass") / mass)


def _same_sign(parent_ratio, daughter_ratio):
    if not (np.all(np.isfinite(parent_ratio)) and np.all(np.isfinite(daughter_ratio))):
        raise InputError(f"parent_ratio = {parent_ratio}, daughter_ratio = {daughter_ratio}; both must be finite")
    if np.any(parent_ratio * daughter_ratio < 0):
        raise InputError(
            f"parent_ratio = {parent_ratio}, daughter_ratio = {daughter_ratio} have opposite signs. B' - L' number is "
            "conserved, so B' decays to the antiparticle of L'; with opposite signs the primordial population is that "
            "same antiparticle, and no pairs that could annihilate ever come back. Give both the same sign"
        )
    if np.any((parent_ratio == 0) & (daughter_ratio == 0)):
        raise InputError("both asymmetries are zero, so no mass follows from the density; give at least one")


def _plain(values):
    return float(values) if np.ndim(values) == 0 else values
