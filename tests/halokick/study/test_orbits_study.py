"""Orbits integrated in a study: from the keys of a run file to files, tables, pictures and batches."""

import json
import tomllib
from dataclasses import replace

import astropy.units as u
import h5py
import numpy as np
import pytest
from astropy.table import Table
from galpy.potential import MiyamotoNagaiPotential
from typer.testing import CliRunner

import halokick as hk
from halokick.cli import app
from halokick.daughters.integration import BoxBins, RingBins
from halokick.halo.df import ErgodicDF
from halokick.sky.jfactor import j_factor
from halokick.study import build, orbit_records, storage, storage_batch
from halokick.study.batch import Stopped, run_batch
from halokick.study.batch_grid import parse_batch
from halokick.study.batch_particles import whole_study
from halokick.study.batch_processes import Processes
from halokick.study.batch_task import run_task
from halokick.study.config import parse_config
from halokick.study.config_problems import RunFileError
from halokick.study.cost import cost
from halokick.study.plots import plot_result
from halokick.study.run import orbit_arguments, run
from halokick.study.screen import short_tables
from halokick.study.table_merge import merged_table, read_sources
from halokick.study.tables import write_tables

DISK = '\nbaryons = [{name = "MiyamotoNagaiPotential", amp = "6.8e10 Msun", a = "3 kpc", b = "0.28 kpc"}]'
# a tenth of the usual time, few decays and loose energies: what is tested here is what becomes of them
STUDY = f"""\
[halo]
profile = "nfw"
r_s = "16 kpc"
rho_s = "9e6 Msun/kpc3"{DISK}

[decay]
kick_speed = ["54 km/s", "218 km/s"]
lifetime = "100 Gyr"
age = "1.4 Gyr"

[method]
name = "orbits"
n = 6000
sampling = "mass"
tolerance = 1e-4
r_min = "3 kpc"
r_max = "60 kpc"
n_radii = 6
grid = "rings"
grid_extent = "40 kpc"
grid_cells = 8
options = ["finite_age"]

[observer]
distance = "8.2 kpc"
angles = ["20 deg", "180 deg"]
"""


@pytest.fixture(scope="module")
def disk():
    return run(parse_config(STUDY))


def _method(*lines):
    return STUDY.split("[method]")[0] + "[method]\n" + "\n".join(lines)


@pytest.mark.parametrize("key", ["path = 'exact'", "control = true", "grid = 'rings'", "grid_cells = 9", "samples = 2"])
def test_keys_of_orbits_are_refused_for_other_methods(key):
    with pytest.raises(RunFileError, match=rf'method.{key.split()[0]} .*not used by name = "ergodic"') as refused:
        parse_config(_method('name = "ergodic"', key))
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(
    "key",
    ["tolerance = 1e-6", "duration = '1 Gyr'", "growth = 'wechsler_2002'", "grid = 'rings'\ngrid_extent = '9 kpc'"],
)
def test_exact_orbits_have_no_keys_of_integration(key):
    with pytest.raises(RunFileError, match=rf'method.{key.split()[0]} .*not known to path = "exact"') as refused:
        parse_config(_method('name = "orbits"', 'path = "exact"', key))
    assert len(refused.value.problems) == key.count("\n") + 1


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (['path = "integrate"'], 'did you mean "integrated"'),
        (["control = 1"], "true or false"),
        (["tolerance = 0.1"], "1e-11 and up to 0.01"),
        (["samples = 0"], "1 to 1000"),
        (['growth = "linear"'], "wechsler_2002"),
        (['grid = "rings"'], "grid_extent.*missing beside grid"),
        (['grid_extent = "30 kpc"'], "there is no grid for it"),
        (['grid = "rings"', 'grid_extent = "30 kpc"', "grid_signed = true"], 'goes with grid = "boxes" only'),
        (['grid = "boxes"', 'grid_extent = "30 kpc"', "grid_cells = 80", "grid_signed = true"], "160 cells on each"),
        (['duration = "3 Gyr"', 'options = ["finite_age"]'], "follows orbits for the age"),
    ],
)
def test_wrong_keys_are_one_problem_each(lines, words):
    with pytest.raises(RunFileError, match=words) as refused:
        parse_config(_method('name = "orbits"', *lines))
    assert len(refused.value.problems) == 1


def test_azimuth_needs_boxes():
    with pytest.raises(RunFileError, match=r"observer.azimuth .*nothing to turn"):
        parse_config(STUDY + 'azimuth = "-27 deg"\n')
    parse_config(STUDY.replace('"rings"', '"boxes"') + 'azimuth = "-27 deg"\n')


