import astropy.units as u
import numpy as np
import pytest

from halokick.daughters import orbit_chunks
from halokick.daughters.follow import follow_orbits
from halokick.daughters.orbit_chunks import OrbitChunks
from halokick.daughters.orbits import CHUNK
from halokick.decay.kicks import FixedKick
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile

# three chunks, the last one not full
N, SEED = 2 * CHUNK + 1000, 5
BINS = np.geomspace(0.1, 100, 13) * u.kpc


@pytest.fixture(scope="module")
def df():
    return ErgodicDF(Halo(NFWProfile(r_s=20 * u.kpc, rho_s=7e6 * u.Msun / u.kpc**3)))


def same(first, second):
    assert np.array_equal(first.density(first.radius), second.density(second.radius))
    assert np.array_equal(first.error_density, second.error_density)
    assert np.array_equal(first.bound_at_birth, second.bound_at_birth)
    assert first.bound_fraction == second.bound_fraction
    assert str(first.settings) == str(second.settings)


def test_chunks_followed_backwards_by_different_objects_give_what_follow_orbits_gives(df):
    kick = FixedKick(109 * u.km / u.s)
    found = {}
    for chunk in (2, 0, 1):
        found[chunk], level = OrbitChunks(df, kick, BINS, n=N, seed=SEED).sums(chunk)
        assert level == 0
    chunks = OrbitChunks(df, kick, BINS, n=N, seed=SEED)
    assert len(chunks) == 3
    same(chunks.daughters([found[i] for i in range(3)]), follow_orbits(df, kick, BINS, n=N, seed=SEED))


def test_wider_envelope_is_that_which_follow_orbits_would_have_taken(df, monkeypatch):
    kick = FixedKick(109 * u.km / u.s)
    chunks = OrbitChunks(df, kick, BINS, n=2000, seed=SEED)
    sums, level = chunks.sums(0, level=1)
    assert level == 1
    monkeypatch.setattr(orbit_chunks, "WIDER", orbit_chunks.WIDER[1:])
    same(chunks.daughters([sums]), follow_orbits(df, kick, BINS, n=2000, seed=SEED))


def test_chunk_that_is_not_there_and_missing_sums_are_refused(df):
    chunks = OrbitChunks(df, FixedKick(109 * u.km / u.s), BINS, n=2000, seed=SEED)
    with pytest.raises(InputError, match="chunks 0 to 0"):
        chunks.sums(1)
    with pytest.raises(InputError, match="sums of 0 chunks; the 2000 decays have 1"):
        chunks.daughters([])
