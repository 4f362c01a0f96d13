r"""Photons (or other stable particles) of one annihilation, as a function of their energy: dN/dE.

All kinds answer in :math:`x = E/m`, with m the mass of one annihilating particle, and none has anything above x = 1.
Tables of published channels are in `halokick.sky.spectrum_tables`; the closed forms here serve tests and toy models.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.sky.signal_units import check_shapes, one_number, positive_energy

_X, _W = np.polynomial.legendre.leggauss(24)
_SAME_MASS = 1e-6
ROUNDED = 1 - 1e-12
"""On the energy of a line: the same energy in GeV and in TeV may differ by rounding, and must not lose the line."""
_PANELS = 24
"""Panels in ln x of a closed form without an antiderivative: to rounding for powers times exponentials."""


class Spectrum(ABC):
    """Particles per annihilation and energy; immutable."""

    def differential(self, energy, *, mass):
        """dN/dE of one annihilation.

        Parameters
        ----------
        energy : Quantity [energy], any shape
        mass : Quantity [energy]
            Of one annihilating particle.

        Returns
        -------
        Quantity [1/GeV], shape of `energy`
            Zero above the mass.

        Raises
        ------
        InputError
            An energy or mass that is not positive, a mass the spectrum is not known for, or a line, which has no dN/dE.
        """
        gev, m = positive_energy(energy, "energy"), self._mass(mass)
        x = np.asarray(gev) / m
        return units.Quantity(np.where(x * ROUNDED <= 1.0, self._dn_dx(np.minimum(x, 1.0), m), 0.0) / m, "GeV-1")

    def photons(self, low, high, *, mass):
        r"""Particles per annihilation between two energies, :math:`\int dE\,dN/dE`: float or ndarray.

        Arguments and errors as for `differential`; `low` and `high` broadcast. A line counts if low < E <= high.
        """
        return self._integral(low, high, mass, 0)[0]

    def energy(self, low, high, *, mass):
        r"""Energy per annihilation carried between two energies, :math:`\int dE\,E\,dN/dE`: Quantity [GeV]."""
        share, m = self._integral(low, high, mass, 1)
        return units.Quantity(share * m, "GeV")

    def _integral(self, low, high, mass, power):
        m = self._mass(mass)
        check_shapes(low=low, high=high)
        x_low, x_high = np.broadcast_arrays(
            np.asarray(positive_energy(low, "low")) / m, np.asarray(positive_energy(high, "high")) / m
        )
        if np.any(x_high < x_low):
            raise InputError(f"high = {high} is below low = {low}; give the energies in rising order")
        return self._moment(np.minimum(x_low, 1.0), np.minimum(x_high, 1.0), m, power)[()], m

    def _mass(self, mass):
        m = positive_energy(mass, "mass")
        if np.ndim(m):
            raise InputError(f"mass = {mass} is a list; give one mass at a time")
        low, high = self._mass_range
        if not low * (1 - _SAME_MASS) <= m <= high * (1 + _SAME_MASS):
            raise InputError(
                f"{self!r}: mass = {mass} is outside {low:g} to {high:g} GeV, where the spectrum is known; nothing is "
                "extrapolated, so choose a mass inside or another table"
            )
        return m

    @property
    def _mass_range(self):
        """Masses [GeV] the spectrum is known for; closed forms know all."""
        return 0.0, np.inf

    @abstractmethod
    def _dn_dx(self, x, mass):
        """dN/dx at x <= 1 for a mass [GeV]."""

    @abstractmethod
    def _moment(self, low, high, mass, power):
        """Integral of x^power dN/dx between arrays 0 < low <= high <= 1."""


@dataclass(frozen=True)
class PowerLawSpectrum(Spectrum):
    r"""A power with an exponential: :math:`dN/dx = N\,x^{-n}\,e^{-bx}`, for x up to 1.

    Parameters
    ----------
    index : float
        n.
    cut : float
        b, zero or more.
    norm : float
        N, positive. n = 1.5, b = 7.8, N = 0.73 is near the photons of quarks (Bergstrom, Ullio & Buckley 1998,
        Astropart. Phys. 9, 137).
    """

    index: float = 1.5
    cut: float = 8.0
    norm: float = 1.0

    def __post_init__(self):
        _check_numbers(self)
        if not self.cut >= 0 or not self.norm > 0:
            raise InputError(f"{self!r}: index must be finite, cut zero or more, norm positive")
        if self.index < 2:
            energy = self._moment(np.array(1e-12), np.array(1.0), 1.0, 1)
            if energy > 2.0:
                raise InputError(f"{self!r} carries {float(energy):.3g} m per annihilation; two particles have 2 m")

    def _dn_dx(self, x, mass):
        return self.norm * x**-self.index * np.exp(-self.cut * x)

    def _moment(self, low, high, mass, power):
        edges = np.linspace(np.log(low), np.log(high), _PANELS + 1, axis=-1)
        half = 0.5 * np.diff(edges)[..., None]
        x = np.exp(edges[..., :-1, None] + half * (1 + _X))
        return np.sum(half * _W * x ** (power + 1) * self._dn_dx(x, mass), axis=(-1, -2))


@dataclass(frozen=True)
class BoxSpectrum(Spectrum):
    """Flat dN/dx between two x: what a scalar in flight gives that decays to two photons.

    Parameters
    ----------
    low, high : float
        Edges in x, 0 <= low < high <= 1.
    number : float
        Particles per annihilation, 4 for two scalars to two photons each.
    """

    low: float = 0.0
    high: float = 1.0
    number: float = 4.0

    def __post_init__(self):
        _check_numbers(self)
        if not (0 <= self.low < self.high <= 1 and self.number > 0):
            raise InputError(f"{self!r}: the box needs 0 <= low < high <= 1 and a positive number")
        if self.number * (self.low + self.high) / 2 > 2 * (1 + 1e-12):
            raise InputError(f"{self!r} carries more energy than the 2 m of an annihilation; lower its number")

    def _dn_dx(self, x, mass):
        return np.where((x >= self.low) & (x <= self.high), self.number / (self.high - self.low), 0.0)

    def _moment(self, low, high, mass, power):
        a, b = np.clip(low, self.low, self.high), np.clip(high, self.low, self.high)
        return self.number / (self.high - self.low) * (b ** (power + 1) - a ** (power + 1)) / (power + 1)


@dataclass(frozen=True)
class LineSpectrum(Spectrum):
    """Particles of one energy. It has no dN/dE; its integrals exist.

    Parameters
    ----------
    number : float
        Per annihilation: 2 for two photons.
    place : float
        x of the line, above 0 and at most 1; 1 - (m_Z/2m)^2 for a photon with a Z.
    """

    number: float = 2.0
    place: float = 1.0

    def __post_init__(self):
        _check_numbers(self)
        if not (0 < self.place <= 1 and self.number > 0):
            raise InputError(f"{self!r}: a line needs 0 < place <= 1 and a positive number")
        if self.number * self.place > 2 * (1 + 1e-12):
            raise InputError(f"{self!r} carries more energy than the 2 m of an annihilation; lower its number")

    def _dn_dx(self, x, mass):
        raise InputError(f"{self!r} has no dN/dE; ask for photons or energy between two energies")

    def _moment(self, low, high, mass, power):
        place = self.place * ROUNDED
        return np.where((low < place) & (place <= high), self.number * self.place**power, 0.0)


def _check_numbers(spectrum):
    for item in fields(spectrum):
        one_number(getattr(spectrum, item.name), f"{type(spectrum).__name__}: {item.name}")


class MixedSpectrum(Spectrum):
    """Sum of spectra, each with the share of annihilations that goes there.

    Parameters
    ----------
    parts : sequence of (float, Spectrum)
        Shares, above zero, that sum to 1 or less (the rest is unseen).
    """

    def __init__(self, parts):
        try:
            parts = tuple((float(share), spectrum) for share, spectrum in parts)
        except (TypeError, ValueError) as error:
            raise InputError(f"parts = {parts!r}; give pairs of a share and a Spectrum") from error
        if not all(isinstance(spectrum, Spectrum) for _, spectrum in parts):
            raise InputError(f"parts = {parts!r}; the second of each pair must be a Spectrum, such as LineSpectrum()")
        total = sum(share for share, _ in parts)
        if not parts or any(not share > 0 for share, _ in parts) or total > 1 + 1e-9:
            raise InputError(f"shares {[share for share, _ in parts]} must be positive and sum to 1 or less")
        self._parts = parts

    def __repr__(self):
        return f"MixedSpectrum({self._parts!r})"

    @property
    def _mass_range(self):
        ranges = [spectrum._mass_range for _, spectrum in self._parts]
        return max(low for low, _ in ranges), min(high for _, high in ranges)

    def _dn_dx(self, x, mass):
        return sum(share * spectrum._dn_dx(x, mass) for share, spectrum in self._parts)

    def _moment(self, low, high, mass, power):
        return sum(share * spectrum._moment(low, high, mass, power) for share, spectrum in self._parts)
