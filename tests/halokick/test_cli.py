import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from halokick.cli import app
from halokick.study import storage
from halokick.study.config import read_config
from halokick.study.templates import TEMPLATES

ROOT = Path(__file__).parents[2]
# four radii, the fast method: the commands are tested here, not the physics
SMALL = """\
[halo]
profile = "nfw"
r_s = "20 kpc"
rho_s = "7e6 Msun/kpc3"

[decay]
kick_speed = "109 km/s"

[method]
name = "ergodic"
r_min = "0.1 kpc"
r_max = "100 kpc"
n_radii = 8

[observer]
distance = "8.2 kpc"
angles = ["1 deg"]
"""


def halokick(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Run file and folder of a finished study."""
    path = tmp_path_factory.mktemp("done") / "small.toml"
    path.write_text(SMALL)
    answer = halokick("run", path)
    assert answer.exit_code == 0, answer.stderr
    return path, path.parent / "out" / "small", answer


def test_run_writes_every_product_and_shows_the_main_numbers(done):
    _, folder, answer = done
    products = {path.name for path in folder.iterdir()}
    expected = {"result.h5", "profiles.ecsv", "jfactors.ecsv", "jfactors.fits", "summary.json"}
    assert products == expected | {"density.png", "ratio.png", "jfactor.png"}
    row = next(line for line in answer.stdout.splitlines() if line.startswith("109 km/s"))
    summary = json.loads((folder / "summary.json").read_text())
    assert f"{summary['kicks'][0]['bound_fraction']:.4f}" in row
    assert f"{summary['kicks'][0]['cones'][0]['j_pair_GeV2_cm-5']:.3e}" in row
    assert str(folder) in answer.stdout.splitlines()[-1]
    assert list(folder.parent.iterdir()) == [folder]


def test_result_carries_its_run_file_versions_and_commit(done):
    path, folder, _ = done
    made = storage.read(folder).provenance
    assert made.run_file == read_config(path).to_toml()
    assert made.versions["numpy"]
    assert made.seed is None


def test_quiet_run_prints_the_folder_alone(small, tmp_path):
    answer = halokick("run", small, "-q", "-o", tmp_path / "here")
    assert answer.exit_code == 0
    assert answer.stdout == f"{tmp_path / 'here'}\n"
    assert answer.stderr == ""


def test_set_changes_the_study_and_its_record(small, tmp_path):
    settings = ["--set", "decay.kick_speed=['54 km/s', '163 km/s']", "--set", "halo.r_s=10 kpc"]
    assert halokick("run", small, "-q", "-o", tmp_path / "a", *settings).exit_code == 0
    result = storage.read(tmp_path / "a")
    assert [one.label for one in result.daughters] == ["54 km/s", "163 km/s"]
    assert 'r_s = "10.0 kpc"' in result.provenance.run_file


def test_same_study_again_replaces_its_own_folder_but_no_other(small, tmp_path):
    folder = tmp_path / "a"
    assert halokick("run", small, "-q", "-o", folder).exit_code == 0
    first = (folder / "profiles.ecsv").read_bytes()
    assert halokick("run", small, "-q", "-o", folder).exit_code == 0
    assert (folder / "profiles.ecsv").read_bytes() == first
    other = ["--set", "halo.r_s=10 kpc"]
    refused = halokick("run", small, "-q", "-o", folder, *other)
    assert refused.exit_code == 1
    assert "different run file" in refused.stderr
    assert (folder / "profiles.ecsv").read_bytes() == first
    assert halokick("run", small, "-q", "-o", folder, "--overwrite", *other).exit_code == 0
    assert (folder / "profiles.ecsv").read_bytes() != first


def test_foreign_folder_is_refused_before_anything_is_computed(small, tmp_path):
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter.tex").write_text("")
    answer = halokick("run", small, "-o", folder, "--overwrite")
    assert answer.exit_code == 1
    assert "not the folder of a study" in answer.stderr
    assert os.listdir(folder) == ["chapter.tex"]


@pytest.mark.parametrize("command", ["run", "check"])
def test_bad_run_file_shows_every_error_exits_2_and_writes_nothing(tmp_path, command):
    path = tmp_path / "bad.toml"
    path.write_text(SMALL.replace("r_s =", "rs =").replace("109 km/s", "109 kpc"))
    answer = halokick(command, path)
    assert answer.exit_code == 2
    assert answer.stdout == ""
    lines = answer.stderr.splitlines()
    assert lines[0].endswith("bad.toml: 3 errors, nothing was run")
    assert "halo.rs" in answer.stderr
    assert "did you mean r_s?" in answer.stderr
    assert "decay.kick_speed" in answer.stderr
    assert os.listdir(tmp_path) == ["bad.toml"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ('baryons = [{name = "MiyamotoNagai"}]', "did you mean MiyamotoNagaiPotential?"),
        ('baryons = [{name = "MiyamotoNagaiPotential", height = 3}]', "refuses height"),
        ('energy_cut = "1e-30 kpc"', "energy_cut"),
    ],
)
def test_what_only_the_objects_can_refuse_is_a_bad_run_file_too(tmp_path, change, words):
    path = tmp_path / "bad.toml"
    path.write_text(SMALL.replace("[decay]", f"{change}\n[decay]"))
    for command in ("check", "run"):
        answer = halokick(command, path)
        assert answer.exit_code == 2, answer.stderr
        assert words in answer.stderr
    assert os.listdir(tmp_path) == ["bad.toml"]


def test_impossible_halo_fails_with_1_and_says_why(tmp_path):
    # a cored halo in the potential of a steep bulge has no isotropic distribution function
    path = tmp_path / "core.toml"
    text = SMALL.replace('profile = "nfw"', 'profile = "plummer"\nbaryons = ["MWPotential2014"]')
    path.write_text(text)
    answer = halokick("run", path)
    assert answer.exit_code == 1
    assert "f(E) < 0" in answer.stderr
    assert os.listdir(tmp_path) == ["core.toml"]


def test_radius_that_ends_too_early_is_said_before_the_work(small):
    answer = halokick("run", small, "--set", "observer.r_max=500 kpc")
    assert answer.exit_code == 2
    assert "observer.r_max" in answer.stderr


def test_check_says_what_a_study_would_cost_and_writes_nothing(small, tmp_path):
    answer = halokick("check", small)
    assert answer.exit_code == 0
    assert "no errors" in answer.stdout
    assert "8 radii" in answer.stdout
    assert "time: about" in answer.stdout
    assert os.listdir(tmp_path) == ["small.toml"]


def test_check_counts_particles_and_dwarfs(small):
    settings = ["--set", "method.name=orbits", "--set", "method.n=5000", "--set", "dwarfs.names=['Draco']"]
    answer = halokick("check", small, *settings)
    assert "particles: 5,000" in answer.stdout
    assert "dwarfs: 1 of" in answer.stdout


@pytest.mark.parametrize("kind", TEMPLATES)
def test_init_prints_a_run_file_that_check_accepts(tmp_path, kind):
    answer = halokick("init", kind)
    assert answer.exit_code == 0
    path = tmp_path / "new.toml"
    path.write_text(answer.stdout)
    assert halokick("check", path).exit_code == 0


def test_init_of_an_unknown_kind_names_the_kinds():
    answer = halokick("init", "slow")
    assert answer.exit_code == 2
    assert "quick, milky_way, dwarfs" in answer.stderr


@pytest.mark.parametrize("command", ["table", "plot"])
def test_products_are_made_again_from_the_stored_result(done, tmp_path, command):
    _, folder, _ = done
    answer = halokick(command, folder, "-o", tmp_path / "again")
    assert answer.exit_code == 0, answer.stderr
    made = list((tmp_path / "again").iterdir())
    assert len(made) in (3, 4)
    for path in made:
        if path.suffix in (".ecsv", ".png", ".json"):
            assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


def test_table_takes_several_results(done, tmp_path):
    _, folder, _ = done
    answer = halokick("table", folder, folder / "result.h5")
    assert answer.exit_code == 0
    assert answer.stdout.count("109 km/s") == 2


@pytest.mark.parametrize("command", ["table", "plot"])
def test_file_that_is_no_result_is_refused(tmp_path, command):
    (tmp_path / "result.h5").write_text("no")
    answer = halokick(command, tmp_path)
    assert answer.exit_code == 1
    assert "not an HDF5 file" in answer.stderr


@pytest.mark.parametrize("command", ["run", "check", "init", "plot", "table"])
def test_help_teaches_with_an_example(command):
    answer = halokick(command, "--help")
    assert answer.exit_code == 0
    assert f"halokick {command} " in answer.stdout
    assert "Example" in answer.stdout


def test_without_a_command_the_first_steps_are_shown():
    assert "halokick init quick > quick.toml" in halokick().output


def _started(*arguments, folder):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "halokick", *map(str, arguments)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("before", ["no result yet", "an older result"])
def test_interrupt_stops_with_130_and_one_line_and_leaves_the_folder_as_it_was(small, tmp_path, before):
    folder = tmp_path / "out" / "small"
    long = ["--set", "method.name=orbits", "--set", "method.n=1000000000", "--overwrite"]
    if before == "an older result":
        assert halokick("run", small, "-q").exit_code == 0
    old = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else None
    process = _started("run", small, *long, folder=tmp_path)
    try:
        # imports take two seconds, the study many minutes: the signal arrives in the middle of the work
        time.sleep(6)
        assert process.poll() is None, process.communicate()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert stdout == ""
    assert stderr.splitlines() == ["stopped; nothing was written"]
    if old is None:
        assert os.listdir(tmp_path) == ["small.toml"]
    else:
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == old
        assert os.listdir(folder.parent) == ["small"]


def test_module_is_the_command(tmp_path):
    process = _started("init", "quick", folder=tmp_path)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (0, "")
    assert stdout == TEMPLATES["quick"]


def test_results_with_one_name_are_not_written_over_each_other(done, tmp_path):
    _, folder, _ = done
    copies = [tmp_path / name / "small" for name in ("a", "b")]
    for copy in copies:
        shutil.copytree(folder, copy)
    for command in ("table", "plot"):
        answer = halokick(command, *copies, "-o", tmp_path / "all")
        assert answer.exit_code == 2
        assert "would both go to" in answer.stderr
    assert not (tmp_path / "all").exists()


@pytest.mark.parametrize("command", ["table", "plot"])
@pytest.mark.parametrize("place", ["notes.txt", "notes.txt/deeper", "x" * 300])
def test_place_that_cannot_be_a_folder_is_one_line(done, tmp_path, command, place):
    _, folder, _ = done
    (tmp_path / "notes.txt").write_text("mine")
    answer = halokick(command, folder, "-o", tmp_path / place)
    assert answer.exit_code == 1
    assert "choose another --output" in answer.stderr
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_check_says_what_the_run_would_say_about_a_potential_that_stays(small, tmp_path):
    slow = ("--set", "decay.lifetime=300 Gyr")
    answer = halokick("check", small, *slow)
    assert answer.exit_code == 0
    assert "warning: " in answer.stdout
    assert "the potential does not follow" in answer.stdout
    refused = halokick("check", small, "--set", "decay.lifetime=20 Gyr")
    assert refused.exit_code == 2
    assert 'name = "auto" lets the potential follow the mass' in refused.stderr
    assert halokick("run", small, "-q", "-o", tmp_path / "x", "--set", "decay.lifetime=20 Gyr").stderr == refused.stderr
