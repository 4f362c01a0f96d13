"""A three-dimensional halo at one time: particles, books, and what can be read off them."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.live.tree_decay import DecayPlan, Injected, Particles
from halokick.live.tree_forces import TreeGravity
from halokick.live.tree_shape import axis_ratios, bound_part, radial_to_tangential, shells

SPECIES = ("parents", "daughters", "primordial")


@dataclass(frozen=True, eq=False)
class Books:
    """Sums over all particles, and what decays have changed in them. In Msun, kpc and km/s."""

    kinetic: float
    potential: float
    """Of the particles in each other's field."""
    host: float
    """Of the particles in the host's field (in a rotating host Jacobi's part, too)."""
    momentum: np.ndarray
    angular_momentum: np.ndarray
    """About the origin: the host's centre, or where the halo began."""
    injected: Injected = field(default_factory=Injected)
    start: "Books | None" = None
    """The books of the first snapshot; None in that one itself."""

    @property
    def energy(self):
        """Kinetic and potential energy together."""
        return self.kinetic + self.potential + self.host

    @property
    def energy_error(self):
        """Change of energy that decays do not explain, over the first kinetic and self-potential energy's size."""
        start = self if self.start is None else self.start
        return (self.energy - start.energy - self.injected.energy) / abs(start.kinetic + abs(start.potential))

    def momentum_error(self, mass):
        """Change of momentum that decays do not explain, over M times the rms speed at the start."""
        start = self if self.start is None else self.start
        change = self.momentum - start.momentum - self.injected.momentum
        return float(np.linalg.norm(change)) / np.sqrt(2 * start.kinetic * mass)


@dataclass(frozen=True, eq=False)
class TreeSnapshot:
    """A three-dimensional halo at one time.

    Everything that a run needs to go on is here: decay times and kicks of particles that have not decayed yet, too.

    Attributes
    ----------
    particles : Particles
        Plain floats in kpc, km/s, Msun.
    plan : DecayPlan
        When each particle decays, its kick, and which were never parents.
    gravity : TreeGravity
    books : Books
    particle_mass : float
        Mass of a particle that has not decayed [Msun].
    """

    _time: float
    particles: Particles
    plan: DecayPlan
    gravity: TreeGravity
    books: Books
    particle_mass: float

    def __post_init__(self):
        p = self.particles
        for array in (p.position, p.velocity, p.mass, p.decayed):
            array.setflags(write=False)

    def __len__(self):
        return len(self.particles.mass)

    @property
    def time(self):
        """Quantity [time] since the beginning of the decays."""
        return units.attach(self._time, "time")

    @property
    def position(self):
        """Quantity [length], shape (n, 3)."""
        return units.attach(self.particles.position, "length")

    @property
    def velocity(self):
        """Quantity [speed], shape (n, 3)."""
        return units.attach(self.particles.velocity, "speed")

    @property
    def mass(self):
        """Quantity [mass], shape (n,)."""
        return units.attach(self.particles.mass, "mass")

    @property
    def decayed_share(self):
        """Share of the first parents that have decayed, by number; 0 where there never were any."""
        parents = np.count_nonzero(~self.plan.primordial)
        return float(np.count_nonzero(self.particles.decayed) / parents) if parents else 0.0

    def of_species(self, species=None):
        """Which particles are of a species: ndarray of bool.

        Parameters
        ----------
        species : str, optional
            ``"parents"``, ``"daughters"`` of decays, ``"primordial"`` daughters, or nothing for all.
        """
        p, primordial = self.particles, self.plan.primordial
        masks = {
            None: np.ones(len(p.mass), dtype=bool),
            "parents": ~p.decayed & ~primordial,
            "daughters": p.decayed,
            "primordial": primordial,
        }
        if species not in masks:
            raise InputError(f"species = {species!r}; allowed are {', '.join(map(repr, SPECIES))}")
        return masks[species]

    @cached_property
    def bound(self):
        """BoundPart : the particles that hold each other, their mass, centre and velocity."""
        p = self.particles
        return bound_part(p.position, p.velocity, p.mass, self.gravity)

    @property
    def escaped_mass(self):
        """Quantity [mass] : of all particles that are not bound."""
        return units.attach(self.particles.mass.sum(), "mass") - self.bound.mass

    def shells(self, edges, species=None, *, bound_only=False):
        """Density, velocities and anisotropy in shells about the centre of the bound part.

        Parameters
        ----------
        edges : Quantity [length], shape (n + 1,)
        species : str, optional
            See `of_species`.
        bound_only : bool
            Leave out particles on their way out.

        Returns
        -------
        TreeShells
        """
        chosen = self.of_species(species) & (self.bound.inside if bound_only else True)
        return shells(*self._about_centre(chosen), edges)

    def enclosed_mass(self, radius, species=None):
        """Mass inside spheres about the centre: Quantity [mass], shape of `radius` (Quantity [length])."""
        position, _, mass = self._about_centre(self.of_species(species))
        distance = np.sqrt(np.sum(position**2, axis=1))
        order = np.argsort(distance, kind="stable")
        inside = np.concatenate([[0.0], np.cumsum(mass[order])])
        wanted = units.to_internal(radius, "length", "radius")
        return units.attach(inside[np.searchsorted(distance[order], wanted, side="right")], "mass")

    def axis_ratios(self, radius, species=None):
        """Shape of the bound part inside an ellipsoid as large as a sphere of `radius` (Quantity): `AxisRatios`."""
        position, _, mass = self._about_centre(self.of_species(species) & self.bound.inside)
        return axis_ratios(position, mass, units.to_internal(radius, "length", "radius"))

    @property
    def radial_to_tangential(self):
        """2 T_r/T_t of the bound part: 1 where isotropic; near 1.7 radial orbits make a sphere unstable."""
        return radial_to_tangential(*self._about_centre(self.bound.inside))

    def _about_centre(self, chosen):
        p, bound = self.particles, self.bound
        centre = units.to_internal(bound.centre, "length")
        drift = units.to_internal(bound.velocity, "speed")
        return p.position[chosen] - centre, p.velocity[chosen] - drift, p.mass[chosen]
