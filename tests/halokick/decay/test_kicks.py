"""Do the kick-speed laws agree with kinematics, phase space and plain probability?"""

import numpy as np
import pytest
from astropy import constants as si
from astropy import units as u
from scipy.integrate import quad
from scipy.stats import kstest

from halokick.decay.kicks import (
    KICK_LAWS,
    CascadeKick,
    FixedKick,
    KickDistribution,
    MatrixElementKick,
    PhaseSpaceKick,
    TabulatedKick,
    TwoBodyKick,
    kick_from_config,
    two_body_speed,
)
from halokick.errors import ConvergenceError, InputError, UnitError

C = si.c.to_value("km/s")
EVERY_LAW = {
    "fixed": FixedKick("54 km/s"),
    "two_body": TwoBodyKick("10 GeV", "9.99 GeV", "5 MeV"),
    "phase_space": PhaseSpaceKick(4, "109 km/s"),
    "matrix_element": MatrixElementKick(4, "109 km/s", [1.0, -1.5, 2.0]),
    "tabulated": TabulatedKick([5, 20, 60, 61] * u.km / u.s, [0.0, 3.0, 1.0, 0.5]),
    "cascade": CascadeKick(PhaseSpaceKick(3, "80 km/s"), FixedKick("30 km/s")),
}
CONTINUOUS = {name: kick for name, kick in EVERY_LAW.items() if name not in ("fixed", "two_body")}


def kms(speed):
    return speed.to_value("km/s")


def phase_space_speeds(bodies, events, rng, splitting=1e-3):
    """Daughter speeds over the largest, and event weights: n bodies by successive two-body decays.

    The partners' cluster masses are drawn flat in their ordered region and each step weighs with its momentum
    (James 1968, CERN 68-15). Knows the masses and nothing of any speed law.
    """
    heavy, parent = 1.0, 1.0 + splitting
    inner = np.sort(rng.random((events, bodies - 2)), axis=1) * splitting  # cluster masses of 2, 3, ... partners
    weight = np.ones(events)
    lighter = np.zeros(events)
    for column in inner.T:
        weight *= (column**2 - lighter**2) / (2 * column)
        lighter = column
    excess = (parent**2 - (heavy + lighter) ** 2) * (parent**2 - (heavy - lighter) ** 2)
    momentum = np.sqrt(excess) / (2 * parent)
    weight *= momentum
    largest = (parent**2 - heavy**2) / (parent**2 + heavy**2)
    return momentum / np.hypot(momentum, heavy) / largest, weight


@pytest.mark.parametrize(("bodies", "at_tenth"), [(3, 1.00e-3), (4, 2.5e-3), (5, 4.3e-3)])
def test_phase_space_cdf_against_monte_carlo_where_the_papers_power_law_fails(bodies, at_tenth):
    w, weight = phase_space_speeds(bodies, 1_500_000, np.random.default_rng(20140700 + bodies))
    kick = PhaseSpaceKick(bodies, "100 km/s")
    assert kick.cdf("10 km/s") == pytest.approx(at_tenth, rel=0.01)  # independent values, two digits
    for part in (0.1, 0.2, 0.4, 0.7, 0.9):
        below = w < part
        share = np.sum(weight[below]) / np.sum(weight)
        sigma = np.sqrt(np.sum((weight * (below - share)) ** 2)) / np.sum(weight)
        # four sigma of the simulation (2 to 3 per cent of the share at 0.1), plus 2e-3 = 2 splitting: the law is the
        # leading order in the splitting
        allowed = 4 * sigma + 2e-3 * share
        assert abs(kick.cdf(part * 100 * u.km / u.s) - share) < allowed
        printed = part ** (2 * bodies - 3)  # Hardy, Lasenby & Unwin (2014), App. B
        assert (abs(printed - share) < allowed) == (bodies == 3)
    if bodies > 3:
        assert 0.1 ** (2 * bodies - 3) < 0.005 * kick.cdf("10 km/s")


