r"""J-factors and D-factors of densities that are not spherical, from any place: per direction, and within cones.

The product of the densities is that of their spherical references, times ratios known on grids. With the ratio of the
centre alone it is spherical, and done as in `halokick.sky.jfactor`; what is left vanishes at the centre and is summed
over lines of sight.
"""

from itertools import pairwise

import numpy as np

from halokick import units
from halokick.daughters.density_grid import DensityGrid
from halokick.errors import ConvergenceError, InputError
from halokick.halo.df import ErgodicDF
from halokick.kernels.line_of_sight import cone_integrals, line_integrals
from halokick.kernels.solid_view import EVERYWHERE, Ratios, line_residuals, ratios
from halokick.sky.radial_table import radial_table
from halokick.sky.viewpoint import Viewpoint, polar

_LEVELS = ((4, 12), (6, 24), (9, 48), (14, 96), (20, 192), (28, 384))
"""Nodes per panel of the angle from the centre, and per circle of position angles."""
_CLOSE = 1e-6
"""As in `halokick.sky.jfactor`: slopes this near to a diverging one count as diverging."""
_INNERMOST = 0.3
"""Of the angle at which the innermost cell is seen: directions nearer to the centre form one panel."""
_WIDEST = 0.5
"""Panels of angles do not exceed this [rad]."""


