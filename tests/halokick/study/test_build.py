import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table
from galpy.potential import MWPotential2014

import halokick as hk
from halokick.errors import InputError
from halokick.study import build
from halokick.study.config import parse_config

KPC, KMS = u.kpc, u.km / u.s
DECAY = 'kick_speed = "54 km/s"'


def config(halo='profile = "nfw"\nr_s = "20 kpc"\nrho_s = "7e6 Msun/kpc3"', decay=DECAY, **others):
    sections = {"halo": halo, "decay": decay, **others}
    return parse_config("\n".join(f"[{name}]\n{body}" for name, body in sections.items()))


def profile(halo, tmp_path=None):
    return build.density_profile(config(halo).halo, tmp_path)


def test_density_at_the_sun_is_the_one_given():
    made = profile('profile = "einasto"\nr_s = "20 kpc"\nlocal_density = "0.4 GeV/cm3"\nlocal_radius = "8.2 kpc"')
    given = (0.4 * u.GeV / u.cm**3).to(u.Msun / KPC**3, u.mass_energy())
    assert (made.density(8.2 * KPC) / given).value == pytest.approx(1, rel=1e-12)


def test_mass_inside_a_radius_is_the_one_given():
    made = profile('profile = "burkert"\nr_s = "9 kpc"\nmass = "3e11 Msun"\nmass_radius = "50 kpc"')
    assert made.mass(50 * KPC).to_value(u.Msun) == pytest.approx(3e11, rel=1e-12)


def test_dispersion_gives_the_recomputed_density_of_figure_3():
    made = profile('profile = "zhao"\ngamma = 1.2\nr_s = "20 kpc"\ndispersion = "94 km/s"\ndispersion_radius = "1 kpc"')
    # four digits in the reference
    assert made.rho_s.to_value(u.Msun / KPC**3) == pytest.approx(6.911e6, rel=1e-4)


def test_stars_of_a_dwarf_weigh_as_much_as_wolf_says():
    measured = 'line_of_sight_dispersion = "10 km/s"\nhalf_light_radius = "0.3 kpc"'
    made = profile(f'profile = "nfw"\nr_s = "1 kpc"\n{measured}')
    assert made.mass(0.4 * KPC).to_value(u.Msun) == pytest.approx(930 * 100 * 300, rel=1e-12)


@pytest.mark.parametrize(("overdensity", "density"), [("200c", 200), ("200m", 200 * 0.3153)])
def test_virial_mass_and_concentration_give_size_and_density(overdensity, density):
    made = profile(f'profile = "nfw"\nvirial_mass = "1e12 Msun"\nconcentration = 10\noverdensity = "{overdensity}"')
    radius = 10 * made.r_s
    critical = 3 * (67.36 * KMS / u.Mpc) ** 2 / (8 * np.pi * 4.300917270e-6 * KPC * KMS**2 / u.Msun)
    mean = made.mass(radius) / (4 / 3 * np.pi * radius**3)
    assert (mean / (density * critical)).to_value("") == pytest.approx(1, rel=1e-6)
    assert made.mass(radius).to_value(u.Msun) == pytest.approx(1e12, rel=1e-9)


@pytest.mark.parametrize(
    ("relation", "concentration"),
    [
        # Dutton & Maccio 2014: log10 c = 0.905 - 0.101 log10(h M / 1e12); Duffy et al. 2008: 5.71 (h M / 2e12)^-0.084
        ("dutton_maccio_2014", 10 ** (0.905 - 0.101 * np.log10(0.6736))),
        ("duffy_2008", 5.71 * (0.6736 / 2) ** -0.084),
    ],
)
def test_concentration_relation_sets_the_scale_radius(relation, concentration):
    made = profile(f'profile = "nfw"\nvirial_mass = "1e12 Msun"\nconcentration_relation = "{relation}"')
    # R_200c of 1e12 Msun for H_0 = 67.36 km/s/Mpc
    critical = 3 * 0.06736**2 / (8 * np.pi * 4.300917270e-6)
    radius = (1e12 / (4 / 3 * np.pi * 200 * critical)) ** (1 / 3)
    assert radius / made.r_s.value == pytest.approx(concentration, rel=1e-9)


