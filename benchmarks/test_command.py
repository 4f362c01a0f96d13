"""The command from the shell: compiled, for the very first time, and its memory."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

RUNS = Path(__file__).parents[1] / "runs"


def _run(study, folder, environment=None):
    subprocess.run(
        [sys.executable, "-m", "halokick", "run", str(RUNS / study), "--output", str(folder), "--overwrite", "--quiet"],
        check=True,
        capture_output=True,
        env={**os.environ, **(environment or {})},
    )


@pytest.mark.benchmark(group="halokick run runs/quick.toml")
def test_quick_study_compiled(benchmark, tmp_path):
    _run("quick.toml", tmp_path / "warm")
    benchmark.pedantic(_run, args=("quick.toml", tmp_path / "out"), rounds=5)


@pytest.mark.benchmark(group="halokick run runs/quick.toml")
def test_quick_study_first_time(benchmark, tmp_path):
    """An empty folder for the machine code, so that everything compiles."""
    empty = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    benchmark.pedantic(_run, args=("quick.toml", tmp_path / "out", empty), rounds=1)


@pytest.mark.benchmark(group="halokick run runs/milky_way_kicks.toml")
def test_milky_way_study(benchmark, tmp_path):
    benchmark.pedantic(_run, args=("milky_way_kicks.toml", tmp_path / "out"), rounds=3)
    benchmark.extra_info["peak memory of any child [MB]"] = (
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    )
