"""Baryons and dark asymmetry in the plane of M_1 and M_1/T_RH: Asadi et al. (2025), Fig. 6, and the lowest T_RH."""

import numpy as np
from benchmark import command_line, write
from uv_freeze_in_planes import MASSES, RATIOS, plane_table, two_planes

from cosmology.models.uv_freeze_in_couplings import TwoNeutrinos
from cosmology.models.uv_freeze_in_scan import scan
from cosmology.models.uv_freeze_in_targets import lowest_reheating, lowest_reheating_band
from cosmology.units import Quantity
from halokick.study.plots import styled

CAPTION = (
    "Powers of ten of Y_B (left) and of Y_chi - Y_antichi (right). Phases B1, |lambda_1| = 1, |y_1| as large as "
    "neutrino masses allow. Shaded: fewer baryons than observed. Left of the white dashes, where Eq. (61) is 1, dark "
    "wash-out is strong. The lowest T_RH with enough baryons is 7.0e8 GeV, and 2.5e8 to 7.3e8 GeV over all readings of "
    "the equations; the paper has 4e8 GeV. Otherwise as in Fig. 5."
)


def curves(points):
    """The plane, and the lowest reheating temperatures."""
    mass = Quantity(np.geomspace(*MASSES, points), "GeV")
    plane = scan(mass, 1.0, np.linspace(*RATIOS, points))
    neutrinos = TwoNeutrinos.benchmark("B1", mass="1e10 GeV", dark_coupling=1.0)
    low, own, high = lowest_reheating_band(neutrinos)
    numbers = {
        "lowest T_RH [GeV]": float(own.value),
        "lowest T_RH, least of all readings [GeV]": float(low.value),
        "lowest T_RH, most of all readings [GeV]": float(high.value),
    }
    for x in (25, 30, 50, 100):
        numbers[f"M_1 with enough baryons, M_1/T_RH = {x} [GeV]"] = float(lowest_reheating(neutrinos, x).mass.value)
    return plane_table(plane, "mass_over_reheating", CAPTION, numbers)


@styled
def draw(table):
    """Both planes."""
    left = ("baryon_yield", np.arange(-14.0, -5.5), r"$\log_{10}|Y_B|$")
    right = ("chi_asymmetry", np.arange(-19.0, -6.5), r"$\log_{10}|Y_{\Delta\chi}|$")
    return two_planes(table, left, right, r"$x_\mathrm{RH} = M_1/T_\mathrm{RH}$", log_rows=False)


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=40).parse_args()
    table = curves(options.points)
    write("uv_freeze_in_figure_6", table, draw(table), options.output)


if __name__ == "__main__":
    main()
