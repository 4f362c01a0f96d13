"""One step of a three-dimensional halo by either way of summing; the tree should win from a few thousand particles on.

The first call of the tree compiles it, half a minute, in every process; it is left out of the times.
"""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick.live.tree_decay import plan_decays
from halokick.live.tree_forces import TreeGravity, default_softening
from halokick.live.tree_halo import evolve_tree_halo

pytest.importorskip("pytreegrav")

TREE_UP_TO, DIRECT_UP_TO = 65_536, 16_384
SIZES = (1024, 4096, 16_384, 65_536)


@pytest.fixture(scope="module")
def halo():
    profile = hk.HernquistProfile(r_s=1 * u.kpc, rho_s=1e8 * u.Msun / u.kpc**3)
    return hk.ErgodicDF(hk.Halo(hk.TruncatedProfile(profile, r_t=20 * u.kpc)))


@pytest.mark.benchmark(group="forces of all particles on each other")
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("method", ["direct", "tree"])
def test_forces(benchmark, halo, method, n):
    if method == "direct" and n > DIRECT_UP_TO:
        pytest.skip("minutes")
    sample = halo.sample(n, 1)
    position, mass = np.array(sample.position.value), np.full(n, sample.particle_mass.value)
    gravity = TreeGravity(default_softening(1.0, n) * u.kpc, method=method)
    found = gravity.acceleration(position, mass)
    benchmark.pedantic(gravity.acceleration, args=(position, mass), rounds=5)
    benchmark.extra_info["microseconds per particle"] = benchmark.stats.stats.median / n * 1e6
    if method == "tree" and n <= DIRECT_UP_TO:
        exact = TreeGravity(gravity.softening, method="direct").acceleration(position, mass)
        error = np.linalg.norm(found - exact, axis=1) / np.linalg.norm(exact, axis=1)
        benchmark.extra_info["rms force error"] = float(np.sqrt(np.mean(error**2)))


@pytest.mark.benchmark(group="a run of a thousand particles")
def test_a_run_of_a_thousand_particles(benchmark, halo):
    kick, history = hk.FixedKick("10 km/s"), hk.DecayHistory("1 Gyr")

    def run():
        return evolve_tree_halo(halo, kick, history, n=1000, seed=1, times=[0.5] * u.Gyr, softening=0.1 * u.kpc)

    found = benchmark.pedantic(run, rounds=3)
    benchmark.extra_info["steps"] = found.settings["steps"]
    benchmark.extra_info["milliseconds per step"] = benchmark.stats.stats.median / found.settings["steps"] * 1e3
    benchmark.extra_info["energy error"] = float(np.max(np.abs(found.energy_error)))


@pytest.mark.benchmark(group="fates of a hundred thousand particles")
def test_fates(benchmark):
    args = (hk.FixedKick("10 km/s"), hk.DecayHistory("1 Gyr"), 100_000, 1, 0.0)
    benchmark.pedantic(plan_decays, args=args, rounds=3)
