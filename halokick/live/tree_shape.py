"""What a cloud of particles looks like: its bound part, shells, anisotropy and axis ratios; plain floats inside."""

from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.errors import ConvergenceError, InputError
from halokick.halo.tabulated import FEWEST_POINTS, TabulatedProfile

_CORE, _FEWEST = 0.05, 20
"""Share of the particles, and least number, whose mean gives a first velocity and the final centre."""
_ITERATIONS = 200
_SETTLED = 1e-3
_FEW_FOR_A_SHAPE = 50


@dataclass(frozen=True, eq=False)
class BoundPart:
    """Particles that hold each other. Made by `bound_part`.

    Attributes
    ----------
    inside : ndarray of bool, shape (n,)
    mass : Quantity [mass]
    centre : Quantity [length], shape (3,)
        Mean position of its most bound particles.
    velocity : Quantity [speed], shape (3,)
        Mean velocity.
    """

    inside: np.ndarray
    mass: units.Quantity
    centre: units.Quantity
    velocity: units.Quantity


def bound_part(position, velocity, mass, gravity):
    """Take away unbound particles until those left are all bound to each other.

    The first centre is the deepest point of the potential. A particle is unbound if its energy, in the field of those
    left and relative to their mean velocity, is not negative; one that is taken away never returns.

    Parameters
    ----------
    position, velocity, mass : ndarray
        In kpc, km/s and Msun.
    gravity : TreeGravity

    Returns
    -------
    BoundPart
    """
    potential = gravity.potential(position, mass)
    near = _nearest(position, position[np.argmin(potential)])
    drift = mass[near] @ velocity[near] / mass[near].sum()
    kept = np.arange(len(mass))
    while True:
        energy = 0.5 * np.sum((velocity[kept] - drift) ** 2, axis=1) + potential
        bound = energy < 0
        if bound.all() or np.count_nonzero(bound) < 2:
            break
        kept = kept[bound]
        drift = mass[kept] @ velocity[kept] / mass[kept].sum()
        potential = gravity.potential(position[kept], mass[kept])
    inside = np.zeros(len(mass), dtype=bool)
    inside[kept[bound]] = True
    deepest = kept[np.argsort(energy, kind="stable")[: max(int(_CORE * len(kept)), min(_FEWEST, len(kept)))]]
    return BoundPart(
        inside=inside,
        mass=units.attach(mass[inside].sum(), "mass"),
        centre=units.attach(mass[deepest] @ position[deepest] / mass[deepest].sum(), "length"),
        velocity=units.attach(drift, "speed"),
    )


def _nearest(position, centre):
    count = min(max(int(_CORE * len(position)), _FEWEST), len(position))
    return np.argpartition(np.sum((position - centre) ** 2, axis=1), count - 1)[:count]


@dataclass(frozen=True, eq=False)
class TreeShells:
    r"""Particles in spherical shells.

    Attributes
    ----------
    edges : Quantity [length], shape (n + 1,)
    count : ndarray, shape (n,)
    mass : Quantity [mass], shape (n,)
    density, error : Quantity [density], shape (n,)
        Mean of each shell, and its Poisson error :math:`\sqrt{\sum m^2}/V`.
    radial_velocity, radial_dispersion, tangential_dispersion : Quantity [speed], shape (n,)
        Mean and dispersion outward; dispersion in each of the two tangential directions. NaN where nothing is.
    anisotropy : ndarray, shape (n,)
        :math:`\beta = 1 - \sigma_t^2/\sigma_r^2`.
    """

    edges: units.Quantity
    count: np.ndarray
    mass: units.Quantity
    density: units.Quantity
    error: units.Quantity
    radial_velocity: units.Quantity
    radial_dispersion: units.Quantity
    tangential_dispersion: units.Quantity
    anisotropy: np.ndarray

    @property
    def radius(self):
        """Quantity [length] : geometric middle of each shell."""
        return np.sqrt(self.edges[:-1] * self.edges[1:])

    def as_profile(self):
        """The shells that hold particles as a smooth profile, for J-factors: a `TabulatedProfile`.

        Raises
        ------
        InputError
            Fewer than six shells hold particles.
        """
        filled = self.count > 0
        if np.count_nonzero(filled) < FEWEST_POINTS:
            raise InputError(
                f"{np.count_nonzero(filled)} shells hold particles, {FEWEST_POINTS} are needed for a profile; "
                "use more particles, or wider shells"
            )
        return TabulatedProfile(self.radius[filled], self.density[filled])


