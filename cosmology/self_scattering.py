r"""Elastic scattering of daughters and parents through a light vector: transfer cross-sections of a Yukawa potential.

Particles of the same sign (L' L', B' L', B' B') repel, L' and anti-L' attract. While few parents have decayed, almost
all scattering is repulsive, and a repulsive Yukawa potential has no resonances.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import loggamma

from cosmology import units
from cosmology.errors import InputError
from cosmology.partial_waves import ATTRACTIVE, REPULSIVE, born_transfer, partial_wave_transfer
from cosmology.particle_input import checked_coupling, checked_positive
from cosmology.semiclassical_phases import semiclassical_transfer

FORCES = {"attractive": ATTRACTIVE, "repulsive": REPULSIVE}
"""dict : kind of force by name -> sign of the potential in `cosmology.partial_waves`."""

HULTHEN_RANGE = 1.6
"""Factor between the ranges of Yukawa and Hulthen potentials (Tulin, Yu & Zurek 2013, arXiv:1302.3898)."""

_BORN_ERROR = 1e-6
_BORN_SOMMERFELD = 1e-3
_EXACT_BELOW, _SEMICLASSICAL_ABOVE = 20.0, 40.0


@dataclass(frozen=True)
class YukawaScattering:
    r"""Scattering of two particles of one mass in :math:`V(r) = \mp\frac{\alpha}{r}e^{-m_V r}`.

    All cross-sections are transfer cross-sections, :math:`\sigma_T = \int\mathrm d\Omega\,(1-\cos\theta)\,
    \mathrm d\sigma/\mathrm d\Omega`, of distinguishable particles. `transfer` is the one to use; the other methods are
    the textbook approximations, each in its own range, with jumps of up to a factor of two where their ranges meet.

    Parameters
    ----------
    mass, mediator_mass : Quantity [mass]
    coupling : float
        :math:`\lambda`, up to :math:`\sqrt{4\pi}`; :math:`\alpha = \lambda^2/4\pi`.
    force : str
        ``"repulsive"`` or ``"attractive"``.

    Raises
    ------
    InputError
        Masses that are not positive, a coupling out of range, or another kind of force.
    """

    mass: units.Quantity
    mediator_mass: units.Quantity
    coupling: float
    force: str

    def __post_init__(self):
        for name in ("mass", "mediator_mass"):
            value = checked_positive(getattr(self, name), "mass", name)
            if np.ndim(value):
                raise InputError(f"{name} = {getattr(self, name)} is a list; make one potential per mass")
            object.__setattr__(self, name, units.attach(value, "mass"))
        object.__setattr__(self, "coupling", float(checked_coupling(self.coupling, "coupling")))
        if self.force not in FORCES:
            raise InputError(f"force = {self.force!r}; choose one of {', '.join(map(repr, FORCES))}")

    @classmethod
    def from_alpha(cls, mass, mediator_mass, alpha, force):
        r"""From :math:`\alpha = \lambda^2/4\pi`, above 0 and up to 1."""
        return cls(mass, mediator_mass, np.sqrt(4 * np.pi * checked_positive(alpha, "dimensionless", "alpha")), force)

    @property
    def alpha(self):
        r"""float : :math:`\lambda^2/4\pi`."""
        return self.coupling**2 / (4 * np.pi)

    @property
    def strength(self):
        r"""float : :math:`\alpha m/m_V`; perturbation theory in the potential holds far below one."""
        return self.alpha * self._mass / self._mediator

    @property
    def _mass(self):
        return units.to_internal(self.mass, "mass")

    @property
    def _mediator(self):
        return units.to_internal(self.mediator_mass, "mass")

    def wave_number(self, speed):
        r"""Wave number over the mediator's mass, :math:`\kappa = m v/2m_V`, float or ndarray."""
        v = checked_positive(speed, "speed", "speed")
        if np.any(np.asarray(v) > 1):
            raise InputError(f"speed = {speed}; relative speeds lie below that of light, and formulae hold far below")
        return 0.5 * self._mass * v / self._mediator

    def transfer(self, speed):
        r"""Transfer cross-section for any strength and speed, without jumps.

        The sum over partial waves with exact phases wherever :math:`\kappa = m v/2m_V < 20`, with semi-classical phases
        (`cosmology.semiclassical_phases`) above 40, and between the two their mean with a weight that goes smoothly
        from one to the other in :math:`\ln\kappa`. They differ there by less than 1e-3, but for attractive strengths
        above 1e4, where orbits spiral, by up to 5 per cent. The Born formula stands in where the next order, of
        relative size :math:`(\alpha m/m_V)/\max(1, \kappa^2)` and :math:`(\alpha/v)^2`, is below 1e-6.

        Parameters
        ----------
        speed : Quantity [speed], any shape
            Relative speed, above zero.

        Returns
        -------
        Quantity [cross_section], shape of `speed`

        Raises
        ------
        InputError
            A wave number so large (about 10000) that the sum has more than 200000 terms.
        """
        return self._each(speed, self._transfer)

    def transfer_per_mass(self, speed):
        """`transfer` over the mass of one particle, Quantity [cross_section_per_mass]."""
        area = units.to_internal(self.transfer(speed), "cross_section")
        return units.attach(area / self._mass, "cross_section_per_mass")

    def method(self, speed):
        """Name of what `transfer` uses at one speed; between two of them it is their mean."""
        kappa = self.wave_number(speed)
        if self._born_holds(kappa):
            return "born"
        if kappa <= _EXACT_BELOW:
            return "partial waves"
        return "semi-classical" if kappa >= _SEMICLASSICAL_ABOVE else "partial waves and semi-classical"

    def partial_waves(self, speed):
        """Sum over partial waves with exact phases at any wave number: a second above 50, and rising as its square."""
        return self._each(speed, lambda kappa: partial_wave_transfer(kappa, self.strength, FORCES[self.force]))

    def semiclassical(self, speed):
        r"""Sum over partial waves with semi-classical phases, for :math:`\kappa` above ten."""
        return self._each(speed, lambda kappa: semiclassical_transfer(kappa, self.strength, FORCES[self.force]))

    def born(self, speed):
        r"""First order in the potential, for :math:`\alpha m/m_V \ll 1`.

        .. math:: \sigma_T = \frac{8\pi\alpha^2}{m^2v^4}\left[\ln(1+R^2) - \frac{R^2}{1+R^2}\right], \quad R = m v/m_V

        Feng, Kaplinghat & Yu (2010), arXiv:0911.0422.
        """
        area = born_transfer(self.wave_number(speed), self.strength) / self._mediator**2
        return units.attach(area, "cross_section")

    def classical(self, speed):
        r"""Fits to classical scattering, for :math:`m v/m_V \gg 1` and :math:`\alpha m/m_V > 1`.

        In :math:`\beta = 2\alpha m_V/(m v^2)`, breaks at :math:`\beta` = 0.1 and 1000 (attractive), 1 (repulsive):
        Khrapak et al. (2003, 2004) in the form of Tulin, Yu & Zurek (2013), arXiv:1302.3898, Eqs. (7) and (8).
        """
        kappa = self.wave_number(speed)
        beta = np.asarray(0.5 * self.strength / kappa**2)
        fit = _classical_attractive if self.force == "attractive" else _classical_repulsive
        return units.attach(np.pi * fit(beta) / self._mediator**2, "cross_section")

    def hulthen(self, speed):
        r"""S-wave in a Hulthen potential, for :math:`m v/m_V \lesssim 1`.

        .. math:: \sigma_T = \frac{16\pi}{m^2v^2}\sin^2\delta_0, \qquad
                  \delta_0 = \arg\frac{i\,\Gamma(\lambda_+ + \lambda_- - 2)}{\Gamma(\lambda_+)\Gamma(\lambda_-)}

        Tulin, Yu & Zurek (2013), arXiv:1302.3898, Eqs. (9) and (10). Off resonance it is low by up to a factor of
        two; its resonances lie at :math:`\alpha m/m_V = 1.6 n^2` where the Yukawa potential's begin at 1.680.
        """
        kappa = self.wave_number(speed)
        p = np.asarray(kappa / HULTHEN_RANGE)
        ratio = self.strength / HULTHEN_RANGE
        if self.force == "attractive":
            root = np.sqrt(ratio - p**2 + 0j)
        else:
            root = 1j * np.sqrt(ratio + p**2)
        phase = loggamma(2j * p) - loggamma(1 + 1j * p + root) - loggamma(1 + 1j * p - root)
        sine = np.sin(0.5 * np.pi + np.imag(phase))
        return units.attach(4 * np.pi * sine**2 / (kappa * self._mediator) ** 2, "cross_section")

    def _each(self, speed, function):
        kappa = np.asarray(self.wave_number(speed))
        areas = np.array([function(float(k)) for k in kappa.ravel()]).reshape(kappa.shape)
        return units.attach(areas / self._mediator**2, "cross_section")

    def _born_holds(self, kappa):
        weak = self.strength < _BORN_ERROR * max(1.0, kappa**2)
        return weak and self.strength < 2 * _BORN_SOMMERFELD * kappa

    def _transfer(self, kappa):
        sign = FORCES[self.force]
        if self._born_holds(kappa):
            return float(born_transfer(kappa, self.strength))
        if kappa <= _EXACT_BELOW:
            return partial_wave_transfer(kappa, self.strength, sign)
        if kappa >= _SEMICLASSICAL_ABOVE:
            return semiclassical_transfer(kappa, self.strength, sign)
        share = np.log(kappa / _EXACT_BELOW) / np.log(_SEMICLASSICAL_ABOVE / _EXACT_BELOW)
        weight = share**2 * (3 - 2 * share)
        exact = partial_wave_transfer(kappa, self.strength, sign)
        return (1 - weight) * exact + weight * semiclassical_transfer(kappa, self.strength, sign)


