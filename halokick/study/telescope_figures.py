"""Pictures of what a telescope would see: speeds and J-factors, maps with one colour scale, fluxes, limits."""

import numpy as np

from halokick import units
from halokick.sky.sky_frames import centre_in
from halokick.sky.wcs_grid import wcs_grid
from halokick.study.map_products import looked_up
from halokick.study.plot_style import (
    PARENT,
    add_legend,
    drawn_of,
    fine_ticks,
    labelled,
    line_style,
    new_figure,
    positive,
    styled,
)

_HALO_COLOR, _DWARF_COLOR = "#0072b2", "#d55e00"
_MOST_MAPS, _MOST_CURVES = 6, 6
_DEEPEST = 1e-5
"""Of the brightest pixel: what is fainter has the last colour."""
_WIDE = 60.0
"""Degrees: parts of the sky larger than that are drawn with all of it."""
_SAMPLES = 240
_FEW_DECADES = 0.02
"""Axes that do not reach lower have plain numbers."""
_NEAR = 1e-2
"""A cross-section this many times below the lowest limit is not looked for."""
_HIGHEST = 1e6
"""Limits so many times the lowest are off the picture."""


def telescope_figures(result):
    """Name -> figure, for every section that the study has: dict."""
    figures = {}
    if result.annihilation is not None:
        figures["annihilation"] = annihilation_figure(result.annihilation)
    if result.maps is not None:
        laws = list(dict.fromkeys(one.law for one in result.maps.maps))
        for law in laws:
            figures["map" if len(laws) == 1 else f"map_{law}"] = map_figure(result.maps, law)
    if result.flux is not None:
        figures["flux"] = flux_figure(result.flux)
    if result.limits is not None:
        figures["limits"] = limits_figure(result.limits)
    return figures


@styled
def annihilation_figure(record):
    """J of every law over its value without kick, for the halo and the brightest dwarf; and their relative speeds."""
    seen = list(_seen(record))
    figure, panels = new_figure(1, len(seen) + 1, size=(1.2 + 3.1 * (len(seen) + 1), 3.6), squeeze=False)
    *ratios, last = panels[0]
    speed = record.mean_speed.to_value("km/s")[1:]
    marker = {"marker": "o", "markersize": 4} if len(speed) == 1 else {}
    for axes, (name, color, left, percentiles) in zip(ratios, seen, strict=True):
        axes.axhline(1.0, color="0.6", linewidth=0.8)
        for i, law in enumerate(record.laws):
            axes.plot(speed, positive(left[i, 1:]), label=law, **line_style(i, len(record.laws)), **marker)
        low, middle, high = np.moveaxis(percentiles, -1, 0)
        style = {"color": color, "linestyle": "-" if color == _HALO_COLOR else (0, (6, 2))}
        if len(speed) == 1:
            # a band over one kick would have no width
            spread = [middle[1:] - low[1:], high[1:] - middle[1:]]
            last.errorbar(speed, middle[1:], yerr=spread, color=color, fmt="none", capsize=3)
        last.fill_between(speed, low[1:], high[1:], color=color, alpha=0.2, linewidth=0)
        last.plot(speed, middle[1:], label=name, **style, **marker)
        last.axhline(middle[0], color=color, linewidth=0.8, linestyle=(0, (1, 2)))
        axes.set(title=name, ylabel=r"$J_S$ over $J_S$ without kick", yscale="log")
        lowest = np.nanmin(positive(left), initial=1.0)
        axes.set_ylim(max(lowest, 1e-6) / 2, 2 * np.nanmax(left, initial=1.0))
        if lowest > _FEW_DECADES:
            _one_two_five(axes.yaxis, *axes.get_ylim())
        add_legend(axes, len(record.laws), loc="lower left")
    last.set(ylabel=r"$v_\mathrm{rel}$ [km s$^{-1}$]", yscale="log", title="median, 5-95 %; dotted: no kick")
    _one_two_five(last.yaxis, *last.get_ylim())
    add_legend(last, len(seen), loc="best")
    for axes in panels[0]:
        _kick_axis(axes, speed)
    return figure


