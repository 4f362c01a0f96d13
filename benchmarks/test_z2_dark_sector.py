"""The plane of Fig. 3 of Bodas, Buen-Abad, Hook & Sundrum (2024), and the joint evolution of one point."""

import numpy as np
import pytest

from cosmology.models.z2_dark_sector import Z2DarkSector
from cosmology.models.z2_reheaton import Reheaton
from cosmology.models.z2_scan import reheating_map
from cosmology.units import Quantity


@pytest.mark.benchmark(group="z2 dark sector, plane of 200 x 200")
@pytest.mark.parametrize("channels", ["paper", "complete"])
def test_plane_of_masses_and_couplings(benchmark, channels):
    """Sudden decay at 40 000 points, one process; below 5 s."""
    mass = Quantity(np.linspace(200, 1100, 200), "GeV")
    coupling = Quantity(np.geomspace(0.1, 500, 200), "eV")
    found = benchmark.pedantic(reheating_map, args=(mass, coupling), kwargs={"channels": channels}, rounds=5)
    assert benchmark.stats.stats.max < 5
    assert found.delta_n_eff.shape == (200, 200)


@pytest.mark.benchmark(group="z2 dark sector, one point")
@pytest.mark.parametrize("channels", ["paper", "complete"])
def test_joint_evolution_of_one_point(benchmark, channels):
    """The whole model from its arguments: freeze-out in both sectors and their evolution; below 0.5 s."""

    def one_point():
        return Z2DarkSector(reheaton=Reheaton("700 GeV", "10 eV", channels=channels)).delta_n_eff()

    benchmark.pedantic(one_point, rounds=5)
    assert benchmark.stats.stats.max < 0.5
