"""Long maps in blocks of pixels, with word of how far they are once it takes long enough to ask."""

from time import monotonic

_BLOCK = 65_536
_PATIENCE = 2.0
"""Seconds after which somebody may want to know."""


def blocks(count, progress=None, size=_BLOCK, clock=monotonic):
    """Go through `count` things in slices.

    Parameters
    ----------
    count, size : int
    progress : callable (done, total) or None
        Called after each slice that ends more than two seconds after the start.
    clock : callable
        Seconds.
    """
    began = clock()
    for start in range(0, count, size):
        stop = min(count, start + size)
        yield slice(start, stop)
        if progress is not None and clock() - began > _PATIENCE:
            progress(stop, count)
