"""Dwarfs whose gravity follows their decays, in a study: what a run file may say, and what comes out."""

import dataclasses
from functools import partial

import numpy as np
import pytest

from halokick.sky import live_dwarf_grid
from halokick.study import run as study
from halokick.study.config import parse_config
from halokick.study.config_problems import RunFileError

ALONE = """\
[decay]
kick_speed = ["5 km/s", "20 km/s"]
lifetime = "13.8 Gyr"

[method]
name = "auto"
n = 2048

[dwarfs]
names = ["Draco"]
draws = 40
"""
HALO = '[halo]\nprofile = "nfw"\nr_s = "20 kpc"\nrho_s = "9e6 Msun/kpc3"\nr_t = "200 kpc"\n'


def problems(text):
    with pytest.raises(RunFileError) as caught:
        parse_config(text)
    return {problem.key: str(problem) for problem in caught.value.problems}


def test_method_may_stand_beside_dwarfs_alone():
    config = parse_config(ALONE)
    assert config.method.name == "auto"
    assert config.dwarfs.truncation == "soft"
    again = parse_config(config.to_toml())
    assert dataclasses.replace(again, source=config.source) == config
    assert "orbit_iteration" in parse_config(ALONE.replace("auto", "orbit_iteration")).to_toml()


def test_truncation_left_out_is_that_of_the_method():
    assert parse_config(ALONE.replace('name = "auto"\nn = 2048\n', "").replace("[method]\n", "")).dwarfs.truncation == (
        "energy_cut"
    )
    assert parse_config(HALO + ALONE).dwarfs.truncation == "soft"


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ('"auto"', '"live"', "method.name", "orbit iteration"),
        ("n = 2048", 'times = ["5 Gyr"]', "method.times", "no [halo]"),
        ("n = 2048", 'accretion = "wechsler_2002"', "method.accretion", "no [halo]"),
        ('"auto"\nn = 2048', '"phase_mixing"', "method", "no [halo]"),
        ('lifetime = "13.8 Gyr"\n', "", "decay.lifetime", "lifetime"),
        ("draws = 40", 'truncation = "energy_cut"', "dwarfs.truncation", "finite mass"),
        ("draws = 40", 'draws = 100\n[limits]\nchannel = "bb"', "limits", "follow their decays"),
    ],
)
def test_what_does_not_go_together_is_named(old, new, key, said):
    assert old in ALONE
    assert said in problems(ALONE.replace(old, new))[key]


def test_soft_truncation_needs_gravity_that_follows():
    text = HALO + ALONE.replace('"auto"\nn = 2048', '"phase_mixing"').replace("draws = 40", 'truncation = "soft"')
    assert "gravity that follows" in problems(text)["dwarfs.truncation"]


@pytest.fixture
def coarse(monkeypatch):
    """A grid of few nodes."""
    few = partial(live_dwarf_grid.solve_live_grid, kicks=5, truncations=(1.0, 70.0, 2))
    monkeypatch.setattr(study, "solve_live_grid", few)


def test_dwarfs_lose_more_when_gravity_follows(coarse):
    found = study.run(parse_config(ALONE)).dwarfs
    assert found.settings["truncation"] == "soft cut"
    assert found.settings["decayed_share"].startswith("0.632")
    assert found.settings["orbits"] == "2048"
    # the fixed potential leaves Draco 0.95 at 5 km/s and 0.6 at 20 km/s
    weak, strong = found.suppression[0, 0, :, 1]
    assert 0.8 < weak < 0.95
    assert 0.1 < strong < 0.3
    # pairs of daughters are fewer, as they are where the undecayed are not
    assert np.all(found.suppression_both[0, 0, :, 1] < found.suppression[0, 0, :, 1])


def test_mass_loss_reaches_the_dwarfs(coarse):
    lossy = study.run(parse_config(ALONE, ["method.mass_loss=0.2"])).dwarfs
    whole = study.run(parse_config(ALONE)).dwarfs
    assert np.all(lossy.suppression[0, 0, :, 1] < 0.97 * whole.suppression[0, 0, :, 1])
