"""The tables of a whole potential, made finer until its force is right where particles go."""

from typing import NamedTuple

import numpy as np

from halokick import constants, units
from halokick.errors import InputError
from halokick.halo.force_members import EXACT, PLANE, RADIAL, SOLID, TURNING, orientation
from halokick.halo.force_sources import exponential_disk, quickest
from halokick.halo.force_tables import PlaneSamples, SolidSamples
from halokick.halo.profile_base import DensityProfile
from halokick.halo.radial_force import radial_table
from halokick.kernels.forces import Forces, accelerations

_SHARE = 0.3
"""Part of the tolerance that one table may use."""
_ORDERS = (2, 4, 6, 8)
_SOFTENINGS = ((-4, -6), (-6, -8), (-8, -10))
"""log2 of d and e [kpc], from the coarsest."""
_BITS = ((2, 2), (3, 2), (3, 3))
_BESIDE = 0.05, 0.15
"""Of |z|, and of the scale length: R below which galpy's sums over zeros of Bessel functions have lost their digits."""
_PARALLEL = 1e-6
"""Sine of the angle between axes that count as the same."""
_REACHES = (10, 13, 16)
"""log2 of the radius [kpc] at which a table of disks ends, beyond which it goes on as a monopole."""


class FieldError(NamedTuple):
    """Relative errors of a force over a set of points."""

    p99: float
    worst: float
    rms: float
    points: int


