"""Kick speeds: Hardy, Lasenby & Unwin (2014), Eqs. (3.1) and (B.1)-(B.4), against Monte Carlo phase space."""

import numpy as np
import pytest
from astropy import constants as si
from astropy import units as u
from scipy.integrate import quad

from cosmology.decay_widths import LightScalarAmplitude, PowerAmplitude, ScalarBilinearAmplitude
from cosmology.errors import InputError, UnitError
from cosmology.kick_spectrum import KickSpectrum, LightKickSpectrum, slowest_shares, two_body_speed

C = si.c.to_value("km/s")


def monte_carlo_kicks(parent, masses, events, rng):
    """Speeds of the first product and weights: flat phase space after Kleiss, Stirling & Ellis (1986)."""
    n = len(masses)
    cosine, phi = rng.uniform(-1, 1, (events, n)), rng.uniform(0, 2 * np.pi, (events, n))
    energy = -np.log(rng.random((events, n)) * rng.random((events, n)))
    sine = np.sqrt(1 - cosine**2)
    q = energy[..., None] * np.stack([sine * np.cos(phi), sine * np.sin(phi), cosine], axis=-1)
    total, total_energy = q.sum(axis=1), energy.sum(axis=1)
    mass = np.sqrt(total_energy**2 - np.sum(total**2, axis=-1))
    boost, gamma = -total / mass[:, None], total_energy / mass
    along = np.einsum("eni,ei->en", q, boost)
    p = q + boost[:, None, :] * (energy + along / (1 + gamma)[:, None])[..., None]
    p *= (parent / mass)[:, None, None]
    # massless to massive: one factor for all momenta
    size, xi = np.linalg.norm(p, axis=-1), np.full(events, 0.01)
    for _ in range(60):
        e = np.sqrt(np.square(masses) + (xi[:, None] * size) ** 2)
        xi -= (e.sum(axis=1) - parent) / np.sum(xi[:, None] * size**2 / e, axis=1)
        xi = np.abs(xi)
    k = xi[:, None] * size
    e = np.sqrt(np.square(masses) + k**2)
    weight = k.sum(axis=1) ** (2 * n - 3) * np.prod(k / e, axis=1) / np.sum(k**2 / e, axis=1)
    return k[:, 0] / e[:, 0], weight


@pytest.mark.parametrize(("gap", "speed"), [(2e-3, 59.95), (7.2e-3, 215.8)])
def test_two_body_speeds_of_the_paper_s_splittings(gap, speed):
    assert two_body_speed((10 + gap) * u.GeV, "10 GeV").to_value("km/s") == pytest.approx(speed, abs=0.05)


@pytest.mark.parametrize(("gap", "printed"), [(1.80e-3, 54), (7.27e-3, 218)])
def test_splittings_that_would_give_the_printed_speeds(gap, printed):
    # Hardy, Lasenby & Unwin (2014) print 54 and 218 km/s for 2 and 7.2 MeV
    found = two_body_speed((10 + gap) * u.GeV, "10 GeV").to_value("km/s")
    assert found == pytest.approx(printed, rel=1e-3)  # three digits of the splitting


def test_two_body_speed_by_momentum_balance():
    parent, daughter, partner = 3.0, 2.0, 0.5
    lam = (parent**2 - (daughter + partner) ** 2) * (parent**2 - (daughter - partner) ** 2)
    momentum = np.sqrt(lam) / (2 * parent)
    speed = two_body_speed("3 GeV", "2 GeV", "0.5 GeV") / si.c
    assert speed.to_value(u.one) == pytest.approx(momentum / np.hypot(momentum, daughter), rel=1e-13)


def test_equation_3_1_relative_splitting_of_500_km_s():
    # v ~ Dm/m to first order: 1.668e-3 where the paper rounds to 2e-3
    speed = two_body_speed((1 + 1.668e-3) * 10 * u.GeV, "10 GeV").to_value("km/s")
    assert speed == pytest.approx(500, rel=2e-3)  # next order in Dm/m
    assert LightKickSpectrum.from_masses(3, 0, "10 GeV", "4.003 MeV").max_speed.to_value("km/s") == pytest.approx(
        120, abs=0.02
    )


@pytest.mark.parametrize(
    ("n", "exact", "light", "printed"),
    [(3, 0.064, 0.0640, 0.064), (4, 0.144, 0.1446, 0.0102), (5, 0.230, 0.2293, 0.00164)],
)
def test_share_below_0_4_of_the_largest_speed(n, exact, light, printed):
    spectrum = KickSpectrum("10.1 GeV", "10 GeV", ("0 GeV",) * (n - 1))
    assert spectrum.cdf(0.4 * spectrum.max_speed) == pytest.approx(exact, abs=8e-4)  # that number is a Monte Carlo's
    assert spectrum.light_limit().cdf(0.4 * spectrum.max_speed) == pytest.approx(light, abs=5e-5)
    assert slowest_shares(n, 0.4) == pytest.approx(printed, rel=4e-3)


