"""What a study would cost, before it runs."""

import math

from cosmology.models import TakesOrigin
from halokick import units
from halokick.daughters.follow import orbit_chunks
from halokick.daughters.integrated import IntegratedChunks
from halokick.kernels.compiled import threads
from halokick.live.evolve_halo import PARTICLES, radii_of_interest
from halokick.live.orbit_iteration import STEPS, usual_steps
from halokick.live.rule import choose_method
from halokick.study import build
from halokick.study.config_method import LIVE
from halokick.study.live_study import live_arguments
from halokick.study.run import orbit_arguments
from halokick.study.telescope_cost import telescope_cost

_SECONDS_PER_RADIUS = {"phase_mixing": 7e-3, "ergodic": 2e-3}
"""One kick speed at one radius, one core of a 2020s machine, kernels compiled (measured; other machines: factor 2)."""
_SECONDS_PER_PARTICLE = 8e-6
"""Sampling and depositing one particle's exact radial motion, same machine."""
_SECONDS_PER_ORBIT = {"mass": 2.5e-5, "stratified": 3.5e-4}
"""Integrating one orbit for 13.8 Gyr in a galaxy with a disk, to 1e-6 of its energy, on one core of such a machine.

Roughly: orbits near the centre, of which stratified sampling has many, take a hundred times as long as outer ones.
"""
_SECONDS_PER_LIVE = {"orbit_iteration": 5e-5, "live": 8e-5}
"""A particle of a live halo in 13.8 Gyr, two cores of such a machine; orbits in the usual number of steps."""
_BEGINNING = 8
"""Steps that take as long as the first solution for the field of orbits, and the control run, together."""
_LIVE_FIXED_SECONDS = 3.0
_LIVE_GRID_SECONDS = 70.0
"""Solving the grid of NFW haloes that follow their decays, same machine."""
_USUAL_TIME = units.quantity("13.8 Gyr", "time")
_GRID_SECONDS, _SECONDS_PER_DRAW = 20.0, 2e-5
"""Solving the grid of NFW haloes once, and one dwarf's halo drawn and seen with one kick speed, same machine."""
_FIXED_SECONDS = 4.0
"""Imports, distribution function, J-factors, tables and pictures."""
_COMPILING_SECONDS = 90.0


def cost(config, df, *, compiled, cores=None):
    """Estimated work of a study.

    Parameters
    ----------
    config : RunConfig
    df : ErgodicDF or None
        Of the halo, where there is one.
    compiled : bool
        Whether the kernels are in numba's cache.
    cores : int, optional
        How many integrate orbits together; all that kernels use, if left out.

    Returns
    -------
    lines : list of str
        What would be done.
    seconds : float
    """
    lines = []
    seconds = _FIXED_SECONDS
    if config.model is not None:
        lines += _of_model(config.model)
    kicks = build.kicks(config.decay)
    speeds = sum(len(kick.quadrature()[0]) for kick in kicks)
    labels = [kick.label for kick in kicks[:6]] + ["..."] * (len(kicks) > 6)
    if kicks:
        lines.append(f"kicks: {len(kicks)} ({', '.join(labels)})")
    if df is not None:
        name = config.method.name
        lines.append(f"halo: {df.halo!r}")
        if name not in LIVE:
            radius = build.known_radii(config.method, df)
            lines.append(f"method: {name}, {len(radius)} radii from {radius[0]:.4g} to {radius[-1]:.4g}")
        if name == "orbits":
            particles = config.method.n * len(kicks)
            lines.append(f"particles: {particles:,} in all")
            said, each = _of_orbits(config, df, kicks, cores or threads())
            lines += said
            seconds += each * particles
        elif name in LIVE:
            for kick in kicks:
                line, each = _of_live(config, df, kick)
                lines.append(line)
                seconds += each
        else:
            seconds += _SECONDS_PER_RADIUS[name] * len(radius) * speeds
    if config.dwarfs is not None:
        catalogue = build.dwarfs(config.dwarfs, config.folder)
        lines.append(f"dwarfs: {len(catalogue)} of {catalogue.source}, {config.dwarfs.draws} draws each")
        seconds += _LIVE_GRID_SECONDS if config.method.name in LIVE else _GRID_SECONDS
        seconds += _SECONDS_PER_DRAW * len(catalogue) * config.dwarfs.draws * speeds
    said, each = telescope_cost(config, kicks)
    lines += said
    seconds += each
    if not compiled and (config.halo is not None or config.dwarfs is not None):
        seconds += _COMPILING_SECONDS
    return lines, seconds


def _of_orbits(config, df, kicks, cores):
    """Lines on the way of following orbits, and seconds for each decay."""
    method = config.method
    bins, arguments = orbit_arguments(config)
    chunks = orbit_chunks(df, kicks[0], bins, together=kicks, **arguments)
    if not isinstance(chunks, IntegratedChunks):
        return [], _SECONDS_PER_PARTICLE
    known = arguments["history"]
    time = (_USUAL_TIME if known is None else known.age) if method.duration is None else method.duration
    time = time.to_value("Gyr")
    both = method.control is not False
    # parents without a kick serve all kicks
    each = (1 + both / len(kicks)) * _SECONDS_PER_ORBIT[method.sampling] * time / _USUAL_TIME.value
    lines = [
        f"orbits: integrated for {time:.4g} Gyr, {'with' if both else 'without'} unkicked parents beside; about "
        f"{1e6 * each:.2g} us of one core for each decay"
    ]
    return lines, each / cores


def _of_live(config, df, kick):
    """A line on the way that a live halo takes, and its seconds."""
    arguments = live_arguments(config)
    history = build.history(config.decay)
    choice = choose_method(
        df,
        kick,
        history,
        radii_of_interest(df),
        method=arguments["method"],
        grows="accretion" in arguments,
        mass_loss=arguments.get("mass_loss", 0.0),
    )
    if choice.method not in PARTICLES:
        return f"live halo, {kick.label}: {choice.method}, {choice.reason}", _LIVE_FIXED_SECONDS
    count = arguments.get("n", PARTICLES[choice.method])
    line = f"live halo, {kick.label}: {choice.method}, {count:,} particles and as many without decays; {choice.reason}"
    seconds = 2 * count * _SECONDS_PER_LIVE[choice.method]
    if choice.method == "orbit_iteration":
        steps = usual_steps(1.0, float(history.lifetime / history.age), grows="accretion" in arguments)
        seconds *= (_BEGINNING + steps) / (_BEGINNING + STEPS)
    return line, seconds


def _of_model(section):
    """Lines on the particle model, which was calculated when its section was read."""
    yields, origin = section.yields, section.model.origin() if isinstance(section.model, TakesOrigin) else None
    if yields.decays_late:
        yield (
            f"model: {section.name}, lifetime {yields.lifetime.to('Gyr'):.4g}, shares f_B = "
            f"{yields.parent_share:.4g} and f_L = {yields.daughter_share:.4g}"
        )
    else:
        yield (
            f"model: {section.name}, dark matter of {yields.daughter_mass:.4g}, no late decay: yields and limits, "
            "nothing in halos"
        )
    if origin is not None:
        yield (
            f"origin: {origin.model.name}, (n - nbar)/s = {origin.parent_asymmetry:.4g} of B' and "
            f"{origin.daughter_asymmetry:.4g} of L'"
        )


def in_words(seconds):
    """A time that nobody knows exactly."""
    if seconds < 90:
        return f"about {math.ceil(seconds)} s"
    if seconds < 5400:
        return f"about {math.ceil(seconds / 60)} min"
    return f"about {seconds / 3600:.1f} h"
