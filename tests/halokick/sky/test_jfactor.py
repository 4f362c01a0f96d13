"""J-factors and D-factors through the public functions: published numbers, closed forms, adaptive quadrature."""

from itertools import pairwise

import astropy.units as u
import numpy as np
import pytest
from scipy.integrate import quad

from halokick.daughters.phase_mixing import phase_mix
from halokick.daughters.result import Daughters
from halokick.decay.kicks import FixedKick
from halokick.errors import ConvergenceError, InputError, UnitError
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import (
    BurkertProfile,
    EinastoProfile,
    GeneralisedNFWProfile,
    NFWProfile,
    PlummerProfile,
    TabulatedProfile,
    TruncatedProfile,
    ZhaoProfile,
)
from halokick.sky.jfactor import d_factor, differential_d_factor, differential_j_factor, j_factor

RHO = u.Msun / u.kpc**3
DWARF = NFWProfile(r_s=1 * u.kpc, rho_s=1e8 * RHO)
J_PER_INTERNAL = (u.Msun**2 / u.kpc**5).to(u.kg**2 / u.cm**5) * (1 * u.kg).to_value(u.GeV, u.mass_energy()) ** 2


def test_published_dwarf_values():
    # an independent calculation, given to four decimals of log10
    angle = [0.01, 0.1, 0.5, 1, 2] * u.deg
    j = j_factor(DWARF, distance=100 * u.kpc, angle=angle, r_max=50 * u.kpc)
    d = d_factor(DWARF, distance=100 * u.kpc, angle=angle, r_max=50 * u.kpc)
    assert np.log10(j.to_value("GeV2 cm-5")) == pytest.approx([18.1432, 18.9441, 19.2204, 19.2561, 19.2672], abs=5e-5)
    assert np.log10(d.to_value("GeV cm-2")) == pytest.approx([15.9783, 17.6478, 18.5892, 18.8964, 19.1404], abs=6e-5)
    total = j_factor(DWARF, distance=100 * u.kpc, angle=180 * u.deg)
    assert np.log10(total.value) == pytest.approx(19.2702, abs=5e-5)


@pytest.mark.parametrize(("gamma", "ratios"), [(1.1, [23.54, 9.70, 5.67, 2.805]), (1.3, [54.36, 17.23, 8.67, 3.562])])
def test_galactic_brightness_ratios(gamma, ratios):
    # J(1, 2, 3, 5 deg)/J(10 deg) at 8.2 kpc, r_s = 20 kpc: an independent calculation, to the digits it was given
    profile = GeneralisedNFWProfile(gamma=gamma, r_s=20 * u.kpc, rho_s=1e7 * RHO)
    j = differential_j_factor(profile, distance=8.2 * u.kpc, angle=[1, 2, 3, 5, 10] * u.deg)
    assert np.all(np.abs((j[:-1] / j[-1]).value - ratios) < [0.006, 0.006, 0.006, 0.0006])


def test_far_field_of_nfw():
    # (4 pi/3) rho_s^2 r_s^3/d^2 in closed form; at 1e5 scale radii the halo is a point, next order (r_s/d)^2 ln
    j = j_factor(DWARF, distance=1e5 * u.kpc, angle=30 * u.deg)
    exact = 4 * np.pi / 3 * 1e16 / 1e10 * J_PER_INTERNAL
    assert j.to_value("GeV2 cm-5") == pytest.approx(exact, rel=1e-8)


def test_far_field_of_the_mass():
    profile = ZhaoProfile(1, 4, 1, r_s=1 * u.kpc, rho_s=1e8 * RHO)
    distance = 1e6 * u.kpc
    d = d_factor(profile, distance=distance, angle=90 * u.deg)
    exact = (profile.total_mass * (1 * u.Msun).to_value(u.GeV, u.mass_energy()) * u.GeV / u.Msun / distance**2).to(
        "GeV cm-2"
    )
    # outer slope 4: mass outside r falls as r_s/r, so 1e-6 of it lies around and beyond the observer
    assert d.to_value("GeV cm-2") == pytest.approx(exact.value, rel=1e-5)


