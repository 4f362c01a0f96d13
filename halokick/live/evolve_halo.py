"""The door to haloes whose gravity follows their decays: a rule chooses the method, a control run judges the drift."""

from functools import partial
from pathlib import Path

import numpy as np

from halokick import units
from halokick.decay.history import DecayHistory
from halokick.decay.kicks import KickDistribution
from halokick.errors import InputError
from halokick.live.accretion import as_accretion
from halokick.live.answer import fixed_snapshots, live_snapshots, resolution_start
from halokick.live.baryons import parents_with
from halokick.live.centre import mixed_inside
from halokick.live.engines import run_engine, same_errors
from halokick.live.fates import make_fates
from halokick.live.limits import share_between
from halokick.live.live_halo import LiveHalo
from halokick.live.profile import INSIDE
from halokick.live.rule import choose_method
from halokick.live.start import live_start

PARTICLES = {"live": 1 << 16, "orbit_iteration": 1 << 14}
"""Particles, or orbits, if nobody says how many."""
_INNERMOST = 0.1


def evolve_halo(
    df,
    kick,
    history,
    *,
    times=None,
    method="auto",
    n=None,
    seed=0,
    baryons=None,
    accretion=None,
    mass_loss=0.0,
    radii=None,
    inside_resolution="continue",
    progress=None,
    checkpoint=None,
    ro=None,
    vo=None,
    **options,
):
    r"""Evolve a halo through its decays, with a potential that follows the mass.

    Where more than a few per cent of the dark matter has decayed, the fixed potential of `phase_mix` keeps too much of
    it in the centre: J inside the scale radius comes out 1.7, 12 and 28 times too high for a lifetime equal to the age
    and kicks of 0.65, 1.3 and 3 times the peak of the circular speed. Three methods answer here, in real masses:

    ``"fixed"``: `phase_mix`, weighted by the decayed share. ``"orbit_iteration"``: the orbits' radial actions and
    angular momenta are kept while the share of decays rises step by step, and the potential is solved for anew; for
    decays that are slow against the orbital period. ``"live"``: particles are followed in their own spherical field,
    by N-body. ``"auto"`` takes the cheapest that is good enough at the radii of interest: see `choose_method`.

    The two live methods follow the same particles without decays as well, and all profiles are relative to that
    control run, so that drift and sampling noise cancel.

    Parameters
    ----------
    df : ErgodicDF
        The parents before decays; of finite mass (`TruncatedProfile`), and without an energy cut.
    kick : KickDistribution
    history : DecayHistory
        Lifetime, age, and the share f_B of the parents. The primordial rest of the dark matter does not decay.
    times : Quantity [time], shape (t,), optional
        When to answer, increasing, up to the age; the age alone if left out. Decays end at the last of them.
    method : str
        ``"auto"``, ``"fixed"``, ``"orbit_iteration"`` or ``"live"``.
    n : int, optional
        Particles (65536) or orbits (16384); powers of 2 are spread best.
    seed : int
        The answer for a seed is the same to the bit for any number of threads.
    baryons : galpy potential or list of them, optional
        Fixed stars and gas, by their spherical average, if the halo of `df` has none. The parents keep their density,
        and get the f(E) of the common potential.
    accretion : MassAccretion, growth history, str or callable, optional
        How the halo's mass grew to that of today, ``"wechsler_2002"`` for example: see `MassAccretion`, and `arrivals`
        for daughters born before. Not in a fixed potential. Left out, the whole halo is there from the beginning.
    mass_loss : float
        Share of its mass that a parent loses in its decay.
    radii : Quantity [length], any shape, optional
        Radii of interest, by which the method is chosen; from a tenth of the scale radius to the peak of the circular
        speed if left out.
    inside_resolution : str
        Inside the resolution radius ``"continue"`` goes on in the shape of the fixed potential, moved outward by the
        loss (see `halokick.live.centre`), or as a power law where there is none (``settings["centre"]`` says which);
        ``"refuse"`` raises, in J-factors too, which reach the centre.
    progress : callable (done, total), optional
    checkpoint : path, optional
        ``"live"``: where the run is kept, to be taken up again; the control run's is next to it.
    ro, vo : Quantity, optional
        galpy's scales, where `baryons` do not carry them.
    **options
        For the method, in internal units: `smoothing`, `interval`, `window`, `accuracy` of `live_nbody`; `steps`,
        `tolerance` of `orbit_iteration`.

    Returns
    -------
    LiveHalo

    Raises
    ------
    UnitError
        A bare number where a time or a length belongs.
    InputError
        Arguments outside their range, or of another method; a halo of infinite mass.
    ConvergenceError
        The method did not reach its accuracy.

    Warns
    -----
    FastDecayWarning
        Orbits of constant actions are asked for by name where decays are too fast for them.
    """
    if not isinstance(history, DecayHistory):
        raise InputError(f"history = {history!r}; a DecayHistory is needed: DecayHistory('20 Gyr')")
    if not isinstance(kick, KickDistribution):
        raise InputError(f"kick = {kick!r}; a kick distribution is needed, such as FixedKick('54 km/s')")
    if inside_resolution not in INSIDE:
        raise InputError(f"inside_resolution = {inside_resolution!r}; allowed are {', '.join(map(repr, INSIDE))}")
    df = parents_with(df, baryons, ro=ro, vo=vo)
    loss = share_between(mass_loss, "mass_loss")
    accretion = as_accretion(accretion)
    moments = output_times(history, times)
    near = radii_of_interest(df) if radii is None else units.quantity(radii, "length", "radii")
    choice = choose_method(df, kick, history, near, method=method, grows=accretion is not None, mass_loss=loss)
    settings = {
        "asked": method,
        "reason": choice.reason,
        "mass_loss": loss,
        "accretion": accretion,
        "radii": near,
        "inside_resolution": inside_resolution,
        "history": history.to_config(),
    }
    known = {"df": df, "kick": kick, "history": history, "times": units.attach(moments, "time"), "choice": choice}
    if choice.method == "fixed":
        _refuse(options, checkpoint)
        snapshots, more = fixed_snapshots(df, kick, history, moments, loss, progress)
        return LiveHalo(
            method="fixed",
            snapshots=snapshots,
            resolution_radius=None,
            energy_error=None,
            control=None,
            settings={**settings, **more},
            **known,
        )
    count = PARTICLES[choice.method] if n is None else n
    fates = make_fates(choice.method, df, history, live_start(df, kick, count, seed), accretion, moments[-1])
    engine = partial(run_engine, choice.method, df, fates, times=moments, mass_loss=loss)
    first = engine(history=history, progress=_part(progress, 0), checkpoint=_checkpoint(checkpoint, 0), options=options)
    control = engine(
        history=None,
        progress=_part(progress, 1),
        checkpoint=_checkpoint(checkpoint, 1),
        options=same_errors(choice.method, options, first),
    )
    start = resolution_start(df, first, control, grows=accretion is not None)
    mixed = mixed_inside(df, kick, start) if inside_resolution == "continue" else None
    settings["centre"] = "power law" if mixed is None else "fixed potential"
    edges = units.attach(control.edges, "length")
    drift = control.moments[-1].total.enclosed / np.asarray(units.to_internal(df.profile.mass(edges), "mass"))
    return LiveHalo(
        method=choice.method,
        snapshots=live_snapshots(
            df, history, first, control, start, inside_resolution, mixed, loss, grows=accretion is not None
        ),
        resolution_radius=units.attach(start, "length"),
        energy_error=first.energy_error,
        control=(edges, drift),
        settings={**settings, "n": count, "seed": seed, **fates.shares, "engine": dict(first.settings)},
        **known,
    )


