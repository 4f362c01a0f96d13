"""Decay rate against annihilation cross-section at 10 GeV: Hardy, Lasenby & Unwin (2014), Fig. 2.

Every line counts two species and their pairs: L' is half of the dark matter, and P = (1 - exp(-Gamma t))/2.
"""

import numpy as np
from astropy.table import QTable
from benchmark import (
    AGE,
    ALLOWED,
    BLUE,
    DASH_DOTTED,
    DASHED,
    DECAYED,
    DOTTED,
    GREEN,
    HALF_ALLOWED,
    MASS,
    ONE_SPECIES,
    PAIRS,
    RED,
    SHARE,
    allowed_patch,
    command_line,
    write,
)

from cosmology.asymmetric_freeze_out import FixedAbundance, required_sigma_v
from cosmology.limits import (
    CMB_2013,
    MILKY_WAY_SATELLITES,
    PLANCK_2018,
    PerturbativeAnnihilation,
    cosmic_age,
    lat_dwarfs,
)
from cosmology.units import Quantity
from halokick.study.plots import new_figure, styled

KICK = "40 km/s"
DWARFS = lat_dwarfs("mumu")
PERTURBATIVE = PerturbativeAnnihilation().bound(mass=MASS)

CAPTION = (
    "Limits on the annihilation of L' with the anti-L' that decays regenerate, L' of 10 GeV, to muons. Unlike the "
    "paper: L' is half of the dark matter, so r < 0.01 needs 2.55e-25 cm3/s instead of 1.2e-25, and limits published "
    "for self-conjugate particles are divided by P = (1 - exp(-Gamma t))/2; together they close early decays already "
    "for the CMB of 2013. Planck 2018 is added. Gamma rays are the LAT's 6-year dwarfs instead of its diffuse halo "
    "limits, which have no public table; daughters stay in dwarfs for kicks below about 20 km/s only. Satellite counts "
    "exclude decays to the right of the dotted line if the kick is 40 km/s. Perturbativity: alpha < 1 for annihilation "
    "to two light vectors."
)


def curves(points):
    """Each limit along Gamma t_0, and the named numbers."""
    decays = np.geomspace(1e-8, 1e6, points)
    relic = required_sigma_v(MASS, 0.01, ONE_SPECIES).sigma_v
    columns = {"gamma_t0": decays, "relic": np.full(points, relic.value) * relic.unit}

    def gamma_rays(x):
        return DWARFS.bound(mass=MASS, pair_factor=PAIRS(x))

    def cmb(limit, x):
        return limit.bound(mass=MASS, channel="mumu", pair_factor=PAIRS, width=x / AGE)

    columns["gamma_rays"] = Quantity([gamma_rays(x) for x in decays])
    columns["cmb_2013"] = Quantity([cmb(CMB_2013, x) for x in decays])
    columns["planck_2018"] = Quantity([cmb(PLANCK_2018, x) for x in decays])
    columns["perturbativity"] = np.full(points, PERTURBATIVE.value) * PERTURBATIVE.unit
    early = (AGE / cosmic_age(PLANCK_2018.z_eff)).to_value("")
    satellites = MILKY_WAY_SATELLITES.bound(kick_speed=KICK, share=SHARE)
    decayed = {
        "gamma rays": gamma_rays(np.inf),
        "CMB 2013": CMB_2013.bound(mass=MASS, channel="mumu", pair_factor=DECAYED),
        "Planck 2018": PLANCK_2018.bound(mass=MASS, channel="mumu", pair_factor=DECAYED),
    }
    sigmas = {
        "relic": relic,
        "relic, one species": required_sigma_v(MASS, 0.01, FixedAbundance(1.0)).sigma_v,
        "perturbativity": PERTURBATIVE,
        **{f"{name}, all decayed": limit for name, limit in decayed.items()},
        "gamma rays, Gamma t0 = 1": gamma_rays(1.0),
        "gamma rays, Gamma t0 = 1e-3": gamma_rays(1e-3),
        "CMB 2013, Gamma t0 = 1": cmb(CMB_2013, 1.0),
        "Planck 2018, Gamma t0 = 1": cmb(PLANCK_2018, 1.0),
    }
    numbers = {f"{name} [cm3/s]": float(value.to_value("cm3/s")) for name, value in sigmas.items()}
    numbers |= {
        "Gamma t0 where gamma rays meet the relic line": meeting(decayed["gamma rays"], relic),
        "Gamma t0 where gamma rays meet perturbativity": meeting(decayed["gamma rays"], PERTURBATIVE),
        "Gamma t0 where CMB 2013 meets the relic line": early * meeting(decayed["CMB 2013"], relic),
        "Gamma t0 where Planck 2018 meets the relic line": early * meeting(decayed["Planck 2018"], relic),
        "Gamma t0 that satellites allow, kick 40 km/s": (AGE / satellites).to_value(""),
    }
    return QTable(columns, meta={"caption": CAPTION, "numbers": {key: float(one) for key, one in numbers.items()}})


def meeting(decayed, sigma_v):
    """Gamma t at which a limit is as weak as `sigma_v`: it holds for all decayed, and weakens as 1 - exp(-Gamma t)."""
    return -np.log1p(-(decayed / sigma_v).to_value(""))


@styled
def draw(table):
    """The plane."""
    figure, axes = new_figure(size=(6.4, 6.2))
    x, relic, top = table["gamma_t0"], table["relic"].value, table["perturbativity"].value
    cmb = np.minimum(table["planck_2018"].value, top)
    both = np.minimum(table["gamma_rays"].value, cmb)
    slow = table.meta["numbers"]["Gamma t0 that satellites allow, kick 40 km/s"]
    axes.fill_between(x, relic, np.maximum(cmb, relic), where=x < slow, color=HALF_ALLOWED, linewidth=0)
    axes.fill_between(x, relic, np.maximum(both, relic), color=ALLOWED, linewidth=0)
    lines = [
        axes.plot(x, top, color="black", label=r"perturbativity, $\alpha = 1$")[0],
        axes.plot(x, table["gamma_rays"].value, color=GREEN, linewidth=2, label=r"LAT dwarfs, $\mu\mu$, no kick")[0],
        axes.plot(x, table["planck_2018"].value, color=RED, linestyle=DASHED, label="CMB, Planck 2018")[0],
        axes.plot(x, table["cmb_2013"].value, color=RED, linestyle=DASH_DOTTED, linewidth=1, label="CMB, 2013")[0],
        axes.plot(x, relic, color=BLUE, linewidth=2, label=r"relic antiparticles, $r_\infty = 0.01$")[0],
        axes.axvline(slow, color="0.35", linestyle=DOTTED, label="satellites, kick of 40 km/s"),
    ]
    axes.set(xscale="log", yscale="log", xlim=(x[0], x[-1]), ylim=(1e-26, 3e-18))
    axes.set(xlabel=r"decay rate, $\Gamma t_0$", ylabel=r"$\sigma_0 = \langle\sigma v\rangle$ [cm$^3$ s$^{-1}$]")
    axes.text(1e-6, 4e-23, "allowed", fontsize=10)
    axes.text(2e-3, 1.5e-21, "allowed if kicks\nempty dwarfs", fontsize=8, ha="center")
    handles = [allowed_patch(), allowed_patch("allowed if kicks empty dwarfs", HALF_ALLOWED), *lines]
    figure.legend(handles=handles, loc="outside upper center", ncols=3, handlelength=3.2)
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=200).parse_args()
    table = curves(options.points)
    write("figure_2", table, draw(table), options.output)


if __name__ == "__main__":
    main()
