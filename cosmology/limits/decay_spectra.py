"""Photons of one decay B' -> L' with photons: spectra that know how many photons lie between two energies."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from cosmology import units
from cosmology.errors import InputError
from cosmology.limits.base import positive
from cosmology.units import Quantity

_MEV = 1e3  # per GeV


@dataclass(frozen=True)
class TwoPhotonSpectrum:
    r"""B' -> L' gamma gamma with a heavy L' at rest.

    .. math:: dN/dE = 2\,[u(1-u)]^p / [\Delta m\, B(p+1, p+1)],\quad u = E/\Delta m

    Parameters
    ----------
    splitting : Quantity [energy] or str
        Delta m, which the two photons share.
    power : int
        p = 1 for phase space alone, 2 for |A|^2 ~ q^2, 3 for |A|^2 ~ q^4 (a photon pair through F^2).
    """

    splitting: Quantity
    power: int = 1

    def __post_init__(self):
        gev = positive(units.to_internal(self.splitting, "energy", "splitting"), "splitting")
        if self.power not in (1, 2, 3):
            raise InputError(f"power = {self.power} must be 1, 2 or 3")
        object.__setattr__(self, "splitting", units.attach(gev, "energy"))

    @property
    def maximum(self):
        """Highest photon energy [MeV]."""
        return float(self.splitting.to_value("GeV")) * _MEV

    def count(self, low, high):
        """Photons per decay between two energies [MeV]."""
        low, high = (np.clip(np.asarray(end) / self.maximum, 0.0, 1.0) for end in (low, high))
        p = self.power + 1.0
        return 2.0 * (betainc(p, p, high) - betainc(p, p, low))

    def density(self, energy):
        """Photons per decay and energy [1/MeV] at energies [MeV]."""
        u = np.clip(np.asarray(energy) / self.maximum, 0.0, 1.0)
        norm = {1: 6.0, 2: 30.0, 3: 140.0}[self.power]  # 1/B(p+1, p+1)
        return 2.0 * norm * (u * (1.0 - u)) ** self.power / self.maximum


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
