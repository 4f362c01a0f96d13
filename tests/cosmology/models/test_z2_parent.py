"""Baryon-parents: Bodas, Buen-Abad, Hook & Sundrum (2024), Eqs. (6) to (12) and (27) to (29)."""

import numpy as np
import pytest
from scipy.integrate import quad

from cosmology import constants
from cosmology.degrees_of_freedom import degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models import z2_parent
from cosmology.models.z2_baths import BothSectors, baths
from cosmology.models.z2_inputs import VEV
from cosmology.models.z2_parent import annihilation, cp_asymmetry, decay_width, freeze_out

TWO_HUNDRED = degrees_of_freedom("constant", g_rho=200.0)
VISIBLE, DARK = baths("saikawa_shirai", 1000 / VEV, 5.3)
BENCHMARK = (0.5, 100.0, 1e4, 3e3)


def test_equation_8():
    assert z2_parent.target_yield(0.01, 10) == pytest.approx(8.6e-8, rel=1e-3)


def test_equations_6_and_7():
    # with the yield of Eq. (8) these are the baryons of today, 0.94 GeV each
    total = constants.ENTROPY_DENSITY
    found = z2_parent.density(0.938, 0.01, z2_parent.target_yield(0.01, 10), total, 10)
    assert found / constants.CRITICAL_DENSITY_PER_H2 == pytest.approx(constants.BARYON_OMEGA_H2, rel=0.02)
    dark = z2_parent.density(5.3 * 0.938, 0.01, z2_parent.target_yield(0.01, 10), total, 10)
    assert dark / found == pytest.approx(5.3)  # Eq. (9)


def test_equation_10():
    alpha, trilinear, scalar, mass = BENCHMARK
    value, slope = annihilation(alpha, 0.0, trilinear, scalar, mass)
    assert value == pytest.approx(1.243e-15, rel=1e-3)
    assert slope == 0


def test_annihilation_with_the_phase():
    alpha, trilinear, scalar, mass = BENCHMARK
    swave, pwave = annihilation(alpha, np.pi / 2, trilinear, scalar, mass, "phase")
    assert swave == pytest.approx(2.4e-14, rel=0.015)
    assert pwave < 1e-40
    # one scalar and the average over the phase, far below the pole, is the printed one
    mean = quad(lambda phase: annihilation(alpha, phase, trilinear, scalar, 1.0, "phase")[0], 0, 2 * np.pi)[0]
    assert mean / (2 * np.pi) / 4 == pytest.approx(annihilation(alpha, 0.0, trilinear, scalar, mass)[0], rel=1e-6)
    with pytest.raises(InputError, match="'printed', 'phase'"):
        annihilation(alpha, 0.0, trilinear, scalar, mass, "s-wave")


def test_equations_11_and_12():
    x, number = z2_parent.estimated_freeze_out(3e3, 1e-15)
    assert x == pytest.approx(10.99, abs=5e-3)
    assert number == pytest.approx(8.03e-8, rel=1e-3)
    assert z2_parent.abundance_at(3e3, 1e-15, 11) == pytest.approx(8.04e-8, rel=1e-3)
    with pytest.raises(InputError, match="L > 1"):
        z2_parent.estimated_freeze_out(3e3, 1e-21)


def test_the_boltzmann_equation_with_constant_g():
    found, history = freeze_out(3e3, 1e-15, TWO_HUNDRED)
    assert found == pytest.approx(8.03e-8, rel=1e-3)
    assert found == pytest.approx(z2_parent.estimated_freeze_out(3e3, 1e-15)[1], rel=1e-3)
    assert 10 < z2_parent.departure(history) < 14
    # what happens after x = 2000 is counted: where it starts in equilibrium does not matter either
    assert freeze_out(3e3, 1e-15, TWO_HUNDRED, first_x=3.0)[0] == pytest.approx(found, rel=1e-5)


def test_the_boltzmann_equation_with_both_sectors():
    # 8.12e-8 with an ideal gas; the fit has up to 2 per cent fewer degrees of freedom
    both = BothSectors(VISIBLE, DARK)
    assert freeze_out(3e3, 1e-15, both)[0] == pytest.approx(8.12e-8, rel=0.015)
    assert freeze_out(3e3, 1.243e-15, TWO_HUNDRED)[0] == pytest.approx(6.58e-8, rel=1e-3)
    # the same at equal temperatures, in units of either
    assert freeze_out(3e3, 1e-15, BothSectors(DARK, VISIBLE))[0] == pytest.approx(freeze_out(3e3, 1e-15, both)[0])


def test_a_warmer_dark_sector_keeps_more_parents():
    warm = BothSectors(TWO_HUNDRED, TWO_HUNDRED, 1 / 1.05)
    # n ~ H/sigma v at T' = m/x; over the entropy, 1/T
    cold = freeze_out(3e3, 1e-15, warm)[0] / freeze_out(3e3, 1e-15, BothSectors(TWO_HUNDRED, TWO_HUNDRED))[0]
    total = 1 + 1.05**-4, 1 + 1.05**-3
    assert cold == pytest.approx(np.sqrt(total[0] / 2) / (total[1] / 2), rel=1e-2)


def test_p_wave_freeze_out():
    # far from equilibrium 1/Y is the integral of s <sigma v>/H/x: the s-wave's with b -> 6b/x has half the weight
    swave, _ = freeze_out(3e3, 1e-15, TWO_HUNDRED)
    pwave, history = freeze_out(3e3, 0.0, TWO_HUNDRED, slope=1e-14)
    x = history.x[np.searchsorted(history.x, 2 * z2_parent.departure(history))]
    left = np.interp(x, history.x, history.yields["chi"])
    grown = (
        1 / left
        + quad(lambda z: 2 * np.pi**2 / 45 * 200 * 3e3**3 / z**3 * 6e-14 / z / _expansion(3e3 / z) / z, x, np.inf)[0]
    )
    assert pwave == pytest.approx(1 / grown, rel=2e-3)  # equilibrium is gone at twice the departure
    assert pwave > swave / 10


