"""Reading the packaged tables: columns of a CSV file with comment lines, each file read once."""

import csv
from functools import cache
from pathlib import Path

import numpy as np

from cosmology.errors import InputError

DATA = Path(__file__).parents[1] / "data" / "limits"


@cache
def packaged_columns(name):
    """Columns of a packaged table of numbers.

    Parameters
    ----------
    name : str
        File name without ending.

    Returns
    -------
    tuple of ndarray
        One read-only array per column.
    """
    columns = tuple(np.array(packaged_rows(name)[1:], dtype=float).T)
    for column in columns:
        column.setflags(write=False)
    return columns


@cache
def packaged_rows(name):
    """Lines of a packaged table, split at commas, column names first; as tuples of text."""
    path = DATA / f"{name}.csv"
    if not path.is_file():
        raise InputError(f"no packaged table {name!r}; there are {', '.join(packaged_names(''))}")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return tuple(tuple(row) for row in csv.reader(lines))


def packaged_source(name):
    """The ``# source:`` line of a packaged table."""
    for line in (DATA / f"{name}.csv").read_text(encoding="utf-8").splitlines():
        if line.startswith("# source:"):
            return line.partition(":")[2].strip()
    raise InputError(f"the packaged table {name!r} does not name its source")


def packaged_names(start):
    """Names of the packaged tables that begin with `start`, sorted."""
    return sorted(path.stem for path in DATA.glob(f"{start}*.csv"))
