"""A live halo in three dimensions: particles that attract each other, decay, and may orbit in a host.

Where the answer is round, the spherical engines are faster by orders of magnitude and far less noisy: N particles here
relax by encounters. This one is for what they cannot do, tides and the instability of radial orbits.
"""

from dataclasses import dataclass, replace
from time import monotonic

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.live.tree_decay import Injected, Particles, plan_decays
from halokick.live.tree_forces import TreeGravity, default_softening
from halokick.live.tree_snapshot import Books, TreeSnapshot
from halokick.live.tree_steps import Host, advance

_QUIET = 2.0
"""Seconds before anybody is told of progress."""
_PARTS = 1000


@dataclass(frozen=True, eq=False)
class TreeHalo:
    """A three-dimensional halo through time; made by `evolve_tree_halo`. ``halo[i]`` is snapshot i.

    Attributes
    ----------
    snapshots : tuple of TreeSnapshot
        The first is the start, or what the run was resumed from.
    complete : bool
        Whether all times asked for were reached.
    settings : dict
    """

    snapshots: tuple
    complete: bool
    settings: dict

    def __len__(self):
        return len(self.snapshots)

    def __getitem__(self, index):
        return self.snapshots[index]

    @property
    def times(self):
        """Quantity [time], one per snapshot."""
        return units.attach([one._time for one in self.snapshots], "time")

    @property
    def energy_error(self):
        """Energy that the decays do not explain, over |K| + |W| of the start; NaN where a host may change energy."""
        known = self.settings["energy_conserved"]
        return np.array([one.books.energy_error if known else np.nan for one in self.snapshots])

    @property
    def decayed_share(self):
        """Share of the first parents that have decayed at each time."""
        return np.array([one.decayed_share for one in self.snapshots])

    @property
    def bound_mass(self):
        """Quantity [mass] : bound at each time."""
        return units.attach([units.to_internal(one.bound.mass, "mass") for one in self.snapshots], "mass")


def checked_parents(df, n):
    """Refuse what is no distribution function, and no number of particles."""
    if not isinstance(df, ErgodicDF):
        raise InputError(f"df = {df!r}; the parents' distribution function is needed: ErgodicDF(Halo(profile))")
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 2:
        raise InputError(f"n = {n!r}; a whole number of particles, at least 2, is needed")


def draw_particles(df, n, seed, *, within=None, start=None, orbit=None, ro=None, vo=None):
    """Positions [kpc], velocities [km/s] and particle mass [Msun] of the halo at t = 0; see `evolve_tree_halo`."""
    checked_parents(df, n)
    sample = df.sample(int(n), seed, within=within) if start is None else start
    position = np.array(units.to_internal(sample.position, "length"))
    velocity = np.array(units.to_internal(sample.velocity, "speed"))
    if position.shape != (n, 3) or velocity.shape != (n, 3):
        raise InputError(f"start has positions {position.shape} and velocities {velocity.shape}; n = {n} are needed")
    position -= position.mean(axis=0)
    velocity -= velocity.mean(axis=0)
    if orbit is not None:
        centre, motion = _phase_space(orbit, ro, vo)
        position += centre
        velocity += motion
    return position, velocity, float(units.to_internal(sample.particle_mass, "mass"))


def _phase_space(orbit, ro, vo):
    """Position [kpc] and velocity [km/s] of the halo's centre."""
    if hasattr(orbit, "vx"):
        scale = {"quantity": True, "use_physical": True}
        scale |= {name: value for name, value in (("ro", ro), ("vo", vo)) if value is not None}
        position = [getattr(orbit, axis)(**scale) for axis in ("x", "y", "z")]
        velocity = [getattr(orbit, axis)(**scale) for axis in ("vx", "vy", "vz")]
    else:
        try:
            position, velocity = orbit
        except (TypeError, ValueError) as error:
            raise InputError(
                f"orbit = {orbit!r}; give a galpy Orbit, or a position and a velocity: "
                "([50, 0, 0] * u.kpc, [0, 180, 0] * u.km / u.s)"
            ) from error
    position = np.asarray(units.to_internal(position, "length", "orbit's position"), dtype=float)
    velocity = np.asarray(units.to_internal(velocity, "speed", "orbit's velocity"), dtype=float)
    if position.shape != (3,) or velocity.shape != (3,):
        raise InputError(f"orbit = {orbit}; position and velocity have three components each")
    return position, velocity


