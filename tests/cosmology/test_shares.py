"""Do masses and shares follow from asymmetries as Hardy, Lasenby & Unwin (2014), Eq. (2.1) and its density sum rule?"""

import numpy as np
import pytest
from astropy import units as u

from cosmology import constants, relic
from cosmology.errors import InputError, UnitError
from cosmology.shares import asymmetry_sum_for_mass, masses_and_shares


def test_published_masses():
    # one species: "around 5 GeV", 5 m_p = 4.69; two species with eta_B each: half of it; Planck's ratio 5.357: 2.51
    one = masses_and_shares(0, 1, omega_ratio=5)
    assert one.daughter_mass.to_value("GeV") == pytest.approx(4.69, abs=5e-3)
    assert (one.parent_share, one.daughter_share) == (0, 1)
    two = masses_and_shares(1, 1, omega_ratio=5)
    assert two.daughter_mass.to_value("GeV") == pytest.approx(2.35, abs=5e-3)
    assert two.parent_share == two.daughter_share == 0.5
    planck = masses_and_shares(1, 1, omega_ratio=0.120 / 0.0224)
    assert planck.daughter_mass.to_value("GeV") == pytest.approx(2.51, abs=5e-3)


def test_the_ten_gev_benchmark_needs_half_of_the_baryons_asymmetry():
    assert asymmetry_sum_for_mass("10 GeV") == pytest.approx(0.50, abs=5e-3)  # two digits
    ratio = asymmetry_sum_for_mass([10.0] * u.GeV) / 2
    assert masses_and_shares(ratio, ratio).parent_mass.to_value("GeV") == pytest.approx([10.0], rel=1e-14)


@pytest.mark.parametrize("splitting", [0.0, 0.3, "10 MeV", 1.5 * u.GeV])
@pytest.mark.parametrize("ratios", [(0.2, 0.7), (-2.0, -0.1), (1.0, 0.0)])
def test_masses_and_asymmetries_give_the_dark_matters_density(splitting, ratios):
    found = masses_and_shares(*ratios, splitting=splitting)
    densities = [
        relic.omega_h2(found.parent_mass, abs(found.parent_asymmetry)),
        relic.omega_h2(found.daughter_mass, abs(found.daughter_asymmetry)),
    ]
    # the density goes through eta_B here and through Omega_b h^2 there: they agree to 0.3 per cent
    assert sum(densities) == pytest.approx(constants.DARK_MATTER_OMEGA_H2, rel=3e-3)
    assert densities[0] / sum(densities) == pytest.approx(found.parent_share, rel=1e-12)
    assert found.parent_share + found.daughter_share == 1
    difference = (found.parent_mass - found.daughter_mass).to_value("GeV")
    if isinstance(splitting, float):
        assert difference == pytest.approx(splitting * found.daughter_mass.to_value("GeV"), abs=1e-14)
    else:
        assert difference == pytest.approx(u.Quantity(splitting).to_value("GeV"), rel=1e-10)


def test_the_printed_window_of_masses():
    # 0.1 to 100 GeV for asymmetries from 50 to 0.05 times the baryons', Sect. 2
    masses = masses_and_shares(np.array([25, 0.025]), np.array([25, 0.025])).daughter_mass.to_value("GeV")
    assert masses == pytest.approx([0.1, 100], rel=0.01)


def test_opposite_signs_are_refused_with_the_reason():
    with pytest.raises(InputError, match="no pairs that could annihilate"):
        masses_and_shares(1, -1)
    with pytest.raises(InputError, match="opposite signs"):
        masses_and_shares(np.array([1, -0.5]), np.array([1, 0.5]))


def test_other_refusals():
    for arguments in ({"splitting": -0.1}, {"splitting": "-1 MeV"}, {"splitting": "6 GeV"}, {"omega_ratio": -5}):
        with pytest.raises(InputError):
            masses_and_shares(1, 1, **arguments)
    with pytest.raises(InputError, match="both asymmetries are zero"):
        masses_and_shares(0, 0)
    with pytest.raises(UnitError):
        asymmetry_sum_for_mass(10.0)
