"""Live haloes of constant actions; the goal is 16 000 orbits and 16 steps in five seconds on two cores.

`extra_info` holds the time of one orbit in one correction, parents and daughters alike: field, turning points, action
and period from 32 points, deposit.
"""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick.live.orbit_iteration import orbit_iteration
from halokick.live.start import live_start

V_MAX = 0.465
"""Peak of the circular speed of an NFW halo over sqrt(4 pi G rho_s) r_s."""


@pytest.fixture(scope="module")
def halo():
    profile = hk.TruncatedProfile(hk.NFWProfile(r_s=1 * u.kpc, rho_s=5.3e7 * u.Msun / u.kpc**3), r_t=10 * u.kpc)
    df = hk.ErgodicDF(hk.Halo(profile))
    orbit_iteration(live_start(df, hk.FixedKick(20 * u.km / u.s), 1024, 1), df, times=[0, 1], lifetime=1.0, steps=1)
    return df


@pytest.mark.parametrize("speed", [0.65, 1.3, 3.0])
@pytest.mark.parametrize("n", [16_384, 131_072])
@pytest.mark.benchmark(group="16 steps to the lifetime")
def test_orbits_and_steps(benchmark, halo, n, speed):
    start = live_start(halo, hk.FixedKick(speed * V_MAX * 53.52 * u.km / u.s), n, 1)
    output = benchmark.pedantic(
        orbit_iteration, args=(start, halo), kwargs={"times": [0, 14.0], "lifetime": 14.0, "steps": 16}, rounds=3
    )
    # daughters are born evenly: half of them on average, and one more pass each when half a step is done
    orbits = sum((1 + i / 16) * n * corrections for i, corrections in enumerate(output.settings["corrections"]))
    benchmark.extra_info["corrections"] = sum(output.settings["corrections"])
    benchmark.extra_info["ns per orbit and correction"] = 1e9 * benchmark.stats.stats.median / orbits
    benchmark.extra_info["error of the energy balance"] = output.energy_error
    left = output.moments[1].total.enclosed / np.maximum(output.moments[0].total.enclosed, 1e-300)
    benchmark.extra_info["mass left inside r_s"] = float(np.interp(1.0, output.edges, left))
