"""The history of X, anti-X, baryons and zeta along time: Fig. 2 of Unwin (2012) in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from cosmology import units
from cosmology.models.exodus_sectors import split
from cosmology.thermodynamics import _entropy, _equilibrium_density
from cosmology.units import Quantity

CONFINEMENT = 0.155
"""float : temperature [GeV] of the QCD transition, quarks above and nucleons below."""

_NUCLEONS = ((4.0, 0.939),)  # states, mass [GeV]
_QUARKS = tuple((6.0 / 3, mass) for mass in (0.0022, 0.0047, 0.093, 1.27, 4.18))  # a third of a baryon each


@dataclass(frozen=True)
class ExodusHistory:
    """Yields along time.

    Attributes
    ----------
    x : ndarray (n,)
        m_X/T_gen.
    temperature : Quantity (n,)
        Of the visible bath.
    time : Quantity (n,)
    yields : mapping of str to ndarray (n,)
        Numbers per visible entropy: ``"X"``, ``"anti-X"``, ``"asymmetry"`` (their difference), ``"zeta"`` (with its
        antiparticles), ``"net zeta"`` (less them), ``"net baryons"``, ``"baryons"`` and ``"antibaryons"`` in
        equilibrium with each other (a gas of nucleons, and of quarks counted by thirds above 155 MeV).
    g_star : str
        Label of the degrees of freedom.
    residue : float
        Anti-X over the asymmetry when a lifetime has passed.
    """

    x: np.ndarray
    temperature: Quantity
    time: Quantity
    yields: Mapping
    g_star: str
    residue: float

    def __post_init__(self):
        arrays = {}
        for name, values in {"x": self.x, **self.yields}.items():
            arrays[name] = np.array(values, dtype=float)
            arrays[name].flags.writeable = False
        object.__setattr__(self, "x", arrays.pop("x"))
        object.__setattr__(self, "yields", MappingProxyType(arrays))

    def __reduce__(self):  # a read-only mapping does not travel between processes, its content does
        return type(self), (self.x, self.temperature, self.time, dict(self.yields), self.g_star, self.residue)

    @property
    def final(self):
        """Dict of the yields at the end."""
        return {name: float(values[-1]) for name, values in self.yields.items()}


def history(table, solution, asymmetry, route, sphaleron_temperature):
    """An `ExodusHistory` from a solution of one mass and one width.

    Parameters
    ----------
    table : ExpansionTable
    solution : Solution
    asymmetry : float
    route : Route
    sphaleron_temperature : float
        [GeV].
    """
    sectors = table.sectors
    hot = table.temperature[:, 0]
    kept = np.exp(-solution.exponent[:, 0, 0])
    rare = solution.antiparticles[:, 0, 0]
    net_baryons = asymmetry * baryon_number(route, kept, _kept_at(table, solution, sphaleron_temperature))
    more, fewer = split(net_baryons, _baryon_pairs(hot, sectors.dof))
    relic = route.relic
    yields = {
        "X": rare + asymmetry * kept,
        "anti-X": rare,
        "asymmetry": asymmetry * kept,
        "zeta": relic.total(asymmetry, kept, solution.relic[:, 0, 0]),
        "net zeta": relic.net(asymmetry, kept),
        "net baryons": net_baryons,
        "baryons": more,
        "antibaryons": fewer,
    }
    return ExodusHistory(
        x=table.x,
        temperature=units.attach(hot, "temperature"),
        time=units.attach(table.start_time[0] + table.plain[:, 0], "time"),
        yields=yields,
        g_star=sectors.dof.label,
        residue=float(solution.residue[0, 0]),
    )


def baryon_number(route, kept, kept_at_sphalerons):
    """Net baryons per X of the asymmetry at the start, from the shares of it that X has now and had when they stop."""
    early = 1 - np.maximum(kept, kept_at_sphalerons)
    return route.baryons_before * early + route.baryons_after * np.maximum(kept_at_sphalerons - kept, 0.0)


def _kept_at(table, solution, temperature):
    """Share of the asymmetry that X has at a visible temperature [GeV]."""
    log_x = np.log(table.sectors.ratio * table.masses[0] / temperature)
    exponent = solution.exponent[:, 0, 0]
    if log_x <= np.log(table.x[0]) or exponent[-1] == 0:
        return 1.0
    with np.errstate(divide="ignore"):
        logs = np.log(exponent[1:])
    return float(np.exp(-np.exp(np.interp(log_x, np.log(table.x[1:]), logs))))


def _baryon_pairs(hot, dof):
    """Baryons per entropy in equilibrium without an asymmetry."""
    nucleons, quarks = (
        sum(_equilibrium_density(hot, mass, states) for states, mass in gas) for gas in (_NUCLEONS, _QUARKS)
    )
    return np.maximum(np.where(hot < CONFINEMENT, nucleons, quarks) / _entropy(hot, dof), 1e-300)
