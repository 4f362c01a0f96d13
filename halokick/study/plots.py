"""Pictures of a result that survive print: lines differ in colour, darkness and dashes.

Nothing imports this module but the command line; it draws from stored records alone and needs no display.
"""

from pathlib import Path

import numpy as np
from matplotlib.ticker import NullLocator

from halokick.study.live_figure import live_figure
from halokick.study.plot_style import (
    DASHES,
    PARENT,
    add_legend,
    drawn_of,
    fine_ticks,
    labelled,
    line_style,
    new_figure,
    positive,
    save,
    styled,
)
from halokick.study.telescope_figures import telescope_figures

_PASSING = {"color": "#009e73", "linestyle": (0, (1, 1)), "linewidth": 1.2}
_CENTRE = {"color": "#cc79a7", "linestyle": (0, (6, 1, 1, 1)), "linewidth": 1.2}
_CONTROL = {"color": "0.45", "linewidth": 0.8, "linestyle": "-", "label": "parents without a kick, followed"}
_MARKS = {"fmt": "o", "markersize": 2.5, "elinewidth": 0.9}
_MOST_PANELS = 5
_TOO_NOISY = 0.5
"""Relative error from which on a cell of a grid is left blank."""
_SMALLEST_BAND = 1e-3
"""Relative error below which an error band would be thinner than its line."""


@styled
def plot_result(result, folder):
    """Make every picture that the result has numbers for.

    Parameters
    ----------
    result : StudyResult
    folder : str or Path

    Returns
    -------
    list of Path
    """
    figures = {}
    if result.daughters:
        figures["density"] = density_figure(result)
        figures["ratio"] = ratio_figure(result)
    if any(one.grid is not None for one in result.daughters):
        figures["grid"] = grid_figure(result)
    if any(one.live is not None for one in result.daughters):
        figures["live"] = live_figure(result)
    if result.sky is not None and np.any(result.sky.differential_parent.value > 0):
        figures["jfactor"] = j_figure(result)
    if result.dwarfs is not None:
        figures["dwarf_suppression"] = dwarf_figure(result)
    figures |= telescope_figures(result)
    return [save(figure, Path(folder) / f"{name}.png") for name, figure in figures.items()]


@styled
def density_figure(result):
    """Density and slope against radius, parents and every kick."""
    figure, (top, bottom) = new_figure(2, size=(5.2, 6.4), sharex=True, height_ratios=(3, 2))
    parent = result.parent
    top.plot(parent.radius.value, parent.density.value, **PARENT)
    bottom.plot(parent.radius.value, parent.slope, **PARENT)
    drawn = [result.daughters[i] for i in drawn_of(len(result.daughters))]
    for i, daughters in enumerate(drawn):
        style = line_style(i, len(drawn))
        radius = daughters.radius.value
        density, error = daughters.density.value, daughters.error.value
        if daughters.control is not None and i == 0:
            top.plot(radius, positive(daughters.control.to_value(parent.density.unit)), **_CONTROL)
        _curve(top, daughters, density, error, style)
        bottom.plot(radius, daughters.slope, **style)
    top.set(xscale="log", yscale="log", ylabel=labelled(r"$\rho$", parent.density.unit))
    bottom.set(xlabel=labelled(r"$r$", parent.radius.unit), ylabel=r"$-\mathrm{d}\ln\rho/\mathrm{d}\ln r$")
    lowest = _smallest([one.density.value for one in result.daughters], np.nanmin(positive(parent.density.value)))
    highest = np.nanmax(parent.density.value)
    top.set_ylim(max(lowest, 1e-14 * highest) / 3, 3 * highest)
    bottom.set_ylim(*_slope_limits(result))
    add_legend(top, len(drawn) + 1, loc="lower left")
    return figure


