"""Hall, March-Russell & West (2010), equation by equation: printed numbers, and what they are exactly."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.special import kv, kve, zeta

from cosmology import constants, units
from cosmology.degrees_of_freedom import ConstantDegreesOfFreedom, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models import asymmetric_freeze_in_asymmetry as asymmetry
from cosmology.models import asymmetric_freeze_in_bounds as bounds
from cosmology.models import asymmetric_freeze_in_charginos as charginos
from cosmology.models import asymmetric_freeze_in_hidden as hidden
from cosmology.models import asymmetric_freeze_in_operators as operators
from cosmology.models import asymmetric_freeze_in_rates as rates
from cosmology.models import asymmetric_freeze_in_signatures as signatures
from cosmology.models import asymmetric_freeze_in_sphalerons as sphalerons
from cosmology.models.asymmetric_freeze_in import AsymmetricFreezeIn

HUNDRED = ConstantDegreesOfFreedom(100.0)
TWO_DIGITS = 0.015  # numbers that are given with two digits


def gev(quantity, dimension):
    return units.to_internal(quantity, dimension)


# -- the yield ---------------------------------------------------------------------------------------------------------


def test_equation_1_1_coefficient_and_its_planck_mass():
    assert rates.freeze_in_coefficient(1.0) == pytest.approx(1.643, abs=6e-4)
    with_full_mass = rates.COEFFICIENT * constants.REDUCED_PLANCK_MASS / constants.PLANCK_MASS
    assert with_full_mass == pytest.approx(0.328, abs=5e-4)
    hubble = np.sqrt(8 * np.pi**3 / 90)
    assert with_full_mass == pytest.approx(135 / (8 * np.pi**3 * hubble), rel=1e-6)  # digits of the two masses


@pytest.mark.parametrize("mass", ["1 GeV", "100 GeV", "1e9 GeV"])
def test_equation_1_1_is_the_integral_for_constant_g(mass):
    numerical = rates.freeze_in_yield("1e-20 GeV", mass, 2, g_star=ConstantDegreesOfFreedom(90.0, 80.0))
    assert numerical == pytest.approx(rates.closed_form_yield("1e-20 GeV", mass, 90, 80, 2), rel=1e-6)


def test_equation_1_2_prefactor():
    assert rates.closed_form_density("1 GeV", "1 GeV", "1 GeV", 1.0) == pytest.approx(1.10e27, rel=5e-3)


def test_most_is_made_between_x_of_2_and_5():
    integral = rates.CollisionIntegral("100 GeV", g_star=HUNDRED)
    assert integral.share(2, 5) == pytest.approx(0.58, abs=5e-3)
    assert np.interp(0.5, integral.made / integral.total, integral.x) == pytest.approx(3.07, abs=5e-3)


@pytest.mark.parametrize("reheating", [20.0, 100.0, 1000.0])
def test_a_finite_reheating_temperature_cuts_the_integral(reheating):
    made = rates.CollisionIntegral("100 GeV", reheating_temperature=f"{reheating} GeV", g_star=HUNDRED).total
    whole = rates.CollisionIntegral("100 GeV", g_star=HUNDRED).total
    share = quad(lambda x: x**3 * kv(1, x), 100 / reheating, 60, epsrel=1e-11)[0] / (1.5 * np.pi)
    assert made / whole == pytest.approx(share, rel=1e-8)


@pytest.mark.parametrize(("statistics", "factor"), [("bose", zeta(5)), ("fermi", 15 / 16 * zeta(5))])
def test_statistics_of_the_mediator(statistics, factor):
    found = rates.CollisionIntegral("100 GeV", statistics=statistics, g_star=HUNDRED).total
    boltzmann = rates.CollisionIntegral("100 GeV", g_star=HUNDRED).total
    assert found / boltzmann == pytest.approx(factor, rel=1e-8)
    assert rates.statistics_factor(statistics) == pytest.approx(factor, rel=1e-14)


def test_inverse_decays_of_two_temperatures_by_direct_integration():
    # our closed form against the integral over energy and angle of exp(-E_l/T - E_X/T'), E = (E_B +- p cos)/2
    mass, hot, cold = 3.0, 1.3, 0.4

    def per_energy(energy):
        p = np.sqrt(energy**2 - mass**2)
        b = p / 2 * (1 / cold - 1 / hot)
        return p * np.exp(-energy / 2 * (1 / cold + 1 / hot)) * np.sinh(b) / b

    direct = quad(per_energy, mass * (1 + 1e-12), 120, epsrel=1e-11)[0]
    mean = np.sqrt(hot * cold)
    assert direct == pytest.approx(mass * mean * kv(1, mass / mean), rel=1e-8)  # of both, without g m Gamma/2 pi^2


@pytest.mark.parametrize("ratio", [0.05, 0.3, 0.9, 1.0])
def test_yield_with_a_filled_hidden_bath(ratio):
    net = rates.CollisionIntegral("100 GeV", temperature_ratio=ratio, g_star=HUNDRED).total
    alone = rates.CollisionIntegral("100 GeV", g_star=HUNDRED).total
    assert net / alone == pytest.approx(1 - ratio**2.5, rel=1e-8, abs=1e-14)  # detailed balance at 1


def test_energy_of_a_hidden_bath_slows_nothing_but_the_expansion():
    with_bath = rates.CollisionIntegral("100 GeV", temperature_ratio=0.5, hidden_g_star=160.0, g_star=HUNDRED).total
    without = rates.CollisionIntegral("100 GeV", temperature_ratio=0.5, g_star=HUNDRED).total
    assert with_bath / without == pytest.approx(1.1**-0.5, rel=1e-12)  # 160/2^4 = 10 more


def test_figure_1_yields():
    for coupling, printed in ((1e-9, 4.1e-6), (1e-10, 4.1e-8), (1e-11, 4.1e-10)):
        width = bounds.yukawa_width(coupling, "100 GeV")
        assert rates.freeze_in_yield(width, "100 GeV", 2) == pytest.approx(printed, rel=TWO_DIGITS)


def test_sets_of_g_star_agree_to_the_ten_per_cent_that_are_known():
    found = [rates.freeze_in_yield("1e-20 GeV", "20 GeV", g_star=name) for name in ("saikawa_shirai", "borsanyi")]
    assert found[0] == pytest.approx(found[1], rel=0.1)


# -- bounds ------------------------------------------------------------------------------------------------------------


def test_equilibration_bounds():
    assert bounds.largest_coupling("100 GeV", g_star=HUNDRED) == pytest.approx(5.85e-8, rel=2e-3)
    assert gev(bounds.shortest_lifetime("100 GeV", g_star=HUNDRED), "time") == pytest.approx(
        gev("4.8e-11 s", "time"), rel=TWO_DIGITS
    )
    ratio = bounds.printed_largest_coupling("100 GeV") / bounds.largest_coupling("100 GeV", g_star=HUNDRED)
    assert ratio == pytest.approx(17, rel=0.01)
    scaled = bounds.largest_coupling("900 GeV", g_star=HUNDRED) / bounds.largest_coupling("100 GeV", g_star=HUNDRED)
    assert scaled == pytest.approx(3, rel=1e-12)


def test_the_printed_bound_gives_more_than_equilibrium():
    width = bounds.yukawa_width(1e-6, "100 GeV")
    assert bounds.width_over_expansion(width, "100 GeV", g_star=HUNDRED) == pytest.approx(293, rel=2e-3)
    assert 1 / gev(width, "width") == pytest.approx(gev("1.65e-13 s", "time"), rel=5e-3)
    assert rates.closed_form_yield(width, "100 GeV", 100, states=2) == pytest.approx(3.2, rel=TWO_DIGITS)
    assert bounds.relativistic_yield(2, 100) == pytest.approx(5.6e-3, rel=TWO_DIGITS)


def test_smallest_epsilon():
    assert bounds.smallest_epsilon("1.62 GeV", omega_h2=0.11) == pytest.approx(4.4e-8, rel=TWO_DIGITS)


# -- CP asymmetry ------------------------------------------------------------------------------------------------------


def test_equations_1_4_and_1_5():
    at_bound = bounds.largest_coupling("100 GeV", g_star=HUNDRED) ** 2
    for coefficient, coupling_squared, number in (
        (1e-3, 1e-12, 6.1e-3),
        (1.64e-3, 1e-12, 1.0e-2),
        (1.64e-3, at_bound, 3.4e-5),
    ):
        found = asymmetry.amplitude_asymmetry(coefficient, "100 GeV", coupling_squared)
        assert found == pytest.approx(number, rel=TWO_DIGITS)
    assert asymmetry.printed_asymmetry(1e-3, 1, 1e-6, 1e-6, "100 GeV", np.pi / 2) == pytest.approx(1e-2)
    # the mass drops out of (1.4) with couplings that grow like its root
    one = asymmetry.amplitude_asymmetry(1e-3, "900 GeV", 9e-12)
    assert one == pytest.approx(asymmetry.amplitude_asymmetry(1e-3, "100 GeV", 1e-12), rel=1e-12)


def test_loop_factor_of_cutting_rules():
    difference = asymmetry.width_difference("100 GeV", 1e-12)
    eta = rates.closed_form_yield("1 GeV", "100 GeV", 100) * gev(difference, "width")
    estimate = asymmetry.amplitude_asymmetry(rates.freeze_in_coefficient(100), "100 GeV", 1e-12)
    assert eta / estimate == pytest.approx(2 * np.pi, rel=1e-12)


def test_equation_2_5_with_one_loop_and_widths_of_2_3():
    tree, loop = 0.3 - 0.1j, 0.02 + 0.05j
    # |C0* A0 + C1* A1|^2 to X, |C0 A0 + C1 A1|^2 to anti-X: complex conjugates are those of couplings alone
    a0, a1 = 1.3, 0.01j
    widths = [abs(c0 * a0 + c1 * a1) ** 2 for c0, c1 in ((np.conj(tree), np.conj(loop)), (tree, loop))]
    exact = asymmetry.epsilon_from_widths([f"{widths[0]} GeV"], [f"{widths[1]} GeV"])
    found = asymmetry.epsilon_from_loops(tree, a0**2, [(loop, np.imag(a0 * np.conj(a1)))])
    assert found == pytest.approx(exact, rel=1e-3)  # |A1|^2 is left out of the sum of widths


@pytest.mark.parametrize("phase", [0.1, 1.0, 2.5])
def test_equation_2_6_two_ways(phase):
    m_2, mu, beta = 300 * np.exp(1j * phase), 200.0, 1.1
    tree, loop = asymmetry.chargino_couplings(m_2, mu, beta, 1e-8)
    closed = asymmetry.chargino_interference(m_2, mu, np.sin(2 * beta), 1e-8)
    assert np.imag(tree * np.conj(loop)) == pytest.approx(closed, rel=1e-12)
    assert charginos.mixing_phase(m_2, mu, beta) == pytest.approx(phase)


def test_equation_2_7():
    assert asymmetry.mixing_asymmetry(0.1, np.pi / 2) == pytest.approx(3.4e-3, rel=TWO_DIGITS)
    assert asymmetry.mixing_asymmetry(0.1, np.pi / 30) == pytest.approx(3.5e-4, rel=TWO_DIGITS)


def test_mixing_matrices_do_what_they_should():
    matrix = charginos.chargino_matrix(300 * np.exp(0.3j), 200 * np.exp(0.2j), 1.2)
    masses, first, second = charginos.chargino_mixing(matrix)
    assert first.conj() @ matrix @ second.conj().T == pytest.approx(np.diag(masses), abs=1e-10)
    assert np.sum(abs(second[:, 1]) ** 2) == pytest.approx(1)
    for neutral in (charginos.neutralino_matrix(100, 300 * np.exp(0.3j), 200j, 1.2), np.array([[0, 5j], [5j, 0]])):
        masses, mixing = charginos.takagi(neutral)  # the second has two equal masses
        assert mixing.conj() @ neutral @ mixing.conj().T == pytest.approx(np.diag(masses), abs=1e-10)
        assert mixing @ mixing.conj().T == pytest.approx(np.eye(len(masses)), abs=1e-12)
    with pytest.raises(InputError, match="symmetric"):
        charginos.takagi([[0, 1], [2, 0]])


def test_chargino_width_and_cut():
    pure = charginos.higgsino_width(1e-8, 1.0, "200 GeV")
    assert (pure / bounds.yukawa_width(1e-8, "200 GeV")).to_value("") == pytest.approx(0.25)
    assert charginos.higgsino_width(1e-8, 1.0, "200 GeV", "200 GeV").value == 0
    assert charginos.cut_is_open("300 GeV", "200 GeV")
    assert not charginos.cut_is_open("270 GeV", "200 GeV")


# -- sphalerons --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("generations", "doublets"), [(n, h) for n in (1, 2, 3, 4) for h in (1, 2, 3)])
def test_equation_3_1_is_the_light_limit_of_the_general_solution(generations, doublets):
    closed = sphalerons.light_sphaleron_factor(generations, doublets)
    weights = {name: [1.0] * generations for name in ("Q", "u", "d", "L", "e")}
    assert sphalerons.sphaleron_factor(weights, 2 * doublets) == pytest.approx(closed, rel=1e-12)
    unequal = np.arange(1.0, generations + 1)  # flavours do not matter where generations are alike
    assert sphalerons.sphaleron_factor(weights, 2 * doublets, unequal) == pytest.approx(closed, rel=1e-12)


@pytest.mark.parametrize(
    ("light", "doublets", "factor"),
    [
        ((), 2, 0.3478),
        (("left_squarks", "right_down_squarks"), 2, 0.6063),
        (("left_squarks",), 2, 0.529),
        (("right_up_squarks", "left_sleptons", "right_sleptons"), 2, 0.0787),
        (("left_squarks", "right_down_squarks"), 1, 0.614),
        (("right_up_squarks", "left_sleptons", "right_sleptons"), 1, 0.069),
    ],
)
def test_extreme_spectra(light, doublets, factor):
    assert sphalerons.Superpartners(light, doublets=doublets).factor == pytest.approx(factor, abs=6e-4)


def test_no_spectrum_is_beyond_the_extreme_ones():
    kinds = itertools.chain.from_iterable(itertools.combinations(sphalerons.SPECIES, n) for n in range(6))
    found = [sphalerons.Superpartners(light, doublets=2).factor for light in kinds]
    assert (min(found), max(found)) == pytest.approx((0.0787, 0.6063), abs=6e-5)


def test_general_solution_against_the_paper_s_potentials_by_hand():
    # mu_Q = 1, mu_L = -3, h from zero hypercharge
    q, u, d, lepton, e, higgs = 6.0, 4.0, 3.5, 5.0, 3.2, 5.0
    h = -(q + 2 * u - d + 3 * lepton + 3 * e) / (2 * u + d + e + higgs)
    baryons, leptons = 2 * q + u * (1 + h) + d * (1 - h), -6 * lepton + e * (-3 - h)
    names = zip(("Q", "u", "d", "L", "e"), (q, u, d, lepton, e), strict=True)
    weights = {name: [total / 3] * 3 for name, total in names}
    assert sphalerons.sphaleron_factor(weights, higgs) == pytest.approx(baryons / (baryons - leptons), rel=1e-12)


def test_flavours_that_do_not_mix_widen_the_range():
    # B/3 - L_i in the generation with heavy right sleptons, all else light; positive parts leave c positive
    weights = {"Q": [1] * 3, "u": [3] * 3, "d": [1] * 3, "L": [3] * 3, "e": [3, 1, 1]}
    assert sphalerons.sphaleron_factor(weights, 4, [1, 0, 0]) == pytest.approx(0.0517, abs=5e-5)
    mixed = sphalerons.sphaleron_factor(weights, 4)
    assert sphalerons.sphaleron_factor(weights, 4, [0, 0.5, 0.5]) > mixed > 0.0517


def test_weights_of_massive_particles():
    assert sphalerons.fermion_weight(0.0) == pytest.approx(1, rel=1e-12)
    assert sphalerons.boson_weight(0.0) == pytest.approx(2, rel=1e-12)
    for ratio in (0.5, 2.0, 8.0):
        for sign, weight in ((1, sphalerons.fermion_weight), (-1, sphalerons.boson_weight)):
            direct = quad(
                lambda x, sign=sign, r=ratio: x * np.sqrt(x**2 - r**2) * np.exp(-x) / (1 + sign * np.exp(-x)) ** 2,
                ratio,
                ratio + 80,
                epsrel=1e-11,
                limit=200,
            )[0]
            assert weight(ratio) == pytest.approx(6 / np.pi**2 * direct, rel=1e-7)
    assert sphalerons.boson_weight(500.0) == 0
    between = sphalerons.Superpartners(masses={"left_squarks": 1.0}).factor
    assert 0.3478 < between < 0.529


@pytest.mark.parametrize(
    ("factor", "mass"),
    [
        (28 / 79, 1.616),
        (8 / 23, 1.586),
        (0.606, 2.763),
        (0.079, 0.360),
        (-0.05, 0.228),
        (1.0, 4.560),
        (12 / 37, 1.479),
    ],
)
def test_equations_3_2_to_3_4(factor, mass):
    assert sphalerons.relic_mass(factor).to_value("GeV") == pytest.approx(mass, abs=6e-4)


def test_named_factors():
    assert sphalerons.SymmetricPhase().factor == pytest.approx(28 / 79)
    assert sphalerons.SymmetricPhase().factor == pytest.approx(0.35443, abs=5e-6)
    assert sphalerons.SymmetricPhase(doublets=2).factor == pytest.approx(8 / 23)
    assert sphalerons.BrokenPhase().factor == pytest.approx(12 / 37)
    assert sphalerons.DirectBaryons().factor == 1


# -- signatures --------------------------------------------------------------------------------------------------------


def test_equation_4_2():
    reference = (1e-5, "1 GeV", "100 GeV", "100 GeV")
    exact = signatures.decay_length(*reference, omega_h2=0.11)
    fast = signatures.decay_length(*reference, omega_h2=0.11, path="relativistic")
    assert exact.to_value("m") == pytest.approx(6.9, rel=TWO_DIGITS)  # 7.88 sqrt(3)/2 = 6.82
    assert fast.to_value("m") == pytest.approx(7.9, rel=TWO_DIGITS)
    assert signatures.printed_decay_length(*reference).to_value("m") == pytest.approx(10)
    # the powers of (4.2) are right
    other = {"boost": 3.0, "width_ratio": 0.5, "others": 0.4, "states": 4.0, "g": 80.0}
    point = (3e-4, "2 GeV", "150 GeV", "700 GeV")
    powers = signatures.printed_decay_length(*point, **other) / signatures.printed_decay_length(*reference)
    found = signatures.decay_length(*point, **other, omega_h2=0.11, path="relativistic") / fast
    assert found.to_value("") == pytest.approx(powers.to_value(""), rel=1e-12)


def test_equation_4_8():
    assert signatures.operator_fermion_lifetime("2 GeV", "1e9 GeV").to_value("s") == pytest.approx(1e4)
    width = 1 / gev("1e4 s", "time")
    coefficient = width * (1e9 * 500) ** 2 / (0.2**4 * 0.1**2 * 2**5)
    assert coefficient == pytest.approx(signatures.UDDX_COEFFICIENT, rel=2e-3)
    assert signatures.UDDX_COEFFICIENT == pytest.approx(0.032, rel=TWO_DIGITS)
    assert np.isinf(signatures.operator_fermion_lifetime("1.07 GeV", "1e9 GeV").value)


def test_equation_4_9():
    assert signatures.mixing_fermion_lifetime("2 GeV", 1e-10).to_value("s") == pytest.approx(1.7e3, rel=TWO_DIGITS)
    assert signatures.mixing_fermion_lifetime("2 GeV", 1.3e-9).to_value("s") == pytest.approx(10, rel=TWO_DIGITS)
    printed = signatures.mixing_fermion_lifetime("4 GeV", 3e-10, prefactor="paper")
    assert printed.to_value("s") == pytest.approx(10 / 72)
    ratio = signatures.mixing_fermion_lifetime("2 GeV", 1e-10) / signatures.mixing_fermion_lifetime("4 GeV", 3e-10)
    assert ratio.to_value("") == pytest.approx(72)  # the scaling of (4.9) is right


# -- the hidden sector -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("eta", "ratio"), [(1e-10, 0.0427), (2.5e-10, 0.0537)])
def test_equation_5_2(eta, ratio):
    assert hidden.temperature_ratio(eta / 1e-3) == pytest.approx(ratio, abs=5e-5)
    assert hidden.printed_temperature_ratio(1e-3) == pytest.approx(0.05)


def test_energy_of_two_and_a_half_temperatures_per_particle():
    integral = rates.CollisionIntegral("100 GeV", g_star=HUNDRED)
    per_cube = integral.total * 2 * np.pi**2 / 45 * 100
    assert integral.energy()[-1] == pytest.approx(2.5 * per_cube, rel=1e-8)
    # which is the closed form of (5.2)
    ratio = (30 * integral.energy()[-1] * 1e-15 / (np.pi**2 * 10)) ** 0.25
    assert ratio == pytest.approx(hidden.temperature_ratio(integral.total * 1e-15), rel=1e-8)


def test_equation_5_3():
    width = bounds.yukawa_width(1e-8, "100 GeV")
    assert hidden.decay_temperature(width, g_star=HUNDRED).to_value("GeV") == pytest.approx(17.1, abs=0.05)
    assert hidden.decay_temperature(width).to_value("GeV") == pytest.approx(18.0, abs=0.05)
    half = hidden.decay_temperature(width, condition="time", g_star=HUNDRED)
    assert half.to_value("GeV") == pytest.approx(12.1, abs=0.05)
    printed = hidden.printed_decay_temperature("100 GeV", 1e-8).to_value("GeV")
    assert 17.1 * np.sqrt(1e19 / constants.PLANCK_MASS) == pytest.approx(printed, rel=TWO_DIGITS)  # M_Pl = 1e19
    # the power of g is -1/4
    more = hidden.decay_temperature(width, g_star=ConstantDegreesOfFreedom(1600.0)).to_value("GeV")
    assert more == pytest.approx(17.106 / 2, rel=1e-4)


def test_equation_5_4():
    product = 0.05 * hidden.printed_decay_temperature("100 GeV", 1e-8).to_value("MeV")
    assert product == pytest.approx(775, rel=1e-12)
    assert hidden.printed_hidden_temperature("100 GeV", 1e-8, 1e-3).to_value("MeV") == pytest.approx(770)
    ratio = hidden.printed_hidden_temperature("400 GeV", 2e-8, 1e-3 / 16, 160.0).to_value("MeV") / 770
    by_parts = 2 * 2 * hidden.printed_temperature_ratio(1e-3 / 16, 160.0) / 0.05
    assert ratio == pytest.approx(by_parts, rel=1e-12)


def test_annihilation_that_removes_the_pairs():
    # a hidden sector 20 times colder, 1.62 GeV, one state; eta for a density of 0.11
    eta = 2.46e-10
    baths = hidden.SeenFromHidden(degrees_of_freedom(), 1 / 20, 1.6)
    found = hidden.hidden_sigma_v("1.62 GeV", eta, baths)
    assert gev(found, "sigma_v") == pytest.approx(1.3e-10, rel=TWO_DIGITS)
    left = hidden.hidden_relic("1.62 GeV", found, eta, baths)
    assert 2 * left.antiparticle_yield / eta == pytest.approx(0.1, rel=1e-3)
    same = hidden.SeenFromHidden(degrees_of_freedom(), 1.0, 1.6)
    assert hidden.hidden_sigma_v("1.62 GeV", eta, same) > 20 * found  # a colder one helps


def test_seen_from_the_hidden_sector_with_equal_temperatures():
    baths = hidden.SeenFromHidden(HUNDRED, 1.0, 10.0)
    assert baths.g_rho("3 GeV") == pytest.approx(100, rel=1e-10)
    assert baths.g_s("3 GeV") == pytest.approx(100, rel=1e-12)
    colder = hidden.SeenFromHidden(degrees_of_freedom(), 0.1, 10.0)
    hot = degrees_of_freedom()
    # at T = 0.3 GeV both entropies have been conserved since 10 GeV
    t = 0.3 * 0.1 * (hot.g_s("0.3 GeV") / hot.g_s("10 GeV")) ** (1 / 3)
    assert colder.g_rho(f"{t} GeV") == pytest.approx(hot.g_rho("0.3 GeV") * (0.3 / t) ** 4, rel=1e-5)


# -- operators of dimension five ---------------------------------------------------------------------------------------


def test_scales_of_operators():
    found = [
        operators.operator_scale(2.5e-10, 1e-3, "500 GeV", vacuum_value=v).to_value("GeV")
        for v in (None, "174 GeV", "10 GeV")
    ]
    assert found[:2] == pytest.approx([2.2e10, 2.0e11], rel=0.025)  # two digits, 2.245 and 1.964
    assert found[2] == pytest.approx(1e10, rel=0.15)  # one digit
    width = operators.three_body_width("500 GeV", f"{found[0]} GeV")
    assert rates.closed_form_yield(width, "500 GeV", 100) * 1e-3 == pytest.approx(2.5e-10, rel=1e-12)
    quarter = operators.operator_scale(2.5e-10, 4e-3, "500 GeV").to_value("GeV")
    assert quarter == pytest.approx(2 * found[0])  # like the root of epsilon
    vacuum = operators.vacuum_width("500 GeV", f"{found[1]} GeV", "174 GeV")
    assert (vacuum / width).to_value("") == pytest.approx(1, rel=1e-12)


def test_scattering_by_quadrature_and_in_closed_form():
    numerical = operators.scattering_yield("1 TeV", "1e10 GeV", g_star=HUNDRED)
    assert numerical == pytest.approx(operators.closed_form_scattering_yield("1 TeV", "1e10 GeV", 100), rel=1e-6)
    # 180/(1.66 (2 pi)^7), the form common in the literature
    other = 180 * 1000 * constants.PLANCK_MASS / (np.sqrt(8 * np.pi**3 / 90) * (2 * np.pi) ** 7 * 1e3 * 1e20)
    assert numerical == pytest.approx(other, rel=1e-6)
    ten = operators.scattering_yield("10 TeV", "1e10 GeV", g_star=HUNDRED)
    assert ten == pytest.approx(10 * numerical, rel=1e-6)


def test_where_scattering_takes_over():
    assert operators.scattering_over_decays("500 GeV", "500 GeV") == pytest.approx(13.6, abs=0.05)
    # about 10 TeV: an order of magnitude
    assert 3e3 < operators.take_over_temperature("500 GeV").to_value("GeV") < 3e4


@pytest.mark.parametrize(
    ("call", "allowed"),
    [
        (lambda: rates.CollisionIntegral("100 GeV", statistics="maxwell"), "'boltzmann', 'fermi', 'bose'"),
        (lambda: rates.CollisionIntegral("100 GeV", temperature_ratio=2), "from 0 to 1"),
        (lambda: rates.CollisionIntegral("100 GeV", statistics="bose", temperature_ratio=0.5), "'boltzmann' only"),
        (lambda: rates.CollisionIntegral("100 GeV", reheating_temperature="1 GeV"), "above 3.333 GeV"),
        (lambda: rates.CollisionIntegral("100 GeV", hidden_g_star=-1), "0 or more"),
        (lambda: rates.statistics_factor("x"), "'fermi'"),
        (lambda: bounds.relativistic_yield(2, 100, "x"), "'bose'"),
        (lambda: sphalerons.light_sphaleron_factor(0), "from 1"),
        (lambda: sphalerons.light_sphaleron_factor(phase="x"), "'symmetric', 'broken'"),
        (lambda: sphalerons.Superpartners(("squarks",)), "left_squarks"),
        (lambda: sphalerons.GivenFactor(0), "not 0"),
        (lambda: sphalerons.sphaleron_factor({name: [1, 1] for name in "QudLe"}, 2, [1, -1]), "sum is not 0"),
        (lambda: hidden.decay_temperature("1 GeV", condition="x"), "'expansion', 'time'"),
        (lambda: hidden.decay_temperature("1e-60 GeV"), "at no temperature"),
        (lambda: signatures.decay_length(1e-5, "1 GeV", "1 GeV", "1 GeV", path="x"), "'exact'"),
        (lambda: signatures.mixing_fermion_lifetime("1 GeV", 1e-9, prefactor="x"), "'mixing', 'paper'"),
        (lambda: asymmetry.width_difference("1 GeV", 1.0, cut_momentum=2), "from 0"),
        (lambda: asymmetry.epsilon_from_widths(["1 GeV"], ["1 GeV", "2 GeV"]), "as many"),
        (lambda: operators.scattering_over_decays("1 GeV", "500 GeV"), "mass/25"),
    ],
)
def test_bad_input_says_what_is_allowed(call, allowed):
    with pytest.raises(InputError, match=allowed.replace("(", r"\(")):
        call()


@pytest.mark.parametrize(("mass", "reheating"), [(150.0, None), (500.0, 140.0), (3000.0, 140.0), (3000.0, 131.8)])
def test_what_is_made_while_sphalerons_act(mass, reheating):
    # 22 masses above the temperature, B fall by e^2 in a twelfth of an e-fold: no straight line follows that
    dof = degrees_of_freedom("saikawa_shirai")

    def made(log_hot):
        hot = np.array(np.exp(log_hot))
        g_rho, g_s, slope = dof._all(hot)
        return float((1 + slope / 3) * kv(1, mass / hot) / (g_s * np.sqrt(g_rho) * hot**4))

    ends = np.log([mass / 60, 131.7, reheating or 1e3 * mass])
    late, early = (quad(made, a, b, limit=400, epsabs=0, epsrel=1e-9)[0] for a, b in itertools.pairwise(ends))
    section = {"name": "asymmetric_freeze_in", "mass": f"{mass} GeV", "coupling": 1e-8, "epsilon": -1e-3}
    more = {} if reheating is None else {"reheating_temperature": f"{reheating} GeV"}
    model = AsymmetricFreezeIn.from_config(section | more)
    # 1e-6 of what is made below, where decays end
    assert model.share_in_time == pytest.approx(early / (early + late), rel=3e-6)
    assert model.integrals[0].share_above("131.7 GeV") == pytest.approx(early / (early + late), rel=3e-6)
    unstopped = rates.CollisionIntegral(f"{mass} GeV", reheating_temperature=more.get("reheating_temperature"))
    assert unstopped.share_above("131.7 GeV") == pytest.approx(early / (early + late), rel=3e-6)


@pytest.mark.parametrize(("mass", "width"), [(300.0, 1e-14), (1000.0, 1e-16), (3000.0, 1e-15)])
def test_mediators_that_leave_equilibrium_while_sphalerons_act(mass, width):
    section = {"name": "asymmetric_freeze_in", "mass": f"{mass} GeV", "coupling": 1e-8, "epsilon": -1e-3}
    section |= {"transfer": "unitary", "visible_width": f"{width} GeV", "reheating_temperature": "140 GeV"}
    model = AsymmetricFreezeIn.from_config(section)
    total, dof = model.mediators[0].width.to_value("GeV") + width, degrees_of_freedom("saikawa_shirai")

    def rest_and_rate(log_x):
        x = np.exp(log_x)
        hot = np.array(mass / x)
        g_rho, g_s, slope = dof._all(hot)
        hubble = np.pi * np.sqrt(g_rho / 90) * hot**2 / constants.REDUCED_PLANCK_MASS
        rate = (1 + slope / 3) / hubble * total * kve(1, x) / kve(2, x)
        return float(x**2 * kve(2, x) * np.exp(-x) / g_s), float(rate)

    span = np.log([mass / 140, mass / 131.7])
    first = rest_and_rate(span[0])[0]

    def slope(log_x, y):
        rest, rate = rest_and_rate(log_x)
        return [-rate * (y[0] - rest / first)]

    left = solve_ivp(slope, span, [1.0], "Radau", rtol=1e-9, atol=1e-13).y[0, -1]
    # the equilibrium is taken as an exponential in each step of ln x
    assert model.share_in_time == pytest.approx(1 - left, rel=5e-3)
