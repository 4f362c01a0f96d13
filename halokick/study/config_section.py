"""One section of a run file: read every key, then look for contradictions among those that were read."""

from collections.abc import Iterable
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from halokick.study.config_problems import Problem, unknown_key


class Section(BaseModel):
    """A section of a run file as a frozen record of Quantities, numbers and names.

    Every field has a default (None where a value must come from the file), so that the keys of a section are judged
    one by one; what must be there, and what cannot be together, is said by `contradictions`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, strict=True)

    title: ClassVar[str] = ""

    def contradictions(self, given) -> Iterable[Problem]:
        """Problems of keys taken together.

        Parameters
        ----------
        given : mapping
            The section as it stands in the file. A key that is there but could not be read counts as given, while the
            section holds its default.
        """
        return ()

    def problem(self, key, said, allowed, given=None):
        """A `Problem` of one key of this section."""
        return Problem(f"{self.title}.{key}", said, allowed, None if given is None else given.get(key))


def read_section(model, table, title=None, everywhere=()):
    """Read one section.

    Parameters
    ----------
    model : subclass of Section
    table : dict
        The section as TOML gave it.
    title : str, optional
        Dotted name, where it differs from the model's own.
    everywhere : iterable of str
        Dotted keys of the whole run file, to say where a misplaced key belongs.

    Returns
    -------
    section : Section
        With defaults in place of the values that could not be read.
    problems : list of Problem
    """
    title = title or model.title
    if not isinstance(table, dict):
        return model(), [Problem(title, "not a section", f"a section with keys: [{title}]", table)]
    problems = []
    try:
        section = model.model_validate(table)
    except ValidationError as error:
        found = error.errors(include_url=False)
        unread = {item["loc"][0] for item in found}
        for item in found:
            problems += _problems(model, title, item, table, everywhere)
        section = model.model_validate({key: value for key, value in table.items() if key not in unread})
    for problem in section.contradictions(table):
        problems.append(Problem(f"{title}{problem.key.removeprefix(section.title)}", *_rest(problem)))
    return section, problems


def _rest(problem):
    return problem.said, problem.allowed, problem.given


def _problems(model, title, item, table, everywhere):
    key = item["loc"][0]
    if item["type"] == "extra_forbidden":
        return [unknown_key(f"{title}.{key}", table[key], model.model_fields, everywhere=everywhere)]
    said = item.get("ctx", {})
    if "problems" in said:
        # a section inside this key has judged itself; put its place in front
        return [
            Problem(f"{title}.{key}.{problem.key.partition('.')[2]}", *_rest(problem)) for problem in said["problems"]
        ]
    return [Problem(f"{title}.{key}", said.get("said", item["msg"]), said.get("allowed", "another value"), table[key])]


def choose_one(section, given, groups, what, *, needed=True):
    """Exactly one of several groups of keys must be given, and given completely.

    Parameters
    ----------
    section : Section
    given : mapping
    groups : sequence of (key, ...) tuples
        Alternatives; the first key of each names it.
    what : str
        What the groups decide, for the message.
    needed : bool
        Whether none of them is a problem too.

    Yields
    ------
    Problem
    """
    heads = [group for group in groups if group[0] in given]
    allowed = "one of " + "; ".join(" with ".join(group) for group in groups)
    if not heads and needed:
        partners = [key for group in groups for key in group[1:] if key in given]
        key = partners[0] if partners else groups[0][0]
        yield section.problem(key, f"{what} is not given", allowed, given if partners else None)
        return
    if len(heads) > 1:
        names = ", ".join(group[0] for group in heads)
        yield section.problem(heads[1][0], f"{what} is given more than once ({names})", allowed, given)
        return
    used = set(heads[0]) if heads else set()
    if heads:
        for key in heads[0][1:]:
            if key not in given:
                yield section.problem(key, f"missing beside {heads[0][0]}", f"{heads[0][0]} with {key}")
    for key in {key for group in groups for key in group} - used:
        if key in given:
            yield section.problem(key, f"does not go with {heads[0][0] if heads else 'the rest'}", allowed, given)
