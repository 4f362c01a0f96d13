"""Progress, provenance, cost, the screen table and the templates: little each, so together."""

import io
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from halokick.study import progress, provenance
from halokick.study.config import parse_config
from halokick.study.cost import cost, in_words
from halokick.study.screen import short_tables
from halokick.study.templates import TEMPLATES

RUNS = Path(__file__).parents[3] / "runs"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_silent_without_a_terminal_or_when_asked(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert type(progress.progress_for(False)) is progress.Silence
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert type(progress.progress_for(True)) is progress.Silence
    assert type(progress.progress_for(False)) is progress.TerminalProgress


def test_terminal_progress_goes_to_standard_error_and_through_all_items(monkeypatch, capsys):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    bar = progress.TerminalProgress()
    assert list(bar.steps([1, 2, 3], "daughters")) == [1, 2, 3]
    bar.say("compiling")
    assert "daughters" in terminal.getvalue()
    assert "compiling" in terminal.getvalue()
    assert capsys.readouterr().out == ""


def test_interrupt_ends_the_process_inside_the_block_and_raises_after_it():
    program = """if True:
        import os, signal, sys
        from halokick.study.interrupt import ends_on_interrupt
        with ends_on_interrupt("not reached"):
            pass
        try:
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(1000000): pass
        except KeyboardInterrupt:
            print("raised", flush=True)
        with ends_on_interrupt("stopped"):
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(1000000): pass
            print("not reached")
    """
    environment = os.environ | {"PYTHONPATH": str(RUNS.parent)}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (130, "raised\n", "stopped\n")


def test_versions_are_those_installed():
    found = provenance.versions()
    assert found["numpy"] == version("numpy")
    assert found["python"].count(".") == 2


def test_commit_is_that_of_git_or_empty():
    top = Path(__file__).parents[3]
    git = subprocess.run(["git", "rev-parse", "HEAD"], cwd=top, capture_output=True, text=True, check=False)
    expected = git.stdout.strip() if git.returncode == 0 else ""
    assert provenance.commit().removesuffix("+changes") == expected


def test_moment_is_utc():
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", provenance.now())


def test_screen_table_shows_each_kick_and_dwarf(result):
    lines = short_tables(result).splitlines()
    row = next(line for line in lines if line.startswith("109 km/s"))
    assert row.split() == ["109", "km/s", "0.5000", "0.5000", "2.500e+20", "5.000e+20", "2.500e+21", *["0.5000"] * 3]
    assert any(line.startswith("Segue 1") and "0.9000" in line for line in lines)


def test_cost_grows_with_the_work():
    one = parse_config('[halo]\nprofile="nfw"\nr_s="1 kpc"\nrho_s="1 Msun/pc3"\n[decay]\nkick_speed="5 km/s"')
    lines, seconds = cost(one, None, compiled=True)
    assert any("5 km/s" in line for line in lines)
    assert cost(one, None, compiled=False)[1] > seconds
    assert [in_words(x) for x in (3.2, 200, 7200)] == ["about 4 s", "about 4 min", "about 2.0 h"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("quick", "quick"),
        ("milky_way", "milky_way_kicks"),
        ("dwarfs", "dwarf_suppression"),
        ("disk", "milky_way_disk"),
        ("sky", "sky_milky_way"),
        ("limits", "dwarf_limits"),
    ],
)
def test_templates_are_good_run_files_and_those_in_runs(kind, name):
    parse_config(TEMPLATES[kind])
    assert (RUNS / f"{name}.toml").read_text() == TEMPLATES[kind]
