"""Semi-classical phases against exact ones, the Born limit and a classical deflection."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from cosmology import partial_waves as pw
from cosmology import semiclassical_phases as sc


@pytest.mark.parametrize(("strength", "sign"), [(0.01, 1), (10.0, -1), (10.0, 1), (300.0, -1), (300.0, 1)])
def test_phases_against_the_radial_equation(strength, sign):
    kappa, waves = 25.0, np.array([0, 1, 5, 20, 80])
    off = sc.semiclassical_phases(kappa, strength, sign, waves) - pw.phase_shifts(kappa, strength, sign, waves)
    off = (off + 0.5 * np.pi) % np.pi - 0.5 * np.pi
    assert np.max(np.abs(off)) < 2e-3 * min(1.0, strength)  # next order in 1/kappa


@pytest.mark.parametrize(("strength", "sign"), [(0.1, 1), (10.0, 1), (10.0, -1), (1000.0, 1), (1000.0, -1)])
def test_cross_section_against_exact_phases(strength, sign):
    ratio = sc.semiclassical_transfer(20.0, strength, sign) / pw.partial_wave_transfer(20.0, strength, sign)
    assert ratio == pytest.approx(1, abs=1e-3)  # what `YukawaScattering.transfer` says of the range where it mixes them


def test_weak_potentials_give_born():
    assert sc.semiclassical_transfer(300.0, 0.01, -1) / float(pw.born_transfer(300.0, 0.01)) == pytest.approx(
        1, abs=1e-4
    )


def test_classical_scattering():
    # Repulsive, alpha/v of 50: sigma_T = 2 pi int (1 - cos theta) p dp with the deflection of Newton's orbits
    kappa, strength = 100.0, 1e4

    def deflection(p):
        closest = brentq(lambda y: y**2 - strength / kappa**2 * y * np.exp(-y) - p**2, p, p + 20)

        def integrand(t):  # u = 1/y = (1 - t^2)/closest
            y = closest / (1 - t**2) if t < 1 else np.inf
            potential = 0.0 if t == 1 else strength / kappa**2 * np.exp(-y) / y
            return 2 * t / closest / np.sqrt(max(1 - potential - (p / y) ** 2, 1e-300))

        return np.pi - 2 * p * quad(integrand, 0, 1, epsrel=1e-9, limit=200)[0]

    p, w = np.polynomial.legendre.leggauss(60)
    p, w = 4 * (1 + p), 4 * w
    wanted = 2 * np.pi * np.sum(w * p * [1 - np.cos(deflection(each)) for each in p])
    assert sc.semiclassical_transfer(kappa, strength, -1) == pytest.approx(wanted, rel=1e-3)  # 1/kappa, and b > 8/m_V
