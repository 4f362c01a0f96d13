"""Do daughters stream as far as kinematics in an expanding universe says? Hardy, Lasenby & Unwin (2014), App. C."""

import numpy as np
import pytest
from astropy import units as u
from astropy.cosmology import FlatLambdaCDM
from scipy.integrate import quad, solve_ivp
from scipy.special import hyp2f1

from halokick.decay.history import AGE_LAWS, DecayHistory, EarlyCapture
from halokick.decay.streaming_length import clustering_length, clustering_speed, streaming_length
from halokick.errors import InputError, UnitError

PLANCK = {"hubble_constant": "67.4 km/(s Mpc)", "matter_density": 0.315}
SLOW = DecayHistory("1e9 Gyr")


def mpc(length):
    return length.to_value("Mpc")


@pytest.mark.parametrize(("speed", "redshift", "length"), [(70, 9, 0.749), (220, 1, 1.81)])
def test_comoving_streaming_lengths_in_numbers(speed, redshift, length):
    # u1 a1 int da/(a^3 H), three digits of an independent program
    found = streaming_length(speed * u.km / u.s, redshift, **PLANCK)
    assert mpc(found) == pytest.approx(length, rel=7e-4)
    # an integral in redshift with H(z) of another code: u1 a1 int (1+z) dz/H; without radiation, as here
    other = FlatLambdaCDM(H0=67.4, Om0=0.315, Tcmb0=0)
    integral = quad(lambda z: (1 + z) / other.H(z).to_value("km/(s Mpc)"), 0, redshift)[0]
    assert mpc(found) == pytest.approx(speed / (1 + redshift) * integral, rel=1e-9)  # `quad`


def test_length_by_following_one_daughter():
    # x' = u/a, u' = -H u: the redshifting speed is integrated, not put in
    hubble, matter = 0.07, 0.3  # km/s/kpc

    def rhs(_, y):
        a, u_now, _ = y
        h = hubble * np.sqrt(matter / a**3 + 1 - matter)
        return [a * h, -h * u_now, u_now / a]

    def today(_, y):
        return y[0] - 1

    today.terminal = True
    run = solve_ivp(rhs, (0, 30), [0.2, 120.0, 0.0], events=today, rtol=1e-11, atol=1e-12, method="DOP853")
    assert streaming_length("120 km/s", 4.0).to_value("kpc") == pytest.approx(run.y[2, -1], rel=1e-8)  # that solver
    assert run.y[1, -1] == pytest.approx(24, rel=1e-8)


def test_closed_forms():
    # int da a^(-3/2)/sqrt(m + (1-m) a^3) = -2 2F1(1/2, -1/6; 5/6; -(1-m) a^3/m)/sqrt(m a)
    def primitive(a, m):
        return -2 / np.sqrt(m * a) * hyp2f1(0.5, -1 / 6, 5 / 6, -(1 - m) / m * a**3)

    for m, z in ((0.3, 0.01), (0.3, 20.0), (0.05, 3.0), (0.99, 500.0)):
        expected = 100 / (1 + z) * (primitive(1, m) - primitive(1 / (1 + z), m)) / 70
        # 2F1 loses digits in the difference for births of late
        assert mpc(streaming_length("100 km/s", z, matter_density=m)) == pytest.approx(expected, rel=1e-11)
    # matter alone: 2 u1 a1 (a1^(-1/2) - 1)/H0
    a1 = 1 / 26
    assert mpc(streaming_length("100 km/s", 25, matter_density=1 - 1e-12)) == pytest.approx(
        2 * 100 * a1 * (a1**-0.5 - 1) / 70, rel=1e-10
    )
    # shortly after birth: u1 t, comoving
    assert mpc(streaming_length("100 km/s", 1e-6)) == pytest.approx(100 * 1e-6 / 70, rel=3e-6)


def test_parts_of_the_way_add_up_and_broadcast():
    z = np.array([0.5, 2.0, 9.0])
    whole = streaming_length("70 km/s", z)
    parts = streaming_length("70 km/s", z, until_redshift=0.4) + streaming_length(70 / 1.4 * u.km / u.s, 0.4) * (
        1.4**2 / (1 + z)
    )
    # at 1 + z = 1.4 the speed is u1 1.4/(1 + z1)
    assert mpc(whole) == pytest.approx(mpc(parts), rel=1e-12)
    assert mpc(streaming_length([70, 140, 210] * u.km / u.s, z)) == pytest.approx(mpc(whole) * [1, 2, 3], rel=1e-14)
    assert streaming_length("70 km/s", 9.0).isscalar
    assert mpc(streaming_length("70 km/s", 9.0, until_redshift=9.0)) == 0
    # longest for births at a redshift of 4
    grid = np.linspace(0, 20, 401)
    assert grid[np.argmax(mpc(streaming_length("70 km/s", grid)))] == pytest.approx(4, abs=0.2)


