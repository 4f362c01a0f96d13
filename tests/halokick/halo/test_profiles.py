"""Profiles against closed forms, differentiation, adaptive quadrature and galpy."""

import copy
import importlib.util
import itertools
import pathlib
import pickle

import numpy as np
import pytest
from galpy import potential as gp
from scipy.integrate import quad

from halokick import units
from halokick.errors import InputError, UnitError
from halokick.halo.profiles import (
    BurkertProfile,
    CoredIsothermalProfile,
    EinastoProfile,
    GeneralisedNFWProfile,
    HernquistProfile,
    JaffeProfile,
    NFWProfile,
    PlummerProfile,
    TabulatedProfile,
    TruncatedProfile,
    ZhaoProfile,
    as_profile,
)

_spec = importlib.util.spec_from_file_location("canonical", pathlib.Path(__file__).parents[2] / "canonical.py")
canonical = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(canonical)

ALL = canonical.profiles()
SCALE = {"r_s": "20 kpc", "rho_s": "7e6 Msun/kpc3"}
M0 = 4 * np.pi * 7e6 * 20.0**3
X = np.geomspace(1e-4, 1e4, 81)
EVERY = pytest.mark.parametrize("profile", ALL.values(), ids=ALL.keys())


def kpc(values):
    return units.attach(values, "length")


def masses(profile, x=X):
    return profile.mass(kpc(20 * x)).value


# -- closed forms ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "form"),
    [
        (HernquistProfile(**SCALE), lambda x: 0.5 * x**2 / (1 + x) ** 2),
        (JaffeProfile(**SCALE), lambda x: x / (1 + x)),
        (PlummerProfile(**SCALE), lambda x: x**3 / 3 / (1 + x**2) ** 1.5),
        (ZhaoProfile(1, 4, 1, **SCALE), lambda x: 0.5 * x**2 / (1 + x) ** 2),
        (ZhaoProfile(2, 5, 0, **SCALE), lambda x: x**3 / 3 / (1 + x**2) ** 1.5),
        (ZhaoProfile(1, 4, 2, **SCALE), lambda x: x / (1 + x)),
    ],
)
def test_mass_is_the_textbook_one(profile, form):
    # rounding of the closed forms and of the incomplete beta function
    np.testing.assert_allclose(masses(profile), M0 * form(X), rtol=1e-13)


def test_nfw_mass_is_the_textbook_one_and_its_series_inside():
    x = X[X > 0.5]
    np.testing.assert_allclose(masses(NFWProfile(**SCALE), x), M0 * (np.log1p(x) - x / (1 + x)), rtol=1e-13)
    x = 1e-6  # the closed form has lost ten digits here: M -> x^2/2 - 2x^3/3 instead
    assert masses(NFWProfile(**SCALE), x) == pytest.approx(M0 * (x**2 / 2 - 2 * x**3 / 3), rel=1e-11)


def test_total_masses_are_the_textbook_ones():
    infinity = kpc(np.inf)
    for profile, share in (
        (HernquistProfile(**SCALE), 0.5),
        (JaffeProfile(**SCALE), 1.0),
        (PlummerProfile(**SCALE), 1 / 3),
    ):
        assert profile.mass(infinity).value == pytest.approx(M0 * share, rel=1e-14)
        assert profile.total_mass == profile.mass(infinity)
    for profile in (NFWProfile(**SCALE), BurkertProfile(**SCALE), CoredIsothermalProfile(**SCALE)):
        assert np.isinf(profile.total_mass.value)


# -- every profile: slopes, masses, limits ------------------------------------------------------------------------


@EVERY
def test_slopes_are_the_derivatives_of_the_density(profile):
    log_r = np.log(np.geomspace(2e-3, 2e3, 101))
    h = 1e-3

    def central(column):
        f = [profile._log_density(log_r + k * h)[column] for k in (-2, -1, 1, 2)]
        return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)

    ln_rho, s, s_prime = profile._log_density(log_r)
    keep = ln_rho > -300
    if isinstance(profile, TabulatedProfile):
        keep &= np.abs(log_r - np.log(0.1)) + np.abs(log_r - np.log(300)) < np.log(3000) + 1e-9
        keep &= (log_r > np.log(0.1) + 0.01) & (log_r < np.log(300) - 0.01)  # s' jumps where the power laws begin
    # rounding of ln rho over the step (1e-15 * 30 / 1e-3), and h^4
    scale = 1 + np.abs(s_prime)
    assert np.max(np.abs(central(0) + s)[keep] / scale[keep]) < 2e-10
    assert np.max(np.abs(central(1) - s_prime)[keep] / scale[keep]) < 2e-10