def test_units_against_astropy():
    # a uniform sphere seen from its centre line: J = rho^2 l, checked with astropy's mass-energy conversion
    sphere = ZhaoProfile(1, 3, 0, r_s=1e9 * u.kpc, rho_s=1e7 * RHO)
    j = differential_j_factor(sphere, distance=1 * u.kpc, angle=180 * u.deg, r_max=3 * u.kpc)
    d = differential_d_factor(sphere, distance=1 * u.kpc, angle=180 * u.deg, r_max=3 * u.kpc)
    energy_density = (1e7 * RHO).to(u.GeV / u.cm**3, u.mass_energy())
    exact_j, exact_d = energy_density**2 * 2 * u.kpc, energy_density * 2 * u.kpc
    # the shape itself departs from uniform by 1e-8
    assert j.to_value("GeV2 cm-5 sr-1") == pytest.approx(exact_j.to_value("GeV2 cm-5"), rel=2e-8)
    assert d.to_value("GeV cm-2 sr-1") == pytest.approx(exact_d.to_value("GeV cm-2"), rel=2e-8)


# ---- a slow twin: plain distance along the line, adaptive quadrature, closed-form densities written out here -------
SHAPES = {
    "nfw": (NFWProfile(r_s=1 * u.kpc, rho_s=1 * RHO), lambda r: 1 / (r * (1 + r) ** 2)),
    "gnfw": (
        GeneralisedNFWProfile(gamma=1.4, r_s=1 * u.kpc, rho_s=1 * RHO),
        lambda r: r**-1.4 * (1 + r) ** -1.6,
    ),
    "plummer": (PlummerProfile(r_s=1 * u.kpc, rho_s=1 * RHO), lambda r: (1 + r * r) ** -2.5),
    "burkert": (BurkertProfile(r_s=1 * u.kpc, rho_s=1 * RHO), lambda r: 1 / ((1 + r) * (1 + r * r))),
    "einasto": (
        EinastoProfile(alpha=0.17, r_s=1 * u.kpc, rho_s=1 * RHO),
        lambda r: np.exp(-2 / 0.17 * (r**0.17 - 1)),
    ),
    "truncated": (
        TruncatedProfile(NFWProfile(r_s=1 * u.kpc, rho_s=1 * RHO), r_t=4 * u.kpc),
        lambda r: np.exp(-((r / 4) ** 2)) / (r * (1 + r) ** 2),
    ),
}


def slow_line(f, d, theta, r_max, knots=()):
    tangent, b = d * np.cos(theta), d * np.sin(theta)
    if b >= r_max:
        return 0.0
    half = np.sqrt(r_max**2 - b**2)
    low, high = max(0.0, tangent - half), tangent + half
    if high <= low:
        return 0.0
    scales = np.concatenate([[0.0], np.geomspace(0.1 * b, 10 * (high + d), 40)])
    kinks = np.sqrt(np.maximum(np.square(knots) - b**2, 0.0)) if len(knots) else np.array([0.0])
    cuts = np.concatenate([tangent - scales, tangent + scales, tangent - kinks, tangent + kinks, [low, high]])
    cuts = np.unique(np.clip(cuts, low, high))

    def integrand(s):
        return f(np.hypot(b, s - tangent))

    return sum(quad(integrand, x, y, epsabs=1e-290, epsrel=1e-11)[0] for x, y in pairwise(cuts))


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("distance", [0.05, 1.0, 9.999, 10.001, 300.0])
def test_directions_agree_with_adaptive_quadrature(name, distance):
    profile, rho = SHAPES[name]
    angle = np.array([1e-4, 0.03, 1, 20, 60, 89.9, 90, 95, 140, 179.99, 180])
    fast_j = differential_j_factor(profile, distance=distance * u.kpc, angle=angle * u.deg, r_max=10 * u.kpc)
    fast_d = differential_d_factor(profile, distance=distance * u.kpc, angle=angle * u.deg, r_max=10 * u.kpc)
    slow_j = [slow_line(lambda r: rho(r) ** 2, distance, x, 10) for x in np.deg2rad(angle)]
    slow_d = [slow_line(rho, distance, x, 10) for x in np.deg2rad(angle)]
    per_d = J_PER_INTERNAL**0.5 * u.kpc.to(u.cm) ** 0.5  # GeV cm-2 per Msun kpc-2
    # the accuracy that the functions state is 1e-9; adaptive quadrature itself reaches 1e-10
    assert fast_j.value / J_PER_INTERNAL == pytest.approx(slow_j, rel=1e-9, abs=0)
    assert fast_d.value / per_d == pytest.approx(slow_d, rel=1e-9, abs=0)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("distance", [0.05, 1.0, 9.999, 10.0, 300.0])
