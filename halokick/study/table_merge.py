"""One J-factor table of any number of results, single studies and batches mixed, with where each row came from."""

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halokick import units
from halokick.errors import InputError, StorageError, UnitError
from halokick.study import storage, storage_batch
from halokick.study.batch import BATCH
from halokick.study.folder import RESULT
from halokick.study.orbit_columns import GRID_DESCRIPTIONS, grid_columns
from halokick.study.tables import CONVENTION, J_MEANING, for_fits, make_table, signal_weight, stacked

FORMATS = (".ecsv", ".fits", ".csv", ".tex")
"""Endings of a merged table's file; they decide its format."""
HALO = "halo"
"""Target of the J-factors of a study's own halo, seen by its observer."""
_GRID = tuple(GRID_DESCRIPTIONS)
_NUMBERS = ("j_parent", "j_pair", *_GRID, "j_daughter", "j_signal", "suppression", "suppression_both", "bound_fraction")
_BANDS = ("j_parent", "suppression", "suppression_both", "bound_fraction")
_SHOWN_DIGITS = 5
_MEANING = {
    "target": "the study's own halo, or a dwarf galaxy",
    "distance": "of the observer from the target",
    "angle": "half-angle of the cone around the target",
    "kick": "velocity kick of the daughters",
    **J_MEANING,
    **GRID_DESCRIPTIONS,
    "bound_fraction": "share of the daughters that stays bound, born within the reference or the tidal radius",
    "file": "number of the file in the list of files",
    "task": "of a batch; -1 for a single study",
}


@dataclass(frozen=True)
class Source:
    """One result, and where it is from.

    Attributes
    ----------
    file : int
        Place in the list of files.
    task : int
        Of a batch; -1 for a single study.
    point : dict of str to str
        Key of the grid to its value, as TOML.
    result : StudyResult
    """

    file: int
    task: int
    point: dict
    result: object


def read_sources(paths):
    """Read results.

    Parameters
    ----------
    paths : sequence of str or Path
        Folders of studies or batches, their result.h5 or batch.h5.

    Returns
    -------
    sources : list of Source
    files : list of dict
        Path, checksum and provenance of each file.

    Raises
    ------
    StorageError
        A file is missing, damaged, foreign, or holds no finished study.
    """
    sources, files = [], []
    for number, path in enumerate(map(_file, paths)):
        if not storage_batch.is_batch(path):
            result = storage.read(path)
            sources.append(Source(number, -1, {}, result))
            made = result.provenance
            files.append(_about(path, made.versions.get("halokick", ""), made.commit, made.created))
            continue
        ledger = storage_batch.read_ledger(path)
        heading = ledger.heading
        if heading.kind != "grid":
            raise StorageError(f"{path} holds particles of one study, not studies; its result is {RESULT} beside it")
        done = sorted(ledger.done)
        for index, result in zip(done, storage_batch.read_answers(path, done), strict=True):
            point = {key: values[index] for key, values in heading.columns.items()}
            sources.append(Source(number, index, point, result))
        about = _about(path, heading.begun["halokick"], heading.begun["commit"], heading.begun["created"])
        about |= {"tasks": f"{len(done)} of {heading.tasks} done, {len(ledger.failed)} failed", "answer": ledger.digest}
        files.append(about)
    return sources, files


def _file(path):
    path = Path(path)
    if not path.is_dir():
        return path
    batch, result = path / BATCH, path / RESULT
    # a study that was divided has both: its result is what is wanted
    return batch if batch.exists() and not result.exists() else result


def _about(path, version, commit, created):
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"file": str(path), "sha256": checksum, "halokick": version, "commit": commit, "created": created}


def merged_table(sources, files):
    """The J-factors of all results, one row per target, cone and kick, sorted.

    Parameters
    ----------
    sources, files
        As `read_sources` gives them.

    Returns
    -------
    astropy Table
        Columns of the target, the grid's keys, kick, cone, J-factors and suppressions, and the origin of the row.
        What a row has not is nan or empty.

    Raises
    ------
    InputError
        None of the results has J-factors.
    """
    keys = list(dict.fromkeys(key for source in sources for key in source.point))
    blocks = [block for source in sources for block in (*_halo_rows(source), *_dwarf_rows(source))]
    if not blocks:
        raise InputError("none of these results has J-factors; a study needs [halo] with [observer], or [dwarfs]")
    for block in blocks:
        source, n = block.pop("source"), len(block["target"])
        block["file"], block["task"] = np.full(n, source.file), np.full(n, source.task)
        block["point"] = [_point(source, keys)] * n
    points = [point for block in blocks for point in block.pop("point")]
    columns = stacked(blocks)
    for place, key in enumerate(keys):
        columns[key] = _values([point[place] for point in points])
    columns = {name: columns[name] for name in _order(columns, keys)}
    order = _sorted(columns, keys)
    columns = {name: (values[order], unit) for name, (values, unit) in columns.items()}
    meta = {
        "content": "J-factors within cones, of halos and of dwarf galaxies",
        "convention": CONVENTION,
        "dwarfs": "medians of the draws; _low and _high are the 16th and 84th percentile; j_pair and j_daughter are "
        "the median of the suppression times that of j_parent",
        "files": files,
    }
    described = {**_MEANING, **{key: "of the run file" for key in keys}}
    return make_table(columns, described, meta)


