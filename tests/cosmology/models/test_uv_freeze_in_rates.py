"""Couplings, kernels, unitarity and wash-out matrices of ultraviolet freeze-in.

Equation numbers are those of Asadi, Moore, Morrissey & Shamma (2025). Numbers called recomputed are from an independent
solution that was made before this code, with M_Pl = 2.435e18 GeV.
"""

import numpy as np
import pytest
from scipy.integrate import dblquad, quad
from scipy.special import kn

from cosmology.errors import InputError, UnitError
from cosmology.models.uv_freeze_in_choices import Choices
from cosmology.models.uv_freeze_in_couplings import (
    BENCHMARKS,
    Couplings,
    GeneralNeutrinos,
    TwoNeutrinos,
    largest_lepton_coupling,
    two_neutrinos,
)
from cosmology.models.uv_freeze_in_reactions import (
    REACTIONS,
    energy_factor,
    energy_integral,
    kernels,
    moment,
    rate_factor,
    response_factor,
    summed,
    transfer_integral,
    unitarity_sums,
)
from cosmology.models.uv_freeze_in_wash_out import charge_rates

MASS = 1e10
QUANTUM = Choices(statistics="quantum")


def random_couplings(rng, n=2, points=(50,)):
    def complex_numbers(*shape):
        return rng.normal(size=shape) + 1j * rng.normal(size=shape)

    masses = np.sort(rng.uniform(1, 5, (*points, n)), axis=-1) * MASS
    return Couplings(masses, 0.1 * complex_numbers(*points, 3, n), complex_numbers(*points, n))


def point(phases="B1", coupling=1.0):
    return kernels(two_neutrinos(MASS, *BENCHMARKS[phases], coupling).sums())


def universal_brackets(alpha, beta):
    """Brackets of Eqs. (57) and (58) for M_2 = 3 M_1, y_2 = 2|y_1|, by hand."""
    s = np.sin
    visible = 2 / 3 * s(alpha - beta) - 10 / 27 * s(alpha + beta) + 32 / 27 * s(2 * alpha)
    return visible, -16 / 27 * s(alpha + beta) + 5 / 27 * s(2 * beta)


# -- couplings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phases", "visible", "dark"),
    [("B1", 1.2116, 0.7576), ("B2", -1.5745, 0.3386), ("B3", 0.0, 0.6315), ("B4", 1.6001, 0.0)],
)
def test_benchmark_phases_give_the_brackets_of_57_and_58(phases, visible, dark):
    # recomputed to four digits; the paper prints 0.39 for the dark one of B2
    assert universal_brackets(*BENCHMARKS[phases]) == pytest.approx((visible, dark), abs=1e-4)


def test_benchmarks_without_a_source_are_roots():
    # beside a rounded B4 the dark source rivals the visible one, (lambda/y)^2 = 1.6e5 times as large per bracket
    assert abs(universal_brackets(*BENCHMARKS["B3"])[0]) < 1e-15
    assert abs(universal_brackets(*BENCHMARKS["B4"])[1]) < 1e-15


@pytest.mark.parametrize(
    ("alpha", "y", "cancel"),
    [(-2 * np.pi / 3, 2.53305e-3, 1.20185), (-0.5215 * np.pi, 4.57782e-3, 0.36798)],  # B3 as rounded in the paper
)
def test_largest_lepton_coupling_of_5(alpha, y, cancel):
    # recomputed to six digits
    assert largest_lepton_coupling(MASS, alpha) == pytest.approx(y, rel=1e-5)
    assert abs(np.exp(2j * alpha) + 4 / 3) == pytest.approx(cancel, abs=6e-6)
    assert largest_lepton_coupling(4 * MASS, alpha) == pytest.approx(2 * y, rel=1e-5)  # grows as sqrt(M_1)


def test_that_coupling_saturates_the_neutrino_mass_of_4_and_5():
    points = two_neutrinos(np.array([1e8, 1e12]), 0.3, 0.1, 0.5)
    assert points.neutrino_mass() == pytest.approx([0.07e-9] * 2, rel=1e-12)  # singular value against closed form


