"""Daughters after full phase mixing: kick the distribution function, average it along orbits, integrate."""

import numpy as np

from halokick import units
from halokick.daughters.bound_fraction import bound_fraction, bound_share
from halokick.daughters.kick_nodes import COARSE, FINE, bound_nodes, check_parents_and_kick
from halokick.daughters.radii import one_radius, tabulated
from halokick.daughters.result import Daughters
from halokick.errors import ConvergenceError, InputError
from halokick.kernels.field import log_radius_of_energy
from halokick.kernels.phase_mixing import daughter_moments, daughter_speeds

_FINE = (64, 16, 16)
_COARSE = (48, 12, 12)
"""Gauss nodes on each side of the cold spike, in pitch angle, and orbit points per factor e^8 in radius."""


def _unit_nodes(n):
    x, w = np.polynomial.legendre.leggauss(n)
    return 0.5 + 0.5 * x, 0.5 * w


def spike_radius(field, speed):
    """ln of the zero-velocity radius of a particle kicked from rest in the centre; -inf or +inf beyond the tables."""
    depth = 0.5 * speed * speed
    if depth <= field.phi[0, 0]:
        return -np.inf
    if depth >= field.psi0:
        return np.inf
    return log_radius_of_energy(field, depth, field.psi0 - depth)


def phase_mix(df, kick, radii=None, *, outer_cut=None, within=None, progress=None):
    r"""Density of daughters that have forgotten where on their orbits they were born: the full g(E, L).

    Orbits conserve :math:`\varepsilon` and :math:`L`, so the mixed distribution is the kicked one averaged in time
    along each orbit, :math:`g(\varepsilon, L) = \langle h\rangle`, with :math:`h` the parents' f averaged over kick
    directions (Hardy, Lasenby & Unwin 2014, Eq. (C.2)), and

    .. math:: \rho_k(r) = 4\pi\int d\varepsilon\, v\int_0^{\pi/2} \sin a\, da\; g(\varepsilon, r v\sin a).

    The Jacobian is :math:`d^3v = 2\pi\, d\varepsilon\, dL^2/(r^2 |v_r|)`. Eqs. (C.4) and (C.6) of that paper carry a
    factor v too many, which weights the orbit average by r v and does not conserve particles.

    Parameters
    ----------
    df : ErgodicDF
        The parents.
    kick : KickDistribution
        A distribution of speeds is integrated by its own Gauss nodes: the density is linear in it.
    radii : Quantity [length], shape (n,), optional
    outer_cut : Quantity [length], optional
        Leave out daughters whose zero-velocity radius lies outside. Off in the paper.
    within : Quantity [length], optional
        Reference radius of `bound_fraction`; ten scale radii, or the edge, if left out.
    progress : callable (done, total), optional

    Returns
    -------
    Daughters
        Relative error of the density 1e-5 or better for smooth haloes; its estimate is the difference between two
        orders of quadrature.

    Raises
    ------
    ConvergenceError
        The density is not finite, or the two orders differ by more than a tenth.
    """
    return _solve(df, kick, radii, outer_cut, within, progress, "phase_mixing", _full_moments)


def _full_moments(df, speed, log_r, log_out, order):
    halo = df.halo
    z, wz = _unit_nodes(order[0])
    y, wy = _unit_nodes(order[1])
    spike = spike_radius(halo._field, speed)
    return daughter_moments(halo._field, df._table, speed, log_r, spike, log_out, z, wz, y, wy, order[2])


