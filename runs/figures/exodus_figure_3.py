"""Freeze-out of anti-X before and after the critical temperature: Unwin (2012), Fig. 3, in numbers."""

import argparse
from pathlib import Path

import numpy as np
from astropy.table import QTable, vstack
from benchmark import BLUE, DASHED, DOTTED, RED, write

from cosmology.models.exodus_depletion import depletion_history
from cosmology.models.exodus_freeze_out import critical_moment, freeze_out
from halokick.study.plots import new_figure, styled

OUTPUT = Path(__file__).parents[1] / "out" / "figures"
MASS = "10 GeV"
CASES = {"before": "1e-10 GeV-2", "after": "1e-7 GeV-2"}
CURVES = {
    "X": (BLUE, "-", r"$X$"),
    "anti-X": (RED, "-", r"$\bar X$"),
    "X in equilibrium": (BLUE, DASHED, r"$X$ in equilibrium"),
    "anti-X in equilibrium": (RED, DASHED, r"$\bar X$ in equilibrium"),
}

CAPTION = (
    "X of 10 GeV, one state, equal temperatures, no decays; the asymmetry of eta = 6.2e-10. Left: annihilation of "
    "1e-10 GeV^-2 is too weak, anti-X leaves equilibrium before it is a hundredth of the asymmetry (dotted line), "
    "and nearly as many remain as X. Right: with 1e-7 GeV^-2 they are gone. Unlike the paper's sketch this is a "
    "calculation. It shows that freeze-out of an asymmetric species is slow: after it departs, anti-X falls on "
    "until annihilation is slower than the expansion. A hundredth of anti-X remains for 4.8e-9 GeV^-2, although it "
    "departs before the critical temperature there too."
)


def curves():
    """Both cases, and when anti-X departs."""
    tables, numbers = [], {"x at T_C": critical_moment(MASS).x}
    for name, sigma in CASES.items():
        past = depletion_history(MASS, sigma, last_x=1e3)
        tables.append(QTable({"case": np.full(len(past.x), name), "x": past.x} | dict(past.yields)))
        numbers[f"{name}, x at departure"] = freeze_out(MASS, sigma).x
        numbers[f"{name}, anti-X per X at the end"] = past.final["anti-X"] / past.final["X"]
    weak = depletion_history(MASS, "4.8e-9 GeV-2", last_x=1e6).final
    numbers["4.8e-9 GeV^-2, anti-X per X at the end"] = weak["anti-X"] / weak["X"]
    numbers["4.8e-9 GeV^-2, x at departure"] = freeze_out(MASS, "4.8e-9 GeV-2").x
    joined = vstack(tables)
    joined.meta = {"caption": CAPTION, "numbers": numbers}
    return joined


@styled
def draw(table):
    """Two panels."""
    figure, panels = new_figure(1, 2, size=(8.0, 4.6), sharex=True, sharey=True)
    numbers = table.meta["numbers"]
    for axes, (name, sigma) in zip(panels, CASES.items(), strict=True):
        rows = table[table["case"] == name]
        for key, (color, dashes, label) in CURVES.items():
            axes.plot(rows["x"], rows[key], color=color, linestyle=dashes, label=label)
        axes.axvline(numbers["x at T_C"], color="0.4", linestyle=DOTTED, label=r"$T_C$")
        axes.axvline(numbers[f"{name}, x at departure"], color="0.4", linewidth=1, label=r"$\bar X$ departs")
        axes.set_title(f"freeze-out {name} $T_C$: {sigma.replace('GeV-2', '')}GeV$^{{-2}}$", fontsize=9)
        axes.set(xscale="log", yscale="log", xlim=(1, 300), ylim=(1e-18, 1e-1), xlabel=r"$x = m_X/T$")
    panels[0].set_ylabel("number per entropy")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=6)
    return figure


def main():
    """Solve, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=OUTPUT, help=f"folder of picture and table [{OUTPUT}]")
    options = parser.parse_args()
    table = curves()
    write("exodus_figure_3", table, draw(table), options.output)


if __name__ == "__main__":
    main()
