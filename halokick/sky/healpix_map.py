"""Maps on HEALPix grids, of the whole sky or of a cone: averages over pixels, exact to the edges' polynomials."""

from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.kernels.healpix_pixels import nested_pixels
from halokick.sky.brightness import brightness
from halokick.sky.lazy_healpy import healpy
from halokick.sky.map_progress import blocks
from halokick.sky.pixel_edges import ABSCISSAE, RULES, frame
from halokick.sky.sky_frames import centre_in, check_frame, one_angle
from halokick.sky.sky_map import SkyMap, facts_of, with_map_total

_LARGEST_WHOLE = 512
"""nside above which a map without a region is refused: 1024 has 12.6 million pixels, 2048 fifty."""
_FINE = 16
"""nside from which on an edge is one polynomial; coarser ones are cut into as many pieces."""
_MOST = 10**9
"""Pixels of a map inside a region; their values alone are then 8 GB."""
ORDERS = ("nested", "ring")


@dataclass(frozen=True, eq=False)
class HealpixGrid:
    """A HEALPix grid, or the part of one inside a cone.

    Attributes
    ----------
    nside : int
        A power of two; there are 12 nside^2 pixels.
    order : str
        ``"nested"`` or ``"ring"``.
    frame : str
        ``"galactic"`` or ``"icrs"``.
    pixels : ndarray of int or None
        Numbers of the pixels, increasing; None for all.
    cone : (float, float, float) or None
        Longitude, latitude and half-angle [deg] of the cone that holds the centres of `pixels`.
    """

    nside: int
    order: str
    frame: str
    pixels: np.ndarray | None = None
    cone: tuple | None = None

    def nested(self):
        """Numbers of the pixels in nested order, in the order of the map."""
        pixels = np.arange(12 * self.nside**2) if self.pixels is None else self.pixels
        return pixels if self.order == "nested" else healpy().ring2nest(self.nside, pixels)


def healpix_map(
    first,
    second=None,
    *,
    nside,
    distance=None,
    viewpoint=None,
    centre=("0 deg", "0 deg"),
    r_max=None,
    region=None,
    order="nested",
    frame="galactic",
    position_angle="0 deg",
    speed_factor=None,
    speed_model="",
    progress=None,
):
    r"""Map of dJ/dOmega averaged over HEALPix pixels.

    .. math:: \int_\mathrm{pixel} \frac{dJ}{d\Omega}\,d\Omega = \oint I(\theta, \psi)\,d\psi, \qquad
              I = \int_0^\theta \frac{dJ}{d\Omega}\,\sin\theta'\,d\theta'

    along the pixel's edge in polar coordinates about the centre of the halo (Green's theorem; own derivation). The
    pixels that hold a cusp, at their middle, edge or corner, are as exact as all others: relative error below 1e-7 for
    closed forms, apart from that of `differential_j_factor`.

    Parameters
    ----------
    first, second : anything with ``density(r)``, `MeridianGrid`, `BoxGrid`, or a `SolidDensity`
        `second` left out is `first` again.
    nside : int
        A power of two. A pixel is 58.6 deg/nside wide; take it below half the width of the point-spread function.
    distance : Quantity [length]
        Of the observer from the centre of the halo. For a density that is not spherical it is the Sun's, in the plane;
        else give `viewpoint` instead.
    viewpoint : Viewpoint
    centre : (Quantity, Quantity), or a `Dwarf`
        Longitude and latitude of the halo's centre in `frame`.
    r_max : Quantity [length], optional
        Radius at which the halo ends; left out, as for `j_factor`. Functions of place need it.
    region : Quantity [angle], or (longitude, latitude, angle), optional
        Only the pixels with their middle in this cone, around the halo or any direction; needed above nside 512.
    order : str
        ``"nested"`` or ``"ring"``.
    frame : str
        ``"galactic"`` or ``"icrs"``.
    position_angle : Quantity [angle]
        Of the density's "up" (see `Viewpoint`) from the frame's north towards growing longitude.
    speed_factor : callable of Quantity [length], or (radii, values), optional
        Mean of the particle factor S(v_rel) at each radius: a number that multiplies the product of the densities.
    speed_model : str
        What it is, for the header.
    progress : callable (done, total), optional
        Called now and then once two seconds have passed.

    Returns
    -------
    SkyMap

    Raises
    ------
    InputError
        nside not a power of two, a whole sky above nside 512, healpy not installed; else as for `j_factor`.
    UnitError
        An argument without a unit, or with a wrong one.
    ConvergenceError
        A density too rough to be integrated.
    """
    densities = (first, first if second is None else second)
    options = (nside, centre, region, order, frame, position_angle, speed_model, progress)
    sky = {"distance": distance, "viewpoint": viewpoint, "r_max": r_max, "speed_factor": speed_factor}
    return _map(densities, "j_factor", sky, *options)


