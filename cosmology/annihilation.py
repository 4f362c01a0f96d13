r"""Annihilation of daughters with their antiparticles to a pair of hidden vectors, with and without Sommerfeld factor.

Each object offers ``sigma_v(speed)``, a cross-section times relative speed, and ``thermal(x)``, its thermal average at
x = mass/temperature, which is all that a freeze-out calculation asks for. Both are for one particle and one
antiparticle of a Dirac fermion. Speeds are relative ones.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.particle_input import PERTURBATIVE_COUPLING, checked_coupling, checked_positive

MUON_MASS = 0.1056583755
"""Muon mass [GeV]: Particle Data Group 2022."""

FINE_STRUCTURE = 7.2973525643e-3
"""Fine-structure constant at zero momentum: CODATA 2022."""

_SPEED_NODES = 32
_LONGEST_TAIL = 45.0


@dataclass(frozen=True)
class VectorPairAnnihilation:
    r"""Annihilation L' anti-L' -> V V at tree level, s-wave.

    .. math:: \sigma v = \frac{\lambda^4}{16\pi m^2}\,\frac{(1-m_V^2/m^2)^{3/2}}{(1-m_V^2/2m^2)^2}

    for the coupling :math:`\lambda\,\bar L'\gamma^\mu L' V_\mu` of Hardy, Lasenby & Unwin (2014), Eq. (3.2),
    who print no cross-section; ours is the textbook one, :math:`\pi\alpha^2/m^2` for a light V, with
    :math:`\alpha=\lambda^2/4\pi`. Corrections are of relative order v^2, and large within v^2 of the threshold.

    Parameters
    ----------
    mass, mediator_mass : Quantity [mass]
        Of L', and of V, which is lighter.
    coupling : float
        :math:`\lambda`, up to :math:`\sqrt{4\pi}` (:math:`\alpha = 1`).

    Raises
    ------
    InputError
        V too heavy for the annihilation, or a coupling out of range.
    """

    mass: units.Quantity
    mediator_mass: units.Quantity
    coupling: float

    def __post_init__(self):
        mass, mediator = _checked_pair(self.mass, self.mediator_mass)
        coupling = checked_coupling(self.coupling, "coupling")
        if np.ndim(mass) or np.ndim(mediator) or np.ndim(coupling):
            raise InputError("one mass, mediator mass and coupling are needed here; make one annihilation per set")
        object.__setattr__(self, "mass", units.attach(mass, "mass"))
        object.__setattr__(self, "mediator_mass", units.attach(mediator, "mass"))
        object.__setattr__(self, "_mass", mass)
        object.__setattr__(self, "_mediator", mediator)
        object.__setattr__(self, "_alpha", coupling**2 / (4 * np.pi))
        object.__setattr__(self, "_sigma_v", coupling**4 * _per_coupling(mass, mediator))

    def sigma_v(self, speed):
        """Cross-section times relative speed, Quantity [sigma_v] of the shape of `speed` (Quantity [speed])."""
        return units.attach(np.full(np.shape(_checked_speed(speed)), self._sigma_v), "sigma_v")

    def thermal(self, x):
        """Thermal average at x = mass/temperature, Quantity [sigma_v] of the shape of `x`: the same for every x."""
        return units.attach(np.full(np.shape(_checked_x(x)), self._sigma_v), "sigma_v")


@dataclass(frozen=True)
class SommerfeldAnnihilation:
    r"""The same annihilation with the attraction of the pair before it meets, in the Hulthen approximation.

    ``sigma_v(v) = S(v)`` times the tree-level one, with S from `hulthen_sommerfeld`; ``thermal`` averages over

    .. math:: f(v)\,\mathrm dv = \left(\frac{x}{4\pi}\right)^{3/2} 4\pi v^2 e^{-x v^2/4}\,\mathrm dv,

    the relative speeds of non-relativistic particles. Only pairs of opposite sign attract: L' anti-L', not L' L'.

    Parameters
    ----------
    tree : VectorPairAnnihilation
    """

    tree: VectorPairAnnihilation

    def sigma_v(self, speed):
        """Cross-section times relative speed, Quantity [sigma_v] of the shape of `speed` (Quantity [speed])."""
        v = _checked_speed(speed)
        return units.attach(self.tree._sigma_v * self._factor(v), "sigma_v")

    def thermal(self, x):
        """Thermal average at x = mass/temperature, Quantity [sigma_v] of the shape of `x`."""
        x = np.asarray(_checked_x(x))
        # u = v sqrt(x)/2 has the weight (4/sqrt(pi)) u^2 e^(-u^2); panels that shrink towards u = 0 follow a resonance
        edges = np.concatenate([[0.0], np.geomspace(1e-6, np.sqrt(_LONGEST_TAIL), 31)])
        node, weight = np.polynomial.legendre.leggauss(_SPEED_NODES)
        half = 0.5 * np.diff(edges)[:, None]
        u = (edges[:-1, None] + half * (1 + node)).ravel()
        weight = (half * weight).ravel() * 4 / np.sqrt(np.pi) * u**2 * np.exp(-(u**2))
        speeds = np.multiply.outer(2 / np.sqrt(x), u)
        return units.attach(self.tree._sigma_v * np.sum(weight * self._factor(speeds), axis=-1), "sigma_v")

    def _factor(self, v):
        return _hulthen(v, self.tree._alpha, self.tree._mediator / self.tree._mass)


def vector_coupling(sigma_v, mass, mediator_mass):
    r"""Coupling :math:`\lambda` that gives the tree-level annihilation cross-section asked for.

    The inverse of `VectorPairAnnihilation`: :math:`\lambda = (\sigma v / \sigma v|_{\lambda=1})^{1/4}`.

    Parameters
    ----------
    sigma_v : Quantity [sigma_v], any shape
    mass, mediator_mass : Quantity [mass]

    Returns
    -------
    float or ndarray

    Raises
    ------
    InputError
        The coupling is above :math:`\sqrt{4\pi}`.
    """
    wanted = checked_positive(sigma_v, "sigma_v", "sigma_v")
    reach = perturbative_sigma_v(mass, mediator_mass)
    coupling = (wanted / _per_coupling(*_checked_pair(mass, mediator_mass))) ** 0.25
    if np.any(np.asarray(coupling) > PERTURBATIVE_COUPLING):
        raise InputError(
            f"sigma_v = {sigma_v} needs a coupling of {np.max(coupling):.4g}, above sqrt(4 pi) = "
            f"{PERTURBATIVE_COUPLING:.4g}; at these masses up to {reach:.4g} is within perturbation theory"
        )
    return coupling


def perturbative_sigma_v(mass, mediator_mass="0 GeV"):
    r"""Largest tree-level cross-section times speed, at :math:`\lambda = \sqrt{4\pi}`, Quantity [sigma_v].

    :math:`\pi/m^2` for a light mediator: 3.67e-19 cm^3/s at 10 GeV.
    """
    return units.attach(PERTURBATIVE_COUPLING**4 * _per_coupling(*_checked_pair(mass, mediator_mass)), "sigma_v")


def unitarity_cross_section(mass, speed):
    r"""Largest inelastic s-wave cross-section, :math:`\pi/k^2 = 4\pi/(m v)^2`, Quantity [cross_section].

    Times the relative speed v it is :math:`4\pi/(m^2 v)`: 0.049 barn (times c) at 10 GeV and v = 1e-3 c.

    Parameters
    ----------
    mass : Quantity [mass]
    speed : Quantity [speed]
        Relative speed, above zero.
    """
    m, v = checked_positive(mass, "mass", "mass"), checked_positive(speed, "speed", "speed")
    return units.attach(4 * np.pi / (m * v) ** 2, "cross_section")


def hulthen_sommerfeld(speed, mass, mediator_mass, coupling):
    r"""Sommerfeld factor of an s-wave in the attractive Hulthen potential that stands for the Yukawa one.

    .. math:: S = \frac{\pi}{\epsilon_v}\,\frac{\sinh a}{\cosh a - \cos(2\pi\sqrt{1/b - \epsilon_v^2/b^2})},
              \quad a = \frac{2\pi\epsilon_v}{b},\quad b = \frac{\pi^2\epsilon_\phi}{6},\quad
              \epsilon_v = \frac{v}{2\alpha},\quad \epsilon_\phi = \frac{m_V}{\alpha m}

    (Cassel 2010, arXiv:0903.5307; Slatyer 2010, arXiv:0910.5713). At 10 GeV, :math:`\alpha = 0.01` and v = 7e-4 c it is
    1.52 for a mediator of 0.5 GeV and 104 for 0.05 GeV, so that it may be left out only for heavy mediators.

    Parameters
    ----------
    speed : Quantity [speed], any shape
        Relative speed, above zero.
    mass, mediator_mass : Quantity [mass]
        The mediator may be massless: the factor is then the Coulomb one.
    coupling : float
        :math:`\lambda`, with :math:`\alpha=\lambda^2/4\pi`.

    Returns
    -------
    float or ndarray, shape of `speed`
    """
    v = np.asarray(_checked_speed(speed))
    if np.any(v == 0):
        raise InputError("speed = 0; the Sommerfeld factor is for moving particles: use the speeds of a halo")
    m, mediator = checked_positive(mass, "mass", "mass"), units.to_internal(mediator_mass, "mass", "mediator_mass")
    if np.any(np.asarray(mediator) < 0):
        raise InputError(f"mediator_mass = {mediator_mass}; a mass is zero or positive")
    return _hulthen(v, checked_coupling(coupling, "coupling") ** 2 / (4 * np.pi), mediator / m)


def mediator_width(mediator_mass, kinetic_mixing):
    r"""Width of V -> mu+ mu- through kinetic mixing with the photon.

    .. math:: \Gamma_V = \frac{\alpha_\mathrm{em}\epsilon^2 m_V}{3}\sqrt{1-4r}\,(1+2r), \qquad r = m_\mu^2/m_V^2

    All that is asked of it is a decay before nucleosynthesis (about 0.1 s), and on its way through a galaxy.

    Parameters
    ----------
    mediator_mass : Quantity [mass]
        Above twice the muon's mass.
    kinetic_mixing : float
        :math:`\epsilon`, between 0 and 1.

    Returns
    -------
    Quantity [width]
    """
    mass = checked_positive(mediator_mass, "mass", "mediator_mass")
    epsilon = units.to_internal(kinetic_mixing, "dimensionless", "kinetic_mixing")
    if np.any(np.asarray(epsilon) <= 0) or np.any(np.asarray(epsilon) >= 1):
        raise InputError(f"kinetic_mixing = {kinetic_mixing}; it lies between 0 and 1")
    if np.any(np.asarray(mass) <= 2 * MUON_MASS):
        raise InputError(
            f"mediator_mass = {mediator_mass}; it decays to muons above twice their mass, {2 * MUON_MASS:.4f} GeV"
        )
    r = (MUON_MASS / mass) ** 2
    return units.attach(FINE_STRUCTURE * epsilon**2 * mass / 3 * np.sqrt(1 - 4 * r) * (1 + 2 * r), "width")


def escape_optical_depth(mass, sigma_v, speed, density, path):
    r"""Chance that an annihilation product or a kicked daughter meets a dark-matter particle on its way out.

    .. math:: \tau = \frac{\rho\,\ell}{m}\,\frac{\sigma v}{v}

    Parameters
    ----------
    mass : Quantity [mass]
    sigma_v : Quantity [sigma_v]
    speed : Quantity [speed]
    density : Quantity [energy_density]
    path : Quantity [length]

    Returns
    -------
    float or ndarray
    """
    m, rate = checked_positive(mass, "mass", "mass"), checked_positive(sigma_v, "sigma_v", "sigma_v")
    column = checked_positive(density, "energy_density", "density") * checked_positive(path, "length", "path")
    return column / m * rate / checked_positive(speed, "speed", "speed")


def _per_coupling(mass, mediator):
    """Cross-section times speed for unit coupling [1/GeV^2]."""
    r = (mediator / mass) ** 2
    return (1 - r) ** 1.5 / (1 - 0.5 * r) ** 2 / (16 * np.pi * mass**2)


def _hulthen(v, alpha, mass_ratio):
    """Sommerfeld factor; where v = 0 its limit."""
    v = np.maximum(v, 1e-14)  # below it the factor has saturated, or obeys the 1/v of a massless mediator no longer
    over_v = 2 * alpha / v
    if mass_ratio == 0:
        return np.pi * over_v / -np.expm1(-np.pi * over_v)
    # e_phi/alpha ratios: 1/b = 6 alpha m/(pi^2 m_V), a = 2 pi e_v/b
    inverse_b = 6 * alpha / (np.pi**2 * mass_ratio)
    a = np.pi * v / alpha * inverse_b
    square = inverse_b - (inverse_b / over_v) ** 2
    root = 2 * np.pi * np.sqrt(np.abs(square))
    # everything over e^a/2, so that nothing overflows; 1 - cos and cosh - 1 through half angles
    shrink = np.exp(-a)
    rise = 0.5 * -np.expm1(-2 * a)
    level = 0.5 * np.expm1(-a) ** 2
    bound = level + shrink * 2 * np.sin(0.5 * root) ** 2
    # a^2 - root^2 = 4 pi^2/b gives a - root without cancellation
    open_channel = 0.5 * np.expm1(-(4 * np.pi**2) * inverse_b / (a + root)) * np.expm1(-root - a)
    return np.pi * over_v * rise / np.where(square >= 0, bound, open_channel)


def _checked_pair(mass, mediator_mass):
    m = checked_positive(mass, "mass", "mass")
    mediator = units.to_internal(mediator_mass, "mass", "mediator_mass")
    if np.any(np.asarray(mediator) < 0) or np.any(np.asarray(mediator) >= m):
        raise InputError(
            f"mediator_mass = {mediator_mass} and mass = {mass}; annihilation to two mediators at rest needs one that "
            "is lighter than the annihilating particle (or massless)"
        )
    return m, mediator


def _checked_speed(speed):
    v = units.to_internal(speed, "speed", "speed")
    if np.any(np.asarray(v) < 0):
        raise InputError(f"speed = {speed}; a relative speed is not negative")
    return v


def _checked_x(x):
    value = units.to_internal(x, "dimensionless", "x")
    if np.any(np.asarray(value) <= 0):
        raise InputError(f"x = {x}; mass over temperature is positive")
    return value
