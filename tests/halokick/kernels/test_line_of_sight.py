"""The line-of-sight kernels against elementary geometry and against slow adaptive quadrature."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import beta, betainc

from halokick.kernels.line_of_sight import DEGREE, RadialTable, cone_integrals, cones_nodes, line_integrals, value

R_S = 1.0


def gauss(nodes, power):
    x, w = np.polynomial.legendre.leggauss(nodes)
    z = 0.5 * (x + 1)
    return z**power, 0.5 * w * power * z ** (power - 1)


SMOOTH, GRADED = gauss(16, 1), gauss(32, 5)


def power_law_table(slope, r_max=np.inf, first=-20.0, last=20.0):
    """The function r^-slope: exactly a table of straight lines, with every integral in closed form."""
    r_last = min(last, np.log(r_max)) if np.isfinite(r_max) else last
    edges = np.linspace(first, r_last, 81)
    middle, half = 0.5 * (edges[1:] + edges[:-1]), 0.5 * (edges[1] - edges[0])
    ln_f = np.zeros((80, DEGREE + 1))
    ln_f[:, 0] = -slope * middle
    ln_f[:, 1] = -slope * half
    r = np.exp(edges)
    inside = r ** (3 - slope) / (3 - slope) if slope < 3 else np.full(81, np.inf)
    if np.isfinite(r_max):
        outside = (r_max ** (1 - slope) - r ** (1 - slope)) / (1 - slope) if slope != 1 else np.log(r_max / r)
    else:
        outside = r ** (1 - slope) / (slope - 1)
    factor = np.eye(1, DEGREE + 1).repeat(80, axis=0)
    outside = np.maximum(outside, 0.0)
    return RadialTable(edges[0], edges[1] - edges[0], ln_f, factor, inside, outside, slope, slope, r_max)


def one(integrals, table, d, theta):
    rules = SMOOTH if integrals is line_integrals else SMOOTH + GRADED
    return integrals(table, np.array([float(d)]), np.array([float(theta)]), *rules)[0]


@pytest.mark.parametrize("r", [1e-12, 1e-4, 0.7, 1.0, 33.0, 1e12])
def test_table_returns_the_function_inside_and_beyond(r):
    # rounding of ln r, times the slope
    assert value(power_law_table(2.2), r) == pytest.approx(r**-2.2, rel=1e-13)


ANGLES = np.deg2rad([1e-6, 0.01, 1, 10, 45, 80, 89.99, 90, 90.01, 100, 150, 179.9, 180])
DISTANCES = [0.02, 1.3, 2.9999, 3.0, 3.0001, 40.0]


def chord(d, theta, r_max):
    """Length of the line inside a sphere, in front of the observer: school geometry."""
    b = d * np.sin(theta)
    if b >= r_max:
        return 0.0
    half = np.sqrt((r_max - b) * (r_max + b))
    return max(0.0, d * np.cos(theta) + half) - max(0.0, d * np.cos(theta) - half)


@pytest.mark.parametrize("d", DISTANCES)
def test_constant_density_gives_chord_lengths(d):
    # observer inside, at the edge and outside, towards and away from the centre
    table = power_law_table(0.0, r_max=3.0)
    for theta in ANGLES:
        # 1e-12 of the size of the sphere: at grazing lines the chord itself is a difference
        assert one(line_integrals, table, d, theta) == pytest.approx(chord(d, theta, 3.0), rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("d", DISTANCES)
def test_constant_density_through_the_exact_centre(d):
    table = power_law_table(0.0, r_max=3.0)
    assert one(line_integrals, table, d, 0.0) == pytest.approx(chord(d, 0.0, 3.0), rel=1e-12)


def test_looking_away_from_outside_sees_nothing():
    table = power_law_table(2.0, r_max=3.0)
    for d in (3.0, 3.1, 50.0):
        for theta in np.deg2rad([90, 91, 135, 180]):
            assert one(line_integrals, table, d, theta) == 0.0


@pytest.mark.parametrize("slope", [1.5, 2.0, 2.8, 4.6])
@pytest.mark.parametrize("theta", np.deg2rad([0.01, 30, 90, 120, 179]))
def test_power_law_without_end_has_closed_form(slope, theta):
    # b^(1 - slope) times int (1 + t^2)^(-slope/2) dt from -cot(theta): half a beta function, plus or minus an arm
    d = 8.2
    b = d * np.sin(theta)
    order = (slope - 1) / 2
    whole = beta(0.5, order)
    cosine2 = np.cos(theta) ** 2
    if theta < np.pi / 2:
        exact = whole / 2 * (1 + betainc(0.5, order, cosine2))
    else:
        exact = whole / 2 * betainc(order, 0.5, np.sin(theta) ** 2)
    # scipy's incomplete beta function
    assert one(line_integrals, power_law_table(slope), d, theta) == pytest.approx(exact * b ** (1 - slope), rel=1e-11)


def slow_cone(d, theta, slope, r_max):
    """Slow twin: the cone as a double integral over angle and distance."""

    def column(alpha):
        b, c = d * np.sin(alpha), d * np.cos(alpha)
        if b >= r_max:
            return 0.0
        half = np.sqrt(r_max**2 - b**2)
        low, high = max(-c, -half), half
        if low >= high:
            return 0.0
        cuts = [low, *(x for x in (-10 * b, -b, 0, b, 10 * b) if low < x < high), high]
        return sum(quad(lambda s: (b * b + s * s) ** (-slope / 2), *cut, epsrel=1e-11)[0] for cut in pairwise(cuts))

    grazing = [np.arcsin(r_max / d)] if r_max < d else []
    inside = sorted(x for x in [theta / 100, theta / 5, *grazing, np.pi / 2] if 0 < x < theta)
    cuts = [0.0, *inside, theta]
    return sum(
        quad(lambda a: 2 * np.pi * np.sin(a) * column(a), *cut, epsrel=1e-9, limit=200)[0] for cut in pairwise(cuts)
    )


@pytest.mark.parametrize("d", [0.3, 2.9, 3.0, 5.0])
@pytest.mark.parametrize("theta", np.deg2rad([2.0, 35.0, 85.0, 90.0, 130.0, 180.0]))
def test_cone_equals_the_double_integral(d, theta):
    slow = slow_cone(d, theta, 0.8, 3.0)
    # the slow twin's requested error
    assert one(cone_integrals, power_law_table(0.8, r_max=3.0), d, theta) == pytest.approx(slow, rel=2e-9)


def test_full_sky_from_far_away_is_the_volume_integral_over_the_distance_squared():
    table = power_law_table(1.0, r_max=3.0)
    d = 1e5
    # 4 pi int r^2 f dr = 2 pi 9; the next term is (3/5)(R/d)^2, below 1e-9
    assert one(cone_integrals, table, d, np.pi) == pytest.approx(18 * np.pi / d**2, rel=1e-9)


def test_cone_just_wider_than_a_hemisphere_continues_the_one_just_narrower():
    # the two formulas meet here; the integral over 2e-6 rad of sky is below 1e-6 of the hemisphere
    table = power_law_table(1.7, r_max=30.0)
    below, above = (one(cone_integrals, table, 8.0, np.pi / 2 + x) for x in (-1e-6, 1e-6))
    edge = one(line_integrals, table, 8.0, np.pi / 2)
    assert above - below == pytest.approx(2e-6 * 2 * np.pi * edge, rel=1e-4)  # digits left of the difference


def test_opposite_cones_add_to_the_whole_sky():
    table = power_law_table(2.4)
    whole = one(cone_integrals, table, 8.0, np.pi)
    narrow = one(cone_integrals, table, 8.0, 1e-3)
    wide = one(cone_integrals, table, 8.0, np.pi - 1e-3)
    away = one(line_integrals, table, 8.0, np.pi) * np.pi * 1e-6
    assert narrow < wide
    # the small opposite cone, as its solid angle times the central brightness: next order 1e-7
    assert whole - wide == pytest.approx(away, rel=1e-6)


@pytest.mark.parametrize("slope", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("r_max", [0.5, 3.0, 30.0])
def test_nodes_of_a_cone_sum_to_its_integral(slope, r_max):
    # the other way through the same shells; with 24 nodes a piece, over up to eight e-foldings in radius
    d = np.array([20.0, 20.0, 20.0, 5.0, 5.0])
    theta = np.deg2rad([0.05, 0.5, 5.0, 0.5, 40.0])
    radius, weight = cones_nodes(d, theta, np.full(5, r_max), *gauss(24, 1))
    exact = cone_integrals(power_law_table(slope, r_max=r_max), d, theta, *SMOOTH, *GRADED)
    # an observer inside r_max sees a logarithm at r = d, which plain nodes take to 1e-6
    assert np.sum(weight * radius**-slope, axis=1) == pytest.approx(exact, rel=1e-6)
