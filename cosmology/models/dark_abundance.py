r"""Masses, asymmetries and symmetric remainders of B' and L', so that together they are the dark matter.

The density :math:`\Omega_\mathrm{DM}` fixes one number of (2.1) of Hardy, Lasenby & Unwin (2014), arXiv:1402.4500:
the mass where the asymmetries are given (`FromAsymmetries`), or the asymmetries where the mass is (`FromMass`).
Particles that annihilation has left over count in both.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from cosmology import constants, relic, shares, units
from cosmology.asymmetric_freeze_out import FixedAbundance, FixedAsymmetry, freeze_out
from cosmology.degrees_of_freedom import degrees_of_freedom
from cosmology.errors import InputError
from cosmology.units import Quantity

_MOST_HALVINGS = 60


@dataclass(frozen=True)
class Species:
    """One species with its antiparticles, before decays.

    Attributes
    ----------
    mass : Quantity [mass]
    asymmetry : float
        Y+ - Y-, not negative: the more abundant one is the particle.
    particle_yield, antiparticle_yield : float
        Y+, Y-.
    """

    mass: Quantity
    asymmetry: float
    particle_yield: float
    antiparticle_yield: float

    @property
    def ratio(self):
        """float : r = Y-/Y+."""
        return self.antiparticle_yield / self.particle_yield

    @property
    def total_yield(self):
        """float : Y+ + Y-."""
        return self.particle_yield + self.antiparticle_yield

    @property
    def omega_h2(self):
        """float : density today, were it stable."""
        return relic.omega_h2(self.mass, self.total_yield)


@dataclass(frozen=True)
class DarkAbundance:
    """B' and L' before decays.

    Attributes
    ----------
    parent, daughter : Species
    g_star : str
        Degrees of freedom of the freeze-out.
    sign : int
        1 or -1, that of both asymmetries.
    """

    parent: Species
    daughter: Species
    g_star: str
    sign: int = 1

    @property
    def omega_h2(self):
        """float : density of both."""
        return self.parent.omega_h2 + self.daughter.omega_h2

    @property
    def parent_share(self):
        """float : f_B, share of B' in the mass."""
        return self.parent.omega_h2 / self.omega_h2

    @property
    def symmetric_share(self):
        """float : share of the mass in antiparticles and as many particles, which annihilation has left."""
        rest = sum(2 * relic.omega_h2(one.mass, one.antiparticle_yield) for one in (self.parent, self.daughter))
        return rest / self.omega_h2


@dataclass(frozen=True)
class FromAsymmetries:
    r"""Asymmetries given; the mass follows from :math:`\sum_i m_i A_i(1+r_i)/(1-r_i)`, the density.

    For small r this is :math:`m_{B'}\eta_{B'} + m_{L'}\eta_{L'} = (\Omega_\mathrm{DM}/\Omega_b)m_p\eta_B`, which
    `cosmology.shares.masses_and_shares` solves.

    Parameters
    ----------
    parent_ratio, daughter_ratio : float
        eta_B'/eta_B and eta_L'/eta_B, of the same sign, neither zero. `per_entropy` takes (n - nbar)/s.
    """

    parent_ratio: float
    daughter_ratio: float

    def __post_init__(self):
        for name in ("parent_ratio", "daughter_ratio"):
            value = units.to_internal(getattr(self, name), "dimensionless", name)
            if np.ndim(value) or value == 0:
                raise InputError(
                    f"{name} = {getattr(self, name)}; one asymmetry each is needed, not zero: without B' nothing "
                    "decays, and without L' nothing is there to annihilate with"
                )
            object.__setattr__(self, name, float(value))
        shares.masses_and_shares(self.parent_ratio, self.daughter_ratio)  # refuses opposite signs

    @classmethod
    def per_entropy(cls, parent_asymmetry, daughter_asymmetry):
        """From (n - nbar)/s of both."""
        return cls(*(np.asarray(one) / constants.BARYON_YIELD for one in (parent_asymmetry, daughter_asymmetry)))

    def settle(self, splitting, channel, omega_h2, g_star):
        """Masses and yields.

        Parameters
        ----------
        splitting : Quantity [mass]
        channel : Channel
            See `cosmology.models.dark_annihilation`.
        omega_h2 : float
            Density of all dark matter.
        g_star : str or DegreesOfFreedom

        Returns
        -------
        DarkAbundance

        Raises
        ------
        InputError
            No mass gives the density; or from the freeze-out.
        """
        ratio = omega_h2 / constants.BARYON_OMEGA_H2
        guess = shares.masses_and_shares(
            self.parent_ratio, self.daughter_ratio, splitting=splitting, omega_ratio=ratio
        ).daughter_mass
        gap, label = units.to_internal(splitting, "mass"), degrees_of_freedom(g_star).label
        parents, daughters = (abs(one) * constants.BARYON_YIELD for one in (self.parent_ratio, self.daughter_ratio))

        def abundance(log_mass):
            mass = float(np.exp(log_mass))
            masses = units.attach(mass + gap, "mass"), units.attach(mass, "mass")
            parent, daughter = (
                _of_asymmetry(one, other, asymmetry, channel, kind, g_star)
                for one, other, asymmetry, kind in (
                    (*masses, parents, channel.parent_annihilation),
                    (*masses[::-1], daughters, "same"),
                )
            )
            return DarkAbundance(parent, daughter, label, int(np.sign(self.parent_ratio)))

        def excess(log_mass):
            try:
                return np.log(abundance(log_mass).omega_h2 / omega_h2)
            except InputError as error:
                raise InputError(
                    f"parent_ratio = {self.parent_ratio}, daughter_ratio = {self.daughter_ratio}: looking for the mass "
                    f"that makes the dark matter, at {np.exp(log_mass):.4g} GeV: {error}"
                ) from error

        # the remainder only adds, so the mass is at most that of pure asymmetries; constants agree to 2e-4
        high = np.log(units.to_internal(guess, "mass")) + 1e-3
        low, step = high - 2e-3, 0.02
        for _ in range(_MOST_HALVINGS):
            if excess(low) < 0:
                return abundance(brentq(excess, low, high, xtol=1e-13))
            low, high, step = low - step, low, 1.5 * step
        raise InputError(
            f"parent_ratio = {self.parent_ratio}, daughter_ratio = {self.daughter_ratio}: at every mass annihilation "
            "leaves more than the dark matter; make it stronger"
        )


