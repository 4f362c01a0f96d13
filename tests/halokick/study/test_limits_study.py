"""The section [limits]: from the words of a run file to the limits that the functions themselves give."""

import json

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table

import halokick as hk
from halokick.errors import InputError
from halokick.sky.dwarf_closures import draw_dwarf, standard_closures
from halokick.sky.flux import SharesOfDarkMatter
from halokick.sky.kick_limit import kick_limits
from halokick.sky.likelihood_file import read_likelihood_profile
from halokick.sky.likelihood_profile import GaussianProfile
from halokick.sky.linear_suppression import InCone
from halokick.sky.nfw_speeds import SpeedModel
from halokick.sky.speed_factors import PWave, SWave
from halokick.sky.stacking import LogNormalInJ
from halokick.study import annihilation_study, dwarf_grids, storage
from halokick.study.config import parse_config
from halokick.study.config_problems import RunFileError
from halokick.study.cost import cost
from halokick.study.limits_study import EvenSpeed
from halokick.study.run import run
from halokick.study.screen import short_tables
from halokick.study.tables import summary, write_tables
from halokick.study.telescope_figures import telescope_figures

NAMES = ("Draco", "Fornax")
STACK = """
[decay]
kick_speed = ["10 km/s", "30 km/s"]
[dwarfs]
names = ["Draco", "Fornax"]
draws = 30
seed = 4
truncation = "none"
[limits]
shares = [0.4, 0.1]
"""
PUBLISHED = 'published = "2e-26 cm3/s"\n'
KICKS = [hk.FixedKick("10 km/s"), hk.FixedKick("30 km/s")]
PAIRS = SharesOfDarkMatter(0.4, 0.1)


@pytest.fixture(scope="module", autouse=True)
def grid(coarse_dwarfs):
    """A small grid of the haloes of dwarfs, and few distributions of speed."""
    solved, speeds = coarse_dwarfs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dwarf_grids, "_SOLVED", {"none": solved})
        patch.setattr(annihilation_study, "nfw_speeds", lambda: speeds)
        yield solved, speeds


@pytest.fixture(scope="module")
def result():
    return run(parse_config(f'[annihilation]\nlaw = ["s_wave", "p_wave"]\n{STACK}{PUBLISHED}'))


@pytest.fixture(scope="module")
def draws():
    catalogue = hk.builtin_catalogue()
    return [[draw_dwarf(catalogue[name], one, draws=30, seed=4) for name in NAMES] for one in standard_closures()]


def test_published_limit_without_kick_holds_for_pairs_that_are_rarer(result):
    # 2 f_1 f_2 = 0.08; an s-wave has nothing that the choice of haloes could change
    assert result.limits.unkicked[:, 0].to_value("cm3/s") == pytest.approx(2e-26 / 0.08, rel=1e-12)


def test_kicks_weaken_it_as_kick_limits_says(result, draws, grid):
    profiles = [GaussianProfile("3e-8 GeV2 cm-2 s-1")] * 2
    models = [SpeedModel(factor, name, speeds=grid[1]) for name, factor in (("s", SWave()), ("p", PWave()))]
    expected = kick_limits(draws, profiles, KICKS, models, linear=InCone(grid[0]), pairs=PAIRS)
    found = result.limits
    assert found.closures == expected.closures
    # the width of the Gaussian drops out, and <S> = 1 of an s-wave is integrated there
    ratio = (found.sigma_v / found.unkicked[..., None]).to_value("")
    assert ratio == pytest.approx(expected.ratio, rel=1e-5)
    p_over_s = (found.unkicked[:, 1] / found.unkicked[:, 0]).to_value("")
    assert p_over_s == pytest.approx(np.asarray(expected.unkicked[:, 1] / expected.unkicked[:, 0]), rel=1e-5)
    assert found.log10_j == pytest.approx(expected.log10_j, rel=1e-6)
    assert found.width_dex == pytest.approx(expected.width_dex, rel=1e-5)


