"""The section [limits]: limits in the plane of cross-section and kick from the dwarf galaxies."""

from typing import ClassVar

from halokick.sky.signal_units import SIGMA_V
from halokick.study.config_fields import (
    number,
    numbers,
    one_of,
    quantity_of,
    several_of,
    signal_of,
    text,
    texts,
)
from halokick.study.config_flux import shares_problems
from halokick.study.config_section import Section, choose_one

CLOSURES = ("subhaloes", "field_haloes", "field_haloes_capped")
"""Ways to choose a dwarf's halo: those of `halokick.sky.dwarf_closures.standard_closures`, in its order."""
PRIORS = ("gaussian_in_log_j", "log_normal_in_j")
_SOURCES = (("published",), ("table",), ("likelihoods",))


class LimitsSection(Section):
    """What is known without a kick: a published limit of the stack, or the likelihood of each dwarf."""

    title: ClassVar[str] = "limits"

    published: signal_of(SIGMA_V) = None
    table: text() = None
    likelihoods: texts() = None
    mass: quantity_of("energy") = None
    measured_j: text() = None
    closures: several_of(*CLOSURES) = CLOSURES
    largest_v_max: quantity_of("speed") = None
    angle: quantity_of("angle", high="89 deg") = None
    shares: numbers(low=0.0, high=1.0, low_allowed=False) = None
    confidence: number(low=0.5, high=0.999999, low_allowed=False) = 0.95
    prior: one_of(*PRIORS) = "gaussian_in_log_j"

    def contradictions(self, given):
        """See `Section.contradictions`."""
        yield from choose_one(self, given, _SOURCES, "what is known without a kick")
        if given.get("closures", self.closures) == list(self.closures) and len(self.closures) < 2:
            said = "one line would hide that V_max, which a kick is compared with, is not measured"
            yield self.problem("closures", said, f"two or more of {', '.join(CLOSURES)}", given)
        if "largest_v_max" in given and CLOSURES[2] not in self.closures:
            said = f'there is no closure "{CLOSURES[2]}" for it'
            yield self.problem("largest_v_max", said, "that closure, or leave it out", given)
        if "mass" in given and "table" not in given:
            said = "only a table of limits is read at a mass here"
            yield self.problem(
                "mass", said, "table beside it, or leave it out (likelihoods have that of [flux])", given
            )
        yield from shares_problems(self, given)
