"""Models without late decay, alone and as the origin of another one's asymmetries: run file to result and back."""

import json
from dataclasses import dataclass
from typing import ClassVar

import pytest
from astropy.table import Table
from typer.testing import CliRunner

from cosmology.limits import PLANCK_2018, SWaveUnitarity
from cosmology.models import MODELS, HaloAnnihilation
from cosmology.models.config_reader import Key, raise_all, read_keys
from cosmology.units import Quantity
from cosmology.yields import KickLaw, Yields
from halokick.cli import app
from halokick.study import storage
from halokick.study.config import parse_config
from halokick.study.config_problems import RunFileError
from halokick.study.cost import cost
from halokick.study.model_columns import has_fluxes
from halokick.study.run import run
from halokick.study.screen import short_tables

HALO = '[halo]\nprofile = "nfw"\nr_s = "20 kpc"\nrho_s = "7e6 Msun/kpc3"\n'
GENESIS = '[model]\nname = "genesis"\nasymmetry = 8e-11\n'
REGENERATED = """\
[model]
name = "regenerated_adm"
splitting = "1.9 MeV"
operator_scale = "1.6e6 GeV"
annihilation = "constant"
sigma_v = "1e-23 cm3/s"
"""
ORIGIN = '[model.origin]\nname = "genesis"\nasymmetry = 5e-11\n'


@dataclass(frozen=True)
class Genesis:
    """Stand-in: one dark species that does not decay, whose asymmetry is its key."""

    asymmetry: float

    name: ClassVar[str] = "genesis"

    @classmethod
    def from_config(cls, section):
        values, problems = read_keys(section, {"name": Key("name", '"x"'), "asymmetry": Key("number", "8e-11")})
        raise_all(problems)
        return cls(values["asymmetry"])

    def to_config(self):
        return {"name": self.name, "asymmetry": self.asymmetry}

    def yields(self):
        return Yields(self.name, "saikawa_shirai", "5 GeV", self.asymmetry)

    def constraints(self):
        late = PLANCK_2018.check(sigma_v="1e-27 cm3/s", mass="5 GeV", channel="mumu", pair_factor=1.0)
        return (late, SWaveUnitarity().check(sigma_v="1e-24 cm3/s", mass="5 GeV", velocity="30 km/s"))

    def summary(self):
        return {"model": self.name, "g_star": "saikawa_shirai", "decoupling": Quantity(3.0, "GeV"), "phase": "broken"}


@dataclass(frozen=True)
class Kicking(Genesis):
    """The same with a parent that decays late, in a model which says nothing of annihilation."""

    name: ClassVar[str] = "kicking"

    def yields(self):
        parent = {"parent_mass": "5.001 GeV", "parent_asymmetry": self.asymmetry, "parent_share": 0.5}
        kick = KickLaw("fixed", {"kick_speed": Quantity(54.0, "km/s")})
        daughter = {"daughter_asymmetry": self.asymmetry, "daughter_share": 0.5}
        return Yields(self.name, "none", daughter_mass="5 GeV", lifetime="200 Gyr", kick=kick, **daughter, **parent)


@dataclass(frozen=True)
class Silent(Genesis):
    """The same without limits, but with an annihilation."""

    name: ClassVar[str] = "silent"

    def constraints(self, *, dwarf_suppression=None):
        return ()

    def halo_annihilation(self):
        return HaloAnnihilation("1e-26 cm3/s", False)


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch):
    for one in (Genesis, Kicking, Silent):
        monkeypatch.setitem(MODELS, one.name, one)


def problems(text):
    with pytest.raises(RunFileError) as caught:
        parse_config(text)
    return [str(one) for one in caught.value.problems]


def halokick(*arguments):
    answer = CliRunner().invoke(app, [*map(str, arguments)])
    assert answer.exit_code == 0, answer.stderr
    return answer.stdout


