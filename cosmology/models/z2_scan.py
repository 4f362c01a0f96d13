r"""Planes of the Z2-related dark sector, and curves, many points at once: Figs. 3 to 5 of Bodas et al. (2024).

Quantities in and out. An excluded point is part of the answer.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.models import z2_confinement, z2_hadrons
from cosmology.models.z2_hadrons import NO_DINEUTRON, DarkHadrons
from cosmology.models.z2_inputs import HIGGS_MASS, RELATIVISTIC_SECTOR, SECOND, VEV
from cosmology.models.z2_reheating import LARGEST_DELTA_N_EFF, sudden_decay
from cosmology.models.z2_reheaton import CHANNELS, domination_temperature, expansion_rate, widths
from cosmology.particle_input import checked_positive
from cosmology.units import Quantity

TOO_LATE = "decays after a second"
TOO_EARLY = "decays before it dominates"
RADIATION = "too much dark radiation"
DARK_ATOMS = "dark protons are left"
DINEUTRONS = "dineutrons are bound"


@dataclass(frozen=True)
class ReheatingMap:
    """Sudden decay of R in the plane of its mass and coupling; arrays (masses, couplings).

    Attributes
    ----------
    mass, coupling : Quantity
        The two axes.
    width : Quantity [width]
    dark_share : ndarray (masses,)
        BR'.
    delta_n_eff, dilution : ndarray
    reheating_temperature, domination_temperature : Quantity
        The latter along the masses.
    passed : dict of str to ndarray of bool
        `TOO_LATE`, `TOO_EARLY`, `RADIATION` -> whether the point is free of it.
    channels : str
    """

    mass: Quantity
    coupling: Quantity
    width: Quantity
    dark_share: np.ndarray
    delta_n_eff: np.ndarray
    dilution: np.ndarray
    reheating_temperature: Quantity
    domination_temperature: Quantity
    passed: dict
    channels: str

    def allowed(self):
        """ndarray of bool : where all conditions are met."""
        return np.logical_and.reduce(list(self.passed.values()))


def reheating_map(
    mass,
    coupling,
    *,
    dark_vev="1 TeV",
    channels="complete",
    coupling_ratio=1.0,
    bottom_ratio=1.0,
    limit=LARGEST_DELTA_N_EFF,
):
    r"""Plane of Fig. 3, Eqs. (13) to (26), with g_tau = 12, G = 1 and g of 2 x 106.75 when R decoupled.

    Parameters
    ----------
    mass : Quantity [mass]
        Values of m_R.
    coupling : Quantity [energy]
        Values of beta_R.
    dark_vev : Quantity [energy]
        v'.
    channels : {"complete", "paper"}
        They disagree; see `cosmology.models.z2_reheaton`.
    coupling_ratio, bottom_ratio : float
        beta'_R/beta_R and y'_b/y_b.
    limit : float
        On Delta N_eff.

    Returns
    -------
    ReheatingMap

    Raises
    ------
    InputError
        Values that are not positive, or v' below v.
    """
    m, beta = (
        np.atleast_1d(checked_positive(one, dimension, name))
        for one, dimension, name in ((mass, "mass", "mass"), (coupling, "energy", "coupling"))
    )
    if m.ndim != 1 or beta.ndim != 1:
        raise InputError("mass and coupling need one list of values each; the plane is made of both")
    scale = _scale(dark_vev)
    checked_positive(coupling_ratio, "dimensionless", "coupling_ratio")
    checked_positive(bottom_ratio, "dimensionless", "bottom_ratio")
    # all widths go like the square of the coupling
    per_square = widths(m, 1.0, coupling_ratio, scale, bottom_ratio=bottom_ratio, channels=channels)
    visible, dark = (one[:, None] * beta**2 for one in per_square)
    found = sudden_decay(visible, dark, m[:, None])
    total = visible + dark
    hot = domination_temperature(m)
    early = expansion_rate(hot, 2 * RELATIVISTIC_SECTOR)
    passed = {
        TOO_LATE: total >= 1 / SECOND,
        TOO_EARLY: total <= early[:, None],
        RADIATION: found.delta_n_eff <= limit,
    }
    return ReheatingMap(
        mass=units.attach(m, "mass"),
        coupling=units.attach(beta, "energy").to("eV"),
        width=units.attach(total, "width"),
        dark_share=per_square[1] / sum(per_square),
        delta_n_eff=found.delta_n_eff,
        dilution=found.dilution,
        reheating_temperature=units.attach(found.temperature, "temperature"),
        domination_temperature=units.attach(hot, "temperature"),
        passed=passed,
        channels=channels,
    )


def reheating_thresholds(dark_vev="1 TeV"):
    """Masses of R that Fig. 3 marks, a dict: ``"2 m_h"``, ``"m_h'"`` and ``"2 m_h'"`` -> Quantity."""
    scale = _scale(dark_vev)
    marks = {"2 m_h": 2.0, "m_h'": scale, "2 m_h'": 2 * scale}
    return {name: units.attach(factor * HIGGS_MASS, "mass") for name, factor in marks.items()}


def allowed_masses(mass, *, dark_vev="1 TeV", channels="complete", limit=LARGEST_DELTA_N_EFF):
    r"""Whether R of a mass heats the visible sector enough, for a coupling small enough: :math:`K\mathrm{BR'/BR}`.

    Parameters
    ----------
    mass : Quantity [mass]
    dark_vev : Quantity [energy]
    channels : {"complete", "paper"}
    limit : float

    Returns
    -------
    allowed : ndarray of bool
    smallest : ndarray of float
        Delta N_eff that no dilution takes away.
    """
    if channels not in CHANNELS:
        raise InputError(f"channels = {channels!r}; choose one of {', '.join(map(repr, CHANNELS))}")
    m = np.atleast_1d(checked_positive(mass, "mass", "mass"))
    # so weak that the radiation from before R decayed is nothing
    visible, dark = (one * 1e-30 for one in widths(m, 1.0, 1.0, _scale(dark_vev), channels=channels))
    smallest = sudden_decay(visible, dark, m, sector=1e-9).delta_n_eff
    return smallest <= limit, smallest


def confinement_curves(
    heavy_scale, difference, *, uv_scale="1e15 GeV", new_mass="1e4 GeV", confinement_scale="0.25 GeV"
):
    r"""Lambda'/Lambda of Fig. 4, Eq. (33), supersymmetric QCD above `new_mass`.

    Parameters
    ----------
    heavy_scale : Quantity [energy]
        Values of v'(y'_c y'_b y'_t/y_c y_b y_t)^(1/3).
    difference : float or array
        Values of delta.
    uv_scale, new_mass, confinement_scale : Quantity [energy]
        Lambda_UV, the mass of squarks and gluinos, and Lambda, which the paper does not give.

    Returns
    -------
    ratio : ndarray (differences, scales)
    slope : float
        d ln ratio/d delta.
    """
    scale = np.atleast_1d(checked_positive(heavy_scale, "energy", "heavy_scale"))
    uv, new, low = (
        checked_positive(one, "energy", name)
        for one, name in (
            (uv_scale, "uv_scale"),
            (new_mass, "new_mass"),
            (confinement_scale, "confinement_scale"),
        )
    )
    slope = float(z2_confinement.sensitivity(uv, new, low))
    return z2_confinement.confinement_ratio(np.atleast_1d(difference)[:, None], scale, slope), slope


@dataclass(frozen=True)
class NucleiMap:
    """Dark nuclei in the plane of the dark Yukawa couplings; arrays (up, down).

    Attributes
    ----------
    up, down : ndarray
        The two axes, y'_u and y'_d.
    splitting : Quantity [mass]
        m_p' - m_n', with its sign.
    late_decay : ndarray
        Left side of Eq. (41).
    pion_ratio : ndarray
        m_pi'/m_n' of Eq. (42).
    passed : dict of str to ndarray of bool
        `DARK_ATOMS`, `DINEUTRONS` -> whether the point is free of it.
    """

    up: np.ndarray
    down: np.ndarray
    splitting: Quantity
    late_decay: np.ndarray
    pion_ratio: np.ndarray
    passed: dict

    def allowed(self):
        """ndarray of bool : where all conditions are met."""
        return np.logical_and.reduce(list(self.passed.values()))


def nuclei_map(up, down, *, dark_vev="1 TeV", confinement_ratio=5.3, temperature_ratio=0.44, form="printed"):
    r"""Plane of Fig. 5.

    Parameters
    ----------
    up, down : array
        Values of y'_u and y'_d, positive; y'_d > y'_u is a part of the plane, where the dark proton may be lighter.
    dark_vev : Quantity [energy]
    confinement_ratio, temperature_ratio : float
        Lambda'/Lambda and xi.
    form : {"printed", "exact"}
        Eq. (41), or Eqs. (39) and (40) with exact phase space.

    Returns
    -------
    NucleiMap
    """
    y_up, y_down = (
        np.atleast_1d(checked_positive(one, "dimensionless", name)) for one, name in ((up, "up"), (down, "down"))
    )
    for value, name in ((confinement_ratio, "confinement_ratio"), (temperature_ratio, "temperature_ratio")):
        checked_positive(value, "dimensionless", name)
    if form not in ("printed", "exact"):
        raise InputError(f"form = {form!r}; choose one of 'printed', 'exact'")
    hadrons = DarkHadrons(_scale(dark_vev), confinement_ratio, y_up[:, None], y_down)
    late = hadrons.estimated_late_decay if form == "printed" else hadrons.late_decay
    value = late(temperature_ratio)
    return NucleiMap(
        up=y_up,
        down=y_down,
        splitting=units.attach(hadrons.splitting, "mass"),
        late_decay=value,
        pion_ratio=hadrons.pion_ratio,
        passed={DARK_ATOMS: value < 1, DINEUTRONS: hadrons.pion_ratio < NO_DINEUTRON},
    )


def nuclei_edges(sum_ratio, *, dark_vev="1 TeV", confinement_ratio=5.3, temperature_ratio=0.44):
    """The two lines of Fig. 5 in closed form.

    Parameters
    ----------
    sum_ratio : array
        (y'_u + y'_d)/(y_u + y_d) along the dashed line.
    dark_vev : Quantity [energy]
    confinement_ratio, temperature_ratio : float

    Returns
    -------
    smallest : ndarray
        (y'_u - y'_d)/(y_u + y_d) of Eq. (41).
    largest : float
        (y'_u + y'_d)/(y_u + y_d) of Eq. (42).
    """
    scale = _scale(dark_vev)
    smallest = z2_hadrons.smallest_asymmetry(np.asarray(sum_ratio), scale, confinement_ratio, temperature_ratio)
    return smallest, z2_hadrons.largest_sum(scale, confinement_ratio)


def _scale(dark_vev):
    vev = checked_positive(dark_vev, "energy", "dark_vev")
    if np.ndim(vev) or vev < VEV:
        raise InputError(f"dark_vev = {dark_vev}; one value not below that of the visible sector, {VEV:g} GeV")
    return vev / VEV