def test_relation_for_200c_is_refused_for_other_virial_masses():
    halo = 'profile = "nfw"\nvirial_mass = "1e12 Msun"\noverdensity = "virial"\n'
    with pytest.raises(InputError, match="200 times the critical density"):
        profile(halo + 'concentration_relation = "sanchez_conde_prada_2014"')


def test_truncation_multiplies_the_normalised_density():
    made = profile('profile = "nfw"\nr_s = "20 kpc"\nrho_s = "7e6 Msun/kpc3"\nr_t = "100 kpc"\ntruncation_power = 3')
    bare = profile('profile = "nfw"\nr_s = "20 kpc"\nrho_s = "7e6 Msun/kpc3"')
    assert (made.density(100 * KPC) / bare.density(100 * KPC)).value == pytest.approx(np.exp(-1), rel=1e-12)


def test_tabulated_density_comes_from_the_run_file_or_a_file_beside_it(tmp_path):
    r = np.geomspace(0.1, 100, 30)
    rho = 1e7 * r**-1.5
    Table({"radius": r * KPC, "density": rho * u.Msun / KPC**3}).write(tmp_path / "a.ecsv")
    from_file = profile('profile = "tabulated"\ntable = "a.ecsv"', tmp_path)
    columns = [", ".join(f'"{x!r} {unit}"' for x in map(float, xs)) for xs, unit in ((r, "kpc"), (rho, "Msun/kpc3"))]
    inline = profile(f'profile = "tabulated"\nradius = [{columns[0]}]\ndensity = [{columns[1]}]')
    for made in (from_file, inline):
        # a power law is what the interpolation in logarithms is exact for
        assert made.density(3.3 * KPC).value == pytest.approx(1e7 * 3.3**-1.5, rel=1e-10)


def test_baryons_deepen_the_halo_by_what_galpy_says():
    nfw = 'profile = "nfw"\nr_s = "20 kpc"\nrho_s = "7e6 Msun/kpc3"'
    disk = '{name = "MiyamotoNagaiPotential", amp = "6.8e10 Msun", a = "3 kpc", b = "0.28 kpc"}'
    alone = build.halo(config(nfw).halo, None)
    one = build.halo(config(f"{nfw}\nbaryons = [{disk}]").halo, None)
    two = build.halo(config(f"{nfw}\nbaryons = [{disk}, {disk}]").halo, None)
    far = 3000 * KPC
    extra = (one.enclosed_mass(far) - alone.enclosed_mass(far)).to_value(u.Msun)
    # the disk's surface density falls as a M/(2 pi R^3), so a/r of it lies outside; galpy's own G has four digits
    assert extra == pytest.approx(6.8e10 * (1 - 3 / 3000), rel=3e-4)
    assert (two.enclosed_mass(far) - alone.enclosed_mass(far)).to_value(u.Msun) == pytest.approx(2 * extra, rel=1e-6)


def test_milky_way_by_name_is_its_bulge_and_disk_without_the_halo():
    nfw = 'profile = "nfw"\nr_s = "20 kpc"\nrho_s = "7e6 Msun/kpc3"'
    alone = build.halo(config(nfw).halo, None)
    both = build.halo(config(f'{nfw}\nbaryons = ["MWPotential2014"]').halo, None)
    extra = (both.enclosed_mass(300 * KPC) - alone.enclosed_mass(300 * KPC)).to_value(u.Msun)
    # Bovy (2015), Table 1: bulge 0.5e10, disk 6.8e10 Msun
    assert extra == pytest.approx(7.3e10, rel=0.02)


NFW = 'profile = "nfw"\nr_s = "20 kpc"\nrho_s = "7e6 Msun/kpc3"'


