"""The two engines of live haloes behind one call, with or without decays."""

from dataclasses import replace

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.live.nbody import live_nbody
from halokick.live.orbit_iteration import orbit_iteration

_OPTIONS = {
    "live": ("smoothing", "interval", "window", "accuracy"),
    "orbit_iteration": ("steps", "tolerance"),
}
_UNBINDING = 1e3
"""Kick of daughters that never join, over the escape speed from the centre."""


def run_engine(method, df, fates, *, history, times, mass_loss, progress, checkpoint, options):
    """Follow particles with fates.

    Parameters
    ----------
    method : str
        ``"live"`` or ``"orbit_iteration"``.
    df : ErgodicDF
    fates : Fates
    history : DecayHistory or None
        None for the control run, in which nothing decays.
    times : ndarray [kpc/(km/s)]
    mass_loss : float
    progress, checkpoint
        See `evolve_halo`.
    options : dict
        Settings of the method.

    Returns
    -------
    LiveOutput
        With decays, ``settings["daughters"]`` holds two numbers for each time: of the daughters that are bound, and of
        all that were born.

    Raises
    ------
    InputError
        Options or a checkpoint that the method does not have.
    """
    unknown = sorted(set(options) - set(_OPTIONS[method]))
    if unknown:
        allowed = ", ".join(_OPTIONS[method])
        raise InputError(f'{", ".join(unknown)}: method = "{method}" has no such settings; allowed are {allowed}')
    return _ENGINES[method](df, fates, history, times, mass_loss, progress, checkpoint, options)


def same_errors(method, options, found):
    """Options with which a control run smooths its field as the run did that found this."""
    if method != "live":
        return options
    return {**options, **{name: found.settings[name] for name in ("smoothing", "interval", "window")}}


def _nbody(df, fates, history, times, mass_loss, progress, checkpoint, options):
    start, came = replace(fates.start, kick=fates.kick), fates.activation
    decay, lifetime = np.full(len(start), np.inf), np.inf
    if history is not None:
        decay, lifetime = fates.decay_time, units.to_internal(history.lifetime, "time", finite=False)
        came = np.where(fates.lost, np.inf, came)
    return live_nbody(
        start,
        df,
        lifetime=lifetime,
        times=times,
        mass_loss=mass_loss,
        decay_time=decay,
        activation=came if fates.grows else None,
        progress=progress,
        checkpoint=checkpoint,
        **options,
    )


def _orbits(df, fates, history, times, mass_loss, progress, checkpoint, options):
    if checkpoint is not None:
        raise InputError('checkpoint: method = "orbit_iteration" keeps none; leave it out, or give method="live"')
    if history is None:
        # without decays a halo that has grown ends as it is when all are there, and one that does not grow stays
        found = orbit_iteration(fates.start, df, times=(0.0,), lifetime=np.inf, progress=progress, **options)
        return replace(found, moments=found.moments * len(times))
    escape = np.sqrt(2 * df.halo._field.psi0)
    # the balance of energies begins with the halo at rest
    found = orbit_iteration(
        fates.start,
        df,
        times=(0.0, *times),
        lifetime=units.to_internal(history.lifetime, "time", finite=False),
        mass_loss=mass_loss,
        decaying_share=history.parent_share,
        activation=fates.activation if fates.grows else None,
        birth_kick=np.where(fates.lost, _UNBINDING * escape, fates.kick) if fates.grows else None,
        progress=progress,
        **options,
    )
    counted = zip(found.moments[1:], found.settings["states"][1:], strict=True)
    # orbits that are unbound are those of daughters, which were so when they were born
    held = ((round(float(moment.daughters.count.sum())), states["ESCAPED"]["number"]) for moment, states in counted)
    daughters = tuple((bound, bound + escaped) for bound, escaped in held)
    return replace(found, moments=found.moments[1:], settings={**found.settings, "daughters": daughters})


_ENGINES = {"live": _nbody, "orbit_iteration": _orbits}
