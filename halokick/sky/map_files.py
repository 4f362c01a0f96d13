"""Maps to FITS files, whole or not at all: the door to astropy's FITS."""

import os
from pathlib import Path

import numpy as np
from astropy.io import fits

from halokick.errors import InputError, StorageError
from halokick.sky.map_clumpy import clumpy_parts
from halokick.sky.map_fermi import fermi_parts
from halokick.sky.map_gammapy import gammapy_parts

_LAYOUTS = {"gammapy": gammapy_parts, "clumpy": clumpy_parts, "fermi": fermi_parts}
_FORMATS = {"i": "K", "f": "D"}
_CARD = 67
"""Characters of a card for a value and its comment."""


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
    parts = clumpy_parts(sky_map, unkicked) if layout == "clumpy" else _LAYOUTS[layout](sky_map)
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


def _unit(part):
    """The header-data unit of a part."""
    if part.image is not None:
        unit = fits.PrimaryHDU(part.image)
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
