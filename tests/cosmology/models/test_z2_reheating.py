"""Reheating: sudden decay, Bodas, Buen-Abad, Hook & Sundrum (2024), Eqs. (21) to (26), and joint evolution."""

import numpy as np
import pytest

from cosmology import constants
from cosmology.degrees_of_freedom import degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models import z2_reheating
from cosmology.models.z2_baths import BothSectors, DarkDegreesOfFreedom, bath, baths, drift
from cosmology.models.z2_evolution import Parents, evolve_sectors
from cosmology.models.z2_inputs import VEV
from cosmology.models.z2_reheating import dilution, estimated_terms, reheating_temperature, sudden_decay
from cosmology.models.z2_reheaton import domination_temperature, heavy_widths, widths

TEN_EV = 1e-8
TEV = 1000 / VEV
VISIBLE, DARK = baths("saikawa_shirai", TEV, 5.3)
TWELVE = degrees_of_freedom("constant", g_rho=12.0)
STAR = tuple(float(one) for one in widths(700.0, TEN_EV, TEN_EV, TEV, channels="paper"))


def test_numbers_of_dark_radiation():
    assert pytest.approx(7.447, abs=5e-4) == z2_reheating.NEUTRINOS_PER_RATIO
    assert z2_reheating.temperature_ratio(0.284) == pytest.approx(0.442, abs=5e-4)
    assert z2_reheating.entropy_share(0.3) == pytest.approx(0.090, abs=5e-4)  # the paper: 6 per cent
    # the paper's entropy of today is ours and that of the dark sector
    total = constants.ENTROPY_DENSITY * (1 + z2_reheating.entropy_share(0.3))
    assert total == pytest.approx(2.4e-38, rel=0.01)


def test_equation_23():
    width = heavy_widths(700.0, TEN_EV, TEN_EV, TEV)[0]
    assert reheating_temperature(width) == pytest.approx(0.0723, rel=1e-3)


def test_equation_24_with_its_first_prefactor_put_right():
    first, second = estimated_terms(0.02, TEN_EV, 700.0)
    assert first == pytest.approx(0.149, abs=5e-4)  # printed: 0.1
    assert second == pytest.approx(0.069, abs=5e-4)
    # 0.1 is what the channels of the paper give
    assert estimated_terms(0.0134, TEN_EV, 700.0)[0] == pytest.approx(0.1, rel=5e-3)


def test_equation_25():
    assert z2_reheating.estimated_dark_share(700.0, 1.0, TEV) == pytest.approx(0.0159, abs=5e-5)
    visible, dark = heavy_widths(700.0, TEN_EV, TEN_EV, TEV)
    assert z2_reheating.estimated_dark_share(700.0, 1.0, TEV) == pytest.approx(dark / visible, rel=1e-12)


def test_equation_26():
    width = heavy_widths(700.0, TEN_EV, TEN_EV, TEV)[0]
    assert dilution(width, 700.0, 200, 17) == pytest.approx(19.7, abs=0.05)
    assert dilution(width, 700.0, 200, 17, kept=0.0) == pytest.approx(19.4, abs=0.05)


@pytest.mark.parametrize(
    ("mass", "couplings"), [(300.0, (8.32, 5.65, 1.79)), (700.0, (18.1, 11.4, 0.254)), (900.0, (34.7, 25.4, 12.9))]
)
def test_equation_22_at_the_points_of_figure_3(mass, couplings):
    for coupling, expected in zip(couplings, (0.284, 0.2, 0.1), strict=True):
        found = sudden_decay(*widths(mass, coupling * 1e-9, coupling * 1e-9, TEV, channels="paper"), mass)
        # three digits of the coupling, to the power 4/3 at most
        assert found.delta_n_eff == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize(
    ("mass", "couplings"), [(300.0, (27.7, 7.07, 2.29)), (700.0, (67.1, 17.1, 5.56)), (900.0, (100.4, 25.6, 8.31))]
)
def test_equation_26_at_the_points_of_figure_3(mass, couplings):
    for coupling, expected in zip(couplings, (3, 10, 30), strict=True):
        total = sum(widths(mass, coupling * 1e-9, coupling * 1e-9, TEV, channels="paper"))
        assert dilution(total, mass) == pytest.approx(expected, rel=3e-3)


def test_the_benchmark_by_sudden_decay():
    assert sudden_decay(*STAR, 700.0).delta_n_eff == pytest.approx(0.184, abs=5e-4)
    visible, dark = widths(700.0, TEN_EV, TEN_EV, TEV, channels="complete")
    assert sudden_decay(visible, dark, 700.0).delta_n_eff == pytest.approx(3.7, abs=0.05)


