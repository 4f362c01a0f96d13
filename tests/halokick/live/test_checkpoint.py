"""Live runs to the byte: threads, stops, and what is refused."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import astropy.units as u
import numba
import numpy as np
import pytest

import halokick as hk
from halokick.errors import ConvergenceError, InputError, StorageError
from halokick.live import run as live_run
from halokick.live.checkpoint import interrupt_held_back, read_checkpoint, write_checkpoint
from halokick.live.grid import initial_gm, live_grid
from halokick.live.nbody import live_nbody
from halokick.live.run import increasing
from halokick.live.schedule import live_schedule, time_unit
from halokick.live.start import live_start

ROOT = Path(__file__).parents[3]
TIMES = (0.4, 1.0)
"""kpc/(km/s): 8 and 19 of the halo's units."""


@cache
def parents():
    profile = hk.NFWProfile(r_s=20 * u.kpc, rho_s=6.9e6 * u.Msun / u.kpc**3)
    return hk.ErgodicDF(hk.Halo(hk.TruncatedProfile(profile, r_t=200 * u.kpc)))


@cache
def start():
    return live_start(parents(), hk.FixedKick(150 * u.km / u.s), 1500, seed=5)


def run(given=None, **others):
    settings = {"lifetime": 1.0, "times": TIMES, "mass_loss": 0.1, "interval": 0.01, "smoothing": 0.05, **others}
    return live_nbody(start() if given is None else given, parents(), **settings)


def bytes_of(output):
    parts = [output.edges, np.array([output.energy_error])]
    for m in output.moments:
        numbers = m.time, m.decayed_share, m.bound_mass, m.escaped_mass, m.kinetic, m.potential_energy
        parts += [*m.parents.arrays, *m.daughters.arrays, m.gm, np.array([*numbers, m.injected_energy])]
    return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)


@cache
def whole():
    return bytes_of(run())


# -- bytes -------------------------------------------------------------------------------------------------------------


def test_threads_do_not_matter(monkeypatch):
    monkeypatch.setattr(live_run, "_SHARED", 0)
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("one processor")
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = bytes_of(run())
        numba.set_num_threads(2)
        two = bytes_of(run())
    finally:
        numba.set_num_threads(before)
    assert one == two


def test_run_stopped_by_its_progress_goes_on_where_it_was(tmp_path):
    class Stopped(Exception):
        pass

    def stop(done, total):
        if done == 73:
            raise Stopped

    path = tmp_path / "run.npz"
    with pytest.raises(Stopped):
        run(checkpoint=path, progress=stop)
    seen = []
    output = run(checkpoint=path, progress=lambda done, total: seen.append((done, total)))
    assert seen[0][0] == 74
    assert seen[-1][0] == seen[-1][1]
    assert bytes_of(output) == whole()


def test_stopped_run_of_a_growing_halo_goes_on_where_it_was(tmp_path):
    class Stopped(Exception):
        pass

    def stop(done, total):
        if done == 40:
            raise Stopped

    arrives = np.where(np.arange(1500) < 300, 0.0, start().spare)
    path = tmp_path / "run.npz"
    with pytest.raises(Stopped):
        run(activation=arrives, checkpoint=path, progress=stop)
    assert bytes_of(run(activation=arrives, checkpoint=path)) == bytes_of(run(activation=arrives))


_SCRIPT = """
import sys
sys.path.insert(0, sys.argv[2])
import test_checkpoint as tests
def say(done, total):
    print(done, flush=True)
tests.run(checkpoint=sys.argv[1], progress=say)
"""


def _begun(path):
    """A process that is in the middle of the run."""
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    command = [sys.executable, "-c", _SCRIPT, str(path), str(Path(__file__).parent)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(52):
        process.stdout.readline()
    return process


def test_killed_process_leaves_a_run_that_goes_on(tmp_path):
    path = tmp_path / "run.npz"
    process = _begun(path)
    # anywhere in the intervals that follow the first checkpoint
    time.sleep(np.random.default_rng().uniform(0, 0.1))
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert path.exists()
    assert bytes_of(run(checkpoint=path)) == whole()


def test_ctrl_c_waits_for_the_end_of_an_interval(tmp_path):
    path = tmp_path / "run.npz"
    process = _begun(path)
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=60)[1]
    first = []
    output = run(checkpoint=path, progress=lambda done, total: first.append(done))
    # not from interval 50, where it was kept last
    assert first[0] > 52
    assert bytes_of(output) == whole()


def test_others_who_catch_ctrl_c_are_left_alone():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupt_held_back() as pressed:
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            assert not pressed()
    finally:
        signal.signal(signal.SIGINT, before)


