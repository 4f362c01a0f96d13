"""Dark QCD, dark nuclei, relics and portals: Bodas, Buen-Abad, Hook & Sundrum (2024), Eqs. (3) and (30) to (46)."""

import numpy as np
import pytest
from scipy.integrate import quad

from cosmology import constants, units
from cosmology.degrees_of_freedom import degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models import z2_confinement, z2_dark_protons, z2_hadrons, z2_portals
from cosmology.models.z2_baths import baths
from cosmology.models.z2_confinement import QUARK_MASSES, confinement_ratio, confinement_scale
from cosmology.models.z2_dark_protons import born_rate, dark_strength, remaining_protons
from cosmology.models.z2_hadrons import DarkHadrons, phase_space
from cosmology.models.z2_inputs import (
    DOWN_YUKAWA,
    ELECTRON_MASS,
    NEUTRON_LIFETIME,
    NUCLEON_SPLITTING,
    UP_YUKAWA,
    VEV,
)

TEV = 1000 / VEV
SUM = UP_YUKAWA + DOWN_YUKAWA
STAR = DarkHadrons(TEV, 5.3, 1.5 * SUM, 0.5 * SUM)
RADIATION = degrees_of_freedom("constant", g_rho=10.75)
THREE_DIGITS = 6e-3
SQUARE_CM = 0.3893794e-27  # of GeV^-2


def test_equation_3():
    assert confinement_scale(0.02).scale == pytest.approx(0.229, rel=2e-3)
    assert confinement_scale(0.02, constants.PLANCK_MASS).scale == pytest.approx(0.803, rel=2e-3)
    assert confinement_scale(0.02).light_flavours == 3
    assert z2_confinement.one_loop_reference() == pytest.approx(0.1425, rel=1e-3)


def test_light_flavours_agree_with_their_own_scale():
    for factor in np.geomspace(0.01, 1e6, 60):
        masses = factor * np.array(QUARK_MASSES)
        found = confinement_scale(0.02, masses=masses)
        assert int(np.sum(masses <= found.scale)) == found.light_flavours


def test_a_threshold_through_lambda_is_continuous():
    at = 1.0
    for _ in range(60):  # to the charm mass that is its own Lambda
        at = confinement_scale(0.02, masses=[*QUARK_MASSES[:3], at, *QUARK_MASSES[4:]]).scale
    masses = [list(QUARK_MASSES) for _ in range(2)]
    masses[0][3], masses[1][3] = at * (1 - 1e-6), at * (1 + 1e-6)
    below, above = (confinement_scale(0.02, masses=one) for one in masses)
    assert (below.light_flavours, above.light_flavours) == (4, 3)
    assert below.scale == pytest.approx(above.scale, rel=1e-5)


def test_a_light_charm_shifts_lambda_little():
    light = list(QUARK_MASSES)
    light[3] = 0.01
    # from its own mass to Lambda, (Lambda/m_c)^(2/27)
    assert confinement_scale(0.02, masses=light).scale / confinement_scale(0.02).scale - 1 == pytest.approx(
        -0.13, abs=0.02
    )


def test_sensitivities_of_equation_3():
    first = confinement_scale(0.02).scale
    # a ratio of 10: 6.6 per cent of the coupling
    assert confinement_scale(0.02 * (1 + 9 * np.log(10) * 0.02 / (2 * np.pi))).scale / first == pytest.approx(
        9, rel=0.1
    )
    heavy = np.array(QUARK_MASSES) * np.where(np.arange(6) < 3, 1, 3.2e4)
    assert confinement_scale(0.02, masses=heavy).scale / first == pytest.approx(10, rel=0.01)
    everything = np.array(QUARK_MASSES) * 2.7e3
    assert confinement_scale(0.02, masses=everything).scale / first == pytest.approx(10, rel=0.02)
    # no top quark: 15.7 with three light quarks; but Lambda is above the charm mass then
    assert (constants.REDUCED_PLANCK_MASS / QUARK_MASSES[5]) ** (2 / 27) == pytest.approx(15.7, rel=2e-3)
    without = confinement_scale(0.02, masses=QUARK_MASSES[:5])
    assert without.light_flavours == 4
    assert without.scale / first == pytest.approx(17.1, rel=2e-3)
    for colours, expected in ((2, 1e-14), (4, 7e4)):
        found = (
            (11 * colours / 3 - 4) * np.log(constants.REDUCED_PLANCK_MASS)
            - 2 * np.pi / 0.02
            + 2 / 3 * np.log(np.prod(QUARK_MASSES[3:]))
        ) / (11 * colours / 3 - 2)
        assert np.exp(found) == pytest.approx(expected, rel=2)
    with pytest.raises(InputError, match="asymptotic freedom"):
        confinement_scale(0.02, masses=[1.0] * 17)


