"""When the decays happen: decayed share, ages of the daughters, and daughters captured by the forming galaxy."""

from dataclasses import dataclass

import numpy as np

from halokick import constants, units
from halokick.decay.kick_base import KickDistribution, checked_count, checked_speed, set_fields
from halokick.errors import InputError, UnitError
from halokick.units import Quantity

_SMALL = 1e-2


@dataclass(frozen=True)
class DecayHistory:
    r"""Exponential decay of the parents since the beginning.

    The share gone after a time t is :math:`X(t) = 1 - e^{-t/\tau}`.

    `lifetime` is the mean life (1/e), not the half-life: `from_half_life` and `from_rate` convert.

    Parameters
    ----------
    lifetime : Quantity [time]
        tau, of any size; infinite means that nothing decays.
    age : Quantity [time]
        Time t_0 over which decays have accumulated.
    parent_share : float
        f_B, share of the dark matter's mass in parents before any decay.
    primordial_share : float
        f_L, share in the daughter species that was always there; the rest if not given.

    Raises
    ------
    InputError
        Times that are not positive, or shares that do not add to 1.
    """

    lifetime: Quantity
    age: Quantity = f"{constants.AGE_OF_UNIVERSE_GYR} Gyr"
    parent_share: float = 1.0
    primordial_share: float | None = None

    def __post_init__(self):
        lifetime = _one_time(self.lifetime, "lifetime", finite=False)
        age = _one_time(self.age, "age")
        parents = _share(self.parent_share, "parent_share")
        primordial = 1 - parents if self.primordial_share is None else self.primordial_share
        primordial = _share(primordial, "primordial_share")
        if abs(parents + primordial - 1) > 1e-9:
            raise InputError(
                f"parent_share + primordial_share = {parents:g} + {primordial:g} = {parents + primordial:g}; these are "
                "shares of all dark matter before decays and must add to 1. Leave one out to have it computed"
            )
        set_fields(
            self,
            lifetime=units.attach(lifetime, "time"),
            age=units.attach(age, "time"),
            parent_share=parents,
            primordial_share=primordial,
            _age=age,
            _steps=age / lifetime,
        )

    @classmethod
    def from_rate(cls, rate, **others):
        """From the decay rate Gamma = 1/tau, a Quantity [1/time]; zero means that nothing decays."""
        width = units.to_internal(rate, "rate", "rate")
        if np.ndim(width) != 0 or width < 0:
            raise InputError(f"rate = {rate}; one decay rate that is not negative is needed")
        return cls(units.attach(1 / width if width > 0 else np.inf, "time"), **others)

    @classmethod
    def from_half_life(cls, half_life, **others):
        """From the time in which half of the parents decay, tau ln 2."""
        return cls(units.quantity(half_life, "time", "half_life") / np.log(2), **others)

    @property
    def rate(self):
        """Quantity [1/time] : decay rate Gamma."""
        return 1 / self.lifetime

    @property
    def decayed_share(self):
        r"""float : share of the parents gone today, :math:`X = 1 - e^{-t_0/\tau}`."""
        return float(-np.expm1(-self._steps))

    @property
    def shares_today(self):
        """dict : today's shares of the dark matter's first mass, summing to 1.

        ``parents`` f_B (1 - X), ``primordial`` f_L, ``daughters`` f_B X; the mass that a decay loses is left out.
        """
        gone = self.decayed_share
        return {
            "parents": self.parent_share * float(np.exp(-self._steps)),
            "primordial": self.primordial_share,
            "daughters": self.parent_share * gone,
        }

    def born_before(self, time):
        r"""Share of today's daughters that were born before `time` (counted from the beginning).

        .. math:: \frac{1-e^{-t/\tau}}{1-e^{-t_0/\tau}}, \qquad \to t/t_0 \text{ for slow decay.}

        Parameters
        ----------
        time : Quantity [time], any shape

        Returns
        -------
        float or ndarray, shape of `time`
        """
        share = self._born_before(np.asarray(units.to_internal(time, "time", "time")) / self._age)
        return float(share) if np.ndim(share) == 0 else share

    def _born_before(self, part):
        part = np.clip(part, 0.0, 1.0)
        if self._steps < 1e-300:
            return part
        return np.expm1(-self._steps * part) / np.expm1(-self._steps)

    def daughter_age_cdf(self, age):
        """Share of today's daughters younger than `age` (Quantity [time], any shape)."""
        part = np.asarray(units.to_internal(age, "time", "age")) / self._age
        # by survival, not as 1 minus the older ones: when decay is fast the young ones are exponentially few
        part = np.clip(part, 0.0, 1.0)
        if self._steps < 1e-300:
            share = part
        else:
            share = np.exp(-self._steps * (1 - part)) * np.expm1(-self._steps * part) / np.expm1(-self._steps)
        return float(share) if np.ndim(share) == 0 else share

    def daughter_age_pdf(self, age):
        r"""Distribution of the ages a (time since birth) of today's daughters.

        .. math:: p(a) = \frac{e^{-(t_0-a)/\tau}}{\tau\,(1-e^{-t_0/\tau})},\quad 0 \le a \le t_0

        Parameters
        ----------
        age : Quantity [time], any shape

        Returns
        -------
        Quantity [1/time], shape of `age`
        """
        part = np.asarray(units.to_internal(age, "time", "age")) / self._age
        inside = (part >= 0) & (part <= 1)
        height = 1.0 if self._steps < 1e-300 else -self._steps / np.expm1(-self._steps)
        density = height * np.exp(-self._steps * (1 - np.clip(part, 0.0, 1.0)))
        return np.where(inside, density, 0.0) / self.age

    @property
    def mean_daughter_age(self):
        """Quantity [time] : mean time since birth; half the age for slow decay, the whole age for fast decay."""
        x = self._steps
        if x < _SMALL:
            birth = 0.5 - x / 12 + x**3 / 720  # the two terms below cancel; next term below 1e-14
        else:
            birth = 1 / x + np.exp(-x) / np.expm1(-x)
        return (1 - birth) * self.age

    def sample_daughter_ages(self, n, rng):
        """Random ages of today's daughters.

        Parameters
        ----------
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        Quantity [time], shape (n,)
        """
        share = rng.random(checked_count(n, "n", 0))
        if self._steps < 1e-300:
            return share * self.age
        birth = -np.log1p(share * np.expm1(-self._steps)) / self._steps
        return (1 - np.clip(birth, 0.0, 1.0)) * self.age

    def to_config(self):
        """The arguments of this history as text and numbers."""
        return {
            "lifetime": f"{float(self.lifetime.value)!r} {self.lifetime.unit}",
            "age": f"{float(self.age.value)!r} {self.age.unit}",
            "parent_share": self.parent_share,
            "primordial_share": self.primordial_share,
        }


