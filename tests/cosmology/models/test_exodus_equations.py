"""Are the coupled Boltzmann equations of Exodus solved right: other solver, closed forms, conservation?"""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from cosmology import units
from cosmology.asymmetric_freeze_out import FixedAsymmetry
from cosmology.asymmetric_freeze_out import freeze_out as asymmetric_freeze_out
from cosmology.boltzmann import evolve
from cosmology.degrees_of_freedom import ConstantDegreesOfFreedom
from cosmology.models.exodus_depletion import ACCURACY, depletion_history
from cosmology.models.exodus_equations import AsymmetricRelic, ExpansionTable, SelfConjugateRelic, solve
from cosmology.models.exodus_freeze_in import (
    FREEZE_IN_COEFFICIENT,
    constant_g_yield,
    freeze_in_yield,
    last_temperature,
    lifetime_needed,
    mass_needed,
    ratio_needed,
    relic_sigma_v_needed,
)
from cosmology.models.exodus_sectors import Sectors, log_equilibrium_yield, time_dilation
from cosmology.thermodynamics import _entropy, _hubble
from cosmology.units import Quantity

DELTA = 8.76e-11
HUNDRED = ConstantDegreesOfFreedom(100.0)


def seconds(value):
    return units.to_internal(Quantity(value, "s"), "time")


def run(
    mass, lifetime, sigma_v=1e-7, states=1.0, sectors=None, relic=SelfConjugateRelic, zeta=0.0, refine=1.0, floor=1e-8
):
    tau, sectors = seconds(lifetime), sectors or Sectors()
    end = last_temperature(tau, sectors)
    table = ExpansionTable(np.array([mass]), sectors, states, end, refine, floor if zeta else end)
    return table, solve(table, np.array([1 / tau]), sigma_v, DELTA, relic, zeta)


def zetas(*arguments, **options):
    return run(*arguments, **options)[1].relic[-1, 0, 0] / DELTA


def by_radau(table, lifetime, sigma_v, states, zeta):
    """The same equations in ln Y by an implicit solver that knows nothing of them."""
    sectors, dof, mass, width = table.sectors, table.sectors.dof, table.masses[0], 1 / seconds(lifetime)

    def slopes(x, values):
        rare, net, made = values
        hot = np.array(sectors.ratio * mass / x)
        per_step = (1 + dof._entropy_slope(hot) / 3) / _hubble(hot, dof)
        loss, decay = per_step * _entropy(hot, dof), per_step * width * time_dilation(x)
        gain = np.exp(np.clip(2 * log_equilibrium_yield(x, hot, states, sectors) - np.log(rare), -700, 300))
        return [
            -loss * sigma_v * (rare * (rare + net) - gain * rare) - decay * rare,
            -decay * net,
            decay * (net + 2 * rare) - loss * zeta * made**2,
        ]

    start = {"anti-X": DELTA, "asymmetry": DELTA, "zeta": 0.0}
    start["anti-X"] = float(table.start_yield[0] ** 2 / (DELTA / 2 + np.hypot(DELTA / 2, table.start_yield[0])))
    ends = (table.x[0], table.x[-1])
    return evolve(slopes, start, ends, signed={"zeta": 1e-13}, at=table.x, rtol=1e-8)


@pytest.mark.parametrize(
    ("ratio", "states", "sigma_v", "zeta"),
    [
        (1.0, 1.0, 1e-9, 0.0),
        pytest.param(1.0, 1.0, 1e-9, 1e-9, marks=pytest.mark.slow),
        pytest.param(4.0, 2.0, 3e-10, 0.0, marks=pytest.mark.slow),
    ],
)
def test_steps_agree_with_an_implicit_solver(ratio, states, sigma_v, zeta):
    table, found = run(10.0, 0.1, sigma_v, states, Sectors(ratio), zeta=zeta, floor=np.inf)
    other = by_radau(table, 0.1, sigma_v, states, zeta)
    live = found.exponent[:, 0, 0] < 30  # later there is nothing left to compare
    # fourth-order steps: 2e-7 at the end; where anti-X departs from equilibrium the correction of a step leaves 5e-4
    assert found.relic[-1, 0, 0] == pytest.approx(other.final["zeta"], rel=2e-6)
    assert found.antiparticles[live, 0, 0] == pytest.approx(other.yields["anti-X"][live], rel=1e-3)
    kept = DELTA * np.exp(-found.exponent[live, 0, 0])
    assert kept == pytest.approx(other.yields["asymmetry"][live], rel=3e-7)  # rtol of the other times its steps
    early = (table.x > 0.3) & live
    assert found.relic[early, 0, 0] == pytest.approx(other.yields["zeta"][early], rel=1e-4)


def test_half_as_many_steps_change_little():
    for zeta in (0.0, 1e-9):
        fine, coarse = (zetas(10.0, 0.1, 1e-9, zeta=zeta, refine=refine) for refine in (1, 0.5))
        assert coarse == pytest.approx(fine, rel=5e-5)  # 16 times the error of the usual steps


