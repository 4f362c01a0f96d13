"""The section [map]: the sky around the halo, or around a dwarf galaxy, as FITS files."""

import math
from typing import ClassVar

from halokick import units
from halokick.study.config_annihilation import LAWS
from halokick.study.config_fields import (
    one_of,
    quantities_of,
    quantity_of,
    several_of,
    text,
    texts,
    true_or_false,
    whole_number,
)
from halokick.study.config_section import Section

GRIDS = ("wcs", "healpix")
LAYOUTS = ("gammapy", "clumpy", "fermi")
FRAMES = ("galactic", "icrs")
ORDERS = ("nested", "ring")
PROJECTIONS = ("TAN", "CAR", "ZEA", "ARC", "STG", "SIN", "CEA", "MER", "AIT", "MOL")
DEFAULT_PROJECTION = "TAN"

_OF_WCS = ("size", "pixel", "projection")
_OF_HEALPIX = ("nside", "order", "region")
_FERMI = ("TAN", "CAR")
_LARGEST_WHOLE = 512
_MOST_PIXELS = 25_000_000
"""Of one map: each is kept in the result, too, eight bytes a pixel."""


class MapSection(Section):
    """Grid, part of the sky and layout of the files; a map for each kick and law of the relative speed, or some."""

    title: ClassVar[str] = "map"

    target: text() = None
    grid: one_of(*GRIDS) = "wcs"
    layout: one_of(*LAYOUTS) = "gammapy"
    frame: one_of(*FRAMES) = "galactic"
    centre: quantities_of("angle", low="-360 deg", low_allowed=True, high="360 deg") = None
    size: quantities_of("angle", high="360 deg") = None
    pixel: quantities_of("angle", high="90 deg") = None
    projection: one_of(*PROJECTIONS) = None
    nside: whole_number(1, 2**24) = None
    order: one_of(*ORDERS) = None
    region: quantity_of("angle", high="180 deg") = None
    kicks: texts() = None
    unkicked: true_or_false() = True
    laws: several_of(*LAWS) = None

    def contradictions(self, given):
        """See `Section.contradictions`."""
        if given.get("grid", self.grid) == self.grid:
            yield from self._wcs(given) if self.grid == "wcs" else self._healpix(given)
        if "target" in given and "centre" in given:
            yield self.problem("centre", "goes with the study's own halo; a dwarf has its place", "leave it out", given)
        elif self.centre is not None:
            if len(self.centre) != 2:
                yield self.problem(
                    "centre", "not a direction", 'longitude and latitude, like ["0 deg", "0 deg"]', given
                )
            elif abs(self.centre[1].to_value("deg")) > 90:
                yield self.problem("centre", "a latitude beyond a pole", "-90 deg to 90 deg", given)
        elif self.frame == "icrs" and "centre" not in given and "target" not in given:
            said = 'missing for frame = "icrs", whose zero is no place of a halo'
            yield self.problem("centre", said, 'right ascension and declination, like ["266.417 deg", "-29.008 deg"]')

    def _wcs(self, given):
        for key in (key for key in _OF_HEALPIX if key in given):
            yield self.problem(key, 'not known to grid = "wcs"', 'grid = "healpix", or leave it out', given)
        for key in ("size", "pixel"):
            if key not in given:
                yield self.problem(key, 'missing for grid = "wcs"', 'one angle, or two, like "20 deg"')
            elif len(getattr(self, key) or (0,)) > 2:
                yield self.problem(key, "more than two angles", "one for both axes, or two", given)
        if self.layout == "clumpy":
            said = 'the layout "clumpy" is one of HEALPix tables'
            yield self.problem("layout", said, 'grid = "healpix", or layout = "gammapy" or "fermi"', given)
        if self.layout == "fermi" and self.projection not in (None, *_FERMI):
            said = "fermitools normalise templates in TAN and CAR rightly"
            yield self.problem("projection", said, 'one of them, or layout = "gammapy"', given)
        if self.size and self.pixel and max(len(self.size), len(self.pixel)) <= 2:
            yield from self._limited("pixel", _area(self.size) / _area(self.pixel), given)

    def _healpix(self, given):
        for key in (key for key in _OF_WCS if key in given):
            yield self.problem(key, 'not known to grid = "healpix"', 'grid = "wcs", or leave it out', given)
        if self.layout == "fermi":
            said = "fermitools normalise HEALPix templates wrongly"
            yield self.problem("layout", said, 'grid = "wcs", or layout = "gammapy" or "clumpy"', given)
        if "nside" not in given:
            yield self.problem("nside", 'missing for grid = "healpix"', "a power of two, like 64")
        if self.nside is None:
            return
        if self.nside & (self.nside - 1):
            yield self.problem("nside", "not a power of two", "1, 2, 4, ...", given)
        elif "region" not in given and self.nside > _LARGEST_WHOLE:
            said = f"{12 * self.nside**2:.3g} pixels on the whole sky"
            yield self.problem("region", said, 'the half-angle of a cone around the halo, like "10 deg"')
        elif self.region is not None:
            share = 0.5 * (1 - math.cos(units.to_internal(self.region, "angle")))
            yield from self._limited("nside", 12 * self.nside**2 * share, given)

    def _limited(self, key, count, given):
        if count > _MOST_PIXELS:
            allowed = f"up to {_MOST_PIXELS:.2g} pixels a map: larger pixels, or a smaller part of the sky"
            yield self.problem(key, f"{count:.2g} pixels", allowed, given)


def _area(sides):
    """Of a rectangle with one or two sides given."""
    return sides[0].to_value("deg") * sides[-1].to_value("deg")
