r"""Build-up of the antiparticles: parents B' decay to the antiparticle of L', which then annihilates with L'.

In a volume that keeps its particles, with the decay rate Gamma,

.. math:: \dot n_{B'} = -\Gamma n_{B'}, \qquad \dot n_{\bar L'} = \Gamma n_{B'} - \langle\sigma v\rangle n_{L'}
    n_{\bar L'}, \qquad \dot n_{L'} = -\langle\sigma v\rangle n_{L'}n_{\bar L'} .

In an expanding universe each n gets the term -3Hn; `build_up_comoving` has that form.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import boltzmann, units
from cosmology.errors import InputError
from cosmology.units import Quantity

_RTOL = 1e-10


@dataclass(frozen=True)
class LocalDensities:
    """Number densities along time. Each of the shape of `time`.

    Attributes
    ----------
    time : Quantity [time]
    parents, daughters, antidaughters : Quantity [1/volume]
        B', L', anti-L'.
    """

    time: Quantity
    parents: Quantity
    daughters: Quantity
    antidaughters: Quantity


@dataclass(frozen=True)
class ComovingDensities(LocalDensities):
    """Numbers along time per comoving volume: per volume that was one unit at the start.

    Attributes
    ----------
    scale_factor : ndarray
        a(t) over that at the start.
    """

    scale_factor: np.ndarray

    @property
    def physical(self):
        """LocalDensities : numbers per volume as it is at each time."""
        return LocalDensities(
            time=self.time,
            **{name: getattr(self, name) / self.scale_factor**3 for name in ("parents", "daughters", "antidaughters")},
        )


def build_up(time, decay_rate, parents, daughters, sigma_v, *, antidaughters="0 cm-3"):
    r"""Number densities of the coupled local system, with annihilation.

    B' in closed form, L' and anti-L' by an implicit method, which keeps the conserved difference
    :math:`n_{L'} - n_{\bar L'} - n_{B'}`. See `build_up_without_annihilation` for when the whole of it matters.

    Parameters
    ----------
    time : Quantity [time], any shape
        Since the densities were as given.
    decay_rate : Quantity [1/time]
        Gamma.
    parents, daughters : Quantity [1/volume]
        Of B' and L' at the start.
    sigma_v : Quantity [volume/time]
        <sigma v> of one L' with one anti-L'; may be zero.
    antidaughters : Quantity [1/volume]
        Of anti-L' at the start.

    Returns
    -------
    LocalDensities

    Raises
    ------
    InputError
        Negative values.
    ConvergenceError
        The solver did not reach the last time.
    """
    times = np.asarray(_not_negative(units.to_internal(time, "time", "time"), "time"))
    gamma, sigma, start = _rates_and_numbers(decay_rate, sigma_v, parents, daughters, antidaughters)
    last = times.max(initial=0.0)
    solved = _daughters_and_antidaughters(
        times / last if last > 0 else times, lambda s: s * last, lambda _: last, gamma, start, lambda _: sigma
    )
    return LocalDensities(time=units.attach(times, "time"), **_densities(times, gamma, start, solved))


def build_up_comoving(time, decay_rate, parents, daughters, sigma_v, scale_factor, *, start, antidaughters="0 cm-3"):
    r"""Number densities of the coupled system in an expanding universe, with annihilation.

    With the physical densities n, :math:`\dot n + 3Hn` stands for :math:`\dot n` on the left of the local system. In
    numbers per comoving volume, :math:`N = n\,a^3/a_\mathrm{start}^3`, that is

    .. math:: \dot N_{\bar L'} = \Gamma N_{B'} - \langle\sigma v\rangle\left(\frac{a_\mathrm{start}}{a}\right)^3
        N_{L'}N_{\bar L'}, \qquad \dot N_{B'} = -\Gamma N_{B'},

    solved in :math:`\ln t`. Nothing else is asked of the background than a(t).

    Parameters
    ----------
    time : Quantity [time], any shape
        Since the beginning of the universe, not before `start`.
    decay_rate : Quantity [1/time]
        Gamma.
    parents, daughters : Quantity [1/volume]
        Of B' and L' at `start`.
    sigma_v : Quantity [volume/time]
        <sigma v> of one L' with one anti-L'; may be zero.
    scale_factor : callable
        a(t) for a Quantity [time], in any normalisation: such as `cosmology.scale_factor.FlatExpansion`.
    start : Quantity [time]
        Since the beginning, positive: when the densities were as given.
    antidaughters : Quantity [1/volume]
        Of anti-L' at `start`.

    Returns
    -------
    ComovingDensities

    Raises
    ------
    InputError
        Negative values, a time before the start, or a scale factor that is not positive.
    ConvergenceError
        The solver did not reach the last time.
    """
    times = np.asarray(_not_negative(units.to_internal(time, "time", "time"), "time"))
    gamma, sigma, numbers = _rates_and_numbers(decay_rate, sigma_v, parents, daughters, antidaughters)
    first = _one(units.to_internal(start, "time", "start"), "start")
    if first == 0 or np.any(times < first):
        raise InputError(f"start = {start}, time = {time}; the start is positive, and no time lies before it")

    def size(internal_times):
        a = np.asarray(units.to_internal(scale_factor(units.attach(internal_times, "time")), "dimensionless", "a(t)"))
        if not np.all(a > 0):
            raise InputError(f"scale_factor = {a} at {units.attach(internal_times, 'time')}; it must be positive")
        return a

    length, a_start = np.log(times.max(initial=first) / first), size(first)
    solved = _daughters_and_antidaughters(
        np.log(times / first) / length if length > 0 else np.zeros(times.shape),
        lambda s: first * np.expm1(length * s),
        lambda s: first * length * np.exp(length * s),
        gamma,
        numbers,
        lambda s: sigma * (a_start / size(first * np.exp(length * s))) ** 3,
    )
    return ComovingDensities(
        time=units.attach(times, "time"),
        scale_factor=size(times) / a_start,
        **_densities(times - first, gamma, numbers, solved),
    )


def build_up_without_annihilation(time, decay_rate, parents):
    r"""Antiparticles while annihilation is negligible, :math:`n_{\bar L'} = n_{B'}(0)(1 - e^{-\Gamma t})`.

    Hardy, Lasenby & Unwin (2014), Sect. 2: linear in time until Gamma t is about 1. Good while <sigma v> is well below
    `annihilation_threshold`.

    Parameters
    ----------
    time : Quantity [time]
    decay_rate : Quantity [1/time]
    parents : Quantity [1/volume]
        Of B' at the start.

    Returns
    -------
    Quantity [1/volume], of the common shape
    """
    steps = _not_negative(units.to_internal(time, "time", "time"), "time") * _not_negative(
        units.to_internal(decay_rate, "rate", "decay_rate"), "decay_rate"
    )
    density = _not_negative(units.to_internal(parents, "number_density", "parents"), "parents")
    return units.attach(-density * np.expm1(-steps), "number_density")


def annihilation_without_decay(time, daughters, antidaughters, sigma_v):
    r"""Antiparticles left when nothing is added, in closed form.

    With D = n_L' - n_anti-L' conserved, :math:`n_{\bar L'}(t) = \bar n_0 e^{-z}/[1 + \bar n_0(1 - e^{-z})/D]` with
    :math:`z = \langle\sigma v\rangle D t`, which is :math:`\bar n_0/(1 + \langle\sigma v\rangle\bar n_0 t)` for D = 0.

    Parameters
    ----------
    time : Quantity [time]
    daughters, antidaughters : Quantity [1/volume]
        At the start.
    sigma_v : Quantity [volume/time]

    Returns
    -------
    Quantity [1/volume], of the common shape
    """
    times = np.asarray(_not_negative(units.to_internal(time, "time", "time"), "time"))
    plus = np.asarray(_not_negative(units.to_internal(daughters, "number_density", "daughters"), "daughters"))
    minus = np.asarray(
        _not_negative(units.to_internal(antidaughters, "number_density", "antidaughters"), "antidaughters")
    )
    sigma = np.asarray(_not_negative(units.to_internal(sigma_v, "sigma_v", "sigma_v"), "sigma_v"))
    rarer = np.minimum(plus, minus)
    z = sigma * np.abs(plus - minus) * times
    # (1 - e^-z)/z is 1 at z = 0
    mean = np.where(z > 0, -np.expm1(-z) / np.where(z > 0, z, 1.0), 1.0)
    left = rarer * np.exp(-z) / (1 + rarer * sigma * times * mean)
    return units.attach(left + np.maximum(minus - plus, 0.0), "number_density")


def annihilation_threshold(daughters, time):
    r"""Strength :math:`1/(n_{L'}t)` of annihilation above which it lowers the antiparticles' number within time t.

    Parameters
    ----------
    daughters : Quantity [1/volume]
        n_L' of the primordial particles.
    time : Quantity [time]

    Returns
    -------
    Quantity [volume/time]
    """
    density = np.asarray(_not_negative(units.to_internal(daughters, "number_density", "daughters"), "daughters"))
    times = np.asarray(_not_negative(units.to_internal(time, "time", "time"), "time"))
    if np.any(density == 0) or np.any(times == 0):
        raise InputError(f"daughters = {daughters}, time = {time}; both must be positive")
    return units.attach(1 / (density * times), "sigma_v")


def pair_factor(lifetimes, parent_yield=1.0, daughter_yield=1.0, mass_ratio=1.0):
    r"""Pair factor P: injected power is P rho^2 <sigma v>/m_L', and P = 1 for self-conjugate dark matter.

    With yields y_B of parents and y_L of primordial daughters, and :math:`\mu = m_{B'}/m_{L'}`,

    .. math:: P = \frac{2 n_{L'} n_{\bar L'} m_{L'}^2}{\rho^2}
        = \frac{2 y_L y_B (1 - e^{-\Gamma t})}{[y_B + y_L + (\mu - 1)\, y_B e^{-\Gamma t}]^2}, \qquad
        \rho = m_{B'} n_{B'} + m_{L'}(n_{L'} + n_{\bar L'}),

    the density rho being that of the same time: what decays give to light partners is no longer in it. Symmetric Dirac
    dark matter and a fully decayed model with equal yields have P = 1/2. Published limits on <sigma v> are for P = 1:
    divide them by P.

    Parameters
    ----------
    lifetimes : float or array
        Gamma t, time in units of the mean life; infinite is allowed.
    parent_yield, daughter_yield : float or array
        y_B, y_L; only their ratio counts.
    mass_ratio : float or array
        mu, 1 or more. At 1 the masses are taken to be equal: wrong by less than the splitting over the mass, times 2.

    Returns
    -------
    float or ndarray

    Raises
    ------
    InputError
        Negative values, no particles at all, or a daughter heavier than its parent.
    """
    steps, parents, daughters = (np.asarray(value, dtype=float) for value in (lifetimes, parent_yield, daughter_yield))
    ratio = checked_mass_ratio(mass_ratio)
    if not (np.all(steps >= 0) and np.all(parents >= 0) and np.all(daughters >= 0) and np.all(parents + daughters > 0)):
        raise InputError(
            f"lifetimes = {lifetimes}, yields {parent_yield} and {daughter_yield}; none may be negative, and not both "
            "yields zero. Yields of opposite signs never make pairs"
        )
    mass = parents + daughters + (ratio - 1) * parents * np.exp(-steps)
    factor = -2 * daughters * parents * np.expm1(-steps) / mass**2
    return float(factor) if np.ndim(factor) == 0 else factor


def checked_mass_ratio(value):
    """m_B'/m_L' as an array: finite, and not below one."""
    ratio = np.asarray(units.to_internal(value, "dimensionless", "mass_ratio"), dtype=float)
    if not np.all(ratio >= 1):
        raise InputError(f"mass_ratio = {value}; m_B'/m_L' is 1 or more, for B' decays to L'")
    return ratio


def _daughters_and_antidaughters(steps, elapsed, speed, gamma, start, strength):
    """Numbers of L' and anti-L' at `steps` between 0 and 1, in powers of GeV, per volume that keeps its particles.

    ``elapsed(s)`` is the time since the start, ``speed(s)`` its derivative, ``strength(s)`` is <sigma v>, diluted if
    the volume grows. Both numbers are solved for, each per the total: the rarer would drown in a difference.
    """
    total = sum(start)
    if total == 0 or not np.any(steps):
        return tuple(np.full(steps.shape, number) for number in start[1:])
    made, plus, rare = (number / total for number in start)

    def rhs(s, y):
        pairs = speed(s) * strength(s) * total * y[0] * y[1]
        return [-pairs, speed(s) * gamma * made * np.exp(-gamma * elapsed(s)) - pairs]

    ordered, back = np.unique(steps.ravel(), return_inverse=True)
    _, states = boltzmann._solve_stiff(rhs, (0.0, 1.0), [plus, rare], _RTOL, _RTOL * 1e-6, ordered)
    # a number that is used up ends within the absolute tolerance of zero, on either side
    return tuple(np.maximum(total * state, 0.0)[back].reshape(steps.shape) for state in states)


def _rates_and_numbers(decay_rate, sigma_v, parents, daughters, antidaughters):
    gamma, sigma, *start = (
        _one(units.to_internal(value, dimension, name), name)
        for value, dimension, name in (
            (decay_rate, "rate", "decay_rate"),
            (sigma_v, "sigma_v", "sigma_v"),
            (parents, "number_density", "parents"),
            (daughters, "number_density", "daughters"),
            (antidaughters, "number_density", "antidaughters"),
        )
    )
    return gamma, sigma, start


def _densities(elapsed, gamma, start, solved):
    numbers = start[0] * np.exp(-gamma * elapsed), *solved
    names = "parents", "daughters", "antidaughters"
    return {name: units.attach(number, "number_density") for name, number in zip(names, numbers, strict=True)}


def _not_negative(value, name):
    if np.any(np.asarray(value) < 0):
        raise InputError(f"{name} = {value} in powers of GeV; it must not be negative")
    return value


def _one(value, name):
    if np.ndim(value):
        raise InputError(f"{name} has shape {np.shape(value)}; one value is needed")
    return _not_negative(value, name)
