"""Concentration-mass relations at the numbers of their papers."""

import numpy as np
import pytest

from halokick.errors import InputError
from halokick.halo.concentration import (
    Duffy2008,
    DuttonMaccio2014,
    Extrapolated,
    Moline2017,
    SanchezCondePrada2014,
)
from halokick.halo.virial import (
    PLANCK_2018,
    BryanNormanOverdensity,
    CriticalOverdensity,
    FlatCosmology,
    MatterOverdensity,
)

H = 0.6736


def msun_over_h(mass):
    return f"{mass / H!r} Msun"


def test_relations_have_their_pivot_values():
    # at the pivot mass a power law is its own coefficient
    assert DuttonMaccio2014().concentration(msun_over_h(1e12)) == pytest.approx(10**0.905, rel=1e-12)
    assert DuttonMaccio2014(BryanNormanOverdensity()).concentration(msun_over_h(1e12)) == pytest.approx(
        10**1.025, rel=1e-12
    )
    for definition, value in (
        (CriticalOverdensity(), 5.71),
        (MatterOverdensity(), 10.14),
        (BryanNormanOverdensity(), 7.85),
    ):
        assert Duffy2008(definition).concentration(msun_over_h(2e12)) == pytest.approx(value, rel=1e-12)
    assert Extrapolated(Moline2017(1.0)).concentration(msun_over_h(1e8)) == pytest.approx(19.9, rel=1e-12)


def test_slopes_with_mass_and_redshift_are_those_of_the_papers():
    dutton = DuttonMaccio2014()
    ratio = dutton.concentration(msun_over_h(1e13)) / dutton.concentration(msun_over_h(1e12))
    assert np.log10(ratio) == pytest.approx(-0.101, rel=1e-11)
    early = Duffy2008(CriticalOverdensity(redshift=1.0)).concentration(msun_over_h(2e12))
    assert early == pytest.approx(5.71 * 2**-0.47, rel=1e-12)
    early = DuttonMaccio2014(CriticalOverdensity(redshift=1.0)).concentration(msun_over_h(1e12))
    assert np.log10(early) == pytest.approx(0.520 + 0.385 * np.exp(-0.617), rel=1e-12)


def test_subhaloes_near_the_centre_are_more_concentrated():
    outer, inner = (Moline2017(x).concentration("1e9 Msun") for x in (1.0, 0.1))
    assert inner / outer == pytest.approx(1.54, rel=1e-12)  # 1 - 0.54 log10(0.1)


def test_independent_papers_agree_for_the_milky_way():
    # the simulations' cosmologies differ (WMAP 5 to Planck 13), which moves c by some ten per cent
    values = [r.concentration("1e12 Msun") for r in (DuttonMaccio2014(), SanchezCondePrada2014())]
    assert values[0] == pytest.approx(values[1], rel=0.1)
    assert Duffy2008().concentration("1e12 Msun") == pytest.approx(values[0], rel=0.3)


def test_polynomial_is_the_paper_written_out():
    x = np.log(1e9)
    expected = 37.5153 - 1.5093 * x + 1.636e-2 * x**2 + 3.66e-4 * x**3 - 2.89237e-5 * x**4 + 5.32e-7 * x**5
    assert SanchezCondePrada2014().concentration(msun_over_h(1e9)) == pytest.approx(expected, rel=1e-12)


def test_range_moves_with_the_hubble_constant():
    assert DuttonMaccio2014().mass_range.value == pytest.approx(np.array([1e10, 1e15]) / H)
    other = FlatCosmology("100 km s-1 Mpc-1", 0.3)
    assert Moline2017(0.5, other).mass_range.value == pytest.approx([1e6, 1e11])
    assert DuttonMaccio2014().definition.cosmology == PLANCK_2018


def test_extrapolation_has_to_be_asked_for():
    with pytest.raises(InputError, match="Extrapolated"):
        DuttonMaccio2014().concentration("1e8 Msun")
    beyond = Extrapolated(DuttonMaccio2014())
    assert beyond.concentration(msun_over_h(1e8)) == pytest.approx(10 ** (0.905 + 4 * 0.101), rel=1e-12)
    assert beyond.scatter_dex == 0.11
    with pytest.raises(InputError, match="outside"):
        beyond.concentration("1 Msun")
    assert repr(beyond) == "Extrapolated(DuttonMaccio2014())"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: DuttonMaccio2014(MatterOverdensity()), "no coefficients"),
        (lambda: DuttonMaccio2014(CriticalOverdensity(factor=500.0)), "no coefficients"),
        (lambda: Duffy2008(CriticalOverdensity(factor=500.0)), "no coefficients"),
        (lambda: DuttonMaccio2014(CriticalOverdensity(redshift=6.0)), "redshift"),
        (lambda: Duffy2008(CriticalOverdensity(redshift=3.0)), "redshift"),
        (lambda: Moline2017(1.5), "x_sub"),
        (lambda: Moline2017(0.0), "x_sub"),
        (lambda: Extrapolated(3), "ConcentrationMassRelation"),
        (lambda: Extrapolated(Duffy2008(), low="0 Msun"), "low"),
    ],
)
def test_relations_refuse_what_they_do_not_cover(make, words):
    with pytest.raises(InputError, match=words):
        make()
