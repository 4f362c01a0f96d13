"""Three-dimensional haloes in the HDF5 layout of Gadget, which yt and pynbody open and parallel codes begin from.

The layout, Gadget's format 3 (Springel 2005, and the manuals of Gadget-4, Arepo and SWIFT):

========================  ==============================================================================================
``/Header``               attributes ``NumPart_ThisFile``, ``NumPart_Total``, ``MassTable``, ``Time``, ``BoxSize`` ...
``/PartType1``            parents
``/PartType2``            daughters that decays have made
``/PartType3``            daughters that were there from the beginning
``/Units``                the units in cgs, under the names of Gadget and of SWIFT
``/HaloKick``             attributes with all else that a run needs to go on to the same bit
========================  ==============================================================================================

Each group of particles has ``Coordinates``, ``Velocities``, ``Masses`` and ``ParticleIDs``, and of ours ``DecayTime``
(since the beginning of the decays; infinite: never), ``KickVelocity`` (what the decay adds, three components) and
``Decayed`` (0 or 1), so that any code that is taught to can go on with the very same decays.

Units are Gadget's own, which yt and pynbody take for granted where nobody tells them: kpc, km/s, 1e10 Msun, and so
kpc/(km/s). Nothing is comoving: a = 1 and h = 1, and velocities are plain velocities.
"""

from dataclasses import fields
from pathlib import Path

import h5py
import numpy as np

from halokick import units
from halokick.constants import SPEED_OF_LIGHT, G
from halokick.errors import InputError, StorageError
from halokick.live.tree_decay import DecayPlan, Injected, Particles, plan_decays
from halokick.live.tree_forces import TreeGravity
from halokick.live.tree_halo import draw_particles
from halokick.live.tree_snapshot import Books, TreeSnapshot
from halokick.study.storage import whole_file

FORMAT, VERSION = "halokick three-dimensional halo", 1
TYPES = {"parents": 1, "daughters": 2, "primordial": 3}
"""Gadget's particle type of each species."""
FIRST_ID = 2
"""Identity of the first particle: SWIFT's manual wants them above one."""
CODES = ("gadget4", "swift", "arepo")
MASS_UNIT = 1e10
"""Unit of mass in the files [Msun]."""
_TYPES = 6
_KPC_CM, _KM_CM = 3.0856775814913674e21, 1e5
_MSUN_G = 1.9884098706980504e33
_TIME_S = _KPC_CM / _KM_CM

# what a dataset is: pynbody's name for the unit, its size in cgs, powers of length, mass and speed
_KINDS = {
    "Coordinates": ("U_L", _KPC_CM, (1, 0, 0)),
    "Velocities": ("U_V", _KM_CM, (0, 0, 1)),
    "Masses": ("U_M", MASS_UNIT * _MSUN_G, (0, 1, 0)),
    "DecayTime": ("U_T", _TIME_S, (1, 0, -1)),
    "KickVelocity": ("U_V", _KM_CM, (0, 0, 1)),
}


def write_snapshot(snapshot, path):
    """Write a snapshot; a file of that name is replaced in one step, and stays as it was if anything goes wrong.

    Parameters
    ----------
    snapshot : TreeSnapshot
    path : str or Path

    Raises
    ------
    StorageError
        The disk refused.
    """
    p, plan = snapshot.particles, snapshot.plan
    columns = _columns(p.position, p.velocity, p.mass, plan, p.decayed)
    kind = np.zeros(len(snapshot), dtype=int)
    for species, number in TYPES.items():
        kind[snapshot.of_species(species)] = number
    own = {
        "particle_mass_Msun": snapshot.particle_mass,
        "mass_loss": plan.mass_loss,
        "softening_kpc": snapshot.gravity.epsilon,
        "opening": snapshot.gravity.opening,
        "gravity": snapshot.gravity.method,
        **_of_books(snapshot.books, "books"),
        **({} if snapshot.books.start is None else _of_books(snapshot.books.start, "start")),
    }
    _write(path, columns, kind, own, time=snapshot._time, box=0.0)