def test_widths_of_36():
    points = two_neutrinos(MASS, 0.3, 0.1, 0.5, 1e-3)
    lepton, dark = points.widths()
    assert lepton == pytest.approx(np.array([3e-6, 12e-6]) * np.array([1, 3]) * MASS / (16 * np.pi), rel=1e-12)
    assert dark == pytest.approx(0.25 * np.array([1, 3]) * MASS / (32 * np.pi), rel=1e-12)


def test_general_couplings_include_the_universal_ones():
    two = TwoNeutrinos.benchmark("B1", mass="1e10 GeV", dark_coupling=0.5)
    arrays = two.couplings()
    any_two = GeneralNeutrinos(
        masses=("1e10 GeV", "3e10 GeV"), lepton_couplings=arrays.lepton.tolist(), dark_couplings=arrays.dark.tolist()
    )
    for one, other in zip(arrays.sums(), any_two.couplings().sums(), strict=True):
        assert other == pytest.approx(one, rel=1e-14)


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"mass": 1e10}, UnitError, "mass = 10000000000.0 has no unit"),
        ({"mass": "-1 GeV"}, InputError, "positive"),
        ({"mass": ["1 GeV", "2 GeV"]}, InputError, "one value is needed"),
        ({"dark_coupling": 4.0}, InputError, "up to sqrt\\(4 pi\\) = 3.545 is allowed"),
        ({"dark_coupling": 0.0}, InputError, "dark_coupling = 0.0; it has to be positive"),
        ({"mass": "1e17 GeV"}, InputError, "lower M_1"),  # the neutrinos' mass lets y grow too far
        ({"lepton_coupling": -1.0}, InputError, "lepton_coupling"),
        ({"mass_ratio": 0.5}, InputError, "N_1 is the lightest"),
        ({"alpha": [1.0, 2.0]}, InputError, "one phase in radians"),
        ({"largest_neutrino_mass": "0.07 K"}, UnitError, "largest_neutrino_mass"),
    ],
)
def test_heavy_neutrinos_without_meaning_are_refused(changes, error, said):
    good = {"mass": "1e10 GeV", "alpha": 0.1, "beta": 0.2, "dark_coupling": 1.0}
    with pytest.raises(error, match=said):
        TwoNeutrinos(**good | changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"masses": ("3e10 GeV", "1e10 GeV")}, "M_1, the lightest, first"),
        ({"lepton_couplings": ((1e-3, 1e-3),) * 2}, "one row for each flavour"),
        ({"dark_couplings": (1.0,)}, "\\(2,\\)"),
        ({"dark_couplings": (1.0, 5.0j)}, "perturbation theory"),
        ({"dark_couplings": (1.0, np.nan)}, "finite"),
        ({"lepton_couplings": "much"}, "give complex numbers"),
    ],
)
def test_general_couplings_without_meaning_are_refused(changes, said):
    good = {
        "masses": ("1e10 GeV", "3e10 GeV"),
        "lepton_couplings": ((1e-3, 2e-3),) * 3,
        "dark_couplings": (1.0, 0.5j),
    }
    GeneralNeutrinos(**good)
    with pytest.raises(InputError, match=said):
        GeneralNeutrinos(**good | changes)


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match="known are B1, B2, B3, B4"):
        TwoNeutrinos.benchmark("B5", mass="1e10 GeV", dark_coupling=1.0)
    with pytest.raises(InputError, match="allowed: 'derived', 'paper'"):
        Choices(flavours="summed", dark_charge="two")


# -- kernels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3])
def test_cpt_and_unitarity_sums_22_and_23_vanish_for_any_couplings(n, rng):
    d2 = kernels(random_couplings(rng, n).sums()).d2
    visible, dark = unitarity_sums(d2)
    scale = np.sum(np.abs(d2["lH->l+H+"]), axis=-1) + np.abs(d2["lH->chi phi"])
    assert np.max(np.abs(visible) / scale) < 1e-12  # rounding
    assert np.max(np.abs(dark) / np.abs(d2["chi phi->chi+phi+"])) < 1e-10  # rounding, where D2 itself is small


