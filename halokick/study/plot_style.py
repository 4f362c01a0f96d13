"""What all pictures have in common: a style that survives print, lines that differ in colour, darkness and dashes."""

from functools import wraps
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from halokick.study.storage import whole_file

DASHES = ("-", (0, (6, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (3, 1.5)))
PARENT = {"color": "black", "linewidth": 2.0, "linestyle": "-", "label": "parents"}
_STYLE = {
    "font.size": 9.0,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.5,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "lines.linewidth": 1.5,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "savefig.dpi": 200,
}
_MOST_LINES = 9


def styled(function):
    """Draw in this module's style, and leave matplotlib's own settings as they are."""

    @wraps(function)
    def draw(*arguments, **options):
        with matplotlib.rc_context(_STYLE):
            return function(*arguments, **options)

    return draw


@styled
def save(figure, path):
    """Write a figure; the suffix says the format."""
    path = Path(path)
    with whole_file(path) as partial:
        figure.savefig(partial)
    return path


@styled
def new_figure(rows=1, columns=1, size=(5.0, 4.0), **options):
    """A figure in this module's style, on a canvas that needs no display, and its axes.

    Parameters
    ----------
    rows, columns : int
    size : (float, float)
        Inches.
    **options
        For ``Figure.subplots``.
    """
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, **options)


def line_style(number, count):
    """Style of one of several ordered lines: dark to light, dashes that repeat after five."""
    # the light end of the map would vanish on paper
    shade = matplotlib.colormaps["viridis"](0.85 * number / max(count - 1, 1))
    return {"color": shade, "linestyle": DASHES[number % len(DASHES)]}


def drawn_of(count, most=_MOST_LINES):
    """Which of `count` kicks are drawn: all, or `most` from the first to the last where more are too many."""
    return list(range(count)) if count <= most else [round(x) for x in np.linspace(0, count - 1, most)]


def positive(values):
    """Values for a logarithmic axis: what is not positive is left out."""
    values = np.asarray(values, dtype=float)
    return np.where(values > 0, values, np.nan)


def labelled(symbol, unit):
    """A quantity's name on an axis, with its unit."""
    return f"{symbol} [{unit.to_string('latex_inline')}]"


def fine_ticks(axes):
    """Small ticks on all logarithmic axes."""
    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() == "log":
            axis.set_minor_locator(LogLocator(subs=range(2, 10), numticks=99))
            axis.set_minor_formatter(NullFormatter())


def add_legend(axes, entries, loc):
    """A legend, in two columns where it is long."""
    fine_ticks(axes)
    axes.legend(loc=loc, ncols=2 if entries > 6 else 1, handlelength=3.2)
