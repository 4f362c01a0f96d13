"""Run files as text: TOML in, ``--set`` on top, TOML out."""

import datetime
import json
import tomllib

from halokick.study.config_problems import Problem

_BYTE_ORDER = "\ufeff"
"""What some editors put in front of a text in UTF-8; TOML does not know it."""
_TOO_MUCH = (ValueError, RecursionError)
"""Numbers of thousands of digits and lists of thousands of levels, besides what is not TOML."""


def parse(text):
    """TOML text to tables; a byte-order mark in front is left out.

    Returns
    -------
    tables : dict
    problems : list of Problem
        One, where the text is not TOML.
    """
    try:
        return tomllib.loads(text.removeprefix(_BYTE_ORDER)), []
    except _TOO_MUCH as error:
        said = f"not TOML: {str(error)[0].lower()}{str(error)[1:]}"
        allowed = 'sections like [halo] and lines like r_s = "20 kpc"; see https://toml.io'
        return {}, [Problem("text", said, allowed)]


def override(tables, settings):
    """Put ``section.key=value`` settings on top of a run file's tables.

    Values are read as TOML; what is not TOML is taken as text, so ``decay.kick_speed=54 km/s`` needs no inner quotes.
    ``section.key=`` takes the key away. See `placed` for keys inside lists.

    Parameters
    ----------
    tables : dict
        Left as it is.
    settings : sequence of str

    Returns
    -------
    tables : dict
    problems : list of Problem
    """
    changed, problems = dict(tables), []
    for setting in settings:
        path, equals, value = setting.partition("=")
        parts = [part.strip() for part in path.split(".")]
        if not equals or len(parts) < 2 or not all(parts):
            allowed = "section.key=value, like decay.kick_speed='54 km/s'"
            problems.append(Problem("--set", "not understood", allowed, setting))
            continue
        changed = placed(changed, parts, _value(value.strip()) if value.strip() else None)
    return changed, problems


def placed(tables, path, value):
    """A copy of tables with a value at a path of keys; None takes the key away.

    A number in the path is a place in a list, from 0: ``halo.baryons.0.amp``. Tables on the way are made where there
    are none.
    """
    first, *rest = path
    if isinstance(tables, (list, tuple)) and first.isdecimal() and int(first) < len(tables):
        changed, first = list(tables), int(first)
        below = changed[first]
    else:
        changed = dict(tables) if isinstance(tables, dict) else {}
        below = changed.get(first, {})
    if rest:
        changed[first] = placed(below, rest, value)
    elif value is not None:
        changed[first] = value
    elif isinstance(changed, dict):
        changed.pop(first, None)
    else:
        del changed[first]
    return changed


def _value(text):
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except _TOO_MUCH:
        return text


def to_toml(sections):
    """Sections of validated values as TOML text that reads back to the same values.

    Parameters
    ----------
    sections : mapping of str to mapping
        None values are left out, empty sections too.
    """
    blocks = []
    for title, values in sections.items():
        lines = [f"{key} = {_write(value)}" for key, value in values.items() if value is not None]
        if lines:
            blocks.append("\n".join([f"[{title}]", *lines]))
    return "\n\n".join(blocks) + "\n"


def _write(value):
    if hasattr(value, "unit"):
        return json.dumps(f"{float(value.value)!r} {value.unit}")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_write(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(_write(item) for item in value) + "]"
