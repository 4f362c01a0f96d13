"""Does the wash-out follow Hardy, Lasenby & Unwin (2014), Eqs. (A.2)-(A.11), and where it differs, why?"""

import numpy as np
import pytest
from astropy import units as u
from scipy.special import zeta

from cosmology import constants, wash_out
from cosmology.boltzmann import evolve
from cosmology.degrees_of_freedom import ConstantDegreesOfFreedom, degrees_of_freedom
from cosmology.errors import InputError, UnitError
from cosmology.thermodynamics import _entropy, _hubble
from cosmology.wash_out import DerivedCondition, PrintedCondition

IDEAL = ConstantDegreesOfFreedom(106.75)
TODAY = 1.5124e-42 * u.GeV  # 1/t_0
RECOMBINATION = 1 / (1.171e13 * u.s)


def test_equation_a7_from_a6_by_averaging_over_boltzmann_momenta(rng):
    # sigma = E^2/(64 pi Lambda^4) of the energy E = sqrt(s)/2, s = 2 E1 E2 (1 - cos), v = 1 - cos, massless
    energies = rng.gamma(3.0, size=(2, 400_000))
    speed = 1 - rng.uniform(-1, 1, 400_000)
    average = np.mean(2 * energies[0] * energies[1] * speed / 4 / (64 * np.pi) * speed)
    found = wash_out.scattering_sigma_v("1 GeV", "1 GeV")
    assert found.to_value("cm3/s") / 1.16733e-17 == pytest.approx(average, rel=0.01)  # 4 sigma of the sample
    assert found.to_value("cm3/s") / 1.16733e-17 == pytest.approx(3 / (32 * np.pi), rel=1e-5)  # digits of GeV^-2


def test_prefactors_of_a10_and_a11():
    reduced = constants.REDUCED_PLANCK_MASS
    a10 = wash_out.wash_out_constant("1 GeV", u.Quantity("1.16733e-17 cm3/s"), coefficient=1) / reduced
    assert a10 == pytest.approx(1.3245, abs=1.5e-4)  # 4 pi/sqrt(90); 1.32 printed
    a11 = wash_out.wash_out_constant_from_width("1 GeV", "1 GeV", "1 GeV", coefficient=1) / reduced
    assert a11 == pytest.approx(147.08, rel=1e-4)
    assert a11 == pytest.approx(3 * np.pi**3 * np.sqrt(5 / 2), rel=1e-14)


def test_a11_follows_from_a5_a7_and_a10():
    scale, temperature, splitting = 1e7, 700.0, 0.01
    width = splitting**5 / (120 * np.pi**3 * scale**4)  # (A.5)
    sigma = wash_out.scattering_sigma_v(temperature * u.GeV, scale * u.GeV)
    one = wash_out.wash_out_constant(temperature * u.GeV, sigma)
    other = wash_out.wash_out_constant_from_width(temperature * u.GeV, width * u.GeV, splitting * u.GeV)
    assert one == pytest.approx(other, rel=1e-13)


def test_coefficient_from_six_crossings(rng):
    # |A|^2 Lambda^4 is s^2 where B' and L' meet and t^2 where one of them meets an N; averages by massless momenta.
    # C of (A.6) has E^4 = s^2/16 in the place of |A|^2
    cosine = rng.uniform(-1, 1, 400_000)
    t_squared = np.mean(((1 - cosine) / 2) ** 2)  # over s^2
    assert t_squared == pytest.approx(1 / 3, abs=4 * np.sqrt(4 / 45 / 400_000))  # 4 sigma
    channels = 16 * np.array([1, 1 / 3, 1 / 3])  # B'L' to NN, B'N1 and B'N2, each with its inverse: six crossings
    both_chiralities = 2 * channels.sum()
    # Boltzmann statistics, densities of one helicity n_1, chemical potentials xi over T. One channel and its inverse
    # take gamma (xi_B + xi_L) from B' and from L', its conjugate as much again; the sum holds 4 n_1 (xi_B + xi_L)
    gamma = both_chiralities  # in n_1^2 sigma_1
    n_1, xi = 1.0, 1.0
    rate = 2 * (2 * gamma * n_1**2 * xi) / (4 * n_1 * xi)
    n_light = 2 * n_1  # both helicities of N1
    assert rate / n_light == pytest.approx(wash_out.COEFFICIENTS["derived"], rel=1e-12)
    assert pytest.approx(26.7, abs=0.05) == wash_out.COEFFICIENTS["derived"]


