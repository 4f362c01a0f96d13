r"""Regenerated asymmetric dark matter: from an operator and two couplings to lifetime, kick, abundances and limits.

Two species, B' and L', share an asymmetry; annihilation removes their antiparticles. B' is slightly heavier, and an
operator that breaks the asymmetry lets it decay late, to the antiparticle of L', which then annihilates with the L'
that were always there. Hardy, Lasenby & Unwin (2014), arXiv:1402.4500.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np

from cosmology import constants, decay_widths, units
from cosmology.asymmetric_freeze_out import FixedAbundance, required_sigma_v
from cosmology.build_up import build_up
from cosmology.degrees_of_freedom import DEFAULT, DegreesOfFreedom, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.limits import cosmic_age
from cosmology.models import regenerated_config
from cosmology.models.base import HaloAnnihilation
from cosmology.models.dark_abundance import FromAsymmetries, FromMass
from cosmology.models.dark_annihilation import Channel
from cosmology.models.early_history import EarlyHistory
from cosmology.models.hidden_decay import ContactDecay, GivenDecay
from cosmology.models.origin import FromOrigin
from cosmology.models.regenerated_limits import check_limits, statements
from cosmology.models.regenerated_summary import summarise
from cosmology.models.remaining_pairs import RemainingPairs
from cosmology.particle_input import checked_positive
from cosmology.units import Quantity
from cosmology.yields import Yields


@dataclass(frozen=True, kw_only=True)
class RegeneratedADM:
    r"""One point of the model; everything that follows from it is a property.

    ===========================  ======================================================================
    property                     Hardy, Lasenby & Unwin (2014)
    ===========================  ======================================================================
    masses, `abundance`          sum rule (2.1), with what annihilation leaves
    `width`, `lifetime`          (A.3), three bodies with exact kinematics; light limit (A.5)
    `kick`, `kick_spectrum`      (B.1) to (B.4), corrected; n = 3, k = 1
    `sigma_v`, `pair_factor`     (3.2) or (3.3); pairs as B' decays
    `self_scattering`            Yukawa potential of V, all partial waves
    `wash_out`                   (A.6) to (A.11), printed or derived condition
    `light_partners`             relic N1, N2: Delta N_eff, Omega_N
    ===========================  ======================================================================

    Parameters
    ----------
    source : FromAsymmetries, FromMass or FromOrigin
        What fixes masses and asymmetries, see `cosmology.models.dark_abundance` and `cosmology.models.origin`.
    splitting : Quantity [mass]
        m_B' - m_L'; `cosmology.mass_splitting.composite_splitting` estimates it for composite states, (4.4).
    decay : ContactDecay or GivenDecay
        See `cosmology.models.hidden_decay`.
    annihilation : VectorPairChannel, PseudoscalarChannel or ConstantAnnihilation
        See `cosmology.models.dark_annihilation`.
    early : EarlyHistory
        Temperatures of the asymmetry and of the light partners.
    halo_dispersion : Quantity [speed]
        One-dimensional velocity dispersion for <sigma v> today.
    self_scattering_limit : Quantity [cross_section_per_mass]
        Largest sigma_T/m, asked at the speeds of clusters, the Milky Way and dwarfs.
    largest_ratio : float
        r = Y-/Y+ up to which the symmetric remainder counts as removed.
    omega_h2 : float
        Density of all dark matter.
    g_star : str or DegreesOfFreedom

    Raises
    ------
    UnitError
        A bare number, or a wrong unit.
    InputError
        Values without meaning, a closed decay, a coupling above perturbation theory, temperatures at which g* is not
        known, annihilation so weak that there was no equilibrium. A point that a limit excludes is no error.
    """

    source: FromAsymmetries | FromMass | FromOrigin
    splitting: Quantity
    decay: ContactDecay | GivenDecay
    annihilation: Channel
    early: EarlyHistory = field(default_factory=EarlyHistory)
    halo_dispersion: Quantity = "155 km/s"
    self_scattering_limit: Quantity = "1 cm2/g"
    largest_ratio: float = 0.01
    omega_h2: float = constants.DARK_MATTER_OMEGA_H2
    g_star: str | DegreesOfFreedom = DEFAULT

    name: ClassVar[str] = regenerated_config.NAME

    def __post_init__(self):
        for name, allowed in (
            ("source", (FromAsymmetries, FromMass, FromOrigin)),
            ("decay", (ContactDecay, GivenDecay)),
            ("annihilation", Channel),
            ("early", EarlyHistory),
        ):
            if not isinstance(getattr(self, name), allowed):
                kinds = allowed if isinstance(allowed, tuple) else (allowed,)
                raise InputError(f"{name} = {getattr(self, name)!r}; give {' or '.join(k.__name__ for k in kinds)}")
        known = degrees_of_freedom(self.g_star)
        if units.to_internal(self.splitting, "mass", "splitting") <= 0:
            raise InputError(
                f"splitting = {self.splitting}; m_B' - m_L' is positive: B' decays to L', so it is the heavier one"
            )
        for name, dimension in (
            ("splitting", "mass"),
            ("halo_dispersion", "speed"),
            ("self_scattering_limit", "cross_section_per_mass"),
        ):
            object.__setattr__(self, name, units.attach(_one(self, name, dimension), dimension))
        for name, largest in (("largest_ratio", 1.0), ("omega_h2", np.inf)):
            value = _one(self, name, "dimensionless")
            if value > largest:
                raise InputError(f"{name} = {value}; it lies above 0 and up to {largest:g}")
            object.__setattr__(self, name, value)
        for name in ("asymmetry_temperature", "partner_decoupling"):
            if getattr(self.early, name) is not None:
                known._require(units.to_internal(getattr(self.early, name), "temperature"), name)
        abundance = self.source.settle(self.splitting, self.annihilation, self.omega_h2, self.g_star)
        object.__setattr__(self, "abundance", abundance)
        width = self.decay.width(self.parent_mass, self.daughter_mass)
        object.__setattr__(self, "width", width)

    @classmethod
    def from_config(cls, section, models=None):
        """Model from the [model] section of a run file.

        Parameters
        ----------
        section : dict
            Text with units, numbers and names, under the keys of `cosmology.models.regenerated_config.KEYS`. Under
            `origin`, in place of masses and asymmetries, the section of the model that makes them.
        models : mapping, optional
            Name -> class, of the models that `origin` may name; `cosmology.read_model` gives all there are.

        Returns
        -------
        RegeneratedADM

        Raises
        ------
        InputError
            One message that names every unknown, missing, misplaced or unreadable key, with the nearest valid one.
        """
        return cls(**regenerated_config.read(section, models))

    def to_config(self):
        """The [model] section that `from_config` turns into this model again: a dict of text, numbers and lists."""
        return regenerated_config.write(self)

    def origin(self):
        """Model that made the asymmetries, a `FromOrigin`; None if they or the mass were given."""
        return self.source if isinstance(self.source, FromOrigin) else None

    @property
    def parent_mass(self):
        """m_B', Quantity."""
        return self.abundance.parent.mass

    @property
    def daughter_mass(self):
        """m_L', Quantity."""
        return self.abundance.daughter.mass

    @property
    def lifetime(self):
        """Mean life of B', Quantity."""
        return decay_widths.lifetime(self.width)

    @cached_property
    def kick(self):
        """Law of the daughter's kick speed, a `KickLaw`."""
        return self.decay.kick(self.parent_mass, self.daughter_mass)

    @cached_property
    def kick_spectrum(self):
        """Exact kick speeds, a `cosmology.kick_spectrum.KickSpectrum`."""
        return self.decay.spectrum(self.parent_mass, self.daughter_mass)

    @cached_property
    def sigma_v(self):
        """<sigma v> today in a halo of `halo_dispersion`, of one L' with one anti-L', Quantity."""
        return self.annihilation.in_halo(self.daughter_mass, self.parent_mass, self.halo_dispersion)

    @cached_property
    def sigma_v_at_rest(self):
        """<sigma v> of particles as slow as before recombination is over, Quantity."""
        return self.annihilation.at_rest(self.daughter_mass, self.parent_mass)

    @property
    def pairs(self):
        """Pair factor as a function of Gamma t, a `RemainingPairs`."""
        parent, daughter = self.abundance.parent, self.abundance.daughter
        return RemainingPairs(
            parent.particle_yield,
            parent.antiparticle_yield,
            daughter.particle_yield,
            daughter.antiparticle_yield,
            mass_ratio=float(self.parent_mass / self.daughter_mass),
        )

    def pair_factor(self, time=None):
        """Pair factor P at a time (Quantity, today if not given); injected power is P rho^2 <sigma v>/m."""
        return self.pairs(self._steps(time))

    def kicked_share(self, time=None):
        """Share of the annihilation that has a partner from a decay, at a time (today if not given)."""
        return self.pairs.kicked_share(self._steps(time))

    def decayed_share(self, time=None):
        """Share X = 1 - exp(-t/lifetime) of the parents that has decayed by a time (today if not given)."""
        return float(-np.expm1(-self._steps(time)))

    def self_scattering(self, speed):
        """Mean transfer cross-section per mass of two dark matter particles today.

        The mean over pairs: those of the same sign repel, L' and anti-L' attract. Before many parents have decayed
        almost all repel. The parent's mass is taken to be the daughter's.

        Parameters
        ----------
        speed : Quantity [speed]
            Relative one.

        Returns
        -------
        Quantity [cross_section_per_mass] or None
            None where the channel has no known potential.
        """
        alike = self.annihilation.potential(self.daughter_mass, "repulsive")
        if alike is None:
            return None
        anti = self.pairs.antiparticle_share(self._steps(None))
        opposite = self.annihilation.potential(self.daughter_mass, "attractive")
        weight = 2 * anti * (1 - anti)
        return (1 - weight) * alike.transfer_per_mass(speed) + weight * opposite.transfer_per_mass(speed)

    @cached_property
    def wash_out(self):
        """Wash-out by the decay's operator, a `WashOut`; None if the operator is not known."""
        width = self.decay.operator_width(self.splitting)
        return None if width is None else self.early.washed_out(width, self.splitting, self.g_star)

    @cached_property
    def light_partners(self):
        """What thermal N1 and N2 leave if stable, a `LightRelic`; None for photons, or where nothing is known."""
        if self.decay.photons != "none":
            return None
        width = self.decay.operator_width(self.splitting)
        return self.early.light_partners(self.decay.partner_masses, width, self.splitting, self.g_star)

    def relic_line(self, ratio=None):
        """Strength of annihilation that would leave the ratio r = Y-/Y+ for L', at this mass and share.

        Parameters
        ----------
        ratio : float
            `largest_ratio` if not given: the relic line of Fig. 2.

        Returns
        -------
        AsymmetricRelic
            With the amplitude of <sigma v> for the shape of this channel.
        """
        shape = self.annihilation.thermal(self.daughter_mass, self.parent_mass)[1]
        closure = FixedAbundance(1 - self.abundance.parent_share, self.omega_h2)
        ratio = self.largest_ratio if ratio is None else ratio
        return required_sigma_v(self.daughter_mass, ratio, closure, shape=shape, g_star=self.g_star)

    def local_build_up(self, density, time=None):
        """Number densities at a place, with annihilation, for a density (Quantity) of all dark matter at the start.

        Returns
        -------
        LocalDensities
            At `time` (today if not given) after the start.
        """
        total = units.to_internal(density, "energy_density", "density") / units.to_internal(self.daughter_mass, "mass")
        shares = {key: units.attach(total * share, "number_density") for key, share in self.pairs.shares().items()}
        rate = units.attach(units.to_internal(self.width, "width"), "rate")
        time = cosmic_age() if time is None else time
        return build_up(
            time, rate, shares["parents"], shares["daughters"], self.sigma_v, antidaughters=shares["antidaughters"]
        )

    def constraints(self, *, dwarf_suppression=None):
        """Answers of all limits.

        Limits on annihilation are read with the pair factor of this model. Those from dwarf galaxies hold without a
        kick and are not applicable above 20 km/s, unless the suppression of J is given. For limits that know one kick
        speed it is the root of the mean square.

        Parameters
        ----------
        dwarf_suppression : float, optional
            J of the daughters over J without kick, from a calculation of halos.

        Returns
        -------
        tuple of LimitResult
        """
        return check_limits(self, dwarf_suppression)

    def excluded_by(self):
        """Names of the limits that exclude the point, a tuple."""
        return tuple(result.name for result in self.constraints() if result.excluded)

    def annotations(self):
        """Verbal statements of papers that concern the model, a tuple of `Annotation`."""
        return statements(self)

    def yields(self):
        """Outcome of the early universe, the record that all models share."""
        parent, daughter, sign = self.abundance.parent, self.abundance.daughter, self.abundance.sign
        share = self.abundance.parent_share
        return Yields(
            model=self.name,
            g_star=self.abundance.g_star,
            daughter_mass=daughter.mass,
            daughter_asymmetry=sign * daughter.asymmetry,
            daughter_share=1 - share,
            parent_mass=parent.mass,
            parent_asymmetry=sign * parent.asymmetry,
            parent_share=share,
            lifetime=self.lifetime,
            kick=self.kick,
        )

    def halo_annihilation(self):
        """Annihilation in halos today, a `HaloAnnihilation`."""
        return HaloAnnihilation(self.sigma_v, self.annihilation.depends_on_speed)

    def summary(self):
        """Name -> Quantity, or text, for the screen and for storage; what does not exist for the model is left out."""
        return summarise(self)

    def _steps(self, time):
        time = units.to_internal(cosmic_age() if time is None else time, "time", "time")
        return units.to_internal(self.width, "width") * time


def _one(model, field, dimension):
    value = checked_positive(getattr(model, field), dimension, field)
    if np.ndim(value):
        raise InputError(f"{field} = {getattr(model, field)}; one value is needed")
    return float(value)