def test_closures_differ_and_none_is_hidden(result):
    low, high = result.limits.band
    assert np.all(high >= low)
    # the field haloes are heavier: less is lost at 30 km/s
    assert high[0, 1] / low[0, 1] > 1.5
    assert np.all(np.diff(result.limits.sigma_v.value, axis=2) > 0)


def gaussian_file(path, target, width):
    signal = np.linspace(0.0, 12.0, 121) * width
    rows = "\n".join(f"{s:.10e},{(s / width) ** 2:.10e}" for s in signal)
    header = f"# target: {target}\n# source: made up\n# layout: signal\nsignal_GeV2_cm-2_s-1,minus_2_delta_lnL\n"
    path.write_text(header + rows + "\n")
    return path


def test_likelihoods_of_the_dwarfs_are_combined(tmp_path, draws, grid):
    paths = [gaussian_file(tmp_path / f"{name}.csv", name, 1e-8 * (i + 1)) for i, name in enumerate(NAMES)]
    text = STACK + 'likelihoods = ["Fornax.csv", "Draco.csv"]\nprior = "log_normal_in_j"\nconfidence = 0.9\n'
    found = run(parse_config(text, source=str(tmp_path / "run.toml"))).limits
    profiles = [read_likelihood_profile(path) for path in paths]
    options = {"linear": InCone(grid[0]), "pairs": PAIRS, "prior": LogNormalInJ()}
    # 1.2815515655446 standard deviations leave ten per cent on one side
    expected = kick_limits(draws, profiles, KICKS, [EvenSpeed()], threshold=1.2815515655446004**2, **options)
    assert found.sigma_v.value == pytest.approx(expected.sigma_v.value, rel=1e-9)
    assert found.published is None


def test_table_of_limits_is_read_at_the_mass(tmp_path):
    (tmp_path / "limits.csv").write_text(
        "# source: invented\n# confidence: 95%\n# convention: dirac\n# channel: bb\n# profile: NFW\n"
        "# observable: sigmav_cm3s\nmass_GeV,limit\n10,4e-26\n1000,4e-24\n"
    )
    text = STACK + 'table = "limits.csv"\nmass = "100 GeV"\n'
    found = run(parse_config(text, source=str(tmp_path / "run.toml"))).limits
    # log-log between the rows; pairs of a Dirac particle are half as many as self-conjugate ones
    assert found.published.to_value("cm3/s") == pytest.approx(2e-25, rel=1e-12)
    assert found.unkicked[0, 0].to_value("cm3/s") == pytest.approx(2e-25 / 0.08, rel=1e-12)


def test_measured_j_moves_and_widens_the_draws(tmp_path, draws, grid):
    (tmp_path / "j.csv").write_text("dwarf,log10_j_GeV2_cm-5,width_dex\nFornax,18.1,0.2\nDraco,18.83,0.12\n")
    text = STACK + PUBLISHED + 'measured_j = "j.csv"\n'
    found = run(parse_config(text, source=str(tmp_path / "run.toml"))).limits
    given = [(10**18.83 * u.Unit("GeV2 cm-5"), 0.12), (10**18.1 * u.Unit("GeV2 cm-5"), 0.2)]
    moved = [[one.with_measured_j(*j) for one, j in zip(row, given, strict=True)] for row in draws]
    profiles = [GaussianProfile("1e-7 GeV2 cm-2 s-1")] * 2
    expected = kick_limits(moved, profiles, KICKS, [EvenSpeed()], linear=InCone(grid[0]), pairs=PAIRS)
    assert found.log10_j == pytest.approx(expected.log10_j, rel=1e-12)
    assert (found.sigma_v / found.unkicked[..., None]).to_value("") == pytest.approx(expected.ratio, rel=1e-9)


