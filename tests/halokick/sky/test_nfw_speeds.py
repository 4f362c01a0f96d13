"""Mean factors of NFW haloes against closed forms, a halo solved in its own units, and the grid's own refinement."""

import astropy.units as u
import numpy as np
import pytest

from halokick.decay.kicks import FixedKick
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile
from halokick.sky.nfw_speeds import SpeedModel, solve_nfw_speeds
from halokick.sky.nfw_suppression import NFW_SUPPRESSION
from halokick.sky.speed_factors import DWave, InverseSpeed, PWave, SWave, UserFactor
from halokick.sky.velocity_j import target_speeds

KMS = u.km / u.s
C = 299792.458
V0_OVER_V_MAX = 1 / 0.4649909628


@pytest.fixture(scope="module")
def speeds():
    return solve_nfw_speeds((0.0, 0.1, 0.4, 0.8))


def test_without_a_kick_the_means_are_those_of_the_infinite_halo(speeds):
    # r < 10 r_s leaves out the slow outskirts: 7.5e-4 of J, where speeds are below the mean
    for factor, power, exact in ((PWave(), 2, 0.4309588), (DWave(), 4, 0.3534286), (InverseSpeed(), -1, 2.609703)):
        mean = SpeedModel(factor, speeds=speeds).average(0 * KMS, 30 * KMS)
        assert mean * (C / (30 * V0_OVER_V_MAX)) ** power == pytest.approx(exact, rel=1.2e-3)


def test_a_halo_in_units_has_the_same_means(speeds):
    halo = NFWProfile(r_s="1 kpc", rho_s="5.3e7 Msun/kpc3")
    v_max = 0.4649909628 * np.sqrt(4 * np.pi * 4.30091727e-6 * 5.3e7)
    view = {"distance": 1e4 * u.kpc, "angle": np.arcsin(1e-3) * u.rad, "shape": "sphere"}
    saturating = UserFactor(lambda b: 1 / (b + 2e-4))
    solved = target_speeds(ErgodicDF(Halo(halo)), FixedKick(0.4 * v_max * KMS), **view)
    for factor in (PWave(), saturating):
        mean = SpeedModel(factor, speeds=speeds).average(0.4 * v_max * KMS, v_max * KMS)
        assert mean == pytest.approx(solved.average(factor), rel=2e-6)  # quadratures of two haloes, cubic in ln V_max


def test_factors_without_speed_of_their_own_scale(speeds):
    model = SpeedModel(PWave(), speeds=speeds)
    v_max = np.array([3.0, 17.0, 60.0])
    mean = model.average(0.3 * v_max * KMS, v_max * KMS)
    assert mean / v_max**2 == pytest.approx(np.full(3, mean[0] / 9), rel=1e-10)
    assert SpeedModel(SWave(), speeds=speeds).average(5 * KMS, v_max * KMS) == pytest.approx(np.ones(3), rel=1e-12)
    whole = model.suppression(0.3 * v_max * KMS, v_max * KMS)
    assert whole == pytest.approx(mean * NFW_SUPPRESSION(0.3), rel=1e-12)


def test_many_haloes_and_kicks_at_once_are_each_on_its_own(speeds):
    model = SpeedModel(UserFactor(lambda b: 1 / (b + 2e-4)), speeds=speeds)
    kick, v_max = np.array([0.0, 1.0, 4.0]) * KMS, np.array([[6.0], [25.0]]) * KMS
    found = model.average(kick, v_max)
    one_by_one = [[model.average(k, v[0]) for k in kick] for v in v_max]
    assert found == pytest.approx(np.array(one_by_one), rel=1e-12)
    # cubics in ln V_max with 12 nodes for a factor e, against the mean at that V_max itself
    assert found[1, 0] == pytest.approx(speeds.average(UserFactor(lambda b: 1 / (b + 2e-4)), 25 * KMS)[0], rel=1e-6)


def test_kicks_between_the_nodes(speeds):
    between = solve_nfw_speeds((0.0, 0.2, 0.25, 0.6))
    for factor in (PWave(), InverseSpeed()):
        exact = SpeedModel(factor, speeds=between).average([2.5, 6.0] * KMS, 10 * KMS)
        found = SpeedModel(factor, speeds=speeds).average([2.5, 6.0] * KMS, 10 * KMS)
        # these four nodes are up to twice as far apart as the packaged ones; a monotone cubic
        assert found == pytest.approx(exact, rel=4e-3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: SpeedModel("p", speeds=s), "not a SpeedFactor"),
        (lambda s: SpeedModel(PWave(), speeds=s).average(-1 * KMS, 10 * KMS), "zero or more"),
        (lambda s: SpeedModel(PWave(), speeds=s).average(1 * KMS, 0 * KMS), "above zero"),
        (lambda s: s.average(PWave(), 0 * KMS), "positive"),
        (lambda s: solve_nfw_speeds((0.1, 0.2, 0.3, 0.4)), "rise from 0"),
    ],
)
def test_nonsense_is_refused(speeds, call, words):
    with pytest.raises(InputError, match=words):
        call(speeds)
