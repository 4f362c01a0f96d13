"""The [model] section of Exodus: to parts of the model, and back."""

from cosmology.degrees_of_freedom import G_STAR, degrees_of_freedom
from cosmology.errors import CosmologyError, InputError
from cosmology.limits.energy_deposition import CHANNELS
from cosmology.models.config_reader import Key, as_section, as_text, misplaced, problem_lines, raise_all, read_keys
from cosmology.models.exodus_majorana import majorana_mass
from cosmology.models.exodus_routes import VARIANTS
from cosmology.models.exodus_sectors import Sectors
from cosmology.models.exodus_widths import DirectDecay, GivenLifetime, OperatorDecay, SquarkDecay

NAME = "exodus"
"""str : of the model in run files."""

FINAL_STATES = ("hidden", *CHANNELS)
"""tuple of str : what zetas annihilate to, for limits from the CMB."""

_NAMED_G_STAR = tuple(name for name in G_STAR if name != "constant")

KEYS = {
    "name": Key("name", f'"{NAME}"', choices=(NAME,)),
    "variant": Key("name", '"b_violating"', choices=tuple(VARIANTS)),
    "mass": Key("mass", '"6.5 GeV"'),
    "states": Key("number", "1"),
    "sigma_v": Key("sigma_v", '"1e-7 GeV-2"'),
    "asymmetry": Key("number", "8.7e-11"),
    "charge": Key("number", "1.0"),
    "visible_mass": Key("mass", '"0.94 GeV"'),
    "relic_mass": Key("mass", '"5 GeV"'),
    "relic_sigma_v": Key("sigma_v", '"1e-9 GeV-2"'),
    "relic_final_state": Key("name", '"hidden"', choices=FINAL_STATES),
    "ratio": Key("number", "4.0"),
    "genesis_g_star": Key("number", "10.0"),
    "lifetime": Key("time", '"0.1 s"'),
    "coupling": Key("number", "1e-12"),
    "operator_scale": Key("energy", '"1 TeV"'),
    "squark_mass": Key("energy", '"1.5 TeV"'),
    "majorana_mass": Key("mass", '"1 keV"'),
    "messenger_scale": Key("energy", '"1e6 GeV"'),
    "neutrino_mass": Key("mass", '"0.01 eV"'),
    "majorana_operator_scale": Key("energy", '"1e4 GeV"'),
    "reheat_temperature": Key("temperature", '"100 MeV"'),
    "sphaleron_temperature": Key("temperature", '"100 GeV"'),
    "largest_residue": Key("number", "0.01"),
    "largest_freeze_in": Key("number", "0.1"),
    "longest_lifetime": Key("time", '"1 s"'),
    "omega_h2": Key("number", "0.12"),
    "g_star": Key("name", '"saikawa_shirai"', choices=_NAMED_G_STAR),
}
"""dict : key of the [model] section -> what it holds."""

_OF_MODEL = (
    "mass",
    "states",
    "sigma_v",
    "asymmetry",
    "relic_mass",
    "relic_sigma_v",
    "relic_final_state",
    "sphaleron_temperature",
    "largest_residue",
    "largest_freeze_in",
    "longest_lifetime",
    "omega_h2",
)
_OF_SECTORS = ("ratio", "genesis_g_star", "g_star")
_NEEDED = ("variant", "mass", "sigma_v")
_LOOPS = ("messenger_scale", "neutrino_mass", "majorana_operator_scale")
_OF_VARIANT = {
    "squark_mass": "bino",
    "reheat_temperature": "bino",
    "majorana_mass": "l_violating",
    **dict.fromkeys(_LOOPS, "l_violating"),
}


def read(section):
    """Arguments of `Exodus` from a section.

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
    variant = values.get("variant")
    if variant is not None:
        problems += _beside(section, variant)
    raise_all(problems)
    parts = {}
    for name, build in (("route", lambda: _route(values, variant)), ("sectors", lambda: _sectors(values))):
        try:
            parts[name] = build()
        except CosmologyError as error:
            problems += problem_lines(error)
    raise_all(problems)
    return {**parts, **_picked(values, _OF_MODEL)}


def write(model):
    """Section that `read` turns into the arguments of `model` again, of text and numbers."""
    name = degrees_of_freedom(model.sectors.g_star).name
    if name not in _NAMED_G_STAR:
        raise InputError(
            f"g_star = {name!r} cannot be written to a run file; allowed there: {', '.join(_NAMED_G_STAR)}"
        )
    given = {key: getattr(model, key) for key in _OF_MODEL} | {key: getattr(model.sectors, key) for key in _OF_SECTORS}
    section = {"name": NAME} | model.route.to_config() | given | {"g_star": name}
    if model.route.kind == "bino":
        del section["relic_sigma_v"]
    kept = {key: value for key, value in section.items() if value is not None}
    return {key: as_text(value) if hasattr(value, "unit") else value for key, value in kept.items()}


def _beside(section, variant):
    """What keys need of each other."""
    for key, owner in _OF_VARIANT.items():
        if variant != owner:
            yield from misplaced(section, (key,), f'belongs to variant = "{owner}", not to "{variant}"')
    if variant == "bino":
        yield from misplaced(section, ("relic_sigma_v",), "a bino annihilates in the p-wave, too weakly to count")
    if "lifetime" in section:
        other = ("coupling", "operator_scale", "squark_mass")
        yield from misplaced(section, other, "gives the lifetime again, as lifetime does; leave one of them out")
    elif variant == "bino":
        for key in ("coupling", "operator_scale", "squark_mass"):
            if key not in section:
                yield f'{key}: missing for variant = "bino", like {key} = {KEYS[key].example}; or give lifetime'
    elif "coupling" not in section:
        yield "lifetime: missing; give lifetime, or coupling, or coupling with operator_scale"
    loops = [key for key in _LOOPS if key in section]
    if loops and "majorana_mass" in section:
        yield f"majorana_mass: given more than once, by {', '.join(loops)} too; leave either out"
    elif loops and len(loops) < len(_LOOPS):
        missing = [key for key in _LOOPS if key not in section]
        yield f"{missing[0]}: missing; the Majorana mass by loops needs {', '.join(_LOOPS)}"


def _route(values, variant):
    more = _picked(values, ("charge", "visible_mass", "reheat_temperature", "majorana_mass"))
    if "messenger_scale" in values:
        more["majorana_mass"] = majorana_mass(*(values[key] for key in _LOOPS))
    return VARIANTS[variant](decay=_decay(values), **more)


def _decay(values):
    if "lifetime" in values:
        return GivenLifetime(values["lifetime"])
    if "squark_mass" in values:
        return SquarkDecay(values["coupling"], values["operator_scale"], values["squark_mass"])
    if "operator_scale" in values:
        return OperatorDecay(values["coupling"], values["operator_scale"])
    return DirectDecay(values["coupling"])


def _sectors(values):
    return Sectors(**_picked(values, _OF_SECTORS))


def _picked(values, keys):
    return {key: values[key] for key in keys if key in values}
