"""What every set of effective degrees of freedom answers, and the constant one."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from cosmology import units
from cosmology.errors import InputError

ROUNDING = 1e-12
"""float : by which a temperature at the end of a range may miss it, after a change of units."""


class DegreesOfFreedom(ABC):
    r"""Effective relativistic degrees of freedom of a plasma at temperature T.

    They stand for the energy and entropy densities,
    :math:`\rho = (\pi^2/30) g_\rho T^4` and :math:`s = (2\pi^2/45) g_s T^3`.

    Attributes
    ----------
    name : str
        Name in run files.
    label : str
        Name with its values, as recorded in results.
    """

    name: str
    _lowest = 1e-13  # GeV; the photons of today have 2.3e-13
    _highest = 1e16  # GeV

    @property
    def label(self):
        """Name, with the values that belong to it, as recorded in results."""
        return self.name

    def g_rho(self, temperature):
        """Degrees of freedom of the energy density at a Quantity [temperature]: float or array of its shape.

        Raises
        ------
        InputError
            A temperature outside the range of the fit or table.
        """
        return _plain(self._g_rho(self._temperature(temperature)))

    def g_s(self, temperature):
        """Degrees of freedom of the entropy density at a Quantity [temperature]: float or array of its shape.

        Raises
        ------
        InputError
            A temperature outside the range of the fit or table.
        """
        return _plain(self._g_s(self._temperature(temperature)))

    def entropy_slope(self, temperature):
        r"""Slope :math:`d\ln g_s/d\ln T` at a Quantity [temperature]: float or array of its shape.

        Raises
        ------
        InputError
            A temperature outside the range of the fit or table.
        """
        return _plain(self._entropy_slope(self._temperature(temperature)))

    @property
    def _corners(self):
        """ln(T/GeV) at which a derivative jumps: quadrature has to stop there."""
        return np.array([])

    @abstractmethod
    def _g_rho(self, temperature):
        """g_rho at temperatures [GeV]; the range is the caller's affair (`_require`)."""

    @abstractmethod
    def _g_s(self, temperature):
        """g_s at temperatures [GeV]."""

    @abstractmethod
    def _entropy_slope(self, temperature):
        """d ln g_s/d ln T at temperatures [GeV]."""

    def _all(self, temperature):
        """g_rho, g_s and d ln g_s/d ln T together, for solvers."""
        return self._g_rho(temperature), self._g_s(temperature), self._entropy_slope(temperature)

    def _temperature(self, temperature, name="temperature"):
        return self._require(units.to_internal(temperature, "temperature", name), name)

    def _require(self, temperature, name="temperature"):
        """Temperatures [GeV] unchanged, or an error where these degrees of freedom are not known."""
        # the ends themselves are inside, whatever the change of units does to their last digit
        low, high = self._lowest * (1 - ROUNDING), self._highest * (1 + ROUNDING)
        if np.any(np.asarray(temperature) < low) or np.any(np.asarray(temperature) > high):
            shown = np.min(temperature), np.max(temperature)
            raise InputError(
                f"{name} reaches from {shown[0]:.4g} to {shown[1]:.4g} GeV; g_star = {self.name!r} is known from "
                f"{self._lowest:g} to {self._highest:g} GeV. Stay inside"
            )
        return temperature


@dataclass(frozen=True)
class ConstantDegreesOfFreedom(DegreesOfFreedom):
    """The same degrees of freedom at every temperature, as many papers assume.

    Parameters
    ----------
    g_rho_value : float
        g_rho.
    g_s_value : float
        g_s; the same as `g_rho_value` if not given.

    Raises
    ------
    InputError
        A value that is not positive and finite.
    """

    g_rho_value: float
    g_s_value: float | None = None

    name = "constant"

    def __post_init__(self):
        if self.g_s_value is None:
            object.__setattr__(self, "g_s_value", self.g_rho_value)
        for given in (self.g_rho_value, self.g_s_value):
            if not (np.isscalar(given) and np.isreal(given) and 0 < given < np.inf):
                raise InputError(f"constant degrees of freedom of {given!r}; positive numbers are needed, like 106.75")

    @property
    def label(self):
        """Name with the two values."""
        return f"constant (g_rho = {self.g_rho_value:g}, g_s = {self.g_s_value:g})"

    def _g_rho(self, temperature):
        return np.full(np.shape(temperature), float(self.g_rho_value))

    def _g_s(self, temperature):
        return np.full(np.shape(temperature), float(self.g_s_value))

    def _entropy_slope(self, temperature):
        return np.zeros(np.shape(temperature))


def _plain(values):
    return float(values) if np.ndim(values) == 0 else values
