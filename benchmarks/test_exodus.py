"""One history of X, anti-X, baryons and zeta, and planes of masses and lifetimes."""

import numpy as np
import pytest

from cosmology.models.exodus import Exodus
from cosmology.models.exodus_routes import BaryonViolating
from cosmology.models.exodus_scan import viability_map
from cosmology.models.exodus_widths import GivenLifetime
from cosmology.units import Quantity


def one_history(zeta):
    route = BaryonViolating(decay=GivenLifetime("0.1 s"))
    return Exodus(mass="6.5 GeV", sigma_v="1e-7 GeV-2", route=route, relic_sigma_v=zeta).history


@pytest.mark.benchmark(group="exodus, one history")
@pytest.mark.parametrize("zeta", ["0 GeV-2", "1e-9 GeV-2"])
def test_one_history(benchmark, zeta):
    """The whole model from its arguments to yields along time; below 0.3 s."""
    benchmark(one_history, zeta)


@pytest.mark.benchmark(group="exodus, plane of 100 x 100")
@pytest.mark.parametrize("zeta", ["0 GeV-2", "1e-9 GeV-2"])
def test_plane_of_masses_and_lifetimes(benchmark, zeta):
    """10^4 histories and all windows, one process; below 10 s."""
    mass, lifetime = Quantity(np.geomspace(3, 300, 100), "GeV"), Quantity(np.geomspace(1e-7, 1e3, 100), "s")
    benchmark.pedantic(viability_map, args=(mass, lifetime, "1e-7 GeV-2"), kwargs={"relic_sigma_v": zeta}, rounds=3)
