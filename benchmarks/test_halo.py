"""Eddington inversion and sampling, beside galpy's."""

import astropy.units as u
import numpy as np
import pytest
from galpy.df import eddingtondf
from galpy.potential import TwoPowerSphericalPotential

import halokick as hk

SAMPLES = 200_000

# galpy evaluates its potential at infinity, and its optional library is not in the wheel
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning", "ignore:libgalpy")


@pytest.fixture(scope="module")
def peer(profile):
    """galpy's isotropic Eddington distribution of the same density, to 250 kpc."""
    amplitude = 4 * np.pi * profile.rho_s * profile.r_s**3
    potential = TwoPowerSphericalPotential(amp=amplitude, a=profile.r_s, alpha=1.2, beta=3.0, ro=8.0, vo=220.0)
    df = eddingtondf(pot=potential, rmax=250 * u.kpc, ro=8.0, vo=220.0)
    df.sample(n=100)
    return df


@pytest.mark.benchmark(group="eddington")
def test_eddington_tables(benchmark, profile, parents):
    halo = hk.Halo(profile)
    benchmark(hk.ErgodicDF, halo)


@pytest.mark.benchmark(group="sampling")
def test_sampling_here(benchmark, parents):
    benchmark.extra_info["samples"] = SAMPLES
    benchmark(parents.sample, SAMPLES, seed=2, within=250 * u.kpc)


@pytest.mark.benchmark(group="sampling")
def test_sampling_galpy(benchmark, peer):
    benchmark.extra_info["samples"] = SAMPLES
    benchmark.pedantic(peer.sample, kwargs={"n": SAMPLES}, rounds=3)
