"""The [model] section of ultraviolet freeze-in: to parts of the model, and back."""

from dataclasses import dataclass

from cosmology.degrees_of_freedom import G_STAR, degrees_of_freedom
from cosmology.errors import CosmologyError, InputError
from cosmology.models.config_reader import (
    Key,
    as_section,
    as_text,
    choose,
    misplaced,
    problem_lines,
    raise_all,
    read_keys,
)
from cosmology.models.uv_freeze_in_choices import CHOICES, Choices
from cosmology.models.uv_freeze_in_couplings import BENCHMARKS, FLAVOURS, GeneralNeutrinos, TwoNeutrinos
from cosmology.models.uv_freeze_in_scan import ASYMMETRIES
from cosmology.models.uv_freeze_in_sink import EQUILIBRIA, DarkSink
from cosmology.models.uv_freeze_in_summary import ERROR_BANDS
from cosmology.particle_input import checked_positive
from cosmology.units import quantity

NAME = "uv_freeze_in"
"""str : of the model in run files."""


@dataclass(frozen=True)
class ListKey:
    """A list of any length.

    Parameters
    ----------
    kind : str
        ``"mass"``, ``"complex"`` or ``"rows"``, which are lists of complex numbers, one for each flavour.
    example : str
    """

    kind: str
    example: str

    def read(self, value, name):
        """Tuple of Quantities, or of complex numbers, or of such tuples."""
        if not isinstance(value, (list, tuple)) or not value:
            raise InputError(f"{name} = {value!r}; a list is needed, like {self.example}")
        if self.kind == "mass":
            return tuple(quantity(one, "mass", name) for one in value)
        if self.kind == "rows":
            inner = ListKey("complex", self.example)
            if len(value) != FLAVOURS:
                raise InputError(f"{name} has {len(value)} rows; one for each of {FLAVOURS} flavours, {self.example}")
            return tuple(inner.read(one, name) for one in value)
        try:
            return tuple(complex(one.replace(" ", "") if isinstance(one, str) else one) for one in value)
        except (TypeError, ValueError) as error:
            raise InputError(f"{name} = {value!r}; complex numbers are needed, like {self.example}") from error


_NAMED_G_STAR = tuple(name for name in G_STAR if name != "constant")

KEYS = {
    "name": Key("name", f'"{NAME}"', choices=(NAME,)),
    "mass": Key("mass", '"1e11 GeV"'),
    "phases": Key("name", '"B1"', choices=tuple(BENCHMARKS)),
    "alpha": Key("number", "-2.0944"),
    "beta": Key("number", "0.7854"),
    "dark_coupling": Key("number", "0.5"),
    "lepton_coupling": Key("number", "1e-3"),
    "mass_ratio": Key("number", "3"),
    "lepton_ratio": Key("number", "2"),
    "dark_ratio": Key("number", "1"),
    "masses": ListKey("mass", '["1e11 GeV", "3e11 GeV"]'),
    "lepton_couplings": ListKey("rows", '[["1e-3+1e-3j", "2e-3"], ["0", "1e-3"], ["1e-3j", "0"]]'),
    "dark_couplings": ListKey("complex", '["0.3+0.4j", "0.5"]'),
    "largest_neutrino_mass": Key("mass", '"0.07 eV"'),
    "reheating_temperature": Key("temperature", '"3e9 GeV"'),
    "mass_over_reheating": Key("number", "30"),
    "sink_coupling": Key("number", "1.0"),
    "mediator_ratio": Key("number", "1.5"),
    "chi_mass": Key("mass", '"1 GeV"'),
    "equilibrium": Key("name", '"cold"', choices=EQUILIBRIA),
    **{name: Key("name", f'"{allowed[0]}"', choices=allowed) for name, allowed in CHOICES.items()},
    "asymmetries": Key("name", '"computed"', choices=ASYMMETRIES),
    "error_band": Key("name", '"none"', choices=ERROR_BANDS),
    "omega_h2": Key("number", "0.12"),
    "g_star": Key("name", '"saikawa_shirai"', choices=_NAMED_G_STAR),
}
"""dict : key of the [model] section -> what it holds."""

NEUTRINOS = {
    "benchmark": ("phases", "mass", "dark_coupling"),
    "phases": ("alpha", "beta", "mass", "dark_coupling"),
    "general": ("masses", "lepton_couplings", "dark_couplings"),
}
REHEATING = {"given": ("reheating_temperature",), "ratio": ("mass_over_reheating",)}
_OF_TWO = ("lepton_coupling", "mass_ratio", "lepton_ratio", "dark_ratio")
_OF_SINK = ("mediator_ratio", "chi_mass", "equilibrium")
_OF_MODEL = ("asymmetries", "error_band", "omega_h2", "g_star")


