"""The spherical density profile: what every shape can answer, with units on the outside.

A shape itself only says how its density runs with ln r (value, slope, change of slope); all else is derived here.
"""

from abc import ABC, abstractmethod
from functools import cached_property

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.halo import mass_quadrature

_LN_RADIUS_LIMIT = 690.0
"""|ln(r/kpc)| at which r = 0 and r = infinity are replaced: e^690 is close to the largest float."""


class DensityProfile(ABC):
    """Spherical mass density rho(r) of a halo; immutable.

    Two profiles are equal if they have the same class and the same parameters.

    Attributes
    ----------
    _scale_radius : float
        Radius of the profile's bend [kpc].
    _inner_slope, _outer_slope : float
        Limits of -dln rho/dln r at the centre and at infinity (infinite for an exponential fall).
    """

    _fields = ()
    """(name, dimension) of every constructor argument; the value lies in the attribute ``_name`` in internal units."""

    def __setattr__(self, name, value):
        raise AttributeError(
            f"{type(self).__name__} does not change after it is made; cannot set {name!r}. Make a new profile instead"
        )

    def _set(self, **values):
        for name, value in values.items():
            object.__setattr__(self, "_" + name, value)

    def _arguments(self):
        """Constructor arguments, units back on."""
        return {name: _shown(getattr(self, "_" + name), dimension) for name, dimension in self._fields}

    def _key(self):
        return tuple(getattr(self, "_" + name) for name, _ in self._fields)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in self._arguments().items())})"

    def __eq__(self, other):
        return type(other) is type(self) and other._key() == self._key()

    def __hash__(self):
        return hash((type(self), self._key()))

    def __getstate__(self):
        # the mass table can be made again and would make every copy and every message to a worker heavy
        return {name: value for name, value in self.__dict__.items() if name != "_mass_table"}

    def __setstate__(self, state):
        self.__dict__.update(state)

    @abstractmethod
    def _log_density(self, log_r):
        """ln(rho / (Msun/kpc^3)), s = -dln rho/dln r and ds/dln r at ln(r/kpc); floats of the shape of `log_r`."""

    def _mass(self, radius):
        """Enclosed mass [Msun] at positive radii [kpc] (infinity too if the mass is finite); closed form if any."""
        return mass_quadrature.enclosed_mass(self._log_density, self._mass_table, radius)

    @cached_property
    def _mass_table(self):
        return mass_quadrature.table(self._log_density, self._scale_radius, repr(self))

    @property
    def total_mass(self):
        """Mass out to infinity, Quantity [mass]; infinite where the density falls as r^-3 or slower."""
        return self.mass(units.attach(np.inf, "length"))

    def density(self, r):
        r"""Mass density :math:`\rho(r)`.

        Parameters
        ----------
        r : Quantity [length] or str, any shape
            Not negative. At r = 0 the density of a cusp is infinite; at infinity every density is zero.

        Returns
        -------
        Quantity [density], shape of `r`

        Raises
        ------
        UnitError
            `r` has no unit of length.
        InputError
            `r` is negative or NaN.
        """
        radius, log_r = _radii(r)
        rho = np.exp(np.minimum(self._log_density(log_r)[0], _LN_RADIUS_LIMIT))
        if self._inner_slope > 0:
            rho = np.where(radius == 0, np.inf, rho)
        return units.attach(np.where(np.isinf(radius), 0.0, rho), "density")

    def slope(self, r):
        r"""Logarithmic slope :math:`s(r) = -\mathrm{d}\ln\rho/\mathrm{d}\ln r` (positive where the density falls).

        Parameters
        ----------
        r : Quantity [length] or str, any shape

        Returns
        -------
        ndarray, shape of `r`
        """
        radius, log_r = _radii(r)
        s = self._log_density(log_r)[1]
        return np.where(radius == 0, self._inner_slope, np.where(np.isinf(radius), self._outer_slope, s))[()]

    def mass(self, r):
        r"""Enclosed mass :math:`M(<r) = 4\pi\int_0^r \rho(r')\,r'^2\,\mathrm{d}r'`.

        Closed form where the shape has one, else Gauss-Legendre quadrature in ln r (relative error below 1e-10).

        Parameters
        ----------
        r : Quantity [length] or str, any shape
            Not negative; infinity gives the total mass.

        Returns
        -------
        Quantity [mass], shape of `r`

        Raises
        ------
        InputError
            `r` is negative or NaN, or the density rises inward so steeply that the mass diverges.
        """
        radius, _ = _radii(r)
        empty, infinite = radius == 0, np.isinf(radius) & (self._outer_slope <= 3)
        inside = self._mass(np.where(empty | infinite, self._scale_radius, radius))
        return units.attach(np.where(empty, 0.0, np.where(infinite, np.inf, inside)), "mass")

    @abstractmethod
    def scaled(self, factor):
        """The same shape with its density multiplied by `factor` (a positive number)."""


