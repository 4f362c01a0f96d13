"""One NFW halo after its decays in its own gravity, per particle: what is left undecayed, and the daughters."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.interpolate import make_smoothing_spline

from halokick import constants, units
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile, TruncatedProfile
from halokick.live.answer import resolution_start
from halokick.live.orbit_iteration import orbit_iteration
from halokick.live.profile import SHELL_COUNT, Reference, grouped, merged_shells
from halokick.live.start import live_start

_AGE = 1e6
"""In r_s / V_0: decays slow against everything, so that what is on its way out weighs nothing."""
_STEPS = 10
"""Half as many change nothing by more than 0.3 per cent; see `orbit_iteration` for what is predicted in each."""
_POWER = 1.25
"""Of the particles' masses, between equal shares of the centre and of the rest."""
_COUNT, _FEWEST = 50, 6
"""Orbits in a shell, and shells, at least."""
_STIFFNESS = 30.0
"""Penalty of curvature, over that of one orbit's deviation: follows changes over a third of a unit of ln r."""
_STEEPEST = 2.0
_X, _W = np.polynomial.legendre.leggauss(60)


class SoftCut:
    r"""The density falls as NFW times exp[-(r/r_t)^2], as in all live haloes, which must be of finite mass.

    J and the bound fraction count what is inside r_t, before and after.
    """

    name = "soft cut"

    def reference(self, truncation):
        """Distribution function of the halo with r_s = 1 kpc and V0 = 1 km/s, cut at `truncation` r_s."""
        unit = NFWProfile(r_s="1 kpc", rho_s=units.attach(1 / (4 * np.pi * constants.G), "density"))
        return ErgodicDF(Halo(TruncatedProfile(unit, r_t=units.attach(truncation, "length"))))

    def fastest(self, truncation):
        r"""Escape speed from the centre in V0.

        .. math:: v_\mathrm{esc}^2 = 2\int_0^\infty \frac{e^{-(x/x_t)^2}}{(1 + x)^2}\,dx
        """
        # with x = e^u - 1 the integrand is e^{-u} times the cut, nothing beyond 6 x_t
        last = np.log1p(6 * np.asarray(truncation, dtype=float))[..., None]
        u = 0.5 * last * (1 + _X)
        cut = np.exp(-((np.expm1(u) / np.asarray(truncation, dtype=float)[..., None]) ** 2))
        return np.sqrt(2 * np.sum(0.5 * last * _W * np.exp(-u) * cut, axis=-1))

    def parent(self, truncation, x):
        """Parents over the NFW density."""
        return np.exp(-((x / truncation) ** 2))


class HaloRatios(NamedTuple):
    """A halo after its decays over that before, on the radii asked for.

    `partner` is the density of what did not decay, per particle of it, `daughter` that of daughters per decayed parent
    (nan where too few are left; it counts their mass), both over the density before; `bound` the share of all daughters
    that stays.
    """

    partner: np.ndarray
    daughter: np.ndarray
    bound: float


class LiveNFW:
    """The NFW halo of one tidal radius, ready to be solved for one kick after the other with the same particles.

    Parameters
    ----------
    cut : SoftCut
    truncation : float [r_s]
    law : KickDistribution
        Its shape counts, not its speeds.
    share, parent_share, mass_loss : float
        Decayed share of the parents, their share f_B of the dark matter, and the share of its mass that a parent loses.
    n, seed : int
        Orbits.
    """

    def __init__(self, cut, truncation, law, share, *, parent_share=1.0, mass_loss=0.0, n=16384, seed=1):
        self.truncation, self.share, self.parent_share, self.mass_loss = truncation, share, parent_share, mass_loss
        self.df = cut.reference(truncation)
        start = live_start(self.df, law, n, seed, power=_POWER)
        self._unit = start.kick / float(units.to_internal(law.rms_speed, "speed"))
        self._start = start
        control = orbit_iteration(start, self.df, times=(0.0,), lifetime=np.inf)
        first = resolution_start(self.df, control, control, grows=False)
        self.reference = Reference(self.df.profile, control.edges, control.moments[-1].total, first)

    def ratios(self, speed, x, progress=None):
        """After kicks of this rms speed [V0], at radii x [r_s]: HaloRatios."""
        out = orbit_iteration(
            replace(self._start, kick=speed * self._unit),
            self.df,
            times=(_AGE,),
            lifetime=-_AGE / np.log1p(-self.share),
            decaying_share=self.parent_share,
            mass_loss=self.mass_loss,
            steps=max(_STEPS, int(np.ceil(-5 * np.log1p(-self.share)))),
            progress=progress,
        )
        moment = out.moments[-1]
        gone = self.parent_share * self.share
        left = 1 - gone
        born = gone * (1 - self.mass_loss)
        bound = 1 - moment.escaped_mass / (born * self._start.total_mass)
        kept = left + born * bound
        partner, inner = self._smooth(moment.parents, kept, x)
        partner /= left
        # in the cusp it cannot fall further than without any daughters
        partner = np.where(x < inner, np.maximum(partner, left**3 * self._expanded(left, x)), partner)
        daughter, _ = self._smooth(moment.daughters, kept, x)
        return HaloRatios(partner, daughter / gone, bound)

    def _expanded(self, left, x):
        """Density at the radius that expansion by homology takes to x, over that at x."""
        radius = units.attach(np.asarray(x), "length")
        profile = self.df.profile
        return np.asarray(profile.density(left * radius) / profile.density(radius))

    def _smooth(self, sums, kept, x):
        """Density over that of the control run, and the innermost radius at which it was counted.

        Smoothed is what differs from a halo that expands by homology as one that has `kept` this share of its mass: its
        edge bends too much for a stiff curve.
        """
        reference = self.reference
        groups = merged_shells(sums.count * (SHELL_COUNT / _COUNT), reference.log_edges, reference.start)
        groups = [(a, b) for a, b in groups if reference.log_edges[b - 1] <= reference.log_last]
        if len(groups) < _FEWEST:
            return np.full(np.shape(x), np.nan), np.inf
        before = grouped(reference.mass, groups)
        centre = grouped(reference.mass * reference.middle, groups) / before
        value = np.log(grouped(sums.mass, groups) / before / self._expanded(kept, np.exp(centre)))
        # beyond its ends it is a straight line: a power of the radius
        spline = make_smoothing_spline(centre, value, grouped(sums.count, groups), lam=_STIFFNESS)
        log_x = np.log(x)
        at = np.clip(log_x, centre[0], centre[-1])
        slope = float(np.clip(spline(centre[0], 1), 0.0, _STEEPEST))
        ln_ratio = spline(at) + np.where(log_x > at, spline(centre[-1], 1), slope) * (log_x - at)
        return np.exp(ln_ratio) * self._expanded(kept, x), np.exp(centre[0])
