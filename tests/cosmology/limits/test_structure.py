"""Are lifetimes those of the papers, and scaled to the share that decays?"""

import numpy as np
import pytest
from astropy import units as u

from cosmology.errors import InputError
from cosmology.limits import (
    LYMAN_ALPHA_BOSS,
    LYMAN_ALPHA_SDSS,
    MILKY_WAY_SATELLITES,
    SATELLITE_MASSES,
    STRUCTURE_STATEMENTS,
    cosmic_age,
    kick_of_mass_loss,
    lifetime_of_half_life,
)
from cosmology.limits.base import OutsideValidity


def test_published_lifetimes():
    # arXiv:2201.11740, arXiv:1009.1912, arXiv:1309.7354, arXiv:2210.06117
    for limit, kick, gyr in (
        (MILKY_WAY_SATELLITES, 20, 18),
        (MILKY_WAY_SATELLITES, 40, 29),
        (SATELLITE_MASSES, 100, 30),
        (LYMAN_ALPHA_SDSS, 200, 10),
        (LYMAN_ALPHA_BOSS, 1000, 18),
    ):
        bound = limit.bound(kick_speed=kick * u.km / u.s, share=1.0)
        assert bound.to_value("Gyr") == pytest.approx(gyr, rel=1e-12)


def test_outside_the_kicks_nothing_is_said():
    for kick in ("19 km/s", "41 km/s"):
        result = MILKY_WAY_SATELLITES.check(lifetime="1 Gyr", kick_speed=kick, share=1.0)
        assert result.status == "not applicable"
    result = LYMAN_ALPHA_SDSS.check(lifetime="1 Gyr", kick_speed="50 km/s", share=1.0)
    assert result.status == "not applicable"


def test_decayed_share_is_the_same():
    published, share = 29.0, 0.5
    decayed = 1 - np.exp(-13.8 / published)
    assert decayed == pytest.approx(0.3787, abs=5e-5)  # printed at 13.8 Gyr
    bound = MILKY_WAY_SATELLITES.bound(kick_speed="40 km/s", share=share)
    age = cosmic_age().to_value("Gyr")
    assert share * (1 - np.exp(-age / bound.to_value("Gyr"))) == pytest.approx(1 - np.exp(-age / published), rel=1e-12)
    # half decays: Gamma t_0 up to 1.4, where all would have to stay below 0.48
    assert age / bound.to_value("Gyr") == pytest.approx(1.413, abs=5e-3)


def test_a_small_share_may_all_decay():
    # 18 Gyr is a decayed share of 0.535, more than half
    result = MILKY_WAY_SATELLITES.check(lifetime="0.01 Gyr", kick_speed="20 km/s", share=0.5)
    assert result.satisfied
    assert result.bound is None
    assert "0.535" in result.reason
    with pytest.raises(OutsideValidity, match=r"0\.535"):
        MILKY_WAY_SATELLITES.bound(kick_speed="20 km/s", share=0.5)


def test_stable_parents_satisfy():
    assert SATELLITE_MASSES.check(lifetime=np.inf * u.Gyr, kick_speed="100 km/s", share=1.0).satisfied
    with pytest.raises(InputError, match="positive time"):
        SATELLITE_MASSES.check(lifetime=0 * u.Gyr, kick_speed="100 km/s", share=1.0)


def test_kick_of_a_mass_loss():
    # epsilon = 0.7 % is 2113 km/s (arXiv:2008.09615)
    assert kick_of_mass_loss(0.007).to_value("km/s") == pytest.approx(2113, abs=1)  # printed digits
    # two-body kinematics: momentum over energy of the daughter
    mass, daughter = 10.0, 9.0
    epsilon = (1 - (daughter / mass) ** 2) / 2
    momentum = (mass**2 - daughter**2) / (2 * mass)
    expected = momentum / np.hypot(momentum, daughter) * 299792.458
    assert kick_of_mass_loss(epsilon).to_value("km/s") == pytest.approx(expected, rel=1e-13)


def test_half_lives_are_not_lifetimes():
    assert lifetime_of_half_life("6.9315 Gyr").to_value("Gyr") == pytest.approx(10.0, rel=1e-5)  # ln 2 = 0.69315


def test_statements_without_numbers_are_kept_as_words():
    assert all(one.source and one.statement for one in STRUCTURE_STATEMENTS)
    assert any("288 Gyr" in one.statement for one in STRUCTURE_STATEMENTS)


def test_largest_widths_if_all_dark_matter_decays():
    # Gamma t_0 below about 0.5: 13.8/29 at 40 km/s, and 13.8/18 at 20 km/s
    found = [
        (cosmic_age() / MILKY_WAY_SATELLITES.bound(kick_speed=f"{kick} km/s", share=1.0)).to_value("")
        for kick in (40, 20)
    ]
    assert found == pytest.approx([0.476, 0.767], rel=2e-3)


def test_mass_loss_of_a_kick_is_the_inverse():
    # epsilon = (v/c)/(1 + v/c); M - m over M is v/c for small kicks only: 39 km/s for 1.3e-4
    for kick in (39.0, 2113.0, 3e4):
        v = kick / 299792.458
        assert kick_of_mass_loss(v / (1 + v)).to_value("km/s") == pytest.approx(kick, rel=1e-12)
    epsilon = (1 - (1 - 1.3e-4) ** 2) / 2
    assert kick_of_mass_loss(epsilon).to_value("km/s") == pytest.approx(39, abs=0.05)  # two digits
