"""Chunks of particles on several threads that sleep while they wait.

The threads of numba's parallel loops wait for each other by asking again and again. A live halo has a thousand short
loops; on a machine with other work such a thread keeps the processor from the very one it waits for, and the run slows
down many times. Here whoever is awake takes the next chunks, so that the caller waits for nobody but those who have
begun.
"""

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from halokick.kernels.compiled import threads

_PIECES = 4
"""Pieces of work for each thread: one that was stopped meanwhile does fewer."""


def over_chunks(work, chunks, *, alone=False):
    """Call `work(first, end)` until all chunks are done.

    Parameters
    ----------
    work : callable
        Lets other threads run; writes to places that belong to its chunks alone.
    chunks : int
    alone : bool
        The work is too short to share.
    """
    count = 1 if alone else min(threads(), chunks)
    if count == 1:
        work(0, chunks)
        return
    size = max(chunks // (_PIECES * count), 1)
    waiting = deque(range(0, chunks, size))

    def take():
        while True:
            try:
                first = waiting.popleft()
            except IndexError:
                return
            work(first, min(first + size, chunks))

    helpers = [_helpers(os.getpid(), count - 1).submit(take) for _ in range(count - 1)]
    try:
        take()
    finally:
        # after an error nobody begins anything more, and nobody writes any more when it is raised
        waiting.clear()
        for helper in helpers:
            if not helper.cancel():
                helper.result()


@lru_cache(maxsize=4)
def _helpers(process, count):
    """Threads that wait for work; those of a process before a fork are of no use to the one after."""
    return ThreadPoolExecutor(count, thread_name_prefix=f"halokick-{process}")