def test_cones_agree_with_the_integral_of_directions(name, distance):
    # two independent formulas: shells with their closed-form weight, and directions on a graded grid of angles
    profile, _ = SHAPES[name]
    x, w = np.polynomial.legendre.leggauss(24)
    z, w = 0.5 * (x + 1), 0.5 * w
    grazing = np.arcsin(min(1.0, 10 / distance))
    inner = np.geomspace(1e-7, 1, 30) * min(1.0, 1 / distance)
    cuts = np.unique(np.concatenate([[0], inner, [grazing, np.pi / 2, 1.2, 2.5, np.pi]]))
    cuts = cuts[np.concatenate([[True], np.diff(cuts) > 1e-12])]
    total, cones = 0.0, []
    for low, high in pairwise(cuts):
        for start, sign in ((low, 1), (high, -1)):
            half = 0.5 * (high - low)
            power = 15 if start == 0 else 3  # the cusp, and the square root at the edge of the halo
            angle = start + sign * half * z**power
            j = differential_j_factor(profile, distance=distance * u.kpc, angle=angle * u.rad, r_max=10 * u.kpc).value
            total += np.sum(j * 2 * np.pi * np.sin(angle) * w * power * z ** (power - 1) * half)
        cones.append(total)
    fast = j_factor(profile, distance=distance * u.kpc, angle=cuts[1:] * u.rad, r_max=10 * u.kpc)
    # the stated accuracy
    assert fast.value == pytest.approx(np.array(cones), rel=1e-8)


def test_pair_of_different_profiles_is_the_product():
    other = GeneralisedNFWProfile(gamma=0.7, r_s=3 * u.kpc, rho_s=2e7 * RHO)
    both = DWARF.scaled(1e-8), other.scaled(0.5e-7)

    def product(r):
        return 1 / (r * (1 + r) ** 2) * (r / 3) ** -0.7 * (1 + r / 3) ** -2.3

    angle = np.array([0.2, 5, 50, 150])
    j = differential_j_factor(*both, distance=6 * u.kpc, angle=angle * u.deg, r_max=40 * u.kpc)
    slow = [slow_line(product, 6, x, 40) for x in np.deg2rad(angle)]
    assert j.value / J_PER_INTERNAL == pytest.approx(slow, rel=1e-9)  # stated accuracy
    swapped = differential_j_factor(*both[::-1], distance=6 * u.kpc, angle=angle * u.deg, r_max=40 * u.kpc)
    assert swapped.value == pytest.approx(j.value, rel=1e-14)  # rounding


def test_linear_in_each_density():
    kwargs = {"distance": 80 * u.kpc, "angle": 0.5 * u.deg}
    pair = j_factor(DWARF, DWARF.scaled(0.3), **kwargs)
    assert pair.value == pytest.approx(0.3 * j_factor(DWARF, **kwargs).value, rel=1e-12)  # rounding


