"""The answer of a batch is the same to the bit whoever finds it, in whatever order, after whatever accidents."""

import multiprocessing
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import fields, replace
from multiprocessing import resource_tracker
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from halokick.cli import app
from halokick.daughters.integrated import IntegratedSums
from halokick.errors import BatchError, StorageError
from halokick.study import batch_task, storage, storage_batch
from halokick.study.batch import Stopped, run_batch
from halokick.study.batch_grid import parse_batch
from halokick.study.batch_particles import whole_study
from halokick.study.batch_processes import Processes
from halokick.study.batch_task import Outcome, health_of, run_task
from halokick.study.config import parse_config
from halokick.study.digest import digest
from halokick.study.progress import LineTally
from halokick.study.run import run
from halokick.study.storage_batch import Entry, Heading
from halokick.study.templates import TEMPLATES

ROOT = Path(__file__).parents[3]
# eight radii, the fast method: batches are tested here, not the physics
STUDY = """\
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
GRID = f"""\
[batch.grid]
"halo.r_s" = ["10 kpc", "20 kpc", "30 kpc", "40 kpc"]
"decay.kick_speed" = [["54 km/s"], ["163 km/s"]]

{STUDY}"""
# 300000 decays are three chunks, the last one not full
PARTICLES = STUDY.replace('name = "ergodic"', 'name = "orbits"\nn = 300_000')


class InTurn:
    """Does the tasks in this process, in an order of its own, and comes back with so many at a time."""

    def __init__(self, order=lambda tasks: tasks, together=1):
        self.order, self.together, self.given = order, together, []

    def outcomes(self, tasks):
        tasks = self.order(list(tasks))
        for start in range(0, len(tasks), self.together):
            self.given += tasks[start : start + self.together]
            yield [run_task(task) for task in tasks[start : start + self.together]]


@pytest.fixture(scope="module")
def plan():
    return parse_batch(GRID)


@pytest.fixture(scope="module")
def undisturbed(plan, tmp_path_factory):
    """What one worker finds when nobody disturbs it."""
    return run_batch(plan, tmp_path_factory.mktemp("undisturbed") / "a", InTurn())


def test_batch_finds_what_the_studies_find_one_by_one(plan, undisturbed):
    assert (undisturbed.done, undisturbed.failed) == (8, {})
    index = 5
    alone = run(parse_config(STUDY.replace("20 kpc", "30 kpc").replace("109 km/s", "163 km/s")))
    found = storage_batch.read_answers(undisturbed.path, [index])[0]
    assert replace(found, provenance=alone.provenance) == alone
    assert found.provenance.run_file == alone.provenance.run_file


@pytest.mark.parametrize("together", [1, 3])
def test_order_of_the_tasks_and_how_many_come_at_a_time_do_not_matter(plan, undisturbed, tmp_path, together):
    chance = random.Random(together)
    shuffled = InTurn(lambda tasks: chance.sample(tasks, len(tasks)), together)
    assert run_batch(plan, tmp_path / "a", shuffled).digest == undisturbed.digest


def test_seven_workers_two_of_them_killed_find_the_same(plan, undisturbed, tmp_path):
    chance, killed = random.Random(7), []

    def disturb():
        children = multiprocessing.active_children()
        if len(killed) < 2 and children and chance.random() < 0.3:
            victim = chance.choice(children)
            os.kill(victim.pid, signal.SIGKILL)
            killed.append(victim.pid)
        return False

    summary = run_batch(plan, tmp_path / "a", Processes(7), stop=disturb)
    assert len(killed) == 2
    assert (summary.done, summary.failed, summary.digest) == (8, {}, undisturbed.digest)


def test_stopped_batch_goes_on_where_it_was(plan, undisturbed, tmp_path):
    looks = iter(range(100))
    with pytest.raises(Stopped, match=r"3 of 8 tasks are done"):
        run_batch(plan, tmp_path / "a", InTurn(), stop=lambda: next(looks) == 2)
    rest = InTurn()
    summary = run_batch(plan, tmp_path / "a", rest, resume=True)
    assert [task.index for task in rest.given] == [3, 4, 5, 6, 7]
    assert summary.digest == undisturbed.digest
    finished = InTurn()
    assert run_batch(plan, tmp_path / "a", finished, resume=True).digest == undisturbed.digest
    assert finished.given == []


def test_what_is_there_is_not_replaced_unless_asked(plan, tmp_path):
    few = parse_batch(GRID.replace(', "20 kpc", "30 kpc", "40 kpc"', ""))
    run_batch(few, tmp_path / "a", InTurn())
    with pytest.raises(StorageError, match=r"holds 2 of 2 tasks of this run file; --resume goes on"):
        run_batch(few, tmp_path / "a", InTurn())
    with pytest.raises(StorageError) as refused:
        run_batch(plan, tmp_path / "a", InTurn(), resume=True)
    text = str(refused.value)
    assert '\n  -grid."halo.r_s" = ["10 kpc"]\n' in text
    assert '\n  +grid."halo.r_s" = ["10 kpc", "20 kpc", "30 kpc", "40 kpc"]\n' in text
    again = InTurn()
    run_batch(few, tmp_path / "a", again, overwrite=True)
    assert len(again.given) == 2


def test_file_without_a_finished_task_stands_in_nobodys_way(plan, undisturbed, tmp_path):
    class Absent:
        def outcomes(self, tasks):
            raise BatchError("no scheduler there")
            yield

    other = parse_batch(GRID.replace("30 kpc", "31 kpc"))
    for first in (plan, other):
        with pytest.raises(BatchError, match="no scheduler"):
            run_batch(first, tmp_path / "a", Absent())
    assert run_batch(plan, tmp_path / "a", InTurn()).digest == undisturbed.digest


def test_folder_of_something_else_is_refused(plan, tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(StorageError, match="not the folder of a batch"):
        run_batch(plan, tmp_path, InTurn())
    with pytest.raises(StorageError, match="is a file"):
        run_batch(plan, tmp_path / "thesis.tex", InTurn())


def test_impossible_point_is_told_costs_no_other_task_and_is_tried_again(tmp_path):
    # a cored halo in the potential of a steep bulge has no isotropic distribution function
    impossible = GRID.split("\n\n", 1)[1].replace('r_s = "20 kpc"', 'r_s = "20 kpc"\nbaryons = ["MWPotential2014"]')
    plan = parse_batch('[batch.grid]\n"halo.profile" = ["nfw", "plummer"]\n' + impossible)
    summary = run_batch(plan, tmp_path / "a", InTurn())
    assert summary.done == 1
    assert "f(E) < 0" in summary.failed[1]
    again = InTurn()
    assert run_batch(plan, tmp_path / "a", again, resume=True) == summary
    assert [task.index for task in again.given] == [1]


def test_task_that_takes_every_worker_with_it_fails_alone(monkeypatch):
    monkeypatch.setattr("halokick.study.batch_processes._TRIES", 2)

    class Deadly(str):
        """Kills whoever reads it as a run file."""

        def __reduce__(self):
            return os._exit, (17,)

    bad, good = parse_batch(GRID).tasks[:2]
    found = [one for some in Processes(1).outcomes([replace(bad, run_file=Deadly()), good]) for one in some]
    assert {one.index: one.error for one in found} == {0: "its worker died 2 times, with exit status 17", 1: ""}


def test_errors_in_the_middle_say_that_resuming_is_possible(plan, tmp_path):
    class GivesUp(InTurn):
        def outcomes(self, tasks):
            yield [run_task(tasks[0])]
            raise BatchError("gone")

    with pytest.raises(BatchError) as failure:
        run_batch(plan, tmp_path / "a", GivesUp())
    assert "--resume" in failure.value.__notes__[0]
    assert len(storage_batch.read_ledger(tmp_path / "a" / "batch.h5").done) == 1


def test_divided_study_is_the_undivided_one_to_the_bit(tmp_path):
    plan = parse_batch(PARTICLES + "[batch]\nchunks_per_task = 2\n")
    summary = run_batch(plan, tmp_path / "a", InTurn(lambda tasks: tasks[::-1]))
    assert summary.tasks == 2
    divided, whole = whole_study(plan, summary.path), run(parse_config(PARTICLES))
    assert replace(divided, provenance=whole.provenance) == whole
    assert divided.provenance.run_file == whole.provenance.run_file


def test_sums_of_orbits_that_were_integrated_come_back_as_they_were(tmp_path):
    arrays = {one.name: np.arange(3.0) + i for i, one in enumerate(fields(IntegratedSums))}
    failed = ((17, "too many steps", "daughter"), (20, "too many steps", "control"))
    sums = IntegratedSums(**arrays | {"worst": 3e-9, "mass": 2.0, "failed": failed})
    answer = {"00000004": batch_task._storable(sums)}
    path = tmp_path / "batch.h5"
    storage_batch.create(path, Heading("particles", 1, "", "", {}, {}))
    storage_batch.add(path, [(0, answer, Entry(digest(answer), 0, 1.0, "h:1", "now", {}))], [])
    back = batch_task.sums_of(storage_batch.read_answers(path, [0])[0])[4]
    for one in fields(IntegratedSums):
        assert np.array_equal(getattr(back, one.name), getattr(sums, one.name)), one.name
    assert back.failed == failed


def test_divided_study_with_tasks_missing_has_no_result(tmp_path):
    plan = parse_batch(PARTICLES)
    with pytest.raises(Stopped):
        run_batch(plan, tmp_path / "a", InTurn(), stop=lambda: True)
    with pytest.raises(BatchError, match="2 of 3 tasks are not done"):
        whole_study(plan, tmp_path / "a" / "batch.h5")


def test_dask_finds_the_same(plan, undisturbed, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    batch_dask = pytest.importorskip("halokick.study.batch_dask")
    few = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": None}
    with distributed.LocalCluster(**few) as cluster:
        address = cluster.scheduler_address
        summary = run_batch(plan, tmp_path / "a", batch_dask.DaskCluster(address))
    assert summary.digest == undisturbed.digest
    monkeypatch.setattr(batch_dask, "_CONNECT", "1s")
    with pytest.raises(BatchError, match="there is no Dask scheduler at inproc"):
        run_batch(plan, tmp_path / "b", batch_dask.DaskCluster(address))


def test_worker_with_other_versions_is_refused():
    batch_dask = pytest.importorskip("halokick.study.batch_dask")

    class Future:
        status = "finished"

        def result(self):
            return Outcome(0, None, versions={"numpy": "0.1"}, worker="node01:7")

    with pytest.raises(BatchError, match=r"worker node01:7 has numpy 0\.1, this machine has numpy \d"):
        batch_dask.checked(Future(), 0)


def test_missing_dask_names_the_command_that_installs_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "distributed", None)
    path = tmp_path / "grid.toml"
    path.write_text(GRID)
    answer = CliRunner().invoke(app, ["batch", str(path), "--scheduler", "tcp://127.0.0.1:8786"])
    assert answer.exit_code == 1
    assert "pip install 'halokick[batch]'" in answer.stderr
    assert os.listdir(tmp_path) == ["grid.toml"]


def test_worst_energy_error_is_watched_where_a_method_knows_it(result):
    settings = {"energy_error_worst": "3e-10"}
    better, worse = (replace(one, settings=settings) for one in result.daughters)
    worse = replace(worse, settings={"energy_error_worst": "2e-9"})
    assert health_of(replace(result, daughters=(better, worse))) == {"energy_error_worst": 2e-9}
    assert health_of(result) == {}


def test_log_tells_done_rate_time_left_and_worst_energy_error():
    lines, clock = [], iter([0.0, 20.0, 21.0, 40.0])
    tally = LineTally(100, 10, lines.append, lambda: next(clock))
    tally.worst(None)
    tally.worst(2e-9)
    tally.worst(1e-9)
    tally.add(9, 1)  # ten in 20 s, 80 are left
    tally.add(1, 0)  # too soon to say more
    tally.add(9, 0)
    assert lines == [
        "19 of 100 tasks; 0.5 per second; 0:02:40 left; 1 failed; worst energy error 2.0e-09",
        "29 of 100 tasks; 0.5 per second; 0:02:20 left; 1 failed; worst energy error 2.0e-09",
    ]


@pytest.fixture
def command(tmp_path):
    """Starts a command in the test's folder; none outlives the test."""
    started = []

    def start(words):
        started.append(_started(words, tmp_path))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _started(words, folder):
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _wait_for_tasks(process, path, count, extra):
    """Until so many tasks are in the file, and a little longer."""
    for _ in range(1200):
        if process.poll() is not None:
            break
        if path.exists() and len(storage_batch.read_ledger(path).done) >= count:
            break
        time.sleep(0.02)
    time.sleep(extra)


