"""Stars and gas named in a run file, as galpy potentials."""

from difflib import get_close_matches
from functools import reduce
from operator import add

from halokick.errors import InputError
from halokick.halo.lazy_galpy import galpy_potential
from halokick.units import Quantity

RO_KPC, VO_KMS = 8.0, 220.0
"""galpy's scales, given explicitly to every potential; MWPotential2014 was fitted with these."""


def galpy_potentials(baryons):
    """galpy potentials of the ``baryons`` of a run file.

    Parameters
    ----------
    baryons : tuple of tuples of (key, value)
        ``name`` and the arguments of that galpy class, texts with units being Quantities. ``"MWPotential2014"`` stands
        for the bulge and the disk of Bovy (2015, ApJS 216, 29), without its halo.

    Returns
    -------
    galpy potential
        Their sum.

    Raises
    ------
    InputError
        No such potential, or arguments that it refuses.
    """
    made = []
    for item in baryons:
        arguments = dict(item)
        name = arguments.pop("name")
        made += _milky_way(arguments) if name == "MWPotential2014" else [_named(name, arguments)]
    return reduce(add, made)


def _milky_way(arguments):
    if arguments:
        given = ", ".join(arguments)
        raise InputError(f"halo.baryons: MWPotential2014 takes no arguments, got {given}; leave them out")
    return list(galpy_potential().MWPotential2014[:2])


def _named(name, arguments):
    potential = galpy_potential()
    known = {
        key: value
        for key, value in vars(potential).items()
        if isinstance(value, type) and issubclass(value, potential.Potential)
    }
    if name not in known:
        nearest = get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"; did you mean {nearest[0]}?" if nearest else "."
        raise InputError(f"halo.baryons: galpy has no potential {name!r}{hint} Any three-dimensional one is allowed")
    physical = {key: Quantity(value) if isinstance(value, str) else value for key, value in arguments.items()}
    try:
        return known[name](**physical, ro=RO_KPC, vo=VO_KMS)
    except Exception as error:  # galpy raises whatever comes up; all of it means that it refuses these arguments
        raise InputError(
            f"halo.baryons: galpy's {name} refuses {', '.join(f'{k} = {v}' for k, v in arguments.items())}: {error}"
        ) from error
