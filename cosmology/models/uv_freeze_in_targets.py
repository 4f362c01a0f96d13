r"""Which phases, or which reheating temperature, give the observed baryons: solved for, with every branch.

Charges are not linear in the phases: with them the wash-out, the dark temperature and, through the light neutrinos, the
lepton coupling change as well. So each trial is a full solution. Asadi, Moore, Morrissey & Shamma (2025), Sect. 4.3,
rescale the charges instead, which holds for small phases at fixed coupling only.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from cosmology import constants, units
from cosmology.errors import InputError
from cosmology.models.uv_freeze_in_choices import Choices
from cosmology.models.uv_freeze_in_couplings import (
    Couplings,
    TwoNeutrinos,
    largest_lepton_coupling,
    two_neutrinos,
)
from cosmology.models.uv_freeze_in_history import (
    SMALLEST_MASS_RATIO,
    baryon_yield,
    check_validity,
    follow,
    strengths,
    thermalises,
)
from cosmology.particle_input import PERTURBATIVE_COUPLING, checked_positive
from cosmology.units import Quantity

VARIED = ("alpha", "beta", "both")
"""tuple of str : the phase that is solved for; "both" multiplies both by a number between -1 and 1."""

_WIDTH = 0.01  # of the solver's steps
_NEARLY = 0.3  # an extremum that misses the target by less of it is looked at between the points
_PER_DECADE = 4  # of M_1, along which |Y_B| rises
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class PhaseSolution:
    """Phases with which the baryons are those asked for.

    Attributes
    ----------
    neutrinos : TwoNeutrinos
        With these phases.
    baryons, dark_lepton, xi : float
        Y_B, Y_(Lx) and T_x/T in the end.
    rising : bool
        Whether Y_B grows with the phase there.
    """

    neutrinos: TwoNeutrinos
    baryons: float
    dark_lepton: float
    xi: float
    rising: bool


@dataclass(frozen=True, eq=False)
class PhaseSearch:
    """All solutions of a search, and what it saw.

    Attributes
    ----------
    branches : tuple of PhaseSolution
        In the order of the phase; empty if there is none.
    phase : ndarray (n,)
        Where Y_B was looked at: the phase, or the common factor.
    baryons : ndarray (n,)
        Y_B there; NaN where couplings are too large or xi would reach 1.
    """

    branches: tuple
    phase: np.ndarray
    baryons: np.ndarray


@dataclass(frozen=True)
class LowestReheating:
    """Lowest reheating temperature at which Y_B is as large as observed, of either sign.

    Attributes
    ----------
    temperature : Quantity [temperature]
        T_RH.
    mass : Quantity [mass]
        M_1.
    baryons, xi : float
        Y_B with its sign, and T_x/T in the end.
    """

    temperature: Quantity
    mass: Quantity
    baryons: float
    xi: float


def phases_for_baryons(
    neutrinos, reheating_temperature, *, vary="alpha", choices=None, baryons=constants.BARYON_YIELD, points=240
):
    """Phases that give the baryon asymmetry, sign included.

    Parameters
    ----------
    neutrinos : TwoNeutrinos
        The phase that is varied is not used; without `lepton_coupling` that coupling follows the phase.
    reheating_temperature : Quantity [temperature]
    vary : {"alpha", "beta", "both"}
        Over a full turn; "both" multiplies the given phases by -1 to 1.
    choices : Choices, optional
    baryons : float
        Y_B, of either sign.
    points : int
        Where Y_B is looked at first. Two solutions closer together than these are found if Y_B turns near the target.

    Returns
    -------
    PhaseSearch
    """
    if not isinstance(neutrinos, TwoNeutrinos):
        raise InputError(f"neutrinos = {neutrinos!r}; give TwoNeutrinos, whose phases can be varied")
    if vary not in VARIED:
        raise InputError(f"vary = {vary!r}; allowed: {', '.join(VARIED)}")
    if not (np.isfinite(baryons) and baryons != 0 and points >= 8):
        raise InputError(f"baryons = {baryons}, points = {points}; a number that is not 0 and at least 8 points")
    choices = Choices() if choices is None else choices
    reheating = checked_positive(reheating_temperature, "temperature", "reheating_temperature")
    if neutrinos.mass.to_value("GeV") < SMALLEST_MASS_RATIO * reheating * (1 - 1e-12):
        check_validity(_points(neutrinos, alpha=np.array([neutrinos.alpha])), np.array([reheating]), choices)
    end = 1.0 if vary == "both" else np.pi
    phase = np.linspace(-end, end, points + 1)

    def solve(values):
        return _solved(_points(neutrinos, **_turned(neutrinos, vary, np.asarray(values))), reheating, choices)

    yields = solve(phase)[0]
    excess = yields / baryons - 1
    brackets = []
    for left, right, low, high in zip(phase[:-1], phase[1:], excess[:-1], excess[1:], strict=True):
        if low * high < 0 or (high == 0 and right != phase[-1]):
            brackets.append((left, right))
    brackets += _turning(phase, excess, lambda value: float(solve([value])[0][0] / baryons - 1))
    found = []
    for left, right in sorted(brackets):
        root = brentq(lambda value: float(solve([value])[0][0] / baryons - 1), left, right, xtol=_TOLERANCE)
        if vary != "both" and found and np.isclose(abs(root - found[0][0]), 2 * np.pi):
            continue
        found.append((root, (left, right)))
    branches = []
    for root, (left, right) in found:
        here = solve([root])
        sides = solve([left, right])[0]
        branches.append(
            PhaseSolution(
                neutrinos=replace(
                    neutrinos, **{name: float(one) for name, one in _turned(neutrinos, vary, root).items()}
                ),
                baryons=float(here[0][0]),
                dark_lepton=float(here[1][0]),
                xi=float(here[2][0]),
                rising=bool(sides[1] > sides[0]),
            )
        )
    return PhaseSearch(tuple(branches), phase, yields)


def lowest_reheating(
    neutrinos, mass_over_reheating=25.0, *, choices=None, baryons=constants.BARYON_YIELD, masses=("1e4 GeV", "1e15 GeV")
):
    """Lowest T_RH that leaves enough baryons at a given M_1/T_RH; phases of either sign count.

    Parameters
    ----------
    neutrinos : TwoNeutrinos
        Its mass is not used.
    mass_over_reheating : float
    choices : Choices, optional
    baryons : float
    masses : pair of Quantity [mass]
        Range of M_1 that is searched, from below.

    Returns
    -------
    LowestReheating

    Raises
    ------
    InputError
        Nowhere in that range are there enough baryons, or there are at its lower end.
    """
    choices = Choices() if choices is None else choices
    x = checked_positive(mass_over_reheating, "dimensionless", "mass_over_reheating")
    low, high = (checked_positive(one, "mass", "masses") for one in masses)
    check_validity(_points(neutrinos, mass=np.array([low])), np.array([low / x]), choices)

    def solve(mass):
        mass = np.asarray(mass)
        return _solved(_points(neutrinos, mass=mass), mass / x, choices)

    mass = np.geomspace(low, high, 1 + int(np.ceil(_PER_DECADE * np.log10(high / low))))
    yields = solve(mass)[0]
    enough = np.flatnonzero(np.abs(yields) >= baryons)
    if not enough.size or enough[0] == 0:
        raise InputError(
            f"M_1 from {masses[0]} to {masses[1]}: Y_B reaches {np.nanmax(np.abs(yields)):.3g} there, {baryons:.3g} is "
            "asked for" + (", and is there at the lower end already; search lower" if enough.size else "")
        )
    first = enough[0]
    root = brentq(
        lambda log_m: np.log(abs(solve([np.exp(log_m)])[0][0]) / baryons),
        np.log(mass[first - 1]),
        np.log(mass[first]),
        xtol=1e-8,
    )
    here = solve([np.exp(root)])
    return LowestReheating(
        temperature=units.attach(np.exp(root) / x, "temperature"),
        mass=units.attach(np.exp(root), "mass"),
        baryons=float(here[0][0]),
        xi=float(here[2][0]),
    )


def lowest_reheating_band(neutrinos, mass_over_reheating=25.0, *, choices=None, **options):
    """Lowest, own and highest `lowest_reheating` temperature over all readings of the equations.

    Parameters
    ----------
    neutrinos, mass_over_reheating, choices, **options
        See `lowest_reheating`.

    Returns
    -------
    tuple of Quantity [temperature]
    """
    choices = Choices() if choices is None else choices
    own = lowest_reheating(neutrinos, mass_over_reheating, choices=choices, **options).temperature
    # baryons do not depend on how chi are counted
    readings = {replace(one, dark_charge=choices.dark_charge) for one in choices.readings()}
    found = [lowest_reheating(neutrinos, mass_over_reheating, choices=one, **options).temperature for one in readings]
    return min(found), own, max(found)


def _points(neutrinos, **arrays):
    """Couplings of many points, which differ from the model in some arrays of `two_neutrinos`."""
    given = {
        "mass": neutrinos.mass.to_value("GeV"),
        "alpha": neutrinos.alpha,
        "beta": neutrinos.beta,
        **arrays,
    }
    ratios = {name: getattr(neutrinos, name) for name in ("mass_ratio", "lepton_ratio", "dark_ratio")}
    lepton = neutrinos.lepton_coupling
    if lepton is None:
        cap = neutrinos.largest_neutrino_mass.to_value("GeV")
        lepton = largest_lepton_coupling(
            given["mass"], given["alpha"], ratios["mass_ratio"], ratios["lepton_ratio"], cap
        )
        lepton = np.minimum(lepton, 10 * PERTURBATIVE_COUPLING)  # infinite ones are refused as well, but as numbers
    return two_neutrinos(**given, dark=neutrinos.dark_coupling, lepton=lepton, **ratios)


def _solved(couplings, reheating, choices):
    """Y_B, Y_(Lx) and xi of points (3, n); NaN where couplings are too large or xi would reach 1."""
    reheating = np.broadcast_to(reheating, couplings.lightest.shape)
    good = couplings.largest() <= PERTURBATIVE_COUPLING
    good &= ~thermalises(*strengths(couplings, reheating, choices))
    found = np.full((3, len(good)), np.nan)
    if np.any(good):
        picked = Couplings(couplings.masses[good], couplings.lepton[good], couplings.dark[good])
        solved = follow(picked, reheating[good], choices, width=_WIDTH)
        found[:, good] = baryon_yield(solved.b_minus_l), solved.dark_lepton, solved.xi
    return found


def _turned(neutrinos, vary, value):
    """Phases by name for values of what is varied."""
    if vary == "both":
        return {"alpha": neutrinos.alpha * value, "beta": neutrinos.beta * value}
    return {vary: value}


def _turning(phase, excess, function):
    """Brackets of pairs of roots beside an extremum that misses the target between the points."""
    brackets = []
    for i in range(1, len(phase) - 1):
        low, middle, high = excess[i - 1 : i + 2]
        if not np.all(np.isfinite([low, middle, high])) or abs(middle) > _NEARLY:
            continue
        sign = np.sign(middle)
        if sign * low < sign * middle or sign * high < sign * middle or low * middle <= 0 or middle * high <= 0:
            continue
        turn = minimize_scalar(
            lambda value, sign=sign: sign * function(value), bounds=(phase[i - 1], phase[i + 1]), method="bounded"
        )
        if turn.fun < 0:
            brackets += [(phase[i - 1], turn.x), (turn.x, phase[i + 1])]
    return brackets
