"""Maps to FITS files, whole or not at all: the door to astropy's FITS."""

import gzip
import os
import warnings
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
from astropy.io import fits

from halokick.errors import InputError, StorageError, UnitError
from halokick.sky.map_clumpy import clumpy_parts
from halokick.sky.map_fermi import fermi_parts
from halokick.sky.map_gammapy import gammapy_parts
from halokick.sky.map_layouts import Part, on_healpix
from halokick.sky.map_reader import BARE, WHICH, sky_map_of

_LAYOUTS = {"gammapy": gammapy_parts, "clumpy": clumpy_parts, "fermi": fermi_parts}
_FORMATS = {"i": "K", "f": "D"}
_CARD = 67
"""Characters of a card for a value and its comment."""
_PACKED, _BEGINS = b"\x1f\x8b", b"SIMPLE  ="
"""First bytes of gzip, and of FITS."""
_BROKEN = ("truncated", "verification failed")
"""In warnings of the library that are errors here."""


def write_map(sky_map, path, *, layout="gammapy", unkicked=None):
    """Write a map; a file of that name is replaced in one step, and stays as it was if anything goes wrong.

    Parameters
    ----------
    sky_map : SkyMap
    path : str or Path
        Its ending should be ``.fits`` or ``.fits.gz``.
    layout : str
        ``"gammapy"``: brightness per solid angle, an image or a HEALPix table; what healpy and image viewers read too.
        ``"clumpy"``: HEALPix tables per pixel and per solid angle. ``"fermi"``: an image in CAR or TAN of integral one,
        for fermitools.
    unkicked : SkyMap, optional
        For ``"clumpy"``: the same sky without kick.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        No such layout, or one that the grid of the map does not fit.
    StorageError
        The disk refused.

    Notes
    -----
    gammapy normalises a template to one unless told ``normalize=False``; a spectrum must then carry the card ``J_MAP``,
    the sum over the pixels of the map, and not ``J_TOTAL``. Its annihilation spectra have k = 2 or 4 in 1/(4 pi k m^2);
    for two distinct species, and J the integral of their product, k is 1.
    """
    if layout not in _LAYOUTS:
        raise InputError(f"layout = {layout!r}; files are written as one of {', '.join(map(repr, _LAYOUTS))}")
    if unkicked is not None and layout != "clumpy":
        raise InputError(f"unkicked belongs to the layout 'clumpy', not to {layout!r}")
    region = _region(sky_map, layout)
    if "PAIR" not in sky_map.facts:
        # a map of another program
        sky_map = replace(sky_map, facts={**sky_map.facts, "PAIR": ("no kick", "none is said")})
    parts = clumpy_parts(sky_map, unkicked) if layout == "clumpy" else _LAYOUTS[layout](sky_map)
    if layout == "clumpy":
        parts = [part._replace(cards=part.cards | region) for part in parts]
    if unkicked is not None:
        parts.append(Part(BARE, dict(unkicked.facts)))
    units = [_unit(part) for part in parts]
    if not isinstance(units[0], fits.PrimaryHDU):
        units.insert(0, fits.PrimaryHDU())
    path = Path(path)
    # the ending stays last: by it the writer knows whether to compress
    partial = path.with_name(f".partial-{os.getpid()}-{path.name}")
    try:
        try:
            fits.HDUList(units).writeto(partial, overwrite=True, checksum=True)
            os.replace(partial, path)
        except OSError as error:
            raise StorageError(f"{path} could not be written: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return path


def read_map(path, *, which="map"):
    """Read a map that `write_map` wrote, in any layout, or a file of another program that says as much.

    Pixels come back to the bit, the template of integral one of the layout ``"fermi"`` to rounding, after it is
    multiplied by ``J_MAP``; numbers of the header to fourteen digits. A file in CLUMPY's layout is in nested order.
    Solid angles of an image are computed anew from its projection.

    Parameters
    ----------
    path : str or Path
        A HEALPix table or an image of two axes, whole or in gzip. Its header has, as those of `write_map`, ``J_TOTAL``
        or ``D_TOTAL``, ``DISTANCE`` and ``R_MAX``; its pixels have the unit GeV2 cm-5 sr-1 or GeV cm-2 sr-1, or one
        that can be converted; a HEALPix table says NSIDE, ORDERING and COORDSYS, an image its projection.
    which : str
        ``"map"``: the map that was written. ``"unkicked"``: the one beside it in CLUMPY's layout.

    Returns
    -------
    SkyMap
        With what the header says in `facts`, comments as far as they fitted on their cards.

    Raises
    ------
    StorageError
        No such file; it is not FITS, truncated, or damaged; it holds no map, or does not say what a map needs; its
        pixels do not sum to the ``J_MAP`` of its header.
    UnitError
        Pixels without a unit, or not a brightness.
    InputError
        `which` is neither of the two, or there is no second map.
    """
    if which not in WHICH:
        raise InputError(f"which = {which!r}; a file holds {' and perhaps '.join(map(repr, WHICH))}")
    path = Path(path)
    if not path.is_file():
        raise StorageError(f"{path}: no such file; give a FITS file of write_map")
    content = path.read_bytes()
    if not content.startswith((_BEGINS, _PACKED)):
        raise StorageError(f"{path} is not a FITS file; give one of write_map")
    try:
        return sky_map_of(_parts(content), which)
    except (StorageError, UnitError, InputError) as error:
        raise type(error)(f"{path}: {error}") from error


def _parts(content):
    """What is in the bytes of a file, without interpretation."""
    try:
        if content.startswith(_PACKED):
            # all of it, so that a missing end is noticed
            content = gzip.decompress(content)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            with fits.open(BytesIO(content), memmap=False, lazy_load_hdus=False, checksum=True) as file:
                parts = [_part(unit) for unit in file]
    except Exception as error:  # the library raises many kinds for damaged files
        raise StorageError(f"truncated or damaged ({error}); make the map again, or take another copy") from error
    broken = [str(one.message) for one in said if any(word in str(one.message) for word in _BROKEN)]
    if broken:
        raise StorageError(f"truncated or damaged ({broken[0]}); make the map again, or take another copy")
    return parts


def _part(unit):
    """Cards and numbers of a header-data unit, in the machine's own byte order."""
    cards = {
        card.keyword: (card.value, card.comment)
        for card in unit.header.cards
        if card.keyword not in ("", "COMMENT", "HISTORY") and not isinstance(card.value, fits.card.Undefined)
    }
    if unit.is_image:
        return Part(unit.name, cards, image=None if unit.data is None else np.array(unit.data, dtype=float))
    columns = []
    for column in unit.columns:
        values = np.asarray(unit.data[column.name])
        if values.dtype.kind in "iuf":
            columns.append((column.name, column.unit or "", values.ravel().astype(values.dtype.newbyteorder("="))))
    return Part(unit.name, cards, columns=tuple(columns))


def _region(sky_map, layout):
    """The card of the disk that a part of the sky fills: a file does not bring back its map without."""
    grid = sky_map.grid
    if not on_healpix(sky_map) or grid.pixels is None:
        return {}
    if grid.cone is None:
        if layout == "gammapy":
            raise InputError(
                "the map is a part of the sky that is not known to be a disk, which gammapy needs; write it with "
                "layout 'clumpy'"
            )
        return {}
    return {"HPX_REG": (f"DISK({','.join(f'{one:.9f}' for one in grid.cone)})", "")}


def _unit(part):
    """The header-data unit of a part."""
    if part.image is not None:
        unit = fits.PrimaryHDU(part.image)
    elif not part.columns:
        unit = fits.ImageHDU(name=part.name)
    else:
        columns = []
        for name, dimension, values in part.columns:
            kind = _FORMATS[np.asarray(values).dtype.kind]
            columns.append(fits.Column(name=name, format=kind, unit=dimension or None, array=values))
        unit = fits.BinTableHDU.from_columns(columns, name=part.name)
    for key, (value, comment) in part.cards.items():
        if isinstance(value, str):
            value = value.encode("ascii", "replace").decode("ascii")
        # a text that fills its card goes on in the next ones, and has no room for a comment
        room = _CARD - max(20, len(value) + 2 if isinstance(value, str) else 0)
        comment = comment[: max(room, 0)]
        unit.header[key] = (value, comment)
    return unit
