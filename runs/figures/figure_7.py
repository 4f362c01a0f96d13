"""Mediator mass against coupling through a pseudoscalar's pole: Hardy, Lasenby & Unwin (2014), Fig. 7.

Masses close to the pole are solved more densely, each in a process of its own.
"""

import numpy as np
from astropy.table import QTable
from benchmark import (
    ALLOWED,
    BLUE,
    DASH_DOTTED,
    DASHED,
    DECAYED,
    GREEN,
    MASS,
    ONE_SPECIES,
    RED,
    allowed_patch,
    command_line,
    each_in_a_process,
    write,
)

from cosmology.asymmetric_freeze_out import required_sigma_v
from cosmology.limits import CMB_2013, PLANCK_2018, lat_dwarfs
from cosmology.particle_input import PERTURBATIVE_COUPLING
from cosmology.pseudoscalar import PseudoscalarResonance, coupling_intervals
from cosmology.thermal_shape import HIGHEST_X, LOWEST_X, ThermalShape
from cosmology.units import Quantity
from halokick.study.plots import new_figure, styled

QUARK_COUPLING = 0.14
RATIO = 0.05
HALO = "155 km/s"
F_EFF = 0.35
X = np.geomspace(LOWEST_X, HIGHEST_X, 300)
LIMITS = {
    "gamma_rays": lat_dwarfs("bb").bound(mass=MASS, pair_factor=DECAYED),
    "cmb_2013": CMB_2013.bound(mass=MASS, f_eff=F_EFF, pair_factor=DECAYED),
    "planck_2018": PLANCK_2018.bound(mass=MASS, f_eff=F_EFF, pair_factor=DECAYED),
}
STEEP = (21.3, 21.32, 21.33, 21.34, 21.36)
"""Masses [GeV] at which the relic line climbs by two orders of magnitude."""
NAMED = (18.0, 19.0, 20.02, 20.2, 20.5, 21.0, 23.0)

CAPTION = (
    "Limits on the coupling of a pseudoscalar phi to L' of 10 GeV; its coupling to quarks is 0.14 times the Yukawa one "
    "times m_phi/m_h. Strongest bounds: all B' have decayed, for the CMB before recombination. Above 20 GeV, "
    "freeze-out reaches the pole and annihilation today does not. Unlike the paper: own freeze-out with a fixed width "
    "instead of micrOMEGAs, L' as half of the dark matter, and limits for self-conjugate particles divided by P = 1/2; "
    "gamma rays are the LAT's dwarf limits for b quarks, without kick; 0.35 of the energy is taken to reach the gas; "
    "Planck 2018 is added. Next to the pole, L' may decouple kinetically before it freezes out, which could move the "
    "relic line."
)


def intervals(mediator):
    """Ends of the coupling's interval by line, and how many intervals there are; mediator mass in GeV."""

    def resonance(couplings):
        return PseudoscalarResonance(MASS, Quantity(mediator, "GeV"), couplings, QUARK_COUPLING)

    def relic(couplings):
        shapes = [ThermalShape(X, row) for row in resonance(couplings).thermal(X)]
        needed = [required_sigma_v(MASS, RATIO, ONE_SPECIES, shape=shape).sigma_v for shape in shapes]
        return np.array([(shape.amplitude / need).to_value("") for shape, need in zip(shapes, needed, strict=True)])

    def gamma_rays(couplings):
        return (resonance(couplings).halo_average(HALO) / LIMITS["gamma_rays"]).to_value("")

    def cmb(name):
        return lambda couplings: (resonance(couplings).at_rest() / LIMITS[name]).to_value("")

    # on the far side of the pole the interval shrinks and ends, and wants finer steps not to be missed
    steps = 30 if mediator > STEEP[0] else 16
    found = {
        "relic": coupling_intervals(relic, lowest=1e-4, points=steps),
        "gamma_rays": coupling_intervals(gamma_rays, lowest=1e-4, points=40),
        "cmb_2013": coupling_intervals(cmb("cmb_2013"), lowest=1e-4, points=40),
        "planck_2018": coupling_intervals(cmb("planck_2018"), lowest=1e-4, points=40),
    }
    row = {}
    for name, ends in found.items():
        row[f"{name}, from"], row[f"{name}, to"] = ends[0] if len(ends) else (np.nan, np.nan)
        row[f"{name}, intervals"] = len(ends)
    return row


def curves(points):
    """Intervals of the coupling for every mass, and the named numbers."""
    quarter = points // 4
    below, close = 20.0 - 2.0 * np.linspace(0.01, 1.0, quarter) ** 1.5, 20.0 + np.geomspace(1e-3, 0.3, quarter)
    above = np.linspace(20.35, 23.0, max(2, points - 2 * quarter - len(STEEP)))
    masses = np.unique(np.concatenate([below, close, above, STEEP, NAMED]))
    rows = each_in_a_process(intervals, masses)
    columns = {"mediator_mass": Quantity(masses, "GeV")}
    columns |= {name: np.array([row[name] for row in rows]) for name in rows[0]}
    numbers = {
        f"{name}, {mass:g} GeV": float(columns[f"{name}, from"][np.searchsorted(masses, mass)])
        for name in ("relic", *LIMITS)
        for mass in NAMED
    }
    return QTable(columns, meta={"caption": CAPTION, "numbers": numbers})


@styled
def draw(table):
    """The plane."""
    figure, axes = new_figure(size=(6.4, 6.0))
    mass = table["mediator_mass"].value
    ceiling = np.fmin(table["gamma_rays, from"], table["planck_2018, from"])
    ceiling = np.fmin(ceiling, table["relic, to"])
    floor = table["relic, from"]
    axes.fill_between(mass, floor, ceiling, where=floor < ceiling, interpolate=True, color=ALLOWED, linewidth=0)
    handles = [allowed_patch()]
    relic_style = {"color": BLUE, "linewidth": 2}
    for name, label, style in (
        ("relic", r"relic antiparticles, $r_\infty = 0.05$", relic_style),
        ("gamma_rays", r"LAT dwarfs, $b\bar b$, no kick", {"color": GREEN, "linewidth": 2}),
        ("planck_2018", "CMB, Planck 2018", {"color": RED, "linestyle": DASHED}),
        ("cmb_2013", "CMB, 2013", {"color": RED, "linestyle": DASH_DOTTED, "linewidth": 1}),
    ):
        handles += axes.plot(mass, table[f"{name}, from"], label=label, **style)
    # a broad pole dilutes itself: the relic line has an upper branch, and the two meet
    closing = np.flatnonzero(table["relic, to"] < 0.999 * PERTURBATIVE_COUPLING)
    if closing.size:
        last = closing[-1]
        axes.plot(
            np.append(mass[closing], mass[last]), np.append(table["relic, to"][closing], floor[last]), **relic_style
        )
    handles.append(axes.axvline(20.0, color="0.5", linewidth=0.8, label=r"$m_\phi = 2m_{L'}$"))
    axes.set(yscale="log", xlim=(18.0, 23.0), ylim=(1e-4, 3.6))
    axes.set(xlabel=r"mediator mass, $m_\phi$ [GeV]", ylabel=r"coupling, $\lambda$")
    figure.legend(handles=handles, loc="outside upper center", ncols=3, handlelength=3.2)
    return figure


def main():
    """Solve, draw, write."""
    options = command_line(__doc__, points=100).parse_args()
    table = curves(options.points)
    write("figure_7", table, draw(table), options.output)


if __name__ == "__main__":
    main()
