"""The one decorator of every kernel: numba's compiler, with a machine-code cache that cannot spoil a calculation.

Numba's own cache fails in four ways that matter here, so its files are replaced by ours:

- it knows the source file of a kernel but not those of the kernels inlined into it, so that after an edit of `field.py`
  the machine code of `phase_mixing.py` would go on giving the numbers of before: here the name of a cache file holds
  a hash of all kernel sources;
- two processes that compile two signatures at once may each overwrite the other's: here each signature has its file;
- a truncated file raises, and a corrupted one runs: here a checksum turns both away, and the kernel is compiled again;
- a folder that fills up or vanishes ends the calculation: here it costs the cache, and one warning says so.
"""

import contextlib
import functools
import hashlib
import os
import pickle
import re
import sys
import uuid
import warnings
from pathlib import Path

import llvmlite.binding
import numba
from numba.core.caching import FunctionCache
from numba.core.serialize import dumps

_IMPORTS = re.compile(rb"^[ \t]*(?:from|import)\b(?:[^\n(]*\([^)]*\)|[^\n]*)", re.MULTILINE)
_NAMES = re.compile(rb"\w+")
_DIGEST_SIZE = hashlib.sha256().digest_size


def kernel(function=None, *, parallel=False, inline="never", contract=False, lent=False, nogil=False):
    """Compile `function` when it is first called, and keep the machine code on disk for the next process.

    No `fastmath`: with it a NaN goes unnoticed. Division by zero gives inf or NaN, as in NumPy.

    Parameters
    ----------
    function : callable
        Floats and arrays in, floats and arrays out.
    parallel : bool
        Run the loops over `prange` on all threads. No other kernel may call it: machine code of a caller that was made
        with such a kernel from disk lacks its loops, and crashes the process that reads it.
    inline : str
        As in numba: ``"never"`` leaves inlining to LLVM.
    contract : bool
        Let a product and a sum become one fused operation, rounded once: nearly twice as fast where arithmetic is all.
        The last bits may then differ between types of processors, never between runs on one of them.
    lent : bool
        All arrays are the caller's, none is made: references to them are not counted. For small kernels that call each
        other with tuples of many arrays, where the counting would take longer than the arithmetic.
    nogil : bool
        Let other threads of Python run meanwhile.

    Returns
    -------
    callable
        The compiled function, or a decorator where `function` is not given.
    """
    if function is None:
        return functools.partial(kernel, parallel=parallel, inline=inline, contract=contract, lent=lent, nogil=nogil)
    fused = {"contract"} if contract else False
    options = {"_nrt": False} if lent else {}
    options |= {"parallel": parallel, "inline": inline, "fastmath": fused, "nogil": nogil}
    compiled = numba.njit(error_model="numpy", **options)(function)
    if not numba.config.DISABLE_JIT:
        try:
            # What `njit(cache=True)` does, with our cache in the place of numba's.
            compiled._cache = _KernelCache(function)
        except Exception as error:  # no writable folder, no source file: numba has no one type for it
            warn_once(error)
    return compiled


def threads():
    """How many threads parallel kernels use."""
    return numba.get_num_threads()


def cache_folder(function):
    """The folder in which machine code of a function's module is kept, for other things that follow from its source."""
    return Path(FunctionCache(function).cache_path)


def is_kept(function):
    """Whether there is machine code of a kernel on disk, as its sources are now."""
    cache = getattr(function, "_cache", None)
    return isinstance(cache, _KernelCache) and cache._cache_file.is_kept()


def machine():
    """The processor that machine code is made for, in a word."""
    return llvmlite.binding.get_host_cpu_name()


