r"""How feeble the coupling has to be for the sectors to stay apart, and how large the CP violation at least.

Hall, March-Russell & West (2010) ask for :math:`\lambda < 10^{-6}\sqrt{m/100\,\mathrm{GeV}}` and lifetimes above
1e-13 s. Such a width is 293 times the expansion rate at T = m, and Eq. (1.1) then gives more X than equilibrium
holds. The condition :math:`\Gamma < H(T = m)` is 17 times stronger in the coupling; both are here.
"""

import numpy as np
from scipy.special import zeta

from cosmology import constants, relic, units
from cosmology.degrees_of_freedom import DEFAULT, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models.exodus_sectors import check_states
from cosmology.particle_input import checked_positive
from cosmology.thermodynamics import _hubble

PRINTED_LARGEST_COUPLING = 1e-6
"""float : the paper's bound on lambda at 100 GeV; it grows like the root of the mass."""

_PER_BOSON = {"boltzmann": 1 / zeta(3), "fermi": 0.75, "bose": 1.0}


def yukawa_width(coupling, mass):
    r"""Width :math:`\lambda^2 m/8\pi`, by which the paper turns couplings into times; Quantity [width]."""
    strength = checked_positive(coupling, "dimensionless", "coupling")
    return units.attach(strength**2 * checked_positive(mass, "mass", "mass") / (8 * np.pi), "width")


def width_over_expansion(width, mass, *, g_star=DEFAULT):
    """Gamma/H at T = m, float or ndarray; the sectors stay apart below 1."""
    m = checked_positive(mass, "mass", "mass")
    return checked_positive(width, "width", "width") / _hubble(m, degrees_of_freedom(g_star))


def largest_coupling(mass, *, g_star=DEFAULT):
    """Coupling for which lambda^2 m/8 pi is the expansion rate at T = m: 5.85e-8 at 100 GeV for g = 100."""
    m = checked_positive(mass, "mass", "mass")
    return np.sqrt(8 * np.pi * _hubble(m, degrees_of_freedom(g_star)) / m)


def printed_largest_coupling(mass):
    """The paper's bound, 1e-6 sqrt(m/100 GeV), 17 times too large."""
    return PRINTED_LARGEST_COUPLING * np.sqrt(checked_positive(mass, "mass", "mass") / 100)


def shortest_lifetime(mass, *, g_star=DEFAULT):
    """Lifetime that is 1/H at T = m, Quantity [time]: 4.8e-11 s at 100 GeV for g = 100; printed is 1e-13 s."""
    return units.attach(1 / _hubble(checked_positive(mass, "mass", "mass"), degrees_of_freedom(g_star)), "time")


def relativistic_yield(states, g_s, statistics="bose"):
    r"""Yield of a relativistic species in equilibrium, :math:`45\,g\,\zeta(3)/(2\pi^4 g_s)`, 3/4 of it for fermions.

    5.6e-3 for two bosonic states and g_s = 100.
    """
    if statistics not in _PER_BOSON:
        raise InputError(f"statistics = {statistics!r}; allowed: {', '.join(map(repr, _PER_BOSON))}")
    g_s = checked_positive(g_s, "dimensionless", "g_s")
    return 45 * zeta(3) * check_states(states) * _PER_BOSON[statistics] / (2 * np.pi**4 * g_s)


def smallest_epsilon(relic_mass, states=2.0, *, statistics="bose", omega_h2=constants.DARK_MATTER_OMEGA_H2, g_s=100.0):
    r"""CP asymmetry that is needed at least, since :math:`\eta_X \le \epsilon Y_\mathrm{eq}`; float.

    4.4e-8 for 1.62 GeV and a density of 0.11. The paper has 1e-10 to 1e-9, from its bound on the coupling.
    """
    return relic.total_yield(relic_mass, omega_h2=omega_h2) / relativistic_yield(states, g_s, statistics)
