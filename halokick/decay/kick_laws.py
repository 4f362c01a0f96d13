"""Closed kick-speed laws: one speed, a two-body decay, and n-body phase space."""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import beta, betainc, roots_jacobi

from halokick import units
from halokick.constants import SPEED_OF_LIGHT
from halokick.decay.kick_base import (
    ContinuousKick,
    KickDistribution,
    as_text,
    checked_count,
    checked_speed,
    set_fields,
)
from halokick.errors import InputError
from halokick.units import Quantity


def two_body_speed(parent_mass, daughter_mass, partner_mass="0 GeV"):
    r"""Speed of the daughter in the rest frame of a parent that decays into it and one partner; exact.

    .. math:: \frac vc = \frac pE =
              \frac{\sqrt{(M^2-(m+m_p)^2)(M^2-(m-m_p)^2)}}{M^2+m^2-m_p^2}

    For a massless partner this is :math:`\epsilon/(1-\epsilon)` with :math:`\epsilon=(1-m^2/M^2)/2`, and
    :math:`\Delta m/m` for small splittings. It is also the largest speed that a decay into several partners of total
    mass :math:`m_p` can give (they then fly off together).

    Parameters
    ----------
    parent_mass, daughter_mass, partner_mass : Quantity [mass or energy]
        M, m, m_p with m + m_p < M.

    Returns
    -------
    Quantity [speed]

    Raises
    ------
    InputError
        The decay is not open, or a mass is negative (zero only for the partner).
    """
    parent = units.to_internal(parent_mass, "mass", "parent_mass")
    daughter = units.to_internal(daughter_mass, "mass", "daughter_mass")
    partner = units.to_internal(partner_mass, "mass", "partner_mass")
    if min(parent, daughter) <= 0 or partner < 0:
        raise InputError(
            f"parent_mass = {parent_mass}, daughter_mass = {daughter_mass}, partner_mass = {partner_mass}; "
            "parent and daughter need positive masses, the partner one that is not negative"
        )
    released = (parent - daughter) - partner
    if released <= 0:
        raise InputError(
            f"the decay is closed: daughter {daughter_mass} and partner {partner_mass} together are not lighter than "
            f"the parent, {parent_mass}; make the parent heavier or the products lighter"
        )
    light, heavy = partner / parent, daughter / parent
    # differences first, then products: a kick of 30 km/s is a splitting of 1e-4
    momentum_squared = (released / parent) * (1 + heavy + light) * ((parent - daughter) / parent + light)
    momentum_squared *= 1 + heavy - light
    speed = np.sqrt(momentum_squared) / (1 + heavy**2 - light**2)
    return units.attach(speed * SPEED_OF_LIGHT, "speed")


def _lighter(parent_mass, splitting):
    parent = units.quantity(parent_mass, "mass", "parent_mass")
    removed = units.to_internal(splitting, "mass", "splitting") / units.to_internal(parent, "mass", "parent_mass")
    return _lighter_by_share(parent, removed, f"splitting = {splitting}")


def _lighter_by_share(parent, share, given):
    if np.ndim(share) != 0:
        raise InputError(f"{given} is a list; a kick distribution is made of one number")
    if not 0 < share < 1:
        raise InputError(f"{given} is {share:.6g} of parent_mass = {parent}; between 0 and 1 of it is allowed")
    return parent * (1 - share)


class _SingleSpeed(KickDistribution):
    """Every decay gives the same speed, `_speed` [km/s]."""

    def _rule(self, nodes):
        return np.array([self._speed]), np.array([1.0])

    def _rule_below(self, nodes, top):
        return self._rule(nodes)  # there is no part of a single speed

    def sample(self, n, rng):
        """Random speeds; see `KickDistribution.sample`."""
        return np.full(checked_count(n, "n", 0), self._speed)

    @property
    def mean_speed(self):
        """Mean of k, Quantity [speed]."""
        return units.attach(self._speed, "speed")

    @property
    def rms_speed(self):
        """Root of the mean of k^2, Quantity [speed]."""
        return units.attach(self._speed, "speed")

    @property
    def max_speed(self):
        """Quantity [speed] : largest kick."""
        return units.attach(self._speed, "speed")

    @property
    def _breaks(self):
        return np.array([self._speed])

    def _cdf(self, speed):
        return np.where(speed >= self._speed, 1.0, 0.0)

    def _inverse_tail(self, speed):
        return np.where(speed < self._speed, 1 / self._speed, 0.0)

    def _expectation(self, function, breaks=()):
        return float(function(np.array([self._speed]))[0])


