"""Which way each member of a potential can go: into a table, by a formula, or only to galpy itself."""

from dataclasses import dataclass

import numpy as np

from halokick.halo.galpy_field import GalpyMember
from halokick.halo.galpy_scales import members_of
from halokick.halo.lazy_galpy import galpy_potential
from halokick.halo.profile_base import DensityProfile

RADIAL, EXACT, PLANE, SOLID, TURNING, GALPY = (
    "radial table",
    "exact",
    "plane table",
    "multipole",
    "rotating multipole",
    "galpy C",
)
"""How a member is represented, in the words of `ForceField.members`."""

_EDGES = {
    "HomogeneousSpherePotential": lambda galpy: galpy._R2**0.5,
    "KingPotential": lambda galpy: galpy.rt,
    "interpSphericalPotential": lambda galpy: galpy._rmax,
    "DehnenBarPotential": lambda galpy: galpy._rb,
}
"""Radii at which the derivatives of a force jump."""
_SINGULAR = ("SphericalShellPotential", "RingPotential")
"""Matter on a surface or a line: the force jumps, and no table follows it."""
_RADII = np.array([0.3, 2.0, 8.0, 30.0, 100.0])
"""Radii [kpc] at which symmetries are looked for."""


@dataclass(frozen=True)
class Part:
    """One member of a potential and where it goes."""

    source: object
    """A `GalpyMember`, or a `DensityProfile` of our own."""
    how: str
    spin: float = 0.0
    """Pattern speed [galpy's unit]."""
    why: str = ""
    """What stands against a table or formula, where nothing but galpy will do."""

    @property
    def name(self):
        """Class of the potential."""
        return self.source.name if isinstance(self.source, GalpyMember) else type(self.source).__name__

    @property
    def edge(self):
        """Radius at which derivatives jump [kpc], or None."""
        if isinstance(self.source, GalpyMember) and self.name in _EDGES:
            return float(_EDGES[self.name](self.source.galpy)) * self.source.ro
        return None


def parts_of(members, ro, vo, span, roundness):
    """All members of galpy potentials and profiles as `Part`s; sums and steady rotations are opened.

    Parameters
    ----------
    members : list
        galpy potentials and `DensityProfile`s.
    ro, vo : float
        galpy's scales [kpc], [km/s].
    span : tuple of float
        Times between which particles move [kpc/(km/s)].
    roundness : float
        Relative variation of a potential up to which it has a symmetry.
    """
    times = np.linspace(*span, 5) / (ro / vo)
    parts = []
    for member in members:
        if isinstance(member, DensityProfile):
            parts.append(Part(member, RADIAL))
        else:
            parts += [_part(leaf, times, roundness) for leaf in _opened(GalpyMember(member, ro, vo))]
    return parts


def _opened(member):
    """Members inside sums and wrappers of steady rotation, which turn with them."""
    galpy = member.galpy
    inner = members_of(galpy)
    if inner != [galpy]:
        return [leaf for one in inner for leaf in _opened(_inside(member, one, 1.0, 0.0, 0.0))]
    if member.name == "SolidBodyRotationWrapperPotential":
        turned = _inside(member, galpy._pot, galpy._amp, galpy._pa, galpy._omega)
        return _opened(turned)
    if member.name == "MN3ExponentialDiskPotential":
        return [_inside(member, disk, galpy._amp, 0.0, 0.0) for disk in galpy._mn3]
    return [member]


def _inside(member, inner, factor, angle, rate):
    return GalpyMember(inner, member.ro, member.vo, member.factor * factor, member.angle + angle, member.rate + rate)


def _part(member, times, roundness):
    galpy, name = member.galpy, member.name
    potentials = galpy_potential()
    if not isinstance(galpy, potentials.Potential) or getattr(galpy, "isDissipative", False):
        return Part(member, GALPY, why="a force without a potential")
    if getattr(galpy, "dim", 3) != 3:
        return Part(member, GALPY, why="not three-dimensional")
    if name in _SINGULAR:
        return Part(member, GALPY, why="matter on a surface or a line")
    if name in ("MiyamotoNagaiPotential", "KuzminDiskPotential"):
        return Part(member, EXACT)
    turning = getattr(galpy, "isNonAxi", False)
    if name == "LogarithmicHaloPotential" and (turning or galpy._q != 1.0):
        return Part(member, EXACT, spin=member.rate if turning else 0.0)
    try:
        return _by_symmetry(member, times, roundness, turning)
    except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
        return Part(member, GALPY, why=f"its potential cannot be evaluated ({type(error).__name__}: {error})")


def _by_symmetry(member, times, roundness, turning):
    own = member.galpy.OmegaP() if turning and hasattr(member.galpy, "OmegaP") else 0.0
    spin = member.rate + float(own) if turning else 0.0
    place = _cartesian(_RADII, 0.4, 0.7)
    here = member.potential(*place, times[0])
    scale = np.abs(member.potential(*(1.5 * c for c in place), times[0]) - here)

    def differs(values):
        return not np.all(np.abs(values - here) <= roundness * scale)

    for time in times[1:]:
        turn = 0.7 + spin * (time - times[0])
        if differs(member.potential(*_cartesian(_RADII, 0.4, turn), time)):
            return Part(member, GALPY, why="it depends on time")
    if differs(member.potential(place[0], place[1], -place[2], times[0])):
        return Part(member, GALPY, why="not symmetric in z")
    if turning:
        return Part(member, SOLID if spin == 0 else TURNING, spin=spin)
    round_everywhere = not any(
        differs(member.potential(*_cartesian(_RADII, cosine, 0.7), times[0])) for cosine in (0.05, 0.2, 0.7, 0.95)
    )
    return Part(member, RADIAL if round_everywhere else PLANE)


def _cartesian(r, cosine, phi):
    sine = np.sqrt(1 - cosine**2)
    return r * sine * np.cos(phi), r * sine * np.sin(phi), r * cosine + 0 * r


def orientation(potential, roundness):
    """Angle of the long axis of a potential of x, y, z that is even about it, or None where there is none.

    From the phase of the second harmonic in azimuth: along the long axis the potential is deepest. In (-pi/2, pi/2].
    """
    phi = 2 * np.pi * np.arange(32) / 32
    strongest, angle = 0.0, 0.0
    scales = []
    for r in _RADII:
        ring = potential(*_cartesian(np.full(32, r), 0.3, phi))
        further = potential(*_cartesian(np.array([1.5 * r]), 0.3, np.zeros(1)))[0]
        scales.append(abs(further - ring[0]))
        second = np.mean(ring * np.exp(-2j * phi))
        if abs(second) > strongest * scales[-1]:
            strongest = abs(second) / scales[-1]
            angle = -np.angle(-second) / 2
    # 0 and not -0 or 1e-17: tables then have the axes they seem to have
    angle = round(angle, 12) + 0.0
    limit = roundness * np.array(scales)
    for offset in (0.3, 1.1):
        values = [
            potential(*_cartesian(_RADII, 0.4, angle + sign * offset + turn)) for sign in (1, -1) for turn in (0, np.pi)
        ]
        if any(np.any(np.abs(value - values[0]) > limit) for value in values):
            return None
    return angle
