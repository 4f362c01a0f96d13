"""Potential and force of one member of a galpy potential, at places in kpc, in the frame in which it is at rest."""

import warnings
from dataclasses import dataclass

import numpy as np

from halokick.halo.lazy_galpy import galpy_potential

_CHUNK = 2048
"""Points given to galpy at once: some of its members make a matrix with ten thousand columns of them."""
_ONE_BY_ONE = ("SCFPotential", "DiskSCFPotential")
"""galpy sums these point by point, a few milliseconds each, and remembers the last: all components there at once."""


@dataclass(frozen=True)
class GalpyMember:
    """One galpy potential, times a factor, turned about the z axis by an angle that grows with time.

    `angle` [rad] and `rate` (galpy's units) are those of a `SolidBodyRotationWrapperPotential` around it, if any.
    """

    galpy: object
    ro: float
    vo: float
    factor: float = 1.0
    angle: float = 0.0
    rate: float = 0.0

    @property
    def name(self):
        """Class of the galpy object."""
        # galpy makes classes of wrappers when it is called, with a name of their own
        return type(self.galpy).__name__.lstrip("_")

    def potential(self, x, y, z, time=0.0):
        """Potential [(km/s)^2] at arrays of places [kpc] and one time [galpy's unit]."""
        return self._ask("evaluatePotentials", np.hypot(x, y), np.arctan2(y, x), z, time) * self.vo**2

    def acceleration(self, x, y, z, time=0.0):
        """Force per mass [(km/s)^2/kpc], shape (n, 3)."""
        big_r, phi = np.hypot(x, y), np.arctan2(y, x)
        names = ["evaluateRforces", "evaluatezforces"]
        if getattr(self.galpy, "isNonAxi", False):
            names.append("evaluatephitorques")
        if self.name in _ONE_BY_ONE:
            points = [[a[i : i + 1] for a in (big_r, phi, z)] for i in range(len(big_r))]
            found = [[self._ask(name, *point, time) for name in names] for point in points]
            found = [np.concatenate(parts) for parts in zip(*found, strict=True)]
        else:
            found = [self._ask(name, big_r, phi, z, time) for name in names]
        outward, upward = found[:2]
        sideways = found[2] * self.ro / big_r if len(found) > 2 else 0.0
        force = [
            outward * np.cos(phi) - sideways * np.sin(phi),
            outward * np.sin(phi) + sideways * np.cos(phi),
            upward,
        ]
        return np.stack(force, axis=-1) * self.vo**2 / self.ro

    def density(self, r):
        """Density times 4 pi G [(km/s/kpc)^2] at radii in the plane."""
        value = self._ask("evaluateDensities", r, np.zeros_like(r), np.zeros_like(r), 0.0)
        return 4 * np.pi * value * (self.vo / self.ro) ** 2

    def _ask(self, name, big_r, phi, z, time):
        function = getattr(galpy_potential(), name)
        big_r, z = big_r / self.ro, z / self.ro
        phi = phi - self.angle - self.rate * time
        with np.errstate(all="ignore"), warnings.catch_warnings():
            # what galpy has to say of its own arithmetic; forces are compared afterwards
            warnings.simplefilter("ignore")
            parts = [
                _evaluate(function, self.galpy, big_r[i : i + _CHUNK], z[i : i + _CHUNK], phi[i : i + _CHUNK], time)
                for i in range(0, len(big_r), _CHUNK)
            ]
        return self.factor * np.concatenate(parts)


def _evaluate(function, potential, big_r, z, phi, time):
    """For all points at once where galpy can, and gives the same as for one; point by point where it cannot."""

    def single(j):
        point = (float(big_r[j]), float(z[j]))
        return float(function(potential, *point, phi=float(phi[j]), t=time, use_physical=False))

    if len(big_r) > 3:
        try:
            values = np.asarray(function(potential, big_r, z, phi=phi, t=time, use_physical=False), dtype=float)
        except Exception:  # galpy raises errors of every type for arrays that it cannot take
            values = None
        if values is not None and values.shape == big_r.shape:
            some = (0, len(big_r) // 2, len(big_r) - 1)
            if np.allclose(values[list(some)], [single(j) for j in some], rtol=1e-11, atol=0.0, equal_nan=True):
                return values
    return np.array([single(j) for j in range(len(big_r))])
