"""Annihilation to vectors, Hardy, Lasenby & Unwin (2014), Eq. (3.2), and its Sommerfeld factor."""

import numpy as np
import pytest
from astropy import constants as si
from astropy import units as u
from scipy.integrate import quad, solve_ivp

from cosmology import annihilation as an
from cosmology.errors import InputError, UnitError

COUPLING = np.sqrt(4 * np.pi * 0.01)


@pytest.mark.parametrize(
    ("sigma_v", "ratio", "coupling"),
    [(2.549e-25, 0, 0.1024), (2.549e-25, 0.5, 0.1067), (2.549e-25, 0.9, 0.1472), (1.225e-25, 0, 0.0852)],
)
def test_coupling_for_a_relic(sigma_v, ratio, coupling):
    found = an.vector_coupling(sigma_v * u.cm**3 / u.s, "10 GeV", ratio * 10 * u.GeV)
    assert found == pytest.approx(coupling, abs=5e-5)  # digits of the number
    tree = an.VectorPairAnnihilation("10 GeV", ratio * 10 * u.GeV, found)
    assert tree.sigma_v("30 km/s").to_value("cm3/s") == pytest.approx(sigma_v, rel=1e-12)
    assert tree.thermal([5.0, 20.0]).to_value("cm3/s") == pytest.approx([sigma_v, sigma_v], rel=1e-12)


def test_light_vector_limit_is_pi_alpha_squared_over_mass_squared():
    value = an.VectorPairAnnihilation("7 GeV", "0 GeV", COUPLING).thermal(20.0)
    natural = value.to_value("cm3/s") / (si.hbar**2 * si.c**3).to_value("GeV2 cm3/s")
    assert natural == pytest.approx(np.pi * 0.01**2 / 49, rel=1e-12)


def test_perturbative_reach():
    assert an.perturbative_sigma_v("10 GeV").to_value("cm3/s") == pytest.approx(3.67e-19, rel=2e-3)
    assert an.vector_coupling(an.perturbative_sigma_v("10 GeV"), "10 GeV", "0 GeV") == pytest.approx(3.545, abs=5e-4)
    with pytest.raises(InputError, match="within perturbation theory"):
        an.vector_coupling("1e-18 cm3/s", "10 GeV", "0 GeV")


@pytest.mark.parametrize(("sigma_v", "coupling"), [(7.52e-26, 0.0754), (7.53e-23, 0.424), (7.52e-20, 2.39)])
def test_couplings_of_figure_6_at_the_limits_from_gamma_rays(sigma_v, coupling):
    # muons at 10 GeV, dwarfs, light V: all decayed, Gamma t0 = 1e-3 and 1e-6
    found = an.vector_coupling(sigma_v * u.cm**3 / u.s, "10 GeV", "0 GeV")
    assert found == pytest.approx(coupling, rel=2.5e-3)  # three digits


def test_unitarity_and_optical_depth():
    per_speed = an.unitarity_cross_section("10 GeV", 1e-3 * si.c) * 1e-3
    assert per_speed.to_value("barn") == pytest.approx(0.049, abs=5e-4)
    depth = an.escape_optical_depth("10 GeV", 0.04 * u.barn * si.c, "500 km/s", "0.3 GeV/cm3", "8.5 kpc")
    assert depth == pytest.approx(0.0189, abs=5e-5)
    # the column behind it, 7.87e21 GeV/cm^2, and the same depth by hand: column/m times 0.04 barn c/v
    column = (0.3 * u.GeV / u.cm**3 * 8.5 * u.kpc).to_value("GeV/cm2")
    assert column == pytest.approx(7.87e21, rel=1e-3)
    assert depth == pytest.approx(column / 10 * 0.04e-24 * 299792.458 / 500, rel=1e-9)


@pytest.mark.parametrize(("mediator", "factor", "digits"), [("0.5 GeV", 1.52, 5e-3), ("0.05 GeV", 104, 0.5)])
def test_sommerfeld_factor_in_numbers(mediator, factor, digits):
    assert an.hulthen_sommerfeld(7e-4 * si.c, "10 GeV", mediator, COUPLING) == pytest.approx(factor, abs=digits)


