"""Two writers never meet, and a dead one stands in nobody's way."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from halokick.errors import StorageError
from halokick.study.batch_lock import lock_of, sole_writer

ROOT = Path(__file__).parents[3]
HOLDER = """\
import sys, time
from halokick.study.batch_lock import sole_writer
with sole_writer(sys.argv[1]):
    print("mine", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "batch.h5"


@pytest.fixture
def holder(path):
    """Another process that writes the file."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "mine\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_second_writer_is_told_who_the_first_one_is(path, holder):
    with pytest.raises(StorageError, match=f"process {holder.pid} on ") as failure, sole_writer(path):
        pass
    assert str(lock_of(path)) in str(failure.value)


def test_lock_of_a_killed_writer_is_taken_over(path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert lock_of(path).exists()
    with sole_writer(path):
        assert json.loads(lock_of(path).read_text())["pid"] == os.getpid()
    assert not lock_of(path).exists()


def test_lock_is_gone_after_an_error_too(path):
    with pytest.raises(ZeroDivisionError), sole_writer(path):
        raise ZeroDivisionError
    with sole_writer(path):
        pass


def test_writer_on_another_machine_is_believed(path):
    lock_of(path).write_text(json.dumps({"pid": 1, "host": "node17.example", "began": 5, "since": "yesterday"}))
    with pytest.raises(StorageError, match=r"process 1 on node17\.example since yesterday"), sole_writer(path):
        pass
    assert lock_of(path).exists()


def test_lock_file_of_which_nothing_was_written_is_no_lock(path):
    lock_of(path).touch()
    with sole_writer(path):
        pass


@pytest.mark.parametrize("gone", ["never was", "another process since"])
def test_without_locks_of_the_kernel_a_dead_process_is_recognised(path, gone, monkeypatch):
    def unsupported(descriptor, operation):
        raise OSError("no locks on this file system")

    monkeypatch.setattr("fcntl.flock", unsupported)
    owner = {"pid": 2**22 + 1 if gone == "never was" else os.getpid(), "host": os.uname().nodename, "began": 1}
    lock_of(path).write_text(json.dumps(owner))
    with sole_writer(path):
        # this process is alive: nobody else may come
        with pytest.raises(StorageError, match=f"process {os.getpid()} on"), sole_writer(path):
            pass


def test_folder_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(StorageError, match="choose another --output"), sole_writer(tmp_path / "none" / "batch.h5"):
        pass