def healpix_d_map(
    density,
    *,
    nside,
    distance=None,
    viewpoint=None,
    centre=("0 deg", "0 deg"),
    r_max=None,
    region=None,
    order="nested",
    frame="galactic",
    position_angle="0 deg",
    progress=None,
):
    """Map of the D-factor per solid angle averaged over HEALPix pixels: as `healpix_map`, of one density."""
    options = (nside, centre, region, order, frame, position_angle, "", progress)
    return _map((density,), "d_factor", {"distance": distance, "viewpoint": viewpoint, "r_max": r_max}, *options)


def _map(densities, dimension, options, nside, centre, region, order, frame_name, position_angle, model, progress):
    check_frame(frame_name)
    lon, lat = centre_in(frame_name, centre)
    grid = _grid(nside, order, frame_name, region, lon, lat)
    sky = brightness(densities, dimension=dimension, **options)
    axes = frame(lon, lat, one_angle(position_angle, "position_angle"))
    nested = np.asarray(grid.nested(), dtype=np.int64)
    pieces = max(1, _FINE // nside)
    values = np.empty(len(nested))
    for part in blocks(len(nested), progress):
        values[part] = nested_pixels(sky.table, nside, nested[part], pieces, axes, ABSCISSAE, *RULES)
    area = 4 * np.pi / (12 * nside**2)
    facts = facts_of(densities, sky, sky.error, model)
    total = units.attach(np.sum(values), dimension)
    return SkyMap(
        values=units.attach(values / area, f"differential_{dimension}"),
        solid_angle=units.attach(area, "solid_angle"),
        grid=grid,
        total=units.attach(sky.total, dimension),
        distance=units.attach(sky.distance, "length"),
        r_max=units.attach(sky.r_max, "length"),
        facts=with_map_total(facts, total),
    )


def _grid(nside, order, frame_name, region, lon, lat):
    if order not in ORDERS:
        raise InputError(f"order = {order!r}; pixels are in one of {', '.join(ORDERS)}")
    if not isinstance(nside, (int, np.integer)) or nside < 1 or nside & (nside - 1) or nside > 2**24:
        raise InputError(f"nside = {nside!r}; a power of two is needed, 1 to 2^24")
    if region is None:
        if nside > _LARGEST_WHOLE:
            raise InputError(
                f"nside = {nside} has {12 * nside**2:.3g} pixels on the whole sky, {96 * nside**2 / 1e9:.2g} GB; give "
                "region, the half-angle of a cone around the halo (180 deg if it must be all)"
            )
        # asked for now, so that a long calculation does not end for want of it
        if order == "ring":
            healpy()
        return HealpixGrid(int(nside), order, frame_name)
    if isinstance(region, (tuple, list)):
        if len(region) != 3:
            raise InputError(f"region = {region!r}; give a half-angle, or longitude, latitude and half-angle")
        lon, lat = centre_in(frame_name, region[:2])
        region = region[2]
    radius = units.to_internal(region, "angle", "region")
    if np.ndim(radius) != 0 or not 0 < radius <= np.pi * (1 + 1e-12):
        raise InputError(f"region = {region}; the half-angle of a cone lies above 0 and up to 180 degrees")
    # rounded as in the header, so that readers find the same pixels
    cone = tuple(round(float(np.degrees(q)), 9) for q in (lon, lat, min(radius, np.pi)))
    lon, lat, radius = np.radians(cone)
    middle = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    if 6 * nside**2 * (1 - np.cos(radius)) > _MOST:
        raise InputError(
            f"nside = {nside}, region = {region}: more than {_MOST:.0e} pixels; give a smaller cone or nside"
        )
    pixels = healpy().query_disc(nside, middle, radius, inclusive=False, nest=order == "nested")
    if len(pixels) == 0:
        raise InputError(f"region = {region} holds no pixel of nside {nside}; give a larger one, or a finer grid")
    pixels = np.sort(pixels)
    pixels.setflags(write=False)
    return HealpixGrid(int(nside), order, frame_name, pixels, cone)
