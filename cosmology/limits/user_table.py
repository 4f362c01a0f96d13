"""Limits against mass from a CSV file: the packaged ones, and any that a user brings.

Format. First header lines ``# key: value``, each of these keys once::

    # source: paper or experiment, in words
    # confidence: 95%
    # convention: self-conjugate            (or dirac)
    # channel: mumu
    # profile: NFW
    # observable: sigmav_cm3s               (or gamma_per_s, tau_s)

then a line with the column names ``mass_GeV,limit`` or ``mass_GeV,limit,limit_lo,limit_hi``, then the rows. Masses
rise, limits are positive, limit_lo <= limit <= limit_hi. Between rows ln limit is linear in ln mass; outside nothing is
said.
"""

import csv
import difflib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.limits.base import (
    AT_LEAST,
    AT_MOST,
    DIRAC,
    NO_CONVENTION,
    NOT_APPLICABLE,
    SELF_CONJUGATE,
    Limit,
    OutsideValidity,
    fraction,
    positive,
)
from cosmology.limits.expansion import cosmic_age
from cosmology.limits.pairs import PUBLISHED, pair_factor_at
from cosmology.units import Quantity

KEYS = ("source", "confidence", "convention", "channel", "profile", "observable")
COLUMNS = (["mass_GeV", "limit"], ["mass_GeV", "limit", "limit_lo", "limit_hi"])
# name in the file -> dimension for the units door, the file's unit
OBSERVABLES = {
    "sigmav_cm3s": ("sigma_v", "cm3/s"),
    "gamma_per_s": ("width", "1/s"),
    "tau_s": ("time", "s"),
}


@dataclass(frozen=True)
class LimitTable:
    """A limit against mass, as read from a file.

    Attributes
    ----------
    source, confidence, convention, channel, profile, observable : str
        The header.
    mass : tuple of float
        [GeV], rising.
    limit : tuple of float
        In the unit that `observable` names.
    limit_lo, limit_hi : tuple of float or None
        Edges of the published uncertainty of the limit.
    """

    source: str
    confidence: str
    convention: str
    channel: str
    profile: str
    observable: str
    mass: tuple
    limit: tuple
    limit_lo: tuple | None = None
    limit_hi: tuple | None = None

    @property
    def validity(self):
        """Range of masses, in words."""
        return f"{self.channel}, {self.mass[0]:g} to {self.mass[-1]:g} GeV"

    def at(self, mass, column="limit"):
        """Published limit at a mass, log-log interpolated between the rows.

        Parameters
        ----------
        mass : Quantity [mass]
        column : str
            ``"limit"``, ``"limit_lo"`` or ``"limit_hi"``.

        Returns
        -------
        Quantity
            <sigma v>, decay width or lifetime, as `observable` says, with the published convention.

        Raises
        ------
        OutsideValidity
            If the mass is outside the table: nothing is extrapolated.
        InputError
            If the table has no such column.
        """
        rows = {"limit": self.limit, "limit_lo": self.limit_lo, "limit_hi": self.limit_hi}.get(column)
        if rows is None:
            raise InputError(f"this table has no column {column!r}")
        gev = positive(units.to_internal(mass, "mass", "mass"), "mass")
        # the ends themselves are in the table, whatever rounding does to them
        if not self.mass[0] * (1.0 - 1e-12) <= gev <= self.mass[-1] * (1.0 + 1e-12):
            raise OutsideValidity(f"mass {gev:g} GeV is outside the published range, {self.validity}")
        value = np.exp(np.interp(np.log(gev), np.log(self.mass), np.log(rows)))
        return Quantity(value, OBSERVABLES[self.observable][1])


@dataclass(frozen=True, kw_only=True)
class TableLimit(Limit):
    """Limit on <sigma v>, on a decay width (upper) or on a lifetime (lower) from a table; see `read_limit`."""

    table: LimitTable

    @property
    def observable(self):
        """What the table limits."""
        return {"sigma_v": "<sigma v>", "width": "decay width", "time": "lifetime"}[self._dimension]

    @property
    def sense(self):
        """Upper limits, but for a lifetime."""
        return AT_LEAST if self._dimension == "time" else AT_MOST

    @property
    def _dimension(self):
        return OBSERVABLES[self.table.observable][0]

    def bound(self, *, mass, pair_factor=None, width=None, share=1.0):
        """Limit for this model.

        Parameters
        ----------
        mass : Quantity [mass]
            Of the particle that annihilates or decays.
        pair_factor : float or callable, optional
            See `cosmology.limits.pairs.pair_factor_at`, taken today; a table of <sigma v> needs it. The published limit
            is multiplied by (pair factor of its convention)/P.
        width : Quantity [width], optional
            For a callable `pair_factor`.
        share : float
            Share of the dark matter that decays, for a table of widths or lifetimes (published for all of it): the
            photons are proportional to share times width while Gamma t_0 << 1.

        Returns
        -------
        Quantity

        Raises
        ------
        OutsideValidity, InputError
        """
        published = self.table.at(mass)
        if self._dimension == "sigma_v":
            if pair_factor is None:
                raise OutsideValidity("needs pair_factor, which is not given; self-conjugate dark matter has 1")
            return published * (PUBLISHED[self.table.convention] / pair_factor_at(pair_factor, width, cosmic_age()))
        share = fraction(share, "share")
        return published * share if self._dimension == "time" else published / share

    def check(self, *, mass, sigma_v=None, width=None, pair_factor=None, share=1.0):
        """Answer for a model; `sigma_v` for annihilation, `width` for decay (also behind a callable `pair_factor`).

        Returns
        -------
        LimitResult
        """
        if self._dimension == "sigma_v":
            if sigma_v is None:
                return self._answer(None, None, NOT_APPLICABLE, "needs sigma_v, which is not given")
            value = units.attach(units.to_internal(sigma_v, "sigma_v", "sigma_v"), "sigma_v")
        elif width is None:
            return self._answer(None, None, NOT_APPLICABLE, "needs width, which is not given")
        else:
            value = Quantity(units.attach(units.to_internal(width, "width", "width"), "rate"), "1/s")
            value = 1.0 / value if self._dimension == "time" else value
        return self._judge(value, lambda: self.bound(mass=mass, pair_factor=pair_factor, width=width, share=share))