def test_keys_reach_follow_orbits_and_the_resolved_run_file_reads_back():
    lines = ['path = "integrated"', "tolerance = 1e-5", "control = false", "samples = 3", 'duration = "2 Gyr"',
             'growth = "wechsler_2002"', 'grid = "boxes"', 'grid_extent = "30 kpc"', "grid_signed = true"]  # fmt: skip
    config = parse_config(_method('name = "orbits"', *lines))
    bins, arguments = orbit_arguments(config)
    assert bins is None
    assert arguments.pop("grid").x_edges.shape == (81,)
    expected = {"path": "integrated", "tolerance": 1e-5, "control": False, "samples": 3, "growth": "wechsler_2002"}
    assert {key: arguments[key] for key in expected} == expected
    assert arguments["duration"] == 2 * u.Gyr
    assert "field_tolerance" not in arguments
    again = parse_config(config.to_toml())
    assert again.method == config.method
    assert tomllib.loads(config.to_toml())["method"]["grid_cells"] == 40


def test_exact_orbits_are_asked_for_nothing_new():
    _, arguments = orbit_arguments(parse_config(_method('name = "orbits"')))
    assert {key for key, value in arguments.items() if value is not None} == {"n", "seed", "sampling"}


def test_cells_grow_from_the_centre_to_the_extent():
    rings = build.grid(parse_config(STUDY).method)
    assert isinstance(rings, RingBins)
    edges = rings.R_edges.to_value("kpc")
    assert (edges[0], len(edges)) == (0, 9)
    assert edges[-1] == pytest.approx(40, rel=1e-14)
    width = np.diff(edges)
    assert np.all(np.diff(width) > 0)
    # sinh(4)/4 times the mean width outside over that inside, as the spacing is defined
    assert edges[1] == pytest.approx(40 * np.sinh(0.5) / np.sinh(4), rel=1e-12)
    signed = build.grid(parse_config(STUDY.replace('"rings"', '"boxes"\ngrid_signed = true')).method)
    assert isinstance(signed, BoxBins)
    both = signed.y_edges.to_value("kpc")
    assert np.array_equal(both, -both[::-1])
    assert np.array_equal(both[8:], edges)


def test_records_hold_control_errors_and_grids(disk):
    one, other = disk.daughters
    assert one.control.shape == one.kick_ratio.shape == one.density.shape
    # the same parents stand beside both kicks
    assert np.array_equal(one.control, other.control)
    assert np.array_equal(one.control_grid.density, other.control_grid.density)
    assert np.allclose(one.kick_ratio, (one.density / one.control).to_value(""), rtol=1e-12)
    # it is the difference of like draws: smaller than the errors of both taken as independent
    apart = np.hypot(one.error / one.density, one.control_error / one.control).to_value("")
    assert np.all(one.kick_ratio_error / one.kick_ratio < apart)
    assert 0 < one.energy_error["worst"] <= one.energy_error["tolerance"] == 1e-4
    assert one.force_field["members"] == ("NFWProfile: radial table", "MiyamotoNagaiPotential: exact")
    assert one.failed == ()
    assert one.grid.kind == "rings"
    assert one.grid.density.shape == one.grid.ratio.shape == (8, 8)
    # mass in the cylinder, by volumes of our own: on the whole parents stay where they were; 0.13 are four standard
    # errors of the 900 that are in it
    R, z = (one.grid.edges[name].to_value("kpc") for name in "Rz")
    volume = np.outer(np.pi * np.diff(R**2), 2 * np.diff(z))
    before, after = (np.sum(volume * values.value) for values in (one.grid.parent, one.control_grid.density))
    assert after / before == pytest.approx(1, abs=0.13)


def test_total_potential_of_a_run_file_is_that_of_the_python_interface():
    named = '\npotential = {name = "MiyamotoNagaiPotential", amp = "3e11 Msun", a = "3 kpc", b = "2 kpc"}'
    config = parse_config(STUDY.replace(DISK, named).replace('["54 km/s", "218 km/s"]', '"54 km/s"'))
    again = parse_config(config.to_toml())
    assert again.halo == config.halo
    found = run(again).daughters[0]
    assert found.force_field["members"] == ("MiyamotoNagaiPotential: exact",)
    flat = MiyamotoNagaiPotential(amp=3e11 * u.Msun, a=3 * u.kpc, b=2 * u.kpc, ro=8.0, vo=220.0)
    profile = hk.NFWProfile(r_s=16 * u.kpc, rho_s=9e6 * u.Msun / u.kpc**3)
    bins, arguments = orbit_arguments(config)
    direct = hk.follow_orbits(hk.ErgodicDF(hk.Halo(profile, potential=flat)), hk.FixedKick(54 * u.km / u.s), bins,
                              **arguments)  # fmt: skip
    # the same draws and the same field; scales come as floats one way, as Quantities the other
    np.testing.assert_allclose(found.density.value, direct.density(direct.radius).value, rtol=1e-12)
    assert found.bound_fraction == direct.bound_fraction


