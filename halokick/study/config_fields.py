"""Types of the values in a run file: quantities of one dimension, numbers and names in bounds, and lists of them."""

import math
import sys
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from halokick import units
from halokick.errors import InputError, UnitError
from halokick.sky import signal_units

_EXAMPLES = {
    "length": "8.2 kpc",
    "speed": "54 km/s",
    "mass": "1e12 Msun",
    "density": "0.4 GeV/cm3",
    "time": "13.8 Gyr",
    "angle": "0.5 deg",
    "energy": "100 GeV",
}


def refuse(said, allowed):
    """The error of one value, in the two halves that a `Problem` shows."""
    return PydanticCustomError("halokick", "{said}", {"said": said, "allowed": allowed})


def quantity_of(dimension, *, low=0.0, low_allowed=False, high=None, unlimited=False):
    """Type of one Quantity: text such as ``"8.2 kpc"``.

    Parameters
    ----------
    dimension : str
        See `halokick.units`.
    low, high : float or str
        Bounds, in any unit of the dimension where they are text; `low` itself is refused unless `low_allowed`.
    unlimited : bool
        Accept ``inf`` (a lifetime).
    """
    check = _quantity_check(dimension, low, low_allowed, high, unlimited)
    return Annotated[Any, PlainValidator(check)]


def quantities_of(dimension, **bounds):
    """Type of one Quantity or a list of them; always a tuple after reading."""
    check = _quantity_check(dimension, **_full(bounds))

    def check_all(value):
        items = value if isinstance(value, (list, tuple)) else [value]
        if not items:
            raise refuse("an empty list", f"one {_words(dimension)} or a list of them, {_example(dimension)}")
        return tuple(check(item) for item in items)

    return Annotated[Any, PlainValidator(check_all)]


def signal_of(dimension):
    """Type of one positive Quantity of a dimension of `halokick.sky.signal_units`, such as a cross-section times speed.

    Parameters
    ----------
    dimension : one of the dimensions of that module
    """
    allowed = f'a {dimension.words} above 0, like "{dimension.example}"'

    def check(value):
        if not isinstance(value, (str, units.Quantity)):
            raise refuse("has no unit" if _is_number(value) else "not one quantity", allowed)
        try:
            return signal_units.attach(signal_units.strip(value, dimension, "value", above=0), dimension)
        except UnitError as error:
            raise refuse(_unit_complaint(value, error), allowed) from error
        except InputError as error:
            raise refuse("out of range", allowed) from error

    return Annotated[Any, PlainValidator(check)]


def number(*, low=-math.inf, high=math.inf, low_allowed=True, high_allowed=True):
    """Type of one plain number within bounds."""
    return Annotated[Any, PlainValidator(_number_check(low, high, low_allowed, high_allowed))]


def numbers(**bounds):
    """Type of a list of plain numbers; a tuple after reading."""
    check = _number_check(**{"low": -math.inf, "high": math.inf, "low_allowed": True, "high_allowed": True} | bounds)

    def check_all(value):
        if not isinstance(value, (list, tuple)) or not value:
            raise refuse("not a list of numbers", "a list such as [0.1, 0.4, 0.2]")
        return tuple(check(item) for item in value)

    return Annotated[Any, PlainValidator(check_all)]


def whole_number(low, high):
    """Type of one integer from `low` to `high`."""

    def check(value):
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole or not low <= value <= high:
            said = "out of range" if whole and not isinstance(value, bool) else "not a whole number"
            raise refuse(said, f"a whole number, {low} to {high}")
        return int(value)

    return Annotated[Any, PlainValidator(check)]


def true_or_false():
    """Type of a switch."""

    def check(value):
        if not isinstance(value, bool):
            raise refuse("not a switch", "true or false, without quotes")
        return value

    return Annotated[Any, PlainValidator(check)]


def one_of(*names):
    """Type of a name out of a list."""
    return Annotated[Any, PlainValidator(_name_check(names))]


