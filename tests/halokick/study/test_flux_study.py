"""The section [flux]: from the words of a run file to fluxes that integrals by hand give."""

import dataclasses
import json

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table
from scipy.integrate import quad

from halokick.decay.history import DecayHistory
from halokick.errors import InputError
from halokick.study import dwarf_grids, storage
from halokick.study.config import parse_config
from halokick.study.config_problems import RunFileError
from halokick.study.result import StudyResult
from halokick.study.run import run
from halokick.study.screen import short_tables
from halokick.study.tables import summary, write_tables
from halokick.study.telescope_columns import telescope_columns
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
angles = ["1 deg", "2 deg"]
"""
DWARFS = """
[dwarfs]
names = ["Draco", "Fornax"]
draws = 20
truncation = "none"
"""
FLUX = """
[flux]
mass = "50 GeV"
sigma_v = "3e-26 cm3/s"
shares = [0.4, 0.1]
spectrum = "power_law"
index = 1.5
cut = 8.0
e_min = "1 GeV"
e_max = "50 GeV"
n_bins = 8
"""
EMPTY = StudyResult(provenance=None, parent=None, daughters=(), sky=None, dwarfs=None)
SCALE = 0.4 * 0.1 * 3e-26 / (4 * np.pi * 50.0**2)


@pytest.fixture(scope="module", autouse=True)
def coarse(coarse_dwarfs):
    """A small grid of the haloes of dwarfs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dwarf_grids, "_SOLVED", {"none": coarse_dwarfs[0]})
        yield


@pytest.fixture(scope="module")
def result():
    return run(parse_config(HALO + DWARFS + FLUX))


def test_fluxes_are_shares_cross_section_j_and_spectrum(result):
    """The spectrum integrated by an adaptive rule."""
    record = result.flux
    photons, _ = quad(lambda x: x**-1.5 * np.exp(-8 * x), 0.02, 1.0, epsrel=1e-12)
    energy, _ = quad(lambda x: 50 * x**-0.5 * np.exp(-8 * x), 0.02, 1.0, epsrel=1e-12)
    assert [one.name for one in record.targets] == ["halo", "halo", "Draco", "Fornax"]
    for a in (0, 1):
        one = record.targets[a]
        j = np.concatenate([result.sky.j_parent[a : a + 1], result.sky.j_pair[:, a]]).to_value("GeV2 cm-5")
        assert np.sum(one.photons[0].to_value("cm-2 s-1"), axis=-1) == pytest.approx(SCALE * j * photons, rel=1e-10)
        summed = np.sum(one.energy_flux[0].to_value("GeV cm-2 s-1"), axis=-1)
        assert summed == pytest.approx(SCALE * j * energy, rel=1e-10)
    x = record.energy.to_value("GeV") / 50
    expected = SCALE * record.targets[0].j_factor[0, 1].value * x**-1.5 * np.exp(-8 * x) / 50
    assert record.targets[0].differential[0, 1].to_value("GeV-1 cm-2 s-1") == pytest.approx(expected, rel=1e-12)


def test_dwarfs_are_those_of_their_suppression(result):
    dwarfs, one = result.dwarfs, result.flux.targets[3]
    assert one.j_factor[0, 0] == dwarfs.j_parent[1, 0, 1]
    assert np.array_equal(one.j_factor[0, 1:], dwarfs.j_parent[1, 0, 1] * dwarfs.suppression[1, 0, :, 1])
    assert np.array_equal(one.j_low[0, 1:], dwarfs.j_parent[1, 0, 1] * dwarfs.suppression[1, 0, :, 0])


def test_lifetime_gives_the_shares():
    text = HALO.replace("[method]", 'lifetime = "100 Gyr"\nparent_share = 0.5\n[method]')
    found = run(parse_config(text + FLUX.replace("shares = [0.4, 0.1]\n", ""))).flux
    today = DecayHistory(100 * u.Gyr, parent_share=0.5).shares_today
    assert found.shares.tolist() == [today["primordial"], today["daughters"]]


def test_law_of_the_speed_multiplies_j():
    text = HALO.replace('"1 deg", ', "").replace('"60 km/s", ', "")
    found = run(parse_config(text + '[annihilation]\nlaw = ["s_wave", "p_wave"]\n' + FLUX))
    j, seen = found.annihilation.j_s[:, 0] * found.annihilation.average[:, :, 0], found.flux.targets[0]
    assert np.array_equal(seen.j_factor, j)
    ratio = np.sum(seen.photons[1], axis=-1) / np.sum(seen.photons[0], axis=-1)
    assert ratio.to_value("") == pytest.approx(found.annihilation.average[1, :, 0], rel=1e-12)


def test_line_has_photons_in_its_bin_and_no_flux_per_energy():
    text = HALO + FLUX.replace("index = 1.5\ncut = 8.0", "x_line = 0.5").replace('"power_law"', '"line"')
    result = run(parse_config(text))
    one = result.flux.targets[0]
    assert np.all(np.isnan(one.differential))
    edges = result.flux.edges.to_value("GeV")
    filled = (edges[:-1] < 25) & (edges[1:] >= 25)
    assert np.array_equal(one.photons[0, 0].value > 0, filled)
    assert np.sum(one.photons[0, 0].value) == pytest.approx(2 * SCALE * one.j_factor[0, 0].value, rel=1e-12)
    assert "flux" in telescope_figures(result)