def test_without_r_max_the_halo_is_followed_to_infinity():
    # plain quadrature in 1/s of the tail from 1e3 kpc on
    angle, d = np.deg2rad(70), 8.0
    tail = quad(lambda v: 1 / v**2 * (v**2 / (1 + v) ** 2) * v, 0, 1e-3)[0]
    slow = slow_line(lambda r: 1 / (r * (1 + r) ** 2), d, angle, 1e3)
    whole = differential_d_factor(NFWProfile(r_s=1 * u.kpc, rho_s=1 * RHO), distance=d * u.kpc, angle=angle * u.rad)
    per_d = J_PER_INTERNAL**0.5 * u.kpc.to(u.cm) ** 0.5
    # beyond 1e3 kpc s and r differ by d^2/r^2 of 1e-6, in a tail that is 3e-5 of the whole
    assert whole.value / per_d == pytest.approx(slow + tail, rel=1e-7)


def test_table_with_a_coarse_grid_agrees_with_quadrature_of_its_own_density():
    r = np.geomspace(0.01, 30, 25)
    table = TabulatedProfile(r * u.kpc, r**-1.0 * (1 + r * r) ** -1 * RHO)

    def rho(x):
        return table.density(x * u.kpc).value

    angle = np.array([0.1, 2, 40, 120])
    j = differential_j_factor(table, distance=4 * u.kpc, angle=angle * u.deg, r_max=20 * u.kpc)
    slow = [slow_line(lambda x: float(rho(x)) ** 2, 4, x, 20) for x in np.deg2rad(angle)]
    # the quintic spline's knots, where the fifth derivative jumps
    assert j.value / J_PER_INTERNAL == pytest.approx(slow, rel=1e-8)


def test_user_object_with_a_density_is_accepted():
    class Mine:
        def density(self, r):
            x = r.to_value(u.kpc)
            return 1e8 / (x * (1 + x) ** 2) * RHO

    mine = j_factor(Mine(), distance=100 * u.kpc, angle=0.5 * u.deg, r_max=50 * u.kpc)
    built_in = j_factor(DWARF, distance=100 * u.kpc, angle=0.5 * u.deg, r_max=50 * u.kpc)
    # sampled at 0.02 in ln r and splined
    assert mine.value == pytest.approx(built_in.value, rel=1e-8)


def test_shapes_broadcast():
    j = j_factor(DWARF, distance=[50, 100, 200] * u.kpc, angle=[[0.1], [0.5]] * u.deg)
    assert j.shape == (2, 3)
    assert j[1, 1].value == j_factor(DWARF, distance=100 * u.kpc, angle=0.5 * u.deg).value
    assert j_factor(DWARF, distance=100 * u.kpc, angle=0 * u.deg).value == 0.0


def test_observer_in_text_and_other_units_gives_the_same():
    text = j_factor(DWARF, distance="100 kpc", angle="30 arcmin", r_max="50000 pc")
    assert text.value == pytest.approx(
        j_factor(DWARF, distance=100 * u.kpc, angle=0.5 * u.deg, r_max=50 * u.kpc).value, rel=1e-12
    )


# ---- daughters ---------------------------------------------------------------------------------------------------
def record(method, ratio, radius, edge=None):
    """Daughters of DWARF, made up: their density over the parents' is `ratio` at `radius` in kpc."""
    density = ratio * DWARF.density(radius * u.kpc)
    return Daughters(
        method=method,
        parent=DWARF,
        kick=None,
        radius=radius * u.kpc,
        components={"bound": density},
        error_density=0.01 * density,
        dispersion={},
        bound_at_birth=np.ones_like(radius),
        bound_fraction=1.0,
        reference_radius=1 * u.kpc,
        edge=edge,
    )