def _seen(record):
    """The halo's smallest cone and the brightest dwarf: name, colour, what kicks leave of J_S of each law, speeds."""
    if record.angles is not None:
        j = record.j_s[:, 0].value * record.average[:, :, 0]
        name = f"halo, {record.angles[0].to_value('deg'):g} deg"
        yield name, _HALO_COLOR, j / j[:, :1], record.speeds[:, 0].to_value("km/s")
    if record.dwarfs:
        d = int(np.argmax(record.dwarf_j_s[:, 0, 0, 1].value))
        name = f"{record.dwarfs[d]}, {record.dwarf_angles[0].to_value('deg'):g} deg"
        yield name, _DWARF_COLOR, record.dwarf_left[d, :, 0, :, 1], record.dwarf_speeds[d].to_value("km/s")


def _kick_axis(axes, speed):
    axes.set_xlabel(r"mean kick speed [km s$^{-1}$]")
    if len(speed) > 1:
        axes.set(xscale="log", xlim=(speed.min(), speed.max()))
        _one_two_five(axes.xaxis, *axes.get_xlim())
    else:
        axes.set_xticks(speed, labels=[f"{speed[0]:.3g}"])
    fine_ticks(axes)


def _one_two_five(axis, low, high):
    """Ticks with plain numbers on a logarithmic axis of a few decades."""
    marks = np.outer(10.0 ** np.arange(-3, 5), (1, 2, 5)).ravel()
    marks = marks[(marks >= low * (1 - 1e-9)) & (marks <= high * (1 + 1e-9))]
    axis.set_ticks(marks, labels=[f"{one:g}" for one in marks])


