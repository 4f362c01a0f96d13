"""Forces of all lanes at once: closed forms, gradients of the potential, and what a bad position may do."""

import numpy as np
import pytest

from halokick.kernels.forces import Forces, accelerate, accelerations, potential
from halokick.kernels.lanes import ACCELERATION, LANES, POSITION, STEP
from halokick.kernels.radial_member import CELL_BITS, EIGHT, Radial

GM = 4.3e5


def chebyshev_cells(function, lowest, octaves, bits, degree):
    """Polynomials in the cells of octaves of s from 2^lowest, fitted cell by cell."""
    cells = np.arange(octaves << bits)
    width = 2.0 ** (lowest + (cells >> bits) - bits)
    begin = 2.0 ** (lowest + (cells >> bits)) + (cells % (1 << bits)) * width
    t = 0.5 - 0.5 * np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1))
    return function(begin[:, None] + width[:, None] * t) @ np.linalg.inv(np.vander(t, degree + 1, increasing=True)).T


def plummer(core=1.0, stretch=1.0):
    def g(s):
        return GM / (s / stretch + core**2) ** 1.5

    def phi(s):
        return -GM / np.sqrt(s / stretch + core**2)

    tables = [chebyshev_cells(function, -20, 40, CELL_BITS, EIGHT - 1) for function in (g, phi)]
    return Radial(stretch, (1023 - 20) << CELL_BITS, 2.0**-20, 2.0**20 * (1 - 1e-15), *tables)


def places(n=200, low=0.01, high=300.0):
    rng = np.random.default_rng(7)
    direction = rng.normal(size=(n, 3))
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    return np.exp(rng.uniform(np.log(low), np.log(high), n))[:, None] * direction


def gradient(forces, points, step=1e-3):
    """Sixth-order central differences of the potential, with steps relative to the radius."""
    h = step * np.linalg.norm(points, axis=1)
    out = np.zeros_like(points)
    for axis in range(3):
        for weight, k in ((45, 1), (-9, 2), (1, 3)):
            for sign in (1, -1):
                moved = points.copy()
                moved[:, axis] += sign * k * h
                out[:, axis] += sign * weight * potential(forces, *np.ascontiguousarray(moved.T)) / (60 * h)
    return out


@pytest.mark.parametrize("stretch", [1.0, 0.3])
def test_a_radial_table_gives_the_force_of_a_plummer_sphere(stretch):
    x = places()
    expected = -GM * x / (np.sum(x**2, axis=1)[:, None] + 1.0) ** 1.5
    got = accelerations(Forces(radial=plummer(stretch=stretch)), x)
    # degree seven in cells of an eighth octave: 2 (2^-3 / 4)^8 = 2e-12, times a few for the steepness of g
    assert np.max(np.linalg.norm(got - expected, axis=1) / np.linalg.norm(expected, axis=1)) < 2e-11


def test_miyamoto_nagai_disks_add_up_and_a_kuzmin_disk_is_finite_in_its_plane():
    x = places()
    x[:5, 2] = 0.0
    disks = np.array([[GM, 3.0, 0.28**2], [0.3 * GM, 2.0, 0.0]])
    expected = np.zeros_like(x)
    for gm, a, b2 in disks:
        root = np.sqrt(x[:, 2] ** 2 + b2)
        d = (x[:, 0] ** 2 + x[:, 1] ** 2 + (a + root) ** 2) ** 1.5
        lift = np.divide(a + root, root, out=np.zeros_like(root), where=root > 0)
        expected -= (gm / d)[:, None] * x * np.stack([np.ones_like(root), np.ones_like(root), lift], axis=1)
    got = accelerations(Forces(disks=disks), x)
    # rounding
    np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-13 * GM)
    assert np.all(got[:5, 2] == 0)


def test_a_logarithmic_potential_pulls_along_its_axes_as_its_formula_says():
    x = places()
    v2, core2, p, q = 4e4, 0.2, 1.3, 1.6
    m2 = x[:, 0] ** 2 + p * x[:, 1] ** 2 + q * x[:, 2] ** 2 + core2
    expected = -v2 * x * np.array([1.0, p, q]) / m2[:, None]
    np.testing.assert_allclose(accelerations(Forces(logs=np.array([[v2, core2, p, q]])), x), expected, rtol=1e-13)


def test_forces_of_several_members_are_the_gradient_of_their_potential():
    forces = Forces(
        radial=plummer(),
        disks=np.array([[GM, 3.0, 0.28**2], [0.5 * GM, 1.0, 0.5**2]]),
        logs=np.array([[4e4, 0.2, 1.3, 1.6]]),
    )
    # not in the core, where a small force is the difference of large potentials
    x = places(low=0.5)
    a = accelerations(forces, x)
    # differences of tables right to 1e-12 over steps of 1e-3 of the radius
    assert np.max(np.linalg.norm(a + gradient(forces, x), axis=1) / np.linalg.norm(a, axis=1)) < 1e-7


def test_members_add_up():
    x = places()
    disks, logs = np.array([[GM, 3.0, 0.1]]), np.array([[4e4, 0.2, 1.3, 1.6]])
    parts = [Forces(radial=plummer()), Forces(disks=disks), Forces(logs=logs)]
    together = accelerations(Forces(radial=plummer(), disks=disks, logs=logs), x)
    # additions in another order
    np.testing.assert_allclose(together, sum(accelerations(part, x) for part in parts), rtol=1e-14, atol=1e-12)


def test_an_empty_field_writes_zeros_over_what_stood_there():
    S, I = np.full(STEP, 7.0), np.zeros(LANES, dtype=np.int64)
    accelerate(Forces(), S, I)
    assert np.all(S[ACCELERATION : ACCELERATION + 3 * LANES] == 0)
    assert np.all(S[POSITION : POSITION + 3 * LANES] == 7)


def test_a_lane_gets_the_same_force_to_the_bit_wherever_it_stands():
    forces = Forces(radial=plummer(), disks=np.array([[GM, 3.0, 0.28**2]]))
    x = places(LANES)
    order = np.random.default_rng(3).permutation(LANES)
    assert np.array_equal(accelerations(forces, x)[order], accelerations(forces, x[order]))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e200, 1e-200, 0.0])
def test_no_position_reads_outside_a_radial_table_or_spoils_its_neighbours(bad):
    x = places(LANES)
    x[11] = bad
    forces = Forces(radial=plummer())
    good = np.arange(LANES) != 11
    assert np.array_equal(accelerations(forces, x)[good], accelerations(forces, places(LANES))[good])
