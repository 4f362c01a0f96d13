"""Run files as text: TOML in, ``--set`` on top, TOML out."""

import json
import tomllib

from halokick.study.config_problems import Problem


def parse(text):
    """TOML text to tables.

    Returns
    -------
    tables : dict
    problems : list of Problem
        One, where the text is not TOML.
    """
    try:
        return tomllib.loads(text), []
    except tomllib.TOMLDecodeError as error:
        said = f"not TOML: {str(error)[0].lower()}{str(error)[1:]}"
        allowed = 'sections like [halo] and lines like r_s = "20 kpc"; see https://toml.io'
        return {}, [Problem("text", said, allowed)]


def override(tables, settings):
    """Put ``section.key=value`` settings on top of a run file's tables.

    Values are read as TOML; what is not TOML is taken as text, so ``decay.kick_speed=54 km/s`` needs no inner quotes.
    ``section.key=`` takes the key away.

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
    changed = {name: dict(table) if isinstance(table, dict) else table for name, table in tables.items()}
    problems = []
    for setting in settings:
        path, equals, value = setting.partition("=")
        parts = [part.strip() for part in path.split(".")]
        if not equals or len(parts) < 2 or not all(parts):
            allowed = "section.key=value, like decay.kick_speed='54 km/s'"
            problems.append(Problem("--set", "not understood", allowed, setting))
            continue
        table = changed
        for part in parts[:-1]:
            below = table.get(part, {})
            table[part] = dict(below) if isinstance(below, dict) else {}
            table = table[part]
        if value.strip():
            table[parts[-1]] = _value(value.strip())
        else:
            table.pop(parts[-1], None)
    return changed, problems


def _value(text):
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
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
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_write(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(_write(item) for item in value) + "]"