def _matter_dominated(scale, _):
    return scale**1.5


def _flat_lcdm(scale, matter):
    ratio = np.sqrt((1 - matter) / matter)
    return np.arcsinh(ratio * scale**1.5) / np.arcsinh(ratio)


AGE_LAWS = {"matter_dominated": _matter_dominated, "flat_lcdm": _flat_lcdm}
"""Cosmic-age laws t(a)/t_0 by name: a^(3/2), and flat space with matter and a cosmological constant."""


@dataclass(frozen=True)
class EarlyCapture:
    r"""Daughters born so early that their kick had redshifted away before the galaxy formed; they follow the parents.

    Free streaming at speed u keeps matter from clustering on comoving wavenumbers above :math:`k_c = H a/u`. The kick
    :math:`u_1` given at scale factor :math:`a_1` falls as 1/a, so today :math:`k_c = H_0/(u_1 a_1)`. A daughter settles
    in a galaxy-sized halo if that is more than 1/(100 kpc), so if :math:`a_1 < H_0 \times 100\,\mathrm{kpc}/u_1`; in
    matter domination (Hardy, Lasenby & Unwin 2014, Eq. (C.1))

    .. math:: t_1 < \left(\frac{7\,\mathrm{km\,s^{-1}}}{u_1}\right)^{3/2} t_0 .

    This is an upper-bound estimate, as they say, not a calculation of structure formation. Add it as
    ``share * parent density``. Unrounded, Eq. (C.1) gives 3.16e-2 at 70 km/s and 5.68e-3 at 220 km/s; the paper writes
    3 per cent and 5e-3. Time flows differently with a cosmological constant: ``"flat_lcdm"`` with
    Omega_m = 0.3 gives 3.99e-2 and 7.17e-3 (slow decay in all four). Radiation is left out there: it would lower them
    by 0.3 and 1.2 per cent. How far a daughter streams is `halokick.decay.streaming_length`.

    Parameters
    ----------
    history : DecayHistory
    age_law : str
        ``"matter_dominated"`` (the paper's) or ``"flat_lcdm"``.
    matter_density : float
        Omega_m of ``"flat_lcdm"``, in (0, 1); the other law does not use it.
    clustering_speed : Quantity [speed]
        H_0 times 100 kpc.

    Raises
    ------
    InputError
        Unknown law, or a density outside its range.
    """

    history: DecayHistory
    age_law: str = "flat_lcdm"
    matter_density: float = 0.3
    clustering_speed: Quantity = "7 km/s"

    def __post_init__(self):
        if not isinstance(self.history, DecayHistory):
            raise InputError(f"history = {self.history!r}; a DecayHistory is needed")
        if not isinstance(self.age_law, str) or self.age_law not in AGE_LAWS:
            raise InputError(f"age_law = {self.age_law!r}; allowed are {', '.join(AGE_LAWS)}")
        matter = units.to_internal(self.matter_density, "dimensionless", "matter_density")
        if np.ndim(matter) != 0 or not 0 < matter < 1:
            raise InputError(f"matter_density = {self.matter_density}; between 0 and 1 is allowed in flat space")
        speed = checked_speed(self.clustering_speed, "clustering_speed")
        set_fields(self, matter_density=matter, clustering_speed=units.attach(speed, "speed"), _speed=speed)

    def latest_birth(self, kick_speed):
        """Time t_1 before which a daughter with this kick must be born to be captured, at most the age.

        Parameters
        ----------
        kick_speed : Quantity [speed], any shape

        Returns
        -------
        Quantity [time], shape of `kick_speed`
        """
        speed = np.asarray(units.to_internal(kick_speed, "speed", "kick_speed"))
        if np.any(speed < 0):
            raise InputError(f"kick_speed = {kick_speed}; a speed is not negative")
        return self._latest(speed) * self.history.age

    def _latest(self, speed):
        scale = self._speed / np.maximum(speed, self._speed)
        return AGE_LAWS[self.age_law](scale, self.matter_density)

    def share(self, kick):
        r"""Share of today's daughters that were captured.

        :math:`(1-e^{-\Gamma t_1})/(1-e^{-\Gamma t_0})`, averaged over the kick speeds.

        Parameters
        ----------
        kick : KickDistribution or Quantity [speed]

        Returns
        -------
        float
        """
        if not isinstance(kick, KickDistribution):
            try:
                speed = checked_speed(kick, "kick", lowest_allowed=True)
            except UnitError as error:
                raise UnitError(f"{error}; or give a kick distribution, such as FixedKick('54 km/s')") from error
            return float(self._captured(np.asarray(speed)))
        return kick._expectation(self._captured, (self._speed,))

    def _captured(self, speed):
        return self.history._born_before(self._latest(speed))


def _one_time(value, name, *, finite=True):
    time = units.to_internal(value, "time", name, finite=finite)
    if np.ndim(time) != 0 or not time > 0:
        raise InputError(f"{name} = {value}; one positive time is needed")
    return float(time)


def _share(value, name):
    share = units.to_internal(value, "dimensionless", name)
    if np.ndim(share) != 0 or not 0 <= share <= 1:
        raise InputError(f"{name} = {value}; a share lies between 0 and 1")
    return float(share)
