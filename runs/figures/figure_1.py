"""The steps to an annihilation signal along cosmic time: Hardy, Lasenby & Unwin (2014), Fig. 1, as a calculation.

The paper's figure is a cartoon without numbers; this is a solution for one benchmark.
"""

import numpy as np
from astropy.table import QTable
from benchmark import (
    AGE,
    BLUE,
    DASH_DOTTED,
    DASHED,
    DOTTED,
    GREEN,
    MASS,
    ONE_SPECIES,
    PINK,
    RED,
    SHARE,
    command_line,
    write,
)

from cosmology.asymmetric_freeze_out import freeze_out, freeze_out_history
from cosmology.build_up import annihilation_threshold
from cosmology.kick_spectrum import two_body_speed
from cosmology.limits import cosmic_age
from cosmology.limits import hubble_rate as late_hubble_rate
from cosmology.thermodynamics import cosmic_time, entropy_density, equilibrium_yield, hubble_rate
from cosmology.units import Quantity
from cosmology.wash_out import e_folds, highest_temperature
from halokick.study.plots import new_figure, styled

SIGMA_V = Quantity("3e-25 cm3/s")
DECAYS = 0.1
"""Gamma t_0."""
RATE = (DECAYS / AGE).to("1/s")
SPLITTING = "0.6 MeV"
MADE_AT = Quantity("100 GeV")
LOCAL_DENSITY = Quantity("0.015 cm-3")
"""L' near the Sun: 0.15 GeV/cm^3, half of the dark matter there."""
ENTROPY_TODAY = Quantity("2891.2 cm-3")

CAPTION = (
    "A calculation, where the paper has a cartoon: B' and L' of 10 GeV with equal asymmetries, each annihilating with "
    "its antiparticle with sigma v = 3e-25 cm3/s, Gamma t0 = 0.1, splitting 0.6 MeV (a kick of at most 18 km/s), "
    "asymmetries made at 100 GeV (wash-out 0.3 e-folds). Top: numbers per entropy; antiparticles left by freeze-out, "
    "{relic:.2g} of the particles, outnumber those from decays until {time:.1g} s. Bottom: rates over the expansion "
    "rate H; above one a process is in equilibrium. An anti-L' annihilates in the mean cosmic density (line) or near "
    "the Sun (star) with a chance of {local:.1g} per Hubble time: few, which is why their number grows by decays "
    "alone. Anti-B' follow the relic anti-L'."
)


def early(points):
    """Yields and rates from 1 TeV to 1 MeV, and the relic."""
    relic = freeze_out(MASS, SIGMA_V, ONE_SPECIES)
    asymmetry = float(relic.asymmetry)
    history = freeze_out_history(MASS, SIGMA_V, asymmetry)
    temperature = Quantity(np.geomspace(1000.0, 1.0e-3, points), "GeV")
    x = (Quantity(MASS) / temperature).to_value("")
    equilibrium = equilibrium_yield(temperature, MASS, 2.0)
    # before the history begins antiparticles follow the bath
    hot = equilibrium**2 / (asymmetry / 2 + np.hypot(asymmetry / 2, equilibrium))
    cold = np.exp(np.interp(np.log(x), np.log(history.x), np.log(history.yields["antiparticle"])))
    rare = np.where(x > history.x[0], cold, hot)
    rate = hubble_rate(temperature).to("1/s")
    washed_out = e_folds(temperature, RATE, SPLITTING)
    wash_out = -np.gradient(washed_out, np.log(1 / temperature.value))
    columns = {
        "time": cosmic_time(temperature),
        "temperature": temperature,
        "equilibrium": equilibrium,
        "parents": rare + asymmetry,
        "daughters": rare + asymmetry,
        "antidaughters": rare,
        "annihilation over H": ((rare + asymmetry) * entropy_density(temperature) * SIGMA_V / rate).to_value(""),
        # its massless particles are gone below their mass
        "wash-out over H": np.where(x < 1.0, wash_out, np.nan),
        "decay over H": (RATE / rate).to_value(""),
    }
    return columns, relic


def late(points, relic):
    """Yields and rates from redshift 1e8 to today, when all that happens is decay."""
    stretch = np.geomspace(1e8, 1.0, points)
    time, rate = cosmic_age(stretch - 1.0), late_hubble_rate(stretch - 1.0).to("1/s")
    made = -relic.particle_yield * np.expm1(-(RATE * time).to_value(""))
    return {
        "time": time,
        "temperature": Quantity(2.348654e-13, "GeV") * stretch,
        "equilibrium": np.full(points, np.nan),
        "parents": relic.particle_yield - made,
        "daughters": np.full(points, relic.particle_yield),
        "antidaughters": relic.antiparticle_yield + made,
        "annihilation over H": (relic.particle_yield * ENTROPY_TODAY * stretch**3 * SIGMA_V / rate).to_value(""),
        "wash-out over H": np.full(points, np.nan),
        "decay over H": (RATE / rate).to_value(""),
    }


