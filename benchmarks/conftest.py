"""Objects that every benchmark shares; kernels are compiled here, so that no benchmark times the compiler."""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk


@pytest.fixture(scope="session")
def profile():
    """Halo of Fig. 3 of Hardy, Lasenby & Unwin (2014)."""
    return hk.ZhaoProfile(gamma=1.2, r_s=20 * u.kpc, rho_s=6.911e6 * u.Msun / u.kpc**3)


@pytest.fixture(scope="session")
def parents(profile):
    """Its distribution function, every kernel warm."""
    df = hk.ErgodicDF(hk.Halo(profile))
    kick = hk.FixedKick(100 * u.km / u.s)
    radii = np.geomspace(1, 10, 4) * u.kpc
    hk.phase_mix(df, kick, radii)
    hk.phase_mix_ergodic(df, kick, radii)
    df.sample(1000, seed=1, within=250 * u.kpc)
    hk.follow_orbits(df, kick, n=20_000, seed=1)
    return df
