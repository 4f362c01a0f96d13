"""From the parts of a map file back to the map: grid, brightness, and what the header says of it."""

import re
import warnings

import numpy as np

from halokick import units
from halokick.errors import InputError, StorageError, UnitError
from halokick.kernels.pixel_average import DEGREE, ConeTable
from halokick.sky.healpix_map import HealpixGrid
from halokick.sky.map_layouts import UNSEEN
from halokick.sky.map_progress import blocks
from halokick.sky.pixel_edges import frame
from halokick.sky.sky_map import SkyMap
from halokick.sky.wcs_grid import grid_of, wcs_class
from halokick.sky.wcs_map import _BLOCK, _pixels

BARE = "UNKICKED"
"""EXTNAME of the part that says what the map without kick in a file of CLUMPY's layout is of."""
WHICH = ("map", "unkicked")

_PER_SR = {"JFACTOR_PER_SR": "J", "DFACTOR_PER_SR": "D"}
_PER_PIXEL = {"JFACTOR": "JFACTOR_PER_SR", "DFACTOR": "DFACTOR_PER_SR"}
_FRAMES = {"G": "galactic", "GAL": "galactic", "GALACTIC": "galactic", "C": "icrs", "CEL": "icrs", "ICRS": "icrs"}
_EQUATORIAL = (None, "ICRS", "FK5")
"""Systems of right ascension and declination that are the same to a hundredth of an arcsecond; None stands for FK5."""
_OF_FORMAT = re.compile(
    r"(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|[PG]COUNT|TFIELDS|T(TYPE|FORM|UNIT|NULL|DISP|DIM)\d+|EXTNAME|BUNIT"
    r"|CHECKSUM|DATASUM|LONGSTRN|BSCALE|BZERO"
    r"|PIXTYPE|ORDERING|NSIDE|ORDER|INDXSCHM|OBJECT|FIRSTPIX|LASTPIX|HPX_CONV|HPX_REG|COORDSYS|POLCCONV"
    r"|WCSAXES|CRPIX\d|CRVAL\d|CDELT\d|CTYPE\d|CUNIT\d|CROTA\d|(PC|CD|PV|PS)\d_\d+|LONPOLE|LATPOLE|RADESYS|EQUINOX"
    r"|MJDREF[IF]?)$"
)
"""Cards that say how the file is made, not what the map is of."""
_REGION = re.compile(r"\s*DISK\s*\(([^,]+),([^,]+),([^)]+)\)\s*$")
_DIFFERENT = 1e-6
"""Of the sum over the pixels from ``J_MAP``: solid angles agree to 1e-11, pixels in single precision to 1e-7."""
_EMPTY = ConeTable(np.array([-1.0, 0.0]), np.zeros((1, 1, DEGREE + 1)), np.zeros((1, 1)), np.zeros((1, 1)), 2.0)
"""Of a sky without brightness: what is left of the integrals over pixels are their solid angles."""


def sky_map_of(parts, which="map"):
    """The map that a file's parts hold; see `halokick.sky.map_files.read_map`.

    Parameters
    ----------
    parts : sequence of Part
        As they stand in the file, cards of the format included.
    which : str
        One of `WHICH`.

    Returns
    -------
    SkyMap

    Raises
    ------
    StorageError
        No map, or one that lacks something. The message does not name the file.
    UnitError
        Not a brightness.
    InputError
        No such map in the file.
    """
    part = _map_part(parts)
    of = part
    if which == "unkicked":
        of = next((one for one in parts if one.name == BARE), None)
        if of is None:
            raise InputError("which = 'unkicked': it holds one map only; which = 'map' reads that")
    letter, scale = _letter(of), 1.0
    if part.image is None:
        grid, values, text = _on_healpix(part, which)
    else:
        grid, values, text = _on_plane(part)
    if _is_template(text):
        # of integral one, for fermitools
        scale, text = _amount(of, f"{letter}_MAP", _signal(letter)), f"{_signal(letter)} sr-1"
    values = _brightness(values, text, letter) * scale
    area = 4 * np.pi / (12 * grid.nside**2) if part.image is None else _solid_angles(grid)
    if part.image is not None:
        # a file has zeros there
        values = np.where(np.isnan(area), np.nan, values)
    found = SkyMap(
        values=units.Quantity(values, _unit(letter)),
        solid_angle=units.attach(area, "solid_angle"),
        grid=grid,
        total=_quantity(of, f"{letter}_TOTAL", _signal(letter), "j_factor" if letter == "J" else "d_factor"),
        distance=_quantity(of, "DISTANCE", "kpc", "length"),
        r_max=_quantity(of, "R_MAX", "kpc", "length"),
        facts={key: card for key, card in of.cards.items() if not _OF_FORMAT.match(key)},
    )
    _check_sum(found, of, letter)
    return found


