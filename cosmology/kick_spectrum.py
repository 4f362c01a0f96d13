r"""Speeds that decays B' -> anti-L' + partners give to L', in the rest frame of B': exact, and for light partners.

Answers are plain Quantities (speeds, densities per speed) or the pair (number of bodies, largest speed), so that a halo
calculation can take them without knowing this package.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.special import beta, betainc, betaincinv

from cosmology import units
from cosmology.decay_widths import PowerAmplitude, checked_decay
from cosmology.errors import ConvergenceError, InputError
from cosmology.phase_space import PartnerPhaseSpace

_PANEL_NODES = 20
_PANELS = 64
_MOST_MASSIVE_PARTNERS = 4
_AGREEMENT = 1e-7


def two_body_speed(parent_mass, daughter_mass, partner_mass="0 GeV"):
    r"""Speed of L' in B' -> L' X, exactly.

    .. math:: \gamma - 1 = \frac{\Delta m^2 - m_X^2}{2 m_{B'} m_{L'}}

    Hardy, Lasenby & Unwin (2014), Eq. (B.1) with :math:`q^2 = m_X^2`. A splitting of 2 MeV at 10 GeV gives 59.95 km/s
    and 7.2 MeV 215.8 km/s, where they print 54 and 218 km/s.

    Parameters
    ----------
    parent_mass, daughter_mass, partner_mass : Quantity [mass]

    Returns
    -------
    Quantity [speed]

    Raises
    ------
    InputError
        The decay is closed.
    """
    parent, daughter, partners = checked_decay(parent_mass, daughter_mass, (partner_mass,))
    return units.attach(_speed(_excess(parent, daughter, partners[0] ** 2)), "speed")


def slowest_shares(n_bodies, relative_speed):
    r"""Share of decays below :math:`w = v/v_\mathrm{max}` as printed in Hardy, Lasenby & Unwin (2014), App. B.

    .. math:: P(<w) = w^{2n-3}

    Wrong for n > 3: the partners' phase space :math:`(q^2)^{n-3}` is replaced there by
    :math:`(\Delta m^2 - q^2)^{n-3}`, which vanishes for slow daughters where the true one is largest. At w = 0.4 it
    gives 0.064, 0.0102 and 0.00164 for n = 3, 4, 5; right are 0.0640, 0.1446 and 0.2293 (`LightKickSpectrum`).

    Parameters
    ----------
    n_bodies : int
    relative_speed : float or ndarray
        Between 0 and 1.

    Returns
    -------
    float or ndarray
    """
    w = units.to_internal(relative_speed, "dimensionless", "relative_speed")
    if np.any((np.asarray(w) < 0) | (np.asarray(w) > 1)):
        raise InputError(f"relative_speed = {relative_speed}; it lies between 0 and 1")
    return w ** (2 * _checked_bodies(n_bodies) - 3)


@dataclass(frozen=True)
class LightKickSpectrum:
    r"""Kick speeds for n - 1 massless partners, :math:`\overline{|A|^2} \propto (q^2)^k` and a small splitting.

    .. math:: P(w) = \frac{2 w^2 (1-w^2)^{n-3+k}}{B(3/2,\,n-2+k)}, \qquad
              P(<w) = I_{w^2}(3/2,\,n-2+k), \qquad w = v/v_\mathrm{max},\quad v_\mathrm{max} = \Delta m/m_{L'}

    Our derivation from Eqs. (B.3) and (B.4) of Hardy, Lasenby & Unwin (2014), whose own result is `slowest_shares`. The
    model of their Sect. 4.1 has n = 3 and k = 1, two photons through :math:`F^2` n = 3 and k = 2. A halo
    calculation that knows phase space only may use n + k bodies and k = 0: the law is the same.

    Parameters
    ----------
    n_bodies : int
        Decay products, the daughter included; 3 or more.
    power : float
        k.
    max_speed : Quantity [speed]
        Below the speed of light.
    """

    n_bodies: int
    power: float
    max_speed: units.Quantity
    _top: float = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        top = units.to_internal(self.max_speed, "speed", "max_speed")
        if np.ndim(top) or not 0 < top < 1:
            raise InputError(f"max_speed = {self.max_speed}; one speed above 0 and below that of light is needed")
        object.__setattr__(self, "n_bodies", _checked_bodies(self.n_bodies))
        object.__setattr__(self, "power", PowerAmplitude(self.power).power)
        object.__setattr__(self, "_top", top)
        object.__setattr__(self, "max_speed", units.attach(top, "speed"))

    @classmethod
    def from_masses(cls, n_bodies, power, daughter_mass, splitting):
        r"""With the leading order :math:`v_\mathrm{max} = \Delta m/m_{L'}`, Eq. (B.2)."""
        mass = units.to_internal(daughter_mass, "mass", "daughter_mass")
        gap = units.to_internal(splitting, "energy", "splitting")
        if not (mass > 0 and gap > 0):
            raise InputError(f"daughter_mass = {daughter_mass} and splitting = {splitting}; both have to be positive")
        return cls(n_bodies, power, units.attach(gap / mass, "speed"))

    @property
    def _second(self):
        return self.n_bodies - 2 + self.power

    def pdf(self, speed):
        """Probability density per speed, Quantity [1/speed] of the shape of `speed`; zero outside the range."""
        w = units.to_internal(speed, "speed", "speed") / self._top
        inside = np.clip(w, 0.0, 1.0)
        density = 2 * inside**2 * (1 - inside**2) ** (self._second - 1) / beta(1.5, self._second) / self._top
        return np.where((w >= 0) & (w <= 1), density, 0.0) / units.attach(1.0, "speed")

    def cdf(self, speed):
        """Share of decays slower than `speed`, float or ndarray."""
        w = np.clip(np.asarray(units.to_internal(speed, "speed", "speed")) / self._top, 0.0, 1.0)
        return betainc(1.5, self._second, w**2)

    def quantile(self, share):
        """Speed below which a share of the decays lies, Quantity [speed]."""
        return units.attach(self._top * np.sqrt(betaincinv(1.5, self._second, _checked_share(share))), "speed")

    def sample(self, n, rng):
        """Random speeds from a NumPy Generator, Quantity [speed] of shape (n,)."""
        return self.quantile(rng.random(n))

    @property
    def mean_speed(self):
        """Mean speed, Quantity."""
        return units.attach(self._top * beta(2, self._second) / beta(1.5, self._second), "speed")

    @property
    def rms_speed(self):
        r"""Root of the mean square, :math:`v_\mathrm{max}\sqrt{1.5/(n - 1/2 + k)}`, Quantity [speed]."""
        return units.attach(self._top * np.sqrt(1.5 / (1.5 + self._second)), "speed")

    @property
    def slow_coefficient(self):
        r"""Limit of :math:`P(<w)/w^3` for small w, :math:`\Gamma(n - 1/2 + k)/[\Gamma(5/2)\Gamma(n - 2 + k)]`."""
        return math.gamma(1.5 + self._second) / (math.gamma(2.5) * math.gamma(self._second))


@dataclass(frozen=True)
class KickSpectrum:
    r"""Kick speeds of one decay with exact kinematics, massive partners and the model's own amplitude.

    .. math:: P(v) \propto \gamma^4 v^2\,\Phi_{n-1}(q^2)\,\overline{|A|^2}(q^2), \qquad
              \gamma - 1 = \frac{\Delta m^2 - q^2}{2 m_{B'} m_{L'}}

    from Eqs. (B.1) and (B.3) of Hardy, Lasenby & Unwin (2014), with :math:`|p|\,\mathrm dq^2 \propto \gamma^4 v^2\,
    \mathrm dv`. :math:`\Phi_{n-1}` is the phase space of the partners, :math:`(q^2)^{n-3}` where they are massless.

    Parameters
    ----------
    parent_mass, daughter_mass : Quantity [mass]
    partner_masses : sequence of Quantity [mass]
        Two or more (one gives a single speed: `two_body_speed`); at most four of them where any has a mass.
    amplitude : PowerAmplitude, ScalarBilinearAmplitude or LightScalarAmplitude
        The last two are for two partners.

    Attributes
    ----------
    max_speed : Quantity [speed]
        Of a daughter against all partners at rest relative to each other.

    Raises
    ------
    InputError
        The decay is closed, or has too few or too many partners.
    ConvergenceError
        The law is too sharp for the quadrature.

    Notes
    -----
    Where Hardy, Lasenby & Unwin work their example (20 -> 10 GeV, flat three-body amplitude, 500 km/s),
    :math:`\Delta m^2 - q^2 = 5.563\times10^{-4}` GeV^2, not the printed 5.6e-2; the share, 1.27e-8, agrees.
    """

    parent_mass: units.Quantity
    daughter_mass: units.Quantity
    partner_masses: tuple = ("0 GeV", "0 GeV")
    amplitude: object = PowerAmplitude(0.0)

    def __post_init__(self):
        partners = self._masses[2]
        for name in ("parent_mass", "daughter_mass"):
            object.__setattr__(self, name, units.quantity(getattr(self, name), "mass", name))
        masses = tuple(units.quantity(mass, "mass", "partner_masses") for mass in self.partner_masses)
        object.__setattr__(self, "partner_masses", masses)
        if len(partners) < 2:
            raise InputError("one partner gives a single speed, not a spectrum; use two_body_speed")
        if any(partners) and len(partners) > _MOST_MASSIVE_PARTNERS:
            raise InputError(
                f"{len(partners)} partners, some with mass; up to {_MOST_MASSIVE_PARTNERS} massive ones are allowed. "
                "Set the small masses to zero: massless partners may be any number"
            )
        if len(partners) != 2 and not isinstance(self.amplitude, PowerAmplitude):
            raise InputError(f"{type(self.amplitude).__name__} belongs to two partners; use PowerAmplitude here")
        fine = self._panels(2 * _PANELS)[1][-1]
        if not abs(self._table[1][-1] / fine - 1) < _AGREEMENT:
            raise ConvergenceError(
                "the kick spectrum varies too sharply for its quadrature: a partner mass is very small beside the "
                "splitting, or the partners leave hardly any energy; set it to zero, or move away from the threshold"
            )

    @cached_property
    def _masses(self):
        return checked_decay(self.parent_mass, self.daughter_mass, self.partner_masses)

    @cached_property
    def _top(self):
        parent, daughter, partners = self._masses
        return float(_speed(_excess(parent, daughter, sum(partners) ** 2)))

    @cached_property
    def _phase_space(self):
        parent, daughter, partners = self._masses
        gap = parent - daughter
        return PartnerPhaseSpace(tuple(mass / gap for mass in partners), 1 - (sum(partners) / gap) ** 2)

    @cached_property
    def _table(self):
        return self._panels(_PANELS)

    @property
    def n_bodies(self):
        """int : decay products, the daughter included."""
        return len(self._masses[2]) + 1

    @property
    def max_speed(self):
        """Largest speed, Quantity."""
        return units.attach(self._top, "speed")

    def light_limit(self):
        """The law for massless partners and a small splitting, with this decay's largest speed: `LightKickSpectrum`.

        For two partners the amplitudes from an operator count as k = 1.
        """
        power = self.amplitude.power if isinstance(self.amplitude, PowerAmplitude) else 1.0
        return LightKickSpectrum(self.n_bodies, power, self.max_speed)

    def _panels(self, count):
        """Edges in angle, and the unnormalised integral up to each."""
        # v = v_max sin(angle) makes the square root of a threshold smooth; panels that shrink towards the largest speed
        # resolve partners much lighter than the splitting.
        even = np.linspace(0, 0.5 * np.pi, count // 2 + 1)
        shrinking = 0.5 * np.pi - np.geomspace(even[1], 1e-6, count // 2 + 1)[1:]
        edges = np.unique(np.concatenate([even, shrinking]))
        return edges, np.concatenate([[0.0], np.cumsum(self._integrals(edges[:-1], edges[1:]))])

    def _integrals(self, low, high):
        """Integrals of the unnormalised law between pairs of angles."""
        x, w = np.polynomial.legendre.leggauss(_PANEL_NODES)
        half = 0.5 * (high - low)[..., None]
        angle = low[..., None] + half * (1 + x)
        return np.sum(half * w * self._law(np.sin(angle), np.cos(angle)) * self._top * np.cos(angle), axis=-1)

    def _law(self, sine, cosine):
        """Unnormalised density per speed at v = v_max sin(angle)."""
        parent, daughter, partners = self._masses
        speed = self._top * sine
        gamma, gamma_top = 1 / np.sqrt(1 - speed**2), 1 / np.sqrt(1 - self._top**2)
        # q^2 over its lowest value, without cancellation: gamma_top - gamma from the squares of the speeds
        rest = (self._top * cosine) ** 2 * (gamma * gamma_top) ** 2 / (gamma + gamma_top)
        above = 2 * parent * daughter * rest
        q2 = sum(partners) ** 2 + above
        squared = self.amplitude._squared(q2, parent, daughter, partners)
        # over the splitting squared, so that no power under- or overflows
        unit = (parent - daughter) ** 2
        return gamma**4 * speed**2 * self._phase_space(q2 / unit, above / unit) * squared

    def pdf(self, speed):
        """Probability density per speed, Quantity [1/speed] of the shape of `speed`; zero outside the range."""
        v = np.asarray(units.to_internal(speed, "speed", "speed"))
        sine = v / self._top
        inside = (sine >= 0) & (sine <= 1)
        safe = np.where(inside, sine, 0.5)
        law = self._law(safe, np.sqrt((1 - safe) * (1 + safe))) / self._table[1][-1]
        return np.where(inside, law, 0.0) / units.attach(1.0, "speed")

    def cdf(self, speed):
        """Share of decays slower than `speed`, float or ndarray."""
        v = np.asarray(units.to_internal(speed, "speed", "speed"))
        share = self._share(np.arcsin(np.clip(v / self._top, 0.0, 1.0)))
        return float(share) if share.ndim == 0 else share

    def _share(self, angle):
        edges, sums = self._table
        i = np.clip(np.searchsorted(edges, angle, side="right") - 1, 0, edges.size - 2)
        return (sums[i] + self._integrals(edges[i], angle)) / sums[-1]

    def quantile(self, share):
        """Speed below which a share of the decays lies, Quantity [speed]."""
        wanted = np.asarray(_checked_share(share))
        edges, sums = self._table
        i = np.clip(np.searchsorted(sums / sums[-1], wanted, side="right") - 1, 0, edges.size - 2)
        low, high = edges[i], edges[i + 1]
        for _ in range(50):  # halving keeps all digits where the law is flat, and Newton does not
            middle = 0.5 * (low + high)
            below = self._share(middle) < wanted
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return units.attach(self._top * np.sin(0.5 * (low + high)), "speed")

    def sample(self, n, rng):
        """Random speeds from a NumPy Generator, Quantity [speed] of shape (n,)."""
        angle = np.linspace(0, 0.5 * np.pi, 4001)
        # A table is far finer than any sample can tell; `quantile` is exact and slower. Steps as in cbrt(share), in
        # which the table is nearly straight for slow kicks.
        steps = np.cbrt(self._share(angle))
        return units.attach(self._top * np.sin(np.interp(np.cbrt(rng.random(n)), steps, angle)), "speed")

    def _moment(self, power):
        x, w = np.polynomial.legendre.leggauss(_PANEL_NODES)
        edges, sums = self._table
        half = 0.5 * np.diff(edges)[:, None]
        angle = edges[:-1, None] + half * (1 + x)
        speed = self._top * np.sin(angle)
        law = self._law(np.sin(angle), np.cos(angle)) * self._top * np.cos(angle)
        return float(np.sum(half * w * law * speed**power) / sums[-1])

    @property
    def mean_speed(self):
        """Mean speed, Quantity."""
        return units.attach(self._moment(1), "speed")

    @property
    def rms_speed(self):
        """Root of the mean square, Quantity [speed]."""
        return units.attach(np.sqrt(self._moment(2)), "speed")

    def table(self, points=201):
        """Speeds from zero to the largest and the density there: two Quantities, to hand to a halo calculation."""
        if isinstance(points, bool) or not isinstance(points, (int, np.integer)) or points < 2:
            raise InputError(f"points = {points!r}; a whole number of at least 2 is needed")
        # dense at both ends, where the law begins as v^2 and ends as a power
        speed = units.attach(self._top * np.sin(np.linspace(0, 0.5 * np.pi, points)), "speed")
        return speed, self.pdf(speed)


def _excess(parent, daughter, q2):
    """Lorentz factor of the daughter minus one, Eq. (B.1)."""
    return ((parent - daughter) ** 2 - q2) / (2 * parent * daughter)


def _speed(excess):
    """Speed from the Lorentz factor minus one, without cancellation."""
    return np.sqrt(excess * (excess + 2)) / (1 + excess)


def _checked_bodies(n_bodies):
    if isinstance(n_bodies, bool) or not isinstance(n_bodies, (int, np.integer)) or n_bodies < 3:
        raise InputError(
            f"n_bodies = {n_bodies!r}; a whole number from 3 is needed (two bodies have one speed: two_body_speed)"
        )
    return int(n_bodies)


def _checked_share(share):
    value = units.to_internal(share, "dimensionless", "share")
    if np.any((np.asarray(value) < 0) | (np.asarray(value) > 1)):
        raise InputError(f"share = {share}; a share lies between 0 and 1")
    return value
