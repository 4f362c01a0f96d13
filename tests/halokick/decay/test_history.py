"""Does the decay history keep count, and does early capture give the published shares?"""

import numpy as np
import pytest
from astropy import units as u
from scipy.integrate import quad
from scipy.stats import kstest

from halokick.decay.history import DecayHistory, EarlyCapture
from halokick.decay.kicks import CascadeKick, FixedKick, PhaseSpaceKick, TabulatedKick
from halokick.errors import InputError, UnitError

SLOW = DecayHistory("1e9 Gyr")


def gyr(time):
    return time.to_value("Gyr")


@pytest.mark.parametrize(("lifetime", "share"), [(18, 0.5354), (29, 0.3787), (55, 0.2219)])
def test_decayed_share_at_published_lifetimes(lifetime, share):
    # limits of Mau et al. 2022 and the best fit of Franco Abellan et al. 2021; four digits
    assert DecayHistory(lifetime * u.Gyr).decayed_share == pytest.approx(share, abs=5e-5)


def test_rate_lifetime_and_half_life_agree():
    history = DecayHistory("20 Gyr")
    assert DecayHistory.from_rate("0.05 1/Gyr").decayed_share == pytest.approx(history.decayed_share, rel=1e-14)
    assert history.rate.to_value("1/Gyr") == pytest.approx(0.05)
    # by definition half is gone after a half-life
    assert DecayHistory.from_half_life("5 Gyr", age="5 Gyr").decayed_share == pytest.approx(0.5, rel=1e-14)
    assert DecayHistory.from_rate(0 / u.Gyr).decayed_share == 0


@pytest.mark.parametrize("lifetime", ["1e-6 Gyr", "3 Gyr", "1e6 Gyr", "1e30 Gyr"])
def test_shares_of_all_species_add_to_one(lifetime):
    history = DecayHistory(lifetime, parent_share=0.3)
    today = history.shares_today
    assert sum(today.values()) == pytest.approx(1, rel=1e-14)
    assert today["primordial"] == 0.7
    assert today["daughters"] == 0.3 * history.decayed_share
    # slow decay: the closed limit t0/tau keeps all digits
    if history._steps < 1e-4:
        assert history.decayed_share == pytest.approx(history._steps * (1 - history._steps / 2), rel=1e-9)


@pytest.mark.parametrize("lifetime", ["0.05 Gyr", "3 Gyr", "138 Gyr", "1400 Gyr", "1e9 Gyr", "1e30 Gyr"])
def test_daughter_ages_are_normalised_and_have_their_mean(lifetime):
    history = DecayHistory(lifetime)

    def density(age):
        return history.daughter_age_pdf(age * u.Gyr).to_value("1/Gyr")

    middle = [13.8 - min(5 * gyr(history.lifetime), 7)]  # fast decay crowds at the full age
    total = quad(density, 0, 13.8, points=middle, epsabs=1e-13)[0]
    mean = quad(lambda a: a * density(a), 0, 13.8, points=middle, epsabs=1e-13)[0]
    assert total == pytest.approx(1, rel=1e-11)
    assert gyr(history.mean_daughter_age) == pytest.approx(mean, rel=1e-11)
    for age in (2, 9, 13.5):
        below = quad(density, 0, age, epsabs=1e-300, epsrel=1e-11)[0]
        assert history.daughter_age_cdf(age * u.Gyr) == pytest.approx(below, rel=1e-9)
        older = 1 - history.born_before((13.8 - age) * u.Gyr)
        assert history.daughter_age_cdf(age * u.Gyr) == pytest.approx(older, abs=1e-14)
    ages = history.sample_daughter_ages(4000, np.random.default_rng(2))
    assert kstest(gyr(ages), lambda a: history.daughter_age_cdf(a * u.Gyr)).pvalue > 0.01  # fixed seed


def test_limits_of_the_mean_age():
    assert gyr(SLOW.mean_daughter_age) == pytest.approx(6.9, rel=1e-8)
    assert gyr(DecayHistory("1e-9 Gyr").mean_daughter_age) == pytest.approx(13.8, rel=1e-9)
    for lifetime in (1379.9, 1380.1):  # both sides of the switch from the series to the closed form
        x = 13.8 / lifetime
        assert gyr(DecayHistory(lifetime * u.Gyr).mean_daughter_age) == pytest.approx(
            13.8 * (0.5 + x / 12 - x**3 / 720), rel=1e-12
        )


def test_nothing_decays_in_infinite_lifetime():
    history = DecayHistory(np.inf * u.Gyr)
    assert history.decayed_share == 0
    assert history.shares_today["parents"] == 1
    assert history.daughter_age_cdf("6.9 Gyr") == pytest.approx(0.5)
    assert gyr(history.mean_daughter_age) == pytest.approx(6.9)
    assert np.mean(gyr(history.sample_daughter_ages(10_000, np.random.default_rng(1)))) == pytest.approx(6.9, abs=0.16)
    # four sigma of the mean of 10000 flat ages: 4 x 13.8/sqrt(12 x 10000)


