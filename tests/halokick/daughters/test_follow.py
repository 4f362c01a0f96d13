import astropy.units as u
import numpy as np
import pytest
from galpy.potential import LogarithmicHaloPotential, MiyamotoNagaiPotential, NFWPotential

from halokick.daughters.follow import FollowTogether, follow_orbits, orbit_chunks
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


@pytest.mark.parametrize("grown", [{}, {"growth": lambda t: 1 + float(t / (4 * u.Gyr))}])
def test_kicks_that_are_followed_together_share_the_control_and_keep_their_answers(grown):
    kicks = (FixedKick(150 * u.km / u.s), FixedKick(40 * u.km / u.s))
    df = ErgodicDF(Halo(NFWProfile(r_s=16 * u.kpc, rho_s=9e6 * u.Msun / u.kpc**3)))
    bins = np.geomspace(2, 60, 7) * u.kpc
    arguments = {"n": 3000, "seed": 1, "path": "integrated", "sampling": "mass", "tolerance": 1e-4}
    arguments |= {"duration": 1 * u.Gyr} | grown
    together = FollowTogether(kicks)
    found = [together(df, kick, bins, **arguments) for kick in kicks]
    alone = [follow_orbits(df, kick, bins, **arguments) for kick in kicks]
    assert np.array_equal(found[0].control, found[1].control)
    chunks = [orbit_chunks(df, kick, bins, together=kicks, **arguments) for kick in kicks]
    steps = [one._orbits.prepare() for one in chunks]
    # one tolerance, the strictest of the two alone
    assert steps[0] == steps[1] == min(orbit_chunks(df, one, bins, **arguments)._orbits.prepare() for one in kicks)
    sums = [[one.sums(i)[0] for i in range(len(one))] for one in chunks]
    assert np.any(sums[0][0].control > 0)
    assert not np.any(sums[1][0].control)
    with pytest.raises(InputError, match="followed with 150 km/s; give the sums of that kick"):
        chunks[1].daughters(sums[1])
    for ours, theirs in zip(found, alone, strict=True):
        # the same decays with other steps, and so counted at other places of their orbits, which is a part of the
        # errors: measured 0.7 of them; other decays would be 1.4 apart
        apart = (ours.kick_ratio - theirs.kick_ratio) / theirs.kick_ratio_error
        assert np.sqrt(np.mean(apart**2)) < 1
        assert ours.bound_fraction == pytest.approx(theirs.bound_fraction, rel=0.01 if grown else 1e-12)
        np.testing.assert_allclose(ours.kick_ratio, (ours.density(ours.radius) / ours.control).to_value(""), rtol=1e-9)


def test_kicks_that_are_followed_together_include_the_one_that_is(own):
    with pytest.raises(InputError, match="does not hold kick"):
        orbit_chunks(own, KICK, BINS, n=2000, seed=1, path="integrated", together=(FixedKick(9 * u.km / u.s),))


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
