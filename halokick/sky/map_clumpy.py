"""Files in the layout of CLUMPY's own maps: J per pixel and J per solid angle, in tables of nested pixels.

The names of tables and columns are those of the CLUMPY manual (Hutten et al. 2019, CPC 235, 336).
"""

from dataclasses import replace

import numpy as np

from halokick.errors import InputError
from halokick.sky.map_layouts import Part, healpix_cards, on_healpix, unit_text


def clumpy_parts(sky_map, unkicked=None):
    """Two tables, of J per pixel and per solid angle.

    Parameters
    ----------
    sky_map : SkyMap
        On HEALPix. Its values are ``Jtot`` and ``Jsmooth``, and also ``Jkick`` if one of its densities is kicked.
    unkicked : SkyMap, optional
        The same sky without kick, on the same pixels: its values are then ``Jtot`` and ``Jsmooth``.
    """
    if not on_healpix(sky_map):
        raise InputError("the layout 'clumpy' is one of HEALPix tables; make the map with healpix_map")
    smooth = sky_map if unkicked is None else unkicked
    if not _same_pixels(smooth, sky_map):
        raise InputError("unkicked must be a map on the same pixels, and of the same quantity")
    grid = sky_map.grid
    nested = np.asarray(grid.nested())
    order = np.argsort(nested)
    explicit = replace(grid, order="nested", pixels=nested[order])
    letter = "J" if sky_map.is_annihilation else "D"
    cards = {
        **healpix_cards(explicit, explicit.pixels),
        "COORDSYS": ("G" if grid.frame == "galactic" else "C", "frame"),
    }
    if grid.pixels is None:
        cards["OBJECT"] = ("FULLSKY", "part of the sky, or all")
    kicked = unkicked is not None or sky_map.facts["PAIR"][0] != "no kick"
    parts = []
    for name, ending, quantity in (
        (f"{letter}FACTOR", "", "per_pixel"),
        (f"{letter}FACTOR_PER_SR", "_per_sr", "values"),
    ):
        unit = unit_text(sky_map, quantity)
        values, kick = (getattr(one, quantity).value[order] for one in (smooth, sky_map))
        columns = [("PIXEL", "", explicit.pixels)]
        columns += [(f"{letter}{part}{ending}", unit, values) for part in ("tot", "smooth")]
        if kicked:
            columns.append((f"{letter}kick{ending}", unit, kick))
        parts.append(Part(name, {**cards, **sky_map.facts}, columns=tuple(columns)))
    return parts


def _same_pixels(one, other):
    if one is other:
        return True
    if not on_healpix(one) or one.is_annihilation != other.is_annihilation:
        return False
    a, b = one.grid, other.grid
    alike = (a.nside, a.order, a.frame) == (b.nside, b.order, b.frame)
    return alike and np.array_equal(a.nested(), b.nested())
