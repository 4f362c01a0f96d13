"""The table in R and |z| against disks that have closed forms."""

import numpy as np
import pytest

from halokick.halo.force_tables import PlaneSamples
from halokick.kernels.forces import Forces, accelerations, potential

GM = 4.3e5


class Disk:
    """A Miyamoto-Nagai disk, of Kuzmin without thickness."""

    def __init__(self, a, b):
        self.row = np.array([[GM, a, b * b]])

    def potential(self, x, y, z):
        _, a, b2 = self.row[0]
        return -GM / np.sqrt(x * x + y * y + (a + np.sqrt(z * z + b2)) ** 2)


def places(low, high, n=400, flat=1.0):
    rng = np.random.default_rng(5)
    direction = rng.normal(size=(n, 3)) * [1, 1, flat]
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    return np.exp(rng.uniform(np.log(low), np.log(high), n))[:, None] * direction


def relative(got, expected):
    return np.linalg.norm(got - expected, axis=1) / np.linalg.norm(expected, axis=1)


@pytest.mark.parametrize("flat", [1.0, 0.02])
def test_the_force_of_a_miyamoto_nagai_disk(flat):
    disk = Disk(3.0, 0.3)
    x = places(0.05, 300.0, flat=flat)
    table = PlaneSamples([disk], -4, -6, 12).table(3, 3)
    error = relative(accelerations(Forces(plane=table), x), accelerations(Forces(disks=disk.row), x))
    # derivatives of quintics in cells of 1/8 of an octave: 2 (2^-3 / 4)^6 x 50; near the centre rounding, 1e-16 of a
    # potential differenced over cells of 2^-9 kpc
    assert np.quantile(error, 0.99) < 4e-7
    assert np.max(error) < 3e-6


def test_smaller_cells_err_less():
    disk = Disk(3.0, 0.3)
    x = places(0.05, 300.0)
    samples, exact = PlaneSamples([disk], -4, -6, 12), accelerations(Forces(disks=disk.row), x)
    tables = [samples.table(bits, 3) for bits in (1, 2, 3)]
    errors = [np.quantile(relative(accelerations(Forces(plane=table), x), exact), 0.99) for table in tables]
    # halving the cells of a quintic's derivative divides its error by 2^5
    assert errors[0] > 15 * errors[1] > 200 * errors[2]


def test_a_disk_with_a_cusp_in_its_plane_keeps_its_force_on_both_sides():
    disk = Disk(2.0, 0.0)
    x = places(0.2, 50.0, flat=0.002)
    table = PlaneSamples([disk], -4, -6, 12).table(3, 3)
    got = accelerations(Forces(plane=table), x)
    # as for a thick disk
    assert np.quantile(relative(got, accelerations(Forces(disks=disk.row), x)), 0.99) < 4e-7
    assert np.all(np.sign(got[:, 2]) == -np.sign(x[:, 2]))
    x[:, 2] = 0.0
    assert np.all(accelerations(Forces(plane=table), x)[:, 2] == 0)


def test_the_force_is_the_gradient_of_the_potential_of_the_table():
    disk = Disk(3.0, 0.3)
    forces = Forces(plane=PlaneSamples([disk], -3, -4, 10).table(1, 1))
    x = places(1.0, 100.0, n=60)
    a = accelerations(forces, x)
    step = 1e-4
    for axis in range(3):
        moved = [x + sign * step * np.eye(3)[axis] for sign in (1, -1)]
        ahead, behind = (potential(forces, *np.ascontiguousarray(places.T)) for places in moved)
        # differences over 1e-4 kpc of potentials of 1e5; a point may lie on an edge of cells as coarse as these
        assert np.median(np.abs(a[:, axis] + (ahead - behind) / (2 * step)) / np.linalg.norm(a, axis=1)) < 1e-7


def test_beyond_its_reach_a_table_goes_on_as_the_monopole():
    disk = Disk(3.0, 0.3)
    table = PlaneSamples([disk], -3, -4, 10).table(2, 2)
    x = places(3e3, 3e5)
    got = accelerations(Forces(plane=table), x)
    # a Kuzmin disk's field has a term a / r, and is taken from between 512 and 1024 kpc: 2 x 3 / 512
    assert np.max(relative(got, accelerations(Forces(disks=disk.row), x))) < 0.02
    far = np.array([[4e6, 0.0, 1e6]])
    r = np.linalg.norm(far)
    np.testing.assert_allclose(potential(Forces(plane=table), *far.T), -GM / r, rtol=0.01)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e200, 0.0])
def test_no_position_reads_outside_the_table_or_spoils_its_neighbours(bad):
    table = PlaneSamples([Disk(3.0, 0.3)], -3, -4, 10).table(1, 1)
    x, y = places(1.0, 10.0, n=64), places(1.0, 10.0, n=64)
    x[11] = bad
    good = np.arange(64) != 11
    assert np.array_equal(accelerations(Forces(plane=table), x)[good], accelerations(Forces(plane=table), y)[good])
