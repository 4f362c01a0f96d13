r"""Self-consistent-field expansions (Hernquist & Ostriker 1992, ApJ 386, 375), for many points at once.

With :math:`\xi = (r - a)/(r + a)` and Gegenbauer polynomials C,

.. math::
    \Phi = -\sqrt{4\pi} \sum_{nlm} \frac{(a r)^l}{(a + r)^{2l+1}} C_n^{(2l + 3/2)}(\xi)\, P_l^m(\cos\theta)
        (A_{nlm} \cos m\phi + B_{nlm} \sin m\phi),

the coefficients being those that galpy keeps, in which the norms of harmonics are contained. galpy sums them point by
point, a millisecond each; a table needs a hundred thousand.
"""

import numpy as np

_CHUNK = 2048


def scf_potential(cosines, sines, a, x, y, z):
    """Potential in galpy's units at arrays of places, from coefficients of shape (n, l, m); lengths as in `a`."""
    return np.concatenate(
        [
            _chunk(cosines, sines, a, x[i : i + _CHUNK], y[i : i + _CHUNK], z[i : i + _CHUNK])
            for i in range(0, len(x), _CHUNK)
        ]
    )


def round_force(coefficients, a, r):
    r"""Minus the radial force, :math:`d\Phi/dr`, averaged over spheres: that of l = 0 alone.

    With :math:`dC_n^{(3/2)}/d\xi = 3\,C_{n-1}^{(5/2)}`. `coefficients` are those of cosines with l = m = 0.
    """
    xi = (r - a) / (r + a)
    slope = 3 * _gegenbauer(2.5, xi, coefficients[1:]) if len(coefficients) > 1 else 0.0
    value = _gegenbauer(1.5, xi, coefficients)
    return np.sqrt(4 * np.pi) * (value - 2 * a / (r + a) * slope) / (r + a) ** 2


def _chunk(cosines, sines, a, x, y, z):
    _, degrees, orders = cosines.shape
    big_r = np.hypot(x, y)
    r = np.hypot(big_r, z)
    phi = np.arctan2(y, x)
    xi = (r - a) / (r + a)
    total = np.zeros(len(x))
    for m in range(orders):
        legendre = _legendre(m, degrees, z / r, big_r / r)
        turn = np.cos(m * phi), np.sin(m * phi)
        for l in range(m, degrees):
            if not (np.any(cosines[:, l, m]) or np.any(sines[:, l, m])):
                continue
            # the ratio first: its powers neither overflow far out nor vanish early near the centre
            radial = (a * r / (a + r) ** 2) ** l / (a + r)
            both = _gegenbauer(2 * l + 1.5, xi, cosines[:, l, m]), _gegenbauer(2 * l + 1.5, xi, sines[:, l, m])
            total += radial * legendre[l] * (both[0] * turn[0] + both[1] * turn[1])
    return -np.sqrt(4 * np.pi) * total


def _gegenbauer(alpha, xi, coefficients):
    """Sum of coefficients[n] C_n^(alpha)(xi), by the recurrence in n."""
    before, now = np.zeros_like(xi), np.ones_like(xi)
    total = coefficients[0] * now
    for n in range(1, len(coefficients)):
        before, now = now, (2 * (n + alpha - 1) * xi * now - (n + 2 * alpha - 2) * before) / n
        total = total + coefficients[n] * now
    return total


def _legendre(m, degrees, cosine, sine):
    """Associated Legendre functions of order m with the sign (-1)^m, by degree; None below degree m."""
    first = np.ones_like(cosine)
    for k in range(1, m + 1):
        first = -(2 * k - 1) * sine * first
    values = [None] * m + [first]
    if degrees > m + 1:
        values.append((2 * m + 1) * cosine * first)
    for l in range(m + 2, degrees):
        values.append(((2 * l - 1) * cosine * values[l - 1] - (l + m - 1) * values[l - 2]) / (l - m))
    return values
