"""Widths of the reheaton, Bodas, Buen-Abad, Hook & Sundrum (2024), Eqs. (13) to (20), and of Higgs bosons."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cosmology.errors import InputError, UnitError
from cosmology.models import z2_higgs, z2_reheaton
from cosmology.models.z2_inputs import BOTTOM_MASS, CHARM_MASS, HIGGS_MASS, TOP_MASS, VEV, W_MASS, W_WIDTH, Z_MASS
from cosmology.models.z2_reheating import NEUTRINOS_PER_RATIO
from cosmology.models.z2_reheaton import Reheaton, complete_widths, heavy_widths, paper_widths, widths
from cosmology.models.z2_running import VISIBLE, RunningCoupling, beta_coefficients, mass_factor
from cosmology.units import Quantity

TEN_EV = 1e-8
TEV = 1000 / VEV
# printed or quoted numbers with three digits
THREE_DIGITS = 6e-3


def share(mass, channels, scale=TEV):
    visible, dark = widths(mass, TEN_EV, TEN_EV, scale, channels=channels)
    return NEUTRINOS_PER_RATIO * dark / visible


def test_two_loop_running_solves_its_differential_equation():
    b0, b1 = beta_coefficients(5)

    def slope(_, alpha):
        return -b0 / (2 * np.pi) * alpha**2 - b1 / (8 * np.pi**2) * alpha**3

    found = solve_ivp(slope, (np.log(Z_MASS), np.log(10.0)), [0.118], rtol=1e-11, atol=1e-14).y[0, -1]
    assert VISIBLE(10.0) == pytest.approx(found, rel=1e-9)  # the solver's tolerance


def test_running_is_continuous_at_thresholds_and_its_inverse_is_one():
    for mass in (CHARM_MASS, BOTTOM_MASS, TOP_MASS):
        assert VISIBLE(mass * (1 + 1e-9)) == pytest.approx(VISIBLE(mass * (1 - 1e-9)), rel=1e-8)
    for scale in (1.1, 3.0, 50.0, 1e4):
        assert VISIBLE.scale_of(VISIBLE(scale)) == pytest.approx(scale, rel=1e-9)
    assert np.isinf(VISIBLE(0.1))
    assert VISIBLE(1e300) == pytest.approx(2 * np.pi / (7 * np.log(1e300)), rel=0.06)  # asymptotic freedom
    with pytest.raises(InputError, match="rise in this order"):
        RunningCoupling(0.1, 100.0, (5.0, 1.0, 200.0))


def test_running_bottom_mass():
    # 2.79 GeV at 125 GeV (Particle Data Group) and 2.47 GeV at 700 GeV
    assert BOTTOM_MASS * mass_factor(125.0, BOTTOM_MASS) == pytest.approx(2.79, rel=5e-3)
    assert BOTTOM_MASS * mass_factor(700.0, BOTTOM_MASS) == pytest.approx(2.47, rel=2e-3)


@pytest.mark.parametrize(
    ("mass", "width"), [(120, 3.49), (125.25, 4.07), (140, 7.96), (160, 77), (170, 358), (200, 1365)]
)
def test_a_higgs_boson_of_the_standard_model_has_its_width(mass, width):
    # 1.5 per cent: order of the QCD factors, and decays to two photons, which are left out
    assert 1e3 * z2_higgs.total_width(mass) == pytest.approx(width, rel=0.015)


def test_off_shell_pairs_become_on_shell_ones():
    mass = np.array([300.0, 700.0, 3000.0])
    # the tails of the Breit-Wigner distributions that are cut off are Gamma/m/pi or so
    off = z2_higgs.off_shell_vector_width(mass, W_MASS, W_WIDTH, 2)
    assert off == pytest.approx(z2_higgs.vector_width(mass, W_MASS, 2), rel=0.03)
    narrow = z2_higgs.off_shell_vector_width(mass, W_MASS, 1e-4 * W_WIDTH, 2)
    assert narrow == pytest.approx(z2_higgs.vector_width(mass, W_MASS, 2), rel=1e-4)


def test_off_shell_quadrature_against_more_nodes(monkeypatch):
    mass = np.array([30.0, 100.0, 125.25, 155.0, 161.0, 400.0])
    usual = z2_higgs.off_shell_vector_width(mass, W_MASS, W_WIDTH, 2)
    monkeypatch.setattr(z2_higgs, "_NODES", 160)
    more = z2_higgs.off_shell_vector_width(mass, W_MASS, W_WIDTH, 2)
    assert usual == pytest.approx(more, rel=5e-4)  # worst where one boson is barely on its shell


def test_the_table_of_vector_pairs_against_the_integral():
    mass = np.array([7.0, 77.0, 93.3, 124.0, 159.9, 162.3, 170.0, 1234.0])
    direct = z2_higgs.off_shell_vector_width(mass, W_MASS, W_WIDTH, 2)
    assert z2_higgs.vector_pairs(mass)["WW"] == pytest.approx(direct, rel=2e-4)
    ends = z2_higgs.vector_pairs(np.array([4.999, 5.001, 29999.0, 30001.0]))["WW"]
    assert ends[:3:2] == pytest.approx(ends[1::2], rel=3e-3)  # 1 per mille of the mass apart


def test_a_scaled_sector_has_scaled_widths():
    # with a common factor in all masses; running couplings are taken at the true scale, so vector pairs only
    dark, visible = z2_higgs.higgs_like_widths(700.0, TEV), z2_higgs.higgs_like_widths(700.0 / TEV)
    for name in ("WW", "ZZ", "tautau"):
        assert dark[name] == pytest.approx(TEV * visible[name], rel=1e-12)


def test_gluons_through_a_heavy_quark():
    # |3/4 A|^2 -> 1 + 7 tau/60 to first order in tau = m^2/4m_q^2
    width = z2_higgs.gluon_width(1.0, quarks=(50.0,), coupling=0.1)
    heavy = 0.01 / (72 * np.pi**3 * VEV**2) * (1 + (95 / 4 - 35 / 6) * 0.1 / np.pi)
    assert width == pytest.approx(heavy, rel=1e-4)


def test_equation_13():
    assert z2_reheaton.domination_temperature(700, 200) == pytest.approx(1.296, rel=1e-3)
    assert z2_reheaton.domination_temperature(700) == pytest.approx(1.214, rel=1e-3)
    assert z2_reheaton.domination_temperature(1, 1) == pytest.approx(0.37021, rel=1e-4)
    # orange lines of Fig. 3
    assert z2_reheaton.domination_temperature(576.7) == pytest.approx(1.0, rel=1e-3)


def test_equations_15_to_18():
    visible, dark = heavy_widths(700.0, TEN_EV, TEN_EV, TEV)
    assert visible == pytest.approx(2.84e-21, rel=THREE_DIGITS)
    assert dark == pytest.approx(4.53e-23, rel=THREE_DIGITS)
    assert ((700 / (TEV * HIGGS_MASS)) ** 2 - 1) ** 2 == pytest.approx(0.792, rel=2e-3)
    assert dark / visible == pytest.approx(0.0159, rel=THREE_DIGITS)
    # the printed 5e-23 needs a bottom quark of 4.4 GeV
    assert dark * (4.4 / BOTTOM_MASS) ** 2 == pytest.approx(5e-23, rel=0.01)


def test_paper_channels_at_the_benchmark():
    visible, dark = widths(700.0, TEN_EV, TEN_EV, TEV, channels="paper")
    assert visible == pytest.approx(3.38e-21, rel=THREE_DIGITS)
    assert dark / (visible + dark) == pytest.approx(0.0132, rel=THREE_DIGITS)


@pytest.mark.parametrize(("mass", "expected"), [(300.0, 0.00958), (700.0, 0.01317), (900.0, 0.00403)])
def test_paper_branching_ratios_of_figure_3(mass, expected):
    visible, dark = widths(mass, TEN_EV, TEN_EV, TEV, channels="paper")
    assert dark / (visible + dark) == pytest.approx(expected, rel=1e-3)


def test_equation_19():
    half = z2_reheaton.resonance_half_width(1.0, TEV)
    assert half == pytest.approx(20.8, rel=3e-3)
    visible, dark = heavy_widths(TEV * HIGGS_MASS + half, TEN_EV, TEN_EV, TEV)
    assert dark / visible == pytest.approx(1, rel=0.05)  # first order in half/m_h', 4 per cent


def test_equation_20():
    low, high = (one * 1e9 for one in z2_reheaton.coupling_window(700.0, 200))
    assert low == pytest.approx(0.152, rel=THREE_DIGITS)
    assert high == pytest.approx(337, rel=THREE_DIGITS)


@pytest.mark.parametrize(("mass", "low", "high"), [(300, 0.133, 119), (700, 0.139, 287), (900, 0.161, 430)])
def test_windows_of_figure_3_with_paper_channels(mass, low, high):
    per_square = sum(widths(float(mass), 1.0, 1.0, TEV, channels="paper"))
    rate = z2_reheaton.expansion_rate(z2_reheaton.domination_temperature(mass), 200)
    assert 1e9 * np.sqrt(6.582120e-25 / per_square) == pytest.approx(low, rel=THREE_DIGITS)
    assert 1e9 * np.sqrt(rate / per_square) == pytest.approx(high, rel=THREE_DIGITS)


def test_complete_channels_for_a_heavy_reheaton_are_four_scalars():
    found = complete_widths(2e4, TEN_EV)
    direct = TEN_EV**2 / (8 * np.pi * 2e4)
    # tails of vector bosons that are cut off
    assert found["hh"] + found["WW"] + found["ZZ"] == pytest.approx(direct, rel=0.02)
    assert found["hh"] == pytest.approx(direct / 4, rel=1e-3)
    assert paper_widths(2e4, TEN_EV)["hh"] == pytest.approx(direct / 2, rel=1e-3)


def test_complete_channels_exclude_the_benchmark():
    visible, dark = widths(700.0, TEN_EV, TEN_EV, TEV, channels="complete")
    assert visible == pytest.approx(6.4e-21, rel=0.01)
    assert dark == pytest.approx(3.1e-21, rel=0.01)
    assert dark / (visible + dark) == pytest.approx(0.33, abs=0.005)
    assert complete_widths(700.0, TEN_EV, TEV)["WW"] / dark == pytest.approx(0.96, abs=0.01)


def test_masses_that_the_paper_channels_allow():
    mass = np.arange(200.0, 1200.0, 0.25)
    edges = mass[1:][np.diff((share(mass, "paper") < 0.284).astype(int)) != 0]
    assert edges == pytest.approx([250.5, 414.3, 615.1, 1018.9], abs=0.8)
    low = (mass > 251) & (mass < 414)
    found = share(mass, "paper")
    assert found[low].min() == pytest.approx(0.0674, abs=1e-4)
    assert mass[low][found[low].argmin()] == pytest.approx(281, abs=3)
    assert share(300.0, "paper") == pytest.approx(0.072, rel=THREE_DIGITS)
    assert share(1015.0, "paper") == pytest.approx(0.020, rel=0.01)


def test_masses_that_all_channels_allow():
    mass = np.arange(20.0, 1300.0, 0.5)
    allowed = share(mass, "complete") < 0.284
    # the exact edge moves with widths at the level of some per cent
    assert mass[allowed].max() == pytest.approx(457, abs=1)
    assert allowed[mass < 457].all()
    assert not allowed[mass > 459].any()
    # close to a threshold a difference of running masses counts 15 per cent
    for at, expected in ((170, 0.004), (260, 0.0074), (300, 0.011)):
        assert share(float(at), "complete") == pytest.approx(expected, rel=0.05)
    assert share(162.0, "complete") == pytest.approx(0.0074, rel=0.2)
    assert share(HIGGS_MASS + 0.01, "complete") < 1e-4


def test_a_larger_dark_scale_saves_the_benchmark_mass():
    assert share(700.0, "complete", 1600 / VEV) == pytest.approx(0.13, abs=0.005)
    assert share(700.0, "complete", 1800 / VEV) == pytest.approx(0.04, abs=0.003)


def test_partial_widths_of_the_record_add_up():
    one = Reheaton("700 GeV", "10 eV")
    parts = one.partial_widths(TEV)
    assert "W'W'" in parts
    assert "tau'tau'" in parts
    total = sum(width.to_value("GeV") for width in parts.values())
    assert total == pytest.approx(sum(one._widths(TEV)), rel=1e-12)
    assert one.dark_coupling == one.coupling


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("700 GeV", "-10 eV"), "reheaton_coupling = -10"),
        (("10 GeV", "10 eV"), "reheaton_mass = 10"),
        (("700 GeV", "10 eV", "0 eV"), "dark_reheaton_coupling = 0"),
        (("700 GeV", "10 eV", None, "most"), "'complete', 'paper'"),
    ],
)
def test_a_reheaton_without_meaning_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        Reheaton(*arguments)


def test_units_are_needed():
    with pytest.raises(UnitError, match="reheaton_mass"):
        Reheaton(700.0, "10 eV")


@pytest.mark.parametrize("name", ["2 m_h", "2 m_W'", "2 m_t", "2 m_b'"])
def test_a_reheaton_at_a_threshold_is_refused(name):
    edge = z2_reheaton.thresholds(TEV, "complete")[name]
    one = Reheaton(Quantity(edge, "GeV"), "10 eV")
    with pytest.raises(InputError, match="at the threshold"):
        one.check_thresholds(TEV)
