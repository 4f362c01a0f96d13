"""One study, from a run file to its result: the straight path, read this first. No physics here."""

from time import perf_counter

import numpy as np

from halokick import units
from halokick.daughters.ergodic import phase_mix_ergodic
from halokick.daughters.phase_mixing import phase_mix
from halokick.daughters.stream import with_early_capture, with_streaming
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.profiles import GeneralisedNFWProfile
from halokick.sky.jfactor import differential_j_factor, j_factor
from halokick.study import build, provenance
from halokick.study.progress import Silence
from halokick.study.result import DaughterRecord, ParentRecord, Provenance, SkyRecord, StudyResult

_THETA_DEG = np.geomspace(0.01, 100.0, 81)
_PIN_DEG = 10.0
"""Directions of the differential J-factors; the band of slopes is pinned at ten degrees, as in the paper's Fig. 8."""
_BAND = (1.1, 1.3)


def run(config, progress=None):
    """Run one study.

    Parameters
    ----------
    config : RunConfig
    progress : object with ``steps`` and ``say``, optional
        See `halokick.study.progress`; silent if left out.

    Returns
    -------
    StudyResult

    Raises
    ------
    HaloKickError
        Whatever the physics refuses.
    """
    progress = progress or Silence()
    started = perf_counter()
    parent, daughters, sky, dwarfs = None, (), None, None
    kicks = build.kicks(config.decay)
    if config.halo is not None:
        df = ErgodicDF(build.halo(config.halo, config.folder))
        _refuse_late_errors(config, df)
        found = [_daughters(config, df, kick) for kick in progress.steps(kicks, "daughters")]
        parent = _parent_record(df, found[0])
        daughters = tuple(_daughter_record(config, one) for one in found)
        if config.observer is not None:
            sky = _sky_record(config, df, found)
    return StudyResult(
        provenance=Provenance(
            run_file=config.to_toml(),
            seed=config.method.seed,
            versions=provenance.versions(),
            commit=provenance.commit(),
            created=provenance.now(),
            seconds=perf_counter() - started,
        ),
        parent=parent,
        daughters=daughters,
        sky=sky,
        dwarfs=dwarfs,
    )


def _refuse_late_errors(config, df):
    """Say before the long work what would only be said after it."""
    radius = build.known_radii(config.method, df)
    observer = config.observer
    if observer is not None and observer.r_max is not None and observer.r_max > radius[-1]:
        raise InputError(
            f"observer.r_max = {observer.r_max} lies beyond {radius[-1]:.6g}, where the daughters' table ends; "
            "make it smaller, leave it out, or give method.r_min, r_max and n_radii that reach it"
        )


def _daughters(config, df, kick):
    method = config.method
    mix = {"phase_mixing": phase_mix, "ergodic": phase_mix_ergodic}[method.name]
    found = mix(df, kick, build.radii(method), outer_cut=method.outer_cut, within=method.within)
    history = build.history(config.decay)
    if "streaming" in method.options:
        found = with_streaming(found, df, history, method.source_edge or found.r_max)
    if "early_capture" in method.options:
        found = with_early_capture(found, build.early_capture(method, history))
    return found


def _parent_record(df, daughters):
    halo, radius = df.halo, daughters.radius
    parent = daughters.parent
    return ParentRecord(
        description=repr(halo),
        radius=radius,
        density=parent.density(radius),
        slope=_slope(parent, radius),
        mass=halo.enclosed_mass(radius),
        escape_speed=halo.escape_speed(radius),
        circular_speed=halo.circular_speed(radius),
        dispersion=df.velocity_dispersion(radius),
    )


def _slope(profile, radius):
    if hasattr(profile, "slope"):
        return np.asarray(profile.slope(radius))
    step = 1e-3
    up, down = (np.log(profile.density(radius * np.exp(sign * step)).value) for sign in (1, -1))
    return -(up - down) / (2 * step)


def _daughter_record(config, found):
    observer = config.observer
    ratio = None
    if observer is not None and observer.distance <= found.r_max:
        ratio = float(found.ratio(observer.distance))
    return DaughterRecord(
        label=found.kick.label,
        mean_speed=found.kick.mean_speed,
        rms_speed=found.kick.rms_speed,
        method=found.method,
        radius=found.radius,
        density=found.total_density,
        error=found.error_density,
        slope=np.asarray(found.slope(found.radius)),
        ratio=np.asarray(found.ratio(found.radius)),
        bound_at_birth=found.bound_at_birth,
        components=dict(found.components),
        bound_fraction=float(found.bound_fraction),
        reference_radius=found.reference_radius,
        observer_ratio=ratio,
        settings={key: str(value) for key, value in found.settings.items()},
    )


def _sky_record(config, df, found):
    observer = config.observer
    history = build.history(config.decay)
    parent = found[0].parent
    r_max = observer.r_max or min(one.r_max for one in found)
    line = {"distance": observer.distance, "r_max": r_max}
    angles = units.quantity(observer.angles, "angle")
    theta = units.attach(np.radians(_THETA_DEG), "angle")
    differential_parent = differential_j_factor(parent, distance=observer.distance, angle=theta, r_max=r_max)
    return SkyRecord(
        distance=observer.distance,
        r_max=r_max,
        angles=angles,
        kicks=tuple(one.kick.label for one in found),
        j_parent=j_factor(parent, angle=angles, **line),
        j_pair=_stack([j_factor(parent, one, angle=angles, **line) for one in found]),
        j_daughter=_stack([j_factor(one, angle=angles, **line) for one in found]),
        theta=theta,
        differential_parent=differential_parent,
        differential_pair=_stack([differential_j_factor(parent, one, angle=theta, **line) for one in found]),
        band=_slope_band(df.profile, differential_parent, theta, line),
        shares={} if history is None else history.shares_today,
    )


def _slope_band(profile, differential_parent, theta, line):
    """Generalised NFW haloes of slope 1.1 and 1.3, scaled to the parents' own at ten degrees."""
    if not hasattr(profile, "r_s"):
        return None
    pin = int(np.argmin(np.abs(_THETA_DEG - _PIN_DEG)))
    curves = []
    for gamma in _BAND:
        model = GeneralisedNFWProfile(gamma, r_s=profile.r_s, rho_s=units.attach(1.0, "density"))
        curve = differential_j_factor(model, angle=theta, **line)
        curves.append(curve * (differential_parent[pin] / curve[pin]))
    return _stack(curves)


def _stack(rows):
    return np.stack([row.value for row in rows]) * rows[0].unit
