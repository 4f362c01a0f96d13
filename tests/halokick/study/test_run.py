import astropy.units as u
import numpy as np
import pytest

from halokick.sky.jfactor import j_factor
from halokick.study import build
from halokick.study.config import parse_config
from halokick.study.run import run

HALO = """
[halo]
profile = "hernquist"
r_s = "10 kpc"
mass = "1e12 Msun"
mass_radius = "1e6 kpc"
[decay]
kick_speed = "150 km/s"
lifetime = "100 Gyr"
parent_share = 0.5
[method]
r_min = "0.01 kpc"
r_max = "100 kpc"
n_radii = 16
"""
OBSERVER = '\n[observer]\ndistance = "8 kpc"\nangles = ["1 deg", "10 deg"]\n'


@pytest.fixture(scope="module")
def mixed():
    return run(parse_config(HALO + OBSERVER))


def test_two_methods_agree_within_the_errors_of_the_second(mixed):
    orbits = run(parse_config(HALO, ["method.name=orbits", "method.n=200000", "method.seed=7"]))
    one, two = mixed.daughters[0], orbits.daughters[0]
    ratio = np.interp(np.log(two.radius.value), np.log(one.radius.value), one.ratio)
    error = (two.error / two.density).value * two.ratio
    inside = two.radius < 50 * u.kpc
    # linear interpolation between 16 radii, a factor 1.8 apart, errs by about 2 per cent; 4 sigma beside it
    assert np.all(np.abs(two.ratio - ratio)[inside] < 4 * error[inside] + 0.03 * ratio[inside])
    assert two.bound_fraction == pytest.approx(one.bound_fraction, abs=0.005)
    assert orbits.provenance.seed == 7


def test_sky_record_knows_both_ends(mixed):
    sky = mixed.sky
    # cones grow, daughters are fewer than parents, and both kicked are fewer still
    assert np.all(np.diff(sky.j_pair[0].value) > 0)
    assert np.all(sky.j_daughter[0] < sky.j_pair[0])
    assert np.all(sky.j_pair[0] < sky.j_parent)
    assert sky.r_max == 100 * u.kpc
    assert sum(sky.shares.values()) == pytest.approx(1)


def test_differential_factor_adds_up_to_the_cone(mixed):
    sky = mixed.sky
    theta = np.radians(sky.theta.to_value("deg"))
    inside = sky.theta <= 10 * u.deg
    weight = 2 * np.pi * np.sin(theta) * sky.differential_pair[0].value * theta
    ln = np.log(theta)
    # what lies inside the first direction follows from the power law there; trapezoids in ln theta err by 1e-3
    total = np.trapezoid(weight[inside], ln[inside]) + weight[0] / 2
    assert total / sky.j_pair[0, 1].value == pytest.approx(1, rel=5e-3)


def test_options_add_their_components(mixed):
    everything = run(parse_config(HALO, ["method.options=['streaming', 'early_capture']"]))
    found = everything.daughters[0]
    assert set(found.components) == {"bound", "streaming", "early_capture"}
    assert np.allclose(found.components["bound"].value, mixed.daughters[0].components["bound"].value, rtol=1e-12)
    assert np.all(found.density >= mixed.daughters[0].density)
    assert everything.sky is None


def test_energy_cut_ends_parents_and_daughters():
    cut = run(parse_config(HALO + OBSERVER, ["halo.energy_cut=120 kpc"]))
    assert cut.sky.r_max <= 120 * u.kpc
    assert np.all(np.isfinite(cut.parent.slope))
    assert np.all(cut.parent.density > 0)


def test_dwarfs_of_the_halo_itself_have_a_floor():
    text = HALO + '[dwarfs]\nnames = ["Draco"]\ndraws = 20\nhost = "halo"\ntruncation = "none"\n'
    dwarfs = run(parse_config(text)).dwarfs
    assert dwarfs.names == ("Draco",)
    assert dwarfs.floor.shape == dwarfs.suppression.shape == (1, 1, 1, 3)
    # 150 km/s empties a dwarf, and the host's daughters pass through it
    assert dwarfs.suppression[0, 0, 0, 1] < 1e-3
    assert dwarfs.floor[0, 0, 0, 1] > 0


def test_same_seed_gives_the_same_dwarfs_and_another_does_not():
    text = '[decay]\nkick_speed = "20 km/s"\n[dwarfs]\nnames = ["Segue 1"]\ndraws = 20\ntruncation = "none"\n'
    one, two, three = (run(parse_config(text, [f"dwarfs.seed={seed}"])) for seed in (1, 1, 2))
    assert one.dwarfs == two.dwarfs
    assert one.dwarfs != three.dwarfs
    assert one.provenance.seed == 1


def test_sky_ends_where_the_observer_says(mixed):
    ended = run(parse_config(HALO + OBSERVER + 'r_max = "50 kpc"\n')).sky
    parents = build.density_profile(parse_config(HALO).halo, None)
    known = j_factor(parents, distance="8 kpc", angle=ended.angles, r_max="50 kpc")
    assert ended.r_max == 50 * u.kpc
    # the same function of the same numbers
    assert np.allclose(ended.j_parent / known, 1, rtol=1e-12)
    assert np.all(ended.j_pair < mixed.sky.j_pair)


def test_streaming_daughters_come_from_where_the_file_says(mixed):
    near, far = (
        run(parse_config(HALO, ["method.options=streaming", f"method.source_edge={edge}"])).daughters[0]
        for edge in ("20 kpc", "100 kpc")
    )
    without = run(parse_config(HALO, ["method.options=streaming"])).daughters[0]
    # the edge is where the table of daughters ends, unless it is given
    assert np.array_equal(without.components["streaming"], far.components["streaming"])
    # nothing comes from outside, where the last radius lies
    assert np.all((near.components["streaming"] < far.components["streaming"])[:-1])
