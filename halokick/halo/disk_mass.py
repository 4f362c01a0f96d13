"""Mass of an exponential disk inside a sphere, from its density."""

import numpy as np
from scipy.special import gammainc

_NODES = 64
_HEIGHTS = 40.0
"""Scale heights that are counted: e^-40 of the disk lies above."""


def disk_mass(r, strength, scale, thickness):
    r"""G times the mass inside a sphere around the centre of an exponential disk.

    The disk's density is :math:`\Sigma_0\,e^{-R/h}\,e^{-|z|/d}/(2d)`, and

    .. math:: M(<r) = \frac{2\pi\Sigma_0 h^2}{d}\int_0^r e^{-z/d}\,P(\sqrt{r^2 - z^2}/h)\,dz,\qquad
              P(x) = 1 - (1 + x)\,e^{-x},

    which is :math:`2\pi\Sigma_0 h^2\,P(r/h)` without thickness.

    Parameters
    ----------
    r : float array, shape (n,)
        In kpc.
    strength : float
        :math:`G\Sigma_0` [(km/s)^2/kpc].
    scale, thickness : float
        h and d [kpc].

    Returns
    -------
    float array, shape (n,)
        In kpc (km/s)^2.
    """
    # P is the incomplete gamma function: no difference of like numbers
    if thickness == 0:
        return 2 * np.pi * strength * scale**2 * gammainc(2, r / scale)
    x, w = np.polynomial.legendre.leggauss(_NODES)
    # z = r sin(t) takes away the root's edge; above so many scale heights there is nothing
    top = np.arcsin(np.minimum(1.0, _HEIGHTS * thickness / r))[:, None]
    t = 0.5 * top * (1 + x)
    z, big_r = r[:, None] * np.sin(t), r[:, None] * np.cos(t)
    shells = np.exp(-z / thickness) * gammainc(2, big_r / scale) * big_r
    return np.pi * strength * scale**2 / thickness * top[:, 0] * (shells @ w)
