import pickle
from itertools import pairwise

import astropy.units as u
import numpy as np
import pytest

from halokick.errors import InputError
from halokick.halo.profiles import NFWProfile, TruncatedProfile
from halokick.live.output import ShellSums
from halokick.live.profile import LiveProfile, Reference, merged_shells
from halokick.sky.jfactor import j_factor

KPC = u.kpc
PROFILE = TruncatedProfile(NFWProfile(r_s=1 * KPC, rho_s=1e8 * u.Msun / KPC**3), r_t=10 * KPC)
EDGES = np.geomspace(1e-3, 1e3, 277)
CUT = PROFILE.mass(EDGES * KPC).value
TOTAL = PROFILE.total_mass.value
WEIGHT = np.append(EDGES[0], np.sqrt(EDGES[1:] * EDGES[:-1])) / (1 + np.append(EDGES[0], EDGES[1:]))
"""Of the particles between edges, as in a quiet start."""


def shells(particles, factor=1.0):
    """Expected sums of a halo of so many particles, its density times factor(r) or a number."""
    edges = np.append(0.0, EDGES)
    mass = np.append(np.diff(np.append(0.0, CUT)), TOTAL - CUT[-1])
    middle = np.append(0.6 * EDGES[0], np.sqrt(edges[1:-1] * edges[2:]))
    count = mass / np.append(WEIGHT, 1.0)
    count *= particles / count.sum()
    part = factor(np.append(middle, EDGES[-1])) if callable(factor) else factor
    return ShellSums(mass * part, count * part, 0 * mass, 100.0 * mass * part, 128.0 * mass * part)


def noisy(sums, rng):
    """Poisson numbers of particles of the same mass in each shell."""
    number = rng.poisson(sums.count)
    ratio = np.divide(number, sums.count, out=np.zeros(len(number)), where=sums.count > 0)
    return ShellSums(*(array * ratio for array in sums.arrays))


@pytest.fixture(scope="module")
def reference():
    return Reference(PROFILE, EDGES, shells(60_000), 0.02)


R = np.geomspace(0.03, 7, 50) * KPC


def test_an_unchanged_halo_is_its_profile(reference):
    live = LiveProfile.from_sums(reference, shells(60_000), "continue")
    np.testing.assert_allclose(live.density(R), PROFILE.density(R), rtol=1e-12)
    np.testing.assert_allclose(live.mass(R), PROFILE.mass(R), rtol=1e-12)
    # far inside the shells the profile continues
    np.testing.assert_allclose(live.ratio([1e-5, 1e-3] * KPC), 1, rtol=1e-12)


def test_a_ratio_that_runs_is_found_between_the_shells(reference):
    def truth(r):
        return 1 / (1 + 0.5 / r)

    live = LiveProfile.from_sums(reference, shells(600_000, truth), "continue")
    # the mean over a shell of 0.2 in ln r against its middle; measured 0.3 per cent, and 4 inside where shells merge
    error = np.abs(live.ratio(R) / truth(R.value) - 1)
    assert np.max(error[R > 0.08 * KPC]) < 5e-3
    assert np.max(error) < 0.06


def test_counted_mass_is_the_integral_of_the_density(reference):
    live = LiveProfile.from_sums(reference, shells(60_000, lambda r: 1 / (1 + 0.5 / r)), "continue")
    log_r = np.linspace(np.log(1e-4), np.log(5), 4001)
    shell = 4 * np.pi * live.density(np.exp(log_r) * KPC).value * np.exp(3 * log_r)
    inside = np.trapezoid(shell, log_r)
    # curvature of the ratio inside a shell
    assert inside == pytest.approx(live.mass(5 * KPC).value, rel=2e-3)


def test_shot_noise_does_not_add_to_j(reference, rng):
    where = {"distance": 100 * KPC, "angle": 3 * u.deg, "r_max": 9 * KPC}
    exact = j_factor(PROFILE, **where).value
    expected = shells(60_000)
    found = [
        j_factor(LiveProfile.from_sums(reference, noisy(expected, rng), "continue"), **where).value / exact
        for _ in range(12)
    ]
    # 1/400 at most by noise; the mean of twelve scatters by 1 per cent over sqrt(12)
    assert np.mean(found) == pytest.approx(1.0025, abs=4 * np.std(found) / np.sqrt(12) + 1e-3)
    assert np.std(found) < 0.02


