"""The slow twin of the series: one orbit at a time, against Kepler's equation."""

import numpy as np
import pytest

from halokick import constants
from halokick.halo.field_tables import STEP, build_field
from halokick.kernels.field import psi_at
from halokick.kernels.radial_arcs import between, deposit_mixed_arcs, turning_points
from halokick.kernels.sampling import Births

GM, AXIS = 4e4, 3.0


@pytest.fixture(scope="module")
def kepler():
    edges = np.log(1e-6) + STEP * np.arange(1200)
    mass = np.log(GM / constants.G)
    return build_field(edges, extra_mass=lambda l: (np.full(l.shape, mass), 0 * l, 0 * l))[0]


def orbit(field, eccentricity):
    """At the end of the minor axis: r = a, v^2 = GM/a, L^2 = GM a (1 - e^2)."""
    binding = psi_at(field, np.log(AXIS)) - 0.5 * GM / AXIS
    momentum2 = GM * AXIS * (1 - eccentricity) * (1 + eccentricity)
    values = (np.log(AXIS), field.psi0 - binding, binding, momentum2, eccentricity, 1.0)
    return Births(*(np.array([value]) for value in values))


@pytest.mark.parametrize("eccentricity", [1e-5, 1e-3, 0.02, 0.3, 0.9, 0.9999, 1 - 1e-9])
def test_shares_of_a_kepler_orbit_are_those_of_keplers_equation(kepler, eccentricity):
    eta = np.linspace(0, np.pi, 24)[1:-1]
    eta = eta[(eta > 0.05) & (eta < 3.1)]
    edges = np.log(AXIS * (1 - eccentricity * np.cos(eta)))
    deposits = np.zeros((4, len(edges) - 1))
    births = orbit(kepler, eccentricity)
    assert deposit_mixed_arcs(kepler, births, 0, edges, np.zeros((3, len(edges) - 1)), deposits) == 0
    share = np.diff(eta - eccentricity * np.sin(eta)) / np.pi
    # E and L in double precision know a nearly circular orbit's eccentricity only up to 1e-15 / e^2
    np.testing.assert_allclose(deposits[0], share, rtol=0, atol=max(1e-9, 3e-15 / eccentricity**2))


def test_period_of_a_kepler_orbit(kepler):
    births = orbit(kepler, 0.4)
    state = births.depth[0], births.binding[0], births.momentum2[0]
    l_p, l_a = turning_points(kepler, *state, births.log_r[0])
    assert 0.5 * (np.exp(l_p) + np.exp(l_a)) == pytest.approx(AXIS, rel=1e-12)
    half = between(kepler, *state, l_p, l_a, l_p, l_a)[0]
    assert half == pytest.approx(np.pi * np.sqrt(AXIS**3 / GM), rel=1e-9)
