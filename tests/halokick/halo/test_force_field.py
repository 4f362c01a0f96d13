"""Fields of whole potentials against galpy's own forces, and what is left to galpy."""

import json
import re

import astropy.units as u
import numpy as np
import pytest
from galpy import potential as galpy

import halokick as hk
from halokick import constants
from halokick.errors import InputError
from halokick.halo.force_field import force_field, is_spherical

KPC, KMS = u.kpc, u.km / u.s
SCALES = {"ro": 8 * KPC, "vo": 220 * KMS}
MILKY_WAY = galpy.MWPotential2014
HALO = galpy.TriaxialNFWPotential(a=2.0, b=0.8, c=0.6, normalize=True)


def places(n=40, low=0.1, high=200.0):
    rng = np.random.default_rng(11)
    direction = rng.normal(size=(n, 3))
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    return np.exp(rng.uniform(np.log(low), np.log(high), n))[:, None] * direction


def galpy_force(potential, x, time=0.0):
    """Cartesian force in km2/s2/kpc at points in kpc; time in kpc/(km/s)."""
    out = []
    for big_r, phi, z in zip(np.hypot(x[:, 0], x[:, 1]) / 8, np.arctan2(x[:, 1], x[:, 0]), x[:, 2] / 8, strict=True):
        place = {"phi": phi, "t": time * 220 / 8, "use_physical": False}
        outward = galpy.evaluateRforces(potential, big_r, z, **place)
        sideways = galpy.evaluatephitorques(potential, big_r, z, **place) / big_r
        up = galpy.evaluatezforces(potential, big_r, z, **place)
        c, s = np.cos(phi), np.sin(phi)
        out.append([outward * c - sideways * s, outward * s + sideways * c, up])
    return np.array(out) * 220**2 / 8


def galpy_potential(potential, x):
    return 220**2 * np.array(
        [
            galpy.evaluatePotentials(potential, np.hypot(a, b) / 8, c / 8, phi=np.arctan2(b, a), use_physical=False)
            for a, b, c in x
        ]
    )


def relative(got, expected):
    return np.linalg.norm(got - expected, axis=1) / np.linalg.norm(expected, axis=1)


@pytest.mark.parametrize(
    ("potential", "how", "bound"),
    [
        (MILKY_WAY, {"radial table", "exact"}, 1e-11),
        (galpy.TwoPowerSphericalPotential(alpha=0.7, beta=3.3, a=1.5), {"radial table"}, 1e-11),
        (galpy.LogarithmicHaloPotential(core=0.1, q=1.0), {"radial table"}, 1e-11),
        (galpy.KeplerPotential(), {"radial table"}, 2e-11),
        (galpy.LogarithmicHaloPotential(core=0.1, q=0.9, b=0.8), {"exact"}, 1e-13),
        (galpy.MN3ExponentialDiskPotential(hr=0.3, hz=0.04), {"exact"}, 1e-13),
        (galpy.KuzminDiskPotential(a=0.4), {"exact"}, 1e-13),
        (galpy.FlattenedPowerPotential(alpha=0.5, q=0.85, core=0.1), {"plane table"}, 1e-6),
        (HALO, {"multipole"}, 2e-6),
        (galpy.PerfectEllipsoidPotential(a=1.0, b=0.9, c=0.7), {"multipole"}, 2e-6),
        (galpy.TriaxialHernquistPotential(a=1.0, b=0.9, c=0.8, pa=0.4), {"multipole"}, 2e-6),
    ],
    ids=lambda value: getattr(type(value), "__name__", None) if not isinstance(value, (set, float)) else "",
)
def test_forces_and_potentials_are_those_of_galpy(potential, how, bound):
    field = force_field(potential, **SCALES)
    assert field.way == "kernel"
    assert {member.how for member in field.members} == how
    x = places()
    # closed forms: rounding; spherical tables 1e-11; other tables the tolerance of 1e-6, at other points
    assert np.max(relative(field.acceleration(x), galpy_force(potential, x))) < bound
    offset = field.potential(x) - galpy_potential(potential, x)
    # the zero of a potential is free, and a table of forces right to `bound` is no better in the potential
    assert np.ptp(offset) < 10 * bound * np.ptp(galpy_potential(potential, x))


@pytest.mark.parametrize("edge", [0.5, 1.3])
def test_a_sphere_with_an_edge_is_followed_through_it(edge):
    potential = galpy.HomogeneousSpherePotential(R=edge)
    x = places(200, 0.5 * 8 * edge, 2 * 8 * edge)
    field = force_field(potential, **SCALES, points=x)
    # as where there is no edge, because it lies between two cells
    assert relative(field.acceleration(x), galpy_force(potential, x)).max() < 1e-11


