"""From a run file with a [batch] section to the tasks of a batch."""

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from pathlib import Path

from halokick.study import build
from halokick.study.batch_task import Task, count_chunks
from halokick.study.config import RunConfig, read_tables
from halokick.study.config_problems import Problem, RunFileError, unknown_key
from halokick.study.config_text import override, parse, placed, to_toml

TITLE = "batch"
_KEYS = ("grid", "zip", "chunks_per_task")
_MOST_TASKS = 1_000_000
_SHOWN = 10
"""Problems of grid points that are shown; a mistake in the common part would appear once for each."""


@dataclass(frozen=True)
class BatchPlan:
    """What a batch has to do.

    Attributes
    ----------
    kind : str
        ``"grid"``: each task is a study. ``"particles"``: each task follows some chunks of one study's particles.
    tasks : tuple of Task
    columns : dict of str to tuple of str
        Key of the grid to its value in each task, as TOML.
    run_file : str
        The resolved run file, for people: common part, grid, and checksums of the files it names.
    checksum : str
        Of everything on which the answers depend.
    config : RunConfig
        Of the first task.
    """

    kind: str
    tasks: tuple
    columns: dict
    run_file: str
    checksum: str
    config: RunConfig

    def left(self, ledger):
        """Tasks without an answer that counts, given what is done: tuple of Task."""
        if self.kind == "grid":
            return tuple(task for task in self.tasks if task.index not in ledger.done)
        highest = Counter()
        for task in self.tasks:
            if task.index in ledger.done:
                highest[task.kick] = max(highest[task.kick], ledger.done[task.index].level)
        return tuple(
            replace(task, level=highest[task.kick])
            for task in self.tasks
            if task.index not in ledger.done or ledger.done[task.index].level < highest[task.kick]
        )

    def point(self, index):
        """The grid's values of a task, in words."""
        return ", ".join(f"{key} = {values[index]}" for key, values in self.columns.items())


def has_batch(path):
    """Whether a run file has a [batch] section; False too for one that cannot be read."""
    try:
        return TITLE in parse(Path(path).read_text(encoding="utf-8"))[0]
    except (OSError, ValueError):
        return False


def read_batch(path, overrides=()):
    """Read the run file of a batch.

    Parameters
    ----------
    path : str or Path
    overrides : sequence of str
        ``section.key=value``, put on top of the file; a key of the grid has its values from the grid.

    Returns
    -------
    BatchPlan

    Raises
    ------
    RunFileError
        With everything that is wrong, the impossible points of the grid named.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(
            "file", f"cannot be read ({error})", "a run file; halokick init batch > batch.toml writes one"
        )
        raise RunFileError(path, [problem]) from error
    return parse_batch(text, overrides, source=str(path))


def parse_batch(text, overrides=(), source="run file"):
    """Read the text of a batch's run file; see `read_batch`."""
    tables, problems = parse(text)
    if problems:
        raise RunFileError(source, problems)
    tables, problems = override(tables, overrides)
    batch = tables.pop(TITLE, {})
    axes, found = _axes(batch)
    problems += found
    if problems:
        raise RunFileError(source, problems)
    if axes:
        return _grid(tables, axes, source)
    return _particles(tables, batch.get("chunks_per_task", 1), source)


def _axes(batch):
    """The axes of the grid: list of dict of key to values, the keys of one advancing together; and problems."""
    if not isinstance(batch, dict):
        return [], [Problem(TITLE, "not a section", "[batch.grid] with lists of values", batch)]
    problems = [unknown_key(f"{TITLE}.{key}", value, _KEYS) for key, value in batch.items() if key not in _KEYS]
    grid, wrong = _lists(batch.get("grid", {}), f"{TITLE}.grid")
    problems += wrong
    together, wrong = _lists(batch.get("zip", {}), f"{TITLE}.zip")
    problems += wrong
    for key in grid.keys() & together.keys():
        problems.append(Problem(f"{TITLE}.zip.{key}", "in [batch.grid] already", "each key once"))
    problems += _replaced([*grid, *together])
    if len({len(values) for values in together.values()}) > 1:
        lengths = ", ".join(f"{key} has {len(values)}" for key, values in together.items())
        problems.append(Problem(f"{TITLE}.zip", f"lists of different lengths: {lengths}", "lists of one length"))
    count = batch.get("chunks_per_task", 1)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 10**6:
        problems.append(Problem(f"{TITLE}.chunks_per_task", "not allowed", "a whole number from 1", count))
    if "chunks_per_task" in batch and (grid or together):
        said = "goes with a study whose particles are divided, not with a grid"
        problems.append(Problem(f"{TITLE}.chunks_per_task", said, "a grid, or chunks_per_task", count))
    return [{key: values} for key, values in grid.items()] + ([together] if together else []), problems


def _replaced(keys):
    """Keys that would be lost, as a later one stands for all of the table or list that they are in."""
    for place, key in enumerate(keys):
        for later in keys[place + 1 :]:
            if key.startswith(f"{later}."):
                said = f"would be replaced by {later}, which comes after it"
                yield Problem(f"{TITLE}.{key}", said, f"{later} first, or in [batch.grid] if this is in [batch.zip]")


