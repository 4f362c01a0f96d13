"""From galpy potentials and density profiles to the gravitational field of an orbit integrator, with its errors."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from halokick.errors import InputError
from halokick.halo.force_builder import Builder
from halokick.halo.force_members import GALPY, RADIAL, parts_of
from halokick.halo.galpy_scales import members_of, scales
from halokick.halo.kept_tables import kept
from halokick.halo.named_potential import NamedPotential
from halokick.halo.potential import Halo
from halokick.halo.profile_base import DensityProfile
from halokick.kernels.forces import Forces, accelerations, potential

WORST = 100.0
"""Largest error allowed at any single point, in units of the tolerance."""
_LOOSEST = 1e-2
"""Largest tolerance that is worth a recommendation."""
_SPAN = (0.0, 14.3)
"""Fourteen billion years [kpc/(km/s)]."""
_INNER, _OUTER, _POINTS = 0.05, 300.0, 512
"""Radii [kpc] between which errors are measured where nothing else is said, and at how many points."""


class Member(NamedTuple):
    """One member of a potential and how its force is found."""

    name: str
    how: str
    why: str


@dataclass(frozen=True, eq=False)
class ForceField:
    """The gravitational field of a potential, ready for orbits. Made by `force_field`; numbers in kpc and km/s."""

    way: str
    """``"kernel"``, or ``"galpy"`` where the potential, or its accuracy, leaves no other."""
    why: str
    """What stood against the kernel."""
    forces: Forces | None
    """Tables and formulae; None if `way` is ``"galpy"``."""
    members: tuple
    """`Member` for each potential."""
    errors: dict
    """|a - a_exact| / |a| by table, and in all (``"total"``): each has p99, worst, rms and the number of points."""
    tolerance: float
    sizes: dict
    """Bytes of each table."""
    spin: float = 0.0
    """Pattern speed [km/s/kpc]."""
    phase: float = 0.0
    """Angle of the rotating frame at t = 0."""
    parts: tuple = field(default=(), repr=False)
    """`Part` for each potential. A field with `forces` does not need them."""

    def acceleration(self, positions, time=0.0):
        """Acceleration [km2/s2/kpc] at positions (n, 3) [kpc] and one time [kpc/(km/s)]."""
        positions = np.atleast_2d(np.asarray(positions, dtype=float))
        if self.forces is None:
            return sum(part.source.acceleration(*positions.T, time * _rate(part)) for part in self.parts)
        turn = self.phase + self.spin * time
        return _turned(accelerations(self.forces, _turned(positions, -turn)), turn)

    def potential(self, positions, time=0.0):
        """Potential [(km/s)^2], up to a constant."""
        positions = np.atleast_2d(np.asarray(positions, dtype=float))
        if self.forces is None:
            return sum(part.source.potential(*positions.T, time * _rate(part)) for part in self.parts)
        inner = _turned(positions, -self.phase - self.spin * time)
        return potential(self.forces, *np.ascontiguousarray(inner.T))

    def energy(self, positions, velocities, time=0.0):
        r"""Energy per mass [(km/s)^2], up to a constant; in a rotating potential Jacobi's, :math:`E - \Omega L_z`.

        Parameters
        ----------
        positions, velocities : array (n, 3)
            In kpc and km/s, at rest.
        time : float
            In kpc/(km/s).
        """
        x, v = np.atleast_2d(positions), np.atleast_2d(velocities)
        angular = x[:, 0] * v[:, 1] - x[:, 1] * v[:, 0]
        return 0.5 * np.sum(v * v, axis=1) + self.potential(x, time) - self.spin * angular

    def report(self):
        """Lines of text: the way of each member, sizes and errors of the tables."""
        lines = [f"field: {self.way}" + (f" ({self.why})" if self.why else "")]
        for member in self.members:
            lines.append(f"  {member.name}: {member.how}" + (f" ({member.why})" if member.why else ""))
        if self.spin:
            lines.append(f"  pattern speed {self.spin:.6g} km/s/kpc, angle {self.phase:.6g} at t = 0")
        for name, error in self.errors.items():
            size = f", {self.sizes[name] / 1e6:.2f} MB" if name in self.sizes else ""
            lines.append(
                f"  {name}{size}: relative force error below {error.p99:.1e} at 99 % of {error.points} points, "
                f"{error.worst:.1e} at worst"
            )
        lines.append(f"  tolerance {self.tolerance:.1e} for 99 %, {WORST * self.tolerance:.1e} for all")
        return lines

    def to_dict(self):
        """Plain values for storage."""
        return {
            "way": self.way,
            "why": self.why,
            "members": [list(member) for member in self.members],
            "errors": {name: error._asdict() for name, error in self.errors.items()},
            "sizes": dict(self.sizes),
            "tolerance": self.tolerance,
            "spin": self.spin,
            "phase": self.phase,
        }


def force_field(
    potential, *, ro=None, vo=None, tolerance=1e-6, points=None, span=_SPAN, radii=(_INNER, _OUTER), fallback="galpy"
):
    r"""The field of a potential for orbits: spherical members merged in one table, others exact or in tables.

    The result's error, :math:`|a - a_\mathrm{exact}| / |a|`, is measured against the members' own forces at `points`:
    for 99 % of them it is below `tolerance`, and for all below a hundred times that. Tables are made finer until it is.

    Parameters
    ----------
    potential : galpy potential, DensityProfile, Halo, or list of them
        All that attracts. Steadily rotating members must share one pattern speed.
    ro, vo : Quantity [length], Quantity [speed], optional
        galpy's scales, where the potentials do not carry them.
    tolerance : float
        Relative error of the force.
    points : array (n, 3), optional
        Places [kpc] where particles go. Left out, random directions at radii between `radii`, evenly in ln r, and
        some close to the plane.
    span : tuple of float
        Times between which particles move [kpc/(km/s)].
    radii : tuple of float
        In kpc.
    fallback : str
        ``"galpy"``: a potential that no table follows is left to galpy. ``"refuse"``: it is an error.

    Returns
    -------
    ForceField

    Raises
    ------
    InputError
        No physical scales; with ``fallback="refuse"``, or beside a profile that galpy does not know, a potential that
        needs galpy.
    """
    if fallback not in ("galpy", "refuse"):
        raise InputError(f"fallback = {fallback!r}: give 'galpy' or 'refuse'")
    if not 1e-10 <= tolerance <= 0.1:
        raise InputError(f"tolerance = {tolerance}: give a relative error of the force between 1e-10 and 0.1")
    make = partial(_force_field, potential, ro, vo, tolerance, points, span, radii, fallback)
    identity = _identity(potential, ro, vo)
    if identity is None:
        return make()
    known = tolerance, None if points is None else np.asarray(points, dtype=float), span, radii, fallback
    return kept("force field", (*identity, *known), lambda: _alone(make()), if_any=lambda field: not field.parts)


def _alone(field):
    """The field without galpy's objects, where it can do without."""
    return field if field.forces is None else replace(field, parts=())


