"""galpy potentials, alone or in a list, as the enclosed mass of their spherical average."""

from itertools import pairwise

import numpy as np
from scipy.interpolate import make_interp_spline

from halokick import constants
from halokick.errors import InputError
from halokick.halo.galpy_scales import names, scales
from halokick.halo.lazy_galpy import galpy_potential

_INNER, _OUTER, _STEP = 1e-5, 1e7, 0.1
"""Radii [kpc] between which galpy is asked, and the spacing in ln r; outside, the mass continues as a power law."""

# the force of a thin disk changes within its thickness: most angles go close to the plane
_PANELS = (0.0, 0.01, 0.05, 0.2, 0.5, 1.0)
_ANGLES = 12
_AZIMUTHS = 16


class GalpyMass:
    """Spherical average of a galpy potential: M(<r) = <r^2 F_r> / G over the sphere (Gauss's theorem).

    The spherical average of a potential is the potential of the spherically averaged mass, so this is all that a
    distribution function of the energy alone can know of a disk.

    Parameters
    ----------
    potential : galpy potential or list of them
    ro, vo : Quantity [length], Quantity [speed], optional
        galpy's scales. Needed where the potential itself does not carry them; never taken from galpy's settings file.

    Raises
    ------
    InputError
        No scales, two different ones, or a force that does not point inward on average.
    """

    def __init__(self, potential, ro=None, vo=None):
        self.potential = potential
        members = (
            list(potential) if isinstance(potential, (list, tuple)) or hasattr(potential, "__iter__") else [potential]
        )
        self.ro, self.vo = scales(members, ro, vo)
        r = np.exp(np.arange(np.log(_INNER), np.log(_OUTER) + _STEP, _STEP))
        mass = _enclosed_mass(potential, members, r, self.ro, self.vo)
        if np.any(~np.isfinite(mass)) or np.any(mass <= 0):
            first = r[np.argmax(~np.isfinite(mass) | (mass <= 0))]
            raise InputError(
                f"{names(members)}: the spherically averaged force does not point inward at {first:.3g} kpc; "
                "only attracting potentials can hold a halo"
            )
        self._log_r = np.log(r)
        self._spline = make_interp_spline(self._log_r, np.log(mass), k=5)

    def __call__(self, log_r):
        """ln M [Msun], dln M/dln r and its derivative at ln(r/kpc)."""
        inside = np.clip(log_r, self._log_r[0], self._log_r[-1])
        beyond = log_r - inside
        slope = self._spline(inside, 1)
        return self._spline(inside) + slope * beyond, slope, np.where(beyond == 0, self._spline(inside, 2), 0.0)

    def __repr__(self):
        members = self.potential if isinstance(self.potential, (list, tuple)) else [self.potential]
        return f"GalpyMass({names(members)})"


def _enclosed_mass(potential, members, r, ro, vo):
    x, w = np.polynomial.legendre.leggauss(_ANGLES)
    cosines, weights = [], []
    for low, high in pairwise(_PANELS):
        for sign in (1, -1):
            cosines.append(sign * (low + 0.5 * (high - low) * (1 + x)))
            weights.append(0.25 * (high - low) * w)
    cosine, weight = np.concatenate(cosines), np.concatenate(weights)
    azimuths = [0.0]
    if any(getattr(member, "isNonAxi", False) for member in members):
        azimuths = 2 * np.pi * (np.arange(_AZIMUTHS) + 0.5) / _AZIMUTHS
    big_r = (r[:, None] * np.sqrt(1 - cosine**2)).ravel() / ro
    z = (r[:, None] * cosine).ravel() / ro
    inward = np.zeros(len(z))
    for azimuth in azimuths:
        phi = np.full(len(z), azimuth)
        force_r = _evaluate(galpy_potential().evaluateRforces, potential, big_r, z, phi)
        force_z = _evaluate(galpy_potential().evaluatezforces, potential, big_r, z, phi)
        inward -= (force_r * big_r + force_z * z) / len(azimuths)
    # r F_r in natural units is a speed squared
    speed2 = (inward.reshape(len(r), -1) @ weight) * vo**2
    return speed2 * r / constants.G


def _evaluate(function, potential, big_r, z, phi):
    """Vectorised where the potential allows it, point by point where it does not."""
    try:
        values = np.asarray(function(potential, big_r, z, phi=phi, use_physical=False), dtype=float)
        if values.shape == big_r.shape:
            return values
    except (TypeError, ValueError):
        pass
    return np.array(
        [function(potential, a, b, phi=c, use_physical=False) for a, b, c in zip(big_r, z, phi, strict=True)],
        dtype=float,
    )
