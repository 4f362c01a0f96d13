r"""Share of the energy set free by annihilation that ionises and heats the gas where the CMB sees it, f_eff(m).

.. math:: f_\mathrm{eff}(m) = \frac{1}{2m} \int dE\, E \left[2 f_e(E) \frac{dN}{dE_{e^+}}
          + f_\gamma(E) \frac{dN}{dE_\gamma}\right]

with the curves f_e and f_gamma of Slatyer (2016), arXiv:1506.03811, Fig. 3, linear in ln E between the points of the
table. Final-state radiation is left out (it moves f_eff by a few per cent); hadrons have no spectra here.
"""

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.limits.base import OutsideValidity, positive
from cosmology.limits.tables import packaged_columns

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_MUON_MINIMUM = 1.0
"""Below this mass [GeV] the muon's own mass changes its decay spectrum by more than one per cent."""


def michel_spectrum(x):
    r"""Electrons from a fast muon, :math:`dN/dx = 5/3 - 3x^2 + (4/3)x^3`, x = E_e/E_mu (unpolarised, m_mu << E_mu)."""
    return 5.0 / 3.0 - 3.0 * x**2 + 4.0 / 3.0 * x**3


def flat_michel_spectrum(x):
    r"""Electrons from muons of evenly spread energies, :math:`\int_x^1 (dy/y) dN/dx(x/y)` of `michel_spectrum`."""
    return -5.0 / 3.0 * np.log(x) - 1.5 * (1.0 - x**2) + 4.0 / 9.0 * (1.0 - x**3)


def _two_flat(x):
    return np.full_like(x, 2.0)


def _two_flat_michel(x):
    return 2.0 * flat_michel_spectrum(x)


# channel -> lowest mass [GeV] or None for the table's, spectrum of e+ per annihilation in x = E/m (a line if None)
_SPECTRA = {
    "mumu": (_MUON_MINIMUM, michel_spectrum),
    "VV->4e": (_MUON_MINIMUM, _two_flat),
    "VV->4mu": (_MUON_MINIMUM, _two_flat_michel),
}
CHANNELS = ("ee", "gammagamma", *_SPECTRA)
"""tuple of str : channels of `f_eff`; V is a light vector, which shares its energy evenly among its decay products."""


def f_eff(channel, mass):
    """Effective share of the energy of annihilation, weighted for the CMB.

    Parameters
    ----------
    channel : str
        One of `CHANNELS`.
    mass : Quantity [mass]
        Of the annihilating particle.

    Returns
    -------
    float

    Raises
    ------
    OutsideValidity
        If the mass is outside the tables, or below 1 GeV for muons (and for V, whose own mass is neglected).
    InputError
        If the channel has no spectrum here.

    Notes
    -----
    ``"ee"`` and ``"gammagamma"`` are lines at E = m. The part of a spectrum below the table's lowest energy, 5 keV,
    carries less than 1e-5 of the energy and counts as lost.
    """
    gev = positive(units.to_internal(mass, "mass", "mass"), "mass")
    if channel not in CHANNELS:
        raise InputError(f"channel {channel!r} is not one of {', '.join(CHANNELS)}; for others give f_eff itself")
    if channel in ("ee", "gammagamma"):
        return float(_curve("electrons" if channel == "ee" else "photons", np.array(gev), channel))
    minimum, spectrum = _SPECTRA[channel]
    if gev < minimum * (1.0 - 1e-12):
        raise OutsideValidity(f"mass {gev:g} GeV is below {minimum:g} GeV, where f_eff of {channel} begins")
    return _integrate("electrons", gev, spectrum, channel)


def f_eff_from_spectra(mass, positrons=None, photons=None):
    """Effective share for spectra of one's own.

    Parameters
    ----------
    mass : Quantity [mass]
    positrons, photons : callable, optional
        dN/dx per annihilation, x = E/m in (0, 1), for arrays; as many electrons as positrons are taken to come. No
        lines.

    Returns
    -------
    float

    Raises
    ------
    OutsideValidity
        If the mass is outside the tables.
    """
    gev = positive(units.to_internal(mass, "mass", "mass"), "mass")
    total = 0.0
    if positrons is not None:
        total += _integrate("electrons", gev, positrons, "the spectrum")
    if photons is not None:
        total += 0.5 * _integrate("photons", gev, photons, "the spectrum")
    return total


def _integrate(species, gev, spectrum, what):
    """Integral of x f(m x) dN/dx, Gauss-Legendre in ln x between the points of the table, where f has its corners."""
    _curve(species, np.array(gev), what)
    energy = packaged_columns(f"deposition_{species}")[0]
    edges = np.log(np.concatenate([energy[energy < gev], [gev]]) / gev)
    # halves: a spectrum need not be smooth on the scale of the table's steps
    edges = np.interp(np.arange(2 * edges.size - 1) / 2.0, np.arange(edges.size), edges)
    half = 0.5 * np.diff(edges)[:, np.newaxis]
    x = np.exp(edges[:-1, np.newaxis] + half * (1.0 + _NODES))
    return float(np.sum(half * _WEIGHTS * x**2 * spectrum(x) * _curve(species, x * gev, what)))


def _curve(species, gev, what):
    energy, share = packaged_columns(f"deposition_{species}")
    # what the quadrature asks lies inside, up to rounding
    if np.any(gev < energy[0] * (1.0 - 1e-9)) or np.any(gev > energy[-1] * (1.0 + 1e-9)):
        raise OutsideValidity(
            f"f_eff of {what} is known for particles of {energy[0]:.3g} to {energy[-1]:.3g} GeV, not {np.max(gev):.3g}"
        )
    return np.interp(np.log(gev), np.log(energy), share)
