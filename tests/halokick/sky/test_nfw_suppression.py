"""The one curve of NFW haloes: solved again here, by another integral, and against printed values."""

import astropy.units as u
import numpy as np
import pytest

from halokick.daughters.phase_mixing import phase_mix
from halokick.decay.kicks import FixedKick
from halokick.errors import InputError, UnitError
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile
from halokick.sky.jfactor import j_factor
from halokick.sky.nfw_suppression import ESCAPE, NFW_SUPPRESSION, SuppressionTable, solve_nfw_suppression

PRINTED = {
    0.02: 0.99935,
    0.05: 0.99644,
    0.1: 0.98769,
    0.2: 0.95889,
    0.3: 0.91864,
    0.4: 0.86997,
    0.6: 0.75666,
    0.8: 0.63406,
    1: 0.51324,
    1.25: 0.37613,
    1.5: 0.26193,
    1.75: 0.17313,
    2: 0.10826,
    2.25: 0.06371,
    2.5: 0.03502,
    3: 8.41e-3,
    3.5: 1.46e-3,
    4: 1.74e-4,
    5: 3.1e-7,
}


def test_packaged_numbers_are_what_the_solver_gives():
    # off the nodes, so that the interpolation is judged too: 1e-5 at the worst of these; 16 and 40 radii differ by 1e-6
    solved = solve_nfw_suppression([0.35, 1.06, 2.06, 3.37], radii=16)
    assert NFW_SUPPRESSION(solved.kappa) == pytest.approx(solved.suppression, rel=2e-5)
    bound = solved.bound_share(solved.kappa)
    assert NFW_SUPPRESSION.bound_share(solved.kappa) == pytest.approx(bound, rel=2e-6)


def test_curve_agrees_with_the_j_factors_of_a_halo_in_units():
    # the cone integral of a distant dwarf, through the daughters' own table instead of Gauss nodes
    halo = NFWProfile(r_s="0.7 kpc", rho_s="8e7 Msun/kpc3")
    df = ErgodicDF(Halo(halo))
    v_max = 0.4649909628 * np.sqrt(4 * np.pi * 4.30091727e-6 * 8e7) * 0.7
    daughters = phase_mix(df, FixedKick(0.9 * v_max * u.km / u.s), np.geomspace(7e-6, 7, 90) * u.kpc)
    view = {"distance": 1e5 * u.kpc, "angle": 1 * u.deg, "r_max": 7 * u.kpc}
    found = (j_factor(halo, daughters, **view) / j_factor(halo, **view)).value
    # 90 radii joined by power laws
    assert found == pytest.approx(float(NFW_SUPPRESSION(0.9)), rel=1e-3)


@pytest.mark.parametrize(("kappa", "printed"), PRINTED.items())
def test_printed_table(kappa, printed):
    # half the last printed digit (which three of them miss by one), and 3e-5 as the printed sums begin at 1e-5 r_s
    digit = 1e-5 if printed > 0.01 else 10.0 ** np.floor(np.log10(printed) - (1 if printed < 1e-6 else 2))
    assert float(NFW_SUPPRESSION(kappa)) == pytest.approx(printed, abs=1.5 * digit + 3e-5 * printed)


def test_shape_of_the_curve():
    assert NFW_SUPPRESSION(0.0) == 1
    assert NFW_SUPPRESSION(1.02) == pytest.approx(0.5, abs=0.01)  # half the signal at a kick of V_max
    assert ESCAPE == pytest.approx(3.04, abs=0.005)
    assert np.all(NFW_SUPPRESSION(np.array([2 * ESCAPE, 50])) == 0)
    slow = np.array([1e-3, 1e-2])
    loss = 1 - NFW_SUPPRESSION(slow)
    assert np.log10(loss[1] / loss[0]) == pytest.approx(1.85, abs=0.03)
    everywhere = NFW_SUPPRESSION(np.geomspace(1e-4, 6.08, 500))
    assert np.all(np.diff(everywhere) < 0)
    assert np.all(everywhere > 0)


def test_steepness_is_the_slope_of_the_packaged_nodes():
    # a parabola through three neighbouring nodes, in logarithms
    for i in (15, 19, 23):
        x, y = np.log(NFW_SUPPRESSION.kappa[i - 1 : i + 2]), np.log(NFW_SUPPRESSION.suppression[i - 1 : i + 2])
        slope = np.polyval(np.polyder(np.polyfit(x - x[1], y, 2)), 0.0)
        # the third difference of nodes a tenth apart
        assert float(NFW_SUPPRESSION.steepness(np.exp(x[1]))) == pytest.approx(slope, rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1, 2, 3], [0.9, 0.8, 0.7]), "four or more"),
        (([1, 2, 2, 3], [0.9, 0.8, 0.7, 0.6]), "rising"),
        (([0, 1, 2, 3], [0.9, 0.8, 0.7, 0.6]), "above 0"),
        (([1, 2, 3, 4], [1.0, 0.8, 0.7, 0.6]), "between 0 and 1"),
    ],
)
def test_tables_that_make_no_sense_are_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        SuppressionTable(*arguments)


def test_misuse_is_refused():
    with pytest.raises(InputError, match="zero or more"):
        NFW_SUPPRESSION(-0.1)
    with pytest.raises(InputError, match="without bound shares"):
        SuppressionTable([1, 2, 3, 4], [0.9, 0.8, 0.7, 0.6]).bound_share(1.0)


def test_a_kick_with_a_unit_is_not_one_over_v_max():
    with pytest.raises(UnitError, match="kappa"):
        NFW_SUPPRESSION(3 * u.km / u.s)
    assert NFW_SUPPRESSION(50 * u.percent) == NFW_SUPPRESSION(0.5)