@pytest.mark.parametrize(("vev", "expected"), [(1100, 0.85), (1500, 0.57), (1600, 0.26), (1800, 0.17)])
def test_all_channels_at_larger_dark_scales(vev, expected):
    found = sudden_decay(*widths(700.0, TEN_EV, TEN_EV, vev / VEV, channels="complete"), 700.0)
    assert found.delta_n_eff == pytest.approx(expected, abs=0.015)  # widths near thresholds


def test_without_asymmetry_both_sectors_are_alike():
    assert sudden_decay(1e-21, 1e-21, 700.0).delta_n_eff == pytest.approx(7.447, abs=5e-4)
    found = evolve_sectors(700.0, 1e-21, 1e-21, VISIBLE, VISIBLE)
    assert found.delta_n_eff == pytest.approx(7.447, abs=5e-4)


def test_smallest_dark_radiation():
    # a second sets the weakest coupling
    for channels, mass, expected in (("paper", 1017.0, 0.020), ("complete", 188.0, 0.0056)):
        unit = sum(widths(mass, 1.0, 1.0, TEV, channels=channels))
        coupling = np.sqrt(6.582e-25 / unit)
        found = sudden_decay(*widths(mass, coupling, coupling, TEV, channels=channels), mass)
        assert found.delta_n_eff == pytest.approx(expected, rel=0.05)


def test_a_dark_bath_of_equal_masses_is_the_visible_one():
    same = DarkDegreesOfFreedom(VISIBLE, 1.0, 1.0)
    hot = np.geomspace(1e-5, 1e5, 60)
    # e^-21 of muons are counted twice just below 5 MeV
    assert same._g_rho(hot) == pytest.approx(VISIBLE._g_rho(hot), rel=1e-9)
    assert same._g_s(hot) == pytest.approx(VISIBLE._g_s(hot), rel=1e-9)


def test_thresholds_of_the_dark_bath_come_earlier():
    hot = np.geomspace(2e-3, 1e3, 200)
    assert np.all(DARK._g_rho(hot) <= VISIBLE._g_rho(hot) * 1.001)
    assert DARK._g_rho(1e5) == pytest.approx(VISIBLE._g_rho(np.array(1e5)), rel=2e-3)
    # between the two transitions dark QCD is confined and QCD is not; the ideal gas has 54 and 74.6 at 1 GeV
    assert DARK._g_rho(0.5) < 20 < 55 < VISIBLE._g_rho(np.array(0.5))
    assert np.all(np.diff(DARK._g_rho(np.geomspace(0.02, 1e4, 300))) > -0.5)  # the hadron gas dips a little


def test_sectors_in_contact_early_have_other_temperatures_later():
    assert drift(1e5, VISIBLE, DARK) == pytest.approx(1, abs=1e-3)
    assert drift(0.5, VISIBLE, DARK) > 1.15
    assert drift(0.01, VISIBLE, DARK) == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("dof", [VISIBLE, DARK])
def test_temperature_from_entropy(dof):
    one = bath(dof)
    for hot in (1e-8, 1e-4, 0.03, 0.119, 0.3, 1.0, 50.0, 1e4):
        cold, energy = one.at(float(one.log_entropy(hot)))
        assert cold == pytest.approx(hot, rel=1e-4)  # the fit has a step of 4e-4 at 0.12 GeV
        assert energy == pytest.approx(np.pi**2 / 30 * dof._g_rho(np.array(hot)) * hot**4, rel=3e-4)
        assert one.all_at(float(one.log_entropy(hot)))[0] == pytest.approx(cold, rel=1e-9)


def test_both_sectors_add():
    both = BothSectors(TWELVE, TWELVE, 0.5)
    assert both._g_rho(np.array(1.0)) == pytest.approx(12 * (1 + 0.5**4))
    assert both._g_s(np.array(1.0)) == pytest.approx(12 * (1 + 0.5**3))
    assert both._entropy_slope(np.array(1.0)) == 0
    mixed = BothSectors(VISIBLE, DARK, 0.8)
    step = 1e-4
    ends = mixed._g_s(np.array([0.4 * np.exp(-step), 0.4 * np.exp(step)]))
    assert mixed._entropy_slope(np.array(0.4)) == pytest.approx(np.log(ends[1] / ends[0]) / (2 * step), rel=1e-3)


def test_one_bath_against_the_integral_over_exponential_decay():
    nothing = degrees_of_freedom("constant", g_rho=1e-9)
    width = heavy_widths(700.0, TEN_EV, TEN_EV, TEV)[0]
    seventeen = degrees_of_freedom("constant", g_rho=17.0)
    found = evolve_sectors(700.0, width, 0.0, seventeen, nothing, sector=100.0, entropy_ratio=1e-12)
    assert found.dilution == pytest.approx(19.9, abs=0.05)
    assert found.dilution == pytest.approx(dilution(width, 700.0, 200, 17), rel=0.02)
    # far into domination the closed form is exact, and 1.0872 with it
    weak = evolve_sectors(700.0, width * 1e-4, 0.0, seventeen, nothing, sector=100.0, entropy_ratio=1e-12)
    assert weak.dilution == pytest.approx(dilution(width * 1e-4, 700.0, 200, 17), rel=2e-4)


