r"""NFW haloes of a given mass: annihilation luminosity and largest circular speed, for halo and subhalo alike.

.. math:: L(m) = \int\rho^2\,dV = \frac{\bar\rho\,m}{9}\,\frac{c^3}{\mu(c)^2}\left[1 - (1+c)^{-3}\right], \qquad
          \mu(c) = \ln(1+c) - \frac{c}{1+c}

with :math:`\bar\rho` the mean density inside the virial radius (200 rho_c for M_200), and
:math:`V_\max^2 = 0.216217\,V_{vir}^2\,c/\mu(c)` of the halo continued to infinity.
"""

import numpy as np

from halokick import constants, units
from halokick.errors import InputError
from halokick.halo.concentration import ConcentrationMassRelation, SanchezCondePrada2014
from halokick.halo.profile_base import positive
from halokick.halo.profile_shapes import nfw_mass_function

PEAK = 0.21621659550187298
"""Largest value of mu(x)/x: V_max^2 = PEAK 4 pi G rho_s r_s^2. It is reached at x = 2.16258."""
_SMALLEST_FIT = 7.24e-10
"""Msun/h below which Sanchez-Conde & Prada's concentration is held: their polynomial turns there."""


class HeldBelow(ConcentrationMassRelation):
    """Another relation, whose concentration stays what it is at `mass` for all smaller haloes.

    Parameters
    ----------
    relation : ConcentrationMassRelation
    mass : Quantity [mass] or str
        Where to hold; may lie below the masses on which the relation was calibrated.
    high : Quantity [mass] or str, optional
        Where to stop; the relation's own end if left out.

    Raises
    ------
    InputError
        Not a relation, or a mass that is not positive.
    """

    def __init__(self, relation, mass, high=None):
        if not isinstance(relation, ConcentrationMassRelation):
            raise InputError(f"HeldBelow: {relation!r} is not a ConcentrationMassRelation; give e.g. Duffy2008()")
        super().__init__(relation.definition)
        self._relation, self._mass = relation, positive(mass, "mass", "mass", "HeldBelow")
        self._high = relation._range[1] if high is None else positive(high, "mass", "high", "HeldBelow")
        self.scatter_dex = relation.scatter_dex

    def __repr__(self):
        return f"HeldBelow({self._relation!r}, '{self._mass:.4g} Msun')"

    @property
    def _range(self):
        return 0.0, self._high

    def _concentration(self, mass):
        return self._relation._concentration(np.maximum(mass, self._mass))


def field_relation(cosmology=None):
    """Sanchez-Conde & Prada (2014) for every mass: held below 7.24e-10 Msun/h, where its polynomial turns.

    Parameters
    ----------
    cosmology : FlatCosmology, optional

    Returns
    -------
    ConcentrationMassRelation
    """
    relation = SanchezCondePrada2014() if cosmology is None else SanchezCondePrada2014(cosmology)
    return HeldBelow(relation, units.attach(_SMALLEST_FIT / relation.definition.cosmology.h, "mass"))


def luminosity(mass, relation, *, factor=1.0):
    r"""Integral of rho^2 inside the virial radius of an NFW halo.

    Parameters
    ----------
    mass : Quantity [mass] or str, any shape
        Virial mass in the definition of `relation`.
    relation : ConcentrationMassRelation
    factor : float
        On the concentration, such as one quantile of its scatter.

    Returns
    -------
    Quantity [Msun2 kpc-3], shape of `mass`

    Raises
    ------
    InputError
        A mass outside the relation's range.
    """
    msun = np.asarray(units.to_internal(mass, "mass", "mass"))
    c = np.asarray(relation.concentration(mass)) * factor
    return units.Quantity(nfw_luminosity(msun, c, relation.definition._mean_density()), "Msun2 kpc-3")


def largest_circular_speed(mass, relation, *, factor=1.0):
    """V_max of an NFW halo of a virial mass: Quantity [speed]; arguments and errors as for `luminosity`."""
    msun = np.asarray(units.to_internal(mass, "mass", "mass"))
    c = np.asarray(relation.concentration(mass)) * factor
    return units.attach(nfw_vmax(msun, c, relation.definition._radius(msun)), "speed")


def nfw_luminosity(mass, c, mean_density):
    """Floats [Msun, 1, Msun/kpc^3] to [Msun^2/kpc^3]."""
    return mean_density * mass / 9 * c**3 / nfw_mass_function(c) ** 2 * -np.expm1(-3 * np.log1p(c))


def nfw_vmax(mass, c, radius):
    """Floats [Msun, 1, kpc] to [km/s]."""
    return np.sqrt(PEAK * constants.G * mass / radius * c / nfw_mass_function(c))
