r"""The Boltzmann equations of any model, solved in logarithmic variables by a method made for stiff systems.

A model gives dY/d ln x of its species as an ordinary function of x and the yields. The driver rewrites it for ln Y,
:math:`d\ln Y/d\ln x = (dY/d\ln x)/Y`, and solves it with Radau IIA of fifth order, which is implicit and L-stable:
in equilibrium, where rates are 1e10 times the expansion, it does not have to follow them. A solution that did not
reach the end is an error, never a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from scipy.integrate import solve_ivp

from cosmology.errors import ConvergenceError, InputError

_LARGEST = 100.0  # |ln Y| beyond this is no yield but a trial step gone astray
_SMALLEST = -600.0
_MOST_CALLS = 200_000


@dataclass(frozen=True)
class YieldHistory:
    """Yields along x, as the solver stepped.

    Attributes
    ----------
    x : ndarray (n,)
        The independent variable, such as m/T, growing with time.
    yields : mapping of str to ndarray (n,)
        Numbers per entropy, by species.
    rtol : float
        Relative tolerance that was asked for.
    g_star : str
        Degrees of freedom that the equations used.
    """

    x: np.ndarray
    yields: Mapping
    rtol: float
    g_star: str

    def __post_init__(self):
        arrays = {name: _read_only(values) for name, values in self.yields.items()}
        object.__setattr__(self, "x", _read_only(self.x))
        object.__setattr__(self, "yields", MappingProxyType(arrays))

    def __reduce__(self):  # a read-only mapping does not travel between processes, its content does
        return type(self), (self.x, dict(self.yields), self.rtol, self.g_star)

    @property
    def final(self):
        """Dict of the yields at the end."""
        return {name: float(values[-1]) for name, values in self.yields.items()}

    def with_yields(self, **more):
        """The same history with further species, each an array along x."""
        return replace(self, yields={**self.yields, **more})


def evolve(rhs, yields, span, *, signed=None, at=None, rtol=1e-8, g_star="none"):
    r"""Solve the Boltzmann equations of a model.

    Parameters
    ----------
    rhs : callable
        ``rhs(x, Y)`` gives dY/d ln x as an array, in the order of `yields`.
    yields : dict of str to float
        Where each species starts. Positive, and they stay so, except those named in `signed`.
    span : (float, float)
        First and last x, 0 < first < last.
    signed : dict of str to float
        Species that may be zero or negative, such as an asymmetry that builds up, each with the size below which it
        is of no interest. They are solved for as they are, the others through their logarithm.
    at : array
        Values of x to give the yields at; the solver's own steps if not given.
    rtol : float
        Relative error allowed per step.
    g_star : str
        Label of the degrees of freedom in `rhs`, for the record.

    Returns
    -------
    YieldHistory

    Raises
    ------
    InputError
        A start or a span without meaning.
    ConvergenceError
        The solver gave up, took too many steps, or a yield left the range of numbers.
    """
    signed = dict(signed or {})
    names, start, log = _start(yields, signed)
    first, last = span
    if not 0 < first < last < np.inf:
        raise InputError(f"span = {span}; the first x must be positive and below the last")
    if not 1e-13 <= rtol <= 1e-2:
        raise InputError(f"rtol = {rtol}; it must lie from 1e-13 to 0.01")
    # an absolute error of ln Y is a relative one of Y
    atol = np.where(log, rtol, 1.0)
    for name, size in signed.items():
        atol[names.index(name)] = rtol * size

    def in_logs(log_x, state):
        held = np.where(log, np.clip(state, _SMALLEST, _LARGEST), 0.0)
        values = np.where(log, np.exp(held), state)
        slope = np.asarray(rhs(np.exp(log_x), values), dtype=float)
        return np.where(log, slope / np.where(log, values, 1.0), slope)

    state = np.where(log, np.log(np.where(log, start, 1.0)), start)
    times = None if at is None else np.log(np.asarray(at, dtype=float))
    log_x, states = _solve_stiff(in_logs, (np.log(first), np.log(last)), state, rtol, atol, times)
    if np.any(states[log] <= _SMALLEST) or np.any(states[log] >= _LARGEST):
        gone = [name for name, row, is_log in zip(names, states, log, strict=True) if is_log and row.min() <= _SMALLEST]
        raise ConvergenceError(
            f"yields of {gone or 'some species'} left the range from exp({_SMALLEST:g}) to exp({_LARGEST:g}); "
            "end the span earlier, or leave that species out"
        )
    values = {name: np.exp(row) if is_log else row for name, row, is_log in zip(names, states, log, strict=True)}
    return YieldHistory(x=np.exp(log_x), yields=values, rtol=float(rtol), g_star=str(g_star))


def _solve_stiff(rhs, span, start, rtol, atol, times=None):
    """One call of Radau with its status looked at: (times, states), or an error. For other systems than yields too."""
    calls = 0

    def counted(t, y):
        nonlocal calls
        calls += 1
        if calls > _MOST_CALLS:
            raise ConvergenceError(
                f"more than {_MOST_CALLS} evaluations by t = {t:.6g} of {span}; the system jumps, or rtol = {rtol} is "
                "out of reach"
            )
        return rhs(t, y)

    solution = solve_ivp(counted, span, start, method="Radau", rtol=rtol, atol=atol, t_eval=times)
    if not solution.success:
        raise ConvergenceError(f"the solver stopped at t = {solution.t[-1:]} of {span}: {solution.message}")
    if not np.all(np.isfinite(solution.y)):
        raise ConvergenceError(f"the solution over {span} is not finite")
    return solution.t, solution.y


def _start(yields, signed):
    names = list(yields)
    if not names:
        raise InputError("yields is empty; name at least one species and where it starts")
    foreign = sorted(set(signed) - set(names))
    if foreign:
        raise InputError(f"signed names {foreign}, which are not among the species {names}")
    if not all(size > 0 for size in signed.values()):
        raise InputError(f"signed = {signed}; each size must be positive")
    start = np.array([float(yields[name]) for name in names])
    log = np.array([name not in signed for name in names])
    bad = [name for name, value, is_log in zip(names, start, log, strict=True) if is_log and not value > 0]
    if bad or not np.all(np.isfinite(start)):
        raise InputError(
            f"yields start at {dict(yields)}; {bad or 'they'} must be positive and finite. Species that start at zero "
            "or change sign belong into `signed`"
        )
    return names, start, log


def _read_only(values):
    values = np.array(values, dtype=float)
    values.flags.writeable = False
    return values
