"""Where do perturbation theory and unitarity end?"""

import numpy as np
import pytest
from astropy import constants as si
from astropy import units as u

from cosmology.errors import InputError
from cosmology.limits import PerturbativeAnnihilation, PerturbativeCoupling, SWaveUnitarity


def test_cross_section_and_coupling_at_alpha_one():
    # 3.67e-19 cm^3/s at 10 GeV, three digits; lambda = sqrt(4 pi) = 3.545
    assert PerturbativeAnnihilation().bound(mass="10 GeV").to_value("cm3/s") == pytest.approx(3.67e-19, rel=2e-3)
    assert PerturbativeCoupling().bound().to_value("") == pytest.approx(np.sqrt(4 * np.pi), rel=1e-14)
    assert PerturbativeCoupling().check(coupling=-3.6).excluded
    assert PerturbativeCoupling().check(coupling=3.5).satisfied


def test_unitarity_is_0_049_barn_at_ten_gev():
    bound = SWaveUnitarity().bound(mass="10 GeV", velocity=1e-3 * si.c)
    assert (bound / si.c).to_value("barn") == pytest.approx(0.049, abs=5e-4)  # printed digits
    assert SWaveUnitarity().check(sigma_v=2 * bound, mass="10 GeV", velocity=1e-3 * si.c).excluded


def test_perturbative_annihilation_keeps_unitarity_at_small_speeds():
    # pi/m^2 against 4 pi/(m^2 v): below it for v < 4
    assert PerturbativeAnnihilation().check(sigma_v=1e-20 * u.cm**3 / u.s, mass="10 GeV").satisfied
    ratio = PerturbativeAnnihilation().bound(mass="3 GeV") / SWaveUnitarity().bound(mass="3 GeV", velocity=0.1 * si.c)
    assert ratio.to_value("") == pytest.approx(0.1 / 4, rel=1e-6)  # constants


def test_light_and_nonsense_are_refused():
    with pytest.raises(InputError, match="speed of light"):
        SWaveUnitarity().bound(mass="10 GeV", velocity="4e5 km/s")
    with pytest.raises(InputError, match="coupling"):
        PerturbativeCoupling().check(coupling=float("nan"))