@pytest.mark.parametrize(
    ("low", "slope", "unified"), [(0.25, 17.50, 0.0399), (0.1425, 18.06, 0.0387), (0.332, 17.21, 0.0406)]
)
def test_equations_30_to_33(low, slope, unified):
    assert z2_confinement.sensitivity(1e15, 1e4, low) == pytest.approx(slope, abs=5e-3)
    coupling = z2_confinement.unified_coupling(1e15, 1e4, low)
    assert coupling == pytest.approx(unified, abs=6e-5)
    # the exponent of (32) is that of (33)
    assert 2 * np.pi / 9 / coupling == pytest.approx(z2_confinement.sensitivity(1e15, 1e4, low), rel=1e-12)
    finite = z2_confinement.unified_coupling(1e15, 1e4, low, infrared=1.3)
    assert 2 * np.pi / 9 / finite == pytest.approx(z2_confinement.sensitivity(1e15, 1e4, low, infrared=1.3), rel=1e-12)


def test_equation_33_at_the_points_of_figure_4():
    slope = z2_confinement.sensitivity(1e15, 1e4, 0.25)
    assert confinement_ratio(0.0, 1000.0, slope) == pytest.approx(1.366, abs=5e-4)
    assert confinement_ratio(0.1, 1000.0, slope) == pytest.approx(7.86, abs=5e-3)
    assert z2_confinement.difference_needed(5.3, 1000.0, slope) == pytest.approx(0.0775, abs=5e-5)


def test_equation_34():
    assert z2_confinement.boundary_difference(1.5, 0.5, 2.0, 0.1) == pytest.approx(1 / 21.5)
    # which is (alpha' - alpha)/alpha'
    alpha, dark = 1 / 21.5, 1 / 20.5
    assert z2_confinement.boundary_difference(1.5, 0.5, 2.0, 0.1) == pytest.approx((dark - alpha) / dark)


def test_two_loops_change_the_ratio_little():
    assert z2_confinement.two_loop_ratio(0.0, 1.0, 1e15, 1e4) == pytest.approx(1, rel=1e-9)
    slope = z2_confinement.sensitivity(1e15, 1e4, 0.25)
    for difference in (0.0, 0.05, 0.1):
        # a tenth, of a ratio of eight: the ratio is what is known well
        assert z2_confinement.two_loop_ratio(difference, TEV, 1e15, 1e4) == pytest.approx(
            confinement_ratio(difference, 1000.0, slope), rel=0.1
        )
    with pytest.raises(InputError, match="new_mass"):
        z2_confinement.two_loop_ratio(0.1, TEV, 1e15, 500.0)


def test_equations_35_to_37():
    assert DarkHadrons(TEV, 5.3, SUM / 2, SUM / 2).deuteron_binding == pytest.approx(8.94e-3, rel=1e-3)
    assert STAR.deuteron_binding == pytest.approx(17.9e-3, rel=2e-3)
    assert STAR.bottleneck_temperature / 0.44 == pytest.approx(2.03e-3, rel=2e-3)
    # from pion and neutron masses, the first form of (35)
    ratio = (STAR.pion_mass / 0.13498) ** 2 * 0.93957 / STAR.neutron_mass
    assert STAR.deuteron_binding == pytest.approx(2.2e-3 * ratio, rel=1e-12)


