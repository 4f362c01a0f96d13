"""Pseudoscalar resonance, Hardy, Lasenby & Unwin (2014), Eq. (3.3): averages over a narrow pole, and all crossings."""

import itertools

import numpy as np
import pytest
from astropy import constants as si
from astropy import units as u
from scipy.integrate import quad
from scipy.special import k1e, kve

from cosmology.errors import InputError, UnitError
from cosmology.pseudoscalar import HIGGS_VEV, PseudoscalarResonance, coupling_intervals

HALO = "155 km/s"


def resonance(mediator, coupling, **options):
    return PseudoscalarResonance("10 GeV", mediator * u.GeV, coupling, 0.14, **options)


def number(value):
    return value.to_value("cm3/s")


def test_widths_and_couplings():
    assert resonance(21, 0.01).width.to_value("GeV") == pytest.approx(2.628e-5, rel=2e-4)  # four digits
    assert resonance(19, 0.01).quark_strengths[4] == pytest.approx(5.10e-4, rel=1e-3)
    bare = resonance(19, 0.01, yukawa="mass_over_vev").quark_strengths
    assert bare * np.sqrt(2) == pytest.approx(resonance(19, 0.01).quark_strengths, rel=1e-14)
    assert bare[4] == pytest.approx(0.14 * 4.18 / HIGGS_VEV * 19 / 125.25, rel=1e-13)


def test_the_parent_adds_to_the_width():
    alone, both = resonance(21, 0.5), resonance(21, 0.5, other_masses=("10 GeV",))
    visible = alone.width * alone.quark_share
    assert float((both.width - visible) / (alone.width - visible)) == pytest.approx(2, rel=1e-10)
    assert resonance(19, 0.5, other_masses=("10 GeV",)).quark_share == pytest.approx(1, rel=1e-14)


@pytest.mark.parametrize(
    ("mediator", "coupling", "x", "value"),
    [(21, 0.01, 20, 1.1083e-24), (21, 0.05, 25, 1.0015e-24), (19, 0.01, 20, 3.76e-30)],
)
def test_thermal_averages_in_numbers(mediator, coupling, x, value):
    assert number(resonance(mediator, coupling).thermal(float(x))) == pytest.approx(value, rel=5e-4)  # their digits


def test_halo_rest_and_narrow_width_in_numbers():
    assert number(resonance(21, 0.01).halo_average(HALO)) == pytest.approx(1.054e-29, rel=5e-4)
    assert number(resonance(19, 0.01).halo_average(HALO)) == pytest.approx(9.53e-30, rel=5e-4)
    assert number(resonance(21, 0.05).at_rest()) == pytest.approx(2.634e-28, rel=2e-4)
    assert number(resonance(21, 0.01).narrow_width(20.0)) == pytest.approx(1.1084e-24, rel=1e-4)


@pytest.mark.parametrize(
    ("mediator", "coupling", "x"),
    [
        (21, 0.3, 20),
        (21, 0.01, 3),
        (20.0001, 0.01, 25),
        (20, 0.1, 25),
        (19.99, 1e-3, 1e4),
        (23, 3.0, 1e6),
        (40, 1.0, 5),
    ],
)
def test_thermal_average_by_adaptive_quadrature(mediator, coupling, x):
    # In t = the angle of the pole, d eps = w/cos^2 t dt turns the Lorentz peak into a constant
    case = resonance(mediator, coupling)
    pole, width = (mediator / 20) ** 2 - 1, mediator * case.width.to_value("GeV") / 400

    def smooth(eps):
        root = np.sqrt(1 + eps)
        s = 400 * (1 + eps)
        strength = np.sum(3 * case.quark_strengths**2 * np.sqrt(np.maximum(0, 1 - 4 * MASSES**2 / s)))
        bessel = k1e(2 * x * root) / kve(2, x) ** 2 * np.exp(-2 * x * eps / (1 + root))
        return 2 * x * np.sqrt(eps) * (1 + eps) * bessel * coupling**2 * s * strength / (8 * np.pi * 400**2)

    ends = [
        0.0,
        pole,
        *(pole + width * np.array([-30, 30])),
        *(np.array([0.1, 1, 5, 40]) / x),
        *((MASSES / 10) ** 2 - 1),
    ]
    ends = np.unique([np.arctan((end - pole) / width) for end in ends if 0 <= end <= 60 / x + 30 / x**2])
    total = sum(
        quad(lambda t: smooth(pole + width * np.tan(t)) / width, low, high, epsabs=0, epsrel=1e-9, limit=400)[0]
        for low, high in itertools.pairwise(ends)
    )
    natural = (si.hbar**2 * si.c**3).to_value("GeV2 cm3/s")
    assert number(case.thermal(float(x))) == pytest.approx(total * natural, rel=3e-6)  # `quad`, and its end at 60/x


