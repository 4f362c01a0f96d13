"""Tables of potentials that have names: what was kept is what would be made again, and no state of the disk counts."""

import subprocess
import sys
import warnings

import astropy.units as u
import numba
import numpy as np
import pytest
from galpy.potential import MWPotential2014

import halokick as hk
from halokick.errors import InputError
from halokick.halo import kept_tables
from halokick.halo.force_field import force_field, is_spherical
from halokick.halo.galpy_mass import GalpyMass
from halokick.halo.kept_tables import MOST, kept
from halokick.halo.named_potential import NamedPotential, as_potential
from halokick.kernels import compiled

PROFILE = hk.NFWProfile(r_s=16 * u.kpc, rho_s=1e7 * u.Msun / u.kpc**3)
SCALES = {"ro": 8 * u.kpc, "vo": 220 * u.km / u.s}
NAMED = NamedPotential(((("name", "MWPotential2014"),),), "potential")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty folder for what is kept, and no warning told yet."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(compiled, "_told", [])
    return tmp_path / "cache"


class Counted:
    """Makes an answer, and counts how often."""

    def __init__(self, answer):
        self.answer, self.times = answer, 0

    def __call__(self):
        self.times += 1
        return self.answer


def files(folder):
    return sorted(folder.rglob("*.tables"))


def same(one, two):
    """Whether two forces have the same bits."""
    if isinstance(one, tuple):
        return len(one) == len(two) and all(same(a, b) for a, b in zip(one, two, strict=True))
    return np.asarray(one).tobytes() == np.asarray(two).tobytes()


def test_the_second_asks_the_disk(cache):
    make = Counted((1.5, np.arange(3.0)))
    first = kept("number", ("a", 1), make)
    second = kept("number", ("a", 1), make)
    assert make.times == 1
    assert first[0] == second[0]
    assert np.array_equal(first[1], second[1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "b"), ("ab",)),
        (("a", ("b",)), ("a", "b")),
        ((1,), (1.0,)),
        ((1,), ("1",)),
        ((np.arange(4.0),), (np.arange(4.0).reshape(2, 2),)),
        ((np.zeros(1),), (np.zeros(1, dtype=np.int64),)),
        ((0.1,), (np.nextafter(0.1, 1).item(),)),
        ((None,), ("None",)),
    ],
)
def test_what_differs_has_a_file_of_its_own(cache, one, other):
    assert kept("number", one, Counted(1)) == 1
    assert kept("number", other, Counted(2)) == 2


def test_other_sources_or_libraries_make_it_anew(cache, monkeypatch):
    kept("number", (1,), Counted(1))
    monkeypatch.setattr(kept_tables, "_origin", lambda: b"edited")
    assert kept("number", (1,), Counted(2)) == 2


def test_objects_without_a_lasting_identity_are_no_key(cache):
    with pytest.raises(TypeError, match="longer than this process"):
        kept("number", (object(),), Counted(1))


def test_errors_and_what_is_not_worth_it_are_not_kept(cache):
    def fails():
        raise InputError("no")

    with pytest.raises(InputError):
        kept("number", (1,), fails)
    assert kept("number", (1,), Counted(3), if_any=lambda found: found > 5) == 3
    assert not files(cache)


@pytest.mark.parametrize("spoil", [lambda whole: whole[:-1], lambda whole: b"", lambda whole: whole[:-4] + b"spam"])
def test_a_spoilt_file_is_made_again(cache, spoil):
    kept("number", (1,), Counted(7))
    (path,) = files(cache)
    path.write_bytes(spoil(path.read_bytes()))
    make = Counted(7)
    assert kept("number", (1,), make) == 7
    assert kept("number", (1,), make) == 7
    assert make.times == 1


def test_only_the_newest_stay(cache):
    for i in range(MOST + 5):
        kept("number", (i,), Counted(i))
    kept("other", (0,), Counted(0))
    assert len(files(cache)) == MOST + 1
    assert kept("number", (MOST + 4,), Counted(-1)) == MOST + 4


def test_a_folder_that_cannot_be_written_costs_one_warning(cache, monkeypatch):
    def full(path, payload):
        raise OSError("No space left on device")

    monkeypatch.setattr(kept_tables, "write_whole", full)
    with pytest.warns(RuntimeWarning, match="No space left"):
        assert kept("number", (1,), Counted(1)) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kept("number", (2,), Counted(2)) == 2


