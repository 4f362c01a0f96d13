"""Times between radii against Kepler's equation, against orbits integrated step by step, and against themselves."""

import astropy.units as u
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import halokick as hk
from halokick import constants
from halokick.halo.field_tables import STEP, build_field
from halokick.kernels.radial_time import aged_deposits, between, mixed_deposits, turning_points
from halokick.kernels.sampling import Births

GM = 4e4


@pytest.fixture(scope="module")
def kepler():
    edges = np.log(1e-6) + STEP * np.arange(1200)
    mass = np.log(GM / constants.G)
    return build_field(edges, extra_mass=lambda l: (np.full(l.shape, mass), 0 * l, 0 * l))[0]


@pytest.fixture(scope="module")
def halo():
    return hk.Halo(hk.ZhaoProfile(gamma=1.2, r_s=20 * u.kpc, rho_s=6.911e6 * u.Msun / u.kpc**3))


def one_birth(field, r, v, cosine):
    """Births with a single daughter of weight 1."""
    i = int((np.log(r) - field.l0) / field.step)
    psi = sum(field.psi[i, j] * ((np.log(r) - field.l0) / field.step - i) ** j for j in range(6))
    binding = psi - 0.5 * v * v
    values = (np.log(r), field.psi0 - binding, binding, (r * v) ** 2 * (1 - cosine**2), cosine, 1.0)
    return Births(*(np.array([value]) for value in values))


@pytest.mark.parametrize("eccentricity", [1e-5, 1e-3, 0.02, 0.3, 0.9, 0.9999, 1 - 1e-9])
def test_shares_of_a_kepler_orbit_are_those_of_keplers_equation(kepler, eccentricity):
    axis = 3.0
    eta = np.linspace(0, np.pi, 24)[1:-1]
    eta = eta[(eta > 0.05) & (eta < 3.1)]
    edges = np.log(axis * (1 - eccentricity * np.cos(eta)))
    # start at the end of the minor axis: r = a, v^2 = GM/a, L^2 = GM a (1 - e^2)
    births = one_birth(kepler, axis, np.sqrt(GM / axis), eccentricity)
    births.momentum2[0] = GM * axis * (1 - eccentricity) * (1 + eccentricity)
    deposits, failed = mixed_deposits(kepler, births, 0.0, edges)
    share = np.diff(eta - eccentricity * np.sin(eta)) / np.pi
    # E and L in double precision know a nearly circular orbit's eccentricity only up to 1e-15 / e^2
    tolerance = max(1e-9, 3e-15 / eccentricity**2)
    np.testing.assert_allclose(deposits.sum(axis=0)[0], share, rtol=0, atol=tolerance)
    assert failed.sum() == 0


@pytest.mark.parametrize("eccentricity", [0.02, 0.6, 0.999])
def test_mean_squared_velocities_of_a_kepler_orbit(kepler, eccentricity):
    # <v_t^2> = (GM/a) sqrt(1 - e^2), <v^2> = GM/a
    axis = 3.0
    births = one_birth(kepler, axis, np.sqrt(GM / axis), eccentricity)
    edges = np.log(np.geomspace(1e-4, 10.0, 30))
    total, _, radial, tangential = mixed_deposits(kepler, births, 0.0, edges)[0].sum(axis=(0, 2))
    root = np.sqrt(1 - eccentricity**2)
    assert total == pytest.approx(1, abs=1e-9)
    assert tangential == pytest.approx(GM / axis * root, rel=1e-8)
    assert radial == pytest.approx(GM / axis * (1 - root), rel=1e-7)


def test_period_of_a_kepler_orbit(kepler):
    births = one_birth(kepler, 2.0, 0.9 * np.sqrt(GM / 2.0), 0.4)
    orbit = births.depth[0], births.binding[0], births.momentum2[0]
    l_p, l_a = turning_points(kepler, *orbit, births.log_r[0])
    axis = GM / (2 * births.binding[0])
    assert 0.5 * (np.exp(l_p) + np.exp(l_a)) == pytest.approx(axis, rel=1e-12)
    half = between(kepler, *orbit, l_p, l_a, l_p, l_a)[0]
    assert half == pytest.approx(np.pi * np.sqrt(axis**3 / GM), rel=1e-9)