@styled
def ratio_figure(result):
    """Daughters' density over the parents' against radius."""
    figure, axes = new_figure(size=(5.2, 4.2))
    axes.axhline(1.0, **PARENT)
    drawn = [result.daughters[i] for i in drawn_of(len(result.daughters))]
    for i, daughters in enumerate(drawn):
        style = line_style(i, len(drawn))
        radius, ratio = daughters.radius.value, daughters.ratio
        density, error = daughters.density.value, daughters.error.value
        relative = np.divide(error, density, out=np.zeros_like(error), where=density > 0)
        if daughters.control is not None and i == 0:
            parents = np.divide(density, ratio, out=np.full_like(ratio, np.nan), where=ratio > 0)
            axes.plot(radius, positive(daughters.control.to_value(daughters.density.unit) / parents), **_CONTROL)
        _curve(axes, daughters, ratio, relative * ratio, style)
    lowest = _smallest([one.ratio for one in result.daughters], 0.1)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel=labelled(r"$r$", result.parent.radius.unit),
        ylabel=r"$\rho_\mathrm{daughters}/\rho_\mathrm{parents}$",
        ylim=(max(lowest, 1e-8) / 1.5, 1.6),
    )
    add_legend(axes, len(drawn) + 1, loc="lower right")
    return figure


@styled
def grid_figure(result):
    """Density over the spherical parents' in each cell, across the plane: a panel for each kick, and one without."""
    gridded = [one for one in result.daughters if one.grid is not None]
    # the unkicked parents are the same for all kicks, but for the steps in which they are followed
    control = gridded[0].control_grid
    count = _MOST_PANELS if control is not None else _MOST_PANELS + 1
    panels = [(gridded[i].label, gridded[i].grid) for i in drawn_of(len(gridded), count)]
    panels += [] if control is None else [("parents without a kick", control)]
    columns = min(len(panels), 3)
    rows = -(-len(panels) // columns)
    figure, axes = new_figure(
        rows, columns, size=(0.5 + 3.2 * columns, 0.8 + 2.6 * rows), sharex=True, sharey=True, squeeze=False
    )
    for number, panel in enumerate(axes.ravel()):
        if number >= len(panels):
            panel.set_axis_off()
            continue
        title, grid = panels[number]
        horizontal, vertical, ratio = _across(grid)
        shown = ratio[np.isfinite(ratio)]
        # what a kick takes from all cells alike would hide the shape, were there one scale for all panels
        low, high = np.quantile(shown, (0.02, 0.98)) if len(shown) else (0.0, 1.0)
        image = panel.pcolormesh(horizontal, vertical, ratio.T, cmap="viridis", vmin=low, vmax=high, rasterized=True)
        figure.colorbar(image, ax=panel, extend="both", pad=0.02)
        panel.set_title(title, fontsize=8, pad=3)
        for set_scale, edges in ((panel.set_xscale, horizontal), (panel.set_yscale, vertical)):
            # as the cells: even near the centre, logarithmic outside
            set_scale("asinh", linear_width=edges[-1] / 27)
        _round_ticks(panel.xaxis, horizontal)
        _round_ticks(panel.yaxis, vertical)
        panel.grid(visible=False)
    unit = next(iter(panels[0][1].edges.values())).unit
    across = "R" if panels[0][1].kind == "rings" else "x"
    figure.supxlabel(labelled(f"${across}$", unit), fontsize=9)
    figure.supylabel(labelled("$z$", unit), fontsize=9)
    said = r"$\rho/\rho_\mathrm{parents}$" + ("" if across == "R" else ", summed along $y$")
    figure.suptitle(said, fontsize=9)
    return figure


def _across(grid):
    """Edges in R (or x) and z, and the ratio to the parents there, boxes summed along y; nan where it is noise."""
    density, error, parent = (one.value for one in (grid.density, grid.error.to(grid.density.unit), grid.parent))
    if grid.kind == "boxes":
        width = np.diff(grid.edges["y"].value)[:, None]
        density, parent = (np.sum(one * width, axis=1) for one in (density, parent))
        error = np.sqrt(np.sum((error * width) ** 2, axis=1))
    scale = float((1 * grid.density.unit).to_value(grid.parent.unit))
    clear = (error < _TOO_NOISY * density) & (parent > 0)
    ratio = np.divide(scale * density, parent, out=np.full(density.shape, np.nan), where=clear)
    names = list(grid.edges)
    return grid.edges[names[0]].value, grid.edges[names[-1]].value, ratio


def _round_ticks(axis, edges):
    """Ticks at 1, 3, 10 and so on, and at zero, on an axis that is logarithmic far from it."""
    decades = 10.0 ** np.arange(-12, 13)
    marks = np.sort(np.concatenate([decades, 3 * decades]))
    marks = marks[(marks < 1.001 * edges[-1]) & (marks > edges[-1] / 40)]
    marks = np.concatenate([-marks[::-1], [0.0], marks]) if edges[0] < 0 else np.concatenate([[0.0], marks])
    axis.set_ticks(marks, labels=[f"{one:g}" for one in marks])
    axis.set_minor_locator(NullLocator())


@styled
def j_figure(result):
    """J-factor per solid angle against angle: absolute, and shape relative to ten degrees with the excess's band.

    A halo that ends inside ten degrees is shown relative to the last direction in which there is anything.
    """
    sky = result.sky
    figure, (left, right) = new_figure(1, 2, size=(9.0, 4.8), sharex=True)
    theta = sky.theta.to_value("deg")
    parent = sky.differential_parent.value
    pin = int(np.argmin(np.where(parent > 0, np.abs(theta - 10.0), np.inf)))
    left.plot(theta, positive(parent), **(PARENT | {"label": "parent-parent"}))
    right.plot(theta, positive(parent / parent[pin]), **PARENT)
    if sky.band is not None:
        low, high = (row / row[pin] for row in sky.band.value)
        label = r"$1.1<\gamma<1.3$"
        right.fill_between(theta, low, high, color="0.8", linewidth=0, label=label, zorder=0)
    drawn = drawn_of(len(sky.kicks))
    for number, i in enumerate(drawn):
        style = line_style(number, len(drawn))
        pair = sky.differential_pair[i].value
        left.plot(theta, positive(pair), label=sky.kicks[i], **style)
        right.plot(theta, positive(pair) / pair[pin], **style)
    unit = sky.differential_parent.unit
    left.set(ylabel=labelled(r"$\mathrm{d}J/\mathrm{d}\Omega$", unit), title="parent-daughter", **_angle_axis(theta))
    at = rf"$\mathrm{{d}}J/\mathrm{{d}}\Omega$ over its value at ${theta[pin]:.2g}\degree$"
    right.set(ylabel=at, **_angle_axis(theta))
    right.set_title("shape, and generalised NFW" if sky.band is not None else "shape")
    low, high = _smallest(sky.differential_pair.value, np.nanmin(positive(parent))), np.nanmax(parent)
    left.set_ylim(max(low, 1e-12 * high) / 2, 2 * high)
    handles, labels = left.get_legend_handles_labels()
    if sky.band is not None:
        band = right.get_legend_handles_labels()
        handles, labels = [*handles, band[0][-1]], [*labels, band[1][-1]]
    figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 6), handlelength=3.2)
    fine_ticks(left)
    fine_ticks(right)
    return figure


