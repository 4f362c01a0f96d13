"""The field of a spherical halo that changes: enclosed mass on a uniform grid of ln r, and its exact potential.

Inside a cell G M(<r) is linear in ln r, as if the cell's mass were spread evenly over ln r; below the first edge it
rises as r^3, beyond the last it is constant. The potential is the closed integral of just that mass, so that energies
are conserved to the error of the integrator alone. Relative to a cusp M ~ r^2 the linear form errs by step^2 / 2 at
most in the middle of a cell: 0.1 per cent at a step of 0.05.
"""

from typing import NamedTuple

import numpy as np

from halokick.kernels.compiled import kernel

STEP = 0.05
"""Cell width in ln r of a `new_field`."""


class LiveField(NamedTuple):
    """Enclosed mass and potential at the edges of cells of ln r."""

    log_low: float
    """ln(r/kpc) of the first edge."""
    step: float
    """Cell width in ln r."""
    gm: np.ndarray
    """G M(<r) of all that gravitates [kpc km2/s2], shape (edges,)."""
    phi: np.ndarray
    """Phi(r) - Phi(0) [km2/s2], shape (edges,); see `write_field`."""


def new_field(low, high, step=STEP):
    """An empty field whose edges reach from `low` to at least `high` [kpc]."""
    edges = int(np.ceil(np.log(high / low) / step - 1e-9)) + 1
    return LiveField(float(np.log(low)), float(step), np.zeros(edges), np.zeros(edges))


def edges_of(field):
    """Radii of the edges [kpc]."""
    return np.exp(field.log_low + field.step * np.arange(field.gm.shape[0]))


@kernel
def write_field(field):
    """Fill `phi` from `gm`, in place."""
    inverse = np.exp(-field.log_low)
    shrink = np.exp(-field.step)
    # int (gm + rise u) e^-u du over a cell, u = ln(r / r_edge)
    whole = -np.expm1(-field.step)
    slope = (whole - field.step * shrink) / field.step
    phi = 0.5 * field.gm[0] * inverse
    field.phi[0] = phi
    for i in range(field.gm.shape[0] - 1):
        phi += inverse * (field.gm[i] * whole + (field.gm[i + 1] - field.gm[i]) * slope)
        field.phi[i + 1] = phi
        inverse *= shrink


@kernel
def field_at(field, r):
    """G M(<r) and Phi(r) - Phi(0) at any r >= 0."""
    low = np.exp(field.log_low)
    last = field.gm.shape[0] - 1
    if r <= low:
        x = r / low
        return field.gm[0] * x * x * x, 0.5 * field.gm[0] * x * x / low
    place = (np.log(r) - field.log_low) / field.step
    if place >= last:
        edge = np.exp(-(field.log_low + last * field.step))
        return field.gm[last], field.phi[last] + field.gm[last] * (edge - 1.0 / r)
    i = int(place)
    u = (place - i) * field.step
    rise = (field.gm[i + 1] - field.gm[i]) / field.step
    inverse = 1.0 / r
    near = np.expm1(u) * inverse
    return field.gm[i] + rise * u, field.phi[i] + field.gm[i] * near + rise * (near - u * inverse)


@kernel
def fields_at(field, radius):
    """`field_at` for arrays."""
    gm, phi = np.empty(radius.shape[0]), np.empty(radius.shape[0])
    for i in range(radius.shape[0]):
        gm[i], phi[i] = field_at(field, radius[i])
    return gm, phi
