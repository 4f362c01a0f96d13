"""How much the steps of an orbit iteration change its answer, from few of its orbits."""

from dataclasses import fields, replace

import numpy as np

from halokick.errors import InputError
from halokick.live.orbit_iteration import STEPS, orbit_iteration

FEWEST = 1000
_ORDER = 2
_COUNTED = 100


def step_error(start, df, *, steps=STEPS, every=8, activation=None, birth_kick=None, **settings):
    """Estimated error of ln M(<r) that comes from the length of steps.

    A part of the orbits is followed with all steps and with half of them. Both runs have the same noise, which drops
    out; errors fall at least with the square of the step, so that a third of the difference or less is left.

    Parameters
    ----------
    start, df, steps, activation, birth_kick, settings
        As of the `orbit_iteration` whose error is wanted.
    every : int
        How many times fewer orbits.

    Returns
    -------
    ndarray, shape (moments, edges)
        ln of the finer answer over that of infinitely many steps; 0 where fewer than 100 orbits are inside.

    Raises
    ------
    InputError
        An odd number of steps, or fewer than 1000 orbits left.
    """
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 2 or steps % 2:
        raise InputError(f"steps = {steps!r}; an even number is needed, to be halved")
    if isinstance(every, bool) or not isinstance(every, (int, np.integer)) or every < 1 or len(start) // every < FEWEST:
        raise InputError(f"every = {every!r}; of {len(start)} orbits at least {FEWEST} have to remain")
    few = _first(start, len(start) // every)
    for name, values in (("activation", activation), ("birth_kick", birth_kick)):
        settings[name] = None if values is None else np.asarray(values)[: len(few)]
    fine, coarse = (orbit_iteration(few, df, steps=count, **settings) for count in (steps, steps // 2))
    errors = []
    for better, worse in zip(fine.moments, coarse.moments, strict=True):
        inside = np.minimum(np.cumsum(better.total.count), np.cumsum(worse.total.count))[:-1] >= _COUNTED
        masses = better.total.enclosed[inside] / worse.total.enclosed[inside]
        error = np.zeros(len(inside))
        error[inside] = -np.log(masses) / (2**_ORDER - 1)
        errors.append(error)
    return np.array(errors)


def _first(start, count):
    """The first particles, with the mass of all. Of an even sequence they are even too; one in every few is not."""
    arrays = {}
    for item in fields(start):
        value = getattr(start, item.name)
        if isinstance(value, np.ndarray):
            arrays[item.name] = np.ascontiguousarray(value[:count])
    arrays["mass"] = arrays["mass"] * (start.mass.sum() / arrays["mass"].sum())
    return replace(start, **arrays)
