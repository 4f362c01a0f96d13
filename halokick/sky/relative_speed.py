r"""Distribution of relative speeds of annihilating pairs at one radius or several, and its averages.

v is v_rel = |v_1 - v_2| throughout, neither half of it nor a dispersion.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halokick import units
from halokick.daughters.radii import tabulated
from halokick.decay.kicks import KickDistribution
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.kernels.relative_speed import kicked_pairs, linear_pairs, unkicked_pairs
from halokick.sky import relative_moments as moments
from halokick.sky import speed_nodes
from halokick.sky.speed_factors import check_factor
from halokick.sky.speed_panels import ORDER
from halokick.sky.weighted_density import WeightedDensity

PAIRS = ("unkicked", "linear", "quadratic")
"""tuple of str : no member of a pair was kicked; one was, the other not; both were."""
_QUADRUPOLE_NODES, _UNKICKED_NODES = 24, 12
_COLD = 0.1
"""Share of the escape speed below which the unkicked count as cold."""
_DEEP = 1e-8
"""In scale radii, where the table of unkicked pairs begins: 1/v brings them to the centre of a cusp."""
_OCTAVES, _CLOSER = 15, np.arange(1, 8)
"""Panels reach down to 2^-14 of the largest relative speed, and to 2^-7 of a spike's speed around it."""


class PairPopulations:
    """The two populations of a pair at several radii, and rho_1 rho_2 P(v; r) of them at any speeds [km/s]."""

    def __init__(self, df, kick, pairs, log_r, log_out, kick_nodes):
        self.df, self.pairs = df, pairs
        self.kick = None if pairs == "unkicked" else kick
        self.log_r = np.ascontiguousarray(log_r)
        if pairs == "unkicked":
            self.first = self.second = speed_nodes.unkicked(df, self.log_r)
        else:
            self.second = speed_nodes.kicked(df, kick, self.log_r, log_out, kick_nodes=kick_nodes)
            self.first = speed_nodes.unkicked(df, self.log_r) if pairs == "linear" else self.second

    def product(self, v):
        """rho_1 rho_2 P(v; r) at v[radius, :]."""
        v = np.ascontiguousarray(v)
        field, table, two = self.df.halo._field, self.df._table, self.second
        if self.pairs == "unkicked":
            return unkicked_pairs(field, table, self.log_r, v, *speed_nodes.unit_gauss(_UNKICKED_NODES))
        if not two.parts:
            return np.zeros_like(v)
        if self.pairs == "quadratic":
            return self._by_tables(two, two.quadrupole, v, slice(None))
        out = np.empty_like(v)
        cold = self._cold
        # the partners' nodes are further apart in speed than a cold cusp is wide; there its own nodes serve
        if np.any(cold):
            out[cold] = self._by_tables(self.first, np.zeros_like(self.first.weight), v, cold)
        warm = ~cold
        if np.any(warm):
            rows = (np.ascontiguousarray(part[warm]) for part in (self.log_r, two.speed, two.weight, v))
            out[warm] = linear_pairs(field, table, *rows)
        return out

    def _by_tables(self, first, quadrupole, v, rows):
        knots, potential, shape = self._tables
        arrays = (first.speed, first.weight, quadrupole, knots, potential, shape, v)
        return kicked_pairs(
            *(np.ascontiguousarray(part[rows]) for part in arrays), *speed_nodes.unit_gauss(_QUADRUPOLE_NODES)
        )

    @cached_property
    def _cold(self):
        """Radii at which the unkicked are much slower than the escape speed."""
        halo = self.df.halo
        phi, psi = (halo._look_up(part, self.log_r) for part in (halo._field.phi, halo._field.psi))
        return phi < _COLD**2 * psi

    @cached_property
    def _tables(self):
        return moments.pair_tables(self.second)

    @property
    def density_product(self):
        """rho_1 rho_2."""
        return self.first.density * self.second.density

    @cached_property
    def exact(self):
        """rho_1 rho_2 times <v^2>, <v^4> and <1/v>, without P: dict of arrays."""
        if self.pairs == "quadratic":
            inverse = moments.mean_inverse_kicked(self.second)
        else:
            inverse = moments.mean_inverse(self.df, self.log_r, self.second)
        return {
            "square": moments.mean_square(self.first, self.second),
            "fourth": moments.mean_fourth(self.first, self.second),
            "inverse": inverse,
        }

    def spikes(self):
        """Speeds per radius around which P changes fast, shape (radii, spikes)."""
        times = (1, 2) if self.pairs == "quadratic" else (1,)
        found = [factor * part.spike for factor in times for part in self.second.parts]
        return np.array(found).reshape(len(found), len(self.log_r)).T