def test_three_bodies_fill_a_ball_of_velocities():
    kick = PhaseSpaceKick(3, "100 km/s")
    k = np.array([1.0, 20, 60, 99]) * u.km / u.s
    assert kick.cdf(k) == pytest.approx((kms(k) / 100) ** 3, rel=1e-13)  # rounding
    ball = np.random.default_rng(3).uniform(-100, 100, size=(200_000, 3))
    speed = np.linalg.norm(ball, axis=1)
    speed = speed[speed < 100]
    assert kms(kick.mean_speed) == pytest.approx(np.mean(speed), abs=4 * np.std(speed) / np.sqrt(speed.size))  # 4 sigma


@pytest.mark.parametrize("bodies", [3, 4, 7])
@pytest.mark.parametrize("nodes", [1, 5, 16])
def test_phase_space_quadrature_has_every_even_moment(bodies, nodes):
    kick = PhaseSpaceKick(bodies, "100 km/s")
    speeds, weights = kick.quadrature(nodes)
    assert np.all(weights > 0)
    assert abs(np.sum(weights) - 1) < 1e-12
    moment = 1.0
    for power in range(2 * nodes):  # <y^p> of Beta(3/2, n-2), by its recursion
        assert np.sum(weights * (speeds / 100) ** (2 * power)) == pytest.approx(moment, rel=1e-12)  # rounding
        moment *= (1.5 + power) / (1.5 + bodies - 2 + power)


@pytest.mark.parametrize("kick", EVERY_LAW.values(), ids=EVERY_LAW)
def test_quadrature_is_a_probability_rule_and_keeps_the_rms(kick):
    for nodes in (2, 16):
        speeds, weights = kick.quadrature(nodes)
        assert speeds.shape == weights.shape
        assert speeds.size <= nodes
        assert np.all(np.diff(speeds) > 0)
        assert np.all(weights > 0)
        assert abs(np.sum(weights) - 1) < 1e-12
        assert np.sqrt(np.sum(weights * speeds**2)) == pytest.approx(kms(kick.rms_speed), rel=1e-11)  # rounding
        assert speeds[0] > 0
        assert speeds[-1] <= kms(kick.max_speed)


@pytest.mark.parametrize("kick", CONTINUOUS.values(), ids=CONTINUOUS)
def test_pdf_cdf_and_moments_belong_together(kick):
    top = kms(kick.max_speed)
    kinks = [5, 20, 30, 50, 60, 61]

    def integral(function, end):
        def integrand(k):
            return function(k) * kick.pdf(k * u.km / u.s).to_value("s/km")

        return quad(integrand, 0, end, points=[k for k in kinks if k < end], epsabs=1e-12, limit=200)[0]

    for end in (0.3 * top, 0.77 * top, top):
        assert kick.cdf(end * u.km / u.s) == pytest.approx(integral(lambda k: 1, end), abs=1e-10)  # quad's own error
    assert kms(kick.mean_speed) == pytest.approx(integral(lambda k: k, top), rel=1e-9)
    assert kms(kick.rms_speed) ** 2 == pytest.approx(integral(lambda k: k**2, top), rel=1e-9)
    assert kick.pdf([-1, 1.001 * top] * u.km / u.s).to_value("s/km") == pytest.approx([0, 0], abs=0)
    assert kick.cdf([-1, 2 * top] * u.km / u.s) == pytest.approx([0, 1], abs=1e-13)


