"""Self-scattering: the named approximations in numbers, and one cross-section without jumps."""

import itertools

import numpy as np
import pytest
from astropy import constants as si
from astropy import units as u

from cosmology.errors import InputError, UnitError
from cosmology.self_scattering import YukawaScattering, limiting_mediator_masses


def in_gev(area):
    return float((area / ((si.hbar * si.c) ** 2)).to_value("1/GeV2"))


@pytest.mark.parametrize(
    ("alpha", "mediator", "speed", "force", "formula", "value", "exact"),
    [
        (1e-3, 0.1, 3.3e-3, "repulsive", "born", 10.94, 9.968),
        (1e-3, 0.1, 3.3e-3, "attractive", "born", 10.94, 12.08),
        (0.02, 0.1, 1e-3, "attractive", "hulthen", 4.016e4, 7.001e4),
        (0.02, 0.1, 1e-3, "repulsive", "hulthen", 1138, 1390),
        (0.02, 0.01, 3.3e-3, "attractive", "classical", 2.451e5, 3.171e5),
        (0.02, 0.01, 3.3e-3, "repulsive", "classical", 5.34e4, 9.87e4),
    ],
)
def test_formulae_and_partial_waves_at_10_gev(alpha, mediator, speed, force, formula, value, exact):
    potential = YukawaScattering.from_alpha("10 GeV", mediator * u.GeV, alpha, force)
    v = speed * si.c
    assert in_gev(getattr(potential, formula)(v)) == pytest.approx(value, rel=5e-4)  # digits of the numbers
    assert in_gev(potential.partial_waves(v)) == pytest.approx(exact, rel=6e-4)
    assert in_gev(potential.transfer(v)) == pytest.approx(exact, rel=6e-4)
    assert potential.method(v) == "partial waves"


@pytest.mark.parametrize("force", ["repulsive", "attractive"])
@pytest.mark.parametrize("coupling", [0.05, 1.0])
def test_transfer_has_no_jumps(force, coupling):
    # Across both switches, at kappa = 20 and 40: the slope of ln sigma in ln v changes smoothly
    speeds = np.geomspace(0.003, 0.0105, 41)
    potential = YukawaScattering("10 GeV", "1 MeV", coupling, force)
    methods = {potential.method(v * si.c) for v in speeds}
    assert methods == {"partial waves", "semi-classical", "partial waves and semi-classical"}
    logs = np.log([in_gev(potential.transfer(v * si.c)) for v in speeds[[0, 10, 11, 12, 20, 21, 30, 31, 32, 40]]])
    near = np.log(speeds[[0, 10, 11, 12, 20, 21, 30, 31, 32, 40]])
    curve = np.polynomial.Polynomial.fit(near, logs, 4)
    assert np.max(np.abs(curve(near) - logs)) < 2e-3  # oscillations of attractive scattering; jumps would be 0.3


def test_no_jump_where_born_takes_over():
    v = 3e-3 * si.c
    strengths = np.array([0.99e-6, 1.01e-6]) * 0.1 / 10
    low, high = (YukawaScattering.from_alpha("10 GeV", "0.1 GeV", alpha, "attractive") for alpha in strengths)
    assert (low.method(v), high.method(v)) == ("born", "partial waves")
    ratio = in_gev(high.transfer(v)) / in_gev(low.transfer(v))
    assert ratio == pytest.approx((1.01 / 0.99) ** 2, rel=3e-6)  # second order is 1e-6


def test_transfer_falls_as_the_mediator_gets_heavier():
    masses = np.geomspace(1e-3, 1, 25)
    areas = [in_gev(YukawaScattering("10 GeV", m * u.GeV, 0.5, "repulsive").transfer("200 km/s")) for m in masses]
    assert all(a > b for a, b in itertools.pairwise(areas))


