"""Mixing of attempts against problems with known fixed points; predictions against polynomials."""

import numpy as np
import pytest

from halokick.live.field_iteration import FieldIteration, predicted


def attempts(image, y, tolerance=1e-10, most=200):
    mixing = FieldIteration(np.ones(len(y)))
    for count in range(1, most):
        found = image(y)
        if np.max(np.abs(found - y)) < tolerance:
            return y, count
        y = mixing.next(y, found, 0)
    raise AssertionError(f"no fixed point after {most}")


def test_slow_linear_responses_are_solved_in_a_few_attempts():
    # plain iteration multiplies the error by 0.9: 200 attempts for 1e-9. Three directions take three differences
    rng = np.random.default_rng(1)
    basis = np.linalg.qr(rng.normal(size=(20, 20)))[0]
    response = basis[:, :3] @ np.diag([0.9, -0.7, 0.5]) @ basis[:, :3].T
    solution = np.sort(rng.uniform(size=20))
    found, count = attempts(lambda y: solution + response @ (y - solution), solution + 0.01 * basis[:, :3].sum(axis=1))
    np.testing.assert_allclose(found, solution, atol=1e-8)
    assert count <= 8


def test_a_nonlinear_fixed_point_is_found():
    # cos(y) = y has the root 0.739085133215; plain iteration takes 57 attempts
    found, count = attempts(np.cos, np.full(4, 0.3))
    np.testing.assert_allclose(found, 0.7390851332151607, atol=1e-9)
    assert count <= 10


def test_masses_stay_in_order_and_inner_edges_follow_their_image():
    mixing = FieldIteration(np.ones(4))
    y = np.array([0.0, 1.0, 2.0, 3.0])
    found = mixing.next(y, np.array([5.0, -0.3, 2.1, 2.9]), 2)
    # edges 0 and 1 take the image, but no more than what is farther out
    np.testing.assert_allclose(found, [-0.3, -0.3, 2.1, 2.9])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_prediction_continues_polynomials(count):
    times = [0.0, 1.0, 1.5][:count]
    slope = np.array([0.1, 0.2, 0.3])
    # values rise with the index, as masses do with radius
    value = lambda t: np.arange(3.0) + sum(slope * t**power / (power + 1) for power in range(count))  # noqa: E731
    solutions = [value(time) for time in times]
    np.testing.assert_allclose(predicted(times, solutions, 2.0, 0), value(2.0), rtol=1e-12)


def test_prediction_without_many_orbits_goes_along_with_the_first_edge_that_has_them():
    last = predicted([0.0, 1.0], [np.array([0.0, 2.0, 3.0]), np.array([-9.0, 2.2, 3.1])], 2.0, 1)
    np.testing.assert_allclose(last, [-8.8, 2.4, 3.2])