@dataclass(frozen=True, eq=False)
class FixedKick(_SingleSpeed):
    """One kick speed, given directly.

    Parameters
    ----------
    speed : Quantity [speed]
        Up to 0.1 c; zero leaves the daughters where the parents are.

    Raises
    ------
    InputError
        Negative, or above 0.1 c.
    """

    speed: Quantity

    def __post_init__(self):
        speed = checked_speed(self.speed, "speed", lowest_allowed=True)
        set_fields(self, _speed=speed, speed=units.attach(speed, "speed"))

    @classmethod
    def from_epsilon(cls, epsilon):
        r"""Kick of a two-body decay with a massless partner that takes the share epsilon of the parent's rest energy.

        :math:`\epsilon = (1 - m^2/M^2)/2` and :math:`v/c = \epsilon/(1-\epsilon)`, exactly: the parameter of
        cosmological work on decaying dark matter (for example Franco Abellan et al. 2021, arXiv:2102.12498).
        """
        share = units.to_internal(epsilon, "dimensionless", "epsilon")
        if np.ndim(share) != 0 or not 0 < share < 0.5:
            raise InputError(f"epsilon = {epsilon}; it lies between 0 and 1/2 (a massless daughter)")
        return cls(units.attach(SPEED_OF_LIGHT * share / (1 - share), "speed"))

    @property
    def label(self):
        """Short name for tables and legends."""
        return f"{self._speed:.4g} km/s"

    def to_config(self):
        """Law and arguments, as text and numbers."""
        return {"law": "fixed", "speed": as_text(self.speed)}


@dataclass(frozen=True, eq=False)
class TwoBodyKick(_SingleSpeed):
    r"""Kick of the decay B' -> L' + partner, from the masses, with exact kinematics (see `two_body_speed`).

    Parameters
    ----------
    parent_mass, daughter_mass, partner_mass : Quantity [mass or energy]
        With daughter + partner lighter than the parent.

    Attributes
    ----------
    speed : Quantity [speed]

    Raises
    ------
    InputError
        The decay is closed, or faster than 0.1 c.
    """

    parent_mass: Quantity
    daughter_mass: Quantity
    partner_mass: Quantity = "0 GeV"
    speed: Quantity = field(init=False)

    def __post_init__(self):
        masses = {
            name: units.quantity(getattr(self, name), "mass", name)
            for name in ("parent_mass", "daughter_mass", "partner_mass")
        }
        speed = checked_speed(two_body_speed(**masses), "kick speed of this decay")
        set_fields(self, **masses, _speed=speed, speed=units.attach(speed, "speed"))

    @classmethod
    def from_splitting(cls, parent_mass, splitting, partner_mass="0 GeV"):
        """From the mass difference M - m, a Quantity."""
        return cls(parent_mass, _lighter(parent_mass, splitting), partner_mass)

    @classmethod
    def from_relative_splitting(cls, parent_mass, splitting, partner_mass="0 GeV"):
        """From the relative mass difference (M - m)/M, a number between 0 and 1."""
        share = units.to_internal(splitting, "dimensionless", "splitting")
        parent = units.quantity(parent_mass, "mass", "parent_mass")
        return cls(parent, _lighter_by_share(parent, share, f"splitting = {splitting}"), partner_mass)

    @property
    def label(self):
        """Short name for tables and legends."""
        return f"two-body, {self._speed:.4g} km/s"

    def to_config(self):
        """Law and arguments, as text and numbers."""
        masses = {name: as_text(getattr(self, name)) for name in ("parent_mass", "daughter_mass", "partner_mass")}
        return {"law": "two_body", **masses}


