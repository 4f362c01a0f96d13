"""How far a study has come, on a terminal; silence everywhere else."""

import sys
from pathlib import Path

from tqdm import tqdm

from halokick.kernels import phase_mixing


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


def progress_for(quiet):
    """A `TerminalProgress` if standard error is a terminal and nobody asked for silence, else `Silence`."""
    return Silence() if quiet or not sys.stderr.isatty() else TerminalProgress()


def kernels_are_compiled():
    """Whether numba's disk cache holds the machine code of an earlier run."""
    folder = Path(phase_mixing.daughter_moments.stats.cache_path or "")
    return any(folder.glob("phase_mixing.*.nbi"))
