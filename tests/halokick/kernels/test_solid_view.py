"""Ratios on nodes against SciPy's interpolation, and lines through them against plain sums."""

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from halokick.kernels.line_of_sight import DEGREE, RadialTable
from halokick.kernels.solid_view import BOXES, EVERYWHERE, RINGS, Ratios, line_residuals, ratios

R_MAX = 9.0
NODES = np.array([0.2, 0.5, 1.1, 2.0, 3.7, 8.0])
BOTH = np.concatenate([-NODES[::-1], NODES[:-1] + 0.1])
EVERYWHERE_ONE = Ratios(EVERYWHERE, 0, 0, 0, np.zeros(0), np.zeros(0))
CASES = {
    "folded rings": (RINGS, [NODES, NODES]),
    "rings": (RINGS, [NODES, BOTH]),
    "boxes": (BOXES, [BOTH, NODES, BOTH]),
}


def power_law_table(slope):
    """r^-slope out to R_MAX."""
    edges = np.linspace(-15, np.log(R_MAX), 81)
    middle, half = 0.5 * (edges[1:] + edges[:-1]), 0.5 * (edges[1] - edges[0])
    ln_f = np.zeros((80, DEGREE + 1))
    ln_f[:, 0], ln_f[:, 1] = -slope * middle, -slope * half
    factor = np.eye(1, DEGREE + 1).repeat(80, axis=0)
    unused = np.zeros(81)
    return RadialTable(edges[0], edges[1] - edges[0], ln_f, factor, unused, unused, slope, slope, R_MAX)


def case(name, seed=4):
    """The kernel's record, and the same from SciPy."""
    kind, nodes = CASES[name]
    values = np.random.default_rng(seed).random([len(n) for n in nodes])
    counts = [len(n) for n in nodes] + [0] * (3 - len(nodes))
    reference = RegularGridInterpolator(nodes, values)

    def expected(x, y, z):
        places = [np.hypot(x, y), z] if kind == RINGS else [x, y, z]
        inside = [np.clip(q if n[0] < 0 else np.abs(q), n[0], n[-1]) for q, n in zip(places, nodes, strict=True)]
        return reference(np.stack(np.broadcast_arrays(*inside), axis=-1))

    return Ratios(kind, *counts, np.concatenate(nodes), values.ravel()), expected


@pytest.mark.parametrize("name", CASES)
def test_ratios_are_interpolated_as_scipy_does(name):
    grid, expected = case(name)
    x, y, z = np.random.default_rng(2).uniform(-9, 9, (3, 4000)) * np.random.default_rng(3).random((1, 4000)) ** 2
    np.testing.assert_allclose(ratios(grid, x, y, z), expected(x, y, z), rtol=1e-12)


def gauss(nodes):
    x, w = np.polynomial.legendre.leggauss(nodes)
    return 0.5 * (x + 1), 0.5 * w


RULES = (*gauss(8), *gauss(4))


@pytest.mark.parametrize(("one", "two"), [("folded rings", None), ("rings", "boxes"), ("boxes", "boxes")])
def test_lines_are_plain_sums_over_many_places(one, two):
    table = power_law_table(1.4)
    (first, f), (second, g) = case(one), (EVERYWHERE_ONE, lambda *place: 1.0) if two is None else case(two, 8)
    rng = np.random.default_rng(6)
    centre = 0.3
    for observer in ([-4.1, 0.3, 0.2], [0.0, 30.0, 11.0], [2.5, 0.0, 0.0]):
        observer = np.array(observer)
        outwards = observer + np.array([1.0, 0.0, 0.0])
        aims = np.vstack([rng.uniform(-2, 2, (4, 3)), [0.0, 0.0, 0.1], outwards])
        direction = (aims - observer) / np.linalg.norm(aims - observer, axis=1)[:, None]
        found = line_residuals(table, first, second, centre, observer, direction, *RULES)
        for n, value in zip(direction, found, strict=True):
            middle = -observer @ n
            beyond = R_MAX**2 - observer @ observer + middle**2
            if beyond <= 0 or middle + np.sqrt(beyond) <= 0:
                assert value == 0
                continue
            ends = np.array([max(middle - np.sqrt(beyond), 0), middle + np.sqrt(beyond)]) - middle
            b = max(np.linalg.norm(observer + middle * n), 1e-3)
            y_ends = np.arcsinh(ends / b)
            y = y_ends[0] + np.diff(y_ends) * (np.arange(100_000) + 0.5) / 100_000
            place = (observer + (middle + b * np.sinh(y))[:, None] * n).T
            r = np.linalg.norm(place, axis=0)
            values = r**-1.4 * (f(*place) * g(*place) - centre) * b * np.cosh(y)
            # 1e5 steps of the plain sum
            assert value == pytest.approx(np.mean(values) * np.diff(y_ends).item(), rel=1e-6, abs=1e-6)


def test_nothing_is_left_where_the_ratio_is_that_of_the_centre():
    ones = Ratios(RINGS, 6, 6, 0, np.concatenate([NODES, NODES]), np.full(36, 0.7))
    direction = np.array([[1.0, 0, 0], [0, 1, 0], [0.6, 0, 0.8]])
    lines = line_residuals(power_law_table(2.9), ones, ones, 0.7 * 0.7, np.array([-8.0, 0, 0]), direction, *RULES)
    np.testing.assert_allclose(lines, 0, atol=1e-12)  # rounding of the product


def test_lines_that_miss_the_halo_or_look_away_give_nothing():
    grid, _ = case("folded rings")
    observer = np.array([-20.0, 0, 0])
    direction = np.array([[0.0, 1, 0], [-1, 0, 0], [np.cos(0.5), np.sin(0.5), 0]])
    lines = line_residuals(power_law_table(1.0), grid, EVERYWHERE_ONE, 0.0, observer, direction, *RULES)
    np.testing.assert_array_equal(lines, 0)