def test_limits_of_the_named_formulae():
    weak = YukawaScattering.from_alpha("10 GeV", "1 GeV", 1e-4, "attractive")
    assert in_gev(weak.transfer("100 km/s")) == pytest.approx(in_gev(weak.born("100 km/s")), rel=2e-3)  # strength
    classical = YukawaScattering.from_alpha("10 GeV", "1 MeV", 0.02, "repulsive")
    # fits to classical orbits, and beta from 1e-3 to 0.04: leading logarithm
    assert in_gev(classical.transfer(0.03 * si.c)) == pytest.approx(in_gev(classical.classical(0.03 * si.c)), rel=0.2)
    slow = YukawaScattering.from_alpha("10 GeV", "0.1 GeV", 0.005, "attractive")
    # Hulthen potential for a Yukawa one below the first resonance
    assert in_gev(slow.transfer("1 km/s")) == pytest.approx(in_gev(slow.hulthen("1 km/s")), rel=0.25)


def test_slow_scattering_does_not_depend_on_speed():
    potential = YukawaScattering("10 GeV", "0.2 GeV", 0.3, "repulsive")
    a, b = (in_gev(potential.transfer(v)) for v in ("0.01 km/s", "1 km/s"))
    assert a == pytest.approx(b, rel=1e-4)  # effective range times k^2


@pytest.mark.parametrize(
    ("coupling", "hulthen"), [(0.2, (15.8, 32.3)), (0.36, (23.2, 50.5)), (1.0, (38.6, 93.6)), (2.0, (50.1, 128))]
)
def test_limits_on_the_mediator_in_the_hulthen_approximation(coupling, hulthen):
    for mass, limit in zip(hulthen, (1.0, 0.1), strict=True):
        area = YukawaScattering("10 GeV", mass * u.MeV, coupling, "repulsive").hulthen("30 km/s")
        # digits of the masses, on which the cross-section depends as their square
        assert (area / (10 * u.GeV / si.c**2)).to_value("cm2/g") == pytest.approx(limit, rel=0.01)


@pytest.mark.parametrize(("coupling", "masses", "printed"), [(0.424, (25, 57), "500 MeV"), (2.39, (53, 137), "1 GeV")])
def test_where_gamma_rays_take_over_in_the_hulthen_approximation(coupling, masses, printed):
    # Hardy, Lasenby & Unwin (2014), Sect. 3.2, print 500 MeV (Gamma t0 > 1e-3) and 1 GeV (1e-6): ten times too much
    for mass, limit in zip(masses, (1.0, 0.1), strict=True):
        area = YukawaScattering("10 GeV", mass * u.MeV, coupling, "repulsive").hulthen("30 km/s")
        found = (area / (10 * u.GeV / si.c**2)).to_value("cm2/g")
        assert found == pytest.approx(limit, rel=0.06)  # two digits of the mass, on which it depends as the square
    # and at the printed mass it is far below
    heavy = YukawaScattering("10 GeV", printed, coupling, "repulsive").transfer_per_mass("30 km/s")
    assert heavy.to_value("cm2/g") < 2e-3


def test_first_hulthen_resonance():
    # at alpha m/m_V = 1.6, where the Yukawa potential has 1.680
    strengths = np.linspace(1.5, 1.75, 51)
    areas = [
        in_gev(YukawaScattering.from_alpha("10 GeV", "0.1 GeV", 0.01 * each, "attractive").hulthen("0.01 km/s"))
        for each in strengths
    ]
    assert strengths[np.argmax(areas)] == pytest.approx(1.6, abs=1e-9)


