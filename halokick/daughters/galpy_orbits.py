"""Batches of orbits in a potential that only galpy can follow, by galpy's own compiled integrator (Dormand-Prince 8).

Such are potentials that depend on time, that no plane halves, or that no table follows to the accuracy asked for.
"""

import warnings
from functools import cached_property, reduce
from operator import add

import numpy as np

from halokick.daughters.integrated_sums import Run
from halokick.daughters.orbit_energy import OrbitEnergy
from halokick.errors import InputError
from halokick.halo.force_field import members_of_all
from halokick.halo.force_members import orientation
from halokick.halo.galpy_scales import names
from halokick.halo.lazy_galpy import galpy_orbit, runs_in_c
from halokick.kernels.follow import DONE, INACCURATE, REFINEMENTS, STUCK
from halokick.kernels.follow_batch import deposit_states
from halokick.kernels.forces import Forces

_TIMES = 320
"""Times at which an orbit is counted, for each of `samples`."""
_STEP, _FINER = 3e-3, 0.03
"""galpy's tolerance over that of the energy, and by how much it shrinks where that is missed."""
_LOOSEST, _STRICTEST = 1e-5, 1e-13
_MOMENTS = 65
_SAME = 1e-9
"""Relative change of a potential below which it is steady, at this many times."""
_EVEN = 1e-3
"""Relative variation of a potential up to which it is even about its long axis."""
_RADII = np.array([0.1, 0.5, 2.0, 5.0, 10.0, 20.0, 50.0, 150.0])