def test_result_comes_back_equal_and_without_the_new_entries_as_older_files_are(disk, tmp_path):
    path = tmp_path / "result.h5"
    storage.write(disk, path)
    assert storage.read(path) == disk
    new = ("control", "control_error", "kick_ratio", "kick_ratio_error", "energy_error", "failed", "force_field",
           "report", "grid", "control_grid")  # fmt: skip
    with h5py.File(path, "r+") as file:
        for i in range(2):
            for name in new:
                del file[f"result/daughters/{i:06d}/{name}"]
        for name in ("j_pair_grid", "grid_over_sphere", "grid_r_max", "grid_problems"):
            del file[f"result/sky/{name}"]
    old = storage.read(path)
    assert old.daughters == tuple(replace(one, **dict.fromkeys(new)) for one in disk.daughters)
    assert {p.name for p in write_tables(old, tmp_path)} >= {"profiles.ecsv", "jfactors.ecsv"}
    assert "control" not in Table.read(tmp_path / "profiles.ecsv").colnames
    assert "j_pair_grid" not in Table.read(tmp_path / "jfactors.ecsv").colnames
    assert "integrated" not in short_tables(old)


def test_tables_summary_screen_and_pictures_show_them(disk, tmp_path):
    write_tables(disk, tmp_path)
    profiles = Table.read(tmp_path / "profiles.ecsv")
    assert np.allclose(profiles["kick_ratio"][6:], disk.daughters[1].kick_ratio)
    assert profiles["control"].unit == profiles["density"].unit
    factors = Table.read(tmp_path / "jfactors.ecsv")
    assert np.allclose(factors["j_pair_grid"], disk.sky.j_pair_grid.ravel().value)
    assert factors.meta["grid_problems"] == "none"
    kick = json.loads((tmp_path / "summary.json").read_text())["kicks"][0]
    assert kick["energy_error"]["worst"] == disk.daughters[0].energy_error["worst"]
    assert kick["members"][1] == "MiyamotoNagaiPotential: exact"
    assert kick["cones"][0]["grid_over_sphere"] == disk.sky.grid_over_sphere[0, 0]
    text = short_tables(disk)
    for words in ("orbits integrated by kernel", "MiyamotoNagaiPotential: exact", "(worst)", "J/J_sphere", "drift"):
        assert words in text
    pictures = {path.name for path in plot_result(disk, tmp_path)}
    assert pictures == {"density.png", "ratio.png", "jfactor.png", "grid.png"}
    storage.write(disk, tmp_path / "result.h5")
    merged = merged_table(*read_sources([tmp_path]))
    assert {"j_pair_grid", "grid_over_sphere"} <= set(merged.colnames)


def test_grid_of_a_spherical_halo_shines_as_the_exact_orbits_do():
    spherical = STUDY.replace(DISK, "").replace('["54 km/s", "218 km/s"]', '"109 km/s"')
    integrated = run(parse_config(spherical, ["method.n=20000"])).sky
    text = spherical.replace("tolerance = 1e-4\n", "").split('grid = "rings"')[0] + 'path = "exact"\n'
    config = parse_config(text + 'options = ["finite_age"]\n' + "[observer]" + spherical.split("[observer]")[1])
    exact = run(config, None)
    assert exact.sky.j_pair_grid is None
    df = ErgodicDF(build.halo(config.halo, config.folder))
    ratio = (integrated.j_pair_grid[0, 1] / j_factor(df.profile, distance=8.2 * u.kpc, angle=np.pi * u.rad,
                                                     r_max=40 * u.kpc)).to_value("")  # fmt: skip
    # 20000 decays of equal weight: the sphere's J to about 5 per cent, and the shape to less
    assert ratio == pytest.approx((exact.sky.j_pair[0, 1] / exact.sky.j_parent[1]).to_value(""), rel=0.1)
    assert integrated.grid_over_sphere[0] == pytest.approx(1, abs=0.05)


def test_grid_that_is_too_noisy_is_told_and_costs_no_study(monkeypatch, tmp_path):
    monkeypatch.setattr(orbit_records, "_tolerance", lambda grid: 1e-15)
    found = run(parse_config(STUDY.replace('["54 km/s", "218 km/s"]', '"54 km/s"').replace('"180 deg"', '"30 deg"')))
    assert np.all(np.isnan(found.sky.j_pair_grid))
    assert len(found.sky.grid_problems) == 2
    assert found.sky.grid_problems[0].startswith("54 km/s, 20 deg: the sum over lines of sight changes by")
    assert "grid of the density is noisy" in short_tables(found)
    storage.write(found, tmp_path / "result.h5")
    assert storage.read(tmp_path) == found
    write_tables(found, tmp_path)
    # JSON has no nan
    assert "NaN" not in (tmp_path / "summary.json").read_text()