def test_phase_space_of_beta_decay():
    assert phase_space(NUCLEON_SPLITTING / ELECTRON_MASS) == pytest.approx(1.636, rel=1e-3)
    for x in (1.001, 1.0499, 1.0501, 2.0, 14.8):
        direct = quad(lambda e, x=x: e * np.sqrt(e**2 - 1) * (x - e) ** 2, 1, x, epsabs=0, epsrel=1e-11)[0]
        assert phase_space(x) == pytest.approx(direct, rel=1e-8)
    # (16/105) sqrt 2 (x - 1)^(7/2) close to threshold
    assert phase_space(1 + 1e-9) == pytest.approx(16 * np.sqrt(2) / 105 * 1e-9**3.5, rel=1e-6)
    assert phase_space(300.0) == pytest.approx(300.0**5 / 30, rel=1e-4)
    assert list(phase_space(np.array([-3.0, 0.5, 1.0]))) == [0, 0, 0]


def test_splitting_of_dark_nucleons():
    assert STAR.quark_splitting == pytest.approx(25.4e-3, rel=3e-3)
    assert STAR.splitting == pytest.approx(30.7e-3, rel=2e-3)
    swapped = DarkHadrons(TEV, 5.3, 0.5 * SUM, 1.5 * SUM)
    assert swapped.splitting == pytest.approx(-25.4e-3 + 5.3e-3, rel=5e-3)
    assert swapped.proton_lifetime == np.inf
    assert swapped.estimated_late_decay(0.44) == np.inf
    # visible values: with the neutron heavier the sign is that of m_p - m_n
    assert DarkHadrons(1.0, 1.0, UP_YUKAWA, DOWN_YUKAWA).splitting == pytest.approx(-NUCLEON_SPLITTING, rel=0.01)


def test_equation_40():
    electron = TEV * 0.511
    assert phase_space(STAR.splitting * 1e3 / electron) == pytest.approx(2.31e4, rel=2e-3)
    assert phase_space(30 / electron) == pytest.approx(2.05e4, rel=3e-3)
    assert STAR.lifetime_ratio == pytest.approx(1.75e-5, rel=THREE_DIGITS)
    at_30 = phase_space(NUCLEON_SPLITTING / ELECTRON_MASS) / phase_space(30 / electron) / TEV
    assert at_30 == pytest.approx(1.97e-5, rel=3e-3)
    assert units.attach(NEUTRON_LIFETIME * 1.8e-5, "time").to_value("s") == pytest.approx(0.0158, rel=3e-3)


def test_equations_39_and_41():
    assert STAR.late_decay(0.44) == pytest.approx(0.043, rel=0.01)
    # T'_D/xi = 1 MeV: 1/H is 1.48 s
    hadrons = DarkHadrons(TEV, 5.3, 1.5 * SUM, 0.5 * SUM)
    xi = hadrons.bottleneck_temperature / 1e-3
    seconds = units.attach(hadrons.proton_lifetime / hadrons.late_decay(xi), "time").to_value("s")
    assert seconds == pytest.approx(1.476, rel=1e-3)
    assert STAR.estimated_late_decay(0.44) == pytest.approx(0.015 * (30 / 30.74) ** 5 * 2.0325**2, rel=2e-3)


def test_equation_42():
    assert STAR.pion_ratio == pytest.approx(0.178, abs=5e-4)
    assert DarkHadrons(TEV, 5.3, 1.5 * SUM, 0.5 * SUM, pion="charged").pion_ratio == pytest.approx(0.184, abs=5e-4)
    for vev, expected in ((600, 4.21), (1000, 2.53), (2000, 1.26)):
        assert z2_hadrons.largest_sum(vev / VEV, 5.3) == pytest.approx(expected, abs=5e-3)
    with pytest.raises(InputError, match="'neutral', 'charged'"):
        DarkHadrons(TEV, 5.3, SUM, SUM, pion="both")


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.5, (0.003, 0.180, 0.342)), (1, (0.115, 0.304, 0.484)), (2, (0.263, 0.468, 0.673))]
)
def test_equation_41_along_the_lines_of_figure_5(ratio, expected):
    found = [z2_hadrons.smallest_asymmetry(ratio, vev / VEV, 5.3, 0.44) for vev in (600, 1000, 2000)]
    assert found == pytest.approx(expected, abs=6e-4)
    # on the line the left side is 1
    difference = found[1] * SUM
    edge = DarkHadrons(TEV, 5.3, (ratio * SUM + difference) / 2, (ratio * SUM - difference) / 2)
    assert edge.estimated_late_decay(0.44) == pytest.approx(1, rel=1e-9)


