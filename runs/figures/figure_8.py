"""Shape of the annihilation signal around the Galactic centre: Hardy, Lasenby & Unwin (2014), Fig. 8.

Parent times daughter along each line of sight, scaled to one at ten degrees, against the band of generalised NFW haloes
of inner slope 1.1 to 1.3 that the Galactic centre excess allows.
"""

import numpy as np
from astropy.table import QTable
from galactic_kicks import both_solutions, output_folder, parents
from matplotlib.lines import Line2D

import halokick as hk
from halokick.study.plots import line_style, new_figure, save
from halokick.units import Quantity

SPEEDS = (54, 76, 109, 163, 218)
SUN = Quantity(8.2, "kpc")
PIN = 10.0


def main():
    """Solve, draw, write."""
    folder = output_folder(__doc__)
    theta = np.geomspace(0.5, 20.0, 60)
    r_max = Quantity(200.0, "kpc")
    df = parents()

    def shape(first, second=None):
        directions = Quantity(np.append(theta, PIN), "deg")
        line = hk.differential_j_factor(first, second, distance=SUN, angle=directions, r_max=r_max)
        return (line[:-1] / line[-1]).value

    band = [shape(hk.GeneralisedNFWProfile(g, r_s=df.profile.r_s, rho_s=df.profile.rho_s)) for g in (1.1, 1.3)]
    columns = {
        "theta": Quantity(theta, "deg"),
        "parent_parent": shape(df.profile),
        "gnfw_1.1": band[0],
        "gnfw_1.3": band[1],
    }
    figure, axes = new_figure(size=(5.4, 4.8))
    axes.fill_between(theta, *band, color="0.82", linewidth=0)
    axes.plot(theta, columns["parent_parent"], color="black", linewidth=2)
    handles = [Line2D([], [], color="0.82", linewidth=8), Line2D([], [], color="black", linewidth=2)]
    labels = [r"generalised NFW, $1.1<\gamma<1.3$", "parent-parent"]
    for i, (kick, full, ergodic) in enumerate(both_solutions(df, SPEEDS, np.geomspace(0.005, 200.0, 73))):
        color = line_style(i, len(SPEEDS))["color"]
        for name, found, dashes in (("full", full, "-"), ("ergodic", ergodic, (0, (4, 2)))):
            curve = shape(df.profile, found)
            columns[f"{name}_{SPEEDS[i]}"] = curve
            axes.plot(theta, curve, color=color, linestyle=dashes)
        handles.append(Line2D([], [], color=color))
        labels.append(f"parent-daughter, {kick.label}")
    handles.append(Line2D([], [], color="0.4", linestyle=(0, (4, 2))))
    labels.append("the same, ergodic")
    axes.set(
        xscale="log",
        yscale="log",
        xlim=(theta[0], theta[-1]),
        xlabel=r"$\theta$ [deg]",
        ylabel=r"$\mathrm{d}J/\mathrm{d}\Omega$ over its value at $10\degree$",
    )
    axes.set_xticks([0.5, 1, 2, 5, 10, 20], labels=["0.5", "1", "2", "5", "10", "20"])
    axes.legend(handles, labels, loc="lower left", fontsize=8, frameon=False)
    table = QTable(
        columns,
        meta={
            "integral": "dJ/dOmega = int rho_1 rho_2 ds over its value at 10 deg; rho_1 not kicked, rho_2 daughters",
            "halo": repr(df.halo),
            "distance": str(SUN),
            "r_max": str(r_max),
            "kicks": "km/s",
        },
    )
    table.write(folder / "figure_8.ecsv", overwrite=True)
    save(figure, folder / "figure_8.png")


if __name__ == "__main__":
    main()