@pytest.mark.parametrize("kick", CONTINUOUS.values(), ids=CONTINUOUS)
def test_quadrature_below_a_speed_keeps_the_moments_of_that_part(kick):
    top = 0.55 * kms(kick.max_speed)
    speeds, weights = kick.quadrature(5, below=top * u.km / u.s)
    assert speeds[-1] < top
    assert np.all(weights > 0)
    for power in (0, 2, 8, 18):

        def integrand(k, power=power):
            return (k / top) ** power * kick.pdf(k * u.km / u.s).to_value("s/km")

        exact = quad(integrand, 0, top, points=[k for k in (5, 20, 30, 50) if k < top], epsabs=1e-13, limit=200)[0]
        assert np.sum(weights * (speeds / top) ** power) == pytest.approx(exact, rel=1e-9)  # quad's own error
    assert np.array_equal(kick.quadrature(5, below="1e4 km/s")[0], kick.quadrature(5)[0])


def test_quadrature_below_a_single_speed_is_all_or_nothing():
    empty_start = TabulatedKick([10, 50, 90] * u.km / u.s, [0, 0, 1])
    assert empty_start.quadrature(below="40 km/s")[0].size == 0
    assert FixedKick("54 km/s").quadrature(below="53 km/s")[0].size == 0
    assert FixedKick("54 km/s").quadrature(below="55 km/s")[1] == pytest.approx([1.0])
    with pytest.raises(InputError, match="positive"):
        FixedKick("54 km/s").quadrature(below="0 km/s")


@pytest.mark.parametrize("kick", CONTINUOUS.values(), ids=CONTINUOUS)
def test_samples_follow_the_cdf(kick):
    sample = kick.sample(20_000, np.random.default_rng(11))
    # Kolmogorov-Smirnov; seed fixed, a wrong law of 2 per cent in the cdf gives p < 1e-6
    assert kstest(sample, lambda k: kick.cdf(k * u.km / u.s)).pvalue > 0.01
    assert np.array_equal(sample, kick.sample(20_000, np.random.default_rng(11)))


def test_two_body_speed_conserves_energy_and_momentum():
    for parent, daughter, partner in [(10, 9.99, 0), (10, 9.99, 0.005), (1, 0.95, 0.02), (3, 2.9, 0.0999)]:
        v = kms(two_body_speed(parent * u.GeV, daughter * u.GeV, partner * u.GeV)) / C
        momentum = daughter * v / np.sqrt(1 - v**2)
        energy = np.hypot(daughter, momentum) + np.hypot(partner, momentum)
        assert energy == pytest.approx(parent, rel=1e-14)  # rounding


def test_massless_partner_gives_the_closed_forms():
    parent, daughter = 10.0, 9.95
    epsilon = (1 - (daughter / parent) ** 2) / 2
    exact = C * epsilon / (1 - epsilon)
    assert kms(TwoBodyKick("10 GeV", "9.95 GeV").speed) == pytest.approx(exact, rel=1e-12)  # (1-m/M) loses 2 digits
    assert kms(TwoBodyKick.from_splitting("10 GeV", "50 MeV").speed) == pytest.approx(exact, rel=1e-12)
    assert kms(TwoBodyKick.from_relative_splitting("10 GeV", 0.005).speed) == pytest.approx(exact, rel=1e-12)
    assert kms(FixedKick.from_epsilon(epsilon).speed) == pytest.approx(exact, rel=1e-12)


def test_published_kick_speeds():
    # Franco Abellan et al. 2021: epsilon = 0.7 per cent; rounded to the km/s
    assert kms(FixedKick.from_epsilon(0.007).speed) == pytest.approx(2113, abs=0.5)
    # 2 and 7.2 MeV of 10 GeV, in leading order dm/m c; the exact speed differs by dm/m
    assert kms(TwoBodyKick.from_splitting("10 GeV", "2 MeV").speed) == pytest.approx(59.95, rel=4e-4)
    assert kms(TwoBodyKick.from_splitting("10 GeV", "7.2 MeV").speed) == pytest.approx(215.8, rel=1.5e-3)


