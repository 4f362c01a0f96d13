r"""Annihilation of L' anti-L' to quarks through a pseudoscalar in the s-channel, close to its pole or on it.

.. math:: i\lambda\,\phi\,\bar L'\gamma_5 L' + \sum_q i\lambda' y_q\,\frac{m_\phi}{m_h}\,\phi\,\bar q\gamma_5 q

Hardy, Lasenby & Unwin (2014), Eq. (3.3). Averages at freeze-out, in a halo today and at rest differ by orders of
magnitude here: an annihilation just above threshold is on the pole in the early universe and off it today.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import k1e, kve

from cosmology import units
from cosmology.errors import InputError
from cosmology.particle_input import PERTURBATIVE_COUPLING, checked_coupling, checked_positive

HIGGS_VEV = 246.22
"""Vacuum expectation value of the Higgs field [GeV]: Particle Data Group 2022, from the Fermi constant."""

HIGGS_MASS = 125.25
"""Higgs mass [GeV]: Particle Data Group 2022, 125.25(17)."""

QUARK_MASSES = units.quantity([f"{mass} GeV" for mass in (2.2e-3, 4.7e-3, 0.095, 1.27, 4.18, 172.7)], "mass")
"""Quantity : u, d, s, c, b (MS-bar at 2 GeV, or at their own mass) and t (pole): Particle Data Group, rounded."""

WIDTHS = ("fixed", "running")
"""tuple : what stands for m_phi Gamma away from the pole: its value on the pole, or that at each s."""

YUKAWAS = {"sqrt2_mass_over_vev": np.sqrt(2.0), "mass_over_vev": 1.0}
"""dict : what y_q means, which the paper leaves open, -> y_q v/m_q."""

_COLOURS = 3
_PANEL_NODES = 10
_PANELS_PER_DECADE = 3
_LARGEST_EXPONENT = 50.0


@dataclass(frozen=True, eq=False)
class PseudoscalarResonance:
    r"""Annihilation through a pseudoscalar, at one coupling or at many.

    .. math:: \sigma v = \frac{\lambda^2 s\sum_q 3 g_q^2\sqrt{1-4m_q^2/s}}
                              {8\pi\left[(s-m_\phi^2)^2 + m_\phi^2\Gamma^2\right]}, \qquad
              \Gamma = \frac{m_\phi}{8\pi}\Big[\sum_q 3 g_q^2\beta_q + \lambda^2\beta_{L'}\Big], \qquad
              g_q = \lambda' y_q\frac{m_\phi}{m_h},

    with v the relative speed in the centre of mass, and :math:`\beta = \sqrt{1-4m^2/m_\phi^2}` for channels that are
    open. Our calculation for Eq. (3.3) of Hardy, Lasenby & Unwin (2014), who print none. Quark masses do not run;
    give them at the scale wanted.

    Parameters
    ----------
    mass, mediator_mass : Quantity [mass]
        Of L' and phi.
    coupling : float or 1-d array
        :math:`\lambda`, up to :math:`\sqrt{4\pi}`. With an array every result has one more axis in front.
    quark_coupling : float
        :math:`\lambda'`.
    yukawa : str
        ``"sqrt2_mass_over_vev"``, :math:`y_q = \sqrt2 m_q/v`, or ``"mass_over_vev"``, :math:`y_q = m_q/v`.
    quark_masses : Quantity [mass], 1-d
    width_law : str
        ``"fixed"``: :math:`m_\phi\Gamma` everywhere. ``"running"``: :math:`\frac{s}{8\pi}[\sum_q 3g_q^2\beta_q(s) +
        \lambda^2\beta_{L'}(s)]`, the absorptive part of the self-energy, which is the same on the pole. Below twice the
        mass of L' it adds the channel that is open to annihilation though closed to the decay of phi.
    other_masses : sequence of Quantity [mass]
        Further Dirac fermions that couple as L' does (B'), which add to the width.

    Raises
    ------
    InputError
        A mass or coupling out of range.

    Notes
    -----
    Averages take L' to have the temperature of the bath. Close to a pole it may decouple kinetically before it freezes
    out, which moves the relic abundance by up to a factor of ten (Binder et al. 2021, arXiv:2103.01944).
    """

    mass: units.Quantity
    mediator_mass: units.Quantity
    coupling: object
    quark_coupling: float
    yukawa: str = "sqrt2_mass_over_vev"
    quark_masses: units.Quantity = QUARK_MASSES
    width_law: str = "fixed"
    other_masses: tuple = ()

    def __post_init__(self):
        if self.yukawa not in YUKAWAS:
            raise InputError(f"yukawa = {self.yukawa!r}; choose one of {', '.join(map(repr, YUKAWAS))}")
        if self.width_law not in WIDTHS:
            raise InputError(f"width_law = {self.width_law!r}; choose one of {', '.join(map(repr, WIDTHS))}")
        mass = checked_positive(self.mass, "mass", "mass")
        mediator = checked_positive(self.mediator_mass, "mass", "mediator_mass")
        if np.ndim(mass) or np.ndim(mediator):
            raise InputError("mass and mediator_mass are single masses here; make one resonance per pair")
        coupling = np.array(checked_coupling(self.coupling, "coupling"))
        if coupling.ndim > 1:
            raise InputError(f"coupling has {coupling.ndim} axes; a number or a list is needed")
        quarks = np.atleast_1d(checked_positive(self.quark_masses, "mass", "quark_masses"))
        strengths = checked_coupling(self.quark_coupling, "quark_coupling") * YUKAWAS[self.yukawa] * quarks / HIGGS_VEV
        strengths = strengths * mediator / HIGGS_MASS
        others = (checked_positive(other, "mass", "other_masses") for other in self.other_masses)
        dark = np.array([mass, *others])
        visible = np.sum(_COLOURS * strengths**2 * _beta(quarks, mediator**2))
        invisible = coupling**2 * np.sum(_beta(dark, mediator**2))
        fields = {
            "mass": units.attach(mass, "mass"),
            "mediator_mass": units.attach(mediator, "mass"),
            "_m": mass,
            "_pole": mediator,
            "_lambda": coupling,
            "_quarks": quarks,
            "_dark": dark,
            "_strengths": strengths,
            "_gamma": mediator / (8 * np.pi) * (visible + invisible),
            "_visible": visible,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def width(self):
        """Width of phi, Quantity [width] of the shape of the coupling."""
        return units.attach(self._gamma, "width")

    @property
    def quark_share(self):
        """Branching ratio of phi to quarks, float or ndarray."""
        return self._visible * self._pole / (8 * np.pi) / self._gamma

    @property
    def quark_strengths(self):
        """Couplings g_q of phi to the quarks, ndarray."""
        return self._strengths.copy()

    def sigma_v(self, speed):
        """Cross-section times relative speed, both in the centre of mass, Quantity [sigma_v].

        Parameters
        ----------
        speed : Quantity [speed], any shape
            Up to twice the speed of light (exclusive): two particles of opposite velocity.
        """
        half = 0.5 * np.asarray(units.to_internal(speed, "speed", "speed"))
        if np.any((half < 0) | (half >= 1)):
            raise InputError(f"speed = {speed}; a relative speed in the centre of mass lies between 0 and 2 c")
        square = half**2
        return units.attach(self._sigma_v(square / (1 - square)), "sigma_v")

    def at_rest(self):
        """Cross-section times speed of slow particles (at recombination), Quantity [sigma_v], the coupling's shape."""
        return units.attach(self._sigma_v(np.array(0.0)), "sigma_v")

    def thermal(self, x):
        r"""Thermal average at x = mass/temperature.

        .. math:: \langle\sigma v\rangle = 2x\int_0^\infty\mathrm d\epsilon\,\sqrt\epsilon\,(1+\epsilon)\,
                  \frac{K_1(2x\sqrt{1+\epsilon})}{K_2(x)^2}\,\sigma v(\epsilon), \qquad \epsilon = s/4m^2 - 1

        Gondolo & Gelmini (1991), Eq. (3.8), for the speed in the centre of mass; a constant :math:`\sigma v` gives
        0.93195 of it at x = 20 for that reason. Gauss panels shrink towards the pole down to its width, on both sides,
        and towards threshold; one set of panels serves all x and all couplings.

        Parameters
        ----------
        x : float or 1-d array

        Returns
        -------
        Quantity [sigma_v], shape of the coupling followed by that of `x`
        """
        value = np.asarray(units.to_internal(x, "dimensionless", "x"))
        if value.ndim > 1 or np.any(value <= 0):
            raise InputError(f"x = {x}; a positive number or a list of them is needed")
        flat = np.atleast_1d(value)
        energy, weight = self._nodes(flat)
        root = np.sqrt(1 + energy)
        shape = weight * np.sqrt(energy) * root**2
        bessel = k1e(2 * np.multiply.outer(flat, root))
        bessel *= np.exp(np.multiply.outer(-2 * flat, energy / (1 + root)))
        # numpy's product of matrices of this size is one call to the linear algebra library
        average = self._sigma_v(energy) @ (bessel * shape).T * (2 * flat / kve(2, flat) ** 2)
        return units.attach(average.reshape(self._lambda.shape + value.shape), "sigma_v")

    def halo_average(self, dispersion):
        r"""Average in a halo, :math:`x = (c/\sigma_\mathrm{1D})^2` in `thermal`.

        Parameters
        ----------
        dispersion : Quantity [speed]
            One-dimensional velocity dispersion: 155 km/s near the Sun.

        Returns
        -------
        Quantity [sigma_v]
        """
        return self.thermal(checked_positive(dispersion, "speed", "dispersion") ** -2.0)

    def narrow_width(self, x):
        r"""`thermal` in the limit of a narrow pole above threshold, the integral of the pole alone.

        .. math:: \langle\sigma v\rangle = 2x\sqrt{\epsilon_R}(1+\epsilon_R)\frac{K_1(2x\sqrt{1+\epsilon_R})}{K_2(x)^2}
                  \,\frac{\lambda^2 m_\phi\sum_q 3g_q^2\beta_q}{32 m^2\Gamma}

        Good where the width is far below the distance to threshold and a temperature reaches the pole.

        Raises
        ------
        InputError
            The pole lies below threshold.
        """
        above = self._resonance
        if above <= 0:
            raise InputError(
                f"mediator_mass = {self.mediator_mass} is below twice the mass {self.mass}; there is no pole to "
                "sit on, so use thermal"
            )
        value = np.asarray(checked_positive(x, "dimensionless", "x"))
        root = np.sqrt(1 + above)
        bessel = k1e(2 * value * root) * np.exp(-2 * value * above / (1 + root)) / kve(2, value) ** 2
        area = self._lambda**2 * self._pole * self._visible / (32 * self._m**2 * self._gamma)
        return units.attach(np.multiply.outer(area, 2 * value * np.sqrt(above) * root**2 * bessel), "sigma_v")

    @property
    def _resonance(self):
        return (self._pole / (2 * self._m)) ** 2 - 1

    def _sigma_v(self, energy):
        """Cross-section times speed [1/GeV^2] at s = 4 m^2 (1 + energy), shape of the coupling and then of `energy`."""
        s = 4 * self._m**2 * (1 + energy)
        axes = (..., *(None,) * s.ndim)
        squares = self._lambda[axes] ** 2
        open_quarks = _COLOURS * np.tensordot(self._strengths**2, _beta(self._quarks[axes], s), 1)
        # s - m_phi^2 from the distance to the pole, which near it has more digits
        off_pole = (4 * self._m**2 * (energy - self._resonance)) ** 2
        if self.width_law == "fixed":
            absorption = (self._pole * self._gamma)[axes]
        else:
            absorption = s / (8 * np.pi) * (open_quarks + squares * np.sum(_beta(self._dark[axes], s), axis=0))
        return squares * s * open_quarks / (8 * np.pi * (off_pole + absorption**2))

    def _nodes(self, x):
        """Gauss nodes and weights in energy for all x."""
        top = (1 + 0.5 * _LARGEST_EXPONENT / np.min(x)) ** 2 - 1
        widths = self._pole * self._gamma / (4 * self._m**2)
        narrowest = np.min(widths)
        lowest = min(1e-3 / np.max(x), 0.1 * np.hypot(self._resonance, narrowest))
        edges = [[0.0, top], _shrinking(lowest, top)]
        if 0 < self._resonance < top:
            distance = _shrinking(0.2 * min(narrowest, self._resonance), max(top, 2 * self._resonance))
            edges += [[self._resonance], self._resonance - distance, self._resonance + distance]
        edges.append((self._quarks / self._m) ** 2 - 1)  # where a quark opens, as a square root
        edges = np.unique(np.clip(np.concatenate(edges), 0.0, top))
        node, weight = np.polynomial.legendre.leggauss(_PANEL_NODES)
        half = 0.5 * np.diff(edges)[:, None]
        return (edges[:-1, None] + half * (1 + node)).ravel(), (half * weight).ravel()


def coupling_intervals(ratio, lowest=1e-5, highest=PERTURBATIVE_COUPLING, points=300):
    r"""All intervals of a coupling in which a signal is at or above its limit.

    Near a pole neither annihilation nor relic abundance is monotonic in the coupling, because a broad pole dilutes
    itself: the range is scanned upwards in equal steps of the logarithm, and each crossing is refined.

    Parameters
    ----------
    ratio : callable
        Signal over limit for an array of couplings: ndarray to ndarray of positive floats.
    lowest, highest : float
        Range of couplings.
    points : int
        Steps of the scan; two crossings within one step are missed.

    Returns
    -------
    ndarray, shape (number of intervals, 2)
        Ends of each interval, ascending. An end of the range stands where the interval goes on beyond it.
    """
    if not 0 < lowest < highest:
        raise InputError(f"lowest = {lowest}, highest = {highest}; two couplings with 0 < lowest < highest are needed")
    if isinstance(points, bool) or not isinstance(points, (int, np.integer)) or points < 2:
        raise InputError(f"points = {points!r}; a whole number of at least 2 is needed")
    grid = np.geomspace(lowest, highest, points)
    values = np.log(np.asarray(ratio(grid), dtype=float))
    if values.shape != grid.shape or np.any(np.isnan(values)):
        raise InputError("ratio has to give one positive number per coupling")
    above = values >= 0
    ends = [grid[0]] if above[0] else []
    for i in np.flatnonzero(above[:-1] != above[1:]):
        root = brentq(lambda t: np.log(ratio(np.exp([t]))[0]), *np.log(grid[i : i + 2]), xtol=1e-7)
        ends.append(np.exp(root))
    ends += [grid[-1]] if above[-1] else []
    return np.array(ends, dtype=float).reshape(-1, 2)


def _shrinking(lowest, highest):
    """Edges from `lowest` to `highest` in equal ratios."""
    return np.geomspace(lowest, highest, max(2, int(np.ceil(_PANELS_PER_DECADE * np.log10(highest / lowest))) + 1))


def _beta(mass, s):
    """Speed of each of a pair of particles at squared energy s; zero below threshold."""
    return np.sqrt(np.maximum(0.0, 1 - 4 * mass**2 / s))
