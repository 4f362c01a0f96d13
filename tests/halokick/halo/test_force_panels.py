"""Interpolation over octaves: powers, integrals, and cells that join."""

import numpy as np
import pytest

from halokick.halo.force_panels import (
    aligned,
    first_cell,
    integration,
    interpolation,
    nodes,
    octave_points,
    refinement,
    roughness,
)


@pytest.mark.parametrize("power", [-3.0, -0.5, 0.5, 2.5])
def test_powers_are_interpolated_and_integrated_over_an_octave(power):
    s = octave_points(3, 1, 16)[0]
    t = np.linspace(0, 1, 11)
    # 5.8^-16 = 6e-13, times up to 16^2 for the pole of order three
    np.testing.assert_allclose(interpolation(16, t) @ s**power, (8 * (1 + t)) ** power, rtol=1e-9)
    got = 8 * integration(16) @ s**power
    ends = np.append(s, 16.0)
    np.testing.assert_allclose(got, (ends ** (power + 1) - 8 ** (power + 1)) / (power + 1), rtol=1e-10)


def test_a_polynomial_is_refined_into_cells_exactly():
    t = nodes(12)
    cells = refinement(12, 2, 5) @ (1 + t - 3 * t**4 + 2 * t**5)
    for cell in range(4):
        place = (cell + np.array([0.0, 0.3, 1.0])) / 4
        got = np.polynomial.polynomial.polyval([0.0, 0.3, 1.0], cells[cell])
        np.testing.assert_allclose(got, 1 + place - 3 * place**4 + 2 * place**5, rtol=1e-12)


def test_cells_are_numbered_by_the_leading_bits_of_their_begin():
    for lowest in (-40, 0, 7):
        assert first_cell(lowest, 3) == int(np.float64(2.0**lowest).view(np.int64) >> 49)


def test_noise_is_rough_and_a_power_is_not():
    s = octave_points(0, 2, 16)
    values = s**-1.5
    values[1] *= 1 + 1e-6 * (-1.0) ** np.arange(16)
    assert roughness(values)[0] < 1e-8 < 1e-7 < roughness(values)[1]


def test_a_copy_begins_at_a_line_of_memory():
    array = np.arange(24.0).reshape(3, 8)
    assert aligned(array).ctypes.data % 64 == 0
    assert np.array_equal(aligned(array), array)
