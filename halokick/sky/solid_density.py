"""Densities that are not spherical, given as functions of place, and integrals of their products along lines of sight.

Along a line the variable is y, with b sinh(y) the distance from the point nearest to the centre.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from halokick import units
from halokick.daughters.density_grid import BoxGrid, DensityGrid, MeridianGrid
from halokick.errors import ConvergenceError, InputError

_PANEL = 1.0
"""Longest panel in y."""
_HALF = [0.991455371120812639, 0.949107912342758525, 0.864864423359769073, 0.741531185599394440]
_HALF += [0.586087235467691130, 0.405845151377397167, 0.207784955007898468]
_X = np.array([-x for x in _HALF] + [0.0] + _HALF[::-1])
_HALF = [0.022935322010529225, 0.063092092629978553, 0.104790010322250184, 0.140653259715525919]
_HALF += [0.169004726639267903, 0.190350578064785410, 0.204432940075298892]
_W = np.array([*_HALF, 0.209482141084727828, *_HALF[::-1]])
_FEWER = np.polynomial.legendre.leggauss(7)[1]
"""Kronrod's rule of 15 nodes, every second of which is one of Gauss's 7 (Piessens et al. 1983, QUADPACK)."""
_ACCURATE, _FAILED = 1e-7, 1e-3
"""Difference of the two rules, as a share of the line, at which a piece is not halved any more, and one too large."""
_HALVINGS = 14
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

    def __post_init__(self):
        if not callable(self.function):
            raise InputError(f"{type(self).__name__}: function = {self.function!r}; give a function of place")

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

    def __post_init__(self):
        if not callable(self.function):
            raise InputError(f"{type(self).__name__}: function = {self.function!r}; give a function of place")

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
    """Nearest points of lines, their distance, and the ends of their parts in y.

    Parts end at the nearest point and where the plane z = 0 is crossed, in which thin discs lie.
    """
    middle = -ways @ observer
    nearest = observer + middle[:, None] * ways
    b = np.maximum(np.linalg.norm(nearest, axis=1), _NEAREST * np.linalg.norm(observer))
    half = np.sqrt(np.maximum((r_max - b) * (r_max + b), 0.0))
    start = np.arcsinh(np.clip(-middle, -half, half) / b)
    stop = np.arcsinh(half / b)
    crossing = np.divide(-nearest[:, 2], ways[:, 2], out=np.zeros_like(b), where=ways[:, 2] != 0)
    inner = np.sort([np.zeros_like(b), np.arcsinh(np.clip(crossing, -half, half) / b)], axis=0)
    return nearest, b, np.stack([start, *np.maximum(start, inner), stop])


def _panels(observer, way, r_max):
    ends = _arms(observer, way[None], r_max)[2][:, 0]
    return int(np.sum(np.maximum(np.ceil(np.diff(ends) / _PANEL), 1)))


def _lines(product, observer, ways, r_max):
    nearest, b, ends = _arms(observer, ways, r_max)
    # pieces of lines: which line, and from where to where in y; lines that miss the sphere have none
    line, low, high = [], [], []
    for start, stop in pairwise(ends):
        panels = max(1, int(np.ceil(np.max(stop - start) / _PANEL)))
        edges = start + (stop - start) * np.linspace(0.0, 1.0, panels + 1)[:, None]
        some = np.tile(stop > start, (panels, 1))
        line.append(np.tile(np.arange(len(b)), (panels, 1))[some])
        low.append(edges[:-1][some])
        high.append(edges[1:][some])
    line, low, high = (np.concatenate(one) for one in (line, low, high))
    total = np.zeros(len(b))
    for _ in range(_HALVINGS + 1):
        found, off = _pieces(product, nearest[line], ways[line], b[line], low, high)
        size = total + np.bincount(line, found, minlength=len(b))
        bad = off > _ACCURATE * size[line]
        total += np.bincount(line[~bad], found[~bad], minlength=len(b))
        if not np.any(bad):
            return total
        middle = 0.5 * (low + high)[bad]
        rest = np.bincount(line[bad], found[bad], minlength=len(b))
        error = np.bincount(line[bad], off[bad], minlength=len(b))
        line = np.tile(line[bad], 2)
        low, high = np.concatenate([low[bad], middle]), np.concatenate([middle, high[bad]])
    if np.any(error > _FAILED * size):
        i = int(np.argmax(error / np.maximum(size, np.finfo(float).tiny)))
        raise ConvergenceError(
            f"a density is too rough to be integrated along a line of sight that passes {b[i]:.4g} kpc from the "
            "centre; give one that is smooth, but for a few edges"
        )
    return total + rest


def _pieces(product, nearest, ways, b, low, high):
    """Integrals over pieces of lines, and how far a rule with half the nodes is from them."""
    found, off = np.empty(len(b)), np.empty(len(b))
    step = max(1, _BLOCK // len(_X))
    for at in range(0, len(b), step):
        part = slice(at, at + step)
        half = 0.5 * (high[part] - low[part])
        y = 0.5 * (high[part] + low[part])[:, None] + half[:, None] * _X
        s = b[part, None] * np.sinh(y)
        values = product(*(nearest[part, None, i] + s * ways[part, None, i] for i in range(3)))
        values = values * b[part, None] * np.cosh(y)
        found[part] = half * (values @ _W)
        off[part] = np.abs(half * (values[:, 1::2] @ _FEWER) - found[part])
    return found, off


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
    if density.shape not in ((), shape):
        raise InputError(f"a density has the shape {density.shape} at places of shape {shape}; give one at each place")
    return np.broadcast_to(density, shape)
