"""Dwarf galaxies and what is measured of them: a built-in list, and a reader for the user's own.

Column names are those of the Local Volume Database (Pace 2025, OJAp 8, 142, arXiv:2411.07424).
"""

import csv
import difflib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
from astropy.table import Table

from halokick import units
from halokick.errors import InputError

SUN_TO_CENTRE = "8.2 kpc"
"""Distance of the Sun from the Galactic centre: 8178 +- 26 pc, GRAVITY Collaboration (2019, A&A 625, L10)."""
_CENTRE_RA, _CENTRE_DEC = np.deg2rad(266.41684), np.deg2rad(-29.00781)
"""Sgr A*, J2000: Reid & Brunthaler (2004, ApJ 616, 872)."""

# column -> (dimension, unit of the database)
_NEEDED = {
    "ra": ("angle", "deg"),
    "dec": ("angle", "deg"),
    "distance": ("length", "kpc"),
    "distance_em": ("length", "kpc"),
    "distance_ep": ("length", "kpc"),
    "rhalf_sph_physical": ("length", "pc"),
    "vlos_sigma": ("speed", "km/s"),
    "vlos_sigma_em": ("speed", "km/s"),
    "vlos_sigma_ep": ("speed", "km/s"),
}
_OPTIONAL = {"rhalf_physical": ("length", "pc"), "vlos_sigma_ul": ("speed", "km/s")}
_TEXT = ("name", "key", "host", "ref_distance", "ref_structure", "ref_vlos")
_WHAT = {
    "ra": "right ascension",
    "dec": "declination",
    "distance": "distance",
    "distance_em": "lower error of the distance",
    "distance_ep": "upper error of the distance",
    "rhalf_sph_physical": "azimuthally averaged half-light radius",
    "vlos_sigma": "velocity dispersion",
    "vlos_sigma_em": "lower error of the velocity dispersion",
    "vlos_sigma_ep": "upper error of the velocity dispersion",
}
_ABSENT = {"", "nan", "--", "null", "none", "n/a", "masked"}
_MAY_BE_ZERO = {"ra", "dec", "distance_em", "distance_ep", "vlos_sigma_em", "vlos_sigma_ep"}


class References(NamedTuple):
    """Where the values of a dwarf come from: keys of papers, empty where the catalogue gives none."""

    distance: str = ""
    structure: str = ""
    dispersion: str = ""


@dataclass(frozen=True, eq=False)
class Dwarf:
    """One dwarf galaxy as measured.

    Attributes
    ----------
    name, key, host : str
        `key` is a short identifier; `host` is ``"mw"`` or ``"lmc"`` where it is known.
    ra, dec : Quantity [angle]
        ICRS.
    distance : Quantity [length]
        From the Sun.
    distance_errors, dispersion_errors : Quantity, shape (2,)
        Down and up to the 16th and 84th percentile, both positive.
    half_light_radius : Quantity [length]
        Projected, averaged over azimuth.
    half_light_radius_major : Quantity [length] or None
        Projected, along the major axis.
    dispersion : Quantity [speed]
        Along the line of sight.
    references : References or None
    """

    name: str
    key: str
    host: str
    ra: units.Quantity
    dec: units.Quantity
    distance: units.Quantity
    distance_errors: units.Quantity
    half_light_radius: units.Quantity
    dispersion: units.Quantity
    dispersion_errors: units.Quantity
    half_light_radius_major: units.Quantity | None = None
    references: References | None = None

    @property
    def galactocentric_distance(self):
        """Distance from the Galactic centre, Quantity [length]."""
        return self.galactocentric_distance_at(self.distance)

    def galactocentric_distance_at(self, distance):
        """Distance from the Galactic centre with the dwarf at another `distance` from the Sun [length], any shape."""
        d = units.to_internal(distance, "length", "distance")
        sun = units.to_internal(SUN_TO_CENTRE, "length")
        ra, dec = (float(units.to_internal(angle, "angle")) for angle in (self.ra, self.dec))
        cosine = np.sin(dec) * np.sin(_CENTRE_DEC) + np.cos(dec) * np.cos(_CENTRE_DEC) * np.cos(ra - _CENTRE_RA)
        return units.attach(np.sqrt(d * d + sun * sun - 2 * d * sun * cosine), "length")