def test_kick_that_leaves_too_little_costs_no_other_limit():
    found = run(parse_config(STACK.replace('"30 km/s"', '"90 km/s"') + PUBLISHED)).limits
    assert np.all(np.isfinite(found.sigma_v[:, 0, 0]))
    # 90 km/s are four times V_max of the subhaloes; whatever the search finds, it is no strong limit
    assert np.all(found.sigma_v[0, 0, 1] > 1e4 * found.unkicked[0, 0])
    assert "limits" in telescope_figures(run(parse_config(STACK + PUBLISHED)))


def test_tables_summary_screen_and_picture(result, tmp_path):
    write_tables(result, tmp_path)
    table = Table.read(tmp_path / "limits.ecsv")
    assert len(table) == 3 * 2 * 3
    assert "v_rel" in table.meta["VCONV"]
    assert "2e-26" in table.meta["published"]
    assert set(table.meta["median_v_max"]) == set(result.limits.closures)
    assert json.loads(json.dumps(summary(result), allow_nan=False))["limits"]["confidence"] == 0.95
    assert "quote all closures" in short_tables(result)
    assert len(telescope_figures(result)["limits"].axes) == 2


def test_result_comes_back_from_its_file(result, tmp_path):
    storage.write(result, tmp_path / "result.h5")
    assert storage.read(tmp_path / "result.h5") == result


def test_resolved_run_file_reads_back():
    config = parse_config(STACK + PUBLISHED + 'closures = ["subhaloes", "field_haloes_capped"]\n')
    again = parse_config(config.to_toml())
    assert again.limits == config.limits
    assert again.to_toml() == config.to_toml()


def test_largest_v_max_is_that_of_the_run_file():
    found = run(parse_config(STACK + PUBLISHED + 'largest_v_max = "30 km/s"\n')).limits
    assert found.closures[2] == "field haloes, V_max up to 30 km/s"
    assert np.max(found.v_max[2]) <= 30.0001 * u.km / u.s


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", "what is known without a kick is not given"),
        (PUBLISHED + 'table = "x.csv"', "more than once"),
        (PUBLISHED + 'closures = ["subhaloes"]', "one line would hide"),
        (PUBLISHED + 'closures = ["subhaloes", "field_haloes"]\nlargest_v_max = "30 km/s"', "there is no closure"),
        (PUBLISHED + 'mass = "3 GeV"', "only a table of limits is read at a mass"),
        ('table = "x.csv"', "limits.mass: missing"),
        ('published = "2e-26"', "limits.published"),
        (PUBLISHED + 'prior = "flat"', "limits.prior"),
    ],
)
def test_wrong_limits_are_refused(keys, said):
    with pytest.raises(RunFileError) as error:
        parse_config(STACK + keys + "\n")
    assert said in str(error.value)


def test_limits_need_dwarfs_and_enough_draws():
    halo = '[halo]\nprofile = "nfw"\nr_s = "20 kpc"\nrho_s = "7e6 Msun/kpc3"\n[decay]\nkick_speed = "54 km/s"\n'
    with pytest.raises(RunFileError, match="no dwarf galaxies for it"):
        parse_config(halo + "[limits]\nshares = [0.5, 0.5]\n" + PUBLISHED)
    with pytest.raises(RunFileError, match="10 or more for"):
        parse_config(STACK.replace("draws = 30", "draws = 9") + PUBLISHED)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('likelihoods = ["none.csv"]\n', "no such file"),
        ('table = "none.csv"\nmass = "10 GeV"\n', "cannot be read"),
        (PUBLISHED + 'measured_j = "none.csv"\n', "does not exist"),
    ],
)
def test_missing_files_are_refused_before_the_work(keys, said):
    with pytest.raises(InputError, match=said):
        run(parse_config(STACK + keys))
    with pytest.raises(InputError, match=said):
        cost(parse_config(STACK + keys), None, compiled=True)


def test_dwarf_without_a_likelihood_is_named(tmp_path):
    gaussian_file(tmp_path / "one.csv", "Draco", 1e-8)
    with pytest.raises(InputError, match="no file of Fornax"):
        run(parse_config(STACK + 'likelihoods = ["one.csv"]\n', source=str(tmp_path / "run.toml")))
