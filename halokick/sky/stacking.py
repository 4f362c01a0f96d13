r"""Upper limits on the cross-section from several targets whose J-factors are known to a factor.

.. math:: -2\ln L(\sigma v) = \sum_i \min_{y_i}\left[-2\ln L_i(\kappa\,\sigma v\,J_i\,10^{y_i})
          + \frac{(y_i - \bar y_i)^2}{w_i^2}\right]

with w the width of log10 J. Every y has its own minimum, so the sum over targets costs one search each. With
`GaussianInLogJ` :math:`\bar y = 0`: a Gaussian in log10 J. `LogNormalInJ` is the density in J itself, with its factor
1/J, whose maximum lies at :math:`\bar y = -w^2\ln 10`.
"""

from dataclasses import dataclass

import numpy as np

from halokick.errors import InputError
from halokick.sky.flux import SelfConjugate, SharesOfDarkMatter, pair_count
from halokick.sky.signal_units import (
    J_FACTOR,
    SIGMA_V,
    attach,
    check_shapes,
    one_number,
    plain_numbers,
    strip,
)

ONE_SIDED_95 = 2.705543454095404
"""Rise of -2 ln L at a one-sided limit of 95 per cent: the square of 1.644854."""
_LATTICE = np.linspace(-9.0, 9.0, 25)
"""Widths around the centre among which the best y is looked for first."""
_PARABOLAS = 18
"""Steps of the search for a least value; its relative error is then that of rounding where the second slope exists."""
_STEP = 0.2
_NARROW = 1.0
"""Rise of -2 ln L within half a step of its least value above which the step could miss an excess."""
_BELOW, _ABOVE = 4.0, 6.0
"""Decades around the strongest single target, without errors of J, among which limits are sought."""
_SECANTS = 16
"""Steps of the search for the limit, in a bracket of 0.2 dex: 1e-12 of it."""
_SETTLED = 1e-11
_FAR_ABOVE = 25.0


class GaussianInLogJ:
    """Likelihood of the measured log10 J: Gaussian, centred on it."""

    def _centre(self, width):
        return np.zeros_like(width)


class LogNormalInJ:
    """Log-normal density in J, with its factor 1/J: centred below the measured log10 J."""

    def _centre(self, width):
        return -(width**2) * np.log(10.0)


@dataclass(frozen=True)
class Target:
    """One dwarf in a stack.

    Parameters
    ----------
    name : str
    j_factor : Quantity [GeV2 cm-5]
        Without a kick.
    width_dex : float
        Standard deviation of log10 J, zero or more.
    profile : GaussianProfile or SignalProfile
    """

    name: str
    j_factor: object
    width_dex: float
    profile: object

    def __post_init__(self):
        if np.ndim(strip(self.j_factor, J_FACTOR, f"j_factor of {self.name}", above=0)):
            raise InputError(f"{self.name}: j_factor = {self.j_factor} is a list; give one Target for each")
        if not one_number(self.width_dex, f"width_dex of {self.name}") >= 0:
            raise InputError(f"{self.name}: width_dex = {self.width_dex} must be zero or more")
        if not hasattr(self.profile, "_value"):
            raise InputError(
                f"{self.name}: profile = {self.profile!r}; give a SignalProfile, or BinnedProfile.for_spectrum(...)"
            )


