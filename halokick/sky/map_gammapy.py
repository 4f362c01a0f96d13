"""Files that gammapy reads as a ``TemplateSpatialModel``; healpy and image viewers read them too."""

from halokick.sky.map_layouts import Part, filled, healpix_cards, on_healpix, unit_text

_FRAMES = {"galactic": "GAL", "icrs": "CEL"}


def gammapy_parts(sky_map):
    """Brightness per solid angle, unnormalised, with its unit in BUNIT.

    HEALPix in the GADF convention: without ``HPX_CONV`` gammapy refuses the file, and a column that is not called
    CHANNEL1 is read as zeros. A part of the sky is the disk of ``HPX_REG``.
    """
    cards = {"BUNIT": (unit_text(sky_map), "of the brightness, averaged over each pixel")}
    if not on_healpix(sky_map):
        return [Part("", {**sky_map.grid.header(), **cards, **sky_map.facts}, image=filled(sky_map.values.value))]
    grid = sky_map.grid
    cards["HPX_CONV"] = ("GADF", "convention of columns and cards")
    cards["COORDSYS"] = (_FRAMES[grid.frame], "frame")
    columns = [("CHANNEL1", unit_text(sky_map), sky_map.values.value)]
    if grid.pixels is not None:
        columns.insert(0, ("PIXEL", "", grid.pixels))
        lon, lat, radius = grid.cone
        cards["HPX_REG"] = (f"DISK({lon:.9f},{lat:.9f},{radius:.9f})", "")
    cards = {**healpix_cards(grid, grid.pixels), **cards, **sky_map.facts}
    return [Part("SKYMAP", cards, columns=tuple(columns))]
