"""When the mass of a halo arrived, and what became of daughters that were born before they did."""

from dataclasses import dataclass, replace

import numpy as np

from halokick import constants, units
from halokick.errors import InputError
from halokick.halo.growth import AmplitudeGrowth, WechslerGrowth, as_growth

_TIMES = 4096
_FORMATION = 4.1
"""a_c times the concentration of haloes of today (Wechsler et al. 2002, ApJ 568, 52)."""
SEED = 0.01
"""Share of the mass, the most deeply bound, that is in place from the beginning: gravity needs some particles."""
_NODES = np.polynomial.legendre.leggauss(96)
_X, _W = 0.5 + 0.5 * _NODES[0], 0.5 * _NODES[1]


@dataclass(frozen=True)
class MassAccretion:
    r"""Mass of a halo as a function of time, and from it the time at which each part of it came: from the inside out.

    The matter that today is the first share s of the halo's mass was in place when the halo had the mass s M_0. The
    cosmic clock is that of flat space with matter and a cosmological constant, scaled so that today is the age of the
    decay history, as in `EarlyCapture`.

    Parameters
    ----------
    growth : AmplitudeGrowth, callable or str
        Mass over that of today (any scale) as a function of the time since the beginning; ``"wechsler_2002"`` is
        :math:`M(a) = M_0\exp[-2a_c(1/a-1)]` with its default :math:`a_c`; `wechsler` takes a concentration.
    matter_density : float
        Omega_m.

    Raises
    ------
    InputError
        No growth, or a density outside (0, 1).
    """

    growth: object = "wechsler_2002"
    matter_density: float = 0.3

    def __post_init__(self):
        growth = as_growth(self.growth)
        if growth is None:
            raise InputError("growth = None; a history of the halo's mass is needed, such as 'wechsler_2002'")
        object.__setattr__(self, "growth", growth)
        if not isinstance(self.matter_density, (int, float)) or not 0 < self.matter_density < 1:
            raise InputError(f"matter_density = {self.matter_density!r}; between 0 and 1 is allowed in flat space")

    @classmethod
    def wechsler(cls, concentration, matter_density=0.3):
        """Mean history of a halo of this concentration today, :math:`a_c = 4.1/c` (Wechsler et al. 2002)."""
        c = units.to_internal(concentration, "dimensionless", "concentration")
        if np.ndim(c) != 0 or not 4.1 <= c <= 41:
            raise InputError(f"concentration = {concentration}; one number between 4.1 and 41 is needed")
        growth = WechslerGrowth(formation_scale_factor=float(_FORMATION / c), matter_density=matter_density)
        return cls(growth, matter_density)

    def mass_share(self, time, age):
        """Mass over that of today.

        Parameters
        ----------
        time : Quantity [time], any shape
            Since the beginning, up to `age`.
        age : Quantity [time]
            Today.

        Returns
        -------
        ndarray, shape of `time`
        """
        at, today = np.asarray(units.to_internal(time, "time", "time")), units.to_internal(age, "time", "age")
        if np.any(at < 0) or np.any(at > today * (1 + 1e-12)):
            raise InputError(f"time = {time}; times between the beginning and today, {age}, are needed")
        return self._clocked(today).relative(at.ravel(), today).reshape(at.shape)

    def formation_time(self, share, age):
        """Time at which the halo had a share of its mass of today.

        Parameters
        ----------
        share : float or ndarray
            0 to 1: the share of the mass inside a radius is that of all matter which came earlier.
        age : Quantity [time]

        Returns
        -------
        Quantity [time], shape of `share`
        """
        part = np.asarray(units.to_internal(share, "dimensionless", "share"), dtype=float)
        if np.any(part < 0) or np.any(part > 1 + 1e-12):
            raise InputError(f"share = {share}; shares of the mass of today lie between 0 and 1")
        return units.attach(self._formation(part, units.to_internal(age, "time", "age")), "time")

    def share_after_accretion(self, history, inside=1.0):
        r"""Share of the decays of a halo's matter that happened after it had come.

        .. math:: \frac1s\int_0^s\frac{e^{-\Gamma t_f(s')} - e^{-\Gamma t_0}}{1 - e^{-\Gamma t_0}}\,ds'

        Parameters
        ----------
        history : DecayHistory
        inside : float
            s, share of the mass: 1 for the whole halo.

        Returns
        -------
        float
        """
        inside = units.to_internal(inside, "dimensionless", "inside")
        if np.ndim(inside) != 0 or not 0 < inside <= 1:
            raise InputError(f"inside = {inside}; a share of the mass, above 0 and at most 1, is needed")
        # most matter comes late: nodes are dense towards both ends
        nodes = inside * _X**2 * (3 - 2 * _X)
        weight = _W * 6 * _X * (1 - _X)
        came = units.attach(self._formation(nodes, history._age), "time")
        return float(np.sum(weight * (1 - np.asarray(history.born_before(came)))))

    def _clocked(self, age):
        """The growth; a Wechsler history in the universe whose age this is [kpc/(km/s)]."""
        if not isinstance(self.growth, WechslerGrowth):
            return self.growth
        matter = self.growth.matter_density
        hubble = np.arcsinh(np.sqrt((1 - matter) / matter)) / (1.5 * age * np.sqrt(1 - matter))
        return replace(self.growth, hubble_constant=units.attach(hubble, "rate"))

    def _formation(self, share, age):
        time = age * np.linspace(0.0, 1.0, _TIMES + 1) ** 2
        mass = np.append(self._clocked(age).relative(time[:-1], age), 1.0)
        if not np.all(np.isfinite(mass)) or np.any(mass < 0) or np.any(np.diff(mass) < 0) or mass[-2] > 1:
            raise InputError(f"{self.growth!r}: a mass that never falls, up to that of today, is needed")
        rising = np.append(np.diff(mass) > 0, True)
        return np.interp(share, mass[rising], time[rising])

    def _scale_factor(self, time, age):
        """Scale factor at times [kpc/(km/s)], 1 today."""
        ratio = np.sqrt((1 - self.matter_density) / self.matter_density)
        return (np.sinh(np.arcsinh(ratio) * time / age) / ratio) ** (2 / 3)


