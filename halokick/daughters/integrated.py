"""The Monte Carlo of `follow_orbits` in potentials of any shape: draw, kick, integrate, and count on the way."""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache, reduce

import numpy as np

from halokick.daughters.changing_orbits import follow_changing
from halokick.daughters.density_bins import new_histogram
from halokick.daughters.galpy_orbits import GalpyOrbits
from halokick.daughters.integrated_answer import followed_daughters
from halokick.daughters.integrated_sums import IntegratedSums
from halokick.daughters.integration import field_of, plan_integration
from halokick.daughters.kernel_orbits import KernelOrbits
from halokick.daughters.orbits import CHUNK, kick_speeds, parents_of, plan_orbits
from halokick.errors import InputError
from halokick.halo.sampling import MARGIN, WIDER, accepted, envelope_error
from halokick.kernels.follow import GOLDEN
from halokick.kernels.sampling import draw_kicked

_SMALLEST_BATCH, _BATCHES = 512, 32
"""Fewest decays followed at a time where there is a grid, whose independent parts batches are; and how many batches."""
_SMALLEST_BLOCK, _LARGEST_BLOCK, _BLOCKS = 64, 2048, 64
"""Decays in each of the independent parts whose scatter gives the errors of the profile."""
_GROUPS, _NUMBERS = 64, 8_000_000
"""Most parts that are kept apart, and the most numbers of a grid that they may take in all."""
_PILOT = 512
"""Decays by which the steps' tolerance is set."""
_INNER, _UNIFORM_INSIDE = 1e-2, 2.0
"""Where default bins begin, in scale radii, and how many e-folds farther in parents are still drawn uniformly in ln r.

An orbit's cost is its number of periods. From 1e-3 scale radii, and three e-folds, on, orbits in a cusp cost four times
as much. Of the first bin's daughters 1e-3 are born farther in (5e-3 in a cusp of slope 1.5); parents drawn by mass
stand for them.
"""


