"""The [model] section of regenerated asymmetric dark matter: to parts of the model, and back."""

from cosmology.degrees_of_freedom import G_STAR, degrees_of_freedom
from cosmology.errors import CosmologyError, InputError
from cosmology.mass_splitting import composite_splitting
from cosmology.models.by_name import ORIGIN
from cosmology.models.config_reader import Key, as_section, as_text, choose, misplaced, raise_all, read_keys
from cosmology.models.dark_abundance import FromAsymmetries, FromMass
from cosmology.models.dark_annihilation import (
    CHANNELS,
    ENHANCEMENTS,
    FINAL_STATES,
    PARENT_ANNIHILATION,
    VectorPairChannel,
)
from cosmology.models.early_history import PARTNER_FATES, EarlyHistory
from cosmology.models.hidden_decay import PHOTONS, ContactDecay, GivenDecay
from cosmology.models.origin import FromOrigin, OriginKey
from cosmology.pseudoscalar import WIDTHS, YUKAWAS
from cosmology.wash_out import CONDITIONS, N_NUMBERS

NAME = "regenerated_adm"
"""str : of the model in run files."""

_NAMED_G_STAR = tuple(name for name in G_STAR if name != "constant")

KEYS = {
    "name": Key("name", f'"{NAME}"', choices=(NAME,)),
    "daughter_mass": Key("mass", '"10 GeV"'),
    "parents_per_daughter": Key("number", "1.0"),
    "parent_ratio": Key("number", "0.25"),
    "daughter_ratio": Key("number", "0.25"),
    "parent_asymmetry": Key("number", "2.2e-11"),
    "daughter_asymmetry": Key("number", "2.2e-11"),
    "splitting": Key("mass", '"10 MeV"'),
    "confinement_scale": Key("energy", '"5 GeV"'),
    "splitting_coupling": Key("number", "0.3"),
    "operator_scale": Key("energy", '"1.2e7 GeV"'),
    "decay_mediator_mass": Key("mass", '"1e6 GeV"'),
    "decay_couplings": Key("number", "[0.1, 0.1]", count=2),
    "partner_masses": Key("mass", '["0 GeV", "0 GeV"]', count=2),
    "lifetime": Key("time", '"100 Gyr"'),
    "width": Key("width", '"1.5e-42 GeV"'),
    "decay_power": Key("whole number", "1"),
    "photons": Key("name", '"none"', choices=PHOTONS),
    "annihilation": Key("name", '"vector_pair"', choices=tuple(CHANNELS)),
    "coupling": Key("number", "0.1"),
    "mediator_mass": Key("mass", '"1 GeV"'),
    "sigma_v": Key("sigma_v", '"2.5e-25 cm3/s"'),
    "enhancement": Key("name", '"none"', choices=ENHANCEMENTS),
    "quark_coupling": Key("number", "0.14"),
    "yukawa": Key("name", '"mass_over_vev"', choices=tuple(YUKAWAS)),
    "width_law": Key("name", '"fixed"', choices=WIDTHS),
    "final_state": Key("name", '"mumu"', choices=tuple(FINAL_STATES)),
    "f_eff": Key("number", "0.35"),
    "parent_annihilation": Key("name", '"same"', choices=PARENT_ANNIHILATION),
    "asymmetry_temperature": Key("temperature", '"50 GeV"'),
    "wash_out": Key("name", '"derived"', choices=tuple(CONDITIONS)),
    "n_number": Key("name", '"violated"', choices=N_NUMBERS),
    "partner_fate": Key("name", '"stable"', choices=PARTNER_FATES),
    "partner_decoupling": Key("temperature", '"1 TeV"'),
    "largest_ratio": Key("number", "0.01"),
    "self_scattering_limit": Key("cross_section_per_mass", '"1 cm2/g"'),
    "halo_dispersion": Key("speed", '"155 km/s"'),
    "omega_h2": Key("number", "0.12"),
    "g_star": Key("name", '"saikawa_shirai"', choices=_NAMED_G_STAR),
}
"""dict : key of the [model] section -> what it holds; `origin` holds a section of its own."""