def test_largest_speed_of_many_bodies_is_the_collinear_one():
    kick = PhaseSpaceKick.from_masses(4, "10 GeV", "9.9 GeV")
    assert kms(kick.max_speed) == pytest.approx(C * (100 - 9.9**2) / (100 + 9.9**2), rel=1e-12)
    split = PhaseSpaceKick.from_splitting(4, "10 GeV", "0.1 GeV")
    assert kms(split.max_speed) == pytest.approx(kms(kick.max_speed), rel=1e-12)


@pytest.mark.parametrize("power", [0, 1, 3])
def test_amplitude_of_q_squared_acts_like_more_bodies(power):
    plain = PhaseSpaceKick(3 + power, "109 km/s")
    k = np.linspace(0.5, 108.5, 25) * u.km / u.s
    for weight in ([0.0] * power + [7.0], lambda x: 0.2 * x**power):
        kick = MatrixElementKick(3, "109 km/s", weight)
        assert kick.pdf(k).value == pytest.approx(plain.pdf(k).value, rel=1e-12)
        assert kick.cdf(k) == pytest.approx(plain.cdf(k), abs=1e-13)  # panels of degree 11 are exact here
        for ours, closed in zip(kick.quadrature(12), plain.quadrature(12), strict=True):
            assert ours == pytest.approx(closed, rel=1e-9)  # Lanczos against Jacobi: conditioning of the last weights
        assert kms(kick.mean_speed) == pytest.approx(kms(plain.mean_speed), rel=1e-12)


def test_massive_mediator_amplitude_against_monte_carlo_weights():
    def amplitude(x):
        return 1 / (1.3 - x) ** 2

    w, weight = phase_space_speeds(4, 400_000, np.random.default_rng(5))
    weight = weight * amplitude(1 - w**2)
    kick = MatrixElementKick(4, "100 km/s", amplitude)
    for part in (0.2, 0.4, 0.8):
        share = np.sum(weight[w < part]) / np.sum(weight)
        sigma = np.sqrt(np.sum((weight * ((w < part) - share)) ** 2)) / np.sum(weight)
        assert abs(kick.cdf(part * 100 * u.km / u.s) - share) < 4 * sigma + 4e-3 * share  # splitting, as above


def test_unusable_amplitudes_are_refused():
    with pytest.raises(InputError, match="negative at"):
        MatrixElementKick(3, "100 km/s", [1.0, -1.5])
    with pytest.raises(InputError, match="zero or negative"):
        MatrixElementKick(3, "100 km/s", [0.0])
    with pytest.raises(InputError, match="not finite"):
        MatrixElementKick(3, "100 km/s", lambda x: np.where(x > 0.5, np.inf, 1.0))
    with pytest.raises(ConvergenceError, match="too sharply"):
        MatrixElementKick(3, "100 km/s", lambda x: 1 / np.sqrt(x))


def test_table_of_a_known_law_has_its_moments():
    top, exact = 100.0, PhaseSpaceKick(4, "100 km/s")
    k = np.linspace(0, top, 2001) * u.km / u.s
    for heights in (exact.pdf(k), 5 * exact.pdf(k).value):
        kick = TabulatedKick(k, heights)
        speeds, weights = kick.quadrature(8)
        wanted_speeds, wanted_weights = exact.quadrature(8)
        # straight lines between points 0.05 km/s apart: (h/top)^2 times a curvature of about 10
        assert speeds == pytest.approx(wanted_speeds, rel=1e-5)
        assert weights == pytest.approx(wanted_weights, rel=1e-4)


def test_flat_table_against_closed_forms():
    kick = TabulatedKick([20, 50] * u.km / u.s, [1, 1])
    assert kms(kick.mean_speed) == pytest.approx(35, rel=1e-13)
    assert kms(kick.rms_speed) ** 2 == pytest.approx((50**3 - 20**3) / 90, rel=1e-13)
    assert kick.cdf("26 km/s") == pytest.approx(0.2, rel=1e-13)
    squares = kick.quadrature(6)
    for power in range(12):
        exact = (50.0 ** (2 * power + 1) - 20.0 ** (2 * power + 1)) / (30 * (2 * power + 1))
        assert np.sum(squares[1] * squares[0] ** (2 * power)) == pytest.approx(exact, rel=1e-11)  # rounding at k^22


