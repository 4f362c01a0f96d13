"""Numbers, lists and things of another kind where one radius, parents, a kick or a history belongs: one clear error."""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick.errors import InputError

KPC, KMS = u.kpc, u.km / u.s
KICK = hk.FixedKick(50 * KMS)
RADII = np.geomspace(0.1, 100, 5) * KPC


@pytest.fixture(scope="module")
def df():
    return hk.ErgodicDF(hk.Halo(hk.NFWProfile(r_s=20 * KPC, rho_s=6.9e6 * u.Msun / KPC**3)))


@pytest.mark.parametrize("bad", [-5 * KPC, 0 * KPC, [1, 2] * KPC, [] * KPC, 1e-300 * KPC, 1e300 * KPC], ids=str)
def test_one_radius_inside_the_tables_is_needed(df, bad):
    history = hk.DecayHistory("20 Gyr")
    for call in (
        lambda: hk.phase_mix(df, KICK, RADII, within=bad),
        lambda: hk.phase_mix(df, KICK, RADII, outer_cut=bad),
        # beyond the tables a share of 1 came back here, whatever the kick
        lambda: hk.bound_fraction(df, KICK, 10 * KPC, outer_cut=bad),
        lambda: hk.speed_distribution(df, KICK, bad, [10, 20] * KMS),
        lambda: hk.speed_distribution(df, KICK, 8 * KPC, [10, 20] * KMS, outer_cut=bad),
        lambda: hk.stream_density(df, KICK, [1, 2] * KPC, bad),
        lambda: hk.with_streaming(hk.phase_mix(df, KICK, RADII), df, history, bad),
        lambda: hk.Halo(df.profile, energy_cut=bad),
    ):
        with pytest.raises(InputError):
            call()


@pytest.mark.parametrize("bad", [-5 * KPC, 0 * KPC, [1, -2] * KPC, 1e300 * KPC], ids=str)
def test_bound_share_is_asked_inside_the_tables(df, bad):
    with pytest.raises(InputError, match="within = "):
        hk.bound_fraction(df, KICK, bad)


def test_speeds_where_there_is_no_daughter_are_refused(df):
    with pytest.raises(InputError, match="no bound daughter"):
        hk.speed_distribution(df, KICK, 8 * KPC, [10, 20] * KMS, outer_cut=5 * KPC)
    with pytest.raises(InputError, match="no bound daughter"):
        hk.speed_distribution(df, hk.FixedKick(5000 * KMS), 8 * KPC, [10, 20] * KMS)
    with pytest.raises(InputError, match="list of speeds"):
        hk.speed_distribution(df, KICK, 8 * KPC, [[10, 20], [30, 40]] * KMS)


@pytest.mark.parametrize("bad", [None, 1, "halo"])
def test_parents_are_a_distribution_and_kicks_a_law(df, bad):
    for call in (
        lambda: hk.phase_mix(bad, KICK),
        lambda: hk.bound_fraction(bad, KICK, 10 * KPC),
        lambda: hk.follow_orbits(bad, KICK, n=100, seed=1),
        lambda: hk.speed_distribution(bad, KICK, 8 * KPC, [10, 20] * KMS),
        lambda: hk.stream_density(bad, KICK, [1, 2] * KPC, 100 * KPC),
    ):
        with pytest.raises(InputError, match="ErgodicDF"):
            call()
    for call in (lambda: hk.bound_fraction(df, bad, 10 * KPC), lambda: hk.follow_orbits(df, bad, n=100, seed=1)):
        with pytest.raises(InputError, match="kick distribution"):
            call()


@pytest.mark.parametrize("bad", [None, 1.0, "20 Gyr"])
def test_what_is_added_knows_when_decays_happen(df, bad):
    daughters = hk.phase_mix(df, KICK, RADII)
    with pytest.raises(InputError, match="DecayHistory"):
        hk.with_streaming(daughters, df, bad, 200 * KPC)
    with pytest.raises(InputError, match="EarlyCapture"):
        hk.with_early_capture(daughters, bad)
    with pytest.raises(InputError, match="share = "):
        daughters.to_galpy([0.1, 0.2])
