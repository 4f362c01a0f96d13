"""Files made here in the layouts of the collections, from spectra whose integrals are known."""

from itertools import pairwise

import astropy.units as u
import numpy as np
import pytest

from halokick.errors import InputError
from halokick.sky.channel_spectrum import ChannelSpectrum
from halokick.sky.spectra import PowerLawSpectrum
from halokick.sky.spectrum_tables import read_cosmixs, read_pppc4, read_spectrum_csv

GEV = u.GeV
LN10 = np.log(10)
MASSES = np.array([5.0, 10.0, 100.0])
TRUTH = PowerLawSpectrum(1.5, 8.0)


def per_dex(x):
    return x * LN10 * x**-1.5 * np.exp(-8 * x)


def pppc4_text(line=0.0, entry=lambda m, x: per_dex(x)):
    rows = ["mDM      Log[10,x]   eL  e   \\[Mu]L   b   \\[Gamma]   V->\\[Tau]"]
    for m in MASSES:
        for log_x in np.arange(-178, 1) * 0.05:
            y = entry(m, 10**log_x)
            photons = line if log_x == 0 else 0.0
            rows.append(f"{m:g}  {log_x:.2f}  0 0 {2 * y:.9e} {y:.9e} {photons + 1e-3:.9e} 0")
    return "\n".join(rows) + "\n"


def cosmixs_text(header="# DM    Log10[x]    dNdLog10x [eL]    dNdLog10x [b]", line=0.0):
    rows = [header]
    edges = np.linspace(-9, 0, 101)
    for m in MASSES:
        for low, high in pairwise(edges):
            y = TRUTH.photons(10**low * m * GEV, 10**high * m * GEV, mass=m * GEV) / (high - low)
            photons = line / 0.09 if high == 0 else 0.0
            rows.append(f"{m:g}    {0.5 * (low + high):.4f}    {photons + 1e-3:.7f} \t    {y:.9e}")
    return "\n".join(rows) + "\n"


