r"""How far daughters stream on an expanding background, and on which scales that keeps them from clustering.

A kick :math:`u_1` given at the scale factor :math:`a_1` redshifts, :math:`u = u_1 a_1/a`.
"""

import numpy as np

from halokick import units
from halokick.decay.kick_base import LARGEST_SPEED
from halokick.errors import InputError

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PANELS = 32


def streaming_length(
    kick_speed, birth_redshift, *, until_redshift=0.0, hubble_constant="70 km/(s Mpc)", matter_density=0.3
):
    r"""Comoving distance that a daughter streams freely after its birth.

    .. math:: \lambda = \int \frac{u\,\mathrm dt}{a} = u_1 a_1 \int_{a_1}^{a_2} \frac{\mathrm da}{a^3 H(a)}, \qquad
        H = H_0\left[\Omega_m a^{-3} + 1 - \Omega_m\right]^{1/2}

    The background is that of `EarlyCapture` with its age law ``"flat_lcdm"``, whose 7 km/s are 70 km/s/Mpc times
    100 kpc. Radiation is left out: the length is too large by 0.07 per cent for a birth at redshift 9 and by 5 per cent
    at 1000. For one kick it is longest for births at a redshift of about 4: later daughters have less time, earlier
    ones have lost their speed. Daughters do not follow structure smaller than this.

    Parameters
    ----------
    kick_speed : Quantity [speed], any shape
        :math:`u_1`, up to 0.1 c.
    birth_redshift : float or array
        :math:`1/a_1 - 1`, not negative.
    until_redshift : float or array
        :math:`1/a_2 - 1`, from 0 (today) to `birth_redshift`.
    hubble_constant : Quantity [1/time]
        :math:`H_0`.
    matter_density : float
        :math:`\Omega_m` of the flat universe, above 0 and below 1.

    Returns
    -------
    Quantity [length], of the common shape

    Raises
    ------
    UnitError
        A bare number for the speed or for :math:`H_0`.
    InputError
        Values out of range.
    """
    speed, birth = _checked_kick(kick_speed, birth_redshift)
    until = np.asarray(units.to_internal(until_redshift, "dimensionless", "until_redshift"))
    if not np.all((until >= 0) & (until <= birth)):
        raise InputError(f"until_redshift = {until_redshift}; it lies from 0 to birth_redshift = {birth_redshift}")
    hubble = _checked_hubble(hubble_constant)
    matter = units.to_internal(matter_density, "dimensionless", "matter_density")
    if np.ndim(matter) or not 0 < matter < 1:
        raise InputError(f"matter_density = {matter_density}; between 0 and 1 is allowed in flat space")
    speed, birth, until = np.broadcast_arrays(speed, birth, until)
    low, high = -np.log1p(birth), -np.log1p(until)
    # in ln a the integrand is smooth on the scale of pi/3, where H vanishes in the complex plane
    half = (high - low)[..., np.newaxis, np.newaxis] / (2 * _PANELS)
    log_a = low[..., np.newaxis, np.newaxis] + half * (2 * np.arange(_PANELS)[:, np.newaxis] + 1 + _NODES)
    integrand = np.exp(-2 * log_a) / np.sqrt(matter * np.exp(-3 * log_a) + 1 - matter)
    total = np.sum(half * _WEIGHTS * integrand, axis=(-1, -2))
    return units.attach(speed / (1 + birth) * total / hubble, "length")


def clustering_speed(length="100 kpc", *, hubble_constant="70 km/(s Mpc)"):
    r"""Speed :math:`H_0\,\ell` of the expansion over a length: 7 km/s for 100 kpc, 6.74 km/s if H_0 is 67.4 km/s/Mpc.

    Daughters that move slower than this today cluster on comoving scales of that length; it is the speed in Hardy,
    Lasenby & Unwin (2014), Eq. (C.1), and the `clustering_speed` of `EarlyCapture`.

    Parameters
    ----------
    length : Quantity [length], any shape
    hubble_constant : Quantity [1/time]

    Returns
    -------
    Quantity [speed], shape of `length`
    """
    scale = units.to_internal(length, "length", "length")
    if not np.all(np.asarray(scale) > 0):
        raise InputError(f"length = {length}; it must be positive")
    return units.attach(scale * _checked_hubble(hubble_constant), "speed")


def clustering_length(kick_speed, birth_redshift, *, hubble_constant="70 km/(s Mpc)"):
    r"""Comoving length :math:`1/k_c = u_1 a_1/H_0` below which daughters do not cluster today.

    Free streaming at speed u keeps matter from clustering on comoving wavenumbers above :math:`k_c = Ha/u`, today
    :math:`k_c = H_0/(u_1 a_1)` (Hardy, Lasenby & Unwin 2014, App. C). Capture by a galaxy asks for less than 100 kpc.

    Parameters
    ----------
    kick_speed : Quantity [speed], any shape
    birth_redshift : float or array
    hubble_constant : Quantity [1/time]

    Returns
    -------
    Quantity [length], of the common shape
    """
    speed, birth = _checked_kick(kick_speed, birth_redshift)
    return units.attach(speed / (1 + birth) / _checked_hubble(hubble_constant), "length")


def _checked_kick(kick_speed, birth_redshift):
    speed = np.asarray(units.to_internal(kick_speed, "speed", "kick_speed"))
    birth = np.asarray(units.to_internal(birth_redshift, "dimensionless", "birth_redshift"))
    if not np.all((speed >= 0) & (speed <= LARGEST_SPEED)):
        raise InputError(f"kick_speed = {kick_speed}; from 0 to 0.1 c is allowed, slow enough to redshift as 1/a")
    if not np.all(birth >= 0):
        raise InputError(f"birth_redshift = {birth_redshift}; it is not negative")
    return speed, birth


def _checked_hubble(hubble_constant):
    hubble = units.to_internal(hubble_constant, "rate", "hubble_constant")
    if np.ndim(hubble) or not hubble > 0:
        raise InputError(f"hubble_constant = {hubble_constant}; one positive rate is needed, like '70 km/(s Mpc)'")
    return hubble
