"""Where the daughters are: the common answer of every method, and itself a density profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
from scipy.interpolate import PchipInterpolator, make_interp_spline

from halokick import units
from halokick.daughters.reference import Reference, edge_fall
from halokick.errors import InputError
from halokick.halo.galpy_export import spherical_potential

_GAUSS_X, _GAUSS_W = np.polynomial.legendre.leggauss(6)
_FEWEST = 4
"""Radii from which a component that ends has a curve of its own."""
_NEAR = np.array([-0.1, -0.04, -0.015, -0.005, 0.0, 0.005, 0.015, 0.04, 0.1])
_CENTRE_CELLS, _CENTRE_CELL = 24, 0.5
"""Cells in ln r inside the first radius over which its mass is summed; a power law inside those."""


@dataclass(frozen=True, eq=False)
class Daughters:
    r"""Daughters of decays in a halo, per decayed parent: the density tends to the parents' as the kick tends to zero.

    Made by `phase_mix`, `phase_mix_ergodic` or `follow_orbits`. Between the radii of the table the *ratio* to the
    parents' density is interpolated in ln r, so that bin widths and cusps cost nothing; inside the innermost radius the
    ratio continues as the power law it has there. Where parents fall more steeply than r^-5, as outside a truncation,
    their density continued with a slope of at most 6 takes their place. All arrays are read-only.

    Attributes
    ----------
    method : str
        ``"phase_mixing"``, ``"ergodic"`` or ``"orbits"``.
    parent : profile
        What the density is compared with, before any decay.
    kick : KickDistribution
    radius : Quantity [length], shape (n,)
    components : mapping of str to Quantity [density], each shape (n,)
        ``"bound"`` and, where asked for, ``"streaming"`` and ``"early_capture"``.
    error_density : Quantity [density], shape (n,)
        One standard error (Monte Carlo) or estimated numerical error (quadrature) of the sum.
    dispersion : mapping of str to Quantity [speed], each shape (n,)
        ``"radial"`` and ``"tangential"`` (one direction) of the bound daughters.
    bound_at_birth : ndarray, shape (n,)
        Share of the daughters born at each radius that stays bound.
    bound_fraction : float
        Share of the daughters born inside `reference_radius` that stays bound.
    reference_radius : Quantity [length]
    edge : Quantity [length] or None
        Radius beyond which there are no bound daughters, where a cut was asked for.
    settings : mapping
        What was asked for, and what the method used.
    """

    method: str
    parent: object
    kick: object
    radius: object
    components: Mapping
    error_density: object
    dispersion: Mapping
    bound_at_birth: np.ndarray
    bound_fraction: float
    reference_radius: object
    edge: object = None
    settings: Mapping = field(default_factory=dict)

    def __post_init__(self):
        for name in ("components", "dispersion", "settings"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        for array in (self.radius, self.error_density, self.bound_at_birth, *self.components.values()):
            array.setflags(write=False)

    def __reduce__(self):
        # read-only views do not pickle, and tables can be made again
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        plain = {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}
        return _rebuild, (type(self), plain)

    # -- the profile ------------------------------------------------------------------------------------------------

    def density(self, r):
        """Density of the daughters per decayed parent, all components.

        Parameters
        ----------
        r : Quantity [length], any shape
            Up to the last tabulated radius (or any radius outside `edge`, where the bound density is zero).

        Returns
        -------
        Quantity [density], shape of `r`

        Raises
        ------
        InputError
            `r` lies beyond the table.
        """
        r = units.quantity(r, "length", "r")
        if self._reference.is_parent:
            return self.ratio(r) * self.parent.density(r)
        return units.attach(self._density_at(self._log(r)), "density")

    def ratio(self, r):
        """Density over the parents' density at `r`: ndarray, shape of `r`; infinite where only daughters are left."""
        if self._reference.is_parent:
            return self._interpolate(self._ratio, r)
        parents = np.asarray(units.to_internal(self.parent.density(units.quantity(r, "length", "r")), "density"))
        daughters = self._density_at(self._log(r))
        with np.errstate(divide="ignore", over="ignore"):
            return np.divide(daughters, parents, out=np.zeros_like(daughters), where=daughters > 0)

    def error(self, r):
        """Error of `density` at `r` (see `error_density`): Quantity [density], shape of `r`."""
        r = units.quantity(r, "length", "r")
        return self._interpolate(self._relative_error, r) * self.density(r)

    def bound_fraction_at(self, r):
        """Share of the daughters born at radius `r` that stays bound: ndarray, shape of `r`."""
        return np.clip(self._interpolate(self._birth, r), 0.0, 1.0)

    def velocity_dispersion(self, r):
        """One-dimensional radial and tangential dispersion of the bound daughters at `r`: two Quantities [speed]."""
        return tuple(
            units.attach(self._interpolate(self._speeds[name], r), "speed") for name in ("radial", "tangential")
        )

    def anisotropy(self, r):
        r"""Binney's :math:`\beta = 1 - \sigma_t^2/\sigma_r^2` of the bound daughters at `r`: ndarray, shape of `r`."""
        radial, tangential = self.velocity_dispersion(r)
        return 1 - np.asarray(tangential / radial) ** 2

    def mass(self, r):
        """Daughters' mass inside `r` per decayed parent: Quantity [mass], shape of `r`."""
        return units.attach(self._masses[0](self._inside_edge(r)), "mass")

    def retained_mass_fraction(self, r):
        """Daughters' mass inside `r` over the parents' mass inside `r`: ndarray, shape of `r`."""
        daughters, parents = self._masses
        log_r = self._inside_edge(r)
        return daughters(log_r) / parents(log_r)

    def slope(self, r):
        """-dln rho/dln r of the daughters: ndarray, shape of `r`; nan where their density is zero."""
        log_r = np.asarray(self._log(r))
        step = 1e-3
        high = np.minimum(log_r + step, np.log(self._nodes[-1]))
        low = log_r - step
        with np.errstate(divide="ignore", invalid="ignore"):
            up, down = (np.log(self._density_at(x)) for x in (high, low))
            return -(up - down) / (high - low)

    def with_component(self, name, density, settings):
        """A copy with one more density component (Quantity on `radius`), its making recorded in `settings`."""
        if name in self.components:
            raise InputError(f"these daughters already hold a component {name!r}")
        return replace(
            self,
            components={**self.components, name: density},
            settings={**self.settings, name: settings},
        )

    def to_galpy(self, share, ro="8 kpc", vo="220 km/s"):
        """The daughters' own gravity as a galpy potential.

        Parameters
        ----------
        share : float
            Daughters' share of the halo's mass before decays, f_B times the decayed share.
        ro, vo : Quantity [length], Quantity [speed]
            Scales that the potential carries.

        Returns
        -------
        galpy potential, spherical
        """
        part = units.to_internal(share, "dimensionless", "share")
        if np.ndim(part) != 0 or not 0 < part <= 1:
            raise InputError(f"share = {share}; one number above 0 and at most 1 is needed")
        return spherical_potential(lambda r: part * self.mass(r), self.radius[0], self.r_max, ro, vo)

    @property
    def total_density(self):
        """Sum of the components at `radius`: Quantity [density], shape (n,)."""
        return sum(self.components.values())

    @property
    def r_max(self):
        """Largest radius at which the density is known: Quantity [length]."""
        return self.radius[-1] if self.edge is None else self.edge

    # -- tables in ln r -----------------------------------------------------------------------------------------------

    @cached_property
    def _nodes(self):
        return np.asarray(units.to_internal(self.radius, "length"))

    @cached_property
    def _reference(self):
        """What the ratio that is interpolated is to, without the fall before an edge that parents do not share."""
        nodes = np.log(self._nodes)
        if self.edge is None or np.isfinite(self._log_vanishing) or self.settings.get("energy_cut") is None:
            return Reference(self.parent, nodes[0], self._mass_nodes[-1])
        return Reference(self.parent, nodes[0], self._mass_nodes[-1], self._mass_nodes[-1], parents_end=True)

    @cached_property
    def _ratio(self):
        log_r = np.log(self._nodes)
        ending = self._ending
        lasting = [density for name, density in self.components.items() if name not in ending]
        values = np.asarray(units.to_internal(sum(lasting), "density")) / self._reference.density(log_r)
        if self.method == "orbits":
            lasting = _Curve(log_r, values, smooth=False, log_edge=self._log_vanishing, power_law_inside=True)
        else:
            lasting = _Curve(log_r, values, smooth=True, log_edge=self._log_vanishing)
        return _Sum(lasting, [self._until(name, log_end) for name, log_end in ending.items()]) if ending else lasting

    @cached_property
    def _ending(self):
        """Components that stop at a radius of their own, where the others go on: name and ln of that radius."""
        ends = {}
        for name in self.components:
            asked = self.settings.get(name)
            r_out = asked.get("r_out") if isinstance(asked, Mapping) else None
            log_end = np.inf if r_out is None else np.log(units.to_internal(r_out, "length"))
            # a few radii are needed for a curve of its own
            if np.sum(np.log(self._nodes) < log_end) >= _FEWEST and log_end < self._mass_end:
                ends[name] = float(log_end)
        return ends

    def _until(self, name, log_end):
        log_r = np.log(self._nodes)
        inside = log_r < log_end
        density = np.asarray(units.to_internal(self.components[name], "density"))
        values = density[inside] / self._reference.density(log_r[inside])
        return _Curve(log_r[inside], values, smooth=self.method != "orbits"), log_end

    @cached_property
    def _log_vanishing(self):
        """ln of the radius at which the daughters end while parents go on; infinite where they do not."""
        outer, energy = self.settings.get("outer_cut"), self.settings.get("energy_cut")
        if outer is None or (energy is not None and energy <= outer):
            return np.inf
        return float(np.log(units.to_internal(outer, "length")))

    @cached_property
    def _relative_error(self):
        total = np.asarray(units.to_internal(self.total_density, "density"))
        error = np.asarray(units.to_internal(self.error_density, "density"))
        relative = np.divide(error, total, out=np.zeros_like(error), where=total > 0)
        return _Curve(np.log(self._nodes), relative, smooth=False)

    @cached_property
    def _birth(self):
        return _Curve(np.log(self._nodes), self.bound_at_birth, smooth=False)

    @cached_property
    def _speeds(self):
        return {
            name: _Curve(np.log(self._nodes), np.asarray(units.to_internal(values, "speed")), smooth=False)
            for name, values in self.dispersion.items()
        }

    def _log(self, r):
        radius = np.asarray(units.to_internal(r, "length", "r"))
        if np.any(radius <= 0):
            raise InputError(f"r = {r} must be positive")
        last = self._nodes[-1]
        if self.edge is None and np.any(radius > last * (1 + 1e-12)):
            raise InputError(f"r = {r} lies outside the tabulated daughters, which end at {last:.6g} kpc")
        return np.log(radius)

    def _interpolate(self, curve, r):
        log_r = self._log(r)
        if self.edge is None:
            return curve(log_r)
        log_edge = np.log(units.to_internal(self.edge, "length"))
        return np.where(log_r >= log_edge, 0.0, curve(np.minimum(log_r, log_edge)))

    def _density_at(self, log_r):
        """Density [Msun/kpc^3], zero outside an edge."""
        if self.edge is None:
            return self._ratio(log_r) * self._reference.density(log_r)
        inside = np.minimum(log_r, self._mass_nodes[-1])
        found = self._ratio(inside) * self._reference.density(inside)
        return np.where(log_r >= self._mass_nodes[-1], 0.0, found)

    def _parents_at(self, log_r):
        return np.asarray(units.to_internal(self.parent.density(units.attach(np.exp(log_r), "length")), "density"))

    def _cumulate(self, density, inner_power):
        """Mass inside each node (and the edge) of a density of ln r; in the centre, that of `_central_mass`."""
        edges = self._mass_nodes
        x = 0.5 * (edges[:-1, None] + edges[1:, None]) + 0.5 * np.diff(edges)[:, None] * _GAUSS_X
        cells = 2 * np.pi * np.diff(edges) * ((density(x) * np.exp(3 * x)) @ _GAUSS_W)
        return self._central_mass(density, inner_power) + np.concatenate([[0.0], np.cumsum(cells)])

    def _central_mass(self, density, inner_power):
        """Mass inside the first node: the parents' run of density is known there, however far out the table begins."""
        first = np.log(self._nodes[0])
        lowest = np.log(self.parent.halo._range[0]) + 1e-9 if hasattr(self.parent, "halo") else -np.inf
        width = min(_CENTRE_CELL, max(first - lowest, 0.0) / _CENTRE_CELLS)
        edges = first - width * np.arange(_CENTRE_CELLS, -1, -1)
        x = 0.5 * (edges[:-1, None] + edges[1:, None]) + 0.5 * width * _GAUSS_X
        cells = 2 * np.pi * width * ((density(x) * np.exp(3 * x)) @ _GAUSS_W)
        near = edges[0] + np.array([0.0, 0.1])
        parents = self._parents_at(near)
        slope = -np.log(parents[1] / parents[0]) / 0.1 - inner_power
        if slope >= 3:
            raise InputError(
                f"the table begins at {self._nodes[0]:.4g} kpc, where the daughters' ratio to the parents rises inward "
                f"as r^{inner_power:.3g}; their mass inside would be infinite: give radii (bins) that begin farther in"
            )
        inside = 4 * np.pi * density(edges[:1])[0] * np.exp(3 * edges[0]) / (3 - slope)
        return float(inside + cells.sum())

    @cached_property
    def _masses(self):
        both = ((self._density_at, self._ratio.inner_power), (self._parents_at, 0.0))
        return tuple(_Curve(self._mass_nodes, self._cumulate(*one), smooth=True) for one in both)

    @property
    def _mass_end(self):
        return np.log(self._nodes[-1]) if self.edge is None else np.log(units.to_internal(self.edge, "length"))

    @cached_property
    def _mass_nodes(self):
        nodes = np.log(self._nodes)
        if self.edge is not None:
            nodes = np.append(nodes, self._mass_end)
        # the mass has a kink where a component ends
        near = [end + _NEAR for end in self._ending.values()]
        return np.unique(np.clip(np.concatenate([nodes, *near]), nodes[0], nodes[-1])) if near else nodes

    def _inside_edge(self, r):
        return np.minimum(self._log(r), self._mass_nodes[-1])


