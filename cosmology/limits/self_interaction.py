"""Self-scattering: sigma_T/m at the relative speed of the system that limits it."""

from dataclasses import dataclass
from typing import ClassVar

from cosmology import units
from cosmology.errors import InputError
from cosmology.limits.base import Limit, OutsideValidity, measure, positive
from cosmology.units import Quantity

SYSTEM_SPEEDS = {
    "clusters": Quantity(1000.0, "km / s"),
    "Milky Way": Quantity(220.0, "km / s"),
    "dwarfs": Quantity(30.0, "km / s"),
}
"""dict : system -> typical relative speed of its particles."""

_SPEED_FACTOR = 1.5


@dataclass(frozen=True, kw_only=True)
class SelfScatteringLimit(Limit):
    r"""Limit on the momentum-transfer cross-section per mass, sigma_T/m, at one relative speed.

    Attributes
    ----------
    limit : Quantity [cross_section_per_mass]
    velocity : Quantity [speed]
        Relative speed at which the limit was found.
    """

    limit: Quantity
    velocity: Quantity

    observable: ClassVar[str] = "sigma_T/m"

    def bound(self, *, velocity=None):
        """Largest sigma_T/m.

        Parameters
        ----------
        velocity : Quantity [speed], optional
            Speed for which the cross-section is known, if not that of the limit.

        Returns
        -------
        Quantity [cross_section_per_mass]

        Raises
        ------
        OutsideValidity
            If `velocity` differs from the limit's by more than a factor 1.5: sigma_T changes as steeply as v^-4.
        """
        if velocity is not None:
            speed, own = measure(velocity, "km/s", "velocity", "1000 km/s"), self.velocity.to_value("km/s")
            if not own / _SPEED_FACTOR <= speed <= own * _SPEED_FACTOR:
                raise OutsideValidity(f"sigma_T at {speed:g} km/s says nothing about {self.velocity:g}")
        return self.limit

    def check(self, *, cross_section_per_mass, velocity=None):
        """Answer for a cross-section.

        Parameters
        ----------
        cross_section_per_mass : Quantity [cross_section_per_mass] or callable
            sigma_T/m at `velocity` (at the limit's speed if not given), or a function of the relative speed (a
            Quantity) that gives it.
        velocity : Quantity [speed], optional

        Returns
        -------
        LimitResult
        """
        if callable(cross_section_per_mass):
            cross_section_per_mass = cross_section_per_mass(self.velocity)
        value = units.to_internal(cross_section_per_mass, "cross_section_per_mass", "cross_section_per_mass")
        if value < 0.0:
            raise InputError(f"cross_section_per_mass = {cross_section_per_mass} must not be negative")
        return self._judge(units.attach(value, "cross_section_per_mass"), lambda: self.bound(velocity=velocity))


def self_scattering_limit(system="clusters", limit="1 cm2/g", velocity=None, source=None):
    """Limit on sigma_T/m in one kind of system.

    Parameters
    ----------
    system : str
        ``"clusters"``, ``"Milky Way"`` or ``"dwarfs"``; any other name with a `velocity`.
    limit : Quantity [cross_section_per_mass] or str
        An input: 1 cm^2/g is what merging clusters allow; 0.1 cm^2/g is the value of shapes and dwarfs where stated.
    velocity : Quantity [speed], optional
        Relative speed; that of `SYSTEM_SPEEDS` if not given.
    source : str, optional
        The paper; needed for a system of one's own.

    Returns
    -------
    SelfScatteringLimit
    """
    if system not in SYSTEM_SPEEDS and (velocity is None or source is None):
        raise InputError(f"system {system!r} is not one of {', '.join(SYSTEM_SPEEDS)}: give its velocity and source")
    if velocity is None:
        speed = SYSTEM_SPEEDS[system]
    else:
        speed = Quantity(measure(velocity, "km/s", "velocity", "1000 km/s"), "km/s")
    largest = positive(units.to_internal(limit, "cross_section_per_mass", "limit"), "limit")
    return SelfScatteringLimit(
        name=f"self-scattering, {system}",
        source=source or "Hardy, Lasenby & Unwin 2014 (arXiv:1402.4500), Sect. 3, and references there",
        validity=f"relative speeds within a factor {_SPEED_FACTOR} of {speed:g}",
        applies_to="scattering of dark matter particles on each other",
        limit=units.attach(largest, "cross_section_per_mass"),
        velocity=speed,
    )


def annihilation_ceiling(mass, velocity, limit="1 cm2/g"):
    r"""Largest <sigma v> if scattering is not rarer than annihilation, :math:`v\, m\, (\sigma/m)_\mathrm{max}`.

    Hardy, Lasenby & Unwin (2014), Sect. 3, print "at most around 0.04 barn m/(10 GeV)", with c = 1 and the speed not
    said. For 1 cm^2/g that speed is 673 km/s; it is an input here.

    Parameters
    ----------
    mass : Quantity [mass]
    velocity : Quantity [speed]
    limit : Quantity [cross_section_per_mass]

    Returns
    -------
    Quantity [sigma_v]
    """
    gev = positive(units.to_internal(mass, "mass", "mass"), "mass")
    largest = positive(units.to_internal(limit, "cross_section_per_mass", "limit"), "limit")
    speed = measure(velocity, "km/s", "velocity", "1000 km/s") * 1e5
    return Quantity(units.attach(largest * gev, "cross_section").to_value("cm2") * speed, "cm3 / s")
