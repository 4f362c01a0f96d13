r"""Annihilation of chi to massless eta through phi, and the decay of phi: what empties the dark sector.

Asadi, Moore, Morrissey & Shamma (2025), Eqs. (26) to (28). Everything scales as y^4/m^2 at a given ratio of masses, so
functions here take masses in units of that of chi.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import kve, roots_genlaguerre

from cosmology import units
from cosmology.errors import InputError
from cosmology.particle_input import checked_coupling, checked_positive
from cosmology.units import Quantity

_ANGLES, _ANGLE_WEIGHTS = np.polynomial.legendre.leggauss(24)
_ENERGIES, _ENERGY_WEIGHTS = roots_genlaguerre(20, 0.5)
_LEAST_X = 1.0  # below, the quadrature in energy loses digits
EQUILIBRIA = ("cold", "exact")
"""tuple of str : density of chi in equilibrium, (m T/2 pi)^(3/2) exp(-m/T) as in Eq. (67), or with K_2."""


@dataclass(frozen=True, kw_only=True)
class DarkSink:
    r"""Coupling and masses of the dark sector below the heavy neutrinos.

    Parameters
    ----------
    coupling : float
        :math:`y_\chi` of :math:`y_\chi\phi^*\chi\eta`.
    mediator_ratio : float
        :math:`m_\phi/m_\chi`, above 1 so that phi decays.
    chi_mass : Quantity [mass], optional
        If not given, it is the one for which chi is all of the dark matter.
    equilibrium : {"cold", "exact"}
        Density in equilibrium during freeze-out, see `EQUILIBRIA`.

    Raises
    ------
    UnitError, InputError
    """

    coupling: float = 1.0
    mediator_ratio: float = 1.5
    chi_mass: Quantity | None = None
    equilibrium: str = "cold"

    def __post_init__(self):
        coupling = checked_coupling(self.coupling, "sink_coupling")
        ratio = checked_positive(self.mediator_ratio, "dimensionless", "mediator_ratio")
        if np.ndim(coupling) or np.ndim(ratio) or ratio <= 1:
            raise InputError(
                f"sink_coupling = {coupling}, mediator_ratio = {ratio}; one number each is needed, and m_phi/m_chi "
                "above 1, so that phi decays to chi and eta"
            )
        object.__setattr__(self, "coupling", coupling)
        object.__setattr__(self, "mediator_ratio", ratio)
        if self.chi_mass is not None:
            mass = checked_positive(self.chi_mass, "mass", "chi_mass")
            if np.ndim(mass):
                raise InputError(f"chi_mass = {self.chi_mass}; one mass is needed")
            object.__setattr__(self, "chi_mass", units.attach(mass, "mass"))
        if self.equilibrium not in EQUILIBRIA:
            raise InputError(f"equilibrium = {self.equilibrium!r}; allowed: {', '.join(map(repr, EQUILIBRIA))}")

    def mediator_width(self, chi_mass):
        r"""Width of phi, Eq. (26): :math:`\Gamma = \frac{y_\chi^2m_\phi}{16\pi}[1 - (m_\chi/m_\phi)^2]^2`.

        Parameters
        ----------
        chi_mass : Quantity [mass]

        Returns
        -------
        Quantity [width]
        """
        mediator = self.mediator_ratio * checked_positive(chi_mass, "mass", "chi_mass")
        width = self.coupling**2 * mediator / (16 * np.pi) * (1 - self.mediator_ratio**-2.0) ** 2
        return units.attach(width, "width")

    def sigma_v(self, x, chi_mass):
        """Thermal average of sigma v for one chi and one anti-chi at x = m/T_x, a Quantity; at rest for x = inf.

        Parameters
        ----------
        x : float or array
            From 1 on.
        chi_mass : Quantity [mass]
        """
        x = np.asarray(x, dtype=float)
        if not np.all(x >= _LEAST_X):
            raise InputError(f"x = {x}; the average is for m/T_x from {_LEAST_X:g} on")
        mass = checked_positive(chi_mass, "mass", "chi_mass")
        return units.attach(self.coupling**4 / mass**2 * thermal_average(x, self.mediator_ratio), "sigma_v")


def annihilation_kernel(s, ratio):
    r"""Kernel W(s)/y^4 of chi chi-bar -> eta eta-bar, Eq. (27), with s in units of m^2 and ratio = m_phi/m.

    With :math:`d = m_\phi^2 - m^2`, :math:`b = d + s/2`, :math:`A = \sqrt{s(s-4m^2)}/(2b)`:

    .. math:: \frac{W}{y^4} = \frac1{8\pi}\Big\{1 - \frac{2d}{\sqrt{s(s-4m^2)}}\ln\frac{1+A}{1-A}
        + \frac{(d/b)^2}{1-A^2}\Big\}

    It is the mean of :math:`[n/(d+n)]^2` over the angle c, :math:`n = (s - c\sqrt{s(s-4m^2)})/2`. For heavy phi the
    closed form is a small difference of numbers of order one, and the mean itself is taken.
    """
    s = np.asarray(s, dtype=float)
    root = np.sqrt(s * np.maximum(s - 4, 0.0))
    d = ratio**2 - 1
    transfer = (s[..., np.newaxis] - root[..., np.newaxis] * _ANGLES) / 2
    mean = np.sum(_ANGLE_WEIGHTS / 2 * (transfer / (d + transfer)) ** 2, axis=-1)
    b = d + s / 2
    a = root / (2 * b)
    small = a < 1e-4
    per_b = np.where(small, 1 + a**2 / 3, np.arctanh(np.where(small, 0.5, a)) / np.where(small, 1.0, a))
    closed = 1 - 2 * d / b * per_b + (d / b) ** 2 / (1 - a**2)
    return np.where(s < d, mean, closed) / (8 * np.pi)


def thermal_average(x, ratio):
    r"""Mean of sigma v over the dark bath, times m^2/y^4, at x = m/T_x.

    .. math:: \langle\sigma v\rangle = \int_{4m^2}^\infty ds\,
        \frac{\sqrt{s-4m^2}\,K_1(\sqrt s/T_x)\,W(s)}{64\,m^4T_xK_2(m/T_x)^2}

    At rest, x = inf, it is :math:`1/[32\pi(1 + m_\phi^2/m^2)^2]`, Eq. (28).
    """
    x = np.asarray(x, dtype=float)
    resting = np.isinf(x)
    x = np.where(resting, 1.0, x)[..., np.newaxis]
    w = 2 + _ENERGIES / x
    weight = 2 * w * np.sqrt((4 + _ENERGIES / x) / x) * kve(1, w * x) / (64 * kve(2, x) ** 2)
    mean = np.sum(_ENERGY_WEIGHTS * weight * annihilation_kernel(w**2, ratio), axis=-1)
    return np.where(resting, 1 / (32 * np.pi * (1 + ratio**2) ** 2), mean)