def test_visible_neutrons_by_born_rates():
    strength = dark_strength(1.0, ELECTRON_MASS)
    found = remaining_protons(1e-4, NUCLEON_SPLITTING, ELECTRON_MASS, strength, RADIATION, 1.0)
    assert found == pytest.approx(0.151, abs=6e-4)


def test_born_rate_in_the_cold_is_free_decay():
    strength = dark_strength(1.0, ELECTRON_MASS)
    rate = born_rate(np.array([1e-6]), NUCLEON_SPLITTING, ELECTRON_MASS, strength)[0]
    assert rate * NEUTRON_LIFETIME == pytest.approx(1, rel=1e-4)


def test_born_rate_in_heat():
    # both captures without masses: twice the fourth moment of two Fermi functions
    strength, hot = 1.0, 500.0
    rate = born_rate(np.array([hot]), 1e-3, 1.0, strength)[0]
    moment = quad(lambda e: e**4 / ((np.exp(e) + 1) * (np.exp(-e) + 1)), 0, 60)[0]
    assert rate == pytest.approx(2 * moment * hot**5, rel=1e-3)  # (electron mass/T)^2 and splitting/T


def test_dark_protons_that_are_left():
    strength = dark_strength(TEV, STAR.electron_mass)
    assert strength * phase_space(STAR.splitting / STAR.electron_mass) == pytest.approx(1 / STAR.proton_lifetime)
    last = STAR.bottleneck_temperature
    found = remaining_protons(last, STAR.splitting, STAR.electron_mass, strength, RADIATION, 0.44)
    assert found == pytest.approx(2.6e-7, rel=0.03)
    # the step of Eq. (39) is passed here, with a tenth of all dark baryons left as protons
    two = DarkHadrons(2000 / VEV, 5.3, SUM / 2, SUM / 2)
    strength = dark_strength(2000 / VEV, two.electron_mass)
    late = 1 / (strength * phase_space(0.03 / two.electron_mass)) * two.late_decay(0.44) / two.proton_lifetime
    assert late == pytest.approx(0.83, rel=0.02)
    last = two.bottleneck_temperature
    assert remaining_protons(last, 0.03, two.electron_mass, strength, RADIATION, 0.44) == pytest.approx(0.11, abs=5e-3)


def test_a_closed_decay_leaves_captures():
    # splitting of half an electron mass: frozen in, never less than equilibrium
    strength = dark_strength(1.0, ELECTRON_MASS)
    found = remaining_protons(1e-4, 0.5 * ELECTRON_MASS, ELECTRON_MASS, strength, RADIATION, 1.0)
    assert 0.3 < found < 0.5
    assert z2_dark_protons.LARGEST_SHARE == 0.1


def test_self_scattering():
    for hadrons, expected in ((STAR, 1.8e-4), (DarkHadrons(TEV, 5.3, SUM / 2, SUM / 2), 3.5e-4)):
        found = units.attach(hadrons.self_scattering, "cross_section_per_mass").to_value("cm2/g")
        assert found == pytest.approx(expected, rel=0.03)


def test_symmetric_relic():
    # an order of magnitude; 4.4e-10 with the degrees of freedom after the transition, x = 43
    seventeen = degrees_of_freedom("constant", g_rho=17.0)
    x, omega = z2_portals.symmetric_relic(STAR.neutron_mass, STAR.pion_mass, seventeen, 0.44)
    assert x == pytest.approx(43, abs=0.5)
    assert omega / 0.674**2 == pytest.approx(4.4e-10, rel=0.05)
    real = baths("saikawa_shirai", TEV, 5.3)[0]
    assert z2_portals.symmetric_relic(STAR.neutron_mass, STAR.pion_mass, real, 0.44)[1] < omega
    with pytest.raises(InputError, match="never annihilate"):
        z2_portals.symmetric_relic(5.0, 1e12, seventeen, 0.44)


def test_equation_43():
    assert z2_portals.smallest_mediator(1.296) == pytest.approx(5.78e3, rel=2e-3)
    assert z2_portals.smallest_mediator(1.0) == pytest.approx(4.76e3, rel=2e-3)


