import dataclasses
import os
import signal

import pytest

from halokick.errors import StorageError
from halokick.study import folder as folders
from halokick.study import storage
from halokick.study.folder import check_folder, write_products


def no_pictures(result, folder):
    return []


def own(result):
    return result.provenance.run_file


def test_new_folder_gets_everything_and_nothing_hidden_stays(result, tmp_path):
    home = tmp_path / "deep" / "out"
    check_folder(home, own(result))
    written = write_products(result, home, no_pictures)
    assert sorted(os.listdir(home)) == sorted(path.name for path in written)
    assert written[-1].name == "result.h5"
    assert os.listdir(home.parent) == ["out"]
    assert storage.read(home) == result


def test_same_run_file_may_be_run_again_and_notes_stay(result, tmp_path):
    home = tmp_path / "out"
    write_products(result, home, no_pictures)
    (home / "notes.txt").write_text("mine")
    check_folder(home, own(result))
    write_products(result, home, no_pictures)
    assert (home / "notes.txt").read_text() == "mine"


def test_different_run_file_needs_overwrite(result, tmp_path):
    home = tmp_path / "out"
    write_products(result, home, no_pictures)
    with pytest.raises(StorageError, match=r"different run file.*--overwrite"):
        check_folder(home, "[halo]\n")
    check_folder(home, "[halo]\n", overwrite=True)


@pytest.mark.parametrize("overwrite", [False, True])
def test_foreign_folder_is_never_touched(tmp_path, overwrite):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(StorageError, match="not the folder of a study"):
        check_folder(tmp_path, "", overwrite=overwrite)


def test_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(StorageError, match="is a file"):
        check_folder(tmp_path / "out", "")


def test_truncated_result_is_replaced_only_when_asked(tmp_path):
    (tmp_path / "result.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(StorageError, match="--overwrite"):
        check_folder(tmp_path, "")
    check_folder(tmp_path, "", overwrite=True)


def test_empty_folder_is_fine(tmp_path):
    check_folder(tmp_path, "")


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError])
def test_failure_between_products_leaves_the_folder_as_it_was(result, tmp_path, failure):
    home = tmp_path / "out"
    write_products(result, home, no_pictures)
    before = {path.name: path.read_bytes() for path in home.iterdir()}

    def fail(result, folder):
        raise failure

    other = dataclasses.replace(result, sky=None)
    with pytest.raises(failure):
        write_products(other, home, fail)
    assert {path.name: path.read_bytes() for path in home.iterdir()} == before
    assert os.listdir(tmp_path) == ["out"]


def test_interrupt_while_files_move_in_waits_until_all_are_there(result, tmp_path, monkeypatch):
    home = tmp_path / "out"
    replace = os.replace

    def interrupted_replace(source, target):
        if ".partial" not in os.path.basename(source) and os.path.basename(target) == "jfactors.ecsv":
            os.kill(os.getpid(), signal.SIGINT)
        replace(source, target)

    monkeypatch.setattr(folders.os, "replace", interrupted_replace)
    with pytest.raises(KeyboardInterrupt):
        write_products(result, home, no_pictures)
    assert storage.read(home) == result
    assert (home / "summary.json").exists()


def test_leftovers_of_a_killed_study_are_cleared_but_not_those_of_a_living_one(result, tmp_path):
    dead, alive = tmp_path / ".out.partial-999999999", tmp_path / f".out.partial-{os.getppid()}"
    dead.mkdir()
    alive.mkdir()
    write_products(result, tmp_path / "out", no_pictures)
    assert not dead.exists()
    assert alive.exists()


@pytest.mark.parametrize("made", [False, True])
def test_folder_without_permission_is_refused_before_the_work(tmp_path, monkeypatch, made):
    # root may write everywhere, so the system's answer is stood in for
    folder = tmp_path / "out"
    if made:
        folder.mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(StorageError, match="no permission to write"):
        check_folder(folder, "")


def test_products_of_an_earlier_study_do_not_stay_beside_those_of_another(result, tmp_path):
    home = tmp_path / "out"
    write_products(result, home, lambda result, folder: [(folder / "map.png").write_bytes(b"old")])
    (home / "notes.txt").write_text("mine")
    assert {"dwarfs.ecsv", "map.png"} <= set(os.listdir(home))
    written = write_products(dataclasses.replace(result, dwarfs=None), home, no_pictures)
    # numbers and pictures of other parameters under this result's name would be read as its own
    assert set(os.listdir(home)) == {path.name for path in written} | {"notes.txt"}
    assert "dwarfs.ecsv" not in os.listdir(home)


def test_nothing_outside_the_folder_is_ever_removed(result, tmp_path):
    home = tmp_path / "out"
    home.mkdir()
    (tmp_path / "precious.txt").write_text("years of work")
    storage.write(result, home / "result.h5", products=["../precious.txt", "..", "", "sub/file", "result.h5"])
    assert storage.products(home / "result.h5") == ("result.h5",)
    write_products(result, home, no_pictures)
    assert (tmp_path / "precious.txt").exists()


def test_what_says_nothing_of_its_products_has_none(tmp_path):
    assert storage.products(tmp_path / "none.h5") == ()
    (tmp_path / "result.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    assert storage.products(tmp_path / "result.h5") == ()


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
def test_name_that_no_folder_can_have_is_refused_before_the_work(tmp_path, name):
    with pytest.raises(StorageError, match="choose another --output"):
        check_folder(tmp_path / name, "")


def test_folder_in_the_place_of_a_result_is_refused(tmp_path):
    (tmp_path / "result.h5").mkdir()
    with pytest.raises(StorageError, match="cannot be read"):
        check_folder(tmp_path, "")
