"""Particle models from the shell: the run files of runs/models, against the numbers that runs/README.md promises."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from halokick.study import storage
from halokick.study.templates import TEMPLATES

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "runs" / "models"


def halokick(*arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"}
    command = [sys.executable, "-m", "halokick", *map(str, arguments)]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_readme_names_every_model_and_init_prints_it():
    text = (ROOT / "runs" / "README.md").read_text()
    assert set(re.findall(r"`models/(\w+\.toml)`", text)) == {path.name for path in MODELS.glob("*.toml")}
    assert (MODELS / "regenerated_adm.toml").read_text() == TEMPLATES["model"]


def test_model_section_alone_gives_limits_from_the_shell(tmp_path):
    path = tmp_path / "alone.toml"
    path.write_text(TEMPLATES["model"].partition("[halo]")[0])
    screen = halokick("run", path)
    out = tmp_path / "out" / "alone"
    assert {one.name for one in out.iterdir()} == {"model.ecsv", "result.h5", "summary.json"}
    # Hardy, Lasenby & Unwin (2014), Eq. (A.5): width = (8/15) splitting^5 / ((4 pi)^3 scale^4), in GeV
    width = 1.9e-3**5 / (120 * np.pi**3 * 1.6e6**4)
    seconds = 6.582119569e-25 / width
    gyr = seconds / 3.15576e16
    # corrections of order splitting/mass, 2e-4
    assert storage.read(out).model.lifetime.to_value("Gyr") == pytest.approx(gyr, rel=1e-3)
    assert "lifetime 20.5" in screen
    assert "Milky Way satellites (DES, PS1)" in screen


@pytest.mark.slow
def test_example_goes_from_couplings_to_fluxes_and_limits(tmp_path):
    screen = halokick("run", MODELS / "regenerated_adm.toml", "-o", tmp_path / "out")
    result = storage.read(tmp_path / "out")
    model = result.model
    assert model.lifetime.to_value("Gyr") == pytest.approx(20.55, abs=0.01)
    # (splitting/m) c, less a share splitting/(2 m) = 1e-4
    assert model.summary["kick_max_speed"].to_value("km/s") == pytest.approx(1.9e-4 * 299792.458, rel=2e-4)
    fluxes = Table.read(tmp_path / "out" / "fluxes.ecsv")
    centre = fluxes[(fluxes["target"] == "halo") & (fluxes["angle"] == 1.0)][0]
    by_hand = model.sigma_v.to_value("cm3/s") / (4 * np.pi * 100) * 0.5 * 0.5 * 0.4889 * result.sky.j_pair[0, 1].value
    # shares rounded to four digits
    assert centre["flux"] == pytest.approx(by_hand, rel=3e-4)
    assert centre["flux"] == pytest.approx(7.62e-7, rel=1e-3)  # runs/README.md, three digits
    # one kick law leaves the centre and empties the dwarfs, so that a limit from dwarfs that would exclude does not
    assert centre["flux"] / centre["flux_no_kick"] == pytest.approx(0.587, abs=0.002)
    # in a potential that stayed it would be 0.68: half of the parents are gone
    assert result.daughters[0].live.method == "orbit_iteration"
    assert model.dwarfs.suppression[1] == pytest.approx(0.045, abs=0.001)
    assert model.dwarfs.no_kick.status == "excluded"
    (kept,) = (one for one in model.limits if one.name.startswith("LAT dwarfs"))
    assert kept.status == "satisfied"
    assert all(one.status != "excluded" for one in model.limits)
    assert "no limit excludes this point" in screen
    short = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert short["model"]["dwarf_suppression"]["suppression"] == model.dwarfs.suppression.tolist()
