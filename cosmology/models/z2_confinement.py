r"""Where QCD and dark QCD confine: one-loop formulae of the paper, and two loops with the thresholds of each sector.

Bodas, Buen-Abad, Hook & Sundrum (2024), Eqs. (3) and (30) to (34). Lambda itself depends on the scheme and the number
of loops (one loop from 0.118 at the mass of the Z gives 0.14 GeV), the ratio of the two far less. The Planck mass of
Eq. (3) is an argument: reduced or not changes Lambda from 0.23 to 0.80 GeV. Numbers are in powers of GeV.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import constants
from cosmology.errors import InputError
from cosmology.models.z2_inputs import (
    BOTTOM_MASS,
    CHARM_MASS,
    DOWN_MASS,
    STRANGE_MASS,
    TOP_MASS,
    UP_MASS,
    VEV,
    Z_MASS,
)
from cosmology.models.z2_running import VISIBLE, RunningCoupling

QUARK_MASSES = (UP_MASS, DOWN_MASS, STRANGE_MASS, CHARM_MASS, BOTTOM_MASS, TOP_MASS)
"""tuple of float : visible quark masses [GeV]."""

SUPERSYMMETRIC = -4.0
"""float : B, the sum of one-loop coefficients of gluinos (-2) and six flavours of squarks (-2)."""

_HEAVY = CHARM_MASS * BOTTOM_MASS * TOP_MASS


@dataclass(frozen=True)
class Confinement:
    """Answer of `confinement_scale`.

    Attributes
    ----------
    scale : float
        Lambda [GeV].
    light_flavours : int
        N_L, quarks lighter than Lambda.
    """

    scale: float
    light_flavours: int


def confinement_scale(coupling, scale=constants.REDUCED_PLANCK_MASS, masses=QUARK_MASSES, colours=3):
    r"""Lambda at one loop, Eq. (3), with N_L found from itself.

    .. math:: \Lambda^{(11N_c-2N_L)/3} = M^{(11N_c-2N_F)/3}\,e^{-2\pi/\alpha_s(M)}\prod_{m_i>\Lambda}m_i^{2/3}

    Every N_L is tried with the masses in order; the one with :math:`m_{heavy} > \Lambda \ge m_{light}` is right.

    Parameters
    ----------
    coupling : float
        alpha_s at `scale`.
    scale : float
        M [GeV].
    masses : tuple of float
        Of all quarks [GeV].
    colours : int
        N_c.

    Returns
    -------
    Confinement

    Raises
    ------
    InputError
        A theory that does not confine below `scale`.
    """
    masses = np.sort(np.asarray(masses, dtype=float))
    flavours = len(masses)
    if coupling <= 0 or 11 * colours <= 2 * flavours:
        raise InputError(f"coupling = {coupling}, {flavours} quarks; asymptotic freedom needs fewer than 11 N_c/2")
    for light in range(flavours + 1):
        heavy = masses[light:]
        logs = (11 * colours - 2 * flavours) / 3 * np.log(scale) - 2 * np.pi / coupling + 2 / 3 * np.log(heavy).sum()
        found = np.exp(logs / ((11 * colours - 2 * light) / 3))
        if (light == 0 or found >= masses[light - 1]) and (light == flavours or found < masses[light]):
            return Confinement(float(found), light)
    raise InputError(f"no number of light quarks agrees with its own Lambda, masses = {masses}")


def unified_coupling(uv_scale, new_mass, confinement, new_coefficient=SUPERSYMMETRIC, infrared=np.inf):
    r"""alpha_UV of Eqs. (30) and (31).

    .. math:: \Lambda_{UV}^{7+B} = A\,\Lambda^9(m_cm_bm_t)^{-2/3}\prod m_i^{b_i}, \qquad
        A = e^{2\pi/\alpha_{UV} - 2\pi/\alpha_{IR}}

    Parameters
    ----------
    uv_scale, new_mass, confinement : float
        Lambda_UV, the mass of new coloured particles, and Lambda [GeV].
    new_coefficient : float
        B, sum of the b_i.
    infrared : float
        alpha_IR at Lambda.
    """
    b = new_coefficient
    logs = (7 + b) * np.log(uv_scale) - 9 * np.log(confinement) + 2 / 3 * np.log(_HEAVY) - b * np.log(new_mass)
    return 2 * np.pi / (logs + 2 * np.pi / infrared)


def sensitivity(uv_scale, new_mass, confinement, new_coefficient=SUPERSYMMETRIC, infrared=np.inf):
    r"""d ln(Lambda'/Lambda)/d delta of Eq. (33).

    .. math:: \ln\frac{\Lambda_{UV}}{\Lambda} + \frac{2\pi}{9\alpha_{IR}}
        + \frac2{27}\ln\frac{m_cm_bm_t}{\Lambda_{UV}^3} + \sum\frac{b_i}{9}\ln\frac{\Lambda_{UV}}{m_i}

    It is :math:`2\pi/9\alpha_{UV}`, the exponent of Eq. (32). Parameters are those of `unified_coupling`.
    """
    heavy = 2 / 27 * (np.log(_HEAVY) - 3 * np.log(uv_scale))
    new = new_coefficient / 9 * np.log(uv_scale / new_mass)
    return np.log(uv_scale / confinement) + 2 * np.pi / 9 / infrared + heavy + new


def confinement_ratio(difference, heavy_scale, slope):
    r"""Lambda'/Lambda of Eqs. (32) and (33), :math:`e^{\delta\,\mathrm{slope}}(X/v)^{2/9}`.

    The exponent 1/9 of A/A' is missing in the first form of Eq. (32) as printed; the exponential has it.

    Parameters
    ----------
    difference : float or ndarray
        delta, (alpha' - alpha)/alpha' at the UV scale.
    heavy_scale : float or ndarray
        X = v'(y'_c y'_b y'_t/y_c y_b y_t)^(1/3) [GeV].
    slope : float
        See `sensitivity`.
    """
    return np.exp(np.asarray(difference) * slope) * (np.asarray(heavy_scale) / VEV) ** (2 / 9)


def difference_needed(ratio, heavy_scale, slope):
    """Delta for a Lambda'/Lambda, the inverse of `confinement_ratio`."""
    return (np.log(ratio) - 2 / 9 * np.log(np.asarray(heavy_scale) / VEV)) / slope


def boundary_difference(term, dark_term, length, bulk_coupling):
    r"""Delta from different boundary terms of a gauge field in an extra dimension, Eq. (34).

    :math:`1/\alpha_4^{(\prime)} = \tau^{(\prime)} + L/\alpha_5` gives :math:`\delta = (\tau-\tau')/(\tau+L/\alpha_5)`.
    """
    return (term - dark_term) / (term + length / bulk_coupling)


def two_loop_ratio(
    difference, scale, uv_scale, new_mass, *, new_coefficient=SUPERSYMMETRIC, ratios=(1.0, 1.0, 1.0), at=0.5
):
    r"""Ratio of the scales at which alpha'_s and alpha_s have one value: both run at two loops to `new_mass`.

    Above it, where the new particles are only known by their one-loop coefficient, at one loop. Each sector has its own
    thresholds.

    Parameters
    ----------
    difference : float
        delta.
    scale : float
        r_v = v'/v.
    uv_scale, new_mass : float
        [GeV]; the latter above the dark top's.
    new_coefficient : float
        B.
    ratios : tuple of float
        y'_c/y_c, y'_b/y_b and y'_t/y_t.
    at : float
        The value; with three light quarks in both sectors.
    """
    thresholds = tuple(
        scale * ratio * mass for ratio, mass in zip(ratios, (CHARM_MASS, BOTTOM_MASS, TOP_MASS), strict=True)
    )
    if new_mass <= thresholds[-1] or uv_scale <= new_mass:
        raise InputError(
            f"new_mass = {new_mass} GeV; it lies between the dark top's mass, {thresholds[-1]:.4g} GeV, and "
            f"uv_scale = {uv_scale} GeV"
        )
    run = (7 + new_coefficient) / (2 * np.pi) * np.log(uv_scale / new_mass)
    unified = 1 / (1 / VISIBLE(new_mass) + run)
    dark = 1 / ((1 - difference) / unified - run)
    if dark <= 0:
        raise InputError(f"coupling_difference = {difference}; dark QCD would confine above {new_mass:g} GeV")
    hidden = RunningCoupling(dark, new_mass, thresholds)
    return hidden.scale_of(at) / VISIBLE.scale_of(at)


def one_loop_reference():
    """Lambda [GeV] at one loop from alpha_s(m_Z), five quarks above Lambda's."""
    return confinement_scale(VISIBLE(Z_MASS), Z_MASS, QUARK_MASSES[:5]).scale
