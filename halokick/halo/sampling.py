"""Random parents: positions and velocities drawn from the distribution function, without a bias of grids."""

from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.errors import ConvergenceError, InputError
from halokick.kernels.sampling import ABOVE_ENVELOPE, NOT_ACCEPTED, ParentTable, draw_parents, speed_envelope

_STEP = 0.025
"""Cell width in ln r: the mass inside a radius is then known to 1e-12 of the cell's."""
_GRADING = 36
"""Halvings of the last cells towards an energy cut, where the density ends as a power 3/2."""
_NODES = 6
_X, _W = np.polynomial.legendre.leggauss(_NODES)
_X, _W = 0.5 + 0.5 * _X, 0.5 * _W
_COEFFICIENTS = np.linalg.inv(np.vander(_X, _NODES, increasing=True)) / np.arange(1, _NODES + 1)[:, None]
_FORGOTTEN = 1e-14
"""Share of the mass left out at the outer end, where a truncated density underflows."""
MARGIN = 1.05
WIDER = (1.0, 1.5, 4.0)
"""The envelope is widened by these factors in turn, if a value above it is met."""
_FINITE_OUTER_SLOPE = 3.05


@dataclass(frozen=True, eq=False)
class PhaseSpaceSample:
    """Particles of equal mass, drawn from a distribution function.

    Attributes
    ----------
    position : Quantity [length], shape (n, 3)
    velocity : Quantity [speed], shape (n, 3)
    within : Quantity [length]
        All particles lie inside this radius.
    particle_mass : Quantity [mass]
        Mass inside `within` over n.
    """

    position: units.Quantity
    velocity: units.Quantity
    within: units.Quantity
    particle_mass: units.Quantity

    def __post_init__(self):
        for array in (self.position, self.velocity):
            array.setflags(write=False)

    def __len__(self):
        return len(self.position)

    @property
    def radius(self):
        """Quantity [length], shape (n,) : distance from the centre."""
        return np.sqrt(np.sum(self.position**2, axis=1))

    @property
    def speed(self):
        """Quantity [speed], shape (n,)."""
        return np.sqrt(np.sum(self.velocity**2, axis=1))

    @property
    def radial_velocity(self):
        """Quantity [speed], shape (n,) : positive outward."""
        return np.sum(self.position * self.velocity, axis=1) / self.radius

    @property
    def tangential_speed(self):
        """Quantity [speed], shape (n,) : both tangential directions together."""
        return np.sqrt(np.maximum(self.speed**2 - self.radial_velocity**2, 0 * self.speed[:1] ** 2))


def sample_parents(df, n, seed, within=None):
    """`ErgodicDF.sample`."""
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise InputError(f"n = {n!r}; a whole number of particles, at least 1, is needed")
    key = key_of(seed)
    log_outer = outer_radius(df, within)
    for wider in WIDER:
        parents, mass = parent_table(df, log_outer, margin=MARGIN * wider)
        position, velocity, failures = draw_parents(df.halo._field, df._table, parents, key, int(n))
        if accepted(df, failures.sum(axis=0)):
            return PhaseSpaceSample(
                position=_in_place(position, "length"),
                velocity=_in_place(velocity, "speed"),
                within=units.attach(np.exp(log_outer), "length"),
                particle_mass=units.attach(mass / n, "mass"),
            )
    raise envelope_error(df)


def _in_place(array, dimension):
    """`units.attach` without its copies, which would cost as much as drawing the numbers."""
    one = units.attach(1.0, dimension)
    array *= one.value
    return array << one.unit


def key_of(seed):
    """The two 64-bit words that stand for a seed: an int that is not negative, or a `numpy.random.SeedSequence`."""
    if not isinstance(seed, np.random.SeedSequence):
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
            raise InputError(
                f"seed = {seed!r}; give an integer that is not negative, or a numpy.random.SeedSequence, so that the "
                "same particles can be drawn again"
            )
        seed = np.random.SeedSequence(int(seed))
    return seed.generate_state(2, np.uint64)


def outer_radius(df, within, name="within"):
    """ln of the radius up to which parents are drawn."""
    low, high = (np.log(x) for x in df.halo._range)
    last = min(df._log_outermost, high)
    if within is None:
        if df.halo.energy_cut is None and df.profile._outer_slope < _FINITE_OUTER_SLOPE:
            raise InputError(
                f"{df.profile!r} has no finite mass (outer slope {df.profile._outer_slope:.3g}), so most of its "
                f"particles lie infinitely far away; give {name}=..., for example {name}=300 * u.kpc"
            )
        return last
    radius = units.to_internal(within, "length", name)
    if np.ndim(radius) != 0 or not radius > np.exp(low) * 1e3:
        raise InputError(f"{name} = {within}; one radius of at least {np.exp(low) * 1e3:.3g} kpc is needed")
    return float(min(np.log(radius), last))