@dataclass(frozen=True)
class FromMass:
    """Mass given; each species' asymmetry follows from its share of the density, whatever annihilation left.

    Parameters
    ----------
    daughter_mass : Quantity [mass]
        m_L'.
    parents_per_daughter : float
        Number of B' and anti-B' per L' and anti-L'.
    """

    daughter_mass: Quantity
    parents_per_daughter: float = 1.0

    def __post_init__(self):
        mass = units.to_internal(self.daughter_mass, "mass", "daughter_mass")
        number = units.to_internal(self.parents_per_daughter, "dimensionless", "parents_per_daughter")
        if np.ndim(mass) or np.ndim(number) or not (mass > 0 and number > 0):
            raise InputError(
                f"daughter_mass = {self.daughter_mass}, parents_per_daughter = {self.parents_per_daughter}; one "
                "positive value each is needed"
            )
        object.__setattr__(self, "daughter_mass", units.attach(mass, "mass"))
        object.__setattr__(self, "parents_per_daughter", float(number))

    def settle(self, splitting, channel, omega_h2, g_star):
        """Masses and yields; see `FromAsymmetries.settle`.

        Annihilation too weak for the density leaves both signs equal and more than the dark matter: that is an answer,
        which the density excludes.
        """
        mass = units.to_internal(self.daughter_mass, "mass")
        masses = units.attach(mass + units.to_internal(splitting, "mass"), "mass"), self.daughter_mass
        weights = self.parents_per_daughter * units.to_internal(masses[0], "mass"), mass
        parent, daughter = (
            _of_share(one, other, weight / sum(weights), omega_h2, channel, kind, g_star)
            for one, other, weight, kind in (
                (*masses, weights[0], channel.parent_annihilation),
                (*masses[::-1], weights[1], "same"),
            )
        )
        return DarkAbundance(parent, daughter, degrees_of_freedom(g_star).label)


def _of_asymmetry(mass, other_mass, asymmetry, channel, kind, g_star):
    if kind == "complete":
        return Species(mass, asymmetry, asymmetry, 0.0)
    sigma, shape = channel.thermal(mass, other_mass)
    return _species(freeze_out(mass, sigma, FixedAsymmetry(asymmetry), shape=shape, g_star=g_star))


def _of_share(mass, other_mass, share, omega_h2, channel, kind, g_star):
    if kind == "complete":
        asymmetry = relic.total_yield(mass, share=share, omega_h2=omega_h2)
        return Species(mass, asymmetry, asymmetry, 0.0)
    sigma, shape = channel.thermal(mass, other_mass)
    symmetric = freeze_out(mass, sigma, FixedAsymmetry(0.0), shape=shape, g_star=g_star)
    if symmetric.omega_h2 >= share * omega_h2:
        return _species(symmetric)
    return _species(freeze_out(mass, sigma, FixedAbundance(share, omega_h2), shape=shape, g_star=g_star))


def _species(relic_):
    return Species(relic_.mass, relic_.asymmetry, relic_.particle_yield, relic_.antiparticle_yield)
