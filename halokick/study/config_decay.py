"""The [decay] section: the law of the kick speed, and when the decays happen."""

from typing import Annotated, Any, ClassVar

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from halokick.study.config_fields import number, numbers, one_of, quantities_of, quantity_of, refuse, whole_number
from halokick.study.config_section import Section, choose_one, read_section

LAWS = {
    "fixed": ("kick_speed",),
    "two_body": ("parent_mass", "daughter_mass", "splitting", "partner_mass"),
    "phase_space": ("n_bodies", "max_speed", "parent_mass", "daughter_mass", "splitting"),
    "matrix_element": ("n_bodies", "max_speed", "parent_mass", "daughter_mass", "splitting", "weight"),
    "tabulated": ("speed", "pdf"),
    "cascade": ("first", "second"),
}
"""Kick-speed law in a run file, and the keys that belong to it."""

SCANNED = ("kick_speed", "splitting", "max_speed")
"""Keys that may hold a list; each entry is one kick of the study."""

_LAW_KEYS = tuple(dict.fromkeys(key for keys in LAWS.values() for key in keys))


def _check_step(value):
    if not isinstance(value, dict):
        raise refuse("not a table", 'one decay step, like {law = "fixed", kick_speed = "20 km/s"}')
    step, problems = read_section(StepSection, value)
    for key in SCANNED:
        if len(getattr(step, key) or ()) > 1:
            problems.append(step.problem(key, "a list", "one value in a step of a cascade", value))
    if problems:
        raise PydanticCustomError("halokick_step", "bad step", {"problems": problems})
    return step


_STEP = Annotated[Any, PlainValidator(_check_step)]


class StepSection(Section):
    """The law of one decay's kick speed."""

    title: ClassVar[str] = "step"

    law: one_of(*LAWS) = "fixed"
    kick_speed: quantities_of("speed", low_allowed=True, high="29979.2458 km/s") = None
    parent_mass: quantity_of("mass") = None
    daughter_mass: quantity_of("mass") = None
    splitting: quantities_of("mass") = None
    partner_mass: quantity_of("mass", low_allowed=True) = None
    n_bodies: whole_number(3, 50) = None
    max_speed: quantities_of("speed", high="29979.2458 km/s") = None
    weight: numbers() = None
    speed: quantities_of("speed", low_allowed=True) = None
    pdf: numbers(low=0.0) = None
    first: _STEP = None
    second: _STEP = None

    def contradictions(self, given):
        """See `Section.contradictions`."""
        if given.get("law", self.law) != self.law:
            return  # the law could not be read, so nothing is known of its keys
        own = LAWS[self.law]
        for key in _LAW_KEYS:
            if key in given and key not in own:
                yield self.problem(key, f'does not belong to law = "{self.law}"', ", ".join(own), given)
        mine = {key: given[key] for key in own if key in given}
        yield from getattr(self, f"_{self.law}")(mine)

    def _fixed(self, given):
        if "kick_speed" not in given:
            yield self.problem("kick_speed", "missing", 'one kick speed or a list, like ["54 km/s", "109 km/s"]')

    def _two_body(self, given):
        yield from self._masses(given, (("daughter_mass", "parent_mass"), ("splitting", "parent_mass")))

    def _phase_space(self, given):
        if "n_bodies" not in given:
            yield self.problem("n_bodies", "missing", "number of decay products, the daughter included, 3 or more")
        speeds = (("max_speed",), ("daughter_mass", "parent_mass"), ("splitting", "parent_mass"))
        yield from self._masses(given, speeds)

    def _matrix_element(self, given):
        yield from self._phase_space(given)
        if "weight" not in given:
            yield self.problem("weight", "missing", "coefficients of W(x) = c_0 + c_1 x + ..., like [1.0, 0.5]")

    def _masses(self, given, groups):
        yield from choose_one(self, given, groups, "the kick speed")
        if self.parent_mass is None:
            return
        lost = [*(self.splitting or ())]
        if any(splitting >= self.parent_mass for splitting in lost):
            yield self.problem("splitting", "not below parent_mass", f"below {self.parent_mass}", given)
        if self.daughter_mass is not None and self.daughter_mass >= self.parent_mass:
            yield self.problem("daughter_mass", "not below parent_mass", f"below {self.parent_mass}", given)

    def _tabulated(self, given):
        for key in ("speed", "pdf"):
            if key not in given:
                yield self.problem(key, "missing", "equally long lists speed and pdf")
        if self.speed is not None and self.pdf is not None and len(self.speed) != len(self.pdf):
            said = f"{len(self.pdf)} values for {len(self.speed)} speeds"
            yield self.problem("pdf", said, "as many as speeds", given)

    def _cascade(self, given):
        for key in ("first", "second"):
            if key not in given:
                yield self.problem(key, "missing", 'one decay step, like {law = "fixed", kick_speed = "20 km/s"}')


class DecaySection(StepSection):
    """Kick speeds of the study, the lifetime, and the shares of parents and of the daughters that were always there."""

    title: ClassVar[str] = "decay"

    lifetime: quantity_of("time", unlimited=True) = None
    age: quantity_of("time") = None
    parent_share: number(low=0.0, high=1.0, low_allowed=False) = None
    primordial_share: number(low=0.0, high=1.0) = None

    def contradictions(self, given):
        """See `Section.contradictions`."""
        yield from super().contradictions(given)
        for key in ("age", "parent_share", "primordial_share"):
            if key in given and "lifetime" not in given:
                yield self.problem(key, "goes with lifetime only", "lifetime, or leave it out", given)
        if self.parent_share is not None and self.primordial_share is not None:
            total = self.parent_share + self.primordial_share
            if abs(total - 1) > 1e-9:
                said = f"parent_share + primordial_share = {total:g}"
                yield self.problem("primordial_share", said, f"{1 - self.parent_share:g}, or leave one out", given)
