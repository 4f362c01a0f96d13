"""A [model] section: what it hands to the halo, what it adds to the products, and everything that can be wrong."""

import dataclasses
import json
import math

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table
from typer.testing import CliRunner

from cosmology.limits import lat_dwarfs
from cosmology.models import RegeneratedADM
from halokick.cli import app
from halokick.study import build, storage
from halokick.study.config import parse_config
from halokick.study.config_problems import RunFileError
from halokick.study.cost import cost
from halokick.study.model_record import model_record
from halokick.study.run import run
from halokick.study.screen import short_tables
from halokick.study.tables import write_tables

KEYS = {
    "name": "regenerated_adm",
    "daughter_mass": "10 GeV",
    "splitting": "1.9 MeV",
    "operator_scale": "1.6e6 GeV",
    "annihilation": "vector_pair",
    "coupling": 0.1,  # leaves about two per cent of antiparticles, which tests can see
    "mediator_mass": "2 GeV",
    "final_state": "mumu",
}
HALO = '[halo]\nprofile = "nfw"\nr_s = "20 kpc"\nrho_s = "7e6 Msun/kpc3"\n'


def run_file(rest="", **changes):
    keys = KEYS | changes
    lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items() if value is not None]
    return "\n".join(["[model]", *lines, rest, ""])


def problems(text):
    with pytest.raises(RunFileError) as caught:
        parse_config(text)
    return [str(one) for one in caught.value.problems]


@pytest.fixture(scope="module")
def model():
    return RegeneratedADM.from_config(KEYS)


@pytest.fixture
def whole(result):
    """The made-up result, with a model that saw its dwarfs."""
    config = parse_config(run_file())
    record = model_record(config, build.kicks(config.decay)[0], result.dwarfs)
    return dataclasses.replace(result, model=record)


def test_the_halo_gets_the_numbers_of_the_model(model):
    decay = parse_config(run_file()).decay
    history = build.history(decay)
    assert history.lifetime.to_value("s") == pytest.approx(model.lifetime.to_value("s"), rel=1e-14)
    assert history.parent_share == model.abundance.parent_share
    assert history.primordial_share == 1 - model.abundance.parent_share
    assert history.decayed_share == pytest.approx(model.decayed_share(), rel=1e-14)
    # the law in [decay] leaves out (v/c)^2 = 4e-8
    (kick,) = build.kicks(decay)
    for speed in ("mean_speed", "rms_speed", "max_speed"):
        exact = getattr(model.kick_spectrum, speed).to_value("km/s")
        assert getattr(kick, speed).to_value("km/s") == pytest.approx(exact, rel=1e-6)


def test_partners_with_mass_hand_over_a_table_of_kicks():
    masses = ["0.5 MeV", "0.2 MeV"]
    decay = parse_config(run_file(partner_masses=masses)).decay
    exact = RegeneratedADM.from_config(KEYS | {"partner_masses": masses}).kick_spectrum
    (kick,) = build.kicks(decay)
    # a table of 401 speeds, joined by straight lines: the relative error of a mean is of order 1/400^2
    assert kick.mean_speed.to_value("km/s") == pytest.approx(exact.mean_speed.to_value("km/s"), rel=1e-4)


def test_decay_may_say_the_age_and_it_counts(model):
    config = parse_config(run_file('[decay]\nage = "5 Gyr"'))
    gone = 1 - math.exp(-(5 * u.Gyr / model.lifetime).to_value(""))
    assert build.history(config.decay).decayed_share == pytest.approx(gone, rel=1e-12)


@pytest.mark.parametrize("rest", ["", '[decay]\nage = "5 Gyr"', HALO])
def test_resolved_run_file_reads_back_to_the_same_study(rest):
    config = parse_config(run_file(rest))
    again = parse_config(config.to_toml())
    assert again == config
    assert again.to_toml() == config.to_toml()


def test_every_problem_of_model_and_halo_at_once():
    found = problems(run_file('[halo]\nprofile = "nwf"\n', splitting=2.0, coupling=None, daughter_mas="1 GeV"))
    said = "\n".join(found)
    assert len(found) == 4
    assert "model.splitting = 2.0 has no unit" in said
    assert "model.daughter_mas: no such key; did you mean daughter_mass?" in said
    assert "model: strength of annihilation: missing" in said
    assert 'halo.profile = "nwf"' in said


