"""Live N-body: time of a particle's step, and a hundred thousand particles through a Milky-Way-like halo's age.

The halo is an NFW profile times exp[-(r / 10 r_s)^2]; 13.8 Gyr are 273 units of r_s / V_0. Goals on two cores: 15 s for
1e5 particles, three minutes for 1e6, and less than a gigabyte for them.
"""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick import constants
from halokick.live.nbody import live_nbody
from halokick.live.run import LiveRun
from halokick.live.start import live_start

R_S, V_0 = 20.0, 386.5
UNIT = R_S / V_0
SETTINGS = {
    "mass_loss": 0.0,
    "baryons_gm": None,
    "decay_time": None,
    "activation": None,
    "smoothing": 5 * UNIT,
    "interval": 0.5 * UNIT,
    "window": None,
    "accuracy": 0.12,
}
KICK = hk.FixedKick(116 * u.km / u.s)


@pytest.fixture(scope="module")
def halo():
    rho_s = V_0**2 / (4 * np.pi * constants.G * R_S**2)
    profile = hk.NFWProfile(r_s=R_S * u.kpc, rho_s=rho_s * u.Msun / u.kpc**3)
    df = hk.ErgodicDF(hk.Halo(hk.TruncatedProfile(profile, r_t=10 * R_S * u.kpc)))
    live_nbody(live_start(df, KICK, 1000, 1), df, lifetime=1.0, times=[2 * UNIT])
    return df


def test_quiet_start(benchmark, halo):
    n = 100_000
    benchmark.pedantic(live_start, (halo, KICK, n, 1), rounds=3)
    benchmark.extra_info["us_per_particle"] = 1e6 * benchmark.stats["median"] / n


def test_interval_of_hundred_thousand_particles(benchmark, halo):
    run = LiveRun(live_start(halo, KICK, 100_000, 1), halo, lifetime=273 * UNIT, times=[273 * UNIT], **SETTINGS)
    for _ in range(4):
        run.advance()
    before, done = run.steps, run.done
    benchmark.pedantic(run.advance, rounds=20)
    steps = (run.steps - before) / (run.done - done)
    benchmark.extra_info["ns_per_step"] = 1e9 * benchmark.stats["median"] / steps
    benchmark.extra_info["steps_per_particle_and_unit"] = steps / 100_000 / 0.5
    benchmark.extra_info["s_for_13.8_Gyr"] = benchmark.stats["median"] * len(run)


def test_age_of_the_milky_way(benchmark, halo):
    start = live_start(halo, KICK, 100_000, 1)
    settings = {"lifetime": 273 * UNIT, "times": [273 * UNIT], "smoothing": 5 * UNIT}
    output = benchmark.pedantic(live_nbody, (start, halo), settings, rounds=1)
    benchmark.extra_info["energy_error"] = output.energy_error
