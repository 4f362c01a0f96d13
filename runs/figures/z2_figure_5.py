"""Dark Yukawa couplings without dark nuclei: Bodas et al. (2024), Fig. 5, and the same with exact rates."""

import numpy as np
from astropy.table import QTable, vstack
from benchmark import BLUE, DASHED, command_line, write
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cosmology.models.z2_potential import BENCHMARK_DOWN, BENCHMARK_UP
from cosmology.models.z2_scan import DARK_ATOMS, DINEUTRONS, nuclei_edges, nuclei_map
from cosmology.units import Quantity
from halokick.study.plots import new_figure, styled

SCALES = (600, 1000, 2000)
SHADES = {600: "#8fb3d5", 1000: "#bdd3e8", 2000: "#e0eaf4"}

CAPTION = (
    "Lambda'/Lambda = 5.3 and T'/T = 0.44. Shaded, darker for smaller v': excluded. Left: Eq. (41) with T_D' from "
    "Eqs. (36) and (37) (dashed: dark protons are left when dark deuterons bind), and Eq. (42) (solid: bound "
    "dineutrons), as in the paper, but with the splitting of dark nucleons signed: the paper's absolute value would "
    "reopen y'_u < y'_d, where the dark proton is the lighter one. Right: with the full phase space and the exact "
    "expansion rate, Eqs. (39) and (40). Star: the paper's benchmark, for 1 TeV. Grey: equal couplings."
)


def curves(points):
    """All planes, one row for each point."""
    axis = np.geomspace(3e-6, 3e-4, points)
    tables, numbers = [], {}
    for form in ("printed", "exact"):
        for vev in SCALES:
            found = nuclei_map(axis, axis, dark_vev=Quantity(vev, "GeV"), form=form)
            grid = np.meshgrid(axis, axis, indexing="ij")
            columns = {"form": np.full(grid[0].size, form), "dark_vev": Quantity(np.full(grid[0].size, vev), "GeV")}
            columns |= {"up": grid[0].ravel(), "down": grid[1].ravel(), "splitting": found.splitting.ravel()}
            columns |= {"late_decay": np.minimum(found.late_decay.ravel(), 1e300)}
            columns |= {"pion_ratio": found.pion_ratio.ravel()}
            columns |= {name: passed.ravel() for name, passed in found.passed.items()}
            tables.append(QTable(columns))
            star = nuclei_map(BENCHMARK_UP, BENCHMARK_DOWN, dark_vev=Quantity(vev, "GeV"), form=form)
            numbers[f"{form}, {vev} GeV, late decay at the star"] = float(star.late_decay[0, 0])
            numbers[f"{form}, {vev} GeV, pion over neutron at the star"] = float(star.pion_ratio[0, 0])
    for vev in SCALES:
        smallest, largest = nuclei_edges([0.5, 1.0, 2.0], dark_vev=Quantity(vev, "GeV"))
        numbers[f"{vev} GeV, largest sum ratio"] = float(largest)
        for ratio, value in zip((0.5, 1.0, 2.0), smallest, strict=True):
            numbers[f"{vev} GeV, smallest difference at sum ratio {ratio:g}"] = float(value)
    joined = vstack(tables)
    joined.meta = {"caption": CAPTION, "numbers": numbers}
    return joined


@styled
def draw(table):
    """One panel for each form."""
    figure, panels = new_figure(1, 2, size=(9.0, 5.4), sharey=True)
    titles = {"printed": "Eqs. (41) and (42)", "exact": "exact Eqs. (39) and (40), and (42)"}
    for axes, (form, title) in zip(panels, titles.items(), strict=True):
        for vev in reversed(SCALES):
            rows = table[(table["form"] == form) & (table["dark_vev"].value == vev)]
            shape = (len(np.unique(rows["up"])), -1)
            up, down, late, pion = (
                np.array(rows[key]).reshape(shape) for key in ("up", "down", "late_decay", "pion_ratio")
            )
            for name in (DARK_ATOMS, DINEUTRONS):
                failed = 1.0 - np.array(rows[name], dtype=float).reshape(shape)
                axes.contourf(up, down, failed, levels=[0.5, 1.5], colors=[SHADES[vev]])
            logs = np.log(np.clip(late, 1e-12, 1e12))
            axes.contour(up, down, logs, levels=[0.0], colors=[BLUE], linestyles=[DASHED], linewidths=1)
            axes.contour(up, down, pion, levels=[0.2], colors=[BLUE], linewidths=1)
        axes.plot([3e-6, 3e-4], [3e-6, 3e-4], color="0.5", linewidth=0.8)
        axes.plot(
            BENCHMARK_UP, BENCHMARK_DOWN, marker="*", markersize=13, color="#f0e442", markeredgecolor="black", zorder=5
        )
        axes.set(xscale="log", yscale="log", xlabel="$y'_u$", xlim=(3e-6, 3e-4), ylim=(3e-6, 3e-4))
        axes.set_title(title, fontsize=9)
    panels[0].set_ylabel("$y'_d$")
    handles = [Patch(facecolor=SHADES[vev], label=f"$v'$ = {vev / 1000:g} TeV") for vev in SCALES]
    handles += [
        Line2D([], [], color=BLUE, linestyle=DASHED, linewidth=1, label="dark protons are left"),
        Line2D([], [], color=BLUE, linewidth=1, label="dineutrons are bound"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=5, fontsize=8)
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=200).parse_args()
    table = curves(options.points)
    write("z2_figure_5", table, draw(table), options.output)


if __name__ == "__main__":
    main()
