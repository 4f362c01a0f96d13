"""What all tests share: the `slow` marker, and random numbers that are the same in every run."""

import os
import zlib

import numba
import numpy as np
import pytest

# Pictures are written to files; no test may wait for a screen. Set before matplotlib is imported.
os.environ["MPLBACKEND"] = "Agg"


if "PYTEST_XDIST_WORKER_COUNT" in os.environ:
    # as many workers as cores, each with as many threads, would keep each other waiting
    share = numba.config.NUMBA_NUM_THREADS // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    numba.set_num_threads(max(1, share))


def pytest_addoption(parser):
    parser.addoption("--runslow", action="store_true", help="also run the tests marked slow")


def pytest_collection_modifyitems(config, items):
    """Leave out slow tests, unless --runslow or a choice of markers (-m) says what to run."""
    if config.getoption("--runslow") or config.getoption("-m"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture
def rng(request):
    """A generator whose seed is the test's own name: the same in every run and order, another in every test."""
    return np.random.Generator(np.random.Philox(zlib.crc32(request.node.nodeid.encode())))
