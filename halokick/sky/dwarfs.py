"""Dwarf galaxies under a kick: J-factor, bound fraction and suppression, with what the measurements leave uncertain."""

import zlib
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from halokick import constants, units
from halokick.decay.kicks import KickDistribution
from halokick.errors import InputError
from halokick.halo.concentration import Extrapolated, Moline2017
from halokick.halo.virial import CriticalOverdensity
from halokick.kernels.line_of_sight import cones_nodes
from halokick.sky.catalogue import Dwarf
from halokick.sky.dwarf_grid import solve_daughter_grid
from halokick.sky.dwarf_halo import HaloMassFunction, concentration_scatter, draw_nfw_haloes
from halokick.sky.tides import host_mean_density, milky_way_halo, nfw_tidal_ratio

PERCENTILES = (16, 50, 84)
_X, _W = np.polynomial.legendre.leggauss(20)
_NODES = 0.5 * (_X + 1), 0.5 * _W
"""The cone integral of an NFW halo to 1e-6, so far below the grid's own error."""
_MOST_OUTSIDE = 0.1


@dataclass(frozen=True, eq=False)
class DwarfSuppression:
    """What kicks do to one dwarf. The last axis of every array holds the 16th, 50th and 84th percentile of the draws.

    Attributes
    ----------
    dwarf : Dwarf
    kicks : tuple of KickDistribution, length k
    angles : Quantity [angle], shape (a,)
        Half-angles of the cones.
    j_parent : Quantity [GeV2 cm-5], shape (a, 3)
        J-factor before any decay, out to the tidal radius.
    d_parent : Quantity [GeV cm-2], shape (a, 3)
    linear, quadratic : ndarray, shape (a, k, 3)
        J of parent times daughters, and of daughters squared, over `j_parent`: per decayed parent. On a grid of live
        haloes the parents have felt the loss of mass too, and count per undecayed one.
    bound_fraction : ndarray, shape (k, 3)
        Share of the daughters born within the tidal radius that stays.
    floor : ndarray, shape (a, k, 3), or None
        J of the dwarf's own density times the host's daughters passing through it, over `j_parent`: what is left
        however strong the kick. None where the host's daughters were not given.
    virial_mass, r_s, rho_s, tidal_radius : Quantity, shape (3,)
    concentration : ndarray, shape (3,)
    max_circular_speed : Quantity [speed], shape (3,)
    settings : dict
        Truncation, relation, scatter, mass function, host, number of draws, seed, share of draws outside the grid.
    """

    dwarf: Dwarf
    kicks: tuple
    angles: units.Quantity
    j_parent: units.Quantity
    d_parent: units.Quantity
    linear: np.ndarray
    quadratic: np.ndarray
    bound_fraction: np.ndarray
    floor: np.ndarray | None
    virial_mass: units.Quantity
    concentration: np.ndarray
    r_s: units.Quantity
    rho_s: units.Quantity
    max_circular_speed: units.Quantity
    tidal_radius: units.Quantity
    settings: dict

    @property
    def j_width_dex(self):
        """Half the distance of the outer percentiles of log10 J: its log-normal width, shape (a,)."""
        low, _, high = np.log10(np.moveaxis(self.j_parent.value, -1, 0))
        return 0.5 * (high - low)


