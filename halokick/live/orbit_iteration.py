"""Live haloes by orbits of constant actions: the field is found anew at each decayed share, time never enters."""

from enum import Enum

import numpy as np

from halokick import constants
from halokick.errors import ConvergenceError, InputError
from halokick.kernels.live_field import edges_of
from halokick.kernels.live_orbits import BOUND, ESCAPED, LOST, WAITING, orbit_field
from halokick.live.energy import bound_mass, depth_of, field_of_gm, potential_energy
from halokick.live.field_iteration import FieldIteration, predicted
from halokick.live.grid import initial_gm, live_grid
from halokick.live.orbit_populations import Daughters, Parents, decay_plan
from halokick.live.output import LiveMoment, LiveOutput, ShellSums, energy_error, resolution

STEPS = 16
TOLERANCE = 1e-3
_PER_LIFETIME, _GROWING = 10, 32
"""Steps per lifetime, if that is more, and of a halo that grows: energies then balance to half a per cent."""
_FIRST, _LEAST, _MOST = 10, 2, 60
"""Corrections at the first solution, which nothing predicts, and least and largest number at the others."""
_COUNTED = 30
"""Orbits inside the innermost edge at which the field has to converge."""
_FLOOR = 1e-8
_MOST_LOST = 1e-3
_NONE = np.empty((0, 8))


class OrbitState(Enum):
    """What became of an orbit."""

    WAITING = WAITING
    """Not born, or not yet part of the halo."""
    BOUND = BOUND
    """Part of the halo, with its own action."""
    ESCAPED = ESCAPED
    """Unbound when it was born: left out from then on."""
    LOST = LOST
    """No orbit with its action was found in the present field: left out, and counted."""


def orbit_iteration(start, df, *, times, lifetime, mass_loss=0.0, decaying_share=1.0, baryons_gm=None, activation=None,
                    birth_kick=None, steps=None, tolerance=TOLERANCE, progress=None):  # fmt: skip
    r"""Halo after slow decays, from orbits that keep J_r and L while the field changes around them.

    Every parent is an orbit with a weight that falls with the decayed share x, and has one daughter, born when a share
    x_i of all parents has decayed, at a place of the parent's orbit where a random time finds it, kicked there in the
    field of then, with the weight of all that decays until the end. At each step the field is the one that its own
    orbits make: their mass is spread over ln r by the time they pass there, and the field with which this agrees to
    `tolerance` is found by mixing past attempts (`FieldIteration`), beginning from what the steps before predict.
    A daughter is born in the field of the nearer end of its step.

    Valid while the field changes little in an orbital period (:math:`|d\ln M/dt|\,T_r \ll 1`), and for orbits with
    periods below the halo's age. Daughters that are unbound when they are born leave; those on their way out are a
    steady stream, rate of decay times flight time in the present field, renewed at each step, whose mass is part of
    the field and of the daughters' shells, mean velocity and dispersions included. Energies are those of the bound
    orbits, for which the stream is a fixed mass; the work that it does as it changes is counted as injected. A daughter
    that is unbound when it is born never comes back, while a halo that grows fast would overtake some of them.

    Parameters
    ----------
    start : LiveStart
    df : ErgodicDF
        From which the start was drawn: the orbits have the actions that they have in its halo.
    times : sequence of float [kpc/(km/s)]
        When to answer, increasing; 0 gives the halo before decays as the same orbits make it, with which the others
        should be compared (it errs by 0.2 per cent in M, and by sampling). But for the stream and for arrivals, the
        answer depends on time only through the share :math:`x = 1 - e^{-t/\tau}`: for shares alone, make both times
        and lifetime very long.
    lifetime : float [kpc/(km/s)]
        tau; infinite: no decays.
    mass_loss : float
        Share of its mass that a daughter lost.
    decaying_share : float
        Share of each particle's mass that consists of parents; the rest moves along and never decays.
    baryons_gm : ndarray [kpc km2/s2], optional
        G M(<r) of fixed masses at the edges of `live_grid`; those of the halo of `df` if not given. If they differ from
        those, the halo answers to the change as to one that was slow: adiabatic contraction.
    activation : ndarray [kpc/(km/s)], shape (n,), optional
        When each particle becomes part of the halo. Its actions are those that it has in the halo of `df`, so that a
        halo that grows without decays ends as that halo. A decay that is due before happens on arrival.
    birth_kick : ndarray [km/s], shape (n,), optional
        Speeds of the daughters' kicks where they are not those of the start, as for daughters that were born before
        they arrive. The stream is made of present decays, whose kicks are always those of the start.
    steps : int, optional
        Equal steps in time to the last time; times to answer at make some of them shorter.
    tolerance : float
        Largest change of ln M inside any edge by the last correction, where 30 orbits or more are inside.
    progress : callable (done, total), optional
        Called after each step.

    Returns
    -------
    LiveOutput
        `settings` hold the estimates of errors: "correction_errors", the last change of ln M for each moment, and the
        corrections of all steps; numbers and masses by state, for each moment. The relative noise of the mass inside r
        is about N(<r)^-1/2 for random particles, and several times less for a quiet start. What longer or shorter steps
        do says `orbit_steps.step_error`. What arrives is booked with its energy in the mean of the fields before and
        after its step.

    Raises
    ------
    InputError
        An argument outside its range.
    ConvergenceError
        A field does not converge, or orbits without an action hold a thousandth of the mass.
    """
    run = _Run(start, df, times, lifetime, mass_loss, decaying_share, baryons_gm, activation, birth_kick,
               steps, tolerance)  # fmt: skip
    total = len(run.nodes)
    for done in range(total):
        run.advance(done)
        if progress is not None:
            progress(done + 1, total)
    return run.output()


