"""Quiet start of live haloes: particles at evenly spread places of phase space, and of what will happen to them."""

from dataclasses import dataclass, fields

import numpy as np

from halokick.errors import InputError
from halokick.halo.sampling import outer_radius, shell_mass
from halokick.kernels.live_sampling import speeds_of_shares
from halokick.kernels.sampling import ParentTable, log_radii_of_shares

FEWEST = 1000
_STEP = 0.025
_NODES = 6
_X, _W = np.polynomial.legendre.leggauss(_NODES)
_X, _W = 0.5 + 0.5 * _X, 0.5 * _W
_COEFFICIENTS = np.linalg.inv(np.vander(_X, _NODES, increasing=True)) / np.arange(1, _NODES + 1)[:, None]
_FLOOR = 1e-3
"""Inside this many scale radii the masses of particles fall no further."""
_FORGOTTEN = 1e-12
"""Share of the particles left out at the outer end, where a truncated density underflows."""
_BITS = 30
_DIMENSIONS = 9
_TABLE, _BISECTIONS = 2049, 6


@dataclass(frozen=True, eq=False)
class LiveStart:
    """Particles of a halo at rest, in the order of no coordinate, and their fates.

    All arrays have the shape (n,) and are read-only.

    Attributes
    ----------
    radius : ndarray [kpc]
    speed : ndarray [km/s]
    cosine : ndarray
        v_r / v.
    mass : ndarray [Msun]
        Proportional to w(r) = [(r + 0.001 r_s) / (r + r_s)]^power, while the number of particles is to dM / w: a start
        with power 1 has ten times more particles inside 0.1 r_s than one of equal masses.
    u_decay : ndarray
        Number in (0, 1): the particle decays when a share `u_decay` of all has.
    kick : ndarray [km/s]
        Speed of the kick.
    kick_cosine, kick_azimuth : ndarray
        Its direction about the radius: cosine, and angle in (0, 2 pi) from the tangential velocity.
    spare : ndarray
        One more number in (0, 1).
    scale_radius : float [kpc]
    total_mass : float [Msun]
        Of the profile; the sum of `mass` is the same.
    seed : int
    """

    radius: np.ndarray
    speed: np.ndarray
    cosine: np.ndarray
    mass: np.ndarray
    u_decay: np.ndarray
    kick: np.ndarray
    kick_cosine: np.ndarray
    kick_azimuth: np.ndarray
    spare: np.ndarray
    scale_radius: float
    total_mass: float
    seed: int

    def __post_init__(self):
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    def __len__(self):
        return len(self.radius)


def live_start(df, kick, n, seed, *, power=1.0):
    r"""Parents drawn from f(E) by a scrambled Sobol sequence, with weights.

    Each of nine numbers of a point of the sequence is put through the inverse of a cumulative distribution: radius
    :math:`\int dM/w`, speed :math:`\int v^2 f(\psi - v^2/2)\,dv` at that radius, cosine of the direction, time of
    decay, speed and direction of the kick. The points are spread more evenly than random ones, so that the mass inside
    a radius errs by about 0.1 per cent for 30 000 particles, not by one (Sobol', 1967, USSR Comput. Math. Math. Phys.
    7, 86; scrambling by Owen, 1998, J. Complexity 14, 466).

    Parameters
    ----------
    df : ErgodicDF
        Of a halo of finite mass and without an energy cut, beyond which the gravity would be that of absent particles.
    kick : KickDistribution
    n : int
        Number of particles; powers of 2 are spread best.
    seed : int
        Of the scrambling.
    power : float
        Strength of the weights between 0 (equal masses) and 1.5; see `LiveStart`.

    Returns
    -------
    LiveStart

    Raises
    ------
    InputError
        An argument outside its range, or a halo of infinite mass.
    """
    n, seed = _whole(n, "n", FEWEST), _whole(seed, "seed", 0)
    if not 0.0 <= power <= 1.5:
        raise InputError(f"power = {power!r}; weights are powers between 0 (equal masses) and 1.5 of the radius")
    if df.halo.energy_cut is not None:
        raise InputError(
            f"energy_cut = {df.halo.energy_cut}: particles beyond it are absent from f(E) but not from the gravity, so "
            "this halo is at rest in a fixed potential only; use TruncatedProfile(profile, r_t=...) for a live halo"
        )
    table, total = _radius_table(df, power)
    numbers = _even_numbers(n, seed)
    log_r = log_radii_of_shares(table, numbers[0])
    radius = np.exp(log_r)
    mass = _weight(radius, df.profile._scale_radius, power)
    mass *= total / mass.sum()
    return LiveStart(
        radius=radius,
        speed=speeds_of_shares(df.halo._field, df._table, log_r, numbers[1]),
        cosine=2.0 * numbers[2] - 1.0,
        mass=mass,
        u_decay=numbers[3],
        kick=kick_speeds_of_shares(kick, numbers[7]),
        kick_cosine=2.0 * numbers[4] - 1.0,
        kick_azimuth=2.0 * np.pi * numbers[5],
        spare=numbers[6],
        scale_radius=float(df.profile._scale_radius),
        total_mass=total,
        seed=seed,
    )


