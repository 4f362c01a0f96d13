"""Degrees of freedom of the Standard Model: the fit of Saikawa & Shirai 2018."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from cosmology.degrees_of_freedom_base import DegreesOfFreedom

_JOIN = 0.12  # GeV, between the two forms
_ELECTRON, _MUON, _NEUTRAL_PION, _CHARGED_PION = 511e-6, 0.1056, 0.135, 0.140  # GeV, as in the paper's fit
_HADRONS = (0.5, 0.77, 1.2, 2.0)  # GeV

# exp(-p x) (1 + q1 x + q2 x^2 + q3 x^3) of x = m/T: fermions and bosons, energy and entropy
_F_RHO = (1.04855, (1.0, 1.03757, 0.508630, 0.0893988))
_B_RHO = (1.03149, (1.0, 1.03317, 0.398264, 0.0648056))
_F_S = (1.04190, (1.0, 1.03400, 0.456426, 0.0595248))
_B_S = (1.03365, (1.0, 1.03397, 0.342548, 0.0506182))

# (mass, weight in g_rho, weight in g_s)
_FERMIONS = ((_ELECTRON, 3.495, 3.442), (_MUON, 3.446, 3.468))
_BOSONS = (
    (_NEUTRAL_PION, 1.05, 1.034),
    (_CHARGED_PION, 2.08, 2.068),
    (_HADRONS[0], 4.165, 4.16),
    (_HADRONS[1], 30.55, 30.55),
    (_HADRONS[2], 89.4, 90.0),
    (_HADRONS[3], 8209.0, 6209.0),
)


@dataclass(frozen=True)
class SaikawaShirai(DegreesOfFreedom):
    """Standard Model, from today's temperature to 1e16 GeV.

    A closed fit to state-of-the-art QCD, electroweak and neutrino calculations: Saikawa & Shirai 2018
    (arXiv:1803.01038), appendix C. The two forms meet at 0.12 GeV with steps of 2e-4 in g_rho and 4e-4 in g_s. Towards
    high temperatures it tends to 105, not to the ideal gas's 106.75.
    """

    name = "saikawa_shirai"

    @property
    def _corners(self):
        return np.log([_JOIN])

    def _g_rho(self, temperature):
        return _piecewise(temperature, _low_rho, _high_rho)

    def _g_s(self, temperature):
        return _piecewise(temperature, lambda t: _low_s(t)[0], lambda t: _high_s(t)[0])

    def _entropy_slope(self, temperature):
        return _piecewise(temperature, lambda t: _low_s(t)[1], lambda t: _high_s(t)[1])

    def _all(self, temperature):
        return tuple(_piecewise(temperature, _low_all, _high_all, 3))


def _piecewise(temperature, low, high, count=1):
    """The form that holds at each temperature; `count` is how many arrays the forms give."""
    temperature = np.asarray(temperature, dtype=float)
    flat = temperature.ravel()
    result = np.empty((count, flat.size))
    below = flat < _JOIN
    if below.any():
        result[:, below] = low(flat[below])
    if not below.all():
        result[:, ~below] = high(flat[~below])
    return result.reshape((count, *temperature.shape) if count > 1 else temperature.shape)


@lru_cache(maxsize=1)
def _coefficients():
    """Coefficients of the powers of ln(T/GeV): columns a, b, c, d and those of their slopes."""
    with (resources.files("cosmology") / "data" / "g_star_saikawa_shirai_2018.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    series = np.array([[float(row[key]) for key in "abcd"] for row in rows])
    slopes = np.zeros_like(series)
    slopes[:-1] = series[1:] * np.arange(1, len(series))[:, None]
    return np.hstack([series, slopes])


def _series(temperature):
    """The eight sums at each temperature, by one matrix product: many times faster than one after the other."""
    coefficients = _coefficients()
    return (np.vander(np.log(temperature), len(coefficients), increasing=True) @ coefficients).T


def _high_rho(temperature):
    a, b = _series(temperature)[:2]
    return a / b


def _high_s(temperature):
    """g_s and d ln g_s/d ln T of the upper form."""
    return _high_all(temperature)[1:]


def _high_all(temperature):
    a, b, c, d, slope_a, slope_b, slope_c, slope_d = _series(temperature)
    ratio = 1 + c / d
    slope_of_ratio = (slope_c - c / d * slope_d) / d
    return a / b, a / b / ratio, slope_a / a - slope_b / b - slope_of_ratio / ratio


def _low_all(temperature):
    return _low_rho(temperature), *_low_s(temperature)


def _low_rho(temperature):
    neutrinos = 1 + 1.75 * _threshold(_F_S, _ELECTRON / temperature)[0]
    g = 2.030 + 1.353 * neutrinos ** (4 / 3)
    for mass, weight, _ in _FERMIONS:
        g += weight * _threshold(_F_RHO, mass / temperature)[0]
    for mass, weight, _ in _BOSONS:
        g += weight * _threshold(_B_RHO, mass / temperature)[0]
    return g


def _low_s(temperature):
    """g_s and d ln g_s/d ln T of the lower form."""
    value, slope = _threshold(_F_S, _ELECTRON / temperature)
    g, dg = 2.008 + 1.923 * (1 + 1.75 * value), 1.923 * 1.75 * slope
    for function, species in ((_F_S, _FERMIONS), (_B_S, _BOSONS)):
        for mass, _, weight in species:
            value, slope = _threshold(function, mass / temperature)
            g += weight * value
            dg += weight * slope
    return g, dg / g


def _threshold(function, x):
    """One threshold function of x = m/T, and its slope d/d ln T = -x d/dx."""
    p, q = function
    x = np.minimum(x, 600.0)  # gone long before; keeps exp above underflow
    shrink, series = np.exp(-p * x), q[0] + x * (q[1] + x * (q[2] + x * q[3]))
    return shrink * series, -x * shrink * (q[1] + x * (2 * q[2] + 3 * x * q[3]) - p * series)
