"""Shares of single orbits in shells after a finite time, against the orbit itself: integrated, with exact crossings."""

import astropy.units as u
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

import halokick as hk
from halokick import constants
from halokick.daughters.density_bins import new_histogram, shells
from halokick.halo.force_field import force_field
from halokick.kernels.changing_forces import NO_GROWTH
from halokick.kernels.follow import Outcome, Particles, Settings
from halokick.kernels.follow_batch import follow_batch
from halokick.kernels.radial_time import orbit_deposits
from halokick.kernels.sampling import Births

R_S, RHO_S = 16.0, 1e7
HALO = hk.Halo(hk.NFWProfile(r_s=R_S * u.kpc, rho_s=RHO_S * u.Msun / u.kpc**3))
STRENGTH = 4 * np.pi * constants.G * RHO_S * R_S**3
UNIFORM = 1e-12
"""Rate of decay, times the age, of a law that is uniform."""


def pull(r):
    """G M / r^2 in closed form."""
    x = r / R_S
    return STRENGTH * (np.log1p(x) - x / (1 + x)) / r**2


def circular_speed(r):
    return np.sqrt(r * pull(r))


def orbit(kind):
    """Radius and radial and tangential speeds of birth."""
    if kind == "nearly circular, e = 1e-3":
        # at the pericentre, of radii from 1 - e to 1 + e times the mean
        r_p, r_a = 10 * (1 - 1e-3), 10 * (1 + 1e-3)
        depth = STRENGTH * (np.log1p(r_p / R_S) / r_p - np.log1p(r_a / R_S) / r_a)
        momentum = np.sqrt(2 * depth / (r_p**-2 - r_a**-2))
        r = 10.0003
        speed2 = (momentum / r_p) ** 2 - 2 * STRENGTH * (np.log1p(r_p / R_S) / r_p - np.log1p(r / R_S) / r)
        return r, np.sqrt(speed2 - (momentum / r) ** 2), momentum / r
    if kind == "nearly radial, L/L_c = 1e-4":
        r = 12.0
        # E is about that of a circular orbit here
        return r, -0.8 * circular_speed(r), 1e-4 * circular_speed(r)
    return 8.0, 0.5 * circular_speed(8.0), 0.6 * circular_speed(8.0)


EDGES = {
    "nearly circular, e = 1e-3": 10 * (1 + 1e-3 * np.array([-1.5, -0.8, -0.3, 0.0, 0.25, 0.7, 0.97, 1.5])),
    "nearly radial, L/L_c = 1e-4": np.array([1e-3, 0.01, 0.1, 0.5, 2.0, 6.0, 11.0, 14.0, 16.0, 40.0]),
    "ordinary": np.array([1.0, 3.0, 4.5, 6.0, 7.9, 8.2, 9.0, 20.0]),
}


def radial(kind):
    """Equations of motion of r and v_r."""
    r, _, v_t = orbit(kind)
    return lambda _, s: [s[1], (r * v_t) ** 2 / s[0] ** 3 - pull(s[0])]


def period(kind):
    """Radial period, from one apocentre to the next."""
    r, v_r, _ = orbit(kind)

    def apocentre(_, s):
        return s[1]

    apocentre.direction = -1
    turns = solve_ivp(radial(kind), (0, 3), [r, v_r], "DOP853", events=apocentre, rtol=1e-12, atol=1e-13).t_events[0]
    return turns[1] - turns[0]


