"""Dark sink of ultraviolet freeze-in: annihilation to eta, freeze-out in the dark bath, dark radiation.

Equation numbers are those of Asadi, Moore, Morrissey & Shamma (2025). Numbers called recomputed are from an independent
solution that was made before this code, with an ideal-gas g*; the fits used here differ from it by 2 to 3 per cent,
which moves masses by up to 0.5 per cent and, near the QCD transition, 3 per cent.
"""

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.special import kve

from cosmology import constants, relic, units
from cosmology.degrees_of_freedom import ConstantDegreesOfFreedom, degrees_of_freedom
from cosmology.errors import InputError, UnitError
from cosmology.models.uv_freeze_in_baths import G_DARK, G_VISIBLE
from cosmology.models.uv_freeze_in_radiation import (
    delta_n_eff,
    heavy_neutrino_bound,
    heavy_neutrino_yield,
    largest_xi,
    late_ratio,
)
from cosmology.models.uv_freeze_in_relic import freeze_out, heaviest
from cosmology.models.uv_freeze_in_sink import DarkSink, annihilation_kernel, thermal_average

DOF = degrees_of_freedom("saikawa_shirai")


# -- annihilation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [1.05, 1.5, 10.0, 100.0, 1e4])
@pytest.mark.parametrize("s", [4.0 + 1e-9, 4.3, 12.0, 400.0])
def test_kernel_27_is_the_mean_over_angles(s, ratio):
    def integrand(c):
        n = (s - c * np.sqrt(s * (s - 4))) / 2
        return (n / (ratio**2 - 1 + n)) ** 2 / 2

    expected = quad(integrand, -1, 1, epsabs=0, epsrel=1e-12)[0] / (8 * np.pi)
    # the closed form is a difference whose result is (s/2d)^2 of its terms; it is used down to a quarter
    assert annihilation_kernel(s, ratio) == pytest.approx(expected, rel=1e-11)


def test_kernel_at_threshold_is_that_of_28():
    for ratio in (1.5, 7.0, 1e3):
        at_rest = 1 / (32 * np.pi * (1 + ratio**2) ** 2)
        assert annihilation_kernel(4.0, ratio) == pytest.approx(16 * at_rest, rel=1e-12)  # W = 16 m^2 sigma v
        assert thermal_average(np.inf, ratio) == pytest.approx(at_rest, rel=1e-14)


def test_thermal_average_as_recomputed():
    found = thermal_average(np.array([3, 10, 20, 50, np.inf]), 1.5)
    assert found == pytest.approx([5.190492e-4, 7.760001e-4, 8.533470e-4, 9.049347e-4, 9.417453e-4], rel=2e-7)


@pytest.mark.parametrize("ratio", [1.2, 30.0])
@pytest.mark.parametrize("x", [3.0, 25.0])
def test_thermal_average_by_adaptive_quadrature(x, ratio):
    def integrand(root):
        s = root**2
        bessel = kve(1, root * x) * np.exp(-(root - 2) * x)
        return 2 * root * np.sqrt(s - 4) * bessel * float(annihilation_kernel(s, ratio))

    expected = quad(integrand, 2, 2 + 60 / x, epsabs=0, epsrel=1e-11, limit=200)[0] * x / (64 * kve(2, x) ** 2)
    assert thermal_average(x, ratio) == pytest.approx(expected, rel=1e-9)


def test_slope_of_the_average_in_temperature():
    # <sigma v> = sigma_0 (1 - 2.0/x + ...) for m_phi = 1.5 m
    x = 1e4
    assert x * (1 - thermal_average(x, 1.5) / thermal_average(np.inf, 1.5)) == pytest.approx(2.0, abs=0.05)


def test_annihilation_at_rest_in_ordinary_units():
    # y = 0.5, 1 GeV, m_phi = m would be the bracket of Eq. (28) at its printed normalisation
    sink = DarkSink(coupling=0.5, mediator_ratio=2.0)
    prefactor = 0.5**4 / (32 * np.pi) * 1.1673e-17
    assert sink.sigma_v(np.inf, "1 GeV").to_value("cm3/s") == pytest.approx(prefactor / 25, rel=1e-4)
    assert prefactor == pytest.approx(7.257e-21, rel=1e-3)  # the paper rounds to 7.2e-21


def test_width_of_phi_26():
    sink = DarkSink(coupling=0.5, mediator_ratio=2.0)
    assert sink.mediator_width("10 GeV").to_value("GeV") == pytest.approx(0.25 * 20 / (16 * np.pi) * 0.75**2)


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"coupling": 0.0}, InputError, "sink_coupling"),
        ({"coupling": 5.0}, InputError, "sqrt\\(4 pi\\)"),
        ({"mediator_ratio": 1.0}, InputError, "so that phi decays"),
        ({"chi_mass": 10.0}, UnitError, "has no unit"),
        ({"chi_mass": "-1 GeV"}, InputError, "positive"),
        ({"chi_mass": ["1 GeV", "2 GeV"]}, InputError, "one mass is needed"),
        ({"equilibrium": "hot"}, InputError, "'cold', 'exact'"),
    ],
)
def test_sinks_without_meaning_are_refused(changes, error, said):
    with pytest.raises(error, match=said):
        DarkSink(**changes)


