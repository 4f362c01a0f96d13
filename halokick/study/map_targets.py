"""What [map] looks at: the halo of the study's observer, or a dwarf of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.sky.median_dwarf import median_dwarf
from halokick.sky.sky_frames import centre_in
from halokick.study import build
from halokick.study.dwarf_grids import fixed_grid

_CENTRE = ("0 deg", "0 deg")
_OF_DRAWS = ("relation", "scatter_dex", "mass_function", "draws", "seed")


@dataclass(frozen=True, eq=False)
class MapTarget:
    """A halo on the sky.

    Attributes
    ----------
    df : ErgodicDF
    parent : profile
        Without a kick.
    found : tuple of Daughters
        One for each kick that is shown.
    distance, r_max : Quantity [length]
        Of the observer from the centre, and where the halo ends.
    centre : tuple of Quantity [angle]
        Longitude and latitude in the frame of the map.
    outer_cut : Quantity [length] or None
        Of the daughters, as in `phase_mix`.
    name : str or None
        Of a dwarf.
    facts : mapping of str to (value, comment)
        Cards that a map of it has besides.
    """

    df: ErgodicDF
    parent: object
    found: tuple
    distance: object
    r_max: object
    centre: tuple
    outer_cut: object = None
    name: str | None = None
    facts: Mapping = field(default_factory=dict)


def named_dwarf(config):
    """The dwarf that [map] names, out of all of the catalogue: Dwarf, or None without one.

    Raises
    ------
    InputError
        There is no dwarf of this name; with the nearest ones.
    """
    name = config.map.target
    if name is None:
        return None
    try:
        return build.dwarfs(config.dwarfs.model_copy(update={"names": None}), config.folder)[name]
    except InputError as error:
        raise InputError(f"map.target: {error}") from error


def observed_halo(config, df, found, r_max):
    """The halo of the study, seen by its observer.

    Parameters
    ----------
    config : RunConfig
    df : ErgodicDF
    found : sequence of Daughters
        One for each kick.
    r_max : Quantity [length]

    Returns
    -------
    MapTarget
    """
    centre = tuple(units.quantity(one, "angle") for one in config.map.centre or _CENTRE)
    shown = tuple(one for one in found if _is_shown(config, one.kick))
    cut = config.method.outer_cut
    return MapTarget(df, found[0].parent, shown, config.observer.distance, r_max, centre, cut)


def dwarf_target(config, kicks, host=None):
    """The dwarf that [map] names, with the halo that [dwarfs] gives it.

    Parameters
    ----------
    config : RunConfig
    kicks : sequence of KickDistribution
    host : Halo, optional
        If it is the study's own halo.

    Returns
    -------
    MapTarget
    """
    dwarf, section = named_dwarf(config), config.dwarfs
    chosen = {key: value for key, value in build.dwarf_haloes(section).items() if key in _OF_DRAWS}
    one = median_dwarf(dwarf, fixed_grid(section), angle=section.angles[0], host=host, **chosen)
    # rounded as in the record, by which the grid is made again
    centre = np.degrees(centre_in(config.map.frame, dwarf))
    cone = f"its halo is that of the median J in {one.angle.to_value('deg'):g} deg"
    return MapTarget(
        df=one.df,
        parent=one.parent,
        found=tuple(one.daughters(kick) for kick in kicks if _is_shown(config, kick)),
        distance=dwarf.distance,
        r_max=one.tidal_radius,
        centre=tuple(units.Quantity(angle, "deg") for angle in centre),
        name=dwarf.name,
        facts={"TARGET": (dwarf.name, cone)},
    )


def _is_shown(config, kick):
    return config.map.kicks is None or kick.label in config.map.kicks
