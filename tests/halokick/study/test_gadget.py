"""Judges: the layout as Gadget-4's, Arepo's and SWIFT's readers ask for it, read by plain h5py; yt and pynbody."""

import os
import signal

import astropy.units as u
import h5py
import numpy as np
import pytest

import halokick as hk
from halokick.errors import InputError, StorageError
from halokick.live import tree_halo
from halokick.live.tree_halo import evolve_tree_halo
from halokick.study.gadget import export_initial_conditions, read_snapshot, write_snapshot
from halokick.study.tree_run import run_tree_halo, snapshots_in

pytest.importorskip("pytreegrav")

KICK = hk.FixedKick("12 km/s")
HISTORY = hk.DecayHistory("0.3 Gyr", "0.5 Gyr", parent_share=0.9)
SETTINGS = {"n": 200, "seed": 3, "times": [0.05, 0.1] * u.Gyr, "mass_loss": 0.1, "softening": 0.1 * u.kpc}
MASS = 4 / 3 * np.pi * 1e8


@pytest.fixture(scope="module")
def df():
    return hk.ErgodicDF(hk.Halo(hk.PlummerProfile(r_s=1 * u.kpc, rho_s=1e8 * u.Msun / u.kpc**3)))


@pytest.fixture(scope="module")
def run(df):
    return evolve_tree_halo(df, KICK, HISTORY, **SETTINGS)


