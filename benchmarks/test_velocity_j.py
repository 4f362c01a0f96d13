"""Annihilation that depends on speed: one target from nodes to distribution, then any factor in microseconds."""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick.sky.relative_speed import relative_speed
from halokick.sky.sommerfeld import Coulomb, Hulthen
from halokick.sky.speed_factors import BreitWigner, PWave
from halokick.sky.velocity_j import target_speeds

DRACO = {"distance": 81.55 * u.kpc, "angle": 0.5 * u.deg}
KICK = hk.FixedKick(20 * u.km / u.s)
FACTORS = {
    "p wave": PWave(),
    "Coulomb": Coulomb(0.01),
    "Hulthen": Hulthen(0.01, "100 GeV", "1 GeV"),
    "pole": BreitWigner.at("30 km/s", 1e-3),
}


@pytest.fixture(scope="module")
def dwarf():
    df = hk.ErgodicDF(hk.Halo(hk.NFWProfile(r_s=1 * u.kpc, rho_s=5.3e7 * u.Msun / u.kpc**3)))
    for pairs in ("unkicked", "linear", "quadratic"):
        target_speeds(df, KICK, pairs=pairs, shape="sphere", **DRACO)
    relative_speed(df, KICK, radii=[0.01, 0.1, 1, 2] * u.kpc).average(PWave())
    return df


@pytest.mark.benchmark(group="distribution of a target")
@pytest.mark.parametrize("pairs", ["unkicked", "linear", "quadratic"])
@pytest.mark.parametrize("shape", ["sphere", "cone", "direction"])
def test_target(benchmark, dwarf, pairs, shape):
    found = benchmark.pedantic(target_speeds, (dwarf, KICK), {"pairs": pairs, "shape": shape, **DRACO}, rounds=5)
    benchmark.extra_info["error of the norm"] = float(found.norm_error)
    benchmark.extra_info["error of <v_rel^2>"] = float(found.square_error)


@pytest.mark.benchmark(group="average of a factor over a target")
@pytest.mark.parametrize("name", FACTORS)
def test_average(benchmark, dwarf, name):
    found = target_speeds(dwarf, KICK, shape="sphere", **DRACO)
    benchmark(found.average, FACTORS[name])


@pytest.mark.benchmark(group="distribution at 40 radii")
def test_local(benchmark, dwarf):
    radii = np.geomspace(1e-3, 10, 40) * u.kpc
    found = benchmark.pedantic(relative_speed, (dwarf, KICK), {"radii": radii}, rounds=3)
    benchmark.extra_info["error of the norm"] = float(np.max(np.abs(found.norm - 1)))