def test_a_total_potential_is_the_one_of_galpy_and_the_density_only_a_tracer():
    r = [0.5, 8, 60] * KPC
    ours = build.halo(config(f'{NFW}\npotential = "MWPotential2014"').halo, None)
    theirs = hk.Halo(ours.profile, potential=MWPotential2014, ro=8 * KPC, vo=220 * KMS)
    np.testing.assert_array_equal(ours.circular_speed(r).value, theirs.circular_speed(r).value)
    denser = build.halo(config(f'{NFW}\npotential = "MWPotential2014"'.replace("7e6", "9e6")).halo, None)
    np.testing.assert_array_equal(ours.escape_speed(r).value, denser.escape_speed(r).value)


def test_scales_of_a_run_file_are_galpys():
    natural = '{name = "HernquistPotential", amp = 2.0, a = 1.5}'
    halo = build.halo(config(f'{NFW}\npotential = {natural}\nro = "8.2 kpc"\nvo = "233 km/s"').halo, None)
    # amp is 2 G M in units of vo^2 ro; galpy's class is told half of it
    r, a = 8.2, 1.5 * 8.2
    speed = 233 * np.sqrt(0.5 * 2.0 * 8.2 * r / (r + a) ** 2)
    assert halo.circular_speed(r * KPC).value == pytest.approx(speed, rel=1e-6)


def test_potentials_inside_wrappers_have_the_same_spherical_average():
    plain = 'name = "TriaxialNFWPotential", amp = "1e12 Msun", a = "16 kpc", b = 0.8, c = 0.6'
    straight = build.halo(config(f"{NFW}\npotential = {{{plain}}}").halo, None)
    tilted = f'{{name = "RotateAndTiltWrapperPotential", amp = 2, zvec = [0.3, 0.2, 0.9], pot = {{{plain}}}}}'
    turned = build.halo(config(f"{NFW}\npotential = {tilted}").halo, None)
    r = [0.1, 3, 50] * KPC
    np.testing.assert_allclose(turned.circular_speed(r) ** 2, 2 * straight.circular_speed(r) ** 2, rtol=1e-12)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('potential = {name = "MiyamotoNagai"}', "halo.potential: galpy has no potential 'MiyamotoNagai'; did you"),
        ('potential = {name = "McMilan17"}', "did you mean McMillan17"),
        ('potential = {name = "MWPotential2014", amp = 2}', "halo.potential: MWPotential2014 takes no arguments"),
        ('potential = {name = "NFWPotential", b = "1 kpc"}', "galpy's NFWPotential refuses b = 1 kpc"),
        ('potential = {name = "NFWPotential", ro = 8}', "NFWPotential is given ro; scales go in"),
        ('potential = {name = "DehnenBarPotential", pot = {name = "X"}}', "halo.potential.pot: galpy has no"),
        ('potential = ["Irrgang13I", {name = "NFWPotential"}]', "mixes physical scales.*halo.ro and halo.vo"),
        ('baryons = [{name = "MWPotential2014", amp = 2}]', "halo.baryons: MWPotential2014 takes no"),
        ('potential = {name = "NFWPotential", amp = -1.0, a = 2.0}', "does not point inward"),
    ],
)
def test_potentials_that_galpy_refuses_are_told_by_their_key(line, words):
    with pytest.raises(InputError, match=words):
        build.halo(config(f"{NFW}\n{line}").halo, None)


def test_wrapped_milky_ways_among_stars_have_no_halo():
    given = '{name = "DehnenSmoothWrapperPotential", pot = "MWPotential2014", tform = -20.0, tsteady = 1.0}'
    alone = build.halo(config(NFW).halo, None)
    extra = build.halo(config(f"{NFW}\nbaryons = {given}").halo, None).enclosed_mass(300 * KPC)
    plain = build.halo(config(f'{NFW}\nbaryons = "MWPotential2014"').halo, None).enclosed_mass(300 * KPC)
    # grown long ago: factor one; splines of the sum of both
    assert (extra - alone.enclosed_mass(300 * KPC)).value == pytest.approx(
        (plain - alone.enclosed_mass(300 * KPC)).value, rel=1e-9
    )


