"""Histograms in shells, rings and boxes against NumPy's, which search; and their velocity moments."""

import numpy as np
import pytest

from halokick.daughters.density_bins import boxes, new_histogram, rings, shells, sums_of
from halokick.kernels.deposit import RING_COLUMNS, SHELL_COLUMNS, add_samples, find
from halokick.kernels.lanes import LANES, POSITION, STEP

VELOCITY, WEIGHT, BLOCK = STEP, STEP + 3 * LANES, LANES
BLOCKS = 5

EDGES = {
    "logarithmic": np.geomspace(1e-4, 300, 66),
    "linear from zero": np.linspace(0, 20, 301),
    "fine far from zero": np.linspace(99, 100, 50),
    "both signs": np.linspace(-10, 10, 41),
    "both signs without zero": np.linspace(-3, 10, 18),
    "negative": np.linspace(-8, -1, 9),
    "crowded": np.concatenate([[-5.0, -1.0, 0.0], 1 + np.geomspace(1e-9, 1e-3, 7), [2.0]]),
    "crowded at zero": np.sinh(np.linspace(-25, 25, 40)),
}


@pytest.mark.parametrize("name", EDGES)
def test_every_place_is_found_in_its_bin(name):
    edges = EDGES[name]
    grid = boxes(edges, [0, 1], [0, 1])
    rng = np.random.default_rng(3)
    near = np.concatenate([np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf), edges, -edges])
    q = np.concatenate([rng.uniform(-1.3, 1.3, 3000) * np.abs(edges).max(), rng.normal(size=3000), near, [0.0, -0.0]])
    folded = q if edges[0] < 0 else np.abs(q)
    # squares of places next to an edge may round to that of the edge, which is then as good an answer
    apart = np.min(np.abs(folded[:, None] / np.where(edges == 0, 1, edges) - 1), axis=1) > 4e-16
    apart |= np.isin(folded, edges)
    # and squares of the smallest of all numbers are zero
    apart &= (q == 0) | (np.abs(q) > 1e-150)
    expected = np.searchsorted(edges, folded, side="right") - 1
    expected[expected == len(edges) - 1] = -1
    found = np.array([find(grid, grid.first, one) for one in q])
    np.testing.assert_array_equal(found[apart], expected[apart])


@pytest.mark.parametrize("name", EDGES)
def test_places_that_are_no_numbers_are_in_no_bin(name):
    grid = boxes(EDGES[name], [0, 1], [0, 1])
    assert [find(grid, grid.first, q) for q in (np.nan, np.inf, -np.inf, 1e300)] == [-1] * 4


@pytest.mark.parametrize("name", [name for name in EDGES if not name.startswith("crowded")])
def test_one_comparison_is_enough_for_usual_bins(name):
    assert boxes(EDGES[name], [0, 1], [0, 1]).first.steps == 1


def samples(count, seed=1):
    """Positions, velocities, weights and blocks of `count` times LANES particles."""
    rng = np.random.default_rng(seed)
    shape = (count, 3, LANES)
    weight = rng.random((count, LANES)) * (rng.random((count, LANES)) < 0.8)
    return 4 * rng.normal(size=shape), 100 * rng.normal(size=shape), weight, rng.integers(0, BLOCKS, (count, LANES))


def deposited(grid, x, v, weight, block):
    S, I = np.zeros(STEP + 4 * LANES), np.zeros(2 * LANES, dtype=np.int64)
    histogram = new_histogram(grid, BLOCKS)
    for i in range(len(x)):
        S[POSITION : POSITION + 3 * LANES] = x[i].ravel()
        S[VELOCITY : VELOCITY + 3 * LANES] = v[i].ravel()
        S[WEIGHT : WEIGHT + LANES] = weight[i]
        I[BLOCK:] = block[i]
        add_samples(grid, histogram, S, I, VELOCITY, WEIGHT, BLOCK)
    return sums_of(grid, histogram)


def counted(coordinates, edges, weight, block):
    """The same by NumPy, shape (BLOCKS, bins of each axis)."""
    return np.stack(
        [
            np.histogramdd([q[block == b] for q in coordinates], edges, weights=weight[block == b])[0]
            for b in range(BLOCKS)
        ]
    )


