"""Dark temperature and charges of ultraviolet freeze-in along the expansion.

Equation numbers are those of Asadi, Moore, Morrissey & Shamma (2025). Numbers called recomputed are from an independent
solution that was made before this code, with M_Pl = 2.435e18 GeV and four digits; the Planck mass used here is larger
by 1.3e-4, which moves no yield by more than 2e-4.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cosmology import constants
from cosmology.errors import ConvergenceError, InputError
from cosmology.models import uv_freeze_in_charges
from cosmology.models.uv_freeze_in import UVFreezeIn
from cosmology.models.uv_freeze_in_baths import (
    G_DARK,
    G_VISIBLE,
    final_temperature_ratio,
    small_temperature_ratio,
    visible_density,
    visible_entropy,
    visible_hubble,
)
from cosmology.models.uv_freeze_in_choices import Choices
from cosmology.models.uv_freeze_in_couplings import BENCHMARKS, TwoNeutrinos, two_neutrinos
from cosmology.models.uv_freeze_in_history import follow, strengths
from cosmology.models.uv_freeze_in_reactions import kernels
from cosmology.models.uv_freeze_in_wash_out import charge_rates

PLANCK = constants.REDUCED_PLANCK_MASS / 2.435e18


def model(phases="B1", mass="1e10 GeV", coupling=1.0, x=30.0, **others):
    return UVFreezeIn.benchmark(phases, mass=mass, dark_coupling=coupling, mass_over_reheating=x, **others)


# -- two baths ---------------------------------------------------------------------------------------------------------


def test_entropy_and_expansion_of_the_visible_bath():
    assert visible_entropy(1e10) == pytest.approx(4.68258e31, rel=2e-6)  # six digits
    assert visible_hubble(1e10) == pytest.approx(140.512 / PLANCK, rel=5e-6)


def test_strength_of_the_energy_transfer_31():
    points = two_neutrinos(np.array([1e10]), *BENCHMARKS["B1"], 1.0)
    first, second = strengths(points, np.array([1e10 / 30]), Choices())
    assert first == pytest.approx([5.70268e-3 * PLANCK], rel=5e-6)
    assert second == pytest.approx([3.51501e-4 * PLANCK], rel=5e-6)


@pytest.mark.parametrize(
    ("coupling", "summed", "single"), [(1.0, 0.5405, 0.4111), (0.3, 0.2963, 0.2252), (0.1, 0.1711, 0.1300)]
)
def test_final_temperature_ratio(coupling, summed, single):
    # recomputed to four digits
    assert model(coupling=coupling).xi == pytest.approx(summed, abs=1.2e-4)
    assert model(coupling=coupling, choices=Choices(flavours="single")).xi == pytest.approx(single, abs=1.2e-4)


def test_the_printed_192_raises_the_temperature_by_half_a_per_cent():
    printed = model(coupling=0.3, choices=Choices(energy_transfer="paper"))
    assert printed.xi / model(coupling=0.3).xi - 1 == pytest.approx(0.005, abs=5e-4)


def test_temperature_ratio_along_the_way():
    xi = model().evolve().at([0.01, 0.1, 1.0, 10.0])[0]
    assert xi == pytest.approx([0.1723, 0.2995, 0.4565, 0.5281], abs=1e-4)  # recomputed to four digits


@pytest.mark.parametrize(("x", "xi"), [(25, 0.5667), (50, 0.4745), (100, 0.3985)])
def test_temperature_ratio_falls_with_the_mass_over_reheating(x, xi):
    assert model(x=x).xi == pytest.approx(xi, abs=1e-4)


def test_b3_leaves_the_range_that_dark_radiation_allows():
    assert model("B3", x=25).xi == pytest.approx(0.798, abs=5e-4)


def test_temperature_ratio_does_not_depend_on_the_mass():
    assert [model(mass=m, coupling=0.3).xi for m in ("1e8 GeV", "1e14 GeV")] == pytest.approx([0.29635] * 2, rel=5e-5)
    assert model(mass="1e8 GeV", coupling=0.3).xi == pytest.approx(model(mass="1e14 GeV", coupling=0.3).xi, rel=1e-6)


def test_weak_transfer_follows_32():
    # the dark bath reacts back at relative order xi^7
    first, second = np.array([1e-8]), np.array([2e-9])
    assert final_temperature_ratio(first, second) == pytest.approx(
        small_temperature_ratio(first, second, np.inf), rel=1e-6
    )
    early = model(coupling=0.03).evolve().at([0.5])[0]
    assert early == pytest.approx(model(coupling=0.03).evolve("small_xi").at([0.5])[0], rel=1e-5)


def test_strong_transfer_ends_at_one_temperature():
    assert final_temperature_ratio(10.0, 1.0) == pytest.approx(1.0, abs=1e-6)


# -- charges -----------------------------------------------------------------------------------------------------------

FINAL = [
    ({}, 9.546e-11, 4.83e-16),
    ({"coupling": 0.3}, 1.928e-11, 1.509e-11),
    ({"coupling": 0.1}, 1.940e-13, 2.097e-11),
    ({"coupling": 0.03}, 8.941e-15, 1.728e-13),
    ({"mass": "1e8 GeV"}, 1.151e-12, 5.80e-20),
    ({"mass": "1e12 GeV"}, 5.994e-9, 5.45e-12),
    ({"mass": "1e14 GeV"}, 1.527e-7, 9.30e-8),
    ({"phases": "B2"}, 3.068e-11, 1.93e-16),
    ({"phases": "B3"}, 3.119e-10, 3.73e-15),
    ({"phases": "B4"}, 1.244e-11, 1.49e-16),
]


@pytest.mark.parametrize(("point", "b_minus_l", "dark"), FINAL)
def test_final_charges(point, b_minus_l, dark):
    found = model(**point)
    # recomputed to four and three digits, and the Planck mass
    assert abs(found.b_minus_l) == pytest.approx(b_minus_l, rel=6e-4)
    assert abs(found.dark_lepton) == pytest.approx(dark, rel=2e-3)


def test_measure_of_strong_wash_out_61():
    assert model().wash_out == pytest.approx(4.92e3, rel=2e-3)
    assert model(coupling=0.3).wash_out == pytest.approx(6.61, rel=2e-3)
    assert model(mass="1e8 GeV").wash_out == pytest.approx(5e5, rel=0.05)


@pytest.mark.parametrize(("mass", "near"), [("1e8 GeV", 1.0e-3), ("1e10 GeV", 5e-3)])
def test_strong_wash_out_ends_on_the_wash_in_floor(mass, near):
    found = model(mass=mass)
    points = found._points
    omega = charge_rates(kernels(points.sums()), points.lightest, Choices()).omega(1, found.xi)[0]
    floor = -omega[1, 0] / omega[1, 1] * found.b_minus_l
    assert found.dark_lepton == pytest.approx(floor, rel=near)  # departs as 1/R


@pytest.mark.parametrize("point", [{}, {"coupling": 0.3}, {"phases": "B2", "mass": "1e12 GeV"}])
def test_exact_charges_against_another_integrator_in_physical_variables(point):
    # Radau on n_(B-L), n_Lx, T and T_x in cosmic time, nothing shared but the rates
    found = model(**point)
    points, mass = found._points, found._points.lightest[0]
    hot = found.reheating_temperature.to_value("GeV")
    rates = charge_rates(kernels(points.sums()), points.lightest, Choices())
    first, second = (float(c[0]) for c in strengths(points, np.array([hot]), Choices()))
    unit = visible_density(hot) * visible_hubble(hot)

    def slope(log_a, state):
        rho, rho_x, *n = state
        t, t_x = (30 * rho / (np.pi**2 * G_VISIBLE)) ** 0.25, (30 * max(rho_x, 0) / (np.pi**2 * G_DARK)) ** 0.25
        hubble = np.sqrt((rho + rho_x) / 3) / constants.REDUCED_PLANCK_MASS
        energy = unit * (first * (t**7 - t_x**7) / hot**7 + second * (t**9 - t_x**9) / hot**9)
        damping = t**3 / mass**2 * rates.omega(1, t_x / t)[0] + t**5 / mass**4 * rates.omega(2, t_x / t)[0]
        made = rates.source[0] * (t**8 - t_x**8) / mass**4 - damping @ n
        return np.array([-4 * rho - energy / hubble, -4 * rho_x + energy / hubble, *(made / hubble - 3 * np.array(n))])

    scale = visible_entropy(hot)
    solution = solve_ivp(
        slope,
        (0, 14),
        [visible_density(hot), 0, 0, 0],
        method="Radau",
        rtol=1e-9,
        atol=[1e-30 * unit, 1e-30 * unit, 1e-43 * scale, 1e-43 * scale],
        first_step=1e-12,
        dense_output=True,
    )
    assert solution.success
    end = solution.y[:, -1]
    t = (30 * end[0] / (np.pi**2 * G_VISIBLE)) ** 0.25
    # both to a few 1e-7; what grows after 14 e-folds is exp(-14) R
    assert end[2:] / visible_entropy(t) == pytest.approx([found.b_minus_l, found.dark_lepton], rel=5e-5)
    assert (end[1] / end[0] * G_VISIBLE / G_DARK) ** 0.25 == pytest.approx(found.xi, rel=1e-6)
    early = solution.sol(0.3)
    t = (30 * early[0] / (np.pi**2 * G_VISIBLE)) ** 0.25
    then = [float(one[0]) for one in found.evolve().at([hot / t - 1])[1:]]
    assert early[2:] / visible_entropy(t) == pytest.approx(then, rel=1e-5)  # interpolation in both


@pytest.mark.parametrize(("coupling", "difference"), [(0.3, 3e-4), (1.0, 4e-3)])
def test_small_xi_form_55_against_the_exact_one(coupling, difference):
    found = model(coupling=coupling)
    approximate = found.evolve("small_xi")
    assert approximate.b_minus_l[-1] == pytest.approx(found.b_minus_l, rel=difference)
    assert abs(approximate.b_minus_l[-1] / found.b_minus_l - 1) > difference / 4


def test_b2_passes_through_zero_where_wash_in_overtakes():
    masses = ("1e10 GeV", "1e11 GeV", "1e12 GeV", "1e13 GeV")
    dips = [model("B2", mass=m).evolve().sign_changes() for m in masses]
    assert [len(one) for one in dips] == [1] * 4
    # recomputed to three digits
    assert np.concatenate(dips) == pytest.approx([2.94e-4, 2.97e-3, 3.17e-2, 0.734], rel=3e-3)
    assert not model("B1").evolve().sign_changes().size


def test_benchmarks_stand_in_the_order_of_the_paper():
    final = {name: abs(model(name).b_minus_l) for name in BENCHMARKS}
    assert sorted(final, key=final.get) == ["B4", "B2", "B1", "B3"]


def test_dark_source_at_first_does_not_depend_on_the_mass():
    early = [abs(model(mass=m).evolve().at([0.01])[2]) for m in ("1e8 GeV", "1e12 GeV", "1e14 GeV")]
    # recomputed to two digits; at 1e8 GeV wash-out starts before
    assert early == pytest.approx([2.4e-11, 6.2e-9, 6.25e-9], rel=0.02)


def test_dark_charge_peaks_and_falls():
    history = model(coupling=0.3).evolve()
    assert abs(history.at([1.0])[2]) == pytest.approx(4.3e-10, rel=0.02)  # recomputed to two digits
    # the peak itself is earlier and higher; the integrator in physical variables above agrees there
    peak = np.argmax(np.abs(history.dark_lepton))
    assert history.cooling[peak] == pytest.approx(0.35, rel=0.1)
    assert abs(history.dark_lepton[peak]) == pytest.approx(6.86e-10, rel=2e-3)


def test_without_a_dark_source_dark_charge_comes_from_the_visible_one():
    # a rounded root would leave 3000 times as much dark charge at first
    early = model("B4").evolve().at([0.01])
    assert abs(early[2]) < 1e-3 * abs(early[1])


def test_charges_scale_with_their_sources():
    # exact: wash-out and temperatures do not know the sources
    points = model()._points
    hot = np.array([1e10 / 30])
    plain = follow(points, hot, Choices())
    rates = charge_rates(kernels(points.sums()), points.lightest, Choices())
    scaled = uv_freeze_in_charges.solve_charges(
        rates._replace(source=0.1 * rates.source), points.lightest, hot, plain._baths, np.zeros(1, int)
    )
    assert scaled.q[-1] == pytest.approx(0.1 * plain._charges.q[-1], rel=1e-10)


def test_conjugate_couplings_make_the_opposite_charges():
    alpha, beta = BENCHMARKS["B1"]
    mirror = TwoNeutrinos(mass="1e10 GeV", alpha=-alpha, beta=-beta, dark_coupling=1.0)
    found = replace(model(), neutrinos=mirror)
    assert (found.b_minus_l, found.dark_lepton) == pytest.approx((-model().b_minus_l, -model().dark_lepton), rel=1e-9)


def test_phases_are_no_common_factor():
    # Y_B/zeta of zeta (alpha, beta) of B1 at fixed |y_1|, which the paper takes to be constant
    n = model(mass="1e13 GeV", coupling=0.5).neutrinos
    y = float(np.abs(n.couplings().lepton[0, 0]))
    found = []
    for zeta in (1.0, 0.5, 0.1):
        turned = replace(n, alpha=zeta * n.alpha, beta=zeta * n.beta, lepton_coupling=y)
        found.append(UVFreezeIn(neutrinos=turned, reheating_temperature=n.mass / 30).baryons / zeta)
    assert found == pytest.approx([1.35e-9, -1.24e-9, -3.37e-9], rel=5e-3)  # recomputed to three digits


# -- the history and its solver ----------------------------------------------------------------------------------------


def test_history_is_what_the_model_reports():
    found = model()
    history = found.evolve()
    assert history.temperature[0].value == pytest.approx(found.reheating_temperature.value, rel=1e-15)
    assert np.all(np.diff(history.cooling) > 0)
    assert history.dark_temperature[-1].to_value("GeV") == pytest.approx(
        found.xi * history.temperature[-1].to_value("GeV")
    )
    assert (history.xi[-1], history.b_minus_l[-1], history.dark_lepton[-1]) == (
        found.xi,
        found.b_minus_l,
        found.dark_lepton,
    )
    inside = history.at(history.cooling[1:-1])
    for values, name in zip(inside, ("xi", "b_minus_l", "dark_lepton"), strict=True):
        assert values == pytest.approx(getattr(history, name)[1:-1], rel=1e-6)
    assert max(history.error) < 1e-6


@pytest.mark.parametrize("mass", ["1e8 GeV", "1e10 GeV", "1e13 GeV"])
def test_charges_have_settled_in_the_end(mass):
    history = model(mass=mass).evolve()
    # 12 e-folds of expansion are too few for the strongest wash-out; the end is chosen for each point
    assert history.e_folds > 12
    for charge in (history.b_minus_l, history.dark_lepton):
        late = np.interp(history.e_folds - 2, history._z**4, charge)
        assert late == pytest.approx(charge[-1], rel=1e-4)


def test_steps_that_are_too_wide_are_noticed():
    with pytest.raises(ConvergenceError, match="half as many steps change the"):
        follow(model()._points, np.array([1e10 / 30]), Choices(), width=0.2)


def test_charges_that_never_settle_are_noticed(monkeypatch):
    monkeypatch.setattr(uv_freeze_in_charges, "_LAST_END", 15.0)
    with pytest.raises(ConvergenceError, match="still change by more than 1e-06 in 3"):
        follow(model(coupling=0.3)._points, np.array([1e10 / 30]), Choices())


def test_questions_outside_the_history_are_refused():
    history = model().evolve()
    with pytest.raises(InputError, match="between 0 and"):
        history.at([-1.0])
    with pytest.raises(InputError, match="b_minus_l, dark_lepton"):
        history.sign_changes("baryons")
    with pytest.raises(InputError, match="way = 'fast'; allowed: exact, small_xi"):
        model().evolve("fast")


def test_quantum_statistics_move_the_temperature_by_a_per_cent():
    # J_1 and J_2 grow by 5.7 and 1.7 per cent, xi with their fourth root
    ratio = model(coupling=0.3, choices=Choices(statistics="quantum")).xi / model(coupling=0.3).xi
    assert ratio == pytest.approx(1.0135, abs=1e-3)
