"""Changes to a file that happen whole or not at all, whenever the process is killed and whenever the disk fills up.

What is new goes behind the file's old end, where nothing points to it yet. What must change in the old part is written
to a journal beside the file, with a checksum; once that is on disk it is copied into the file, and the journal removed.
A journal that is found later and whole is copied again; one that is not whole belongs to changes that never began.
"""

import fcntl
import hashlib
import io
import os
import struct
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

_PAGE = 4096
_MAGIC = b"halokick journal\n"
_HEAD = struct.Struct("<QQ")
_NUMBER = struct.Struct("<Q")
_PATIENCE, _MOMENT = 10.0, 0.005


def journal_of(path):
    """Where the journal of a file is."""
    path = Path(path)
    return path.with_name(f"{path.name}.journal")


class ChangedFile(io.RawIOBase):
    """A file with changes on top that are in memory only; reads and writes like a file.

    Parameters
    ----------
    base : binary file, open for reading
    pages : dict of int to bytes, optional
        Changes to begin with, by page of 4096 bytes.
    size : int, optional
        Of the changed file; that of `base` if left out.
    """

    def __init__(self, base, pages=None, size=None):
        super().__init__()
        self._base = base
        self.old_size = os.fstat(base.fileno()).st_size
        self.size = self.old_size if size is None else size
        self.pages = {number: bytearray(page) for number, page in (pages or {}).items()}
        self._position = 0

    def readable(self):
        """See `io.RawIOBase`."""
        return True

    def writable(self):
        """See `io.RawIOBase`."""
        return True

    def seekable(self):
        """See `io.RawIOBase`."""
        return True

    def seek(self, offset, whence=os.SEEK_SET):
        """See `io.RawIOBase`."""
        self._position = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        return self._position

    def tell(self):
        """See `io.RawIOBase`."""
        return self._position

    def truncate(self, size=None):
        """See `io.RawIOBase`."""
        self.size = self._position if size is None else size
        return self.size

    def readinto(self, buffer):
        """See `io.RawIOBase`."""
        view = memoryview(buffer).cast("B")
        wanted = max(min(len(view), self.size - self._position), 0)
        done = 0
        while done < wanted:
            number, start = divmod(self._position, _PAGE)
            length = min(wanted - done, _PAGE - start)
            page = self.pages.get(number) or self._old_page(number)
            view[done : done + length] = page[start : start + length]
            done += length
            self._position += length
        return wanted

    def write(self, data):
        """See `io.RawIOBase`."""
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            number, start = divmod(self._position, _PAGE)
            length = min(len(view) - done, _PAGE - start)
            if number not in self.pages:
                self.pages[number] = self._old_page(number)
            self.pages[number][start : start + length] = view[done : done + length]
            done += length
            self._position += length
        self.size = max(self.size, self._position)
        return len(view)

    def _old_page(self, number):
        found = os.pread(self._base.fileno(), _PAGE, number * _PAGE)
        return bytearray(found.ljust(_PAGE, b"\0"))


def _wait_for(file, kind):
    """A lock of the kernel's on an open file, so that nobody reads in the moment of a change.

    Whoever has it too long, or a file system without locks, is not waited for: readers that meet such a moment notice
    it by the checksums of what they read.
    """
    end = monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > end:
                return
            sleep(_MOMENT)
        except OSError:
            return
        else:
            return


@contextmanager
def changes(path):
    """A `ChangedFile` whose changes come into the file when the block ends well; else the file stays as it was.

    The file must have no journal: see `finish`.

    Raises
    ------
    OSError
        The disk refused. The file is then as it was, or `finish` makes the changes complete.
    """
    path = Path(path)
    with open(path, "r+b") as base:
        changed = ChangedFile(base)
        yield changed
        _wait_for(base, fcntl.LOCK_EX)
        _commit(path, base.fileno(), changed)


def _commit(path, file, changed):
    old_pages = -(-changed.old_size // _PAGE)
    journal = journal_of(path)
    inside = {number: bytes(page) for number, page in sorted(changed.pages.items()) if number < old_pages}
    try:
        for number, page in sorted(changed.pages.items()):
            if number >= old_pages:
                _write_all(file, page, number * _PAGE)
        os.fsync(file)
        _write_journal(journal, inside, changed.size)
    except BaseException:
        journal.unlink(missing_ok=True)
        os.ftruncate(file, changed.old_size)
        raise
    _apply(file, inside, changed.size)
    _remove(journal)


def _write_journal(journal, pages, size):
    content = bytearray(_MAGIC + _HEAD.pack(size, len(pages)))
    for number, page in pages.items():
        content += _NUMBER.pack(number) + page
    content += hashlib.sha256(content).digest()
    descriptor = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        _write_all(descriptor, content, 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _sync_folder(journal)


def _apply(file, pages, size):
    for number, page in pages.items():
        _write_all(file, page, number * _PAGE)
    os.ftruncate(file, size)
    os.fsync(file)


def _remove(journal):
    journal.unlink(missing_ok=True)
    _sync_folder(journal)


def _write_all(descriptor, data, offset):
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view = view[written:]
        offset += written


def _sync_folder(path):
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_journal(path):
    """Pages and size of a journal that is whole; None where there is none, or none that is whole."""
    try:
        content = journal_of(path).read_bytes()
    except FileNotFoundError:
        return None
    body, digest = content[:-32], content[-32:]
    if not body.startswith(_MAGIC) or hashlib.sha256(body).digest() != digest:
        return None
    size, count = _HEAD.unpack_from(body, len(_MAGIC))
    pages, step = {}, _NUMBER.size + _PAGE
    for place in range(len(_MAGIC) + _HEAD.size, len(_MAGIC) + _HEAD.size + count * step, step):
        (number,) = _NUMBER.unpack_from(body, place)
        pages[number] = body[place + _NUMBER.size : place + step]
    return pages, size


def finish(path):
    """Bring a file whose writer was killed into the state of before or after its last changes.

    Only for the process that alone may write the file.
    """
    found = _read_journal(path)
    if found is not None:
        with open(path, "r+b") as file:
            _wait_for(file, fcntl.LOCK_EX)
            _apply(file.fileno(), *found)
    if journal_of(path).exists():
        _remove(journal_of(path))


@contextmanager
def whole(path):
    """The file as it is after its last complete changes, to be read while another process may write it."""
    with open(path, "rb") as base:
        _wait_for(base, fcntl.LOCK_SH)
        found = _read_journal(path)
        yield base if found is None else ChangedFile(base, *found)
