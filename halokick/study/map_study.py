"""Maps of the sky around the observer's halo or a dwarf, as a run file asks for them."""

from dataclasses import replace

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.sky.healpix_map import healpix_map
from halokick.sky.lazy_healpy import healpy
from halokick.sky.relative_speed import relative_speed
from halokick.sky.speed_factors import SWave
from halokick.sky.wcs_map import wcs_map
from halokick.study.build_telescope import speed_laws
from halokick.study.config_map import DEFAULT_PROJECTION
from halokick.study.live_records import pair_densities
from halokick.study.map_targets import named_dwarf
from halokick.study.telescope_result import NO_KICK, MapRecord, MapsRecord

_INSIDE_CUT = 0.95


def check_map(config, kicks):
    """Refuse before the long work what [map] cannot have: unknown kicks and dwarfs, HEALPix without healpy."""
    named_dwarf(config)
    labels = [kick.label for kick in kicks]
    unknown = [label for label in config.map.kicks or () if label not in labels]
    if unknown:
        raise InputError(
            f"map.kicks = {', '.join(unknown)}: no such kick in the study; allowed: {', '.join(labels)} (no kick is "
            "map.unkicked)"
        )
    if config.map.grid == "healpix":
        healpy()


def maps_record(config, target, progress=None):
    """Record of the section [map].

    Parameters
    ----------
    config : RunConfig
    target : MapTarget
    progress : callable (done, total), optional

    Returns
    -------
    MapsRecord
    """
    section = config.map
    make, options = _wcs(section) if section.grid == "wcs" else _healpix(section)
    sky = {"distance": target.distance, "r_max": target.r_max, "centre": target.centre, "frame": section.frame}
    pairs = [(NO_KICK, None, (target.parent, target.parent))] if section.unkicked else []
    pairs += [(one.kick.label, one.kick, pair_densities(one)) for one in target.found]
    made, last = [], None
    laws = {law: factor for law, factor in speed_laws(config).items() if law in (section.laws or (law,))}
    for k, (label, kick, densities) in enumerate(pairs):
        speeds = None
        for law, factor in laws.items():
            weight = {}
            if not isinstance(factor, SWave):
                speeds = speeds or relative_speed(target.df, kick, outer_cut=target.outer_cut)
                weight = _weight(speeds, factor, target.df.halo.energy_cut)
            last = make(*densities, **sky, **options, **weight)
            last = replace(last, facts=last.facts | target.facts)
            made.append(_record(last, label, law))
        if progress is not None:
            progress(k + 1, len(pairs))
    grid = last.grid
    entries = {"nside": getattr(grid, "nside", None), "order": getattr(grid, "order", None)}
    if section.grid == "wcs":
        sides = {key: units.quantity(_two(getattr(section, key)), "angle") for key in ("size", "pixel")}
        entries |= sides | {"projection": options["projection"]}
    elif grid.pixels is not None:
        entries |= {"pixels": grid.pixels, "cone": np.array(grid.cone)}
    return MapsRecord(
        maps=tuple(made),
        grid=section.grid,
        layout=section.layout,
        frame=section.frame,
        centre=units.quantity(list(target.centre), "angle"),
        solid_angle=last.solid_angle,
        distance=last.distance,
        r_max=last.r_max,
        target=target.name,
        **entries,
    )


def _weight(speeds, factor, cut):
    """<S> at every radius where there are pairs, as an argument of a map."""
    average = speeds.average(factor)
    known = np.isfinite(average) & (average > 0)
    if cut is not None:
        # speeds vanish at a cut, and so does the density: a power law goes on from here, to 1e-6 of J
        known &= np.asarray(speeds.radius / cut) <= _INSIDE_CUT
    return {"speed_factor": (speeds.radius[known], average[known]), "speed_model": repr(factor)}


def _wcs(section):
    sides = {key: units.quantity(_two(getattr(section, key)), "angle") for key in ("size", "pixel")}
    return wcs_map, {**sides, "projection": section.projection or DEFAULT_PROJECTION}


def _healpix(section):
    return healpix_map, {"nside": section.nside, "order": section.order or "nested", "region": section.region}


def _two(sides):
    return [sides[0], sides[-1]]


def _record(sky_map, kick, law):
    return MapRecord(
        kick=kick,
        law=law,
        values=sky_map.values,
        total=sky_map.total,
        map_total=sky_map.map_total,
        facts={key: value for key, (value, _) in sky_map.facts.items()},
        comments={key: comment for key, (_, comment) in sky_map.facts.items()},
    )
