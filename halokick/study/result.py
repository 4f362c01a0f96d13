"""What a study found, as frozen records of Quantities and arrays: nothing here computes, everything can be stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from types import MappingProxyType

import numpy as np


def _freeze(record):
    for one in fields(record):
        value = getattr(record, one.name)
        if isinstance(value, np.ndarray) and value.ndim:
            value = value.copy()
            value.setflags(write=False)
            object.__setattr__(record, one.name, value)
        elif isinstance(value, Mapping):
            object.__setattr__(record, one.name, MappingProxyType(dict(value)))
        elif isinstance(value, list):
            object.__setattr__(record, one.name, tuple(value))


class Record:
    """A frozen record; two are equal if every entry is, units included."""

    def __post_init__(self):
        _freeze(self)

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        return all(_same(getattr(self, one.name), getattr(other, one.name)) for one in fields(self))

    __hash__ = None


def _same(first, second):
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(_same(first[key], second[key]) for key in first)
    if isinstance(first, tuple) and isinstance(second, tuple):
        return len(first) == len(second) and all(_same(a, b) for a, b in zip(first, second, strict=True))
    if is_dataclass(first):
        return first == second
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        units = getattr(first, "unit", None), getattr(second, "unit", None)
        return units[0] == units[1] and np.array_equal(first, second, equal_nan=np.asarray(first).dtype.kind == "f")
    return first == second


@dataclass(frozen=True, eq=False)
class Provenance(Record):
    """From what, by what and when a result was made.

    Attributes
    ----------
    run_file : str
        The resolved run file as TOML text.
    seed : int or None
        Where random numbers were drawn.
    versions : mapping of str to str
        Packages, Python and the platform.
    commit : str
        Of the source tree, with ``+changes`` where it had any; empty where the package was installed without one.
    created : str
        UTC, ISO 8601.
    seconds : float
        Wall time of the study.
    """

    run_file: str
    seed: int | None
    versions: Mapping
    commit: str
    created: str
    seconds: float


@dataclass(frozen=True, eq=False)
class ParentRecord(Record):
    """The parents' halo before decays, on a grid of radii.

    Attributes
    ----------
    description : str
    radius : Quantity [length], shape (n,)
    density, mass, escape_speed, circular_speed, dispersion : Quantity, shape (n,)
        `mass` is all that gravitates within a radius; `dispersion` the isotropic one-dimensional one of the parents.
    slope : ndarray, shape (n,)
        -dln rho/dln r.
    """

    description: str
    radius: object
    density: object
    slope: np.ndarray
    mass: object
    escape_speed: object
    circular_speed: object
    dispersion: object


@dataclass(frozen=True, eq=False)
class DaughterRecord(Record):
    """Daughters of one kick, per decayed parent.

    Attributes
    ----------
    label : str
        Of the kick.
    mean_speed, rms_speed : Quantity [speed]
    method : str
    radius : Quantity [length], shape (n,)
    density, error : Quantity [density], shape (n,)
    slope, ratio, bound_at_birth : ndarray, shape (n,)
        -dln rho/dln r; density over the parents'; bound share of those born at each radius.
    components : mapping of str to Quantity [density], shape (n,)
    bound_fraction : float
        Of the daughters born inside `reference_radius`.
    reference_radius : Quantity [length]
    observer_ratio : float or None
        Density over the parents' at the observer's distance from the centre, where there is an observer.
    settings : mapping of str to str, ndarray or Quantity
    """

    label: str
    mean_speed: object
    rms_speed: object
    method: str
    radius: object
    density: object
    error: object
    slope: np.ndarray
    ratio: np.ndarray
    bound_at_birth: np.ndarray
    components: Mapping
    bound_fraction: float
    reference_radius: object
    observer_ratio: float | None
    settings: Mapping = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class SkyRecord(Record):
    r"""Line-of-sight integrals, :math:`J = \int\rho_1\rho_2` without a factor 1/2, each density normalised to one halo.

    Attributes
    ----------
    distance, r_max : Quantity [length]
        Of the observer from the centre; where the integrals end.
    angles : Quantity [angle], shape (a,)
        Half-angles of cones around the centre.
    kicks : tuple of str, length k
    j_parent : Quantity [GeV2 cm-5], shape (a,)
        Parent times parent.
    j_pair, j_daughter : Quantity [GeV2 cm-5], shape (k, a)
        Parent times daughter; daughter times daughter.
    theta : Quantity [angle], shape (t,)
        Directions of the differential factors.
    differential_parent : Quantity [GeV2 cm-5 sr-1], shape (t,)
    differential_pair : Quantity [GeV2 cm-5 sr-1], shape (k, t)
    band : Quantity [GeV2 cm-5 sr-1], shape (2, t), or None
        Of generalised NFW profiles of inner slope 1.1 and 1.3 with the halo's scale radius, scaled to the parents' own
        at ten degrees: the range of the Galactic centre excess in Fig. 8 of Hardy, Lasenby & Unwin (2014).
    shares : mapping of str to float
        Today's shares of parents, primordial daughters and daughters where lifetime and shares are given.
    """

    distance: object
    r_max: object
    angles: object
    kicks: tuple
    j_parent: object
    j_pair: object
    j_daughter: object
    theta: object
    differential_parent: object
    differential_pair: object
    band: object = None
    shares: Mapping = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class DwarfsRecord(Record):
    """Suppression of the annihilation signal of d dwarf galaxies by k kicks in a cones.

    The last axis of length 3 holds the 16th, 50th and 84th percentile of the draws of what is uncertain.

    Attributes
    ----------
    names : tuple of str, length d
    kicks : tuple of str, length k
    mean_speed : Quantity [speed], shape (k,)
    angles : Quantity [angle], shape (a,)
        Half-angles of the cones.
    distance, half_light_radius : Quantity [length], shape (d,)
        As measured.
    dispersion : Quantity [speed], shape (d,)
    virial_mass, concentration, r_s, rho_s, tidal_radius, max_circular_speed : Quantity or ndarray, shape (d, 3)
        Of the NFW haloes that were drawn.
    j_parent : Quantity [GeV2 cm-5], shape (d, a, 3)
    suppression, suppression_both : ndarray, shape (d, a, k, 3)
        J of parent times daughter, and of daughter times daughter, over `j_parent`.
    bound_fraction : ndarray, shape (d, k, 3)
        Of the daughters born inside the tidal radius.
    floor : ndarray, shape (d, a, k, 3), or None
        J of the dwarf's own density times the host's daughters passing through, over `j_parent`.
    settings : mapping of str to str
        How the haloes were drawn.
    """

    names: tuple
    kicks: tuple
    mean_speed: object
    angles: object
    distance: object
    half_light_radius: object
    dispersion: object
    virial_mass: object
    concentration: np.ndarray
    r_s: object
    rho_s: object
    tidal_radius: object
    max_circular_speed: object
    j_parent: object
    suppression: np.ndarray
    suppression_both: np.ndarray
    bound_fraction: np.ndarray
    floor: np.ndarray | None = None
    settings: Mapping = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class LimitRecord(Record):
    """Answer of one limit; the entries are those of `cosmology.limits.LimitResult`.

    Attributes
    ----------
    name, source, convention, applies_to, validity, observable, sense : str
    value, bound : Quantity or None
        The model's number, and the limit on it.
    status : str
        ``"satisfied"``, ``"excluded"`` or ``"not applicable"``.
    reason : str
    """

    name: str
    source: str
    convention: str
    applies_to: str
    validity: str
    observable: str
    sense: str
    value: object
    bound: object
    status: str
    reason: str

    @property
    def excess(self):
        """Value over bound, or bound over value for a lower bound: above 1 is beyond the bound; None without both."""
        if self.value is None or self.bound is None:
            return None
        top, bottom = (self.value, self.bound) if self.sense == "at most" else (self.bound, self.value)
        return float((top / bottom).to_value(""))


@dataclass(frozen=True, eq=False)
class DwarfReading(Record):
    """The gamma-ray limit from a stack of dwarfs, read through the suppression that the same model's kick causes.

    Attributes
    ----------
    names : tuple of str
        The stack: those of the published limit that are in the study.
    angle : Quantity [angle]
        Half-angle of the cone.
    stacked : ndarray, shape (3,)
        Suppression of the stack, weighted by J without kick: all its dwarfs at the 16th, 50th and 84th percentile.
    kicked_share : float
        Share of today's pairs of which one partner is from a decay; the others are what freeze-out has left, and were
        not kicked.
    suppression : ndarray, shape (3,)
        1 - kicked_share (1 - stacked): through which the limit is read, at the median.
    no_kick : LimitRecord
        The limit as it would be without a kick.
    """

    names: tuple
    angle: object
    stacked: np.ndarray
    kicked_share: float
    suppression: np.ndarray
    no_kick: LimitRecord


@dataclass(frozen=True, eq=False)
class ModelRecord(Record):
    r"""A particle model: what it left, what it handed to the halo, and what it meets.

    Attributes
    ----------
    name : str
    config : str
        The resolved [model] section as TOML text.
    summary : mapping of str to Quantity or str
        As the model itself gives it.
    yields : mapping of str to Quantity, float or str
        What the early universe left.
    parent_mass, daughter_mass : Quantity [mass]
    lifetime, age : Quantity [time]
    kick : str
        Label of the kick.
    shares : mapping of str to float
        Today's, as in `SkyRecord`.
    remainder : float
        n_particle n_antiparticle over the square of all, of pairs that freeze-out left and no decay made: 0 in a
        purely asymmetric beginning.
    sigma_v : Quantity [volume/time]
        Today, of one daughter with one antidaughter.
    sigma_v_depends_on_speed : bool
    flux_factor : Quantity
        :math:`\langle\sigma v\rangle/(4\pi m^2)`, m the daughter's mass: times J and shares it is the number of
        annihilations whose products one would count, per area and time and product.
    limits : tuple of LimitRecord
        Those from dwarf galaxies are read through the suppression where `dwarfs` is there.
    statements : tuple of str
        Verbal statements of papers that concern the model.
    dwarfs : DwarfReading or None
        Where the study has dwarfs of a published stack, and the model a channel with such a limit.
    """

    name: str
    config: str
    summary: Mapping
    yields: Mapping
    parent_mass: object
    daughter_mass: object
    lifetime: object
    age: object
    kick: str
    shares: Mapping
    remainder: float
    sigma_v: object
    sigma_v_depends_on_speed: bool
    flux_factor: object
    limits: tuple
    statements: tuple
    dwarfs: DwarfReading | None = None


@dataclass(frozen=True, eq=False)
class StudyResult(Record):
    """Everything a study found. What its run file did not ask for is None or empty.

    Attributes
    ----------
    provenance : Provenance
    parent : ParentRecord or None
    daughters : tuple of DaughterRecord
    sky : SkyRecord or None
    dwarfs : DwarfsRecord or None
    model : ModelRecord or None
    """

    provenance: Provenance
    parent: ParentRecord | None
    daughters: tuple
    sky: SkyRecord | None
    dwarfs: DwarfsRecord | None
    model: ModelRecord | None = None


RECORDS = {
    record.__name__: record
    for record in (
        StudyResult,
        Provenance,
        ParentRecord,
        DaughterRecord,
        SkyRecord,
        DwarfsRecord,
        ModelRecord,
        LimitRecord,
        DwarfReading,
    )
}
"""Every record by name, for storage."""
