"""What edges bins may have."""

import numpy as np
import pytest

from halokick.daughters.density_bins import boxes, new_histogram, rings, shells, sums_of
from halokick.errors import InputError


@pytest.mark.parametrize("edges", [[1.0], [1.0, 1.0], [2.0, 1.0], [0.0, np.inf], [[0.0, 1.0]], [np.nan, 1.0]])
def test_edges_that_do_not_increase_are_refused(edges):
    with pytest.raises(InputError, match="increasing"):
        shells(edges)


def test_edges_whose_squares_are_not_numbers_are_refused():
    for edges in ([1e-200, 1.0], [1.0, 1e200]):
        with pytest.raises(InputError, match="sizes between"):
            shells(edges)


def test_negative_radii_are_refused():
    with pytest.raises(InputError, match="axis"):
        rings([-1.0, 1.0], [0.0, 1.0])
    with pytest.raises(InputError, match="centre"):
        shells([-1.0, 1.0])


def test_sums_have_one_axis_for_each_of_the_grid():
    grid = boxes([0, 1, 2], [0, 1, 2, 3], [-1, 0, 1, 2, 3], moments=True)
    assert sums_of(grid, new_histogram(grid, 7)).shape == (5, 7, 2, 3, 4)


def test_a_histogram_is_seen_through_its_sums_not_copied():
    grid = rings([0, 1, 2], [0, 1, 2, 3])
    histogram = new_histogram(grid, 2)
    sums_of(grid, histogram)[0, 1, 1, 2] = 3.0
    assert histogram[1, 5] == 3.0
