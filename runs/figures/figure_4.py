"""Mass splitting against decay rate at 10 GeV, if every decay makes two photons: Hardy, Lasenby & Unwin (2014), Fig. 4.

X-rays and gamma rays from the decay itself, and the rate above which the asymmetries would have been washed out.
"""

import numpy as np
from astropy.table import QTable
from benchmark import (
    AGE,
    ALLOWED,
    BLUE,
    DASH_DOTTED,
    DASHED,
    DOTTED,
    MASS,
    ORANGE,
    RED,
    SHARE,
    allowed_patch,
    command_line,
    each_in_a_process,
    write,
)
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cosmology import units
from cosmology.kick_spectrum import two_body_speed
from cosmology.limits import OutsideValidity, TwoPhotonSpectrum, decay_photon_limit
from cosmology.units import Quantity
from cosmology.wash_out import largest_width
from halokick.study.plots import new_figure, styled

INSTRUMENTS = {"HEAO-1": (BLUE, "///"), "INTEGRAL": (RED, "\\\\\\"), "COMPTEL": (ORANGE, "...")}
COMPONENTS = {"galactic": ("galactic",), "all": ("galactic", "extragalactic")}
HOTTEST = "50 GeV"
CONDITIONS = ("paper", "derived")
NAMED = (0.1, 1.0, 2.0, 3.0, 7.2, 10.0)

CAPTION = (
    "Worst case for photons: all decays are B' to L' and two photons (phase space spectrum), B' of 10 GeV, half of the "
    "dark matter in an NFW halo. Excluded: more photons than observed plus two sigma in any bin. Unlike the paper: the "
    "extragalactic photons are counted too (hatched regions); the Galactic part alone, as there, is the thin lines. "
    "Decays above the hatched regions are over before z = 50 and heat the gas, which is not calculated here. Wash-out: "
    "above the line the interaction that makes B' decay erases asymmetries made at 50 GeV or more (model of Sect. "
    "4.1); the printed condition corresponds to only 0.05 e-folds, the derived one to one e-fold. Kicks are for 10 GeV "
    "and a massless partner: 2 and 7.2 MeV are 60 and 216 km/s (the paper: 54 and 218)."
)


def excluded(splitting):
    """Gamma t_0 between which decays are excluded, NaN where none are, by instrument and component; splitting [MeV]."""
    photons = TwoPhotonSpectrum(Quantity(splitting, "MeV"))
    found = {}
    for instrument in INSTRUMENTS:
        for name, components in COMPONENTS.items():
            limit = decay_photon_limit(instrument, components)
            try:
                ends = limit.excluded_widths(photons=photons, parent_mass=MASS, share=SHARE)
            except OutsideValidity:
                ends = (np.nan / AGE, np.nan / AGE)
            for side, end in zip(("from", "to"), ends, strict=True):
                found[f"{instrument}, {name}, {side}"] = float((end * AGE).to_value(""))
    return found


def curves(points):
    """Excluded rates by instrument, wash-out lines, and the named numbers."""
    splitting = np.unique(np.append(np.geomspace(0.02, 30.0, points), NAMED))
    rows = each_in_a_process(excluded, splitting)
    columns = {"splitting": Quantity(splitting, "MeV")}
    columns["kick"] = Quantity([two_body_speed(MASS, Quantity(MASS) - one) for one in columns["splitting"]])
    columns |= {name: np.array([row[name] for row in rows]) for name in rows[0]}
    for condition in CONDITIONS:
        width = units.to_internal(largest_width(columns["splitting"], HOTTEST, condition), "width")
        columns[f"wash-out, {condition}"] = width * units.to_internal(AGE, "time")
    lines = [f"{instrument}, galactic, from" for instrument in INSTRUMENTS]
    lines += [f"wash-out, {condition}" for condition in CONDITIONS]
    numbers = {
        f"{name}, {value:g} MeV": float(columns[name][np.searchsorted(splitting, value)])
        for name in lines
        for value in NAMED
    }
    return QTable(columns, meta={"caption": CAPTION, "numbers": numbers})


@styled
def draw(table):
    """The plane."""
    figure, axes = new_figure(size=(6.4, 6.4))
    x, bottom, top = table["splitting"].value, 1e-8, 1e6
    lowest = np.nanmin([np.array(table[f"{instrument}, all, from"]) for instrument in INSTRUMENTS], axis=0)
    axes.fill_between(x, bottom, np.minimum(lowest, table["wash-out, derived"]), color=ALLOWED, linewidth=0)
    handles = [allowed_patch()]
    for instrument, (color, hatch) in INSTRUMENTS.items():
        low, high = (np.array(table[f"{instrument}, all, {side}"]) for side in ("from", "to"))
        axes.fill_between(x, low, high, facecolor="none", edgecolor=color, hatch=hatch, linewidth=0, alpha=0.6)
        for one in (low, high):
            axes.plot(x, one, color=color, linewidth=2)
        for side in ("from", "to"):
            axes.plot(x, table[f"{instrument}, galactic, {side}"], color=color, linewidth=1, linestyle=DASHED)
        handles.append(Patch(facecolor="white", edgecolor=color, hatch=hatch, label=f"excluded by {instrument}"))
    handles.append(Line2D([], [], color="0.4", linewidth=1, linestyle=DASHED, label="Galactic photons alone"))
    lines = (("derived", DASH_DOTTED, "wash-out, derived (1 e-fold)"), ("paper", DOTTED, "wash-out, as printed"))
    for condition, dashes, label in lines:
        handles += axes.plot(x, table[f"wash-out, {condition}"], color="black", linestyle=dashes, label=label)
    axes.set(xscale="log", yscale="log", xlim=(x[0], x[-1]), ylim=(bottom, top))
    axes.set(xlabel=r"mass splitting, $\Delta m$ [MeV]", ylabel=r"decay rate, $\Gamma t_0$")
    per_splitting = (table["kick"][0] / table["splitting"][0]).to_value("km / (s MeV)")
    kicks = axes.secondary_xaxis("top", functions=(lambda dm: dm * per_splitting, lambda v: v / per_splitting))
    kicks.set_xlabel(r"kick of $\bar L'$ at most [km/s]")
    figure.legend(handles=handles, loc="outside upper center", ncols=3, handlelength=3.2)
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=100).parse_args()
    table = curves(options.points)
    write("figure_4", table, draw(table), options.output)


if __name__ == "__main__":
    main()