def stacked_limit(targets, suppression=1.0, *, pairs=None, threshold=ONE_SIDED_95, prior=None):
    """Largest cross-section that the targets together allow.

    Parameters
    ----------
    targets : sequence of Target
    suppression : float or ndarray, shape (..., targets)
        J_S of the kicked daughters over J of `targets`, with the velocity factor in it where there is one.
    pairs : DistinctSpecies, SelfConjugate or SharesOfDarkMatter, optional
        How pairs are counted in J; self-conjugate if left out, as in published limits.
    threshold : float
        Rise of -2 ln L above its least value for cross-sections of zero or more.
    prior : GaussianInLogJ or LogNormalInJ, optional
        Gaussian in log10 J if left out.

    Returns
    -------
    Quantity [cm3/s], shape of `suppression` without its last axis
        (sigma v)_0; infinite where no target has any suppression above zero, so that nothing is limited.

    Raises
    ------
    InputError
        No targets, negative suppressions, or tables of likelihood that all end before the limit.
    """
    targets = (targets,) if isinstance(targets, Target) else tuple(targets)
    if not targets:
        raise InputError("targets is empty; give at least one Target")
    if not all(isinstance(target, Target) for target in targets):
        raise InputError(f"targets = {targets}; each must be a Target")
    s = plain_numbers(suppression, "suppression")
    s = np.broadcast_to(s, (len(targets),)) if s.ndim == 0 else s
    if s.shape[-1] != len(targets):
        raise InputError(
            f"suppression has {s.shape[-1]} columns for {len(targets)} targets; its last axis is the target"
        )
    if np.any(~(s >= 0)) or np.any(np.isinf(s)):
        raise InputError("suppressions must be finite, and zero or more")
    with np.errstate(divide="ignore"):
        log_j = np.log10([strip(target.j_factor, J_FACTOR, "j_factor") for target in targets]) + np.log10(s)
    width = np.broadcast_to(np.array([float(target.width_dex) for target in targets]), s.shape)
    profiles = [target.profile for target in targets]
    return limits_of(profiles, log_j, width, pairs=pairs, threshold=threshold, prior=prior)


def limits_of(profiles, log10_j, width, *, pairs=None, threshold=ONE_SIDED_95, prior=None):
    """Limits for arrays of J-factors and widths, shape (..., targets), -inf for no signal; see `stacked_limit`.

    Returns
    -------
    Quantity [cm3/s], shape (...)
    """
    if not (np.isfinite(threshold) and threshold > 0):
        raise InputError(f"threshold = {threshold} must be positive; 2.71 is a one-sided limit of 95 per cent")
    prior = GaussianInLogJ() if prior is None else prior
    if not isinstance(prior, (GaussianInLogJ, LogNormalInJ)):
        raise InputError(f"prior = {prior!r}; give GaussianInLogJ() or LogNormalInJ()")
    count = pair_count(SelfConjugate() if pairs is None else pairs)
    shape = log10_j.shape[:-1]
    log_j = log10_j.reshape(-1, len(profiles))
    stack = _Stack(profiles, log_j + np.log10(count), width.reshape(log_j.shape), prior)
    found = np.full(len(log_j), np.inf)
    some = np.any(np.isfinite(log_j), axis=1)
    if np.any(some):
        found[some] = 10.0 ** stack.rows(some).limit(threshold)
    return attach(found.reshape(shape)[()], SIGMA_V)


def reread_limit(published, suppression, *, pairs=None):
    r"""A published limit on self-conjugate dark matter as a limit on kicked daughters, :math:`\sigma v/(P\,S_J)`.

    Exact for one target below the instrument's resolution. For a stack it is exact only if one suppression holds for
    all its targets: their weights change with the kick, which `stacked_limit` follows.

    Parameters
    ----------
    published : Quantity [cm3/s], any shape
    suppression : float or ndarray, broadcast with `published`
        S_J = J_S with the kick over J_s without.
    pairs : DistinctSpecies, SelfConjugate or SharesOfDarkMatter, optional
        Equal halves, P = 1/2, if left out.

    Returns
    -------
    Quantity [cm3/s]
        Infinite where nothing is left.
    """
    from_shares = pair_count(SharesOfDarkMatter() if pairs is None else pairs) / SelfConjugate().factor
    s = plain_numbers(suppression, "suppression")
    check_shapes(published=published, suppression=s)
    if np.any(~(s >= 0)) or np.any(np.isinf(s)):
        raise InputError(f"suppression = {suppression} must be finite, and zero or more")
    value = np.asarray(strip(published, SIGMA_V, "published", above=0))
    with np.errstate(divide="ignore"):
        return attach((value / (from_shares * s))[()], SIGMA_V)


