"""J of the Galactic centre over J of a dwarf galaxy against the kick, for annihilation that depends on speed.

Left: the ratio for an s-wave, a p-wave and the attraction of a massless mediator, each over its value without a kick;
the band is what the dwarf's halo, of which the stars say little, leaves open. Right: what each kick leaves of both
targets. A slow mediator's attraction is lost to the slowest kicks at the Galactic centre, whose cusp is the coldest
place of all. v_rel = |v_1 - v_2|.
"""

import numpy as np
from astropy.table import QTable
from galactic_kicks import output_folder, parents

import halokick as hk
from halokick.sky.dwarf_closures import DwarfClosure, draw_dwarf
from halokick.sky.dwarf_grid import solve_daughter_grid
from halokick.sky.dwarf_signals import dwarf_signals
from halokick.sky.nfw_speeds import SpeedModel, nfw_speeds
from halokick.sky.sommerfeld import Coulomb
from halokick.sky.speed_factors import PWave, SWave
from halokick.sky.velocity_j import target_speeds
from halokick.study.plot_style import fine_ticks
from halokick.study.plots import line_style, new_figure, save, styled
from halokick.units import Quantity

SPEEDS = (1, 2, 3, 5, 7, 10, 14, 20, 25, 30, 35, 40, 50, 60, 75)
SUN, R_MAX = Quantity(8.2, "kpc"), Quantity(200.0, "kpc")
CENTRE_CONE, DWARF_CONE = Quantity(1.0, "deg"), Quantity(0.5, "deg")
DWARF = "Draco"
FACTORS = {"s-wave": SWave(), "p-wave": PWave(), "Coulomb, alpha = 0.01": Coulomb(0.01)}
DRAWS = 200


def centre(df, kicks):
    """J_S of the Galactic centre, shape (factors, kicks + 1)."""
    line = {"distance": SUN, "angle": CENTRE_CONE, "r_max": R_MAX}
    targets = [target_speeds(df, kick, **line) for kick in (None, *kicks)]
    return np.array([[one.j_factor(factor).value for one in targets] for factor in FACTORS.values()])


def dwarf(kicks):
    """J_S of the dwarf without kick, shape (factors,), and what kicks leave, shape (factors, kicks, 3): percentiles."""
    speeds = nfw_speeds()
    draws = draw_dwarf(hk.builtin_catalogue()[DWARF], DwarfClosure("subhaloes"), angle=DWARF_CONE, draws=DRAWS, seed=1)
    models = [SpeedModel(factor, name, speeds=speeds) for name, factor in FACTORS.items()]
    found = dwarf_signals([draws], kicks, models, grid=solve_daughter_grid(), speeds=speeds)
    return found.j_factor[:, 0, 0, 1].value, found.left[:, 0, 1:]


@styled
def main():
    """Solve, draw, write."""
    folder = output_folder(__doc__)
    kicks = [hk.FixedKick(f"{speed} km/s") for speed in SPEEDS]
    galactic, (unkicked, drawn) = centre(parents(), kicks), dwarf(kicks)
    figure, (left, right) = new_figure(1, 2, size=(9.4, 4.2))
    columns = {"kick": Quantity(SPEEDS, "km/s")}
    for i, name in enumerate(FACTORS):
        style = line_style(i, len(FACTORS))
        bright = galactic[i, 1:] / galactic[i, 0]
        left_over = drawn[i]
        ratio = bright[:, None] / left_over
        if i == 0:
            band = f"{name}, 16-84 % of the haloes of {DWARF}"
            left.fill_between(SPEEDS, ratio[:, 2], ratio[:, 0], color="0.85", linewidth=0, label=band)
        whole = galactic[i, 0] / unkicked[i]
        left.plot(SPEEDS, ratio[:, 1], label=f"{name} ({float(f'{whole:.2g}'):.0f})", **style)
        right.plot(SPEEDS, bright, **style)
        right.plot(SPEEDS, left_over[:, 1], **(style | {"linewidth": 0.9}), marker="o", markersize=3)
        for column, values in (("centre", bright), ("dwarf", left_over[:, 1]), ("ratio", ratio[:, 1])):
            columns[f"{column}, {name}"] = values
    left.axhline(1.0, color="0.6", linewidth=0.8)
    label = rf"centre over {DWARF}, $J_S$, over that without kick"
    left.set(xscale="log", yscale="log", xlabel=r"kick [km s$^{-1}$]", ylabel=label, ylim=(0.5, 1e3))
    left.legend(loc="upper left", title="in brackets: the ratio without kick", title_fontsize=8)
    right.set(xscale="log", yscale="log", xlabel=r"kick [km s$^{-1}$]", ylim=(1e-4, 1.5))
    right.set_ylabel(r"$J_S$ over $J_S$ without kick")
    right.set_title(rf"lines: Galactic centre, {CENTRE_CONE:g}; dots: {DWARF}, {DWARF_CONE:g}", fontsize=9)
    for axes in (left, right):
        axes.set_xlim(SPEEDS[0], SPEEDS[-1])
        axes.set_xticks([1, 2, 5, 10, 20, 50], labels=["1", "2", "5", "10", "20", "50"])
        fine_ticks(axes)
    table = QTable(
        columns,
        meta={
            "centre": f"J_S over that without kick, within {CENTRE_CONE} of the Galactic centre",
            "dwarf": f"the same of {DWARF} within {DWARF_CONE}, median of {DRAWS} draws",
            "ratio": "centre over dwarf",
            "VCONV": "v_rel = |v_1 - v_2|",
            "laws": {name: repr(factor) for name, factor in FACTORS.items()},
        },
    )
    table.write(folder / "j_ratio_velocity.ecsv", overwrite=True)
    save(figure, folder / "j_ratio_velocity.png")


if __name__ == "__main__":
    main()
