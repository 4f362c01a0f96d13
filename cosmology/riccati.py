r"""Freeze-out of pair annihilation in closed-form steps: fast, stiff-safe, many points at once.

With x = m/T and the conserved asymmetry A = Y+ - Y-, the rarer particle obeys the Riccati equation

.. math:: \frac{dY_-}{d\ln x} = -\Lambda(x)\,[\,Y_-(Y_- + A) - Y_\mathrm{eq}^2\,], \qquad
    \Lambda = \frac{J s\langle\sigma v\rangle}{H}, \quad J = 1 + \frac13\frac{d\ln g_s}{d\ln T} .

It is the projection of a linear system of two equations, so a step with constant coefficients is exact for every step
size, and two such steps with the right mixtures of the coefficients at two Gauss points make a fourth-order method
(a commutator-free Magnus integrator; Blanes & Moan 2006). In equilibrium it follows the equilibrium whatever the
stiffness. Once Y_eq is gone, ln(Y-/Y+) falls by A times the integral of Lambda, to be done by quadrature.

All numbers here are in powers of GeV.
"""

import math
from functools import lru_cache

import numpy as np

from cosmology import constants, thermodynamics
from cosmology.errors import ConvergenceError

START, SWITCH, END = 1.0, 120.0, 1e6
"""Values of x: start in equilibrium, end of the steps, end of the quadrature."""

_GAUSS = math.sqrt(3) / 6
_NEAR, _FAR = 0.25 + _GAUSS, 0.25 - _GAUSS  # weights of the nearer and the farther Gauss point
_RATE = 2 * np.pi**2 / 45 * np.sqrt(90) / np.pi * constants.REDUCED_PLANCK_MASS  # s/H = this g_s/sqrt(g_rho) T
_CHUNK = 4096  # points; keeps the working arrays in the processor's cache
_MOST_TAIL = 0.3  # share of the quadrature that may lie beyond END


@lru_cache(maxsize=4)
def _grid(refine):
    """Step ends in x: the equilibrium yield falls by 2 per unit of x, so steps are even in x while it counts."""
    return np.concatenate(
        [
            np.geomspace(START, 6, int(24 * refine), endpoint=False),
            np.linspace(6, 50, int(180 * refine), endpoint=False),
            np.geomspace(50, SWITCH, int(30 * refine) + 1),
        ]
    )


