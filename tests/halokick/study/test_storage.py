import dataclasses
import os

import astropy.units as u
import h5py
import numpy as np
import pytest

from halokick.errors import StorageError
from halokick.study import storage


def test_result_comes_back_equal(result, tmp_path):
    storage.write(result, tmp_path / "result.h5")
    again = storage.read(tmp_path)
    assert again == result
    # equality itself must see a difference
    other = dataclasses.replace(result, daughters=result.daughters[:1])
    assert again != other
    moved = dataclasses.replace(result.parent, radius=2 * result.parent.radius)
    assert again != dataclasses.replace(result, parent=moved)


def test_parts_that_were_not_asked_for_come_back_as_none(result, tmp_path):
    small = dataclasses.replace(result, sky=None, dwarfs=None, daughters=(), parent=None)
    storage.write(small, tmp_path / "result.h5")
    again = storage.read(tmp_path / "result.h5")
    assert again.sky is None
    assert again.daughters == ()
    assert again == small


def test_every_dataset_says_its_unit(result, tmp_path):
    storage.write(result, tmp_path / "result.h5")
    seen = []

    def look(name, entry):
        if isinstance(entry, h5py.Dataset) and entry.attrs["kind"] not in ("text", "texts"):
            seen.append((name, entry.attrs["unit"], entry.attrs["kind"]))

    with h5py.File(tmp_path / "result.h5") as file:
        file.visititems(look)
    assert len(seen) > 40
    assert all(u.Unit(unit) != u.dimensionless_unscaled for _, unit, kind in seen if kind == "quantity")


def test_records_cannot_be_changed(result):
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.sky = None
    with pytest.raises(ValueError, match="read-only"):
        result.parent.density[0] = 1 * u.Msun / u.kpc**3
    with pytest.raises(TypeError):
        result.sky.shares["parents"] = 1


@pytest.mark.parametrize("kept", [0, 5, 100, 0.5, 0.99])
def test_truncated_file_is_refused(result, tmp_path, kept):
    path = tmp_path / "result.h5"
    storage.write(result, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: kept if isinstance(kept, int) else int(kept * len(whole))])
    with pytest.raises(StorageError, match=r"result\.h5 is (truncated or damaged|not an HDF5 file)"):
        storage.read(path)


def test_damaged_numbers_are_noticed(result, tmp_path):
    path = tmp_path / "result.h5"
    storage.write(result, path)
    needle = result.parent.density.value.tobytes()
    whole = path.read_bytes()
    place = whole.index(needle)
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    with pytest.raises(StorageError, match="truncated or damaged"):
        storage.read(path)


def test_foreign_files_are_refused(tmp_path):
    text = tmp_path / "a.h5"
    text.write_text("not HDF5 at all")
    with pytest.raises(StorageError, match="not an HDF5 file"):
        storage.read(text)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["x"] = np.ones(3)
    with pytest.raises(StorageError, match="another program"):
        storage.read(tmp_path / "b.h5")
    with pytest.raises(StorageError, match="does not exist"):
        storage.read(tmp_path / "c.h5")


@pytest.mark.parametrize(("version", "word"), [(storage.VERSION + 1, "newer"), (0, "older")])
def test_other_version_is_refused(result, tmp_path, version, word):
    path = tmp_path / "result.h5"
    storage.write(result, path)
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = version
    with pytest.raises(StorageError, match=f"format version {version}.*{word}"):
        storage.read(path)


def test_failed_write_leaves_the_old_file_and_nothing_else(result, tmp_path):
    path = tmp_path / "result.h5"
    storage.write(result, path)
    before = path.read_bytes()
    broken = dataclasses.replace(result, parent=dataclasses.replace(result.parent, slope=np.array([object()])))
    with pytest.raises(StorageError, match="cannot be stored"):
        storage.write(broken, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["result.h5"]


def test_whole_file_keeps_the_old_one_through_an_interrupt(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def interrupted():
        with storage.whole_file(path) as partial:
            partial.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_missing_folder_is_said(result, tmp_path):
    with pytest.raises(StorageError, match="could not be written"):
        storage.write(result, tmp_path / "none" / "result.h5")
