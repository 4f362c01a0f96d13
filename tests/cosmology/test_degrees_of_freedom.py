"""Do the degrees of freedom give the published numbers, and is what lies outside refused?"""

import numpy as np
import pytest
from astropy import units as u
from scipy.integrate import quad

from cosmology import degrees_of_freedom_saikawa_shirai as fit
from cosmology.degrees_of_freedom import (
    G_STAR,
    Borsanyi,
    ConstantDegreesOfFreedom,
    SaikawaShirai,
    degrees_of_freedom,
)
from cosmology.errors import InputError, UnitError

# Saikawa & Shirai 2018, appendix C, evaluated by an independent program
TEMPERATURES = [1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.15, 1, 10, 100, 1e3, 1e10, 1e16]
G_RHO = [3.3830, 4.3182, 10.5454, 10.7427, 17.7471, 26.7343, 69.7438, 80.5370, 101.3199, 104.1784, 104.8960, 105.2199]
G_S = [3.9310, 4.7982, 10.5482, 10.7422, 17.3283, 25.3634, 68.7716, 80.4327, 100.6936, 104.1433, 104.9177, 105.2816]


# log10(T/MeV), g_rho, g_rho/g_s
TABLE_S2 = [
    (0.00, 10.71, 1.00228),
    (0.50, 10.74, 1.00029),
    (1.00, 10.76, 1.00048),
    (1.25, 11.09, 1.00505),
    (1.60, 13.68, 1.02159),
    (2.00, 17.61, 1.02324),
    (2.15, 24.07, 1.05423),
    (2.20, 29.84, 1.07578),
    (2.40, 47.83, 1.06118),
    (2.50, 53.04, 1.04690),
    (3.00, 73.48, 1.01778),
    (4.00, 83.10, 1.00123),
    (4.30, 85.56, 1.00389),
    (4.60, 91.97, 1.00887),
    (5.00, 102.17, 1.00750),
    (5.45, 104.98, 1.00023),
]


def test_saikawa_shirai_appendix_c():
    dof = SaikawaShirai()
    assert dof.g_rho(TEMPERATURES * u.GeV) == pytest.approx(G_RHO, abs=6e-5)  # digits of the reference
    assert dof.g_s(TEMPERATURES * u.GeV) == pytest.approx(G_S, abs=6e-5)


def test_the_two_forms_of_the_fit_meet():
    dof, below, above = SaikawaShirai(), 0.12 * (1 - 1e-12), 0.12
    assert dof._g_rho([below, above]) == pytest.approx([19.7675, 19.7634], abs=6e-5)  # digits of the reference
    assert dof._g_s([below, above]) == pytest.approx([19.1000, 19.0929], abs=6e-5)


def exact_threshold(x, sign, of_entropy):
    """Energy or entropy of fermions (sign 1) or bosons (-1) over that of massless ones."""

    def moment(mass):
        def integrand(q):
            energy = np.hypot(q, mass)
            weight = energy + q**2 / (3 * energy) if of_entropy else energy
            return q**2 * weight / (np.exp(energy) + sign)

        return quad(integrand, 0, 60, epsabs=0, epsrel=1e-10)[0]

    return moment(x) / moment(1e-9)


@pytest.mark.parametrize(("x", "accuracy"), [(0.2, 1.4e-3), (1, 1.4e-3), (2, 1.4e-3), (5, 1.4e-3), (8, 1.65e-2)])
@pytest.mark.parametrize(
    ("function", "sign", "of_entropy"), [("_F_RHO", 1, 0), ("_B_RHO", -1, 0), ("_F_S", 1, 1), ("_B_S", -1, 1)]
)
def test_threshold_functions_against_exact_integrals(function, sign, of_entropy, x, accuracy):
    # 1.3e-3 is the accuracy of the fit where it matters, 1.6e-2 at x = 8; a mistyped number gives 0.014 or more
    found = fit._threshold(getattr(fit, function), x)[0]
    assert found == pytest.approx(exact_threshold(x, sign, of_entropy), rel=accuracy)


