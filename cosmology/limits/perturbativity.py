r"""Where perturbation theory and unitarity end: :math:`\alpha \le 1` and the s-wave bound on annihilation."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.limits.base import Limit, measure, positive
from cosmology.units import Quantity

_LIGHT = 299792.458  # km/s


@dataclass(frozen=True, kw_only=True)
class PerturbativeCoupling(Limit):
    r"""Limit :math:`\lambda \le \sqrt{4\pi\alpha_\mathrm{max}}` on a coupling."""

    name: str = "perturbative coupling"
    source: str = "Hardy, Lasenby & Unwin 2014 (arXiv:1402.4500), Fig. 2: alpha = 1"
    validity: str = "a convention: where alpha = lambda^2/(4 pi) is of order one"
    applies_to: str = "a coupling"
    alpha_max: float = 1.0

    observable: ClassVar[str] = "lambda"

    def bound(self):
        """Largest coupling, dimensionless."""
        return Quantity(np.sqrt(4.0 * np.pi * positive(self.alpha_max, "alpha_max")))

    def check(self, *, coupling):
        """Answer for a coupling (a number; its sign does not matter)."""
        if np.ndim(coupling) or not np.isfinite(coupling):
            raise InputError(f"coupling = {coupling} must be one finite number")
        return self._judge(Quantity(abs(float(coupling))), self.bound)


@dataclass(frozen=True, kw_only=True)
class PerturbativeAnnihilation(Limit):
    r"""Limit :math:`\langle\sigma v\rangle \le \pi\alpha_\mathrm{max}^2/m^2` on annihilation to vectors.

    The cross-section is that of a Dirac particle to two vectors without mass, for one particle and one antiparticle.
    """

    name: str = "perturbative annihilation"
    source: str = "Hardy, Lasenby & Unwin 2014 (arXiv:1402.4500), Fig. 2: alpha = 1"
    validity: str = "s-wave annihilation to two light vectors; where alpha is of order one"
    applies_to: str = "annihilation of L' with anti-L' to two vectors"
    alpha_max: float = 1.0

    observable: ClassVar[str] = "<sigma v>"

    def bound(self, *, mass):
        """Largest <sigma v> [sigma_v] at a mass."""
        gev = positive(units.to_internal(mass, "mass", "mass"), "mass")
        return units.attach(np.pi * positive(self.alpha_max, "alpha_max") ** 2 / gev**2, "sigma_v")

    def check(self, *, sigma_v, mass):
        """Answer for a cross-section and a mass."""
        value = units.attach(units.to_internal(sigma_v, "sigma_v", "sigma_v"), "sigma_v")
        return self._judge(value, lambda: self.bound(mass=mass))


@dataclass(frozen=True, kw_only=True)
class SWaveUnitarity(Limit):
    r"""Limit :math:`\sigma v \le 4\pi/(m^2 v)`, the partial wave :math:`\pi/k^2` with k = m v/2."""

    name: str = "s-wave unitarity"
    source: str = "Griest & Kamionkowski 1990, Phys. Rev. Lett. 64, 615"
    validity: str = "s-wave annihilation of distinct particles of equal mass, v far below c"
    applies_to: str = "annihilation at one relative speed"

    observable: ClassVar[str] = "sigma v"

    def bound(self, *, mass, velocity):
        """Largest sigma v [sigma_v] at a mass and a relative speed."""
        gev = positive(units.to_internal(mass, "mass", "mass"), "mass")
        beta = measure(velocity, "km/s", "velocity", "220 km/s") / _LIGHT
        if beta >= 1.0:
            raise InputError(f"velocity = {velocity} must be below the speed of light")
        return units.attach(4.0 * np.pi / (gev**2 * beta), "sigma_v")

    def check(self, *, sigma_v, mass, velocity):
        """Answer for a cross-section, a mass and a relative speed."""
        value = units.attach(units.to_internal(sigma_v, "sigma_v", "sigma_v"), "sigma_v")
        return self._judge(value, lambda: self.bound(mass=mass, velocity=velocity))