def checked_pairs(df, kick, pairs):
    """Kind of pair after looking at the arguments: "unkicked" where there is no kick."""
    if not isinstance(df, ErgodicDF):
        raise InputError(f"df = {df!r}; give an ErgodicDF, made of a Halo, made of a profile")
    if pairs not in PAIRS:
        raise InputError(f"pairs = {pairs!r}; allowed are {', '.join(PAIRS)}")
    if kick is None or pairs == "unkicked":
        return "unkicked"
    if not isinstance(kick, KickDistribution):
        raise InputError(f"kick = {kick!r}; give a kick distribution such as FixedKick('54 km/s'), or None for no kick")
    return pairs


@dataclass(frozen=True, eq=False)
class LocalSpeeds:
    """Relative speeds v_rel of pairs at each of several radii, made by `relative_speed`. Arrays are read-only.

    Attributes
    ----------
    pairs : str
        One of `PAIRS`.
    kick : KickDistribution or None
    radius : Quantity [length], shape (n,)
    first_density, second_density : Quantity [density], shape (n,)
        Of the two members per decayed parent; the second is the kicked one.
    radial_dispersion, tangential_dispersion : Quantity [speed], shape (n,)
        Of the second member, in one direction each.
    mean_square, mean_fourth, mean_inverse : Quantity, shape (n,)
        <v_rel^2>, <v_rel^4>, <1/v_rel>, without the distribution.
    norm : ndarray, shape (n,)
        Integral of the distribution before it is divided by it: 1 but for the error of the quadrature.
    r_max : Quantity [length]
    """

    pairs: str
    kick: object
    radius: object
    first_density: object
    second_density: object
    radial_dispersion: object
    tangential_dispersion: object
    mean_square: object
    mean_fourth: object
    mean_inverse: object
    norm: np.ndarray
    r_max: object
    _populations: object
    _edges: np.ndarray

    @property
    def anisotropy(self):
        r"""Binney's :math:`\beta = 1 - \sigma_t^2/\sigma_r^2` of the second member: ndarray, shape (n,)."""
        return 1 - np.asarray(self.tangential_dispersion / self.radial_dispersion) ** 2

    @property
    def rms(self):
        """Root of <v_rel^2>: Quantity [speed], shape (n,)."""
        return np.sqrt(self.mean_square)

    def pdf(self, v_rel):
        """P(v_rel; r) computed at these speeds.

        Parameters
        ----------
        v_rel : Quantity [speed], any shape

        Returns
        -------
        Quantity [1/speed], shape (n,) + shape of `v_rel`; zero where there are no pairs
        """
        v = np.asarray(units.to_internal(v_rel, "speed", "v_rel"))
        values = self._pdf(np.tile(v.ravel(), (len(self.norm), 1)))
        return values.reshape((len(self.norm), *v.shape)) / units.attach(1.0, "speed")

    def _pdf(self, rows):
        total = np.broadcast_to((self._populations.density_product * self.norm)[:, None], rows.shape)
        # zero where no partner is left
        return np.divide(self._populations.product(rows), total, out=np.zeros(rows.shape), where=total > 0)

    def average(self, factor):
        r"""<S>(r), the mean of a factor of the annihilation cross-section over the pairs at each radius.

        Parameters
        ----------
        factor : SpeedFactor
            See `halokick.sky.speed_factors`.

        Returns
        -------
        ndarray, shape (n,)
        """
        check_factor(factor)
        v, w, p = self._rule
        sharp = factor.sharp_speeds
        if sharp:
            added = np.minimum(np.asarray(sharp), self._edges[:, -1:])
            v, w = _row_nodes(np.sort(np.concatenate([self._edges, added], axis=1), axis=1))
            p = self._pdf(v)
        return np.sum(w * p * factor.values(v), axis=1)

    @cached_property
    def _rule(self):
        v, w = _row_nodes(self._edges)
        return v, w, self._pdf(v)

    def weighted(self, factor):
        """The second density times <S>(r), a profile for every J-factor function: J_S = j_factor(first, weighted).

        Parameters
        ----------
        factor : SpeedFactor

        Returns
        -------
        WeightedDensity
        """
        df = self._populations.df
        parent = df.profile if df.halo.energy_cut is None else df
        return WeightedDensity(
            self.radius, self.second_density * self.average(factor), self.r_max, repr(factor), parent
        )

    def __repr__(self):
        return f"LocalSpeeds(v_rel, {self.pairs} pairs, kick={self.kick!r}, {len(self.norm)} radii)"


