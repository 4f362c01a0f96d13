"""What follows from a potential's name, kept on disk beside the machine code: the next process need not ask galpy.

The import of galpy, and its answers at thousands of places, take seconds; tables that were made of them are read in
milliseconds, and are the same to the bit.
"""

import contextlib
import functools
import hashlib
import pickle
from importlib.metadata import version
from pathlib import Path

import numpy as np

from halokick.kernels.compiled import cache_folder, machine, read_whole, warn_once, write_whole

MOST = 32
"""Files of each kind that are kept, the newest."""
_PACKAGES = ("galpy", "numpy", "scipy", "numba")
_SOURCES = ("halo", "kernels")
"""Folders of the package on which tables depend."""


def kept(kind, identity, make, *, if_any=lambda found: True):
    """What `make()` gives, or gave to an earlier process.

    Parameters
    ----------
    kind : str
        What it is: the beginning of a file's name.
    identity : sequence
        All on which it depends, texts, numbers, arrays and tuples of such, but for our sources, the versions of the
        libraries and the type of the processor, which count as well.
    make : callable
        Its errors are not kept.
    if_any : callable, optional
        Whether an answer is worth keeping.

    Returns
    -------
    object
        Anything that can be pickled.
    """
    digest = hashlib.sha256(_origin())
    _update(digest, identity)
    # A folder that cannot be read or written has errors of every type, and what is kept can be made again.
    try:
        path = cache_folder(_update) / f"{kind.replace(' ', '_')}.{digest.hexdigest()[:32]}.tables"
        payload = read_whole(path)
        if payload is not None:
            return pickle.loads(payload)
    except Exception as error:
        warn_once(error)
        path = None
    made = make()
    if path is not None and if_any(made):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, pickle.dumps(made, protocol=5))
            _remove_oldest(path)
        except Exception as error:
            warn_once(error)
    return made


def _update(digest, value):
    """Add a value to a digest, with its type and length, so that no two values read alike."""
    if isinstance(value, (tuple, list)):
        digest.update(b"(%d" % len(value))
        for one in value:
            _update(digest, one)
    elif isinstance(value, np.ndarray):
        digest.update(f"a{value.dtype.str}{value.shape}".encode() + np.ascontiguousarray(value).tobytes())
    elif value is None or isinstance(value, (str, bytes, bool, int, float)):
        text = repr(value)
        digest.update(f"{type(value).__name__}{len(text)}:{text}".encode())
    else:
        raise TypeError(f"{value!r} has no identity that lasts longer than this process")


@functools.cache
def _origin():
    """Hash of what makes tables: our sources, the libraries, and the processor that rounds their sums."""
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for path in sorted(path for folder in _SOURCES for path in (package / folder).glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update("".join(f"{name} {version(name)}\0" for name in _PACKAGES).encode() + machine().encode())
    return digest.digest()


def _remove_oldest(path):
    """Keep the newest files of the kind that `path` is."""
    kind = path.name.split(".")[0]
    files = []
    for one in path.parent.glob(f"{kind}.*.tables"):
        with contextlib.suppress(OSError):
            files.append((one.stat().st_mtime_ns, one))
    for _, one in sorted(files)[:-MOST]:
        with contextlib.suppress(OSError):
            one.unlink()
