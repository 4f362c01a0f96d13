"""The record of daughters: immutable, a profile of its own, and convertible."""

import pickle
from dataclasses import FrozenInstanceError

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick.errors import InputError, UnitError

KPC, KMS = u.kpc, u.km / u.s


@pytest.fixture(scope="module")
def daughters():
    profile = hk.NFWProfile(r_s=1 * KPC, rho_s=5.3e7 * u.Msun / KPC**3)
    return hk.phase_mix(hk.ErgodicDF(hk.Halo(profile)), hk.FixedKick(20 * KMS), np.geomspace(1e-3, 20, 60) * KPC)


def test_density_between_the_nodes_equals_a_direct_solution(daughters):
    between = np.array([0.0123, 0.234, 3.45, 15.0]) * KPC
    df = hk.ErgodicDF(hk.Halo(daughters.parent))
    direct = hk.phase_mix(df, daughters.kick, between)
    # cubic spline of ln ratio, 14 nodes a decade
    np.testing.assert_allclose((daughters.density(between) / direct.total_density).to_value(""), 1, atol=2e-5)


def test_record_does_not_change(daughters):
    with pytest.raises(FrozenInstanceError):
        daughters.method = "other"
    with pytest.raises(TypeError):
        daughters.components["bound"] = 0
    with pytest.raises(ValueError, match="read-only"):
        daughters.components["bound"][0] = 0 * u.Msun / KPC**3


def test_record_survives_a_trip_to_another_process(daughters):
    copy = pickle.loads(pickle.dumps(daughters))
    assert copy.density(0.3 * KPC) == daughters.density(0.3 * KPC)


def test_mass_is_the_integral_of_the_density(daughters):
    x, w = np.polynomial.legendre.leggauss(200)
    log_r = np.log(1e-3) + 0.5 * (1 + x) * np.log(20 / 1e-3)
    r = np.exp(log_r) * KPC
    shells = 0.5 * w * np.log(20 / 1e-3) * 4 * np.pi * r**3 * daughters.density(r)
    gained = daughters.mass(20 * KPC) - daughters.mass(1e-3 * KPC)
    assert (gained / shells.sum()).to_value("") == pytest.approx(1, rel=1e-6)  # Gauss against Gauss


def test_galpy_potential_has_the_daughters_circular_speed(daughters):
    from galpy.potential import vcirc

    potential = daughters.to_galpy(share=0.5)
    for r in (0.01, 0.5, 10.0):
        ours = np.sqrt(0.5 * daughters.mass(r * KPC).value * 4.300917270e-6 / r)
        # galpy splines the force between 400 radii
        assert vcirc(potential, r / 8.0, use_physical=False) * 220 == pytest.approx(ours, rel=1e-4)


def test_daughters_are_a_profile_for_a_new_halo(daughters):
    profile = hk.as_profile(daughters)
    r = np.array([0.01, 0.1, 1.0]) * KPC
    ratio = (profile.density(r) / daughters.density(r)).to_value("")
    np.testing.assert_allclose(ratio, 1, rtol=1e-4)  # spline of ln rho through the table


def test_bad_radii_are_refused(daughters):
    with pytest.raises(UnitError, match="has no unit"):
        daughters.density(1.0)
    with pytest.raises(InputError, match="must be positive"):
        daughters.ratio(0 * KPC)
    with pytest.raises(InputError, match="share"):
        daughters.to_galpy(share=0)
