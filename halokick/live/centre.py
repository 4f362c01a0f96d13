"""How ratios of densities go on inside the radius that particles resolve: as in a potential that hardly changes."""

from functools import cached_property

import numpy as np
from scipy.interpolate import make_interp_spline

from halokick import units
from halokick.daughters.phase_mixing import phase_mix
from halokick.errors import ConvergenceError

_DEEP, _PER_DECADE, _AROUND = (1e-4, 1e-3, 1e-2, 0.1), 10, 4.0
"""From the first of these, in scale radii, at which the fixed potential has an answer, to so many resolution radii."""
_FARTHER, _PART = np.log(1.5), 0.5
"""Orbits are not circular: those that make the density at a radius feel the mass inside farther ones, and go out by
less. Half of what circular ones do fits runs with 64 times as many particles."""


class Centre:
    """Shapes of two ratios to the halo without decays, that of the density and that of the mass inside, over ln r.

    Parameters
    ----------
    log_r : array, shape (n,)
        Increasing; inside the first both go on as power laws.
    density, mass : array, shape (n,)
        Positive; only their shape counts.
    """

    def __init__(self, log_r, density, mass):
        self.log_r = np.asarray(log_r, dtype=float)
        self.shapes = {"density": np.asarray(density, dtype=float), "mass": np.asarray(mass, dtype=float)}

    @property
    def power(self):
        """Power of r at the very centre."""
        return float(self._splines["density"](self.log_r[0], 1))

    def relative(self, name, log_r, join):
        """ln of a ratio over its value at ln r = `join`, and its derivatives in ln r."""
        spline = self._splines[name]
        inside = np.maximum(log_r, self.log_r[0])
        beyond = log_r - inside
        rise = spline(inside, 1)
        value = spline(inside) + rise * beyond - float(spline(max(join, self.log_r[0])))
        return value, rise, np.where(beyond == 0, spline(inside, 2), 0.0)

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "_splines"}

    @cached_property
    def _splines(self):
        return {name: make_interp_spline(self.log_r, np.log(shape), k=3) for name, shape in self.shapes.items()}


def mixed_inside(df, kick, first):
    """Daughters in the fixed potential from near the centre to beyond the resolution radius.

    Parameters
    ----------
    df : ErgodicDF
    kick : KickDistribution
    first : float [kpc]
        Resolution radius.

    Returns
    -------
    Centre or None
        Of the ratios of their density, and of their mass, to those of the parents. None where some place has none, or
        where quadrature does not converge (kicks far slower than anybody in a core, or nearly above escape speed).
    """
    last = min(_AROUND * first, 0.5 * np.exp(df._log_outermost))
    for share in _DEEP:
        deep = share * df.profile._scale_radius
        if not deep < 0.25 * last:
            return None
        nodes = np.geomspace(deep, last, int(np.ceil(_PER_DECADE * np.log10(last / deep))) + 1)
        radius = units.attach(nodes, "length")
        try:
            mixed = phase_mix(df, kick, radius)
        except ConvergenceError:
            continue  # it says so of radii that are too small
        ratio, kept = mixed.ratio(radius), mixed.retained_mass_fraction(radius)
        return Centre(np.log(nodes), ratio, kept) if np.all(ratio > 0) and np.all(kept > 0) else None
    return None


def moved_outward(halo, mixed, decayed, mass_loss):
    r"""Centres of what did not decay and of the daughters: spheres of particles go out as the mass inside is lost.

    On circular orbits r M(<r) stays, so that what was inside r is inside :math:`r / (1 - x s(r) [1 - k(r)])`, with x
    the decayed share, k what is kept of it inside r in the fixed potential, and s the dark matter's share of all mass
    inside r. Others take the mass inside 1.5 r and go half as far, which was found by trial: around a cusp of slope 1.2
    of which 24 and 50 per cent had decayed, J within cones of a third of the resolution radius comes to 1.02 of that
    with 64 times as many orbits, for pairs of undecayed and daughters, and to 1.02 and 1.08 for all dark matter. Power
    laws of the innermost shells gave up to 1.4.

    Parameters
    ----------
    halo : Halo
        Before decays.
    mixed : Centre
        Of `mixed_inside`.
    decayed : float
        Share of all dark matter.
    mass_loss : float
        Of the decaying particle's mass.

    Returns
    -------
    Centre, Centre
    """
    r = np.exp(mixed.log_r)
    radius = units.attach(r, "length")
    lost = 1 - (1 - mass_loss) * mixed.shapes["mass"]
    lost *= np.asarray(units.to_internal(halo.profile.mass(radius) / halo.enclosed_mass(radius), "dimensionless"))
    lost = np.interp(mixed.log_r + _FARTHER, mixed.log_r, lost)
    moved = np.log(r / (1 - _PART * decayed * lost))
    mass, there = (
        np.asarray(units.to_internal(halo.profile.mass(units.attach(q, "length")), "mass")) for q in (r, np.exp(moved))
    )
    # dM at the new radius over what was there
    squeeze = mass / there * np.gradient(np.log(mass), moved) / np.gradient(np.log(there), moved)
    daughters = Centre(moved, mixed.shapes["density"] * squeeze, mixed.shapes["mass"] * mass / there)
    return Centre(moved, squeeze, mass / there), daughters


def centre_of_sum(profiles):
    """Of what several species are together: their own ratios, where they have a centre; None where none has."""
    known = [one for one in profiles if one is not None]
    given = [one._centre for one in known if one._centre is not None]
    if not given:
        return None
    last = min(float(units.to_internal(one.r_max, "length")) for one in known)
    log_r = given[0].log_r[given[0].log_r < np.log(last)]
    radius = units.attach(np.exp(log_r), "length")
    return Centre(log_r, sum(one.ratio(radius) for one in known), sum(one.mass_ratio(radius) for one in known))
