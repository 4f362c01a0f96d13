"""Baryons and dark asymmetry in the plane of M_1 and dark coupling: Asadi et al. (2025), Fig. 5."""

import numpy as np
from benchmark import command_line, write
from uv_freeze_in_planes import COUPLINGS, MASSES, RATIO, plane_table, two_planes

from cosmology.models.uv_freeze_in_couplings import TwoNeutrinos
from cosmology.models.uv_freeze_in_scan import scan
from cosmology.models.uv_freeze_in_targets import lowest_reheating
from cosmology.units import Quantity
from halokick.study.plots import styled

CAPTION = (
    "Powers of ten of Y_B (left) and of Y_chi - Y_antichi (right). Phases B1, M_1/T_RH = 30, |y_1| as large as "
    "neutrino masses allow. Shaded: fewer baryons than observed. Above the white dashes, where Eq. (61) is 1, dark "
    "wash-out is strong. Unlike the paper: chi carry half a unit of L_x each, so there are two per unit, not one; "
    "energy comes from all flavours; ll -> HH and chi chi -> phi phi weigh 4, not 2."
)


def curves(points):
    """The plane, and where its boundary is for some couplings."""
    mass = Quantity(np.geomspace(*MASSES, points), "GeV")
    plane = scan(mass, np.geomspace(*COUPLINGS, points), RATIO)
    numbers = {}
    for one in (1.0, 0.5, 0.3, 0.1):
        neutrinos = TwoNeutrinos.benchmark("B1", mass="1e10 GeV", dark_coupling=one)
        numbers[f"M_1 with enough baryons, |lambda_1| = {one} [GeV]"] = float(
            lowest_reheating(neutrinos, RATIO).mass.value
        )
    return plane_table(plane, "dark_coupling", CAPTION, numbers)


@styled
def draw(table):
    """Both planes."""
    left = ("baryon_yield", np.arange(-17.0, -5.5), r"$\log_{10}|Y_B|$")
    right = ("chi_asymmetry", np.arange(-19.0, -6.5), r"$\log_{10}|Y_{\Delta\chi}|$")
    return two_planes(table, left, right, r"$|\lambda_1|$")


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=40).parse_args()
    table = curves(options.points)
    write("uv_freeze_in_figure_5", table, draw(table), options.output)


if __name__ == "__main__":
    main()
