"""The built-in catalogue against facts looked up elsewhere, and the reader against files as users have them."""

import pickle

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import Galactocentric, SkyCoord

from halokick.errors import InputError, UnitError
from halokick.sky.catalogue import builtin_catalogue, read_catalogue

# a few rows of the Local Volume Database (CC0), some columns left out, in its own order of columns
HEADER = (
    "key,ra,dec,name,host,confirmed_real,vlos_sigma,vlos_sigma_em,vlos_sigma_ep,vlos_sigma_ul,ref_vlos,distance,"
    "distance_em,distance_ep,rhalf_physical,rhalf_sph_physical,rhalf_sph_physical_em"
)
DRACO = "draco_1,260.0684,57.9185,Draco,mw,1,9.55,0.25,0.26,,Geha2026,81.55,1.49,1.52,229.24,193.22,4.19"
ANTLIA = "antlia_2,143.8079,-36.6991,Antlia II,mw,1,5.98,0.36,0.37,,Ji2021,124.17,5.04,5.25,3761.92,2379.32,247.72"
SEGUE_2 = "segue_2,34.8226,20.1624,Segue 2,mw,1,,,,2.06,Kirby2013,36.48,2.43,2.43,39.71,35.02,3.74"
PHOENIX = "phoenix_3,26.711,-41.428,Phoenix III,mw,0,,,,,,114.82,5.17,11.08,28.69,18.35,10.55"


@pytest.fixture
def write(tmp_path):
    def to_file(*lines, name="dwarfs.csv"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return to_file


def test_builtin_has_the_26_measured_dwarfs():
    catalogue = builtin_catalogue()
    assert len(catalogue) == 26
    assert len({dwarf.key for dwarf in catalogue}) == 26
    assert catalogue.skipped == ()
    for dwarf in catalogue:
        assert all(dwarf.references)  # distance, structure and dispersion each have a paper


def test_builtin_values_of_two_dwarfs():
    # typed from the table in the catalogue's origin, asymmetric errors down and up
    segue = builtin_catalogue()["Segue 1"]
    assert segue.distance.to_value(u.kpc) == 22.9
    assert segue.distance_errors.to_value(u.kpc) == pytest.approx([2.0, 2.2])
    assert segue.half_light_radius.to_value(u.pc) == pytest.approx(20)
    assert segue.half_light_radius_major.to_value(u.pc) == pytest.approx(24)
    assert segue.dispersion.to_value(u.km / u.s) == 3.97
    assert segue.dispersion_errors.to_value(u.km / u.s) == pytest.approx([0.86, 0.97])
    assert segue.references.distance == "Belokurov2007ApJ...654..897B"
    crater = builtin_catalogue()["crater_2"]
    assert crater.dispersion_errors.to_value(u.km / u.s) == pytest.approx([0.3, 0.42])


def test_positions_fall_in_the_constellations_of_the_names():
    # astropy's constellation boundaries; the ultra-faint ones are named after theirs too
    for dwarf in builtin_catalogue():
        place = SkyCoord(dwarf.ra, dwarf.dec).get_constellation()
        words = dwarf.name.split()
        if dwarf.name == "Willman 1":
            assert place == "Ursa Major"
        elif dwarf.name == "Segue 1":
            assert place == "Leo"
        else:
            assert place.replace("ö", "o").split()[0] == words[0], dwarf.name


def test_galactocentric_distance_agrees_with_astropy():
    sgr_a = SkyCoord("17h45m40.0409s", "-29d00m28.118s")  # Reid & Brunthaler (2004)
    frame = Galactocentric(galcen_coord=sgr_a, galcen_distance=8.2 * u.kpc, z_sun=0 * u.pc)
    for dwarf in builtin_catalogue():
        place = SkyCoord(dwarf.ra, dwarf.dec, distance=dwarf.distance).transform_to(frame)
        exact = np.sqrt(place.x**2 + place.y**2 + place.z**2)
        # the position of the centre is rounded to 1e-7 rad
        assert dwarf.galactocentric_distance.to_value(u.kpc) == pytest.approx(exact.to_value(u.kpc), rel=1e-7)


def test_database_file_is_read_and_rows_without_a_measurement_are_listed(write):
    catalogue = read_catalogue(write(HEADER, DRACO, SEGUE_2, ANTLIA, PHOENIX))
    assert [dwarf.name for dwarf in catalogue] == ["Draco", "Antlia II"]
    assert catalogue["draco"].half_light_radius.to_value(u.pc) == pytest.approx(193.22)
    assert catalogue["Antlia II"].distance_errors.to_value(u.kpc) == pytest.approx([5.04, 5.25])
    assert catalogue["Draco"].references.dispersion == "Geha2026"
    assert catalogue["Draco"].references.distance == ""
    reasons = dict(catalogue.skipped)
    assert "upper limit, below 2.06 km/s" in reasons["Segue 2"]
    assert "no velocity dispersion" in reasons["Phoenix III"]
    with pytest.raises(InputError, match="left out: the velocity dispersion is only an upper limit"):
        catalogue["Segue 2"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("193.22", "", "no azimuthally averaged half-light radius"),
        ("193.22", "nan", "no azimuthally averaged half-light radius"),
        ("81.55", "", "no distance"),
        (",1.49,", ",,", "no lower error of the distance"),
        ("57.9185", "", "no declination"),
        ("9.55", "-9.55", "not positive"),
        (",0.25,", ",9.6,", "reaches down to zero"),
        ("81.55", "inf", "not finite"),
    ],
)
def test_row_with_a_missing_value_is_skipped_and_never_filled_in(write, old, new, reason):
    catalogue = read_catalogue(write(HEADER, DRACO.replace(old, new), ANTLIA))
    assert [dwarf.name for dwarf in catalogue] == ["Antlia II"]
    assert reason in dict(catalogue.skipped)["Draco"]