def _rebuild(kind, values):
    return kind(**values)


class _Curve:
    """Values over ln r: a spline of their logarithm where that is safe, else an interpolation without overshoot.

    Inside the first node a logarithmic curve continues as the power law it has there, another as the mean one of its
    first nodes where that is asked for, else as a constant. Before an edge the density of particles of bounded energy
    falls as the 3/2 power of the distance: that factor is interpolated apart. Outside the last node the interpolation
    without overshoot would have one: it is constant there.
    """

    def __init__(self, log_r, values, smooth, log_edge=np.inf, power_law_inside=False):
        self._first, self._last = log_r[0], log_r[-1]
        self._log_edge = log_edge
        self._logarithmic = bool(smooth and np.all(values > 0))
        self.inner_power = 0.0
        fall = edge_fall(log_r, log_edge)
        values = np.divide(values, fall, out=np.zeros_like(values), where=fall > 0)
        if self._logarithmic:
            self._spline = make_interp_spline(log_r, np.log(values), k=3)
            self.inner_power = float(self._spline(log_r[0], 1))
        else:
            self._spline = PchipInterpolator(log_r, values)
            self.inner_power = _mean_slope(log_r, values) if power_law_inside else 0.0

    def __call__(self, log_r):
        inside = np.maximum(log_r, self._first)
        if self._logarithmic:
            values = np.exp(self._spline(inside))
        else:
            values = self._spline(np.minimum(inside, self._last))
        return values * edge_fall(inside, self._log_edge) * np.exp(self.inner_power * (log_r - inside))


class _Sum:
    """A curve, and others that stop at radii of their own."""

    def __init__(self, lasting, ending):
        self._lasting, self._ending = lasting, ending
        # what is left in the centre
        self.inner_power = min(lasting.inner_power, *(curve.inner_power for curve, _ in ending))

    def __call__(self, log_r):
        return self._lasting(log_r) + sum(
            np.where(log_r < log_end, curve(np.minimum(log_r, log_end)), 0.0) for curve, log_end in self._ending
        )


def _mean_slope(log_r, values, count=5):
    """Slope of a line through ln(values) at the first nodes: single bins are too noisy to continue inwards."""
    if not np.all(values[:count] > 0):
        return 0.0
    return float(np.polyfit(log_r[:count], np.log(values[:count]), 1)[0])