@pytest.fixture(scope="module")
def path(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("gadget") / "snapshot_002.hdf5"
    write_snapshot(run[2], path)
    return path


def particles(file):
    """Columns of all types together, as a program that knows nothing of halokick reads them."""
    groups = [file[name] for name in sorted(file) if name.startswith("PartType")]
    return {name: np.concatenate([group[name][()] for group in groups]) for name in groups[0]}


# -- snapshots ---------------------------------------------------------------------------------------------------------


def test_a_snapshot_comes_back_to_the_last_bit(run, path):
    back, one = read_snapshot(path), run[2]
    for name in ("position", "velocity", "mass", "decayed"):
        assert getattr(back.particles, name).tobytes() == getattr(one.particles, name).tobytes()
    for name in ("time", "kick", "primordial"):
        assert getattr(back.plan, name).tobytes() == getattr(one.plan, name).tobytes()
    assert back._time == one._time
    assert back.gravity == one.gravity
    assert back.books.energy == one.books.energy
    assert back.books.energy_error == one.books.energy_error
    assert back.bound.mass == one.bound.mass


def test_the_layout_is_gadgets(run, path):
    """Everything that the readers of Gadget-4 and Arepo open by name, each with six types."""
    one = run[2]
    with h5py.File(path, "r") as file:
        header = file["Header"].attrs
        for name in ("NumPart_ThisFile", "NumPart_Total", "NumPart_Total_HighWord", "MassTable"):
            assert header[name].shape == (6,)
        flags = ("Sfr", "Cooling", "StellarAge", "Metals", "Feedback", "DoublePrecision")
        for name in ("Time", "Redshift", "BoxSize", "NumFilesPerSnapshot", "Omega0", "OmegaLambda", "HubbleParam"):
            assert np.ndim(header[name]) == 0
        assert all(f"Flag_{name}" in header for name in flags)
        counts = header["NumPart_ThisFile"]
        np.testing.assert_array_equal(header["NumPart_Total"], counts)
        species = [np.count_nonzero(one.of_species(name)) for name in ("parents", "daughters", "primordial")]
        np.testing.assert_array_equal(counts, [0, *species, 0, 0])
        assert min(species) > 10
        for number in (1, 2, 3):
            group = file[f"PartType{number}"]
            assert group["Coordinates"].shape == group["Velocities"].shape == (counts[number], 3)
            assert group["Masses"].shape == group["ParticleIDs"].shape == (counts[number],)
        np.testing.assert_array_equal(file["PartType2/Decayed"][()], 1)
        assert np.all(file["PartType2/DecayTime"][()] <= header["Time"])
        assert np.all(file["PartType1/DecayTime"][()] > header["Time"])
        assert np.all(np.isinf(file["PartType3/DecayTime"][()]))
        np.testing.assert_allclose(np.linalg.norm(file["PartType2/KickVelocity"][()], axis=1), 12, rtol=1e-14)
        identities = particles(file)["ParticleIDs"]
        assert len(np.unique(identities)) == 200
        assert identities.min() > 1


def test_the_units_are_what_they_say(run, path):
    """Masses, lengths and speeds in cgs by the file's own factors, and G in the file's units by CODATA's."""
    with h5py.File(path, "r") as file:
        names, columns = dict(file["Units"].attrs), particles(file)
        mass = columns["Masses"].sum() * names["UnitMass_in_g"] * u.g
        length = np.max(np.linalg.norm(columns["Coordinates"], axis=1)) * names["UnitLength_in_cm"] * u.cm
        speed = np.max(np.linalg.norm(columns["Velocities"], axis=1)) * names["UnitVelocity_in_cm_per_s"] * u.cm / u.s
        time = file["Header"].attrs["Time"] * names["UnitTime_in_s"] * u.s
        cgs = {name: file["PartType1"][name].attrs["to_cgs"] for name in ("Coordinates", "Masses", "DecayTime")}
    one = run[2]
    # the solar mass of astropy differs from G M_sun/G of CODATA 2018 in the sixth digit, kpc/(km/s) in none
    assert mass.to_value("Msun") == pytest.approx(one.particles.mass.sum(), rel=1e-5)
    assert length.to_value("kpc") == pytest.approx(np.max(np.linalg.norm(one.particles.position, axis=1)), rel=1e-12)
    assert speed.to_value("km/s") == pytest.approx(np.max(np.linalg.norm(one.particles.velocity, axis=1)), rel=1e-12)
    assert time.to_value("Gyr") == pytest.approx(0.1, rel=1e-12)
    assert names["Unit time in cgs (U_t)"] == names["UnitTime_in_s"] == cgs["DecayTime"]
    assert names["UnitTime_in_s"] == pytest.approx(names["UnitLength_in_cm"] / names["UnitVelocity_in_cm_per_s"])
    in_file = 6.67430e-8 * names["UnitMass_in_g"] / names["UnitLength_in_cm"] / names["UnitVelocity_in_cm_per_s"] ** 2
    assert names["gravitational_constant"] == pytest.approx(in_file, rel=1e-8)


def test_yt_opens_a_snapshot(run, path):
    yt = pytest.importorskip("yt")
    yt.set_log_level(50)
    data = yt.load(str(path))
    everything = data.all_data()
    assert float(data.current_time.to("Gyr")) == pytest.approx(0.1, rel=1e-6)
    mass = sum(everything[f"PartType{n}", "particle_mass"].sum().to("Msun") for n in (1, 2, 3))
    # nobody told yt the units of the file: it takes Gadget's. Its solar mass is another in the fifth digit
    assert float(mass) == pytest.approx(run[2].particles.mass.sum(), rel=1e-4)
    parents = run[2].of_species("parents")
    found = np.sort(np.asarray(everything["PartType1", "particle_position_x"].to("kpc")))
    np.testing.assert_allclose(found, np.sort(run[2].particles.position[parents, 0]), rtol=1e-6)
    found = np.sort(np.asarray(everything["PartType1", "particle_velocity_z"].to("km/s")))
    np.testing.assert_allclose(found, np.sort(run[2].particles.velocity[parents, 2]), rtol=1e-6)
    assert everything["PartType2", "KickVelocity"].shape == (np.count_nonzero(run[2].of_species("daughters")), 3)


def test_pynbody_opens_a_snapshot(run, path):
    pynbody = pytest.importorskip("pynbody")
    data = pynbody.load(str(path))
    assert len(data.dm) == 200
    order = np.argsort(data["iord"])
    p = run[2].particles
    np.testing.assert_allclose(np.asarray(data["pos"].in_units("kpc", **data.conversion_context()))[order], p.position)
    speeds = np.asarray(data["vel"].in_units("km s**-1", **data.conversion_context()))[order]
    np.testing.assert_allclose(speeds, p.velocity, rtol=1e-6)
    masses = np.asarray(data["mass"].in_units("Msol", **data.conversion_context()))[order]
    np.testing.assert_allclose(masses, p.mass, rtol=1e-4)  # its solar mass is another in the sixth digit
    kicks = np.asarray(data.dm["KickVelocity"].in_units("km s**-1", **data.conversion_context()))
    np.testing.assert_allclose(np.linalg.norm(kicks, axis=1), 12, rtol=1e-6)


# -- damage ------------------------------------------------------------------------------------------------------------


def test_a_write_that_fails_leaves_the_old_file(run, path, tmp_path, monkeypatch):
    target = tmp_path / "snapshot.hdf5"
    write_snapshot(run[1], target)
    before = target.read_bytes()

    def full(*_, **__):
        raise OSError("no space left on device")

    monkeypatch.setattr(h5py.Group, "create_dataset", full)
    with pytest.raises(StorageError, match="no space"):
        write_snapshot(run[2], target)
    assert target.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["snapshot.hdf5"]


def test_what_is_no_snapshot_of_ours_is_refused(df, path, tmp_path):
    with pytest.raises(StorageError, match="does not exist"):
        read_snapshot(tmp_path / "nothing.hdf5")
    whole = path.read_bytes()
    cut = tmp_path / "cut.hdf5"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StorageError, match="truncated or damaged"):
        read_snapshot(cut)
    foreign = tmp_path / "foreign.hdf5"
    with h5py.File(foreign, "w") as file:
        file.create_group("Header")
    with pytest.raises(StorageError, match="no snapshot written by halokick"):
        read_snapshot(foreign)
    export_initial_conditions(df, KICK, HISTORY, foreign, n=10, seed=1)
    with pytest.raises(StorageError, match="no snapshot written by halokick"):
        read_snapshot(foreign)
    newer = tmp_path / "newer.hdf5"
    newer.write_bytes(whole)
    with h5py.File(newer, "r+") as file:
        file["HaloKick"].attrs["format_version"] = 99
    with pytest.raises(StorageError, match="format version 99"):
        read_snapshot(newer)


