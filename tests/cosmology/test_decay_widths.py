"""Widths: Hardy, Lasenby & Unwin (2014), Eqs. (2.2), (2.3) and (A.1)-(A.5), and the three-body width without limits."""

import numpy as np
import pytest
from astropy import units as u
from scipy.integrate import quad

from cosmology import decay_widths as dw
from cosmology.errors import InputError

SCALE = 1e7 * u.GeV


def test_equation_2_2():
    assert dw.proton_lifetime("1e16 GeV").to_value("yr") == pytest.approx(4.59e35, rel=1e-3)  # digits of the number


def test_equation_2_3_printed_and_derived():
    mass, alpha, gap = "8.30e6 GeV", 0.03, "10 MeV"
    printed = dw.parametric_lifetime(mass, alpha, gap, prefactor="paper")
    derived = dw.parametric_lifetime(mass, alpha, gap)
    # 4.352e17 s, the age of the universe, belongs to M = 8.30e6 GeV; M^4 of three digits
    assert printed.to_value("s") == pytest.approx(4.352e17, rel=5e-3)
    assert float(derived / printed) == pytest.approx(1.875, rel=1e-14)
    # The derived one is what Eq. (A.5) gives: alpha = y1 y2/4 pi
    y = np.sqrt(4 * np.pi * alpha)
    width = dw.light_width(gap, dw.operator_scale(mass, y, y))
    assert dw.lifetime(width).to_value("s") == pytest.approx(derived.to_value("s"), rel=1e-13)


def test_equation_a1():
    width = dw.parametric_width("10 MeV", SCALE, suppression=2)
    assert width.to_value("GeV") == pytest.approx(0.01**5 / 1e28, rel=1e-13)
    assert float(dw.light_width("10 MeV", SCALE) / width) == pytest.approx(dw.LIGHT_WIDTH, rel=1e-13)
    assert dw.parametric_width("10 MeV", SCALE, suppression=1).to_value("GeV") == pytest.approx(1e-6 / 1e14, rel=1e-13)


def test_equation_a5_in_its_parts():
    # int u sqrt(1 - u) du = 4/15 in (A.4) gives (8/15)/(4 pi)^3
    integral = quad(lambda v: (1 - v**2) * v * 2 * v, 0, 1)[0]  # u = 1 - v^2
    assert integral == pytest.approx(4 / 15, rel=1e-12)
    assert pytest.approx(2 * integral / (4 * np.pi) ** 3, rel=1e-12) == dw.LIGHT_WIDTH
    assert pytest.approx(2.6876e-4, abs=5e-9) == dw.LIGHT_WIDTH  # five digits
    # (2.3) has 4 pi where this has 7.5 pi: with y^4 = (4 pi alpha)^2 and Lambda^4 = M^4/y^4
    assert 1 / (dw.LIGHT_WIDTH * (4 * np.pi) ** 2) == pytest.approx(7.5 * np.pi, rel=1e-12)


def test_equation_a5():
    assert pytest.approx(1 / (120 * np.pi**3), rel=1e-14) == dw.LIGHT_WIDTH
    assert dw.light_width("10 MeV", SCALE).to_value("GeV") == pytest.approx(2.688e-42, rel=2e-4)  # four digits
    assert dw.scale_for_width("1.5124e-42 GeV", "10 MeV").to_value("GeV") == pytest.approx(1.155e7, rel=5e-4)


def test_equation_a4_by_adaptive_quadrature():
    parent, daughter, scale, gap = 10.01, 10.0, 1e7, 0.01
    integral = quad(lambda q2: np.sqrt(gap**2 - q2) * q2, 0, gap**2, epsabs=0)[0]
    width = integral * parent**2 * 4 / scale**4 / (parent * 8 * np.pi * 4 * np.pi * 4 * np.pi * parent)
    assert dw.light_width(parent * u.GeV - daughter * u.GeV, SCALE).to_value("GeV") == pytest.approx(width, rel=1e-10)


@pytest.mark.parametrize(("gap", "ratio"), [(0.01, 0.9985), (0.1, 0.9852), (1.0, 0.868)])
def test_exact_width_over_light_limit(gap, ratio):
    exact = dw.three_body_width((10 + gap) * u.GeV, "10 GeV", dw.ScalarBilinearAmplitude(SCALE))
    assert float(exact / dw.light_width(gap * u.GeV, SCALE)) == pytest.approx(ratio, abs=1e-4)  # digits of the number


def test_heavy_partner():
    exact = dw.three_body_width("10.01 GeV", "10 GeV", dw.ScalarBilinearAmplitude(SCALE), ("2 MeV", "0 GeV"))
    assert float(exact / dw.light_width("10 MeV", SCALE)) == pytest.approx(0.823, abs=5e-4)