def test_e_folds_for_constant_g():
    # W = 1.976 C' T^3 M_Pl Gamma/Dm^5 for 106.75
    w = wash_out.e_folds("1 GeV", "1 GeV", "1 GeV", coefficient=1, g_star=IDEAL) / constants.REDUCED_PLANCK_MASS
    assert w == pytest.approx(1.976, rel=2e-4)
    # W = lambda sqrt(g) Y_N/3, with sqrt(g) Y_N = 0.04031
    yield_n = 1.5 * zeta(3) / np.pi**2 / _entropy(1.0, IDEAL)
    assert np.sqrt(106.75) * yield_n == pytest.approx(0.04031, rel=2e-4)
    constant = wash_out.wash_out_constant_from_width("1 GeV", "1 GeV", "1 GeV", coefficient=1)
    assert w * constants.REDUCED_PLANCK_MASS == pytest.approx(constant * np.sqrt(106.75) * yield_n / 3, rel=1e-12)


def test_e_folds_with_real_g_against_the_boltzmann_driver():
    dof = degrees_of_freedom("saikawa_shirai")
    top, width, splitting = 60.0, 6e-39, 0.003
    sigma = 3 / (32 * np.pi) * 120 * np.pi**3 * width / splitting**5  # (A.7) with (A.5), over T^2
    constant = wash_out.COEFFICIENTS["derived"]

    def rhs(x, y):  # (A.2), (A.8), x = T_1/T
        t = top / x
        rate = constant * 1.5 * zeta(3) / np.pi**2 * t**3 * sigma * t**2
        return -rate * (1 + dof._entropy_slope(t) / 3) / _hubble(t, dof) * y

    history = evolve(rhs, {"sum": 1.0}, (1.0, 1e3), at=[1.0, 1.5, 5.0, 1e3], rtol=1e-9)
    arguments = (top * u.GeV, width * u.GeV, splitting * u.GeV)
    w = wash_out.e_folds(*arguments, down_to=top / history.x * u.GeV)
    assert wash_out.remaining_share(w) == pytest.approx(history.yields["sum"], rel=1e-6)  # solver, steps
    # what is left below a thousandth of T_1 is 1e-9
    assert wash_out.e_folds(*arguments) == pytest.approx(w[-1], rel=1e-8)
    assert w[-1] > 0.5


def test_the_printed_condition_is_a_fiftieth_of_an_e_fold():
    # T^3 = 1e-3 Dm^5/(Gamma M_Pl): W = 0.0198 for C' = 10, 0.0527 for C' = 80/3
    temperature = wash_out.highest_temperature(TODAY, "10 MeV", "paper")
    for coefficient, expected in (("paper", 0.0198), ("derived", 0.0527)):
        w = wash_out.e_folds(temperature, TODAY, "10 MeV", coefficient=coefficient, g_star=IDEAL)
        assert w == pytest.approx(expected, rel=3e-3)
    # and one e-fold has 0.0506 and 0.0190 in place of 1e-3
    for coefficient, expected in (("paper", 0.0506), ("derived", 0.0190)):
        condition = DerivedCondition(coefficient=coefficient, g_star=IDEAL)
        assert condition._threshold(1e3) == pytest.approx(expected, rel=3e-3)


@pytest.mark.parametrize(
    ("condition", "tev"),
    [
        ("paper", 3.006),
        (DerivedCondition(1, "paper", IDEAL), 11.1),
        (DerivedCondition(1, "derived", IDEAL), 8.0),
        (DerivedCondition(3, "paper", IDEAL), 16.0),
        (DerivedCondition(3, "derived", IDEAL), 11.6),
    ],
)
def test_highest_temperatures_for_decay_today_and_ten_mev(condition, tev):
    found = wash_out.highest_temperature(TODAY, "10 MeV", condition)
    assert found.to_value("TeV") == pytest.approx(tev, rel=5e-3)  # three digits


# g*(50 GeV) of Borsanyi et al. 2016 held, as the reference values do, with sqrt(g*) Y_N ~ sqrt(g_rho)/g_s in (A.9)
AT_50_GEV = ConstantDegreesOfFreedom(
    degrees_of_freedom("borsanyi").g_s("50 GeV") ** 2 / degrees_of_freedom("borsanyi").g_rho("50 GeV")
)


@pytest.mark.parametrize(
    ("condition", "mev"),
    [
        ("paper", 7.02),
        (DerivedCondition(1, "paper", AT_50_GEV), 3.25),
        (DerivedCondition(1, "derived", AT_50_GEV), 3.95),
    ],
)
def test_least_splittings_for_decay_at_recombination(condition, mev):
    found = wash_out.least_splitting(RECOMBINATION, "50 GeV", condition)
    assert found.to_value("MeV") == pytest.approx(mev, rel=2e-3)  # three digits


