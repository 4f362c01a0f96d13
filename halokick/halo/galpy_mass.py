"""galpy potentials, alone or in a list, as the enclosed mass of their spherical average."""

from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from scipy.interpolate import make_interp_spline

from halokick import constants
from halokick.errors import InputError
from halokick.halo.disk_mass import disk_mass
from halokick.halo.force_sources import exponential_disk, quickest
from halokick.halo.galpy_field import GalpyMember
from halokick.halo.galpy_scales import members_of, names, scales
from halokick.halo.kept_tables import kept
from halokick.halo.lazy_galpy import galpy_potential
from halokick.halo.named_potential import NamedPotential
from halokick.halo.sphere_average import average_over_sphere
from halokick.units import to_internal

_INNER, _OUTER, _STEP = 1e-5, 1e7, 0.1
"""Radii [kpc] between which galpy is asked, and the spacing in ln r; outside, the mass continues as a power law."""

# the force of a thin disk changes within its thickness: most angles go close to the plane
_PANELS = (0.0, 0.01, 0.05, 0.2, 0.5, 1.0)
_ANGLES, _FEWER_ANGLES = 12, 8
_AZIMUTHS, _FEWER_AZIMUTHS = 16, 12
_MORE = 6
"""So many times more azimuths where spheres are not around the potential's own centre."""
_JUDGED = 12
"""Every so manieth radius is asked with fewer angles too: the difference is the error."""
_WANTED, _WORST = 1e-6, 1e-4
"""Error of an average that is aimed at where galpy takes its time, and the largest that is allowed; in units of the
mean of the force's absolute value."""
_COARSE, _SMOOTH = 4, 1e-5
"""Slow potentials are asked at every fourth radius, if splines through every other of these meet the rest so closely:
through all of them they are 2^6 times closer."""


class GalpyMass:
    """Spherical average of a galpy potential: M(<r) = <r^2 F_r> / G over the sphere (Gauss's theorem).

    The spherical average of a potential is the potential of the spherically averaged mass, so this is all that a
    distribution function of the energy alone can know of a disk.

    Parameters
    ----------
    potential : galpy potential, list of them, or NamedPotential
        Averages of one that has a name are kept on disk.
    ro, vo : Quantity [length], Quantity [speed], optional
        galpy's scales. Needed where the potential itself does not carry them; never taken from galpy's settings file.

    Attributes
    ----------
    error : float
        Largest error of an average, over the mean of the force's size on that sphere.

    Raises
    ------
    InputError
        No scales, two different ones, a force that does not point inward on average, or one whose average is not known
        to a part in ten thousand.
    """

    def __init__(self, potential, ro=None, vo=None):
        self.potential = potential
        if isinstance(potential, NamedPotential):
            given = None if ro is None or vo is None else (to_internal(ro, "length"), to_internal(vo, "speed"))
            found = kept("spherical average", (*potential.identity, given), partial(_average, potential, ro, vo))
        else:
            found = _average(potential, ro, vo)
        self.ro, self.vo, self.error, self._names, self._log_r, log_mass = found
        self._spline = make_interp_spline(self._log_r, log_mass, k=5)

    def __call__(self, log_r):
        """ln M [Msun], dln M/dln r and its derivative at ln(r/kpc)."""
        inside = np.clip(log_r, self._log_r[0], self._log_r[-1])
        beyond = log_r - inside
        slope = self._spline(inside, 1)
        return self._spline(inside) + slope * beyond, slope, np.where(beyond == 0, self._spline(inside, 2), 0.0)

    def __repr__(self):
        return f"GalpyMass({self._names})"


