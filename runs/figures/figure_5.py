"""Limits on annihilation to b quarks against mass, without asymmetry: Hardy, Lasenby & Unwin (2014), Fig. 5.

Antiproton limits have no public table; give your own with --antiprotons, in the format of cosmology.limits.user_table.
"""

from pathlib import Path

import numpy as np
from astropy.table import QTable
from benchmark import ALLOWED, BLUE, DASH_DOTTED, DASHED, DOTTED, GREEN, ORANGE, PINK, RED, command_line, write

from cosmology.asymmetric_freeze_out import FixedAbundance, required_sigma_v
from cosmology.errors import InputError
from cosmology.limits import OutsideValidity, lat_dwarfs, read_limit
from cosmology.units import Quantity
from halokick.study.plots import new_figure, styled

SELF_CONJUGATE = 1.0
"""Pair factor: all limits here are for particles that are their own antiparticles, as they are published."""

STYLES = ((BLUE, DASHED), (RED, DASH_DOTTED), (ORANGE, DOTTED), (PINK, DASHED))

CAPTION = (
    "95 per cent limits on annihilation of self-conjugate dark matter to b quarks; for equal numbers of Dirac "
    "particles and antiparticles they are twice as high. Unlike the paper: gamma rays are the LAT's dwarf limits of 6 "
    "and 14 years instead of its diffuse halo limits, which have no public table; rows of the published tables with "
    "straight lines between. PAMELA's antiproton limits (MIN, MED, MAX) have none either: {antiprotons} In the paper "
    "they lie from about ten times above to ten times below its gamma-ray limit. Grey: annihilation that makes all "
    "dark matter without asymmetry (half of the Dirac value)."
)
NONE_GIVEN = "no file was given, so none are drawn."


def limits_to_draw(paths):
    """Name -> limit, the packaged ones first.

    Raises
    ------
    InputError
        If a file is not about annihilation.
    """
    limits = {"LAT dwarfs, 6 years": lat_dwarfs("bb", "6yr"), "LAT dwarfs, 14 years": lat_dwarfs("bb", "14yr")}
    for path in paths:
        limit = read_limit(path)
        if limit.table.observable != "sigmav_cm3s":
            raise InputError(f"{path}: observable {limit.table.observable} is not annihilation; give sigmav_cm3s")
        limits[limit.name] = limit
    return limits


def curves(points, paths):
    """Every limit on one grid of masses, NaN outside its table."""
    limits = limits_to_draw(paths)
    ends = [mass for limit in limits.values() for mass in limit.table.mass]
    mass = np.unique(np.concatenate([np.geomspace(5.0, 1000.0, points), ends]))
    columns = {"mass": Quantity(mass, "GeV")}
    for name, limit in limits.items():
        columns[name] = Quantity([bound(limit, one) for one in columns["mass"]])
        if limit.table.limit_lo is not None:
            for edge in ("limit_lo", "limit_hi"):
                columns[f"{name}, {edge}"] = Quantity([bound(limit, one, edge) for one in columns["mass"]])
    columns["relic"] = 0.5 * required_sigma_v(columns["mass"], 1.0, FixedAbundance(1.0)).sigma_v
    antiprotons = f"those drawn are from {', '.join(Path(path).name for path in paths)}." if paths else NONE_GIVEN
    meta = {
        "caption": CAPTION.format(antiprotons=antiprotons),
        "limits": list(limits),
        "sources": {name: limit.source for name, limit in limits.items()},
        "numbers": {
            f"{name}, {value:g} GeV [cm3/s]": float(bound(limit, Quantity(value, "GeV")).value)
            for name, limit in limits.items()
            for value in (10.0, 50.0, 100.0)
        },
    }
    return QTable(columns, meta=meta)


def bound(limit, mass, column="limit"):
    """Limit, or an edge of its band, for self-conjugate particles [cm3/s]; NaN outside the table."""
    try:
        scale = limit.table.at(mass, column) / limit.table.at(mass)
        return (limit.bound(mass=mass, pair_factor=SELF_CONJUGATE) * scale).to("cm3/s")
    except OutsideValidity:
        return Quantity(np.nan, "cm3/s")


@styled
def draw(table):
    """Limits against mass."""
    figure, axes = new_figure(size=(6.4, 5.4))
    mass = table["mass"].value
    packaged, given = table.meta["limits"][:2], table.meta["limits"][2:]
    for name, dashes in zip(packaged, ("-", DASHED), strict=True):
        axes.plot(mass, table[name].value, color=GREEN, linestyle=dashes, linewidth=2, label=name)
    ceiling = np.fmin(*(table[name].value for name in packaged))
    axes.fill_between(mass, 1e-30, ceiling, color=ALLOWED, linewidth=0, label="allowed by LAT dwarfs")
    for i, name in enumerate(given):
        color, dashes = STYLES[i % len(STYLES)]
        axes.plot(mass, table[name].value, color=color, linestyle=dashes, label=name)
        if f"{name}, limit_lo" in table.colnames:
            edges = (table[f"{name}, {edge}"].value for edge in ("limit_lo", "limit_hi"))
            axes.fill_between(mass, *edges, color=color, alpha=0.2, linewidth=0)
    axes.plot(mass, table["relic"].value, color="0.45", linestyle=DASH_DOTTED, label="relic without asymmetry")
    if not given:
        box = {"boxstyle": "round", "facecolor": "white", "edgecolor": "0.5"}
        text = "no antiproton table given\n--antiprotons FILE [FILE ...] puts limits here"
        axes.text(0.97, 0.06, text, transform=axes.transAxes, ha="right", multialignment="left", fontsize=8, bbox=box)
    axes.set(xscale="log", yscale="log", xlim=(5.0, 1000.0), ylim=(3e-28, 1e-24))
    axes.set(xlabel="mass [GeV]", ylabel=r"$\langle\sigma v\rangle$ to $b\bar b$ [cm$^3$ s$^{-1}$]")
    axes.set_xticks([5, 10, 30, 100, 300, 1000], labels=["5", "10", "30", "100", "300", "1000"])
    axes.legend(loc="upper left", handlelength=3.2)
    return figure


def main():
    """Read, draw, write."""
    parser = command_line(__doc__, points=120)
    parser.add_argument("--antiprotons", nargs="+", default=(), metavar="FILE", help="tables of limits to draw too")
    options = parser.parse_args()
    table = curves(options.points, options.antiprotons)
    write("figure_5", table, draw(table), options.output)


if __name__ == "__main__":
    main()
