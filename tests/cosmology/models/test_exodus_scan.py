"""Is the plane of masses and lifetimes that of single models, and does it say what closes the paper's window?"""

import pickle

import numpy as np
import pytest

from cosmology import InputError
from cosmology.models.exodus import Exodus
from cosmology.models.exodus_routes import BaryonViolating
from cosmology.models.exodus_scan import FREEZE_IN, HEATING, PAPER_WINDOWS, WINDOWS, escapes, viability_map
from cosmology.models.exodus_sectors import OBSERVED_ASYMMETRY, Sectors
from cosmology.models.exodus_widths import GivenLifetime
from cosmology.units import Quantity

SIGMA = "1e-7 GeV-2"
MASSES = Quantity([5.0, 6.1, 6.5, 7.2, 10.0, 100.0], "GeV")
LIFETIMES = Quantity([1e-8, 1e-5, 1e-3, 0.1, 0.9, 30.0], "s")


def plane(**options):
    return viability_map(MASSES, LIFETIMES, SIGMA, **options)


@pytest.mark.parametrize(
    ("sectors", "zeta"), [(Sectors(), "0 GeV-2"), (Sectors(4.0), "0 GeV-2"), (Sectors(), "1e-8 GeV-2")]
)
def test_a_plane_is_made_of_single_models(sectors, zeta):
    found = plane(sectors=sectors, relic_sigma_v=zeta)
    for i, j in ((2, 0), (2, 1), (3, 3), (4, 4), (5, 2)):
        route = BaryonViolating(decay=GivenLifetime(LIFETIMES[j]))
        model = Exodus(
            mass=MASSES[i],
            sigma_v=SIGMA,
            route=route,
            asymmetry=OBSERVED_ASYMMETRY,
            relic_mass=found.relic_mass,
            sectors=sectors,
            relic_sigma_v=zeta,
        )
        # other steps: the table of the plane is longer
        assert found.relics[i, j] == pytest.approx(model.relic_yield / model.asymmetry, rel=1e-4)
        assert found.depletion_time[i].value == pytest.approx(model.critical_moment.time.value, rel=1e-9)
        named = {one.name: one for one in model.constraints()}
        for name in WINDOWS:
            assert found.passed[name][i, j] == named[name].satisfied, name


def test_the_window_of_the_paper_is_closed_by_zetas_of_thermal_x():
    found = plane()
    paper = found.open(PAPER_WINDOWS)
    # 6.1 to 7.2 GeV, 1e-5 s to 0.9 s: what the paper's conditions leave
    expected = np.zeros_like(paper)
    expected[1:4, 2:5] = True
    expected[2:4, 1] = True  # anti-X of 6.1 GeV is gone after 8e-6 s only
    expected[1, 1] = found.depletion_time[1] <= LIFETIMES[1]
    assert np.array_equal(paper, expected)
    assert not found.open().any()
    assert np.array_equal(found.closed_by(FREEZE_IN), paper)


def test_each_way_out_opens_it():
    assert plane(sectors=Sectors(4.0)).open()[1:4, 3:5].all()
    assert plane(relic_sigma_v="1e-8 GeV-2").open()[1:4, 3:5].all()
    # heavy X has few zetas of its own at equal temperatures, but heats a light zeta; a large charge makes zeta heavy
    heavy = plane()
    assert heavy.open(tuple(one for one in WINDOWS if one != HEATING))[5, 3:5].all()
    assert heavy.closed_by(HEATING)[5, 3:5].all()
    assert plane(charge=15.0).open()[5, 3:5].all()


def test_escapes_are_at_the_edge_of_the_window():
    ways = escapes("6.5 GeV", "0.1 s", SIGMA)
    lifetime = Quantity([0.1], "s")
    mass = Quantity([6.5], "GeV")
    edges = {
        "lifetime": lambda f: viability_map(mass, ways.lifetime[None] * f, SIGMA),
        "ratio": lambda f: viability_map(mass, lifetime, SIGMA, sectors=Sectors(ways.ratio * f)),
        "mass": lambda f: viability_map(ways.mass[None] * f, lifetime, SIGMA),
        "sigma_v": lambda f: viability_map(mass, lifetime, SIGMA, relic_sigma_v=ways.relic_sigma_v * f),
    }
    for name, edge in edges.items():
        assert edge(1.01).passed[FREEZE_IN].all(), name
        assert not edge(0.99).passed[FREEZE_IN].any(), name


def test_a_plane_travels():
    found = plane()
    again = pickle.loads(pickle.dumps(found))
    assert np.array_equal(again.open(), found.open())
    assert np.isnan(again.heating[0])  # 5 GeV is closed


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: viability_map(MASSES[None], LIFETIMES, SIGMA), "one list of values each"),
        (lambda: viability_map(MASSES, Quantity([1e12], "s"), SIGMA), "allows lifetimes up to"),
        (lambda: viability_map(-MASSES, LIFETIMES, SIGMA), "it has to be positive"),
        (lambda: viability_map(MASSES, LIFETIMES, SIGMA, asymmetry=0), "one positive number"),
        (lambda: plane().open(("luck",)), "there are open decay, heating of the relics"),
    ],
)
def test_each_refusal_says_what_is_allowed(call, said):
    with pytest.raises(InputError) as caught:
        call()
    assert said in str(caught.value)
