"""Parents and daughters of the orbit iteration: their weights, when daughters are born, and their orbits."""

from dataclasses import dataclass

import numpy as np

from halokick import constants
from halokick.errors import InputError
from halokick.kernels import live_populations as kernels
from halokick.kernels.lanes import LANES
from halokick.kernels.live_arrivals import places_at
from halokick.kernels.live_orbits import BOUND, KEPT, WAITING
from halokick.kernels.live_streams import stream_sums
from halokick.live.output import ShellSums
from halokick.live.threads import over_chunks

_SHARED = 4096
"""Orbits from which on several threads share their work: 4 ms of one."""


@dataclass(frozen=True, eq=False)
class DecayPlan:
    """Who decays when; times in kpc/(km/s), G times masses in kpc km2/s2.

    Attributes
    ----------
    gm : ndarray
        Of each particle at the start.
    activation : ndarray
        When it becomes part of the halo.
    lifetime, decaying_share, mass_loss : float
    order : ndarray
        Particles that decay, in the order of their daughters' births.
    birth : ndarray
        Times of birth in this order.
    decayed : float
        Share of each particle's mass that decays until the end.
    births : Births
    kicks : Births
        For all particles, in the order of the start: what decays of now do.
    """

    gm: np.ndarray
    activation: np.ndarray
    lifetime: float
    decaying_share: float
    mass_loss: float
    order: np.ndarray
    birth: np.ndarray
    decayed: float
    births: kernels.Births
    kicks: kernels.Births

    @property
    def grows(self):
        """Whether particles arrive after the beginning."""
        return bool(np.any(self.activation > 0))


def decay_plan(start, lifetime, end, decaying_share, mass_loss, activation, birth_kick=None):
    """Births evenly spread over the decayed share until `end`; one that is due before its parent arrives waits."""
    n = len(start)
    arrival = np.zeros(n) if activation is None else np.array(activation, dtype=float)
    if arrival.shape != (n,) or np.any(np.isnan(arrival)):
        raise InputError(f"activation has the shape {arrival.shape}; one time for each of {n} particles is needed")
    kick = start.kick if birth_kick is None else np.asarray(birth_kick, dtype=float)
    if kick.shape != (n,) or not np.all(np.isfinite(kick)) or np.any(kick < 0):
        raise InputError(f"birth_kick has the shape {kick.shape}; one finite speed for each of {n} particles is needed")
    decayed = -np.expm1(-end / lifetime)
    birth = np.maximum(-lifetime * np.log1p(-decayed * start.u_decay) if decayed > 0 else np.full(n, np.inf), arrival)
    order = np.argsort(birth, kind="stable")
    order = order[birth[order] <= end]
    return DecayPlan(
        gm=constants.G * start.mass,
        activation=arrival,
        lifetime=lifetime,
        decaying_share=decaying_share,
        mass_loss=mass_loss,
        order=order,
        birth=birth[order],
        decayed=decaying_share * decayed,
        births=_births(start, order, kick),
        kicks=_births(start, np.arange(n), start.kick),
    )


def _births(start, which, kick):
    return kernels.Births(
        parent=which,
        phase=start.spare[which],
        kick=kick[which],
        cosine=start.kick_cosine[which],
        azimuth=start.kick_azimuth[which],
        way=np.where(start.cosine[which] < 0.0, -1.0, 1.0),
        energy=np.zeros((2, len(which))),
    )


def _summed(kernel, arguments, shape, orbits):
    """What a kernel adds up over the chunks of so many orbits."""
    sums = np.zeros((kernels.CHUNKS, *shape))
    over_chunks(lambda first, end: kernel(*arguments, sums, first, end), kernels.CHUNKS, alone=orbits < _SHARED)
    return sums.sum(axis=0)


class _Orbits:
    """Orbits in blocks of lanes, and the G m of each."""

    def __init__(self, phase, grid):
        n = len(phase)
        self.phase = np.ascontiguousarray(phase)
        blocks = (n + LANES - 1) // LANES
        self.orbits = np.zeros((blocks, KEPT))
        self.gm = np.zeros(n)
        self._weight = np.zeros(blocks * LANES)
        self._low, self._cells = grid.log_low - grid.step, len(grid.gm)
        self.live = n

    def _set_gm(self, gm):
        self.gm = gm
        self._weight[: len(gm)] = gm

    def relax(self, field, change):
        """Carry the orbits to a field; sums of ramps of their G m and number."""
        arguments = self.orbits, self._weight, self.live, field, change, self._low
        return _summed(kernels.relax, arguments, (self._cells, 4), self.live)

    def shells(self, field, log_edges):
        """ShellSums in the present field."""
        arguments = self.orbits, self._weight, self.live, field, log_edges
        rows = _summed(kernels.shell_sums, arguments, (4, len(log_edges) + 1), self.live)
        rows[[0, 2, 3]] /= constants.G
        return ShellSums.from_rows([rows[0], rows[1], np.zeros_like(rows[0]), rows[2], rows[3]])

    def places(self, field):
        """Radius [kpc], v^2 [km2/s2] and mass [Msun] of the orbits that are bound, each at its own phase."""
        bound = np.flatnonzero((self.states() == BOUND) & (self.gm > 0))
        radius, radial, tangential = places_at(self.orbits, field, self.phase[: self.live], 0)[:, bound]
        return radius, radial**2 + tangential**2, self.gm[bound] / constants.G

    def states(self):
        """Of every orbit; without weight it is waiting."""
        found = np.full(len(self.gm), WAITING)
        found[: self.live] = kernels.states_of(self.orbits, self.live)
        return found


