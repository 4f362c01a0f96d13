"""The section [map]: from the words of a run file to files that hold what the functions themselves give."""

import dataclasses
import sys

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

import halokick as hk
from halokick.errors import InputError
from halokick.sky.map_files import write_map
from halokick.sky.relative_speed import relative_speed
from halokick.sky.speed_factors import PWave
from halokick.sky.wcs_map import wcs_map
from halokick.study import storage
from halokick.study.config import parse_config
from halokick.study.config_problems import RunFileError
from halokick.study.cost import cost
from halokick.study.folder import write_products
from halokick.study.map_products import map_names, sky_maps, write_maps
from halokick.study.run import run
from halokick.study.screen import short_tables
from halokick.study.tables import summary
from halokick.study.telescope_figures import telescope_figures
from halokick.units import Quantity

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
ONE_KICK = HALO.replace('"60 km/s", ', "")
MAP = """
[map]
size = ["6 deg", "4 deg"]
pixel = "0.5 deg"
"""
LAWS = '[annihilation]\nlaw = ["s_wave", "p_wave"]\n'
RADII = Quantity(np.geomspace(0.01, 200.0, 16), "kpc")


@pytest.fixture(scope="module")
def result():
    return run(parse_config(ONE_KICK + LAWS + MAP))


@pytest.fixture(scope="module")
def daughters():
    """The halo, and daughters of 150 km/s as the study has them."""
    df = hk.ErgodicDF(hk.Halo(hk.NFWProfile(r_s="20 kpc", rho_s="7e6 Msun/kpc3")))
    return df, hk.phase_mix(df, hk.FixedKick("150 km/s"), RADII)


@pytest.fixture(scope="module")
def line(result):
    return {
        "distance": "8.2 kpc",
        "r_max": result.sky.r_max,
        "size": Quantity([6.0, 4.0], "deg"),
        "pixel": Quantity([0.5, 0.5], "deg"),
    }


def test_there_is_a_map_for_each_kick_and_law_and_one_of_each_law_without(result):
    kicks = ("no kick", "150 km/s")
    found = [(one.kick, one.law) for one in result.maps.maps]
    assert found == [(kick, law) for kick in kicks for law in ("s_wave", "p_wave")]
    assert all(one.values.shape == (8, 12) for one in result.maps.maps)


def test_maps_have_the_numbers_of_wcs_map(result, daughters, line):
    df, kicked = daughters
    one = result.maps.maps[2]
    expected = wcs_map(df.profile, kicked, **line)
    assert np.array_equal(one.values, expected.values)
    assert one.total == expected.total
    assert one.map_total == expected.map_total
    assert one.facts == {key: value for key, (value, _) in expected.facts.items()}


def test_law_of_the_speed_weights_every_radius(result, daughters, line):
    df, kicked = daughters
    speeds = relative_speed(df, hk.FixedKick("150 km/s"))
    average = speeds.average(PWave())
    expected = wcs_map(df.profile, kicked, speed_factor=(speeds.radius, average), speed_model="PWave()", **line)
    one = result.maps.maps[3]
    assert np.array_equal(one.values, expected.values)
    assert one.facts["S_MODEL"] == "PWave()"
    # J_p of the whole sky over J_s lies inside the range of the mean at single radii
    assert np.min(average) < float(one.total / result.maps.maps[2].total) < np.max(average)


def test_files_arrive_with_the_other_products_and_are_those_of_write_map(result, daughters, line, tmp_path):
    df, kicked = daughters
    written = {path.name for path in write_products(result, tmp_path / "out", lambda result, folder: [])}
    assert {"map_00_s_wave.fits", "map_01_p_wave.fits", "maps.ecsv", "result.h5"} <= written
    expected = write_map(wcs_map(df.profile, kicked, **line), tmp_path / "api.fits")
    with fits.open(tmp_path / "out" / "map_01_s_wave.fits") as ours, fits.open(expected) as theirs:
        assert np.array_equal(ours[0].data, theirs[0].data)
        assert ours[0].header["VCONV"] == "v_rel"
        left_out = {"CHECKSUM", "DATASUM"}
        assert {key: ours[0].header[key] for key in ours[0].header if key not in left_out} == {
            key: theirs[0].header[key] for key in theirs[0].header if key not in left_out
        }
    table = Table.read(tmp_path / "out" / "maps.ecsv")
    assert list(table["file"])[-1] == "map_01_p_wave.fits"


def test_result_comes_back_from_its_file_and_writes_the_same_maps(result, tmp_path):
    storage.write(result, tmp_path / "result.h5")
    again = storage.read(tmp_path / "result.h5")
    assert again == result
    first, second = (write_maps(maps, _made(tmp_path / name)) for name, maps in (("a", result.maps), ("b", again.maps)))
    assert len(first) == 4
    for one, other in zip(first, second, strict=True):
        with fits.open(one) as ours, fits.open(other) as theirs:
            assert np.array_equal(ours[0].data, theirs[0].data)


def _made(folder):
    folder.mkdir()
    return folder


def test_screen_summary_and_picture_name_every_map(result):
    assert "map_01_p_wave.fits" in short_tables(result)
    assert len(summary(result)["maps"]) == 4
    figures = telescope_figures(result)
    assert {"map_s_wave", "map_p_wave"} <= set(figures)
    # two panels and the one colour scale of both
    assert len(figures["map_s_wave"].axes) == 3


