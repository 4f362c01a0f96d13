r"""Readers of spectra that users bring: the layouts of PPPC4DMID and CosmiXs, and plain CSV.

No table is packaged. Both collections list particles per annihilation and :math:`\log_{10}x`, x = E/m, against the mass
of one annihilating particle, 5 GeV to 100 TeV:

- PPPC4DMID (Cirelli et al. 2011, JCAP 03, 051): one header line ``mDM Log[10,x] eL eR e \[Mu]L ... b ...``, rows in
  blocks of one mass, values at log10 x = -8.9 to 0.
- CosmiXs (Arina et al. 2024, JCAP 03, 035): ``# DM``, ``Log10[x]``, ``dNdLog10x [b]``, ... with names separated by two
  or more blanks; the rows are averages over bins whose centres are listed, the last of which ends at x = 1.

Below the threshold of a channel, such as that of top quarks, the tables hold zeros, and so do the spectra.
"""

import csv
import re
from pathlib import Path

import numpy as np

from halokick.errors import InputError
from halokick.sky.channel_spectrum import ChannelSpectrum

_SPIKE = 10.0
"""A last entry this many times the one before it is a line at x = 1 spread over a step, not an end of the continuum."""
_LEAST_LINE = 1e-3
"""Particles; fewer in a last step after an empty one are the noise of the simulation."""
_CSV_COLUMNS = ["energy_GeV", "dN_dE_per_GeV"]
_LN10 = np.log(10.0)


def read_pppc4(path, channel):
    r"""Spectrum of one channel from a file in the layout of PPPC4DMID.

    Parameters
    ----------
    path : str or Path
        Such as the ``AtProduction_gammas.dat`` a user has downloaded.
    channel : str
        As in the header (``"b"``, ``"\\[Tau]"``), or with Greek letters spelled out (``"tau"``, ``"muL"``).

    Returns
    -------
    ChannelSpectrum

    Raises
    ------
    InputError
        No such file, another layout, no such channel, a row that is short or not numbers, blocks that differ in x, or
        more energy than 2 m.
    """
    path, lines = _lines(path)
    names = lines[0][1].lstrip("#").split()
    if len(names) < 3 or names[:2] != ["mDM", "Log[10,x]"]:
        raise _other_layout(path, lines[0][1], "PPPC4DMID", "'mDM  Log[10,x]  e  ...'", "read_cosmixs")
    channels = {_spelled(name): column for column, name in enumerate(names) if column >= 2}
    masses, log_x, values = _blocks(path, lines[1:], len(names), _column(path, channels, _spelled(channel), channel))
    values, line = _without_spike(values, log_x[-1] - log_x[-2])
    return ChannelSpectrum(masses, log_x, values, f"{path.name}, {channel}", line=line, line_from=log_x[-2])


def read_cosmixs(path, channel):
    """Spectrum of one channel from a file in the layout of CosmiXs.

    Parameters
    ----------
    path : str or Path
        Such as the ``AtProduction-Gamma.dat`` a user has downloaded.
    channel : str
        As between the brackets of the header: ``"b"``, ``"tau"``, ``"a"`` for photons.

    Returns
    -------
    ChannelSpectrum

    Raises
    ------
    InputError
        As for `read_pppc4`.
    """
    path, lines = _lines(path)
    names = [name for name in re.split(r"\s{2,}|\t", lines[0][1].lstrip("#").strip()) if name]
    bracketed = [re.fullmatch(r"dNdLog10x ?\[(.+)\]", name) for name in names[2:]]
    if len(names) < 3 or names[0] != "DM" or names[1] != "Log10[x]" or not all(bracketed):
        raise _other_layout(path, lines[0][1], "CosmiXs", "'# DM   Log10[x]   dNdLog10x [e]   ...'", "read_pppc4")
    channels = {match[1]: column for column, match in enumerate(bracketed, start=2)}
    masses, log_x, values = _blocks(path, lines[1:], len(names), _column(path, channels, str(channel), channel))
    half = 0.5 * (log_x[1] - log_x[0])
    values, line = _without_spike(values, 2 * half)
    # the spectrum reaches from the first bin's lower edge to the last one's upper edge
    log_x = np.concatenate([log_x[:1] - half, log_x, [min(log_x[-1] + half, 0.0)]])
    values = np.concatenate([values[:, :1], values, values[:, -1:]], axis=1)
    if log_x[-1] <= log_x[-2]:
        log_x, values = log_x[:-1], values[:, :-1]
    return ChannelSpectrum(masses, log_x, values, f"{path.name}, {channel}", line=line, line_from=log_x[-1] - 2 * half)