def _identity(potential, ro, vo):
    """What tells a potential made of names from others; None for one of objects."""
    if isinstance(potential, NamedPotential) and ro is None and vo is None:
        return potential.identity
    if not isinstance(potential, Halo):
        return None
    if isinstance(potential.potential, NamedPotential):
        return potential.potential.identity
    if isinstance(potential.baryons, NamedPotential):
        # the tables of the whole, and the name of a part, tell the rest
        table = potential._field
        return *potential.baryons.identity, repr(potential.profile), table.l0, table.step, table.vc2
    return None


def _force_field(potential, ro, vo, tolerance, points, span, radii, fallback):
    members = members_of_all(potential)
    scale = _scale(potential, members, ro, vo)
    parts = tuple(parts_of(members, *scale, span, roundness=0.01 * tolerance))
    places = np.asarray(_points(radii) if points is None else points, dtype=float)
    why = "; ".join(f"{part.name}: {part.why}" for part in parts if part.how == GALPY)
    builder = Builder(parts, scale, places, tolerance, span)
    if not why:
        why = builder.build()
    if not why:
        total = builder.errors["total"]
        if not (total.p99 <= tolerance and total.worst <= WORST * tolerance):
            why = (
                f"force error {total.p99:.1e} at 99 % of the points, {total.worst:.1e} at worst, "
                f"where {tolerance:.1e} and {WORST * tolerance:.1e} were asked for{_enough(total)}"
            )
    described = tuple(Member(part.name, part.how, part.why) for part in parts)
    if not why:
        forces = builder.forces
        frame = forces.spin, forces.phase
        return ForceField("kernel", "", forces, described, builder.errors, tolerance, builder.sizes, *frame, parts)
    if fallback == "refuse":
        raise InputError(f"no fast field for this potential: {why}; allow fallback='galpy', or replace that member")
    own = [part.name for part in parts if not hasattr(part.source, "galpy")]
    if own:
        raise InputError(
            f"{', '.join(own)} cannot be joined to a potential that only galpy can follow ({why}); give the halo as a "
            "galpy potential too, which galpy can follow with the rest, or replace what is in the way"
        )
    described = tuple(Member(part.name, GALPY, part.why) for part in parts)
    return ForceField("galpy", why, None, described, builder.errors, tolerance, {}, parts=parts)


