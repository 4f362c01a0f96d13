r"""Flux at the Earth of what annihilation makes: cross-section, J-factor and spectrum together.

.. math:: \frac{d\Phi}{dE} = \kappa\,\frac{(\sigma v)_0\,J_S}{4\pi m^2}\,\frac{dN}{dE}, \qquad
          J_S = \int d\Omega\,ds\,\rho_1\rho_2\,\langle S\rangle

:math:`\kappa` counts pairs, and depends on what the densities in J are: `DistinctSpecies`, `SelfConjugate`,
`SharesOfDarkMatter`. Cross-sections are those of the relative speed, :math:`\sigma v_{rel} = (\sigma v)_0 S`.
"""

from dataclasses import dataclass

import numpy as np

from halokick.errors import InputError
from halokick.sky.signal_units import (
    DIFFERENTIAL_FLUX,
    ENERGY_FLUX,
    J_FACTOR,
    PHOTON_FLUX,
    SIGMA_V,
    attach,
    check_shapes,
    positive_energy,
    strip,
)
from halokick.sky.spectra import Spectrum


@dataclass(frozen=True)
class DistinctSpecies:
    """Two different particles, each with its own density in J = int rho_1 rho_2: every pair counts once."""

    @property
    def factor(self):
        """Of the flux."""
        return 1.0


@dataclass(frozen=True)
class SelfConjugate:
    """One species that annihilates with itself, J = int rho^2, which counts every pair twice."""

    @property
    def factor(self):
        """Of the flux."""
        return 0.5


@dataclass(frozen=True)
class SharesOfDarkMatter:
    r"""Two different particles that are shares of the dark matter, with J = int rho_DM^2 (times a suppression).

    The pair factor against self-conjugate dark matter, for which limits are published, is :math:`P = 2 f_1 f_2`: one
    half for equal halves (Dirac dark matter without asymmetry).

    Parameters
    ----------
    first, second : float
        f_1 and f_2, above 0, together at most 1.
    """

    first: float = 0.5
    second: float = 0.5

    def __post_init__(self):
        if not (self.first > 0 and self.second > 0 and self.first + self.second <= 1 + 1e-12):
            raise InputError(f"{self!r}: shares must be above 0 and sum to at most 1")

    @property
    def factor(self):
        """Of the flux, f_1 f_2."""
        return self.first * self.second

    @property
    def pair_factor(self):
        """P = 2 f_1 f_2."""
        return 2 * self.factor


def differential_flux(energy, *, sigma_v, mass, j_factor, spectrum, pairs):
    """Flux per energy, averaged over the detector's livetime and without energy dispersion.

    Parameters
    ----------
    energy : Quantity [energy], any shape
    sigma_v : Quantity [volume/time]
        Cross-section times relative speed at S = 1.
    mass : Quantity [energy]
        Of one annihilating particle.
    j_factor : Quantity [GeV2 cm-5], broadcast with `energy`
        With the velocity factor S in it where S is not 1.
    spectrum : Spectrum
        Per annihilation.
    pairs : DistinctSpecies, SelfConjugate or SharesOfDarkMatter
        What the densities in `j_factor` are.

    Returns
    -------
    Quantity [GeV-1 cm-2 s-1]

    Raises
    ------
    UnitError
        An argument without a unit, or with a wrong one.
    InputError
        Negative or infinite arguments, a mass the spectrum is not known for, or a line, which has no flux per energy.
    """
    scale = _scale(energy, sigma_v, mass, j_factor, spectrum, pairs)
    return attach(scale * spectrum.differential(energy, mass=mass).value, DIFFERENTIAL_FLUX)


def photon_flux(low, high, *, sigma_v, mass, j_factor, spectrum, pairs):
    """Particles per area and time between two energies: Quantity [cm-2 s-1].

    Arguments and errors as for `differential_flux`; lines count if low < E <= high.
    """
    scale = _scale(low, sigma_v, mass, j_factor, spectrum, pairs)
    return attach(scale * spectrum.photons(low, high, mass=mass), PHOTON_FLUX)


def energy_flux(low, high, *, sigma_v, mass, j_factor, spectrum, pairs):
    """Energy per area and time between two energies: Quantity [GeV cm-2 s-1]; see `photon_flux`."""
    scale = _scale(low, sigma_v, mass, j_factor, spectrum, pairs)
    return attach(scale * spectrum.energy(low, high, mass=mass).value, ENERGY_FLUX)


def pair_count(pairs):
    """Factor of the flux, checked to come from one of the three ways of counting pairs."""
    if not isinstance(pairs, (DistinctSpecies, SelfConjugate, SharesOfDarkMatter)):
        raise InputError(
            f"pairs = {pairs!r}; give DistinctSpecies(), SelfConjugate() or SharesOfDarkMatter(f1, f2), which say what "
            "the densities in J are"
        )
    return pairs.factor


def _scale(energy, sigma_v, mass, j_factor, spectrum, pairs):
    if not isinstance(spectrum, Spectrum):
        raise InputError(f"spectrum = {spectrum!r} is not a Spectrum; give e.g. read_cosmixs(path, 'b')")
    m = positive_energy(mass, "mass")
    sigma, j = strip(sigma_v, SIGMA_V, "sigma_v", least=0), strip(j_factor, J_FACTOR, "j_factor", least=0)
    check_shapes(energy=energy, sigma_v=sigma, j_factor=j)
    return pair_count(pairs) * sigma * j / (4 * np.pi * m * m)
