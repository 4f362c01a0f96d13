"""Is a user's file read as documented, and refused with a clear word where it is not?"""

import numpy as np
import pytest
from astropy import units as u

from cosmology.errors import InputError
from cosmology.limits import PairBuildUp, cosmic_age, read_limit, read_limit_table
from cosmology.limits.base import OutsideValidity
from cosmology.limits.tables import DATA, packaged_names

HEADER = {
    "source": "a paper",
    "confidence": "95%",
    "convention": "self-conjugate",
    "channel": "bb",
    "profile": "NFW",
    "observable": "sigmav_cm3s",
}
ROWS = ["mass_GeV,limit,limit_lo,limit_hi", "1,1e-26,1e-27,1e-25", "100,1e-24,1e-25,1e-23"]


@pytest.fixture
def write(tmp_path):
    def write_file(rows=ROWS, extra=(), **changes):
        header = {**HEADER, **changes}
        lines = [f"# {key}: {value}" for key, value in header.items() if value is not None]
        path = tmp_path / "own.csv"
        path.write_text("\n".join([*lines, *extra, *rows]) + "\n", encoding="utf-8")
        return path

    return write_file


def test_powers_of_the_mass_between_rows(write):
    table = read_limit_table(write())
    assert table.at("10 GeV").to_value("cm3/s") == pytest.approx(1e-25, rel=1e-12)
    assert table.at("10 GeV", "limit_lo").to_value("cm3/s") == pytest.approx(1e-26, rel=1e-12)
    assert table.at("10 GeV", "limit_hi").to_value("cm3/s") == pytest.approx(1e-24, rel=1e-12)
    for mass in ("0.99 GeV", "101 GeV"):
        with pytest.raises(OutsideValidity, match="outside"):
            table.at(mass)


def test_conventions(write):
    # a self-conjugate limit is for P = 1, a Dirac one for P = 1/2
    one = read_limit(write()).bound(mass="10 GeV", pair_factor=0.5)
    assert one.to_value("cm3/s") == pytest.approx(2e-25, rel=1e-12)
    other = read_limit(write(convention="dirac")).bound(mass="10 GeV", pair_factor=0.5)
    assert other.to_value("cm3/s") == pytest.approx(1e-25, rel=1e-12)
    slow = read_limit(write()).bound(mass="10 GeV", pair_factor=PairBuildUp(), width=1e-3 / cosmic_age())
    assert slow.to_value("cm3/s") == pytest.approx(1e-25 / (0.5 * -np.expm1(-1e-3)), rel=1e-9)


def test_annihilation_is_judged(write):
    limit = read_limit(write(), name="antiprotons MED")
    result = limit.check(sigma_v="3e-25 cm3/s", mass="10 GeV", pair_factor=0.5)
    assert result.excluded
    assert result.name == "antiprotons MED"
    assert result.source == "a paper, 95%"
    assert "pair_factor" in limit.check(sigma_v="3e-25 cm3/s", mass="10 GeV").reason
    assert limit.check(mass="10 GeV", pair_factor=0.5).status == "not applicable"


def test_widths_and_lifetimes(write):
    rows = ["mass_GeV,limit", "1,1e-28", "100,1e-26"]
    width = read_limit(write(rows, observable="gamma_per_s"))
    assert width.check(mass="10 GeV", width="1.5e-27 1/s").excluded
    assert width.check(mass="10 GeV", width="1.5e-27 1/s", share=0.5).satisfied  # half the parents, half the photons
    assert width.convention == "no pair convention"
    rows = ["mass_GeV,limit", "1,1e28", "100,1e26"]
    lifetime = read_limit(write(rows, observable="tau_s"))
    assert lifetime.bound(mass="10 GeV").to_value("s") == pytest.approx(1e27, rel=1e-12)
    result = lifetime.check(mass="10 GeV", width=0.9e-27 / u.s)
    assert result.satisfied
    assert (result.observable, result.sense) == ("lifetime", "at least")
    assert "needs width" in lifetime.check(mass="10 GeV").reason


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"convention": "majorana"}, "self-conjugate, dirac"),
        ({"observable": "sigmav_cm3"}, "did you mean 'sigmav_cm3s'"),
        ({"channel": None}, "lacks channel"),
        ({"chanel": "bb"}, "did you mean 'channel'"),
        ({"extra": ["# source: again"]}, "twice"),
        ({"extra": ["# no colon"]}, "not '# key: value'"),
        ({"rows": ["mass_TeV,limit", "1,1", "2,1"]}, "mass_TeV,limit should be mass_GeV,limit"),
        ({"rows": ["mass_GeV,limit", "1,1e-26", "1,1e-26"]}, "does not rise"),
        ({"rows": ["mass_GeV,limit", "2,1e-26", "1,1e-26"]}, "does not rise"),
        ({"rows": ["mass_GeV,limit", "1,1e-26", "2,-1e-26"]}, "positive"),
        ({"rows": ["mass_GeV,limit", "1,1e-26", "2,nan"]}, "positive and finite"),
        ({"rows": ["mass_GeV,limit", "1,1e-26", "2,ten"]}, "own.csv:9: '2,ten' is not numbers"),
        ({"rows": ["mass_GeV,limit", "1,1e-26", "2,1,1"]}, "3 numbers for 2 columns"),
        ({"rows": ["mass_GeV,limit", "1,1e-26"]}, "two are needed"),
        ({"rows": []}, "no columns"),
        ({"rows": [ROWS[0], "1,1e-26,2e-26,3e-26", "2,1,1,1"]}, "limit_lo <= limit"),
        ({"rows": [*ROWS, "# source: late"]}, "they come first"),
    ],
)
def test_what_is_wrong_is_said(write, changes, message):
    with pytest.raises(InputError) as caught:
        read_limit_table(write(**changes))
    assert message in str(caught.value)
    assert "own.csv" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_limit(tmp_path / "none.csv")


@pytest.mark.parametrize("name", packaged_names("lat_dwarfs_"))
def test_packaged_limits_are_in_the_same_format(name):
    table = read_limit_table(DATA / f"{name}.csv")
    assert "arXiv" in table.source
    assert table.convention == "self-conjugate"
