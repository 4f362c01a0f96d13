r"""Exodus: an asymmetry made in a hidden sector moves to baryons and dark matter when its carrier X decays.

X and anti-X annihilate in their own sector until the asymmetry is left; then X decays through a feeble coupling to a
baryon and a stable zeta. One zeta per baryon: the ratio of densities is that of masses. Unwin (2012).

As a calculation shows, the early decays of thermal X and anti-X make zetas too, and no baryons. At equal temperatures
of the two sectors they close the window of the paper; see `cosmology.models.exodus_freeze_in`.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np

from cosmology import constants, units
from cosmology.errors import InputError
from cosmology.models import exodus_config
from cosmology.models.exodus_equations import AsymmetricRelic, ExpansionTable, solve
from cosmology.models.exodus_freeze_in import LARGEST_SHARE, freeze_in_yield, last_temperature
from cosmology.models.exodus_freeze_out import critical_moment, freeze_out
from cosmology.models.exodus_heating import relic_temperature, thermal_yield
from cosmology.models.exodus_history import baryon_number, history
from cosmology.models.exodus_majorana import Oscillation
from cosmology.models.exodus_routes import Route
from cosmology.models.exodus_sectors import Sectors, check_states, one_quantity
from cosmology.models.exodus_transfer import remaining_share
from cosmology.models.exodus_widths import lifetime
from cosmology.models.exodus_windows import check_windows, statements
from cosmology.relic import baryon_density_ratio, omega_h2
from cosmology.thermodynamics import _RADIATION_ONLY, temperature_at
from cosmology.units import Quantity
from cosmology.yields import Yields


@dataclass(frozen=True, kw_only=True)
class Exodus:
    r"""One point of the model; everything that follows from it is a property.

    ======================  ====================================================================
    property                Unwin (2012)
    ======================  ====================================================================
    `history`               Fig. 2; the system of appendix A with annihilation and thermal X
    `critical_moment`       (2.5), Fig. 4, exact
    `freeze_out`            (2.2), exact
    `width`, `lifetime`     (2.7), (3.2), (4.1) to (4.4)
    `relic_temperature`     (2.9) to (2.11), relativistic
    `oscillation`           (4.5), against the width
    `excess`                zetas of thermal X, which are not in the paper
    `required_relic_mass`   :math:`m_\zeta = (\Omega_{DM}/\Omega_B)\,m_p\,Y_B/Y_\zeta`
    ======================  ====================================================================

    Parameters
    ----------
    mass : Quantity [mass]
        m_X.
    sigma_v : Quantity [sigma_v]
        <sigma v> of X with anti-X, s-wave.
    route : BaryonViolating, LeptonViolating, Bino or Asymmetric
        The variant, see `cosmology.models.exodus_routes`.
    states : float
        g_X.
    asymmetry : float, optional
        Delta = Y_X - Y_anti-X; if not given, what makes the baryons observed.
    relic_mass : Quantity [mass], optional
        m_zeta; if not given, that of one zeta for each decay: (Omega_DM/Omega_B) m_p times baryons per decay.
    relic_sigma_v : Quantity [sigma_v]
        <sigma v> of zetas, s-wave.
    relic_final_state : str
        What they annihilate to, for the CMB: ``"hidden"`` or a channel of
        `cosmology.limits.energy_deposition.CHANNELS`.
    sectors : Sectors
        Temperatures and g*.
    sphaleron_temperature : Quantity [temperature]
        Below it they have stopped.
    largest_residue, largest_freeze_in : float
        Anti-X, and zetas of thermal X, over the asymmetry that count as few.
    longest_lifetime : Quantity [time]
        That nucleosynthesis allows.
    omega_h2 : float
        Density of dark matter.

    Raises
    ------
    UnitError
        A bare number, or a wrong unit.
    InputError
        Values without meaning, a closed decay, X that never was in equilibrium, or decays after the radiation era. A
        point that a window excludes is no error.
    """

    mass: Quantity
    sigma_v: Quantity
    route: Route
    states: float = 1.0
    asymmetry: float | None = None
    relic_mass: Quantity | None = None
    relic_sigma_v: Quantity = "0 cm3/s"
    relic_final_state: str = "hidden"
    sectors: Sectors = field(default_factory=Sectors)
    sphaleron_temperature: Quantity = "100 GeV"
    largest_residue: float = 0.01
    largest_freeze_in: float = LARGEST_SHARE
    longest_lifetime: Quantity = "1 s"
    omega_h2: float = constants.DARK_MATTER_OMEGA_H2

    name: ClassVar[str] = exodus_config.NAME

    def __post_init__(self):
        for name, allowed in (("route", Route), ("sectors", Sectors)):
            if not isinstance(getattr(self, name), allowed):
                raise InputError(f"{name} = {getattr(self, name)!r}; give a {allowed.__name__}")
        for name, dimension in (
            ("mass", "mass"),
            ("sigma_v", "sigma_v"),
            ("sphaleron_temperature", "temperature"),
            ("longest_lifetime", "time"),
        ):
            object.__setattr__(self, name, one_quantity(getattr(self, name), dimension, name)[0])
        object.__setattr__(self, "states", check_states(self.states))
        for name in ("largest_residue", "largest_freeze_in", "omega_h2"):
            value = units.to_internal(getattr(self, name), "dimensionless", name)
            if np.ndim(value) or value <= 0:
                raise InputError(f"{name} = {getattr(self, name)}; one positive number is needed")
            object.__setattr__(self, name, float(value))
        self._check_relic()
        object.__setattr__(self, "width", self.route.decay.width(self.mass, self.relic_mass, self.route.visible_mass))
        self._check_ends()
        self._check_asymmetry()

    def _check_relic(self):
        if self.relic_mass is None:
            ratio = self.omega_h2 / constants.BARYON_OMEGA_H2
            mass = baryon_density_ratio(ratio) * self.route.baryons_in_time
        else:
            mass = one_quantity(self.relic_mass, "mass", "relic_mass")[0]
        object.__setattr__(self, "relic_mass", mass)
        sigma = units.to_internal(self.relic_sigma_v, "sigma_v", "relic_sigma_v")
        if np.ndim(sigma) or sigma < 0:
            raise InputError(f"relic_sigma_v = {self.relic_sigma_v}; one that is not negative is needed")
        if sigma > 0 and self.route.kind == "bino":
            raise InputError(
                f"relic_sigma_v = {self.relic_sigma_v}; a bino annihilates in the p-wave, too weakly to count: leave "
                "it out"
            )
        object.__setattr__(self, "relic_sigma_v", units.attach(sigma, "sigma_v"))
        if self.relic_final_state not in exodus_config.FINAL_STATES:
            raise InputError(
                f"relic_final_state = {self.relic_final_state!r}; allowed: {', '.join(exodus_config.FINAL_STATES)}"
            )

    def _check_ends(self):
        """Equilibrium at the start, and the radiation era until the end."""
        end = last_temperature(units.to_internal(self.lifetime, "time"), self.sectors)
        if end < _RADIATION_ONLY:
            longest = self.lifetime * (end / _RADIATION_ONLY) ** 2
            raise InputError(
                f"lifetime = {self.lifetime:.4g}; decays are followed through the radiation era, which allows "
                f"lifetimes up to {longest:.2g}"
            )
        annihilates = units.to_internal(self.relic_sigma_v, "sigma_v") > 0
        floor = _RADIATION_ONLY if annihilates else end
        table = ExpansionTable(np.array([self._m]), self.sectors, self.states, end, floor=floor)
        sigma = units.to_internal(self.sigma_v, "sigma_v")
        at_mass = int(np.searchsorted(table.x, 1.0))
        contact = float(table.annihilation[2][at_mass, 0] * np.sqrt(table.pairs[2][at_mass, 0]) * sigma)
        if contact < 1:
            raise InputError(
                f"sigma_v = {self.sigma_v:.4g}; X annihilates {contact:.2g} times per expansion at T_gen = m_X, and is "
                f"not in equilibrium; above {self.sigma_v / contact:.2g} it is"
            )
        object.__setattr__(self, "_table", table)

    def _check_asymmetry(self):
        if self.asymmetry is None:
            per_x = self.route.baryons(self._early)
            if per_x < 1e-6:
                raise InputError(
                    f"asymmetry: missing; only {per_x:.2g} baryons per X are made in time, too few for those "
                    "observed: give asymmetry, or a shorter lifetime"
                )
            object.__setattr__(self, "asymmetry", constants.BARYON_YIELD / per_x)
        value = units.to_internal(self.asymmetry, "dimensionless", "asymmetry")
        if np.ndim(value) or not 0 < value < 1:
            raise InputError(f"asymmetry = {self.asymmetry}; (n - nbar)/s of X lies above 0 and below 1, like 8.7e-11")
        object.__setattr__(self, "asymmetry", float(value))

    def __getstate__(self):  # tables are made again where they are needed
        return {key: value for key, value in vars(self).items() if not key.startswith("_") and key not in _SLOW}

    def __setstate__(self, state):
        vars(self).update(state)
        self._check_ends()

    @classmethod
    def from_config(cls, section):
        """Model from the [model] section of a run file.

        Parameters
        ----------
        section : dict
            Text with units, numbers and names, under the keys of `cosmology.models.exodus_config.KEYS`.

        Returns
        -------
        Exodus

        Raises
        ------
        InputError
            One message that names every unknown, missing, misplaced or unreadable key, with the nearest valid one.
        """
        return cls(**exodus_config.read(section))

    def to_config(self):
        """The [model] section that `from_config` turns into this model again: a dict of text and numbers."""
        return exodus_config.write(self)

    @property
    def lifetime(self):
        """Mean life of X, Quantity."""
        return lifetime(self.width)

    @cached_property
    def history(self):
        """Yields along time, an `ExodusHistory`."""
        widths = np.array([units.to_internal(self.width, "width")])
        sigma = units.to_internal(self.sigma_v, "sigma_v")
        relic_sigma = units.to_internal(self.relic_sigma_v, "sigma_v")
        solution = solve(self._table, widths, sigma, self.asymmetry, self.route.relic, relic_sigma)
        hot = units.to_internal(self.sphaleron_temperature, "temperature")
        return history(self._table, solution, self.asymmetry, self.route, hot)

    @property
    def residue(self):
        """float : anti-X over the asymmetry when a lifetime has passed, r."""
        return self.history.residue

    @property
    def relic_yield(self):
        """float : Y_zeta at the end, with its antiparticles."""
        return self.history.final["zeta"]

    @property
    def baryon_yield(self):
        """float : Y_B at the end."""
        return self.asymmetry * baryon_number(self.route, 0.0, 1 - self._early)

    @property
    def excess(self):
        """float : zetas at the end per X of the asymmetry, beyond 1 + 2r: those of thermal X that are left.

        Negative where annihilation takes zetas of late decays away too.
        """
        return self.relic_yield / self.asymmetry - (1 + 2 * min(self.residue, 1.0))

    @property
    def freeze_in(self):
        """float : zetas per X of the asymmetry that decays of thermal X make, before any annihilation of zetas."""
        return freeze_in_yield(self.width, self.mass, self.states, sectors=self.sectors) / self.asymmetry

    @property
    def relic_omega_h2(self):
        """float : density of zetas today."""
        return omega_h2(self.relic_mass, self.relic_yield)

    @property
    def required_relic_mass(self):
        """Quantity [mass] : m_zeta for which zetas are all dark matter, with the residue and the freeze-in counted."""
        return self.relic_mass * (self.omega_h2 / self.relic_omega_h2)

    @cached_property
    def critical_moment(self):
        """When anti-X in equilibrium is a hundredth of the asymmetry, a `Moment`."""
        return critical_moment(self.mass, asymmetry=self.asymmetry, states=self.states, sectors=self.sectors)

    def freeze_out(self, condition="departure"):
        """When annihilation of X with anti-X ends, were there no decays, a `Moment`."""
        options = {"asymmetry": self.asymmetry, "states": self.states, "sectors": self.sectors}
        return freeze_out(self.mass, self.sigma_v, condition=condition, **options)

    @property
    def relic_temperature(self):
        """Quantity [temperature] : of the zetas after the decays, relativistic."""
        return relic_temperature(self.mass, self.relic_mass, self.route.visible_mass)

    @property
    def thermal_share(self):
        """float : zetas that a bath at `relic_temperature` would hold at the time of decay, over the asymmetry."""
        hot = temperature_at(self.lifetime, g_star=self.sectors.dof)
        return thermal_yield(self.relic_temperature, self.relic_mass, hot, sectors=self.sectors) / self.asymmetry

    @property
    def oscillation(self):
        """Oscillation of X into anti-X, an `Oscillation`; None if no Majorana mass is given."""
        majorana = getattr(self.route, "majorana_mass", None)
        return None if majorana is None else Oscillation(majorana, self.mass, self.width)

    @property
    def pair_factor(self):
        """float : P of annihilation today, P rho^2 <sigma v>/m: 1 for zeta that is its own antiparticle."""
        if self.route.relic is not AsymmetricRelic:
            return 1.0
        net, total = self.history.final["net zeta"], self.relic_yield
        return (1 - (net / total) ** 2) / 2

    def constraints(self):
        """Answers of all windows, a tuple of `LimitResult`."""
        return check_windows(self)

    def excluded_by(self):
        """Names of the windows that exclude the point, a tuple."""
        return tuple(result.name for result in self.constraints() if result.excluded)

    def annotations(self):
        """Verbal statements that concern the model, a tuple of `Annotation`."""
        return statements(self)

    def yields(self):
        """Outcome, the record that all models share: zeta alone, no decay is late.

        The asymmetry of zeta is that of its number today: zero where it is its own antiparticle.
        """
        return Yields(
            model=self.name,
            g_star=self.sectors.dof.label,
            daughter_mass=self.relic_mass,
            daughter_asymmetry=self.history.final["net zeta"],
        )

    def summary(self):
        """Name -> Quantity, or text, for the screen and for storage; what does not exist is left out."""
        numbers = {
            "parent_mass": self.mass,
            "relic_mass": self.relic_mass,
            "required_relic_mass": self.required_relic_mass,
            "asymmetry": self.asymmetry,
            "temperature_ratio": self.sectors.ratio,
            "lifetime": self.lifetime,
            "width": self.width,
            "critical_temperature": self.critical_moment.genesis_temperature,
            "relic_yield": self.relic_yield,
            "baryon_yield": self.baryon_yield,
            "relics_per_parent": self.relic_yield / self.asymmetry,
            "residue": self.residue,
            "freeze_in": self.freeze_in,
            "relic_temperature": self.relic_temperature,
            "omega_h2": self.relic_omega_h2,
        }
        if self.oscillation is not None:
            numbers["oscillation_cycles"] = self.oscillation.cycles
        names = {
            "model": self.name,
            "variant": self.route.kind,
            "g_star": self.sectors.dof.label,
            "excluded_by": ", ".join(self.excluded_by()) or "nothing",
        }
        return names | {key: Quantity(value) for key, value in numbers.items()}

    @property
    def _m(self):
        return units.to_internal(self.mass, "mass")

    @cached_property
    def _early(self):
        """Share of decays before sphalerons stop."""
        return 1 - remaining_share(self.sphaleron_temperature, self.width, self.mass, sectors=self.sectors)


_SLOW = ("history", "critical_moment")
