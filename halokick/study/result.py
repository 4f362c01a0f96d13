"""What a study found, as frozen records of Quantities and arrays: nothing here computes, everything can be stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from halokick.study.live_result import LiveRecord
from halokick.study.model_result import DwarfReading, LimitRecord, ModelRecord, OriginRecord
from halokick.study.orbit_result import GridRecord, LostRecord
from halokick.study.record_base import Record
from halokick.study.telescope_result import (
    TELESCOPE_RECORDS,
    AnnihilationRecord,
    FluxRecord,
    LimitsRecord,
    MapsRecord,
)


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
    control, control_error : Quantity [density], shape (n,), or None
        Density of the same parents left unkicked, and its standard error. This and what follows is there where orbits
        were integrated; see `halokick.daughters.followed.FollowedDaughters`.
    kick_ratio, kick_ratio_error : ndarray, shape (n,), or None
        Daughters over control, and its standard error.
    energy_error : mapping of str to float, int or str, or None
        Of the orbits between birth and end.
    failed : tuple of LostRecord, or None
        What was left out.
    force_field : mapping, or None
        How the potential was represented: ``"members"``, a line of text for each, ``"errors"`` of its tables, and what
        else `ForceField.to_dict` has.
    report : tuple of str, or None
        The same in words.
    grid, control_grid : GridRecord or None
        Densities that are not spherical, of the bound daughters and of the parents left unkicked.
    live : LiveRecord or None
        The halo in time, where its gravity follows the decays. `bound_at_birth` is not known then.
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
    control: object = None
    control_error: object = None
    kick_ratio: np.ndarray | None = None
    kick_ratio_error: np.ndarray | None = None
    energy_error: Mapping | None = None
    failed: tuple | None = None
    force_field: Mapping | None = None
    report: tuple | None = None
    grid: GridRecord | None = None
    control_grid: GridRecord | None = None
    live: LiveRecord | None = None


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
        Parent times daughter; daughter times daughter. In a live halo "parent" is there what has not decayed, per
        particle of it, which has felt the loss of mass too; in `j_parent` it is the halo before any decay.
    theta : Quantity [angle], shape (t,)
        Directions of the differential factors.
    differential_parent : Quantity [GeV2 cm-5 sr-1], shape (t,)
    differential_pair : Quantity [GeV2 cm-5 sr-1], shape (k, t)
    band : Quantity [GeV2 cm-5 sr-1], shape (2, t), or None
        Of generalised NFW profiles of inner slope 1.1 and 1.3 with the halo's scale radius, scaled to the parents' own
        at ten degrees: the range of the Galactic centre excess in Fig. 8 of Hardy, Lasenby & Unwin (2014).
    shares : mapping of str to float
        Today's shares of parents, primordial daughters and daughters where lifetime and shares are given.
    j_pair_grid : Quantity [GeV2 cm-5], shape (k, a), or None
        Parent times the bound daughters on their grid, inside `grid_r_max`; nan where a grid is too noisy.
    j_pair_grid_error : Quantity [GeV2 cm-5], shape (k, a), or None
        Its standard error, from eight parts of the orbits.
    grid_over_sphere : ndarray, shape (k, a), or None
        `j_pair_grid` over what the same grid gives once it is averaged over spheres.
    grid_r_max : Quantity [length] or None
        The largest sphere inside the grid, or `r_max` where that is smaller.
    grid_problems : tuple of str, or None
        Why there is no number, for each that is missing.
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
    j_pair_grid: object = None
    j_pair_grid_error: object = None
    grid_over_sphere: np.ndarray | None = None
    grid_r_max: object = None
    grid_problems: tuple | None = None


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
    annihilation : AnnihilationRecord or None
    maps : MapsRecord or None
    flux : FluxRecord or None
    limits : LimitsRecord or None
    """

    provenance: Provenance
    parent: ParentRecord | None
    daughters: tuple
    sky: SkyRecord | None
    dwarfs: DwarfsRecord | None
    model: ModelRecord | None = None
    annihilation: AnnihilationRecord | None = None
    maps: MapsRecord | None = None
    flux: FluxRecord | None = None
    limits: LimitsRecord | None = None


RECORDS = {
    record.__name__: record
    for record in (
        StudyResult,
        Provenance,
        ParentRecord,
        DaughterRecord,
        GridRecord,
        LostRecord,
        LiveRecord,
        SkyRecord,
        DwarfsRecord,
        ModelRecord,
        OriginRecord,
        LimitRecord,
        DwarfReading,
        *TELESCOPE_RECORDS,
    )
}
"""Every record by name, for storage."""
