"""Parameters of the potential that the two sectors share, as records that refuse what has no meaning.

Bodas, Buen-Abad, Hook & Sundrum (2024), Eqs. (4) and (5); defaults are the benchmark of the paper.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.models import z2_confinement, z2_parent
from cosmology.models.z2_hadrons import PIONS
from cosmology.models.z2_inputs import DOWN_YUKAWA, HIGGS_MASS, UP_YUKAWA
from cosmology.particle_input import PERTURBATIVE_COUPLING
from cosmology.units import Quantity

BENCHMARK_UP, BENCHMARK_DOWN = (float(part * (UP_YUKAWA + DOWN_YUKAWA)) for part in (1.5, 0.5))
"""float : y'_u and y'_d of the benchmark, about 6e-5 and 2e-5."""

_LARGEST_EPSILON = 0.1  # "eps << 1"


def _one(record, name, dimension="mass"):
    """Make an entry one positive Quantity."""
    value = units.to_internal(getattr(record, name), dimension, name)
    if np.ndim(value) or value <= 0:
        raise InputError(f"{name} = {getattr(record, name)}; one positive value is needed")
    object.__setattr__(record, name, units.quantity(getattr(record, name), dimension, name))
    return value


def _number(record, name, low=0.0, high=np.inf, zero=False):
    """Make an entry one float from `low` to `high`; the end `low` itself belongs to it only if `zero`."""
    value = units.to_internal(getattr(record, name), "dimensionless", name)
    if np.ndim(value) or not (low <= value if zero else low < value) or value > high:
        end = "" if np.isinf(high) else f" and at most {high:.4g}"
        raise InputError(
            f"{name} = {getattr(record, name)}; one number {'from' if zero else 'above'} {low:g} on{end} is needed"
        )
    object.__setattr__(record, name, float(value))


@dataclass(frozen=True, kw_only=True)
class BaryonParent:
    r"""The Majorana fermion chi, equal in both sectors, and what it annihilates and decays through.

    .. math:: V \supset \epsilon_i\,\phi\chi u^c_i + \kappa_i\,\phi\psi u^c_i + \tfrac\alpha2\chi^2S + \beta_SS|H|^2
        + \tfrac12(m_\chi\chi^2 + m_\psi\psi^2 + m_S^2S^2)

    Parameters
    ----------
    parent_mass, heavy_mass, light_mass : Quantity [mass]
        m_chi, m_psi and m_phi: m_psi > m_chi > m_phi.
    scalar_mass, trilinear : Quantity [mass]
        m_S and beta_S.
    alpha, alpha_phase : float
        Size and phase [rad].
    annihilation : {"printed", "phase"}
        See `cosmology.models.z2_parent.annihilation`.
    sigma_v : Quantity [sigma_v], optional
        <sigma v>, s-wave, in the place of that of the couplings.
    epsilon, kappa : float
        Of the dominant flavour.
    cp_phase : float, optional
        Of epsilon kappa* [rad]. If not given, what makes the baryons observed, or pi/4, the largest, where that is not
        enough.
    decay : {"printed", "colours"}
        See `cosmology.models.z2_parent.decay_width`.
    cp_asymmetry : float, optional
        Baryons per chi, in the place of that of kappa and `cp_phase`.
    dark_cp_ratio : float
        epsilon'_CP/epsilon_CP.

    Raises
    ------
    UnitError
        A bare number, or a wrong unit.
    InputError
        Masses out of order, couplings that are not positive or too large.
    """

    parent_mass: Quantity = "3 TeV"
    heavy_mass: Quantity = "10 TeV"
    light_mass: Quantity = "1 TeV"
    scalar_mass: Quantity = "10 TeV"
    trilinear: Quantity = "100 GeV"
    alpha: float = 0.5
    alpha_phase: float = 0.0
    annihilation: str = "printed"
    sigma_v: Quantity | None = None
    epsilon: float = 5e-11
    kappa: float = 1.0
    cp_phase: float | None = None
    decay: str = "printed"
    cp_asymmetry: float | None = None
    dark_cp_ratio: float = 1.0

    def __post_init__(self):
        chi, psi, phi, scalar, _ = (
            _one(self, name) for name in ("parent_mass", "heavy_mass", "light_mass", "scalar_mass", "trilinear")
        )
        if not psi > chi > phi:
            raise InputError(
                f"parent_mass = {self.parent_mass}, heavy_mass = {self.heavy_mass}, light_mass = {self.light_mass}; "
                "the decays need heavy_mass > parent_mass > light_mass"
            )
        for name in ("alpha", "kappa"):
            _number(self, name, high=PERTURBATIVE_COUPLING)
        _number(self, "epsilon", high=_LARGEST_EPSILON)
        _number(self, "alpha_phase", low=-np.inf)
        _number(self, "dark_cp_ratio")
        for name, allowed in (("annihilation", z2_parent.ANNIHILATION), ("decay", ("printed", "colours"))):
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} = {getattr(self, name)!r}; choose one of {', '.join(map(repr, allowed))}")
        if self.annihilation == "phase" and abs(scalar - 2 * chi) < 1e-3 * scalar:
            raise InputError(
                f"scalar_mass = {self.scalar_mass} is twice parent_mass = {self.parent_mass}: annihilation through a "
                "pole is not covered; move either"
            )
        if self.sigma_v is not None:
            _one(self, "sigma_v", "sigma_v")
        if self.cp_asymmetry is not None:
            _number(self, "cp_asymmetry", high=1.0)
            if self.cp_phase is not None:
                raise InputError(
                    f"cp_asymmetry = {self.cp_asymmetry}, cp_phase = {self.cp_phase}; each determines the baryons per "
                    "chi: give only one of them"
                )
        if self.cp_phase is not None:
            _number(self, "cp_phase", high=np.pi / 2)

    @property
    def mass(self):
        """float : m_chi [GeV]."""
        return units.to_internal(self.parent_mass, "mass")

    @property
    def strength(self):
        """Pair of float : a and b of <sigma v> = a + 6 b/x [GeV^-2]."""
        if self.sigma_v is not None:
            return units.to_internal(self.sigma_v, "sigma_v"), 0.0
        trilinear, scalar = (units.to_internal(one, "mass") for one in (self.trilinear, self.scalar_mass))
        return z2_parent.annihilation(self.alpha, self.alpha_phase, trilinear, scalar, self.mass, self.annihilation)

    @property
    def largest_asymmetry(self):
        """float : epsilon_CP of the largest phase, with the loop functions."""
        heavy = units.to_internal(self.heavy_mass, "mass")
        turned = self.epsilon * np.exp(0.25j * np.pi)
        return z2_parent.cp_asymmetry(turned, self.kappa, self.mass, heavy)

    def asymmetry(self, needed):
        """Baryons per chi, float: given, of the phase, or those needed where neither is given and the phase can."""
        if self.cp_asymmetry is not None:
            return self.cp_asymmetry
        if self.cp_phase is not None:
            return self.largest_asymmetry * float(np.sin(2 * self.cp_phase))
        return min(needed, self.largest_asymmetry)

    @property
    def width(self):
        """float : Gamma_chi [GeV]."""
        light = units.to_internal(self.light_mass, "mass")
        return z2_parent.decay_width(self.mass, self.epsilon, light, self.decay)

    def check_scale(self, scale):
        """Refuse chi that is lighter than the Higgs boson it annihilates to, in either sector; `scale` is v'/v."""
        if self.mass <= scale * HIGGS_MASS:
            raise InputError(
                f"parent_mass = {self.parent_mass}; dark parents annihilate to dark Higgs bosons of "
                f"{scale * HIGGS_MASS:.4g} GeV: make them heavier, or lower dark_vev"
            )