@EVERY
def test_mass_is_the_integral_of_the_density(profile):
    for r in (1e-3, 0.5, 20.0, 400.0):
        pieces = [0.0, *[b for b in (0.1, 1.0, 20.0, 100.0, 300.0) if b < r], r]
        area = sum(
            quad(lambda x: 4 * np.pi * x**2 * profile.density(kpc(x)).value, a, b, epsrel=1e-12, epsabs=0, limit=200)[0]
            for a, b in itertools.pairwise(pieces)
        )
        # the contract of DensityProfile.mass
        assert profile.mass(kpc(r)).value == pytest.approx(area, rel=1e-10)


@EVERY
def test_nothing_overflows_over_the_whole_range(profile):
    log_r = np.log(profile._scale_radius) + np.linspace(np.log(1e-9), np.log(1e13), 501)
    for column in profile._log_density(log_r):
        assert np.all(np.isfinite(column))
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        profile.mass(kpc(profile._scale_radius * np.array([0, 1e-12, 1e-9, 1, 1e13, 1e15, np.inf])))
        assert profile.density(kpc(np.inf)).value == 0


@EVERY
def test_limits_of_the_slope_are_those_announced(profile):
    scale = profile._scale_radius
    assert profile.slope(kpc(0.0)) == profile._inner_slope
    # Einasto reaches its centre only as x^0.17
    tolerance = 2.1 * 1e-12**0.17 if isinstance(profile, EinastoProfile) else 1e-9
    assert profile.slope(kpc(1e-12 * scale)) == pytest.approx(profile._inner_slope, abs=tolerance)
    assert profile.slope(kpc(np.inf)) == profile._outer_slope
    if np.isfinite(profile._outer_slope):
        assert profile.slope(kpc(1e12 * scale)) == pytest.approx(profile._outer_slope, abs=1e-8)


@EVERY
def test_scaled_multiplies_density_and_mass(profile):
    r = kpc(np.geomspace(1e-2, 1e3, 9))
    triple = profile.scaled(3.0)
    np.testing.assert_allclose(triple.density(r).value, 3 * profile.density(r).value, rtol=1e-12)
    np.testing.assert_allclose(triple.mass(r).value, 3 * profile.mass(r).value, rtol=1e-12)
    for bad in (0, -1, np.nan):
        with pytest.raises(InputError, match="factor"):
            profile.scaled(bad)


@EVERY
def test_profiles_are_values_that_do_not_change(profile):
    twin = pickle.loads(pickle.dumps(profile))
    assert twin == profile == copy.deepcopy(profile)
    assert hash(twin) == hash(profile)
    assert profile != profile.scaled(2.0)
    with pytest.raises(AttributeError, match="does not change"):
        profile.rho_s = 3


def test_answers_do_not_depend_on_the_units_of_the_question():
    small = NFWProfile(r_s="20000 pc", rho_s=NFWProfile(**SCALE).rho_s.to("Msun/pc3"))
    assert small.density("8200 pc").value == pytest.approx(NFWProfile(**SCALE).density("8.2 kpc").value, rel=1e-14)
    assert "20.0 kpc" in repr(NFWProfile(**SCALE))
    assert "solMass / kpc3" in repr(NFWProfile(**SCALE))


def test_energy_density_is_mass_density():
    # by hand: 1 GeV = 1.78266192e-24 g, Msun = 1.98841e33 g, kpc = 3.0856776e21 cm
    by_hand = 1.78266192e-24 / 1.98841e33 * 3.0856776e21**3
    assert NFWProfile(r_s="20 kpc", rho_s="1 GeV/cm3").rho_s.value == pytest.approx(by_hand, rel=1e-5)


def test_the_centre_of_a_cusp_is_infinite_and_of_a_core_is_not():
    assert np.isinf(NFWProfile(**SCALE).density("0 kpc").value)
    for core in (BurkertProfile, PlummerProfile, CoredIsothermalProfile):
        assert core(**SCALE).density("0 kpc").value == pytest.approx(7e6, rel=1e-14)


def test_truncation_is_one_exponential():
    cut = TruncatedProfile(NFWProfile(**SCALE), "100 kpc", 3)
    r = kpc(np.array([1.0, 100.0, 250.0]))
    factor = np.exp(-(np.array([0.01, 1.0, 2.5]) ** 3))
    # rounding of the exponent, 15.6
    np.testing.assert_allclose(cut.density(r).value, factor * NFWProfile(**SCALE).density(r).value, rtol=1e-13)
    assert np.isfinite(cut.total_mass.value)


def test_einasto_has_slope_two_at_its_scale_radius():
    assert EinastoProfile(0.2, **SCALE).slope("20 kpc") == 2.0
    assert EinastoProfile(0.2, **SCALE).density("20 kpc").value == pytest.approx(7e6, rel=1e-14)


