"""Tasks on this machine, in processes of their own: one that dies costs the task it had, and that is done again."""

import multiprocessing
import os
import signal
import threading
import warnings
from collections import Counter, deque
from contextlib import contextmanager
from multiprocessing.connection import wait

from halokick.errors import BatchError
from halokick.study.batch_task import Outcome, run_task

_TRIES = 3
"""How often a task may take its worker with it."""
_HEARTBEAT = 0.2
"""Seconds after which `outcomes` comes back with nothing, so that its caller can look around."""
_THREADS = "NUMBA_NUM_THREADS"


class Processes:
    """Workers on this machine.

    Parameters
    ----------
    workers : int
    alone : bool
        Let one worker do the first task before the others begin: it compiles the kernels for all of them.
    """

    def __init__(self, workers, *, alone=False):
        self.workers = workers
        self.alone = alone

    def outcomes(self, tasks):
        """Do tasks, in any order.

        Yields
        ------
        list of Outcome
            As they come; empty now and then.

        Raises
        ------
        BatchError
            Workers die, one after the other, before any of them has done anything.
        """
        waiting, tries, deaths = deque(tasks), Counter(), 0
        working, idle = {}, []
        something_done = not self.alone
        try:
            while waiting or working:
                most = self.workers if something_done else 1
                while waiting and len(working) < most:
                    worker = idle.pop() if idle else _Worker(max(1, cores() // self.workers))
                    worker.give(waiting.popleft())
                    working[worker.connection] = worker
                found = []
                for connection in wait(list(working), timeout=_HEARTBEAT):
                    worker = working.pop(connection)
                    try:
                        found.append(connection.recv())
                        idle.append(worker)
                        something_done = True
                        deaths = 0
                    except (EOFError, OSError):
                        deaths += 1
                        death = worker.bury()
                        tries[worker.task.index] += 1
                        if deaths >= _TRIES * (self.workers + 1):
                            raise BatchError(
                                f"{deaths} workers died one after the other (the last one {death}); "
                                "with fewer --workers each has more memory"
                            ) from None
                        if tries[worker.task.index] < _TRIES:
                            waiting.appendleft(worker.task)
                        else:
                            text = f"its worker died {_TRIES} times, {death}"
                            found.append(Outcome(worker.task.index, None, text))
                yield found
        finally:
            for worker in [*working.values(), *idle]:
                worker.end()


class _Worker:
    def __init__(self, threads):
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(other,), daemon=True)
        with deaf_to_interrupts(), _deaf_to_trackers(), _environment(_THREADS, str(threads)):
            self.process.start()
        other.close()  # so that the end of the process is the end of the pipe
        self.task = None

    def give(self, task):
        self.task = task
        try:
            self.connection.send(task)
        except OSError:
            return  # it is dead, which its end of the pipe will tell

    def bury(self):
        """How it ended, in words."""
        self.process.join(timeout=5)
        code = self.process.exitcode
        self.end()
        if code is not None and code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else "unknown"
            why = "; the machine may have run out of memory" if -code == signal.SIGKILL else ""
            return f"ended by signal {-code} ({name}){why}"
        return f"with exit status {code}"

    def end(self):
        self.connection.close()
        self.process.kill()
        self.process.join()
        self.process.close()


def _serve(connection):
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            connection.send(run_task(connection.recv()))
        except (EOFError, OSError):
            return


def _end_with_parent():
    """Nobody wants the answer once the parent is gone."""
    wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


@contextmanager
def deaf_to_interrupts():
    """Processes started inside this block do not hear Ctrl-C: their parent does, and ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _deaf_to_trackers():
    """Where Python's watcher of shared memory was killed, a new one is started, and that is all there is to it.

    Workers share no memory. On a machine that runs out of it, the kernel may pick the watcher, and Python then warns.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="resource_tracker: process died unexpectedly", category=UserWarning)
        yield


@contextmanager
def _environment(name, value):
    before = os.environ.get(name)
    # what the user set for one process would be set for each of many
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def cores():
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
