"""Spherical averages of galpy potentials against densities, galpy's own forces one by one, and closed forms."""

from itertools import pairwise

import astropy.units as u
import numpy as np
import pytest
from galpy.potential import (
    DiskSCFPotential,
    DoubleExponentialDiskPotential,
    HernquistPotential,
    MiyamotoNagaiPotential,
    Potential,
    RazorThinExponentialDiskPotential,
    RotateAndTiltWrapperPotential,
    SCFPotential,
    TriaxialHernquistPotential,
)
from scipy.integrate import quad

from halokick import constants
from halokick.errors import InputError
from halokick.halo.disk_mass import disk_mass
from halokick.halo.galpy_mass import GalpyMass
from halokick.halo.sphere_average import GAUSS, KRONROD, NODES, average_over_sphere

SCALES = {"ro": 8.0, "vo": 220.0}
TRIAXIAL = TriaxialHernquistPotential(amp=2.0, a=1.5, b=0.8, c=0.6, **SCALES)
TURNS = {"zvec": [0.3, 0.2, 0.9], "galaxy_pa": 0.4}
UNIT = SCALES["vo"] ** 2 * SCALES["ro"] / constants.G


class OneByOne(Potential):
    """A Hernquist sphere, a = 1, that takes no arrays, with a force that may change in azimuth without moving mass."""

    def __init__(self, ripple=0.0, waves=0):
        super().__init__(amp=1.0, **SCALES)
        self._ripple, self._waves, self.asked = ripple, waves, 0
        self.isNonAxi = waves > 0

    def _inward(self, R, z, phi):
        self.asked += 1
        r = float(np.sqrt(R**2 + z**2))
        return (1 + self._ripple * np.sign(np.sin(self._waves * phi))) / (r * (r + 1.0) ** 2)

    def _Rforce(self, R, z, phi=0.0, t=0.0):
        return -self._inward(R, z, phi) * R

    def _zforce(self, R, z, phi=0.0, t=0.0):
        return -self._inward(R, z, phi) * z


def masses(potential, r):
    """M(<r) in galpy's units, r in galpy's units."""
    mass = GalpyMass(potential, 8 * u.kpc, 220 * u.km / u.s)
    return np.exp(mass(np.log(8.0 * np.asarray(r)))[0]) / UNIT, mass


