"""What Figs. 1, 2 and 4 to 7 of Hardy, Lasenby & Unwin (2014) share: the benchmark, how a region looks, the files."""

import argparse
import os
import textwrap
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from matplotlib.patches import Patch

from cosmology.asymmetric_freeze_out import FixedAbundance
from cosmology.limits import PairBuildUp, cosmic_age
from halokick.study.plots import save, styled

MASS = "10 GeV"
SHARE = 0.5
"""Share of the dark matter in B', and in L', before decays: equal asymmetries and masses."""
ONE_SPECIES = FixedAbundance(SHARE)
PAIRS = PairBuildUp()
DECAYED = PAIRS(np.inf)
AGE = cosmic_age()

BLUE, RED, GREEN, PINK, ORANGE = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"
"""Colours that remain distinct for colour-blind eyes (Okabe & Ito); dashes tell lines apart on grey paper."""
DASHED, DOTTED, DASH_DOTTED = (0, (6, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2))
ALLOWED, HALF_ALLOWED = "#cfe3d4", "#edf4ee"

_OUTPUT = Path(__file__).parents[1] / "out" / "figures"
_LETTERS_PER_INCH = 18.5


def command_line(description, points):
    """Parser of what every script takes: a folder, and how fine the curves are."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--output", type=Path, default=_OUTPUT, help=f"folder of picture and table [{_OUTPUT}]")
    parser.add_argument("--points", type=int, default=points, help=f"points of each curve [{points}]")
    return parser


def allowed_patch(label="allowed", color=ALLOWED):
    """Entry of a legend."""
    return Patch(facecolor=color, edgecolor="0.5", linewidth=0.5, label=label)


def each_in_a_process(function, values):
    """Results of a function of one value, in the order of the values whatever finishes first."""
    with ProcessPoolExecutor(max_workers=min(len(values), os.cpu_count() or 1)) as pool:
        return list(pool.map(function, values))


@styled
def write(name, table, figure, folder):
    """Put the table's caption under the figure, and write both as `name`.png and `name`.ecsv."""
    letters = int(_LETTERS_PER_INCH * figure.get_figwidth())
    caption = textwrap.fill(table.meta["caption"], letters)
    figure.supxlabel(caption, x=0.01, ha="left", fontsize=7, linespacing=1.25)
    folder.mkdir(parents=True, exist_ok=True)
    table.write(folder / f"{name}.ecsv", overwrite=True)
    save(figure, folder / f"{name}.png")
