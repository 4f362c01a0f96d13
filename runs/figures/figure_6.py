"""Mediator mass against coupling for annihilation to two light vectors: Hardy, Lasenby & Unwin (2014), Fig. 6.

Self-scattering is the sum over partial waves of the repulsive potential, since almost all pairs are of the same sign.
"""

from functools import partial

import numpy as np
from astropy.table import QTable
from benchmark import (
    ALLOWED,
    BLUE,
    DASH_DOTTED,
    DASHED,
    DECAYED,
    DOTTED,
    GREEN,
    MASS,
    ONE_SPECIES,
    ORANGE,
    PAIRS,
    PINK,
    RED,
    allowed_patch,
    command_line,
    each_in_a_process,
    write,
)
from matplotlib.lines import Line2D

from cosmology.annihilation import MUON_MASS, VectorPairAnnihilation, hulthen_sommerfeld
from cosmology.asymmetric_freeze_out import required_sigma_v
from cosmology.limits import PerturbativeCoupling, lat_dwarfs
from cosmology.pseudoscalar import coupling_intervals
from cosmology.self_scattering import limiting_mediator_masses
from cosmology.units import Quantity
from halokick.study.plots import new_figure, styled

PERTURBATIVE = float(PerturbativeCoupling().bound())
SCATTERING = {
    "0.1 cm2/g at 30 km/s": ("0.1 cm2/g", "30 km/s"),
    "1 cm2/g at 30 km/s": ("1 cm2/g", "30 km/s"),
    "1 cm2/g at 1000 km/s": ("1 cm2/g", "1000 km/s"),
}
DWARF_SPEED = "20 km/s"
GAMMA_RAYS = {
    f"gamma rays, {name}": lat_dwarfs("mumu").bound(mass=MASS, pair_factor=pairs)
    for name, pairs in (("all decayed", DECAYED), ("Gamma t0 = 1e-3", PAIRS(1e-3)))
}
RELIC = required_sigma_v(MASS, 0.01, ONE_SPECIES).sigma_v
NAMED_RATIOS = (1e-4, 0.5, 0.9)

CAPTION = (
    "Limits on the coupling of a light vector V to L' and B' of 10 GeV, L' anti-L' to V V, V to muons. Allowed for "
    "Gamma t0 = 1e-3; once all B' have decayed nothing is, because the gamma-ray line lies below the relic line. "
    "Unlike the paper: two species and their pairs are counted (Fig. 2); gamma rays are the LAT's dwarf limits for "
    "muons, without kick. Repulsive scattering, by partial waves, falls below 0.1 cm2/g at 30 km/s above 61 and 158 "
    "MeV at the couplings of the gamma-ray line for Gamma t0 = 1e-3 and 1e-6 (0.424 and 2.39), where the text has 500 "
    "MeV and 1 GeV: decay to muons, above 211 MeV, is the stronger condition. The Sommerfeld factor (thin lines; "
    "Hulthen, 20 km/s), left out in the paper, matters below a GeV."
)


def tree_coupling(sigma_v, mediators):
    """Coupling of the tree-level cross-section; NaN above the perturbative one."""
    per_unit = Quantity([VectorPairAnnihilation(MASS, one, 1.0).thermal(20.0) for one in mediators])
    coupling = (sigma_v / per_unit).to_value("") ** 0.25
    return np.where(coupling <= PERTURBATIVE, coupling, np.nan)


def attracted_coupling(limit, mediator):
    """Smallest coupling excluded with the attraction of the pair; NaN if there is none.

    Parameters
    ----------
    limit : Quantity [sigma_v]
    mediator : Quantity [mass]
    """
    unit = VectorPairAnnihilation(MASS, mediator, 1.0).thermal(20.0)

    def ratio(coupling):
        tree = (unit / limit).to_value("") * coupling**4
        return tree * hulthen_sommerfeld(DWARF_SPEED, MASS, mediator, coupling)

    intervals = coupling_intervals(ratio, lowest=0.01)
    return intervals[0, 0] if len(intervals) else np.nan


def scattering_mass(limit, speed, coupling):
    """Mediator mass [GeV] below which repulsive scattering is stronger than a limit."""
    found = limiting_mediator_masses(MASS, coupling, "repulsive", limit, speed, "1e-4 GeV", "3 GeV", points=8)
    return float(found[0].to_value("GeV")) if len(found) else np.nan


def between(coupling, solved, masses):
    """Masses at every coupling from those that were solved; NaN next to one that has none."""
    return np.exp(np.interp(np.log(coupling), np.log(solved), np.log(masses)))