MASSES = np.array([2.2e-3, 4.7e-3, 0.095, 1.27, 4.18, 172.7])


class Constant(PseudoscalarResonance):
    """Averages of something known take the same road."""

    def _sigma_v(self, energy):
        return np.ones_like(energy)


class Wave(PseudoscalarResonance):
    def _sigma_v(self, energy):
        return 4 * energy


def test_a_running_width_is_the_same_on_the_pole_and_opens_the_channel_above_it():
    x = np.array([15.0, 25.0])
    fixed, running = (resonance(21, 0.01, width_law=law) for law in ("fixed", "running"))
    # a pole 400 times narrower than its distance from threshold
    assert number(running.thermal(x)) == pytest.approx(number(fixed.thermal(x)), rel=1e-3)
    below = resonance(19, 1.0, width_law="running")
    s = 400 / (1 - 0.1**2)
    absorption = (
        s / (8 * np.pi) * (np.sum(3 * below.quark_strengths**2 * np.sqrt(np.maximum(0, 1 - 4 * MASSES**2 / s))) + 0.1)
    )
    ratio = number(below.sigma_v(0.2 * si.c)) / number(resonance(19, 1.0).sigma_v(0.2 * si.c))
    wide = (s - 361) ** 2 + absorption**2
    assert ratio == pytest.approx(((s - 361) ** 2 + (19 * below.width.to_value("GeV")) ** 2) / wide, rel=1e-10)
    with pytest.raises(InputError, match="width_law"):
        resonance(19, 1.0, width_law="wide")


def test_average_of_a_constant_and_of_a_p_wave():
    natural = (si.hbar**2 * si.c**3).to_value("GeV2 cm3/s")
    x = np.array([20.0, 1e3, 1e6])
    constant = number(Constant("10 GeV", "21 GeV", 0.01, 0.14).thermal(x)) / natural
    assert constant[0] == pytest.approx(0.93195, abs=5e-6)  # five digits
    assert (1 - constant[1:]) * x[1:] == pytest.approx([1.5, 1.5], rel=5e-3)  # next order, and rounding over 1e-6
    wave = number(Wave("10 GeV", "21 GeV", 0.01, 0.14).thermal(x)) / natural
    assert wave[2] * 1e6 == pytest.approx(6, rel=1e-5)  # next order, 1/x


def test_narrow_width_is_the_limit_of_a_narrow_pole():
    x = np.array([5.0, 20.0, 60.0])
    narrow = PseudoscalarResonance("10 GeV", "21 GeV", 1e-5, 1e-3)
    ratio = number(narrow.thermal(x)) / number(narrow.narrow_width(x))
    assert ratio == pytest.approx(np.ones(3), rel=1e-5)  # wings of a pole of relative width 1e-10
    with pytest.raises(InputError, match="use thermal"):
        resonance(19, 0.01).narrow_width(20.0)


def test_many_couplings_and_x_at_once():
    couplings, x = np.geomspace(1e-4, 3, 5), np.array([10.0, 30.0, 1e5])
    together = number(resonance(20.3, couplings).thermal(x))
    assert together.shape == (5, 3)
    single = [[number(resonance(20.3, c).thermal(y)) for y in x] for c in couplings]
    assert together == pytest.approx(np.array(single), rel=1e-7)  # panels differ
    assert number(resonance(20.3, couplings).at_rest()).shape == (5,)


def test_a_halo_is_one_x():
    # x = (c/sigma)^2 = 3.74e6 for 155 km/s, three digits
    case = resonance(21, 0.01)
    x = (si.c / (155 * u.km / u.s)).to_value("") ** 2
    assert x == pytest.approx(3.74e6, rel=1e-3)
    assert number(case.halo_average(HALO)) == pytest.approx(number(case.thermal(x)), rel=1e-9)


def test_a_pole_can_be_narrow():
    # width of the pole in eps, m_phi Gamma/4m^2: 1.4e-6 for lambda = 0.01, 1e-8 for weak couplings of both kinds
    assert 21 * resonance(21, 0.01).width.to_value("GeV") / 400 == pytest.approx(1.38e-6, rel=2e-3)
    weak = PseudoscalarResonance("10 GeV", "19 GeV", 1e-3, 0.14 * 0.1)
    assert 19 * weak.width.to_value("GeV") / 400 < 1e-8