def _lists(table, title):
    """Lists of values by dotted key; the key may be quoted or be made of tables."""
    if not isinstance(table, dict):
        return {}, [Problem(title, "not a section", 'lists of values, like "halo.gamma" = [0.8, 1.0, 1.2]', table)]
    found, problems = {}, []
    for key, value in table.items():
        if isinstance(value, dict):
            inside, wrong = _lists({f"{key}.{name}": item for name, item in value.items()}, title)
            twice = found.keys() & inside.keys()
            problems += [Problem(f"{title}.{name}", "given twice", "each key once", inside[name]) for name in twice]
            found |= inside
            problems += wrong
        elif not isinstance(value, list) or not value:
            said = "not a list of values" if not isinstance(value, list) else "an empty list"
            problems.append(Problem(f"{title}.{key}", said, "the values that the key takes in turn", value))
        elif key.count(".") == 0 or key.split(".")[0] in (TITLE, "output"):
            problems.append(Problem(f"{title}.{key}", "not a key of a study", 'section and key, like "halo.gamma"'))
        elif key in found:
            problems.append(Problem(f"{title}.{key}", "given twice", "each key once", value))
        else:
            found[key] = value
    return found, problems


def _grid(tables, axes, source):
    count = prod(len(next(iter(axis.values()))) for axis in axes)
    if count > _MOST_TASKS:
        raise RunFileError(source, [Problem(f"{TITLE}.grid", f"{count} points", f"at most {_MOST_TASKS}")])
    places = product(*(range(len(next(iter(axis.values())))) for axis in axes))
    columns = {key: [] for axis in axes for key in axis}
    tasks, problems, first, files = [], {}, None, set()
    for index, place in enumerate(places):
        point = {key: values[i] for axis, i in zip(axes, place, strict=True) for key, values in axis.items()}
        for key, value in point.items():
            columns[key].append(_as_toml(value))
        try:
            config = read_tables(_with(tables, point), source=source)
        except RunFileError as error:
            for problem in error.problems:
                problems.setdefault(str(problem), (problem, index))
            continue
        first = first or config
        files |= set(_files(config))
        tasks.append(Task(index, config.to_toml(), _anywhere(source)))
    if problems:
        raise RunFileError(source, _shown(problems, columns, count))
    lines = [f"# {count} tasks", f"[{TITLE}]"]
    for axis in axes:
        word = "grid" if len(axis) == 1 else "zip"
        lines += [f'{word}."{key}" = {_as_toml(values)}' for key, values in axis.items()]
    return _plan("grid", tasks, {key: tuple(values) for key, values in columns.items()}, lines, files, first)


def _shown(problems, columns, count):
    found = []
    for problem, index in list(problems.values())[:_SHOWN]:
        where = ", ".join(f"{key} = {values[index]}" for key, values in columns.items())
        found.append(replace(problem, said=f"{problem.said} (in task {index} of {count}: {where})"))
    if len(problems) > _SHOWN:
        found.append(Problem(f"{TITLE}.grid", f"{len(problems) - _SHOWN} more problems", "a grid of possible studies"))
    return found


def _particles(tables, together, source):
    config = read_tables(tables, source=source)
    if config.halo is None or config.method.name != "orbits":
        said = 'missing, and the study follows no particles that could be divided (method.name = "orbits")'
        allowed = 'a [batch.grid] section with lists of values, like "halo.gamma" = [0.8, 1.0, 1.2]; or halokick run'
        raise RunFileError(source, [Problem(f"{TITLE}.grid", said, allowed)])
    text = config.to_toml()
    chunks = count_chunks(text, _anywhere(source))
    places = [
        (kick, tuple(range(start, min(start + together, chunks))))
        for kick in range(len(build.kicks(config.decay)))
        for start in range(0, chunks, together)
    ]
    tasks = [Task(index, text, _anywhere(source), kick, some) for index, (kick, some) in enumerate(places)]
    lines = [
        f"# {len(tasks)} tasks of up to {together} of the {chunks} chunks of each kick",
        f"[{TITLE}]",
        f"chunks_per_task = {together}",
    ]
    return _plan("particles", tasks, {}, lines, set(_files(config)), config)


def _plan(kind, tasks, columns, lines, files, first):
    lines += [f"# sha256 of {path.name}: {_checksum(path)}" for path in sorted(files)]
    head = "\n".join(lines)
    everything = "\0".join([kind, head, *(f"{task.kick} {task.chunks} {task.run_file}" for task in tasks)])
    return BatchPlan(
        kind=kind,
        tasks=tuple(tasks),
        columns=columns,
        run_file=f"{head}\n\n# the first task\n{first.to_toml()}",
        checksum=hashlib.sha256(everything.encode()).hexdigest(),
        config=first,
    )


def _with(tables, point):
    """Tables with the values of a grid point; tables that are changed are copied."""
    for key, value in point.items():
        tables = placed(tables, key.split("."), value)
    return tables


def _as_toml(value):
    return to_toml({"section": {"key": value}}).partition(" = ")[2].rstrip("\n")


def _anywhere(source):
    """Where the run file stands, for workers in other folders."""
    return str(Path(source).absolute())


def _files(config):
    """Data files that a study reads."""
    if config.halo is not None and config.halo.table is not None:
        yield config.folder / config.halo.table
    if config.dwarfs is not None and config.dwarfs.catalogue != "builtin":
        yield config.folder / config.dwarfs.catalogue
    if config.flux is not None and config.flux.table is not None:
        yield config.folder / config.flux.table
    if config.limits is not None:
        for name in (config.limits.table, config.limits.measured_j, *(config.limits.likelihoods or ())):
            if name is not None:
                yield config.folder / name


def _checksum(path):
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "no such file"  # its task says so better
