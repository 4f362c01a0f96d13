r"""Gamma rays that leptons radiate as annihilation makes them, against the diffuse sky: a limit that needs no table.

.. math:: \frac{dN}{dE} = \frac{\alpha}{\pi m} \frac{1 + (1-x)^2}{x}
          \left[\ln\frac{4 m^2 (1-x)}{m_l^2} - 1\right],\quad x = E/m,\qquad
          \Phi = \frac{P \langle\sigma v\rangle}{8\pi m^2} J \int dE \frac{dN}{dE}

(the collinear logarithm, Birkedal et al. 2005, arXiv:hep-ph/0507194, and its constant). No inverse Compton light, and
no model of the astrophysical sky: at 10 GeV about a hundred times weaker than limits that have both.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.integrate import quad

from cosmology import units
from cosmology.errors import InputError
from cosmology.limits.base import SELF_CONJUGATE, Limit, OutsideValidity, measure, positive
from cosmology.limits.expansion import cosmic_age
from cosmology.limits.pairs import pair_factor_at
from cosmology.limits.photon_observations import PhotonObservation, photon_observation
from cosmology.units import Quantity

_ALPHA = 1.0 / 137.035999
LEPTON_MASSES = {"ee": 0.51099895e-3, "mumu": 0.1056583755, "tautau": 1.77693}
"""dict : channel -> lepton mass [GeV], Particle Data Group 2024."""


def radiated_photons(channel, mass, low, high):
    """Photons per annihilation between two energies.

    Parameters
    ----------
    channel : str
        ``"ee"``, ``"mumu"`` or ``"tautau"``.
    mass : Quantity [mass]
        Of the annihilating particle, at least ten times the lepton's.
    low, high : Quantity [energy]

    Returns
    -------
    float
    """
    if channel not in LEPTON_MASSES:
        raise InputError(f"channel {channel!r} is not one of {', '.join(LEPTON_MASSES)}")
    lepton = LEPTON_MASSES[channel]
    gev = positive(units.to_internal(mass, "mass", "mass"), "mass")
    if gev < 10.0 * lepton:
        raise OutsideValidity(f"mass {gev:g} GeV is below ten lepton masses: the logarithm does not lead")
    ends = [positive(units.to_internal(end, "energy", "energy"), "energy") / gev for end in (low, high)]
    # the bracket is zero where the pair has just the mass that it needs
    x_low, x_high = (min(x, 1.0 - np.e * lepton**2 / (4.0 * gev**2)) for x in ends)
    return quad(_spectrum, x_low, x_high, args=(2.0 * gev / lepton,))[0] if x_low < x_high else 0.0


def _spectrum(x, energy_per_mass):
    return _ALPHA / np.pi * (1.0 + (1.0 - x) ** 2) / x * (np.log(energy_per_mass**2 * (1.0 - x)) - 1.0)


@dataclass(frozen=True, kw_only=True)
class FinalStateRadiationLimit(Limit):
    """Limit on annihilation to leptons: in no bin more photons than observed, and two sigma.

    Attributes
    ----------
    observation : PhotonObservation
    j_average : Quantity [GeV^2/cm^5]
        Mean over the region of the line-of-sight integral of rho^2.
    """

    observation: PhotonObservation
    j_average: Quantity

    observable: ClassVar[str] = "<sigma v>"

    def bound(self, *, mass, channel, pair_factor, width=None):
        """Largest <sigma v>; arguments as in `cosmology.limits.gamma_rays.DwarfLimit.bound`, and the channel.

        Returns
        -------
        Quantity [sigma_v]
        """
        pairs = pair_factor_at(pair_factor, width, cosmic_age())
        gev = positive(units.to_internal(mass, "mass", "mass"), "mass")
        edges = zip(self.observation.low, self.observation.high, strict=True)
        photons = np.array([radiated_photons(channel, mass, Quantity(a, "MeV"), Quantity(b, "MeV")) for a, b in edges])
        if not np.any(photons > 0.0):
            raise OutsideValidity(f"no photons of {gev:g} GeV dark matter reach {self.observation.low[0]:g} MeV")
        column = measure(self.j_average, "GeV2 / cm5", "j_average", "5e21 GeV2/cm5")
        seen = photons > 0.0
        worst = np.min(self.observation.allowed[seen] / photons[seen])
        return Quantity(worst * 8.0 * np.pi * gev**2 / (pairs * column), "cm3 / s")

    def check(self, *, sigma_v, mass, channel, pair_factor, width=None):
        """Answer for a cross-section; see `bound` for the rest.

        Returns
        -------
        LimitResult
        """
        value = units.attach(units.to_internal(sigma_v, "sigma_v", "sigma_v"), "sigma_v")
        point = {"mass": mass, "channel": channel, "pair_factor": pair_factor, "width": width}
        return self._judge(value, lambda: self.bound(**point))


def final_state_radiation_limit(j_average=None):
    """Limit from the LAT's sky at |b| > 8 degrees.

    Parameters
    ----------
    j_average : Quantity [GeV^2/cm^5], optional
        Of another halo than the NFW one of `cosmology.limits.photon_observations.SkyRegion`.

    Returns
    -------
    FinalStateRadiationLimit
    """
    observation = photon_observation("Fermi")
    return FinalStateRadiationLimit(
        name="final-state radiation, LAT sky",
        source=observation.source,
        validity="leptons with masses far below that of the dark matter; photons of 153 MeV to 95 GeV",
        applies_to="annihilation in the Galaxy's halo today",
        convention=SELF_CONJUGATE,
        observation=observation,
        j_average=observation.region.j_average if j_average is None else j_average,
    )