def test_baryons_and_x_share_the_asymmetry_for_ever():
    # appendix A.11-12; for zeta that is its own antiparticle without annihilation, every X has made one
    _, found = run(10.0, 1e3, 1e-7, sectors=Sectors(300.0))
    kept = np.exp(-found.exponent[:, 0, 0])
    assert found.relic[:, 0, 0] / DELTA + kept == pytest.approx(1.0, abs=2e-6)  # R^-5 leaves freeze-in of 1e-9
    # Dirac zeta: net number is what X has lost, with and without annihilation
    for zeta in (0.0, 1e-6):
        _, pair = run(10.0, 0.1, 1e-9, relic=AsymmetricRelic, zeta=zeta)
        total = AsymmetricRelic.total(DELTA, np.exp(-pair.exponent), pair.relic)[-1, 0, 0]
        net = AsymmetricRelic.net(DELTA, np.exp(-pair.exponent))[-1, 0, 0]
        assert total == pytest.approx(net + 2 * pair.relic[-1, 0, 0], rel=1e-14)
        assert net == pytest.approx(DELTA, rel=1e-12)
    # without annihilation each sign of X makes its sign of zeta: as many in all as of the other kind
    same = run(10.0, 0.1, 1e-9)[1].relic[-1, 0, 0]
    _, pair = run(10.0, 0.1, 1e-9, relic=AsymmetricRelic)
    assert DELTA + 2 * pair.relic[-1, 0, 0] == pytest.approx(same, rel=1e-9)


def test_ratio_of_anti_x_falls_by_the_integral_of_annihilation():
    # section 2 of the derivation: d ln(Y-/Y+)/d ln T = J s <sigma v> Delta/H once Y_eq is gone
    past = depletion_history("10 GeV", "1e-9 GeV-2", asymmetry=DELTA, last_x=1e5)
    first, last = np.searchsorted(past.x, 80.0), -1
    dof = Sectors().dof

    def rate(log_x):
        hot = np.array(10.0 * np.exp(-log_x))
        return float((1 + dof._entropy_slope(hot) / 3) * _entropy(hot, dof) / _hubble(hot, dof)) * 1e-9 * DELTA

    edges = np.log([past.x[first], 10 / 0.12, 1e3, past.x[last]])  # g* has a step at 0.12 GeV
    expected = -sum(quad(rate, a, b, limit=200)[0] for a, b in pairwise(edges))
    ratio = past.yields["anti-X"] / past.yields["X"]
    # one step has the corner of g* inside
    assert np.log(ratio[last] / ratio[first]) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("sigma", [1e-10, 4.8e-9, 2e-8])
def test_freeze_out_is_that_of_the_asymmetric_solver(sigma):
    past = depletion_history("10 GeV", Quantity(sigma, "GeV-2"), asymmetry=DELTA, last_x=1e6).final
    other = asymmetric_freeze_out("10 GeV", Quantity(sigma, "GeV-2"), FixedAsymmetry(DELTA), g=1)
    assert past["anti-X"] / past["X"] == pytest.approx(float(other.ratio), rel=ACCURACY)


def test_annihilation_needed_for_a_hundredth():
    # section 7: 4.8e-9 GeV^-2 at 10 GeV, one state; two digits are given
    past = depletion_history("10 GeV", "4.8e-9 GeV-2", asymmetry=DELTA, last_x=1e6).final
    assert past["anti-X"] / past["X"] == pytest.approx(0.01, rel=0.07)


def test_coefficient_of_freeze_in():
    assert pytest.approx(0.3278, abs=2e-4) == FREEZE_IN_COEFFICIENT


@pytest.mark.parametrize(("ratio", "states"), [(1.0, 1.0), (3.0, 2.0)])
def test_freeze_in_has_its_closed_form_for_constant_g(ratio, states):
    sectors = Sectors(ratio, g_star=HUNDRED)
    found = freeze_in_yield("1e-20 GeV", "10 GeV", states, sectors=sectors)
    closed = constant_g_yield("1e-20 GeV", "10 GeV", 100.0, 100.0, states, ratio)
    assert found == pytest.approx(closed, rel=1e-6)  # x below 0.02 is left out
    # and the whole system gives it, in the limit of strong annihilation of X and few decays early on
    tau = 1 / units.to_internal("1e-20 GeV", "width") / seconds(1.0)
    excess = zetas(10.0, tau, 1e-6, states, sectors) - 1
    assert excess * DELTA == pytest.approx(closed, rel=1e-3)  # asymmetry in Y_X + Y_anti-X, of order (Delta/Y)^2