def shells(position, velocity, mass, edges):
    """Sums over shells; positions and velocities relative to the centre.

    Parameters
    ----------
    position, velocity, mass : ndarray
        In kpc, km/s and Msun.
    edges : Quantity [length], shape (n + 1,)

    Returns
    -------
    TreeShells
    """
    bounds = np.asarray(units.to_internal(edges, "length", "edges"), dtype=float)
    if bounds.ndim != 1 or len(bounds) < 2 or bounds[0] < 0 or np.any(np.diff(bounds) <= 0):
        raise InputError(f"edges = {edges} must be two or more increasing lengths, such as np.geomspace(0.1, 30, 20)")
    radius = np.sqrt(np.sum(position**2, axis=1))
    outward = np.sum(position * velocity, axis=1) / np.where(radius > 0, radius, 1.0)
    across = np.maximum(np.sum(velocity**2, axis=1) - outward**2, 0.0)
    where = np.searchsorted(bounds, radius, side="right")

    def sums(values):
        return np.bincount(where, values, len(bounds) + 1)[1:-1]

    total = sums(mass)
    volume = 4 / 3 * np.pi * np.diff(bounds**3)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums(mass * outward) / total
        radial = np.maximum(sums(mass * outward**2) / total - mean**2, 0.0)
        tangential = 0.5 * sums(mass * across) / total
        beta = 1 - tangential / radial
    return TreeShells(
        edges=units.attach(bounds, "length"),
        count=np.bincount(where, minlength=len(bounds) + 1)[1:-1],
        mass=units.attach(total, "mass"),
        density=units.attach(total / volume, "density"),
        error=units.attach(np.sqrt(sums(mass**2)) / volume, "density"),
        radial_velocity=units.attach(mean, "speed"),
        radial_dispersion=units.attach(np.sqrt(radial), "speed"),
        tangential_dispersion=units.attach(np.sqrt(tangential), "speed"),
        anisotropy=beta,
    )


def radial_to_tangential(position, velocity, mass):
    """Twice the radial over the tangential kinetic energy: 1 where isotropic, above about 1.7 unstable."""
    square = np.sum(position**2, axis=1)
    outward = np.sum(position * velocity, axis=1) ** 2 / np.where(square > 0, square, 1.0)
    radial = float(np.sum(mass * outward))
    return 2 * radial / (float(np.sum(mass * np.sum(velocity**2, axis=1))) - radial)


@dataclass(frozen=True, eq=False)
class AxisRatios:
    """Axes of the ellipsoid that particles fill.

    Attributes
    ----------
    middle, short : float
        b/a and c/a.
    axes : ndarray, shape (3, 3)
        Unit vectors of the long, the middle and the short axis, in rows.
    count : int
        Particles inside the ellipsoid.
    """

    middle: float
    short: float
    axes: np.ndarray
    count: int

    @property
    def triaxiality(self):
        """T = (a^2 - b^2)/(a^2 - c^2): 0 oblate, 1 prolate."""
        return (1 - self.middle**2) / (1 - self.short**2) if self.short < 1 else 0.0


def axis_ratios(position, mass, radius):
    r"""Axis ratios of the ellipsoid as large as a sphere of `radius` [kpc], by the shape tensor inside it.

    :math:`S_{ij} = \sum m x_i x_j/\sum m` over the particles inside the ellipsoid, whose axes are those of S, and go as
    the roots of its eigenvalues; from the sphere on until both ratios stand still (Zemp et al. 2011, ApJS 197, 30,
    Sec. 3: enclosed volume, no weights).

    Parameters
    ----------
    position : ndarray (n, 3)
        Relative to the centre [kpc].
    mass : ndarray (n,)
    radius : float

    Returns
    -------
    AxisRatios

    Raises
    ------
    ConvergenceError
        Fewer than 50 particles inside, or the ratios do not settle.
    """
    axes, lengths = np.eye(3), np.ones(3)
    for _ in range(_ITERATIONS):
        along = position @ axes.T / lengths
        inside = np.sum(along**2, axis=1) < radius**2
        count = int(np.count_nonzero(inside))
        if count < _FEW_FOR_A_SHAPE:
            raise ConvergenceError(
                f"{count} particles inside {radius:.4g} kpc, {_FEW_FOR_A_SHAPE} are needed for a shape; use a larger "
                "radius"
            )
        x, m = position[inside], mass[inside]
        squares, vectors = np.linalg.eigh((x * m[:, None]).T @ x / m.sum())
        new = np.sqrt(squares[::-1])
        new = new / np.prod(new) ** (1 / 3)
        settled = np.max(np.abs(new / new[0] - lengths / lengths[0])) < _SETTLED
        axes, lengths = vectors.T[::-1], new
        if settled:
            return AxisRatios(float(new[1] / new[0]), float(new[2] / new[0]), axes, count)
    raise ConvergenceError(f"the axis ratios inside {radius:.4g} kpc do not settle; use a larger radius")
