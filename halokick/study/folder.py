"""The folder of a study: products arrive there all together, and nothing that is not ours is touched."""

import os
import shutil
import signal
import threading
from contextlib import contextmanager
from pathlib import Path

from halokick.errors import StorageError
from halokick.study import storage
from halokick.study.tables import write_tables

RESULT = "result.h5"


def check_folder(folder, run_file, *, overwrite=False):
    """Refuse a folder that must not be written to, before any work is done.

    Parameters
    ----------
    folder : str or Path
    run_file : str
        The resolved run file of the study that wants the folder.
    overwrite : bool
        Replace the result of a different run file, too.

    Raises
    ------
    StorageError
        The folder holds something else than a result of this run file.
    """
    folder = Path(folder)
    if not folder.exists():
        above = next(parent for parent in folder.resolve().parents if parent.exists())
        if not os.access(above, os.W_OK):
            raise StorageError(f"{folder} cannot be made: no permission to write in {above}; choose another --output")
        return
    if not folder.is_dir():
        raise StorageError(f"{folder} is a file; choose another --output")
    if not os.access(folder, os.W_OK):
        raise StorageError(f"no permission to write in {folder}; choose another --output")
    if not any(folder.iterdir()):
        return
    if not (folder / RESULT).exists():
        raise StorageError(
            f"{folder} is not empty and holds no {RESULT}, so it is not the folder of a study; choose another --output"
        )
    try:
        other = storage.read(folder).provenance.run_file
    except StorageError as error:
        if overwrite:
            return
        raise StorageError(f"{error}\n  or choose another --output, or --overwrite to replace it") from error
    if other != run_file and not overwrite:
        raise StorageError(
            f"{folder} holds the result of a different run file; choose another --output, or --overwrite to replace it"
        )


def write_products(result, folder, plot):
    """Write everything a study gives, so that the folder holds either all of it or what it held before.

    Files are made in a hidden folder beside it and moved one by one, each in one step, with Ctrl-C held back meanwhile.
    Files in the folder that are no products stay.

    Parameters
    ----------
    result : StudyResult
    folder : str or Path
    plot : callable (result, folder)
        Makes the pictures.

    Returns
    -------
    list of Path

    Raises
    ------
    StorageError
        The disk refused.
    """
    folder = Path(folder)
    partial = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(folder)
        partial.mkdir()
        try:
            storage.write(result, partial / RESULT)
            write_tables(result, partial)
            plot(result, partial)
            with _interrupts_held_back():
                folder.mkdir(exist_ok=True)
                # the result last: a folder with it is complete
                names = sorted((path.name for path in partial.iterdir()), key=lambda name: name == RESULT)
                for name in names:
                    os.replace(partial / name, folder / name)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"{folder} could not be written: {error}") from error
    return [folder / name for name in names]


def _clear_leftovers(folder):
    """Remove hidden folders of studies that were killed while writing."""
    for old in folder.parent.glob(f".{folder.name}.partial-*"):
        number = old.name.rpartition("-")[2]
        if number.isdigit() and not _alive(int(number)):
            shutil.rmtree(old, ignore_errors=True)


def _alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _interrupts_held_back():
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived = []
    before = signal.signal(signal.SIGINT, lambda number, frame: arrived.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if arrived:
        raise KeyboardInterrupt("after the last product was in place")