# -- initial conditions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["gadget4", "arepo", "swift"])
def test_initial_conditions_are_the_halo_that_evolve_begins_with(df, run, tmp_path, code):
    path = tmp_path / "ic.hdf5"
    export_initial_conditions(df, KICK, HISTORY, path, n=200, seed=3, mass_loss=0.1, code=code)
    with h5py.File(path, "r") as file:
        columns, header, shift = particles(file), dict(file["Header"].attrs), file["HaloKick"].attrs["shift_kpc"]
        types = [name for name in file if name.startswith("PartType")]
    order = np.argsort(columns["ParticleIDs"])
    first = run[0]
    np.testing.assert_allclose(
        columns["Coordinates"][order] - shift, first.particles.position, atol=1e-13 * header["BoxSize"]
    )
    np.testing.assert_array_equal(columns["Velocities"][order], first.particles.velocity)
    np.testing.assert_array_equal(columns["DecayTime"][order], first.plan.time)
    np.testing.assert_array_equal(columns["KickVelocity"][order], first.plan.kick)
    np.testing.assert_allclose(columns["Masses"] * 1e10, MASS / 200, rtol=1e-6)
    assert not columns["Decayed"].any()
    assert header["Time"] == 0
    assert header["MassTable"].sum() == 0  # so that masses are read one by one
    # SWIFT ignores types 2 and 3
    assert types == (["PartType1"] if code == "swift" else ["PartType1", "PartType3"])