def test_average_of_relativistic_chi_is_refused():
    with pytest.raises(InputError, match="from 1 on"):
        DarkSink().sigma_v(0.5, "1 GeV")


# -- freeze-out --------------------------------------------------------------------------------------------------------


def followed(mass, xi, asymmetry, sink, g):
    """Y_antichi from Eqs. (65) and (67) by an adaptive implicit solver for ln Zb, with constant g* = g."""
    entropy = xi**3 * G_DARK / G_VISIBLE
    ratio = (entropy * g / 1.75) ** (1 / 3)  # T_x/T, constant like g*
    per_yield = 2 * np.pi**2 / 45 * g / ratio**3
    bias = per_yield * asymmetry

    def slope(log_x, log_z):
        x = np.exp(log_x)
        hot = mass / x / ratio
        hubble = np.sqrt(np.pi**2 / 90 * (g * hot**4 + 1.75 * (mass / x) ** 4)) / constants.REDUCED_PLANCK_MASS
        rate = mass * sink.coupling**4 * float(thermal_average(x, sink.mediator_ratio)) / x**3 / hubble
        equilibrium = 2 * x**1.5 * np.exp(-x) / (2 * np.pi) ** 1.5
        return -rate * (np.exp(log_z) + bias - equilibrium**2 * np.exp(-log_z))

    equilibrium = 2 * 3**1.5 * np.exp(-3.0) / (2 * np.pi) ** 1.5
    start = np.log(2 * equilibrium**2 / (bias + np.hypot(bias, 2 * equilibrium)))
    solution = solve_ivp(slope, (np.log(3), np.log(1e6)), [start], method="Radau", rtol=1e-8, atol=1e-8)
    assert solution.success
    return np.exp(solution.y[0, -1]) / per_yield


@pytest.mark.parametrize(
    ("mass", "xi", "asymmetry"), [(500, 0.5, 0.0), (500, 0.5, 1e-13), (100, 0.3, 1e-14), (1000, 0.2, 3e-13)]
)
def test_freeze_out_against_an_adaptive_solver(mass, xi, asymmetry):
    sink = DarkSink(coupling=0.7)
    found = freeze_out(mass, xi, asymmetry, sink, ConstantDegreesOfFreedom(90.0))
    expected = followed(mass, xi, asymmetry, sink, 90.0)
    # the steps are good to 1e-4 of ln Y
    assert float(found.antiparticle_yield) == pytest.approx(expected, rel=5e-4)
    assert float(found.total_yield) == pytest.approx(2 * expected + asymmetry, rel=5e-4)


def test_symmetric_yield_as_recomputed():
    found = freeze_out(500.0, 0.5, 0.0, DarkSink(), DOF)
    assert float(found.total_yield) == pytest.approx(6.61e-13, rel=0.01)  # g*
    assert found.reason == ("",)


def test_symmetric_plateau_of_the_mass():
    found = heaviest(np.array([0.1, 0.2, 0.3, 0.5]), 0.0, DarkSink(), DOF)
    assert found.mass == pytest.approx([1436, 969, 770, 577], rel=5e-3)  # g*
    assert found.omega_h2 == pytest.approx([0.12] * 4, rel=1e-8)


@pytest.mark.parametrize(
    ("ratio", "mass", "x", "near"),
    [
        (3, 260, 22, 5e-3),
        (10, 27.2, None, 0.01),
        (30, 3.13, None, 0.03),  # QCD transition
        (100, 0.278, 14, 0.01),
        (1e3, 3.33e-3, 9.6, 0.01),
        (1e4, 46e-6, 5.1, 0.02),
    ],
)
def test_heavier_mediators_lower_the_mass(ratio, mass, x, near):
    found = heaviest(0.3, 0.0, DarkSink(mediator_ratio=ratio), DOF)
    assert float(found.mass) == pytest.approx(mass, rel=near)
    if x is not None:
        assert float(found.x_freeze_out) == pytest.approx(x, rel=0.05)


@pytest.mark.parametrize("ratio", [3e4, 1e5])
def test_relativistic_freeze_out_has_no_number_but_a_reason(ratio):
    found = heaviest(0.3, 0.0, DarkSink(mediator_ratio=ratio), DOF)
    assert np.isnan(found.mass)
    assert "where it is relativistic" in found.reason[0]
    given = freeze_out(7e-6, 0.3, 0.0, DarkSink(mediator_ratio=ratio), DOF)
    assert np.isnan(given.antiparticle_yield)
    assert "relativistic" in given.reason[0]


