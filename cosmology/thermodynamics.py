r"""The thermal bath: expansion rate, entropy, age, and what is in equilibrium with it.

Everything here is for a universe filled by the Standard Model bath, with the degrees of freedom g*(T) chosen by name.
Functions with an underscore take and give powers of GeV, for the modules above; the others Quantities.
"""

from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import kve, zeta

from cosmology import constants, units
from cosmology.degrees_of_freedom import DEFAULT, degrees_of_freedom
from cosmology.degrees_of_freedom_base import ROUNDING
from cosmology.errors import InputError

STATISTICS = ("boltzmann", "fermi", "bose")
"""tuple of str : distribution functions by name."""

_RADIATION_ONLY = 1e-8  # GeV; below, matter adds more than 8 per cent to the energy density
_MOST_TERMS = 200


def hubble_rate(temperature, *, g_star=DEFAULT):
    r"""Expansion rate of the radiation era, :math:`H = \pi\sqrt{g_\rho/90}\,T^2/M_\mathrm{Pl}` (reduced mass).

    Friedmann's equation with the radiation's energy alone: the same as :math:`1.66\sqrt{g_\rho}T^2/m_\mathrm{Pl}` with
    the mass that is not reduced.

    Parameters
    ----------
    temperature : Quantity [temperature], any shape
    g_star : str or DegreesOfFreedom

    Returns
    -------
    Quantity [1/time], shape of `temperature`

    Raises
    ------
    InputError
        A temperature for which g* is not known, or below 10 eV, where matter counts.
    """
    dof = degrees_of_freedom(g_star)
    return units.attach(_hubble(_radiation_era(dof, temperature), dof), "rate")


def entropy_density(temperature, *, g_star=DEFAULT):
    r"""Entropy density, :math:`s = (2\pi^2/45)\,g_s T^3`.

    Parameters
    ----------
    temperature : Quantity [temperature], any shape
    g_star : str or DegreesOfFreedom

    Returns
    -------
    Quantity [1/volume], shape of `temperature`
    """
    dof = degrees_of_freedom(g_star)
    return units.attach(_entropy(dof._temperature(temperature), dof), "number_density")


def energy_density(temperature, *, g_star=DEFAULT):
    r"""Energy density of the bath, :math:`\rho = (\pi^2/30)\,g_\rho T^4`.

    Parameters
    ----------
    temperature : Quantity [temperature], any shape
    g_star : str or DegreesOfFreedom

    Returns
    -------
    Quantity [energy/volume], shape of `temperature`
    """
    dof = degrees_of_freedom(g_star)
    temperature = dof._temperature(temperature)
    return units.attach(np.pi**2 / 30 * dof._g_rho(temperature) * temperature**4, "energy_density")


def photon_density(temperature):
    r"""Number density of photons, :math:`n_\gamma = 2\zeta(3)T^3/\pi^2`, a Quantity of the shape of `temperature`."""
    temperature = units.to_internal(temperature, "temperature", "temperature")
    if np.any(np.asarray(temperature) < 0):
        raise InputError(f"temperature = {temperature} GeV; it is not negative")
    return units.attach(2 * zeta(3) / np.pi**2 * temperature**3, "number_density")


def cosmic_time(temperature, *, g_star=DEFAULT):
    r"""Time since the beginning in the radiation era, with the real g*(T).

    Entropy in a comoving volume is conserved, :math:`dT/dt = -HT/J` with
    :math:`J = 1 + \frac13 d\ln g_s/d\ln T`, so

    .. math:: t(T) = \int_T^\infty \frac{J(T')}{H(T')}\,d\ln T' ,

    which is 1/(2H) for constant g*.

    Parameters
    ----------
    temperature : Quantity [temperature], any shape
    g_star : str or DegreesOfFreedom

    Returns
    -------
    Quantity [time], shape of `temperature`

    Raises
    ------
    InputError
        A temperature for which g* is not known, or below 10 eV, where matter counts.
    """
    dof = degrees_of_freedom(g_star)
    temperature = np.asarray(_radiation_era(dof, temperature), dtype=float)
    times = np.reshape([_time(one, dof) for one in temperature.ravel()], temperature.shape)
    return units.attach(times, "time")