def _point(source, keys):
    """Values of the grids' keys; those of a study that was on no such grid are in its run file."""
    tables = tomllib.loads(source.result.provenance.run_file)
    return tuple(_plain(source.point[key]) if key in source.point else _of_tables(tables, key) for key in keys)


def _plain(text):
    return tomllib.loads(f"value = {text}")["value"]


def _of_tables(tables, key):
    for part in key.split("."):
        tables = tables.get(part) if isinstance(tables, dict) else None
    return tables


def _halo_rows(source):
    sky, result = source.result.sky, source.result
    if sky is None:
        return
    weight, n = signal_weight(sky.shares), len(sky.angles)
    for i, daughters in enumerate(result.daughters):
        block = {
            "source": source,
            "target": [HALO] * n,
            "distance": _repeated(sky.distance, n, "kpc"),
            "angle": sky.angles,
            "kick": [sky.kicks[i]] * n,
            "mean_kick_speed": _repeated(daughters.mean_speed, n, "km/s"),
            "method": [daughters.method] * n,
            "j_parent": sky.j_parent,
            "j_pair": sky.j_pair[i],
            "j_daughter": sky.j_daughter[i],
            "suppression": np.asarray((sky.j_pair[i] / sky.j_parent).to_value("")),
            "suppression_both": np.asarray((sky.j_daughter[i] / sky.j_parent).to_value("")),
            "bound_fraction": np.full(n, daughters.bound_fraction),
            "j_signal": sky.j_pair[i] * (np.nan if weight is None else weight),
            "j_pair_grid": sky.j_pair[i] * np.nan,
            "j_pair_grid_error": sky.j_pair[i] * np.nan,
            "grid_over_sphere": np.full(n, np.nan),
            **grid_columns(sky, i),
        }
        yield block | {f"{name}_{end}": block[name] * np.nan for name in _BANDS for end in ("low", "high")}


def _dwarf_rows(source):
    dwarfs = source.result.dwarfs
    if dwarfs is None:
        return
    n = len(dwarfs.kicks)
    for i, name in enumerate(dwarfs.names):
        for a, angle in enumerate(dwarfs.angles):
            j_parent = _repeated(dwarfs.j_parent[i, a, 1], n)
            three = {
                "j_parent": [_repeated(one, n) for one in dwarfs.j_parent[i, a]],
                "suppression": dwarfs.suppression[i, a].T,
                "suppression_both": dwarfs.suppression_both[i, a].T,
                "bound_fraction": dwarfs.bound_fraction[i].T,
            }
            block = {
                "source": source,
                "target": [name] * n,
                "distance": _repeated(dwarfs.distance[i], n, "kpc"),
                "angle": _repeated(angle, n),
                "kick": list(dwarfs.kicks),
                "mean_kick_speed": dwarfs.mean_speed,
                "method": ["dwarfs"] * n,
                "j_pair": j_parent * three["suppression"][1],
                "j_daughter": j_parent * three["suppression_both"][1],
                "j_signal": j_parent * np.nan,
                "j_pair_grid": j_parent * np.nan,
                "j_pair_grid_error": j_parent * np.nan,
                "grid_over_sphere": np.full(n, np.nan),
            }
            for key, percentiles in three.items():
                low, middle, high = percentiles
                block |= {key: middle, f"{key}_low": low, f"{key}_high": high}
            yield block


def _repeated(value, n, unit=None):
    value = value if unit is None else value.to(unit)
    return np.full(n, value.value) * value.unit


def _values(given):
    """A column of the grid: of numbers or of quantities with one unit if all of them are, else of texts."""
    given = [one[0] if isinstance(one, list) and len(one) == 1 else one for one in given]
    there = [one for one in given if one is not None]
    if all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in there):
        return np.array([np.nan if one is None else one for one in given]), None
    quantities = [_quantity(one) for one in there]
    if None not in quantities and len({one.unit.physical_type for one in quantities}) == 1 and quantities[0].unit != "":
        unit, found = quantities[0].unit, iter(quantities)
        return np.array([np.nan if one is None else next(found).to_value(unit) for one in given]), unit
    return np.array(["" if one is None else str(one) for one in given]), None


