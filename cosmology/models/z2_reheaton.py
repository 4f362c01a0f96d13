r"""The reheaton R, a real singlet coupled to both Higgs doublets: its widths, in two sets of channels, and its window.

Bodas, Buen-Abad, Hook & Sundrum (2024), Eqs. (13) to (20). **The two sets disagree about the benchmark of the paper.**

``"paper"``
    Eqs. (14) to (16) as printed: hh, tt and bb; h'h', t't' and b'b'. It reproduces the paper's figures.
``"complete"``
    Every tree-level channel. The interaction :math:`\beta R|H|^2` couples R to the Goldstone bosons as well, that is to
    W and Z: R decays as a Higgs boson of its mass would, times the mixing angle. Here W'W' opens at
    :math:`2m_{W'}`, 653 GeV for v' = 1 TeV, and a third of all decays of the benchmark (700 GeV) go to the dark
    sector: :math:`\Delta N_\mathrm{eff} = 3.7`, excluded. The scenario survives elsewhere, below about 457 GeV
    for v' = 1 TeV, or with v' of 1.6 TeV at 700 GeV.

Numbers are in powers of GeV.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import zeta

from cosmology import constants, units
from cosmology.errors import InputError
from cosmology.models.z2_higgs import fermion_width, higgs_like_widths, two_body
from cosmology.models.z2_inputs import (
    BOTTOM_MASS,
    HIGGS_MASS,
    HIGGS_WIDTH,
    SECOND,
    TOP_MASS,
    VEV,
    W_MASS,
    Z_MASS,
    yukawa,
)
from cosmology.units import Quantity

NUMBER_DENSITY = zeta(3) / np.pi**2
r"""float : n/T^3 of one relativistic boson."""
AT_A_THRESHOLD = 1e-4
"""float : relative distance from a threshold within which tree-level phase space has no meaning."""
_LIGHTEST, _HEAVIEST = 20.0, 2e4


def mixing(mass, coupling, scale):
    r"""Squared mixing angle of R with a Higgs boson, :math:`\theta^2 = (\beta v)^2/[(m_R^2-m_h^2)^2+m_h^2\Gamma_h^2]`.

    Parameters
    ----------
    mass : float or ndarray
        m_R [GeV].
    coupling : float or ndarray
        beta [GeV].
    scale : float
        r_v: 1, or v'/v for the dark Higgs boson, whose mass and width scale with it.
    """
    m_h, width = scale * HIGGS_MASS, scale * HIGGS_WIDTH
    return (coupling * scale * VEV) ** 2 / ((mass**2 - m_h**2) ** 2 + (m_h * width) ** 2)


def paper_widths(mass, coupling, scale=1.0, bottom_ratio=1.0):
    """Widths into one sector as printed, Eqs. (15) and (16): a dict of ndarray, ``"hh"``, ``"tt"`` and ``"bb"``.

    Parameters are those of `complete_widths`.
    """
    mass = np.asarray(mass, dtype=float)
    angle = mixing(mass, coupling, scale)
    widths = {"hh": coupling**2 / (16 * np.pi * mass) * two_body(mass, scale * HIGGS_MASS)}
    for name, quark, ratio in (("tt", TOP_MASS, 1.0), ("bb", BOTTOM_MASS, bottom_ratio)):
        widths[name] = angle * fermion_width(mass, scale * ratio * quark, ratio * yukawa(quark), 3)
    return widths


def complete_widths(mass, coupling, scale=1.0, bottom_ratio=1.0):
    r"""Widths into one sector, complete at tree level with leading QCD factors: a dict of ndarray.

    .. math:: \Gamma_{hh} = \frac{\beta^2}{32\pi m_R}\left(\frac{m_R^2+2m_h^2}{m_R^2-m_h^2}\right)^2
        \sqrt{1-4m_h^2/m_R^2}, \qquad \Gamma_X = \theta^2\,\Gamma_{h(m_R)\to X}

    from the direct vertex with the trilinear one, and `higgs_like_widths`. For heavy R, hh + WW + ZZ are
    :math:`\beta^2/8\pi m_R`: twice Eq. (15), and hh is a quarter of it.

    Parameters
    ----------
    mass : float or ndarray
        m_R [GeV].
    coupling : float or ndarray
        beta_R of the sector [GeV].
    scale : float
        r_v of the sector.
    bottom_ratio : float
        y'_b/y_b.
    """
    mass = np.asarray(mass, dtype=float)
    m_h = scale * HIGGS_MASS
    beyond = np.maximum(mass, 2 * m_h)
    trilinear = (beyond**2 + 2 * m_h**2) / (beyond**2 - m_h**2)
    widths = {"hh": coupling**2 / (32 * np.pi * mass) * trilinear**2 * two_body(mass, m_h)}
    angle = mixing(mass, coupling, scale)
    return widths | {name: angle * one for name, one in higgs_like_widths(mass, scale, bottom_ratio).items()}


CHANNELS = {"complete": complete_widths, "paper": paper_widths}
"""dict : name -> widths into one sector."""


def thresholds(scale, channels, bottom_ratio=1.0):
    """Masses [GeV] of R at which a pair opens on its shell, a dict: name -> mass."""
    pairs = {"hh": HIGGS_MASS, "tt": TOP_MASS, "bb": BOTTOM_MASS}
    if channels == "complete":
        pairs |= {"WW": W_MASS, "ZZ": Z_MASS}
    visible = {f"2 m_{name[0]}": 2 * mass for name, mass in pairs.items()}
    ratios = {"bb": scale * bottom_ratio}
    return visible | {f"2 m_{name[0]}'": 2 * ratios.get(name, scale) * mass for name, mass in pairs.items()}


def widths(mass, coupling, dark_coupling, scale, *, bottom_ratio=1.0, channels="complete"):
    """Widths into both sectors, the sums of their channels: two ndarray [GeV].

    Parameters
    ----------
    mass, coupling, dark_coupling : float or ndarray
        m_R, beta_R and beta'_R [GeV].
    scale, bottom_ratio : float
    channels : {"complete", "paper"}
    """
    if channels not in CHANNELS:
        raise InputError(f"channels = {channels!r}; choose one of {', '.join(map(repr, CHANNELS))}")
    each = CHANNELS[channels]
    return sum(each(mass, coupling).values()), sum(each(mass, dark_coupling, scale, bottom_ratio).values())


def expansion_rate(temperature, g):
    """H [GeV] of radiation with g degrees of freedom, Eq. (20)."""
    return np.pi * np.sqrt(g / 90) * temperature**2 / constants.REDUCED_PLANCK_MASS


def domination_temperature(mass, relativistic=2 * 106.75):
    r"""Temperature [GeV] at which R, once relativistic, has the energy of the radiation, Eq. (13).

    .. math:: T_\mathrm{Req} = \frac{30\zeta(3)}{\pi^4}\,\frac{m_R}{g_{s,Rfo}}

    Parameters
    ----------
    mass : float or ndarray
        m_R [GeV].
    relativistic : float
        Degrees of freedom of both sectors when R decoupled; those of energy and entropy at T_Req are taken as equal.
    """
    return 30 * zeta(3) / np.pi**4 * mass / relativistic


def heavy_widths(mass, coupling, dark_coupling, scale, bottom_ratio=1.0):
    r"""Eqs. (17) and (18), visible and dark [GeV]: :math:`\beta^2/16\pi m_R`, and b'b' far from thresholds."""
    visible = coupling**2 / (16 * np.pi * mass)
    bottom = bottom_ratio * yukawa(BOTTOM_MASS)
    dark = 3 * mass * (dark_coupling * scale * VEV * bottom) ** 2 / (16 * np.pi)
    return visible, dark / (mass**2 - (scale * HIGGS_MASS) ** 2) ** 2


def resonance_half_width(coupling_ratio, scale, bottom_ratio=1.0):
    r"""Distance [GeV] of m_R from m_h' at which the widths (17) and (18) are equal, Eq. (19).

    :math:`|m_R - m_{h'}| = (\sqrt3/2)(\beta'/\beta)v'y'_b`, to first order in it.
    """
    return np.sqrt(3) / 2 * coupling_ratio * scale * VEV * bottom_ratio * yukawa(BOTTOM_MASS)


def coupling_window(mass, relativistic=2 * 106.75):
    r"""Smallest and largest beta_R [GeV] of Eq. (20), with the width (17).

    R decays within a second and after it has come to dominate. When its energy is that of the radiation the true H is
    larger by sqrt 2; the equation, like the paper, uses that of the radiation.
    """
    late = np.sqrt(16 * np.pi * mass / SECOND)
    hot = domination_temperature(mass, relativistic)
    return late, np.sqrt(16 * np.pi * mass * expansion_rate(hot, relativistic))


@dataclass(frozen=True)
class Reheaton:
    r"""The reheaton, :math:`V = \beta_R R|H|^2 + \beta'_R R|H'|^2 + \frac12m_R^2R^2`.

    Parameters
    ----------
    mass : Quantity [mass]
        m_R, from 20 GeV to 20 TeV.
    coupling : Quantity [energy]
        beta_R.
    dark_coupling : Quantity [energy], optional
        beta'_R; equal to beta_R if not given.
    channels : {"complete", "paper"}
        See the module: the benchmark of the paper is allowed with its own channels and excluded with all of them.

    Raises
    ------
    UnitError
        A bare number, or a wrong unit.
    InputError
        Values that are not positive or out of range.
    """

    mass: Quantity
    coupling: Quantity
    dark_coupling: Quantity | None = None
    channels: str = "complete"

    def __post_init__(self):
        if self.dark_coupling is None:
            object.__setattr__(self, "dark_coupling", self.coupling)
        for name, shown, dimension in (
            ("mass", "reheaton_mass", "mass"),
            ("coupling", "reheaton_coupling", "energy"),
            ("dark_coupling", "dark_reheaton_coupling", "energy"),
        ):
            value = units.to_internal(getattr(self, name), dimension, shown)
            if np.ndim(value) or value <= 0:
                raise InputError(f"{shown} = {getattr(self, name)}; one positive value is needed")
            object.__setattr__(self, name, units.quantity(getattr(self, name), dimension, shown))
        if not _LIGHTEST <= self._m <= _HEAVIEST:
            raise InputError(f"reheaton_mass = {self.mass}; it lies from {_LIGHTEST:g} GeV to {_HEAVIEST:g} GeV")
        if self.channels not in CHANNELS:
            raise InputError(f"channels = {self.channels!r}; choose one of {', '.join(map(repr, CHANNELS))}")

    @property
    def _m(self):
        return units.to_internal(self.mass, "mass")

    def check_thresholds(self, scale, bottom_ratio=1.0):
        """Refuse a mass at which a pair just opens; `scale` is v'/v."""
        for name, edge in thresholds(scale, self.channels, bottom_ratio).items():
            if abs(self._m / edge - 1) < AT_A_THRESHOLD:
                raise InputError(
                    f"reheaton_mass = {self.mass} is at the threshold {name} = {edge:.6g} GeV, where widths at tree "
                    f"level have no meaning; move it by more than {AT_A_THRESHOLD * edge:.2g} GeV"
                )

    def partial_widths(self, scale, bottom_ratio=1.0):
        """Quantity [width] of every channel, a dict; dark ones carry a prime, as in ``"b'b'"``."""
        each = CHANNELS[self.channels]
        visible = each(self._m, units.to_internal(self.coupling, "energy"))
        dark = each(self._m, units.to_internal(self.dark_coupling, "energy"), scale, bottom_ratio)
        found = {name: units.attach(width, "width") for name, width in visible.items()}
        return found | {_primed(name): units.attach(width, "width") for name, width in dark.items()}

    def _widths(self, scale, bottom_ratio=1.0):
        """Visible and dark width [GeV], floats."""
        couplings = (units.to_internal(one, "energy") for one in (self.coupling, self.dark_coupling))
        found = widths(self._m, *couplings, scale, bottom_ratio=bottom_ratio, channels=self.channels)
        return tuple(float(one) for one in found)


def _primed(name):
    half = name[: len(name) // 2]
    return f"{half}'{half}'"
