"""Asymmetries from another model: what is handed over, what follows from it, and everything that can be wrong."""

import pickle
from dataclasses import dataclass
from typing import ClassVar

import pytest

from cosmology import MODELS, FromAsymmetries, FromOrigin, InputError, ParticleModel, RegeneratedADM, Yields, read_model
from cosmology.constants import BARYON_YIELD
from cosmology.models.config_reader import Key, raise_all, read_keys
from cosmology.shares import masses_and_shares


@dataclass(frozen=True)
class Genesis:
    """Stand-in: a model without late decay, of one dark species or of two, whose asymmetries are its keys."""

    asymmetry: float
    second: float | None = None

    name: ClassVar[str] = "genesis"
    KEYS: ClassVar[dict] = {
        "name": Key("name", '"genesis"'),
        "asymmetry": Key("number", "8e-11"),
        "second": Key("number", "8e-11"),
    }

    @classmethod
    def from_config(cls, section):
        values, problems = read_keys(section, cls.KEYS)
        if "asymmetry" not in section:
            problems.append("asymmetry: missing")
        raise_all(problems)
        return cls(**{key: value for key, value in values.items() if key != "name"})

    def to_config(self):
        return {"name": self.name, **{key: value for key, value in vars(self).items() if value is not None}}

    def yields(self):
        parent = {}
        if self.second is not None:
            parent = {
                "parent_mass": "5 GeV",
                "parent_asymmetry": self.second,
                "parent_share": 0.5,
                "daughter_share": 0.5,
            }
        return Yields(self.name, "none", "5 GeV", self.asymmetry, **parent)

    def constraints(self):
        return ()

    def summary(self):
        return {"model": self.name}


SECTION = {
    "name": "regenerated_adm",
    "splitting": "1 MeV",
    "lifetime": "100 Gyr",
    "annihilation": "constant",
    "sigma_v": "1e-23 cm3/s",  # leaves no antiparticles
}
ONE = {"name": "genesis", "asymmetry": 5e-11}


@pytest.fixture(autouse=True)
def genesis(monkeypatch):
    monkeypatch.setitem(MODELS, "genesis", Genesis)


def problems(section):
    with pytest.raises(InputError) as caught:
        read_model(section)
    return str(caught.value)


def test_masses_follow_from_the_sum_rule():
    point = read_model(SECTION | {"origin": ONE})
    # (2.1): m (eta_B' + eta_L')/eta_B = 5.03 GeV for equal masses, whatever the origin's own dark matter weighs
    assert point.daughter_mass.to_value("GeV") == pytest.approx(5.0331 * BARYON_YIELD / 5e-11, rel=1e-3)  # splitting
    assert point.origin().parent_asymmetry == point.origin().daughter_asymmetry == 2.5e-11
    record = point.yields()
    assert record.parent_asymmetry == pytest.approx(2.5e-11, rel=1e-12)
    assert record.parent_share == pytest.approx(0.5, rel=1e-3)
    assert point.summary()["origin"] == "genesis"


@pytest.mark.parametrize("sign", [1, -1])
def test_the_part_of_the_parents_is_a_choice(sign):
    origin = {"name": "genesis", "asymmetry": sign * 4e-11, "parent_part": 0.25}
    record = read_model(SECTION | {"origin": origin}).yields()
    assert (record.parent_asymmetry, record.daughter_asymmetry) == pytest.approx((sign * 1e-11, sign * 3e-11))
    by_hand = masses_and_shares(1e-11 / BARYON_YIELD, 3e-11 / BARYON_YIELD, splitting="1 MeV")
    assert record.parent_share == pytest.approx(by_hand.parent_share, rel=1e-6)
    assert record.daughter_mass.to_value("GeV") == pytest.approx(by_hand.daughter_mass.to_value("GeV"), rel=3e-4)


def test_two_species_are_taken_as_they_are():
    point = read_model(SECTION | {"origin": ONE | {"second": 1e-11}})
    given = {"parent_asymmetry": 1e-11, "daughter_asymmetry": 5e-11}
    same = read_model(SECTION | given)
    assert point.origin().parent_part is None
    assert point.yields() == same.yields()
    assert point.lifetime == same.lifetime


