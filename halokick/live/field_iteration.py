"""Fixed point of a field that depends on the orbits that depend on the field, by Anderson's mixing of last attempts."""

import numpy as np

_MEMORY = 5
_FARTHEST = 0.7
"""Largest change of ln M in one correction."""


class FieldIteration:
    r"""Solution of G(y) = y, y = ln M(<r), at one step; made anew for each.

    The answer of a halo to a change of its field is itself of order one, so that y <- G(y) closes in slowly. Anderson's
    mixing (Anderson 1965, J. ACM 12, 547; Walker & Ni 2011, SIAM J. Numer. Anal. 49, 1715) takes the combination of
    the last attempts whose residuals G(y) - y, in the same combination, is smallest.

    Parameters
    ----------
    weight : ndarray
        How much each edge counts in the residual.
    """

    def __init__(self, weight):
        self._weight = weight
        self._attempts = []

    def next(self, y, image, trusted):
        """The next y to try, from the last one and its image G(y), which is taken as it is inside edge `trusted`."""
        self._attempts = [*self._attempts, (image - y, image)][-_MEMORY - 1 :]
        residual, image = self._attempts[-1]
        mixed = image
        if len(self._attempts) > 1:
            residuals = np.array([attempt[0] for attempt in self._attempts])
            images = np.array([attempt[1] for attempt in self._attempts])
            falls = np.diff(residuals, axis=0)
            share = np.linalg.lstsq((falls * self._weight).T, residual * self._weight, rcond=1e-8)[0]
            mixed = image - share @ np.diff(images, axis=0)
        changed = y + np.clip(mixed - y, -_FARTHEST, _FARTHEST)
        changed[:trusted] = image[:trusted]
        return _rising(changed)


def _rising(y):
    """No more inside than farther out, where more orbits say what is right."""
    return np.minimum.accumulate(y[::-1])[::-1]


def predicted(times, solutions, time, trusted):
    """Polynomial through the last solutions (at most three), at a later time; inside edge `trusted` as at that edge."""
    times, solutions = times[-3:], solutions[-3:]
    total = np.zeros_like(solutions[-1])
    for i, (at, solution) in enumerate(zip(times, solutions, strict=True)):
        factor = 1.0
        for j, other in enumerate(times):
            if j != i:
                factor *= (time - other) / (at - other)
        total += factor * solution
    change = np.clip(total - solutions[-1], -_FARTHEST, _FARTHEST)
    change[:trusted] = change[trusted]
    return _rising(solutions[-1] + change)
