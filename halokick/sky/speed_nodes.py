r"""Populations of a halo as speeds and weights at several radii: the unkicked, and phase-mixed daughters."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from halokick.daughters.kick_nodes import bound_nodes
from halokick.daughters.phase_mixing import spike_radius
from halokick.kernels.relative_nodes import daughter_nodes, parent_nodes

ORDER = (64, 16, 16)
"""Gauss nodes on each side of the cold spike, in pitch angle, and orbit points per factor e^8 in radius.

Largest error of the daughters' <v^2> between 1e-4 and 5 scale radii: 3e-6, at the smallest radius and kick.
"""
_PARENT_NODES = 160
_KICK_NODES = 16
_DENSER = 4


@lru_cache(maxsize=32)
def unit_gauss(n):
    """Gauss-Legendre nodes and weights on 0..1."""
    x, w = np.polynomial.legendre.leggauss(n)
    return 0.5 + 0.5 * x, 0.5 * w


@dataclass(frozen=True, eq=False)
class Part:
    """Daughters of one kick speed: its share, and arrays of shape (radii, 2 nodes) as `daughter_nodes` gives them."""

    share: float
    spike: np.ndarray
    top: np.ndarray
    gauss: np.ndarray
    speed: np.ndarray
    weight: np.ndarray
    radial: np.ndarray
    step: np.ndarray

    def cumulated(self, values):
        """Knots in speed, the integral over speed up to each and its slope there, for `values` = integrand times step.

        Knots are zero, points below the spike, the spike, points above it and the largest speed. The Gauss nodes of
        each side carry polynomials, which are integrated and read at four points per node: the spike costs no accuracy.
        Slopes at zero, at the spike and at the end are NaN; knots may repeat.
        """
        m = len(self.gauss)
        read, rise, integral = _dense(m)
        whole = unit_gauss(m)[1]
        below, above = slice(0, m), slice(m, 2 * m)
        sums = [values[:, side] @ np.ones(m) for side in (below, above)]
        # a kick faster than escape from the centre leaves nobody below the spike, and the side above begins at zero
        spike = np.where(np.any(self.step[:, below] > 0, axis=1), self.spike, 0.0)
        zero, gap = np.zeros(len(self.spike)), np.full(len(self.spike), np.nan)
        knots, totals, slopes = [], [], []
        for side in (below, above):
            speed = self.speed[:, side] @ read.T
            integrand = values[:, side] / whole
            with np.errstate(divide="ignore", invalid="ignore"):
                slope = np.where(speed > 0, (integrand @ read.T) / np.abs(self.speed[:, side] @ rise.T), np.nan)
            knots.append(speed)
            totals.append(integrand @ integral.T)
            slopes.append(slope)
        lower = sums[0][:, None] - totals[0]
        upper = sums[0][:, None] + totals[1]
        return (
            np.column_stack([zero, knots[0][:, ::-1], spike, knots[1], self.top]),
            np.column_stack([zero, lower[:, ::-1], sums[0], upper, sums[0] + sums[1]]),
            np.column_stack([gap, slopes[0][:, ::-1], gap, slopes[1], gap]),
        )


@dataclass(frozen=True, eq=False)
class SpeedNodes:
    """A population at several radii: speeds [km/s] and weights [Msun/kpc^3], shape (radii, nodes).

    Attributes
    ----------
    speed, weight, radial : ndarray
        sum(weight) is the density, sum(weight S(speed)) the density times <S>; `radial` = weight <cos^2 alpha>.
    parts : tuple of Part
        The daughters of each kick speed; empty for unkicked particles, which are isotropic.
    """

    speed: np.ndarray
    weight: np.ndarray
    radial: np.ndarray
    parts: tuple = ()

    @cached_property
    def density(self):
        """Density [Msun/kpc^3], shape (radii,)."""
        return np.sum(self.weight, axis=1)

    def moment(self, power):
        """Density times <speed^power>, shape (radii,)."""
        return np.sum(self.weight * self.speed**power, axis=1)

    @cached_property
    def radial_square(self):
        """Density times <v_r^2>."""
        return np.sum(self.radial * self.speed**2, axis=1)

    @cached_property
    def tangential_square(self):
        """Density times the mean square of one tangential component."""
        return 0.5 * (self.moment(2) - self.radial_square)

    @cached_property
    def quadrupole(self):
        """Weights times <P_2(cos alpha)>, shape (radii, nodes)."""
        return 1.5 * self.radial - 0.5 * self.weight


def unkicked(df, log_r):
    """Nodes of the parents, and of every particle that was never kicked, at ln radii."""
    x, wx = unit_gauss(_PARENT_NODES)
    speed, weight = parent_nodes(df.halo._field, df._table, log_r, df._log_outermost, x, wx)
    return SpeedNodes(speed, weight, weight / 3)


def kicked(df, kick, log_r, log_out, order=ORDER, kick_nodes=_KICK_NODES):
    """Nodes of phase-mixed daughters, bound within the zero-velocity radius exp(log_out)."""
    field = df.halo._field
    z, wz = unit_gauss(order[0])
    y, wy = unit_gauss(order[1])
    parts = []
    top = np.sqrt(2 * np.maximum(_psi(df, log_r) - (_psi(df, log_out) if log_out < df.halo._edges[-1] else 0.0), 0.0))
    for speed, share in zip(*bound_nodes(df, kick, kick_nodes), strict=True):
        k = float(speed)
        l_spike = spike_radius(field, k)
        v, weight, radial, step = daughter_nodes(field, df._table, k, log_r, l_spike, log_out, z, wz, y, wy, order[2])
        spike = np.minimum(np.sqrt(np.maximum(k * k - 2 * _phi(df, log_r), 0.0)), top)
        parts.append(Part(float(share), spike, top, z, v, share * weight, share * radial, step))
    if not parts:
        empty = np.zeros((len(log_r), 1))
        return SpeedNodes(empty, empty, empty)
    speed, weight, radial = (
        np.concatenate([getattr(part, name) for part in parts], axis=1) for name in ("speed", "weight", "radial")
    )
    return SpeedNodes(speed, weight, radial, tuple(parts))


@lru_cache(maxsize=4)
def _dense(n):
    """Matrices from values at n Gauss nodes to the polynomial, its slope and its integral from 0, at 4 n points."""
    legendre = np.polynomial.legendre
    to_coefficients = np.linalg.inv(legendre.legvander(2 * unit_gauss(n)[0] - 1, n - 1))
    t = -np.cos(np.pi * (np.arange(_DENSER * n) + 0.5) / (_DENSER * n))
    identity = np.eye(n)
    read = legendre.legvander(t, n - 1)
    rise = 2 * legendre.legvander(t, n - 2) @ legendre.legder(identity, axis=0)
    integral = 0.5 * legendre.legvander(t, n) @ legendre.legint(identity, lbnd=-1, axis=0)
    return tuple(matrix @ to_coefficients for matrix in (read, rise, integral))


def _phi(df, log_r):
    return df.halo._look_up(df.halo._field.phi, log_r)


def _psi(df, log_r):
    return df.halo._look_up(df.halo._field.psi, log_r)
