"""Energy in both sectors, the reheaton and the baryon-parents along time: Bodas et al. (2024), Fig. 2, calculated.

The paper's figure is a sketch with its own channels of the reheaton; ours is for those and for all channels.
"""

import numpy as np
from astropy.table import QTable, vstack
from benchmark import BLUE, DASHED, DOTTED, GREEN, ORANGE, PINK, command_line, write

from cosmology.models.z2_dark_sector import Z2DarkSector
from cosmology.models.z2_reheaton import Reheaton
from cosmology.units import Quantity
from halokick.study.plots import new_figure, styled

POINTS_OF = {
    "700 GeV, 10 eV, channels of the paper": Reheaton("700 GeV", "10 eV", channels="paper"),
    "300 GeV, 3 eV, all channels": Reheaton("300 GeV", "3 eV", channels="complete"),
}
LINES = {
    "visible": (ORANGE, "-", "visible bath"),
    "dark": (BLUE, DASHED, "dark bath"),
    "reheaton": (GREEN, "-", "reheaton $R$"),
    "visible_parents": (PINK, DOTTED, r"parents $\chi$, and $\chi'$"),
}
_BOX = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
CONFINEMENT = 0.155  # GeV, crossover of QCD

CAPTION = (
    "Energy in a comoving volume, times the scale factor, so that radiation is level, in units of the visible one at "
    "the start. v' = 1 TeV and the paper's other values. Both sectors start with the same entropy; chi is shown after "
    "its freeze-out. Vertical lines: Eq. (13) (T_Req), a lifetime of chi has passed, QCD and dark "
    "QCD confine, a lifetime of R has passed. The paper's figure is a sketch; left, "
    "with the paper's own channels, right at a point that all channels allow."
)


def curves(points):
    """Both histories, one row for each time."""
    tables, numbers = [], {}
    for name, reheaton in POINTS_OF.items():
        model = Z2DarkSector(reheaton=reheaton)
        history = model.evolve(longest_step=12.0 / points)
        hot = Quantity(history.visible_temperature, "GeV")
        scale = np.exp(4 * history.log_a) / history.visible[0]
        columns = {"case": np.full(len(hot), name), "log_a": history.log_a, "temperature": hot}
        columns["dark_temperature"] = Quantity(history.dark_temperature, "GeV")
        columns |= {key: getattr(history, key) * scale for key in LINES}
        tables.append(QTable(columns))
        marks = {
            r"$T_{Req}$": model.domination_gev,
            r"$\chi$ decays": float(np.interp(1.0, history.time * _width(model.parent), hot.value)),
            "confinement": CONFINEMENT,
            "dark confinement": float(
                np.interp(-CONFINEMENT * model.confinement_ratio, -history.dark_temperature, hot.value)
            ),
            "$R$ decays": float(np.interp(1.0, history.time * _width(model), hot.value)),
        }
        numbers |= {f"{name}, T of {key} [GeV]": value for key, value in marks.items()}
        numbers |= {
            f"{name}, Delta N_eff": model.delta_n_eff(),
            f"{name}, r_s": model.dilution,
            f"{name}, epsilon_CP": model.cp_asymmetry,
        }
    joined = vstack(tables)
    joined.meta = {"caption": CAPTION, "numbers": numbers}
    return joined


def _width(thing):
    width = thing.width
    return width.to_value("GeV") if hasattr(width, "unit") else width


@styled
def draw(table):
    """One panel for each point."""
    figure, panels = new_figure(1, 2, size=(9.0, 5.0), sharey=True)
    for axes, name in zip(panels, POINTS_OF, strict=True):
        rows = table[table["case"] == name]
        log_a = rows["log_a"] / np.log(10)
        for key, (color, dashes, label) in LINES.items():
            shown = rows[key] > 1e-9
            axes.plot(log_a[shown], rows[key][shown], color=color, linestyle=dashes, label=label)
        for i, key in enumerate((r"$T_{Req}$", r"$\chi$ decays", "dark confinement", "confinement", "$R$ decays")):
            hot = table.meta["numbers"][f"{name}, T of {key} [GeV]"]
            place = float(np.interp(-hot, -rows["temperature"].value, log_a))
            axes.axvline(place, color="0.6", linewidth=0.8)
            axes.text(
                place, (3e5, 8e4, 2e4, 5e3, 1.3e3)[i], f"{key}, {hot:.2g} GeV", fontsize=7, ha="center", bbox=_BOX
            )
        axes.set(yscale="log", ylim=(1e-7, 1e6), xlim=(log_a[0], log_a[-1]), xlabel=r"$\log_{10} a$ from the start")
        axes.set_title(name, fontsize=9)
    panels[0].set_ylabel(r"$\rho\,a^4$ over the visible one at the start")
    panels[0].legend(loc="lower left", fontsize=8)
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=400).parse_args()
    table = curves(options.points)
    write("z2_figure_2", table, draw(table), options.output)


if __name__ == "__main__":
    main()