def test_table_does_not_change_with_the_array_it_came_from():
    k, heights = np.array([1.0, 2.0, 3.0]) * u.km / u.s, np.array([1.0, 2.0, 1.0])
    kick = TabulatedKick(k, heights)
    before = kick.cdf("1.5 km/s")
    k[1], heights[0] = 2.5 * u.km / u.s, 9.0
    assert kick.cdf("1.5 km/s") == before
    with pytest.raises(ValueError, match="read-only"):
        kick.pdf_values[0] = 3


def test_bad_tables_are_refused():
    for speed, heights in [
        ([1, 2], [1, -1]),
        ([2, 1], [1, 1]),
        ([1, 2], [0, 0]),
        ([1, 2, 3], [1, 1]),
        ([-1, 2], [1, 1]),
    ]:
        with pytest.raises(InputError):
            TabulatedKick(speed * u.km / u.s, heights)
    with pytest.raises(UnitError):
        TabulatedKick([1, 2] * u.km / u.s, [1, 1] * u.s)


def test_two_fixed_steps_give_the_triangle_law():
    kick = CascadeKick(FixedKick("30 km/s"), FixedKick("80 km/s"))
    k = np.array([50.001, 60, 97, 109.999])
    assert kick.pdf(k * u.km / u.s).to_value("s/km") == pytest.approx(k / (2 * 30 * 80), rel=1e-12)
    assert kick.cdf(k * u.km / u.s) == pytest.approx((k**2 - 50**2) / (4 * 30 * 80), rel=1e-9)
    assert kick.cdf("49.9 km/s") == 0
    assert kms(kick.max_speed) == pytest.approx(110)
    speeds, weights = kick.quadrature(9)
    x, w = np.polynomial.legendre.leggauss(9)  # k^2 is uniform
    assert speeds**2 == pytest.approx(30**2 + 80**2 + 2 * 30 * 80 * x, rel=1e-12)
    assert weights == pytest.approx(w / 2, rel=1e-12)


def test_two_uniform_balls_give_the_closed_convolution():
    kick = CascadeKick(PhaseSpaceKick(3, "100 km/s"), PhaseSpaceKick(3, "100 km/s"))
    s = np.linspace(0.02, 1.98, 30)
    # distance of two random points in a ball, the difference of two velocities being distributed as their sum
    pdf = (3 * s**2 - 9 / 4 * s**3 + 3 / 16 * s**5) / 100
    assert kick.pdf(100 * s * u.km / u.s).to_value("s/km") == pytest.approx(pdf, rel=1e-11, abs=1e-15)
    assert kms(kick.mean_speed) == pytest.approx(100 * 36 / 35, rel=1e-12)
    speeds, weights = kick.quadrature(10)
    for power in range(20):
        p = 2 * power
        moment = 3 / (p + 3) * 2 ** (p + 3) - 9 / 4 / (p + 4) * 2 ** (p + 4) + 3 / 16 / (p + 6) * 2 ** (p + 6)
        assert np.sum(weights * (speeds / 100) ** p) == pytest.approx(moment, rel=1e-9)  # the closed sum cancels


def test_order_of_steps_does_not_matter_and_cascades_may_be_nested():
    fixed, table = FixedKick("25 km/s"), EVERY_LAW["tabulated"]
    k = np.linspace(1, 85, 40) * u.km / u.s
    one, other = CascadeKick(fixed, table), CascadeKick(table, fixed)
    assert one.cdf(k) == pytest.approx(other.cdf(k), abs=1e-9)  # panels of the two convolutions
    three = CascadeKick(one, PhaseSpaceKick(3, "40 km/s"))
    rng = np.random.default_rng(8)
    sample = three.sample(40_000, rng)
    vectors = rng.normal(size=(3, 40_000, 3))
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    lengths = np.array([fixed.sample(40_000, rng), table.sample(40_000, rng), 40 * rng.random(40_000) ** (1 / 3)])
    brute = np.linalg.norm(np.sum(vectors * lengths[:, :, None], axis=0), axis=1)
    assert kstest(brute, lambda v: three.cdf(v * u.km / u.s)).pvalue > 0.01  # independent vectors, fixed seed
    assert kstest(sample, lambda v: three.cdf(v * u.km / u.s)).pvalue > 0.01


