r"""Yields, today's densities and asymmetries, turned into each other.

A yield is n/s, a number per entropy, which expansion does not change. Today
:math:`\Omega h^2 = m\,Y s_0/(\rho_c/h^2)`, and :math:`\eta = n/n_\gamma = Y s_0/n_{\gamma,0}`. The ratio s/n_gamma is
7.04 today and 1.80 g_s in general, so eta is not conserved while the degrees of freedom change: only yields are.
"""

import numpy as np

from cosmology import constants, units
from cosmology.errors import InputError

ENTROPY_PER_PHOTON = constants.ENTROPY_DENSITY / constants.PHOTON_DENSITY
"""float : s_0/n_gamma today, 7.039."""


def omega_h2(mass, total_yield):
    r"""Density today, :math:`\Omega h^2 = m Y s_0/(\rho_c/h^2)`, which is 2.744e8 Y m/GeV.

    Parameters
    ----------
    mass : Quantity [mass]
    total_yield : float or array
        n/s of all particles that count, antiparticles included.

    Returns
    -------
    float or ndarray
    """
    total_yield = np.asarray(total_yield, dtype=float)
    if not np.all(total_yield >= 0):
        raise InputError(f"total_yield = {total_yield}; a number per entropy cannot be negative. Add both signs up")
    return _plain(_omega_h2(_mass(mass), total_yield))


def total_yield(mass, *, share=1.0, omega_h2=constants.DARK_MATTER_OMEGA_H2):
    r"""Yield that makes a share of the dark matter, :math:`Y = f\,\Omega h^2 (\rho_c/h^2)/(m s_0)`.

    Parameters
    ----------
    mass : Quantity [mass]
    share : float or array
        f, share of the mass density `omega_h2`.
    omega_h2 : float

    Returns
    -------
    float or ndarray
        (n + nbar)/s.
    """
    return _plain(_non_negative(share, "share") * _total_yield(_mass(mass), omega_h2))


def asymmetry_from_eta(eta):
    r"""Asymmetry per entropy from that per photon today, :math:`\Delta = \eta\, n_{\gamma,0}/s_0`; of either sign."""
    return _plain(np.asarray(eta, dtype=float) / ENTROPY_PER_PHOTON)


def eta_from_asymmetry(asymmetry):
    r"""Asymmetry per photon today from that per entropy, :math:`\eta = \Delta\, s_0/n_{\gamma,0}`; of either sign."""
    return _plain(np.asarray(asymmetry, dtype=float) * ENTROPY_PER_PHOTON)


def total_yield_from_asymmetry(asymmetry, ratio=0.0):
    """Particles and antiparticles per entropy, A (1 + r)/(1 - r), for an asymmetry A and a ratio r = Y-/Y+ below 1."""
    ratio = np.asarray(ratio, dtype=float)
    if not np.all((ratio >= 0) & (ratio < 1)):
        raise InputError(f"ratio = {ratio}; it lies from 0 to below 1: without asymmetry A says nothing of the total")
    return _plain(np.abs(np.asarray(asymmetry, dtype=float)) * (1 + ratio) / (1 - ratio))


def asymmetry_from_total_yield(total_yield, ratio=0.0):
    """Asymmetry A = Y (1 - r)/(1 + r) of particles and antiparticles with total yield Y and ratio r = Y-/Y+."""
    ratio = np.asarray(ratio, dtype=float)
    if not np.all((ratio >= 0) & (ratio <= 1)):
        raise InputError(f"ratio = {ratio}; it is rarer over more abundant, from 0 to 1")
    return _plain(_non_negative(total_yield, "total_yield") * (1 - ratio) / (1 + ratio))


def mass_from_asymmetry(asymmetry, *, ratio=0.0, share=1.0, omega_h2=constants.DARK_MATTER_OMEGA_H2):
    """Mass that makes an asymmetric species a share of the dark matter, a Quantity: the inverse of `omega_h2`.

    Parameters
    ----------
    asymmetry : float or array
        Per entropy, of either sign, not 0.
    ratio : float or array
        Y-/Y+, what annihilation left.
    share : float or array
    omega_h2 : float

    Returns
    -------
    Quantity [mass]
    """
    total = np.asarray(total_yield_from_asymmetry(asymmetry, ratio))
    if np.any(total == 0):
        raise InputError("asymmetry = 0 leaves no mass determined")
    return units.attach(_non_negative(share, "share") * _total_yield(1.0, omega_h2) / total, "mass")


def baryon_density_ratio(omega_ratio=None):
    """Dark matter's mass per baryon, (Omega_DM/Omega_b) m_p, a Quantity: the mass of one species with A = Y_B.

    Parameters
    ----------
    omega_ratio : float
        Omega_DM/Omega_b; Planck's if not given.

    Returns
    -------
    Quantity [mass]
    """
    if omega_ratio is None:
        omega_ratio = constants.DARK_MATTER_OMEGA_H2 / constants.BARYON_OMEGA_H2
    return units.attach(_non_negative(omega_ratio, "omega_ratio") * constants.PROTON_MASS, "mass")


def _omega_h2(mass, total):
    return mass * total * constants.ENTROPY_DENSITY / constants.CRITICAL_DENSITY_PER_H2


def _total_yield(mass, omega):
    return _non_negative(omega, "omega_h2") * constants.CRITICAL_DENSITY_PER_H2 / (mass * constants.ENTROPY_DENSITY)


def _mass(mass):
    mass = np.asarray(units.to_internal(mass, "mass", "mass"))
    if np.any(mass <= 0):
        raise InputError(f"mass = {mass} GeV; it must be positive")
    return mass


def _non_negative(value, name):
    value = np.asarray(value, dtype=float)
    if not np.all((value >= 0) & np.isfinite(value)):
        raise InputError(f"{name} = {value}; it must be finite and not negative")
    return value


def _plain(values):
    return float(values) if np.ndim(values) == 0 else values
