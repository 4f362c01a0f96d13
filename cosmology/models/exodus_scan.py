"""Which lifetimes and masses of X work, and the ways out where none do: the plane of masses and lifetimes at once.

The paper's window, 1e-5 s to 1 s at 5 to 10 GeV, is closed at equal temperatures by zetas of thermal X. The plane says
by which condition each of its points fails; `escapes` says what would open one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.models.exodus_equations import ExpansionTable, SelfConjugateRelic, solve
from cosmology.models.exodus_freeze_in import (
    LARGEST_SHARE,
    last_temperature,
    lifetime_needed,
    mass_needed,
    ratio_needed,
    relic_sigma_v_needed,
)
from cosmology.models.exodus_freeze_out import CRITICAL_SHARE, _check_asymmetry, _critical_x
from cosmology.models.exodus_heating import FROZEN_OUT, _temperature
from cosmology.models.exodus_sectors import OBSERVED_ASYMMETRY, Sectors, check_states, one_quantity
from cosmology.particle_input import checked_positive
from cosmology.relic import baryon_density_ratio
from cosmology.thermodynamics import _RADIATION_ONLY, _time
from cosmology.units import Quantity

OPEN_DECAY, HEATING, DEPLETION = "open decay", "heating of the relics", "depletion before decay"
ELEMENTS, REMAINDER, FREEZE_IN = "light elements", "remaining anti-X", "zetas from thermal X"
DEFICIT = "annihilation of late zetas"
WINDOWS = (OPEN_DECAY, HEATING, DEPLETION, ELEMENTS, REMAINDER, DEFICIT, FREEZE_IN)
"""tuple of str : the windows of a plane, named as those of a model."""

PAPER_WINDOWS = WINDOWS[:-1]
"""tuple of str : without zetas of thermal X, which the paper does not have."""


@dataclass(frozen=True)
class ViabilityMap:
    """Plane of m masses and k lifetimes.

    Attributes
    ----------
    mass : Quantity (m,)
    lifetime : Quantity (k,)
    relics : ndarray (m, k)
        Y_zeta at the end over the asymmetry: 1 is what the paper has.
    residue : ndarray (m, k)
        Anti-X over the asymmetry when a lifetime has passed.
    depletion_time : Quantity (m,)
        When anti-X in equilibrium is a hundredth of the asymmetry.
    heating : ndarray (m,)
        T_relic/m_zeta; NaN where the decay is closed.
    relic_mass : Quantity
    passed : mapping of str to ndarray (m, k) of bool
        By window.
    g_star : str
    """

    mass: Quantity
    lifetime: Quantity
    relics: np.ndarray
    residue: np.ndarray
    depletion_time: Quantity
    heating: np.ndarray
    relic_mass: Quantity
    passed: Mapping
    g_star: str

    def __post_init__(self):
        object.__setattr__(self, "passed", MappingProxyType(dict(self.passed)))

    def __reduce__(self):  # a read-only mapping does not travel between processes, its content does
        return type(self), tuple(dict(value) if name == "passed" else value for name, value in vars(self).items())

    def open(self, windows=WINDOWS):
        """Points that pass all of some windows, ndarray (m, k) of bool; `PAPER_WINDOWS` are those of the paper."""
        unknown = sorted(set(windows) - set(WINDOWS))
        if unknown:
            raise InputError(f"windows has {unknown}; there are {', '.join(WINDOWS)}")
        return np.logical_and.reduce([self.passed[name] for name in windows])

    def closed_by(self, window):
        """Points that this window alone closes, ndarray (m, k) of bool."""
        others = tuple(name for name in WINDOWS if name != window)
        return self.open(others) & ~self.open((window,))


def viability_map(
    mass,
    lifetime,
    sigma_v,
    *,
    sectors=None,
    states=1.0,
    asymmetry=OBSERVED_ASYMMETRY,
    charge=1.0,
    relic_mass=None,
    visible_mass="0.94 GeV",
    relic_sigma_v="0 cm3/s",
    largest_residue=0.01,
    largest_freeze_in=LARGEST_SHARE,
    longest_lifetime="1 s",
):
    """Solve the history of every mass and lifetime, and ask all windows.

    Zeta is its own antiparticle.

    Parameters
    ----------
    mass : Quantity (m,)
    lifetime : Quantity (k,)
    sigma_v : Quantity [sigma_v]
        <sigma v> of X with anti-X.
    sectors : Sectors, optional
    states, asymmetry, charge : float
    relic_mass : Quantity [mass], optional
        That of one zeta per decay, (Omega_DM/Omega_B) m_p Q, if not given.
    visible_mass : Quantity [mass]
    relic_sigma_v : Quantity [sigma_v]
    largest_residue, largest_freeze_in : float
    longest_lifetime : Quantity [time]

    Returns
    -------
    ViabilityMap

    Raises
    ------
    InputError
        Masses or lifetimes that are no lists of positive values, or lifetimes beyond the radiation era.
    """
    sectors = Sectors() if sectors is None else sectors
    m, tau = (
        np.atleast_1d(checked_positive(one, dimension, name))
        for one, dimension, name in ((mass, "mass", "mass"), (lifetime, "time", "lifetime"))
    )
    if m.ndim != 1 or tau.ndim != 1:
        raise InputError("mass and lifetime need one list of values each; the plane is made of both")
    _check_asymmetry(asymmetry)
    for name, value in (
        ("charge", charge),
        ("largest_residue", largest_residue),
        ("largest_freeze_in", largest_freeze_in),
    ):
        checked_positive(value, "dimensionless", name)
    end = last_temperature(tau.max(), sectors)
    if end < _RADIATION_ONLY:
        longest = units.attach(tau.max() * (end / _RADIATION_ONLY) ** 2, "time")
        raise InputError(f"lifetime reaches {np.max(lifetime)}; the radiation era allows lifetimes up to {longest:.2g}")
    zeta = baryon_density_ratio() * charge if relic_mass is None else one_quantity(relic_mass, "mass", "relic_mass")[0]
    relic_sigma = units.to_internal(relic_sigma_v, "sigma_v", "relic_sigma_v")
    if relic_sigma < 0 or units.to_internal(visible_mass, "mass", "visible_mass") < 0:
        raise InputError(f"relic_sigma_v = {relic_sigma_v}, visible_mass = {visible_mass}; neither is negative")
    _, sigma = one_quantity(sigma_v, "sigma_v", "sigma_v")
    table = ExpansionTable(m, sectors, check_states(states), end, floor=_RADIATION_ONLY if relic_sigma > 0 else end)
    found = solve(table, 1 / tau, sigma, asymmetry, SelfConjugateRelic, relic_sigma, every_step=False)
    x = _critical_x(m, asymmetry, states, sectors, CRITICAL_SHARE)
    depleted = np.array([_time(float(hot), sectors.dof) for hot in sectors.ratio * m / x])
    light, other = units.to_internal(zeta, "mass"), units.to_internal(visible_mass, "mass", "visible_mass")
    opened = m > light + other
    heating = np.full(m.shape, np.nan)
    heating[opened] = _temperature(m[opened], light, other, "relativistic") / light
    relics = found.relic[-1] / asymmetry
    excess = relics - 1 - 2 * np.minimum(found.residue, 1.0)
    passed = {
        OPEN_DECAY: opened[:, None],
        HEATING: (heating <= FROZEN_OUT)[:, None],
        DEPLETION: tau >= depleted[:, None],
        ELEMENTS: tau <= units.to_internal(longest_lifetime, "time", "longest_lifetime"),
        REMAINDER: found.residue <= largest_residue,
        DEFICIT: -excess <= largest_freeze_in,
        FREEZE_IN: excess <= largest_freeze_in,
    }
    return ViabilityMap(
        mass=units.attach(m, "mass"),
        lifetime=units.attach(tau, "time"),
        relics=relics,
        residue=found.residue,
        depletion_time=units.attach(depleted, "time"),
        heating=heating,
        relic_mass=zeta,
        passed={name: np.broadcast_to(one, relics.shape) for name, one in passed.items()},
        g_star=sectors.dof.label,
    )


@dataclass(frozen=True)
class Escapes:
    """What keeps zetas of thermal X few, each way by itself.

    Attributes
    ----------
    lifetime : Quantity [time]
        Shortest, at this mass.
    ratio : float
        Smallest T_vis/T_gen, 1 if none is needed.
    mass : Quantity [mass]
        Smallest m_X.
    relic_sigma_v : Quantity [sigma_v]
        Smallest <sigma v> of zetas, s-wave.
    """

    lifetime: Quantity
    ratio: float
    mass: Quantity
    relic_sigma_v: Quantity


def escapes(mass, lifetime, sigma_v, **options):
    """Ways out for a mass and a lifetime.

    Parameters
    ----------
    mass : Quantity [mass]
    lifetime : Quantity [time]
    sigma_v : Quantity [sigma_v]
        <sigma v> of X with anti-X.
    **options
        `asymmetry`, `share`, `states` and `sectors`, see `cosmology.models.exodus_freeze_in`.

    Returns
    -------
    Escapes
    """
    return Escapes(
        lifetime_needed(mass, **options),
        ratio_needed(mass, lifetime, **options),
        mass_needed(lifetime, **options),
        relic_sigma_v_needed(mass, lifetime, sigma_v, **options),
    )