def test_model_without_late_decay_is_a_study_by_itself(tmp_path):
    config = parse_config(GENESIS)
    assert config.decay is None
    assert parse_config(config.to_toml()) == config
    result = run(config)
    model = result.model
    assert (model.kick, model.lifetime, model.parent_mass, model.sigma_v, dict(model.shares)) == (None,) * 4 + ({},)
    assert dict(model.yields) == {
        "g_star": "saikawa_shirai",
        "daughter_mass": Quantity(5, "GeV"),
        "daughter_asymmetry": 8e-11,
        "daughter_share": 1.0,
    }
    assert [one.name for one in model.limits] == [one.name for one in Genesis(8e-11).constraints()]
    storage.write(result, tmp_path / "result.h5")
    assert storage.read(tmp_path) == result
    screen = short_tables(result)
    for said in (
        "dark matter of 5 GeV, no late decay",
        "(n - nbar)/s = 8e-11",
        "decoupling  3 GeV",
        "broken",
        "Planck",
    ):
        assert said in screen, screen


@pytest.mark.parametrize("name", ["silent", "kicking"])
def test_what_a_model_does_not_say_is_nowhere(name, tmp_path):
    result = run(parse_config(GENESIS.replace("genesis", name)))
    storage.write(result, tmp_path / "result.h5")
    assert storage.read(tmp_path) == result
    screen = short_tables(result)
    assert ("<sigma v> today" in screen) == (name == "silent")
    assert ("lifetime 200 Gyr" in screen) == (name == "kicking")


def test_late_decay_without_annihilation_has_a_halo_and_no_fluxes():
    config = parse_config(
        GENESIS.replace("genesis", "kicking")
        + HALO
        + '[method]\nname = "ergodic"\nr_min = "1 kpc"\nr_max = "100 kpc"\nn_radii = 8\n'
        + '[observer]\ndistance = "8 kpc"\nangles = ["1 deg"]\n'
    )
    result = run(config)
    assert result.model.kick == result.sky.kicks[0] == "54 km/s"
    assert result.sky.shares["primordial"] == 0.5
    assert not has_fluxes(result)
    assert "flux" not in short_tables(result)


def test_every_command_has_something_to_say_of_a_model_alone(tmp_path):
    path = tmp_path / "alone.toml"
    path.write_text(GENESIS)
    said = halokick("check", path)
    assert "model: genesis, dark matter of 5 GeV, no late decay" in said
    assert "kicks" not in said
    assert "no limit excludes this point" in halokick("run", path)
    out = tmp_path / "out" / "alone"
    assert {one.name for one in out.iterdir()} == {"model.ecsv", "result.h5", "summary.json"}
    short = json.loads((out / "summary.json").read_text(), parse_constant=lambda word: pytest.fail(word))
    assert short["model"]["yields"]["daughter_asymmetry"] == 8e-11
    assert short["model"]["kick"] is None
    assert "genesis: dark matter of 5 GeV" in halokick("table", out)
    assert "no pictures" in halokick("plot", out)


@pytest.mark.parametrize(
    ("rest", "named"),
    [
        (HALO, "[halo]"),
        ('[decay]\nlifetime = "5 Gyr"\nkick_speed = "54 km/s"\n', "[decay]"),
        (HALO + '[dwarfs]\nangles = ["0.5 deg"]\n', "[halo], [dwarfs]"),
    ],
)
def test_without_late_decay_there_is_nothing_for_halos(rest, named):
    (said,) = problems(GENESIS + rest)
    assert f'model: "genesis" has no late decay that could kick daughters, so there is nothing for {named};' in said
    assert f"allowed: the model without {named}: its yields and limits; or behind a model" in said
    assert 'as [model.origin] of name = "regenerated_adm"' in said


