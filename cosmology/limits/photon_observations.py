"""Measured diffuse X-ray and gamma-ray intensities, by bin, and the regions of the sky that they are averages over."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.integrate import quad

from cosmology.errors import InputError
from cosmology.limits.tables import packaged_columns, packaged_rows, packaged_source
from cosmology.units import Quantity

_HEAO_BINS_KEV = np.geomspace(3.0, 500.0, 25)
"""The HEAO-1 fit is a curve; 24 bins of equal ratio, as wide as the resolution of such detectors or wider."""
_HEAO_ERROR = 0.1


@dataclass(frozen=True)
class SkyRegion:
    """Part of the sky in Galactic longitude and latitude.

    Attributes
    ----------
    name : str
    longitudes, latitudes : tuple of (float, float)
        Intervals [deg]; the region is every longitude interval with every latitude interval.
    d_average, j_average : Quantity [GeV/cm^2], [GeV^2/cm^5]
        Averages over the region of the line-of-sight integrals of rho and rho^2, in an NFW halo with r_s = 20 kpc, the
        Sun at 8.5 kpc and 0.3 GeV/cm^3 there (Essig et al. 2013, arXiv:1309.4091), out to 200 kpc from the centre.
    """

    name: str
    longitudes: tuple
    latitudes: tuple
    d_average: Quantity
    j_average: Quantity

    @property
    def solid_angle(self):
        r"""Solid angle, :math:`\sum \Delta l \sum \Delta \sin b` [sr]."""
        width = sum(high - low for low, high in self.longitudes)
        height = sum(np.sin(np.radians(high)) - np.sin(np.radians(low)) for low, high in self.latitudes)
        return Quantity(np.radians(width) * height, "sr")


@dataclass(frozen=True)
class PhotonObservation:
    """Photons in bins of energy, from one region of the sky.

    Attributes
    ----------
    name, source : str
    region : SkyRegion
    low, high : tuple of float
        Edges of the bins [MeV].
    observed, sigma : tuple of float
        Photons in the bins and their upper one-sigma error [1/(cm^2 s sr)].
    """

    name: str
    source: str
    region: SkyRegion
    low: tuple
    high: tuple
    observed: tuple
    sigma: tuple

    @property
    def allowed(self):
        """Observed photons and two sigma [1/(cm^2 s sr)], bin by bin: what dark matter may not exceed."""
        return np.array(self.observed) + 2.0 * np.array(self.sigma)


@cache
def sky_region(name):
    """Region of an instrument's analysis.

    Parameters
    ----------
    name : str
        ``"HEAO-1"``, ``"INTEGRAL"``, ``"COMPTEL"``, ``"EGRET"`` or ``"Fermi"``.

    Returns
    -------
    SkyRegion
    """
    rows = {row[0]: row[1:] for row in packaged_rows("sky_regions")[1:]}
    if name not in rows:
        raise InputError(f"region {name!r} is not one of {', '.join(rows)}")
    longitudes, latitudes, d_average, j_average = rows[name]
    return SkyRegion(
        name=name,
        longitudes=_intervals(longitudes),
        latitudes=_intervals(latitudes),
        d_average=Quantity(float(d_average), "GeV / cm2"),
        j_average=Quantity(float(j_average), "GeV2 / cm5"),
    )


@cache
def photon_observation(name):
    """Measured intensity.

    Parameters
    ----------
    name : str
        ``"HEAO-1"``, ``"INTEGRAL"``, ``"COMPTEL"``, ``"EGRET"`` or ``"Fermi"``.

    Returns
    -------
    PhotonObservation
    """
    region = sky_region(name)
    if name == "HEAO-1":
        low, high, observed, sigma = _heao_bins()
        source = "HEAO-1, fit of Gruber et al. 1999 (arXiv:astro-ph/9903492), 10% error"
    else:
        low, high, intensity, upper = packaged_columns(f"photons_{name.lower()}")
        # E^2 dPhi/dE is flat within a bin
        per_intensity = 1.0 / low - 1.0 / high
        observed, sigma = intensity * per_intensity, (upper - intensity) * per_intensity
        source = packaged_source(f"photons_{name.lower()}")
    return PhotonObservation(name, source, region, *(tuple(map(float, x)) for x in (low, high, observed, sigma)))


def heao_intensity(kev):
    """Cosmic X-ray background, energy intensity [keV/(cm^2 s sr keV)] at an energy [keV]: fit of Gruber et al. (1999).

    From 3 keV; two branches meet at 60 keV.
    """
    if kev < 60.0:
        return 7.877 * kev**-0.29 * np.exp(-kev / 41.13)
    ratio = kev / 60.0
    return 0.0259 * ratio**-5.5 + 0.504 * ratio**-1.58 + 0.0288 * ratio**-1.05


def _heao_bins():
    low, high = _HEAO_BINS_KEV[:-1], _HEAO_BINS_KEV[1:]
    photons = np.array(
        [
            quad(lambda kev: heao_intensity(kev) / kev, a, b, points=[60.0] if a < 60.0 < b else None)[0]
            for a, b in zip(low, high, strict=True)
        ]
    )
    return low * 1e-3, high * 1e-3, photons, _HEAO_ERROR * photons


def _intervals(text):
    return tuple(tuple(float(end) for end in part.split(":")) for part in text.split("+"))
