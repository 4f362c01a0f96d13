"""The one record that every particle model hands over, to halos and to other models: what is there, how it decays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.units import Quantity

_SUM = 1e-6  # by which shares may miss 1


@dataclass(frozen=True)
class KickLaw:
    """Law of the velocity kick, described by its name and numbers; the halo layer builds the distribution from it.

    Parameters
    ----------
    law : str
        One of `KICK_LAWS`.
    parameters : mapping of str
        What that law needs, under the names of a run file's [decay] section, such as
        ``{"parent_mass": Quantity, "daughter_mass": Quantity}``.
    """

    law: str
    parameters: Mapping = field(default_factory=dict)

    def __post_init__(self):
        if self.law not in KICK_LAWS:
            raise InputError(f"law = {self.law!r}; known are {', '.join(KICK_LAWS)}")
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __reduce__(self):  # a read-only mapping does not travel between processes, its content does
        return type(self), (self.law, dict(self.parameters))


KICK_LAWS = ("fixed", "two_body", "phase_space", "matrix_element", "tabulated", "cascade")
"""tuple of str : laws of the kick speed that the halo layer has."""


@dataclass(frozen=True)
class Yields:
    """Outcome of an early-universe history: the only thing that a study of halos reads of it.

    The parent B' decays late to the daughter species L' (or its antiparticle), of which a primordial population exists.
    A history without late decay leaves lifetime and kick out. If it makes one dark species, that is L', and the three
    parent values are left out as well: all dark matter is primordial.

    Parameters
    ----------
    model : str
        Name of the particle model it comes from.
    g_star : str
        Label of the degrees of freedom used, or "none".
    daughter_mass : Quantity [mass]
        m_L'.
    daughter_asymmetry : float
        (n - nbar)/s of L' before the decays, signed.
    daughter_share : float
        f_L, share of the dark matter's mass in primordial L'.
    parent_mass : Quantity [mass]
        m_B', not below m_L'.
    parent_asymmetry : float
        (n - nbar)/s of B' before the decays, signed.
    parent_share : float
        f_B, share of the dark matter's mass in B' before the decays.
    lifetime : Quantity [time]
        Mean life of B'; infinite means that nothing decays.
    kick : KickLaw
        Of the daughter; without one there is nothing for a study of halos to follow.

    Raises
    ------
    UnitError
        A bare number, or a wrong unit.
    InputError
        Shares that do not add to 1, a daughter heavier than its parent, or half a description of the parent.
    """

    model: str
    g_star: str
    daughter_mass: Quantity
    daughter_asymmetry: float
    daughter_share: float = 1.0
    parent_mass: Quantity | None = None
    parent_asymmetry: float = 0.0
    parent_share: float = 0.0
    lifetime: Quantity = "inf s"
    kick: KickLaw | None = None

    def __post_init__(self):
        daughter = self._quantity("daughter_mass", "mass")
        lifetime = self._quantity("lifetime", "time", finite=False)
        for name in ("daughter_asymmetry", "parent_asymmetry", "daughter_share", "parent_share"):
            value = getattr(self, name)
            if not (np.ndim(value) == 0 and np.isfinite(value)):
                raise InputError(f"{name} = {value!r}; one finite number is needed")
            object.__setattr__(self, name, float(value))
        shares = self.parent_share, self.daughter_share
        if min(shares) < 0 or abs(sum(shares) - 1) > _SUM:
            raise InputError(
                f"parent_share, daughter_share = {shares}; they are shares of all dark matter before the decays, not "
                "negative, and add to 1"
            )
        decays = self.parent_share > 0
        loose = not decays and (self.kick is not None or np.isfinite(lifetime) or self.parent_asymmetry != 0)
        if loose or decays != (self.parent_mass is not None):
            raise InputError(
                f"parent_share = {self.parent_share}, parent_mass = {self.parent_mass}, parent_asymmetry = "
                f"{self.parent_asymmetry}, lifetime = {self.lifetime}, kick = {self.kick}; a parent needs a share and "
                "a mass, and without one there is nothing to decay: leave them all out"
            )
        if decays and self._quantity("parent_mass", "mass") < daughter:
            raise InputError(f"parent_mass = {self.parent_mass} is below daughter_mass = {self.daughter_mass}")
        if self.kick is not None and not isinstance(self.kick, KickLaw):
            raise InputError(f"kick = {self.kick!r}; give a KickLaw, such as KickLaw('fixed', {{'speed': ...}})")

    @property
    def decays_late(self):
        """bool : whether decays of a parent kick its daughters, so that there is something to follow in halos."""
        return self.kick is not None

    def _quantity(self, name, dimension, **options):
        """Make an entry a Quantity, in the unit that it came with; its size in powers of GeV."""
        given = getattr(self, name)
        value = units.to_internal(given, dimension, name, **options)
        if np.ndim(value) or value <= 0:
            raise InputError(f"{name} = {value} in powers of GeV; one positive quantity is needed")
        object.__setattr__(self, name, units.quantity(given, dimension, name))
        return value