def test_a_name_gives_what_the_object_gives(cache):
    by_object = hk.Halo(PROFILE, potential=MWPotential2014, **SCALES)
    made, read = (hk.Halo(PROFILE, potential="MWPotential2014") for _ in range(2))
    assert len(files(cache)) == 1
    for halo in (made, read):
        assert same(tuple(halo._field), tuple(by_object._field))
        assert repr(halo) == repr(by_object)
        assert "PowerSphericalPotentialwCutoff" in repr(halo)


def test_the_field_that_was_kept_is_the_one_that_is_made(cache):
    by_object = force_field(MWPotential2014, **SCALES)
    made, read = force_field(NAMED), force_field(NAMED)
    assert len(files(cache)) == 1
    for field in (made, read):
        assert same(field.forces, by_object.forces)
        assert field.errors == by_object.errors
        assert field.members == by_object.members
        assert field.report() == by_object.report()
    assert not is_spherical(hk.Halo(PROFILE, potential="MWPotential2014"))


@pytest.mark.parametrize(
    "other",
    [
        {"tolerance": 1e-5},
        {"points": np.array([[1.0, 2.0, 0.5], [8.0, 0.0, 0.1], [30.0, 1.0, -5.0]])},
        {"span": (0.0, 1.0)},
        {"radii": (0.1, 100.0)},
    ],
)
def test_fields_of_other_arguments_are_others(cache, other):
    force_field(NAMED, tolerance=1e-4)
    force_field(NAMED, **{"tolerance": 1e-4} | other)
    assert len(files(cache)) == 2


def test_halos_with_the_same_stars_are_told_apart(cache):
    heavier = hk.NFWProfile(r_s=16 * u.kpc, rho_s=2e7 * u.Msun / u.kpc**3)
    place = np.array([[20.0, 0.0, 10.0]])
    one, two = (
        force_field(hk.Halo(profile, baryons="MWPotential2014"), tolerance=1e-6).acceleration(place)
        for profile in (PROFILE, heavier)
    )
    stars = force_field(NamedPotential(NAMED.named, "baryons", stars_only=True), tolerance=1e-6).acceleration(place)
    # twice the halo: its own force once more, to the errors of three fields
    assert two - one == pytest.approx(one - stars, rel=1e-5)
    assert np.linalg.norm(two) > 1.3 * np.linalg.norm(one)


def test_what_only_galpy_can_follow_is_not_kept(cache):
    dented = {"name": "SphericalShellPotential", "a": 1.0}
    named = NamedPotential((tuple(dented.items()), (("name", "MWPotential2014"),)), "potential")
    assert force_field(named).way == "galpy"
    assert force_field(named).parts
    assert not files(cache)


def test_scales_of_the_run_count(cache):
    wider = NamedPotential(NAMED.named, "potential", ro=8.5, vo=230.0)
    one, two = GalpyMass(NAMED), GalpyMass(wider)
    assert len(files(cache)) == 2
    # M(<x ro) goes as vo^2 ro
    mass = [np.exp(found(np.log(found.ro))[0]) for found in (one, two)]
    assert mass[1] / mass[0] == pytest.approx((230 / 220) ** 2 * 8.5 / 8, rel=1e-9)
    with pytest.raises(InputError, match="mixes physical scales"):
        GalpyMass(NAMED, 8.5 * u.kpc, 230 * u.km / u.s)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"potential": "MWPotential2015"}, "McMillan17"),
        ({"baryons": "McMillan17"}, "by name there are MWPotential2014;"),
    ],
)
def test_names_that_are_not_known_are_refused(arguments, said):
    with pytest.raises(InputError, match=said):
        hk.Halo(PROFILE, **arguments)


def test_objects_pass_as_they_are():
    assert as_potential(MWPotential2014, "potential") is MWPotential2014
    assert as_potential(None, "potential") is None


_SECOND = """
import sys
import astropy.units as u
import halokick as hk
halo = hk.Halo(hk.NFWProfile(r_s=16 * u.kpc, rho_s=1e7 * u.Msun / u.kpc**3), potential="MWPotential2014",
               energy_cut=250 * u.kpc)
found = hk.follow_orbits(hk.ErgodicDF(halo), hk.FixedKick(50 * u.km / u.s), n=2000, seed=1, sampling="mass",
                         bins=[1, 5, 10, 20, 50, 100] * u.kpc, tolerance=1e-4, duration=0.1 * u.Gyr, control=False)
print("galpy" in sys.modules, found.density([2, 7, 30] * u.kpc).value.tobytes().hex())
"""


def test_the_second_process_does_without_galpy_and_finds_the_same():
    runs = []
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-W", "error::RuntimeWarning", "-c", _SECOND], capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        runs.append(run.stdout.split())
    assert runs[1][0] == "False"
    assert runs[0][1] == runs[1][1]
