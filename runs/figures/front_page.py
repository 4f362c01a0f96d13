"""The picture on the front page: where the daughters are, and how brightly they shine, for four kicks in the Milky Way.

Daughters are counted per decayed parent, the halo is that of runs/milky_way_kicks.toml, and J ends at 200 kpc. Written
to docs/pictures/milky_way_kicks.png.
"""

from pathlib import Path

import numpy as np
from galactic_kicks import both_solutions, parents

from halokick import differential_j_factor
from halokick.study.plot_style import PARENT, add_legend, fine_ticks
from halokick.study.plots import line_style, new_figure, save, styled
from halokick.units import Quantity

SPEEDS = (25, 54, 109, 218)
SUN = Quantity(8.2, "kpc")


@styled
def main():
    """Solve, draw, write."""
    radius = np.geomspace(0.01, 200.0, 73)
    theta = Quantity(np.geomspace(0.1, 90.0, 60), "deg")
    df = parents()
    figure, (left, right) = new_figure(1, 2, size=(9.0, 3.6))
    r_max = Quantity(radius[-1], "kpc")
    brightness = differential_j_factor(df.profile, distance=SUN, angle=theta, r_max=r_max)
    left.axhline(1.0, **PARENT)
    right.plot(theta.value, brightness.value, **PARENT)
    for i, (kick, full, _) in enumerate(both_solutions(df, SPEEDS, radius)):
        style = line_style(i, len(SPEEDS))
        left.plot(radius, full.ratio(full.radius), **style, label=kick.label)
        j = differential_j_factor(df.profile, full, distance=SUN, angle=theta, r_max=r_max)
        right.plot(theta.value, j.value, **style, label=kick.label)
    left.set(xscale="log", yscale="log", xlabel=r"$r$ [kpc]", ylabel=r"$\rho_\mathrm{daughters}/\rho_\mathrm{parents}$")
    left.set(xlim=(radius[0], radius[-1]), ylim=(3e-3, 2.0), title="density, per decayed parent")
    add_legend(left, 1 + len(SPEEDS), loc="lower right")
    right.set(xscale="log", yscale="log", xlabel="angle from the Galactic centre [deg]")
    right.set(xlim=(theta[0].value, theta[-1].value), title=f"parents times daughters, seen from {SUN:g}")
    fine_ticks(right)
    right.set_ylabel(rf"$\mathrm{{d}}J/\mathrm{{d}}\Omega$ [{brightness.unit.to_string('latex_inline')}]")
    save(figure, Path(__file__).parents[2] / "docs" / "pictures" / "milky_way_kicks.png")


if __name__ == "__main__":
    main()
