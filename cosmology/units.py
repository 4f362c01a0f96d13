"""The units door: text or Quantity to powers of GeV, and back.

Internally this package knows natural units, hbar = c = k_B = 1, and measures everything in powers of GeV. Units come
off here and go back on here. A bare number for a dimensional argument is refused, never assumed to be in some unit.
"""

import numpy as np
from astropy import constants as si
from astropy import units as u
from astropy.units import Quantity

from cosmology.errors import InputError, UnitError

_BASES = (u.kg, u.m, u.s, u.K)
# one of each base in powers of GeV, and that power; c, hbar and k_B are exact (CODATA)
_NATURAL = {
    u.kg: ((u.kg * si.c**2).to_value(u.GeV), 1),
    u.m: ((u.m / (si.hbar * si.c)).to_value(1 / u.GeV), -1),
    u.s: ((u.s / si.hbar).to_value(1 / u.GeV), -1),
    u.K: ((u.K * si.k_B).to_value(u.GeV), 1),
}

# dimension -> (power of GeV, unit given back to the user, other kinds of unit accepted, example for messages)
_DIMENSIONS = {
    "energy": (1, u.GeV, (), "10 GeV"),
    "mass": (1, u.GeV, (u.kg,), "10 GeV"),
    "temperature": (1, u.GeV, (u.K,), "100 GeV"),
    "time": (-1, u.s, (u.GeV**-1,), "1e17 s"),
    "width": (1, u.GeV, (u.s**-1,), "1e-42 GeV"),
    "rate": (1, u.s**-1, (u.GeV,), "1e-18 1/s"),
    "length": (-1, u.cm, (u.GeV**-1,), "1 cm"),
    "cross_section": (-2, u.cm**2, (u.GeV**-2,), "1e-9 GeV-2"),
    "sigma_v": (-2, u.cm**3 / u.s, (u.GeV**-2,), "3e-26 cm3/s"),
    "cross_section_per_mass": (-3, u.cm**2 / u.g, (u.GeV**-3, u.cm**2 / u.GeV), "1 cm2/g"),
    "number_density": (3, u.cm**-3, (u.GeV**3,), "411 cm-3"),
    "energy_density": (4, u.GeV / u.cm**3, (u.GeV**4, u.g / u.cm**3), "0.4 GeV/cm3"),
    "speed": (0, u.km / u.s, (), "500 km/s"),
    "dimensionless": (0, u.dimensionless_unscaled, (), "0.5"),
}


def quantity(value, dimension, name="value"):
    """Turn text such as ``"10 GeV"``, or a list of such texts, or a Quantity, into a Quantity of one dimension.

    Parameters
    ----------
    value : str, Quantity or list of them
    dimension : str
        One of ``"energy"``, ``"mass"`` (kg too), ``"temperature"`` (K too), ``"time"``, ``"width"`` and ``"rate"``
        (GeV or 1/s), ``"length"``, ``"cross_section"``, ``"sigma_v"``, ``"cross_section_per_mass"``,
        ``"number_density"`` (entropy density too), ``"energy_density"`` (mass density too), ``"speed"``,
        ``"dimensionless"``. All but the last two accept the matching power of GeV.
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
    _, shown, others, example = _dimension(dimension)
    if isinstance(value, str):
        try:
            value = Quantity(value)
        except (TypeError, ValueError) as error:
            raise UnitError(f"{name} = {value!r} is not a quantity; write it like {example!r}") from error
    elif isinstance(value, (list, tuple)):
        value = Quantity([quantity(item, dimension, name) for item in value])
    if not isinstance(value, Quantity):
        if dimension == "dimensionless":
            return Quantity(value)
        raise UnitError(
            f"{name} = {value!r} has no unit; it is a {_words(dimension)}, so give it one, like {example!r}"
        )
    if not any(value.unit.is_equivalent(unit) for unit in (shown, *others)):
        given = "no unit" if value.unit == u.dimensionless_unscaled else f"the unit {value.unit}"
        raise UnitError(f"{name} = {value} has {given}; it should be a {_words(dimension)}, like {example!r}")
    return value


def to_internal(value, dimension, name="value", *, finite=True):
    """Strip the unit: a Quantity (or text) to floats in powers of GeV, natural units.

    Parameters
    ----------
    value, dimension, name
        See `quantity`.
    finite : bool
        Refuse NaN and infinities. Only unlimited lifetimes and lengths switch this off.

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
    stripped = np.asarray(value.value * _natural(value.unit)[0], dtype=float)
    bad = ~np.isfinite(stripped) if finite else np.isnan(stripped)
    if np.any(bad):
        raise InputError(f"{name} = {value} is not a finite {_words(dimension)}")
    return float(stripped) if stripped.ndim == 0 else stripped


def attach(value, dimension):
    """Put the unit back on: powers of GeV to a Quantity in the unit users read (GeV, s, cm^2, cm^3/s, cm^-3, ...)."""
    shown = _dimension(dimension)[1]
    return Quantity(np.asarray(value, dtype=float) / _natural(shown)[0], shown)


def power(dimension):
    """Power of GeV that a dimension has in natural units, such as -2 for a cross-section."""
    return _dimension(dimension)[0]


def _natural(unit):
    """One such unit in natural units: its size, and the power of GeV that it is measured in."""
    bare = unit.decompose(bases=_BASES)
    size, gev = bare.scale, 0
    for base, exponent in zip(bare.bases, bare.powers, strict=True):
        base_size, base_power = _NATURAL[base]
        size *= base_size ** float(exponent)
        gev += base_power * exponent
    return size, gev


def _dimension(dimension):
    return _DIMENSIONS[dimension]


def _words(dimension):
    return dimension.replace("_", " ")
