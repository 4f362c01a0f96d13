"""Densities that are not spherical, given as functions of place, and integrals of their products along lines of sight.

Along a line the variable is y, with b sinh(y) the distance from the point nearest to the centre.
"""

from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.daughters.density_grid import BoxGrid, DensityGrid, MeridianGrid
from halokick.errors import InputError

_PANEL = 1.0
"""Longest panel in y."""
_X, _W = np.polynomial.legendre.leggauss(8)
_BLOCK = 400_000
"""Places at which densities are asked at once."""
_NEAREST = 1e-10
"""Of the observer's distance: lines that pass nearer to the centre are integrated as if they passed there."""


class SolidDensity:
    """What densities given by functions of place share: the frame of a `Viewpoint`, z up."""

    r_max = None

    def _density(self, x, y, z):
        """Density [Msun/kpc3] at places [kpc]."""

    def _radius(self, x, y, z):
        """The radius at which a spherical model is asked for what it says of this place [kpc]."""
        return np.sqrt(x * x + y * y + z * z)


@dataclass(frozen=True, eq=False)
class AxisymmetricDensity(SolidDensity):
    """A density around the z axis.

    Attributes
    ----------
    function : callable (R, z) -> Quantity [density]
        Of arrays of Quantities [length].
    r_max : Quantity [length] or None
        Radius of the sphere within which it is known.
    """

    function: object
    r_max: object = None

    def _density(self, x, y, z):
        values = self.function(units.attach(np.hypot(x, y), "length"), units.attach(z, "length"))
        return _checked(values, np.shape(x))


@dataclass(frozen=True, eq=False)
class TriaxialDensity(SolidDensity):
    """A density of any shape.

    Attributes
    ----------
    function : callable (x, y, z) -> Quantity [density]
        Of arrays of Quantities [length].
    r_max : Quantity [length] or None
        Radius of the sphere within which it is known.
    """

    function: object
    r_max: object = None

    def _density(self, x, y, z):
        return _checked(self.function(*(units.attach(q, "length") for q in (x, y, z))), np.shape(x))


@dataclass(frozen=True, eq=False)
class EllipsoidalDensity(SolidDensity):
    r"""A spherical profile stretched along three axes.

    .. math:: \rho(x, y, z) = \rho_\mathrm{sph}(m), \qquad m^2 = (x'/a)^2 + (y'/b)^2 + (z'/c)^2.

    Approximate for daughters, whose distribution function is that of a sphere.

    Attributes
    ----------
    profile : anything with ``density(r)``
    axes : (float, float, float)
        a, b, c; with abc = 1 the volume inside each m is that of the sphere.
    rotation : ndarray, shape (3, 3), or None
        Rows are the unit vectors of the axes; None where they are x, y and z.
    """

    profile: object
    axes: tuple
    rotation: object = None

    def __post_init__(self):
        axes = np.asarray(self.axes, dtype=float)
        if axes.shape != (3,) or not np.all(np.isfinite(axes)) or np.any(axes <= 0):
            raise InputError(f"axes = {self.axes}; three positive numbers are needed")
        rotation = np.eye(3) if self.rotation is None else np.array(self.rotation, dtype=float)
        # rotations from chained sines and cosines are orthogonal to a few roundings
        if rotation.shape != (3, 3) or not np.allclose(rotation @ rotation.T, np.eye(3), rtol=0, atol=1e-9):
            raise InputError(f"rotation = {self.rotation}; three orthogonal unit vectors are needed, as rows")
        rotation.setflags(write=False)
        object.__setattr__(self, "axes", tuple(float(q) for q in axes))
        object.__setattr__(self, "rotation", rotation)

    @property
    def r_max(self):
        """Radius of the sphere within which the density is known: Quantity [length], or None."""
        own = getattr(self.profile, "r_max", None)
        return None if own is None else own * min(self.axes)

    def _density(self, x, y, z):
        density = self.profile.density(units.attach(self._radius(x, y, z), "length"))
        return _checked(density, np.shape(x))

    def _radius(self, x, y, z):
        square = 0.0
        for unit, axis in zip(self.rotation, self.axes, strict=True):
            square = square + ((unit[0] * x + unit[1] * y + unit[2] * z) / axis) ** 2
        return np.sqrt(square)


