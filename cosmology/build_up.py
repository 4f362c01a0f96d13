r"""Build-up of the antiparticles: parents B' decay to the antiparticle of L', which then annihilates with L'.

In a volume that keeps its particles, with the decay rate Gamma,

.. math:: \dot n_{B'} = -\Gamma n_{B'}, \qquad \dot n_{\bar L'} = \Gamma n_{B'} - \langle\sigma v\rangle n_{L'}
    n_{\bar L'}, \qquad \dot n_{L'} = -\langle\sigma v\rangle n_{L'}n_{\bar L'} .
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


def build_up(time, decay_rate, parents, daughters, sigma_v, *, antidaughters="0 cm-3"):
    r"""Number densities of the coupled local system, with annihilation.

    The difference :math:`n_{L'} - n_{\bar L'} - n_{B'}` is conserved, so one equation is left, which is solved in
    :math:`n_{\bar L'}` by an implicit method. See `build_up_without_annihilation` for when the whole of it matters.

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
    gamma, parents, daughters, sigma, rare = (
        _one(units.to_internal(value, dimension, name), name)
        for value, dimension, name in (
            (decay_rate, "rate", "decay_rate"),
            (parents, "number_density", "parents"),
            (daughters, "number_density", "daughters"),
            (sigma_v, "sigma_v", "sigma_v"),
            (antidaughters, "number_density", "antidaughters"),
        )
    )
    scale, last = parents + daughters + rare, times.max(initial=0.0)
    if scale == 0 or last == 0:
        antidensity = np.full(times.shape, rare)
    else:
        # per total density and last time: numbers of order 1, whatever the units
        steps, strength = gamma * last, sigma * scale * last

        def rhs(t, y):
            left = parents / scale * np.exp(-steps * t)
            gone = -parents / scale * np.expm1(-steps * t)
            return steps * left - strength * y * (y + (daughters - rare) / scale - gone)

        ordered, back = np.unique(times.ravel() / last, return_inverse=True)
        _, states = boltzmann._solve_stiff(rhs, (0.0, 1.0), [rare / scale], _RTOL, _RTOL * 1e-6, ordered)
        antidensity = (states[0] * scale)[back].reshape(times.shape)
    decayed = -parents * np.expm1(-gamma * times)
    return LocalDensities(
        time=units.attach(times, "time"),
        parents=units.attach(parents * np.exp(-gamma * times), "number_density"),
        daughters=units.attach(antidensity + daughters - rare - decayed, "number_density"),
        antidaughters=units.attach(antidensity, "number_density"),
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


def pair_factor(lifetimes, parent_yield=1.0, daughter_yield=1.0):
    r"""Pair factor P: injected power is P rho^2 <sigma v>/m, and P = 1 for self-conjugate dark matter.

    With yields y_B of parents and y_L of primordial daughters of equal masses,

    .. math:: P = \frac{2 n_{L'} n_{\bar L'} m^2}{\rho^2} = \frac{2 y_L y_B (1 - e^{-\Gamma t})}{(y_B + y_L)^2} .

    Symmetric Dirac dark matter and a fully decayed model with equal yields have P = 1/2. Published limits on <sigma v>
    are for P = 1: divide them by P.

    Parameters
    ----------
    lifetimes : float or array
        Gamma t, time in units of the mean life; infinite is allowed.
    parent_yield, daughter_yield : float or array
        y_B, y_L; only their ratio counts.

    Returns
    -------
    float or ndarray

    Raises
    ------
    InputError
        Negative values, or no particles at all.
    """
    steps, parents, daughters = (np.asarray(value, dtype=float) for value in (lifetimes, parent_yield, daughter_yield))
    if not (np.all(steps >= 0) and np.all(parents >= 0) and np.all(daughters >= 0) and np.all(parents + daughters > 0)):
        raise InputError(
            f"lifetimes = {lifetimes}, yields {parent_yield} and {daughter_yield}; none may be negative, and not both "
            "yields zero. Yields of opposite signs never make pairs"
        )
    factor = -2 * daughters * parents * np.expm1(-steps) / (parents + daughters) ** 2
    return float(factor) if np.ndim(factor) == 0 else factor


def _not_negative(value, name):
    if np.any(np.asarray(value) < 0):
        raise InputError(f"{name} = {value} in powers of GeV; it must not be negative")
    return value


def _one(value, name):
    if np.ndim(value):
        raise InputError(f"{name} has shape {np.shape(value)}; one value is needed")
    return _not_negative(value, name)
