"""The key ``target`` of [map]: a dwarf of the catalogue on the sky, as bright as the tables say."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

import halokick as hk
from halokick.errors import InputError
from halokick.sky.dwarf_grid import EnergyCut, solve_daughter_grid
from halokick.sky.map_files import read_map
from halokick.sky.median_dwarf import median_dwarf
from halokick.sky.nfw_speeds import SpeedModel
from halokick.sky.sommerfeld import Coulomb
from halokick.sky.speed_factors import PWave
from halokick.sky.velocity_j import target_speeds
from halokick.study import dwarf_grids, storage
from halokick.study.config import parse_config
from halokick.study.config_problems import RunFileError
from halokick.study.cost import cost
from halokick.study.map_products import sky_maps
from halokick.study.map_study import check_map, maps_record
from halokick.study.map_targets import dwarf_target
from halokick.study.run import run
from halokick.study.screen import short_tables
from halokick.study.tables import summary, write_tables
from halokick.study.telescope_figures import telescope_figures

DECAY = '[decay]\nkick_speed = ["8 km/s", "20 km/s"]\n'
DWARFS = """
[dwarfs]
names = ["Draco"]
angles = ["0.5 deg", "8 deg"]
draws = 40
seed = 4
truncation = "none"
"""
MAP = '[map]\ntarget = "Draco"\nsize = "1.1 deg"\npixel = "0.01 deg"\n'
DRACO = hk.builtin_catalogue()["Draco"]


@pytest.fixture(scope="module", autouse=True)
def coarse(coarse_dwarfs):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dwarf_grids, "_SOLVED", {"none": coarse_dwarfs[0]})
        yield coarse_dwarfs


@pytest.fixture(scope="module")
def result():
    return run(parse_config(DECAY + DWARFS + MAP))


def sky_and_share(result, angle):
    """Maps of a result, and the share of each of their pixels that lies within a cone about the dwarf."""
    maps = sky_maps(result.maps)
    grid = maps[0].grid
    centre = _vector(*np.radians(result.maps.centre.to_value("deg")))

    def distance(x, y):
        return np.degrees(np.arccos(np.minimum(_vector(*grid.directions(x.ravel(), y.ravel())) @ centre, 1)))

    row, column = np.indices(grid.shape)
    away = distance(column, row)
    share = np.where(away < angle, 1.0, 0.0)
    # those that the circle may cut
    cut = np.flatnonzero(np.abs(away - angle) < result.maps.pixel[0].to_value("deg"))
    x, y = np.meshgrid(*2 * [(np.arange(20) + 0.5) / 20 - 0.5])
    x, y = (one.ravel()[cut, None] + part.ravel() for one, part in ((column, x), (row, y)))
    share[cut] = np.mean(distance(x, y).reshape(x.shape) < angle, axis=1)
    return maps, share.reshape(grid.shape)


def _vector(lon, lat):
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def test_pixels_within_the_cone_have_the_j_factor_of_the_table(result, coarse):
    maps, share = sky_and_share(result, 0.5)
    j = [np.sum(one.per_pixel.value * share) for one in maps]
    # pixels that the circle cuts are taken for even: 6e-5 of all with pixels of 0.02 deg, and with their square
    assert j[0] == pytest.approx(result.dwarfs.j_parent[0, 0, 1].to_value("GeV2 cm-5"), rel=3e-5)
    halo = median_dwarf(DRACO, coarse[0], angle="0.5 deg", draws=40, seed=4)
    line = {"distance": DRACO.distance, "angle": "0.5 deg", "r_max": halo.tidal_radius}
    for found, speed in zip(j[1:], ("8 km/s", "20 km/s"), strict=True):
        kicked = hk.j_factor(halo.parent, halo.daughters(hk.FixedKick(speed)), **line)
        assert found == pytest.approx(kicked.value, rel=3e-5)


def test_a_map_that_holds_all_of_the_dwarf_has_all_of_its_j():
    cone = DWARFS.replace('["0.5 deg", "8 deg"]', '["8 deg"]')
    section = '[map]\ntarget = "Draco"\nsize = "16 deg"\npixel = "0.2 deg"\nunkicked = true\nkicks = ["8 km/s"]\n'
    result = run(parse_config(DECAY + cone + section))
    # it ends well inside of 8 degrees
    assert np.degrees(np.arcsin(float(result.maps.r_max / result.maps.distance))) < 7
    one = result.maps.maps[0]
    # pixels telescope to 1e-7; 20 nodes of the table's cone to 1e-6
    assert float(one.map_total / result.dwarfs.j_parent[0, 0, 1]) == pytest.approx(1, abs=2e-6)
    assert float(one.map_total / one.total) == pytest.approx(1, abs=1e-6)


def test_a_kick_of_zero_is_no_kick():
    text = DECAY.replace('"8 km/s", "20 km/s"', '"0 km/s"') + DWARFS + MAP.replace("0.01 deg", "0.02 deg")
    bare, still = run(parse_config(text)).maps.maps
    assert (bare.kick, still.kick) == ("no kick", "0 km/s")
    # the density from the distribution function, 4e-8, where the parents' is a closed form
    np.testing.assert_allclose(still.values.value, bare.values.value, rtol=1e-7)
    assert float(still.total / bare.total) == pytest.approx(1, abs=1e-7)


def test_maps_have_the_numbers_of_wcs_map(result, coarse):
    halo = median_dwarf(DRACO, coarse[0], angle="0.5 deg", draws=40, seed=4)
    line = {"distance": DRACO.distance, "r_max": halo.tidal_radius, "size": "1.1 deg", "pixel": "0.01 deg"}
    expected = hk.wcs_map(halo.parent, halo.daughters(hk.FixedKick("20 km/s")), centre=DRACO, **line)
    # the centre is kept in degrees
    np.testing.assert_allclose(result.maps.maps[2].values.value, expected.values.value, rtol=1e-10)
    assert result.maps.maps[2].facts["PAIR"] == "linear"


def test_a_law_of_speed_weights_it_as_it_does_the_whole_halo(coarse):
    grid, speeds = coarse
    halo = median_dwarf(DRACO, grid, angle="0.5 deg", draws=40, seed=4)
    peak = halo.df.halo.circular_speed(2.16258 * halo.df.profile.r_s)
    kick = float(speeds.kappa[1] * peak.to_value("km/s"))
    text = f'[decay]\nkick_speed = "{kick!r} km/s"\n[annihilation]\nlaw = ["s_wave", "p_wave"]\n' + DWARFS + MAP
    config = parse_config(text.replace("0.01 deg", "0.4 deg") + "unkicked = false\n")
    s_wave, p_wave = maps_record(config, dwarf_target(config, [hk.FixedKick(f"{kick!r} km/s")])).maps
    expected = SpeedModel(PWave(), "p", speeds=speeds).average(hk.units.attach([kick], "speed"), peak.reshape(1, 1))
    # the records of the other are of an infinite halo, ours ends at the tidal radius
    assert float(p_wave.total / s_wave.total) == pytest.approx(float(expected[0, 0]), rel=0.02)


@pytest.mark.parametrize("kick", [None, "20 km/s"])
def test_laws_of_speed_are_those_of_a_halo_that_ends(kick, monkeypatch):
    # only what the cut leaves of the parents is asked of the grid
    cut = solve_daughter_grid(EnergyCut(), kicks=4, truncations=(2.0, 20.0, 4), radii=4)
    monkeypatch.setitem(dwarf_grids._SOLVED, "energy_cut", cut)
    laws = '[annihilation]\nlaw = ["s_wave", "p_wave", "coulomb"]\nalpha = 0.01\n'
    section = MAP.replace("0.01 deg", "0.5 deg") + f"unkicked = {str(kick is None).lower()}\n"
    config = parse_config(DECAY + laws + DWARFS.replace("none", "energy_cut") + section)
    kicks = () if kick is None else (hk.FixedKick(kick),)
    target = dwarf_target(config, kicks)
    s_wave, *others = maps_record(config, target).maps
    # shells of the whole halo, seen from outside
    seen = {"distance": target.distance, "angle": "20 deg", "r_max": target.r_max}
    speeds = target_speeds(target.df, *kicks, **seen)
    for one, factor in zip(others, (PWave(), Coulomb(0.01)), strict=True):
        # the distribution of all speeds in the place of a table of <S>(r), 14 radii a decade: 7e-6
        assert float(one.total / s_wave.total) == pytest.approx(speeds.average(factor), rel=2e-5)


@pytest.mark.parametrize("frame", ["galactic", "icrs"])
def test_it_is_where_the_dwarf_is(frame, tmp_path):
    text = MAP.replace("0.01 deg", "0.1 deg") + f'frame = "{frame}"\nkicks = ["8 km/s"]\n'
    result = run(parse_config(DECAY + DWARFS + text))
    # Draco at (86.37, 34.72) deg
    place = (86.37, 34.72) if frame == "galactic" else (DRACO.ra.to_value("deg"), DRACO.dec.to_value("deg"))
    assert result.maps.centre.to_value("deg") == pytest.approx(place, abs=0.01)
    written = {path.name for path in write_tables(result, tmp_path)}
    assert {"map_00.fits", "map_01.fits", "maps.ecsv"} <= written
    header = fits.getheader(tmp_path / "map_01.fits")
    assert header["TARGET"] == "Draco"
    assert header["DISTANCE"] == DRACO.distance.to_value("kpc")
    assert (header["CRVAL1"], header["CRVAL2"]) == pytest.approx(place, abs=0.01)
    assert Table.read(tmp_path / "maps.ecsv").meta["target"] == "Draco"
    read = read_map(tmp_path / "map_01.fits")
    assert np.array_equal(read.values, result.maps.maps[1].values)
    assert read.facts["TARGET"] == ("Draco", "its halo is that of the median J in 0.5 deg")


def test_it_stands_beside_the_other_products(result, tmp_path):
    assert "maps of dJ/dOmega of Draco" in short_tables(result)
    assert len(summary(result)["maps"]) == 3
    assert telescope_figures(result)["map"].get_suptitle() == "Draco"
    storage.write(result, tmp_path / "result.h5")
    assert storage.read(tmp_path / "result.h5") == result
    again = parse_config(result.provenance.run_file)
    assert again.map.target == "Draco"
    lines, _ = cost(again, None, compiled=True)
    assert any("maps of Draco: 3 of 12,100 pixels" in line for line in lines)


def test_a_dwarf_of_the_catalogue_that_the_study_leaves_out_is_fine():
    config = parse_config(DECAY + DWARFS + MAP.replace("Draco", "fornax"))
    check_map(config, [])
    assert dwarf_target(config, []).name == "Fornax"


def test_a_name_that_is_not_in_the_catalogue_is_refused_before_the_work():
    with pytest.raises(InputError, match=r"map\.target: 'Drako' is not in .*; did you mean Draco"):
        run(parse_config(DECAY + DWARFS + MAP.replace("Draco", "Drako")))


HALO = """
[halo]
profile = "nfw"
r_s = "20 kpc"
rho_s = "7e6 Msun/kpc3"
[observer]
distance = "8.2 kpc"
angles = ["2 deg"]
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DECAY + HALO + MAP, r"map.target = .Draco.: there are no dwarf galaxies for it; allowed: \[dwarfs\]"),
        (DECAY + DWARFS + MAP + 'centre = ["0 deg", "0 deg"]\n', "map.centre.*a dwarf has its place"),
        (DECAY + DWARFS + MAP.replace('target = "Draco"\n', ""), r"map: there is no halo to look at; .*target = "),
        (
            DECAY + 'lifetime = "20 Gyr"\n[method]\nname = "auto"\n' + DWARFS.replace('truncation = "none"', "") + MAP,
            "map.target = .Draco.: maps of dwarfs are of haloes whose potential stays",
        ),
        (DECAY + DWARFS + MAP.replace('"Draco"', "3"), "map.target = 3: not a text"),
    ],
)
def test_targets_that_do_not_go_with_the_rest_are_refused(text, said):
    with pytest.raises(RunFileError, match=said):
        parse_config(text)


def test_the_halo_s_map_is_as_it_was_beside_dwarfs():
    text = MAP.replace('target = "Draco"\n', "").replace("0.01 deg", "0.4 deg") + 'kicks = ["8 km/s"]\n'
    method = '[method]\nr_min = "0.01 kpc"\nr_max = "200 kpc"\nn_radii = 16\n'
    maps = run(parse_config(DECAY + HALO + method + DWARFS + text)).maps
    assert maps.target is None
    assert maps.centre.to_value("deg").tolist() == [0, 0]
    assert "TARGET" not in maps.maps[0].facts
