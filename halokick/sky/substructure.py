r"""Boost of a halo's signal by its subhaloes, which lose their daughters sooner than the halo does.

Without a kick (Strigari et al. 2007, Phys. Rev. D 75, 083526; Sanchez-Conde & Prada 2014)

.. math:: B_n(M) = \frac{1}{L(M)}\int d\ln m\,\frac{dN}{d\ln m}\,[1 + B_{n-1}(m)]\,L(m), \qquad
          \frac{dN}{d\ln m} = A\left(\frac{m}{M}\right)^{1-\alpha}

with n levels of subhaloes in subhaloes. With a kick every luminosity carries the suppression S of a halo of its own
V_max, :math:`L \to L\,S(v_k/V_\max)`: small subhaloes have lost all their daughters. Stripping of subhaloes and the
mass they lose with the daughters are not in it.
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_simpson

from halokick import units
from halokick.errors import InputError
from halokick.halo.concentration import ConcentrationMassRelation
from halokick.sky.nfw_suppression import NFW_SUPPRESSION
from halokick.sky.signal_units import check_shapes, one_number
from halokick.sky.subhalo_relations import field_relation, nfw_luminosity, nfw_vmax

_PER_DECADE = 100
"""Masses per decade: Simpson's rule then errs by 1e-7 without a kick, 1e-6 where S falls."""
_SCATTER_NODES = 12
_USUAL_NORMS = {1.9: 0.03, 2.0: 0.012}


@dataclass(frozen=True)
class SubhaloPopulation:
    r"""Subhaloes of a halo: :math:`dN/d\ln m = A\,(m/M)^{1-\alpha}` between `least` and M.

    Parameters
    ----------
    alpha : float
        1.9 and 2 bracket the simulations (Springel et al. 2008; Diemand et al. 2008); 1 < alpha < 3.
    norm : float, optional
        A; 0.03 for alpha = 1.9 and 0.012 for alpha = 2 if left out (Sanchez-Conde & Prada 2014).
    least : Quantity [mass] or str
    levels : int
        Of subhaloes in subhaloes, 1 or more; the published boosts have 2.
    relation : ConcentrationMassRelation, optional
        Of the subhaloes; `field_relation` if left out. ``HeldBelow(Moline2017(x_sub), "1e-6 Msun", "1e16 Msun")`` has
        them at one distance from the host's centre; x_sub below 0.01 is beyond what was simulated.
    scatter_dex : float
        Of log10 c of the subhaloes, zero in the published boosts. It raises the mean of L, about as c^2.3.
    """

    alpha: float = 1.9
    norm: float | None = None
    least: object = "1e-6 Msun"
    levels: int = 2
    relation: object = None
    scatter_dex: float = 0.0

    def __post_init__(self):
        for name in ("alpha", "scatter_dex", "levels", *(() if self.norm is None else ("norm",))):
            one_number(getattr(self, name), f"SubhaloPopulation: {name}")
        if not 1 < self.alpha < 3:
            raise InputError(f"SubhaloPopulation: alpha = {self.alpha} is outside 1 to 3; simulations have 1.9 to 2")
        if self.norm is None:
            if self.alpha not in _USUAL_NORMS:
                raise InputError(f"SubhaloPopulation: give norm for alpha = {self.alpha}; it is known for 1.9 and 2")
            object.__setattr__(self, "norm", _USUAL_NORMS[self.alpha])
        if not self.norm > 0 or not self.scatter_dex >= 0:
            raise InputError(f"SubhaloPopulation: norm = {self.norm} must be positive, scatter_dex zero or more")
        if units.to_internal(self.least, "mass", "least") <= 0:
            raise InputError(
                f"SubhaloPopulation: least = {self.least} must be positive; haloes of no mass are no haloes"
            )
        if self.levels < 1 or self.levels != int(self.levels):
            raise InputError(f"SubhaloPopulation: levels = {self.levels}; give 1 (subhaloes) or more")
        if self.relation is None:
            object.__setattr__(self, "relation", field_relation())
        if not isinstance(self.relation, ConcentrationMassRelation):
            raise InputError(f"SubhaloPopulation: {self.relation!r} is not a ConcentrationMassRelation")


@dataclass(frozen=True, eq=False)
class Boost:
    r"""What subhaloes add; arrays over (masses, kicks), in the shape of the arguments.

    The whole signal is :math:`L(M)\,S(M)\,(1 + boost)`. The first term pairs all L' of the halo, those in subhaloes
    included, with daughters that move in the halo as a whole; `floor` is the part of it that subhaloes owe to passing
    daughters and that stays however strong the kick is for them. Do not add it again, unless the smooth halo was made
    with `subhalo_share` of the mass left out.

    Attributes
    ----------
    boost : ndarray
        B_k, of daughters bound to the subhaloes themselves, over L(M) S(M). NaN where the halo has no daughters left.
    floor : ndarray
        L' of subhaloes times the halo's own daughters, over L(M) S(M), if subhaloes follow the halo's mass:
        f (1 - f b), f = `subhalo_share`, b = `bound_share`.
    subhalo_share : ndarray
        f, share of the halo's mass that is in subhaloes.
    bound_share : ndarray
        b, share of the daughters born in subhaloes that stay in them.
    suppression : ndarray
        S(M) of the halo.
    """

    boost: np.ndarray
    floor: np.ndarray
    subhalo_share: np.ndarray
    bound_share: np.ndarray
    suppression: np.ndarray


