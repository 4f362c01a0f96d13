"""The picture of live halos: how much mass is left inside each radius, and what the dark matter has become."""

import numpy as np

from halokick.study.plot_style import PARENT, add_legend, drawn_of, labelled, line_style, new_figure, positive, styled

_SPECIES = {
    "total": {"color": "black", "linestyle": "-", "label": "all dark matter"},
    "parents": {"color": "#0072b2", "linestyle": (0, (6, 2)), "label": "parents left"},
    "primordial": {"color": "#009e73", "linestyle": (0, (6, 2, 1.5, 2)), "label": "primordial daughters' species"},
    "daughters": {"color": "#d55e00", "linestyle": (0, (1.5, 1.5)), "label": "daughters of decays"},
}
_MOST_PANELS = 3


@styled
def live_figure(result):
    """Mass of today over that before decays, for every kick; and the densities of the species, for a few."""
    live = [one for one in result.daughters if one.live is not None]
    few = [live[i] for i in drawn_of(len(live), _MOST_PANELS)]
    figure, panels = new_figure(1, 1 + len(few), size=(3.6 + 2.9 * len(few), 3.6), squeeze=False)
    left, others = panels[0, 0], panels[0, 1:]
    left.axhline(1.0, **(PARENT | {"label": "before any decay"}))
    drawn = [live[i] for i in drawn_of(len(live))]
    for i, one in enumerate(drawn):
        record, style = one.live, line_style(i, len(drawn))
        radius = record.radius.value
        ratio = np.asarray(record.mass / record.before_mass)
        left.plot(radius, ratio[-1], label=one.label, **style)
        for t in range(len(ratio) - 1):
            left.plot(radius, ratio[t], **(style | {"linewidth": 0.7}))
    earlier = "" if len(live[0].live.times) == 1 else "; thin: earlier times"
    left.set(
        xscale="log",
        xlabel=labelled(r"$r$", live[0].live.radius.unit),
        ylabel=r"$M(<r)$ over $M$ before",
        ylim=(0.0, 1.1),
        title=f"after {live[0].live.times[-1].to_value('Gyr'):.4g} Gyr{earlier}",
    )
    add_legend(left, len(drawn) + 1, loc="best")
    for panel, one in zip(others, few, strict=True):
        _species(panel, one)
    return figure


def _species(panel, one):
    record = one.live
    radius, scale = record.radius.value, record.radius.value**2
    panel.plot(radius, scale * record.before.value, **(PARENT | {"linewidth": 0.8, "label": "before any decay"}))
    for name, style in _SPECIES.items():
        values = getattr(record, name)[-1].to_value(record.before.unit)
        if np.any(values > 0):
            panel.plot(radius, positive(scale * values), **style)
    highest = np.nanmax(scale * record.before.value)
    panel.set(
        xscale="log",
        yscale="log",
        xlabel=labelled(r"$r$", record.radius.unit),
        ylabel=labelled(r"$r^2\rho$", record.before.unit * record.radius.unit**2),
        ylim=(1e-3 * highest, 2 * highest),
        title=one.label,
    )
    add_legend(panel, len(_SPECIES) + 1, loc="best")