ABUNDANCE = {
    "mass": ("daughter_mass",),
    "ratios": ("parent_ratio", "daughter_ratio"),
    "asymmetries": ("parent_asymmetry", "daughter_asymmetry"),
    "origin": (ORIGIN,),
}
_NOT_WITH_ORIGIN = ("daughter_mass", "parents_per_daughter", *ABUNDANCE["ratios"], *ABUNDANCE["asymmetries"])
SPLITTING = {"given": ("splitting",), "composite": ("confinement_scale", "splitting_coupling")}
DECAY = {
    "scale": ("operator_scale",),
    "mediator": ("decay_mediator_mass", "decay_couplings"),
    "lifetime": ("lifetime",),
    "width": ("width",),
}
_OF_CHANNEL = {
    "vector_pair": ("coupling", "sigma_v", "mediator_mass", "enhancement"),
    "pseudoscalar": ("coupling", "mediator_mass", "quark_coupling", "yukawa", "width_law"),
    "constant": ("sigma_v",),
}
_OF_ALL_CHANNELS = ("final_state", "f_eff", "parent_annihilation")
_OF_EARLY = ("asymmetry_temperature", "wash_out", "n_number", "partner_fate", "partner_decoupling")
_OF_MODEL = ("largest_ratio", "self_scattering_limit", "halo_dispersion", "omega_h2", "g_star")


def read(section, models=None):
    """Arguments of `RegeneratedADM` from a section.

    Parameters
    ----------
    section : dict
        Keys of `KEYS`, and `origin`; see `RegeneratedADM.from_config`.
    models : mapping, optional
        Name -> class, of the models that `origin` may name.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        Naming everything that is wrong.
    """
    as_section(section)
    if models is None and ORIGIN in section:
        raise InputError(f"{ORIGIN}: cosmology.read_model reads a section with it: it knows the models to choose from")
    values, problems = read_keys(section, KEYS | {ORIGIN: OriginKey(models)})
    chosen = {}
    for what, groups in (("abundance", ABUNDANCE), ("splitting", SPLITTING), ("decay", DECAY)):
        if what == "abundance" and ORIGIN in section:
            chosen[what], found = ORIGIN, _beside_origin(section)
        else:
            chosen[what], found = choose(section, groups, what)
        problems += found
    problems += _between(section, values, chosen)
    raise_all(problems)
    parts = {}
    for name, build in (
        ("source", lambda: _abundance(values, chosen["abundance"])),
        ("splitting", lambda: _splitting(values, chosen["splitting"])),
        ("decay", lambda: _decay(values, chosen["decay"])),
        ("annihilation", lambda: _channel(values)),
        ("early", lambda: EarlyHistory(**_picked(values, _OF_EARLY))),
    ):
        try:
            parts[name] = build()
        except CosmologyError as error:
            problems.append(str(error))
    raise_all(problems)
    return {**parts, **_picked(values, _OF_MODEL)}


def _beside_origin(section):
    """One line for all keys that would say again what [model.origin] says."""
    twice = [key for key in _NOT_WITH_ORIGIN if key in section]
    if not twice:
        return []
    reason = "[model.origin] gives the asymmetries, and masses follow from them; leave either out"
    return [f"abundance: given more than once, by {', '.join([*twice, ORIGIN])}; {reason}"]