def test_radiation_that_is_left_out():
    # shares named in the documentation; radiation of photons and neutrinos
    for z, share in ((9, 7e-4), (1000, 0.047)):
        with_it = quad(
            lambda log_a: (
                np.exp(-2 * log_a) / np.sqrt(0.315 * np.exp(-3 * log_a) + 9.2e-5 * np.exp(-4 * log_a) + 0.685)
            ),
            -np.log1p(z),
            0,
            limit=200,
        )[0]
        ratio = mpc(streaming_length("67.4 km/s", z, **PLANCK)) * (1 + z) / with_it
        assert ratio - 1 == pytest.approx(share, rel=0.05)  # two digits


def test_hubble_speed_of_100_kpc():
    # Eq. (C.1): H0 x 100 kpc is 6.74 km/s, rounded to 7 in the paper
    assert clustering_speed(hubble_constant="67.4 km/(s Mpc)").to_value("km/s") == pytest.approx(6.74, rel=1e-12)
    assert clustering_speed().to_value("km/s") == pytest.approx(
        EarlyCapture(SLOW).clustering_speed.to_value("km/s"), rel=1e-12
    )


def test_equation_c1_with_the_exact_hubble_speed():
    # 70 km/s: 2.99 per cent in matter domination (3.16 with 7 km/s)
    speed = clustering_speed(hubble_constant="67.4 km/(s Mpc)")
    found = EarlyCapture(SLOW, "matter_dominated", clustering_speed=speed).share("70 km/s")
    assert found == pytest.approx(0.0299, abs=5e-5)  # its digits


@pytest.mark.parametrize(("kick", "share"), [(70, 3.72e-2), (220, 6.62e-3)])
def test_equation_c1_with_the_age_of_the_standard_universe(kick, share):
    # t(a1)/t0 in place of a1^1.5: 3.72 per cent and 6.62e-3, with radiation, by another code
    planck = FlatLambdaCDM(H0=67.4, Om0=0.315, Tcmb0=2.7255, Neff=3.046)
    redshift = kick / 6.74 - 1
    with_radiation = float(planck.age(redshift) / planck.age(0))
    assert with_radiation == pytest.approx(share, rel=1.5e-3)  # three digits
    speed = clustering_speed(hubble_constant="67.4 km/(s Mpc)")
    found = EarlyCapture(SLOW, "flat_lcdm", matter_density=0.315, clustering_speed=speed).share(kick * u.km / u.s)
    # this law has no radiation, which makes the early universe older: 0.3 and 1.2 per cent
    assert found / with_radiation - 1 == pytest.approx({70: 3.4e-3, 220: 1.13e-2}[kick], rel=0.15)
    assert AGE_LAWS["flat_lcdm"](6.74 / kick, 0.315) == pytest.approx(found, rel=1e-6)  # decay slow to 1e-8


def test_clustering_length_is_100_kpc_at_the_limit_of_capture():
    # k_c = H a/u = H0/(u1 a1) today; a1 = 7/70
    assert clustering_length("70 km/s", 9.0).to_value("kpc") == pytest.approx(100, rel=1e-12)
    # earlier births cluster on smaller scales, faster kicks on larger ones
    lengths = clustering_length([70, 70, 140] * u.km / u.s, [19, 9, 9]).to_value("kpc")
    assert lengths == pytest.approx([50, 100, 200], rel=1e-12)


def test_refusals():
    for call in (
        lambda: streaming_length("-1 km/s", 1.0),
        lambda: streaming_length("40000 km/s", 1.0),
        lambda: streaming_length("70 km/s", -0.1),
        lambda: streaming_length("70 km/s", 1.0, until_redshift=1.1),
        lambda: streaming_length("70 km/s", 1.0, until_redshift=-0.1),
        lambda: streaming_length("70 km/s", 1.0, matter_density=1.0),
        lambda: streaming_length("70 km/s", 1.0, hubble_constant="0 km/(s Mpc)"),
        lambda: clustering_speed("0 kpc"),
        lambda: clustering_length("70 km/s", -1.0),
    ):
        with pytest.raises(InputError):
            call()
    with pytest.raises(UnitError):
        streaming_length(70.0, 1.0)
    with pytest.raises(UnitError):
        clustering_speed(hubble_constant=70.0)
