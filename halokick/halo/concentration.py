"""Concentration-mass relations, each under the name of its paper."""

from abc import ABC, abstractmethod

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.halo.profile_base import positive, scalar
from halokick.halo.virial import PLANCK_2018, BryanNormanOverdensity, CriticalOverdensity, MatterOverdensity


class ConcentrationMassRelation(ABC):
    """Median concentration c = r_vir/r_s of NFW haloes of a virial mass.

    Attributes
    ----------
    scatter_dex : float or None
        Standard deviation of log10 c at fixed mass, where the paper gives it.
    """

    scatter_dex = None
    _range_in_h = (0.0, np.inf)

    def __init__(self, definition):
        self._definition = definition

    def __repr__(self):
        return f"{type(self).__name__}()"

    @property
    def definition(self):
        """The MassDefinition that masses and concentrations refer to; it carries redshift and cosmology."""
        return self._definition

    @property
    def mass_range(self):
        """Masses on which the relation was calibrated, Quantity [mass] of shape (2,)."""
        return units.attach(np.array(self._range), "mass")

    @property
    def _range(self):
        h = self._definition.cosmology.h
        return self._range_in_h[0] / h, self._range_in_h[1] / h

    def concentration(self, mass):
        """Median concentration of a virial mass.

        Parameters
        ----------
        mass : Quantity [mass] or str, any shape

        Returns
        -------
        ndarray, shape of `mass`

        Raises
        ------
        InputError
            A mass outside the calibrated range; `Extrapolated` lifts this.
        """
        msun = np.asarray(units.to_internal(mass, "mass", "mass"))
        low, high = self._range
        if np.any((msun < low) | (msun > high)):
            raise InputError(
                f"{self!r}: mass = {mass} is outside {low:.3g} to {high:.3g} Msun, where the relation holds; "
                f"use Extrapolated({self!r}) if you mean to go beyond"
            )
        return self._concentration(msun)[()]

    @abstractmethod
    def _concentration(self, mass):
        """Median concentration of masses in Msun, no checks."""


class DuttonMaccio2014(ConcentrationMassRelation):
    r"""Dutton & Maccio (2014, MNRAS 441, 3359): :math:`\log_{10} c = a + b\log_{10}(M/10^{12}\,h^{-1}M_\odot)`.

    The paper's NFW fits for M_200c and for the virial mass, with a and b running with redshift; for M_200c today
    a = 0.905 and b = -0.101. Planck 2013 cosmology, 1e10 to 1e15 Msun/h, z up to 5.

    Parameters
    ----------
    definition : CriticalOverdensity(factor=200.) or BryanNormanOverdensity
        200c today if not given.
    """

    scatter_dex = 0.11
    _range_in_h = (1e10, 1e15)

    def __init__(self, definition=None):
        definition = CriticalOverdensity() if definition is None else definition
        super().__init__(definition)
        z = definition.redshift
        if z > 5:
            raise InputError(
                f"DuttonMaccio2014: redshift = {z:g} is above 5, where the relation ends; choose at most 5"
            )
        if isinstance(definition, CriticalOverdensity) and definition.factor == 200:
            self._a = 0.520 + (0.905 - 0.520) * np.exp(-0.617 * z**1.21)
            self._b = -0.101 + 0.026 * z
        elif isinstance(definition, BryanNormanOverdensity):
            self._a = 0.537 + (1.025 - 0.537) * np.exp(-0.718 * z**1.08)
            self._b = -0.097 + 0.024 * z
        else:
            raise _no_such_definition(self, definition, "CriticalOverdensity(factor=200.) or BryanNormanOverdensity()")

    def _concentration(self, mass):
        return 10 ** (self._a + self._b * np.log10(mass * self._definition.cosmology.h / 1e12))


class Duffy2008(ConcentrationMassRelation):
    r"""Duffy et al. (2008, MNRAS 390, L64, Table 1), full NFW sample, z = 0 to 2.

    :math:`c = A\,(M/2\times10^{12}\,h^{-1}M_\odot)^B(1+z)^C`; for M_200c, A = 5.71, B = -0.084, C = -0.47.
    WMAP 5 cosmology, 1e11 to 1e15 Msun/h.

    Parameters
    ----------
    definition : CriticalOverdensity(factor=200.), MatterOverdensity(factor=200.) or BryanNormanOverdensity
        200c today if not given.
    """

    _range_in_h = (1e11, 1e15)

    def __init__(self, definition=None):
        definition = CriticalOverdensity() if definition is None else definition
        super().__init__(definition)
        if definition.redshift > 2:
            raise InputError(
                f"Duffy2008: redshift = {definition.redshift:g} is above 2, where the relation ends; choose at most 2"
            )
        if isinstance(definition, CriticalOverdensity) and definition.factor == 200:
            self._coefficients = 5.71, -0.084, -0.47
        elif isinstance(definition, MatterOverdensity) and definition.factor == 200:
            self._coefficients = 10.14, -0.081, -1.01
        elif isinstance(definition, BryanNormanOverdensity):
            self._coefficients = 7.85, -0.081, -0.71
        else:
            raise _no_such_definition(
                self,
                definition,
                "CriticalOverdensity(factor=200.), MatterOverdensity(factor=200.), BryanNormanOverdensity()",
            )

    def _concentration(self, mass):
        a, b, c = self._coefficients
        return a * (mass * self._definition.cosmology.h / 2e12) ** b * (1 + self._definition.redshift) ** c


