"""How dense a halo is: fix the density scale of a shape by one measured number.

`normalise` takes that number by name; the small functions under it do one kind each.
"""

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.halo.mass_quadrature import isotropic_dispersion_squared
from halokick.halo.profile_base import DensityProfile, ProfileShape, ScaledProfile, positive
from halokick.halo.virial import CriticalOverdensity, MassDefinition

WOLF_COEFFICIENT = 930.0
"""Msun per (km/s)^2 pc in Wolf et al. (2010, MNRAS 406, 1220, Eq. 2), which is 4/G."""
WOLF_RADIUS = 4.0 / 3.0
"""Deprojected over projected half-light radius, same paper."""

_KINDS = {
    "rho_s": ((), ()),
    "mass": (("radius",), ()),
    "virial_mass": ((), ("concentration", "definition")),
    "local_density": (("radius",), ()),
    "dispersion": (("radius",), ()),
    "line_of_sight_dispersion": (("half_light_radius",), ()),
}


def normalise(shape, **given):
    """Give a shape its density scale (and, with a concentration, its scale radius).

    Exactly one of these sets of arguments:

    ========================================================  ====================================================
    ``rho_s``                                                 the density scale itself
    ``mass``, ``radius``                                      mass inside a radius (infinity: the total mass)
    ``virial_mass`` [, ``concentration``] [, ``definition``]  see `by_virial_mass`; 200c unless said otherwise
    ``local_density``, ``radius``                             density at a radius, such as the Sun's
    ``dispersion``, ``radius``                                isotropic one-dimensional dispersion at a radius
    ``line_of_sight_dispersion``, ``half_light_radius``       dynamical mass of a dwarf, Wolf et al. (2010)
    ========================================================  ====================================================

    Parameters
    ----------
    shape : ProfileShape or DensityProfile
        ``NFWProfile.shape(r_s="20 kpc")``; a complete profile is normalised anew.
    **given : Quantity or str

    Returns
    -------
    DensityProfile

    Raises
    ------
    InputError
        None or several of the sets, a missing or superfluous argument, or a value outside its range.
    UnitError
        A value without a unit, or with a wrong one.
    """
    given = {name: value for name, value in given.items() if value is not None}
    chosen = [name for name in _KINDS if name in given]
    if len(chosen) != 1:
        got = "none" if not chosen else " and ".join(chosen)
        raise InputError(f"normalise: {got} given; one normalisation is needed. Choose one of {_choices()}")
    kind = chosen[0]
    needed, optional = _KINDS[kind]
    missing = [name for name in needed if name not in given]
    extra = sorted(set(given) - {kind, *needed, *optional})
    if missing or extra:
        said = [f"{', '.join(missing)} missing"] * bool(missing) + [f"{', '.join(extra)} not understood"] * bool(extra)
        raise InputError(f"normalise by {kind}: {' and '.join(said)}; choose one of {_choices()}")
    return _BY[kind](shape, *(given.pop(name) for name in (kind, *needed)), **given)


def by_rho_s(shape, rho_s):
    """Set the density scale itself; only for shapes that have one."""
    profile = _complete(shape)
    if not isinstance(profile, ScaledProfile):
        raise InputError(f"normalise by rho_s: {profile!r} has no rho_s of its own; use a mass or a local density")
    return profile.scaled(positive(rho_s, "density", "rho_s", "normalise") / profile._rho_s)


def by_mass(shape, mass, radius):
    """Set the mass inside a radius; an infinite radius sets the total mass."""
    profile = _complete(shape)
    target = positive(mass, "mass", "mass", "normalise")
    kpc = units.to_internal(radius, "length", "radius", finite=False)
    if np.ndim(kpc) != 0 or kpc <= 0:
        raise InputError(f"normalise by mass: radius = {radius} is not one positive radius; give one above zero")
    inside = units.to_internal(profile.mass(units.attach(kpc, "length")), "mass", "mass", finite=False)
    if not np.isfinite(inside):
        raise InputError(
            f"normalise by mass: {profile!r} has an infinite total mass (its density falls no faster than r^-3); "
            "give a finite radius, or truncate it"
        )
    return profile.scaled(target / inside)


def by_virial_mass(shape, virial_mass, concentration=None, definition=None):
    """Set the mass inside the virial radius, and with a concentration the scale radius r_vir / concentration.

    Parameters
    ----------
    shape : ProfileShape or DensityProfile
        Without `r_s` if a concentration is given, with it otherwise.
    virial_mass : Quantity [mass] or str
    concentration : float, optional
        r_vir/r_s. For NFW and Einasto, r_s is the radius of slope 2, as concentration-mass relations assume.
    definition : MassDefinition
        What virial means; 200 times the critical density today (Planck 2018) if not given.
    """
    definition = CriticalOverdensity() if definition is None else definition
    if not isinstance(definition, MassDefinition):
        raise InputError(
            f"normalise by virial_mass: definition = {definition!r} is not a MassDefinition; "
            "use for example CriticalOverdensity(factor=200.) or BryanNormanOverdensity()"
        )
    radius = definition._radius(positive(virial_mass, "mass", "virial_mass", "normalise"))
    if concentration is None:
        return by_mass(shape, virial_mass, units.attach(radius, "length"))
    concentration = positive(concentration, "dimensionless", "concentration", "normalise")
    if not isinstance(shape, ProfileShape):
        raise InputError(
            f"normalise by virial_mass: {shape!r} has its scale radius already, so a concentration cannot set it; "
            "leave the concentration out, or give a shape such as NFWProfile.shape()"
        )
    profile = shape.at_unit_density(units.attach(radius / concentration, "length"))
    return by_mass(profile, virial_mass, units.attach(radius, "length"))