@pytest.mark.parametrize(
    "masses", [(10.0, 0, 0), (10.0, 0, 0, 0), (10.0, 0, 0, 0, 0), (10.0, 0.001, 0.03, 0.01), (10.0, 0.02, 0.02)]
)
def test_law_against_monte_carlo(masses, rng):
    speed, weight = monte_carlo_kicks(10.1, np.array(masses), 150_000, rng)
    spectrum = KickSpectrum("10.1 GeV", "10 GeV", [mass * u.GeV for mass in masses[1:]])
    top = spectrum.max_speed
    assert np.max(speed) * C < top.to_value("km/s") * (1 + 1e-9)
    for share in (0.2, 0.4, 0.6, 0.8):
        cut = share * top.to_value("km/s") / C
        wanted = np.sum(weight[speed < cut]) / np.sum(weight)
        sigma = np.sqrt(np.sum((weight * ((speed < cut) - wanted)) ** 2)) / np.sum(weight)
        assert abs(spectrum.cdf(share * top) - wanted) < 4 * sigma  # 20 comparisons: 4 sigma by chance once in 800


def test_amplitude_against_weighted_monte_carlo(rng):
    masses = (8.0, 0.3, 0.2)
    speed, weight = monte_carlo_kicks(10.0, np.array(masses), 150_000, rng)
    gamma = 1 / np.sqrt(1 - speed**2)
    q2 = 100 + 64 - 2 * 10 * 8 * gamma
    weight = weight * ((18**2 - q2) * (q2 - 0.09 - 0.04))
    spectrum = KickSpectrum("10 GeV", "8 GeV", ("0.3 GeV", "0.2 GeV"), ScalarBilinearAmplitude("1 TeV"))
    mean = np.average(speed, weights=weight)
    sigma = np.sqrt(np.sum((weight * (speed - mean)) ** 2)) / np.sum(weight)
    assert abs(spectrum.mean_speed.to_value("km/s") / C - mean) < 4 * sigma


@pytest.mark.parametrize(
    ("n", "k", "rms", "median"),
    [(3, 0, 0.7746, 0.794), (3, 1, 0.6547, 0.643), (4, 0, 0.6547, 0.643), (3, 2, 0.5774, 0.554)],
)
def test_light_law_in_numbers(n, k, rms, median):
    law = LightKickSpectrum(n, k, "100 km/s")
    assert law.rms_speed.to_value("km/s") == pytest.approx(100 * rms, abs=0.006)
    assert law.quantile(0.5).to_value("km/s") == pytest.approx(100 * median, abs=0.06)
    mean = quad(lambda v: v * law.pdf(v * u.km / u.s).value, 0, 100)[0]
    square = quad(lambda v: v**2 * law.pdf(v * u.km / u.s).value, 0, 100)[0]
    assert law.mean_speed.value == pytest.approx(mean, rel=1e-8)  # `quad`
    assert law.rms_speed.value**2 == pytest.approx(square, rel=1e-8)
    assert quad(lambda v: law.pdf(v * u.km / u.s).value, 0, 40)[0] == pytest.approx(law.cdf("40 km/s"), rel=1e-8)


@pytest.mark.parametrize(
    ("n", "power", "coefficient"),
    [(3, 0, 1), (3, 1, 2.5), (3, 2, 4.375), (4, 0, 2.5), (5, 0, 4.375), (4, 1, 4.375)],
)
def test_slow_daughters_go_as_the_cube_for_every_n(n, power, coefficient):
    law = LightKickSpectrum(n, power, "100 km/s")
    assert law.slow_coefficient == pytest.approx(coefficient, rel=1e-14)
    assert law.cdf("0.1 km/s") / 1e-9 == pytest.approx(coefficient, rel=1e-5)  # next order, w^2


def test_worked_example_of_appendix_b():
    flat = KickSpectrum("20 GeV", "10 GeV")
    assert flat.cdf("500 km/s") == pytest.approx(1.266e-8, rel=5e-4)  # printed 1.27e-8
    gamma = 1 / np.sqrt(1 - (500 / C) ** 2)
    gap = 2 * 20 * 10 * (gamma - 1)
    assert gap == pytest.approx(5.563e-4, rel=2e-4)  # printed 5.6e-2 GeV^2
    assert (gap / 100) ** 1.5 == pytest.approx(1.312e-8, rel=5e-4)


def test_share_of_slow_daughters_is_not_below_5e_6():
    light = LightKickSpectrum(3, 0, 0.1 * si.c)
    assert light.cdf("500 km/s") == pytest.approx(4.64e-6, rel=2e-3)
    assert light.cdf(2e-3 * si.c) == pytest.approx(8.0e-6, rel=1e-3)
    assert LightKickSpectrum(3, 1, 0.1 * si.c).cdf("500 km/s") == pytest.approx(1.16e-5, rel=2e-3)
    assert KickSpectrum("11 GeV", "10 GeV").cdf("500 km/s") == pytest.approx(5.35e-6, rel=1e-3)
    one = KickSpectrum("11 GeV", "10 GeV", amplitude=PowerAmplitude(1))
    assert one.cdf("500 km/s") == pytest.approx(1.34e-5, rel=3e-3)


