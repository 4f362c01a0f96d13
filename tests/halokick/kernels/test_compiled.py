"""The kernel decorator: plain Python is the judge of the numbers, and no state of the disk may change or stop them."""

import importlib.util
import os
import shutil
import subprocess
import sys
import textwrap
import warnings
from itertools import count
from pathlib import Path

import numba
import numpy as np
import pytest

from halokick.kernels import compiled

_SOURCE = """
    import numpy as np
    from numba import prange
    from compiled import kernel

    @kernel
    def square(x):
        return x * x

    @kernel(parallel=True)
    def sum_of_squares(x):
        total = 0.0
        for i in prange(x.size):
            total += square(x[i])
        return total
"""
# The decorator is imported without the package around it, which would bring galpy and its start-up into each process.
_CALL = """
    import warnings
    import numpy as np
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        from source import square, sum_of_squares
        change()
        answer = sum_of_squares(np.arange(4.0)), square(3.0)
    assert answer == (14.0, 9.0), answer
    hits = sum(sum(f.stats.cache_hits.values()) for f in (square, sum_of_squares))
    print(len([w for w in told if "NUMBA_CACHE_DIR" in str(w.message)]), hits)
"""
_numbers = count()


@pytest.fixture
def source(tmp_path):
    """A module with two kernels, in a folder of its own."""
    path = tmp_path / "code" / "source.py"
    path.parent.mkdir()
    path.write_text(textwrap.dedent(_SOURCE))
    return path


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder for the kernels made in this test, and no warning told yet."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(folder))
    monkeypatch.setattr(compiled, "_told", [])
    monkeypatch.setitem(sys.modules, "compiled", compiled)
    return folder


def _load(path):
    """The module at `path`, read anew: its kernels have machine code only if the disk had it."""
    spec = importlib.util.spec_from_file_location(f"kernel_source_{next(_numbers)}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _hits(function):
    return sum(function.stats.cache_hits.values())


def _files(folder):
    return sorted(folder.rglob("*.nbc"))


def _another_process(source, environment, change="pass"):
    """Warnings about the cache, and cache hits, of a new process that calls both kernels and checks their answers."""
    code = f"def change():\n    {change}\n" + textwrap.dedent(_CALL)
    search = os.pathsep.join([str(source.parent), str(Path(compiled.__file__).parent)])
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": search, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return tuple(int(word) for word in run.stdout.splitlines()[-1].split())


def test_a_kernel_computes_what_python_computes(source, cache):
    module = _load(source)
    assert module.square(1.5) == module.square.py_func(1.5) == 2.25
    assert module.sum_of_squares(np.arange(5.0)) == 30.0


def test_division_by_zero_and_nan_are_not_lost(source, cache):
    # With fastmath LLVM may assume that neither exists, and fold isnan to False.
    source.write_text(
        "import math\nfrom compiled import kernel\n@kernel\ndef probe(x):\n    return 1.0 / x, math.isnan(x / x)\n"
    )
    assert _load(source).probe(0.0) == (np.inf, True)


def test_a_kernel_may_be_compiled_later_than_what_it_calls(source, tmp_path):
    source.write_text(
        textwrap.dedent(_SOURCE) + "\n@kernel\ndef cube(x):\n    return x * square(x)\n\n"
        "@kernel\ndef sum_of_cubes(x):\n    return cube(x[0]) + cube(x[1])\n"
    )
    environment = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    later = "import source; assert source.sum_of_cubes(np.array([2.0, 3.0])) == 35.0"
    _another_process(source, environment)
    # square comes from disk when cube is compiled, and cube when it is called by itself; then all are read
    _another_process(source, environment, change="import source; assert source.cube(2.0) == 8.0")
    for _ in range(3):
        _another_process(source, environment, change=later)


def test_a_second_process_takes_the_code_from_disk(source, tmp_path):
    environment = {"NUMBA_CACHE_DIR": str(tmp_path / "not" / "yet" / "there")}
    assert _another_process(source, environment) == (0, 0)
    assert _another_process(source, environment) == (0, 2)


def test_whether_machine_code_is_on_disk_is_known(source, cache):
    module = _load(source)
    assert not compiled.is_kept(module.square)
    assert not compiled.is_kept(len)
    module.square(2.0)
    assert compiled.is_kept(module.square)
    assert compiled.is_kept(_load(source).square)
    assert not compiled.is_kept(module.sum_of_squares)


def test_without_any_writable_folder_one_warning_and_the_right_numbers(source, tmp_path):
    # Files in the place of folders: unlike permissions, they also stop a superuser.
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    (source.parent / "__pycache__").write_text("")
    environment = {"NUMBA_CACHE_DIR": str(blocked), "XDG_CACHE_HOME": str(blocked), "HOME": str(blocked)}
    assert _another_process(source, environment) == (1, 0)


def test_an_unusable_cache_dir_falls_back_to_the_next_folder(source):
    environment = {"NUMBA_CACHE_DIR": "/proc/no/such/place"}
    assert _another_process(source, environment) == (0, 0)
    assert _another_process(source, environment) == (0, 2)
    assert _files(source.parent / "__pycache__")


def test_a_full_disk_costs_one_warning_and_leaves_no_fragments(source, tmp_path):
    # A limit on file size stands in for a full disk: files can be made, but writing them fails half-way.
    cache = tmp_path / "cache"
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))"
    assert _another_process(source, {"NUMBA_CACHE_DIR": str(cache)}, change=limit) == (1, 0)
    assert [path for path in cache.rglob("*") if path.is_file()] == []


