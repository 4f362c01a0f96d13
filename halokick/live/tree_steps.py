"""Leapfrog steps of a three-dimensional halo: one for all particles, a power of two of the interval between outputs."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from halokick.errors import ConvergenceError
from halokick.halo.force_field import force_field
from halokick.live.tree_decay import Injected, decay

_DEEPEST = 40
"""Halvings of an interval between outputs."""
_COARSER = 0.7
"""A step is doubled only if twice its length is below this share of what is allowed: it would not stay so otherwise."""


class Host:
    """What is not the halo itself: a fixed potential of galpy, or nothing.

    Parameters
    ----------
    potential : galpy potential, or None
    ro, vo : Quantity, optional
        galpy's scales.
    """

    def __init__(self, potential, ro=None, vo=None):
        self.field = None if potential is None else force_field(potential, ro=ro, vo=vo)

    @property
    def conserves(self):
        """Whether energy (Jacobi's, in a rotating potential) is conserved for sure."""
        return self.field is None or self.field.way == "kernel"

    def acceleration(self, position, time):
        """[km2/s2/kpc], shape (n, 3)."""
        return np.zeros_like(position) if self.field is None else self.field.acceleration(position, time)

    def energy_per_mass(self, position, velocity, time):
        """Kinetic energy, and energy in this potential [(km/s)^2]."""
        if self.field is None:
            return 0.5 * np.sum(velocity**2, axis=1)
        return self.field.energy(position, velocity, time)


class Progress(NamedTuple):
    """After a step: the particles, what decays put in, the time, and the number of steps taken."""

    particles: object
    injected: Injected
    time: float
    steps: int


def advance(particles, plan, gravity, host, start, end, eta):
    r"""Kick, drift and kick from `start` to `end`, with the decays of each step at its end; a generator of `Progress`.

    Every step is the interval over a power of two, at most

    .. math:: \Delta t = \min\left(\sqrt{2\eta\,\epsilon/|a|},\; 2\eta\sqrt{R/|a_\mathrm{host}|}\right)

    over all particles, where a is their acceleration by each other (Springel 2005, MNRAS 364, 1105, Eq. 34). It may
    shrink at once, and grows where a step twice as long would begin.
    """
    whole = end - start
    ticks, total = 0, 2**_DEEPEST
    level, injected, steps = None, Injected(), 0
    time = start
    outer = host.acceleration(particles.position, time)
    while ticks < total:
        level = _level(level, ticks, whole, _allowed(particles, outer, gravity.epsilon, eta))
        span = total >> level
        dt = whole * (span / total)
        velocity = particles.velocity + 0.5 * dt * (particles.acceleration + outer)
        position = particles.position + dt * velocity
        ticks += span
        time = end if ticks == total else start + whole * (ticks / total)
        inner = gravity.acceleration(position, particles.mass)
        outer = host.acceleration(position, time)
        velocity = velocity + 0.5 * dt * (inner + outer)
        particles = replace(particles, position=position, velocity=velocity, acceleration=inner)
        particles, more = decay(particles, plan, time, gravity, host.energy_per_mass)
        injected = injected if more is None else injected.plus(more)
        steps += 1
        yield Progress(particles, injected, time, steps)


def _allowed(particles, outer, epsilon, eta):
    """Longest step allowed."""
    inner = np.max(np.sum(particles.acceleration**2, axis=1)) ** 0.5
    steps = [np.sqrt(2 * eta * epsilon / inner)] if inner > 0 else []
    pull = np.sum(outer**2, axis=1) ** 0.25
    if np.any(pull > 0):
        steps.append(2 * eta * np.min(np.sum(particles.position[pull > 0] ** 2, axis=1) ** 0.25 / pull[pull > 0]))
    return min(steps, default=np.inf)


def _level(level, ticks, whole, allowed):
    """How often the interval is halved."""
    if not allowed > whole * 2.0**-_DEEPEST:
        raise ConvergenceError(
            f"a time step of {allowed:.3g} kpc/(km/s) would be needed; use a larger softening, or a host without a cusp"
        )
    needed = max(int(np.ceil(np.log2(whole / allowed))), 0)
    if level is None or needed >= level:
        return needed if level is None else max(level, needed)
    coarser = level - 1
    aligned = ticks % (2 ** (_DEEPEST - coarser)) == 0
    return coarser if aligned and whole * 2.0**-coarser < _COARSER * allowed else level
