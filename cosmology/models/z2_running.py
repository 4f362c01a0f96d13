r"""The strong coupling at two loops, with thresholds, and quark masses that run with it.

With :math:`\beta_0 = 11 - \frac23 n_f`, :math:`\beta_1 = 102 - \frac{38}{3}n_f` and :math:`c = \beta_1/4\pi\beta_0`,

.. math:: \frac{d\alpha}{d\ln\mu} = -\frac{\beta_0}{2\pi}\alpha^2(1 + c\alpha), \qquad
    F(\alpha) = \frac1\alpha + c\ln\frac{c\alpha}{1 + c\alpha}, \qquad
    \frac{dF}{d\ln\mu} = \frac{\beta_0}{2\pi} .

F is inverted by Lambert's W: exact at this order, no expansion in 1/ln. Couplings match at the quark's own mass.
All numbers are in GeV.
"""

import numpy as np
from scipy.special import lambertw

from cosmology.errors import InputError
from cosmology.models.z2_inputs import (
    BOTTOM_MASS,
    CHARM_MASS,
    STRONG_COUPLING,
    TOP_MASS,
    Z_MASS,
)

# coefficient of the first correction to a running mass, by number of flavours (Chetyrkin 1997, hep-ph/9703278)
_MASS_CORRECTION = {3: 0.8950, 4: 1.0141, 5: 1.1755, 6: 1.3980}
_MASS_SECOND = {3: 1.3714, 4: 1.3892, 5: 1.5007, 6: 1.7935}


def beta_coefficients(flavours):
    """Beta_0 and beta_1 of QCD."""
    return 11 - 2 * flavours / 3, 102 - 38 * flavours / 3


def _f(alpha, flavours):
    b0, b1 = beta_coefficients(flavours)
    c = b1 / (4 * np.pi * b0)
    return 1 / alpha + c * np.log(c * alpha / (1 + c * alpha))


def _f_inverse(value, flavours):
    b0, b1 = beta_coefficients(flavours)
    c = b1 / (4 * np.pi * b0)
    exponent = 1 + np.asarray(value, dtype=float) / c
    # y - ln y = exponent with y = 1 + 1/(c alpha)
    y = -lambertw(-np.exp(-np.minimum(exponent, 700.0)), -1).real
    large = exponent > 700
    if np.any(large):
        far = exponent + np.log(np.maximum(exponent, 1.0))
        y = np.where(large, far + np.log(far) - np.log(np.maximum(exponent, 1.0)), y)
    return 1 / (c * (y - 1))


class RunningCoupling:
    r"""alpha_s of a sector with six quarks at two loops.

    Parameters
    ----------
    coupling : float
        Its value at `scale`.
    scale : float
        [GeV].
    thresholds : tuple of float
        Charm, bottom and top mass [GeV], which rise.
    """

    def __init__(self, coupling, scale, thresholds):
        if not np.all(np.diff(thresholds) > 0):
            raise InputError(f"thresholds = {thresholds}; charm, bottom and top mass rise in this order")
        self.thresholds = tuple(float(one) for one in thresholds)
        flavours = 3 + int(np.sum(np.array(self.thresholds) < scale))
        known = {flavours: (np.log(scale), float(_f(coupling, flavours)))}
        for n in range(flavours, 6):
            known[n + 1] = self._across(known[n], n, n + 1, self.thresholds[n - 3])
        for n in range(flavours, 3, -1):
            known[n - 1] = self._across(known[n], n, n - 1, self.thresholds[n - 4])
        self._known = known

    @staticmethod
    def _across(start, old, new, mass):
        log_mass = np.log(mass)
        value = start[1] + beta_coefficients(old)[0] / (2 * np.pi) * (log_mass - start[0])
        return log_mass, float(_f(_f_inverse(value, old), new))

    def __call__(self, scale):
        """alpha_s at scales [GeV], an ndarray; infinite below the scale of confinement."""
        log_scale = np.log(np.atleast_1d(np.asarray(scale, dtype=float)))
        result = np.empty_like(log_scale)
        which = 3 + np.searchsorted(np.log(self.thresholds), log_scale)
        for n in range(3, 7):
            here = which == n
            if here.any():
                log_known, value = self._known[n]
                moved = value + beta_coefficients(n)[0] / (2 * np.pi) * (log_scale[here] - log_known)
                with np.errstate(divide="ignore"):
                    result[here] = np.where(moved > 0, _f_inverse(np.maximum(moved, 1e-9), n), np.inf)
        return result.reshape(np.shape(scale)) if np.ndim(scale) else float(result[0])

    def scale_of(self, coupling):
        """Scale [GeV] at which alpha_s has a value, float."""
        for n in range(3, 7):
            log_known, value = self._known[n]
            found = log_known + (float(_f(coupling, n)) - value) * 2 * np.pi / beta_coefficients(n)[0]
            if n == 6 or found <= np.log(self.thresholds[n - 3]):
                return float(np.exp(found))
        raise InputError(f"coupling = {coupling}; it is not reached")


VISIBLE = RunningCoupling(STRONG_COUPLING, Z_MASS, (CHARM_MASS, BOTTOM_MASS, TOP_MASS))
"""RunningCoupling : of the visible sector; 0.118 at the mass of the Z."""


def mass_factor(scale, own_mass):
    r"""m(mu)/m(m) of a visible quark at scales mu [GeV], with :math:`\gamma_0/\beta_0` and two corrections in alpha/pi.

    Parameters
    ----------
    scale : float or ndarray
        mu [GeV], not below the mass.
    own_mass : float
        m(m) [GeV].
    """
    scale = np.maximum(np.asarray(scale, dtype=float), own_mass)
    edges = [one for one in VISIBLE.thresholds if one > own_mass * (1 + 1e-9)]
    factor = np.ones_like(scale)
    for first, last in zip([own_mass, *edges], [*edges, np.inf], strict=True):
        flavours = 3 + int(np.sum(np.array(VISIBLE.thresholds) <= first * (1 + 1e-9)))
        top = np.clip(scale, first, last)
        factor = factor * _evolution(VISIBLE(top), flavours) / _evolution(VISIBLE(np.full_like(top, first)), flavours)
    return factor


def _evolution(alpha, flavours):
    a = alpha / np.pi
    power = 4 / (11 - 2 * flavours / 3)
    return a**power * (1 + _MASS_CORRECTION[flavours] * a + _MASS_SECOND[flavours] * a**2)
