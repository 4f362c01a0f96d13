"""Stacked limits against printed numbers, a brute-force minimum, and quadratic forms."""

import astropy.units as u
import numpy as np
import pytest
from scipy.optimize import brentq, minimize, minimize_scalar

from halokick.errors import InputError, UnitError
from halokick.sky.flux import DistinctSpecies, SelfConjugate, SharesOfDarkMatter
from halokick.sky.likelihood_profile import GaussianProfile, SignalProfile
from halokick.sky.quick_limits import background_limited_ratio, signal_limited_ratio
from halokick.sky.stacking import ONE_SIDED_95, GaussianInLogJ, LogNormalInJ, Target, reread_limit, stacked_limit

SIGNAL = u.Unit("GeV2 cm-2 s-1")
J = 1 * u.Unit("GeV2 cm-5")
SQUARE = GaussianProfile(1 * SIGNAL)
PLAIN = {"pairs": DistinctSpecies(), "threshold": 2.7055}


def targets(*rows, profile=SQUARE):
    return [Target(f"dwarf {i}", a * J, w, profile) for i, (a, w) in enumerate(rows)]


@pytest.mark.parametrize(
    ("width", "printed"), [(0, 1.64484), (0.1, 1.75945), (0.2, 2.08405), (0.3, 2.61607), (0.5, 4.51064)]
)
def test_one_target_with_an_uncertain_j(width, printed):
    assert stacked_limit(targets((1, width)), **PLAIN).value == pytest.approx(printed, abs=5e-6)  # its digits


def test_three_targets():
    suppression = np.array([[1, 1, 1], [0.6, 0.3, 0.1], [0.3, 0.05, 0.01]])
    found = stacked_limit(targets((1, 0.2), (0.8, 0.4), (0.5, 0.6)), suppression, **PLAIN).value
    assert found == pytest.approx([1.461523, 3.083934, 6.817766], abs=5e-7)
    certain = stacked_limit(targets((1, 0), (0.8, 0), (0.5, 0)), suppression, **PLAIN).value
    assert certain == pytest.approx([1.196445, 2.537742, 5.433964], abs=5e-7)
    # without errors of J the likelihoods add up to one square
    weights = suppression @ np.diag([1, 0.8, 0.5])
    assert certain == pytest.approx(np.sqrt(2.7055 / np.sum(weights**2, axis=1)), rel=1e-10)


def brute(profiles, j, width, threshold, centre=0.0):
    """Limit by nested general-purpose optimisers."""

    def profiled(sigma):
        total = 0.0
        for profile, a, w in zip(profiles, j, width, strict=True):
            c = centre * w**2
            total += min(
                minimize_scalar(
                    lambda y, p=profile, a=a, w=w, c=c: float(p(sigma * a * 10**y)) + ((y - c) / w) ** 2,
                    bracket=(start, start + 0.1 * w),
                ).fun
                for start in (c, c - 2 * w)
            )
        return total

    grid = np.geomspace(1e-3, 30, 120)
    values = np.array([profiled(s) for s in grid])
    best = grid[np.argmin(values)]
    nothing = sum(float(p(0.0)) for p in profiles)
    least = min(nothing, minimize_scalar(profiled, bounds=(0.8 * best, 1.25 * best), method="bounded").fun)
    return brentq(lambda s: profiled(s) - least - threshold, best, 1e3, rtol=1e-10)


@pytest.mark.parametrize(("prior", "centre"), [(GaussianInLogJ(), 0.0), (LogNormalInJ(), -np.log(10))])
def test_excess_and_deficit_against_general_optimisers(prior, centre):
    profiles = [GaussianProfile(0.7 * SIGNAL, 1.9 * SIGNAL), GaussianProfile(1.3 * SIGNAL, -1.0 * SIGNAL)]
    j, width = (1.0, 0.6), (0.25, 0.4)
    stack = [Target("a", j[0] * J, width[0], profiles[0]), Target("b", j[1] * J, width[1], profiles[1])]
    found = stacked_limit(stack, prior=prior, **PLAIN).value
    squares = [lambda s: ((s - 1.9) / 0.7) ** 2, lambda s: ((s + 1.0) / 1.3) ** 2]
    assert found == pytest.approx(brute(squares, j, width, 2.7055, centre), rel=1e-6)  # the optimisers' tolerance


def test_poisson_target_in_a_table():
    # n = 3 seen, b = 4.2 expected: -2 ln L = 2 (s + b) - 2 n ln(s + b), read from a table
    s = np.concatenate([[0], np.geomspace(1e-3, 60, 300)])
    table = SignalProfile(s * SIGNAL, 2 * (s + 4.2) - 6 * np.log(s + 4.2))
    found = stacked_limit(targets((1, 0.3), profile=table), **PLAIN).value
    exact = brute([lambda s: 2 * (s + 4.2) - 6 * np.log(s + 4.2)], [1.0], [0.3], 2.7055)
    assert found == pytest.approx(exact, rel=1e-5)  # cubics between rows 4 per cent apart