class _Stack:
    """Likelihoods of several problems (rows) with the same targets (columns)."""

    def __init__(self, profiles, log_j, width, prior):
        self._profiles, self._log_j, self._width, self._prior = profiles, log_j, width, prior
        self._centre = prior._centre(width)

    def rows(self, which):
        return _Stack(self._profiles, self._log_j[which], self._width[which], self._prior)

    def limit(self, threshold):
        """log10 of the limit on (sigma v)_0, per row."""
        places, curve = self._scanned(threshold)
        nothing, rows = self.without_signal(), np.arange(len(places))
        best = np.argmin(curve, axis=1)
        inside = (best > 0) & (curve[rows, best] < nothing)
        peak, least = self._least_near(places, best, inside)
        least = np.minimum(least, np.minimum(nothing, curve[rows, best]))
        # the largest that is allowed: above it, all that was looked at is excluded
        allowed = (curve <= (least + threshold)[:, None]) | (places <= peak[:, None])
        last = np.max(np.where(allowed, np.arange(places.shape[1]), -1), axis=1)
        if np.any(last == places.shape[1] - 1):
            raise InputError("the likelihoods do not rise far enough for a limit; give profiles up to larger signals")
        high = places[rows, last + 1]
        low = np.where(last >= 0, np.maximum(places[rows, last], peak), high - _STEP)
        root = self._root(low, high, least + threshold)
        self._check_reach(root)
        return root

    def _scanned(self, threshold):
        """Places in log10 of (sigma v)_0, rising in every row, and an upper bound of -2 ln L there.

        Infinite far above the least value, where there is nothing more to learn.
        """
        scale = np.log10([profile._scale for profile in self._profiles])
        first = np.min(scale - self._log_j, axis=1)
        # a J that may be decades smaller than its median lets limits lie as much higher
        highest = _ABOVE + 3 * float(np.max(self._width, initial=0.0))
        places = first[:, None] + np.arange(-_BELOW, highest + 0.5 * _STEP, _STEP)
        narrow = [i for i, profile in enumerate(self._profiles) if _is_narrow(profile)]
        if narrow:
            own = np.log10([self._profiles[i]._best for i in narrow]) - self._log_j[:, narrow]
            own = np.where(np.isfinite(own), own, first[:, None])
            places = np.sort(np.concatenate([places, own], axis=1), axis=1)
        look = _Stack.__call__ if narrow else _Stack.on_lattice
        curve, least = np.full(places.shape, np.inf), self.without_signal()
        todo = np.arange(len(first))
        for j in range(places.shape[1]):
            curve[todo, j] = look(self.rows(todo), places[todo, j])
            least[todo] = np.minimum(least[todo], curve[todo, j])
            todo = todo[curve[todo, j] < least[todo] + threshold + _FAR_ABOVE]
            if not len(todo):
                break
        return places, curve

    def without_signal(self):
        """-2 ln L at zero cross-section; y stays at its centre."""
        zero = [float(profile._value(np.array(0.0))) for profile in self._profiles]
        return np.full(len(self._log_j), np.sum(zero))

    def on_lattice(self, log_sigma):
        """-2 ln L with every y the best of a lattice: an upper bound that is quick to have."""
        return sum(np.min(tried, axis=0) for _, _, tried in self._tried(log_sigma))

    def __call__(self, log_sigma):
        """-2 ln L with every y at its best, for one cross-section per row."""
        total = np.zeros(len(log_sigma))
        for value, places, tried in self._tried(log_sigma):
            i = np.clip(np.argmin(tried, axis=0), 1, len(tried) - 2)
            three = [(places[i + k, np.arange(len(i))], tried[i + k, np.arange(len(i))]) for k in (-1, 0, 1)]
            total += np.minimum(np.min(tried, axis=0), _least(value, *three)[1])
        return total

    def _tried(self, log_sigma):
        """Of each target: -2 ln L as a function of y, the lattice of y, and its values there."""
        for i, profile in enumerate(self._profiles):
            log_s, width, centre = log_sigma + self._log_j[:, i], self._width[:, i], self._centre[:, i]
            value = _pulled(profile, log_s, width, centre)
            places = centre + width * _LATTICE[:, None]
            if profile._best > 0:
                # an excess may be narrower than the lattice; a J that is known leaves no choice
                there = np.where((width > 0) & np.isfinite(log_s), np.log10(profile._best) - log_s, centre)
                places = np.sort(np.concatenate([places, there[None]]), axis=0)
            yield value, places, value(places)

    def _least_near(self, places, best, inside):
        """Place and value of the least -2 ln L around the best of `places`; infinite for the rows without an excess."""
        found, result = np.full(len(best), -np.inf), np.full(len(best), np.inf)
        if np.any(inside):
            part, rows = self.rows(inside), np.flatnonzero(inside)
            columns = (np.clip(best[inside] + k, 0, places.shape[1] - 1) for k in (-1, 0, 1))
            three = [places[rows, column] for column in columns]
            found[inside], result[inside] = _least(part, *[(place, part(place)) for place in three])
        return found, result

    def _root(self, low, high, wanted):
        """Where -2 ln L crosses `wanted`: regula falsi, halving the weight of an end that stays (Illinois)."""
        at_low, at_high = self(low) - wanted, self(high) - wanted
        while np.any(at_low > 0):  # the limit lies below all that was looked at
            low = np.where(at_low > 0, low - 1.0, low)
            at_low = self(low) - wanted
        while np.any(at_high < 0):  # the lattice's bound was above the curve
            low, at_low = np.where(at_high < 0, high, low), np.where(at_high < 0, at_high, at_low)
            high = np.where(at_high < 0, high + _STEP, high)
            at_high = self(high) - wanted
        was_over = np.zeros(len(low), dtype=int)
        for _ in range(_SECANTS):
            new = high - at_high * (high - low) / (at_high - at_low)
            at_new = self(new) - wanted
            over = at_new > 0
            at_low = np.where(over, np.where(was_over == 1, 0.5 * at_low, at_low), at_new)
            at_high = np.where(over, at_new, np.where(was_over == -1, 0.5 * at_high, at_high))
            low, high = np.where(over, low, new), np.where(over, new, high)
            was_over = np.where(over, 1, -1)
            if np.all(np.abs(at_new) <= _SETTLED):
                break
        return new

    def _check_reach(self, log_sigma):
        last = np.array([profile._last for profile in self._profiles])
        beyond = np.all((log_sigma[:, None] + self._log_j > np.log10(last)) | np.isneginf(self._log_j), axis=1)
        if np.any(beyond):
            raise InputError(
                "the limit lies beyond the last row of every target's table of likelihood; give tables up to larger "
                "signals"
            )