def _books(particles, gravity, host, time, injected, start):
    x, v, m = particles.position, particles.velocity, particles.mass
    kinetic = 0.5 * float(np.sum(m * np.sum(v**2, axis=1)))
    momenta = m[:, None] * v
    return Books(
        kinetic=kinetic,
        potential=gravity.energy(x, m),
        host=float(np.sum(m * host.energy_per_mass(x, v, time))) - kinetic,
        momentum=momenta.sum(axis=0),
        angular_momentum=np.cross(x, momenta).sum(axis=0),
        injected=injected,
        start=start,
    )


def evolve_tree_halo(
    df,
    kick,
    history,
    *,
    n,
    seed,
    times=None,
    mass_loss=0.0,
    softening=None,
    opening=0.5,
    gravity="auto",
    step=0.025,
    host=None,
    orbit=None,
    within=None,
    start=None,
    ro=None,
    vo=None,
    progress=None,
    keep=None,
    stop=None,
    resume=None,
):
    r"""Follow a halo of decaying particles in three dimensions.

    Leapfrog (kick, drift, kick) with one step for all particles, the interval between outputs over a power of two and
    at most

    .. math:: \Delta t = \min\left(\sqrt{2\eta\,\epsilon/|a|},\; 2\eta\sqrt{R/|a_\mathrm{host}|}\right)

    over all particles: a is the acceleration of one by the others, epsilon the Plummer-equivalent softening (Springel
    2005, MNRAS 364, 1105, Eq. 34), and R the distance from the origin, where a host's centre is. The particle that is
    pulled most, in the centre of the halo or of the host, so sets the step of all. It shrinks at once, and is doubled
    where a step twice as long would begin, if that is shorter than 0.7 of what is then allowed.

    Decays happen at the ends of steps: the particle gets its isotropic kick, and loses a share of its mass, at once,
    and the change of energy, momentum and angular momentum is booked exactly, so that what is left over is the error of
    the integration. Gravity is pytreegrav's (`TreeGravity`); a host adds its force to that of the particles, and feels
    nothing itself: there is no dynamical friction.

    Parameters
    ----------
    df : ErgodicDF
        Parents, isolated; with a host, the halo before the host acts on it. Equal masses are drawn from it and brought
        to rest at the origin.
    kick : KickDistribution
    history : DecayHistory
        Decays begin at t = 0; its age is the default for `times`. Particles in the primordial share never decay.
    n : int
        Number of particles.
    seed : int or numpy.random.SeedSequence
    times : Quantity [time], optional
        Increasing, positive: when to keep snapshots. They are also where steps begin anew, so another list gives other
        rounding errors.
    mass_loss : float
        Share of the parent's mass that leaves in a decay, in [0, 1).
    softening : Quantity [length], optional
        Plummer-equivalent. Left out, :math:`0.05\,r_s\,(n/10^5)^{-1/3}`.
    opening : float
        The tree's opening angle.
    gravity : str
        ``"tree"``, ``"direct"``, or ``"auto"``: direct up to 8000 particles.
    step : float
        The accuracy :math:`\eta` of the time step.
    host : galpy potential, optional
        Its forces come through `halokick.halo.force_field`.
    orbit : galpy Orbit, or (Quantity [length] (3,), Quantity [speed] (3,)), optional
        Position and velocity of the halo's centre in the host, at t = 0.
    within : Quantity [length], optional
        Draw particles inside this radius only; needed where the mass is infinite.
    start : PhaseSpaceSample, optional
        Particles to begin with instead of a draw from `df`.
    ro, vo : Quantity, optional
        galpy's scales, where host or orbit do not carry them.
    progress : callable (done, total), optional
        Told from the third second on.
    keep : callable (TreeSnapshot), optional
        Gets each snapshot when it is reached, the first one included, for example to write it to disk.
    stop : callable, optional
        Asked after each step; if it answers with anything true, the run ends with the snapshots it has.
    resume : TreeSnapshot, optional
        Go on from here: the rest of the run is the same to the bit as if it had not been interrupted.

    Returns
    -------
    TreeHalo

    Raises
    ------
    InputError
        A value outside its range, pytreegrav is missing, or `resume` is of another run.
    ConvergenceError
        The time step falls below 1e-12 of the interval.

    Notes
    -----
    N bodies relax by encounters, in :math:`N/(8\ln N)` crossing times: compare with a run without decays of the same
    seed before believing a core.
    """
    eta = units.to_internal(step, "dimensionless", "step")
    if not 0 < eta <= 1:
        raise InputError(f"step = {step}; an accuracy above 0 and at most 1 is allowed, such as 0.025")
    outputs = _outputs(history if times is None else times)
    settled = Host(host, ro, vo)
    checked_parents(df, n)
    if softening is None:
        softening = units.attach(default_softening(df.profile._scale_radius, n), "length")
    attraction = TreeGravity(softening, opening, gravity)
    if resume is None:
        if (host is None) != (orbit is None):
            raise InputError(
                "host and orbit go together: a potential, and where in it the halo begins and how it moves"
            )
        drawn = draw_particles(df, n, seed, within=within, start=start, orbit=orbit, ro=ro, vo=vo)
        plan = plan_decays(kick, history, int(n), seed, mass_loss)
        current = _begin(*drawn, plan, attraction, settled)
    else:
        current = _resumed(resume, kick, history, n, seed, mass_loss, outputs, attraction)
    first = current.books if current.books.start is None else current.books.start
    if keep is not None and resume is None:
        keep(current)
    snapshots, steps, complete = [current], 0, True
    began, last = monotonic(), outputs[-1]
    for target in outputs[outputs > current._time]:
        injected = current.books.injected
        done = None
        for done in advance(current.particles, current.plan, current.gravity, settled, current._time, target, eta):
            if progress is not None and monotonic() - began > _QUIET:
                progress(int(_PARTS * done.time / last), _PARTS)
            if stop is not None and stop():
                complete = bool(done.time == last)
                break
        steps += done.steps
        if done.time != target:
            break
        # a fresh force, without the history of sums and differences that decays leave in it, as a resumed run has
        particles = _fresh(done.particles, current.gravity)
        books = _books(particles, current.gravity, settled, target, injected.plus(done.injected), first)
        current = TreeSnapshot(float(target), particles, current.plan, current.gravity, books, current.particle_mass)
        snapshots.append(current)
        if keep is not None:
            keep(current)
        if stop is not None and stop():
            complete = bool(target == last)
            break
    settings = {
        "n": int(n),
        "step": float(eta),
        "steps": steps,
        "softening": current.gravity.softening,
        "opening": current.gravity.opening,
        "gravity": current.gravity.method,
        "mass_loss": current.plan.mass_loss,
        "host": None if settled.field is None else settled.field.way,
        "energy_conserved": settled.conserves,
        "kick": kick.to_config(),
        "history": history.to_config(),
    }
    return TreeHalo(tuple(snapshots), complete, settings)


