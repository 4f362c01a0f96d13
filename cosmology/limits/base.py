"""What a limit is, and what it answers: satisfied, excluded or not applicable, by which paper, and why.

A limit never raises because a point is excluded, and never gives a number outside the range in which it was published:
there the answer is "not applicable" with the reason. `Limit.bound` alone raises `OutsideValidity` there.
"""

import inspect
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cosmology.errors import InputError, UnitError
from cosmology.units import Quantity

SELF_CONJUGATE = "self-conjugate"
DIRAC = "dirac"
NO_CONVENTION = "no pair convention"

SATISFIED = "satisfied"
EXCLUDED = "excluded"
NOT_APPLICABLE = "not applicable"

AT_MOST = "at most"
AT_LEAST = "at least"


class OutsideValidity(InputError):
    """A limit was asked where it was not published; the message says what it covers."""


@dataclass(frozen=True, kw_only=True)
class LimitResult:
    """Answer of one limit for one point of a model.

    Attributes
    ----------
    name, source, convention, applies_to, validity : str
        As in `Limit`.
    observable : str
        What `value` and `bound` are.
    sense : str
        ``"at most"`` if the bound is an upper one, ``"at least"`` if a lower one.
    value : Quantity or None
        The model's number.
    bound : Quantity or None
        The limit on it; None where there is none.
    status : str
        ``"satisfied"``, ``"excluded"`` or ``"not applicable"``.
    reason : str
        Why not applicable, or a remark.
    """

    name: str
    source: str
    convention: str
    applies_to: str
    validity: str
    observable: str
    sense: str
    value: Quantity | None
    bound: Quantity | None
    status: str
    reason: str = ""

    @property
    def applicable(self):
        """Whether the limit says anything about this point."""
        return self.status != NOT_APPLICABLE

    @property
    def satisfied(self):
        """True or False; None where the limit does not apply."""
        return None if not self.applicable else self.status == SATISFIED

    @property
    def excluded(self):
        """Whether this limit excludes the point."""
        return self.status == EXCLUDED

    @property
    def excess(self):
        """Value over bound, or bound over value for a lower bound: above 1 is beyond the bound; None without both."""
        if self.value is None or self.bound is None:
            return None
        top, bottom = (self.value, self.bound) if self.sense == AT_MOST else (self.bound, self.value)
        return float((top / bottom).to_value(""))

    def __str__(self):
        shown = "no bound" if self.bound is None else f"{self.observable} {self.sense} {self.bound:.3g}"
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.status}: {self.name}, {shown}{reason} [{self.source}]"


@dataclass(frozen=True, kw_only=True)
class Limit(ABC):
    """A published limit.

    Attributes
    ----------
    name : str
    source : str
        The paper.
    validity : str
        The range in which it was published, in words.
    applies_to : str
        What it is a limit on.
    convention : str
        ``"self-conjugate"`` (published for particles that are their own antiparticles), ``"dirac"`` (equal numbers of
        particles and antiparticles), or ``"no pair convention"``.
    """

    name: str
    source: str
    validity: str
    applies_to: str
    convention: str = NO_CONVENTION

    observable: ClassVar[str]
    sense: ClassVar[str] = AT_MOST

    @abstractmethod
    def bound(self, **point):
        """Limit at a point of the model, as a Quantity; raises `OutsideValidity` where it was not published."""

    @abstractmethod
    def check(self, **point):
        """Answer for a point of the model, a `LimitResult`; an excluded point is an answer, not an error."""

    def _judge(self, value, find_bound):
        """Result for a value, and a function that gives the bound or raises `OutsideValidity`."""
        try:
            bound = find_bound()
        except OutsideValidity as outside:
            return self._answer(value, None, NOT_APPLICABLE, str(outside))
        with np.errstate(invalid="ignore"):
            kept = bool(value <= bound) if self.sense == AT_MOST else bool(value >= bound)
        return self._answer(value, bound, SATISFIED if kept else EXCLUDED)

    def _answer(self, value, bound, status, reason=""):
        return LimitResult(
            name=self.name,
            source=self.source,
            convention=self.convention,
            applies_to=self.applies_to,
            validity=self.validity,
            observable=self.observable,
            sense=self.sense,
            value=value,
            bound=bound,
            status=status,
            reason=reason,
        )


def check_all(limits, **point):
    """Ask many limits about one point; each takes from it what it needs.

    Parameters
    ----------
    limits : iterable of Limit
    **point
        Everything known, by the argument names of the limits' ``check``: ``mass``, ``sigma_v``, ``width`` and so on.

    Returns
    -------
    tuple of LimitResult
        In the order of `limits`. A limit that needs something which is not given is not applicable, and says so.

    Raises
    ------
    InputError
        If a name in `point` is used by none of the limits, which is most likely a slip of the pen.
    """
    limits = tuple(limits)
    wanted = [inspect.signature(limit.check).parameters for limit in limits]
    unused = sorted(set(point) - {name for parameters in wanted for name in parameters})
    if limits and unused:
        known = sorted({name for parameters in wanted for name in parameters})
        raise InputError(f"none of these limits uses {unused}; they use {known}")
    results = []
    for limit, parameters in zip(limits, wanted, strict=True):
        missing = [name for name, one in parameters.items() if one.default is one.empty and name not in point]
        if missing:
            reason = f"needs {', '.join(missing)}, which the point does not give"
            results.append(limit._answer(None, None, NOT_APPLICABLE, reason))
        else:
            results.append(limit.check(**{name: point[name] for name in parameters if name in point}))
    return tuple(results)


def measure(value, unit, name, example, *, zero_allowed=False):
    """Number in a unit that powers of GeV do not serve (speeds, angles, intensities), from text or a Quantity.

    Parameters
    ----------
    value : str or Quantity
    unit : str
        Unit of the number returned.
    name, example : str
        For the message.
    zero_allowed : bool
        Whether zero is a value; negative ones never are.

    Returns
    -------
    float or ndarray of float

    Raises
    ------
    UnitError
        No unit, or a wrong one.
    InputError
        Negative, zero where that has no meaning, or not finite.
    """
    if isinstance(value, str):
        try:
            value = Quantity(value)
        except (TypeError, ValueError) as error:
            raise UnitError(f"{name} = {value!r} is not a quantity; write it like {example!r}") from error
    if not isinstance(value, Quantity) or not value.unit.is_equivalent(unit):
        raise UnitError(f"{name} = {value} must have a unit equivalent to {unit}, like {example!r}")
    stripped = np.asarray(value.to_value(unit), dtype=float)
    if not np.all(np.isfinite(stripped)) or np.any(stripped < 0.0) or (not zero_allowed and np.any(stripped == 0.0)):
        raise InputError(f"{name} = {value} must be finite and {'not negative' if zero_allowed else 'positive'}")
    return float(stripped) if stripped.ndim == 0 else stripped


def positive(value, name):
    """Float that must be finite and above zero, such as a mass already in GeV; raises InputError otherwise."""
    if np.ndim(value) or not np.isfinite(value) or value <= 0.0:
        raise InputError(f"{name} = {value} must be one positive, finite number")
    return float(value)


def fraction(value, name):
    """Float in (0, 1], such as a share of the dark matter; raises InputError otherwise."""
    value = positive(value, name)
    if value > 1.0:
        raise InputError(f"{name} = {value} must be in (0, 1]")
    return value
