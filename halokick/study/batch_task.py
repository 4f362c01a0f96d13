"""One task of a batch: a pure function of its run file and its place, wherever it is called."""

import json
import os
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from time import perf_counter

from halokick.daughters.follow import orbit_chunks
from halokick.daughters.integrated import IntegratedSums
from halokick.daughters.orbits import OrbitSums
from halokick.errors import HaloKickError
from halokick.halo.df import ErgodicDF
from halokick.study import build, provenance
from halokick.study.config import parse_config
from halokick.study.digest import digest
from halokick.study.run import orbit_arguments, run

ENERGY_ERROR = "energy_error_worst"
"""The entry of `Daughters.settings` that a batch keeps an eye on, where a method writes it."""
_OURS = ("halokick", "numpy", "scipy", "numba", "astropy", "galpy")
_SUMS = {record.__name__: record for record in (OrbitSums, IntegratedSums)}
_one_at_a_time = threading.Lock()
"""Kernels use all threads they are given; two tasks in threads of one process would only be in each other's way."""


@dataclass(frozen=True)
class Task:
    """What to do.

    Attributes
    ----------
    index : int
    run_file : str
        Resolved, of one study.
    source : str
        Where the run file stands: files that it names are looked for beside it.
    kick : int or None
        Which kick's particles; None for the whole study.
    chunks : tuple of int
        Which chunks of particles.
    level : int
        See `halokick.daughters.orbit_chunks.OrbitChunks`.
    """

    index: int
    run_file: str
    source: str
    kick: int | None = None
    chunks: tuple = ()
    level: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came of a task.

    Attributes
    ----------
    index : int
    answer : StudyResult, mapping or None
        None where the task failed.
    error : str
        Why it failed.
    digest : str
        Of the answer.
    level : int
    health : mapping of str to float
        Largest numerical errors that were met.
    seconds : float
    worker : str
        Host and process.
    versions : mapping of str to str
        Of the packages whose numbers are in the answer.
    """

    index: int
    answer: object
    error: str = ""
    digest: str = ""
    level: int = 0
    health: Mapping = field(default_factory=dict)
    seconds: float = 0.0
    worker: str = ""
    versions: Mapping = field(default_factory=dict)


def run_task(task):
    """Do a task; what goes wrong is told in the `Outcome`, so that one task cannot end a batch."""
    with _one_at_a_time:
        started = perf_counter()
        answer, level, health, error = None, 0, {}, ""
        try:
            config = parse_config(task.run_file, source=task.source)
            if task.kick is None:
                answer = run(config)
                health = health_of(answer)
            else:
                answer, level, health = _follow(task)
        except HaloKickError as refused:
            error = str(refused)
        except Exception as failed:  # whatever a library raises concerns this task alone
            error = f"{type(failed).__name__}: {failed}"
        return Outcome(
            index=task.index,
            answer=answer,
            error=error,
            digest="" if answer is None else digest(answer),
            level=level,
            health=health,
            seconds=perf_counter() - started,
            worker=worker_name(),
            versions=own_versions(),
        )


def health_of(result):
    """Worst energy error of the orbits of a result, where it is known: dict."""
    found = [float(one.settings[ENERGY_ERROR]) for one in result.daughters if ENERGY_ERROR in one.settings]
    return {ENERGY_ERROR: max(found)} if found else {}


@lru_cache(maxsize=1)
def own_versions():
    """Versions of the packages whose numbers are in an answer."""
    return {name: version for name, version in provenance.versions().items() if name in _OURS}


def worker_name():
    """Host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def count_chunks(run_file, source):
    """Chunks of particles of each kick of a study."""
    return len(_chunks(run_file, source, 0))


def _follow(task):
    chunks = _chunks(task.run_file, task.source, task.kick)
    level = task.level
    while True:
        found, worst = {}, []
        for chunk in task.chunks:
            sums, reached = chunks.sums(chunk, level)
            if reached > level and found:
                break  # the chunks before this one need the wider envelope, too
            level = reached
            found[f"{chunk:08d}"] = _storable(sums)
            worst += [float(sums.worst)] if hasattr(sums, "worst") else []
        else:
            return found, level, {ENERGY_ERROR: max(worst)} if worst else {}
        level = reached


def _storable(sums):
    """Sums as a mapping of texts, numbers and arrays; lists of what went wrong as JSON."""
    values = {one.name: getattr(sums, one.name) for one in fields(sums)}
    values = {key: json.dumps(value) if isinstance(value, tuple) else value for key, value in values.items()}
    return {"record": type(sums).__name__, **values}


def sums_of(answer):
    """Chunk and sums of what a task with chunks found: dict of int to OrbitSums or IntegratedSums."""
    return {int(chunk): _sums(**stored) for chunk, stored in answer.items()}


def _sums(record, **values):
    lists = {key: tuple(map(tuple, json.loads(value))) for key, value in values.items() if isinstance(value, str)}
    return _SUMS[record](**values | lists)


@lru_cache(maxsize=2)
def _chunks(run_file, source, kick):
    # kept for the next task: parents and their distribution function are the same for all chunks of a kick
    config = parse_config(run_file, source=source)
    df = ErgodicDF(build.halo(config.halo, config.folder))
    bins, arguments = orbit_arguments(config)
    kicks = build.kicks(config.decay)
    return orbit_chunks(df, kicks[kick], bins, together=kicks, **arguments)