@dataclass(frozen=True, eq=False)
class DwarfCatalogue:
    """A list of dwarfs; iterate over it, or ask for one by name: ``catalogue["Draco"]``.

    Attributes
    ----------
    dwarfs : tuple of Dwarf
    skipped : tuple of (str, str)
        Name of every row that is not in `dwarfs`, and the reason.
    source : str
    """

    dwarfs: tuple
    skipped: tuple
    source: str

    def __len__(self):
        return len(self.dwarfs)

    def __iter__(self):
        return iter(self.dwarfs)

    def __getitem__(self, name):
        wanted = str(name).casefold()
        for dwarf in self.dwarfs:
            if wanted in (dwarf.name.casefold(), dwarf.key.casefold()):
                return dwarf
        for other, reason in self.skipped:
            if wanted == other.casefold():
                raise InputError(f"{name!r} is listed in {self.source} but was left out: {reason}")
        near = difflib.get_close_matches(str(name), [dwarf.name for dwarf in self.dwarfs], n=3)
        hint = f"did you mean {', '.join(near)}?" if near else f"it holds {', '.join(d.name for d in self.dwarfs)}"
        raise InputError(f"{name!r} is not in {self.source}; {hint}")

    def select(self, names):
        """The catalogue reduced to these names, in this order."""
        return DwarfCatalogue(tuple(self[name] for name in names), self.skipped, self.source)


def builtin_catalogue():
    """Twenty-six Milky Way dwarf spheroidals with measured dispersions; origin and references in the data folder.

    Returns
    -------
    DwarfCatalogue
    """
    with resources.as_file(resources.files("halokick.sky") / "data" / "dwarfs.ecsv") as path:
        rows, given = _read_ecsv(path)
    return _catalogue(rows, given, "the built-in catalogue")


