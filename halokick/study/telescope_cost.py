"""What the sections of what a telescope sees would cost, before they run."""

import math

from halokick import units
from halokick.study import build
from halokick.study.build_telescope import speed_laws
from halokick.study.config_map import DEFAULT_PROJECTION
from halokick.study.telescope import check_telescope

_SECONDS_PER_TARGET = 0.8
"""Relative speeds in one cone for one kick speed, two cores of a 2020s machine, kernels compiled."""
_SECONDS_PER_PROFILE = 1.5
"""Relative speeds at all radii for one kick speed, which a map needs, same machine."""
_SECONDS_PER_DWARF_MAP = 1.0, 0.3
"""The halo of a dwarf that is mapped, and its daughters of one kick speed."""
_DWARF_SPEEDS_SECONDS, _SECONDS_PER_PIXEL = 8.0, 1.2e-5
_SECONDS_PER_LIMIT = 0.01
"""One dwarf, closure, law and kick speed."""


def telescope_cost(config, kicks):
    """Estimated work of these sections.

    Parameters
    ----------
    config : RunConfig
    kicks : sequence of KickDistribution

    Returns
    -------
    lines : list of str
    seconds : float

    Raises
    ------
    InputError
        Files and kicks that `run` would refuse before it begins.
    """
    check_telescope(config, kicks, None if config.dwarfs is None else build.dwarfs(config.dwarfs, config.folder))
    lines, seconds = [], 0.0
    speeds = sum(len(kick.quadrature()[0]) for kick in kicks)
    laws = speed_laws(config)
    uneven = [law for law in laws if law != "s_wave"]
    if config.annihilation is not None:
        seen = 0 if config.observer is None else len(config.observer.angles)
        lines.append(f"annihilation: {', '.join(laws)}; v_rel = |v_1 - v_2|")
        seconds += _SECONDS_PER_TARGET * seen * (speeds + 1)
        seconds += 0.0 if config.dwarfs is None else _DWARF_SPEEDS_SECONDS
    if config.map is not None:
        count, pixels, words = _map(config.map, kicks, laws)
        size = 8e-6 * count * pixels
        of = "" if config.map.target is None else f" of {config.map.target}"
        said = f"{words}; {math.ceil(size)} MB, and as much in result.h5"
        lines.append(f"maps{of}: {count} of {pixels:,} pixels, {said}")
        if config.map.target is not None:
            once, each = _SECONDS_PER_DWARF_MAP
            seconds += once + each * speeds
        shown = [law for law in uneven if law in (config.map.laws or laws)]
        seconds += _SECONDS_PER_PIXEL * pixels * count + (_SECONDS_PER_PROFILE * (speeds + 1) if shown else 0.0)
    if config.flux is not None:
        lines.append(f"fluxes: {config.flux.spectrum}, {config.flux.n_bins} bins")
    if config.limits is not None:
        closures = len(config.limits.closures)
        said = f"limits: {closures} closures of the dwarfs' haloes, {100 * config.limits.confidence:g} % CL"
        lines.append(said)
        dwarfs = len(build.dwarfs(config.dwarfs, config.folder))
        seconds += _SECONDS_PER_LIMIT * closures * dwarfs * len(laws) * (speeds + 1)
    return lines, seconds


def _map(section, kicks, laws):
    """Number of maps, pixels of each, and what they are."""
    shown = len(kicks) if section.kicks is None else len(section.kicks)
    count = (shown + section.unkicked) * len(section.laws or laws)
    if section.grid == "wcs":
        sides = [round(float((section.size[i] / section.pixel[i]).to_value(""))) for i in (0, -1)]
        words = f"{section.projection or DEFAULT_PROJECTION}, {section.layout}"
        return count, max(1, sides[0]) * max(1, sides[-1]), words
    part = 1.0 if section.region is None else 0.5 * (1 - math.cos(units.to_internal(section.region, "angle")))
    return count, math.ceil(12 * section.nside**2 * part), f"HEALPix nside {section.nside}, {section.layout}"
