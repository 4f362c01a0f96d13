"""Panels of a distribution of speeds: integrals, interpolation and quantiles of closed forms."""

import numpy as np
import pytest
from scipy.special import gamma as gamma_function
from scipy.stats import maxwell

from halokick.sky.speed_panels import SpeedPanels, panel_nodes, target_edges

EDGES = target_edges(12.0, 13, [1.3])


@pytest.fixture(scope="module")
def thermal():
    return SpeedPanels(EDGES, maxwell.pdf(panel_nodes(EDGES)[0]), 2.0)


def test_moments_of_a_maxwellian(thermal):
    # 16 Gauss nodes on panels of half an octave; beyond 12 sigma there is 1e-31
    assert thermal.total == pytest.approx(1, abs=1e-12)
    assert thermal.integral(lambda v: v**2) == pytest.approx(3, rel=1e-12)
    assert thermal.integral(lambda v: v**4) == pytest.approx(15, rel=1e-12)
    assert thermal.integral(lambda v: 1 / v) == pytest.approx(np.sqrt(2 / np.pi), rel=1e-7)  # v^2 below 0.0015 sigma


def test_values_everywhere(thermal):
    v = np.geomspace(1e-5, 11, 300)
    assert thermal(v) == pytest.approx(maxwell.pdf(v), rel=2e-6, abs=1e-14)  # below the first edge v^2 alone: 1e-6
    assert np.all(thermal([12.0, 20.0]) == 0)


@pytest.mark.parametrize("share", [1e-12, 0.05, 0.5, 0.95, 0.9999])
def test_quantiles(thermal, share):
    assert thermal.quantile(share) == pytest.approx(maxwell.ppf(share), rel=1e-6)


def test_a_narrow_peak_is_resolved(thermal):
    centre, width = 1.7, 1e-6
    sharp = tuple(centre + sign * width * 2.0**j for j in range(-3, 21) for sign in (-1, 1))
    found = thermal.integral(lambda v: width / np.pi / ((v - centre) ** 2 + width**2), sharp)
    # a Lorentzian of width 1e-6: P at the peak, and tails of the order of the width
    assert found == pytest.approx(maxwell.pdf(centre), rel=5e-6)


@pytest.mark.parametrize("power", [0.05, 0.5, 1.0, 1.7])
def test_powers_of_a_cusp(power):
    # P = (v^power + 5 v^2) e^(-v^2): integrals are gamma functions, that of P/v close to its divergence
    edges = target_edges(7.0, 11, [])
    v = panel_nodes(edges)[0]
    panels = SpeedPanels(edges, (v**power + 5 * v**2) * np.exp(-(v**2)), power)
    # below the first edge e^(-v^2) = 1 - 1e-5 is part of the two coefficients
    expected = 0.5 * gamma_function(0.5 * power) + 2.5
    assert panels.integral(lambda v: 1 / v) == pytest.approx(expected, rel=1e-5 * edges[0] ** power / power + 1e-9)
    assert panels.total == pytest.approx(0.5 * gamma_function(0.5 * power + 0.5) + 1.25 * np.sqrt(np.pi), rel=1e-7)
    low = edges[0] * np.array([1e-6, 1e-3, 0.5])
    assert panels(low) == pytest.approx(low**power + 5 * low**2, rel=2e-4)
