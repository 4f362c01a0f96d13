"""What a batch gives when its tasks are done: one J-factor table of a grid, or the products of a divided study."""

from halokick.study.batch_particles import whole_study
from halokick.study.folder import write_products
from halokick.study.screen import short_tables
from halokick.study.table_merge import merged_table, read_sources, shown, write_merged

_FORMATS = ("ecsv", "fits")


def write_batch_products(plan, summary, plot, progress=None):
    """Write them beside the batch's file.

    Parameters
    ----------
    plan : BatchPlan
    summary : Summary
    plot : callable (result, folder)
        Makes the pictures of a divided study.
    progress : object, optional
        As in `run`.

    Returns
    -------
    text : list of str
        Main numbers, for a terminal.
    written : list of Path
    """
    folder, missing = summary.path.parent, summary.tasks - summary.done
    if plan.kind == "particles":
        if missing:
            return [f"{missing} tasks are missing, so the study has no result yet"], [summary.path]
        result = whole_study(plan, summary.path, progress)
        return [short_tables(result)], [summary.path, *write_products(result, folder, plot)]
    sources, files = read_sources([summary.path])
    if not any(source.result.sky is not None or source.result.dwarfs is not None for source in sources):
        return [], [summary.path]
    table = merged_table(sources, files)
    written = [folder / f"jfactors.{ending}" for ending in _FORMATS]
    for path in written:
        write_merged(table, path)
    return [shown(table)], [summary.path, *written]
