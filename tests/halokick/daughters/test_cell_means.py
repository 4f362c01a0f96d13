"""Means over rings and boxes against integrals over spheres and the scaling of power laws."""

import numpy as np
import pytest
from scipy.integrate import quad

from halokick.daughters.cell_means import means, volumes

EDGES = np.concatenate([[0.0], np.geomspace(0.05, 4, 9)])
BOTH = np.concatenate([-EDGES[:0:-1], EDGES])
AROUND = np.linspace(-4, 4, 10)
"""The centre lies in the middle of a cell."""


def mass_in_cylinder(density, a, b):
    """Mass within R < a, |z| < b, summed over spheres: each has 2 (z_max - z_min) / 2r of its surface inside."""

    def shell(r):
        return 4 * np.pi * r * density(r) * (min(b, r) - np.sqrt(max(r * r - a * a, 0.0)))

    corners = sorted({a, b, float(np.hypot(a, b))})
    starts = [0.0, *corners[:-1]]
    return sum(quad(shell, start, stop, epsabs=0, epsrel=1e-10)[0] for start, stop in zip(starts, corners, strict=True))


@pytest.mark.parametrize("slope", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("z_edges", [EDGES[:-2], BOTH, AROUND], ids=["folded", "both signs", "centre inside"])
def test_rings_add_up_to_what_spheres_have_in_the_cylinder(slope, z_edges):
    def density(r):
        return np.asarray(r) ** -slope * np.exp(-np.asarray(r))

    edges = [EDGES, z_edges]
    found = np.sum(means(density, edges, "rings") * volumes(edges, "rings"))
    # nodes of the product rules
    assert found == pytest.approx(mass_in_cylinder(density, EDGES[-1], z_edges[-1]), rel=1e-7)


@pytest.mark.parametrize("slope", [0.5, 1.5, 2.5])
@pytest.mark.parametrize("kind", ["rings", "boxes"])
def test_a_cusp_scales_as_its_power(slope, kind):
    edges = [np.array([0.0, 0.25, 0.5, 1.0])] * (2 if kind == "rings" else 3)
    mass = means(lambda r: r**-slope, edges, kind) * volumes(edges, kind)
    inner = [np.sum(mass[(slice(0, i),) * len(edges)]) for i in (1, 2, 3)]
    # the grading of the corner's nodes limits the steepest
    np.testing.assert_allclose(np.divide(inner[:-1], inner[1:]), 0.5 ** (3 - slope), rtol=1e-5)


def test_a_corner_is_an_eighth_of_the_cell_around_the_centre():
    def density(r):
        return np.exp(-r) / r

    around = means(density, [np.array([-1.0, 1.0, 2.0])] * 3, "boxes")[0, 0, 0]
    corner = means(density, [np.array([0.0, 1.0, 2.0])] * 3, "boxes")[0, 0, 0]
    assert around == pytest.approx(corner, rel=1e-12)


def test_volumes_are_exact():
    R, z = np.array([0.0, 1.0, 3.0]), np.array([-1.0, 0.0, 4.0])
    np.testing.assert_allclose(volumes([R, z], "rings"), np.pi * np.array([[1, 4], [8, 32]]), rtol=1e-15)
    # a folded axis counts twice
    folded = volumes([R, R], "rings")
    np.testing.assert_allclose(folded, 2 * np.pi * np.array([[1, 2], [8, 16]]), rtol=1e-15)
    assert np.sum(volumes([R, R, z], "boxes")) == pytest.approx(6 * 6 * 5)
