"""The Monte Carlo of `follow_orbits` in potentials of any shape: draw, kick, integrate, and count on the way."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from halokick.daughters.density_bins import new_histogram
from halokick.daughters.integrated_answer import followed_daughters
from halokick.daughters.integration import MOST_STEPS, field_of, growth_table, plan_integration, zero_of
from halokick.daughters.orbits import CHUNK, kick_speeds, parents_of, plan_orbits
from halokick.daughters.step_tolerance import find_step_tolerance
from halokick.errors import ConvergenceError, InputError
from halokick.halo.sampling import MARGIN, WIDER, accepted, envelope_error
from halokick.kernels.changing_forces import amplitude
from halokick.kernels.compiled import threads
from halokick.kernels.follow import DONE, GOLDEN, Outcome, Particles, Settings
from halokick.kernels.follow_batch import REASONS, deposit_states, follow_batch
from halokick.kernels.sampling import draw_kicked

_BATCH, _SMALLEST_BATCH, _BATCHES = 8192, 512, 32
"""Decays that one thread follows at a time; fewer where there is a grid, of which each batch is a part."""
_SMALLEST_BLOCK, _LARGEST_BLOCK, _BLOCKS = 64, 2048, 64
"""Decays in each of the independent parts whose scatter gives the errors of the profile."""
_GROUPS, _NUMBERS = 64, 8_000_000
"""Most parts that are kept apart, and the most numbers of a grid that they may take in all."""
_PILOT = 512
"""Decays by which the steps' tolerance is set."""
_PER_DECADE, _LOWEST = 50, -18
_ERROR_EDGES = 10.0 ** (np.arange(20 * _PER_DECADE + 1) / _PER_DECADE + _LOWEST)
"""Energy errors are counted between these, so that parts of a sample can be put together."""
_NEARLY_UNBOUND = 1e-3
"""Errors of energy are relative to |E|, but to no less than this share of the kinetic energy at birth."""


@dataclass(frozen=True)
class IntegratedSums:
    """Sums over some decays; rows of the deposits are independent parts."""

    decays: np.ndarray
    """Number of decays in each part of the profiles."""
    decays_grid: np.ndarray
    """Number of decays in each part of the grids."""
    kicked: np.ndarray
    control: np.ndarray
    kicked_grid: np.ndarray
    control_grid: np.ndarray
    born: np.ndarray
    born_bound: np.ndarray
    reference: np.ndarray
    errors: np.ndarray
    worst: float
    counts: np.ndarray
    failed: tuple
    mass: float

    def plus(self, other):
        """The sums over both; of floats, so that the order in which many are added matters in the last bit."""
        added = {
            name: getattr(self, name) + getattr(other, name)
            for name in (
                "decays", "decays_grid", "kicked", "control", "kicked_grid", "control_grid", "born", "born_bound", "reference", "errors",
                "counts", "failed",
            )
        }  # fmt: skip
        return replace(self, worst=max(self.worst, other.worst), **added)