class SanchezCondePrada2014(ConcentrationMassRelation):
    r"""Sanchez-Conde & Prada (2014, MNRAS 442, 2271, Eq. 1): field haloes of every mass, today.

    :math:`c_{200c} = \sum_{i=0}^{5} c_i\,[\ln(M/h^{-1}M_\odot)]^i`, from 1e-6 to 1e15 Msun/h.

    Parameters
    ----------
    cosmology : FlatCosmology
    """

    scatter_dex = 0.14
    _range_in_h = (1e-6, 1e15)
    _COEFFICIENTS = (37.5153, -1.5093, 1.636e-2, 3.66e-4, -2.89237e-5, 5.32e-7)

    def __init__(self, cosmology=PLANCK_2018):
        super().__init__(CriticalOverdensity(cosmology=cosmology))

    def _concentration(self, mass):
        return np.polynomial.polynomial.polyval(np.log(mass * self._definition.cosmology.h), self._COEFFICIENTS)


class Moline2017(ConcentrationMassRelation):
    r"""Moline et al. (2017, MNRAS 466, 4974, Eq. 7): subhaloes, more concentrated the nearer they are to the host.

    :math:`c_{200} = 19.9\,\{1 + \sum_{i=1}^{3}[a_i\log_{10}(m/10^8\,h^{-1}M_\odot)]^i\}\,[1 + b\log_{10}x_{sub}]`
    with a = (-0.195, 0.089, 0.089) and b = -0.54. Calibrated on Via Lactea II and ELVIS, 1e6 to 1e11 Msun/h.

    Parameters
    ----------
    x_sub : float
        Distance from the host's centre over the host's virial radius, above 0 and at most 1.
    cosmology : FlatCosmology
    """

    _range_in_h = (1e6, 1e11)

    def __init__(self, x_sub, cosmology=PLANCK_2018):
        super().__init__(CriticalOverdensity(cosmology=cosmology))
        x_sub = positive(x_sub, "dimensionless", "x_sub", "Moline2017")
        if x_sub > 1:
            raise InputError(f"Moline2017: x_sub = {x_sub:g} is above 1, outside the host; give 0 < x_sub <= 1")
        self._x_sub = x_sub

    def __repr__(self):
        return f"Moline2017(x_sub={self._x_sub:g})"

    def _concentration(self, mass):
        log_m = np.log10(mass * self._definition.cosmology.h / 1e8)
        by_mass = 1 - 0.195 * log_m + (0.089 * log_m) ** 2 + (0.089 * log_m) ** 3
        return 19.9 * by_mass * (1 - 0.54 * np.log10(self._x_sub))


class Extrapolated(ConcentrationMassRelation):
    """Another relation, used beyond the masses on which it was calibrated.

    Parameters
    ----------
    relation : ConcentrationMassRelation
    low, high : Quantity [mass] or str
        Where to stop.
    """

    def __init__(self, relation, low="1e4 Msun", high="1e16 Msun"):
        if not isinstance(relation, ConcentrationMassRelation):
            raise InputError(f"Extrapolated: {relation!r} is not a ConcentrationMassRelation; give e.g. Duffy2008()")
        super().__init__(relation.definition)
        self._relation = relation
        self._limits = (
            min(scalar(low, "mass", "low", "Extrapolated"), relation._range[0]),
            max(scalar(high, "mass", "high", "Extrapolated"), relation._range[1]),
        )
        if self._limits[0] <= 0:
            raise InputError(f"Extrapolated: low = {low} is not positive; give a mass above zero")
        self.scatter_dex = relation.scatter_dex

    def __repr__(self):
        return f"Extrapolated({self._relation!r})"

    @property
    def _range(self):
        return self._limits

    def _concentration(self, mass):
        return self._relation._concentration(mass)


def _no_such_definition(relation, definition, allowed):
    return InputError(f"{type(relation).__name__} has no coefficients for {definition!r}; it has them for {allowed}")