def test_the_benchmark_followed():
    constant = evolve_sectors(700.0, *STAR, TWELVE, TWELVE)
    assert constant.delta_n_eff == pytest.approx(0.176, abs=5e-4)
    real = evolve_sectors(700.0, *STAR, VISIBLE, DARK)
    assert real.delta_n_eff == pytest.approx(0.160, abs=0.004)  # g*(T) of an ideal gas against the fit
    assert 0.053 < real.equality_temperature < 0.055
    assert constant.equality_temperature == pytest.approx(0.055, abs=3e-4)


def test_the_start_does_not_matter():
    late, early = (
        evolve_sectors(700.0, *STAR, VISIBLE, DARK, start=factor * domination_temperature(700.0))
        for factor in (30, 3000)
    )
    assert late.delta_n_eff == pytest.approx(early.delta_n_eff, rel=1e-4)  # the splines of g*(T)
    assert late.dilution == pytest.approx(early.dilution, rel=1e-4)


@pytest.mark.parametrize("width", [1e-15, 2.98e-19, 3.4e-21, 1e-22])
def test_baryons_are_diluted_whatever_decays_first(width):
    parents = Parents(3000.0, 6.58e-8, width, 0.0255)
    found = evolve_sectors(700.0, *STAR, VISIBLE, DARK, parents=parents, dark_parents=parents, start=250.0)
    assert found.baryons_per_entropy == pytest.approx(0.0255 * 6.58e-8 / found.dilution, rel=1e-6)
    assert found.dark_baryons == pytest.approx(found.baryons, rel=1e-12)


def test_energy_is_conserved():
    # rho a^3 + p d(a^3) over a step, with p = rho/3 for constant g, by the trapezium rule
    found = evolve_sectors(700.0, *STAR, TWELVE, TWELVE, longest_step=0.01)
    radiation = found.visible + found.dark
    energy = (radiation + found.reheaton) * np.exp(3 * found.log_a)
    work = radiation * np.exp(3 * found.log_a)
    changed = np.diff(energy) + (work[1:] + work[:-1]) / 2 * np.diff(found.log_a)
    assert np.abs(changed).max() < 1e-5 * energy.max()
    assert abs(changed.sum()) < 1e-5 * energy.max()  # h^2/12 of the rule


def test_decays_before_domination_do_nothing():
    found = evolve_sectors(700.0, 1e3 * STAR[0], 1e3 * STAR[1], TWELVE, TWELVE)
    assert found.dilution < 1.6
    assert np.isnan(found.equality_temperature)
    assert found.delta_n_eff > 3
    sooner = evolve_sectors(700.0, 1e9 * STAR[0], 1e9 * STAR[1], TWELVE, TWELVE)
    assert sooner.dilution == pytest.approx(1, abs=1e-3)
    assert sooner.delta_n_eff == pytest.approx(7.447, rel=5e-3)


def test_time_is_that_of_matter_when_the_reheaton_dominates():
    found = evolve_sectors(700.0, 1e-6 * STAR[0], 1e-6 * STAR[1], TWELVE, TWELVE, longest_step=0.02)
    early = np.searchsorted(found.time * 1e-6 * sum(STAR), 0.02)
    rate = np.sqrt(found.reheaton[early] / 3) / constants.REDUCED_PLANCK_MASS
    assert found.time[early] * rate == pytest.approx(2 / 3, rel=0.02)


def test_decays_that_outlast_the_calculation_are_refused():
    # beta of 1e-6 eV is over before the bath has 1 eV; 1e-8 eV is not, and most of R would be missing from the answer
    narrow = widths(150.0, 1e-15, 1e-15, TEV)
    found = evolve_sectors(150.0, *(float(one) for one in narrow), VISIBLE, DARK)
    assert found.reheaton[-1] / found.visible[-1] < 1e-8
    narrow = widths(150.0, 1e-17, 1e-17, TEV)
    with pytest.raises(InputError, match=r"lifetime of R is .* raise reheaton_coupling"):
        evolve_sectors(150.0, *(float(one) for one in narrow), VISIBLE, DARK)
    slow = Parents(3000.0, 8e-8, 1e-38, 0.02)
    with pytest.raises(InputError, match=r"lifetime of parents is .* raise epsilon"):
        evolve_sectors(700.0, *STAR, VISIBLE, DARK, parents=slow)
