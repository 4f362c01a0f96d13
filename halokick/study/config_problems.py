"""What is wrong with a run file: one line per problem, all of them in one error."""

from dataclasses import dataclass
from difflib import get_close_matches

from halokick.errors import InputError


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a run file.

    Attributes
    ----------
    key : str
        Where, as ``section.key``.
    said : str
        What is wrong.
    allowed : str
        What would be right.
    given : object
        The value in the file; None where nothing was given.
    """

    key: str
    said: str
    allowed: str
    given: object = None

    def __str__(self):
        given = "" if self.given is None else f" = {toml_like(self.given)}"
        return f"{self.key}{given}: {self.said}; allowed: {self.allowed}"


class RunFileError(InputError):
    """A run file that cannot be run.

    Attributes
    ----------
    problems : tuple of Problem
        Everything that is wrong with it.
    """

    def __init__(self, source, problems):
        self.source = source
        self.problems = tuple(problems)
        count = f"{len(self.problems)} errors" if len(self.problems) > 1 else "1 error"
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{source}: {count}, nothing was run\n{lines}")


def unknown_key(key, given, known, *, everywhere=()):
    """The problem of a key that does not exist here, with the nearest one that does.

    Parameters
    ----------
    key : str
        Dotted name.
    given : object
    known : iterable of str
        Keys of this section.
    everywhere : iterable of str
        Dotted keys of all sections, where a key in the wrong section is looked up.
    """
    *above, last = key.split(".")
    known = list(known)
    elsewhere = [other for other in everywhere if other.split(".")[-1] == last]
    nearest = get_close_matches(last, known, n=1, cutoff=0.6)
    if elsewhere:
        said = f"no such key in [{'.'.join(above)}]; it belongs to {' or '.join(elsewhere)}"
    elif nearest:
        said = f"no such key; did you mean {nearest[0]}?"
    else:
        said = "no such key"
    return Problem(key, said, ", ".join(known), given)


def toml_like(value):
    """A value as it stands in a run file; long ones shortened."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, (list, tuple)):
        text = "[" + ", ".join(toml_like(item) for item in value) + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{name} = {toml_like(item)}" for name, item in value.items()) + "}"
    else:
        text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."
