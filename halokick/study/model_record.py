"""From what a particle model answers to its record, with the limits that the kick itself changes."""

import math
from contextlib import contextmanager
from dataclasses import fields

import numpy as np

from cosmology import errors as particle_errors
from cosmology.limits import stacked_suppression
from halokick import units
from halokick.errors import ConvergenceError, InputError
from halokick.study import build
from halokick.study.config_text import to_toml
from halokick.study.result import DwarfReading, LimitRecord, ModelRecord

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
    kick : KickDistribution
        The model's own.
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
    model, history = config.model.model, build.history(config.decay)
    with _refusals():
        inputs = model.halo_inputs(config.decay.age)
        kicked, remainder = _pairs(model, history)
        reading = None if dwarfs is None else _dwarf_reading(model, dwarfs, kicked)
        factor = None if reading is None else float(reading.suppression[1])
        limits = tuple(_limit(one) for one in model.constraints(dwarf_suppression=factor))
        # the model's own list knows nothing of the suppression
        excluding = ", ".join(one.name for one in limits if one.status == "excluded") or "nothing"
        summary = dict(model.summary()) | {"excluded_by": excluding}
        yields = model.yields()
        statements = tuple(f"{one.name}: {one.statement} [{one.source}]" for one in model.annotations())
    return ModelRecord(
        name=config.model.name,
        config=to_toml({"model": config.model.values}),
        summary=summary,
        yields={one.name: getattr(yields, one.name) for one in fields(yields) if one.name not in ("kick", "model")},
        parent_mass=inputs.parent_mass,
        daughter_mass=inputs.daughter_mass,
        lifetime=history.lifetime,
        age=history.age,
        kick=kick.label,
        shares=history.shares_today,
        remainder=remainder,
        sigma_v=inputs.sigma_v,
        sigma_v_depends_on_speed=bool(inputs.sigma_v_depends_on_speed),
        flux_factor=(inputs.sigma_v / (4 * math.pi * inputs.daughter_mass**2)).to(_FLUX),
        limits=limits,
        statements=statements,
        dwarfs=reading,
    )


def _pairs(model, history):
    """Share of pairs with a partner from a decay, today as limits have it; product of number shares of the others.

    The second is for the age of the run file, as are the shares that it stands beside.
    """
    pairs = getattr(model, "pairs", None)
    if pairs is None:  # nothing but decays makes pairs there
        return 1.0, 0.0
    shares = pairs.shares()

    def not_kicked(parents_left):
        primordial = shares["daughters"] * shares["antidaughters"]
        return primordial + shares["parents"] * shares["antiparents"] * parents_left**2

    whole = model.pair_factor() / 2
    kicked = 1 - not_kicked(1 - model.decayed_share()) / whole if whole > 0 else 0.0
    return float(kicked), float(not_kicked(math.exp(-float(history.age / history.lifetime))))


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