class _Run:
    def __init__(self, start, df, times, lifetime, mass_loss, share, baryons_gm, activation, birth_kick, steps,
                 tolerance):  # fmt: skip
        self.times = _checked_times(times)
        if not lifetime > 0:
            raise InputError(f"lifetime = {lifetime!r}; a positive number, or infinity, is needed")
        for name, value in (("mass_loss", mass_loss), ("decaying_share", share)):
            if not 0 <= value <= 1:
                raise InputError(f"{name} = {value!r}; a share between 0 and 1 is needed")
        if not 1e-8 <= tolerance <= 0.1:
            raise InputError(f"tolerance = {tolerance!r}; a number between 1e-8 and 0.1 is needed")
        self.start, self.tolerance, self.lifetime, self.share = start, tolerance, lifetime, share
        self.grid = live_grid(df)
        dark, fixed = initial_gm(df, self.grid)
        self.fixed = fixed if baryons_gm is None else initial_gm(df, self.grid, baryons_gm)[1]
        self.floor = _FLOOR * dark
        plan = decay_plan(start, lifetime, self.times[-1], share, mass_loss, activation, birth_kick)
        self.grows = plan.grows
        usual = usual_steps(self.times[-1], lifetime, grows=plan.grows)
        self.nodes = _nodes(self.times, usual if steps is None else steps)
        first = orbit_field(field_of_gm(self.grid, dark + fixed))
        self.parents = Parents(start, plan, first, self.grid)
        self.daughters = Daughters(plan, self.parents)
        self.field, self.y = first, np.log(dark)
        self.stream = ShellSums.from_rows(np.zeros((5, len(dark) + 1)))
        self.stream_gm = self.old_stream_gm = np.zeros(len(dark))
        self.work = self.brought = 0.0
        self.first_energy = None
        self.counts = np.full(len(dark), np.inf)
        self.solved_times, self.solved, self.moments = [], [], []
        self.residuals, self.corrections, self.moment_errors, self.moment_states = [], [], [], []
        self.settings = {
            "lifetime": lifetime, "mass_loss": mass_loss, "decaying_share": share, "n": len(start),
            "seed": start.seed, "tolerance": tolerance, "steps": len(self.nodes) - 1,
        }  # fmt: skip

    def advance(self, node):
        """Solve for the field at one node of time."""
        time = self.nodes[node]
        born_before = self.daughters.live
        before = self.parents.energies() - self.infinity if self.grows and node > 0 else None
        if node > 0:
            self.daughters.bear_until(0.5 * (self.nodes[node - 1] + time), self.field, self.infinity)
            born_before = self.daughters.live
            self.y = predicted(self.solved_times, self.solved, time, self.trusted)
        self.daughters.extend_until(time)
        self.parents.weigh(time)
        self.daughters.weigh()
        self._solve(time, born_before, _FIRST if node == 0 else _LEAST)
        self.solved_times.append(time)
        self.solved.append(self.y)
        if before is not None:
            after = self.parents.energies() - self.infinity
            # half in the field of before and half in that which they help to make: a halo that grows by dm at constant
            # actions gains E dm
            self.brought += float(np.sum(self.parents.arrived(self.nodes[node - 1], time) * 0.5 * (before + after)))
        if node == 0:
            self.first_energy = sum(self._energies(self._shells()))
        if time in self.times:
            self._answer(time)

    def _solve(self, time, born_before, least):
        mixing = None
        for correction in range(1, _MOST + 1):
            self._move_to(np.exp(self.y) + self.fixed + self.stream_gm)
            sums = self.parents.relax(self.field, self.change)
            if correction == 1 and len(self.solved) > 0:
                sums = self._let_stream(time)
            self.daughters.bear(born_before, self.daughters.live, self.field, self.infinity)
            sums = sums + self.daughters.relax(self.field, self.change)
            gm, self.counts = _enclosed(sums)
            self.mass = gm / constants.G
            image = np.log(np.maximum(gm, self.floor))
            if not np.all(np.isfinite(image)):
                raise ConvergenceError("the mass of the orbits is not finite; this is a bug, please report it")
            self.trusted = int(np.searchsorted(self.counts, _COUNTED))
            if self.trusted == len(self.counts):
                raise ConvergenceError(
                    f"fewer than {_COUNTED} bound orbits are left: nothing can be said about this halo but that it is "
                    "gone; increase n, or ask for earlier times"
                )
            if np.any(gm[self.trusted :] <= self.floor[self.trusted :]):
                raise ConvergenceError(
                    f"less than {_FLOOR:g} of the mass inside some radius is left there; ask for earlier times"
                )
            residual = float(np.max(np.abs(image - self.y)[self.trusted :]))
            if residual < self.tolerance and correction >= least:
                break
            if mixing is None:
                mixing = FieldIteration(np.sqrt(np.minimum(self.counts, 1e3)))
            self.y = mixing.next(self.y, image, self.trusted)
        else:
            raise ConvergenceError(
                f"after {_MOST} corrections the enclosed mass still changes by {residual:.2g}; more steps make better "
                f"predictions, more orbits a smoother field"
            )
        self.work += self._half_of_work()
        self.residuals.append(residual)
        self.corrections.append(correction)

    def _let_stream(self, time):
        """Find what is on its way out; and its work on the rest, as its own potential changes; sums of parents anew."""
        self.stream = self.parents.stream(time, self.field)
        gm, self.old_stream_gm = constants.G * self.stream.enclosed, self.stream_gm
        self.stream_gm = gm
        self.work += self._half_of_work()
        self._move_to(np.exp(self.y) + self.fixed + gm)
        return self.parents.relax(self.field, self.change)

    def _half_of_work(self):
        """Half of the work that the change of the stream would do on the orbits as they are now."""
        after, before = (potential_energy(self.grid, self.mass, gm) for gm in (self.stream_gm, self.old_stream_gm))
        return 0.5 * (after - before)

    def _move_to(self, gm):
        """The field of this G M, and how its potential differs from that of the last one."""
        live = field_of_gm(self.grid, gm)
        new = orbit_field(live)
        self.change = new.table - self.field.table
        self.field, self.gm, self.infinity = new, gm, depth_of(live)

    def _shells(self):
        log_edges = np.log(edges_of(self.grid))
        return [population.shells(self.field, log_edges) for population in (self.parents, self.daughters)]

    def _energies(self, shells):
        """K and W of the orbits."""
        both = shells[0].plus(shells[1])
        kinetic = 0.5 * float(np.sum(both.radial_square + both.tangential_square))
        return kinetic, potential_energy(self.grid, both.enclosed, self.fixed + self.stream_gm)

    def _bound_mass(self):
        """As in N-body, from one place on each orbit."""
        sets = [population.places(self.field) for population in (self.parents, self.daughters)]
        radius, speed2, mass = (np.concatenate(both) for both in zip(*sets, strict=True))
        return bound_mass(self.grid, radius, speed2, mass, self.fixed)

    def _answer(self, time):
        parents, daughters = shells = self._shells()
        kinetic, potential = self._energies(shells)
        states = {
            state.name: {"number": number, "mass": mass}
            for state, (number, mass) in zip(
                OrbitState, _tally([self.parents, self.daughters], [s.value for s in OrbitState]), strict=True
            )
        }
        known = states["BOUND"]["mass"] + states["ESCAPED"]["mass"]
        if states["LOST"]["mass"] > _MOST_LOST * known:
            raise ConvergenceError(
                f"{states['LOST']['number']} orbits with {states['LOST']['mass']:.3g} Msun have no energy at which "
                "their action is what it was; more steps make smaller changes"
            )
        bound = self._bound_mass()
        self.moments.append(
            LiveMoment(
                time=time,
                decayed_share=float(-np.expm1(-time / self.lifetime)),
                parents=parents,
                daughters=daughters.plus(self.stream),
                bound_mass=bound,
                escaped_mass=known - bound,
                kinetic=kinetic,
                potential_energy=potential,
                injected_energy=self.daughters.injected() + self.work + self.brought,
                gm=self.gm.copy(),
            )
        )
        self.moment_errors.append(self.residuals[-1])
        self.moment_states.append(states)

    def output(self):
        """The answer, once all nodes are solved."""
        edges = edges_of(self.grid)
        radius, counts = resolution(edges, self.start.radius)
        settings = self.settings | {
            "corrections": tuple(self.corrections),
            "correction_errors": tuple(self.moment_errors),
            "states": tuple(self.moment_states),
        }
        return LiveOutput(
            edges=edges,
            moments=tuple(self.moments),
            energy_error=energy_error(self.moments, self.first_energy),
            resolution_radius=radius,
            resolution_counts=counts,
            settings=settings,
            method="orbit iteration",
        )


