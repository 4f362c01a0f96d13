"""Tasks on a Dask cluster: the only place that knows Dask, and only when it is asked for."""

import time

from halokick.errors import BatchError
from halokick.study.batch_processes import cores, deaf_to_interrupts
from halokick.study.batch_task import Outcome, own_versions, run_task

LOCAL = "local"
"""Instead of an address: a cluster on this machine, of our own."""
_AHEAD = 4
"""Tasks that wait at the scheduler for each thread of the cluster."""
_HEARTBEAT, _CONNECT = 0.2, "20s"
_MISSING = "--scheduler needs Dask, which is not installed here; pip install 'halokick[batch]'"


class DaskCluster:
    """Workers of a Dask cluster.

    Dask schedules: it moves the tasks of workers that leave, and gives up on a task that takes its workers with it.

    Parameters
    ----------
    address : str
        Of the scheduler, like ``tcp://node01:8786``; the path of its scheduler file; or ``local``.
    workers : int
        Of the local cluster.

    Raises
    ------
    BatchError
        Dask is not installed.
    """

    def __init__(self, address, workers=1):
        try:
            import distributed  # here alone, and late: it is an extra
        except ImportError as error:
            raise BatchError(_MISSING) from error
        self._distributed = distributed
        self.address = address
        self.workers = workers

    def outcomes(self, tasks):
        """Do tasks, in any order.

        Yields
        ------
        list of Outcome
            As they come; empty now and then.

        Raises
        ------
        BatchError
            No scheduler there, or it went away; a worker has other versions of our packages.
        """
        with self._client() as client:
            waiting = iter(tasks)
            index_of = {}
            running = self._distributed.as_completed()

            def fill():
                for task in waiting:
                    future = client.submit(run_task, task, pure=False, key=f"halokick-{task.index}-{time.time_ns()}")
                    index_of[future.key] = task.index
                    running.add(future)
                    if len(index_of) >= _AHEAD * max(1, sum(client.nthreads().values())):
                        return

            fill()
            while index_of:
                found = []
                while running.has_ready():
                    for future in running.next_batch(block=False):
                        found.append(checked(future, index_of.pop(future.key)))
                yield found
                if client.status != "running":
                    raise BatchError(f"the Dask scheduler at {self.address} is gone")
                if found:
                    fill()
                else:
                    time.sleep(_HEARTBEAT)

    def _client(self):
        client = self._distributed.Client
        try:
            if self.address == LOCAL:
                with deaf_to_interrupts():
                    return client(
                        n_workers=self.workers,
                        threads_per_worker=1,
                        dashboard_address=None,
                        env={"NUMBA_NUM_THREADS": str(max(1, cores() // self.workers))},
                    )
            if self.address.endswith(".json"):
                return client(scheduler_file=self.address, timeout=_CONNECT)
            return client(self.address, timeout=_CONNECT)
        except (OSError, ValueError, ImportError) as error:
            raise BatchError(
                f"there is no Dask scheduler at {self.address} ({error}); give the address that "
                "dask scheduler prints, like tcp://node01:8786, its scheduler file, or local"
            ) from error


def checked(future, index):
    """The outcome of a task, if its worker is like us; what Dask gave up has failed."""
    if future.status != "finished":
        error = future.exception() if future.status == "error" else None
        return Outcome(index, None, f"given up by Dask: {error or future.status}")
    outcome = future.result()
    ours = own_versions()
    others = {name: version for name, version in outcome.versions.items() if version != ours.get(name)}
    if others:
        here = ", ".join(f"{name} {ours.get(name)}" for name in others)
        there = ", ".join(f"{name} {version}" for name, version in others.items())
        raise BatchError(
            f"worker {outcome.worker} has {there}, this machine has {here}: the answer would depend on who found it. "
            "Install the same versions on all machines"
        )
    return outcome
