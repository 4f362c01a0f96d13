r"""Limits on the decay itself from small galaxies and the Lyman-alpha forest: lifetime against kick speed.

All are for dark matter that decays as a whole. Where B' is a share f_B of it, a published lifetime tau_1 is turned to
that of the same mass decayed by today, :math:`f_B (1 - e^{-t_0/\tau}) = 1 - e^{-t_0/\tau_1}`: an estimate, since the
primordial L' stay and hold halos together. A lifetime is 1/Gamma here, and the kick that of a massless partner.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.limits.annotations import Annotation
from cosmology.limits.base import (
    AT_LEAST,
    NOT_APPLICABLE,
    SATISFIED,
    Limit,
    OutsideValidity,
    fraction,
    measure,
    positive,
)
from cosmology.limits.expansion import cosmic_age
from cosmology.units import Quantity

_LIGHT = 299792.458  # km/s


@dataclass(frozen=True, kw_only=True)
class StructureLimit(Limit):
    """Limit on the lifetime, at least so long for a kick speed.

    Attributes
    ----------
    kick_speeds : tuple of float
        [km/s], rising; the last may be infinite.
    lifetimes : tuple of float
        Shortest lifetime allowed there [Gyr], if all dark matter decays; ln tau is linear in ln kick between.
    """

    kick_speeds: tuple
    lifetimes: tuple

    observable: ClassVar[str] = "lifetime"
    sense: ClassVar[str] = AT_LEAST

    def bound(self, *, kick_speed, share):
        """Shortest lifetime.

        Parameters
        ----------
        kick_speed : Quantity [speed]
        share : float
            Share of the dark matter density that the parents have before decays, in (0, 1].

        Returns
        -------
        Quantity [time]

        Raises
        ------
        OutsideValidity
            Kick outside the published range; or a share so small that all of it may decay.
        """
        published = self.published(kick_speed)
        age = cosmic_age().to_value("Gyr")
        share = fraction(share, "share")
        if share == 1.0:
            return Quantity(published, "Gyr")
        decayed = -np.expm1(-age / published)
        if share <= decayed:
            raise OutsideValidity(
                f"a share {share:g} that decays is below the {decayed:.3g} of all dark matter that may have decayed"
            )
        return Quantity(-age / np.log1p(-decayed / share), "Gyr")

    def published(self, kick_speed):
        """Shortest lifetime [Gyr] if all dark matter decays; raises `OutsideValidity` outside the range of kicks."""
        kick = measure(kick_speed, "km/s", "kick_speed", "40 km/s")
        low, high = self.kick_speeds[0] * (1.0 - 1e-12), self.kick_speeds[-1] * (1.0 + 1e-12)
        if not low <= kick <= high:
            raise OutsideValidity(f"kick {kick:g} km/s is outside the published range, {self.validity}")
        if len(set(self.lifetimes)) == 1:
            return self.lifetimes[0]
        return float(np.exp(np.interp(np.log(kick), np.log(self.kick_speeds), np.log(self.lifetimes))))

    def check(self, *, lifetime, kick_speed, share):
        """Answer for a lifetime 1/Gamma; see `bound` for the rest.

        Returns
        -------
        LimitResult
            Satisfied, without a bound, if the share is so small that it may decay completely.
        """
        inverse_width = units.to_internal(lifetime, "time", "lifetime", finite=False)  # infinite if stable
        if np.ndim(inverse_width) or inverse_width <= 0.0:
            raise InputError(f"lifetime = {lifetime} must be one positive time")
        value = Quantity(units.attach(inverse_width, "time"), "Gyr")
        result = self._judge(value, lambda: self.bound(kick_speed=kick_speed, share=share))
        if result.status == NOT_APPLICABLE:
            try:
                self.published(kick_speed)
            except OutsideValidity:
                return result
            return self._answer(value, None, SATISFIED, result.reason)
        return result


def kick_of_mass_loss(epsilon):
    r"""Kick speed of the daughter, :math:`v_k/c = \epsilon/(1-\epsilon)` with :math:`\epsilon = (1 - m^2/M^2)/2`.

    Exact for a massless partner: the daughter's momentum over its energy. Published limits are often given in epsilon.

    Parameters
    ----------
    epsilon : float
        Between 0 and 1/2.

    Returns
    -------
    Quantity [km/s]
    """
    epsilon = positive(epsilon, "epsilon")
    if epsilon >= 0.5:
        raise OutsideValidity(f"epsilon = {epsilon} must be below 1/2: the daughter has a mass")
    return Quantity(epsilon / (1.0 - epsilon) * _LIGHT, "km / s")


def lifetime_of_half_life(half_life):
    """Lifetime 1/Gamma of a half-life, half_life/ln 2 (some papers quote half-lives)."""
    value = positive(units.to_internal(half_life, "time", "half_life"), "half_life in 1/GeV")
    return Quantity(units.attach(value / np.log(2.0), "time"), "Gyr")


def _structure_limit(name, source, kicks, lifetimes):
    reach = "and more" if np.isinf(kicks[-1]) else f"to {kicks[-1]:.0f}"
    return StructureLimit(
        name=name,
        source=source,
        validity=f"kicks of {kicks[0]:.0f} {reach} km/s",
        applies_to="decay of all dark matter to a daughter with a kick",
        kick_speeds=kicks,
        lifetimes=lifetimes,
    )


MILKY_WAY_SATELLITES = _structure_limit(
    "Milky Way satellites (DES, PS1)", "Mau et al. 2022 (arXiv:2201.11740), 95%", (20.0, 40.0), (18.0, 29.0)
)
"""StructureLimit : 18 Gyr at 20 km/s and 29 Gyr at 40 km/s, from the number of satellites."""

SATELLITE_MASSES = _structure_limit(
    "Milky Way satellites (mass within 300 pc)", "Peter & Benson 2010 (arXiv:1009.1912)", (20.0, 200.0), (30.0, 30.0)
)
"""StructureLimit : about 30 Gyr, uncertain by a factor 3 with the star-formation history of the satellites."""

LYMAN_ALPHA_SDSS = _structure_limit(
    "Lyman-alpha forest (SDSS)", "Wang et al. 2013 (arXiv:1309.7354)", (70.0, np.inf), (10.0, 10.0)
)
"""StructureLimit : kicks above 30 to 70 km/s, depending on the lifetime, are excluded below 10 Gyr; 70 is taken."""

LYMAN_ALPHA_BOSS = _structure_limit(
    "Lyman-alpha forest (BOSS)",
    "Fuss & Garny 2022 (arXiv:2210.06117)",
    tuple(float(kick_of_mass_loss(epsilon).to_value("km/s")) for epsilon in (0.001, 0.005)),
    (18.0, 18.0),
)
"""StructureLimit : about 18 Gyr for epsilon of 0.1 to 0.5 per cent."""

STRUCTURE_LIMITS = (MILKY_WAY_SATELLITES, SATELLITE_MASSES, LYMAN_ALPHA_SDSS, LYMAN_ALPHA_BOSS)
"""tuple of StructureLimit."""

STRUCTURE_STATEMENTS = (
    Annotation(
        name="clusters and concentrations",
        source="Peter, Moody & Kamionkowski 2010 (arXiv:1003.0419)",
        statement="kicks above 100 km/s are excluded for lifetimes below a few ages of the Universe",
        applies_to="decay of all dark matter to a daughter with a kick",
    ),
    Annotation(
        name="Lyman-alpha forest (SDSS), large kicks",
        source="Wang et al. 2013 (arXiv:1309.7354)",
        statement="lifetimes below 40 Gyr are excluded where the kick is large; from which kick on is not a number",
        applies_to="decay of all dark matter to a daughter with a kick",
    ),
    Annotation(
        name="decay to radiation",
        source="Bucko et al. 2023, A&A 672, A157",
        statement="lifetimes below 288 Gyr are excluded if nothing but radiation is left",
        applies_to="decay of all dark matter to radiation only; not to a daughter of nearly the same mass",
    ),
)
"""tuple of Annotation : published statements without a number that a test could use."""