def read_limit(path, name=None):
    """Limit from a user's file, in the format of this module.

    Parameters
    ----------
    path : str or Path
    name : str, optional
        What to call it; the file's name without ending if not given.

    Returns
    -------
    TableLimit

    Raises
    ------
    InputError
        If the file is not in the format; the message names the file, the line and what is allowed.
    """
    table = read_limit_table(path)
    annihilation = OBSERVABLES[table.observable][0] == "sigma_v"
    return TableLimit(
        name=name or Path(path).stem,
        source=f"{table.source}, {table.confidence}",
        validity=table.validity,
        applies_to=f"{'annihilation' if annihilation else 'decay'} to {table.channel}, profile {table.profile}",
        convention=table.convention if annihilation else NO_CONVENTION,
        table=table,
    )


def read_limit_table(path):
    """Table from a file, every key, unit, mass and limit checked.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    LimitTable

    Raises
    ------
    InputError
        If the file is not in the format of this module.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as text ({error})") from error
    header, body = {}, []
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            if body:
                raise InputError(f"{path}:{number}: a header line after the columns; they come first")
            _add_key(header, line, f"{path}:{number}")
        elif line.strip():
            body.append((number, line))
    missing = [key for key in KEYS if key not in header]
    if missing:
        raise InputError(f"{path}: header lacks {', '.join(missing)}; it needs '# key: value' for {', '.join(KEYS)}")
    _among(header["convention"], (SELF_CONJUGATE, DIRAC), f"{path}: convention")
    _among(header["observable"], tuple(OBSERVABLES), f"{path}: observable")
    return LimitTable(**header, **_read_columns(path, body))


def _add_key(header, line, where):
    key, colon, value = (part.strip() for part in line.lstrip("#").partition(":"))
    if not colon or not value:
        raise InputError(f"{where}: {line!r} is not '# key: value'")
    _among(key, KEYS, f"{where}: key")
    if key in header:
        raise InputError(f"{where}: the key {key} is there twice")
    header[key] = value


def _read_columns(path, body):
    if not body:
        raise InputError(f"{path}: no columns; after the header comes {','.join(COLUMNS[0])}")
    names = [name.strip() for name in next(csv.reader([body[0][1]]))]
    if names not in COLUMNS:
        allowed = " or ".join(",".join(columns) for columns in COLUMNS)
        raise InputError(f"{path}:{body[0][0]}: columns {','.join(names)} should be {allowed}")
    rows = []
    for number, line in body[1:]:
        cells = next(csv.reader([line]))
        try:
            row = [float(cell) for cell in cells]
        except ValueError as error:
            raise InputError(f"{path}:{number}: {line!r} is not numbers") from error
        if len(row) != len(names):
            raise InputError(f"{path}:{number}: {len(row)} numbers for {len(names)} columns")
        if not all(np.isfinite(row)) or min(row) <= 0.0:
            raise InputError(f"{path}:{number}: masses and limits must be positive and finite, not {line!r}")
        if rows and row[0] <= rows[-1][0]:
            raise InputError(f"{path}:{number}: mass {row[0]:g} GeV does not rise above {rows[-1][0]:g} GeV")
        if len(row) == 4 and not row[2] <= row[1] <= row[3]:
            raise InputError(f"{path}:{number}: limit_lo <= limit <= limit_hi does not hold")
        rows.append(row)
    if len(rows) < 2:
        raise InputError(f"{path}: {len(rows)} row of numbers; two are needed to interpolate")
    columns = dict(zip(names, (tuple(column) for column in zip(*rows, strict=True)), strict=True))
    columns["mass"] = columns.pop("mass_GeV")
    return columns


def _among(value, allowed, what):
    if value not in allowed:
        near = difflib.get_close_matches(value, allowed, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"{what} {value!r} is not one of {', '.join(allowed)}{hint}")
