"""Do tabulated thermal averages give freeze-out the numbers of Hardy, Lasenby & Unwin (2014), Fig. 7?"""

import numpy as np
import pytest
from astropy import units as u

from cosmology.annihilation import SommerfeldAnnihilation, VectorPairAnnihilation
from cosmology.asymmetric_freeze_out import FixedAbundance, freeze_out, required_sigma_v
from cosmology.errors import InputError
from cosmology.pseudoscalar import PseudoscalarResonance, coupling_intervals
from cosmology.thermal_shape import ThermalShape


@pytest.mark.parametrize("mediator", [19.0, 20.02, 21.0])
def test_table_gives_back_the_average(mediator):
    case = PseudoscalarResonance("10 GeV", mediator * u.GeV, 0.01, 0.14)
    shape = ThermalShape.from_annihilation(case)
    x = np.geomspace(0.7, 1e6, 37)
    wanted = case.thermal(x) / shape.amplitude
    assert shape(x) == pytest.approx(wanted.to_value(u.one), rel=1e-5)  # cubic steps, as the class says


def test_relic_of_a_pole():
    case = PseudoscalarResonance("10 GeV", "21 GeV", 0.01, 0.14)
    shape = ThermalShape.from_annihilation(case)
    relic = freeze_out("10 GeV", shape.amplitude, FixedAbundance(0.5), shape=shape)
    # another table of g* moves the needed cross-section by 2 per cent, and r by that times ln r = -7.6
    assert np.log(relic.ratio) == pytest.approx(np.log(4.87e-4), rel=0.02)


@pytest.mark.parametrize(
    ("mediator", "smallest"),
    [(18, 3.26), (19, 1.75), (20.02, 2.9e-4), (20.2, 3.6e-4), (20.5, 5.7e-4), (21, 1.38e-3), (23, None)],
)
def test_smallest_coupling_that_leaves_few_antiparticles(mediator, smallest):
    x = np.geomspace(0.5, 2e6, 500)

    def ratio(couplings):
        rows = PseudoscalarResonance("10 GeV", mediator * u.GeV, couplings, 0.14).thermal(x)
        shapes = [ThermalShape(x, row) for row in rows]
        needed = [required_sigma_v("10 GeV", 0.05, FixedAbundance(0.5), shape=shape).sigma_v for shape in shapes]
        return np.array([float(shape.amplitude / need) for shape, need in zip(shapes, needed, strict=True)])

    found = coupling_intervals(ratio, lowest=1e-4, points=16)
    if smallest is None:
        assert found.shape == (0, 2)
    else:
        assert found.shape == (1, 2)
        # digits of the numbers, and g* by 2 per cent in the cross-section
        assert found[0, 0] == pytest.approx(smallest, rel=0.015)


def test_sommerfeld_average_can_be_handed_over():
    pair = SommerfeldAnnihilation(VectorPairAnnihilation("10 GeV", "1 GeV", 0.1024))
    shape = ThermalShape.from_annihilation(pair)
    relic = freeze_out("10 GeV", shape.amplitude, FixedAbundance(0.5), shape=shape)
    plain = freeze_out("10 GeV", pair.tree.thermal(20.0), FixedAbundance(0.5))
    assert relic.ratio < plain.ratio
    assert relic.ratio == pytest.approx(plain.ratio, rel=0.15)  # 1.5 per cent in the cross-section, times ln r


def test_bad_tables_are_refused():
    x = np.geomspace(1, 100, 10)
    good = np.ones(10) * u.cm**3 / u.s
    with pytest.raises(InputError, match="same number"):
        ThermalShape(x[:5], good)
    with pytest.raises(InputError, match="zero or negative"):
        ThermalShape(x, -good)
    with pytest.raises(InputError, match="reference"):
        ThermalShape(x, good, reference=1e3)
    with pytest.raises(InputError, match="leaves the table"):
        ThermalShape(x, good)(200.0)