def _map_part(parts):
    """The part with the map: a table per solid angle, any other HEALPix table, or an image."""
    for one in parts:
        if one.name in _PER_SR:
            return one
    lost = [_PER_PIXEL[one.name] for one in parts if one.name in _PER_PIXEL]
    if lost:
        raise StorageError(f"it ends before its table {lost[0]}, so it is cut short; take another copy of it")
    for one in parts:
        if one.columns and _said(one, "PIXTYPE") == "HEALPIX":
            return one
    for one in parts:
        if one.image is not None:
            return one
    raise StorageError(
        "it holds neither a HEALPix table (PIXTYPE = 'HEALPIX') nor an image, so it is no map, or cut short; files of "
        "write_map can be read, and others that say as much"
    )


def _said(part, key, default=None):
    value = part.cards.get(key, (default,))[0]
    return value.strip().upper() if isinstance(value, str) else value


# -- what a header must say --------------------------------------------------------------------------------------------


def _letter(part):
    letters = [letter for letter in "JD" if f"{letter}_TOTAL" in part.cards]
    missing = [key for key in ("DISTANCE", "R_MAX") if key not in part.cards]
    if not letters:
        missing.insert(0, "J_TOTAL (or D_TOTAL, of a map of the D-factor)")
    if missing:
        raise StorageError(
            f"its header lacks {', '.join(missing)}; a map says J of the whole sky [GeV2 cm-5], the distance of the "
            "observer from the halo's centre [kpc] and the radius at which the halo ends [kpc, or 'infinite']"
        )
    return letters[0]


def _signal(letter):
    return "GeV2 cm-5" if letter == "J" else "GeV cm-2"


def _unit(letter):
    return units.attach(0.0, "differential_j_factor" if letter == "J" else "differential_d_factor").unit


def _quantity(part, key, unit, dimension):
    return units.Quantity(_amount(part, key, unit), unit).to(units.attach(0.0, dimension).unit)


def _amount(part, key, unit):
    """A number from a card whose comment may begin with another [unit]."""
    if key not in part.cards:
        raise StorageError(f"its header lacks {key} [{unit}], by which a template of integral one is multiplied")
    value, comment = part.cards[key]
    if key == "R_MAX" and str(value).strip().lower() == "infinite":
        return np.inf
    given = re.match(r"\s*\[([^]]+)\]", comment)
    try:
        number = float(value)
        if given:
            number = float(units.Quantity(number, given[1]).to_value(unit))
    except (TypeError, ValueError) as error:
        raise StorageError(f"its card {key} = {value!r} ({comment}) is no number in {unit}: {error}") from error
    # of a halo that has lost all its daughters J is zero
    if not (number > 0 or (number == 0 and key.endswith(("_TOTAL", "_MAP")))):
        raise StorageError(f"its card {key} = {value!r} is not positive")
    return number


def _is_template(text):
    try:
        return units.Quantity(1.0, text or "").unit.is_equivalent("sr-1") and bool(text)
    except (TypeError, ValueError):
        return False


def _brightness(values, text, letter):
    """Values in the unit of this package, to the bit where the file has that unit."""
    wanted = _unit(letter)
    allowed = f"{_signal(letter)} sr-1, or sr-1 of a template of integral one"
    if not text:
        raise UnitError(f"its pixels have no unit (BUNIT of an image, TUNIT of a column); a map is in {allowed}")
    try:
        given = units.Quantity(1.0, text).unit
    except (TypeError, ValueError) as error:
        raise UnitError(f"the unit of its pixels, {text!r}, is not known; a map is in {allowed}") from error
    if not given.is_equivalent(wanted):
        raise UnitError(f"its pixels are in {text!r}; a map whose header has {letter}_TOTAL is in {allowed}")
    return values if given == wanted else units.Quantity(values, given).to_value(wanted)


# -- HEALPix -----------------------------------------------------------------------------------------------------------


