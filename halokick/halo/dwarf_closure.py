"""One mass at one radius does not fix an NFW halo: close it with a concentration-mass relation."""

from typing import NamedTuple

import numpy as np

from halokick import units
from halokick.errors import ConvergenceError, InputError
from halokick.halo.normalisation import _wolf_mass, wolf_mass
from halokick.halo.profile_shapes import NFWProfile, nfw_mass_function

_SCAN = 201
"""Trial virial masses, evenly spaced in the logarithm, among which every crossing is counted."""
_HALVINGS = 60
"""Bisections of one trial interval: more than enough to end at the rounding of ln M."""


class NFWClosure(NamedTuple):
    """NFW haloes that have the given dynamical masses; every entry has the shape of the arguments."""

    virial_mass: units.Quantity
    concentration: np.ndarray
    r_s: units.Quantity
    rho_s: units.Quantity

    @property
    def profile(self):
        """The halo as an NFWProfile, for one dwarf."""
        return NFWProfile(r_s=self.r_s, rho_s=self.rho_s)


def nfw_from_dynamical_mass(mass, radius, relation, *, scatter_dex=0.0):
    r"""NFW halo with :math:`M(<radius) = mass` whose concentration is that of `relation` at its virial mass.

    Parameters
    ----------
    mass : Quantity [mass] or str, any shape
    radius : Quantity [length] or str, broadcast with `mass`
        Usually the deprojected half-light radius, see `halokick.halo.normalisation.wolf_mass`.
    relation : ConcentrationMassRelation
        Dwarfs lie below the calibrated range of most; wrap those in `Extrapolated`.
    scatter_dex : float or array, broadcast with `mass`
        log10 of the concentration over the relation's median, such as one draw of its scatter.

    Returns
    -------
    NFWClosure

    Raises
    ------
    InputError
        A mass or radius is not positive.
    ConvergenceError
        No halo, or more than one, in the relation's mass range fits.
    """
    msun, kpc = units.to_internal(mass, "mass", "mass"), units.to_internal(radius, "length", "radius")
    for name, value in (("mass", msun), ("radius", kpc)):
        if np.any(np.asarray(value) <= 0):
            raise InputError(f"nfw_from_dynamical_mass: {name} = {value} is not positive; give values above zero")
    scatter = units.to_internal(scatter_dex, "dimensionless", "scatter_dex")
    virial, concentration, r_s, rho_s = _nfw_from_dynamical_mass(msun, kpc, relation, scatter)
    return NFWClosure(
        units.attach(virial, "mass"), concentration, units.attach(r_s, "length"), units.attach(rho_s, "density")
    )


def nfw_from_dispersion(line_of_sight_dispersion, half_light_radius, relation, *, scatter_dex=0.0):
    """`nfw_from_dynamical_mass` with the mass of Wolf et al. (2010); see `halokick.halo.normalisation.wolf_mass`."""
    mass, radius = wolf_mass(line_of_sight_dispersion, half_light_radius)
    return nfw_from_dynamical_mass(mass, radius, relation, scatter_dex=scatter_dex)


def _nfw_from_dispersion(sigma, r_half, relation, scatter_dex=0.0):
    """Floats [km/s, kpc] to (virial mass, concentration, r_s, rho_s)."""
    return _nfw_from_dynamical_mass(*_wolf_mass(sigma, r_half), relation, scatter_dex)


def _nfw_from_dynamical_mass(mass, radius, relation, scatter_dex=0.0):
    """Floats [Msun, kpc, dex], any shapes that broadcast, to arrays (virial mass, concentration, r_s, rho_s)."""
    mass, radius, scatter_dex = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (mass, radius, scatter_dex)))
    ln_trial = np.linspace(*np.log(relation._range), _SCAN)
    above = _inner_mass(ln_trial, radius[..., None], relation, scatter_dex[..., None]) > mass[..., None]
    rises = above[..., 1:] & ~above[..., :-1]
    crossings = np.sum(above[..., 1:] != above[..., :-1], axis=-1)
    if np.any(crossings != 1) or not np.all(np.any(rises, axis=-1)):
        _refuse(mass, radius, scatter_dex, crossings, relation)
    first = np.argmax(rises, axis=-1)
    low, high = ln_trial[first], ln_trial[first + 1]
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        heavy = _inner_mass(middle, radius, relation, scatter_dex) > mass
        low, high = np.where(heavy, low, middle), np.where(heavy, middle, high)
    virial = np.exp(0.5 * (low + high))
    concentration = relation._concentration(virial) * 10**scatter_dex
    r_s = relation.definition._radius(virial) / concentration
    rho_s = virial / (4 * np.pi * r_s**3 * nfw_mass_function(concentration))
    return virial, concentration, r_s, rho_s


def _inner_mass(ln_virial, radius, relation, scatter_dex):
    """Mass inside `radius` of the NFW halo of a virial mass."""
    virial = np.exp(ln_virial)
    concentration = relation._concentration(virial) * 10**scatter_dex
    x = radius * concentration / relation.definition._radius(virial)
    return virial * nfw_mass_function(x) / nfw_mass_function(concentration)


def _refuse(mass, radius, scatter_dex, crossings, relation):
    which = np.flatnonzero(np.ravel(crossings) != 1)
    i = int(which[0]) if len(which) else 0
    m, r, d, n = (float(np.ravel(a)[i]) for a in (mass, radius, scatter_dex, crossings))
    low, high = relation._range
    found = "no halo" if n == 0 else f"{n:.0f} haloes"
    raise ConvergenceError(
        f"nfw_from_dynamical_mass: {found} between {low:.3g} and {high:.3g} Msun fits M(<{r:.4g} kpc) = {m:.4g} Msun "
        f"with {relation!r} and log10 c {d:+.3g} dex from its median ({_SCAN} virial masses tried); "
        "widen the range with Extrapolated(relation, low=..., high=...), or choose r_s yourself"
    )
