"""The run files of the source tree, from the shell to the tables, against the numbers that runs/README.md promises."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from halokick.study import storage

ROOT = Path(__file__).parents[2]
RUNS = ROOT / "runs"


def shell(*arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"}
    started = time.perf_counter()
    answer = subprocess.run(
        [sys.executable, *map(str, arguments)], env=environment, capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert answer.returncode == 0, answer.stderr
    return time.perf_counter() - started


def study(name, folder):
    """Seconds that a study took from the shell."""
    return shell("-m", "halokick", "run", RUNS / f"{name}.toml", "-q", "-o", folder)


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """Two folders of the same study."""
    top = tmp_path_factory.mktemp("quick")
    return [(study("quick", top / name), top / name) for name in ("first", "second")]


def test_same_study_twice_gives_identical_tables_and_pictures(quick):
    (_, first), (_, second) = quick
    names = {path.name for path in first.iterdir()}
    assert names == {path.name for path in second.iterdir()}
    assert {"profiles.ecsv", "jfactors.ecsv", "jfactors.fits", "density.png"} <= names
    # the result and its summary hold the moment at which they were made
    for name in names - {"result.h5", "summary.json"}:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    one, two = storage.read(first), storage.read(second)
    assert (one.parent, one.daughters, one.sky) == (two.parent, two.daughters, two.sky)


def test_quick_study_gives_the_recomputed_numbers_of_figure_3(quick):
    result = storage.read(quick[0][1])
    ratio = [one.observer_ratio for one in result.daughters]
    bound = [one.bound_fraction for one in result.daughters]
    # the reference values have five and four decimals; between 32 radii the ratio is interpolated, to 1e-4
    assert ratio == pytest.approx([0.97018, 0.60019], abs=1e-4)
    assert bound == pytest.approx([0.9979, 0.8327], abs=6e-5)


def test_quick_study_takes_seconds(quick):
    # the first may have compiled; five seconds are wanted on a quiet machine, and tests share theirs
    assert quick[1][0] < 20


def test_readme_names_every_run_file_and_figure():
    text = (RUNS / "README.md").read_text()
    assert set(re.findall(r"`(\w+\.toml)`", text)) == {path.name for path in RUNS.glob("*.toml")}
    text += (RUNS / "figures" / "README.md").read_text()
    figures = {path.name for path in (RUNS / "figures").glob("figure_*.py")}
    assert set(re.findall(r"`(figure_\d+\.py)`", text)) == figures


@pytest.mark.slow
def test_milky_way_study_gives_the_recomputed_numbers(tmp_path):
    study("milky_way_kicks", tmp_path / "out")
    result = storage.read(tmp_path / "out")
    by_kick = {one.label: one for one in result.daughters}
    at_sun = {"25": 0.99354, "54": 0.97018, "109": 0.88339, "163": 0.75566, "218": 0.60019, "400": 0.14395}
    for kick, ratio in at_sun.items():
        assert by_kick[f"{kick} km/s"].observer_ratio == pytest.approx(ratio, abs=2e-5)
    bound = {"54": 0.9979, "109": 0.9800, "163": 0.9288, "218": 0.8327, "300": 0.6223, "400": 0.3477}
    for kick, share in bound.items():
        assert by_kick[f"{kick} km/s"].bound_fraction == pytest.approx(share, abs=6e-5)
    # dJ/dOmega at 1 degree over that at 10 (both on the grid of 81 directions) has four digits in the reference
    theta = result.sky.theta.to_value("deg")
    one, ten = (int(np.argmin(np.abs(np.log(theta / x)))) for x in (1, 10))
    shape = {
        kick: float(result.sky.differential_pair[i, one] / result.sky.differential_pair[i, ten])
        for i, kick in enumerate(result.sky.kicks)
    }
    for kick, value in {"76 km/s": 24.81, "109 km/s": 17.77, "163 km/s": 11.65}.items():
        assert shape[kick] == pytest.approx(value, rel=1e-3)
    low, high = (float(row[one] / row[ten]) for row in result.sky.band)
    assert (low, high) == (pytest.approx(23.54, rel=1e-3), pytest.approx(54.36, rel=1e-3))


@pytest.mark.slow
def test_dwarf_study_gives_the_measured_j_of_draco_and_its_suppression(tmp_path):
    study("dwarf_suppression", tmp_path / "out")
    table = Table.read(tmp_path / "out" / "dwarfs.ecsv")
    assert len(table) == 26 * 20
    draco = table[table["dwarf"] == "Draco"]
    # Pace & Strigari (2019): 18.83 +- 0.12
    assert np.log10(draco["j_parent"][0]) == pytest.approx(18.83, abs=0.12)
    assert np.all(np.diff(draco["suppression"]) <= 0)
    # one chosen NFW halo of Draco's J, recomputed: 0.595 at 20 and 0.356 at 30 km/s, so a half at 24; the median of
    # 200 haloes need not be that one, but its kick scales as the square root of its mass, known to 15 per cent
    half_gone = np.interp(-0.5, -np.asarray(draco["suppression"]), draco["mean_kick_speed"])
    assert half_gone == pytest.approx(24, rel=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("number", [3, 8])
def test_figure_scripts_give_picture_table_and_numbers(tmp_path, number):
    shell(RUNS / "figures" / f"figure_{number}.py", "--output", tmp_path)
    assert (tmp_path / f"figure_{number}.png").stat().st_size > 10_000
    table = Table.read(tmp_path / f"figure_{number}.ecsv")
    if number == 3:
        missed = np.asarray(table["ergodic_109"] / table["full_109"])
        at = np.interp(np.log([0.143, 1.431]), np.log(table["radius"]), missed)
        # quoted to 0.1 per cent; linear interpolation between radii 15 per cent apart adds as much
        assert at == pytest.approx([1 - 0.169, 1 - 0.0013], abs=3e-3)
    else:
        at_one_degree = {
            name: np.exp(np.interp(0.0, np.log(table["theta"]), np.log(table[name])))
            for name in ("j_parent", "j_full_76", "j_full_109", "j_full_163", "j_gnfw_1.1", "j_gnfw_1.3")
        }
        expected = {"j_full_76": 24.81, "j_full_109": 17.77, "j_full_163": 11.65}
        expected |= {"j_gnfw_1.1": 23.54, "j_gnfw_1.3": 54.36}
        # directions are 6 per cent apart; the curvature of ln J between them is below 2e-3
        for name, value in expected.items():
            assert at_one_degree[name] == pytest.approx(value, rel=2e-3)
