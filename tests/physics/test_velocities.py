"""Velocity moments with closed forms, and a peer's approximation for the share that escapes."""

from itertools import pairwise

import astropy.units as u
import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import erf

import halokick as hk
from halokick import constants
from halokick.kernels.kick import bound_share

KPC, KMS = u.kpc, u.km / u.s


def test_p_wave_over_s_wave_of_a_whole_hernquist_halo():
    # <v_rel^2> = 6 sigma^2 for an isotropic distribution; over the whole halo J_p / J_s = G M / (2 a c^2)
    rho_s, a = 1e8, 2.0
    df = hk.ErgodicDF(hk.Halo(hk.HernquistProfile(r_s=a * KPC, rho_s=rho_s * u.Msun / KPC**3)))
    x, w = np.polynomial.legendre.leggauss(160)
    log_r = np.log(a) + 16 * x
    r = np.exp(log_r) * KPC
    shells = w * r.value**3 * df.profile.density(r).value ** 2
    sigma2 = df.velocity_dispersion(r).to_value(KMS) ** 2
    ratio = np.sum(shells * 6 * sigma2) / np.sum(shells) / constants.SPEED_OF_LIGHT**2
    mass = 2 * np.pi * rho_s * a**3
    closed = constants.G * mass / (2 * a * constants.SPEED_OF_LIGHT**2)
    assert ratio == pytest.approx(closed, rel=1e-6)  # r^3 rho^2 is cut at e^-16 scale radii: 1e-7


def test_isotropic_parents_have_the_dispersion_of_their_speed_distribution():
    df = hk.ErgodicDF(hk.Halo(hk.NFWProfile(r_s=1 * KPC, rho_s=5.3e7 * u.Msun / KPC**3)))
    x, w = np.polynomial.legendre.leggauss(120)
    top = df.halo.escape_speed(0.3 * KPC)
    speed = 0.5 * (1 + x) * top
    p = df.speed_distribution(0.3 * KPC, speed)
    mean_square = np.sum(0.5 * w * top * p * speed**2)
    assert np.sqrt(mean_square / 3).to_value(KMS) == pytest.approx(
        df.velocity_dispersion(0.3 * KPC).to_value(KMS), rel=1e-8
    )  # Gauss against the smooth upper end of f


# share of daughters kept, |v + v_k| < v_esc, parents Maxwellian cut at v_esc = 60 km/s with <v^2> = 3 (20 km/s)^2
KEPT = {
    1: 0.998459,
    10: 0.976976,
    20: 0.928903,
    30: 0.842421,
    40: 0.710586,
    60: 0.365327,
    80: 0.102871,
    100: 0.011815,
}


@pytest.mark.parametrize("kick", KEPT)
def test_share_kept_of_a_cut_maxwellian(kick):
    escape, sigma = 60.0, 20.0

    def mean_square(scale):
        z = escape / (np.sqrt(2) * scale)
        norm = erf(z) - 2 / np.sqrt(np.pi) * z * np.exp(-z * z)
        return scale**2 * (3 - 4 / np.sqrt(np.pi) * z**3 * np.exp(-z * z) / norm) - 3 * sigma**2

    scale = brentq(mean_square, sigma, 3 * sigma)
    # the kink where escape begins splits the range
    edges = [0.0, abs(escape - kick), escape] if kick < 2 * escape else [0.0, escape]
    x, w = np.polynomial.legendre.leggauss(60)
    kept = total = 0.0
    for low, high in pairwise(edges):
        v = low + 0.5 * (high - low) * (1 + x)
        weight = 0.5 * (high - low) * w * v**2 * np.exp(-0.5 * (v / scale) ** 2)
        total += np.sum(weight)
        kept += np.sum(weight * [bound_share(0.5 * escape**2, value, float(kick)) for value in v])
    assert kept / total == pytest.approx(KEPT[kick], abs=6e-7)  # six decimals
