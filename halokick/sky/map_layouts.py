"""What the layouts of map files share: cards, checks, and the parts a file is made of."""

from typing import NamedTuple

import numpy as np

from halokick.sky.healpix_map import HealpixGrid

UNSEEN = -1.6375e30
"""HEALPix's value of pixels without one."""


class Part(NamedTuple):
    """One header-data unit.

    Attributes
    ----------
    name : str
        Its EXTNAME; empty for a primary image.
    cards : dict of str to (value, comment)
    image : ndarray or None
    columns : tuple of (name, unit, array)
    """

    name: str
    cards: dict
    image: np.ndarray | None = None
    columns: tuple = ()


def on_healpix(sky_map):
    """Whether a map is on a HEALPix grid."""
    return isinstance(sky_map.grid, HealpixGrid)


def healpix_cards(grid, pixels):
    """Cards of a HEALPix table, in the names that readers agree on."""
    explicit = grid.pixels is not None
    return {
        "PIXTYPE": ("HEALPIX", "pixelisation"),
        "ORDERING": (grid.order.upper(), "numbers of the pixels"),
        "NSIDE": (grid.nside, "resolution"),
        "ORDER": (grid.nside.bit_length() - 1, "log2(NSIDE)"),
        "INDXSCHM": ("EXPLICIT" if explicit else "IMPLICIT", "whether a column holds the numbers of the pixels"),
        "OBJECT": ("PARTIAL" if explicit else "FULLSKY", "part of the sky, or all"),
        "FIRSTPIX": (int(pixels[0]) if explicit else 0, "first pixel"),
        "LASTPIX": (int(pixels[-1]) if explicit else 12 * grid.nside**2 - 1, "last pixel"),
    }


def unit_text(sky_map, quantity="values"):
    """Unit of a map's values, or of its ``per_pixel``, in the order that the field writes it."""
    unit = "GeV2 cm-5" if sky_map.is_annihilation else "GeV cm-2"
    return f"{unit} sr-1" if quantity == "values" else unit


def filled(values):
    """Values with zero for pixels that are not on the sky."""
    return np.nan_to_num(np.asarray(values, dtype=float), nan=0.0)
