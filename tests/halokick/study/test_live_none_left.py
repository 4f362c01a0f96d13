"""Studies whose kicks leave no daughter in the halo, whether its gravity follows the decays or not."""

import numpy as np
import pytest
from astropy.table import Table

from halokick import units
from halokick.errors import InputError
from halokick.live.limits import one_body_homology
from halokick.study import build, storage
from halokick.study.config import parse_config
from halokick.study.plots import plot_result
from halokick.study.run import run
from halokick.study.screen import short_tables
from halokick.study.tables import summary, write_tables

STUDY = """\
[halo]
profile = "nfw"
r_s = "20 kpc"
rho_s = "9e6 Msun/kpc3"
r_t = "200 kpc"

[decay]
kick_speed = {kicks}
lifetime = "{lifetime}"
parent_share = 0.75

[method]
name = "{name}"
{more}
[observer]
distance = "8.2 kpc"
angles = ["20 deg", "60 deg"]
"""
FAST = '["5000 km/s"]'
"""The escape speed from the centre is 581 km/s."""
METHODS = {
    "orbit_iteration": ("30 Gyr", 'times = ["7 Gyr", "13.8 Gyr"]\n'),
    # so slow that the rule takes the fixed potential, in the tables of live halos
    "auto": ("2000 Gyr", ""),
    "phase_mixing": ("2000 Gyr", ""),
}


def study_of(name, kicks=FAST, n=2048):
    lifetime, more = METHODS[name]
    more += f"n = {n}\n" if name == "orbit_iteration" else ""
    return run(parse_config(STUDY.format(kicks=kicks, lifetime=lifetime, name=name, more=more)))


@pytest.fixture(scope="module", params=METHODS)
def empty(request):
    return request.param, study_of(request.param)


def tables_of(study, folder):
    return {path.stem: Table.read(path) for path in write_tables(study, folder) if path.suffix == ".ecsv"}


def test_density_and_j_are_zero_to_the_bit(empty):
    _, study = empty
    (one,) = study.daughters
    assert one.bound_fraction == 0
    assert one.observer_ratio == 0
    for values in (one.density.value, one.error.value, one.ratio, *(part.value for part in one.components.values())):
        assert not np.any(values)
    for values in (study.sky.j_pair, study.sky.j_daughter, study.sky.differential_pair):
        assert not np.any(values.value)
    assert np.all(study.sky.j_parent.value > 0)


def test_tables_are_those_of_daughters_that_stay_with_zeros(empty, tmp_path):
    name, alone = empty
    # 4096 orbits hold enough daughters of the slower kick for profiles
    tables = tables_of(study_of(name, '["120 km/s", "5000 km/s"]', n=4096), tmp_path)
    only = tables_of(alone, tmp_path)
    columns = {"profiles": "density", "jfactors": "j_pair"}
    columns |= {} if name == "phase_mixing" else {"live": "density_daughters"}
    assert set(tables) == set(only) == set(columns)
    for file, column in columns.items():
        table = tables[file]
        stays, gone = (table[table["kick"] == label] for label in ("120 km/s", "5000 km/s"))
        assert only[file].colnames == table.colnames
        assert np.nanmin(stays[column]) > 0
        for values in (gone[column], only[file][column]):
            assert len(values) > 0
            assert np.all(np.asarray(values) == 0)


def test_the_summary_says_so_in_words(empty):
    _, study = empty
    (entry,) = summary(study)["kicks"]
    assert "none of the daughters stays" in entry["none_left"]
    assert [cone["j_pair_GeV2_cm-5"] for cone in entry["cones"]] == [0, 0]
    assert "5000 km/s: none of the daughters stays" in short_tables(study)


@pytest.mark.parametrize("empty", ["orbit_iteration", "phase_mixing"], indirect=True)
def test_pictures_and_the_stored_result_know_it(empty, tmp_path):
    name, study = empty
    names = {path.stem for path in plot_result(study, tmp_path)}
    assert names == {"density", "ratio", "jfactor"} | (set() if name == "phase_mixing" else {"live"})
    storage.write(study, tmp_path / "result.h5")
    assert storage.read(tmp_path / "result.h5") == study


def test_the_rest_expands_by_homology():
    """All daughters leave: M(<r) = (1 - x) M0[< (1 - x) r] exactly, for slow decays."""
    config = parse_config(STUDY.format(kicks=FAST, lifetime="30 Gyr", name="orbit_iteration", more="n = 8192\n"))
    live = run(config).daughters[0].live
    profile = build.halo(config.halo, config.folder).profile
    radius = units.attach(np.geomspace(4.0, 60.0, 6), "length")
    expected, _ = one_body_homology(profile, 0.75 * live.decayed_share[-1], radius)
    found = np.interp(np.log(radius.value), np.log(live.radius.value), live.mass[-1].value / live.before_mass.value)
    # sampling of 8192 orbits, of which 300 begin inside the first radius; measured 0.4 per cent
    np.testing.assert_allclose(found, (expected / profile.mass(radius)).value, rtol=0.01)
    # none is left, which is not that too few are: there their density would be nan
    assert np.all(live.daughters.value == 0)


def test_particles_that_all_fly_away_are_none_left_too():
    study = run(parse_config(STUDY.format(kicks=FAST, lifetime="30 Gyr", name="live", more="n = 2048\n")))
    assert not np.any(study.sky.j_pair.value)
    assert "none of the daughters stays" in short_tables(study)


def test_too_few_daughters_are_refused_as_before():
    # 266 of 2048 daughters are bound, and two shells need 400 each
    with pytest.raises(InputError, match=r"480 km/s: too few daughters.*larger method.n"):
        study_of("orbit_iteration", '["480 km/s"]')
