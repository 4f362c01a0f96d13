r"""Scale factor as a function of cosmic time, for what decays and annihilates in an expanding universe.

Both laws know t at many a, from quadrature, and the slope d ln a/d ln t = H t there exactly; between, they interpolate
by the cubic through values and slopes.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from cosmology import constants, thermodynamics, units
from cosmology.degrees_of_freedom import DEFAULT, DegreesOfFreedom, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.units import Quantity

_STEP = 0.05  # in ln a: the cubic is then right to 2e-8
_EARLIEST, _LATEST = -30.0, 5.0  # ln a


@dataclass(frozen=True)
class FlatExpansion:
    r"""Flat universe of matter, radiation and a cosmological constant, a = 1 today.

    .. math:: H = H_0\left[\Omega_m a^{-3} + \Omega_r a^{-4} + 1 - \Omega_m - \Omega_r\right]^{1/2}, \qquad
        t = \int_0^a \frac{\mathrm d\ln a'}{H(a')}

    Parameters
    ----------
    hubble_constant : Quantity [1/time]
    matter_density, radiation_density : float
        Omega_m and Omega_r, not negative, and together above 0 and up to 1. The second is 9.2e-5 for photons and three
        light neutrinos; leave it out where matter is a good description, after a redshift of 300 or so.

    Raises
    ------
    InputError
        Values out of range.
    """

    hubble_constant: Quantity = "67.4 km/(s Mpc)"
    matter_density: float = 0.315
    radiation_density: float = 0.0

    def __post_init__(self):
        hubble = units.to_internal(self.hubble_constant, "rate", "hubble_constant")
        densities = [
            units.to_internal(getattr(self, name), "dimensionless", name)
            for name in ("matter_density", "radiation_density")
        ]
        if np.ndim(hubble) or not hubble > 0:
            raise InputError(f"hubble_constant = {self.hubble_constant}; one positive rate is needed")
        if any(np.ndim(one) or one < 0 for one in densities) or not 0 < sum(densities) <= 1:
            raise InputError(
                f"matter_density = {self.matter_density}, radiation_density = {self.radiation_density}; neither is "
                "negative, and in a flat universe their sum is above 0 and up to 1"
            )
        object.__setattr__(self, "hubble_constant", units.attach(hubble, "rate"))
        for name, value in zip(("matter_density", "radiation_density"), densities, strict=True):
            object.__setattr__(self, name, value)

    def __call__(self, time):
        """Scale factor at a time (Quantity) since the beginning, float or ndarray of its shape."""
        return _look_up(self._table, time, "FlatExpansion")

    def hubble_rate(self, scale_factor):
        """Expansion rate H(a), Quantity [1/time] of the shape of `scale_factor`."""
        a = np.asarray(units.to_internal(scale_factor, "dimensionless", "scale_factor"))
        if np.any(a <= 0):
            raise InputError(f"scale_factor = {scale_factor}; it is positive, and 1 today")
        return units.attach(self._rate(np.log(a)), "rate")

    def _rate(self, log_a):
        matter, radiation = self.matter_density, self.radiation_density
        density = matter * np.exp(-3 * log_a) + radiation * np.exp(-4 * log_a) + 1 - matter - radiation
        return units.to_internal(self.hubble_constant, "rate") * np.sqrt(density)

    @cached_property
    def _table(self):
        log_a = np.arange(_EARLIEST, _LATEST + _STEP, _STEP)
        node, weight = np.polynomial.legendre.leggauss(8)
        inside = log_a[:-1, None] + _STEP / 2 * (1 + node)
        # before the first point one species rules: t is a fixed part of 1/H, but for 1e-8 of it
        first = (0.5 if self.radiation_density > 0 else 2 / 3) / self._rate(log_a[0])
        time = first + np.append(0.0, np.cumsum(np.sum(_STEP / 2 * weight / self._rate(inside), axis=1)))
        return CubicHermiteSpline(np.log(time), log_a, self._rate(log_a) * time)


@dataclass(frozen=True)
class RadiationEra:
    r"""The Standard Model's bath, whose entropy in a comoving volume is conserved: :math:`a = (s_0/s)^{1/3}`, 1 today.

    Time and temperature are those of `cosmology.thermodynamics.cosmic_time`, down to 10 eV, where matter begins to
    count, and up to 1e6 GeV.

    Parameters
    ----------
    g_star : str or DegreesOfFreedom
    """

    g_star: str | DegreesOfFreedom = DEFAULT

    def __call__(self, time):
        """Scale factor at a time (Quantity) since the beginning, float or ndarray of its shape."""
        return _look_up(self._table, time, "RadiationEra")

    @cached_property
    def _table(self):
        dof = degrees_of_freedom(self.g_star)
        lowest = max(thermodynamics._RADIATION_ONLY, dof._lowest)
        temperature = np.exp(np.arange(np.log(min(1e6, dof._highest)), np.log(lowest), -_STEP))
        temperature = np.append(temperature, lowest)
        time = np.array([thermodynamics._time(float(one), dof) for one in temperature])
        log_a = np.log(constants.ENTROPY_DENSITY / thermodynamics._entropy(temperature, dof)) / 3
        return CubicHermiteSpline(np.log(time), log_a, thermodynamics._hubble(temperature, dof) * time)


def _look_up(table, time, name):
    internal = np.asarray(units.to_internal(time, "time", "time"), dtype=float)
    ends = np.exp(table.x[[0, -1]])
    if not np.all((internal >= ends[0]) & (internal <= ends[1])):
        shown = units.attach(ends, "time")
        raise InputError(f"time = {time}; {name} is known from {shown[0]:.3g} to {shown[1]:.3g} after the beginning")
    a = np.exp(table(np.log(internal)))
    return float(a) if np.ndim(a) == 0 else a
