"""Are statements about contact operators shown where they belong? (Hardy, Lasenby & Unwin 2014, Sect. 3.2)"""

import pytest

from cosmology.errors import InputError
from cosmology.limits import LIGHT_MEDIATOR, contact_annotations


@pytest.mark.parametrize(
    ("operator", "threshold"), [("quarks", 100), ("charged leptons", 30), ("electroweak bosons", 40)]
)
def test_thresholds(operator, threshold):
    assert contact_annotations(operator, f"{0.99 * threshold} GeV")
    assert contact_annotations(operator, f"{1.01 * threshold} GeV") == ()


def test_muons_and_taus_are_open():
    (found,) = contact_annotations("mu or tau", "10 GeV")
    assert "not constrained" in found.statement


def test_a_light_mediator_evades():
    assert LIGHT_MEDIATOR in contact_annotations("quarks", "10 GeV", mediator_mass="1 GeV")
    assert LIGHT_MEDIATOR not in contact_annotations("quarks", "10 GeV", mediator_mass="1 TeV")


def test_unknown_operators_are_refused():
    with pytest.raises(InputError, match="quarks"):
        contact_annotations("gluinos", "10 GeV")
