"""Limits of a stack of 26 dwarfs for 20 kicks, four factors and three closures; and what they are made of."""

import numpy as np
import pytest

from halokick import units
from halokick.decay.kicks import FixedKick
from halokick.sky.catalogue import builtin_catalogue
from halokick.sky.dwarf_closures import draw_dwarf, standard_closures
from halokick.sky.kick_limit import kick_limits
from halokick.sky.likelihood_profile import SignalProfile
from halokick.sky.linear_suppression import InCone
from halokick.sky.nfw_speeds import SpeedModel, solve_nfw_speeds
from halokick.sky.speed_factors import DWave, InverseSpeed, PWave, SWave
from halokick.sky.stacking import limits_of
from halokick.sky.substructure import substructure_boost

KICKS = [FixedKick(units.Quantity(v, "km/s")) for v in np.linspace(4, 80, 20)]


@pytest.fixture(scope="module")
def profiles():
    signal = np.concatenate([[0], np.logspace(-10, -5, 60)])
    return [SignalProfile(units.Quantity(signal, "GeV2 cm-2 s-1"), (signal / 1e-7) ** 2)] * 26


def everything(profiles):
    draws = [[draw_dwarf(dwarf, closure) for dwarf in builtin_catalogue()] for closure in standard_closures()]
    speeds = solve_nfw_speeds()
    models = [SpeedModel(factor, speeds=speeds) for factor in (SWave(), PWave(), DWave(), InverseSpeed())]
    return kick_limits(draws, profiles, KICKS, models, linear=InCone())


@pytest.mark.benchmark(group="limits with kicks")
def test_stack_of_dwarfs_from_the_catalogue_to_the_plane(benchmark, profiles):
    """Haloes drawn, relative speeds and daughters solved, 240 limits."""
    result = benchmark.pedantic(everything, args=(profiles,), rounds=1)
    benchmark.extra_info["limits"] = result.sigma_v.size


@pytest.mark.benchmark(group="limits with kicks")
def test_limits_alone(benchmark, profiles):
    rng = np.random.Generator(np.random.Philox(1))
    log_j, width = rng.uniform(16, 19, (240, 26)), rng.uniform(0.1, 0.6, (240, 26))
    benchmark.pedantic(limits_of, args=(profiles, log_j, width), rounds=3)


@pytest.mark.benchmark(group="substructure")
def test_boost_of_one_host_for_a_hundred_kicks(benchmark):
    benchmark(substructure_boost, "1e12 Msun", units.Quantity(np.linspace(0, 100, 100), "km/s"))