def test_partners_near_the_splitting_compress_the_kick():
    spectrum = KickSpectrum("10.01 GeV", "10 GeV", ("5 MeV", "4.9 MeV"))
    expected = np.sqrt(0.01**2 - 0.0099**2) / np.sqrt(10.01 * 10) * C
    assert spectrum.max_speed.to_value("km/s") == pytest.approx(expected, rel=1e-6)  # next order in v/c


def test_exact_law_tends_to_the_light_one():
    exact = KickSpectrum("10.001 GeV", "10 GeV", amplitude=LightScalarAmplitude("1 TeV"))
    speeds = exact.max_speed * np.linspace(0.05, 0.99, 9)
    light = exact.light_limit()
    assert light.power == 1
    assert exact.cdf(speeds) == pytest.approx(light.cdf(speeds), rel=1e-6)  # Dm/m squared would be 1e-8
    assert exact.pdf(speeds).value == pytest.approx(light.pdf(speeds).value, rel=1e-6)


@pytest.mark.parametrize("partners", [("0 GeV", "0 GeV"), ("30 MeV", "20 MeV"), ("0.05 MeV", "0 GeV"), ("10 MeV",) * 4])
def test_pdf_cdf_quantile_and_samples_agree(partners, rng):
    spectrum = KickSpectrum("10.1 GeV", "10 GeV", partners, PowerAmplitude(1))
    top = spectrum.max_speed.to_value("km/s")
    value = quad(lambda v: spectrum.pdf(v * u.km / u.s).value, 0, 0.7 * top, epsabs=0)[0]
    assert value == pytest.approx(spectrum.cdf(0.7 * top * u.km / u.s), rel=1e-8)  # `quad`
    assert spectrum.cdf(spectrum.quantile([0.001, 0.5, 0.99])) == pytest.approx([0.001, 0.5, 0.99], rel=1e-10)
    assert spectrum.cdf(2 * spectrum.max_speed) == 1
    assert spectrum.pdf([-1, 1.01 * top] * u.km / u.s).value == pytest.approx([0, 0], abs=0)
    shares = spectrum.cdf(spectrum.sample(20_000, rng))
    assert np.mean(shares) == pytest.approx(0.5, abs=4 / np.sqrt(12 * 20_000))  # uniform; 4 sigma
    assert np.mean(shares**2) == pytest.approx(1 / 3, abs=4 * np.sqrt(4 / 45 / 20_000))
    mean_square = quad(lambda v: v**2 * spectrum.pdf(v * u.km / u.s).value, 0, top, epsabs=0, limit=200)[0]
    assert spectrum.rms_speed.value == pytest.approx(np.sqrt(mean_square), rel=1e-7)


def test_table_to_hand_over_integrates_to_one():
    speed, density = KickSpectrum("10.1 GeV", "10 GeV").table(401)
    assert (speed.unit, density.unit) == (u.km / u.s, u.s / u.km)
    assert np.trapezoid(density.value, speed.value) == pytest.approx(1, abs=1e-4)  # 401 points


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="two_body_speed"):
        KickSpectrum("10.1 GeV", "10 GeV", ("0 GeV",))
    with pytest.raises(InputError, match="two_body_speed"):
        LightKickSpectrum(2, 0, "100 km/s")
    with pytest.raises(InputError, match="up to 4 massive"):
        KickSpectrum("10.1 GeV", "10 GeV", ("1 MeV",) * 5)
    with pytest.raises(InputError, match="two partners"):
        KickSpectrum("10.1 GeV", "10 GeV", ("0 GeV",) * 3, ScalarBilinearAmplitude("1 TeV"))
    with pytest.raises(InputError, match="too heavy"):
        KickSpectrum("10.1 GeV", "10 GeV", ("60 MeV", "60 MeV"))
    with pytest.raises(InputError, match="heavier than its daughter"):
        two_body_speed("10 GeV", "10.1 GeV")
    with pytest.raises(InputError, match="share"):
        LightKickSpectrum(3, 0, "100 km/s").quantile(1.2)
    with pytest.raises(InputError, match="speed above 0"):
        LightKickSpectrum(3, 0, "4e5 km/s")
    with pytest.raises(UnitError):
        LightKickSpectrum(3, 0, 100.0)


def test_medians_by_the_root_of_the_integrated_density():
    # 0.794, 0.643, 0.554 of the largest speed for n - 3 + k = 0, 1, 2: closed distributions, solved by hand
    for n, power, median in ((3, 0, 0.794), (3, 1, 0.643), (4, 0, 0.643), (3, 2, 0.554), (5, 0, 0.554)):
        law = LightKickSpectrum(n, power, "100 km/s")
        half = quad(lambda v, law=law: law.pdf(v * u.km / u.s).value, 0, 100 * median)[0]
        assert half == pytest.approx(0.5, abs=1e-3)  # three digits of the median, at a density below 2
    # n = 3, k = 0: w^3 = 1/2
    exact = LightKickSpectrum(3, 0, "100 km/s").quantile(0.5).to_value("km/s")
    assert exact == pytest.approx(100 * 0.5 ** (1 / 3), rel=1e-12)
