"""Ctrl-C while compiled code is running."""

import os
import signal
import sys
import threading
from contextlib import contextmanager

INTERRUPTED = 130
"""Exit status of a program stopped by Ctrl-C, as shells count it: 128 plus the signal's number."""


@contextmanager
def ends_on_interrupt(message):
    """Inside this block Ctrl-C ends the process at once, with one line and status 130.

    For work that has nothing on disk yet. The usual KeyboardInterrupt may not be raised there: while a kernel takes or
    returns its arguments, or is being compiled, an exception that comes from a signal is dropped, turned into another
    one, or crashes the process (seen with numba 0.68).

    Parameters
    ----------
    message : str
    """
    # signals can be caught in the main thread only; elsewhere nobody can press Ctrl-C
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number, frame):
        # a progress bar may stand on the line
        start = "\n" if sys.stderr.isatty() else ""
        os.write(2, f"{start}{message}\n".encode())
        os._exit(INTERRUPTED)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def asked_to_stop():
    """Inside this block Ctrl-C and the end of a job only leave a note, for work that can stop between two steps.

    The second Ctrl-C ends the process at once.

    Yields
    ------
    callable
        The number of the signal that came, or 0.
    """
    arrived = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return

    def note(number, frame):
        if arrived:
            os._exit(128 + number)
        arrived.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: arrived[0] if arrived else 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
