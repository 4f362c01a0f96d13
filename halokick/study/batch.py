"""Many tasks, one file: the driver of a batch. It can be killed at any moment and started again.

Who does the tasks is decided elsewhere (`batch_processes`, `batch_dask`); here each answer goes into the file as it
comes, so that all that is lost is what was being worked on. The order of the tasks does not matter to the answer.
"""

from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from halokick.errors import BatchError, StorageError
from halokick.study import provenance, storage_batch
from halokick.study.batch_lock import lock_of, sole_writer
from halokick.study.batch_task import ENERGY_ERROR, own_versions
from halokick.study.progress import NoTally
from halokick.study.storage_batch import Entry, Heading

BATCH = "batch.h5"


GOES_ON = "every finished task is in the file; --resume goes on"
"""Note of errors that came in the middle of a batch."""


class Stopped(Exception):
    """Somebody asked the batch to stop."""


@dataclass(frozen=True)
class Summary:
    """What a batch came to.

    Attributes
    ----------
    path : Path
        Of its file.
    tasks, done : int
    failed : dict of int to str
        Tasks that found nothing, and why.
    digest : str
        Of all answers; the same whoever found them, in whatever order, after whatever interruptions.
    """

    path: Path
    tasks: int
    done: int
    failed: dict
    digest: str


def batch_file(path):
    """The file of a batch, given that file or its folder."""
    path = Path(path)
    return path / BATCH if path.is_dir() else path


def run_batch(plan, folder, executor, *, resume=False, overwrite=False, tally=None, stop=None, say=None):
    """Do what a batch has to do, or the rest of it.

    Parameters
    ----------
    plan : BatchPlan
    folder : str or Path
        Of ``batch.h5``.
    executor : object with ``outcomes``
        `Processes` or `DaskCluster`.
    resume : bool
        Go on with a file that is there.
    overwrite : bool
        Begin again in its place.
    tally : callable, optional
        Makes what shows the progress: see `halokick.study.progress.Silence.tally`.
    stop : callable, optional
        Whether to stop; looked at several times a second.
    say : callable, optional
        Takes a line of text for the user.

    Returns
    -------
    Summary

    Raises
    ------
    StorageError
        The file is in use, damaged, foreign, or of another run file; or the disk refused.
    BatchError
        The executor cannot go on.
    Stopped
        `stop` said so.
    """
    say = say or (lambda text: None)
    path = Path(folder) / BATCH
    _make_folder(path.parent)
    with sole_writer(path):
        ledger = _begin(plan, path, say, resume=resume, overwrite=overwrite)
        progress = (tally or NoTally)(len(plan.tasks), len(ledger.done))
        try:
            for entry in ledger.done.values():
                progress.worst(entry.health.get(ENERGY_ERROR))
            failed = set()
            while left := [task for task in plan.left(ledger) if task.index not in failed]:
                failed |= _go_on(path, left, executor, progress, stop)
                ledger = storage_batch.read_ledger(path)
        finally:
            progress.close()
    return Summary(path, len(plan.tasks), len(ledger.done), ledger.failed, ledger.digest)


def _go_on(path, left, executor, progress, stop):
    """Do tasks; those that failed: set of int."""
    failed = set()
    outcomes = executor.outcomes(left)
    try:
        for found in outcomes:
            if found:
                good = [outcome for outcome in found if outcome.answer is not None]
                bad = [(outcome.index, outcome.error) for outcome in found if outcome.answer is None]
                storage_batch.add(path, [(one.index, one.answer, _entry(one)) for one in good], bad)
                failed |= {index for index, _ in bad}
                for one in good:
                    progress.worst(one.health.get(ENERGY_ERROR))
                progress.add(len(good), len(bad))
            if stop is not None and stop():
                done = len(storage_batch.read_ledger(path).done)
                raise Stopped(f"{done} of {progress.total} tasks are done and in {path}")
    except (BatchError, StorageError) as error:
        error.add_note(GOES_ON)
        raise
    finally:
        outcomes.close()
    return failed


def _entry(outcome):
    return Entry(
        digest=outcome.digest,
        level=outcome.level,
        seconds=outcome.seconds,
        worker=outcome.worker,
        finished=provenance.now(),
        health=outcome.health,
    )


def _make_folder(folder):
    try:
        _make_or_refuse(folder)
    except StorageError:
        raise
    except (OSError, ValueError) as error:
        # no permission, a name that is too long, or one with a character that no name can have
        raise StorageError(f"{folder} cannot be made: {error}; choose another --output") from error


def _make_or_refuse(folder):
    if folder.exists() and not folder.is_dir():
        raise StorageError(f"{folder} is a file; choose another --output")
    ours = [BATCH, lock_of(folder / BATCH).name]
    if folder.exists() and any(folder.iterdir()) and not any((folder / name).exists() for name in ours):
        raise StorageError(
            f"{folder} is not empty and holds no {BATCH}, so it is not the folder of a batch; choose another --output"
        )
    folder.mkdir(parents=True, exist_ok=True)


def _begin(plan, path, say, *, resume, overwrite):
    """The ledger to begin with; the file is made if it is not there."""
    if path.exists() and not overwrite:
        storage_batch.finish(path)
        ledger = storage_batch.read_ledger(path)
        if not ledger.done and not (resume and ledger.heading.checksum == plan.checksum):
            return _new(plan, path)  # there is nothing to lose
        _refuse_another(plan, path, ledger)
        if not resume:
            raise StorageError(
                f"{path} holds {len(ledger.done)} of {len(plan.tasks)} tasks of this run file; --resume goes on with "
                "it, --overwrite begins again, --output chooses another folder"
            )
        begun = {key: value for key, value in ledger.heading.begun.items() if key in own_versions()}
        now = own_versions()
        changed = [f"{key} {old} is now {now[key]}" for key, old in begun.items() if old != now[key]]
        if changed:
            say(f"tasks done before were done by other versions ({', '.join(changed)}); --overwrite does them again")
        return ledger
    return _new(plan, path)


def _new(plan, path):
    heading = Heading(
        kind=plan.kind,
        tasks=len(plan.tasks),
        run_file=plan.run_file,
        checksum=plan.checksum,
        columns=plan.columns,
        begun={"created": provenance.now(), "commit": provenance.commit(), **provenance.versions()},
    )
    storage_batch.create(path, heading)
    return storage_batch.read_ledger(path)


def _refuse_another(plan, path, ledger):
    if ledger.heading.checksum == plan.checksum:
        return
    before, after = ledger.heading.run_file.splitlines(), plan.run_file.splitlines()
    difference = list(unified_diff(before, after, f"{path}", f"{plan.tasks[0].source}, now", lineterm="", n=1))
    if not difference:
        difference = ["(not in the first task: another version of halokick resolves the others differently)"]
    shown = "\n  ".join(difference)
    raise StorageError(
        f"{path} holds {len(ledger.done)} of {ledger.heading.tasks} tasks of a different run file:\n  {shown}\n"
        "Take the change back to go on with it, or choose another --output, or --overwrite to begin again"
    )