def curves(points):
    """Both epochs in one table, and the named numbers."""
    first, relic = early(points)
    second = late(points, relic)
    now = late_hubble_rate(0.0)
    numbers = {
        "relic ratio": relic.ratio,
        "asymmetry": relic.asymmetry,
        "time when decays have made as many [s]": -np.log1p(-relic.antiparticle_yield / relic.particle_yield)
        / RATE.value,
        "antidaughters over initial parents today": (second["antidaughters"][-1] - relic.antiparticle_yield)
        / relic.particle_yield,
        "annihilation near the Sun over H today": (LOCAL_DENSITY * SIGMA_V / now).to_value(""),
        "annihilation threshold near the Sun [cm3/s]": annihilation_threshold(LOCAL_DENSITY, AGE).to_value("cm3/s"),
        "wash-out [e-folds]": e_folds(MADE_AT, RATE, SPLITTING),
        "highest temperature, derived [GeV]": highest_temperature(RATE, SPLITTING, "derived").value,
        "kick [km/s]": two_body_speed(MASS, Quantity(MASS) - Quantity(SPLITTING)).to_value("km/s"),
    }
    numbers = {name: float(value) for name, value in numbers.items()}
    caption = CAPTION.format(
        relic=numbers["relic ratio"],
        time=numbers["time when decays have made as many [s]"],
        local=numbers["annihilation near the Sun over H today"],
    )
    columns = {}
    for name, values in first.items():
        unit = getattr(values, "unit", 1)
        columns[name] = (
            np.concatenate([np.asarray(values), np.asarray(getattr(second[name], "value", second[name]))]) * unit
        )
    return QTable(columns, meta={"caption": caption, "share of each species": SHARE, "numbers": numbers})


@styled
def draw(table):
    """Numbers above, rates below."""
    figure, (top, bottom) = new_figure(2, size=(7.2, 7.6), sharex=True, height_ratios=(5, 4))
    time, numbers = table["time"].to_value("s"), table.meta["numbers"]
    top.plot(time, table["equilibrium"], color="0.5", linewidth=1, linestyle=DOTTED, label="equilibrium, no asymmetry")
    top.plot(time, table["parents"], color=BLUE, linewidth=2.5, label="B' (parents)")
    top.plot(time, table["daughters"], color=RED, linewidth=1.5, linestyle=DASHED, label="L' (daughters)")
    top.plot(time, table["antidaughters"], color=GREEN, linewidth=2, label="anti-L'")
    relic = numbers["relic ratio"] * table["daughters"][-1]
    made = table["antidaughters"] - relic
    late = time > 1e3
    top.plot(time[late], made[late], color=GREEN, linewidth=1, linestyle=DASH_DOTTED, label="anti-L' from decays")
    top.set(yscale="log", ylim=(1e-16, 1e-2), ylabel="number per entropy, $Y = n/s$")
    for name, color, dashes, label in (
        ("wash-out over H", PINK, DASHED, "wash-out of the asymmetries"),
        ("annihilation over H", GREEN, "-", "annihilation of an anti-L'"),
        ("decay over H", BLUE, DASH_DOTTED, "decay of a B'"),
    ):
        bottom.plot(time, table[name], color=color, linestyle=dashes, linewidth=2, label=label)
    bottom.plot(time[-1], numbers["annihilation near the Sun over H today"], "*", color=GREEN, markersize=11)
    bottom.axhline(1.0, color="0.5", linewidth=1)
    bottom.set(xscale="log", yscale="log", ylim=(1e-18, 1e13), xlim=(time[0], 3e18))
    bottom.set(xlabel="time [s]", ylabel="rate over expansion rate")
    events = {
        "asymmetries\nmade": cosmic_time(MADE_AT).value,
        "freeze-out": cosmic_time(Quantity(MASS) / 25).value,
        "recombi-\nnation": cosmic_age(1090.0).value,
        "today": AGE.to_value("s"),
    }
    for name, moment in events.items():
        for axes in (top, bottom):
            axes.axvline(moment, color="0.6", linewidth=0.8)
        top.annotate(name, (moment, 1.0), (0, 3), ("data", "axes fraction"), "offset points", ha="center", fontsize=7)
    top.legend(loc="upper right", bbox_to_anchor=(0.80, 1.0), handlelength=3.2)
    bottom.legend(loc="upper right", bbox_to_anchor=(0.80, 1.0), handlelength=3.2)
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=200).parse_args()
    table = curves(options.points)
    write("figure_1", table, draw(table), options.output)


if __name__ == "__main__":
    main()
