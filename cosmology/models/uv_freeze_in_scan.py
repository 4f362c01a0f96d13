r"""Planes of parameters at once: asymmetries, dark temperature and heaviest chi, as Figs. 5 to 8 show them.

Asadi, Moore, Morrissey & Shamma (2025). With the lepton coupling as large as neutrino masses allow, xi depends on
:math:`|\lambda_1|` and :math:`x_\mathrm{RH} = M_1/T_\mathrm{RH}` alone, Eq. (60): a row of the plane has one of each,
and its dark bath is solved once for all M_1.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import constants, units
from cosmology.degrees_of_freedom import DEFAULT, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models.uv_freeze_in_baths import final_temperature_ratio
from cosmology.models.uv_freeze_in_choices import Choices
from cosmology.models.uv_freeze_in_couplings import BENCHMARKS, Couplings, two_neutrinos
from cosmology.models.uv_freeze_in_history import SMALLEST_MASS_RATIO, baryon_yield, follow, strengths, thermalises
from cosmology.models.uv_freeze_in_relic import heaviest
from cosmology.models.uv_freeze_in_sink import DarkSink
from cosmology.particle_input import PERTURBATIVE_COUPLING, checked_positive
from cosmology.units import Quantity

SCAN_WIDTH = 0.01
"""float : of the solver's steps; the error of the charges is then below 1e-8."""

THERMALISED = "xi would reach 1: the two sectors come to equilibrium"
NON_PERTURBATIVE = "a coupling above sqrt(4 pi)"


@dataclass(frozen=True, eq=False)
class FreezeInPlane:
    """Final charges on a plane of rows, with one dark coupling and one M_1/T_RH each, and columns of M_1.

    Attributes
    ----------
    mass : Quantity [mass] (columns,)
        M_1.
    dark_coupling, mass_over_reheating, xi : ndarray (rows,)
        Of each row; xi is that in the end, NaN where it would reach 1.
    b_minus_l, dark_lepton : ndarray (rows, columns)
        Y_(B-L) and Y_(Lx), signed; NaN where `reason` says why.
    wash_out : ndarray (rows, columns)
        Measure of dark wash-out, Eq. (61); strong above 1.
    reason : ndarray (rows, columns) of str
        Empty where there are numbers.
    choices : Choices
    """

    mass: Quantity
    dark_coupling: np.ndarray
    mass_over_reheating: np.ndarray
    xi: np.ndarray
    b_minus_l: np.ndarray
    dark_lepton: np.ndarray
    wash_out: np.ndarray
    reason: np.ndarray
    choices: Choices

    @property
    def baryons(self):
        """Y_B of today, Eq. (42), signed (rows, columns)."""
        return baryon_yield(self.b_minus_l)

    @property
    def chi_asymmetry(self):
        """Y_chi - Y_antichi, signed (rows, columns)."""
        return self.choices.chi_per_charge * self.dark_lepton


@dataclass(frozen=True, eq=False)
class DarkMatterPlane:
    """Heaviest chi on a plane; NaN where `reason` says why.

    Attributes
    ----------
    mass : Quantity [mass] (rows, columns)
        That makes chi all of the dark matter.
    asymmetric_share : ndarray (rows, columns)
        (Y_chi - Y_antichi)/(Y_chi + Y_antichi).
    reason : ndarray (rows, columns) of str
    """

    mass: Quantity
    asymmetric_share: np.ndarray
    reason: np.ndarray


def scan(
    mass, dark_coupling, mass_over_reheating=30.0, *, phases="B1", choices=None, way="exact", progress=None, **ratios
):
    """Asymmetries on a plane of two-neutrino models with the largest lepton couplings.

    Parameters
    ----------
    mass : Quantity [mass] (columns,)
        M_1.
    dark_coupling : array (rows,) or float
        Absolute value of lambda_1.
    mass_over_reheating : array (rows,) or float
        x_RH = M_1/T_RH.
    phases : str or (float, float)
        Name in `BENCHMARKS`, or alpha and beta.
    choices : Choices, optional
    way : {"exact", "small_xi"}
        See `uv_freeze_in_history.WAYS`.
    progress : callable, optional
        Called with rows done and all rows.
    **ratios
        `mass_ratio`, `lepton_ratio`, `dark_ratio` of `uv_freeze_in_couplings.two_neutrinos`.

    Returns
    -------
    FreezeInPlane

    Raises
    ------
    UnitError, InputError
        Bare masses, M_1/T_RH below 25. A point where xi would reach 1 or a coupling is too large is NaN, with a reason.
    """
    mass = np.atleast_1d(checked_positive(mass, "mass", "mass"))
    rows = _rows(dark_coupling, mass_over_reheating)
    choices, phases = Choices() if choices is None else choices, _phases(phases)
    shape = (len(rows[0]), len(mass))
    found = {name: np.full(shape, np.nan) for name in ("b_minus_l", "dark_lepton", "wash_out")}
    xi, reason = np.full(shape[0], np.nan), np.full(shape, "", dtype=object)
    for i, (coupling, x) in enumerate(zip(*rows, strict=True)):
        points = two_neutrinos(mass, *phases, coupling, **ratios)
        good = points.largest() <= PERTURBATIVE_COUPLING
        reason[i, ~good] = NON_PERTURBATIVE
        points = _picked(points, good)
        if np.any(good) and np.any(thermalises(*strengths(points, mass[good] / x, choices))):
            reason[i, good] = THERMALISED
        elif np.any(good):
            same = np.zeros(np.count_nonzero(good), dtype=int)
            solved = follow(points, mass[good] / x, choices, way=way, row=same, width=SCAN_WIDTH)
            xi[i] = solved.xi[0]
            found["b_minus_l"][i, good], found["dark_lepton"][i, good] = solved.b_minus_l, solved.dark_lepton
            found["wash_out"][i, good] = solved.strength
        if progress is not None:
            progress(i + 1, shape[0])
    return FreezeInPlane(
        mass=units.attach(mass, "mass"),
        dark_coupling=rows[0],
        mass_over_reheating=rows[1],
        xi=xi,
        reason=reason,
        choices=choices,
        **found,
    )


