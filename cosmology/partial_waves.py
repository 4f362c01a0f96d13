r"""Phase shifts of a Yukawa potential, and the transfer cross-section summed from them.

Everything is dimensionless, with lengths in units of :math:`1/m_V`: :math:`\kappa = k/m_V = m v/2m_V`, the strength
:math:`b = \alpha m/m_V`, and the sign +1 for attraction, -1 for repulsion:

.. math:: u'' = \left[\frac{l(l+1)}{y^2} - \kappa^2 \mp \frac{b}{y}e^{-y}\right] u, \qquad
          \sigma_T m_V^2 = \frac{4\pi}{\kappa^2}\sum_l (l+1)\sin^2(\delta_{l+1}-\delta_l)

In the :math:`a = v/2\alpha` of Tulin, Yu & Zurek (2013, arXiv:1302.3898), :math:`\kappa = ab`. Phases are known up to a
multiple of pi, which no cross-section depends on.
"""

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.polynomial import legendre
from scipy.special import spherical_jn, spherical_yn

from cosmology.errors import InputError

ATTRACTIVE, REPULSIVE = 1, -1

_NODES = 20
_PHASE_PER_PANEL = 6.0
_LONGEST_PANEL = 0.7
_START = 3e-4
_MATCHING = 30.0
_DEEP = 12.0
_SMALL_PHASE = 1e-7
_MOST_WAVES = 200_000


def born_phases(kappa, strength, sign, count):
    r"""First-order phase shifts :math:`\delta_l = \pm\frac{b}{2\kappa} Q_l(1 + 1/2\kappa^2)` for l = 0 ... count - 1.

    Q_l is the Legendre function of the second kind (Landau & Lifshitz, Quantum Mechanics, Sect. 126).

    Returns
    -------
    ndarray, shape (count,)
    """
    excess = 0.5 / kappa**2
    z = 1 + excess
    # downwards, the direction in which Q_l grows: stable from any start far enough above
    start = count + 40 + int(20 * kappa)
    ratio = np.zeros(count)
    running = 0.0
    for l in range(start, 0, -1):
        running = l / ((2 * l + 1) * z - (l + 1) * running)
        if l < count:
            ratio[l] = running
    ratio[0] = 0.5 * np.log1p(4 * kappa**2)
    return sign * 0.5 * strength / kappa * np.cumprod(ratio)


def born_transfer(kappa, strength):
    r"""Transfer cross-section of first order in the strength, times :math:`m_V^2`.

    .. math:: \sigma_T m_V^2 = \frac{\pi b^2}{2\kappa^4}\left[\ln(1+R^2) - \frac{R^2}{1+R^2}\right], \qquad R = 2\kappa

    (Feng, Kaplinghat & Yu 2010, arXiv:0911.0422; the same for both signs.)
    """
    square = np.square(2.0 * np.asarray(kappa, dtype=float))
    # the bracket is R^4/2 - 2 R^6/3 + 3 R^8/4 - ..., which the difference of its terms loses
    small = square < 1e-3
    safe = np.where(small, 1.0, square)
    closed = (np.log1p(safe) - safe / (1 + safe)) / safe**2
    series = 1 / 2 - square * (2 / 3 - square * (3 / 4 - square * (4 / 5 - square * 5 / 6)))
    return 8 * np.pi * strength**2 * np.where(small, series, closed)


def wave_count(kappa, strength):
    """How many phases have to be known beyond first order.

    Later ones are below 1e-7 of the scale of the first, and the Born sum stands for them.
    """
    limit = _SMALL_PHASE * min(1.0, kappa * min(1.0, strength))
    # Q_l(cosh xi) < Q_0 e^(-l xi), with cosh(xi) = 1 + 1/2 kappa^2
    first = 0.25 * strength / kappa * np.log1p(4 * kappa**2)
    rough = int(np.log1p(first / limit) / (2 * np.arcsinh(0.5 / kappa))) + 8
    if rough > _MOST_WAVES:
        raise InputError(
            f"m v/(2 m_V) = {kappa:.3g} needs {rough} partial waves, and {_MOST_WAVES} are allowed; use the classical "
            "cross-section for a mediator this light"
        )
    large = np.abs(born_phases(kappa, strength, 1, rough)) > limit
    return max(3, int(np.sum(large)) + 1)


def transfer_sum(phases, kappa, strength, sign):
    r"""Transfer cross-section times :math:`m_V^2` from phases for l = 0, 1, ..., with the Born sum for the rest."""
    l = np.arange(phases.size - 1)
    first_order = np.diff(born_phases(kappa, strength, sign, phases.size))
    beyond = np.sum((l + 1) * (np.sin(np.diff(phases)) ** 2 - first_order**2))
    return 4 * np.pi / kappa**2 * beyond + float(born_transfer(kappa, strength))


