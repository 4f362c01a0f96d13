"""What the cosmic microwave background allows of dark matter and of dark radiation."""

from cosmology import constants
from cosmology.limits.numbers import AtMost
from cosmology.units import Quantity

_PLANCK = "Planck 2018 VI (arXiv:1807.06209)"
_SIGMA = 0.0012

DARK_MATTER_DENSITY = AtMost(
    name="dark matter density",
    source=f"{_PLANCK}, 0.1200 +- 0.0012, 95%",
    validity="particles that are dark matter today",
    applies_to="all dark matter",
    observable="Omega h^2",
    limit=Quantity(constants.DARK_MATTER_OMEGA_H2 + 2 * _SIGMA),
)
"""AtMost : asked of what annihilation has left; `dataclasses.replace` says of which particles."""

DARK_RADIATION = AtMost(
    name="dark radiation",
    source=f"{_PLANCK}, N_eff = 2.99 +0.34 -0.33, TT,TE,EE+lowE+lensing+BAO, 95%",
    validity="particles that are relativistic at recombination",
    applies_to="all that is not photons or neutrinos",
    observable="Delta N_eff",
    limit=Quantity(2.99 + 0.34 - 3.044),
)
"""AtMost : against N_eff = 3.044 of the Standard Model."""
