"""Bit-indexed tables: relative accuracy at every scale, and their ends."""

import numpy as np
import pytest

from halokick.kernels import bits


@pytest.mark.parametrize("power", [-3.0, -0.5, 2.5])
def test_power_laws_keep_their_relative_accuracy_over_forty_decades(power):
    first, edges = bits.cell_edges(1e-20, 1e20)
    table = bits.fit(bits.fit_nodes(edges) ** power)
    x = np.geomspace(1.1e-20, 0.9e20, 4001)
    values = np.array([bits.evaluate(table, first, value) for value in x])
    # Chebyshev interpolation of x^p over a cell of relative width 1/32, p = -3 being the worst
    np.testing.assert_allclose(values / x**power, 1, atol=3e-10)


def test_values_at_cell_edges_are_continuous():
    first, edges = bits.cell_edges(0.5, 8.0)
    table = bits.fit(np.sin(bits.fit_nodes(edges)))
    below = np.array([bits.evaluate(table, first, np.nextafter(edge, 0)) for edge in edges[1:-1]])
    above = np.array([bits.evaluate(table, first, edge) for edge in edges[1:-1]])
    np.testing.assert_allclose(below, above, atol=1e-11)  # twice the Chebyshev error


def test_below_the_table_is_nothing_and_above_it_the_end():
    first, edges = bits.cell_edges(1.0, 2.0)
    table = bits.fit(bits.fit_nodes(edges) + 1.0)
    assert bits.evaluate(table, first, 0.5) == 0.0
    assert bits.evaluate(table, first, 100.0) == pytest.approx(edges[-1] + 1.0, rel=1e-12)


def test_bits_and_double_are_inverse():
    from numba import njit

    there_and_back = njit(lambda x: bits.double_of(bits.bits_of(x)))
    for x in (0.0, -1.5, 1e-300, np.pi, np.inf):
        assert there_and_back(x) == x
