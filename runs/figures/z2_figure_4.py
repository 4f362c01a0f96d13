"""Dark over visible scale of confinement against the dark electroweak scale: Bodas et al. (2024), Fig. 4."""

import numpy as np
from astropy.table import QTable
from benchmark import RED, command_line, write

from cosmology.models.z2_scan import confinement_curves
from cosmology.units import Quantity
from halokick.study.plots import line_style, new_figure, styled

DIFFERENCES = (0.0, 0.02, 0.04, 0.06, 0.08, 0.10)
NEEDED = 5.3

CAPTION = (
    "Eq. (33) for three light dark quarks: supersymmetric QCD above 10 TeV, couplings that differ by delta at 1e15 "
    "GeV. The paper gives neither Lambda nor its values of delta; here Lambda = 0.25 GeV (0.14 and 0.33 GeV change the "
    "exponent, 17.5, by 3 and 2 per cent) and 0 to 10 per cent. Red: the ratio of densities, 5.3, which needs 7.7 per "
    "cent at 1 TeV. The exponent 1/9 missing in the first form of Eq. (32) as printed is in."
)


def curves(points):
    """All curves against the scale."""
    scale = Quantity(np.geomspace(246.0, 1e4, points), "GeV")
    ratios, slope = confinement_curves(scale, DIFFERENCES)
    columns = {"scale": scale} | {f"delta = {value:g}": row for value, row in zip(DIFFERENCES, ratios, strict=True)}
    at_tev, _ = confinement_curves("1 TeV", DIFFERENCES)
    numbers = {"slope in delta": slope, "delta needed at 1 TeV": float(np.log(NEEDED / at_tev[0, 0]) / slope)}
    numbers |= {f"ratio at 1 TeV, delta = {value:g}": float(at_tev[i, 0]) for i, value in enumerate(DIFFERENCES)}
    for low in ("0.1425 GeV", "0.332 GeV"):
        numbers[f"slope in delta, Lambda = {low}"] = confinement_curves("1 TeV", 0.0, confinement_scale=low)[1]
    return QTable(columns, meta={"caption": CAPTION, "numbers": numbers})


@styled
def draw(table):
    """One panel."""
    figure, axes = new_figure(size=(5.6, 5.0))
    for i, value in enumerate(DIFFERENCES):
        style = {"color": "black"} if i == 0 else line_style(i - 1, len(DIFFERENCES) - 1)
        label = rf"$\Delta\alpha_s/\alpha'_s$ = {100 * value:g} %"
        axes.plot(table["scale"].value, table[f"delta = {value:g}"], label=label, **style)
    axes.axhline(NEEDED, color=RED, linewidth=1)
    axes.text(260, NEEDED * 1.04, r"$\rho_{dm}/\rho_b$ = 5.3", color=RED, fontsize=8)
    axes.set(xscale="log", yscale="log", xlim=(246, 1e4), ylim=(0.9, 20))
    axes.set_yticks([1, 2, 3, 5, 10, 20], ["1", "2", "3", "5", "10", "20"])
    axes.set(xlabel=r"$v'\,(y'_cy'_by'_t/y_cy_by_t)^{1/3}$ [GeV]", ylabel=r"$\Lambda'_{QCD}/\Lambda_{QCD}$")
    axes.legend(loc="upper right", ncols=2, fontsize=8)
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=200).parse_args()
    table = curves(options.points)
    write("z2_figure_4", table, draw(table), options.output)


if __name__ == "__main__":
    main()