def read_spectrum_csv(path):
    """Spectrum of one mass from a CSV file.

    First a line ``# mass_GeV: 50``, then the column names ``energy_GeV,dN_dE_per_GeV``, then rows of rising energy up
    to the mass. E dN/dE is linear in ln E between rows and zero outside; other lines that begin with # are comments.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    ChannelSpectrum
        For that mass alone.

    Raises
    ------
    InputError
        No such file, a missing mass or column, numbers that are none, negative or not rising, energies above the mass,
        or more energy than 2 m.
    """
    path, lines = _lines(path)
    mass, rows = None, []
    for number, text in lines:
        if text.startswith("#"):
            key, _, value = text.lstrip("# ").partition(":")
            if key.strip() == "mass_GeV":
                mass = _floats(path, number, [value.strip()])[0]
        else:
            rows.append((number, [field.strip() for field in next(csv.reader([text]))]))
    if mass is None or not mass > 0:
        raise InputError(f"{path}: no header line '# mass_GeV: ...' with a positive mass; spectra depend on it")
    if not rows or rows[0][1] != _CSV_COLUMNS:
        found = ",".join(rows[0][1]) if rows else "nothing"
        raise InputError(f"{path}: the columns are {found}; a spectrum has {','.join(_CSV_COLUMNS)}")
    for number, fields in rows[1:]:
        if len(fields) != 2:
            raise InputError(f"{path}, line {number}: {len(fields)} fields; a row has an energy and dN/dE")
    table = np.array([_floats(path, number, fields) for number, fields in rows[1:]]).reshape(-1, 2)
    energy, dn_de = table.T
    if len(energy) < 2 or np.any(np.diff(energy) <= 0) or energy[0] <= 0:
        raise InputError(f"{path}: energies must be two or more, above zero and rising")
    if energy[-1] > mass * (1 + 1e-9):
        raise InputError(f"{path}: the energy {energy[-1]:g} GeV is above the mass, {mass:g} GeV")
    return ChannelSpectrum([mass], np.log10(energy / mass), [energy * dn_de * _LN10], path.name)


def _lines(path):
    """Path, and (number, text) of every line that is not blank."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; tables of spectra are not packaged, so download them first")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not a text file; unpack it first") from error
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise InputError(f"{path} is empty; a table of spectra has a line of names and rows of numbers")
    return path, lines


def _spelled(name):
    r"""Greek letters of Mathematica spelled out: \[Mu]L is muL."""
    return re.sub(r"\\\[(\w+)\]", lambda match: match[1].lower(), str(name))


def _column(path, channels, wanted, given):
    if wanted not in channels:
        raise InputError(f"{path}: no channel {given!r}; it has {', '.join(channels)}")
    return channels[wanted]


def _other_layout(path, header, layout, expected, other):
    return InputError(
        f"{path} is not in the layout of {layout}: its first line is {header[:60]!r}, not like {expected}; "
        f"try {other}, or read_spectrum_csv for columns of E and dN/dE"
    )


def _floats(path, number, fields):
    try:
        return [float(field) for field in fields]
    except ValueError as error:
        raise InputError(f"{path}, line {number}: {error}; only numbers may stand here") from error


def _blocks(path, lines, columns, column):
    """Masses, log10 x and values (masses, x) from rows of (mass, log10 x, ...)."""
    table = np.empty((len(lines), 3))
    for row, (number, text) in enumerate(lines):
        fields = text.split()
        if len(fields) != columns:
            raise InputError(
                f"{path}, line {number}: {len(fields)} numbers under {columns} names; the file is cut short or damaged"
            )
        table[row] = _floats(path, number, [fields[0], fields[1], fields[column]])
    masses = np.unique(table[:, 0])
    size = len(table) // max(len(masses), 1)
    if size < 3 or len(masses) * size != len(table):
        raise InputError(
            f"{path}: {len(table)} rows for {len(masses)} masses; every mass needs the same x, three or more"
        )
    blocks = table.reshape(len(masses), size, 3)
    if np.any(blocks[:, :, 0] != masses[:, None]) or np.any(np.abs(blocks[:, :, 1] - blocks[0, :, 1]) > 1e-9):
        raise InputError(f"{path}: masses must rise, and every mass must have the same rows of log10 x")
    return masses, blocks[0, :, 1], blocks[:, :, 2]


def _without_spike(values, step):
    """Values with a spike in the last column replaced by its neighbour, and the particles that were in it."""
    values = values.copy()
    spike = (values[:, -1] > _SPIKE * values[:, -2]) & (values[:, -1] * step > _LEAST_LINE)
    line = np.where(spike, (values[:, -1] - values[:, -2]) * step, 0.0)
    values[spike, -1] = values[spike, -2]
    return values, line
