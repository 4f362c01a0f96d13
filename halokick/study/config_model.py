"""The [model] section: a particle model by name, which then gives lifetime, kick and shares in place of [decay]."""

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import ClassVar

from cosmology.errors import CosmologyError
from cosmology.models import MODELS
from halokick.study.config_decay import DecaySection
from halokick.study.config_fields import quantity_of
from halokick.study.config_problems import Problem, toml_like
from halokick.study.config_section import Section, read_section

TITLE = "model"
ORIGIN = "origin"
"""Key of the section that will name the model which makes the asymmetries."""


@dataclass(frozen=True)
class ModelProblem(Problem):
    """One thing wrong with the [model] section, in the words of the model: they say already what is allowed."""

    def __str__(self):
        return f"{self.key}{self.said}"


@dataclass(frozen=True)
class ModelSection:
    """A [model] section that can be run.

    Attributes
    ----------
    values : dict
        The resolved section.
    model : ParticleModel
        What it describes.
    """

    values: dict
    model: object = field(compare=False, repr=False)

    @property
    def name(self):
        """str : in `cosmology.models.MODELS`."""
        return self.values["name"]


class AgeSection(Section):
    """What is left of [decay] beside a [model]."""

    title: ClassVar[str] = "decay"

    age: quantity_of("time") = None


def read_model(table):
    """Read the section.

    Parameters
    ----------
    table : dict
        As TOML gave it.

    Returns
    -------
    section : ModelSection or None
        None if anything is wrong with it.
    problems : list of Problem
    """
    exist = ", ".join(f'"{name}"' for name in MODELS)
    if not isinstance(table, dict):
        return None, [Problem(TITLE, "not a section", "a section with keys: [model]", table)]
    problems = []
    if ORIGIN in table:
        problems.append(_origin(table[ORIGIN], exist))
    name = table.get("name")
    if name not in MODELS:
        nearest = get_close_matches(name, MODELS, n=1, cutoff=0.5) if isinstance(name, str) else []
        said = "missing" if name is None else "no such model" + (f'; did you mean "{nearest[0]}"?' if nearest else "")
        return None, [*problems, Problem(f"{TITLE}.name", said, f"the models that exist today: {exist}", name)]
    try:
        model = MODELS[name].from_config({key: value for key, value in table.items() if key != ORIGIN})
    except CosmologyError as error:
        return None, [*problems, *_in_words_of_the_model(str(error))]
    return (None if problems else ModelSection(model.to_config(), model)), problems


def _origin(given, exist):
    name = given.get("name") if isinstance(given, dict) else given
    said = f"{toml_like(name)} cannot be put behind a model yet: no model hands its asymmetries to another"
    allowed = f"no [model.origin]; the models that exist today: {exist}, which takes the asymmetries as keys of its own"
    return Problem(f"{TITLE}.{ORIGIN}", said, allowed)


def _in_words_of_the_model(text):
    """One problem for each line of a model's error; a line that begins with a key gets the section in front."""
    lines = text.splitlines()
    if len(lines) > 1 and lines[0].startswith(f"[{TITLE}]:"):
        lines = lines[1:]
    else:
        lines = [" ".join(line.strip() for line in lines)]
    for line in map(str.strip, lines):
        starts_with_key = re.match(r"\w+(?=:| = | has )", line)
        yield ModelProblem(f"{TITLE}." if starts_with_key else f"{TITLE}: ", line, "")


def read_decay(table, section, everywhere=()):
    """The [decay] section that a model stands for, and what a run file may not add to it.

    Parameters
    ----------
    table : dict or None
        The file's own [decay], which may hold `age` only.
    section : ModelSection or None
    everywhere : iterable of str
        Dotted keys of the whole run file.

    Returns
    -------
    decay : DecaySection or None
        None if anything is wrong.
    problems : list of Problem
    """
    own, problems = AgeSection(), []
    if table is not None:
        rest = table
        if isinstance(table, dict):
            taken = [key for key in table if key in DecaySection.model_fields and key != "age"]
            allowed = "decay.age only, or no [model]: lifetime, kick and shares cannot come from both"
            problems += [Problem(f"decay.{key}", "comes from [model]", allowed, table[key]) for key in taken]
            rest = {key: value for key, value in table.items() if key not in taken}
        own, found = read_section(AgeSection, rest, everywhere=everywhere)
        problems += found
    if problems or section is None:
        return None, problems
    try:
        inputs = section.model.halo_inputs(own.age)
    except CosmologyError as error:
        return None, [*_in_words_of_the_model(str(error))]
    return read_section(DecaySection, decay_table(inputs))


def decay_table(inputs):
    """What `HaloInputs` say, under the keys of a [decay] section: dict."""
    given = {
        "lifetime": inputs.lifetime.to("Gyr"),
        "age": inputs.age.to("Gyr"),
        "parent_share": inputs.parent_share,
        "primordial_share": inputs.daughter_share,
    }
    return {"law": inputs.kick.law, **{key: _listed(value) for key, value in inputs.kick.parameters.items()}, **given}


def _listed(value):
    """Arrays of Quantities one by one, as a run file has them."""
    return list(value) if getattr(value, "ndim", 0) else value
