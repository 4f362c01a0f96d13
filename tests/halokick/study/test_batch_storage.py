"""The file of a batch survives whatever happens to its writer."""

import os
import random
import resource
import signal
import subprocess
import time

import h5py
import numpy as np
import pytest

from halokick.errors import StorageError
from halokick.study import journal, storage_batch
from halokick.study.digest import digest
from halokick.study.storage_batch import Entry, Heading

TASKS = 40


def answer(index):
    """Something like what a task finds: numbers, texts, several sizes."""
    numbers = np.random.Generator(np.random.Philox(index)).normal(size=(index % 7 + 1) * 300)
    return {"numbers": numbers, "name": f"task {index}", "count": index, "sides": np.arange(float(index % 5))}


def entry(index):
    return Entry(digest(answer(index)), 0, 1.5, "host:1", "2026-01-01T00:00:00+00:00", {"energy_error_worst": 1e-9})


def new_file(path):
    storage_batch.create(
        path, Heading("grid", TASKS, "text\n", "abc", {"halo.gamma": ("1.0",) * TASKS}, {"numpy": "2"})
    )
    return path


def add(path, *indices):
    storage_batch.add(path, [(index, answer(index), entry(index)) for index in indices], [])


@pytest.fixture
def path(tmp_path):
    return new_file(tmp_path / "batch.h5")


def check_whole(path, expected):
    """Every finished task is there, and is what was found."""
    ledger = storage_batch.read_ledger(path)
    assert set(ledger.done) == set(expected)
    for index, found in zip(sorted(expected), storage_batch.read_answers(path, sorted(expected)), strict=True):
        assert digest(found) == digest(answer(index))
    return ledger


def test_what_was_added_is_read_back_to_the_bit(path):
    add(path, 3, 1)
    storage_batch.add(path, [(2, answer(2), entry(2))], [(0, "an impossible halo")])
    ledger = check_whole(path, {1, 2, 3})
    assert ledger.failed == {0: "an impossible halo"}
    assert ledger.done[2] == entry(2)
    assert ledger.heading == Heading("grid", TASKS, "text\n", "abc", {"halo.gamma": ("1.0",) * TASKS}, {"numpy": "2"})


def test_success_after_failure_takes_its_place_and_so_does_a_better_answer(path):
    storage_batch.add(path, [(1, {"a": 1}, entry(9))], [(0, "no memory")])
    add(path, 0, 1)
    assert check_whole(path, {0, 1}).failed == {}


def test_file_is_plain_hdf5(path):
    add(path, 5)
    with h5py.File(path) as file:
        assert file["tasks/000005/answer/name"].asstr()[()] == "task 5"


def test_digest_of_all_answers_does_not_know_in_which_order_they_came(tmp_path):
    files = [new_file(tmp_path / f"{name}.h5") for name in "ab"]
    add(files[0], 0, 1, 2)
    for index in (2, 0, 1):
        add(files[1], index)
    first, second = (storage_batch.read_ledger(file) for file in files)
    assert first.digest == second.digest
    add(files[1], 3)
    assert storage_batch.read_ledger(files[1]).digest != first.digest


def _killed_at(path, step, work):
    """Do work in another process that is killed just before its step number `step`; whether it came that far."""
    child = os.fork()
    if child == 0:
        steps = iter(range(10**6))

        def counted(function):
            def call(*arguments, **options):
                if next(steps) == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*arguments, **options)

            return call

        for name in ("pwrite", "fsync", "ftruncate", "open", "unlink"):
            setattr(journal.os, name, counted(getattr(os, name)))
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_kill_before_any_single_step_of_a_change_loses_no_finished_task(path):
    add(path, *range(10))
    before = path.read_bytes()
    outcomes, step, killed = [], 0, True
    while killed:
        path.write_bytes(before)
        journal.journal_of(path).unlink(missing_ok=True)
        killed = _killed_at(path, step, lambda: add(path, 10, 11))
        done = set(storage_batch.read_ledger(path).done)  # as another process sees it, before anybody mends anything
        assert done in (set(range(10)), set(range(12)))
        check_whole(path, done)
        storage_batch.finish(path)
        check_whole(path, done)
        assert not journal.journal_of(path).exists()
        add(path, 12)
        check_whole(path, done | {12})
        outcomes.append(len(done))
        step += 1
    # the change is nothing first, and everything from one step on
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {10, 12}
    assert step > 10


