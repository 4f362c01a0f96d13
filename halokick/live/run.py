"""One live N-body run, interval by interval: arrays that change, and nothing else that does."""

import numpy as np

from halokick import constants
from halokick.errors import ConvergenceError, InputError
from halokick.kernels.live_field import edges_of, fields_at, write_field
from halokick.kernels.live_steps import (
    AZIMUTH,
    CHUNKS,
    COSINE,
    DECAY,
    ENDLESS,
    KICK,
    MASS,
    NEVER_LANDED,
    PARENT,
    ROWS,
    STATES,
    TIME,
    VX,
    VY,
    Interval,
    Particles,
    Sums,
    X,
    follow_chunks,
)
from halokick.kernels.live_tables import inside_edges, new_table, write_table
from halokick.live.arrivals import ArrivingOrbits
from halokick.live.checkpoint import digest_of
from halokick.live.energy import bound_mass, depth_of, field_of_gm, masses_inside, potential_energy
from halokick.live.grid import initial_gm, live_grid
from halokick.live.orbit_iteration import orbit_iteration
from halokick.live.output import LiveMoment, LiveOutput, ShellSums, energy_error, resolution
from halokick.live.schedule import live_schedule, time_unit
from halokick.live.threads import over_chunks

ACCURACY = 0.12
_MOST_ACCURACY = 0.5
_SHARED = 16_384
"""Particles from which on several threads share an interval: 2 ms of one."""
_BOUND, _ESCAPED, _SHARE, _INJECTED, _HELD, _BORN = range(6)
"""Columns of the numbers kept for each time."""


