import os
import threading
import time
from itertools import pairwise

import pytest

from halokick.live import threads as live_threads
from halokick.live.threads import over_chunks


def pieces(monkeypatch, count, chunks=64, **settings):
    """Who did what, on so many threads."""
    monkeypatch.setattr(live_threads, "threads", lambda: count)
    done = []

    def work(first, end):
        time.sleep(1e-3)
        done.append((first, end, threading.get_ident()))

    over_chunks(work, chunks, **settings)
    return sorted(done)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64, 200])
@pytest.mark.parametrize("chunks", [64, 63, 5, 1])
def test_every_chunk_is_done_once(monkeypatch, count, chunks):
    done = pieces(monkeypatch, count, chunks)
    assert done[0][0] == 0
    assert done[-1][1] == chunks
    assert all(one[1] == other[0] for one, other in pairwise(done))


def test_work_is_shared(monkeypatch):
    done = pieces(monkeypatch, 2)
    assert len(done) == 8
    assert len({who for _, _, who in done}) == 2


@pytest.mark.parametrize("settings", [{"alone": True}, {}])
def test_short_work_and_one_thread_need_no_other(monkeypatch, settings):
    done = pieces(monkeypatch, 2 if settings else 1, **settings)
    assert done == [(0, 64, threading.get_ident())]


def test_errors_of_threads_are_heard_of(monkeypatch):
    monkeypatch.setattr(live_threads, "threads", lambda: 2)

    caller = threading.get_ident()

    def work(first, end):
        time.sleep(1e-3)
        if threading.get_ident() != caller:
            raise ArithmeticError("in a thread")

    with pytest.raises(ArithmeticError, match="in a thread"):
        over_chunks(work, 64)


def test_after_an_error_nothing_goes_on(monkeypatch):
    monkeypatch.setattr(live_threads, "threads", lambda: 4)
    caller, at_work = threading.get_ident(), []

    def work(first, end):
        if threading.get_ident() == caller:
            raise ArithmeticError("here")
        at_work.append(first)
        time.sleep(5e-3)
        at_work.remove(first)

    with pytest.raises(ArithmeticError, match="here"):
        over_chunks(work, 64)
    assert at_work == []


def test_a_caller_does_not_wait_for_threads_that_are_busy_elsewhere(monkeypatch):
    monkeypatch.setattr(live_threads, "threads", lambda: 2)
    free, done = threading.Event(), []
    live_threads._helpers(os.getpid(), 1).submit(free.wait)
    over_chunks(lambda first, end: done.append((first, end)), 64)
    free.set()
    assert len(done) == 8
