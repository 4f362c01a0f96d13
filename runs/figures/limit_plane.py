"""Limits from dwarf galaxies in the plane of cross-section and kick: runs/dwarf_limits.toml, an s-wave and a p-wave.

A limit that was published for daughters without a kick, for three ways to choose the haloes of the dwarfs among those
that have the measured mass. For an s-wave they agree without a kick, and part where the kick nears V_max, which is not
measured; for a p-wave they differ from the beginning, as the speeds go with V_max. The grey band is what the choice
leaves open: above it a cross-section is excluded by all, below it by none.
"""

from pathlib import Path

import numpy as np
from astropy.table import QTable
from galactic_kicks import output_folder

from halokick.study.config import read_config
from halokick.study.plot_style import fine_ticks
from halokick.study.plots import line_style, new_figure, save, styled
from halokick.study.run import run
from halokick.units import Quantity

RUN_FILE = Path(__file__).parents[1] / "dwarf_limits.toml"
LAWS = {"s_wave": "s-wave", "p_wave": r"p-wave, $S = (v_\mathrm{rel}/c)^2$"}
HEIGHT = 3e3
"""Of the axis, in lowest limits."""


@styled
def main():
    """Run, draw, write."""
    folder = output_folder(__doc__)
    limits = run(read_config(RUN_FILE)).limits
    speed = limits.mean_speed.to_value("km/s")
    columns = {"kick": Quantity(np.append(0.0, speed), "km/s")}
    figure, panels = new_figure(1, len(LAWS), size=(9.4, 4.2))
    for axes, (law, title) in zip(panels, LAWS.items(), strict=True):
        i = limits.laws.index(law)
        low, high = (edge[i].value for edge in limits.band)
        axes.fill_between(speed, low, high, color="0.85", linewidth=0, label="left open by the choice of haloes")
        for c, closure in enumerate(limits.closures):
            style = line_style(c, len(limits.closures))
            axes.plot(speed, limits.sigma_v[c, i].value, label=closure.replace("V_max", r"$V_\mathrm{max}$"), **style)
            axes.axhline(limits.unkicked[c, i].value, linewidth=0.7, **(style | {"linestyle": (0, (1, 2))}))
            values = np.append(limits.unkicked[c, i].value, limits.sigma_v[c, i].value)
            columns[f"{law}, {closure}"] = Quantity(values, limits.sigma_v.unit)
        lowest = np.min(limits.unkicked[:, i].value)
        axes.set(xscale="log", yscale="log", xlim=(speed[0], speed[-1]), ylim=(lowest / 2, HEIGHT * lowest))
        axes.set(title=title, xlabel=r"kick [km s$^{-1}$]")
        axes.set_xticks([3, 5, 10, 20, 50], labels=["3", "5", "10", "20", "50"])
        axes.text(0.55, 0.55, "excluded", transform=axes.transAxes, ha="center", color="0.3")
        axes.text(0.95, 0.04, "allowed", transform=axes.transAxes, ha="right", color="0.3")
        fine_ticks(axes)
    panels[0].set_ylabel(rf"${100 * limits.confidence:g}\,\%$ limit on $(\sigma v)_0$ [cm$^3$ s$^{{-1}}$]")
    panels[0].legend(loc="upper left", frameon=False, title="dotted: without kick", title_fontsize=8)
    table = QTable(
        columns,
        meta={
            "limits": f"on (sigma v)_0 at {100 * limits.confidence:g} per cent; the first row is without kick",
            "source": limits.source,
            "dwarfs": ", ".join(limits.dwarfs),
            "shares": [float(share) for share in limits.shares],
            "VCONV": "v_rel = |v_1 - v_2|",
        },
    )
    table.write(folder / "limit_plane.ecsv", overwrite=True)
    save(figure, folder / "limit_plane.png")


if __name__ == "__main__":
    main()