R_EDGES = np.geomspace(0.3, 9, 15)
Z_EDGES = np.linspace(-6, 5, 12)


def cases(x):
    """Name: grid maker, edges, and the coordinates to which these belong."""
    R, r = np.hypot(x[:, 0], x[:, 1]), np.linalg.norm(x, axis=1)
    return {
        "shells": (shells, [R_EDGES], [r]),
        "rings": (rings, [R_EDGES, Z_EDGES], [R, x[:, 2]]),
        "folded rings": (rings, [R_EDGES, Z_EDGES[6:] + 0.5], [R, np.abs(x[:, 2])]),
        "boxes": (boxes, [Z_EDGES, R_EDGES, Z_EDGES], [x[:, 0], np.abs(x[:, 1]), x[:, 2]]),
    }


NAMES = tuple(cases(np.zeros((1, 3, 1))))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("moments", [False, True])
def test_weights_are_where_numpy_puts_them(name, moments):
    x, v, weight, block = samples(200)
    maker, edges, coordinates = cases(x)[name]
    sums = deposited(maker(*edges, moments=moments), x, v, weight, block)
    # the same additions in the same order
    np.testing.assert_allclose(sums[0], counted(coordinates, edges, weight, block), rtol=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_moments_are_those_of_the_particles_in_each_bin(name):
    x, v, weight, block = samples(100)
    maker, edges, coordinates = cases(x)[name]
    r = np.linalg.norm(x, axis=1)
    phi = np.arctan2(x[:, 1], x[:, 0])
    v_r = np.sum(x * v, axis=1) / r
    v_R = np.cos(phi) * v[:, 0] + np.sin(phi) * v[:, 1]
    v_phi = np.cos(phi) * v[:, 1] - np.sin(phi) * v[:, 0]
    meaning = {
        "v_r": v_r,
        "v_r2": v_r**2,
        "v_t2": np.sum(v**2, axis=1) - v_r**2,
        "v_R2": v_R**2,
        "v_z2": v[:, 2] ** 2,
        "v_phi": v_phi,
        "v_phi2": v_phi**2,
        "weight": 1.0,
    }
    names = SHELL_COLUMNS if name == "shells" else RING_COLUMNS
    sums = deposited(maker(*edges, moments=True), x, v, weight, block)
    assert len(sums) == len(names)
    for column, total in zip(names, sums, strict=True):
        # rounding of angles, in sums of velocities of either sign
        np.testing.assert_allclose(
            total, counted(coordinates, edges, weight * meaning[column], block), rtol=1e-11, atol=1e-9
        )


def test_on_the_axis_moments_are_finite():
    x, v, weight, block = samples(1)
    x[:] = 0.0
    for grid in (shells([0, 1], moments=True), rings([0, 1], [0, 1], moments=True)):
        sums = deposited(grid, x, v, weight + 1, block)
        assert np.all(np.isfinite(sums))
        # whatever the direction, the squares add up to v^2
        squares = sums[[2, 3]] if grid.columns == len(SHELL_COLUMNS) else sums[[1, 2, 4]]
        assert squares.sum() == pytest.approx(np.sum((weight + 1) * np.sum(v**2, axis=1)), rel=1e-12)


def test_nothing_but_the_work_rows_is_touched():
    x, v, weight, block = samples(1)
    S, I = np.zeros(STEP + 4 * LANES), np.zeros(2 * LANES, dtype=np.int64)
    S[: 3 * LANES], S[VELOCITY:WEIGHT], S[WEIGHT:], I[BLOCK:] = x.ravel(), v.ravel(), weight[0], block[0]
    before = S.copy(), I.copy()
    grid = boxes(Z_EDGES, Z_EDGES, Z_EDGES, moments=True)
    add_samples(grid, new_histogram(grid, BLOCKS), S, I, VELOCITY, WEIGHT, BLOCK)
    np.testing.assert_array_equal(I, before[1])
    np.testing.assert_array_equal(S[: 6 * LANES], before[0][: 6 * LANES])
    np.testing.assert_array_equal(S[STEP:], before[0][STEP:])
