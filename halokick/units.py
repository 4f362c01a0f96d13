"""The units door: text or Quantity to internal floats, and back.

Internally this package knows kpc, km/s and Msun, and nothing else. Units come off here and go back on here. A bare
number for a dimensional argument is refused, never assumed to be in some unit.
"""

import numpy as np
from astropy import units as u
from astropy.units import Quantity

from halokick import constants
from halokick.errors import InputError, UnitError

_TIME = u.def_unit("kpc/(km/s)", constants.GYR_PER_TIME_UNIT * u.Gyr)

# dimension -> (internal unit, unit given back to the user, example for messages)
_DIMENSIONS = {
    "length": (u.kpc, u.kpc, "8.2 kpc"),
    "speed": (u.km / u.s, u.km / u.s, "54 km/s"),
    "mass": (u.Msun, u.Msun, "1e12 Msun"),
    "density": (u.Msun / u.kpc**3, u.Msun / u.kpc**3, "6e6 Msun/kpc3"),
    "surface_density": (u.Msun / u.kpc**2, u.Msun / u.kpc**2, "1e7 Msun/kpc2"),
    "time": (_TIME, u.Gyr, "13.8 Gyr"),
    "rate": (1 / _TIME, 1 / u.Gyr, "0.01 1/Gyr"),
    "potential": (u.km**2 / u.s**2, u.km**2 / u.s**2, "1e5 km2/s2"),
    "angle": (u.rad, u.deg, "0.5 deg"),
    "solid_angle": (u.sr, u.sr, "1e-3 sr"),
    "phase_space_density": (
        u.Msun / u.kpc**3 / (u.km / u.s) ** 3,
        u.Msun / u.kpc**3 / (u.km / u.s) ** 3,
        "1 Msun kpc-3 km-3 s3",
    ),
    "energy": (u.GeV, u.GeV, "100 GeV"),
    "dimensionless": (u.dimensionless_unscaled, u.dimensionless_unscaled, "0.5"),
}

# Line-of-sight integrals leave in particle units: mass is counted as energy (m c^2).
_GEV_PER_MSUN = (u.Msun * constants.SPEED_OF_LIGHT**2 * (u.km / u.s) ** 2).to_value(u.GeV)
_CM_PER_KPC = u.kpc.to(u.cm)
_LINE_OF_SIGHT = {
    "j_factor": (_GEV_PER_MSUN**2 / _CM_PER_KPC**5, u.GeV**2 / u.cm**5),
    "d_factor": (_GEV_PER_MSUN / _CM_PER_KPC**2, u.GeV / u.cm**2),
    "differential_j_factor": (_GEV_PER_MSUN**2 / _CM_PER_KPC**5, u.GeV**2 / u.cm**5 / u.sr),
    "differential_d_factor": (_GEV_PER_MSUN / _CM_PER_KPC**2, u.GeV / u.cm**2 / u.sr),
}


def quantity(value, dimension, name="value"):
    """Turn text such as ``"54 km/s"``, or a list of such texts, or a Quantity, into a Quantity of one dimension.

    Parameters
    ----------
    value : str, Quantity or list of them
    dimension : str
        One of the dimensions of this module, for example ``"speed"``.
    name : str
        What the user calls the argument; used in the message.

    Returns
    -------
    Quantity

    Raises
    ------
    UnitError
        If `value` is a bare number, or has another dimension.
    """
    internal, _, example = _dimension(dimension)
    if isinstance(value, str):
        try:
            value = Quantity(value)
        except (TypeError, ValueError) as error:
            raise UnitError(f"{name} = {value!r} is not a quantity; write it like {example!r}") from error
    elif isinstance(value, (list, tuple)):
        value = Quantity([quantity(item, dimension, name) for item in value])
    if not isinstance(value, Quantity):
        if dimension == "dimensionless":
            try:
                return Quantity(value)
            except (TypeError, ValueError) as error:
                raise UnitError(f"{name} = {value!r} is not a number") from error
        raise UnitError(
            f"{name} = {value!r} has no unit; it is a {_words(dimension)}, so give it one, like {example!r}"
        )
    equivalencies = u.mass_energy() if dimension in ("density", "mass") else []
    if dimension in ("angle", "solid_angle"):
        equivalencies = []
    if not value.unit.is_equivalent(internal, equivalencies):
        given = "no unit" if value.unit == u.dimensionless_unscaled else f"the unit {value.unit}"
        raise UnitError(f"{name} = {value} has {given}; it should be a {_words(dimension)}, like {example!r}")
    return value


def to_internal(value, dimension, name="value", *, finite=True):
    """Strip the unit: a Quantity (or text) to floats in kpc, km/s, Msun.

    Densities may be given as mass or as energy density (``"0.4 GeV/cm3"``), masses as mass or energy.

    Parameters
    ----------
    value, dimension, name
        See `quantity`.
    finite : bool
        Refuse NaN and infinities. Only radii "to infinity" and unlimited lifetimes switch this off.

    Returns
    -------
    float or ndarray of float

    Raises
    ------
    UnitError
        No unit, or a wrong one.
    InputError
        NaN or infinite where that has no meaning.
    """
    value = quantity(value, dimension, name)
    equivalencies = u.mass_energy() if dimension in ("density", "mass") else []
    stripped = np.asarray(value.to_value(_DIMENSIONS[dimension][0], equivalencies), dtype=float)
    bad = ~np.isfinite(stripped) if finite else np.isnan(stripped)
    if np.any(bad):
        raise InputError(f"{name} = {value} is not a finite {_words(dimension)}")
    return float(stripped) if stripped.ndim == 0 else stripped


def attach(value, dimension):
    """Put the unit back on: internal floats to a Quantity in the unit users read (Gyr, deg, GeV^2 cm^-5, ...)."""
    if dimension in _LINE_OF_SIGHT:
        factor, unit = _LINE_OF_SIGHT[dimension]
        return Quantity(np.asarray(value, dtype=float) * factor, unit)
    internal, shown, _ = _dimension(dimension)
    return Quantity(np.asarray(value, dtype=float), internal).to(shown)


def _dimension(dimension):
    return _DIMENSIONS[dimension]


def _words(dimension):
    return dimension.replace("_", " ")