@pytest.mark.parametrize(
    ("condition", "at_2_mev", "at_7_mev"),
    [("paper", 69.5, 4.20e4), (DerivedCondition(g_star=AT_50_GEV), 1.23e3, 7.44e5)],
)
def test_ceilings_of_figure_4(condition, at_2_mev, at_7_mev):
    found = (wash_out.largest_width([2, 7.2] * u.MeV, "50 GeV", condition) / TODAY).to_value("")
    assert found == pytest.approx([at_2_mev, at_7_mev], rel=2e-3)  # three digits


def test_real_g_falls_below_50_gev_and_adds_to_the_wash_out():
    def w(g_star):
        return wash_out.e_folds("50 GeV", TODAY, "10 MeV", g_star=g_star)

    # g at T_1 held: 7 per cent above the ideal gas; with its fall and the time that takes: 15 per cent
    assert w(AT_50_GEV) / w(IDEAL) == pytest.approx(1.072, rel=2e-3)
    assert w("borsanyi") / w(IDEAL) == pytest.approx(1.15, abs=0.03)
    assert w("saikawa_shirai") == pytest.approx(w("borsanyi"), rel=0.04)  # two published sets


@pytest.mark.parametrize("condition", ["paper", "derived", PrintedCondition(2e-3), DerivedCondition(2, 12)])
def test_the_three_forms_of_a_condition_are_inverses(condition):
    temperature = wash_out.highest_temperature("3e-40 GeV", "8 MeV", condition)
    assert wash_out.least_splitting("3e-40 GeV", temperature, condition).to_value("MeV") == pytest.approx(8, rel=1e-11)
    assert wash_out.largest_width("8 MeV", temperature, condition).to_value("GeV") == pytest.approx(3e-40, rel=1e-11)
    if isinstance(condition, DerivedCondition):
        w = wash_out.e_folds(temperature, "3e-40 GeV", "8 MeV", coefficient=12)
        assert w == pytest.approx(2, rel=1e-11)


def test_larger_splitting_at_fixed_width_is_safer():
    w = wash_out.e_folds("1 TeV", TODAY, [5, 10, 20] * u.MeV)
    assert w / w[0] == pytest.approx([1, 2**-5, 4**-5], rel=1e-12)


def test_conserved_n_number_shares_the_asymmetry():
    w = np.array([0, 1e-6, 1.0, 40.0])
    conserved = wash_out.remaining_share(w, n_number="conserved")
    violated = wash_out.remaining_share(w)
    assert conserved == pytest.approx([1, 1 - 1e-6, 2 / 3 + np.exp(-3) / 3, 2 / 3], rel=1e-9)
    assert violated == pytest.approx([1, 1 - 1e-6, np.exp(-1), np.exp(-40)], rel=1e-9)
    # the sum S falls by its own rate and regains twice what the N hold: dS/dW = -S + 2 (1 - S)
    step = wash_out.remaining_share(np.array([0.4 - 1e-5, 0.4, 0.4 + 1e-5]), n_number="conserved")
    assert (step[2] - step[0]) / 2e-5 == pytest.approx(2 - 3 * step[1], rel=1e-8)
    # Equilibrium of four species: xi_B + xi_L = xi_1 + xi_2, charges of Dirac fermions count double those of Weyl;
    # the N get what the sum loses: 2 (xi_B + xi_L) = S, xi_1 + xi_2 = 1 - S
    lhs, rhs = np.array([[1.0, -2.0], [1.0, 1.0]]), np.array([0.0, 1.0])
    share, _ = np.linalg.solve(lhs, rhs)
    assert share == pytest.approx(2 / 3, rel=1e-14)


def test_refusals():
    for call in (
        lambda: wash_out.e_folds("-1 GeV", TODAY, "1 MeV"),
        lambda: wash_out.e_folds("1 GeV", TODAY, "1 MeV", coefficient="printed"),
        lambda: wash_out.e_folds("1 GeV", TODAY, "1 MeV", coefficient=0),
        lambda: wash_out.e_folds("1 GeV", TODAY, "1 MeV", down_to="2 GeV"),
        lambda: wash_out.e_folds("1e17 GeV", TODAY, "1 MeV"),
        lambda: wash_out.highest_temperature(TODAY, "1 MeV", "printed"),
        lambda: wash_out.remaining_share(-1.0),
        lambda: wash_out.remaining_share(1.0, n_number="broken"),
    ):
        with pytest.raises(InputError):
            call()
    with pytest.raises(UnitError):
        wash_out.e_folds(1.0, TODAY, "1 MeV")