def read_snapshot(path):
    """Read what `write_snapshot` wrote, equal to the last bit.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    TreeSnapshot

    Raises
    ------
    StorageError
        No such file, or it is damaged, of another program, or of another version of this one.
    """
    path = Path(path)
    if not path.exists():
        raise StorageError(f"{path} does not exist; give a snapshot of a three-dimensional halo")
    try:
        with h5py.File(path, "r") as file:
            own = dict(file["HaloKick"].attrs) if "HaloKick" in file else {}
            if own.get("format") != FORMAT or "softening_kpc" not in own:
                raise StorageError(f"{path} is no snapshot written by halokick; only those can be read back whole")
            if own["format_version"] != VERSION:
                raise StorageError(f"{path} has format version {own['format_version']}, this halokick reads {VERSION}")
            return _snapshot(float(file["Header"].attrs["Time"]), _gathered(file), own)
    except StorageError:
        raise
    except (OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise StorageError(f"{path} is truncated or damaged ({error}); take another snapshot") from error


def export_initial_conditions(
    df,
    kick,
    history,
    path,
    *,
    n,
    seed,
    code="gadget4",
    mass_loss=0.0,
    within=None,
    start=None,
    orbit=None,
    box=None,
    ro=None,
    vo=None,
):
    r"""The halo at t = 0, with the fate of every particle, as initial conditions of a parallel code.

    The particles, decay times and kicks are those of `evolve_tree_halo` with the same arguments. The codes know nothing
    of decays: ``DecayTime``, ``KickVelocity`` and ``Decayed`` are there for them to be taught, or for a run that is cut
    into pieces.

    Parameters
    ----------
    df, kick, history, n, seed, mass_loss, within, start, orbit, ro, vo
        As in `evolve_tree_halo`; a host is the other code's own business.
    path : str or Path
        Replaced in one step.
    code : str
        ``"gadget4"``: centred on the origin, for a run without periodic boundaries, `BoxSize` zero. ``"swift"`` and
        ``"arepo"``: inside a box that begins at zero, the origin at its middle. SWIFT reads dark matter from
        ``PartType1`` alone, so everything is there; for the others primordial daughters are in ``PartType3``.
    box : Quantity [length], optional
        Side of the box. Left out, so large that no particle can reach its walls in the history's age, even in a
        straight line with its kick: :math:`2\,[\max|x| + t_0\max(|v| + k)]`.

    Raises
    ------
    InputError
        Unknown code, or a box too small.
    StorageError
        The disk refused.
    """
    if code not in CODES:
        raise InputError(f"code = {code!r}; allowed are {', '.join(map(repr, CODES))}")
    position, velocity, each = draw_particles(df, n, seed, within=within, start=start, orbit=orbit, ro=ro, vo=vo)
    plan = plan_decays(kick, history, int(n), seed, mass_loss)
    side, boxed = 0.0, code != "gadget4"
    if boxed:
        side = _side(position, velocity, plan, history) if box is None else units.to_internal(box, "length", "box")
        position = position + 0.5 * side
        if not (np.all(position >= 0) and np.all(position < side)):
            raise InputError(f"box = {box} does not hold all particles; leave it out, or make it larger")
    elif box is not None:
        raise InputError(f"box = {box} is for SWIFT and Arepo; Gadget-4 runs without one here")
    columns = _columns(position, velocity, np.full(len(position), each), plan, np.zeros(len(position), dtype=bool))
    kind = np.full(len(position), TYPES["parents"])
    if code != "swift":
        kind[plan.primordial] = TYPES["primordial"]
    own = {
        "particle_mass_Msun": each,
        "mass_loss": plan.mass_loss,
        "code": code,
        "shift_kpc": np.full(3, 0.5 * side),
        "lifetime": units.to_internal(history.lifetime, "time", finite=False),
    }
    _write(path, columns, kind, own, time=0.0, box=float(side))


def _side(position, velocity, plan, history):
    fastest = np.max(np.linalg.norm(velocity, axis=1) + np.linalg.norm(plan.kick, axis=1))
    return 2 * float(np.max(np.abs(position)) + fastest * units.to_internal(history.age, "time"))


def _columns(position, velocity, mass, plan, decayed):
    return {
        "Coordinates": position,
        "Velocities": velocity,
        "Masses": mass / MASS_UNIT,
        "ParticleIDs": np.arange(FIRST_ID, FIRST_ID + len(mass), dtype=np.uint64),
        "DecayTime": plan.time,
        "KickVelocity": plan.kick,
        "Decayed": decayed.astype(np.uint8),
    }


def _write(path, columns, kind, own, time, box):
    counts = np.bincount(kind, minlength=_TYPES)
    try:
        with whole_file(path) as partial, h5py.File(partial, "w") as file:
            file.create_group("Header").attrs.update(_header(counts, time, box))
            file.create_group("Units").attrs.update(_units())
            # what SWIFT's older versions ask for; isolated haloes have no periodic images
            file.create_group("RuntimePars").attrs["PeriodicBoundariesOn"] = np.int32(0)
            file.create_group("HaloKick").attrs.update({"format": FORMAT, "format_version": VERSION, **own})
            for number in np.flatnonzero(counts):
                group = file.create_group(f"PartType{number}")
                for name, values in columns.items():
                    dataset = group.create_dataset(name, data=values[kind == number])
                    dataset.attrs.update(_description(name))
    except OSError as error:
        raise StorageError(f"{path} could not be written: {error}") from error


def _header(counts, time, box):
    low, high = counts & 0xFFFFFFFF, counts >> 32
    flags = ("Sfr", "Cooling", "StellarAge", "Metals", "Feedback", "Entropy_ICs")
    return {
        "NumPart_ThisFile": low.astype(np.uint32),
        "NumPart_Total": low.astype(np.uint32),
        "NumPart_Total_HighWord": high.astype(np.uint32),
        "MassTable": np.zeros(_TYPES),
        "Time": float(time),
        "Redshift": 0.0,
        "BoxSize": float(box),
        "NumFilesPerSnapshot": np.int32(1),
        "Dimension": np.int32(3),
        "Omega0": 0.0,
        "OmegaLambda": 0.0,
        "HubbleParam": 1.0,
        "Flag_DoublePrecision": np.int32(1),
        **{f"Flag_{name}": np.int32(0) for name in flags},
    }


def _units():
    mass = MASS_UNIT * _MSUN_G
    return {
        "UnitLength_in_cm": _KPC_CM,
        "UnitMass_in_g": mass,
        "UnitVelocity_in_cm_per_s": _KM_CM,
        "UnitTime_in_s": _TIME_S,
        "Unit length in cgs (U_L)": _KPC_CM,
        "Unit mass in cgs (U_M)": mass,
        "Unit time in cgs (U_t)": _TIME_S,
        "Unit current in cgs (U_I)": 1.0,
        "Unit temperature in cgs (U_T)": 1.0,
        "gravitational_constant": G * MASS_UNIT,
        "speed_of_light": SPEED_OF_LIGHT,
    }


def _description(name):
    """Attributes of a dataset: what pynbody reads, and Gadget-4's own."""
    unit, cgs, (length, mass, speed) = _KINDS.get(name, ("1.0", 1.0, (0, 0, 0)))
    return {
        "VarDescription": unit,
        "CGSConversionFactor": cgs,
        "aexp-scale-exponent": 0.0,
        "h-scale-exponent": 0.0,
        "to_cgs": cgs,
        "a_scaling": 0.0,
        "h_scaling": 0.0,
        "length_scaling": float(length),
        "mass_scaling": float(mass),
        "velocity_scaling": float(speed),
    }


def _of_books(books, prefix):
    numbers = ("kinetic", "potential", "host", "momentum", "angular_momentum")
    found = {f"{prefix}_{name}": getattr(books, name) for name in numbers}
    return found | {f"{prefix}_injected_{one.name}": getattr(books.injected, one.name) for one in fields(Injected)}


def _books(own, prefix, start=None):
    def vector(name):
        return np.array(own[f"{prefix}_{name}"], dtype=float)

    def number(name):
        return float(own[f"{prefix}_{name}"])

    return Books(
        kinetic=number("kinetic"),
        potential=number("potential"),
        host=number("host"),
        momentum=vector("momentum"),
        angular_momentum=vector("angular_momentum"),
        injected=Injected(number("injected_energy"), vector("injected_momentum"), vector("injected_angular_momentum")),
        start=start,
    )


def _gathered(file):
    """All particles in the order of their identities."""
    names = ("ParticleIDs", "Coordinates", "Velocities", "DecayTime", "KickVelocity", "Decayed")
    groups = [(number, file[f"PartType{number}"]) for number in TYPES.values() if f"PartType{number}" in file]
    columns = {name: np.concatenate([group[name][()] for _, group in groups]) for name in names}
    columns["kind"] = np.concatenate([np.full(len(group["ParticleIDs"]), number) for number, group in groups])
    order = np.argsort(columns["ParticleIDs"], kind="stable")
    return {name: np.ascontiguousarray(values[order]) for name, values in columns.items()}


def _snapshot(time, columns, own):
    decayed = columns["Decayed"].astype(bool)
    each, loss = float(own["particle_mass_Msun"]), float(own["mass_loss"])
    # from the numbers that made them: a mass divided by the file's unit and multiplied again may differ in its last bit
    mass = np.where(decayed, each * (1 - loss), each)
    plan = DecayPlan(columns["DecayTime"], columns["KickVelocity"], columns["kind"] == TYPES["primordial"], loss)
    gravity = TreeGravity(units.attach(own["softening_kpc"], "length"), float(own["opening"]), str(own["gravity"]))
    particles = Particles(columns["Coordinates"], columns["Velocities"], mass, decayed, None)
    start = _books(own, "start") if "start_kinetic" in own else None
    return TreeSnapshot(float(time), particles, plan, gravity, _books(own, "books", start), each)