def substructure_boost(mass, kick_speed, population=None, *, host_relation=None, table=NFW_SUPPRESSION):
    """Boost of haloes by subhaloes, for kicks of one speed.

    Parameters
    ----------
    mass : Quantity [mass] or str, any shape
        Virial masses of the hosts, in the definition of the relations.
    kick_speed : Quantity [speed] or str, broadcast with `mass`
        Zero for the published boost.
    population : SubhaloPopulation, optional
    host_relation : ConcentrationMassRelation, optional
        Of the hosts; `field_relation` if left out.
    table : SuppressionTable
        S of kick over V_max.

    Returns
    -------
    Boost

    Raises
    ------
    InputError
        Masses not above `population.least` or outside a relation, negative kicks, relations that define the virial
        mass differently.
    """
    population = SubhaloPopulation() if population is None else population
    if not isinstance(population, SubhaloPopulation):
        raise InputError(f"population = {population!r}; give a SubhaloPopulation")
    host = field_relation(population.relation.definition.cosmology) if host_relation is None else host_relation
    if host.definition != population.relation.definition:
        raise InputError(
            f"{host!r} refers to {host.definition!r}, the subhaloes' {population.relation!r} to "
            f"{population.relation.definition!r}; give relations of one mass definition and cosmology"
        )
    masses, kicks = units.to_internal(mass, "mass", "mass"), units.to_internal(kick_speed, "speed", "kick_speed")
    check_shapes(mass=masses, kick_speed=kicks)
    masses, kicks = np.broadcast_arrays(masses, kicks)
    least = units.to_internal(population.least, "mass")
    if np.any(masses <= least):
        raise InputError(f"mass = {mass} must be above the smallest subhalo, {population.least}")
    if np.any(kicks < 0):
        raise InputError(f"kick_speed = {kick_speed} is negative; give zero for no kick")
    rows = [_one(m, k, least, population, host, table) for m, k in zip(masses.ravel(), kicks.ravel(), strict=True)]
    return Boost(*(np.array(column).reshape(masses.shape)[()] for column in zip(*rows, strict=True)))


def _one(mass, kick, least, population, host, table):
    """Boost, floor, f, b and S of one host and kick: floats."""
    span = np.log(mass / least)
    ln_m = np.linspace(np.log(least), np.log(mass), max(int(np.ceil(span / np.log(10) * _PER_DECADE)), 8) + 1)
    m = np.exp(ln_m)
    m[-1] = mass
    own, bound = _averages(m, kick, population, table)
    signal = own
    for _ in range(population.levels):
        # dN/dln m depends on the host by a factor alone, so one cumulated integral serves hosts of every mass
        inside = cumulative_simpson(m ** (1 - population.alpha) * signal, x=ln_m, initial=0)
        extra = population.norm * m ** (population.alpha - 1) * inside
        signal = own + extra
    f, kept = population.norm * _mass_integrals(m, ln_m, population.alpha, bound)
    b = kept / f
    c = np.asarray(host.concentration(units.attach(mass, "mass")))
    definition = host.definition
    s = float(table(_kappa(kick, nfw_vmax(mass, c, definition._radius(mass)))))
    smooth = float(nfw_luminosity(mass, c, definition._mean_density())) * s
    boost = float(extra[-1]) / smooth if smooth > 0 else np.nan
    return boost, f * (1 - f * b), f, b, s


def _averages(m, kick, population, table):
    """L S and the bound share of subhaloes of mass m, averaged over the scatter of their concentration."""
    relation = population.relation
    median = np.asarray(relation.concentration(units.attach(m, "mass")))
    radius, density = relation.definition._radius(m), relation.definition._mean_density()
    t, w = np.polynomial.hermite_e.hermegauss(_SCATTER_NODES if population.scatter_dex > 0 else 1)
    signal, bound = np.zeros_like(m), np.zeros_like(m)
    for node, weight in zip(t, w / np.sum(w), strict=True):
        c = median * 10 ** (population.scatter_dex * node)
        kappa = _kappa(kick, nfw_vmax(m, c, radius))
        signal += weight * nfw_luminosity(m, c, density) * table(kappa)
        bound += weight * table.bound_share(kappa)
    return signal, bound


def _mass_integrals(m, ln_m, alpha, bound):
    """Mass in subhaloes over that of the host and over A, all of it and what stays of their daughters."""
    weight = (m / m[-1]) ** (2 - alpha)
    return np.array([cumulative_simpson(weight * y, x=ln_m)[-1] for y in (np.ones_like(m), bound)])


def _kappa(kick, vmax):
    return kick / np.asarray(vmax)
