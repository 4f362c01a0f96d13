r"""A dark copy of the Standard Model: dark neutrons are the dark matter, made as the baryons are, in parallel.

Both sectors have a WIMP chi whose decays make the asymmetry. A reheaton R that couples to both Higgs doublets decays
late and heats the visible sector more, since v' > v closes its dark channels. Bodas, Buen-Abad, Hook & Sundrum (2024),
arXiv:2401.12286.

**Two sets of decay channels of R, by name.** ``"paper"`` has those that the paper prints, ``"complete"`` all at tree
level. They disagree on whether the paper's benchmark (R of 700 GeV, v' = 1 TeV) survives: with the channels of the
paper :math:`\Delta N_\mathrm{eff}` is 0.18, allowed; with W'W' it is above 3, excluded. The complete set is default.
The scenario as such lives on, for instance below 457 GeV. See `cosmology.models.z2_reheaton`.

Parts: `z2_potential` (parameters), `z2_parent` (freeze-out and decay of chi), `z2_higgs` and `z2_reheaton` (widths),
`z2_baths`, `z2_reheating` and `z2_evolution` (reheating), `z2_running` and `z2_confinement` (dark QCD), `z2_hadrons`
and `z2_dark_protons` (dark nuclei), `z2_portals`, `z2_windows` (conditions), `z2_scan` (planes).
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np

from cosmology import constants, units
from cosmology.degrees_of_freedom import DEFAULT, DegreesOfFreedom, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models import z2_config, z2_portals
from cosmology.models.z2_baths import BothSectors, baths, drift
from cosmology.models.z2_dark_protons import dark_strength, remaining_protons
from cosmology.models.z2_evolution import Parents, evolve_sectors
from cosmology.models.z2_hadrons import DarkHadrons
from cosmology.models.z2_inputs import RELATIVISTIC_SECTOR, VEV
from cosmology.models.z2_parent import decaying_yield, freeze_out
from cosmology.models.z2_potential import BaryonParent, DarkQuarks, Links
from cosmology.models.z2_reheating import reheating_temperature, sudden_decay
from cosmology.models.z2_reheaton import Reheaton, domination_temperature, expansion_rate
from cosmology.models.z2_windows import check_windows, statements
from cosmology.relic import omega_h2
from cosmology.units import Quantity
from cosmology.yields import Yields

REHEATING = ("evolved", "sudden")
"""tuple of str : ways to Delta N_eff: joint evolution of both sectors, or the paper's sudden decay."""

_FREEZE_OUT_X = 12.0  # where the temperatures of the sectors are compared
_ROUNDING = 1e-12  # of units
_DECAYS_LATE = 1e-3  # width over H at freeze-out below which decays come after it
_EARLY = 40.0  # domination temperatures at which the evolution starts


