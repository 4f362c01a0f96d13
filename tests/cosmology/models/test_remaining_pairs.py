"""Are pairs counted that freeze-out has left, with the masses that they set free?"""

import numpy as np
import pytest
from astropy import units as u

from cosmology.build_up import pair_factor
from cosmology.errors import InputError
from cosmology.models.remaining_pairs import RemainingPairs

GIVEN = {"parents": 3.0, "antiparents": 0.2, "daughters": 2.0, "antidaughters": 0.1}


def by_hand(x, ratio, parents, antiparents, daughters, antidaughters):
    """Densities, density of mass and of freed energy over 2 <sigma v>, in units of m_L'."""
    left, gone = np.exp(-x), 1 - np.exp(-x)
    b, b_bar = parents * left, antiparents * left
    l, l_bar = daughters + antiparents * gone, antidaughters + parents * gone
    rho = ratio * (b + b_bar) + l + l_bar
    return 2 * (l * l_bar + ratio * b * b_bar) / rho**2


@pytest.mark.parametrize("ratio", [1.0, 1.001, 2.5])
def test_definition_from_densities(ratio):
    pairs = RemainingPairs(**GIVEN, mass_ratio=ratio)
    for x in (0.0, 1e-3, 0.7, 30.0):
        assert pairs(x) == pytest.approx(by_hand(x, ratio, **GIVEN), rel=1e-14)
    # one value without a formula: 1 each, mu = 3, nothing decayed: 2 (1 + 3)/8^2 = 1/8
    assert RemainingPairs(1, 1, 1, 1, 3.0)(0.0) == 0.125


def test_without_remainders_it_is_the_pair_factor_of_the_build_up():
    x = np.array([1e-6, 0.3, 5.0, np.inf])
    for ratio in (1.0, 1.3):
        found = RemainingPairs(2.0, 0.0, 3.0, 0.0, ratio)(x)
        assert found == pytest.approx(pair_factor(x, 2.0, 3.0, ratio), rel=1e-14)


def test_ordinary_dark_matter_in_two_species_has_a_quarter():
    # symmetric Dirac L' alone: 1/2; L' and B' of equal mass and number, each annihilating with its own: 1/4
    assert RemainingPairs(0, 0, 1, 1)(2.0) == 0.5
    assert RemainingPairs(1, 1, 1, 1)(0.0) == 0.25


@pytest.mark.parametrize("ratio", [1.0, 1.4])
def test_kicked_share_is_what_pairs_of_particles_never_kicked_leave(ratio):
    pairs = RemainingPairs(**GIVEN, mass_ratio=ratio)
    for x in (1e-3, 0.7, 4.0):
        never = {**GIVEN, "parents": 3.0 * np.exp(-x), "antiparents": 0.2 * np.exp(-x)}
        power = by_hand(0.0, ratio, **never)  # P rho^2 of parents and of L' from the beginning alone
        old = ratio * (never["parents"] + never["antiparents"]) + 2.1
        new = ratio * (never["parents"] + never["antiparents"]) + 2.1 + 3.2 * (1 - np.exp(-x))
        expected = 1 - power * old**2 / (pairs(x) * new**2)
        assert pairs.kicked_share(x) == pytest.approx(expected, rel=1e-11)  # the difference loses digits
    assert pairs.kicked_share(0.0) == 0
    # few decays: Gamma t (L' B' + anti-L' anti-B') over the rest, to all digits
    start = (2.0 * 3.0 + 0.1 * 0.2) / (0.2 + ratio * 0.6)
    assert pairs.kicked_share(1e-14) == pytest.approx(1e-14 * start, rel=1e-12)
    # nothing but decays makes pairs; nothing annihilates
    assert RemainingPairs(1, 0, 1, 0).kicked_share(1e-9) == 1
    assert RemainingPairs(1, 0, 0, 0).kicked_share(0.0) == 0
    assert pairs.kicked_share(np.array([0.0, 50.0])) == pytest.approx([0.0, 1 - 0.2 / (2.2 * 3.1)], rel=1e-12)


def test_shares_count_particles_not_masses():
    pairs = RemainingPairs(**GIVEN, mass_ratio=2.0)
    assert pairs.shares() == pytest.approx({name: value / 5.3 for name, value in GIVEN.items()}, rel=1e-14)
    assert pairs.antiparticle_share(0.0) == pytest.approx(0.3 / 5.3, rel=1e-14)


def test_refusals():
    assert RemainingPairs(1, 0, 1, 0, 15 * u.GeV / (10 * u.GeV)).mass_ratio == 1.5
    for arguments in ((1, 0, 1, 0, 0.9), (1, 0, 1, 0, np.nan), (-1, 0, 1, 0), (0, 0, 0, 0)):
        with pytest.raises(InputError):
            RemainingPairs(*arguments)
    with pytest.raises(InputError, match="not negative"):
        RemainingPairs(**GIVEN)(-1.0)