def _average(potential, ro, vo):
    """Scales, error, names of the members, ln r and ln M(<r) of the spherical average."""
    members = members_of(potential)
    ro, vo = scales(members, ro, vo)
    r = np.exp(np.arange(np.log(_INNER), np.log(_OUTER) + _STEP, _STEP))
    speed2, error = np.zeros(len(r)), 0.0
    with np.errstate(all="ignore"):
        # galpy's own arithmetic at extreme radii; what is no number is told below
        for member in members:
            found, its_error = _speed2(*_unturned(member), r, ro, vo)
            speed2 += found
            error = max(error, its_error)
    mass = speed2 * r / constants.G
    if np.any(~np.isfinite(mass)) or np.any(mass <= 0):
        first = r[np.argmax(~np.isfinite(mass) | (mass <= 0))]
        raise InputError(
            f"{names(members)}: the spherically averaged force does not point inward at {first:.3g} kpc; "
            "only attracting potentials can hold a halo"
        )
    if not error <= _WORST:
        raise InputError(
            f"{names(members)}: the force averaged over spheres is known to {error:.1e} only, {_WORST:g} is needed; "
            "leave out what makes it rough, or replace it by a smooth galpy potential"
        )
    return ro, vo, error, names(members), np.log(r), np.log(mass)


def _unturned(member):
    """What a turned and moved potential is made of, the factor on it, and where in it the sphere's centre is.

    Averages over spheres do not know in which directions a potential is turned.
    """
    factor, centre = 1.0, np.zeros(3)
    while type(member).__name__.lstrip("_") == "RotateAndTiltWrapperPotential":
        factor *= member._amp
        centre = member._rot @ centre
        if member._offset is not None:
            centre = centre + np.asarray(member._offset, dtype=float)
        inner = members_of(member._pot)
        if len(inner) > 1:
            return inner, factor, tuple(centre)
        member = inner[0]
    return [member], factor, tuple(centre)