def test_what_the_paper_prints_for_18_and_19_breaks_23():
    points = two_neutrinos(MASS, *BENCHMARKS["B1"], 1.0)
    s, right = points.sums(), kernels(points.sums()).d2
    a, b, c, d = s.a[0, 0], s.b, s.c[0], s.d[0]
    other = 4.5 * np.imag(a * np.conj(c * d))
    first, second = np.imag(np.conj(c) * d * b) + other, np.imag(c * np.conj(d * b)) + other
    # the corrected (18), (19) are the general forms for equal flavours
    assert first / (32 * np.pi**2) == pytest.approx(right["lH->chi+phi+"][0], rel=1e-10)
    assert second / (32 * np.pi**2) == pytest.approx(right["lH->chi phi"][0], rel=1e-10)
    # (17) and (20)
    assert 3 / (32 * np.pi**2) * np.imag(np.conj(a) * c * d) == pytest.approx(right["lH->l+H+"][0, 0], rel=1e-10)
    dark = 3 / (16 * np.pi**2) * np.imag(np.conj(b) * c * np.conj(d))
    assert dark == pytest.approx(right["chi phi->chi+phi+"], rel=1e-10)
    # as printed, with y* lambda and y lambda* exchanged in the first terms, which makes D* of D
    printed = (np.imag(np.conj(c * d) * b) + other, np.imag(c * d * np.conj(b)) + other)
    residual = 3 * (printed[0] - printed[1]) / (32 * np.pi**2) + right["chi phi->chi+phi+"]
    assert residual / right["chi phi->chi+phi+"] == pytest.approx(-0.449, abs=6e-4)  # recomputed
    # (22) does not notice: the change drops out of the sum of the two
    visible = 3 * right["lH->l+H+"][0, 0] + sum(printed) / (32 * np.pi**2)
    assert abs(visible) < 1e-9 * right["lH->l+H+"][0, 0]


def test_one_heavy_neutrino_makes_no_asymmetry(rng):
    points = random_couplings(rng, n=1)
    size = kernels(points.sums()).s2["lH->chi phi"].max()
    assert all(np.max(np.abs(one)) < 1e-12 * size for one in kernels(points.sums()).d2.values())


def test_kernels_know_no_phase_of_lepton_or_dark_number(rng):
    points = random_couplings(rng)
    turned = Couplings(points.masses, points.lepton * np.exp(0.7j), points.dark * np.exp(-1.9j))
    first, second = kernels(points.sums()), kernels(turned.sums())
    for one, other in zip(first, second, strict=True):
        for name, values in one.items():
            assert other[name] == pytest.approx(values, rel=1e-9, abs=1e-13 * np.max(np.abs(values)))


def test_asymmetric_kernels_are_odd_under_conjugation(rng):
    points = random_couplings(rng)
    mirror = kernels(Couplings(points.masses, np.conj(points.lepton), np.conj(points.dark)).sums())
    for name, values in kernels(points.sums()).d2.items():
        assert mirror.d2[name] == pytest.approx(-values, rel=1e-12)


def test_asymmetric_kernels_as_recomputed():
    found = {name: summed(values, name) * MASS**4 for name, values in point().d2.items()}
    # six digits, of the sums over flavours
    assert found["lH->l+H+"] == pytest.approx(4.26430e-12, rel=3e-6)
    assert found["chi phi->chi+phi+"] == pytest.approx(9.23463e-8, rel=1e-5)
    assert found["lH->chi+phi+"] / 3 == pytest.approx(-1.539176e-8, rel=1e-6)
    assert found["lH->chi phi"] / 3 == pytest.approx(1.539034e-8, rel=1e-6)