def shell_mass(df, log_r):
    """Mass of the parents per unit ln r, 4 pi rho r^3 [Msun], for an array of ln r."""
    if df.halo.energy_cut is None:
        return 4 * np.pi * np.exp(df.profile._log_density(log_r)[0] + 3 * log_r)
    return 4 * np.pi * df._density(log_r) * np.exp(3 * log_r)


def masses_between(df, log_edges):
    """Mass of the parents between consecutive ln radii [Msun]."""
    pieces = max(int(np.ceil(np.max(np.diff(log_edges)) / 0.1)), 1)
    fine = (log_edges[:-1, None] + np.diff(log_edges)[:, None] * np.arange(pieces) / pieces).ravel()
    fine = np.append(fine, log_edges[-1])
    return _cell_masses(df, fine, 0.0).sum(axis=1).reshape(-1, pieces).sum(axis=1)


def _cell_masses(df, edges, thinning):
    """Mass, thinned by 1 / (1 + r `thinning`), at the Gauss nodes of each cell times their weights, (cells, nodes)."""
    nodes = edges[:-1, None] + np.diff(edges)[:, None] * _X
    density = shell_mass(df, nodes.ravel()).reshape(nodes.shape) / (1 + np.exp(nodes) * thinning)
    return density * np.diff(edges)[:, None] * _W


def _edges(df, log_outer):
    first = df.halo._edges[0]
    cells = int(np.ceil((log_outer - first) / _STEP))
    edges = np.linspace(first, log_outer, cells + 1)
    if df.halo.energy_cut is not None and log_outer >= df._log_outermost - 4 * _STEP:
        # the density ends at the cut, not at an edge of the sample
        cut = df._log_outermost
        distance = 8 * _STEP * 2.0 ** -np.arange(_GRADING)
        graded = np.append(cut - distance, cut)
        edges = np.concatenate([edges[edges < graded[0] - 0.5 * _STEP], graded[graded < log_outer], [log_outer]])
    return edges


def parent_table(df, log_outer, *, margin=MARGIN, thinning=0.0, uniform_share=0.0, uniform=(0.0, 1.0)):
    """Everything the kernels need to draw parents inside exp(`log_outer`), and their mass [Msun].

    Parameters
    ----------
    df : ErgodicDF
    log_outer : float
    margin : float
        The speeds' envelope over the largest value found.
    thinning : float
        Draw by mass / (1 + r `thinning`) [1/kpc].
    uniform_share : float
        Share of the particles that is drawn uniformly in ln r between the two `uniform`.

    Returns
    -------
    ParentTable, float
    """
    edges = _edges(df, log_outer)
    parts = _cell_masses(df, edges, thinning)
    cells = parts.sum(axis=1)
    inside = np.cumsum(cells)
    # keep all cells up to the one in which the mass is complete
    count = int(np.searchsorted(inside, (1 - _FORGOTTEN) * inside[-1])) + 1
    edges, parts, cells = edges[: count + 1], parts[:count], cells[:count]
    full = _cell_masses(df, edges, 0.0).sum() if thinning > 0 else cells.sum()
    cumulative = np.concatenate([[0.0], np.cumsum(cells)])
    cumulative /= cumulative[-1]
    # polynomial through the node values, integrated from the cell's inner edge, scaled to 1 at the outer one
    rise = (parts / _W) @ _COEFFICIENTS.T
    rise /= rise.sum(axis=1, keepdims=True)
    shape, envelope = speed_envelope(df.halo._field, df._table, edges, margin)
    table = ParentTable(
        edges=edges,
        cumulative=cumulative,
        rise=np.ascontiguousarray(rise),
        thinning=float(thinning),
        mass_scale=float(cells.sum() / full),
        uniform_share=float(uniform_share),
        uniform_from=float(max(uniform[0], edges[0])),
        uniform_to=float(min(uniform[1], edges[-1])),
        shape=shape,
        envelope=envelope,
    )
    return table, float(full)


def accepted(df, failures):
    """Whether a draw is exact; False asks for a wider envelope.

    Raises
    ------
    ConvergenceError
        No speed was accepted for some particle.
    """
    if failures[NOT_ACCEPTED]:
        raise ConvergenceError(
            f"{df!r}: no speed was accepted for {failures[NOT_ACCEPTED]} particles; f(E) has a spike or a gap that its "
            "table does not resolve. Use a smoother profile, or a smaller radius"
        )
    return not failures[ABOVE_ENVELOPE]


def envelope_error(df):
    """The error to raise when no envelope is wide enough."""
    return ConvergenceError(
        f"{df!r}: v^2 f(E) exceeds its tabulated bound by more than {WIDER[-1]:g}, so speeds cannot be drawn exactly; "
        "f(E) has a spike that its table does not resolve. Use a smoother profile, or a smaller radius"
    )