def test_second_row_of_one_name_is_skipped(write):
    catalogue = read_catalogue(write(HEADER, DRACO, DRACO))
    assert len(catalogue) == 1
    assert catalogue.skipped == (("Draco", "a second row of this name"),)


def test_ecsv_units_are_followed(write):
    columns = HEADER.split(",")
    units = {"distance": "Mpc", "distance_em": "Mpc", "distance_ep": "Mpc", "vlos_sigma": "m / s", "ra": "rad"}
    text = {"key", "name", "host", "ref_vlos"}
    lines = ["# %ECSV 1.0", "# ---", "# datatype:"]
    for column in columns:
        unit = f"unit: {units[column]}, " if column in units else ""
        lines.append(f"# - {{name: {column}, {unit}datatype: {'string' if column in text else 'float64'}}}")
    lines += ["# delimiter: ','", "# schema: astropy-2.0", HEADER]
    row = DRACO.replace("81.55,1.49,1.52", "0.08155,0.00149,0.00152").replace(",9.55,", ",9550,")
    row = row.replace("260.0684", "4.539050")
    path = write(*lines, row, SEGUE_2, name="dwarfs.ecsv")
    catalogue = read_catalogue(path)
    dwarf = catalogue["Draco"]
    assert dwarf.distance.to_value(u.kpc) == pytest.approx(81.55)
    assert dwarf.dispersion.to_value(u.km / u.s) == pytest.approx(9.55)
    assert dwarf.dispersion_errors.to_value(u.km / u.s) == pytest.approx([0.25, 0.26])
    assert dwarf.ra.to_value(u.deg) == pytest.approx(260.0684, rel=1e-6)
    assert dict(catalogue.skipped).keys() == {"Segue 2"}
    path.write_text(path.read_text().replace("unit: Mpc", "unit: s"))
    with pytest.raises(UnitError, match="distance"):
        read_catalogue(path)


def test_truncated_file_gives_one_clear_error(write):
    path = write(HEADER, DRACO, ANTLIA)
    path.write_text(path.read_text()[:-40])
    with pytest.raises(InputError, match=r"row 2 \('antlia_2'\) has 1\d fields and the header has 17; .* cut short"):
        read_catalogue(path)


def test_truncated_ecsv_gives_one_clear_error(tmp_path, write):
    path = write("# %ECSV 1.0", "# ---", "# datatype:", "# - {name: key, datatype: string}", "# - {name: na")
    with pytest.raises(InputError, match="not a complete ECSV table"):
        read_catalogue(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"x,y\n1,2\n", "lacks the columns name"),
        (b"\x89HDF\r\n\x1a\n\xff\xfe\x00", "not a text file"),
        (HEADER.replace("vlos_sigma_em", "vlos_sigma_err").encode() + b"\n", r"vlos_sigma_em \(is it 'vlos_sigma"),
        (f"{HEADER}\n{DRACO.replace('81.55', 'far')}\n".encode(), r"distance of 'Draco' is 'far', not a number"),
        (f"{HEADER}\n{SEGUE_2}\n".encode(), "no usable row among 1; the first, Segue 2"),
    ],
)
def test_foreign_file_gives_one_clear_error(tmp_path, content, message):
    path = tmp_path / "catalogue.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_catalogue(path)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_catalogue(tmp_path / "nothing.csv")


def test_misspelt_name_gets_a_hint():
    with pytest.raises(InputError, match="did you mean Sculptor"):
        builtin_catalogue()["Sculpter"]


def test_selection_keeps_the_order_asked_for():
    names = [dwarf.name for dwarf in builtin_catalogue().select(["Fornax", "draco_1"])]
    assert names == ["Fornax", "Draco"]


def test_catalogue_travels_to_other_processes():
    copy = pickle.loads(pickle.dumps(builtin_catalogue()))
    assert copy["Draco"].distance == builtin_catalogue()["Draco"].distance