@pytest.mark.parametrize(("mass", "lifetime"), [(5.0, 40.0), (10.0, 9.0), (30.0, 0.93), (100.0, 0.077)])
def test_shortest_lifetimes_at_equal_temperatures(mass, lifetime):
    # table of section 7, two digits
    found = lifetime_needed(Quantity(mass, "GeV"), asymmetry=DELTA)
    assert found.to_value("s") == pytest.approx(lifetime, rel=0.01)
    assert zetas(mass, lifetime, 1e-6) - 1 == pytest.approx(0.1, rel=0.01)


def test_ways_out():
    # numbers of section 7, two digits each
    assert ratio_needed("10 GeV", "1 s", asymmetry=DELTA) == pytest.approx(1.54, rel=0.01)
    assert ratio_needed("10 GeV", "1e-4 s", asymmetry=DELTA) == pytest.approx(9.5, rel=0.01)
    assert ratio_needed("10 GeV", "20 s", asymmetry=DELTA) == 1.0
    assert lifetime_needed("10 GeV", asymmetry=DELTA, sectors=Sectors(4.0)).value == pytest.approx(8e-3, rel=0.02)
    assert mass_needed("1 s", asymmetry=DELTA).to_value("GeV") == pytest.approx(29.0, rel=0.01)
    assert lifetime_needed("5 TeV", asymmetry=DELTA).to_value("s") == pytest.approx(2.3e-5, rel=0.03)
    assert ratio_needed("5 TeV", "1e-10 s", asymmetry=DELTA) == pytest.approx(12.0, rel=0.03)
    sigma = relic_sigma_v_needed("10 GeV", "0.1 s", "1e-7 GeV-2", asymmetry=DELTA)
    found = zetas(10.0, 0.1, zeta=units.to_internal(sigma, "sigma_v"))
    assert found == pytest.approx(1.1, rel=1e-4)  # the root's tolerance


def test_counterexample_and_clean_case():
    assert zetas(10.0, 1e-3) == pytest.approx(900, rel=0.005)
    assert zetas(10.0, 0.1, states=2.0, sectors=Sectors(4.0)) == pytest.approx(1.016, abs=5e-4)


@pytest.mark.parametrize(("zeta", "found"), [(0.0, 10.0), (1e-10, 2.7), (1e-9, 1.28), (1e-8, 1.014)])
def test_annihilation_removes_early_zetas(zeta, found):
    # section 7; digits given. The last is 1.0154 after 45 lifetimes, and 1.0118 when annihilation has come to its end
    assert zetas(10.0, 0.1, zeta=zeta) == pytest.approx(found, rel=0.015 if found > 1.1 else 2.5e-3)


def test_annihilation_of_zetas_goes_on_after_decays():
    # 1/Y grows by the integral of J s <sigma v>/H, here after 45 lifetimes of 1e-5 s, where a fourteenth is lost
    _, early = run(10.0, 1e-5, zeta=1e-8, floor=np.inf)
    table, late = run(10.0, 1e-5, zeta=1e-8)
    dof, hot = Sectors().dof, last_temperature(seconds(1e-5), Sectors())

    def rate(log_hot):
        here = np.array(np.exp(log_hot))
        return float((1 + dof._entropy_slope(here) / 3) * _entropy(here, dof) / _hubble(here, dof)) * 1e-8

    edges = np.log([table.temperature[-1, 0], 1e-6, 1e-4, 1e-3, hot])
    tail = sum(quad(rate, a, b, limit=200)[0] for a, b in pairwise(edges))
    first, last = early.relic[-1, 0, 0], late.relic[-1, 0, 0]
    assert last / first < 0.95
    assert 1 / last == pytest.approx(1 / first + tail, rel=1e-5)  # wide steps


def test_two_zetas_for_each_anti_x_left():
    # section 7: 1 + 2r, with freeze-in out of the way; annihilation as it goes on between is in r
    _, found = run(10.0, 1e-3, 1e-14, sectors=Sectors(100.0))
    r = found.residue[0, 0]
    assert r > 0.1
    assert found.relic[-1, 0, 0] / DELTA == pytest.approx(1 + 2 * r, rel=1e-3)


def test_expansion_of_a_hidden_sector():
    # section 4: H with both energies, so the age is shorter by the root of both over one
    alone, both = Sectors(2.0, g_star=HUNDRED), Sectors(2.0, 1600.0, g_star=HUNDRED)
    first, second = (ExpansionTable(np.array([10.0]), one, 1.0, 1e-4).start_time[0] for one in (alone, both))
    assert first / second == pytest.approx(np.sqrt(2), rel=1e-12)
    assert both.dof.label.endswith("+ hidden 100")


def test_bessel_functions_of_slow_particles():
    near, far = 9.999e3, 1.0001e4
    assert time_dilation(far) == pytest.approx(time_dilation(near), abs=1e-7)
    assert time_dilation(1e6) == pytest.approx(1 - 1.5e-6, abs=1e-11)
    assert time_dilation(1e-3) == pytest.approx(5e-4, rel=1e-4)  # x/2
