r"""Potentials of exponential disks, thin and thick, without the oscillating integrals of the usual form.

The surface density :math:`\Sigma_0 e^{-R/h}` is a sum of disks whose potentials are known in closed form (Cuddeford
1993, MNRAS 262, 1076), so that with :math:`s_\pm = \sqrt{z^2 + (a \pm R)^2}`

.. math::
    \Phi(R, z) = -\frac{4 G \Sigma_0}{h} \int_0^\infty \arcsin\!\left(\frac{2a}{s_+ + s_-}\right) a K_0(a/h)\,da .

A thickness :math:`e^{-|z|/h_z}/(2 h_z)` is a convolution in z, the same for every R. Both hold on the axis and
far away, where sums over zeros of Bessel functions lose all their digits.
"""

import numpy as np
from scipy.special import j0, j1, k0

from halokick.halo.force_panels import interpolation

_STEP, _POINTS = 0.07, 48
"""Spacing and number of points, to either side, of the double-exponential rule, which then errs by below 1e-12."""
_FARTHEST = 45.0
"""Scale lengths after which K_0 is below 1e-20."""
_CHUNK = 4096
_SPANS = (0.0, 0.05, 0.2, 0.6, 1.5, 3.0, 6.0, 12.0, 24.0, 40.0)
"""Panels of the convolution, in units of the thickness."""
_HALVINGS = 8
_HIGHEST = 2e4
"""Wave number, over the scale length, at which Bessel integrals end: what is left out is below 1e-10."""


def thin_potential(big_r, z, scale):
    """Potential of a razor-thin disk over G Sigma_0, at arrays of R and z; lengths as in `scale`."""
    shape = np.broadcast_shapes(np.shape(big_r), np.shape(z))
    big_r, z = (np.broadcast_to(np.abs(value), shape).ravel() / scale for value in (big_r, z))
    big_r = np.maximum(big_r, 1e-12)
    out = np.empty(len(big_r))
    for i in range(0, len(out), _CHUNK):
        out[i : i + _CHUNK] = _thin(big_r[i : i + _CHUNK, None], z[i : i + _CHUNK, None])
    return scale * out.reshape(shape)


def _thin(big_r, z):
    k = np.arange(-_POINTS, _POINTS + 1) * _STEP
    # places in (0, 1) from the lower end, and from the upper: each keeps its digits close to its own end
    outer = np.pi / 2 * np.sinh(k)
    low, high = 1 / (1 + np.exp(-2 * outer)), 1 / (1 + np.exp(2 * outer))
    weight = _STEP * np.pi * np.cosh(k) * low * high
    # below R, then above: the integrand is sharp at R where z is small
    edge = np.minimum(big_r, _FARTHEST)
    inner = _integrand(edge * low, np.where(big_r < _FARTHEST, edge * high, big_r - edge * low), big_r, z)
    width = _FARTHEST - edge
    upper = np.where(width > 0, _integrand(edge + width * low, -width * low, big_r, z), 0.0)
    return -4 * np.sum(weight * (edge * inner + width * upper), axis=1)


def _integrand(a, distance, big_r, z):
    """arcsin(...) a K_0(a) with distance = R - a; the arcsine by way of its cosine, which vanishes at z = 0, a > R."""
    q = distance * (big_r + a) + z * z
    root = np.sqrt(q * q + (2 * a * z) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where(q > 0, 0.5 * (root + q), 2 * (a * z) ** 2 / (root - q))
    return np.arctan2(a, np.sqrt(cosine)) * a * k0(a)


def thick_force(big_r, z, scale, thickness):
    r"""Force of a thick disk over G Sigma_0 by its Bessel integral, for points near the axis: outward and upward.

    .. math::
        \Phi = -2\pi G\Sigma_0 h^2 \int_0^\infty \frac{J_0(kR)}{(1 + k^2 h^2)^{3/2}}
            \frac{e^{-k|z|} - k h_z e^{-|z|/h_z}}{1 - k^2 h_z^2}\, dk

    (Kuijken & Gilmore 1989, MNRAS 239, 571), slow where k R becomes large before the rest is small.
    """
    x, w = np.polynomial.legendre.leggauss(16)
    out = np.empty((len(big_r), 2))
    for j, (one_r, one_z) in enumerate(zip(big_r, np.abs(z), strict=True)):
        ends = np.geomspace(1e-5, _HIGHEST, 60) / scale
        waves = np.arange(np.pi / one_r, _HIGHEST / scale, np.pi / one_r)
        k, v = _panels(np.unique(np.concatenate([[0.0], ends, waves])), x, w)
        sheet, fade = np.exp(-k * one_z), np.exp(-one_z / thickness)
        rate = v * k / (1 + (k * scale) ** 2) ** 1.5 / (1 - (k * thickness) ** 2)
        out[j, 0] = -np.sum(rate * j1(k * one_r) * (sheet - k * thickness * fade))
        out[j, 1] = -np.sum(rate * j0(k * one_r) * (sheet - fade))
    out[:, 1] *= np.sign(z)
    return 2 * np.pi * scale**2 * out


def thickening(heights, ends, thickness):
    """Matrix that makes a thick disk's potential from a thin one's, both at a grid of heights; see the module.

    Parameters
    ----------
    heights : array (octaves, nodes)
        Heights z > 0 at the nodes of octaves, as in `force_panels`; the matrix takes and gives them flattened.
    ends : array (octaves + 1,)
        Heights at the octaves' ends.
    thickness : float
        Scale height of the disk, in the same unit.

    Returns
    -------
    array (n, n)
    """
    count = heights.shape[1]
    return np.array(
        [_interpolating_row(*_convolution(z, thickness), ends, count) for z in heights.ravel()],
    )


def _convolution(z, thickness):
    """Heights, and weights that sum to one, of a mean over the disk's thickness at height z."""
    x, w = np.polynomial.legendre.leggauss(16)
    # upwards from z; downwards to the plane, which is a corner; and on to the other side
    up = np.array(_SPANS)
    down = np.minimum(z / thickness, _SPANS[-1])
    # the thin disk's potential is sharp at the plane, so panels shrink towards it
    toward = down * (1 - np.append(0.5 ** np.arange(_HALVINGS), 0.0))
    t, v = _panels(up, x, w)
    u, q = _panels(toward, x, w)
    places = np.concatenate([z + t * thickness, np.maximum(z - u * thickness, 0.0), t * thickness])
    weights = np.concatenate([v * np.exp(-t), q * np.exp(-u), v * np.exp(-t - z / thickness)])
    return places, 0.5 * weights


def _panels(ends, x, w):
    width = np.diff(ends)[:, None]
    return (ends[:-1, None] + 0.5 * width * (1 + x)).ravel(), (0.5 * width * w).ravel()


def _interpolating_row(places, parts, ends, count):
    octave = np.clip(np.searchsorted(ends, places, side="right") - 1, 0, len(ends) - 2)
    local = (places - ends[octave]) / (ends[octave + 1] - ends[octave])
    row = np.zeros((len(ends) - 1, count))
    np.add.at(row, octave, parts[:, None] * interpolation(count, local))
    return row.ravel()
