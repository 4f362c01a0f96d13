"""Limits that are one number: it must not be exceeded, or it must be reached."""

from dataclasses import dataclass
from typing import ClassVar

from cosmology.limits.base import AT_LEAST, NOT_APPLICABLE, Limit
from cosmology.units import Quantity


@dataclass(frozen=True, kw_only=True)
class AtMost(Limit):
    """A number that must not be exceeded.

    Attributes
    ----------
    observable : str
        What it is.
    limit : Quantity
    """

    observable: str
    limit: Quantity

    def bound(self):
        """The number."""
        return self.limit

    def check(self, *, value):
        """Answer for a value, a `LimitResult`."""
        return self._judge(Quantity(value), self.bound)

    def silent(self, reason, value=None):
        """Not applicable, for a reason."""
        return self._answer(None if value is None else Quantity(value), None, NOT_APPLICABLE, reason)


@dataclass(frozen=True, kw_only=True)
class AtLeast(AtMost):
    """A number that must be reached."""

    sense: ClassVar[str] = AT_LEAST
