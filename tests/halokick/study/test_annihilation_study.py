"""The section [annihilation]: from the words of a run file to the numbers that the functions themselves give."""

import json

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table

import halokick as hk
from halokick.sky.dwarf_closures import DwarfClosure, draw_dwarf
from halokick.sky.dwarf_signals import dwarf_signals
from halokick.sky.nfw_speeds import SpeedModel
from halokick.sky.sommerfeld import Coulomb, Hulthen
from halokick.sky.speed_factors import BreitWigner, PWave, SWave, factor_of_model
from halokick.sky.velocity_j import target_speeds
from halokick.study import annihilation_study, build, dwarf_grids, storage
from halokick.study.build_telescope import particle, speed_laws
from halokick.study.config import parse_config
from halokick.study.config_problems import RunFileError
from halokick.study.cost import cost
from halokick.study.run import run
from halokick.study.screen import short_tables
from halokick.study.tables import summary, write_tables
from halokick.study.telescope_figures import telescope_figures

HALO = """
[halo]
profile = "nfw"
r_s = "20 kpc"
rho_s = "7e6 Msun/kpc3"
[decay]
kick_speed = ["60 km/s", "150 km/s"]
[method]
r_min = "0.01 kpc"
r_max = "200 kpc"
n_radii = 16
[observer]
distance = "8.2 kpc"
angles = ["2 deg"]
"""
DWARFS = """
[dwarfs]
names = ["Draco", "Fornax"]
angles = ["0.2 deg", "0.5 deg"]
draws = 30
seed = 4
truncation = "none"
"""
LAWS = """
[annihilation]
law = ["s_wave", "p_wave", "coulomb"]
alpha = 0.01
"""


@pytest.fixture(scope="module", autouse=True)
def coarse(coarse_dwarfs):
    """Few kicks in the solutions that dwarfs share."""
    grid, speeds = coarse_dwarfs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dwarf_grids, "_SOLVED", {"none": grid})
        patch.setattr(annihilation_study, "nfw_speeds", lambda: speeds)
        yield grid, speeds


@pytest.fixture(scope="module")
def config():
    return parse_config(HALO + DWARFS + LAWS)


@pytest.fixture(scope="module")
def result(config):
    return run(config)


def test_cones_of_the_halo_have_the_numbers_of_target_speeds(result):
    df = hk.ErgodicDF(hk.Halo(hk.NFWProfile(r_s="20 kpc", rho_s="7e6 Msun/kpc3")))
    found = result.annihilation
    assert found.kicks == ("no kick", "60 km/s", "150 km/s")
    for k, kick in enumerate((None, hk.FixedKick("60 km/s"), hk.FixedKick("150 km/s"))):
        target = target_speeds(df, kick, distance="8.2 kpc", angle="2 deg", r_max=result.sky.r_max)
        assert found.j_s[k, 0] == target.j_s
        expected = [target.average(factor) for factor in (SWave(), PWave(), Coulomb(0.01))]
        assert found.average[:, k, 0].tolist() == expected
        assert np.array_equal(found.speeds[k, 0], target.percentiles())
        assert found.rms[k, 0] == target.rms


def test_s_wave_is_the_j_factor_of_the_study(result):
    sky, found = result.sky, result.annihilation
    # quadratures over shells and along lines of sight; 16 radii of the daughters' table, which the first does not use
    assert (found.j_s[0, 0] / sky.j_parent[0]).to_value("") == pytest.approx(1, abs=1e-5)
    assert (found.j_s[1:, 0] / sky.j_pair[:, 0]).to_value("") == pytest.approx(1, abs=2e-3)


def test_faster_pairs_for_stronger_kicks_favour_the_p_wave(result):
    p_wave, coulomb = result.annihilation.average[1:, :, 0]
    assert np.all(np.diff(p_wave) > 0)
    assert np.all(np.diff(coulomb) < 0)


def test_dwarfs_have_the_numbers_of_their_draws(result, coarse):
    grid, speeds = coarse
    kicks = [hk.FixedKick("60 km/s"), hk.FixedKick("150 km/s")]
    laws = {"s_wave": SWave(), "p_wave": PWave(), "coulomb": Coulomb(0.01)}
    models = [SpeedModel(factor, law, speeds=speeds) for law, factor in laws.items()]
    draws = [
        draw_dwarf(hk.builtin_catalogue()["Fornax"], DwarfClosure("x"), angle=angle, draws=30, seed=4)
        for angle in ("0.2 deg", "0.5 deg")
    ]
    expected = dwarf_signals(draws, kicks, models, grid=grid, speeds=speeds)
    found = result.annihilation
    assert found.dwarfs == ("Draco", "Fornax")
    assert np.array_equal(found.dwarf_j[1], expected.j_factor)
    assert np.array_equal(found.dwarf_average[1], expected.average, equal_nan=True)
    assert np.array_equal(found.dwarf_speeds[1], expected.speeds, equal_nan=True)