@pytest.mark.parametrize("method", ["phase_mixing", "orbits"])
def test_daughters_agree_with_quadrature_of_their_own_density(method, rng):
    radius = np.geomspace(0.01, 30, 30)
    ratio = radius / (0.5 + radius)
    if method == "orbits":
        # Monte Carlo bins: five per cent of noise, and none left in the innermost and in one further out
        ratio = ratio * (1 + 0.05 * rng.normal(size=30))
        ratio[[0, 17]] = 0.0
    daughters = record(method, ratio, radius)
    angle = np.array([0.3, 3, 40, 120])

    def product(r):
        return float((daughters.density(r * u.kpc) * DWARF.density(r * u.kpc)).to_value(RHO**2))

    j = differential_j_factor(DWARF, daughters, distance=4 * u.kpc, angle=angle * u.deg, r_max=20 * u.kpc)
    slow = [slow_line(product, 4, x, 20, knots=radius) for x in np.deg2rad(angle)]
    # the kinks of the interpolation through the bins, within cells of 1/64 to 1/256
    assert j.value / J_PER_INTERNAL == pytest.approx(slow, rel=1e-8 if method == "phase_mixing" else 2e-5)


def test_kicked_galactic_brightness_ratios():
    # parents times daughters of 109 km/s, J(1, 2, 3, 5 deg)/J(10 deg) at 8.2 kpc: an independent calculation
    profile = GeneralisedNFWProfile(gamma=1.2, r_s=20 * u.kpc, rho_s=6.911e6 * RHO)
    daughters = phase_mix(ErgodicDF(Halo(profile)), FixedKick(109 * u.km / u.s), np.geomspace(0.01, 300, 40) * u.kpc)
    j = differential_j_factor(profile, daughters, distance=8.2 * u.kpc, angle=[1, 2, 3, 5, 10] * u.deg)
    # the digits that were given
    assert np.all(np.abs((j[:-1] / j[-1]).value - [17.77, 8.88, 5.57, 2.854]) < [0.006, 0.006, 0.006, 0.0006])


def test_daughters_end_where_they_are_known():
    radius = np.geomspace(0.01, 30, 30)
    daughters = record("phase_mixing", np.full(30, 0.25), radius)
    near = j_factor(DWARF, daughters, distance=100 * u.kpc, angle=1 * u.deg)
    assert near.value == pytest.approx(
        0.25 * j_factor(DWARF, distance=100 * u.kpc, angle=1 * u.deg, r_max=30 * u.kpc).value, rel=1e-9
    )
    with pytest.raises(InputError, match="beyond 30 kpc"):
        j_factor(DWARF, daughters, distance=100 * u.kpc, angle=1 * u.deg, r_max=31 * u.kpc)


def test_tidally_cut_halo_agrees_with_quadrature_of_its_own_density():
    df = ErgodicDF(Halo(DWARF, energy_cut=4 * u.kpc))

    angle = np.deg2rad([0.3, 3])
    j = differential_j_factor(df, distance=50 * u.kpc, angle=angle * u.rad)
    y, w = np.polynomial.legendre.leggauss(300)
    b = 50 * np.sin(angle)[:, None]
    end = np.arccosh(4 / b)
    r = b * np.cosh(end * y)
    slow = np.sum(end * w * df.density(r * u.kpc).to_value(RHO) ** 2 * r, axis=1)
    # what an edge is given: 1e-7 of the volume integral, a few times more on an outer line
    assert j.value / J_PER_INTERNAL == pytest.approx(slow, rel=2e-6)


# ---- the exact centre and other places where the answer is infinite ------------------------------------------------
def test_exact_centre_of_a_core_is_finite():
    profile, rho = SHAPES["plummer"]
    j = differential_j_factor(profile, distance=2 * u.kpc, angle=[0, 1e-9] * u.deg)
    # int (1 + r^2)^-5 dr, whole line less what is behind the observer
    exact = 2 * quad(lambda r: rho(r) ** 2, 0, np.inf)[0] - quad(lambda r: rho(r) ** 2, 2, np.inf)[0]
    assert j.value / J_PER_INTERNAL == pytest.approx([exact, exact], rel=1e-9)  # stated accuracy


def test_exact_centre_of_a_shallow_cusp_is_finite_and_the_limit_of_small_angles():
    profile = GeneralisedNFWProfile(gamma=0.3, r_s=1 * u.kpc, rho_s=1 * RHO)
    j = differential_j_factor(profile, distance=2 * u.kpc, angle=[0, 1e-12] * u.deg).value
    # J(0) - J(theta) falls as theta^(1 - 2 gamma): 1e-14 rad to the power 0.4 is 3e-6
    assert j[1] == pytest.approx(j[0], rel=2e-5)
    assert j[1] < j[0]


