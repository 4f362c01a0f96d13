r"""Oscillations of X into anti-X, from a Majorana mass that the lepton-number route brings along.

Unwin (2012), Sect. 4.2, asks that the mass M_X of Eq. (4.5) be small against m_X. But X and anti-X, split by
:math:`\delta m = M_X^2/m_X`, turn into each other at that rate, and what decays later than 1/delta m has no asymmetry
left. The paper's condition is far too weak; both are here.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.models.exodus_sectors import one_quantity
from cosmology.particle_input import checked_positive
from cosmology.units import Quantity


def majorana_mass(messenger_scale, neutrino_mass, operator_scale):
    r"""Majorana mass of X by two loops, :math:`M_X^2 = (16\pi^2)^{-2}\Lambda^3 M_\nu/M^2`.

    Unwin (2012), Eq. (4.5), an order of magnitude: 2.0e-3 GeV for 1e6, 1e-11 and 1e4 GeV.

    Parameters
    ----------
    messenger_scale : Quantity [energy]
        Lambda.
    neutrino_mass : Quantity [mass]
        M_nu.
    operator_scale : Quantity [energy]
        M.

    Returns
    -------
    Quantity [mass]
    """
    cut = checked_positive(messenger_scale, "energy", "messenger_scale")
    light = checked_positive(neutrino_mass, "mass", "neutrino_mass")
    m = checked_positive(operator_scale, "energy", "operator_scale")
    return units.attach(np.sqrt(cut**3 * light / m**2) / (16 * np.pi**2), "mass")


@dataclass(frozen=True)
class Oscillation:
    r"""Oscillation of X, as it decays.

    Parameters
    ----------
    majorana_mass : Quantity [mass]
        M_X.
    mass : Quantity [mass]
        m_X.
    width : Quantity [width]
        Gamma.
    """

    majorana_mass: Quantity
    mass: Quantity
    width: Quantity

    def __post_init__(self):
        for name, dimension in (("majorana_mass", "mass"), ("mass", "mass"), ("width", "width")):
            object.__setattr__(self, name, one_quantity(getattr(self, name), dimension, name)[0])
        if self.majorana_mass >= self.mass:
            raise InputError(f"majorana_mass = {self.majorana_mass}; it lies below m_X = {self.mass}")

    @property
    def splitting(self):
        r"""Quantity [mass] : :math:`\delta m = M_X^2/m_X`."""
        return (self.majorana_mass**2 / self.mass).to("GeV")

    @property
    def cycles(self):
        """float : delta m/Gamma, radians of phase in a lifetime; above 1 the asymmetry is lost."""
        return units.to_internal(self.splitting, "mass") / units.to_internal(self.width, "width")

    @property
    def mass_ratio(self):
        """float : M_X/m_X, which the paper asks to be small."""
        return float((self.majorana_mass / self.mass).to_value(""))

    @property
    def surviving_share(self):
        r"""float : of the asymmetry that decays carry over.

        The mean of cos(delta m t) over decays, :math:`\int\Gamma e^{-\Gamma t}\cos(\delta m\,t)\,dt =
        1/[1 + (\delta m/\Gamma)^2]`: without scattering, which would slow oscillations down.
        """
        return 1 / (1 + self.cycles**2)

    def at_expansion(self, hubble_rate):
        """float : delta m/H, for the expansion rate (Quantity [rate]) at decay."""
        return units.to_internal(self.splitting, "mass") / checked_positive(hubble_rate, "rate", "hubble_rate")