class ScaledProfile(DensityProfile):
    """A profile of fixed shape with a scale radius `r_s` and a density scale `rho_s`."""

    @property
    def r_s(self):
        """Scale radius, Quantity [length]."""
        return units.attach(self._r_s, "length")

    @property
    def rho_s(self):
        """Density scale, Quantity [density]."""
        return units.attach(self._rho_s, "density")

    @property
    def _scale_radius(self):
        return self._r_s

    def scaled(self, factor):
        """The same shape with its density multiplied by `factor` (a positive number)."""
        arguments = self._arguments()
        arguments["rho_s"] = units.attach(self._rho_s * positive_factor(factor), "density")
        return type(self)(**arguments)

    @classmethod
    def shape(cls, **parameters):
        """Shape whose density, and perhaps scale radius, is still unknown: see `halokick.halo.normalisation`.

        Parameters
        ----------
        **parameters
            Constructor arguments without `rho_s`; `r_s` too may be left out where a concentration gives it.

        Returns
        -------
        ProfileShape
        """
        return ProfileShape(cls, parameters)


class ProfileShape:
    """A shape waiting for its normalisation; it has no density of its own. Made by ``NFWProfile.shape(...)``."""

    def __init__(self, profile_class, parameters):
        known = {name for name, _ in profile_class._fields}
        unknown = sorted(set(parameters) - known)
        if unknown:
            raise InputError(
                f"{profile_class.__name__}.shape got {unknown}, which this profile does not have; "
                f"allowed are {sorted(known - {'rho_s'})}"
            )
        if "rho_s" in parameters:
            raise InputError(
                f"{profile_class.__name__}.shape got rho_s = {parameters['rho_s']}, but a shape has no density scale; "
                f"call {profile_class.__name__}(...) for a complete profile, or leave rho_s out"
            )
        self._class = profile_class
        self._parameters = dict(parameters)
        # refuse bad values now, not when the normalisation is known
        self.at_unit_density(None if self.has_scale_radius else units.attach(1.0, "length"))

    @property
    def has_scale_radius(self):
        """Whether `r_s` was given."""
        return "r_s" in self._parameters

    def at_unit_density(self, r_s=None):
        """The profile with rho_s = 1 Msun/kpc^3, at the given scale radius if the shape has none."""
        if r_s is None and not self.has_scale_radius:
            raise InputError(
                f'{self!r} has no scale radius; give one, {self._class.__name__}.shape(r_s="20 kpc"), '
                "or normalise by virial_mass and concentration, which set it"
            )
        if r_s is not None and self.has_scale_radius:
            raise InputError(
                f"{self!r} already has a scale radius, so r_s = {r_s} (from a concentration) cannot be set as well; "
                "leave r_s out of the shape, or the concentration out of the normalisation"
            )
        parameters = dict(self._parameters)
        if r_s is not None:
            parameters["r_s"] = r_s
        return self._class(**parameters, rho_s=units.attach(1.0, "density"))

    def __repr__(self):
        inside = ", ".join(f"{name}={value}" for name, value in self._parameters.items())
        return f"{self._class.__name__}.shape({inside})"


def positive(value, dimension, name, owner):
    """One positive finite number in internal units, or an error that names its owner."""
    number = scalar(value, dimension, name, owner)
    if number <= 0:
        raise InputError(f"{owner}: {name} = {value} is not positive; give a {name} above zero")
    return number


def scalar(value, dimension, name, owner):
    """One finite number in internal units."""
    number = units.to_internal(value, dimension, name)
    if np.ndim(number) != 0:
        raise InputError(f"{owner}: {name} has shape {np.shape(number)}; give one number (make one profile per value)")
    return float(number)


def positive_factor(factor):
    """The factor of `DensityProfile.scaled`, checked."""
    return positive(factor, "dimensionless", "factor", "scaled")


def _radii(r):
    radius = units.to_internal(r, "length", "r", finite=False)
    if np.any(np.asarray(radius) < 0):
        raise InputError(f"r = {r} is negative; radii are distances from the centre, zero or more")
    with np.errstate(divide="ignore"):
        log_r = np.log(radius)
    return np.asarray(radius), np.clip(log_r, -_LN_RADIUS_LIMIT, _LN_RADIUS_LIMIT)


def _shown(value, dimension):
    return value if dimension is None or dimension == "dimensionless" else units.attach(value, dimension)
