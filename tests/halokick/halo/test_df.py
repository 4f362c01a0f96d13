"""Eddington inversion against closed forms, against itself, against galpy, and against halos that have no f."""

import astropy.units as u
import numpy as np
import pytest
from galpy.df import eddingtondf
from galpy.potential import NFWPotential

import halokick as hk
from halokick import constants
from halokick.errors import ConvergenceError, InputError, NegativeDistributionError, UnitError

RHO = 1e8 * u.Msun / u.kpc**3


def _scale(profile, total_over_rho):
    """G M [km2/s2 kpc] of a profile of unit radius with rho_s = RHO."""
    return constants.G * RHO.value * total_over_rho


def test_plummer_f_equals_its_closed_form():
    # f = 24 sqrt(2) b^2 / (7 pi^3 G^5 M^4) E^(7/2), Plummer; M = 4 pi rho b^3 / 3
    gm = _scale(None, 4 * np.pi / 3)
    df = hk.ErgodicDF(hk.Halo(hk.PlummerProfile(r_s=1 * u.kpc, rho_s=RHO)))
    energy = gm * np.array([1e-6, 1e-3, 0.01, 0.1, 0.5, 0.9, 0.999])
    closed = 24 * np.sqrt(2) / (7 * np.pi**3) / (constants.G * gm**4) * energy**3.5
    # the trapezoid is exponentially accurate; near the centre E loses digits against psi(0)
    np.testing.assert_allclose(df.f(energy * u.km**2 / u.s**2).value, closed, rtol=1e-10)


def test_hernquist_f_equals_its_closed_form():
    gm = _scale(None, 2 * np.pi)
    df = hk.ErgodicDF(hk.Halo(hk.HernquistProfile(r_s=1 * u.kpc, rho_s=RHO)))
    e = np.array([1e-3, 0.01, 0.1, 0.3, 0.6, 0.9, 0.99])
    # Hernquist (1990), Eq. (17)
    closed = (
        1
        / (np.sqrt(2) * (2 * np.pi) ** 3 * gm**1.5)
        * (gm / constants.G)
        * np.sqrt(e)
        / (1 - e) ** 2
        * ((1 - 2 * e) * (8 * e**2 - 8 * e - 3) + 3 * np.arcsin(np.sqrt(e)) / np.sqrt(e * (1 - e)))
    )
    # the closed form cancels to about 1e-10 at its ends
    np.testing.assert_allclose(df.f(e * gm * u.km**2 / u.s**2).value, closed, rtol=1e-9)


def test_jaffe_f_equals_its_closed_form_although_its_centre_is_infinitely_deep():
    from scipy.special import dawsn, erfcx

    gm = _scale(None, 4 * np.pi)
    halo = hk.Halo(hk.JaffeProfile(r_s=1 * u.kpc, rho_s=RHO))
    df = hk.ErgodicDF(halo)
    r_e = np.array([1e-3, 0.1, 1.0, 10.0, 1e3]) * u.kpc
    e = np.log(1 + 1 / r_e.value)
    # Jaffe (1983) in Binney & Tremaine (2008), Eq. (4.67):
    # f = [F-(sqrt(2e)) - sqrt2 F-(sqrt e) - sqrt2 F+(sqrt e) + F+(sqrt(2e))] / (2 pi^3 (G M a)^(3/2)),
    # with Dawson's integrals F-(x) = e^(-x^2) int_0^x e^(t^2) dt and F+(x) = e^(x^2) int_0^x e^(-t^2) dt
    f_minus = dawsn

    def f_plus(x):
        return np.sqrt(np.pi) / 2 * (np.exp(x * x) - erfcx(x))

    bracket = f_minus(np.sqrt(2 * e)) - np.sqrt(2) * (f_minus(np.sqrt(e)) + f_plus(np.sqrt(e))) + f_plus(np.sqrt(2 * e))
    closed = bracket / (2 * np.pi**3 * gm**1.5) * gm / constants.G
    # energies are inverted through psi, which the innermost radius counts from: 1e-9 there; the form cancels outside
    np.testing.assert_allclose(df.f(halo.relative_potential(r_e)).value, closed, rtol=2e-7)