def _gauss(nodes, power=1):
    """Gauss-Legendre on 0..1 in z, as nodes and weights of x = z^power."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    z = 0.5 * (x + 1)
    return z**power, 0.5 * w * power * z ** (power - 1)


_SMOOTH, _GRADED = _gauss(16), _gauss(32, 5)
_PIECES = (*_gauss(8), *_gauss(4))
"""Rules for long and short pieces of a line."""
_NO_GRID = Ratios(EVERYWHERE, 0, 0, 0, np.zeros(0), np.zeros(0))


def j_sky(first, second=None, *, viewpoint, r_max=None):
    r"""What is seen of the annihilation of two densities, spherical or not, from a `Viewpoint`.

    Parameters
    ----------
    first, second : MeridianGrid, BoxGrid, or anything with ``density(r)``
        `second` left out is `first` again. Grids of one pair must be at rest in the same frame.
    viewpoint : Viewpoint
    r_max : Quantity [length], optional
        Radius of the sphere at which the halo ends. Left out: the largest sphere inside all grids, or a smaller
        ``r_max`` that `first` or `second` carry.

    Returns
    -------
    SkyView
        Of J-factors: GeV2 cm-5 (sr-1).

    Raises
    ------
    InputError
        `r_max` beyond what a density knows.
    ConvergenceError
        A density too rough to be integrated.
    """
    return SkyView((first, first if second is None else second), viewpoint, r_max, "j_factor")


def d_sky(density, *, viewpoint, r_max=None):
    """What is seen of the decay of one density: as `j_sky`, of D-factors, GeV cm-2 (sr-1)."""
    return SkyView((density,), viewpoint, r_max, "d_factor")


class SkyView:
    """Line-of-sight integrals from one viewpoint, made by `j_sky` or `d_sky`.

    Attributes
    ----------
    viewpoint : Viewpoint
    r_max : Quantity [length]
        Where the halo ends; infinite if no density has an end.
    """

    def __init__(self, densities, viewpoint, r_max, dimension):
        if not isinstance(viewpoint, Viewpoint):
            raise InputError(f"viewpoint = {viewpoint!r}; a Viewpoint is needed, such as Viewpoint.sun('8.2 kpc')")
        self._densities = densities
        grids = [one for one in densities if isinstance(one, DensityGrid)]
        references = [one.reference if isinstance(one, DensityGrid) else one for one in densities]
        self._table = radial_table(*references, r_max=_end(densities, references, r_max))
        self._ratios = [one._ratios for one in grids] + [_NO_GRID] * (2 - len(grids))
        self._centre = float(np.prod([ratios(one, *np.zeros((3, 1)))[0] for one in self._ratios]))
        self._cell = min((_first_node(one) for one in grids), default=np.inf)
        self._dimension = dimension
        self.viewpoint = viewpoint
        self.r_max = units.attach(self._table.r_max, "length")
        if np.isinf(self._table.r_max) and self._table.slope_outer < 1 + _CLOSE:
            raise InputError("the integrand falls as 1/r or slower, so that lines of sight never end; give r_max")

    def toward(self, l, b):
        r"""Integral along the line of sight at longitude l and latitude b: :math:`dJ/d\Omega` (or D).

        Parameters
        ----------
        l, b : Quantity [angle]
            Galactic, for an observer at the Sun; broadcast against each other.

        Returns
        -------
        Quantity [GeV2 cm-5 sr-1] (or [GeV cm-2 sr-1]), broadcast shape

        Raises
        ------
        InputError
            A line through the centre itself, where the integrand rises as 1/r or faster.
        """
        l, b = (units.to_internal(one, "angle", name) for one, name in ((l, "l"), (b, "b")))
        if np.any(np.abs(b) > 0.5 * np.pi * (1 + 1e-12)):
            raise InputError(f"b = {b} rad; latitudes lie between -90 and 90 degrees")
        return self._attach(self._line(*polar(l, b)), "differential_")

    def at(self, angle, position_angle):
        """As `toward`, by the angle from the centre and the position angle (see `Viewpoint`)."""
        psi = units.to_internal(position_angle, "angle", "position_angle")
        return self._attach(self._line(_angle(angle), psi), "differential_")

    def profile(self, angle, *, tolerance=1e-3):
        """Mean of `toward` over all position angles, at an angle from the centre.

        Parameters
        ----------
        angle : Quantity [angle], any shape
        tolerance : float
            As for `within`.

        Returns
        -------
        Quantity [GeV2 cm-5 sr-1] (or [GeV cm-2 sr-1]), shape of `angle`

        Raises
        ------
        ConvergenceError
            A grid too noisy for the tolerance.
        """
        alpha = np.asarray(_angle(angle))
        flat = alpha.ravel()
        sphere = self._sphere_line(flat)

        def mean(nodes):
            psi = 2 * np.pi * (np.arange(nodes[1]) + 0.5) / nodes[1]
            return sphere + self._residual(flat[:, None], psi).mean(axis=1)

        return self._attach(_converged(mean, tolerance)[0].reshape(alpha.shape), "differential_")

    def within(self, angle, l="0 deg", b="0 deg", *, tolerance=1e-3):
        """Integral over a cone of half-angle `angle` around the direction (l, b), as a rule the centre.

        Parameters
        ----------
        angle : Quantity [angle]
            0 to 180 degrees.
        l, b : Quantity [angle]
            One direction.
        tolerance : float
            Lines of sight are added until the integral changes by less than this share of it: the error is then smaller
            still, by a factor of some five. Grids with noise of ten per cent in each cell need seconds for 1e-3.

        Returns
        -------
        Quantity [GeV2 cm-5] (or [GeV cm-2]), shape of `angle`

        Raises
        ------
        InputError
            The product of the densities rises as r^-3 or faster, so that its integral is infinite.
        ConvergenceError
            A grid too noisy for the tolerance.
        """
        theta = np.asarray(_angle(angle))
        away, psi = polar(units.to_internal(l, "angle", "l"), units.to_internal(b, "angle", "b"))
        if np.ndim(away) != 0:
            raise InputError(f"l = {l}, b = {b}; cones are around one direction at a time")
        if self._table.slope_inner > 3 - _CLOSE:
            raise InputError(
                f"the integrand rises as r^-{self._table.slope_inner:.3g} towards the centre, so its volume integral "
                "is infinite (it is finite below r^-3)"
            )
        cones = [self._cone(one, float(away), float(psi), tolerance)[0] for one in theta.ravel()]
        return self._attach(np.reshape(cones, theta.shape), "")

    def error_within(self, angle, l="0 deg", b="0 deg", *, tolerance=1e-3):
        """Standard error of `within` that comes from the finite number of orbits, by a jackknife.

        Parameters
        ----------
        angle, l, b, tolerance
            As for `within`.

        Returns
        -------
        Quantity [GeV2 cm-5] (or [GeV cm-2]), shape of `angle`; itself known to a quarter, from eight parts.

        Raises
        ------
        InputError
            No density is a grid that knows its independent parts.
        ConvergenceError
            A grid too noisy for the tolerance.
        """
        theta = np.asarray(_angle(angle))
        others = self._without_parts()
        away, psi = (float(one) for one in polar(*(units.to_internal(q, "angle") for q in (l, b))))
        errors = []
        for one in theta.ravel():
            # all on the same lines of sight, where a difference is that of the orbits alone
            _, nodes = self._cone(one, away, psi, tolerance)
            found = np.array([view._cone_rule(one, away, psi)(nodes) for view in others])
            errors.append(np.sqrt((len(found) - 1) * np.mean((found - found.mean()) ** 2)))
        return self._attach(np.reshape(errors, theta.shape), "")

    def _without_parts(self):
        """Views of the densities with one part of their sample left out, for each part."""
        rest = [one.without_parts() if isinstance(one, DensityGrid) else () for one in self._densities]
        count = max(len(one) for one in rest)
        if count == 0:
            raise InputError("no density here is a grid with cell_parts, whose scatter would give an error")
        return [
            SkyView(
                [left[i] if left else whole for left, whole in zip(rest, self._densities, strict=True)],
                self.viewpoint,
                self.r_max,
                self._dimension,
            )
            for i in range(count)
        ]

    def _attach(self, values, kind):
        return units.attach(values, kind + self._dimension)

    # -- one line ---------------------------------------------------------------------------------------------------

    def _line(self, alpha, psi):
        alpha, psi = np.broadcast_arrays(alpha, psi)
        if np.any(alpha == 0) and self._table.slope_inner > 1 - _CLOSE:
            raise InputError(
                f"this direction is that of the centre, where the integrand rises as r^-{self._table.slope_inner:.3g} "
                "and its integral along the line is infinite (it is finite below r^-1); look beside it, or at a cone"
            )
        return self._sphere_line(alpha) + self._residual(alpha, psi)

    def _sphere_line(self, alpha):
        """Lines of the spherical density that has the central ratio everywhere."""
        flat = np.array(alpha, dtype=float).ravel()
        distance = np.full(len(flat), self.viewpoint._distance)
        return self._centre * line_integrals(self._table, distance, flat, *_SMOOTH).reshape(np.shape(alpha))

    def _residual(self, alpha, psi):
        """Lines of the rest."""
        if np.isinf(self._cell):
            return np.zeros(np.broadcast_shapes(np.shape(alpha), np.shape(psi)))
        direction = self.viewpoint._directions(alpha, psi)
        observer = np.asarray(units.to_internal(self.viewpoint.position, "length"))
        flat = np.ascontiguousarray(direction.reshape(-1, 3))
        lines = line_residuals(self._table, *self._ratios, self._centre, observer, flat, *_PIECES)
        return lines.reshape(direction.shape[:-1])

    # -- cones ------------------------------------------------------------------------------------------------------

    def _cone(self, theta, away, psi, tolerance):
        """Integral over the cone of half-angle `theta` around (away, psi), in radians; and the nodes it takes."""
        return _converged(self._cone_rule(theta, away, psi), tolerance)

    def _cone_rule(self, theta, away, psi):
        """The same as a function of the nodes.

        In polar coordinates around the halo's centre, wherever the cone is: circles near the centre (if it is inside
        the cone) and near the opposite direction, arcs between.
        """
        if theta <= 0:
            return lambda nodes: np.zeros(())
        nearest, farthest = abs(theta - away), np.pi - abs(np.pi - theta - away)
        sphere, whole = 0.0, []
        if theta > away:
            sphere += self._sphere_cone(nearest)
            whole.append(self._inner_panels(0.0, nearest))
        if theta + away > np.pi:
            sphere += self._sphere_cone(np.pi) - self._sphere_cone(farthest)
            whole.append(self._inner_panels(farthest, np.pi))
        arcs = away > 0 and farthest - nearest > 1e-12
        if arcs:
            alpha, weight = _ends_graded(nearest, farthest)
            half = _half_arc(alpha, theta, away)
            sphere += 2 * weight @ (np.sin(alpha) * half * self._sphere_line(alpha))

        def cone(nodes):
            per_panel, circle = nodes
            total = sphere
            for edges, power in (part for parts in whole for part in parts):
                x, w = _gauss(per_panel, power)
                alpha = edges[0] + (edges[1] - edges[0]) * x
                psi_nodes = 2 * np.pi * (np.arange(circle) + 0.5) / circle
                mean = self._residual(alpha[:, None], psi_nodes).mean(axis=1)
                total += 2 * np.pi * (edges[1] - edges[0]) * (w @ (np.sin(alpha) * mean))
            if arcs:
                alpha, weight = _arc_nodes(nearest, farthest, 4 * per_panel)
                half = _half_arc(alpha, theta, away)
                x, w = _gauss(circle)
                lines = self._residual(alpha[:, None], psi + half[:, None] * (2 * x - 1)) @ w
                total += 2 * weight @ (np.sin(alpha) * half * lines)
            return np.array(total)

        return cone

    def _sphere_cone(self, theta):
        d = np.array([self.viewpoint._distance])
        cone = cone_integrals(self._table, d, np.array([float(theta)]), *_SMOOTH, *_GRADED)[0]
        return self._centre * cone

    def _inner_panels(self, start, stop):
        """Panels of angle between two circles, as pairs of edges and the power of the nodes' crowding at the first."""
        edges = [stop]
        smallest = max(_INNERMOST * self._cell / self.viewpoint._distance, 1e-6)
        while edges[-1] - start > _WIDEST:
            edges.append(edges[-1] - _WIDEST)
        if start == 0.0:
            while edges[-1] > 4 * smallest:
                edges.append(edges[-1] / 3)
        edges.append(start)
        return [((low, high), 3 if low == 0.0 else 1) for high, low in pairwise(edges)]