# -- thermal averages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 2])
def test_transfer_integral_75_from_the_kernel_72(k):
    t1, t2 = 1.3, 0.6
    body, _ = quad(lambda s: s**k * np.sqrt(s) * kn(1, np.sqrt(s / (t1 * t2))), 0, 2000, limit=200)
    expected = np.sqrt(t1 * t2) / (4 * (2 * np.pi) ** 4) * body
    assert transfer_integral(k, t1, t2) == pytest.approx(expected, rel=1e-8)  # quadrature


@pytest.mark.parametrize("k", [1, 2])
def test_energy_integral_77_from_the_kernel_76(k):
    t = 1.3
    body, _ = quad(lambda s: s**k * s * kn(2, np.sqrt(s) / t), 0, 4000, limit=200)
    assert energy_integral(k, t) == pytest.approx(t / (4 * (2 * np.pi) ** 4) * body, rel=1e-8)


def test_values_of_those_integrals():
    assert transfer_integral(1, 2.0, 3.0) == pytest.approx(6**3 / (2 * np.pi**4), rel=1e-14)
    assert transfer_integral(2, 2.0, 3.0) == pytest.approx(12 * 6**4 / np.pi**4, rel=1e-14)
    assert energy_integral(1, 1.0) == pytest.approx(3 / np.pi**4, rel=1e-14)
    assert energy_integral(2, 1.0) == pytest.approx(96 / np.pi**4, rel=1e-14)  # not 192


def test_quantum_statistics_of_lepton_and_higgs():
    assert rate_factor(("l", "H"), 1, "quantum") == pytest.approx(1.0837, abs=5e-5)
    assert rate_factor(("l", "H"), 2, "quantum") == pytest.approx(1.0250, abs=5e-5)
    assert rate_factor(("l", "H"), 1, "boltzmann") == 1.0


@pytest.mark.parametrize(("particle", "sign"), [("chi", 1), ("phi", -1)])
@pytest.mark.parametrize("k", [1, 2])
def test_quantum_moments_by_quadrature(particle, sign, k):
    def share(e):
        return 1 / (np.exp(e) + sign)

    def ratio(function):
        return quad(function, 0, 80)[0] / quad(lambda e: e ** (k + 1) * np.exp(-e), 0, 80)[0]

    assert moment(particle, k, "quantum") == pytest.approx(ratio(lambda e: e ** (k + 1) * share(e)), rel=1e-8)
    response = ratio(lambda e: e ** (k + 1) * share(e) * (1 - sign * share(e)) if e > 0 else 0.0)
    assert response_factor(particle, particle, k, "quantum") == pytest.approx(
        response * moment(particle, k, "quantum"), rel=1e-7
    )


def test_quantum_energy_factor_by_quadrature():
    def body(first, second):
        return dblquad(lambda e, f: (e * f) ** 2 * (e + f) * first(e) * second(f), 0, 60, 0, 60, epsrel=1e-9)[0]

    exact = body(lambda e: 1 / (np.exp(e) + 1), lambda f: 1 / np.expm1(f) if f > 0 else 0.0)
    classical = body(lambda e: np.exp(-e), lambda f: np.exp(-f))
    assert energy_factor(("l", "H"), 1, "quantum") == pytest.approx(exact / classical, rel=1e-6)


# -- sources and wash-out ----------------------------------------------------------------------------------------------