def test_an_exponential_disk_agrees_with_galpy_where_galpy_is_right():
    disk = galpy.RazorThinExponentialDiskPotential(hr=0.375, normalize=0.5)
    halo = galpy.NFWPotential(a=2.0, normalize=0.5)
    field = force_field([disk, halo], **SCALES)
    assert dict((m.name, m.how) for m in field.members)["RazorThinExponentialDiskPotential"] == "plane table"
    assert field.errors["total"].p99 < 1e-6
    # Freeman (1970): v^2 of a razor-thin disk in its plane, which galpy has in closed form, too
    big_r = np.array([0.5, 3.0, 8.0, 20.0])
    above = np.stack([big_r, 0 * big_r, 0 * big_r], axis=1)
    expected = galpy_force(disk + halo, above)[:, 0]
    # the tolerance
    np.testing.assert_allclose(field.acceleration(above)[:, 0], expected, rtol=1e-6)


def test_the_milky_way_with_a_thick_exponential_disk():
    with np.errstate(all="ignore"):
        disk = galpy.DoubleExponentialDiskPotential(hr=0.375, hz=0.0375, normalize=0.4, de_n=2000)
    potential = MILKY_WAY + disk
    x = places(200, 0.05, 200.0)
    field = force_field(potential, **SCALES, points=x)
    assert field.way == "kernel"
    total = field.errors["total"]
    assert total.p99 < 1e-6
    assert total.worst < 1e-4
    away = x[np.hypot(x[:, 0], x[:, 1]) > np.maximum(0.2 * np.abs(x[:, 2]), 1.0)][:30]
    assert np.max(relative(field.acceleration(away), galpy_force(potential, away))) < 1e-6


def test_a_bar_that_turns_is_followed_in_time():
    # grown before t = 0
    potential = MILKY_WAY + galpy.DehnenBarPotential(omegab=1.4, rb=0.5, Af=0.02, barphi=0.4)
    field = force_field(potential, **SCALES)
    assert field.way == "kernel"
    assert field.spin == pytest.approx(1.4 * 220 / 8)
    x = places(20, 0.5, 20.0)
    for time in (0.0, 0.013, 1.7):
        assert np.max(relative(field.acceleration(x, time), galpy_force(potential, x, time))) < 1e-6


def test_a_triaxial_halo_in_solid_rotation():
    potential = galpy.SolidBodyRotationWrapperPotential(pot=HALO, omega=0.8, pa=0.3)
    field = force_field(potential, **SCALES)
    assert [member.how for member in field.members] == ["rotating multipole"]
    x = places(20)
    for time in (0.0, 0.4):
        assert np.max(relative(field.acceleration(x, time), galpy_force(potential, x, time))) < 2e-6


def test_jacobis_energy_is_kept_along_an_orbit_in_a_bar():
    potential = MILKY_WAY + galpy.DehnenBarPotential(omegab=1.4, rb=0.5, Af=0.05)
    field = force_field(potential, **SCALES)
    x, v = np.array([[3.0, 1.0, 0.5]]), np.array([[-20.0, 180.0, 40.0]])
    start, time, step = field.energy(x, v)[0], 0.0, 2e-4
    for _ in range(200):
        v = v + 0.5 * step * field.acceleration(x, time)
        x = x + step * v
        time += step
        v = v + 0.5 * step * field.acceleration(x, time)
    # leapfrog: (step / period)^2 / 24 with a period of 0.08 kpc/(km/s)
    assert abs(field.energy(x, v, time)[0] / start - 1) < 1e-5


def test_a_halo_of_ours_with_galpy_baryons():
    halo = hk.Halo(hk.NFWProfile(r_s=16 * KPC, rho_s=8e6 * u.Msun / KPC**3), baryons=MILKY_WAY[1], **SCALES)
    field = force_field(halo)
    assert [member.name for member in field.members] == ["NFWProfile", "MiyamotoNagaiPotential"]
    x = places()
    r = np.linalg.norm(x, axis=1)
    mass = 4 * np.pi * 8e6 * 16**3 * (np.log1p(r / 16) - r / (r + 16))
    own = -(constants.G * mass / r**3)[:, None] * x
    # spherical tables
    assert np.max(relative(field.acceleration(x), own + galpy_force(MILKY_WAY[1], x))) < 1e-10