def _between(section, values, chosen):
    """What keys need of each other."""
    if chosen["abundance"] in ("ratios", "asymmetries"):
        yield from misplaced(section, ("parents_per_daughter",), "goes with daughter_mass only")
    if chosen["decay"] in ("scale", "mediator"):
        reason = "goes with lifetime or width only; the operator has hidden partners and k = 1"
        yield from misplaced(section, ("decay_power", "photons"), reason)
    if chosen["decay"] in ("lifetime", "width"):
        reason = "goes with operator_scale or decay_mediator_mass only; here the partners are massless"
        yield from misplaced(section, ("partner_masses",), reason)
    if "annihilation" not in section:
        yield f"annihilation: missing; one of {', '.join(CHANNELS)}"
    if "annihilation" not in values:
        return
    kind = values["annihilation"]
    own = _OF_CHANNEL[kind]
    others = dict.fromkeys(key for keys in _OF_CHANNEL.values() for key in keys if key not in own)
    yield from misplaced(section, others, f'does not belong to annihilation = "{kind}"')
    needed = {
        "vector_pair": ("mediator_mass",),
        "pseudoscalar": ("coupling", "mediator_mass", "quark_coupling"),
        "constant": ("sigma_v",),
    }[kind]
    for key in needed:
        if key not in section:
            yield f'{key}: missing for annihilation = "{kind}", like {key} = {KEYS[key].example}'
    if kind == "vector_pair":
        yield from choose(section, {"coupling": ("coupling",), "sigma_v": ("sigma_v",)}, "strength of annihilation")[1]
        if "sigma_v" in section and chosen["abundance"] in ("ratios", "asymmetries", "origin"):
            yield "sigma_v: makes a coupling only where daughter_mass is given; give coupling"


def _picked(values, keys):
    return {key: values[key] for key in keys if key in values}


def _abundance(values, way):
    if way == "mass":
        return FromMass(**_picked(values, ("daughter_mass", "parents_per_daughter")))
    if way == ORIGIN:
        return values[ORIGIN]
    pair = [values[key] for key in ABUNDANCE[way]]
    return FromAsymmetries(*pair) if way == "ratios" else FromAsymmetries.per_entropy(*pair)


def _splitting(values, way):
    if way == "given":
        return values["splitting"]
    return composite_splitting(values["splitting_coupling"], values["confinement_scale"])


def _decay(values, way):
    masses = _picked(values, ("partner_masses",))
    if way == "scale":
        return ContactDecay(values["operator_scale"], **masses)
    if way == "mediator":
        return ContactDecay.from_mediator(values["decay_mediator_mass"], values["decay_couplings"], **masses)
    photons = values.get("photons", "none")
    power = values.get("decay_power", 2 if photons == "pair" else 1)
    make = GivenDecay if way == "lifetime" else GivenDecay.from_width
    return make(values[way], power, photons)


def _channel(values):
    kind = values["annihilation"]
    options = _picked(values, (*_OF_CHANNEL[kind], *_OF_ALL_CHANNELS))
    if kind == "vector_pair" and "sigma_v" in options:
        return VectorPairChannel.from_sigma_v(options.pop("sigma_v"), values["daughter_mass"], **options)
    return CHANNELS[kind](**options)


def write(model):
    """Section that `read` turns into the arguments of `model` again, of text, numbers and lists."""
    section = {"name": NAME}
    if isinstance(model.source, FromOrigin):
        section |= {ORIGIN: model.source.to_config()}
    elif isinstance(model.source, FromMass):
        section |= _plain(model.source, ("daughter_mass", "parents_per_daughter"))
    else:
        section |= _plain(model.source, ("parent_ratio", "daughter_ratio"))
    section["splitting"] = as_text(model.splitting)
    if isinstance(model.decay, ContactDecay):
        section["operator_scale"] = as_text(model.decay.scale)
        section["partner_masses"] = [as_text(mass) for mass in model.decay.partner_masses]
    else:
        section |= _plain(model.decay, ("lifetime", "photons")) | {"decay_power": model.decay.power}
    channel = model.annihilation
    own = [key for key in _OF_CHANNEL[channel.kind] if hasattr(channel, key)]
    section |= {"annihilation": channel.kind} | _plain(channel, (*own, *_OF_ALL_CHANNELS))
    section |= _plain(model.early, _OF_EARLY) | _plain(model, _OF_MODEL[:-1])
    name = degrees_of_freedom(model.g_star).name
    if name not in _NAMED_G_STAR:
        raise InputError(
            f"g_star = {name!r} cannot be written to a run file; allowed there: {', '.join(_NAMED_G_STAR)}"
        )
    return section | {"g_star": name}


def _plain(thing, keys):
    values = {key: getattr(thing, key) for key in keys if getattr(thing, key) is not None}
    return {key: as_text(value) if hasattr(value, "unit") else value for key, value in values.items()}
