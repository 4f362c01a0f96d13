"""Even multipoles against harmonics in closed form and a triaxial logarithmic potential."""

import numpy as np
import pytest

from halokick.halo.force_tables import SolidSamples
from halokick.kernels.forces import Forces, accelerations, potential
from halokick.kernels.multipole import columns, pairs

V2, CORE2, P, Q = 4e4, 1.0, 1.1, 1.25


def logarithmic(x, y, z):
    return 0.5 * V2 * np.log(x * x + P * y * y + Q * z * z + CORE2)


def places(low=0.05, high=300.0, n=400):
    rng = np.random.default_rng(5)
    direction = rng.normal(size=(n, 3))
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    return np.exp(rng.uniform(np.log(low), np.log(high), n))[:, None] * direction


def relative(got, expected):
    return np.linalg.norm(got - expected, axis=1) / np.linalg.norm(expected, axis=1)


@pytest.mark.parametrize(("order", "count", "width"), [(2, 6, 8), (4, 15, 16), (6, 28, 32), (8, 45, 48)])
def test_pairs_are_as_many_as_even_harmonics(order, count, width):
    # degrees l = 0, 2 ... 2n have l/2 + 1 even harmonics each
    assert len(pairs(order)) == sum(l // 2 + 1 for l in range(0, 2 * order + 1, 2)) == count
    assert columns(order) == width


def test_a_quadrupole_of_order_two_is_exact():
    def bar(x, y, z):
        s = x * x + y * y + z * z
        return 1e5 * (x * x - y * y) / (s + 4.0) ** 2.5

    x = places()
    s = np.sum(x**2, axis=1)
    common = 5e5 * (x[:, 0] ** 2 - x[:, 1] ** 2) / (s + 4.0) ** 3.5
    expected = common[:, None] * x
    expected[:, 0] -= 2e5 * x[:, 0] / (s + 4.0) ** 2.5
    expected[:, 1] += 2e5 * x[:, 1] / (s + 4.0) ** 2.5
    got = accelerations(Forces(solid=SolidSamples(bar).table(2)), x)
    # derivatives of quintics in cells of 1/8 of an octave: 2 (2^-3 / 4)^6 x 50, for functions as steep as s^-2.5
    assert np.max(relative(got, expected)) < 2e-6
    assert np.median(relative(got, expected)) < 1e-7


def test_the_expansion_of_a_triaxial_potential_converges_with_its_degree():
    x = places()
    exact = accelerations(Forces(logs=np.array([[V2, CORE2, P, Q]])), x)
    samples = SolidSamples(logarithmic)
    errors = [
        np.quantile(relative(accelerations(Forces(solid=samples.table(n)), x), exact), 0.99) for n in (2, 4, 6, 8)
    ]
    # axis ratios of the potential of 0.95 and 0.9: each pair of harmonics is smaller by about 1/300
    assert errors[0] < 2e-3
    assert errors[1] < 1e-5
    assert errors[2] < 3e-7
    assert errors[3] < 1e-7


@pytest.mark.parametrize("order", [2, 4, 6, 8])
def test_the_force_is_the_gradient_of_the_potential_of_the_table(order):
    forces = Forces(solid=SolidSamples(logarithmic).table(order))
    x = places(0.5, 100.0, n=60)
    a = accelerations(forces, x)
    for axis in range(3):
        step = 1e-4 * np.linalg.norm(x, axis=1)
        moved = [x + sign * step[:, None] * np.eye(3)[axis] for sign in (1, -1)]
        ahead, behind = (potential(forces, *np.ascontiguousarray(places.T)) for places in moved)
        # second-order differences over 1e-4 of the radius
        assert np.max(np.abs(a[:, axis] + (ahead - behind) / (2 * step)) / np.linalg.norm(a, axis=1)) < 1e-6


def test_a_kink_between_two_cells_does_no_harm():
    edge = 3.3

    def ball(x, y, z):
        s = x * x + y * y + z * z
        inside = 0.5 * (s / edge**2 - 3)
        return 1e5 * np.where(s < edge**2, inside, -edge / np.sqrt(s))

    x = places(0.5, 30.0)
    r = np.linalg.norm(x, axis=1)[:, None]
    expected = -1e5 * np.where(r < edge, x / edge**2, edge * x / r**3)
    with_edge, without = (
        np.max(relative(accelerations(Forces(solid=SolidSamples(ball, *e).table(2)), x), expected))
        for e in ((edge,), ())
    )
    # as for smooth potentials where the edge is known; a jump of the derivative inside an octave is seen all over it
    assert with_edge < 1e-6 < 1e-4 < without


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e200, 0.0])
def test_no_position_reads_outside_the_table_or_spoils_its_neighbours(bad):
    table = SolidSamples(logarithmic).table(4)
    x, y = places(n=64), places(n=64)
    x[11] = bad
    good = np.arange(64) != 11
    assert np.array_equal(accelerations(Forces(solid=table), x)[good], accelerations(Forces(solid=table), y)[good])
