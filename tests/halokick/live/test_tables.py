"""Densities and J-factors of whole haloes by both live methods, and where the fixed potential fails.

An NFW profile times exp[-(r / 10 r_s)^2], 270 r_s / V_0 old, V_0^2 = 4 pi G rho_s r_s^2; against another code, whose
N-body has 65 000 particles and errors of 1 to 2 per cent, 3 to 5 at 0.05 r_s.
"""

import warnings

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick import constants
from halokick.live.evolve_halo import evolve_halo
from halokick.live.rule import FastDecayWarning

pytestmark = pytest.mark.slow

KPC = u.kpc
V0, PEAK = 100.0, 46.137
AGE = 270 * constants.GYR_PER_TIME_UNIT / V0 * u.Gyr
R = np.array([0.05, 0.1, 0.3, 1, 3, 8]) * KPC
SIZE = {"orbit_iteration": 1 << 14, "live": 1 << 16}


@pytest.fixture(scope="module")
def df():
    rho = V0**2 / (4 * np.pi * constants.G) * u.Msun / KPC**3
    return hk.ErgodicDF(hk.Halo(hk.TruncatedProfile(hk.NFWProfile(r_s=1 * KPC, rho_s=rho), r_t=10 * KPC)))


def kick(times_peak):
    return hk.FixedKick(times_peak * PEAK * u.km / u.s)


def squares(density, outer):
    """Integral of rho^2 dV from 0.02 to `outer` r_s, in any unit."""
    log_r = np.linspace(np.log(0.02), np.log(outer), 500)
    r = np.exp(log_r) * KPC
    return np.trapezoid(density(r).to_value("Msun/kpc3") ** 2 * r.value**3, log_r)


@pytest.fixture(scope="module")
def evolved(df):
    """The whole halo today, by kick, lifetimes and method; each once."""
    found = {}

    def get(times_peak, decays, method):
        key = times_peak, decays, method
        if key not in found:
            with warnings.catch_warnings():
                # those are what some rows are about
                warnings.simplefilter("ignore", FastDecayWarning)
                history = hk.DecayHistory(AGE / decays, AGE)
                live = evolve_halo(df, kick(times_peak), history, method=method, n=SIZE[method], seed=1)
            found[key] = live.today.total
        return found[key]

    return get


@pytest.mark.parametrize("method", SIZE)
@pytest.mark.parametrize(
    ("times_peak", "expected"),
    [(0.65, (0.393, 0.538, 0.694, 0.798, 0.838, 1.00)), (1.3, (0.094, 0.111, 0.163, 0.295, 0.467, 0.833))],
)
def test_densities_are_those_of_another_code(df, evolved, times_peak, expected, method):
    found = evolved(times_peak, 1, method).density(R) / df.profile.density(R)
    # noise of both; measured up to 6.4, 3.6, 5.5, 2.7, 1.3, 3.1 per cent, the first three where a tenth is left
    assert np.all(np.abs(found / expected - 1) < [0.09, 0.06, 0.07, 0.04, 0.03, 0.04])


J_FACTORS = {
    (0.3, 1): (0.718, 0.839, 0.848),
    (0.65, 0.3): (0.565, 0.724, 0.739),
    (0.65, 1): (0.183, 0.407, 0.435),
    # where a 25th is left the N-body of the other code has 0.047 and its orbits have 0.040; both of ours have 0.039
    (0.65, 3): (0.040, 0.223, 0.255),
    (1.3, 0.1): (0.654, 0.727, 0.741),
    (1.3, 0.3): (0.268, 0.374, 0.399),
    (1.3, 1): (0.010, 0.029, 0.042),
    (3, 0.3): (0.178, 0.212, 0.228),
}


# N-body takes longer, and some of these are as their neighbours
BY_PARTICLES = [(0.65, 0.3), (0.65, 1), (0.65, 3), (1.3, 1), (3, 0.3)]


@pytest.mark.parametrize(
    ("times_peak", "decays", "method"),
    [(*row, "orbit_iteration") for row in J_FACTORS] + [(*row, "live") for row in BY_PARTICLES],
)
def test_j_factors_are_those_of_another_code(df, evolved, times_peak, decays, method):
    total = evolved(times_peak, decays, method)
    expected = np.array(J_FACTORS[times_peak, decays])
    found = np.array([squares(total.density, r) / squares(df.profile.density, r) for r in (0.1, 1, 8)])
    # twice the noise of M, and the last digit: measured up to 3.3 per cent, 5.8 where a 30th is left
    assert np.all(np.abs(found - expected) < (0.05 if expected[1] > 0.1 else 0.07) * expected + 6e-4)


# decayed share at which the fixed potential is 5 per cent off: M inside 0.1, 0.3, 1, 3; rho there; J inside 0.1, 1, 8
FIVE = {
    0.65: ((0.095, 0.16, 0.22, 0.34), (0.14, 0.22, 0.30, None), (0.05, 0.08, 0.085)),
    1.3: ((0.04, 0.05, 0.075, 0.12), (0.04, 0.06, 0.10, 0.24), (0.02, 0.03, 0.03)),
    3: ((0.03, 0.03, 0.04, 0.06), (0.03, 0.035, 0.055, 0.14), (0.015, 0.02, 0.02)),
}
GRID = {
    0.65: (0.04, 0.06, 0.08, 0.1, 0.14, 0.18, 0.22, 0.26, 0.3, 0.36, 0.4),
    1.3: (0.015, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.13, 0.16, 0.2, 0.26),
    3: (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15),
}


@pytest.mark.parametrize("times_peak", FIVE)
def test_fixed_potential_fails_at_the_shares_that_another_code_found(df, times_peak):
    """Orbits of constant actions against quadrature in the potential of before, for decays as slow as can be."""
    shares = np.array(GRID[times_peak])
    old = 100 * AGE
    lifetime = old / -np.log1p(-shares[-1])
    history = hk.DecayHistory(lifetime, old)
    times = -lifetime * np.log1p(-shares)
    live = evolve_halo(df, kick(times_peak), history, method="orbit_iteration", n=1 << 14, seed=1, times=times)
    mixed = hk.phase_mix(df, kick(times_peak), np.geomspace(1e-3, 29, 40) * KPC)
    r = R[1:5]
    kept, ratio = mixed.retained_mass_fraction(r), mixed.ratio(r)
    columns = []
    for snapshot, x in zip(live, shares, strict=True):
        fixed = lambda at, x=x: df.profile.density(at) * (1 - x * (1 - mixed.ratio(at)))  # noqa: E731
        mass = (1 - x * (1 - kept)) / snapshot.total.mass_ratio(r)
        density = (1 - x * (1 - ratio)) / np.asarray(snapshot.total.density(r) / df.profile.density(r))
        j_factor = [squares(fixed, s) / squares(snapshot.total.density, s) for s in (0.1, 1, 8)]
        columns.append(np.concatenate([mass, density, j_factor]))
    errors = np.concatenate([np.zeros((1, 11)), np.log(columns)])
    at = np.concatenate([[0.0], shares])
    for error, expected in zip(errors.T, [x for part in FIVE[times_peak] for x in part], strict=True):
        if expected is None:
            continue
        found = np.interp(np.log(1.05), np.maximum.accumulate(error), at)
        # the other code's shares lie on a grid of 0.005, above 0.1 of 0.02, at the first point beyond 5 per cent; both
        # have noise of half a per cent in what is to be five, or one in densities
        grid = 0.005 if expected < 0.1 else 0.02
        assert -grid - 0.15 * expected < found - expected < 0.12 * expected