@dataclass(frozen=True)
class InwardForce:
    """The inward force of a galpy potential times the radius, in (km/s)^2: a speed squared."""

    galpy: object
    ro: float
    vo: float
    factor: float = 1.0
    centre: tuple = (0.0, 0.0, 0.0)
    """From where radii count, in galpy's unit."""

    @property
    def is_round(self):
        """Whether no azimuth differs from another."""
        return not getattr(self.galpy, "isNonAxi", False) and not self.is_moved

    @property
    def is_moved(self):
        """Whether radii do not count from the potential's own centre."""
        return any(self.centre)

    def __call__(self, radius, cosine, phi):
        """At one place: radius in kpc, cosine of the polar angle, azimuth."""
        return float(self._of(radius, cosine, phi))

    def at_once(self, radius, cosine, phi):
        """At arrays of places; None where galpy takes no arrays, or gives other numbers for them."""
        try:
            values = np.asarray(self._of(radius, cosine, phi), dtype=float)
        except Exception:  # galpy raises errors of every type for arrays that it cannot take
            return None
        if values.shape != radius.shape:
            return None
        some = [0, len(radius) // 3, len(radius) // 2, len(radius) - 1]
        single = [self(float(radius[i]), float(cosine[i]), float(phi[i])) for i in some]
        return values if np.allclose(values[some], single, rtol=1e-10, atol=0.0, equal_nan=True) else None

    def _of(self, radius, cosine, phi):
        scale = self.vo**2 * self.factor
        big_r, z = radius * np.sqrt(1 - cosine**2) / self.ro, radius * cosine / self.ro
        if not self.is_moved:
            outward, upward = self._forces(("evaluateRforces", "evaluatezforces"), big_r, z, phi)
            return -(outward * big_r + upward * z) * scale
        away = x, y = big_r * np.cos(phi), big_r * np.sin(phi)
        x, y = x + self.centre[0], y + self.centre[1]
        there, turn = np.hypot(x, y), np.arctan2(y, x)
        names = ("evaluateRforces", "evaluatezforces", "evaluatephitorques")
        outward, upward, torque = self._forces(names, there, z + self.centre[2], turn)
        along = (away[0] * x + away[1] * y) / there
        across = (away[1] * x - away[0] * y) / there
        return -(outward * along + torque / there * across + upward * z) * scale

    def _forces(self, names, big_r, z, phi):
        # all of them for one place after the other: galpy remembers the place for which it last did most of the work
        return [getattr(galpy_potential(), name)(self.galpy, big_r, z, phi=phi, use_physical=False) for name in names]


def _speed2(members, factor, centre, r, ro, vo):
    """Averages of r times the inward force [(km/s)^2] on spheres, and their largest error."""
    total, worst = np.zeros(len(r)), 0.0
    for member in members:
        source = GalpyMember(member, ro, vo, factor)
        disk = exponential_disk(source)
        if disk is not None and not any(centre):
            # galpy's forces of these take long, and are poor close to the axis
            total += disk_mass(r, disk.strength, disk.scale, disk.thickness) / r
            continue
        force = quickest(source)
        if force is source or any(centre):
            force = InwardForce(member, ro, vo, factor, centre)
        answer = _at_all_angles(force, r)
        found, error = _where_needed(force, r) if answer is None else answer
        total += found
        worst = max(worst, error)
    return total, worst


def _at_all_angles(force, r):
    """Averages and their error from many angles, the same at all radii; None where galpy takes no arrays."""
    fewer = _with_rule(force, r[::_JUDGED], _FEWER_ANGLES, _FEWER_AZIMUTHS)
    found = None if fewer is None else _with_rule(force, r, _ANGLES, _AZIMUTHS)
    if found is None:
        return None
    return found[0], _relative(found[0][::_JUDGED] - fewer[0], fewer[1])


def _with_rule(force, r, angles, azimuths):
    """Means over spheres, and those of the absolute values."""
    x, w = np.polynomial.legendre.leggauss(angles)
    cosine, weight = [], []
    for low, high in pairwise(_PANELS):
        for sign in (1, -1):
            cosine.append(sign * (low + 0.5 * (high - low) * (1 + x)))
            weight.append(0.25 * (high - low) * w)
    cosine, weight = np.concatenate(cosine), np.concatenate(weight)
    azimuths *= _MORE if force.is_moved else 1
    turns = [0.0] if force.is_round else 2 * np.pi * (np.arange(azimuths) + 0.5) / azimuths
    radii, cosines = np.repeat(r, len(cosine)), np.tile(cosine, len(r))
    mean, size = 0.0, 0.0
    for turn in turns:
        values = force.at_once(radii, cosines, np.full(len(radii), turn))
        if values is None:
            return None
        values = values.reshape(len(r), -1)
        mean = mean + values @ weight / len(turns)
        size = size + np.abs(values) @ weight / len(turns)
    return mean, size


def _where_needed(force, r):
    """The same for a member of which galpy gives one force at a time: few places, chosen by their errors."""
    count = 1 + _COARSE * ((len(r) - 1) // _COARSE)
    known, log_r = {}, np.log(r)
    step = _COARSE
    while True:
        which = np.union1d(np.arange(0, count, step), np.arange(count, len(r)))
        for i in which:
            if i not in known:
                known[i] = average_over_sphere(force, r[i], _WANTED, is_round=force.is_round)
                if not known[i][1] <= _WORST * known[i][2]:
                    # one is enough to refuse it
                    return np.full(len(r), known[i][0]), known[i][1] / known[i][2]
        mean, error, size = np.array([known[i] for i in which]).T
        if step == 1 or _is_smooth(log_r[which], mean):
            break
        step //= 2
    if step > 1:
        mean = np.exp(make_interp_spline(log_r[which], np.log(mean), k=5)(log_r))
    return mean, _relative(error, size)


def _is_smooth(log_r, mean):
    """Whether a spline through every other value meets the rest."""
    if not np.all(mean > 0):
        return False
    values = np.log(mean)
    half = make_interp_spline(log_r[::2], values[::2], k=5)
    # the last may lie beyond the spline's end
    off = np.abs(half(log_r[1:-1:2]) - values[1:-1:2])
    return bool(np.max(off) <= _SMOOTH)


def _relative(error, size):
    # nothing off by nothing is no error
    return float(np.max(np.divide(np.abs(error), size, out=np.zeros_like(size), where=size > 0), initial=0.0))
