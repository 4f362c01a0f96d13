"""What every particle model offers, and what it hands to a calculation of halos: Quantities, names and numbers."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from cosmology.limits import LimitResult
from cosmology.units import Quantity
from cosmology.yields import KickLaw, Yields


@runtime_checkable
class ParticleModel(Protocol):
    """A particle model at one point of its parameters.

    Attributes
    ----------
    name : str
        As in `cosmology.models.MODELS`.
    """

    name: str

    @classmethod
    def from_config(cls, section):
        """Model from the [model] section of a run file, a dict of text and numbers."""

    def to_config(self) -> dict:
        """The [model] section that `from_config` turns into this model again."""

    def yields(self) -> Yields:
        """What the early universe leaves."""

    def constraints(self) -> tuple[LimitResult, ...]:
        """Answers of all limits that concern the model; an excluded point is an answer, not an error."""

    def summary(self) -> dict:
        """Name -> Quantity or text: for the screen and for storage."""


@runtime_checkable
class HasLateDecay(Protocol):
    """A model in which B' decays late and gives its daughter a kick."""

    @property
    def lifetime(self) -> Quantity:
        """Mean life of B'."""

    @property
    def kick(self) -> KickLaw:
        """Law of the daughter's kick speed."""

    def halo_inputs(self) -> "HaloInputs":
        """All that a calculation of halos needs."""


@dataclass(frozen=True)
class HaloInputs:
    """What a calculation of halos needs of a model with late decays.

    Attributes
    ----------
    model, g_star : str
        Name of the model; degrees of freedom used in the early universe.
    parent_mass, daughter_mass : Quantity [mass]
        m_B', m_L'.
    parent_share, daughter_share : float
        f_B and f_L of the dark matter's mass before decays, with sum 1.
    lifetime : Quantity [time]
        Mean life of B'.
    kick : KickLaw
        Of the daughter, in the names of a run file's [decay] section.
    age : Quantity [time]
        Time over which decays are counted.
    decayed_share : float
        X = 1 - exp(-age/lifetime).
    sigma_v : Quantity [volume/time]
        <sigma v> today of one L' with one anti-L', in the halo.
    sigma_v_depends_on_speed : bool
        False for an s-wave, whose <sigma v> is the same in every halo.
    """

    model: str
    g_star: str
    parent_mass: Quantity
    daughter_mass: Quantity
    parent_share: float
    daughter_share: float
    lifetime: Quantity
    kick: KickLaw
    age: Quantity
    decayed_share: float
    sigma_v: Quantity
    sigma_v_depends_on_speed: bool
