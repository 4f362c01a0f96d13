"""Yukawa phase shifts against the variable-phase equation, the Born limit and the first zero-energy resonance."""

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.special import spherical_jn, spherical_yn

from cosmology import partial_waves as pw
from cosmology.errors import InputError


def variable_phase(kappa, strength, sign, wave):
    """Calogero's equation, delta' = -(U/k) [cos(delta) z j_l - sin(delta) z y_l]^2, integrated from the centre."""

    def slope(y, delta):
        z = kappa * y
        j, n = z * spherical_jn(wave, z), z * spherical_yn(wave, z)
        return sign * strength * np.exp(-y) / y / kappa * (np.cos(delta) * j - np.sin(delta) * n) ** 2

    start = 1e-4 / kappa if wave else 1e-9
    run = solve_ivp(slope, (start, 34.0), [0.0], method="LSODA", rtol=1e-11, atol=1e-15)
    return run.y[0, -1]


@pytest.mark.parametrize(
    ("kappa", "strength", "sign", "wave"),
    [
        (0.05, 2.0, 1, 0),
        (0.05, 2.0, -1, 0),
        (1.65, 20.0, 1, 0),
        (1.65, 20.0, 1, 3),
        (1.65, 20.0, -1, 2),
        (5.0, 3.0, -1, 4),
        (5.0, 0.1, 1, 7),
    ],
)
def test_phases_against_the_variable_phase_equation(kappa, strength, sign, wave):
    wanted = variable_phase(kappa, strength, sign, wave)
    found = pw.phase_shifts(kappa, strength, sign, np.array([wave]))[0]
    off = (found - wanted + 0.5 * np.pi) % np.pi - 0.5 * np.pi
    assert abs(off) < 1e-7 * max(abs(wanted), 0.01)  # the variable-phase solution's own error


@pytest.mark.parametrize(
    ("kappa", "strength", "sign"), [(0.3, 300.0, 1), (0.01, 5e4, 1), (12.0, 40.0, -1), (3.0, 1e3, 1)]
)
def test_phases_do_not_depend_on_the_panels(kappa, strength, sign, monkeypatch):
    waves = np.arange(pw.wave_count(kappa, strength))
    coarse = pw.phase_shifts(kappa, strength, sign, waves)
    monkeypatch.setattr(pw, "_PHASE_PER_PANEL", 2.0)
    monkeypatch.setattr(pw, "_LONGEST_PANEL", 0.25)
    monkeypatch.setattr(pw, "_DEEP", 16.0)
    fine = pw.phase_shifts(kappa, strength, sign, waves)
    off = (fine - coarse + 0.5 * np.pi) % np.pi - 0.5 * np.pi
    assert np.max(np.abs(off)) < 1e-6  # the accuracy claimed


def test_born_phases_by_quadrature():
    kappa, strength = 0.8, 0.3
    for wave, phase in enumerate(pw.born_phases(kappa, strength, 1, 6)):
        integral = quad(lambda y, l=wave: strength * kappa * y * np.exp(-y) * spherical_jn(l, kappa * y) ** 2, 0, 60)[0]
        assert phase == pytest.approx(integral, rel=1e-7, abs=1e-13)  # `quad`


@pytest.mark.parametrize("kappa", [1e-5, 0.3, 4.0, 100.0])
def test_born_phases_sum_to_the_born_cross_section(kappa):
    phases = pw.born_phases(kappa, 1.0, -1, 60 + int(30 * kappa))
    l = np.arange(phases.size - 1)
    total = 4 * np.pi / kappa**2 * np.sum((l + 1) * np.diff(phases) ** 2)
    assert float(pw.born_transfer(kappa, 1.0)) == pytest.approx(total, rel=1e-9)


def test_born_cross_section_has_no_seam_between_its_two_forms():
    kappa = 0.5 * np.sqrt(1e-3) * np.array([1 - 1e-6, 1 + 1e-6])
    low, high = pw.born_transfer(kappa, 1.0)
    assert high / low == pytest.approx(1, abs=1e-8)  # its slope over the step, and rounding


@pytest.mark.parametrize("kappa", [1e-6, 0.1, 3.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_weak_potentials_give_born(kappa, sign):
    ratio = pw.partial_wave_transfer(kappa, 1e-4, sign) / float(pw.born_transfer(kappa, 1e-4))
    assert ratio == pytest.approx(1, abs=2e-4)  # second order in the strength
    assert (ratio - 1) * sign > 0  # attraction scatters more than Born says, repulsion less


def test_first_resonance_at_zero_energy():
    # The phase jumps where the first bound state appears: 1.67981, Rogers, Graboske & Harwood (1970)
    low, high = 1.6, 1.75
    for _ in range(40):
        middle = 0.5 * (low + high)
        bound = pw.phase_shifts(1e-6, middle, 1, np.array([0]))[0] < 0
        low, high = (low, middle) if bound else (middle, high)
    assert low == pytest.approx(1.67981, abs=2e-5)


def test_unitarity_on_resonance():
    kappa = 1e-3
    largest = max(pw.partial_wave_transfer(kappa, b, 1) for b in np.linspace(1.679, 1.6845, 56))
    assert largest * kappa**2 / (4 * np.pi) == pytest.approx(1, abs=0.01)  # steps of the scan


def test_too_many_waves_are_refused():
    with pytest.raises(InputError, match="partial waves"):
        pw.wave_count(1e5, 10.0)
