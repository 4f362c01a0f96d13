"""Times between radii against Kepler's equation, against orbits integrated step by step, and against themselves."""

import astropy.units as u
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import halokick as hk
from halokick import constants
from halokick.halo.field_tables import STEP, build_field
from halokick.kernels.radial_arcs import deposit_aged_arcs, deposit_mixed_arcs
from halokick.kernels.radial_time import orbit_deposits
from halokick.kernels.sampling import Births

GM = 4e4


def mixed_deposits(field, births, binding_out, edges):
    return orbit_deposits(field, births, binding_out, edges, 0.0, 0.0)


aged_deposits = orbit_deposits


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


PROFILES = {
    "cusp": hk.NFWProfile(r_s=16 * u.kpc, rho_s=1e7 * u.Msun / u.kpc**3),
    "steep cusp": hk.ZhaoProfile(gamma=1.9, r_s=20 * u.kpc, rho_s=1e6 * u.Msun / u.kpc**3),
    "core": hk.BurkertProfile(r_s=10 * u.kpc, rho_s=2e7 * u.Msun / u.kpc**3),
    "sharp bend": hk.ZhaoProfile(alpha=4, beta=4, gamma=0.1, r_s=10 * u.kpc, rho_s=2e7 * u.Msun / u.kpc**3),
    "edge": hk.TruncatedProfile(hk.NFWProfile(r_s=16 * u.kpc, rho_s=1e7 * u.Msun / u.kpc**3), r_t=100 * u.kpc, power=4),
}


def orbits_of(field, eccentricity, rng):
    """Daughters born at the radius of the circular orbit of their energy, from deep inside to far out."""
    log_r = rng.uniform(np.log(0.1), np.log(2000.0), 24)
    cell = ((log_r - field.l0) / field.step).astype(int)
    powers = ((log_r - field.l0) / field.step - cell)[:, None] ** np.arange(6)
    phi, psi, vc2 = (np.sum(rows[cell] * powers, axis=1) for rows in (field.phi, field.psi, field.vc2))
    momentum2 = vc2 * np.exp(2 * log_r) * (1 - eccentricity) * (1 + eccentricity)
    cosine = eccentricity * rng.choice([-1.0, 1.0], 24)
    return Births(log_r, phi + 0.5 * vc2, psi - 0.5 * vc2, momentum2, cosine, np.ones(24))


@pytest.mark.parametrize("eccentricity", [1e-6, 1e-4, 3e-3, 1e-2, 0.1, 0.6, 0.95, 1 - 1e-4, 1 - 5e-13])
@pytest.mark.parametrize("name", PROFILES)
def test_series_agree_with_quadrature_between_edges(name, eccentricity, rng):
    # eccentricity 1 - 5e-13: L is a millionth of that of the circular orbit
    field = hk.Halo(PROFILES[name])._field
    births = orbits_of(field, eccentricity, rng)
    times = np.zeros((3, 40))
    width = 2.5 * eccentricity
    for i in range(len(births.log_r)):
        one = Births(*(column[i : i + 1] for column in births))
        if width < 0.5:
            edges = births.log_r[i] + np.linspace(-0.5, 0.5, 41) * width
        else:
            edges = np.log(np.geomspace(0.5, 250.0, 41))
        slow = np.zeros((4, 40))
        assert deposit_mixed_arcs(field, one, 0, edges, times, slow) == 0
        fast = mixed_deposits(field, one, 0.0, edges)[0].sum(axis=0)
        # the series are trusted up to 2e-8, and rounding in a width of 6e-3 is a few 1e-8
        np.testing.assert_allclose(fast[:2], slow[:2], rtol=0, atol=1e-7)
        # v^2 weighted by time
        scale = slow[2:].sum()
        np.testing.assert_allclose(fast[2:], slow[2:], rtol=0, atol=1e-6 * scale)
        for rate in (1e-13, 0.1, 3.0, 100.0):
            slow = np.zeros((4, 40))
            assert deposit_aged_arcs(field, one, 0, edges, times, slow, rate, 10.0) == 0
            fast = aged_deposits(field, one, 0.0, edges, rate, 10.0)[0].sum(axis=0)
            # a young daughter's share changes with its phase as period / age, here up to 100
            np.testing.assert_allclose(fast[:2], slow[:2], rtol=0, atol=1e-6 * max(1.0, rate / 10))


def test_after_very_many_lifetimes_all_are_of_one_age(halo):
    # no exponential overflows, and the daughters of one orbit are in one place: that of an orbit of the whole age
    births = one_birth(halo._field, 5.0, 150.0, -0.7)
    edges = np.log(np.geomspace(0.1, 100.0, 21))
    share = aged_deposits(halo._field, births, 0.0, edges, 1e7, 2.0)[0].sum(axis=0)[0]
    place = integrated(halo, 5.0, 150.0, -0.7, 2.0, 1e7, edges)
    assert share.max() == pytest.approx(1, abs=1e-9)
    assert np.argmax(share) == np.argmax(place)


def several(field, n, rng):
    births = [orbits_of(field, eccentricity, rng) for eccentricity in (1e-4, 0.3, 0.8, 0.999, 1 - 1e-9)]
    return Births(*(np.ascontiguousarray(np.concatenate(column)[:n]) for column in zip(*births, strict=True)))


@pytest.mark.parametrize("n", [1, 63, 64, 65, 120])
def test_an_orbit_does_not_feel_its_neighbours(halo, n, rng):
    births = several(halo._field, n, rng)
    edges = np.log(np.geomspace(0.1, 500.0, 21))
    for method, ages in ((mixed_deposits, ()), (aged_deposits, (0.1, 10.0))):
        together = method(halo._field, births, 0.0, edges, *ages)[0].sum(axis=0)
        alone = sum(
            method(halo._field, Births(*(column[i : i + 1] for column in births)), 0.0, edges, *ages)[0].sum(axis=0)
            for i in range(n)
        )
        # the same numbers, added in another order
        np.testing.assert_allclose(together, alone, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("bins", [4, 6, 7, 8, 9, 15, 16, 17, 300])
def test_shares_do_not_depend_on_how_many_bins_there_are(halo, bins, rng):
    births = several(halo._field, 120, rng)
    for method, ages in ((mixed_deposits, ()), (aged_deposits, (0.1, 10.0))):
        coarse = method(halo._field, births, 0.0, np.log(np.geomspace(0.5, 50.0, bins + 1)), *ages)[0].sum(axis=(0, 2))
        whole = method(halo._field, births, 0.0, np.log([0.5, 50.0]), *ages)[0].sum(axis=(0, 2))
        # two of the 120 may be of the kind that is known to 1e-8
        np.testing.assert_allclose(coarse[0], whole[0], rtol=1e-8)


def test_daughters_whose_energy_is_no_number_are_counted(halo):
    births = one_birth(halo._field, 8.0, 200.0, 0.5)
    births.depth[0] = births.binding[0] = np.nan
    edges = np.log([1.0, 10.0, 100.0])
    assert mixed_deposits(halo._field, births, 0.0, edges)[1].sum() == 1
    assert aged_deposits(halo._field, births, 0.0, edges, 0.1, 10.0)[1].sum() == 1