def test_minimum_over_all_errors_at_once_is_the_sum_of_minima():
    rows = ((1, 0.2), (0.8, 0.4), (0.5, 0.6))
    limit = stacked_limit(targets(*rows), **PLAIN).value

    def total(y):
        return sum((limit * a * 10**t) ** 2 + (t / w) ** 2 for (a, w), t in zip(rows, y, strict=True))

    assert minimize(total, np.zeros(3), tol=1e-12).fun == pytest.approx(2.7055, rel=1e-9)


def test_prior_with_one_over_j_moves_the_centre():
    # y + w^2 ln 10 in the place of y turns one into the other, for J larger by 10^(w^2 ln 10)
    width = 0.3
    gauss = stacked_limit(targets((1, width)), **PLAIN).value
    shifted = stacked_limit(targets((10 ** (width**2 * np.log(10)), width)), prior=LogNormalInJ(), **PLAIN).value
    assert shifted == pytest.approx(gauss, rel=1e-9)


def test_stack_without_width_scales_with_the_suppression():
    stack = targets((1, 0), (3, 0))
    once = stacked_limit(stack, **PLAIN)
    assert stacked_limit(stack, 0.01, **PLAIN).value == pytest.approx(100 * once.value, rel=1e-10)
    assert stacked_limit(stack, pairs=SharesOfDarkMatter()).value == pytest.approx(
        4 * stacked_limit(stack, pairs=DistinctSpecies()).value, rel=1e-10
    )
    assert stacked_limit(stack).value == pytest.approx(stacked_limit(stack, pairs=SelfConjugate()).value, rel=1e-14)
    assert np.sqrt(ONE_SIDED_95) == pytest.approx(1.6448536, rel=1e-7)


def test_nothing_left_is_no_limit():
    stack = targets((1, 0.2), (3, 0.2))
    found = stacked_limit(stack, [[0, 0], [1, 0]], **PLAIN).value
    assert found[0] == np.inf
    assert found[1] == pytest.approx(stacked_limit(stack[:1], **PLAIN).value, rel=1e-9)


def test_published_limit_is_read_again():
    published = 2.2e-26 * u.cm**3 / u.s
    # equal halves: P = 1/2
    assert reread_limit(published, [1.0, 0.25]).value == pytest.approx([4.4e-26, 1.76e-25], rel=1e-12)
    assert reread_limit(published, 0.5, pairs=SelfConjugate()).value == pytest.approx(4.4e-26, rel=1e-12)
    assert reread_limit(published, 0.0).value == np.inf
    # one target: exactly what its likelihood gives
    stack = targets((1, 0.3))
    again = reread_limit(stacked_limit(stack), 0.2).value
    assert again == pytest.approx(stacked_limit(stack, 0.2, pairs=SharesOfDarkMatter()).value, rel=1e-9)


def test_quick_forms_are_the_stack_without_errors_of_j():
    j, s, b = np.array([3.0, 1.0, 0.4]), np.array([[0.5, 0.2, 0.9], [1, 1, 1]]), np.array([4.0, 1.0, 9.0])
    stack = [Target("x", a * J, 0, GaussianProfile(np.sqrt(n) * SIGNAL)) for a, n in zip(j, b, strict=True)]
    exact = (stacked_limit(stack, s) / stacked_limit(stack)).value
    assert background_limited_ratio(j, s, b) == pytest.approx(exact, rel=1e-9)
    # without background -2 ln L = 2 s: one sum of signals
    table = SignalProfile(np.array([0, 1, 10, 100]) * SIGNAL, 2.0 * np.array([0, 1, 10, 100]))
    stack = [Target("x", a * J, 0, table) for a in j]
    exact = (stacked_limit(stack, s) / stacked_limit(stack)).value
    assert signal_limited_ratio(j * J, s) == pytest.approx(exact, rel=1e-9)
    assert signal_limited_ratio(j, np.zeros(3)) == np.inf


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: stacked_limit([]), InputError, "is empty"),
        (lambda: stacked_limit(targets((1, 0)), [1, 1]), InputError, "2 columns for 1 targets"),
        (lambda: stacked_limit(targets((1, 0)), [-1]), InputError, "zero or more"),
        (lambda: stacked_limit(targets((1, 0)), threshold=0), InputError, "threshold"),
        (lambda: stacked_limit(targets((1, 0)), prior="flat"), InputError, "GaussianInLogJ"),
        (lambda: stacked_limit(targets((1, 0)), pairs=2), InputError, "DistinctSpecies"),
        (lambda: targets((0, 0)), InputError, "above 0"),
        (lambda: targets((1, -1)), InputError, "width_dex"),
        (lambda: targets((1, 0), profile=3), InputError, "SignalProfile"),
        (lambda: Target("x", 1e19, 0.1, SQUARE), UnitError, "no unit"),
        (lambda: reread_limit(1e-26, 1.0), UnitError, "no unit"),
        (lambda: reread_limit(1e-26 * u.cm**3 / u.s, -1.0), InputError, "zero or more"),
        (lambda: background_limited_ratio([1.0], [1.0, 2.0]), InputError, "last axis"),
        (lambda: signal_limited_ratio([-1.0], [1.0]), InputError, "positive"),
    ],
)
def test_nonsense_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_limit_beyond_every_table_is_refused():
    short = SignalProfile(np.array([0, 0.3, 0.6, 1.2]) * SIGNAL, np.array([0, 0.09, 0.36, 1.44]))
    with pytest.raises(InputError, match="beyond the last row of every"):
        stacked_limit(targets((1, 0.0), profile=short), **PLAIN)


