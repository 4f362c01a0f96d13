"""Do yields, densities and asymmetries turn into each other, with the published factors?"""

import numpy as np
import pytest
from astropy import units as u

from cosmology import constants, relic
from cosmology.errors import InputError, UnitError


def test_yield_times_mass_of_all_dark_matter():
    # s_0 and rho_c of the Particle Data Group: m Y = 4.373e-10 GeV for 0.12, four digits
    assert relic.total_yield("1 GeV") == pytest.approx(4.373e-10, rel=2e-4)
    # the same as Omega h^2 = 2.744e8 m Y/GeV
    assert relic.omega_h2("1 GeV", 1.0) == pytest.approx(2.744e8, rel=2e-4)


def test_baryon_yield_from_baryons_per_photon():
    assert relic.asymmetry_from_eta(6.12e-10) == pytest.approx(8.69e-11, rel=1e-3)  # three digits
    assert pytest.approx(7.039, rel=1e-4) == relic.ENTROPY_PER_PHOTON
    assert relic.eta_from_asymmetry(relic.asymmetry_from_eta([-1e-10, 6e-10])) == pytest.approx(
        [-1e-10, 6e-10], rel=1e-14
    )


def test_baryons_make_their_own_density():
    # eta_B was derived from Omega_b h^2 by the Particle Data Group; helium's binding is 0.2 per cent
    assert relic.omega_h2(constants.PROTON_MASS * u.GeV, constants.BARYON_YIELD) == pytest.approx(0.02237, rel=3e-3)


def test_the_inverses():
    mass = [0.5, 5, 500] * u.GeV
    total = relic.total_yield(mass, share=0.3)
    assert relic.omega_h2(mass, total) == pytest.approx([0.036] * 3, rel=1e-14)  # rounding
    for ratio in (0.0, 0.01, 0.99):
        asymmetry = relic.asymmetry_from_total_yield(total, ratio)
        assert relic.total_yield_from_asymmetry(asymmetry, ratio) == pytest.approx(total, rel=1e-13)
        back = relic.mass_from_asymmetry(asymmetry, ratio=ratio, share=0.3)
        assert back.to_value("GeV") == pytest.approx(mass.value, rel=1e-13)
    assert relic.asymmetry_from_total_yield(1e-10, 1.0) == 0


def test_dark_matter_per_baryon():
    # five times the proton's mass; Planck's ratio with Omega_b h^2 = 0.0224 is 5.357
    assert relic.baryon_density_ratio(5).to_value("GeV") == pytest.approx(4.69, abs=5e-3)
    assert relic.baryon_density_ratio(0.120 / 0.0224).to_value("GeV") / 2 == pytest.approx(2.51, abs=5e-3)


def test_refusals():
    for call in (
        lambda: relic.omega_h2("1 GeV", -1e-10),
        lambda: relic.omega_h2("0 GeV", 1e-10),
        lambda: relic.total_yield("1 GeV", share=-0.1),
        lambda: relic.total_yield("1 GeV", omega_h2=np.nan),
        lambda: relic.total_yield_from_asymmetry(1e-10, 1.0),
        lambda: relic.mass_from_asymmetry(0.0),
        lambda: relic.asymmetry_from_total_yield(1e-10, 1.1),
    ):
        with pytest.raises(InputError):
            call()
    with pytest.raises(UnitError):
        relic.omega_h2(1.0, 1e-10)