def test_cross_section_at_a_speed():
    case = resonance(21, 0.05)
    assert number(case.sigma_v("0 km/s")) == pytest.approx(number(case.at_rest()), rel=1e-14)
    on_pole = 2 * np.sqrt(1 - (20 / 21) ** 2) * si.c
    strength = np.sum(3 * case.quark_strengths**2 * np.sqrt(np.maximum(0, 1 - 4 * MASSES**2 / 441)))
    peak = 0.05**2 * strength / (8 * np.pi * case.width.to_value("GeV") ** 2)
    natural = (si.hbar**2 * si.c**3).to_value("GeV2 cm3/s")
    assert number(case.sigma_v(on_pole)) == pytest.approx(peak * natural, rel=1e-6)  # how well the pole is hit


@pytest.mark.parametrize(
    ("mediator", "gamma", "old", "new"),
    [
        (18, 0.677, 1.73, 0.901),
        (19, 0.329, 0.841, 0.438),
        (20.02, 6.4e-3, 1.64e-2, 8.5e-3),
        (20.2, 0.0639, 0.163, 0.0849),
        (20.5, 0.158, 0.405, 0.211),
        (21, 0.313, 0.803, 0.417),
        (23, 0.902, 2.63, 1.20),
    ],
)
def test_couplings_excluded_today(mediator, gamma, old, new):
    # Limits at 10 GeV: b quarks from dwarfs 1.034e-26 cm^3/s; CMB p_ann m/(f_eff/2), f_eff = 0.35, 2013 and 2018
    limits = (1.034e-26, 1.18e-27 * 10 / 0.175, 3.2e-28 * 10 / 0.175)
    methods = (lambda case: case.halo_average(HALO), lambda case: case.at_rest(), lambda case: case.at_rest())
    for wanted, limit, average in zip((gamma, old, new), limits, methods, strict=True):
        found = coupling_intervals(
            lambda c, average=average, limit=limit: number(average(resonance(mediator, c))) / limit, points=80
        )
        assert found.shape == (1, 2)
        assert found[0, 0] == pytest.approx(wanted, rel=8e-3)  # digits of the numbers
        assert found[0, 1] == pytest.approx(np.sqrt(4 * np.pi), rel=1e-12)  # goes on to the end


def test_all_branches_of_a_signal_that_rises_and_falls():
    found = coupling_intervals(lambda c: 2 / (c / 0.01 + 0.01 / c) * 1.25, lowest=1e-4, highest=1.0)
    ends = 0.01 * np.array([0.5, 2.0])  # 2.5/(t + 1/t) = 1
    assert found == pytest.approx(ends[None, :], rel=1e-6)  # asked of the root
    assert coupling_intervals(lambda c: 0.5 * np.ones_like(c)).shape == (0, 2)
    twice = coupling_intervals(lambda c: 1 + 0.5 * np.sin(2 * np.log(c)), lowest=1e-3, highest=1.0)
    assert len(twice) >= 2


def test_a_broad_pole_dilutes_itself():
    # On the pole, thermal annihilation saturates once L' dominates the width: invisible decays win over quarks
    couplings = np.array([1e-4, 1e-2, 1.0])
    values = number(resonance(20.05, couplings).thermal(20.0))
    shares = resonance(20.05, couplings).quark_share
    assert values[1] > 10 * values[0]
    assert shares[2] < 0.02 < shares[0]
    assert values[2] < 3 * values[1]


@pytest.mark.parametrize("mediator", np.linspace(18, 23, 3))
def test_one_table_serves_a_scan_of_couplings(mediator):
    couplings, x = np.geomspace(1e-5, 3.5, 60), np.geomspace(0.5, 2e6, 500)
    case = resonance(mediator, couplings)
    table = number(case.thermal(x))
    assert table.shape == (60, 500)
    assert np.all(np.isfinite(table) & (table > 0))
    # one dispersion is one x of the same average; panels differ
    alone = number(case.halo_average(np.sqrt(1 / x[400]) * si.c))
    assert alone == pytest.approx(table[:, 400], rel=1e-7)
    assert number(case.at_rest()).shape == number(case.halo_average(HALO)).shape == (60,)


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="yukawa"):
        resonance(21, 0.1, yukawa="sqrt2")
    with pytest.raises(InputError, match="perturbation"):
        resonance(21, 4.0)
    with pytest.raises(InputError, match="single masses"):
        PseudoscalarResonance([10, 20] * u.GeV, "21 GeV", 0.1, 0.14)
    with pytest.raises(InputError, match="positive number"):
        resonance(21, 0.1).thermal(0.0)
    with pytest.raises(InputError, match="between 0 and 2 c"):
        resonance(21, 0.1).sigma_v("6e5 km/s")
    with pytest.raises(InputError, match="lowest"):
        coupling_intervals(lambda c: c, 1.0, 0.1)
    with pytest.raises(UnitError):
        PseudoscalarResonance("10 GeV", 21.0, 0.1, 0.14)
