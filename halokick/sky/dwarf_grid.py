r"""Daughters of all NFW haloes at once: their density over the parents', on a grid of what it can depend on.

Haloes of one shape differ by units only. With lengths in r_s and speeds in :math:`V_0 = \sqrt{4\pi G\rho_s}\,r_s` the
ratio of the densities depends on the radius, the kick speed and the tidal radius, so a few dozen solutions serve every
dwarf and every draw of its uncertain halo. The interpolation's error is measured, not assumed: `measure_error`.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from scipy.interpolate import make_interp_spline

from halokick import constants, units
from halokick.daughters.bound_fraction import bound_fraction, bound_share
from halokick.daughters.phase_mixing import phase_mix
from halokick.decay.kicks import FixedKick
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile

_INNERMOST = 1e-4
"""First radius of the grid in r_s; further in the ratio continues as the power law it has there."""
_OUTERMOST = 0.93
"""Last radius in r_t. Between it and the edge lies less than 1e-3 of J, and the ratio is kept."""
_JUST_INSIDE = 1 - 1e-6
_FLOOR = 1e-30
_GAUSS_X, _GAUSS_W = np.polynomial.legendre.leggauss(8)


class EnergyCut:
    """Particles whose zero-velocity radius lies outside the tidal radius are gone, parents and daughters alike."""

    name = "energy cut"

    def reference(self, truncation):
        """Distribution function of the NFW halo with r_s = 1 kpc and V0 = 1 km/s, cut at `truncation` r_s."""
        return ErgodicDF(Halo(_unit_profile(), energy_cut=units.attach(truncation, "length")))

    def fastest(self, truncation):
        """Escape speed from the centre to the cut, in V0: no daughter stays for kicks above twice this."""
        return np.sqrt(2 * (1 - np.log1p(truncation) / truncation))

    def truncations(self, low, high, number):
        """Tidal radii of the grid [r_s], and those at which the ratio has to be solved."""
        cuts = np.geomspace(low, high, number)
        return cuts, cuts


class NoCut:
    """An infinite NFW halo; the tidal radius only ends the volume that is counted."""

    name = "no cut"

    def reference(self, truncation):
        """Distribution function of the infinite NFW halo with r_s = 1 kpc and V0 = 1 km/s."""
        return ErgodicDF(Halo(_unit_profile()))

    def fastest(self, truncation):
        """Escape speed from the centre to infinity, in V0."""
        return np.full(np.shape(truncation), np.sqrt(2.0))[()]

    def truncations(self, low, high, number):
        """Tidal radii of the grid [r_s], close together as they cost nothing; one solution holds for all."""
        cuts = np.geomspace(low, high, 4 * number)
        return cuts, cuts[-1:]


def phase_mixed_ratio(df, speeds, radii):
    """Density of the phase-mixed daughters over that of the parents; the solver a grid uses unless told otherwise.

    Parameters
    ----------
    df : ErgodicDF
    speeds : Quantity [speed], shape (k,)
    radii : Quantity [length], shape (n,)

    Returns
    -------
    ndarray, shape (k, n)
    """
    return np.array([phase_mix(df, FixedKick(speed), radii).ratio(radii) for speed in speeds])


class GridError(NamedTuple):
    """What the interpolation errs by, at random points between the nodes.

    `signal` and `signal_squared` are relative errors of the volume integrals of rho_parent rho_daughter and of
    rho_daughter^2 out to the tidal radius; `bound` is the absolute error of the bound fraction; `kick` the kick speeds
    [V0] and `truncation` the tidal radii [r_s] of the points; `exact` the first integral over that of rho_parent^2.
    """

    kick: np.ndarray
    truncation: np.ndarray
    exact: np.ndarray
    signal: np.ndarray
    signal_squared: np.ndarray
    bound: np.ndarray


@dataclass(frozen=True, eq=False)
class DaughterGrid:
    """Ratios of daughters to parents for NFW haloes; made by `solve_daughter_grid`.

    Attributes
    ----------
    truncation : EnergyCut or NoCut
    kicks : ndarray, shape (k,)
        In escape speeds from the centre, from 0 to below 2.
    truncations : ndarray, shape (c,)
        Tidal radii in r_s.
    ln_ratio : ndarray, shape (k, c or 1, n)
        On radii equally spaced in ln r between 1e-4 r_s and 0.93 r_t.
    ln_parent : ndarray, shape (c or 1, n)
        Parents left by the cut over the NFW density and over (1 - r/r_t)^(3/2), their law at the edge.
    ln_bound : ndarray, shape (k, c)
    """

    truncation: object
    kicks: np.ndarray
    truncations: np.ndarray
    ln_ratio: np.ndarray
    ln_parent: np.ndarray
    ln_bound: np.ndarray

    made_by: ClassVar[str] = "solve_daughter_grid"
    settings: ClassVar[dict] = {}

    def covers(self, truncation):
        """Whether tidal radii [r_s] lie on the grid; beyond it, that of the nearest end stands in."""
        return (truncation >= self.truncations[0]) & (truncation <= self.truncations[-1])

    def parent(self, truncation, x):
        """Parents left by the cut, over the NFW density: shapes (d,) and (d, n) to (d, n)."""
        inside = self._clip(truncation)
        along = self._along_radius(inside, x)
        line = np.einsum("dc,cn->dn", self._along_truncation(inside), self.ln_parent)
        edge = np.maximum(1 - x / inside[:, None], 0.0) ** 1.5 if self.truncation.name == EnergyCut.name else 1.0
        return np.exp(np.einsum("dxn,dn->dx", along, line)) * edge

    def ratio(self, kick, truncation, x):
        """Daughters over parents: kick [V0] (d, k), truncation [r_s] (d,), x [r_s] (d, n) to (d, k, n)."""
        inside = self._clip(truncation)
        along = self._along_radius(inside, x)
        line = np.einsum("dc,acn->dan", self._along_truncation(inside), self.ln_ratio)
        weights, beyond = self._along_kick(kick, inside)
        ln_ratio = np.matmul(np.matmul(weights, line), np.swapaxes(along, 1, 2))
        return np.where(beyond[..., None], 0.0, np.exp(np.minimum(ln_ratio, 60.0)))

    def responses(self, kick, truncation, x, mixing):
        """What did not decay, and daughters, over the parents before any decay, for distributions of kicks.

        In a potential that stays the first are as they were. `mixing`, shape (k, q), sums the speeds of each kick: two
        arrays that broadcast to (d, q, n).
        """
        ratio = np.einsum("dqx,qk->dkx", self.ratio(kick, truncation, x), mixing, optimize=True)
        return np.ones((1, 1, 1)), ratio

    def kick_nodes(self, kicks):
        """Speeds of all kicks [km/s], and the matrix (speeds, kicks) that sums them: densities are linear in P(k)."""
        rules = [kick.quadrature() for kick in kicks]
        speeds = np.concatenate([np.asarray(rule[0], dtype=float) for rule in rules])
        mixing = np.zeros((len(speeds), len(kicks)))
        start = 0
        for column, (nodes, weights) in enumerate(rules):
            mixing[start : start + len(nodes), column] = weights
            start += len(nodes)
        return speeds, mixing

    def bound_fraction(self, kick, truncation):
        """Share of the daughters born within the tidal radius that stays: (d, k) and (d,) to (d, k)."""
        inside = self._clip(truncation)
        weights, beyond = self._along_kick(kick, inside)
        nodes = np.log(self.truncations)
        line = np.einsum("dc,ac->da", _cardinal(nodes, np.log(inside)), self.ln_bound)
        return np.where(beyond, 0.0, np.exp(np.minimum(np.einsum("dka,da->dk", weights, line), 0.0)))

    def _clip(self, truncation):
        return np.clip(np.asarray(truncation, dtype=float), self.truncations[0], self.truncations[-1])

    def _along_truncation(self, truncation):
        if self.ln_parent.shape[0] == 1:
            return np.ones((len(truncation), 1))
        return _cardinal(np.log(self.truncations), np.log(truncation))

    def _along_kick(self, kick, truncation):
        """Weights of the kicks, and where the kick is too fast for any parent to keep its daughter."""
        share = np.asarray(kick, dtype=float) / self.truncation.fastest(truncation)[:, None]
        nodes = _stretch(self.kicks)
        t = _stretch(np.minimum(share, 2 - 1e-6))
        weights = _cardinal(nodes, np.minimum(t, nodes[-1]))
        # past the last kick the ratio falls as a power of (2 - share), so its logarithm as t^2
        last_slope = _cardinal(nodes, nodes[-1], derivative=1) / (2 * nodes[-1])
        return weights + np.maximum(t**2 - nodes[-1] ** 2, 0.0)[..., None] * last_slope, share >= 2

    def _along_radius(self, truncation, x):
        n = self.ln_parent.shape[1]
        end = self.truncations[-1] if self.ln_parent.shape[0] == 1 else truncation[:, None]
        first = np.log(_INNERMOST)
        place = (np.log(x) - first) / (np.log(_OUTERMOST * end) - first) * (n - 1)
        nodes = np.arange(float(n))
        weights = _cardinal(nodes, np.clip(place, 0.0, n - 1.0))
        # inside the first radius the ratio is a power law
        return weights + np.minimum(place, 0.0)[..., None] * _cardinal(nodes, 0.0, derivative=1)


def solve_daughter_grid(
    truncation=None, solver=phase_mixed_ratio, *, kicks=16, truncations=(0.5, 80.0, 6), radii=24, progress=None
):
    """Solve the daughters of NFW haloes for a grid of kick speeds and tidal radii.

    Parameters
    ----------
    truncation : EnergyCut or NoCut
        `EnergyCut` if left out.
    solver : callable
        ``solver(df, speeds, radii)``, see `phase_mixed_ratio`.
    kicks : int
        Kick speeds, from zero to 1.75 escape speeds from the centre, where less than 1e-5 of the signal is left; up
        to 2, where it ends, the ratio continues as a power law.
    truncations : (float, float, int)
        Lowest and highest tidal radius [r_s], and how many.
    radii : int
    progress : callable (done, total), optional

    Returns
    -------
    DaughterGrid
    """
    truncation = EnergyCut() if truncation is None else truncation
    if kicks < 4 or truncations[2] < 4 or radii < 4:
        raise InputError(
            f"kicks = {kicks}, truncations = {truncations}, radii = {radii}: a cubic spline needs four of each"
        )
    shares = _unstretch(np.linspace(0, _stretch(1.75), kicks))
    cuts, solved = truncation.truncations(*truncations)
    ln_ratio = np.zeros((kicks, len(solved), radii))
    ln_parent = np.zeros((len(solved), radii))
    ln_bound = np.zeros((kicks, len(cuts)))
    for j, cut in enumerate(solved):
        df = truncation.reference(cut)
        x = _radii(cut, radii)
        parents = np.asarray(df.density(x) / df.profile.density(x))
        taper = (1 - _plain(x) / cut) ** 1.5 if truncation.name == EnergyCut.name else 1.0
        ln_parent[j] = np.log(parents / taper)
        speeds = shares[1:] * truncation.fastest(cut)
        ln_ratio[1:, j] = np.log(np.maximum(solver(df, units.attach(speeds, "speed"), x), _FLOOR))
        columns, within = (slice(None), cuts) if len(solved) == 1 else ([j], cut * _JUST_INSIDE)
        for i, speed in enumerate(speeds, start=1):
            ln_bound[i, columns] = np.log(np.maximum(_bound_fractions(df, speed, np.atleast_1d(within)), _FLOOR))
        if progress is not None:
            progress(j + 1, len(solved))
    return DaughterGrid(truncation, shares, cuts, ln_ratio, ln_parent, ln_bound)


def measure_error(grid, solver=phase_mixed_ratio, *, points=8, seed=0):
    """Solve at random kicks and tidal radii between the nodes, and compare: a `GridError`."""
    rng = np.random.Generator(np.random.Philox(seed))
    low, high = _stretch(grid.kicks[[1, -1]])
    shares = _unstretch(rng.uniform(low, high, points))
    cuts = np.exp(rng.uniform(*np.log(grid.truncations[[0, -1]]), points))
    kicks = shares * grid.truncation.fastest(cuts)
    rows = [_compare(grid, solver, kick, cut) for kick, cut in zip(kicks, cuts, strict=True)]
    return GridError(kicks, cuts, *(np.array(column) for column in zip(*rows, strict=True)))


def _compare(grid, solver, kick, cut):
    df = grid.truncation.reference(cut)
    z, w = np.polynomial.legendre.leggauss(40)
    log_x = np.log(_INNERMOST) + 0.5 * (z + 1) * (np.log(_OUTERMOST * cut) - np.log(_INNERMOST))
    x, weight = np.exp(log_x), w * np.exp(3 * log_x)
    nfw = 1 / (x * (1 + x) ** 2)
    r = units.attach(x, "length")
    truth = solver(df, units.attach(np.array([kick]), "speed"), r)[0]
    parents = nfw * np.asarray(df.density(r) / df.profile.density(r))
    guess = grid.ratio(np.array([[kick]]), np.array([cut]), x[None])[0, 0]
    guessed = nfw * grid.parent(np.array([cut]), x[None])[0]
    norm, once, twice = (np.sum(weight * parents**2 * truth**n) for n in (0, 1, 2))
    wrong = [np.sum(weight * guessed**2 * guess**n) for n in (0, 1, 2)]
    speed, within = units.attach(kick, "speed"), units.attach(cut * _JUST_INSIDE, "length")
    bound = bound_fraction(df, FixedKick(speed), within)
    guessed_bound = grid.bound_fraction(np.array([[kick]]), np.array([cut]))[0, 0]
    return (
        once / norm,
        (wrong[1] / wrong[0]) / (once / norm) - 1,
        (wrong[2] / wrong[0]) / (twice / norm) - 1,
        guessed_bound - bound,
    )


def _bound_fractions(df, speed, within):
    """Share of the daughters born inside each of the increasing radii `within` [kpc] that stays bound: cumulated."""
    inner = np.linspace(np.log(_INNERMOST * 1e-2), np.log(within[0]), 30)
    edges = np.concatenate([inner, np.log(within[1:])])
    half = 0.5 * np.diff(edges)
    log_r = (edges[:-1, None] + half[:, None] * (1 + _GAUSS_X)).ravel()
    share, parents = bound_share(df, FixedKick(units.attach(speed, "speed")), log_r, float(df.halo._log_cut))
    born = (half[:, None] * _GAUSS_W).ravel() * parents * np.exp(3 * log_r)
    kept, all_born = (np.cumsum(np.sum(mass.reshape(len(half), -1), axis=1)) for mass in (share * born, born))
    return (kept / all_born)[len(inner) - 2 :]


def _stretch(share):
    """Coordinate of the kick: its square root while slow, -ln(2 - share) near the last kick that leaves anything."""
    return np.sqrt(-np.log1p(-0.5 * np.asarray(share)))


def _unstretch(t):
    return -2 * np.expm1(-(np.asarray(t) ** 2))


def _cardinal(nodes, x, derivative=0):
    """Weights of the nodes in the cubic spline through them, or in its derivative, at x: shape of `x` plus (nodes,)."""
    return make_interp_spline(nodes, np.eye(len(nodes)), k=3)(x, derivative)


def _radii(cut, n):
    return units.attach(np.geomspace(_INNERMOST, _OUTERMOST * cut, n), "length")


def _plain(r):
    return np.asarray(units.to_internal(r, "length"))


def _unit_profile():
    return NFWProfile(r_s="1 kpc", rho_s=units.attach(1 / (4 * np.pi * constants.G), "density"))