def _converged(integral, tolerance):
    """Values at the first level of nodes beyond which they do not change, and these nodes."""
    before = integral(_LEVELS[0])
    for nodes in _LEVELS[1:]:
        values = integral(nodes)
        change = np.abs(values - before)
        if np.all(change <= tolerance * np.abs(values)):
            return values, nodes
        before = values
    worst = np.max(change / np.abs(values))
    raise ConvergenceError(
        f"the sum over lines of sight changes by {worst:.1e} still (tolerance = {tolerance:g}); the grid of the "
        "density is noisy: use wider cells or more daughters, or a larger tolerance"
    )


def _half_arc(alpha, theta, away):
    """Half the range of position angles that a circle around the centre has inside the cone."""
    cosine = (np.cos(theta) - np.cos(alpha) * np.cos(away)) / (np.sin(alpha) * np.sin(away))
    return np.arccos(np.clip(cosine, -1.0, 1.0))


def _arc_nodes(low, high, nodes):
    """Nodes and weights for a function with the square root of the distance from both ends."""
    x, w = _gauss(nodes)
    t = np.pi * x
    return low + (high - low) * np.sin(0.5 * t) ** 2, 0.5 * (high - low) * np.pi * w * np.sin(t)


def _ends_graded(low, high):
    """As `_arc_nodes`, with panels that shrink towards both ends, where a cusp may lie."""
    steps = 0.5 ** np.arange(1, 45)
    shares = np.concatenate([[0.0], steps[::-1]])
    x, w = _SMOOTH
    places = (shares[:-1, None] + np.diff(shares)[:, None] * x).ravel()
    weights = (np.diff(shares)[:, None] * w).ravel()
    length = high - low
    return np.concatenate([low + length * places, high - length * places]), length * np.tile(weights, 2)


def _angle(angle):
    alpha = units.to_internal(angle, "angle", "angle")
    # 180 degrees in other units may round to a little more than pi
    if np.any(np.asarray(alpha) < 0) or np.any(np.asarray(alpha) > np.pi * (1 + 1e-12)):
        raise InputError(f"angle = {angle} must lie between 0 deg (the halo centre) and 180 deg (the opposite side)")
    return np.minimum(alpha, np.pi)


def _end(densities, references, r_max):
    """The given r_max, or the smallest radius at which any density ends; None where none does."""
    limits = [one.r_max for one in densities if isinstance(one, DensityGrid)]
    if r_max is not None:
        r_max = units.quantity(r_max, "length", "r_max")
        if limits and r_max > min(limits) * (1 + 1e-12):
            raise InputError(f"r_max = {r_max} lies outside the grid, which holds a sphere of {min(limits):.6g}")
        return r_max
    for one in references:
        limits.append(getattr(one, "r_max", None))
        if isinstance(one, ErgodicDF):
            limits.append(one.halo.energy_cut)
    return min((one for one in limits if one is not None), default=None)


def _first_node(grid):
    """Smallest distance of a node from the centre's planes."""
    return float(np.min(np.abs(grid._ratios.nodes)))