def test_equation_44():
    assert z2_portals.largest_portal(5e3, TEV) == pytest.approx(12.4, rel=4e-3)
    assert z2_portals.largest_portal(5.78e3, TEV) == pytest.approx(9.3, rel=4e-3)
    assert z2_portals.induced_portal(1e-8, 1e-8, 700.0) == pytest.approx(2.04e-22, rel=2e-3)


def test_equation_45():
    assert z2_portals.higgs_mixing(0.23, TEV) == pytest.approx(0.051, rel=0.01)
    for vev, expected in ((600, 0.122), (1000, 0.230), (2000, 0.481)):
        assert z2_portals.portal_at_mixing(0.051, vev / VEV) == pytest.approx(expected, abs=6e-4)
        assert z2_portals.higgs_mixing(z2_portals.portal_at_mixing(0.3, vev / VEV), vev / VEV) == pytest.approx(0.3)
    assert pytest.approx(0.259, abs=5e-4) == z2_portals.SYMMETRIC_PORTAL
    # the exact mixing diagonalises [[A, C], [C, B]] with its lower eigenvalue at m_h^2
    portal, heavy = 0.5, (TEV * 125.25) ** 2
    off = portal * VEV**2 * TEV
    light = 125.25**2 + off**2 / (heavy - 125.25**2)
    values, vectors = np.linalg.eigh([[light, off], [off, heavy]])
    assert values[0] == pytest.approx(125.25**2, rel=1e-9)
    assert vectors[1, 0] ** 2 == pytest.approx(z2_portals.higgs_mixing(portal, TEV), rel=1e-9)
    assert z2_portals.estimated_mixing(1e-4, TEV) ** 2 == pytest.approx(z2_portals.higgs_mixing(1e-4, TEV), rel=1e-6)
    assert z2_portals.signal_strength(0.05, 0.1) == pytest.approx(0.855)


def test_equation_46():
    # the paper: m_N in the place of the reduced mass
    assert z2_portals.nucleon_cross_section(0.03, 300.0, 5.0, reduced=False) * SQUARE_CM == pytest.approx(
        1.09e-44, rel=5e-3
    )
    found = z2_portals.nucleon_cross_section(0.03, 300.0, 5.0) * SQUARE_CM
    assert found == pytest.approx(7.7e-45, rel=0.01)
    assert z2_portals.nucleon_cross_section(0.2, 3e4, 5.0) * SQUARE_CM == pytest.approx(1.5e-49, rel=0.03)


def test_decay_of_visible_protons_with_a_small_splitting():
    # 3 MeV would take 7.1 s, one second needs 4.4 MeV
    for splitting, seconds in ((3e-3, 7.1), (4.4e-3, 1.0)):
        ratio = phase_space(NUCLEON_SPLITTING / ELECTRON_MASS) / phase_space(splitting / ELECTRON_MASS)
        assert units.attach(NEUTRON_LIFETIME * ratio, "time").to_value("s") == pytest.approx(seconds, rel=0.05)


def test_dark_protons_that_never_were_in_equilibrium():
    # v' = 5 TeV: weak rates stop at some 50 MeV, ten times the splitting, where both nucleons are nearly as many
    far, splitting = 5000 / VEV, 5.6e-3
    electron = far * ELECTRON_MASS
    strength = dark_strength(far, electron)
    log_t = np.linspace(np.log(20.0), np.log(1e-3), 20001)
    middle = np.exp((log_t[1:] + log_t[:-1]) / 2)
    hubble = np.pi * np.sqrt(10.75 / 90) * (middle / 0.5) ** 2 / constants.REDUCED_PLANCK_MASS
    lost = born_rate(middle, splitting, electron, strength) / hubble * -np.diff(log_t)
    share = 0.5
    for hot, one in zip(middle, lost, strict=True):
        rest = 1 / (1 + np.exp(splitting / hot))
        share = rest + (share - rest) * np.exp(-one * (1 + np.exp(-splitting / hot)))
    found = remaining_protons(1e-3, splitting, electron, strength, RADIATION, 0.5)
    assert share > 0.47
    assert found == pytest.approx(share, rel=1e-3)  # where the package starts; a start at 3 splittings gives 0.43
