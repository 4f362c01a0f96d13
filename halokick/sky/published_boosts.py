"""Boosts by substructure as published, without a kick: fits to compare `halokick.sky.substructure` with."""

import numpy as np

from halokick import units
from halokick.errors import InputError

_SCP14 = -0.442, 0.0796, -0.0025, 4.77e-6, 4.77e-6, -9.69e-8
_MOLINE17 = {
    1.9: (-6.8e-2, 9.4e-2, -9.8e-3, 1.05e-3, -3.4e-5, -2e-7),
    2.0: (-0.186, 0.144, -8.8e-3, 1.13e-3, -3.7e-5, -2e-7),
}


def sanchez_conde_prada_boost(mass):
    r"""Boost of field haloes, alpha = 2, :math:`\log_{10} B = \sum_i b_i [\ln(M/M_\odot)]^i`.

    Sanchez-Conde & Prada (2014, MNRAS 442, 2271), their fit for two levels of subhaloes down to 1e-6 Msun.

    Parameters
    ----------
    mass : Quantity [mass] or str, any shape
        M_200c, 1e-6 to 1e15 Msun.

    Returns
    -------
    float or ndarray
    """
    return _boost(mass, np.log, _SCP14, 1e-6, 1e15)


def moline_boost(mass, alpha=1.9):
    r"""Boost with concentrated subhaloes, :math:`\log_{10} B = \sum_i b_i [\log_{10}(M/M_\odot)]^i`.

    Moline et al. (2017, MNRAS 466, 4974), their fits.

    Parameters
    ----------
    mass : Quantity [mass] or str, any shape
        M_200c, 1e-6 to 1e15 Msun.
    alpha : float
        Slope of the subhaloes' mass function: 1.9 or 2.

    Returns
    -------
    float or ndarray
    """
    if alpha not in _MOLINE17:
        raise InputError(f"alpha = {alpha}: the published fits are for {', '.join(map(str, _MOLINE17))}")
    return _boost(mass, np.log10, _MOLINE17[alpha], 1e-6, 1e15)


def _boost(mass, logarithm, coefficients, low, high):
    msun = np.asarray(units.to_internal(mass, "mass", "mass"))
    if np.any((msun < low * (1 - 1e-12)) | (msun > high * (1 + 1e-12))):
        raise InputError(f"mass = {mass} is outside {low:g} to {high:g} Msun, where the fit holds")
    return 10.0 ** np.polynomial.polynomial.polyval(logarithm(msun), coefficients)[()]
