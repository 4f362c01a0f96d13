"""One study whose particles were followed in tasks: put together to the result that it would have had in one piece."""

from itertools import count

from halokick.errors import BatchError
from halokick.study.batch_task import sums_of
from halokick.study.run import run
from halokick.study.storage_batch import read_answers, read_ledger


def whole_study(plan, path, progress=None):
    """The result of a study whose particles were followed in tasks; the same to the bit as that of `run`.

    Parameters
    ----------
    plan : BatchPlan
    path : str or Path
        Of the batch's file, with all tasks done.
    progress : object, optional
        As in `run`.

    Returns
    -------
    StudyResult

    Raises
    ------
    BatchError
        Tasks are missing.
    """
    missing = plan.left(read_ledger(path))
    if missing:
        raise BatchError(f"{path}: {len(missing)} of {len(plan.tasks)} tasks are not done; --resume does them")
    kicks = count()  # `run` takes the kicks in their order

    def followed(chunks, progress):
        number = next(kicks)
        sums = {}
        for answer in read_answers(path, [task.index for task in plan.tasks if task.kick == number]):
            sums |= sums_of(answer)
        return [sums[chunk] for chunk in sorted(sums)]

    return run(plan.config, progress, followed)
