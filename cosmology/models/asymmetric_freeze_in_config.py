"""The [model] section of asymmetric freeze-in: to parts of the model, and back."""

from cosmology.degrees_of_freedom import G_STAR, degrees_of_freedom
from cosmology.errors import CosmologyError, InputError
from cosmology.models.asymmetric_freeze_in_asymmetry import mixing_asymmetry
from cosmology.models.asymmetric_freeze_in_hidden import Losp
from cosmology.models.asymmetric_freeze_in_mediators import (
    CONJUGATES,
    GivenWidth,
    Mediator,
    OperatorDecay,
    YukawaDecay,
)
from cosmology.models.asymmetric_freeze_in_sphalerons import (
    SPECIES,
    BrokenPhase,
    DirectBaryons,
    GivenFactor,
    Superpartners,
    SymmetricPhase,
)
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
from cosmology.thermodynamics import STATISTICS

NAME = "asymmetric_freeze_in"
"""str : of the model in run files."""

TRANSFERS = ("decays", "unitary")
"""tuple of str : what makes the asymmetry; see `cosmology.models.asymmetric_freeze_in_history`."""

_CONVERSIONS = {one.kind: one for one in (SymmetricPhase, BrokenPhase, Superpartners, DirectBaryons, GivenFactor)}
_NAMED_G_STAR = tuple(name for name in G_STAR if name != "constant")

MEDIATOR_KEYS = {
    "mass": Key("mass", '"500 GeV"'),
    "coupling": Key("number", "1e-9"),
    "width": Key("width", '"1e-17 GeV"'),
    "operator_scale": Key("energy", '"1e10 GeV"'),
    "vacuum_value": Key("energy", '"174 GeV"'),
    "epsilon": Key("number", "-1e-3"),
    "loop_size": Key("number", "0.1"),
    "phase": Key("number", "0.1"),
    "states": Key("number", "2"),
    "antiparticle": Key("name", '"distinct"', choices=CONJUGATES),
    "statistics": Key("name", '"boltzmann"', choices=STATISTICS),
}
"""dict : of one kind of B; each may be a list, for several."""

KEYS = {
    "name": Key("name", f'"{NAME}"', choices=(NAME,)),
    "reheating_temperature": Key("temperature", '"1 TeV"'),
    "transfer": Key("name", '"decays"', choices=TRANSFERS),
    "visible_width": Key("width", '"1 GeV"'),
    "conversion": Key("name", '"symmetric_phase"', choices=tuple(_CONVERSIONS)),
    "generations": Key("whole number", "3"),
    "doublets": Key("whole number", "1"),
    "higgsinos": Key("whole number", "2"),
    "flavours": Key("number", "[1, 0, 0]", count=3),
    "sphaleron_factor": Key("number", "-0.05"),
    "sphaleron_temperature": Key("temperature", '"131.7 GeV"'),
    "relic_mass": Key("mass", '"1.6 GeV"'),
    "relic_states": Key("number", "1"),
    "relic_sigma_v": Key("sigma_v", '"1e-9 GeV-2"'),
    "hidden_g_star": Key("number", "10.0"),
    "losp_mass": Key("mass", '"100 GeV"'),
    "losp_coupling": Key("number", "1e-8"),
    "losp_yield": Key("number", "1e-12"),
    "omega_h2": Key("number", "0.12"),
    "g_star": Key("name", '"saikawa_shirai"', choices=_NAMED_G_STAR),
}
"""dict : key of the [model] section -> what it holds, beside `MEDIATOR_KEYS` and `light`, a list of superpartners."""

_OF_MODEL = (
    "reheating_temperature",
    "transfer",
    "visible_width",
    "sphaleron_temperature",
    "relic_mass",
    "relic_states",
    "relic_sigma_v",
    "hidden_g_star",
    "omega_h2",
    "g_star",
)
_OF_CONVERSION = {
    "symmetric_phase": ("generations", "doublets"),
    "broken_phase": ("generations", "doublets"),
    "superpartners": ("light", "doublets", "higgsinos", "flavours"),
    "direct": (),
    "given": ("sphaleron_factor",),
}
_DECAYS = {"coupling": ("coupling",), "width": ("width",), "operator_scale": ("operator_scale",)}
_EPSILONS = {"epsilon": ("epsilon",), "loop": ("loop_size", "phase")}
_LOSP = {"losp_mass": "mass", "losp_coupling": "coupling", "losp_yield": "left"}


def read(section):
    """Arguments of `AsymmetricFreezeIn` from a section.

    Parameters
    ----------
    section : dict

    Returns
    -------
    dict

    Raises
    ------
    InputError
        Naming everything that is wrong.
    """
    section = as_section(section)
    everything = KEYS | MEDIATOR_KEYS | {"light": None}
    known = {key: value for key, value in section.items() if key not in MEDIATOR_KEYS and key != "light"}
    values, problems = read_keys({key: value for key, value in known.items() if key in KEYS}, KEYS)
    problems += read_keys({key: value for key, value in known.items() if key not in KEYS}, _Unknown(everything))[1]
    per_mediator, more = _split(section)
    problems += more
    problems += _beside(section)
    light, more = _light(section)
    problems += more
    raise_all(problems)
    parts = {}
    builders = (
        ("mediators", lambda: tuple(_mediator(one) for one in per_mediator)),
        ("conversion", lambda: _conversion(values, light)),
        ("losp", lambda: _losp(values)),
    )
    for name, build in builders:
        try:
            parts[name] = build()
        except CosmologyError as error:
            problems += problem_lines(error)
    raise_all(problems)
    return parts | {key: values[key] for key in _OF_MODEL if key in values}