@pytest.mark.parametrize("seed", range(2))
def test_writer_killed_at_random_moments_and_started_again_gives_the_undisturbed_file(path, tmp_path, seed):
    undisturbed = new_file(tmp_path / "undisturbed.h5")
    started = time.perf_counter()
    for index in range(TASKS):
        add(undisturbed, index)
    # a sixth of what all of it takes on this machine: two lives are not enough even if it then runs twice as fast
    longest = (time.perf_counter() - started) / 6
    chance, kills = random.Random(seed), 0
    while True:
        ready, say = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                storage_batch.finish(path)
                left = [index for index in range(TASKS) if index not in storage_batch.read_ledger(path).done]
                random.Random(kills).shuffle(left)
                os.write(say, b"!")
                for index in left:
                    add(path, index)
            finally:
                os._exit(0)
        os.close(say)
        os.read(ready, 1)
        os.close(ready)
        time.sleep(chance.uniform(0.0, longest))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        done = check_whole(path, storage_batch.read_ledger(path).done).done
        if len(done) == TASKS and not os.WIFSIGNALED(status):
            break
        kills += 1
        assert kills < 200
    assert kills > 2
    assert storage_batch.read_ledger(path).digest == storage_batch.read_ledger(undisturbed).digest


def test_full_disk_keeps_every_finished_task_and_what_follows_fits_again(path):
    add(path, 0, 1)
    size = path.stat().st_size
    child = os.fork()
    if child == 0:
        status = 1
        try:
            # the kernel refuses to let any file grow further, as on a full disk
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 3000, size + 3000))
            try:
                add(path, 2, 6)
            except StorageError as error:
                status = 0 if "every task that was finished before is still in it" in str(error) else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert path.stat().st_size == size
    check_whole(path, {0, 1})
    add(path, 2, 6)
    check_whole(path, {0, 1, 2, 6})


def test_really_full_file_system_keeps_every_finished_task(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small], capture_output=True, check=False
    )
    if mounted.returncode:
        # nobody but root can make a small file system; the limit on file sizes above is the next best thing
        return
    try:
        path, done = new_file(small / "batch.h5"), set()

        def fill():
            for index in range(TASKS):
                add(path, index)
                done.add(index)

        with pytest.raises(StorageError, match="No space left"):
            fill()
        assert len(done) > 3
        check_whole(path, done)
    finally:
        subprocess.run(["umount", small], check=True)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_truncated_file_is_refused_and_left_as_it_is(path, share):
    add(path, *range(10))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(StorageError, match=r"truncated or damaged|not an HDF5 file"):
        storage_batch.read_ledger(path)
    assert path.stat().st_size == int(len(content) * share)


def test_foreign_files_are_refused_by_name(tmp_path):
    path = tmp_path / "batch.h5"
    path.write_text("notes\n")
    with pytest.raises(StorageError, match="not an HDF5 file"):
        storage_batch.read_ledger(path)
    with h5py.File(path, "w") as file:
        file["x"] = 1
    with pytest.raises(StorageError, match="another kind"):
        storage_batch.read_ledger(path)
    assert not storage_batch.is_batch(path)
    with pytest.raises(StorageError, match="does not exist"):
        storage_batch.read_ledger(tmp_path / "none.h5")


def test_flipped_bit_in_an_answer_is_noticed(path):
    add(path, 6)
    content = bytearray(path.read_bytes())
    place = content.find(answer(6)["numbers"].tobytes()[:64])
    content[place + 5] ^= 1
    path.write_bytes(content)
    with pytest.raises(StorageError):
        storage_batch.read_answers(path, [6])