def temperature_at(time, *, g_star=DEFAULT):
    """Temperature at a time of the radiation era: the inverse of `cosmic_time`.

    Parameters
    ----------
    time : Quantity [time], any shape
    g_star : str or DegreesOfFreedom

    Returns
    -------
    Quantity [temperature], shape of `time`

    Raises
    ------
    InputError
        A time outside those of the temperatures that `cosmic_time` takes.
    """
    dof = degrees_of_freedom(g_star)
    time = np.asarray(units.to_internal(time, "time", "time"), dtype=float)
    lowest, highest = max(_RADIATION_ONLY, dof._lowest), dof._highest
    first, last = _time(highest, dof), _time(lowest, dof)
    if np.any(time < first) or np.any(time > last):
        raise InputError(
            f"time = {units.attach(time, 'time')}; the radiation era with g_star = {dof.name!r} is known from "
            f"{units.attach(first, 'time'):.3g} to {units.attach(last, 'time'):.3g}"
        )
    found = [
        np.exp(brentq(lambda y, t=t: np.log(_time(np.exp(y), dof) / t), np.log(lowest), np.log(highest), xtol=1e-12))
        for t in time.ravel()
    ]
    return units.attach(np.reshape(found, time.shape), "temperature")


def equilibrium_density(temperature, mass, g, *, statistics="boltzmann"):
    r"""Number density in equilibrium without chemical potential.

    Boltzmann statistics, at any temperature (Gondolo & Gelmini 1991):

    .. math:: n_\mathrm{eq} = \frac{g\,m^2 T}{2\pi^2}\,K_2(m/T) .

    Fermi and Bose statistics: the sum of :math:`(\mp1)^{k+1}(g m^2T/2\pi^2)\,K_2(km/T)/k` over k from 1, an expansion
    of the exact distribution.

    Parameters
    ----------
    temperature : Quantity [temperature]
    mass : Quantity [mass]
        Zero is allowed.
    g : float
        Spin and other internal states, of a particle or of its antiparticle.
    statistics : {"boltzmann", "fermi", "bose"}

    Returns
    -------
    Quantity [1/volume], of the common shape of the arguments
    """
    temperature, mass = _bath_and_mass(temperature, mass, g, statistics)
    return units.attach(_equilibrium_density(temperature, mass, g, statistics), "number_density")


def equilibrium_yield(temperature, mass, g, *, statistics="boltzmann", g_star=DEFAULT):
    r"""Yield in equilibrium, :math:`Y_\mathrm{eq} = n_\mathrm{eq}/s`.

    With x = m/T and Boltzmann statistics this is :math:`45 g x^2 K_2(x)/(4\pi^4 g_s)`.

    Parameters
    ----------
    temperature, mass, g, statistics
        See `equilibrium_density`.
    g_star : str or DegreesOfFreedom

    Returns
    -------
    float or ndarray

    Raises
    ------
    InputError
        A temperature for which g* is not known.
    """
    dof = degrees_of_freedom(g_star)
    temperature, mass = _bath_and_mass(temperature, mass, g, statistics)
    dof._require(temperature)
    return _equilibrium_density(temperature, mass, g, statistics) / _entropy(temperature, dof)


def _hubble(temperature, dof):
    return np.pi * np.sqrt(dof._g_rho(temperature) / 90) * temperature**2 / constants.REDUCED_PLANCK_MASS


def _entropy(temperature, dof):
    return 2 * np.pi**2 / 45 * dof._g_s(temperature) * temperature**3


def _time_dilation(temperature, dof):
    """J = 1 + (1/3) d ln g_s/d ln T, by which a log step of T takes longer than 1/H."""
    return 1 + dof._entropy_slope(temperature) / 3


