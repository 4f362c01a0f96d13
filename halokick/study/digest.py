"""A checksum of what was found, whoever found it and when."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import numpy as np

_CIRCUMSTANCES = {"Provenance": {"versions", "commit", "created", "seconds"}}
"""Entries of records that say how something was found, and nothing of what."""


def digest(value):
    """Checksum of a record, mapping, tuple, text, number, array or quantity, of every bit and unit in it.

    When, by which versions and in how many seconds a result was made does not count.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    found = hashlib.sha256()
    _add(found, value)
    return found.hexdigest()


def _add(found, value):
    if value is None:
        _say(found, "none")
    elif is_dataclass(value):
        left_out = _CIRCUMSTANCES.get(type(value).__name__, ())
        _say(found, "record", type(value).__name__)
        for one in fields(value):
            entry = getattr(value, one.name)
            if one.name not in left_out and entry is not None:
                _say(found, one.name)
                _add(found, entry)
        _say(found, "end")
    elif isinstance(value, Mapping):
        _say(found, "mapping", len(value))
        for key in sorted(value):
            _say(found, key)
            _add(found, value[key])
    elif isinstance(value, tuple):
        _say(found, "tuple", len(value))
        for entry in value:
            _add(found, entry)
    elif isinstance(value, str):
        _say(found, "text", value)
    else:
        numbers = np.ascontiguousarray(getattr(value, "value", value))
        numbers = numbers.astype(numbers.dtype.newbyteorder("<"), copy=False)
        shape = np.shape(getattr(value, "value", value))
        _say(found, "numbers", numbers.dtype.str, shape, getattr(value, "unit", ""))
        found.update(numbers.tobytes())


def _say(found, *words):
    for word in words:
        text = str(word).encode()
        found.update(len(text).to_bytes(8, "little") + text)
