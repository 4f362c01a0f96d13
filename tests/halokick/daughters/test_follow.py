import astropy.units as u
import numpy as np
import pytest
from galpy.potential import LogarithmicHaloPotential, MiyamotoNagaiPotential, NFWPotential

from halokick.daughters.follow import follow_orbits, orbit_chunks
from halokick.daughters.followed import FollowedDaughters
from halokick.daughters.integrated import IntegratedChunks
from halokick.daughters.integration import RingBins
from halokick.daughters.orbit_chunks import OrbitChunks
from halokick.decay.kicks import FixedKick
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile, TruncatedProfile

SCALES = {"ro": 8.0, "vo": 220.0}
PROFILE = TruncatedProfile(NFWProfile(r_s=16 * u.kpc, rho_s=1e7 * u.Msun / u.kpc**3), r_t=200 * u.kpc)
KICK = FixedKick(50 * u.km / u.s)
BINS = np.geomspace(5, 100, 6) * u.kpc
DISK = MiyamotoNagaiPotential(amp=5e10 * u.Msun, a=3 * u.kpc, b=0.3 * u.kpc, **SCALES)


@pytest.fixture(scope="module")
def own():
    return ErgodicDF(Halo(PROFILE))


@pytest.fixture(scope="module")
def with_disk():
    return ErgodicDF(Halo(PROFILE, baryons=DISK))


def test_a_spherical_halo_takes_the_exact_path_and_a_disk_the_integrated_one(own, with_disk):
    assert isinstance(orbit_chunks(own, KICK, BINS, n=1000, seed=1), OrbitChunks)
    assert isinstance(orbit_chunks(with_disk, KICK, BINS, n=1000, seed=1), IntegratedChunks)


def test_spherical_galpy_potentials_take_the_exact_path():
    round_one = Halo(PROFILE, potential=NFWPotential(amp=1e12 * u.Msun, a=16 * u.kpc, **SCALES))
    assert isinstance(orbit_chunks(ErgodicDF(round_one), KICK, BINS, n=1000, seed=1), OrbitChunks)
    flat = LogarithmicHaloPotential(amp=(200 * u.km / u.s) ** 2, core=2 * u.kpc, q=0.8, **SCALES)
    flattened = Halo(PROFILE, potential=flat, energy_cut=300 * u.kpc)
    assert isinstance(orbit_chunks(ErgodicDF(flattened), KICK, BINS, n=1000, seed=1), IntegratedChunks)


@pytest.mark.parametrize(
    "asked",
    [{"control": True}, {"tolerance": 1e-5}, {"duration": 5 * u.Gyr}, {"samples": 2}, {"growth": "wechsler_2002"}],
)
def test_what_integration_alone_gives_asks_for_it(own, asked):
    assert isinstance(orbit_chunks(own, KICK, BINS, n=1000, seed=1, **asked), IntegratedChunks)
    with pytest.raises(InputError, match=f"path = 'exact' knows no {next(iter(asked))}"):
        orbit_chunks(own, KICK, BINS, n=1000, seed=1, path="exact", **asked)


def test_the_exact_path_can_be_asked_for_in_the_spherical_average_of_a_disk(with_disk):
    daughters = follow_orbits(with_disk, KICK, BINS, n=2000, seed=1, path="exact")
    assert not isinstance(daughters, FollowedDaughters)


def test_a_path_that_does_not_exist_is_refused(own):
    with pytest.raises(InputError, match="path = 'fast'; allowed are 'auto', 'exact', 'integrated'"):
        follow_orbits(own, KICK, BINS, n=1000, seed=1, path="fast")


def test_progress_counts_chunks(with_disk):
    seen = []
    edges = np.linspace(0, 100, 5) * u.kpc
    daughters = follow_orbits(
        with_disk, KICK, BINS, n=2000, seed=1, duration=1 * u.Gyr, sampling="mass", grid=RingBins(edges, edges),
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert seen == [(1, 1)]
    assert isinstance(daughters, FollowedDaughters)
    assert daughters.grid.cell_density.shape == (4, 4)