def by_local_density(shape, local_density, radius):
    """Set the density at a radius, for example 0.4 GeV/cm3 at 8.2 kpc."""
    profile = _complete(shape)
    target = positive(local_density, "density", "local_density", "normalise")
    log_r = np.log(positive(radius, "length", "radius", "normalise"))
    return profile.scaled(target / float(np.exp(profile._log_density(np.array([log_r]))[0][0])))


def by_dispersion(shape, dispersion, radius):
    r"""Set the one-dimensional velocity dispersion of the isotropic, self-gravitating halo at a radius.

    From the Jeans equation :math:`\rho\sigma^2 = \int_r^\infty \rho\,G M\,r'^{-2}\,\mathrm{d}r'`, in which
    :math:`\sigma^2` is proportional to the density scale (Binney & Tremaine 2008, Eq. 4.216 with beta = 0).
    """
    profile = _complete(shape)
    target = positive(dispersion, "speed", "dispersion", "normalise")
    kpc = positive(radius, "length", "radius", "normalise")
    if profile._outer_slope <= 1:
        raise InputError(f"normalise by dispersion: {profile!r} falls too slowly for a finite dispersion; truncate it")
    return profile.scaled(target**2 / isotropic_dispersion_squared(profile, kpc))


def by_line_of_sight_dispersion(shape, line_of_sight_dispersion, half_light_radius):
    """Set the mass inside the deprojected half-light radius from the stars' dispersion; see `wolf_mass`."""
    for name, value, dimension in (
        ("line_of_sight_dispersion", line_of_sight_dispersion, "speed"),
        ("half_light_radius", half_light_radius, "length"),
    ):
        positive(value, dimension, name, "normalise")
    return by_mass(shape, *wolf_mass(line_of_sight_dispersion, half_light_radius))


def wolf_mass(line_of_sight_dispersion, half_light_radius):
    r"""Dynamical mass of a dispersion-supported galaxy, and the radius inside which it lies.

    :math:`M(<r_{1/2}) = 930\,(\sigma_{los}/\mathrm{km\,s^{-1}})^2\,(R_{half}/\mathrm{pc})\,M_\odot`,
    :math:`r_{1/2} = \tfrac43 R_{half}`: Wolf et al. (2010, MNRAS 406, 1220, Eq. 2); nearly independent of anisotropy.

    Parameters
    ----------
    line_of_sight_dispersion : Quantity [speed] or str, any shape
        Luminosity-weighted.
    half_light_radius : Quantity [length] or str, any shape
        Projected, averaged over azimuth.

    Returns
    -------
    mass : Quantity [mass]
    radius : Quantity [length]

    Raises
    ------
    InputError
        A value is not positive.
    """
    sigma = units.to_internal(line_of_sight_dispersion, "speed", "line_of_sight_dispersion")
    r_half = units.to_internal(half_light_radius, "length", "half_light_radius")
    for name, value in (("line_of_sight_dispersion", sigma), ("half_light_radius", r_half)):
        if np.any(np.asarray(value) <= 0):
            raise InputError(f"wolf_mass: {name} = {value} is not positive; an upper limit is not a measurement")
    mass, radius = _wolf_mass(sigma, r_half)
    return units.attach(mass, "mass"), units.attach(radius, "length")


def _wolf_mass(sigma, r_half):
    """Floats: km/s and kpc to Msun and kpc."""
    return WOLF_COEFFICIENT * np.asarray(sigma) ** 2 * np.asarray(r_half) * 1e3, WOLF_RADIUS * np.asarray(r_half)


def _complete(shape):
    if isinstance(shape, ProfileShape):
        return shape.at_unit_density()
    if isinstance(shape, DensityProfile):
        return shape
    raise InputError(
        f'normalise: {shape!r} is neither a shape nor a profile; give for example NFWProfile.shape(r_s="20 kpc")'
    )


def _choices():
    return "; ".join(
        " + ".join((kind, *needed)) + (f" [+ {', '.join(optional)}]" if optional else "")
        for kind, (needed, optional) in _KINDS.items()
    )


_BY = {
    "rho_s": by_rho_s,
    "mass": by_mass,
    "virial_mass": by_virial_mass,
    "local_density": by_local_density,
    "dispersion": by_dispersion,
    "line_of_sight_dispersion": by_line_of_sight_dispersion,
}
