"""Profiles in memory and in files: what comes out is what the closed form has, and every damage has its message."""

import re
from pathlib import Path

import astropy.units as u
import numpy as np
import pytest

from halokick.errors import InputError, UnitError
from halokick.sky.flux import DistinctSpecies
from halokick.sky.likelihood_file import read_likelihood_profile
from halokick.sky.likelihood_profile import BinnedProfile, GaussianProfile, SignalProfile
from halokick.sky.spectra import BoxSpectrum, LineSpectrum, PowerLawSpectrum
from halokick.sky.stacking import Target, stacked_limit

SIGNAL = u.Unit("GeV2 cm-2 s-1")
FLUX = u.Unit("GeV cm-2 s-1")
EDGES = np.array([1.0, 3.0, 10.0, 30.0]) * u.GeV
ROWS = np.linspace(0, 3e-9, 31)
WIDTHS = np.array([1e-10, 2e-10, 4e-10])
MASS = 25 * u.GeV


def binned(rows=ROWS):
    return BinnedProfile(EDGES, np.tile(rows, (3, 1)) * FLUX, (rows / WIDTHS[:, None]) ** 2 + 7.0, "Draco")


def test_profile_goes_through_its_rows_and_on_with_its_slope():
    s = np.array([0.0, 1.0, 2.0, 4.0])
    profile = SignalProfile(s * SIGNAL, s**2 + 100)
    assert profile._value(s) == pytest.approx(s**2, abs=1e-12)
    beyond = profile._value(np.array([5.0, 6.0]))
    assert beyond[1] - beyond[0] == pytest.approx(beyond[0] - 16, rel=1e-12)
    assert beyond[1] < 36  # never above the parabola it came from: limits err towards weak


def test_bins_sum_to_one_parabola():
    spectrum = PowerLawSpectrum(1.5, 4.0)
    profile = binned().for_spectrum(spectrum, MASS)
    per_signal = spectrum.energy(EDGES[:-1], EDGES[1:], mass=MASS).value / (4 * np.pi * 25**2)
    curvature = np.sum((per_signal / WIDTHS) ** 2)
    limit = stacked_limit([Target("Draco", 1 * u.Unit("GeV2 cm-5"), 0.0, profile)], threshold=4.0)
    # self-conjugate: half the flux; monotone cubics through 31 rows are 1e-3 off a parabola at the first of them
    assert limit.value == pytest.approx(2 * 2 / np.sqrt(curvature), rel=3e-3)


def test_only_bins_with_signal_count():
    box = BoxSpectrum(0.2, 0.35, 1.0)  # 5 to 8.75 GeV: the second bin alone
    profile = binned().for_spectrum(box, MASS)
    per_signal = 25 * 0.275 / (4 * np.pi * 25**2)
    s = 5e-10 / per_signal
    assert profile._value(np.array(s)) == pytest.approx((5e-10 / 2e-10) ** 2, rel=1e-3)
    with pytest.raises(InputError, match="says nothing"):
        binned().for_spectrum(LineSpectrum(), 300 * u.GeV)
    with pytest.raises(InputError, match="not a Spectrum"):
        binned().for_spectrum("b", MASS)


def test_file_of_signals(tmp_path):
    s = np.linspace(0, 5e-7, 21)
    rows = [f"{x:.8e},{-0.5 * (x / 1e-7) ** 2:.8e}" for x in s]
    header = ["# target: Draco", "# source: made here", "# layout: signal", "signal_GeV2_cm-2_s-1,delta_lnL"]
    path = tmp_path / "draco.csv"
    path.write_text("\n".join(header + rows), encoding="utf-8")
    profile = read_likelihood_profile(path)
    target = Target("Draco", 1e19 * u.Unit("GeV2 cm-5"), 0.2, profile)
    exact = Target("Draco", 1e19 * u.Unit("GeV2 cm-5"), 0.2, GaussianProfile(1e-7 * SIGNAL))
    # cubics between rows a quarter of a width apart
    assert stacked_limit([target]).value == pytest.approx(stacked_limit([exact]).value, rel=1e-3)


@pytest.mark.parametrize("unit", ["GeV", "MeV"])
def test_file_of_energy_bins(tmp_path, unit):
    per = 1.0 if unit == "GeV" else 1e3
    lines = ["# target: Draco", "# source: made here", "# layout: energy-bins"]
    lines.append(f"e_min_{unit},e_max_{unit},energy_flux_{unit}_cm-2_s-1,minus_2_delta_lnL")
    for low, high, width in zip(EDGES.value[:-1], EDGES.value[1:], WIDTHS, strict=True):
        lines += [f"{low * per},{high * per},{x * per:.10e},{(x / width) ** 2:.10e}" for x in ROWS]
    path = tmp_path / "draco.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    spectrum = PowerLawSpectrum(1.5, 4.0)
    found, exact = (p.for_spectrum(spectrum, MASS) for p in (read_likelihood_profile(path), binned()))
    s = np.array([1e-9, 1e-8, 1e-7])
    assert found._value(s) == pytest.approx(exact._value(s), rel=1e-7)  # digits of the file


