"""Charges after reheating for four masses and for four sets of phases: Asadi et al. (2025), Fig. 4."""

from astropy.table import QTable
from benchmark import command_line, write
from uv_freeze_in_planes import RATIO, charge_columns, cooling, draw_charges, final_numbers

from cosmology.models.uv_freeze_in import UVFreezeIn
from halokick.study.plots import new_figure, styled

MASSES = ("1e8 GeV", "1e10 GeV", "1e12 GeV", "1e14 GeV")
PHASES = ("B1", "B2", "B3", "B4")

CAPTION = (
    "|Y_(B-L)| (full) and |Y_(Lx)| (dashed) with |lambda_1| = 1, M_1/T_RH = 30 and |y_1| as large as neutrino masses "
    "allow. Left: phases B1. The dark source does not depend on M_1, and wash-out sets in earlier for smaller M_1. "
    "Right: M_1 = 1e10 GeV. In B2 wash-in and source are opposite, hence the dip at T_RH/T - 1 = 2.9e-4; in B3 there "
    "is no visible source, in B4 no dark one. Unlike the paper: as in Fig. 3; alpha of B3 is negative, and B3 and "
    "B4 are the roots themselves."
)


def curves(points):
    """Histories at the same times."""
    options = {"dark_coupling": 1.0, "mass_over_reheating": RATIO}
    histories = {f"B1, {one}": UVFreezeIn.benchmark("B1", mass=one, **options).evolve() for one in MASSES}
    histories |= {one: UVFreezeIn.benchmark(one, mass=MASSES[1], **options).evolve() for one in PHASES}
    meta = {"caption": CAPTION, "numbers": final_numbers(histories), "names": list(histories)}
    return QTable(charge_columns(histories, cooling(points)), meta=meta)


@styled
def draw(table):
    """Masses on the left, phases on the right."""
    figure, (left, right) = new_figure(columns=2, size=(9.4, 5.0))
    names = table.meta["names"]
    draw_charges(left, table, names[: len(MASSES)], r"$M_1$, phases B1")
    draw_charges(right, table, names[len(MASSES) :], r"phases, $M_1 = 10^{10}$ GeV")
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=400).parse_args()
    table = curves(options.points)
    write("uv_freeze_in_figure_4", table, draw(table), options.output)


if __name__ == "__main__":
    main()