@pytest.mark.parametrize(
    "key", ['lifetime = "100 Gyr"', 'kick_speed = "54 km/s"', "parent_share = 0.5", 'law = "fixed"']
)
def test_what_comes_from_the_model_is_refused_in_decay(key):
    (said,) = problems(run_file(f"[decay]\n{key}"))
    assert said.startswith(f"decay.{key}: comes from [model]; allowed: decay.age only, or no [model]")


def test_bad_age_is_found_beside_a_bad_model():
    found = problems(run_file('[decay]\nage = "5 km"', splitting="-1 MeV"))
    assert [said.split(" ")[0] for said in found] == ["model.splitting", "decay.age"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[model]\nname = "regenerated"', 'no such model; did you mean "regenerated_adm"?'),
        (
            "[model]",
            'model.name: missing; allowed: the models that exist today: "regenerated_adm", "asymmetric_freeze_in"',
        ),
        ("model = 3", "model = 3: not a section"),
        (run_file('[model.origin]\nname = "made_up"', daughter_mass=None), 'model.origin.name = "made_up": no such'),
        (run_file('[observer]\ndistance = "8 kpc"\nangles = "1 deg"'), "there is no [halo] for it"),
        (run_file(coupling=30.0), "model.coupling = 30.0; a coupling lies above 0"),
    ],
)
def test_message_says_what_to_do(text, said):
    (found,) = problems(text)
    assert said in found