def write(model):
    """Section that `read` turns into the arguments of `model` again, of text, numbers and lists."""
    name = degrees_of_freedom(model.g_star).name
    if name not in _NAMED_G_STAR:
        raise InputError(
            f"g_star = {name!r} cannot be written to a run file; allowed there: {', '.join(_NAMED_G_STAR)}"
        )
    section = {"name": NAME} | _mediator_keys(model) | _conversion_keys(model.conversion)
    section |= {key: getattr(model, key) for key in _OF_MODEL} | {"g_star": name}
    if model.conversion.kind == "direct":
        del section["sphaleron_temperature"]
    if not model.relic_mass_given:
        del section["relic_mass"]
    if model.losp is not None:
        section |= {key: getattr(model.losp, attribute) for key, attribute in _LOSP.items()}
    return {key: _plain(value) for key, value in section.items() if value is not None}


class _Unknown(dict):
    """All keys by name, of which the message for an unknown one picks the nearest."""


def _split(section):
    """Values of each mediator by key, and problems."""
    given = {key: section[key] for key in MEDIATOR_KEYS if key in section}
    lengths = {key: len(value) for key, value in given.items() if isinstance(value, (list, tuple))}
    if len(set(lengths.values())) > 1 or 0 in lengths.values():
        told = ", ".join(f"{key} has {count}" for key, count in lengths.items())
        first = next(iter(lengths))
        return [], [f"{first}: {told}; lists need one entry for each kind of mediator"]
    count = next(iter(lengths.values()), 1)
    found, problems = [], []
    for i in range(count):
        one = {key: value[i] if key in lengths else value for key, value in given.items()}
        values, more = read_keys(one, MEDIATOR_KEYS)
        found.append(values)
        problems += [line for line in more if line not in problems]
    if "mass" not in given:
        problems.append(f"mass: missing, like mass = {MEDIATOR_KEYS['mass'].example}")
    problems += choose(given, _DECAYS, "width")[1]
    if any(key in given for group in _EPSILONS.values() for key in group):
        problems += choose(given, _EPSILONS, "epsilon")[1]
    return found, problems


def _mediator(values):
    rest = {key: values[key] for key in ("mass", "states", "antiparticle", "statistics") if key in values}
    if "coupling" in values:
        decay = YukawaDecay(values["coupling"])
    elif "width" in values:
        decay = GivenWidth(values["width"])
    else:
        decay = OperatorDecay(values["operator_scale"], values.get("vacuum_value"))
    epsilon = values.get("epsilon")
    if "loop_size" in values:
        epsilon = mixing_asymmetry(values["loop_size"], values["phase"])
    return Mediator(decay=decay, epsilon=epsilon, **rest)


def _beside(section):
    """What keys need of each other."""
    if "operator_scale" not in section:
        yield from misplaced(section, ("vacuum_value",), "belongs to operator_scale")
    kind = section.get("conversion", "symmetric_phase")
    for key in sorted({key for keys in _OF_CONVERSION.values() for key in keys}):
        if kind in _OF_CONVERSION and key not in _OF_CONVERSION[kind]:
            owners = " or ".join(f'"{name}"' for name, keys in _OF_CONVERSION.items() if key in keys)
            yield from misplaced(section, (key,), f'belongs to conversion = {owners}, not to "{kind}"')
    if kind == "given" and "sphaleron_factor" not in section:
        yield 'sphaleron_factor: missing for conversion = "given", like sphaleron_factor = -0.05'
    if kind == "direct":
        yield from misplaced(section, ("sphaleron_temperature",), 'no sphalerons act in conversion = "direct"')
    if any(key in section for key in _LOSP):
        for key in ("losp_mass", "losp_coupling"):
            if key not in section:
                yield f"{key}: missing; a LOSP has losp_mass and losp_coupling, like {key} = {KEYS[key].example}"


def _light(section):
    given = section.get("light", [])
    if isinstance(given, (list, tuple)) and all(isinstance(one, str) and one in SPECIES for one in given):
        return tuple(given), []
    return (), [f"light = {given!r}; allowed: a list of {', '.join(SPECIES)}"]


def _conversion(values, light):
    kind = values.get("conversion", "symmetric_phase")
    more = {key: values[key] for key in _OF_CONVERSION[kind] if key in values}
    if kind == "given":
        return GivenFactor(more["sphaleron_factor"])
    if kind == "superpartners":
        more["light"] = light
    return _CONVERSIONS[kind](**more)


def _losp(values):
    found = {attribute: values[key] for key, attribute in _LOSP.items() if key in values}
    return Losp(**found) if found else None


def _mediator_keys(model):
    """Keys of the mediators, a list where they differ; widths if their ways to decay do."""
    alike = len({tuple(one.decay.to_config()) for one in model.mediators}) == 1
    rows = []
    for one in model.mediators:
        decay = one.decay.to_config() if alike else {"width": one.width}
        epsilon = None if model.epsilon_solved else one.epsilon
        row = {"mass": one.mass} | decay | {"epsilon": epsilon, "states": one.states}
        rows.append(row | {"antiparticle": one.antiparticle, "statistics": one.statistics})
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    alone = len(rows) == 1
    # the masses stay a list, which says how many there are
    return {
        key: column[0] if alone or (key != "mass" and all(value == column[0] for value in column)) else column
        for key, column in columns.items()
    }


def _conversion_keys(conversion):
    if getattr(conversion, "masses", None):
        raise InputError("masses = superpartners in between cannot be written to a run file; allowed there: light")
    section = {"conversion": conversion.kind}
    if conversion.kind == "given":
        return section | {"sphaleron_factor": conversion.value}
    return section | {key: getattr(conversion, key) for key in _OF_CONVERSION[conversion.kind]}


def _plain(value):
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return as_text(value) if hasattr(value, "unit") else value