def limiting_mediator_masses(mass, coupling, force, limit, speed, lowest, highest, points=120):
    r"""Every mediator mass at which :math:`\sigma_T/m` crosses a limit, from light to heavy.

    Found by a scan in equal steps of the logarithm, each crossing refined. Repulsive scattering crosses once: lighter
    mediators are excluded. Attractive scattering may cross many times, at its resonances; those narrower than a step
    are missed.

    Parameters
    ----------
    mass : Quantity [mass]
    coupling : float
        :math:`\lambda`.
    force : str
        ``"repulsive"`` or ``"attractive"``.
    limit : Quantity [cross_section_per_mass]
        1 cm^2/g, say; at 10 GeV that is 17.8 barn.
    speed : Quantity [speed]
        Relative speed to which the limit belongs: about 30 km/s in dwarf galaxies, 220 in ours, 1000 in clusters.
    lowest, highest : Quantity [mass]
        Range of mediator masses.
    points : int
        Steps of the scan.

    Returns
    -------
    Quantity [mass], ascending, empty if there is none

    Notes
    -----
    At 10 GeV, 30 km/s and the couplings at which gamma rays set limits (0.424 and 2.39), 0.1 cm^2/g is crossed at 61
    and 158 MeV (57 and 137 MeV with `YukawaScattering.hulthen`): Hardy, Lasenby & Unwin (2014), Sect. 3.2, say 500 MeV
    and 1 GeV.
    """
    low, high = (checked_positive(value, "mass", name) for value, name in ((lowest, "lowest"), (highest, "highest")))
    if not low < high:
        raise InputError(f"lowest = {lowest} and highest = {highest}; the first has to be below the second")
    wanted = checked_positive(limit, "cross_section_per_mass", "limit")

    def excess(log_mediator):
        potential = YukawaScattering(mass, units.attach(np.exp(log_mediator), "mass"), coupling, force)
        return np.log(units.to_internal(potential.transfer_per_mass(speed), "cross_section_per_mass") / wanted)

    grid = np.linspace(np.log(low), np.log(high), points)
    values = np.array([excess(log_mediator) for log_mediator in grid])
    turns = np.flatnonzero(np.sign(values[:-1]) != np.sign(values[1:]))
    roots = [np.exp(brentq(excess, grid[i], grid[i + 1], xtol=1e-8)) for i in turns]
    return units.attach(roots, "mass")


def _classical_attractive(beta):
    weak = 4 * beta**2 * np.log1p(1 / beta)
    middle = 8 * beta**2 / (1 + 1.5 * beta**1.65)
    log = np.log(np.maximum(beta, 10.0))
    strong = (log + 1 - 0.5 / log) ** 2
    return np.where(beta < 0.1, weak, np.where(beta < 1e3, middle, strong))


def _classical_repulsive(beta):
    weak = 2 * beta**2 * np.log1p(1 / beta**2)
    log = np.log(2 * np.maximum(beta, 1.0))
    return np.where(beta < 1, weak, (log - np.log(log)) ** 2)