class IntegratedChunks:
    """One `follow_orbits` by integration, chunk by chunk: the same to the bit, whoever followed which chunk, and when.

    Parameters are those of `follow_orbits`. `level` counts how often the envelope of the parents' speeds was widened;
    all chunks must be followed with the same.

    `together` holds all kicks of a study. They have the same parents and one tolerance of steps, the strictest, so that
    the parents without a kick are the same too: those of the first kick, which alone follows them, serve all.
    """

    def __init__(self, df, kick, bins=None, *, n, seed, sampling="stratified", sample_within=None, outer_cut=None,
                 within=None, history=None, tolerance=1e-6, field_tolerance=1e-6, samples=1, control=True,
                 duration=None, grid=None, growth=None, together=()):  # fmt: skip
        self._df, self._kick, self._outer_cut, self._history = df, kick, outer_cut, history
        self._together = tuple(together) or (kick,)
        if not any(one is kick for one in self._together):
            raise InputError(f"together = {self._together!r} does not hold kick = {kick!r} itself; put it in")
        self._plan = plan_orbits(
            df, kick, n, seed, sampling, bins, sample_within, outer_cut, within, history, inner=_INNER
        )
        self._integration = plan_integration(
            self._plan, tolerance=tolerance, field_tolerance=field_tolerance, samples=samples, control=control,
            duration=duration, grid=grid, growth=growth,
        )  # fmt: skip
        self._block = _power_of_two(self._plan.n / _BLOCKS, _SMALLEST_BLOCK, _LARGEST_BLOCK)
        self._groups = min(_GROUPS, -(-self._plan.n // self._block))
        if self._groups < 2:
            raise InputError(f"n = {n}; more than {self._block} decays are needed, or their scatter is not known")
        if grid is not None and self._plan.n <= _SMALLEST_BATCH:
            raise InputError(f"n = {n}; more than {_SMALLEST_BATCH} decays are needed for the scatter in a grid")
        self._parents = lru_cache(maxsize=1)(
            lambda level: parents_of(df, self._plan, MARGIN * WIDER[level], inside=_UNIFORM_INSIDE)
        )

    def __len__(self):
        return (self._plan.n + self._chunk - 1) // self._chunk

    @property
    def _chunk(self):
        """Decays of a chunk; those of which galpy takes minutes are smaller."""
        return self._orbits.largest_chunk or CHUNK

    @cached_property
    def _batch(self):
        """Decays that one thread follows at a time."""
        largest = self._orbits.largest_batch
        if self._integration.grid is None:
            return largest
        return _power_of_two(self._plan.n / _BATCHES, _SMALLEST_BATCH, largest)

    @cached_property
    def _grid_groups(self):
        cells = self._new_histograms(1)[1].size
        return min(_GROUPS, -(-self._plan.n // self._batch), max(_NUMBERS // max(cells, 1), 8))

    @property
    def follows_control(self):
        """Whether parents without a kick are followed with this kick."""
        return self._integration.control and self._kick is self._together[0]

    def _draw(self, first, count, level, kick=None):
        """Decays `first` to `first` + `count`: states before and after, weights; None where the envelope is too low."""
        parents, mass = self._parents(level)
        chunk = first // CHUNK
        begin = first - chunk * CHUNK
        speeds = kick_speeds(self._kick if kick is None else kick, self._plan.key, chunk, CHUNK)[begin : begin + count]
        position, velocity, kicked, weight, failures = draw_kicked(
            self._df.halo._field, self._df._table, parents, self._plan.key, first, speeds
        )
        if not accepted(self._df, failures.sum(axis=0)):
            return None
        return np.hstack([position, velocity]), np.hstack([position, kicked]), weight, mass

    @cached_property
    def _pilots(self):
        """States of some parents and daughters, for each kick of the study."""
        return [self._pilot(kick) for kick in self._together]

    def _pilot(self, kick):
        for level in range(len(WIDER)):
            drawn = self._draw(0, min(_PILOT, self._plan.n), level, kick)
            if drawn is not None:
                return drawn[:2]
        raise envelope_error(self._df)

    @cached_property
    def field(self):
        """The true potential: `ForceField`."""
        return field_of(self._df.halo, self._integration, self._pilots[0][0][:, :3])

    @cached_property
    def _orbits(self):
        """Who follows orbits in this field: `KernelOrbits` or `GalpyOrbits`."""
        halo, integration = self._df.halo, self._integration
        if self.field.forces is None:
            return GalpyOrbits(halo, self.field, integration)
        return KernelOrbits(halo, self.field, integration, self._pilots, self._plan.binding_out)

    def _binding(self, states):
        """Minus the energy today, zero where the halo's relative potential is."""
        return self._orbits.binding(states)

    def _new_histograms(self, blocks):
        first, second = self._integration.grids
        extra = np.zeros((1, 0)) if self._integration.grid is None else new_histogram(second, 1)
        return new_histogram(first, blocks), extra

    def sums(self, chunk, level=0):
        """Follow one chunk: `IntegratedSums`, and the level of the envelope that was high enough."""
        if not 0 <= chunk < len(self):
            raise InputError(f"chunk = {chunk}; these {self._plan.n} decays have chunks 0 to {len(self) - 1}")
        for wider in range(level, len(WIDER)):
            first = chunk * self._chunk
            drawn = self._draw(first, min(self._chunk, self._plan.n - first), wider)
            if drawn is not None:
                return self._sums(first, *drawn), wider
        raise envelope_error(self._df)

    def daughters(self, sums, control=None):
        """What `follow_orbits` answers, from the sums of all chunks in order.

        Parameters
        ----------
        sums : sequence of IntegratedSums
        control : sequence of IntegratedSums, optional
            Those of the first of the kicks that are followed together, where this is another one.

        Raises
        ------
        InputError
            Not as many as there are chunks, or no control where it was followed with another kick.
        ConvergenceError
            Too few daughters in a bin, or too many that could not be followed.
        """
        total = self._total(sums)
        if self._integration.control and not self.follows_control:
            if control is None:
                raise InputError(
                    f"{self._kick.label}: parents without a kick were followed with {self._together[0].label}; give "
                    "the sums of that kick as control"
                )
            total = total.with_control_of(self._total(control))
        total.check_failures(self._df)
        return followed_daughters(self, total)

    def _total(self, sums):
        if len(sums) != len(self):
            raise InputError(f"sums of {len(sums)} chunks; the {self._plan.n} decays have {len(self)}")
        return reduce(IntegratedSums.plus, sums)

    def _sums(self, first, parents, kicked, weight, mass):
        # what everybody shares is made before threads ask for it
        self._orbits.prepare()
        numbers = (histogram.size for histogram in self._new_histograms(1))
        bins = len(self._plan.log_edges) - 1
        total = IntegratedSums.nothing(self._groups, self._grid_groups, *numbers, bins, mass)

        def work(begin):
            part = slice(begin, begin + self._batch)
            return self._follow(first + begin, parents[part], kicked[part], weight[part])

        begins = range(0, len(weight), self._batch)
        with ThreadPoolExecutor(self._orbits.workers) as pool:
            for begin, runs in zip(begins, pool.map(work, begins), strict=True):
                part = slice(begin, begin + self._batch)
                total = self._added(total, first + begin, *runs, parents[part], weight[part])
        return total

    def _follow(self, first, parents, kicked, weight):
        """Daughters and control (None without) of one batch, whose first decay is number `first`."""
        orbits, least = self._orbits, self._plan.binding_out
        count = len(weight)
        blocks = np.arange(count) // self._block
        kinds = 2 if self.follows_control else 1
        parts = [(blocks, self._new_histograms(blocks[-1] + 1)) for _ in range(kinds)]
        if orbits.changes:
            decay, today = self._decay_times(first, count), self._integration.time
            judge = first == 0
            runs = follow_changing(orbits, parents, kicked, decay, today, weight, least, parts, judge)
        else:
            # the same who are bound count, so that a kick of nothing changes nothing
            runs = [
                orbits.follow(states, orbits.binding(states) > least, weight, *part)
                for states, part in zip((kicked, parents), parts, strict=False)
            ]
        return runs[0], runs[1] if kinds == 2 else None

    def _decay_times(self, first, count):
        """When the parents decay: evenly spread shares of the law, one for each number."""
        time, rate = self._integration.time, self._integration.rate
        share = np.modf(GOLDEN * (first + 1.0 + np.arange(count)))[0]
        return time * share if rate == 0 else -np.log1p(share * np.expm1(-rate * time)) / rate

    def _added(self, total, first, daughters, control, parents, weight):
        """`total` with one batch, whose first decay is number `first`."""
        groups = (first // self._block + np.arange(len(weight)) // self._block) % self._groups
        part = (first // self._batch) % self._grid_groups
        total.add_deposits(groups, groups[:: self._block], part, daughters, control)
        log_r = np.log(np.linalg.norm(parents[:, :3], axis=1))
        where = np.searchsorted(self._plan.log_edges, log_r)
        return total.with_orbits(first, daughters, control, weight, where, log_r < self._plan.log_reference)


def _power_of_two(x, low, high):
    """The power of two at or below x, between two others."""
    return min(max(1 << max(int(np.log2(max(x, 1))), 0), low), high)
