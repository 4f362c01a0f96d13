"""The table of all spherical members of a potential, merged into one.

The force is G M(<r) / r^2 with M from the density wherever there is one that the member's own force agrees with: near a
cusp a density keeps its digits, while closed forms of the force cancel. Else the force itself is used, continued as a
power law from where it stops being smooth.
"""

import numpy as np

from halokick import constants
from halokick.errors import InputError
from halokick.halo.force_panels import aligned, first_cell, integration, octave_points, refinement, roughness
from halokick.halo.profile_base import DensityProfile
from halokick.kernels.radial_member import CELL_BITS, EIGHT, Radial

LOWEST, OCTAVES = -40, 94
"""Octaves of r^2 [kpc^2]: from 1e-6 to 1.3e8 kpc."""
_NODES = 16
_MIDDLE = 8.0
"""Radius [kpc] at which potentials are made equal to the members' own."""
_AGREE = 1e-8
_SMOOTH = 1e-6
"""Roughness of an octave beyond which a force is rounding noise."""
_INSIDE = 1 - 2.0**-50


def radial_table(members, edge=1.0):
    """`Radial` of `GalpyMember`s and `DensityProfile`s; derivatives may jump at r = edge [kpc] and octaves from it."""
    stretch = edge**-2.0
    s = octave_points(LOWEST, OCTAVES, _NODES)
    r = np.sqrt(s / stretch)
    g = np.zeros_like(s)
    anchor = 0.0
    middle = np.unravel_index(np.argmin(np.abs(np.log(r / _MIDDLE))), r.shape)
    for member in members:
        own, value = (
            _of_profile(member, s, stretch) if isinstance(member, DensityProfile) else _of_galpy(member, s, stretch)
        )
        g += own
        anchor += value(r[middle])
    phi = _cumulated(0.5 * g / stretch, s)
    phi += anchor - phi[middle]
    matrices = refinement(_NODES, CELL_BITS, EIGHT - 1)
    tables = [
        aligned(np.einsum("cin,on->oci", matrices, values).reshape(OCTAVES << CELL_BITS, EIGHT)) for values in (g, phi)
    ]
    low, high = 2.0**LOWEST, 2.0 ** (LOWEST + OCTAVES) * _INSIDE
    return Radial(stretch, first_cell(LOWEST, CELL_BITS), low, high, *tables)


def _cumulated(rate, s):
    """Integral of rate ds from the first octave's begin to every node."""
    steps = rate @ integration(_NODES).T * 2.0 ** np.floor(np.log2(s[:, :1]))
    return steps[:, :-1] + np.concatenate([[0.0], np.cumsum(steps[:-1, -1])])[:, None]


def _force_of_density(four_pi_g_density, s, stretch):
    """G M / r^3 at the nodes from 4 pi G rho there; inside the first node the density goes on as a power."""
    r = np.sqrt(s / stretch)
    slope = -np.log(four_pi_g_density[0, -1] / four_pi_g_density[0, 0]) / np.log(r[0, -1] / r[0, 0])
    if not slope < 2.99:
        raise InputError("its mass is infinite at the centre")
    start = np.sqrt(2.0**LOWEST / stretch)
    at_start = four_pi_g_density[0, 0] * (r[0, 0] / start) ** slope
    mass = at_start * start**3 / (3 - slope) + _cumulated(0.5 * four_pi_g_density * r / stretch, s)
    return mass / r**3


def _of_profile(profile, s, stretch):
    r = np.sqrt(s / stretch)
    density = np.exp(np.maximum(profile._log_density(np.log(r).ravel())[0], -700.0)).reshape(r.shape)
    g = _force_of_density(4 * np.pi * constants.G * density, s, stretch)
    total = _cumulated(0.5 * g / stretch, s)

    def potential(radius):
        # zero at infinity, as far as the table goes: beyond it the mass is constant
        here = np.unravel_index(np.argmin(np.abs(r - radius)), r.shape)
        return total[here] - total[-1, -1] - g[-1, -1] * r[-1, -1] ** 2

    return g, potential


def _of_galpy(member, s, stretch):
    r = np.sqrt(s / stretch)

    def potential(radius):
        return float(member.potential(np.array([radius]), np.zeros(1), np.zeros(1))[0])

    flat = r.ravel()
    zero = np.zeros_like(flat)
    with np.errstate(all="ignore"):
        force = (-member.acceleration(flat, zero, zero)[:, 0] / flat).reshape(r.shape)
    try:
        with np.errstate(all="ignore"):
            density = member.density(flat).reshape(r.shape)
        if np.all(np.isfinite(density)) and np.all(density >= 0) and np.all(density[0] > 0):
            g = _force_of_density(density, s, stretch)
            where = (r > 0.05) & (r < 500)
            off = np.abs(g[where] / force[where] - 1)
            if np.all(np.isfinite(off)) and np.median(off) < 0.1 * _AGREE and np.quantile(off, 0.9) < _AGREE:
                return g, potential
    except (AttributeError, NotImplementedError, TypeError, ValueError):
        # no density, or none that can be integrated: the force is all there is
        pass
    return _continued(force, s, r), potential


def _continued(force, s, r):
    """The force in the middle of the range, whatever it is, and out to where it stops being smooth; then power laws."""
    rough = roughness(force)
    fine = np.isfinite(rough) & (rough < _SMOOTH)
    central = np.nonzero((r[:, -1] > 0.01 * _MIDDLE) & (r[:, 0] < 10 * _MIDDLE))[0]
    if not np.all(np.isfinite(force[central])):
        raise InputError("its force is no number between 0.08 and 80 kpc")
    start, stop = int(central[0]), int(central[-1]) + 1
    while start > 0 and fine[start - 1]:
        start -= 1
    while stop < len(s) and fine[stop]:
        stop += 1
    force = force.copy()
    for rows, octave in ((slice(0, start), start), (slice(stop, None), stop - 1)):
        power = np.log(force[octave, -1] / force[octave, 0]) / np.log(s[octave, -1] / s[octave, 0])
        node = 0 if octave == start else -1
        force[rows] = force[octave, node] * (s[rows] / s[octave, node]) ** power
    return force