def _on_healpix(part, which):
    nside, order, frame_name = _said(part, "NSIDE"), _said(part, "ORDERING"), _frame(part)
    whole = isinstance(nside, int) and not isinstance(nside, bool)
    if not whole or nside < 1 or nside & (nside - 1) or order not in ("NESTED", "RING"):
        raise StorageError(
            f"it has NSIDE = {nside!r} and ORDERING = {order!r}; a HEALPix table has a power of two, and 'NESTED' or "
            "'RING'"
        )
    columns = {name.upper(): (unit, values) for name, unit, values in part.columns}
    pixels = columns.pop("PIXEL", (None, None))[1]
    unit, values = columns[_column(part, list(columns), which)]
    values = np.asarray(values, dtype=float)
    count = 12 * nside**2
    if pixels is None and len(values) != count:
        raise StorageError(
            f"it has {len(values)} pixels and no column PIXEL; at NSIDE {nside} the whole sky has {count}"
        )
    empty = int(np.sum(~np.isfinite(values) | (values == np.float32(UNSEEN)) | (values == UNSEEN)))
    if empty:
        raise StorageError(f"{empty} of its {len(values)} pixels have no value; leave them out, with a column PIXEL")
    if pixels is not None:
        pixels, values = _listed(np.asarray(pixels), values, count)
        if _said(part, "OBJECT") == "FULLSKY" and len(pixels) == count:
            pixels = None
    cone = None if pixels is None else _cone(part.cards.get("HPX_REG", ("",))[0])
    return (
        HealpixGrid(nside, order.lower(), frame_name, pixels, cone),
        values,
        unit or part.cards.get("BUNIT", ("",))[0],
    )


def _frame(part):
    said = _said(part, "COORDSYS")
    if said not in _FRAMES:
        raise StorageError(f"it has COORDSYS = {said!r}; a map is in one of {', '.join(_FRAMES)}")
    return _FRAMES[said]


def _column(part, names, which):
    """Name of the column of the map."""
    if part.name in _PER_SR:
        letter = _PER_SR[part.name]
        kinds = ("tot",) if which == "unkicked" else ("kick", "tot")
        wanted = [f"{letter}{kind}_per_sr".upper() for kind in kinds]
    else:
        wanted = ["CHANNEL1", *names[:1]] if len(names) == 1 else ["CHANNEL1"]
    for name in wanted:
        if name in names:
            return name
    raise StorageError(
        f"its HEALPix table has the columns {', '.join(names) or 'none'} beside PIXEL; a map is one column, or "
        f"{wanted[0]} among others"
    )


def _listed(pixels, values, count):
    """Pixels in increasing order, with their values."""
    good = pixels.dtype.kind in "iu" and pixels.shape == values.shape and len(pixels) > 0
    if good:
        order = np.argsort(pixels, kind="stable")
        pixels, values = pixels[order].astype(np.int64), values[order]
        good = pixels[0] >= 0 and pixels[-1] < count and bool(np.all(np.diff(pixels) > 0))
    if not good:
        raise StorageError(f"its column PIXEL does not hold a different number below {count} for each value")
    pixels.setflags(write=False)
    return pixels, values


def _cone(region):
    found = _REGION.match(str(region))
    try:
        return tuple(float(number) for number in found.groups()) if found else None
    except ValueError:
        return None


# -- images ------------------------------------------------------------------------------------------------------------


def _on_plane(part):
    if part.image.ndim != 2:
        raise StorageError(f"its image has the shape {part.image.shape}; a map has two axes")
    plain = {key: value for key, (value, _) in part.cards.items()}
    try:
        with warnings.catch_warnings():
            # what the library mends in the headers of others it says, too
            warnings.simplefilter("ignore")
            grid = grid_of(wcs_class()(plain), part.image.shape)
    except (InputError, KeyError, TypeError, ValueError) as error:
        raise StorageError(f"its projection cannot be read: {error}") from error
    system = _said(part, "RADESYS")
    if grid.frame == "icrs" and (system not in _EQUATORIAL or _said(part, "EQUINOX", 2000.0) != 2000.0):
        raise StorageError(
            f"it has RADESYS = {system!r} and EQUINOX = {_said(part, 'EQUINOX')!r}; right ascension and declination "
            "are read in ICRS, or in FK5 of 2000"
        )
    return grid, np.asarray(part.image, dtype=float), part.cards.get("BUNIT", ("",))[0]


def _solid_angles(grid):
    """Of the pixels [sr], by the same integrals along their edges as when a map is made; NaN off the sky."""
    axes = frame(*np.radians(grid.wcs.wcs.crval))
    area = np.empty(grid.shape)
    rows = max(1, _BLOCK[grid.is_smooth] // grid.shape[1])
    for one in blocks(grid.shape[0], size=rows):
        _, area[one] = _pixels(_EMPTY, grid, one.start, one.stop, axes)
    return area


def _check_sum(found, part, letter):
    """Refuse pixels that are not those of the header: an image that was cut, scaled or put on another grid."""
    if f"{letter}_MAP" not in part.cards:
        return
    said = _amount(part, f"{letter}_MAP", _signal(letter))
    total = float(found.map_total.value)
    if abs(total - said) > _DIFFERENT * abs(said):
        raise StorageError(
            f"its pixels sum to {total:.8g} {_signal(letter)}, and {letter}_MAP in its header is {said:.8g}: the map "
            "was changed after it was made; make it again, or put the header right"
        )
