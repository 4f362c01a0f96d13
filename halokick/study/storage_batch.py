"""The file of a batch: HDF5 that grows task by task, and is whole whenever its writer is killed.

``tasks/000012/answer`` holds what task 12 found, as `storage` writes it; its attributes are the ledger: checksum of the
answer, seconds, worker, time. ``failures/000013`` says why task 13 found nothing. ``batch`` holds what was asked: the
resolved run file, its checksum, the grid.
"""

import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py

from halokick.errors import StorageError
from halokick.study import journal
from halokick.study.digest import digest
from halokick.study.storage import read_entry, whole_file, write_entry

FORMAT = "halokick batch"
VERSION = 1
_LIBRARY = ("v110", "v110")
"""Format of HDF5 1.10: a third of the size of the oldest one for the many small groups of a result."""
_HEALTH = "health_"
_ATTEMPTS, _PAUSE = 5, 0.2
"""Reading while a writer is at work may meet the moment of a change."""


@dataclass(frozen=True)
class Heading:
    """What a batch was asked to do.

    Attributes
    ----------
    kind : str
        ``"grid"`` or ``"particles"``.
    tasks : int
    run_file : str
        The resolved run file.
    checksum : str
        Of everything on which the answers depend: the run file of each task, and the data files they name.
    columns : mapping of str to tuple of str
        Key of the grid to its value in each task, as TOML.
    begun : mapping of str to str
        When, with which versions and commit.
    """

    kind: str
    tasks: int
    run_file: str
    checksum: str
    columns: Mapping
    begun: Mapping


@dataclass(frozen=True)
class Entry:
    """One finished task, without its answer.

    Attributes
    ----------
    digest : str
        Of the answer.
    level : int
        See `halokick.daughters.orbit_chunks.OrbitChunks`; 0 where there is none.
    seconds : float
    worker, finished : str
        Host and process; UTC.
    health : mapping of str to float
        Largest numerical errors that the task met.
    """

    digest: str
    level: int
    seconds: float
    worker: str
    finished: str
    health: Mapping


@dataclass(frozen=True)
class Ledger:
    """What the file of a batch holds.

    Attributes
    ----------
    heading : Heading
    done : dict of int to Entry
    failed : dict of int to str
    """

    heading: Heading
    done: dict
    failed: dict

    @property
    def digest(self):
        """Checksum of all answers in the order of the tasks; equal for equal answers, whoever found them and when."""
        done = {f"{index:06d}": entry.digest for index, entry in self.done.items()}
        return digest({"checksum": self.heading.checksum, "done": done, "failed": tuple(map(str, sorted(self.failed)))})


def create(path, heading):
    """Make the file of a batch with nothing done; a file of that name is replaced in one step."""
    try:
        # a journal of what is replaced must not be copied into what replaces it
        journal.journal_of(path).unlink(missing_ok=True)
        with whole_file(path) as partial, h5py.File(partial, "w", libver=_LIBRARY) as file:
            file.attrs["format"] = FORMAT
            file.attrs["format_version"] = VERSION
            group = file.create_group("batch")
            for key in ("kind", "tasks", "run_file", "checksum", "columns", "begun"):
                write_entry(group, key, getattr(heading, key))
            file.create_group("tasks")
            file.create_group("failures")
    except OSError as error:
        raise StorageError(f"{path} could not be written: {error}") from error


def finish(path):
    """Complete, or undo, the change in whose middle an earlier writer was killed. For the one who may write."""
    try:
        journal.finish(path)
    except OSError as error:
        raise StorageError(f"{path} could not be written: {error}; every finished task is still in it") from error


