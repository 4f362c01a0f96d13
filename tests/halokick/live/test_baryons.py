import astropy.units as u
import numpy as np
import pytest
from galpy.potential import HernquistPotential, MiyamotoNagaiPotential

from halokick import constants
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile, TruncatedProfile
from halokick.live.baryons import fixed_gm, parents_with

KPC, MSUN = u.kpc, u.Msun
PROFILE = TruncatedProfile(NFWProfile(r_s=20 * KPC, rho_s=5e6 * MSUN / KPC**3), r_t=200 * KPC)
SCALES = {"ro": 8 * KPC, "vo": 220 * u.km / u.s}
BULGE = HernquistPotential(amp=2 * 1e10 * MSUN, a=1 * KPC, **SCALES)
DISK = MiyamotoNagaiPotential(amp=5e10 * MSUN, a=3 * KPC, b=0.3 * KPC, **SCALES)


@pytest.fixture(scope="module")
def bare():
    return ErgodicDF(Halo(PROFILE))


@pytest.fixture(scope="module")
def dressed(bare):
    return parents_with(bare, [BULGE, DISK])


def test_parents_keep_their_density_in_the_common_potential(bare, dressed):
    r = np.geomspace(0.1, 300, 30) * KPC
    # of the inversion
    np.testing.assert_allclose(dressed.density(r), bare.profile.density(r), rtol=1e-6)
    assert dressed.halo.escape_speed(1 * KPC) > bare.halo.escape_speed(1 * KPC)


def test_mass_of_a_bulge_is_exact(bare):
    r = np.geomspace(1e-3, 1e3, 40) * KPC
    exact = 1e10 * r.value**2 / (r.value + 1) ** 2
    # galpy's own constants against ours, 1e-5 or so
    np.testing.assert_allclose(fixed_gm(parents_with(bare, BULGE).halo, r) / constants.G, exact, rtol=1e-4)


def test_a_disk_is_averaged_over_the_sphere(dressed):
    # far away all of it is inside
    far = fixed_gm(dressed.halo, 5e3 * KPC) / constants.G
    assert float(far) == pytest.approx(6e10, rel=2e-3)


def test_no_baryons_no_mass(bare):
    np.testing.assert_array_equal(fixed_gm(bare.halo, [1, 10] * KPC), 0)
    assert parents_with(bare, None) is bare


def test_what_cannot_be_live_is_refused(dressed):
    with pytest.raises(InputError, match="baryons already"):
        parents_with(dressed, BULGE)
    with pytest.raises(InputError, match="which part of it follows"):
        parents_with(ErgodicDF(Halo(PROFILE, potential=BULGE)), None)
    with pytest.raises(InputError, match="TruncatedProfile"):
        parents_with(ErgodicDF(Halo(NFWProfile(r_s=20 * KPC, rho_s=5e6 * MSUN / KPC**3), energy_cut=200 * KPC)), None)
    with pytest.raises(InputError, match="ErgodicDF"):
        parents_with(PROFILE, None)