def written(tmp_path, text, name="table.dat"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pppc4(tmp_path_factory):
    return written(tmp_path_factory.mktemp("pppc4"), pppc4_text(line=40.0))


@pytest.fixture(scope="module")
def cosmixs(tmp_path_factory):
    return written(tmp_path_factory.mktemp("cosmixs"), cosmixs_text(line=2.0))


def test_pppc4_gives_back_the_spectrum_it_was_made_of(pppc4):
    table = read_pppc4(pppc4, "b")
    x = 10 ** np.array([-6.0, -3.0, -1.0, -0.2])
    assert table.differential(10 * x * GEV, mass=10 * GEV).value == pytest.approx(
        TRUTH.differential(10 * x * GEV, mass=10 * GEV).value, rel=1e-9
    )
    # between nodes the table is linear in ln x, so its integral errs by Euler-Maclaurin's first term, here 5e-4 of it
    ends = 10 ** np.array([-2.0, -0.1])
    found, exact = (s.photons(*(10 * ends * GEV), mass=10 * GEV) for s in (table, TRUTH))
    slope = ends**-0.5 * np.exp(-8 * ends) * (-0.5 - 8 * ends)
    assert found - exact == pytest.approx((0.05 * LN10) ** 2 / 12 * (slope[1] - slope[0]), rel=0.02)


def test_integrals_of_the_table_are_exact_for_its_own_interpolation(pppc4):
    table = read_pppc4(pppc4, "b")
    z, w = np.polynomial.legendre.leggauss(12)
    edges = np.concatenate([[-3.013], np.arange(-60, -4) * 0.05, [-0.21]])
    half = 0.5 * np.diff(edges)[:, None]
    x = 10 ** (edges[:-1, None] + half * (1 + z))
    y = table.differential(10 * x * GEV, mass=10 * GEV).value * 10 * x * LN10
    low, high = 10 * 10 ** edges[[0, -1]] * GEV
    assert table.photons(low, high, mass=10 * GEV) == pytest.approx(np.sum(half * w * y), rel=1e-12)
    assert table.energy(low, high, mass=10 * GEV).value == pytest.approx(np.sum(half * w * y * x) * 10, rel=1e-12)


def test_cosmixs_bins_sum_to_the_photons_that_are_in_them(cosmixs):
    table = read_cosmixs(cosmixs, "b")
    # straight lines between the centres, level in the two outer halves, keep the sum: digits of the file
    found, exact = (s.photons(1.0000001e-8 * GEV, 10 * GEV, mass=10 * GEV) for s in (table, TRUTH))
    assert found == pytest.approx(exact, rel=1e-7)
    # both averaging over bins (h^2/24) and straight lines (h^2/12) add y'' to y, and int x y'' dl is int x y dl
    found, exact = (s.energy(1e-7 * GEV, 10 * GEV, mass=10 * GEV).value for s in (table, TRUTH))
    assert found / exact - 1 == pytest.approx((0.09 * LN10) ** 2 / 8, rel=0.03)  # next order of h^2 = 0.043


def test_between_masses_the_rule_is_linear_in_mass(tmp_path):
    table = read_pppc4(written(tmp_path, pppc4_text(entry=lambda m, x: m * per_dex(x) / 100)), "b")
    x = np.array([1e-4, 1e-2])
    found = table.differential(40 * x * GEV, mass=40 * GEV).value * 40
    assert found == pytest.approx(0.4 * x**-1.5 * np.exp(-8 * x), rel=1e-8)  # nine digits in the file


def test_greek_letters_may_be_spelled_out(pppc4):
    spelled, printed = read_pppc4(pppc4, "muL"), read_pppc4(pppc4, "\\[Mu]L")
    energy = 1 * GEV
    assert spelled.differential(energy, mass=10 * GEV) == printed.differential(energy, mass=10 * GEV)
    assert read_pppc4(pppc4, "V->tau").photons(1 * GEV, 2 * GEV, mass=10 * GEV) == 0


@pytest.mark.parametrize(
    ("reader", "name", "channel"), [(read_pppc4, "pppc4", "gamma"), (read_cosmixs, "cosmixs", "eL")]
)
def test_spike_of_a_line_is_not_interpolated_across(request, reader, name, channel):
    table = reader(request.getfixturevalue(name), channel)
    assert table.line(10 * GEV) == pytest.approx(2.0, rel=1e-4)  # 40 in a step of 0.05 dex, 2/0.09 in one of 0.09
    assert table.photons(9.99 * GEV, 10 * GEV, mass=10 * GEV) == pytest.approx(2.0, rel=1e-3)
    # below it lies only the floor of 1e-3 per dex
    assert table.photons(1 * GEV, 9.99 * GEV, mass=10 * GEV) == pytest.approx(1e-3, rel=1e-3)
    assert table.differential(5 * GEV, mass=10 * GEV).value == pytest.approx(1e-3 / (5 * LN10), rel=1e-6)
    with pytest.raises(InputError, match="line at E = m"):
        table.differential(9.5 * GEV, mass=10 * GEV)


def test_noise_in_an_empty_end_is_no_line(tmp_path):
    noisy = pppc4_text(entry=lambda m, x: 4e-6 * (x > 0.999))
    table = read_pppc4(written(tmp_path, noisy), "b")
    assert table.line(10 * GEV) == 0
    assert table.differential(9.9 * GEV, mass=10 * GEV) > 0


def test_repackaged_header_is_read(tmp_path):
    text = cosmixs_text("# DM\tLog10[x]\tdNdLog10x[eL]\tdNdLog10x[b]")
    found = read_cosmixs(written(tmp_path, text), "b").photons(1 * GEV, 5 * GEV, mass=10 * GEV)
    assert found == read_cosmixs(written(tmp_path, cosmixs_text()), "b").photons(1 * GEV, 5 * GEV, mass=10 * GEV)


def test_csv_of_one_mass(tmp_path):
    energy = np.geomspace(1e-3, 50, 400)
    rows = [f"{e:.12g},{TRUTH.differential(e * GEV, mass=50 * GEV).value:.12g}" for e in energy]
    text = "\n".join(["# mass_GeV: 50", "# from nowhere", "energy_GeV,dN_dE_per_GeV", *rows])
    table = read_spectrum_csv(written(tmp_path, text))
    # cells of 0.012 dex
    found, exact = (s.photons(1 * GEV, 40 * GEV, mass=50 * GEV) for s in (table, TRUTH))
    assert found == pytest.approx(exact, rel=1e-3)
    with pytest.raises(InputError, match="outside 50 to 50 GeV"):
        table.photons(1 * GEV, 2 * GEV, mass=60 * GEV)


@pytest.mark.parametrize("mass", [4.9, 101.0])
def test_masses_outside_are_refused(pppc4, mass):
    with pytest.raises(InputError, match="outside 5 to 100 GeV"):
        read_pppc4(pppc4, "b").photons(1 * GEV, 2 * GEV, mass=mass * GEV)


def test_the_other_layout_is_named(pppc4, cosmixs):
    with pytest.raises(InputError, match="try read_cosmixs"):
        read_pppc4(cosmixs, "b")
    with pytest.raises(InputError, match="try read_pppc4"):
        read_cosmixs(pppc4, "b")
    with pytest.raises(InputError, match="mass_GeV"):
        read_spectrum_csv(pppc4)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda t: t.replace("b   \\", "bottom   \\"), "no channel 'b'"),
        (lambda t: t[:-40], "numbers under 8 names"),
        (lambda t: t.replace("100  -0.30", "100  -0.3O"), "only numbers"),
        (lambda t: "\n".join(t.splitlines()[:-1]), "every mass needs the same x"),
        (lambda t: t.replace("100  -0.30", "100  -0.31"), "same rows of log10 x"),
        (lambda t: "", "is empty"),
    ],
)
def test_damaged_files_are_refused(tmp_path, damage, words):
    path = written(tmp_path, damage(pppc4_text()))
    with pytest.raises(InputError, match=words):
        read_pppc4(path, "b")


