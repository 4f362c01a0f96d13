"""Freeze-in against freeze-out: Hall, March-Russell & West (2010), Fig. 1, with numbers."""

import numpy as np
from astropy.table import QTable
from benchmark import BLUE, ORANGE, command_line, write

from cosmology.asymmetric_freeze_out import freeze_out_history
from cosmology.models.asymmetric_freeze_in_bounds import yukawa_width
from cosmology.models.asymmetric_freeze_in_rates import CollisionIntegral
from cosmology.thermodynamics import equilibrium_yield
from cosmology.units import Quantity
from halokick.study.plots import new_figure, styled

MASS, STATES = Quantity(100, "GeV"), 2
COUPLINGS = (1e-9, 1e-10, 1e-11)
ANNIHILATION = (1e-10, 1e-9, 1e-8)  # GeV^-2
FIRST, LAST = 0.1, 100.0
DASHES = ((0, (8, 2)), (0, (4, 2)), (0, (1.5, 1.5)))

CAPTION = (
    "Number per entropy against x = m/T for m = 100 GeV, two states, real g*(T). Dashed: freeze-in by decays of a "
    "particle in equilibrium, per particle, width lambda^2 m/8 pi. Full: freeze-out of the same mass, s-wave. Black: "
    "equilibrium. Arrows: growing coupling, up for freeze-in and down for freeze-out. The paper's figure is a sketch "
    "without values; here freeze-in has 58 per cent of its X made between x = 2 and 5."
)


def curves(points):
    """All curves on one grid of x."""
    x = np.geomspace(FIRST, LAST, points)
    table = {"x": x, "equilibrium": equilibrium_yield(MASS / x, MASS, STATES)}
    numbers = {}
    integral = CollisionIntegral(MASS, STATES)
    for coupling in COUPLINGS:
        width = yukawa_width(coupling, MASS).to_value("GeV")
        made = np.interp(np.log(x), np.log(integral.x), np.log(np.maximum(integral.made, 1e-300)))
        table[f"freeze-in, {coupling:g}"] = width * np.exp(np.minimum(made, np.log(integral.total)))
        numbers[f"freeze-in, {coupling:g}"] = width * integral.total
    for sigma in ANNIHILATION:
        past = freeze_out_history(MASS, f"{sigma} GeV-2", 0.0, g=STATES, x_end=1e4)
        values = np.interp(np.log(x), np.log(past.x), np.log(past.yields["antiparticle"]))
        early = x < past.x[0]
        table[f"freeze-out, {sigma:g}"] = np.where(early, table["equilibrium"], np.exp(values))
        numbers[f"freeze-out, {sigma:g}"] = past.final["antiparticle"]
    return QTable(table, meta={"caption": CAPTION, "numbers": numbers})


@styled
def draw(table):
    """One panel."""
    figure, axes = new_figure(size=(6.8, 6.0))
    axes.plot(table["x"], table["equilibrium"], color="black", linewidth=1.0, zorder=5, label="equilibrium")
    for coupling, dashes in zip(COUPLINGS, DASHES, strict=True):
        label = rf"freeze-in, $\lambda = 10^{{{np.log10(coupling):.0f}}}$"
        axes.plot(table["x"], table[f"freeze-in, {coupling:g}"], color=BLUE, linestyle=dashes, label=label)
    for sigma, width in zip(ANNIHILATION, (0.8, 1.4, 2.2), strict=True):
        label = rf"freeze-out, $\langle\sigma v\rangle = 10^{{{np.log10(sigma):.0f}}}$ GeV$^{{-2}}$"
        axes.plot(table["x"], table[f"freeze-out, {sigma:g}"], color=ORANGE, linewidth=width, label=label)
    numbers = table.meta["numbers"]
    for place, names, color in (
        (82, [f"freeze-in, {one:g}" for one in reversed(COUPLINGS)], BLUE),
        (62, [f"freeze-out, {one:g}" for one in ANNIHILATION], ORANGE),
    ):
        ends = (place, numbers[names[-1]]), (place, numbers[names[0]])
        axes.annotate("", *ends, arrowprops={"arrowstyle": "->", "color": color, "linewidth": 1.5})
    axes.set(xscale="log", yscale="log", xlim=(FIRST, LAST), ylim=(1e-15, 1e-1))
    axes.set(xlabel=r"$x = m/T$", ylabel="number per entropy")
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=8)
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=400).parse_args()
    table = curves(options.points)
    write("asymmetric_freeze_in_figure_1", table, draw(table), options.output)


if __name__ == "__main__":
    main()
