"""From what a particle model answers to its record, with the limits that the kick itself changes."""

import math
from contextlib import contextmanager
from dataclasses import fields

import numpy as np

from cosmology import errors as particle_errors
from cosmology.limits import stacked_suppression
from cosmology.models import HasAnnotations, HasRemainingPairs, TakesOrigin
from halokick import units
from halokick.errors import ConvergenceError, InputError
from halokick.study import build
from halokick.study.config_text import to_toml
from halokick.study.model_result import DwarfReading, LimitRecord, ModelRecord, OriginRecord

STACK = (
    "Bootes I",
    "Canes Venatici II",
    "Carina",
    "Coma Berenices",
    "Draco",
    "Fornax",
    "Hercules",
    "Leo II",
    "Leo IV",
    "Sculptor",
    "Segue 1",
    "Sextans",
    "Ursa Major II",
    "Ursa Minor",
    "Willman 1",
)
"""tuple of str : the fifteen dwarfs of Fermi-LAT's six-year limit, Ackermann et al. (2015), arXiv:1503.02641."""

_STACK_CONE = "0.5 deg"
"""Half-angle of that limit's J-factors; the study's nearest cone is taken."""

_FLUX = "cm3 s-1 GeV-2"


def model_record(config, kick, dwarfs=None):
    """Record of the particle model of a run file.

    Parameters
    ----------
    config : RunConfig
        With a model.
    kick : KickDistribution or None
        The model's own, None without late decay.
    dwarfs : DwarfsRecord, optional
        Suppression of dwarf galaxies by that kick.

    Returns
    -------
    ModelRecord

    Raises
    ------
    InputError, ConvergenceError
        What the model refuses.
    """
    section, history = config.model, build.history(config.decay)
    model, yields, annihilation = section.model, section.yields, section.annihilation
    with _refusals():
        kicked, remainder = (1.0, 0.0) if history is None else _pairs(model, history)
        reading = None
        if dwarfs is not None and annihilation is not None:
            reading = _dwarf_reading(model, dwarfs, kicked)
        # a limit from dwarfs knows nothing of the kick unless it is told
        told = {} if reading is None else {"dwarf_suppression": float(reading.suppression[1])}
        limits = tuple(_limit(one) for one in model.constraints(**told))
        # nor does the model's own list
        summary = dict(model.summary()) | {"excluded_by": excluding(limits)}
        statements = _statements(model)
        origin = _origin(model)
    return ModelRecord(
        name=section.name,
        config=to_toml(section.tables),
        summary=summary,
        yields=_yields(yields),
        parent_mass=yields.parent_mass,
        daughter_mass=yields.daughter_mass,
        lifetime=None if history is None else history.lifetime,
        age=None if history is None else history.age,
        kick=None if kick is None else kick.label,
        shares={} if history is None else history.shares_today,
        remainder=remainder,
        sigma_v=None if annihilation is None else annihilation.sigma_v,
        sigma_v_depends_on_speed=None if annihilation is None else bool(annihilation.depends_on_speed),
        flux_factor=None if annihilation is None else _flux_factor(annihilation.sigma_v, yields.daughter_mass),
        limits=limits,
        statements=statements,
        dwarfs=reading,
        origin=origin,
    )


def excluding(limits):
    """Names of the limits that exclude, as text; "nothing" if none does."""
    return ", ".join(one.name for one in limits if one.status == "excluded") or "nothing"


def _flux_factor(sigma_v, mass):
    return (sigma_v / (4 * math.pi * mass**2)).to(_FLUX)


def _yields(yields):
    """What they hold, by name, less what the record of a model holds itself or what is not there."""
    left_out = ("kick", "model")
    if yields.parent_share == 0:
        left_out += ("parent_mass", "parent_asymmetry", "parent_share", "lifetime")
    return {one.name: getattr(yields, one.name) for one in fields(yields) if one.name not in left_out}


def _statements(model):
    if not isinstance(model, HasAnnotations):
        return ()
    return tuple(f"{one.name}: {one.statement} [{one.source}]" for one in model.annotations())


def _origin(model):
    """Record of the model that made the asymmetries, or None."""
    origin = model.origin() if isinstance(model, TakesOrigin) else None
    if origin is None:
        return None
    limits = tuple(_limit(one) for one in origin.model.constraints())
    return OriginRecord(
        name=origin.model.name,
        summary=dict(origin.model.summary()) | {"excluded_by": excluding(limits)},
        yields=_yields(origin.yields),
        limits=limits,
        statements=_statements(origin.model),
        parent_asymmetry=origin.parent_asymmetry,
        daughter_asymmetry=origin.daughter_asymmetry,
        parent_part=origin.parent_part,
    )


def _pairs(model, history):
    """Share of pairs with a partner from a decay, today as limits have it; product of number shares of the others.

    The second is for the age of the run file, as are the shares that it stands beside.
    """
    if not isinstance(model, HasRemainingPairs):  # nothing but decays makes pairs there
        return 1.0, 0.0
    shares = model.pairs.shares()

    def not_kicked(parents_left):
        primordial = shares["daughters"] * shares["antidaughters"]
        return primordial + shares["parents"] * shares["antiparents"] * parents_left**2

    return float(model.kicked_share()), float(not_kicked(math.exp(-float(history.age / history.lifetime))))


def _dwarf_reading(model, dwarfs, kicked):
    """Suppression of the published stack, or None where there is no such limit or no such dwarf."""
    used = [i for i, name in enumerate(dwarfs.names) if _plain(name) in map(_plain, STACK)]
    no_kick = [one for one in model.constraints(dwarf_suppression=1.0) if one.name.startswith("LAT dwarfs")]
    if not used or not no_kick or no_kick[0].bound is None:
        return None
    wanted = units.to_internal(_STACK_CONE, "angle")
    a = int(np.argmin(np.abs(units.to_internal(dwarfs.angles, "angle") - wanted)))
    weights = {dwarfs.names[i]: dwarfs.j_parent[i, a, 1] for i in used}
    stacked = np.array(
        [
            stacked_suppression({dwarfs.names[i]: float(dwarfs.suppression[i, a, 0, p]) for i in used}, weights)
            for p in range(3)
        ]
    )
    return DwarfReading(
        names=tuple(weights),
        angle=dwarfs.angles[a],
        stacked=stacked,
        kicked_share=kicked,
        suppression=1 - kicked * (1 - stacked),
        no_kick=_limit(no_kick[0]),
    )


def _plain(name):
    """Name without accents and spaces, as catalogues differ in both."""
    return name.lower().replace("ö", "o").replace(" ", "").replace("_", "")


def _limit(answer):
    entries = {one.name: getattr(answer, one.name) for one in fields(LimitRecord)}
    # what to do, in terms of a run file
    reason = answer.reason.replace("use with_suppression", "a [dwarfs] section gives what is left of their signal")
    return LimitRecord(**entries | {"reason": reason})


@contextmanager
def _refusals():
    """What a model refuses, as an error of this package."""
    try:
        yield
    except particle_errors.ConvergenceError as error:
        raise ConvergenceError(f"[model]: {error}") from error
    except particle_errors.CosmologyError as error:
        raise InputError(f"[model]: {error}") from error