# -- tables and galpy ---------------------------------------------------------------------------------------------


def test_table_returns_the_profile_it_was_made_from():
    nfw = NFWProfile(**SCALE)
    r = kpc(np.geomspace(1e-2, 1e4, 277))  # steps of 0.05 in ln r
    table = TabulatedProfile(r, nfw.density(r))
    between = kpc(np.geomspace(2e-2, 5e3, 1001))
    # quintic spline: about 0.05^6 times the sixth derivative
    np.testing.assert_allclose(table.density(between).value, nfw.density(between).value, rtol=1e-9)
    # its slope: one power of the step less, and worse next to the ends
    np.testing.assert_allclose(table.slope(between), nfw.slope(between), rtol=1e-7)


def test_table_continues_as_power_laws():
    r = kpc(np.geomspace(1, 100, 9))
    table = TabulatedProfile(r, units.attach(5e6 * r.value**-2.5, "density"))
    for far in (1e-8, 1e8):
        assert table.density(kpc(far)).value == pytest.approx(5e6 * far**-2.5, rel=1e-10)
    assert table.mass(kpc(1e-3)).value == pytest.approx(4 * np.pi * 5e6 * 1e-3**0.5 / 0.5, rel=1e-10)


@pytest.mark.parametrize(("alpha", "beta", "gamma"), [(1, 3, 1), (1, 3, 1.2), (1, 4, 1), (1, 3.4, 0.5)])
def test_zhao_is_galpys_two_power_density(alpha, beta, gamma):
    theirs = gp.TwoPowerSphericalPotential(amp=2.0, a=2.5, alpha=gamma, beta=beta, ro=8.0, vo=220.0)
    shape = ZhaoProfile(alpha, beta, gamma, r_s="20 kpc", rho_s="1 Msun/kpc3")
    r = np.geomspace(1e-3, 1e4, 40)
    wrapped = as_profile(theirs)
    at_scale = theirs.dens(20.0 / 8, 0, use_physical=False) * (220 / 8) ** 2 / 4.300917270e-6
    ours = shape.scaled(at_scale / shape.density("20 kpc").value)
    # quintic spline of galpy's own values in steps of 0.02
    np.testing.assert_allclose(wrapped.density(kpc(r)).value, ours.density(kpc(r)).value, rtol=1e-11)
    np.testing.assert_allclose(wrapped.slope(kpc(r)), ours.slope(kpc(r)), rtol=1e-9)
    # galpy converts with its own G; mass from its force, M = -F r^2/G
    force = np.array([theirs.rforce(x / 8, 0, use_physical=False) for x in r])
    np.testing.assert_allclose(wrapped.mass(kpc(r)).value, -force * 220**2 / 8 * r**2 / 4.300917270e-6, rtol=1e-9)


def test_galpy_parts_add_up_and_a_cutoff_stays_finite():
    parts = [gp.PlummerPotential(b=0.3, ro=8.0, vo=220.0), gp.HernquistPotential(a=2.0, ro=8.0, vo=220.0)]
    both = as_profile(parts).density("8 kpc").value
    assert both == pytest.approx(sum(as_profile(part).density("8 kpc").value for part in parts), rel=1e-11)
    assert as_profile(parts[0] + parts[1]).density("8 kpc").value == pytest.approx(both, rel=1e-11)
    bulge = as_profile(gp.PowerSphericalPotentialwCutoff(alpha=1.8, rc=0.2375, ro=8.0, vo=220.0))
    assert np.isfinite(bulge.total_mass.value)


class _Foreign:
    def density(self, r):
        return PlummerProfile(**SCALE).density(r)


def test_anything_with_a_density_becomes_a_profile():
    nfw = NFWProfile(**SCALE)
    assert as_profile(nfw) is nfw
    r = kpc(np.geomspace(1e-3, 1e4, 30))
    ours, theirs = as_profile(_Foreign()), PlummerProfile(**SCALE)
    np.testing.assert_allclose(ours.density(r).value, theirs.density(r).value, rtol=1e-10)
    short = as_profile(_Foreign(), radius=kpc(np.geomspace(1, 100, 20)))
    assert short.r.value[-1] == pytest.approx(100)


