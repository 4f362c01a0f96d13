"""Degrees of freedom of the Standard Model: the lattice-based table of Borsanyi et al. 2016."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import expit

from cosmology.degrees_of_freedom_base import DegreesOfFreedom

_ELECTRON = 0.51099895e-3  # GeV
_IDEAL = 106.75  # all particles of the Standard Model massless
_IDEAL_FROM = 10**6.5 * 1e-3  # GeV
_NEUTRINOS = 5.25  # (7/8) 2 3


@dataclass(frozen=True)
class Borsanyi(DegreesOfFreedom):
    r"""Standard Model, from today's temperature up, through the table of Borsanyi et al. 2016.

    (arXiv:1606.07494, table S2.) Monotonic cubic interpolation (PCHIP) of ln g in ln T; the ideal 106.75 from
    :math:`10^{6.5}` MeV up. Below 1 MeV: photons, electrons and positrons (exact Fermi integrals) and three
    decoupled neutrinos at :math:`(T_\nu/T)^3 = g_{s,\mathrm{em}}/5.5`, which conserves the entropy of the rest. The
    table's first entry lies 1.3 per cent above that, which the interpolation bridges between 0.7 and 1 MeV.
    The choice of interpolation moves g by up to a per cent between the table's entries near the QCD transition.
    """

    name = "borsanyi"

    @property
    def _corners(self):
        nodes = _interpolant(0).x
        return np.append(nodes[0], nodes[nodes > np.log(0.6e-3)])

    def _g_rho(self, temperature):
        return np.exp(_interpolant(0)(_inside(temperature)))

    def _g_s(self, temperature):
        return np.exp(_interpolant(1)(_inside(temperature)))

    def _entropy_slope(self, temperature):
        log_t = np.log(temperature)
        low, high = _ends()
        return np.where((log_t > low) & (log_t < high), _interpolant(1).derivative()(np.clip(log_t, low, high)), 0.0)


def _inside(temperature):
    return np.clip(np.log(temperature), *_ends())


def _ends():
    return _interpolant(0).x[[0, -1]]


@lru_cache(maxsize=2)
def _interpolant(which):
    """PCHIP in ln(T/GeV) of ln g_rho (0) or ln g_s (1)."""
    log_t, g_rho, g_s = _nodes()
    return PchipInterpolator(log_t, np.log((g_rho, g_s)[which]))


@lru_cache(maxsize=1)
def _nodes():
    with (resources.files("cosmology") / "data" / "g_star_borsanyi_2016.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    log10_mev, g_rho, ratio = np.array([[float(value) for value in row.values()] for row in rows]).T
    # electrons are gone at m/T = 40 (e^-40); the spacing keeps the interpolation below 1e-5
    below = np.geomspace(_ELECTRON / 40, 0.7e-3, 200)
    low_rho, low_s = _below_table(below)
    return (
        np.concatenate([np.log(below), log10_mev * np.log(10) - np.log(1e3), [np.log(_IDEAL_FROM)]]),
        np.concatenate([low_rho, g_rho, [_IDEAL]]),
        np.concatenate([low_s, g_rho / ratio, [_IDEAL]]),
    )


def _below_table(temperature):
    """g_rho and g_s of photons, electrons and neutrinos that no longer share their heat."""
    x = (_ELECTRON / np.asarray(temperature, dtype=float))[:, None]
    node, weight = np.polynomial.legendre.leggauss(80)
    # momentum/T from 0 to where exp(-energy) is 1e-20 of its largest
    end = np.sqrt((x + 46) ** 2 - x**2)
    momentum = end * (node + 1) / 2
    energy = np.sqrt(momentum**2 + x**2)
    measure = weight * end / 2 * momentum**2 * expit(-energy)
    energy_density = np.sum(measure * energy, axis=1)
    pressure = np.sum(measure * momentum**2 / (3 * energy), axis=1)
    electrons_rho = 4 * 15 / np.pi**4 * energy_density
    electrons_s = 4 * 45 / (4 * np.pi**4) * (energy_density + pressure)
    cooling = (2 + electrons_s) / 5.5  # (T_nu/T)^3
    return 2 + electrons_rho + _NEUTRINOS * cooling ** (4 / 3), 2 + electrons_s + _NEUTRINOS * cooling
