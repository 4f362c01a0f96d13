"""Is the pair factor that of two species, of which one is built up?"""

import numpy as np
import pytest
from astropy import units as u

from cosmology.errors import InputError
from cosmology.limits import PairBuildUp
from cosmology.limits.base import OutsideValidity
from cosmology.limits.pairs import pair_factor_at


def test_equal_yields_give_one_half_when_all_have_decayed():
    pairs = PairBuildUp()
    assert pairs(np.inf) == 0.5
    assert pairs(1.0) == pytest.approx(0.5 * (1 - np.exp(-1)), rel=1e-15)  # 0.316
    assert pairs(1e-9) == pytest.approx(0.5e-9, rel=1e-8)  # next order: Gamma t/2


def test_definition_from_densities():
    # P = 2 n_L n_Lbar m^2/rho^2, all of one mass
    parent, daughter, x = 3.0, 1.0, 0.7
    made = parent * (1 - np.exp(-x))
    total = parent + daughter
    assert PairBuildUp(parent, daughter)(x) == pytest.approx(2 * daughter * made / total**2, rel=1e-15)


def test_unequal_masses():
    # by hand: m_B'/m_L' = 3/2, equal yields, half decayed: 16/81
    assert PairBuildUp(mass_ratio=1.5)(np.log(2)) == pytest.approx(16 / 81, rel=1e-14)
    assert PairBuildUp(mass_ratio=15 * u.GeV / (10 * u.GeV)) == PairBuildUp(mass_ratio=1.5)
    with pytest.raises(InputError, match="mass_ratio"):
        PairBuildUp(mass_ratio=0.5)


def test_a_function_needs_the_width():
    assert pair_factor_at(PairBuildUp(), 1.0 / u.Gyr, 1 * u.Gyr) == pytest.approx(0.5 * (1 - np.exp(-1)), rel=1e-12)
    with pytest.raises(InputError, match="width"):
        pair_factor_at(PairBuildUp(), None, 1 * u.Gyr)


@pytest.mark.parametrize("bad", [-0.1, 1.1, float("nan"), [0.5, 0.5]])
def test_no_pair_factor_outside_zero_to_one(bad):
    with pytest.raises(InputError, match="pair_factor"):
        pair_factor_at(bad, None, 1 * u.s)


def test_no_pairs_no_limit():
    with pytest.raises(OutsideValidity, match="no pairs"):
        pair_factor_at(0.0, None, 1 * u.s)


def test_yields_must_be_positive():
    with pytest.raises(InputError, match="daughter_yield"):
        PairBuildUp(1.0, -1.0)