class Parents(_Orbits):
    """All particles of a start, on the orbits that they have in the first field."""

    def __init__(self, start, plan, field, grid):
        super().__init__(start.spare, grid)
        self._plan = plan
        self.grid = grid
        sine = np.sqrt((1.0 - start.cosine) * (1.0 + start.cosine))
        kernels.place(self.orbits, field, start.radius, start.speed * start.cosine, start.speed * sine)
        self.weigh(0.0)
        self.relax(field, np.empty((0, 8)))

    def weigh(self, time):
        """Weights at a time."""
        plan = self._plan
        left = 1.0 - plan.decaying_share * -np.expm1(-time / plan.lifetime)
        self._set_gm(np.where(plan.activation <= time, plan.gm * left, 0.0))

    def energies(self):
        """v^2/2 + Phi - Phi(0) of all orbits, of those too that have not arrived [km2/s2]."""
        return kernels.actions_of(self.orbits, self.live)[2]

    def arrived(self, after, until):
        """Mass that came with each particle between two times: parents, and daughters born before [Msun]."""
        plan = self._plan
        came = (plan.activation > after) & (plan.activation <= until)
        left = 1.0 - plan.decaying_share * -np.expm1(-plan.activation / plan.lifetime)
        early = np.zeros(len(plan.gm))
        early[plan.order] = plan.birth <= plan.activation[plan.order]
        return np.where(came, plan.gm / constants.G * (left + plan.decayed * early), 0.0)

    def stream(self, time, field):
        """ShellSums of unbound daughters that have not left yet, if orbits and field are those of `time`."""
        plan, edges = self._plan, len(self.grid.gm)
        if not np.isfinite(plan.lifetime):
            return ShellSums.from_rows(np.zeros((5, edges + 1)))
        left = plan.decaying_share * (1.0 - plan.mass_loss) * np.exp(-time / plan.lifetime)
        age = np.maximum(time - plan.activation, 0.0)
        rate = plan.gm / constants.G * left / plan.lifetime
        arguments = self.orbits, rate, field, plan.kicks, plan.lifetime, age, self.grid.log_low
        mass, *squares = _summed(stream_sums, arguments, (4, edges + 1), self.live)
        return ShellSums.from_rows([mass, np.zeros_like(mass), *squares])

    def states(self):
        """Of every orbit; without weight it is waiting."""
        return np.where(self.gm > 0, super().states(), WAITING)


class Daughters(_Orbits):
    """One daughter of each particle that decays, in the order of birth; only the first `live` have been born."""

    def __init__(self, plan, parents):
        super().__init__(parents.phase[plan.order], parents.grid)
        self._plan, self._parents = plan, parents
        self._share = plan.decayed * (1.0 - plan.mass_loss)
        self.live = 0

    def extend_until(self, time):
        """Count those born until a time; `bear` gives them orbits."""
        self.live = int(np.searchsorted(self._plan.birth, time, side="right"))

    def bear(self, first, end, field, infinity):
        """Give some of them orbits in a field in which their parents have theirs."""
        kernels.bear(self.orbits, self._parents.orbits, field, infinity, self._plan.births, first, end)

    def bear_until(self, time, field, infinity):
        """Those born until a time that have not been, for good; their actions are those in this field."""
        first = self.live
        self.extend_until(time)
        self.bear(first, self.live, field, infinity)
        self.weigh()
        self.relax(field, np.empty((0, 8)))

    def weigh(self):
        """Weights of those that are born."""
        gm = self._plan.gm[self._plan.order] * self._share
        gm[self.live :] = 0.0
        self._set_gm(gm)

    def injected(self):
        """Energy given by kicks, less that of what has gone: escaped daughters and lost mass [Msun km2/s2]."""
        plan = self._plan
        gained, above = plan.births.energy[:, : self.live]
        mass = plan.gm[plan.order][: self.live] * plan.decayed / constants.G
        escaped = self.states()[: self.live] != BOUND
        kept = np.where(escaped, 0.0, 1.0 - plan.mass_loss)
        return float(np.sum(mass * (gained - (1.0 - kept) * above)))
