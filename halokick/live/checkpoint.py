"""A live run that can be stopped and taken up again: its arrays on disk, and Ctrl-C held back until they are whole."""

import hashlib
import os
import signal
import threading
import uuid
import zipfile
import zlib
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from halokick.errors import StorageError

_KEY = "run"


def digest_of(arrays, text):
    """Hash of all that fixes a run."""
    digest = hashlib.sha256(text.encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def write_checkpoint(path, arrays, digest):
    """Write named arrays; whoever reads `path` meanwhile finds the file of before, or this one."""
    path = Path(path)
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with open(temporary, "wb") as file:
            np.savez(file, **{_KEY: np.array(digest)}, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StorageError(f"checkpoint = {path}: it cannot be written ({error}); choose another place") from error
        raise


def read_checkpoint(path, digest):
    """Named arrays of the run with this digest, or None where there is no file.

    Raises
    ------
    StorageError
        The file is of another run, or is not whole.
    """
    path = Path(path)
    if not path.exists():
        return None
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, TypeError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise StorageError(f"checkpoint = {path} cannot be read ({error}); remove it to begin anew") from error
    if str(arrays.pop(_KEY, "")) != digest:
        raise StorageError(
            f"checkpoint = {path} was written by a run with other particles or settings; remove it, or name another "
            "file, to begin anew"
        )
    return arrays


@contextmanager
def interrupt_held_back():
    """Inside this block Ctrl-C is only noted, if it would otherwise raise KeyboardInterrupt.

    Yields
    ------
    callable
        Whether it was pressed.
    """
    pressed = []
    in_main = threading.current_thread() is threading.main_thread()
    # others who catch the signal, such as a run of the command line, have their own way to stop
    if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: False
        return
    signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