def suppress_dwarfs(
    dwarfs,
    kicks,
    *,
    angles="0.5 deg",
    grid=None,
    relation=None,
    scatter_dex=None,
    mass_function=None,
    host=None,
    host_daughters=None,
    draws=200,
    seed=0,
    progress=None,
):
    r"""Suppression of the annihilation signal of dwarfs by the daughters' velocity kick.

    .. math:: S_\mathrm{lin} = \frac{\int \rho\,\rho_k\,dV/l^2}{\int \rho^2\,dV/l^2}, \qquad
              S_\mathrm{quad} = \frac{\int \rho_k^2\,dV/l^2}{\int \rho^2\,dV/l^2}

    over the cone and within the tidal radius. With a grid from `solve_live_grid` the first density under the integrals
    above is that of the parents that are left, per undecayed one: they move outwards as mass is lost.

    Each draw takes a distance and a dispersion from their measured errors
    (log-normal, with separate widths up and down), keeps the angular size, and takes an NFW halo from
    `draw_nfw_haloes`, whose daughters are interpolated in `grid`. A dwarf's random numbers depend on its key and the
    seed alone, not on the other dwarfs.

    Parameters
    ----------
    dwarfs : DwarfCatalogue, Dwarf, or iterable of Dwarf
    kicks : sequence of KickDistribution
    angles : Quantity [angle] or str, scalar or shape (a,)
        Half-angles of cones around the centre of the dwarf, above 0 and below 90 degrees.
    grid : DaughterGrid or LiveDaughterGrid, optional
        In a potential that stays, or follows the decays. The first is solved here if left out (a quarter of a minute
        on two cores); give it when calling more than once.
    relation : ConcentrationMassRelation, optional
        For subhaloes at each dwarf's distance (Moline et al. 2017), extrapolated to small masses, if left out.
    scatter_dex, mass_function
        See `draw_nfw_haloes`.
    host : anything with ``density(r)`` or ``enclosed_mass(r)``, optional
        Sets the tidal radii. `milky_way_halo` if left out.
    host_daughters : sequence of anything with ``density(r)``, optional
        The host's own daughters, one for each kick, per decayed parent: they give `floor`.
    draws : int
    seed : int
    progress : callable (done, total), optional

    Returns
    -------
    tuple of DwarfSuppression

    Raises
    ------
    InputError
        An angle out of range, too few draws, not one of `host_daughters` for each kick, a lower error as large as its
        value, or haloes outside the grid.
    """
    dwarfs = (dwarfs,) if isinstance(dwarfs, Dwarf) else tuple(dwarfs)
    kicks = (kicks,) if isinstance(kicks, KickDistribution) else tuple(kicks)
    for dwarf in dwarfs:
        check_dwarf(dwarf)
    theta = np.atleast_1d(units.to_internal(angles, "angle", "angles"))
    _check(kicks, theta, angles, host_daughters, draws, seed)
    host = milky_way_halo() if host is None else host
    mass_function = HaloMassFunction() if mass_function is None else mass_function
    if not (grid is None or hasattr(grid, "kick_nodes")):
        raise InputError(f"grid = {grid!r}; give one from solve_daughter_grid or solve_live_grid")
    grid = solve_daughter_grid() if grid is None else grid
    results = []
    for dwarf in dwarfs:
        chosen = subhalo_relation(dwarf, host) if relation is None else relation
        sample = _draw(dwarf, host, chosen, scatter_dex, mass_function, draws, seed)
        results.append(_summary(dwarf, kicks, theta, sample, grid, host_daughters))
        if progress is not None:
            progress(len(results), len(dwarfs))
    return tuple(results)


def subhalo_relation(dwarf, host):
    """Concentrations of subhaloes at the dwarf's distance over the host's R_200c (1 outside it), for all masses."""
    wanted = 200 * CriticalOverdensity(factor=1.0)._mean_density()

    def excess(log_r):
        return np.log(float(host_mean_density(host, np.exp(log_r)))) - np.log(wanted)

    radius = np.exp(brentq(excess, np.log(1.0), np.log(1e4)))
    distance = float(units.to_internal(dwarf.galactocentric_distance, "length"))
    return Extrapolated(Moline2017(x_sub=min(1.0, distance / radius)))


class _Sample:
    """Arrays over the draws of one dwarf, internal units."""

    def __init__(self, distance, host_distance, haloes, tidal_ratio, settings):
        self.distance = distance
        self.host_distance = host_distance
        self.haloes = haloes
        self.r_s = np.asarray(units.to_internal(haloes.r_s, "length"))
        self.rho_s = np.asarray(units.to_internal(haloes.rho_s, "density"))
        self.v0 = np.sqrt(4 * np.pi * constants.G * self.rho_s) * self.r_s
        self.tidal_ratio = tidal_ratio
        self.settings = settings


def _draw(dwarf, host, relation, scatter_dex, mass_function, draws, seed):
    key = zlib.crc32(dwarf.key.encode())
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(key,))))
    normal, uniform = rng.normal(size=(2, draws)), rng.random(draws)
    sigma = _split_log_normal(dwarf, "dispersion", "speed", normal[0])
    distance = _split_log_normal(dwarf, "distance", "length", normal[1])
    # what is measured is an angle on the sky
    nearer = distance / units.to_internal(dwarf.distance, "length")
    r_half = units.to_internal(dwarf.half_light_radius, "length") * nearer
    haloes = draw_nfw_haloes(
        units.attach(sigma, "speed"),
        units.attach(r_half, "length"),
        uniform,
        relation,
        scatter_dex=scatter_dex,
        mass_function=mass_function,
    )
    host_distance = units.to_internal(dwarf.galactocentric_distance_at(units.attach(distance, "length")), "length")
    rho_s = np.asarray(units.to_internal(haloes.rho_s, "density"))
    ratio = nfw_tidal_ratio(rho_s, host_mean_density(host, host_distance))
    settings = {
        "draws": draws,
        "seed": seed,
        "relation": repr(relation),
        "scatter_dex": concentration_scatter(relation, scatter_dex),
        "mass_function": repr(mass_function),
        "host": repr(host),
    }
    return _Sample(distance, host_distance, haloes, ratio, settings)


def _split_log_normal(dwarf, name, dimension, normal):
    """Log-normal with its 16th, 50th and 84th percentile where the measurement has them."""
    value = units.to_internal(getattr(dwarf, name), dimension)
    down, up = units.to_internal(getattr(dwarf, f"{name}_errors"), dimension)
    if down >= value:
        raise InputError(
            f"{dwarf.name}: the lower error of its {name}, {down:g}, reaches down to zero from {value:g}; that is an "
            "upper limit, not a measurement, so leave the dwarf out"
        )
    width = np.where(normal < 0, -np.log1p(-down / value), np.log1p(up / value))
    return value * np.exp(width * normal)


