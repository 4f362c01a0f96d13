"""What a map is: averages over pixels, on a grid, with everything needed to know what they are of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType

import numpy as np

from halokick import units
from halokick.daughters.density_grid import DensityGrid
from halokick.daughters.result import Daughters
from halokick.sky.solid_density import EllipsoidalDensity

_LONGEST = 300
"""Characters of a density's description."""
_KICKED = {0: "no kick", 1: "linear", 2: "quadratic"}
"""By how many of the densities are of kicked daughters."""


@dataclass(frozen=True, eq=False, repr=False)
class SkyMap:
    r"""Brightness averaged over each pixel of a grid. Made by `healpix_map`, `wcs_map` and their D-factor twins.

    Attributes
    ----------
    values : Quantity [GeV2 cm-5 sr-1] (or [GeV cm-2 sr-1])
        :math:`\frac{1}{\Delta\Omega}\int d\Omega\,dJ/d\Omega` of each pixel: shape (pixels,) in the order of the grid,
        or (rows, columns). NaN where a WCS pixel is not, or not all, on the sky.
    solid_angle : Quantity [solid angle]
        Of the pixels; one number if they are all alike.
    grid : HealpixGrid or WcsGrid
    total : Quantity [GeV2 cm-5] (or [GeV cm-2])
        J of the whole sky, of the halo within `r_max`: more than is in the map, if that is a part of the sky.
    distance, r_max : Quantity [length]
    facts : mapping of str to (value, comment)
        What is written into the headers of files.
    """

    values: units.Quantity
    solid_angle: units.Quantity
    grid: object
    total: units.Quantity
    distance: units.Quantity
    r_max: units.Quantity
    facts: Mapping = field(default_factory=dict)

    def __post_init__(self):
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))
        for array in (self.values, self.solid_angle):
            array.setflags(write=False)

    def __repr__(self):
        name = "J" if self.is_annihilation else "D"
        return (
            f"SkyMap({self.values.size} pixels of {type(self.grid).__name__}, {name} of the map {self.map_total:.6g}, "
            f"of the whole sky {self.total:.6g}, distance {self.distance:.6g}, r_max {self.r_max:.6g})"
        )

    @property
    def is_annihilation(self):
        """Whether this is a map of J, not of D."""
        return self.total.unit.is_equivalent("GeV2 cm-5")

    @cached_property
    def per_pixel(self):
        """J (or D) of each pixel: Quantity [GeV2 cm-5] (or [GeV cm-2]), shape of `values`."""
        return (self.values * self.solid_angle).to(self.total.unit)

    @cached_property
    def map_total(self):
        """J (or D) of all pixels together: what a spectrum must carry if the map is normalised to one."""
        return np.nansum(self.per_pixel)


def facts_of(densities, sky, error, speed_model):
    """Header cards of a map: dict of keyword to (value, comment).

    Parameters
    ----------
    densities : tuple
    sky : Brightness
    error : float
        Relative, of the pixel averages that come from interpolation in position angle.
    speed_model : str
        Name and parameters of the particle factor, empty for S = 1.
    """
    kicked = [one for one in densities if isinstance(one, (Daughters, DensityGrid)) or hasattr(one, "kick")]
    facts = {
        "CREATOR": (f"halokick {_own_version()}", "program that made this map"),
        "QUANTITY": (
            "dJ/dOmega" if sky.dimension == "j_factor" else "dD/dOmega",
            "average over each pixel; J has no 1/2 and no 1/(4 pi)",
        ),
        "PAIR": (_KICKED[len(kicked)], "how the kicked density enters"),
        "DISTANCE": (sky.distance, "[kpc] observer to the centre of the halo"),
        "R_MAX": (sky.r_max if np.isfinite(sky.r_max) else "infinite", "[kpc] radius at which the halo ends"),
        "S_MODEL": (speed_model or "S = 1", "sigma v = (sigma v)_0 S(v_rel/c)"),
        "VCONV": ("v_rel", "speeds are |v1 - v2|"),
    }
    both = len(densities) == 2 and densities[0] is densities[1]
    if both:
        facts["DENSITY2"] = ("the same as DENSITY1", "density 2")
    for number, one in enumerate(densities[:1] if both else densities, start=1):
        facts[f"DENSITY{number}"] = (_words(one), f"density {number}")
        facts.update(_numbers(_shape(one), number))
    for one in kicked:
        kick = getattr(one, "kick", None)
        if kick is not None:
            facts["KICK"] = (getattr(kick, "label", str(kick)), "law of the velocity kick")
            facts["KICKMAX"] = (float(units.to_internal(kick.max_speed, "speed")), "[km/s] largest kick")
    facts.setdefault("KICK", ("none", "law of the velocity kick"))
    if error:
        facts["ERR_PSI"] = (error, "relative, rms, of interpolation in position angle")
    scale = units.attach(sky.total, sky.dimension)
    facts["J_TOTAL" if sky.dimension == "j_factor" else "D_TOTAL"] = (
        float(scale.value),
        f"[{scale.unit.to_string('fits')}] of the whole sky",
    )
    return facts


def with_map_total(facts, total):
    """The cards, with the sum over the pixels of the map."""
    key = "J_MAP" if "J_TOTAL" in facts else "D_MAP"
    return facts | {key: (float(total.value), f"[{total.unit.to_string('fits')}] of the pixels of this map")}


def _shape(thing):
    """The profile that has the parameters of a density."""
    for name in ("parent", "reference", "profile"):
        thing = getattr(thing, name, thing)
    return thing


def _numbers(profile, number):
    """Parameters of a profile by the names that are usual in headers."""
    cards = {}
    for name, dimension, unit in (
        ("r_s", "length", "[kpc] scale radius"),
        ("rho_s", "density", "[Msun/kpc3] scale density"),
        ("alpha", "dimensionless", "turn of the slopes"),
        ("beta", "dimensionless", "outer slope"),
        ("gamma", "dimensionless", "inner slope"),
    ):
        value = getattr(profile, name, None)
        if value is not None and np.ndim(value) == 0 and not callable(value):
            number_of = float(units.to_internal(value, dimension, name))
            cards[f"{name.upper()}{number}"] = (number_of, f"{unit} of density {number}")
    return cards


def _words(thing):
    if isinstance(thing, Daughters):
        return f"daughters ({thing.method}) of {_words(thing.parent)}"
    if isinstance(thing, DensityGrid):
        return f"{type(thing).__name__} around {_words(thing.reference)}"
    if isinstance(thing, EllipsoidalDensity):
        return f"{_words(thing.profile)} at axes {thing.axes}"
    text = " ".join(repr(thing).split())
    # addresses of objects say nothing and differ from run to run; tables are too long for a header
    return type(thing).__name__ if " at 0x" in text or len(text) > _LONGEST else text


def _own_version():
    try:
        return version("halokick")
    except PackageNotFoundError:
        return "(not installed)"
