"""Do light decay products leave the published abundances, and is the user warned of too many?"""

import warnings

import pytest

from cosmology.degrees_of_freedom import ConstantDegreesOfFreedom
from cosmology.errors import InputError
from cosmology.light_relic import OverabundantRelicWarning, light_relic

IDEAL = ConstantDegreesOfFreedom(106.75)


def test_abundance_and_dark_radiation_of_one_majorana_particle():
    # decoupling at 3 TeV: 0.0275 per photon and 0.0469 neutrinos; at 50 GeV: 0.0557
    early = light_relic("0 GeV", "3 TeV", g_star=IDEAL)
    assert early.per_photon == pytest.approx(0.0275, abs=6e-5)
    assert early.delta_n_eff == pytest.approx(0.0469, abs=6e-5)
    assert light_relic("0 GeV", "50 GeV", g_star="borsanyi").delta_n_eff == pytest.approx(0.0557, abs=6e-5)
    assert light_relic("0 GeV", "3 TeV", species=2, g_star=IDEAL).delta_n_eff == pytest.approx(2 * early.delta_n_eff)


def test_a_neutrino_is_one_neutrino():
    # g_s = 10.75 at decoupling: Delta N_eff = 1, 3/11 of the photons, 93.14 eV for Omega h^2 = 1
    one = light_relic("0.01 eV", "2 MeV", g_star=ConstantDegreesOfFreedom(10.75))
    assert one.delta_n_eff == pytest.approx(1, rel=1e-12)
    assert one.per_photon == pytest.approx(3 / 11, rel=1e-12)
    assert one.omega_h2 == pytest.approx(0.01 / 93.14, rel=1e-12)


def test_stable_mev_particles_overclose_and_that_is_said():
    with pytest.warns(OverabundantRelicWarning, match="decay or annihilate"):
        heavy = light_relic("1 MeV", "3 TeV", g_star=IDEAL)
    assert heavy.omega_h2 == pytest.approx(1081, rel=1e-3)  # four digits
    # below 111 eV they are less than all dark matter
    with pytest.warns(OverabundantRelicWarning, match="111 eV"):
        light_relic("112 eV", "3 TeV", g_star=IDEAL)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert light_relic("110.9 eV", "3 TeV", g_star=IDEAL).omega_h2 < 0.12


def test_refusals():
    with pytest.raises(InputError):
        light_relic("-1 eV", "3 TeV")
    with pytest.raises(InputError):
        light_relic("1 eV", "3 TeV", species=0)
