"""The folder of a study: products arrive there all together, and nothing that is not ours is touched."""

import os
import shutil
import signal
import threading
from contextlib import contextmanager
from pathlib import Path

from halokick.errors import InputError, StorageError
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
    try:
        _check_folder(folder, run_file, overwrite)
    except StorageError:
        raise
    except (OSError, ValueError) as error:
        # a name that is too long, or has a character that no name can have
        raise StorageError(f"{folder} cannot be a folder: {error}; choose another --output") from error


def _check_folder(folder, run_file, overwrite):
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
    Files in the folder that are no products stay; products of an earlier study that this one does not have are removed.

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
            write_tables(result, partial)
            plot(result, partial)
            # the result last: a folder with it is complete
            names = [*sorted(path.name for path in partial.iterdir()), RESULT]
            storage.write(result, partial / RESULT, products=names)
            with _interrupts_held_back():
                folder.mkdir(exist_ok=True)
                for name in set(storage.products(folder / RESULT)) - set(names):
                    (folder / name).unlink(missing_ok=True)
                for name in names:
                    os.replace(partial / name, folder / name)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"{folder} could not be written: {error}") from error
    return [folder / name for name in names]


def own_folders(homes, output):
    """Where products of stored results go that are made again: beside each, or under `output`.

    Parameters
    ----------
    homes : sequence of Path
        Folders of the results.
    output : Path or None
        A single result's products go there, those of several into folders of their names inside it.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        Two results would share one folder, and the products of one would be lost.
    """
    if output is None:
        return list(homes)
    if len(homes) == 1:
        return [output]
    folders = [output / home.resolve().name for home in homes]
    for place, folder in enumerate(folders):
        if folder in folders[:place]:
            first, second = homes[folders.index(folder)], homes[place]
            raise InputError(f"the products of {first} and {second} would both go to {folder}; give them one by one")
    return folders


def made_again(make, result, folder):
    """Products of a stored result, in a folder that is made if it is not there: list of Path.

    Raises
    ------
    StorageError
        The disk refused.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return make(result, folder)
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"{folder} could not be written: {error}; choose another --output") from error


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
