"""Density of phase-mixed daughters for several kicks: Hardy, Lasenby & Unwin (2014), Fig. 3, and beyond it.

The paper's curves are the ergodic approximation (dashed); the full solution (solid) is denser in the centre.
"""

import numpy as np
from astropy.table import QTable
from galactic_kicks import both_solutions, name_line, output_folder, parents
from matplotlib.lines import Line2D

from halokick.study.plot_style import fine_ticks
from halokick.study.plots import line_style, new_figure, save, styled
from halokick.units import Quantity

SPEEDS = (25, 54, 109, 218, 400)


@styled
def main():
    """Solve, draw, write."""
    folder = output_folder(__doc__)
    radius = np.geomspace(0.01, 200.0, 73)
    df = parents()
    solutions = both_solutions(df, SPEEDS, radius)
    parent = df.profile.density(Quantity(radius, "kpc"))
    columns = {"radius": Quantity(radius, "kpc"), "parent": parent}
    figure, (top, bottom) = new_figure(2, size=(5.2, 6.6), sharex=True, height_ratios=(3, 2))
    top.plot(radius, parent.value, color="black", linewidth=2)
    bottom.axhline(1.0, color="black", linewidth=2)
    for i, (kick, full, ergodic) in enumerate(solutions):
        color = line_style(i, len(SPEEDS))["color"]
        for name, found, dashes in (("full", full, "-"), ("ergodic", ergodic, (0, (4, 2)))):
            density = found.total_density
            top.plot(radius, density.value, color=color, linestyle=dashes)
            columns[f"{name}_{SPEEDS[i]}"] = density
        name_line(top, kick.label, radius[0], full.total_density[0].value, color)
        missed = (ergodic.total_density / full.total_density).value
        bottom.plot(radius, missed, **line_style(i, len(SPEEDS)), label=kick.label)
    top.set(xscale="log", yscale="log", ylabel=rf"$\rho$ [{parent.unit.to_string('latex_inline')}]")
    lines = [Line2D([], [], color="black", linewidth=2)] + [
        Line2D([], [], color="0.4", linestyle=dashes) for dashes in ("-", (0, (4, 2)))
    ]
    top.legend(lines, ["parents", "daughters, full f(E, L)", "daughters, ergodic"], loc="lower left")
    top.set(xlim=(2.5e-3, radius[-1]), title="per decayed parent")
    bottom.set(xlabel=r"$r$ [kpc]", ylabel="ergodic / full", ylim=(0.0, 1.15))
    bottom.legend(loc="lower right", ncols=2)
    fine_ticks(top)
    fine_ticks(bottom)
    table = QTable(columns, meta={"halo": repr(df.halo), "normalisation": "per decayed parent", "kicks": "km/s"})
    table.write(folder / "figure_3.ecsv", overwrite=True)
    save(figure, folder / "figure_3.png")


if __name__ == "__main__":
    main()