@pytest.mark.parametrize(
    ("potential", "why"),
    [
        (galpy.SpiralArmsPotential(omega=1.0), "three axes"),
        (galpy.DehnenSmoothWrapperPotential(pot=HALO, tform=1.0, tsteady=5.0), "time"),
        (galpy.TriaxialHernquistPotential(a=1.0, b=0.8, c=0.6, zvec=[0.0, 0.6, 0.8]), "symmetric in z"),
        (galpy.SphericalShellPotential(a=1.0), "surface"),
        (galpy.SoftenedNeedleBarPotential(a=0.5, b=0.0, c=0.1, omegab=1.0), "force error"),
        (
            [
                galpy.SolidBodyRotationWrapperPotential(pot=HALO, omega=0.8),
                galpy.DehnenBarPotential(omegab=1.4, rb=0.5, Af=0.02),
            ],
            "pattern speeds",
        ),
        (galpy.ChandrasekharDynamicalFrictionForce(GMs=0.1, dens=HALO), "without a potential"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_no_table_follows_is_left_to_galpy_or_refused(potential, why):
    field = force_field([MILKY_WAY, potential], **SCALES)
    assert field.way == "galpy"
    assert field.forces is None
    assert why in field.why
    assert {member.how for member in field.members} == {"galpy C"}
    with pytest.raises(InputError, match=why):
        force_field([MILKY_WAY, potential], **SCALES, fallback="refuse")


def test_a_tolerance_that_is_told_to_do_does():
    halo = hk.NFWProfile(r_s=16 * KPC, rho_s=8e6 * u.Msun / KPC**3)
    needle = galpy.SoftenedNeedleBarPotential(a=0.5, b=0.0, c=0.1, omegab=1.0)
    with pytest.raises(InputError, match="field_tolerance=") as refused:
        force_field([halo, needle], **SCALES)
    told = float(re.search(r"field_tolerance=(\S+)", str(refused.value))[1])
    assert told <= 1e-2
    field = force_field([halo, needle], **SCALES, tolerance=told)
    assert field.way == "kernel"
    assert field.errors["total"].p99 <= told


def test_a_profile_of_ours_beside_a_potential_that_only_galpy_follows_is_refused():
    halo = hk.NFWProfile(r_s=16 * KPC, rho_s=8e6 * u.Msun / KPC**3)
    with pytest.raises(InputError, match="galpy potential too"):
        force_field([halo, galpy.SphericalShellPotential(a=1.0)], **SCALES)


def test_a_halo_is_spherical_where_all_its_members_are():
    profile = hk.NFWProfile(r_s=16 * KPC, rho_s=8e6 * u.Msun / KPC**3)
    assert is_spherical(hk.Halo(profile))
    assert is_spherical(hk.Halo(profile, baryons=galpy.HernquistPotential(amp=0.1, a=0.1), **SCALES))
    assert not is_spherical(hk.Halo(profile, baryons=MILKY_WAY[1], **SCALES))
    assert not is_spherical(hk.Halo(profile, potential=MILKY_WAY, **SCALES))
    assert not is_spherical(HALO, **SCALES)


def test_bad_settings_are_refused():
    with pytest.raises(InputError, match="scales"):
        force_field(MILKY_WAY)
    with pytest.raises(InputError, match="fallback"):
        force_field(MILKY_WAY, **SCALES, fallback="maybe")
    with pytest.raises(InputError, match="tolerance"):
        force_field(MILKY_WAY, **SCALES, tolerance=0.0)


def test_a_larger_tolerance_takes_fewer_harmonics():
    coarse = force_field(HALO, **SCALES, tolerance=1e-3)
    fine = force_field(HALO, **SCALES, tolerance=1e-5)
    assert coarse.forces.solid.order < fine.forces.solid.order
    assert coarse.errors["total"].p99 < 1e-3


def test_the_report_names_members_tables_and_errors():
    field = force_field(MILKY_WAY, **SCALES)
    text = "\n".join(field.report())
    for words in ("NFWPotential: radial table", "MiyamotoNagaiPotential: exact", "total", "99 %"):
        assert words in text
    stored = json.loads(json.dumps(field.to_dict()))
    assert stored["way"] == "kernel"
    assert stored["errors"]["total"]["p99"] == field.errors["total"].p99


def test_the_same_potential_gives_the_same_tables_to_the_bit():
    one, two = force_field(HALO, **SCALES, tolerance=1e-4), force_field(HALO, **SCALES, tolerance=1e-4)
    assert np.array_equal(one.forces.solid.table, two.forces.solid.table)
