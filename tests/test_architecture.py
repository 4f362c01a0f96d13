"""The house rules that a machine can check, on the source tree that holds this file."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = {
    str(path.relative_to(ROOT)): path
    for package in ("halokick", "cosmology")
    for path in sorted((ROOT / package).rglob("*.py"))
}
KERNELS = [name for name in MODULES if name.startswith("halokick/kernels/") and not name.endswith("/compiled.py")]

# Plain functions that make the tables which kernels read: they run once per table, in NumPy.
TABLE_MAKERS = {
    "halokick/kernels/bits.py": {"cell_edges", "fit", "fit_nodes"},
    "halokick/kernels/multipole.py": {"pairs", "columns", "_look_up"},
    "halokick/kernels/live_field.py": {"edges_of", "new_field"},
    "halokick/kernels/live_tables.py": {"new_table"},
    # what `intrinsic`s are written with
    "halokick/kernels/elementary.py": {"arc_cosine_of"},
    "halokick/kernels/log_rows.py": {"look_ups"},
    "halokick/kernels/radial_lanes.py": {"_cosine_sums", "_series_of"},
    "halokick/kernels/radial_shares.py": {"_times_of"},
    "halokick/kernels/vectors.py": {"transposed", "horner", "value_and_slope"},
}

# Parts of a library that have doors of their own; import-linter sees whole libraries only.
DOORS = {
    "astropy.io": {"halokick/sky/map_files.py"},
    "astropy.wcs": {"halokick/sky/wcs_grid.py"},
    "astropy.constants": {"halokick/units.py", "cosmology/units.py"},
    "astropy.units": {"halokick/units.py", "cosmology/units.py"},
    "astropy.table": {"halokick/study/tables.py", "halokick/sky/catalogue.py"},
}


def tree(name):
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def imported(node):
    """Dotted names that an import statement may refer to: `from a import b` gives a.b."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module or ''}.{alias.name}" for alias in node.names]
    return []


def decorator_names(function):
    called = (node.func if isinstance(node, ast.Call) else node for node in function.decorator_list)
    return {node.id for node in called if isinstance(node, ast.Name)}


def test_the_import_contracts_of_pyproject_hold():
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
            "--no-logo",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"Contracts: \d\d+ kept, 0 broken", run.stdout), run.stdout


@pytest.mark.parametrize("name", MODULES)
def test_one_idea_per_file(name):
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("name", MODULES)
def test_parts_of_astropy_come_through_their_doors(name):
    for node in ast.walk(tree(name)):
        for target in imported(node):
            if target.split(".")[0] == "astropy":
                part = ".".join(target.split(".")[:2])
                assert name in DOORS.get(part, ()), f"line {node.lineno} imports {target}"


@pytest.mark.parametrize("name", [name for name in MODULES if name != "halokick/cli.py"])
def test_no_import_inside_a_function_dodges_a_circle(name):
    for function in ast.walk(tree(name)):
        if isinstance(function, ast.FunctionDef):
            inner = [target for node in ast.walk(function) for target in imported(node)]
            own = [target for target in inner if target.split(".")[0] in ("halokick", "cosmology")]
            assert not own, f"{function.name} imports {own}"


@pytest.mark.parametrize("name", [name for name in MODULES if name != "halokick/cli.py"])
def test_only_the_command_line_prints(name):
    calls = [node for node in ast.walk(tree(name)) if isinstance(node, ast.Call)]
    assert not [node.lineno for node in calls if isinstance(node.func, ast.Name) and node.func.id == "print"]


@pytest.mark.parametrize("name", MODULES)
def test_no_fastmath(name):
    # With it, isnan(nan) is False.
    keywords = [node for node in ast.walk(tree(name)) if isinstance(node, ast.keyword)]
    assert "fastmath" not in {node.arg for node in keywords}


@pytest.mark.parametrize("name", MODULES)
def test_nothing_is_left_unfinished(name):
    unfinished = re.compile("TO" + "DO|FIX" + "ME|raise NotImplemented" + "Error|pragma: no " + "cover")
    assert not unfinished.findall(MODULES[name].read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", KERNELS)
def test_every_function_of_the_kernels_is_compiled(name):
    functions = [node for node in tree(name).body if isinstance(node, ast.FunctionDef)]
    plain = {node.name for node in functions if not decorator_names(node) & {"kernel", "intrinsic"}}
    assert plain == TABLE_MAKERS.get(name, set())


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_are_compiled_in_one_way_and_draw_no_random_numbers(name):
    targets = {target for node in ast.walk(tree(name)) for target in imported(node)}
    assert not targets & {"numba.jit", "numba.njit", "numba.vectorize", "numba.guvectorize", "random"}
    attributes = {node.attr for node in ast.walk(tree(name)) if isinstance(node, ast.Attribute)}
    assert not attributes & {"jit", "njit", "random"}


def is_parallel(function):
    calls = [node for node in function.decorator_list if isinstance(node, ast.Call)]
    return any(
        word.arg == "parallel" and getattr(word.value, "value", False) for node in calls for word in node.keywords
    )


def test_no_kernel_calls_a_parallel_one():
    # The machine code of such a caller, if the parallel kernel came from disk when it was made, lacks the loops: the
    # process that reads it from disk crashes.
    functions = [(name, node) for name in KERNELS for node in ast.walk(tree(name)) if isinstance(node, ast.FunctionDef)]
    parallel = {node.name for _, node in functions if is_parallel(node)}
    assert len(parallel) > 20
    for name, function in functions:
        called = {
            node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and hasattr(node.func, "id")
        }
        assert not called & parallel, f"{name}: {function.name} calls {called & parallel}"


@pytest.mark.parametrize("package", ["halokick", "cosmology"])
def test_every_public_name_says_what_it_is(package):
    module = importlib.import_module(package)
    assert module.__doc__
    assert module.__all__
    for name in module.__all__:
        thing = getattr(module, name)
        if not (inspect.isclass(thing) or callable(thing)):
            continue
        assert inspect.getdoc(thing), name
        if inspect.isclass(thing):
            for method, member in vars(thing).items():
                if callable(member) or isinstance(member, property):
                    assert method.startswith("_") or inspect.getdoc(getattr(thing, method)), f"{name}.{method}"


def test_no_file_names_a_folder_of_somebody_s_machine():
    # Bracketed, so that this line does not find itself.
    machine = re.compile(r"(?<![\w.])/(w[o]rk|t[m]p|r[o]ot|U[s]ers|h[o]me/[a-z])\b/?")
    kinds = {".cff", ".csv", ".ecsv", ".md", ".py", ".toml", ".txt", ""}
    files = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in ("halokick", "cosmology", "tests", "runs", "docs", "benchmarks", ".ci"):
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    found = []
    for path in files:
        made = {"__pycache__", ".ruff_cache", ".pytest_cache", "out"} & set(path.relative_to(ROOT).parts)
        if path.suffix in kinds and not made:
            lines = path.read_text(encoding="utf-8").splitlines()
            found += [
                f"{path.relative_to(ROOT)}:{i}: {line}" for i, line in enumerate(lines, 1) if machine.search(line)
            ]
    assert not found, "\n".join(found)