@pytest.mark.parametrize(
    ("law", "speed", "share"),
    [
        ("matter_dominated", 70, 3.16e-2),
        ("matter_dominated", 220, 5.68e-3),
        ("flat_lcdm", 70, 3.99e-2),
        ("flat_lcdm", 220, 7.17e-3),
    ],
)
def test_early_capture_at_the_papers_kicks(law, speed, share):
    found = EarlyCapture(SLOW, law).share(FixedKick(speed * u.km / u.s))
    assert found == pytest.approx(share, rel=1.5e-3)  # three printed digits
    if law == "matter_dominated":
        # Hardy, Lasenby & Unwin (2014) round to 3 per cent and 5e-3: one digit, cut off
        assert found == pytest.approx({70: 0.03, 220: 5e-3}[speed], rel=0.15)


def test_cosmic_age_against_friedmann():
    capture = EarlyCapture(SLOW, "flat_lcdm", matter_density=0.3)

    def age(scale):
        return quad(lambda a: np.sqrt(a / (0.3 + 0.7 * a**3)), 0, scale, epsabs=1e-13)[0]

    for speed in (7.5, 30, 200):
        exact = age(7 / speed) / age(1)
        assert gyr(capture.latest_birth(speed * u.km / u.s)) / 13.8 == pytest.approx(exact, rel=1e-9)
    nearly_empty_of_lambda = EarlyCapture(SLOW, "flat_lcdm", matter_density=1 - 1e-9)
    assert nearly_empty_of_lambda.share("70 km/s") == pytest.approx(
        EarlyCapture(SLOW, "matter_dominated").share("70 km/s")
    )


def test_finite_lifetime_counts_births():
    history = DecayHistory("2 Gyr")
    births = 13.8 - gyr(history.sample_daughter_ages(200_000, np.random.default_rng(9)))
    capture = EarlyCapture(history, "matter_dominated")
    latest = 13.8 * 0.1**1.5
    assert gyr(capture.latest_birth("70 km/s")) == pytest.approx(latest, rel=1e-13)
    share = capture.share("70 km/s")
    assert share == pytest.approx((1 - np.exp(-latest / 2)) / (1 - np.exp(-13.8 / 2)), rel=1e-13)
    assert np.mean(births < latest) == pytest.approx(share, abs=4 * np.sqrt(share / 200_000))  # 4 sigma
    assert EarlyCapture(DecayHistory("1e-9 Gyr")).share("70 km/s") == 1  # all born at once, all captured


def test_slow_kicks_are_all_captured():
    for kick in ("0 km/s", "6.9 km/s", FixedKick("7 km/s"), PhaseSpaceKick(3, "7 km/s")):
        assert EarlyCapture(SLOW).share(kick) == pytest.approx(1, rel=1e-12)


def test_average_over_a_ball_of_kicks_in_closed_form():
    for top in (20.0, 200.0):
        x = 7 / top  # int 3 k^2/K^3 min(1, (7/k)^(3/2)) dk
        share = EarlyCapture(DecayHistory("1e14 Gyr"), "matter_dominated").share(PhaseSpaceKick(3, top * u.km / u.s))
        assert share == pytest.approx(2 * x**1.5 - x**3, rel=1e-11)  # tanh-sinh panels; decay slow to 1e-13


@pytest.mark.parametrize(
    "kick",
    [
        PhaseSpaceKick(5, "150 km/s"),
        TabulatedKick([2, 30, 90] * u.km / u.s, [1, 3, 0]),
        CascadeKick(FixedKick("20 km/s"), PhaseSpaceKick(3, "18 km/s")),
    ],
)
def test_average_over_kicks_against_sampled_kicks(kick):
    capture = EarlyCapture(DecayHistory("10 Gyr"))
    speeds = kick.sample(20_000, np.random.default_rng(4))
    latest = capture.latest_birth(speeds * u.km / u.s)
    each = capture.history.born_before(latest)
    assert capture.share(kick) == pytest.approx(np.mean(each), abs=4 * np.std(each) / np.sqrt(20_000))  # 4 sigma


def test_wrong_input_is_refused_with_the_way_out():
    with pytest.raises(UnitError, match="Gyr"):
        DecayHistory(18)
    with pytest.raises(InputError, match="positive"):
        DecayHistory("-1 Gyr")
    with pytest.raises(InputError, match="must add to 1"):
        DecayHistory("18 Gyr", parent_share=0.5, primordial_share=0.4)
    with pytest.raises(InputError, match="between 0 and 1"):
        DecayHistory("18 Gyr", parent_share=1.2)
    with pytest.raises(InputError, match="allowed are matter_dominated, flat_lcdm"):
        EarlyCapture(SLOW, "einstein")
    with pytest.raises(UnitError, match="54 km/s"):
        EarlyCapture(SLOW).share(54)
    with pytest.raises(InputError, match="flat space"):
        EarlyCapture(SLOW, matter_density=1.0)
    with pytest.raises(InputError, match="DecayHistory"):
        EarlyCapture("18 Gyr")


def test_config_builds_the_same_history_again():
    history = DecayHistory("18 Gyr", parent_share=0.25)
    assert DecayHistory(**history.to_config()).shares_today == history.shares_today


@pytest.mark.parametrize("bad", [{"matter_density": [0.3, 0.4]}, {"age_law": ["flat_lcdm"]}, {"age_law": []}], ids=str)
def test_lists_are_no_parameter_of_early_capture(bad):
    with pytest.raises(InputError):
        EarlyCapture(DecayHistory("20 Gyr"), **bad)