def test_errors_are_those_of_the_numbers(reference, rng):
    expected = shells(60_000)
    found = [LiveProfile.from_sums(reference, noisy(expected, rng), "continue") for _ in range(40)]
    pull = [(one.ratio(one.radius[3:-3]) - 1) / one.relative_error[3:-3] for one in found]
    # 40 times some 30 shells: the standard deviation is known to 2 per cent
    assert np.std(np.concatenate(pull)) == pytest.approx(1, abs=0.1)


def test_few_particles_merge_shells(reference):
    many, few = (LiveProfile.from_sums(reference, shells(n), "continue") for n in (60_000, 6_000))
    assert len(few.radius) < 0.5 * len(many.radius)
    assert np.max(few.relative_error[1:]) <= 1 / np.sqrt(400)


def test_groups_hold_enough_particles_and_are_wide_enough():
    log_edges = np.log(EDGES)
    count = shells(20_000).count
    groups = merged_shells(count, log_edges, 100)
    assert groups[0][0] == 0
    assert all(a == b for (_, a), (b, _) in pairwise(groups))
    assert all(count[a:b].sum() >= 400 and log_edges[b - 1] - log_edges[a - 1] > 0.199 for a, b in groups[1:])


def test_next_to_no_particles_are_no_profile(reference):
    assert LiveProfile.from_sums(reference, shells(300), "continue") is None


def test_the_centre_continues_as_a_power_law(reference):
    live = LiveProfile.from_sums(reference, shells(600_000, lambda r: 0.6 * r**0.7), "continue")
    # a cusp of slope 1 in the ball: its mean ratio, 2 / 2.7 of that at its edge, is put at e^-1/2 of its radius, where
    # the ratio is e^-0.35, 5 per cent lower; the power comes out 0.60
    assert float(live.ratio(0.01 * KPC)) == pytest.approx(0.6 * 0.01**0.7, rel=0.2)
    assert float(live.slope(1e-6 * KPC)) == pytest.approx(1 - 0.7, abs=0.12)
    assert float(live.mass_ratio(1e-3 * KPC) / live.ratio(1e-3 * KPC)) == pytest.approx(2 / 2.7, rel=0.1)


def test_the_centre_can_be_refused(reference):
    live = LiveProfile.from_sums(reference, shells(60_000), "refuse")
    live.density(0.05 * KPC)
    for ask in (live.density, live.mass, live.ratio):
        with pytest.raises(InputError, match="resolution radius"):
            ask(0.005 * KPC)
    with pytest.raises(InputError, match="resolution radius"):
        j_factor(live, distance=100 * KPC, angle=1 * u.deg)
    np.testing.assert_array_equal(live.resolved([0.005, 0.05, 1e4] * KPC), [False, True, False])


def test_nothing_is_said_outside_the_last_shell(reference):
    live = LiveProfile.from_sums(reference, shells(60_000), "continue")
    with pytest.raises(InputError, match="outside the last shell"):
        live.density(1.01 * live.r_max)


def test_dispersions_are_those_of_the_sums(reference):
    live = LiveProfile.from_sums(reference, shells(60_000), "continue")
    radial, tangential = live.velocity_dispersion(1 * KPC)
    assert radial.value == pytest.approx(10, rel=1e-12)
    assert tangential.value == pytest.approx(8, rel=1e-12)
    assert live.anisotropy(1 * KPC) == pytest.approx(0.36, rel=1e-12)


def test_scaling_scales_everything_but_the_errors(reference):
    live = LiveProfile.from_sums(reference, shells(60_000), "continue")
    half = live.scaled(0.5)
    assert float(half.density(1 * KPC) / live.density(1 * KPC)) == pytest.approx(0.5, rel=1e-12)
    assert float(half.mass(1 * KPC) / live.mass(1 * KPC)) == pytest.approx(0.5, rel=1e-12)
    assert float(half.error(1 * KPC) / live.error(1 * KPC)) == pytest.approx(0.5, rel=1e-12)


def test_a_profile_survives_pickling(reference):
    live = LiveProfile.from_sums(reference, shells(60_000, lambda r: 1 / (1 + 1 / r)), "continue")
    copy = pickle.loads(pickle.dumps(live))
    np.testing.assert_array_equal(copy.density(R), live.density(R))


def test_too_few_particles_for_a_reference():
    with pytest.raises(InputError, match="increase n"):
        Reference(PROFILE, EDGES, shells(500), 0.02)