def kick_speeds_of_shares(kick, share):
    """Kick speeds below which lie these shares of all kicks [km/s]."""
    breaks = np.asarray(kick._breaks, dtype=float)
    if len(breaks) == 1 or breaks[0] == breaks[-1]:
        return np.full(share.shape, breaks[0])
    speeds = np.linspace(breaks[0], breaks[-1], _TABLE)
    cell = np.clip(np.searchsorted(kick._cdf(speeds), share, side="right") - 1, 0, _TABLE - 2)
    low, high = speeds[cell], speeds[cell + 1]
    below, above = kick._cdf(low), kick._cdf(high)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        value = kick._cdf(middle)
        less = value <= share
        low, below = np.where(less, middle, low), np.where(less, value, below)
        high, above = np.where(less, high, middle), np.where(less, above, value)
    width = above - below
    return low + (high - low) * np.where(width > 0, (share - below) / np.where(width > 0, width, 1.0), 0.5)


def _even_numbers(n, seed):
    """Scrambled Sobol points, one row for each dimension, all inside (0, 1)."""
    from scipy.stats import qmc  # late: its import takes as long as numba's, and serves live halos alone

    points = qmc.Sobol(_DIMENSIONS, scramble=True, bits=_BITS, rng=np.random.default_rng(seed))
    return np.ascontiguousarray(points.random_base2(int(np.ceil(np.log2(n))))[:n].T) + 0.5 ** (_BITS + 1)


def _weight(radius, scale, power):
    return ((radius + _FLOOR * scale) / (radius + scale)) ** power


def _radius_table(df, power):
    """Table of the radii to draw, and the mass of the profile [Msun]."""
    outer = outer_radius(df, None)
    first = df.halo._edges[0]
    edges = np.linspace(first, outer, int(np.ceil((outer - first) / _STEP)) + 1)
    nodes = edges[:-1, None] + np.diff(edges)[:, None] * _X
    mass = shell_mass(df, nodes.ravel()).reshape(nodes.shape)
    number = mass / _weight(np.exp(nodes), df.profile._scale_radius, power)
    width = np.diff(edges)[:, None]
    total = float(np.sum(mass * width * _W))
    cells = (number * width) @ _W
    inside = np.cumsum(cells)
    count = int(np.searchsorted(inside, (1 - _FORGOTTEN) * inside[-1])) + 1
    rise = number[:count] @ _COEFFICIENTS.T
    empty = np.zeros(0)
    table = ParentTable(
        edges=edges[: count + 1],
        cumulative=np.concatenate([[0.0], inside[:count] / inside[count - 1]]),
        rise=np.ascontiguousarray(rise / rise.sum(axis=1, keepdims=True)),
        thinning=0.0,
        mass_scale=1.0,
        uniform_share=0.0,
        uniform_from=0.0,
        uniform_to=1.0,
        shape=empty,
        envelope=empty,
    )
    return table, total


def _whole(value, name, least):
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"{name} = {value!r}; a whole number of at least {least} is needed")
    return int(value)
