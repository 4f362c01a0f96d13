r"""Haloes that a dwarf's dispersion allows, as draws of (J, V_max) together, under several ways to close the question.

One mass at one radius does not fix a halo. V_max decides what a kick does to it, and J and V_max rise together: with
:math:`J \propto V_\max^4` a spread in J is one in S, too. So draws keep both, and more than one closure is carried.
"""

from dataclasses import dataclass, replace

import numpy as np

from halokick import constants, units
from halokick.errors import InputError
from halokick.halo.concentration import ConcentrationMassRelation, Extrapolated, SanchezCondePrada2014
from halokick.halo.profile_base import positive
from halokick.halo.profile_shapes import nfw_mass_function
from halokick.kernels.line_of_sight import cones_nodes
from halokick.sky.dwarf_halo import HaloMassFunction
from halokick.sky.dwarfs import _draw, check_draws, check_dwarf, subhalo_relation
from halokick.sky.subhalo_relations import PEAK
from halokick.sky.tides import host_mean_density, milky_way_halo, nfw_tidal_ratio

_X, _W = np.polynomial.legendre.leggauss(20)
_NODES = 0.5 * (_X + 1), 0.5 * _W
_PEAK_PLACE = 2.1625815855350736
_DEPROJECTED = 4 / 3
_HALVINGS = 60


@dataclass(frozen=True)
class DwarfClosure:
    """How to choose among the haloes with the measured mass.

    Parameters
    ----------
    name : str
    relation : ConcentrationMassRelation, optional
        For subhaloes at each dwarf's distance (Moline et al. 2017) if left out.
    mass_function : HaloMassFunction, optional
        Of subhaloes if left out.
    scatter_dex : float, optional
        Of log10 c; the relation's own, else 0.16.
    largest_v_max : Quantity [speed] or str, optional
        Draws above it are replaced by the halo of the same measured mass that has this V_max.
    """

    name: str
    relation: object = None
    mass_function: object = None
    scatter_dex: float | None = None
    largest_v_max: object = None

    def __post_init__(self):
        if self.relation is not None and not isinstance(self.relation, ConcentrationMassRelation):
            raise InputError(f"DwarfClosure {self.name}: {self.relation!r} is not a ConcentrationMassRelation")
        if self.largest_v_max is not None:
            positive(self.largest_v_max, "speed", "largest_v_max", "DwarfClosure")


def standard_closures():
    """Three closures that differ as much as defensible ones do.

    Returns
    -------
    tuple of DwarfClosure
        Subhaloes with their mass function; field haloes of Sanchez-Conde & Prada (2014), every decade of mass equally
        common; those with V_max no larger than 40 km/s, about that of the Milky Way's dwarfs when they fell in.
    """
    field = Extrapolated(SanchezCondePrada2014()), HaloMassFunction(slope=0.0)
    return (
        DwarfClosure("subhaloes"),
        DwarfClosure("field haloes", *field),
        DwarfClosure("field haloes, V_max up to 40 km/s", *field, largest_v_max="40 km/s"),
    )


@dataclass(frozen=True, eq=False)
class DwarfDraws:
    """Haloes drawn for one dwarf; all arrays have the shape (draws,).

    Attributes
    ----------
    name, closure : str
    log10_j : ndarray
        log10 of J/(GeV2 cm-5) without a kick, in the cone and inside the tidal radius.
    v_max : Quantity [speed]
    r_s, distance : Quantity [length]
    rho_s : Quantity [density]
    tidal_ratio : ndarray
        Tidal radius over r_s.
    angle : Quantity [angle]
        Half-angle of the cone.
    """

    name: str
    closure: str
    log10_j: np.ndarray
    v_max: units.Quantity
    r_s: units.Quantity
    rho_s: units.Quantity
    distance: units.Quantity
    tidal_ratio: np.ndarray
    angle: units.Quantity

    @property
    def j_width_dex(self):
        """Half the distance of the 16th and 84th percentile of log10 J."""
        low, high = np.percentile(self.log10_j, [16, 84])
        return 0.5 * (high - low)

    def with_measured_j(self, j_factor, width_dex):
        """The same draws with J moved and stretched to a measured median and width; V_max keeps its rank with J.

        Parameters
        ----------
        j_factor : Quantity [GeV2 cm-5]
        width_dex : float
            Above zero.

        Returns
        -------
        DwarfDraws
        """
        centre = np.log10(units.Quantity(j_factor).to_value("GeV2 cm-5"))
        if not (np.isfinite(centre) and width_dex > 0):
            raise InputError(f"{self.name}: j_factor = {j_factor} and width_dex = {width_dex} must be positive")
        own = self.j_width_dex
        if not own > 0:
            raise InputError(f"{self.name}: its draws have no spread in J to stretch; draw with a scatter")
        log10_j = centre + (self.log10_j - np.median(self.log10_j)) * (width_dex / own)
        return replace(self, log10_j=log10_j)


