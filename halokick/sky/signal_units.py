"""Units of what is annihilated and seen: cross-sections times speed, J-factors, fluxes; floats in GeV, cm and s inside.

The package's own door, `halokick.units`, knows the dimensions of dynamics; these are the particle ones.
"""

from typing import NamedTuple

import numpy as np

from halokick import units
from halokick.errors import HaloKickError, InputError, UnitError


class _Dimension(NamedTuple):
    unit: str
    words: str
    example: str


SIGMA_V = _Dimension("cm3 s-1", "cross-section times speed", "3e-26 cm3/s")
J_FACTOR = _Dimension("GeV2 cm-5", "J-factor", "1e19 GeV2 cm-5")
DIFFERENTIAL_FLUX = _Dimension("GeV-1 cm-2 s-1", "flux per energy", "1e-12 GeV-1 cm-2 s-1")
PHOTON_FLUX = _Dimension("cm-2 s-1", "photon flux", "1e-11 cm-2 s-1")
ENERGY_FLUX = _Dimension("GeV cm-2 s-1", "energy flux", "1e-10 GeV cm-2 s-1")
SIGNAL = _Dimension("GeV2 cm-2 s-1", "cross-section times speed times J-factor", "3e-7 GeV2 cm-2 s-1")


def strip(value, dimension, name, *, least=None, above=None):
    """Quantity or text to floats in the dimension's unit.

    Parameters
    ----------
    value : Quantity or str, any shape
    dimension : one of the dimensions of this module
    name : str
        What the user calls the argument.
    least, above : float, optional
        Refuse values below `least`, or not above `above`.

    Returns
    -------
    float or ndarray

    Raises
    ------
    UnitError
        No unit, or a wrong one.
    InputError
        Not finite, or outside the given range.
    """
    if isinstance(value, str):
        try:
            value = units.Quantity(value)
        except (TypeError, ValueError) as error:
            raise UnitError(f"{name} = {value!r} is not a quantity; write it like {dimension.example!r}") from error
    if not isinstance(value, units.Quantity):
        raise UnitError(f"{name} = {value!r} has no unit; it is a {dimension.words}, like {dimension.example!r}")
    wanted = units.Quantity(1.0, dimension.unit).unit
    if not value.unit.is_equivalent(wanted):
        raise UnitError(
            f"{name} = {value} has the unit {value.unit}; it should be a {dimension.words}, like {dimension.example!r}"
        )
    stripped = np.asarray(value.to_value(wanted), dtype=float)
    if not np.all(np.isfinite(stripped)):
        raise InputError(f"{name} = {value} is not a finite {dimension.words}")
    if least is not None and np.any(stripped < least):
        raise InputError(f"{name} = {value} is below {least:g} {dimension.unit}; give that or more")
    if above is not None and np.any(stripped <= above):
        raise InputError(f"{name} = {value} must be above {above:g} {dimension.unit}")
    return float(stripped) if stripped.ndim == 0 else stripped


def one_number(value, name):
    """A float of one finite number without a unit."""
    try:
        number = np.asarray(units.to_internal(value, "dimensionless", name))
    except HaloKickError:
        raise
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} = {value!r}; one finite number is needed") from error
    if number.ndim:
        raise InputError(f"{name} = {value}; one finite number is needed")
    return float(number)


def plain_numbers(value, name):
    """An ndarray of numbers without a unit; per cent and the like are divided out."""
    try:
        return np.asarray(units.to_internal(value, "dimensionless", name, finite=False))
    except HaloKickError:
        raise
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} = {value!r}; numbers are needed, and no NaN") from error


def check_shapes(**arrays):
    """Refuse arrays that do not broadcast against each other."""
    try:
        np.broadcast_shapes(*(np.shape(one) for one in arrays.values()))
    except ValueError as error:
        given = ", ".join(f"{name} {np.shape(one)}" for name, one in arrays.items())
        raise InputError(f"the shapes do not go together: {given}; give one value, or as many of each") from error


def attach(value, dimension):
    """Floats to a Quantity in the dimension's unit."""
    return units.Quantity(value, dimension.unit)


def positive_energy(value, name):
    """Quantity [energy] or text to floats [GeV], all above zero."""
    gev = units.to_internal(value, "energy", name)
    if np.any(np.asarray(gev) <= 0):
        raise InputError(f"{name} = {value} must be above zero")
    return gev
