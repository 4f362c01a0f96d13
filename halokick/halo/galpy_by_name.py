"""Potentials named in a run file, as galpy potentials."""

from copy import deepcopy
from difflib import get_close_matches
from functools import reduce
from operator import add

import numpy as np

from halokick.errors import InputError
from halokick.halo.galpy_scales import members_of, scales
from halokick.halo.lazy_galpy import galpy_potential
from halokick.units import Quantity

RO_KPC, VO_KMS = 8.0, 220.0
"""galpy's scales where a run file gives none; MWPotential2014 was fitted with these."""

MILKY_WAYS = (
    "MWPotential2014",
    "McMillan17",
    "Cautun20",
    "Irrgang13I",
    "Irrgang13II",
    "Irrgang13III",
    "DehnenBinney98I",
    "DehnenBinney98II",
    "DehnenBinney98III",
    "DehnenBinney98IV",
)
"""galpy's published potentials of the Milky Way; all but the first carry scales of their own."""


def galpy_potentials(named, key, *, ro=RO_KPC, vo=VO_KMS, stars_only=False):
    """galpy potentials from their names.

    Parameters
    ----------
    named : tuple of tuples of (key, value)
        ``name`` and the arguments of that galpy class, texts with units being Quantities; arguments that are potentials
        themselves, as a wrapper's ``pot``, in the same form as `named`. Names of `MILKY_WAYS` take no arguments.
    key : str
        Where in the run file they stand, for messages.
    ro, vo : float
        galpy's scales [kpc], [km/s], of those that have none of their own.
    stars_only : bool
        ``"MWPotential2014"`` is the bulge and the disk of Bovy (2015, ApJS 216, 29), without its halo.

    Returns
    -------
    galpy potential
        Their sum.

    Raises
    ------
    InputError
        No such potential, arguments that it refuses, or potentials of different scales.
    """
    made = []
    for item in named:
        arguments = dict(item)
        name = arguments.pop("name")
        if name in MILKY_WAYS:
            made += _milky_way(name, arguments, key, ro, vo, stars_only)
        else:
            made.append(_named(name, arguments, key, ro, vo, stars_only))
    try:
        scales(made)
    except InputError as error:
        raise InputError(f"{key}: {error}; halo.ro and halo.vo set those of potentials with arguments") from error
    return reduce(add, made)


def _milky_way(name, arguments, key, ro, vo, stars_only):
    if arguments:
        given = ", ".join(arguments)
        raise InputError(f"{key}: {name} takes no arguments, got {given}; leave them out")
    module = galpy_potential()
    if name != "MWPotential2014":
        return members_of(getattr(module.mwpotentials, name))
    # copies, because galpy's own are shared by everybody and carry no scales
    parts = [deepcopy(part) for part in members_of(module.MWPotential2014)[: 2 if stars_only else 3]]
    for part in parts:
        part.turn_physical_on(ro=ro, vo=vo)
    return parts


def _named(name, arguments, key, ro, vo, stars_only):
    potential = galpy_potential()
    known = {
        word: value
        for word, value in vars(potential).items()
        if isinstance(value, type) and (issubclass(value, potential.Potential) or word.endswith("WrapperPotential"))
    }
    if name not in known:
        nearest = get_close_matches(name, [*known, *MILKY_WAYS], n=1, cutoff=0.5)
        hint = f"; did you mean {nearest[0]}?" if nearest else "."
        raise InputError(f"{key}: galpy has no potential {name!r}{hint} Any three-dimensional one is allowed")
    own = [word for word in ("ro", "vo") if word in arguments]
    if own:
        raise InputError(f"{key}: {name} is given {' and '.join(own)}; scales go in [halo], as ro and vo, for all")
    physical = {word: _argument(value, f"{key}.{word}", ro, vo, stars_only) for word, value in arguments.items()}
    try:
        with np.errstate(all="ignore"):  # galpy's own arithmetic
            return known[name](**physical, ro=ro, vo=vo)
    except Exception as error:  # galpy raises whatever comes up; all of it means that it refuses these arguments
        given = ", ".join(f"{word} = {_shown(value)}" for word, value in arguments.items()) or "no arguments"
        raise InputError(f"{key}: galpy's {name} refuses {given}: {error}") from error


def _argument(value, key, ro, vo, stars_only):
    if isinstance(value, str):
        return Quantity(value)
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return galpy_potentials(value, key, ro=ro, vo=vo, stars_only=stars_only)
    return list(value) if isinstance(value, tuple) else value


def _shown(value):
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return " + ".join(dict(item)["name"] for item in value)
    return value