def exact_shares(kind, age, rate):
    """Probability of each shell for an age between 0 and `age`, from all crossings of the edges."""
    r, v_r, _ = orbit(kind)
    found = solve_ivp(radial(kind), (0, age), [r, v_r], "DOP853", rtol=1e-12, atol=1e-13, dense_output=True)
    # many places in every step, so that no crossing is missed but pairs that touch an edge
    times = np.unique(np.concatenate([np.linspace(a, b, 60) for a, b in zip(found.t[:-1], found.t[1:], strict=True)]))
    radii = found.sol(times)[0]
    ends = [0.0, age]
    for edge in EDGES[kind]:
        for i in np.flatnonzero(np.diff(np.sign(radii - edge)) != 0):
            ends.append(brentq(lambda t, e=edge: found.sol(t)[0] - e, times[i], times[i + 1], xtol=1e-14))
    ends = np.sort(ends)
    law = np.expm1(rate * ends) / np.expm1(rate * age)
    where = np.searchsorted(EDGES[kind], found.sol(0.5 * (ends[1:] + ends[:-1]))[0]) - 1
    shares = np.zeros(len(EDGES[kind]) - 1)
    inside = (where >= 0) & (where < len(shares))
    np.add.at(shares, where[inside], np.diff(law)[inside])
    return shares


def aged_shares(kind, age, rate):
    """The same by quadrature along the radius."""
    r, v_r, v_t = orbit(kind)
    speed2 = v_r**2 + v_t**2
    log_r, field = np.log(r), HALO._field
    births = Births(
        log_r=np.array([log_r]),
        depth=np.array([HALO._look_up(field.phi, log_r) + speed2 / 2]),
        binding=np.array([HALO._look_up(field.psi, log_r) - speed2 / 2]),
        momentum2=np.array([(r * v_t) ** 2]),
        cosine=np.array([v_r / np.sqrt(speed2)]),
        weight=np.ones(1),
    )
    deposits, failed = orbit_deposits(field, births, 0.0, np.log(EDGES[kind]), rate, age)
    assert failed.sum() == 0
    return deposits.sum(axis=0)[0]


@pytest.mark.parametrize("law", [UNIFORM, 3.0])
@pytest.mark.parametrize("periods", [0.2, 0.9, 3.7, 40.3])
@pytest.mark.parametrize("kind", list(EDGES))
def test_shares_of_one_orbit_are_those_of_its_crossings(kind, periods, law):
    age = periods * period(kind)
    rate = law / age
    exact, found = exact_shares(kind, age, rate), aged_shares(kind, age, rate)
    assert exact.sum() > 0.2
    # quadrature in r to 1e-9 of a period; near a turning point phases are known to the root of an energy's rounding
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-7)


@pytest.mark.parametrize("law", [UNIFORM, 3.0])
@pytest.mark.parametrize("kind", list(EDGES))
def test_shares_of_one_orbit_are_those_of_its_integration(kind, law):
    age = 9.6 * period(kind)
    rate = law / age
    r, v_r, v_t = orbit(kind)
    state = np.array([[r, 0, 0, v_r, v_t, 0]])
    # the same orbit 64 times, with samples at different places in its steps
    states = np.repeat(state, 64, axis=0)
    n = len(states)
    grid = shells(EDGES[kind])
    histogram = new_histogram(grid, 1)
    settings = Settings(1e-13, 60, 0.0 if law == UNIFORM else rate, 1_000_000, 0)
    weight = 1 / age if law == UNIFORM else rate / np.expm1(rate * age)
    particles = Particles(
        states, np.zeros(n), np.full(n, age), np.full(n, weight / n), (np.arange(n) + 0.5) / n, np.zeros(n, dtype=int)
    )
    outcome = Outcome(np.zeros((n, 6)), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64))
    forces = force_field(HALO, tolerance=1e-9, fallback="refuse").forces
    nothing = np.zeros((1, 0))
    follow_batch(
        forces, NO_GROWTH, (grid, grid), particles, np.ones(n, dtype=bool), settings, 0.0, np.ones(n),
        (histogram, nothing), outcome, np.zeros(n),
    )  # fmt: skip
    # 64 x 60 places in every step of a tenth of a period or less, and nine periods: 1e-4 of the total in every bin
    np.testing.assert_allclose(aged_shares(kind, age, rate), histogram[0], rtol=0, atol=1e-4)