def test_a_cache_folder_removed_after_import_is_made_again(source, cache):
    module = _load(source)
    shutil.rmtree(cache)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert module.square(3.0) == 9.0
    assert len(_files(cache)) == 1


def test_a_cache_folder_replaced_after_import_costs_one_warning(source, cache):
    module = _load(source)
    shutil.rmtree(cache)
    cache.write_text("")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        answers = module.square(3.0), module.sum_of_squares(np.arange(4.0))
    assert answers == (9.0, 14.0)
    assert [warning.category for warning in told] == [RuntimeWarning]
    assert "NUMBA_CACHE_DIR" in str(told[0].message)


@pytest.mark.parametrize("damage", ["empty", "truncated", "one bit", "foreign"])
def test_a_damaged_file_is_compiled_again_and_mended(source, cache, damage):
    _load(source).square(3.0)
    (path,) = _files(cache)
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(
        {
            "empty": b"",
            "truncated": whole[:middle],
            "one bit": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            "foreign": b"not machine code at all",
        }[damage]
    )
    again = _load(source)
    assert again.square(3.0) == 9.0
    assert _hits(again.square) == 0
    third = _load(source)
    assert third.square(3.0) == 9.0
    assert _hits(third.square) == 1


def test_a_whole_file_that_cannot_be_unpickled_costs_one_warning(source, cache, monkeypatch):
    _load(source).square(3.0)

    def refuse(_):
        raise AttributeError("a class that has moved")

    again = _load(source)
    monkeypatch.setattr(compiled.pickle, "loads", refuse)
    with pytest.warns(RuntimeWarning, match="a class that has moved"):
        assert again.square(3.0) == 9.0


def test_each_signature_has_its_own_file(source, cache):
    module = _load(source)
    assert module.square(3.0) == 9.0
    assert module.square(3) == 9
    assert len(_files(cache)) == 2
    again = _load(source)
    assert (again.square(0.5), again.square(4)) == (0.25, 16)
    assert _hits(again.square) == 2


def test_two_functions_of_one_name_do_not_share_code(source, cache):
    # Their byte code is the same; only a constant differs.
    source.write_text(
        "from compiled import kernel\n"
        "@kernel\ndef f(x):\n    return x + 1.0\nfirst = f\n"
        "@kernel\ndef f(x):\n    return x + 2.0\n"
    )
    for _ in range(2):
        module = _load(source)
        assert (module.first(0.0), module.f(0.0)) == (1.0, 2.0)


def test_an_edit_of_a_called_kernel_in_another_file_is_noticed(tmp_path):
    # numba alone goes on returning 1.0: it looks at the caller's file only.
    folder = tmp_path / "kernels"
    folder.mkdir()
    shutil.copy(compiled.__file__, folder)
    (folder / "caller.py").write_text(
        "from compiled import kernel\nfrom callee import value\n"
        "@kernel\ndef call():\n    return value()\nprint(call())\n"
    )
    answers = []
    for number in (1.0, 2.0):
        (folder / "callee.py").write_text(f"from compiled import kernel\n@kernel\ndef value():\n    return {number}\n")
        run = subprocess.run(
            [sys.executable, "-c", "import caller"],
            env={**os.environ, "PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=True,
        )
        answers.append(float(run.stdout))
    assert answers == [1.0, 2.0]
    # The files of the older source are gone: one each for the caller and the callee is left.
    assert len(_files(tmp_path / "cache")) == 2


def test_flushing_removes_the_files_of_one_function(source, cache):
    module = _load(source)
    module.sum_of_squares(np.arange(4.0))
    module.square(3.0)
    module.square._cache.flush()
    assert [path.name.split(".")[1] for path in _files(cache)] == ["sum_of_squares"]
