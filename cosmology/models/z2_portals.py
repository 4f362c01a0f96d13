r"""Other links between the sectors, and relics besides the dark neutron: symmetric baryons, Higgs and gauge portals.

Bodas, Buen-Abad, Hook & Sundrum (2024), Sects. III E and IV, Eqs. (43) to (46). Numbers are in powers of GeV.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import kve

from cosmology import constants
from cosmology.errors import InputError
from cosmology.models.z2_inputs import CHARM_MASS, HIGGS_MASS, NEUTRON_MASS, VEV, yukawa
from cosmology.models.z2_reheaton import NUMBER_DENSITY, expansion_rate
from cosmology.thermodynamics import _entropy, _hubble

DECOUPLING_G = 75.0
"""float : visible degrees of freedom of Eq. (43), at about 1 GeV."""
LARGEST_MIXING = 0.051
r"""float : largest :math:`\sin^2\theta` of the Higgs bosons, the paper's."""
DECOUPLED_COUPLING = 0.23
"""float : portal coupling at which the asymptotic form of Eq. (45) has that mixing, times v'/TeV."""
_STATES = 4.0  # dark neutron and antineutron


def symmetric_relic(neutron_mass, pion_mass, dof, temperature_ratio):
    r"""Dark neutrons and antineutrons that annihilation leaves: when :math:`n\,\pi/m_{\pi'}^2 = H`.

    An order of magnitude; it happens before R has decayed, so what is left is diluted besides.

    Parameters
    ----------
    neutron_mass, pion_mass : float
        [GeV].
    dof : DegreesOfFreedom
        Of the bath that sets H and entropy.
    temperature_ratio : float
        xi.

    Returns
    -------
    x : float
        m_n'/T' of freeze-out.
    omega_h2 : float
        Density of both signs today.
    """

    def density(x):
        hot = neutron_mass / x
        return _STATES / 2 * neutron_mass**2 * hot / (2 * np.pi**2) * kve(2, x) * np.exp(-x)

    def excess(x):
        visible = np.asarray(neutron_mass / x / temperature_ratio)
        return float(np.log(density(x) * np.pi / pion_mass**2 / _hubble(visible, dof)))

    if excess(3.0) <= 0:
        raise InputError(f"pion_mass = {pion_mass:.3g} GeV; dark baryons never annihilate faster than the expansion")
    x = brentq(excess, 3.0, 300.0)
    visible = np.asarray(neutron_mass / x / temperature_ratio)
    number = 2 * density(x) / float(_entropy(visible, dof))
    return x, neutron_mass * number * constants.ENTROPY_DENSITY / constants.CRITICAL_DENSITY_PER_H2


def smallest_mediator(temperature, g=DECOUPLING_G):
    r"""Smallest M/g [GeV] that leaves the sectors apart at a temperature [GeV], Eq. (43).

    .. math:: \frac{\zeta(3)}{\pi^2}T^3\,\frac{g^4T^2}{64\pi M^4} < H

    With H of both sectors and of R itself it is lower by 2^(1/4).
    """
    return (NUMBER_DENSITY * temperature**5 / (64 * np.pi * expansion_rate(temperature, g))) ** 0.25


def largest_portal(mediator, scale, fermion_mass=CHARM_MASS, yukawa_ratio=1.0):
    r"""Largest Higgs portal coupling that leaves the sectors apart, Eq. (44).

    .. math:: \lambda < \frac{m_h^2m_{h'}^2}{vv'y_f^2(y'_f/y_f)}\left(\frac Mg\right)^{-2}_{min}

    Parameters
    ----------
    mediator : float
        (M/g)_min [GeV].
    scale : float
        r_v.
    fermion_mass : float
        Of the heaviest fermion in the bath [GeV].
    yukawa_ratio : float
    """
    heavy = (HIGGS_MASS**2 * scale) ** 2 / (VEV**2 * scale)
    return heavy / (yukawa(fermion_mass) ** 2 * yukawa_ratio) / mediator**2


def induced_portal(coupling, dark_coupling, mass):
    r"""Portal coupling that R makes, :math:`\lambda = \beta_R\beta'_R/m_R^2`."""
    return coupling * dark_coupling / mass**2


def higgs_mixing(portal, scale):
    r"""Squared mixing angle of the two Higgs bosons, exact.

    .. math:: \sin^2\theta = \frac{C^2}{(B-m_h^2)^2 + C^2}, \qquad C = \lambda vv', \quad B = (r_vm_h)^2

    The light eigenvalue is held at 125.25 GeV; far from degeneracy it is the square of Eq. (45),
    :math:`\lambda vv'/(m_{h'}^2-m_h^2)`.

    Parameters
    ----------
    portal : float or ndarray
        lambda.
    scale : float or ndarray
        r_v.
    """
    off = np.asarray(portal) * VEV**2 * scale
    apart = (np.asarray(scale) * HIGGS_MASS) ** 2 - HIGGS_MASS**2
    return (off**2 / (apart**2 + off**2))[()]


def estimated_mixing(portal, scale):
    r"""The angle of Eq. (45), :math:`\lambda vv'/(m_{h'}^2 - m_h^2)`."""
    return portal * VEV**2 * scale / ((scale * HIGGS_MASS) ** 2 - HIGGS_MASS**2)


def portal_at_mixing(sine_squared, scale):
    r"""Portal coupling of a squared mixing angle, the inverse of `higgs_mixing`."""
    apart = (np.asarray(scale) * HIGGS_MASS) ** 2 - HIGGS_MASS**2
    return np.sqrt(sine_squared / (1 - sine_squared)) * apart / (VEV**2 * scale)


def signal_strength(sine_squared, dark_share=0.0):
    r"""Higgs signals over those of the Standard Model, :math:`\mu = \cos^2\theta\,(1 - \mathrm{BR}_{dark})`."""
    return (1 - sine_squared) * (1 - dark_share)


SYMMETRIC_PORTAL = HIGGS_MASS**2 / VEV**2
r"""float : :math:`\lambda = 2\lambda_{SM} = m_h^2/v^2`, of an SU(4) symmetric potential, 0.259."""


def nucleon_cross_section(gauge_coupling, mediator, dark_mass, *, reduced=True):
    r"""Spin-independent cross-section with a nucleon through a shared gauge boson [GeV^-2], Eq. (46).

    .. math:: \sigma_{SI} = \frac{g^4\mu^2}{\pi M^4}, \qquad \mu = \frac{m_Nm_{dm}}{m_N+m_{dm}}

    The paper has m_N in the place of mu, 1.4 times more for 5 GeV. For B - L nuclei have A^2 besides.

    Parameters
    ----------
    gauge_coupling : float
    mediator, dark_mass : float
        [GeV].
    reduced : bool
        The reduced mass, or m_N as printed.
    """
    mass = NEUTRON_MASS * dark_mass / (NEUTRON_MASS + dark_mass) if reduced else NEUTRON_MASS
    return (gauge_coupling / mediator) ** 4 * mass**2 / np.pi