def draw_dwarf(dwarf, closure, *, angle="0.5 deg", host=None, draws=200, seed=0):
    """Draw haloes of one dwarf: measured errors, scatter of the relation, and the closure's choice.

    Parameters
    ----------
    dwarf : Dwarf
    closure : DwarfClosure
    angle : Quantity [angle] or str
        Half-angle of the cone of J, above 0 and below 90 degrees.
    host : anything with ``density(r)`` or ``enclosed_mass(r)``, optional
        Sets the tidal radius; `milky_way_halo` if left out.
    draws, seed : int
        A dwarf's random numbers depend on its key and the seed alone, not on the closure.

    Returns
    -------
    DwarfDraws

    Raises
    ------
    InputError
        An angle or number of draws out of range, or a largest V_max below the circular speed that was measured.
    """
    check_dwarf(dwarf)
    check_draws(draws, seed)
    if not isinstance(closure, DwarfClosure):
        raise InputError(f"closure = {closure!r}; give a DwarfClosure, such as one of standard_closures()")
    theta = units.to_internal(angle, "angle", "angle")
    if np.ndim(theta):
        raise InputError(f"angle = {angle}; one half-angle is needed, so draw once for each")
    if not 0 < theta < np.pi / 2 or draws < 10:
        raise InputError(f"angle = {angle}, draws = {draws}; give an angle between 0 and 90 deg, and 10 draws or more")
    host = milky_way_halo() if host is None else host
    relation = subhalo_relation(dwarf, host) if closure.relation is None else closure.relation
    mass_function = HaloMassFunction() if closure.mass_function is None else closure.mass_function
    sample = _draw(dwarf, host, relation, closure.scatter_dex, mass_function, draws, seed)
    r_s, rho_s, ratio = sample.r_s, sample.rho_s, sample.tidal_ratio
    v_max = np.sqrt(PEAK) * sample.v0
    if closure.largest_v_max is not None:
        r_s, rho_s, v_max = _capped(dwarf, closure, sample, v_max)
        ratio = nfw_tidal_ratio(rho_s, host_mean_density(host, sample.host_distance))
    radius, weight = cones_nodes(sample.distance, np.full(draws, theta), ratio * r_s, *_NODES)
    x = radius / r_s[:, None]
    j = np.sum(weight * (rho_s[:, None] / (x * (1 + x) ** 2)) ** 2, axis=1)
    return DwarfDraws(
        dwarf.name,
        closure.name,
        np.log10(units.attach(j, "j_factor").value),
        units.attach(v_max, "speed"),
        units.attach(r_s, "length"),
        units.attach(rho_s, "density"),
        units.attach(sample.distance, "length"),
        ratio,
        units.attach(theta, "angle"),
    )


def _capped(dwarf, closure, sample, v_max):
    """Haloes above the cap moved along the family with the same mass inside the half-light radius."""
    cap = float(units.to_internal(closure.largest_v_max, "speed"))
    half = units.to_internal(dwarf.half_light_radius, "length") / units.to_internal(dwarf.distance, "length")
    radius = _DEPROJECTED * half * sample.distance
    inner = 4 * np.pi * sample.rho_s * sample.r_s**3 * nfw_mass_function(radius / sample.r_s)
    share = PEAK * constants.G * inner / radius / cap**2
    high = v_max > cap
    if np.any(share[high] >= PEAK):
        raise InputError(
            f"{dwarf.name}: largest_v_max = {closure.largest_v_max} is below the circular speed at its half-light "
            "radius, which was measured; raise it"
        )
    low, top = np.full(len(share), np.log(1e-9)), np.full(len(share), np.log(_PEAK_PLACE))
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + top)
        above = nfw_mass_function(np.exp(middle)) / np.exp(middle) > share
        low, top = np.where(above, low, middle), np.where(above, middle, top)
    x = np.exp(0.5 * (low + top))
    r_s = np.where(high, radius / x, sample.r_s)
    rho_s = np.where(high, inner / (4 * np.pi * r_s**3 * nfw_mass_function(x)), sample.rho_s)
    return r_s, rho_s, np.where(high, cap, v_max)
