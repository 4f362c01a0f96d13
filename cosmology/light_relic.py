"""Light particles that decoupled while relativistic, such as those the parent decays to: dark radiation, hot relics."""

import warnings
from dataclasses import dataclass

import numpy as np

from cosmology import constants, units
from cosmology.degrees_of_freedom import DEFAULT, degrees_of_freedom
from cosmology.errors import InputError

_G_S_TODAY = 43 / 11
_G_S_NEUTRINOS = 10.75
_NEUTRINO_MASS_PER_OMEGA = 93.14e-9  # GeV; sum of masses per Omega h^2 of thermal neutrinos


class OverabundantRelicWarning(UserWarning):
    """Light particles that are stable would outweigh the dark matter: they have to decay or annihilate."""


@dataclass(frozen=True)
class LightRelic:
    """What light Majorana particles leave that decoupled while relativistic.

    Attributes
    ----------
    per_photon : float
        n_N/n_gamma today, of all of them.
    delta_n_eff : float
        Extra effective neutrinos while they are relativistic.
    omega_h2 : float
        Density today if they are stable.
    g_star : str
    """

    per_photon: float
    delta_n_eff: float
    omega_h2: float
    g_star: str


def light_relic(mass, decoupling_temperature, *, species=1, g_star=DEFAULT):
    r"""Abundance of light Majorana particles N (two helicities each) that decoupled at T_d.

    .. math:: \frac{n_N}{n_\gamma} = \frac34\frac{g_{s,0}}{g_s(T_d)}, \qquad
        \Delta N_\mathrm{eff} = \left(\frac{10.75}{g_s(T_d)}\right)^{4/3}, \qquad
        \Omega_N h^2 = \frac{m_N}{93.14\,\mathrm{eV}}\,\frac{10.75}{g_s(T_d)}

    per species. The first is 0.027 for T_d of TeV; Hardy, Lasenby & Unwin (2014) use 1/8. The last is 1e3 for 1 MeV:
    particles of that mass, as in their table 1, must decay or annihilate.

    Parameters
    ----------
    mass : Quantity [mass]
        m_N, far below T_d.
    decoupling_temperature : Quantity [temperature]
        T_d.
    species : int
        How many.
    g_star : str or DegreesOfFreedom

    Returns
    -------
    LightRelic

    Warns
    -----
    OverabundantRelicWarning
        Stable particles would be more than all dark matter.
    """
    dof = degrees_of_freedom(g_star)
    mass = units.to_internal(mass, "mass", "mass")
    if np.ndim(mass) or mass < 0 or int(species) != species or species < 1:
        raise InputError(
            f"mass = {mass} GeV, species = {species}; one mass (zero allowed) and a whole number are needed"
        )
    g_s = dof.g_s(decoupling_temperature)
    if np.ndim(g_s):
        raise InputError(f"decoupling_temperature = {decoupling_temperature}; one temperature is needed")
    share = _G_S_NEUTRINOS / g_s
    omega = species * mass / _NEUTRINO_MASS_PER_OMEGA * share
    if omega > constants.DARK_MATTER_OMEGA_H2:
        warnings.warn(
            f"Omega_N h^2 = {omega:.3g} if N of {mass:.3g} GeV are stable, above the dark matter's "
            f"{constants.DARK_MATTER_OMEGA_H2}: they must decay or annihilate, or weigh less than "
            f"{mass * 1e9 * constants.DARK_MATTER_OMEGA_H2 / omega:.3g} eV",
            OverabundantRelicWarning,
            stacklevel=2,
        )
    return LightRelic(
        per_photon=species * 0.75 * _G_S_TODAY / g_s,
        delta_n_eff=species * share ** (4 / 3),
        omega_h2=omega,
        g_star=dof.label,
    )