def several_of(*names):
    """Type of a list of different names out of a list; a tuple after reading."""
    check = _name_check(names)

    def check_all(value):
        items = tuple(check(item) for item in (value if isinstance(value, (list, tuple)) else [value]))
        if len(set(items)) != len(items):
            raise refuse("a name given twice", "each of " + ", ".join(names) + " at most once")
        return items

    return Annotated[Any, PlainValidator(check_all)]


def text():
    """Type of a piece of text that is not empty."""

    def check(value):
        if not isinstance(value, str) or not value.strip():
            raise refuse("not a text", "a text in quotes")
        return value

    return Annotated[Any, PlainValidator(check)]


def texts():
    """Type of one text or a list of them; a tuple after reading."""

    def check(value):
        items = value if isinstance(value, (list, tuple)) else [value]
        if not items or not all(isinstance(item, str) and item.strip() for item in items):
            raise refuse("not a text or a list of texts", 'texts in quotes, like ["Draco", "Fornax"]')
        return tuple(items)

    return Annotated[Any, PlainValidator(check)]


def _full(bounds):
    return {"low": 0.0, "low_allowed": False, "high": None, "unlimited": False} | bounds


def _example(dimension):
    return f'like "{_EXAMPLES[dimension]}"'


def _words(dimension):
    return dimension.replace("_", " ")


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _quantity_check(dimension, low, low_allowed, high, unlimited):
    bounds = _bounds_text(low, low_allowed, high)
    allowed = f"a {_words(dimension)} {bounds}, {_example(dimension)}"

    def internal(value):
        return units.to_internal(value, dimension) if isinstance(value, str) else float(value)

    smallest, largest = internal(low), math.inf if high is None else internal(high)

    def check(value):
        if isinstance(value, (list, tuple, dict, bool)):
            raise refuse("not one quantity", allowed)
        try:
            amount = units.quantity(value, dimension, "value")
        except UnitError as error:
            raise refuse(_unit_complaint(value, error), allowed) from error
        size = units.to_internal(amount, dimension, finite=False) if not math.isnan(amount.value) else math.nan
        endless = math.isinf(size) and not unlimited
        if math.isnan(size) or endless or size < smallest or size > largest or (size == smallest and not low_allowed):
            raise refuse("out of range", allowed)
        return amount

    return check


def _unit_complaint(value, error):
    if not isinstance(value, str):
        return "has no unit"
    message = str(error)
    if "has no unit" in message or "has the unit" in message:
        return "has " + message.split(" has ", 1)[1].split(";", 1)[0]
    return "not a number with a unit"


def _bounds_text(low, low_allowed, high):
    lowest = f"{'not below' if low_allowed else 'above'} {low if isinstance(low, str) else format(low, 'g')}"
    return lowest if high is None else f"{lowest} and up to {high if isinstance(high, str) else format(high, 'g')}"


def _number_check(low, high, low_allowed, high_allowed):
    ends = []
    if low > -math.inf:
        ends.append(f"{'not below' if low_allowed else 'above'} {low:g}")
    if high < math.inf:
        ends.append(f"{'up to' if high_allowed else 'below'} {high:g}")
    allowed = " ".join(["a plain number", " and ".join(ends)]).strip()

    def check(value):
        if not _is_number(value):
            raise refuse("not a plain number", allowed)
        too_low = value < low or (value == low and not low_allowed)
        too_high = value > high or (value == high and not high_allowed)
        # whole numbers of TOML may be larger than any other number
        if not -sys.float_info.max <= value <= sys.float_info.max or too_low or too_high:
            raise refuse("out of range", allowed)
        return float(value)

    return check


def _name_check(names):
    from_list = "one of " + ", ".join(f'"{name}"' for name in names)

    def check(value):
        if value not in names:
            raise refuse("no such name" + _nearest(value, names), from_list)
        return value

    return check


def _nearest(value, names):
    close = get_close_matches(value, names, n=1, cutoff=0.5) if isinstance(value, str) else []
    return f', did you mean "{close[0]}"?' if close else ""