class IntegratedChunks:
    """One `follow_orbits` by integration, chunk by chunk: the same to the bit, whoever followed which chunk, and when.

    Parameters are those of `follow_orbits`. `level` counts how often the envelope of the parents' speeds was widened;
    all chunks must be followed with the same.
    """

    def __init__(self, df, kick, bins=None, *, n, seed, sampling="stratified", sample_within=None, outer_cut=None,
                 within=None, history=None, tolerance=1e-6, field_tolerance=1e-6, samples=1, control=True,
                 duration=None, grid=None, growth=None):  # fmt: skip
        self._df, self._kick, self._outer_cut, self._history = df, kick, outer_cut, history
        self._plan = plan_orbits(df, kick, n, seed, sampling, bins, sample_within, outer_cut, within, history)
        self._integration = plan_integration(
            self._plan, tolerance=tolerance, field_tolerance=field_tolerance, samples=samples, control=control,
            duration=duration, grid=grid, growth=growth,
        )  # fmt: skip
        n = self._plan.n
        self._block = _power_of_two(n / _BLOCKS, _SMALLEST_BLOCK, _LARGEST_BLOCK)
        self._batch = _BATCH if grid is None else _power_of_two(n / _BATCHES, _SMALLEST_BATCH, _BATCH)
        self._groups = min(_GROUPS, -(-n // self._block))
        cells = self._new_histograms(1)[1].size
        self._grid_groups = min(_GROUPS, -(-n // self._batch), max(_NUMBERS // max(cells, 1), 8))
        if min(self._groups, self._grid_groups if grid is not None else 2) < 2:
            raise InputError(f"n = {n}; more than {self._batch} decays are needed, or their scatter is not known")
        self._parents = lru_cache(maxsize=1)(lambda level: parents_of(df, self._plan, MARGIN * WIDER[level]))

    def __len__(self):
        return (self._plan.n + CHUNK - 1) // CHUNK

    def _draw(self, first, count, level):
        """Decays `first` to `first` + `count`: states before and after, weights; None where the envelope is too low."""
        parents, mass = self._parents(level)
        chunk = first // CHUNK
        begin = first - chunk * CHUNK
        speeds = kick_speeds(self._kick, self._plan.key, chunk, CHUNK)[begin : begin + count]
        position, velocity, kicked, weight, failures = draw_kicked(
            self._df.halo._field, self._df._table, parents, self._plan.key, first, speeds
        )
        if not accepted(self._df, failures.sum(axis=0)):
            return None
        return np.hstack([position, velocity]), np.hstack([position, kicked]), weight, mass

    @cached_property
    def field(self):
        """The true potential: `ForceField`."""
        pilot = self._pilot_draw
        return field_of(self._df.halo, self._integration, pilot[0][:, :3])

    @cached_property
    def _pilot_draw(self):
        for level in range(len(WIDER)):
            drawn = self._draw(0, min(_PILOT, self._plan.n), level)
            if drawn is not None:
                return drawn
        raise envelope_error(self._df)

    @cached_property
    def _zero(self):
        return zero_of(self.field, self._df.halo)

    @cached_property
    def _growth(self):
        return growth_table(self._integration)

    def _binding(self, states):
        """Minus the energy today, zero where the halo's relative potential is."""
        energy = 0.5 * np.sum(states[:, 3:] ** 2, axis=1) + self.field.potential(states[:, :3])
        return self._zero - energy

    @cached_property
    def _step_tolerance(self):
        """Tolerance of a step with which nearly all of the first decays keep their energy as asked for."""
        wanted = self._integration.tolerance
        if len(self._growth.table):
            return 0.1 * wanted
        states = self._pilot_draw[1]
        bound = self._binding(states) > self._plan.binding_out

        def errors(step):
            return self._follow(states, 0.0, bound, self._integration.time, 0.0, step, pilot=True).error[bound]

        return find_step_tolerance(errors, wanted) if bound.any() else wanted

    def _follow(self, states, begins, chosen, durations, weights, step, *, pilot=False):
        """Follow all of some states at once, without samples, or one batch of `sums` with them."""
        n = len(states)
        shape = np.zeros(n)
        particles = Particles(
            np.ascontiguousarray(states),
            begins + shape,
            durations + shape,
            weights + shape,
            np.modf(GOLDEN * np.arange(1, n + 1))[0],
            self._blocks(n),
        )
        outcome = Outcome(np.array(states), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64))
        error = np.full(n, np.nan)
        scale = np.maximum(np.abs(self._binding(states)), _NEARLY_UNBOUND * 0.5 * np.sum(states[:, 3:] ** 2, axis=1))
        integration, growing = self._integration, len(self._growth.table) > 0
        histograms = self._new_histograms(-(-n // self._block))
        settings = Settings(step, 0 if pilot or growing else integration.samples, integration.rate, MOST_STEPS)
        repeated = follow_batch(
            self.field.forces, self._growth, integration.grids, particles, chosen, settings,
            0.0 if pilot or growing else integration.tolerance, scale, histograms, outcome, error,
        )  # fmt: skip
        return _Run(outcome.ends, outcome.completion, error, chosen, int(chosen.sum()), int(repeated), histograms)

    def _blocks(self, count):
        """Rows of the profile's histogram for so many decays in their order."""
        return np.arange(count) // self._block

    def _new_histograms(self, blocks):
        first, second = self._integration.grids
        extra = np.zeros((1, 0)) if self._integration.grid is None else new_histogram(second, 1)
        return new_histogram(first, blocks), extra

    def sums(self, chunk, level=0):
        """Follow one chunk: `IntegratedSums`, and the level of the envelope that was high enough."""
        if not 0 <= chunk < len(self):
            raise InputError(f"chunk = {chunk}; these {self._plan.n} decays have chunks 0 to {len(self) - 1}")
        for wider in range(level, len(WIDER)):
            first = chunk * CHUNK
            drawn = self._draw(first, min(CHUNK, self._plan.n - first), wider)
            if drawn is not None:
                return self._sums(first, *drawn), wider
        raise envelope_error(self._df)

    def daughters(self, sums):
        """What `follow_orbits` answers, from the sums of all chunks in order.

        Raises
        ------
        InputError
            Not as many as there are chunks.
        ConvergenceError
            Too few daughters in a bin, or too many that could not be followed.
        """
        if len(sums) != len(self):
            raise InputError(f"sums of {len(sums)} chunks; the {self._plan.n} decays have {len(self)}")
        total = sums[0]
        for one in sums[1:]:
            total = total.plus(one)
        check_failures(total, self._df)
        return followed_daughters(self, total, quantile_of_errors)

    def _sums(self, first, parents, kicked, weight, mass):
        if self.field.forces is None:
            raise InputError(
                f"this potential can be followed by galpy only ({self.field.why}), and not in this release"
            )
        # what everybody shares is made before threads ask for it
        step, growth = self._step_tolerance, self._growth
        bound = self._binding(kicked) > self._plan.binding_out
        if len(growth.table):
            bound = np.ones(len(weight), dtype=bool)

        def work(begin):
            part = slice(begin, begin + self._batch)
            return self._batch_of(step, first + begin, parents[part], kicked[part], weight[part], bound[part])

        total = self._nothing(mass)
        begins = range(0, len(weight), self._batch)
        with ThreadPoolExecutor(threads()) as pool:
            for begin, runs in zip(begins, pool.map(work, begins), strict=True):
                part = slice(begin, begin + self._batch)
                total = self._added(total, first + begin, *runs, parents[part], weight[part])
        return total

    def _batch_of(self, step, first, parents, kicked, weight, bound):
        """Daughters and control of one batch."""
        if len(self._growth.table):
            return self._batch_while_growing(step, first, parents, kicked, weight)
        time, rate = self._integration.time, self._integration.rate
        normalised = weight * (rate / np.expm1(rate * time) if rate > 0 else 1 / time)
        everybody = np.ones(len(weight), dtype=bool)
        daughters = self._follow(kicked, 0.0, bound, time, normalised, step)
        if not self._integration.control:
            return daughters, None
        return daughters, self._follow(parents, 0.0, everybody, time, normalised, step)

    def _batch_while_growing(self, step, first, parents, kicked, weight):
        """As `_batch_of` where the potential grows: parents are followed to their decay, and all to today.

        Parents start in equilibrium with the potential of then, which holds them as today's would at speeds smaller by
        the root of the amplitude. What is there today is counted once, for no other time is like it.
        """
        time = self._integration.time
        decay = self._decay_times(first, len(weight))
        start = parents.copy()
        start[:, 3:] *= np.sqrt(amplitude(self._growth, 0.0))
        everybody = np.ones(len(weight), dtype=bool)
        at_decay = self._follow(start, 0.0, everybody, decay, weight, step)
        born = at_decay.ends.copy()
        born[:, 3:] += kicked[:, 3:] - parents[:, 3:]
        runs = [self._follow(born, decay, everybody, time - decay, weight, step)]
        if self._integration.control:
            runs.append(self._follow(at_decay.ends, decay, everybody, time - decay, weight, step))
        lost = at_decay.completion != DONE
        for i, run in enumerate(runs):
            run.completion[lost] = at_decay.completion[lost]
            here = (run.completion == DONE) & (self._binding(run.ends) > self._plan.binding_out)
            counted = np.where(here, weight, 0.0)
            deposit_states(
                self.field.forces, self._integration.grids, run.ends, time, counted, self._blocks(len(weight)),
                run.histograms,
            )  # fmt: skip
            runs[i] = replace(run, bound=here)
        return runs[0], runs[1] if self._integration.control else None

    def _decay_times(self, first, count):
        """When the parents decay: evenly spread shares of the law, one for each number."""
        time, rate = self._integration.time, self._integration.rate
        share = np.modf(GOLDEN * (first + 1.0 + np.arange(count)))[0]
        return time * share if rate == 0 else -np.log1p(share * np.expm1(-rate * time)) / rate

    def _nothing(self, mass):
        """Sums over no decays."""
        bins = len(self._plan.log_edges) - 1
        one, other = (histogram.size for histogram in self._new_histograms(1))
        first, second = np.zeros((self._groups, one)), np.zeros((self._grid_groups, other))
        return IntegratedSums(
            decays=np.zeros(self._groups, dtype=np.int64),
            decays_grid=np.zeros(self._grid_groups, dtype=np.int64),
            kicked=first,
            control=np.zeros_like(first),
            kicked_grid=second,
            control_grid=np.zeros_like(second),
            born=np.zeros(bins),
            born_bound=np.zeros(bins),
            reference=np.zeros(5),
            errors=np.zeros(len(_ERROR_EDGES) + 1, dtype=np.int64),
            worst=0.0,
            counts=np.zeros(4, dtype=np.int64),
            failed=(),
            mass=mass,
        )

    def _added(self, total, first, daughters, control, parents, weight):
        """`total` with one batch, whose first decay is number `first`."""
        groups = (first // self._block + self._blocks(len(weight))) % self._groups
        np.add.at(total.decays, groups, 1)
        part = (first // self._batch) % self._grid_groups
        total.decays_grid[part] += len(weight)
        rows = groups[:: self._block]
        np.add.at(total.kicked, rows, daughters.histograms[0])
        total.kicked_grid[part] += daughters.histograms[1][0]
        lost = daughters.completion != DONE
        counts = np.array([daughters.followed, daughters.repeated, lost.sum(), 0])
        failed = _named(first, daughters.completion, "daughter")
        if control is not None:
            np.add.at(total.control, rows, control.histograms[0])
            total.control_grid[part] += control.histograms[1][0]
            counts[3] = np.count_nonzero(control.completion != DONE)
            failed += _named(first, control.completion, "control")
        errors = daughters.error[np.isfinite(daughters.error) & ~lost]
        log_r = np.log(np.linalg.norm(parents[:, :3], axis=1))
        bins = len(total.born) + 2
        where = np.searchsorted(self._plan.log_edges, log_r)
        inside, bound = log_r < self._plan.log_reference, daughters.bound
        w, b = weight[inside], bound[inside]
        return replace(
            total,
            born=total.born + np.bincount(where, weight, bins)[1:-1],
            born_bound=total.born_bound + np.bincount(where, weight * bound, bins)[1:-1],
            reference=total.reference + [w.sum(), (w * b).sum(), (w * w).sum(), (w * w * b).sum(), bound.sum()],
            errors=total.errors + np.bincount(np.searchsorted(_ERROR_EDGES, errors), minlength=len(total.errors)),
            worst=max(total.worst, float(errors.max(initial=0.0))),
            counts=total.counts + counts,
            failed=total.failed + failed,
        )


def _power_of_two(x, low, high):
    """The power of two at or below x, between two others."""
    return min(max(1 << max(int(np.log2(max(x, 1))), 0), low), high)


def _named(first, completion, kind):
    """Number, reason and kind of each orbit that could not be followed."""
    return tuple((int(first + i), REASONS[completion[i]], kind) for i in np.flatnonzero(completion != DONE))


@dataclass(frozen=True)
class _Run:
    """What came of one batch."""

    ends: np.ndarray
    completion: np.ndarray
    error: np.ndarray
    bound: np.ndarray
    """Who counts: bound at birth, or today if the potential grows."""
    followed: int
    repeated: int
    histograms: tuple


def quantile_of_errors(sums, share):
    """Energy error below which this share of the daughters lies, rounded up to a fiftieth of a decade."""
    cumulated = np.cumsum(sums.errors)
    if cumulated[-1] == 0:
        return float("nan")
    i = int(np.searchsorted(cumulated, share * cumulated[-1]))
    return float(min(_ERROR_EDGES[min(i, len(_ERROR_EDGES) - 1)], sums.worst))


def check_failures(sums, df):
    """Refuse sums that leave out more than one decay in a thousand.

    Raises
    ------
    ConvergenceError
    """
    lost = int(sums.counts[2] + sums.counts[3])
    if lost > 1e-3 * max(int(sums.counts[0]), 1) + 1:
        reasons = {reason for _, reason, _ in sums.failed}
        raise ConvergenceError(
            f"{df!r}: {lost} of {int(sums.counts[0])} orbits could not be followed ({'; '.join(sorted(reasons))}); "
            "allow a larger tolerance, or look at the potential where they are: decays "
            + ", ".join(str(which) for which, _, _ in sums.failed[:5])
        )