def _enclosed(sums):
    """G M and number inside each edge from sums of ramps, see `kernels.live_populations.relax`."""
    slope, moment = sums[:, :2], sums[:, 2:]
    inside = np.cumsum(np.cumsum(slope, axis=0) - moment, axis=0)
    return inside[:, 0], inside[:, 1]


def _tally(populations, values):
    """Number and mass [Msun] of the orbits in each state."""
    for value in values:
        here = [(population, population.states() == value) for population in populations]
        number = sum(int(np.sum(which)) for _, which in here)
        yield number, sum(float(np.sum(population.gm[which])) for population, which in here) / constants.G


def usual_steps(end, lifetime, *, grows):
    """Steps in which the field is solved for until a time, if nobody says how many."""
    return max(_GROWING if grows else STEPS, int(np.ceil(_PER_LIFETIME * end / lifetime)))


def _nodes(times, steps):
    """Nodes of time from 0 on, `times` among them."""
    end = times[-1]
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
        raise InputError(f"steps = {steps!r}; a whole number of at least 1 is needed")
    nodes = [0.0]
    for time in times:
        if time > 0:
            count = max(int(np.ceil((time - nodes[-1]) / end * steps - 1e-9)), 1)
            nodes += [*np.linspace(nodes[-1], time, count + 1)[1:-1], time]
    return nodes


def _checked_times(times):
    times = [float(time) for time in np.atleast_1d(times)]
    if not times or not np.all(np.isfinite(times)) or times[0] < 0 or np.any(np.diff(times) <= 0):
        raise InputError(f"times = {times}; increasing finite times from 0 on are needed")
    return times
