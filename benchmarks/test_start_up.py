"""How long a new process takes until daughters are on their orbits, with the compiled kernels on disk. Goal: 2 s.

A potential that is given by its name, here or in a run file, needs galpy the first time only. A script that hands over
an object of galpy's pays for `import galpy.potential` too: what that takes by itself stands beside it.
"""

import statistics
import subprocess
import sys

import pytest

_START = """
import time
start = time.perf_counter()
{galpy}
loaded = time.perf_counter()
import astropy.units as u
import numpy as np
import halokick as hk
from halokick.daughters.follow import orbit_chunks
profile = hk.TruncatedProfile(hk.NFWProfile(r_s=16 * u.kpc, rho_s=1e7 * u.Msun / u.kpc**3), r_t=250 * u.kpc, power=4)
halo = hk.Halo(profile{potential})
chunks = orbit_chunks(hk.ErgodicDF(halo), hk.FixedKick(50 * u.km / u.s), np.geomspace(0.5, 250, 41) * u.kpc, n=1000,
                      path="integrated", tolerance=1e-5, sampling="mass", sample_within=250 * u.kpc, seed=1,
                      control=False, duration=1 * u.Myr)
chunks.sums(0)
print(loaded - start, time.perf_counter() - start)
"""
_OF_GALPY = {
    "NFW": {"galpy": "", "potential": ""},
    "MWPotential2014 by name": {"galpy": "", "potential": ', potential="MWPotential2014"'},
    "McMillan17 by name": {"galpy": "", "potential": ', potential="McMillan17"'},
    "MWPotential2014 of galpy": {
        "galpy": "from galpy.potential import MWPotential2014",
        "potential": ", potential=MWPotential2014, ro=8 * u.kpc, vo=220 * u.km / u.s",
    },
}


def seconds(name):
    """Of galpy's import, and of all until the first short orbits have ended, in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _START.format(**_OF_GALPY[name])],
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(float(word) for word in run.stdout.split())


@pytest.mark.benchmark(group="a second process, until orbits start")
@pytest.mark.parametrize("name", list(_OF_GALPY))
def test_a_second_process(benchmark, name):
    seconds(name)  # compiles
    found = []
    benchmark.pedantic(lambda: found.append(seconds(name)), rounds=7)
    benchmark.extra_info["until orbits start, s"] = round(statistics.median(total for _, total in found), 2)
    benchmark.extra_info["of these, galpy's own import"] = round(statistics.median(galpy for galpy, _ in found), 2)