def relative_speed(df, kick=None, *, pairs="linear", radii=None, outer_cut=None, kick_nodes=16):
    r"""Distribution of the relative speed of annihilating pairs at radii of a halo.

    .. math:: \rho_1\rho_2 P(v; r) = 4\pi v^2 \int d^3v_2\, g(\mathbf v_2)\, h(r, |\mathbf v_2|; v)

    where h is the mean of the unkicked f over the sphere of radius v around a partner's velocity, the kernel of the
    kick (Hardy, Lasenby & Unwin 2014, Eq. (C.2)) with v in the place of the kick speed. One isotropic partner makes
    the other's anisotropy irrelevant, so unkicked and linear pairs are exact; for two kicked members the expansion in
    Legendre polynomials of the angle between them ends at l = 2, and <v^2>, <v^4> are still exact. Own derivation.

    Parameters
    ----------
    df : ErgodicDF
    kick : KickDistribution, optional
        None: no kick, `pairs` is then "unkicked".
    pairs : {"linear", "quadratic", "unkicked"}
        Which members of a pair were kicked: one, both or none.
    radii : Quantity [length], shape (n,), optional
        Four or more; 14 per decade from 1e-4 to 30 scale radii if left out.
    outer_cut : Quantity [length], optional
        As in `phase_mix`.
    kick_nodes : int
        Speeds that stand for a continuous kick law; time grows in proportion.

    Returns
    -------
    LocalSpeeds
        Relative errors up to 2e-5 in averages of unkicked and linear pairs, 3e-6 in the moments that need no
        distribution. For quadratic pairs 1e-4 where daughters are nearly isotropic, and up to a few 1e-3 of the
        distribution (not of <v^2> and <v^4>) far outside, where their orbits are nearly radial and l > 2 is missed.

    Raises
    ------
    InputError, UnitError
        Arguments that are none of the above.
    """
    pairs = checked_pairs(df, kick, pairs)
    radius, log_out, edge = tabulated(df, radii, outer_cut)
    if radii is None and pairs == "unkicked":
        radius = np.concatenate([np.geomspace(_DEEP * df.profile._scale_radius, radius[0], 28, endpoint=False), radius])
    both = PairPopulations(df, kick, pairs, np.log(radius), log_out, kick_nodes)
    edges = _local_edges(df, both)
    v, w = _row_nodes(edges)
    product = np.maximum(both.density_product, np.finfo(float).tiny)
    second = np.maximum(both.second.density, np.finfo(float).tiny)
    fields = {
        "first_density": units.attach(both.first.density, "density"),
        "second_density": units.attach(both.second.density, "density"),
        "radial_dispersion": units.attach(np.sqrt(both.second.radial_square / second), "speed"),
        "tangential_dispersion": units.attach(np.sqrt(both.second.tangential_square / second), "speed"),
        "mean_square": units.attach(both.exact["square"] / product, "potential"),
        "mean_fourth": (both.exact["fourth"] / product) * units.attach(1.0, "potential") ** 2,
        "mean_inverse": (both.exact["inverse"] / product) / units.attach(1.0, "speed"),
        "norm": np.sum(w * both.product(v), axis=1) / product,
    }
    for values in fields.values():
        values.setflags(write=False)
    return LocalSpeeds(
        pairs=pairs,
        kick=both.kick,
        radius=units.attach(radius, "length"),
        r_max=units.attach(radius[-1] if edge is None else edge, "length"),
        _populations=both,
        _edges=edges,
        **fields,
    )


def _local_edges(df, both):
    """Panel edges per radius: octaves below the largest relative speed, and closer around the cold spikes."""
    field, table = df.halo._field, df._table
    psi = df.halo._look_up(field.psi, both.log_r)
    top = 2 * np.sqrt(2 * np.maximum(psi - table.binding_cut, 1e-12 * psi))[:, None]
    octaves = top * 2.0 ** -np.arange(_OCTAVES)
    spikes = both.spikes()
    around = np.concatenate([[1.0], 1 + 2.0**-_CLOSER, 1 - 2.0**-_CLOSER]) if spikes.shape[1] <= 2 else np.ones(1)
    near = np.minimum((spikes[:, :, None] * around).reshape(len(psi), -1), top)
    # no spike: a panel without width, but not at zero speed, where a factor may be infinite
    near = np.where(near > 0, near, top)
    return np.sort(np.concatenate([np.zeros_like(top), octaves, near], axis=1), axis=1)


def _row_nodes(edges):
    """Gauss nodes and weights between the edges of each row, shape (rows, nodes)."""
    x, wx = speed_nodes.unit_gauss(ORDER)
    width = np.diff(edges, axis=1)[:, :, None]
    shape = (len(edges), -1)
    return (edges[:, :-1, None] + width * x).reshape(shape), (width * wx).reshape(shape)