def read(section):
    """Arguments of `UVFreezeIn` from a section.

    Raises
    ------
    InputError
        Naming everything that is wrong.
    """
    values, problems = read_keys(as_section(section), KEYS)
    way, found = _way(section)
    problems += found
    reheating, found = choose(section, REHEATING, "reheating")
    problems += found
    raise_all(problems)
    parts = {}
    for name, build in (
        ("neutrinos", lambda: _neutrinos(values, way)),
        ("sink", lambda: _sink(values)),
        ("choices", lambda: Choices(**_picked(values, CHOICES))),
    ):
        try:
            parts[name] = build()
        except CosmologyError as error:
            problems += problem_lines(error)
    raise_all(problems)
    if reheating == "given":
        hot = values["reheating_temperature"]
    else:
        hot = parts["neutrinos"].mass / checked_positive(
            values["mass_over_reheating"], "dimensionless", "mass_over_reheating"
        )
    return {**parts, "reheating_temperature": hot, **_picked(values, _OF_MODEL)}


def write(model):
    """The section of a model; `read` turns it into the same model."""
    if isinstance(model.neutrinos, TwoNeutrinos):
        found = {
            "mass": as_text(model.neutrinos.mass),
            **{name: getattr(model.neutrinos, name) for name in ("alpha", "beta", "dark_coupling", *_OF_TWO)},
        }
    else:
        rows = [[str(one) for one in row] for row in model.neutrinos.lepton_couplings]
        found = {
            "masses": [as_text(one) for one in model.neutrinos.masses],
            "lepton_couplings": rows,
            "dark_couplings": [str(one) for one in model.neutrinos.dark_couplings],
        }
    found |= {
        "largest_neutrino_mass": as_text(model.neutrinos.largest_neutrino_mass),
        "reheating_temperature": as_text(model.reheating_temperature),
        "sink_coupling": model.sink.coupling,
        "mediator_ratio": model.sink.mediator_ratio,
        "chi_mass": None if model.sink.chi_mass is None else as_text(model.sink.chi_mass),
        "equilibrium": model.sink.equilibrium,
        **{name: getattr(model.choices, name) for name in CHOICES},
        "asymmetries": model.asymmetries,
        "error_band": model.error_band,
        "omega_h2": model.omega_h2,
        "g_star": _named(model.g_star),
    }
    return {"name": NAME, **{name: value for name, value in found.items() if value is not None}}


def _way(section):
    """Which keys describe the heavy neutrinos: name, and problems."""
    general = [key for key in NEUTRINOS["general"] if key in section]
    two = [key for key in ("phases", "alpha", "beta", "mass", "dark_coupling", *_OF_TWO) if key in section]
    if general and two:
        reason = f"belongs to two heavy neutrinos with equal flavours; {', '.join(general)} describe any: leave it out"
        return None, misplaced(section, two, reason)
    if general:
        return choose(section, {"general": NEUTRINOS["general"]}, "neutrinos")
    angles = [key for key in ("alpha", "beta") if key in section]
    if "phases" in section and angles:
        return None, [f"phases: given more than once, by phases, {', '.join(angles)}; give either"]
    way = "benchmark" if "phases" in section else "phases"
    if not two:
        ways = " or ".join(", ".join(group) for group in NEUTRINOS.values())
        return None, [f"neutrinos: missing; give {ways}"]
    missing = [key for key in NEUTRINOS[way] if key not in section]
    if set(missing) >= {"alpha", "beta"}:
        missing = ["phases", *(key for key in missing if key not in ("alpha", "beta"))]
    return way, [f"{key}: missing; two heavy neutrinos need it{_or_angles(key)}" for key in missing]


def _or_angles(key):
    return ", or alpha and beta" if key == "phases" else ""


def _neutrinos(values, way):
    cap = _picked(values, ("largest_neutrino_mass",))
    if way == "general":
        return GeneralNeutrinos(**_picked(values, NEUTRINOS["general"]), **cap)
    others = _picked(values, ("mass", "dark_coupling", *_OF_TWO)) | cap
    if way == "benchmark":
        return TwoNeutrinos.benchmark(values["phases"], **others)
    return TwoNeutrinos(**_picked(values, ("alpha", "beta")), **others)


def _sink(values):
    coupling = {"coupling": values["sink_coupling"]} if "sink_coupling" in values else {}
    return DarkSink(**coupling, **_picked(values, _OF_SINK))


def _picked(values, names):
    return {name: values[name] for name in names if name in values}


def _named(g_star):
    """Name that a section can hold."""
    label = degrees_of_freedom(g_star).label
    if label not in _NAMED_G_STAR:
        raise InputError(f"g_star = {label}; a section names one of {', '.join(_NAMED_G_STAR)}")
    return label
