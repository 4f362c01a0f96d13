"""The section [annihilation]: how the cross-section depends on the relative speed of a pair."""

from typing import ClassVar

from halokick.sky.signal_units import SIGMA_V
from halokick.study.config_fields import number, one_of, quantity_of, several_of, signal_of
from halokick.study.config_section import Section, choose_one

LAWS = {
    "s_wave": (),
    "p_wave": (),
    "d_wave": (),
    "inverse_speed": ("saturation",),
    "coulomb": ("alpha",),
    "hulthen": ("alpha", "epsilon_phi", "mass", "mediator_mass", "wave", "cap"),
    "breit_wigner": ("pole", "relative_width", "mass", "mediator_mass", "width"),
    "model": (),
}
"""Law of the relative speed in a run file, and the keys that belong to it."""

MODEL_LAW = "model"
"""The law that is the particle model's own."""

_KEYS = tuple(dict.fromkeys(key for keys in LAWS.values() for key in keys))
_ALONE = {"hulthen": (("epsilon_phi",), ("mass", "mediator_mass"))}
_ALONE["breit_wigner"] = (("pole", "relative_width"), ("width", "mass", "mediator_mass"))
_WAVES = ("s", "p")


class AnnihilationSection(Section):
    """Laws of the relative speed v_rel = |v_1 - v_2|, one or several; keys serve every law that knows them."""

    title: ClassVar[str] = "annihilation"

    law: several_of(*LAWS) = ()
    alpha: number(low=-10.0, high=10.0) = None
    epsilon_phi: number(low=0.0, low_allowed=False) = None
    mass: quantity_of("energy") = None
    mediator_mass: quantity_of("energy") = None
    wave: one_of(*_WAVES) = None
    cap: signal_of(SIGMA_V) = None
    saturation: quantity_of("speed") = None
    pole: quantity_of("speed") = None
    relative_width: number(low=0.0, low_allowed=False) = None
    width: quantity_of("energy") = None

    def contradictions(self, given):
        """See `Section.contradictions`."""
        if not self.law:
            if "law" not in given:
                yield self.problem("law", "missing", f"one of {', '.join(LAWS)}, or a list of them")
            return
        own = {key for law in self.law for key in LAWS[law]}
        for key in _KEYS:
            if key in given and key not in own:
                users = [law for law, keys in LAWS.items() if key in keys]
                said = f"not known to {_quoted(self.law)}"
                yield self.problem(key, said, f"law = {' or '.join(_quoted([law]) for law in users)}", given)
        yield from self._attraction(given)
        for law, groups in _ALONE.items():
            if law in self.law:
                mine = {key: given[key] for key in given if key in {key for group in groups for key in group}}
                if len(self.law) == 1 or not set(mine) & {"mass", "mediator_mass"}:
                    yield from choose_one(self, mine, groups, f"{law}'s scale")
                else:
                    yield from self._shared(law, groups, mine)

    def _attraction(self, given):
        for law in ("coulomb", "hulthen"):
            if law in self.law and "alpha" not in given:
                yield self.problem("alpha", f'missing for "{law}"', "the coupling, like 0.01")
                break
        if "coulomb" in self.law and self.alpha == 0:
            yield self.problem("alpha", "no force", 'another coupling, or law = "s_wave"', given)
        if "hulthen" in self.law and self.alpha is not None and self.alpha <= 0:
            yield self.problem("alpha", "Hulthen's form is an attraction", "above 0", given)
        if "cap" in given and "mass" not in given:
            yield self.problem("cap", "unitarity needs the mass", "mass and mediator_mass beside cap", given)
        if "cap" in given and self.wave == "p":
            yield self.problem("cap", "the unitarity limit of the s-wave", 'wave = "s", or leave it out', given)

    def _shared(self, law, groups, given):
        """Masses that two laws read: each law needs a whole group."""
        if not any(all(key in given for key in group) for group in groups):
            allowed = "; or ".join(" with ".join(group) for group in groups)
            yield self.problem(groups[0][0], f'not enough is given for "{law}"', allowed)


def _quoted(laws):
    return "law = " + ", ".join(f'"{law}"' for law in laws) if len(laws) > 1 else f'"{laws[0]}"'
