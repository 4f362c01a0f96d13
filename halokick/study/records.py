"""From what the physics answers to the records of a result."""

import numpy as np

from halokick import units
from halokick.halo.profiles import GeneralisedNFWProfile
from halokick.sky.jfactor import differential_j_factor, j_factor
from halokick.study import build
from halokick.study.live_records import live_entries, pair_densities
from halokick.study.orbit_records import followed_entries, grid_sky
from halokick.study.result import DaughterRecord, DwarfsRecord, ParentRecord, SkyRecord

_THETA_DEG = np.geomspace(0.01, 100.0, 81)
_PIN_DEG = 10.0
"""Directions of the differential J-factors; the band of slopes is pinned at ten degrees, as in the paper's Fig. 8."""
_BAND = (1.1, 1.3)


def parent_record(df, daughters):
    """Record of the parents on the daughters' radii."""
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


def daughter_record(config, found, judged=""):
    """Record of one kick's `Daughters`; `judged` is what the fixed potential gets wrong."""
    observer = config.observer
    settings = dict(found.settings) | ({"fixed_potential": judged} if judged else {})
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
        settings={key: _storable(value) for key, value in settings.items()},
        **followed_entries(found),
        **live_entries(found),
    )


def _storable(value):
    """Arrays as they are, everything else as text."""
    return value if isinstance(value, np.ndarray) and value.ndim else str(value)


def sky_record(config, df, found):
    """Record of the line-of-sight integrals, made here from the densities."""
    observer = config.observer
    history = build.history(config.decay)
    parent = found[0].parent
    r_max = min(one.r_max for one in found) if observer.r_max is None else observer.r_max
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
        j_pair=_stack([j_factor(*pair_densities(one), angle=angles, **line) for one in found]),
        j_daughter=_stack([j_factor(pair_densities(one)[1], angle=angles, **line) for one in found]),
        theta=theta,
        differential_parent=differential_parent,
        differential_pair=_stack([differential_j_factor(*pair_densities(one), angle=theta, **line) for one in found]),
        band=_slope_band(df.profile, differential_parent, theta, line),
        shares={} if history is None else history.shares_today,
        **grid_sky(observer, found),
    )


def _slope_band(profile, differential_parent, theta, line):
    """Generalised NFW haloes of slope 1.1 and 1.3, scaled to the parents' own at ten degrees."""
    if not hasattr(profile, "r_s"):
        return None
    pin = int(np.argmin(np.abs(_THETA_DEG - _PIN_DEG)))
    if not differential_parent[pin] > 0:
        return None  # the halo ends inside ten degrees
    curves = []
    for gamma in _BAND:
        model = GeneralisedNFWProfile(gamma, r_s=profile.r_s, rho_s=units.attach(1.0, "density"))
        curve = differential_j_factor(model, angle=theta, **line)
        curves.append(curve * (differential_parent[pin] / curve[pin]))
    return _stack(curves)


def dwarfs_record(catalogue, kicks, all_of):
    """Record of every dwarf's `DwarfSuppression`."""

    def measured(name):
        return _stack([getattr(one.dwarf, name) for one in all_of])

    def drawn(name):
        return _stack([getattr(one, name) for one in all_of])

    settings = dict(all_of[0].settings)
    # the relation may follow each dwarf's distance
    settings["relation"] = "; ".join(dict.fromkeys(one.settings["relation"] for one in all_of))
    settings["outside_grid"] = max(one.settings["outside_grid"] for one in all_of)
    settings["catalogue"] = catalogue.source
    settings["skipped"] = "; ".join(f"{name}: {reason}" for name, reason in catalogue.skipped) or "none"
    return DwarfsRecord(
        names=tuple(one.dwarf.name for one in all_of),
        kicks=tuple(kick.label for kick in kicks),
        mean_speed=_stack([kick.mean_speed for kick in kicks]),
        angles=all_of[0].angles,
        distance=measured("distance"),
        half_light_radius=measured("half_light_radius"),
        dispersion=measured("dispersion"),
        virial_mass=drawn("virial_mass"),
        concentration=drawn("concentration"),
        r_s=drawn("r_s"),
        rho_s=drawn("rho_s"),
        tidal_radius=drawn("tidal_radius"),
        max_circular_speed=drawn("max_circular_speed"),
        j_parent=drawn("j_parent"),
        suppression=drawn("linear"),
        suppression_both=drawn("quadratic"),
        bound_fraction=drawn("bound_fraction"),
        floor=None if all_of[0].floor is None else drawn("floor"),
        settings={key: str(value) for key, value in settings.items()},
    )


def _stack(rows):
    if not hasattr(rows[0], "unit"):
        return np.stack(rows)
    return np.stack([row.to_value(rows[0].unit) for row in rows]) * rows[0].unit
