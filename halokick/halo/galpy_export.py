"""Back to galpy: a spherical mass as a potential that galpy integrates orbits in, in C."""

import numpy as np
from scipy.interpolate import make_interp_spline

from halokick import constants, units
from halokick.errors import InputError
from halokick.halo.lazy_galpy import galpy_potential

_POINTS = 400


def spherical_potential(mass, first, last, ro, vo):
    r"""galpy potential of the enclosed mass `mass(r)` between two radii: radial force :math:`-G M(<r)/r^2`.

    Inside `first` the mass continues as the power law it has there, outside `last` it is constant.

    Parameters
    ----------
    mass : callable
        Quantity [length] to Quantity [mass].
    first, last : Quantity [length]
    ro, vo : Quantity [length], Quantity [speed]
        galpy's scales, which the potential will carry.

    Returns
    -------
    galpy.potential.interpSphericalPotential
    """
    ro, vo = units.to_internal(ro, "length", "ro"), units.to_internal(vo, "speed", "vo")
    if not (ro > 0 and vo > 0):
        raise InputError(f"ro = {ro} kpc and vo = {vo} km/s must be positive")
    low, high = units.to_internal(first, "length"), units.to_internal(last, "length")
    r = np.geomspace(low, high, _POINTS)
    ln_mass = make_interp_spline(np.log(r), np.log(units.to_internal(mass(units.attach(r, "length")), "mass")), k=3)
    slope = float(ln_mass(np.log(low), 1))

    def force(radius):
        # galpy's natural units: radii in ro, forces in vo^2 / ro
        log_r = np.log(np.maximum(np.asarray(radius, dtype=float) * ro, 1e-300))
        inside = np.clip(log_r, np.log(low), np.log(high))
        enclosed = np.exp(ln_mass(inside) + slope * np.minimum(log_r - np.log(low), 0.0))
        return -constants.G * enclosed / (np.exp(log_r) ** 2) * ro / vo**2

    grid = np.concatenate([[0.0], r / ro])
    total = float(np.exp(ln_mass(np.log(high))))
    # potential at the centre: outside mass as a point, inside by Gauss in ln r
    x, w = np.polynomial.legendre.leggauss(12)
    edges = np.log(r)
    nodes = 0.5 * (edges[:-1, None] + edges[1:, None]) + 0.5 * np.diff(edges)[:, None] * x
    depth = np.sum(0.5 * np.diff(edges)[:, None] * w * np.exp(ln_mass(nodes) - nodes))
    depth += np.exp(ln_mass(np.log(low))) / low / max(slope - 1, 1e-3)
    centre = -constants.G * (depth + total / high) / vo**2
    return galpy_potential().interpSphericalPotential(
        rforce=lambda radius: 0.0 if radius == 0 else float(force(radius)), rgrid=grid, Phi0=centre, ro=ro, vo=vo
    )
