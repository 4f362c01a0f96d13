r"""Lorentz-invariant phase space of the partners in a decay, as a function of their squared mass; constants left out.

Arguments are floats: squared energies `s` in any unit, `above` the excess over the threshold in the same unit (given
apart, because a difference would lose digits), and masses in its root.
"""

import numpy as np
from scipy.interpolate import CubicSpline

_NODES = 48
_TABLE_POINTS = 700
_LOWEST = 1e-14


def pair_velocity(s, above, first, second):
    r"""Two particles: :math:`\lambda^{1/2}(s, M_1^2, M_2^2)/s`, which is the phase space times :math:`8\pi`."""
    # s - (M_1 - M_2)^2 from the excess: as a difference it may come out negative where one of the two is massless
    return np.sqrt(above * (above + 4 * first * second)) / s


class PartnerPhaseSpace:
    r"""Phase space of two or more partners, ready to be evaluated many times.

    Massless: :math:`s^{m-2}` for m partners. Otherwise one particle is split off at a time,

    .. math:: \Phi_m(s) \propto \int \mathrm ds'\,\frac{\lambda^{1/2}(s, s', M_m^2)}{s}\,\Phi_{m-1}(s')

    (Hardy, Lasenby & Unwin 2014, Eqs. (B.3) and (B.4)). Three or more massive partners are tabulated, as the ratio to
    :math:`\mathrm{above}^{(3m-5)/2}\,s^{-(m-1)/2}`, which has the right powers at threshold and far above it.

    Parameters
    ----------
    masses : tuple of float
    highest : float
        Largest `above` that will be asked for.
    """

    def __init__(self, masses, highest):
        self._masses = tuple(masses)
        self._ratio = None
        if any(masses) and len(masses) > 2:
            above = highest * np.geomspace(_LOWEST, 1, _TABLE_POINTS)
            s = sum(masses) ** 2 + above
            *others, last = self._masses
            inner = PartnerPhaseSpace(others, (np.sqrt(s[-1]) - last) ** 2 - sum(others) ** 2)
            values = self._split_off_last(s, above, inner)
            self._ratio = CubicSpline(np.log(above), np.log(values / self._trend(s, above)))

    def __call__(self, s, above):
        """Phase space at squared energies s, ndarray."""
        if not any(self._masses):
            return s ** (len(self._masses) - 2)
        if len(self._masses) == 2:
            return pair_velocity(s, above, *self._masses)
        # below the table the ratio has long reached its constant
        inside = np.maximum(np.log(np.maximum(above, np.finfo(float).tiny)), self._ratio.x[0])
        return np.exp(self._ratio(inside)) * self._trend(s, above)

    def _trend(self, s, above):
        m = len(self._masses)
        return above ** (1.5 * m - 2.5) * s ** (-0.5 * (m - 1))

    def _split_off_last(self, s, above, inner):
        *others, last = self._masses
        rest = sum(others)
        root = np.sqrt(s)
        # (sqrt(s) - M)^2 - rest^2, the range of s', through the distance from the threshold
        span = (above / (root + rest + last) * (root - last + rest))[:, None]
        x, w = np.polynomial.legendre.leggauss(_NODES)
        angle, w = 0.25 * np.pi * (1 + x), 0.25 * np.pi * w
        inner_above = span * np.sin(angle) ** 2
        below_top = span * np.cos(angle) ** 2
        # lambda(s, s', M^2) = ((sqrt(s) - M)^2 - s') ((sqrt(s) + M)^2 - s')
        pair = np.sqrt(below_top * (below_top + 4 * root[:, None] * last)) / s[:, None]
        jacobian = 2 * span * np.sin(angle) * np.cos(angle)
        return np.sum(w * jacobian * pair * inner(rest**2 + inner_above, inner_above), axis=-1)
