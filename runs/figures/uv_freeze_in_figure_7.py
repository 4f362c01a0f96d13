"""Dark temperature in the plane of dark coupling and M_1/T_RH: Asadi et al. (2025), Fig. 7."""

import numpy as np
from astropy.table import QTable
from benchmark import command_line, write
from uv_freeze_in_planes import COUPLINGS, RATIOS

from cosmology.models.uv_freeze_in_radiation import largest_xi
from cosmology.models.uv_freeze_in_scan import temperature_plane
from halokick.study.plots import new_figure, styled

CAPTION = (
    "Final ratio of the dark temperature to the visible one. Phases B1, |y_1| as large as neutrino masses allow; it "
    "does not depend on M_1. Delta N_eff = 0.06, which future measurements will reach, is at 0.66, above the whole "
    "plane. Unlike the paper: energy comes from all three flavours (without: lower by 3^(1/4)), and the coefficient of "
    "T^9 is 96, not 192."
)


def curves(points):
    """The plane."""
    coupling, x = np.geomspace(*COUPLINGS, points)[:, np.newaxis], np.linspace(*RATIOS, points)
    xi = temperature_plane(coupling, x)
    limits = {f"xi of Delta N_eff = {one}": float(largest_xi(one)[1]) for one in (0.3, 0.06)}
    named = {f"xi, |lambda_1| = 1, M_1/T_RH = {one}": float(temperature_plane(1.0, one)) for one in (25, 30, 50, 100)}
    b3 = {"xi of B3, |lambda_1| = 1, M_1/T_RH = 25": float(temperature_plane(1.0, 25, phases="B3"))}
    meta = {"caption": CAPTION, "numbers": limits | named | b3, "shape": list(xi.shape)}
    columns = {"dark_coupling": coupling, "mass_over_reheating": x, "xi": xi}
    return QTable({name: np.array(np.broadcast_to(one, xi.shape)).ravel() for name, one in columns.items()}, meta=meta)


@styled
def draw(table):
    """Contours."""
    figure, axes = new_figure(size=(5.6, 5.4))
    coupling, x, xi = (np.reshape(np.array(table[name]), table.meta["shape"]) for name in table.colnames)
    levels = np.arange(0.05, 0.71, 0.05)
    axes.contourf(coupling, x, xi, levels=levels, cmap="viridis")
    lines = axes.contour(coupling, x, xi, levels=levels, colors="white", linewidths=0.8)
    axes.clabel(lines, fontsize=7, fmt="%.2f")
    axes.set(xscale="log", xlabel=r"$|\lambda_1|$", ylabel=r"$x_\mathrm{RH} = M_1/T_\mathrm{RH}$", title=r"final $\xi$")
    axes.grid(False)
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=60).parse_args()
    table = curves(options.points)
    write("uv_freeze_in_figure_7", table, draw(table), options.output)


if __name__ == "__main__":
    main()