def read_whole(path):
    """What `write_whole` wrote, or None where there is no such file, or not the whole of it."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    digest, payload = content[:_DIGEST_SIZE], content[_DIGEST_SIZE:]
    return payload if hashlib.sha256(payload).digest() == digest else None


def write_whole(path, payload):
    """Write bytes after their checksum; other processes see the whole file or none."""
    temporary = path.with_suffix(f".{uuid.uuid4().hex}.tmp")
    try:
        temporary.write_bytes(hashlib.sha256(payload).digest() + payload)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


class _KernelCache(FunctionCache):
    """Numba's cache of one function (it finds the folder, it knows what can be stored), with `_KernelFiles` below it.

    Loading and storing happen inside the kernel's first call. Pickle and file systems raise errors of every type, and
    whatever the error, the kernel can still be compiled in memory: so it is told once, and the call goes on.
    """

    def __init__(self, function):
        super().__init__(function)
        self._cache_file = _KernelFiles(self.cache_path, function)

    def load_overload(self, sig, target_context):
        try:
            return super().load_overload(sig, target_context)
        except Exception as error:
            warn_once(error)
            return None

    def save_overload(self, sig, data):
        try:
            super().save_overload(sig, data)
        except Exception as error:
            warn_once(error)


class _KernelFiles:
    """One file per compiled signature of a function: a checksum, then the pickled pair of key and machine code."""

    def __init__(self, folder, function):
        source = Path(function.__code__.co_filename)
        sources = _sources_of(source).hex()[:16]
        name = f"{source.stem}.{function.__qualname__}".replace("<", "").replace(">", "")
        self._folder = Path(folder)
        self._line = function.__code__.co_firstlineno
        self._prefix = f"{name}.{sys.implementation.cache_tag}."
        self._fresh = f"{self._prefix}{sources}."

    def load(self, key):
        """The machine code stored for `key`, or None where there is none, or none that is whole."""
        payload = read_whole(self._path(key))
        if payload is None:
            return None
        stored_key, data = pickle.loads(payload)
        return data if stored_key == key else None

    def save(self, key, data):
        """Store the machine code of `key`; other processes see the whole file or none."""
        write_whole(self._path(key), dumps((key, data)))
        self._remove(keep=self._fresh)

    def is_kept(self):
        """Whether there is a file of any signature."""
        return any(self._folder.glob(f"{self._fresh}*.nbc"))

    def flush(self):
        """Remove all that is stored for this function."""
        self._remove(keep=None)

    def _path(self, key):
        # Types are told apart by their text, as in numba itself; `load` compares the keys as well. The line tells apart
        # functions of one name, whose byte code may differ in its constants only.
        signature = hashlib.sha256(repr((self._line, key)).encode()).hexdigest()[:16]
        return self._folder / f"{self._fresh}{signature}.nbc"

    def _remove(self, keep):
        """Remove this function's files, but those that begin with `keep`: the others belong to older sources."""
        for path in self._folder.glob(f"{self._prefix}*.nbc"):
            if keep is None or not path.name.startswith(keep):
                with contextlib.suppress(OSError):
                    path.unlink()


@functools.cache
def _sources_of(source):
    """Hash of a source file, of all kernel sources below it, of this file and of numba's version."""
    below, ahead = {Path(__file__)}, [source]
    while ahead:
        path = ahead.pop()
        if path not in below:
            below.add(path)
            ahead += _kernel_modules_in(path)
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(below):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.digest()


@functools.cache
def _kernel_modules_in(path):
    """Kernel files that a file imports; a name of theirs that means another module costs a compilation, no more."""
    folder = Path(__file__).parent
    # Not `ast`: this runs in every process that imports kernels, and all of them together would take a quarter second.
    names = {name for line in _IMPORTS.findall(path.read_bytes()) for name in _NAMES.findall(line)}
    return [path for path in (folder / f"{name.decode()}.py" for name in sorted(names)) if path.exists()]


_told = []


def warn_once(error):
    """Say once per process, not once per kernel, that what was compiled is not kept."""
    if _told:
        return
    _told.append(error)
    warnings.warn(
        f"compiled kernels and potentials are not kept on disk ({type(error).__name__}: {error}): the results are the "
        "same, but every process makes them anew, about a minute. Set NUMBA_CACHE_DIR to a folder that you can write "
        "to.",
        RuntimeWarning,
        stacklevel=3,
    )
