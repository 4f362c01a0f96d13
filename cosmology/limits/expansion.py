"""Age and expansion rate of a flat universe with matter, radiation and a cosmological constant, for limits.

Parameters of Planck 2018 VI (arXiv:1807.06209): H_0 = 67.4 km/s/Mpc, Omega_m = 0.315; radiation is photons at
2.7255 K and N_eff = 3.046 massless neutrinos. Neutrino masses are left out: they move no age used here by 0.1 per cent.
"""

import numpy as np

from cosmology import constants, units
from cosmology.errors import InputError

HUBBLE_H = 0.674
OMEGA_MATTER = 0.315
N_EFF = 3.046

_HUBBLE_TODAY = HUBBLE_H * constants.HUBBLE_100  # GeV
_PHOTONS = np.pi**2 / 15.0 * constants.CMB_TEMPERATURE**4 / (constants.CRITICAL_DENSITY_PER_H2 * HUBBLE_H**2)
OMEGA_RADIATION = _PHOTONS * (1.0 + 7.0 / 8.0 * (4.0 / 11.0) ** (4.0 / 3.0) * N_EFF)
_OMEGA_LAMBDA = 1.0 - OMEGA_MATTER - OMEGA_RADIATION
# t = int d ln a / H, from deep in the radiation era on
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_START = -25.0  # ln a: earlier times add a^2/(2 H_0 sqrt(Omega_r)), less than 0.01 s
_PANEL = 0.25


def cosmic_age(redshift=0.0):
    r"""Time since the beginning, :math:`t(z) = \int_z^\infty dz' / [(1+z') H(z')]`.

    Parameters
    ----------
    redshift : float or array
        From 0 to 1e8.

    Returns
    -------
    Quantity [time], shape of `redshift`

    Raises
    ------
    InputError
        Negative, not finite, or beyond 1e8, where electron-positron pairs change the radiation.
    """
    z = np.asarray(redshift, dtype=float)
    if not np.all((z >= 0.0) & (z <= 1e8)):
        raise InputError(f"redshift = {redshift} must be between 0 and 1e8")
    return units.attach(age(z), "time")


def hubble_rate(redshift=0.0):
    r"""Expansion rate, :math:`H = H_0 [\Omega_m (1+z)^3 + \Omega_r (1+z)^4 + \Omega_\Lambda]^{1/2}`.

    Parameters
    ----------
    redshift : float or array

    Returns
    -------
    Quantity [rate], shape of `redshift`
    """
    return units.attach(hubble(np.asarray(redshift, dtype=float)), "rate")


def hubble(z):
    """Expansion rate [GeV] at redshifts `z`."""
    a = 1.0 / (1.0 + z)
    return _HUBBLE_TODAY * np.sqrt(OMEGA_MATTER / a**3 + OMEGA_RADIATION / a**4 + _OMEGA_LAMBDA)


def age(z):
    """Age [1/GeV] at redshifts `z`: Gauss-Legendre in ln a, panels of a quarter of an e-fold."""
    end = np.atleast_1d(-np.log1p(np.asarray(z, dtype=float)))
    count = int(np.ceil((end.max() - _START) / _PANEL))
    edges = _START + (end[..., np.newaxis] - _START) * np.linspace(0.0, 1.0, count + 1)
    half = 0.5 * np.diff(edges, axis=-1)
    log_a = (edges[..., :-1] + half)[..., np.newaxis] + half[..., np.newaxis] * _NODES
    total = (half[..., np.newaxis] * _WEIGHTS / hubble(np.expm1(-log_a))).sum(axis=(-1, -2))
    return float(total[0]) if np.ndim(z) == 0 else total.reshape(np.shape(z))
