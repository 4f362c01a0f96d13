"""Shape of the annihilation signal around the Galactic centre: Hardy, Lasenby & Unwin (2014), Fig. 8.

Left, density of parents times density of daughters against radius; right, its integral along the line of sight against
angle. Both are scaled to one at ten degrees, beside the generalised NFW haloes of inner slope 1.1 to 1.3 that the
Galactic centre excess allows. An angle of one degree is a radius of 0.143 kpc.
"""

import numpy as np
from astropy.table import QTable
from galactic_kicks import both_solutions, name_line, output_folder, parents
from matplotlib.lines import Line2D

import halokick as hk
from halokick.study.plots import line_style, new_figure, save, styled
from halokick.units import Quantity

SPEEDS = (54, 76, 109, 163, 218)
SUN = Quantity(8.2, "kpc")
R_MAX = Quantity(200.0, "kpc")
PIN = 10.0
THETA = np.geomspace(0.5, 20.0, 60)
DIRECTIONS = Quantity(np.append(THETA, PIN), "deg")


def scaled(values):
    """All but the last value, over the last."""
    return (values[:-1] / values[-1]).to_value("")


def profile_shape(first, second):
    """Product of two densities at the radii that the angles are."""
    radius = SUN * DIRECTIONS.to_value("rad")
    return scaled(first.density(radius) * second.density(radius))


def signal_shape(first, second):
    """Its integral along the lines of sight."""
    return scaled(hk.differential_j_factor(first, second, distance=SUN, angle=DIRECTIONS, r_max=R_MAX))


@styled
def main():
    """Solve, draw, write."""
    folder = output_folder(__doc__)
    df = parents()
    solutions = both_solutions(df, SPEEDS, np.geomspace(0.005, 200.0, 73))
    edges = [hk.GeneralisedNFWProfile(g, r_s=df.profile.r_s, rho_s=df.profile.rho_s) for g in (1.1, 1.3)]
    columns = {"theta": Quantity(THETA, "deg"), "radius": SUN * DIRECTIONS[:-1].to_value("rad")}
    figure, panels = new_figure(1, 2, size=(9.6, 4.8))
    quantities = (
        (panels[0], "rho_rho", profile_shape, r"$\rho_1\rho_2$ over its value at $10\degree$"),
        (panels[1], "j", signal_shape, r"$\mathrm{d}J/\mathrm{d}\Omega$ over its value at $10\degree$"),
    )
    for axes, name, shape, label in quantities:
        band = [shape(edge, edge) for edge in edges]
        parent = shape(df.profile, df.profile)
        columns |= {f"{name}_gnfw_1.1": band[0], f"{name}_gnfw_1.3": band[1], f"{name}_parent": parent}
        axes.fill_between(THETA, *band, color="0.82", linewidth=0)
        axes.plot(THETA, parent, color="black", linewidth=2)
        for i, (kick, full, ergodic) in enumerate(solutions):
            color = line_style(i, len(SPEEDS))["color"]
            for kind, found, dashes in (("full", full, "-"), ("ergodic", ergodic, (0, (4, 2)))):
                curve = shape(df.profile, found)
                columns[f"{name}_{kind}_{SPEEDS[i]}"] = curve
                axes.plot(THETA, curve, color=color, linestyle=dashes)
            name_line(axes, kick.label, THETA[0], columns[f"{name}_full_{SPEEDS[i]}"][0], color)
        axes.set(xscale="log", yscale="log", xlim=(0.5 * THETA[0], THETA[-1]), ylabel=label)
        axes.set_xticks([0.5, 1, 2, 5, 10, 20], labels=["0.5", "1", "2", "5", "10", "20"])
    panels[0].set_xlabel(r"$r/(8.2\,\mathrm{kpc})$ [deg]")
    panels[1].set_xlabel(r"$\theta$ [deg]")
    handles = [Line2D([], [], color="0.82", linewidth=8), Line2D([], [], color="black", linewidth=2)]
    labels = [
        r"generalised NFW, $1.1<\gamma<1.3$",
        "parent-parent",
        "parent-daughter, full f(E, L)",
        "the same, ergodic",
    ]
    handles += [Line2D([], [], color="0.4", linestyle=dashes) for dashes in ("-", (0, (4, 2)))]
    panels[0].legend(handles, labels, loc="lower left")
    table = QTable(
        columns,
        meta={
            "rho_rho": "rho_1 rho_2 at radius, over its value at 10 deg; rho_1 not kicked, rho_2 daughters",
            "j": "dJ/dOmega = int rho_1 rho_2 ds at theta, over its value at 10 deg",
            "halo": repr(df.halo),
            "distance": str(SUN),
            "r_max": str(R_MAX),
            "kicks": "km/s",
        },
    )
    table.write(folder / "figure_8.ecsv", overwrite=True)
    save(figure, folder / "figure_8.png")


if __name__ == "__main__":
    main()