def test_check_says_what_integration_costs():
    config = parse_config(STUDY)
    df = ErgodicDF(build.halo(config.halo, config.folder))
    lines, seconds = cost(config, df, compiled=True, cores=1)
    assert any("integrated for 1.4 Gyr, with unkicked parents beside" in line for line in lines)
    alone = parse_config(STUDY, ["method.control=false", "method.n=6000000"])
    assert cost(alone, df, compiled=True, cores=1)[1] > seconds
    long, _ = cost(parse_config(STUDY, ["method.options=[]", "method.control=false"]), df, compiled=True)
    assert any("for 13.8 Gyr, without" in line for line in long)


# two chunks of decays, followed for a short while
PARTICLES = (
    STUDY.replace("n = 6000", 'n = 140_000\nduration = "0.1 Gyr"')
    .replace('options = ["finite_age"]\n', "")
    .replace('["54 km/s", "218 km/s"]', '"109 km/s"')
)


class InTurn:
    """Does the tasks in this process, the last one first."""

    def outcomes(self, tasks):
        for task in reversed(tasks):
            yield [run_task(task)]


def test_divided_study_is_the_same_for_one_and_two_workers_and_after_a_stop(tmp_path):
    plan = parse_batch(PARTICLES)
    assert len(plan.tasks) == 2
    looks, seen = iter(range(100)), []

    class Tally:
        total = 2

        def __init__(self, total, done):
            pass

        def worst(self, value):
            seen.append(value)

        def add(self, done, failed):
            pass

        def close(self):
            pass

    with pytest.raises(Stopped, match="1 of 2 tasks are done"):
        run_batch(plan, tmp_path / "a", InTurn(), stop=lambda: next(looks) == 0, tally=Tally)
    one = run_batch(plan, tmp_path / "a", Processes(1), resume=True, tally=Tally)
    two = run_batch(plan, tmp_path / "b", Processes(2))
    assert (one.done, one.failed) == (2, {})
    assert one.digest == two.digest
    # the first task's error is told again when the batch goes on
    assert len(seen) == 3
    assert all(0 < value <= 1e-4 for value in seen)
    divided, whole = whole_study(plan, two.path), run(parse_config(PARTICLES))
    assert replace(divided, provenance=whole.provenance) == whole
    assert divided.daughters[0].energy_error["worst"] == max(seen)


def test_divided_study_of_two_kicks_shares_its_control_as_the_whole_one_does(tmp_path):
    text = PARTICLES.replace("140_000", "3000").replace('"109 km/s"', '["109 km/s", "54 km/s"]')
    plan = parse_batch(text)
    assert [task.kick for task in plan.tasks] == [0, 1]
    summary = run_batch(plan, tmp_path / "a", InTurn())
    divided, whole = whole_study(plan, summary.path), run(parse_config(text))
    assert replace(divided, provenance=whole.provenance) == whole
    assert np.array_equal(divided.daughters[0].control, divided.daughters[1].control)
    assert np.all(divided.daughters[1].kick_ratio > 0)


def test_grid_of_integrated_studies_comes_back_as_it_was(tmp_path):
    short = STUDY.replace("n = 6000", "n = 2000").replace('["54 km/s", "218 km/s"]', '"54 km/s"')
    plan = parse_batch('[batch.grid]\n"decay.age" = ["0.5 Gyr", "1 Gyr"]\n' + short)
    summary = run_batch(plan, tmp_path / "a", InTurn())
    assert (summary.done, summary.failed) == (2, {})
    found = storage_batch.read_answers(summary.path, [0, 1])
    assert [one.daughters[0].grid.kind for one in found] == ["rings", "rings"]
    assert all(
        0 < entry.health["energy_error_worst"] <= 1e-4
        for entry in storage_batch.read_ledger(summary.path).done.values()
    )


def test_command_batches_an_integrated_study(tmp_path):
    path = tmp_path / "particles.toml"
    path.write_text(PARTICLES.replace("140_000", "20_000"))
    answer = CliRunner().invoke(app, ["batch", str(path), "-w", "1"])
    assert answer.exit_code == 0, answer.stderr
    assert "MiyamotoNagaiPotential: exact" in answer.stdout
    assert (tmp_path / "out" / "particles" / "grid.png").exists()
