"""galpy potentials by name in a run file: the check of their keys, and back to tables."""

from functools import partial

from halokick.study.config_fields import refuse

_EXAMPLE = '{name = "MiyamotoNagaiPotential", amp = "6.8e10 Msun", a = "3 kpc", b = "0.28 kpc"}'
_INSIDE = "pot"
"""The argument of galpy's wrappers that is a potential itself."""


def potentials_of(*sets, what):
    """The check of a galpy potential with arguments, the name of a set of them, or a list of such.

    After reading it is a tuple of potentials, each a tuple of its name and arguments as (key, value).

    Parameters
    ----------
    sets : str
        Names that are known without arguments.
    what : str
        What they are, for messages.
    """
    known = f'"{sets[0]}"' if len(sets) == 1 else f'"{sets[0]}", "{sets[1]}", ...'
    allowed = f"{what} by galpy's names: {known}, or tables with arguments such as {_EXAMPLE}; several in a list"

    return partial(_several, sets=sets, allowed=allowed)


def _several(value, sets, allowed):
    items = value if isinstance(value, (list, tuple)) else [value]
    if not items:
        raise refuse("an empty list", allowed)
    return tuple(_one(item, sets, allowed) for item in items)


def _one(item, sets, allowed):
    if isinstance(item, str):
        if item not in sets:
            names = "" if len(sets) < 3 else f"; names: {', '.join(sets)}"
            raise refuse(f'"{item}" is not known by name alone', allowed + names)
        return (("name", item),)
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise refuse("a potential without a name", allowed)
    bad = [key for key, entry in item.items() if key != _INSIDE and not _plain(entry)]
    if bad:
        raise refuse(f"{', '.join(bad)} is neither a number or a list of them, nor a text", allowed)
    return tuple(
        (key, _several(entry, sets, allowed) if key == _INSIDE else _fixed(entry)) for key, entry in item.items()
    )


def _fixed(entry):
    return tuple(entry) if isinstance(entry, list) else entry


def tables_of(potentials):
    """Potentials, as `potentials_of` reads them, as tables that read back to the same."""
    return tuple(
        {key: tables_of(value) if _is_nested(value) else value for key, value in potential} for potential in potentials
    )


def _is_nested(value):
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], tuple)


def _plain(entry):
    if isinstance(entry, (list, tuple)):
        return len(entry) > 0 and all(_is_number(one) for one in entry)
    return isinstance(entry, str) or _is_number(entry)


def _is_number(entry):
    return isinstance(entry, (int, float)) and not isinstance(entry, bool)