def _expansion(hot):
    return np.pi * np.sqrt(200 / 90) * hot**2 / constants.REDUCED_PLANCK_MASS


def test_parents_without_equilibrium_are_refused():
    with pytest.raises(InputError, match="start in equilibrium"):
        freeze_out(3e3, 1e-21, TWO_HUNDRED)


def test_early_decays():
    late = freeze_out(3e3, 1e-15, TWO_HUNDRED)[0]
    rate = _expansion(3e3 / 12)
    # late ones: what freeze-out leaves at the time of decay, some per cent more than at the end
    assert z2_parent.decaying_yield(3e3, 1e-15, 1e-4 * rate, TWO_HUNDRED) == pytest.approx(late, rel=0.02)
    found = [z2_parent.decaying_yield(3e3, 1e-15, share * rate, TWO_HUNDRED) for share in (1e-2, 1.0, 10.0)]
    # decays compete with annihilation: more of them count
    assert late < found[0] < found[1]
    # very fast ones: the two ways meet
    edge = 1e3 * _expansion(3e3 / 11)
    slow, fast = (z2_parent.decaying_yield(3e3, 1e-15, share * edge, TWO_HUNDRED) for share in (0.999, 1.001))
    assert slow == pytest.approx(fast, rel=0.02)  # the distance to equilibrium, in per cent
    # without annihilation to speak of every chi above equilibrium decays: dN = -dY, exactly
    alone = z2_parent.decaying_yield(3e3, 1e-22, 10 * rate, TWO_HUNDRED)
    start = 45 * 2 * 25 * float(_k2(5.0)) / (4 * np.pi**4 * 200)
    assert alone == pytest.approx(start, rel=1e-4)


def _k2(x):
    return quad(lambda t: np.exp(-x * np.cosh(t)) * np.cosh(2 * t), 0, 10, epsabs=0, epsrel=1e-10)[0]


def test_equations_1_and_2():
    # a full freeze-out at 100 GeV: 0.197, so that the scaling is good to a factor 2
    found, _ = freeze_out(100.0, 1e-9, degrees_of_freedom("constant", g_rho=86.0))
    density = 100 * found * constants.ENTROPY_DENSITY / constants.CRITICAL_DENSITY_PER_H2
    assert density == pytest.approx(0.197, rel=0.02)
    assert z2_parent.wimp_density(1e-9) * constants.DARK_MATTER_OMEGA_H2 == pytest.approx(density, rel=0.5)
    assert z2_parent.baryon_density(1e-15, 0.02, 0.94, 3e3) == pytest.approx(6.3, rel=0.01)


def test_equation_27():
    assert decay_width(3e3, 5e-11) == pytest.approx(2.98e-19, rel=2e-3)
    assert decay_width(3e3, 5e-11, 0.0, "colours") == pytest.approx(1.5 * decay_width(3e3, 5e-11))
    assert decay_width(3e3, 5e-11, 1500.0, "colours") == pytest.approx(1.5 * 0.75**2 * decay_width(3e3, 5e-11))
    assert decay_width(3e3, np.array([3e-11, 4e-11j])) == pytest.approx(decay_width(3e3, 5e-11))
    with pytest.raises(InputError, match="'printed', 'colours'"):
        decay_width(3e3, 5e-11, 0.0, "exact")


def test_equation_28_and_its_loop_form():
    phase = np.exp(0.25j * np.pi)
    assert cp_asymmetry(5e-11 * phase, 1.0, 3e3, 1e4, "heavy") == pytest.approx(0.0239, abs=5e-5)
    assert cp_asymmetry(5e-11 * phase, 1.0, 3e3, 1e4) == pytest.approx(0.0255, abs=5e-5)
    # one flavour: |kappa|^2 sin of twice the phase
    turned = cp_asymmetry(np.exp(0.3j), 0.5, 3e3, 1e4, "heavy")
    assert turned == pytest.approx(0.0239 * 0.25 * np.sin(0.6), rel=2e-3)
    with pytest.raises(InputError, match="'loop', 'heavy'"):
        cp_asymmetry(1, 1, 3e3, 1e4, "exact")


@pytest.mark.parametrize("function", [z2_parent.vertex_function, z2_parent.self_energy_function])
def test_loop_functions_have_one_limit(function):
    # -1/(2 sqrt x), the next term is down by x
    for x in (3e3, 9e3, 1.1e4, 1e8):
        assert function(x) * -2 * np.sqrt(x) == pytest.approx(1, abs=1.1 / x)


def test_the_vertex_function_against_its_series():
    # 1 - (1 + x) ln(1 + 1/x) = -1/2x + 1/6x^2 - 1/12x^3 + ...
    for x in (9.9e3, 1.01e4):
        series = np.sqrt(x) * (-1 / (2 * x) + 1 / (6 * x**2) - 1 / (12 * x**3))
        assert z2_parent.vertex_function(x) == pytest.approx(series, rel=1e-8)


def test_equation_29():
    low, high = z2_parent.coupling_window(3e3)
    assert low == pytest.approx(7.43e-14, rel=2e-3)
    assert high == pytest.approx(3.46e-8, rel=2e-3)


def test_when_parents_decay():
    assert z2_parent.decay_temperature(2.98e-19) == pytest.approx(0.44, abs=5e-3)
    assert 4 / 3 * 3e3 * 8e-8 == pytest.approx(0.3e-3, rel=0.1)  # they never dominate
