"""Critical temperature against the mass of X, three forms of its equation: Unwin (2012), Fig. 4."""

import numpy as np
from astropy.table import QTable
from benchmark import BLUE, DASHED, DOTTED, ORANGE, RED, command_line, write

from cosmology.models.exodus_freeze_out import critical_temperature
from cosmology.units import Quantity
from halokick.study.plots import new_figure, styled

FORMS = {
    "exact": (BLUE, "-", r"exact: $K_2$, $g_*(T)$, asymmetry per entropy"),
    "dimensionless": (ORANGE, DASHED, r"Eq. (2.5) divided by $s^2$"),
    "printed": (RED, DOTTED, "Eq. (2.5) as printed, GeV = 1"),
}
LINES = {"BBN": Quantity(1.0, "MeV"), "electroweak transition": Quantity(100.0, "GeV")}

CAPTION = (
    "Temperature at which anti-X in equilibrium is a hundredth of the asymmetry, eta = 6.2e-10, one state. The "
    "paper's figure, and its bound m_X > 5 TeV for decays before the electroweak transition, come from a form that "
    "multiplies by the entropy density where it has to divide: 4.5 TeV here. Divided it is 2.65 TeV, and exactly "
    "2.37 TeV. Near 5 to 10 GeV the forms agree by chance."
)


def curves(points):
    """The three forms, and masses at the electroweak line."""
    mass = Quantity(np.geomspace(0.02, 2e4, points), "GeV")
    columns = {"mass": mass} | {form: critical_temperature(mass, form=form) for form in FORMS}
    hot = LINES["electroweak transition"]
    numbers = {f"{form}, m_X at 100 GeV": float(np.interp(hot, columns[form], mass).to_value("GeV")) for form in FORMS}
    for value in (5.0, 10.0, 1000.0):
        for form in FORMS:
            found = critical_temperature(Quantity(value, "GeV"), form=form)
            numbers[f"{form}, T_C at {value:g} GeV"] = float(found.to_value("GeV"))
    return QTable(columns, meta={"caption": CAPTION, "numbers": numbers})


@styled
def draw(table):
    """One panel."""
    figure, axes = new_figure(size=(5.6, 5.2))
    for form, (color, dashes, label) in FORMS.items():
        axes.plot(table["mass"].value, table[form].value, color=color, linestyle=dashes, label=label)
    for name, hot in LINES.items():
        axes.axhline(hot.to_value("GeV"), color="0.4", linewidth=1)
        axes.text(0.025, hot.to_value("GeV") * 1.15, name, color="0.3", fontsize=8)
    axes.set(xscale="log", yscale="log", xlim=(table["mass"].value[0], table["mass"].value[-1]), ylim=(5e-4, 1e3))
    axes.set(xlabel=r"$m_X$ [GeV]", ylabel=r"critical temperature $T_C$ [GeV]")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.1))
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=400).parse_args()
    table = curves(options.points)
    write("exodus_figure_4", table, draw(table), options.output)


if __name__ == "__main__":
    main()