def test_chosen_kicks_and_laws_only():
    text = HALO + MAP + 'kicks = ["60 km/s"]\nunkicked = false\nlaws = ["s_wave"]\nlayout = "fermi"\n'
    maps = run(parse_config(text)).maps
    assert [(one.kick, one.law) for one in maps.maps] == [("60 km/s", "s_wave")]
    assert sky_maps(maps)[0].grid.projection == "TAN"


def test_clumpy_tables_on_healpix_hold_the_map_without_kick_beside(tmp_path):
    pytest.importorskip("healpy")
    text = ONE_KICK + '[map]\ngrid = "healpix"\nnside = 16\nregion = "20 deg"\nlayout = "clumpy"\n'
    result = run(parse_config(text))
    _, last = write_maps(result.maps, tmp_path)
    bare, kicked = result.maps.maps
    with fits.open(last) as file:
        table = file["JFACTOR_PER_SR"].data
        # nested order on both sides
        assert np.array_equal(table["PIXEL"], result.maps.pixels)
        assert np.array_equal(table["Jsmooth_per_sr"], bare.values.value)
        assert np.array_equal(table["Jkick_per_sr"], kicked.values.value)
    assert sky_maps(result.maps)[0].map_total == bare.map_total
    assert len(telescope_figures(result)["map"].axes) == 3


def test_whole_sky_on_healpix_has_all_of_j_and_a_picture():
    pytest.importorskip("healpy")
    maps = run(parse_config(HALO + '[map]\ngrid = "healpix"\nnside = 8\nkicks = ["60 km/s"]\n'))
    one = maps.maps.maps[0]
    # edges of pixels telescope, to the polynomials along them
    assert float(one.map_total / one.total) == pytest.approx(1, abs=1e-5)
    assert telescope_figures(maps)["map"].axes[0].name == "mollweide"


def test_resolved_run_file_reads_back():
    config = parse_config(HALO + LAWS + MAP + 'laws = ["p_wave"]\nprojection = "CAR"\ncentre = ["1 deg", "-2 deg"]\n')
    again = parse_config(config.to_toml())
    assert again.map == config.map
    assert again.to_toml() == config.to_toml()


def test_kick_that_is_not_in_the_study_is_refused_before_the_work():
    with pytest.raises(InputError, match="allowed: 60 km/s, 150 km/s"):
        run(parse_config(HALO + MAP + 'kicks = ["61 km/s"]\n'))


def test_missing_healpy_is_told_before_the_work(monkeypatch):
    monkeypatch.setitem(sys.modules, "healpy", None)
    with pytest.raises(InputError, match="pip install"):
        run(parse_config(HALO + '[map]\ngrid = "healpix"\nnside = 8\n'))


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("", "map.size: missing"),
        ('size = "4 deg"\npixel = "0.1 deg"\nnside = 8', 'map.nside = 8: not known to grid = "wcs"'),
        ('size = "4 deg"\npixel = "0.1 deg"\nlayout = "clumpy"', "one of HEALPix tables"),
        ('size = "4 deg"\npixel = "0.1 deg"\nlayout = "fermi"\nprojection = "AIT"', "in TAN and CAR"),
        ('size = "300 deg"\npixel = "0.01 deg"', "9e+08 pixels"),
        ('size = "4 deg"\npixel = "0.1 deg"\nframe = "icrs"', "map.centre: missing"),
        ('size = "4 deg"\npixel = "0.1 deg"\ncentre = ["3 deg", "91 deg"]', "beyond a pole"),
        ('size = "4 deg"\npixel = "0.1 deg"\nlaws = ["p_wave"]', "map.laws"),
        ('grid = "healpix"\nnside = 10', "not a power of two"),
        ('grid = "healpix"\nnside = 1024', "map.region"),
        ('grid = "healpix"\nnside = 64\nlayout = "fermi"', "normalise HEALPix templates wrongly"),
        ('grid = "healpix"\nlayout = "gammapy"', "map.nside: missing"),
    ],
)
def test_grids_and_layouts_that_do_not_go_together_are_refused(section, said):
    with pytest.raises(RunFileError) as error:
        parse_config(f"{HALO}[map]\n{section}\n")
    assert said in str(error.value)


def test_map_needs_an_observer():
    with pytest.raises(RunFileError, match="no halo to look at"):
        parse_config(HALO[: HALO.index("[observer]")] + MAP)


def test_check_counts_maps_and_pixels():
    config = parse_config(HALO + MAP)
    df = hk.ErgodicDF(hk.Halo(hk.NFWProfile(r_s="20 kpc", rho_s="7e6 Msun/kpc3")))
    lines, _ = cost(config, df, compiled=True)
    assert any("3 of 96 pixels" in line for line in lines)


def test_kicks_that_read_alike_have_maps_of_their_own(tmp_path):
    # rounded to four digits both are 150 km/s
    kicks = HALO.replace('"60 km/s", "150 km/s"', '"150.001 km/s", "150.002 km/s"')
    found = run(parse_config(kicks + MAP.replace("0.5 deg", "1 deg")))
    assert [one.kick for one in found.maps.maps] == ["no kick", "150 km/s", "150 km/s"]
    assert [path.name for path in write_maps(found.maps, tmp_path)] == ["map_00.fits", "map_01.fits", "map_02.fits"]
    with_laws = dataclasses.replace(
        found.maps, maps=tuple(dataclasses.replace(one, law=law) for one in found.maps.maps[1:] for law in ("a", "b"))
    )
    assert map_names(with_laws) == ["map_01_a", "map_01_b", "map_02_a", "map_02_b"]