@pytest.mark.parametrize(
    ("wrong", "sign", "of_entropy", "x", "miss"),
    [
        # public transcriptions: b_rho with the exponent of f_rho, f_s with the cubic of b_s
        ((fit._F_RHO[0], fit._B_RHO[1]), -1, 0, 1, 0.017),
        ((fit._F_RHO[0], fit._B_RHO[1]), -1, 0, 5, 0.08),
        ((fit._F_S[0], (*fit._F_S[1][:3], fit._B_S[1][3])), 1, 1, 2, 0.014),
    ],
)
def test_the_judge_tells_known_misprints_apart(wrong, sign, of_entropy, x, miss):
    ratio = fit._threshold(wrong, x)[0] / exact_threshold(x, sign, of_entropy)
    assert 1 - ratio == pytest.approx(miss, abs=3e-3)  # one or two digits, and the fit's own 1.3e-3


def test_borsanyi_table_s2_is_met_at_its_entries():
    # arXiv:1606.07494, table S2
    dof = Borsanyi()
    for log10_mev, g_rho, ratio in TABLE_S2:
        here = 10**log10_mev * u.MeV
        assert dof.g_rho(here) == pytest.approx(g_rho, rel=1e-12)
        assert dof.g_s(here) == pytest.approx(g_rho / ratio, rel=1e-12)


def test_borsanyi_between_and_beyond_the_entries():
    dof = Borsanyi()
    # the same interpolation and continuation by an independent program, printed digits
    assert dof.g_rho("0.4 GeV") == pytest.approx(57.8, abs=0.05)
    assert dof.g_s("0.4 GeV") == pytest.approx(55.7, abs=0.05)
    assert dof.g_rho("0.05 MeV") == pytest.approx(3.385, abs=6e-4)
    assert dof.g_s("0.05 MeV") == pytest.approx(3.930, abs=6e-4)
    # photons and neutrinos: 2 + (7/8) 6 (4/11)^(4/3) and 43/11; all particles massless
    assert dof.g_rho("1 eV") == pytest.approx(2 + 5.25 * (4 / 11) ** (4 / 3), rel=1e-12)
    assert dof.g_s("1 eV") == pytest.approx(43 / 11, rel=1e-12)
    assert [dof.g_s("1e5 GeV"), dof.g_rho("1e5 GeV")] == pytest.approx([106.75] * 2, rel=1e-12)


@pytest.mark.parametrize("dof", [SaikawaShirai(), Borsanyi(), ConstantDegreesOfFreedom(80, 79)])
def test_the_entropy_slope_is_the_derivative(dof):
    t = np.geomspace(1e-11, 1e14, 400)  # no point within a step of the corners
    difference = np.log(dof._g_s(t * np.exp(1e-5)) / dof._g_s(t * np.exp(-1e-5))) / 2e-5
    assert dof._entropy_slope(t) == pytest.approx(difference, abs=1e-5)  # PCHIP bends sharply at its entries
    g_rho, g_s, slope = dof._all(t)
    assert np.array_equal(g_s, dof._g_s(t))
    assert g_rho == pytest.approx(dof._g_rho(t), rel=1e-14)  # rounding
    assert np.array_equal(slope, dof._entropy_slope(t))


def test_the_two_sets_differ_by_at_most_ten_per_cent_near_the_qcd_transition():
    t = np.geomspace(0.05, 1, 200)
    ratio = Borsanyi()._g_rho(t) / SaikawaShirai()._g_rho(t)
    assert 1.02 < np.max(np.abs(ratio - 1)) + 1 < 1.11  # two published sets; 10 per cent is what they are known for


def test_names_and_values():
    assert set(G_STAR) == {"saikawa_shirai", "borsanyi", "constant"}
    assert degrees_of_freedom() == SaikawaShirai()
    assert degrees_of_freedom("constant", 86).label == "constant (g_rho = 86, g_s = 86)"
    assert degrees_of_freedom("constant", 86, 85).g_s("1 GeV") == 85
    given = Borsanyi()
    assert degrees_of_freedom(given) is given
    for arguments in (("constant",), ("lattice",), ("borsanyi", 86), (3,), ("constant", -1), ("constant", np.nan)):
        with pytest.raises(InputError, match=r"g_star|degrees of freedom"):
            degrees_of_freedom(*arguments)


@pytest.mark.parametrize("dof", [SaikawaShirai(), Borsanyi()])
def test_a_temperature_outside_is_refused(dof):
    for temperature in ("1e-14 GeV", "2e16 GeV"):
        with pytest.raises(InputError, match=dof.name):
            dof.g_rho(temperature)
    with pytest.raises(UnitError):
        dof.g_s(0.1)
