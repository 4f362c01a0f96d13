"""One writer at a time: a lock file that says who it is, and that does not outlive its owner."""

import fcntl
import json
import os
import socket
from contextlib import contextmanager, suppress
from pathlib import Path

from halokick.errors import StorageError
from halokick.study.provenance import now


def lock_of(path):
    """Where the lock of a file is."""
    path = Path(path)
    return path.with_name(f"{path.name}.lock")


@contextmanager
def sole_writer(path):
    """Nobody else writes the file while the block runs.

    The lock is one of the kernel's on ``NAME.lock``, which is gone with its process, however that ends; the file's
    content is for people, and for file systems without such locks.

    Raises
    ------
    StorageError
        Somebody writes it; the message says who.
    """
    lock = lock_of(path)
    descriptor = _locked(path, lock)
    try:
        owner = {"pid": os.getpid(), "host": socket.gethostname(), "began": _began(os.getpid()), "since": now()}
        # on a full disk the kernel's lock must do
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(owner).encode(), 0)
        yield
    finally:
        # first the name, then the lock: who opened the file in between finds that it has no name any more
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(path, lock):
    while True:
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise StorageError(f"{lock} cannot be written: {error}; choose another --output") from error
        try:
            _take(path, lock, descriptor)
            if lock.exists() and os.path.samestat(os.fstat(descriptor), os.stat(lock)):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _take(path, lock, descriptor):
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        sure = True
    except BlockingIOError:
        raise _in_use(path, lock, _owner(descriptor)) from None
    except OSError:
        sure = False  # a file system without locks: believe what the file says
    owner = _owner(descriptor)
    if owner is None:
        return
    here = owner.get("host") == socket.gethostname()
    if here and (sure or not _alive(owner)):
        return
    # another machine's lock may not be visible from here
    raise _in_use(path, lock, owner)


def _owner(descriptor):
    try:
        found = json.loads(os.pread(descriptor, 4096, 0))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _in_use(path, lock, owner):
    owner = owner or {}
    who = f"process {owner.get('pid', 'unknown')} on {owner.get('host', 'some machine')}"
    return StorageError(
        f"{path} is being written by {who} since {owner.get('since', 'an unknown time')}; wait for it, stop it, or "
        f"choose another --output. If that process is certainly gone, remove {lock} and try again"
    )


def _alive(owner):
    pid = owner.get("pid")
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, TypeError, OverflowError):
        return False
    except PermissionError:
        return True
    # the number may have gone to another process since
    return owner.get("began") == _began(pid)


def _began(pid):
    """When a process began, in the kernel's ticks; None where that is not told."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None