def test_table_starting_at_rest_with_finite_height_can_be_a_step():
    flat = TabulatedKick([0, 50] * u.km / u.s, [1, 1])  # P(k)/k diverges: the convolution has a logarithm
    kick = CascadeKick(FixedKick("30 km/s"), flat)

    def share_below_17(q):
        return np.clip((17**2 - (q - 30) ** 2) / (120 * q), 0, 1) / 50

    assert kick.cdf("17 km/s") == pytest.approx(quad(share_below_17, 13, 47)[0], abs=1e-8)  # panels next to the log


@pytest.mark.parametrize("name", KICK_LAWS)
def test_config_builds_the_same_kick_again(name):
    kick = EVERY_LAW[name]
    again = kick_from_config(kick.to_config())
    assert isinstance(kick, KickDistribution)
    assert again == kick
    assert hash(again) == hash(kick)
    assert again.label == kick.label
    assert np.array_equal(again.quadrature(4)[0], kick.quadrature(4)[0])
    with pytest.raises(AttributeError):  # frozen
        kick.max_speed = 1
    with pytest.raises(InputError):
        kick_from_config({**kick.to_config(), "colour": 1})


def test_config_of_a_function_is_a_trace_only():
    config = MatrixElementKick(3, "10 km/s", np.sqrt).to_config()
    assert config["weight"]["values"] == pytest.approx(np.sqrt(config["weight"]["x"]))
    with pytest.raises(InputError, match="cannot be read back"):
        kick_from_config(config)
    with pytest.raises(InputError, match="allowed are"):
        kick_from_config({"law": "none"})


def test_impossible_kicks_are_refused_with_the_way_out():
    with pytest.raises(UnitError, match="54 km/s"):
        FixedKick(54)
    with pytest.raises(InputError, match=r"0\.1 c"):
        FixedKick("30001 km/s")
    with pytest.raises(InputError, match="positive"):
        FixedKick("-1 km/s")
    with pytest.raises(InputError, match="TwoBodyKick"):
        PhaseSpaceKick(2, "10 km/s")
    with pytest.raises(InputError, match="whole number"):
        PhaseSpaceKick(3.5, "10 km/s")
    with pytest.raises(InputError, match="closed"):
        TwoBodyKick("10 GeV", "9.99 GeV", "10.1 MeV")
    with pytest.raises(InputError, match=r"0\.1 c"):
        TwoBodyKick("10 GeV", "5 GeV")
    with pytest.raises(InputError, match="leave that step out"):
        CascadeKick(FixedKick("0 km/s"), FixedKick("1 km/s"))
    with pytest.raises(InputError, match="together"):
        CascadeKick(FixedKick("20000 km/s"), FixedKick("20000 km/s"))
    with pytest.raises(InputError, match="between 0 and 1/2"):
        FixedKick.from_epsilon(0.6)


@pytest.mark.parametrize("bad", [[0.1, 0.2], []], ids=str)
def test_lists_are_no_parameter_of_a_law(bad):
    for call in (
        lambda: FixedKick.from_epsilon(bad),
        lambda: TwoBodyKick.from_relative_splitting("1 GeV", bad),
        lambda: MatrixElementKick(3, "10 km/s", [bad, bad]),
        lambda: MatrixElementKick(3, "10 km/s", []),
    ):
        with pytest.raises(InputError):
            call()
