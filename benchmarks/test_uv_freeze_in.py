"""Ultraviolet freeze-in: one point, planes of 40 x 40 as in Figs. 5, 7 and 8, phases solved for, and peak memory."""

import resource
import subprocess
import sys

import numpy as np
import pytest

from cosmology.models.uv_freeze_in import UVFreezeIn
from cosmology.models.uv_freeze_in_couplings import TwoNeutrinos
from cosmology.models.uv_freeze_in_scan import heaviest_dark_matter, scan, temperature_plane
from cosmology.models.uv_freeze_in_targets import phases_for_baryons
from cosmology.units import Quantity

MASS = Quantity(np.geomspace(1e8, 1e15, 40), "GeV")
COUPLINGS = np.geomspace(0.03, 1, 40)
MOST_SECONDS = 10.0
MOST_MEGABYTES = 500.0

IN_A_PROCESS = """
import numpy as np
from cosmology.models.uv_freeze_in_scan import heaviest_dark_matter, scan
from cosmology.units import Quantity

heaviest_dark_matter(scan(Quantity(np.geomspace(1e8, 1e15, 40), "GeV"), np.geomspace(0.03, 1, 40)))
"""


@pytest.fixture(scope="module")
def plane():
    return scan(MASS, COUPLINGS)


@pytest.mark.benchmark(group="ultraviolet freeze-in")
def test_one_history(benchmark):
    benchmark(lambda: UVFreezeIn.benchmark("B1", mass="1e11 GeV", dark_coupling=0.5).evolve())


@pytest.mark.benchmark(group="ultraviolet freeze-in")
def test_charges_of_figure_5(benchmark):
    benchmark.pedantic(scan, args=(MASS, COUPLINGS), rounds=3)
    assert benchmark.stats.stats.min < MOST_SECONDS


@pytest.mark.benchmark(group="ultraviolet freeze-in")
def test_temperatures_of_figure_7(benchmark):
    benchmark(temperature_plane, COUPLINGS[:, None], np.linspace(25, 100, 40))


@pytest.mark.benchmark(group="ultraviolet freeze-in")
def test_masses_of_figure_8(benchmark, plane):
    benchmark.pedantic(heaviest_dark_matter, args=(plane,), rounds=3)
    assert benchmark.stats.stats.min < MOST_SECONDS


@pytest.mark.benchmark(group="ultraviolet freeze-in")
def test_phases_for_the_observed_baryons(benchmark):
    neutrinos = TwoNeutrinos.benchmark("B1", mass="1e11 GeV", dark_coupling=0.5)
    benchmark.pedantic(phases_for_baryons, args=(neutrinos, "3e9 GeV"), rounds=3)


@pytest.mark.benchmark(group="ultraviolet freeze-in")
def test_figures_5_and_8_in_a_process_of_their_own(benchmark):
    benchmark.pedantic(subprocess.run, args=([sys.executable, "-c", IN_A_PROCESS],), kwargs={"check": True}, rounds=1)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    benchmark.extra_info["peak_megabytes"] = peak
    assert peak < MOST_MEGABYTES
