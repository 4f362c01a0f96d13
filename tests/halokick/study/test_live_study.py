"""Halos whose gravity follows their decays, in a study: from the keys of a run file to files, tables and batches."""

import warnings

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table

import halokick as hk
from halokick.errors import InputError
from halokick.live.evolve_halo import evolve_halo
from halokick.live.rule import FastDecayWarning
from halokick.study import build, storage
from halokick.study.batch import run_batch
from halokick.study.batch_grid import parse_batch
from halokick.study.batch_processes import Processes
from halokick.study.config import parse_config
from halokick.study.config_problems import RunFileError
from halokick.study.cost import cost
from halokick.study.live_study import live_arguments
from halokick.study.plots import plot_result
from halokick.study.run import run
from halokick.study.screen import short_tables
from halokick.study.tables import summary, write_tables

STUDY = """\
[halo]
profile = "nfw"
r_s = "20 kpc"
rho_s = "9e6 Msun/kpc3"
r_t = "200 kpc"

[decay]
kick_speed = ["120 km/s"]
lifetime = "30 Gyr"
parent_share = 0.75

[method]
name = "auto"
n = 2048
times = ["7 Gyr", "13.8 Gyr"]

[observer]
distance = "8.2 kpc"
angles = ["20 deg", "60 deg"]
"""


class Heard:
    """A progress that keeps what it is told."""

    def __init__(self):
        self.said = []

    def say(self, text):
        self.said.append(text)

    def steps(self, items, _):
        return items

    def counter(self, _):
        return None


@pytest.fixture(scope="module")
def study():
    return run(parse_config(STUDY))


def _with(*changes):
    text = STUDY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def test_a_study_is_evolve_halo_with_the_same_arguments(study):
    config = parse_config(STUDY)
    df = hk.ErgodicDF(build.halo(config.halo, config.folder))
    history = hk.DecayHistory("30 Gyr", parent_share=0.75)
    live = evolve_halo(df, hk.FixedKick("120 km/s"), history, times=[7, 13.8] * u.Gyr, n=2048, seed=1)
    record = study.daughters[0].live
    assert (record.method, record.reason) == (live.method, live.choice.reason)
    for t, snapshot in enumerate(live):
        assert np.array_equal(record.total[t], snapshot.total.density(record.radius), equal_nan=True)
        assert record.bound_mass[t] == snapshot.bound_mass
    np.testing.assert_array_equal(study.daughters[0].density, live.today.per_decayed_parent().density(record.radius))


def test_species_add_up_to_all_dark_matter(study):
    # each species is interpolated from shells of its own: with some 50 particles to a shell they differ by its noise
    record = study.daughters[0].live
    parts = record.parents + record.primordial + record.daughters
    known = np.isfinite(parts.value)
    np.testing.assert_allclose((parts / record.total).value[known], 1, atol=0.1)
    # together they are the mass of before, less what has been lost to larger radii
    ratio = (record.mass[-1] / record.before_mass).to_value("")
    assert np.all(ratio < 1)
    assert np.all(ratio > 1 - 0.75 * record.decayed_share[-1])


def test_partners_of_daughters_have_felt_the_loss_too(study):
    config = parse_config(STUDY)
    df = hk.ErgodicDF(build.halo(config.halo, config.folder))
    history = hk.DecayHistory("30 Gyr", parent_share=0.75)
    live = evolve_halo(df, hk.FixedKick("120 km/s"), history, times=[7, 13.8] * u.Gyr, n=2048, seed=1)
    partners = live.today.primordial.scaled(4)
    daughters = live.today.per_decayed_parent()
    line = {"distance": 8.2 * u.kpc, "angle": [20, 60] * u.deg, "r_max": study.sky.r_max}
    np.testing.assert_allclose(study.sky.j_pair[0], hk.j_factor(partners, daughters, **line), rtol=1e-12)
    np.testing.assert_allclose(study.sky.j_parent, hk.j_factor(df.profile, **line), rtol=1e-12)
    # in the fixed potential the pair is brighter: its partners stay where they were
    mixed = hk.phase_mix(df, hk.FixedKick("120 km/s"))
    assert np.all(study.sky.j_pair[0] < 0.97 * hk.j_factor(df.profile, mixed, **line))


