"""What the engines of live haloes hand on: sums over shells at the times asked for, plain floats in kpc, km/s, Msun.

Shells lie between consecutive `edges`; the first one is the ball inside edge 0, the last one all that is outside the
last edge, so that there is one shell more than there are edges. Times are in kpc/(km/s).
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class ShellSums:
    """Sums over the particles of one species in each shell, averaged over a window of time.

    Attributes
    ----------
    mass : ndarray [Msun], shape (shells,)
    count : ndarray, shape (shells,)
        Mean number of particles.
    radial : ndarray [Msun km/s]
        Sum of m v_r.
    radial_square, tangential_square : ndarray [Msun km2/s2]
        Sums of m v_r^2 and of m v_t^2, both tangential directions together.
    """

    mass: np.ndarray
    count: np.ndarray
    radial: np.ndarray
    radial_square: np.ndarray
    tangential_square: np.ndarray

    def __post_init__(self):
        for array in self.arrays:
            array.setflags(write=False)

    @property
    def arrays(self):
        """The five arrays, in the order in which they are declared."""
        return self.mass, self.count, self.radial, self.radial_square, self.tangential_square

    @classmethod
    def from_rows(cls, rows):
        """From an array of shape (5, shells) in the order of the attributes."""
        return cls(*(np.array(row, dtype=float) for row in rows))

    @property
    def enclosed(self):
        """Mass inside each edge [Msun], shape (shells - 1,)."""
        return np.cumsum(self.mass)[:-1]

    def plus(self, other):
        """Sums over both."""
        return ShellSums(*(a + b for a, b in zip(self.arrays, other.arrays, strict=True)))

    def merged(self, cells):
        """Sums over `cells` consecutive shells between edges, beginning at edge 0; see `merged_edges`."""
        count = (len(self.mass) - 2) // cells
        rows = []
        for array in self.arrays:
            inner = array[1 : 1 + count * cells].reshape(count, cells).sum(axis=1)
            rows.append(np.concatenate([array[:1], inner, [array[1 + count * cells :].sum()]]))
        return ShellSums(*rows)


def merged_edges(edges, cells):
    """The edges that belong to `ShellSums.merged`."""
    count = (len(edges) - 1) // cells
    return edges[: count * cells + 1 : cells]


@dataclass(frozen=True, eq=False)
class LiveMoment:
    """The halo at one time.

    Attributes
    ----------
    time : float [kpc/(km/s)]
    decayed_share : float
        Share x of the parent particles that have decayed.
    parents, daughters : ShellSums
    bound_mass : float [Msun]
        Mass that is bound by the bound mass alone (and by what else is fixed), found by iteration: `bound_mass` of
        `energy`.
    escaped_mass : float [Msun]
        All other mass of either species that has come, wherever it is now.
    kinetic, potential_energy : float [Msun km2/s2]
        K and W of the particles (of orbits: those bound at birth); W counts fixed masses in full, the particles' own
        gravity half.
    injected_energy : float [Msun km2/s2]
        Kinetic energy given by all kicks so far, and energy taken away by lost mass: K + W changes by just this.
    gm : ndarray [kpc km2/s2], shape (edges,)
        G M(<r) of all that gravitates, as the particles feel it.
    """

    time: float
    decayed_share: float
    parents: ShellSums
    daughters: ShellSums
    bound_mass: float
    escaped_mass: float
    kinetic: float
    potential_energy: float
    injected_energy: float
    gm: np.ndarray

    def __post_init__(self):
        self.gm.setflags(write=False)

    @property
    def total(self):
        """ShellSums of parents and daughters together."""
        return self.parents.plus(self.daughters)


@dataclass(frozen=True, eq=False)
class LiveOutput:
    """Answer of an engine.

    Attributes
    ----------
    edges : ndarray [kpc]
        Edges of the shells.
    moments : tuple of LiveMoment
        In the order of time.
    energy_error : float
        Largest |change of K + W - injected energy| over the largest |K + W|.
    resolution_radius : float [kpc]
        Smallest radius with enough particles inside at the start, see `resolution_count`.
    resolution_counts : ndarray, shape (edges,)
        Particles inside each edge at the start.
    settings : dict
        Everything that fixes the answer, by name.
    method : str
    """

    edges: np.ndarray
    moments: tuple
    energy_error: float
    resolution_radius: float
    resolution_counts: np.ndarray
    settings: dict = field(repr=False)
    method: str = "live N-body"

    def __post_init__(self):
        self.edges.setflags(write=False)
        self.resolution_counts.setflags(write=False)


def energy_error(moments, first):
    """Largest |K + W - injected energy - `first`| over the largest |K + W|; `first` is K + W at the start."""
    now = np.array([moment.kinetic + moment.potential_energy for moment in moments])
    lost = now - [moment.injected_energy for moment in moments] - first
    return float(np.max(np.abs(lost)) / max(np.max(np.abs(now)), abs(first)))


RESOLUTION_COUNT = 300
"""Particles inside the resolution radius: the field's noise then moves orbits by about a per cent."""


def resolution(edges, radius):
    """Smallest edge with `RESOLUTION_COUNT` particles inside, and the number inside every edge."""
    counts = np.searchsorted(np.sort(radius), edges).astype(float)
    enough = np.flatnonzero(counts >= RESOLUTION_COUNT)
    return float(edges[enough[0]] if len(enough) else edges[-1]), counts
