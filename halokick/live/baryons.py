"""Fixed stars and gas in a live halo: any galpy potential, by its spherical average."""

import numpy as np

from halokick import constants, units
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo


def parents_with(df, baryons, *, ro=None, vo=None):
    """Parents in equilibrium with fixed stars and gas: the same density, f(E) of the common potential.

    Parameters
    ----------
    df : ErgodicDF
    baryons : galpy potential or list of them, or None
        None keeps those of the halo, if it has any. Disks enter by their spherical average.
    ro, vo : Quantity, optional
        galpy's scales, where the potentials do not carry them.

    Returns
    -------
    ErgodicDF

    Raises
    ------
    InputError
        A halo in a given total potential, of which nobody knows the part that follows the dark matter; one that has
        baryons already; or one with an energy cut.
    NegativeDistributionError
        No isotropic halo of this density is at rest in the common potential.
    """
    if not isinstance(df, ErgodicDF):
        raise InputError(f"df = {df!r}; parents are an ErgodicDF, made of a Halo, made of a profile")
    halo = df.halo
    if halo.potential is not None:
        raise InputError(
            f"{halo!r} moves in a given total potential, and nobody knows which part of it follows the dark matter; "
            "make it Halo(profile, baryons=...) with the potential of stars and gas alone"
        )
    if halo.energy_cut is not None:
        raise InputError(
            f"energy_cut = {halo.energy_cut}: particles beyond it are absent from f(E) but not from the gravity, so "
            "this halo is at rest in a fixed potential only; use TruncatedProfile(profile, r_t=...) for a live halo"
        )
    if baryons is None:
        return df
    if halo.baryons is not None:
        raise InputError("the halo has baryons already; leave baryons out, or give a halo without")
    return ErgodicDF(Halo(df.profile, baryons=baryons, ro=ro, vo=vo))


def fixed_gm(halo, r):
    """G M(<r) of a halo's stars and gas, averaged over the sphere.

    Parameters
    ----------
    halo : Halo
    r : Quantity [length], any shape

    Returns
    -------
    ndarray [kpc km2/s2], shape of `r`; zero without baryons.
    """
    radius = np.asarray(units.to_internal(r, "length", "r"))
    if halo.baryons is None:
        return np.zeros(radius.shape)
    return constants.G * np.exp(halo._extra_mass(np.log(radius))[0])