def output_times(history, times):
    """Times of the answer [kpc/(km/s)], judged."""
    if times is None:
        return np.array([history._age])
    found = np.atleast_1d(np.asarray(units.to_internal(times, "time", "times"), dtype=float))
    if found.ndim != 1 or not np.all(found > 0) or np.any(np.diff(found) <= 0) or found[-1] > history._age * (1 + 1e-9):
        raise InputError(
            f"times = {times}; increasing times after the beginning, up to the age {history.age}, are needed"
        )
    return found


def radii_of_interest(df):
    """From a tenth of the scale radius to the peak of the circular speed of the halo."""
    halo, scale = df.halo, df.profile._scale_radius
    log_r = np.linspace(np.log(_INNERMOST * scale), min(np.log(10 * scale), df._log_outermost - 0.1), 200)
    peak = int(np.argmax(halo._look_up(halo._field.vc2, log_r)))
    return units.attach(np.exp(np.linspace(log_r[0], log_r[max(peak, 1)], 9)), "length")


def _refuse(options, checkpoint):
    given = [*options, *(["checkpoint"] if checkpoint is not None else [])]
    if given:
        raise InputError(
            f"{', '.join(given)}: the fixed potential, which was chosen, has no such settings; leave them out, or give "
            'method="live" or "orbit_iteration"'
        )


def _part(progress, part):
    """Progress of one of the two runs as that of both."""
    return None if progress is None else lambda done, total: progress(done + part * total, 2 * total)


def _checkpoint(path, part):
    return None if path is None else (Path(path), Path(f"{path}.control"))[part]
