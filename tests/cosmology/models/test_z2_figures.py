"""Figures 2 to 5 of Bodas, Buen-Abad, Hook & Sundrum (2024) on coarse grids: do the scripts run, what do they find?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from astropy.table import QTable

ROOT = Path(__file__).parents[3]


def numbers_of(number, folder, points):
    name = f"z2_figure_{number}"
    path = ROOT / "runs" / "figures" / f"{name}.py"
    answer = subprocess.run(
        [sys.executable, str(path), "--output", str(folder), "--points", str(points)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert answer.returncode == 0, answer.stderr
    assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    table = QTable.read(folder / f"{name}.ecsv")
    assert len(table.meta["caption"]) > 200
    return table.meta["numbers"]


@pytest.mark.slow
def test_figure_2_follows_both_sectors(tmp_path):
    numbers = numbers_of(2, tmp_path, 60)
    assert numbers["700 GeV, 10 eV, channels of the paper, Delta N_eff"] == pytest.approx(0.160, abs=0.004)
    assert numbers["300 GeV, 3 eV, all channels, Delta N_eff"] < 0.284


@pytest.mark.slow
def test_figure_3_has_both_sets_of_channels(tmp_path):
    numbers = numbers_of(3, tmp_path, 40)
    assert numbers["paper, star, Delta N_eff"] == pytest.approx(0.184, abs=5e-4)
    assert numbers["complete, star, Delta N_eff"] == pytest.approx(3.7, abs=0.05)
    assert numbers["complete, edge 1 of allowed masses [GeV]"] == pytest.approx(457, abs=1)


@pytest.mark.slow
def test_figure_4_has_the_difference_that_is_needed(tmp_path):
    assert numbers_of(4, tmp_path, 20)["delta needed at 1 TeV"] == pytest.approx(0.0775, abs=5e-5)


@pytest.mark.slow
def test_figure_5_has_the_star_inside(tmp_path):
    numbers = numbers_of(5, tmp_path, 20)
    assert numbers["exact, 1000 GeV, late decay at the star"] == pytest.approx(0.043, rel=0.01)
    assert numbers["printed, 2000 GeV, pion over neutron at the star"] > 0.2
