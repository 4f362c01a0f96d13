"""Asymmetries that another model's history has made, behind a model that takes them: [model.origin] of a run file."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cosmology import units
from cosmology.errors import CosmologyError, InputError
from cosmology.models.base import ParticleModel, TakesOrigin
from cosmology.models.by_name import ORIGIN, find, listed
from cosmology.models.config_reader import Key, as_section, problem_lines, raise_all, read_keys
from cosmology.models.dark_abundance import FromAsymmetries

PARENT_PART = Key("number", "0.5")
"""Key : beside those of the model in a [model.origin], where it makes one dark species; see `FromOrigin`."""

EQUAL_PARTS = 0.5
"""float : `parent_part` unless given, as many B' as L'."""


@dataclass(frozen=True)
class FromOrigin:
    r"""Asymmetries of B' and L' from what another model leaves; the masses follow from the density.

    What is handed over are numbers per entropy, (n - nbar)/s with its sign, which nothing changes between then and now.
    A model that makes two dark species hands each over as it is, parent to B' and daughter to L'. One that makes a
    single species hands over its asymmetry A, and fast reactions between B' and L' share it out,

    .. math:: A_{B'} = p A, \qquad A_{L'} = (1 - p) A,

    with p = `parent_part`. Over the baryons' they are the two ratios of the sum rule, Hardy, Lasenby & Unwin (2014),
    Eq. (2.1), from which masses follow: those of the origin's own dark matter are not used.

    Parameters
    ----------
    model : ParticleModel
        What makes them.
    parent_part : float, optional
        p, between 0 and 1: the part of a single species' asymmetry that is in B'; `EQUAL_PARTS` if not given.

    Raises
    ------
    InputError
        No asymmetry, signs that differ, a part that is not between 0 and 1 or not asked for.
    """

    model: ParticleModel
    parent_part: float | None = None

    def __post_init__(self):
        if not isinstance(self.model, ParticleModel) or isinstance(self.model, TakesOrigin):
            raise InputError(f"model = {self.model!r}; give a model that makes asymmetries, see cosmology.MODELS")
        single = self.yields.parent_share == 0
        part = EQUAL_PARTS if single and self.parent_part is None else self.parent_part
        if not single and part is not None:
            raise InputError(
                f'parent_part = {part}; "{self.model.name}" makes two dark species, which are taken as they are: leave '
                "it out"
            )
        if single:
            part = units.to_internal(part, "dimensionless", "parent_part")
            if np.ndim(part) or not 0 < part < 1:
                raise InputError(
                    f"parent_part = {self.parent_part}; it lies between 0 and 1: without B' nothing decays, and "
                    "without L' nothing is there to annihilate with"
                )
            object.__setattr__(self, "parent_part", float(part))
        if self.parent_asymmetry == 0 or self.daughter_asymmetry == 0:
            raise InputError(
                f'"{self.model.name}" leaves (n - nbar)/s = {self.parent_asymmetry:.4g} for B\' and '
                f"{self.daughter_asymmetry:.4g} for L'; neither may be zero"
            )
        try:
            _ = self.asymmetries
        except InputError as error:  # opposite signs
            raise InputError(f'"{self.model.name}" makes asymmetries that do not serve here: {error}') from error

    @cached_property
    def yields(self):
        """What the model leaves, a `Yields`."""
        return self.model.yields()

    @property
    def parent_asymmetry(self):
        """float : (n - nbar)/s of B'."""
        if self.yields.parent_share > 0:
            return self.yields.parent_asymmetry
        return self.parent_part * self.yields.daughter_asymmetry

    @property
    def daughter_asymmetry(self):
        """float : (n - nbar)/s of L'."""
        if self.yields.parent_share > 0:
            return self.yields.daughter_asymmetry
        return (1 - self.parent_part) * self.yields.daughter_asymmetry

    @property
    def asymmetries(self):
        """The same over the baryons', a `FromAsymmetries`."""
        return FromAsymmetries.per_entropy(self.parent_asymmetry, self.daughter_asymmetry)

    def settle(self, splitting, channel, omega_h2, g_star):
        """Masses and yields, see `FromAsymmetries.settle`."""
        return self.asymmetries.settle(splitting, channel, omega_h2, g_star)

    def to_config(self):
        """The [model.origin] section that `OriginKey` turns into this again."""
        part = {} if self.parent_part is None else {"parent_part": self.parent_part}
        return self.model.to_config() | part


@dataclass(frozen=True)
class OriginKey:
    """The key `origin` of a [model] section: a section of its own, of the model that it names, and `parent_part`.

    Parameters
    ----------
    models : mapping
        Name -> class; those that take an origin themselves are none.
    """

    models: dict

    def read(self, value, name=ORIGIN):
        """A `FromOrigin`; raises an `InputError` that names everything wrong with the section."""
        section = dict(as_section(value, "[model.origin]"))
        beside = {key: section.pop(key) for key in ("parent_part",) if key in section}
        parts, problems = read_keys(beside, {"parent_part": PARENT_PART})
        if section.pop(ORIGIN, None) is not None:
            problems.append(f"{ORIGIN}: an origin has none of its own; allowed: one [model.origin]")
        model, found = self._class(section)
        problems += found
        if model is not None:
            try:
                parts["model"] = model.from_config(section)
            except CosmologyError as error:
                problems += problem_lines(error)
        raise_all(_inside(problems, name))
        try:
            return FromOrigin(**parts)
        except CosmologyError as error:
            raise InputError(*_inside([error], name)) from error

    def _class(self, section):
        origins = {key: one for key, one in self.models.items() if not issubclass(one, TakesOrigin)}
        allowed = f"the models that make asymmetries: {listed(origins)}"
        chosen = section.get("name")
        if isinstance(chosen, str) and chosen in self.models and chosen not in origins:
            said = "takes asymmetries and makes none, so it is no origin, neither of another model nor of itself"
            return None, [f'name = "{chosen}": {said}; allowed: {allowed}']
        return find(section, origins, allowed)


def _inside(problems, title):
    """Problems with the section's title in front, one line each."""
    return [line for one in problems for line in problem_lines(one, title)]