@styled
def map_figure(maps, law):
    """Brightness of the sky for every kick, a few where there are many, with one colour scale."""
    places = [i for i, one in enumerate(maps.maps) if one.law == law]
    shown = [places[i] for i in drawn_of(len(places), _MOST_MAPS)]
    # all maps are dark after kicks that leave no daughter
    brightest = max(np.nanmax(maps.maps[i].values.value) for i in shown) or 1.0
    faintest = min(np.nanmin(positive(maps.maps[i].values.value), initial=brightest) for i in shown)
    lowest = max(faintest if faintest < brightest else 0.0, _DEEPEST * brightest)
    scale = {"norm": "log", "vmin": lowest, "vmax": brightest, "cmap": "cividis"}
    columns = min(len(shown), 3)
    rows = -(-len(shown) // columns)
    draw, options, names = _plane(maps)
    size = (1.4 + (2.9 if names else 3.4) * columns, 0.8 + (2.7 if names else 2.0) * rows)
    figure, panels = new_figure(rows, columns, size=size, squeeze=False, **options)
    for number, axes in enumerate(panels.ravel()):
        if number >= len(shown):
            axes.set_axis_off()
            continue
        image = draw(axes, shown[number], scale)
        axes.set_title(maps.maps[shown[number]].kick, fontsize=9)
        axes.grid(visible=False)
        if names:
            # the last panel of each column carries the numbers
            axes.tick_params(labelbottom=number + columns >= len(shown))
    unit = maps.maps[shown[0]].values.unit
    symbol = r"$\mathrm{d}J/\mathrm{d}\Omega$" if law == "s_wave" else rf"$\mathrm{{d}}J_S/\mathrm{{d}}\Omega$, {law}"
    figure.colorbar(image, ax=panels, label=labelled(symbol, unit), extend="min", pad=0.02)
    if maps.target is not None:
        figure.suptitle(maps.target, fontsize=9)
    if names:
        figure.supxlabel(names[0], fontsize=9)
        figure.supylabel(names[1], fontsize=9)
    return figure


def _plane(maps):
    """How to draw one map into axes, options of the figure, and what is along the axes."""
    if maps.grid == "wcs":
        steps = maps.pixel.to_value("deg")
        shape = maps.maps[0].values.shape
        # longitude grows to the left
        x, y = (0.5 * d * np.arange(-n, n + 1, 2) for d, n in zip((-steps[0], steps[1]), shape[::-1], strict=True))

        def image(axes, number, scale):
            return _flat(axes, x, y, maps.maps[number].values.value, scale)

        return image, {"sharex": True, "sharey": True}, _axis_names(maps, maps.projection)
    radius = None if maps.cone is None else float(maps.cone[2])
    if radius is not None and radius <= _WIDE:
        return _part_of_sky(maps, radius)
    return _whole_sky(maps)


def _flat(axes, x, y, values, scale):
    # equal brightness is where the same line is, on paper too
    levels = 10.0 ** np.arange(np.ceil(np.log10(scale["vmin"])), np.log10(scale["vmax"]))
    if len(levels) and min(values.shape) > 1:
        places = (0.5 * (edges[1:] + edges[:-1]) for edges in (x, y))
        axes.contour(*places, values, levels=levels, colors="white", linewidths=0.6)
    axes.set_aspect("equal")
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    return axes.pcolormesh(x, y, positive(values), rasterized=True, **scale)


def _axis_names(maps, projection):
    longitude, latitude = ("l", "b") if maps.frame == "galactic" else (r"\alpha", r"\delta")
    lon, lat = maps.centre.to_value("deg")
    places = ((longitude, lon), (latitude, lat))
    offsets = [f"${name}$" if at == 0 else rf"${name} - {at:g}\degree$" for name, at in places]
    return tuple(f"{offset} [deg], plane of {projection}" for offset in offsets)


def _part_of_sky(maps, radius):
    """A disk of HEALPix pixels, looked up on a plane grid around the halo."""
    lon, lat = centre_in(maps.frame, tuple(maps.centre))
    side = units.attach(np.radians([2.0 * radius, 2.0 * radius]), "angle")
    plane = wcs_grid(lon, lat, size=side, pixel=side / _SAMPLES, frame=maps.frame, projection="ARC")
    middle = np.arange(_SAMPLES)
    directions = [np.degrees(one) for one in plane.directions(*np.meshgrid(middle, middle))]
    edges = radius * np.linspace(-1.0, 1.0, _SAMPLES + 1)

    def image(axes, number, scale):
        return _flat(axes, -edges, edges, looked_up(maps, number, *directions), scale)

    return image, {"sharex": True, "sharey": True}, _axis_names(maps, "ARC")


def _whole_sky(maps):
    """All of the sky in Mollweide's projection, the zero of longitude in the middle and growing to the left."""
    x, y = np.linspace(-np.pi, np.pi, 2 * _SAMPLES + 1), np.linspace(-0.5 * np.pi, 0.5 * np.pi, _SAMPLES + 1)
    lon, lat = np.meshgrid(np.degrees(-0.5 * (x[1:] + x[:-1])), np.degrees(0.5 * (y[1:] + y[:-1])))

    def image(axes, number, scale):
        axes.set_xticks([])
        axes.set_yticks([])
        return axes.pcolormesh(x, y, positive(looked_up(maps, number, lon, lat)), rasterized=True, **scale)

    return image, {"subplot_kw": {"projection": "mollweide"}}, None


@styled
def flux_figure(record):
    """Energy times energy flux of every kick, from the halo's smallest cone and from the brightest dwarf."""
    first = next((one for one in record.targets if one.j_low is None), None)
    drawn = [one for one in record.targets if one.j_low is not None]
    brightest = max(drawn, key=lambda one: one.j_factor[0, 0].value, default=None)
    targets = [one for one in (first, brightest) if one is not None]
    figure, panels = new_figure(
        len(targets), len(record.laws), size=(0.8 + 3.4 * len(record.laws), 0.8 + 3.0 * len(targets)), squeeze=False
    )
    kicks = drawn_of(len(record.kicks) - 1, _MOST_CURVES)
    for i, law in enumerate(record.laws):
        for axes, one in zip(panels[:, i], targets, strict=True):
            for number, k in enumerate([-1, *kicks]):
                style = PARENT if k < 0 else line_style(number - 1, len(kicks))
                _curve(axes, record, one, i, k + 1, style | {"label": record.kicks[k + 1]})
            title = f"{one.name}, {one.angle.to_value('deg'):g} deg" + (f", {law}" if len(record.laws) > 1 else "")
            axes.set(title=title, xscale="log", yscale="log", xlabel=labelled("$E$", record.energy.unit))
            drawn = np.concatenate([line.get_ydata() for line in axes.lines])
            high, low = np.nanmax(drawn, initial=0.0), np.nanmin(drawn, initial=np.inf)
            if high > 0:
                axes.set_ylim(max(0.5 * low, 1e-6 * high), 3 * high)
            fine_ticks(axes)
    for axes in panels[:, 0]:
        axes.set_ylabel(r"$E^2\,\mathrm{d}\Phi/\mathrm{d}E$ [GeV cm$^{-2}$ s$^{-1}$]")
    _shared_legend(figure, panels[0, 0])
    return figure


def _curve(axes, record, one, i, k, style):
    energy = record.energy.to_value("GeV")
    value = energy**2 * one.differential[i, k].value
    if np.any(np.isfinite(value)):
        axes.plot(energy, positive(value), **style)
        return
    # a line has no flux per energy: what each bin has, over its width in ln E
    edges = record.edges.to_value("GeV")
    binned = one.energy_flux[i, k].value / np.diff(np.log(edges))
    axes.plot(energy, positive(binned), linestyle="", marker="_", **{key: style[key] for key in ("color", "label")})


@styled
def limits_figure(record):
    """Limits in the plane of cross-section and kick, a line for each closure and a band over all of them."""
    count = len(record.laws)
    figure, panels = new_figure(1, count, size=(1.0 + 4.0 * count, 4.0), squeeze=False)
    speed = record.mean_speed.to_value("km/s")
    marker = {"marker": "o", "markersize": 4} if len(speed) == 1 else {}
    for i, (axes, law) in enumerate(zip(panels[0], record.laws, strict=True)):
        low, high = (np.where(np.isfinite(edge[i].value), edge[i].value, np.inf) for edge in record.band)
        lowest = min(np.min(record.unkicked[:, i].value), np.min(low))
        finite = record.sigma_v[:, i].value[np.isfinite(record.sigma_v[:, i].value)]
        top = min(3 * np.max(finite, initial=lowest), _HIGHEST * lowest)
        edges = (np.where(np.isfinite(edge), edge, 1e3 * top) for edge in (low, high))
        axes.fill_between(speed, *edges, color="0.85", linewidth=0, label="all closures")
        for c, closure in enumerate(record.closures):
            style = line_style(c, len(record.closures))
            values = record.sigma_v[c, i].value
            axes.plot(speed, np.where(np.isfinite(values), values, np.nan), label=closure, **style, **marker)
        for c in range(len(record.closures)):
            style = line_style(c, len(record.closures)) | {"linewidth": 0.7, "linestyle": (0, (1, 2))}
            axes.axhline(record.unkicked[c, i].value, **style, label="without kick" if c == 0 else None)
        if record.point is not None:
            point = float(record.point.to_value("cm3/s"))
            axes.axhline(point, color="#cc79a7", linewidth=1.2, label="run file's particle")
            lowest = point if _NEAR * lowest < point < lowest else lowest
        axes.set(yscale="log", ylim=(lowest / 3, top), title=f"{law}; excluded above the lines")
        _kick_axis(axes, speed)
    panels[0, 0].set_ylabel(rf"${100 * record.confidence:g}\,\%$ limit on $(\sigma v)_0$ [cm$^3$ s$^{{-1}}$]")
    _shared_legend(figure, panels[0, 0])
    return figure


def _shared_legend(figure, axes):
    """One legend for all panels, below them."""
    handles, labels = axes.get_legend_handles_labels()
    columns = min(len(labels), 2 + len(figure.axes) // 2)
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, handlelength=3.2)