def _begin(position, velocity, each, plan, gravity, host):
    mass = np.full(len(position), each)
    decayed = np.zeros(len(position), dtype=bool)
    particles = Particles(position, velocity, mass, decayed, gravity.acceleration(position, mass))
    return TreeSnapshot(0.0, particles, plan, gravity, _books(particles, gravity, host, 0.0, Injected(), None), each)


def _fresh(particles, gravity):
    return replace(particles, acceleration=gravity.acceleration(particles.position, particles.mass))


def _outputs(times):
    if hasattr(times, "age"):
        times = times.age
    outputs = np.atleast_1d(np.asarray(units.to_internal(times, "time", "times"), dtype=float))
    if outputs.ndim != 1 or outputs[0] <= 0 or np.any(np.diff(outputs) <= 0):
        raise InputError(f"times = {times}; positive times in increasing order are needed, such as [1, 5, 10] * u.Gyr")
    return outputs


def _resumed(snapshot, kick, history, n, seed, mass_loss, outputs, gravity):
    plan = plan_decays(kick, history, len(snapshot), seed, mass_loss)
    old = snapshot.plan
    same = len(snapshot) == n and plan.mass_loss == old.mass_loss and np.array_equal(plan.time, old.time)
    if not (same and np.array_equal(plan.kick, old.kick) and np.array_equal(plan.primordial, old.primordial)):
        raise InputError(
            "the snapshot to resume from belongs to another run: its decays are not those of this kick, history, seed, "
            "n and mass_loss"
        )
    if gravity != snapshot.gravity:
        raise InputError(
            f"the snapshot to resume from has {snapshot.gravity}; give the same softening, opening and gravity"
        )
    if snapshot._time >= outputs[-1]:
        raise InputError(f"the snapshot to resume from is already at {snapshot.time:.6g}, the last of the times")
    return replace(snapshot, particles=_fresh(snapshot.particles, snapshot.gravity))
