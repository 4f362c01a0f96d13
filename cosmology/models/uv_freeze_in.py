r"""Freeze-in by scattering at reheating: baryons and dark matter from the same heavy neutrinos.

Reactions through heavy neutrinos, too heavy to be made, carry energy and charge from a hot visible sector to an empty
dark one. They make a B-L and a dark lepton asymmetry; wash-out moves charge between the two. Later chi annihilates to
massless eta until, in the asymmetric case, only its asymmetry is left. Asadi, Moore, Morrissey & Shamma (2025), called
AMMS in docs/corrections.md.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from cosmology import constants, units
from cosmology.degrees_of_freedom import DEFAULT, DegreesOfFreedom, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models import uv_freeze_in_config
from cosmology.models.uv_freeze_in_baths import G_VISIBLE
from cosmology.models.uv_freeze_in_choices import Choices
from cosmology.models.uv_freeze_in_couplings import Couplings, GeneralNeutrinos, TwoNeutrinos
from cosmology.models.uv_freeze_in_history import baryon_yield, check_validity, follow, one_history
from cosmology.models.uv_freeze_in_limits import check_limits
from cosmology.models.uv_freeze_in_radiation import delta_n_eff, heavy_neutrino_bound
from cosmology.models.uv_freeze_in_relic import freeze_out, heaviest
from cosmology.models.uv_freeze_in_scan import ASYMMETRIES, rescaling
from cosmology.models.uv_freeze_in_sink import DarkSink
from cosmology.models.uv_freeze_in_summary import ERROR_BANDS, choices_band, summarise
from cosmology.particle_input import checked_positive
from cosmology.units import Quantity
from cosmology.yields import Yields

_MUCH_HOTTER = 10.0  # T_RH over the masses that early rates neglect
_Z_MASS = 91.19  # GeV


@dataclass(frozen=True, kw_only=True)
class UVFreezeIn:
    r"""One point of the model; everything that follows from it is a property.

    ===============================  ====================================================================
    property                         Asadi, Moore, Morrissey & Shamma (2025)
    ===============================  ====================================================================
    `xi`, `evolve`                   two baths (29) to (33); charges (45) to (55)
    `baryons`, `chi_asymmetry`       (42), (44)
    `wash_out`                       strong dark wash-out above 1, (61)
    `chi_mass`, `relic`              annihilation (27), freeze-out (65) to (68)
    `delta_n_eff`                    (62), (63)
    `heavy_neutrinos`                bound (37)
    ===============================  ====================================================================

    Parameters
    ----------
    neutrinos : TwoNeutrinos or GeneralNeutrinos
        Masses and couplings, see `cosmology.models.uv_freeze_in_couplings`.
    reheating_temperature : Quantity [temperature]
        T_RH, at most M_1/25.
    sink : DarkSink
        What chi and phi do below it, see `cosmology.models.uv_freeze_in_sink`.
    choices : Choices
        Readings of the equations, see `cosmology.models.uv_freeze_in_choices`.
    asymmetries : {"computed", "rescaled"}
        Whether asymmetries that are handed over are those of these phases, or lowered by the factor by which baryons
        are too many, as in Fig. 8. `cosmology.models.uv_freeze_in_targets` solves for phases instead.
    error_band : {"none", "choices"}
        Whether the summary goes over all readings of the equations.
    omega_h2 : float
        Density of all dark matter.
    g_star : str or DegreesOfFreedom
        Of the visible bath when chi freezes out; at reheating they are 106.75.

    Raises
    ------
    UnitError
        A bare number, or a wrong unit.
    InputError
        Values without meaning, M_1/T_RH below 25, xi that would reach 1, couplings above perturbation theory.
    """

    neutrinos: TwoNeutrinos | GeneralNeutrinos
    reheating_temperature: Quantity
    sink: DarkSink = field(default_factory=DarkSink)
    choices: Choices = field(default_factory=Choices)
    asymmetries: str = "computed"
    error_band: str = "none"
    omega_h2: float = constants.DARK_MATTER_OMEGA_H2
    g_star: str | DegreesOfFreedom = DEFAULT

    name: ClassVar[str] = uv_freeze_in_config.NAME

    def __post_init__(self):
        for name, allowed in (
            ("neutrinos", (TwoNeutrinos, GeneralNeutrinos)),
            ("sink", (DarkSink,)),
            ("choices", (Choices,)),
        ):
            if not isinstance(getattr(self, name), allowed):
                wanted = " or ".join(one.__name__ for one in allowed)
                raise InputError(f"{name} = {getattr(self, name)!r}; give {wanted}")
        for name, allowed in (("asymmetries", ASYMMETRIES), ("error_band", ERROR_BANDS)):
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} = {getattr(self, name)!r}; allowed: {', '.join(map(repr, allowed))}")
        degrees_of_freedom(self.g_star)
        for name, dimension in (("reheating_temperature", "temperature"), ("omega_h2", "dimensionless")):
            value = checked_positive(getattr(self, name), dimension, name)
            if np.ndim(value):
                raise InputError(f"{name} = {value}; one value is needed")
            value = value if dimension == "dimensionless" else units.attach(value, dimension)
            object.__setattr__(self, name, value)
        hot = self.reheating_temperature.to_value("GeV")
        masses = {"m_Z": _Z_MASS}
        if self.sink.chi_mass is not None:
            masses["m_phi"] = self.sink.mediator_ratio * self.sink.chi_mass.to_value("GeV")
        for particle, mass in masses.items():
            if hot < _MUCH_HOTTER * mass:
                raise InputError(
                    f"reheating_temperature = {hot:.4g} GeV; it is at least {_MUCH_HOTTER:g} {particle} = "
                    f"{_MUCH_HOTTER * mass:.4g} GeV, since rates at reheating neglect that mass"
                )
        check_validity(self._points, np.array([hot]), self.choices)

    @classmethod
    def benchmark(cls, phases, *, mass, dark_coupling, mass_over_reheating=30.0, **others):
        """Point with the phases ``"B1"`` to ``"B4"`` of Eq. (59) and the largest lepton couplings.

        Parameters
        ----------
        phases : str
        mass : Quantity [mass]
            M_1.
        dark_coupling : float
            Absolute value of lambda_1.
        mass_over_reheating : float
            x_RH = M_1/T_RH.
        **others
            Arguments of `UVFreezeIn`.
        """
        neutrinos = TwoNeutrinos.benchmark(phases, mass=mass, dark_coupling=dark_coupling)
        ratio = checked_positive(mass_over_reheating, "dimensionless", "mass_over_reheating")
        return cls(neutrinos=neutrinos, reheating_temperature=neutrinos.mass / ratio, **others)

    @classmethod
    def from_config(cls, section):
        """Model from the [model] section of a run file, under the keys of `uv_freeze_in_config.KEYS`.

        Raises
        ------
        InputError
            One message that names every unknown, missing, misplaced or unreadable key, with the nearest valid one.
        """
        return cls(**uv_freeze_in_config.read(section))

    def to_config(self):
        """The [model] section that `from_config` turns into this model again: a dict of text, numbers and lists."""
        return uv_freeze_in_config.write(self)

    def evolve(self, way="exact"):
        """What happens from reheating on.

        Parameters
        ----------
        way : {"exact", "small_xi"}
            Both baths and charges together, or the approximation of Eqs. (32) and (55).

        Returns
        -------
        FreezeInHistory
            Temperatures, xi and charges.

        Raises
        ------
        ConvergenceError
            The charges do not settle, or the solver is not accurate.
        """
        hot = self.reheating_temperature.to_value("GeV")
        return one_history(follow(self._points, np.array([hot]), self.choices, way=way), hot, way)

    @property
    def mass_over_reheating(self):
        """float : x_RH = M_1/T_RH."""
        return float((self.neutrinos.mass / self.reheating_temperature).to_value(""))

    @property
    def xi(self):
        """float : T_x/T after freeze-in."""
        return float(self._solved.xi[0])

    @property
    def b_minus_l(self):
        """float : Y_(B-L), signed, as computed."""
        return float(self._solved.b_minus_l[0])

    @property
    def dark_lepton(self):
        """float : Y_(Lx), signed, as computed."""
        return float(self._solved.dark_lepton[0])

    @property
    def wash_out(self):
        """float : measure of dark wash-out, Eq. (61); it is strong above 1."""
        return float(self._solved.strength[0])

    @property
    def baryons(self):
        """float : Y_B of today, signed, Eq. (42); rescaled if `asymmetries` says so."""
        return self._scale * baryon_yield(self.b_minus_l)

    @property
    def chi_asymmetry(self):
        """float : Y_chi - Y_antichi of today, signed; rescaled if `asymmetries` says so."""
        return self._scale * self.choices.chi_per_charge * self.dark_lepton

    @cached_property
    def relic(self):
        """What freeze-out leaves of chi, a `DarkRelics` of one point; without numbers where it says why."""
        dof, asymmetry = degrees_of_freedom(self.g_star), np.array([abs(self.chi_asymmetry)])
        if self.sink.chi_mass is None:
            return heaviest(self.xi, asymmetry, self.sink, dof, self.omega_h2)
        return freeze_out(self.sink.chi_mass.to_value("GeV"), self.xi, asymmetry, self.sink, dof)

    @property
    def chi_mass(self):
        """Mass of chi, Quantity: the given one, or that for which chi is all of the dark matter.

        Raises
        ------
        InputError
            There is no such mass, since freeze-out would be relativistic.
        """
        if self.sink.chi_mass is not None:
            return self.sink.chi_mass
        if self.relic.reason[0]:
            raise InputError(f"chi_mass: {self.relic.reason[0]}. Or give chi_mass, if its abundance does not matter")
        return units.attach(float(self.relic.mass[0]), "mass")

    @property
    def delta_n_eff(self):
        """float : dark radiation today, Eq. (62)."""
        return float(delta_n_eff(self.xi))

    @property
    def heavy_neutrinos(self):
        """float : bound on the yield of N_1, Eq. (37)."""
        return float(heavy_neutrino_bound(self.mass_over_reheating))

    def choices_band(self):
        """Lowest, own and highest value of each headline number over all readings of the equations.

        Returns
        -------
        dict
            Name -> (low, value, high). ``"readings"`` counts those that could be followed.
        """
        return choices_band(self)

    def with_choices(self, choices):
        """The same point in another reading of the equations."""
        return replace(self, choices=choices)

    def yields(self):
        """Outcome of the early universe, the record that all models share: chi is the one dark species."""
        return Yields(
            model=self.name,
            g_star=f"{G_VISIBLE:g} at freeze-in, {degrees_of_freedom(self.g_star).label} later",
            daughter_mass=self.chi_mass,
            daughter_asymmetry=self.chi_asymmetry,
        )

    def constraints(self):
        """Answers of all limits, a tuple of LimitResult; an excluded point is an answer, not an error."""
        return tuple(check_limits(self))

    def excluded_by(self):
        """Names of the limits that exclude the point, a tuple."""
        return tuple(result.name for result in self.constraints() if result.excluded)

    def summary(self):
        """Name -> Quantity or text, for the screen and for storage."""
        return summarise(self)

    @property
    def _points(self):
        """Couplings as arrays of one point."""
        one = self.neutrinos.couplings()
        return Couplings(one.masses[np.newaxis], one.lepton[np.newaxis], one.dark[np.newaxis])

    @cached_property
    def _solved(self):
        return follow(self._points, np.array([self.reheating_temperature.to_value("GeV")]), self.choices)

    @property
    def _scale(self):
        return float(rescaling(baryon_yield(self.b_minus_l))) if self.asymmetries == "rescaled" else 1.0