@pytest.mark.parametrize("width", [0.5, 2.0, 4.0])
def test_a_j_known_to_decades_only_has_its_limit_decades_higher(width):
    # with y = -u w^2 ln 10 at the least, u + u^2 (w ln 10)^2 is the threshold, for u = (sigma 10^y)^2
    square = (width * np.log(10)) ** 2
    u_ = (np.sqrt(1 + 4 * 2.7055 * square) - 1) / (2 * square)
    expected = np.sqrt(u_) * 10 ** (u_ * width**2 * np.log(10))
    assert stacked_limit(targets((1, width)), **PLAIN).value == pytest.approx(expected, rel=1e-9)


def _brute(rows, log_sigma):
    """-2 ln L of (J, width, best) in units of the error of the signal, every y by brute force."""
    total = np.zeros_like(log_sigma)
    for j, width, best in rows:
        at = log_sigma[:, None] + np.log10(j)
        there = np.log10(best) - at if best > 0 else np.zeros_like(at)
        near, far = np.linspace(-0.3, 0.3, 2001), np.linspace(-2.5, 2.5, 1001)
        y = np.concatenate([there * np.linspace(0, 1, 1001), there + near, 0 * at + far], axis=1)
        y = y if width > 0 else np.zeros_like(at)
        total += np.min((10 ** (at + y) - best) ** 2 + (y / max(width, 1e-9)) ** 2, axis=1)
    return total


@pytest.mark.parametrize(
    "known",
    [
        [(1.0, 0.2, 100.0)],
        [(1.0, 0.0, 50.0), (1.3, 0.0, 67.0)],
        [(1.0, 0.0, 40.0), (3.0, 0.3, 0.0)],
        [(1.0, 1.0, 30.0), (1.2, 0.02, 34.0), (0.1, 0.3, 0.0)],
        [(1.0, 0.05, 60.0), (1.5, 0.1, 140.0)],
    ],
)
def test_excesses_narrower_than_any_lattice(known):
    log_sigma = np.linspace(0.5, 4.0, 3501)
    curve = _brute(known, log_sigma)
    allowed = np.flatnonzero(curve <= np.min(curve) + 2.7055)
    found = [
        Target(f"dwarf {i}", j * J, w, GaussianProfile(1 * SIGNAL, b * SIGNAL)) for i, (j, w, b) in enumerate(known)
    ]
    limit = np.log10(stacked_limit(found, **PLAIN).value)
    # the steps of the brute force in sigma
    assert log_sigma[allowed[-1]] - 1e-3 < limit < log_sigma[allowed[-1]] + 2e-3


def test_the_largest_allowed_of_a_table_with_two_dips():
    s = np.linspace(0, 10, 101)
    value = np.interp(s, [0, 1, 2, 3, 5, 10], [0, 4, 4, 1, 6, 60])
    target = Target("dwarf", 1 * J, 0.0, SignalProfile(s * SIGNAL, value))
    # -2 ln L falls below 2.7055 once more between 2 and 5; it rises by 2.5 per unit there
    assert stacked_limit([target], **PLAIN).value == pytest.approx(3 + 1.7055 / 2.5, rel=1e-6)


def test_limits_far_below_the_error():
    # a deficit of 1e5 errors, or next to no rise: s (2 10^5 + s) = 2.7055
    deep = Target("dwarf", 1 * J, 0.0, GaussianProfile(1 * SIGNAL, -1e5 * SIGNAL))
    assert stacked_limit([deep], **PLAIN).value == pytest.approx(2.7055 / 2e5, rel=1e-5)


def test_suppressions_in_per_cent():
    one = targets((1, 0.2), (2, 0.3))
    assert stacked_limit(one, [50, 20] * u.percent, **PLAIN) == stacked_limit(one, [0.5, 0.2], **PLAIN)
    assert reread_limit("1e-26 cm3/s", 50 * u.percent) == reread_limit("1e-26 cm3/s", 0.5)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Target("dwarf", [1, 2] * J, 0.1, SQUARE),
        lambda: Target("dwarf", 1 * J, "wide", SQUARE),
        lambda: GaussianProfile([1, 2] * SIGNAL),
        lambda: stacked_limit([1, 2]),
        lambda: reread_limit([1e-26, 1e-25] * u.Unit("cm3/s"), [1, 1, 1]),
        lambda: signal_limited_ratio([], []),
        lambda: background_limited_ratio([1, 2], [1, 1], [1, 2, 3]),
    ],
)
def test_one_message_for_what_has_no_meaning(call):
    with pytest.raises((InputError, UnitError)):
        call()