@pytest.mark.parametrize("cosine", [0.0, 1e-4, -0.3, 0.99, 1 - 1e-14])
def test_all_of_the_time_is_somewhere(halo, cosine):
    # also for one orbit in one bin, and for bins that miss the orbit
    births = one_birth(halo._field, 8.0, 200.0, cosine)
    for edges in (np.log(np.geomspace(1e-7, 1e5, 6)), np.log(np.geomspace(1e-7, 1e5, 200))):
        for deposits, failed in (
            mixed_deposits(halo._field, births, 0.0, edges),
            aged_deposits(halo._field, births, 0.0, edges, 0.1, 14.0),
        ):
            assert deposits.sum(axis=(0, 2))[0] == pytest.approx(1, abs=1e-9)
            assert failed.sum() == 0
    beyond = np.log([1e6, 2e6, 3e6])
    assert mixed_deposits(halo._field, births, 0.0, beyond)[0].sum() == 0


def integrated(halo, r, v, cosine, age, rate, edges):
    """Shares by integrating the orbit over `age` and weighting its ages: the slow twin."""
    momentum2 = (r * v) ** 2 * (1 - cosine**2)

    def acceleration(_, state):
        mass = halo.circular_speed(state[0] * u.kpc).value ** 2 / state[0]
        return [state[1], momentum2 / state[0] ** 3 - mass]

    start = [r, v * cosine]
    orbit = solve_ivp(acceleration, (0, age), start, method="DOP853", rtol=1e-10, atol=1e-10, dense_output=True)
    middle = (np.arange(200_000) + 0.5) / 200_000 * age
    weight = np.exp(rate * (middle - age))
    radius = np.concatenate([orbit.sol(part)[0] for part in np.array_split(middle, 20)])
    return np.histogram(np.log(radius), edges, weights=weight)[0] / weight.sum()


@pytest.mark.parametrize("steps", [1e-12, 1.0, 30.0])
@pytest.mark.parametrize(
    ("r", "v", "cosine"),
    [(8.0, 250.0, 0.6), (8.0, 250.0, -0.6), (60.0, 260.0, -0.9), (30.0, 40.0, 0.95), (300.0, 120.0, 0.2)],
)
def test_where_a_daughter_is_today_follows_the_integrated_orbit(halo, r, v, cosine, steps):
    age = 14.0
    edges = np.log(np.geomspace(0.5, 2000.0, 31))
    births = one_birth(halo._field, r, v, cosine)
    deposits, _ = aged_deposits(halo._field, births, 0.0, edges, steps / age, age)
    slow = integrated(halo, r, v, cosine, age, steps / age, edges)
    # 2e5 steps of age, up to a few hundred crossings of an edge weighted by up to 30
    np.testing.assert_allclose(deposits.sum(axis=0)[0], slow, rtol=0, atol=1e-4)


def test_old_daughters_are_mixed(halo):
    edges = np.log(np.geomspace(0.01, 100.0, 41))
    births = one_birth(halo._field, 5.0, 150.0, -0.7)
    mixed = mixed_deposits(halo._field, births, 0.0, edges)[0].sum(axis=0)
    old = aged_deposits(halo._field, births, 0.0, edges, 1e-9, 1e7)[0].sum(axis=0)
    # the start is forgotten as period / age, here 1e-8
    np.testing.assert_allclose(old[0], mixed[0], rtol=0, atol=1e-7)
    np.testing.assert_allclose(old[2:], mixed[2:], rtol=0, atol=1e-2)


def test_newborn_daughters_are_where_they_were_born(halo):
    edges = np.log(np.geomspace(1.0, 100.0, 11))
    births = one_birth(halo._field, 5.0, 150.0, -0.7)
    share = aged_deposits(halo._field, births, 0.0, edges, 1e-9, 1e-5)[0].sum(axis=0)[0]
    assert share[np.searchsorted(edges, np.log(5.0)) - 1] == pytest.approx(1, abs=1e-12)


def test_unbound_daughters_give_nothing(halo):
    births = one_birth(halo._field, 8.0, 900.0, 0.1)
    assert mixed_deposits(halo._field, births, 0.0, np.log([1.0, 10.0, 100.0]))[0].sum() == 0