def test_wrong_model_ends_with_status_two(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text(run_file(splitting=None))
    answer = CliRunner().invoke(app, ["run", str(path)])
    assert answer.exit_code == 2
    assert "model.splitting: missing" in answer.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["wrong.toml"]


def test_model_alone_is_a_study(model, tmp_path):
    config = parse_config(run_file())
    result = run(config)
    assert (result.parent, result.sky, result.dwarfs, result.daughters) == (None, None, None, ())
    names = {path.name for path in write_tables(result, tmp_path)}
    assert names == {"model.ecsv", "summary.json"}
    table = Table.read(tmp_path / "model.ecsv")
    answers = model.constraints()
    assert list(table["name"]) == [one.name for one in answers]
    assert list(table["status"]) == [one.status for one in answers]
    assert list(table["source"]) == [one.source for one in answers]
    planck = table[table["name"] == "Planck 2018"][0]
    expected = next(one for one in answers if one.name == "Planck 2018")
    assert u.Quantity(planck["bound"], planck["unit"]) == expected.bound
    assert planck["excess"] == pytest.approx(expected.excess)
    text = (tmp_path / "summary.json").read_text()
    short = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert short["model"]["summary"]["lifetime"] == {"value": model.lifetime.to_value("Gyr"), "unit": "Gyr"}
    assert short["model"]["yields"]["parent_asymmetry"] == model.yields().parent_asymmetry
    screen = short_tables(result)
    assert f"lifetime {model.lifetime.to_value('Gyr'):.4g} Gyr" in screen
    assert "a [dwarfs] section gives what is left of their signal" in screen
    lines, _ = cost(config, None, compiled=True)
    assert any(line.startswith("model: regenerated_adm, lifetime") for line in lines)


def test_dwarf_limit_is_read_through_the_suppression_of_the_stack(whole, model):
    reading, dwarfs = whole.model.dwarfs, whole.dwarfs
    # by hand: both dwarfs are of the stack, weighted by their J without kick, first kick, median
    weights, factors = dwarfs.j_parent[:, 0, 1].value, dwarfs.suppression[:, 0, 0, 1]
    stacked = float(np.sum(weights * factors) / np.sum(weights))
    assert reading.stacked[1] == pytest.approx(stacked, rel=1e-14)
    # pairs that freeze-out left are those of before the decays, less what has decayed of B' and anti-B'
    parent, daughter = model.abundance.parent, model.abundance.daughter
    left = 1 - model.decayed_share()
    rest = daughter.particle_yield * daughter.antiparticle_yield
    heavier = float(model.parent_mass / model.daughter_mass)
    rest += heavier * parent.particle_yield * parent.antiparticle_yield * left**2
    total = parent.total_yield * (1 + (heavier - 1) * left) + daughter.total_yield
    kicked = 1 - 2 * rest / total**2 / model.pair_factor()
    assert reading.kicked_share == pytest.approx(kicked, rel=1e-9)
    assert 0.9 < kicked < 0.99
    factor = kicked * stacked + (1 - kicked)
    assert reading.suppression[1] == pytest.approx(factor, rel=1e-12)
    by_hand = lat_dwarfs("mumu").with_suppression(factor)
    point = {"mass": model.daughter_mass, "pair_factor": model.pair_factor()}
    (found,) = (one for one in whole.model.limits if one.name.startswith("LAT dwarfs"))
    # the model's own pairs at the age of the Universe give the same factor up to rounding
    assert found.bound.to_value("cm3/s") == pytest.approx(by_hand.bound(**point).to_value("cm3/s"), rel=1e-9)
    no_kick = lat_dwarfs("mumu").bound(**point).to_value("cm3/s")
    assert reading.no_kick.bound.to_value("cm3/s") == pytest.approx(no_kick, rel=1e-9)
    screen = short_tables(whole)
    assert "LAT dwarfs 6yr, mumu, with kick" in screen
    assert "LAT dwarfs 6yr, mumu, no kick" in screen


def test_limits_are_those_of_today_whatever_the_age_of_the_halo(whole):
    young = parse_config(run_file('[decay]\nage = "5 Gyr"'))
    record = model_record(young, build.kicks(young.decay)[0], whole.dwarfs)
    assert record.limits == whole.model.limits
    assert record.shares["daughters"] < whole.model.shares["daughters"]
    assert record.remainder > whole.model.remainder


def test_without_a_table_or_a_dwarf_of_the_stack_nothing_is_read(result):
    config = parse_config(run_file(final_state="VV->4mu"))
    kick = build.kicks(config.decay)[0]
    assert model_record(config, kick, result.dwarfs).dwarfs is None
    others = dataclasses.replace(result.dwarfs, names=("Crater II", "Leo I"))
    config = parse_config(run_file())
    record = model_record(config, kick, others)
    assert record.dwarfs is None
    (found,) = (one for one in record.limits if one.name.startswith("LAT dwarfs"))
    assert found.status == "not applicable"


def test_flux_is_that_of_a_hand_calculation(whole, model, tmp_path):
    write_tables(whole, tmp_path)
    table = Table.read(tmp_path / "fluxes.ecsv")
    assert list(table["target"]) == ["halo"] * 3 + ["Draco", "Segue 1"]
    f_b, gone = model.abundance.parent_share, model.decayed_share()
    share = (1 - f_b) * f_b * gone
    factor = model.sigma_v.to_value("cm3/s") / (4 * math.pi * 10.0**2)  # m = 10 GeV
    j_halo = whole.sky.j_pair[0].value
    j_dwarfs = whole.dwarfs.j_parent[:, 0, 1].value * whole.dwarfs.suppression[:, 0, 0, 1]
    expected = factor * share * np.concatenate([j_halo, j_dwarfs])
    assert table["flux"].unit == u.Unit("cm-2 s-1")
    assert np.asarray(table["flux"]) == pytest.approx(expected, rel=1e-9)
    no_kick = factor * share * whole.sky.j_parent.value
    assert np.asarray(table["flux_no_kick"][:3]) == pytest.approx(no_kick, rel=1e-9)
    assert np.all(np.isnan(table["flux_low"][:3]))
    assert np.all(table["flux_low"][3:] < table["flux"][3:])
    assert table.meta["shares"]["daughters"] == pytest.approx(f_b * gone)
    assert "f_L f_B X" in table.meta["formula"]
    # what freeze-out left, from the pair factor before any decay: 2 (y ybar + ...)/(sum y)^2, B' and anti-B' decaying
    before = model.pairs(0.0) / 2
    assert np.all(np.asarray(table["flux_remainder"][:3]) <= factor * before * whole.sky.j_parent.value)
    assert np.all(np.asarray(table["flux_remainder"][:3]) >= factor * before / 2 * whole.sky.j_parent.value)


def test_result_with_a_model_comes_back_equal(whole, tmp_path):
    storage.write(whole, tmp_path / "result.h5")
    again = storage.read(tmp_path)
    assert again == whole
    assert again.model.limits[0].value == whole.model.limits[0].value
    other = dataclasses.replace(whole.model, sigma_v=2 * whole.model.sigma_v)
    assert again != dataclasses.replace(whole, model=other)


def test_result_without_a_model_has_none(result, tmp_path):
    storage.write(result, tmp_path / "result.h5")
    assert storage.read(tmp_path).model is None