def test_checkpoint_of_another_run_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    write_checkpoint(path, {"a": np.arange(3.0)}, "this")
    assert np.array_equal(read_checkpoint(path, "this")["a"], np.arange(3.0))
    with pytest.raises(StorageError, match="other particles or settings"):
        run(checkpoint=path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(StorageError, match="cannot be read"):
        run(checkpoint=path)
    with pytest.raises(StorageError, match="cannot be written"):
        write_checkpoint(tmp_path / "nowhere" / "run.npz", {}, "this")
    assert list(tmp_path.iterdir()) == [path]


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_particle_that_is_no_number_is_named():
    speed = start().speed.copy()
    speed[321] = np.nan
    with pytest.raises(ConvergenceError, match=r"particle 321 .* is nowhere"):
        run(replace(start(), speed=speed))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"times": (1.0, 0.5)}, "ascending"),
        ({"times": (0.0, 0.5)}, "ascending"),
        ({"lifetime": 0.0}, "lifetime"),
        ({"mass_loss": 1.5}, "mass_loss"),
        ({"accuracy": 0.0}, "accuracy"),
        ({"smoothing": -1.0}, "smoothing"),
        ({"interval": 0.0}, "interval"),
        ({"interval": 1e-9}, "intervals"),
        ({"decay_time": np.zeros(3)}, "decay times"),
        ({"activation": np.full(1500, -1.0)}, "activation times"),
        ({"baryons_gm": np.zeros(3)}, "baryons_gm"),
        ({"baryons_gm": np.linspace(1, 0, 370)}, "baryons_gm"),
    ],
)
def test_what_is_no_run_is_refused(settings, message):
    with pytest.raises(InputError, match=message):
        run(**settings)


# -- small parts -------------------------------------------------------------------------------------------------------


def test_unit_of_time_is_that_of_the_scale_radius():
    profile = hk.NFWProfile(r_s=20 * u.kpc, rho_s=6.9e6 * u.Msun / u.kpc**3)
    v_0 = hk.Halo(profile).v0.to_value("km/s")
    # the truncation takes half a per cent from the mass inside r_s
    assert time_unit(parents()) == pytest.approx(20 / v_0, rel=0.005)


def test_schedule_meets_its_times_and_keeps_windows_apart():
    schedule = live_schedule([1.0, 1.2, 3.0], unit=0.1, lifetime=2.0)
    assert schedule.boundaries[schedule.snapshots[:2] + 1] == pytest.approx([1.0, 1.2], abs=1e-12)
    assert schedule.boundaries[-1] == schedule.windows[-1, 1]
    assert schedule.windows[:2].mean(axis=1) == pytest.approx([1.0, 1.2], abs=1e-12)
    assert np.all(schedule.windows[1:, 0] - schedule.windows[:-1, 1] >= 4 * schedule.longest * (1 - 1e-9))
    assert np.diff(schedule.boundaries).max() <= schedule.longest * (1 + 1e-9)
    assert schedule.smoothing == pytest.approx(0.05)  # half a unit is more than two per cent of 2


def test_increasing_is_least_squares_between_two():
    gm = np.array([0.0, 2.0, 1.0, 3.0, 3.0, 2.5, 4.0])
    assert increasing(gm) == pytest.approx([0.0, 1.5, 1.5, 2.75, 2.75, 2.75, 4.0])
    assert np.array_equal(increasing(np.arange(5.0)), np.arange(5.0))


def test_masses_at_the_start_are_those_of_the_profile():
    grid = live_grid(parents())
    own, fixed = initial_gm(parents(), grid)
    radius = np.exp(grid.log_low + grid.step * np.arange(len(own)))
    near = radius < 1e4
    from_halo = parents().halo.circular_speed(radius[near] * u.kpc).value ** 2 * radius[near]
    assert own[near] == pytest.approx(from_halo, rel=1e-9)  # Gauss nodes of either
    assert not np.any(fixed)


def test_file_of_numbers_or_a_broken_archive_is_refused_in_words(tmp_path):
    path = tmp_path / "run.npz"
    np.save(tmp_path / "one.npy", np.arange(3.0))
    (tmp_path / "one.npy").rename(path)
    with pytest.raises(StorageError, match="cannot be read"):
        read_checkpoint(path, "any")
    np.savez_compressed(path, run=np.array("any" * 1000))
    content = bytearray(path.read_bytes())
    # behind the name of the first member, where its compressed bytes begin
    begin = content.index(b"run.npy") + len("run.npy") + 20
    content[begin : begin + 8] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(StorageError, match="cannot be read"):
        read_checkpoint(path, "any")