@dataclass(frozen=True, kw_only=True)
class Z2DarkSector:
    r"""One point of the model; everything that follows from it is a property.

    ========================  ==================================================================
    property                  Bodas, Buen-Abad, Hook & Sundrum (2024)
    ========================  ==================================================================
    `parent_yields`           (10) to (12), by the Boltzmann equation with g*(T) of both sectors
    `partial_widths`          (14) to (16), or all channels
    `evolution`, `sudden`     (20) to (26)
    `baryon_yield`            (6), (27), (28)
    `dark_baryon_yield`       (7)
    `confinement_ratio`       (30) to (33)
    `hadrons`                 (35) to (42)
    `symmetric_relic`         Sect. III E
    ========================  ==================================================================

    Parameters
    ----------
    reheaton : Reheaton
        Its mass, couplings, and the set of channels.
    dark_vev : Quantity [energy]
        v', not below v = 246 GeV.
    parent : BaryonParent
    quarks : DarkQuarks
    links : Links
    lowest_reheating_temperature : Quantity [temperature], optional
        A bound on T_rh besides the lifetime of R, such as 4 MeV.
    g_star : str or DegreesOfFreedom
        Of the visible bath; those of the dark one are derived.

    Raises
    ------
    UnitError
        A bare number, or a wrong unit.
    InputError
        Values without meaning: v' < v, a reheaton at a threshold, couplings that are not positive, y'_d > y'_u. A point
        that is excluded is no error.
    """

    reheaton: Reheaton
    dark_vev: Quantity = "1 TeV"
    parent: BaryonParent = field(default_factory=BaryonParent)
    quarks: DarkQuarks = field(default_factory=DarkQuarks)
    links: Links = field(default_factory=Links)
    lowest_reheating_temperature: Quantity | None = None
    g_star: str | DegreesOfFreedom = DEFAULT

    name: ClassVar[str] = z2_config.NAME

    def __post_init__(self):
        for name, allowed in (
            ("reheaton", Reheaton),
            ("parent", BaryonParent),
            ("quarks", DarkQuarks),
            ("links", Links),
        ):
            if not isinstance(getattr(self, name), allowed):
                raise InputError(f"{name} = {getattr(self, name)!r}; give a {allowed.__name__}")
        vev = units.to_internal(self.dark_vev, "energy", "dark_vev")
        if np.ndim(vev) or not VEV * (1 - _ROUNDING) <= vev <= 100 * VEV:
            raise InputError(
                f"dark_vev = {self.dark_vev}; the dark electroweak scale is not below that of the visible sector, "
                f"{VEV:g} GeV, and at most {100 * VEV:g} GeV"
            )
        object.__setattr__(self, "dark_vev", units.quantity(self.dark_vev, "energy", "dark_vev"))
        if self.lowest_reheating_temperature is not None:
            lowest = units.to_internal(self.lowest_reheating_temperature, "temperature", "lowest_reheating_temperature")
            if np.ndim(lowest) or lowest <= 0:
                raise InputError(
                    f"lowest_reheating_temperature = {self.lowest_reheating_temperature}; one positive value is needed"
                )
            value = units.quantity(self.lowest_reheating_temperature, "temperature")
            object.__setattr__(self, "lowest_reheating_temperature", value)
        degrees_of_freedom(self.g_star)
        self.reheaton.check_thresholds(self.scale, self.quarks.bottom_ratio)
        self.parent.check_scale(self.scale)

    @classmethod
    def from_config(cls, section):
        """Model from the [model] section of a run file.

        Parameters
        ----------
        section : dict
            Text with units, numbers and names, under the keys of `cosmology.models.z2_config.KEYS`.

        Returns
        -------
        Z2DarkSector

        Raises
        ------
        InputError
            One message that names every unknown, missing or unreadable key, with the nearest valid one.
        """
        return cls(**z2_config.read(section))

    def to_config(self):
        """The [model] section that `from_config` turns into this model again: a dict of text and numbers."""
        return z2_config.write(self)

    @property
    def scale(self):
        """float : r_v = v'/v."""
        return max(units.to_internal(self.dark_vev, "energy") / VEV, 1.0)

    @property
    def confinement_ratio(self):
        """float : Lambda'/Lambda."""
        return self.quarks.ratio(self.scale)

    @property
    def partial_widths(self):
        """Widths of R by channel, a dict of Quantity; dark channels carry a prime."""
        return self.reheaton.partial_widths(self.scale, self.quarks.bottom_ratio)

    @cached_property
    def widths_gev(self):
        """Pair of float : visible and dark width of R [GeV]."""
        return self.reheaton._widths(self.scale, self.quarks.bottom_ratio)

    @property
    def width(self):
        """Quantity [width] : of R."""
        return units.attach(sum(self.widths_gev), "width")

    @property
    def dark_share(self):
        """float : BR', of the dark sector in the decays of R."""
        return self.widths_gev[1] / sum(self.widths_gev)

    @cached_property
    def baths(self):
        """Degrees of freedom of the visible and the dark sector."""
        return baths(
            self.g_star, self.scale, self.confinement_ratio, self.quarks.electron_ratio, self.quarks.bottom_ratio
        )

    def total_g(self, temperature):
        """Degrees of freedom of both sectors at a visible temperature [GeV] before R decays."""
        return float(BothSectors(*self.baths)._g_rho(np.asarray(temperature, dtype=float)))

    @property
    def domination_gev(self):
        """float : T_Req [GeV], Eq. (13)."""
        return domination_temperature(self.reheaton._m, 2 * RELATIVISTIC_SECTOR)

    @cached_property
    def parent_yields(self):
        """Pair of float : n/s of chi and chi' after freeze-out, s of both sectors; of decays where they are early."""
        visible, dark = self.baths
        ratio = drift(self.parent.mass / _FREEZE_OUT_X, visible, dark)
        strength, slope = self.parent.strength
        ordered = BothSectors(visible, dark, ratio), BothSectors(dark, visible, 1 / ratio)
        frozen = self.parent.mass / _FREEZE_OUT_X
        if self.parent.width > _DECAYS_LATE * expansion_rate(frozen, self.total_g(frozen)):
            width = self.parent.width
            return tuple(decaying_yield(self.parent.mass, strength, width, one, slope=slope) for one in ordered)
        return tuple(float(freeze_out(self.parent.mass, strength, one, slope=slope)[0]) for one in ordered)

    @cached_property
    def evolution(self):
        """History of R, both baths and both parents, an `Evolution`."""
        return self.evolve()

    def evolve(self, longest_step=0.5):
        """History with steps in ln a not above `longest_step`, an `Evolution`."""
        # baryons are counted as if each parent made one
        families = [Parents(self.parent.mass, number, self.parent.width, 1.0) for number in self.parent_yields]
        start = max(_EARLY * self.domination_gev, self.parent.mass / _FREEZE_OUT_X)
        return evolve_sectors(
            self.reheaton._m,
            *self.widths_gev,
            *self.baths,
            parents=families[0],
            dark_parents=families[1],
            start=start,
            longest_step=longest_step,
        )

    @property
    def sudden(self):
        """The same by sudden decay, a `SuddenDecay`."""
        return sudden_decay(*self.widths_gev, self.reheaton._m)

    def delta_n_eff(self, method="evolved"):
        """Extra effective neutrinos, float.

        Parameters
        ----------
        method : {"evolved", "sudden"}
            From entropies of the joint evolution, or Eqs. (21) and (22).
        """
        if method not in REHEATING:
            raise InputError(f"method = {method!r}; choose one of {', '.join(map(repr, REHEATING))}")
        return self.evolution.delta_n_eff if method == "evolved" else float(self.sudden.delta_n_eff)

    @property
    def temperature_ratio(self):
        """float : xi = T'/T when both sectors have the same particles left."""
        return self.evolution.entropy_ratio ** (1 / 3)

    @property
    def reheating_temperature(self):
        """Quantity [temperature] : T_rh of Eq. (23), with g*(T_rh)."""
        hot = reheating_temperature(sum(self.widths_gev))
        for _ in range(20):  # g* varies slowly with T, to the power 1/4
            held = np.asarray(np.clip(hot, self.baths[0]._lowest, self.baths[0]._highest))
            hot = reheating_temperature(sum(self.widths_gev), float(self.baths[0]._g_rho(held)))
        return units.attach(hot, "temperature")

    @property
    def dilution(self):
        """float : r_s, entropy of both sectors after the decays over that before."""
        return self.evolution.dilution

    @property
    def baryon_yield(self):
        """float : Y_B = n_B/s today."""
        return self.cp_asymmetry * self.evolution.baryons

    @property
    def dark_baryon_yield(self):
        """float : dark neutrons over visible entropy today."""
        return self.cp_asymmetry * self.parent.dark_cp_ratio * self.evolution.dark_baryons

    @property
    def required_cp_asymmetry(self):
        """float : epsilon_CP that makes the baryons observed."""
        return constants.BARYON_YIELD / self.evolution.baryons

    @property
    def cp_asymmetry(self):
        """float : epsilon_CP, see `BaryonParent`."""
        return self.parent.asymmetry(self.required_cp_asymmetry)

    @cached_property
    def hadrons(self):
        """Dark hadrons, a `DarkHadrons`."""
        quarks = self.quarks
        return DarkHadrons(
            self.scale,
            self.confinement_ratio,
            quarks.up_yukawa,
            quarks.down_yukawa,
            quarks.electron_ratio,
            quarks.pion,
        )

    @property
    def neutron_mass(self):
        """Quantity [mass] : of the dark neutron."""
        return units.attach(self.hadrons.neutron_mass, "mass")

    @property
    def omega_h2(self):
        """float : density of dark neutrons today."""
        return omega_h2(self.neutron_mass, self.dark_baryon_yield)

    @cached_property
    def dark_proton_share(self):
        """float : share of dark protons in dark baryons when dark deuterons can form, by Born rates."""
        hadrons = self.hadrons
        both = BothSectors(*self.baths, self.temperature_ratio)
        strength = dark_strength(self.scale, hadrons.electron_mass)
        last = hadrons.bottleneck_temperature
        return remaining_protons(last, hadrons.splitting, hadrons.electron_mass, strength, both, self.temperature_ratio)

    @cached_property
    def symmetric_relic(self):
        """Pair of float : x of freeze-out and Omega h^2 of dark baryons that annihilation leaves."""
        both = BothSectors(*self.baths, self.temperature_ratio)
        return z2_portals.symmetric_relic(
            self.hadrons.neutron_mass, self.hadrons.pion_mass, both, self.temperature_ratio
        )

    def constraints(self):
        """Answers of all conditions, a tuple of `LimitResult`."""
        return check_windows(self)

    def excluded_by(self):
        """Names of the conditions that exclude the point, a tuple."""
        return tuple(result.name for result in self.constraints() if result.excluded)

    def annotations(self):
        """Verbal statements that concern the model, a tuple of `Annotation`."""
        return statements(self)

    def yields(self):
        """Outcome, the record that all models share: dark neutrons alone, no decay is late."""
        return Yields(
            model=self.name,
            g_star=degrees_of_freedom(self.g_star).label,
            daughter_mass=self.neutron_mass,
            daughter_asymmetry=self.dark_baryon_yield,
        )

    def summary(self):
        """Name -> Quantity, or text, for the screen and for storage; what does not exist is left out."""
        hadrons = self.hadrons
        numbers = {
            "reheaton_mass": self.reheaton.mass,
            "reheaton_width": self.width,
            "dark_share_of_decays": self.dark_share,
            "reheating_temperature": self.reheating_temperature,
            "entropy_dilution": self.dilution,
            "delta_n_eff": self.delta_n_eff(),
            "delta_n_eff_sudden": self.delta_n_eff("sudden"),
            "temperature_ratio": self.temperature_ratio,
            "parent_yield": self.parent_yields[0],
            "cp_asymmetry": self.cp_asymmetry,
            "largest_cp_asymmetry": self.parent.largest_asymmetry,
            "required_cp_asymmetry": self.required_cp_asymmetry,
            "baryon_yield": self.baryon_yield,
            "dark_baryon_yield": self.dark_baryon_yield,
            "confinement_ratio": self.confinement_ratio,
            "dark_neutron_mass": self.neutron_mass,
            "dark_nucleon_splitting": units.attach(hadrons.splitting, "mass"),
            "dark_pion_mass": units.attach(hadrons.pion_mass, "mass"),
            "dark_deuteron_binding": units.attach(hadrons.deuteron_binding, "energy"),
            "dark_proton_share": self.dark_proton_share,
            "omega_h2": self.omega_h2,
        }
        if np.isfinite(hadrons.proton_lifetime):
            numbers["dark_proton_lifetime"] = units.attach(hadrons.proton_lifetime, "time")
        if np.isfinite(self.evolution.equality_temperature):
            numbers["end_of_domination"] = units.attach(self.evolution.equality_temperature, "temperature")
        if self.links.gauge_coupling is not None:
            mediator = units.to_internal(self.links.gauge_mass, "mass")
            sigma = z2_portals.nucleon_cross_section(self.links.gauge_coupling, mediator, hadrons.neutron_mass)
            numbers["nucleon_cross_section"] = units.attach(sigma, "cross_section")
        names = {
            "model": self.name,
            "channels": self.reheaton.channels,
            "g_star": degrees_of_freedom(self.g_star).label,
            "excluded_by": ", ".join(self.excluded_by()) or "nothing",
        }
        return names | {key: Quantity(value) for key, value in numbers.items()}
