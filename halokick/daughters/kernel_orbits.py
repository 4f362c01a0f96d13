"""Batches of orbits in a field of tables and formulae, followed by the kernels."""

from functools import cached_property

import numpy as np

from halokick.daughters.changing_orbits import chains
from halokick.daughters.integrated_sums import Run
from halokick.daughters.integration import MOST_STEPS
from halokick.daughters.orbit_energy import OrbitEnergy
from halokick.daughters.step_tolerance import find_step_tolerance
from halokick.kernels.changing_forces import NO_GROWTH, amplitude
from halokick.kernels.compiled import threads
from halokick.kernels.follow import GOLDEN, REFINEMENTS, Outcome, Particles, Settings
from halokick.kernels.follow_batch import deposit_states, follow_batch

_REFERENCE = 1e-3
"""Factor on the tolerance asked for, for steps whose errors do not count while that of steps is looked for."""


class KernelOrbits:
    """Orbits in the field of a halo, for kernels: any number of threads may follow batches at once.

    Parameters
    ----------
    halo : Halo
    field : ForceField
    integration : Integration
    pilots : sequence of (float array, float array), shape (n, 6)
        States of some particles before and after a kick, by which the tolerance of a step is set: of several kicks, the
        strictest.
    bound_above : float
        Binding energy of the least bound of those that count.

    Attributes
    ----------
    changes : bool
        Whether the potential grows: then nothing is conserved, and only today counts.
    judged_by : str
        ``"energy"``, ``"jacobi"`` or ``"smaller steps"``.
    largest_batch, largest_chunk : int or None
    """

    largest_batch, largest_chunk = 8192, None

    def __init__(self, halo, field, integration, pilots, bound_above):
        self._halo, self._field, self._integration = halo, field, integration
        self.changes = integration.growth is not None
        self._growth = integration.growth._table(integration.time) if self.changes else NO_GROWTH
        self._energy = OrbitEnergy(halo, field, integration.time if self.changes else 0.0)
        self._pilots, self._bound_above = tuple(pilots), bound_above
        self.judged_by = "smaller steps" if self.changes else ("jacobi" if field.spin else "energy")

    @property
    def workers(self):
        """Number of batches to follow at a time."""
        return threads()

    def binding(self, states):
        """Minus the energy today, zero where the halo's relative potential is [(km/s)^2]."""
        return self._energy.binding(states)

    def difference(self, states, exact):
        """Relative differences of today's energies between states and more accurate ones."""
        binding = self.binding(exact)
        return np.abs(self.binding(states) - binding) / self._energy.scale(exact, binding)

    def prepare(self):
        """Make what all threads share."""
        return self._step

    def started(self, states):
        """States at the start, in equilibrium with the potential of then.

        It holds them as today's would at speeds smaller by the root of the amplitude.
        """
        out = states.copy()
        out[:, 3:] *= np.sqrt(amplitude(self._growth, 0.0))
        return out

    def follow(self, states, chosen, weights, blocks, histograms):
        """Follow the chosen for all the time, each to the tolerance asked for, counting them on the way: `Run`."""
        time, rate = self._integration.time, self._integration.rate
        per_time = weights * (rate / np.expm1(rate * time) if rate > 0 else 1 / time)
        outcome, error, repeated = self._batch(
            self._step, states, 0.0, chosen, time, per_time, blocks, histograms, self._integration.samples
        )
        return Run(outcome.ends, outcome.completion, error, chosen, int(chosen.sum()), int(repeated), histograms)

    def advance(self, states, begins, durations, finer=1.0):
        """Follow all from their begins for their durations, counting nothing: states at the end, and completion."""
        return self._advanced(finer * self._step, states, begins, durations)

    def deposit(self, states, weights, blocks, histograms):
        """Count states as they are today."""
        deposit_states(
            self._field.forces, self._integration.grids, states, self._integration.time, weights, blocks, histograms
        )

    def _advanced(self, step, states, begins, durations):
        outcome, _, _ = self._uncounted(step, states, begins, durations)
        return outcome.ends, outcome.completion

    def _uncounted(self, step, states, begins, durations):
        everybody = np.ones(len(states), dtype=bool)
        blocks = np.zeros(len(states), dtype=np.int64)
        nowhere = np.zeros((1, 1)), np.zeros((1, 0))
        return self._batch(step, states, begins, everybody, durations, 0.0, blocks, nowhere, 0)

    def _batch(self, step, states, begins, chosen, durations, weights, blocks, histograms, samples):
        n, shape = len(states), np.zeros(len(states))
        particles = Particles(
            np.ascontiguousarray(states),
            begins + shape,
            durations + shape,
            weights + shape,
            np.modf(GOLDEN * np.arange(1, n + 1))[0],
            blocks,
        )
        outcome = Outcome(np.array(states), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64))
        error = np.full(n, np.nan)
        repeated = follow_batch(
            self._field.forces,
            self._growth,
            self._integration.grids,
            particles,
            chosen,
            Settings(step, samples, self._integration.rate, MOST_STEPS, REFINEMENTS if samples else 0),
            self._integration.tolerance if samples else 0.0,
            self._energy.scale(states, self.binding(states)),
            histograms,
            outcome,
            error,
        )
        return outcome, error, repeated

    @cached_property
    def _step(self):
        """Tolerance of a step with which nearly all of the pilots end as accurate as asked for."""
        return min(self._step_of(parents, kicked) for parents, kicked in self._pilots)

    def _step_of(self, parents, kicked):
        wanted, time = self._integration.tolerance, self._integration.time
        if not self.changes:
            bound = kicked[self.binding(kicked) > self._bound_above]
            if len(bound) == 0:
                return wanted
            return find_step_tolerance(lambda step: self._uncounted(step, bound, 0.0, time)[1], wanted)
        start, kick = self.started(parents), kicked[:, 3:] - parents[:, 3:]
        decay = time * np.modf(GOLDEN * np.arange(1, len(start) + 1))[0]

        def ends(step):
            def advance(*states_and_times):
                return self._advanced(step, *states_and_times)

            return chains(advance, start, kick, decay, time)[0][0]

        exact = ends(_REFERENCE * wanted)
        return find_step_tolerance(lambda step: self.difference(ends(step), exact), wanted)