def test_command_interrupted_then_killed_then_resumed_gives_the_undisturbed_answer(undisturbed, tmp_path, command):
    chance = random.Random(11)
    (tmp_path / "grid.toml").write_text(GRID)
    path = tmp_path / "out" / "grid" / "batch.h5"
    words = ["halokick", "batch", "grid.toml", "--workers", "1", "--resume"]
    process = command(words[:-1])
    _wait_for_tasks(process, path, 1, chance.uniform(0, 0.2))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the workers get it, too
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert re.search(r"stopped: \d of 8 tasks are done and in out/grid/batch.h5; go on with:\n", stderr)
    # the command that it names is the one that goes on
    assert shlex.split(stderr.splitlines()[-1]) == words
    before = len(storage_batch.read_ledger(path).done)
    assert 1 <= before < 8
    process = command(words)
    _wait_for_tasks(process, path, before + 1, chance.uniform(0, 0.1))
    process.kill()
    process.wait()
    killed = len(storage_batch.read_ledger(path).done)
    assert killed >= before
    process = command(words)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    assert f"8 of 8 tasks done; checksum of all answers {undisturbed.digest}" in stdout
    assert {one.name for one in path.parent.iterdir()} == {"batch.h5", "jfactors.ecsv", "jfactors.fits"}


