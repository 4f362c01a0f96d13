"""Decays of the particles of a three-dimensional halo: when, with which kick, and what they do to the books."""

from dataclasses import dataclass, field, fields, replace

import numpy as np

from halokick import units
from halokick.daughters.orbits import CHUNK, kick_speeds
from halokick.decay.history import DecayHistory
from halokick.decay.kicks import KickDistribution
from halokick.errors import InputError
from halokick.halo.sampling import key_of
from halokick.kernels.counter_random import units_of
from halokick.live.tree_forces import without_mean

_STREAM = 0x7EE
"""Stream of random numbers of these decays; others draw positions and velocities from the same seed."""


@dataclass(frozen=True, eq=False)
class DecayPlan:
    """Fate of every particle, fixed before the run and the same for a seed whatever the number of particles.

    Attributes
    ----------
    time : ndarray [kpc/(km/s)], shape (n,)
        Of decay; infinite for particles that never do.
    kick : ndarray [km/s], shape (n, 3)
        Velocity that the decay adds.
    primordial : ndarray of bool, shape (n,)
        Particles that were of the daughters' species from the beginning.
    mass_loss : float
        Share of its mass that a particle loses when it decays.
    """

    time: np.ndarray
    kick: np.ndarray
    primordial: np.ndarray
    mass_loss: float

    def __post_init__(self):
        for array in (self.time, self.kick, self.primordial):
            array.setflags(write=False)


def plan_decays(kick, history, n, seed, mass_loss):
    r"""When each of `n` particles decays, and its isotropic kick.

    :math:`t = -\tau\ln(1-u)`; u, the kick's direction and the species come from a counter-based generator that is
    asked for (seed, particle), so that particle i is the same in runs of any size.

    Raises
    ------
    InputError
        No kick distribution, no history, or a loss outside [0, 1).
    """
    if not isinstance(kick, KickDistribution):
        raise InputError(f"kick = {kick!r}; a kick distribution is needed, such as FixedKick('54 km/s')")
    if not isinstance(history, DecayHistory):
        raise InputError(f"history = {history!r}; a DecayHistory is needed, such as DecayHistory('20 Gyr')")
    loss = units.to_internal(mass_loss, "dimensionless", "mass_loss")
    if np.ndim(loss) != 0 or not 0 <= loss < 1:
        raise InputError(f"mass_loss = {mass_loss}; a share in [0, 1) of the parent's mass is needed")
    key = key_of(seed)
    u = np.array([units_of(key, i, 0, _STREAM) for i in range(n)])
    time = -units.to_internal(history.lifetime, "time", "lifetime", finite=False) * np.log1p(-u[:, 0])
    primordial = u[:, 1] >= history.parent_share
    time[primordial] = np.inf
    speed = np.concatenate([kick_speeds(kick, key, chunk, CHUNK) for chunk in range(-(-n // CHUNK))])[:n]
    cosine, azimuth = 2 * u[:, 2] - 1, 2 * np.pi * u[:, 3]
    sine = np.sqrt((1 - cosine) * (1 + cosine))
    direction = np.column_stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    return DecayPlan(time, speed[:, None] * direction, primordial, float(loss))


@dataclass(frozen=True)
class Injected:
    """What decays have put in since the start, and what lost mass has carried away: exact sums over the decays."""

    energy: float = 0.0
    """Change of kinetic and potential energy [Msun km2/s2]."""
    momentum: np.ndarray = field(default_factory=lambda: np.zeros(3))
    """[Msun km/s]."""
    angular_momentum: np.ndarray = field(default_factory=lambda: np.zeros(3))
    """About the origin [Msun kpc km/s]."""

    def plus(self, other):
        """Both together."""
        return Injected(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def decay(particles, plan, time, gravity, energy_per_mass):
    """Let all particles decay whose time has come.

    Parameters
    ----------
    particles : Particles
        At one time.
    plan : DecayPlan
    time : float
        Now [kpc/(km/s)].
    gravity : TreeGravity
    energy_per_mass : callable (position, velocity, time)
        Energy in all but the particles' own field [(km/s)^2].

    Returns
    -------
    Particles, Injected or None
        None where nothing decayed.
    """
    due = (plan.time <= time) & ~particles.decayed
    if not due.any():
        return particles, None
    x, v, m = particles.position[due], particles.velocity[due], particles.mass[due]
    new_v, new_m = v + plan.kick[due], m * (1 - plan.mass_loss)
    momentum = new_m[:, None] * new_v - m[:, None] * v
    energy = np.sum(new_m * energy_per_mass(x, new_v, time) - m * energy_per_mass(x, v, time))
    velocity, mass, acceleration = particles.velocity.copy(), particles.mass.copy(), particles.acceleration
    velocity[due], mass[due] = new_v, new_m
    if plan.mass_loss > 0:
        lost = m - new_m
        # pairs of which both lose mass would be counted twice: their own energy is quadratic in the loss
        energy -= np.sum(lost * gravity.potential_by(x, particles.position, particles.mass))
        energy += 0.5 * np.sum(lost * gravity.potential_by(x, x, lost))
        acceleration = without_mean(acceleration - gravity.acceleration_by(particles.position, x, lost), mass)
    after = replace(particles, velocity=velocity, mass=mass, acceleration=acceleration, decayed=particles.decayed | due)
    return after, Injected(float(energy), momentum.sum(axis=0), np.cross(x, momentum).sum(axis=0))


@dataclass(frozen=True, eq=False)
class Particles:
    """Particles at one time, plain floats in kpc, km/s and Msun; `acceleration` is that by each other."""

    position: np.ndarray
    velocity: np.ndarray
    mass: np.ndarray
    decayed: np.ndarray
    acceleration: np.ndarray
