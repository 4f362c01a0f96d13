"""One table of many results: every number as in the result it came from, and every row with its origin."""

import csv
import hashlib
from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from halokick.errors import InputError, StorageError
from halokick.study import storage, storage_batch
from halokick.study.digest import digest
from halokick.study.storage_batch import Entry, Heading
from halokick.study.table_merge import merged_table, read_sources, shown, write_merged


def _scaled(result, factor):
    """A result whose halo is brighter, as if found at another point of a grid."""
    sky = replace(result.sky, j_parent=factor * result.sky.j_parent, j_pair=factor * result.sky.j_pair)
    return replace(result, sky=sky)


@pytest.fixture
def paths(result, tmp_path):
    """A single study, and a batch of three tasks of which one failed."""
    single, batch = tmp_path / "single" / "result.h5", tmp_path / "batch" / "batch.h5"
    for path in (single, batch):
        path.parent.mkdir()
    storage.write(result, single)
    columns = {"halo.r_s": ('"30 kpc"', '"10 kpc"', '"5 kpc"'), "halo.gamma": ("1.0", "0.8", "1.2")}
    begun = {"halokick": "0.1", "commit": "abc", "created": "2026-01-01T00:00:00+00:00"}
    storage_batch.create(batch, Heading("grid", 3, "text", "sum", columns, begun))
    done = [(i, answer, Entry(digest(answer), 0, 1.0, "h:1", "now", {})) for i, answer in enumerate(_two(result))]
    storage_batch.add(batch, done, [(2, "an impossible halo")])
    return single, batch


def _two(result):
    return [replace(_scaled(result, 3.0), dwarfs=None), replace(_scaled(result, 2.0), dwarfs=None)]


@pytest.fixture
def table(paths):
    return merged_table(*read_sources([paths[0].parent, paths[1]]))


def test_every_number_is_that_of_its_result(table, result):
    halo = table[table["target"] == "halo"]
    assert len(halo) == 3 * 2 * 3
    for row in halo:
        factor = {-1: 1.0, 0: 3.0, 1: 2.0}[row["task"]]
        k, a = result.sky.kicks.index(row["kick"]), int(np.argmin(abs(result.sky.angles.value - row["angle"])))
        assert row["j_pair"] == factor * result.sky.j_pair[k, a].value
        assert row["suppression"] == pytest.approx(float(result.sky.j_pair[k, a] / result.sky.j_parent[a]), rel=1e-14)
    dwarfs = table[table["target"] == "Draco"]
    assert dwarfs["suppression"].tolist() == [0.8, 0.01]
    assert dwarfs["suppression_low"].tolist() == pytest.approx([0.72, 0.009], rel=1e-14)
    assert dwarfs["j_parent_high"].tolist() == [1.1 * 6e18] * 2
    assert table["j_pair"].unit == result.sky.j_pair.unit


def test_keys_of_the_grid_are_columns_with_units_and_filled_for_single_studies_from_their_run_file(table):
    halo = table[table["target"] == "halo"]
    assert table["halo.r_s"].unit == "kpc"
    # 20 kpc is in the run file of the single study, and gamma is not
    assert {(row["task"], row["halo.r_s"]) for row in halo} == {(-1, 20.0), (0, 30.0), (1, 10.0)}
    assert np.isnan(halo["halo.gamma"][halo["task"] == -1]).all()


def test_rows_are_sorted_by_target_grid_kick_and_cone(table):
    rows = [
        (row["target"] != "halo", row["target"], row["halo.r_s"], row["mean_kick_speed"], row["angle"]) for row in table
    ]
    assert rows == sorted(rows)


def test_header_names_files_checksums_versions_and_what_failed(table, paths):
    single, batch = table.meta["files"]
    assert single["sha256"] == hashlib.sha256(paths[0].read_bytes()).hexdigest()
    assert (single["halokick"], single["commit"]) == ("0", "abc")
    assert batch["file"] == str(paths[1])
    assert batch["tasks"] == "2 of 3 done, 1 failed"
    assert batch["answer"] == storage_batch.read_ledger(paths[1]).digest


def test_order_of_the_files_changes_nothing_but_their_numbers(table, paths):
    other = merged_table(*read_sources(paths[::-1]))
    for name in set(table.colnames) - {"file"}:
        assert np.array_equal(table[name], other[name], equal_nan=table[name].dtype.kind == "f")


@pytest.mark.parametrize("ending", ["ecsv", "fits"])
def test_table_reads_back_to_the_bit_with_its_units(table, tmp_path, ending):
    path = tmp_path / f"all.{ending}"
    write_merged(table, path)
    back = Table.read(path)
    assert back.colnames == table.colnames
    for name in table.colnames:
        if table[name].dtype.kind == "f":
            assert np.array_equal(back[name], table[name], equal_nan=True)
            assert back[name].unit == table[name].unit
        else:
            assert list(back[name]) == list(table[name])
    if ending == "fits":
        assert "sha256" in str(fits.getheader(path, 1)["COMMENT"])
    else:
        assert back.meta["files"] == table.meta["files"]


def test_csv_has_the_same_numbers_units_in_its_head_and_origins_as_comments(table, tmp_path):
    write_merged(table, tmp_path / "all.csv")
    lines = (tmp_path / "all.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert [float(row["j_pair [GeV2 / cm5]"]) for row in rows] == table["j_pair"].tolist()
    assert [row["target"] for row in rows] == list(table["target"])
    assert any("sha256" in line for line in lines if line.startswith("#"))


def test_latex_has_a_row_for_each_row_and_nothing_that_latex_would_choke_on(table, tmp_path):
    write_merged(table, tmp_path / "all.tex")
    lines = [line for line in (tmp_path / "all.tex").read_text().splitlines() if not line.startswith("%")]
    rows = [line for line in lines if line.endswith(r"\\")]
    assert len(rows) == 2 + len(table)
    assert {line.count("&") for line in rows} == {len(table.colnames) - 1}
    assert r"j\_parent" in rows[0]
    assert r"$1\times10^{21}$" in "".join(rows)
    assert not any("nan" in line for line in rows)


def test_screen_shows_the_main_columns(table):
    text = shown(table, rows=10)
    assert "halo.r_s" in text
    assert "Length = " in text


def test_what_cannot_be_merged_is_said(table, paths, tmp_path, result):
    with pytest.raises(InputError, match=r"allowed: \.ecsv, \.fits, \.csv, \.tex"):
        write_merged(table, tmp_path / "all.xlsx")
    with pytest.raises(StorageError, match="does not exist"):
        read_sources([tmp_path / "none"])
    storage.write(replace(result, sky=None, dwarfs=None), tmp_path / "bare.h5")
    with pytest.raises(InputError, match="none of these results has J-factors"):
        merged_table(*read_sources([tmp_path / "bare.h5"]))