def test_classical_fits_branch_by_branch_and_their_jumps():
    # sigma m_V^2 in beta = 2 alpha m_V/(m v^2), written again: Tulin, Yu & Zurek (2013), Eqs. (7) and (8)
    def found(beta, force):
        potential = YukawaScattering.from_alpha("10 GeV", "1 MeV", 0.02, force)
        return in_gev(potential.classical(np.sqrt(2 * 0.02 * 1e-3 / (10 * beta)) * si.c)) * 1e-6

    attractive = {
        0.03: 4 * np.pi * 0.03**2 * np.log(1 + 1 / 0.03),
        5.0: 8 * np.pi * 25 / (1 + 1.5 * 5**1.65),
        4e3: np.pi * (np.log(4e3) + 1 - 1 / (2 * np.log(4e3))) ** 2,
    }
    repulsive = {
        0.03: 2 * np.pi * 0.03**2 * np.log(1 + 1 / 0.03**2),
        50.0: np.pi * (np.log(100) - np.log(np.log(100))) ** 2,
    }
    for force, values in (("attractive", attractive), ("repulsive", repulsive)):
        for beta, value in values.items():
            assert found(beta, force) == pytest.approx(value, rel=1e-10)
    # where ranges meet the formulae do not: factors 1.24, 1.03 and 1.23, which `transfer` has not
    steps = [(0.1, "attractive"), (1e3, "attractive"), (1.0, "repulsive")]
    ratios = [found(beta * 1.000001, force) / found(beta * 0.999999, force) for beta, force in steps]
    assert ratios == pytest.approx([1 / 1.24, 1.026, 1 / 1.235], rel=2e-3)


@pytest.mark.parametrize(
    ("coupling", "limit", "mass"),
    [(0.2, 1, 16.90), (0.36, 0.1, 53.99), (1.0, 1, 43.72), (2.0, 0.1, 145.9), (0.424, 0.1, 60.73), (2.39, 0.1, 157.6)],
)
def test_limits_on_the_mediator_with_partial_waves(coupling, limit, mass):
    found = limiting_mediator_masses(
        "10 GeV", coupling, "repulsive", limit * u.cm**2 / u.g, "30 km/s", "10 MeV", "300 MeV", points=6
    )
    # Regression, four digits. The judge is above: Hulthen gives 7 to 15 per cent less, as it underestimates by 20 to 30
    # per cent in the cross-section. Ten times below the 500 MeV and 1 GeV of Hardy, Lasenby & Unwin (2014).
    assert found.to_value("MeV") == pytest.approx([mass], rel=5e-4)
    per_mass = YukawaScattering("10 GeV", found[0], coupling, "repulsive").transfer_per_mass("30 km/s")
    assert per_mass.to_value("cm2/g") == pytest.approx(limit, rel=1e-6)


def test_attractive_scattering_crosses_its_limit_many_times():
    found = limiting_mediator_masses(
        "10 GeV", 0.36, "attractive", "1 cm2/g", "30 km/s", "15 MeV", "200 MeV", points=60
    ).to_value("MeV")
    assert len(found) > 1
    assert len(found) % 2 == 1  # above the limit on the left, below it on the right
    assert np.all(np.diff(found) > 0)


def test_one_cm2_per_gram_at_10_gev():
    potential = YukawaScattering("10 GeV", "20 MeV", 0.36, "repulsive")
    ratio = potential.transfer("30 km/s") / potential.transfer_per_mass("30 km/s")
    assert (ratio * u.cm**2 / u.g).to_value("barn") == pytest.approx(17.8, abs=0.05)


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="force"):
        YukawaScattering("10 GeV", "20 MeV", 0.36, "both")
    with pytest.raises(InputError, match="perturbation"):
        YukawaScattering("10 GeV", "20 MeV", 4.0, "repulsive")
    with pytest.raises(InputError, match="list"):
        YukawaScattering([10, 20] * u.GeV, "20 MeV", 0.3, "repulsive")
    with pytest.raises(InputError, match="positive"):
        YukawaScattering("10 GeV", "20 MeV", 0.3, "repulsive").transfer("0 km/s")
    with pytest.raises(InputError, match="below that of light"):
        YukawaScattering("10 GeV", "20 MeV", 0.3, "repulsive").transfer("4e5 km/s")
    with pytest.raises(InputError, match="below the second"):
        limiting_mediator_masses("10 GeV", 0.3, "repulsive", "1 cm2/g", "30 km/s", "1 GeV", "1 MeV")
    with pytest.raises(UnitError):
        YukawaScattering("10 GeV", 0.02, 0.3, "repulsive")