@pytest.mark.parametrize(
    "profile",
    [
        hk.ZhaoProfile(gamma=1.2, r_s=20 * u.kpc, rho_s=RHO),
        hk.NFWProfile(r_s=1 * u.kpc, rho_s=RHO),
        hk.EinastoProfile(alpha=0.17, r_s=10 * u.kpc, rho_s=RHO),
        hk.BurkertProfile(r_s=3 * u.kpc, rho_s=RHO),
        hk.HernquistProfile(r_s=2 * u.kpc, rho_s=RHO),
        hk.PlummerProfile(r_s=2 * u.kpc, rho_s=RHO),
        hk.TruncatedProfile(hk.NFWProfile(r_s=1 * u.kpc, rho_s=RHO), r_t=6 * u.kpc),
        hk.TruncatedProfile(hk.CoredIsothermalProfile(r_s=1 * u.kpc, rho_s=RHO), r_t=20 * u.kpc),
    ],
    ids=lambda p: type(p).__name__,
)
def test_density_rebuilt_from_f_is_the_profile(profile):
    df = hk.ErgodicDF(hk.Halo(profile))
    r = np.geomspace(1e-3, 2, 12) * profile._scale_radius * u.kpc
    # table error of f and Gauss error of the energy integral, together
    np.testing.assert_allclose((df.density(r) / profile.density(r)).value, 1, rtol=1e-8)


def test_dispersion_of_f_solves_the_jeans_equation():
    halo = hk.Halo(hk.ZhaoProfile(gamma=1.2, r_s=20 * u.kpc, rho_s=RHO))
    r = np.geomspace(1e-2, 1e3, 9) * u.kpc
    ratio = hk.ErgodicDF(halo).velocity_dispersion(r) / halo.velocity_dispersion(r)
    # cubic spline of the Jeans table in steps of 0.025
    np.testing.assert_allclose(ratio.value, 1, rtol=1e-9)


def test_f_with_a_disk_rebuilds_the_halo_density():
    from galpy.potential import MiyamotoNagaiPotential

    disk = MiyamotoNagaiPotential(amp=6e10 * u.Msun, a=3 * u.kpc, b=0.3 * u.kpc, ro=8.0, vo=220.0)
    profile = hk.NFWProfile(r_s=16 * u.kpc, rho_s=1e7 * u.Msun / u.kpc**3)
    df = hk.ErgodicDF(hk.Halo(profile, baryons=disk))
    r = np.array([0.1, 1, 8, 50]) * u.kpc
    np.testing.assert_allclose((df.density(r) / profile.density(r)).value, 1, rtol=1e-8)


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")  # galpy's own, at r = infinity
def test_f_agrees_with_galpy_eddington():
    profile = hk.NFWProfile(r_s=16 * u.kpc, rho_s=1e7 * u.Msun / u.kpc**3)
    df = hk.ErgodicDF(hk.Halo(profile))
    mass_scale = 4 * np.pi * 1e7 * 16**3 * u.Msun
    potential = NFWPotential(amp=mass_scale, a=16 * u.kpc, ro=8.0, vo=220.0)
    other = eddingtondf(pot=potential, rmax=np.inf, ro=8.0, vo=220.0)
    psi0 = constants.G * mass_scale.value / 16
    energy = np.array([0.1, 0.3, 0.6, 0.8]) * psi0
    theirs = other.fE(-energy / 220.0**2)
    ours = df.f(energy * u.km**2 / u.s**2).value
    # same shape: galpy's f is normalised to its own mass, and numerically differentiated
    np.testing.assert_allclose(theirs / theirs[0], ours / ours[0], rtol=1e-5)


def test_cumulative_is_the_integral_of_f():
    df = hk.ErgodicDF(hk.Halo(hk.NFWProfile(r_s=1 * u.kpc, rho_s=RHO)))
    low, high = 0.2 * df._table.psi0, 0.7 * df._table.psi0
    x, w = np.polynomial.legendre.leggauss(40)
    e = 0.5 * (low + high) + 0.5 * (high - low) * x
    integral = 0.5 * (high - low) * np.sum(w * df.f(e * u.km**2 / u.s**2).value)
    difference = np.diff(df.cumulative([low, high] * u.km**2 / u.s**2).value)[0]
    assert difference == pytest.approx(integral, rel=1e-10)  # Gauss is exact here; the tables err by 1e-12