def _invoke(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_workers_start_where_pythons_watcher_of_shared_memory_was_killed(plan):
    resource_tracker.ensure_running()
    os.kill(resource_tracker._resource_tracker._pid, signal.SIGKILL)
    # it is gone once nobody reads its pipe; the test's own warnings are errors
    deadline = time.monotonic() + 10
    while resource_tracker._resource_tracker._check_alive():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    found = [one for some in Processes(1).outcomes([replace(plan.tasks[0], run_file="")]) for one in some]
    assert len(found) == 1
    assert "[halo]" in found[0].error


def test_commands_check_batch_and_table(tmp_path):
    path = tmp_path / "particles.toml"
    path.write_text(PARTICLES + "[batch]\nchunks_per_task = 2\n")
    answer = _invoke("check", path, "--workers", 2)
    assert answer.exit_code == 0, answer.stderr
    assert "tasks: 2, particles of one study in chunks, 2 at a time" in answer.stdout
    answer = _invoke("batch", path, "-w", 1, "-q")
    assert answer.exit_code == 0, answer.stderr
    folder = tmp_path / "out" / "particles"
    assert answer.stdout == f"{folder}\n"
    assert {"batch.h5", "result.h5", "jfactors.ecsv", "density.png"} <= set(os.listdir(folder))
    assert storage.read(folder).daughters[0].method == "orbits"
    merged = tmp_path / "all.csv"
    answer = _invoke("table", folder, "-o", merged)
    assert answer.exit_code == 0, answer.stderr
    assert merged.read_text().splitlines()[-1].startswith("halo,8.2,109 km/s")
    answer = _invoke("table", folder / "batch.h5", "-o", merged)
    assert answer.exit_code == 1
    assert "its result is result.h5 beside it" in answer.stderr


def test_check_of_a_grid_says_how_many_tasks_and_how_long(tmp_path):
    path = tmp_path / "grid.toml"
    path.write_text(GRID)
    answer = _invoke("check", path)
    assert answer.exit_code == 0, answer.stderr
    assert "tasks: 8 studies" in answer.stdout
    assert "time: about" in answer.stdout
    assert os.listdir(tmp_path) == ["grid.toml"]


def test_bad_run_file_of_a_batch_exits_2_and_writes_nothing(tmp_path):
    path = tmp_path / "grid.toml"
    path.write_text(GRID.replace("halo.r_s", "halo.rs"))
    for command in ("batch", "check"):
        answer = _invoke(command, path)
        assert answer.exit_code == 2
        assert "did you mean r_s?" in answer.stderr
    assert os.listdir(tmp_path) == ["grid.toml"]


def test_help_of_batch_teaches_grid_resume_and_cluster():
    text = _invoke("batch", "--help").stdout
    for word in ("[batch.grid]", "--resume", "--scheduler tcp://", "chunks_per_task", "Exit status"):
        assert word in text


def test_template_is_a_good_batch_and_that_in_runs():
    plan = parse_batch(TEMPLATES["batch"])
    assert len(plan.tasks) == 16
    assert (ROOT / "runs" / "batch_kick_grid.toml").read_text() == TEMPLATES["batch"]
