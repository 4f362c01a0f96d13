"""The [model] section: a particle model by name, which gives lifetime, kick and shares in place of [decay].

A model without late decay has none of them: its section is then a run file of its own.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from cosmology.errors import CosmologyError
from cosmology.limits import cosmic_age
from cosmology.models import MODELS, HaloAnnihilation, HasAnnihilation, TakesOrigin, read_model
from cosmology.models.config_reader import problem_lines
from cosmology.yields import Yields
from halokick.study.config_decay import DecaySection
from halokick.study.config_fields import quantity_of
from halokick.study.config_problems import Problem
from halokick.study.config_section import Section, read_section

TITLE = "model"
_NEED_KICKS = ("halo", "decay", "method", "observer", "dwarfs", "annihilation", "map", "flux", "limits")


@dataclass(frozen=True)
class ModelProblem(Problem):
    """One thing wrong with the [model] section, in the words of the model: they say already what is allowed."""

    def __str__(self):
        return self.said


@dataclass(frozen=True)
class ModelSection:
    """A [model] section that can be run.

    Attributes
    ----------
    values : dict
        The resolved section.
    model : ParticleModel
        What it describes.
    yields : Yields
        What that leaves.
    annihilation : HaloAnnihilation or None
        How it annihilates in halos, where it does.
    """

    values: dict
    model: object = field(compare=False, repr=False)
    yields: Yields = field(compare=False, repr=False)
    annihilation: HaloAnnihilation | None = field(compare=False, repr=False)

    @property
    def name(self):
        """str : in `cosmology.models.MODELS`."""
        return self.values["name"]

    @property
    def tables(self):
        """dict : the section, and those inside it, by their titles in a run file."""
        inside = {key: value for key, value in self.values.items() if isinstance(value, dict)}
        own = {key: value for key, value in self.values.items() if key not in inside}
        return {TITLE: own, **{f"{TITLE}.{key}": value for key, value in inside.items()}}


class AgeSection(Section):
    """What is left of [decay] beside a [model]."""

    title: ClassVar[str] = "decay"

    age: quantity_of("time") = None


def read_model_section(table):
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
    if not isinstance(table, dict):
        return None, [Problem(TITLE, "not a section", "a section with keys: [model]", table)]
    try:
        model = read_model(table)
        annihilation = model.halo_annihilation() if isinstance(model, HasAnnihilation) else None
        return ModelSection(model.to_config(), model, model.yields(), annihilation), []
    except CosmologyError as error:
        return None, [ModelProblem(TITLE, line, "") for line in problem_lines(error, TITLE)]


def without_kicks(section, tables):
    """What a run file may not hold beside a model that gives no kick.

    Parameters
    ----------
    section : ModelSection
    tables : dict
        The run file as TOML gave it.

    Returns
    -------
    list of Problem
        One at most.
    """
    given = [title for title in _NEED_KICKS if title in tables]
    if section.yields.decays_late or not given:
        return []
    asked = ", ".join(f"[{title}]" for title in given)
    late = [name for name, one in MODELS.items() if issubclass(one, TakesOrigin) and name != section.name]
    behind = [f'behind a model with late decay, as [model.origin] of name = "{name}"' for name in late]
    said = f'"{section.name}" has no late decay that could kick daughters, so there is nothing for {asked}'
    return [Problem(TITLE, said, "; or ".join([f"the model without {asked}: its yields and limits", *behind]))]


def read_decay(table, section, everywhere=()):
    """The [decay] section that a model stands for, None without late decay; what a run file may not add to it.

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
        None if there is no late decay, or anything is wrong.
    problems : list of Problem
    """
    own, problems = AgeSection(), []
    if section is not None and not section.yields.decays_late:
        return None, problems  # `without_kicks` says what may not be there
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
    return read_section(DecaySection, decay_table(section.yields, cosmic_age() if own.age is None else own.age))


def decay_table(yields, age):
    """What `Yields` with a late decay say, under the keys of a [decay] section: dict."""
    given = {
        "lifetime": yields.lifetime.to("Gyr"),
        "age": age.to("Gyr"),
        "parent_share": yields.parent_share,
        "primordial_share": yields.daughter_share,
    }
    return {"law": yields.kick.law, **{key: _listed(value) for key, value in yields.kick.parameters.items()}, **given}


def _listed(value):
    """Arrays of Quantities one by one, as a run file has them."""
    return list(value) if getattr(value, "ndim", 0) else value
