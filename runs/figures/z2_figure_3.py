"""Mass and coupling of the reheaton, with the channels of the paper and with all: Bodas et al. (2024), Fig. 3."""

import numpy as np
from astropy.table import QTable, vstack
from benchmark import DASHED, DOTTED, GREEN, ORANGE, PINK, command_line, write
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cosmology.models.z2_reheating import LARGEST_DELTA_N_EFF
from cosmology.models.z2_scan import (
    RADIATION,
    TOO_EARLY,
    TOO_LATE,
    allowed_masses,
    reheating_map,
    reheating_thresholds,
)
from cosmology.units import Quantity
from halokick.study.plots import new_figure, styled

CASES = {"paper": "channels of the paper", "complete": "all channels"}
STAR = (700.0, 10.0)
THIN, THICK, DILUTIONS = (0.05, 0.1, 0.2), 0.03, (3.0, 10.0, 30.0, 100.0)
LABELS = {
    "paper": [(850.0, 90.0), (850.0, 23.0), (850.0, 7.5), (850.0, 2.3)],
    "complete": [(850.0, 50.0), (850.0, 13.0), (850.0, 4.1), (850.0, 1.2)],
}
FILLS = {TOO_LATE: "#f2c9b8", TOO_EARLY: "#c9dcf0", RADIATION: "#d9ead9"}

CAPTION = (
    "Sudden decay, beta' = beta, v' = 1 TeV, y'_b = y_b, g of 213.5 when R decoupled, g_tau = 12. Left: Eqs. (14) to "
    "(16) with thresholds, as in the paper, h'h' included; the star, the paper's benchmark, has Delta N_eff = 0.18. "
    "Right: all tree-level channels. The coupling to the Higgs doublet is one to W and Z as well, and W'W' opens at "
    "653 GeV: the star has Delta N_eff = 3.7 and is excluded, and so is every mass above 457 GeV; in turn WW, ZZ and "
    "b bbar keep all smaller masses open, below 2 m_h too. White: allowed."
)


def curves(points):
    """Both planes, one row for each point."""
    # the resonance with h' is 17 MeV wide: it gets points of its own
    poles = reheating_thresholds()
    centre = poles["m_h'"].to_value("GeV")
    near = centre + np.linspace(-1, 1, 41) ** 3 * 30
    mass = Quantity(np.union1d(np.linspace(120.0, 1100.0, points), near), "GeV")
    coupling = Quantity(np.geomspace(0.1, 500.0, points), "eV")
    tables, numbers = [], {}
    for channels in CASES:
        found = reheating_map(mass, coupling, channels=channels)
        grid = np.meshgrid(mass, coupling, indexing="ij")
        columns = {"channels": np.full(grid[0].size, channels), "mass": grid[0].ravel(), "coupling": grid[1].ravel()}
        columns |= {"delta_n_eff": found.delta_n_eff.ravel(), "dilution": found.dilution.ravel()}
        columns |= {name: passed.ravel() for name, passed in found.passed.items()}
        tables.append(QTable(columns))
        numbers |= _numbers(channels)
    joined = vstack(tables)
    joined.meta = {"caption": CAPTION, "numbers": numbers}
    return joined


def _numbers(channels):
    star = reheating_map(Quantity(STAR[0], "GeV"), Quantity(STAR[1], "eV"), channels=channels)
    scanned = np.arange(20.1, 1300.0, 0.5)
    allowed, smallest = allowed_masses(Quantity(scanned, "GeV"), channels=channels)
    edges = scanned[1:][np.diff(allowed.astype(int)) != 0]
    numbers = {
        f"{channels}, star, Delta N_eff": float(star.delta_n_eff[0, 0]),
        f"{channels}, star, BR'": float(star.dark_share[0]),
        f"{channels}, star, r_s": float(star.dilution[0, 0]),
        f"{channels}, smallest K BR'/BR above 251 GeV": float(smallest[scanned > 251].min()),
    }
    return numbers | {f"{channels}, edge {i + 1} of allowed masses [GeV]": float(edge) for i, edge in enumerate(edges)}


@styled
def draw(table):
    """One panel for each set of channels."""
    figure, panels = new_figure(1, 2, size=(9.2, 5.6), sharey=True)
    for axes, (channels, title) in zip(panels, CASES.items(), strict=True):
        rows = table[table["channels"] == channels]
        shape = (len(np.unique(rows["mass"])), -1)
        mass, coupling = (rows[key].value.reshape(shape) for key in ("mass", "coupling"))
        radiation, dilution = (np.array(rows[key]).reshape(shape) for key in ("delta_n_eff", "dilution"))
        axes.contourf(mass, coupling, radiation, levels=[LARGEST_DELTA_N_EFF, 1e3], colors=[FILLS[RADIATION]])
        for name in (TOO_LATE, TOO_EARLY):
            failed = 1.0 - np.array(rows[name], dtype=float).reshape(shape)
            axes.contourf(mass, coupling, failed, levels=[0.5, 1.5], colors=[FILLS[name]])
        axes.contour(mass, coupling, radiation, levels=THIN, colors=[GREEN], linewidths=0.8, linestyles=[DASHED])
        axes.contour(mass, coupling, radiation, levels=[THICK], colors=["#00543c"], linewidths=1.8)
        lines = axes.contour(mass, coupling, dilution, levels=DILUTIONS, colors=[PINK], linestyles=[DOTTED])
        axes.clabel(lines, fmt="%g", fontsize=7, manual=LABELS[channels])
        for edge in reheating_thresholds().values():
            axes.axvline(edge.to_value("GeV"), color="0.6", linewidth=0.8, linestyle=DASHED)
        for edge in (288.35, 576.7):
            axes.axvline(edge, color=ORANGE, linewidth=0.8, linestyle=(0, (6, 2, 1, 2)))
        axes.plot(*STAR, marker="*", markersize=13, color="#f0e442", markeredgecolor="black", zorder=5)
        axes.set(yscale="log", xlabel=r"$m_R$ [GeV]", xlim=(120, 1100), ylim=(0.1, 500))
        axes.set_title(title, fontsize=9)
    panels[0].set_ylabel(r"$\beta_R$ [eV]")
    handles = [
        Patch(facecolor=FILLS[TOO_LATE], label="decays after 1 s"),
        Patch(facecolor=FILLS[TOO_EARLY], label="decays before it dominates"),
        Patch(facecolor=FILLS[RADIATION], label=r"$\Delta N_\mathrm{eff} > 0.284$"),
        Line2D([], [], color=GREEN, linewidth=0.8, linestyle=DASHED, label=r"$\Delta N_\mathrm{eff} = 0.2, 0.1, 0.05$"),
        Line2D([], [], color="#00543c", linewidth=1.8, label=r"$\Delta N_\mathrm{eff} = 0.03$"),
        Line2D([], [], color=PINK, linestyle=DOTTED, label="entropy dilution $r_s$"),
        Line2D([], [], color="0.6", linewidth=0.8, linestyle=DASHED, label="$2m_h$, $m_{h'}$, $2m_{h'}$"),
        Line2D([], [], color=ORANGE, linewidth=0.8, linestyle=(0, (6, 2, 1, 2)), label=r"$T_{Req} = 0.5, 1$ GeV"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=4, fontsize=8)
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=200).parse_args()
    table = curves(options.points)
    write("z2_figure_3", table, draw(table), options.output)


if __name__ == "__main__":
    main()
