"""Particles that join a growing halo on the orbits that lead to those of today: the same actions, the same phase."""

import numpy as np

from halokick.errors import ConvergenceError
from halokick.kernels import live_populations
from halokick.kernels.lanes import LANES
from halokick.kernels.live_arrivals import phases_at, places_at
from halokick.kernels.live_orbits import BOUND, KEPT, orbit_field
from halokick.live.energy import field_of_gm

_STEPS = (1, 4, 16, 64)
"""Fields between that of today and that of then through which an orbit is led, more where its action is not found."""
_NOTHING = np.empty((0, 8))


class ArrivingOrbits:
    """Orbits of the particles of a start in the halo of today, in the order of their arrivals.

    Parameters
    ----------
    start : LiveStart
    grid : LiveField
    gm : ndarray [kpc km2/s2]
        G M(<r) of all that gravitates today, at the edges of the grid.
    activation : ndarray [kpc/(km/s)]
        When each particle arrives.

    Attributes
    ----------
    order : ndarray of int
        Numbers of the particles, from the first to the last arrival.
    time : ndarray [kpc/(km/s)]
        Arrivals in this order.
    """

    def __init__(self, start, grid, gm, activation):
        self.order = np.argsort(activation, kind="stable")
        self.time = activation[self.order]
        self._grid, self._gm = grid, gm
        self._field = field = orbit_field(field_of_gm(grid, gm))
        # sums that nobody wants: orbits have no weight here
        self._sums = np.zeros((live_populations.CHUNKS, len(gm), 4))
        radius, speed, cosine = (np.ascontiguousarray(x[self.order]) for x in (start.radius, start.speed, start.cosine))
        n = len(radius)
        self._orbits = np.zeros(((n + LANES - 1) // LANES, KEPT))
        sine = np.sqrt((1.0 - cosine) * (1.0 + cosine))
        live_populations.place(self._orbits, field, radius, speed * cosine, speed * sine)
        self._carry(self._orbits, n, field, _NOTHING)
        self._phase = phases_at(self._orbits, radius)
        self._way = np.where(cosine < 0.0, -1.0, 1.0)

    def _carry(self, orbits, n, field, change):
        arguments = change, self._grid.log_low - self._grid.step, self._sums, 0, live_populations.CHUNKS
        live_populations.relax(orbits, np.zeros(len(orbits) * LANES), n, field, *arguments)

    def put(self, first, end, gm):
        """Put arrivals number `first` to `end` on their orbits in a field of this G M.

        A halo that grows slowly keeps radial action and angular momentum of every orbit, so that the particles end on
        the orbits of the start. The phase too is that of the start: phases of a halo at rest are evenly spread.

        Returns
        -------
        radius, radial, tangential : ndarray
            Radius [kpc] and velocity [km/s].

        Raises
        ------
        ConvergenceError
            An orbit has no energy at which its action is that of today.
        """
        block = first // LANES
        for steps in _STEPS:
            orbits = self._orbits[block : (end + LANES - 1) // LANES].copy()
            count = end - block * LANES
            before = self._field
            for step in range(1, steps + 1):
                part = step / steps
                between = gm if step == steps else self._gm ** (1 - part) * gm**part
                field = orbit_field(field_of_gm(self._grid, between))
                self._carry(orbits, count, field, field.table - before.table)
                before = field
            states = live_populations.states_of(orbits, count)[first - block * LANES :]
            if np.all(states == BOUND):
                break
        else:
            raise ConvergenceError(
                f"{np.sum(states != BOUND)} arriving particles have no orbit in the halo of that time; let the halo "
                "grow more slowly"
            )
        found = places_at(orbits, field, self._phase[first:end], first - block * LANES)
        return found[0], found[1] * self._way[first:end], found[2]
