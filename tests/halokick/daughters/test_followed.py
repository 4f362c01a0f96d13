"""The record of followed daughters: read-only, told in words, and kept by pickle."""

import pickle
from dataclasses import replace

import astropy.units as u
import numpy as np
import pytest

import halokick as hk

KPC = u.kpc
PROFILE = hk.NFWProfile(r_s=16 * KPC, rho_s=1e7 * u.Msun / KPC**3)
RADIUS = np.array([1.0, 10.0, 100.0]) * KPC
DENSITY = PROFILE.density(RADIUS)
ERRORS = {
    "tolerance": 1e-6, "judged_by": "energy", "judged": 900, "median": 1e-8, "p99": 2e-7, "worst": 8e-7,
    "followed": 900, "repeated": 3,
}  # fmt: skip


@pytest.fixture
def followed():
    return hk.FollowedDaughters(
        method="orbits",
        parent=PROFILE,
        kick=hk.FixedKick(50 * u.km / u.s),
        radius=RADIUS.copy(),
        components={"bound": 0.8 * DENSITY},
        error_density=0.01 * DENSITY,
        dispersion={"radial": np.full(3, 90.0) * u.km / u.s, "tangential": np.full(3, 80.0) * u.km / u.s},
        bound_at_birth=np.array([1.0, 0.9, 0.8]),
        bound_fraction=0.9,
        reference_radius=160 * KPC,
        control=np.array([1.0, 1.1, 0.98]) * DENSITY,
        control_error=np.array([0.2, 0.01, 0.02]) * DENSITY,
        kick_ratio=np.array([0.8, 0.73, 0.82]),
        kick_ratio_error=np.array([0.1, 0.01, 0.01]),
        energy_error=ERRORS,
        failed={"daughter: too many steps": (3, 7)},
        force_field={"way": "kernel"},
    )


def test_it_is_a_profile_like_all_daughters(followed):
    np.testing.assert_allclose(followed.ratio(RADIUS), 0.8, rtol=1e-12)
    assert isinstance(followed, hk.Daughters)


def test_the_report_tells_errors_losses_and_the_clearest_drift(followed):
    energy, lost, drift = followed.report()
    assert energy == (
        "energy after the whole time: off by 1.0e-08 (median), 2.0e-07 (99 %), 8.0e-07 (worst); "
        "3 of 900 were followed again"
    )
    assert lost == "left out, daughter: too many steps: 2"
    # 10 +- 1 per cent is clearer than 0 +- 20 or -2 +- 2
    assert "drift by 2.0% (median over radii)" in drift
    assert "+10.0% +- 0.9% at 10 kpc" in drift


@pytest.mark.parametrize(
    ("judged_by", "first", "last"),
    [
        ("jacobi", "Jacobi's integral after", "drift by"),
        ("smaller steps", "smaller steps for 900 daughters", "changed"),
    ],
)
def test_the_report_says_what_the_errors_are_of(followed, judged_by, first, last):
    lines = replace(followed, energy_error=ERRORS | {"judged_by": judged_by}).report()
    assert first in lines[0]
    assert last in lines[-1]


def test_without_a_control_nothing_is_said_of_drift(followed):
    alone = replace(followed, control=None, control_error=None, kick_ratio=None, kick_ratio_error=None)
    assert len(alone.report()) == 2


def test_arrays_and_mappings_are_read_only_also_after_pickling(followed):
    back = pickle.loads(pickle.dumps(followed))
    for one in (followed, back):
        for array in (one.control, one.control_error, one.kick_ratio, one.kick_ratio_error):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0 * array[0]
        for mapping in (one.energy_error, one.failed, one.force_field):
            with pytest.raises(TypeError):
                mapping["new"] = 1
    np.testing.assert_array_equal(back.kick_ratio, followed.kick_ratio)
    assert back.failed == followed.failed
    assert dict(back.energy_error) == ERRORS
