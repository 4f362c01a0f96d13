r"""X-rays and gamma rays from the decay itself, against measured diffuse intensities.

Galactic and, isotropic, extragalactic intensity of photons in a bin (Essig et al. 2013, arXiv:1309.4091):

.. math:: \Phi_\mathrm{G} = \frac{D}{4\pi} \frac{f_B}{m_B} \Gamma e^{-\Gamma t_0} N(E_1, E_2), \qquad
          \Phi_\mathrm{EG} = \frac{c\, n_{B,0} \Gamma}{4\pi} \int_0^\infty \frac{dz}{H(z)}
          \frac{e^{-\Gamma t(z)}}{1+z} N\left((1+z) E_1, (1+z) E_2\right)

with N photons per decay between two energies, D the line-of-sight integral of rho averaged over the region, f_B the
share of B' in the dark matter and n_B,0 their comoving number, both before decays; z up to 50 only. A width is excluded
if in any bin there would be more photons than were observed, and two sigma. Nothing is taken off for astrophysical
sources.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.optimize import brentq

from cosmology import constants, units
from cosmology.errors import InputError
from cosmology.limits import expansion
from cosmology.limits.base import (
    EXCLUDED,
    NOT_APPLICABLE,
    SATISFIED,
    Limit,
    OutsideValidity,
    fraction,
    measure,
    positive,
)
from cosmology.limits.photon_observations import PhotonObservation, photon_observation
from cosmology.units import Quantity

GALACTIC = "galactic"
EXTRAGALACTIC = "extragalactic"
COMPONENTS = (GALACTIC, EXTRAGALACTIC)

_EXPONENTS = np.geomspace(1e-16, 1e6, 221)  # Gamma t_0 at which crossings are looked for, ten per decade
_OPAQUE = 50.0
"""Photons from beyond this redshift are not counted, which is cautious: the electrons of all atoms scatter, and from
here their optical depth is n_e sigma_T c int dt = 2.7e-3 (1 + z)^(3/2) = 1 (less above the electron's mass)."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)


@dataclass(frozen=True, kw_only=True)
class DecayPhotonLimit(Limit):
    """Limit on the decay width from one instrument.

    Attributes
    ----------
    observation : PhotonObservation
    components : tuple of str
        ``"galactic"``, ``"extragalactic"`` or both.
    d_average : Quantity [GeV/cm^2]
        Mean of the line-of-sight integral of rho over the region, before decays.
    """

    observation: PhotonObservation
    components: tuple
    d_average: Quantity

    observable: ClassVar[str] = "decay width"

    def bound(self, *, photons, parent_mass, share):
        """Largest width that is allowed, below the excluded ones; see `excluded_widths`.

        Returns
        -------
        Quantity [1/s]
        """
        return self.excluded_widths(photons=photons, parent_mass=parent_mass, share=share)[0]

    def excluded_widths(self, *, photons, parent_mass, share):
        """Ends of the excluded interval of widths: faster decays are over before photons can reach us from them.

        Parameters
        ----------
        photons : TwoPhotonSpectrum or PhotonLine
            Of one decay; anything with ``count(low, high)`` and ``maximum`` in MeV.
        parent_mass : Quantity [mass]
            Of B'.
        share : float
            Share of the dark matter density that B' has before decays, in (0, 1].

        Returns
        -------
        tuple of Quantity [1/s]

        Raises
        ------
        OutsideValidity
            If the photons are outside the instrument's energies, or no width at all is excluded.
        """
        signal = self._signal(photons, parent_mass, share)
        ratio = np.array([signal(x) for x in _EXPONENTS])
        above = np.flatnonzero(ratio > 1.0)
        if above.size == 0:
            raise OutsideValidity(f"no width is excluded: at most {ratio.max():.2g} of the allowed photons")

        def crossing(i):
            log_x = brentq(lambda log_x: np.log(signal(np.exp(log_x))), *np.log(_EXPONENTS[[i, i + 1]]), rtol=1e-12)
            return Quantity(np.exp(log_x), "") / expansion.cosmic_age()

        if above[0] == 0 or above[-1] == _EXPONENTS.size - 1:
            raise InputError(
                f"Gamma t_0 from {_EXPONENTS[0]:g} to {_EXPONENTS[-1]:g} does not hold the excluded widths"
            )
        return crossing(above[0] - 1), crossing(above[-1])

    def check(self, *, width, photons, parent_mass, share):
        """Answer for a width; see `excluded_widths` for the rest.

        Returns
        -------
        LimitResult
            Its bound is the lower end of the excluded widths; a width above the upper end satisfies the limit.
        """
        gamma = units.to_internal(width, "width", "width")
        value = Quantity(units.attach(positive(gamma, "width"), "rate"), "1/s")
        exponent = gamma * units.to_internal(expansion.cosmic_age(), "time")
        try:
            excess = self._signal(photons, parent_mass, share)(exponent)
        except OutsideValidity as outside:
            return self._answer(value, None, NOT_APPLICABLE, str(outside))
        reason = ""
        try:
            bound, upper = self.excluded_widths(photons=photons, parent_mass=parent_mass, share=share)
            if value > upper:
                reason = f"decays are over too early; widths up to {upper:.3g} are excluded"
        except OutsideValidity as outside:
            bound, reason = None, str(outside)
        return self._answer(value, bound, EXCLUDED if excess > 1.0 else SATISFIED, reason)

    def with_d_average(self, d_average):
        """The same limit for another halo.

        Parameters
        ----------
        d_average : Quantity [GeV/cm^2]
            Line-of-sight integral of rho, averaged over the region; mass densities are turned to energy with c^2 first.

        Returns
        -------
        DecayPhotonLimit
        """
        value = measure(d_average, "GeV / cm2", "d_average", "4e22 GeV/cm2")
        return _decay_limit(self.observation, self.components, Quantity(value, "GeV / cm2"))

    def _signal(self, photons, parent_mass, share):
        """Function of Gamma t_0: photons over allowed photons, in the worst bin."""
        low, high = np.array(self.observation.low), np.array(self.observation.high)
        if photons.maximum <= low[0]:
            raise OutsideValidity(f"photons of at most {photons.maximum:.3g} MeV are below {low[0]:.3g} MeV")
        reach = EXTRAGALACTIC in self.components
        if not reach and not np.any(photons.count(low, high) > 0.0):
            raise OutsideValidity(f"no photons between {low[0]:.3g} and {high[-1]:.3g} MeV, the instrument's range")
        parent = positive(units.to_internal(parent_mass, "mass", "parent_mass"), "parent_mass")
        share = fraction(share, "share")
        today = units.to_internal(expansion.cosmic_age(), "time")
        allowed = self.observation.allowed  # 1/cm^2/s/sr
        # Gamma = x/t_0; what is left out of both is the exponential of the decays that are over
        scale = share / (4.0 * np.pi * parent * expansion.cosmic_age().to_value("s") * allowed)
        column = self.d_average.to_value("GeV / cm2") * photons.count(low, high)
        galactic = scale * column if GALACTIC in self.components else np.zeros_like(low)
        distant, lag = _extragalactic(photons, low, high) if reach else (np.zeros((low.size, 1)), np.zeros((1, 1)))
        distant = scale[:, np.newaxis] * distant
        lag = lag / today

        def signal(x):
            return np.max(x * (galactic * np.exp(-x) + np.sum(distant * np.exp(-x * lag), axis=-1)))

        return signal


def _extragalactic(photons, low, high):
    """Dark matter column times photons per decay [GeV/cm^2] by bin and node in z, and ages [1/GeV] there."""
    peak = photons.maximum
    # a bin at energy E receives from redshifts up to E_max/E - 1; a corner where its upper edge reaches E_max
    last, corner = (np.log(np.clip(peak / edge, 1.0, 1.0 + _OPAQUE)) for edge in (low, high))
    panels = [(np.zeros_like(last), corner), (corner, last)]
    log_z = np.concatenate([a[:, None] + 0.5 * (b - a)[:, None] * (1.0 + _NODES) for a, b in panels], axis=1)
    weight = np.concatenate([0.5 * (b - a)[:, None] * _WEIGHTS for a, b in panels], axis=1)
    stretch = np.exp(log_z)
    rho = constants.DARK_MATTER_OMEGA_H2 * constants.CRITICAL_DENSITY_PER_H2
    column = rho / expansion.hubble(stretch - 1.0)  # GeV^3, dz/(1+z) = d ln(1+z)
    to_cgs = units.attach(1.0, "number_density").to_value("cm-3") * units.attach(1.0, "length").to_value("cm")
    counted = photons.count(low[:, None] * stretch, high[:, None] * stretch)
    return weight * column * to_cgs * counted, expansion.age(stretch - 1.0)


def decay_photon_limit(instrument, components=(GALACTIC,)):
    """Limit from one instrument, in the halo of `cosmology.limits.photon_observations.SkyRegion`.

    Parameters
    ----------
    instrument : str
        ``"HEAO-1"`` (3 to 500 keV), ``"INTEGRAL"`` (20 keV to 2.4 MeV), ``"COMPTEL"`` (0.77 to 27.6 MeV), ``"EGRET"``
        (27.6 MeV to 8.6 GeV) or ``"Fermi"`` (153 MeV to 95 GeV).
    components : tuple of str
        ``("galactic",)``, ``("extragalactic",)`` or both. HEAO-1 and the others saw both; the Galactic part alone is
        the more cautious limit.

    Returns
    -------
    DecayPhotonLimit

    Raises
    ------
    InputError
        Unknown instrument or component.
    """
    observation = photon_observation(instrument)
    components = tuple(components)
    if not components or set(components) - set(COMPONENTS):
        raise InputError(f"components {components} must be one or both of {COMPONENTS}")
    return _decay_limit(observation, components, observation.region.d_average)


def _decay_limit(observation, components, d_average):
    return DecayPhotonLimit(
        name=f"{observation.name}, decay photons ({' + '.join(components)})",
        source=observation.source,
        validity=f"photons with an energy between {observation.low[0]:.3g} and {observation.high[-1]:.3g} MeV",
        applies_to="photons from the decay itself",
        observation=observation,
        components=components,
        d_average=d_average,
    )