def test_s_wave_of_dwarfs_is_that_of_their_suppression(result):
    found, dwarfs = result.annihilation, result.dwarfs
    # the same draws and the same grid, along two ways
    ratio = (found.dwarf_j_s[:, :, 0] / dwarfs.j_parent).to_value("")
    assert ratio == pytest.approx(1, rel=1e-9)
    assert found.dwarf_left[:, 0, :, 1:] == pytest.approx(dwarfs.suppression, rel=1e-9, abs=1e-12)


def test_speeds_of_a_dwarf_between_the_kicks_that_were_solved_are_those_of_its_own_halo(coarse):
    grid, speeds = coarse
    draws = draw_dwarf(hk.builtin_catalogue()["Draco"], DwarfClosure("x"), draws=30, seed=4)
    found = dwarf_signals([draws], [hk.FixedKick("20 km/s")], [], grid=grid, speeds=speeds).speeds[1]
    # an NFW halo of the same V_max, from which 10 r_s is seen as a whole: V_max = 0.46499 V0
    v_max = np.median(draws.v_max.value)
    profile = hk.NFWProfile(r_s="1 kpc", rho_s=(v_max / 0.46499) ** 2 / (4 * np.pi * 4.300917e-6) * u.Msun / u.kpc**3)
    own = target_speeds(
        hk.ErgodicDF(hk.Halo(profile)),
        hk.FixedKick("20 km/s"),
        distance="10000 kpc",
        angle=np.arcsin(1e-3) * u.rad,
        shape="sphere",
    )
    # four kicks instead of sixteen: 1.3e-2 measured at 5 per cent (1e-3 with all of them)
    assert found.value == pytest.approx(own.percentiles().value, rel=2e-2)


def test_kick_of_many_speeds_is_the_sum_over_them(coarse):
    grid, speeds = coarse
    draws = draw_dwarf(hk.builtin_catalogue()["Draco"], DwarfClosure("x"), draws=30, seed=4)
    both = hk.TabulatedKick(np.array([9.0, 10.0, 20.0, 21.0]) * u.km / u.s, np.array([0.0, 1.0, 1.0, 0.0]))
    models = [SpeedModel(PWave(), "p", speeds=speeds)]
    found = dwarf_signals([draws], [both], models, grid=grid, speeds=speeds)
    nodes, weights = both.quadrature()
    single = dwarf_signals([draws], [hk.FixedKick(v * u.km / u.s) for v in nodes], models, grid=grid, speeds=speeds)
    # the median of a sum over one family of haloes, ordered by V_max, is close to the sum of the medians
    assert found.j_factor[0, 0, 1, 1].value == pytest.approx(weights @ single.j_factor[0, 0, 1:, 1].value, rel=0.02)


def test_cusp_without_kick_that_diverges_has_no_number_and_says_why():
    text = HALO.replace('"nfw"', '"generalised_nfw"\ngamma = 1.4').replace('["60 km/s", "150 km/s"]', '"150 km/s"')
    found = run(parse_config(text + '[annihilation]\nlaw = ["inverse_speed"]\n')).annihilation
    assert np.isnan(found.average[0, 0, 0])
    assert np.isfinite(found.average[0, 1, 0])
    assert "infinite" in found.problems[0]


def test_tables_summary_screen_and_pictures_say_which_speed(result, tmp_path):
    write_tables(result, tmp_path)
    table = Table.read(tmp_path / "annihilation.ecsv")
    assert len(table) == 3 * 3 * (1 + 2 * 2)
    assert "v_rel" in table.meta["VCONV"]
    row = table[(table["target"] == "halo") & (table["law"] == "p_wave") & (table["kick"] == "150 km/s")][0]
    found = result.annihilation
    assert row["j_factor"] == pytest.approx(found.j_s[2, 0].value * found.average[1, 2, 0], rel=1e-12)
    text = json.dumps(summary(result), allow_nan=False)
    assert '"p_wave"' in text
    assert "v_rel" in short_tables(result)
    assert len(telescope_figures(result)["annihilation"].axes) == 3


