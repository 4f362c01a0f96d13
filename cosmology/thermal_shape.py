"""A thermal average as freeze-out takes it: its size at one x, and its shape over x from a table."""

import numpy as np
from scipy.interpolate import CubicSpline

from cosmology import units
from cosmology.errors import InputError

LOWEST_X, HIGHEST_X = 0.5, 2e6
"""Range of x = mass/temperature that a freeze-out asks for, with a margin."""


class ThermalShape:
    r""":math:`\langle\sigma v\rangle(x)` over its value at one x, interpolated in logarithms; call it with x.

    One costly thermal average, made for many x (and many couplings) at once, then serves every step of a freeze-out:
    ``freeze_out(mass, shape.amplitude, closure, shape=shape)``. At 75 points per decade the cubic interpolation is good
    to 1e-5 for averages over a pole.

    Parameters
    ----------
    x : ndarray, ascending
    sigma_v : Quantity [sigma_v], shape of `x`
        Positive.
    reference : float
        x of the amplitude.

    Attributes
    ----------
    amplitude : Quantity [sigma_v]
        The average at `reference`.

    Raises
    ------
    InputError
        A table that is not positive or not ascending, or a reference outside it.
    """

    def __init__(self, x, sigma_v, reference=20.0):
        x = np.asarray(units.to_internal(x, "dimensionless", "x"))
        values = np.asarray(units.to_internal(sigma_v, "sigma_v", "sigma_v"))
        if x.ndim != 1 or x.shape != values.shape or x.size < 4 or np.any(x <= 0) or np.any(np.diff(x) <= 0):
            raise InputError("x and sigma_v need the same number of entries, at least 4, with x positive and ascending")
        if np.any(values <= 0):
            raise InputError("sigma_v is zero or negative somewhere; a thermal average is positive at every x")
        if not x[0] <= reference <= x[-1]:
            raise InputError(f"reference = {reference} is outside the table, {x[0]:g} to {x[-1]:g}")
        self._range = (x[0], x[-1])
        self._spline = CubicSpline(np.log(x), np.log(values))
        self._level = float(self._spline(np.log(reference)))
        self.amplitude = units.attach(np.exp(self._level), "sigma_v")

    @classmethod
    def from_annihilation(cls, annihilation, reference=20.0, points=500):
        """From any object whose ``thermal(x)`` takes an array, over the range that a freeze-out asks for."""
        x = np.geomspace(LOWEST_X, HIGHEST_X, points)
        return cls(x, annihilation.thermal(x), reference)

    def __call__(self, x):
        """Average over `amplitude`, ndarray of the shape of `x`."""
        x = np.asarray(x, dtype=float)
        if np.any(x < self._range[0]) or np.any(x > self._range[1]):
            raise InputError(
                f"x from {np.min(x):.4g} to {np.max(x):.4g} leaves the table, {self._range[0]:g} to {self._range[1]:g}"
            )
        return np.exp(self._spline(np.log(x)) - self._level)
