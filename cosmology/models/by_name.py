"""Models by the name that a run file gives them, in [model] and in [model.origin]."""

from difflib import get_close_matches

from cosmology.errors import InputError
from cosmology.models.base import TakesOrigin
from cosmology.models.config_reader import as_section, raise_all

ORIGIN = "origin"
"""str : key of the [model] section that holds the section of the model which makes the asymmetries."""


def read_section(section, models):
    """Model that a [model] section describes.

    Parameters
    ----------
    section : dict
        Its key `name` says which; a dict under `origin` describes the model that makes the asymmetries.
    models : mapping
        Name -> model class.

    Returns
    -------
    ParticleModel

    Raises
    ------
    InputError
        Naming everything that is wrong with the section.
    """
    section = as_section(section, "[model]")
    model, problems = find(section, models, f"the models that exist today: {listed(models)}")
    raise_all(problems)
    if ORIGIN not in section:
        return model.from_config(section)
    if issubclass(model, TakesOrigin):
        return model.from_config(section, models)
    takers = [name for name, one in models.items() if issubclass(one, TakesOrigin)]
    raise InputError(
        f'{ORIGIN}: "{section["name"]}" makes its own asymmetries; allowed: no [model.origin], or with it a [model] '
        f"that takes them: {listed(takers)}"
    )


def find(section, models, allowed):
    """Class that a section names.

    Parameters
    ----------
    section : dict
    models : mapping
        Name -> class, of those that are right here.
    allowed : str
        What is right, for messages.

    Returns
    -------
    model : type or None
    problems : list of str
        One line if there is no such model.
    """
    name = section.get("name")
    if isinstance(name, str) and name in models:
        return models[name], []
    if name is None:
        return None, [f"name: missing; allowed: {allowed}"]
    nearest = get_close_matches(name, models, n=1, cutoff=0.5) if isinstance(name, str) else []
    said = "no such model" + (f'; did you mean "{nearest[0]}"?' if nearest else "")
    given = f'"{name}"' if isinstance(name, str) else repr(name)
    return None, [f"name = {given}: {said}; allowed: {allowed}"]


def listed(names):
    """Names in quotes, for messages."""
    return ", ".join(f'"{name}"' for name in names) or "none"
