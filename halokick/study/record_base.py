"""What all records of a result have in common: nothing in them changes, and two are equal if every entry is."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType

import numpy as np


def _freeze(record):
    for one in fields(record):
        value = getattr(record, one.name)
        if isinstance(value, np.ndarray) and value.ndim:
            value = value.copy()
            value.setflags(write=False)
            object.__setattr__(record, one.name, value)
        elif isinstance(value, Mapping):
            object.__setattr__(record, one.name, MappingProxyType(dict(value)))
        elif isinstance(value, list):
            object.__setattr__(record, one.name, tuple(value))


class Record:
    """A frozen record; two are equal if every entry is, units included."""

    def __post_init__(self):
        _freeze(self)

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        return all(_same(getattr(self, one.name), getattr(other, one.name)) for one in fields(self))

    __hash__ = None

    def __reduce__(self):
        # records travel between processes, which the read-only view of a mapping cannot
        values = [getattr(self, one.name) for one in fields(self)]
        return type(self), tuple(dict(value) if isinstance(value, MappingProxyType) else value for value in values)


def _same(first, second):
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(_same(first[key], second[key]) for key in first)
    if isinstance(first, tuple) and isinstance(second, tuple):
        return len(first) == len(second) and all(_same(a, b) for a, b in zip(first, second, strict=True))
    if is_dataclass(first):
        return first == second
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        units = getattr(first, "unit", None), getattr(second, "unit", None)
        return units[0] == units[1] and np.array_equal(first, second, equal_nan=np.asarray(first).dtype.kind == "f")
    return first == second
