"""Every density profile by name, and `as_profile`, which makes one from whatever has a density.

Read `profile_base` for what a profile answers, `profile_shapes` for the analytic shapes.
"""

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.halo.galpy_profile import GalpyProfile
from halokick.halo.lazy_galpy import is_galpy
from halokick.halo.profile_base import DensityProfile, ProfileShape
from halokick.halo.profile_shapes import (
    BurkertProfile,
    CoredIsothermalProfile,
    EinastoProfile,
    GeneralisedNFWProfile,
    HernquistProfile,
    JaffeProfile,
    NFWProfile,
    PlummerProfile,
    ZhaoProfile,
)
from halokick.halo.tabulated import TabulatedProfile
from halokick.halo.truncated_profile import TruncatedProfile

__all__ = [
    "BurkertProfile",
    "CoredIsothermalProfile",
    "DensityProfile",
    "EinastoProfile",
    "GalpyProfile",
    "GeneralisedNFWProfile",
    "HernquistProfile",
    "JaffeProfile",
    "NFWProfile",
    "PlummerProfile",
    "ProfileShape",
    "TabulatedProfile",
    "TruncatedProfile",
    "ZhaoProfile",
    "as_profile",
]

_DEFAULT_KPC = np.exp(np.linspace(np.log(1e-6), np.log(1e6), 1383))


def as_profile(thing, *, radius=None):
    """Make a `DensityProfile` of anything that has a density.

    Parameters
    ----------
    thing : DensityProfile, spherical galpy potential (or list of them), or any object with ``density(r)``
        ``density`` must accept and return Quantities.
    radius : Quantity [length], optional
        Where to sample such an object; without it, its own ``radius`` column if it has one, else 1e-6 to 1e6 kpc. Radii
        outside the range of positive density are dropped; power laws continue it.

    Returns
    -------
    DensityProfile
        `thing` itself if it is one already.

    Raises
    ------
    InputError
        `thing` has no density.
    """
    if isinstance(thing, DensityProfile):
        return thing
    if is_galpy(thing):
        return GalpyProfile(thing)
    if not callable(getattr(thing, "density", None)):
        raise InputError(
            f"as_profile: {thing!r} has no density; give a DensityProfile, a galpy potential, or an object whose "
            "density(r) takes and returns Quantities"
        )
    if radius is None:
        radius = getattr(thing, "radius", None)
    if radius is None:
        radius = units.attach(_DEFAULT_KPC, "length")
    sampled = np.atleast_1d(units.to_internal(radius, "length", "radius"))
    radius = units.attach(sampled, "length")
    density = np.asarray(units.to_internal(thing.density(radius), "density", "density(r)", finite=False))
    usable = np.isfinite(density) & (density > 0) & (np.asarray(sampled) > 0)
    if not np.any(usable):
        raise InputError(f"as_profile: {thing!r} has no positive density at the radii asked for; give other radii")
    start = int(np.argmax(usable))
    stop = start + int(np.argmin(np.append(usable[start:], False)))
    return TabulatedProfile(units.attach(sampled[start:stop], "length"), units.attach(density[start:stop], "density"))