def _summary(dwarf, kicks, theta, sample, grid, host_daughters):
    outside = float(np.mean(~grid.covers(sample.tidal_ratio)))
    if outside > _MOST_OUTSIDE:
        low, high = grid.truncations[[0, -1]]
        raise InputError(
            f"{dwarf.name}: {100 * outside:.0f} % of its haloes have tidal radii outside {low:g} to {high:g} r_s, "
            f"where the grid was solved; {grid.made_by}(truncations=(lowest, highest, number)) makes a wider one"
        )
    speeds, mixing = grid.kick_nodes(kicks)
    share = speeds / sample.v0[:, None]
    cones = [_cone(sample, angle, grid, share, mixing) for angle in theta]
    j, d, felt, linear, quadratic = (np.array(column) for column in zip(*cones, strict=True))
    bound = grid.bound_fraction(share, sample.tidal_ratio) @ mixing
    floor = None
    if host_daughters is not None:
        r = units.attach(sample.host_distance, "length")
        passing = np.stack([units.to_internal(p.density(r), "density") for p in host_daughters], axis=-1)
        floor = _percentiles((felt / j[:, :, None]) * passing, axis=1)
    return DwarfSuppression(
        dwarf=dwarf,
        kicks=kicks,
        angles=units.attach(theta, "angle"),
        j_parent=units.attach(_percentiles(j, axis=1), "j_factor"),
        d_parent=units.attach(_percentiles(d, axis=1), "d_factor"),
        linear=_percentiles(linear, axis=1),
        quadratic=_percentiles(quadratic, axis=1),
        bound_fraction=_percentiles(bound, axis=0),
        floor=floor,
        virial_mass=units.attach(_percentiles(sample.haloes.virial_mass.value), "mass"),
        concentration=_percentiles(sample.haloes.concentration),
        r_s=units.attach(_percentiles(sample.r_s), "length"),
        rho_s=units.attach(_percentiles(sample.rho_s), "density"),
        # m(x)/x peaks at x = 2.1626, where the circular speed is 0.46499 V0
        max_circular_speed=units.attach(_percentiles(0.464992 * sample.v0), "speed"),
        tidal_radius=units.attach(_percentiles(sample.tidal_ratio * sample.r_s), "length"),
        settings={**sample.settings, **grid.settings, "truncation": grid.truncation.name, "outside_grid": outside},
    )


def _cone(sample, angle, grid, share, mixing):
    """Integrals over one cone.

    J and D of the parents before any decay, shape (draws,); D of what did not decay, per particle of it, and both
    suppressions, shape (draws, kicks).
    """
    n = len(sample.distance)
    edge = sample.tidal_ratio * sample.r_s
    radius, weight = cones_nodes(sample.distance, np.full(n, angle), edge, *_NODES)
    x = radius / sample.r_s[:, None]
    rho = sample.rho_s[:, None] / (x * (1 + x) ** 2) * grid.parent(sample.tidal_ratio, x)
    squared, column = weight * rho**2, weight * rho
    j = np.sum(squared, axis=1)
    partner, daughter = grid.responses(share, sample.tidal_ratio, x, mixing)
    linear = np.einsum("dx,dkx->dk", squared, partner * daughter) / j[:, None]
    quadratic = np.einsum("dx,dkx->dk", squared, daughter**2) / j[:, None]
    felt = np.sum(column[:, None] * partner, axis=2)
    return j, np.sum(column, axis=1), np.broadcast_to(felt, linear.shape), linear, quadratic


def _percentiles(values, axis=0):
    return np.moveaxis(np.percentile(values, PERCENTILES, axis=axis), 0, -1)


def check_dwarf(dwarf):
    """Refuse what is not a `Dwarf`."""
    if not isinstance(dwarf, Dwarf):
        raise InputError(f"{dwarf!r} is not a Dwarf; take it from a catalogue, like builtin_catalogue()['Draco']")


def check_draws(draws, seed):
    """Refuse what cannot be counted."""
    for name, value in (("draws", draws), ("seed", seed)):
        if not isinstance(value, (int, np.integer)) or value < 0:
            raise InputError(f"{name} = {value!r}; a whole number, zero or more, is needed")


def _check(kicks, theta, angles, host_daughters, draws, seed):
    if not kicks:
        raise InputError("kicks is empty; give at least one kick distribution")
    if theta.ndim != 1 or np.any(theta <= 0) or np.any(theta >= np.pi / 2):
        raise InputError(f"angles = {angles} must be half-angles above 0 and below 90 deg, one or a list of them")
    if host_daughters is not None and len(host_daughters) != len(kicks):
        raise InputError(f"{len(host_daughters)} host_daughters for {len(kicks)} kicks; give one for each kick")
    for kick in kicks:
        if not isinstance(kick, KickDistribution):
            raise InputError(f"kicks holds {kick!r}; give kick distributions such as FixedKick('54 km/s')")
    check_draws(draws, seed)
    if draws < 2:
        raise InputError(f"draws = {draws} leaves no percentiles; 200 give them to a few per cent of their width")