def is_solid(thing):
    """Whether a density is a function of place that is not spherical."""
    return isinstance(thing, (SolidDensity, DensityGrid))


def line_product(densities, weight, viewpoint, r_max):
    """Make a function (theta, psi) of the integral of the product of densities along lines of sight.

    Parameters
    ----------
    densities : sequence
        Of `SolidDensity`, `DensityGrid`, or anything with ``density(r)``.
    weight : callable or None
        Of radius [kpc], or of the radius that the first ellipsoidal density gives a place.
    viewpoint : Viewpoint
    r_max : float
        Of the sphere in which the densities are known [kpc].

    Returns
    -------
    callable
        Of angles from the centre and position angles [rad], arrays of one shape; in kpc and Msun.
    """
    observer = np.asarray(units.to_internal(viewpoint.position, "length"))
    shaped = next((one for one in densities if isinstance(one, EllipsoidalDensity)), SolidDensity())

    def product(x, y, z):
        total = _density_at(densities[0], x, y, z)
        if len(densities) == 2:
            total = total * (total if densities[1] is densities[0] else _density_at(densities[1], x, y, z))
        return total if weight is None else total * weight(shaped._radius(x, y, z).ravel()).reshape(np.shape(x))

    def lines(theta, psi):
        ways = viewpoint._directions(theta, psi).reshape(-1, 3)
        order = np.argsort(np.ravel(theta))
        out = np.empty(len(ways))
        at = 0
        while at < len(order):
            # lines of like angles have like numbers of panels
            panels = _panels(observer, ways[order[at]], r_max)
            some = order[at : at + max(1, _BLOCK // (len(_X) * panels))]
            out[some] = _lines(product, observer, ways[some], r_max)
            at += len(some)
        return out.reshape(np.shape(theta))

    return lines


def _arms(observer, ways, r_max):
    """Nearest points of lines, their distance, and the ends of both arms in y."""
    middle = -ways @ observer
    nearest = observer + middle[:, None] * ways
    b = np.maximum(np.linalg.norm(nearest, axis=1), _NEAREST * np.linalg.norm(observer))
    half = np.sqrt(np.maximum((r_max - b) * (r_max + b), 0.0))
    start = np.arcsinh(np.clip(-middle, -half, half) / b)
    stop = np.arcsinh(half / b)
    return nearest, b, np.stack([start, np.maximum(start, 0.0), stop])


def _panels(observer, way, r_max):
    ends = _arms(observer, way[None], r_max)[2][:, 0]
    return int(np.sum(np.maximum(np.ceil(np.diff(ends) / _PANEL), 1)))


def _lines(product, observer, ways, r_max):
    nearest, b, ends = _arms(observer, ways, r_max)
    total = np.zeros(len(ways))
    for low, high in ((ends[0], ends[1]), (ends[1], ends[2])):
        length = high - low
        if not np.any(length > 0):
            continue
        panels = int(np.ceil(np.max(length) / _PANEL))
        share = ((np.arange(panels)[:, None] + 0.5 * (_X + 1)) / panels).ravel()
        y = low[:, None] + length[:, None] * share
        s = b[:, None] * np.sinh(y)
        places = (nearest[:, None, i] + s * ways[:, None, i] for i in range(3))
        weights = np.tile(0.5 * _W / panels, panels)
        # lines that miss the sphere have arms of no length, at places outside it
        met = length > 0
        values = np.zeros_like(s)
        if np.all(met):
            values = product(*places)
        else:
            values[met] = product(*(q[met] for q in places))
        total += length * ((values * b[:, None] * np.cosh(y)) @ weights)
    return total


def _density_at(thing, x, y, z):
    if isinstance(thing, SolidDensity):
        return thing._density(x, y, z)
    if isinstance(thing, MeridianGrid):
        values = thing.density(units.attach(np.hypot(x, y), "length"), units.attach(z, "length"))
    elif isinstance(thing, BoxGrid):
        values = thing.density(*(units.attach(q, "length") for q in (x, y, z)))
    else:
        values = thing.density(units.attach(np.sqrt(x * x + y * y + z * z), "length"))
    return _checked(values, np.shape(x))


def _checked(values, shape):
    density = np.asarray(units.to_internal(values, "density", "the density of a place"))
    if np.any(density < 0):
        raise InputError("a density is negative somewhere inside r_max")
    return np.broadcast_to(density, shape)
