"""A density known at a list of radii, made into a smooth profile."""

import numpy as np
from scipy.interpolate import make_interp_spline

from halokick import units
from halokick.errors import InputError
from halokick.halo.profile_base import DensityProfile, positive_factor

FEWEST_POINTS = 6
"""A quintic spline needs one more point than its degree."""


class TabulatedProfile(DensityProfile):
    """Quintic spline of ln rho against ln r through a table; power laws with the end slopes beyond it.

    The curve passes through every point, so a noisy table gives a noisy slope: smooth it before asking for a
    distribution function.

    Parameters
    ----------
    r : Quantity [length], shape (n,)
        Positive and strictly increasing; six points or more.
    rho : Quantity [density], shape (n,)
        Positive.

    Raises
    ------
    UnitError
        An argument without a unit, or with a wrong one.
    InputError
        Shapes differ, or values are not finite, not positive, or not in order.
    """

    def __init__(self, r, rho):
        radius = np.atleast_1d(units.to_internal(r, "length", "r"))
        density = np.atleast_1d(units.to_internal(rho, "density", "rho"))
        if radius.ndim != 1 or radius.shape != density.shape:
            raise InputError(
                f"TabulatedProfile: r has shape {radius.shape} and rho {density.shape}; give columns of equal length"
            )
        if len(radius) < FEWEST_POINTS:
            raise InputError(
                f"TabulatedProfile: {len(radius)} points given; a quintic spline needs {FEWEST_POINTS} or more"
            )
        _refuse("r", radius, radius <= 0, "not positive; drop r = 0 and below")
        _refuse("r", radius, np.diff(radius, prepend=-np.inf) <= 0, "not above the radius before it; sort the table")
        _refuse("rho", density, density <= 0, "not positive; drop the points where nothing is left of the halo")
        self._set(table=(tuple(radius), tuple(density)))
        spline = make_interp_spline(np.log(radius), np.log(density), k=5)
        self._set(spline=(spline, spline.derivative(1), spline.derivative(2)))
        self._set(ends=(float(np.log(radius[0])), float(np.log(radius[-1]))))
        ends = np.array(self._ends)
        inner_slope, outer_slope = -self._spline[1](ends)
        self._set(inner_slope=float(inner_slope), outer_slope=float(outer_slope))
        self._set(scale_radius=self._bend())

    def _bend(self):
        """Innermost radius of slope 2; where the table has none, its middle in ln r."""
        log_r = np.linspace(*self._ends, 2001)
        steeper = np.flatnonzero(-self._spline[1](log_r) >= 2)
        if len(steeper) and steeper[0] > 0:
            return float(np.exp(log_r[steeper[0]]))
        return float(np.exp(0.5 * (self._ends[0] + self._ends[1])))

    @property
    def r(self):
        """Radii of the table, Quantity [length]."""
        return units.attach(np.array(self._table[0]), "length")

    @property
    def rho(self):
        """Densities of the table, Quantity [density]."""
        return units.attach(np.array(self._table[1]), "density")

    def _key(self):
        return self._table

    def __repr__(self):
        first, last = self._table[0][0], self._table[0][-1]
        return f"{type(self).__name__}({len(self._table[0])} points, r = {first:.6g} to {last:.6g} kpc)"

    def _log_density(self, log_r):
        log_r = np.asarray(log_r, dtype=float)
        first, last = self._ends
        inside = np.clip(log_r, first, last)
        ln_rho, up, curve = (part(inside) for part in self._spline)
        beyond = log_r - inside
        return ln_rho + up * beyond, -up, np.where(beyond == 0, -curve, 0.0)

    def scaled(self, factor):
        """The same shape with its density multiplied by `factor` (a positive number)."""
        return TabulatedProfile(self.r, self.rho * positive_factor(factor))


def _refuse(name, values, bad, why):
    if np.any(bad):
        i = int(np.flatnonzero(bad)[0])
        raise InputError(f"TabulatedProfile: {name}[{i}] = {values[i]:g} is {why}")