def temperature_plane(dark_coupling, mass_over_reheating, *, mass="1e10 GeV", phases="B1", choices=None, **ratios):
    """Final temperature ratio for arrays of dark coupling and x_RH that broadcast; NaN where it would reach 1.

    Parameters
    ----------
    dark_coupling, mass_over_reheating : array
    mass : Quantity [mass]
        M_1, on which the answer does not depend.
    phases, choices, **ratios
        See `scan`.

    Returns
    -------
    ndarray
    """
    coupling, x = np.broadcast_arrays(dark_coupling, mass_over_reheating)
    flat = _rows(coupling.ravel(), x.ravel())
    heavy = checked_positive(mass, "mass", "mass")
    points = two_neutrinos(heavy, *_phases(phases), flat[0], **ratios)
    first, second = strengths(points, heavy / flat[1], Choices() if choices is None else choices)
    good = ~thermalises(first, second)
    xi = np.full(len(first), np.nan)
    if np.any(good):
        xi[good] = final_temperature_ratio(first[good], second[good])
    return xi.reshape(coupling.shape)


def heaviest_dark_matter(plane, sink=None, *, asymmetries="rescaled", g_star=DEFAULT, progress=None):
    """Largest mass of chi on a plane, Fig. 8.

    Parameters
    ----------
    plane : FreezeInPlane
    sink : DarkSink, optional
        Its mass is not used.
    asymmetries : {"rescaled", "computed"}
        Whether the asymmetry of chi is lowered by the factor by which Y_B is above its observed value, as a common
        factor in both sources would do, or taken as it is.
    g_star : str or DegreesOfFreedom
        Of the visible bath at freeze-out.
    progress : callable, optional
        Called with rows done and all rows.

    Returns
    -------
    DarkMatterPlane
    """
    if asymmetries not in ASYMMETRIES:
        raise InputError(f"asymmetries = {asymmetries!r}; allowed: {', '.join(ASYMMETRIES)}")
    sink, dof = DarkSink() if sink is None else sink, degrees_of_freedom(g_star)
    asymmetry = np.abs(plane.chi_asymmetry)
    if asymmetries == "rescaled":
        asymmetry = asymmetry * rescaling(plane.baryons)
    shape = asymmetry.shape
    mass, share, reason = np.full(shape, np.nan), np.full(shape, np.nan), plane.reason.copy()
    for first in range(0, shape[0], _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        relics = heaviest(plane.xi[part, np.newaxis], asymmetry[part], sink, dof)
        mass[part], share[part] = relics.mass, relics.asymmetric_share
        why = np.reshape(np.array(relics.reason, dtype=object), relics.mass.shape)
        reason[part] = np.where(reason[part] == "", why, reason[part])
        if progress is not None:
            progress(min(first + _AT_ONCE, shape[0]), shape[0])
    return DarkMatterPlane(units.attach(mass, "mass"), share, reason)


ASYMMETRIES = ("computed", "rescaled")
"""tuple of str : as the phases give them, or divided by what Y_B has above its observed value."""

_AT_ONCE = 10  # rows; keeps the working arrays small


def rescaling(baryons):
    """Factor that brings baryons down to the observed ones: 1 where there are not more than those."""
    with np.errstate(divide="ignore"):
        return np.minimum(1.0, constants.BARYON_YIELD / np.abs(baryons))


def _rows(dark_coupling, mass_over_reheating):
    coupling = checked_positive(dark_coupling, "dimensionless", "dark_coupling")
    x = checked_positive(mass_over_reheating, "dimensionless", "mass_over_reheating")
    if np.any(np.asarray(x) < SMALLEST_MASS_RATIO * (1 - 1e-12)):
        raise InputError(
            f"mass_over_reheating = {np.min(x)}; M_1/T_RH is at least {SMALLEST_MASS_RATIO:g}, so that N are made by "
            "no decay or resonance"
        )
    return [np.array(one, dtype=float) for one in np.broadcast_arrays(*np.atleast_1d(coupling, x))]


def _phases(phases):
    if isinstance(phases, str):
        if phases not in BENCHMARKS:
            raise InputError(f"phases = {phases!r}; known are {', '.join(BENCHMARKS)}, or give (alpha, beta)")
        return BENCHMARKS[phases]
    alpha, beta = phases
    return float(alpha), float(beta)


def _picked(points, which):
    return Couplings(points.masses[which], points.lepton[which], points.dark[which])
