"""Gravity of particles on each other in three dimensions, by pytreegrav: an octree, or the direct sum of few.

pytreegrav (Grudić & Gurvich 2021, JOSS 6, 3675) is an extra of this package, loaded when it is first needed: its tree
takes half a minute to compile in each process, its direct sum nothing after the first time.
"""

from dataclasses import dataclass
from importlib import import_module

import numpy as np

from halokick import units
from halokick.constants import G
from halokick.errors import InputError

METHODS = ("auto", "direct", "tree")
FEW = 8000
"""Particles up to which ``"auto"`` sums directly: on two cores both ways take the same time at about ten thousand."""
_SUPPORT = 2.8
"""Radius beyond which the spline kernel is Newtonian, over the softening of a Plummer sphere with the same centre."""
_FEW_SOURCES = 500
_DEEPEST = 1e-300


@dataclass(frozen=True)
class TreeGravity:
    r"""Softened gravity of a set of particles.

    Each particle is a cubic-spline density of radius :math:`2.8\,\epsilon`, so that its central potential is
    :math:`-Gm/\epsilon` as of a Plummer sphere, and Newton's law holds exactly outside (Springel 2005, MNRAS 364, 1105,
    Sec. 2.1).
    A tree's forces do not cancel in pairs; what is left over, about 1e-5 of a typical force, is taken off as a mean
    acceleration common to all, so that momentum is conserved to rounding.

    Accelerations and potentials of the tree are the same bytes for any number of threads. Direct sums run on one.

    Parameters
    ----------
    softening : Quantity [length]
        The Plummer equivalent, epsilon.
    opening : float
        Angle theta at which a cell counts as one body with a quadrupole, in (0, 1.5]; 0.5 gives forces to about 3e-4.
    method : str
        ``"tree"``, ``"direct"``, or ``"auto"`` by the number of particles.

    Raises
    ------
    InputError
        A value outside its range; when it is used, pytreegrav is not installed.
    """

    softening: units.Quantity
    opening: float = 0.5
    method: str = "auto"

    def __post_init__(self):
        softening = units.to_internal(self.softening, "length", "softening")
        if np.ndim(softening) != 0 or not softening > 0:
            raise InputError(f"softening = {self.softening}; one positive length is needed")
        if not 0 < self.opening <= 1.5:
            raise InputError(f"opening = {self.opening}; an angle above 0 and at most 1.5 is allowed, such as 0.5")
        if self.method not in METHODS:
            raise InputError(f"gravity = {self.method!r}; allowed are {', '.join(map(repr, METHODS))}")
        object.__setattr__(self, "softening", units.attach(softening, "length"))
        object.__setattr__(self, "_epsilon", float(softening))

    @property
    def epsilon(self):
        """Softening [kpc]."""
        return self._epsilon

    def acceleration(self, position, mass):
        """Acceleration of each particle [km2/s2/kpc]: positions (n, 3) [kpc] and masses (n,) [Msun]."""
        found = tree_code().Accel(position, mass, self._radii(mass), **self._how(len(mass)))
        return without_mean(found, mass)

    def potential(self, position, mass):
        """Potential at each particle, of all others [(km/s)^2]."""
        return tree_code().Potential(position, mass, self._radii(mass), **self._how(len(mass)))

    def energy(self, position, mass):
        """Potential energy of all pairs [Msun km2/s2]."""
        return 0.5 * float(np.sum(mass * self.potential(position, mass)))

    def acceleration_by(self, targets, sources, mass):
        """Acceleration at `targets` (n, 3) by `sources` (m, 3), those at the same place left out [km2/s2/kpc]."""
        how = self._how(len(targets), few=len(sources))
        return tree_code().AccelTarget(targets, sources, mass, self._radii(targets), self._radii(mass), **how)

    def potential_by(self, targets, sources, mass):
        """Potential at `targets` (n, 3) of `sources` (m, 3), those at the same place left out [(km/s)^2]."""
        how = self._how(len(sources), few=len(targets))
        return tree_code().PotentialTarget(targets, sources, mass, self._radii(targets), self._radii(mass), **how)

    def _radii(self, like):
        return np.full(len(like), _SUPPORT * self._epsilon)

    def _how(self, n, few=None):
        tree = self.method == "tree" or (self.method == "auto" and n > FEW)
        if few is not None and few <= _FEW_SOURCES:
            tree = False
        if not tree:
            return {"G": G, "method": "bruteforce", "parallel": False}
        # the compiled code of one and of many threads rounds differently, so it is always that of many
        return {"G": G, "method": "tree", "theta": self.opening, "quadrupole": True, "parallel": True}


def without_mean(acceleration, mass):
    """Accelerations whose forces add to nothing."""
    return acceleration - (mass @ acceleration) / max(float(np.sum(mass)), _DEEPEST)


def tree_code():
    """The package pytreegrav.

    Raises
    ------
    InputError
        It is not installed; the message says how to.
    """
    try:
        return import_module("pytreegrav")
    except ImportError as error:
        raise InputError(
            "three-dimensional haloes need the package pytreegrav, which is not installed; "
            "pip install 'halokick[nbody]' brings it"
        ) from error


def default_softening(scale_radius, n):
    r"""Softening that neither follows single particles nor smooths the halo's centre more than it must [kpc].

    .. math:: \epsilon = 0.05\,r_s\,(N/10^5)^{-1/3}

    Found for haloes in tides by van den Bosch & Ogiya (2018, MNRAS 475, 4066).
    """
    return 0.05 * scale_radius * (n / 1e5) ** (-1 / 3)