class PairAnnihilation:
    r"""Annihilation of particles of given masses, tabulated along x for a cross-section of 1 GeV^-2.

    Parameters
    ----------
    masses : ndarray (n,)
        [GeV].
    shape : callable
        <sigma v>(x) over its amplitude, for an array of x.
    g : float
        Internal states of the particle, and of its antiparticle.
    dof : DegreesOfFreedom
    refine : float
        Steps relative to the usual number; 0.5 serves to measure the error.
    """

    def __init__(self, masses, shape, g, dof, refine=1.0):
        self.masses = masses
        x = _grid(refine)
        h = np.diff(x)
        centre = x[:-1] + h / 2
        rates, sources = [], []
        for node in (centre - _GAUSS * h, centre + _GAUSS * h):
            rate, equilibrium = self._coefficients(node, masses, shape, g, dof)
            rates.append(rate * (h / node)[:, None])
            sources.append(rates[-1] * equilibrium**2)
        # coefficients of the first and of the second exact step; a source that has died out may come out negative
        mixtures = ((_NEAR, _FAR), (_FAR, _NEAR))
        self._steps = [
            (a * rates[0] + b * rates[1], np.maximum(a * sources[0] + b * sources[1], 0.0)) for a, b in mixtures
        ]
        rate, equilibrium = self._coefficients(x[:1], masses, shape, g, dof)
        self._first_rate, self._first_yield = rate[0], equilibrium[0]
        self._tail = self._quadrature(masses, shape, g, dof)
        late = x[:-1] > 22
        self.exposure = self._tail + np.sum((rates[0] + rates[1])[late], axis=0) / 2

    @staticmethod
    def _coefficients(x, masses, shape, g, dof):
        """Lambda at unit cross-section [GeV^2] and Y_eq, on (x, masses)."""
        temperature = np.asarray(masses) / x[:, None]
        g_rho, g_s, slope = dof._all(temperature)
        rate = _RATE * (1 + slope / 3) * g_s / np.sqrt(g_rho) * temperature  # J s/H
        equilibrium = (45 * g / (4 * np.pi**4) * thermodynamics._x2_k2(x))[:, None] / g_s
        return rate * np.asarray(shape(x), dtype=float)[:, None], equilibrium

    def _quadrature(self, masses, shape, g, dof):
        """Integral of Lambda over ln x from SWITCH on; beyond END by its own power of x."""
        edges = np.linspace(np.log(SWITCH), np.log(END), 41)
        node, weight = np.polynomial.legendre.leggauss(4)
        half = np.diff(edges)[:, None] / 2
        log_x = (edges[:-1, None] + half * (node + 1)).ravel()
        rate, _ = self._coefficients(np.exp(log_x), masses, shape, g, dof)
        body = np.sum(rate * (half * weight).ravel()[:, None], axis=0)
        last = self._coefficients(np.array([END / 2, END]), masses, shape, g, dof)[0]
        if np.any(last <= 0):
            raise ConvergenceError(f"<sigma v> is not positive near x = {END:g}; it has to be at every x")
        fall = np.log(last[0] / last[1]) / np.log(2)
        if np.any(fall <= 0) or np.any(last[1] / np.maximum(fall, 1e-9) > _MOST_TAIL * body):
            raise ConvergenceError(
                f"annihilation goes on beyond x = {END:g}: <sigma v> grows as fast as the density falls. "
                "Let the cross-section saturate at low speed"
            )
        return body + last[1] / fall

    def contact(self, amplitude, asymmetry, which):
        """Annihilations per expansion time at the start, which must be many for equilibrium to be true there."""
        density = np.hypot(asymmetry, 2 * self._first_yield[which])
        return amplitude * self._first_rate[which] * density

    def antiparticle_yield(self, amplitude, asymmetry, which):
        """Y- in the end.

        Parameters
        ----------
        amplitude : ndarray (k,)
            Amplitude of <sigma v> [GeV^-2].
        asymmetry : ndarray (k,)
            A, not negative.
        which : ndarray (k,) of int
            Index of the mass.

        Returns
        -------
        ndarray (k,)
        """
        if len(amplitude) == 1:
            return np.array([self._one(float(amplitude[0]), float(asymmetry[0]), int(which[0]))])
        result = np.empty(len(amplitude))
        for first in range(0, len(amplitude), _CHUNK):
            part = slice(first, first + _CHUNK)
            result[part] = self._many(amplitude[part], asymmetry[part], which[part])
        return result

    def _one(self, amplitude, asymmetry, which):
        start = self._first_yield[which]
        value = float(start**2 / (asymmetry / 2 + math.hypot(asymmetry / 2, start)))
        coefficients = [(rate[:, which] * amplitude, source[:, which] * amplitude) for rate, source in self._steps]
        (rate_a, source_a), (rate_b, source_b) = [(rate.tolist(), source.tolist()) for rate, source in coefficients]
        for i in range(len(rate_a)):
            value = _step(value, asymmetry, rate_a[i], source_a[i], math)
            value = _step(value, asymmetry, rate_b[i], source_b[i], math)
        return _step(value, asymmetry, float(self._tail[which]) * amplitude, 0.0, math)

    def _many(self, amplitude, asymmetry, which):
        start = self._first_yield[which]
        value = start**2 / (asymmetry / 2 + np.hypot(asymmetry / 2, start))
        (rate_a, source_a), (rate_b, source_b) = self._steps
        for i in range(len(rate_a)):
            value = _step(value, asymmetry, rate_a[i][which] * amplitude, source_a[i][which] * amplitude, np)
            value = _step(value, asymmetry, rate_b[i][which] * amplitude, source_b[i][which] * amplitude, np)
        return _step(value, asymmetry, self._tail[which] * amplitude, 0.0, np)


def _step(value, asymmetry, rate, source, lib):
    """Exact solution of Y' = source - rate Y (Y + A) after unit time; `lib` is math for floats, NumPy for arrays."""
    half = rate * asymmetry / 2
    root = lib.sqrt(half * half + rate * source)
    equilibrium = source / (half + root + 1e-300)  # the sums keep 0/0 away when there is nothing to do
    excess = value - equilibrium
    passed = 2 * root + 1e-300
    decay = lib.expm1(-passed)
    return equilibrium + excess * (1 + decay) / (1 - excess * rate * decay / passed)