def _is_narrow(profile):
    best = profile._best
    if not best > 0:
        return False
    least, *beside = (float(profile._value(np.array(best * 10**step))) for step in (0.0, -0.5 * _STEP, 0.5 * _STEP))
    return max(beside) - least > _NARROW


def _pulled(profile, log_s, width, centre):
    def value(y):
        pull = np.divide(y - centre, width, out=np.zeros_like(y), where=width > 0)
        return profile._value(10.0 ** np.minimum(log_s + y, 300.0)) + pull**2

    return value


def _least(function, left, middle, right):
    """Place and value of the least, from three (place, value) with the least in the middle.

    Parabolas, and every third time a section.
    """
    (a, at_a), (b, at_b), (c, at_c) = left, middle, right
    for step in range(_PARABOLAS):
        p = (b - a) ** 2 * (at_b - at_c) - (b - c) ** 2 * (at_b - at_a)
        q = (b - a) * (at_b - at_c) - (b - c) * (at_b - at_a)
        with np.errstate(invalid="ignore", over="ignore"):
            x = b - 0.5 * np.divide(p, q, out=np.full_like(b, np.inf), where=q != 0)
        section = np.where(c - b > b - a, b + 0.382 * (c - b), b - 0.382 * (b - a))
        x = np.where((x > a) & (x < c) & (x != b) & (step % 3 != 2), x, section)
        at_x = function(x)
        better, right_of = at_x < at_b, x > b
        # the point that is no longer needed leaves
        a, at_a = _moved(right_of & better, b, at_b, ~right_of & ~better, x, at_x, a, at_a)
        c, at_c = _moved(~right_of & better, b, at_b, right_of & ~better, x, at_x, c, at_c)
        b, at_b = np.where(better, x, b), np.where(better, at_x, at_b)
    return b, at_b


def _moved(first, place, value, second, other, at_other, old, at_old):
    return (
        np.where(first, place, np.where(second, other, old)),
        np.where(first, value, np.where(second, at_other, at_old)),
    )