def test_table_of_the_user_is_read_from_the_run_file_s_folder(tmp_path):
    energy = np.geomspace(0.5, 50.0, 200)
    rows = "\n".join(f"{e:.8e},{(e / 50) ** -1.5 * np.exp(-8 * e / 50) / 50:.8e}" for e in energy)
    (tmp_path / "spectrum.csv").write_text(f"# mass_GeV: 50\nenergy_GeV,dN_dE_per_GeV\n{rows}\n")
    text = HALO + FLUX.replace('"power_law"\nindex = 1.5\ncut = 8.0', '"csv"\ntable = "spectrum.csv"')
    table = run(parse_config(text, source=str(tmp_path / "run.toml"))).flux.targets[0]
    closed = run(parse_config(HALO + FLUX)).flux.targets[0]
    # E dN/dE linear between rows 2.3 per cent apart: the square of that times its curvature
    assert table.photons.value == pytest.approx(closed.photons.value, rel=1e-3)


def test_missing_table_is_refused_before_the_work():
    text = HALO + FLUX.replace('"power_law"\nindex = 1.5\ncut = 8.0', '"cosmixs"\ntable = "none.dat"\nchannel = "b"')
    with pytest.raises(InputError, match="no such file"):
        run(parse_config(text))


def test_tables_summary_and_screen(result, tmp_path):
    write_tables(result, tmp_path)
    whole = Table.read(tmp_path / "flux_integrated.ecsv")
    assert len(whole) == 4 * 3 * (8 + 1)
    rows = whole[(whole["target"] == "Draco") & (whole["kick"] == "60 km/s")]
    assert rows["photons"][0] == pytest.approx(np.sum(rows["photons"][1:]), rel=1e-12)
    assert rows["photons_low"][0] <= rows["photons"][0] <= rows["photons_high"][0]
    differential = Table.read(tmp_path / "flux_differential.ecsv")
    assert len(differential) == 4 * 3 * 8
    assert "4 pi m^2" in differential.meta["formula"]
    assert json.loads(json.dumps(summary(result), allow_nan=False))["flux"]["mass_GeV"] == 50
    assert "(sigma v)_0" in short_tables(result)


def test_result_comes_back_from_its_file(result, tmp_path):
    storage.write(result, tmp_path / "result.h5")
    assert storage.read(tmp_path / "result.h5") == result


def test_resolved_run_file_reads_back():
    config = parse_config(HALO + FLUX)
    again = parse_config(config.to_toml())
    assert again.flux == config.flux
    assert again.to_toml() == config.to_toml()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("shares = [0.4, 0.1]\n", ""), "not known how much there is of each species"),
        (("[0.4, 0.1]", "[0.4]"), "not two shares"),
        (("[0.4, 0.1]", "[0.9, 0.2]"), "not two shares"),
        (('mass = "50 GeV"\n', ""), "flux.mass: missing"),
        (("3e-26 cm3/s", "3e-26"), "flux.sigma_v"),
        (("3e-26 cm3/s", "3e-26 cm2"), "has the unit cm2"),
        (('"50 GeV"\nn_bins', '"0.5 GeV"\nn_bins'), "not above e_min"),
        (('"power_law"', '"pppc4"'), 'flux.table: missing for spectrum = "pppc4"'),
        (('"power_law"', '"box"'), 'flux.index = 1.5: does not belong to spectrum = "box"'),
        (('"power_law"', '"powerlaw"'), 'did you mean "power_law"?'),
    ],
)
def test_wrong_fluxes_are_refused(change, said):
    with pytest.raises(RunFileError) as error:
        parse_config(HALO + FLUX.replace(*change))
    assert said in str(error.value)


def test_shares_and_a_lifetime_cannot_both_be_given():
    text = HALO.replace("[method]", 'lifetime = "100 Gyr"\n[method]')
    with pytest.raises(RunFileError, match="today's shares follow from the lifetime"):
        parse_config(text + FLUX)


def test_flux_needs_a_target():
    with pytest.raises(RunFileError, match="nothing to look at"):
        parse_config(HALO[: HALO.index("[observer]")] + FLUX)


def test_percentiles_are_known_where_the_median_is_zero(result):
    # more than half of the haloes drawn may keep no daughter
    one = next(target for target in result.flux.targets if target.j_low is not None)
    empty = dataclasses.replace(
        one,
        j_factor=_with(one.j_factor, 0.0),
        j_low=_with(one.j_low, 0.0),
        photons=_with(one.photons, 0.0),
    )
    _, before, _ = _kicked(result.flux, one)
    low, high, photons = _kicked(result.flux, empty)
    assert photons == 0
    assert low == 0
    # with the same J_S at the 84th percentile, whatever the median
    assert high == pytest.approx(before, rel=1e-12)


def _with(values, last):
    changed = values.copy()
    changed[0, -1] = last * values.unit
    return changed


def _kicked(flux, target):
    """Percentiles and median of all photons of the last kick."""
    record = dataclasses.replace(flux, targets=(target,))
    rows = telescope_columns(dataclasses.replace(EMPTY, flux=record))["flux_integrated"][0][-1]
    return tuple(rows[name][0].value for name in ("photons_low", "photons_high", "photons"))
