r"""Asymmetric reheating by sudden decay: what R leaves in two sectors if it decays at once, when H equals its width.

Bodas, Buen-Abad, Hook & Sundrum (2024), Eqs. (20) to (26). `cosmology.models.z2_evolution` follows the decay itself.
Numbers are in powers of GeV; everything takes arrays.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import constants
from cosmology.models.z2_inputs import BOTTOM_MASS, HIGGS_MASS, RELATIVISTIC_SECTOR, VEV, yukawa
from cosmology.models.z2_reheaton import NUMBER_DENSITY

STANDARD_NEUTRINOS = 3.044
"""float : effective neutrinos of the Standard Model."""

NEUTRINOS_PER_RATIO = 8 / 7 * (11 / 4) ** (4 / 3) + STANDARD_NEUTRINOS
r"""float : K = 7.447, :math:`\Delta N_\mathrm{eff}` of a dark sector as hot as ours."""

DILUTION_INTEGRAL = 4 / 3 * 1.0872
"""float : 1.45 of Eq. (26); 1.0872 is the integral over exponential decay."""

LARGEST_DELTA_N_EFF = 0.284
"""float : 95 per cent, Planck 2018 (TT,TE,EE+lowE+lensing+BAO), as in the paper."""

DECAY_G, DILUTION_G, REHEATING_G = 12.0, 17.0, 16.0
"""float : the paper's degrees of freedom: g_tau of one sector in (24), both sectors' in (26), visible ones in (23)."""


@dataclass(frozen=True)
class SuddenDecay:
    """What decays leave at once; floats or arrays [powers of GeV].

    Attributes
    ----------
    visible, dark : float or ndarray
        Energy densities, Eq. (21).
    delta_n_eff : float or ndarray
        Eq. (22) with G = 1.
    temperature : float or ndarray
        Of the visible sector, Eq. (23).
    dilution : float or ndarray
        r_s, Eq. (26).
    """

    visible: np.ndarray
    dark: np.ndarray
    delta_n_eff: np.ndarray
    temperature: np.ndarray
    dilution: np.ndarray


def sudden_decay(visible_width, dark_width, mass, *, sector=RELATIVISTIC_SECTOR, g_decay=DECAY_G, evolution=1.0):
    r"""Eqs. (21) to (23) and (26).

    .. math:: \rho^{(\prime)} = \rho_R\left\{\mathrm{BR}^{(\prime)} + \frac{\pi^2}{30}
        \left(\frac{\zeta(3)}{\pi^2}\right)^{-4/3}\left(\frac{g^4_{s,Rfo}}{g_\tau}\right)^{1/3}
        \left(\frac{\rho_R}{m_R^4}\right)^{1/3}\right\}, \qquad \rho_R = 3M_{Pl}^2\Gamma_R^2

    Parameters
    ----------
    visible_width, dark_width : float or ndarray
        Of R into the two sectors [GeV].
    mass : float or ndarray
        m_R [GeV].
    sector : float
        Degrees of freedom of one sector when R decoupled; not of both.
    g_decay : float
        Degrees of freedom of one sector when R decays.
    evolution : float
        G of Eq. (22), what differs in the later history of the two sectors.

    Returns
    -------
    SuddenDecay
    """
    total = visible_width + dark_width
    energy = 3 * (constants.REDUCED_PLANCK_MASS * total) ** 2
    compact = energy / np.asarray(mass, dtype=float) ** 4
    first = np.pi**2 / 30 * NUMBER_DENSITY ** (-4 / 3) * (sector**4 / g_decay) ** (1 / 3) * compact ** (1 / 3)
    visible, dark = energy * (visible_width / total + first), energy * (dark_width / total + first)
    return SuddenDecay(
        visible,
        dark,
        NEUTRINOS_PER_RATIO * evolution * dark / visible,
        reheating_temperature(total),
        dilution(total, mass, 2 * sector),
    )


def reheating_temperature(width, g=REHEATING_G):
    r"""Temperature [GeV] of Eq. (23), :math:`T_{rh}^4 = 90\,\Gamma_R^2M_{Pl}^2/(\pi^2g)`."""
    return (90 * (width * constants.REDUCED_PLANCK_MASS) ** 2 / (g * np.pi**2)) ** 0.25


def dilution(width, mass, relativistic=2 * RELATIVISTIC_SECTOR, g=DILUTION_G, kept=1.0):
    r"""Entropy after the decays over that before, Eq. (26).

    .. math:: r_s = \left\{1 + 1.45\,\frac{(\zeta(3)/\pi^2)^{4/3}}{2\pi^2/45}
        \left(\frac{g_{s,rh}}{g_{s,Rfo}^4}\right)^{1/3}\left(\frac{m_R^4}{\rho_R}\right)^{1/3}\right\}^{3/4}

    Where R decays before it dominates this goes to 1 smoothly; at r_s of a few solve the equations.

    Parameters
    ----------
    width, mass : float or ndarray
        Total width and mass of R [GeV].
    relativistic : float
        Degrees of freedom of both sectors when R decoupled.
    g : float
        Of both, in units of the visible temperature, when R decays.
    kept : float
        The 1 in the brackets; 0 to drop it, as the numerical form of the paper does.
    """
    compact = 3 * (constants.REDUCED_PLANCK_MASS * width) ** 2 / np.asarray(mass, dtype=float) ** 4
    gained = NUMBER_DENSITY ** (4 / 3) / (2 * np.pi**2 / 45) * (g / relativistic**4 / compact) ** (1 / 3)
    return (kept + DILUTION_INTEGRAL * gained) ** 0.75


def estimated_terms(dark_share, coupling, mass, *, sector=100.0, g_decay=DECAY_G):
    r"""The two terms of Eq. (24): 7.447 BR', and that of the radiation from before, with the width (17).

    The paper prints 0.1 (BR'/0.02); 0.149 is what the equations give.

    Parameters
    ----------
    dark_share : float or ndarray
        BR'.
    coupling, mass : float or ndarray
        beta_R and m_R [GeV].
    sector, g_decay : float
        As in `sudden_decay`; 100 is the paper's.
    """
    width = coupling**2 / (16 * np.pi * mass)
    only = sudden_decay(width, 0.0, mass, sector=sector, g_decay=g_decay)
    energy = 3 * (constants.REDUCED_PLANCK_MASS * width) ** 2
    return NEUTRINOS_PER_RATIO * dark_share, NEUTRINOS_PER_RATIO * only.dark / energy


def estimated_dark_share(mass, coupling_ratio, scale, bottom_ratio=1.0):
    r"""BR' of Eq. (25), (18) over (17).

    Parameters
    ----------
    mass : float or ndarray
        m_R [GeV].
    coupling_ratio, scale, bottom_ratio : float
        beta'_R/beta_R, v'/v and y'_b/y_b.
    """
    bottom = bottom_ratio * yukawa(BOTTOM_MASS)
    return 3 * (mass * coupling_ratio * scale * VEV * bottom / (mass**2 - (scale * HIGGS_MASS) ** 2)) ** 2


def temperature_ratio(delta_n_eff):
    r"""T'/T of Delta N_eff, :math:`(\Delta N_\mathrm{eff}/K)^{1/4}`: 0.442 at the limit."""
    return (delta_n_eff / NEUTRINOS_PER_RATIO) ** 0.25


def entropy_share(delta_n_eff):
    r"""Entropy of the dark sector over that of ours, :math:`(\Delta N_\mathrm{eff}/K)^{3/4}`: 9.0 per cent at 0.3."""
    return (delta_n_eff / NEUTRINOS_PER_RATIO) ** 0.75


def from_entropies(dark, visible):
    r"""Delta N_eff of two entropies in a comoving volume, :math:`K(S'/S)^{4/3}`: what Eq. (22) is with its G."""
    return NEUTRINOS_PER_RATIO * (dark / visible) ** (4 / 3)