def add(path, done, failed):
    """Put finished tasks into the file: all of them, or none if the disk refuses.

    Parameters
    ----------
    path : str or Path
    done : sequence of (int, answer, Entry)
        A task that is there already is replaced.
    failed : sequence of (int, str)
        What the file says of an earlier failure is replaced, and removed for tasks that are done now.

    Raises
    ------
    StorageError
    """
    try:
        with journal.changes(path) as changed, h5py.File(changed, "r+", libver=_LIBRARY) as file:
            tasks, failures = file["tasks"], file["failures"]
            for index, answer, entry in done:
                name = _name(index)
                for group in (tasks, failures):
                    if name in group:
                        del group[name]
                group = tasks.create_group(name)
                write_entry(group, "answer", answer)
                for key in ("digest", "level", "seconds", "worker", "finished"):
                    group.attrs[key] = getattr(entry, key)
                for key, value in entry.health.items():
                    group.attrs[_HEALTH + key] = value
            for index, text in failed:
                if _name(index) in failures:
                    del failures[_name(index)]
                write_entry(failures, _name(index), text)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise StorageError(
            f"{path} could not be written: {error}; every task that was finished before is still in it"
        ) from error


def is_batch(path):
    """Whether a path is the file of a batch."""
    try:
        with _opened(Path(path)):
            return True
    except StorageError:
        return False


def read_ledger(path):
    """What a batch was asked and what is done of it.

    Returns
    -------
    Ledger

    Raises
    ------
    StorageError
        No such file, or it is truncated, damaged, of another program, or of another version of this one.
    """
    return _reading(path, _ledger)


def _ledger(file):
    heading = Heading(**{key: read_entry(entry) for key, entry in file["batch"].items()})
    done = {int(name): _entry(group.attrs) for name, group in file["tasks"].items()}
    return Ledger(heading, done, {int(name): read_entry(entry) for name, entry in file["failures"].items()})


def _entry(attributes):
    return Entry(
        digest=attributes["digest"],
        level=int(attributes["level"]),
        seconds=float(attributes["seconds"]),
        worker=attributes["worker"],
        finished=attributes["finished"],
        health={key[len(_HEALTH) :]: float(value) for key, value in attributes.items() if key.startswith(_HEALTH)},
    )


def read_answers(path, indices):
    """What some tasks found, in that order.

    Returns
    -------
    list
        `StudyResult` for the tasks of a grid, mapping for chunks of particles.

    Raises
    ------
    StorageError
        As `read_ledger`; or an answer is not what its checksum says.
    """
    return _reading(path, lambda file: [_answer(path, file["tasks"][_name(index)]) for index in indices])


def _answer(path, group):
    answer = read_entry(group["answer"])
    if digest(answer) != group.attrs["digest"]:
        raise StorageError(f"{path}: what is stored of {group.name} is not what was found; the file is damaged")
    return answer


def _reading(path, read):
    for attempt in range(_ATTEMPTS):
        try:
            with _opened(Path(path)) as file:
                return read(file)
        except StorageError as error:
            if not isinstance(error.__cause__, _DAMAGE) or attempt == _ATTEMPTS - 1:
                raise
        except _DAMAGE as error:
            if attempt == _ATTEMPTS - 1:
                raise _damaged(path, error) from error
        time.sleep(_PAUSE)
    raise StorageError(f"{path} cannot be read")


_DAMAGE = (AttributeError, KeyError, OSError, RuntimeError, TypeError, ValueError)


@contextmanager
def _opened(path):
    if not path.exists():
        raise StorageError(f"{path} does not exist; give the folder of a batch, or its batch.h5")
    if path.is_dir():
        raise StorageError(f"{path} is a folder, not a batch of halokick")
    with journal.whole(path) as content:
        start = content.read(8)
        content.seek(0)
        if start != b"\x89HDF\r\n\x1a\n":
            raise StorageError(f"{path} is not an HDF5 file, so not a batch of halokick")
        try:
            file = h5py.File(content, "r")
        except _DAMAGE as error:
            raise _damaged(path, error) from error
        with file:
            if file.attrs.get("format") != FORMAT:
                raise StorageError(f"{path} is an HDF5 file of another kind, not a batch of halokick")
            if file.attrs.get("format_version") != VERSION:
                raise StorageError(
                    f"{path} has version {file.attrs.get('format_version')} of the batch format, this halokick reads "
                    f"version {VERSION}; run the batch again in another folder, or use the halokick that made it"
                )
            yield file


def _damaged(path, error):
    return StorageError(
        f"{path} is truncated or damaged ({error}); it was left as it is. Take another copy of it, or choose another "
        "--output to begin again"
    )


def _name(index):
    return f"{index:06d}"
