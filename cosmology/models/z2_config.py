"""The [model] section of a Z2-related dark sector: to parts of the model, and back."""

from cosmology.degrees_of_freedom import G_STAR, degrees_of_freedom
from cosmology.errors import CosmologyError, InputError
from cosmology.models import z2_parent
from cosmology.models.config_reader import Key, as_section, as_text, problem_lines, raise_all, read_keys
from cosmology.models.z2_hadrons import PIONS
from cosmology.models.z2_potential import BaryonParent, DarkQuarks, Links
from cosmology.models.z2_reheaton import CHANNELS, Reheaton

NAME = "z2_dark_sector"
"""str : of the model in run files."""

_NAMED_G_STAR = tuple(name for name in G_STAR if name != "constant")

KEYS = {
    "name": Key("name", f'"{NAME}"', choices=(NAME,)),
    "reheaton_mass": Key("mass", '"420 GeV"'),
    "reheaton_coupling": Key("energy", '"10 eV"'),
    "dark_reheaton_coupling": Key("energy", '"10 eV"'),
    "channels": Key("name", '"complete"', choices=tuple(CHANNELS)),
    "dark_vev": Key("energy", '"1 TeV"'),
    "parent_mass": Key("mass", '"3 TeV"'),
    "heavy_mass": Key("mass", '"10 TeV"'),
    "light_mass": Key("mass", '"1 TeV"'),
    "scalar_mass": Key("mass", '"10 TeV"'),
    "trilinear": Key("mass", '"100 GeV"'),
    "alpha": Key("number", "0.5"),
    "alpha_phase": Key("number", "1.57"),
    "annihilation": Key("name", '"printed"', choices=z2_parent.ANNIHILATION),
    "sigma_v": Key("sigma_v", '"1e-15 GeV-2"'),
    "epsilon": Key("number", "5e-11"),
    "kappa": Key("number", "1.0"),
    "cp_phase": Key("number", "0.785"),
    "decay": Key("name", '"printed"', choices=("printed", "colours")),
    "cp_asymmetry": Key("number", "0.02"),
    "dark_cp_ratio": Key("number", "1.0"),
    "up_yukawa": Key("number", "6e-5"),
    "down_yukawa": Key("number", "2e-5"),
    "electron_ratio": Key("number", "1.0"),
    "bottom_ratio": Key("number", "1.0"),
    "confinement_ratio": Key("number", "5.3"),
    "coupling_difference": Key("number", "0.0775"),
    "uv_scale": Key("energy", '"1e15 GeV"'),
    "new_mass": Key("energy", '"1e4 GeV"'),
    "confinement_scale": Key("energy", '"0.25 GeV"'),
    "pion": Key("name", '"neutral"', choices=tuple(PIONS)),
    "portal": Key("number", "0.1"),
    "gauge_coupling": Key("number", "0.03"),
    "gauge_mass": Key("mass", '"300 GeV"'),
    "lowest_reheating_temperature": Key("temperature", '"4 MeV"'),
    "g_star": Key("name", '"saikawa_shirai"', choices=_NAMED_G_STAR),
}
"""dict : key of the [model] section -> what it holds."""

_OF_REHEATON = {
    "reheaton_mass": "mass",
    "reheaton_coupling": "coupling",
    "dark_reheaton_coupling": "dark_coupling",
    "channels": "channels",
}
_OF_MODEL = ("dark_vev", "lowest_reheating_temperature", "g_star")
_PARTS = {"parent": BaryonParent, "quarks": DarkQuarks, "links": Links}
_NEEDED = ("reheaton_mass", "reheaton_coupling")


def read(section):
    """Arguments of `Z2DarkSector` from a section.

    Parameters
    ----------
    section : dict
        Keys of `KEYS`.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        Naming everything that is wrong.
    """
    values, problems = read_keys(as_section(section), KEYS)
    problems += [f"{key}: missing, like {key} = {KEYS[key].example}" for key in _NEEDED if key not in section]
    raise_all(problems)
    given = {name: values[key] for key, name in _OF_REHEATON.items() if key in values}
    builders = {"reheaton": lambda: Reheaton(**given)}
    for name, part in _PARTS.items():
        keys = [key for key in part.__dataclass_fields__ if key in values]
        builders[name] = lambda part=part, keys=keys: part(**{key: values[key] for key in keys})
    parts = {}
    for name, build in builders.items():
        try:
            parts[name] = build()
        except CosmologyError as error:
            problems += problem_lines(error)
    raise_all(problems)
    return parts | {key: values[key] for key in _OF_MODEL if key in values}


def write(model):
    """Section that `read` turns into the arguments of `model` again, of text and numbers."""
    name = degrees_of_freedom(model.g_star).name
    if name not in _NAMED_G_STAR:
        raise InputError(
            f"g_star = {name!r} cannot be written to a run file; allowed there: {', '.join(_NAMED_G_STAR)}"
        )
    section = {"name": NAME} | {key: getattr(model.reheaton, entry) for key, entry in _OF_REHEATON.items()}
    for part in _PARTS:
        section |= {key: getattr(getattr(model, part), key) for key in _PARTS[part].__dataclass_fields__}
    section |= {key: getattr(model, key) for key in _OF_MODEL} | {"g_star": name}
    kept = {key: value for key, value in section.items() if value is not None}
    return {key: as_text(value) if hasattr(value, "unit") else value for key, value in kept.items()}
