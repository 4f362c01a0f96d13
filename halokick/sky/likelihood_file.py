"""Reader of likelihood profiles that users bring; the format is described in ``docs/likelihood_profiles.md``."""

import csv
import difflib
from itertools import pairwise
from pathlib import Path

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.sky.likelihood_profile import BinnedProfile, SignalProfile

_KEYS = ("target", "source", "layout")
_SIGNAL = "signal_GeV2_cm-2_s-1"
_LIKELIHOODS = {"minus_2_delta_lnL": 1.0, "delta_lnL": -2.0}
_ENERGIES = {"GeV": 1.0, "MeV": 1e-3}
_LAYOUTS = ("signal", "energy-bins")


def read_likelihood_profile(path):
    """Read the likelihood profile of one target.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    SignalProfile or BinnedProfile
        By the file's key ``layout``: ``signal`` or ``energy-bins``.

    Raises
    ------
    InputError
        No such file; a key that is missing, twice there or unknown; another layout or other columns; a row that is
        short, not numbers, or out of order; bins that overlap or leave gaps. The message names the line.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; likelihood profiles are not packaged, see docs/likelihood_profiles.md")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not a text file") from error
    header, names, rows = _split(path, text)
    if header["layout"] == "signal":
        return _signal(path, header, names, rows)
    return _bins(path, header, names, rows)


def _split(path, text):
    header, names, rows = {}, None, []
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line:
            continue
        if line.startswith("#"):
            key, colon, value = line.lstrip("# ").partition(":")
            if names is None and colon:
                _keep(path, number, header, key.strip(), value.strip())
        elif names is None:
            names = [name.strip() for name in line.split(",")]
        else:
            rows.append((number, _numbers(path, number, line, names)))
    missing = [key for key in _KEYS if not header.get(key)]
    if missing:
        raise InputError(f"{path}: no header line '# {missing[0]}: ...'; a profile needs {', '.join(_KEYS)}")
    if header["layout"] not in _LAYOUTS:
        raise InputError(f"{path}: layout is {header['layout']!r}; it can be {' or '.join(_LAYOUTS)}")
    if names is None or not rows:
        raise InputError(f"{path}: no {'columns' if names is None else 'rows'} below the header")
    return header, names, rows


def _keep(path, number, header, key, value):
    if key not in _KEYS:
        near = difflib.get_close_matches(key, _KEYS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "write remarks without a colon, or below the column names"
        raise InputError(f"{path}, line {number}: unknown key {key!r}; {hint}")
    if key in header:
        raise InputError(f"{path}, line {number}: {key} is given twice")
    header[key] = value


def _numbers(path, number, line, names):
    fields = next(csv.reader([line]))
    if len(fields) != len(names):
        raise InputError(
            f"{path}, line {number}: {len(fields)} fields under {len(names)} names; the file may be cut short"
        )
    try:
        values = [float(field) for field in fields]
    except ValueError as error:
        raise InputError(f"{path}, line {number}: {error}; only numbers may stand here") from error
    if not np.all(np.isfinite(values)):
        raise InputError(f"{path}, line {number}: every number must be finite")
    return values


def _likelihood(path, name):
    if name not in _LIKELIHOODS:
        raise InputError(f"{path}: the last column is {name!r}; it must be {' or '.join(_LIKELIHOODS)}")
    return _LIKELIHOODS[name]


def _signal(path, header, names, rows):
    if len(names) != 2 or names[0] != _SIGNAL:
        raise InputError(f"{path}: the columns are {','.join(names)}; layout signal has {_SIGNAL},minus_2_delta_lnL")
    factor = _likelihood(path, names[1])
    table = np.array([values for _, values in rows])
    _check_rising(path, [number for number, _ in rows], table[:, 0])
    return SignalProfile(units.Quantity(table[:, 0], "GeV2 cm-2 s-1"), factor * table[:, 1], header["target"])


def _bins(path, header, names, rows):
    unit = next((unit for unit in _ENERGIES if names[0] == f"e_min_{unit}"), None)
    wanted = [f"e_min_{unit}", f"e_max_{unit}", f"energy_flux_{unit}_cm-2_s-1"]
    if unit is None or len(names) != 4 or names[:3] != wanted:
        raise InputError(
            f"{path}: the columns are {','.join(names)}; layout energy-bins has e_min_GeV,e_max_GeV,"
            "energy_flux_GeV_cm-2_s-1,minus_2_delta_lnL, or the same in MeV"
        )
    factor = _likelihood(path, names[3])
    bins = {}
    for number, (low, high, flux, value) in rows:
        bins.setdefault((low, high), []).append((number, flux, value))
    edges = sorted(bins)
    for (low, high), (next_low, _) in pairwise(edges):
        if abs(high / next_low - 1) > 1e-3:
            raise InputError(
                f"{path}: the bin {low:g} to {high:g} {unit} is followed by one from {next_low:g}; close up"
            )
    sizes = {len(members) for members in bins.values()}
    if len(sizes) > 1:
        raise InputError(f"{path}: bins have {sorted(sizes)} rows; all need the same number")
    for members in bins.values():
        _check_rising(path, [number for number, _, _ in members], np.array([flux for _, flux, _ in members]))
    scale = _ENERGIES[unit]
    values = np.array([[value for _, _, value in bins[edge]] for edge in edges])
    flux = np.array([[x for _, x, _ in bins[edge]] for edge in edges])
    return BinnedProfile(
        units.Quantity([low for low, _ in edges] + [edges[-1][1]], unit),
        units.Quantity(flux * scale, "GeV cm-2 s-1"),
        factor * values,
        header["target"],
    )


def _check_rising(path, numbers, values):
    falls = np.flatnonzero(np.diff(values) <= 0)
    if len(falls):
        raise InputError(
            f"{path}, line {numbers[falls[0] + 1]}: {values[falls[0] + 1]:g} does not rise above the row before"
        )
