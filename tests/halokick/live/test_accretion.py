import astropy.units as u
import numpy as np
import pytest

from halokick.decay.history import DecayHistory
from halokick.decay.kicks import FixedKick
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.growth import WechslerGrowth
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile, TruncatedProfile
from halokick.live.accretion import MassAccretion, arrivals, as_accretion, formation_time_at
from halokick.live.start import live_start

AGE = WechslerGrowth()._age  # flat, Omega_m = 0.3, H_0 = 70 km/s/Mpc: 13.467 Gyr
GYR = u.Gyr
NFW = NFWProfile(r_s=1 * u.kpc, rho_s=2e8 * u.Msun / u.kpc**3)


def age():
    return 13.46695 * GYR


# formation time of r_s, then (all mass, inside r_s) for Gamma t0 = 0.1, 1, 3: own integration of the same law with a
# uniform rule in the mass, 2e5 nodes
TABLE = {
    6: (4.83, 0.380, 0.732, 0.301, 0.642, 0.163, 0.442),
    10: (2.58, 0.490, 0.860, 0.409, 0.802, 0.255, 0.655),
    15: (1.46, 0.578, 0.921, 0.499, 0.885, 0.343, 0.788),
    25: (0.68, 0.680, 0.963, 0.611, 0.946, 0.465, 0.895),
}


@pytest.mark.parametrize("concentration", TABLE)
def test_share_of_decays_after_accretion(concentration):
    accretion = MassAccretion.wechsler(concentration)
    formed, *expected = TABLE[concentration]
    inside = float(NFW.mass(1 * u.kpc) / NFW.mass(concentration * u.kpc))
    when = formation_time_at(accretion, NFW, concentration * u.kpc, age(), 1 * u.kpc)
    # the table's last digit
    assert when.to_value(GYR) == pytest.approx(formed, abs=0.006)
    found = [
        accretion.share_after_accretion(DecayHistory(age() / steps, age()), part)
        for steps in (0.1, 1, 3)
        for part in (1.0, inside)
    ]
    np.testing.assert_allclose(found, expected, atol=6e-4)


def test_the_mass_at_the_formation_time_is_the_share():
    accretion = MassAccretion.wechsler(10)
    share = np.linspace(0.01, 1, 37)
    # linear interpolation in a table of 4096 times
    np.testing.assert_allclose(accretion.mass_share(accretion.formation_time(share, age()), age()), share, rtol=1e-5)


def test_the_clock_is_scaled_to_the_age_of_the_history():
    accretion = MassAccretion.wechsler(10)
    scaled = float(accretion.formation_time(0.3, 13.8 * GYR) / accretion.formation_time(0.3, age()))
    # both from tables; the age above is given to seven digits
    assert scaled == pytest.approx(13.8 / 13.46695, rel=1e-6)


def test_a_users_own_history_is_inverted():
    accretion = as_accretion(lambda t: float(t / (1 * GYR)) ** 2)
    assert float(accretion.formation_time(0.25, age()) / age()) == pytest.approx(0.5, rel=1e-6)


def test_a_mass_that_falls_is_refused():
    with pytest.raises(InputError, match="never falls"):
        as_accretion(lambda t: 2.0 - float(t / age())).formation_time(0.5, age())


@pytest.mark.parametrize("given", [3, b"x"])
def test_what_is_no_history_is_refused(given):
    with pytest.raises(InputError, match="MassAccretion"):
        as_accretion(given)


@pytest.fixture(scope="module")
def halo():
    return ErgodicDF(Halo(TruncatedProfile(NFW, r_t=10 * u.kpc)))


@pytest.fixture(scope="module")
def start(halo):
    return live_start(halo, FixedKick(30 * u.km / u.s), 4096, 3)


def came(start, halo, decay):
    return arrivals(start, halo, MassAccretion.wechsler(10), AGE, decay)


def test_mass_that_has_arrived_follows_the_history(start, halo):
    found = came(start, halo, np.full(len(start), np.inf))
    for time in (0.1, 0.4, 0.9):
        here = start.mass[found.activation <= time * AGE].sum() / start.mass.sum()
        expected = MassAccretion.wechsler(10).mass_share(time * age(), age())
        # half the mass of one particle of 4096, of up to ten times the mean mass
        assert here == pytest.approx(float(expected), abs=2e-3)


def test_decays_after_arrival_keep_their_kick_and_time(start, halo):
    decay = np.full(len(start), 0.999999 * AGE)
    found = came(start, halo, decay)
    late = found.activation < decay
    assert late.sum() > 4000
    np.testing.assert_array_equal(found.start.kick[late], start.kick[late])
    np.testing.assert_array_equal(found.decay_time[late], decay[late])
    assert not found.lost[late].any()


def test_share_of_particles_agrees_with_the_integral(start, halo):
    history = DecayHistory(age(), age())
    decay = -AGE * np.log1p(-start.u_decay)
    found = came(start, halo, decay)
    expected = MassAccretion.wechsler(10).share_after_accretion(history)
    # 4096 quasi-random particles of unequal mass: half of 1/sqrt(n)
    assert found.shares["after"] == pytest.approx(expected, abs=0.008)
    assert sum(found.shares.values()) == pytest.approx(1, abs=1e-12)


def test_early_daughters_are_cold_on_arrival(start, halo):
    found = came(start, halo, np.full(len(start), 1e-4 * AGE))
    early = found.activation > 1e-2 * AGE
    assert early.sum() > 2000
    # in matter domination a ~ t^(2/3): at least a factor 100^(2/3) between birth and arrival
    assert np.all(found.start.kick[early] < start.kick[early] / 100 ** (2 / 3) * 1.001)
    assert not found.lost[early].any()


def test_fast_daughters_born_just_before_arrival_never_join(halo):
    # faster than the escape speed anywhere: psi(0) of this halo is (147 km/s)^2 / 2
    fast = live_start(halo, FixedKick(500 * u.km / u.s), 1024, 3)
    arrival = came(fast, halo, np.full(1024, np.inf)).activation
    found = came(fast, halo, 0.9 * arrival)
    assert found.lost[arrival > 0].all()
