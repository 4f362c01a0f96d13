"""Masses and lifetimes of X that work, at equal temperatures and with each way out: our answer to Unwin (2012)."""

import numpy as np
from astropy.table import QTable, vstack
from benchmark import ALLOWED, BLUE, RED, allowed_patch, command_line, write
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cosmology.models.exodus_scan import FREEZE_IN, HEATING, PAPER_WINDOWS, WINDOWS, escapes, viability_map
from cosmology.models.exodus_sectors import Sectors
from cosmology.units import Quantity
from halokick.study.plots import new_figure, styled

SIGMA = "1e-7 GeV-2"
CASES = {
    "equal temperatures": {},
    "R = 4": {"sectors": Sectors(4.0)},
    "zeta annihilation 1e-8 GeV$^{-2}$": {"relic_sigma_v": "1e-8 GeV-2"},
    "Q = 10, heavier": {"charge": 10.0},
}
CLOSED = "#f2d6c9"
HARD = tuple(name for name in WINDOWS if name != HEATING)

CAPTION = (
    "Annihilation of X 1e-7 GeV^-2, one state, the asymmetry of eta = 6.2e-10, m_zeta = 5.03 GeV times the charge Q "
    "of X, baryons of 0.94 GeV. Red: passes all of the paper's conditions (open decay, heating with exact "
    "kinematics, decay after anti-X is gone and before 1 s), but zetas of thermal X are more than a tenth of the "
    "asymmetry. Green: passes that too. Zetas that annihilate: those of late decays must not be fewer by more than "
    "a tenth. At equal temperatures nothing remains. Dashed: the shortest lifetimes without zetas of thermal X, at "
    "any mass. Heating, an order of magnitude, is what ends the regions towards large masses (1.4 m_zeta or so); "
    "without it heavy X works even at equal temperatures (blue line)."
)


def curves(points):
    """The planes of all cases, one row for each point."""
    tables, numbers = [], {}
    lifetime = Quantity(np.geomspace(1e-7, 1e3, points), "s")
    for name, options in CASES.items():
        mass = Quantity(np.geomspace(4.0, 200.0, points), "GeV")
        found = viability_map(mass, lifetime, SIGMA, **options)
        grid = np.meshgrid(mass, lifetime, indexing="ij")
        columns = {"case": np.full(grid[0].size, name), "mass": grid[0].ravel(), "lifetime": grid[1].ravel()}
        columns |= {"zetas per X": found.relics.ravel(), "open": found.open().ravel()}
        columns |= {"closed by thermal X": found.closed_by(FREEZE_IN).ravel(), "open but hot": found.open(HARD).ravel()}
        columns["few zetas of thermal X"] = found.passed[FREEZE_IN].ravel()
        tables.append(QTable(columns))
        numbers[f"{name}, open"] = int(found.open().sum())
        numbers[f"{name}, open in the paper"] = int(found.open(PAPER_WINDOWS).sum())
    ways = escapes("6.5 GeV", "0.1 s", SIGMA)
    numbers |= {
        "6.5 GeV, shortest lifetime [s]": float(ways.lifetime.to_value("s")),
        "6.5 GeV, 0.1 s, smallest R": ways.ratio,
        "0.1 s, smallest mass [GeV]": float(ways.mass.to_value("GeV")),
        "6.5 GeV, 0.1 s, smallest zeta annihilation [cm3/s]": float(ways.relic_sigma_v.to_value("cm3/s")),
    }
    joined = vstack(tables)
    joined.meta = {"caption": CAPTION, "numbers": numbers}
    return joined


@styled
def draw(table):
    """Four panels."""
    figure, panels = new_figure(2, 2, size=(8.0, 7.4), sharex=True, sharey=True)
    for axes, name in zip(panels.flat, CASES, strict=True):
        rows = table[table["case"] == name]
        shape = (len(np.unique(rows["mass"])), -1)
        mass, lifetime = (rows[key].value.reshape(shape) for key in ("mass", "lifetime"))
        closed, works = (np.array(rows[key], dtype=float).reshape(shape) for key in ("closed by thermal X", "open"))
        few, hot = (
            np.array(rows[key], dtype=float).reshape(shape) for key in ("few zetas of thermal X", "open but hot")
        )
        for region, color in ((closed, CLOSED), (works, ALLOWED)):
            if region.any():
                axes.contourf(mass, lifetime, region, levels=[0.5, 1.5], colors=[color])
        for region, color, dashes in ((few, RED, "--"), (hot, BLUE, "-")):
            if 0 < region.mean() < 1:
                axes.contour(mass, lifetime, region, levels=[0.5], colors=[color], linestyles=[dashes], linewidths=1)
        axes.set(xscale="log", yscale="log")
        axes.set_title(name, fontsize=9)
    for axes in panels[1]:
        axes.set_xlabel(r"$m_X$ [GeV]")
    for axes in panels[:, 0]:
        axes.set_ylabel("lifetime of $X$ [s]")
    handles = [
        allowed_patch("works"),
        Patch(facecolor=CLOSED, edgecolor="0.5", linewidth=0.5, label="closed by zetas of thermal $X$ alone"),
        Line2D([], [], color=RED, linewidth=1, linestyle="--", label="few zetas of thermal $X$, above"),
        Line2D([], [], color=BLUE, linewidth=1, label="works but for heating, inside"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=100).parse_args()
    table = curves(options.points)
    write("exodus_window", table, draw(table), options.output)


if __name__ == "__main__":
    main()
