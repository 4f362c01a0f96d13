"""Files that fermitools take as the template of a diffuse source: an image per solid angle, of integral one."""

from halokick.errors import InputError
from halokick.sky.map_layouts import Part, filled, on_healpix

_PROJECTIONS = ("CAR", "TAN")


def fermi_parts(sky_map):
    """One image; the spectrum of the source must then carry ``J_MAP``, of the pixels of the map."""
    if on_healpix(sky_map) or sky_map.grid.projection not in _PROJECTIONS:
        raise InputError(
            "the layout 'fermi' is an image in CAR or TAN, which is what fermitools normalise rightly; make the map "
            "with wcs_map and one of these projections"
        )
    total = float(sky_map.map_total.value)
    if not total > 0:
        raise InputError("no part of the halo is inside the map, so that its integral cannot be made one")
    cards = {**sky_map.grid.header(), "BUNIT": ("sr-1", "of the template, of integral 1"), **sky_map.facts}
    return [Part("", cards, image=filled(sky_map.values.value) / total)]