def test_slow_decays_are_mixed_in_the_fixed_potential():
    # one decay in 150: the rule finds the fixed potential good to 2 per cent, and there is nothing random in the answer
    slow = parse_config(_with(('"30 Gyr"', '"2000 Gyr"'), ("n = 2048\n", "")))
    fixed = parse_config(_with(('"30 Gyr"', '"2000 Gyr"'), ("n = 2048\n", ""), ('"auto"', '"phase_mixing"'),
                               ('times = ["7 Gyr", "13.8 Gyr"]\n', "")))  # fmt: skip
    live, mixed = run(slow), run(fixed)
    assert live.daughters[0].live.method == "fixed"
    # one is interpolated as a ratio of densities, the other as their logarithm, on the same nodes
    np.testing.assert_allclose(live.sky.j_pair, mixed.sky.j_pair, rtol=2e-3)
    np.testing.assert_allclose(live.sky.j_parent, mixed.sky.j_parent, rtol=1e-6)


def test_a_result_survives_the_disk(study, tmp_path):
    storage.write(study, tmp_path / "result.h5")
    assert storage.read(tmp_path / "result.h5") == study


def test_tables_pictures_and_words_of_a_live_halo(study, tmp_path):
    names = {path.name for path in write_tables(study, tmp_path)} | {path.name for path in plot_result(study, tmp_path)}
    assert {"live.ecsv", "live.png", "profiles.ecsv", "jfactors.ecsv", "summary.json"} <= names
    table = Table.read(tmp_path / "live.ecsv")
    record = study.daughters[0].live
    assert len(table) == 2 * len(record.radius)
    np.testing.assert_allclose(table["mass_ratio"][-len(record.radius) :], record.mass[-1] / record.before_mass)
    entry = summary(study)["kicks"][0]
    assert entry["live_method"] == record.method
    assert entry["times"][1]["bound_mass_Msun"] == pytest.approx(record.bound_mass[1].to_value("Msun"))
    assert "gravity follows" in short_tables(study)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([('lifetime = "30 Gyr"\n', ""), ("parent_share = 0.75\n", "")], r"decay.lifetime.*follows the decays in time"),
        ([('"auto"', '"phase_mixing"')], r'method.n .*not used by name = "phase_mixing"'),
        ([('["7 Gyr", "13.8 Gyr"]', '["9 Gyr", "7 Gyr"]')], r"method.times.*not increasing"),
        ([("n = 2048", 'n = 2048\noptions = ["streaming"]')], r"method.options.*in transit too"),
        ([("n = 2048", "n = 2048\naccretion_concentration = 10")], r"method.accretion_concentration.*no accretion"),
        ([("n = 2048", 'n = 2048\ngrid = "rings"\ngrid_extent = "9 kpc"')], r'method.grid .*not used by name = "auto"'),
        ([("n = 2048", "n = 2048\nmass_loss = 1.0")], r"method.mass_loss"),
    ],
)
def test_keys_that_do_not_go_together_are_refused(changes, said):
    with pytest.raises(RunFileError, match=said):
        parse_config(_with(*changes))


def test_a_resolved_run_file_reads_as_itself():
    config = parse_config(_with(("n = 2048", 'n = 2048\naccretion = "wechsler_2002"\nmass_loss = 0.01')))
    assert config.method.seed == 1
    assert parse_config(config.to_toml()).to_toml() == config.to_toml()


def test_a_fixed_potential_is_warned_of_and_refused():
    # a twelfth of the dark matter gone: J in the centre is too high by more than 5 and less than 30 per cent
    mixing = [('"auto"', '"phase_mixing"'), ("n = 2048\n", ""), ('times = ["7 Gyr", "13.8 Gyr"]\n', "")]
    heard = Heard()
    result = run(parse_config(_with(*mixing, ('"30 Gyr"', '"120 Gyr"'))), heard)
    assert len(heard.said) == 1
    assert "J within 20" in heard.said[0]
    assert "the potential does not follow" in result.daughters[0].settings["fixed_potential"]
    with pytest.raises(InputError, match=r"too wrong to be quoted; name = \"auto\""):
        run(parse_config(_with(*mixing, ('"30 Gyr"', '"15 Gyr"'))))


