"""What `evolve_halo` answers: parents, daughters and the whole halo at each time, as profiles of real mass."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.live.profile import LiveProfile
from halokick.units import Quantity

_SAME_TIME = 1e-6


@dataclass(frozen=True, eq=False)
class LiveSnapshot:
    """The halo at one time. Its profiles are real mass: those of all species add up to `total`.

    Attributes
    ----------
    time : Quantity [time]
        Since the beginning.
    decayed_share : float
        Share of the parent species gone.
    parents : LiveProfile or None
        What is left of the parent species; this and the others are None where too few particles are left to say.
    daughters : LiveProfile or None
        Daughters of decays, bound or on their way out.
    primordial : LiveProfile or None
        The daughter species that was always there; it moves like the parents. None without such a share.
    total : LiveProfile
        All dark matter.
    bound_mass, escaped_mass : Quantity [mass]
        Bound by the bound mass alone (and what is fixed), found by iteration; and what else there is.
    kinetic, potential_energy, injected_energy : Quantity [mass speed^2] or None
        Of the particles; and what the kicks gave and lost mass took so far. None in a fixed potential.
    none_bound : bool
        Whether daughters were born, in a number that tells, and none of them is bound. Where `daughters` is None too,
        this is why: their density is zero, but for that of daughters on their way out.
    """

    time: Quantity
    decayed_share: float
    parents: LiveProfile | None
    daughters: LiveProfile | None
    primordial: LiveProfile | None
    total: LiveProfile
    bound_mass: Quantity
    escaped_mass: Quantity
    kinetic: Quantity | None = None
    potential_energy: Quantity | None = None
    injected_energy: Quantity | None = None
    none_bound: bool = False
    _per_parent: float = field(default=np.nan, repr=False)

    def per_decayed_parent(self):
        """Daughters per decayed parent, to be compared with `phase_mix`: LiveProfile.

        The density tends to that of the parents before decays as the kick tends to zero; where mass is lost in the
        decay, to the share that is kept.

        Raises
        ------
        InputError
            There are too few daughters, or none.
        """
        if self.daughters is None:
            why = "none is bound, and their density is zero" if self.none_bound else "increase n, or wait"
            raise InputError(f"at {self.time:.4g} there are too few daughters for a profile; {why}")
        return self.daughters.scaled(1 / self._per_parent)


@dataclass(frozen=True, eq=False)
class LiveHalo:
    """A halo whose gravity follows its decays; made by `evolve_halo`.

    Attributes
    ----------
    method : str
        ``"fixed"``, ``"orbit_iteration"`` or ``"live"``.
    choice : MethodChoice
        Why, and the estimated errors.
    df : ErgodicDF
        Of the parents before decays.
    kick : KickDistribution
    history : DecayHistory
    times : Quantity [time], shape (t,)
    snapshots : tuple of LiveSnapshot
    resolution_radius : Quantity [length] or None
        None in a fixed potential, which has no particles.
    energy_error : float or None
        Largest violation of the balance of energies, over the energy at the start.
    control : tuple of (Quantity [length], ndarray), or None
        Radii, and the mass inside them of the same particles without decays over that of the profile, at the end: the
        drift that all results have been divided by.
    settings : mapping
        What was asked for, and what the method used.
    """

    method: str
    choice: object
    df: object
    kick: object
    history: object
    times: Quantity
    snapshots: tuple
    resolution_radius: Quantity | None
    energy_error: float | None
    control: tuple | None
    settings: Mapping = field(default_factory=dict)

    def __post_init__(self):
        object.__setattr__(self, "settings", MappingProxyType(dict(self.settings)))
        object.__setattr__(self, "snapshots", tuple(self.snapshots))

    def __reduce__(self):
        # read-only views do not pickle
        names = self.__dataclass_fields__
        return _rebuild, ({**{name: getattr(self, name) for name in names}, "settings": dict(self.settings)},)

    def at(self, time):
        """The snapshot at one of the times that were asked for.

        Parameters
        ----------
        time : Quantity [time]

        Returns
        -------
        LiveSnapshot

        Raises
        ------
        InputError
            None was asked for at this time: answers are not interpolated in time.
        """
        wanted = units.to_internal(time, "time", "time")
        known = np.asarray(units.to_internal(self.times, "time"))
        near = int(np.argmin(np.abs(known - wanted)))
        if np.ndim(wanted) != 0 or abs(known[near] - wanted) > _SAME_TIME * known[-1]:
            raise InputError(
                f"time = {time}; this halo is known at {self.times}: give the others to evolve_halo(times=)"
            )
        return self.snapshots[near]

    @property
    def today(self):
        """LiveSnapshot : the last one."""
        return self.snapshots[-1]

    def __len__(self):
        return len(self.snapshots)

    def __iter__(self):
        return iter(self.snapshots)


def _rebuild(values):
    return LiveHalo(**values)
