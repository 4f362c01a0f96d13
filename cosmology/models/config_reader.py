"""Reading the [model] section of a run file: every key by name, every problem of the section at once."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from cosmology import units
from cosmology.errors import CosmologyError, InputError


@dataclass(frozen=True)
class Key:
    """A key of the section.

    Parameters
    ----------
    kind : str
        A dimension of `cosmology.units.quantity` (the value is then text such as ``"10 MeV"``), or ``"number"``,
        ``"whole number"`` or ``"name"``.
    example : str
        For messages.
    count : int
        How many values, in a list if more than one.
    choices : tuple of str
        Of a name; any text if empty.
    """

    kind: str
    example: str
    count: int = 1
    choices: tuple = ()

    def read(self, value, name):
        """Value as a Quantity, number or text; raises a `CosmologyError` that says what is allowed."""
        if self.count == 1:
            return self._one(value, name)
        if not isinstance(value, (list, tuple)) or len(value) != self.count:
            raise InputError(f"{name} = {value!r}; a list of {self.count} is needed, like {self.example}")
        return tuple(self._one(item, name) for item in value)

    def _one(self, value, name):
        if self.kind == "name":
            if not isinstance(value, str) or (self.choices and value not in self.choices):
                allowed = ", ".join(map(repr, self.choices)) or f"text, like {self.example}"
                raise InputError(f"{name} = {value!r}; allowed: {allowed}{_nearest(value, self.choices)}")
            return value
        if self.kind in ("number", "whole number"):
            allowed = int if self.kind == "whole number" else (int, float)
            if isinstance(value, bool) or not isinstance(value, allowed):
                raise InputError(f"{name} = {value!r}; a {self.kind} is needed, like {self.example}")
            return value
        return units.quantity(value, self.kind, name)


def read_keys(section, keys):
    """Read what the section holds.

    Parameters
    ----------
    section : dict
    keys : dict
        Name -> `Key`.

    Returns
    -------
    values : dict
        Of the keys that could be read.
    problems : list of str
        One line for each that could not, or is unknown.
    """
    values, problems = {}, []
    for name, value in as_section(section).items():
        if name not in keys:
            problems.append(f"{name}: no such key{_nearest(name, keys) or '; there are ' + ', '.join(keys)}")
            continue
        try:
            values[name] = keys[name].read(value, name)
        except CosmologyError as error:
            problems += problem_lines(error)
    return values, problems


def as_section(section, title="[model]"):
    """The section itself, a dict; anything else is refused."""
    if not isinstance(section, dict):
        raise InputError(f"{title} = {section!r}; a section with keys is needed")
    return section


def choose(section, groups, what):
    """Which of several groups of keys a section uses.

    Parameters
    ----------
    section : dict
    groups : dict
        Name of the group -> tuple of its keys, all of which are needed.
    what : str
        What they determine, for messages.

    Returns
    -------
    chosen : str or None
        The group, if exactly one is there and complete.
    problems : list of str
    """
    ways = " or ".join(" with ".join(group) for group in groups.values())
    started = [name for name, group in groups.items() if any(key in section for key in group)]
    if not started:
        return None, [f"{what}: missing; give {ways}"]
    if len(started) > 1:
        given = ", ".join(key for name in started for key in groups[name] if key in section)
        return None, [f"{what}: given more than once, by {given}; give {ways}, only one of them"]
    missing = [key for key in groups[started[0]] if key not in section]
    if missing:
        return None, [f"{key}: missing; {what} needs it with {_rest(groups[started[0]], key)}" for key in missing]
    return started[0], []


def misplaced(section, keys, reason):
    """One line for each of `keys` in the section that does not belong there, with the reason."""
    return [f"{key}: {reason}" for key in keys if key in section]


def raise_all(problems):
    """One error for a section with problems."""
    if problems:
        raise InputError("\n".join([f"[model]: {len(problems)} to correct", *(f"  {line}" for line in problems)]))


def problem_lines(error, title=None):
    """One line for each problem that an error names.

    Parameters
    ----------
    error : Exception or str
        Of `raise_all`, or of anything else, which then is one problem.
    title : str, optional
        Of the section, to be put in front of every line: with a dot before a key, with a colon before other words.

    Returns
    -------
    list of str
    """
    first, *others = str(error).splitlines()
    if others and first.startswith("[model]:"):
        lines = [line.strip() for line in others]
    else:
        lines = [" ".join(line.strip() for line in (first, *others))]
    if title is None:
        return lines
    return [f"{title}.{line}" if _STARTS_WITH_KEY.match(line) else f"{title}: {line}" for line in lines]


_STARTS_WITH_KEY = re.compile(r"[\w.]+(?=:| = | has )")


def as_text(quantity):
    """Quantity as text that reads back to the same digits."""
    return f"{float(quantity.value)!r} {quantity.unit}"


def _rest(group, key):
    return " and ".join(other for other in group if other != key)


def _nearest(name, allowed):
    close = get_close_matches(str(name), list(allowed), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""