def test_large_asymmetries_fix_the_mass():
    found = heaviest(np.array([0.3, 0.5]), np.array([4e-11, 1e-9]), DarkSink(), DOF)
    # the upper bound m_p (Omega_DM/Omega_B) Y_B/Y_Dchi, which is 5.03 GeV Y_B/Y_Dchi
    assert found.mass == pytest.approx(5.03 * constants.BARYON_YIELD / np.array([4e-11, 1e-9]), rel=2e-3)
    assert found.asymmetric_share == pytest.approx([1, 1], rel=1e-12)
    assert np.all(found.antiparticle_yield >= 0)  # perhaps exp(-1000), which is 0 here, and no logarithm of it


def test_share_at_which_a_tenth_is_left():
    # Y_antichi/Y_chi = 0.1 is Y_D/Y_Sigma = 9/11
    asymmetry = relic.asymmetry_from_total_yield(1.0, 0.1)
    assert asymmetry == pytest.approx(0.818, abs=1e-3)


def test_mass_falls_with_the_asymmetry_and_no_point_depends_on_its_neighbours():
    asymmetry = np.geomspace(1e-15, 1e-10, 12)
    together = heaviest(0.4, asymmetry, DarkSink(), DOF)
    assert np.all(np.diff(together.mass) < 0)
    alone = [float(heaviest(0.4, one, DarkSink(), DOF).mass) for one in asymmetry]
    assert together.mass == pytest.approx(alone, rel=1e-8)


def test_points_without_freeze_in_stay_without_numbers():
    found = heaviest(np.array([np.nan, 0.3]), np.array([1e-11, 1e-11]), DarkSink(), DOF)
    assert np.isnan(found.mass[0])
    assert np.isfinite(found.mass[1])
    assert found.reason[0] == "no freeze-in at this point"


def test_equilibrium_density_matters_most_for_hot_relics():
    def gain(ratio):
        exact = DarkSink(mediator_ratio=ratio, equilibrium="exact")
        return float(heaviest(0.3, 0.0, exact, DOF).mass / heaviest(0.3, 0.0, DarkSink(mediator_ratio=ratio), DOF).mass)

    assert gain(1.5) == pytest.approx(1, abs=3e-3)
    assert 0.9 < gain(1e4) < 0.99


# -- dark radiation and heavy neutrinos --------------------------------------------------------------------------------


def test_dark_radiation_limits_64():
    today, then = largest_xi(np.array([0.3, 0.06]))
    assert today == pytest.approx([0.5282, 0.3533], abs=6e-5)
    assert then == pytest.approx([0.9905, 0.6624], abs=6e-5)
    assert delta_n_eff(then) == pytest.approx([0.3, 0.06], rel=1e-12)


def test_dark_radiation_is_one_neutrino_at_their_temperature():
    # one Weyl fermion at (4/11)^(1/3) T counts as one, with which the printed inverse ratio disagrees
    xi = (4 / 11) ** (1 / 3) / late_ratio(1.0, 43 / 11)
    assert delta_n_eff(xi) == pytest.approx(1.0, rel=1e-12)


def test_factor_from_freeze_in_to_recombination():
    assert late_ratio(1.0, 3.909) == pytest.approx(0.5333, abs=5e-5)
    assert late_ratio(0.4, G_VISIBLE, G_DARK) == pytest.approx(0.4, rel=1e-14)


def test_heavy_neutrino_bound_37():
    assert heavy_neutrino_bound(25) == pytest.approx(4.71e-12, rel=1e-3)


def test_heavy_neutrinos_stay_below_their_bound():
    # with a cold dark bath, inverse decays of leptons alone fill N, and both channels empty it: Gamma_l/Gamma of Y_eq
    widths = (1e3, 1e5)
    found = heavy_neutrino_yield(1e10, widths, 1e10 / 30, lambda cooling: 0.0, np.array([1e-6, 1e-3, 0.1]))
    bound = heavy_neutrino_bound(30.0)
    assert np.all(found < bound)
    boost = 1 + 15 / 8 / 30  # of K_2 over its leading term, to 0.1 per cent
    assert found[0] == pytest.approx(bound * boost * widths[0] / sum(widths), rel=0.05)  # 1/gamma of either bath


def test_dark_matter_density_from_mass_and_yield():
    found = heaviest(0.3, 1e-11, DarkSink(), DOF)
    mass = units.attach(float(found.mass), "mass")
    assert relic.omega_h2(mass, float(found.total_yield)) == pytest.approx(0.12, rel=1e-8)


@pytest.mark.parametrize("xi", [0.5, 0.05])
def test_heavy_chi_freezes_out_in_the_heat_of_its_time(xi):
    # constant g: in x only y^4 M_Pl/m is left, so that m and y^4 times a thousand leave a thousand times the density
    dof, masses = ConstantDegreesOfFreedom(106.75), np.array([1e5, 1e8, 1e10, 1e11])
    sinks = [DarkSink(coupling=3.0 * (m / 1e11) ** 0.25, equilibrium="exact") for m in masses]
    found = [freeze_out(m, xi, 0.0, sink, dof) for m, sink in zip(masses, sinks, strict=True)]
    assert not any(one.reason[0] for one in found)
    yields = np.array([float(one.total_yield) for one in found])
    assert yields == pytest.approx(np.full(4, yields[0]), rel=1e-6)  # steps of the table
