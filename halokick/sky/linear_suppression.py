"""Share of an s-wave signal that a kick leaves to the haloes drawn for a dwarf: of all of it, or of that in a cone."""

from functools import cache

import numpy as np

from halokick import constants, units
from halokick.errors import InputError
from halokick.kernels.line_of_sight import cones_nodes
from halokick.sky.dwarf_grid import DaughterGrid, solve_daughter_grid
from halokick.sky.nfw_suppression import NFW_SUPPRESSION

_X, _W = np.polynomial.legendre.leggauss(20)
_NODES = 0.5 * (_X + 1), 0.5 * _W


class WholeHalo:
    """S_lin of an infinite NFW halo inside 10 r_s: a function of the kick over V_max, and quick.

    In a cone less is left, since the centre loses first: 6 per cent less at a kick of 0.8 V_max and a fifth less at
    2 V_max for a halo like Draco's in 0.5 degrees, and several times less where r_s is far larger than the cone. So it
    is for targets that the cone holds as a whole; `InCone` serves all.

    Parameters
    ----------
    table : SuppressionTable, optional
    """

    def __init__(self, table=NFW_SUPPRESSION):
        self._table = table

    def of(self, kick_speed, draws):
        """S_lin of every draw.

        Parameters
        ----------
        kick_speed : Quantity [speed], shape (k,)
        draws : DwarfDraws

        Returns
        -------
        ndarray, shape (draws, k)
        """
        return self._table(np.asarray(kick_speed / draws.v_max[:, None]))


@cache
def _default_grid():
    return solve_daughter_grid()


class InCone:
    """S_lin within the cone and the tidal radius of every draw.

    Parameters
    ----------
    grid : DaughterGrid, optional
        Solved once in a session if left out: a quarter of a minute on two cores.
    """

    def __init__(self, grid=None):
        grid = _default_grid() if grid is None else grid
        if not isinstance(grid, DaughterGrid):
            raise InputError(f"grid = {grid!r} is not a DaughterGrid; make it with solve_daughter_grid")
        self._grid = grid

    def of(self, kick_speed, draws):
        """S_lin of every draw; see `WholeHalo.of`. Tidal radii outside the grid take those at its ends."""
        r_s, rho_s = units.to_internal(draws.r_s, "length"), units.to_internal(draws.rho_s, "density")
        theta = np.full(len(r_s), float(units.to_internal(draws.angle, "angle")))
        distance = np.asarray(units.to_internal(draws.distance, "length"))
        radius, weight = cones_nodes(distance, theta, draws.tidal_ratio * r_s, *_NODES)
        x = radius / r_s[:, None]
        squared = weight * (self._grid.parent(draws.tidal_ratio, x) / (x * (1 + x) ** 2)) ** 2
        v0 = np.sqrt(4 * np.pi * constants.G * rho_s) * r_s
        share = np.asarray(units.to_internal(kick_speed, "speed")) / v0[:, None]
        ratio = self._grid.ratio(share, draws.tidal_ratio, x)
        return np.einsum("dx,dkx->dk", squared, ratio) / np.sum(squared, axis=1)[:, None]
