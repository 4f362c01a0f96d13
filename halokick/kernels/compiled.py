"""The one decorator of every kernel: numba's njit, with its disk cache where the disk allows it."""

import warnings

from numba import njit

_state = {"warned": False}


def kernel(function=None, *, parallel=False, inline="never"):
    """Compile `function` and keep the machine code on disk.

    A folder that cannot be written costs the cache, not the calculation: the kernel is compiled anew in each process
    and one warning says how to get the cache back. No `fastmath`: with it a NaN goes unnoticed.
    """
    if function is None:
        return lambda f: kernel(f, parallel=parallel, inline=inline)
    options = {"parallel": parallel, "error_model": "numpy", "inline": inline}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError as error:
        if "cannot cache" not in str(error):
            raise
        if not _state["warned"]:
            _state["warned"] = True
            warnings.warn(
                "compiled kernels cannot be cached: no writable cache folder was found, so every process compiles "
                "them anew (about a minute). Set NUMBA_CACHE_DIR to a folder you can write to.",
                RuntimeWarning,
                stacklevel=2,
            )
        return njit(**options)(function)
