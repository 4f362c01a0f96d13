r"""The two baths: degrees of freedom of each, thresholds of the dark one at dark masses, temperature from entropy.

The dark bath is the visible one taken apart: photons, neutrinos and electrons follow the electron's mass, muons, taus,
W, Z, Higgs boson and heavy quarks their own, all times v'/v; the rest, gluons and light quarks or their hadrons, goes
with Lambda'/Lambda. Where the QCD transition of the two happens at different times their temperatures part,
even without R. Numbers are in powers of GeV.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicSpline

from cosmology.degrees_of_freedom import ConstantDegreesOfFreedom, DegreesOfFreedom, degrees_of_freedom
from cosmology.degrees_of_freedom_saikawa_shirai import _B_RHO, _B_S, _F_RHO, _F_S, _threshold
from cosmology.models.z2_inputs import (
    BOTTOM_MASS,
    CHARM_MASS,
    HIGGS_MASS,
    MUON_MASS,
    TAU_MASS,
    TOP_MASS,
    W_MASS,
    Z_MASS,
)

_ELECTRONS_ONLY = 5e-3  # GeV; muons and pions are gone below, e+ e- and neutrinos all there
# (mass, internal states, fermion)
_FERMIONS = ((MUON_MASS, 4), (TAU_MASS, 4), (CHARM_MASS, 12), (BOTTOM_MASS, 12), (TOP_MASS, 12))
_BOSONS = ((W_MASS, 6), (Z_MASS, 3), (HIGGS_MASS, 1))
_GRID = np.geomspace(1e-11, 1e9, 3600)


def _massive(temperature, scale, bottom_ratio, of_energy):
    """Degrees of freedom of everything but photons, neutrinos, electrons, gluons and light quarks."""
    fermi, bose = (_F_RHO, _B_RHO) if of_energy else (_F_S, _B_S)
    total = np.zeros_like(temperature)
    for mass, states in _FERMIONS:
        ratio = scale * (bottom_ratio if mass == BOTTOM_MASS else 1.0)
        total += 0.875 * states * _threshold(fermi, ratio * mass / temperature)[0]
    for mass, states in _BOSONS:
        total += states * _threshold(bose, scale * mass / temperature)[0]
    return total


@dataclass(frozen=True)
class DarkDegreesOfFreedom(DegreesOfFreedom):
    """Degrees of freedom of the dark bath at its own temperature.

    Parameters
    ----------
    visible : DegreesOfFreedom
        Of the visible bath, at equal masses those of the dark one.
    scale : float
        r_v = v'/v.
    confinement_ratio : float
        r_L = Lambda'/Lambda.
    electron_ratio, bottom_ratio : float
        y'_e/y_e and y'_b/y_b.
    """

    visible: DegreesOfFreedom
    scale: float
    confinement_ratio: float
    electron_ratio: float = 1.0
    bottom_ratio: float = 1.0

    @property
    def name(self):
        """Name of the visible degrees of freedom."""
        return self.visible.name

    @property
    def label(self):
        """The visible label and what is rescaled."""
        return (
            f"dark copy of {self.visible.label} (masses x {self.scale:.4g}, confinement x {self.confinement_ratio:.4g})"
        )

    def _g_rho(self, temperature):
        return self._rescaled(temperature, self.visible._g_rho, True)

    def _g_s(self, temperature):
        return self._rescaled(temperature, self.visible._g_s, False)

    def _entropy_slope(self, temperature):
        step = 1e-3
        high, low = (self._g_s(np.asarray(temperature) * np.exp(sign * step)) for sign in (1, -1))
        return np.log(high / low) / (2 * step)

    def _rescaled(self, temperature, visible, of_energy):
        temperature = np.asarray(temperature, dtype=float)
        if isinstance(self.visible, ConstantDegreesOfFreedom):
            return visible(temperature)
        held = lambda t: np.clip(t, self.visible._lowest, self.visible._highest)  # noqa: E731
        light = visible(held(np.minimum(temperature / (self.scale * self.electron_ratio), _ELECTRONS_ONLY)))
        hadronic = temperature / self.confinement_ratio
        strong = visible(held(hadronic)) - visible(np.array(_ELECTRONS_ONLY)) - _massive(hadronic, 1.0, 1.0, of_energy)
        strong = np.where(hadronic > _ELECTRONS_ONLY, np.maximum(strong, 0.0), 0.0)
        return light + strong + _massive(temperature, self.scale, self.bottom_ratio, of_energy)


@dataclass(frozen=True)
class BothSectors(DegreesOfFreedom):
    r"""Both baths, in units of the temperature of the first: :math:`g + g'\xi^4` and :math:`g_s + g'_s\xi^3`.

    Parameters
    ----------
    first, second : DegreesOfFreedom
    ratio : float
        xi, temperature of the second over that of the first; it does not change.
    """

    first: DegreesOfFreedom
    second: DegreesOfFreedom
    ratio: float = 1.0

    @property
    def name(self):
        """Name of the first degrees of freedom."""
        return self.first.name

    @property
    def label(self):
        """Both labels."""
        return f"{self.first.label} and {self.second.label}"

    @property
    def _lowest(self):
        return max(self.first._lowest, self.second._lowest / self.ratio)

    @property
    def _highest(self):
        return min(self.first._highest, self.second._highest / self.ratio)

    def _g_rho(self, temperature):
        return self.first._g_rho(temperature) + self.second._g_rho(self.ratio * temperature) * self.ratio**4

    def _g_s(self, temperature):
        return self.first._g_s(temperature) + self.second._g_s(self.ratio * temperature) * self.ratio**3

    def _entropy_slope(self, temperature):
        first, second = self.first._g_s(temperature), self.second._g_s(self.ratio * temperature) * self.ratio**3
        slopes = self.first._entropy_slope(temperature), self.second._entropy_slope(self.ratio * temperature)
        return (first * slopes[0] + second * slopes[1]) / (first + second)


class Bath:
    """Temperature and energy of a bath from its entropy density: cubic splines in logarithms.

    Parameters
    ----------
    dof : DegreesOfFreedom
    """

    def __init__(self, dof):
        self.dof = dof
        held = np.clip(_GRID, dof._lowest, dof._highest)
        log_s = np.log(2 * np.pi**2 / 45 * dof._g_s(held)) + 3 * np.log(_GRID)
        log_rho = np.log(np.pi**2 / 30 * dof._g_rho(held)) + 4 * np.log(_GRID)
        even = np.linspace(log_s[0], log_s[-1], len(_GRID))
        values = CubicSpline(log_s, np.stack([np.log(_GRID), log_rho], axis=-1))(even)
        self._first, self._step, self._last = even[0], even[1] - even[0], len(even) - 2
        self._cells = CubicSpline(even, values).c.transpose(1, 2, 0).tolist()
        self._splines = CubicSpline(even, values)

    def at(self, log_entropy):
        """Temperature and energy density at ln of one entropy density, floats: by hand, since solvers ask often."""
        cell = int((log_entropy - self._first) / self._step)
        cell = min(max(cell, 0), self._last)
        d = log_entropy - self._first - cell * self._step
        (a, b, c, e), (f, g, h, k) = self._cells[cell]
        return np.exp(((a * d + b) * d + c) * d + e), np.exp(((f * d + g) * d + h) * d + k)

    def log_entropy(self, temperature):
        """Logarithm of the entropy density at a temperature [GeV]."""
        held = np.clip(temperature, self.dof._lowest, self.dof._highest)
        return np.log(2 * np.pi**2 / 45 * self.dof._g_s(np.asarray(held, dtype=float))) + 3 * np.log(temperature)

    def all_at(self, log_entropy):
        """As `at`, for arrays."""
        return tuple(np.moveaxis(np.exp(self._splines(log_entropy)), -1, 0))


@lru_cache(maxsize=16)
def bath(dof):
    """The `Bath` of some degrees of freedom, made once."""
    return Bath(dof)


def baths(g_star, scale, confinement_ratio, electron_ratio=1.0, bottom_ratio=1.0):
    """Degrees of freedom of both sectors: visible, dark."""
    visible = degrees_of_freedom(g_star)
    return visible, DarkDegreesOfFreedom(visible, scale, confinement_ratio, electron_ratio, bottom_ratio)


def drift(temperature, visible, dark, entropy_ratio=1.0):
    """T'/T at a visible temperature [GeV] when the entropies have a ratio S'/S."""
    entropy = bath(visible).log_entropy(temperature) + np.log(entropy_ratio)
    return bath(dark).at(float(entropy))[0] / temperature
