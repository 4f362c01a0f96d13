"""Largest mass of chi in the plane of M_1 and dark coupling: Asadi et al. (2025), Fig. 8."""

import numpy as np
from benchmark import DASHED, command_line, write
from matplotlib.lines import Line2D
from uv_freeze_in_planes import COUPLINGS, MASSES, RATIO, draw_plane, plane_handles, plane_table

from cosmology.constants import BARYON_YIELD
from cosmology.models.uv_freeze_in import UVFreezeIn
from cosmology.models.uv_freeze_in_choices import Choices
from cosmology.models.uv_freeze_in_couplings import TwoNeutrinos
from cosmology.models.uv_freeze_in_scan import heaviest_dark_matter, scan
from cosmology.models.uv_freeze_in_sink import DarkSink
from cosmology.models.uv_freeze_in_targets import phases_for_baryons
from cosmology.units import Quantity
from halokick.study.plots import new_figure, styled

SINK = DarkSink(coupling=1.0, mediator_ratio=1.5)
HONEST = ((1e11, 0.5), (1e13, 0.3))
NAMED = ((1e11, 0.5), (1e13, 0.3), (1e13, 1.0), (1e14, 0.1), (1e14, 1.0))

CAPTION = (
    "Powers of ten of the largest mass of chi in GeV, for y_chi = 1 and m_phi = 1.5 m_chi. Phases B1, M_1/T_RH = 30. "
    "Where there are more baryons than observed, the dark asymmetry is lowered by the same factor as they, as in the "
    "paper; the table's numbers have masses with phases solved for, which move the wash-out too. Shaded: too few "
    "baryons. Between the cyan dashes, where the asymmetric share is 0.8, chi are mainly asymmetric. Unlike the paper: "
    "two chi per unit of L_x, which halves the asymmetric masses (column chi_mass_paper_counting has one); "
    "otherwise as in Fig. 5."
)


def curves(points):
    """The plane with this counting of chi, and the paper's as one more column."""
    mass, coupling = Quantity(np.geomspace(*MASSES, points), "GeV"), np.geomspace(*COUPLINGS, points)
    plane = scan(mass, coupling, RATIO)
    chi = heaviest_dark_matter(plane, SINK)
    paper = heaviest_dark_matter(scan(mass, coupling, RATIO, choices=Choices(dark_charge="paper")), SINK)
    good = (np.abs(plane.baryons) > BARYON_YIELD) & (chi.asymmetric_share > 0.8)
    numbers = {
        "lightest asymmetric chi with enough baryons [GeV]": float(chi.mass[good].value.min()),
        "heaviest asymmetric chi with enough baryons [GeV]": float(chi.mass[good].value.max()),
    }
    for heavy, dark in NAMED:
        one = heaviest_dark_matter(scan(Quantity([heavy], "GeV"), dark, RATIO), SINK)
        numbers[f"m_chi, M_1 = {heavy:g} GeV, |lambda_1| = {dark} [GeV]"] = float(one.mass[0, 0].value)
    for heavy, dark in HONEST:
        for number, one in enumerate(with_observed_baryons(heavy, dark)):
            name = f"m_chi with phases solved for, M_1 = {heavy:g} GeV, |lambda_1| = {dark}, branch {number + 1} [GeV]"
            numbers[name] = float(one.chi_mass.value)
    more = {
        "chi_mass": chi.mass,
        "asymmetric_share": chi.asymmetric_share,
        "chi_mass_paper_counting": paper.mass,
        "reason": chi.reason.astype(str),
    }
    return plane_table(plane, "dark_coupling", CAPTION, numbers, **more)


def with_observed_baryons(heavy, dark):
    """Points with the observed baryons for each alpha that gives them, all else as in the plane."""
    neutrinos = TwoNeutrinos.benchmark("B1", mass=Quantity(heavy, "GeV"), dark_coupling=dark)
    hot = neutrinos.mass / RATIO
    found = phases_for_baryons(neutrinos, hot, vary="alpha").branches
    return [UVFreezeIn(neutrinos=one.neutrinos, reheating_temperature=hot, sink=SINK) for one in found]


@styled
def draw(table):
    """The plane."""
    figure, axes = new_figure(size=(6.4, 6.2))
    filled = draw_plane(axes, table, "chi_mass", np.arange(-1.25, 3.3, 0.25), r"$\log_{10}(m_\chi/\mathrm{GeV})$")
    shape = table.meta["shape"]
    mass, coupling = (np.reshape(np.array(table[name]), shape) for name in ("heavy_neutrino_mass", "dark_coupling"))
    share = np.reshape(np.array(table["asymmetric_share"]), shape)
    axes.contour(mass, coupling, share, levels=[0.8], colors="cyan", linestyles=[DASHED], linewidths=1.5)
    axes.set_ylabel(r"$|\lambda_1|$")
    figure.colorbar(filled, ax=axes, location="bottom", pad=0.02).ax.tick_params(labelsize=7)
    cyan = Line2D([], [], color="cyan", linestyle=DASHED, label="asymmetric share 0.8")
    legend = figure.legend(handles=[*plane_handles(), cyan], loc="outside upper center", ncols=3, frameon=True)
    legend.get_frame().set_facecolor("0.55")
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=40).parse_args()
    table = curves(options.points)
    write("uv_freeze_in_figure_8", table, draw(table), options.output)


if __name__ == "__main__":
    main()
