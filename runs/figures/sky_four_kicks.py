"""The sky around the Galactic centre for four kicks, with one colour scale: the maps of runs/sky_milky_way.toml.

Brightness dJ/dOmega of parents times daughters, averaged over pixels of 0.1 degrees within ten degrees of the centre.
White lines are where it is a power of ten: the stronger the kick, the farther out it dims the sky, the centre first.
"""

import numpy as np
from astropy.table import QTable
from galactic_kicks import output_folder, parents

import halokick as hk
from halokick.sky.wcs_map import wcs_map
from halokick.study.plots import new_figure, save, styled
from halokick.units import Quantity

SPEEDS = (25, 54, 109, 218)
SUN, R_MAX = Quantity(8.2, "kpc"), Quantity(200.0, "kpc")
SIZE, PIXEL = Quantity(20.0, "deg"), Quantity(0.1, "deg")
RADIUS = Quantity(np.geomspace(0.005, 200.0, 73), "kpc")
DECADES = 3.8
"""Of the colour scale, below the brightest pixel of the slowest kick."""


def maps():
    """Label -> SkyMap, the parents' own first."""
    df = parents()
    line = {"distance": SUN, "size": SIZE, "pixel": PIXEL, "projection": "CAR", "r_max": R_MAX}
    found = {"no kick": wcs_map(df.profile, **line)}
    for speed in SPEEDS:
        kick = hk.FixedKick(f"{speed} km/s")
        found[kick.label] = wcs_map(df.profile, hk.phase_mix(df, kick, RADIUS), **line)
    return found


@styled
def main():
    """Solve, draw, write."""
    folder = output_folder(__doc__)
    found = maps()
    shown = [label for label in found if label != "no kick"]
    brightest = np.nanmax(found[shown[0]].values.value)
    scale = {"norm": "log", "vmin": brightest * 10**-DECADES, "vmax": brightest, "cmap": "cividis"}
    edges = np.linspace(-10.0, 10.0, found[shown[0]].values.shape[0] + 1)
    middle = 0.5 * (edges[1:] + edges[:-1])
    levels = 10.0 ** np.arange(np.ceil(np.log10(scale["vmin"])), np.log10(brightest))
    figure, panels = new_figure(2, 2, size=(7.2, 6.4), sharex=True, sharey=True)
    for axes, label in zip(panels.ravel(), shown, strict=True):
        values = found[label].values.value
        image = axes.pcolormesh(-edges, edges, values, rasterized=True, **scale)
        axes.contour(-middle, middle, values, levels=levels, colors="white", linewidths=0.7)
        axes.set(title=label, aspect="equal", xlim=(10, -10), ylim=(-10, 10))
        axes.set(xticks=range(-10, 11, 5), yticks=range(-10, 11, 5))
        axes.grid(visible=False)
    unit = found[shown[0]].values.unit.to_string("latex_inline")
    label = rf"$\mathrm{{d}}J/\mathrm{{d}}\Omega$ [{unit}]"
    figure.colorbar(image, ax=panels, label=label, extend="min", pad=0.02)
    figure.supxlabel(r"$l$ [deg]", fontsize=9)
    figure.supylabel(r"$b$ [deg]", fontsize=9)
    labels = list(found)
    table = QTable(
        {
            "kick": labels,
            "j_map": Quantity([found[one].map_total.value for one in labels], found[labels[0]].map_total.unit),
            "j_total": Quantity([found[one].total.value for one in labels], found[labels[0]].total.unit),
            "brightest": Quantity([np.nanmax(found[one].values.value) for one in labels], found[labels[0]].values.unit),
        },
        meta={
            "j_map": "J of the map's 20 by 20 degrees, without 1/2 and 1/(4 pi); rho_1 not kicked, rho_2 daughters",
            "j_total": "of the whole sky",
            "brightest": "average over the brightest pixel, one of the four around the centre",
            "distance": str(SUN),
            "r_max": str(R_MAX),
        },
    )
    table.write(folder / "sky_four_kicks.ecsv", overwrite=True)
    save(figure, folder / "sky_four_kicks.png")


if __name__ == "__main__":
    main()
