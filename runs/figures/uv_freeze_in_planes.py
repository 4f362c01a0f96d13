"""What Figs. 3 to 8 of Asadi, Moore, Morrissey & Shamma (2025) share: curves along the expansion, planes of M_1."""

import numpy as np
from astropy.table import QTable
from benchmark import BLUE, DASHED, GREEN, ORANGE, PINK, RED
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cosmology.constants import BARYON_YIELD
from cosmology.units import Quantity
from halokick.study.plots import new_figure

NEEDED = BARYON_YIELD * 79 / 28
"""Y_(B-L) for the observed baryons."""
MASSES = (1e8, 1e15)
COUPLINGS = (0.03, 1.0)
RATIOS = (25.0, 100.0)
RATIO = 30.0
"""M_1/T_RH where it is not varied."""

_COLORS = (BLUE, RED, GREEN, PINK, ORANGE)
_SHADE = "0.75"
_DARK = "#1b3a57"


def cooling(points):
    """T_RH/T - 1 of the curves, from 1e-4, where the earliest dip is, to 1e3."""
    return np.geomspace(1e-4, 1e3, points)


def charge_columns(histories, at):
    """Columns of xi, Y_(B-L) and Y_(Lx) of histories by name, at values of T_RH/T - 1."""
    columns = {"cooling": at}
    for name, history in histories.items():
        for what, values in zip(("xi", "b_minus_l", "dark_lepton"), history.at(at), strict=True):
            columns[f"{what}, {name}"] = values
    return columns


def final_numbers(histories):
    """Last values by name, with dips of Y_(B-L)."""
    numbers = {}
    for name, history in histories.items():
        numbers[f"xi, {name}"] = float(history.xi[-1])
        numbers[f"Y_B-L, {name}"] = float(history.b_minus_l[-1])
        numbers[f"Y_Lx, {name}"] = float(history.dark_lepton[-1])
        for dip in history.sign_changes():
            numbers[f"T_RH/T - 1 where Y_B-L changes sign, {name}"] = float(dip)
    return numbers


def shown(name):
    """Name of a curve as a legend has it."""
    return name.replace("|lambda_1|", r"$|\lambda_1|$").removeprefix("B1, ")


def draw_charges(axes, table, names, title, lowest=1e-22):
    """|Y_(B-L)| full and |Y_(Lx)| dashed against T_RH/T - 1."""
    for name, color in zip(names, _COLORS, strict=False):
        axes.plot(table["cooling"], np.abs(table[f"b_minus_l, {name}"]), color=color)
        axes.plot(table["cooling"], np.abs(table[f"dark_lepton, {name}"]), color=color, linestyle=DASHED)
    axes.axhline(NEEDED, color="black", linestyle=":", linewidth=1)
    axes.set(xscale="log", yscale="log", xlim=(1e-4, 1e3), ylim=(lowest, 1e-6), title=title)
    axes.set(xlabel=r"$T_\mathrm{RH}/T - 1$", ylabel="charge per entropy")
    handles = [Line2D([], [], color=color, label=shown(name)) for name, color in zip(names, _COLORS, strict=False)]
    handles.append(Line2D([], [], color="0.3", label=r"$|Y_{B-L}|$"))
    handles.append(Line2D([], [], color="0.3", linestyle=DASHED, label=r"$|Y_{L_x}|$"))
    handles.append(Line2D([], [], color="black", linestyle=":", linewidth=1, label=r"observed $Y_{B-L}$"))
    axes.legend(handles=handles, fontsize=7, ncols=2, loc="lower left")


def plane_table(plane, rows, caption, numbers, **more):
    """Table of a plane, one row for each point; `rows` names what its rows differ in."""
    values = getattr(plane, rows)[:, np.newaxis]
    columns = {
        "heavy_neutrino_mass": plane.mass[np.newaxis, :],
        rows: values,
        "xi": plane.xi[:, np.newaxis],
        "baryon_yield": plane.baryons,
        "chi_asymmetry": plane.chi_asymmetry,
        "dark_wash_out": plane.wash_out,
        **more,
    }
    shape = plane.baryons.shape
    flat = {name: _flat(one, shape) for name, one in columns.items()}
    return QTable(flat, meta={"caption": caption, "numbers": numbers, "rows": rows, "shape": list(shape)})


def _flat(values, shape):
    """Column of a plane, with its unit if it has one."""
    if isinstance(values, Quantity):
        return Quantity(np.broadcast_to(values.value, shape).ravel(), values.unit)
    return np.array(np.broadcast_to(values, shape)).ravel()


def draw_plane(axes, table, name, levels, label, *, log_rows=True):
    """Filled contours of a column on the plane of M_1 and what the rows differ in, with the paper's overlays."""
    shape, rows = table.meta["shape"], table.meta["rows"]
    mass, other = (np.reshape(np.array(table[key]), shape) for key in ("heavy_neutrino_mass", rows))
    values = np.log10(np.reshape(np.abs(np.array(table[name])), shape))
    filled = axes.contourf(mass, other, values, levels=levels, cmap="viridis", extend="both")
    lines = axes.contour(mass, other, values, levels=levels, colors="white", linewidths=0.4, linestyles="solid")
    axes.clabel(lines, levels[::2], fontsize=6, fmt=lambda power: f"$10^{{{power:g}}}$")
    baryons = np.reshape(np.abs(np.array(table["baryon_yield"])), shape)
    axes.contourf(mass, other, baryons, levels=[0, BARYON_YIELD], colors=[_SHADE], alpha=0.55)
    axes.contour(mass, other, baryons, levels=[BARYON_YIELD], colors=_DARK, linewidths=1.5)
    strong = np.reshape(np.array(table["dark_wash_out"]), shape)
    axes.contour(mass, other, strong, levels=[1.0], colors="white", linestyles=[DASHED], linewidths=1.5)
    axes.set(xscale="log", yscale="log" if log_rows else "linear", title=label)
    axes.set_xlabel(r"$M_1$ [GeV]")
    axes.grid(False)
    return filled


def plane_handles():
    """Entries of a legend for the overlays."""
    dashed = Line2D([], [], color="white", linestyle=DASHED, linewidth=1.5, label="measure of dark wash-out = 1")
    return [Patch(facecolor=_SHADE, edgecolor=_DARK, label="too few baryons"), dashed]


def two_planes(table, left, right, row_label, *, log_rows=True):
    """Figure of two columns of a plane; each a (name, levels, label)."""
    figure, axes = new_figure(columns=2, size=(9.4, 5.4))
    for one, (name, levels, label) in zip(np.ravel(axes), (left, right), strict=True):
        filled = draw_plane(one, table, name, levels, label, log_rows=log_rows)
        one.set_ylabel(row_label)
        bar = figure.colorbar(filled, ax=one, location="bottom", pad=0.02)
        bar.ax.tick_params(labelsize=7)
        bar.set_label("power of ten", fontsize=7)
    legend = figure.legend(handles=plane_handles(), loc="outside upper center", ncols=2, frameon=True)
    legend.get_frame().set_facecolor("0.55")
    return figure
