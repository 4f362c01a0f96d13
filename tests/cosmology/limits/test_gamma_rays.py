"""Are the dwarf limits the published ones, and read rightly for pairs and kicks?"""

import numpy as np
import pytest
from astropy import units as u
from scipy.optimize import brentq

from cosmology.errors import InputError
from cosmology.limits import PairBuildUp, PerturbativeAnnihilation, cosmic_age, lat_dwarfs, stacked_suppression

# arXiv:1503.02641 and arXiv:2311.04982
MASSES = (2, 5, 10, 25, 50, 100, 250, 1000)
BB = (5.126e-27, 5.168e-27, 8.446e-27, 1.348e-26, 2.210e-26, 4.727e-26, 1.932e-25)
MUMU = (2.418e-26, 1.602e-26, 3.762e-26, 6.192e-26, 1.075e-25, 2.063e-25, 5.902e-25, 4.721e-24)
TAUTAU = (3.149e-27, 2.888e-27, 4.296e-27, 7.691e-27, 1.417e-26, 2.857e-26, 8.584e-26, 7.193e-25)
EE = (9.590e-27, 6.310e-27, 1.939e-26, 3.631e-26, 6.726e-26, 1.366e-25, 4.200e-25, 3.778e-24)
PUBLISHED = {
    ("6yr", "bb"): dict(zip((6, *MASSES[2:]), BB, strict=True)),
    ("6yr", "mumu"): dict(zip(MASSES, MUMU, strict=True)),
    ("6yr", "tautau"): dict(zip(MASSES, TAUTAU, strict=True)),
    ("6yr", "ee"): dict(zip(MASSES, EE, strict=True)),
    ("14yr", "bb"): {7.93: 5.305e-27, 10.22: 5.705e-27, 21.86: 8.890e-27, 46.77: 1.419e-26, 100.1: 2.669e-26},
    ("14yr", "tautau"): {2.50: 2.308e-27, 11.02: 4.616e-27, 26.8: 9.524e-27, 48.5: 1.821e-26, 118: 3.287e-26},
}
TEN = {"mass": 10 * u.GeV}


@pytest.mark.parametrize(("dataset", "channel"), PUBLISHED)
def test_tables(dataset, channel):
    limit = lat_dwarfs(channel, dataset)
    for mass, value in PUBLISHED[dataset, channel].items():
        found = limit.bound(mass=mass * u.GeV, pair_factor=1.0).to_value("cm3/s")
        assert found == pytest.approx(value, rel=1e-12)  # rounding: rows are not changed
    assert limit.convention == "self-conjugate"


def test_between_rows_powers_of_the_mass():
    bound = lat_dwarfs("bb").bound(mass=np.sqrt(1000.0) * 10 * u.GeV / np.sqrt(10), pair_factor=1.0)
    assert bound.to_value("cm3/s") == pytest.approx(2.210e-26, rel=1e-12)
    middle = lat_dwarfs("bb").bound(mass=np.sqrt(10 * 25) * u.GeV, pair_factor=1.0)
    assert middle.to_value("cm3/s") == pytest.approx(np.sqrt(5.168e-27 * 8.446e-27), rel=1e-12)


def test_limits_against_the_width():
    widths = (np.inf, 1.0, 1e-3, 1e-6)
    expected = {"mumu": (7.52e-26, 1.19e-25, 7.53e-23, 7.52e-20), "bb": (1.03e-26, 1.64e-26, 1.03e-23, 1.03e-20)}
    for channel, numbers in expected.items():
        found = [lat_dwarfs(channel).bound(pair_factor=PairBuildUp()(x), **TEN).to_value("cm3/s") for x in widths]
        assert found == pytest.approx(numbers, rel=5e-3)  # three printed digits
        through_width = lat_dwarfs(channel).bound(pair_factor=PairBuildUp(), width=1 / cosmic_age(), **TEN)
        assert through_width.to_value("cm3/s") == pytest.approx(found[1], rel=1e-12)


def test_where_gamma_rays_meet_the_relic_line_and_perturbativity():
    relic = 2.549e-25
    ceiling = PerturbativeAnnihilation().bound(**TEN).to_value("cm3/s")
    for sigma_v, expected in ((relic, 0.350), (ceiling, 2.05e-7)):

        def excess(log_x, sigma_v=sigma_v):
            bound = lat_dwarfs("mumu").bound(pair_factor=PairBuildUp()(np.exp(log_x)), **TEN)
            return np.log(sigma_v / bound.to_value("cm3/s"))

        assert np.exp(brentq(excess, np.log(1e-9), np.log(1e2))) == pytest.approx(expected, rel=3e-3)  # printed digits


def test_channels_differ_by_less_than_ten():
    # Hardy, Lasenby & Unwin (2014); 8.8 for tau and 7.3 for b
    mu, tau, b = (lat_dwarfs(one).bound(pair_factor=1.0, **TEN).value for one in ("mumu", "tautau", "bb"))
    assert [mu / tau, mu / b] == pytest.approx([8.8, 7.3], abs=0.05)  # printed digits


def test_a_kick_above_escape_needs_a_suppression():
    point = {"sigma_v": "1e-23 cm3/s", "pair_factor": 0.5, **TEN}
    limit = lat_dwarfs("mumu")
    assert limit.check(kick_speed="15 km/s", **point).excluded
    kicked = limit.check(kick_speed="50 km/s", **point)
    assert kicked.status == "not applicable"
    assert "with_suppression" in kicked.reason
    assert limit.with_suppression(0.1).check(kick_speed="50 km/s", **point).excluded


def test_the_limit_weakens_by_one_over_the_suppression():
    limit = lat_dwarfs("mumu")
    plain = limit.bound(pair_factor=0.5, **TEN)
    weak = limit.with_suppression(0.02, "Draco")
    assert (weak.bound(pair_factor=0.5, **TEN) / plain).to_value("") == pytest.approx(50.0, rel=1e-12)
    assert "Draco" in weak.name
    assert limit.suppression is None  # the first limit is as it was
    assert weak.with_suppression(0.5).suppression == pytest.approx(0.01, rel=1e-12)
    gone = limit.with_suppression(0.0).check(sigma_v="1e-20 cm3/s", pair_factor=0.5, **TEN)
    assert gone.status == "not applicable"


@pytest.mark.parametrize("bad", [-0.1, 1.2, float("nan"), [0.1, 0.2]])
def test_suppressions_outside_zero_to_one_are_refused(bad):
    with pytest.raises(InputError, match="between 0 and 1"):
        lat_dwarfs("mumu").with_suppression(bad)


def test_a_stack_is_weighted_by_its_photons():
    found = stacked_suppression({"Draco": 0.1, "Segue 1": 0.4}, {"Draco": 1e19, "Segue 1": 3e19})
    assert found == pytest.approx((0.1 + 3 * 0.4) / 4, rel=1e-12)
    with pytest.raises(InputError, match="same dwarfs"):
        stacked_suppression({"Draco": 0.1}, {"Segue 1": 1.0})


def test_channels_without_a_table_are_refused():
    with pytest.raises(InputError, match="there are"):
        lat_dwarfs("mumu", "14yr")