class Builder:
    """Forces of `parts` of a potential, and their errors at `points` (n, 3) [kpc]; see `force_field`."""

    def __init__(self, parts, scale, points, tolerance, span):
        self.parts, self.points, self.tolerance = parts, points, tolerance
        self.ro, self.vo = scale
        self.errors, self.sizes = {}, {}
        self.forces = None
        self._start = span[0] * self.vo / self.ro

    def build(self):
        """Make `forces` and `errors`; returns what stands against it, or an empty string."""
        try:
            self._build()
        except _Impossible as reason:
            return str(reason)
        return ""

    def _build(self):
        spin, phase = self._frame()
        self.forces = Forces(spin=spin * self.vo / self.ro, phase=phase - spin * self._start)
        self._turn = phase
        own = {how: self._own([part for part in self.parts if part.how == how]) for how in (RADIAL, EXACT, PLANE)}
        solids = [part for part in self.parts if part.how in (SOLID, TURNING)]
        own[SOLID] = self._own(solids)
        total = sum(own.values())
        self._size = np.linalg.norm(total, axis=1)
        self._add_exact()
        for how, add in ((RADIAL, self._add_radial), (PLANE, self._add_plane)):
            chosen = [part for part in self.parts if part.how == how]
            if chosen:
                add(chosen, own[how])
        if solids:
            self._add_solid(solids, own[SOLID])
        self.errors["total"] = self._error(self.forces, total)

    def _frame(self):
        """Common pattern speed [galpy's unit] and angle at the start, of all members that have a direction."""
        turning = [part for part in self.parts if _turns(part)]
        if not turning:
            return 0.0, 0.0
        spins = {part.spin for part in turning}
        if len(spins) > 1:
            raise _Impossible(f"members turn with different pattern speeds {sorted(spins)} (galpy's unit)")
        spin = spins.pop()
        together = _Sum([part.source for part in turning], self._start)
        angle = orientation(together.potential, 0.01 * self.tolerance)
        if angle is None:
            raise _Impossible(f"{', '.join(part.name for part in turning)}: not even about three axes")
        # a table may take either axis for its first, a formula may not
        axes = [part.source.angle + part.source.rate * self._start for part in turning if part.how == EXACT]
        if any(abs(np.sin(axis - axes[0])) > _PARALLEL or abs(np.sin(2 * (axis - angle))) > _PARALLEL for axis in axes):
            raise _Impossible("triaxial members have different axes")
        return spin, axes[0] if axes else angle

    def _own(self, parts):
        """The members' own force, in the frame of the tables."""
        total = np.zeros_like(self.points)
        for part in parts:
            total += self._force_of(part)
        return total

    def _force_of(self, part):
        if isinstance(part.source, DensityProfile):
            r = np.linalg.norm(self.points, axis=1)
            mass = units.to_internal(part.source.mass(units.attach(r, "length")), "mass", "mass")
            return -(constants.G * mass / r**3)[:, None] * self.points
        lab = _rotated(self.points, self._turn)
        force = part.source.acceleration(*lab.T, self._start)
        disk = exponential_disk(part.source)
        if disk is not None:
            lost = _lost(disk, np.hypot(lab[:, 0], lab[:, 1]), np.abs(lab[:, 2]))
            force[lost] = disk.force(*lab[lost].T)
        return _rotated(force, -self._turn)

    def _add_exact(self):
        disks, logs = [], []
        for part in self.parts:
            if part.how != EXACT:
                continue
            member, galpy = part.source, part.source.galpy
            amplitude = galpy._amp * member.factor * self.vo**2
            if part.name == "LogarithmicHaloPotential":
                p = 1 - galpy._1m1overb2 if galpy.isNonAxi else 1.0
                logs.append([amplitude, galpy._core2 * self.ro**2, p, galpy._q**-2.0])
            else:
                thickness = getattr(galpy, "_b", 0.0) * self.ro
                disks.append([amplitude * self.ro, galpy._a * self.ro, thickness**2])
        self.forces = self.forces._replace(disks=np.reshape(disks, (-1, 3)), logs=np.reshape(logs, (-1, 4)))

    def _add_radial(self, parts, own):
        edges = [part.edge for part in parts if part.edge is not None]
        try:
            table = radial_table([part.source for part in parts], edges[0] if edges else 1.0)
        except InputError as error:
            raise _Impossible(f"{', '.join(part.name for part in parts)}: {error}") from error
        self._keep(RADIAL, {"radial": table}, own, table.g.nbytes + table.phi.nbytes)

    def _add_plane(self, parts, own):
        sources = [exponential_disk(part.source) or _Sum([quickest(part.source)], self._start) for part in parts]
        reach = self._reach(sources)
        best = None
        for d_log, e_log in _SOFTENINGS:
            samples = PlaneSamples(sources, d_log, e_log, reach)
            for bits in _BITS:
                table = samples.table(*bits)
                error = self._error(Forces(plane=table), own)
                # the finest is not the best where rounding noise is divided by small cells
                if best is None or error.p99 < best[0].p99:
                    best = error, table
                if self._good(error):
                    break
            if self._good(error):
                break
        self._keep(PLANE, {"plane": best[1]}, own, best[1].table.nbytes)

    def _reach(self, sources):
        farthest = np.max(np.linalg.norm(self.points, axis=1))
        for reach in _REACHES:
            r = np.full(3, 1.4 * 2.0**reach)
            place = r * np.array([0.1, 0.6, 0.98]), 0 * r, r * np.array([0.99, 0.8, 0.2])
            near = sum(source.potential(*(0.5 * c for c in place)) for source in sources)
            far = sum(source.potential(*place) for source in sources)
            # a disk is a small part of the whole force out there
            if 2.0**reach > farthest and np.all(np.abs(2 * far / near - 1) < 100 * self.tolerance):
                return reach
        return _REACHES[-1]

    def _add_solid(self, parts, own):
        together = _Sum([quickest(part.source) for part in parts], self._start)
        c, s = np.cos(self._turn), np.sin(self._turn)
        edges = [part.edge for part in parts if part.edge is not None]
        samples = SolidSamples(lambda x, y, z: together.potential(c * x - s * y, s * x + c * y, z), *edges[:1])
        best = None
        for order in _ORDERS:
            table = samples.table(order)
            error = self._error(Forces(solid=table), own)
            if best is None or error.p99 < best[0].p99:
                best = error, table
            if self._good(error):
                break
        self._keep(parts[0].how, {"solid": best[1]}, own, best[1].table.nbytes)

    def _keep(self, name, table, own, size):
        self.errors[name] = self._error(Forces(**table), own)
        self.sizes[name] = size
        self.forces = self.forces._replace(**table)

    def _error(self, forces, own):
        off = np.linalg.norm(accelerations(forces, self.points) - own, axis=1) / self._size
        off = np.where(np.isfinite(off), off, np.inf)
        return FieldError(float(np.quantile(off, 0.99)), float(off.max()), float(np.sqrt(np.mean(off**2))), len(off))

    def _good(self, error):
        return error.p99 <= _SHARE * self.tolerance and error.worst <= 100 * _SHARE * self.tolerance


class _Impossible(Exception):
    """No table or formula for a member."""


class _Sum:
    """Potentials of several sources at one time."""

    def __init__(self, sources, start):
        self.sources, self._start = sources, start

    def potential(self, x, y, z):
        return sum(source.potential(x, y, z, self._start) for source in self.sources)


def _turns(part):
    return part.how in (SOLID, TURNING) or (part.how == EXACT and getattr(part.source.galpy, "isNonAxi", False))


def _lost(disk, big_r, z):
    """Where galpy's force of an exponential disk is not right to 1e-8; that of a thin one is so nowhere."""
    if disk.thickness == 0:
        return np.full(len(z), True)
    return (big_r < _BESIDE[0] * z) | (big_r < _BESIDE[1] * disk.scale)


def _rotated(vectors, angle):
    if angle == 0:
        return vectors
    c, s = np.cos(angle), np.sin(angle)
    x, y, z = vectors.T
    return np.stack([c * x - s * y, s * x + c * y, z], axis=1)
