"""Members of a potential as functions of place, by the quickest way to evaluate each, checked against galpy's own."""

from dataclasses import dataclass

import numpy as np

from halokick.halo.exponential_disk import thick_force, thin_potential
from halokick.halo.galpy_field import GalpyMember
from halokick.halo.scf_potential import round_force, scf_potential

_AGREE = 1e-9
"""Relative difference from galpy's potential up to which a way of our own counts as the same."""


@dataclass(frozen=True)
class ThinDisk:
    """A razor-thin exponential disk, or with a thickness (in kpc) one that has to be thickened."""

    member: GalpyMember
    strength: float
    scale: float
    thickness: float

    def potential(self, x, y, z):
        """Potential of the disk without its thickness."""
        return self.strength * thin_potential(np.hypot(x, y), z, self.scale)

    def force(self, x, y, z):
        """Force per mass (n, 3) without galpy: near the axis for a thick disk, anywhere for a thin one."""
        big_r = np.hypot(x, y)
        if self.thickness > 0:
            outward, upward = self.strength * thick_force(big_r, z, self.scale, self.thickness).T
        else:
            outward, upward = -self._slope(big_r, z, 0.02 * big_r, 0.0), -self._slope(big_r, z, 0.0, 0.02 * z)
        return np.stack([outward * x / big_r, outward * y / big_r, upward], axis=1)

    def _slope(self, big_r, z, step_r, step_z):
        """Derivative of the thin disk's potential along R or z by seven points, to about 1e-9."""
        total = 0.0
        for weight, k in ((45, 1), (-9, 2), (1, 3)):
            ahead = thin_potential(big_r + k * step_r, z + k * step_z, self.scale)
            total = total + weight * (ahead - thin_potential(big_r - k * step_r, z - k * step_z, self.scale))
        step = step_r + step_z
        # in the plane itself the forces of both sides cancel
        return self.strength * np.divide(total, 60 * step, out=np.zeros_like(total), where=step != 0)


@dataclass(frozen=True)
class Expansion:
    """An SCF expansion, with the vertical structure of a `DiskSCFPotential` where there is one."""

    member: GalpyMember

    def potential(self, x, y, z, time=0.0):
        """Potential [(km/s)^2]."""
        member, galpy = self.member, self.member.galpy
        turn = member.angle + member.rate * time
        c, s = np.cos(turn) / member.ro, np.sin(turn) / member.ro
        x, y, z = x * c + y * s, y * c - x * s, z / member.ro
        inner = getattr(galpy, "_me", galpy)
        total = inner._amp * scf_potential(inner._Acos, inner._Asin, inner._a, x, y, z)
        if inner is not galpy:
            r = np.sqrt(x * x + y * y + z * z)
            for strength, surface, height in zip(galpy._Sigma_amp, galpy._Sigma, galpy._Hz, strict=True):
                total = total + 4 * np.pi * strength * surface(r) * height(z)
            total = galpy._amp * total
        return total * member.factor * member.vo**2

    def at_once(self, radius, cosine, phi):
        """Radius times the inward force [(km/s)^2] without the harmonics of which a sphere's average knows nothing."""
        member, galpy = self.member, self.member.galpy
        r = radius / member.ro
        inner = getattr(galpy, "_me", galpy)
        total = inner._amp * round_force(inner._Acos[:, 0, 0], inner._a, r)
        if inner is not galpy:
            vertical = galpy._Sigma_amp, galpy._Sigma, galpy._dSigmadR, galpy._Hz, galpy._dHzdz
            for strength, surface, steepness, height, slope in zip(*vertical, strict=True):
                change = steepness(r) * height(r * cosine) + surface(r) * cosine * slope(r * cosine)
                total = total + 4 * np.pi * strength * change
            total = galpy._amp * total
        return r * total * member.factor * member.vo**2

    is_round, is_moved = True, False


def exponential_disk(member):
    """The member as a `ThinDisk`, or None where it is no exponential disk."""
    galpy = member.galpy
    scale = member.vo**2 * member.factor
    if member.name == "RazorThinExponentialDiskPotential":
        # galpy's surface density is amp exp(-R/hr)
        return ThinDisk(member, galpy._amp * scale / member.ro, galpy._hr * member.ro, 0.0)
    if member.name == "DoubleExponentialDiskPotential":
        # amp exp(-R/hr - |z|/hz) has the surface density 2 hz amp
        return ThinDisk(
            member, 2 * galpy._hz * galpy._amp * scale / member.ro, galpy._hr * member.ro, galpy._hz * member.ro
        )
    return None


def quickest(member):
    """An object with `potential(x, y, z)`: galpy's, or an SCF expansion's sum where it gives the same."""
    if member.name not in ("SCFPotential", "DiskSCFPotential"):
        return member
    source = Expansion(member)
    x, y, z = (member.ro * np.array(values) for values in ([0.1, 0.5, 2.0], [0.2, -0.3, 1.0], [0.05, 0.4, -3.0]))
    try:
        same = np.allclose(source.potential(x, y, z), member.potential(x, y, z), rtol=_AGREE, atol=0.0)
    except (AttributeError, TypeError, ValueError):  # another release of galpy keeps its coefficients elsewhere
        same = False
    return source if same else member