def test_asymmetries_of_another_model_from_run_file_to_table(tmp_path):
    path = tmp_path / "chain.toml"
    path.write_text(REGENERATED + ORIGIN)
    assert "origin: genesis, (n - nbar)/s = 2.5e-11 of B' and 2.5e-11 of L'" in halokick("check", path)
    halokick("run", path)
    result = storage.read(tmp_path / "out" / "chain")
    # Hardy, Lasenby & Unwin (2014), Eq. (2.1): m_L' = (0.12/0.02237) 0.93827 GeV Y_B/(A_B' + A_L'), Y_B = 8.69e-11
    mass = 0.12 / 0.02237 * 0.93827 * 8.69e-11 / 5e-11
    # constants agree to 2e-4
    assert result.model.daughter_mass.to_value("GeV") == pytest.approx(mass, rel=5e-4)
    given = REGENERATED + "parent_asymmetry = 2.5e-11\ndaughter_asymmetry = 2.5e-11\n"
    same = run(parse_config(given)).model
    assert (same.lifetime, same.shares, same.limits) == (
        result.model.lifetime,
        result.model.shares,
        result.model.limits,
    )
    origin = result.model.origin
    assert (origin.name, origin.yields["g_star"], origin.parent_part) == ("genesis", "saikawa_shirai", 0.5)
    assert (origin.parent_asymmetry, origin.daughter_asymmetry) == (2.5e-11, 2.5e-11)
    assert origin.yields["daughter_asymmetry"] == 5e-11
    assert [one.status for one in origin.limits] == [one.status for one in Genesis(5e-11).constraints()]
    # what is stored can be run again
    assert result.provenance.run_file == parse_config(result.provenance.run_file).to_toml()
    assert "[model.origin]" in result.model.config
    screen = halokick("table", tmp_path / "out" / "chain")
    for said in (
        "asymmetries from genesis: (n - nbar)/s = 2.5e-11 of B' and 2.5e-11 of L', parts 0.5 and 0.5 of its own",
        "yields of genesis by itself: (n - nbar)/s = 5e-11 of 5 GeV; g* saikawa_shirai",
        "limits of genesis by itself: no limit excludes",
    ):
        assert said in screen, screen
    table = Table.read(tmp_path / "out" / "chain" / "model.ecsv")
    assert [name for name in table["name"] if name.startswith("genesis: ")] == [
        f"genesis: {one.name}" for one in origin.limits
    ]
    short = json.loads((tmp_path / "out" / "chain" / "summary.json").read_text())
    assert short["model"]["origin"]["yields"]["daughter_asymmetry"] == 5e-11
    assert short["model"]["summary"]["origin"] == "genesis"


def test_keys_of_the_origin_can_be_set_from_the_shell():
    config = parse_config(REGENERATED + ORIGIN, ["model.origin.parent_part=0.25", "model.origin.asymmetry=4e-11"])
    origin = config.model.model.origin()
    assert (origin.parent_asymmetry, origin.daughter_asymmetry) == (1e-11, 3e-11)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            REGENERATED + '[model.origin]\nname = "genisis"',
            'model.origin.name = "genisis": no such model; did you mean',
        ),
        (
            REGENERATED + '[model.origin]\nname = "regenerated_adm"',
            "is no origin, neither of another model nor of itself",
        ),
        (REGENERATED + ORIGIN.replace("5e-11", '"x"'), "model.origin.asymmetry = 'x'; a number is needed"),
        (REGENERATED + 'daughter_mass = "1 GeV"\n' + ORIGIN, "given more than once, by daughter_mass, origin"),
        (GENESIS + ORIGIN, 'model.origin: "genesis" makes its own asymmetries; allowed: no [model.origin]'),
        (REGENERATED + "origin = 3", "model: [model.origin] = 3; a section with keys is needed"),
    ],
)
def test_message_says_what_to_do(text, said):
    (found,) = problems(text)
    assert said in found, found


def test_every_problem_of_model_origin_and_halo_at_once():
    found = problems(REGENERATED + "couplin = 1\n" + ORIGIN + "asymetry = 1\n" + HALO.replace("nfw", "nwf"))
    assert [one.partition(":")[0] for one in found] == [
        "model.couplin",
        "model.origin.asymetry",
        'halo.profile = "nwf"',
    ]


def test_cost_of_a_model_alone_is_no_kernel():
    config = parse_config(GENESIS)
    assert cost(config, None, compiled=False) == cost(config, None, compiled=True)
