r"""Line-of-sight integrals of one density or of a pair: J-factors and D-factors, per direction and within a cone.

J has no factor 1/2: the flux of two distinct species is :math:`\langle\sigma v\rangle/(4\pi m^2)\,dN/dE\,J`.
"""

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.kernels.line_of_sight import cone_integrals, line_integrals
from halokick.live.rule import check_quoted
from halokick.sky.radial_table import radial_table
from halokick.sky.signal_units import check_shapes

_CLOSE = 1e-6
"""Inner and outer slopes this near to a diverging one count as diverging: their logarithm is not a number to quote."""


def _gauss(nodes, power):
    """Gauss-Legendre on 0..1 in z, as nodes and weights of x = z^power."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    z = 0.5 * (x + 1)
    return z**power, 0.5 * w * power * z ** (power - 1)


_SMOOTH = _gauss(16, 1)
"""For a panel of one e-folding in radius: closed-form profiles are then integrated to rounding."""
_GRADED = _gauss(32, 5)
"""For a panel that ends at a logarithm."""


def differential_j_factor(first, second=None, *, distance, angle, r_max=None):
    r"""J-factor per solid angle in the direction `angle` away from the halo centre.

    .. math:: \frac{dJ}{d\Omega}(\theta) = \int_0^\infty \rho_1(r)\,\rho_2(r)\,ds, \qquad
              r^2 = d^2 + s^2 - 2 d s\cos\theta

    (behind Fig. 8 of Hardy, Lasenby & Unwin 2014). The integral starts at the observer and ends exactly where the
    line leaves the sphere of radius `r_max`. Relative error below 1e-9 for closed forms, 1e-7 for a halo with an
    energy cut (1e-4 along lines that meet only the last tenth inside the cut) and 1e-4 for bins with noise, apart
    from the errors of the densities themselves.

    Parameters
    ----------
    first, second : anything with ``density(r)``
        Profiles, `Daughters`, spherical galpy potentials. `second` left out is `first` again.
    distance : Quantity [length], any shape
        Of the observer from the halo centre; inside, at the edge of or outside the halo.
    angle : Quantity [angle], any shape
        Between the line of sight and the centre, 0 to 180 degrees; broadcast against `distance`.
    r_max : Quantity [length], optional
        Radius at which the halo ends. Left out: the smallest ``r_max`` that `first` and `second` carry themselves
        (tabulated daughters do), else infinity.

    Returns
    -------
    Quantity [GeV2 cm-5 sr-1], broadcast shape of `distance` and `angle`

    Raises
    ------
    UnitError
        An argument without a unit, or with a wrong one.
    InputError
        `distance` not positive, `angle` outside 0 to 180 degrees, `r_max` beyond what a density knows; `angle` = 0
        where the product of the densities rises as 1/r or faster, so that the integral is infinite; no `r_max` where
        it falls as 1/r or slower; daughters in a fixed potential that know their decayed share
        (`with_decayed_share`), where J would be wrong by 30 per cent or more.
    ConvergenceError
        A density too rough to be integrated.

    Warns
    -----
    FixedPotentialWarning
        Such daughters, where J would be wrong by 5 per cent or more.
    """
    _check_quoted(first, second, distance, angle)
    table = radial_table(first, first if second is None else second, r_max)
    return _line(table, distance, angle, "differential_j_factor")


def differential_d_factor(profile, *, distance, angle, r_max=None):
    r"""D-factor per solid angle, :math:`dD/d\Omega = \int \rho\,ds`: Quantity [GeV cm-2 sr-1].

    Arguments and errors as for `differential_j_factor`; here the density itself must rise less steeply than 1/r for
    `angle` = 0, and fall more steeply than 1/r without `r_max`.
    """
    return _line(radial_table(profile, None, r_max), distance, angle, "differential_d_factor")


def j_factor(first, second=None, *, distance, angle, r_max=None):
    r"""J-factor within a cone of half-angle `angle` around the halo centre.

    .. math:: J(<\theta) = \int_{\Delta\Omega} d\Omega \int ds\,\rho_1\rho_2
              = \frac{2\pi}{d}\int dr\,r\,\rho_1\rho_2\,\Lambda(r; d, \theta)

    where :math:`\Lambda = \int dl/l` over the part of the shell inside the cone is elementary, so that one integral
    over radius is left (own derivation). At :math:`\theta = \pi` it is the whole sky. Far away,
    :math:`J \to d^{-2}\int\rho_1\rho_2\,dV`. Relative error below 1e-8 for closed forms,
    else as there.

    Parameters
    ----------
    first, second, distance, angle, r_max
        As for `differential_j_factor`, with `angle` the half-angle of the cone.

    Returns
    -------
    Quantity [GeV2 cm-5], broadcast shape of `distance` and `angle`
        Zero for an `angle` of zero.

    Raises
    ------
    UnitError
        An argument without a unit, or with a wrong one.
    InputError
        As for `differential_j_factor`; a cone around the centre is refused only where the product of the densities
        rises as r^-3 or faster, so that its integral is infinite.
    ConvergenceError
        A density too rough to be integrated.

    Warns
    -----
    FixedPotentialWarning
        As there.
    """
    _check_quoted(first, second, distance, angle)
    table = radial_table(first, first if second is None else second, r_max)
    return _cone(table, distance, angle, "j_factor")


def d_factor(profile, *, distance, angle, r_max=None):
    r"""D-factor within a cone, :math:`D(<\theta) = \int d\Omega\int\rho\,ds`: Quantity [GeV cm-2].

    Arguments and errors as for `j_factor`. Far away :math:`D \to M(r_\mathrm{max})/d^2`, so a halo of infinite mass
    needs an `r_max` if the number is to mean more than the cone's depth.
    """
    return _cone(radial_table(profile, None, r_max), distance, angle, "d_factor")


def _line(table, distance, angle, dimension):
    d, theta, shape = _geometry(distance, angle)
    _refuse_endless(table)
    if np.any(theta == 0) and table.slope_inner > 1 - _CLOSE:
        raise InputError(
            f"angle = 0 looks through the centre, where the integrand rises as r^-{table.slope_inner:.3g} and its "
            "integral along the line is infinite (it is finite below r^-1); give an angle above zero, or the integral "
            "within a cone (j_factor, d_factor), which is finite"
        )
    return units.attach(line_integrals(table, d, theta, *_SMOOTH).reshape(shape), dimension)


def _cone(table, distance, angle, dimension):
    d, theta, shape = _geometry(distance, angle)
    _refuse_endless(table)
    if table.slope_inner > 3 - _CLOSE:
        raise InputError(
            f"the integrand rises as r^-{table.slope_inner:.3g} towards the centre, so its volume integral is infinite "
            "(it is finite below r^-3); use a shallower profile or one with a core"
        )
    return units.attach(cone_integrals(table, d, theta, *_SMOOTH, *_GRADED).reshape(shape), dimension)


def _check_quoted(first, second, distance, angle):
    """Judge daughters in a fixed potential by the sphere that the cone, or the line of sight, touches."""
    d, theta, _ = _geometry(distance, angle)
    check_quoted((first, second), d * np.sin(np.minimum(theta, 0.5 * np.pi)))


def _refuse_endless(table):
    if np.isinf(table.r_max) and table.slope_outer < 1 + _CLOSE:
        raise InputError(
            f"the integrand falls only as r^-{table.slope_outer:.3g}, so a line of sight without end gives infinity; "
            "give r_max, for example the virial radius"
        )


def _geometry(distance, angle):
    d, theta = units.to_internal(distance, "length", "distance"), units.to_internal(angle, "angle", "angle")
    check_shapes(distance=d, angle=theta)
    d, theta = np.broadcast_arrays(d, theta)
    if np.any(d <= 0):
        raise InputError(f"distance = {distance} must be positive: it is the observer's distance from the halo centre")
    # 180 degrees in other units may round to a little more than pi
    if np.any(theta < 0) or np.any(theta > np.pi * (1 + 1e-12)):
        raise InputError(f"angle = {angle} must lie between 0 deg (the halo centre) and 180 deg (the opposite side)")
    flat = np.minimum(theta.ravel(), np.pi)
    # copies: numba must not write through arrays that were broadcast
    return np.array(d).ravel(), np.array(flat), theta.shape