@pytest.mark.parametrize(
    ("decay", "largest"),
    [
        ('kick_speed = ["10 km/s", "20 km/s"]', [10, 20]),
        # c Dm/m to first order, exactly below
        ('law = "two_body"\nparent_mass = "100 GeV"\nsplitting = ["10 MeV", "20 MeV"]', [29.98, 59.97]),
        ('law = "two_body"\nparent_mass = "100 GeV"\ndaughter_mass = "99.99 GeV"', [29.98]),
        ('law = "phase_space"\nn_bodies = 3\nmax_speed = ["5 km/s", "6 km/s"]', [5, 6]),
        ('law = "phase_space"\nn_bodies = 4\nparent_mass = "100 GeV"\nsplitting = "10 MeV"', [29.98]),
        ('law = "matrix_element"\nn_bodies = 3\nmax_speed = "5 km/s"\nweight = [1, 2]', [5]),
        ('law = "tabulated"\nspeed = ["0 km/s", "7 km/s"]\npdf = [0, 1]', [7]),
        (
            'law = "cascade"\nfirst = {kick_speed = "5 km/s"}\nsecond = {law = "phase_space", n_bodies = 3, '
            'max_speed = "6 km/s"}',
            [11],
        ),
    ],
)
def test_each_law_gives_the_kicks_it_describes(decay, largest):
    made = build.kicks(config(decay=decay).decay)
    assert [kick.max_speed.to_value(KMS) for kick in made] == pytest.approx(largest, rel=3e-4)


def test_shares_today_follow_from_lifetime_and_one_share():
    shares = build.history(config(decay=DECAY + '\nlifetime = "13.8 Gyr"\nprimordial_share = 0.25').decay).shares_today
    assert shares["daughters"] == pytest.approx(0.75 * (1 - np.exp(-1)), rel=1e-12)
    assert shares["primordial"] == 0.25
    assert build.history(config().decay) is None


def test_radii_and_bins_span_what_was_asked_for():
    method = config(method='r_min = "0.1 kpc"\nr_max = "100 kpc"\nn_radii = 4').method
    assert np.allclose(build.radii(method).value, [0.1, 1, 10, 100], rtol=1e-12)
    assert len(build.bins(method)) == 5
    assert build.radii(config().method) is None


def test_dwarfs_are_chosen_by_name_and_misspellings_are_helped():
    section = config(dwarfs='names = ["segue 1", "Draco"]').dwarfs
    assert [dwarf.name for dwarf in build.dwarfs(section, None)] == ["Segue 1", "Draco"]
    with pytest.raises(InputError, match="Draco"):
        build.dwarfs(config(dwarfs='names = ["Drako"]').dwarfs, None)


def test_dwarf_relation_follows_the_distance_unless_one_is_named():
    assert "relation" not in build.dwarf_haloes(config(dwarfs="draws = 5").dwarfs)
    named = build.dwarf_haloes(config(dwarfs='concentration_relation = "duffy_2008"').dwarfs)
    assert "Duffy2008" in repr(named["relation"])


@pytest.mark.parametrize("change", ['r_s = "1e-300 kpc"', 'local_density = "1e300 GeV/cm3"'])
def test_numbers_that_nothing_can_be_calculated_with_are_refused_in_words(change):
    given = {"r_s": '"20 kpc"', "local_density": '"0.4 GeV/cm3"', "local_radius": '"8 kpc"', "r_t": '"200 kpc"'}
    key, _, value = change.partition(" = ")
    body = "\n".join(f"{name} = {one}" for name, one in (given | {key: value}).items())
    section = config(f'profile = "nfw"\n{body}').halo
    with np.errstate(all="ignore"), pytest.raises(InputError, match="too large or too small"):
        build.halo(section, None)