def test_energy_cut_takes_the_outer_particles_and_only_them():
    profile = hk.NFWProfile(r_s=1 * u.kpc, rho_s=RHO)
    cut = hk.ErgodicDF(hk.Halo(profile, energy_cut=6 * u.kpc))
    whole = hk.ErgodicDF(hk.Halo(profile))
    psi = cut.halo.relative_potential([5.9, 6.1] * u.kpc)
    assert cut.f(psi)[0] == whole.f(psi)[0]
    assert cut.f(psi)[1] == 0
    r = np.array([0.01, 1.0, 5.0]) * u.kpc
    assert np.all(cut.density(r) < whole.density(r))


def test_speed_distribution_integrates_to_one():
    df = hk.ErgodicDF(hk.Halo(hk.NFWProfile(r_s=1 * u.kpc, rho_s=RHO)))
    top = df.halo.escape_speed(1 * u.kpc)
    x, w = np.polynomial.legendre.leggauss(80)
    total = np.sum(0.5 * w * top * df.speed_distribution(1 * u.kpc, 0.5 * (1 + x) * top))
    assert total.to_value("") == pytest.approx(1, rel=1e-8)  # Gauss against the smooth upper end of f


def test_a_hollow_in_the_potential_is_refused_by_name():
    # a flat core cannot be isotropic inside a deep cusp: f < 0 (An & Evans 2006)
    from galpy.potential import HernquistPotential

    cusp = HernquistPotential(amp=2e12 * u.Msun, a=2 * u.kpc, ro=8.0, vo=220.0)
    halo = hk.Halo(hk.PlummerProfile(r_s=2 * u.kpc, rho_s=1e6 * u.Msun / u.kpc**3), baryons=cusp)
    with pytest.raises(NegativeDistributionError, match=r"f\(E\) < 0 at zero-velocity radius") as caught:
        hk.ErgodicDF(halo)
    assert 0 < caught.value.radius_kpc < 2


def test_impossible_energies_are_refused():
    df = hk.ErgodicDF(hk.Halo(hk.NFWProfile(r_s=1 * u.kpc, rho_s=RHO)))
    with pytest.raises(InputError, match="deeper than the centre"):
        df.f(1e9 * u.km**2 / u.s**2)
    with pytest.raises(UnitError, match="has no unit"):
        df.f(3.0)
    assert df.f(-1.0 * u.km**2 / u.s**2).value == 0


def with_black_hole(softening):
    from galpy.potential import PlummerPotential

    hole = PlummerPotential(amp=4e6 * u.Msun, b=softening, ro=8 * u.kpc, vo=220 * u.km / u.s)
    return hk.Halo(hk.NFWProfile(r_s=20 * u.kpc, rho_s=6.9e6 * u.Msun / u.kpc**3), baryons=hole)


def test_a_point_too_deep_for_the_table_of_f_is_refused_and_a_softer_one_keeps_the_density():
    # the cells of E are then wider than the whole halo inside 0.5 kpc: the density rebuilt was 24 per cent off
    with pytest.raises(ConvergenceError, match=r"at 0\.\d+ kpc.*soften"):
        hk.ErgodicDF(with_black_hole(1e-6 * u.kpc))
    halo = with_black_hole(1e-3 * u.kpc)
    r = np.geomspace(1e-3, 10, 9) * u.kpc
    rebuilt = (hk.ErgodicDF(halo).density(r) / halo.profile.density(r)).to_value("")
    np.testing.assert_allclose(rebuilt, 1, atol=2e-5)  # measured 6e-6, the table's cells


def test_speeds_are_asked_at_one_radius():
    df = hk.ErgodicDF(hk.Halo(hk.PlummerProfile(r_s=1 * u.kpc, rho_s=1e8 * u.Msun / u.kpc**3)))
    with pytest.raises(InputError, match="one radius"):
        df.speed_distribution([1, 2] * u.kpc, [10, 20] * u.km / u.s)
