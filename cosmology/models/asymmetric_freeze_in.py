r"""Asymmetric freeze-in: rare CP-violating decays of visible particles fill a colder sector with an asymmetry.

A feeble coupling conserves B - L + X. Decays of visible B make more X than anti-X, or fewer, and an equal and opposite
B - L, of which sphalerons make baryons; the mass of X follows from the ratio of densities. Hall, March-Russell & West
(2010), arXiv:1010.0245.

**What the numbers mean.** The paper counts decays. Hook (2011, arXiv:1105.3728) showed that unitarity and CPT cancel
the transfer at leading order: visible states in equilibrium to which B could also have decayed make X too, with the
opposite asymmetry. So ``transfer="decays"``, the default, is the paper's prediction; no B that stays in equilibrium
with the states in its loop makes such an asymmetry. For the charginos of the paper, whose gauge decays are some 1e13
times faster than the expansion, nothing of it is left. ``transfer="unitary"`` counts both, with the width of B to
visible states. What needs the asymmetry alone, masses among them, is the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from cosmology import constants, relic, units
from cosmology.degrees_of_freedom import DEFAULT, DegreesOfFreedom, degrees_of_freedom
from cosmology.errors import CosmologyError, InputError
from cosmology.models import asymmetric_freeze_in_config
from cosmology.models.asymmetric_freeze_in_config import TRANSFERS
from cosmology.models.asymmetric_freeze_in_hidden import (
    Losp,
    SeenFromHidden,
    decay_temperature,
    hidden_relic,
    hidden_sigma_v,
)
from cosmology.models.asymmetric_freeze_in_history import (
    collisions,
    decay_history,
    unitary_asymmetry,
    unitary_history,
)
from cosmology.models.asymmetric_freeze_in_limits import check_limits, statements
from cosmology.models.asymmetric_freeze_in_mediators import Mediator
from cosmology.models.asymmetric_freeze_in_operators import scattering_yield
from cosmology.models.asymmetric_freeze_in_sphalerons import (
    SPHALERON_TEMPERATURE,
    Conversion,
    SymmetricPhase,
    baryons_per_relic,
    relic_mass,
)
from cosmology.models.asymmetric_freeze_in_summary import summarise
from cosmology.models.exodus_sectors import check_states, one_quantity
from cosmology.units import Quantity
from cosmology.yields import Yields

_FREEZES = 20.0  # x at which X of the hidden sector freezes out
_SCATTERED_ENERGY = 3.0  # T per X of a reaction with |M|^2 = s/M^2


@dataclass(frozen=True, kw_only=True)
class AsymmetricFreezeIn:
    r"""One point of the model; everything that follows from it is a property.

    ========================  ==============================================================
    property                  Hall, March-Russell & West (2010)
    ========================  ==============================================================
    `particles`               (1.1), integrated with the real g*(T)
    `asymmetry`               (1.4), (4.1): signed sum over mediators
    `baryon_yield`            (1.3) and (3.1), of what is made while sphalerons act
    `relic_mass`              (3.2) to (3.4)
    `temperature_ratio`       (5.2)
    `losp_decay`              (5.3), (5.4)
    `remainder`               annihilation in the colder sector
    `unitary_asymmetry`       with the scattering of Hook (2011)
    ========================  ==============================================================

    Parameters
    ----------
    mediators : Mediator or tuple of Mediator
        What decays to X. If none has an epsilon, all get the one with which baryons are those observed.
    conversion : SymmetricPhase, BrokenPhase, Superpartners, DirectBaryons or GivenFactor
        B - L to baryons.
    transfer : {"decays", "unitary"}
        What makes the asymmetry; see above.
    visible_width : Quantity [width], optional
        Of mediators to visible states, which ``"unitary"`` needs.
    reheating_temperature : Quantity [temperature], optional
        Hot enough if not given; operators of dimension five need it.
    sphaleron_temperature : Quantity [temperature]
        Below it they have stopped, and the B - L that is made then stays leptons.
    relic_mass : Quantity [mass], optional
        m_X; if not given, that with which its asymmetry is the dark matter of `omega_h2`.
    relic_states : float
        g_X of the particle.
    relic_sigma_v : Quantity [sigma_v], optional
        <sigma v> of X with anti-X in their sector, s-wave; complete annihilation if not given.
    hidden_g_star : float
        Degrees of freedom of the hidden bath.
    losp : Losp, optional
    omega_h2 : float
        Density of dark matter.
    g_star : str or DegreesOfFreedom

    Raises
    ------
    UnitError
        A bare number, or a wrong unit.
    InputError
        Values without meaning, or so few X that no CP violation makes the baryons. Excluded points are no errors.
    """

    mediators: tuple
    conversion: Conversion = field(default_factory=SymmetricPhase)
    transfer: str = "decays"
    visible_width: Quantity | None = None
    reheating_temperature: Quantity | None = None
    sphaleron_temperature: Quantity = SPHALERON_TEMPERATURE
    relic_mass: Quantity | None = None
    relic_states: float = 1.0
    relic_sigma_v: Quantity | None = None
    hidden_g_star: float = 10.0
    losp: Losp | None = None
    omega_h2: float = constants.DARK_MATTER_OMEGA_H2
    g_star: str | DegreesOfFreedom = DEFAULT
    epsilon_solved: bool = field(init=False, repr=False)
    relic_mass_given: bool = field(init=False, repr=False)

    name: ClassVar[str] = asymmetric_freeze_in_config.NAME

    def __post_init__(self):
        given = (self.mediators,) if isinstance(self.mediators, Mediator) else tuple(self.mediators)
        if not given or not all(isinstance(one, Mediator) for one in given):
            raise InputError(f"mediators = {self.mediators!r}; give a Mediator, or a tuple of them")
        object.__setattr__(self, "mediators", given)
        for name, allowed in (("conversion", Conversion), ("losp", Losp | None)):
            if not isinstance(getattr(self, name), allowed):
                raise InputError(f"{name} = {getattr(self, name)!r}; allowed: {allowed}")
        if self.transfer not in TRANSFERS:
            raise InputError(f"transfer = {self.transfer!r}; allowed: {', '.join(map(repr, TRANSFERS))}")
        degrees_of_freedom(self.g_star)
        for name, dimension in (
            ("sphaleron_temperature", "temperature"),
            ("reheating_temperature", "temperature"),
            ("visible_width", "width"),
            ("relic_sigma_v", "sigma_v"),
            ("relic_mass", "mass"),
        ):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, one_quantity(getattr(self, name), dimension, name)[0])
        object.__setattr__(self, "relic_states", check_states(self.relic_states))
        object.__setattr__(self, "hidden_g_star", check_states(self.hidden_g_star))
        value = units.to_internal(self.omega_h2, "dimensionless", "omega_h2")
        if np.ndim(value) or value <= 0:
            raise InputError(f"omega_h2 = {self.omega_h2}; one positive number is needed")
        object.__setattr__(self, "omega_h2", float(value))
        if self.transfer == "unitary" and self.visible_width is None:
            raise InputError("visible_width: missing; transfer = 'unitary' needs it, like visible_width = '1 GeV'")
        if self.reheating_temperature is None and any(one.decay.kind == "operator" for one in given):
            raise InputError("reheating_temperature: missing; scattering through operator_scale depends on it")
        self._settle()

    def _settle(self):
        """CP asymmetry and mass, where they follow from what is observed."""
        known = [one.epsilon is not None for one in self.mediators]
        if any(known) and not all(known):
            raise InputError("epsilon: missing for some mediators; give one for each, or none")
        object.__setattr__(self, "epsilon_solved", not known[0])
        object.__setattr__(self, "relic_mass_given", self.relic_mass is not None)
        if self.epsilon_solved:
            given = self.mediators
            object.__setattr__(self, "mediators", tuple(replace(one, epsilon=1.0) for one in given))
            most = self.baryon_yield
            wanted = constants.BARYON_YIELD / most if most else np.inf
            if abs(wanted) > 1:
                raise InputError(
                    f"epsilon: missing, and none will do: even with CP asymmetries of 1 there are {abs(most):.3g} "
                    f"baryons per entropy; {constants.BARYON_YIELD:.3g} are observed. Give epsilon, or a larger "
                    "coupling, heavier mediators or a hotter start"
                )
            object.__setattr__(self, "mediators", tuple(replace(one, epsilon=wanted) for one in given))
            vars(self).pop("histories", None)
        if self.asymmetry == 0:
            raise InputError("epsilon: the mediators' asymmetries cancel, so that there is no dark matter left")
        if self.relic_mass is None:
            mass = units.attach(units.to_internal("1 GeV", "mass"), "mass")
            object.__setattr__(self, "relic_mass", mass * (self.omega_h2 / relic.omega_h2(mass, abs(self.asymmetry))))

    def __getstate__(self):
        return {key: value for key, value in vars(self).items() if key not in _SLOW}

    @classmethod
    def from_config(cls, section):
        """Model from the [model] section of a run file; keys are those of `asymmetric_freeze_in_config`.

        Raises
        ------
        InputError
            One message that names every unknown, missing, misplaced or unreadable key, with the nearest valid one.
        """
        return cls(**asymmetric_freeze_in_config.read(section))

    def to_config(self):
        """The [model] section that `from_config` turns into this model again: a dict of text, numbers and lists."""
        return asymmetric_freeze_in_config.write(self)

    @cached_property
    def integrals(self):
        """Collision integrals, a tuple of `CollisionIntegral`, one for each mediator."""
        total = self._visible if self.transfer == "unitary" else None
        return tuple(collisions(one, visible_width=total, **self._bath) for one in self.mediators)

    @cached_property
    def histories(self):
        """Yields along time, a tuple of `FreezeInHistory`, one for each mediator."""
        pairs = zip(self.mediators, self.integrals, strict=True)
        if self.transfer == "decays":
            return tuple(decay_history(one, integral=integral) for one, integral in pairs)
        return tuple(unitary_history(one, self._visible, integral=integral) for one, integral in pairs)

    @property
    def particles(self):
        """float : X and anti-X per entropy that decays make, before they annihilate."""
        return sum(one.final["particles"] for one in self.histories)

    @property
    def scattered(self):
        """float : X per entropy of one scattering through each operator of dimension five; 0 without one."""
        operators = [one.decay for one in self.mediators if one.decay.kind == "operator"]
        hot = self.reheating_temperature
        return float(sum(scattering_yield(hot, one.scale, g_star=self.g_star) for one in operators))

    @property
    def asymmetry(self):
        """float : eta_X, X less anti-X per entropy."""
        return sum(one.final["asymmetry"] for one in self.histories)

    @property
    def unitary_asymmetry(self):
        """float : the same with the scattering that unitarity demands, for `visible_width`."""
        if self.visible_width is None:
            raise InputError("visible_width: missing; unitarity needs the width to visible states, like '1 GeV'")
        return sum(unitary_asymmetry(one, self._visible, **self._bath) for one in self.mediators)

    @property
    def share_in_time(self):
        """float : share of the asymmetry that is made while sphalerons act."""
        return self._early / self.asymmetry

    @property
    def baryon_yield(self):
        """float : Y_B, signed."""
        made = self._early if self.conversion.by_sphalerons else self.asymmetry
        return made * baryons_per_relic(self.conversion)

    @property
    def mass_of_formula(self):
        """Quantity [mass] : of Eqs. (3.2) to (3.4) with today's densities, in which all is made in time."""
        return relic_mass(self.conversion.factor, self.omega_h2 / constants.BARYON_OMEGA_H2)

    @property
    def temperature_ratio(self):
        """float : T_X/T when freeze-in is over and X is a bath, at the visible temperature `freeze_in_temperature`.

        For mediators in equilibrium, whatever `transfer` is.
        """
        energy = sum(
            one.particles * one.width.to_value("GeV") * integral.energy()[-1] / self._dilution(integral)
            for one, integral in zip(self.mediators, self.integrals, strict=True)
        )
        g_s = float(self._dof._g_s(self._end))
        entropy = 2 * np.pi**2 / 45 * g_s  # per T^3
        energy += _SCATTERED_ENERGY * self.scattered * entropy
        return float((30 * energy / (np.pi**2 * self.hidden_g_star)) ** 0.25)

    @property
    def freeze_in_temperature(self):
        """Quantity [temperature] : m/5 of the lightest mediator: 82 per cent of its X are made by then."""
        return units.attach(self._end, "temperature")

    @cached_property
    def baths(self):
        """The visible bath as X sees it from its own temperature, a `SeenFromHidden`."""
        return SeenFromHidden(self._dof, self.temperature_ratio, self._end, self.hidden_g_star)

    @property
    def needed_sigma_v(self):
        """Quantity [sigma_v] : <sigma v> with which the remaining pairs are a tenth of the asymmetry.

        Raises
        ------
        InputError, ConvergenceError
            There is none for which X are in equilibrium among themselves, or g* is not known there.
        """
        return hidden_sigma_v(self.relic_mass, abs(self.asymmetry), self.baths, self.relic_states)

    @cached_property
    def remainder(self):
        """float : X and anti-X beyond the asymmetry, over it; 0 if they are taken to annihilate.

        All that decays make if annihilation is too weak for equilibrium of X among themselves, or if there is no
        freeze-out to solve because g* is not known where X is non-relativistic.
        """
        if self.relic_sigma_v is None:
            return 0.0
        size = abs(self.asymmetry)
        try:
            left = hidden_relic(self.relic_mass, self.relic_sigma_v, size, self.baths, self.relic_states)
        except CosmologyError:
            return max(self.particles / size - 1, 0.0)
        return float(2 * left.antiparticle_yield / size)

    @property
    def relic_omega_h2(self):
        """float : density of X and anti-X today, with those of the LOSP."""
        return relic.omega_h2(self.relic_mass, abs(self.asymmetry) * (1 + self.remainder)) + self.losp_density

    @property
    def losp_density(self):
        """float : density of X that decays of the LOSP add; 0 where X can still annihilate then."""
        if self.losp is None or self.losp_decay["hidden_temperature"] > self.relic_mass / _FREEZES:
            return 0.0
        return self.losp.late_density(self.relic_mass)

    @cached_property
    def losp_decay(self):
        """When the LOSP decays, Eqs. (5.3) and (5.4): mapping of ``"temperature"`` and ``"hidden_temperature"``."""
        if self.losp is None:
            raise InputError("losp: missing; give a Losp")
        hot = decay_temperature(self.losp.width, g_star=self.g_star)
        return MappingProxyType({"temperature": hot, "hidden_temperature": hot * self._ratio_at(hot)})

    def constraints(self):
        """Answers of all conditions, a tuple of `LimitResult`."""
        return check_limits(self)

    def excluded_by(self):
        """Names of the conditions that exclude the point, a tuple."""
        return tuple(result.name for result in self.constraints() if result.excluded)

    def annotations(self):
        """Verbal statements that concern the model, a tuple of `Annotation`."""
        return statements(self)

    def yields(self):
        """Outcome, the record that all models share: X alone, no decay of dark matter."""
        return Yields(
            model=self.name,
            g_star=self._dof.label,
            daughter_mass=self.relic_mass,
            daughter_asymmetry=self.asymmetry,
        )

    def summary(self) -> Mapping:
        """Name -> Quantity, or text, for the screen and for storage; what does not exist is left out."""
        return summarise(self)

    @property
    def _dof(self):
        return degrees_of_freedom(self.g_star)

    @property
    def _bath(self):
        stops = (self.sphaleron_temperature,)
        return {"reheating_temperature": self.reheating_temperature, "stops": stops, "g_star": self.g_star}

    @property
    def _visible(self):
        return units.to_internal(self.visible_width, "width")

    @property
    def _end(self):
        return min(integral.mass for integral in self.integrals) / 5

    @property
    def _early(self):
        """Asymmetry made above the sphaleron temperature."""
        hot = np.log(units.to_internal(self.sphaleron_temperature, "temperature"))
        # a step ends there: between the ends of steps histories of B that are all but gone are far from straight
        return sum(
            float(np.interp(np.log(integral.mass) - hot, np.log(one.x), one.yields["asymmetry"]))
            for one, integral in zip(self.histories, self.integrals, strict=True)
        )

    def _dilution(self, integral):
        """g_s^(4/3) at the end of a history over that at `freeze_in_temperature`: the visible bath is heated."""
        return float((self._dof._g_s(integral.mass / integral.x[-1]) / self._dof._g_s(self._end)) ** (4 / 3))

    def _ratio_at(self, temperature):
        """T_X/T at another visible temperature, both entropies conserved."""
        then = self._dof.g_s(temperature) / float(self._dof._g_s(self._end))
        return self.temperature_ratio * then ** (1 / 3)


_SLOW = ("integrals", "histories", "baths", "remainder", "losp_decay")
