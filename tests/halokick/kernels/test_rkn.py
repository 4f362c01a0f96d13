import numpy as np
import pytest

from halokick.kernels.rkn import (
    NODES,
    POSITION_ERROR,
    POSITION_WEIGHTS,
    STAGES,
    VELOCITY_ERROR,
    VELOCITY_WEIGHTS,
    factor,
)

C = np.array(NODES)
A = np.zeros((9, 9))
for i, row in enumerate(STAGES):
    A[i, : len(row)] = row
A[8] = POSITION_WEIGHTS
# decimals of double precision, times sums of terms of order one
ROUNDING = 1e-14


def test_stages_stand_where_a_parabola_would_put_them():
    np.testing.assert_allclose(A.sum(axis=1), C**2 / 2, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("k", range(8))
def test_velocity_is_of_order_eight_for_forces_that_depend_on_time(k):
    assert np.dot(VELOCITY_WEIGHTS, C**k) == pytest.approx(1 / (k + 1), abs=ROUNDING)


@pytest.mark.parametrize("k", range(7))
def test_position_is_of_order_eight_for_forces_that_depend_on_time(k):
    assert np.dot(POSITION_WEIGHTS, C**k) == pytest.approx(1 / ((k + 1) * (k + 2)), abs=ROUNDING)


@pytest.mark.parametrize("k", range(6))
def test_stages_that_carry_weight_follow_powers_of_time(k):
    # sum_ij b'_i a_ij c_j^k = 1 / ((k+1)(k+2)(k+3)), up to order eight
    assert np.dot(VELOCITY_WEIGHTS, A @ C**k) == pytest.approx(1 / ((k + 1) * (k + 2) * (k + 3)), abs=ROUNDING)


@pytest.mark.parametrize(
    ("k", "weights"), [(k, VELOCITY_ERROR) for k in range(6)] + [(k, POSITION_ERROR) for k in range(5)]
)
def test_the_error_estimate_has_order_six_so_it_sees_nothing_of_lower_order(k, weights):
    assert np.dot(weights, C**k) == pytest.approx(0, abs=ROUNDING)


def test_the_error_estimate_sees_the_next_order():
    assert abs(np.dot(VELOCITY_ERROR, C**6)) > 1e-4
    assert abs(np.dot(POSITION_ERROR, C**5)) > 1e-4


def test_one_step_of_an_oscillator_errs_as_the_ninth_power_of_its_length():
    def error(h):
        x, v = 1.0, 0.3
        k = np.zeros(9)
        for stage in range(9):
            k[stage] = -(x + C[stage] * h * v + h * h * A[stage, :stage] @ k[:stage])
        new = x + h * v + h * h * np.dot(POSITION_WEIGHTS, k)
        speed = v + h * np.dot(VELOCITY_WEIGHTS, k)
        exact = np.cos(h) * x + np.sin(h) * v, -np.sin(h) * x + np.cos(h) * v
        return np.hypot(new - exact[0], speed - exact[1])

    # between the two the next order adds up to a tenth to the exponent
    order = np.log2(error(1.0) / error(0.5))
    assert order == pytest.approx(9, abs=0.35)


@pytest.mark.parametrize("error", [1e-8, 1e-3, 0.5, 1.0, 3.0, 1e4])
def test_the_next_step_follows_the_error_to_the_power_of_an_eighth(error):
    exact = 0.8 * error ** (-1 / 16)
    # bits stand for 1 + m where 2^m is meant, which is larger by up to 1.0615; a sixteenth of that on the way in
    assert exact * 0.996 < factor(error) < exact * 1.0615 * 1.004


@pytest.mark.parametrize(("error", "bound"), [(0.0, 4.0), (1e-30, 4.0), (1e30, 0.3)])
def test_the_next_step_is_bounded(error, bound):
    assert factor(error) == bound