def test_dn_dx_taken_for_dn_dlog10x_is_noticed(tmp_path):
    text = pppc4_text(entry=lambda m, x: 40 * x**-1.0)
    with pytest.raises(InputError, match="only 2 m"):
        read_pppc4(written(tmp_path, text), "b")
    with pytest.raises(InputError, match="no such file"):
        read_pppc4(tmp_path / "absent.dat", "b")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1.0], [-1.0, 0.0], [[1.0]]), "1 masses and 2 x"),
        (([2.0, 1.0], [-1.0, 0.0], [[1.0, 1.0]] * 2), "must rise"),
        (([1.0], [-1.0, 0.5], [[1.0, 1.0]]), "at most 0"),
        (([1.0], [-1.0, 0.0], [[-1.0, 1.0]]), "zero or more"),
    ],
)
def test_tables_that_make_no_sense_are_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        ChannelSpectrum(*arguments)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# mass_GeV: 0\nenergy_GeV,dN_dE_per_GeV\n1,1\n2,1", "positive mass"),
        ("# mass_GeV: 5\nE,dNdE\n1,1\n2,1", "the columns are E,dNdE"),
        ("# mass_GeV: 5\nenergy_GeV,dN_dE_per_GeV\n1,1,1\n2,1", "3 fields"),
        ("# mass_GeV: 5\nenergy_GeV,dN_dE_per_GeV\n2,1\n1,1", "rising"),
        ("# mass_GeV: 5\nenergy_GeV,dN_dE_per_GeV\n2,1\n6,1", "above the mass"),
        ("# mass_GeV: 5\nenergy_GeV,dN_dE_per_GeV\n2,1\nx,1", "only numbers"),
    ],
)
def test_csv_errors_say_what_is_wrong(tmp_path, text, words):
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=words):
        read_spectrum_csv(path)
