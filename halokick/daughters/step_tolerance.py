"""The tolerance of a step with which orbits arrive as accurate as asked for, found by following a few of them."""

import numpy as np

_ROUNDS = 5
_SHARE, _AIM = 0.99, 0.5
"""This share of the orbits is brought to this part of the tolerance: following one again costs as much as many."""
_SLOPE = 0.8
"""Errors of energy grow about as this power of a step's tolerance; the trials tell better."""
_SLOPES = 0.5, 3.0
_LOOSEST, _STRICTEST = 1e-2, 1e-13
_ROUNDING = 1e-14
_ENOUGH = 0.5


def find_step_tolerance(errors, wanted):
    """The largest tolerance of a step with which nearly all orbits have errors below half of `wanted`.

    Parameters
    ----------
    errors : callable
        From the tolerance of a step to the errors of some orbits, an array.
    wanted : float

    Returns
    -------
    float
        The best that was tried, if a few trials find none that is good.
    """
    step, best, slope, before = wanted, None, _SLOPE, None
    for _ in range(_ROUNDS):
        reached = max(float(np.quantile(errors(step), _SHARE)), _ROUNDING)
        if reached <= _AIM * wanted:
            best = step if best is None else max(best, step)
            if reached >= _ENOUGH * _AIM * wanted:
                break
        if before is not None and before[0] != step:
            slope = float(np.clip(np.log(reached / before[1]) / np.log(step / before[0]), *_SLOPES))
        before = step, reached
        change = np.clip((0.8 * _AIM * wanted / reached) ** (1 / slope), 1e-3, 1e3)
        step = float(np.clip(step * change, _STRICTEST, _LOOSEST))
    return step if best is None else best