GOOD = "# target: X\n# source: Y\n# layout: signal\nsignal_GeV2_cm-2_s-1,minus_2_delta_lnL\n0,0\n1,1\n2,4\n3,9\n"
BINS = (
    "# target: X\n# source: Y\n# layout: energy-bins\n"
    "e_min_GeV,e_max_GeV,energy_flux_GeV_cm-2_s-1,minus_2_delta_lnL\n"
    "1,2,0,0\n1,2,1,1\n1,2,2,4\n1,2,3,9\n2,4,0,0\n2,4,1,1\n2,4,2,4\n2,4,3,9\n"
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("# source: Y\n", ""), "no header line '# source"),
        (GOOD.replace("# source", "# sauce"), "unknown key 'sauce'; did you mean 'source'"),
        (GOOD.replace("# source: Y", "# target: Z"), "line 2: target is given twice"),
        (GOOD.replace(": signal", ": bins"), "signal or energy-bins"),
        (GOOD.replace("minus_2_delta_lnL", "lnL"), "last column is 'lnL'"),
        (GOOD.replace("signal_GeV2_cm-2_s-1", "sigma_v"), "columns are sigma_v"),
        (GOOD.replace("2,4", "2"), "line 7: 1 fields under 2 names"),
        (GOOD.replace("2,4", "2,four"), "line 7.*only numbers"),
        (GOOD.replace("2,4", "2,inf"), "line 7: every number must be finite"),
        (GOOD.replace("2,4", "0.5,4"), "line 7: 0.5 does not rise"),
        (GOOD.replace("0,0\n", ""), "four or more"),
        (GOOD.replace("0,0", "0.5,0"), "rise from 0"),
        (GOOD.replace("3,9", "3,0.5").replace("2,4", "2,0.4").replace("1,1", "1,0.1"), "rises by 0.5 only"),
        (GOOD[: GOOD.index("0,0")], "no rows"),
        (BINS.replace("2,4,0,0\n", ""), "the same number"),
        (BINS.replace("2,4,", "3,4,"), "followed by one from 3"),
        (BINS.replace("energy_flux_GeV", "energy_flux_MeV"), "or the same in MeV"),
        (BINS.replace("2,4,2,4", "2,4,0.5,4"), "line 11: 0.5 does not rise"),
    ],
)
def test_damaged_files_say_what_is_wrong(tmp_path, text, words):
    path = tmp_path / "profile.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_likelihood_profile(path)


def test_examples_of_the_documentation_are_read(tmp_path):
    page = Path(__file__).parents[3] / "docs" / "likelihood_profiles.md"
    examples = re.findall(r"^```csv file=.*\n((?:.*\n)+?)```", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    kinds = []
    for text in examples:
        path = tmp_path / "example.csv"
        path.write_text(text, encoding="utf-8")
        kinds.append(type(read_likelihood_profile(path)))
    assert kinds == [SignalProfile, BinnedProfile]


def test_undamaged_files_are_read(tmp_path):
    for text in (GOOD, BINS):
        path = tmp_path / "profile.csv"
        path.write_text(text, encoding="utf-8")
        assert "X" in repr(read_likelihood_profile(path))
    with pytest.raises(InputError, match="no such file"):
        read_likelihood_profile(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: GaussianProfile(0 * SIGNAL), InputError, "above 0"),
        (lambda: GaussianProfile(1.0), UnitError, "no unit"),
        (lambda: SignalProfile([0, 1, 2, 3] * SIGNAL, [0, 1, np.nan, 3]), InputError, "finite"),
        (lambda: BinnedProfile(EDGES, np.ones((3, 4)) * FLUX, np.ones((3, 4))), InputError, "must rise"),
        (lambda: BinnedProfile(EDGES, np.ones((2, 4)) * FLUX, np.ones((2, 4))), InputError, "3 bins"),
        (lambda: BinnedProfile(EDGES[::-1], np.ones((3, 4)) * FLUX, np.ones((3, 4))), InputError, "edges"),
    ],
)
def test_nonsense_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("top", [29.99, 29.999999, 25.0000001])
def test_a_bin_with_next_to_no_energy_changes_nothing(top):
    """The end of a spectrum just inside a bin: its rows reach to signals a million times and more above the limit."""
    rows = np.geomspace(1e-14, 1e-9, 60)
    edges = np.array([1.0, 3.0, 10.0, top, 100.0]) * u.GeV
    mass, spectrum = top * (1 + 1e-7) * u.GeV, PowerLawSpectrum(1.5, 8.0, 0.7)
    profile = BinnedProfile(edges, np.tile(rows, (4, 1)) * FLUX, np.tile((rows / 1e-11) ** 2, (4, 1)))
    per_signal = spectrum.energy(edges[:-1], edges[1:], mass=mass).value / (4 * np.pi * mass.value**2)
    assert 1e-12 < per_signal[-1] / per_signal[0] < 1e-6
    target = Target("one", 1e18 * u.Unit("GeV2 cm-5"), 0.0, profile.for_spectrum(spectrum, mass))
    limit = stacked_limit([target], threshold=2.0, pairs=DistinctSpecies()).value * 1e18
    # the sum of parabolas; cubics between rows 0.085 dex apart are off by 1e-4
    assert limit == pytest.approx(np.sqrt(2.0 / np.sum((per_signal / 1e-11) ** 2)), rel=3e-4)


@pytest.mark.parametrize("flux", [np.nan, np.inf])
def test_fluxes_are_finite(flux):
    with pytest.raises(InputError, match="energy_flux"):
        BinnedProfile([1, 2] * u.GeV, [[0, 1, 2, flux]] * FLUX, [[0, 1, 2, 3]])


def test_fluxes_have_their_unit():
    with pytest.raises(UnitError, match="energy_flux"):
        BinnedProfile([1, 2] * u.GeV, [[0, 1, 2, 3]], [[0, 1, 2, 3]])
