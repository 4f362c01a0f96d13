"""History of X, anti-X, baryons and zeta: Unwin (2012), Fig. 2, which is a sketch there and a calculation here.

Three panels: temperatures and a lifetime with which it works, the same lifetime at equal temperatures, and a lifetime
from the middle of the paper's window, where zetas of thermal X outnumber the baryons by far.
"""

import argparse
from pathlib import Path

import numpy as np
from astropy.table import QTable, vstack
from benchmark import BLUE, DASHED, DOTTED, GREEN, ORANGE, RED, write

from cosmology.models.exodus import Exodus
from cosmology.models.exodus_routes import BaryonViolating
from cosmology.models.exodus_sectors import OBSERVED_ASYMMETRY, Sectors
from cosmology.models.exodus_widths import GivenLifetime
from halokick.study.plots import new_figure, styled

OUTPUT = Path(__file__).parents[1] / "out" / "figures"
CASES = {
    "R = 4, 0.1 s": (4.0, "0.1 s"),
    "R = 1, 0.1 s": (1.0, "0.1 s"),
    "R = 1, 1 ms": (1.0, "1 ms"),
}
CURVES = {
    "X": (BLUE, "-", r"$X$"),
    "anti-X": (BLUE, DASHED, r"$\bar X$"),
    "baryons": (ORANGE, "-", "baryons"),
    "antibaryons": (ORANGE, DASHED, "antibaryons"),
    "net baryons": (GREEN, DOTTED, "baryon asymmetry"),
    "zeta": (RED, "-", r"$\zeta$"),
}

CAPTION = (
    "X of 10 GeV, two states, annihilation 1e-7 GeV^-2; the asymmetry of eta = 6.2e-10; numbers per entropy. "
    "Baryons are a gas of quarks (counted by thirds) above 155 MeV and of nucleons below, with the asymmetry that "
    "decays have made. Shaded: from when anti-X in equilibrium is a hundredth of the asymmetry until X decays. "
    "Unlike the paper's sketch: decays of X and anti-X while both are abundant make zetas, whose baryons cancel. At "
    "equal temperatures they outnumber those of the asymmetry 18 times at 0.1 s (one state: 9 times) and in the "
    "middle of the paper's window, 1 ms, 1800 times. If the genesis sector is four times colder they are 1.6 per "
    "cent."
)


def solve(name):
    """Rows of one case, and its numbers."""
    ratio, lifetime = CASES[name]
    model = Exodus(
        mass="10 GeV",
        sigma_v="1e-7 GeV-2",
        route=BaryonViolating(decay=GivenLifetime(lifetime)),
        states=2,
        asymmetry=OBSERVED_ASYMMETRY,
        sectors=Sectors(ratio),
    )
    past = model.history
    columns = {"case": np.full(len(past.x), name), "x": past.x, "temperature": past.temperature, "time": past.time}
    numbers = {
        f"{name}, zetas per baryon": model.relic_yield / model.baryon_yield,
        f"{name}, freeze-in": model.freeze_in,
        f"{name}, x at T_C": model.critical_moment.x,
        f"{name}, x at decay": float(np.interp(np.log(model.lifetime.value), np.log(past.time.value), past.x)),
    }
    return QTable(columns | dict(past.yields)), numbers


def curves():
    """All cases, one after the other."""
    tables, numbers = [], {}
    for name in CASES:
        table, found = solve(name)
        tables.append(table)
        numbers |= found
    joined = vstack(tables)
    joined.meta = {"caption": CAPTION, "numbers": numbers}
    return joined


@styled
def draw(table):
    """Three panels."""
    figure, panels = new_figure(1, 3, size=(10.0, 4.6), sharex=True, sharey=True)
    numbers = table.meta["numbers"]
    for axes, name in zip(panels, CASES, strict=True):
        rows = table[table["case"] == name]
        for key, (color, dashes, label) in CURVES.items():
            axes.plot(rows["x"], rows[key], color=color, linestyle=dashes, label=label)
        axes.axvspan(numbers[f"{name}, x at T_C"], numbers[f"{name}, x at decay"], color="0.93", linewidth=0)
        axes.set_title(f"{name}: {numbers[f'{name}, zetas per baryon']:.4g} zetas per baryon", fontsize=9)
        axes.set(xscale="log", yscale="log", xlim=(0.3, 3e5), ylim=(1e-16, 1e-1), xlabel=r"$x = m_X/T_\mathrm{gen}$")
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
    write("exodus_figure_2", table, draw(table), options.output)


if __name__ == "__main__":
    main()
