"""Asymmetric freeze-in: one history, with and without the mediator followed, and all that a run asks for."""

import pytest

from cosmology.models.asymmetric_freeze_in import AsymmetricFreezeIn
from cosmology.models.asymmetric_freeze_in_mediators import Mediator, YukawaDecay

MOST_SECONDS = 0.3


def one_point(transfer):
    mediator = Mediator(mass="1 TeV", decay=YukawaDecay(1e-9), epsilon=-1e-3)
    return AsymmetricFreezeIn(
        mediators=mediator, transfer=transfer, visible_width="1 GeV", relic_sigma_v="1e-9 GeV-2", relic_mass="1.6 GeV"
    )


@pytest.mark.benchmark(group="asymmetric freeze-in")
@pytest.mark.parametrize("transfer", ["decays", "unitary"])
def test_one_history(benchmark, transfer):
    """The whole model from its arguments to yields along time."""
    benchmark(lambda: one_point(transfer).histories)
    assert benchmark.stats.stats.min < MOST_SECONDS


@pytest.mark.benchmark(group="asymmetric freeze-in")
def test_yields_limits_and_summary(benchmark):
    """With annihilation in the hidden sector."""
    benchmark(lambda: [ask(one_point("decays")) for ask in ASKED])


ASKED = (AsymmetricFreezeIn.yields, AsymmetricFreezeIn.constraints, AsymmetricFreezeIn.summary)
