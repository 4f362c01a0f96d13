"""Photons of one decay B' -> L' with photons: spectra that know how many photons lie between two energies."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from cosmology import units
from cosmology.errors import InputError
from cosmology.limits.base import positive
from cosmology.units import Quantity

_MEV = 1e3  # per GeV


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


@dataclass(frozen=True)
class TwoPhotonSpectrum:
    r"""B' -> L' gamma gamma.

    .. math:: \frac{dN}{dE} \propto \left[\frac{u(1-u)}{1-\epsilon u}\right]^p, \quad
        u = \frac{E}{E_\mathrm{max}}, \quad E_\mathrm{max} = \frac{m_{B'}^2 - m_{L'}^2}{2m_{B'}}, \quad
        \epsilon = \frac{2E_\mathrm{max}}{m_{B'}}

    since the squared mass of the pair is spread evenly, for phase space alone, from 0 to
    :math:`4E_\mathrm{max}^2u(1-u)/(1-\epsilon u)`. For a heavy L', at rest, :math:`E_\mathrm{max}` is
    :math:`\Delta m` and :math:`\epsilon` 0.

    Parameters
    ----------
    splitting : Quantity [energy] or str
        Delta m.
    power : int
        p = 1 for phase space alone, 2 for |A|^2 ~ q^2, 3 for |A|^2 ~ q^4 (a photon pair through F^2).
    parent_mass : Quantity [mass] or str, optional
        m_B', above Delta m, for a daughter that recoils; at rest if not given.
    """

    splitting: Quantity
    power: int = 1
    parent_mass: Quantity | None = None

    def __post_init__(self):
        gev = positive(units.to_internal(self.splitting, "energy", "splitting"), "splitting")
        if self.power not in (1, 2, 3):
            raise InputError(f"power = {self.power} must be 1, 2 or 3")
        object.__setattr__(self, "splitting", units.attach(gev, "energy"))
        if self.parent_mass is not None:
            parent = positive(units.to_internal(self.parent_mass, "mass", "parent_mass"), "parent_mass")
            if gev >= parent:
                raise InputError(f"splitting {gev:g} GeV is not below the parent mass {parent:g} GeV")
            object.__setattr__(self, "parent_mass", units.attach(parent, "mass"))

    @property
    def maximum(self):
        """Highest photon energy [MeV]."""
        return float(self.splitting.to_value("GeV")) * (1.0 - 0.5 * self._relative) * _MEV

    @property
    def _relative(self):
        """Splitting over the parent's mass, 0 for a daughter at rest."""
        return 0.0 if self.parent_mass is None else float((self.splitting / self.parent_mass).to_value(""))

    @property
    def _recoil(self):
        """Epsilon."""
        return self._relative * (2.0 - self._relative)

    def _share(self, u):
        """Photons below u, over both."""
        p = self.power + 1.0
        if self.parent_mass is None:
            return betainc(p, p, u)
        whole = self._integral(np.array(1.0))
        return self._integral(u) / whole

    def _integral(self, u):
        # down from the end, where a light daughter has its edge, as wide as its mass in the root of 1 - u
        end = np.sqrt(1.0 - u)[..., None]
        middle = np.maximum(end, np.sqrt(1.0 - self._relative))
        total = 0.0
        for low, high in ((end, middle), (middle, 1.0)):
            s = low + (high - low) * 0.5 * (1.0 + _NODES)
            total = total + np.sum(_WEIGHTS * (high - low) * s * self._shape(1.0 - s**2, s**2), axis=-1)
        return total

    def _shape(self, u, rest):
        return (u * rest / (1.0 - self._recoil + self._recoil * rest)) ** self.power

    def count(self, low, high):
        """Photons per decay between two energies [MeV]."""
        low, high = (np.clip(np.asarray(end, dtype=float) / self.maximum, 0.0, 1.0) for end in (low, high))
        return 2.0 * (self._share(high) - self._share(low))

    def density(self, energy):
        """Photons per decay and energy [1/MeV] at energies [MeV]."""
        u = np.clip(np.asarray(energy, dtype=float) / self.maximum, 0.0, 1.0)
        if self.parent_mass is None:
            norm = {1: 6.0, 2: 30.0, 3: 140.0}[self.power]  # 1/B(p+1, p+1)
        else:
            norm = 1.0 / self._integral(np.array(1.0))
        return 2.0 * norm * self._shape(u, 1.0 - u) / self.maximum


@dataclass(frozen=True)
class PhotonLine:
    """B' -> L' gamma: one photon of E = Delta m (1 - Delta m/2 m_B).

    Parameters
    ----------
    splitting, parent_mass : Quantity [energy] or str
        Delta m < m_B.
    photons : int
        Photons per decay in the line.
    """

    splitting: Quantity
    parent_mass: Quantity
    photons: int = 1

    def __post_init__(self):
        gap = positive(units.to_internal(self.splitting, "energy", "splitting"), "splitting")
        parent = positive(units.to_internal(self.parent_mass, "mass", "parent_mass"), "parent_mass")
        if gap > parent:
            raise InputError(f"splitting {gap:g} GeV is above the parent mass {parent:g} GeV")
        if self.photons < 1:
            raise InputError(f"photons = {self.photons} must be at least 1")
        object.__setattr__(self, "splitting", units.attach(gap, "energy"))
        object.__setattr__(self, "parent_mass", units.attach(parent, "mass"))

    @property
    def maximum(self):
        """Energy of the line [MeV]."""
        gap, parent = self.splitting.to_value("GeV"), self.parent_mass.to_value("GeV")
        return float(gap * (1.0 - 0.5 * gap / parent)) * _MEV

    def count(self, low, high):
        """Photons per decay between two energies [MeV]; a line at an edge belongs to the upper bin."""
        return self.photons * ((np.asarray(low) <= self.maximum) & (self.maximum < np.asarray(high))).astype(float)
