r"""Phase shifts of a Yukawa potential for short wavelengths: WKB, corrected at small l for the Coulomb core.

Symbols as in `cosmology.partial_waves`. With :math:`\Lambda = l + 1/2` (Langer),

.. math::
    \delta_l &= \int_{t_0}^\infty\sqrt{F - \Lambda^2}\,\mathrm dt
              - \int_{t_f}^\infty\sqrt{\kappa^2y^2 - \Lambda^2}\,\mathrm dt + C_l, \\
    C_l &= \arg\Gamma(l + 1 + i\eta) - \mathrm{Im}\left[(\Lambda + i\eta)\ln(\Lambda+i\eta) - i\eta\right]

from the outermost turning points; :math:`\eta = \mp b/2\kappa`. What WKB misses it misses near the centre, where for
:math:`\kappa \gg 1` the potential is Coulomb's, so C_l is exact minus WKB for that one. Our own construction.
"""

import numpy as np
from scipy.special import loggamma

from cosmology.partial_waves import transfer_sum, wave_count

_FAR = 40.0
_NODES = 160
_GRID = 4000
_HALVINGS = 50
_CHUNK = 4000


def semiclassical_transfer(kappa, strength, sign):
    r"""Transfer cross-section times :math:`m_V^2` with semi-classical phases, for :math:`\kappa` above about ten."""
    waves = np.arange(wave_count(kappa, strength))
    phases = [semiclassical_phases(kappa, strength, sign, waves[i : i + _CHUNK]) for i in range(0, waves.size, _CHUNK)]
    return transfer_sum(np.concatenate(phases), kappa, strength, sign)


def semiclassical_phases(kappa, strength, sign, waves):
    """Semi-classical phase shifts of the waves l, ndarray."""
    half_wave = np.asarray(waves) + 0.5
    turning = _turning_points(kappa, strength, sign, half_wave)
    far = np.maximum(np.log(_FAR), np.maximum(turning, np.log(half_wave / kappa)) + 1e-3)
    x, w = np.polynomial.legendre.leggauss(_NODES)
    # t = t_0 + s^2 makes the square root at the turning point smooth
    reach = np.sqrt(far - turning)[:, None]
    s = 0.5 * reach * (1 + x)
    inside = _force(turning[:, None] + s**2, kappa, strength, sign) - half_wave[:, None] ** 2
    with_potential = np.sum(0.5 * reach * w * 2 * s * np.sqrt(np.maximum(inside, 0.0)), axis=1)
    z = kappa * np.exp(far)
    root = np.sqrt((z - half_wave) * (z + half_wave))
    free = root - half_wave * np.arctan2(root, half_wave)
    return with_potential - free + _coulomb_correction(-sign * 0.5 * strength / kappa, half_wave)


def _coulomb_correction(eta, half_wave):
    c = half_wave + 1j * eta
    return np.imag(loggamma(c + 0.5) - (c * np.log(c) - c))


def _turning_points(kappa, strength, sign, half_wave):
    """ln y outside which the motion with each Lambda is free of barriers."""
    low = np.log(1e-3 * min(0.5 / kappa, 0.25 / max(strength, 1e-300)))
    high = np.log(max(_FAR, 2 * np.max(half_wave) / kappa))
    t = np.linspace(low, high, _GRID)
    outer = np.minimum.accumulate(_force(t, kappa, strength, sign)[::-1])[::-1]
    i = np.clip(np.searchsorted(outer, half_wave**2, side="right"), 1, _GRID - 1)
    left, right = t[i - 1], t[i]
    for _ in range(_HALVINGS):
        middle = 0.5 * (left + right)
        below = _force(middle, kappa, strength, sign) < half_wave**2
        left, right = np.where(below, middle, left), np.where(below, right, middle)
    return right


def _force(t, kappa, strength, sign):
    y = np.exp(t)
    return (kappa * y) ** 2 + sign * strength * y * np.exp(-y)