def partial_wave_transfer(kappa, strength, sign):
    r"""Transfer cross-section times :math:`m_V^2`, with exact phases; the cost rises as :math:`\kappa^2`."""
    phases = phase_shifts(kappa, strength, sign, np.arange(wave_count(kappa, strength)))
    return transfer_sum(phases, kappa, strength, sign)


def phase_shifts(kappa, strength, sign, waves):
    r"""Phase shifts of the waves l from the radial equation, matched to Riccati-Bessel functions.

    In :math:`t = \ln y`, :math:`w = u/\sqrt y` obeys :math:`w'' = [(l+1/2)^2 - F]\,w` with
    :math:`F = \kappa^2y^2 \pm b y e^{-y}`. The regular solution is carried outwards over panels of about one
    wavelength, on each of which w'' is a polynomial of degree 19 that obeys the equation at Gauss points. Where a panel
    lies deep below the centrifugal barrier the growing WKB solution replaces it: the barrier that is left makes the
    phase forget the difference.

    Parameters
    ----------
    kappa, strength : float
    sign : int
    waves : ndarray of int

    Returns
    -------
    ndarray, shape of `waves`, between -pi/2 and pi/2
    """
    waves = np.asarray(waves)
    edges = _edges(kappa, strength, sign)
    half_wave = waves + 0.5
    value, slope = _start(np.exp(edges[0]), kappa, strength, sign, waves)
    for low, high in pairwise(edges):
        x, doubled, weights = _integration()
        g = 0.5 * (high - low)
        k = half_wave[:, None] ** 2 - _force(low + g * (1 + x), kappa, strength, sign)
        least = np.min(k, axis=1)
        deep = least * (high - low) ** 2 > _DEEP**2
        live = np.flatnonzero(~deep)
        if live.size:
            kg = g**2 * k[live]
            start = kg * (value[live, None] + g * slope[live, None] * (1 + x))
            curve = np.linalg.solve(np.eye(_NODES) - kg[:, :, None] * doubled, start[:, :, None])[:, :, 0]
            value[live] += 2 * g * slope[live] + curve @ (weights * (1 - x))
            slope[live] += curve @ weights / g
        if np.any(deep):
            at_end = half_wave[deep] ** 2 - _force(high, kappa, strength, sign)
            value[deep] = 1.0
            slope[deep] = np.sqrt(np.maximum(at_end, 0.25))
        size = np.hypot(value, slope)
        value, slope = value / size, slope / size
    return _match(kappa * np.exp(edges[-1]), value, slope + 0.5 * value, waves)


def _force(t, kappa, strength, sign):
    y = np.exp(t)
    return (kappa * y) ** 2 + sign * strength * y * np.exp(-y)


def _edges(kappa, strength, sign):
    """Panel edges in ln y: no panel holds more than a given phase, or is longer than a given length."""
    low = np.log(_START / max(1.0, strength, kappa))
    t = np.linspace(low, np.log(_MATCHING), 2000)
    density = np.maximum(np.sqrt(np.abs(_force(t, kappa, strength, sign))) / _PHASE_PER_PANEL, 1 / _LONGEST_PANEL)
    total = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(t))])
    return np.interp(np.linspace(0, total[-1], int(np.ceil(total[-1])) + 1), total, t)


def _start(y, kappa, strength, sign, waves):
    """Power series at small y: w and dw/dt, up to a factor."""
    first = -sign * strength / (2 * waves + 2) * y
    second = (-sign * strength * y * first + (sign * strength - kappa**2) * y**2) / (4 * waves + 6)
    third = -sign * strength * y * second + (sign * strength - kappa**2) * y**2 * first - sign * strength * y**3 / 2
    third = third / (6 * waves + 12)
    value = 1 + first + second + third
    return value, (waves + 0.5) * value + first + 2 * second + 3 * third


def _match(z, value, slope, waves):
    """Phase from u and du/dln(y) where the potential has died out, at kr = z."""
    j, y = spherical_jn(waves, z), spherical_yn(waves, z)
    # z times the Riccati-Bessel functions' derivatives: z j and -z y, which go as sin and cos
    regular, regular_slope = z * j, z * (j + z * spherical_jn(waves, z, derivative=True))
    other, other_slope = -z * y, -z * (y + z * spherical_yn(waves, z, derivative=True))
    return np.arctan(-(regular_slope * value - slope * regular) / (other_slope * value - slope * other))


@cache
def _integration():
    """Gauss nodes on (-1, 1); matrix that integrates twice from -1 to each node; weights."""
    x, w = legendre.leggauss(_NODES)
    to_series = np.linalg.inv(legendre.legvander(x, _NODES - 1))
    twice = legendre.legint(np.eye(_NODES), m=2, lbnd=-1)
    return x, legendre.legvander(x, _NODES + 1) @ twice @ to_series, w