@pytest.mark.parametrize(("mediator", "speed"), [(0.5, 7e-4), (0.05, 7e-4), (0.05, 0.01), (0.3, 0.2), (0.03, 0.3)])
def test_sommerfeld_factor_by_solving_the_hulthen_equation(mediator, speed):
    # chi'' + (k^2 + 2 mu alpha d e^(-dr)/(1 - e^(-dr))) chi = 0; S from the amplitude of the regular solution
    alpha, mass = 0.01, 10.0
    d, k, strength = np.pi**2 * mediator / 6, mass * speed / 2, mass * alpha
    end = 40 / d
    run = solve_ivp(
        lambda r, y: [y[1], -(k**2 + strength * d / np.expm1(d * r)) * y[0]],
        (1e-9, end), [1e-9, 1.0 - strength * 1e-9], method="DOP853", rtol=1e-11, atol=1e-14,
    )  # fmt: skip
    amplitude = k**2 * run.y[0, -1] ** 2 + run.y[1, -1] ** 2
    factor = an.hulthen_sommerfeld(speed * si.c, "10 GeV", mediator * u.GeV, COUPLING)
    assert factor == pytest.approx(1 / amplitude, rel=1e-6)  # start of the integration, strength times 1e-9


def test_sommerfeld_limits():
    coulomb = np.pi * 0.02 / 7e-4
    wanted = coulomb / (1 - np.exp(-coulomb))
    assert an.hulthen_sommerfeld(7e-4 * si.c, "10 GeV", "0 GeV", COUPLING) == pytest.approx(wanted, rel=1e-12)
    # a light mediator, with a and its root of 1e7: no overflow and no lost digits
    assert an.hulthen_sommerfeld(7e-4 * si.c, "10 GeV", "1e-9 GeV", COUPLING) == pytest.approx(wanted, rel=1e-6)
    fast = an.hulthen_sommerfeld(0.9 * si.c, "10 GeV", ["1 GeV"][0], COUPLING)
    assert fast == pytest.approx(1, abs=0.05)  # pi alpha/v
    assert an.hulthen_sommerfeld(7e-4 * si.c, "10 GeV", "9 GeV", 1e-3) == pytest.approx(1, abs=1e-5)


def test_thermal_average_by_adaptive_quadrature():
    pair = an.SommerfeldAnnihilation(an.VectorPairAnnihilation("10 GeV", "0.05 GeV", COUPLING))
    x = np.array([20.0, 1e6])
    for each, average in zip(x, pair.thermal(x).to_value("cm3/s"), strict=True):
        scale = 2 / np.sqrt(each)

        def integrand(t, scale=scale):
            return 4 / np.sqrt(np.pi) * t**2 * np.exp(-(t**2)) * pair.sigma_v(scale * t * si.c).to_value("cm3/s") * 1e25

        wanted = quad(integrand, 0, 7, epsabs=0, epsrel=1e-10, limit=300)[0]
        assert average * 1e25 == pytest.approx(wanted, rel=1e-8)  # the tail beyond t = 6.7, and `quad`


def test_fast_pairs_hardly_feel_the_attraction():
    tree = an.VectorPairAnnihilation("10 GeV", "0.5 GeV", 0.1024)
    ratio = an.SommerfeldAnnihilation(tree).thermal(20.0) / tree.thermal(20.0)
    assert float(ratio) == pytest.approx(1, abs=0.02)  # 2 pi alpha/v with alpha of 8e-4


def test_mediator_width():
    width = an.mediator_width("1 GeV", 1e-5)
    r = 0.1056583755**2
    expected = 1e-10 / 137.035999 / 3 * np.sqrt(1 - 4 * r) * (1 + 2 * r)
    assert width.to_value("GeV") == pytest.approx(expected, rel=1e-8)  # digits of 1/alpha
    with pytest.raises(InputError, match="decays to muons above"):
        an.mediator_width("0.2 GeV", 1e-5)
    with pytest.raises(InputError, match="between 0 and 1"):
        an.mediator_width("1 GeV", 2.0)


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="lighter than the annihilating"):
        an.VectorPairAnnihilation("10 GeV", "10 GeV", 0.1)
    with pytest.raises(InputError, match="perturbation"):
        an.VectorPairAnnihilation("10 GeV", "1 GeV", 3.6)
    with pytest.raises(InputError, match="speed = 0"):
        an.hulthen_sommerfeld("0 km/s", "10 GeV", "1 GeV", 0.1)
    with pytest.raises(InputError, match="x = -1"):
        an.VectorPairAnnihilation("10 GeV", "1 GeV", 0.1).thermal(-1.0)
    with pytest.raises(InputError, match="one mass"):
        an.VectorPairAnnihilation([10, 20] * u.GeV, "1 GeV", 0.1)
    with pytest.raises(UnitError):
        an.VectorPairAnnihilation(10.0, "1 GeV", 0.1)