@dataclass(frozen=True, eq=False)
class Arrivals:
    """When the particles of a start arrive, and with which kicks.

    Attributes
    ----------
    start : LiveStart
        With the kicks that are left of those before arrival.
    activation : ndarray [kpc/(km/s)]
        Arrival of each particle; zero for the first of them.
    decay_time : ndarray [kpc/(km/s)]
        Not before the arrival; infinite for what does not decay by today.
    lost : ndarray of bool
        Daughters that were too fast to join.
    shares : dict
        Of the mass of all decays: ``"after"`` accretion, ``"captured"`` and ``"lost"`` before it.
    """

    start: object
    activation: np.ndarray
    decay_time: np.ndarray
    lost: np.ndarray
    shares: dict


def as_accretion(given):
    """A `MassAccretion`, from one, a growth history, its name, or a function of the time; None stays None."""
    if given is None or isinstance(given, MassAccretion):
        return given
    if isinstance(given, (str, AmplitudeGrowth)) or callable(given):
        return MassAccretion(given)
    raise InputError(f"accretion = {given!r}; a MassAccretion is needed, such as MassAccretion.wechsler(10)")


def arrivals(start, df, accretion, age, decay_time):
    r"""Let the particles of a halo arrive in the order of their energies in the halo of today, the deepest first.

    In the order of energies the particles that are there always form a steady halo. A daughter that was born before
    its arrival has lost speed to the expansion since, :math:`u = k\,a_\mathrm{birth}/a_\mathrm{arrival}`. If u is below
    the escape speed of the halo of that time, from the radius that holds its mass today, :math:`\sqrt{2GM(t)/r}`, it
    joins with the parents, kicked by u on arrival: as cold as the parents if it was born early, as hot as any daughter
    if just before. If not, it never joins. The first `SEED` of the mass is in place from the beginning, while the fate
    of its daughters is as that of the others.

    Parameters
    ----------
    start : LiveStart
    df : ErgodicDF
    accretion : MassAccretion
    age : float [kpc/(km/s)]
    decay_time : ndarray [kpc/(km/s)]
        Of the particles, counted from the beginning.

    Returns
    -------
    Arrivals
    """
    log_r = np.log(start.radius)
    binding = df.halo._look_up(df.halo._field.psi, log_r) - 0.5 * start.speed**2
    order = np.argsort(-binding, kind="stable")
    share = np.empty_like(binding)
    share[order] = (np.cumsum(start.mass[order]) - 0.5 * start.mass[order]) / start.mass.sum()
    came = accretion._formation(share, age)
    before = decay_time < came
    redshift = np.ones_like(came)
    redshift[before] = (accretion._scale_factor(decay_time[before], age)) / accretion._scale_factor(came[before], age)
    kick = start.kick * redshift
    # the radius that holds the mass of the halo of that time
    table = np.linspace(float(log_r.min()), float(log_r.max()), 2048)
    inside = np.asarray(units.to_internal(df.profile.mass(units.attach(np.exp(table), "length")), "mass"))
    radius = np.exp(np.interp(share * start.total_mass, inside, table))
    escape = np.sqrt(2 * constants.G * share * start.total_mass / radius)
    lost = before & (kick >= escape)
    decays = decay_time <= age
    total = max(float(start.mass[decays].sum()), 1e-300)
    return Arrivals(
        start=replace(start, kick=kick),
        activation=np.where(share < SEED, 0.0, came),
        decay_time=np.where(decays, np.maximum(decay_time, came), np.inf),
        lost=lost,
        shares={
            "after": float(start.mass[decays & ~before].sum()) / total,
            "captured": float(start.mass[decays & before & ~lost].sum()) / total,
            "lost": float(start.mass[decays & lost].sum()) / total,
        },
    )


def formation_time_at(accretion, profile, outer, age, r):
    """Time at which the mass inside a radius was in place.

    Parameters
    ----------
    accretion : MassAccretion
    profile : DensityProfile
    outer, r : Quantity [length]
        Where the halo ends (its mass is that of today there), and the radius, any shape.
    age : Quantity [time]

    Returns
    -------
    Quantity [time], shape of `r`
    """
    share = np.asarray(profile.mass(r) / profile.mass(outer), dtype=float)
    if np.any(share > 1 + 1e-9):
        raise InputError(f"r = {r} lies outside the halo, which ends at {outer}")
    age = units.to_internal(age, "time", "age")
    return units.attach(accretion._formation(np.minimum(share, 1.0), age), "time")