def _quantity(value):
    if not isinstance(value, str):
        return None
    try:
        return units.Quantity(value)
    except (TypeError, ValueError, UnitError):
        return None


def _order(columns, keys):
    ends = ("", "_low", "_high")
    numbers = [f"{name}{end}" for name in _NUMBERS for end in ends if f"{name}{end}" in columns]
    kept = [name for name in numbers if not np.all(np.isnan(columns[name][0]))]
    return ["target", "distance", *keys, "kick", "mean_kick_speed", "angle", *kept, "method", "file", "task"]


def _sorted(columns, keys):
    """Order by target (halos first), grid, kick and cone."""
    target = columns["target"][0]
    within = [columns[name][0] for name in (*keys, "mean_kick_speed", "angle", "file", "task")]
    return np.lexsort([*reversed(within), target, target != HALO])


def shown(table, rows=24):
    """The main columns as lines of text, for a terminal.

    Parameters
    ----------
    table : astropy Table
    rows : int
        At most so many.

    Returns
    -------
    str
    """
    left_out = {"distance", "method", "file", "task", "mean_kick_speed", "suppression_both", "j_daughter", *_GRID}
    names = [name for name in table.colnames if name not in left_out and not name.endswith(("_low", "_high"))]
    short = table[names]
    for name in names:
        if short[name].dtype.kind == "f":
            short[name].info.format = ".4g"
    lines = short.pformat(max_lines=rows + 3, max_width=-1, show_unit=True)
    return "\n".join(line.rstrip() for line in lines)


def write_merged(table, path):
    """Write a table in the format that the file's ending names: ECSV, FITS, CSV or LaTeX.

    Parameters
    ----------
    table : astropy Table
    path : str or Path

    Raises
    ------
    InputError
        Another ending.
    StorageError
        The disk refused.
    """
    path = Path(path)
    if path.suffix not in FORMATS:
        raise InputError(f"{path} has no ending that names a format; allowed: {', '.join(FORMATS)}")
    write = {".ecsv": _ecsv, ".fits": _fits, ".csv": _csv, ".tex": _latex}[path.suffix]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with storage.whole_file(path) as partial:
            write(table, partial)
    except OSError as error:
        raise StorageError(f"{path} could not be written: {error}") from error


def _ecsv(table, path):
    table.write(path, format="ascii.ecsv", overwrite=True)


def _fits(table, path):
    for_fits(table).write(path, format="fits", overwrite=True)


def _csv(table, path):
    named = table.copy()
    for name in table.colnames:
        if table[name].unit is not None:
            named.rename_column(name, f"{name} [{table[name].unit}]")
    rows = "\n".join(_csv_lines(named))
    path.write_text("\n".join(f"# {line}" for line in _notes(table)) + f"\n{rows}\n", encoding="utf-8")


def _csv_lines(table):
    yield ",".join(map(_csv_cell, table.colnames))
    for row in table.iterrows():
        yield ",".join(map(_csv_cell, row))


def _csv_cell(value):
    text = repr(value.item()) if isinstance(value, np.floating) else str(value)
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text


def _latex(table, path):
    names = table.colnames
    lines = [f"% {line}" for line in _notes(table)]
    lines += [r"\begin{tabular}{" + "l" * len(names) + "}", r"\hline"]
    lines.append(" & ".join(_tex(name) for name in names) + r" \\")
    lines.append(" & ".join("" if table[name].unit is None else table[name].unit.to_string("latex") for name in names))
    lines[-1] += r" \\"
    lines.append(r"\hline")
    lines += [" & ".join(map(_tex_cell, row)) + r" \\" for row in table.iterrows()]
    path.write_text("\n".join([*lines, r"\hline", r"\end{tabular}", ""]), encoding="utf-8")


def _tex(text):
    special = {character: f"\\{character}" for character in "&%$#_{}"} | {"\\": r"\textbackslash{}"}
    return "".join(special.get(character, character) for character in text)


def _tex_cell(value):
    if not isinstance(value, (float, np.floating)):
        return _tex(str(value))
    if not np.isfinite(value):
        return "--"
    mantissa, e, exponent = f"{value:.{_SHOWN_DIGITS}g}".partition("e")
    return rf"${mantissa}\times10^{{{int(exponent)}}}$" if e else mantissa


def _notes(table):
    """The metadata and the columns' meaning, one line each."""
    for key, value in table.meta.items():
        for one in value if isinstance(value, list) else [value]:
            yield f"{key}: {one}".replace("\n", " ")
    for name in table.colnames:
        if table[name].description:
            yield f"column {name}: {table[name].description}"
