"""Are CMB limits those of the papers, with the pairs of this model?"""

import numpy as np
import pytest
from astropy import constants as si
from astropy import units as u
from scipy.optimize import brentq

from cosmology.errors import InputError
from cosmology.limits import (
    CMB_2013,
    PLANCK_2018,
    PLANCK_2018_CMB_ONLY,
    PLANCK_2018_NO_BAO,
    PairBuildUp,
    cosmic_age,
)

POINT = {"mass": 10 * u.GeV, "channel": "mumu"}
RELIC = 2.549e-25 * u.cm**3 / u.s  # asymmetric relic line: 10 GeV, r = 0.01, half of the dark matter


def test_published_numbers_in_other_units():
    # 0.66e-6 m^3/s/kg (arXiv:1310.3815) and 1.80e-7 m^3/s/kg: their rounding is 0.8 and 0.3 %
    for limit, metric in ((CMB_2013, 0.66e-6), (PLANCK_2018, 1.80e-7)):
        p_ann = (metric * u.m**3 / u.s / u.kg / si.c**2).to_value("cm3 / (s GeV)")
        assert limit.p_ann.to_value("cm3 / (s GeV)") == pytest.approx(p_ann, rel=8e-3)


def test_planck_without_bao_and_lensing_are_weaker():
    p = [one.p_ann.value for one in (PLANCK_2018, PLANCK_2018_NO_BAO, PLANCK_2018_CMB_ONLY)]
    assert p == pytest.approx([3.2e-28, 3.3e-28, 3.5e-28], rel=1e-12)


def test_thermal_cross_section_is_excluded_below_26_gev_in_2013():
    # arXiv:1310.3815 for f_eff = 1; 25.5 GeV from their p_ann
    point = {"sigma_v": "3e-26 cm3/s", "f_eff": 1.0, "pair_factor": 1.0}
    assert CMB_2013.check(mass="25 GeV", **point).excluded
    assert CMB_2013.check(mass="26 GeV", **point).satisfied


def test_mass_below_which_the_thermal_cross_section_is_excluded():
    # 25.5 GeV with 0.66e-6 m^3/s/kg unrounded; the p_ann of three digits gives 25.4
    mass = brentq(lambda m: CMB_2013.bound(mass=m * u.GeV, f_eff=1.0, pair_factor=1.0).to_value("cm3/s") - 3e-26, 5, 99)
    assert mass == pytest.approx(25.5, rel=4e-3)


def test_slow_decay_has_made_few_pairs_by_then():
    # P = Gamma t(600)/2 to first order, t(600) = 3.140e13 s
    width = 1e-3 / cosmic_age()
    few = (width * 3.140e13 * u.s).to_value("") / 2
    ratio = PLANCK_2018.bound(pair_factor=0.5, **POINT) / PLANCK_2018.bound(
        pair_factor=PairBuildUp(), width=width, **POINT
    )
    assert ratio.to_value("") * 0.5 == pytest.approx(few, rel=1e-3)  # digits of t(600)


def test_limits_for_muons_at_ten_gev():
    # fully decayed, Gamma t0 = 1, 1e-3; equal yields
    expected = {CMB_2013: (1.13e-25, 1.56e-21, 1.56e-18), PLANCK_2018: (3.06e-26, 4.24e-22, 4.24e-19)}
    for limit, numbers in expected.items():
        full = limit.bound(pair_factor=0.5, **POINT)
        slow = [
            limit.bound(pair_factor=PairBuildUp(), width=x / cosmic_age(), **POINT).to_value("cm3/s")
            for x in (1.0, 1e-3)
        ]
        # three printed digits; 1.56e-21 is 1.563e-21
        assert [full.to_value("cm3/s"), *slow] == pytest.approx(numbers, rel=4e-3)


def test_width_at_which_the_relic_line_meets_the_cmb():
    for limit, expected in ((CMB_2013, 8.1e3), (PLANCK_2018, 1.77e3)):

        def excess(x, limit=limit):
            width = x / cosmic_age()
            return np.log(limit.check(sigma_v=RELIC, pair_factor=PairBuildUp(), width=width, **POINT).excess)

        # sigma_0 is known to one per cent, and P bends at 8e3
        assert brentq(excess, 1e2, 1e5) == pytest.approx(expected, rel=1e-2)


def test_ratio_to_thermal_at_twenty_gev():
    # "small factor above": 3.9 for f_eff = 0.2, self-conjugate
    bound = CMB_2013.bound(mass="20 GeV", f_eff=0.2, pair_factor=1.0)
    assert (bound / (3e-26 * u.cm**3 / u.s)).to_value("") == pytest.approx(3.9, rel=1e-2)


def test_early_decay_to_muons_is_closed():
    assert CMB_2013.check(sigma_v=RELIC, pair_factor=0.5, **POINT).excluded
    assert PLANCK_2018.check(sigma_v=RELIC, pair_factor=0.5, **POINT).excluded


def test_channel_or_share_not_both():
    with pytest.raises(InputError, match="one of the two"):
        CMB_2013.bound(mass="10 GeV", pair_factor=0.5, channel="ee", f_eff=0.3)


def test_without_a_channel_it_is_not_applicable():
    result = PLANCK_2018.check(sigma_v=RELIC, mass="10 GeV", pair_factor=0.5)
    assert "needs channel or f_eff" in result.reason


def test_unknown_deposition_is_not_applicable():
    result = PLANCK_2018.check(sigma_v=RELIC, mass="0.2 GeV", channel="mumu", pair_factor=0.5)
    assert result.status == "not applicable"
    assert "f_eff" in result.reason