class LiveRun:
    """State of `live_nbody`, whose parameters it takes."""

    def __init__(self, start, df, *, lifetime, times, mass_loss, baryons_gm, decay_time, activation, smoothing,
                 interval, window, accuracy):  # fmt: skip
        if not 0.0 <= mass_loss <= 1.0:
            raise InputError(f"mass_loss = {mass_loss!r}; a share between 0 and 1 of the parent's mass is needed")
        if not 0.0 < accuracy <= _MOST_ACCURACY:
            raise InputError(f"accuracy = {accuracy!r}; a step between 0 and {_MOST_ACCURACY} is needed")
        decay_time = _decay_times(start, lifetime) if decay_time is None else _per_particle(start, decay_time, "decay")
        arrives = np.zeros(len(start)) if activation is None else _per_particle(start, activation, "activation")
        fastest = min(lifetime, _growth_time(start, arrives))
        self.schedule = live_schedule(
            times, unit=time_unit(df), lifetime=fastest, smoothing=smoothing, interval=interval, window=window
        )
        self._mass_loss, self._accuracy, self._decay_time, self._arrives = mass_loss, accuracy, decay_time, arrives
        self._grid = live_grid(df)
        self._start = start
        own, self._fixed = initial_gm(df, self._grid, baryons_gm)
        self._halo_gm = own + self._fixed
        self._arriving, self._arrived = None, 0
        place = start.radius, start.speed * start.cosine, start.speed * np.sqrt(1.0 - start.cosine**2)
        if np.any(arrives > 0):
            own, place = self._begin_growth(df, baryons_gm, place)
        self._field = field_of_gm(self._grid, own + self._fixed)
        self._table = new_table(self._field)
        self._make_state(own, *place)
        self._settings = {
            "lifetime": float(lifetime),
            "times": tuple(float(t) for t in np.atleast_1d(times)),
            "mass_loss": float(mass_loss),
            "smoothing": self.schedule.smoothing,
            "interval": self.schedule.longest,
            "window": float(np.diff(self.schedule.windows[-1])[0]),
            "accuracy": float(accuracy),
            "particles": len(start),
            "seed": start.seed,
        }

    def _begin_growth(self, df, baryons_gm, place):
        """G M and places of the particles that are there from the beginning: the halo that they make at rest."""
        begun = self._arrives <= 0
        found = orbit_iteration(
            self._start, df, times=(0.0,), lifetime=np.inf, baryons_gm=baryons_gm, activation=self._arrives
        )
        gm = found.moments[0].gm
        # actions are those in the halo that the start was drawn from, whatever is fixed in this run
        self._arriving = ArrivingOrbits(self._start, self._grid, sum(initial_gm(df, self._grid)), self._arrives)
        self._arrived = int(begun.sum())
        first = self._arriving.order[: self._arrived]
        place = tuple(x.copy() for x in place)
        for whole, part in zip(place, self._arriving.put(0, self._arrived, gm), strict=True):
            whole[first] = part
        return gm - self._fixed, place

    def _let_arrive(self, end):
        """Put those that arrive before `end` on their orbits in the present field."""
        last = int(np.searchsorted(self._arriving.time, end))
        if last > self._arrived:
            radius, radial, tangential = self._arriving.put(self._arrived, last, self._field.gm)
            who = self._place_of[self._arriving.order[self._arrived : last]]
            state = self._particles.floats
            state[X, who], state[VX, who], state[VY, who] = radius, radial, tangential
            self._arrived = last

    def _make_state(self, own, radius, radial, tangential):
        # deep orbits first, dealt to the chunks in turn: lanes that run dry at a chunk's end then wait for short orbits
        energy = 0.5 * self._start.speed**2 + fields_at(field_of_gm(self._grid, self._halo_gm), self._start.radius)[1]
        order = np.argsort(energy, kind="stable")
        n = len(order)
        order = np.concatenate([order[c::CHUNKS] for c in range(CHUNKS)])
        # chunk c is order[c n // CHUNKS : (c + 1) n // CHUNKS]; parts differ by one particle at most
        self._order = order
        self._place_of = np.argsort(order)
        begun = self._arrives <= 0
        mass, speed2 = self._start.mass[begun], radial[begun] ** 2 + tangential[begun] ** 2
        inside = masses_inside(self._grid, radius[begun], mass)
        self._first = potential_energy(self._grid, inside, self._fixed) + 0.5 * float(mass @ speed2)
        state = np.zeros((STATES, n))
        state[X], state[VX], state[VY] = radius, radial, tangential
        state[TIME], state[MASS], state[DECAY] = self._arrives, self._start.mass, self._decay_time
        state[KICK], state[COSINE], state[AZIMUTH] = self._start.kick, self._start.kick_cosine, self._start.kick_azimuth
        self._particles = Particles(state[:, order], np.full(n, NEVER_LANDED), np.full(n, PARENT))
        cells, times = len(self._table.look.g), len(self.schedule.windows)
        self._sums = Sums(
            deposit=np.zeros((CHUNKS, cells)),
            moments=np.zeros((CHUNKS, ROWS, cells)),
            energy=np.zeros(CHUNKS),
            steps=np.zeros(CHUNKS, dtype=np.int64),
            failure=np.zeros((CHUNKS, 2), dtype=np.int64),
        )
        self._smooth = np.array([own, own])
        self._moments = np.zeros((times, ROWS, cells))
        self._numbers = np.zeros((times, 6))
        self._gm = np.zeros((times, len(own)))
        # intervals done, steps; energy injected
        self._counters = np.zeros(2, dtype=np.int64)
        self._injected = np.zeros(1)

    def __len__(self):
        return len(self.schedule)

    @property
    def done(self):
        """Intervals that lie behind."""
        return int(self._counters[0])

    @property
    def steps(self):
        """Steps of particles so far."""
        return int(self._counters[1])

    @property
    def digest(self):
        """Hash of all that fixes this run."""
        names = ("radius", "speed", "cosine", "mass", "kick", "kick_cosine", "kick_azimuth")
        return digest_of(
            [getattr(self._start, name) for name in names]
            + [self._decay_time, self._arrives, self._fixed, self._halo_gm]
            + [self.schedule.boundaries, self.schedule.windows, self._numbers.shape],
            repr(sorted(self._settings.items())),
        )

    @property
    def arrays(self):
        """All that changes, by name."""
        p = self._particles
        return {
            "state": p.floats[: MASS + 1],
            "cell": p.cell,
            "species": p.species,
            "field": self._field.gm,
            "smooth": self._smooth,
            "moments": self._moments,
            "numbers": self._numbers,
            "gm": self._gm,
            "counters": self._counters,
            "injected": self._injected,
        }

    def restore(self, stored):
        """Take up the arrays of another run with the same digest."""
        for name, array in self.arrays.items():
            array[...] = stored[name]
        write_field(self._field)
        if self._arriving is not None:
            self._arrived = int(np.searchsorted(self._arriving.time, self.schedule.boundaries[self.done]))

    def advance(self):
        """Go on by one interval.

        Raises
        ------
        ConvergenceError
            A particle was lost.
        """
        k = self.done
        begin, end = self.schedule.boundaries[k], self.schedule.boundaries[k + 1]
        window = self.schedule.window_of(k)
        w = self.schedule.windows[window] if window >= 0 else (0.0, 0.0)
        step = end - begin
        if self._arriving is not None:
            self._let_arrive(end)
        low = np.exp(self._grid.log_low)
        write_table(self._field, self._table)
        self._sums.failure[:] = 0
        if window >= 0:
            self._sums.moments[:] = 0.0
        interval = Interval(
            float(begin), float(end), float(w[0]), float(w[1]), float(self._settings["times"][-1]), self._accuracy,
            float(low * low), float((self._accuracy / step) ** 2), 1.0 - self._mass_loss, depth_of(self._field),
        )  # fmt: skip
        arguments = self._particles, self._table.look, interval, self._sums
        few = len(self._start) < _SHARED
        over_chunks(lambda first, last: follow_chunks(*arguments, first, last), CHUNKS, alone=few)
        self._check(begin, end)
        gained = 0.0
        for energy in self._sums.energy:
            gained += energy
        if window >= 0:
            self._moments[window] += self._sums.moments.sum(axis=0)
            inside = max(min(end, w[1]) - max(begin, w[0]), 0.0)
            self._numbers[window, _INJECTED] += (self._injected[0] + 0.5 * gained) * inside / (w[1] - w[0])
            if begin <= 0.5 * (w[0] + w[1]) < end:
                self._gm[window] = self._field.gm
        self._injected += gained
        self._renew_field(self._sums.deposit.sum(axis=0) / step, step, end == self._settings["times"][-1])
        self._counters += (1, int(self._sums.steps.sum()))
        for number in np.flatnonzero(self.schedule.snapshots == k):
            self._count_bound(number)

    def _check(self, begin, end):
        lost = np.flatnonzero(self._sums.failure[:, 0])
        if len(lost):
            kind, place = self._sums.failure[lost[0]]
            i = self._order[place]
            what = "does not reach the end of its interval" if kind == ENDLESS else "is nowhere: its place is no number"
            raise ConvergenceError(
                f"particle {i} (started at {self._start.radius[i]:.4g} kpc with {self._start.speed[i]:.4g} km/s, kick "
                f"{self._start.kick[i]:.4g} km/s) {what} between times {begin:.6g} and {end:.6g} kpc/(km/s). Look for "
                "numbers in the start that are not finite, or make accuracy smaller"
            )

    def _renew_field(self, cells, step, still):
        mass = np.empty(len(self._fixed))
        inside_edges(self._table, cells, mass)
        first, second = self._smooth
        if self.schedule.smoothing > 0:
            share = step / (step + self.schedule.smoothing)
            first += share * (constants.G * mass - first)
            second += share * (first - second)
            level, trend = 2 * first - second, step / self.schedule.smoothing * (first - second)
            if still:
                # from now on nothing decays, and what was a trend has come to its end
                first[:] = second[:] = level
                trend = 0.0
            gm = level + trend
        else:
            first[:] = second[:] = gm = constants.G * mass
        self._field.gm[:] = increasing(gm) + self._fixed
        write_field(self._field)

    def _count_bound(self, number):
        p = self._particles
        here = p.cell != NEVER_LANDED
        x, y, vx, vy, _, _, mass = p.floats[: MASS + 1, here]
        bound = bound_mass(self._grid, np.hypot(x, y), vx**2 + vy**2, mass, self._fixed)
        time = self._settings["times"][number]
        counted = self._arrives <= time
        decayed = counted & (self._decay_time <= time)
        share = self._start.mass[decayed].sum() / self._start.mass[counted].sum()
        self._numbers[number, : _SHARE + 1] = bound, mass.sum() - bound, share
        # by the gravity of all, so that none is missed
        held = 0.5 * (vx**2 + vy**2) < depth_of(self._field) - fields_at(self._field, np.hypot(x, y))[1]
        born = p.species[here] != PARENT
        self._numbers[number, _HELD:] = np.sum(held & born), np.sum(born)

    def output(self):
        """The answer of a run that is done."""
        moments = tuple(self._moment(number) for number in range(len(self._numbers)))
        edges = edges_of(self._grid)
        radius, counts = resolution(edges, self._start.radius)
        error = energy_error(moments, self._first)
        daughters = tuple((int(held), int(born)) for held, born in self._numbers[:, _HELD:])
        return LiveOutput(edges, moments, error, radius, counts, {**self._settings, "daughters": daughters})

    def _moment(self, number):
        begin, end = self.schedule.windows[number]
        rows = np.zeros((ROWS, len(self._fixed) + 1))
        inside = np.empty(len(self._fixed))
        for row, cells in zip(rows, self._moments[number] / (end - begin), strict=True):
            inside_edges(self._table, cells, inside)
            row[:] = np.diff(inside, prepend=0.0, append=cells.sum())
        parents, daughters = ShellSums.from_rows(rows[:5]), ShellSums.from_rows(rows[5:])
        both = parents.plus(daughters)
        bound, escaped, share, injected = (float(x) for x in self._numbers[number, :_HELD])
        return LiveMoment(
            time=self._settings["times"][number],
            decayed_share=share,
            parents=parents,
            daughters=daughters,
            bound_mass=bound,
            escaped_mass=escaped,
            kinetic=0.5 * float(both.radial_square.sum() + both.tangential_square.sum()),
            potential_energy=potential_energy(self._grid, both.enclosed, self._fixed),
            injected_energy=injected,
            gm=self._gm[number].copy(),
        )


def increasing(gm):
    """The middle between the smallest increasing curve above and the largest one below: it has no bias to either."""
    gm = np.maximum(gm, 0.0)
    return 0.5 * (np.maximum.accumulate(gm) + np.minimum.accumulate(gm[::-1])[::-1])


def _decay_times(start, lifetime):
    if np.isinf(lifetime):
        return np.full(len(start), np.inf)
    return -lifetime * np.log1p(-start.u_decay)


def _growth_time(start, arrives):
    """Time at which half of the mass that comes later is there; infinite if none does."""
    late = np.flatnonzero((arrives > 0) & np.isfinite(arrives))
    if len(late) == 0:
        return np.inf
    order = late[np.argsort(arrives[late], kind="stable")]
    mass = np.cumsum(start.mass[order])
    return float(arrives[order[np.searchsorted(mass, 0.5 * mass[-1])]])


def _per_particle(start, values, name):
    values = np.asarray(values, dtype=float)
    if values.shape != (len(start),) or np.any(np.isnan(values)) or np.any(values < 0):
        raise InputError(f"{name} times of shape {values.shape}; {len(start)} times that are not negative are needed")
    return values