@dataclass(frozen=True, eq=False)
class PhaseSpaceKick(ContinuousKick):
    r"""Kick of a decay into the daughter and n - 1 massless partners with a constant amplitude.

    .. math:: P(v) \propto v^2\left(1 - v^2/v_\mathrm{max}^2\right)^{n-3}, \qquad
              P(<v) = I_y(3/2,\,n-2),\quad y = (v/v_\mathrm{max})^2,

    with the regularised incomplete beta function; n = 3 fills a ball of velocities uniformly. The daughter is slow
    when the partners' invariant mass q is near its largest value, where their phase space :math:`(q^2)^{n-3}` is
    constant, so slow kicks go as :math:`v^3` for every n. The scaling :math:`(v/v_\mathrm{max})^{2n-3}` of Hardy,
    Lasenby & Unwin (2014), App. B, takes that phase space to vanish there; it holds for n = 3 and is too small beyond
    (n = 4: by 250 at a tenth of the largest speed). Our derivation from their Eqs. (B.1)-(B.4), to leading order in
    :math:`v_\mathrm{max}/c`.

    Parameters
    ----------
    n_bodies : int
        Number of decay products, the daughter included; 3 or more.
    max_speed : Quantity [speed]
        Largest speed of the daughter, up to 0.1 c.

    Raises
    ------
    InputError
        Fewer than three bodies (two bodies have one speed: `TwoBodyKick`), or a speed outside the range.
    """

    n_bodies: int
    max_speed: Quantity

    def __post_init__(self):
        bodies = checked_bodies(self.n_bodies)
        top = checked_speed(self.max_speed, "max_speed")
        set_fields(self, n_bodies=bodies, _top=top, max_speed=units.attach(top, "speed"))

    @classmethod
    def from_masses(cls, n_bodies, parent_mass, daughter_mass):
        """Largest speed from the masses, exactly: the massless partners fly off together (see `two_body_speed`)."""
        return cls(n_bodies, two_body_speed(parent_mass, daughter_mass))

    @classmethod
    def from_splitting(cls, n_bodies, parent_mass, splitting):
        """Largest speed from the parent's mass and the mass difference M - m, both Quantities."""
        return cls(n_bodies, two_body_speed(parent_mass, _lighter(parent_mass, splitting)))

    @property
    def label(self):
        """Short name for tables and legends."""
        return f"{self.n_bodies}-body, up to {self._top:.4g} km/s"

    def to_config(self):
        """Law and arguments, as text and numbers."""
        return {"law": "phase_space", "n_bodies": self.n_bodies, "max_speed": as_text(self.max_speed)}

    def _rule(self, nodes):
        x, weights = roots_jacobi(nodes, self.n_bodies - 3, 0.5)
        return self._top * np.sqrt(0.5 * (1 + x)), weights / np.sum(weights)

    def sample(self, n, rng):
        """Random speeds; see `KickDistribution.sample`."""
        return self._top * np.sqrt(rng.beta(1.5, self.n_bodies - 2, size=checked_count(n, "n", 0)))

    @property
    def mean_speed(self):
        """Mean of k, Quantity [speed]."""
        return units.attach(self._top * beta(2, self.n_bodies - 2) / beta(1.5, self.n_bodies - 2), "speed")

    @property
    def rms_speed(self):
        """Root of the mean of k^2, Quantity [speed]."""
        return units.attach(self._top * np.sqrt(1.5 / (self.n_bodies - 0.5)), "speed")

    @property
    def _breaks(self):
        return np.array([0.0, self._top])

    def _reduced(self, speed):
        return np.clip(speed / self._top, 0.0, 1.0)

    def _pdf(self, speed):
        w = self._reduced(speed)
        density = 2 * w**2 * (1 - w**2) ** (self.n_bodies - 3) / (beta(1.5, self.n_bodies - 2) * self._top)
        return np.where((speed >= 0) & (speed <= self._top), density, 0.0)

    def _cdf(self, speed):
        return betainc(1.5, self.n_bodies - 2, self._reduced(speed) ** 2)

    def _inverse_tail(self, speed):
        rest = (1 - self._reduced(speed) ** 2) ** (self.n_bodies - 2)
        return rest / ((self.n_bodies - 2) * beta(1.5, self.n_bodies - 2) * self._top)


def checked_bodies(n_bodies):
    """Number of decay products, at least three."""
    if isinstance(n_bodies, (int, np.integer)) and n_bodies == 2:
        raise InputError("n_bodies = 2: a two-body decay gives a single speed; use TwoBodyKick")
    return checked_count(n_bodies, "n_bodies", 3)
