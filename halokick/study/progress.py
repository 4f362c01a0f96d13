"""How far a study has come, on a terminal; silence everywhere else."""

import sys
from datetime import timedelta
from time import monotonic

from tqdm import tqdm

from halokick.kernels.compiled import is_kept
from halokick.kernels.distribution import eddington


class Silence:
    """Says nothing. The interface: `steps`, `counter`, `say`."""

    def steps(self, items, what):
        """Go through a sequence.

        Parameters
        ----------
        items : sequence
        what : str
            What one step is, for the bar.
        """
        yield from items

    def counter(self, what):
        """Something to call with (done, total) as one long piece of work goes on; None where nobody looks."""
        return None

    def say(self, text):
        """One line of text."""

    def tally(self, total, done):
        """Something to tell of tasks that end one by one: a `NoTally`, or more."""
        return NoTally(total, done)


class NoTally:
    """Counts, and says nothing.

    Parameters
    ----------
    total, done : int
        Tasks in all, and those that were done before.
    """

    def __init__(self, total, done):
        self.total, self.done, self.failed, self.largest = total, done, 0, None

    def add(self, done, failed):
        """So many more tasks came to an end."""
        self.done += done
        self.failed += failed
        self.show(done + failed)

    def worst(self, error):
        """A task's energy error, or None."""
        if error is not None:
            self.largest = error if self.largest is None else max(self.largest, error)

    def notes(self):
        """What else there is to say, in words: list of str."""
        notes = [] if not self.failed else [f"{self.failed} failed"]
        return notes if self.largest is None else [*notes, f"worst energy error {self.largest:.1e}"]

    def show(self, more):
        """Say where things stand; `more` tasks ended since the last time."""

    def close(self):
        """Nothing more will come."""


class TerminalProgress(Silence):
    """Bars and lines on a terminal's standard error, where they do not mix with what is printed."""

    def steps(self, items, what):
        """See `Silence.steps`."""
        yield from tqdm(items, desc=what, file=sys.stderr, leave=False, dynamic_ncols=True)

    def counter(self, what):
        """See `Silence.counter`."""
        bars = []

        def count(done, total):
            if total == 1:
                return
            if not bars:
                bars.append(tqdm(total=total, desc=what, file=sys.stderr, leave=False, dynamic_ncols=True))
            bars[0].update(done - bars[0].n)
            if done >= total:
                bars[0].close()

        return count

    def say(self, text):
        """See `Silence.say`."""
        tqdm.write(text, file=sys.stderr)

    def tally(self, total, done):
        """See `Silence.tally`."""
        return BarTally(total, done)


class BarTally(NoTally):
    """A bar with the tasks done, their rate and the time left."""

    def __init__(self, total, done):
        super().__init__(total, done)
        self._bar = tqdm(total=total, initial=done, desc="tasks", file=sys.stderr, leave=False, dynamic_ncols=True)

    def show(self, more):
        """See `NoTally.show`."""
        self._bar.set_postfix_str(", ".join(self.notes()), refresh=False)
        self._bar.update(more)

    def close(self):
        """See `NoTally.close`."""
        self._bar.close()


class LineTally(NoTally):
    """Lines for the log of a job that nobody watches: at first often, then one a minute.

    Parameters
    ----------
    total, done : int
    say : callable
        Takes a line of text.
    clock : callable
        Seconds.
    """

    def __init__(self, total, done, say, clock=monotonic):
        super().__init__(total, done)
        self._say, self._clock = say, clock
        self._began, self._before = clock(), done
        self._next, self._pause = 0.0, 1.0

    def show(self, more):
        """See `NoTally.show`."""
        seconds = self._clock() - self._began
        ended = self.done + self.failed
        if seconds < self._next and ended < self.total:
            return
        self._pause = min(2 * self._pause, 60.0)
        self._next = seconds + self._pause
        rate = (ended - self._before) / max(seconds, 1e-9)
        left = timedelta(seconds=round((self.total - ended) / rate)) if rate > 0 else "unknown"
        parts = [f"{self.done} of {self.total} tasks", f"{rate:.3g} per second", f"{left} left", *self.notes()]
        self._say("; ".join(parts))


def progress_for(quiet):
    """A `TerminalProgress` if standard error is a terminal and nobody asked for silence, else `Silence`."""
    return Silence() if quiet or not sys.stderr.isatty() else TerminalProgress()


class LogProgress(Silence):
    """Now and then a line, where nobody watches but somebody may look later: the log of a job.

    Parameters
    ----------
    say : callable
        Takes a line of text.
    """

    def __init__(self, say):
        self._say = say

    def say(self, text):
        """See `Silence.say`."""
        self._say(text)

    def tally(self, total, done):
        """See `Silence.tally`."""
        return LineTally(total, done, self._say)


def batch_progress(quiet, say):
    """Of a batch: silent if asked for, a bar on a terminal, else lines."""
    if quiet:
        return Silence()
    return TerminalProgress() if sys.stderr.isatty() else LogProgress(say)


def kernels_are_compiled():
    """Whether the machine code of an earlier run is on disk."""
    return is_kept(eddington)