@styled
def dwarf_figure(result):
    """Suppression in the smallest cone against kick speed, one panel for each dwarf, with 16-84 per cent bands."""
    dwarfs = result.dwarfs
    count = len(dwarfs.names)
    columns = min(count, 5)
    rows = -(-count // columns)
    figure, axes = new_figure(
        rows, columns, size=(1.2 + 1.75 * columns, 1.0 + 1.5 * rows), sharex=True, sharey=True, squeeze=False
    )
    speed = dwarfs.mean_speed.to_value("km/s")
    lowest = max(1e-4, 0.5 * _smallest(dwarfs.suppression[:, 0, :, 1], 0.0))
    centre = None
    if result.sky is not None and result.sky.kicks == dwarfs.kicks:
        smallest = int(np.argmin(result.sky.angles))
        centre = (result.sky.j_pair[:, smallest] / result.sky.j_parent[smallest]).to_value("")
    drawn = {}
    marker = {"marker": "o"} if len(speed) == 1 else {}
    for i, panel in enumerate(axes.ravel()):
        if i >= count:
            panel.set_axis_off()
            continue
        low, middle, high = dwarfs.suppression[i, 0].T
        low = np.maximum(low, lowest / 10)
        if len(speed) == 1:
            # a band over one kick would have no width
            spread = [np.maximum(middle - low, 0.0), high - middle]
            band = panel.errorbar(speed, middle, yerr=spread, color="#56b4e9", linewidth=3, fmt="none")
        else:
            band = panel.fill_between(speed, low, high, color="#56b4e9", alpha=0.5, linewidth=0)
        (line,) = panel.plot(speed, positive(middle), color="black", **marker)
        (both,) = panel.plot(
            speed, positive(dwarfs.suppression_both[i, 0, :, 1]), color="#d55e00", linestyle=DASHES[2], **marker
        )
        stays = positive(dwarfs.bound_fraction[i, :, 1])
        (bound,) = panel.plot(speed, stays, color="#0072b2", linestyle=DASHES[1], linewidth=1.0, **marker)
        if dwarfs.floor is not None:
            passing = positive(dwarfs.floor[i, 0, :, 1])
            drawn["host's daughters passing through"] = panel.plot(speed, passing, **_PASSING, **marker)[0]
        if centre is not None:
            angle = f"{result.sky.angles[smallest].to_value('deg'):g}"
            label = rf"centre of the host, ${angle}\degree$, $J/J_\mathrm{{parent}}$"
            drawn[label] = panel.plot(speed, positive(centre), **_CENTRE, **marker)[0]
        panel.set_title(dwarfs.names[i], fontsize=8, pad=2)
        panel.set(yscale="log", ylim=(lowest, 2.0))
        if len(speed) > 1:
            panel.set(xscale="log", xlim=(speed.min(), speed.max()))
        else:
            panel.set_xticks(speed, labels=[f"{speed[0]:.3g}"])
        # the last panel of each column carries the numbers
        panel.tick_params(labelbottom=i + columns >= count)
    handles = {
        "parent-daughter, $J/J_\\mathrm{parent}$": line,
        "its 16-84 % band": band,
        "daughter-daughter, $J/J_\\mathrm{parent}$": both,
        "bound fraction": bound,
        **drawn,
    }
    figure.legend(
        handles.values(), handles.keys(), loc="outside upper center", ncols=min(columns, 3), fontsize=8, frameon=False
    )
    figure.supxlabel(labelled("mean kick speed", dwarfs.mean_speed.unit), fontsize=9)
    figure.supylabel("suppression", fontsize=9)
    return figure


def _curve(axes, daughters, value, error, style):
    """A line with the band of its errors; bins of integrated orbits as points with error bars on a thin line."""
    radius = daughters.radius.value
    if daughters.force_field is None:
        axes.plot(radius, positive(value), label=daughters.label, **style)
        _band(axes, radius, value, error, style)
        return
    axes.plot(radius, positive(value), **(style | {"linewidth": 0.7}))
    axes.errorbar(radius, positive(value), yerr=error, color=style["color"], label=daughters.label, **_MARKS)


def _smallest(rows, otherwise):
    """The smallest positive value, and `otherwise` where there is none, as after kicks that leave no daughter."""
    values = np.concatenate([np.ravel(row) for row in rows])
    return np.min(values[values > 0]) if np.any(values > 0) else otherwise


def _band(axes, radius, value, error, style):
    if np.nanmax(np.divide(error, value, out=np.zeros_like(value), where=value > 0)) > _SMALLEST_BAND:
        low = np.maximum(value - error, 1e-3 * value)
        axes.fill_between(radius, low, value + error, color=style["color"], alpha=0.3, linewidth=0)


def _slope_limits(result):
    slopes = np.concatenate([result.parent.slope, *(one.slope for one in result.daughters)])
    # a truncated halo falls without limit at its edge; the picture is about the rest
    inside = slopes[np.isfinite(slopes)]
    return min(0.0, np.quantile(inside, 0.01)) - 0.1, min(np.quantile(inside, 0.98), 6.0) + 0.4


def _angle_axis(theta):
    return {"xscale": "log", "yscale": "log", "xlabel": r"$\theta$ [deg]", "xlim": (theta[0], theta[-1])}
