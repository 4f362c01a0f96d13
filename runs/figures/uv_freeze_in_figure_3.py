"""Dark temperature and charges after reheating for four dark couplings: Asadi et al. (2025), Fig. 3."""

from astropy.table import QTable
from benchmark import BLUE, GREEN, PINK, RED, command_line, write
from uv_freeze_in_planes import RATIO, charge_columns, cooling, draw_charges, final_numbers, shown

from cosmology.models.uv_freeze_in import UVFreezeIn
from halokick.study.plots import new_figure, styled

MASS = "1e10 GeV"
COUPLINGS = (1.0, 0.3, 0.1, 0.03)

CAPTION = (
    "Left: ratio of the dark temperature to the visible one. Right: |Y_(B-L)| (full) and |Y_(Lx)| (dashed). Phases B1, "
    "M_1 = 1e10 GeV, M_1/T_RH = 30, |y_1| as large as neutrino masses allow. For |lambda_1| = 1 and 0.3 wash-out takes "
    "dark charge away, and some of it goes to the visible sector. Unlike the paper: energy comes from all three "
    "flavours, which raises T_x by 3^(1/4), and ll -> HH and chi chi -> phi phi weigh twice as much in the wash-out; "
    "the paper names couplings 1 and 0.3 only."
)


def curves(points):
    """Histories at the same times."""
    histories = {
        f"|lambda_1| = {one:g}": UVFreezeIn.benchmark(
            "B1", mass=MASS, dark_coupling=one, mass_over_reheating=RATIO
        ).evolve()
        for one in COUPLINGS
    }
    meta = {"caption": CAPTION, "numbers": final_numbers(histories), "names": list(histories)}
    return QTable(charge_columns(histories, cooling(points)), meta=meta)


@styled
def draw(table):
    """Temperature on the left, charges on the right."""
    figure, (left, right) = new_figure(columns=2, size=(9.4, 5.0))
    for name, color in zip(table.meta["names"], (BLUE, RED, GREEN, PINK), strict=True):
        left.plot(table["cooling"], table[f"xi, {name}"], color=color, label=shown(name))
    left.set(xscale="log", yscale="log", xlim=(1e-4, 1e3), ylim=(5e-3, 1), xlabel=r"$T_\mathrm{RH}/T - 1$")
    left.set(ylabel=r"$\xi = T_x/T$", title="temperature ratio")
    left.legend()
    draw_charges(right, table, table.meta["names"], "charges")
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=300).parse_args()
    table = curves(options.points)
    write("uv_freeze_in_figure_3", table, draw(table), options.output)


if __name__ == "__main__":
    main()
