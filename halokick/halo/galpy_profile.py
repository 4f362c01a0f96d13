"""The density of a spherical galpy potential as a profile. galpy objects must carry their own units (ro and vo)."""

import numpy as np

from halokick import constants, units
from halokick.errors import InputError
from halokick.halo.lazy_galpy import is_galpy
from halokick.halo.profile_base import DensityProfile, positive_factor
from halokick.halo.tabulated import TabulatedProfile

_GRID = np.exp(np.linspace(np.log(1e-7), np.log(1e7), 1613))
"""Sampling radii in units of ro, 0.02 apart in ln r: the quintic spline between them then errs by about 1e-11."""
_ROUND = 1e-8
"""Relative spread of the density over a sphere up to which a potential counts as spherical."""


class GalpyProfile(DensityProfile):
    """Density that generates a spherical galpy potential.

    The density is sampled from 1e-7 to 1e7 ro and interpolated as in `TabulatedProfile`.

    Parameters
    ----------
    potential : galpy potential, or list of them
        Spherical, three-dimensional, each made with explicit ``ro`` and ``vo``.

    Raises
    ------
    InputError
        No galpy potential, ``ro`` or ``vo`` missing or different between parts, not spherical, or without a positive
        density (a point mass).
    """

    def __init__(self, potential):
        if not is_galpy(potential):
            raise InputError(
                f"GalpyProfile: {potential!r} is not a galpy potential; give an instance such as "
                "galpy.potential.HernquistPotential(amp=..., a=..., ro=8., vo=220.)"
            )
        parts = list(potential) if isinstance(potential, (list, tuple)) else [potential]
        ro, vo = _scales(parts)
        names = "+".join(type(part).__name__ for part in parts)
        _refuse_flattened(parts, names)
        density = _density(parts, _GRID, np.zeros_like(_GRID))
        positive = np.isfinite(density) & (density > 0)
        if not np.any(positive):
            raise InputError(
                f"GalpyProfile: {names} has no density outside its centre (a point mass?); "
                "a profile needs a positive one, so give such a mass as extra potential instead"
            )
        start = int(np.argmax(positive))
        stop = start + int(np.argmin(np.append(positive[start:], False)))
        natural = (vo / ro) ** 2 / constants.G
        table = TabulatedProfile(
            units.attach(_GRID[start:stop] * ro, "length"), units.attach(density[start:stop] * natural, "density")
        )
        self._set(potential=potential, table=table, names=names, ro=ro, vo=vo)

    @property
    def potential(self):
        """The galpy object."""
        return self._potential

    @property
    def _scale_radius(self):
        return self._table._scale_radius

    @property
    def _inner_slope(self):
        return self._table._inner_slope

    @property
    def _outer_slope(self):
        return self._table._outer_slope

    def _key(self):
        return (self._names, self._table)

    def __repr__(self):
        return f"GalpyProfile({self._names}, ro={self._ro:g} kpc, vo={self._vo:g} km / s)"

    def _log_density(self, log_r):
        return self._table._log_density(log_r)

    def scaled(self, factor):
        """The same shape with its density multiplied by `factor`, as the table that this profile interpolates."""
        return self._table.scaled(positive_factor(factor))


def _scales(parts):
    """Common ro [kpc] and vo [km/s]; galpy's silent 8 kpc and 220 km/s are refused."""
    for part in parts:
        if not (getattr(part, "_roSet", False) and getattr(part, "_voSet", False)):
            raise InputError(
                f"GalpyProfile: {type(part).__name__} has no physical units (ro and vo not set), so galpy would assume "
                "its own; make it with explicit values, for example ro=8., vo=220."
            )
    scales = {(float(part._ro), float(part._vo)) for part in parts}
    if len(scales) > 1:
        raise InputError(f"GalpyProfile: parts have different (ro, vo): {sorted(scales)}; make all with the same pair")
    return scales.pop()


def _density(parts, big_r, z):
    """Sum over the parts in galpy's natural units, (vo/ro)^2/G; each part is asked radius by radius, as galpy wants."""
    total = np.zeros(len(big_r))
    with np.errstate(all="ignore"):
        for part in parts:
            total += [float(part.dens(float(a), float(b), use_physical=False)) for a, b in zip(big_r, z, strict=True)]
    return total


def _refuse_flattened(parts, names):
    flat = [type(part).__name__ for part in parts if getattr(part, "isNonAxi", False) or part.dim != 3]
    radius = np.array([0.03, 0.3, 1.0, 3.0, 30.0])
    if not flat:
        plane = _density(parts, radius, 0 * radius)
        # not on the axis itself, where some potentials divide by R
        high = _density(parts, 0.28 * radius, 0.96 * radius)
        spread = np.abs(high - plane) > _ROUND * np.maximum(np.abs(plane), np.abs(high))
        flat = [names] if np.any(spread & (plane + high > 1e-250)) else []
    if flat:
        raise InputError(
            f"GalpyProfile: {', '.join(flat)} is not a spherical potential; only spherical ones have a profile rho(r)"
        )