@pytest.mark.parametrize("partners", [(0.0, 0.0), (0.3, 0.0), (0.4, 0.5)])
def test_exact_width_by_adaptive_quadrature_of_equation_a3(partners):
    parent, daughter, scale = 12.0, 11.0, 1e4
    low, high = sum(partners) ** 2, (parent - daughter) ** 2

    def integrand(q2):
        source = (parent**2 - (daughter + np.sqrt(q2)) ** 2) * (parent**2 - (daughter - np.sqrt(q2)) ** 2)
        pair = (q2 - low) * (q2 - (partners[0] - partners[1]) ** 2)
        p, p_n = np.sqrt(max(source, 0)) / (2 * parent), np.sqrt(max(pair, 0)) / (2 * np.sqrt(q2))
        squared = ((parent + daughter) ** 2 - q2) * (q2 - partners[0] ** 2 - partners[1] ** 2) / scale**4
        solid = (4 * np.pi) ** 2 * p / (16 * np.pi**2 * parent) * p_n / (16 * np.pi**2 * np.sqrt(q2))
        return squared * solid / (2 * np.pi) / (2 * parent)

    wanted = quad(integrand, low, high, epsabs=0, epsrel=1e-11, limit=400)[0]
    amplitude = dw.ScalarBilinearAmplitude(scale * u.GeV)
    masses = [mass * u.GeV for mass in partners]
    width = dw.three_body_width(parent * u.GeV, daughter * u.GeV, amplitude, masses)
    assert width.to_value("GeV") == pytest.approx(wanted, rel=1e-9)  # what `quad` reaches at the roots
    middle = 0.5 * (low + high)
    differential = dw.differential_width(middle * u.GeV**2, parent * u.GeV, daughter * u.GeV, amplitude, masses)
    assert differential.to_value("1/GeV") == pytest.approx(integrand(middle), rel=1e-12)


def test_amplitude_agrees_with_traces_of_dirac_matrices():
    sigma = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    zero, one = np.zeros((2, 2)), np.eye(2)
    gamma = [np.block([[zero, one], [one, zero]])] + [np.block([[zero, m], [-m, zero]]) for m in sigma]
    left = np.diag([1, 1, 0, 0])

    def slash(mass, momentum):
        vector = np.array([np.hypot(mass, np.linalg.norm(momentum)), *momentum])
        return vector, sum(sign * p * g for sign, p, g in zip((1, -1, -1, -1), vector, gamma, strict=True))

    daughter, m1, m2 = 8.5, 0.4, 0.3
    first, second = np.array([0.1, -0.2, 0.3]), np.array([-0.4, 0.25, 0.1])
    (k, k_slash), (p1, p1_slash), (p2, p2_slash) = (
        slash(*each) for each in ((daughter, -first - second), (m1, first), (m2, second))
    )
    parent = k[0] + p1[0] + p2[0]  # at rest
    p_slash = slash(parent, np.zeros(3))[1]
    heavy = 0.5 * np.trace((k_slash + daughter * np.eye(4)) @ (p_slash + parent * np.eye(4)))
    # the N pair has one chirality; its mass terms fall out between the projectors
    pair = np.trace(p1_slash @ left @ p2_slash)
    q = p1 + p2
    value = dw.ScalarBilinearAmplitude("1 GeV")._squared(q[0] ** 2 - q[1:] @ q[1:], parent, daughter, (m1, m2))
    assert value == pytest.approx((heavy * pair).real, rel=1e-12)  # rounding


def test_light_amplitude_is_the_limit():
    exact, light = dw.ScalarBilinearAmplitude(SCALE), dw.LightScalarAmplitude(SCALE)
    ratio = exact._squared(1e-8, 10 + 1e-4, 10.0, (0, 0)) / light._squared(1e-8, 10 + 1e-4, 10.0, (0, 0))
    assert ratio == pytest.approx(1, rel=2e-5)  # of the order of the splitting over the mass


def test_nothing_decays_outside_the_range_of_q2():
    amplitude = dw.ScalarBilinearAmplitude(SCALE)
    rate = dw.differential_width([0.5e-6, 2e-4] * u.GeV**2, "10.01 GeV", "10 GeV", amplitude, ("1 MeV", "0 GeV"))
    assert np.all(rate == 0 / u.GeV)


def test_bad_input_is_refused():
    amplitude = dw.ScalarBilinearAmplitude(SCALE)
    with pytest.raises(InputError, match="heavier than its daughter"):
        dw.three_body_width("10 GeV", "10.01 GeV", amplitude)
    with pytest.raises(InputError, match="too heavy for a splitting"):
        dw.three_body_width("10.01 GeV", "10 GeV", amplitude, ("6 MeV", "6 MeV"))
    with pytest.raises(InputError, match="this decay has 2 partners"):
        dw.three_body_width("10.01 GeV", "10 GeV", amplitude, ("1 MeV",))
    with pytest.raises(InputError, match="zero or positive"):
        dw.three_body_width("10.01 GeV", "10 GeV", amplitude, ("-1 MeV", "1 MeV"))
    with pytest.raises(InputError, match="prefactor"):
        dw.parametric_lifetime("1e7 GeV", 0.03, "10 MeV", prefactor="printed")
    with pytest.raises(InputError, match="fine-structure"):
        dw.parametric_lifetime("1e7 GeV", 1.2, "10 MeV")
    with pytest.raises(InputError, match="perturbation"):
        dw.operator_scale("1e7 GeV", 5.0, 1.0)
    with pytest.raises(InputError, match="dimension 4"):
        dw.parametric_width("10 MeV", SCALE, suppression=0)
    with pytest.raises(InputError, match="between 0 and"):
        dw.PowerAmplitude(-1.0)
    with pytest.raises(InputError, match="one mass per particle"):
        dw.three_body_width([10.01, 10.02] * u.GeV, "10 GeV", amplitude)
