"""Phase space of the partners against closed forms and adaptive quadrature."""

import numpy as np
import pytest
from scipy.integrate import quad

from cosmology.phase_space import PartnerPhaseSpace, pair_velocity


def test_massless_partners_give_a_power():
    s = np.array([0.1, 0.4, 0.9])
    assert PartnerPhaseSpace((0.0,) * 4, 1.0)(s, s) == pytest.approx(s**2, rel=1e-14)
    assert PartnerPhaseSpace((0.0, 0.0), 1.0)(s, s) == pytest.approx(np.ones(3), rel=1e-14)


def test_light_masses_approach_the_power():
    table = PartnerPhaseSpace((1e-5, 1e-5, 1e-5), 1.0)
    s = np.array([0.05, 0.3, 1.0])
    ratio = table(s, s - 9e-10) / s
    assert ratio / ratio[-1] == pytest.approx(np.ones(3), rel=1e-5)  # masses squared times a logarithm


@pytest.mark.parametrize("masses", [(0.1, 0.2, 0.15), (0.0, 0.0, 0.3), (0.3, 0.0, 0.05)])
def test_three_massive_partners_by_adaptive_quadrature(masses):
    low = (masses[0] + masses[1]) ** 2

    def three(s):
        def integrand(inner):
            outer = (s - (masses[2] + np.sqrt(inner)) ** 2) * (s - (masses[2] - np.sqrt(inner)) ** 2)
            return np.sqrt(max(outer, 0)) / s * pair_velocity(inner, inner - low, *masses[:2])

        return quad(integrand, low, (np.sqrt(s) - masses[2]) ** 2, epsabs=0, epsrel=1e-10, limit=400)[0]

    threshold = sum(masses) ** 2
    table = PartnerPhaseSpace(masses, 1 - threshold)
    above = (1 - threshold) * np.array([1e-6, 0.01, 0.3, 0.9, 1.0])
    wanted = [three(threshold + each) for each in above]
    # below it `quad` loses digits in the difference from threshold
    assert table(threshold + above, above) == pytest.approx(wanted, rel=1e-6)


def test_four_partners_near_threshold_follow_the_known_power():
    # Non-relativistic phase space of m bodies goes as the energy above threshold to the power (3m - 5)/2.
    table = PartnerPhaseSpace((0.1,) * 4, 0.5)
    above = np.array([1e-9, 1e-8])
    values = table(0.16 + above, above)
    assert np.log10(values[1] / values[0]) == pytest.approx(3.5, abs=1e-6)  # next order in energy over mass


def test_one_massless_partner_at_threshold():
    # sqrt(above (s - M^2))/s is above/s; s - M^2 as a difference is negative for one s in three here
    mass = np.sqrt(np.random.default_rng(0).uniform(0.2, 0.3, 1000))
    above = np.geomspace(1e-22, 1e-3, 1000)
    s = mass**2 + above
    for first, second in ((0.0, mass), (mass, 0.0)):
        assert pair_velocity(s, above, first, second) == pytest.approx(above / s, rel=1e-12, abs=0)
