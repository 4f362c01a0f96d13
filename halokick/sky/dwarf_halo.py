"""NFW haloes that a dwarf's measured dispersion allows: draws from the posterior, mass and concentration together.

One mass inside one radius leaves a one-dimensional family of haloes. A concentration-mass relation with its scatter
says how likely each concentration is at a given mass, and the mass function how common that mass is. Both are needed:
inside the half-light radius haloes of very different virial mass look alike, and taking all of them for equally common
puts faint dwarfs into haloes as heavy as their host's.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.halo.concentration import ConcentrationMassRelation
from halokick.halo.normalisation import wolf_mass
from halokick.halo.profile_shapes import nfw_mass_function

_LN_X = np.linspace(np.log(1e-5), np.log(30), 601)
"""ln(radius/r_s) on which the family of haloes is laid out."""
_LN_C = np.linspace(np.log(0.05), np.log(1e4), 801)
_MOST_OUTSIDE = 0.02
"""Share of the odds that may lie outside the masses of a relation, whose end value then stands in."""
_DEFAULT_SCATTER = 0.16
"""dex of log10 c, where a relation does not give its own: e.g. Bullock et al. (2001, MNRAS 321, 559) 0.14-0.18."""


@dataclass(frozen=True)
class HaloMassFunction:
    r"""How common haloes are, before anything is measured: :math:`dN/d\ln M \propto M^{slope}` up to `highest`.

    Parameters
    ----------
    slope : float
        -0.9 for subhaloes of a Milky Way (Springel et al. 2008, MNRAS 391, 1685); 0 takes every decade of
        mass for equally common.
    highest : Quantity [mass] or str
        No dwarf spheroidal had a halo above that of the Large Magellanic Cloud, 1.4e11 Msun (Erkal et al. 2019, MNRAS
        487, 2685).
    """

    slope: float = -0.9
    highest: object = "1.4e11 Msun"

    def __post_init__(self):
        if not np.isfinite(self.slope):
            raise InputError(f"HaloMassFunction: slope = {self.slope} is not finite; subhaloes have -0.9")
        if units.to_internal(self.highest, "mass", "highest") <= 0:
            raise InputError(f"HaloMassFunction: highest = {self.highest} must be positive")

    def _log_density(self, ln_mass):
        limit = np.log(units.to_internal(self.highest, "mass"))
        return np.where(ln_mass <= limit, self.slope * np.minimum(ln_mass, limit), -np.inf)


class NFWDraws(NamedTuple):
    """NFW haloes, one for each draw; every entry has the same shape."""

    virial_mass: units.Quantity
    concentration: np.ndarray
    r_s: units.Quantity
    rho_s: units.Quantity


def draw_nfw_haloes(dispersion, half_light_radius, uniform, relation, *, scatter_dex=None, mass_function=None):
    r"""NFW haloes with the dynamical mass of Wolf et al. (2010), drawn with the odds of a relation between mass and c.

    Along the family of haloes with the measured :math:`m(<r)`, laid out in :math:`x = r/r_s`,

    .. math:: p(\ln x) \propto \frac{dN}{d\ln M}\;
              \mathcal{N}\!\left(\log_{10}\frac{c}{\bar c(M)};\, \sigma_c\right)\; \frac{3}{3 - a(c)},
              \qquad a(c) = \frac{d\ln\mu}{d\ln c},\quad \mu(c) = \ln(1+c) - \frac{c}{1+c}

    where the last factor is the Jacobian :math:`\partial(\ln M, \ln c)/\partial(\ln m, \ln x)` (own derivation). For
    vanishing scatter the one halo on the relation is left.

    Parameters
    ----------
    dispersion : Quantity [speed], shape (n,)
        Line-of-sight dispersion of each draw.
    half_light_radius : Quantity [length], broadcast with `dispersion`
        Projected, averaged over azimuth.
    uniform : ndarray, shape (n,)
        Random numbers between 0 and 1: the quantile of each draw along the family, from light and concentrated to
        heavy and extended haloes.
    relation : ConcentrationMassRelation
    scatter_dex : float, optional
        Of log10 c; the relation's own if left out, else 0.16.
    mass_function : HaloMassFunction, optional
        Of subhaloes if left out.

    Returns
    -------
    NFWDraws

    Raises
    ------
    InputError
        The likely haloes lie outside the masses the relation covers.
    """
    if not isinstance(relation, ConcentrationMassRelation):
        raise InputError(f"relation = {relation!r} is not a ConcentrationMassRelation; give e.g. Moline2017(0.5)")
    mass_function = HaloMassFunction() if mass_function is None else mass_function
    scatter = concentration_scatter(relation, scatter_dex)
    mass, radius = wolf_mass(dispersion, half_light_radius)
    ln_m = np.log(np.atleast_1d(units.to_internal(mass, "mass")))
    ln_r = np.log(np.broadcast_to(units.to_internal(radius, "length"), ln_m.shape))
    family = _Family(relation)
    ln_mass, ln_c = family.virial(ln_m[:, None], ln_r[:, None], _LN_X)
    weight = _log_weight(relation, mass_function, scatter, ln_mass, ln_c)
    ln_x = _quantiles(weight, np.asarray(uniform, dtype=float))
    ln_mass, ln_c = (a[:, 0] for a in family.virial(ln_m[:, None], ln_r[:, None], ln_x[:, None]))
    ln_rho = ln_m - np.log(4 * np.pi * nfw_mass_function(np.exp(ln_x))) + 3 * (ln_x - ln_r)
    return NFWDraws(
        units.attach(np.exp(ln_mass), "mass"),
        np.exp(ln_c),
        units.attach(np.exp(ln_r - ln_x), "length"),
        units.attach(np.exp(ln_rho), "density"),
    )


class _Family:
    """From ln m, ln r, ln x to ln M and ln c: the mean density inside r_vir fixes c, whatever the size."""

    def __init__(self, relation):
        # mass over volume inside the virial radius is the same for every mass
        virial_density = 1.0 / (4 / 3 * np.pi * float(relation.definition._radius(1.0)) ** 3)
        self._ln_density = np.log(virial_density / 3) + 3 * _LN_C - np.log(nfw_mass_function(np.exp(_LN_C)))

    def virial(self, ln_m, ln_r, ln_x):
        ln_amplitude = ln_m - np.log(nfw_mass_function(np.exp(ln_x)))  # ln(4 pi rho_s r_s^3)
        ln_rho = ln_amplitude - np.log(4 * np.pi) + 3 * (ln_x - ln_r)
        ln_c = np.interp(ln_rho, self._ln_density, _LN_C, left=np.nan, right=np.nan)
        return ln_amplitude + np.log(nfw_mass_function(np.exp(ln_c))), ln_c


def concentration_scatter(relation, scatter_dex=None):
    """Scatter of log10 c to use: the one given, else the relation's own, else 0.16."""
    if scatter_dex is None:
        return relation.scatter_dex or _DEFAULT_SCATTER
    scatter = float(units.to_internal(scatter_dex, "dimensionless", "scatter_dex"))
    if scatter <= 0:
        raise InputError(f"scatter_dex = {scatter_dex} must be positive; give a small number for almost none")
    return scatter


