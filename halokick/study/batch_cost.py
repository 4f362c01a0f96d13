"""What a batch would cost, before it runs."""

from halokick.halo.df import ErgodicDF
from halokick.study import build
from halokick.study.batch_processes import cores
from halokick.study.config import parse_config
from halokick.study.cost import cost

_SAMPLED = 12
_BEFORE, _RUNNING = 4.0, 0.3
"""Seconds that `cost` counts for imports and pictures, and what a worker that is running needs in their place."""


def batch_cost(plan, workers, *, compiled):
    """Estimated work of a batch.

    Parameters
    ----------
    plan : BatchPlan
    workers : int
        Each on a core of its own.
    compiled : bool
        Whether the kernels are in numba's cache.

    Returns
    -------
    lines : list of str
        What would be done.
    seconds : float
    """
    count = len(plan.tasks)
    # one study knows what compiling costs: its cost with and without
    lines, first = _study(plan.config, compiled=compiled)
    compiling = first - _study(plan.config, compiled=True)[1]
    work = first - compiling - _BEFORE
    if plan.kind == "particles":
        head = [f"tasks: {count}, particles of one study in chunks, {workers} at a time"]
    else:
        # studies of a grid may differ; so many of them, evenly chosen, are enough for a time that nobody knows exactly
        some = plan.tasks[:: -(-count // _SAMPLED)]
        each = [_study(parse_config(task.run_file, source=task.source), compiled=True)[1] for task in some]
        work = count * (sum(each) / len(each) - _BEFORE + _RUNNING)
        grid = [f"  {key}: {', '.join(dict.fromkeys(values))}" for key, values in plan.columns.items()]
        head = [f"tasks: {count} studies, {workers} at a time", *grid, "the first of them:"]
    return [*head, *lines], _BEFORE + compiling + work / min(workers, count)


def default_workers(plan):
    """One worker for each core, as far as there are tasks for them."""
    return max(1, min(cores(), len(plan.tasks)))


def _study(config, *, compiled):
    df = None if config.halo is None else ErgodicDF(build.halo(config.halo, config.folder))
    return cost(config, df, compiled=compiled, cores=1)