@dataclass(frozen=True, kw_only=True)
class DarkQuarks:
    """What makes dark hadrons: Yukawa couplings, and the scale of confinement.

    Parameters
    ----------
    up_yukawa, down_yukawa : float
        y'_u and y'_d, the former not the smaller: the dark neutron is to be the lightest dark baryon.
    electron_ratio, bottom_ratio : float
        y'_e/y_e and y'_b/y_b.
    confinement_ratio : float, optional
        Lambda'/Lambda. If not given, Eq. (33) of Bodas et al. (2024) with the next four; 5.3 if these are missing too.
    coupling_difference : float, optional
        delta, (alpha'_s - alpha_s)/alpha'_s at `uv_scale`.
    uv_scale, new_mass, confinement_scale : Quantity [energy]
        Lambda_UV, the mass of new coloured particles, and Lambda.
    pion : {"neutral", "charged"}
        Which pion's mass is rescaled.

    Raises
    ------
    InputError
        Couplings that are not positive, y'_d > y'_u, or two ways to the scale of confinement.
    """

    up_yukawa: float = BENCHMARK_UP
    down_yukawa: float = BENCHMARK_DOWN
    electron_ratio: float = 1.0
    bottom_ratio: float = 1.0
    confinement_ratio: float | None = None
    coupling_difference: float | None = None
    uv_scale: Quantity = "1e15 GeV"
    new_mass: Quantity = "1e4 GeV"
    confinement_scale: Quantity = "0.25 GeV"
    pion: str = "neutral"

    def __post_init__(self):
        for name in ("up_yukawa", "down_yukawa", "electron_ratio", "bottom_ratio"):
            _number(self, name, high=PERTURBATIVE_COUPLING if "yukawa" in name else 40.0)
        if self.down_yukawa > self.up_yukawa:
            raise InputError(
                f"down_yukawa = {self.down_yukawa:.4g} is above up_yukawa = {self.up_yukawa:.4g}; the dark matter is "
                "the dark neutron, which has to be lighter than the dark proton: exchange the two"
            )
        if self.confinement_ratio is not None and self.coupling_difference is not None:
            raise InputError(
                f"confinement_ratio = {self.confinement_ratio}, coupling_difference = {self.coupling_difference}; each "
                "determines Lambda'/Lambda: give only one of them"
            )
        if self.confinement_ratio is not None:
            _number(self, "confinement_ratio", high=1e3)
        elif self.coupling_difference is not None:
            _number(self, "coupling_difference", low=-1.0, high=0.5, zero=True)
        else:
            object.__setattr__(self, "confinement_ratio", 5.3)
        uv, new, low = (_one(self, name, "energy") for name in ("uv_scale", "new_mass", "confinement_scale"))
        if not uv > new > low:
            raise InputError(
                f"uv_scale = {self.uv_scale}, new_mass = {self.new_mass}, confinement_scale = "
                f"{self.confinement_scale}; they fall in this order"
            )
        if self.pion not in PIONS:
            raise InputError(f"pion = {self.pion!r}; choose one of {', '.join(map(repr, PIONS))}")

    def ratio(self, scale):
        """Lambda'/Lambda, float, for v'/v."""
        if self.confinement_ratio is not None:
            return self.confinement_ratio
        uv, new, low = (
            units.to_internal(one, "energy") for one in (self.uv_scale, self.new_mass, self.confinement_scale)
        )
        slope = z2_confinement.sensitivity(uv, new, low)
        heavy = z2_confinement.VEV * scale * self.bottom_ratio ** (1 / 3)
        return float(z2_confinement.confinement_ratio(self.coupling_difference, heavy, slope))


@dataclass(frozen=True, kw_only=True)
class Links:
    """Further links between the sectors; none unless given.

    Parameters
    ----------
    portal : float
        lambda of lambda |H|^2 |H'|^2.
    gauge_coupling : float, optional
        g of a gauge boson of both sectors, such as that of B - L.
    gauge_mass : Quantity [mass], optional
        Its mass M, with `gauge_coupling`.

    Raises
    ------
    InputError
        Negative couplings, or half of a gauge boson.
    """

    portal: float = 0.0
    gauge_coupling: float | None = None
    gauge_mass: Quantity | None = None

    def __post_init__(self):
        _number(self, "portal", high=PERTURBATIVE_COUPLING**2, zero=True)
        if (self.gauge_coupling is None) != (self.gauge_mass is None):
            raise InputError(
                f"gauge_coupling = {self.gauge_coupling}, gauge_mass = {self.gauge_mass}; a shared gauge boson needs "
                "both"
            )
        if self.gauge_coupling is not None:
            _number(self, "gauge_coupling", high=PERTURBATIVE_COUPLING)
            _one(self, "gauge_mass")
