"""A three-dimensional halo whose snapshots go to a folder as they are reached, and a run that can be interrupted."""

from pathlib import Path

from halokick.errors import StorageError
from halokick.live.tree_halo import evolve_tree_halo
from halokick.study.gadget import read_snapshot, write_snapshot
from halokick.study.interrupt import asked_to_stop

_NAME = "snapshot_{:03d}.hdf5"


def run_tree_halo(folder, df, kick, history, *, resume=False, **settings):
    """`evolve_tree_halo` with its snapshots in a folder: ``snapshot_000.hdf5`` (the start), ``snapshot_001.hdf5``, ...

    Ctrl-C, or the end of a job (SIGTERM), leaves all snapshots that were reached; ``resume=True`` goes on from the last
    one, with the very bytes of a run that nobody interrupted. Each file is complete or not there.

    Parameters
    ----------
    folder : str or Path
        Made if need be.
    df, kick, history, settings
        See `evolve_tree_halo`; all the same in a run that is resumed.
    resume : bool
        Go on from the last snapshot in the folder, if there is one.

    Returns
    -------
    TreeHalo

    Raises
    ------
    StorageError
        The folder holds snapshots and `resume` is not set, or the disk refused.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    present = snapshots_in(folder)
    if present and not resume:
        raise StorageError(f"{folder} holds snapshots already; choose another folder, or go on with resume=True")
    count = len(present)

    def keep(snapshot):
        nonlocal count
        write_snapshot(snapshot, folder / _NAME.format(count))
        count += 1

    last = read_snapshot(present[-1]) if present else None
    with asked_to_stop() as stop:
        return evolve_tree_halo(df, kick, history, keep=keep, stop=stop, resume=last, **settings)


def snapshots_in(folder):
    """Paths of a run's snapshots, in order of time."""
    return sorted(Path(folder).glob("snapshot_[0-9]*.hdf5"))
