"""Errors of steps that are estimated against errors that were made."""

import astropy.units as u
import numpy as np
import pytest

import halokick as hk
from halokick import constants
from halokick.errors import InputError
from halokick.live.orbit_iteration import orbit_iteration
from halokick.live.orbit_steps import step_error
from halokick.live.start import live_start


@pytest.fixture(scope="module")
def halo():
    profile = hk.NFWProfile(r_s=1 * u.kpc, rho_s=1 / (4 * np.pi * constants.G) * u.Msun / u.kpc**3)
    df = hk.ErgodicDF(hk.Halo(hk.TruncatedProfile(profile, r_t=10 * u.kpc)))
    return df, live_start(df, hk.FixedKick(0.6 * u.km / u.s), 8192, 1)


def test_estimate_is_the_error_that_was_made(halo):
    df, start = halo
    settings = {"times": [270.0], "lifetime": 135.0, "tolerance": 2e-4}
    estimate = step_error(start, df, steps=4, every=2, **settings)[0]
    rough, fine = (orbit_iteration(start, df, steps=steps, **settings) for steps in (4, 16))
    made = np.log(rough.moments[0].total.enclosed / fine.moments[0].total.enclosed)
    at = np.searchsorted(fine.edges, [1, 3, 8, 20])
    # steps of half a lifetime, and of a whole one: errors still fall faster than with the square, so it is rather high
    assert np.all(made[at] > 0.003)
    assert np.all((estimate[at] > 0.7 * made[at]) & (estimate[at] < 3 * made[at]))
    assert np.all(estimate[fine.edges < 0.01] == 0)


def test_more_steps_have_a_smaller_error(halo):
    df, start = halo
    settings = {"times": [270.0], "lifetime": 270.0, "tolerance": 2e-4}
    # single orbits at 100 inside: 1 per cent of noise in the difference, a third of that in the estimate
    assert np.max(np.abs(step_error(start, df, steps=16, every=2, **settings))) < 4e-3


def test_wrong_arguments_are_refused(halo):
    df, start = halo
    for wrong in ({"steps": 3}, {"steps": 0}, {"every": 0}, {"every": 100}):
        with pytest.raises(InputError):
            step_error(start, df, times=[1.0], lifetime=1.0, **wrong)