def by_hand(found, mass, k_pairs, xi, order):
    """Eqs. (50) to (53) written out, with the corrected V, P, Mn, Df and K."""
    s = {name: summed(v, name) for name, v in (found.s1 if order == 1 else found.s2).items()}
    scale = mass**2 if order == 1 else 24 * mass**4
    a, b = 33 * scale / (79 * np.pi**4), 3 * scale / np.pi**4
    both = s["lH->chi+phi+"] + s["lH->chi phi"]
    v = 2 * s["lH->l+H+"] + k_pairs * s["ll->H+H+"] + both
    k = 2 * s["chi phi->chi+phi+"] + k_pairs * s["chi chi->phi+phi+"] + both
    chi, anti_chi, phi, anti_phi = (s[n] for n in ("l chi->H+phi+", "l chi+->H+phi", "l phi->H+chi+", "l phi+->H+chi"))
    p, mn = chi + anti_chi + phi + anti_phi, chi - anti_chi + phi - anti_phi
    df = s["lH->chi+phi+"] - s["lH->chi phi"]
    dark, mixed_b, mixed_x = (3, 3, 0) if order == 1 else (5, 4, 1)
    return np.array(
        [
            [a * (v + xi**mixed_b * p), -b * (xi**mixed_x * mn + xi**dark * df)],
            [-a * (df + xi**mixed_b * mn), b * (xi**mixed_x * p + xi**dark * k)],
        ]
    )


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(("pairs", "k_pairs"), [("derived", 4), ("paper", 2)])
def test_wash_out_matrices_50_to_53(order, pairs, k_pairs, rng):
    couplings = random_couplings(rng, points=())
    found, mass = kernels(couplings.sums()), couplings.lightest
    rates = charge_rates(found, mass, Choices(identical_pairs=pairs))
    for xi in (0.0, 0.3, 0.9):
        expected = by_hand(found, mass, k_pairs, xi, order)
        assert rates.omega(order, xi) == pytest.approx(expected, rel=1e-12)


def test_wash_out_matrices_and_sources_as_recomputed():
    rates = charge_rates(point(), MASS, Choices())
    first = [[1.27116e-8, -2.55548e-7], [-1.27072e-8, 5.88453e-4]]
    second = [[4.85901e-7, 1.39986e-6], [-2.88282e-7, -1.93764e-4]]
    assert rates.omega(1, 0.3) == pytest.approx(np.array(first), rel=5e-6)  # six digits
    assert rates.omega(2, 0.3) == pytest.approx(np.array(second), rel=5e-6)
    assert rates.source == pytest.approx([5.25326e-13, 1.13763e-8], rel=5e-6)
    assert charge_rates(point("B2"), MASS, Choices()).source == pytest.approx([-6.8267e-13, 5.0840e-9], rel=2e-5)


def test_sources_57_and_58_with_their_loop_factors():
    y, lam = largest_lepton_coupling(MASS, BENCHMARKS["B1"][0]), 0.7
    visible, dark = universal_brackets(*BENCHMARKS["B1"])
    rates = charge_rates(point(coupling=lam), MASS, Choices())
    expected = (
        12 * 9 / np.pi**4 * 3 / (32 * np.pi**2) * y**4 * lam**2 * visible,
        12 / np.pi**4 * 3 / (16 * np.pi**2) * y**2 * lam**4 * dark,
    )
    assert rates.source == pytest.approx(expected, rel=1e-10)


def test_total_wash_out_never_makes_charge(rng):
    # omega^(1) and the total damp at x_RH >= 25; omega^(2) alone does not, it holds interference terms
    couplings = random_couplings(rng, points=(200,))
    rates = charge_rates(kernels(couplings.sums()), couplings.lightest, Choices())
    for xi in (0.1, 0.5, 1.0):
        for total in (rates.omega(1, xi), rates.omega(1, xi) + rates.omega(2, xi) / 25**2):
            assert np.all(np.trace(total, axis1=-2, axis2=-1) > 0)
            assert np.all(np.linalg.det(total) > 0)
    assert charge_rates(point(), MASS, Choices()).omega(2, 0.3)[1, 1] < 0


def test_quantum_statistics_move_sources_by_two_and_a_half_per_cent():
    ratio = charge_rates(point(), MASS, QUANTUM).source / charge_rates(point(), MASS, Choices()).source
    assert ratio == pytest.approx([1.0250] * 2, abs=5e-5)


def test_lepton_and_dark_number_are_violated_as_the_reactions_say():
    charge = {"l": (-1, 0), "H": (0, 0), "chi": (0, 0.5), "phi": (0, 0.5)}
    for one in REACTIONS:
        before, after = (
            np.sum([np.array(charge[p]) * s for p, s in pair], axis=0) for pair in (one.initial, one.final)
        )
        assert tuple(after - before) == (one.b_minus_l, one.dark_lepton), one.name
