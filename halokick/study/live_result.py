"""What a live halo gives besides a profile of daughters, as a frozen record."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from halokick.study.record_base import Record


@dataclass(frozen=True, eq=False)
class LiveRecord(Record):
    """A halo whose gravity follows its decays, at t times and n radii; masses and densities are real.

    Entries of shape (t, n) are nan where too few particles are left to say; `daughters` are zero where none stays.

    Attributes
    ----------
    method, reason : str
        Which way was taken, and why.
    error_radius : Quantity [length], shape (e,)
        Radii of interest, at which a fixed potential was judged.
    fixed_mass_error, fixed_j_error : ndarray, shape (e,)
        Estimated errors of mass and J, had the potential stayed.
    change_per_period : float
        Relative change of the mass in an orbital period at the largest radius of interest.
    expected_error : float
        Of the mass, by the method that was taken.
    times : Quantity [time], shape (t,)
    decayed_share : ndarray, shape (t,)
        Of the parent species.
    radius : Quantity [length], shape (n,)
    before, before_mass : Quantity [density] and [mass], shape (n,)
        Of all dark matter before any decay, and inside each radius.
    parents, daughters, primordial, total : Quantity [density], shape (t, n)
        The parent species, its daughters, the daughter species that was always there, and all.
    error : Quantity [density], shape (t, n)
        One standard error of `total`.
    mass : Quantity [mass], shape (t, n)
        Of all, inside each radius.
    dispersion_radial, dispersion_tangential : Quantity [speed], shape (t, n)
        Of all, the latter in one direction.
    anisotropy, daughter_anisotropy : ndarray, shape (t, n)
        1 - (tangential / radial)^2 of all, and of the daughters.
    bound_mass, escaped_mass : Quantity [mass], shape (t,)
    energy_error : float or None
    resolution_radius : Quantity [length] or None
        None in a fixed potential, which has no particles.
    control_radius : Quantity [length] or None
    control_drift : ndarray or None
        Mass of the same particles without decays over that before, which everything has been divided by.
    settings : mapping of str to str
    """

    method: str
    reason: str
    error_radius: object
    fixed_mass_error: np.ndarray
    fixed_j_error: np.ndarray
    change_per_period: float
    expected_error: float
    times: object
    decayed_share: np.ndarray
    radius: object
    before: object
    before_mass: object
    parents: object
    daughters: object
    primordial: object
    total: object
    error: object
    mass: object
    dispersion_radial: object
    dispersion_tangential: object
    anisotropy: np.ndarray
    daughter_anisotropy: np.ndarray
    bound_mass: object
    escaped_mass: object
    energy_error: float | None
    resolution_radius: object
    control_radius: object
    control_drift: np.ndarray | None
    settings: Mapping = field(default_factory=dict)