def read_catalogue(path):
    """Read dwarfs from a CSV or ECSV file with the column names of the Local Volume Database.

    Needed: name, ra, dec, distance and vlos_sigma with their errors (``_em``, ``_ep``), rhalf_sph_physical. Used if
    there: key, host, rhalf_physical, vlos_sigma_ul, ref_distance, ref_structure, ref_vlos. All others are ignored.
    Units are those an ECSV header gives, else the database's: degrees, kpc, pc, km/s.

    A row without one of the needed values, or with only an upper limit on the dispersion, is left out and listed in
    `DwarfCatalogue.skipped` with the reason; nothing is filled in.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    DwarfCatalogue

    Raises
    ------
    InputError
        No such file, not such a table, a row cut short, text in a column of numbers, or no usable row at all.
    UnitError
        A column of an ECSV file has a unit of another dimension.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; give a CSV or ECSV catalogue, or use the built-in one")
    try:
        with path.open(encoding="utf-8-sig") as stream:
            is_ecsv = stream.readline().startswith("# %ECSV")
        rows, given = _read_ecsv(path) if is_ecsv else _read_csv(path)
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not a text file; a catalogue is CSV or ECSV") from error
    return _catalogue(rows, given, str(path))


def _read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = [line for line in csv.reader(stream) if line and not line[0].lstrip().startswith("#")]
    if not lines:
        raise InputError(f"{path} is empty; a catalogue has one line of column names and one line for each dwarf")
    header = [name.strip() for name in lines[0]]
    _check_header(header, path)
    for number, line in enumerate(lines[1:], start=1):
        if len(line) != len(header):
            raise InputError(
                f"{path}: row {number} ({line[0][:40]!r}) has {len(line)} fields and the header has {len(header)}; the "
                "file is cut short or damaged, so fetch it again"
            )
    return [dict(zip(header, line, strict=True)) for line in lines[1:]], {}


def _read_ecsv(path):
    try:
        table = Table.read(path, format="ascii.ecsv")
    except Exception as error:  # astropy and its YAML reader raise many kinds here
        raise InputError(f"{path} is not a complete ECSV table: {error}") from error
    _check_header(table.colnames, path)
    given = {name: table[name].unit for name in table.colnames if table[name].unit is not None}
    texts = {}
    for name in table.colnames:
        hidden = np.broadcast_to(getattr(table[name], "mask", False), len(table))
        texts[name] = ["" if blank else str(value) for value, blank in zip(table[name], hidden, strict=True)]
    return [{name: texts[name][i] for name in table.colnames} for i in range(len(table))], given


def _check_header(header, path):
    missing = [name for name in ("name", *_NEEDED) if name not in header]
    if not missing:
        return
    hints = []
    for name in missing:
        near = difflib.get_close_matches(name, header, n=1)
        hints.append(f"{name} (is it {near[0]!r}?)" if near else name)
    raise InputError(
        f"{path} lacks the columns {', '.join(hints)}; a catalogue needs name, {', '.join(_NEEDED)}, as in the Local "
        "Volume Database"
    )


def _catalogue(rows, given, source):
    dwarfs, skipped, seen = [], [], set()
    for number, row in enumerate(rows, start=1):
        name = row["name"].strip()
        if not name or name.casefold() in seen:
            skipped.append((name or f"row {number}", "a second row of this name" if name else "no name"))
            continue
        seen.add(name.casefold())
        values = {column: _number(row, column, name, source) for column in (*_NEEDED, *_OPTIONAL)}
        reason = _reason_to_skip(values, given)
        if reason:
            skipped.append((name, reason))
        else:
            dwarfs.append(_dwarf(name, row, values, given))
    if not dwarfs:
        first = f"; the first, {skipped[0][0]}, was left out for: {skipped[0][1]}" if skipped else ""
        raise InputError(f"{source} has no usable row among {len(rows)}{first}")
    return DwarfCatalogue(tuple(dwarfs), tuple(skipped), source)


def _number(row, column, name, source):
    text = row.get(column, "").strip()
    if text.casefold() in _ABSENT:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise InputError(
            f"{source}: {column} of {name!r} is {text!r}, not a number; leave a missing value empty"
        ) from error


def _reason_to_skip(values, given):
    if values["vlos_sigma"] is None and values["vlos_sigma_ul"] is not None:
        unit = given.get("vlos_sigma_ul", "km/s")
        return f"the velocity dispersion is only an upper limit, below {values['vlos_sigma_ul']:g} {unit}"
    for column in dict.fromkeys(("distance", "vlos_sigma", "rhalf_sph_physical", *_NEEDED)):
        if values[column] is None:
            return f"no {_WHAT[column]} ({column})"
        if not np.isfinite(values[column]):
            return f"{column} = {values[column]} is not finite"
        if column not in ("ra", "dec") and (values[column] < 0 or (values[column] == 0 and column not in _MAY_BE_ZERO)):
            return f"{column} = {values[column]:g} is not positive"
    for column in ("distance", "vlos_sigma"):
        if values[f"{column}_em"] >= values[column]:
            return f"the lower error of the {_WHAT[column]} reaches down to zero, so it is only an upper limit"
    return None


def _dwarf(name, row, values, given):
    def measured(*columns):
        numbers = []
        for column in columns:
            dimension, unit = {**_NEEDED, **_OPTIONAL}[column]
            value = units.Quantity(values[column], given.get(column, unit))
            numbers.append(units.to_internal(value, dimension, column))
        return units.attach(numbers if len(numbers) > 1 else numbers[0], dimension)

    text = {column: row.get(column, "").strip() for column in _TEXT}
    return Dwarf(
        name=name,
        key=text["key"] or name,
        host=text["host"],
        ra=measured("ra"),
        dec=measured("dec"),
        distance=measured("distance"),
        distance_errors=measured("distance_em", "distance_ep"),
        half_light_radius=measured("rhalf_sph_physical"),
        half_light_radius_major=None if values["rhalf_physical"] is None else measured("rhalf_physical"),
        dispersion=measured("vlos_sigma"),
        dispersion_errors=measured("vlos_sigma_em", "vlos_sigma_ep"),
        references=References(text["ref_distance"], text["ref_structure"], text["ref_vlos"]),
    )
