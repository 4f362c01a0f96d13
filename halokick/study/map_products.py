"""Maps of a result as they were made, and their FITS files."""

from pathlib import Path

import numpy as np

from halokick.sky.healpix_map import HealpixGrid
from halokick.sky.lazy_healpy import healpy
from halokick.sky.map_files import write_map
from halokick.sky.sky_frames import centre_in
from halokick.sky.sky_map import SkyMap
from halokick.sky.wcs_grid import wcs_grid
from halokick.study.telescope_result import NO_KICK


def sky_maps(maps):
    """The maps of a `MapsRecord` as they were made: tuple of SkyMap."""
    if maps.grid == "wcs":
        lon, lat = centre_in(maps.frame, tuple(maps.centre))
        sides = {"size": maps.size, "pixel": maps.pixel}
        grid = wcs_grid(lon, lat, frame=maps.frame, projection=maps.projection, **sides)
    else:
        cone = None if maps.cone is None else tuple(float(angle) for angle in maps.cone)
        grid = HealpixGrid(maps.nside, maps.order, maps.frame, maps.pixels, cone)
    common = {"solid_angle": maps.solid_angle, "grid": grid, "distance": maps.distance, "r_max": maps.r_max}
    return tuple(
        SkyMap(
            values=one.values,
            total=one.total,
            facts={key: (value, one.comments[key]) for key, value in one.facts.items()},
            **common,
        )
        for one in maps.maps
    )


def map_names(maps):
    """File name of each map, without its ending: by number of the kick, 0 for none, and by law where there are more.

    Kicks may have one label, which is rounded, but not one number: each has a map for every law, one after the other.
    """
    laws = len({one.law for one in maps.maps})
    first = 0 if maps.maps[0].kick == NO_KICK else 1
    return [
        f"map_{place // laws + first:02d}" + (f"_{one.law}" if laws > 1 else "") for place, one in enumerate(maps.maps)
    ]


def write_maps(maps, folder):
    """Write every map as FITS, in the layout of the record.

    Parameters
    ----------
    maps : MapsRecord
    folder : str or Path

    Returns
    -------
    list of Path
    """
    made = sky_maps(maps)
    bare = {one.law: sky for one, sky in zip(maps.maps, made, strict=True) if one.kick == NO_KICK}
    written = []
    for name, one, sky in zip(map_names(maps), maps.maps, made, strict=True):
        other = {}
        if maps.layout == "clumpy" and one.kick != NO_KICK and one.law in bare:
            other["unkicked"] = bare[one.law]
        written.append(write_map(sky, Path(folder) / f"{name}.fits", layout=maps.layout, **other))
    return written


def looked_up(maps, number, lon, lat):
    """Brightness of one HEALPix map in given directions [deg], nan outside: for pictures."""
    one = maps.maps[number]
    place = healpy().ang2pix(maps.nside, lon, lat, nest=maps.order == "nested", lonlat=True)
    if maps.pixels is None:
        return one.values.value[place]
    at = np.clip(np.searchsorted(maps.pixels, place), 0, len(maps.pixels) - 1)
    return np.where(maps.pixels[at] == place, one.values.value[at], np.nan)
