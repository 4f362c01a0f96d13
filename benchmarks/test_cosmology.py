"""Freeze-out of one model and of a plane of models, and the pseudoscalar's thermal average through its pole."""

import subprocess
import sys
from pathlib import Path

import astropy.units as u
import numpy as np
import pytest

from cosmology.asymmetric_freeze_out import FixedAbundance, FixedAsymmetry, freeze_out, required_sigma_v
from cosmology.pseudoscalar import PseudoscalarResonance
from cosmology.relic import asymmetry_from_eta

SIGMA = 2.5e-25 * u.cm**3 / u.s


@pytest.mark.benchmark(group="asymmetric freeze-out")
def test_one_freeze_out(benchmark):
    benchmark(freeze_out, 10 * u.GeV, SIGMA, FixedAbundance(share=0.5))


@pytest.mark.benchmark(group="asymmetric freeze-out")
def test_one_required_cross_section(benchmark):
    benchmark(required_sigma_v, 10 * u.GeV, 0.01, FixedAbundance(share=0.5))


@pytest.mark.benchmark(group="asymmetric freeze-out")
def test_plane_of_freeze_outs(benchmark):
    masses = np.geomspace(1, 100, 200)[:, None] * u.GeV
    sigma = np.geomspace(1, 10, 200)[None, :] * 1e-25 * u.cm**3 / u.s
    closure = FixedAsymmetry(asymmetry_from_eta(3e-10))
    benchmark.pedantic(freeze_out, args=(masses, sigma, closure), rounds=3)


@pytest.mark.benchmark(group="pseudoscalar through the pole")
def test_thermal_averages_of_sixty_couplings(benchmark):
    couplings = np.geomspace(1e-4, 1, 60)
    resonance = PseudoscalarResonance(10 * u.GeV, 21 * u.GeV, couplings, 0.14)
    benchmark.pedantic(resonance.thermal, args=(np.geomspace(10, 1e4, 500),), rounds=5)


@pytest.mark.benchmark(group="pseudoscalar through the pole")
def test_figure_7(benchmark, tmp_path):
    """105 masses, relic, gamma-ray and CMB contours, the whole script on all cores."""
    script = Path(__file__).parents[1] / "runs" / "figures" / "figure_7.py"
    command = [sys.executable, str(script), "--output", str(tmp_path)]
    benchmark.pedantic(subprocess.run, args=(command,), kwargs={"check": True, "capture_output": True}, rounds=1)