# -- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ZhaoProfile(gamma=-0.1, **SCALE), "gamma"),
        (lambda: ZhaoProfile(gamma=3, beta=4, **SCALE), "infinite mass"),
        (lambda: ZhaoProfile(beta=1, **SCALE), "beta"),
        (lambda: ZhaoProfile(alpha=0, **SCALE), "alpha"),
        (lambda: ZhaoProfile(alpha=np.nan, **SCALE), "finite"),
        (lambda: GeneralisedNFWProfile(3.5, **SCALE), "GeneralisedNFWProfile"),
        (lambda: NFWProfile(r_s="-1 kpc", rho_s="1 Msun/kpc3"), "r_s"),
        (lambda: NFWProfile(r_s="1 kpc", rho_s="0 Msun/kpc3"), "rho_s"),
        (lambda: NFWProfile(r_s=kpc([1.0, 2.0]), rho_s="1 Msun/kpc3"), "one number"),
        (lambda: EinastoProfile(11, **SCALE), "alpha"),
        (lambda: BurkertProfile(r_s="nan kpc", rho_s="1 Msun/kpc3"), "finite"),
        (lambda: TruncatedProfile("nfw", "1 kpc"), "as_profile"),
        (lambda: TruncatedProfile(NFWProfile(**SCALE), "0 kpc"), "r_t"),
        (lambda: TruncatedProfile(NFWProfile(**SCALE), "1 kpc", 30), "power"),
        (lambda: NFWProfile(**SCALE).density("-1 kpc"), "negative"),
        (lambda: NFWProfile(**SCALE).mass("nan kpc"), "finite"),
        (lambda: NFWProfile.shape(rho_s="1 Msun/kpc3"), "rho_s"),
        (lambda: NFWProfile.shape(gamma=1), "gamma"),
        (lambda: ZhaoProfile.shape(gamma=-1), "gamma"),
        (lambda: NFWProfile.shape().at_unit_density(), "scale radius"),
        (lambda: NFWProfile.shape(r_s="1 kpc").at_unit_density("2 kpc"), "already"),
        (lambda: as_profile(3), "no density"),
        (lambda: as_profile(gp.HernquistPotential()), "ro and vo"),
        (lambda: as_profile(gp.MiyamotoNagaiPotential(ro=8.0, vo=220.0)), "not a spherical"),
        (lambda: as_profile(gp.DehnenBarPotential(ro=8.0, vo=220.0)), "not a spherical"),
        (lambda: as_profile(gp.KeplerPotential(ro=8.0, vo=220.0)), "point mass"),
        (
            lambda: as_profile([gp.PlummerPotential(ro=8.0, vo=220.0), gp.HernquistPotential(ro=8.0, vo=200.0)]),
            "different",
        ),
        (lambda: type(ALL["GalpyProfile"])(3), "not a galpy"),
    ],
)
def test_bad_input_is_refused_with_its_reason(make, words):
    with pytest.raises(InputError, match=words):
        make()


@pytest.mark.parametrize(
    ("r", "rho", "words"),
    [
        ([1, 2, 3, 4, 5, 6], [1, 2, 3, 0, 5, 6], r"rho\[3\]"),
        ([1, 2, 3, 4, 5, 6], [1, 2, np.nan, 1, 5, 6], "finite"),
        ([1, 3, 2, 4, 5, 6], [6, 5, 4, 3, 2, 1], r"r\[2\].*sort"),
        ([1, 2, 2, 4, 5, 6], [6, 5, 4, 3, 2, 1], r"r\[2\]"),
        ([0, 1, 2, 4, 5, 6], [6, 5, 4, 3, 2, 1], r"r\[0\]"),
        ([1, 2, 3], [3, 2, 1], "quintic"),
        ([1, 2, 3, 4, 5, 6], [3, 2, 1], "equal length"),
    ],
)
def test_bad_tables_are_refused(r, rho, words):
    with pytest.raises(InputError, match=words):
        TabulatedProfile(kpc(r), units.attach(rho, "density"))


def test_a_table_too_steep_has_no_mass():
    r = kpc(np.geomspace(1, 10, 8))
    steep = TabulatedProfile(r, units.attach(r.value**-3.2, "density"))
    with pytest.raises(InputError, match="diverges"):
        steep.mass("2 kpc")


@pytest.mark.parametrize("bad", [{"r_s": 20}, {"r_s": "20 km/s"}, {"rho_s": 7e6}, {"rho_s": "7 Msun"}])
def test_bare_and_wrong_units_are_refused(bad):
    with pytest.raises(UnitError):
        NFWProfile(**{**SCALE, **bad})
    with pytest.raises(UnitError):
        NFWProfile(**SCALE).density(8.2)


def test_a_forgotten_profile_class_is_noticed():
    class Forgotten(NFWProfile):
        pass

    Forgotten.__module__ = "halokick.halo.forgotten"
    with pytest.raises(LookupError, match="Forgotten"):
        canonical.profiles()
    Forgotten.__module__ = "tests"  # the class may outlive this test


def test_a_single_radius_is_sampled_or_refused_but_no_traceback():
    class Sphere:
        def density(self, r):
            return units.attach(np.ones(np.shape(r.value)), "density")

    with pytest.raises(InputError, match="quintic spline needs"):
        as_profile(Sphere(), radius="5 kpc")
