"""Sums over integrated orbits that can be put together in any parts, and what one batch of orbits adds to them."""

from dataclasses import dataclass, replace

import numpy as np

from halokick.errors import ConvergenceError
from halokick.kernels.follow import DONE
from halokick.kernels.follow_batch import REASONS

_PER_DECADE, _LOWEST = 50, -18
_ERROR_EDGES = 10.0 ** (np.arange(20 * _PER_DECADE + 1) / _PER_DECADE + _LOWEST)
"""Energy errors are counted between these, so that parts of a sample can be put together."""
CONTROL = "control"
"""Kind of the orbits of parents without a kick, among those that got lost."""
_MOST_LOST = 1e-3
"""Share of the orbits that may be left out."""


@dataclass(frozen=True)
class Run:
    """What came of one batch of orbits."""

    ends: np.ndarray
    completion: np.ndarray
    """`halokick.kernels.follow.DONE`, or a number in REASONS."""
    error: np.ndarray
    """Of energies; NaN where none was measured."""
    bound: np.ndarray
    """Who counts: bound at birth, or today where the potential changes."""
    followed: int
    repeated: int
    histograms: tuple


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
    """Daughters by error of their energy; as many as were judged."""
    worst: float
    counts: np.ndarray
    """Daughters followed, and followed again; daughters and controls that got lost."""
    failed: tuple
    """Number, reason and kind of each orbit that got lost."""
    mass: float

    @classmethod
    def nothing(cls, parts, grid_parts, numbers, grid_numbers, bins, mass):
        """Sums over no decays: so many parts of profiles and of grids, with so many numbers in each; so many shells."""
        return cls(
            decays=np.zeros(parts, dtype=np.int64),
            decays_grid=np.zeros(grid_parts, dtype=np.int64),
            kicked=np.zeros((parts, numbers)),
            control=np.zeros((parts, numbers)),
            kicked_grid=np.zeros((grid_parts, grid_numbers)),
            control_grid=np.zeros((grid_parts, grid_numbers)),
            born=np.zeros(bins),
            born_bound=np.zeros(bins),
            reference=np.zeros(5),
            errors=np.zeros(len(_ERROR_EDGES) + 1, dtype=np.int64),
            worst=0.0,
            counts=np.zeros(4, dtype=np.int64),
            failed=(),
            mass=mass,
        )

    def plus(self, other):
        """The sums over both; of floats, so that the order in which many are added matters in the last bit."""
        added = {
            name: getattr(self, name) + getattr(other, name)
            for name in (
                "decays", "decays_grid", "kicked", "control", "kicked_grid", "control_grid", "born", "born_bound",
                "reference", "errors", "counts", "failed",
            )
        }  # fmt: skip
        return replace(self, worst=max(self.worst, other.worst), **added)

    def with_control_of(self, other):
        """These daughters beside the parents without a kick of other sums, over the same decays."""
        counts = np.append(self.counts[:3], other.counts[3])
        failed = tuple(sorted((*self.failed, *(lost for lost in other.failed if lost[2] == CONTROL))))
        return replace(self, control=other.control, control_grid=other.control_grid, counts=counts, failed=failed)

    def add_deposits(self, groups, rows, part, daughters, control):
        """Add the histograms of one batch, in place: groups of its decays, rows of its blocks, one part of grids."""
        np.add.at(self.decays, groups, 1)
        self.decays_grid[part] += len(groups)
        np.add.at(self.kicked, rows, daughters.histograms[0])
        self.kicked_grid[part] += daughters.histograms[1][0]
        if control is not None:
            np.add.at(self.control, rows, control.histograms[0])
            self.control_grid[part] += control.histograms[1][0]

    def with_orbits(self, first, daughters, control, weight, where, inside):
        """The sums with the orbits of one batch, whose first decay is number `first`.

        Parameters
        ----------
        first : int
        daughters, control : Run
            Control may be None.
        weight : array
        where : int array
            Shell of birth, counted from one.
        inside : bool array
            Born inside the reference radius.
        """
        lost = daughters.completion != DONE
        counts = np.array([daughters.followed, daughters.repeated, lost.sum(), 0])
        failed = _named(first, daughters.completion, "daughter")
        if control is not None:
            counts[3] = np.count_nonzero(control.completion != DONE)
            failed += _named(first, control.completion, CONTROL)
        errors = daughters.error[np.isfinite(daughters.error) & ~lost]
        bound = daughters.bound
        w, b = weight[inside], bound[inside]
        bins = len(self.born) + 2
        return replace(
            self,
            born=self.born + np.bincount(where, weight, bins)[1:-1],
            born_bound=self.born_bound + np.bincount(where, weight * bound, bins)[1:-1],
            reference=self.reference + np.array([w.sum(), w @ b, w @ w, (w * w) @ b, bound.sum()]),
            errors=self.errors + np.bincount(np.searchsorted(_ERROR_EDGES, errors), minlength=len(self.errors)),
            worst=max(self.worst, float(errors.max(initial=0.0))),
            counts=self.counts + counts,
            failed=self.failed + failed,
        )

    def quantile_of_errors(self, share):
        """Energy error below which this share of the daughters lies, rounded up to a fiftieth of a decade."""
        cumulated = np.cumsum(self.errors)
        if cumulated[-1] == 0:
            return float("nan")
        i = int(np.searchsorted(cumulated, share * cumulated[-1]))
        return float(min(_ERROR_EDGES[min(i, len(_ERROR_EDGES) - 1)], self.worst))

    def check_failures(self, df):
        """Refuse sums that leave out more than one orbit in a thousand.

        Raises
        ------
        ConvergenceError
        """
        lost = int(self.counts[2] + self.counts[3])
        if lost <= _MOST_LOST * max(int(self.counts[0]), 1) + 1:
            return
        reasons = {reason for _, reason, _ in self.failed}
        raise ConvergenceError(
            f"{df!r}: {lost} orbits of {int(self.counts[0])} daughters and of controls could not be followed "
            f"({'; '.join(sorted(reasons))}); allow a larger tolerance, or look at the potential where they go: decays "
            + ", ".join(str(which) for which, _, _ in self.failed[:5])
        )


def _named(first, completion, kind):
    """Number, reason and kind of each orbit that could not be followed."""
    return tuple((int(first + i), REASONS[completion[i]], kind) for i in np.flatnonzero(completion != DONE))
