"""Masses of the Standard Model that its dark copy rescales, in GeV, and the ratio of the two electroweak scales.

Bodas, Buen-Abad, Hook & Sundrum (2024), arXiv:2401.12286. Elementary dark masses are the visible ones times v'/v and a
ratio of Yukawa couplings; those of dark hadrons the visible ones times Lambda'/Lambda.
"""

import numpy as np

from cosmology import units

VEV = 246.0
"""float : v [GeV], H = (0, (v + h)/sqrt 2)."""
HIGGS_MASS, HIGGS_WIDTH = 125.25, 4.1e-3
W_MASS, W_WIDTH = 80.377, 2.085
Z_MASS, Z_WIDTH = 91.1876, 2.4952
TOP_MASS, BOTTOM_MASS, CHARM_MASS = 172.7, 4.18, 1.27
STRANGE_MASS, DOWN_MASS, UP_MASS = 0.0934, 4.67e-3, 2.16e-3
TAU_MASS, MUON_MASS, ELECTRON_MASS = 1.77686, 0.10566, 0.511e-3
NEUTRON_MASS, NEUTRAL_PION_MASS, CHARGED_PION_MASS = 0.93957, 0.13498, 0.13957
STRONG_COUPLING = 0.118
"""float : alpha_s at the mass of the Z."""
NEUTRON_LIFETIME = units.to_internal("880 s", "time")
"""float : of the free neutron [1/GeV]."""
NUCLEON_SPLITTING = 1.29333e-3
"""float : m_n - m_p [GeV]."""
DEUTERON_BINDING = 2.2e-3
"""float : E_D [GeV]."""
SECOND = units.to_internal("1 s", "time")
"""float : one second [1/GeV]."""
RELATIVISTIC_SECTOR = 106.75
"""float : degrees of freedom of one sector when the reheaton decouples."""
UP_YUKAWA, DOWN_YUKAWA = (float(np.sqrt(2) * mass / VEV) for mass in (UP_MASS, DOWN_MASS))


def yukawa(mass):
    r"""Yukawa coupling :math:`\sqrt2\,m/v` of a visible mass [GeV]."""
    return np.sqrt(2) * mass / VEV