@pytest.mark.parametrize("origin", [ONE, ONE | {"second": 1e-11}, ONE | {"parent_part": 0.3}])
def test_a_section_and_a_model_say_the_same(origin):
    point = read_model(SECTION | {"origin": origin})
    again = read_model(point.to_config())
    assert again == point
    assert again.to_config() == point.to_config()
    assert pickle.loads(pickle.dumps(point)) == point


def test_the_stand_in_keeps_the_promises_of_every_model():
    assert isinstance(Genesis(1e-11), ParticleModel)
    assert read_model(ONE) == Genesis(5e-11)
    source = FromOrigin(Genesis(5e-11))
    assert source.asymmetries == FromAsymmetries(*[2.5e-11 / BARYON_YIELD] * 2)


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ({"name": "genesi", "asymmetry": 1e-11}, 'origin.name = "genesi": no such model; did you mean "genesis"?'),
        ({"name": "genesi"}, 'allowed: the models that make asymmetries: "'),
        ({"asymmetry": 1e-11}, "origin.name: missing; allowed: the models that make"),
        ({"name": 3}, "origin.name = 3: no such model"),
        (
            {"name": "regenerated_adm"},
            "so it is no origin, neither of another model nor of itself; allowed: the models",
        ),
        (ONE | {"origin": ONE}, "origin.origin: an origin has none of its own"),
        ({"name": "genesis"}, "origin.asymmetry: missing"),
        (ONE | {"asymetry": 1}, "origin.asymetry: no such key; did you mean asymmetry?"),
        (ONE | {"parent_part": 1.0}, "origin.parent_part = 1.0; it lies between 0 and 1"),
        (ONE | {"parent_part": "half"}, "origin.parent_part = 'half'; a number is needed"),
        (ONE | {"second": 1e-11, "parent_part": 0.5}, "origin.parent_part = 0.5; "),
        (ONE | {"asymmetry": 0.0}, "neither may be zero"),
        (ONE | {"second": -1e-11}, "have opposite signs"),
        ("genesis", "[model.origin] = 'genesis'; a section with keys is needed"),
    ],
)
def test_each_error_of_an_origin(origin, said):
    assert said in problems(SECTION | {"origin": origin})


def test_what_would_come_from_both_is_refused_in_one_line():
    twice = {"daughter_mass": "10 GeV", "parent_ratio": 0.5, "origin": ONE}
    lines = problems(SECTION | twice).splitlines()
    assert len(lines) == 2
    assert "given more than once, by daughter_mass, parent_ratio, origin; [model.origin] gives" in lines[1]


def test_every_problem_of_model_and_origin_at_once():
    wrong = {"origin": {"name": "genesis", "asymmetri": 1, "parent_part": True}, "splittin": "1 MeV", "splitting": 3}
    said = problems(SECTION | wrong)
    for part in (
        "5 to correct",
        "origin.asymmetri: no such key",
        "origin.asymmetry: missing",
        "origin.parent_part = True",
        "splittin: no such key",
        "splitting = 3 has no unit",
    ):
        assert part in said, said


def test_an_origin_belongs_behind_a_model_that_takes_it():
    assert '"genesis" makes its own asymmetries' in problems(ONE | {"origin": ONE})
    assert 'with it a [model] that takes them: "regenerated_adm"' in problems(ONE | {"origin": ONE})
    with pytest.raises(InputError, match="read_model"):
        RegeneratedADM.from_config(SECTION | {"origin": ONE})
    with pytest.raises(InputError, match="give a model that makes asymmetries"):
        FromOrigin(read_model(SECTION | {"origin": ONE}))


def test_names_are_looked_up():
    assert 'name = "regenerated": no such model; did you mean "regenerated_adm"?' in problems({"name": "regenerated"})
    assert "name: missing; allowed: the models that exist today" in problems({})
    with pytest.raises(InputError, match="section with keys"):
        read_model("genesis")
