import dataclasses
import json

import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from halokick.errors import InputError, UnitError
from halokick.study.tables import dwarfs_table, j_table, profiles_table, read_density, write_tables


def test_tables_on_disk_hold_the_numbers_and_units_of_the_result(result, tmp_path):
    write_tables(result, tmp_path)
    table = Table.read(tmp_path / "jfactors.ecsv")
    assert len(table) == 6
    assert table["j_pair"].unit == u.GeV**2 / u.cm**5
    assert np.array_equal(table["j_pair"], result.sky.j_pair.value.ravel())
    assert np.array_equal(table["angle"], [0.5, 1, 5] * 2)
    profiles = Table.read(tmp_path / "profiles.ecsv")
    assert len(profiles) == 24
    assert np.array_equal(profiles["density"][12:], result.daughters[1].density.value)
    assert profiles["radius"].unit == u.kpc
    # the parents come back from density and ratio, so to rounding
    assert np.allclose(profiles["density_parent"][:12], result.parent.density.value, rtol=1e-14, atol=0)
    dwarfs = Table.read(tmp_path / "dwarfs.ecsv")
    assert list(dwarfs["dwarf"]) == ["Draco"] * 2 + ["Segue 1"] * 2
    assert np.array_equal(dwarfs["suppression"], result.dwarfs.suppression[..., 1].ravel())
    assert np.array_equal(dwarfs["suppression_high"], result.dwarfs.suppression[..., 2].ravel())


@pytest.mark.parametrize("make", [profiles_table, j_table, dwarfs_table])
def test_every_number_has_a_unit_or_is_a_pure_number(result, make):
    pure = {"ratio", "slope", "bound_at_birth", "concentration"}
    for name, column in make(result).columns.items():
        if column.dtype.kind == "f" and name not in pure and not name.startswith(("suppression", "bound_fraction")):
            assert column.unit is not None, name


def test_metadata_say_integral_cone_edge_and_shares(result):
    meta = j_table(result).meta
    assert "without a factor 1/2" in meta["convention"]
    assert "half-angle" in meta["cone"]
    assert meta["r_max"] == "100.0 kpc"
    assert meta["shares"] == {"parents": 0.4, "primordial": 0.5, "daughters": 0.1}
    assert "half-angle" in dwarfs_table(result).meta["cone"]
    assert "tidal radius" in dwarfs_table(result).meta["r_max"]


def test_signal_is_the_pair_weighted_with_both_species(result):
    table = j_table(result)
    assert np.allclose(table["j_signal"], 0.5 * 0.1 * table["j_pair"], rtol=1e-15)
    without = dataclasses.replace(result, sky=dataclasses.replace(result.sky, shares={}))
    assert "j_signal" not in j_table(without).colnames
    assert "not given" in j_table(without).meta["shares"]


def test_fits_says_the_same_as_ecsv(result, tmp_path):
    write_tables(result, tmp_path)
    first, second = Table.read(tmp_path / "jfactors.ecsv"), Table.read(tmp_path / "jfactors.fits")
    assert first.colnames == second.colnames
    for name in first.colnames[1:]:
        assert np.array_equal(first[name], second[name])
        assert first[name].unit == second[name].unit
    comments = " ".join(str(card) for card in fits.getheader(tmp_path / "jfactors.fits", 1)["COMMENT"])
    assert "factor 1/2" in comments
    assert "r_max: 100.0 kpc" in comments


def test_only_tables_with_content_are_written(result, tmp_path):
    small = dataclasses.replace(result, sky=None, dwarfs=None)
    assert [path.name for path in write_tables(small, tmp_path)] == ["profiles.ecsv", "summary.json"]


def test_summary_holds_the_main_numbers(result, tmp_path):
    write_tables(result, tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text())
    kick = summary["kicks"][1]
    assert kick["bound_fraction"] == 0.5
    assert kick["cones"][2]["half_angle_deg"] == 5
    assert kick["cones"][2]["suppression"] == pytest.approx(0.5, rel=1e-15)
    assert summary["dwarfs"][0]["kicks"][0]["suppression"] == pytest.approx([0.72, 0.8, 0.88])
    assert summary["made"]["seed"] == 3
    assert "[halo]" in summary["run_file"]


def test_density_file_is_read_with_its_units(tmp_path):
    table = Table({"radius": [1.0, 2.0] * u.pc, "density": [3.0, 1.0] * u.GeV / u.cm**3})
    table.write(tmp_path / "a.ecsv")
    radius, density = read_density(tmp_path / "a.ecsv")
    assert radius.unit == u.pc
    assert density[0] == 3 * u.GeV / u.cm**3


def test_bad_density_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_density(tmp_path / "none.ecsv")
    (tmp_path / "bad.ecsv").write_text("what is this")
    with pytest.raises(InputError, match="not a table"):
        read_density(tmp_path / "bad.ecsv")
    Table({"radius": [1.0] * u.pc, "density": [3.0]}).write(tmp_path / "bare.ecsv")
    with pytest.raises(InputError, match=r"missing or without unit: density"):
        read_density(tmp_path / "bare.ecsv")
    Table({"radius": [1.0] * u.km / u.s, "density": [3.0] * u.GeV / u.cm**3}).write(tmp_path / "wrong.ecsv")
    with pytest.raises(UnitError):
        read_density(tmp_path / "wrong.ecsv")