def test_a_box_holds_every_flight_and_a_small_one_is_refused(df, tmp_path):
    """SWIFT and Arepo want 0 <= x < L, and no particle may come to the walls before the end."""
    path = tmp_path / "ic.hdf5"
    settings = {"n": 200, "seed": 3, "code": "swift"}
    export_initial_conditions(df, KICK, HISTORY, path, **settings)
    with h5py.File(path, "r") as file:
        side, columns = file["Header"].attrs["BoxSize"], particles(file)
        assert file["RuntimePars"].attrs["PeriodicBoundariesOn"] == 0
        assert file["Header"].attrs["Dimension"] == 3
        names = ("length", "mass", "time", "current", "temperature")
        symbols = ("U_L", "U_M", "U_t", "U_I", "U_T")
        assert all(f"Unit {name} in cgs ({s})" in file["Units"].attrs for name, s in zip(names, symbols, strict=True))
    speed = columns["Velocities"] + columns["KickVelocity"]
    end = columns["Coordinates"] + 0.5 / 0.9777922216807892 * speed
    for places in (columns["Coordinates"], end):
        assert np.all((places >= 0) & (places < side))
    export_initial_conditions(df, KICK, HISTORY, path, box=500 * u.kpc, **settings)
    with h5py.File(path, "r") as file:
        assert file["Header"].attrs["BoxSize"] == 500
    with pytest.raises(InputError, match="does not hold"):
        export_initial_conditions(df, KICK, HISTORY, path, box=1 * u.kpc, **settings)
    with pytest.raises(InputError, match="Gadget-4 runs without"):
        export_initial_conditions(df, KICK, HISTORY, path, n=10, seed=1, box=500 * u.kpc)
    with pytest.raises(InputError, match="allowed are"):
        export_initial_conditions(df, KICK, HISTORY, path, n=10, seed=1, code="ramses")


def test_a_halo_on_an_orbit_is_exported_there(df, tmp_path):
    orbit = ([50, 0, 10] * u.kpc, [0, 180, -20] * u.km / u.s)
    export_initial_conditions(df, KICK, HISTORY, tmp_path / "ic.hdf5", n=200, seed=3, orbit=orbit)
    with h5py.File(tmp_path / "ic.hdf5", "r") as file:
        columns = particles(file)
    np.testing.assert_allclose(columns["Coordinates"].mean(axis=0), [50, 0, 10], atol=1e-12)
    np.testing.assert_allclose(columns["Velocities"].mean(axis=0), [0, 180, -20], atol=1e-12)


# -- runs in a folder --------------------------------------------------------------------------------------------------


def test_ctrl_c_leaves_whole_snapshots_and_the_run_goes_on_to_the_same_bytes(df, run, tmp_path, monkeypatch):
    monkeypatch.setattr(tree_halo, "_QUIET", -1.0)
    folder = tmp_path / "run"
    pressed = []

    def press(done, total):
        if done > 0.7 * total and not pressed:
            pressed.append(done)
            os.kill(os.getpid(), signal.SIGINT)

    stopped = run_tree_halo(folder, df, KICK, HISTORY, progress=press, **SETTINGS)
    assert pressed
    assert not stopped.complete
    assert [one.name for one in sorted(folder.iterdir())] == ["snapshot_000.hdf5", "snapshot_001.hdf5"]
    with pytest.raises(StorageError, match="resume=True"):
        run_tree_halo(folder, df, KICK, HISTORY, **SETTINGS)
    rest = run_tree_halo(folder, df, KICK, HISTORY, resume=True, **SETTINGS)
    assert rest.complete
    last = read_snapshot(snapshots_in(folder)[-1])
    assert len(snapshots_in(folder)) == 3
    for name in ("position", "velocity", "mass", "decayed"):
        assert getattr(last.particles, name).tobytes() == getattr(run[2].particles, name).tobytes()
    assert last.books.energy_error == run[2].books.energy_error