def curves(points):
    """Couplings against mediator mass, mediator masses against coupling, and the named numbers."""
    light, heavy = np.geomspace(0.01, 5.0, points - points // 2), 10.0 - np.geomspace(5.0, 0.005, points // 2)
    mediators = Quantity(np.unique(np.concatenate([light, heavy, [2 * MUON_MASS]])), "GeV")
    columns = {"mediator_mass": mediators, "relic": tree_coupling(RELIC, mediators)}
    for name, limit in GAMMA_RAYS.items():
        columns[name] = tree_coupling(limit, mediators)
        columns[f"{name}, Sommerfeld"] = np.array([attracted_coupling(limit, one) for one in mediators])
    columns["coupling"] = np.geomspace(0.05, PERTURBATIVE, len(mediators))
    # smooth in logarithms, and costly: every fourth coupling is solved
    couplings = columns["coupling"][np.unique(np.append(np.arange(0, len(mediators), 4), len(mediators) - 1))]
    for name, (limit, speed) in SCATTERING.items():
        masses = each_in_a_process(partial(scattering_mass, limit, speed), couplings)
        columns[f"self-scattering, {name}"] = Quantity(between(columns["coupling"], couplings, masses), "GeV")
    named = Quantity(MASS) * np.array(NAMED_RATIOS)
    numbers = {}
    for name, sigma_v in (("relic", RELIC), *GAMMA_RAYS.items()):
        for ratio, coupling in zip(NAMED_RATIOS, tree_coupling(sigma_v, named), strict=True):
            numbers[f"{name}, mediator of {ratio:g} m"] = float(coupling)
    for coupling in (0.424, 2.39):
        for name, (limit, speed) in SCATTERING.items():
            mass = scattering_mass(limit, speed, coupling)
            numbers[f"self-scattering, {name}, coupling {coupling:g} [GeV]"] = mass
    return QTable(columns, meta={"caption": CAPTION, "numbers": numbers})


@styled
def draw(table):
    """The plane."""
    figure, axes = new_figure(size=(6.4, 6.0))
    mediator, coupling, relic = table["mediator_mass"].value, table["coupling"], table["relic"]
    decayed, slow = GAMMA_RAYS
    floor = table["self-scattering, 0.1 cm2/g at 30 km/s"].value
    # where no coupling is excluded by gamma rays, perturbativity is left
    ceiling = np.where(np.isnan(table[f"{slow}, Sommerfeld"]), PERTURBATIVE, table[f"{slow}, Sommerfeld"])
    ceiling = np.minimum(ceiling, np.interp(mediator, floor, coupling))
    decays = mediator >= 2 * MUON_MASS
    axes.fill_between(mediator, relic, ceiling, where=decays, color=ALLOWED, linewidth=0)
    handles = [allowed_patch(r"allowed, $\Gamma t_0 = 10^{-3}$")]
    handles.append(axes.axhline(PERTURBATIVE, color="black", label=r"perturbativity, $\alpha = 1$"))
    handles += axes.plot(mediator, relic, color=BLUE, linewidth=2, label=r"relic antiparticles, $r_\infty = 0.01$")
    for name, color, label in (
        (slow, GREEN, r"LAT dwarfs, $\Gamma t_0 = 10^{-3}$"),
        (decayed, "black", "LAT dwarfs, all decayed"),
    ):
        handles += axes.plot(mediator, table[name], color=color, linewidth=2, linestyle=DASHED, label=label)
        axes.plot(mediator, table[f"{name}, Sommerfeld"], color=color, linewidth=1)
    handles.append(Line2D([], [], color="0.3", linewidth=1, label="the same, Sommerfeld factor"))
    styles = ((RED, "-"), (ORANGE, DASH_DOTTED), ("0.5", DOTTED))
    for name, (color, dashes) in zip(SCATTERING, styles, strict=True):
        masses = table[f"self-scattering, {name}"].value
        label = "scattering, " + name.replace("cm2/g at", r"cm$^2$/g,")
        handles += axes.plot(masses, coupling, color=color, linestyle=dashes, linewidth=2, label=label)
    handles.append(axes.axvline(2 * MUON_MASS, color=PINK, linewidth=2, label=r"$m_V = 2m_\mu$"))
    axes.set(xscale="log", yscale="log", xlim=(0.01, 10.0), ylim=(0.05, 5.0))
    axes.set(xlabel=r"mediator mass, $m_V$ [GeV]", ylabel=r"coupling, $\lambda$")
    axes.set_yticks([0.05, 0.1, 0.2, 0.5, 1, 2, 5], labels=["0.05", "0.1", "0.2", "0.5", "1", "2", "5"])
    figure.legend(handles=handles, loc="outside upper center", ncols=3, handlelength=3.0, fontsize=7.5)
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=80).parse_args()
    table = curves(options.points)
    write("figure_6", table, draw(table), options.output)


if __name__ == "__main__":
    main()