def _equilibrium_density(temperature, mass, g, statistics="boltzmann"):
    """n_eq [GeV^3] at temperatures and masses [GeV]; zero where it is below the smallest number."""
    x = np.asarray(mass / temperature, dtype=float)
    scale = g * np.asarray(temperature, dtype=float) ** 3 / (2 * np.pi**2)
    if statistics == "boltzmann":
        return scale * _x2_k2(x)
    sign = -1.0 if statistics == "fermi" else 1.0
    # The series converges like exp(-k x), but like a power for light particles: there quadrature takes over.
    light = x < 0.2
    total = np.zeros(np.broadcast_shapes(x.shape, scale.shape))
    terms = np.where(light, 1.0, x)
    for k in range(1, _MOST_TERMS + 1):
        term = sign ** (k + 1) * _x2_k2(k * terms) / k**3
        total = total + term
        if np.all(np.abs(term) <= 1e-17 * np.abs(total)):
            break
    if np.any(light):
        total = np.where(light, _light(np.where(light, x, 0.1), sign), total)
    return scale * total


def _x2_k2(x):
    """x^2 K_2(x), which is 2 at x = 0."""
    x = np.asarray(x, dtype=float)
    safe = np.clip(x, 1e-8, 700.0)
    return np.where(x < 1e-8, 2.0, np.where(x > 700.0, 0.0, safe**2 * kve(2, safe) * np.exp(-safe)))


def _light(x, sign):
    """Integral of q^2/(exp(e) -+ 1), e^2 = q^2 + x^2, by Gauss-Legendre in sqrt(q), for x < 0.2."""
    node, weight = np.polynomial.legendre.leggauss(120)
    root = (node + 1) / 2 * np.sqrt(48.0)
    q = root**2
    energy = np.sqrt(q**2 + np.asarray(x, dtype=float)[..., None] ** 2)
    return np.sum(weight / 2 * np.sqrt(48.0) * 2 * root * q**2 / (np.exp(energy) - sign), axis=-1)


def _radiation_era(dof, temperature):
    temperature = dof._temperature(temperature)
    if np.any(temperature < _RADIATION_ONLY * (1 - ROUNDING)):
        raise InputError(
            f"temperature = {np.min(temperature):.3g} GeV; below {_RADIATION_ONLY:g} GeV matter counts and the "
            "radiation era's formulae fail"
        )
    return temperature


@lru_cache(maxsize=64)
def _time(temperature, dof):
    """t(T) [1/GeV]: quadrature in ln T between the corners of g*, up to where earlier times do not count."""
    # t falls like T^-2: 18 e-folds up it is 2e-16 of the answer
    top = min(np.log(temperature) + 18, np.log(dof._highest))
    panels = np.append(np.arange(np.log(temperature), top, 0.25), top)
    inside = dof._corners[(dof._corners > panels[0]) & (dof._corners < top)]
    panels = np.union1d(panels, inside)
    node, weight = np.polynomial.legendre.leggauss(8)
    half = np.diff(panels)[:, None] / 2
    here = np.exp(panels[:-1, None] + half * (node + 1))
    body = np.sum(half * weight * _time_dilation(here, dof) / _hubble(here, dof))
    return float(body + 0.5 / _hubble(np.exp(top), dof))


def _bath_and_mass(temperature, mass, g, statistics):
    temperature = units.to_internal(temperature, "temperature", "temperature")
    mass = units.to_internal(mass, "mass", "mass")
    if np.any(np.asarray(temperature) <= 0) or np.any(np.asarray(mass) < 0):
        raise InputError(
            f"temperature = {temperature} GeV, mass = {mass} GeV; positive ones are needed (mass may be 0)"
        )
    if not (np.isscalar(g) and 0 < g < np.inf):
        raise InputError(f"g = {g!r}; a positive number of internal states is needed, like 2")
    if statistics not in STATISTICS:
        raise InputError(f"statistics = {statistics!r}; known are {', '.join(STATISTICS)}")
    return temperature, mass