def _solve(df, kick, radii, outer_cut, within, progress, method, moments, orders=(_FINE, _COARSE)):
    """The part that both ways of mixing share: sum over kick speeds, estimate the error, make the record."""
    tasks = [
        (order, float(speed), weight)
        for order, nodes in zip(orders, (FINE, COARSE), strict=True)
        for speed, weight in zip(*bound_nodes(df, kick, nodes), strict=True)
    ]
    radius, log_out, edge = tabulated(df, radii, outer_cut)
    log_r = np.log(radius)
    sums = {order: np.zeros((3, len(radius))) for order in orders}
    for done, (order, speed, weight) in enumerate(tasks, start=1):
        sums[order] += weight * moments(df, speed, log_r, log_out, order)
        if progress is not None:
            progress(done, len(tasks))
    density, radial, tangential = sums[orders[0]]
    error = np.abs(density - sums[orders[1]][0])
    parents = np.asarray(df._density(log_r))
    _check_density(density, error, parents, radius)
    share, _ = bound_share(df, kick, log_r, log_out)
    safe = np.maximum(density, np.finfo(float).tiny)
    reference = _reference(df, within, edge, radius)
    return Daughters(
        method=method,
        parent=df if df.halo.energy_cut is not None else df.profile,
        kick=kick,
        radius=units.attach(radius, "length"),
        components={"bound": units.attach(density, "density")},
        error_density=units.attach(error + 1e-12 * density, "density"),
        dispersion={
            "radial": units.attach(np.sqrt(radial / safe), "speed"),
            "tangential": units.attach(np.sqrt(0.5 * tangential / safe), "speed"),
        },
        bound_at_birth=share,
        bound_fraction=float(bound_fraction(df, kick, reference, outer_cut)),
        reference_radius=reference,
        edge=None if edge is None else units.attach(edge, "length"),
        settings={
            "quadrature_order": orders[0],
            "outer_cut": outer_cut,
            "energy_cut": df.halo.energy_cut,
            "kick_nodes": sum(order == orders[0] for order, _, _ in tasks),
        },
    )


def _check_density(density, error, parents, radius):
    if not np.all(np.isfinite(density)):
        where = radius[np.argmax(~np.isfinite(density))]
        raise ConvergenceError(f"the daughters' density at {where:.4g} kpc is not finite")
    # a density below the rounding of the parents' is zero for every use
    poor = (error > 0.1 * density) & (density > 1e-10 * parents)
    if np.any(poor):
        where = radius[np.argmax(poor)]
        raise ConvergenceError(
            f"two orders of quadrature differ by more than a tenth at {where:.4g} kpc; give radii that stop short of it"
        )


def _reference(df, within, edge, radius):
    if within is not None:
        return units.attach(one_radius(within, "within", df.halo), "length")
    reference = 10 * df.profile._scale_radius
    if edge is not None:
        reference = min(reference, edge)
    return units.attach(min(reference, float(np.exp(df._log_outermost))), "length")


def speed_distribution(df, kick, r, speed, outer_cut=None):
    r"""Speeds of phase-mixed daughters at one radius: :math:`p(v) = 4\pi v^2\,\bar g(v; r)/\rho_k(r)`.

    :math:`\bar g` is the mean of g over directions. Integrates to one over the bound speeds. What a direct-detection
    experiment or a velocity-dependent cross-section needs.

    Parameters
    ----------
    df : ErgodicDF
    kick : KickDistribution
    r : Quantity [length], scalar
    speed : Quantity [speed], shape (n,)
        Speeds in the halo's frame.
    outer_cut : Quantity [length], optional

    Returns
    -------
    Quantity [1/speed], shape (n,)

    Raises
    ------
    InputError
        More than one radius, or one at which there is no bound daughter.
    """
    check_parents_and_kick(df, kick)
    halo = df.halo
    radius = units.attach([one_radius(r, "r", halo)], "length")
    v = np.atleast_1d(np.asarray(units.to_internal(speed, "speed", "speed"), dtype=float))
    if v.ndim != 1 or np.any(v < 0):
        raise InputError(f"speed = {speed}; one list of speeds that are not negative is needed")
    log_r = np.asarray(halo._log_radius(radius))
    log_out = float(halo._log_cut)
    if outer_cut is not None:
        log_out = min(log_out, float(np.log(one_radius(outer_cut, "outer_cut", halo))))
    y, wy = _unit_nodes(_FINE[1])
    speeds, weights = bound_nodes(df, kick)
    per_speed = np.zeros(len(v))
    density = 0.0
    for k, weight in zip(speeds, weights, strict=True):
        per_speed += weight * daughter_speeds(halo._field, df._table, float(k), log_r[0], log_out, v, y, wy, _FINE[2])
        density += weight * _full_moments(df, float(k), log_r, log_out, _FINE)[0, 0]
    if not density > 0:
        raise InputError(
            f"r = {r}: {kick.label} leaves no bound daughter there; give a radius inside the cut, or a slower kick"
        )
    return (per_speed / density) / units.attach(1.0, "speed")