@pytest.mark.parametrize("gamma", [0.5, 0.8, 1.2])
def test_exact_centre_of_a_cusp_is_refused_with_a_remedy(gamma):
    profile = GeneralisedNFWProfile(gamma=gamma, r_s=1 * u.kpc, rho_s=1 * RHO)
    with pytest.raises(InputError, match=r"angle = 0 looks through the centre.*j_factor"):
        differential_j_factor(profile, distance=8 * u.kpc, angle=[0, 1] * u.deg)


def test_infinite_volume_integral_is_refused():
    steep = GeneralisedNFWProfile(gamma=1.5, r_s=1 * u.kpc, rho_s=1 * RHO)
    with pytest.raises(InputError, match=r"volume integral is infinite"):
        j_factor(steep, distance=8 * u.kpc, angle=1 * u.deg)


def test_endless_shallow_halo_needs_r_max():
    shallow = ZhaoProfile(1, 0.9, 0, r_s=1 * u.kpc, rho_s=1 * RHO)
    with pytest.raises(InputError, match="give r_max"):
        differential_d_factor(shallow, distance=8 * u.kpc, angle=1 * u.deg)
    assert differential_d_factor(shallow, distance=8 * u.kpc, angle=1 * u.deg, r_max=100 * u.kpc).value > 0


def test_density_that_ends_inside_r_max_is_refused():
    class Ball:
        def density(self, r):
            return np.where(r < 2 * u.kpc, 1.0, 0.0) * RHO

        r_max = 2 * u.kpc

    with pytest.raises(InputError, match=r"r_max = 5\.0 kpc lies beyond 2 kpc"):
        j_factor(Ball(), distance=8 * u.kpc, angle=1 * u.deg, r_max=5 * u.kpc)
    # its own r_max is the default: a uniform ball of volume 4 pi 8/3, all of it in view
    j = j_factor(Ball(), distance=1e4 * u.kpc, angle=1 * u.deg)
    assert j.value / J_PER_INTERNAL == pytest.approx(4 * np.pi * 8 / 3 / 1e8, rel=1e-7)  # (R/d)^2 and rounding


def test_step_in_the_density_is_refused():
    r = np.exp(np.arange(0, 0.3, 1e-4))
    table = TabulatedProfile(r * u.kpc, np.where(r < 1.15, 2.0, 1.0) / r * RHO)
    with pytest.raises(ConvergenceError, match=r"too rough near r = 1\.1"):
        j_factor(table, distance=8 * u.kpc, angle=1 * u.deg)


def test_density_beyond_all_bounds_is_refused():
    r = np.geomspace(1, 2, 7)
    with pytest.raises(InputError, match=r"overflow"):
        j_factor(TabulatedProfile(r * u.kpc, r**-40.0 * RHO), distance=8 * u.kpc, angle=1 * u.deg)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"distance": 8.2}, UnitError, "distance = 8.2 has no unit"),
        ({"angle": 1.0}, UnitError, "angle = 1.0 has no unit"),
        ({"distance": 0 * u.kpc}, InputError, "must be positive"),
        ({"angle": -1 * u.deg}, InputError, "between 0 deg"),
        ({"angle": 181 * u.deg}, InputError, "between 0 deg"),
        ({"r_max": -1 * u.kpc}, InputError, "r_max"),
        ({"r_max": 5 * u.deg}, UnitError, "r_max"),
        ({"distance": np.nan * u.kpc}, InputError, "finite"),
    ],
)
def test_bad_arguments_are_named(change, error, message):
    arguments = {"distance": 8.2 * u.kpc, "angle": 1 * u.deg} | change
    with pytest.raises(error, match=message):
        j_factor(DWARF, **arguments)