def test_result_comes_back_from_its_file(result, tmp_path):
    storage.write(result, tmp_path / "result.h5")
    assert storage.read(tmp_path / "result.h5") == result


def test_resolved_run_file_reads_back(config):
    again = parse_config(config.to_toml())
    assert again.annihilation == config.annihilation
    assert again.to_toml() == config.to_toml()


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ('law = "p_wave"', PWave()),
        ('law = "hulthen"\nalpha = 0.01\nmass = "100 GeV"\nmediator_mass = "1 GeV"', Hulthen(0.01, "100 GeV", "1 GeV")),
        ('law = "hulthen"\nalpha = 0.01\nepsilon_phi = 0.5\nwave = "p"', Hulthen.scaled(0.01, 0.5, "p")),
        ('law = "breit_wigner"\npole = "60 km/s"\nrelative_width = 0.01', BreitWigner.at("60 km/s", 0.01)),
        (
            'law = "breit_wigner"\nmass = "10 GeV"\nmediator_mass = "20.001 GeV"\nwidth = "1 MeV"',
            BreitWigner.from_masses("10 GeV", "20.001 GeV", "1 MeV"),
        ),
    ],
)
def test_laws_are_those_of_their_keys(keys, expected):
    (law,) = speed_laws(parse_config(f"{HALO}[annihilation]\n{keys}\n")).values()
    v = np.geomspace(1.0, 1e3, 7)
    assert np.array_equal(law.values(v), expected.values(v))


def test_model_plugs_in_with_its_own_cross_section():
    text = """
[model]
name = "regenerated_adm"
daughter_mass = "10 GeV"
parents_per_daughter = 1.0
splitting = "1.9 MeV"
operator_scale = "1.6e6 GeV"
annihilation = "vector_pair"
coupling = 0.115
mediator_mass = "2 GeV"
final_state = "mumu"
asymmetry_temperature = "50 GeV"
[dwarfs]
names = ["Draco"]
[annihilation]
law = "model"
"""
    config = parse_config(text)
    expected = factor_of_model(config.model.model)
    (law,) = speed_laws(config).values()
    assert np.array_equal(law.values(np.array([10.0, 100.0])), expected.values(np.array([10.0, 100.0])))
    assert particle(config) == (10 * u.GeV, getattr(expected, "reference", config.model.annihilation.sigma_v))


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("", "annihilation.law: missing"),
        ('law = "p"', 'annihilation.law = "p": no such name'),
        ('law = "coulomb"', 'annihilation.alpha: missing for "coulomb"'),
        ('law = "coulomb"\nalpha = 0', "no force"),
        ('law = "hulthen"\nalpha = -0.1\nepsilon_phi = 1', "Hulthen's form is an attraction"),
        ('law = "hulthen"\nalpha = 0.1', "hulthen's scale is not given"),
        ('law = "hulthen"\nalpha = 0.1\nepsilon_phi = 1\nmass = "1 GeV"', "more than once (epsilon_phi, mass)"),
        ('law = "p_wave"\nalpha = 0.1', 'annihilation.alpha = 0.1: not known to "p_wave"'),
        ('law = "breit_wigner"\npole = "60 km/s"', "missing beside pole"),
        ('law = "model"', "there is no [model] to ask"),
        ('law = "p_wave"\nalhpa = 3', "did you mean alpha?"),
        ('law = "inverse_speed"\nsaturation = "3 kpc"', "has the unit kpc"),
    ],
)
def test_wrong_laws_are_refused(section, said):
    with pytest.raises(RunFileError) as error:
        parse_config(f"{HALO}[annihilation]\n{section}\n")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("[method]", '[method]\nname = "ergodic"'), "relative speeds are not known of name"),
        (lambda text: text.replace("[method]", '[method]\noptions = ["streaming"]'), "phase-mixed bound daughters"),
        (lambda text: text[: text.index("[observer]")], "there is nothing to look at"),
    ],
)
def test_studies_that_know_no_speeds_are_refused(change, said):
    with pytest.raises(RunFileError) as error:
        parse_config(change(HALO) + '[annihilation]\nlaw = "p_wave"\n')
    assert said in str(error.value)


def test_check_says_what_it_costs(config):
    bare = parse_config(HALO + DWARFS)
    df = hk.ErgodicDF(build.halo(config.halo, config.folder))
    lines, seconds = cost(config, df, compiled=True)
    assert any("p_wave" in line for line in lines)
    assert seconds > cost(bare, df, compiled=True)[1]