class GalpyOrbits:
    """Orbits in the field of a halo, for galpy, which uses as many threads as OpenMP allows it. As `KernelOrbits`.

    galpy's time zero is the start of the orbits. In a potential that changes parents start in equilibrium with the
    spherical average of then, which is the one that the halo knows.

    Raises
    ------
    InputError
        Members without a potential, or for which galpy has no compiled code; growth, which is ours only.
    """

    largest_batch, largest_chunk = 1024, 1024
    workers = 1

    def __init__(self, halo, field, integration):
        members = members_of_all(halo)
        for part in field.parts:
            if "without a potential" in part.why or "three-dimensional" in part.why:
                raise InputError(f"{part.name}: {part.why}, so daughters have no energy to be bound by; leave it out")
        slow = [type(member).__name__ for member in members if not runs_in_c(member)]
        if slow:
            raise InputError(
                f"{names(members)} needs galpy's integrators ({field.why}), but galpy has no compiled code for "
                f"{', '.join(slow)}; use members with it (galpy's attribute hasC), or a potential that needs no galpy: "
                "steady, and symmetric about its plane"
            )
        if integration.growth is not None:
            raise InputError(
                f"growth = {integration.growth!r} goes with potentials that are followed without galpy, and not with "
                f"this one ({field.why}); wrap its members in a galpy potential that depends on time"
            )
        source = field.parts[0].source
        self._ro, self._vo = source.ro, source.vo
        self._potential = reduce(add, members)
        self._field, self._integration = field, integration
        spin = steady_spin(field, integration.time)
        self.changes = spin is None
        self._spin = spin or 0.0
        self._energy = OrbitEnergy(halo, field, integration.time if self.changes else 0.0, self.changes)
        self.judged_by = "smaller steps" if self.changes else ("jacobi" if self._spin else "energy")
        self._tolerance = float(np.clip(_STEP * integration.tolerance, _STRICTEST, _LOOSEST))

    def binding(self, states):
        """Minus the energy today, zero where the halo's relative potential is [(km/s)^2]."""
        return self._energy.binding(states)

    def difference(self, states, exact):
        """Relative differences of today's energies between states and more accurate ones."""
        binding = self.binding(exact)
        return np.abs(self.binding(states) - binding) / self._energy.scale(exact, binding)

    def prepare(self):
        """Nothing is shared by threads."""

    def started(self, states):
        """States at the start: as they are."""
        return states.copy()

    def follow(self, states, chosen, weights, blocks, histograms):
        """Follow the chosen for all the time, each to the tolerance asked for, and count them at many times: `Run`."""
        scale = self._energy.scale(states, self.binding(states))
        ends, completion = states.copy(), np.zeros(len(states), dtype=np.int64)
        error = np.full(len(states), np.nan)
        before = self._conserved(states, 0.0)
        todo, repeated, tolerance = np.flatnonzero(chosen), 0, self._tolerance
        for level in range(REFINEMENTS + 1):
            if len(todo) == 0:
                break
            repeated += len(todo) if level == 1 else 0
            tracks, good = self._tracks(states[todo], self._times, tolerance)
            ends[todo] = tracks[:, -1]
            error[todo] = np.abs(self._conserved(tracks[:, -1], self._times[-1]) - before[todo]) / scale[todo]
            # an error that is no number is no small one
            arrived = good & (error[todo] <= self._integration.tolerance)
            completion[todo] = np.where(arrived, DONE, np.where(good, INACCURATE, STUCK))
            self._count(tracks[arrived], weights[todo[arrived]], blocks[todo[arrived]], histograms)
            todo = todo[~arrived]
            tolerance = max(tolerance * _FINER, _STRICTEST)
        return Run(ends, completion, error, chosen, int(chosen.sum()), repeated, histograms)

    def advance(self, states, begins, durations, finer=1.0):
        """Follow all from their begins for their durations, counting nothing: states at the end, and completion."""
        times = np.stack([begins, begins + durations], axis=1)
        tracks, good = self._tracks(states, times, max(finer * self._tolerance, _STRICTEST))
        return tracks[:, -1], np.where(good, DONE, STUCK)

    def deposit(self, states, weights, blocks, histograms):
        """Count states as they are today."""
        self._deposit(states, self._integration.time, weights, blocks, histograms)

    def _deposit(self, states, time, weights, blocks, histograms):
        frame = Forces(spin=self._spin, phase=self._phase)
        states, weights = np.ascontiguousarray(states), np.ascontiguousarray(weights)
        deposit_states(frame, self._integration.grids, states, time, weights, blocks, histograms)

    def _count(self, tracks, weights, blocks, histograms):
        inner = self._times[1:-1]
        for k, time in enumerate(inner):
            self._deposit(tracks[:, k + 1], time, weights / len(inner), blocks, histograms)

    @cached_property
    def _phase(self):
        """Angle of the long axis at the start, if it turns: that of a bar in its own frame is zero."""
        if self._spin == 0:
            return 0.0

        def potential(x, y, z):
            return self._field.potential(np.column_stack([x, y, z]))

        return orientation(potential, _EVEN) or 0.0

    @cached_property
    def _times(self):
        """Begin, the middles of equally likely parts of the law of ages, and end."""
        time, rate = self._integration.time, self._integration.rate
        count = _TIMES * self._integration.samples
        share = (np.arange(count) + 0.5) / count
        inner = time * share if rate == 0 else np.log1p(share * np.expm1(rate * time)) / rate
        return np.concatenate([[0.0], inner, [time]])

    def _conserved(self, states, time):
        momentum = states[:, 0] * states[:, 4] - states[:, 1] * states[:, 3]
        kinetic = 0.5 * np.sum(states[:, 3:] ** 2, axis=1)
        return kinetic + self._field.potential(states[:, :3], time) - self._spin * momentum

    def _tracks(self, states, times, tolerance):
        """States at times [kpc/(km/s)], the same for all or of each: shape (n, times, 6); and who got there."""
        x, y, z, v_x, v_y, v_z = states.T
        big_r = np.hypot(x, y)
        v_r, v_t = (x * v_x + y * v_y) / big_r, (x * v_y - y * v_x) / big_r
        scaled = [big_r / self._ro, v_r / self._vo, v_t / self._vo, z / self._ro, v_z / self._vo, np.arctan2(y, x)]
        with warnings.catch_warnings():
            # of orbits that did not arrive, which are looked for below
            warnings.simplefilter("ignore")
            orbits = galpy_orbit()(np.stack(scaled, axis=1), ro=self._ro, vo=self._vo)
            try:
                orbits.integrate(
                    np.ascontiguousarray(times * (self._vo / self._ro)),
                    self._potential,
                    method="dop853_c",
                    rtol=tolerance,
                    atol=tolerance,
                    progressbar=False,
                )
            except Exception as error:  # galpy's errors about its own potentials are of every type
                raise InputError(
                    f"galpy cannot follow orbits in this potential ({type(error).__name__}: {error})"
                ) from error
        big_r, v_r, v_t, z, v_z, phi = np.moveaxis(orbits.getOrbit(), -1, 0)
        cosine, sine = np.cos(phi), np.sin(phi)
        tracks = np.stack(
            [
                big_r * cosine * self._ro,
                big_r * sine * self._ro,
                z * self._ro,
                (v_r * cosine - v_t * sine) * self._vo,
                (v_r * sine + v_t * cosine) * self._vo,
                v_z * self._vo,
            ],
            axis=-1,
        )
        return tracks, np.all(np.isfinite(tracks), axis=(1, 2))


def steady_spin(field, time):
    """Pattern speed [km/s/kpc] of the frame in which a field is at rest until `time`, 0 if it turns in none; or None.

    Found by its potential at some places and many times.
    """
    rng = np.random.default_rng(20260214)
    places = rng.normal(size=(len(_RADII), 3))
    places *= (_RADII / np.linalg.norm(places, axis=1))[:, None]
    # at no regular intervals, which a period might fit
    moments = time * np.sort(np.append(rng.uniform(size=_MOMENTS - 2), [0.0, 1.0]))
    here = field.potential(places, 0.0)
    scale = np.abs(field.potential(1.5 * places, 0.0) - here)
    candidates = {0.0}
    for part in field.parts:
        galpy = part.source.galpy
        own = float(galpy.OmegaP()) if hasattr(galpy, "OmegaP") else 0.0
        candidates |= {rate * part.source.vo / part.source.ro for rate in (part.spin, part.source.rate + own)}
    for spin in sorted(candidates, key=abs):
        if all(np.all(np.abs(field.potential(_turned(places, spin * t), t) - here) <= _SAME * scale) for t in moments):
            return spin
    return None


def _turned(places, angle):
    c, s = np.cos(angle), np.sin(angle)
    x, y, z = places.T
    return np.stack([c * x - s * y, s * x + c * y, z], axis=1)
