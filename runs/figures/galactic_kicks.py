"""The halo and the kicks that both figures share: Hardy, Lasenby & Unwin (2014), Figs. 3 and 8."""

import argparse
from pathlib import Path

import numpy as np

import halokick as hk
from halokick.study import build
from halokick.study.config import read_config
from halokick.units import Quantity

RUN_FILE = Path(__file__).parents[1] / "milky_way_kicks.toml"
OUTPUT = Path(__file__).parents[1] / "out" / "figures"


def parents():
    """The distribution function of the halo in runs/milky_way_kicks.toml."""
    return hk.ErgodicDF(build.halo(read_config(RUN_FILE).halo, RUN_FILE.parent))


def both_solutions(df, speeds_kms, radius_kpc):
    """Full and ergodic daughters of each kick speed.

    Parameters
    ----------
    df : ErgodicDF
    speeds_kms, radius_kpc : sequence of float

    Returns
    -------
    list of (kick, full Daughters, ergodic Daughters)
    """
    radius = Quantity(np.asarray(radius_kpc), "kpc")
    found = []
    for speed in speeds_kms:
        kick = hk.FixedKick(f"{speed} km/s")
        found.append((kick, hk.phase_mix(df, kick, radius), hk.phase_mix_ergodic(df, kick, radius)))
    return found


def name_line(axes, text, x, y, color):
    """Write a line's name before its first point: shades alone are hard to tell apart on grey paper."""
    place = {"xytext": (-3, 0), "textcoords": "offset points", "ha": "right", "va": "center"}
    axes.annotate(text, (x, y), color=color, fontsize=7, **place)


def output_folder(description):
    """The folder named on the command line, made if it is missing."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--output", type=Path, default=OUTPUT, help=f"folder of picture and table [{OUTPUT}]")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    return folder