def flux(potential, r, nodes=48):
    """The flux of galpy's force through a sphere, place by place."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    turns = np.pi * (np.arange(2 * nodes) + 0.5) / nodes
    total = 0.0
    for cosine, weight in zip(x, w, strict=True):
        big_r, z = r * np.sqrt(1 - cosine**2), r * cosine
        for phi in turns:
            total -= weight * (big_r * potential.Rforce(big_r, z, phi=phi, use_physical=False)
                               + z * potential.zforce(big_r, z, phi=phi, use_physical=False))  # fmt: skip
    return 0.5 * total / len(turns) * r


def test_rule_of_fifteen_points_is_exact_to_degree_22_and_that_of_seven_to_13():
    # Gauss-Kronrod pairs have degrees 3 n + 1 and 2 n - 1; odd powers vanish
    for power in range(0, 24):
        exact = 2 / (power + 1) if power % 2 == 0 else 0.0
        assert KRONROD @ NODES**power == pytest.approx(exact, abs=1e-15)
        if power < 14:
            assert GAUSS @ NODES**power == pytest.approx(exact, abs=1e-15)
    assert abs(KRONROD @ NODES**24 - 2 / 25) > 1e-12


@pytest.mark.parametrize(
    ("function", "mean"),
    [
        (lambda r, c, p: 3.0 + c**2 * np.cos(4 * p), 3.0),
        (lambda r, c, p: (1 + c) ** 3 * (2 + np.sin(p)), 4.0),
        (lambda r, c, p: np.exp(-abs(c) / 0.01) * (1 + np.cos(p) ** 2), 0.015 * -np.expm1(-100)),
        (lambda r, c, p: 1 / (1.2 - c * 0.5 - np.sqrt(1 - c * c) * np.cos(p) * 0.8), None),
    ],
)
def test_means_over_spheres_are_known_within_their_error(function, mean):
    if mean is None:
        # a + b.n averages to ln((a + b)/(a - b))/(2 b), with b the length of the vector
        b = np.hypot(0.5, 0.8)
        mean = np.log((1.2 + b) / (1.2 - b)) / (2 * b)
    found, error, size = average_over_sphere(function, 1.0, 1e-8)
    assert error <= 1e-8 * size
    assert found == pytest.approx(mean, abs=max(error, 1e-14 * size))


def test_masses_of_triaxial_shapes_are_those_of_their_densities():
    r = [0.2, 1.0, 4.0]
    found, mass = masses(TRIAXIAL, r)
    # measured 1.1e-8, with eight angles in each panel; twelve, which are used, are better
    assert mass.error < 1e-7
    # all forces point to the middle of ellipsoids: mass by shells of density, in each direction's own radius
    x, w = np.polynomial.legendre.leggauss(40)
    turns = np.pi * (np.arange(40) + 0.5) / 80
    s = np.sqrt(1 - x**2)[:, None]
    stretch = np.sqrt((s * np.cos(turns)) ** 2 + (s * np.sin(turns) / 0.8) ** 2 + (x[:, None] / 0.6) ** 2)
    for radius, one in zip(r, found, strict=True):
        # int_0^r rho(m) r^2 dr at m = r stretch, rho = M a/(4 pi m (m + a)^3 / 2): closed form of Hernquist's mass
        m = radius * stretch
        inside = (m / (m + 1.5)) ** 2 / stretch**3
        exact = 0.5 * 2.0 * (w @ inside.mean(axis=1)) / 2
        # galpy's amp is 2 M for the density rho(m) of a sphere; spline of ln M in steps of 0.1
        assert one == pytest.approx(exact, rel=1e-7)


def test_turned_potentials_have_the_average_of_straight_ones_and_galpys_flux():
    turned = RotateAndTiltWrapperPotential(amp=1.7, pot=TRIAXIAL, **TURNS, **SCALES)
    found, _ = masses(turned, [1.0])
    assert found[0] == pytest.approx(1.7 * masses(TRIAXIAL, [1.0])[0][0], rel=1e-13)
    assert found[0] == pytest.approx(flux(turned, 1.0, 16), rel=1e-7)


def test_moved_potentials_have_galpys_flux():
    disk = MiyamotoNagaiPotential(a=0.5, b=0.2, **SCALES)
    moved = RotateAndTiltWrapperPotential(pot=disk, offset=[0.1, -0.05, 0.2], **TURNS, **SCALES)
    again = RotateAndTiltWrapperPotential(pot=moved, zvec=[1.0, 0.2, 0.1], galaxy_pa=1.0, **SCALES)
    r = [0.3, 1.5]
    found, _ = masses(moved, r)
    # analytic in both angles: 32 by 64 places reach rounding; spline in steps of 0.1
    np.testing.assert_allclose(found, [flux(moved, one, 32) for one in r], rtol=1e-7)
    np.testing.assert_allclose(masses(again, r)[0], found, rtol=1e-8)


@pytest.mark.parametrize("thickness", [0.0, 0.04, 0.5])
def test_masses_of_exponential_disks_are_integrals_of_their_density(thickness):
    r = np.array([1e-4, 0.05, 1.0, 7.0, 1e5])
    found = disk_mass(8 * r, 3.0, 8.0, 8 * thickness) / 64

    def column(big_r, radius):
        height = np.sqrt(radius**2 - big_r**2)
        share = 1.0 if thickness == 0 else -np.expm1(-height / thickness)
        return 2 * np.pi * 3.0 * big_r * np.exp(-big_r) * share

    for radius, one in zip(r, found, strict=True):
        # the other order of integration, along the radius
        top = min(radius, 60.0)
        # the column falls within a thickness of the sphere's rim
        rim = [np.sqrt(radius**2 - h**2) for h in (thickness, 6 * thickness, 30 * thickness) if 0 < h < radius]
        points = sorted(x for x in rim if x < top) or None
        exact = quad(column, 0, top, args=(radius,), epsrel=1e-11, limit=200, points=points)[0]
        assert one == pytest.approx(exact, rel=1e-8)


def test_exponential_disks_of_galpy_have_these_masses():
    r = np.array([0.02, 0.5, 2.0])
    razor = RazorThinExponentialDiskPotential(amp=1.3, hr=0.4, **SCALES)
    exact = 2 * np.pi * 1.3 * 0.16 * (1 - (1 + r / 0.4) * np.exp(-r / 0.4))
    np.testing.assert_allclose(masses(razor, r)[0], exact, rtol=1e-7)
    with np.errstate(all="ignore"):  # galpy's own arithmetic
        thick = DoubleExponentialDiskPotential(amp=1.3, hr=0.4, hz=0.05, **SCALES)
    x, w = np.polynomial.legendre.leggauss(8)
    total = 0.0
    for low, high in ((0.0, 0.02), (0.02, 0.1), (0.1, 0.3), (0.3, 1.0)):
        for cosine, weight in zip(low + 0.5 * (high - low) * (1 + x), 0.5 * (high - low) * w, strict=True):
            big_r, z = 2 * np.sqrt(1 - cosine**2), 2 * cosine
            total -= weight * 2 * (big_r * thick.Rforce(big_r, z, use_physical=False)
                                   + z * thick.zforce(big_r, z, use_physical=False))  # fmt: skip
    # galpy's own quadrature of its forces, 1e-5 at this distance
    assert masses(thick, [2.0])[0][0] == pytest.approx(total, rel=3e-5)


def test_potentials_without_arrays_are_asked_at_few_places():
    sphere = OneByOne()
    r = [1e-3, 0.1, 1.0, 100.0]
    found, mass = masses(sphere, r)
    # M = r^2/(r + 1)^2; ln M by splines through radii 0.2 or 0.4 apart in ln r
    np.testing.assert_allclose(found, masses(HernquistPotential(amp=2.0, a=1.0, **SCALES), r)[0], rtol=1e-6)
    assert mass.error < 1e-9
    # two forces at a place; all angles at all radii would be 33240 places
    assert sphere.asked / 2 < 33240 / 7


def test_rough_forces_are_refused_with_their_error():
    with pytest.raises(InputError, match=r"OneByOne: the force averaged over spheres is known to .* only, 0.0001 is"):
        masses(OneByOne(ripple=0.5, waves=7), [1.0])


@pytest.mark.filterwarnings("ignore:'where' used without 'out'")
def test_expansions_in_basis_functions_weigh_what_galpys_forces_say():
    rng = np.random.default_rng(4)
    cosines = np.zeros((4, 4, 4))
    cosines[:, 0, 0] = [1.0, -0.05, 0.01, -0.002]  # attracts at the very centre too
    allowed = np.arange(4)[:, None] >= np.arange(4)
    cosines[:, 1:, :] += 0.02 * rng.normal(size=(4, 3, 4)) * allowed[1:] / np.array([1.0, 1.0, 3.0, 15.0])
    potential = SCFPotential(Acos=cosines, Asin=0 * cosines, a=1.3, **SCALES)
    r = [0.05, 1.0, 20.0]
    found, _ = masses(potential, r)
    # a rule of four nodes is exact for the harmonics up to l = 3; those of l = 0 alone are summed, 1e-13 of rounding
    assert found == pytest.approx([flux(potential, one, nodes=4) for one in r], rel=1e-9)


@pytest.mark.filterwarnings("ignore:'where' used without 'out'")
def test_disks_in_basis_functions_weigh_what_galpys_forces_say():
    disk = DiskSCFPotential(
        dens=lambda R, z, phi=0.0: np.exp(-R / 0.4 - abs(z) / 0.05),
        Sigma={"type": "exp", "h": 0.4, "amp": 1.0},
        hz={"type": "exp", "h": 0.05},
        a=1.0,
        N=4,
        L=3,
        **SCALES,
    )
    # few functions do not make a disk that attracts at its very centre: a sphere of known mass beside it does
    r = np.array([0.03, 0.5, 3.0])
    found, mass = masses([disk, HernquistPotential(amp=20.0, a=0.3, **SCALES)], r)
    found = found - 10 * (r / (r + 0.3)) ** 2
    # flux through spheres by panels of Gauss nodes that are close where the force turns over in the plane
    x, w = np.polynomial.legendre.leggauss(20)
    for radius, one in zip(r, found, strict=True):
        total = 0.0
        for low, high in pairwise([0.0, 0.02, 0.1, 0.3, 1.0]):
            for node, weight in zip(x, w, strict=True):
                cosine = low + 0.5 * (high - low) * (1 + node)
                big_r, z = radius * np.sqrt(1 - cosine**2), radius * cosine
                force = [f(big_r, z, use_physical=False) for f in (disk.Rforce, disk.zforce)]
                total -= 0.5 * (high - low) * weight * (big_r * force[0] + z * force[1]) * radius
        assert one == pytest.approx(total, rel=1e-7)  # the spline between radii: 2e-8
    assert mass.error < 1e-6
