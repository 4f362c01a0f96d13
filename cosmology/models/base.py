"""What every particle model offers, and what some offer besides: Quantities, names and numbers.

A study of halos takes masses, shares, lifetime and kick from `cosmology.yields.Yields` alone. What only some models
have is a small protocol each, which a class satisfies by having the methods; nothing is registered, no flag is set.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.limits import Annotation, LimitResult
from cosmology.units import Quantity
from cosmology.yields import Yields


@runtime_checkable
class ParticleModel(Protocol):
    """A particle model at one point of its parameters.

    All of it may be asked more than once, so a calculation that takes time is kept (`functools.cached_property`).

    Attributes
    ----------
    name : str
        As in `cosmology.models.MODELS`.
    """

    name: str

    @classmethod
    def from_config(cls, section):
        """Model from the [model] section of a run file, a dict of text and numbers; see `config_reader`."""

    def to_config(self) -> dict:
        """The [model] section that `from_config` turns into this model again."""

    def yields(self) -> Yields:
        """What the early universe leaves."""

    def constraints(self) -> tuple[LimitResult, ...]:
        """Answers of all limits that concern the model; an excluded point is an answer, not an error."""

    def summary(self) -> dict:
        """Name -> Quantity or text, for the screen and for storage; what does not exist is left out."""


@dataclass(frozen=True)
class HaloAnnihilation:
    """Annihilation in halos today.

    Parameters
    ----------
    sigma_v : Quantity [volume/time]
        <sigma v> of one L' with one anti-L'.
    depends_on_speed : bool
        False for an s-wave, whose <sigma v> is the same in every halo.
    """

    sigma_v: Quantity
    depends_on_speed: bool

    def __post_init__(self):
        sigma_v = units.to_internal(self.sigma_v, "sigma_v", "sigma_v")
        if np.ndim(sigma_v) or sigma_v < 0:
            raise InputError(f"sigma_v = {self.sigma_v}; one <sigma v> that is not negative is needed")
        object.__setattr__(self, "sigma_v", units.quantity(self.sigma_v, "sigma_v", "sigma_v"))


@runtime_checkable
class HasAnnihilation(Protocol):
    """A model whose dark matter annihilates in halos."""

    def halo_annihilation(self) -> HaloAnnihilation:
        """How strongly, today."""

    def constraints(self, *, dwarf_suppression=None) -> tuple[LimitResult, ...]:
        """Answers of all limits, those from dwarf galaxies with J of the daughters over J without kick, if given."""


@runtime_checkable
class HasRemainingPairs(Protocol):
    """A model in which freeze-out leaves antiparticles, so that some pairs have no partner from a decay."""

    @property
    def pairs(self):
        """Pair factor as a function of Gamma t, a `cosmology.models.remaining_pairs.RemainingPairs`."""

    def pair_factor(self, time=None) -> float:
        """Pair factor at a time, today if not given."""

    def kicked_share(self, time=None) -> float:
        """Share of the annihilation that has a partner from a decay, today if no time is given."""

    def decayed_share(self, time=None) -> float:
        """Share of the parents that has decayed by a time, today if not given."""


@runtime_checkable
class HasAnnotations(Protocol):
    """A model about which papers make verbal statements."""

    def annotations(self) -> tuple[Annotation, ...]:
        """The statements."""


@runtime_checkable
class TakesOrigin(Protocol):
    """A model that may take its asymmetries from another one, which a [model.origin] names; it makes none itself."""

    @classmethod
    def from_config(cls, section, models=None):
        """Model from the [model] section; `models`, name -> class, is where a [model.origin] finds its model."""

    def origin(self):
        """Where the asymmetries are from, a `cosmology.models.origin.FromOrigin`; None if they are its own."""
