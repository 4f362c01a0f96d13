"""Statements of papers that are words, not curves: shown beside results, never used to exclude a point."""

from dataclasses import dataclass

from cosmology import units
from cosmology.errors import InputError
from cosmology.limits.base import positive
from cosmology.units import Quantity


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """A verbal statement of a paper.

    Attributes
    ----------
    name, source, statement, applies_to : str
    operator : str or None
        Kind of contact operator it is about: ``"quarks"``, ``"charged leptons"``, ``"mu or tau"``,
        ``"electroweak bosons"``.
    mass_below : Quantity [mass] or None
        Dark matter masses below about this are meant.
    """

    name: str
    source: str
    statement: str
    applies_to: str
    operator: str | None = None
    mass_below: Quantity | None = None


_HLU = "Hardy, Lasenby & Unwin 2014 (arXiv:1402.4500), Sect. 3.2, and references there"
_CONTACT = "asymmetric dark matter whose symmetric part annihilates through a contact operator"

CONTACT_OPERATORS = (
    Annotation(
        name="contact operator with quarks",
        source=_HLU,
        statement="direct detection and monojets typically exclude masses below about 100 GeV",
        applies_to=_CONTACT,
        operator="quarks",
        mass_below=Quantity(100.0, "GeV"),
    ),
    Annotation(
        name="contact operator with charged leptons",
        source=_HLU,
        statement="LEP mono-photons exclude masses below about 30 GeV if the coupling is the same for all leptons",
        applies_to=_CONTACT,
        operator="charged leptons",
        mass_below=Quantity(30.0, "GeV"),
    ),
    Annotation(
        name="contact operator with muons or taus only",
        source=_HLU,
        statement="not constrained by LEP mono-photons",
        applies_to=_CONTACT,
        operator="mu or tau",
    ),
    Annotation(
        name="contact operator with electroweak bosons",
        source=_HLU,
        statement="colliders exclude masses below about 40 GeV",
        applies_to=_CONTACT,
        operator="electroweak bosons",
        mass_below=Quantity(40.0, "GeV"),
    ),
)
"""tuple of Annotation : collider and direct-detection statements by operator."""

LIGHT_MEDIATOR = Annotation(
    name="light mediator",
    source=_HLU,
    statement="a mediator below about 100 GeV evades the statements about contact operators",
    applies_to=_CONTACT,
)
"""Annotation : the way out."""


def contact_annotations(operator, mass, mediator_mass=None):
    """Statements that concern a model.

    Parameters
    ----------
    operator : str
        See `Annotation`.
    mass : Quantity [mass]
        Of the dark matter.
    mediator_mass : Quantity [mass], optional
        None for a mediator heavy enough for a contact operator.

    Returns
    -------
    tuple of Annotation
        Statements of this operator whose masses include `mass`, and `LIGHT_MEDIATOR` if the mediator is below 100 GeV.
    """
    known = [one.operator for one in CONTACT_OPERATORS]
    if operator not in known:
        raise InputError(f"operator {operator!r} is not one of {', '.join(known)}")
    gev = positive(units.to_internal(mass, "mass", "mass"), "mass")
    found = [
        one
        for one in CONTACT_OPERATORS
        if one.operator == operator and (one.mass_below is None or gev < one.mass_below.to_value("GeV"))
    ]
    if mediator_mass is not None:
        mediator = positive(units.to_internal(mediator_mass, "mass", "mediator_mass"), "mediator_mass")
        if mediator < 100.0:
            found.append(LIGHT_MEDIATOR)
    return tuple(found)
