"""How large a halo is said to be: the mean density inside its virial radius, and the universe that sets it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from halokick import constants, units
from halokick.errors import InputError
from halokick.halo.profile_base import positive, scalar


@dataclass(frozen=True)
class FlatCosmology:
    """A flat universe of matter and a cosmological constant.

    Parameters
    ----------
    hubble_constant : Quantity [1/time] or str
        H0.
    omega_m : float
        Matter density today over the critical density, 0 < omega_m <= 1.
    """

    hubble_constant: object
    omega_m: float

    def __post_init__(self):
        rate = positive(self.hubble_constant, "rate", "hubble_constant", "FlatCosmology")
        omega_m = positive(self.omega_m, "dimensionless", "omega_m", "FlatCosmology")
        if omega_m > 1:
            raise InputError(f"FlatCosmology: omega_m = {omega_m:g} is above 1; a flat universe has 0 < omega_m <= 1")
        object.__setattr__(self, "hubble_constant", units.quantity(self.hubble_constant, "rate"))
        object.__setattr__(self, "omega_m", omega_m)
        object.__setattr__(self, "_rate", rate)

    @property
    def h(self):
        """H0 in units of 100 km/s/Mpc."""
        return self._rate / 0.1

    def critical_density(self, redshift=0.0):
        r"""Critical density :math:`3H^2(z)/(8\pi G)`, Quantity [density]."""
        return units.attach(self._critical_density(redshift), "density")

    def matter_share(self, redshift=0.0):
        """Omega_m(z)."""
        return self.omega_m * (1 + redshift) ** 3 / self._expansion_squared(redshift)

    def _expansion_squared(self, redshift):
        return self.omega_m * (1 + redshift) ** 3 + 1 - self.omega_m

    def _critical_density(self, redshift):
        return 3 * self._rate**2 * self._expansion_squared(redshift) / (8 * np.pi * constants.G)


PLANCK_2018 = FlatCosmology("67.36 km s-1 Mpc-1", 0.3153)
"""Planck 2018 VI (arXiv:1807.06209), Table 2, TT,TE,EE+lowE+lensing."""


@dataclass(frozen=True)
class MassDefinition(ABC):
    """Mean density inside the virial radius; subclasses say of what kind.

    Parameters
    ----------
    redshift : float
        0 or more.
    cosmology : FlatCosmology
    """

    redshift: float = 0.0
    cosmology: FlatCosmology = PLANCK_2018

    def __post_init__(self):
        redshift = scalar(self.redshift, "dimensionless", "redshift", type(self).__name__)
        if redshift < 0:
            raise InputError(f"{type(self).__name__}: redshift = {redshift:g} is negative; give 0 (today) or more")

    @abstractmethod
    def _mean_density(self):
        """Mean density inside the virial radius [Msun/kpc^3]."""

    @property
    def mean_density(self):
        """Mean density inside the virial radius, Quantity [density]."""
        return units.attach(self._mean_density(), "density")

    def radius(self, mass):
        """Virial radius of a virial mass, Quantity [length]."""
        return units.attach(self._radius(_positive_mass(mass)), "length")

    def mass(self, radius):
        """Virial mass of a virial radius, Quantity [mass]."""
        kpc = units.to_internal(radius, "length", "radius")
        if np.any(np.asarray(kpc) <= 0):
            raise InputError(f"virial radius = {radius} is not positive")
        return units.attach(4 * np.pi / 3 * self._mean_density() * np.asarray(kpc) ** 3, "mass")

    def _radius(self, mass):
        return np.cbrt(3 * mass / (4 * np.pi * self._mean_density()))


@dataclass(frozen=True)
class CriticalOverdensity(MassDefinition):
    """`factor` times the critical density: 200 gives M_200c."""

    factor: float = 200.0

    def __post_init__(self):
        super().__post_init__()
        positive(self.factor, "dimensionless", "factor", "CriticalOverdensity")

    def _mean_density(self):
        return self.factor * self.cosmology._critical_density(self.redshift)


@dataclass(frozen=True)
class MatterOverdensity(MassDefinition):
    """`factor` times the mean matter density: 200 gives M_200m."""

    factor: float = 200.0

    def __post_init__(self):
        super().__post_init__()
        positive(self.factor, "dimensionless", "factor", "MatterOverdensity")

    def _mean_density(self):
        return (
            self.factor * self.cosmology.matter_share(self.redshift) * self.cosmology._critical_density(self.redshift)
        )


@dataclass(frozen=True)
class BryanNormanOverdensity(MassDefinition):
    r"""Spherical collapse in a flat universe: :math:`\Delta_c = 18\pi^2 + 82x - 39x^2`, :math:`x = \Omega_m(z) - 1`.

    Times the critical density. Bryan & Norman (1998, ApJ 495, 80, Eq. 6).
    """

    def _mean_density(self):
        x = self.cosmology.matter_share(self.redshift) - 1
        return (18 * np.pi**2 + 82 * x - 39 * x**2) * self.cosmology._critical_density(self.redshift)


def _positive_mass(mass):
    msun = np.asarray(units.to_internal(mass, "mass", "mass"))
    if np.any(msun <= 0):
        raise InputError(f"virial mass = {mass} is not positive")
    return msun