def _enough(total):
    """The tolerance that a field with these errors has, for a message."""
    reached = max(total.p99, total.worst / WORST)
    if not reached <= _LOOSEST:
        return ""
    power = 10.0 ** np.floor(np.log10(reached))
    return f"; field_tolerance={np.ceil(1.05 * reached / power) * power:.0e} would do (force_field: tolerance=)"


def is_spherical(potential, *, ro=None, vo=None):
    """Whether all that attracts is spherical and steady, to 1e-8 of the potential; arguments as in `force_field`."""
    make = partial(_is_spherical, potential, ro, vo)
    identity = _identity(potential, ro, vo)
    return make() if identity is None else kept("sphericity", identity, make)


def _is_spherical(potential, ro, vo):
    members = members_of_all(potential)
    parts = parts_of(members, *_scale(potential, members, ro, vo), _SPAN, roundness=1e-8)
    return all(part.how == RADIAL for part in parts)


def _scale(potential, members, ro, vo):
    """galpy's ro and vo: those a halo was made with, the members' own, or the ones given."""
    from_galpy = [member for member in members if not isinstance(member, DensityProfile)]
    if not from_galpy:
        return 1.0, 1.0
    if isinstance(potential, Halo) and potential._extra_mass is not None:
        return potential._extra_mass.ro, potential._extra_mass.vo
    return scales(from_galpy, ro, vo)


def members_of_all(potential):
    """All potentials and profiles in a potential, a halo, or a list of such."""
    if isinstance(potential, Halo):
        if potential.potential is not None:
            return members_of(potential.potential)
        return [potential.profile, *([] if potential.baryons is None else members_of(potential.baryons))]
    if isinstance(potential, (list, tuple)):
        return [member for part in potential for member in members_of_all(part)]
    return [potential] if isinstance(potential, DensityProfile) else members_of(potential)


def _points(radii):
    rng = np.random.default_rng(20260131)
    direction = rng.normal(size=(_POINTS, 3))
    # a quarter of them as close to the plane as disks are thin
    direction[::4, 2] *= 0.02
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    return np.exp(rng.uniform(*np.log(radii), _POINTS))[:, None] * direction


def _turned(vectors, angle):
    if angle == 0:
        return vectors
    c, s = np.cos(angle), np.sin(angle)
    x, y, z = vectors.T
    return np.stack([c * x - s * y, s * x + c * y, z], axis=1)


def _rate(part):
    """galpy's time for one kpc/(km/s)."""
    return part.source.vo / part.source.ro