def _log_weight(relation, mass_function, scatter, ln_mass, ln_c):
    """ln p(ln x) up to a constant; -inf where there is no halo, or none that the mass function allows."""
    exists = np.isfinite(ln_mass)
    ln_mass, ln_c = np.where(exists, ln_mass, 0.0), np.where(exists, ln_c, 0.0)
    prior = np.where(exists, mass_function._log_density(ln_mass), -np.inf)
    low, high = np.log(relation._range)
    median = np.log(relation._concentration(np.exp(np.clip(ln_mass, low, high))))
    c = np.exp(ln_c)
    steepness = (c / (1 + c)) ** 2 / nfw_mass_function(c)
    log_weight = prior - 0.5 * ((ln_c - median) / (scatter * np.log(10))) ** 2 - np.log(3 - steepness)
    if np.any(np.all(np.isinf(log_weight), axis=1)):
        raise InputError(f"no halo that {mass_function} allows has the measured mass; raise its highest mass")
    weight = np.exp(log_weight - np.max(log_weight, axis=1, keepdims=True))
    outside = float(np.mean(np.sum(weight * ((ln_mass < low) | (ln_mass > high)), axis=1) / np.sum(weight, axis=1)))
    if outside > _MOST_OUTSIDE:
        first, last = relation.mass_range
        raise InputError(
            f"{relation!r} holds from {first:.3g} to {last:.3g}, and {100 * outside:.0f} % of the likely haloes lie "
            "outside; use Extrapolated(relation), or a relation that reaches the masses of dwarfs"
        )
    return log_weight


def _quantiles(log_weight, uniform):
    """ln x at the quantile of each row, by linear interpolation of the cumulated trapezoids."""
    weight = np.exp(log_weight - np.max(log_weight, axis=1, keepdims=True))
    cumulated = np.cumsum(0.5 * (weight[:, 1:] + weight[:, :-1]), axis=1)
    cumulated = np.concatenate([np.zeros((len(weight), 1)), cumulated / cumulated[:, -1:]], axis=1)
    # x runs from extended haloes to concentrated ones; quantiles the other way
    wanted = 1 - np.broadcast_to(uniform, len(weight))
    return np.array([np.interp(u, row, _LN_X) for u, row in zip(wanted, cumulated, strict=True)])
