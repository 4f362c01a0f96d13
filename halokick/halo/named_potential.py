"""A galpy potential that is known by its name and arguments, and made by galpy when somebody asks for it."""

from dataclasses import dataclass
from functools import cached_property

from halokick import units
from halokick.errors import InputError
from halokick.halo.galpy_by_name import MILKY_WAYS, RO_KPC, VO_KMS, galpy_potentials
from halokick.halo.galpy_scales import members_of


@dataclass(frozen=True)
class NamedPotential:
    """A sum of galpy potentials by their names; iterates over galpy's own, which are made when first needed.

    Tables made of it are kept on disk under its `identity`; where all that is wanted of it is there, galpy is not
    imported at all.

    Parameters
    ----------
    named, key, ro, vo, stars_only
        As in `galpy_potentials`.
    """

    named: tuple
    key: str
    ro: float = RO_KPC
    vo: float = VO_KMS
    stars_only: bool = False

    @property
    def identity(self):
        """All that tells it from others."""
        return self.named, self.ro, self.vo, self.stars_only

    @cached_property
    def galpy(self):
        """The galpy potential."""
        return galpy_potentials(self.named, self.key, ro=self.ro, vo=self.vo, stars_only=self.stars_only)

    def __iter__(self):
        return iter(members_of(self.galpy))

    def __getstate__(self):
        # another process makes galpy's objects where it needs them
        return {name: value for name, value in vars(self).items() if name != "galpy"}


def as_potential(potential, key, ro=None, vo=None, stars_only=False):
    """A potential as it was given, or as `NamedPotential` if that was one of galpy's names.

    Parameters
    ----------
    potential : str, or anything else
    key : str
        What it is called in messages.
    ro, vo : Quantity, optional
        galpy's scales; those of MWPotential2014, 8 kpc and 220 km/s, if left out. The other names carry their own.
    stars_only : bool
        As in `galpy_potentials`.

    Raises
    ------
    InputError
        A name that is not among `MILKY_WAYS`, or a number.
    """
    if isinstance(potential, units.Quantity):
        raise InputError(f"{key} = {potential} is a number; give a galpy potential, a list of them, or a name")
    if not isinstance(potential, str):
        return potential
    names = MILKY_WAYS[:1] if stars_only else MILKY_WAYS
    if potential not in names:
        raise InputError(
            f"{key} = {potential!r}: by name there are {', '.join(names)}; give any other as a galpy potential"
        )
    scale = {} if ro is None else {"ro": units.to_internal(ro, "length", "ro")}
    scale |= {} if vo is None else {"vo": units.to_internal(vo, "speed", "vo")}
    return NamedPotential(((("name", potential),),), key, **scale, stars_only=stars_only)
