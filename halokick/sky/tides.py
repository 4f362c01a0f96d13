"""How far a satellite holds its own particles against the tide of its host."""

import numpy as np
from scipy.optimize import brentq

from halokick import constants, units
from halokick.errors import InputError
from halokick.halo.profile_shapes import NFWProfile, nfw_mass_function
from halokick.halo.profiles import GeneralisedNFWProfile, as_profile

_BRACKET = 1e-9, 1e9
"""Tidal radii are sought within these many scale radii of the satellite."""


def milky_way_halo():
    """Dark halo of the Milky Way: gamma = 1.2, r_s = 20 kpc, one-dimensional dispersion 94 km/s at 1 kpc.

    The halo of Hardy, Lasenby & Unwin (2014), Fig. 3; its density scale, 6.911e6 Msun/kpc^3, is our own solution of the
    isotropic Jeans equation. Stars and gas are not in it.

    Returns
    -------
    GeneralisedNFWProfile
    """
    return GeneralisedNFWProfile(gamma=1.2, r_s="20 kpc", rho_s="6.911e6 Msun/kpc3")


def tidal_radius(satellite, host, distance):
    r"""Radius at which the host's tide and the orbit's rotation balance the satellite's own gravity.

    .. math:: r_t = D\left[\frac{m(<r_t)}{3\,M_\mathrm{host}(<D)}\right]^{1/3}

    King (1962, AJ 67, 471), Binney & Tremaine (2008), Eq. 8.91, with both masses point-like at their separation.

    Parameters
    ----------
    satellite : anything with ``density(r)``
    host : anything with ``density(r)`` or ``enclosed_mass(r)``
        A profile, or a `Halo`, whose ``enclosed_mass`` also counts its baryons.
    distance : Quantity [length], any shape
        Between the centres. On an eccentric orbit the pericentre gives the harder cut.

    Returns
    -------
    Quantity [length], shape of `distance`

    Raises
    ------
    InputError
        `distance` is not positive, or the host is denser than the satellite at every radius, which then holds nothing.
    """
    profile = as_profile(satellite)
    d = np.asarray(units.to_internal(distance, "length", "distance"))
    wanted = 3 * host_mean_density(host, d)
    return units.attach(
        np.array([_balance(profile, density) for density in wanted.ravel()]).reshape(d.shape)[()], "length"
    )


def jacobi_level(satellite, tidal_radius):
    r"""Relative energy below which a particle leaves through the inner Lagrange point.

    .. math:: \varepsilon_J = \frac{3}{2}\,\frac{G\,m(<r_t)}{r_t}

    for a point-like satellite on a circular orbit: gravity gives 1, the tide and the rotation 1/2 at :math:`r_t`
    (Binney & Tremaine 2008, Sect. 8.3). Towards other directions the level is higher, so as a spherical criterion it
    is an approximation.

    Parameters
    ----------
    satellite : anything with ``density(r)``
    tidal_radius : Quantity [length], any shape

    Returns
    -------
    Quantity [km2/s2], shape of `tidal_radius`
        To be compared with :math:`\psi - v^2/2`.
    """
    r_t = np.asarray(units.to_internal(tidal_radius, "length", "tidal_radius"))
    if np.any(r_t <= 0):
        raise InputError(f"tidal_radius = {tidal_radius} must be positive")
    mass = units.to_internal(as_profile(satellite).mass(units.attach(r_t, "length")), "mass")
    return units.attach(1.5 * constants.G * mass / r_t, "potential")


def host_mean_density(host, d):
    """Mean density of the host inside d [kpc], as floats [Msun/kpc^3]."""
    d = np.asarray(d)
    if np.any(d <= 0):
        raise InputError(f"distance = {d} kpc must be positive: it lies between the centres of satellite and host")
    r = units.attach(d, "length")
    mass = host.enclosed_mass(r) if hasattr(host, "enclosed_mass") else as_profile(host).mass(r)
    return np.asarray(units.to_internal(mass, "mass")) / (4 / 3 * np.pi * d**3)


def nfw_tidal_ratio(rho_s, host_density):
    """r_t/r_s of NFW haloes [floats Msun/kpc^3, shapes that broadcast]: Newton in ln x, m(x)/x^3 falls without end."""
    wanted = np.log(np.asarray(host_density, dtype=float) / np.asarray(rho_s, dtype=float))
    # 3 m(x)/x^3 is 3/(2x) inside and 3 ln(x)/x^3 outside
    log_x = np.minimum(np.log(0.5) - wanted, -wanted / 3)
    for _ in range(60):
        x = np.exp(log_x)
        mass = nfw_mass_function(x)
        slope = (x / (1 + x)) ** 2 / mass - 3
        log_x = log_x - np.clip((np.log(mass) - 3 * log_x - wanted) / slope, -1, 1)
    return np.exp(log_x)


def _balance(profile, three_host):
    # inside r_t the mean density is that of the host, three times
    if isinstance(profile, NFWProfile):
        return profile._r_s * float(nfw_tidal_ratio(profile._rho_s, three_host / 3))

    def excess(log_r):
        r = np.exp(log_r)
        mass = units.to_internal(profile.mass(units.attach(r, "length")), "mass")
        return np.log(mass / (4 / 3 * np.pi * r**3)) - np.log(three_host)

    low, high = np.log(np.array(_BRACKET) * profile._scale_radius)
    if excess(low) <= 0:
        raise InputError(
            f"the host's mean density, {three_host / 3:.3g} Msun/kpc3, is a third or more of the satellite's even in "
            "its centre: the tide takes it apart; a cusp, a denser core or a larger distance would survive"
        )
    return float(np.exp(brentq(excess, low, high, xtol=1e-13, rtol=1e-14)))