def test_the_cost_names_the_way_that_is_taken():
    config = parse_config(STUDY)
    lines, seconds = cost(config, hk.ErgodicDF(build.halo(config.halo, config.folder)), compiled=True)
    assert any(line.startswith("live halo, 120 km/s: orbit_iteration, 2,048 particles") for line in lines)
    assert 4 < seconds < 60


def test_a_batch_runs_over_lifetimes_and_kicks(tmp_path):
    grid = '[batch.grid]\n"decay.lifetime" = ["30 Gyr", "60 Gyr"]\n"decay.kick_speed" = [["60 km/s"], ["120 km/s"]]\n'
    plan = parse_batch(_with(("n = 2048", "n = 1024"), ('"auto"', '"orbit_iteration"')) + grid)
    found = run_batch(plan, tmp_path / "batch", Processes(2))
    assert (found.done, found.failed) == (4, {})


def test_today_is_always_answered_for(study):
    # shares and fluxes are those of today, and J-factors must be
    early = parse_config(_with(('times = ["7 Gyr", "13.8 Gyr"]', 'times = ["7 Gyr"]')))
    assert live_arguments(early)["times"].to_value("Gyr") == pytest.approx([7, 13.8], rel=1e-12)
    sky = run(early).sky
    assert np.array_equal(sky.j_pair, study.sky.j_pair)
    assert sky.shares == study.sky.shares
    young = parse_config(_with(('lifetime = "30 Gyr"', 'lifetime = "30 Gyr"\nage = "10 Gyr"'), (', "13.8 Gyr"]', "]")))
    assert live_arguments(young)["times"].to_value("Gyr") == pytest.approx([7, 10], rel=1e-12)


def test_fast_decays_cost_more_steps_of_orbits():
    def seconds(lifetime):
        config = parse_config(_with(('"auto"', '"orbit_iteration"'), ('"30 Gyr"', f'"{lifetime}"')))
        df = hk.ErgodicDF(build.halo(config.halo, config.folder))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FastDecayWarning)
            return cost(config, df, compiled=True)[1]

    slow, fast = seconds("30 Gyr"), seconds("0.1 Gyr")
    # 16 steps against ten for each of 138 lifetimes; 2 x 2048 orbits of 5e-5 s in 16 steps
    assert fast - slow == pytest.approx(2 * 2048 * 5e-5 * (1380 - 16) / 24, rel=1e-6)


def test_cones_that_no_particle_resolves_are_warned_of(study):
    # hardly anything has decayed, so that the potential stays and phase mixing knows the answer
    slow = _with(('"120 km/s"', '"54 km/s"'), ('"30 Gyr"', '"1000 Gyr"'), ('"20 deg"', '"1 deg"'), ("times", "# times"))
    heard, fixed = Heard(), run(parse_config(slow, ["method.name=phase_mixing", "method.n="])).sky
    found = run(parse_config(slow, ["method.n=16384", "method.name=orbit_iteration"]), heard)
    wrong = np.asarray(found.sky.j_pair / fixed.j_pair)[0]
    # one degree is 0.14 kpc, and 60 are 7 kpc; orbits resolve 0.9 kpc
    assert 8.2 * np.sin(np.radians(1)) < found.daughters[0].live.resolution_radius.to_value("kpc") < 1
    # what is continued has the shape of the fixed potential; sampling where it joins
    assert wrong == pytest.approx([1, 1], abs=0.03)
    assert len(heard.said) == 1
    assert "54 km/s: J within 1 deg is that of a continued profile" in heard.said[0]
    assert "J within 1 deg is" in found.daughters[0].settings["unresolved"]
    assert "warning: 54 km/s: J within 1 deg is" in short_tables(found)
    assert "J within 1 deg is" in summary(found)["kicks"][0]["warnings"][0]
    assert "J within 20 deg, 60 deg is" in study.daughters[0].settings["unresolved"]
